// SPDX-License-Identifier: EUPL-1.2
/* rules_compile.c - binds the names of a table to the facts and verbs of a scope.
 *
 * A refusal reads "<scope>/<event> <row>: <what, and the remedy>": who knows where the row was written can add file and
 * line to it. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/rules_names.h"

struct compile {
	struct arena *arena;
	struct rules_table *table;
	const char *row; /* id of the row at hand, "" outside rows */
	struct why *why;
};

static bool __attribute__((format(printf, 2, 3))) refuse(struct compile *c, const char *format, ...)
{
	char text[420];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	why_set(c->why, "%.20s/%.60s%s%.40s: %s", c->table->scope->name, c->table->event, c->row[0] == '\0' ? "" : " ",
		c->row, text);
	return false;
}

static const char *
copy(struct compile *c, const char *text)
{
	return arena_str(c->arena, bytes_str(text == NULL ? "" : text));
}

/* ---- values ---- */

static bool
code_value(struct compile *c, const char *enum_name, const char *text, int64_t *value)
{
	struct rules_codes codes;
	struct nearest nearest;

	if (!rules_codes_find(c->table->scope, enum_name, &codes))
		return refuse(c, "the services have no list of codes named '%s'", enum_name);
	*value = rules_codes_value(codes, text);
	if (*value >= 0)
		return true;
	nearest_begin(&nearest, text);
	rules_codes_offer(codes, &nearest);
	return refuse(c, "'%.60s' is no %s; %s", text, enum_name, nearest_remedy(&nearest));
}

static bool
number_value(struct compile *c, const char *text, int64_t *value)
{
	char *end;

	errno = 0;
	const long long number = strtoll(text, &end, 10);

	if (text[0] == '\0' || isspace((unsigned char)text[0]) || *end != '\0' || errno != 0)
		return refuse(c, "'%.60s' is no whole number; write digits, such as 5", text);
	*value = number;
	return true;
}

static bool
bool_value(struct compile *c, const char *text, int64_t *value)
{
	*value = strcmp(text, "true") == 0;
	if (*value == 0 && strcmp(text, "false") != 0)
		return refuse(c, "'%.60s' is neither true nor false; write one of the two", text);
	return true;
}

static bool
day_value(struct compile *c, const char *text, int64_t *value)
{
	*value = cal_parse(text);
	if (*value == CAL_NONE)
		return refuse(c, "'%.60s' is no date; write it as 2022-01-31", text);
	return true;
}

static bool
fact_value(struct compile *c, struct fact_def def, const char *text, int64_t *value)
{
	switch (def.type) {
	case FACT_BOOL: return bool_value(c, text, value);
	case FACT_INT: return number_value(c, text, value);
	case FACT_DAY: return day_value(c, text, value);
	default: return code_value(c, def.enum_name, text, value);
	}
}

/* ---- conditions ---- */

static bool
find_fact(struct compile *c, const char *name, bool of_scope, int *fact)
{
	const struct rules_scope *scope = c->table->scope;
	const ProtobufCMessageDescriptor *message = c->table->message;
	struct nearest nearest;
	struct fact_def def;

	*fact = rules_fact(c->table, name);
	if (*fact >= 0 && (!of_scope || *fact < (int)scope->fact_count))
		return true;
	nearest_begin(&nearest, name);
	for (unsigned i = 0; message != NULL && !of_scope && i < message->n_fields; i++) {
		if (rules_field_fact(&message->fields[i], &def))
			nearest_offer(&nearest, def.name);
	}
	for (unsigned i = 0; i < scope->fact_count; i++)
		nearest_offer(&nearest, scope->facts[i].name);
	return refuse(c, "there is no fact '%.60s'; %s", name, nearest_remedy(&nearest));
}

static const char *const test_words[] = {"?", "value or [values]", "{at_least: n}", "{from: date}", "{has: code}"};

static bool
test_fits(struct compile *c, const char *name, enum fact_type type, unsigned test)
{
	static const uint8_t allowed[] = {
	    [FACT_BOOL] = 1 << RULE_TEST_ONE_OF, [FACT_INT] = 1 << RULE_TEST_ONE_OF | 1 << RULE_TEST_AT_LEAST,
	    [FACT_DAY] = 1 << RULE_TEST_FROM,    [FACT_ENUM] = 1 << RULE_TEST_ONE_OF,
	    [FACT_SET] = 1 << RULE_TEST_HAS,
	};
	static const char *const use[] = {
	    [FACT_BOOL] = "it is true or false",
	    [FACT_INT] = "it is a number: give it, or {at_least: n}",
	    [FACT_DAY] = "it is a date: write {from: 2022-01-31}",
	    [FACT_ENUM] = "it is a code: give it, or a list of codes",
	    [FACT_SET] = "it is a set: write {has: code}",
	};

	if (test > RULE_TEST_UNSPECIFIED && test <= RULE_TEST_HAS && (allowed[type] >> test & 1) != 0)
		return true;
	return refuse(c, "'%.40s' cannot be compared by %s; %s", name, test_words[test <= RULE_TEST_HAS ? test : 0],
		      use[type]);
}

static bool
compile_condition(struct compile *c, const pb_RuleCondition *in, struct rules_condition *out)
{
	int fact;

	if (!find_fact(c, in->fact, false, &fact))
		return false;
	const struct fact_def def = rules_fact_def(c->table, (unsigned)fact);
	const unsigned test = (unsigned)in->test;
	const bool single = test == RULE_TEST_AT_LEAST || test == RULE_TEST_FROM;

	if (!test_fits(c, def.name, def.type, test))
		return false;

	if (in->n_values == 0 || (single && in->n_values != 1))
		return refuse(c, "'%.40s' needs %s", def.name, single ? "exactly one value" : "at least one value");
	*out = (struct rules_condition){.fact = (uint16_t)fact, .test = (uint8_t)test};
	for (size_t i = 0; i < in->n_values; i++) {
		int64_t value;

		if (!fact_value(c, def, in->values[i], &value))
			return false;
		if (single) {
			out->bound = value;
			continue;
		}
		if (value < 0 || value > 63)
			return refuse(c, "'%.40s' is compared with %lld; only 0 to 63 can be listed", def.name,
				      (long long)value);
		out->mask |= (uint64_t)1 << value;
	}
	return true;
}

/* ---- effects ---- */

static int
find_verb(struct compile *c, const char *name)
{
	const struct rules_scope *scope = c->table->scope;
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (unsigned i = 0; i < scope->verb_count; i++) {
		if (strcmp(scope->verbs[i].name, name) == 0)
			return (int)i;
		nearest_offer(&nearest, scope->verbs[i].name);
	}
	refuse(c, "there is no verb '%.60s'; %s", name, nearest_remedy(&nearest));
	return -1;
}

/* One argument by its word; `fact` is that of the last word `fact`. */
static bool
compile_argument(struct compile *c, const char *word, const char *text, struct rules_effect *out, int *fact)
{
	int64_t *value = &out->arguments[out->count];

	if (strcmp(word, "int") == 0)
		return number_value(c, text, value);
	if (strcmp(word, "bool") == 0)
		return bool_value(c, text, value);
	if (strcmp(word, "text") == 0) {
		*value = out->count;
		out->texts[out->count] = copy(c, text);
		return true;
	}
	if (strcmp(word, "fact") == 0) {
		const bool found = find_fact(c, text, true, fact);

		*value = *fact;
		return found;
	}
	if (strcmp(word, "value") == 0) {
		ASSERT(*fact >= 0);
		return fact_value(c, c->table->scope->facts[*fact], text, value);
	}
	return code_value(c, word, text, value);
}

/* The next word of a verb's arguments, without its * or ?, which becomes *more. False behind the last. */
static bool
next_word(const char **words, char word[CODE_MAX + 1], char *more)
{
	const char *from = *words + strspn(*words, " ");
	size_t len = strcspn(from, " ");

	*words = from + len;
	*more = '\0';
	if (len == 0)
		return false;
	if (from[len - 1] == '*' || from[len - 1] == '?')
		*more = from[--len];
	ASSERT(len <= CODE_MAX);
	memcpy(word, from, len);
	word[len] = '\0';
	return true;
}

static bool
compile_effect(struct compile *c, const pb_RuleEffect *in, struct rules_effect *out)
{
	char word[CODE_MAX + 1];
	char more;
	int fact = -1;
	const int verb = find_verb(c, in->verb);

	if (verb < 0)
		return false;
	const struct verb_def *def = &c->table->scope->verbs[verb];
	const char *words = def->arguments == NULL ? "" : def->arguments;

	out->verb = (uint8_t)verb;
	if (in->n_arguments > RULES_ARGUMENTS_MAX)
		return refuse(c, "'%s' has %zu arguments; at most %d", def->name, in->n_arguments, RULES_ARGUMENTS_MAX);
	while (next_word(&words, word, &more)) {
		do {
			if (out->count == in->n_arguments) {
				if (more != '\0')
					break;
				return refuse(c, "'%s' needs %s (it takes: %s)", def->name, word, def->arguments);
			}
			if (!compile_argument(c, word, in->arguments[out->count], out, &fact))
				return false;
			out->count++;
		} while (more == '*');
	}
	if (out->count == in->n_arguments)
		return true;
	return refuse(c, "'%s' takes %s%s, so '%.60s' is too much", def->name, out->count == 0 ? "nothing" : "",
		      out->count == 0 ? "" : def->arguments, in->arguments[out->count]);
}

/* ---- rows, blocks, tables ---- */

static bool
compile_row(struct compile *c, const pb_RuleRow *in, struct rules_row *out)
{
	struct rules_condition *when = ARENA_ARRAY(c->arena, struct rules_condition, in->n_when + 1);
	struct rules_effect *then = ARENA_ARRAY(c->arena, struct rules_effect, in->n_then + 1);

	c->row = in->id;
	if (in->id[0] == '\0' || strlen(in->id) > CODE_MAX)
		return refuse(c, "a row needs an id of at most %d letters, such as R58.1", CODE_MAX);
	if (in->n_when > RULES_FACTS_MAX || in->n_then > RULES_EFFECTS_MAX)
		return refuse(c, "a row has at most %d conditions and %d effects", RULES_FACTS_MAX, RULES_EFFECTS_MAX);
	for (size_t i = 0; i < in->n_when; i++) {
		if (!compile_condition(c, in->when[i], &when[i]))
			return false;
	}
	for (size_t i = 0; i < in->n_then; i++) {
		if (!compile_effect(c, in->then[i], &then[i]))
			return false;
	}
	*out = (struct rules_row){
	    .id = copy(c, in->id),
	    .rule = copy(c, in->rule),
	    .when = when,
	    .when_count = (unsigned)in->n_when,
	    .then = then,
	    .then_count = (unsigned)in->n_then,
	    .document = copy(c, in->source == NULL ? "" : in->source->document),
	    .point = copy(c, in->source == NULL ? "" : in->source->point),
	};
	return true;
}

static bool
compile_block(struct compile *c, const pb_RuleBlock *in, struct rules_block *out)
{
	struct rules_row *rows = ARENA_ARRAY(c->arena, struct rules_row, in->n_rows + 1);

	c->row = "";
	if (in->n_rows == 0)
		return refuse(c, "a block has no rows; give it one, at least {id: .., then: {}}");
	if (in->n_rows > RULES_ROWS_MAX)
		return refuse(c, "a block has %zu rows; at most %d", in->n_rows, RULES_ROWS_MAX);
	for (size_t i = 0; i < in->n_rows; i++) {
		const bool last = i + 1 == in->n_rows;

		if (!compile_row(c, in->rows[i], &rows[i]))
			return false;
		if (last && in->rows[i]->n_when != 0)
			return refuse(
			    c, "the last row of a block has no 'when'; add a row that says what happens otherwise");
		if (!last && in->rows[i]->n_when == 0)
			return refuse(c,
				      "rows behind this one can never fit; only the last row of a block has no 'when'");
	}
	*out = (struct rules_block){.rows = rows, .row_count = (unsigned)in->n_rows};
	return true;
}

static bool
rows_are_unique(struct compile *c, const pb_RuleTable *in)
{
	const char *seen[RULES_ROWS_MAX];
	unsigned count = 0;

	for (size_t i = 0; i < in->n_blocks; i++) {
		for (size_t j = 0; j < in->blocks[i]->n_rows; j++) {
			const char *id = in->blocks[i]->rows[j]->id;

			c->row = id;
			if (count == RULES_ROWS_MAX)
				return refuse(c, "the table has more than %d rows; divide it", RULES_ROWS_MAX);
			for (unsigned k = 0; k < count; k++) {
				if (strcmp(seen[k], id) == 0)
					return refuse(c, "the id stands twice in this table; give each row its own");
			}
			seen[count++] = id;
		}
	}
	return true;
}

static bool
has_lower(const char *text)
{
	for (; *text != '\0'; text++) {
		if (islower((unsigned char)*text))
			return true;
	}
	return false;
}

static bool
bind_event(struct compile *c, const char *event)
{
	int64_t kind;

	c->table->message = strchr(event, '.') == NULL && has_lower(event) ? record_message(event) : NULL;
	if (c->table->message != NULL)
		return true;
	if (strncmp(event, "MISSED.", 7) == 0)
		return code_value(c, "DeadlineKind", event + 7, &kind);
	if (event[0] != '\0' && !has_lower(event))
		return true;
	return refuse(c, "'%.60s' is no message; write its name as in the vocabulary, such as PlanAgreed", event);
}

static bool
count_facts(struct compile *c)
{
	struct fact_def def;
	unsigned count = c->table->scope->fact_count;

	for (unsigned i = 0; c->table->message != NULL && i < c->table->message->n_fields; i++)
		count += rules_field_fact(&c->table->message->fields[i], &def) ? 1 : 0;
	if (count > RULES_FACTS_MAX)
		return refuse(c, "%u facts are more than %d", count, RULES_FACTS_MAX);
	return true;
}

/* The fields of the message that are facts: found once. */
static void
bind_fields(struct compile *c)
{
	const ProtobufCMessageDescriptor *message = c->table->message;
	struct rules_field *fields = ARENA_ARRAY(c->arena, struct rules_field, RULES_FACTS_MAX);
	struct fact_def def;

	for (unsigned i = 0; message != NULL && i < message->n_fields; i++) {
		if (rules_field_fact(&message->fields[i], &def))
			fields[c->table->field_count++] = (struct rules_field){&message->fields[i], def.type};
	}
	c->table->fields = fields;
}

const struct rules_table *
rules_compile(struct arena *a, const struct rules_scope *scope, const pb_RuleTable *in, struct why *why)
{
	struct rules_table *table = ARENA_NEW(a, struct rules_table);
	struct compile c = {.arena = a, .table = table, .row = "", .why = why};

	ASSERT(scope->verb_count <= UINT8_MAX);
	*table = (struct rules_table){.event = copy(&c, in->event), .scope = scope, .stop_verb = -1};
	for (unsigned i = 0; i < scope->verb_count; i++) {
		if (strcmp(scope->verbs[i].name, "stop") == 0)
			table->stop_verb = (int)i;
	}
	if (strcmp(in->scope, scope->name) != 0) {
		refuse(&c, "the table is of scope '%.40s'", in->scope);
		return NULL;
	}
	if (in->n_blocks == 0 || in->n_blocks > RULES_BLOCKS_MAX) {
		refuse(&c, "a table has 1 to %d blocks, this one %zu", RULES_BLOCKS_MAX, in->n_blocks);
		return NULL;
	}
	if (!bind_event(&c, in->event) || !count_facts(&c) || !rows_are_unique(&c, in))
		return NULL;
	bind_fields(&c);
	struct rules_block *blocks = ARENA_ARRAY(a, struct rules_block, in->n_blocks);

	for (size_t i = 0; i < in->n_blocks; i++) {
		if (!compile_block(&c, in->blocks[i], &blocks[i]))
			return NULL;
	}
	table->blocks = blocks;
	table->block_count = (unsigned)in->n_blocks;
	return table;
}
