// SPDX-License-Identifier: EUPL-1.2
#include "common/record_fields.h"

size_t
field_value_size(const ProtobufCFieldDescriptor *f)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT: return sizeof(uint32_t);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE: return sizeof(uint64_t);
	case PROTOBUF_C_TYPE_BOOL: return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_ENUM: return sizeof(int);
	case PROTOBUF_C_TYPE_STRING: return sizeof(char *);
	case PROTOBUF_C_TYPE_BYTES: return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_MESSAGE: return sizeof(ProtobufCMessage *);
	}
	assert_failed("a field has one of the types above", __FILE__, __LINE__);
}

const void *
field_element(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i)
{
	ASSERT(f->label == PROTOBUF_C_LABEL_REPEATED);
	ASSERT(i < field_count(m, f));
	return *(const char *const *)field_slot(m, f) + i * field_value_size(f);
}

static bool
is_zero(const void *slot, size_t size)
{
	const uint8_t *p = slot;

	for (size_t i = 0; i < size; i++) {
		if (p[i] != 0)
			return false;
	}
	return true;
}

bool
field_is_set(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	const void *slot = field_slot(m, f);

	if (f->label == PROTOBUF_C_LABEL_REPEATED)
		return field_count(m, f) > 0;
	if (field_in_oneof(f))
		return field_oneof_case(m, f) == f->id;
	if (f->type == PROTOBUF_C_TYPE_STRING)
		return slot_text(slot)[0] != '\0';
	if (f->type == PROTOBUF_C_TYPE_BYTES)
		return ((const ProtobufCBinaryData *)slot)->len > 0;
	return !is_zero(slot, field_value_size(f));
}

/* Is `key` the name of the contract, or the same in lowerCamelCase? */
static bool
is_named(const char *name, const char *key)
{
	if (strcmp(name, key) == 0)
		return true;
	for (bool raise = false; *name != '\0'; name++) {
		if (*name == '_') {
			raise = true;
			continue;
		}
		if (*key++ != (raise && *name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name))
			return false;
		raise = false;
	}
	return *key == '\0';
}

const ProtobufCFieldDescriptor *
field_named(const ProtobufCMessageDescriptor *d, const char *key)
{
	for (unsigned i = 0; i < d->n_fields; i++) {
		if (is_named(d->fields[i].name, key))
			return &d->fields[i];
	}
	return NULL;
}
