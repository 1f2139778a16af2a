// SPDX-License-Identifier: EUPL-1.2
/* node_batch.c - one batch: everything that came in during a turn, in one write transaction.
 *
 * Happy path: begin, admit or apply each, move the cursor, commit. Failure: the transaction is undone as a whole, with the
 * caches of the service built anew in the next batch; what was to be told is not told. */
#include <time.h>

#include "common/node_internal.h"
#include "common/sabotage.h"
#include "common/trace.h"

static const char origin_key[] = "origin";

bool
node_is_intake(const struct node *node)
{
	return node->service->admit != NULL;
}

/* ---- saying things inside a batch -------------------------------------------------------------------------------- */

static void
publish(struct batch *batch, uint64_t seq, struct digest digest, struct bytes raw, const struct record *record)
{
	struct node *node = batch->node;
	const char *topics[RECORD_TOPICS_MAX];
	pb_LiveRecord live;
	pb_JournalEntry entry;

	if (node->options.io.publish == NULL)
		return;
	pb_LiveRecord_init(&live);
	pb_JournalEntry_init(&entry);
	entry.seq = seq;
	entry.digest = (ProtobufCBinaryData){DIGEST_SIZE, digest.b};
	entry.record = (ProtobufCBinaryData){raw.len, (uint8_t *)(uintptr_t)raw.data};
	live.service = (Doorbraak__V1__Service)node->service->id;
	live.history = (ProtobufCBinaryData){HISTORY_SIZE, node->status.history.b};
	live.entry = &entry;
	const struct bytes message = RECORD_PACK(&node->arena, &live);
	const unsigned count = record_topics(&node->arena, record, topics);
	for (unsigned i = 0; i < count; i++) {
		struct published *p = ARENA_NEW(&node->arena, struct published);
		p->topic = topics[i];
		p->bytes = message;
		*node->pub_last = p;
		node->pub_last = &p->next;
	}
}

static uint64_t
append(struct batch *batch, struct bytes raw)
{
	return journal_append_behind(batch->turn.journal, batch->turn.txn, &batch->head, raw);
}

void
turn_answer(struct turn *turn, pb_Answer *answer)
{
	Google__Protobuf__Timestamp at;

	record_timestamp(&at, turn->at_ms);
	answer->cause = turn->cause;
	answer->index = turn->index++;
	answer->decided_at = &at;
	answer->service = (Doorbraak__V1__Service)turn->service->id;
	if (turn->traceparent != NULL)
		answer->traceparent = (char *)(uintptr_t)turn->traceparent;
	turn->said(turn, answer);
	answer->decided_at = NULL;
	answer->traceparent = (char *)protobuf_c_empty_string;
}

bool
turn_leaves_out(struct turn *turn, int body_case)
{
	if ((turn->unheard >> body_case & 1) == 0)
		return false;
	turn->index++;
	return true;
}

static void
journal_answer(struct turn *turn, pb_Answer *answer)
{
	struct batch *batch = (struct batch *)turn;
	pb_JournalRecord record;

	pb_JournalRecord_init(&record);
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER;
	record.answer = answer;
	const struct bytes raw = RECORD_PACK(turn->arena, &record);
	const uint64_t seq = append(batch, raw);
	batch->node->status.answers_out++;
	if (seq != 0)
		publish(
		    batch, seq, batch->head.digest, raw,
		    &(struct record){
			.raw = raw, .journal = &record, .answer = answer, .cause = turn->cause, .at_ms = turn->at_ms});
}

uint64_t
turn_intake(struct turn *turn, pb_IntakeRecord *intake)
{
	struct batch *batch = (struct batch *)turn;
	pb_JournalRecord record;
	Google__Protobuf__Timestamp at;

	record_timestamp(&at, turn->at_ms);
	turn->cause = batch->head.seq + 1;
	turn->index = 1;
	intake->seq = turn->cause;
	intake->logged_at = &at;
	if (intake->body_case == DOORBRAAK__V1__INTAKE_RECORD__BODY_ACCEPTED && turn->traceparent != NULL)
		intake->accepted->traceparent = (char *)(uintptr_t)turn->traceparent;
	pb_JournalRecord_init(&record);
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE;
	record.intake = intake;
	const uint64_t seq = append(batch, RECORD_PACK(turn->arena, &record));
	batch->node->status.records_in++;
	intake->logged_at = NULL;
	return seq;
}

void
turn_count_refusal(struct turn *turn, int reason)
{
	if (reason >= 0 && reason < NODE_REFUSALS)
		turn->refusals[reason]++;
}

/* ---- saying things after it -------------------------------------------------------------------------------------- */

pb_Reply *
node_reply_new(struct node *node, uint64_t request_id)
{
	pb_Reply *reply = ARENA_NEW(&node->arena, pb_Reply);

	pb_Reply_init(reply);
	reply->request_id = request_id;
	return reply;
}

void
node_reply(struct node *node, const struct peer *to, const pb_Reply *reply)
{
	struct outgoing *o;

	if (to->len == NODE_NOBODY)
		return; /* handed in by the service itself */
	o = ARENA_NEW(&node->arena, struct outgoing);
	o->to = *to;
	o->bytes = RECORD_PACK(&node->arena, reply);
	*node->out_last = o;
	node->out_last = &o->next;
}

void
node_refuse(struct node *node, const struct peer *to, uint64_t request_id, int reason, const char *text,
	    uint32_t retry_ms)
{
	pb_Reply *reply = node_reply_new(node, request_id);
	pb_RefusedReply *refused = ARENA_NEW(&node->arena, pb_RefusedReply);

	pb_RefusedReply_init(refused);
	refused->reason = (Doorbraak__V1__RefusedReason)reason;
	refused->text = record_text(&node->arena, text);
	refused->retry_after_ms = retry_ms;
	reply->body_case = DOORBRAAK__V1__REPLY__BODY_REFUSED;
	reply->refused = refused;
	node->status.requests_refused++;
	if (reason > 0 && reason < NODE_QUESTIONS)
		node->status.refused[reason]++;
	node_reply(node, to, reply);
}

void
node_tell(struct node *node)
{
	for (struct outgoing *o = node->out_first; o != NULL; o = o->next)
		node->options.io.reply(node->options.io.ctx, &o->to, o->bytes);
	for (struct published *p = node->pub_first; p != NULL; p = p->next)
		node->options.io.publish(node->options.io.ctx, p->topic, p->bytes);
	node->out_first = NULL;
	node->out_last = &node->out_first;
	node->pub_first = NULL;
	node->pub_last = &node->pub_first;
}

uint64_t
node_applied(const struct node *node)
{
	return node_is_intake(node) ? node->status.head.seq : node->status.cursor.applied;
}

/* ---- a batch ----------------------------------------------------------------------------------------------------- */

void
node_batch_begin(struct batch *batch, struct node *node)
{
	struct store_txn *txn = store_begin_write(node->store);

	*batch = (struct batch){.node = node, .before = node->status};
	batch->turn = (struct turn){
	    .txn = txn,
	    .arena = store_arena(txn),
	    .journal = node->journal,
	    .service = node->service,
	    .random = node_is_intake(node) ? node->options.io.random : NULL,
	    .random_ctx = node->options.io.ctx,
	    .refusals = node->status.refusals,
	    .said = journal_answer,
	};
	if (node->reopen) {
		node->service->open(node->self, txn);
		node_clock_load(node, txn);
		node->reopen = false;
	}
	batch->head = journal_head(node->journal, txn);
	batch->cursor = cursor_load(txn, node->meta);
}

/* The cursor in a transaction of its own: what must never be done (sabotage). */
static enum err
commit_apart(struct batch *batch)
{
	struct node *node = batch->node;
	const enum err err = store_commit(batch->turn.txn);

	if (err != ERR_NONE)
		return err;
	struct store_txn *txn = store_begin_write(node->store);
	cursor_store(txn, node->meta, &batch->cursor);
	return store_commit(txn);
}

static int64_t
steady_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

const uint64_t node_commit_bounds_us[NODE_COMMIT_BOUNDS] = {1000,   2500,   5000,   10000,   25000,   50000,
							    100000, 250000, 500000, 1000000, 2500000, 5000000};

static void
note_commit(struct node_status *status, uint64_t us)
{
	unsigned i = 0;

	while (i < NODE_COMMIT_BOUNDS && us > node_commit_bounds_us[i])
		i++;
	status->commit_counts[i]++;
	status->commit_us_sum += us;
	if (us > status->commit_us_max)
		status->commit_us_max = us;
}

enum err
node_batch_commit(struct batch *batch)
{
	struct node *node = batch->node;
	enum err err;

	if (SABOTAGE(ANSWER_BEFORE_COMMIT))
		node_tell(node);
	if (node->service->settle != NULL)
		node->service->settle(node->self, &batch->turn);
	node_erase_keep(batch);
	if (node_is_intake(node))
		node_clock_keep(batch);
	else if (!SABOTAGE(CURSOR_APART))
		cursor_store(batch->turn.txn, node->meta, &batch->cursor);
	/* Gone again when a later record of the batch has another cause: nothing will ask for it any more. */
	if (batch->origin_new && batch->origin.raw.len > 0)
		store_put(batch->turn.txn, node->meta, bytes_str(origin_key), batch->origin.raw);
	const int64_t began = steady_us();
	err = SABOTAGE(CURSOR_APART) && !node_is_intake(node) ? commit_apart(batch) : store_commit(batch->turn.txn);
	const uint64_t took = (uint64_t)(steady_us() - began);
	if (err != ERR_NONE)
		node->status = batch->before;
	note_commit(&node->status, took);
	if (err == ERR_NONE) {
		node->status.commits++;
		node->status.head = batch->head;
		node->status.cursor = batch->cursor;
		if (node_is_intake(node) && node->clock_day != CAL_NONE)
			node->status.day = node->clock_day;
		node->status.clock_ms = node_is_intake(node) ? node->clock_ms : node->status.clock_ms;
		return ERR_NONE;
	}
	node->status.batches_undone++;
	node->reopen = true;
	if (err == ERR_STORE_FULL)
		why_set(&node->why,
			"%s: the store is full; nothing of the batch was kept. Start with a larger map_size",
			node->service->name);
	else
		why_set(
		    &node->why,
		    "%s: a commit failed (error %d); what was not answered is not kept. The process must end and start "
		    "again: look at the disk and the kernel log",
		    node->service->name, (int)err);
	return err;
}

/* ---- intake: submissions and time -------------------------------------------------------------------------------- */

static const char *
time_text(int reason)
{
	switch (reason) {
	case REFUSED_REASON_TIME_FROM_OUTSIDE: return "intake runs on the system clock: leave `now` out";
	case REFUSED_REASON_TIME_BACKWARDS:
		return "`now` lies before intake's clock: ask its status and send a later time";
	case REFUSED_REASON_TIME_TOO_FAR:
		return "`now` is more than ten years ahead, or outside 1996-2199: go in steps";
	default: return "intake's clock is driven and has no time yet: send `now`, or a ClockRequest";
	}
}

static void
admit(struct batch *batch, const struct message *message, const pb_Request *request)
{
	struct node *node = batch->node;
	const pb_SubmitRequest *submit = request->submit;
	char trace[TRACE_LEN + 1];
	pb_Reply *reply;
	int refused;

	if (node->status.draining) {
		node_refuse(node, &message->from, request->request_id, REFUSED_REASON_DRAINING,
			    "the service is stopping: try again", 1000);
		return;
	}
	if (node->status.disk_low) {
		node_refuse(node, &message->from, request->request_id, REFUSED_REASON_DISK_LOW,
			    "the disk is nearly full: try again later", 1000);
		return;
	}
	refused = node_clock_drive(batch, record_at_ms(submit->now));
	if (refused != 0) {
		node_refuse(node, &message->from, request->request_id, refused, time_text(refused), 0);
		return;
	}
	batch->turn.at_ms = node->clock_ms;
	batch->turn.today = node->clock_day;
	batch->turn.traceparent = trace_read(submit->traceparent, trace) ? trace : NULL;
	reply = node_reply_new(node, request->request_id);
	node->service->admit(node->self, &batch->turn, bytes_of(submit->submission.data, submit->submission.len),
			     reply);
	batch->turn.traceparent = NULL;
	node_reply(node, &message->from, reply);
}

static void
drive(struct batch *batch, const struct message *message, const pb_Request *request)
{
	struct node *node = batch->node;
	const int64_t now_ms = record_at_ms(request->clock->now);
	int refused;

	if (node->options.clock == NODE_CLOCK_SYSTEM)
		refused = REFUSED_REASON_TIME_FROM_OUTSIDE;
	else
		refused = now_ms == 0 ? REFUSED_REASON_TIME_UNKNOWN : node_clock_drive(batch, now_ms);
	if (refused != 0) {
		node_refuse(node, &message->from, request->request_id, refused, time_text(refused), 0);
		return;
	}
	pb_Reply *reply = node_reply_new(node, request->request_id);
	pb_ClockReply *clock = ARENA_NEW(&node->arena, pb_ClockReply);
	pb_ClockReply_init(clock);
	clock->seq = batch->head.seq;
	reply->body_case = DOORBRAAK__V1__REPLY__BODY_CLOCK;
	reply->clock = clock;
	node_reply(node, &message->from, reply);
}

/* One batch of intake: what came in, in the order it came. */
enum err
node_intake_batch(struct node *node, const struct message *const *messages, const pb_Request *const *requests,
		  size_t count)
{
	struct batch batch;

	node_batch_begin(&batch, node);
	if (node->options.clock == NODE_CLOCK_SYSTEM)
		node_clock_system(&batch);
	for (size_t i = 0; i < count && !store_failed(batch.turn.txn); i++) {
		if (requests[i]->body_case == DOORBRAAK__V1__REQUEST__BODY_SUBMIT)
			admit(&batch, messages[i], requests[i]);
		else
			drive(&batch, messages[i], requests[i]);
	}
	return node_batch_commit(&batch);
}

/* ---- downstream: records of the upstream ------------------------------------------------------------------------- */

static void
origin_find(struct batch *batch, uint64_t cause)
{
	struct bytes raw;
	struct why why;

	if (batch->origin_cause == cause)
		return;
	batch->origin_cause = cause;
	batch->origin = (struct record){0};
	if (store_get(batch->turn.txn, batch->node->meta, bytes_str(origin_key), &raw) &&
	    !record_read(batch->turn.arena, raw, &batch->origin, &why))
		fatal("%s: a record kept by this service cannot be read: %s", batch->node->service->name, why.text);
	if (batch->origin.cause != cause)
		batch->origin = (struct record){0};
}

static const char *
trace_of(struct batch *batch, uint64_t cause)
{
	origin_find(batch, cause);
	return batch->origin.submission != NULL && batch->origin.cause == cause
		   ? batch->origin.intake->accepted->traceparent
		   : NULL;
}

/* The cause at hand has no more records: known when the next one comes, or when the upstream says so, whichever is first. */
static void
complete(struct batch *batch)
{
	const struct service *service = batch->node->service;
	struct cursor *c = &batch->cursor;

	if (service->complete == NULL || c->cause <= c->applied)
		return;
	batch->turn.cause = c->cause;
	batch->turn.index = c->index;
	batch->turn.origin = NULL;
	batch->turn.traceparent = trace_of(batch, c->cause);
	service->complete(batch->node->self, &batch->turn);
	c->index = batch->turn.index;
}

static void
apply(struct batch *batch, const struct record *in)
{
	struct node *node = batch->node;
	struct turn *turn = &batch->turn;

	if (in->cause != batch->cursor.cause)
		complete(batch);
	turn->at_ms = SABOTAGE(CLOCK_IN_SERVICE) ? node->now.wall_ms : in->at_ms;
	turn->today = cal_local_day(turn->at_ms);
	node->status.day = turn->today;
	turn->cause = in->cause;
	turn->index = batch->cursor.cause == in->cause ? batch->cursor.index : 1;
	if (turn->index == 0)
		turn->index = 1;
	if (in->submission != NULL) {
		batch->origin = *in;
		batch->origin_cause = in->cause;
		batch->origin_new = true;
	} else {
		origin_find(batch, in->cause);
	}
	turn->origin = batch->origin.submission != NULL && batch->origin.cause == in->cause ? &batch->origin : NULL;
	turn->traceparent = trace_of(batch, in->cause);
	if (node->service->forwards)
		append(batch, in->raw);
	node->service->apply(node->self, turn, in);
	batch->cursor.cause = in->cause;
	batch->cursor.index = turn->index;
}

enum err
node_broken(struct node *node, const char *what, uint64_t seq)
{
	why_set(&node->why,
		"%s: %s at record %llu of the upstream journal. Nothing was applied from it. Compare both with "
		"`doorbraak verify`; if the upstream was restored from an older backup: `doorbraak rebuild %s`",
		node->service->name, what, (unsigned long long)seq, node->service->name);
	return ERR_CORRUPT;
}

/* What these programs do not know they must not pass over: the journal would be another one than after an upgrade. */
static enum err
check_newer(struct batch *batch, const struct record *in, uint64_t seq)
{
	struct node *node = batch->node;
	const bool rules = in->intake != NULL &&
			   in->intake->body_case == DOORBRAAK__V1__INTAKE_RECORD__BODY_LOGIC_VERSION &&
			   in->intake->logic_version->version > LOGIC_VERSION;

	if (!in->newer && !rules)
		return ERR_NONE;
	why_set(
	    &node->why,
	    "%s: record %llu of the upstream journal was written by newer programs (%s). Nothing was applied from it: "
	    "upgrade this service, it goes on from there",
	    node->service->name, (unsigned long long)seq,
	    rules ? "other rules of computation" : "a kind that these do not know");
	return ERR_REFUSED;
}

/* One record: is it the next one, and does it fit the chain? */
static enum err
take_entry(struct batch *batch, const pb_JournalEntry *entry)
{
	struct cursor *c = &batch->cursor;
	const struct bytes raw = bytes_of(entry->record.data, entry->record.len); /* lives as long as the turn */
	struct record in;
	struct why why;

	if (entry->seq <= c->seq && !SABOTAGE(NO_DEDUP))
		return ERR_NONE;
	if (entry->seq > c->seq + 1)
		return ERR_AGAIN;
	const struct digest digest = digest_chain(c->digest, entry->seq, raw);
	if (!SABOTAGE(NO_DEDUP) &&
	    !bytes_equal(bytes_of(digest.b, DIGEST_SIZE), bytes_of(entry->digest.data, entry->digest.len)))
		return node_broken(batch->node, "the chain digest does not fit", entry->seq);
	const bool whole = record_read(batch->turn.arena, raw, &in, &why);
	const enum err err =
	    whole || in.newer ? check_newer(batch, &in, entry->seq) : node_broken(batch->node, why.text, entry->seq);
	if (err != ERR_NONE)
		return err;
	apply(batch, &in);
	batch->node->status.records_in++;
	c->seq = entry->seq;
	memcpy(c->digest.b, entry->digest.data, DIGEST_SIZE);
	return ERR_NONE;
}

enum err
node_upstream_refused(struct node *node, const pb_RefusedReply *refused)
{
	switch (refused->reason) {
	case REFUSED_REASON_HISTORY_UNKNOWN:
	case REFUSED_REASON_DIGEST_DIFFERS:
	case REFUSED_REASON_CURSOR_AHEAD:
	case REFUSED_REASON_WRONG_SERVICE:
	case REFUSED_REASON_MALFORMED_REQUEST: /* programs that do not fit each other */
		why_set(
		    &node->why,
		    "%s: the upstream refuses this service's cursor: %s. It may be another history or an older backup: "
		    "stop this service and `doorbraak rebuild %s`, or restore the upstream",
		    node->service->name, refused->text, node->service->name);
		return ERR_REFUSED;
	default: return ERR_NONE; /* it will be asked again */
	}
}

static bool
history_fits(struct batch *batch, const pb_Cursor *upto)
{
	struct node *node = batch->node;
	struct history *own = &node->status.history;
	static const struct history none;

	if (upto->history.len != HISTORY_SIZE)
		return false;
	if (memcmp(own->b, none.b, HISTORY_SIZE) == 0) {
		memcpy(own->b, upto->history.data, HISTORY_SIZE);
		store_put(batch->turn.txn, node->meta, bytes_str(NODE_HISTORY_KEY), bytes_of(own->b, HISTORY_SIZE));
	}
	memcpy(batch->cursor.history.b, own->b, HISTORY_SIZE);
	return memcmp(own->b, upto->history.data, HISTORY_SIZE) == 0;
}

enum err
node_upstream_batch(struct node *node, const pb_PullReply *pull)
{
	struct batch batch;
	enum err err = ERR_NONE;

	if (pull->upto == NULL || pull->upto->history.len == 0)
		return ERR_NONE; /* the upstream has nothing yet */
	node_batch_begin(&batch, node);
	if (!history_fits(&batch, pull->upto)) {
		store_abort(batch.turn.txn);
		return node_broken(node, "another history begins", pull->upto->seq);
	}
	for (size_t i = 0; i < pull->n_entries && err == ERR_NONE && !store_failed(batch.turn.txn); i++)
		err = take_entry(&batch, pull->entries[i]);
	if (err != ERR_NONE && err != ERR_AGAIN) {
		store_abort(batch.turn.txn);
		return err;
	}
	if (pull->applied > batch.cursor.applied && batch.cursor.seq == pull->upto->seq) {
		complete(&batch);
		batch.cursor.applied = pull->applied;
	}
	return node_batch_commit(&batch);
}
