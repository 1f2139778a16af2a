// SPDX-License-Identifier: EUPL-1.2
#include "tests/service/booth.h"

#include <errno.h>
#include <lmdb.h>

/* ---- what the node does to the world ----------------------------------------------------------------------------- */

static void
on_reply(void *ctx, const struct peer *to, struct bytes message)
{
	struct booth *p = ctx;
	struct why why;
	const pb_Reply *reply = record_unpack(&p->arena, &pb_Reply_descriptor, message, RECORD_REPLY_MAX, &why);

	if (reply == NULL)
		fail_msg("%s", why.text);
	assert_int_equal(to->len, 2);
	assert_true(p->told_count < BOOTH_TOLD_MAX);
	p->told[p->told_count].peer = get_u16(to->id);
	p->told[p->told_count++].reply = reply;
}

static void
on_ask(void *ctx, struct bytes message)
{
	struct booth *p = ctx;
	struct why why;
	const pb_Request *r = record_unpack(&p->arena, &pb_Request_descriptor, message, RECORD_REQUEST_MAX, &why);

	assert_non_null(r);
	assert_int_equal(r->body_case, DOORBRAAK__V1__REQUEST__BODY_PULL);
	p->asked = r->pull;
	p->asks++;
}

static void
on_publish(void *ctx, const char *topic UNUSED, struct bytes message UNUSED)
{
	struct booth *p = ctx;

	p->published++;
}

static void
on_random(void *ctx, uint8_t *out, size_t len)
{
	struct booth *p = ctx;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(p->drawn++ * 11 + 7);
}

static int
on_commit(void *ctx)
{
	struct booth *p = ctx;

	if (p->commits_fail == ERR_NONE)
		return 0;
	if (p->good_commits > 0) {
		p->good_commits--;
		return 0;
	}
	return p->commits_fail == ERR_STORE_FULL ? MDB_MAP_FULL : EIO;
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

void
booth_init(struct booth *p, const struct service *service)
{
	memset(p, 0, sizeof *p);
	p->dir = temp_make();
	arena_init(&p->arena);
	const struct temp_path path = temp_path(&p->dir, service->name);
	p->options = (struct node_options){
	    .service = service,
	    .store = {.dir = arena_str(&p->arena, bytes_str(path.s)),
		      .map_bytes = (size_t)256 << 20,
		      .fast = true,
		      .fault = on_commit,
		      .fault_ctx = p},
	    .clock = NODE_CLOCK_DRIVEN,
	    .io = {.ctx = p, .reply = on_reply, .ask = on_ask, .publish = on_publish, .random = on_random},
	};
	p->now = (struct node_now){.wall_ms = booth_local_ms("2024-03-04T10:00"), .steady_ms = 50000};
	memset(p->history.b, 7, HISTORY_SIZE);
}

void
booth_start(struct booth *p)
{
	struct why why;

	if (node_open(&p->node, &p->options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
}

const char *
booth_start_fails(struct booth *p, enum err with)
{
	struct why why;

	assert_int_equal(node_open(&p->node, &p->options, &why), with);
	assert_null(p->node);
	return arena_str(&p->arena, bytes_str(why.text));
}

void
booth_open(struct booth *p, const struct service *service)
{
	booth_init(p, service);
	booth_start(p);
}

void
booth_close(struct booth *p)
{
	node_close(&p->node);
	arena_fini(&p->arena);
	temp_remove(&p->dir);
}

void
booth_restart(struct booth *p)
{
	node_close(&p->node);
	booth_start(p);
}

void
booth_reserve(struct booth *p, unsigned quarters)
{
	const enum err err = booth_try(p); /* looks at the disk */

	assert_true(err == ERR_NONE || err == ERR_STORE_FULL);
	p->options.disk_reserve_bytes = booth_status_of(p).usage.disk_free_bytes / quarters * 4;
	p->options.disk_warn_bytes = p->options.disk_reserve_bytes;
	booth_restart(p);
}

enum err
booth_try(struct booth *p)
{
	p->told_count = 0;
	p->published = 0;
	return node_turn(p->node, p->now);
}

void
booth_turn(struct booth *p)
{
	const enum err err = booth_try(p);

	if (err != ERR_NONE)
		fail_msg("turn: error %d: %s", (int)err, node_why(p->node));
}

void
booth_wait(struct booth *p, int64_t ms)
{
	p->now.wall_ms += ms;
	p->now.steady_ms += ms;
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

void
booth_put_bytes(struct booth *p, unsigned peer, struct bytes message)
{
	struct peer from = {.len = 2};

	put_u16(from.id, (uint16_t)peer);
	node_take(p->node, &from, message);
}

void
booth_put(struct booth *p, unsigned peer, pb_Request *request)
{
	booth_put_bytes(p, peer, RECORD_PACK(&p->arena, request));
}

const pb_Reply *
booth_told(const struct booth *p, unsigned peer)
{
	for (size_t i = p->told_count; i > 0; i--)
		if (p->told[i - 1].peer == peer)
			return p->told[i - 1].reply;
	return NULL;
}

static const char *
with_range(struct booth *p, const char *text, uint64_t first, uint64_t last)
{
	const char *gap = text[0] == '\0' ? "" : " ";

	if (first == last)
		return arena_printf(&p->arena, "%s%s%llu", text, gap, (unsigned long long)first);
	return arena_printf(&p->arena, "%s%s%llu-%llu", text, gap, (unsigned long long)first, (unsigned long long)last);
}

static const char *
pull_line(struct booth *p, const pb_PullReply *pull)
{
	const char *text = "";

	for (size_t i = 0, first = 0; i < pull->n_entries; i++) {
		if (i + 1 < pull->n_entries && pull->entries[i + 1]->seq == pull->entries[i]->seq + 1)
			continue;
		text = with_range(p, text, pull->entries[first]->seq, pull->entries[i]->seq);
		first = i + 1;
	}
	return arena_printf(&p->arena, "%s upto %llu head %llu applied %llu", text[0] == '\0' ? "none" : text,
			    (unsigned long long)pull->upto->seq, (unsigned long long)pull->head,
			    (unsigned long long)pull->applied);
}

static const char *
refused_line(struct booth *p, const pb_RefusedReply *refused)
{
	const char *code = record_code_of("RefusedReason", (int)refused->reason);

	assert_true(strlen(refused->text) > 0);
	if (refused->retry_after_ms == 0)
		return arena_printf(&p->arena, "refused %s", code);
	return arena_printf(&p->arena, "refused %s retry %u", code, (unsigned)refused->retry_after_ms);
}

const char *
booth_line(struct booth *p, const pb_Reply *reply)
{
	if (reply == NULL)
		return "nothing";
	switch (reply->body_case) {
	case DOORBRAAK__V1__REPLY__BODY_PULL: return pull_line(p, reply->pull);
	case DOORBRAAK__V1__REPLY__BODY_REFUSED: return refused_line(p, reply->refused);
	case DOORBRAAK__V1__REPLY__BODY_ACCEPTED:
		return arena_printf(&p->arena, "accepted %llu", (unsigned long long)reply->accepted->seq);
	case DOORBRAAK__V1__REPLY__BODY_REJECTED:
		return arena_printf(&p->arena, "rejected %s", record_code_of("Reason", (int)reply->rejected->reason));
	case DOORBRAAK__V1__REPLY__BODY_CLOCK:
		return arena_printf(&p->arena, "clock %llu", (unsigned long long)reply->clock->seq);
	case DOORBRAAK__V1__REPLY__BODY_STATUS: return "status";
	case DOORBRAAK__V1__REPLY__BODY_CASES: return arena_printf(&p->arena, "cases %zu", reply->cases->n_cases);
	default: return "a reply without body";
	}
}

const char *
booth_line_to(struct booth *p, unsigned peer)
{
	return booth_line(p, booth_told(p, peer));
}

const char *
booth_ask(struct booth *p, unsigned peer, pb_Request *request)
{
	booth_put(p, peer, request);
	booth_turn(p);
	const pb_Reply *reply = booth_told(p, peer);
	if (reply != NULL)
		assert_int_equal(reply->request_id, request->request_id);
	return booth_line(p, reply);
}

const char *
booth_pull(struct booth *p, unsigned peer, const pb_PullRequest *pull)
{
	return booth_ask(p, peer, booth_pull_of(p, pull));
}

/* ---- questions --------------------------------------------------------------------------------------------------- */

pb_Request *
booth_request(struct booth *p)
{
	pb_Request *r = ARENA_NEW(&p->arena, pb_Request);

	pb_Request_init(r);
	r->request_id = ++p->requests;
	return r;
}

pb_Request *
booth_pull_of(struct booth *p, const pb_PullRequest *pull)
{
	pb_Request *r = booth_request(p);

	r->body_case = DOORBRAAK__V1__REQUEST__BODY_PULL;
	r->pull = ARENA_NEW(&p->arena, pb_PullRequest);
	*r->pull = *pull;
	return r;
}

pb_Request *
booth_status(struct booth *p)
{
	pb_Request *r = booth_request(p);

	r->body_case = DOORBRAAK__V1__REQUEST__BODY_STATUS;
	r->status = ARENA_NEW(&p->arena, pb_StatusRequest);
	pb_StatusRequest_init(r->status);
	return r;
}

static Google__Protobuf__Timestamp *
timestamp(struct booth *p, int64_t at_ms)
{
	Google__Protobuf__Timestamp *t = ARENA_NEW(&p->arena, Google__Protobuf__Timestamp);

	record_timestamp(t, at_ms);
	return t;
}

pb_Request *
booth_clock(struct booth *p, int64_t now_ms)
{
	pb_Request *r = booth_request(p);

	r->body_case = DOORBRAAK__V1__REQUEST__BODY_CLOCK;
	r->clock = ARENA_NEW(&p->arena, pb_ClockRequest);
	pb_ClockRequest_init(r->clock);
	if (now_ms != 0)
		r->clock->now = timestamp(p, now_ms);
	return r;
}

pb_Request *
booth_submit(struct booth *p, struct bytes submission, int64_t now_ms)
{
	pb_Request *r = booth_request(p);

	r->body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	r->submit = ARENA_NEW(&p->arena, pb_SubmitRequest);
	pb_SubmitRequest_init(r->submit);
	r->submit->submission = booth_data(p, submission);
	if (now_ms != 0)
		r->submit->now = timestamp(p, now_ms);
	return r;
}

pb_PullRequest *
booth_from(struct booth *p, pb_Cursor *after)
{
	pb_PullRequest *pull = ARENA_NEW(&p->arena, pb_PullRequest);

	pb_PullRequest_init(pull);
	pull->from = DOORBRAAK__V1__PULL_FROM__PULL_FROM_CURSOR;
	pull->after = after;
	return pull;
}

ProtobufCBinaryData
booth_data(struct booth *p, struct bytes b)
{
	const struct bytes copy = arena_copy(&p->arena, b);

	return (ProtobufCBinaryData){copy.len, (uint8_t *)(uintptr_t)copy.data};
}

pb_Cursor *
booth_cursor(struct booth *p, uint64_t seq)
{
	pb_Cursor *c = ARENA_NEW(&p->arena, pb_Cursor);
	const struct node_status status = booth_status_of(p);
	struct journal_entry entry;

	pb_Cursor_init(c);
	struct store_txn *txn = store_begin_read(node_store(p->node));
	assert_true(journal_get(node_journal(p->node), txn, seq, &entry));
	store_abort(txn);
	c->history = booth_data(p, bytes_of(status.history.b, HISTORY_SIZE));
	c->seq = seq;
	c->digest = booth_data(p, bytes_of(entry.digest.b, DIGEST_SIZE));
	return c;
}

/* ---- the journal upstream ---------------------------------------------------------------------------------------- */

void
booth_write(struct booth *p, pb_JournalRecord *record)
{
	booth_write_bytes(p, RECORD_PACK(&p->arena, record));
}

void
booth_write_bytes(struct booth *p, struct bytes raw)
{
	const struct digest none = {{0}};

	assert_true(p->count < BOOTH_UPSTREAM_MAX);
	struct journal_entry *e = &p->entries[p->count];
	*e = (struct journal_entry){.seq = p->count + 1, .record = raw};
	e->digest = digest_chain(p->count == 0 ? none : p->entries[p->count - 1].digest, e->seq, raw);
	p->count++;
}

void
booth_write_intake(struct booth *p, pb_IntakeRecord *intake)
{
	pb_JournalRecord record;

	intake->seq = p->count + 1;
	intake->logged_at = timestamp(p, p->now.wall_ms);
	pb_JournalRecord_init(&record);
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE;
	record.intake = intake;
	booth_write(p, &record);
}

void
booth_write_ticks(struct booth *p, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		pb_IntakeRecord intake;
		pb_Tick tick;
		p->now.wall_ms = cal_day_begins_ms(cal_local_day(p->now.wall_ms) + 1);
		pb_IntakeRecord_init(&intake);
		pb_Tick_init(&tick);
		tick.date = record_date(&p->arena, cal_local_day(p->now.wall_ms));
		intake.body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK;
		intake.tick = &tick;
		booth_write_intake(p, &intake);
	}
}

void
booth_send_reply(struct booth *p, pb_Reply *reply)
{
	node_hear(p->node, RECORD_PACK(&p->arena, reply));
}

void
booth_send(struct booth *p, size_t first, size_t last, uint64_t applied)
{
	const size_t n = last < first ? 0 : last - first + 1;
	pb_PullReply pull;
	pb_Cursor upto;
	pb_Reply reply;

	pb_Reply_init(&reply);
	pb_PullReply_init(&pull);
	pb_Cursor_init(&upto);
	pull.entries = ARENA_ARRAY(&p->arena, pb_JournalEntry *, n + 1);
	for (size_t i = first; i <= last; i++) {
		const struct journal_entry *from = &p->entries[i - 1];
		pb_JournalEntry *e = ARENA_NEW(&p->arena, pb_JournalEntry);
		pb_JournalEntry_init(e);
		e->seq = from->seq;
		e->digest = booth_data(p, bytes_of(from->digest.b, DIGEST_SIZE));
		e->record = booth_data(p, from->record);
		pull.entries[pull.n_entries++] = e;
	}
	upto.history = booth_data(p, bytes_of(p->history.b, HISTORY_SIZE));
	upto.seq = last;
	if (last > 0)
		upto.digest = booth_data(p, bytes_of(p->entries[last - 1].digest.b, DIGEST_SIZE));
	pull.upto = &upto;
	pull.head = p->count;
	pull.applied = applied;
	reply.body_case = DOORBRAAK__V1__REPLY__BODY_PULL;
	reply.pull = &pull;
	booth_send_reply(p, &reply);
}

void
booth_send_refusal(struct booth *p, int reason)
{
	pb_RefusedReply refused;
	pb_Reply reply;

	pb_Reply_init(&reply);
	pb_RefusedReply_init(&refused);
	refused.reason = (Doorbraak__V1__RefusedReason)reason;
	refused.text = record_text(&p->arena, "no");
	reply.body_case = DOORBRAAK__V1__REPLY__BODY_REFUSED;
	reply.refused = &refused;
	booth_send_reply(p, &reply);
}

void
booth_feed(struct booth *p)
{
	for (;;) {
		const uint64_t seq = booth_status_of(p).cursor.seq;
		const size_t last = p->count < seq + 1000 ? p->count : seq + 1000;
		if (seq == p->count)
			return;
		booth_send(p, seq + 1, last, last == p->count ? p->count : 0);
		booth_turn(p);
		assert_int_equal(booth_status_of(p).cursor.seq, last);
	}
}

/* ---- small things ------------------------------------------------------------------------------------------------ */

struct node_status
booth_status_of(const struct booth *p)
{
	struct node_status status;

	node_status(p->node, &status);
	return status;
}

struct journal_head
booth_head(struct booth *p)
{
	struct store_txn *txn = store_begin_read(node_store(p->node));
	const struct journal_head head = journal_head(node_journal(p->node), txn);

	store_abort(txn);
	return head;
}

int64_t
booth_local_ms(const char *local_time)
{
	int year, month, day, hour, minute;

	assert_int_equal(sscanf(local_time, "%d-%d-%dT%d:%d", &year, &month, &day, &hour, &minute), 5);
	return cal_local_ms(cal_from_date(year, month, day), hour, minute, 0);
}
