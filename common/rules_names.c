// SPDX-License-Identifier: EUPL-1.2
#include "common/rules_names.h"

bool
rules_codes_find(const struct rules_scope *scope, const char *enum_name, struct rules_codes *codes)
{
	*codes = (struct rules_codes){0};
	if (enum_name == NULL)
		return false;
	for (unsigned i = 0; i < scope->enum_count; i++) {
		if (strcmp(scope->enums[i].name, enum_name) == 0) {
			codes->own = &scope->enums[i];
			return true;
		}
	}
	codes->contract = record_enum(enum_name);
	return codes->contract != NULL;
}

/* S19 for S19_PROTECTOR_LATE: a signal is known by its number. */
static int
by_number(const ProtobufCEnumDescriptor *e, const char *text)
{
	const size_t len = strlen(text);

	if (strcmp(e->short_name, "SignalCode") != 0)
		return -1;
	for (unsigned i = 0; i < e->n_values; i++) {
		const char *code = record_enum_code(e, e->values[i].value);

		if (strncmp(code, text, len) == 0 && code[len] == '_')
			return e->values[i].value;
	}
	return -1;
}

int
rules_codes_value(struct rules_codes codes, const char *text)
{
	if (codes.own != NULL) {
		for (int i = 0; codes.own->codes[i] != NULL; i++) {
			if (strcmp(codes.own->codes[i], text) == 0)
				return i;
		}
		return -1;
	}
	if (strcmp(text, RULES_ABSENT) == 0)
		return 0;
	if (text[0] == '\0')
		return -1;
	const int value = record_enum_value(codes.contract, text);

	return value > 0 ? value : by_number(codes.contract, text);
}

const char *
rules_codes_text(struct rules_codes codes, int value)
{
	if (codes.own != NULL) {
		for (int i = 0; codes.own->codes[i] != NULL; i++) {
			if (i == value)
				return codes.own->codes[i];
		}
		return "";
	}
	return value == 0 ? RULES_ABSENT : record_enum_code(codes.contract, value);
}

const char *
rules_codes_at(struct rules_codes codes, unsigned i)
{
	if (codes.own != NULL)
		return codes.own->codes[i];
	if (i >= codes.contract->n_values)
		return NULL;
	return rules_codes_text(codes, codes.contract->values[i].value);
}

void
rules_codes_offer(struct rules_codes codes, struct nearest *nearest)
{
	for (unsigned i = 0; rules_codes_at(codes, i) != NULL; i++)
		nearest_offer(nearest, rules_codes_at(codes, i));
}

static bool
ends_with(const char *text, const char *end)
{
	const size_t text_len = strlen(text);
	const size_t end_len = strlen(end);

	return text_len >= end_len && strcmp(text + text_len - end_len, end) == 0;
}

/* Dates travel as text; the contract names them by their last word. Other words that end in `to` are codes. */
static bool
is_date(const char *name)
{
	return ends_with(name, "_on") || ends_with(name, "_until") || ends_with(name, "_due") ||
	       strcmp(name, "due") == 0 || strcmp(name, "valid_from") == 0 || strcmp(name, "valid_to") == 0;
}

static bool
single_fact(const ProtobufCFieldDescriptor *field, struct fact_def *def)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_BOOL: def->type = FACT_BOOL; return true;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_INT64: def->type = FACT_INT; return true;
	case PROTOBUF_C_TYPE_ENUM: def->type = FACT_ENUM; break;
	case PROTOBUF_C_TYPE_STRING: def->type = FACT_DAY; return is_date(field->name);
	default: return false;
	}
	def->enum_name = ((const ProtobufCEnumDescriptor *)field->descriptor)->short_name;
	return true;
}

bool
rules_field_fact(const ProtobufCFieldDescriptor *field, struct fact_def *def)
{
	*def = (struct fact_def){.name = field->name, .meaning = "field of the message"};
	if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
		return false;
	if (field->label != PROTOBUF_C_LABEL_REPEATED)
		return single_fact(field, def);
	if (field->type != PROTOBUF_C_TYPE_ENUM)
		return false;
	def->type = FACT_SET;
	def->enum_name = ((const ProtobufCEnumDescriptor *)field->descriptor)->short_name;
	return true;
}
