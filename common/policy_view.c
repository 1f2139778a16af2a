// SPDX-License-Identifier: EUPL-1.2
/* policy_view.c - the national policy and a region's own, put together and compiled.
 *
 * Values by key, deadlines by kind, rows by id. A row of the region whose id stands in the national table takes its
 * place; another one comes before the last row of the block with the same number. Whatever a region adds, each block
 * keeps exactly one row without condition, at its end; a table that would not compile even so is left as it is
 * nationally. */
#include <stdio.h>
#include <stdlib.h>

#include "common/policy_internal.h"

const struct rules_scope *
policy_scope(const struct policy_parts *parts, const char *name)
{
	for (unsigned i = 0; i < parts->scope_count; i++) {
		if (strcmp(parts->scopes[i]->name, name) == 0)
			return parts->scopes[i];
	}
	return NULL;
}

static char *
keep(const struct policy_parts *parts, const char *text)
{
	return arena_str(parts->arena, bytes_str(text));
}

/* ---- rows ---- */

static void
cut_behind_unconditional(pb_RuleBlock *block)
{
	for (size_t i = 0; i < block->n_rows; i++) {
		if (block->rows[i]->n_when == 0)
			block->n_rows = i + 1;
	}
}

static pb_RuleRow *
row_otherwise(struct arena *a, const char *scope, const char *event)
{
	pb_RuleRow *row = ARENA_NEW(a, pb_RuleRow);

	pb_RuleRow_init(row);
	row->id = arena_printf(a, "else.%.10s.%.24s", scope, event);
	row->rule = row->id;
	return row;
}

pb_RuleBlock *
policy_block_total(struct arena *a, const char *scope, const char *event, const pb_RuleBlock *block)
{
	pb_RuleBlock *total = ARENA_NEW(a, pb_RuleBlock);

	pb_RuleBlock_init(total);
	total->rows = ARENA_ARRAY(a, pb_RuleRow *, block->n_rows + 1);
	total->n_rows = block->n_rows;
	for (size_t i = 0; i < block->n_rows; i++)
		total->rows[i] = block->rows[i];
	cut_behind_unconditional(total);
	if (total->n_rows == 0 || total->rows[total->n_rows - 1]->n_when != 0)
		total->rows[total->n_rows++] = row_otherwise(a, scope, event);
	return total;
}

static void
insert_row(pb_RuleBlock *block, size_t at, pb_RuleRow *row)
{
	for (size_t i = block->n_rows; i > at; i--)
		block->rows[i] = block->rows[i - 1];
	block->rows[at] = row;
	block->n_rows++;
}

/* The row for all other situations, under an id of its own: its place and id went to a row with conditions. */
static pb_RuleRow *
row_behind(struct arena *a, const pb_RuleRow *last)
{
	pb_RuleRow *row = ARENA_NEW(a, pb_RuleRow);

	*row = *last;
	row->id = arena_printf(a, "%.32s.else", last->id);
	return row;
}

/* Puts the row in the place of the one with its id; false when the table has none. */
static bool
replace_row(struct arena *a, pb_RuleTable *table, pb_RuleRow *row)
{
	for (size_t i = 0; i < table->n_blocks; i++) {
		pb_RuleBlock *block = table->blocks[i];

		for (size_t j = 0; j < block->n_rows; j++) {
			if (strcmp(block->rows[j]->id, row->id) != 0)
				continue;
			if (j + 1 == block->n_rows && row->n_when != 0)
				insert_row(block, j + 1, row_behind(a, block->rows[j]));
			block->rows[j] = row;
			return true;
		}
	}
	return false;
}

static size_t
row_count(const pb_RuleTable *table)
{
	size_t count = 0;

	for (size_t i = 0; i < table->n_blocks; i++)
		count += table->blocks[i]->n_rows;
	return count;
}

/* A copy of the table with room for `extra` blocks and, in each block, for `extra` rows. */
static pb_RuleTable *
copy_table(struct arena *a, const pb_RuleTable *table, size_t extra)
{
	pb_RuleTable *copy = ARENA_NEW(a, pb_RuleTable);

	*copy = *table;
	copy->blocks = ARENA_ARRAY(a, pb_RuleBlock *, table->n_blocks + extra);
	for (size_t i = 0; i < table->n_blocks; i++) {
		pb_RuleBlock *block = ARENA_NEW(a, pb_RuleBlock);

		*block = *table->blocks[i];
		block->rows = ARENA_ARRAY(a, pb_RuleRow *, block->n_rows + 2 * extra);
		for (size_t j = 0; j < block->n_rows; j++)
			block->rows[j] = table->blocks[i]->rows[j];
		copy->blocks[i] = block;
	}
	return copy;
}

pb_RuleTable *
policy_table_merged(struct arena *a, const pb_RuleTable *national, const pb_RuleTable *regional)
{
	pb_RuleTable *merged = copy_table(a, national, row_count(regional) + regional->n_blocks);

	for (size_t i = 0; i < regional->n_blocks; i++) {
		const pb_RuleBlock *block = regional->blocks[i];

		if (i >= national->n_blocks) {
			merged->blocks[merged->n_blocks++] =
			    policy_block_total(a, regional->scope, regional->event, block);
			continue;
		}
		for (size_t j = 0; j < block->n_rows; j++) {
			pb_RuleBlock *target = merged->blocks[i];

			if (!replace_row(a, merged, block->rows[j]))
				insert_row(target, target->n_rows - 1, block->rows[j]);
		}
	}
	for (size_t i = 0; i < merged->n_blocks; i++)
		cut_behind_unconditional(merged->blocks[i]);
	return merged;
}

/* ---- tables ---- */

static const pb_RuleTable *
find_table(const pb_PolicyAdopted *policy, const char *scope, const char *event)
{
	if (policy == NULL || policy->tables == NULL)
		return NULL;
	for (size_t i = 0; i < policy->tables->n_tables; i++) {
		const pb_RuleTable *table = policy->tables->tables[i];

		if (strcmp(table->scope, scope) == 0 && strcmp(table->event, event) == 0)
			return table;
	}
	return NULL;
}

static const pb_RuleTable *
total_table(struct arena *a, const pb_RuleTable *table)
{
	pb_RuleTable *total = ARENA_NEW(a, pb_RuleTable);

	*total = *table;
	total->blocks = ARENA_ARRAY(a, pb_RuleBlock *, table->n_blocks + 1);
	for (size_t i = 0; i < table->n_blocks; i++)
		total->blocks[i] = policy_block_total(a, table->scope, table->event, table->blocks[i]);
	return total;
}

static const struct rules_table *
compile_table(const struct policy_parts *parts, const struct rules_scope *scope, const pb_RuleTable *national,
	      struct why *why)
{
	const pb_RuleTable *regional = find_table(parts->regional, national->scope, national->event);

	if (regional != NULL) {
		const struct rules_table *table =
		    rules_compile(parts->arena, scope, policy_table_merged(parts->scratch, national, regional), why);

		if (table != NULL)
			return table;
	}
	return rules_compile(parts->arena, scope, national, why);
}

static int
compare_tables(const struct rules_table *a, const struct rules_table *b)
{
	const int by_scope = strcmp(a->scope->name, b->scope->name);

	return by_scope != 0 ? by_scope : strcmp(a->event, b->event);
}

static void
insert_table(const struct rules_table **tables, unsigned *count, const struct rules_table *table)
{
	unsigned i = (*count)++;

	for (; i > 0 && compare_tables(tables[i - 1], table) > 0; i--)
		tables[i] = tables[i - 1];
	tables[i] = table;
}

static bool
build_tables(const struct policy_parts *parts, struct policy_view *view, struct why *why)
{
	const struct rules_table **tables = ARENA_ARRAY(parts->arena, const struct rules_table *, POLICY_TABLES_MAX);
	const pb_PolicyTables *national = parts->national->tables;
	const pb_PolicyTables *regional = parts->regional == NULL ? NULL : parts->regional->tables;
	unsigned count = 0;

	for (size_t i = 0; national != NULL && i < national->n_tables && count < POLICY_TABLES_MAX; i++) {
		const struct rules_scope *scope = policy_scope(parts, national->tables[i]->scope);

		if (scope == NULL)
			continue;
		const struct rules_table *table = compile_table(parts, scope, national->tables[i], why);

		if (table == NULL)
			return false;
		insert_table(tables, &count, table);
	}
	for (size_t i = 0; regional != NULL && i < regional->n_tables && count < POLICY_TABLES_MAX; i++) {
		const pb_RuleTable *own = regional->tables[i];
		const struct rules_scope *scope = policy_scope(parts, own->scope);

		if (scope == NULL || find_table(parts->national, own->scope, own->event) != NULL)
			continue;
		const struct rules_table *table =
		    rules_compile(parts->arena, scope, total_table(parts->scratch, own), why);

		if (table != NULL)
			insert_table(tables, &count, table);
	}
	view->tables = tables;
	view->table_count = count;
	return true;
}

/* ---- values ---- */

static const pb_PolicyTermRule *
rule_of_value(const pb_PolicyAdopted *policy, const char *key)
{
	if (policy == NULL || policy->tables == NULL)
		return NULL;
	for (size_t i = 0; i < policy->tables->n_terms; i++) {
		if (strcmp(policy->tables->terms[i]->key, key) == 0)
			return policy->tables->terms[i];
	}
	return NULL;
}

/* The unit of a value, of the region first; NULL when neither policy gives one. A hard value is the nation's alone. */
static const char *
unit_of(const struct policy_parts *parts, const char *key)
{
	const pb_PolicyTermRule *national = rule_of_value(parts->national, key);
	const pb_PolicyTermRule *regional = rule_of_value(parts->regional, key);

	if (regional != NULL && (national == NULL || !national->hard))
		return regional->unit;
	return national == NULL ? NULL : national->unit;
}

static bool
is_hard(const struct policy_parts *parts, const char *key)
{
	const pb_PolicyTermRule *national = rule_of_value(parts->national, key);

	return national != NULL && national->hard;
}

static bool
unit_value(const char *text, enum term_unit *unit)
{
	if (strcmp(text, "wd") == 0)
		*unit = TERM_WORKING_DAYS;
	else if (strcmp(text, "d") == 0)
		*unit = TERM_DAYS;
	else if (strcmp(text, "months") == 0)
		*unit = TERM_MONTHS;
	else
		return false;
	return true;
}

static void
put_value(struct policy_value *values, unsigned *count, const struct policy_value *value)
{
	unsigned i = 0;

	while (i < *count && strcmp(values[i].key, value->key) < 0)
		i++;
	if (i < *count && strcmp(values[i].key, value->key) == 0) {
		values[i] = *value;
		return;
	}
	if (*count == POLICY_VALUES_MAX)
		return;
	for (unsigned j = (*count)++; j > i; j--)
		values[j] = values[j - 1];
	values[i] = *value;
}

static void
build_values(const struct policy_parts *parts, struct policy_view *view)
{
	struct policy_value *values = ARENA_ARRAY(parts->arena, struct policy_value, POLICY_VALUES_MAX);
	const pb_PolicyAdopted *const layers[] = {parts->national, parts->regional};

	for (unsigned l = 0; l < 2; l++) {
		for (size_t i = 0; layers[l] != NULL && i < layers[l]->n_values; i++) {
			const pb_PolicyValue *in = layers[l]->values[i];
			struct policy_value value = {.key = keep(parts, in->key), .value = in->value};
			const char *unit = unit_of(parts, in->key);

			value.hard = is_hard(parts, in->key);
			if (l == 1 && value.hard)
				continue;
			if (unit == NULL || !unit_value(unit, &value.unit))
				value.unit = TERM_NONE;
			put_value(values, &view->value_count, &value);
		}
	}
	view->values = values;
}

static bool
number_of(const pb_PolicyAdopted *policy, const char *key, int *number)
{
	for (size_t i = 0; policy != NULL && i < policy->n_values; i++) {
		if (strcmp(policy->values[i]->key, key) == 0) {
			*number = policy->values[i]->value;
			return true;
		}
	}
	return false;
}

bool
policy_term(const struct policy_parts *parts, const char *text, struct term *term, struct why *why)
{
	char unit[8] = "";
	int end = 0;

	*term = (struct term){0};
	if (strcmp(text, "none") == 0)
		return true;
	if (text[0] >= '0' && text[0] <= '9') {
		if (sscanf(text, "%5d %7s%n", &term->n, unit, &end) == 2 && text[end] == '\0' &&
		    unit_value(unit, &term->unit))
			return true;
		why_set(why,
			"'%.40s' is no term; write '5 wd', '28 d', '6 months', 'none' or a policy value such as P2",
			text);
		return false;
	}
	const char *name = unit_of(parts, text);

	if ((is_hard(parts, text) || !number_of(parts->regional, text, &term->n)) &&
	    !number_of(parts->national, text, &term->n))
		why_set(why,
			"there is no policy value '%.40s'; add it to the values, or write the term, such as '5 wd'",
			text);
	else if (name == NULL || !unit_value(name, &term->unit))
		why_set(why, "the policy value '%.40s' has no unit wd, d or months; give it one", text);
	else
		return true;
	return false;
}

/* ---- deadlines ---- */

static bool
build_deadline(const struct policy_parts *parts, const pb_DeadlineRule *in, struct policy_deadline *out,
	       struct why *why)
{
	const char **messages = ARENA_ARRAY(parts->arena, const char *, in->n_fulfilled_by + 1);
	bool own[4] = {false};

	*out = (struct policy_deadline){
	    .kind = (int)in->kind,
	    .anchor = keep(parts, in->anchor),
	    .hard = in->hard,
	    .backwards = in->backwards,
	    .fulfilled_by = messages,
	    .rule = keep(parts, in->rule),
	};
	for (size_t i = 0; i < in->n_terms; i++) {
		const unsigned track = (unsigned)in->terms[i]->track;
		struct term term;

		if (!policy_term(parts, in->terms[i]->term, &term, why))
			return false;
		term.never_moves = in->never_moves;
		for (unsigned t = 0; t < 4; t++) {
			if (t == track || (track == 0 && !own[t]))
				out->terms[t] = term;
		}
		if (track < 4)
			own[track] = track != 0;
	}
	for (size_t i = 0; i < in->n_ends_with; i++)
		out->ends_with |= (uint32_t)1 << (unsigned)in->ends_with[i];
	for (size_t i = 0; i < in->n_fulfilled_by; i++)
		messages[i] = keep(parts, in->fulfilled_by[i]);
	return true;
}

static bool
build_deadlines(const struct policy_parts *parts, struct policy_view *view, struct why *why)
{
	const pb_PolicyTables *national = parts->national->tables;
	const pb_PolicyTables *regional = parts->regional == NULL ? NULL : parts->regional->tables;
	const unsigned kinds = sizeof view->deadlines / sizeof view->deadlines[0];

	for (size_t i = 0; national != NULL && i < national->n_deadlines; i++) {
		const unsigned kind = (unsigned)national->deadlines[i]->kind;

		if (kind < kinds && !build_deadline(parts, national->deadlines[i], &view->deadlines[kind], why))
			return false;
	}
	for (size_t i = 0; regional != NULL && i < regional->n_deadlines; i++) {
		const unsigned kind = (unsigned)regional->deadlines[i]->kind;
		struct policy_deadline own;

		/* The length of a hard deadline is not the region's to change (rules.md 3.1). */
		if (kind < kinds && !view->deadlines[kind].hard &&
		    build_deadline(parts, regional->deadlines[i], &own, why))
			view->deadlines[kind] = own;
	}
	return true;
}

/* ---- the rest ---- */

static void
put_holiday(struct calendar *calendar, cal_day day)
{
	unsigned i = 0;

	while (i < calendar->extra_count && calendar->extra[i] < day)
		i++;
	if (day == CAL_NONE || calendar->extra_count == CAL_EXTRA_MAX ||
	    (i < calendar->extra_count && calendar->extra[i] == day))
		return;
	for (unsigned j = calendar->extra_count++; j > i; j--)
		calendar->extra[j] = calendar->extra[j - 1];
	calendar->extra[i] = day;
}

static void
build_figures(const struct policy_parts *parts, struct policy_view *view)
{
	const pb_PolicyAdopted *const layers[] = {parts->regional, parts->national};
	size_t capacity_max = 0;
	size_t baseline_max = 0;

	for (unsigned l = 0; l < 2; l++) {
		capacity_max += layers[l] == NULL ? 0 : layers[l]->n_capacities;
		baseline_max += layers[l] == NULL ? 0 : layers[l]->n_baselines;
	}
	struct policy_capacity *capacities = ARENA_ARRAY(parts->arena, struct policy_capacity, capacity_max + 1);
	struct policy_baseline *baselines = ARENA_ARRAY(parts->arena, struct policy_baseline, baseline_max + 1);

	for (unsigned l = 0; l < 2; l++) {
		const pb_PolicyAdopted *policy = layers[l];

		for (size_t i = 0; policy != NULL && i < policy->n_extra_holidays; i++)
			put_holiday(&view->calendar, record_day(policy->extra_holidays[i]));
		for (size_t i = 0; policy != NULL && i < policy->n_capacities; i++) {
			const pb_TeamCapacity *in = policy->capacities[i];

			capacities[view->capacity_count++] =
			    (struct policy_capacity){keep(parts, in->team), in->cases_per_meeting, in->cycle_days};
		}
		for (size_t i = 0; policy != NULL && i < policy->n_baselines; i++) {
			const pb_Baseline *in = policy->baselines[i];

			baselines[view->baseline_count++] =
			    (struct policy_baseline){keep(parts, in->code), keep(parts, in->subject_id), in->count,
						     record_day(in->period_from), record_day(in->period_to)};
		}
	}
	view->capacities = capacities;
	view->baselines = baselines;
}

bool
policy_view_build(const struct policy_parts *parts, struct policy_view *view, struct why *why)
{
	*view = (struct policy_view){0};
	if (parts->regional == NULL)
		view->version = keep(parts, parts->national->version);
	else
		view->version = arena_printf(parts->arena, "%s+%s-%s", parts->national->version,
					     parts->regional->region, parts->regional->version);
	build_values(parts, view);
	build_figures(parts, view);
	return build_tables(parts, view, why) && build_deadlines(parts, view, why);
}
