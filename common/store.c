// SPDX-License-Identifier: EUPL-1.2
/* Happy path: claim the folder, make the environment when there is none, open it, make durable what an earlier process
 * may have left in the page cache (name of the folder, boot row); then one transaction after the other.
 *
 * Possible failures: see store.h. After a commit that failed for another reason than a full map the kernel may have
 * dropped the pages that it could not write, and a later commit would succeed over the hole. So the store is dead from
 * then on: every later transaction has failed from its start. */
#include "common/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/sabotage.h"
#include "common/store_internal.h"

#if MDB_VERSION_FULL < MDB_VERINT(0, 9, 24) || MDB_VERSION_FULL >= MDB_VERINT(0, 10, 0)
#error "LMDB 0.9.24 or a later 0.9"
#endif

#define BOOT_NAME       "boot"
#define READY_BYTES     ((size_t)8 << 20) /* behind the last page in use */
#define READY_STEP      (128 << 10)
#define UNWRITTEN_BYTES ((uint64_t)256 << 10) /* at most so much behind the end of the file, in use by name */

/* --- errors ----------------------------------------------------------------------------------------------------- */

enum err
store_env_err(int rc)
{
	switch (rc) {
	case MDB_SUCCESS: return ERR_NONE;
	case MDB_MAP_FULL: return ERR_STORE_FULL;
	case ENOSPC: return ERR_DISK_FULL;
	case EDQUOT: return ERR_DISK_FULL;
	case MDB_CORRUPTED: return ERR_CORRUPT;
	case MDB_PAGE_NOTFOUND: return ERR_CORRUPT;
	case MDB_INVALID: return ERR_CORRUPT;
	case MDB_KEYEXIST: return ERR_CORRUPT; /* an append that is not behind the last key */
	case MDB_VERSION_MISMATCH: return ERR_REFUSED;
	default: return ERR_IO;
	}
}

bool
store_txn_ok(struct store_txn *txn, int rc)
{
	if (txn->err == ERR_NONE)
		txn->err = store_env_err(rc);
	return rc == MDB_SUCCESS;
}

/* Absence is an answer, no failure. */
bool
store_txn_found(struct store_txn *txn, int rc)
{
	return rc != MDB_NOTFOUND && store_txn_ok(txn, rc);
}

/* --- open and close --------------------------------------------------------------------------------------------- */

static unsigned
env_flags(const struct store_options *options)
{
#ifdef DOORBRAAK_TEST
	if (options->fast)
		return MDB_NOSYNC | MDB_NOMETASYNC;
#endif
	if (options->image)
		return MDB_NOSUBDIR | MDB_NOLOCK | (options->image_writes ? 0 : MDB_RDONLY);
	if (SABOTAGE(NOMETASYNC))
		return MDB_NOMETASYNC;
	if (SABOTAGE(NOSYNC))
		return MDB_NOSYNC | MDB_NOMETASYNC;
	return options->temporary ? MDB_NOSYNC | MDB_NOMETASYNC | MDB_WRITEMAP | MDB_NOMEMINIT : 0;
}

static int
env_open(MDB_env **env, const char *path, const struct store_options *options)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t map = options->map_bytes == 0 ? STORE_MAP_BYTES : (options->map_bytes + page - 1) / page * page;

	int rc = mdb_env_create(env);
	if (rc != MDB_SUCCESS)
		return rc;
	rc = mdb_env_set_mapsize(*env, map);
	if (rc == MDB_SUCCESS)
		rc = mdb_env_set_maxdbs(*env, ENV_DBS);
	if (rc == MDB_SUCCESS)
		rc = mdb_env_open(*env, path, env_flags(options), 0600);
	if (rc != MDB_SUCCESS) {
		mdb_env_close(*env);
		*env = NULL;
	}
	return rc;
}

/* The sentence for what LMDB says when it opens or boots an environment. */
static enum err
explain(int rc, const char *path, struct why *why)
{
	switch (rc) {
	case MDB_SUCCESS: break;
	case MDB_INVALID:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
		why_set(why,
			"%s/data.mdb cannot be read (%s). It is not made anew: restore a backup, and keep this file",
			path, mdb_strerror(rc));
		break;
	case MDB_VERSION_MISMATCH:
		why_set(
		    why,
		    "%s was written by another version of LMDB: use the programs that wrote it, or restore a backup",
		    path);
		break;
	case MDB_MAP_FULL: why_set(why, "the map of %s is full: start with a larger map", path); break;
	case EAGAIN:
		why_set(why, "%s is in use by a process that does not hold our lock (a tool of LMDB?): end it first",
			path);
		break;
	case ENOMEM:
		why_set(why, "%s: no address space for the map: raise ulimit -v, or start with a smaller map", path);
		break;
	default: why_set(why, "cannot open the environment %s: %s", path, mdb_strerror(rc)); break;
	}
	return rc == EAGAIN || rc == ENOMEM || rc == EACCES ? ERR_REFUSED : store_env_err(rc);
}

static enum err
check_version(struct why *why)
{
	int major, minor, patch;
	const char *text = mdb_version(&major, &minor, &patch);

	if (major == 0 && minor == 9 && patch >= 24)
		return ERR_NONE;
	why_set(why, "the library is %s, but LMDB 0.9.24 or a later 0.9 is needed: install that", text);
	return ERR_REFUSED;
}

int
store_ask_fault(const struct store_options *options)
{
#ifdef DOORBRAAK_TEST
	if (options->fault != NULL)
		return options->fault(options->fault_ctx);
#endif
	(void)options;
	return 0;
}

static int
boot_count(MDB_txn *txn)
{
	MDB_val key = {sizeof(BOOT_NAME) - 1, BOOT_NAME}, value;
	uint8_t count[8] = {0};
	MDB_dbi db;

	int rc = mdb_dbi_open(txn, BOOT_NAME, MDB_CREATE, &db);
	if (rc != MDB_SUCCESS)
		return rc;
	rc = mdb_get(txn, db, &key, &value);
	if (rc == MDB_SUCCESS && value.mv_size == sizeof(count))
		memcpy(count, value.mv_data, sizeof(count));
	if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
		return rc;
	put_u64(count, get_u64(count) + 1);
	value = (MDB_val){sizeof(count), count};
	return mdb_put(txn, db, &key, &value, 0);
}

/* One durable commit that really writes. */
static int
boot(MDB_env *env, const struct store_options *options)
{
	MDB_txn *txn;

	int rc = mdb_txn_begin(env, NULL, 0, &txn);
	if (rc != MDB_SUCCESS)
		return rc;
	rc = boot_count(txn);
	if (rc == MDB_SUCCESS)
		rc = store_ask_fault(options);
	if (rc == MDB_SUCCESS)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return rc;
}

static enum err
create(const struct store_dir *dir, const struct store_options *options, struct why *why)
{
	struct why ignored;
	MDB_env *env;

	enum err err = store_dir_make(dir, why);
	if (err != ERR_NONE)
		return err;
	int rc = env_open(&env, dir->fresh, options);
	if (rc == MDB_SUCCESS) {
		rc = boot(env, options);
		mdb_env_close(env);
	}
	err = explain(rc, dir->fresh, why);
	if (err == ERR_NONE)
		err = store_dir_finish(dir, why);
	if (err != ERR_NONE && store_dir_clear(dir, &ignored) != ERR_NONE)
		return err; /* The next opening tells of the left-over. */
	return err;
}

/* What is behind the end of the file cannot be read: touching it would kill the process. Some pages at the end may never have
 * been written, as a transaction takes them and gives them back. */
static enum err
check_length(struct store *s, struct why *why)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat file;
	int fd;

	if (mdb_env_info(s->env, &info) != MDB_SUCCESS || mdb_env_stat(s->env, &stat) != MDB_SUCCESS ||
	    mdb_env_get_fd(s->env, &fd) != MDB_SUCCESS || fstat(fd, &file) != 0)
		return ERR_NONE;
	const uint64_t used = (uint64_t)(info.me_last_pgno + 1) * stat.ms_psize;

	if ((uint64_t)file.st_size >= used)
		return ERR_NONE;
	if ((uint64_t)file.st_size + UNWRITTEN_BYTES >= used && ftruncate(fd, (off_t)used) == 0)
		return ERR_NONE; /* zeros, that LMDB knows for no page of its own */
	why_set(why,
		"%s/data.mdb is cut off: it has %lld bytes, and uses %llu. It is not made anew: restore a backup, and "
		"keep this file",
		s->dir.path, (long long)file.st_size, (unsigned long long)used);
	return ERR_CORRUPT;
}

enum err
store_env_open(struct store *s, struct why *why)
{
	int rc = env_open(&s->env, s->dir.path, &s->options);

	if (rc == MDB_SUCCESS && check_length(s, why) != ERR_NONE)
		return ERR_CORRUPT;
	if (rc == MDB_SUCCESS) {
		store_check_readers(s);
		rc = boot(s->env, &s->options);
	}
	return explain(rc, s->dir.path, why);
}

static enum err
open_claimed(struct store *s, struct why *why)
{
	bool there;

	enum err err = store_dir_is_there(&s->dir, &there, why);
	if (err == ERR_NONE && !there)
		err = create(&s->dir, &s->options, why);
	if (err == ERR_NONE)
		err = store_dir_sync_parent(&s->dir, why);
	if (err != ERR_NONE)
		return err;
	return store_env_open(s, why);
}

static void
txn_init(struct store_txn *txn, struct store *s, bool writes)
{
	txn->store = s;
	txn->writes = writes;
	arena_init(&txn->arena);
}

static void
open_memory(struct store *s, const struct store *of)
{
	s->memory = calloc(HANDLE_MAX, sizeof(*s->memory));
	s->memory_names = calloc(HANDLE_MAX, sizeof(*s->memory_names));
	if (s->memory == NULL || s->memory_names == NULL)
		fatal("out of memory");
	if (of == NULL)
		return;
	ASSERT(of->memory != NULL && !of->write.active && !of->read.active);
	for (unsigned i = 0; i < HANDLE_MAX; i++) {
		if (of->memory[i] != NULL)
			s->memory[i] = memory_copy(of->memory[i]);
	}
	memcpy(s->memory_names, of->memory_names, HANDLE_MAX * sizeof(*s->memory_names));
	s->known = of->known;
}

static void
close_memory(struct store *s)
{
	for (unsigned i = 0; s->memory != NULL && i < HANDLE_MAX; i++)
		memory_free(&s->memory[i]);
	free(s->memory);
	free(s->memory_names);
}

enum err
store_open(struct store **store, const struct store_options *options, struct why *why)
{
	ASSERT(options->dir != NULL || options->in_memory);
	struct store *s = calloc(1, sizeof(*s));

	*store = NULL;
	if (s == NULL)
		fatal("out of memory");
	s->options = *options;
	s->options.dir = NULL; /* borrowed from the caller, and no longer needed */
	s->options.copy_of = NULL;
	s->dir.lock = -1;
	txn_init(&s->write, s, true);
	txn_init(&s->read, s, false);
	if (options->in_memory) {
		open_memory(s, options->copy_of);
		*store = s;
		return ERR_NONE;
	}

	enum err err = check_version(why);
	if (err == ERR_NONE && options->image)
		err = explain(env_open(&s->env, options->dir, &s->options), options->dir, why);
	else if (err == ERR_NONE)
		err = store_dir_claim(&s->dir, options->dir, env_flags(options) == 0, why);
	if (err == ERR_NONE && !options->image)
		err = open_claimed(s, why);
	if (err == ERR_NONE)
		*store = s;
	else
		store_close(&s);
	return err;
}

void
store_close(struct store **store)
{
	struct store *s = *store;

	if (s == NULL)
		return;
	if (s->write.active)
		store_abort(&s->write);
	if (s->read.active)
		store_abort(&s->read);
	if (s->env != NULL)
		mdb_env_close(s->env);
	/* Last: who takes the lock after us finds everything closed. */
	store_dir_release(&s->dir);
	close_memory(s);
	arena_fini(&s->write.arena);
	arena_fini(&s->read.arena);
	free(s);
	*store = NULL;
}

/* --- transactions ----------------------------------------------------------------------------------------------- */

static struct store_txn *
txn_begin(struct store_txn *txn)
{
	struct store *s = txn->store;

	ASSERT(!txn->active);
	arena_reset(&txn->arena);
	txn->handle = NULL;
	txn->err = s->dead;
	txn->active = true;
	txn->fresh = 0;
	txn->number = ++s->transactions;
	txn->thread = pthread_self();
	txn->wrote = false;
	if (txn->err == ERR_NONE && s->memory == NULL)
		store_txn_ok(txn, mdb_txn_begin(s->env, NULL, txn->writes ? 0 : MDB_RDONLY, &txn->handle));
	return txn;
}

struct store_txn *
store_begin_write(struct store *store)
{
	return txn_begin(&store->write);
}

struct store_txn *
store_begin_read(struct store *store)
{
	return txn_begin(&store->read);
}

/* A cursor of LMDB does not outlive its transaction, and a commit on another thread leaves the writer's lock for ever. */
static void
txn_check_end(const struct store_txn *txn)
{
	ASSERT(txn->active);
	ASSERT(txn->walks == 0);
	ASSERT(pthread_equal(txn->thread, pthread_self()));
}

/* To LMDB the end of a read transaction is a commit too: an abort would close the databases it opened. */
static void
end_read(struct store_txn *txn)
{
	if (txn->store->memory != NULL)
		txn->store->known |= txn->fresh;
	if (txn->handle != NULL && mdb_txn_commit(txn->handle) == MDB_SUCCESS)
		txn->store->known |= txn->fresh;
	txn->handle = NULL;
	txn->active = false;
}

/* LMDB writes neighbouring pages at once, and what is written at once beyond the end of the file becomes one piece of the page
 * cache: on ext4 since Linux 6.16 of up to 256 KiB. Every later write of a single page then looks at all parts of its
 * piece, for three to four times the price. Pages that are in the cache already stay pieces of their own. When this
 * fails, writing costs more, no more than that. */
static void
ready_pages(struct store *s)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat file;
	int fd;

	if (s->env == NULL || s->options.fast || s->options.temporary || s->options.image ||
	    mdb_env_info(s->env, &info) != MDB_SUCCESS || mdb_env_stat(s->env, &stat) != MDB_SUCCESS)
		return;
	const size_t used = (info.me_last_pgno + 1) * stat.ms_psize;

	if (used + READY_BYTES / 2 <= s->ready || mdb_env_get_fd(s->env, &fd) != MDB_SUCCESS || fstat(fd, &file) != 0)
		return;
	s->ready = used + READY_BYTES < info.me_mapsize ? used + READY_BYTES : info.me_mapsize;
	const off_t upto = (off_t)s->ready;

	if (file.st_size >= upto || ftruncate(fd, upto) != 0)
		return;
	/* One call does no more than the device reads at once. */
	for (off_t at = file.st_size; at < upto; at += READY_STEP)
		posix_fadvise(fd, at, upto - at < READY_STEP ? upto - at : READY_STEP, POSIX_FADV_WILLNEED);
}

static enum err
end_write(struct store_txn *txn)
{
	if (txn->err == ERR_NONE)
		store_txn_ok(txn, store_ask_fault(&txn->store->options));
	if (txn->err == ERR_NONE && txn->store->memory == NULL) {
		store_txn_ok(txn, mdb_txn_commit(txn->handle));
		txn->handle = NULL;
	}
	if (txn->handle != NULL)
		mdb_txn_abort(txn->handle);
	if (SABOTAGE(CARRY_ON) && txn->err != ERR_NONE)
		txn->err = ERR_STORE_FULL;
	if (txn->err == ERR_NONE) {
		txn->store->known |= txn->fresh;
		ready_pages(txn->store);
	} else if (txn->err != ERR_STORE_FULL)
		txn->store->dead = txn->err;
	txn->handle = NULL;
	txn->active = false;
	return txn->err;
}

enum err
store_commit(struct store_txn *txn)
{
	txn_check_end(txn);
	if (txn->writes)
		return end_write(txn);
	end_read(txn);
	return txn->err;
}

void
store_abort(struct store_txn *txn)
{
	txn_check_end(txn);
	if (!txn->writes) {
		end_read(txn);
		return;
	}
	if (txn->handle != NULL)
		mdb_txn_abort(txn->handle);
	if (txn->wrote && txn->store->dead == ERR_NONE)
		txn->store->dead = ERR_IO; /* it cannot be undone */
	txn->handle = NULL;
	txn->active = false;
}

bool
store_failed(const struct store_txn *txn)
{
	return txn->err != ERR_NONE;
}

struct arena *
store_arena(struct store_txn *txn)
{
	return &txn->arena;
}

uint64_t
store_txn_number(const struct store_txn *txn)
{
	return txn->number;
}

/* --- usage ------------------------------------------------------------------------------------------------------ */

/* LMDB tells of readers in text only: pid, thread, and the transaction or "-" when not reading; the oldest is noted. */
static int
count_reader(const char *line, void *ctx)
{
	struct store_usage *usage = ctx;
	int pid;
	unsigned long thread, txn;

	if (sscanf(line, "%d %lx %lu", &pid, &thread, &txn) == 3 &&
	    (usage->readers++ == 0 || txn < usage->oldest_reader_age))
		usage->oldest_reader_age = txn;
	return 0;
}

/* Database 0 of LMDB: transaction -> a list of the pages that it freed, with its length in front. */
static size_t
free_pages(MDB_txn *txn)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	size_t pages = 0;

	if (mdb_cursor_open(txn, 0, &cursor) != MDB_SUCCESS)
		return 0;
	while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == MDB_SUCCESS && v.mv_size >= sizeof(size_t)) {
		size_t n;
		memcpy(&n, v.mv_data, sizeof(n));
		pages += n;
	}
	mdb_cursor_close(cursor);
	return pages;
}

static uint64_t
used_bytes(struct store *s)
{
	MDB_txn *txn = s->read.active ? s->read.handle : NULL;
	MDB_txn *own = NULL;
	MDB_envinfo info;
	MDB_stat stat;

	if (txn == NULL && mdb_txn_begin(s->env, NULL, MDB_RDONLY, &own) == MDB_SUCCESS)
		txn = own;
	mdb_env_info(s->env, &info);
	mdb_env_stat(s->env, &stat);
	const size_t pages = info.me_last_pgno + 1;
	const size_t unused = txn == NULL ? 0 : free_pages(txn);
	if (own != NULL)
		mdb_txn_abort(own);
	return (uint64_t)(pages > unused ? pages - unused : 0) * stat.ms_psize;
}

struct store_usage
store_usage(struct store *store)
{
	struct store_usage usage = {0};
	struct statvfs fs;
	MDB_envinfo info;
	int fd;

	if (store->memory != NULL)
		return usage;
	mdb_reader_list(store->env, count_reader, &usage);
	mdb_env_info(store->env, &info);
	if (usage.readers > 0)
		usage.oldest_reader_age = info.me_last_txnid - usage.oldest_reader_age;
	usage.map_bytes = info.me_mapsize;
	usage.used_bytes = used_bytes(store);
	if (mdb_env_get_fd(store->env, &fd) == MDB_SUCCESS && fstatvfs(fd, &fs) == 0) {
		usage.disk_free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
		usage.disk_bytes = (uint64_t)fs.f_blocks * fs.f_frsize;
	}
	return usage;
}

int
store_check_readers(struct store *store)
{
	int dead = 0;

	if (store->memory == NULL)
		mdb_reader_check(store->env, &dead);
	return dead;
}
