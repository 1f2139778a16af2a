// SPDX-License-Identifier: EUPL-1.2
/* signalling_decide.h: what holds for every signal. */
#include "tests/unit/unit.h"

#include "services/signalling/signalling_decide.h"

static const struct signal_place place = {
    .track = TRACK_VOLUNTARY,
    .owner = {"ET-JZ91"},
    .funder = {"GM9901"},
    .team = {"ET-JZ91"},
    .centre = {"EC-TEST"},
    .coordination = {"PC-OOST"},
    .certified_body = {"GI-DELTA"},
    .institution = {"P-OTTER"},
    .organisation = {"P-EGEL"},
};

static void
test_addressees_are_organisations_of_the_case(void **state UNUSED)
{
	static const struct {
		int addressee;
		const char *organisation;
	} rows[] = {
	    {ADDRESSEE_OWNER, "ET-JZ91"},
	    {ADDRESSEE_PROCESS_DIRECTOR, "ET-JZ91"},
	    {ADDRESSEE_ORGANISATION, "P-EGEL"},
	    {ADDRESSEE_MUNICIPALITY_OFFICIALS, "GM9901"},
	    {ADDRESSEE_ALDERMEN, "GM9901"},
	    {ADDRESSEE_STEERING_GROUP, "SG-JZ91"},
	    {ADDRESSEE_EXPERT_TEAM, "ET-JZ91"},
	    {ADDRESSEE_EXPERTISE_CENTRE, "EC-TEST"},
	    {ADDRESSEE_NATIONAL, "NAT-VWS"},
	    {ADDRESSEE_INSPECTORATES, ""},
	    {ADDRESSEE_PURCHASING, ""},
	    {ADDRESSEE_PLACEMENT_COORDINATION, "PC-OOST"},
	    {ADDRESSEE_CERTIFIED_BODY, "GI-DELTA"},
	    {ADDRESSEE_PROVIDER_BOARD, "P-OTTER"},
	    {ADDRESSEE_ATTENTION_OFFICER, "P-OTTER"},
	    {ADDRESSEE_CCE, "CCE"},
	    {ADDRESSEE_OPERATOR, ""},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(signalling_addressee(rows[i].addressee, &place).s, rows[i].organisation);
}

static void
test_under_a_measure_the_team_that_supports_directs_the_process(void **state UNUSED)
{
	struct signal_place court = place;

	court.track = TRACK_COURT_MEASURE;
	court.owner = code_of("GM9901");
	assert_string_equal(signalling_addressee(ADDRESSEE_PROCESS_DIRECTOR, &court).s, "GM9901");
	court.team_supports = true;
	assert_string_equal(signalling_addressee(ADDRESSEE_PROCESS_DIRECTOR, &court).s, "ET-JZ91");
}

static void
test_a_landing_place_has_no_steering_group(void **state UNUSED)
{
	struct signal_place landing = place;

	landing.team = code_of("LP-JZ99");
	assert_string_equal(signalling_addressee(ADDRESSEE_STEERING_GROUP, &landing).s, "");
}

static void
test_an_organisation_is_named_once(void **state UNUSED)
{
	static const int to[] = {ADDRESSEE_MUNICIPALITY_OFFICIALS, ADDRESSEE_OPERATOR, ADDRESSEE_ALDERMEN,
				 ADDRESSEE_EXPERTISE_CENTRE};
	struct code out[RULES_ARGUMENTS_MAX];

	assert_int_equal(signalling_organisations(&place, to, COUNT_OF(to), out), 2);
	assert_string_equal(out[0].s, "GM9901");
	assert_string_equal(out[1].s, "EC-TEST");
}

static void
test_only_a_higher_stage_is_news(void **state UNUSED)
{
	assert_true(signalling_stage_is_new(0, 1));
	assert_false(signalling_stage_is_new(1, 1));
	assert_true(signalling_stage_is_new(1, 2));
	assert_true(signalling_stage_is_new(0, 2));
	assert_false(signalling_stage_is_new(2, 1));
}

static void
test_what_a_signal_is_about(void **state UNUSED)
{
	assert_int_equal(signalling_subject(SIGNAL_CODE_S02_DEADLINE_MISSED), SIGNAL_SUBJECT_CASE);
	assert_int_equal(signalling_subject(SIGNAL_CODE_S09_REGION_WITHOUT_TEAM), SIGNAL_SUBJECT_REGION);
	assert_int_equal(signalling_subject(SIGNAL_CODE_S10_TEAM_OVER_CAPACITY), SIGNAL_SUBJECT_TEAM);
	assert_int_equal(signalling_subject(SIGNAL_CODE_S11_SAME_STUCK_REASON), SIGNAL_SUBJECT_STUCK_REASON);
	assert_int_equal(signalling_span(SIGNAL_CODE_S02_DEADLINE_MISSED), SPAN_DUE_DAY);
	assert_int_equal(signalling_span(SIGNAL_CODE_S05_ACTION_NOT_DELIVERED), SPAN_DEADLINE);
	assert_int_equal(signalling_span(SIGNAL_CODE_S19_PROTECTOR_LATE), SPAN_SUBJECT);
}

static void
test_closing_leaves_what_is_about_the_evaluation(void **state UNUSED)
{
	const uint64_t kept = (uint64_t)1 << SIGNAL_CODE_S26_EVALUATION_OVERDUE;

	assert_true(signalling_survives_closing(SIGNAL_CODE_S26_EVALUATION_OVERDUE, 0, kept));
	assert_true(signalling_survives_closing(SIGNAL_CODE_S02_DEADLINE_MISSED, DEADLINE_KIND_EVALUATION, kept));
	assert_false(signalling_survives_closing(SIGNAL_CODE_S02_DEADLINE_MISSED, DEADLINE_KIND_REVIEW, kept));
	assert_false(signalling_survives_closing(SIGNAL_CODE_S08_HELP_NOT_EFFECTIVE, 0, kept));
}

static void
test_evidence_and_threshold_are_those_of_the_row(void **state UNUSED)
{
	static const struct rules_condition when[] = {
	    {.fact = SIGNALS_STATE, .test = RULE_TEST_ONE_OF, .mask = 2},
	    {.fact = SIGNALS_SECLUSIONS, .test = RULE_TEST_AT_LEAST, .bound = 3},
	    {.fact = SIGNALS_TRANSFERS, .test = RULE_TEST_AT_LEAST, .bound = 2},
	};
	const struct rules_row counted = {.when = when, .when_count = COUNT_OF(when)};
	const struct rules_row plain = {.when = when, .when_count = 1};
	int64_t facts[SCOPE_SIGNALS_FACTS] = {0};

	facts[SIGNALS_SECLUSIONS] = 4;
	assert_int_equal(signalling_count(&counted, facts).evidence, 4);
	assert_int_equal(signalling_count(&counted, facts).threshold, 3);
	assert_string_equal(signalling_count(&counted, facts).unit, "SECLUSIONS");
	assert_int_equal(signalling_count(&plain, facts).evidence, 1);
	assert_string_equal(signalling_count(&plain, facts).unit, "EVENTS");
}

static void
test_more_than_a_fifth_is_201_per_thousand(void **state UNUSED)
{
	assert_int_equal(signalling_permille(0, 0), 0);
	assert_int_equal(signalling_permille(1, 5), 200);
	assert_int_equal(signalling_permille(2001, 10000), 201);
	assert_int_equal(signalling_permille(5, 5), 1000);
}

/* The lengths stand in the policy: here those that are shipped. */
static struct policy_view *
view_with_windows(void)
{
	static const struct policy_value values[] = {
	    {"absent_window", 6, TERM_MONTHS, false},
	    {"seclusion_window", 30, TERM_DAYS, false},
	    {"stuck_window", 12, TERM_MONTHS, false},
	    {"transfer_window", 12, TERM_MONTHS, false},
	};
	static struct policy_view view = {.values = values, .value_count = COUNT_OF(values)};

	return &view;
}

static void
test_windows_end_on_their_day(void **state UNUSED)
{
	const struct policy_view *view = view_with_windows();
	const cal_day day = cal_from_date(2021, 3, 31);
	const struct term seclusion = signalling_window(view, WINDOW_SECLUSION);
	const struct term absent = signalling_window(view, WINDOW_ABSENT);
	const struct term stuck = signalling_window(view, WINDOW_STUCK);

	assert_true(signalling_in_window(seclusion, day, day + 29));
	assert_false(signalling_in_window(seclusion, day, day + 30));
	assert_true(signalling_in_window(absent, day, cal_from_date(2021, 9, 29)));
	assert_false(signalling_in_window(absent, day, cal_from_date(2021, 9, 30)));
	assert_true(signalling_in_window(stuck, day, cal_from_date(2022, 3, 30)));
	assert_false(signalling_in_window(stuck, day, cal_from_date(2022, 3, 31)));
	assert_true(signalling_in_window(signalling_window(view, WINDOW_DESK), day, cal_from_date(2050, 1, 1)));
	/* Without a number it counts for ever; a quarter is kept until it is over. */
	assert_true(signalling_in_window(signalling_window(view, WINDOW_NO_FOLLOW_UP), day, cal_from_date(2050, 1, 1)));
	assert_true(signalling_in_window(signalling_window(view, WINDOW_DIRECT), day, cal_from_date(2021, 7, 1)));
	assert_false(signalling_in_window(signalling_window(view, WINDOW_DIRECT), day, cal_from_date(2021, 10, 1)));
}

static void
test_a_meeting_is_crowded_with_more_cases_than_the_team_takes(void **state UNUSED)
{
	static const unsigned cases[] = {3, 4, 2, 5};

	assert_int_equal(signalling_crowded(cases, 4, 2), 2);
	assert_int_equal(signalling_crowded(cases + 2, 2, 2), 0);
	assert_int_equal(signalling_crowded(cases, 0, 2), 0);
	assert_int_equal(signalling_crowded(cases, 4, 1), 4);
	assert_int_equal(signalling_crowded(cases, 4, 3), 0);
	assert_int_equal(signalling_crowded(cases, 4, 0), 0);
}

static void
test_what_waits_beyond_four_weeks_follows_the_pace_of_the_team(void **state UNUSED)
{
	static const struct {
		int32_t cases, cycle;
		int64_t queued, beyond;
	} teams[] = {
	    {2, 14, 4, 0}, {2, 14, 5, 1}, {2, 14, 0, -4}, {3, 7, 12, 0}, {3, 7, 13, 1},
	    {2, 15, 3, 1}, {1, 29, 1, 1}, {0, 14, 9, 0},  {2, 0, 9, 0},  {100, 1, 2801, 1},
	};

	for (size_t i = 0; i < COUNT_OF(teams); i++) {
		const struct policy_capacity capacity = {"ET-X", teams[i].cases, teams[i].cycle};

		assert_int_equal(signalling_beyond(teams[i].queued, capacity, 28), teams[i].beyond);
	}
}

static void
test_a_theme_goes_up_with_each_so_many_reports(void **state UNUSED)
{
	static const int64_t steps[] = {0, 0, 1, 0, 2, 0, 3};

	for (int64_t reports = 1; reports < (int64_t)COUNT_OF(steps); reports++)
		assert_int_equal(signalling_theme_step(reports, 2), steps[reports]);
	assert_int_equal(signalling_theme_step(0, 2), 0);
	assert_int_equal(signalling_theme_step(1, 1), 1);
	assert_int_equal(signalling_theme_step(2, 0), 0);
}

/* Five of a queue with room for four is "5, from 5"; the second report of two is "2, from 2". */
static void
test_what_follows_from_a_figure_shows_the_count_itself(void **state UNUSED)
{
	struct rules_condition when = {.fact = SIGNALS_QUEUE_BEYOND, .test = RULE_TEST_AT_LEAST, .bound = 1};
	const struct rules_row row = {.when = &when, .when_count = 1};
	int64_t facts[RULES_FACTS_MAX] = {[SIGNALS_TEAM_QUEUE] = 14,
					  [SIGNALS_QUEUE_BEYOND] = 2,
					  [SIGNALS_THEME_REPORTS] = 6,
					  [SIGNALS_THEME_STEP] = 2};
	struct signal_count count = signalling_count(&row, facts);

	assert_int_equal(count.evidence, 14);
	assert_int_equal(count.threshold, 13);
	assert_string_equal(count.unit, "CASES");
	when.fact = SIGNALS_THEME_STEP;
	count = signalling_count(&row, facts);
	assert_int_equal(count.evidence, 6);
	assert_int_equal(count.threshold, 3);
	assert_string_equal(count.unit, "REPORTS");
}

static void
test_a_quarter_is_over_on_the_first_day_of_the_next(void **state UNUSED)
{
	cal_day from, to;

	assert_false(signalling_quarter_before(cal_from_date(2021, 3, 1), &from, &to));
	assert_false(signalling_quarter_before(cal_from_date(2021, 4, 2), &from, &to));
	assert_true(signalling_quarter_before(cal_from_date(2021, 4, 1), &from, &to));
	assert_int_equal(from, cal_from_date(2021, 1, 1));
	assert_int_equal(to, cal_from_date(2021, 3, 31));
	assert_true(signalling_quarter_before(cal_from_date(2022, 1, 1), &from, &to));
	assert_int_equal(from, cal_from_date(2021, 10, 1));
}

static void
test_the_first_day_of_a_window(void **state UNUSED)
{
	const struct term days = {.unit = TERM_DAYS, .n = 30}, months = {.unit = TERM_MONTHS, .n = 12};
	const struct term working = {.unit = TERM_WORKING_DAYS, .n = 5}, none = {.unit = TERM_NONE};

	for (cal_day today = cal_from_date(2020, 2, 27); today < cal_from_date(2021, 3, 5); today++) {
		const struct term terms[] = {days, months, working};

		for (size_t i = 0; i < COUNT_OF(terms); i++) {
			const cal_day first = signalling_window_start(terms[i], today);

			assert_true(signalling_in_window(terms[i], first, today));
			assert_false(signalling_in_window(terms[i], first - 1, today));
		}
	}
	assert_int_equal(signalling_window_start(months, cal_from_date(2021, 3, 1)), cal_from_date(2020, 3, 2));
	assert_int_equal(signalling_window_start(none, cal_from_date(2021, 3, 1)), CAL_NONE);
}

/* Each window that a region may set is the window of a fact, and the policy that is shipped has its length. */
static void
test_which_value_says_how_long(void **state UNUSED)
{
	assert_string_equal(signalling_window_value(signalling_window_of(SIGNALS_STUCK)), "stuck_window");
	assert_string_equal(signalling_window_value(signalling_window_of(SIGNALS_SECLUSION_PERMILLE)), "base_window");
	assert_null(signalling_window_value(signalling_window_of(SIGNALS_NOT_EFFECTIVE)));
	assert_int_equal(signalling_window_of(SIGNALS_DAYS_STILL), SIGNAL_WINDOWS);
	assert_int_equal(signalling_window_of(-1), SIGNAL_WINDOWS);
}

static void
test_a_figure_against_a_base_figure(void **state UNUSED)
{
	static const struct {
		struct signal_stretch now, base;
		int64_t permille;
	} cases[] = {
	    {{5, 12}, {100, 12}, 50},     {{51, 12}, {1000, 12}, 51},
	    {{501, 12}, {10000, 12}, 51}, {{5, 12}, {50, 6}, 50}, /* as many a month */
	    {{5, 12}, {100, 0}, 50},                              /* a base period without dates */
	    {{0, 12}, {100, 12}, 0},      {{5, 12}, {0, 12}, 0},
	    {{5, 12}, {-1, 12}, 0},       {{INT64_MAX, 1200}, {1, 1}, INT64_C(1000000000000000) / 1200 + 1},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(signalling_index_permille(cases[i].now, cases[i].base), cases[i].permille);
	assert_int_equal(signalling_months(cal_from_date(2018, 1, 1), cal_from_date(2018, 12, 31)), 12);
	assert_int_equal(signalling_months(cal_from_date(2019, 5, 1), cal_from_date(2019, 5, 31)), 1);
	assert_int_equal(signalling_months(cal_from_date(2019, 5, 1), cal_from_date(2019, 5, 1)), 1);
	assert_int_equal(signalling_months(CAL_NONE, cal_from_date(2019, 5, 31)), 0);
	assert_int_equal(signalling_months(cal_from_date(2019, 6, 1), cal_from_date(2019, 5, 31)), 0);
}

static void
test_who_speaks_for_an_addressee(void **state UNUSED)
{
	assert_true(signalling_same_side("GM9901", "LT-GM9901"));
	assert_true(signalling_same_side("LT-GM9901", "GM9901"));
	assert_false(signalling_same_side("GM9901", "GM9902"));
	assert_false(signalling_same_side("", ""));
	assert_true(signalling_speaks_for(ADDRESSEE_INSPECTORATES, &place, ROLE_INSPECTORATE, "IGJ"));
	assert_false(signalling_speaks_for(ADDRESSEE_INSPECTORATES, &place, ROLE_PROVIDER, "IGJ"));
	assert_true(signalling_speaks_for(ADDRESSEE_OPERATOR, &place, ROLE_OPERATOR, "BEHEER"));
	assert_true(signalling_speaks_for(ADDRESSEE_CCE, &place, ROLE_CCE, "CCE"));
	assert_false(signalling_speaks_for(ADDRESSEE_CCE, &place, ROLE_CCE, "P-REE"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_addressees_are_organisations_of_the_case),
	    cmocka_unit_test(test_under_a_measure_the_team_that_supports_directs_the_process),
	    cmocka_unit_test(test_a_landing_place_has_no_steering_group),
	    cmocka_unit_test(test_an_organisation_is_named_once),
	    cmocka_unit_test(test_only_a_higher_stage_is_news),
	    cmocka_unit_test(test_what_a_signal_is_about),
	    cmocka_unit_test(test_closing_leaves_what_is_about_the_evaluation),
	    cmocka_unit_test(test_evidence_and_threshold_are_those_of_the_row),
	    cmocka_unit_test(test_more_than_a_fifth_is_201_per_thousand),
	    cmocka_unit_test(test_windows_end_on_their_day),
	    cmocka_unit_test(test_a_meeting_is_crowded_with_more_cases_than_the_team_takes),
	    cmocka_unit_test(test_what_waits_beyond_four_weeks_follows_the_pace_of_the_team),
	    cmocka_unit_test(test_a_theme_goes_up_with_each_so_many_reports),
	    cmocka_unit_test(test_what_follows_from_a_figure_shows_the_count_itself),
	    cmocka_unit_test(test_a_quarter_is_over_on_the_first_day_of_the_next),
	    cmocka_unit_test(test_the_first_day_of_a_window),
	    cmocka_unit_test(test_which_value_says_how_long),
	    cmocka_unit_test(test_a_figure_against_a_base_figure),
	    cmocka_unit_test(test_who_speaks_for_an_addressee),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
