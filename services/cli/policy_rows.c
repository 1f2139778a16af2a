// SPDX-License-Identifier: EUPL-1.2
/* policy_rows.c - rows, blocks and tables from their YAML. */
#include "services/cli/policy_reader.h"

#define SOURCE_TEXT_MAX 240

static const char *const row_keys[] = {"id", "rule", "when", "then", "source", "point", "nl", NULL};

/* ---- conditions ---- */

pb_RuleCondition *
policy_condition(struct policy_reader *r, const char *fact, int test, size_t value_count)
{
	pb_RuleCondition *condition = ARENA_NEW(r->y.arena, pb_RuleCondition);

	pb_RuleCondition_init(condition);
	condition->fact = yaml_text(&r->y, fact);
	condition->test = (Doorbraak__V1__RuleTest)test;
	condition->values = ARENA_ARRAY(r->y.arena, char *, value_count + 1);
	return condition;
}

/* A scalar or a list of scalars as the values of a condition. */
static bool
condition_values(struct policy_reader *r, const struct tree *node, pb_RuleCondition *condition)
{
	const struct tree *item = node->kind == TREE_LIST ? node->first : node;

	if (item == NULL) {
		yaml_problem(&r->y, node->line, "'%s' is compared with an empty list; name at least one value",
			     condition->fact);
		return false;
	}
	for (; item != NULL; item = node->kind == TREE_LIST ? item->next : NULL) {
		const char *text = yaml_scalar(&r->y, item, condition->fact);

		if (text == NULL)
			return false;
		condition->values[condition->n_values++] = yaml_text(&r->y, text);
	}
	return true;
}

static pb_RuleCondition *
read_condition(struct policy_reader *r, const struct tree *node)
{
	static const char *const tests[] = {"at_least", "from", "has", NULL};
	int test = RULE_TEST_ONE_OF;
	const struct tree *value = node;

	if (node->kind == TREE_MAP) {
		value = node->first;
		if (value == NULL || value->next != NULL) {
			yaml_problem(&r->y, node->line,
				     "'%s' needs exactly one of {at_least: n}, {from: date}, {has: code}", node->key);
			return NULL;
		}
		if (!yaml_key_is_known(&r->y, value, tests))
			return NULL;
		test = strcmp(value->key, "has") == 0    ? RULE_TEST_HAS
		       : strcmp(value->key, "from") == 0 ? RULE_TEST_FROM
							 : RULE_TEST_AT_LEAST;
	}
	pb_RuleCondition *condition =
	    policy_condition(r, node->key, test, value->kind == TREE_LIST ? yaml_length(value) : 1);

	return condition_values(r, value, condition) ? condition : NULL;
}

static bool
read_when(struct policy_reader *r, const struct tree *when, pb_RuleRow *row)
{
	if (when == NULL)
		return true;
	if (when->kind != TREE_MAP) {
		yaml_problem(&r->y, when->line, "'when' is no map; write {fact: value, ..}");
		return false;
	}
	row->when = ARENA_ARRAY(r->y.arena, pb_RuleCondition *, yaml_length(when) + 1);
	for (const struct tree *node = when->first; node != NULL; node = node->next) {
		pb_RuleCondition *condition = read_condition(r, node);

		if (condition == NULL)
			return false;
		row->when[row->n_when++] = condition;
	}
	return true;
}

/* ---- effects ---- */

pb_RuleEffect *
policy_effect(struct policy_reader *r, const char *verb, size_t argument_count)
{
	pb_RuleEffect *effect = ARENA_NEW(r->y.arena, pb_RuleEffect);

	pb_RuleEffect_init(effect);
	effect->verb = yaml_text(&r->y, verb);
	effect->arguments = ARENA_ARRAY(r->y.arena, char *, argument_count + 1);
	return effect;
}

static bool
add_argument(struct policy_reader *r, pb_RuleEffect *effect, const struct tree *node)
{
	const char *text = yaml_scalar(&r->y, node, effect->verb);

	if (text != NULL)
		effect->arguments[effect->n_arguments++] = yaml_text(&r->y, text);
	return text != NULL;
}

/* A scalar or a list of scalars behind what is there. */
static bool
add_arguments(struct policy_reader *r, pb_RuleEffect *effect, const struct tree *node)
{
	if (node->kind != TREE_LIST)
		return add_argument(r, effect, node);
	for (const struct tree *item = node->first; item != NULL; item = item->next) {
		if (!add_argument(r, effect, item))
			return false;
	}
	return true;
}

static bool
add_effect(struct policy_reader *r, pb_RuleRow *row, pb_RuleEffect *effect, unsigned line)
{
	if (row->n_then == RULES_EFFECTS_MAX) {
		yaml_problem(&r->y, line, "more than %d effects in a row; divide it over two blocks",
			     RULES_EFFECTS_MAX);
		return false;
	}
	row->then[row->n_then++] = effect;
	return true;
}

/* {code: S19, stage: 1, to: [A, B]} */
static bool
read_raise(struct policy_reader *r, const struct tree *map, pb_RuleRow *row)
{
	static const char *const keys[] = {"code", "stage", "to", NULL};
	const struct tree *code = tree_get(map, "code");
	const struct tree *stage = tree_get(map, "stage");
	const struct tree *to = tree_get(map, "to");

	for (const struct tree *node = map->first; node != NULL; node = node->next) {
		if (!yaml_key_is_known(&r->y, node, keys))
			return false;
	}
	if (code == NULL || to == NULL) {
		yaml_problem(&r->y, map->line,
			     "'raise' needs a code and addressees; write {code: S19, stage: 1, to: [OWNER]}");
		return false;
	}
	pb_RuleEffect *effect = policy_effect(r, "raise", 2 + (to->kind == TREE_LIST ? yaml_length(to) : 1));

	if (!add_argument(r, effect, code))
		return false;
	if (stage == NULL)
		effect->arguments[effect->n_arguments++] = yaml_text(&r->y, "1");
	else if (!add_argument(r, effect, stage))
		return false;
	return add_arguments(r, effect, to) && add_effect(r, row, effect, map->line);
}

static bool
read_pairs(struct policy_reader *r, const char *verb, const struct tree *map, pb_RuleRow *row)
{
	if (strcmp(verb, "raise") == 0)
		return read_raise(r, map, row);
	for (const struct tree *node = map->first; node != NULL; node = node->next) {
		pb_RuleEffect *effect = policy_effect(r, verb, 1 + (node->kind == TREE_LIST ? yaml_length(node) : 1));

		effect->arguments[effect->n_arguments++] = yaml_text(&r->y, node->key);
		if (!add_arguments(r, effect, node) || !add_effect(r, row, effect, node->line))
			return false;
	}
	return true;
}

static bool
verb_takes_nothing(const struct policy_reader *r, const char *scope, const char *verb)
{
	const struct rules_scope *words = reader_scope(r, scope);

	for (unsigned i = 0; words != NULL && i < words->verb_count; i++) {
		if (strcmp(words->verbs[i].name, verb) == 0)
			return words->verbs[i].arguments == NULL || words->verbs[i].arguments[0] == '\0';
	}
	return strcmp(verb, "stop") == 0;
}

/* One effect, or one for each pair of a map. */
static bool
read_effect(struct policy_reader *r, const char *scope, const char *verb, const struct tree *node, pb_RuleRow *row)
{
	if (node->kind == TREE_MAP)
		return read_pairs(r, verb, node, row);
	pb_RuleEffect *effect = policy_effect(r, verb, node->kind == TREE_LIST ? yaml_length(node) : 1);

	if (node->kind == TREE_SCALAR && verb_takes_nothing(r, scope, verb)) {
		if (strcmp(node->text, "true") != 0) {
			yaml_problem(&r->y, node->line, "'%s' takes nothing; write '%s: true', or leave it out", verb,
				     verb);
			return false;
		}
		return add_effect(r, row, effect, node->line);
	}
	return add_arguments(r, effect, node) && add_effect(r, row, effect, node->line);
}

static bool
read_verb(struct policy_reader *r, const char *scope, const struct tree *node, pb_RuleRow *row)
{
	if (node->kind != TREE_LIST || node->first == NULL || node->first->kind == TREE_SCALAR)
		return read_effect(r, scope, node->key, node, row);
	for (const struct tree *item = node->first; item != NULL; item = item->next) {
		if (!read_effect(r, scope, node->key, item, row))
			return false;
	}
	return true;
}

static bool
read_then(struct policy_reader *r, const struct tree *node, const char *scope, pb_RuleRow *row)
{
	const struct tree *then = tree_get(node, "then");

	row->then = ARENA_ARRAY(r->y.arena, pb_RuleEffect *, RULES_EFFECTS_MAX);
	if (then == NULL || then->kind != TREE_MAP) {
		yaml_problem(&r->y, then == NULL ? node->line : then->line,
			     "row %s does not say what to do; write then: {verb: argument}, or then: {} for nothing",
			     row->id);
		return false;
	}
	for (const struct tree *verb = then->first; verb != NULL; verb = verb->next) {
		if (!read_verb(r, scope, verb, row))
			return false;
	}
	return true;
}

/* ---- rows ---- */

static char *
source_text(struct policy_reader *r, const struct tree *row, const char *key)
{
	const struct tree *node = tree_get(row, key);
	const char *text = node == NULL ? "" : yaml_scalar(&r->y, node, key);

	if (text != NULL && strlen(text) > SOURCE_TEXT_MAX) {
		yaml_problem(&r->y, node->line, "the %s is %zu bytes long; say it in %d", key, strlen(text),
			     SOURCE_TEXT_MAX);
		text = NULL;
	}
	return yaml_text(&r->y, text == NULL ? "" : text);
}

pb_RuleSource *
policy_source(struct policy_reader *r, const struct tree *row)
{
	pb_RuleSource *source = ARENA_NEW(r->y.arena, pb_RuleSource);

	pb_RuleSource_init(source);
	source->document = source_text(r, row, "source");
	source->point = source_text(r, row, "point");
	source->nl = source_text(r, row, "nl");
	return source;
}

static bool
read_id(struct policy_reader *r, const struct tree *node, pb_RuleRow *row)
{
	const struct tree *id = tree_get(node, "id");
	const struct tree *rule = tree_get(node, "rule");
	const char *text = id == NULL ? NULL : yaml_scalar(&r->y, id, "id");

	if (id == NULL)
		yaml_problem(&r->y, node->line, "a row has no id; give it one such as R58.1");
	if (text == NULL)
		return false;
	if (text[0] == '\0' || strlen(text) > CODE_MAX) {
		yaml_problem(&r->y, id->line, "an id has 1 to %d letters, such as R58.1", CODE_MAX);
		return false;
	}
	const struct policy_place *earlier = policy_file_place(r->out, text);

	if (earlier != NULL) {
		yaml_problem(&r->y, id->line, "the id %s stands at %s:%u already; give each row its own", text,
			     earlier->file, earlier->line);
		return false;
	}
	row->id = yaml_text(&r->y, text);
	row->rule = arena_str(r->y.arena, bytes_of(text, strcspn(text, ".")));
	text = rule == NULL ? NULL : yaml_scalar(&r->y, rule, "rule");
	if (text != NULL)
		row->rule = yaml_text(&r->y, text);
	reader_place(r, row->id, node->line);
	return true;
}

pb_RuleRow *
policy_row(struct policy_reader *r, const struct tree *node, const char *scope, const char *const *keys)
{
	pb_RuleRow *row = ARENA_NEW(r->y.arena, pb_RuleRow);

	pb_RuleRow_init(row);
	if (!yaml_map_is_known(&r->y, node, keys) || !read_id(r, node, row) ||
	    !read_when(r, tree_get(node, "when"), row))
		return NULL;
	row->source = policy_source(r, node);
	if (tree_get(node, "reason") != NULL)
		return row;
	return read_then(r, node, scope, row) ? row : NULL;
}

/* ---- tables ---- */

static pb_RuleBlock *
read_block(struct policy_reader *r, const char *scope, const struct tree *node)
{
	pb_RuleBlock *block = ARENA_NEW(r->y.arena, pb_RuleBlock);

	pb_RuleBlock_init(block);
	if (node->kind != TREE_LIST) {
		yaml_problem(&r->y, node->line, "a block is no list of rows; begin each block with '- -'");
		return NULL;
	}
	block->rows = ARENA_ARRAY(r->y.arena, pb_RuleRow *, yaml_length(node) + 1);
	for (const struct tree *item = node->first; item != NULL; item = item->next) {
		pb_RuleRow *row = policy_row(r, item, scope, row_keys);

		if (row != NULL)
			block->rows[block->n_rows++] = row;
	}
	return block;
}

void
policy_table_add(struct policy_reader *r, pb_RuleTable *table)
{
	pb_PolicyTables *tables = r->policy->tables;

	if (tables->n_tables < POLICY_TABLES_MAX)
		tables->tables[tables->n_tables++] = table;
	else
		yaml_problem(&r->y, 1, "more than %d tables; put them together", POLICY_TABLES_MAX);
}

static void
read_table(struct policy_reader *r, const char *scope, const struct tree *event)
{
	const char *name = arena_printf(r->y.arena, "%s/%s", scope, event->key);
	const struct policy_place *earlier = policy_file_place(r->out, name);
	pb_RuleTable *table = ARENA_NEW(r->y.arena, pb_RuleTable);

	if (earlier != NULL) {
		yaml_problem(&r->y, event->line, "there is a table for %s at %s:%u already; put the blocks together",
			     event->key, earlier->file, earlier->line);
		return;
	}
	reader_place(r, name, event->line);
	pb_RuleTable_init(table);
	table->scope = yaml_text(&r->y, scope);
	table->event = yaml_text(&r->y, event->key);
	if (event->kind != TREE_LIST) {
		yaml_problem(&r->y, event->line, "%s is no list of blocks; begin the first block with '- -'",
			     event->key);
		return;
	}
	table->blocks = ARENA_ARRAY(r->y.arena, pb_RuleBlock *, yaml_length(event) + 1);
	for (const struct tree *item = event->first; item != NULL; item = item->next) {
		pb_RuleBlock *block = read_block(r, scope, item);

		if (block != NULL)
			table->blocks[table->n_blocks++] = block;
	}
	policy_table_add(r, table);
}

void
policy_scope_read(struct policy_reader *r, const char *scope, const struct tree *events)
{
	if (events->kind != TREE_MAP) {
		yaml_problem(&r->y, events->line, "'%s' is no map; write the event, a colon and its blocks", scope);
		return;
	}
	for (const struct tree *event = events->first; event != NULL; event = event->next)
		read_table(r, scope, event);
}
