// SPDX-License-Identifier: EUPL-1.2
/* store.h - one LMDB environment: the state, the cursor and the journal of one service.
 *
 * The only file that knows LMDB. The manual of the rules kept here is lmdb.h; what was measured is in docs/storage.md.
 *
 *   - One environment is one folder, one process, one volume: a lock file outside the environment's own files is held
 *     with flock(2) for as long as it is open. The folder's file system is looked at: ext4, xfs or btrfs; overlayfs and
 *     tmpfs are let through for trials and tests only, what is there may be gone after a restart.
 *   - Created in a temporary folder beside it, made durable, then renamed into place. An environment that cannot be
 *     read is never made anew.
 *   - After every open, one durable commit of a boot row, so that what an earlier process left in the page cache is on
 *     disk before anything is answered from it.
 *   - Errors stick to the transaction: after the first, every call does nothing (and a get says "absent"); ask
 *     store_commit() once, or store_failed() where an answer depends on it. After a commit that failed for another
 *     reason than a full map, every later transaction has failed from its start.
 *   - What store_get() and a walk give is a copy in the transaction's arena, valid until the next store_begin_*() of
 *     the same kind (write or read).
 *   - One write transaction and one read transaction at a time, on one thread. No read transaction outlives a turn.
 *   - Keys have 1 to STORE_KEY_MAX bytes; looking for another one finds nothing, writing one is our bug. */
#ifndef DOORBRAAK_STORE_H
#define DOORBRAAK_STORE_H

#include "common/arena.h"
#include "common/err.h"

#define STORE_KEY_MAX       500        /* bytes; LMDB's limit is 511 */
#define STORE_VALUE_MAX     (2u << 20) /* bytes */
#define STORE_DATABASES_MAX 32
#define STORE_MAP_BYTES     ((size_t)64 << 30) /* sparse; the default */

struct store;
struct store_txn;

struct store_db {
	unsigned handle;
};

struct store_options {
	const char *dir;  /* folder of the environment; made when absent, its parent must exist */
	size_t map_bytes; /* 0: STORE_MAP_BYTES */
	bool fast;        /* no sync; honoured only in test builds (DOORBRAAK_TEST) */
	bool temporary;   /* what is kept is thrown away afterwards: no sync, written in place, on any file system */
	/* No folder at all: rows in memory, gone when the store is closed. Nothing can be undone: after store_abort() of a
	 * transaction that wrote, the store is dead. For computing something once. */
	bool in_memory;
	/* In memory only: begins with the rows of another one in memory, which is in no transaction. */
	const struct store *copy_of;
	/* `dir` is a file that store_copy() filled, not a folder: no lock, no boot row, nobody else has it. Only for reading, unless
	 * `image_writes`. */
	bool image, image_writes;
	/* Test builds only: asked before every commit and every step of a copy; a result other than 0 is the errno it
	 * fails with. */
	int (*fault)(void *ctx);
	void *fault_ctx;
};

/* Opens or creates. On failure *why says what to do, and nothing is left open. */
enum err store_open(struct store **store, const struct store_options *options, struct why *why) MUST_USE;
/* Also ends an open transaction. Nulls the pointer. */
void store_close(struct store **store);

struct store_txn *store_begin_write(struct store *store);
struct store_txn *store_begin_read(struct store *store);
/* Ends the transaction. ERR_NONE: durable. ERR_STORE_FULL: undone, may be tried again. Else: the process must end. */
enum err store_commit(struct store_txn *txn) MUST_USE;
void store_abort(struct store_txn *txn);
bool store_failed(const struct store_txn *txn);
struct arena *store_arena(struct store_txn *txn);
/* Which transaction of the store it is, from 1: tells whether what was got earlier still lives. */
uint64_t store_txn_number(const struct store_txn *txn);

/* Opens a named database, creating it in a write transaction; to a read transaction one that is not there is a failure.
 * Handles stay valid for the life of the store. Those opened first in a write transaction that was undone are void: open
 * them again. */
struct store_db store_db_open(struct store_txn *txn, const char *name);

bool store_get(struct store_txn *txn, struct store_db db, struct bytes key, struct bytes *value);
/* The same, with not more than `value_max` bytes of the value. */
bool store_get_part(struct store_txn *txn, struct store_db db, struct bytes key, struct bytes *value, size_t value_max);
void store_put(struct store_txn *txn, struct store_db db, struct bytes key, struct bytes value);
/* Room for a value behind the last key, to be filled before the next call; NULL once txn has failed. A key that does not
 * sort behind the last one fails it (ERR_CORRUPT). */
uint8_t *store_append(struct store_txn *txn, struct store_db db, struct bytes key, size_t len);
/* True when it was there. */
bool store_delete(struct store_txn *txn, struct store_db db, struct bytes key);
bool store_last(struct store_txn *txn, struct store_db db, struct bytes *key, struct bytes *value);
/* The same, with not more than `value_max` bytes of the value. */
bool store_last_part(struct store_txn *txn, struct store_db db, struct bytes *key, struct bytes *value,
		     size_t value_max);
uint64_t store_count(struct store_txn *txn, struct store_db db);

/* Walks keys in order from `from` on (empty: from the first). Do not write to the database while walking it: collect
 * first. End it before the transaction. Where only one of key and value is wanted, the other may be NULL, here and in
 * store_last(). */
struct memory_map;
struct store_walk {
	void *cursor;
	struct memory_map *memory; /* and the next row, for a store in memory */
	size_t block, row;
	struct store_txn *txn;
	struct bytes from;
	bool begun;
};
void store_walk_begin(struct store_walk *walk, struct store_txn *txn, struct store_db db, struct bytes from);
bool store_walk_next(struct store_walk *walk, struct bytes *key, struct bytes *value);
void store_walk_end(struct store_walk *walk);

struct store_usage {
	uint64_t map_bytes;
	uint64_t used_bytes;      /* pages in use; pages freed earlier are not, the file never shrinks */
	uint64_t disk_free_bytes; /* of the volume */
	uint64_t disk_bytes;
	uint32_t readers; /* open read transactions */
	uint64_t
	    oldest_reader_age; /* commits since the oldest of them began: what was freed since cannot be used again */
};
struct store_usage store_usage(struct store *store);

/* Puts a copy in the place of the file, row by row, in which nothing is left of what was deleted: LMDB keeps deleted bytes
 * in pages that it freed, and in the gaps of pages that it still uses. The copy is made beside the file, made durable and
 * renamed; a crash at any moment leaves the one or the other. The old file is filled with zeros once it has no name any more
 * (what a volume that copies on write, or a disk that wears evenly, does with that is its own affair). Takes about a second
 * for each half gigabyte, in which nothing else happens. No transaction may be open; all databases must be opened again.
 *
 * ERR_NONE: done (in memory: nothing to do). ERR_AGAIN: another process reads the store (a backup), nothing was done.
 * ERR_DISK_FULL, ERR_STORE_FULL: no room for the copy, nothing was done. Any other: the process must end. */
enum err store_compact(struct store *store, struct why *why) MUST_USE;

/* Frees the slots of readers that died; how many there were. Called at open and once a minute. */
int store_check_readers(struct store *store);

#endif
