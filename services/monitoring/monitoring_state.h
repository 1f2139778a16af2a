// SPDX-License-Identifier: EUPL-1.2
/* monitoring_state.h - the pictures of all cases, and counts over them.
 *
 *   monitoring_cases   id of an open case -> head (monitoring_index.h), number of its last row in monitoring_course.h, what
 *                      is remembered, the packed CaseView
 *   monitoring_closed  the same of a closed case. Few of all cases are open, and nearly everything is about those: apart from
 *                      the others, what they cost does not grow with the years
 *   monitoring_alias   id of a linked submission -> case id
 *   monitoring_triage  case id -> complexity criteria that triage found, until routing has accepted the message
 *   monitoring_wide    subject, signal code, subject id -> nothing: open signals about no case
 *   monitoring_counts  what is counted, two codes -> number; kept with every change, so that no figure needs a scan
 *   monitoring_index   lists of cases by what is asked for: monitoring_index.h
 *
 * Numbers big-endian. */
#ifndef DOORBRAAK_MONITORING_STATE_H
#define DOORBRAAK_MONITORING_STATE_H

#include "common/store.h"
#include "services/monitoring/monitoring_index.h"
#include "services/monitoring/monitoring_project.h"

struct monitoring_db {
	struct store_db cases, closed, alias, triage, wide, counts;
	struct monitoring_index index;
};

struct monitoring_db monitoring_db_open(struct store_txn *txn);

/* False when the case is unknown; *p is an empty picture then. In the transaction's arena. */
bool monitoring_case_get(const struct monitoring_db *db, struct store_txn *txn, const char *case_id, struct picture *p);
/* Keeps the picture, and tells the indexes what differs from p->head, which follows: monitoring_index_settle() before the
 * commit. */
void monitoring_case_put(struct monitoring_db *db, struct store_txn *txn, struct picture *p);
/* What the indexes hold of a case; false when it is unknown. */
bool monitoring_head_get(const struct monitoring_db *db, struct store_txn *txn, const char *case_id,
			 struct case_head *head);

/* The number of the last row of a case's course alone. False when the case is unknown; put: it is known. */
bool monitoring_course_get(const struct monitoring_db *db, struct store_txn *txn, const char *case_id,
			   uint64_t *number);
void monitoring_course_put(const struct monitoring_db *db, struct store_txn *txn, const char *case_id, uint64_t number);

struct id monitoring_alias_get(const struct monitoring_db *db, struct store_txn *txn, const char *case_id);
void monitoring_alias_put(const struct monitoring_db *db, struct store_txn *txn, const char *alias,
			  const char *case_id);

void monitoring_criteria_put(const struct monitoring_db *db, struct store_txn *txn, const char *case_id,
			     uint32_t criteria);
/* Takes them away; 0 when there are none. */
uint32_t monitoring_criteria_take(const struct monitoring_db *db, struct store_txn *txn, const char *case_id);

/* A signal about a region, team, source or reason is open, or no longer; true when it was not so before. */
bool monitoring_wide_add(const struct monitoring_db *db, struct store_txn *txn, int subject, const char *subject_id,
			 int code);
bool monitoring_wide_remove(const struct monitoring_db *db, struct store_txn *txn, int subject, const char *subject_id,
			    int code);

/* ---- counts ---- */

enum monitoring_count {
	COUNT_OPEN_SIGNALS, /* signal code; all subjects */
	COUNT_OVERDUE,      /* missed deadlines whose S02 is open, by kind */
	MONITORING_COUNTS,
};
void monitoring_count_change(const struct monitoring_db *db, struct store_txn *txn, enum monitoring_count what, int a,
			     int b, int64_t by);
struct monitoring_counted {
	enum monitoring_count what;
	int a, b;
	uint64_t number;
};
/* All that are not 0, in order; an array in the transaction's arena. */
const struct monitoring_counted *monitoring_counts(const struct monitoring_db *db, struct store_txn *txn,
						   unsigned *count);

#endif
