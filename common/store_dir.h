// SPDX-License-Identifier: EUPL-1.2
/* store_dir.h - the place of an environment: file system, lock, making it.
 *
 *   <dir>            the environment: data.mdb, lock.mdb
 *   <dir>.lock       held with flock(2) by the one process that has it open; never removed, also not by scripts
 *   <dir>.new        an environment in the making; a left-over of an interrupted making is cleared away
 *   <dir>/fresh.mdb  a copy of data.mdb in the making (store_compact); likewise
 *
 * Happy path: claim; when store_dir_is_there() says no: make, fill store_dir.fresh, finish; release at the end.
 * Possible failures: each has a sentence that says what to do; after it nothing is held. Nothing here knows LMDB. */
#ifndef DOORBRAAK_STORE_DIR_H
#define DOORBRAAK_STORE_DIR_H

#include <limits.h>
#include <stdbool.h>

#include "common/err.h"

struct store_dir {
	char path[PATH_MAX]; /* without symbolic links, so that one environment has one lock */
	char parent[PATH_MAX];
	char fresh[PATH_MAX];
	int lock;
	bool sync; /* false: no flush anywhere, for tests */
};

/* Finds the folder, looks at its file system, takes the lock, clears away a left-over. */
enum err store_dir_claim(struct store_dir *d, const char *dir, bool sync, struct why *why) MUST_USE;
void store_dir_release(struct store_dir *d);

/* Is there an environment? An empty data file is ERR_CORRUPT: LMDB would silently make a new one out of it. */
enum err store_dir_is_there(const struct store_dir *d, bool *there, struct why *why) MUST_USE;

/* The empty folder d->fresh. */
enum err store_dir_make(const struct store_dir *d, struct why *why) MUST_USE;
/* Makes what was put in d->fresh durable and renames it into place. */
enum err store_dir_finish(const struct store_dir *d, struct why *why) MUST_USE;
/* Removes d->fresh with the files of an environment in it, and of the one of the access log inside (a restore that was
 * interrupted leaves both), and nothing else. */
enum err store_dir_clear(const struct store_dir *d, struct why *why) MUST_USE;

/* Path of a file in the folder. False when it is too long. */
#define STORE_DIR_FRESH "fresh.mdb"
bool store_dir_file(const struct store_dir *d, const char *name, char path[PATH_MAX]) MUST_USE;
/* Makes a file, or a folder's list of names, durable. */
enum err store_dir_sync(const struct store_dir *d, const char *path, struct why *why) MUST_USE;

/* Makes the name of the folder durable: also after a process that died between rename and flush. */
enum err store_dir_sync_parent(const struct store_dir *d, struct why *why) MUST_USE;

#endif
