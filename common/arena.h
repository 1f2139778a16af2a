// SPDX-License-Identifier: EUPL-1.2
/* arena.h - memory that is given back all at once.
 *
 * One arena serves one batch: what is taken from it stays valid until arena_reset(). It never fails: out of memory
 * ends the process. Taken memory is aligned to 16 and zeroed. */
#ifndef DOORBRAAK_ARENA_H
#define DOORBRAAK_ARENA_H

#include "common/bytes.h"

struct arena_block;

struct arena {
	struct arena_block *first; /* blocks are kept over a reset */
	struct arena_block *current;
	size_t taken; /* bytes since the last reset */
};

void arena_init(struct arena *a);
void arena_fini(struct arena *a);
void arena_reset(struct arena *a);

void *arena_take(struct arena *a, size_t len);
struct bytes arena_copy(struct arena *a, struct bytes b);
/* NUL-terminated copy. */
char *arena_str(struct arena *a, struct bytes b);
/* The texts, one behind the other. */
char *arena_join(struct arena *a, const char *const *parts, size_t count);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define ARENA_NEW(a, type)      ((type *)arena_take((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_take((a), sizeof(type) * (n)))

#endif
