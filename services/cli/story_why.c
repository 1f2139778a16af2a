// SPDX-License-Identifier: EUPL-1.2
/* story_why.c - what was short, and what would have fitted. */
#include "common/rules.h"
#include "services/cli/policy_words.h"
#include "services/cli/story_internal.h"

static const pb_RuleCondition *
find_condition(const pb_RuleRow *row, const char *fact)
{
	for (size_t i = 0; row != NULL && i < row->n_when; i++) {
		if (strcmp(row->when[i]->fact, fact) == 0)
			return row->when[i];
	}
	return NULL;
}

const char *
story_near_text(const struct story *s, const pb_Answer *answer, const pb_NearMiss *near)
{
	const pb_RuleCondition *c = find_condition(story_row(s, answer, near->row), near->fact);
	const char *was = near->value[0] == '\0' ? "empty" : near->value;

	if (c == NULL)
		return arena_printf(s->arena, "%s was %s", near->fact, was);
	return arena_printf(s->arena, "%s was %s; %s would have fitted", near->fact, was,
			    policy_values_text(s->arena, c));
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

static bool
grid_refuses(const pb_RuleTable *checks, const char *state)
{
	for (size_t b = 0; b < checks->n_blocks; b++) {
		for (size_t r = 0; r < checks->blocks[b]->n_rows; r++) {
			const pb_RuleRow *row = checks->blocks[b]->rows[r];
			const pb_RuleCondition *c = find_condition(row, "state");

			for (size_t i = 0; c != NULL && strncmp(row->id, "GRID.", 5) == 0 && i < c->n_values; i++) {
				if (strcmp(c->values[i], state) == 0)
					return true;
			}
		}
	}
	return false;
}

/* The states in which the grid takes the message. */
static const char *
states_text(const struct story *s, const pb_Answer *answer, const char *message)
{
	const pb_RuleTable *checks = story_checks(s, answer, message);
	const char *states[CASE_STATE_CLOSED + 1];
	size_t count = 0;

	for (int state = CASE_STATE_SCREENING; checks != NULL && state <= CASE_STATE_CLOSED; state++) {
		if (!grid_refuses(checks, record_code_of("CaseState", state)))
			states[count++] = record_code_of("CaseState", state);
	}
	if (count == 0)
		return "";
	return arena_printf(s->arena, "taken only in %s", policy_list_text(s->arena, states, count, "or"));
}

const char *
story_refused_text(const struct story *s, const struct story_event *event, const pb_Answer *answer)
{
	const char *row_id = answer->basis == NULL ? "" : answer->basis->row;
	const pb_RuleRow *row = story_row(s, answer, row_id);
	const char *others[RULES_NEAR_MAX];
	size_t count = 0;

	if (strncmp(row_id, "GRID.", 5) == 0 && event->origin != NULL && event->origin->submission != NULL)
		return states_text(s, answer, record_body_name(&event->origin->submission->base));
	for (size_t i = 0; row != NULL && i < row->n_when && count < RULES_NEAR_MAX; i++)
		others[count++] = other_text(s->arena, row->when[i]);
	if (count == 0)
		return "";
	return arena_printf(s->arena, "this row would have let it pass with %s",
			    policy_list_text(s->arena, others, count, "or"));
}
