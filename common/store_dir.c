// SPDX-License-Identifier: EUPL-1.2
#include "common/store_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/sabotage.h"

static enum err
err_of_errno(int e)
{
	switch (e) {
	case ENOSPC: return ERR_DISK_FULL;
	case EDQUOT: return ERR_DISK_FULL;
	case EIO: return ERR_IO;
	default: return ERR_REFUSED;
	}
}

static bool
join(char out[PATH_MAX], const char *a, const char *separator, const char *b)
{
	return (size_t)snprintf(out, PATH_MAX, "%s%s%s", a, separator, b) < PATH_MAX;
}

/* --- the folder ------------------------------------------------------------------------------------------------- */

/* Splits at the last slash. False for the root folder, which has no name. */
static bool
split(const char *path, char parent[PATH_MAX], char name[PATH_MAX])
{
	size_t len = strnlen(path, PATH_MAX - 1);

	while (len > 0 && path[len - 1] == '/')
		len--;
	size_t begin = len;
	while (begin > 0 && path[begin - 1] != '/')
		begin--;
	memcpy(name, path + begin, len - begin);
	name[len - begin] = '\0';
	memcpy(parent, path, begin);
	parent[begin] = '\0';
	if (begin == 0)
		memcpy(parent, ".", sizeof("."));
	return len > begin;
}

static enum err
find_folder(struct store_dir *d, const char *dir, struct why *why)
{
	char real[PATH_MAX], parent[PATH_MAX], name[PATH_MAX];
	const bool there = realpath(dir, real) != NULL;

	if (!there && errno != ENOENT) {
		why_set(why, "cannot look at the folder %s: %s", dir, strerror(errno));
		return ERR_REFUSED;
	}
	if (!split(there ? real : dir, parent, name)) {
		why_set(why, "\"%s\" cannot be the folder of an environment: name a folder of its own", dir);
		return ERR_REFUSED;
	}
	if (realpath(parent, d->parent) == NULL) {
		why_set(why, "the folder %s, in which %s would be made, cannot be used (%s): make it first", parent,
			name, strerror(errno));
		return ERR_REFUSED;
	}
	if (!join(d->path, strcmp(d->parent, "/") == 0 ? "" : d->parent, "/", name) ||
	    !join(d->fresh, d->path, "", ".new")) {
		why_set(why, "the path of the folder %s is too long", dir);
		return ERR_REFUSED;
	}
	return ERR_NONE;
}

/* --- the file system -------------------------------------------------------------------------------------------- */

static const struct file_system {
	unsigned long magic;
	const char *name;
	bool fits;
} file_systems[] = {
    {0xef53, "ext4", true},       {0x58465342, "xfs", true},       {0x9123683e, "btrfs", true},
    {0x01021994, "tmpfs", true},  {0x794c7630, "overlayfs", true}, {0x6969, "nfs", false},
    {0xff534d42, "cifs", false},  {0xfe534d42, "smb", false},      {0x65735546, "fuse or virtiofs", false},
    {0x01021997, "9p", false},    {0x00c36400, "ceph", false},     {0x9fa0, "proc", false},
    {0x62656572, "sysfs", false}, {0x858458f6, "ramfs", false},    {0x2fc12fc1, "zfs", false},
};

static enum err
check_file_system(const char *path, struct why *why)
{
	struct statfs fs;

	if (statfs(path, &fs) != 0) {
		why_set(why, "cannot look at the file system of %s: %s", path, strerror(errno));
		return ERR_REFUSED;
	}
	const char *name = "unknown";
	for (size_t i = 0; i < sizeof(file_systems) / sizeof(file_systems[0]); i++) {
		if ((unsigned long)fs.f_type != file_systems[i].magic)
			continue;
		if (file_systems[i].fits)
			return ERR_NONE;
		name = file_systems[i].name;
	}
	why_set(why,
		"%s is on a file system of type %s (%#lx), which does not keep what it promises to LMDB: "
		"use a local ext4, xfs or btrfs",
		path, name, (unsigned long)fs.f_type);
	return ERR_REFUSED;
}

/* --- the lock --------------------------------------------------------------------------------------------------- */

static enum err
take_lock(struct store_dir *d, struct why *why)
{
	char path[PATH_MAX];

	if (!join(path, d->path, "", ".lock")) {
		why_set(why, "the path of the folder %s is too long", d->path);
		return ERR_REFUSED;
	}
	d->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (d->lock < 0) {
		const int e = errno;
		why_set(why, "cannot open the lock file %s: %s", path, strerror(e));
		return err_of_errno(e);
	}
	if (SABOTAGE(NO_LOCK) || flock(d->lock, LOCK_EX | LOCK_NB) == 0)
		return ERR_NONE;
	if (errno == EWOULDBLOCK)
		why_set(why,
			"%s is in use: another process holds %s. One folder serves one process: stop the other, or use "
			"another folder; do not remove the lock file",
			d->path, path);
	else
		why_set(why, "cannot lock %s: %s", path, strerror(errno));
	store_dir_release(d);
	return ERR_REFUSED;
}

enum err
store_dir_claim(struct store_dir *d, const char *dir, bool sync, struct why *why)
{
	enum err err = find_folder(d, dir, why);
	char fresh[PATH_MAX];

	d->lock = -1;
	d->sync = sync;
	if (err == ERR_NONE)
		err = check_file_system(d->parent, why);
	/* A volume may be mounted on the folder itself. */
	if (err == ERR_NONE && access(d->path, F_OK) == 0)
		err = check_file_system(d->path, why);
	if (err == ERR_NONE)
		err = take_lock(d, why);
	if (err == ERR_NONE)
		err = store_dir_clear(d, why);
	if (err == ERR_NONE && store_dir_file(d, STORE_DIR_FRESH, fresh))
		(void)unlink(fresh);
	if (err != ERR_NONE)
		store_dir_release(d);
	return err;
}

void
store_dir_release(struct store_dir *d)
{
	if (d->lock >= 0)
		close(d->lock);
	d->lock = -1;
}

/* --- making it -------------------------------------------------------------------------------------------------- */

enum err
store_dir_is_there(const struct store_dir *d, bool *there, struct why *why)
{
	char data[PATH_MAX];
	struct stat st;

	*there = false;
	if (!join(data, d->path, "/", "data.mdb")) {
		why_set(why, "the path of the folder %s is too long", d->path);
		return ERR_REFUSED;
	}
	if (stat(data, &st) != 0) {
		if (errno == ENOENT)
			return ERR_NONE;
		if (errno == ENOTDIR) {
			why_set(why, "%s is no folder: name a folder of its own", d->path);
			return ERR_REFUSED;
		}
		why_set(why, "cannot look at %s: %s", data, strerror(errno));
		return ERR_REFUSED;
	}
	if (st.st_size == 0) {
		why_set(why, "%s is empty: it was lost or never filled, and is not made anew. Restore a backup", data);
		return ERR_CORRUPT;
	}
	*there = true;
	return ERR_NONE;
}

enum err
store_dir_make(const struct store_dir *d, struct why *why)
{
	if (mkdir(d->fresh, 0700) == 0)
		return ERR_NONE;
	const int e = errno;
	why_set(why, "cannot make the folder %s: %s", d->fresh, strerror(e));
	return err_of_errno(e);
}

static enum err
sync_path(const char *path, struct why *why)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && fsync(fd) == 0) {
		close(fd);
		return ERR_NONE;
	}
	const int e = errno;
	why_set(why, "cannot make %s durable: %s", path, strerror(e));
	if (fd >= 0)
		close(fd);
	return fd >= 0 && e != ENOSPC && e != EDQUOT ? ERR_IO : err_of_errno(e);
}

enum err
store_dir_finish(const struct store_dir *d, struct why *why)
{
	char data[PATH_MAX];
	enum err err = ERR_NONE;

	ASSERT(join(data, d->fresh, "/", "data.mdb"));
	if (d->sync)
		err = sync_path(data, why);
	if (d->sync && err == ERR_NONE)
		err = sync_path(d->fresh, why);
	if (err != ERR_NONE)
		return err;
	/* Onto a folder that is there, rename works only when that is empty: what is not ours stays. */
	if (rename(d->fresh, d->path) == 0)
		return ERR_NONE;
	const int e = errno;
	if (e == ENOTEMPTY || e == EEXIST)
		why_set(why, "the folder %s is not empty, but holds no environment (no data.mdb): look what is in it",
			d->path);
	else if (e == EBUSY || e == EXDEV)
		why_set(why, "%s is itself the place where a volume is mounted: mount the volume one folder higher",
			d->path);
	else
		why_set(why, "cannot rename %s into place: %s", d->fresh, strerror(e));
	return err_of_errno(e);
}

enum err
store_dir_clear(const struct store_dir *d, struct why *why)
{
	static const char *const names[] = {"data.mdb", "lock.mdb", "access/data.mdb", "access/lock.mdb"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!join(path, d->fresh, "/", names[i])) {
			why_set(why, "the path of the folder %s is too long", d->path);
			return ERR_REFUSED;
		}
		/* What cannot be removed shows in the rmdir. */
		(void)unlink(path);
	}
	if (join(path, d->fresh, "/", "access"))
		(void)rmdir(path);
	if (rmdir(d->fresh) == 0 || errno == ENOENT)
		return ERR_NONE;
	why_set(why,
		"%s was left by an interrupted creation and cannot be removed (%s): look what is in it, then remove it",
		d->fresh, strerror(errno));
	return ERR_REFUSED;
}

bool
store_dir_file(const struct store_dir *d, const char *name, char path[PATH_MAX])
{
	return join(path, d->path, "/", name);
}

enum err
store_dir_sync(const struct store_dir *d, const char *path, struct why *why)
{
	return d->sync ? sync_path(path, why) : ERR_NONE;
}

enum err
store_dir_sync_parent(const struct store_dir *d, struct why *why)
{
	return d->sync ? sync_path(d->parent, why) : ERR_NONE;
}
