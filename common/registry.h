// SPDX-License-Identifier: EUPL-1.2
/* registry.h - who serves whom, from when.
 *
 * Rows of RegistryAdopted by kind, key and valid-from; a lookup gives what is valid on a day. Rows apply from their
 * date and never rewrite what was decided before (I15). A later adoption counts from the day after adoption at the
 * earliest, the first may lie in the past, and so may what is adopted on the same day (a registry with rows of several
 * dates is one RegistryAdopted for each date). An adoption replaces all that was said about the same key: the
 * successors of a gemeente, the extra tasks of a region; a FEATURE row without feature takes them away, a REGION row
 * without team takes the team away, a LANDING_PLACE row without functions the landing place. Rules R2-R6, R13, R16,
 * R83; lookups as rules.md section 7. */
#ifndef DOORBRAAK_REGISTRY_H
#define DOORBRAAK_REGISTRY_H

#include "common/record.h"
#include "common/store.h"

#define REGISTRY_SUCCESSORS_MAX 8

#define REGISTRY_MEMO_REGIONS 64
#define REGISTRY_MEMO_ENDS    256 /* owners among them, of whom there are hundreds */

/* What was looked up, until something is adopted: most cases ask for the same few regions on the same few days. */
struct registry_memo {
	struct {
		bool filled, known;
		cal_day day;
		struct code region, team, landing, centre, coordination;
	} regions[REGISTRY_MEMO_REGIONS];
	struct {
		struct code organisation; /* empty: free */
		cal_day last_day;
	} ends[REGISTRY_MEMO_ENDS];
	bool version_known;
	cal_day version_day;
	struct code version;
};

struct registry {
	struct store_db rows;
	struct registry_memo *memo; /* the caller's; NULL: every look-up reads */
};

struct registry registry_open(struct store_txn *txn);
/* The same with a memo, which is emptied. Do so anew after a batch that was undone. */
struct registry registry_open_memo(struct store_txn *txn, struct registry_memo *memo);
void registry_adopt(struct registry r, struct store_txn *txn, const pb_RegistryAdopted *adopted, cal_day today);
/* Gaps and contradictions in a set of rows by itself: a region without centre, a gemeente in an unknown region, a
 * successor that leads nowhere. Used by intake and the tool. Against the rows kept when txn is not NULL, else alone. */
bool registry_check(struct registry r, struct store_txn *txn, const pb_RegistryAdopted *adopted, struct violations *vs,
		    struct arena *a);

enum registry_found {
	REGISTRY_FOUND,
	REGISTRY_REPLACED,  /* found after following a merger: warning MUNICIPALITY_REPLACED */
	REGISTRY_AMBIGUOUS, /* split: successors[] */
	REGISTRY_UNKNOWN,
};

/* Everything a case needs to know about its place. */
struct registry_place {
	struct code municipality;
	struct code region;
	struct code team;         /* expert team; empty when the region has none */
	struct code landing;      /* landing place with four functions that is known to all; empty when none */
	struct code centre;       /* expertise centre of the region */
	struct code coordination; /* placement coordination of the region; empty when not known */
	struct code successors[REGISTRY_SUCCESSORS_MAX];
	unsigned successor_count;
};

enum registry_found registry_place_of(struct registry r, struct store_txn *txn, const char *municipality, cal_day day,
				      struct registry_place *place);
/* The place of a region by itself; false when unknown on that day. */
bool registry_region(struct registry r, struct store_txn *txn, const char *region, cal_day day,
		     struct registry_place *place);
/* All regions that hold on the day, in the order of their codes; an array in the transaction's arena. */
const struct code *registry_regions(struct registry r, struct store_txn *txn, cal_day day, size_t *count);
/* All municipalities that are there on the day, in the order of their codes, with their region; an array in the
 * transaction's arena. */
struct registry_municipality {
	struct code municipality, region;
};
const struct registry_municipality *registry_municipalities(struct registry r, struct store_txn *txn, cal_day day,
							    size_t *count);
/* The functions that the region's team or landing place covers, as bits of TeamFunction (R83). False when nobody has
 * said so: no row of either with functions that are there, or missing. */
bool registry_functions(struct registry r, struct store_txn *txn, const char *region, cal_day day, unsigned *bits);
/* Does the region's team take this extra task (R16)? */
bool registry_feature(struct registry r, struct store_txn *txn, const char *region, int ask, cal_day day);
/* Last valid day of a supporter (OZJ, R13), known before it comes; CAL_NONE when it has no end. */
cal_day registry_supporter_end(struct registry r, struct store_txn *txn, const char *organisation, cal_day day);
/* Is there a row of this kind about this code (municipality, region or organisation) that holds on the day? */
bool registry_knows(struct registry r, struct store_txn *txn, int kind, const char *about, cal_day day);
/* Version (semver) of the last adoption that applies on a day; "" when none. */
struct code registry_version(struct registry r, struct store_txn *txn, cal_day day);

#endif
