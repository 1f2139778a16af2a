// SPDX-License-Identifier: EUPL-1.2
/* policy_merge.h - a national policy and a region's own as one record: what holds in the region.
 *
 * As common/policy_view.c puts them together for the services: values by key, deadlines by kind (save those that are
 * hard), rows by id, figures and holidays on top. The record shares what it is made of. */
#ifndef DOORBRAAK_POLICY_MERGE_H
#define DOORBRAAK_POLICY_MERGE_H

#include "common/policy.h"

pb_PolicyAdopted *policy_merge(struct arena *a, const pb_PolicyAdopted *national, const pb_PolicyAdopted *regional);

/* NULL when the policy has none. */
const pb_RuleTable *policy_find_table(const pb_PolicyAdopted *policy, const char *scope, const char *event);
const pb_RuleRow *policy_find_row(const pb_PolicyAdopted *policy, const char *id);
/* Name, unit and meaning of a value. */
const pb_PolicyTermRule *policy_find_term(const pb_PolicyAdopted *policy, const char *key);
const pb_PolicyValue *policy_find_value(const pb_PolicyAdopted *policy, const char *key);
const pb_DeadlineRule *policy_find_deadline(const pb_PolicyAdopted *policy, int kind);

#endif
