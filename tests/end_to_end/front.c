// SPDX-License-Identifier: EUPL-1.2
#include "tests/end_to_end/front.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/archive.h"
#include "tests/sim/adopt.h"

int64_t
front_steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
launch(struct front *t, struct front_flight *f)
{
	if (!load_next(&t->load, &t->arena, t->clock_ms, &f->item))
		return;
	const struct doorbraak_submission s = {
	    .data = f->item.submission.data, .len = f->item.submission.len, .tag = f};
	f->open = doorbraak_send(t->door, &s) == DOORBRAAK_OK;
	ASSERT(f->open);
}

static void
land(struct front *t, const struct doorbraak_receipt *receipt)
{
	struct front_flight *f = receipt->tag;

	f->open = false;
	if (receipt->result != DOORBRAAK_OK || t->ack_count == FRONT_ACKS_MAX) {
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

void
front_work(struct front *t, int64_t ms, bool more)
{
	const int64_t until = front_steady_ms() + ms;
	struct doorbraak_receipt receipt;

	while (front_steady_ms() < until) {
		arena_reset(&t->arena);
		for (unsigned i = 0; more && i < t->width; i++)
			if (!t->flights[i].open)
				launch(t, &t->flights[i]);
		if (doorbraak_open_count(t->door) == 0)
			return;
		for (int wait = 2; front_steady_ms() < until && doorbraak_take(t->door, wait, &receipt) == DOORBRAAK_OK;
		     wait = 0)
			land(t, &receipt);
	}
}

bool
front_tell_time(struct front *t, int timeout_ms)
{
	pb_Request request;
	pb_ClockRequest clock;
	Google__Protobuf__Timestamp now;
	struct doorbraak_bytes reply;

	record_timestamp(&now, t->clock_ms);
	pb_Request_init(&request);
	pb_ClockRequest_init(&clock);
	clock.now = &now;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_CLOCK;
	request.clock = &clock;
	const struct bytes packed = RECORD_PACK(&t->arena, &request);
	return doorbraak_ask(t->door, packed.data, packed.len, timeout_ms, &reply, NULL) == DOORBRAAK_OK;
}

void
front_pass_time(struct front *t)
{
	t->clock_ms += (int64_t)load_below(&t->random, 30) * 3600000;
	(void)front_tell_time(t, 0);
}

static void
adopt(struct front *t, struct system *system)
{
	struct why why;

	for (unsigned i = 0; i < adopt_count(); i++) {
		arena_reset(&t->arena);
		const struct bytes packed = adopt_submission(&t->arena, i, t->clock_ms);
		const pb_Submission *s =
		    record_unpack(&t->arena, &pb_Submission_descriptor, packed, RECORD_ADOPTION_MAX, &why);
		ASSERT(s != NULL);
		const pb_Reply *reply =
		    system_submit(system, s, t->system_clock ? 0 : t->clock_ms, 10000, &t->arena, &why);
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

bool
front_judge(struct front *t, const char *dir, struct why *why)
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

void
front_init(struct front *t, uint64_t seed)
{
	*t = (struct front){
	    .random = {seed}, .width = FRONT_FLIGHTS, .clock_ms = cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0)};
	t->cases = calloc(FRONT_CASES, sizeof *t->cases);
	t->acks = calloc(FRONT_ACKS_MAX, sizeof *t->acks);
	if (t->cases == NULL || t->acks == NULL)
		fatal("out of memory");
	arena_init(&t->arena);
	load_init(&t->load, seed, "k", t->cases, FRONT_CASES);
	t->load.recycle = true;
}

void
front_fini(struct front *t)
{
	arena_fini(&t->arena);
	free(t->cases);
	free(t->acks);
}

bool
front_open(struct front *t, const struct fleet *fleet, struct system *system, struct why *why)
{
	char door[FLEET_PATH_MAX];

	fleet_door(fleet, 0, door);
	t->door = system_knock(&t->keys, 0, t->address == NULL ? door : t->address, NULL, why);
	if (t->door == NULL)
		return false;
	adopt(t, system);
	return true;
}

void
front_close(struct front *t)
{
	doorbraak_close(&t->door);
}

bool
front_settle(struct front *t, struct system *system, struct why *why)
{
	front_work(t, FRONT_CATCH_UP_MS, false);
	arena_reset(&t->arena);
	return system_settle(system, head_of_intake(system, &t->arena), FRONT_CATCH_UP_MS, why) == ERR_NONE;
}
