// SPDX-License-Identifier: EUPL-1.2
#include "common/record_wire.h"

#include <stdio.h>

enum { WIRE_VARINT = 0, WIRE_64BIT = 1, WIRE_LENGTH = 2, WIRE_32BIT = 5 };

/* Where the scan is: the fields that lead there. */
struct place {
	const struct place *up;
	const ProtobufCFieldDescriptor *field;
};

/* One field as it stands in the bytes. */
struct piece {
	uint32_t number;
	unsigned type;
	uint64_t varint;
	struct bytes content;
};

static bool
take_varint(struct bytes *b, uint64_t *value)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 10 && i < b->len; i++) {
		v |= (uint64_t)(b->data[i] & 0x7f) << (7 * i);
		if (b->data[i] < 0x80) {
			*b = bytes_of(b->data + i + 1, b->len - i - 1);
			*value = v;
			return true;
		}
	}
	return false;
}

static bool
take_content(struct bytes *b, uint64_t len, struct bytes *content)
{
	if (len > b->len)
		return false;
	*content = bytes_of(b->data, (size_t)len);
	*b = bytes_of(b->data + len, b->len - (size_t)len);
	return true;
}

static bool
take_piece(struct bytes *b, struct piece *piece)
{
	uint64_t tag, len;

	if (!take_varint(b, &tag) || tag > UINT32_MAX || tag >> 3 == 0)
		return false;
	*piece = (struct piece){.number = (uint32_t)(tag >> 3), .type = (unsigned)(tag & 7)};
	switch (piece->type) {
	case WIRE_VARINT: return take_varint(b, &piece->varint);
	case WIRE_64BIT: return take_content(b, 8, &piece->content);
	case WIRE_LENGTH: return take_varint(b, &len) && take_content(b, len, &piece->content);
	case WIRE_32BIT: return take_content(b, 4, &piece->content);
	default: return false; /* groups */
	}
}

static bool
text_is_good(struct bytes text)
{
	while (text.len > 0) {
		const size_t len = bytes_utf8_length(text);

		if (len == 0)
			return false;
		text = bytes_of(text.data + len, text.len - len);
	}
	return true;
}

static bool
enum_is_known(const ProtobufCFieldDescriptor *f, uint64_t varint)
{
	/* As protobuf does: the lower 32 bits count. */
	return protobuf_c_enum_descriptor_get_value(f->descriptor, (int)(uint32_t)varint) != NULL;
}

static enum wire_fault
scan_enum(const ProtobufCFieldDescriptor *f, const struct piece *piece)
{
	if (piece->type == WIRE_VARINT)
		return enum_is_known(f, piece->varint) ? WIRE_GOOD : WIRE_ENUM;

	for (struct bytes packed = piece->content; packed.len > 0;) {
		uint64_t value;

		if (!take_varint(&packed, &value))
			return WIRE_BROKEN;
		if (!enum_is_known(f, value))
			return WIRE_ENUM;
	}
	return WIRE_GOOD;
}

static size_t
write_place(const struct place *place, char *out, size_t size)
{
	const size_t used = place->up == NULL ? 0 : write_place(place->up, out, size);
	const int n = snprintf(out + used, size - used, "%s%s", used == 0 ? "" : ".", place->field->name);

	return used + (size_t)n < size ? used + (size_t)n : size - 1;
}

static enum wire_fault
found(struct wire_finding *finding, enum wire_fault fault, const struct place *place)
{
	if (fault != WIRE_GOOD && finding->fault == WIRE_GOOD) {
		finding->fault = fault;
		if (place != NULL)
			write_place(place, finding->field, sizeof(finding->field));
	}
	return fault;
}

static enum wire_fault
scan_message(const ProtobufCMessageDescriptor *d, struct bytes b, bool enums, const struct place *up,
	     struct wire_finding *finding)
{
	while (b.len > 0) {
		struct piece piece;
		enum wire_fault fault = WIRE_GOOD;

		if (!take_piece(&b, &piece))
			return found(finding, WIRE_BROKEN, up);
		const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(d, piece.number);
		if (f == NULL)
			continue;
		const struct place place = {up, f};

		if (f->type == PROTOBUF_C_TYPE_ENUM && enums)
			fault = scan_enum(f, &piece);
		else if (piece.type == WIRE_LENGTH && f->type == PROTOBUF_C_TYPE_STRING)
			fault = text_is_good(piece.content) ? WIRE_GOOD : WIRE_TEXT;
		else if (piece.type == WIRE_LENGTH && f->type == PROTOBUF_C_TYPE_MESSAGE)
			fault = scan_message(f->descriptor, piece.content, enums, &place, finding);
		if (fault != WIRE_GOOD)
			return found(finding, fault, &place);
	}
	return WIRE_GOOD;
}

enum wire_fault
wire_scan(const ProtobufCMessageDescriptor *d, struct bytes b, bool enums, struct wire_finding *finding)
{
	finding->fault = WIRE_GOOD;
	finding->field[0] = '\0';
	return scan_message(d, b, enums, NULL, finding);
}

bool
wire_has_only(struct bytes b, uint32_t first, const uint32_t *numbers, size_t count)
{
	struct piece piece;
	bool any = false;

	while (b.len > 0) {
		if (!take_piece(&b, &piece))
			return false;
		if (piece.number < first)
			continue;
		size_t i = 0;
		while (i < count && numbers[i] != piece.number)
			i++;
		if (i == count)
			return false;
		any = true;
	}
	return any;
}

bool
wire_last_varint(struct bytes b, uint32_t number, uint64_t *value)
{
	struct piece piece;
	bool any = false;

	while (b.len > 0) {
		if (!take_piece(&b, &piece))
			return false;
		if (piece.number != number || piece.type != WIRE_VARINT)
			continue;
		*value = piece.varint;
		any = true;
	}
	return any;
}

/* An allocator that stops: unpacking a few bytes can take forty times their size. */
struct limited {
	struct arena *arena;
	size_t left;
	bool exhausted;
};

static void *
limited_alloc(void *self, size_t size)
{
	struct limited *limited = self;

	if (size > limited->left) {
		limited->exhausted = true;
		return NULL;
	}
	limited->left -= size;
	return arena_take(limited->arena, size);
}

static void
limited_free(void *self, void *p)
{
	(void)self;
	(void)p;
}

ProtobufCMessage *
wire_unpack(struct arena *a, const ProtobufCMessageDescriptor *d, struct bytes b, size_t slack, bool *exhausted)
{
	ASSERT(b.len <= (SIZE_MAX - slack) / WIRE_GROWTH);
	struct limited limited = {a, b.len * WIRE_GROWTH + slack, false};
	ProtobufCAllocator allocator = {limited_alloc, limited_free, &limited};
	ProtobufCMessage *m = protobuf_c_message_unpack(d, &allocator, b.len, b.len > 0 ? b.data : (const uint8_t *)"");

	*exhausted = limited.exhausted;
	return limited.exhausted ? NULL : m;
}
