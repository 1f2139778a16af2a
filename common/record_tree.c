// SPDX-License-Identifier: EUPL-1.2
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/nearest.h"
#include "common/record_fields.h"

struct fill {
	struct arena *arena;
	struct why *why;
};

/* What is wrong and how to put it right, with the line where there is one. Always false. */
static bool __attribute__((format(printf, 3, 4)))
complain(struct fill *f, const struct tree *node, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (node->line > 0)
		why_set(f->why, "line %u: %s", node->line, text);
	else
		why_set(f->why, "%s", text);
	return false;
}

/* Text of the file as it may be repeated. */
static const char *
shown(struct fill *f, const char *text)
{
	if (record_is_forbidden(text))
		return "(not shown)";
	return strlen(text) <= CODE_MAX ? text : arena_printf(f->arena, "%.*s...", CODE_MAX, text);
}

static const char *
name_of(const struct tree *node)
{
	return node->key == NULL ? "element" : node->key;
}

const struct tree *
tree_get(const struct tree *map, const char *key)
{
	if (map == NULL || map->kind != TREE_MAP)
		return NULL;
	for (const struct tree *node = map->first; node != NULL; node = node->next) {
		if (node->key != NULL && strcmp(node->key, key) == 0)
			return node;
	}
	return NULL;
}

static bool
is_null(const struct tree *node)
{
	if (node->kind != TREE_SCALAR || node->quoted)
		return false;
	return node->text == NULL || node->text[0] == '\0' || strcmp(node->text, "null") == 0 ||
	       strcmp(node->text, "~") == 0;
}

/* ---- scalars ---- */

static bool
read_signed(const char *text, int64_t min, int64_t max, int64_t *value)
{
	char *end;

	if (text[text[0] == '-' ? 1 : 0] < '0' || text[text[0] == '-' ? 1 : 0] > '9')
		return false;
	errno = 0;
	*value = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' && *value >= min && *value <= max;
}

static bool
read_unsigned(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *value <= max;
}

static bool
fill_signed(struct fill *f, const ProtobufCFieldDescriptor *field, void *slot, const struct tree *node)
{
	const bool is_long = field->type == PROTOBUF_C_TYPE_INT64;
	int64_t value;

	if (!read_signed(node->text, is_long ? INT64_MIN : INT32_MIN, is_long ? INT64_MAX : INT32_MAX, &value))
		return complain(f, node, "%s: '%s' is not a whole number in range; write digits", name_of(node),
				shown(f, node->text));
	if (is_long)
		*(int64_t *)slot = value;
	else
		*(int32_t *)slot = (int32_t)value;
	return true;
}

static bool
fill_unsigned(struct fill *f, const ProtobufCFieldDescriptor *field, void *slot, const struct tree *node)
{
	const bool is_long = field->type == PROTOBUF_C_TYPE_UINT64;
	uint64_t value;

	if (!read_unsigned(node->text, is_long ? UINT64_MAX : UINT32_MAX, &value))
		return complain(f, node, "%s: '%s' is not a whole number in range; write digits", name_of(node),
				shown(f, node->text));
	if (is_long)
		*(uint64_t *)slot = value;
	else
		*(uint32_t *)slot = (uint32_t)value;
	return true;
}

static bool
fill_bool(struct fill *f, void *slot, const struct tree *node)
{
	const bool yes = strcmp(node->text, "true") == 0;

	if (node->quoted || (!yes && strcmp(node->text, "false") != 0))
		return complain(f, node, "%s: '%s' is not true or false; write one of these, without quotes",
				name_of(node), shown(f, node->text));
	*(protobuf_c_boolean *)slot = yes;
	return true;
}

static bool
complain_code(struct fill *f, const ProtobufCEnumDescriptor *e, const char *code, const struct tree *node)
{
	struct nearest nearest;

	if (record_is_forbidden(code))
		return complain(f, node, "%s: this is no %s; write one of its codes", name_of(node), e->short_name);
	nearest_begin(&nearest, code);
	for (unsigned i = 0; i < e->n_values; i++) {
		if (e->values[i].value != 0)
			nearest_offer(&nearest, record_enum_code(e, e->values[i].value));
	}
	return complain(f, node, "%s: '%s' is no %s; %s", name_of(node), shown(f, code), e->short_name,
			nearest_remedy(&nearest));
}

static bool
fill_enum(struct fill *f, const ProtobufCEnumDescriptor *e, void *slot, const struct tree *node)
{
	const int value = record_enum_value(e, node->text);

	if (value < 0)
		return complain_code(f, e, node->text, node);
	*(int *)slot = value;
	return true;
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *hit = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

	return hit == NULL ? -1 : (int)(hit - digits);
}

static bool
fill_bytes(struct fill *f, void *slot, const struct tree *node)
{
	const size_t len = strlen(node->text);
	ProtobufCBinaryData *data = slot;

	*data = (ProtobufCBinaryData){len / 2, arena_take(f->arena, len / 2 + 1)};
	for (size_t i = 0; i < len; i += 2) {
		const int high = hex_digit(node->text[i]), low = hex_digit(node->text[i + 1]);

		if (high < 0 || low < 0)
			return complain(f, node, "%s: not hexadecimal; write two digits (0-9 a-f) for each byte",
					name_of(node));
		data->data[i / 2] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* ---- moments ---- */

/* Two digits and what must stand before them; moves on. */
static bool
take_two(const char **p, char before, int max, int *value)
{
	const char *s = *p;

	if (s[0] != before || s[1] < '0' || s[1] > '9' || s[2] < '0' || s[2] > '9')
		return false;
	*value = (s[1] - '0') * 10 + s[2] - '0';
	*p += 3;
	return *value <= max;
}

/* YYYY-MM-DDTHH:MM or YYYY-MM-DDTHH:MM:SS, the clock on the wall in Amsterdam. */
static bool
read_local(struct fill *f, const char *text, int64_t *at_ms)
{
	const size_t date_len = strlen("YYYY-MM-DD");
	int hour, minute, second = 0;

	if (strlen(text) < date_len)
		return false;
	const cal_day day = cal_parse(arena_str(f->arena, bytes_of(text, date_len)));
	const char *p = text + date_len;

	if (day == CAL_NONE || !take_two(&p, 'T', 23, &hour) || !take_two(&p, ':', 59, &minute))
		return false;
	if (*p != '\0' && !take_two(&p, ':', 59, &second))
		return false;
	if (*p != '\0')
		return false;
	*at_ms = cal_local_ms(day, hour, minute, second);
	return true;
}

static bool
fill_timestamp(struct fill *f, Google__Protobuf__Timestamp *t, const struct tree *node)
{
	int64_t at_ms;

	if (!cal_parse_timestamp(node->text, &at_ms) && !read_local(f, node->text, &at_ms))
		return complain(f, node, "%s: '%s' is no moment; write 2021-03-01T10:00 or 2021-03-01T09:00:00Z",
				name_of(node), shown(f, node->text));
	record_timestamp(t, at_ms);
	return true;
}

/* ---- messages ---- */

static bool fill_map(struct fill *f, ProtobufCMessage *m, const struct tree *map);

/* ROLE@ORGANISATION, or ROLE alone: somebody in a capacity. Both messages hold a role and an organisation, so named. */
static bool
fill_somebody(struct fill *f, int *role, char **organisation, const struct tree *node)
{
	const char *at = strchr(node->text, '@');
	const size_t len = at == NULL ? strlen(node->text) : (size_t)(at - node->text);
	const char *code = arena_str(f->arena, bytes_of(node->text, len));

	if (at != NULL && !record_is_code(at + 1))
		return complain(f, node, "%s: write ROLE@ORGANISATION, the organisation as a code of A-Z 0-9 -",
				name_of(node));
	*role = record_enum_value(&doorbraak__v1__role__descriptor, code);
	if (*role <= 0)
		return complain_code(f, &doorbraak__v1__role__descriptor, code, node);
	*organisation = record_text(f->arena, at == NULL ? "" : at + 1);
	return true;
}

static bool
fill_message_scalar(struct fill *f, ProtobufCMessage *m, const struct tree *node)
{
	if (m->descriptor == &google__protobuf__timestamp__descriptor)
		return fill_timestamp(f, (Google__Protobuf__Timestamp *)m, node);
	if (m->descriptor == &pb_Actor_descriptor) {
		pb_Actor *actor = (pb_Actor *)m;
		return fill_somebody(f, (int *)&actor->role, &actor->organisation, node);
	}
	if (m->descriptor == &pb_Participant_descriptor) {
		pb_Participant *participant = (pb_Participant *)m;
		return fill_somebody(f, (int *)&participant->kind, &participant->organisation, node);
	}
	return complain(f, node, "%s: write the fields of %s as name: value", name_of(node), m->descriptor->short_name);
}

static bool
fill_message(struct fill *f, const ProtobufCMessageDescriptor *d, void *slot, const struct tree *node)
{
	ProtobufCMessage *m = arena_take(f->arena, d->sizeof_message);

	protobuf_c_message_init(d, m);
	*(ProtobufCMessage **)slot = m;
	if (node->kind == TREE_MAP && d != &google__protobuf__timestamp__descriptor)
		return fill_map(f, m, node);
	if (node->kind == TREE_SCALAR)
		return fill_message_scalar(f, m, node);
	return complain(f, node, "%s: write one %s here, not a %s", name_of(node), d->short_name,
			node->kind == TREE_LIST ? "list" : "map");
}

static bool
fill_value(struct fill *f, const ProtobufCFieldDescriptor *field, void *slot, const struct tree *node)
{
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return fill_message(f, field->descriptor, slot, node);
	if (node->kind != TREE_SCALAR)
		return complain(f, node, "%s: write one value here, not a %s", name_of(node),
				node->kind == TREE_LIST ? "list" : "map");
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING: *(char **)slot = record_text(f->arena, node->text); return true;
	case PROTOBUF_C_TYPE_BYTES: return fill_bytes(f, slot, node);
	case PROTOBUF_C_TYPE_ENUM: return fill_enum(f, field->descriptor, slot, node);
	case PROTOBUF_C_TYPE_BOOL: return fill_bool(f, slot, node);
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_INT64: return fill_signed(f, field, slot, node);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_UINT64: return fill_unsigned(f, field, slot, node);
	default: assert_failed("the contract has no such type", __FILE__, __LINE__);
	}
}

static bool
fill_list(struct fill *f, ProtobufCMessage *m, const ProtobufCFieldDescriptor *field, const struct tree *list)
{
	const size_t size = field_value_size(field);
	size_t count = 0, i = 0;

	if (list->kind != TREE_LIST)
		return complain(f, list, "%s: write a list here: [...]", name_of(list));
	for (const struct tree *node = list->first; node != NULL; node = node->next)
		count++;
	char *array = arena_take(f->arena, count * size);

	for (const struct tree *node = list->first; node != NULL; node = node->next, i++) {
		if (is_null(node))
			return complain(f, node, "%s: an element is empty; leave it out", name_of(list));
		if (!fill_value(f, field, array + i * size, node))
			return false;
	}
	*(size_t *)(void *)((char *)m + field->quantifier_offset) = count;
	*(char **)(void *)((char *)m + field->offset) = count == 0 ? NULL : array;
	return true;
}

static bool
complain_name(struct fill *f, const ProtobufCMessageDescriptor *d, const struct tree *node)
{
	struct nearest nearest;

	if (record_is_forbidden(node->key))
		return complain(f, node, "%s has no such field; leave it out", d->short_name);
	nearest_begin(&nearest, node->key);
	for (unsigned i = 0; i < d->n_fields; i++)
		nearest_offer(&nearest, d->fields[i].name);
	return complain(f, node, "%s has no field '%s'; %s", d->short_name, shown(f, node->key),
			nearest_remedy(&nearest));
}

static bool
choose(struct fill *f, ProtobufCMessage *m, const ProtobufCFieldDescriptor *field, const struct tree *node)
{
	uint32_t *chosen = (uint32_t *)(void *)((char *)m + field->quantifier_offset);

	if (*chosen != 0)
		return complain(f, node, "%s: %s takes one of these only, and has one already", name_of(node),
				m->descriptor->short_name);
	*chosen = field->id;
	return true;
}

/* Stands the same field before this one, in this or in the other spelling? */
static bool
is_again(const ProtobufCMessageDescriptor *d, const struct tree *map, const struct tree *node)
{
	const ProtobufCFieldDescriptor *field = field_named(d, node->key);

	for (const struct tree *before = map->first; before != node; before = before->next) {
		if (field_named(d, before->key) == field)
			return true;
	}
	return false;
}

static bool
fill_field(struct fill *f, ProtobufCMessage *m, const struct tree *map, const struct tree *node)
{
	const ProtobufCFieldDescriptor *field = field_named(m->descriptor, node->key);

	if (field == NULL)
		return complain_name(f, m->descriptor, node);
	if (is_again(m->descriptor, map, node))
		return complain(f, node, "%s: stands here twice; leave one out", node->key);
	if (is_null(node))
		return true;
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return fill_list(f, m, field, node);
	if (field_in_oneof(field) && !choose(f, m, field, node))
		return false;
	return fill_value(f, field, (char *)m + field->offset, node);
}

static bool
fill_map(struct fill *f, ProtobufCMessage *m, const struct tree *map)
{
	for (const struct tree *node = map->first; node != NULL; node = node->next) {
		ASSERT(node->key != NULL);
		if (!fill_field(f, m, map, node))
			return false;
	}
	return true;
}

void *
record_from_tree(struct arena *a, const ProtobufCMessageDescriptor *d, const struct tree *map, struct why *why)
{
	struct fill f = {a, why};
	ProtobufCMessage *m = arena_take(a, d->sizeof_message);

	protobuf_c_message_init(d, m);
	if (map == NULL)
		return m;
	if (map->kind != TREE_MAP) {
		if (map->kind == TREE_SCALAR && is_null(map))
			return m;
		complain(&f, map, "write the fields of %s as name: value", d->short_name);
		return NULL;
	}
	return fill_map(&f, m, map) ? m : NULL;
}
