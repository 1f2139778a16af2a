// SPDX-License-Identifier: EUPL-1.2
/* submit_hand.h - handing in, many at a time, and telling what became of each.
 *
 * Up to DOORBRAAK_WINDOW_MAX submissions are on their way. Order matters to a case: one that is about the same case or
 * the same youth as one on its way waits for that one's receipt, and administration waits for all and all for it. So
 * what is sent again after a lost connection never comes before what it must follow.
 *
 * With `wait` there is one at a time: it stands at the head of the service that decides before it hands in, then follows
 * its journal until the effects of the submission are complete there: what has it as its cause, is the outcome. Routing
 * decides, of an acknowledgement signalling. */
#ifndef DOORBRAAK_SUBMIT_HAND_H
#define DOORBRAAK_SUBMIT_HAND_H

#include "services/cli/asking.h"
#include "services/cli/submit_read.h"

/* A submission on its way. */
struct submit_flight {
	bool busy, alone; /* alone: nothing may overtake it, and it overtakes nothing */
	unsigned line;
	char from[240];
	const char *message; /* its name */
	struct id case_id, youth;
	unsigned decider;
};

struct submit_hand {
	struct cli *cli;
	struct system *system;
	struct doorbraak *door;
	int64_t now_ms; /* on a driven clock: it moves there first; 0: not */
	bool wait;
	struct doorbraak_cursor head; /* with wait: where the decision is looked for */
	struct submit_flight flights[DOORBRAAK_WINDOW_MAX];
	struct arena arena; /* of one receipt */
	uint64_t accepted, duplicates, rejected;
};

/* Hands in one; tells receipts that have come by then. An exit code; above CLI_FAILED: the rest would go the same way. */
int submit_hand_in(struct submit_hand *hand, const struct submit_item *item);
/* Tells receipts that come within this time, but for no longer than until one has. An exit code. */
int submit_hand_take(struct submit_hand *hand, int timeout_ms);
/* Waits for all receipts. */
int submit_hand_finish(struct submit_hand *hand);

#endif
