// SPDX-License-Identifier: EUPL-1.2
/* monitoring_overview.h - open cases in numbers: where they stand, when they are due, how they went up and down the ladders.
 *
 *   monitoring_overview   what, (day or month), place, codes -> number, in as few bytes as it takes
 *   monitoring_places     number of a place -> region, team, centre; from 1, as they are first met
 *
 * Kept with every change of a case, so that no figure needs a look at cases. How many rows there are follows from places,
 * states and days, not from cases. A batch changes the same few rows again and again, and mostly back: what changed is added
 * up in memory and written once, in the order of the keys, when the batch is whole. Rows are small on purpose: what a batch
 * costs is the pages that it touches. */
#ifndef DOORBRAAK_MONITORING_OVERVIEW_H
#define DOORBRAAK_MONITORING_OVERVIEW_H

#include "services/monitoring/monitoring_query.h"

#define OVERVIEW_DUE_DAYS    28 /* days ahead that are told one by one */
#define OVERVIEW_WEEK_DAYS   7
#define OVERVIEW_MONTHS      12 /* of flow, unless asked otherwise */
#define OVERVIEW_MONTHS_MAX  36
#define OVERVIEW_LONGEST     10
#define OVERVIEW_LONGEST_MAX 100
#define OVERVIEW_OWNED_MAX   5000u /* cases of an owner that are counted one by one */
#define OVERVIEW_PENDING_MAX 512u  /* changes in memory; more are written in between */
#define OVERVIEW_KEY_MAX     (1 + 4 + 2 + 5)
#define OVERVIEW_PLACES_MAX  2048u /* what comes after is place 0: counted, but of no region */

/* What is counted, and what stands in a key behind the place. */
enum overview_what {
	OVERVIEW_OF_HERE = 1,   /* level, governance, track, state, overdue */
	OVERVIEW_OF_DUE,        /* (day in front of the place) */
	OVERVIEW_OF_LEVEL,      /* (month in front of the place) from, to */
	OVERVIEW_OF_GOVERNANCE, /* (month in front of the place) from, to */
};

struct overview_change {
	uint8_t len;
	uint8_t key[OVERVIEW_KEY_MAX];
	int64_t by;
};

struct overview_where {
	struct code region, team, centre;
};

/* Both lists have twice as many slots as entries: a free one is found soon. */
struct overview {
	struct store_db numbers, places;
	struct overview_change changes[OVERVIEW_PENDING_MAX]; /* of this batch, not yet written */
	unsigned change_count;
	uint16_t change_slots[2 * OVERVIEW_PENDING_MAX]; /* 1 + place in changes; 0: free */
	bool known_is_read;
	struct overview_where known[OVERVIEW_PLACES_MAX]; /* [i] has number i + 1 */
	unsigned known_count;
	uint16_t known_slots[2 * OVERVIEW_PLACES_MAX]; /* numbers; 0: free */
};

/* Forgets what is not written. */
void overview_open(struct overview *overview, struct store_txn *txn);

/* Where a case stands. Text is the view's. */
struct overview_place {
	bool open;
	bool overdue; /* an S02 is open */
	uint8_t level, governance, track, state;
	const char *due; /* of the next deadline; "": it has none */
	const char *region, *team, *centre;
};
struct overview_place overview_place(const pb_CaseView *view);

/* A case went from one place to another; `day`: on which that counts. */
void overview_move(struct overview *overview, struct store_txn *txn, const struct overview_place *from,
		   const struct overview_place *to, cal_day day);
/* Every change is written: before the commit. */
void overview_settle(struct overview *overview, struct store_txn *txn);

/* A number as it stands in a row. */
int64_t overview_number(struct bytes value);

/* Open cases by state and track, those that are not 0: at most `max`; how many. */
struct overview_standing {
	int state, track;
	int64_t open;
};
unsigned overview_standing(const struct overview *overview, struct store_txn *txn, struct overview_standing *list,
			   unsigned max);

/* monitoring_overview_tell.c. False with *why when the question cannot be. */
bool overview_tell(const struct overview *overview, const struct monitoring_db *db, struct store_txn *txn,
		   const pb_OverviewRequest *request, cal_day today, pb_OverviewReply *reply, struct why *why);

#endif
