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

/* What became of a process that ran f(arg) and then left with status 0. */
struct ending {
	int status;      /* of waitpid(2) */
	char said[4096]; /* on standard error, the beginning */
};

static inline struct ending
run_in_a_process(void (*f)(void *arg), void *arg)
{
	struct ending e = {0};
	size_t len = 0;
	ssize_t n;
	int ends[2];

	fflush(NULL);
	assert_int_equal(pipe(ends), 0);
	const pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		f(arg);
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], e.said + len, sizeof(e.said) - 1 - len)) > 0)
		len += (size_t)n;
	close(ends[0]);
	assert_int_equal(waitpid(pid, &e.status, 0), pid);
	return e;
}

/* The same, for who only wants the status. */
static inline int
in_a_process(void (*f)(void *arg), void *arg)
{
	return run_in_a_process(f, arg).status;
}

/* Did fatal() end it, with this in its line? */
static inline bool
ends_by_fatal(void (*f)(void *arg), void *arg, const char *line_has)
{
	const struct ending e = run_in_a_process(f, arg);

	return WIFEXITED(e.status) && WEXITSTATUS(e.status) == 1 && strncmp(e.said, "doorbraak: fatal: ", 18) == 0 &&
	       strstr(e.said, line_has) != NULL;
}

/* Did ASSERT() end it? */
static inline bool
ends_by_assert(void (*f)(void *arg), void *arg)
{
	const struct ending e = run_in_a_process(f, arg);

	return WIFSIGNALED(e.status) && WTERMSIG(e.status) == SIGABRT && strstr(e.said, "assertion failed") != NULL;
}

#endif
