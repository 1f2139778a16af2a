// SPDX-License-Identifier: EUPL-1.2
/* node_door.c - questions that only read: pull, status, cases, reports.
 *
 * A pull is answered from the journal in one read transaction. When there is nothing behind the cursor it is parked and
 * looked at again after every batch; after NODE_PARK_MS it is answered with nothing, so that a client sees that time is
 * alive. A cursor that does not stand in this journal is refused; one beyond the head waits at a service whose journal is
 * being recomputed, and is refused at intake, whose journal cannot grow back. */
#include <stdlib.h>

#include "common/node_internal.h"

#define LOOKED_MAX 256u /* records of a turn whose topics are kept */

enum outcome { DONE, PARK };

static void
cursor_message(struct node *node, pb_Cursor *c, uint64_t seq, const struct digest *digest)
{
	static const struct history none;

	pb_Cursor_init(c);
	if (memcmp(node->status.history.b, none.b, HISTORY_SIZE) != 0)
		c->history = (ProtobufCBinaryData){HISTORY_SIZE, node->status.history.b};
	c->seq = seq;
	if (seq > 0) {
		const struct bytes copy = arena_copy(&node->arena, bytes_of(digest->b, DIGEST_SIZE));
		c->digest = (ProtobufCBinaryData){DIGEST_SIZE, (uint8_t *)(uintptr_t)copy.data};
	}
}

static pb_PullReply *
pull_reply_new(struct node *node, uint64_t request_id, pb_Reply **reply)
{
	pb_PullReply *pull = ARENA_NEW(&node->arena, pb_PullReply);
	Google__Protobuf__Timestamp *clock = ARENA_NEW(&node->arena, Google__Protobuf__Timestamp);

	pb_PullReply_init(pull);
	pull->upto = ARENA_NEW(&node->arena, pb_Cursor);
	pull->head = node->status.head.seq;
	if (node->status.clock_ms != 0) {
		record_timestamp(clock, node->status.clock_ms);
		pull->clock = clock;
	}
	*reply = node_reply_new(node, request_id);
	(*reply)->body_case = DOORBRAAK__V1__REPLY__BODY_PULL;
	(*reply)->pull = pull;
	return pull;
}

static uint32_t
bounded(uint32_t asked, uint32_t max)
{
	return asked == 0 || asked > max ? max : asked;
}

/* What record `seq` is about, once a turn for all who ask; NULL: it is damaged. */
static const struct looked_at *
look_at(struct node *node, uint64_t seq, struct bytes raw)
{
	struct looked_at *l;
	struct record record;
	struct why why;

	if (node->looked_count > 0 && seq >= node->looked_first && seq < node->looked_first + node->looked_count)
		return &node->looked[seq - node->looked_first];
	if (node->looked_count == 0) {
		node->looked = ARENA_ARRAY(&node->arena, struct looked_at, LOOKED_MAX);
		node->looked_first = seq;
	}
	if (!record_read(&node->arena, raw, &record, &why))
		return NULL;
	const bool kept = seq == node->looked_first + node->looked_count && node->looked_count < LOOKED_MAX;

	l = kept ? &node->looked[node->looked_count++] : ARENA_NEW(&node->arena, struct looked_at);
	l->count = record_topics(&node->arena, &record, l->topics);
	return l;
}

static bool
is_about(const struct looked_at *l, const pb_PullRequest *pull)
{
	return record_topics_match(l->topics, l->count, pull->topics, pull->n_topics) &&
	       record_topics_hold(l->topics, l->count, pull->within, pull->n_within);
}

static bool
wanted(struct node *node, const pb_PullRequest *pull, const struct journal_entry *entry)
{
	if (pull->n_topics == 0 && pull->n_within == 0)
		return true;
	const struct looked_at *l = look_at(node, entry->seq, entry->record);

	/* A reader of everything else will see that it is damaged. */
	return l == NULL ? pull->n_within == 0 : is_about(l, pull);
}

/* All records behind `looked` were looked at in this turn, and this reader wants none of them. */
static bool
none_wanted(const struct node *node, const pb_PullRequest *pull, uint64_t looked)
{
	if ((pull->n_topics == 0 && pull->n_within == 0) || node->looked_count == 0 ||
	    looked + 1 < node->looked_first || node->status.head.seq >= node->looked_first + node->looked_count)
		return false;
	for (uint64_t seq = looked + 1; seq <= node->status.head.seq; seq++) {
		if (is_about(&node->looked[seq - node->looked_first], pull))
			return false;
	}
	return true;
}

/* Records behind `after`, as many as fit. How far was looked comes back in *upto. */
static enum err
read_entries(struct node *node, struct store_txn *txn, const pb_PullRequest *pull, pb_PullReply *reply,
	     struct journal_head *upto)
{
	const uint32_t records_max = bounded(pull->records_max, NODE_TURN_RECORDS_MAX);
	const uint32_t bytes_max = bounded(pull->bytes_max, NODE_TURN_BYTES_MAX);
	struct journal_reader reader;
	struct journal_entry entry;
	size_t bytes = 0, looked = 0;
	enum err err;

	reply->entries = ARENA_ARRAY(&node->arena, pb_JournalEntry *, records_max);
	journal_read_begin(&reader, node->journal, txn, upto->seq);
	while ((err = journal_read_next(&reader, &entry)) == ERR_NONE) {
		if (wanted(node, pull, &entry)) {
			pb_JournalEntry *e = ARENA_NEW(&node->arena, pb_JournalEntry);
			if (reply->n_entries > 0 && bytes + entry.record.len > bytes_max)
				break;
			pb_JournalEntry_init(e);
			e->seq = entry.seq;
			const struct bytes digest = arena_copy(&node->arena, bytes_of(entry.digest.b, DIGEST_SIZE));
			e->digest = (ProtobufCBinaryData){digest.len, (uint8_t *)(uintptr_t)digest.data};
			e->record = (ProtobufCBinaryData){entry.record.len, (uint8_t *)(uintptr_t)entry.record.data};
			reply->entries[reply->n_entries++] = e;
			bytes += entry.record.len;
		}
		*upto = (struct journal_head){entry.seq, entry.digest};
		if (reply->n_entries == records_max || ++looked == NODE_SCAN_MAX)
			break;
	}
	journal_read_end(&reader);
	return err == ERR_CORRUPT ? err : ERR_NONE;
}

static int
misfit_reason(enum cursor_fit fit, const char **text)
{
	switch (fit) {
	case CURSOR_OTHER_HISTORY:
		*text = "this journal has another history: begin anew with an empty cursor";
		return REFUSED_REASON_HISTORY_UNKNOWN;
	case CURSOR_DIFFERS:
		*text = "another record stands here at that number: the reader or this journal was restored from a "
			"different past";
		return REFUSED_REASON_DIGEST_DIFFERS;
	case CURSOR_AHEAD:
		*text = "the cursor lies beyond the head: this journal is older than its reader, was it restored from "
			"a backup?";
		return REFUSED_REASON_CURSOR_AHEAD;
	case CURSOR_FITS: break;
	}
	return 0;
}

static struct history
asked_history(const pb_Cursor *after)
{
	struct history h = {{0}};

	if (after != NULL && after->history.len == HISTORY_SIZE)
		memcpy(h.b, after->history.data, HISTORY_SIZE);
	return h;
}

/* Where a pull begins. DONE with a refusal, PARK when it must wait, or *start. */
static enum outcome
pull_start(struct node *node, struct store_txn *txn, const pb_PullRequest *pull, uint64_t looked,
	   struct journal_head *start, int *reason, const char **text)
{
	const pb_Cursor *after = pull->after;
	struct journal_entry entry;

	*reason = 0;
	*start = (struct journal_head){0};
	if (pull->from == DOORBRAAK__V1__PULL_FROM__PULL_FROM_HEAD) {
		*start = node->status.head;
		return DONE;
	}
	if (after == NULL)
		return DONE;
	const enum cursor_fit fit =
	    cursor_fit(asked_history(after), after->seq, bytes_of(after->digest.data, after->digest.len),
		       node->status.history, node->journal, txn);
	const bool recomputing = !node_is_intake(node) && (fit == CURSOR_AHEAD || node->status.head.seq == 0);
	if (fit != CURSOR_FITS && recomputing)
		return PARK;
	*reason = misfit_reason(fit, text);
	if (*reason != 0)
		return DONE;
	start->seq = looked > after->seq ? looked : after->seq;
	if (start->seq > 0 && journal_get(node->journal, txn, start->seq, &entry))
		start->digest = entry.digest;
	return DONE;
}

static bool
snapshot(struct node *node, struct store_txn *txn, const pb_PullRequest *pull, pb_PullReply *reply, struct why *why)
{
	pb_CasesRequest request;
	pb_CasesReply page;

	pb_CasesRequest_init(&request);
	pb_CasesReply_init(&page);
	request.after = pull->snapshot_after;
	if (!node->service->cases(node->self, txn, &request, &page, why))
		return false;
	reply->snapshot = ARENA_ARRAY(&node->arena, pb_Answer *, page.n_cases + 1);
	for (size_t i = 0; i < page.n_cases; i++) {
		const char *topics[RECORD_TOPICS_MAX];
		const struct record record = {.answer = page.cases[i]};
		const unsigned count = record_topics(&node->arena, &record, topics);
		if (record_topics_match(topics, count, pull->topics, pull->n_topics) &&
		    record_topics_hold(topics, count, pull->within, pull->n_within))
			reply->snapshot[reply->n_snapshot++] = page.cases[i];
	}
	reply->snapshot_next = page.next;
	return true;
}

static enum outcome
pull(struct node *node, struct store_txn *txn, const struct message *m, const pb_Request *request, bool last_chance,
     uint64_t *looked)
{
	const pb_PullRequest *p = request->pull;
	const bool is_snapshot = p->from == DOORBRAAK__V1__PULL_FROM__PULL_FROM_SNAPSHOT;
	struct journal_head upto;
	const char *text = "";
	bool keeps_place = false;
	pb_Reply *reply;
	struct why why;
	int reason;

	if (is_snapshot && node->service->cases == NULL) {
		node_refuse(node, &m->from, request->request_id, REFUSED_REASON_WRONG_SERVICE,
			    "only monitoring has snapshots", 0);
		return DONE;
	}
	pb_PullReply *answer = pull_reply_new(node, request->request_id, &reply);
	if (is_snapshot) {
		upto = node->status.head;
		if (!snapshot(node, txn, p, answer, &why)) {
			node_refuse(node, &m->from, request->request_id, REFUSED_REASON_WRONG_QUESTION, why.text, 0);
			return DONE;
		}
	} else {
		if (pull_start(node, txn, p, *looked, &upto, &reason, &text) == PARK) {
			if (!last_chance && !p->no_wait)
				return PARK;
			keeps_place = true;
		} else if (reason != 0) {
			node_refuse(node, &m->from, request->request_id, reason, text, 0);
			return DONE;
		} else if (p->from != DOORBRAAK__V1__PULL_FROM__PULL_FROM_HEAD) {
			if (read_entries(node, txn, p, answer, &upto) != ERR_NONE)
				fatal("%s: the journal is damaged behind record %llu: restore it from a backup",
				      node->service->name, (unsigned long long)upto.seq);
			*looked = upto.seq;
			if (answer->n_entries == 0 && upto.seq == node->status.head.seq && !p->no_wait && !last_chance)
				return PARK;
		}
	}
	cursor_message(node, answer->upto, upto.seq, &upto.digest);
	answer->applied = upto.seq == node->status.head.seq ? node_applied(node) : 0;
	if (keeps_place) {
		/* It has more than stands here yet. Told to begin anew, it would take everything twice. */
		answer->upto = p->after;
		answer->applied = 0;
	}
	node->status.pulls++;
	node_reply(node, &m->from, reply);
	return DONE;
}

static void
status(struct node *node, const struct message *m, uint64_t request_id)
{
	pb_Reply *reply = node_reply_new(node, request_id);
	pb_StatusReply *s = ARENA_NEW(&node->arena, pb_StatusReply);
	const struct node_status *st = &node->status;
	static const char *const codes[] = {"catching_up", "refusing", "disk_low", "clock_wrong", "draining"};
	const bool not_ready[] = {!st->caught_up, st->refusing, st->disk_low, st->clock_wrong, st->draining};

	pb_StatusReply_init(s);
	s->service = (Doorbraak__V1__Service)node->service->id;
	s->version = record_text(&node->arena, DOORBRAAK_VERSION);
	s->logic_version = LOGIC_VERSION;
	s->head = ARENA_NEW(&node->arena, pb_Cursor);
	cursor_message(node, s->head, st->head.seq, &st->head.digest);
	s->upstream = ARENA_NEW(&node->arena, pb_Cursor);
	cursor_message(node, s->upstream, st->cursor.seq, &st->cursor.digest);
	s->applied = node_applied(node);
	s->erasures_pending = st->erasures_pending;
	if (st->clock_ms != 0) {
		s->clock = ARENA_NEW(&node->arena, Google__Protobuf__Timestamp);
		record_timestamp(s->clock, st->clock_ms);
	}
	s->not_ready = ARENA_ARRAY(&node->arena, char *, sizeof(codes) / sizeof(codes[0]));
	for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (not_ready[i])
			s->not_ready[s->n_not_ready++] = record_text(&node->arena, codes[i]);
	s->ready = s->n_not_ready == 0;
	reply->body_case = DOORBRAAK__V1__REPLY__BODY_STATUS;
	reply->status = s;
	node_reply(node, &m->from, reply);
}

static void
cases(struct node *node, struct store_txn *txn, const struct message *m, const pb_Request *request)
{
	pb_Reply *reply = node_reply_new(node, request->request_id);
	pb_CasesReply *page = ARENA_NEW(&node->arena, pb_CasesReply);
	struct why why;

	pb_CasesReply_init(page);
	if (!node->service->cases(node->self, txn, request->cases, page, &why)) {
		node_refuse(node, &m->from, request->request_id, REFUSED_REASON_WRONG_QUESTION, why.text, 0);
		return;
	}
	reply->body_case = DOORBRAAK__V1__REPLY__BODY_CASES;
	reply->cases = page;
	node_reply(node, &m->from, reply);
}

static void
report(struct node *node, struct store_txn *txn, const struct message *m, const pb_Request *request)
{
	pb_ReportReply *made = ARENA_NEW(&node->arena, pb_ReportReply);
	struct why why;

	pb_ReportReply_init(made);
	if (node->status.clock_ms == 0) {
		node_refuse(node, &m->from, request->request_id, REFUSED_REASON_TIME_UNKNOWN,
			    "no time has come in yet: ask again in a moment", 1000);
		return;
	}
	if (!node->service->report(node->self, txn, request->report, node->status.clock_ms, made, &why)) {
		node_refuse(node, &m->from, request->request_id, REFUSED_REASON_NO_SUCH_REPORT, why.text, 0);
		return;
	}
	pb_Reply *reply = node_reply_new(node, request->request_id);

	reply->body_case = DOORBRAAK__V1__REPLY__BODY_REPORT;
	reply->report = made;
	node_reply(node, &m->from, reply);
}

static void
signals(struct node *node, struct store_txn *txn, const struct message *m, const pb_Request *request)
{
	pb_Reply *reply = node_reply_new(node, request->request_id);
	pb_SignalsReply *page = ARENA_NEW(&node->arena, pb_SignalsReply);
	struct why why;

	pb_SignalsReply_init(page);
	if (!node->service->signals(node->self, txn, request->signals, page, &why)) {
		node_refuse(node, &m->from, request->request_id, REFUSED_REASON_WRONG_QUESTION, why.text, 0);
		return;
	}
	reply->body_case = DOORBRAAK__V1__REPLY__BODY_SIGNALS;
	reply->signals = page;
	node_reply(node, &m->from, reply);
}

static void
access_log(struct node *node, const struct message *m, const pb_Request *request)
{
	pb_Reply *reply = node_reply_new(node, request->request_id);
	pb_AccessLogReply *page = ARENA_NEW(&node->arena, pb_AccessLogReply);

	pb_AccessLogReply_init(page);
	node->options.io.access_log(node->options.io.ctx, &node->arena, request->access_log, page);
	reply->body_case = DOORBRAAK__V1__REPLY__BODY_ACCESS_LOG;
	reply->access_log = page;
	node_reply(node, &m->from, reply);
}

/* False when it is no question of this service. */
static bool
ask(struct node *node, struct store_txn *txn, const struct message *m, const pb_Request *request)
{
	pb_Reply *reply = node_reply_new(node, request->request_id);
	struct why why;

	if (!node->service->ask(node->self, txn, request, node->status.clock_ms, reply, &why)) {
		node_refuse(node, &m->from, request->request_id, REFUSED_REASON_WRONG_QUESTION, why.text, 0);
		return true;
	}
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY__NOT_SET)
		return false;
	if (node->status.clock_ms == 0)
		node_refuse(node, &m->from, request->request_id, REFUSED_REASON_TIME_UNKNOWN,
			    "no time has come in yet: ask again in a moment", 1000);
	else
		node_reply(node, &m->from, reply);
	return true;
}

static void
wrong_service(struct node *node, const struct message *m, const pb_Request *request)
{
	node_refuse(node, &m->from, request->request_id, REFUSED_REASON_WRONG_SERVICE,
		    "submissions and time go to intake, signals to signalling, all other questions to monitoring", 0);
}

/* `since_ms`: when this peer began to wait. */
static void
park(struct node *node, const struct message *m, uint64_t request_id, uint64_t looked, int64_t since_ms)
{
	if (node->parked_count == NODE_PARKED_MAX) {
		node_refuse(node, &m->from, request_id, REFUSED_REASON_BUSY, "too many open questions: ask again later",
			    1000);
		return;
	}
	uint8_t *copy = malloc(m->bytes.len + 1);
	if (copy == NULL)
		fatal("out of memory");
	memcpy(copy, m->bytes.data, m->bytes.len);
	node->parked[node->parked_count++] = (struct parked){{m->from, bytes_of(copy, m->bytes.len)}, looked, since_ms};
}

/* A peer has at most one parked question: a new one takes the place of the one before. It asked again, so it has waited
 * since then: who asks every second is still answered with nothing after NODE_PARK_MS. */
static int64_t
unpark_peer(struct node *node, const struct peer *peer)
{
	for (size_t i = 0; i < node->parked_count; i++) {
		struct parked *p = &node->parked[i];
		if (p->message.from.len != peer->len || memcmp(p->message.from.id, peer->id, peer->len) != 0)
			continue;
		const int64_t since_ms = p->since_ms;
		free((void *)(uintptr_t)p->message.bytes.data);
		*p = node->parked[--node->parked_count];
		return since_ms;
	}
	return node->now.steady_ms;
}

void
node_door_answer(struct node *node, const struct message *m, const pb_Request *request)
{
	struct store_txn *txn;
	uint64_t looked = 0;

	if (request->body_case == DOORBRAAK__V1__REQUEST__BODY_STATUS) {
		status(node, m, request->request_id);
	} else if (request->body_case == DOORBRAAK__V1__REQUEST__BODY_PULL &&
		   (request->pull->n_topics > 16 || request->pull->n_within > 4)) {
		node_refuse(node, &m->from, request->request_id, REFUSED_REASON_TOO_LARGE,
			    "at most 16 topics, and 4 within", 0);
	} else if (request->body_case == DOORBRAAK__V1__REQUEST__BODY_PULL) {
		const int64_t since_ms = unpark_peer(node, &m->from);
		txn = store_begin_read(node->store);
		if (pull(node, txn, m, request, false, &looked) == PARK)
			park(node, m, request->request_id, looked, since_ms);
		store_abort(txn);
	} else if (request->body_case == DOORBRAAK__V1__REQUEST__BODY_CASES && node->service->cases != NULL) {
		txn = store_begin_read(node->store);
		cases(node, txn, m, request);
		store_abort(txn);
	} else if (request->body_case == DOORBRAAK__V1__REQUEST__BODY_REPORT && node->service->report != NULL) {
		txn = store_begin_read(node->store);
		report(node, txn, m, request);
		store_abort(txn);
	} else if (request->body_case == DOORBRAAK__V1__REQUEST__BODY_SIGNALS && node->service->signals != NULL) {
		txn = store_begin_read(node->store);
		signals(node, txn, m, request);
		store_abort(txn);
	} else if (request->body_case == DOORBRAAK__V1__REQUEST__BODY_ACCESS_LOG &&
		   node->options.io.access_log != NULL) {
		access_log(node, m, request);
	} else if (request->body_case == DOORBRAAK__V1__REQUEST__BODY__NOT_SET) {
		node_refuse(node, &m->from, request->request_id, REFUSED_REASON_MALFORMED_REQUEST,
			    "a Request has exactly one body: submit, pull, status, clock, or a question of door.proto",
			    0);
	} else if (request->body_case != DOORBRAAK__V1__REQUEST__BODY_SUBMIT &&
		   request->body_case != DOORBRAAK__V1__REQUEST__BODY_CLOCK && node->service->ask != NULL) {
		txn = store_begin_read(node->store);
		if (!ask(node, txn, m, request))
			wrong_service(node, m, request);
		store_abort(txn);
	} else {
		wrong_service(node, m, request);
	}
}

/* Whether this parked question is done now. */
static bool
try_parked(struct node *node, struct store_txn *txn, struct parked *p)
{
	struct why why;
	const pb_Request *request =
	    record_unpack(&node->arena, &pb_Request_descriptor, p->message.bytes, RECORD_REQUEST_MAX, &why);
	const bool last_chance = node->now.steady_ms - p->since_ms >= NODE_PARK_MS;

	if (request == NULL)
		return true;
	/* What waits at an empty journal, or for one that is being recomputed, has not looked yet. */
	if (p->looked > 0 && !last_chance && none_wanted(node, request->pull, p->looked)) {
		p->looked = node->status.head.seq;
		return false;
	}
	return pull(node, txn, &p->message, request, last_chance, &p->looked) == DONE;
}

void
node_door_unpark(struct node *node)
{
	const size_t before = node->arena.taken;
	struct store_txn *txn = NULL;

	node->parked_left = false;
	for (size_t i = 0; i < node->parked_count;) {
		struct parked *p = &node->parked[i];

		if (node->arena.taken - before > NODE_UNPARK_MEMORY) {
			node->parked_left = true;
			break;
		}
		const bool news = p->looked != node->status.head.seq;
		if (!news && node->now.steady_ms - p->since_ms < NODE_PARK_MS) {
			i++;
			continue;
		}
		if (txn == NULL)
			txn = store_begin_read(node->store);
		if (try_parked(node, txn, p)) {
			free((void *)(uintptr_t)p->message.bytes.data);
			*p = node->parked[--node->parked_count];
		} else {
			i++;
		}
	}
	if (txn != NULL)
		store_abort(txn);
}
