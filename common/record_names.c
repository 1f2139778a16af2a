// SPDX-License-Identifier: EUPL-1.2
#include <ctype.h>
#include <stdlib.h>

#include "common/record_fields.h"

#define ADDRESS(descriptor) &descriptor,

static const ProtobufCMessageDescriptor *const messages[] = {PB_EACH_MESSAGE(ADDRESS)};
static const ProtobufCEnumDescriptor *const enums[] = {PB_EACH_ENUM(ADDRESS)};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int
compare_message(const void *name, const void *element)
{
	return strcmp(name, (*(const ProtobufCMessageDescriptor *const *)element)->short_name);
}

static int
compare_enum(const void *name, const void *element)
{
	return strcmp(name, (*(const ProtobufCEnumDescriptor *const *)element)->short_name);
}

const ProtobufCMessageDescriptor *
record_message(const char *name)
{
	const ProtobufCMessageDescriptor *const *hit =
	    bsearch(name, messages, COUNT(messages), sizeof(messages[0]), compare_message);

	return hit == NULL ? NULL : *hit;
}

const ProtobufCEnumDescriptor *
record_enum(const char *name)
{
	const ProtobufCEnumDescriptor *const *hit = bsearch(name, enums, COUNT(enums), sizeof(enums[0]), compare_enum);

	return hit == NULL ? NULL : *hit;
}

/* Length of the prefix of an enum's values: CASE_STATE_ for CaseState. */
static size_t
prefix_length(const ProtobufCEnumDescriptor *e)
{
	size_t len = 0;

	for (const char *p = e->short_name; *p != '\0'; p++)
		len += p > e->short_name && isupper((unsigned char)*p) ? 2 : 1;
	return len + 1;
}

const char *
record_enum_code(const ProtobufCEnumDescriptor *e, int value)
{
	const ProtobufCEnumValue *v = e == NULL ? NULL : protobuf_c_enum_descriptor_get_value(e, value);

	return v == NULL ? "" : v->name + prefix_length(e);
}

/* Signals are also written by their number alone: S01. */
static bool
is_short_signal(const ProtobufCEnumDescriptor *e, const char *code, const char *wanted)
{
	return e == &doorbraak__v1__signal_code__descriptor && strlen(wanted) == 3 && wanted[0] == 'S' &&
	       strncmp(code, wanted, 3) == 0 && code[3] == '_';
}

int
record_enum_value(const ProtobufCEnumDescriptor *e, const char *code)
{
	const size_t prefix = e == NULL ? 0 : prefix_length(e);

	for (unsigned i = 0; e != NULL && i < e->n_values; i++) {
		const char *name = e->values[i].name;

		if (strcmp(name + prefix, code) == 0 || strcmp(name, code) == 0 ||
		    is_short_signal(e, name + prefix, code))
			return e->values[i].value;
	}
	return -1;
}

const char *
record_code_of(const char *enum_name, int value)
{
	return record_enum_code(record_enum(enum_name), value);
}

static const ProtobufCFieldDescriptor *
body_field(const ProtobufCMessage *envelope)
{
	const ProtobufCMessageDescriptor *d = envelope == NULL ? NULL : envelope->descriptor;

	for (unsigned i = 0; d != NULL && i < d->n_fields; i++) {
		if (!field_in_oneof(&d->fields[i]))
			continue;
		const uint32_t number = field_oneof_case(envelope, &d->fields[i]);
		const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(d, number);

		return f != NULL && f->type == PROTOBUF_C_TYPE_MESSAGE ? f : NULL;
	}
	return NULL;
}

const ProtobufCMessage *
record_body(const ProtobufCMessage *envelope)
{
	const ProtobufCFieldDescriptor *f = body_field(envelope);

	return f == NULL ? NULL : slot_message(field_slot(envelope, f));
}

const char *
record_body_name(const ProtobufCMessage *envelope)
{
	const ProtobufCFieldDescriptor *f = body_field(envelope);

	return f == NULL ? "" : ((const ProtobufCMessageDescriptor *)f->descriptor)->short_name;
}
