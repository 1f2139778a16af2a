// SPDX-License-Identifier: EUPL-1.2
/* monitoring_index.h - finding cases without looking at all of them.
 *
 *   monitoring_index   list, value, closed, (day), case id -> nothing
 *                      INDEX_MARK, list -> the key before which the list is swept
 *
 * Of every case the lists hold what is asked for most: by owner, team, centre, region, state, track, overdue and by id alone, in
 * the order of the ids; by next deadline and by last movement, in the order of the days. Open and closed cases stand apart, so
 * that the years behind us do not slow down the question of every day. Numbers big-endian, days so that byte order is day
 * order.
 *
 * What the lists hold of a case is its head. It stands before the picture, and the lists follow it by difference: only what
 * changed is written. A case changes some times in a row on one cause, and mostly back and forth: its lists follow once,
 * when another case changes or the batch is whole.
 *
 * With many cases every place in the lists by day is on a page of its own, and to leave one costs as much as to come to
 * another. So open cases do not leave them at once: a mark goes along each list, to INDEX_DUE_AHEAD days ahead of today and to
 * INDEX_MOVED_BEHIND days behind it, and takes out what is no longer true in passing, neighbours together. What is left behind
 * ahead of the mark says so by itself: the head of the case says otherwise, and a walk passes over it. Behind the
 * mark, where most questions begin, a case leaves its place at once. What a walk gives does not depend on the mark. */
#ifndef DOORBRAAK_MONITORING_INDEX_H
#define DOORBRAAK_MONITORING_INDEX_H

#include "common/fields.h"
#include "common/store.h"

struct case_head {
	uint8_t state, track; /* enums of the contract */
	bool overdue;         /* a missed deadline is not made good: an S02 is open */
	bool hidden;          /* erased and closed: in no list */
	cal_day due;          /* of the next deadline; CAL_NONE: it has none */
	cal_day moved_on;     /* on which the last message was accepted; CAL_NONE: none was */
	struct code owner, team, centre, region;
};

#define CASE_HEAD_MAX (3 + 2 * 4 + 4 * (1 + CODE_MAX)) /* bytes */

void case_head_write(struct fields_out *out, const struct case_head *head);
struct case_head case_head_read(struct fields_in *in);
bool case_head_is_open(const struct case_head *head);

/* The lists; those up to LIST_ALL are in the order of the ids. */
enum monitoring_list {
	LIST_OWNER,
	LIST_TEAM,
	LIST_CENTRE,
	LIST_REGION,
	LIST_OVERDUE,
	LIST_STATE,
	LIST_TRACK,
	LIST_ALL,
	LIST_DUE,   /* no deadline: at the end */
	LIST_MOVED, /* never moved: at the begin */
	MONITORING_LISTS,
};

#define INDEX_MARK         255
#define INDEX_DUE_AHEAD    7  /* days */
#define INDEX_MOVED_BEHIND 14 /* days */
#define INDEX_KEY_MAX      (1 + 1 + CODE_MAX + 1 + 4 + ID_MAX)

struct monitoring_index {
	struct store_db lists, cases, closed;
	/* Of the lists by day: what is before it is true. As it is kept in the store. */
	struct index_mark {
		uint8_t key[INDEX_KEY_MAX + 1];
		size_t len;
	} marks[MONITORING_LISTS - LIST_DUE];
	unsigned put; /* entries of a list by day, since they were swept */
	/* The case whose lists do not follow yet; no id: there is none. */
	struct {
		struct id case_id;
		bool is_new;
		struct case_head before, after;
	} behind;
};

/* `cases`, `closed`: where the heads are, in front of the value of each open and of each closed case. */
struct monitoring_index monitoring_index_open(struct store_txn *txn, struct store_db cases, struct store_db closed);

/* The head of a case changed; `before` is NULL for a new one. */
void monitoring_index_keep(struct monitoring_index *index, struct store_txn *txn, const char *case_id,
			   const struct case_head *before, const struct case_head *after);
/* Every list follows, and the marks go on: before the transaction is committed. */
void monitoring_index_settle(struct monitoring_index *index, struct store_txn *txn, cal_day today);

/* ---- walking a list ---- */

/* A place in a list: the day (of those ordered by days) and the case. */
struct index_place {
	cal_day day;
	struct id case_id;
};

struct index_walk {
	const struct monitoring_index *index;
	struct store_walk walks[2]; /* open cases, closed ones */
	struct bytes prefix[2], at[2];
	unsigned count;
	bool by_day;
};

/* The day of a case in a list that is ordered by days; 0 in the others. */
cal_day monitoring_index_day(enum monitoring_list list, const struct case_head *head);
/* By day, then case. */
int index_place_compare(const struct index_place *a, const struct index_place *b);

/* Cases of a list behind a place (NULL: from the first), open ones or all, in order. `value` is the code of an owner, team, centre
 * or region, "" for the others; `code` the state or track, else 0. Nothing is written meanwhile. */
void index_walk_begin(struct index_walk *walk, const struct monitoring_index *index, struct store_txn *txn,
		      enum monitoring_list list, const char *value, int code, bool open_only,
		      const struct index_place *behind);
bool index_walk_next(struct index_walk *walk, struct index_place *place);
void index_walk_end(struct index_walk *walk);

#endif
