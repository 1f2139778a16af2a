// SPDX-License-Identifier: EUPL-1.2
/* streams_bench.c - what streams over HTTP cost: many readers of monitoring at once, all of them told of everything.
 *
 *   streams_bench [--bin DIR] [--readers N] [--messages N] [--dir DIR]
 *
 *   memory   of the process, without the map's clean pages: idle, with N streams open, and after all was told
 *   idle     processor time of N open streams in which nothing happens, a second
 *   event    processor time of an event for one reader, over all N; and how long until the last reader had the last event
 *   beside   the same load with no reader: what the row needs by itself
 *
 * Every reader must get every event, in the same order, or it fails. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "services/cli/fleet.h"
#include "services/cli/system.h"
#include "tests/load/load.h"
#include "tests/sim/adopt.h"

#define MONITORING 4u
#define CASES      50u
#define WAIT_MS    60000
#define IDLE_S     5

struct reader {
	int fd;
	unsigned events;
	char tail[32]; /* of what came, for a word that came in two pieces */
	size_t tail_len;
	bool begun; /* its place was told */
};

struct bench {
	const char *bin;
	char run_dir[300];
	struct fleet fleet;
	struct system *system;
	struct load load;
	struct load_case cases[CASES];
	int64_t clock_ms;
	struct arena arena;
	struct reader *readers;
	unsigned count;
};

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the service ------------------------------------------------------------------------------------------------------ */

static double
processor(const struct bench *b)
{
	unsigned long user = 0, kernel = 0;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/stat", (int)b->fleet.pids[MONITORING]);
	FILE *f = fopen(path, "re");
	if (f == NULL ||
	    fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
		fatal("%s cannot be read", path);
	fclose(f);
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static double
memory_kib(const struct bench *b)
{
	char path[64], line[200];
	unsigned long kib = 0, part;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)b->fleet.pids[MONITORING]);
	FILE *f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "Anonymous: %lu", &part) == 1)
			kib += part;
	if (f == NULL || kib == 0)
		fatal("%s cannot be read", path);
	fclose(f);
	return (double)kib;
}

static void
submit(struct bench *b, struct bytes packed, const struct load_item *item)
{
	struct why why;
	const pb_Submission *s = record_unpack(&b->arena, &pb_Submission_descriptor, packed, RECORD_ADOPTION_MAX, &why);
	ASSERT(s != NULL);
	const pb_Reply *r = system_submit(b->system, s, b->clock_ms, 10000, &b->arena, &why);

	if (r == NULL)
		fatal("%s", why.text);
	if (item != NULL)
		load_accepted(&b->load, item,
			      r->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED ? r->accepted->case_id : "");
}

static void
start(struct bench *b)
{
	const struct fleet_options options = {
	    .bin_dir = b->bin, .run_dir = b->run_dir, .driven = true, .quiet = true, .open_door = true};
	struct why why;

	if (fleet_init(&b->fleet, &options, &why) != ERR_NONE || fleet_start_all(&b->fleet, 20000, &why) != ERR_NONE ||
	    system_open(&b->system, b->run_dir, &why) != ERR_NONE)
		fatal("%s", why.text);
	b->clock_ms = cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0);
	load_init(&b->load, 7, "s", b->cases, CASES);
	load_lengthy(&b->load);
	for (unsigned i = 0; i < adopt_count(); i++) {
		arena_reset(&b->arena);
		submit(b, adopt_submission(&b->arena, i, b->clock_ms), NULL);
	}
	for (unsigned i = 0; i < load_source_count(); i++) {
		arena_reset(&b->arena);
		submit(b, load_source(&b->arena, i, b->clock_ms), NULL);
	}
}

/* ---- readers ---------------------------------------------------------------------------------------------------------- */

static struct sockaddr_in
address_of(const struct bench *b)
{
	char path[400], line[300];
	unsigned port = 0;

	snprintf(path, sizeof path, "%s/monitoring.address", b->run_dir);
	FILE *f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		(void)sscanf(line, "http: http://127.0.0.1:%u", &port);
	if (f == NULL || port == 0)
		fatal("%s: no address", path);
	fclose(f);
	return (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static unsigned
words(const char *text, const char *word)
{
	unsigned count = 0;

	for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
		count++;
	return count;
}

static void
take(struct reader *r)
{
	static char text[32 + (64 << 10) + 1];
	const ssize_t got = recv(r->fd, text + r->tail_len, 64 << 10, MSG_DONTWAIT);

	if (got == 0 || (got < 0 && errno != EAGAIN))
		fatal("a stream ended");
	if (got < 0)
		return;
	memcpy(text, r->tail, r->tail_len);
	const size_t len = r->tail_len + (size_t)got;
	text[len] = '\0';
	/* Words that stand in the tail as a whole were counted. */
	r->events += words(text, "\nevent: ") - words(r->tail, "\nevent: ");
	r->begun = r->begun || strstr(text, "\nid: ") != NULL;
	r->tail_len = len < 31 ? len : 31;
	memcpy(r->tail, text + len - r->tail_len, r->tail_len);
	r->tail[r->tail_len] = '\0';
}

/* Takes from all until each has so many events (0: has begun). */
static void
take_until(struct bench *b, unsigned events)
{
	struct pollfd *fds = calloc(b->count + 1, sizeof *fds);
	const double until = seconds() + WAIT_MS / 1000.0;
	bool all = b->count == 0;

	for (unsigned i = 0; i < b->count; i++)
		fds[i] = (struct pollfd){.fd = b->readers[i].fd, .events = POLLIN};
	while (!all) {
		if (seconds() > until)
			fatal("not every reader was told in time");
		if (poll(fds, b->count, 100) < 0 && errno != EINTR)
			fatal("poll: %s", strerror(errno));
		all = true;
		for (unsigned i = 0; i < b->count; i++) {
			if (fds[i].revents != 0)
				take(&b->readers[i]);
			all = all && (events == 0 ? b->readers[i].begun : b->readers[i].events >= events);
		}
	}
	free(fds);
}

static void
open_readers(struct bench *b)
{
	static const char request[] = "GET /v1/case-states/stream HTTP/1.1\r\nHost: x\r\n\r\n";
	const struct sockaddr_in address = address_of(b);

	for (unsigned i = 0; i < b->count; i++) {
		const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
		    send(fd, request, sizeof request - 1, 0) != (ssize_t)sizeof request - 1)
			fatal("reader %u: %s", i, strerror(errno));
		b->readers[i].fd = fd;
	}
	take_until(b, 0);
}

/* ---- together --------------------------------------------------------------------------------------------------------- */

/* Monitoring's journal grew by so many case states: its head says so, nothing else stands in it. */
static uint64_t
head(struct bench *b)
{
	pb_Request request;
	pb_StatusRequest status;
	struct why why;

	arena_reset(&b->arena);
	pb_Request_init(&request);
	pb_StatusRequest_init(&status);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_STATUS;
	request.status = &status;
	const pb_Reply *r = system_ask(b->system, MONITORING, &request, 10000, &b->arena, &why);
	if (r == NULL || r->status->head == NULL)
		fatal("monitoring: %s", r == NULL ? why.text : "no head");
	return r->status->head->seq;
}

static void
say(struct bench *b, unsigned messages)
{
	struct load_item item;

	for (unsigned i = 0; i < messages; i++) {
		arena_reset(&b->arena);
		b->clock_ms += 60000;
		if (!load_next(&b->load, &b->arena, b->clock_ms, &item))
			fatal("no case can go on after %u messages: fewer --messages", i);
		submit(b, item.submission, &item);
	}
	arena_reset(&b->arena);
	pb_Request request;
	pb_StatusRequest status;
	struct why why;
	pb_Request_init(&request);
	pb_StatusRequest_init(&status);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_STATUS;
	request.status = &status;
	const pb_Reply *r = system_ask(b->system, 0, &request, 10000, &b->arena, &why);
	if (r == NULL || system_settle(b->system, r->status->head->seq, WAIT_MS, &why) != ERR_NONE)
		fatal("monitoring does not come along: %s", why.text);
}

static void
measure(struct bench *b, unsigned messages)
{
	const double empty_kib = memory_kib(b);
	double began, spent = processor(b);
	uint64_t before = head(b);

	say(b, messages);
	const double alone = (processor(b) - spent) * 1e6 / (double)(head(b) - before);
	began = seconds();
	open_readers(b);
	printf("%u streams open in      %8.2f s\n", b->count, seconds() - began);
	const double open_kib = memory_kib(b);
	spent = processor(b);
	poll(NULL, 0, IDLE_S * 1000);
	printf("idle                    %8.2f ms of processor a second\n", (processor(b) - spent) * 1000 / IDLE_S);
	printf("memory of a stream      %8.1f KiB\n", (open_kib - empty_kib) / b->count);
	before = head(b);
	spent = processor(b);
	began = seconds();
	say(b, messages);
	const unsigned events = (unsigned)(head(b) - before);
	take_until(b, events);
	const double took = seconds() - began, each = (processor(b) - spent) * 1e6 / events;
	for (unsigned i = 0; i < b->count; i++)
		if (b->readers[i].events != events)
			fatal("reader %u got %u events of %u", i, b->readers[i].events, events);
	printf("%u events to each       %8.2f s; each reader got each once\n", events, took);
	printf("an event for a reader   %8.2f us of processor (%.0f us an event without readers)\n",
	       (each - alone) / b->count, alone);
	printf("memory of a stream then %8.1f KiB", (memory_kib(b) - empty_kib) / b->count);
	poll(NULL, 0, 8000);
	printf(", and %.1f KiB some seconds later\n", (memory_kib(b) - empty_kib) / b->count);
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
	const unsigned messages = (unsigned)strtoul(option(argc, argv, "--messages", "100"), NULL, 10);
	struct rlimit files;
	char command[400];

	if (b == NULL)
		fatal("out of memory");
	b->bin = option(argc, argv, "--bin", "build/release/bin");
	b->count = (unsigned)strtoul(option(argc, argv, "--readers", "1000"), NULL, 10);
	if (b->count == 0 || b->count > 1024 || messages == 0 || messages > 500) {
		fprintf(stderr, "streams_bench: --readers 1 to 1024, --messages 1 to 500\n");
		return 2;
	}
	b->readers = calloc(b->count, sizeof *b->readers);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	snprintf(b->run_dir, sizeof b->run_dir, "%s/doorbraak-streams-XXXXXX", option(argc, argv, "--dir", "/tmp"));
	if (mkdtemp(b->run_dir) == NULL)
		fatal("%s: %s", b->run_dir, strerror(errno));
	setvbuf(stdout, NULL, _IOLBF, 0);
	arena_init(&b->arena);
	start(b);
	measure(b, messages);
	system_close(&b->system);
	const bool clean = fleet_stop_all(&b->fleet);
	snprintf(command, sizeof command, "rm -rf '%s'", b->run_dir);
	if (system(command) != 0)
		fprintf(stderr, "streams_bench: %s is left behind\n", b->run_dir);
	arena_fini(&b->arena);
	free(b->readers);
	free(b);
	return clean ? 0 : 1;
}
