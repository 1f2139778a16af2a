// SPDX-License-Identifier: EUPL-1.2
/* calendar.h. The C library serves as the second opinion: gmtime for days, and the rule of summer time written as a POSIX
 * time zone, which needs no time zone database. holidays_2021_2027.csv is a list of facts of its own. */
#include "tests/unit/unit.h"

#include <time.h>

#include "common/calendar.h"

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)

static const struct calendar plain = {.extra_count = 0};

/* --- readable asserts ----------------------------------------------------------------------------------------------- */

static cal_day
day(const char *text)
{
	const cal_day d = cal_parse(text);

	if (d == CAL_NONE)
		fail_msg("the test means no day: %s", text);
	return d;
}

static int64_t
moment(const char *text)
{
	int64_t at_ms;

	if (!cal_parse_timestamp(text, &at_ms))
		fail_msg("the test means no moment: %s", text);
	return at_ms;
}

#define assert_day(actual, expected) assert_day_at((actual), (expected), __FILE__, __LINE__)

static void
assert_day_at(cal_day actual, const char *expected, const char *file, int line)
{
	char text[11];

	cal_format(actual, text);
	_assert_string_equal(text, expected, file, line);
}

static void
assert_row(cal_day actual, const char *expected, const char *why)
{
	char text[11];

	cal_format(actual, text);
	if (strcmp(text, expected) != 0)
		fail_msg("%s: %s instead of %s", why, text, expected);
}

static struct calendar
with_decree_days(const char *const *days, unsigned count)
{
	struct calendar c = {.extra_count = count};

	for (unsigned i = 0; i < count; i++)
		c.extra[i] = day(days[i]);
	return c;
}

/* --- days ----------------------------------------------------------------------------------------------------------- */

static void
test_every_day_from_1996_to_2199_goes_to_text_and_back(void **state UNUSED)
{
	const cal_day last = cal_from_date(CAL_YEAR_MAX, 12, 31);
	cal_day count = 0;

	for (cal_day d = cal_from_date(CAL_YEAR_MIN, 1, 1); d <= last; d++, count++) {
		const struct cal_date date = cal_to_date(d);
		const time_t t = (time_t)d * 86400;
		char text[11], expected[32];
		struct tm tm;
		gmtime_r(&t, &tm);
		strftime(expected, sizeof(expected), "%Y-%m-%d", &tm);
		cal_format(d, text);
		assert_string_equal(text, expected);
		assert_int_equal(cal_parse(text), d);
		assert_int_equal(cal_from_date(date.year, date.month, date.day), d);
		assert_int_equal(cal_weekday(d), tm.tm_wday == 0 ? 7 : tm.tm_wday);
	}
	assert_int_equal(count, 74510);
}

static void
test_days_that_are_none(void **state UNUSED)
{
	static const char *const table[] = {
	    "",           "2026",       "2026-04",     "2026-4-05",  "2026-04-5",   "2026-04-05 ", " 2026-04-05",
	    "2026/04/05", "20260405",   "2026-04-05T", "2026-00-10", "2026-13-10",  "2026-01-00",  "2026-01-32",
	    "2026-04-31", "2026-02-29", "2100-02-29",  "1995-12-31", "2200-01-01",  "0000-00-00",  "+026-04-05",
	    "-026-04-05", "2026-04-0x", "2026-o4-05",  "26-04-05",   "12026-04-05", "2026-04-005",
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if (cal_parse(table[i]) != CAL_NONE)
			fail_msg("\"%s\" was read as a day", table[i]);
	}
	assert_int_equal(cal_from_date(2026, 2, 29), CAL_NONE);
	assert_int_equal(cal_from_date(2026, INT32_MAX, 1), CAL_NONE);
	assert_int_equal(cal_from_date(INT32_MIN, 1, 1), CAL_NONE);
	assert_int_equal(cal_from_date(2026, 1, INT32_MIN), CAL_NONE);
	assert_int_not_equal(cal_parse("2000-02-29"), CAL_NONE);
	assert_int_not_equal(cal_parse("2024-02-29"), CAL_NONE);
}

static void
test_no_number_is_too_odd(void **state UNUSED)
{
	static const cal_day odd[] = {CAL_NONE, INT32_MIN + 1, -800000, -719163, 3000000, INT32_MAX};
	char text[11];

	cal_format(CAL_NONE, text);
	assert_string_equal(text, "");
	for (size_t i = 0; i < COUNT_OF(odd); i++) {
		assert_in_range(cal_weekday(odd[i]), 1, 7);
		assert_in_range(cal_to_date(odd[i]).year, 1, 9999);
		cal_format(odd[i], text);
		cal_is_working_day(&plain, odd[i]);
		cal_day_begins_ms(odd[i]);
		cal_add_working_days(&plain, odd[i], 3);
		cal_subtract_working_days(&plain, odd[i], 3);
		cal_add_months(odd[i], INT32_MAX);
		cal_add_months(odd[i], INT32_MIN);
		cal_next_working_day(&plain, odd[i]);
		for (enum term_unit unit = TERM_NONE; unit <= TERM_MONTHS; unit++)
			cal_due(&plain, odd[i], (struct term){unit, 200, false});
		cal_due(&plain, odd[i], (struct term){TERM_DAYS, INT32_MAX, true});
	}
	assert_day(cal_local_day(INT64_MAX), "9999-12-31");
	assert_day(cal_local_day(INT64_MIN), "0001-01-01");
	assert_day(cal_due(&plain, day("2026-04-24"), (struct term){TERM_DAYS, INT32_MAX, true}), "9999-12-31");
	assert_int_equal(cal_add_working_days(&plain, INT32_MAX, 5), cal_add_months(0, INT32_MAX));
	assert_day(cal_subtract_working_days(&plain, INT32_MIN + 1, 5), "0001-01-01");
	assert_day(cal_add_months(day("2026-04-24"), INT32_MAX), "9999-12-31");
	assert_day(cal_add_months(day("2026-04-24"), INT32_MIN), "0001-01-01");
}

static void
test_no_day_gives_no_day(void **state UNUSED)
{
	assert_int_equal(cal_add_working_days(&plain, CAL_NONE, 5), CAL_NONE);
	assert_int_equal(cal_subtract_working_days(&plain, CAL_NONE, 5), CAL_NONE);
	assert_int_equal(cal_next_working_day(&plain, CAL_NONE), CAL_NONE);
	assert_int_equal(cal_add_months(CAL_NONE, 1), CAL_NONE);
	assert_int_equal(cal_due(&plain, CAL_NONE, (struct term){TERM_DAYS, 1, false}), CAL_NONE);
	assert_int_equal(cal_due(&plain, day("2026-04-24"), (struct term){TERM_NONE, 5, false}), CAL_NONE);
	assert_int_equal(cal_working_days_between(&plain, CAL_NONE, day("2026-04-24")), 0);
	assert_int_equal(cal_working_days_between(&plain, day("2026-04-24"), CAL_NONE), 0);
}

static void
test_months_end_where_the_shorter_month_ends(void **state UNUSED)
{
	static const struct {
		const char *from;
		int months;
		const char *expected;
	} table[] = {
	    {"2026-01-15", 1, "2026-02-15"},  {"2026-01-31", 1, "2026-02-28"},   {"2024-01-31", 1, "2024-02-29"},
	    {"2024-02-29", 12, "2025-02-28"}, {"2024-02-29", 48, "2028-02-29"},  {"2026-08-31", 6, "2027-02-28"},
	    {"2026-10-31", 3, "2027-01-31"},  {"2026-11-30", 3, "2027-02-28"},   {"2026-12-31", 1, "2027-01-31"},
	    {"2026-12-31", 2, "2027-02-28"},  {"2026-03-31", -1, "2026-02-28"},  {"2026-01-31", -2, "2025-11-30"},
	    {"2026-05-05", 0, "2026-05-05"},  {"2026-05-31", 120, "2036-05-31"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++)
		assert_day(cal_add_months(day(table[i].from), table[i].months), table[i].expected);
}

/* --- holidays ------------------------------------------------------------------------------------------------------- */

static void
test_easter(void **state UNUSED)
{
	static const char *const table[] = {
	    "1996-04-07", "2000-04-23", "2008-03-23", "2011-04-24", "2021-04-04", "2024-03-31",
	    "2025-04-20", "2026-04-05", "2027-03-28", "2031-04-13", "2035-03-25", "2038-04-25",
	    "2043-03-29", "2076-04-19", "2160-03-23", "2199-04-14",
	};

	for (size_t i = 0; i < COUNT_OF(table); i++)
		assert_day(cal_easter(cal_to_date(day(table[i])).year), table[i]);
}

static void
test_easter_is_a_sunday_between_22_march_and_25_april(void **state UNUSED)
{
	for (int year = CAL_YEAR_MIN; year <= CAL_YEAR_MAX; year++) {
		const cal_day easter = cal_easter(year);
		assert_int_equal(cal_weekday(easter), 7);
		assert_true(easter >= cal_from_date(year, 3, 22) && easter <= cal_from_date(year, 4, 25));
	}
}

static void
test_the_kings_birthday_is_kept_on_the_26th_when_the_27th_is_a_sunday(void **state UNUSED)
{
	static const int on_the_26th[] = {2025, 2031, 2036, 2042, 2053, 2059};
	size_t next = 0;

	for (int year = 2024; year <= 2060; year++) {
		const bool early = next < COUNT_OF(on_the_26th) && on_the_26th[next] == year;
		next += early;
		/* 26 April 2038 is Easter Monday. */
		assert_int_equal(cal_is_holiday(&plain, cal_from_date(year, 4, 26)), early || year == 2038);
		assert_int_equal(cal_is_holiday(&plain, cal_from_date(year, 4, 27)), !early);
	}
	assert_int_equal(next, COUNT_OF(on_the_26th));
}

static void
test_until_2013_it_was_the_queens_birthday(void **state UNUSED)
{
	assert_true(cal_is_holiday(&plain, day("2013-04-30")));
	assert_false(cal_is_holiday(&plain, day("2013-04-27")));
	assert_true(cal_is_holiday(&plain, day("2006-04-29"))); /* the 30th was a Sunday */
	assert_false(cal_is_holiday(&plain, day("2006-04-30")));
	assert_true(cal_is_holiday(&plain, day("2014-04-26")));
	assert_false(cal_is_holiday(&plain, day("2014-04-30")));
}

/* The file beside this one. */
static FILE *
open_holidays(void)
{
	struct temp_path path;

	snprintf(path.s, sizeof(path.s), "%s", __FILE__);
	char *slash = strrchr(path.s, '/');
	snprintf(slash + 1, sizeof(path.s) - (size_t)(slash + 1 - path.s), "holidays_2021_2027.csv");
	FILE *f = fopen(path.s, "r");
	if (f == NULL)
		fail_msg("cannot open %s: run from the folder that the sources were compiled in", path.s);
	return f;
}

static void
test_holidays_2021_to_2027_are_those_of_the_list_day_by_day(void **state UNUSED)
{
	FILE *f = open_holidays();
	char line[100], date[11];
	cal_day at = day("2021-01-01");
	int rows = 0;

	assert_non_null(fgets(line, sizeof(line), f)); /* the names of the columns */
	while (fgets(line, sizeof(line), f) != NULL) {
		snprintf(date, sizeof(date), "%.10s", line);
		for (; at < day(date); at++) {
			if (cal_is_holiday(&plain, at))
				fail_msg("%d days before %s is no holiday", day(date) - at, date);
		}
		if (!cal_is_holiday(&plain, at++))
			fail_msg("%s is a holiday", line);
		rows++;
	}
	for (; at <= day("2027-12-31"); at++)
		assert_false(cal_is_holiday(&plain, at));
	assert_int_equal(rows, 63);
	fclose(f);
}

static void
test_weekends_are_no_holidays_and_no_working_days(void **state UNUSED)
{
	assert_false(cal_is_holiday(&plain, day("2026-04-18")));
	assert_false(cal_is_working_day(&plain, day("2026-04-18")));
	assert_false(cal_is_working_day(&plain, day("2026-04-19")));
	assert_true(cal_is_working_day(&plain, day("2026-04-20")));
	assert_false(cal_is_working_day(&plain, day("2026-04-27")));
}

static void
test_a_decree_day_is_a_holiday_and_only_that_day(void **state UNUSED)
{
	static const char *const days[] = {"2027-05-07", "2028-05-26", "2030-05-31"};
	const struct calendar c = with_decree_days(days, COUNT_OF(days));

	for (size_t i = 0; i < COUNT_OF(days); i++) {
		assert_true(cal_is_holiday(&c, day(days[i])));
		assert_false(cal_is_holiday(&plain, day(days[i])));
		assert_false(cal_is_holiday(&c, day(days[i]) + 3));
		assert_false(cal_is_holiday(&c, day(days[i]) - 7));
	}
}

/* --- working days --------------------------------------------------------------------------------------------------- */

static const char *const decree_2027[] = {"2027-05-07"};

static void
test_norms_in_working_days(void **state UNUSED)
{
	static const struct {
		const char *from;
		int n;
		bool decree;
		const char *expected, *why;
	} table[] = {
	    {"2021-04-01", 5, false, "2021-04-12", "TV17: Good Friday and Easter Monday"},
	    {"2026-04-24", 5, false, "2026-05-04", "TV18: the King's birthday; 5 May is not reached"},
	    {"2027-03-25", 5, false, "2027-04-05", "Good Friday and Easter Monday"},
	    {"2026-12-24", 3, false, "2026-12-30", "Christmas"},
	    {"2027-05-04", 3, false, "2027-05-11", "5 May and Ascension Day"},
	    {"2027-05-04", 3, true, "2027-05-12", "and a day named by decree"},
	    {"2026-04-20", 0, false, "2026-04-20", "no days: the day itself"},
	    {"2026-04-19", 0, false, "2026-04-19", "also on a Sunday"},
	    {"2026-04-20", 1, false, "2026-04-21", "one day is one day, not 24 business hours (jmix 790)"},
	    {"2026-04-24", 1, false, "2026-04-28", "Friday, over a weekend and a holiday on Monday (jbpm 233)"},
	    {"2026-04-19", 1, false, "2026-04-20", "from a Sunday Monday is the first (taskana 2347)"},
	    {"2026-04-18", 1, false, "2026-04-20", "from a Saturday too"},
	    {"2026-04-19", 5, false, "2026-04-24", "a week from a Sunday"},
	    {"2026-04-17", 5, false, "2026-04-24", "a week from a Friday"},
	    {"2026-05-05", 1, false, "2026-05-06", "from a holiday"},
	    {"2026-12-31", 1, false, "2027-01-04", "over New Year's Day and a weekend"},
	    {"2026-01-01", 250, false, "2026-12-28", "nearly a year"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		const struct calendar c = with_decree_days(decree_2027, table[i].decree ? 1 : 0);
		const struct term term = {.unit = TERM_WORKING_DAYS, .n = table[i].n};
		assert_row(cal_add_working_days(&c, day(table[i].from), table[i].n), table[i].expected, table[i].why);
		assert_row(cal_due(&c, day(table[i].from), term), table[i].expected, table[i].why);
	}
}

static void
test_backward_norms_count_working_days_before_the_date(void **state UNUSED)
{
	static const struct {
		const char *from;
		int n;
		const char *expected;
	} table[] = {
	    {"2026-04-24", 5, "2026-04-17"}, {"2026-04-28", 1, "2026-04-24"}, {"2021-04-12", 5, "2021-04-01"},
	    {"2026-04-20", 1, "2026-04-17"}, {"2026-04-19", 1, "2026-04-17"}, {"2026-04-20", 0, "2026-04-20"},
	    {"2027-01-04", 1, "2026-12-31"}, {"2026-05-06", 2, "2026-05-01"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++)
		assert_day(cal_subtract_working_days(&plain, day(table[i].from), table[i].n), table[i].expected);
}

static void
test_working_days_between(void **state UNUSED)
{
	static const struct {
		const char *from, *to;
		int expected;
	} table[] = {
	    {"2026-04-20", "2026-04-20", 0}, {"2026-04-20", "2026-04-21", 1},   {"2026-04-21", "2026-04-20", 0},
	    {"2026-04-17", "2026-04-20", 1}, {"2026-04-17", "2026-04-19", 0},   {"2021-04-01", "2021-04-12", 5},
	    {"2026-04-24", "2026-05-06", 6}, {"2025-12-31", "2026-12-31", 253},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++)
		assert_int_equal(cal_working_days_between(&plain, day(table[i].from), day(table[i].to)),
				 table[i].expected);
}

static void
test_the_next_and_the_last_working_day(void **state UNUSED)
{
	assert_day(cal_next_working_day(&plain, day("2026-04-24")), "2026-04-24");
	assert_day(cal_next_working_day(&plain, day("2026-04-25")), "2026-04-28");
	assert_day(cal_next_working_day(&plain, day("2021-12-25")), "2021-12-27");
	assert_day(cal_last_working_day_before(&plain, day("2026-04-28")), "2026-04-24");
	assert_day(cal_last_working_day_before(&plain, day("2026-04-24")), "2026-04-23");
	assert_day(cal_last_working_day_before(&plain, day("2026-04-26")), "2026-04-24");
}

/* For every day of 30 years and some lengths: forth, back and between agree, and what is due is a working day. */
static void
test_adding_subtracting_and_counting_agree(void **state UNUSED)
{
	static const int lengths[] = {1, 2, 3, 5, 10, 20};

	for (cal_day d = day("2020-01-01"); d < day("2050-01-01"); d++) {
		for (size_t i = 0; i < COUNT_OF(lengths); i++) {
			const int n = lengths[i];
			const cal_day due = cal_add_working_days(&plain, d, n);
			assert_true(cal_is_working_day(&plain, due));
			assert_int_equal(cal_working_days_between(&plain, d, due), n);
			assert_int_equal(cal_working_days_between(&plain, d, due - 1), n - 1);
			if (cal_is_working_day(&plain, d))
				assert_int_equal(cal_subtract_working_days(&plain, due, n), d);
		}
	}
}

/* --- terms ---------------------------------------------------------------------------------------------------------- */

static void
test_terms_in_days_and_months(void **state UNUSED)
{
	static const char *const decree_2043[] = {"2043-05-04", "2043-05-06", "2043-05-08"};
	static const struct {
		const char *start;
		struct term term;
		bool decree;
		const char *expected, *why;
	} table[] = {
	    {"2021-03-24", {TERM_DAYS, 42, false}, false, "2021-05-06", "TV19: 5 May is a holiday every year"},
	    {"2021-04-15", {TERM_DAYS, 28, true}, false, "2021-05-13", "TV20: deprivation of liberty never moves"},
	    {"2021-04-15", {TERM_DAYS, 28, false}, false, "2021-05-14", "any other term of those days does"},
	    {"2043-04-04", {TERM_DAYS, 28, false}, false, "2043-05-04", "legal term ending on Saturday 2043-05-02"},
	    {"2043-04-04", {TERM_DAYS, 28, false}, true, "2043-05-11", "with three days named by decree"},
	    {"2026-04-01", {TERM_DAYS, 14, false}, false, "2026-04-15", "ends on a working day"},
	    {"2026-04-10", {TERM_DAYS, 1, false}, false, "2026-04-13", "ends on a Saturday"},
	    {"2026-04-20", {TERM_DAYS, 0, false}, false, "2026-04-20", "no days"},
	    {"2026-01-15", {TERM_MONTHS, 3, false}, false, "2026-04-15", "three months"},
	    {"2026-01-18", {TERM_MONTHS, 3, false}, false, "2026-04-20", "three months move: Saturday"},
	    {"2026-01-18", {TERM_MONTHS, 3, true}, false, "2026-04-18", "unless they never do"},
	    {"2025-10-18", {TERM_MONTHS, 6, false}, false, "2026-04-18", "half a year does not move"},
	    {"2025-04-18", {TERM_MONTHS, 12, false}, false, "2026-04-18", "nor a year"},
	    {"2025-12-18", {TERM_MONTHS, 4, false}, false, "2026-04-18", "nor anything over three months"},
	    {"2025-11-30", {TERM_MONTHS, 3, false}, false, "2026-03-02", "the month's last day, a Saturday"},
	    {"2026-02-27", {TERM_MONTHS, 2, false}, false, "2026-04-28", "the King's birthday"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		const struct calendar c = with_decree_days(decree_2043, table[i].decree ? 3 : 0);
		assert_row(cal_due(&c, day(table[i].start), table[i].term), table[i].expected, table[i].why);
	}
}

/* Algemene termijnenwet art. 2. */
static void
test_a_term_of_three_days_or_more_holds_two_working_days(void **state UNUSED)
{
	const struct term two = {TERM_DAYS, 2, false}, three = {TERM_DAYS, 3, false}, four = {TERM_DAYS, 4, false};

	/* 25, 26 Christmas, 27 Saturday, 28 Sunday, 29 Monday, 30 Tuesday. */
	assert_day(cal_due(&plain, day("2025-12-24"), two), "2025-12-29");
	assert_day(cal_due(&plain, day("2025-12-24"), three), "2025-12-30");
	/* 3 Good Friday, 4 and 5 Easter weekend, 6 Easter Monday, 7 Tuesday, 8 Wednesday. */
	assert_day(cal_due(&plain, day("2026-04-02"), three), "2026-04-08");
	assert_day(cal_due(&plain, day("2026-04-02"), four), "2026-04-08");
	assert_day(cal_due(&plain, day("2026-04-01"), three), "2026-04-07"); /* holds 2 and 7 April */
	assert_day(cal_due(&plain, day("2026-04-13"), three), "2026-04-16");
	/* Deprivation of liberty is outside of it. */
	assert_day(cal_due(&plain, day("2025-12-24"), (struct term){TERM_DAYS, 3, true}), "2025-12-27");
}

static void
test_a_term_that_moves_ends_on_a_working_day_and_never_earlier(void **state UNUSED)
{
	for (cal_day d = day("2020-01-01"); d < day("2045-01-01"); d++) {
		for (int n = 1; n <= 90; n += n < 7 ? 1 : 7) {
			const cal_day due = cal_due(&plain, d, (struct term){TERM_DAYS, n, false});
			assert_true(cal_is_working_day(&plain, due));
			assert_in_range(due - (d + n), 0, 7);
		}
	}
}

/* --- local time ------------------------------------------------------------------------------------------------------ */

static void
test_the_local_day_around_midnight(void **state UNUSED)
{
	assert_day(cal_local_day(moment("2026-01-14T22:59:59Z")), "2026-01-14");
	assert_day(cal_local_day(moment("2026-01-14T23:00:00Z")), "2026-01-15");
	assert_day(cal_local_day(moment("2026-07-14T21:59:59.999Z")), "2026-07-14");
	assert_day(cal_local_day(moment("2026-07-14T22:00:00Z")), "2026-07-15");
	/* The nights in which the clock moves: 28 to 29 March, 24 to 25 October. */
	assert_day(cal_local_day(moment("2026-03-28T22:59:59Z")), "2026-03-28");
	assert_day(cal_local_day(moment("2026-03-28T23:00:00Z")), "2026-03-29");
	assert_day(cal_local_day(moment("2026-03-29T21:59:59Z")), "2026-03-29");
	assert_day(cal_local_day(moment("2026-03-29T22:00:00Z")), "2026-03-30");
	assert_day(cal_local_day(moment("2026-10-24T21:59:59Z")), "2026-10-24");
	assert_day(cal_local_day(moment("2026-10-24T22:00:00Z")), "2026-10-25");
	assert_day(cal_local_day(moment("2026-10-25T22:59:59Z")), "2026-10-25");
	assert_day(cal_local_day(moment("2026-10-25T23:00:00Z")), "2026-10-26");
	assert_day(cal_local_day(-1), "1970-01-01");
	assert_day(cal_local_day(-2 * HOUR), "1969-12-31");
}

static void
test_a_day_has_23_24_or_25_hours(void **state UNUSED)
{
	int shorter = 0, longer = 0;

	for (cal_day d = day("2020-01-01"); d < day("2030-01-01"); d++) {
		const int64_t length = cal_day_begins_ms(d + 1) - cal_day_begins_ms(d);
		shorter += length == 23 * HOUR;
		longer += length == 25 * HOUR;
		assert_true(length == DAY || length == 23 * HOUR || length == 25 * HOUR);
		assert_int_equal(cal_local_day(cal_day_begins_ms(d)), d);
		assert_int_equal(cal_local_day(cal_day_begins_ms(d) - 1), d - 1);
	}
	assert_int_equal(shorter, 10);
	assert_int_equal(longer, 10);
	assert_int_equal(cal_day_begins_ms(day("2026-03-30")) - cal_day_begins_ms(day("2026-03-29")), 23 * HOUR);
	assert_int_equal(cal_day_begins_ms(day("2026-10-26")) - cal_day_begins_ms(day("2026-10-25")), 25 * HOUR);
}

static void
test_wall_clock_times_in_the_hours_that_are_odd(void **state UNUSED)
{
	static const struct {
		const char *day;
		int hour, minute, second;
		const char *expected;
	} table[] = {
	    {"2026-01-15", 9, 30, 15, "2026-01-15T08:30:15Z"}, {"2026-07-15", 9, 30, 15, "2026-07-15T07:30:15Z"},
	    {"2026-03-29", 1, 59, 59, "2026-03-29T00:59:59Z"}, {"2026-03-29", 3, 0, 0, "2026-03-29T01:00:00Z"},
	    {"2026-03-29", 2, 0, 0, "2026-03-29T01:00:00Z"}, /* does not exist: 03:00 by the later clock */
	    {"2026-03-29", 2, 30, 0, "2026-03-29T01:30:00Z"},  {"2026-10-25", 1, 59, 59, "2026-10-24T23:59:59Z"},
	    {"2026-10-25", 2, 30, 0, "2026-10-25T00:30:00Z"}, /* first of two */
	    {"2026-10-25", 3, 0, 0, "2026-10-25T02:00:00Z"},   {"2026-12-31", 24, 0, 0, "2026-12-31T23:00:00Z"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		char text[32];
		cal_format_timestamp(cal_local_ms(day(table[i].day), table[i].hour, table[i].minute, table[i].second),
				     text);
		assert_string_equal(text, table[i].expected);
	}
}

static void
test_summer_time_is_that_of_the_c_library_hour_by_hour(void **state UNUSED)
{
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	for (int64_t at = moment("1996-01-01T00:00:00Z"); at < moment("2199-12-31T00:00:00Z"); at += HOUR) {
		for (int64_t before = 0; before <= 1; before++) {
			const time_t t = (time_t)((at - before * 1000) / 1000);
			struct tm tm;
			localtime_r(&t, &tm);
			if (cal_local_day((int64_t)t * 1000) != (t + tm.tm_gmtoff) / 86400)
				fail_msg("%lld is in another local day", (long long)t);
			if (tm.tm_hour > 3 || before == 1)
				continue;
			/* Behind local midnight, also in the nights in which the clock moves. */
			const cal_day d = cal_local_day(at);
			const int64_t wall = cal_local_ms(d, tm.tm_hour, tm.tm_min, tm.tm_sec);
			if (wall != at && !(wall == at - HOUR && tm.tm_isdst == 0 && tm.tm_mon == 9 && tm.tm_hour == 2))
				fail_msg("%lld is another wall-clock time", (long long)t);
		}
	}
	unsetenv("TZ");
	tzset();
}

static void
test_neither_time_zone_nor_locale_of_the_process_matter(void **state UNUSED)
{
	setenv("TZ", "America/Los_Angeles", 1);
	tzset();
	assert_day(cal_local_day(moment("2026-01-14T23:00:00Z")), "2026-01-15");
	unsetenv("TZ");
	tzset();
}

/* --- RFC 3339 --------------------------------------------------------------------------------------------------------- */

static void
test_moments_that_are_read(void **state UNUSED)
{
	static const struct {
		const char *text, *expected;
	} table[] = {
	    {"2026-04-24T10:00:00Z", "2026-04-24T10:00:00Z"},
	    {"2026-04-24t10:00:00z", "2026-04-24T10:00:00Z"},
	    {"2026-04-24T10:00:00+02:00", "2026-04-24T08:00:00Z"},
	    {"2026-04-24T10:00:00-05:30", "2026-04-24T15:30:00Z"},
	    {"2026-04-24T10:00:00+00:00", "2026-04-24T10:00:00Z"},
	    {"2026-04-24T10:00:00-00:00", "2026-04-24T10:00:00Z"}, /* offset unknown, says RFC 3339 4.3 */
	    {"2026-04-24T23:59:59+23:59", "2026-04-24T00:00:59Z"},
	    {"2026-04-24T00:00:00-23:59", "2026-04-24T23:59:00Z"},
	    {"2026-04-24T00:30:00+01:00", "2026-04-23T23:30:00Z"},
	    {"2026-04-24T10:00:00.5Z", "2026-04-24T10:00:00.500Z"},
	    {"2026-04-24T10:00:00.05Z", "2026-04-24T10:00:00.050Z"},
	    {"2026-04-24T10:00:00.123Z", "2026-04-24T10:00:00.123Z"},
	    {"2026-04-24T10:00:00.000Z", "2026-04-24T10:00:00Z"},
	    {"2026-04-24T10:00:00.1239999999999999999999Z", "2026-04-24T10:00:00.123Z"}, /* cut, not rounded */
	    {"2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"},
	    {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"}, /* a leap second */
	    {"2017-01-01T00:59:60+01:00", "2017-01-01T00:00:00Z"},
	    {"1996-01-01T00:00:00Z", "1996-01-01T00:00:00Z"},
	    {"2199-12-31T22:59:59Z", "2199-12-31T22:59:59Z"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		char text[32];
		cal_format_timestamp(moment(table[i].text), text);
		assert_string_equal(text, table[i].expected);
	}
}

static void
test_moments_that_are_none(void **state UNUSED)
{
	static const char *const table[] = {
	    "",
	    "now",
	    "2026-04-24",
	    "2026-04-24T10:00:00",  /* no offset */
	    "2026-04-24T10:00Z",    /* no seconds */
	    "2026-04-24 10:00:00Z", /* no T */
	    "2026-04-24T10:00:00 Z",
	    "2026-04-24T10:00:00Z ",
	    "2026-04-24T10:00:00ZZ",
	    "2026-04-24T24:00:00Z",
	    "2026-04-24T10:60:00Z",
	    "2026-04-24T10:00:60Z", /* a leap second in the middle of a day */
	    "2026-04-24T23:59:60Z", /* or of a month */
	    "2026-04-30T23:59:61Z",
	    "2026-04-24T10:00:00.Z",
	    "2026-04-24T10:00:00,5Z",
	    "2026-04-24T10:00:00+0200",
	    "2026-04-24T10:00:00+02",
	    "2026-04-24T10:00:00+24:00",
	    "2026-04-24T10:00:00+02:60",
	    "2026-04-24T10:00:00+2:00",
	    "2026-04-24T10:00:00CET",
	    "2026-04-24T1:00:00Z",
	    "2026-04-24T+1:00:00Z",
	    "2026-02-29T10:00:00Z",
	    "2026-13-01T10:00:00Z",
	    "20260424T100000Z",
	    "1995-12-31T23:59:59Z",
	    "2200-01-01T00:00:00Z",
	    "2199-12-31T23:00:00Z", /* already 2200 in Amsterdam */
	    "2026-W17-5T10:00:00Z",
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		int64_t at_ms;
		if (cal_parse_timestamp(table[i], &at_ms))
			fail_msg("\"%s\" was read as a moment", table[i]);
	}
}

/* No piece of a moment is one, and nothing is read behind its end (the sanitizer looks). */
static void
test_a_moment_cut_off_anywhere_is_none(void **state UNUSED)
{
	static const char text[] = "2026-04-24T10:00:00.123+02:00";

	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		char *piece = strndup(text, len);
		int64_t at_ms;
		assert_false(cal_parse_timestamp(piece, &at_ms));
		free(piece);
	}
}

static void
test_moments_go_to_text_and_back(void **state UNUSED)
{
	char text[32], expected[32];

	for (int64_t at = moment("1996-01-01T00:00:00Z"); at < moment("2199-12-31T00:00:00Z"); at += 7 * HOUR + 61001) {
		const time_t t = (time_t)(at / 1000);
		struct tm tm;
		cal_format_timestamp(at, text);
		assert_int_equal(moment(text), at);
		gmtime_r(&t, &tm);
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S", &tm);
		assert_memory_equal(text, expected, 19);
	}
	cal_format_timestamp(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
	cal_format_timestamp(INT64_MIN, text);
	assert_string_equal(text, "0001-01-01T00:00:00Z");
	cal_format_timestamp(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_day_from_1996_to_2199_goes_to_text_and_back),
	    cmocka_unit_test(test_days_that_are_none),
	    cmocka_unit_test(test_no_number_is_too_odd),
	    cmocka_unit_test(test_no_day_gives_no_day),
	    cmocka_unit_test(test_months_end_where_the_shorter_month_ends),
	    cmocka_unit_test(test_easter),
	    cmocka_unit_test(test_easter_is_a_sunday_between_22_march_and_25_april),
	    cmocka_unit_test(test_the_kings_birthday_is_kept_on_the_26th_when_the_27th_is_a_sunday),
	    cmocka_unit_test(test_until_2013_it_was_the_queens_birthday),
	    cmocka_unit_test(test_holidays_2021_to_2027_are_those_of_the_list_day_by_day),
	    cmocka_unit_test(test_weekends_are_no_holidays_and_no_working_days),
	    cmocka_unit_test(test_a_decree_day_is_a_holiday_and_only_that_day),
	    cmocka_unit_test(test_norms_in_working_days),
	    cmocka_unit_test(test_backward_norms_count_working_days_before_the_date),
	    cmocka_unit_test(test_working_days_between),
	    cmocka_unit_test(test_the_next_and_the_last_working_day),
	    cmocka_unit_test(test_adding_subtracting_and_counting_agree),
	    cmocka_unit_test(test_terms_in_days_and_months),
	    cmocka_unit_test(test_a_term_of_three_days_or_more_holds_two_working_days),
	    cmocka_unit_test(test_a_term_that_moves_ends_on_a_working_day_and_never_earlier),
	    cmocka_unit_test(test_the_local_day_around_midnight),
	    cmocka_unit_test(test_a_day_has_23_24_or_25_hours),
	    cmocka_unit_test(test_wall_clock_times_in_the_hours_that_are_odd),
	    cmocka_unit_test(test_summer_time_is_that_of_the_c_library_hour_by_hour),
	    cmocka_unit_test(test_neither_time_zone_nor_locale_of_the_process_matter),
	    cmocka_unit_test(test_moments_that_are_read),
	    cmocka_unit_test(test_moments_that_are_none),
	    cmocka_unit_test(test_a_moment_cut_off_anywhere_is_none),
	    cmocka_unit_test(test_moments_go_to_text_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
