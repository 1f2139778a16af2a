// SPDX-License-Identifier: EUPL-1.2
/* kill_test.c - kill -9 of a random service under load, many times, with real processes, sockets and disk.
 *
 *   kill_test --bin DIR [--rounds N] [--seed S] [--dir DIR]
 *
 * Front ends keep submissions on their way and send again what gets no answer. Each round kills one service at a random moment
 * and starts it again. In the end everybody must catch up, all stop cleanly, and the oracle judges the five journals. Ends with
 * `N passed, N failed`, where N counts rounds. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "client/doorbraak.h"
#include "common/archive.h"
#include "services/cli/fleet.h"
#include "services/cli/system.h"
#include "tests/load/load.h"
#include "tests/sim/adopt.h"
#include "tests/sim/oracle.h"

#define FLIGHTS     64u /* submissions on their way */
#define CASES       400u
#define ACKS_MAX    (1u << 20)
#define CATCH_UP_MS 60000

struct flight {
	struct load_item item;
	bool open;
};

struct kill_test {
	struct fleet fleet;
	struct doorbraak *door;
	struct load load;
	struct load_case *cases;
	struct flight flights[FLIGHTS];
	struct oracle_ack *acks;
	size_t ack_count;
	uint64_t rejected, duplicates;
	int64_t clock_ms; /* of the driven clock */
	struct arena arena;
	struct load_random random;
};

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
launch(struct kill_test *t, struct flight *f)
{
	if (!load_next(&t->load, &t->arena, t->clock_ms, &f->item))
		return;
	const struct doorbraak_submission s = {
	    .data = f->item.submission.data, .len = f->item.submission.len, .tag = f};
	f->open = doorbraak_send(t->door, &s) == DOORBRAAK_OK;
	ASSERT(f->open);
}

static void
land(struct kill_test *t, const struct doorbraak_receipt *receipt)
{
	struct flight *f = receipt->tag;

	f->open = false;
	if (receipt->result != DOORBRAAK_OK || t->ack_count == ACKS_MAX) {
		t->rejected++;
		return;
	}
	struct oracle_ack *a = &t->acks[t->ack_count++];
	a->seq = receipt->seq;
	snprintf(a->source, sizeof a->source, "%s", f->item.source);
	snprintf(a->id, sizeof a->id, "%s", f->item.id);
	snprintf(a->case_id, sizeof a->case_id, "%s", receipt->case_id);
	t->duplicates += receipt->duplicate;
	load_accepted(&t->load, &f->item, receipt->case_id);
}

/* Front ends at work for so long. With `more`, new submissions begin; without, only those on their way are finished. */
static void
work(struct kill_test *t, int64_t ms, bool more)
{
	const int64_t until = steady_ms() + ms;
	struct doorbraak_receipt receipt;

	while (steady_ms() < until) {
		arena_reset(&t->arena);
		for (unsigned i = 0; more && i < FLIGHTS; i++)
			if (!t->flights[i].open)
				launch(t, &t->flights[i]);
		if (doorbraak_open_count(t->door) == 0)
			return;
		for (int wait = 2; steady_ms() < until && doorbraak_take(t->door, wait, &receipt) == DOORBRAAK_OK;
		     wait = 0)
			land(t, &receipt);
	}
}

/* Time goes on by a day or some hours, so that deadlines are missed. Nobody waits for the answer. */
static void
pass_time(struct kill_test *t)
{
	pb_Request request;
	pb_ClockRequest clock;
	Google__Protobuf__Timestamp now;
	struct doorbraak_bytes reply;

	t->clock_ms += (int64_t)load_below(&t->random, 30) * 3600000;
	record_timestamp(&now, t->clock_ms);
	pb_Request_init(&request);
	pb_ClockRequest_init(&clock);
	clock.now = &now;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_CLOCK;
	request.clock = &clock;
	const struct bytes packed = RECORD_PACK(&t->arena, &request);
	(void)!doorbraak_ask(t->door, packed.data, packed.len, 0, &reply, NULL);
}

static void
adopt(struct kill_test *t, struct system *system)
{
	struct why why;

	for (unsigned i = 0; i < adopt_count(); i++) {
		arena_reset(&t->arena);
		const struct bytes packed = adopt_submission(&t->arena, i, t->clock_ms);
		const pb_Submission *s =
		    record_unpack(&t->arena, &pb_Submission_descriptor, packed, RECORD_ADOPTION_MAX, &why);
		ASSERT(s != NULL);
		const pb_Reply *reply = system_submit(system, s, t->clock_ms, 10000, &t->arena, &why);
		if (reply == NULL || reply->body_case != DOORBRAAK__V1__REPLY__BODY_ACCEPTED)
			fatal("adopting %u: %s", i,
			      reply == NULL ? why.text : record_json(&t->arena, &reply->base, true));
	}
}

static uint64_t
head_of_intake(struct system *system, struct arena *a)
{
	pb_Request request;
	pb_StatusRequest status;
	struct why why;

	pb_Request_init(&request);
	pb_StatusRequest_init(&status);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_STATUS;
	request.status = &status;
	const pb_Reply *reply = system_ask(system, 0, &request, 10000, a, &why);
	if (reply == NULL || reply->body_case != DOORBRAAK__V1__REPLY__BODY_STATUS)
		fatal("intake gives no status");
	return reply->status->head->seq;
}

static bool
judge(struct kill_test *t, const char *dir, struct why *why)
{
	struct archive *archives[SERVICE_COUNT] = {NULL};
	struct row_source journals[SERVICE_COUNT];
	struct oracle_counts counts = {0};
	char path[600], scratch[512];
	bool ok = true;

	for (unsigned i = 0; i < SERVICE_COUNT && ok; i++) {
		snprintf(path, sizeof path, "%s/run/%s", dir, service_of_row(i)->name);
		ok = archive_open(&archives[i], path, &journals[i], why) == ERR_NONE;
	}
	snprintf(scratch, sizeof scratch, "%s/replay-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : dir);
	if (mkdtemp(scratch) == NULL)
		fatal("%s: %s", scratch, strerror(errno));
	ok = ok && oracle_check(journals, t->acks, t->ack_count, scratch, 64, &counts, why);
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		archive_close(&archives[i]);
	snprintf(path, sizeof path, "rm -rf '%s'", scratch);
	if (system(path) != 0)
		fprintf(stderr, "%s is left behind\n", scratch);
	printf("%llu accepted, %zu acknowledged, %llu rejected, %llu accepted before; %llu answers of routing, %llu "
	       "missed "
	       "deadlines, "
	       "%llu case states\n",
	       (unsigned long long)counts.accepted, t->ack_count, (unsigned long long)t->rejected,
	       (unsigned long long)t->duplicates, (unsigned long long)counts.answers, (unsigned long long)counts.missed,
	       (unsigned long long)counts.cases);
	return ok;
}

static bool
campaign(struct kill_test *t, unsigned rounds, const char *dir, struct why *why)
{
	struct system *system;
	char door[FLEET_PATH_MAX];

	if (fleet_start_all(&t->fleet, 20000, why) != ERR_NONE ||
	    system_open(&system, t->fleet.run_dir, why) != ERR_NONE)
		return false;
	fleet_door(&t->fleet, 0, door);
	struct doorbraak_why reason;
	if (doorbraak_open(&t->door, door, NULL, &reason) != DOORBRAAK_OK)
		fatal("%s", reason.text);
	adopt(t, system);
	for (unsigned round = 0; round < rounds; round++) {
		work(t, 10 + (int64_t)load_below(&t->random, 150), true);
		if (load_chance(&t->random, 40))
			pass_time(t);
		const unsigned victim = (unsigned)load_below(&t->random, SERVICE_COUNT);
		fleet_kill(&t->fleet, victim, SIGKILL);
		work(t, (int64_t)load_below(&t->random, 40), true);
		if (fleet_start(&t->fleet, victim, why) != ERR_NONE ||
		    fleet_wait(&t->fleet, victim, 20000, why) != ERR_NONE)
			return false;
	}
	work(t, CATCH_UP_MS, false);
	arena_reset(&t->arena);
	const uint64_t head = head_of_intake(system, &t->arena);
	const enum err settled = system_settle(system, head, CATCH_UP_MS, why);
	system_close(&system);
	doorbraak_close(&t->door);
	if (!fleet_stop_all(&t->fleet)) {
		why_set(why, "a service did not end with status 0 when it was asked to stop");
		return false;
	}
	return settled == ERR_NONE && judge(t, dir, why);
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
	t->random.state = seed;
	t->cases = calloc(CASES, sizeof *t->cases);
	t->acks = calloc(ACKS_MAX, sizeof *t->acks);
	t->clock_ms = cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0);
	if (t->cases == NULL || t->acks == NULL)
		fatal("out of memory");
	arena_init(&t->arena);
	load_init(&t->load, seed, "k", t->cases, CASES);
	t->load.recycle = true;
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
	arena_fini(&t->arena);
	free(t->cases);
	free(t->acks);
	free(t);
	printf("%u passed, %u failed\n", ok ? rounds : 0, ok ? 0 : rounds);
	return ok ? 0 : 1;
}
