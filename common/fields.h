// SPDX-License-Identifier: EUPL-1.2
/* fields.h - keys and values in the store, field by field.
 *
 * Numbers big-endian, days with the sign bit turned so that byte order is day order, codes as length and bytes. The
 * room of an out, and the presence of what an in takes, are the caller's promise: they are asserted. */
#ifndef DOORBRAAK_FIELDS_H
#define DOORBRAAK_FIELDS_H

#include "common/arena.h"
#include "common/calendar.h"
#include "common/err.h"

struct fields_out {
	uint8_t *at;
	size_t len, room;
};

struct fields_in {
	struct bytes left;
};

static inline uint8_t *
out_room(struct fields_out *w, size_t len)
{
	uint8_t *at = w->at + w->len;

	ASSERT(len <= w->room - w->len);
	w->len += len;
	return at;
}

static inline void
out_u8(struct fields_out *w, unsigned v)
{
	ASSERT(v <= UINT8_MAX);
	*out_room(w, 1) = (uint8_t)v;
}

static inline void
out_u16(struct fields_out *w, uint16_t v)
{
	put_u16(out_room(w, 2), v);
}

static inline void
out_u64(struct fields_out *w, uint64_t v)
{
	put_u64(out_room(w, 8), v);
}

static inline void
out_day(struct fields_out *w, cal_day day)
{
	put_u32(out_room(w, 4), (uint32_t)day ^ 0x80000000u);
}

static inline void
out_bytes(struct fields_out *w, struct bytes b)
{
	if (b.len > 0)
		memcpy(out_room(w, b.len), b.data, b.len);
}

static inline void
out_code(struct fields_out *w, struct code code)
{
	const struct bytes text = bytes_str(code.s);

	out_u8(w, (unsigned)text.len);
	out_bytes(w, text);
}

static inline const uint8_t *
in_take(struct fields_in *r, size_t len)
{
	const uint8_t *at = r->left.data;

	ASSERT(len <= r->left.len);
	r->left = bytes_of(at + len, r->left.len - len);
	return at;
}

static inline uint8_t
in_u8(struct fields_in *r)
{
	return *in_take(r, 1);
}

static inline uint16_t
in_u16(struct fields_in *r)
{
	return get_u16(in_take(r, 2));
}

static inline uint64_t
in_u64(struct fields_in *r)
{
	return get_u64(in_take(r, 8));
}

static inline cal_day
in_day(struct fields_in *r)
{
	return (cal_day)(get_u32(in_take(r, 4)) ^ 0x80000000u);
}

static inline struct code
in_code(struct fields_in *r)
{
	struct code code = {{0}};
	const size_t len = in_u8(r);

	ASSERT(len <= CODE_MAX);
	memcpy(code.s, in_take(r, len), len);
	return code;
}

/* Text up to the next 0, or to the end. */
static inline const char *
in_text(struct fields_in *r, struct arena *a)
{
	const uint8_t *end = r->left.len == 0 ? NULL : memchr(r->left.data, 0, r->left.len);
	const size_t len = end == NULL ? r->left.len : (size_t)(end - r->left.data);
	const char *text = arena_str(a, bytes_of(in_take(r, len), len));

	if (end != NULL)
		in_take(r, 1);
	return text;
}

static inline struct bytes
out_done(const struct fields_out *w)
{
	return bytes_of(w->at, w->len);
}

#endif
