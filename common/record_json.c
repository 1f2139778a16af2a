// SPDX-License-Identifier: EUPL-1.2
#include <inttypes.h>
#include <stdio.h>

#include "common/json_wire.h"
#include "common/record_fields.h"

/* Grows by doubling inside the arena; always NUL-terminated. */
struct out {
	struct arena *arena;
	char *text;
	size_t len;
	size_t room;
	bool for_people;
};

static void
put(struct out *o, const char *s, size_t len)
{
	if (o->len + len + 1 > o->room) {
		o->room = 2 * (o->len + len + 1);
		char *grown = arena_take(o->arena, o->room);
		if (o->len > 0)
			memcpy(grown, o->text, o->len);
		o->text = grown;
	}
	memcpy(o->text + o->len, s, len);
	o->len += len;
	o->text[o->len] = '\0';
}

static void
put_str(struct out *o, const char *s)
{
	put(o, s, strlen(s));
}

/* ---- scalars ---- */

static void
put_escaped(struct out *o, char c)
{
	char code[7];

	switch (c) {
	case '"': put_str(o, "\\\""); break;
	case '\\': put_str(o, "\\\\"); break;
	case '\n': put_str(o, "\\n"); break;
	case '\r': put_str(o, "\\r"); break;
	case '\t': put_str(o, "\\t"); break;
	default: snprintf(code, sizeof(code), "\\u%04x", (unsigned)(unsigned char)c); put_str(o, code);
	}
}

static void
put_text(struct out *o, const char *s)
{
	put_str(o, "\"");
	while (*s != '\0') {
		size_t plain = 0;

		while (s[plain] != '\0' && s[plain] != '"' && s[plain] != '\\' && (unsigned char)s[plain] >= ' ')
			plain++;
		put(o, s, plain);
		s += plain;
		if (*s != '\0')
			put_escaped(o, *s++);
	}
	put_str(o, "\"");
}

static void
put_hex(struct out *o, struct bytes b)
{
	char *hex = arena_take(o->arena, 2 * b.len + 1);

	bytes_hex(b, hex);
	put_text(o, hex);
}

static void
put_base64(struct out *o, struct bytes b)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	put_str(o, "\"");
	for (size_t i = 0; i < b.len; i += 3) {
		const size_t n = b.len - i < 3 ? b.len - i : 3;
		const uint32_t group = (uint32_t)b.data[i] << 16 | (n > 1 ? (uint32_t)b.data[i + 1] << 8 : 0) |
				       (n > 2 ? (uint32_t)b.data[i + 2] : 0);
		const char four[4] = {
		    digits[group >> 18],
		    digits[group >> 12 & 63],
		    n > 1 ? digits[group >> 6 & 63] : '=',
		    n > 2 ? digits[group & 63] : '=',
		};

		put(o, four, sizeof(four));
	}
	put_str(o, "\"");
}

static void
put_int(struct out *o, int64_t value, bool quoted)
{
	char text[32];

	snprintf(text, sizeof(text), quoted ? "\"%" PRId64 "\"" : "%" PRId64, value);
	put_str(o, text);
}

static void
put_uint(struct out *o, uint64_t value, bool quoted)
{
	char text[32];

	snprintf(text, sizeof(text), quoted ? "\"%" PRIu64 "\"" : "%" PRIu64, value);
	put_str(o, text);
}

/* A value that this program does not know yet stays a number. */
static void
put_enum(struct out *o, const ProtobufCEnumDescriptor *e, int value)
{
	const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(e, value);

	if (known == NULL)
		put_int(o, value, false);
	else
		put_text(o, o->for_people ? record_enum_code(e, value) : known->name);
}

static void
put_bytes(struct out *o, const ProtobufCBinaryData *data)
{
	const struct bytes b = bytes_of(data->data, data->len);

	if (o->for_people)
		put_hex(o, b);
	else
		put_base64(o, b);
}

/* Seconds, and 0, 3, 6 or 9 digits of one. */
static void
put_moment(struct out *o, const Google__Protobuf__Timestamp *t)
{
	const unsigned nanos = t->nanos > 0 ? (unsigned)t->nanos % 1000000000u : 0;
	const int digits = nanos % 1000 != 0 ? 9 : nanos % 1000000 != 0 ? 6 : nanos != 0 ? 3 : 0;
	const unsigned fraction = digits == 9 ? nanos : digits == 6 ? nanos / 1000 : nanos / 1000000;
	Google__Protobuf__Timestamp whole = *t;
	char text[48];

	whole.nanos = 0;
	cal_format_timestamp(record_at_ms(&whole), text);
	if (digits > 0)
		snprintf(strchr(text, 'Z'), 16, ".%0*uZ", digits, fraction);
	put_text(o, text);
}

static void
put_name(struct out *o, const char *name)
{
	put_text(o, o->for_people ? name : json_name(o->arena, name));
}

/* ---- messages ---- */

static void put_message(struct out *o, const ProtobufCMessage *m);

static void
put_value(struct out *o, const ProtobufCFieldDescriptor *f, const void *slot)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING: put_text(o, slot_text(slot)); break;
	case PROTOBUF_C_TYPE_BYTES: put_bytes(o, slot); break;
	case PROTOBUF_C_TYPE_ENUM: put_enum(o, f->descriptor, slot_enum(slot)); break;
	case PROTOBUF_C_TYPE_BOOL: put_str(o, *(const protobuf_c_boolean *)slot ? "true" : "false"); break;
	case PROTOBUF_C_TYPE_INT32: put_int(o, *(const int32_t *)slot, false); break;
	case PROTOBUF_C_TYPE_UINT32: put_uint(o, *(const uint32_t *)slot, false); break;
	case PROTOBUF_C_TYPE_INT64: put_int(o, *(const int64_t *)slot, true); break;
	case PROTOBUF_C_TYPE_UINT64: put_uint(o, *(const uint64_t *)slot, true); break;
	case PROTOBUF_C_TYPE_MESSAGE: put_message(o, slot_message(slot)); break;
	default: assert_failed("the contract has no such type", __FILE__, __LINE__);
	}
}

static void
put_list(struct out *o, const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	const size_t count = field_count(m, f);

	put_str(o, "[");
	for (size_t i = 0; i < count; i++) {
		put_str(o, i == 0 ? "" : ",");
		put_value(o, f, field_element(m, f, i));
	}
	put_str(o, "]");
}

static void
put_fields(struct out *o, const ProtobufCMessage *m)
{
	const char *comma = "";

	put_str(o, "{");
	for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];

		if (!field_is_set(m, f))
			continue;
		put_str(o, comma);
		comma = ",";
		put_name(o, f->name);
		put_str(o, ":");
		if (f->label == PROTOBUF_C_LABEL_REPEATED)
			put_list(o, m, f);
		else
			put_value(o, f, field_slot(m, f));
	}
	put_str(o, "}");
}

static void
put_message(struct out *o, const ProtobufCMessage *m)
{
	if (m == NULL)
		put_str(o, "null");
	else if (m->descriptor == &google__protobuf__timestamp__descriptor)
		put_moment(o, (const Google__Protobuf__Timestamp *)m);
	else
		put_fields(o, m);
}

char *
record_json(struct arena *a, const ProtobufCMessage *m, bool for_people)
{
	struct out o = {.arena = a, .for_people = for_people};

	put_message(&o, m);
	return o.text;
}

char *
json_from_message(struct arena *a, const ProtobufCMessage *m)
{
	return record_json(a, m, false);
}

char *
json_quote(struct arena *a, const char *text)
{
	struct out o = {.arena = a};

	put_text(&o, text);
	return o.text;
}

char *
json_name(struct arena *a, const char *name)
{
	char *camel = arena_take(a, strlen(name) + 1);
	size_t len = 0;
	bool raise = false;

	for (; *name != '\0'; name++) {
		if (*name != '_')
			camel[len++] = raise && *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name;
		raise = *name == '_';
	}
	return camel;
}
