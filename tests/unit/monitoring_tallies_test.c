// SPDX-License-Identifier: EUPL-1.2
/* monitoring_tallies_test.c - tallies kept by month and place, and added up: medians and p90 are exact. */
#include "services/monitoring/monitoring_tallies.h"
#include "tests/unit/unit.h"

struct fixture {
	struct temp temp;
	struct store *store;
	struct tallies tallies;
};

static const struct tally_place weert = {"JZ43", "ET-A", "EC-LIMBURG"};
static const struct tally_place roermond = {"JZ42", "ET-A", "EC-LIMBURG"};
static const struct tally_place delft = {"JZ24", "ET-B", "EC-ZUID-HOLLAND"};

static int
set_up(void **state)
{
	static struct fixture f;
	struct why why;

	f.temp = temp_make();
	const struct temp_path dir = temp_path(&f.temp, "store");
	const struct store_options options = {.dir = dir.s, .fast = true};
	assert_int_equal(store_open(&f.store, &options, &why), ERR_NONE);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(&f->store);
	temp_remove(&f->temp);
	return 0;
}

/* One open write transaction for a whole test: a question sees what was added in it. */
static struct store_txn *
txn_of(struct fixture *f)
{
	struct store_txn *txn = store_begin_write(f->store);

	f->tallies = tallies_open(txn);
	return txn;
}

static void
add(struct fixture *f, struct store_txn *txn, const struct tally_place *place, const char *day, const char *group,
    int32_t value, int64_t numerator, int64_t denominator)
{
	const struct tally tally = {9, cal_parse(day), group, value, numerator, denominator};

	tallies_add(&f->tallies, txn, place, &tally);
}

struct question {
	unsigned k;
	int from, to;
	struct tally_place where;
};

static struct question
question(const char *from, const char *to)
{
	return (struct question){
	    .k = 9,
	    .from = tally_month(cal_parse(from)),
	    .to = tally_month(cal_parse(to)),
	};
}

static const struct tally_sum *
sums_of(struct fixture *f, struct store_txn *txn, const struct question *q, size_t *count)
{
	size_t row_count;
	const struct tally_row *rows = tallies_read(&f->tallies, txn, q->k, q->from, q->to, &row_count);

	return tallies_sum(store_arena(txn), rows, row_count, &q->where, count);
}

static void
months_and_places_add_up(void **state)
{
	struct fixture *f = *state;
	struct store_txn *txn = txn_of(f);
	struct question q = question("2021-01-01", "2021-03-31");
	size_t count;

	add(f, txn, &weert, "2021-01-31", "", 0, 1, 2);
	add(f, txn, &roermond, "2021-03-01", "", 0, 2, 3);
	add(f, txn, &delft, "2021-02-14", "", 0, 0, 5);
	add(f, txn, &delft, "2021-02-14", "B", 0, 7, 7);
	add(f, txn, &weert, "2020-12-31", "", 0, 100, 100); /* before */
	add(f, txn, &weert, "2021-04-01", "", 0, 100, 100); /* behind */

	const struct tally_sum *sums = sums_of(f, txn, &q, &count);
	assert_int_equal(count, 2);
	assert_string_equal(sums[0].group, "");
	assert_int_equal(sums[0].numerator, 3);
	assert_int_equal(sums[0].denominator, 10);
	assert_string_equal(sums[1].group, "B");
	assert_int_equal(sums[1].numerator, 7);

	q.where.region = "JZ43";
	sums = sums_of(f, txn, &q, &count);
	assert_int_equal(count, 1);
	assert_int_equal(sums[0].denominator, 2);

	/* One team for two regions (R4). */
	q = question("2021-01-01", "2021-03-31");
	q.where.team = "ET-A";
	sums = sums_of(f, txn, &q, &count);
	assert_int_equal(sums[0].denominator, 5);

	q.k = 10;
	sums_of(f, txn, &q, &count);
	assert_int_equal(count, 0);
}

/* Against sorting all values: nearest rank. */
static void
median_and_p90_are_exact_over_months_and_places(void **state)
{
	static const struct tally_place *const places[] = {&weert, &roermond, &delft};
	static const char *const days[] = {"2021-01-05", "2021-02-05", "2021-03-05"};
	struct fixture *f = *state;
	struct store_txn *txn = txn_of(f);
	const struct question q = question("2021-01-01", "2021-12-31");
	int32_t seen[400] = {0};
	uint64_t seed = 9;
	size_t count;

	for (int n = 1; n <= 250; n++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		const int32_t value = (int32_t)((seed >> 40) % 400);

		seen[value]++;
		add(f, txn, places[seed % 3], days[(seed >> 8) % 3], "", value, 0, 1);
		const struct tally_sum *sum = sums_of(f, txn, &q, &count);
		int below = 0;
		int32_t median = -1, p90 = -1;
		int64_t total = 0;

		for (int32_t v = 0; v < 400; v++) {
			below += seen[v];
			total += (int64_t)v * seen[v];
			if (median < 0 && 2 * below >= n)
				median = v;
			if (p90 < 0 && 10 * below >= 9 * n)
				p90 = v;
		}
		assert_int_equal(count, 1);
		assert_int_equal(sum->denominator, n);
		assert_int_equal(tally_percentile(sum, 50), median);
		assert_int_equal(tally_percentile(sum, 90), p90);
		assert_int_equal(tally_total(sum), total);
	}
}

static void
of_nothing_the_median_is_zero(void **state UNUSED)
{
	const struct tally_sum none = {.group = ""};

	assert_int_equal(tally_percentile(&none, 50), 0);
	assert_int_equal(tally_total(&none), 0);
}

static void
a_meeting_day_of_a_team_is_counted_once(void **state)
{
	struct fixture *f = *state;
	struct store_txn *txn = txn_of(f);
	const cal_day day = cal_parse("2021-03-01");

	assert_true(tallies_open_meeting(&f->tallies, txn, "ET-A", day));
	assert_false(tallies_open_meeting(&f->tallies, txn, "ET-A", day));
	assert_true(tallies_open_meeting(&f->tallies, txn, "ET-B", day));
	assert_true(tallies_open_meeting(&f->tallies, txn, "ET-A", day + 14));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(months_and_places_add_up, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(median_and_p90_are_exact_over_months_and_places, set_up, tear_down),
	    cmocka_unit_test(of_nothing_the_median_is_zero),
	    cmocka_unit_test_setup_teardown(a_meeting_day_of_a_team_is_counted_once, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
