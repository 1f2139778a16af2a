// SPDX-License-Identifier: EUPL-1.2
/* check_people.c - what people are told: every national row in Dutch, and no case to who sees none. */
#include "services/cli/check_internal.h"

/* ---- who sees no cases ---- */

/* The row holds for signals about cases, as far as its conditions tell. */
static bool
may_be_about_a_case(const pb_RuleRow *row)
{
	for (size_t i = 0; i < row->n_when; i++) {
		const pb_RuleCondition *c = row->when[i];
		bool names_case = false;

		if (strcmp(c->fact, "subject") != 0 || (int)c->test != RULE_TEST_ONE_OF)
			continue;
		for (size_t v = 0; v < c->n_values; v++)
			names_case |= strcmp(c->values[v], "CASE") == 0;
		if (!names_case)
			return false;
	}
	return true;
}

static bool
tells(const pb_RuleEffect *effect, const char *addressee)
{
	for (size_t i = 0; i < effect->n_arguments; i++) {
		if (strcmp(effect->arguments[i], addressee) == 0)
			return true;
	}
	return false;
}

static void
check_addressees(struct checking *c, const struct rules_table *table, const pb_RuleRow *row)
{
	for (size_t i = 0; i < row->n_then; i++) {
		const pb_RuleEffect *effect = row->then[i];
		const bool names = strcmp(effect->verb, "raise") == 0 ||
				   (strcmp(effect->verb, "tell") == 0 && may_be_about_a_case(row));

		if (names && tells(effect, "INSPECTORATES"))
			check_tell(c, "AGGREGATES", table, row->id,
				   "names a case to INSPECTORATES, who get counts only; use 'raise_for' a REGION, TEAM "
				   "or INSTITUTION, or leave them out");
	}
}

/* ---- Dutch ---- */

static bool
lacks_dutch(const pb_RuleSource *source)
{
	return source != NULL && source->point[0] != '\0' && source->nl[0] == '\0';
}

static void
add_name(struct checking *c, const char **names, unsigned *count, const char *name)
{
	if ((*count)++ < 5)
		*names = arena_printf(c->arena, "%s%s%s", *names, *names[0] == '\0' ? "" : ", ", name);
}

static void
tell_lacking(struct checking *c, const char *names, unsigned count)
{
	const char *more = count > 5 ? arena_printf(c->arena, " and %u more", count - 5) : "";

	if (count > 0)
		check_note(c, "NO_DUTCH", "nl",
			   arena_printf(c->arena,
					"%s%s: a 'point', but no 'nl': care workers would read English; say it in "
					"Dutch beside it",
					names, more));
}

void
check_people(struct checking *c)
{
	const pb_PolicyAdopted *policy = c->subject->regional == NULL ? c->subject->national : c->subject->regional;
	const pb_PolicyTables *tables = policy->tables;
	const char *names = "";
	unsigned count = 0;

	for (size_t t = 0; tables != NULL && t < tables->n_tables; t++) {
		const pb_RuleTable *table = tables->tables[t];
		const bool is_signals = strcmp(table->scope, "signals") == 0;

		for (size_t b = 0; b < table->n_blocks; b++) {
			for (size_t r = 0; r < table->blocks[b]->n_rows; r++) {
				const pb_RuleRow *row = table->blocks[b]->rows[r];

				if (is_signals)
					check_addressees(c, policy_table(c->view, "signals", table->event), row);
				if (lacks_dutch(row->source))
					add_name(c, &names, &count, row->id);
			}
		}
	}
	for (size_t d = 0; tables != NULL && d < tables->n_deadlines; d++) {
		if (lacks_dutch(tables->deadlines[d]->source))
			add_name(c, &names, &count, record_code_of("DeadlineKind", (int)tables->deadlines[d]->kind));
	}
	if (c->subject->regional == NULL)
		tell_lacking(c, names, count);
}
