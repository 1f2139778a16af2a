// SPDX-License-Identifier: EUPL-1.2
/* decided.h - a decision, with what the policy by which it was taken says about it: the row, where that comes from, what was
 * one fact short, and in which states a message that was rejected would have been taken. */
#ifndef DOORBRAAK_DECIDED_H
#define DOORBRAAK_DECIDED_H

#include "common/record.h"

/* Is a policy, known by its version and region ("" is the country), part of what is in force under this version: "1.0.0", or
 * "1.0.0+JZ32-1.1.0" with a region's own? */
bool decided_has_part(const char *version, const char *part_version, const char *part_region);

/* The policies by which something was decided: the region's own first, for its rows take the place of the national ones. */
struct decided_by {
	const pb_PolicyAdopted *policy[2];
	unsigned count;
};

/* `message`: the name of the message that was answered, "" for time. It shares the answer and rows of the policies. */
pb_StoryDecision *decided(struct arena *a, const struct decided_by *by, const pb_Answer *answer, const char *message);

#endif
