// SPDX-License-Identifier: EUPL-1.2
#include "common/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/err.h"

#define ARENA_ALIGN      16u
#define ARENA_BLOCK_SIZE ((size_t)64 << 10)
#define ARENA_KEPT_MAX   ((size_t)4 << 20) /* bytes of blocks kept over a reset */

/* With the address sanitizer, what was given back is poisoned: using it is found, not survived. */
#ifdef __has_feature
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, len)   ((void)(p), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(p, len) ((void)(p), (void)(len))
#endif

struct arena_block {
	struct arena_block *next;
	size_t size; /* of memory */
	size_t used;
	_Alignas(ARENA_ALIGN) uint8_t memory[];
};

void
arena_init(struct arena *a)
{
	*a = (struct arena){0};
}

static void
free_blocks(struct arena_block *block)
{
	while (block != NULL) {
		struct arena_block *next = block->next;

		ASAN_UNPOISON_MEMORY_REGION(block->memory, block->size);
		free(block);
		block = next;
	}
}

void
arena_fini(struct arena *a)
{
	free_blocks(a->first);
	*a = (struct arena){0};
}

void
arena_reset(struct arena *a)
{
	struct arena_block **link = &a->first;
	size_t kept = 0;

	while (*link != NULL && kept + (*link)->size <= ARENA_KEPT_MAX) {
		kept += (*link)->size;
		(*link)->used = 0;
		ASAN_POISON_MEMORY_REGION((*link)->memory, (*link)->size);
		link = &(*link)->next;
	}
	free_blocks(*link);
	*link = NULL;
	a->current = a->first;
	a->taken = 0;
}

static struct arena_block *
block_new(size_t len)
{
	const size_t size = len > ARENA_BLOCK_SIZE ? len : ARENA_BLOCK_SIZE;
	struct arena_block *block = malloc(sizeof(*block) + size);

	if (block == NULL)
		fatal("out of memory: %zu bytes", size);
	block->next = NULL;
	block->size = size;
	block->used = 0;
	ASAN_POISON_MEMORY_REGION(block->memory, size);
	return block;
}

/* The first block from the current one on with room. A kept block that is too small is passed over until the reset. */
static struct arena_block *
block_with_room(struct arena *a, size_t len)
{
	struct arena_block **link = a->current == NULL ? &a->first : &a->current;

	while (*link != NULL && (*link)->size - (*link)->used < len)
		link = &(*link)->next;
	if (*link == NULL)
		*link = block_new(len);
	return *link;
}

static void *
take_raw(struct arena *a, size_t len)
{
	ASSERT(len < SIZE_MAX / 2);
	/* Nothing is as valid as something, and gets an address of its own. */
	const size_t rounded = (len + (len == 0) + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	struct arena_block *block = block_with_room(a, rounded);
	uint8_t *p = block->memory + block->used;

	block->used += rounded;
	a->current = block;
	a->taken += rounded;
	ASAN_UNPOISON_MEMORY_REGION(p, len);
	return p;
}

void *
arena_take(struct arena *a, size_t len)
{
	return memset(take_raw(a, len), 0, len);
}

struct bytes
arena_copy(struct arena *a, struct bytes b)
{
	uint8_t *p = take_raw(a, b.len);

	if (b.len > 0)
		memcpy(p, b.data, b.len);
	return bytes_of(p, b.len);
}

char *
arena_str(struct arena *a, struct bytes b)
{
	char *s = take_raw(a, b.len + 1);

	if (b.len > 0)
		memcpy(s, b.data, b.len);
	s[b.len] = '\0';
	return s;
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	char small[256];
	va_list args;

	va_start(args, format);
	const int len = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	ASSERT(len >= 0);
	if ((size_t)len < sizeof(small))
		return arena_str(a, bytes_of(small, (size_t)len));

	char *s = take_raw(a, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(s, (size_t)len + 1, format, args);
	va_end(args);
	return s;
}

char *
arena_join(struct arena *a, const char *const *parts, size_t count)
{
	size_t len = 0;
	char *text, *end;

	for (size_t i = 0; i < count; i++)
		len += strlen(parts[i]);
	text = end = arena_take(a, len + 1);
	for (size_t i = 0; i < count; i++)
		end = stpcpy(end, parts[i]);
	return text;
}
