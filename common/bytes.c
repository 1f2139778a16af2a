// SPDX-License-Identifier: EUPL-1.2
#include "common/bytes.h"

static void
copy_text(char *to, size_t size, const char *from)
{
	const size_t len = strnlen(from, size - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

/* All bytes behind the text stay zero, so that equal codes are equal as memory too. */
struct code
code_of(const char *s)
{
	struct code code = {0};

	copy_text(code.s, sizeof(code.s), s);
	return code;
}

struct id
id_of(const char *s)
{
	struct id id = {0};

	copy_text(id.s, sizeof(id.s), s);
	return id;
}

void
put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void
put_u32(uint8_t *p, uint32_t v)
{
	put_u16(p, (uint16_t)(v >> 16));
	put_u16(p + 2, (uint16_t)v);
}

void
put_u64(uint8_t *p, uint64_t v)
{
	put_u32(p, (uint32_t)(v >> 32));
	put_u32(p + 4, (uint32_t)v);
}

uint16_t
get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t
get_u32(const uint8_t *p)
{
	return (uint32_t)get_u16(p) << 16 | get_u16(p + 2);
}

uint64_t
get_u64(const uint8_t *p)
{
	return (uint64_t)get_u32(p) << 32 | get_u32(p + 4);
}

void
bytes_hex(struct bytes b, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < b.len; i++) {
		*out++ = digits[b.data[i] >> 4];
		*out++ = digits[b.data[i] & 15];
	}
	*out = '\0';
}

size_t
bytes_utf8_length(struct bytes b)
{
	const uint8_t first = b.data[0];
	const size_t len = first < 0x80   ? 1
			   : first < 0xc2 ? 0
			   : first < 0xe0 ? 2
			   : first < 0xf0 ? 3
			   : first < 0xf5 ? 4
					  : 0;

	if (len == 0 || len > b.len || first == 0)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((b.data[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((first == 0xe0 && b.data[1] < 0xa0) || (first == 0xed && b.data[1] > 0x9f) ||
	    (first == 0xf0 && b.data[1] < 0x90) || (first == 0xf4 && b.data[1] > 0x8f))
		return 0;
	return len;
}
