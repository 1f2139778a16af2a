// SPDX-License-Identifier: EUPL-1.2
#include "common/text.h"

void
text_add(struct text *t, const char *piece)
{
	const size_t len = strlen(piece);

	if (t->len + len > t->room) {
		const size_t room = 2 * (t->len + len) + 256;
		char *more = arena_take(t->arena, room);

		if (t->len > 0)
			memcpy(more, t->at, t->len);
		t->at = more;
		t->room = room;
	}
	memcpy(t->at + t->len, piece, len);
	t->len += len;
}
