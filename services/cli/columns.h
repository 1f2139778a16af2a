// SPDX-License-Identifier: EUPL-1.2
/* columns.h - lines of cells, printed under each other once all are known. */
#ifndef DOORBRAAK_COLUMNS_H
#define DOORBRAAK_COLUMNS_H

#include <stdio.h>

#include "common/arena.h"

#define COLUMNS_MAX 10

struct columns {
	struct arena *arena;
	unsigned count; /* of columns */
	const char **cells;
	size_t rows, room;
};

void columns_init(struct columns *c, struct arena *arena, unsigned count);
/* One row; the texts must live as long as the arena. */
void columns_add(struct columns *c, const char *const *cells);
/* Two spaces between columns; the last one is as wide as it is. */
void columns_print(const struct columns *c, FILE *out);

#endif
