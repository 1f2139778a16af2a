// SPDX-License-Identifier: EUPL-1.2
/* years.c - ten years of invented cases, and the invariants after every record.
 *
 *   years [--seed N | --runs N [--first SEED]] [--cases N] [--years N] [--hostile] [--verbose] [--tell DIR]
 *
 * Legal histories (world.h): what people would say who know their business; less than 5 % may be rejected, and over ten
 * seeds or more every message is said and every state on every track is reached. Hostile ones (hostile.h): anything by
 * anybody, under policies of chance. The same seed gives the same run; a failed one prints the command that repeats it.
 * With --tell the last one is written down (telling.h). */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/hostile.h"
#include "tests/sim/telling.h"
#include "tests/sim/world.h"

#define REJECTED_PERCENT_MAX 5
#define SEEDS_FOR_COVERAGE   10

struct years {
	uint64_t first, runs;
	unsigned cases, years, steps;
	bool hostile, verbose, say;
	const char *tell; /* folder; NULL: nowhere */
	/* over all seeds */
	struct judge_counts sum;
	uint64_t submitted, refused;
};

static void
add(uint64_t *sum, const uint64_t *one, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sum[i] += one[i];
}

#define ADD(field) add((uint64_t *)sum->field, (const uint64_t *)one->field, sizeof sum->field / sizeof(uint64_t))

static void
add_counts(struct judge_counts *sum, const struct judge_counts *one)
{
	sum->accepted += one->accepted;
	sum->answers += one->answers;
	sum->told += one->told;
	sum->missed += one->missed;
	sum->rejected += one->rejected;
	ADD(said);
	ADD(reasons);
	ADD(visited);
	ADD(misses);
	ADD(signals);
}

/* ---- legal ---- */

static bool
play_legally(const struct years *y, struct realm *r, struct world *w, uint64_t seed)
{
	const cal_day from = cal_local_day(r->now_ms), until = from + (cal_day)(y->years * 365u);
	const unsigned changes = 2 * y->years;
	unsigned opened = 0, changed = 0;

	for (cal_day day = from + 1; day < until; day = world_next_day(w, until)) {
		/* Cases come in over all but the last year. */
		const unsigned due = (unsigned)((uint64_t)(day - from) * y->cases / (unsigned)(until - from - 300) + 1);
		unsigned opens = opened < y->cases && due > opened ? due - opened : 0;
		if (opens > 4)
			opens = 4;
		if (!world_day(w, day, opens))
			return false;
		opened += opens;
		if ((unsigned)(day - from) * changes > changed * (unsigned)(until - from)) {
			changed++;
			if (!world_change(w))
				return false;
		}
		if (seed % 4 == 0 && changed == changes / 2 && load_chance(&w->random, 1) && !realm_replays(r, 5))
			return false;
	}
	return world_day(w, until, 0);
}

static bool
share_is_small(struct years *y, struct realm *r, const struct world *w)
{
	const struct judge_counts *c = judge_counted(r->judge);
	const uint64_t rejected = c->rejected + w->refused;

	y->submitted += w->submitted;
	y->refused += w->refused;
	if (rejected * 100 <= w->submitted * REJECTED_PERCENT_MAX)
		return true;
	why_set(&r->why, "%llu of %llu legal messages were rejected", (unsigned long long)rejected,
		(unsigned long long)w->submitted);
	return false;
}

/* ---- a run ---- */

static bool
run(struct years *y, uint64_t seed, struct why *why)
{
	static const uint32_t batches[] = {1, 7, 256};
	static struct world world;
	struct realm realm;
	bool ok;

	realm_open(&realm, seed, cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0), !y->hostile);
	realm.say = y->say;
	if (y->hostile) {
		ok = hostile_play(&realm, seed, y->steps);
	} else {
		world_begin(&world, &realm, seed);
		ok = play_legally(y, &realm, &world, seed) && share_is_small(y, &realm, &world);
	}
	ok = ok && (y->tell == NULL || telling_write(&realm, y->tell, cal_from_date(2021, 3, 1)));
	ok = ok && realm_settle(&realm) && realm_counts(&realm) && realm_replays(&realm, batches[seed % 3]);
	const struct judge_counts *c = judge_counted(realm.judge);
	if (y->verbose)
		printf("seed %llu: %u cases, %llu accepted, %llu answers of routing, %llu rejected, %llu missed\n",
		       (unsigned long long)seed, judge_case_count(realm.judge), (unsigned long long)c->accepted,
		       (unsigned long long)c->answers, (unsigned long long)c->rejected, (unsigned long long)c->missed);
	add_counts(&y->sum, c);
	*why = realm.why;
	realm_close(&realm);
	return ok;
}

/* ---- what was reached ---- */

static unsigned
messages_not_said(const struct years *y, bool tell)
{
	const ProtobufCMessageDescriptor *d = &pb_Submission_descriptor;
	unsigned missing = 0;

	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		if (f->type != PROTOBUF_C_TYPE_MESSAGE || f->id < DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED)
			continue;
		missing += y->sum.said[f->id] == 0;
		if (tell || y->sum.said[f->id] == 0)
			printf("  %-30s %8llu\n", f->name, (unsigned long long)y->sum.said[f->id]);
	}
	return missing;
}

static unsigned
states_not_reached(const struct years *y, bool tell)
{
	unsigned missing = 0;

	if (tell)
		printf("  %-14s %10s %14s %12s\n", "state", "VOLUNTARY", "COURT_MEASURE", "CLOSED_CARE");
	for (int state = CASE_STATE_SCREENING; state <= CASE_STATE_CLOSED; state++) {
		const uint64_t *n = y->sum.visited[state];
		/* A measure or closed care ends what is returned or advised: INCOMPLETE has no other way in. */
		const bool others = state != CASE_STATE_INCOMPLETE;
		missing += n[TRACK_VOLUNTARY] == 0;
		missing += others && n[TRACK_COURT_MEASURE] == 0;
		missing += others && n[TRACK_CLOSED_CARE] == 0;
		if (tell)
			printf("  %-14s %10llu %14llu %12llu\n", record_code_of("CaseState", state),
			       (unsigned long long)n[1], (unsigned long long)n[2], (unsigned long long)n[3]);
	}
	return missing;
}

static void
tell_table(const char *title, const char *enum_name, const uint64_t *list, int count)
{
	printf("%s\n", title);
	for (int i = 1; i < count; i++)
		if (list[i] > 0)
			printf("  %-50s %8llu\n", record_code_of(enum_name, i), (unsigned long long)list[i]);
}

static bool
covers(const struct years *y)
{
	if (y->verbose) {
		tell_table("rejected", "Reason", y->sum.reasons, REASON_UNKNOWN_ACTION + 1);
		tell_table("missed", "DeadlineKind", y->sum.misses, DEADLINE_KIND_EVALUATION + 1);
		tell_table("raised", "SignalCode", y->sum.signals,
			   (int)(sizeof y->sum.signals / sizeof y->sum.signals[0]));
		printf("messages and states\n");
	}
	const unsigned missing = messages_not_said(y, y->verbose) + states_not_reached(y, y->verbose);
	if (missing > 0)
		printf("%u messages or states were not reached\n", missing);
	return missing == 0;
}

static uint64_t
number(const char *text)
{
	char *end;
	const unsigned long long n = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0') {
		fprintf(stderr, "years: `%s` is not a number\n", text);
		exit(2);
	}
	return n;
}

static void
options(struct years *y, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";
		if (strcmp(argv[i], "--verbose") == 0)
			y->verbose = true;
		else if (strcmp(argv[i], "--say") == 0)
			y->say = true;
		else if (strcmp(argv[i], "--tell") == 0)
			y->tell = value, i++;
		else if (strcmp(argv[i], "--hostile") == 0)
			y->hostile = true;
		else if (strcmp(argv[i], "--seed") == 0 || strcmp(argv[i], "--first") == 0)
			y->first = number(value), i++;
		else if (strcmp(argv[i], "--runs") == 0)
			y->runs = number(value), i++;
		else if (strcmp(argv[i], "--cases") == 0)
			y->cases = (unsigned)number(value), i++;
		else if (strcmp(argv[i], "--years") == 0)
			y->years = (unsigned)number(value), i++;
		else if (strcmp(argv[i], "--steps") == 0)
			y->steps = (unsigned)number(value), i++;
		else {
			fprintf(stderr, "usage: years [--seed N | --runs N [--first SEED]] [--cases N] [--years N]\n"
					"             [--hostile [--steps N]] [--verbose] [--say] [--tell DIR]\n");
			exit(2);
		}
	}
}

int
main(int argc, char **argv)
{
	static struct years y = {.first = 1, .runs = 1, .cases = 60, .years = 10, .steps = 1500};
	uint64_t failed = 0;

	options(&y, argc, argv);
	for (uint64_t seed = y.first; seed < y.first + y.runs; seed++) {
		struct why why = {{0}};
		if (run(&y, seed, &why))
			continue;
		failed++;
		printf("seed %llu: %s\n  again: years %s--seed %llu --cases %u --years %u --steps %u --say\n",
		       (unsigned long long)seed, why.text, y.hostile ? "--hostile " : "", (unsigned long long)seed,
		       y.cases, y.years, y.steps);
		fflush(stdout);
	}
	const bool enough = y.hostile || (y.runs < SEEDS_FOR_COVERAGE && !y.verbose) || covers(&y);
	if (!y.hostile)
		printf("%llu messages, %llu rejected\n", (unsigned long long)y.submitted,
		       (unsigned long long)(y.sum.rejected + y.refused));
	printf("%llu passed, %llu failed\n", (unsigned long long)(y.runs - failed),
	       (unsigned long long)(failed + !enough));
	return failed == 0 && enough ? 0 : 1;
}
