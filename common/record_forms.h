// SPDX-License-Identifier: EUPL-1.2
/* record_forms.h - the forms of text: codes, ids, names, versions, dates, and what no text may look like. For the record*.c
 * files only; the predicates that others use stand in record.h.
 *
 * Which text field has which form follows from its name, in one place (form_of):
 *
 *   id       source, id, case_id, youth_key, action, subject_id, subscription
 *   date     ..._on, ...due, valid_from, valid_to, valid_until, period_from, period_to, extra_holidays
 *   version  version
 *   key      key: a name, or P and a number, with or without a name behind it (P2, P2_court)
 *   text     every text of policy.proto: names and sentences of decision tables, at most FORM_TEXT_MAX bytes, no controls
 *   code     all others */
#ifndef DOORBRAAK_RECORD_FORMS_H
#define DOORBRAAK_RECORD_FORMS_H

#include "common/record.h"

#define FORM_TEXT_MAX 240 /* bytes of a text in a decision table */

enum form { FORM_CODE, FORM_ID, FORM_DATE, FORM_VERSION, FORM_KEY, FORM_TEXT };

enum form form_of(const ProtobufCMessageDescriptor *d, const char *field);
/* Does a text that is not empty have the form? */
bool form_fits(enum form form, const char *text);
/* What to write instead. */
const char *form_remedy(enum form form);
/* True for the messages of policy.proto. */
bool form_is_policy(const ProtobufCMessageDescriptor *d);
/* True when the local day of the moment lies in the years of the calendar. */
bool form_moment_fits(const Google__Protobuf__Timestamp *t);

#endif
