// SPDX-License-Identifier: EUPL-1.2
/* record_line.h - a record of a journal as one short line, and as JSON. */
#ifndef DOORBRAAK_RECORD_LINE_H
#define DOORBRAAK_RECORD_LINE_H

#include "common/record.h"

/* "RouteDecided", "Tick"; of a submission the name of its message. */
const char *record_line_kind(const struct record *r);
/* Its case; "" when it belongs to none. */
const char *record_line_case(const struct record *r);
/* What it says: codes, dates and counts, the important ones first. */
const char *record_line_text(struct arena *a, const struct record *r);
/* The body of a message, field by field: "meeting_on 2021-03-01, meeting_kind TEAM". */
const char *record_line_fields(struct arena *a, const ProtobufCMessage *m);
/* {"seq":..,"at":..,"kind":..,"case_id":..,"record":{..}} */
const char *record_line_json(struct arena *a, uint64_t seq, const struct record *r);

#endif
