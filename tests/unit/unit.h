// SPDX-License-Identifier: EUPL-1.2
/* unit.h - what unit tests share: cmocka, temporary folders, code that must end its process. */
#ifndef DOORBRAAK_TESTS_UNIT_H
#define DOORBRAAK_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first. */
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNUSED      __attribute__((unused))
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

struct temp {
	char dir[PATH_MAX / 4];
};

/* A new, empty folder: on memory where there is some, for speed. */
static inline struct temp
temp_make(void)
{
	const char *base = getenv("TMPDIR");
	struct temp t;

	if (base == NULL)
		base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(t.dir, sizeof(t.dir), "%s/doorbraak-test-XXXXXX", base);
	assert_non_null(mkdtemp(t.dir));
	return t;
}

static inline int
temp_remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static inline void
temp_remove(const struct temp *t)
{
	assert_int_equal(nftw(t->dir, temp_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

struct temp_path {
	char s[PATH_MAX];
};

static inline struct temp_path
temp_path(const struct temp *t, const char *name)
{
	struct temp_path p;

	snprintf(p.s, sizeof(p.s), "%s/%s", t->dir, name);
	return p;
}

static inline bool
path_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static inline void
file_write(const char *path, const void *bytes, size_t len)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_true(write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

/* How a process ended that ran f(arg) and then left with status 0: status of waitpid(2). */
static inline int
in_a_process(void (*f)(void *arg), void *arg)
{
	int status;

	fflush(NULL);
	const pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const int null = open("/dev/null", O_WRONLY);
		dup2(null, STDERR_FILENO);
		f(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Did ASSERT() end it? */
static inline bool
ends_by_assert(void (*f)(void *arg), void *arg)
{
	const int status = in_a_process(f, arg);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
