// SPDX-License-Identifier: EUPL-1.2
#include "tests/service/desk.h"

static void
on_ask(void *ctx, struct bytes message)
{
	struct desk *d = ctx;
	struct why why;
	const pb_Request *r = record_unpack(&d->arena, &pb_Request_descriptor, message, RECORD_REQUEST_MAX, &why);

	assert_non_null(r);
	d->request = r->request_id;
}

static void
on_reply(void *ctx UNUSED, const struct peer *to UNUSED, struct bytes message UNUSED)
{
}

static void
on_random(void *ctx UNUSED, uint8_t *out, size_t len)
{
	memset(out, 1, len);
}

static void
turn(struct desk *d)
{
	if (node_turn(d->node, (struct node_now){.wall_ms = d->now_ms, .steady_ms = d->now_ms}) != ERR_NONE)
		fail_msg("%s", node_why(d->node));
}

static void
start(struct desk *d)
{
	struct why why;
	const struct temp_path path = temp_path(&d->dir, "service");
	const struct node_options options = {
	    .service = d->service,
	    .store = {.dir = path.s, .map_bytes = (size_t)64 << 20, .fast = true},
	    .io = {.ctx = d, .reply = on_reply, .ask = on_ask, .random = on_random},
	};

	if (node_open(&d->node, &options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
	turn(d);
}

void
desk_open(struct desk *d, const struct service *service)
{
	*d = (struct desk){.service = service, .dir = temp_make()};
	arena_init(&d->arena);
	d->now_ms = cal_local_ms(cal_from_date(2024, 3, 4), 10, 0, 0);
	start(d);
}

void
desk_close(struct desk *d)
{
	node_close(&d->node);
	arena_fini(&d->arena);
	temp_remove(&d->dir);
}

void
desk_restart(struct desk *d)
{
	node_close(&d->node);
	start(d);
}

static struct journal_head
journal_of(struct desk *d, uint64_t after)
{
	struct store_txn *txn = store_begin_read(node_store(d->node));
	struct journal_reader reader;
	struct journal_entry entry;
	struct record record;
	struct why why;

	d->said_count = 0;
	journal_read_begin(&reader, node_journal(d->node), txn, after);
	while (journal_read_next(&reader, &entry) == ERR_NONE) {
		assert_true(record_read(&d->arena, arena_copy(&d->arena, entry.record), &record, &why));
		if (record.answer != NULL && d->said_count < DESK_ANSWERS_MAX)
			d->said[d->said_count++] = record.answer;
	}
	journal_read_end(&reader);
	const struct journal_head head = journal_head(node_journal(d->node), txn);
	store_abort(txn);
	return head;
}

void
desk_feed(struct desk *d, pb_IntakeRecord *intake)
{
	pb_JournalRecord record;
	Google__Protobuf__Timestamp at;
	pb_JournalEntry entry, *entries[1] = {&entry};
	pb_Cursor upto;
	pb_PullReply pull;
	pb_Reply reply;
	uint8_t history[HISTORY_SIZE] = {7};
	const struct journal_head before = journal_of(d, UINT64_MAX - 1);

	record_timestamp(&at, d->now_ms);
	intake->seq = d->head.seq + 1;
	intake->logged_at = &at;
	pb_JournalRecord_init(&record);
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE;
	record.intake = intake;
	const struct bytes raw = RECORD_PACK(&d->arena, &record);
	d->head = (struct journal_head){intake->seq, digest_chain(d->head.digest, intake->seq, raw)};

	pb_JournalEntry_init(&entry);
	entry.seq = d->head.seq;
	entry.digest = (ProtobufCBinaryData){DIGEST_SIZE, d->head.digest.b};
	entry.record = (ProtobufCBinaryData){raw.len, (uint8_t *)(uintptr_t)raw.data};
	pb_Cursor_init(&upto);
	upto.history = (ProtobufCBinaryData){HISTORY_SIZE, history};
	upto.seq = entry.seq;
	upto.digest = entry.digest;
	pb_PullReply_init(&pull);
	pull.entries = entries;
	pull.n_entries = 1;
	pull.upto = &upto;
	pull.head = pull.applied = entry.seq;
	pb_Reply_init(&reply);
	reply.request_id = d->request;
	reply.body_case = DOORBRAAK__V1__REPLY__BODY_PULL;
	reply.pull = &pull;
	node_hear(d->node, RECORD_PACK(&d->arena, &reply));
	turn(d);
	const struct journal_head after = journal_of(d, before.seq);
	assert_int_equal(after.seq, before.seq + 1 + d->said_count); /* the record itself, then what triage says */
	for (size_t i = 0; i < d->said_count; i++)
		assert_int_equal(d->said[i]->cause, entry.seq);
}

char *
desk_text(struct desk *d, const char *s)
{
	return record_text(&d->arena, s);
}

pb_Submission *
desk_say(struct desk *d, const char *case_id)
{
	pb_Submission *s = ARENA_NEW(&d->arena, pb_Submission);

	pb_Submission_init(s);
	s->source = desk_text(d, "front");
	s->id = arena_printf(&d->arena, "m-%llu", (unsigned long long)d->head.seq);
	s->case_id = desk_text(d, case_id);
	s->occurred_at = ARENA_NEW(&d->arena, Google__Protobuf__Timestamp);
	record_timestamp(s->occurred_at, d->now_ms);
	s->actor = ARENA_NEW(&d->arena, pb_Actor);
	pb_Actor_init(s->actor);
	s->actor->role = (Doorbraak__V1__Role)ROLE_MUNICIPALITY;
	s->actor->organisation = desk_text(d, "GM9901");
	return s;
}

void
desk_take(struct desk *d, pb_Submission *s, bool opens)
{
	pb_IntakeRecord intake;
	pb_AcceptedSubmission accepted;

	pb_IntakeRecord_init(&intake);
	pb_AcceptedSubmission_init(&accepted);
	accepted.submission = s;
	accepted.opens = opens;
	intake.body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_ACCEPTED;
	intake.accepted = &accepted;
	desk_feed(d, &intake);
}
