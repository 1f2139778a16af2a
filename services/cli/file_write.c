// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/file_write.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool
file_write(struct cli *cli, const char *path, const char *text)
{
	const char *new = arena_printf(&cli->arena, "%s.new", path);
	const int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	const size_t len = strlen(text);
	bool fine = fd >= 0 && write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	fine = fine && rename(new, path) == 0;
	if (!fine)
		cli_fail(cli, CLI_FAILED, "%s: cannot be written: %s", path, strerror(errno));
	return fine;
}
