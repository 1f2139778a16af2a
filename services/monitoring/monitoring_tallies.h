// SPDX-License-Identifier: EUPL-1.2
/* monitoring_tallies.h - the tallies of the indicators, kept and added up.
 *
 *   monitoring_tallies   indicator, month, group, value, region, team, centre -> numerator, denominator
 *   monitoring_meetings  day, team -> nothing: team meetings that were held
 *
 * A tally counts for the place where the case stood when it was counted. What is asked walks the tallies of one indicator
 * in the months asked for: their number follows from places, groups and values, not from cases. What is true of a moment
 * and not of a month (K28) stands under month 0, and goes down as well as up. */
#ifndef DOORBRAAK_MONITORING_TALLIES_H
#define DOORBRAAK_MONITORING_TALLIES_H

#include "common/store.h"
#include "services/monitoring/monitoring_indicators.h"

struct tallies {
	struct store_db tallies, meetings;
};

struct tallies tallies_open(struct store_txn *txn);

/* Where a case stands. */
struct tally_place {
	const char *region, *team, *centre;
};
/* A month as a number that goes on: 12 a year. */
int tally_month(cal_day day);

/* tally->day CAL_NONE: not of a month, but as it stands. */
void tallies_add(const struct tallies *t, struct store_txn *txn, const struct tally_place *place,
		 const struct tally *tally);
/* True when this team has no meeting on that day yet; it has now. */
bool tallies_open_meeting(const struct tallies *t, struct store_txn *txn, const char *team, cal_day day);

/* A tally as it is kept; texts in the arena it was read into. */
struct tally_row {
	unsigned k;
	int32_t value;
	const char *group, *region, *team, *centre;
	int64_t numerator, denominator;
};

/* Tallies of one indicator in the months from .. to, both included (TALLY_NOW .. TALLY_NOW: as it stands), in the
 * transaction's arena. */
#define TALLY_NOW 0
const struct tally_row *tallies_read(const struct tallies *t, struct store_txn *txn, unsigned k, int from_month,
				     int to_month, size_t *count);

struct tally_value {
	int32_t value;
	int64_t count;
};

/* One group, added up over months and places. */
struct tally_sum {
	const char *group;
	int64_t numerator, denominator;
	const struct tally_value *values; /* ascending */
	size_t value_count;
};

/* Adds up rows of one indicator, those of a place (NULL: any). Groups in the order of their names, in the arena. */
const struct tally_sum *tallies_sum(struct arena *a, const struct tally_row *rows, size_t row_count,
				    const struct tally_place *where, size_t *count);

/* The smallest value that at least `percent` of a hundred of what was counted do not exceed (nearest rank); 0 when
 * nothing was. Exact. */
int32_t tally_percentile(const struct tally_sum *sum, unsigned percent);
/* Sum of all values; divided by the denominator it is the mean. */
int64_t tally_total(const struct tally_sum *sum);

#endif
