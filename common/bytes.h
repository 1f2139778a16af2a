// SPDX-License-Identifier: EUPL-1.2
/* bytes.h - borrowed views of memory, short codes, and numbers as bytes.
 *
 * A `struct bytes` owns nothing: whoever hands it out says until when it is valid. Numbers in keys and values are
 * big-endian, so that byte order is number order. Nothing here allocates. */
#ifndef DOORBRAAK_BYTES_H
#define DOORBRAAK_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CODE_MAX 40 /* bytes of an organisation id, a region or another code */
#define ID_MAX   64 /* bytes of a case id, an action id, a message id */

struct bytes {
	const uint8_t *data;
	size_t len;
};

/* A code as a value: NUL-terminated, empty means none. */
struct code {
	char s[CODE_MAX + 1];
};

/* An id as a value: NUL-terminated, empty means none. */
struct id {
	char s[ID_MAX + 1];
};

static inline struct bytes
bytes_of(const void *data, size_t len)
{
	return (struct bytes){data, len};
}

/* The characters of a string, without the NUL. */
static inline struct bytes
bytes_str(const char *s)
{
	return (struct bytes){(const uint8_t *)s, strlen(s)};
}

/* Below, at or above 0, as memcmp; what is longer stands behind what it begins with. */
static inline int
bytes_compare(struct bytes a, struct bytes b)
{
	const size_t len = a.len < b.len ? a.len : b.len;
	const int order = len == 0 ? 0 : memcmp(a.data, b.data, len);

	return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

static inline bool
bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool
bytes_begin_with(struct bytes whole, struct bytes prefix)
{
	return whole.len >= prefix.len && (prefix.len == 0 || memcmp(whole.data, prefix.data, prefix.len) == 0);
}

/* Copies a text that validation has already bounded; a longer one is cut (never happens behind validation). */
struct code code_of(const char *s);
struct id id_of(const char *s);

static inline bool
code_equal(struct code a, struct code b)
{
	return strcmp(a.s, b.s) == 0;
}

static inline bool
code_is(struct code a, const char *s)
{
	return strcmp(a.s, s) == 0;
}

static inline bool
code_is_empty(struct code a)
{
	return a.s[0] == '\0';
}

void put_u16(uint8_t *p, uint16_t v);
void put_u32(uint8_t *p, uint32_t v);
void put_u64(uint8_t *p, uint64_t v);
uint16_t get_u16(const uint8_t *p);
uint32_t get_u32(const uint8_t *p);
uint64_t get_u64(const uint8_t *p);

/* Length of the UTF-8 character at the beginning of what is not empty; 0 when it is none, or NUL (RFC 3629: no overlong
 * forms, no surrogates). */
size_t bytes_utf8_length(struct bytes b);

/* Lower-case hexadecimal; `out` has room for 2 * len + 1. */
void bytes_hex(struct bytes b, char *out);

#endif
