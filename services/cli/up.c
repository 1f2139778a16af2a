// SPDX-License-Identifier: EUPL-1.2
/* up.c - `doorbraak up`: all five services, here, until it is stopped.
 *
 * Signals are taken one by one (sigtimedwait): one that asks to stop stops the services in the order of the row, a second
 * one kills them. A service that ends by itself is started again, later each time; five ends in a minute are enough. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "services/cli/cli.h"
#include "services/cli/fleet.h"

#define START_MS     30000
#define ENDS_MAX     5
#define ENDS_IN_MS   60000
#define BACK_OFF_MS  1000
#define LOG_LINE     300
#define PAGE_SERVICE (SERVICE_COUNT - 1)

struct up {
	struct cli *cli;
	struct fleet fleet;
	sigset_t signals;
	int64_t ended_ms[SERVICE_COUNT][ENDS_MAX]; /* newest first; 0: not so often yet */
	int64_t again_ms[SERVICE_COUNT];           /* when to start it again; 0: it runs */
};

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The value behind a key of <run>/<service>.address; "" when it is not there. */
static const char *
address_of(struct up *up, unsigned service, const char *key)
{
	char line[FLEET_PATH_MAX + 64];
	const char *path =
	    arena_printf(&up->cli->arena, "%s/%s.address", up->fleet.run_dir, service_of_row(service)->name);
	const char *value = "";
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return "";
	while (fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		const size_t len = strlen(key);
		if (strncmp(line, key, len) == 0 && strncmp(line + len, ": ", 2) == 0)
			value = arena_str(&up->cli->arena, bytes_str(line + len + 2));
	}
	fclose(f);
	return value;
}

static const char *
last_line(struct up *up, unsigned service)
{
	char text[4096], *line = text;
	const char *path = arena_printf(&up->cli->arena, "%s/%s.log", up->fleet.run_dir, service_of_row(service)->name);
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return "(no log)";
	if (fseek(f, -(long)(sizeof text - 1), SEEK_END) != 0)
		rewind(f);
	size_t len = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	while (len > 0 && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	if (strrchr(text, '\n') != NULL)
		line = strrchr(text, '\n') + 1;
	return arena_printf(&up->cli->arena, "%.*s", LOG_LINE, line);
}

static void
print_doors(struct up *up)
{
	struct cli *cli = up->cli;

	if (cli->json)
		fputc('{', cli->out);
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		const char *name = service_of_row(i)->name;
		const char *door = address_of(up, i, "door"), *http = address_of(up, i, "http"),
			   *live = address_of(up, i, "publish");
		if (cli->json)
			fprintf(cli->out, "%s\"%s\":{\"door\":\"%s\",\"live\":\"%s\",\"http\":\"%s\",\"pid\":%ld}",
				i > 0 ? "," : "", name, door, live, http, (long)up->fleet.pids[i]);
		else
			fprintf(cli->out, "%-11s %s  %s%s%s\n", name, door, http, live[0] == '\0' ? "" : "  live ",
				live);
	}
	if (cli->json)
		fputs("}\n", cli->out);
	else
		fprintf(cli->out,
			"\nthe page: %s/\nlogs and data: %s; ask with `doorbraak health --run %s`; Ctrl-C stops all\n",
			address_of(up, PAGE_SERVICE, "http"), up->fleet.run_dir, up->fleet.run_dir);
	fflush(cli->out);
}

/* ---- stopping ---- */

static void
kill_all(struct up *up)
{
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		fleet_kill(&up->fleet, i, SIGKILL);
}

/* Stops one after another in the order of the row, so that each has told all it heard. */
static int
stop(struct up *up)
{
	bool clean = true;
	int status;

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		if (up->fleet.pids[i] != 0)
			kill(up->fleet.pids[i], SIGTERM);
		while (up->fleet.pids[i] != 0) {
			while (fleet_ended(&up->fleet, &status) >= 0)
				clean = clean && WIFEXITED(status) && WEXITSTATUS(status) == 0;
			if (up->fleet.pids[i] == 0)
				break;
			const int signal = sigtimedwait(&up->signals, NULL, &(struct timespec){.tv_nsec = 100000000});
			if (signal == SIGINT || signal == SIGTERM) {
				kill_all(up);
				return cli_fail(up->cli, CLI_FAILED,
						"killed; nothing that was answered is lost, the next start takes a "
						"moment longer");
			}
		}
	}
	if (!clean)
		return cli_fail(up->cli, CLI_FAILED, "a service did not end well: look at the logs in %s",
				up->fleet.run_dir);
	fprintf(up->cli->err, "stopped\n");
	return CLI_OK;
}

/* ---- keeping them up ---- */

/* A service ended by itself: when is it started again? False when that is enough. */
static bool
note_end(struct up *up, unsigned service, int status)
{
	int64_t *ended = up->ended_ms[service];
	const int64_t now = steady_ms();
	const char *name = service_of_row(service)->name;
	unsigned recent = 1;

	for (unsigned i = ENDS_MAX - 1; i > 0; i--)
		ended[i] = ended[i - 1];
	ended[0] = now;
	while (recent < ENDS_MAX && ended[recent] != 0 && now - ended[recent] < ENDS_IN_MS)
		recent++;
	cli_fail(up->cli, CLI_FAILED, "%s ended by itself (%s %d): %s", name, WIFEXITED(status) ? "status" : "signal",
		 WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), last_line(up, service));
	if (recent == ENDS_MAX)
		return false;
	const int64_t wait_ms = (int64_t)BACK_OFF_MS << (recent - 1);
	up->again_ms[service] = now + wait_ms;
	fprintf(up->cli->err, "%s is started again in %d s\n", name, (int)(wait_ms / 1000));
	return true;
}

static bool
start_due(struct up *up)
{
	struct why why;

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		if (up->again_ms[i] == 0 || steady_ms() < up->again_ms[i])
			continue;
		up->again_ms[i] = 0;
		if (fleet_start(&up->fleet, i, &why) != ERR_NONE) {
			cli_fail(up->cli, CLI_FAILED, "%s", why.text);
			return false;
		}
		fprintf(up->cli->err, "%s is started again\n", service_of_row(i)->name);
	}
	return true;
}

static int
keep_up(struct up *up)
{
	int status, service;

	for (;;) {
		const int signal = sigtimedwait(&up->signals, NULL, &(struct timespec){.tv_nsec = 200000000});
		if (signal == SIGINT || signal == SIGTERM)
			return stop(up);
		while ((service = fleet_ended(&up->fleet, &status)) >= 0) {
			if (note_end(up, (unsigned)service, status))
				continue;
			cli_fail(up->cli, CLI_FAILED, "%s ended %d times within a minute: given up, all are stopped",
				 service_of_row((unsigned)service)->name, ENDS_MAX);
			stop(up);
			return CLI_FAILED;
		}
		if (!start_due(up)) {
			stop(up);
			return CLI_FAILED;
		}
	}
}

static bool
read_ports(struct cli *cli, unsigned *ports)
{
	const char *text = cli_option(cli, "ports");
	char *end;

	*ports = 7100;
	if (text == NULL)
		return true;
	const unsigned long n = strtoul(text, &end, 10);
	*ports = (unsigned)n;
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && (n == 0 || (n >= 1024 && n <= 65000)))
		return true;
	cli_fail(cli, CLI_USAGE,
		 "--ports: '%.40s' is no base of ports: 0 for sockets in the run folder, or 1024 to 65000", text);
	return false;
}

static int
up_run(struct cli *cli)
{
	struct up up = {.cli = cli};
	struct fleet_options options = {
	    .bin_dir = cli_option(cli, "bin") != NULL ? cli_option(cli, "bin") : cli->bin_dir,
	    .run_dir = cli->run_dir,
	    .driven = cli_option(cli, "driven") != NULL,
	    .webhooks = cli_option(cli, "webhooks"),
	    .keys = cli_option(cli, "keys"),
	    .open_door = cli_option(cli, "open-door") != NULL,
	};
	struct why why;

	if (cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "takes no arguments; `doorbraak up --help` says more");
	if (!read_ports(cli, &options.ports))
		return CLI_USAGE;
	sigemptyset(&up.signals);
	sigaddset(&up.signals, SIGINT);
	sigaddset(&up.signals, SIGTERM);
	sigaddset(&up.signals, SIGCHLD);
	if (fleet_init(&up.fleet, &options, &why) != ERR_NONE)
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	sigprocmask(SIG_BLOCK, &up.signals, NULL);
	if (fleet_start_all(&up.fleet, START_MS, &why) != ERR_NONE)
		return cli_fail(cli, CLI_FAILED, "%s", why.text);
	print_doors(&up);
	return keep_up(&up);
}

static const struct cli_option options[] = {
    {"ports", "BASE", "doors at BASE+1.., HTTP at BASE+101.. (default 7100); 0: sockets in the run folder"},
    {"driven", NULL, "time stands still until a submission or `play` moves it"},
    {"webhooks", "DIR", "folder with the settings, addresses and keys of webhooks"},
    {"keys", "DIR",
     "folder of the keys (default: keys in the run folder); with those of `keys init`, nobody comes in without"},
    {"open-door", NULL, "HTTP without keys: everybody on this machine may ask everything"},
    {"bin", "DIR", "folder of the services' programs (default: beside this one)"},
    {0},
};

const struct command command_up = {
    .name = "up",
    .summary = "run all five services on this machine until Ctrl-C",
    .usage = "[--run DIR] [--ports BASE] [--driven] [--webhooks DIR] [--keys DIR | --open-door]",
    .options = options,
    .help = "Starts intake, triage, routing, signalling and monitoring, says where their doors are, and keeps them\n"
	    "up: one that ends by itself is started again. Data and logs stand in the run folder (./run), which is\n"
	    "made when it is not there; started again in the same folder, they go on where they were.\n"
	    "Ctrl-C or SIGTERM stops them in order and waits; a second one kills them.\n"
	    "Over HTTP they answer who shows a key; with --open-door everybody on this machine (for a trial).\n"
	    "Over ZeroMQ too once `doorbraak keys init` has made keys; without, everybody on this machine.\n\n"
	    "Status 0: stopped as asked. 1: a service could not be started, or did not stay up.\n\n"
	    "example:\n"
	    "  doorbraak up --run ./trial --ports 0 --driven\n",
    .run = up_run,
};
