// SPDX-License-Identifier: EUPL-1.2
/* vectors_test.c - the figures of the source documents (rules.md 5.4), computed by the code that reports use.
 *
 * TV1-TV4 (the key by inhabitants) are in shares_test.c, TV17-TV20 (terms) in calendar_test.c. TV16, how many
 * youths are in closed care, is a bound on what comes in and is computed from nothing. */
#include "common/arena.h"
#include "common/policy.h"
#include "common/scope_effects.h"
#include "common/shares.h"
#include "services/cli/dutch.h"
#include "services/cli/policy_file.h"
#include "tests/unit/unit.h"

static const char *
percent(struct arena *a, int64_t numerator, int64_t denominator)
{
	return dutch_percent(a, numerator, denominator);
}

static void
tv5_and_tv6_what_a_team_costs(void **state UNUSED)
{
	/* 6.3: a hundred cases, hours a case of chair, secretary and members. */
	assert_int_equal(13 + 46 + 46, 105);
	assert_int_equal(100 * 24 * 105, 252000);
	assert_int_equal(1536000 + 930000, 2466000);
	assert_int_equal(2466000 - 252000, 2214000);
}

/* The money of one region is not its part of the people. */
static void
tv7_money_is_not_divided_by_inhabitants(void **state UNUSED)
{
	struct share shares[2] = {{.weight = 135041}, {.weight = 238268 - 135041}};
	struct arena a;

	arena_init(&a);
	assert_string_equal(percent(&a, 135041, 238268), "56,7%");
	assert_string_equal(percent(&a, 1536, 2466), "62,3%");
	assert_true(shares_divide(shares, 2, 2466000));
	assert_int_equal(shares[0].percent, 57);
	assert_int_equal(shares[0].exact + shares[1].exact, 2466000);
	assert_true(shares[0].exact != 1536000);
	arena_fini(&a);
}

static void
tv8_and_tv9_sums_of_the_agreements(void **state UNUSED)
{
	struct arena a;

	arena_init(&a);
	assert_int_equal(50 + 15 + 5 + 10 + 50, 130);
	assert_int_equal(255 + 228, 483);
	assert_int_equal(130 + 483, 613);
	assert_string_equal(percent(&a, 200, 255), "78,4%");
	arena_fini(&a);
}

static void
tv10_response_of_the_survey(void **state UNUSED)
{
	struct arena a;

	arena_init(&a);
	assert_string_equal(percent(&a, 34, 42), "81,0%");
	arena_fini(&a);
}

/* In whole percents, half up: can this share be so many of n? */
static bool
can_be(int whole, int n)
{
	for (int64_t of = 0; of <= n; of++) {
		if ((200 * of + n) / (2 * n) == whole)
			return true;
	}
	return false;
}

static void
tv11_a_share_without_its_n_cannot_be_checked(void **state UNUSED)
{
	struct arena a;

	arena_init(&a);
	assert_string_equal(percent(&a, 29, 34), "85,3%");
	assert_string_equal(percent(&a, 25, 34), "73,5%");
	assert_string_equal(percent(&a, 26, 34), "76,5%");
	assert_string_equal(percent(&a, 20, 34), "58,8%");
	assert_string_equal(percent(&a, 21, 34), "61,8%");
	assert_true(can_be(85, 34) && can_be(59, 34));
	assert_false(can_be(75, 34) || can_be(60, 34));
	arena_fini(&a);
}

static int32_t
shipped(const pb_PolicyAdopted *policy, const char *key)
{
	for (size_t i = 0; i < policy->n_values; i++) {
		if (strcmp(policy->values[i]->key, key) == 0)
			return policy->values[i]->value;
	}
	fail_msg("the shipped policy has no %s", key);
	return 0;
}

static void
tv12_what_a_team_can_take_on(void **state UNUSED)
{
	static const char *const paths[] = {"services/routing/policy"};
	static const struct rules_scope *const scopes[] = {&scope_accept, &scope_effects};
	struct policy_file file;
	struct arena a;

	arena_init(&a);
	assert_true(policy_file_read(&a, paths, 1, scopes, 2, &file));
	const int32_t cases = shipped(file.policy, "meeting_cases"), cycle = shipped(file.policy, "meeting_cycle");

	assert_int_equal(52 * 7 / cycle * cases, 52);
	assert_int_equal(46 * 7 / cycle * cases, 46);
	/* Hours of a chair in a week are hours for a case: one case a week. */
	assert_int_equal(4 * cycle / 7 / cases, 4);
	assert_int_equal(24 * cycle / 7 / cases, 24);
	/* One more than fits in the term waits too long (S10): four cases. */
	assert_int_equal(shipped(file.policy, "meeting_ahead") / cycle * cases, 4);
	arena_fini(&a);
}

static void
tv13_questions_a_week(void **state UNUSED)
{
	const int64_t weeks = (cal_parse("2020-10-15") - cal_parse("2020-01-01")) / 7;
	struct arena a;

	arena_init(&a);
	assert_int_equal(weeks, 41);
	assert_string_equal(dutch_ratio(&a, 300, weeks), "7,3");
	/* Ministry and support team together in a whole year: less than four a week at a little over a hundred each. */
	assert_string_equal(dutch_ratio(&a, 200, 52), "3,8");
	arena_fini(&a);
}

static void
tv14_targets(void **state UNUSED)
{
	struct arena a;

	arena_init(&a);
	/* Seclusions: a reduction of at least 0.80. */
	assert_string_equal(percent(&a, 100 - 20, 100), "80,0%");
	assert_true(100 * (100 - 21) < 80 * 100);
	/* Transfers: under 5% of what it was is a cut of more than 95%; fifty is not under. */
	assert_string_equal(percent(&a, 50, 1000), "5,0%");
	assert_true(100 * 50 >= 5 * 1000 && 100 * 49 < 5 * 1000);
	/* Perspective: six months, and such a term does not move. */
	assert_int_equal(cal_add_months(cal_parse("2021-01-15"), 6), cal_parse("2021-07-15"));
	arena_fini(&a);
}

static void
tv15_scale_of_the_centres(void **state UNUSED)
{
	struct arena a;

	arena_init(&a);
	assert_int_equal(50 * 8, 400);
	assert_string_equal(dutch_number(&a, 26000000 / 8), "3.250.000");
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tv5_and_tv6_what_a_team_costs),
	    cmocka_unit_test(tv7_money_is_not_divided_by_inhabitants),
	    cmocka_unit_test(tv8_and_tv9_sums_of_the_agreements),
	    cmocka_unit_test(tv10_response_of_the_survey),
	    cmocka_unit_test(tv11_a_share_without_its_n_cannot_be_checked),
	    cmocka_unit_test(tv12_what_a_team_can_take_on),
	    cmocka_unit_test(tv13_questions_a_week),
	    cmocka_unit_test(tv14_targets),
	    cmocka_unit_test(tv15_scale_of_the_centres),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
