// SPDX-License-Identifier: EUPL-1.2
/* routing_state.h - the databases of routing.
 *
 *   cases    case id                                          -> case file (routing_case.h)
 *   alias    fresh id of a linked submission                  -> case id
 *   youth    number of the youth                              -> id of the open case
 *   due      day missed, case id, NUL, kind, reference        -> nothing
 *   warn     day of the warning, case id, NUL, kind, reference -> nothing
 *   ends     organisation, NUL, case id                       -> nothing: who supports, or is offered, where
 *   counts   "top100"                                         -> open cases in the top 100 approach
 *   agenda   team, NUL, day, case id                          -> nothing: team meetings that are to come, or overdue
 *
 * The indexes follow from the files: they change in one place, routing_keep(), by comparing the file before and after.
 * Keys are big-endian and end ids with a NUL, so that their order is day, case id, kind, reference. */
#ifndef DOORBRAAK_ROUTING_STATE_H
#define DOORBRAAK_ROUTING_STATE_H

#include "common/store.h"
#include "services/routing/routing_case.h"

struct routing_state {
	struct store_db cases, alias, youth, due, warn, ends, counts, agenda;
	uint8_t bytes[CASE_BYTES_MAX]; /* scratch for packing */
};

void routing_state_open(struct routing_state *s, struct store_txn *txn);

/* The file of a case by its id or an alias; false when there is none. */
bool routing_load(struct routing_state *s, struct store_txn *txn, const char *id, struct case_file *file);
/* Stores the file and brings the indexes in step. `before` is as it was loaded, or new from case_init(). */
void routing_keep(struct routing_state *s, struct store_txn *txn, const struct case_file *before,
		  struct case_file *after);

void routing_alias(struct routing_state *s, struct store_txn *txn, const char *fresh, struct id case_id);
/* The open case of a youth. */
bool routing_youth_case(struct routing_state *s, struct store_txn *txn, uint64_t youth, struct id *case_id);
uint64_t routing_top100(struct routing_state *s, struct store_txn *txn);

/* One entry of `due` or `warn`. */
struct due_entry {
	struct id case_id;
	uint8_t kind;
	struct id reference;
};

/* The first entry of a day or an earlier one; false when there is none. Taking care of it must remove it from the
 * index. */
bool routing_due_first(struct store_txn *txn, struct store_db db, cal_day day, struct due_entry *entry);

/* Cases other than this one on the agenda of a team on a day; counts no further than `most`. */
unsigned routing_agenda_count(struct routing_state *s, struct store_txn *txn, struct code team, cal_day day,
			      const char *case_id, unsigned most);

/* The first organisation behind `after` that supports or is offered somewhere. */
bool routing_ends_next(struct routing_state *s, struct store_txn *txn, struct code after, struct code *organisation);
/* Its first case. */
bool routing_ends_case(struct routing_state *s, struct store_txn *txn, struct code organisation, struct id *case_id);

#endif
