// SPDX-License-Identifier: EUPL-1.2
/* webhooks_bench.c - how fast signals are delivered to webhooks, with real processes and sockets.
 *
 *   webhooks_bench [--bin DIR] [--events N]
 *
 * Receivers agree, go away, and signals wait for them; then they come back, and the time until each has everything is taken:
 * one receiver, sixteen, and sixteen of which one stays away. Ends with status 1 when the dead one slows the others down. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/end_to_end/front.h"
#include "tests/end_to_end/watcher.h"

#define SIGNALLING   3u
#define RECEIVERS    16u
#define DELIVER_MS   240000
#define SLOWER_RATIO 2 /* with a dead one, at most */

struct bench {
	struct fleet fleet;
	struct front front;
	struct system *system;
	struct watcher receivers[RECEIVERS];
	char names[RECEIVERS][32], dir[200], run_dir[256], hooks[256];
	unsigned asked; /* registrations, each with an id of its own */
};

/* ---- beginning ---- */

static void
write_file(const char *dir, const char *name, const char *suffix, const char *text)
{
	char path[600];

	snprintf(path, sizeof path, "%s/%s%s", dir, name, suffix);
	FILE *f = fopen(path, "we");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 || chmod(path, 0600) != 0)
		fatal("%s: %s", path, strerror(errno));
}

static void
prepare_hooks(struct bench *b)
{
	char hosts[RECEIVERS * 24] = "", one[32], text[2 * sizeof hosts + 300];

	if (mkdir(b->hooks, 0700) != 0)
		fatal("%s: %s", b->hooks, strerror(errno));
	for (unsigned i = 0; i < RECEIVERS; i++) {
		unsigned port = 0;
		snprintf(b->names[i], sizeof b->names[i], "receiver-%u", i);
		b->receivers[i] = (struct watcher){b->names[i], WATCHER_RECEIVER, SIGNALLING, "", 0};
		watcher_start(&b->receivers[i], b->dir);
		for (unsigned tries = 0; port == 0 && tries < 1000; tries++, poll(NULL, 0, 10))
			port = watcher_port(&b->receivers[i], b->dir);
		snprintf(one, sizeof one, "%s127.0.0.1:%u", i == 0 ? "" : ", ", port);
		strncat(hosts, one, sizeof hosts - strlen(hosts) - 1);
		snprintf(text, sizeof text, "url: http://127.0.0.1:%u/in\n", port);
		write_file(b->hooks, b->names[i], ".hook", text);
		write_file(b->hooks, b->names[i], ".key", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n");
	}
	snprintf(text, sizeof text,
		 "source: urn:nld:oin:00000000000000000001:systeem:doorbraak-test\norigin: doorbraak.example.nl\n"
		 "hosts: %s\nprivate_hosts: %s\n",
		 hosts, hosts);
	write_file(b->hooks, "settings", "", text);
}

/* The same again has it tried at once. */
static void
subscribe(struct bench *b, unsigned i)
{
	struct front *f = &b->front;
	pb_Submission s;
	pb_Actor actor;
	pb_SubscriptionRegistered body;
	Google__Protobuf__Timestamp at;
	struct why why = {{0}};

	arena_reset(&f->arena);
	pb_Submission_init(&s);
	pb_Actor_init(&actor);
	pb_SubscriptionRegistered_init(&body);
	actor.role = (Doorbraak__V1__Role)ROLE_OPERATOR;
	actor.organisation = record_text(&f->arena, "NAT-VWS");
	record_timestamp(&at, f->clock_ms);
	s.source = record_text(&f->arena, "operator");
	s.id = arena_printf(&f->arena, "subscribe-%u", ++b->asked);
	s.actor = &actor;
	s.occurred_at = &at;
	s.body_case = DOORBRAAK__V1__SUBMISSION__BODY_SUBSCRIPTION_REGISTERED;
	s.subscription_registered = &body;
	body.subscription = b->names[i];
	body.addressee = (Doorbraak__V1__Addressee)ADDRESSEE_OWNER;
	body.state = (Doorbraak__V1__SubscriptionState)SUBSCRIPTION_STATE_ACTIVE;
	const pb_Reply *reply = system_submit(b->system, &s, f->clock_ms, 10000, &f->arena, &why);
	if (reply == NULL || reply->body_case != DOORBRAAK__V1__REPLY__BODY_ACCEPTED)
		fatal("%s is not registered: %s", b->names[i], why.text);
}

/* ---- delivering ---- */

/* Lines of its file: requests for permission, and events that it took. */
static uint64_t
taken(const struct bench *b, unsigned i, char kind)
{
	char path[FLEET_PATH_MAX], line[256];
	uint64_t count = 0;

	watcher_file(&b->receivers[i], b->dir, path);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	while (fgets(line, sizeof line, f) != NULL)
		count += line[0] == kind;
	fclose(f);
	return count;
}

static void
wait_for(const struct bench *b, unsigned i, char kind, uint64_t count)
{
	const int64_t until = front_steady_ms() + DELIVER_MS;

	while (taken(b, i, kind) < count) {
		if (front_steady_ms() > until)
			fatal("%s has %llu of %llu", b->names[i], (unsigned long long)taken(b, i, kind),
			      (unsigned long long)count);
		poll(NULL, 0, 5);
	}
}

/* Time passes until so many signals and more wait for the owners of cases; how many. */
static uint64_t
make_signals(struct bench *b, uint64_t wanted)
{
	static const char *const topics[] = {"addressee/OWNER"};
	struct front *f = &b->front;
	struct doorbraak_cursor cursor = {.seq = 0};
	const pb_PullReply *reply;
	uint64_t count = 0;
	struct why why = {{0}};

	while (count < wanted) {
		int n;
		front_work(f, 100, true);
		front_pass_time(f);
		if (!front_settle(f, b->system, &why))
			fatal("%s", why.text);
		arena_reset(&f->arena);
		while ((n = system_read(b->system, SIGNALLING, DOORBRAAK_FROM_CURSOR, &cursor, topics, 1, &reply,
					&f->arena, &why)) > 0)
			count += (uint64_t)n;
		if (n < 0)
			fatal("%s", why.text);
	}
	return count;
}

/* User and system time of signalling so far, in milliseconds. */
static int64_t
processor_ms(const struct bench *b)
{
	char path[64];
	unsigned long user = 0, system = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)b->fleet.pids[SIGNALLING]);
	FILE *f = fopen(path, "re");
	if (f == NULL ||
	    fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		fatal("%s cannot be read", path);
	fclose(f);
	return (int64_t)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

struct figure {
	int64_t ms, processor_ms;
	uint64_t deliveries;
};

/* `count` receivers, of which the first `dead` stay away. */
static struct figure
measure(struct bench *b, unsigned count, unsigned dead, uint64_t events)
{
	struct figure f = {0};

	for (unsigned i = 0; i < count; i++)
		subscribe(b, i);
	for (unsigned i = 0; i < count; i++)
		wait_for(b, i, 'o', 1);
	for (unsigned i = 0; i < RECEIVERS; i++)
		watcher_kill(&b->receivers[i]);
	const uint64_t each = make_signals(b, events);
	for (unsigned i = dead; i < count; i++)
		watcher_start(&b->receivers[i], b->dir);
	const int64_t began = front_steady_ms(), processor = processor_ms(b);
	for (unsigned i = 0; i < count; i++)
		subscribe(b, i);
	for (unsigned i = dead; i < count; i++)
		wait_for(b, i, 'e', each);
	f.ms = front_steady_ms() - began;
	f.processor_ms = processor_ms(b) - processor;
	f.deliveries = each * (count - dead);
	return f;
}

static struct figure
run(const char *bin, const char *what, unsigned count, unsigned dead, uint64_t events)
{
	static struct bench b;
	char command[300];
	struct why why = {{0}};

	b = (struct bench){.asked = 0};
	snprintf(b.dir, sizeof b.dir, "/tmp/doorbraak-hooks-XXXXXX");
	if (mkdtemp(b.dir) == NULL)
		fatal("%s: %s", b.dir, strerror(errno));
	snprintf(b.run_dir, sizeof b.run_dir, "%s/run", b.dir);
	snprintf(b.hooks, sizeof b.hooks, "%s/hooks", b.dir);
	front_init(&b.front, 1);
	prepare_hooks(&b);
	const struct fleet_options options = {
	    .bin_dir = bin, .run_dir = b.run_dir, .webhooks = b.hooks, .driven = true, .quiet = true};
	if (fleet_init(&b.fleet, &options, &why) != ERR_NONE || fleet_start_all(&b.fleet, 20000, &why) != ERR_NONE ||
	    system_open(&b.system, b.run_dir, &why) != ERR_NONE || !front_open(&b.front, &b.fleet, b.system, &why))
		fatal("%s", why.text);
	const struct figure f = measure(&b, count, dead, events);

	system_close(&b.system);
	front_close(&b.front);
	if (!fleet_stop_all(&b.fleet))
		fatal("a service did not end with status 0 when it was asked to stop");
	for (unsigned i = 0; i < RECEIVERS; i++)
		watcher_kill(&b.receivers[i]);
	front_fini(&b.front);
	snprintf(command, sizeof command, "rm -rf '%s'", b.dir);
	if (system(command) != 0)
		fprintf(stderr, "%s is left behind\n", b.dir);
	printf("%-28s %6llu deliveries in %6lld ms: %6lld a second; %4lld us of signalling's processor each\n", what,
	       (unsigned long long)f.deliveries, (long long)f.ms,
	       (long long)f.deliveries * 1000 / (f.ms > 0 ? f.ms : 1),
	       (long long)(f.processor_ms * 1000) / (long long)f.deliveries);
	fflush(stdout);
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

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && strcmp(argv[1], "--watcher") == 0)
		return watcher_main(argc - 1, argv + 1);
	const char *bin = option(argc, argv, "--bin", "build/release/bin");
	const uint64_t events = strtoull(option(argc, argv, "--events", "1000"), NULL, 10);

	run(bin, "one receiver", 1, 0, events);
	const struct figure all = run(bin, "sixteen receivers", RECEIVERS, 0, events);
	const struct figure others = run(bin, "sixteen, one of them dead", RECEIVERS, 1, events);
	/* The same work for fifteen. */
	const double ratio = (double)others.ms / (double)others.deliveries * (double)all.deliveries / (double)all.ms;
	printf("one that is dead makes a delivery to the others last %.2f times as long (at most %d)\n", ratio,
	       SLOWER_RATIO);
	return ratio > SLOWER_RATIO;
}
