// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/columns.h"

#include "common/err.h"

void
columns_init(struct columns *c, struct arena *arena, unsigned count)
{
	ASSERT(count > 0 && count <= COLUMNS_MAX);
	*c = (struct columns){.arena = arena, .count = count};
}

void
columns_add(struct columns *c, const char *const *cells)
{
	if (c->rows == c->room) {
		c->room = c->room == 0 ? 64 : c->room * 2;
		const char **grown = ARENA_ARRAY(c->arena, const char *, c->room * c->count);
		if (c->rows > 0)
			memcpy(grown, c->cells, sizeof *grown * c->rows * c->count);
		c->cells = grown;
	}
	memcpy(c->cells + c->rows++ * c->count, cells, sizeof *cells * c->count);
}

void
columns_print(const struct columns *c, FILE *out)
{
	size_t widths[COLUMNS_MAX] = {0};

	for (size_t i = 0; i < c->rows * c->count; i++) {
		const size_t len = strlen(c->cells[i]);
		if (len > widths[i % c->count])
			widths[i % c->count] = len;
	}
	for (size_t row = 0; row < c->rows; row++) {
		const char *const *cells = c->cells + row * c->count;
		unsigned last = c->count;
		while (last > 1 && cells[last - 1][0] == '\0')
			last--;
		for (unsigned i = 0; i < last; i++)
			fprintf(out, "%-*s%s", i + 1 < last ? (int)widths[i] : 0, cells[i], i + 1 < last ? "  " : "\n");
	}
}
