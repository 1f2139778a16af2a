// SPDX-License-Identifier: EUPL-1.2
/* clocks.c - intake's system clock goes wrong: hours back and forth, ten days ahead, 1970, the end of time.
 *
 * Intake runs on a clock of libfaketime that is set anew under load, or while it is down; the others keep the right one.
 * It must take what is handed in as long as its clock may be right, and say that it jumped; take nothing while the clock cannot
 * be right, and say so; and go on by itself. In the end each day is one tick, no stamp goes back, and the judge has seen each
 * deadline missed once, on its day. Between two lives the steady clock jumps as well, where time has namespaces. */
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/archive.h"
#include "tests/faults/faults.h"

#define INTAKE  0u
#define HOUR    INT64_C(3600)
#define DAY     (24 * HOUR)
#define YEAR    (365 * DAY)
#define SAID_MS 4000
#define CLOCKS  "/usr/lib/*/faketime/libfaketimeMT.so.1"

struct step {
	int64_t offset_s; /* from the clock it began with; NEVER: 1970 */
	bool takes;
	const char *says; /* when it is set under way */
};
#define NEVER INT64_MIN

static const struct step steps[] = {
    {-HOUR, true, "clock_jump"},        {0, true, "clock_jump"},
    {2 * HOUR, true, "clock_jump"},     {0, true, "clock_jump"},
    {10 * DAY, true, "clock_jump"},     {0, true, "clock_jump"},
    {NEVER, false, "clock_wrong"},      {10 * DAY, true, "clock_right"},
    {11 * YEAR, false, "clock_wrong"},  {20 * DAY, true, "clock_right"},
    {400 * YEAR, false, "clock_wrong"}, {21 * DAY, true, "clock_right"},
};

struct clocks {
	struct faults *f;
	char file[300], library[300];
	int64_t base_s; /* ahead of the real clock */
	unsigned steady_jumps;
};

static void
set_clock(struct clocks *c, int64_t offset_s)
{
	char next[320];

	snprintf(next, sizeof next, "%s.next", c->file);
	FILE *f = fopen(next, "we");
	if (f == NULL)
		fatal("%s: cannot be written", next);
	fprintf(f, "%+lld\n", (long long)(offset_s == NEVER ? HOUR - (int64_t)time(NULL) : c->base_s + offset_s));
	if (fclose(f) != 0 || rename(next, c->file) != 0)
		fatal("%s: cannot be written", c->file);
}

/* Of processes that are started from now on. */
static void
shift_steady(struct clocks *c, long by_s)
{
	char text[64];

	if (unshare(CLONE_NEWTIME) != 0)
		return;
	const int fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	const int len = snprintf(text, sizeof text, "monotonic %ld 0\nboottime %ld 0\n", by_s, by_s);
	if (fd >= 0 && write(fd, text, (size_t)len) == len)
		c->steady_jumps++;
	if (fd >= 0)
		close(fd);
}

static bool
start_intake(struct clocks *c, struct why *why)
{
	struct faults *f = c->f;

	setenv("FAKETIME_TIMESTAMP_FILE", c->file, 1);
	setenv("FAKETIME_NO_CACHE", "1", 1);
	setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1", 1);
	shift_steady(c, (long)load_below(&f->random, 1000000));
	/* The library reads its file while the service runs: what no service may. */
	setenv("DOORBRAAK_SANDBOX", "no", 1);
	f->fleet.options.preload = c->library;
	const bool ok = faults_start(f, INTAKE, why);
	f->fleet.options.preload = NULL;
	unsetenv("DOORBRAAK_SANDBOX");
	return ok;
}

static bool
await_words(struct clocks *c, long log, const char *words, struct why *why)
{
	const int64_t until = front_steady_ms() + SAID_MS;

	while (!faults_log_says(c->f, INTAKE, log, words) && front_steady_ms() < until)
		front_work(&c->f->front, 20, true);
	if (faults_log_says(c->f, INTAKE, log, words))
		return true;
	why_set(why, "the log of intake does not say %s", words);
	return false;
}

static bool
take_step(struct clocks *c, const struct step *s, struct why *why)
{
	struct faults *f = c->f;
	const long log = faults_log_end(f, INTAKE);
	const bool anew = load_chance(&f->random, 40);

	if (anew)
		fleet_kill(&f->fleet, INTAKE, SIGKILL);
	set_clock(c, s->offset_s);
	if (anew && !start_intake(c, why))
		return false;
	if ((!anew || !s->takes) && !await_words(c, log, s->says, why))
		return false;
	front_work(&f->front, 50, true); /* what was under way */
	const uint64_t before = f->front.ack_count;
	const int64_t until = front_steady_ms() + (s->takes ? SAID_MS : 300);
	while (front_steady_ms() < until && (!s->takes || f->front.ack_count <= before))
		front_work(&f->front, 50, true);
	if (s->takes == (f->front.ack_count > before))
		return true;
	why_set(why, "with its clock at %+lld s, intake %s", (long long)s->offset_s,
		s->takes ? "takes nothing" : "takes what is handed in");
	return false;
}

/* Each day one tick, the next behind the one before; no stamp goes back. */
static bool
check_time(struct clocks *c, struct why *why)
{
	struct journal_entry entries[64];
	struct row_source journal;
	struct archive *archive;
	struct arena a;
	cal_day day = CAL_NONE;
	int64_t at_ms = INT64_MIN;
	uint64_t after = 0, ticks = 0;
	char path[512];
	bool ok = true;
	size_t n;

	snprintf(path, sizeof path, "%s/intake", c->f->run_dir);
	if (archive_open(&archive, path, &journal, why) != ERR_NONE)
		return false;
	arena_init(&a);
	while (ok && (n = journal.read(journal.ctx, &a, after, entries, 64)) > 0) {
		for (size_t i = 0; i < n && ok; i++) {
			struct record r;
			ok = record_read(&a, entries[i].record, &r, why);
			const bool tick =
			    ok && r.intake != NULL && r.intake->body_case == DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK;
			const cal_day next = tick ? cal_parse(r.intake->tick->date) : day;
			if (ok && (r.at_ms < at_ms || (tick && day != CAL_NONE && next != day + 1))) {
				why_set(why, "intake's record %llu goes back in time, or leaves out a day",
					(unsigned long long)entries[i].seq);
				ok = false;
			}
			at_ms = r.at_ms;
			day = next;
			ticks += tick;
		}
		after += n;
		arena_reset(&a);
	}
	arena_fini(&a);
	archive_close(&archive);
	printf("%llu days, %u lives of which the steady clock was another\n", (unsigned long long)ticks,
	       c->steady_jumps);
	return ok;
}

static bool
find_library(struct clocks *c)
{
	glob_t found;
	const bool there = glob(CLOCKS, 0, NULL, &found) == 0 && found.gl_pathc > 0;

	if (there)
		snprintf(c->library, sizeof c->library, "%s", found.gl_pathv[0]);
	globfree(&found);
	if (!there)
		c->f->skipped = "libfaketime is not there (tools/packages test installs it)";
	return there;
}

/* The first start has a clock that cannot be right. */
static bool
begin(struct clocks *c, struct why *why)
{
	struct faults *f = c->f;

	snprintf(c->file, sizeof c->file, "%s/clock", f->dir);
	f->front.system_clock = true;
	f->front.clock_ms = ((int64_t)time(NULL) + c->base_s) * 1000;
	set_clock(c, NEVER);
	if (!start_intake(c, why))
		return false;
	const int64_t until = front_steady_ms() + SAID_MS;
	while (!faults_log_says(f, INTAKE, 0, "clock_wrong") && front_steady_ms() < until)
		poll(NULL, 0, 20);
	if (!faults_log_says(f, INTAKE, 0, "clock_wrong")) {
		why_set(why, "intake begins in 1970 and does not mind");
		return false;
	}
	for (unsigned i = 1; i < SERVICE_COUNT; i++)
		if (!faults_start(f, i, why))
			return false;
	set_clock(c, 0);
	return faults_connect(f, why);
}

static bool
run_from(struct faults *f, int64_t base_s, struct why *why)
{
	struct clocks c = {.f = f, .base_s = base_s};

	if (!find_library(&c) || !begin(&c, why))
		return false;
	for (unsigned i = 0; i < f->rounds; i++)
		if (!take_step(&c, &steps[i % (sizeof steps / sizeof steps[0])], why))
			return false;
	/* Behind what was reached, and right: the clock stands still until then. */
	set_clock(&c, 0);
	return faults_end(f, why) && check_time(&c, why);
}

static bool
run(struct faults *f, struct why *why)
{
	return run_from(f, 0, why);
}

/* Beyond 2038, where seconds need more than 31 bits. */
static bool
run_2039(struct faults *f, struct why *why)
{
	struct tm begins = {.tm_year = 2039 - 1900, .tm_mday = 14, .tm_hour = 10};

	return run_from(f, (int64_t)timegm(&begins) - (int64_t)time(NULL), why);
}

const struct campaign campaign_clocks = {"clocks", "intake's clock jumps, and says what cannot be", 12, run};
const struct campaign campaign_clocks_2039 = {"clocks-2039", "the same, from 2039 on", 12, run_2039};
