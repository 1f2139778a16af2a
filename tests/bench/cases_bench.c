// SPDX-License-Identifier: EUPL-1.2
/* cases_bench.c - what a record costs monitoring and signalling when there are more cases.
 *
 *   cases_bench [--few N] [--many N] [--open N] [--messages N] [--batch RECORDS] [--service NAME] [--dir DIR]
 *
 * Each service in a process of its own, without sockets, on a real store with sync: first so many cases are opened, in the order
 * of their ids, or a million would take too long; then a fixed number of messages, over a month, is applied to cases drawn
 * at random, a message as routing answers it: a decision, a deadline done, a deadline set. What is measured is processor
 * time inside the turns of these messages, what they write, and private memory (anonymous pages) at the end, which keeps
 * the pages of the largest turn. The ratio of the two sizes, in the same run, is what to look at: every message goes to
 * another case, so with many cases no two of a turn share a page, which is the worst there is. What is written does not
 * depend on what else the machine does.
 *
 * All cases stay open, which is the worst there is, too: a country with a million cases on file has some tens of thousands
 * open. With --open so many at most stay open, spread evenly over the others, and the messages are about those. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/node.h"
#include "tests/load/load.h"
#include "tests/sim/adopt.h"

#define BATCH_MAX 2048u /* records of an answer */

struct bench {
	struct node *node;
	struct arena arena;
	uint64_t request, seq; /* of intake */
	int64_t now_ms;
	struct journal_head head; /* of the journal upstream */
	pb_JournalEntry entries[BATCH_MAX];
	pb_JournalEntry *list[BATCH_MAX];
	struct digest digests[BATCH_MAX];
	unsigned count, batch;
	uint64_t records;
	double spent; /* processor seconds in turns */
};

struct figures {
	double us, written_kib, kib, disk_mib;
};

static void
on_ask(void *ctx, struct bytes message)
{
	struct bench *b = ctx;
	struct why why;
	const pb_Request *r = record_unpack(&b->arena, &pb_Request_descriptor, message, RECORD_REQUEST_MAX, &why);

	if (r == NULL)
		fatal("%s", why.text);
	b->request = r->request_id;
}

static void
on_reply(void *ctx, const struct peer *to, struct bytes message)
{
	(void)ctx, (void)to, (void)message;
}

static void
on_random(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	memset(out, 1, len);
}

static double
processor(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
turn(struct bench *b)
{
	const double began = processor();

	if (node_turn(b->node, (struct node_now){.wall_ms = b->now_ms, .steady_ms = b->now_ms}) != ERR_NONE)
		fatal("%s", node_why(b->node));
	b->spent += processor() - began;
}

/* ---- the journal upstream ---- */

static void
flush(struct bench *b)
{
	static const uint8_t history[HISTORY_SIZE] = {7};
	pb_Cursor upto;
	pb_PullReply pull;
	pb_Reply reply;

	if (b->count == 0)
		return;
	pb_Cursor_init(&upto);
	upto.history = (ProtobufCBinaryData){HISTORY_SIZE, (uint8_t *)(uintptr_t)history};
	upto.seq = b->head.seq;
	upto.digest = (ProtobufCBinaryData){DIGEST_SIZE, b->head.digest.b};
	pb_PullReply_init(&pull);
	pull.entries = b->list;
	pull.n_entries = b->count;
	pull.upto = &upto;
	pull.head = b->head.seq;
	pull.applied = b->seq;
	pb_Reply_init(&reply);
	reply.request_id = b->request;
	reply.body_case = DOORBRAAK__V1__REPLY__BODY_PULL;
	reply.pull = &pull;
	node_hear(b->node, RECORD_PACK(&b->arena, &reply));
	arena_reset(&b->arena);
	turn(b);
	b->records += b->count;
	b->count = 0;
}

static void
feed(struct bench *b, const pb_JournalRecord *record)
{
	pb_JournalEntry *e = &b->entries[b->count];
	const struct bytes raw = RECORD_PACK(&b->arena, record);

	b->head = (struct journal_head){b->head.seq + 1, digest_chain(b->head.digest, b->head.seq + 1, raw)};
	b->digests[b->count] = b->head.digest;
	pb_JournalEntry_init(e);
	e->seq = b->head.seq;
	e->digest = (ProtobufCBinaryData){DIGEST_SIZE, b->digests[b->count].b};
	e->record = (ProtobufCBinaryData){raw.len, (uint8_t *)(uintptr_t)raw.data};
	b->list[b->count] = e;
	if (++b->count == b->batch)
		flush(b);
}

static void
submitted(struct bench *b, pb_Submission *s, bool opens)
{
	pb_JournalRecord record;
	pb_IntakeRecord intake;
	pb_AcceptedSubmission accepted;
	Google__Protobuf__Timestamp at;

	record_timestamp(&at, b->now_ms);
	pb_AcceptedSubmission_init(&accepted);
	accepted.submission = s;
	accepted.opens = opens;
	pb_IntakeRecord_init(&intake);
	intake.seq = ++b->seq;
	intake.logged_at = &at;
	intake.body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_ACCEPTED;
	intake.accepted = &accepted;
	pb_JournalRecord_init(&record);
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE;
	record.intake = &intake;
	feed(b, &record);
}

static void
answered(struct bench *b, const char *case_id, uint32_t index, int body_case, void *body)
{
	pb_JournalRecord record;
	pb_Answer answer;
	Google__Protobuf__Timestamp at;

	record_timestamp(&at, b->now_ms);
	pb_Answer_init(&answer);
	answer.case_id = (char *)(uintptr_t)case_id;
	answer.cause = b->seq;
	answer.index = index;
	answer.decided_at = &at;
	answer.effect_date = record_date(&b->arena, cal_local_day(b->now_ms));
	answer.service = (Doorbraak__V1__Service)SERVICE_ROUTING;
	answer.body_case = (Doorbraak__V1__Answer__BodyCase)body_case;
	answer.route_decided = body; /* the bodies share their place */
	pb_JournalRecord_init(&record);
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER;
	record.answer = &answer;
	feed(b, &record);
}

/* ---- cases ---- */

static void
said(struct bench *b, const char *case_id, int body_case, void *body)
{
	pb_Submission s;
	pb_Actor actor;
	Google__Protobuf__Timestamp at;

	record_timestamp(&at, b->now_ms);
	pb_Actor_init(&actor);
	actor.role = (Doorbraak__V1__Role)ROLE_LOCAL_TEAM;
	actor.organisation = record_text(&b->arena, "LT-GM0988");
	pb_Submission_init(&s);
	s.source = record_text(&b->arena, "src-LT-GM0988");
	s.id = arena_printf(&b->arena, "m-%llu", (unsigned long long)b->seq);
	s.case_id = (char *)(uintptr_t)case_id;
	s.occurred_at = &at;
	s.actor = &actor;
	s.body_case = (Doorbraak__V1__Submission__BodyCase)body_case;
	s.case_submitted = body; /* the bodies share their place */
	submitted(b, &s, body_case == DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED);
}

static void
route(struct bench *b, const char *case_id, unsigned i, uint32_t index, int state)
{
	pb_RouteDecided r;

	pb_RouteDecided_init(&r);
	r.kind = (Doorbraak__V1__RouteKind)(index == 1 ? ROUTE_KIND_RECORDED : ROUTE_KIND_OPENED);
	r.track = (Doorbraak__V1__Track)TRACK_VOLUNTARY;
	r.to_state = (Doorbraak__V1__CaseState)state;
	r.level = (Doorbraak__V1__Level)LEVEL_LOCAL;
	r.funder = arena_printf(&b->arena, "GM%04u", i % 342);
	r.region = arena_printf(&b->arena, "JZ%02u", i % 42);
	r.team = arena_printf(&b->arena, "ET-JZ%02u", i % 42);
	r.expertise_centre = arena_printf(&b->arena, "EC-%u", i % 8);
	answered(b, case_id, index, DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED, &r);
}

static void
deadline(struct bench *b, const char *case_id, unsigned days, uint32_t index)
{
	pb_DeadlineSet d;

	pb_DeadlineSet_init(&d);
	d.kind = (Doorbraak__V1__DeadlineKind)DEADLINE_KIND_REVIEW;
	d.due = record_date(&b->arena, cal_local_day(b->now_ms) + (cal_day)days);
	d.rule = record_text(&b->arena, "R34");
	answered(b, case_id, index, DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET, &d);
}

static const char *
case_of(struct bench *b, unsigned i)
{
	return arena_printf(&b->arena, "c-0000-0000-0000-%08u", i);
}

static void
open_case(struct bench *b, unsigned i)
{
	const char *id = case_of(b, i);
	pb_CaseSubmitted submission;
	pb_CaseOpened opened;
	pb_OwnerAssigned owner;

	if (b->count + 5 > b->batch)
		flush(b), id = case_of(b, i);
	pb_CaseSubmitted_init(&submission);
	submission.municipality = arena_printf(&b->arena, "GM%04u", i % 342);
	said(b, id, DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED, &submission);
	pb_CaseOpened_init(&opened);
	opened.kind = (Doorbraak__V1__RouteKind)ROUTE_KIND_OPENED;
	answered(b, id, 1, DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED, &opened);
	route(b, id, i, 2, CASE_STATE_EXECUTING);
	pb_OwnerAssigned_init(&owner);
	owner.owner = arena_printf(&b->arena, "LT-GM%04u", i % 342);
	answered(b, id, 3, DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED, &owner);
	deadline(b, id, 14 + i % 60, 4);
}

static void
cleared(struct bench *b, const char *case_id, uint32_t index)
{
	pb_DeadlineCleared done;

	pb_DeadlineCleared_init(&done);
	done.kind = (Doorbraak__V1__DeadlineKind)DEADLINE_KIND_REVIEW;
	answered(b, case_id, index, DOORBRAAK__V1__ANSWER__BODY_DEADLINE_CLEARED, &done);
}

static void
close_case(struct bench *b, unsigned i)
{
	const char *id;
	pb_CaseClosed closed;

	if (b->count + 3 > b->batch)
		flush(b);
	id = case_of(b, i);
	pb_CaseClosed_init(&closed);
	said(b, id, DOORBRAAK__V1__SUBMISSION__BODY_CASE_CLOSED, &closed);
	route(b, id, i, 1, CASE_STATE_CLOSED);
	cleared(b, id, 2);
}

static void
message(struct bench *b, unsigned i, unsigned days)
{
	const char *id;
	pb_PlanReviewed review;

	if (b->count + 4 > b->batch)
		flush(b);
	id = case_of(b, i);
	pb_PlanReviewed_init(&review);
	said(b, id, DOORBRAAK__V1__SUBMISSION__BODY_PLAN_REVIEWED, &review);
	route(b, id, i, 1, CASE_STATE_EXECUTING);
	cleared(b, id, 2);
	deadline(b, id, days, 3);
}

/* ---- a measurement ---- */

/* A number that the kernel tells of this process. */
static double
told(const char *file, const char *name)
{
	char line[256];
	double number = 0;
	FILE *f = fopen(file, "re");

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			number = strtod(line + strlen(name), NULL);
	if (f != NULL)
		fclose(f);
	return number;
}

static double
written_kib(void)
{
	return told("/proc/self/io", "wchar:") / 1024;
}

static void
open_bench(struct bench *b, const struct service *service, const char *dir)
{
	struct why why;
	const struct node_options options = {
	    .service = service,
	    .store = {.dir = dir},
	    .io = {.ctx = b, .reply = on_reply, .ask = on_ask, .random = on_random},
	};

	arena_init(&b->arena);
	b->now_ms = cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0);
	if (node_open(&b->node, &options, &why) != ERR_NONE)
		fatal("%s", why.text);
	turn(b);
	for (unsigned i = 0; i < adopt_count(); i++) {
		flush(b);
		const struct bytes packed = adopt_submission(&b->arena, i, b->now_ms);
		pb_Submission *s =
		    record_unpack(&b->arena, &pb_Submission_descriptor, packed, RECORD_ADOPTION_MAX, &why);
		if (s == NULL)
			fatal("%s", why.text);
		submitted(b, s, false);
		flush(b);
	}
}

struct load_of {
	unsigned cases, open, messages, batch;
};

static struct figures
run(const struct service *service, const char *dir, const struct load_of *load)
{
	/* Every so manieth case stays open. */
	const unsigned step = load->cases > load->open ? load->cases / load->open : 1;
	struct bench *b = calloc(1, sizeof *b);
	struct load_random random = {5};

	if (b == NULL)
		fatal("out of memory");
	b->batch = BATCH_MAX;
	open_bench(b, service, dir);
	for (unsigned i = 0; i < load->cases; i++) {
		open_case(b, i);
		if (i % step != 0)
			close_case(b, i);
	}
	flush(b);
	b->batch = load->batch;
	b->spent = 0;
	b->records = 0;
	const double written = written_kib();

	for (unsigned i = 0; i < load->messages; i++) {
		b->now_ms += 30 * 86400000ll / load->messages;
		message(b, step * (unsigned)load_below(&random, load->cases / step),
			7 + (unsigned)load_below(&random, 60));
	}
	flush(b);
	const struct figures f = {
	    .us = b->spent * 1e6 / (double)b->records,
	    .written_kib = (written_kib() - written) / (double)b->records,
	    .kib = told("/proc/self/status", "RssAnon:"),
	    .disk_mib = (double)store_usage(node_store(b->node)).used_bytes / 1048576,
	};
	node_close(&b->node);
	arena_fini(&b->arena);
	free(b);
	return f;
}

/* In a process of its own, so that memory is its own. */
static struct figures
measure(const struct service *service, const char *parent, const struct load_of *load)
{
	struct figures f = {0};
	char dir[300], command[640];
	int ends[2], status;

	snprintf(dir, sizeof dir, "%s/%s-%u", parent, service->name, load->cases);
	if (pipe(ends) != 0)
		fatal("pipe: %s", strerror(errno));
	const pid_t pid = fork();
	if (pid == 0) {
		f = run(service, dir, load);
		_exit(write(ends[1], &f, sizeof f) == (ssize_t)sizeof f ? 0 : 1);
	}
	close(ends[1]); /* or a child that ends early leaves the read waiting for ever */
	if (pid < 0 || read(ends[0], &f, sizeof f) != (ssize_t)sizeof f || waitpid(pid, &status, 0) != pid ||
	    status != 0)
		fatal("%s with %u cases: no figures", service->name, load->cases);
	close(ends[0]);
	printf("  %-12s %9u %9u %10.1f %12.2f %12.0f %9.0f\n", service->name, load->cases,
	       load->open < load->cases ? load->open : load->cases, f.us, f.written_kib, f.kib, f.disk_mib);
	snprintf(command, sizeof command, "rm -rf '%s' '%s.lock'", dir, dir);
	if (system(command) != 0)
		fprintf(stderr, "cases_bench: %s is left behind\n", dir);
	return f;
}

static const char *
option(int argc, char **argv, const char *name, const char *otherwise)
{
	for (int i = 1; i + 1 < argc; i += 2)
		if (strcmp(argv[i], name) == 0)
			return argv[i + 1];
	return otherwise;
}

static unsigned
number(int argc, char **argv, const char *name, const char *otherwise)
{
	const unsigned long n = strtoul(option(argc, argv, name, otherwise), NULL, 10);

	if (n == 0 || n > 10000000) {
		fprintf(stderr, "cases_bench: %s takes a number from 1 to 10000000\n", name);
		exit(2);
	}
	return (unsigned)n;
}

int
main(int argc, char **argv)
{
	const unsigned open = number(argc, argv, "--open", "10000000");
	const unsigned messages = number(argc, argv, "--messages", "25000");
	const unsigned batch = number(argc, argv, "--batch", "256");
	const struct load_of few = {number(argc, argv, "--few", "10000"), open, messages, batch};
	const struct load_of many = {number(argc, argv, "--many", "100000"), open, messages, batch};
	const char *only = option(argc, argv, "--service", "");
	char dir[256];

	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(dir, sizeof dir, "%s/doorbraak-cases-XXXXXX", option(argc, argv, "--dir", "/tmp"));
	if (mkdtemp(dir) == NULL)
		fatal("%s: %s", dir, strerror(errno));
	printf("  %-12s %9s %9s %10s %12s %12s %9s\n", "service", "cases", "open", "us/record", "KiB written",
	       "private KiB", "disk MiB");
	for (unsigned i = 3; i < SERVICE_COUNT; i++) {
		const struct service *service = service_of_row(i);

		if (only[0] != '\0' && strcmp(only, service->name) != 0)
			continue;
		const struct figures a = measure(service, dir, &few), b = measure(service, dir, &many);

		printf("  %s: throughput with %u cases is %.2f of that with %u (aim 0.80), memory %.2f\n",
		       service->name, many.cases, a.us / b.us, few.cases, b.kib / a.kib);
	}
	rmdir(dir);
	return 0;
}
