// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/keys_list.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/cli/file_write.h"

const char *
keys_folder(struct cli *cli)
{
	const char *dir = cli_option(cli, "dir");

	return dir != NULL ? dir : cli->keys_dir;
}

int
keys_lock(struct cli *cli, struct access_keys *keys)
{
	const char *dir = keys_folder(cli);
	struct why why;

	if (mkdir(dir, 0755) != 0 && errno != EEXIST) {
		cli_fail(cli, CLI_USAGE, "%s: cannot be made (%s): name a folder whose parent is there with --dir", dir,
			 strerror(errno));
		return -1;
	}
	const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX) != 0)
		cli_fail(cli, CLI_USAGE, "%s: cannot be opened: %s", dir, strerror(errno));
	else if (!access_keys_open(keys, dir, &why))
		cli_fail(cli, CLI_USAGE, "%s", why.text);
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

void
keys_unlock(struct access_keys *keys, int lock)
{
	access_keys_close(keys);
	close(lock);
}

/* Nothing in it is secret, and services of several users read it. */
bool
keys_save(struct cli *cli, const struct access_keys *keys)
{
	if (!file_write(cli, keys->path, access_keys_text(&cli->arena, keys)))
		return false;
	if (chmod(keys->path, 0644) == 0)
		return true;
	cli_fail(cli, CLI_FAILED, "%s: the services cannot read it: %s", keys->path, strerror(errno));
	return false;
}

struct access_key *
keys_named(const struct access_keys *keys, const char *name)
{
	for (unsigned i = 0; i < keys->count; i++) {
		if (strcmp(keys->list[i].caller.name, name) == 0)
			return &keys->list[i];
	}
	return NULL;
}

const char *
keys_secret_path(struct cli *cli, const char *name)
{
	return arena_printf(&cli->arena, "%s/%s/" KEYS_SECRET, keys_folder(cli), name);
}

const char *
keys_write_pair(struct cli *cli, const char *name, struct curve_key *public)
{
	const char *dir = arena_printf(&cli->arena, "%s/%s", keys_folder(cli), name);
	const char *path = keys_secret_path(cli, name), *new = arena_printf(&cli->arena, "%s.new", path);
	struct curve_pair *pair = curve_pair_new();
	bool fine = mkdir(dir, 0700) == 0 || errno == EEXIST;

	(void)unlink(new);
	fine = fine && curve_pair_write(pair, new) && rename(new, path) == 0;
	if (!fine)
		cli_fail(cli, CLI_FAILED, "%s: cannot be written: %s", path, strerror(errno));
	*public = pair->public;
	curve_pair_free(&pair);
	return fine ? path : NULL;
}
