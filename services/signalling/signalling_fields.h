// SPDX-License-Identifier: EUPL-1.2
/* signalling_fields.h - fields of keys and values, one behind the other, packed and unpacked one by one. */
#ifndef DOORBRAAK_SIGNALLING_FIELDS_H
#define DOORBRAAK_SIGNALLING_FIELDS_H

#include "common/arena.h"
#include "common/calendar.h"
#include "common/err.h"

struct writer {
	uint8_t *at;
	size_t len, room;
};

struct reader {
	struct bytes left;
};

static inline uint8_t *
room_for(struct writer *w, size_t len)
{
	uint8_t *at = w->at + w->len;

	ASSERT(len <= w->room - w->len);
	w->len += len;
	return at;
}

static inline void
write_u8(struct writer *w, unsigned v)
{
	ASSERT(v <= UINT8_MAX);
	*room_for(w, 1) = (uint8_t)v;
}

static inline void
write_u16(struct writer *w, uint16_t v)
{
	put_u16(room_for(w, 2), v);
}

static inline void
write_u64(struct writer *w, uint64_t v)
{
	put_u64(room_for(w, 8), v);
}

static inline void
write_day(struct writer *w, cal_day day)
{
	put_u32(room_for(w, 4), (uint32_t)day ^ 0x80000000u);
}

static inline void
write_bytes(struct writer *w, struct bytes b)
{
	if (b.len > 0)
		memcpy(room_for(w, b.len), b.data, b.len);
}

static inline void
write_code(struct writer *w, struct code code)
{
	const struct bytes text = bytes_str(code.s);

	write_u8(w, (unsigned)text.len);
	write_bytes(w, text);
}

static inline const uint8_t *
take(struct reader *r, size_t len)
{
	const uint8_t *at = r->left.data;

	ASSERT(len <= r->left.len);
	r->left = bytes_of(at + len, r->left.len - len);
	return at;
}

static inline uint8_t
read_u8(struct reader *r)
{
	return *take(r, 1);
}

static inline uint16_t
read_u16(struct reader *r)
{
	return get_u16(take(r, 2));
}

static inline uint64_t
read_u64(struct reader *r)
{
	return get_u64(take(r, 8));
}

static inline cal_day
read_day(struct reader *r)
{
	return (cal_day)(get_u32(take(r, 4)) ^ 0x80000000u);
}

static inline struct code
read_code(struct reader *r)
{
	struct code code = {{0}};
	const size_t len = read_u8(r);

	ASSERT(len <= CODE_MAX);
	memcpy(code.s, take(r, len), len);
	return code;
}

/* Text up to the next 0, or to the end. */
static inline const char *
read_text(struct reader *r, struct arena *a)
{
	const uint8_t *end = r->left.len == 0 ? NULL : memchr(r->left.data, 0, r->left.len);
	const size_t len = end == NULL ? r->left.len : (size_t)(end - r->left.data);
	const char *text = arena_str(a, bytes_of(take(r, len), len));

	if (end != NULL)
		take(r, 1);
	return text;
}

static inline struct bytes
written(const struct writer *w)
{
	return bytes_of(w->at, w->len);
}

#endif
