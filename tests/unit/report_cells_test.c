// SPDX-License-Identifier: EUPL-1.2
/* report_cells_test.c - all reports of a period put together, by elimination: no small cell follows from what they show. */
#include "services/monitoring/monitoring_report_cells.h"
#include "tests/load/load.h"
#include "tests/unit/unit.h"

#define SMALLEST  5
#define ROWS_MAX  512u
#define ATOMS_MAX 256u
#define MODULUS   2147483647u
#define REGIONS   8u

static const char *const groups[] = {"SUBMITTER/LOCAL_TEAM", "SUBMITTER/PARENT", "SUBMITTER/SCHOOL"};

/* Where cases stand: two regions share a team, one changed teams, one has two, one changed centres. */
static const struct {
	const char *region, *team, *centre;
} places[] = {
    {"JZ01", "ET-A", "EC-1"}, {"JZ02", "ET-A", "EC-1"}, {"JZ03", "ET-C", "EC-1"}, {"JZ03", "", "EC-1"},
    {"JZ04", "ET-D", "EC-2"}, {"JZ04", "ET-E", "EC-2"}, {"JZ05", "ET-F", "EC-2"}, {"JZ06", "ET-G", "EC-2"},
    {"JZ06", "ET-G", "EC-3"}, {"JZ07", "ET-H", "EC-3"}, {"JZ08", "ET-I", "EC-3"},
};

/* Cases of one group at one place; what a reader does not know. */
struct atom {
	unsigned place, group;
	int64_t count;
};

struct world {
	struct arena arena;
	struct load_random random;
	struct tally_row rows[ROWS_MAX];
	size_t row_count;
	struct atom atoms[ATOMS_MAX];
	unsigned atom_count;
	uint64_t shown[4 * ATOMS_MAX][ATOMS_MAX]; /* rows of an echelon form, one for each that has a pivot */
	unsigned pivots[4 * ATOMS_MAX], shown_count;
	unsigned told, withheld;
};

static void
add_row(struct world *w, unsigned k, unsigned place, const char *group, int64_t numerator, int64_t denominator)
{
	assert_true(w->row_count < ROWS_MAX);
	w->rows[w->row_count++] = (struct tally_row){.k = k,
						     .group = group,
						     .region = places[place].region,
						     .team = places[place].team,
						     .centre = places[place].centre,
						     .numerator = numerator,
						     .denominator = denominator};
}

/* Many small numbers, some large ones. */
static int64_t
some_count(struct world *w)
{
	return (int64_t)(load_chance(&w->random, 50) ? load_below(&w->random, 5) : load_below(&w->random, 30));
}

static void
happen(struct world *w, unsigned k)
{
	w->row_count = w->atom_count = w->shown_count = 0;
	for (unsigned p = 0; p < COUNT_OF(places); p++) {
		int64_t all = 0;
		for (unsigned g = 0; g < (k == 1 ? COUNT_OF(groups) : 1); g++) {
			const int64_t count = some_count(w);
			all += count;
			w->atoms[w->atom_count++] = (struct atom){p, g, count};
			if (k == 1 && count > 0)
				add_row(w, k, p, groups[g], count, 0);
		}
		if (all > 0)
			add_row(w, k, p, "", k == 1 ? all : all / 2, k == 1 ? 0 : all);
		else /* that a place has nothing shows: nothing of it is listed */
			w->atom_count -= k == 1 ? (unsigned)COUNT_OF(groups) : 1;
	}
}

/* ---- elimination ---- */

static uint64_t
power(uint64_t base, uint64_t exponent)
{
	uint64_t result = 1;

	for (; exponent > 0; exponent >>= 1, base = base * base % MODULUS)
		if ((exponent & 1) != 0)
			result = result * base % MODULUS;
	return result;
}

/* Takes the known rows out of one; its first column that is left, ATOMS_MAX when nothing is. */
static unsigned
reduce(const struct world *w, uint64_t *row)
{
	for (unsigned i = 0; i < w->shown_count; i++) {
		const uint64_t by = row[w->pivots[i]];
		for (unsigned c = 0; c < w->atom_count && by != 0; c++)
			row[c] = (row[c] + (MODULUS - by) * w->shown[i][c]) % MODULUS;
	}
	for (unsigned c = 0; c < w->atom_count; c++)
		if (row[c] != 0)
			return c;
	return ATOMS_MAX;
}

static void
learn(struct world *w, uint64_t *row)
{
	const unsigned pivot = reduce(w, row);

	if (pivot == ATOMS_MAX)
		return;
	const uint64_t inverse = power(row[pivot], MODULUS - 2);
	for (unsigned c = 0; c < w->atom_count; c++)
		w->shown[w->shown_count][c] = row[c] * inverse % MODULUS;
	w->pivots[w->shown_count++] = pivot;
}

/* Which atoms a figure is the sum of; how many cases. */
static int64_t
row_of(const struct world *w, const struct tally_place *where, const char *region, const char *group,
       uint64_t row[ATOMS_MAX])
{
	int64_t count = 0;

	for (unsigned i = 0; i < w->atom_count; i++) {
		const struct atom *atom = &w->atoms[i];
		const bool in = (where->region == NULL || strcmp(where->region, places[atom->place].region) == 0) &&
				(region[0] == '\0' || strcmp(region, places[atom->place].region) == 0) &&
				(where->team == NULL || strcmp(where->team, places[atom->place].team) == 0) &&
				(where->centre == NULL || strcmp(where->centre, places[atom->place].centre) == 0) &&
				(group[0] == '\0' || strcmp(group, groups[atom->group]) == 0);
		row[i] = in;
		count += in ? atom->count : 0;
	}
	return count;
}

/* ---- reports ---- */

static unsigned
subjects_of(struct tally_place subjects[64])
{
	unsigned count = 1;

	subjects[0] = (struct tally_place){NULL, NULL, NULL};
	for (unsigned p = 0; p < COUNT_OF(places); p++) {
		subjects[count++] = (struct tally_place){places[p].region, NULL, NULL};
		if (places[p].team[0] != '\0')
			subjects[count++] = (struct tally_place){NULL, places[p].team, NULL};
		subjects[count++] = (struct tally_place){NULL, NULL, places[p].centre};
	}
	return count;
}

static void
read_reports(struct world *w, unsigned k)
{
	const struct report_table table = report_table(&w->arena, k, w->rows, w->row_count, NULL, SMALLEST);
	struct tally_place subjects[64];
	const unsigned count = subjects_of(subjects);

	for (unsigned s = 0; s < count; s++) {
		struct figures f =
		    figures_of(&w->arena, k, w->rows, w->row_count, &subjects[s], subjects[s].region == NULL, NULL);
		report_table_withhold(&table, &f, &subjects[s], SMALLEST);
		for (size_t i = 0; i < f.count; i++) {
			uint64_t row[ATOMS_MAX];
			const int64_t cases = row_of(w, &subjects[s], f.list[i].region, f.list[i].group, row);
			assert_int_equal(cases, f.list[i].cases);
			w->told += f.list[i].shown;
			w->withheld += !f.list[i].shown;
			assert_false(f.list[i].shown && cases < SMALLEST);
			if (f.list[i].shown)
				learn(w, row);
		}
	}
}

/* Each number of a region, and of other subjects what is no part of a family. */
static void
nothing_small_is_known(const struct world *w, unsigned round)
{
	struct tally_place subjects[64];
	const unsigned count = subjects_of(subjects);

	for (unsigned s = 0; s < count; s++) {
		for (unsigned r = 0; r <= REGIONS; r++) {
			for (unsigned g = 0; g <= (s == 0 || subjects[s].region != NULL ? COUNT_OF(groups) : 0); g++) {
				char region[8] = "";
				uint64_t row[ATOMS_MAX];
				if (r > 0)
					snprintf(region, sizeof region, "JZ%02u", r);
				const int64_t cases = row_of(w, &subjects[s], region, g == 0 ? "" : groups[g - 1], row);
				if (cases > 0 && cases < SMALLEST && reduce(w, row) == ATOMS_MAX)
					fail_msg("round %u: %d of %s %s %s in %s, %s, can be computed", round,
						 (int)cases, subjects[s].region, subjects[s].team, subjects[s].centre,
						 region, g == 0 ? "all" : groups[g - 1]);
			}
		}
	}
}

static void
all_reports_of_a_period_together_give_no_small_cell(void **state UNUSED)
{
	static const unsigned kinds[] = {1, 3};
	static struct world w;

	w = (struct world){.random = {7}};
	arena_init(&w.arena);
	for (unsigned round = 0; round < 600; round++) {
		arena_reset(&w.arena);
		happen(&w, kinds[round % 2]);
		read_reports(&w, kinds[round % 2]);
		nothing_small_is_known(&w, round);
	}
	/* Not by saying nothing. */
	assert_true(w.told > 4000);
	assert_true(w.withheld > 4000);
	arena_fini(&w.arena);
}

static void
what_is_large_everywhere_is_shown_everywhere(void **state UNUSED)
{
	static struct world w;

	w = (struct world){.random = {7}};
	arena_init(&w.arena);
	for (unsigned p = 0; p < COUNT_OF(places); p++) {
		w.atoms[w.atom_count++] = (struct atom){p, 0, 10 + p};
		add_row(&w, 3, p, "", 1, 10 + p);
	}
	read_reports(&w, 3);
	assert_int_equal(w.withheld, 0);
	arena_fini(&w.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_reports_of_a_period_together_give_no_small_cell),
	    cmocka_unit_test(what_is_large_everywhere_is_shown_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
