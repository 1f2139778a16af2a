// SPDX-License-Identifier: EUPL-1.2
#include "common/decided.h"

#include "common/policy_merge.h"

#define GRID "GRID." /* rows that look at the state of the case alone */

bool
decided_has_part(const char *version, const char *part_version, const char *part_region)
{
	const char *plus = strchr(version, '+');
	const size_t len = plus == NULL ? strlen(version) : (size_t)(plus - version);
	const size_t region = strlen(part_region);

	if (region == 0)
		return strlen(part_version) == len && strncmp(part_version, version, len) == 0;
	return plus != NULL && strncmp(plus + 1, part_region, region) == 0 && plus[1 + region] == '-' &&
	       strcmp(plus + 1 + region + 1, part_version) == 0;
}

/* ---- looking ---- */

static const pb_RuleRow *
find_row(const struct decided_by *by, const char *id)
{
	const pb_RuleRow *found = NULL;

	for (unsigned i = 0; found == NULL && id[0] != '\0' && i < by->count; i++)
		found = policy_find_row(by->policy[i], id);
	return found;
}

static const pb_RuleSource *
deadline_source(const struct decided_by *by, int kind)
{
	const pb_DeadlineRule *rule = NULL;

	for (unsigned i = 0; rule == NULL && i < by->count; i++)
		rule = policy_find_deadline(by->policy[i], kind);
	return rule == NULL ? NULL : rule->source;
}

static const pb_RuleSource *
source_of(const struct decided_by *by, const pb_Answer *answer, const pb_RuleRow *row)
{
	if (answer->basis == NULL || answer->basis->row[0] != '\0')
		return row == NULL ? NULL : row->source;
	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET: return deadline_source(by, (int)answer->deadline_set->kind);
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED:
		return deadline_source(by, (int)answer->deadline_missed->kind);
	default: return NULL;
	}
}

static const pb_RuleCondition *
find_condition(const pb_RuleRow *row, const char *fact)
{
	for (size_t i = 0; row != NULL && i < row->n_when; i++) {
		if (strcmp(row->when[i]->fact, fact) == 0)
			return row->when[i];
	}
	return NULL;
}

/* ---- what was short ---- */

static void
add_near(struct arena *a, const struct decided_by *by, pb_StoryDecision *d)
{
	const pb_Basis *basis = d->answer->basis;

	if (basis == NULL || basis->n_near == 0)
		return;
	d->near = ARENA_ARRAY(a, pb_StoryNear *, basis->n_near);
	for (size_t i = 0; i < basis->n_near; i++) {
		const pb_NearMiss *miss = basis->near[i];
		pb_StoryNear *near = ARENA_NEW(a, pb_StoryNear);

		pb_StoryNear_init(near);
		near->row = miss->row;
		near->fact = miss->fact;
		near->value = miss->value;
		near->wanted = (pb_RuleCondition *)(uintptr_t)find_condition(find_row(by, miss->row), miss->fact);
		d->near[d->n_near++] = near;
	}
}

static bool
grid_refuses(const pb_RuleTable *checks, const char *state)
{
	for (size_t b = 0; b < checks->n_blocks; b++) {
		for (size_t r = 0; r < checks->blocks[b]->n_rows; r++) {
			const pb_RuleRow *row = checks->blocks[b]->rows[r];
			const pb_RuleCondition *c = find_condition(row, "state");

			for (size_t i = 0; c != NULL && strncmp(row->id, GRID, strlen(GRID)) == 0 && i < c->n_values;
			     i++) {
				if (strcmp(c->values[i], state) == 0)
					return true;
			}
		}
	}
	return false;
}

/* The states in which the grid takes the message. */
static void
add_taken_in(struct arena *a, const struct decided_by *by, const char *message, pb_StoryDecision *d)
{
	const pb_RuleTable *checks = NULL;

	if (d->answer->body_case != DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED || d->answer->basis == NULL ||
	    strncmp(d->answer->basis->row, GRID, strlen(GRID)) != 0 || message[0] == '\0')
		return;
	for (unsigned i = 0; checks == NULL && i < by->count; i++)
		checks = policy_find_table(by->policy[i], "accept", message);
	if (checks == NULL)
		return;
	d->taken_in = ARENA_ARRAY(a, Doorbraak__V1__CaseState, CASE_STATE_CLOSED + 1);
	for (int state = CASE_STATE_SCREENING; state <= CASE_STATE_CLOSED; state++) {
		if (!grid_refuses(checks, record_code_of("CaseState", state)))
			d->taken_in[d->n_taken_in++] = (Doorbraak__V1__CaseState)state;
	}
}

pb_StoryDecision *
decided(struct arena *a, const struct decided_by *by, const pb_Answer *answer, const char *message)
{
	pb_StoryDecision *d = ARENA_NEW(a, pb_StoryDecision);

	pb_StoryDecision_init(d);
	d->answer = (pb_Answer *)(uintptr_t)answer;
	if (answer->basis != NULL)
		d->row = (pb_RuleRow *)(uintptr_t)find_row(by, answer->basis->row);
	d->source = (pb_RuleSource *)(uintptr_t)source_of(by, answer, d->row);
	add_near(a, by, d);
	add_taken_in(a, by, message, d);
	return d;
}
