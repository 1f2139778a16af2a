// SPDX-License-Identifier: EUPL-1.2
/* store_internal.h - what store.c (environment and transactions) and store_rows.c (rows) share. Nobody else includes it: it is
 * where lmdb.h comes in. */
#ifndef DOORBRAAK_STORE_INTERNAL_H
#define DOORBRAAK_STORE_INTERNAL_H

#include <lmdb.h>
#include <pthread.h>

#include "common/store.h"
#include "common/store_dir.h"
#include "common/store_memory.h"

#define ENV_DBS    (STORE_DATABASES_MAX + 1)     /* and the boot row */
#define HANDLE_MAX (STORE_DATABASES_MAX + 1 + 2) /* LMDB has two of its own */

_Static_assert(HANDLE_MAX < 64, "one bit a handle");

struct store_txn {
	struct store *store;
	MDB_txn *handle; /* NULL: it could not begin, or is over */
	struct arena arena;
	uint64_t number;
	enum err err; /* the first, sticky */
	bool writes;
	bool active;
	bool wrote;     /* in memory */
	unsigned walks; /* open ones */
	uint64_t fresh; /* databases opened in this transaction: one bit a handle */
	pthread_t thread;
};

struct store {
	MDB_env *env;
	enum err dead;              /* of the commit after which nothing is done any more */
	size_t ready;               /* bytes of the file whose pages were made ready to be written */
	uint64_t known;             /* databases open for good: one bit a handle */
	struct memory_map **memory; /* by handle, for a store in memory; else NULL */
	char (*memory_names)[32];
	struct store_txn write, read;
	uint64_t transactions; /* begun so far */
	struct store_options options;
	struct store_dir dir;
};

/* store.c: the environment of a folder, opened and booted, with a sentence when it cannot be. */
enum err store_env_open(struct store *s, struct why *why) MUST_USE;
enum err store_env_err(int rc);
/* What a test wants to go wrong here: an errno, or 0. */
int store_ask_fault(const struct store_options *options);

/* Keeps the first error of a transaction; true when rc is none. */
bool store_txn_ok(struct store_txn *txn, int rc);
/* The same for a look-up: absence is an answer, no failure. */
bool store_txn_found(struct store_txn *txn, int rc);

#endif
