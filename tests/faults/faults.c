// SPDX-License-Identifier: EUPL-1.2
/* faults.c - see faults.h.
 *
 *   faults CAMPAIGN [--bin DIR] [--rounds N] [--seed S] [--dir DIR] [--service NAME] [--failing LIBRARY]
 *
 * Ends with `N passed, N failed`, where N counts rounds; with `N skipped` where this machine does not allow it. */
#include "tests/faults/faults.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct campaign *const campaigns[] = {
    &campaign_power,      &campaign_disk_full, &campaign_io_errors,   &campaign_memory,
    &campaign_partitions, &campaign_clocks,    &campaign_clocks_2039, &campaign_volumes,
};
#define WIDTH     3u /* submissions on their way: what is judged in the end stays small */
#define CAMPAIGNS (sizeof campaigns / sizeof campaigns[0])

/* ---- services ---- */

const char *
faults_name(unsigned service)
{
	return service_of_row(service)->name;
}

bool
faults_connect(struct faults *f, struct why *why)
{
	if (system_open(&f->system, f->run_dir, why) != ERR_NONE)
		return false;
	system_use_keys(f->system, &f->front.keys);
	return front_open(&f->front, &f->fleet, f->system, why);
}

bool
faults_begin(struct faults *f, struct why *why)
{
	return fleet_start_all(&f->fleet, START_MS, why) == ERR_NONE && faults_connect(f, why);
}

bool
faults_end(struct faults *f, struct why *why)
{
	const bool settled = front_settle(&f->front, f->system, why);

	system_close(&f->system);
	front_close(&f->front);
	if (!settled)
		return false;
	if (!fleet_stop_all(&f->fleet)) {
		why_set(why, "a service did not end with status 0 when it was asked to stop");
		return false;
	}
	return front_judge(&f->front, f->dir, why);
}

void
faults_kill_all(struct faults *f)
{
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		if (f->fleet.pids[i] != 0)
			kill(f->fleet.pids[i], SIGKILL);
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		fleet_kill(&f->fleet, i, SIGKILL);
}

bool
faults_start(struct faults *f, unsigned service, struct why *why)
{
	return fleet_start(&f->fleet, service, why) == ERR_NONE &&
	       fleet_wait(&f->fleet, service, START_MS, why) == ERR_NONE;
}

bool
faults_start_all(struct faults *f, struct why *why)
{
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		if (fleet_start(&f->fleet, i, why) != ERR_NONE)
			return false;
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		if (fleet_wait(&f->fleet, i, START_MS, why) != ERR_NONE)
			return false;
	return true;
}

bool
faults_ended(struct faults *f, unsigned service, int *status)
{
	int raw;

	if (f->fleet.pids[service] == 0 || waitpid(f->fleet.pids[service], &raw, WNOHANG) != f->fleet.pids[service])
		return false;
	f->fleet.pids[service] = 0;
	*status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
	return true;
}

bool
faults_await_end(struct faults *f, unsigned service, int64_t timeout_ms, int *status)
{
	const int64_t until = front_steady_ms() + timeout_ms;

	while (!faults_ended(f, service, status)) {
		if (front_steady_ms() > until)
			return false;
		front_work(&f->front, 5, true);
	}
	return true;
}

static FILE *
log_of(const struct faults *f, unsigned service)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s.log", f->run_dir, faults_name(service));
	return fopen(path, "re");
}

long
faults_log_end(const struct faults *f, unsigned service)
{
	FILE *log = log_of(f, service);
	long end = 0;

	if (log != NULL) {
		fseek(log, 0, SEEK_END);
		end = ftell(log);
		fclose(log);
	}
	return end;
}

bool
faults_log_says(const struct faults *f, unsigned service, long from, const char *text)
{
	FILE *log = log_of(f, service);
	char line[4096];
	bool says = false;

	if (log == NULL)
		return false;
	fseek(log, from, SEEK_SET);
	while (!says && fgets(line, sizeof line, log) != NULL)
		says = strstr(line, text) != NULL;
	fclose(log);
	return says;
}

int64_t
faults_applied(struct faults *f, unsigned service)
{
	pb_Request request;
	pb_StatusRequest status;
	struct arena a;
	struct why why;
	int64_t applied = -1;

	arena_init(&a);
	pb_Request_init(&request);
	pb_StatusRequest_init(&status);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_STATUS;
	request.status = &status;
	const pb_Reply *reply = system_ask(f->system, service, &request, 1000, &a, &why);
	if (reply != NULL && reply->body_case == DOORBRAAK__V1__REPLY__BODY_STATUS)
		applied = (int64_t)(service == 0 ? reply->status->head->seq : reply->status->applied);
	arena_fini(&a);
	return applied;
}

/* ---- the machine ---- */

bool
faults_do(const char *format, ...)
{
	char command[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	return system(command) == 0;
}

bool
faults_own_mounts(struct faults *f)
{
	if (unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		return true;
	f->skipped = "mounts of its own need root";
	return false;
}

bool
faults_volume(struct faults *f, const char *name, unsigned mib, const char *at)
{
	if (faults_do(
		"truncate -s %uM %s/%s.img && mkfs.ext4 -q -F -m 0 -E lazy_itable_init=1 %s/%s.img && mkdir -p %s && "
		"mount -o loop %s/%s.img %s 2>%s/mount.log",
		mib, f->dir, name, f->dir, name, at, f->dir, name, at, f->dir))
		return true;
	f->skipped = "an ext4 in a file cannot be mounted here (loop devices, mkfs.ext4)";
	return false;
}

/* ---- the program ---- */

static const char *
option(int argc, char **argv, const char *name, const char *otherwise)
{
	for (int i = 2; i + 1 < argc; i += 2)
		if (strcmp(argv[i], name) == 0)
			return argv[i + 1];
	return otherwise;
}

static const struct campaign *
campaign_of(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < CAMPAIGNS; i++)
		if (strcmp(argv[1], campaigns[i]->name) == 0)
			return campaigns[i];
	fprintf(stderr, "usage: faults CAMPAIGN [--bin DIR] [--rounds N] [--seed S] [--dir DIR] [--service NAME]\n");
	for (size_t i = 0; i < CAMPAIGNS; i++)
		fprintf(stderr, "  %-12s %s (%u rounds)\n", campaigns[i]->name, campaigns[i]->what,
			campaigns[i]->rounds);
	exit(2);
}

static const char *
absolute(const char *path)
{
	static char kept[2][PATH_MAX];
	static unsigned used;

	return realpath(path, kept[used]) != NULL ? kept[used++] : path;
}

static void
prepare(struct faults *f, const struct campaign *c, int argc, char **argv)
{
	const char *service = option(argc, argv, "--service", NULL);
	char rounds[16];

	snprintf(rounds, sizeof rounds, "%u", c->rounds);
	f->rounds = (unsigned)strtoul(option(argc, argv, "--rounds", rounds), NULL, 10);
	f->random.state = strtoull(option(argc, argv, "--seed", "1"), NULL, 10);
	f->bin = absolute(option(argc, argv, "--bin", "build/release/bin"));
	f->failing = absolute(option(argc, argv, "--failing", "build/sim/failing.so"));
	f->service = SERVICE_COUNT;
	for (unsigned i = 0; service != NULL && i < SERVICE_COUNT; i++)
		if (strcmp(service, faults_name(i)) == 0)
			f->service = i;
	snprintf(f->dir, sizeof f->dir, "%s/doorbraak-%s-XXXXXX", option(argc, argv, "--dir", "/tmp"), c->name);
	if (mkdtemp(f->dir) == NULL)
		fatal("%s: %s", f->dir, strerror(errno));
	snprintf(f->run_dir, sizeof f->run_dir, "%s/run", f->dir);
	if (mkdir(f->run_dir, 0700) != 0)
		fatal("%s: %s", f->run_dir, strerror(errno));
	front_init(&f->front, f->random.state);
	f->front.width = WIDTH;
}

int
main(int argc, char **argv)
{
	static struct faults f;
	const struct campaign *c = campaign_of(argc, argv);
	struct why why = {{0}};

	signal(SIGPIPE, SIG_IGN);
	prepare(&f, c, argc, argv);
	const unsigned long long seed = f.random.state;
	const struct fleet_options options = {.bin_dir = f.bin,
					      .run_dir = f.run_dir,
					      .driven = c != &campaign_clocks && c != &campaign_clocks_2039,
					      .quiet = true};
	const bool ok = fleet_init(&f.fleet, &options, &why) == ERR_NONE && c->run(&f, &why);

	faults_kill_all(&f);
	if (f.skipped != NULL)
		printf("skip  %s: %s\n", c->name, f.skipped);
	else if (!ok)
		printf("%s, seed %llu: %s\n  the data is left in %s\n", c->name, seed, why.text, f.dir);
	/* What is mounted in it goes with this process; the folder itself, unless it is to be looked at. */
	faults_do("cd / && for m in $(grep -o ' %s[^ ]*' /proc/mounts | sort -r); do umount $m; done", f.dir);
	if ((ok || f.skipped != NULL) && !faults_do("rm -rf '%s'", f.dir))
		fprintf(stderr, "%s is left behind\n", f.dir);
	front_fini(&f.front);
	if (f.skipped != NULL)
		printf("0 passed, 0 failed, %u skipped\n", f.rounds);
	else
		printf("%u passed, %u failed\n", ok ? f.rounds : 0, ok ? 0 : f.rounds);
	return ok || f.skipped != NULL ? 0 : 1;
}
