// SPDX-License-Identifier: EUPL-1.2
/* monitoring_tallies.h - the tallies of the indicators, kept and added up.
 *
 *   monitoring_tallies   indicator, month, group, value, region, team, centre -> numerator, denominator
 *   monitoring_meetings  day, team -> nothing: team meetings that were held
 *
 * A tally counts for the place where the case stood when it was counted. Adding up walks the tallies of one indicator in
 * the months asked for: their number follows from places, groups and values, not from cases. */
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

void tallies_add(const struct tallies *t, struct store_txn *txn, const struct tally_place *place,
		 const struct tally *tally);
/* True when this team has no meeting on that day yet; it has now. */
bool tallies_open_meeting(const struct tallies *t, struct store_txn *txn, const char *team, cal_day day);

/* What is asked for: an indicator in the months from .. to, both included; NULL: of any place. */
struct tally_question {
	unsigned k;
	int from_month, to_month;
	const char *region, *team, *centre;
};

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

/* Groups in the order of their names, in the transaction's arena. */
const struct tally_sum *tallies_sum(const struct tallies *t, struct store_txn *txn,
				    const struct tally_question *question, size_t *count);

/* The smallest value that at least `percent` of a hundred of what was counted do not exceed (nearest rank); 0 when
 * nothing was. Exact. */
int32_t tally_percentile(const struct tally_sum *sum, unsigned percent);
/* Sum of all values; divided by the denominator it is the mean. */
int64_t tally_total(const struct tally_sum *sum);

#endif
