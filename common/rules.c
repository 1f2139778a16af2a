// SPDX-License-Identifier: EUPL-1.2
#include "common/rules.h"

#include "common/rules_names.h"

struct fact_def
rules_fact_def(const struct rules_table *table, unsigned fact)
{
	struct fact_def def = {0};

	if (fact < table->scope->fact_count)
		return table->scope->facts[fact];
	ASSERT(table->message != NULL);
	unsigned left = fact - table->scope->fact_count;

	for (unsigned i = 0; i < table->message->n_fields; i++) {
		if (!rules_field_fact(&table->message->fields[i], &def))
			continue;
		if (left == 0)
			return def;
		left--;
	}
	assert_failed("a fact of the table", __FILE__, __LINE__);
}

int
rules_fact(const struct rules_table *table, const char *name)
{
	struct fact_def def;

	for (unsigned i = 0; i < table->scope->fact_count; i++) {
		if (strcmp(table->scope->facts[i].name, name) == 0)
			return (int)i;
	}
	if (table->message == NULL)
		return -1;
	int fact = (int)table->scope->fact_count;

	for (unsigned i = 0; i < table->message->n_fields; i++) {
		if (!rules_field_fact(&table->message->fields[i], &def))
			continue;
		if (strcmp(def.name, name) == 0)
			return fact;
		fact++;
	}
	return -1;
}

static int64_t
set_of(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message)
{
	const uint8_t *at = (const uint8_t *)message;
	uint64_t bits = 0;
	size_t count;
	const int *values;

	memcpy(&count, at + field->quantifier_offset, sizeof count);
	memcpy(&values, at + field->offset, sizeof values);
	for (size_t i = 0; i < count; i++) {
		if (values[i] >= 0 && values[i] < 64)
			bits |= (uint64_t)1 << values[i];
	}
	return (int64_t)bits;
}

static int64_t
field_value(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message, enum fact_type type)
{
	const uint8_t *at = (const uint8_t *)message + field->offset;

	if (type == FACT_SET)
		return set_of(field, message);
	if (type == FACT_DAY) {
		const char *date;

		memcpy(&date, at, sizeof date);
		return record_day(date);
	}
	if (field->type == PROTOBUF_C_TYPE_INT64) {
		int64_t wide;

		memcpy(&wide, at, sizeof wide);
		return wide;
	}
	/* The generated structs keep bools, enums and int32 in four bytes each. */
	int32_t narrow;

	memcpy(&narrow, at, sizeof narrow);
	return narrow;
}

void
rules_message_facts(const struct rules_table *table, const ProtobufCMessage *message, int64_t *facts)
{
	int64_t *of_message = facts + table->scope->fact_count;

	if (table->message == NULL)
		return;
	ASSERT(message == NULL || message->descriptor == table->message);
	for (unsigned i = 0; i < table->field_count; i++) {
		const struct rules_field *f = &table->fields[i];

		if (message != NULL)
			of_message[i] = field_value(f->field, message, f->type);
		else
			of_message[i] = f->type == FACT_DAY ? CAL_NONE : 0;
	}
}

static bool
holds(const struct rules_condition *condition, int64_t value)
{
	switch (condition->test) {
	case RULE_TEST_ONE_OF: return value >= 0 && value < 64 && ((condition->mask >> value) & 1) != 0;
	case RULE_TEST_HAS: return ((uint64_t)value & condition->mask) != 0;
	default: return value >= condition->bound;
	}
}

/* How many conditions do not hold, counting no further than `enough`; *fact is that of the first. */
static unsigned
misses(const struct rules_row *row, const int64_t *facts, unsigned enough, uint16_t *fact)
{
	unsigned count = 0;

	for (unsigned i = 0; i < row->when_count && count < enough; i++) {
		if (holds(&row->when[i], facts[row->when[i].fact]))
			continue;
		if (count == 0)
			*fact = row->when[i].fact;
		count++;
	}
	return count;
}

static const struct rules_row *
run_block(const struct rules_block *block, const int64_t *facts, bool want_near, struct rules_result *result)
{
	for (unsigned i = 0; i < block->row_count; i++) {
		const struct rules_row *row = &block->rows[i];
		uint16_t fact = 0;
		const unsigned missed = misses(row, facts, want_near ? 2 : 1, &fact);

		if (missed == 0)
			return row;
		if (want_near && missed == 1 && result->near_count < RULES_NEAR_MAX)
			result->near[result->near_count++] = (struct rules_near){row, fact};
	}
	assert_failed("the last row of a block has no condition", __FILE__, __LINE__);
}

static bool
stops(const struct rules_row *row, int stop_verb)
{
	for (unsigned i = 0; stop_verb >= 0 && i < row->then_count; i++) {
		if (row->then[i].verb == stop_verb)
			return true;
	}
	return false;
}

void
rules_run(const struct rules_table *table, const int64_t *facts, bool want_near, struct rules_result *result)
{
	result->hit_count = 0;
	result->near_count = 0;
	for (unsigned i = 0; i < table->block_count; i++) {
		const struct rules_row *row = run_block(&table->blocks[i], facts, want_near, result);

		result->hits[result->hit_count++] = row;
		if (stops(row, table->stop_verb))
			return;
	}
}

static const char *
set_text(struct arena *a, struct rules_codes codes, uint64_t bits)
{
	const char *text = "";

	for (int i = 0; i < 64; i++) {
		if (((bits >> i) & 1) != 0)
			text = arena_printf(a, "%s%s%s", text, text[0] == '\0' ? "" : ",", rules_codes_text(codes, i));
	}
	return text[0] == '\0' ? RULES_ABSENT : text;
}

const char *
rules_fact_text(struct arena *a, const struct rules_table *table, unsigned fact, int64_t value)
{
	const struct fact_def def = rules_fact_def(table, fact);
	struct rules_codes codes;
	char date[11];

	switch (def.type) {
	case FACT_BOOL: return value != 0 ? "true" : "false";
	case FACT_INT: return arena_printf(a, "%lld", (long long)value);
	case FACT_DAY:
		if (value == CAL_NONE)
			return RULES_ABSENT;
		cal_format((cal_day)value, date);
		return arena_printf(a, "%s", date);
	default: break;
	}
	if (!rules_codes_find(table->scope, def.enum_name, &codes))
		return arena_printf(a, "%lld", (long long)value);
	if (def.type == FACT_SET)
		return set_text(a, codes, (uint64_t)value);
	return rules_codes_text(codes, (int)value);
}
