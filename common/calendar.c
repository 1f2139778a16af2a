// SPDX-License-Identifier: EUPL-1.2
/* Every function is total: what comes from outside can be any number. Days are kept within the years 1-9999, CAL_NONE
 * in gives CAL_NONE out. */
#include "common/calendar.h"

#include "common/err.h"

#define DAY_MS     INT64_C(86400000)
#define HOUR_MS    INT64_C(3600000)
#define MINUTE_MS  INT64_C(60000)
#define DAY_FIRST  (-719162) /* 0001-01-01 */
#define DAY_LAST   2932896   /* 9999-12-31 */
#define MOVES_MAX  3         /* months: a longer term does not move (Algemene termijnenwet art. 4) */
#define SPARES_MIN 3         /* days: such a term and longer ones hold ... (art. 2) */
#define SPARES     2         /* ... at least so many working days */

/* --- days ------------------------------------------------------------------------------------------------------- */

static cal_day
clamp_day(int64_t day)
{
	if (day < DAY_FIRST)
		return DAY_FIRST;
	return day > DAY_LAST ? DAY_LAST : (cal_day)day;
}

static cal_day
plus_days(cal_day day, int64_t n)
{
	return clamp_day(day + n);
}

static bool
is_leap_year(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_in_month(int year, int month)
{
	static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap_year(year));
}

/* Years begin in March here, so that the leap day is the last of its year; 400 of them are 146097 days. */
static cal_day
day_of(int year, int month, int day)
{
	const int y = year - (month <= 2);
	const int era = (y >= 0 ? y : y - 399) / 400;
	const int of_era = y - era * 400;
	const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct cal_date
cal_to_date(cal_day day)
{
	const int z = clamp_day(day) + 719468;
	const int era = (z >= 0 ? z : z - 146096) / 146097;
	const int of_era = z - era * 146097;
	const int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const int of_year = of_era - (365 * year + year / 4 - year / 100);
	const int month = (5 * of_year + 2) / 153;

	return (struct cal_date){
	    .year = year + era * 400 + (month >= 10),
	    .month = month < 10 ? month + 3 : month - 9,
	    .day = of_year - (153 * month + 2) / 5 + 1,
	};
}

cal_day
cal_from_date(int year, int month, int day)
{
	if (year < CAL_YEAR_MIN || year > CAL_YEAR_MAX || month < 1 || month > 12)
		return CAL_NONE;
	if (day < 1 || day > days_in_month(year, month))
		return CAL_NONE;
	return day_of(year, month, day);
}

int
cal_weekday(cal_day day)
{
	/* 0001-01-01 was a Monday. */
	return (clamp_day(day) - DAY_FIRST) % 7 + 1;
}

cal_day
cal_add_months(cal_day day, int months)
{
	if (day == CAL_NONE)
		return CAL_NONE;
	const struct cal_date d = cal_to_date(day);
	const int64_t total = (int64_t)d.year * 12 + d.month - 1 + months;
	if (total < 12)
		return DAY_FIRST;
	if (total >= 10000 * 12)
		return DAY_LAST;
	const int year = (int)(total / 12), month = (int)(total % 12) + 1;
	const int last = days_in_month(year, month);
	return day_of(year, month, d.day < last ? d.day : last);
}

/* --- text ------------------------------------------------------------------------------------------------------- */

/* Reads exactly n digits and moves on. */
static bool
read_digits(const char **p, int n, int *value)
{
	*value = 0;
	for (int i = 0; i < n; i++, ++*p) {
		if (**p < '0' || **p > '9')
			return false;
		*value = *value * 10 + (**p - '0');
	}
	return true;
}

static bool
read_char(const char **p, char c)
{
	return *(*p)++ == c;
}

static char *
write_digits(char *p, int n, int value)
{
	for (int i = n - 1; i >= 0; i--, value /= 10)
		p[i] = (char)('0' + value % 10);
	return p + n;
}

/* YYYY-MM-DD of any year; moves on. CAL_NONE when it is no day. */
static cal_day
read_date(const char **p)
{
	int year, month, day;

	if (!read_digits(p, 4, &year) || !read_char(p, '-') || !read_digits(p, 2, &month) || !read_char(p, '-') ||
	    !read_digits(p, 2, &day))
		return CAL_NONE;
	return cal_from_date(year, month, day);
}

static char *
write_date(char *p, cal_day day)
{
	const struct cal_date d = cal_to_date(day);

	p = write_digits(p, 4, d.year);
	*p++ = '-';
	p = write_digits(p, 2, d.month);
	*p++ = '-';
	return write_digits(p, 2, d.day);
}

cal_day
cal_parse(const char *text)
{
	const cal_day day = read_date(&text);

	return day != CAL_NONE && *text == '\0' ? day : CAL_NONE;
}

void
cal_format(cal_day day, char out[11])
{
	*(day == CAL_NONE ? out : write_date(out, day)) = '\0';
}

/* --- moments ---------------------------------------------------------------------------------------------------- */

static int64_t
clamp_ms(int64_t at_ms)
{
	const int64_t first = DAY_FIRST * DAY_MS, last = (DAY_LAST + 1) * DAY_MS - 1;

	if (at_ms < first)
		return first;
	return at_ms > last ? last : at_ms;
}

static cal_day
utc_day(int64_t at_ms)
{
	return (cal_day)((at_ms - DAY_FIRST * DAY_MS) / DAY_MS + DAY_FIRST);
}

/* 01:00 UTC on the last Sunday of the month. */
static int64_t
clock_change_ms(int year, int month)
{
	const cal_day last = day_of(year, month, 31);

	return (last - cal_weekday(last) % 7) * DAY_MS + HOUR_MS;
}

static bool
is_summer_time(int64_t at_ms)
{
	const int year = cal_to_date(utc_day(at_ms)).year;

	return at_ms >= clock_change_ms(year, 3) && at_ms < clock_change_ms(year, 10);
}

cal_day
cal_local_day(int64_t at_ms)
{
	const int64_t at = clamp_ms(at_ms);

	return clamp_day(utc_day(at + (is_summer_time(at) ? 2 : 1) * HOUR_MS));
}

int64_t
cal_local_ms(cal_day day, int hour, int minute, int second)
{
	ASSERT(hour >= 0 && hour <= 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60);
	const int64_t local = clamp_day(day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * INT64_C(1000);
	const int64_t summer = clamp_ms(local - 2 * HOUR_MS);

	return is_summer_time(summer) ? summer : clamp_ms(local - HOUR_MS);
}

int64_t
cal_day_begins_ms(cal_day day)
{
	return cal_local_ms(day, 0, 0, 0);
}

/* .d+ -> milliseconds; finer digits are cut. */
static bool
read_fraction(const char **p, int *ms)
{
	int digits = 0;

	*ms = 0;
	if (**p != '.')
		return true;
	for (++*p; **p >= '0' && **p <= '9'; ++*p, digits++) {
		if (digits < 3)
			*ms = *ms * 10 + (**p - '0');
	}
	for (int i = digits; i < 3; i++)
		*ms *= 10;
	return digits > 0;
}

static bool
read_offset(const char **p, int *minutes)
{
	const char sign = *(*p)++;
	int hour, minute;

	*minutes = 0;
	if (sign == 'Z' || sign == 'z')
		return true;
	if (sign != '+' && sign != '-')
		return false;
	if (!read_digits(p, 2, &hour) || !read_char(p, ':') || !read_digits(p, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*minutes = (hour * 60 + minute) * (sign == '-' ? -1 : 1);
	return true;
}

/* A leap second is inserted at the end of a month of UTC, nowhere else. */
static bool
is_month_end(int64_t at_ms)
{
	return at_ms % DAY_MS == 0 && cal_to_date(utc_day(at_ms)).day == 1;
}

bool
cal_parse_timestamp(const char *text, int64_t *at_ms)
{
	int hour, minute, second, ms, offset;

	const cal_day day = read_date(&text);
	if (day == CAL_NONE || (*text != 'T' && *text != 't'))
		return false;
	text++;
	if (!read_digits(&text, 2, &hour) || !read_char(&text, ':') || !read_digits(&text, 2, &minute) ||
	    !read_char(&text, ':') || !read_digits(&text, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60 || !read_fraction(&text, &ms) || !read_offset(&text, &offset) ||
	    *text != '\0')
		return false;
	const int64_t whole = day * DAY_MS + hour * HOUR_MS + (minute - offset) * MINUTE_MS + second * INT64_C(1000);
	if (second == 60 && !is_month_end(whole))
		return false;
	*at_ms = whole + ms;
	const int year = cal_to_date(cal_local_day(*at_ms)).year;
	return year >= CAL_YEAR_MIN && year <= CAL_YEAR_MAX;
}

void
cal_format_timestamp(int64_t at_ms, char out[32])
{
	const int64_t at = clamp_ms(at_ms);
	const cal_day day = utc_day(at);
	const int of_day = (int)(at - day * DAY_MS);

	char *p = write_date(out, day);
	*p++ = 'T';
	p = write_digits(p, 2, of_day / (int)HOUR_MS);
	*p++ = ':';
	p = write_digits(p, 2, of_day / (int)MINUTE_MS % 60);
	*p++ = ':';
	p = write_digits(p, 2, of_day / 1000 % 60);
	if (of_day % 1000 != 0) {
		*p++ = '.';
		p = write_digits(p, 3, of_day % 1000);
	}
	*p++ = 'Z';
	*p = '\0';
}

/* --- holidays --------------------------------------------------------------------------------------------------- */

/* Gauss's rule in the form of Meeus, Jones and Butcher. */
cal_day
cal_easter(int year)
{
	const int a = year % 19, b = year / 100, c = year % 100;
	const int d = b / 4, e = b % 4, f = (b + 8) / 25;
	const int g = (b - f + 1) / 3;
	const int h = (19 * a + b - d - g + 15) % 30;
	const int i = c / 4, k = c % 4;
	const int l = (32 + 2 * e + 2 * i - h - k) % 7;
	const int m = (a + 11 * h + 22 * l) / 451;
	const int n = h + l - 7 * m + 114;

	return day_of(year, n / 31, n % 31 + 1);
}

/* 27 April since 2014, before that 30 April; a Sunday gives way to the Saturday. */
static cal_day
kings_day(int year)
{
	const cal_day day = day_of(year, 4, year >= 2014 ? 27 : 30);

	return cal_weekday(day) == 7 ? day - 1 : day;
}

static bool
is_holiday_by_rule(cal_day day)
{
	const struct cal_date d = cal_to_date(day);

	if ((d.month == 1 && d.day == 1) || (d.month == 5 && d.day == 5) ||
	    (d.month == 12 && (d.day == 25 || d.day == 26)))
		return true;
	if (d.month < 3 || d.month > 6)
		return false;
	/* Good Friday, Easter Monday, Ascension Day, Whit Monday. */
	const int since_easter = day - cal_easter(d.year);
	return since_easter == -2 || since_easter == 1 || since_easter == 39 || since_easter == 50 ||
	       day == kings_day(d.year);
}

bool
cal_is_holiday(const struct calendar *c, cal_day day)
{
	ASSERT(c->extra_count <= CAL_EXTRA_MAX);
	for (unsigned i = 0; i < c->extra_count && c->extra[i] <= day; i++) {
		if (c->extra[i] == day)
			return true;
	}
	return is_holiday_by_rule(day);
}

bool
cal_is_working_day(const struct calendar *c, cal_day day)
{
	return cal_weekday(day) <= 5 && !cal_is_holiday(c, day);
}

/* --- terms ------------------------------------------------------------------------------------------------------ */

/* The n-th working day from `day` in steps of `step` days, `day` itself not counted. */
static cal_day
step_working_days(const struct calendar *c, cal_day day, int n, int step)
{
	ASSERT(n >= 0);
	if (day == CAL_NONE)
		return CAL_NONE;
	cal_day at = clamp_day(day);
	while (n > 0 && at + step >= DAY_FIRST && at + step <= DAY_LAST) {
		at += step;
		n -= cal_is_working_day(c, at);
	}
	return at;
}

cal_day
cal_add_working_days(const struct calendar *c, cal_day day, int n)
{
	return step_working_days(c, day, n, 1);
}

cal_day
cal_subtract_working_days(const struct calendar *c, cal_day day, int n)
{
	return step_working_days(c, day, n, -1);
}

int
cal_working_days_between(const struct calendar *c, cal_day from, cal_day to)
{
	const cal_day last = clamp_day(to);
	int count = 0;

	if (from == CAL_NONE || to == CAL_NONE)
		return 0;
	for (cal_day day = clamp_day(from); day < last;)
		count += cal_is_working_day(c, ++day);
	return count;
}

cal_day
cal_next_working_day(const struct calendar *c, cal_day day)
{
	if (day == CAL_NONE || cal_is_working_day(c, day))
		return day;
	return cal_add_working_days(c, day, 1);
}

cal_day
cal_last_working_day_before(const struct calendar *c, cal_day day)
{
	return cal_subtract_working_days(c, day, 1);
}

static cal_day
due_in_days(const struct calendar *c, cal_day start, int n)
{
	const cal_day end = cal_next_working_day(c, plus_days(start, n));
	const int spare = n < SPARES_MIN ? SPARES : cal_working_days_between(c, start, end);

	return spare >= SPARES ? end : cal_add_working_days(c, end, SPARES - spare);
}

cal_day
cal_due(const struct calendar *c, cal_day start, struct term term)
{
	if (start == CAL_NONE)
		return CAL_NONE;
	switch (term.unit) {
	case TERM_WORKING_DAYS: return cal_add_working_days(c, start, term.n);
	case TERM_DAYS: return term.never_moves ? plus_days(start, term.n) : due_in_days(c, start, term.n);
	case TERM_MONTHS: {
		const cal_day end = cal_add_months(start, term.n);
		return term.never_moves || term.n > MOVES_MAX ? end : cal_next_working_day(c, end);
	}
	case TERM_NONE: break;
	}
	return CAL_NONE;
}
