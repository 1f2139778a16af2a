// SPDX-License-Identifier: EUPL-1.2
#include "common/policy_merge.h"

/* ---- finding ---- */

const pb_RuleTable *
policy_find_table(const pb_PolicyAdopted *policy, const char *scope, const char *event)
{
	for (size_t i = 0; policy->tables != NULL && i < policy->tables->n_tables; i++) {
		const pb_RuleTable *table = policy->tables->tables[i];

		if (strcmp(table->scope, scope) == 0 && strcmp(table->event, event) == 0)
			return table;
	}
	return NULL;
}

static const pb_RuleRow *
find_in_table(const pb_RuleTable *table, const char *id)
{
	for (size_t b = 0; b < table->n_blocks; b++) {
		for (size_t r = 0; r < table->blocks[b]->n_rows; r++) {
			if (strcmp(table->blocks[b]->rows[r]->id, id) == 0)
				return table->blocks[b]->rows[r];
		}
	}
	return NULL;
}

const pb_RuleRow *
policy_find_row(const pb_PolicyAdopted *policy, const char *id)
{
	const pb_RuleRow *row = NULL;

	for (size_t i = 0; row == NULL && policy->tables != NULL && i < policy->tables->n_tables; i++)
		row = find_in_table(policy->tables->tables[i], id);
	return row;
}

const pb_PolicyTermRule *
policy_find_term(const pb_PolicyAdopted *policy, const char *key)
{
	for (size_t i = 0; policy->tables != NULL && i < policy->tables->n_terms; i++) {
		if (strcmp(policy->tables->terms[i]->key, key) == 0)
			return policy->tables->terms[i];
	}
	return NULL;
}

const pb_PolicyValue *
policy_find_value(const pb_PolicyAdopted *policy, const char *key)
{
	for (size_t i = 0; i < policy->n_values; i++) {
		if (strcmp(policy->values[i]->key, key) == 0)
			return policy->values[i];
	}
	return NULL;
}

const pb_DeadlineRule *
policy_find_deadline(const pb_PolicyAdopted *policy, int kind)
{
	for (size_t i = 0; policy->tables != NULL && i < policy->tables->n_deadlines; i++) {
		if ((int)policy->tables->deadlines[i]->kind == kind)
			return policy->tables->deadlines[i];
	}
	return NULL;
}

/* ---- putting together ---- */

static void
merge_values(struct arena *a, pb_PolicyAdopted *merged, const pb_PolicyAdopted *national,
	     const pb_PolicyAdopted *regional)
{
	merged->values = ARENA_ARRAY(a, pb_PolicyValue *, national->n_values + regional->n_values);
	merged->n_values = 0;
	for (size_t i = 0; i < national->n_values; i++) {
		const pb_PolicyValue *own = policy_find_value(regional, national->values[i]->key);

		merged->values[merged->n_values++] =
		    own == NULL ? national->values[i] : (pb_PolicyValue *)(uintptr_t)own;
	}
	for (size_t i = 0; i < regional->n_values; i++) {
		if (policy_find_value(national, regional->values[i]->key) == NULL)
			merged->values[merged->n_values++] = regional->values[i];
	}
}

static void
merge_terms(struct arena *a, pb_PolicyTables *merged, const pb_PolicyAdopted *national, const pb_PolicyTables *regional)
{
	const pb_PolicyTables *of = national->tables;

	merged->terms = ARENA_ARRAY(a, pb_PolicyTermRule *, of->n_terms + regional->n_terms);
	merged->n_terms = 0;
	/* The region's first: the first of a key counts. */
	for (size_t i = 0; i < regional->n_terms; i++)
		merged->terms[merged->n_terms++] = regional->terms[i];
	for (size_t i = 0; i < of->n_terms; i++)
		merged->terms[merged->n_terms++] = of->terms[i];
}

static void
merge_deadlines(struct arena *a, pb_PolicyTables *merged, const pb_PolicyAdopted *national,
		const pb_PolicyAdopted *regional)
{
	const pb_PolicyTables *of = national->tables, *own = regional->tables;

	merged->deadlines = ARENA_ARRAY(a, pb_DeadlineRule *, of->n_deadlines + own->n_deadlines);
	merged->n_deadlines = 0;
	for (size_t i = 0; i < of->n_deadlines; i++) {
		const pb_DeadlineRule *other = policy_find_deadline(regional, (int)of->deadlines[i]->kind);
		const bool takes = other != NULL && !of->deadlines[i]->hard;

		merged->deadlines[merged->n_deadlines++] =
		    takes ? (pb_DeadlineRule *)(uintptr_t)other : of->deadlines[i];
	}
	for (size_t i = 0; i < own->n_deadlines; i++) {
		if (policy_find_deadline(national, (int)own->deadlines[i]->kind) == NULL)
			merged->deadlines[merged->n_deadlines++] = own->deadlines[i];
	}
}

static void
merge_tables(struct arena *a, pb_PolicyTables *merged, const pb_PolicyAdopted *national,
	     const pb_PolicyAdopted *regional)
{
	const pb_PolicyTables *of = national->tables, *own = regional->tables;

	merged->tables = ARENA_ARRAY(a, pb_RuleTable *, of->n_tables + own->n_tables);
	merged->n_tables = 0;
	for (size_t i = 0; i < of->n_tables; i++) {
		pb_RuleTable *table = of->tables[i];
		const pb_RuleTable *other = policy_find_table(regional, table->scope, table->event);

		merged->tables[merged->n_tables++] = other == NULL ? table : policy_table_merged(a, table, other);
	}
	for (size_t i = 0; i < own->n_tables; i++) {
		if (policy_find_table(national, own->tables[i]->scope, own->tables[i]->event) == NULL)
			merged->tables[merged->n_tables++] = own->tables[i];
	}
}

static void *
two_lists(struct arena *a, void *const *first, size_t first_count, void *const *second, size_t second_count)
{
	void **both = ARENA_ARRAY(a, void *, first_count + second_count + 1);

	for (size_t i = 0; i < first_count; i++)
		both[i] = first[i];
	for (size_t i = 0; i < second_count; i++)
		both[first_count + i] = second[i];
	return both;
}

#define TWO_LISTS(a, field, first, second)                                                                             \
	two_lists((a), (void *const *)(first)->field, (first)->n_##field, (void *const *)(second)->field,              \
		  (second)->n_##field)

pb_PolicyAdopted *
policy_merge(struct arena *a, const pb_PolicyAdopted *national, const pb_PolicyAdopted *regional)
{
	pb_PolicyAdopted *merged = ARENA_NEW(a, pb_PolicyAdopted);
	pb_PolicyTables *tables = ARENA_NEW(a, pb_PolicyTables);

	pb_PolicyTables_init(tables);
	*merged = *national;
	merged->version = arena_printf(a, "%s+%s-%s", national->version, regional->region, regional->version);
	merged->valid_from = regional->valid_from;
	merged->region = regional->region;
	merged->extra_holidays = TWO_LISTS(a, extra_holidays, regional, national);
	merged->n_extra_holidays = regional->n_extra_holidays + national->n_extra_holidays;
	merged->capacities = TWO_LISTS(a, capacities, regional, national);
	merged->n_capacities = regional->n_capacities + national->n_capacities;
	merged->baselines = TWO_LISTS(a, baselines, regional, national);
	merged->n_baselines = regional->n_baselines + national->n_baselines;
	merge_values(a, merged, national, regional);
	if (national->tables == NULL || regional->tables == NULL)
		return merged;
	merge_terms(a, tables, national, regional->tables);
	merge_deadlines(a, tables, national, regional);
	merge_tables(a, tables, national, regional);
	merged->tables = tables;
	return merged;
}
