// SPDX-License-Identifier: EUPL-1.2
#include "common/cells.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"

#define LINES_MAX (CELLS_ROWS_MAX + CELLS_COLUMNS_MAX + 2)

struct table {
	struct cell *cells;
	unsigned rows, columns; /* totals included */
};

/* A row, or a column. */
struct line {
	unsigned first, step, count; /* cells; the last one is the total */
};

static struct line
line_of(const struct table *t, unsigned i)
{
	if (i < t->rows)
		return (struct line){i * t->columns, 1, t->columns};
	return (struct line){i - t->rows, t->columns, t->rows};
}

static struct cell *
cell_of(const struct table *t, const struct line *line, unsigned i)
{
	return &t->cells[line->first + i * line->step];
}

void
cells_total(struct cell *cells, unsigned rows, unsigned columns)
{
	const struct table t = {cells, rows + 1, columns + 1};

	/* The rows first: the column of their totals is then summed like any other. */
	for (unsigned i = 0; i < t.rows + t.columns; i++) {
		const struct line line = line_of(&t, i);
		struct cell *total = cell_of(&t, &line, line.count - 1);

		if (i == rows)
			continue;
		total->count = 0;
		for (unsigned j = 0; j + 1 < line.count; j++)
			total->count += cell_of(&t, &line, j)->count;
	}
}

/* ---- can it be computed? ---- */

/* The lines that hang together with `from` by withheld cells, without the cell `but`. */
static void
reach(const struct table *t, unsigned from, const struct cell *but, bool *reached)
{
	unsigned queue[LINES_MAX];
	unsigned head = 0, tail = 0;

	memset(reached, 0, LINES_MAX * sizeof *reached);
	queue[tail++] = from;
	reached[from] = true;
	while (head < tail) {
		const unsigned at = queue[head++];
		const struct line line = line_of(t, at);

		for (unsigned i = 0; i < line.count; i++) {
			const struct cell *cell = cell_of(t, &line, i);
			const unsigned to = at < t->rows ? t->rows + i : i;

			if (cell->shown || cell == but || reached[to])
				continue;
			reached[to] = true;
			queue[tail++] = to;
		}
	}
}

/* A withheld cell follows from the shown ones when nothing else ties its row to its column. */
static bool
can_be_computed(const struct table *t, unsigned row, unsigned column)
{
	bool reached[LINES_MAX];

	reach(t, row, &t->cells[row * t->columns + column], reached);
	return !reached[t->rows + column];
}

/* ---- withholding ---- */

/* Withholds the smallest that is shown, totals aside. False when all is withheld. */
static bool
withhold_inner(const struct table *t, const struct line *line)
{
	struct cell *best = NULL;

	for (unsigned i = 0; i + 1 < line->count; i++) {
		struct cell *cell = cell_of(t, line, i);

		if (cell->shown && (best == NULL || cell->count < best->count))
			best = cell;
	}
	if (best != NULL)
		best->shown = false;
	return best != NULL;
}

/* The same, and a total when nothing else is left. */
static bool
withhold_one(const struct table *t, const struct line *line)
{
	struct cell *total = cell_of(t, line, line->count - 1);

	if (withhold_inner(t, line))
		return true;
	if (!total->shown)
		return false;
	total->shown = false;
	return true;
}

/* What a line withholds below a total that is shown. */
static bool
rest_is_small(const struct table *t, const struct line *line, int64_t smallest)
{
	int64_t rest = 0;
	bool any = false;

	for (unsigned i = 0; i + 1 < line->count; i++) {
		const struct cell *cell = cell_of(t, line, i);

		any |= !cell->shown;
		rest += cell->shown ? 0 : cell->count;
	}
	return any && cell_of(t, line, line->count - 1)->shown && rest < smallest;
}

static bool
withhold_rests(const struct table *t, int64_t smallest)
{
	bool changed = false;

	for (unsigned i = 0; i < t->rows + t->columns; i++) {
		const struct line line = line_of(t, i);

		while (rest_is_small(t, &line, smallest) && withhold_one(t, &line))
			changed = true;
	}
	return changed;
}

static bool
withhold_computable(const struct table *t)
{
	bool changed = false;

	for (unsigned i = 0; i < t->rows * t->columns; i++) {
		const unsigned row = i / t->columns, column = i % t->columns;
		const struct line across = line_of(t, row), down = line_of(t, t->rows + column);

		if (t->cells[i].shown || !can_be_computed(t, row, column))
			continue;
		changed |= withhold_inner(t, &across) || withhold_inner(t, &down) || withhold_one(t, &across) ||
			   withhold_one(t, &down);
	}
	return changed;
}

void
cells_withhold(struct cell *cells, unsigned rows, unsigned columns, int64_t smallest)
{
	const struct table t = {cells, rows + 1, columns + 1};

	ASSERT(rows > 0 && rows <= CELLS_ROWS_MAX && columns > 0 && columns <= CELLS_COLUMNS_MAX);
	for (unsigned i = 0; i < t.rows * t.columns; i++)
		cells[i].shown = cells[i].count >= smallest;
	/* Each round withholds a cell more, so it ends; two marks that only follow each other are looked at again. */
	while (withhold_rests(&t, smallest) || withhold_computable(&t))
		;
}

void
cells_withhold_line(struct cell *cells, unsigned count, int64_t smallest)
{
	const struct table t = {cells, 1, count + 1};
	const struct line line = line_of(&t, 0);
	unsigned withheld = 0;

	ASSERT(count > 0);
	cells[count].count = 0;
	for (unsigned i = 0; i < count; i++)
		cells[count].count += cells[i].count;
	for (unsigned i = 0; i <= count; i++) {
		cells[i].shown = cells[i].count >= smallest;
		withheld += !cells[i].shown;
	}
	if (withheld == 1 && withhold_one(&t, &line))
		withheld++;
	while (rest_is_small(&t, &line, smallest) && withhold_one(&t, &line))
		;
}
