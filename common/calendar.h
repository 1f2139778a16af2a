// SPDX-License-Identifier: EUPL-1.2
/* calendar.h - civil days of Europe/Amsterdam, working days, terms.
 *
 * Pure arithmetic: no clock, no time zone database, no locale. Summer time by the rule of Directive 2000/84/EC (last
 * Sunday of March 01:00 UTC to last Sunday of October 01:00 UTC), valid from 1996; years 1996-2199.
 *
 * Two kinds of terms, kept apart (rules.md 3.1, Algemene termijnenwet art. 1-3):
 *   - a norm in working days counts working days from the day after the event and is due at the end of the last;
 *   - a term in days or months that ends on a Saturday, Sunday or holiday runs to the end of the next working day,
 *     except a term of more than 3 months, and deprivation of liberty, which never move. */
#ifndef DOORBRAAK_CALENDAR_H
#define DOORBRAAK_CALENDAR_H

#include "common/bytes.h"

typedef int32_t cal_day; /* days since 1970-01-01 */
#define CAL_NONE      INT32_MIN
#define CAL_YEAR_MIN  1996
#define CAL_YEAR_MAX  2199
#define CAL_EXTRA_MAX 64 /* dated exceptions */

struct cal_date {
	int year, month, day;
};

/* Days that are holidays besides those by rule (royal decree), sorted ascending. */
struct calendar {
	cal_day extra[CAL_EXTRA_MAX];
	unsigned extra_count;
};

cal_day cal_from_date(int year, int month, int day); /* CAL_NONE when there is no such day */
struct cal_date cal_to_date(cal_day day);
cal_day cal_parse(const char *text); /* YYYY-MM-DD, exactly; CAL_NONE otherwise */
void cal_format(cal_day day, char out[11]);
int cal_weekday(cal_day day); /* 1 Monday .. 7 Sunday */
cal_day cal_easter(int year);

/* The local day of a moment (milliseconds since 1970 UTC), and the moment a local day begins. */
cal_day cal_local_day(int64_t at_ms);
int64_t cal_day_begins_ms(cal_day day);
/* A local wall-clock time as a moment; the first of two in the hour that comes twice, the later clock in the hour that
 * does not exist. */
int64_t cal_local_ms(cal_day day, int hour, int minute, int second);
/* RFC 3339 with any offset -> moment; false when it is not one. */
bool cal_parse_timestamp(const char *text, int64_t *at_ms);
/* In UTC, to the second, or with milliseconds where there are any. */
void cal_format_timestamp(int64_t at_ms, char out[32]);

bool cal_is_holiday(const struct calendar *c, cal_day day); /* by rule or exception; weekends are no holidays */
bool cal_is_working_day(const struct calendar *c, cal_day day);
cal_day cal_add_working_days(const struct calendar *c, cal_day day, int n); /* n >= 0; n = 0: the day itself */
cal_day cal_subtract_working_days(const struct calendar *c, cal_day day, int n);
/* Working days after `from` up to and including `to`; 0 when to <= from. */
int cal_working_days_between(const struct calendar *c, cal_day from, cal_day to);
cal_day cal_next_working_day(const struct calendar *c, cal_day day); /* the day itself when it is one */
cal_day cal_last_working_day_before(const struct calendar *c, cal_day day);
cal_day cal_add_months(cal_day day, int months); /* same day number, or the month's last day */

enum term_unit { TERM_NONE, TERM_WORKING_DAYS, TERM_DAYS, TERM_MONTHS };
struct term {
	enum term_unit unit;
	int n;
	bool never_moves;
};
/* The last day of the term that starts with an event on `start`. */
cal_day cal_due(const struct calendar *c, cal_day start, struct term term);

#endif
