// SPDX-License-Identifier: EUPL-1.2
/* record_fields.h - fields of a message by their descriptors. For the record*.c files only.
 *
 * A message of proto3 keeps a singular scalar as it is (0 and "" mean absent), a message as a pointer (NULL means absent), a
 * repeated field as a count and an array, and a oneof as the number of the field that is set. */
#ifndef DOORBRAAK_RECORD_FIELDS_H
#define DOORBRAAK_RECORD_FIELDS_H

#include "common/record.h"

static inline const void *
field_slot(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	return (const char *)m + f->offset;
}

static inline size_t
field_count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	return *(const size_t *)(const void *)((const char *)m + f->quantifier_offset);
}

static inline bool
field_in_oneof(const ProtobufCFieldDescriptor *f)
{
	return (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

/* Number of the field of this oneof that is set; 0 when none is. */
static inline uint32_t
field_oneof_case(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	return *(const uint32_t *)(const void *)((const char *)m + f->quantifier_offset);
}

/* Bytes of one value in a message or an array. */
size_t field_value_size(const ProtobufCFieldDescriptor *f);
/* Value `i` of a repeated field. */
const void *field_element(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i);
/* Does it hold anything: at least one element, the chosen one of a oneof, a message, or a scalar other than 0 and ""? */
bool field_is_set(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);

/* The field of this name, as in the contract or in lowerCamelCase; NULL when there is none. */
const ProtobufCFieldDescriptor *field_named(const ProtobufCMessageDescriptor *d, const char *key);

/* The value that a slot holds. */
static inline const char *
slot_text(const void *slot)
{
	const char *s = *(const char *const *)slot;

	return s == NULL ? "" : s;
}

static inline int
slot_enum(const void *slot)
{
	return *(const int *)slot;
}

static inline const ProtobufCMessage *
slot_message(const void *slot)
{
	return *(const ProtobufCMessage *const *)slot;
}

static inline bool
field_is_timestamp(const ProtobufCFieldDescriptor *f)
{
	return f->descriptor == &google__protobuf__timestamp__descriptor;
}

#endif
