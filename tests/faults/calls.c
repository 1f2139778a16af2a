// SPDX-License-Identifier: EUPL-1.2
/* calls.c - calls that fail, one at a time, in each service in turn: writing and flushing (io-errors), memory (memory).
 *
 * A service is started with the library of failing.c, so that its Nth call fails: at its start, or later under load. Then it
 * must end by itself, with a sentence in its log, having answered nothing that is not kept, and start again as if nothing had
 * been. What it may bear without ending is named in may_go_on(). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/faults/faults.h"

#define REACH_MS   4000 /* for the call to be reached under load */
#define END_MS     5000
#define GOES_ON_MS 100 /* after which it has borne a call that it may bear */
#define FIRST_ONES 500u
#define ABORTED    134

struct calls {
	struct faults *f;
	const char *kind; /* of FAILING_CALL */
	char mark[300];
	unsigned ended, borne, unreached;
};

static bool
call_that_failed(const struct calls *c, char name[16])
{
	FILE *mark = fopen(c->mark, "re");

	if (mark == NULL)
		return false;
	const bool got = fgets(name, 16, mark) != NULL;
	fclose(mark);
	return got;
}

/* Pages made ready ahead are a favour to the disk (store.c), a full disk is waited for at the start. Out of memory is borne
 * wherever a library does without. */
static bool
may_go_on(const struct calls *c, const char *name, unsigned service, long log)
{
	return strcmp(c->kind, "memory") == 0 || strcmp(name, "ftruncate") == 0 ||
	       faults_log_says(c->f, service, log, "waiting_for_room");
}

static void
start_failing(struct calls *c, unsigned service, unsigned at, int error, struct why *why)
{
	struct faults *f = c->f;
	char path[300], number[16], code[16];

	unlink(c->mark);
	snprintf(path, sizeof path, "%s/%s", f->run_dir, faults_name(service));
	snprintf(number, sizeof number, "%u", at);
	snprintf(code, sizeof code, "%d", error);
	setenv("FAILING_CALL", c->kind, 1);
	setenv("DOORBRAAK_SANDBOX", "no", 1); /* the library leaves its mark where a service has no business */
	setenv("FAILING_PATH", path, 1);
	setenv("FAILING_AT", number, 1);
	setenv("FAILING_ERRNO", code, 1);
	setenv("FAILING_MARK", c->mark, 1);
	f->fleet.options.preload = f->failing;
	if (fleet_start(&f->fleet, service, why) != ERR_NONE)
		fatal("%s", why->text);
	f->fleet.options.preload = NULL;
	unsetenv("FAILING_CALL");
}

static bool
ended_well(const struct calls *c, unsigned service, int status, long log)
{
	const bool said = faults_log_says(c->f, service, log, "not_started") ||
			  faults_log_says(c->f, service, log, "failed") || faults_log_says(c->f, service, log, "fatal");

	if (strcmp(c->kind, "memory") == 0)
		return status == ABORTED || (status >= 1 && status <= 4 && said);
	return (status == 1 || status == 3) && said;
}

static bool
point(struct calls *c, unsigned service, unsigned at, int error, struct why *why)
{
	struct faults *f = c->f;
	const long log = faults_log_end(f, service);
	const int64_t until = front_steady_ms() + REACH_MS;
	char name[16] = "";
	int status = 0;

	fleet_kill(&f->fleet, service, SIGKILL);
	start_failing(c, service, at, error, why);
	while (!call_that_failed(c, name) && front_steady_ms() < until && !faults_ended(f, service, &status))
		front_work(&f->front, 5, true);
	if (!call_that_failed(c, name)) {
		c->unreached++;
		return true;
	}
	if (f->fleet.pids[service] != 0 &&
	    !faults_await_end(f, service, may_go_on(c, name, service, log) ? GOES_ON_MS : END_MS, &status)) {
		c->borne++;
		if (may_go_on(c, name, service, log))
			return true;
		why_set(why, "%s goes on after its disk call %u (%s) failed with error %d", faults_name(service), at,
			name, error);
		return false;
	}
	c->ended++;
	if (ended_well(c, service, status, log))
		return true;
	why_set(why, "%s ended with status %d and no sentence after its %s call %u (%s) failed with error %d",
		faults_name(service), status, c->kind, at, name, error);
	return false;
}

/* Every one of the first calls, when there are rounds enough; else some of the first, at the start, and some of the others. */
static unsigned
which(struct faults *f, unsigned i, unsigned points, unsigned beginning)
{
	if (points >= FIRST_ONES / 2)
		return i + 1;
	return 1 + (unsigned)load_below(&f->random, i % 2 == 0 ? beginning : FIRST_ONES);
}

static bool
sweep(struct faults *f, const char *kind, unsigned beginning, struct why *why)
{
	static const int errors[] = {EIO, ENOSPC, 0};
	const unsigned points = f->service < SERVICE_COUNT ? f->rounds : f->rounds / SERVICE_COUNT;
	struct calls c = {.f = f, .kind = kind};

	if (access(f->failing, R_OK) != 0) {
		why_set(why, "%s is not there: make VARIANT=sim build/sim/failing.so", f->failing);
		return false;
	}
	snprintf(c.mark, sizeof c.mark, "%s/mark", f->dir);
	if (!faults_begin(f, why))
		return false;
	for (unsigned service = 0; service < SERVICE_COUNT; service++) {
		if (f->service < SERVICE_COUNT && service != f->service)
			continue;
		for (unsigned i = 0; i < points; i++) {
			if (!point(&c, service, which(f, i, points, beginning), errors[load_below(&f->random, 3)], why))
				return false;
			fleet_kill(&f->fleet, service, SIGKILL);
			if (!faults_start(f, service, why))
				return false;
		}
	}
	printf("%u ended with a sentence, %u went on without it, %u were not reached\n", c.ended, c.borne, c.unreached);
	return faults_end(f, why);
}

static bool
run_io(struct faults *f, struct why *why)
{
	return sweep(f, "disk", 40, why);
}

static bool
run_memory(struct faults *f, struct why *why)
{
	return sweep(f, "memory", 2000, why);
}

const struct campaign campaign_io_errors = {"io-errors", "the Nth write or flush of a service fails", 50, run_io};
const struct campaign campaign_memory = {"memory", "the Nth allocation of a service fails", 50, run_memory};
