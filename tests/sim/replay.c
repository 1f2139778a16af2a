// SPDX-License-Identifier: EUPL-1.2
/* replay.c - one intake journal, computed anew: prints the heads of the five journals.
 *
 *   replay [--seed N] [--steps N] [--batch N]
 *
 * First a whole row in this process, its intake on a driven clock and with chance from the seed, takes a load of `steps`
 * submissions over about two years. Then its intake journal is replayed through the four other services in batches of
 * `batch` records. The heads must be the same, and are printed: tests/end_to_end/replay_identity compares what this program
 * prints when it is built and run in other ways. Status 1 when the replay differs from the row. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/row.h"
#include "tests/load/load.h"
#include "tests/sim/adopt.h"

#define CASES 150u

struct replay {
	uint64_t seed;
	unsigned steps;
	uint32_t batch;
	char dir[256];
	int64_t now_ms;
	uint64_t request_id, accepted, rejected;
	struct load load;
	struct load_case cases[CASES];
	struct load_random random;
	struct row *row;
	struct arena arena;
};

static const pb_Reply *
submit(struct replay *p, struct bytes submission)
{
	pb_Request request;
	pb_SubmitRequest s;
	Google__Protobuf__Timestamp now;

	record_timestamp(&now, p->now_ms);
	pb_Request_init(&request);
	pb_SubmitRequest_init(&s);
	s.submission = (ProtobufCBinaryData){submission.len, (uint8_t *)(uintptr_t)submission.data};
	s.now = &now;
	request.request_id = ++p->request_id;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &s;
	const pb_Reply *reply = row_ask(p->row, 0, &request, &p->arena);
	if (reply == NULL)
		fatal("replay: %s", row_why(p->row));
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED)
		fatal("replay: intake refuses: %s", reply->refused->text);
	return reply;
}

static void
adopt(struct replay *p)
{
	for (unsigned i = 0; i < adopt_count(); i++) {
		arena_reset(&p->arena);
		const pb_Reply *reply = submit(p, adopt_submission(&p->arena, i, p->now_ms));
		if (reply->body_case != DOORBRAAK__V1__REPLY__BODY_ACCEPTED)
			fatal("replay: adoption %u: %s", i, reply->rejected->violations[0]->text);
	}
}

/* Mostly minutes pass between two submissions; now and then days, so that deadlines come. */
static void
pass(struct replay *p)
{
	p->now_ms += (int64_t)load_below(&p->random, 600000);
	if (load_chance(&p->random, 8))
		p->now_ms += (int64_t)load_below(&p->random, 4 * 86400000u);
}

static void
play(struct replay *p)
{
	struct load_item item;

	for (unsigned i = 0; i < p->steps; i++) {
		arena_reset(&p->arena);
		pass(p);
		if (!load_next(&p->load, &p->arena, p->now_ms, &item))
			fatal("replay: no case can go on");
		const pb_Reply *reply = submit(p, item.submission);
		if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED) {
			p->accepted++;
			load_accepted(&p->load, &item, reply->accepted->case_id);
		} else {
			p->rejected++;
			load_accepted(&p->load, &item, "");
		}
	}
	if (row_settle(p->row) != ERR_NONE)
		fatal("replay: %s", row_why(p->row));
}

static size_t
read_intake(void *ctx, struct arena *a, uint64_t after, struct journal_entry *entries, size_t max)
{
	const struct replay *p = ctx;

	return row_read(p->row, 0, a, after, entries, max);
}

static bool
compare(struct replay *p, struct row *anew)
{
	bool same = true;

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		struct node_status was, is;
		char hex[2 * DIGEST_SIZE + 1];

		node_status(row_node(p->row, i), &was);
		is = was;
		if (i > 0)
			node_status(row_node(anew, i), &is);
		bytes_hex(bytes_of(is.head.digest.b, DIGEST_SIZE), hex);
		printf("%s %llu %s\n", service_of_row(i)->name, (unsigned long long)is.head.seq, hex);
		if (is.head.seq == was.head.seq && digest_equal(is.head.digest, was.head.digest))
			continue;
		fprintf(stderr, "replay: %s differs from the row it came from (%llu records there)\n",
			service_of_row(i)->name, (unsigned long long)was.head.seq);
		same = false;
	}
	return same;
}

static bool
replay(struct replay *p)
{
	struct node_status intake;
	char dir[300];
	struct row *anew;
	struct why why;

	snprintf(dir, sizeof dir, "%s/anew-XXXXXX", p->dir);
	if (mkdtemp(dir) == NULL)
		fatal("%s: %s", dir, strerror(errno));
	node_status(row_node(p->row, 0), &intake);
	const struct row_source source = {p, intake.history, intake.head.seq, read_intake, 0};
	const struct row_options options = {.dir = dir, .fast = true, .turn_records_max = p->batch, .source = &source};
	if (row_open(&anew, &options, &why) != ERR_NONE)
		fatal("replay: %s", why.text);
	if (row_settle(anew) != ERR_NONE)
		fatal("replay: %s", row_why(anew));
	const bool same = compare(p, anew);
	row_close(&anew);
	return same;
}

static uint64_t
number(int argc, char **argv, const char *name, uint64_t otherwise)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		char *end;
		if (strcmp(argv[i], name) != 0)
			continue;
		const unsigned long long n = strtoull(argv[i + 1], &end, 10);
		if (*end == '\0' && n > 0 && n <= UINT32_MAX)
			return n;
		fprintf(stderr, "replay: %s takes a number from 1\n", name);
		exit(2);
	}
	return otherwise;
}

static void
open_row(struct replay *p)
{
	struct why why;

	snprintf(p->dir, sizeof p->dir, "%s/doorbraak-replay-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(p->dir) == NULL)
		fatal("%s: %s", p->dir, strerror(errno));
	const struct row_options options = {.dir = p->dir, .fast = true, .seed = p->seed};
	if (row_open(&p->row, &options, &why) != ERR_NONE)
		fatal("replay: %s", why.text);
}

int
main(int argc, char **argv)
{
	struct replay *p = calloc(1, sizeof *p);
	char command[300];

	if (p == NULL)
		fatal("out of memory");
	p->seed = number(argc, argv, "--seed", 1);
	p->steps = (unsigned)number(argc, argv, "--steps", 2500);
	p->batch = (uint32_t)number(argc, argv, "--batch", 256);
	p->now_ms = cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0);
	p->random.state = p->seed + 1000000;
	arena_init(&p->arena);
	load_init(&p->load, p->seed, "r", p->cases, CASES);
	p->load.recycle = true;
	open_row(p);
	adopt(p);
	play(p);
	const bool same = replay(p);
	fprintf(stderr, "replay: %llu accepted, %llu rejected\n", (unsigned long long)p->accepted,
		(unsigned long long)p->rejected);
	row_close(&p->row);
	snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
	if (system(command) != 0)
		fprintf(stderr, "replay: %s is left behind\n", p->dir);
	arena_fini(&p->arena);
	free(p);
	return same ? 0 : 1;
}
