// SPDX-License-Identifier: EUPL-1.2
/* cursor.h - how far a service has read its upstream journal.
 *
 * (history, seq, digest) of the last record applied, kept in the same transaction as its effects. With it stand the
 * intake seq whose effects are complete, and the place of the next answer of the current cause. */
#ifndef DOORBRAAK_CURSOR_H
#define DOORBRAAK_CURSOR_H

#include "common/journal.h"

#define HISTORY_SIZE 16

struct history {
	uint8_t b[HISTORY_SIZE]; /* all zero: none yet */
};

struct cursor {
	struct history history;
	uint64_t seq;
	struct digest digest;
	uint64_t applied; /* intake seq whose effects are complete here */
	uint64_t cause;   /* of the last record applied */
	uint32_t index;   /* of the next own answer with that cause, from 1 */
};

/* {0} when there is none yet. */
struct cursor cursor_load(struct store_txn *txn, struct store_db db);
void cursor_store(struct store_txn *txn, struct store_db db, const struct cursor *c);

enum cursor_fit {
	CURSOR_FITS,
	CURSOR_OTHER_HISTORY, /* from another history */
	CURSOR_DIFFERS,       /* the record at seq is another one */
	CURSOR_AHEAD,         /* beyond the head */
};

/* Does what a reader says it has (history, seq, digest) stand in this journal? The very start (all zero) always does. */
enum cursor_fit cursor_fit(struct history asked_history, uint64_t seq, struct bytes digest, struct history history,
			   struct journal j, struct store_txn *txn);

#endif
