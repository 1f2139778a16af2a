// SPDX-License-Identifier: EUPL-1.2
/* Happy path: look who has it open, open it for reading, make sure that both files were of the same environment, copy.
 *
 * A service that swaps its environment for another one meanwhile could leave us with the lock file of the one and the data of the
 * other: our pages would not be safe. So both names must lead to the same files before and after, and it is tried again
 * otherwise. */
#include "common/store_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/store_internal.h"

#define TRIES 5u

struct files {
	struct stat data, lock;
	bool locked; /* is there a lock file? */
};

static bool
look(const char *dir, struct files *f)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof path, "%s/data.mdb", dir) >= sizeof path || stat(path, &f->data) != 0)
		return false;
	snprintf(path, sizeof path, "%s/lock.mdb", dir);
	f->locked = stat(path, &f->lock) == 0;
	return true;
}

static bool
same(const struct files *a, const struct files *b)
{
	return a->data.st_dev == b->data.st_dev && a->data.st_ino == b->data.st_ino &&
	       (!a->locked || (b->locked && a->lock.st_ino == b->lock.st_ino));
}

/* Every process that has the environment open holds a lock on the first byte of lock.mdb; the kernel tells whose, by a number
 * of our namespace, and 0 when it has none there. */
static enum err
check_neighbours(const char *dir, struct why *why)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/lock.mdb", dir);
	const int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return ERR_NONE;
	if (fd < 0) {
		why_set(why,
			"%s: cannot be opened for writing (%s): who copies is entered in it. Mount the folder "
			"writable, and run as "
			"the service's user",
			path, strerror(errno));
		return ERR_REFUSED;
	}
	const bool asked = fcntl(fd, F_GETLK, &lock) == 0;
	close(fd);
	if (!asked || lock.l_type == F_UNLCK || lock.l_pid > 0)
		return ERR_NONE;
	why_set(why,
		"%s is open in a process that cannot be seen from here (another container?): run the backup where the "
		"service "
		"runs, as with `docker-compose exec`, or stop the service first",
		dir);
	return ERR_REFUSED;
}

static enum err
explain(int rc, const char *dir, struct why *why)
{
	switch (rc) {
	case MDB_SUCCESS: return ERR_NONE;
	case ENOSPC:
	case EDQUOT:
		why_set(why, "no room for a copy of %s: make room, or name another folder for it", dir);
		return ERR_DISK_FULL;
	case MDB_INVALID:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
		why_set(why, "%s/data.mdb cannot be read (%s): it is damaged; keep it, and restore an older backup",
			dir, mdb_strerror(rc));
		return ERR_CORRUPT;
	default: why_set(why, "%s cannot be copied: %s", dir, mdb_strerror(rc)); return ERR_IO;
	}
}

static int
copy_open(MDB_env *env, const char *dir, int fd, bool *swapped)
{
	struct files before, after;
	int rc;

	if (!look(dir, &before))
		return ENOENT;
	rc = mdb_env_open(env, dir, MDB_RDONLY, 0600);
	if (rc == MDB_SUCCESS)
		*swapped = !look(dir, &after) || !same(&before, &after);
	if (rc == MDB_SUCCESS && !*swapped)
		rc = mdb_env_copyfd2(env, fd, MDB_CP_COMPACT);
	return rc;
}

enum err
store_copy(const char *dir, int fd, struct why *why)
{
	bool swapped = true;
	struct files files;
	int rc = MDB_SUCCESS;

	if (!look(dir, &files)) {
		why_set(why, "%s: no service has kept anything there", dir);
		return ERR_REFUSED;
	}
	for (unsigned i = 0; swapped && i < TRIES; i++) {
		MDB_env *env;
		const enum err err = check_neighbours(dir, why);

		if (err != ERR_NONE)
			return err;
		swapped = false;
		rc = mdb_env_create(&env);
		if (rc == MDB_SUCCESS) {
			rc = copy_open(env, dir, fd, &swapped);
			mdb_env_close(env);
		}
	}
	if (swapped) {
		why_set(why, "%s was replaced again and again while it was opened: try later", dir);
		return ERR_REFUSED;
	}
	return explain(rc, dir, why);
}
