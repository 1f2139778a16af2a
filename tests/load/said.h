// SPDX-License-Identifier: EUPL-1.2
/* said.h - a submission written as a line of text, for generated histories.
 *
 *   MeetingHeld   meeting_kind=TEAM present=PARENT,YOUTH
 *
 * `with` is name=value, separated by blanks; a repeated field takes values separated by commas, an action of a plan is
 * id:organisation[:due]. TODAY is the local day of at_ms. What cannot be read is a mistake of the test: it ends the process. */
#ifndef DOORBRAAK_SAID_H
#define DOORBRAAK_SAID_H

#include "common/record.h"

struct said {
	const char *source, *id;
	const char *case_id; /* "" when the message has none */
	const char *actor;   /* ROLE@ORGANISATION */
	int64_t at_ms;
	int64_t sequence; /* 0: none */
	const char *message, *with;
};

/* Packed, in the arena. */
struct bytes said_pack(struct arena *a, const struct said *s);

#endif
