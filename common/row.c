// SPDX-License-Identifier: EUPL-1.2
/* row.c - see row.h. */
#include "common/row.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define CLIENT   SERVICE_COUNT /* the peer that is no service */
#define FEED_MAX 512u

struct place {
	struct row *row;
	unsigned index;
};

struct row {
	struct row_options options;
	struct node *nodes[SERVICE_COUNT];
	struct place places[SERVICE_COUNT];
	int64_t steady_ms;
	uint64_t random_count;
	struct bytes reply; /* to the client; owned */
	struct arena arena; /* of the feed */
	bool moved;
	struct why why;
};

static void
take_reply(struct row *row, struct bytes message)
{
	free((void *)(uintptr_t)row->reply.data);
	uint8_t *copy = malloc(message.len + 1);
	if (copy == NULL)
		fatal("out of memory");
	memcpy(copy, message.data, message.len);
	row->reply = bytes_of(copy, message.len);
}

static void
on_reply(void *ctx, const struct peer *to, struct bytes message)
{
	const struct place *p = ctx;

	ASSERT(to->len == 1);
	if (to->id[0] == CLIENT)
		take_reply(p->row, message);
	else
		node_hear(p->row->nodes[to->id[0]], message);
	p->row->moved = true;
}

/* The service that the journal of a replay is read by. */
static unsigned
reader(const struct row *row)
{
	return row->options.alone != 0 ? row->options.alone : 1;
}

/* In a replay its questions are answered from the journal that is replayed. */
static void
feed(struct row *row, struct bytes message)
{
	const struct row_source *s = row->options.source;
	struct journal_entry entries[FEED_MAX];
	struct why why;
	pb_Reply reply;
	pb_PullReply pull;
	pb_Cursor upto;

	arena_reset(&row->arena);
	const pb_Request *request =
	    record_unpack(&row->arena, &pb_Request_descriptor, message, RECORD_REQUEST_MAX, &why);
	ASSERT(request != NULL && request->body_case == DOORBRAAK__V1__REQUEST__BODY_PULL);
	const uint64_t after = request->pull->after->seq;
	const uint32_t asked = request->pull->records_max;
	const size_t count =
	    s->read(s->ctx, &row->arena, after, entries, asked == 0 || asked > FEED_MAX ? FEED_MAX : asked);
	if (count == 0)
		return;
	pb_Reply_init(&reply);
	pb_PullReply_init(&pull);
	pb_Cursor_init(&upto);
	pull.entries = ARENA_ARRAY(&row->arena, pb_JournalEntry *, count);
	for (size_t i = 0; i < count; i++) {
		pb_JournalEntry *e = ARENA_NEW(&row->arena, pb_JournalEntry);
		pb_JournalEntry_init(e);
		e->seq = entries[i].seq;
		e->digest = (ProtobufCBinaryData){DIGEST_SIZE, entries[i].digest.b};
		e->record = (ProtobufCBinaryData){entries[i].record.len, (uint8_t *)(uintptr_t)entries[i].record.data};
		pull.entries[pull.n_entries++] = e;
	}
	upto.seq = entries[count - 1].seq;
	upto.history = (ProtobufCBinaryData){HISTORY_SIZE, (uint8_t *)(uintptr_t)s->history.b};
	upto.digest = (ProtobufCBinaryData){DIGEST_SIZE, entries[count - 1].digest.b};
	pull.upto = &upto;
	pull.head = s->head;
	pull.applied = upto.seq != s->head ? 0 : s->applied != 0 ? s->applied : s->head;
	reply.body_case = DOORBRAAK__V1__REPLY__BODY_PULL;
	reply.pull = &pull;
	node_hear(row->nodes[reader(row)], RECORD_PACK(&row->arena, &reply));
	row->moved = true;
}

static void
on_ask(void *ctx, struct bytes message)
{
	const struct place *p = ctx;
	const struct peer from = {.len = 1, .id = {(uint8_t)p->index}};

	if (p->row->options.source != NULL && p->index == reader(p->row))
		feed(p->row, message);
	else
		node_take(p->row->nodes[p->index - 1], &from, message);
	p->row->moved = true;
}

/* Repeatable numbers from a seed: a stream of BLAKE2b, each block over (seed, count). */
static void
on_random(void *ctx, uint8_t *out, size_t len)
{
	struct row *row = ((const struct place *)ctx)->row;

	if (row->options.seed == 0) {
		randombytes_buf(out, len);
		return;
	}
	for (size_t done = 0; done < len;) {
		uint8_t block[16];
		put_u64(block, row->options.seed);
		put_u64(block + 8, row->random_count++);
		const struct digest d = digest_of(bytes_of(block, sizeof block));
		const size_t n = len - done < DIGEST_SIZE ? len - done : DIGEST_SIZE;
		memcpy(out + done, d.b, n);
		done += n;
	}
}

static enum err
open_one(struct row *row, unsigned i, struct why *why)
{
	char dir[4096];
	const struct service *service = service_of_row(i);

	if ((size_t)snprintf(dir, sizeof dir, "%s/%s", row->options.dir, service->name) >= sizeof dir) {
		why_set(why, "%s: the path is too long", row->options.dir);
		return ERR_REFUSED;
	}
	row->places[i] = (struct place){row, i};
	const struct node_options options = {
	    .service = service,
	    .store = {.dir = dir, .fast = row->options.fast},
	    .clock = NODE_CLOCK_DRIVEN,
	    .turn_records_max = row->options.turn_records_max,
	    .io = {.ctx = &row->places[i], .reply = on_reply, .ask = on_ask, .random = on_random},
	};
	return node_open(&row->nodes[i], &options, why);
}

enum err
row_open(struct row **out, const struct row_options *options, struct why *why)
{
	struct row *row = calloc(1, sizeof *row);

	if (row == NULL)
		fatal("out of memory");
	row->options = *options;
	arena_init(&row->arena);
	for (unsigned i = options->source != NULL ? reader(row) : 0; i < SERVICE_COUNT; i++) {
		if (options->alone != 0 && i != options->alone)
			continue;
		const enum err err = open_one(row, i, why);
		if (err != ERR_NONE) {
			row_close(&row);
			return err;
		}
	}
	*out = row;
	return ERR_NONE;
}

void
row_close(struct row **out)
{
	struct row *row = *out;

	if (row == NULL)
		return;
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		node_close(&row->nodes[i]);
	free((void *)(uintptr_t)row->reply.data);
	arena_fini(&row->arena);
	free(row);
	*out = NULL;
}

enum err
row_turn(struct row *row, bool *moved)
{
	row->moved = false;
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		if (row->nodes[i] == NULL)
			continue;
		const enum err err =
		    node_turn(row->nodes[i], (struct node_now){.wall_ms = 0, .steady_ms = row->steady_ms});
		if (err != ERR_NONE) {
			row->why = (struct why){{0}};
			why_set(&row->why, "%s", node_why(row->nodes[i]));
			return err;
		}
	}
	*moved = row->moved;
	return ERR_NONE;
}

enum err
row_settle(struct row *row)
{
	bool moved = true;

	while (moved) {
		const enum err err = row_turn(row, &moved);
		if (err != ERR_NONE)
			return err;
	}
	return ERR_NONE;
}

const char *
row_why(const struct row *row)
{
	return row->why.text;
}

const pb_Reply *
row_ask(struct row *row, unsigned service, const pb_Request *request, struct arena *a)
{
	const struct peer client = {.len = 1, .id = {CLIENT}};
	struct why why;
	bool moved;

	free((void *)(uintptr_t)row->reply.data);
	row->reply = (struct bytes){0};
	node_take(row->nodes[service], &client, RECORD_PACK(a, request));
	while (row->reply.data == NULL) {
		if (row_turn(row, &moved) != ERR_NONE)
			return NULL;
		if (!moved) {
			why_set(&row->why, "%s gave no answer", service_of_row(service)->name);
			return NULL;
		}
	}
	const pb_Reply *reply =
	    record_unpack(a, &pb_Reply_descriptor, arena_copy(a, row->reply), RECORD_REPLY_MAX, &why);
	if (reply == NULL)
		row->why = why;
	return reply;
}

struct node *
row_node(struct row *row, unsigned service)
{
	return row->nodes[service];
}

size_t
row_read(struct row *row, unsigned service, struct arena *a, uint64_t after, struct journal_entry *entries, size_t max)
{
	struct store_txn *txn = store_begin_read(node_store(row->nodes[service]));
	struct journal j = node_journal(row->nodes[service]);
	struct journal_reader reader;
	size_t count = 0;
	enum err err = ERR_NONE;

	journal_read_begin(&reader, j, txn, after);
	while (count < max && (err = journal_read_next(&reader, &entries[count])) == ERR_NONE) {
		entries[count].record = arena_copy(a, entries[count].record);
		count++;
	}
	journal_read_end(&reader);
	store_abort(txn);
	if (err == ERR_CORRUPT) /* not the end: a replay of the part before it would look whole */
		fatal("%s: the journal is damaged behind record %llu", service_of_row(service)->name,
		      (unsigned long long)(count > 0 ? entries[count - 1].seq : after));
	return count;
}
