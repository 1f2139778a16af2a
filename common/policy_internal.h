// SPDX-License-Identifier: EUPL-1.2
/* policy_internal.h - what policy.c, policy_view.c and policy_check.c share. */
#ifndef DOORBRAAK_POLICY_INTERNAL_H
#define DOORBRAAK_POLICY_INTERNAL_H

#include "common/policy.h"

/* The parts a view is put together from, and where the view's own memory comes from. */
struct policy_parts {
	struct arena *arena;   /* of the view */
	struct arena *scratch; /* of the transaction */
	const struct rules_scope *const *scopes;
	unsigned scope_count;
	const pb_PolicyAdopted *national;
	const pb_PolicyAdopted *regional; /* NULL when the region has none of its own */
};

/* Fills the view, save its hash. False with *why when the national part does not compile. */
bool policy_view_build(const struct policy_parts *parts, struct policy_view *view, struct why *why);

/* "P2", "5 wd", "28 d", "6 months", "none" as a term; P-values come from the parts, the region's first. False with
 * *why. */
bool policy_term(const struct policy_parts *parts, const char *text, struct term *term, struct why *why);

/* A block that always ends in a row without condition, and has none before it. */
pb_RuleBlock *policy_block_total(struct arena *a, const char *scope, const char *event, const pb_RuleBlock *block);

const struct rules_scope *policy_scope(const struct policy_parts *parts, const char *name);

#endif
