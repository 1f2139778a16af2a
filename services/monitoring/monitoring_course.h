// SPDX-License-Identifier: EUPL-1.2
/* monitoring_course.h - the course of every case: the records that it is made of, found without looking at others.
 *
 *   monitoring_course        number -> number of the row before it of the same case, cause, moment, kind of message, records
 *   monitoring_course_loose  id of which no case came (yet) -> number of its last row
 *
 * Rows are only ever appended. One row holds what one cause brought one case, byte
 * for byte as it was read: the message, if it was about this case, and the answers. The number of a case's last row stands
 * in its picture; from there the course is walked back. A cause may give a case several rows, when other cases or a batch's
 * end come in between. */
#ifndef DOORBRAAK_MONITORING_COURSE_H
#define DOORBRAAK_MONITORING_COURSE_H

#include "common/service.h"
#include "services/monitoring/monitoring_state.h"

struct course {
	struct store_db rows, loose;
	uint64_t last; /* number of the last row */
	bool counted;  /* `last` is known */
	/* The row at hand; number 0: none. */
	struct {
		uint64_t number, before, cause;
		int64_t at_ms;
		int kind;
		struct id asked, case_id; /* the id under which the last record came, and the case that it belongs to */
		bool known;               /* `before` is */
		bool kept;                /* the picture that is stored says the number */
		unsigned count, room;
		size_t bytes;
		struct bytes *records; /* in the arena of the batch */
	} now;
};

struct course course_open(struct store_txn *txn);

/* Keeps a record that is about a case; passes over others. */
void course_take(struct course *course, const struct monitoring_db *db, struct turn *turn, const struct record *in);
/* The case that an id belongs to: at once when the record at hand came under it. */
struct id course_case(const struct course *course, const struct monitoring_db *db, struct store_txn *txn,
		      const char *id);
/* The picture of the case at hand was read: it says which row comes after it from now on; course_kept() when it is stored. */
void course_meet(struct course *course, struct turn *turn, struct picture *p);
void course_kept(struct course *course, const struct picture *p);
/* What came in under this id belongs to that case. Before the record that says so is taken. */
void course_join(struct course *course, const struct monitoring_db *db, struct turn *turn, const char *id,
		 const char *case_id);
/* The row at hand is stored: before the commit. */
void course_settle(struct course *course, const struct monitoring_db *db, struct turn *turn);

/* ---- reading ---- */

struct course_row {
	uint64_t before, cause;
	int64_t at_ms;
	int kind; /* of the message that is the cause: number of its field in Submission; 0: time */
	const struct bytes *records;
	unsigned count;
	size_t bytes; /* of them all */
};
/* The last row of an id without a picture; 0: none. */
uint64_t course_loose(const struct course *course, struct store_txn *txn, const char *id);
/* In the transaction's arena; false when there is no such row. */
bool course_read(const struct course *course, struct store_txn *txn, uint64_t number, struct course_row *row);

#endif
