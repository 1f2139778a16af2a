// SPDX-License-Identifier: EUPL-1.2
/* policy_diff.h - what differs between two policies, in words that a policy officer reads.
 *
 * Both are whole policies (policy_merge.h puts a region's own upon the national one), or both are a region's own. The
 * order is that of the files: values, deadlines, holidays, capacities, baselines, the grid, refusals, then the tables;
 * what only the second one has comes behind what both have. The version and the first day are no difference. */
#ifndef DOORBRAAK_POLICY_DIFF_H
#define DOORBRAAK_POLICY_DIFF_H

#include "common/record.h"

enum policy_change { POLICY_ADDED, POLICY_REMOVED, POLICY_CHANGED, POLICY_MOVED };

struct policy_difference {
	const char *where; /* "values", "deadlines", "grid", "refusals", "effects of PlanAgreed" */
	const char *name;  /* "P2", "SCREENING", "PlanAgreed in QUEUED", "R44.1" */
	enum policy_change change;
	const char *text; /* the whole sentence */
	struct policy_difference *next;
};

/* In the arena; NULL: nothing differs. */
struct policy_difference *policy_diff(struct arena *a, const pb_PolicyAdopted *was, const pb_PolicyAdopted *is);

#endif
