// SPDX-License-Identifier: EUPL-1.2
/* journal.h - an append-only, hash-chained sequence of records.
 *
 * One journal is one database. Key: sequence number, 8 bytes big-endian, from 1, no gaps.
 * Value: chain digest (32 bytes), then the record exactly as it travels on the wire.
 *
 * Happy path: append in a write transaction; read in order in a read transaction, every record checked against the
 * chain. Failure: a record that does not fit its digest is ERR_CORRUPT and is not given out; errors of the store stick
 * to the transaction. Nothing here reads a clock. */
#ifndef DOORBRAAK_JOURNAL_H
#define DOORBRAAK_JOURNAL_H

#include "common/digest.h"
#include "common/store.h"

#define JOURNAL_RECORD_MAX ((1u << 20) + 4096) /* bytes */

struct journal {
	struct store_db db;
};

struct journal_head {
	uint64_t seq;
	struct digest digest;
};

struct journal_entry {
	uint64_t seq;
	struct digest digest;
	struct bytes record; /* in the transaction's arena */
};

struct journal journal_open(struct store_txn *txn);

/* The last entry, or {0} for an empty journal. */
struct journal_head journal_head(struct journal j, struct store_txn *txn);

/* Copies the record in; returns its sequence number, 0 once txn has failed. */
uint64_t journal_append(struct journal j, struct store_txn *txn, struct bytes record);
/* The same behind a head that was read in this transaction, and which moves forward: for many appends in a row. */
uint64_t journal_append_behind(struct journal j, struct store_txn *txn, struct journal_head *head, struct bytes record);

/* One entry, unchecked (for its digest). False when absent. */
bool journal_get(struct journal j, struct store_txn *txn, uint64_t seq, struct journal_entry *entry);

/* Reads forward, each entry checked. journal_read_begin: after `after` (0: from the first). journal_read_next: ERR_NONE
 * with *entry, ERR_AGAIN at the end, ERR_CORRUPT from the first entry on that does not fit, ERR_IO once txn has failed.
 * Every entry is copied to the transaction's arena: read a long journal in pieces, each with a transaction of its own.
 * End it before its transaction. */
struct journal_reader {
	struct store_walk walk;
	struct digest before;
	uint64_t next_seq; /* 0: it has met a record that does not fit */
};
void journal_read_begin(struct journal_reader *r, struct journal j, struct store_txn *txn, uint64_t after);
enum err journal_read_next(struct journal_reader *r, struct journal_entry *entry) MUST_USE;
void journal_read_end(struct journal_reader *r);

#endif
