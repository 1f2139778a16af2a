// SPDX-License-Identifier: EUPL-1.2
/* story_why.c - what was short, and what would have fitted. */
#include "common/rules.h"
#include "services/cli/policy_words.h"
#include "services/cli/story_internal.h"

const char *
story_near_text(struct arena *a, const pb_StoryNear *near)
{
	const char *was = near->value[0] == '\0' ? "empty" : near->value;

	if (near->wanted == NULL)
		return arena_printf(a, "%s was %s", near->fact, was);
	return arena_printf(a, "%s was %s; %s would have fitted", near->fact, was, policy_values_text(a, near->wanted));
}

/* ---- refused ---- */

/* What the fact must be for a row not to fit. */
static const char *
other_text(struct arena *a, const pb_RuleCondition *c)
{
	switch ((int)c->test) {
	case RULE_TEST_AT_LEAST: return arena_printf(a, "%s below %s", c->fact, c->values[0]);
	case RULE_TEST_FROM: return arena_printf(a, "%s before %s", c->fact, c->values[0]);
	case RULE_TEST_HAS:
		return arena_printf(a, "%s without %s", c->fact,
				    policy_list_text(a, (const char *const *)c->values, c->n_values, "and"));
	default: break;
	}
	if (c->n_values == 1 && strcmp(c->values[0], "true") == 0)
		return arena_printf(a, "%s false", c->fact);
	if (c->n_values == 1 && strcmp(c->values[0], "false") == 0)
		return arena_printf(a, "%s true", c->fact);
	return arena_printf(a, "%s other than %s", c->fact,
			    policy_list_text(a, (const char *const *)c->values, c->n_values, "or"));
}

/* The states in which the message is taken. */
static const char *
states_text(struct arena *a, const pb_StoryDecision *d)
{
	const char **states = ARENA_ARRAY(a, const char *, d->n_taken_in + 1);

	for (size_t i = 0; i < d->n_taken_in; i++)
		states[i] = record_code_of("CaseState", (int)d->taken_in[i]);
	return arena_printf(a, "taken only in %s", policy_list_text(a, states, d->n_taken_in, "or"));
}

const char *
story_refused_text(struct arena *a, const pb_StoryDecision *d)
{
	const char *others[RULES_NEAR_MAX];
	size_t count = 0;

	if (d->n_taken_in > 0)
		return states_text(a, d);
	/* Of the grid nothing is told but the states. */
	if (d->row == NULL || strncmp(d->row->id, "GRID.", 5) == 0)
		return "";
	for (size_t i = 0; i < d->row->n_when && count < RULES_NEAR_MAX; i++)
		others[count++] = other_text(a, d->row->when[i]);
	if (count == 0)
		return "";
	return arena_printf(a, "this row would have let it pass with %s", policy_list_text(a, others, count, "or"));
}
