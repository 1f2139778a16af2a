// SPDX-License-Identifier: EUPL-1.2
/* What a service does to itself at start, and what it tells who started it. */
#include "common/supervisor.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/unit.h"

/* In a child: limits that were lowered cannot always be raised again. */
static void
in_child(void (*test)(void))
{
	const pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		test();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
expect(bool is, int code)
{
	if (!is)
		_exit(code);
}

static void
no_core(void)
{
	struct rlimit core;
	struct why why;
	const struct rlimit some = {4096, RLIM_INFINITY};

	(void)setrlimit(RLIMIT_CORE, &some);
	expect(supervisor_limits(&why), 9);
	expect(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0, 1);
#ifndef __SANITIZE_ADDRESS__
	expect(prctl(PR_GET_DUMPABLE) == 0, 2);
#endif
}

static void
more_files(void)
{
	struct rlimit files = {64, SUPERVISOR_FILES_MIN + 100};
	struct why why;

	expect(setrlimit(RLIMIT_NOFILE, &files) == 0, 3);
	expect(supervisor_limits(&why), 10);
	expect(getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur == SUPERVISOR_FILES_MIN, 4);
}

static void
too_few_files_allowed(void)
{
	struct rlimit files = {64, SUPERVISOR_FILES_MIN - 1};
	struct why why;

	expect(setrlimit(RLIMIT_NOFILE, &files) == 0, 5);
	expect(!supervisor_limits(&why), 6);
	expect(strstr(why.text, "at most 8191 files can be open, and 8192 are needed: raise the hard limit") != NULL,
	       11);
}

static void
not_fewer_files(void)
{
	struct rlimit files = {SUPERVISOR_FILES_MIN + 1, SUPERVISOR_FILES_MIN + 2};
	struct why why;

	expect(setrlimit(RLIMIT_NOFILE, &files) == 0, 7);
	expect(supervisor_limits(&why), 12);
	expect(getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur == SUPERVISOR_FILES_MIN + 1, 8);
}

static void
test_no_core_dump_is_left(void **state UNUSED)
{
	in_child(no_core);
}

static void
test_descriptors_up_to_the_limit(void **state UNUSED)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_max < SUPERVISOR_FILES_MIN + 100)
		skip(); /* who runs this is allowed fewer */
	in_child(more_files);
	in_child(too_few_files_allowed);
	in_child(not_fewer_files);
}

/* The socket that a service manager listens on, with a path or an abstract name. */
static void
hear(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const size_t len = strlen(name);
	char text[64];
	const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(address.sun_path, name, len);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	supervisor_notify("READY=1");
	const ssize_t got = recv(fd, text, sizeof text, MSG_DONTWAIT);
	unsetenv("NOTIFY_SOCKET");
	close(fd);
	assert_int_equal(got, 7);
	assert_memory_equal(text, "READY=1", 7);
}

static void
test_readiness_reaches_the_manager(void **state UNUSED)
{
	const struct temp temp = temp_make();
	char name[64];

	hear(temp_path(&temp, "notify").s);
	temp_remove(&temp);
	snprintf(name, sizeof name, "@doorbraak-test-%d", (int)getpid());
	hear(name);
	supervisor_notify("READY=1"); /* nobody: nothing happens */
	setenv("NOTIFY_SOCKET", "relative", 1);
	supervisor_notify("READY=1");
	unsetenv("NOTIFY_SOCKET");
}

static void
test_the_watchdog_is_ours_only(void **state UNUSED)
{
	char pid[16];

	snprintf(pid, sizeof pid, "%d", (int)getpid());
	assert_int_equal(supervisor_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "3000000", 1);
	assert_int_equal(supervisor_watchdog_ms(), 3000);
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(supervisor_watchdog_ms(), 3000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(supervisor_watchdog_ms(), 0);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "3s", 1);
	assert_int_equal(supervisor_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "-1", 1);
	assert_int_equal(supervisor_watchdog_ms(), 0);
	unsetenv("WATCHDOG_USEC");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_core_dump_is_left),
	    cmocka_unit_test(test_descriptors_up_to_the_limit),
	    cmocka_unit_test(test_readiness_reaches_the_manager),
	    cmocka_unit_test(test_the_watchdog_is_ours_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
