// SPDX-License-Identifier: EUPL-1.2
/* record_unit.h - what the tests of record.h share: messages written as text, and a message of any kind with all its fields
 * filled. */
#ifndef DOORBRAAK_TESTS_RECORD_UNIT_H
#define DOORBRAAK_TESTS_RECORD_UNIT_H

#include "tests/unit/unit.h"

#include "common/record_fields.h"

/* ---- trees from text: {name: value, list: [a, 'quoted'], inner: {x: 1}}; a new line counts ---- */

struct flow {
	struct arena *arena;
	const char *p;
	unsigned line;
};

static inline void
flow_skip(struct flow *f)
{
	for (; *f->p == ' ' || *f->p == '\n' || *f->p == ','; f->p++)
		f->line += *f->p == '\n';
}

static inline struct tree *flow_value(struct flow *f);

/* Up to one of the characters in `ends`. */
static inline char *
flow_word(struct flow *f, const char *ends)
{
	const size_t len = strcspn(f->p, ends);
	char *word = arena_str(f->arena, bytes_of(f->p, len));

	f->p += len;
	return word;
}

static inline void
flow_children(struct flow *f, struct tree *parent, char end)
{
	struct tree **link = &parent->first;

	for (flow_skip(f); *f->p != end; flow_skip(f)) {
		const char *key = NULL;

		assert_true(*f->p != '\0');
		if (parent->kind == TREE_MAP) {
			key = flow_word(f, ":");
			f->p++;
			flow_skip(f);
		}
		*link = flow_value(f);
		(*link)->key = key;
		link = &(*link)->next;
	}
	f->p++;
}

static inline struct tree *
flow_value(struct flow *f)
{
	struct tree *node = ARENA_NEW(f->arena, struct tree);
	const char first = *f->p;

	node->line = f->line;
	if (first == '{' || first == '[') {
		node->kind = first == '{' ? TREE_MAP : TREE_LIST;
		f->p++;
		flow_children(f, node, first == '{' ? '}' : ']');
	} else if (first == '\'') {
		f->p++;
		node->text = flow_word(f, "'");
		node->quoted = true;
		f->p++;
	} else {
		node->text = flow_word(f, ",]}\n");
	}
	return node;
}

static inline struct tree *
flow(struct arena *a, const char *text)
{
	struct flow f = {a, text, 1};

	return flow_value(&f);
}

/* The message that the text says; the text must be right. */
static inline void *
message_of(struct arena *a, const ProtobufCMessageDescriptor *d, const char *text)
{
	struct why why = {""};
	void *m = record_from_tree(a, d, flow(a, text), &why);

	if (m == NULL)
		fail_msg("%s: %s", text, why.text);
	return m;
}

/* ---- every message of the contract ---- */

#define MESSAGE_ADDRESS(descriptor) &descriptor,
static const ProtobufCMessageDescriptor *const every_message[] = {PB_EACH_MESSAGE(MESSAGE_ADDRESS)};
static const ProtobufCEnumDescriptor *const every_enum[] UNUSED = {PB_EACH_ENUM(MESSAGE_ADDRESS)};

static inline ProtobufCMessage *full_message(struct arena *a, const ProtobufCMessageDescriptor *d, uint32_t choice);

static inline void
fill_slot(struct arena *a, const ProtobufCFieldDescriptor *f, void *slot, uint32_t choice)
{
	static uint8_t some_bytes[] = {0x00, 0xff, 0x10};

	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING: *(char **)slot = record_text(a, "A1-\xc3\xab\"\\\n"); break;
	case PROTOBUF_C_TYPE_BYTES: *(ProtobufCBinaryData *)slot = (ProtobufCBinaryData){3, some_bytes}; break;
	case PROTOBUF_C_TYPE_ENUM:
		*(int *)slot = ((const ProtobufCEnumDescriptor *)f->descriptor)->values[1].value;
		break;
	case PROTOBUF_C_TYPE_BOOL: *(protobuf_c_boolean *)slot = true; break;
	case PROTOBUF_C_TYPE_INT32: *(int32_t *)slot = -7; break;
	case PROTOBUF_C_TYPE_UINT32: *(uint32_t *)slot = UINT32_MAX; break;
	case PROTOBUF_C_TYPE_INT64: *(int64_t *)slot = INT64_MIN; break;
	case PROTOBUF_C_TYPE_UINT64: *(uint64_t *)slot = UINT64_MAX; break;
	case PROTOBUF_C_TYPE_MESSAGE: *(ProtobufCMessage **)slot = full_message(a, f->descriptor, choice); break;
	default: fail_msg("%s: a type that the contract had not", f->name);
	}
}

/* All fields filled, two elements in every list; of a oneof the field numbered `choice`, or else the first. */
static inline ProtobufCMessage *
full_message(struct arena *a, const ProtobufCMessageDescriptor *d, uint32_t choice)
{
	ProtobufCMessage *m = arena_take(a, d->sizeof_message);

	protobuf_c_message_init(d, m);
	if (d == &google__protobuf__timestamp__descriptor) {
		record_timestamp((Google__Protobuf__Timestamp *)m, INT64_C(1614594600123));
		return m;
	}
	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		char *slot = (char *)m + f->offset;
		uint32_t *chosen = (uint32_t *)(void *)((char *)m + f->quantifier_offset);

		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			char *array = arena_take(a, 2 * field_value_size(f));
			for (size_t j = 0; j < 2; j++)
				fill_slot(a, f, array + j * field_value_size(f), 0);
			*(char **)(void *)slot = array;
			*(size_t *)(void *)chosen = 2;
		} else if (!field_in_oneof(f)) {
			fill_slot(a, f, slot, 0);
		} else if (*chosen == 0 || f->id == choice) {
			fill_slot(a, f, slot, 0);
			*chosen = f->id;
		}
	}
	return m;
}

#endif
