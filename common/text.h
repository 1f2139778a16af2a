// SPDX-License-Identifier: EUPL-1.2
/* text.h - a text made of pieces, in an arena. Grows by doubling: pieces cost what they are long. */
#ifndef DOORBRAAK_TEXT_H
#define DOORBRAAK_TEXT_H

#include "common/arena.h"

struct text {
	struct arena *arena;
	char *at; /* NULL while empty; not ended by a NUL */
	size_t len, room;
};

static inline struct text
text_in(struct arena *a)
{
	return (struct text){.arena = a};
}

void text_add(struct text *t, const char *piece);

static inline struct bytes
text_bytes(const struct text *t)
{
	return bytes_of(t->at, t->len);
}

#endif
