// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/backup_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "services/cli/backup_set.h"

#define PREFIX   "doorbraak-"
#define SUFFIX   ".backup"
#define KEPT_MAX 100000u

static bool
ends_with(const char *name, const char *end)
{
	const size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

/* The names that `fits` in the folder, sorted; how many, -1 with errno. */
static int
list(struct cli *cli, const struct backup_place *place, const char *prefix, const char *suffix, const char ***names)
{
	DIR *dir = opendir(place->dir);
	struct dirent *e;
	size_t count = 0, room = 64;

	if (dir == NULL)
		return -1;
	*names = ARENA_ARRAY(&cli->arena, const char *, room);
	while ((e = readdir(dir)) != NULL && count < KEPT_MAX) {
		if (strncmp(e->d_name, prefix, strlen(prefix)) != 0 || !ends_with(e->d_name, suffix))
			continue;
		if (count == room) {
			const char **more = ARENA_ARRAY(&cli->arena, const char *, room *= 2);
			memcpy(more, *names, count * sizeof *more);
			*names = more;
		}
		(*names)[count++] = arena_str(&cli->arena, bytes_str(e->d_name));
	}
	closedir(dir);
	/* Names of one kind sort by their moment. */
	for (size_t i = 1; i < count; i++)
		for (size_t k = i; k > 0 && strcmp((*names)[k - 1], (*names)[k]) > 0; k--) {
			const char *swap = (*names)[k];
			(*names)[k] = (*names)[k - 1];
			(*names)[k - 1] = swap;
		}
	return (int)count;
}

static bool
clear_parts(struct cli *cli, const struct backup_place *place)
{
	const char **names;
	const int count = list(cli, place, "." PREFIX, ".part", &names);

	for (int i = 0; i < count; i++)
		if (unlinkat(place->dir_fd, names[i], 0) == 0)
			fprintf(cli->err, "%s/%s was left by a backup that did not end, and is removed\n", place->dir,
				names[i]);
	return count >= 0;
}

bool
backup_place_open(struct cli *cli, struct backup_place *place, const char *dir, const char *work, const char *what,
		  const char *moment)
{
	*place = (struct backup_place){.dir = dir, .what = what, .dir_fd = -1, .fd = -1};
	place->name = arena_printf(&cli->arena, PREFIX "%s-%s" SUFFIX, what, moment);
	place->part = arena_printf(&cli->arena, "." PREFIX "%s-%s.part", what, moment);
	if (strcmp(dir, "-") == 0)
		return (place->fd = backup_nameless(cli, work)) >= 0;
	place->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place->dir_fd < 0) {
		cli_fail(cli, CLI_USAGE, "--to %s: cannot be opened (%s): make the folder first", dir, strerror(errno));
		return false;
	}
	if (flock(place->dir_fd, LOCK_EX | LOCK_NB) != 0) {
		cli_fail(cli, CLI_FAILED, "--to %s: another backup is writing there: wait for it", dir);
		return false;
	}
	if (clear_parts(cli, place))
		place->fd =
		    openat(place->dir_fd, place->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (place->fd < 0)
		cli_fail(cli, CLI_FAILED, "%s: nothing can be written there: %s", dir, strerror(errno));
	return place->fd >= 0;
}

static bool
write_out(struct cli *cli, struct backup_place *place)
{
	uint8_t buffer[64 << 10];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(place->fd, buffer, sizeof buffer, at)) > 0 &&
	       fwrite(buffer, 1, (size_t)n, cli->out) == (size_t)n)
		at += n;
	if (n == 0 && fflush(cli->out) == 0)
		return true;
	cli_fail(cli, CLI_FAILED, "the backup could not be written out whole (%s): what is there of it is no backup",
		 strerror(errno));
	return false;
}

bool
backup_place_keep(struct cli *cli, struct backup_place *place)
{
	if (place->dir_fd < 0)
		return write_out(cli, place);
	/* A link, and not a rename: what already has the name is not written over. */
	const bool fine = linkat(place->dir_fd, place->part, place->dir_fd, place->name, 0) == 0 &&
			  unlinkat(place->dir_fd, place->part, 0) == 0 && fsync(place->dir_fd) == 0;

	if (!fine)
		cli_fail(cli, CLI_FAILED, "%s/%s cannot be given its name: %s", place->dir, place->name,
			 strerror(errno));
	close(place->fd);
	place->fd = -1;
	return fine;
}

int
backup_place_rotate(struct cli *cli, const struct backup_place *place, uint64_t keep)
{
	const char **names;
	const int count = list(cli, place, arena_printf(&cli->arena, PREFIX "%s-", place->what), SUFFIX, &names);
	int removed = 0;

	if (count < 0) {
		cli_fail(cli, CLI_FAILED, "%s cannot be listed: %s", place->dir, strerror(errno));
		return -1;
	}
	for (int i = 0; i < count && (uint64_t)(count - removed) > keep; i++) {
		if (strcmp(names[i], place->name) == 0)
			continue; /* the clock went back: the new one is not the last by name */
		if (unlinkat(place->dir_fd, names[i], 0) != 0) {
			cli_fail(cli, CLI_FAILED, "%s/%s cannot be removed: %s", place->dir, names[i], strerror(errno));
			return -1;
		}
		removed++;
	}
	if (removed > 0 && fsync(place->dir_fd) != 0) {
		cli_fail(cli, CLI_FAILED, "%s cannot be made durable: %s", place->dir, strerror(errno));
		return -1;
	}
	return removed;
}

void
backup_place_close(struct backup_place *place)
{
	if (place->fd >= 0 && place->dir_fd >= 0)
		unlinkat(place->dir_fd, place->part, 0);
	if (place->fd >= 0)
		close(place->fd);
	if (place->dir_fd >= 0)
		close(place->dir_fd);
}
