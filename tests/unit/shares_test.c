// SPDX-License-Identifier: EUPL-1.2
/* shares_test.c - an amount divided by inhabitants, both ways: rules.md 5.4. */
#include "common/shares.h"
#include "tests/unit/unit.h"

#define COUNT 7

/* Base note 6.4: inhabitants; rounded percentage and costs as printed; exact split by largest remainder (TV1-TV4). */
static const struct share source[COUNT] = {
    {23947, 10, 25200, 25327}, {31751, 13, 32760, 33581}, {20580, 9, 22680, 21766},  {58763, 25, 63000, 62150},
    {50011, 21, 52920, 52893}, {17171, 7, 17640, 18161},  {36045, 15, 37800, 38122},
};

static void
the_table_of_the_base_note_comes_out_to_the_euro(void **state UNUSED)
{
	struct share shares[COUNT];
	int64_t inhabitants = 0, percent = 0, rounded = 0, exact = 0;

	for (size_t i = 0; i < COUNT; i++)
		shares[i] = (struct share){.weight = source[i].weight};
	assert_true(shares_divide(shares, COUNT, 252000));
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(shares[i].percent, source[i].percent);
		assert_int_equal(shares[i].by_percent, source[i].by_percent);
		assert_int_equal(shares[i].exact, source[i].exact);
		inhabitants += shares[i].weight;
		percent += shares[i].percent;
		rounded += shares[i].by_percent;
		exact += shares[i].exact;
	}
	assert_int_equal(inhabitants, 238268);
	assert_int_equal(percent, 100);
	assert_int_equal(rounded, 252000);
	assert_int_equal(exact, 252000);
	/* TV4: one pays too little by the rounded way, another too much. */
	assert_int_equal(shares[1].exact - shares[1].by_percent, 821);
	assert_int_equal(shares[2].by_percent - shares[2].exact, 914);
}

static void
rounded_percentages_need_not_add_up_and_exact_shares_do(void **state UNUSED)
{
	struct share shares[3] = {{.weight = 1}, {.weight = 1}, {.weight = 1}};

	assert_true(shares_divide(shares, 3, 100));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(shares[i].by_percent, 33);
	/* Equal remainders: the first gets what is left. */
	assert_int_equal(shares[0].exact, 34);
	assert_int_equal(shares[1].exact, 33);
	assert_int_equal(shares[2].exact, 33);
}

/* Any inputs: adds up, nobody is off by a whole euro, more weight never gets less. */
static void
exact_shares_add_up_for_any_inputs(void **state UNUSED)
{
	uint64_t seed = 20260401;

	for (unsigned run = 0; run < 2000; run++) {
		struct share shares[40];
		const size_t count = 1 + run % 40;
		int64_t total = 0, sum = 0;

		for (size_t i = 0; i < count; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			shares[i] = (struct share){.weight = (int64_t)(seed >> 44) + (i == 0)};
			total += shares[i].weight;
		}
		const int64_t amount = (int64_t)(seed >> 30);
		assert_true(shares_divide(shares, count, amount));
		for (size_t i = 0; i < count; i++) {
			sum += shares[i].exact;
			const int64_t floor = amount * shares[i].weight / total;
			assert_in_range(shares[i].exact, floor, floor + 1);
			for (size_t j = 0; j < i; j++)
				assert_true(shares[i].weight <= shares[j].weight || shares[i].exact >= shares[j].exact);
		}
		assert_int_equal(sum, amount);
	}
}

static void
what_cannot_be_divided_is_refused(void **state UNUSED)
{
	static struct share many[SHARES_PARTIES_MAX + 1];
	struct share nothing[2] = {{0}};
	struct share negative[2] = {{.weight = 5}, {.weight = -1}};
	struct share largest[2] = {{.weight = SHARES_WEIGHT_MAX - 1}, {.weight = 1}};
	struct share beyond[2] = {{.weight = SHARES_WEIGHT_MAX}, {.weight = 1}};

	assert_false(shares_divide(nothing, 2, 100));
	assert_false(shares_divide(nothing, 0, 100));
	assert_false(shares_divide(negative, 2, 100));
	assert_true(shares_divide(largest, 2, SHARES_AMOUNT_MAX));
	assert_int_equal(largest[0].exact + largest[1].exact, SHARES_AMOUNT_MAX);
	assert_false(shares_divide(largest, 2, SHARES_AMOUNT_MAX + 1));
	assert_false(shares_divide(largest, 2, -1));
	assert_false(shares_divide(beyond, 2, 100));
	for (size_t i = 0; i <= SHARES_PARTIES_MAX; i++)
		many[i].weight = 1;
	assert_true(shares_divide(many, SHARES_PARTIES_MAX, 1500));
	assert_false(shares_divide(many, SHARES_PARTIES_MAX + 1, 1500));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_table_of_the_base_note_comes_out_to_the_euro),
	    cmocka_unit_test(rounded_percentages_need_not_add_up_and_exact_shares_do),
	    cmocka_unit_test(exact_shares_add_up_for_any_inputs),
	    cmocka_unit_test(what_cannot_be_divided_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
