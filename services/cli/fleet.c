// SPDX-License-Identifier: EUPL-1.2
/* fleet.c - see fleet.h. */
#include "services/cli/fleet.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGUMENTS_MAX   32
#define PAGE            4u  /* the service that serves the page */
#define SOCKET_PATH_MAX 100 /* a unix socket's path holds 107 bytes */
#define WAIT_STEP_MS    5
#define LOCKED_MS       2000

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
fleet_door(const struct fleet *fleet, unsigned service, char out[FLEET_PATH_MAX])
{
	if (fleet->options.ports > 0)
		snprintf(out, FLEET_PATH_MAX, "tcp://127.0.0.1:%u", fleet->options.ports + 1 + service);
	else
		snprintf(out, FLEET_PATH_MAX, "ipc://%.*s/%s.door", SOCKET_PATH_MAX, fleet->run_dir,
			 service_of_row(service)->name);
}

static void
stream_of(const struct fleet *fleet, unsigned service, char out[FLEET_PATH_MAX])
{
	if (fleet->options.ports > 0)
		snprintf(out, FLEET_PATH_MAX, "tcp://127.0.0.1:%u", fleet->options.ports + 11 + service);
	else
		snprintf(out, FLEET_PATH_MAX, "ipc://%.*s/%s.live", SOCKET_PATH_MAX, fleet->run_dir,
			 service_of_row(service)->name);
}

static void
file_of(const struct fleet *fleet, unsigned service, const char *suffix, char out[FLEET_PATH_MAX + 64])
{
	snprintf(out, FLEET_PATH_MAX + 64, "%s/%s%s", fleet->run_dir, service_of_row(service)->name, suffix);
}

/* Ports that are free now. All are taken at once, so that they differ, and then let go. */
static enum err
take_ports(struct fleet *fleet, struct why *why)
{
	int fds[SERVICE_COUNT];
	unsigned count = 0;

	for (; count < SERVICE_COUNT; count++) {
		struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		socklen_t len = sizeof any;

		fds[count] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fds[count] < 0)
			break;
		if (bind(fds[count], (struct sockaddr *)&any, len) != 0 ||
		    getsockname(fds[count], (struct sockaddr *)&any, &len) != 0) {
			close(fds[count]);
			break;
		}
		fleet->http_ports[count] = ntohs(any.sin_port);
	}
	if (count < SERVICE_COUNT)
		why_set(why, "no free port could be found on this machine: %s", strerror(errno));
	const enum err err = count == SERVICE_COUNT ? ERR_NONE : ERR_REFUSED;
	while (count > 0)
		close(fds[--count]);
	return err;
}

/* The page asks three services, and goes on with them when one was started again: then they stand where they stood. */
static enum err
choose_ports(struct fleet *fleet, struct why *why)
{
	const struct fleet_options *options = &fleet->options;

	if (options->ports == 0)
		return options->open_door || options->keys != NULL ? take_ports(fleet, why) : ERR_NONE;
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		fleet->http_ports[i] = options->ports + 101 + i;
	return ERR_NONE;
}

enum err
fleet_init(struct fleet *fleet, const struct fleet_options *options, struct why *why)
{
	*fleet = (struct fleet){.options = *options};
	if (options->ports == 0 && strlen(options->run_dir) + sizeof "/signalling.door" > SOCKET_PATH_MAX) {
		why_set(why, "%s: the path is too long for sockets in it (%d bytes at most): take a shorter --run",
			options->run_dir, SOCKET_PATH_MAX - 20);
		return ERR_REFUSED;
	}
	if (mkdir(options->run_dir, 0700) != 0 && errno != EEXIST) {
		why_set(why, "%s: cannot be made (%s): name a folder whose parent exists and is writable",
			options->run_dir, strerror(errno));
		return ERR_REFUSED;
	}
	snprintf(fleet->run_dir, sizeof fleet->run_dir, "%s", options->run_dir);
	return choose_ports(fleet, why);
}

/* In the child: its own log, then the program. */
static _Noreturn void
become(const struct fleet *fleet, unsigned service, char *const *arguments)
{
	char log[FLEET_PATH_MAX + 64];

	file_of(fleet, service, ".log", log);
	const int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0) {
		dup2(fd, STDERR_FILENO);
		dup2(fd, STDOUT_FILENO);
	}
	/* Ctrl-C on the terminal goes to the tool, which stops the services in their order. */
	setpgid(0, 0);
	/* A blocked signal stays blocked over exec. */
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (fleet->options.preload != NULL)
		setenv("LD_PRELOAD", fleet->options.preload, 1);
	execv(arguments[0], arguments);
	fprintf(stderr, "%s: cannot be started: %s\n", arguments[0], strerror(errno));
	_exit(127);
}

/* Does a process hold the lock of the service's store (store_dir.h)? Its address is not ours to take away then. One whose
 * parent was killed a moment ago is given time to stop. */
static bool
is_in_use(const struct fleet *fleet, unsigned service)
{
	const int64_t until = steady_ms() + LOCKED_MS;
	char lock[FLEET_PATH_MAX + 64];

	file_of(fleet, service, ".lock", lock);
	const int fd = open(lock, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool held = true;
	while (held && steady_ms() < until) {
		held = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
		if (held)
			poll(NULL, 0, WAIT_STEP_MS);
	}
	close(fd);
	return held;
}

static void
keys_of(const struct fleet *fleet, char out[FLEET_PATH_MAX + 8])
{
	if (fleet->options.keys != NULL)
		snprintf(out, FLEET_PATH_MAX + 8, "%s", fleet->options.keys);
	else
		snprintf(out, FLEET_PATH_MAX + 8, "%s/keys", fleet->run_dir);
}

enum err
fleet_start(struct fleet *fleet, unsigned service, struct why *why)
{
	char text[20][FLEET_PATH_MAX + 64];
	char *arguments[ARGUMENTS_MAX];
	unsigned n = 0, t = 0;

#define ARGUMENT(...) (snprintf(text[t], sizeof text[t], __VA_ARGS__), arguments[n++] = text[t++])
	ARGUMENT("%s/doorbraak-%s", fleet->options.bin_dir, service_of_row(service)->name);
	ARGUMENT("--data=%s/%s", fleet->run_dir, service_of_row(service)->name);
	char endpoint[FLEET_PATH_MAX];
	fleet_door(fleet, service, endpoint);
	ARGUMENT("--listen=%s", endpoint);
	if (service > 0) {
		fleet_door(fleet, service - 1, endpoint);
		ARGUMENT("--upstream=%s", endpoint);
	} else {
		ARGUMENT("--clock=%s", fleet->options.driven ? "driven" : "system");
	}
	if (service == 3) {
		fleet_door(fleet, 0, endpoint);
		ARGUMENT("--intake=%s", endpoint);
		if (fleet->options.webhooks != NULL)
			ARGUMENT("--webhooks=%s", fleet->options.webhooks);
	}
	if (service >= 3) {
		stream_of(fleet, service, endpoint);
		ARGUMENT("--publish=%s", endpoint);
	}
	ARGUMENT("--http=127.0.0.1:%u", fleet->http_ports[service]);
	char keys[FLEET_PATH_MAX + 8], secret[FLEET_PATH_MAX + 32];
	keys_of(fleet, keys);
	ARGUMENT("--keys=%s", keys);
	snprintf(secret, sizeof secret, "%s/%s/secret", keys, service_of_row(service)->name);
	if (access(secret, F_OK) == 0)
		ARGUMENT("--secret=%s", secret);
	if (fleet->options.open_door)
		ARGUMENT("--open-door=yes");
	/* Monitoring's page asks the others, too. */
	if (service < PAGE && fleet->http_ports[service] > 0)
		ARGUMENT("--http-origins=http://127.0.0.1:%u http://localhost:%u", fleet->http_ports[PAGE],
			 fleet->http_ports[PAGE]);
	if (fleet->http_ports[service] > 0 && service == PAGE) {
		ARGUMENT("--page-intake=http://127.0.0.1:%u", fleet->http_ports[0]);
		ARGUMENT("--page-signalling=http://127.0.0.1:%u", fleet->http_ports[3]);
	}
	if (fleet->options.turn_records != NULL)
		ARGUMENT("--turn-records=%s", fleet->options.turn_records);
#undef ARGUMENT
	arguments[n] = NULL;
	if (access(arguments[0], X_OK) != 0) {
		why_set(why, "%s: is not there: run `make`, or name the folder of the programs with --bin",
			arguments[0]);
		return ERR_REFUSED;
	}
	if (is_in_use(fleet, service)) {
		why_set(why,
			"%s/%s: another process has it open: is `doorbraak up` running there already? Stop it, or take "
			"another --run",
			fleet->run_dir, service_of_row(service)->name);
		return ERR_REFUSED;
	}
	char address[FLEET_PATH_MAX + 64];
	file_of(fleet, service, ".address", address);
	unlink(address); /* of an earlier life that was killed */
	const pid_t pid = fork();
	if (pid < 0) {
		why_set(why, "%s: no process could be made: %s", arguments[0], strerror(errno));
		return ERR_REFUSED;
	}
	if (pid == 0)
		become(fleet, service, arguments);
	fleet->pids[service] = pid;
	return ERR_NONE;
}

static void
last_words(const struct fleet *fleet, unsigned service, char *out, size_t size)
{
	char log[FLEET_PATH_MAX + 64];

	out[0] = '\0';
	file_of(fleet, service, ".log", log);
	FILE *f = fopen(log, "re");
	if (f == NULL)
		return;
	if (fseek(f, -(long)(size - 1), SEEK_END) != 0)
		rewind(f);
	const size_t got = fread(out, 1, size - 1, f);
	out[got] = '\0';
	fclose(f);
	for (char *p = out; *p != '\0'; p++)
		if (*p == '\n')
			*p = p[1] == '\0' ? '\0' : ' ';
}

enum err
fleet_wait(struct fleet *fleet, unsigned service, int timeout_ms, struct why *why)
{
	const int64_t until = steady_ms() + timeout_ms;
	char address[FLEET_PATH_MAX + 64], words[400];
	int status;

	file_of(fleet, service, ".address", address);
	for (;;) {
		if (access(address, R_OK) == 0)
			return ERR_NONE;
		if (waitpid(fleet->pids[service], &status, WNOHANG) == fleet->pids[service]) {
			fleet->pids[service] = 0;
			last_words(fleet, service, words, sizeof words);
			why_set(why, "%s ended with status %d: %s", service_of_row(service)->name,
				WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), words);
			return ERR_REFUSED;
		}
		if (steady_ms() > until) {
			why_set(why, "%s is not up after %d ms: look at %s/%s.log", service_of_row(service)->name,
				timeout_ms, fleet->run_dir, service_of_row(service)->name);
			return ERR_AGAIN;
		}
		poll(NULL, 0, WAIT_STEP_MS);
	}
}

enum err
fleet_start_all(struct fleet *fleet, int timeout_ms, struct why *why)
{
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		enum err err = fleet_start(fleet, i, why);
		if (err == ERR_NONE)
			err = fleet_wait(fleet, i, timeout_ms, why);
		if (err != ERR_NONE) {
			fleet_stop_all(fleet);
			return err;
		}
	}
	return ERR_NONE;
}

void
fleet_kill(struct fleet *fleet, unsigned service, int signal)
{
	int status;

	if (fleet->pids[service] == 0)
		return;
	kill(fleet->pids[service], signal);
	while (waitpid(fleet->pids[service], &status, 0) < 0 && errno == EINTR)
		;
	fleet->pids[service] = 0;
}

bool
fleet_stop_all(struct fleet *fleet)
{
	bool clean = true;
	int status = 0;

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		if (fleet->pids[i] == 0)
			continue;
		kill(fleet->pids[i], SIGTERM);
		while (waitpid(fleet->pids[i], &status, 0) < 0 && errno == EINTR)
			;
		clean = clean && WIFEXITED(status) && WEXITSTATUS(status) == 0;
		fleet->pids[i] = 0;
	}
	return clean;
}

int
fleet_ended(struct fleet *fleet, int *status)
{
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		if (fleet->pids[i] != 0 && waitpid(fleet->pids[i], status, WNOHANG) == fleet->pids[i]) {
			fleet->pids[i] = 0;
			return (int)i;
		}
	}
	return -1;
}
