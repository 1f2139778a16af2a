// SPDX-License-Identifier: EUPL-1.2
/* policy_moves.h - what the tables of a policy move a case by: from which state, on which event, by which row.
 *
 * Derived from the tables alone. A row can work in a state when the grid takes the message there (a missed deadline: when
 * it belongs to that state, or to none), its own conditions on `state` and `is_new` fit, no row above it in its block
 * surely fits too, and no block above surely stops the table. Conditions on other facts are taken as possible, so there
 * may be a move here that never happens; there is none that is missing. */
#ifndef DOORBRAAK_POLICY_MOVES_H
#define DOORBRAAK_POLICY_MOVES_H

#include "common/record.h"

struct policy_move {
	int from;          /* CASE_STATE_...; RECEIVED: a new case */
	const char *event; /* "PlanAgreed"; of a missed deadline its kind: "REVIEW" */
	bool missed;
	const pb_RuleRow *row;
	const pb_RuleEffect *effect; /* the one that was asked for */
	struct policy_move *next;
};

/* The effects `verb` of all tables of scope `effects`, or of one event (NULL: all), one for each state that they can work
 * in, in the order of the tables. */
const struct policy_move *policy_moves(struct arena *a, const pb_PolicyAdopted *policy, const char *verb,
				       const char *event);
/* The same for verb `governance`, by what is open: `from` is a GOVERNANCE_... */
const struct policy_move *policy_moves_of_governance(struct arena *a, const pb_PolicyAdopted *policy);

#endif
