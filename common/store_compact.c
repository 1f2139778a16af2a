// SPDX-License-Identifier: EUPL-1.2
/* store_compact.c - a copy in the place of the file, without what was deleted (store.h).
 *
 * Row by row: the compacting copy of LMDB leaves freed pages out, but takes pages over as they are, and a page keeps the bytes of a
 * row that was deleted from it in the gap between its rows.
 *
 * Happy path: copy all databases to fresh.mdb, flush, close the environment, see that nobody else has it open, rename, flush
 * the folder, fill the old file with zeros, open again. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/store_internal.h"

#define PIECE_BYTES ((size_t)16 << 20) /* of one commit of the copy */
#define ZEROS_BYTES ((size_t)256 << 10)
#define FILE_FLAGS  (MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC | MDB_NOMETASYNC)

/* A copy in the making. */
struct copy {
	const struct store_options *options;
	MDB_txn *from;
	MDB_env *env;
	MDB_txn *to;
	size_t bytes; /* since the last commit */
};

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* What was copied is committed; databases that are open stay so. */
static int
next_piece(struct copy *c)
{
	if (c->bytes < PIECE_BYTES)
		return MDB_SUCCESS;
	c->bytes = 0;
	int rc = store_ask_fault(c->options);
	if (rc != MDB_SUCCESS)
		return rc;
	rc = mdb_txn_commit(c->to);

	c->to = NULL;
	return rc != MDB_SUCCESS ? rc : mdb_txn_begin(c->env, NULL, 0, &c->to);
}

static int
copy_rows(struct copy *c, MDB_cursor *cursor, MDB_dbi to)
{
	MDB_val key, value;
	int rc;

	while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
		rc = mdb_put(c->to, to, &key, &value, MDB_APPEND);
		c->bytes += key.mv_size + value.mv_size;
		if (rc == MDB_SUCCESS)
			rc = next_piece(c);
		if (rc != MDB_SUCCESS)
			return rc;
	}
	return rc == MDB_NOTFOUND ? MDB_SUCCESS : rc;
}

static int
copy_database(struct copy *c, const char *name)
{
	MDB_cursor *cursor;
	MDB_dbi from, to;

	int rc = mdb_dbi_open(c->from, name, 0, &from);
	if (rc == MDB_SUCCESS)
		rc = mdb_dbi_open(c->to, name, MDB_CREATE, &to);
	if (rc == MDB_SUCCESS)
		rc = mdb_cursor_open(c->from, from, &cursor);
	if (rc != MDB_SUCCESS)
		return rc;
	rc = copy_rows(c, cursor, to);
	mdb_cursor_close(cursor);
	return rc;
}

/* The names of the databases are the rows of the unnamed one. */
static int
copy_databases(struct copy *c)
{
	MDB_cursor *names;
	MDB_val key;
	MDB_dbi all;
	char name[64];

	int rc = mdb_dbi_open(c->from, NULL, 0, &all);
	if (rc == MDB_SUCCESS)
		rc = mdb_cursor_open(c->from, all, &names);
	if (rc != MDB_SUCCESS)
		return rc;
	while ((rc = mdb_cursor_get(names, &key, NULL, MDB_NEXT)) == MDB_SUCCESS) {
		if (key.mv_size >= sizeof name) {
			rc = MDB_CORRUPTED;
			break;
		}
		memcpy(name, key.mv_data, key.mv_size);
		name[key.mv_size] = '\0';
		rc = copy_database(c, name);
		if (rc != MDB_SUCCESS)
			break;
	}
	mdb_cursor_close(names);
	return rc == MDB_NOTFOUND ? MDB_SUCCESS : rc;
}

static int
copy_all(struct store *s, const char *path)
{
	struct copy c = {.options = &s->options};
	MDB_envinfo info;

	mdb_env_info(s->env, &info);
	int rc = mdb_env_create(&c.env);
	if (rc == MDB_SUCCESS)
		rc = mdb_env_set_mapsize(c.env, info.me_mapsize);
	if (rc == MDB_SUCCESS)
		rc = mdb_env_set_maxdbs(c.env, ENV_DBS);
	if (rc == MDB_SUCCESS)
		rc = mdb_env_open(c.env, path, FILE_FLAGS, 0600);
	if (rc == MDB_SUCCESS)
		rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &c.from);
	if (rc == MDB_SUCCESS)
		rc = mdb_txn_begin(c.env, NULL, 0, &c.to);
	if (rc == MDB_SUCCESS)
		rc = copy_databases(&c);
	if (rc == MDB_SUCCESS) {
		rc = mdb_txn_commit(c.to);
		c.to = NULL;
	}
	if (rc == MDB_SUCCESS)
		rc = mdb_env_sync(c.env, 1);
	if (c.to != NULL)
		mdb_txn_abort(c.to);
	if (c.from != NULL)
		mdb_txn_abort(c.from);
	mdb_env_close(c.env);
	return rc;
}

/* ---- the place of the file --------------------------------------------------------------------------------------- */

/* Whoever has the environment open holds a shared lock on the first byte of lock.mdb, in any container. -1: somebody has. Closing
 * the descriptor gives the lock back. */
static int
lock_alone(const struct store *s)
{
	struct flock alone = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
	char path[PATH_MAX];

	if (!store_dir_file(&s->dir, "lock.mdb", path))
		return -1;
	const int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd >= 0 && fcntl(fd, F_SETLK, &alone) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* It has no name any more: when this fails, its blocks are free all the same. */
static void
fill_with_zeros(int fd, bool sync)
{
	static const uint8_t zeros[ZEROS_BYTES];
	struct stat st;

	if (fstat(fd, &st) != 0)
		return;
	for (off_t at = 0; at < st.st_size;) {
		const size_t left = (size_t)(st.st_size - at);
		const ssize_t n = pwrite(fd, zeros, left < ZEROS_BYTES ? left : ZEROS_BYTES, at);

		if (n <= 0)
			return;
		at += n;
	}
	if (sync)
		(void)fsync(fd);
}

static enum err
swap(struct store *s, const char *fresh, struct why *why)
{
	char data[PATH_MAX];
	enum err err = ERR_NONE;

	if (!store_dir_file(&s->dir, "data.mdb", data))
		return ERR_REFUSED;
	const int alone = lock_alone(s);

	if (alone < 0) {
		why_set(why, "%s is open in another process (a backup?): its place is taken by a fresh copy later",
			s->dir.path);
		return ERR_AGAIN;
	}
	const int old = open(data, O_WRONLY | O_CLOEXEC);

	errno = store_ask_fault(&s->options);
	if (errno != 0 || rename(fresh, data) != 0) {
		why_set(why, "cannot rename %s into place: %s", fresh, strerror(errno));
		err = ERR_IO;
	}
	if (err == ERR_NONE && store_ask_fault(&s->options) != 0)
		err = ERR_IO;
	if (err == ERR_NONE)
		err = store_dir_sync(&s->dir, s->dir.path, why);
	if (err == ERR_NONE && old >= 0 && store_ask_fault(&s->options) == 0)
		fill_with_zeros(old, s->dir.sync);
	if (old >= 0)
		close(old);
	close(alone);
	return err;
}

enum err
store_compact(struct store *s, struct why *why)
{
	char fresh[PATH_MAX];
	struct why ignored;

	ASSERT(!s->write.active && !s->read.active);
	if (s->memory != NULL)
		return ERR_NONE;
	if (s->dead != ERR_NONE || !store_dir_file(&s->dir, STORE_DIR_FRESH, fresh))
		return ERR_IO;
	(void)unlink(fresh);
	int rc = copy_all(s, fresh);
	if (rc == MDB_SUCCESS)
		rc = store_ask_fault(&s->options);
	enum err err = store_env_err(rc);

	if (err != ERR_NONE)
		why_set(why, "cannot copy %s to %s: %s", s->dir.path, fresh, mdb_strerror(rc));
	else
		err = store_dir_sync(&s->dir, fresh, why);
	if (err != ERR_NONE) {
		(void)unlink(fresh);
		return err;
	}
	mdb_env_close(s->env);
	s->env = NULL;
	s->known = 0;
	s->ready = 0;
	err = swap(s, fresh, why);
	(void)unlink(fresh);
	const enum err opened = store_env_open(s, err == ERR_NONE ? why : &ignored);

	if (opened != ERR_NONE)
		s->dead = opened;
	return opened != ERR_NONE ? opened : err;
}
