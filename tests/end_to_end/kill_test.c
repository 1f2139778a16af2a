// SPDX-License-Identifier: EUPL-1.2
/* kill_test.c - kill -9 of a random service under load, many times, with real processes, sockets and disk.
 *
 *   kill_test --bin DIR [--rounds N] [--seed S] [--dir DIR]
 *
 * Front ends keep submissions on their way and send again what gets no answer. Each round kills one service at a random moment
 * and starts it again. In the end everybody must catch up, all stop cleanly, and the oracle judges the five journals. Ends with
 * `N passed, N failed`, where N counts rounds. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/end_to_end/front.h"

struct kill_test {
	struct fleet fleet;
	struct front front;
};

static bool
campaign(struct kill_test *t, unsigned rounds, const char *dir, struct why *why)
{
	struct front *f = &t->front;
	struct system *system;

	if (fleet_start_all(&t->fleet, 20000, why) != ERR_NONE ||
	    system_open(&system, t->fleet.run_dir, why) != ERR_NONE || !front_open(f, &t->fleet, system, why))
		return false;
	for (unsigned round = 0; round < rounds; round++) {
		front_work(f, 10 + (int64_t)load_below(&f->random, 150), true);
		if (load_chance(&f->random, 40))
			front_pass_time(f);
		const unsigned victim = (unsigned)load_below(&f->random, SERVICE_COUNT);
		fleet_kill(&t->fleet, victim, SIGKILL);
		front_work(f, (int64_t)load_below(&f->random, 40), true);
		if (fleet_start(&t->fleet, victim, why) != ERR_NONE ||
		    fleet_wait(&t->fleet, victim, 20000, why) != ERR_NONE)
			return false;
	}
	const bool settled = front_settle(f, system, why);
	system_close(&system);
	front_close(f);
	if (!fleet_stop_all(&t->fleet)) {
		why_set(why, "a service did not end with status 0 when it was asked to stop");
		return false;
	}
	return settled && front_judge(f, dir, why);
}

static const char *
option(int argc, char **argv, const char *name, const char *otherwise)
{
	for (int i = 1; i + 1 < argc; i += 2)
		if (strcmp(argv[i], name) == 0)
			return argv[i + 1];
	return otherwise;
}

int
main(int argc, char **argv)
{
	const unsigned rounds = (unsigned)strtoul(option(argc, argv, "--rounds", "50"), NULL, 10);
	const uint64_t seed = strtoull(option(argc, argv, "--seed", "1"), NULL, 10);
	struct kill_test *t = calloc(1, sizeof *t);
	char dir[256], run_dir[300], command[300];
	struct why why = {{0}};

	signal(SIGPIPE, SIG_IGN);
	snprintf(dir, sizeof dir, "%s/doorbraak-kill-XXXXXX", option(argc, argv, "--dir", "/tmp"));
	if (t == NULL || mkdtemp(dir) == NULL)
		fatal("%s: %s", dir, strerror(errno));
	snprintf(run_dir, sizeof run_dir, "%s/run", dir);
	front_init(&t->front, seed);
	const struct fleet_options options = {.bin_dir = option(argc, argv, "--bin", "build/release/bin"),
					      .run_dir = run_dir,
					      .driven = true,
					      .quiet = true};
	bool ok = fleet_init(&t->fleet, &options, &why) == ERR_NONE && campaign(t, rounds, dir, &why);
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		fleet_kill(&t->fleet, i, SIGKILL);
	if (!ok)
		printf("seed %llu: %s\n  the data is left in %s\n", (unsigned long long)seed, why.text, dir);
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	if (ok && system(command) != 0)
		fprintf(stderr, "%s is left behind\n", dir);
	front_fini(&t->front);
	free(t);
	printf("%u passed, %u failed\n", ok ? rounds : 0, ok ? 0 : rounds);
	return ok ? 0 : 1;
}
