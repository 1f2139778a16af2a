// SPDX-License-Identifier: EUPL-1.2
#include "common/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

bool
secret_new(struct secret *secret, size_t len, struct why *why)
{
	ASSERT(len <= SECRET_BYTES_MAX);
	*secret = (struct secret){0};
	uint8_t *data = sodium_init() < 0 ? NULL : sodium_malloc(len + 1);

	if (data == NULL)
		fatal("out of memory: a secret of %zu bytes", len);
	/* Asked again: sodium_malloc() does not say whether it could. */
	if (sodium_mlock(data, len + 1) != 0) {
		why_set(why, "memory for a secret cannot be locked (%s): raise the limit (ulimit -l, LimitMEMLOCK=)",
			strerror(errno));
		sodium_free(data);
		return false;
	}
	sodium_memzero(data, len + 1);
	*secret = (struct secret){data, len};
	return true;
}

void
secret_seal(const struct secret *secret)
{
	if (secret->data != NULL && sodium_mprotect_readonly(secret->data) != 0)
		fatal("memory of a secret cannot be made read-only: %s", strerror(errno));
}

void
secret_free(struct secret *secret)
{
	sodium_free(secret->data);
	*secret = (struct secret){0};
}

static bool
is_well_kept(const struct stat *st, const char *path, struct why *why)
{
	if (!S_ISREG(st->st_mode))
		why_set(why, "%s: is no file", path);
	else if (st->st_uid != geteuid() && st->st_uid != 0)
		why_set(why, "%s: belongs to another user (%u): chown it to who runs this, or to root", path,
			st->st_uid);
	else if ((st->st_mode & 007) != 0)
		why_set(why, "%s: everybody on this machine can read or change it: chmod 0400", path);
	else if ((st->st_mode & 020) != 0)
		why_set(why, "%s: others than its owner can change it: chmod 0400", path);
	else
		return true;
	return false;
}

/* Into `room`, which holds one byte more than may be there. -1: an error. */
static ssize_t
read_whole(int fd, struct secret *room)
{
	size_t len = 0;
	ssize_t got = 1;

	while (got != 0 && len < room->len) {
		got = read(fd, room->data + len, room->len - len);
		if (got < 0 && errno != EINTR)
			return -1;
		len += got > 0 ? (size_t)got : 0;
	}
	return (ssize_t)len;
}

bool
secret_read(struct secret *secret, const char *path, size_t bytes_max, struct why *why)
{
	ASSERT(bytes_max > 0 && bytes_max < SECRET_BYTES_MAX);
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t len;

	*secret = (struct secret){0};
	if (fd < 0 || fstat(fd, &st) != 0) {
		why_set(why, "%s: cannot be read: %s", path, strerror(errno));
		goto fail;
	}
	if (!is_well_kept(&st, path, why) || !secret_new(secret, bytes_max + 1, why))
		goto fail;
	len = read_whole(fd, secret);
	if (len < 0) {
		why_set(why, "%s: cannot be read: %s", path, strerror(errno));
		goto fail;
	}
	if (len == 0 || (size_t)len > bytes_max) {
		why_set(why, "%s: holds %s; expected 1 to %zu bytes", path, len == 0 ? "nothing" : "too much",
			bytes_max);
		goto fail;
	}
	secret->len = (size_t)len;
	secret_seal(secret);
	close(fd);
	return true;
fail:
	secret_free(secret);
	if (fd >= 0)
		close(fd);
	return false;
}
