// SPDX-License-Identifier: EUPL-1.2
/* json_fill.c - a tree of JSON as a message, told all at once what is wrong with it. */
#include <stdio.h>

#include "common/json_wire.h"
#include "common/nearest.h"
#include "common/record_fields.h"

/* Where the reader is: the names and places that lead there. */
struct spot {
	const struct spot *up;
	const char *key; /* NULL: element `index` of a list */
	size_t index;
};

struct fill {
	struct arena *arena;
	struct json_problems *problems;
};

/* ---- telling ---- */

/* Text of the sender as it may be repeated. */
static const char *
shown(struct fill *f, const char *text)
{
	if (record_is_forbidden(text))
		return "(not shown)";
	return strlen(text) <= CODE_MAX ? text : arena_printf(f->arena, "%.*s...", CODE_MAX, text);
}

static const char *
path_of(struct fill *f, const struct spot *spot)
{
	if (spot == NULL)
		return "";
	const char *up = path_of(f, spot->up);

	if (spot->key == NULL)
		return arena_printf(f->arena, "%s[%zu]", up, spot->index);
	return arena_printf(f->arena, "%s%s%s", up, up[0] == '\0' ? "" : ".", shown(f, spot->key));
}

/* Always false. */
static bool
complain(struct fill *f, const struct spot *spot, const char *code, const char *text)
{
	struct json_problems *ps = f->problems;

	if (ps->count < JSON_PROBLEMS_MAX)
		ps->p[ps->count++] = (struct json_problem){path_of(f, spot), code, text};
	return false;
}

static bool
wrong_type(struct fill *f, const struct spot *spot, const char *wanted)
{
	return complain(f, spot, "WRONG_TYPE", arena_printf(f->arena, "write %s here", wanted));
}

static bool
is_null(const struct tree *node)
{
	return node->kind == TREE_SCALAR && !node->quoted && strcmp(node->text, "null") == 0;
}

static bool
is_text(const struct tree *node)
{
	return node->kind == TREE_SCALAR && node->quoted;
}

static bool
is_number(const struct tree *node)
{
	return node->kind == TREE_SCALAR && !node->quoted &&
	       (node->text[0] == '-' || (node->text[0] >= '0' && node->text[0] <= '9'));
}

/* ---- whole numbers ---- */

#define EXPONENT_FAR 1000 /* farther than any 64-bit number */

static int
exponent_of(const char *text)
{
	const bool negative = *text == '-';
	int value = 0;

	for (text += *text == '-' || *text == '+'; *text != '\0' && value < EXPONENT_FAR; text++)
		value = value * 10 + (*text - '0');
	return negative ? -value : value;
}

/* Exactly the digits of a number of JSON, `0.25e2` being 25. False when it is not whole, or larger than 64 bits. */
static bool
read_whole(const char *text, bool *negative, uint64_t *value)
{
	const char *exponent = strpbrk(text, "eE");
	const char *end = exponent == NULL ? text + strlen(text) : exponent;
	long scale = exponent == NULL ? 0 : exponent_of(exponent + 1);
	long zeros = 0; /* seen, but not yet counted: they may be the last */
	bool fraction = false;

	*negative = *text == '-';
	*value = 0;
	for (text += *negative; text < end; text++) {
		if (*text == '.') {
			fraction = true;
			continue;
		}
		scale -= fraction;
		zeros++;
		if (*text == '0')
			continue;
		for (; zeros > 0; zeros--)
			if (__builtin_mul_overflow(*value, UINT64_C(10), value))
				return false;
		if (__builtin_add_overflow(*value, (uint64_t)(*text - '0'), value))
			return false;
	}
	if (*value == 0)
		return true;
	if (scale + zeros < 0)
		return false;
	for (scale += zeros; scale > 0; scale--)
		if (__builtin_mul_overflow(*value, UINT64_C(10), value))
			return false;
	return true;
}

/* A text holds digits only. */
static bool
number_of(const struct tree *node, bool *negative, uint64_t *value)
{
	const char *digits;

	if (node->kind != TREE_SCALAR)
		return false;
	if (!node->quoted)
		return is_number(node) && read_whole(node->text, negative, value);
	digits = node->text + (node->text[0] == '-');
	return digits[0] != '\0' && digits[strspn(digits, "0123456789")] == '\0' &&
	       read_whole(node->text, negative, value);
}

static bool
fill_number(struct fill *f, const ProtobufCFieldDescriptor *field, void *slot, const struct tree *node,
	    const struct spot *spot)
{
	const bool is_signed = field->type == PROTOBUF_C_TYPE_INT32 || field->type == PROTOBUF_C_TYPE_INT64;
	const bool is_long = field->type == PROTOBUF_C_TYPE_INT64 || field->type == PROTOBUF_C_TYPE_UINT64;
	const uint64_t max = is_signed ? is_long ? INT64_MAX : INT32_MAX : is_long ? UINT64_MAX : UINT32_MAX;
	bool negative;
	uint64_t value;

	if (!is_number(node) && !is_text(node))
		return wrong_type(f, spot, "a whole number");
	if (!number_of(node, &negative, &value))
		return complain(f, spot, "WRONG_VALUE", "not a whole number in range; write digits");
	if (negative && value == 0)
		negative = false;
	if (negative ? !is_signed || value > max + 1 : value > max)
		return complain(f, spot, "WRONG_VALUE", "a number out of range");
	/* The lower half of a number is the number of half the size. */
	if (is_long)
		*(uint64_t *)slot = negative ? 0 - value : value;
	else
		*(uint32_t *)slot = (uint32_t)(negative ? 0 - value : value);
	return true;
}

/* ---- other scalars ---- */

static bool
fill_bool(struct fill *f, void *slot, const struct tree *node, const struct spot *spot)
{
	const bool plain = node->kind == TREE_SCALAR && !node->quoted;
	const bool yes = plain && strcmp(node->text, "true") == 0;

	if (!yes && !(plain && strcmp(node->text, "false") == 0))
		return wrong_type(f, spot, "true or false, without quotes");
	*(protobuf_c_boolean *)slot = yes;
	return true;
}

static bool
unknown_code(struct fill *f, const ProtobufCEnumDescriptor *e, const char *code, const struct spot *spot)
{
	struct nearest nearest;

	nearest_begin(&nearest, code);
	for (unsigned i = 0; i < e->n_values; i++) {
		if (e->values[i].value != 0)
			nearest_offer(&nearest, record_enum_code(e, e->values[i].value));
	}
	return complain(f, spot, "UNKNOWN_CODE",
			arena_printf(f->arena, "'%s' is no %s; %s", shown(f, code), e->short_name,
				     record_is_forbidden(code) ? "write one of its codes" : nearest_remedy(&nearest)));
}

static bool
fill_enum(struct fill *f, const ProtobufCEnumDescriptor *e, void *slot, const struct tree *node,
	  const struct spot *spot)
{
	bool negative;
	uint64_t number;
	int value = -1;

	if (!is_text(node) && !is_number(node))
		return wrong_type(f, spot, "a code in quotes");
	if (node->quoted)
		value = record_enum_value(e, node->text);
	else if (number_of(node, &negative, &number) && (!negative || number == 0) && number <= INT32_MAX &&
		 protobuf_c_enum_descriptor_get_value(e, (int)number) != NULL)
		value = (int)number;
	if (value < 0)
		return unknown_code(f, e, node->text, spot);
	*(int *)slot = value;
	return true;
}

static int
base64_digit(char c)
{
	return c >= 'A' && c <= 'Z'   ? c - 'A'
	       : c >= 'a' && c <= 'z' ? c - 'a' + 26
	       : c >= '0' && c <= '9' ? c - '0' + 52
	       : c == '+' || c == '-' ? 62
	       : c == '/' || c == '_' ? 63
				      : -1;
}

/* Both alphabets; the = at the end may be left out, but not half of them. Bits that say nothing must be 0. */
static bool
read_base64(struct arena *a, const char *text, ProtobufCBinaryData *data)
{
	size_t len = strlen(text);
	uint32_t bits = 0;
	unsigned count = 0;

	if (len % 4 == 0 && len > 0 && text[len - 1] == '=')
		len -= text[len - 2] == '=' ? 2 : 1;
	*data = (ProtobufCBinaryData){0, arena_take(a, len / 4 * 3 + 3)};
	for (size_t i = 0; i < len; i++) {
		const int digit = base64_digit(text[i]);

		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		count += 6;
		if (count >= 8) {
			count -= 8;
			data->data[data->len++] = (uint8_t)(bits >> count);
			bits &= (1u << count) - 1;
		}
	}
	return len % 4 != 1 && bits == 0;
}

static bool
fill_text(struct fill *f, const ProtobufCFieldDescriptor *field, void *slot, const struct tree *node,
	  const struct spot *spot)
{
	if (!is_text(node))
		return wrong_type(f, spot, "a text in quotes");
	if (field->type == PROTOBUF_C_TYPE_STRING) {
		*(char **)slot = record_text(f->arena, node->text);
		return true;
	}
	if (!read_base64(f->arena, node->text, slot))
		return complain(f, spot, "WRONG_VALUE", "not base64; write A-Z a-z 0-9 + / and = at the end");
	return true;
}

/* The calendar reads whole seconds; up to nine digits of one are read here. */
static bool
read_moment(struct arena *a, const char *text, Google__Protobuf__Timestamp *t)
{
	static const char form[] = "YYYY-MM-DDTHH:MM:SS";
	const size_t whole = sizeof(form) - 1;
	size_t digits = 0;
	int64_t at_ms, nanos = 0;

	if (strlen(text) <= whole || text[10] != 'T' || text[17] == '6' || strpbrk(text + whole, "z") != NULL)
		return false;
	if (text[whole] == '.') {
		digits = strspn(text + whole + 1, "0123456789");
		if (digits < 1 || digits > 9)
			return false;
		for (size_t i = 1; i <= 9; i++)
			nanos = nanos * 10 + (i <= digits ? text[whole + i] - '0' : 0);
		digits++;
	}
	if (!cal_parse_timestamp(arena_printf(a, "%.*s%s", (int)whole, text, text + whole + digits), &at_ms))
		return false;
	record_timestamp(t, at_ms);
	t->nanos = (int32_t)nanos;
	return true;
}

/* ---- messages ---- */

static bool fill_map(struct fill *f, ProtobufCMessage *m, const struct tree *map, const struct spot *spot);

static bool
fill_message(struct fill *f, const ProtobufCMessageDescriptor *d, void *slot, const struct tree *node,
	     const struct spot *spot)
{
	ProtobufCMessage *m = arena_take(f->arena, d->sizeof_message);

	protobuf_c_message_init(d, m);
	*(ProtobufCMessage **)slot = m;
	if (d != &google__protobuf__timestamp__descriptor)
		return fill_map(f, m, node, spot);
	if (!is_text(node))
		return wrong_type(f, spot, "a moment in quotes");
	if (!read_moment(f->arena, node->text, (Google__Protobuf__Timestamp *)m))
		return complain(f, spot, "WRONG_VALUE", "no moment; write it as 2021-03-01T09:00:00Z");
	return true;
}

static bool
fill_value(struct fill *f, const ProtobufCFieldDescriptor *field, void *slot, const struct tree *node,
	   const struct spot *spot)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE: return fill_message(f, field->descriptor, slot, node, spot);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES: return fill_text(f, field, slot, node, spot);
	case PROTOBUF_C_TYPE_ENUM: return fill_enum(f, field->descriptor, slot, node, spot);
	case PROTOBUF_C_TYPE_BOOL: return fill_bool(f, slot, node, spot);
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64: return fill_number(f, field, slot, node, spot);
	default: assert_failed("the contract has no such type", __FILE__, __LINE__);
	}
}

static bool
fill_list(struct fill *f, ProtobufCMessage *m, const ProtobufCFieldDescriptor *field, const struct tree *list,
	  const struct spot *spot)
{
	const size_t size = field_value_size(field);
	size_t count = 0, i = 0;
	bool good = true;

	if (list->kind != TREE_LIST)
		return wrong_type(f, spot, "a list: [..]");
	for (const struct tree *node = list->first; node != NULL; node = node->next)
		count++;
	char *array = arena_take(f->arena, count * size);

	for (const struct tree *node = list->first; node != NULL; node = node->next, i++) {
		const struct spot here = {spot, NULL, i};

		if (is_null(node))
			good = complain(f, &here, "WRONG_TYPE", "an element is null; leave it out");
		else
			good &= fill_value(f, field, array + i * size, node, &here);
	}
	*(size_t *)(void *)((char *)m + field->quantifier_offset) = count;
	*(char **)(void *)((char *)m + field->offset) = count == 0 ? NULL : array;
	return good;
}

static bool
unknown_name(struct fill *f, const ProtobufCMessageDescriptor *d, const char *key, const struct spot *spot)
{
	struct nearest nearest;

	nearest_begin(&nearest, key);
	for (unsigned i = 0; i < d->n_fields; i++)
		nearest_offer(&nearest, json_name(f->arena, d->fields[i].name));
	return complain(
	    f, spot, "UNKNOWN_FIELD",
	    record_is_forbidden(key) || d->n_fields == 0
		? arena_printf(f->arena, "%s has no such field; leave it out", d->short_name)
		: arena_printf(f->arena, "%s has no such field; %s", d->short_name, nearest_remedy(&nearest)));
}

static bool
fill_field(struct fill *f, ProtobufCMessage *m, const ProtobufCFieldDescriptor *field, const struct tree *node,
	   const struct spot *spot)
{
	uint32_t *chosen = (uint32_t *)(void *)((char *)m + field->quantifier_offset);

	if (is_null(node))
		return true;
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return fill_list(f, m, field, node, spot);
	if (field_in_oneof(field)) {
		if (*chosen != 0)
			return complain(f, spot, "DUPLICATE",
					arena_printf(f->arena, "%s takes one of these only, and has one already",
						     m->descriptor->short_name));
		*chosen = field->id;
	}
	return fill_value(f, field, (char *)m + field->offset, node, spot);
}

static bool
fill_map(struct fill *f, ProtobufCMessage *m, const struct tree *map, const struct spot *spot)
{
	const ProtobufCMessageDescriptor *d = m->descriptor;
	bool good = true;

	if (map->kind != TREE_MAP)
		return wrong_type(f, spot, arena_printf(f->arena, "the fields of %s: {..}", d->short_name));
	bool *seen = ARENA_ARRAY(f->arena, bool, d->n_fields);

	for (const struct tree *node = map->first; node != NULL; node = node->next) {
		const struct spot here = {spot, node->key, 0};
		const ProtobufCFieldDescriptor *field = field_named(d, node->key);

		if (field == NULL) {
			good = unknown_name(f, d, node->key, &here);
		} else if (seen[field - d->fields]) {
			good = complain(f, &here, "DUPLICATE", "stands here twice; leave one out");
		} else {
			seen[field - d->fields] = true;
			good &= fill_field(f, m, field, node, &here);
		}
	}
	return good;
}

bool
json_fill(struct arena *a, const ProtobufCMessageDescriptor *d, const struct tree *tree, ProtobufCMessage **out,
	  struct json_problems *problems)
{
	struct fill f = {a, problems};

	return fill_message(&f, d, out, tree, NULL);
}

bool
json_to_message(struct arena *a, const ProtobufCMessageDescriptor *d, struct bytes text, ProtobufCMessage **out,
		struct json_problems *problems)
{
	const struct tree *tree = json_parse(a, text, problems);

	return tree != NULL && json_fill(a, d, tree, out, problems);
}
