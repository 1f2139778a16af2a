// SPDX-License-Identifier: EUPL-1.2
/* node.c - the life of a node and its turn. The happy path is node_turn(): sort what came in, run one batch, commit, tell,
 * answer questions, ask upstream. What can go wrong, and what then, stands in node.h. */
#include <sodium.h>
#include <stdlib.h>

#include "common/node_internal.h"
#include "common/sabotage.h"

static const char meta_name[] = "meta";
static const char logic_key[] = "logic_version";
static const char layout_key[] = "layout";

static void
ask_behind(struct node *node, const pb_Cursor *after)
{
	pb_Request request;
	pb_PullRequest pull;

	pb_Request_init(&request);
	pb_PullRequest_init(&pull);
	pull.from = DOORBRAAK__V1__PULL_FROM__PULL_FROM_CURSOR;
	pull.after = (pb_Cursor *)(uintptr_t)after;
	pull.records_max = node->options.turn_records_max;
	pull.no_wait = !node->heard_once; /* so that a new life soon knows where it stands */
	request.request_id = ++node->request_id;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_PULL;
	request.pull = &pull;
	node->waiting = true;
	node->asked_ms = node->now.steady_ms;
	node->options.io.ask(node->options.io.ctx, RECORD_PACK(&node->arena, &request));
}

/* Asks for what stands behind the last record applied, unless a question is under way. */
static void
ask(struct node *node)
{
	static const struct history none;
	const struct cursor *c = &node->status.cursor;
	pb_Cursor after;

	if (node->waiting && (SABOTAGE(NO_REPEAT) || node->now.steady_ms - node->asked_ms < NODE_REPEAT_MS))
		return;
	pb_Cursor_init(&after);
	if (memcmp(c->history.b, none.b, HISTORY_SIZE) != 0)
		after.history = (ProtobufCBinaryData){HISTORY_SIZE, (uint8_t *)(uintptr_t)c->history.b};
	after.seq = c->seq;
	if (c->seq > 0)
		after.digest = (ProtobufCBinaryData){DIGEST_SIZE, (uint8_t *)(uintptr_t)c->digest.b};
	ask_behind(node, &after);
}

/* While a batch is applied, the upstream can already answer the next question. When the batch comes to nothing, that answer
 * does not fit the cursor, is passed over, and the right question is asked. */
static void
ask_ahead(struct node *node, const pb_PullReply *pull)
{
	const uint64_t applied = node->status.cursor.seq;

	if (pull->n_entries > 0 && pull->upto != NULL && pull->upto->seq > applied &&
	    pull->entries[0]->seq <= applied + 1 && pull->upto->seq < pull->head)
		ask_behind(node, pull->upto);
}

/* Does an answer bring records that come next? An answer to an older question does not. */
static bool
brings_records(const struct node *node, const pb_PullReply *pull)
{
	const uint64_t applied = node->status.cursor.seq;

	if (pull->n_entries == 0 || SABOTAGE(NO_DEDUP))
		return pull->n_entries > 0;
	return pull->entries[0]->seq <= applied + 1 && pull->entries[pull->n_entries - 1]->seq > applied;
}

static enum err
hear_pull(struct node *node, const pb_PullReply *pull)
{
	const bool news = brings_records(node, pull) || pull->applied > node->status.cursor.applied;
	const int64_t clock_ms = pull->clock != NULL ? record_at_ms(pull->clock) : 0;
	enum err err = ERR_NONE;

	if (clock_ms > node->status.clock_ms)
		node->status.clock_ms = clock_ms;
	node->status.heard_steady_ms = node->now.steady_ms;
	node->status.upstream_head = pull->head;
	node->heard_once = true;
	ask_ahead(node, pull);
	if (news)
		err = node_upstream_batch(node, pull);
	node->status.caught_up = node->status.cursor.seq >= pull->head;
	return err;
}

/* The upstream's answer is applied when it brings something; when the store is full it is dropped and asked for again. */
static enum err
hear(struct node *node)
{
	const struct bytes heard = node->heard;
	struct why why;
	enum err err = ERR_NONE;

	if (heard.data == NULL)
		return ERR_NONE;
	node->heard = (struct bytes){0}; /* room for the answer to the next question */
	const pb_Reply *reply = record_unpack(&node->arena, &pb_Reply_descriptor, heard, RECORD_REPLY_MAX, &why);
	if (reply == NULL) {
		err = node_broken(node, why.text, node->status.cursor.seq + 1);
	} else if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_PULL) {
		err = hear_pull(node, reply->pull);
	} else if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED) {
		err = node_upstream_refused(node, reply->refused);
		node->waiting = true; /* not at once again */
		node->asked_ms = node->now.steady_ms;
	}
	free((void *)(uintptr_t)heard.data);
	return err;
}

/* ---- the turn ---------------------------------------------------------------------------------------------------- */

/* What came in, sorted: submissions and time make the batch, everything else only reads. */
struct sorted {
	const struct message **messages;
	const pb_Request **requests;
	size_t writes;
	const struct message **questions;
	const pb_Request **question_requests;
	size_t reads;
};

static bool
writes(const struct node *node, const pb_Request *r)
{
	return node_is_intake(node) && ((r->body_case == DOORBRAAK__V1__REQUEST__BODY_SUBMIT && r->submit != NULL) ||
					(r->body_case == DOORBRAAK__V1__REQUEST__BODY_CLOCK && r->clock != NULL));
}

static struct sorted
sort_inbox(struct node *node)
{
	const size_t n = node->inbox_count;
	struct arena *a = &node->arena;
	struct sorted s = {ARENA_ARRAY(a, const struct message *, n), ARENA_ARRAY(a, const pb_Request *, n), 0,
			   ARENA_ARRAY(a, const struct message *, n), ARENA_ARRAY(a, const pb_Request *, n), 0};

	for (size_t i = 0; i < n; i++) {
		const struct message *m = &node->inbox[i];
		struct why why;
		const pb_Request *r = record_unpack(a, &pb_Request_descriptor, m->bytes, RECORD_REQUEST_MAX, &why);

		if (r == NULL) {
			node_refuse(node, &m->from, 0,
				    m->bytes.len > RECORD_REQUEST_MAX ? REFUSED_REASON_TOO_LARGE
								      : REFUSED_REASON_MALFORMED_REQUEST,
				    why.text, 0);
		} else if (writes(node, r)) {
			s.messages[s.writes] = m;
			s.requests[s.writes++] = r;
		} else {
			s.questions[s.reads] = m;
			s.question_requests[s.reads++] = r;
		}
	}
	return s;
}

static void
inbox_clear(struct node *node)
{
	for (size_t i = 0; i < node->inbox_count; i++)
		free((void *)(uintptr_t)node->inbox[i].bytes.data);
	node->inbox_count = 0;
	node->inbox_bytes = 0;
}

static void
look_at_disk(struct node *node)
{
	if (node->usage_ms != 0 && node->now.steady_ms - node->usage_ms < 1000)
		return;
	node->usage_ms = node->now.steady_ms;
	node->status.usage = store_usage(node->store);
	const uint64_t left = node->status.usage.disk_free_bytes;

	node->status.disk_warn = left < node->options.disk_warn_bytes;
	node->status.disk_low = left < node->options.disk_reserve_bytes;
	/* What was accepted is still worked off from the other half, and who looked is still written down. */
	node->disk_full = left < node->options.disk_reserve_bytes / 2;
}

static void
refuse_writes(struct node *node, const struct sorted *s, int reason, const char *text)
{
	for (size_t i = 0; i < s->writes; i++)
		node_refuse(node, &s->messages[i]->from, s->requests[i]->request_id, reason, text, 1000);
}

/* Nothing can be kept: what was submitted is refused. What a batch wanted to say stands behind `said` and is taken back. */
static void
take_back(struct node *node, const struct sorted *s, struct outgoing **said)
{
	*said = NULL;
	node->out_last = said;
	node->pub_first = NULL;
	node->pub_last = &node->pub_first;
	refuse_writes(node, s, REFUSED_REASON_DISK_LOW, "there is no room: nothing was kept; try again later");
}

static enum err
intake_turn(struct node *node, const struct sorted *s)
{
	enum err err = ERR_NONE;

	node->status.clock_wrong = node_clock_is_wrong(node);
	if (node->status.clock_wrong) {
		refuse_writes(node, s, REFUSED_REASON_BUSY,
			      "intake's system clock cannot be right: nothing is taken until it is; try again later");
		return ERR_NONE;
	}
	/* After an undone batch: a day that began, or a jump, is not told yet. */
	if (s->writes > 0 || node->reopen || node_clock_is_due(node))
		err = node_intake_batch(node, s->messages, s->requests, s->writes);
	if (s->writes > 0)
		node->handed_in_ms = node->now.steady_ms;
	if (err == ERR_NONE) {
		node->last_wall_ms = node->now.wall_ms;
		node->last_steady_ms = node->now.steady_ms;
	}
	return err;
}

static enum err
write_what_came(struct node *node, const struct sorted *s)
{
	enum err err;

	if (node->disk_full)
		err = ERR_STORE_FULL; /* not begun: it would be undone, or worse */
	else
		err = node_is_intake(node) ? intake_turn(node, s) : hear(node);
	if (node_is_intake(node))
		node->status.caught_up = true;
	if (node_is_intake(node) || node->disk_full)
		node->status.heard_steady_ms = node->now.steady_ms; /* it is not the upstream that is silent */
	if (node->status.caught_up)
		node->status.behind_steady_ms = 0;
	else if (node->status.behind_steady_ms == 0)
		node->status.behind_steady_ms = node->now.steady_ms;
	node->status.refusing = node->reopen || node->disk_full; /* until a batch succeeds again */
	return err;
}

enum err
node_turn(struct node *node, struct node_now now)
{
	enum err err;

	arena_reset(&node->arena);
	node->looked_count = 0;
	node->now = now;
	node->out_last = &node->out_first;
	node->pub_last = &node->pub_first;
	look_at_disk(node);
	node->status.queued = node->inbox_count;
	if (node->status.queued > node->status.queued_max)
		node->status.queued_max = node->status.queued;
	const struct sorted s = sort_inbox(node);
	struct outgoing **said = node->out_last;
	err = write_what_came(node, &s);
	if (err == ERR_STORE_FULL)
		take_back(node, &s, said);
	else if (err != ERR_NONE)
		return err;
	for (size_t i = 0; i < s.reads; i++) {
		if (node->arena.taken < NODE_TURN_MEMORY_MAX)
			node_door_answer(node, s.questions[i], s.question_requests[i]);
		else
			node_refuse(node, &s.questions[i]->from, s.question_requests[i]->request_id,
				    REFUSED_REASON_BUSY, "too much was asked at once: ask again later", 1000);
	}
	node_door_unpark(node);
	node_tell(node);
	inbox_clear(node);
	if (!node_is_intake(node) && err == ERR_NONE)
		ask(node);
	if (err == ERR_NONE)
		err = node_erase_turn(node);
	return err;
}

int64_t
node_wait_ms(const struct node *node, struct node_now now)
{
	int64_t wait = 1000;

	if (node->status.refusing)
		return 200;
	if (node->parked_left)
		return 0;
	if (!node_is_intake(node)) {
		const int64_t again = node->asked_ms + NODE_REPEAT_MS - now.steady_ms;
		wait = !node->waiting ? 0 : again < wait ? again : wait;
	}
	return wait < 0 ? 0 : wait;
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

static struct bytes
copy_out(struct bytes b)
{
	uint8_t *p = malloc(b.len + 1);

	if (p == NULL && !SABOTAGE(UNCHECKED_MEMORY))
		fatal("out of memory");
	if (b.len > 0)
		memcpy(p, b.data, b.len);
	return bytes_of(p, b.len);
}

bool
node_has_room(const struct node *node)
{
	return node->inbox_count < NODE_INBOX_MAX && node->inbox_bytes < NODE_INBOX_BYTES_MAX;
}

size_t
node_room(const struct node *node)
{
	return node_has_room(node) ? NODE_INBOX_MAX - node->inbox_count : 0;
}

void
node_take(struct node *node, const struct peer *from, struct bytes message)
{
	ASSERT(node->inbox_count < NODE_INBOX_MAX);
	node->inbox[node->inbox_count++] = (struct message){*from, copy_out(message)};
	node->inbox_bytes += message.len;
}

void
node_take_own(struct node *node, struct bytes submission)
{
	static const struct peer nobody = {.len = NODE_NOBODY};
	pb_Request request;
	pb_SubmitRequest submit;
	struct arena a;

	arena_init(&a);
	pb_Request_init(&request);
	pb_SubmitRequest_init(&submit);
	submit.submission = (ProtobufCBinaryData){submission.len, (uint8_t *)(uintptr_t)submission.data};
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &submit;
	node_take(node, &nobody, RECORD_PACK(&a, &request));
	arena_fini(&a);
}

void
node_hear(struct node *node, struct bytes message)
{
	/* One answer at a time: a second one is a repetition, or will be asked for again. */
	if (node->heard.data != NULL)
		return;
	node->heard = copy_out(message);
	node->waiting = false;
}

void
node_upstream_changed(struct node *node)
{
	node->waiting = false;
}

bool
node_may_write(const struct node *node)
{
	return !node->disk_full;
}

void
node_drain(struct node *node)
{
	node->status.draining = true;
}

const char *
node_why(const struct node *node)
{
	return node->why.text;
}

void
node_status(const struct node *node, struct node_status *status)
{
	*status = node->status;
	status->parked = node->parked_count;
}

struct store *
node_store(struct node *node)
{
	return node->store;
}

struct journal
node_journal(const struct node *node)
{
	return node->journal;
}

void *
node_self(struct node *node)
{
	return node->self;
}

static void
history_load(struct batch *batch)
{
	struct node *node = batch->node;
	struct bytes v;

	if (store_get(batch->turn.txn, node->meta, bytes_str(NODE_HISTORY_KEY), &v) && v.len == HISTORY_SIZE) {
		memcpy(node->status.history.b, v.data, HISTORY_SIZE);
	} else if (node_is_intake(node)) {
		node->options.io.random(node->options.io.ctx, node->status.history.b, HISTORY_SIZE);
		store_put(batch->turn.txn, node->meta, bytes_str(NODE_HISTORY_KEY),
			  bytes_of(node->status.history.b, HISTORY_SIZE));
	}
}

/* A number by which data of newer programs is known, and refused: kept is what stood there, 0 for none. */
static enum err
keep_number(struct batch *batch, const char *key, const char *what, uint32_t own, uint32_t *kept, struct why *why)
{
	struct node *node = batch->node;
	struct bytes v;
	uint8_t value[4];

	*kept = store_get(batch->turn.txn, node->meta, bytes_str(key), &v) && v.len == 4 ? get_u32(v.data) : 0;
	if (*kept > own) {
		why_set(why,
			"%s: the data was written by newer programs (%s %u, these are %u): install "
			"those again",
			node->options.store.dir, what, *kept, own);
		return ERR_REFUSED;
	}
	put_u32(value, own);
	if (*kept < own)
		store_put(batch->turn.txn, node->meta, bytes_str(key), bytes_of(value, sizeof value));
	return ERR_NONE;
}

/* At intake, a change of the rules of computation is a record. */
static enum err
keep_versions(struct batch *batch, struct why *why)
{
	struct node *node = batch->node;
	uint32_t kept;

	enum err err = keep_number(batch, layout_key, "layout of the store", STORE_LAYOUT, &kept, why);
	if (err == ERR_NONE)
		err = keep_number(batch, logic_key, "rules of computation", LOGIC_VERSION, &kept, why);
	if (err == ERR_NONE && kept != LOGIC_VERSION && node_is_intake(node)) {
		pb_IntakeRecord *r = ARENA_NEW(batch->turn.arena, pb_IntakeRecord);
		pb_LogicVersion *l = ARENA_NEW(batch->turn.arena, pb_LogicVersion);
		pb_IntakeRecord_init(r);
		pb_LogicVersion_init(l);
		l->version = LOGIC_VERSION;
		r->body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_LOGIC_VERSION;
		r->logic_version = l;
		batch->turn.at_ms = node->clock_ms;
		turn_intake(&batch->turn, r);
	}
	return err;
}

enum err
node_databases_open(struct node *node)
{
	struct store_txn *txn = store_begin_write(node->store);

	node->journal = journal_open(txn);
	node->meta = store_db_open(txn, meta_name);
	node->service->open(node->self, txn);
	node_clock_load(node, txn);
	node_erase_load(node, txn);
	return store_commit(txn);
}

static enum err
node_start(struct node *node, struct why *why)
{
	struct batch batch;
	enum err err;

	err = node_databases_open(node);
	if (err == ERR_NONE) {
		node_batch_begin(&batch, node);
		history_load(&batch);
		err = keep_versions(&batch, why);
		if (err != ERR_NONE) {
			store_abort(batch.turn.txn);
			return err;
		}
		err = node_batch_commit(&batch);
	}
	if (err != ERR_NONE)
		why_set(why, "%s: the first commit failed (error %d): look at the disk", node->options.store.dir,
			(int)err);
	return err;
}

/* The day that began last, as far as the own journal tells; intake has a row of its own. */
static void
day_load(struct node *node)
{
	struct store_txn *txn = store_begin_read(node->store);
	struct journal_entry entry;
	struct record last;
	struct why why;

	node->status.day = node_is_intake(node) ? node->clock_day : CAL_NONE;
	if (!node_is_intake(node) && journal_get(node->journal, txn, node->status.head.seq, &entry) &&
	    record_read(store_arena(txn), entry.record, &last, &why))
		node->status.day = cal_local_day(last.at_ms);
	store_abort(txn);
}

enum err
node_open(struct node **out, const struct node_options *options, struct why *why)
{
	struct node *node = calloc(1, sizeof *node);
	enum err err;

	/* Also chooses the fastest BLAKE2b this machine has; until then it is the plain one. */
	if (node == NULL || sodium_init() < 0)
		fatal("out of memory");
	node->options = *options;
	node->service = options->service;
	if (node->options.turn_records_max == 0)
		node->options.turn_records_max = NODE_TURN_RECORDS_MAX;
	if (node->options.erase_within_ms == 0)
		node->options.erase_within_ms = NODE_ERASE_WITHIN_MS;
	arena_init(&node->arena);
	node->self = calloc(1, options->service->self_bytes + 1);
	node->inbox = calloc(NODE_INBOX_MAX, sizeof *node->inbox);
	node->parked = calloc(NODE_PARKED_MAX, sizeof *node->parked);
	if (node->self == NULL || node->inbox == NULL || node->parked == NULL)
		fatal("out of memory");
	node->out_last = &node->out_first;
	node->pub_last = &node->pub_first;
	node->asked_ms = INT64_MIN / 2;
	err = store_open(&node->store, &options->store, why);
	if (err == ERR_NONE)
		err = node_start(node, why);
	if (err == ERR_NONE)
		day_load(node);
	if (err != ERR_NONE) {
		node_close(&node);
		return err;
	}
	*out = node;
	return ERR_NONE;
}

void
node_close(struct node **out)
{
	struct node *node = *out;

	if (node == NULL)
		return;
	inbox_clear(node);
	free((void *)(uintptr_t)node->heard.data);
	for (size_t i = 0; i < node->parked_count; i++)
		free((void *)(uintptr_t)node->parked[i].message.bytes.data);
	if (node->store != NULL && node->service->close != NULL)
		node->service->close(node->self);
	store_close(&node->store);
	arena_fini(&node->arena);
	free(node->self);
	free(node->inbox);
	free(node->parked);
	free(node);
	*out = NULL;
}
