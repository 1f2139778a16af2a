// SPDX-License-Identifier: EUPL-1.2
/* kill_watchers.c - kill -9 of signalling, monitoring, and of those who watch them, under load, many times.
 *
 *   kill_watchers --bin DIR [--rounds N] [--seed S] [--dir DIR]
 *
 * Front ends submit, time passes, signals ring. Two read by pull, two listen to the live streams, two receive webhooks: each a
 * process that dies at any moment, stays away for a while, and goes on from what it has written down. In the end everybody
 * must be level, and what each was told is held against the journals (watched.h), these against a replay (oracle.h). Ends
 * with `N passed, N failed`, where N counts rounds. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/archive.h"
#include "tests/end_to_end/front.h"
#include "tests/end_to_end/watched.h"

#define SIGNALLING 3u
#define MONITORING 4u
#define WATCHERS   6u

/* Of what waits for a receiver that was away. */
#define CATCH_UP_ROUND_MS 2000

struct kill_watchers {
	struct fleet fleet;
	struct front front;
	struct watcher watchers[WATCHERS];
	char dir[200], run_dir[256], hooks[256];
	struct system *system;
	unsigned aborted; /* watchers that libzmq ended */
};

static const struct watcher watchers[WATCHERS] = {
    {"reader-of-cases", WATCHER_READER, MONITORING, "", 0},
    {"reader-of-signals", WATCHER_READER, SIGNALLING, "addressee/OWNER", 0},
    {"listener-to-cases", WATCHER_LISTENER, MONITORING, "", 0},
    {"listener-to-signals", WATCHER_LISTENER, SIGNALLING, "addressee/OWNER", 0},
    {"receiver-of-owners", WATCHER_RECEIVER, SIGNALLING, "OWNER", 0},
    {"receiver-of-directors", WATCHER_RECEIVER, SIGNALLING, "PROCESS_DIRECTOR", 0},
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

/* Receivers take their ports before signalling reads which hosts it may send to. */
static void
prepare_hooks(struct kill_watchers *k)
{
	char hosts[200] = "", url[64], text[600];

	if (mkdir(k->hooks, 0700) != 0)
		fatal("%s: %s", k->hooks, strerror(errno));
	for (unsigned i = 0; i < WATCHERS; i++) {
		struct watcher *w = &k->watchers[i];
		unsigned port = 0;
		if (w->kind != WATCHER_RECEIVER)
			continue;
		watcher_start(w, k->dir);
		for (unsigned tries = 0; port == 0 && tries < 1000; tries++, poll(NULL, 0, 10))
			port = watcher_port(w, k->dir);
		if (port == 0)
			fatal("%s does not listen", w->name);
		snprintf(url, sizeof url, "%s127.0.0.1:%u", hosts[0] == '\0' ? "" : ", ", port);
		strncat(hosts, url, sizeof hosts - strlen(hosts) - 1);
		snprintf(text, sizeof text, "url: http://127.0.0.1:%u/in\n", port);
		write_file(k->hooks, w->name, ".hook", text);
		write_file(k->hooks, w->name, ".key", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n");
	}
	snprintf(text, sizeof text,
		 "source: urn:nld:oin:00000000000000000001:systeem:doorbraak-test\norigin: doorbraak.example.nl\n"
		 "hosts: %s\nprivate_hosts: %s\npause_ms: 10\ndeadline_ms: 2000\nfailing_after: 3\n",
		 hosts, hosts);
	write_file(k->hooks, "settings", "", text);
}

static bool
subscribe(struct kill_watchers *k, const struct watcher *w, struct why *why)
{
	struct front *f = &k->front;
	pb_Submission s;
	pb_Actor actor;
	pb_SubscriptionRegistered body;
	Google__Protobuf__Timestamp at;

	arena_reset(&f->arena);
	pb_Submission_init(&s);
	pb_Actor_init(&actor);
	pb_SubscriptionRegistered_init(&body);
	actor.role = (Doorbraak__V1__Role)ROLE_OPERATOR;
	actor.organisation = record_text(&f->arena, "NAT-VWS");
	record_timestamp(&at, f->clock_ms);
	s.source = record_text(&f->arena, "operator");
	s.id = record_text(&f->arena, w->name);
	s.actor = &actor;
	s.occurred_at = &at;
	s.body_case = DOORBRAAK__V1__SUBMISSION__BODY_SUBSCRIPTION_REGISTERED;
	s.subscription_registered = &body;
	body.subscription = record_text(&f->arena, w->name);
	body.addressee = (Doorbraak__V1__Addressee)record_enum_value(record_enum("Addressee"), w->topic);
	body.state = (Doorbraak__V1__SubscriptionState)SUBSCRIPTION_STATE_ACTIVE;
	const pb_Reply *reply = system_submit(k->system, &s, f->clock_ms, 10000, &f->arena, why);
	if (reply != NULL && reply->body_case != DOORBRAAK__V1__REPLY__BODY_ACCEPTED)
		why_set(why, "%s is not registered", w->name);
	return reply != NULL && reply->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED;
}

static bool
begin(struct kill_watchers *k, struct why *why)
{
	memcpy(k->watchers, watchers, sizeof k->watchers);
	prepare_hooks(k);
	if (fleet_start_all(&k->fleet, 20000, why) != ERR_NONE ||
	    system_open(&k->system, k->run_dir, why) != ERR_NONE || !front_open(&k->front, &k->fleet, k->system, why))
		return false;
	for (unsigned i = 0; i < WATCHERS; i++) {
		struct watcher *w = &k->watchers[i];
		if (w->kind == WATCHER_RECEIVER && !subscribe(k, w, why))
			return false;
		if (w->kind != WATCHER_RECEIVER)
			watcher_start(w, k->dir);
	}
	return true;
}

/* ---- dying ---- */

/* Half of the time a service dies, else a watcher; a watcher may be away for some rounds. */
static bool
kill_one(struct kill_watchers *k, struct why *why)
{
	struct front *f = &k->front;
	struct watcher *w = &k->watchers[load_below(&f->random, WATCHERS)];

	if (load_chance(&f->random, 50)) {
		const unsigned victim = load_chance(&f->random, 50) ? SIGNALLING : MONITORING;
		fleet_kill(&k->fleet, victim, SIGKILL);
		front_work(f, (int64_t)load_below(&f->random, 30), true);
		return fleet_start(&k->fleet, victim, why) == ERR_NONE &&
		       fleet_wait(&k->fleet, victim, 20000, why) == ERR_NONE;
	}
	if (w->pid != 0)
		watcher_kill(w);
	if (load_chance(&f->random, 60))
		watcher_start(w, k->dir);
	return true;
}

/* Who ended by itself is started again; false when it should not have. */
static bool
restart_ended(struct kill_watchers *k, struct why *why)
{
	why->text[0] = '\0';
	for (unsigned i = 0; i < WATCHERS; i++) {
		if (watcher_lives(&k->watchers[i], why))
			continue;
		if (why->text[0] != '\0')
			return false;
		k->aborted++;
		watcher_start(&k->watchers[i], k->dir);
	}
	return true;
}

static void
all_watch(struct kill_watchers *k)
{
	for (unsigned i = 0; i < WATCHERS; i++)
		if (k->watchers[i].pid == 0)
			watcher_start(&k->watchers[i], k->dir);
}

/* ---- ending ---- */

/* The journal of a service that runs, from its start on. */
struct running {
	struct kill_watchers *k;
	unsigned service;
	struct doorbraak_cursor cursor;
};

static size_t
read_running(void *ctx, struct arena *a, uint64_t after, struct journal_entry *entries, size_t max)
{
	struct running *r = ctx;
	const pb_PullReply *reply;
	struct why why;
	size_t n = 0;

	(void)after, (void)max;
	/* A reply holds no more than what is asked for; what did not fit comes with the next one. */
	struct doorbraak_cursor cursor = r->cursor;
	const int count =
	    system_read(r->k->system, r->service, DOORBRAAK_FROM_CURSOR, &cursor, NULL, 0, &reply, a, &why);
	for (; count > 0 && n < (size_t)count && n < max; n++) {
		const pb_JournalEntry *e = reply->entries[n];
		entries[n].seq = e->seq;
		entries[n].record = bytes_of(e->record.data, e->record.len);
		memcpy(entries[n].digest.b, e->digest.data, DIGEST_SIZE);
		r->cursor.seq = e->seq;
		memcpy(r->cursor.digest, e->digest.data, DIGEST_SIZE);
		memcpy(r->cursor.history, cursor.history, HISTORY_SIZE);
	}
	return n;
}

static bool
is_level(struct kill_watchers *k, const struct watcher *w, struct why *why)
{
	struct running running = {.k = k, .service = w->service};
	const struct row_source journal = {.ctx = &running, .read = read_running};
	struct watched found;

	if (!watched_check(w, k->dir, &journal, true, &found, why))
		return false;
	return found.whole;
}

static bool
all_level(struct kill_watchers *k, unsigned rounds, struct why *why)
{
	const int64_t until = front_steady_ms() + FRONT_CATCH_UP_MS + CATCH_UP_ROUND_MS * (int64_t)rounds;

	for (unsigned i = 0; i < WATCHERS;) {
		if (!restart_ended(k, why))
			return false;
		if (is_level(k, &k->watchers[i], why)) {
			i++;
			continue;
		}
		if (why->text[0] != '\0')
			return false;
		if (front_steady_ms() > until) {
			why_set(why, "%s does not catch up", k->watchers[i].name);
			return false;
		}
		poll(NULL, 0, 50);
	}
	return true;
}

/* Has it heard anything live? */
static bool
has_heard(const struct kill_watchers *k, const struct watcher *w)
{
	char path[FLEET_PATH_MAX], line[512];
	bool heard = false;

	watcher_file(w, k->dir, path);
	FILE *f = fopen(path, "re");
	while (f != NULL && !heard && fgets(line, sizeof line, f) != NULL)
		heard = line[0] == 'l';
	if (f != NULL)
		fclose(f);
	return heard;
}

/* Rounds may be too short for a listener to find its publisher again: there is more to hear until each has heard something,
 * or this takes too long. */
static bool
all_hear(struct kill_watchers *k, struct why *why)
{
	const int64_t until = front_steady_ms() + FRONT_CATCH_UP_MS;

	for (unsigned i = 0; i < WATCHERS;) {
		if (k->watchers[i].kind != WATCHER_LISTENER || has_heard(k, &k->watchers[i]) ||
		    front_steady_ms() > until) {
			i++;
			continue;
		}
		if (!restart_ended(k, why))
			return false;
		front_work(&k->front, 50, true);
		front_pass_time(&k->front);
	}
	return true;
}

static bool
judge(struct kill_watchers *k, struct why *why)
{
	char path[512];
	bool ok = true;

	if (k->aborted > 0)
		printf("%u watchers were aborted by libzmq, and started again\n", k->aborted);
	for (unsigned i = 0; i < WATCHERS && ok; i++) {
		const struct watcher *w = &k->watchers[i];
		struct archive *archive;
		struct row_source journal;
		struct watched found;
		snprintf(path, sizeof path, "%s/%s", k->run_dir, service_of_row(w->service)->name);
		if (archive_open(&archive, path, &journal, why) != ERR_NONE)
			return false;
		ok = watched_check(w, k->dir, &journal, false, &found, why);
		archive_close(&archive);
		printf("%-22s %7llu taken in, %7llu heard live, %4llu came again\n", w->name,
		       (unsigned long long)found.records, (unsigned long long)found.heard,
		       (unsigned long long)found.again);
		if (ok && (found.records == 0 || (w->kind == WATCHER_LISTENER && found.heard == 0))) {
			why_set(why, "%s was told nothing at all", w->name);
			ok = false;
		}
	}
	return ok;
}

static bool
campaign(struct kill_watchers *k, unsigned rounds, struct why *why)
{
	struct front *f = &k->front;

	if (!begin(k, why))
		return false;
	for (unsigned round = 0; round < rounds; round++) {
		front_work(f, 10 + (int64_t)load_below(&f->random, 80), true);
		for (uint64_t days = load_below(&f->random, 4); days > 0; days--)
			front_pass_time(f);
		if (!kill_one(k, why) || !restart_ended(k, why))
			return false;
	}
	all_watch(k);
	const bool level = all_hear(k, why) && front_settle(f, k->system, why) && all_level(k, rounds, why);

	system_close(&k->system);
	front_close(f);
	if (level && !fleet_stop_all(&k->fleet)) {
		why_set(why, "a service did not end with status 0 when it was asked to stop");
		return false;
	}
	for (unsigned i = 0; i < WATCHERS; i++)
		watcher_kill(&k->watchers[i]);
	return level && judge(k, why) && front_judge(f, k->dir, why);
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
	static struct kill_watchers k;
	char command[300];
	struct why why = {{0}};

	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && strcmp(argv[1], "--watcher") == 0)
		return watcher_main(argc - 1, argv + 1);
	const unsigned rounds = (unsigned)strtoul(option(argc, argv, "--rounds", "40"), NULL, 10);
	const uint64_t seed = strtoull(option(argc, argv, "--seed", "1"), NULL, 10);

	snprintf(k.dir, sizeof k.dir, "%s/doorbraak-watch-XXXXXX", option(argc, argv, "--dir", "/tmp"));
	if (mkdtemp(k.dir) == NULL)
		fatal("%s: %s", k.dir, strerror(errno));
	snprintf(k.run_dir, sizeof k.run_dir, "%s/run", k.dir);
	snprintf(k.hooks, sizeof k.hooks, "%s/hooks", k.dir);
	front_init(&k.front, seed);
	const struct fleet_options options = {.bin_dir = option(argc, argv, "--bin", "build/release/bin"),
					      .run_dir = k.run_dir,
					      .webhooks = k.hooks,
					      .driven = true,
					      .quiet = true};
	const bool ok = fleet_init(&k.fleet, &options, &why) == ERR_NONE && campaign(&k, rounds, &why);

	for (unsigned i = 0; i < WATCHERS; i++)
		watcher_kill(&k.watchers[i]);
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		fleet_kill(&k.fleet, i, SIGKILL);
	if (!ok)
		printf("seed %llu: %s\n  the data is left in %s\n", (unsigned long long)seed, why.text, k.dir);
	snprintf(command, sizeof command, "rm -rf '%s'", k.dir);
	if (ok && system(command) != 0)
		fprintf(stderr, "%s is left behind\n", k.dir);
	front_fini(&k.front);
	printf("%u passed, %u failed\n", ok ? rounds : 0, ok ? 0 : rounds);
	return ok ? 0 : 1;
}
