// SPDX-License-Identifier: EUPL-1.2
/* policy_diff_internal.h - what the policy_diff_*.c files share. */
#ifndef DOORBRAAK_POLICY_DIFF_INTERNAL_H
#define DOORBRAAK_POLICY_DIFF_INTERNAL_H

#include "common/policy_merge.h"
#include "services/cli/policy_diff.h"
#include "services/cli/policy_words.h"

struct policy_differ {
	struct arena *arena;
	const pb_PolicyAdopted *was, *is;
	struct policy_difference *first, **end;
};

/* Adds one; the text is made of the format. */
void policy_differs(struct policy_differ *d, const char *where, const char *name, enum policy_change change,
		    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* policy_diff_values.c: values, deadlines, holidays, capacities, baselines. */
void policy_diff_values(struct policy_differ *d);
/* policy_diff_grid.c: the grid and what refuses. */
void policy_diff_grid(struct policy_differ *d);
/* policy_diff_rows.c: all other tables. */
void policy_diff_rows(struct policy_differ *d);
/* The same row, in its conditions, effects and source; `name` goes in front. */
void policy_diff_row(struct policy_differ *d, const char *where, const char *name, const pb_RuleRow *was,
		     const pb_RuleRow *is);

#endif
