// SPDX-License-Identifier: EUPL-1.2
/* sim.c - five services in one process on a cruel network, from a seed.
 *
 *   sim --seed N [--steps N] [--verbose]    one run
 *   sim --runs N [--first SEED]             many; ends with `N passed, N failed`
 *
 * One virtual clock drives everything; the only state outside it is LMDB on a memory file system, without sync (a crash is the
 * loss of what was not committed). Faults: messages are delayed, dropped, doubled and reordered; links are cut; a service
 * crashes before or right after its commit, its disk is full, it stands still for seconds; the system clock jumps. In the
 * end the faults stop, everybody must catch up within a bounded time, and the oracle judges. The same seed gives the same
 * run; a failed run prints the command that repeats it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/load/load.h"
#include "tests/sim/adopt.h"
#include "tests/sim/oracle.h"

#define NETWORK_MAX 4096u
#define CLIENTS     4u
#define CLIENT_PEER 100u
#define ACKS_MAX    65536u
#define DAY_MS      86400000
#define CATCH_UP_MS 120000 /* virtual; after the faults have stopped */

enum direction { TO_DOOR, TO_HEAR, TO_CLIENT };

struct packet {
	int64_t at_ms; /* delivered then */
	uint64_t order;
	enum direction direction;
	unsigned to;
	struct peer from;
	struct bytes bytes;
};

struct sim;

struct machine {
	struct sim *sim;
	unsigned index;
	struct node *node;
	int64_t down_until_ms, stalled_until_ms, cut_until_ms; /* cut: the link to its upstream */
	int fail_commit;                                       /* errno */
	unsigned fail_after;                                   /* commits that still succeed before it */
	bool mute;                                             /* crashed right after the commit: nothing is told */
};

/* A front end: one submission at a time, sent again until it is answered. */
struct client {
	struct load_item item;
	struct bytes bytes; /* owned; NULL when idle */
	uint64_t request_id;
	int64_t next_ms;
};

struct sim {
	uint64_t seed;
	struct load_random random;
	char dir[256];
	bool verbose, faults;
	int64_t steady_ms, wall_ms;
	struct machine machines[SERVICE_COUNT];
	struct packet network[NETWORK_MAX];
	size_t packets;
	uint64_t order;
	struct client clients[CLIENTS];
	struct load load;
	struct load_case cases[64];
	struct oracle_ack *acks;
	size_t ack_count;
	uint64_t request_id;
	unsigned set_up; /* administrator's submissions done */
	uint64_t crashes, drops, doubles, cuts, jumps, stalls;
	struct arena arena;
	struct why why;
	bool failed;
};

static void
fail(struct sim *sim, const char *what, const char *detail)
{
	if (!sim->failed)
		why_set(&sim->why, "%s: %s", what, detail);
	sim->failed = true;
}

/* ---- the network ------------------------------------------------------------------------------------------------------- */

static void
send_packet(struct sim *sim, enum direction direction, unsigned to, const struct peer *from, struct bytes bytes)
{
	const bool drop = sim->faults && load_chance(&sim->random, 5);
	const unsigned copies = drop ? 0 : sim->faults && load_chance(&sim->random, 5) ? 2 : 1;

	sim->drops += drop;
	sim->doubles += copies == 2;
	for (unsigned i = 0; i < copies && sim->packets < NETWORK_MAX; i++) {
		uint8_t *copy = malloc(bytes.len + 1);
		if (copy == NULL)
			fatal("out of memory");
		memcpy(copy, bytes.data, bytes.len);
		const int64_t delay =
		    sim->faults ? (int64_t)load_below(&sim->random, load_chance(&sim->random, 10) ? 3000 : 40) : 1;
		sim->network[sim->packets++] = (struct packet){
		    sim->steady_ms + 1 + delay, sim->order++, direction, to, *from, bytes_of(copy, bytes.len)};
	}
}

static void
on_reply(void *ctx, const struct peer *to, struct bytes bytes)
{
	const struct machine *m = ctx;
	const struct peer none = {0};

	if (m->mute)
		return;
	if (to->id[0] >= CLIENT_PEER)
		send_packet(m->sim, TO_CLIENT, to->id[0] - CLIENT_PEER, &none, bytes);
	else
		send_packet(m->sim, TO_HEAR, to->id[0], &none, bytes);
}

static void
on_ask(void *ctx, struct bytes bytes)
{
	const struct machine *m = ctx;
	const struct peer from = {.len = 1, .id = {(uint8_t)m->index}};

	if (!m->mute)
		send_packet(m->sim, TO_DOOR, m->index - 1, &from, bytes);
}

static void
on_random(void *ctx, uint8_t *out, size_t len)
{
	const struct machine *m = ctx;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)load_draw(&m->sim->random);
}

/* ---- machines ---------------------------------------------------------------------------------------------------------- */

static int
on_commit(void *ctx)
{
	struct machine *m = ctx;
	const int error = m->fail_commit;

	if (error == 0)
		return 0;
	if (m->fail_after > 0) {
		m->fail_after--;
		return 0;
	}
	m->fail_commit = 0;
	return error;
}

static void
machine_start(struct machine *m)
{
	struct sim *sim = m->sim;
	char dir[300];
	struct why why;

	snprintf(dir, sizeof dir, "%s/%s", sim->dir, service_of_row(m->index)->name);
	m->fail_commit = 0;
	m->mute = false;
	const struct node_options options = {
	    .service = service_of_row(m->index),
	    .store = {.dir = dir, .fast = true, .map_bytes = (size_t)1 << 30, .fault = on_commit, .fault_ctx = m},
	    .clock = NODE_CLOCK_SYSTEM,
	    .turn_records_max = 1 + (uint32_t)load_below(&sim->random, 64),
	    .io = {.ctx = m, .reply = on_reply, .ask = on_ask, .random = on_random},
	};
	if (node_open(&m->node, &options, &why) != ERR_NONE)
		fail(sim, options.service->name, why.text);
}

static void
machine_crash(struct machine *m)
{
	node_close(&m->node);
	m->down_until_ms = m->sim->steady_ms + 50 + (int64_t)load_below(&m->sim->random, 2000);
	m->sim->crashes++;
}

static void
machine_turn(struct machine *m)
{
	struct sim *sim = m->sim;

	if (sim->steady_ms < m->down_until_ms || sim->steady_ms < m->stalled_until_ms || sim->failed)
		return;
	if (m->node == NULL)
		machine_start(m);
	if (m->node == NULL)
		return;
	const enum err err = node_turn(m->node, (struct node_now){sim->wall_ms, sim->steady_ms});
	if (err == ERR_NONE && !m->mute)
		return;
	if (err == ERR_REFUSED || err == ERR_CORRUPT) {
		fail(sim, service_of_row(m->index)->name, node_why(m->node));
		return;
	}
	if (err != ERR_STORE_FULL)
		machine_crash(m);
}

static bool
link_is_cut(const struct sim *sim, const struct packet *p)
{
	if (p->direction == TO_HEAR)
		return sim->steady_ms < sim->machines[p->to].cut_until_ms;
	return p->direction == TO_DOOR && p->from.id[0] < SERVICE_COUNT &&
	       sim->steady_ms < sim->machines[p->from.id[0]].cut_until_ms;
}

/* ---- front ends -------------------------------------------------------------------------------------------------------- */

static void
client_send(struct sim *sim, unsigned i)
{
	struct client *c = &sim->clients[i];
	const struct peer me = {.len = 1, .id = {(uint8_t)(CLIENT_PEER + i)}};
	pb_Request request;
	pb_SubmitRequest submit;

	pb_Request_init(&request);
	pb_SubmitRequest_init(&submit);
	submit.submission = (ProtobufCBinaryData){c->bytes.len, (uint8_t *)(uintptr_t)c->bytes.data};
	request.request_id = c->request_id;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &submit;
	send_packet(sim, TO_DOOR, 0, &me, RECORD_PACK(&sim->arena, &request));
	c->next_ms = sim->steady_ms + 1500;
}

static void
client_begin(struct sim *sim, unsigned i)
{
	struct client *c = &sim->clients[i];
	struct bytes bytes;

	if (sim->set_up < adopt_count()) {
		if (i != 0)
			return;
		bytes = adopt_submission(&sim->arena, sim->set_up, sim->wall_ms);
		c->item = (struct load_item){0};
	} else if (load_next(&sim->load, &sim->arena, sim->wall_ms, &c->item)) {
		bytes = c->item.submission;
	} else {
		return;
	}
	uint8_t *copy = malloc(bytes.len + 1);
	if (copy == NULL)
		fatal("out of memory");
	memcpy(copy, bytes.data, bytes.len);
	c->bytes = bytes_of(copy, bytes.len);
	c->request_id = ++sim->request_id;
	client_send(sim, i);
}

static void
client_done(struct sim *sim, struct client *c)
{
	free((void *)(uintptr_t)c->bytes.data);
	c->bytes = (struct bytes){0};
	c->next_ms = sim->steady_ms + (int64_t)load_below(&sim->random, 400);
}

static void
client_hear(struct sim *sim, unsigned i, struct bytes bytes)
{
	struct client *c = &sim->clients[i];
	struct why why;
	const pb_Reply *r = record_unpack(&sim->arena, &pb_Reply_descriptor, bytes, RECORD_REPLY_MAX, &why);

	if (r == NULL || c->bytes.data == NULL || r->request_id != c->request_id)
		return;
	const bool setting_up = sim->set_up < adopt_count();
	if (r->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED) {
		if (setting_up) {
			sim->set_up++;
		} else if (sim->ack_count < ACKS_MAX) {
			struct oracle_ack *a = &sim->acks[sim->ack_count++];
			*a = (struct oracle_ack){.seq = r->accepted->seq};
			snprintf(a->source, sizeof a->source, "%s", c->item.source);
			snprintf(a->id, sizeof a->id, "%s", c->item.id);
			snprintf(a->case_id, sizeof a->case_id, "%s", r->accepted->case_id);
			load_accepted(&sim->load, &c->item, r->accepted->case_id);
		}
		client_done(sim, c);
	} else if (r->body_case == DOORBRAAK__V1__REPLY__BODY_REJECTED) {
		if (setting_up)
			fail(sim, "a submission of the administrator was rejected", r->rejected->violations[0]->text);
		if (sim->verbose)
			printf("rejected: %s\n", record_json(&sim->arena, &r->base, true));
		client_done(sim, c);
	}
	/* Refused: it is sent again. */
}

static void
client_turn(struct sim *sim, unsigned i, bool may_begin)
{
	struct client *c = &sim->clients[i];

	if (sim->steady_ms < c->next_ms)
		return;
	if (c->bytes.data != NULL)
		client_send(sim, i);
	else if (may_begin)
		client_begin(sim, i);
}

/* ---- the world --------------------------------------------------------------------------------------------------------- */

static void
deliver(struct sim *sim)
{
	for (;;) {
		size_t best = sim->packets;
		for (size_t i = 0; i < sim->packets; i++) {
			const struct packet *p = &sim->network[i];
			if (p->at_ms <= sim->steady_ms &&
			    (best == sim->packets || p->at_ms < sim->network[best].at_ms ||
			     (p->at_ms == sim->network[best].at_ms && p->order < sim->network[best].order)))
				best = i;
		}
		if (best == sim->packets)
			return;
		const struct packet p = sim->network[best];
		sim->network[best] = sim->network[--sim->packets];
		if (!link_is_cut(sim, &p)) {
			if (p.direction == TO_CLIENT)
				client_hear(sim, p.to, p.bytes);
			else if (sim->machines[p.to].node != NULL && p.direction == TO_HEAR)
				node_hear(sim->machines[p.to].node, p.bytes);
			else if (sim->machines[p.to].node != NULL && node_has_room(sim->machines[p.to].node))
				node_take(sim->machines[p.to].node, &p.from, p.bytes);
		}
		free((void *)(uintptr_t)p.bytes.data);
	}
}

static void
misfortune(struct sim *sim)
{
	struct machine *m = &sim->machines[load_below(&sim->random, SERVICE_COUNT)];
	const int64_t jumps[] = {DAY_MS, 3 * DAY_MS, 20 * (int64_t)DAY_MS, -3600000, 7200000};

	switch (load_below(&sim->random, 7)) {
	case 0:
	case 1:
		m->fail_commit = load_chance(&sim->random, 50) ? EIO : ENOSPC;
		m->fail_after = (unsigned)load_below(&sim->random, 4);
		break;
	case 2:
		if (m->node != NULL)
			machine_crash(m);
		break;
	case 3: m->mute = m->node != NULL; break; /* dies right after its next commit */
	case 4:
		m->cut_until_ms = sim->steady_ms + (int64_t)load_below(&sim->random, 5000);
		sim->cuts++;
		break;
	case 5:
		m->stalled_until_ms = sim->steady_ms + (int64_t)load_below(&sim->random, 8000);
		sim->stalls++;
		break;
	default:
		sim->wall_ms += jumps[load_below(&sim->random, 5)];
		sim->jumps++;
		break;
	}
}

static void
step(struct sim *sim, bool may_begin)
{
	const int64_t ms = 1 + (int64_t)load_below(&sim->random, 20);

	arena_reset(&sim->arena);
	sim->steady_ms += ms;
	sim->wall_ms += ms;
	/* A day passes now and then, so that deadlines come. */
	if (may_begin && sim->set_up == adopt_count() && load_chance(&sim->random, 2))
		sim->wall_ms += (int64_t)load_below(&sim->random, DAY_MS / 2);
	deliver(sim);
	for (unsigned i = 0; i < CLIENTS; i++)
		client_turn(sim, i, may_begin);
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		machine_turn(&sim->machines[i]);
	if (sim->faults && load_chance(&sim->random, 2))
		misfortune(sim);
}

static bool
all_done(const struct sim *sim)
{
	uint64_t head = 0;

	for (unsigned i = 0; i < CLIENTS; i++)
		if (sim->clients[i].bytes.data != NULL)
			return false;
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		struct node_status s;
		if (sim->machines[i].node == NULL)
			return false;
		node_status(sim->machines[i].node, &s);
		if (i == 0)
			head = s.head.seq;
		else if (s.cursor.applied != head)
			return false;
	}
	return true;
}

static size_t
read_machine(void *ctx, struct arena *a, uint64_t after, struct journal_entry *entries, size_t max)
{
	const struct machine *m = ctx;
	struct store_txn *txn = store_begin_read(node_store(m->node));
	struct journal_reader r;
	size_t count = 0;

	journal_read_begin(&r, node_journal(m->node), txn, after);
	while (count < max && journal_read_next(&r, &entries[count]) == ERR_NONE) {
		entries[count].record = arena_copy(a, entries[count].record);
		count++;
	}
	journal_read_end(&r);
	store_abort(txn);
	return count;
}

static void
judge(struct sim *sim, struct oracle_counts *counts)
{
	struct row_source journals[SERVICE_COUNT];
	char scratch[300];
	struct node_status s;
	static const uint32_t batches[] = {1, 7, 256};

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		node_status(sim->machines[i].node, &s);
		journals[i] = (struct row_source){&sim->machines[i], s.history, s.head.seq, read_machine, 0};
	}
	snprintf(scratch, sizeof scratch, "%s/replay", sim->dir);
	if (mkdtemp(strcat(scratch, "XXXXXX")) == NULL)
		fatal("%s: %s", scratch, strerror(errno));
	if (!oracle_check(journals, sim->acks, sim->ack_count, scratch, batches[sim->seed % 3], counts, &sim->why))
		sim->failed = true;
}

static void
sim_end(struct sim *sim)
{
	char command[400];

	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		node_close(&sim->machines[i].node);
	for (size_t i = 0; i < sim->packets; i++)
		free((void *)(uintptr_t)sim->network[i].bytes.data);
	for (unsigned i = 0; i < CLIENTS; i++)
		free((void *)(uintptr_t)sim->clients[i].bytes.data);
	arena_fini(&sim->arena);
	free(sim->acks);
	snprintf(command, sizeof command, "rm -rf '%s'", sim->dir);
	if (system(command) != 0)
		fprintf(stderr, "sim: %s is left behind\n", sim->dir);
}

/* One run. True when everything held. */
static bool
run(uint64_t seed, unsigned steps, bool verbose, struct why *why)
{
	struct sim *sim = calloc(1, sizeof *sim);
	struct oracle_counts counts = {0};

	if (sim == NULL)
		fatal("out of memory");
	sim->seed = seed;
	sim->random.state = seed * 2654435761u + 1;
	sim->verbose = verbose;
	sim->steady_ms = 1000;
	sim->wall_ms = cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0);
	sim->acks = calloc(ACKS_MAX, sizeof *sim->acks);
	if (sim->acks == NULL)
		fatal("out of memory");
	arena_init(&sim->arena);
	snprintf(sim->dir, sizeof sim->dir, "%s/doorbraak-sim-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(sim->dir) == NULL)
		fatal("%s: %s", sim->dir, strerror(errno));
	load_init(&sim->load, seed, "m", sim->cases, 8 + (unsigned)(seed % 24));
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		sim->machines[i] = (struct machine){.sim = sim, .index = i};

	sim->faults = false;
	while (!sim->failed && sim->set_up < adopt_count())
		step(sim, true);
	sim->faults = true;
	for (unsigned i = 0; i < steps && !sim->failed; i++)
		step(sim, true);
	sim->faults = false;
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		sim->machines[i].cut_until_ms = sim->machines[i].stalled_until_ms = sim->machines[i].fail_commit = 0;
	const int64_t limit = sim->steady_ms + CATCH_UP_MS;
	while (!sim->failed && !all_done(sim) && sim->steady_ms < limit)
		step(sim, false);
	if (!sim->failed && !all_done(sim))
		fail(sim, "liveness", "not everybody caught up after the faults stopped");
	if (!sim->failed)
		judge(sim, &counts);
	if (verbose)
		printf("seed %llu: %llu accepted, %llu answers of routing, %llu rejected, %llu missed, %llu case "
		       "states; %llu crashes, "
		       "%llu dropped, %llu doubled, %llu cuts, %llu stalls, %llu jumps\n",
		       (unsigned long long)seed, (unsigned long long)counts.accepted,
		       (unsigned long long)counts.answers, (unsigned long long)counts.rejected,
		       (unsigned long long)counts.missed, (unsigned long long)counts.cases,
		       (unsigned long long)sim->crashes, (unsigned long long)sim->drops,
		       (unsigned long long)sim->doubles, (unsigned long long)sim->cuts, (unsigned long long)sim->stalls,
		       (unsigned long long)sim->jumps);
	const bool ok = !sim->failed;
	*why = sim->why;
	sim_end(sim);
	free(sim);
	return ok;
}

static uint64_t
number(const char *text)
{
	char *end;
	const unsigned long long n = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0') {
		fprintf(stderr, "sim: %s is not a number\n", text);
		exit(2);
	}
	return n;
}

int
main(int argc, char **argv)
{
	uint64_t first = 1, runs = 1;
	unsigned steps = 1500, failed = 0;
	bool verbose = false;

	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";
		if (strcmp(argv[i], "--verbose") == 0) {
			verbose = true;
			continue;
		}
		i++;
		if (strcmp(argv[i - 1], "--seed") == 0 || strcmp(argv[i - 1], "--first") == 0)
			first = number(value);
		else if (strcmp(argv[i - 1], "--runs") == 0)
			runs = number(value);
		else if (strcmp(argv[i - 1], "--steps") == 0)
			steps = (unsigned)number(value);
		else {
			fprintf(stderr, "usage: sim [--seed N | --runs N [--first SEED]] [--steps N] [--verbose]\n");
			return 2;
		}
	}
	for (uint64_t seed = first; seed < first + runs; seed++) {
		struct why why = {{0}};
		if (run(seed, steps, verbose, &why))
			continue;
		failed++;
		printf("seed %llu: %s\n  again: sim --seed %llu --steps %u --verbose\n", (unsigned long long)seed,
		       why.text, (unsigned long long)seed, steps);
		fflush(stdout);
	}
	printf("%llu passed, %u failed\n", (unsigned long long)(runs - failed), failed);
	return failed == 0 ? 0 : 1;
}
