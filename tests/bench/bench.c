// SPDX-License-Identifier: EUPL-1.2
/* bench.c - what the system does on this machine, each figure beside its limit and a peer of the same run.
 *
 *   bench [--bin DIR] [--messages N] [--turn-records N] [--dir DIR] [--peer PROGRAM] [--only decisions|what-if|http|services]
 *
 *   accept    intake alone: 8 clients, window 256; a submission counts when its Accepted is back (it is durable then)
 *   http      the same over HTTP: 48 connections with one submission a request, 8 with a hundred
 *   end       all five: from the first submission sent until monitoring has applied everything
 *   latency   all five, 1,000 submissions a second for some seconds: from Accepted to the case state on monitoring's live stream
 *   decisions routing's tables by themselves, on one core (decisions.h)
 *   what-if   ten years of history computed twice (what_if.h)
 *   limit     a bare LMDB loop that writes as many bytes, in as many commits with sync, on the same disk
 *   peer      the same work on Redis Streams (redis_peer.c), where redis-server is installed
 *
 * Absolute figures hold for this machine and this minute only; the ratios are what to look at. Every load is bounded. */
#include <errno.h>
#include <lmdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client/doorbraak.h"
#include "common/archive.h"
#include "common/client.h"
#include "services/cli/fleet.h"
#include "services/cli/system.h"
#include "tests/bench/decisions.h"
#include "tests/bench/history.h"
#include "tests/bench/http_load.h"
#include "tests/bench/what_if.h"
#include "tests/load/load.h"
#include "tests/sim/adopt.h"

#define CLIENTS    8u
#define WINDOW     256u
#define CASES      2000u
#define RATE       1000u /* a second */
#define RATE_LASTS 8u    /* seconds */
#define SETTLE_MS  120000

#define DECISIONS_LAST 2.0 /* seconds */

struct parcel {
	struct load_item item; /* its submission is owned */
	double accepted_at;
	uint64_t seq;
};

struct bench {
	const char *bin, *dir, *turn_records;
	char run_dir[300];
	struct fleet fleet;
	struct system *system;
	struct doorbraak *doors[CLIENTS];
	struct load load;
	struct load_case *cases;
	struct parcel *parcels;
	unsigned count;
	int64_t clock_ms;
	struct arena arena;
};

struct figures {
	double accept, http_one, http_many, end, p50_ms, p99_ms, limit;
	uint64_t bytes, records, commits;
	unsigned own[SERVICE_COUNT]; /* records of its own that a service writes for a message */
};

struct peer_figures {
	double accept, pipeline, same;
};

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct bytes
keep(struct bytes b)
{
	uint8_t *copy = malloc(b.len + 1);

	if (copy == NULL)
		fatal("out of memory");
	memcpy(copy, b.data, b.len);
	return bytes_of(copy, b.len);
}

/* ---- the system under test -------------------------------------------------------------------------------------------- */

static void
start(struct bench *b, unsigned services, const char *name)
{
	struct why why;
	struct doorbraak_why reason;
	char door[FLEET_PATH_MAX];

	snprintf(b->run_dir, sizeof b->run_dir, "%s/%s", b->dir, name);
	const struct fleet_options options = {.bin_dir = b->bin,
					      .run_dir = b->run_dir,
					      .driven = true,
					      .quiet = true,
					      .turn_records = b->turn_records,
					      .open_door = true};
	if (fleet_init(&b->fleet, &options, &why) != ERR_NONE)
		fatal("%s", why.text);
	for (unsigned i = 0; i < services; i++)
		if (fleet_start(&b->fleet, i, &why) != ERR_NONE || fleet_wait(&b->fleet, i, 20000, &why) != ERR_NONE)
			fatal("%s", why.text);
	if (system_open(&b->system, b->run_dir, &why) != ERR_NONE)
		fatal("%s", why.text);
	fleet_door(&b->fleet, 0, door);
	for (unsigned i = 0; i < CLIENTS; i++)
		if (doorbraak_open(&b->doors[i], door, i > 0 ? b->doors[0] : NULL, &reason) != DOORBRAAK_OK)
			fatal("%s", reason.text);
	b->clock_ms = cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0);
	for (unsigned i = 0; i < adopt_count(); i++) {
		arena_reset(&b->arena);
		const struct bytes packed = adopt_submission(&b->arena, i, b->clock_ms);
		const pb_Submission *s =
		    record_unpack(&b->arena, &pb_Submission_descriptor, packed, RECORD_ADOPTION_MAX, &why);
		ASSERT(s != NULL);
		const pb_Reply *r = system_submit(b->system, s, b->clock_ms, 10000, &b->arena, &why);
		if (r == NULL || r->body_case != DOORBRAAK__V1__REPLY__BODY_ACCEPTED)
			fatal("adopting %u failed", i);
	}
}

static void
stop(struct bench *b)
{
	for (unsigned i = CLIENTS; i-- > 0;)
		doorbraak_close(&b->doors[i]);
	system_close(&b->system);
	if (!fleet_stop_all(&b->fleet))
		fatal("a service did not stop cleanly: look at %s", b->run_dir);
}

/* ---- submissions ------------------------------------------------------------------------------------------------------- */

/* Makes the next `count` submissions in advance, so that making them is not measured. */
static void
prepare(struct bench *b, unsigned count)
{
	b->parcels = calloc(count + 1, sizeof *b->parcels);
	if (b->parcels == NULL)
		fatal("out of memory");
	for (b->count = 0; b->count < count; b->count++) {
		struct parcel *p = &b->parcels[b->count];
		arena_reset(&b->arena);
		if (!load_next(&b->load, &b->arena, b->clock_ms, &p->item))
			return;
		p->item.submission = keep(p->item.submission);
	}
}

static void
forget(struct bench *b)
{
	for (unsigned i = 0; i < b->count; i++)
		free((void *)(uintptr_t)b->parcels[i].item.submission.data);
	free(b->parcels);
	b->parcels = NULL;
	b->count = 0;
}

static void
hand_in(struct bench *b, unsigned door, struct parcel *p)
{
	const struct doorbraak_submission s = {
	    .data = p->item.submission.data, .len = p->item.submission.len, .tag = p};

	if (doorbraak_send(b->doors[door], &s) != DOORBRAAK_OK)
		fatal("the window is full");
}

static bool
take_one(struct bench *b, unsigned door, int timeout_ms)
{
	struct doorbraak_receipt receipt;

	if (doorbraak_take(b->doors[door], timeout_ms, &receipt) != DOORBRAAK_OK)
		return false;
	if (receipt.result != DOORBRAAK_OK)
		fatal("a submission of the bench was not accepted");
	struct parcel *p = receipt.tag;
	p->accepted_at = seconds();
	p->seq = receipt.seq;
	load_accepted(&b->load, &p->item, receipt.case_id);
	return true;
}

/* All parcels through 8 windows; a case's messages stay with one client, so that they keep their order. Seconds. */
static double
rush(struct bench *b)
{
	unsigned next[CLIENTS] = {0}, done = 0;
	const double began = seconds();

	while (done < b->count) {
		bool moved = false;
		for (unsigned i = 0; i < CLIENTS; i++) {
			while (doorbraak_open_count(b->doors[i]) < WINDOW && next[i] < b->count) {
				struct parcel *p = &b->parcels[next[i]++];
				if (p->item.case_index % CLIENTS == i)
					hand_in(b, i, p);
			}
			while (doorbraak_open_count(b->doors[i]) > 0 && take_one(b, i, 0)) {
				done++;
				moved = true;
			}
		}
		for (unsigned i = 0; i < CLIENTS && !moved; i++)
			if (doorbraak_open_count(b->doors[i]) > 0 && take_one(b, i, 10000)) {
				done++;
				moved = true;
			}
		if (!moved)
			fatal("intake gives no answers");
	}
	return seconds() - began;
}

static uint64_t
last_seq(const struct bench *b)
{
	uint64_t seq = 0;

	for (unsigned i = 0; i < b->count; i++)
		if (b->parcels[i].seq > seq)
			seq = b->parcels[i].seq;
	return seq;
}

static void
settle(struct bench *b)
{
	struct why why;

	if (system_settle(b->system, last_seq(b), SETTLE_MS, &why) != ERR_NONE)
		fatal("%s", why.text);
}

static void
open_cases(struct bench *b)
{
	load_init(&b->load, 7, "b", b->cases, CASES);
	b->load.odd_percent = 0;
	prepare(b, CASES);
	rush(b);
	if (b->fleet.pids[SERVICE_COUNT - 1] != 0)
		settle(b);
	forget(b);
}

/* ---- the measurements -------------------------------------------------------------------------------------------------- */

/* A figure in /metrics of a service; -1 when it cannot be had. */
static double
figure(const struct bench *b, unsigned service, const char *name)
{
	char command[700], line[256];
	double value = -1;

	snprintf(command, sizeof command, "curl -s \"$(sed -n 's/^http: //p' '%s/%s.address')/metrics\"", b->run_dir,
		 service_of_row(service)->name);
	FILE *f = popen(command, "r");
	if (f == NULL)
		return value;
	while (fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0 && (line[strlen(name)] == ' ' || line[strlen(name)] == '{'))
			value = strtod(strrchr(line, ' '), NULL);
	pclose(f);
	return value;
}

static void
measure_accept(struct bench *b, unsigned messages, struct figures *f)
{
	struct archive *archive;
	struct row_source source;
	struct journal_entry entries[256];
	struct why why;
	char path[400];
	uint64_t after;
	size_t n;

	start(b, 1, "accept");
	open_cases(b);
	prepare(b, messages);
	const double commits = figure(b, 0, "doorbraak_commits_total");
	const double took = rush(b);
	f->commits = (uint64_t)(figure(b, 0, "doorbraak_commits_total") - commits);
	f->records = b->count;
	f->accept = (double)b->count / took;
	after = last_seq(b) - b->count;
	forget(b);
	stop(b);
	snprintf(path, sizeof path, "%s/intake", b->run_dir);
	if (archive_open(&archive, path, &source, &why) != ERR_NONE)
		fatal("%s", why.text);
	for (; (n = source.read(source.ctx, &b->arena, after, entries, 256)) > 0; after += n, arena_reset(&b->arena))
		for (size_t i = 0; i < n; i++)
			f->bytes += entries[i].record.len;
	archive_close(&archive);
}

/* Submissions a second over HTTP; the parcels are others each time. */
static double
rush_http(struct bench *b, unsigned messages, unsigned batch, unsigned connections)
{
	char path[400], line[FLEET_PATH_MAX];
	unsigned port = 0;

	snprintf(path, sizeof path, "%s/intake.address", b->run_dir);
	FILE *f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "http: ", 6) == 0)
			port = (unsigned)strtoul(strrchr(line, ':') + 1, NULL, 10);
	if (f == NULL || port == 0)
		fatal("%s: no address", path);
	fclose(f);
	prepare(b, messages);
	struct bytes *submissions = calloc(b->count, sizeof *submissions);
	if (submissions == NULL)
		fatal("out of memory");
	for (unsigned i = 0; i < b->count; i++)
		submissions[i] = b->parcels[i].item.submission;
	const double a_second =
	    (double)b->count / http_load_rush((uint16_t)port, submissions, b->count, batch, connections);
	free(submissions);
	forget(b);
	return a_second;
}

static void
measure_http(struct bench *b, unsigned messages, struct figures *f)
{
	start(b, 1, "http");
	open_cases(b);
	f->http_one = rush_http(b, messages / 2, 1, HTTP_LOAD_CONNECTIONS_MAX);
	f->http_many = rush_http(b, messages / 2, 100, 8);
	stop(b);
	printf("accept over HTTP        %8.0f a second, one in a request, 48 connections\n"
	       "  a hundred in a request %7.0f a second, 8 connections\n",
	       f->http_one, f->http_many);
	if (f->accept > 0)
		printf("  of ZeroMQ             %8.2f and %.2f\n", f->http_one / f->accept, f->http_many / f->accept);
}

static void
must(int rc, const char *what)
{
	if (rc != 0)
		fatal("limit: %s: %s", what, mdb_strerror(rc));
}

/* What LMDB itself can: a record with its digest, and the idempotency row, as many a commit as intake had. */
static double
measure_limit(const struct bench *b, const struct figures *f)
{
	const uint64_t batch = f->commits > 0 ? (f->records + f->commits - 1) / f->commits : 256;
	const size_t size = 32 + (size_t)(f->bytes / f->records);
	uint8_t *value = calloc(1, size), key[8], id[40] = {0}, answer[64] = {0};
	char path[400];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi journal, ids;

	snprintf(path, sizeof path, "%s/limit", b->dir);
	if (value == NULL || mkdir(path, 0700) != 0)
		fatal("%s: %s", path, strerror(errno));
	must(mdb_env_create(&env), "create");
	must(mdb_env_set_maxdbs(env, 4), "maxdbs");
	must(mdb_env_set_mapsize(env, (size_t)8 << 30), "mapsize");
	must(mdb_env_open(env, path, 0, 0600), "open");
	must(mdb_txn_begin(env, NULL, 0, &txn), "begin");
	must(mdb_dbi_open(txn, "journal", MDB_CREATE, &journal), "dbi");
	must(mdb_dbi_open(txn, "ids", MDB_CREATE, &ids), "dbi");
	must(mdb_txn_commit(txn), "commit");
	const double began = seconds();
	for (uint64_t done = 0; done < f->records;) {
		must(mdb_txn_begin(env, NULL, 0, &txn), "begin");
		for (uint64_t i = 0; i < batch && done < f->records; i++, done++) {
			MDB_val k = {8, key}, v = {size, value}, k2 = {sizeof id, id}, v2 = {sizeof answer, answer};
			put_u64(key, done + 1);
			put_u64(id, done * 0x9e3779b97f4a7c15u);
			must(mdb_put(txn, journal, &k, &v, MDB_APPEND), "put");
			must(mdb_put(txn, ids, &k2, &v2, 0), "put");
		}
		must(mdb_txn_commit(txn), "commit");
	}
	const double took = seconds() - began;
	mdb_env_close(env);
	free(value);
	return (double)f->records / took;
}

/* Processor time of a process so far, in seconds. */
static double
processor(pid_t pid)
{
	char path[64], line[1024];
	unsigned long user = 0, system_time = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fgets(line, sizeof line, f) != NULL && strrchr(line, ')') != NULL)
		sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		       &system_time);
	fclose(f);
	return (double)(user + system_time) / (double)sysconf(_SC_CLK_TCK);
}

struct spent {
	double processor, commits, commit_seconds, answers;
};

static void
look(const struct bench *b, struct spent spent[SERVICE_COUNT])
{
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		spent[i] = (struct spent){processor(b->fleet.pids[i]), figure(b, i, "doorbraak_commits_total"),
					  figure(b, i, "doorbraak_commit_seconds_sum"),
					  figure(b, i, "doorbraak_answers_out_total")};
}

/* Where the time of the row went. */
static void
show_spent(const struct bench *b, const struct spent before[SERVICE_COUNT], double took, struct figures *f)
{
	struct spent after[SERVICE_COUNT];

	look(b, after);
	printf("  %-12s %14s %16s %12s %14s\n", "service", "processor us", "answers/message", "commits",
	       "waiting for disk");
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		f->own[i] = (unsigned)((after[i].answers - before[i].answers) / b->count + 0.5);
		printf("  %-12s %14.1f %16.2f %12.0f %13.0f%%\n", service_of_row(i)->name,
		       (after[i].processor - before[i].processor) * 1e6 / b->count,
		       (after[i].answers - before[i].answers) / b->count, after[i].commits - before[i].commits,
		       (after[i].commit_seconds - before[i].commit_seconds) * 100 / took);
	}
}

static void
measure_end(struct bench *b, unsigned messages, struct figures *f)
{
	struct spent before[SERVICE_COUNT];

	start(b, SERVICE_COUNT, "end");
	open_cases(b);
	prepare(b, messages);
	look(b, before);
	const double began = seconds();
	rush(b);
	settle(b);
	const double took = seconds() - began;
	f->end = (double)b->count / took;
	printf("end to end: %u messages in %.2f s\n", b->count, took);
	show_spent(b, before, took, f);
	forget(b);
	stop(b);
}

static int
compare_doubles(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Reads what is there on the stream: when was the first case state with this cause seen? */
static void
watch(struct bench *b, struct client *stream, double *seen, uint64_t first_seq, uint64_t count, int timeout_ms)
{
	struct bytes message;
	const char *topic;
	struct record r;
	struct why why;

	while (client_receive_stream(stream, timeout_ms, &b->arena, &topic, &message) == ERR_NONE) {
		const double now = seconds();
		const pb_LiveRecord *live =
		    record_unpack(&b->arena, &pb_LiveRecord_descriptor, message, RECORD_REPLY_MAX, &why);
		if (live != NULL &&
		    record_read(&b->arena, bytes_of(live->entry->record.data, live->entry->record.len), &r, &why) &&
		    r.cause >= first_seq && r.cause < first_seq + count && seen[r.cause - first_seq] == 0)
			seen[r.cause - first_seq] = now;
		arena_reset(&b->arena);
		timeout_ms = 0;
	}
}

static void
measure_latency(struct bench *b, struct figures *f)
{
	const char *topics[] = {"kind/CaseView"};
	const unsigned total = RATE * RATE_LASTS;
	struct client *stream;
	struct why why;

	start(b, SERVICE_COUNT, "latency");
	open_cases(b);
	if (client_open_stream(&stream, system_stream(b->system, 4), topics, 1, NULL, NULL, &why) != ERR_NONE)
		fatal("%s", why.text);
	prepare(b, total);
	const uint64_t room = (uint64_t)total * 2;
	double *seen = calloc(room, sizeof *seen), *took = calloc(total, sizeof *took);
	if (seen == NULL || took == NULL)
		fatal("out of memory");
	pb_Request request;
	pb_StatusRequest status;
	pb_Request_init(&request);
	pb_StatusRequest_init(&status);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_STATUS;
	request.status = &status;
	const pb_Reply *r = system_ask(b->system, 0, &request, 5000, &b->arena, &why);
	if (r == NULL)
		fatal("%s", why.text);
	const uint64_t first = r->status->head->seq + 1;
	const double began = seconds();
	for (unsigned sent = 0; sent < b->count;) {
		while (sent < b->count && seconds() - began >= (double)sent / RATE &&
		       doorbraak_open_count(b->doors[0]) < WINDOW) {
			hand_in(b, 0, &b->parcels[sent++]);
		}
		while (take_one(b, 0, 0))
			;
		watch(b, stream, seen, first, room, 0);
	}
	settle(b);
	while (take_one(b, 0, 200))
		;
	watch(b, stream, seen, first, room, 500);
	unsigned n = 0;
	for (unsigned i = 0; i < b->count; i++) {
		const uint64_t place = b->parcels[i].seq - first;
		if (b->parcels[i].seq >= first && place < room && seen[place] != 0)
			took[n++] = (seen[place] - b->parcels[i].accepted_at) * 1000;
	}
	if (n < b->count / 2)
		fatal("only %u of %u were seen on the stream", n, b->count);
	qsort(took, n, sizeof *took, compare_doubles);
	f->p50_ms = took[n / 2];
	f->p99_ms = took[n * 99 / 100];
	printf("latency: %u of %u seen on the stream (the others changed no case state)\n", n, b->count);
	free(seen);
	free(took);
	client_close(&stream);
	forget(b);
	stop(b);
}

static struct peer_figures
run_peer(const struct bench *b, const char *peer, const struct figures *f)
{
	struct peer_figures p = {0};
	char command[700], line[128];

	if (access(peer, X_OK) != 0 || system("command -v redis-server >/dev/null") != 0)
		return p;
	snprintf(command, sizeof command, "'%s' --records %llu --bytes %llu --own %u,%u,%u,%u --dir '%s'", peer,
		 (unsigned long long)f->records, (unsigned long long)(f->bytes / f->records), f->own[1], f->own[2],
		 f->own[3], f->own[4], b->dir);
	FILE *out = popen(command, "r");
	if (out == NULL)
		return p;
	while (fgets(line, sizeof line, out) != NULL) {
		sscanf(line, "accept %lf", &p.accept);
		sscanf(line, "pipeline %lf", &p.pipeline);
		sscanf(line, "same %lf", &p.same);
	}
	pclose(out);
	return p;
}

static void
report(const struct figures *f, const struct peer_figures *p)
{
	printf("%u bytes a record, %.0f records a commit of intake\n", (unsigned)(f->bytes / f->records),
	       f->commits > 0 ? (double)f->records / (double)f->commits : 0.0);
	printf("durable accept          %8.0f a second\n", f->accept);
	printf("  of the limit          %8.2f (bare LMDB loop: %.0f a second)\n", f->accept / f->limit, f->limit);
	if (p->accept > 0)
		printf("  of the peer           %8.2f (Redis Streams, fsync always: %.0f); aim 1.00\n",
		       f->accept / p->accept, p->accept);
	printf("end to end, five stages %8.0f a second\n", f->end);
	if (p->pipeline > 0) {
		printf("  of the peer           %8.2f (Redis Streams, one record a stage: %.0f); aim 5.00\n",
		       f->end / p->pipeline, p->pipeline);
		printf("  of the same work      %8.2f (Redis Streams, as many records a stage as here: %.0f)\n",
		       f->end / p->same, p->same);
	} else {
		printf("  no peer: redis-server or redis_peer is not there\n");
	}
	printf("accept to stream        p50 %.2f ms, p99 %.2f ms at %u a second; aim p99 10 ms\n", f->p50_ms, f->p99_ms,
	       RATE);
}

static void
bench_decisions(void)
{
	const struct decisions d = decisions_measure(DECISIONS_LAST);

	printf("decisions               %8.0f a second on one core, %.0f%% of them accepted\n"
	       "  of the aim            %8.2f (1,000,000 a second)\n",
	       d.a_second, d.accepted * 100, d.a_second / 1e6);
}

static void
print_what_if(const char *name, const struct what_if_figures *f)
{
	printf("%-23s %8.2f s for %llu records, %llu cases (%llu differ), %.2f s of processor\n"
	       "  records               %8.0f a second; of the aim %.2f (600,000 in 10 s)\n",
	       name, f->seconds, (unsigned long long)f->records, (unsigned long long)f->cases,
	       (unsigned long long)f->differ, f->processor, (double)f->records / f->seconds,
	       (double)f->records / f->seconds / 60000);
}

static void
bench_what_if(const char *dir)
{
	char path[300];

	snprintf(path, sizeof path, "%.250s/what-if", dir);
	if (mkdir(path, 0700) != 0)
		fatal("%s: %s", path, strerror(errno));
	what_if_history(path, HISTORY_MESSAGES);
	const struct what_if_figures all = what_if_measure(path, WHAT_IF_ALL_DAYS);
	const struct what_if_figures year = what_if_measure(path, 365);
	print_what_if("what-if", &all);
	print_what_if("  from a year ago", &year);
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
	struct bench *b = calloc(1, sizeof *b);
	struct figures f = {0};
	const unsigned messages = (unsigned)strtoul(option(argc, argv, "--messages", "18000"), NULL, 10);
	char dir[256], command[300];

	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(dir, sizeof dir, "%s/doorbraak-bench-XXXXXX", option(argc, argv, "--dir", "/tmp"));
	if (b == NULL || mkdtemp(dir) == NULL)
		fatal("%s: %s", dir, strerror(errno));
	b->bin = option(argc, argv, "--bin", "build/release/bin");
	b->dir = dir;
	b->turn_records = option(argc, argv, "--turn-records", NULL);
	b->cases = calloc(CASES, sizeof *b->cases);
	if (b->cases == NULL)
		fatal("out of memory");
	arena_init(&b->arena);
	const char *only = option(argc, argv, "--only", "");
	if (only[0] == '\0' || strcmp(only, "decisions") == 0)
		bench_decisions();
	if (only[0] == '\0' || strcmp(only, "what-if") == 0)
		bench_what_if(dir);
	if (only[0] == '\0' || strcmp(only, "services") == 0 || strcmp(only, "http") == 0)
		measure_accept(b, messages, &f);
	if (only[0] == '\0' || strcmp(only, "http") == 0)
		measure_http(b, messages, &f);
	if (only[0] == '\0' || strcmp(only, "services") == 0) {
		f.limit = measure_limit(b, &f);
		measure_end(b, messages, &f);
		measure_latency(b, &f);
		const struct peer_figures peer =
		    run_peer(b, option(argc, argv, "--peer", "build/release/redis_peer"), &f);
		report(&f, &peer);
	}
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	arena_fini(&b->arena);
	free(b->cases);
	free(b);
	return system(command) == 0 ? 0 : 1;
}
