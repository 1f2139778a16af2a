// SPDX-License-Identifier: EUPL-1.2
/* routing_effects.h - what the rows of a table do to a case. Pure: values in, values out.
 *
 * change_begin() once for a message or a miss; change_row() for each winning row, behind which the change holds what
 * that row wants said; change_settle() once at the end, for what no table has to say (I1, I2, I4). The level is
 * derived at every step. */
#ifndef DOORBRAAK_ROUTING_EFFECTS_H
#define DOORBRAAK_ROUTING_EFFECTS_H

#include "services/routing/routing_facts.h"

#define CHANGE_NOTES_MAX 16
#define CHANGE_SAID_MAX  768
#define CHANGE_SAID_ROOM 320 /* more than one effect can say: a whole plan set, the former one ended */

#define NOTE_INVARIANT_KEPT "INVARIANT_KEPT"
#define NOTE_SUPPORT_ENDED  "SUPPORT_ENDED"

#define REVIEW_FALLBACK_DAYS 14 /* P11, where no policy says otherwise */

enum saying_kind { SAYING_OWNER, SAYING_SET, SAYING_CLEARED };

/* What follows a RouteDecided. */
struct saying {
	enum saying_kind what;
	union {
		struct {
			struct code owner, former, pending;
		} owner;
		struct {
			uint8_t kind;
			bool hard, superseded;
			int late_wd;
			cal_day due, start, replaces;
			struct id reference;
			struct code rule;
		} deadline;
	} of;
};

struct change {
	const struct situation *at;
	const struct rules_table *table; /* NULL: no table */
	const int64_t *facts;            /* of the table */
	struct case_file *file;          /* as it becomes */
	struct code owner_before;        /* owner when the message came */
	/* of the row at hand */
	const char *rule;
	uint8_t from_state;
	bool moved;         /* something of the case changed */
	bool support_asked; /* a team is asked to support from now on */
	uint64_t touched;   /* kinds of deadlines that the row itself set or cleared */
	uint32_t warnings;  /* bits of Warning */
	struct code redirect_to;
	unsigned note_count;
	const char *notes[CHANGE_NOTES_MAX];
	unsigned said_count;
	struct saying said[CHANGE_SAID_MAX];
};

void change_begin(struct change *c, const struct situation *at, const struct rules_table *table, const int64_t *facts,
		  struct case_file *file);
/* Forgets what the last row wanted said. */
void change_next(struct change *c, const char *rule);
void change_row(struct change *c, const struct rules_row *row);

/* Where no owner is left, or a team owns under a measure: the funder's side does (I1, I4). True when there is
 * something to say as a decision of its own. */
bool change_settle_owner(struct change *c);
/* Where an open case has no deadline left: REVIEW (I2). True when it was set. */
bool change_settle_deadline(struct change *c);

void change_note(struct change *c, const char *note);
struct saying *change_say(struct change *c, enum saying_kind what);

#endif
