// SPDX-License-Identifier: EUPL-1.2
/* policy_diff_grid.c - which message fits which state, and what else refuses one. */
#include "common/rules.h"
#include "services/cli/policy_diff_internal.h"

#define MESSAGES_MAX 64
#define REFUSALS_MAX 512

static bool
is_accept(const pb_RuleTable *table)
{
	return strcmp(table->scope, "accept") == 0;
}

static bool
is_of_grid(const pb_RuleRow *row)
{
	return strncmp(row->id, "GRID.", 5) == 0;
}

/* ---- cells ---- */

static bool
names_state(const pb_RuleRow *row, const char *state)
{
	for (size_t i = 0; i < row->n_when; i++) {
		const pb_RuleCondition *c = row->when[i];

		for (size_t v = 0; strcmp(c->fact, "state") == 0 && v < c->n_values; v++) {
			if (strcmp(c->values[v], state) == 0)
				return true;
		}
	}
	return false;
}

/* "accepted", or "refused (WRONG_STATE)". */
static const char *
cell_text(const struct policy_differ *d, const pb_RuleTable *table, int state)
{
	const char *code = record_code_of("CaseState", state);

	for (size_t b = 0; b < table->n_blocks; b++) {
		for (size_t r = 0; r < table->blocks[b]->n_rows; r++) {
			const pb_RuleRow *row = table->blocks[b]->rows[r];

			if (is_of_grid(row) && names_state(row, code) && row->n_then > 0 &&
			    row->then[0]->n_arguments > 0)
				return arena_printf(d->arena, "refused (%s)", row->then[0]->arguments[0]);
		}
	}
	return "accepted";
}

static void
diff_line(struct policy_differ *d, const pb_RuleTable *was, const pb_RuleTable *is)
{
	bool told[CASE_STATE_CLOSED + 1] = {false};

	for (int s = CASE_STATE_SCREENING; s <= CASE_STATE_CLOSED; s++) {
		const char *before = cell_text(d, was, s), *now = cell_text(d, is, s);
		const char *states[CASE_STATE_CLOSED + 1];
		size_t count = 0;

		if (told[s] || strcmp(before, now) == 0)
			continue;
		for (int other = s; other <= CASE_STATE_CLOSED; other++) {
			if (strcmp(cell_text(d, was, other), before) == 0 &&
			    strcmp(cell_text(d, is, other), now) == 0) {
				states[count++] = record_code_of("CaseState", other);
				told[other] = true;
			}
		}
		const char *name =
		    arena_printf(d->arena, "%s in %s", is->event, policy_list_text(d->arena, states, count, "and"));

		policy_differs(d, "grid", name, POLICY_CHANGED, "%s: was %s, now %s", name, before, now);
	}
}

static void
diff_lines(struct policy_differ *d)
{
	for (size_t i = 0; i < d->was->tables->n_tables; i++) {
		const pb_RuleTable *was = d->was->tables->tables[i], *is;

		if (!is_accept(was))
			continue;
		is = policy_find_table(d->is, was->scope, was->event);
		if (is == NULL)
			policy_differs(d, "grid", was->event, POLICY_REMOVED, "%s: no longer in the grid", was->event);
		else
			diff_line(d, was, is);
	}
	for (size_t i = 0; i < d->is->tables->n_tables; i++) {
		const pb_RuleTable *is = d->is->tables->tables[i];

		if (is_accept(is) && policy_find_table(d->was, is->scope, is->event) == NULL)
			policy_differs(d, "grid", is->event, POLICY_ADDED, "%s: new in the grid", is->event);
	}
}

/* ---- refusals ---- */

/* A refusing row, and the messages that it is for. */
struct refusal {
	const pb_RuleRow *row; /* NULL: there is none */
	const char *messages[MESSAGES_MAX];
	size_t count;
	bool all;
};

static void
find_refusal(const pb_PolicyAdopted *policy, const char *id, struct refusal *found)
{
	size_t lines = 0;

	*found = (struct refusal){.row = NULL};
	for (size_t i = 0; i < policy->tables->n_tables; i++) {
		const pb_RuleTable *table = policy->tables->tables[i];

		if (!is_accept(table))
			continue;
		lines++;
		for (size_t b = 0; b < table->n_blocks; b++) {
			for (size_t r = 0; r < table->blocks[b]->n_rows; r++) {
				if (strcmp(table->blocks[b]->rows[r]->id, id) != 0 || found->count == MESSAGES_MAX)
					continue;
				found->row = table->blocks[b]->rows[r];
				found->messages[found->count++] = table->event;
			}
		}
	}
	found->all = found->count == lines && lines > 1;
}

static const char *
messages_text(const struct policy_differ *d, const struct refusal *r)
{
	return r->all ? "every message" : policy_list_text(d->arena, r->messages, r->count, "and");
}

/* The messages of one that the other has not. */
static struct refusal
beyond(const struct refusal *one, const struct refusal *other)
{
	struct refusal rest = {.row = one->row};

	for (size_t i = 0; i < one->count; i++) {
		bool found = false;

		for (size_t j = 0; j < other->count; j++)
			found = found || strcmp(one->messages[i], other->messages[j]) == 0;
		if (!found)
			rest.messages[rest.count++] = one->messages[i];
	}
	return rest;
}

static void
diff_refusal(struct policy_differ *d, const char *id)
{
	struct refusal *pair = ARENA_ARRAY(d->arena, struct refusal, 2), *was = &pair[0], *is = &pair[1];
	struct arena *a = d->arena;

	find_refusal(d->was, id, was);
	find_refusal(d->is, id, is);
	if (is->row == NULL) {
		policy_differs(d, "refusals", id, POLICY_REMOVED, "%s, for %s, is gone: when %s, it %s", id,
			       messages_text(d, was), policy_when_text(a, was->row), policy_then_text(a, was->row));
		return;
	}
	if (was->row == NULL) {
		policy_differs(d, "refusals", id, POLICY_ADDED, "%s is new, for %s: when %s, it %s", id,
			       messages_text(d, is), policy_when_text(a, is->row), policy_then_text(a, is->row));
		return;
	}
	policy_diff_row(d, "refusals", id, was->row, is->row);
	const struct refusal more = beyond(is, was), fewer = beyond(was, is);

	if (more.count > 0)
		policy_differs(d, "refusals", id, POLICY_CHANGED, "%s: now also for %s", id, messages_text(d, &more));
	if (fewer.count > 0)
		policy_differs(d, "refusals", id, POLICY_CHANGED, "%s: no longer for %s", id, messages_text(d, &fewer));
}

static unsigned
add_ids(const pb_PolicyAdopted *policy, const char **ids, unsigned count)
{
	for (size_t i = 0; i < policy->tables->n_tables; i++) {
		const pb_RuleTable *table = policy->tables->tables[i];

		for (size_t b = 0; is_accept(table) && b < table->n_blocks; b++) {
			for (size_t r = 0; r < table->blocks[b]->n_rows; r++) {
				const pb_RuleRow *row = table->blocks[b]->rows[r];
				bool known = is_of_grid(row) || count == REFUSALS_MAX;

				for (unsigned k = 0; !known && k < count; k++)
					known = strcmp(ids[k], row->id) == 0;
				if (!known)
					ids[count++] = row->id;
			}
		}
	}
	return count;
}

void
policy_diff_grid(struct policy_differ *d)
{
	const char **ids = ARENA_ARRAY(d->arena, const char *, REFUSALS_MAX);
	const unsigned count = add_ids(d->is, ids, add_ids(d->was, ids, 0));

	diff_lines(d);
	for (unsigned i = 0; i < count; i++)
		diff_refusal(d, ids[i]);
}
