// SPDX-License-Identifier: EUPL-1.2
#include "common/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The leak checker of the address sanitizer looks into the process that it checks. */
#ifdef __SANITIZE_ADDRESS__
#define LOOKED_INTO 1
#else
#define LOOKED_INTO 0
#endif

static void
exit_now(int signal)
{
	(void)signal;
	_exit(1);
}

void
supervisor_signals_end(void)
{
	struct sigaction action = {.sa_handler = exit_now};

	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

bool
supervisor_limits(struct why *why)
{
	const struct rlimit no_core = {0, 0}, memory = {SUPERVISOR_MEMORY_MAX, SUPERVISOR_MEMORY_MAX};
	struct rlimit files;

	(void)setrlimit(RLIMIT_CORE, &no_core);
	/* The limit does not hold where the kernel hands dumps to a program; this does, and keeps others of the same user out. */
	(void)prctl(PR_SET_DUMPABLE, LOOKED_INTO);
	/* Of the sanitizer's shadow nobody may be counted. */
	if (!LOOKED_INTO)
		(void)setrlimit(RLIMIT_DATA, &memory);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur >= SUPERVISOR_FILES_MIN)
		return true;
	if (files.rlim_max < SUPERVISOR_FILES_MIN) {
		why_set(why,
			"at most %llu files can be open, and %d are needed: raise the hard limit (ulimit -Hn, "
			"LimitNOFILE=, "
			"`ulimits: nofile`)",
			(unsigned long long)files.rlim_max, SUPERVISOR_FILES_MIN);
		return false;
	}
	files.rlim_cur = SUPERVISOR_FILES_MIN;
	return setrlimit(RLIMIT_NOFILE, &files) == 0;
}

void
supervisor_notify(const char *state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	const size_t len = path == NULL ? 0 : strlen(path);

	if (len < 2 || len >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

int64_t
supervisor_watchdog_ms(void)
{
	const char *text = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	char *end;

	if (text == NULL || (pid != NULL && strtol(pid, NULL, 10) != (long)getpid()))
		return 0;
	const long long us = strtoll(text, &end, 10);
	return *end != '\0' || us <= 0 ? 0 : us / 1000;
}

static bool
path_of(char path[PATH_MAX], const char *data, const char *suffix)
{
	const int len = snprintf(path, PATH_MAX, "%s.address%s", data, suffix);

	return len > 0 && len < PATH_MAX;
}

bool
supervisor_addresses_prepare(const char *data, char path[PATH_MAX])
{
	const int fd = path_of(path, data, ".new") ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666) : -1;

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool
supervisor_addresses_write(const char *data, const struct supervisor_addresses *addresses, struct why *why)
{
	char path[PATH_MAX], temporary[PATH_MAX];
	FILE *file = NULL;

	if (!path_of(path, data, "") || !path_of(temporary, data, ".new"))
		errno = ENAMETOOLONG;
	else
		file = fopen(temporary, "we");
	if (file == NULL)
		goto fail;
	fprintf(file, "door: %s\n", addresses->door);
	if (addresses->publish != NULL && addresses->publish[0] != '\0')
		fprintf(file, "publish: %s\n", addresses->publish);
	if (addresses->http != NULL && addresses->http[0] != '\0')
		fprintf(file, "http: %s\n", addresses->http);
	if (fclose(file) != 0 || rename(temporary, path) != 0) {
		const int error = errno;

		unlink(temporary);
		errno = error;
		goto fail;
	}
	return true;
fail:
	why_set(why, "%s.address cannot be written: %s", data, strerror(errno));
	return false;
}

void
supervisor_addresses_remove(const char *data)
{
	char path[PATH_MAX];

	if (path_of(path, data, ""))
		unlink(path);
}
