// SPDX-License-Identifier: EUPL-1.2
/* cells_test.c - what a report shows of small counts, and what can be computed from it: rules.md R82, I14. */
#include "common/cells.h"
#include "tests/unit/unit.h"

#define SMALLEST 5

/* ---- an oracle of its own: solves the sums by elimination over the rationals, here as whole numbers modulo a prime ---- */

#define PRIME   1000003
#define ROWS    6
#define COLUMNS 5
#define UNKNOWN ((ROWS + 1) * (COLUMNS + 1))
#define SUMS    (ROWS + COLUMNS + 2)

static int64_t
inverse(int64_t a)
{
	int64_t result = 1, e = PRIME - 2;

	for (; e > 0; e /= 2, a = a * a % PRIME) {
		if (e % 2 == 1)
			result = result * a % PRIME;
	}
	return result;
}

/* Reduces the sums, of which only the withheld cells are unknown, to echelon form. */
static void
eliminate(int64_t m[SUMS][UNKNOWN], unsigned sums, unsigned unknowns)
{
	unsigned pivot = 0;

	for (unsigned c = 0; c < unknowns && pivot < sums; c++) {
		unsigned r = pivot;

		while (r < sums && m[r][c] == 0)
			r++;
		if (r == sums)
			continue;
		for (unsigned k = 0; k < unknowns; k++) {
			const int64_t swap = m[pivot][k];
			m[pivot][k] = m[r][k];
			m[r][k] = swap;
		}
		const int64_t scale = inverse(m[pivot][c]);
		for (unsigned k = 0; k < unknowns; k++)
			m[pivot][k] = m[pivot][k] * scale % PRIME;
		for (unsigned i = 0; i < sums; i++) {
			const int64_t factor = m[i][c];

			for (unsigned k = 0; i != pivot && k < unknowns; k++)
				m[i][k] = (m[i][k] + (PRIME - factor) * m[pivot][k]) % PRIME;
		}
		pivot++;
	}
}

/* Number of withheld cells whose value follows from the shown ones: sums that hold a single unknown. */
static unsigned
solved(const struct cell *cells, unsigned rows, unsigned columns)
{
	static int64_t m[SUMS][UNKNOWN];
	const unsigned width = columns + 1;
	unsigned count = 0;

	memset(m, 0, sizeof m);
	for (unsigned r = 0; r <= rows; r++) {
		for (unsigned c = 0; c <= columns; c++) {
			const unsigned cell = r * width + c;

			if (cells[cell].shown)
				continue;
			m[r][cell] = c == columns ? PRIME - 1 : 1;
			m[rows + 1 + c][cell] = r == rows ? PRIME - 1 : 1;
		}
	}
	eliminate(m, rows + columns + 2, (rows + 1) * width);
	for (unsigned i = 0; i < rows + columns + 2; i++) {
		unsigned unknown = 0;

		for (unsigned k = 0; k < (rows + 1) * width; k++)
			unknown += m[i][k] != 0;
		count += unknown == 1;
	}
	return count;
}

/* ---- the rules ---- */

static void
a_small_cell_is_withheld_and_a_second_that_would_give_it_away(void **state UNUSED)
{
	struct cell line[] = {{.count = 4}, {.count = 30}, {.count = 12}, {0}};

	cells_withhold_line(line, 3, SMALLEST);
	assert_false(line[0].shown);
	assert_true(line[1].shown);
	assert_false(line[2].shown); /* the smallest of those that could be shown */
	assert_true(line[3].shown);
	assert_int_equal(line[3].count, 46); /* withheld cells are in the total */
}

static void
a_cell_of_the_smallest_size_is_shown(void **state UNUSED)
{
	struct cell line[] = {{.count = 5}, {.count = 6}, {0}};

	cells_withhold_line(line, 2, SMALLEST);
	assert_true(line[0].shown && line[1].shown && line[2].shown);
}

static void
what_a_line_withholds_is_no_small_cell_itself(void **state UNUSED)
{
	struct cell line[] = {{.count = 1}, {.count = 0}, {.count = 9}, {.count = 20}, {0}};

	cells_withhold_line(line, 4, SMALLEST);
	assert_false(line[0].shown);
	assert_false(line[1].shown);
	assert_false(line[2].shown); /* else the rest, 1, would be known */
	assert_true(line[3].shown);
}

static void
a_small_total_is_withheld_with_its_cells(void **state UNUSED)
{
	struct cell line[] = {{.count = 3}, {.count = 1}, {0}};

	cells_withhold_line(line, 2, SMALLEST);
	assert_false(line[0].shown || line[1].shown || line[2].shown);
}

static void
a_table_without_small_cells_is_shown_whole(void **state UNUSED)
{
	struct cell cells[9] = {{.count = 5}, {.count = 9}, {0}, {.count = 7}, {.count = 6}, {0}, {0}, {0}, {0}};

	cells_total(cells, 2, 2);
	cells_withhold(cells, 2, 2, SMALLEST);
	for (unsigned i = 0; i < 9; i++)
		assert_true(cells[i].shown);
	assert_int_equal(cells[8].count, 27);
}

static void
a_row_and_a_column_with_their_totals_give_nothing_away(void **state UNUSED)
{
	struct cell cells[16] = {{.count = 2},  {.count = 40}, {.count = 50}, {0},
				 {.count = 60}, {.count = 70}, {.count = 80}, {0},
				 {.count = 90}, {.count = 21}, {.count = 22}, {0}};

	cells_total(cells, 3, 3);
	cells_withhold(cells, 3, 3, SMALLEST);
	assert_false(cells[0].shown);
	assert_int_equal(solved(cells, 3, 3), 0);
	for (unsigned i = 12; i < 16; i++)
		assert_true(cells[i].shown); /* totals stay where they can */
}

static void
no_withheld_cell_of_any_table_can_be_computed(void **state UNUSED)
{
	uint64_t seed = 82;

	for (unsigned run = 0; run < 3000; run++) {
		const unsigned rows = 1 + run % ROWS, columns = 1 + run / ROWS % COLUMNS;
		struct cell cells[UNKNOWN] = {{0}};

		for (unsigned i = 0; i < (rows + 1) * (columns + 1); i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			cells[i].count = (int64_t)(seed >> 33) % (run % 3 == 0 ? 8 : 40);
		}
		cells_total(cells, rows, columns);
		cells_withhold(cells, rows, columns, SMALLEST);
		for (unsigned i = 0; i < (rows + 1) * (columns + 1); i++)
			assert_true(!cells[i].shown || cells[i].count >= SMALLEST);
		assert_int_equal(solved(cells, rows, columns), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_small_cell_is_withheld_and_a_second_that_would_give_it_away),
	    cmocka_unit_test(a_cell_of_the_smallest_size_is_shown),
	    cmocka_unit_test(what_a_line_withholds_is_no_small_cell_itself),
	    cmocka_unit_test(a_small_total_is_withheld_with_its_cells),
	    cmocka_unit_test(a_table_without_small_cells_is_shown_whole),
	    cmocka_unit_test(a_row_and_a_column_with_their_totals_give_nothing_away),
	    cmocka_unit_test(no_withheld_cell_of_any_table_can_be_computed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
