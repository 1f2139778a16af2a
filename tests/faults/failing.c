// SPDX-License-Identifier: EUPL-1.2
/* failing.c - a library for LD_PRELOAD: the Nth call of a kind fails, once.
 *
 *   FAILING_CALL   disk: open, write, writev, pwrite, ftruncate, fsync, fdatasync on files whose path begins with
 *                  FAILING_PATH, counted together (logs left out); memory: malloc, calloc, realloc (but
 *                  not for the C library itself: name services of glibc 2.36 do not look at what they got)
 *   FAILING_AT     which one, from 1
 *   FAILING_ERRNO  what it says; 0: a write that writes half, another call EIO
 *   FAILING_MARK   file that gets the name of the call when it has failed */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
	bool disk, memory;
	atomic_ulong at;
	int error;
	const char *path, *mark;
	atomic_ulong seen;
} plan;

__attribute__((constructor)) static void
read_plan(void)
{
	const char *call = getenv("FAILING_CALL"), *at = getenv("FAILING_AT"), *error = getenv("FAILING_ERRNO");

	plan.path = getenv("FAILING_PATH");
	plan.mark = getenv("FAILING_MARK");
	plan.at = at == NULL ? 0 : strtoul(at, NULL, 10);
	plan.error = error == NULL ? EIO : (int)strtol(error, NULL, 10);
	plan.disk = call != NULL && strcmp(call, "disk") == 0 && plan.path != NULL;
	plan.memory = call != NULL && strcmp(call, "memory") == 0;
}

/* By system calls alone: this may stand in the middle of malloc. */
static void
mark(const char *name)
{
	const int kept = errno;
	const long fd = plan.mark == NULL ? -1 : syscall(SYS_open, plan.mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0) {
		(void)!syscall(SYS_write, fd, name, strlen(name));
		(void)!syscall(SYS_close, fd);
	}
	errno = kept;
}

static bool
is_turn(const char *name)
{
	if (atomic_fetch_add(&plan.seen, 1) + 1 != plan.at)
		return false;
	mark(name);
	return true;
}

static bool
is_ours(const char *path, size_t len)
{
	const size_t own = strlen(plan.path);

	return len >= own && memcmp(path, plan.path, own) == 0 && (len < 4 || memcmp(path + len - 4, ".log", 4) != 0);
}

static bool
fails(const char *name, int fd)
{
	char link[32], path[512];

	if (!plan.disk)
		return false;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	const ssize_t len = readlink(link, path, sizeof path);
	return len > 0 && is_ours(path, (size_t)len) && is_turn(name);
}

static int
say(void)
{
	errno = plan.error == 0 ? EIO : plan.error;
	return -1;
}

#define REAL(name, type, ...)                                                                                          \
	type (*real)(__VA_ARGS__);                                                                                     \
	*(void **)&real = dlsym(RTLD_NEXT, #name)

int
fsync(int fd)
{
	REAL(fsync, int, int);
	return fails("fsync", fd) ? say() : real(fd);
}

int
fdatasync(int fd)
{
	REAL(fdatasync, int, int);
	return fails("fdatasync", fd) ? say() : real(fd);
}

int
ftruncate(int fd, off_t length)
{
	REAL(ftruncate, int, int, off_t);
	return fails("ftruncate", fd) ? say() : real(fd, length);
}

ssize_t
write(int fd, const void *data, size_t len)
{
	REAL(write, ssize_t, int, const void *, size_t);
	if (!fails("write", fd))
		return real(fd, data, len);
	return plan.error == 0 && len > 1 ? real(fd, data, len / 2) : say();
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
	REAL(pwrite, ssize_t, int, const void *, size_t, off_t);
	if (!fails("pwrite", fd))
		return real(fd, data, len, at);
	return plan.error == 0 && len > 1 ? real(fd, data, len / 2, at) : say();
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	REAL(writev, ssize_t, int, const struct iovec *, int);
	if (!fails("writev", fd))
		return real(fd, parts, count);
	return plan.error == 0 && count > 1 ? real(fd, parts, count / 2) : say();
}

int
open(const char *path, int flags, ...)
{
	va_list args;

	va_start(args, flags);
	const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (plan.disk && is_ours(path, strlen(path)) && is_turn("open"))
		return say();
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

/* When the C library asks, it is the next one's turn. */
static void
pass_over_library(const void *caller)
{
	Dl_info info;

	if (atomic_load(&plan.seen) + 1 != plan.at || dladdr(caller, &info) == 0 ||
	    strstr(info.dli_fname, "/libc.so") == NULL)
		return;
	atomic_fetch_add(&plan.at, 1);
}

static bool
memory_fails(const char *name, const void *caller)
{
	if (!plan.memory)
		return false;
	pass_over_library(caller);
	if (!is_turn(name))
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return memory_fails("malloc", __builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return memory_fails("calloc", __builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	return memory_fails("realloc", __builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}
