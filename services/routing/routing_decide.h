// SPDX-License-Identifier: EUPL-1.2
/* routing_decide.h - what a message is answered with: accepted or not, and by which rows. Pure. */
#ifndef DOORBRAAK_ROUTING_DECIDE_H
#define DOORBRAAK_ROUTING_DECIDE_H

#include "services/routing/routing_facts.h"

struct decision {
	const struct rules_table *table; /* NULL: the policy has none for this event */
	int reason;                      /* of acceptance: REASON_..., 0 when accepted */
	const struct rules_row *row;     /* of acceptance: the row that rejects, or the last that was passed */
	struct rules_result result;
	int64_t facts[RULES_FACTS_MAX];
};

/* May the message be said, here and by this actor? */
void routing_accept(struct decision *d, const struct situation *at, const struct case_file *file);
/* Which rows say what follows? */
void routing_effects(struct decision *d, const struct situation *at, const struct case_file *file);

/* The rows above `row`, in its block, that missed by exactly one fact. */
unsigned routing_near(const struct decision *d, const struct rules_row *row,
		      const struct rules_near *near[RULES_NEAR_MAX]);

/* True when a row does anything but stop the table. */
bool routing_row_acts(const struct rules_row *row);

#endif
