// SPDX-License-Identifier: EUPL-1.2
/* dutch.h - codes, numbers and dates as care workers read them. In the arena, or constant. */
#ifndef DOORBRAAK_CLI_DUTCH_H
#define DOORBRAAK_CLI_DUTCH_H

#include "common/arena.h"
#include "common/calendar.h"

/* A code of the contract, or of a group of a report (LOCAL_TEAM, INVITED); the code itself where there is no word. */
const char *dutch_word(const char *code);
/* The same of an enum value; "" for 0. */
const char *dutch_code(const char *enum_name, int value);
/* 1.234 */
const char *dutch_number(struct arena *a, int64_t value);
/* a / b to one decimal, half up: 12,5. b > 0, a >= 0. */
const char *dutch_ratio(struct arena *a, int64_t numerator, int64_t denominator);
/* a of b as a percentage: 12,5%. */
const char *dutch_percent(struct arena *a, int64_t numerator, int64_t denominator);
/* 1 oktober 2026 */
const char *dutch_date(struct arena *a, cal_day day);
/* 1 oktober 2026, 00:00 uur */
const char *dutch_moment(struct arena *a, int64_t at_ms);

#endif
