// SPDX-License-Identifier: EUPL-1.2
/* cells.h - which counts of a table may be shown (rules.md R82, 5.3, I14; Jeugdwet 7.4.4). Pure.
 *
 * A table has rows and columns of counts, with totals at the end of each row and column. Withheld are:
 *   1. every count below the smallest cell size, totals included, zero included;
 *   2. further counts, the smallest first and totals last, until no withheld count can be computed from what is shown:
 *      seen as a graph of rows and columns that are tied by the withheld cells, none of those ties is a bridge;
 *   3. and until what a line withholds adds up to the smallest cell size at least, where its total is shown: the rest
 *      of a line is a cell too.
 * Withheld counts stay in the totals. */
#ifndef DOORBRAAK_CELLS_H
#define DOORBRAAK_CELLS_H

#include <stdbool.h>
#include <stdint.h>

#define CELLS_ROWS_MAX    400
#define CELLS_COLUMNS_MAX 64

struct cell {
	int64_t count; /* not negative */
	bool shown;
};

/* `cells` holds (rows + 1) x (columns + 1), row by row; the last of each are the totals, which are filled in here. */
void cells_total(struct cell *cells, unsigned rows, unsigned columns);
/* Sets `shown` of each, the totals too. */
void cells_withhold(struct cell *cells, unsigned rows, unsigned columns, int64_t smallest);
/* A single line: `count` cells and behind them their total, which is filled in too. */
void cells_withhold_line(struct cell *cells, unsigned count, int64_t smallest);

#endif
