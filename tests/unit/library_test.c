// SPDX-License-Identifier: EUPL-1.2
/* libdoorbraak (client/doorbraak.h) against a stand-in that loses questions, answers twice, late, oddly, or is busy for a while.
 * Against real services that are killed: tests/interop/clients.py. */
#include "tests/unit/unit.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/doorbraak.h"
#include "common/record.h"
#include "common/transport.h"

#define JOURNAL   10u /* records of the stand-in */
#define WAIT_MS   10000
#define BEHAVIORS 512u

/* The thread of a service that answers a submission as its id says. */
struct standin {
	struct transport *transport;
	pthread_t thread;
	atomic_bool stop;
	_Atomic unsigned questions; /* that came */
	char ids[BEHAVIORS][ID_MAX + 1];
	unsigned times[BEHAVIORS]; /* how often each id came */
	unsigned id_count;
	struct arena arena;
};

static unsigned
times_of(struct standin *s, const char *id)
{
	for (unsigned i = 0; i < s->id_count; i++)
		if (strcmp(s->ids[i], id) == 0)
			return ++s->times[i];
	assert_true(s->id_count < BEHAVIORS);
	snprintf(s->ids[s->id_count], sizeof s->ids[0], "%s", id);
	return s->times[s->id_count++] = 1;
}

static void
answer(struct standin *s, const struct peer *to, pb_Reply *reply)
{
	transport_reply(s->transport, to, RECORD_PACK(&s->arena, reply));
}

static void
answer_submission(struct standin *s, const struct peer *to, const pb_Request *request, pb_Reply *reply)
{
	struct why why;
	pb_AcceptedReply accepted;
	pb_RejectedReply rejected;
	pb_RefusedReply refused;
	pb_StatusReply status;
	pb_Violation violation, *violations[] = {&violation};
	const ProtobufCBinaryData raw = request->submit->submission;
	const pb_Submission *m =
	    record_unpack(&s->arena, &pb_Submission_descriptor, bytes_of(raw.data, raw.len), RECORD_ADOPTION_MAX, &why);
	const unsigned times = times_of(s, m->id);

	pb_AcceptedReply_init(&accepted);
	pb_RejectedReply_init(&rejected);
	pb_RefusedReply_init(&refused);
	pb_StatusReply_init(&status);
	pb_Violation_init(&violation);
	accepted.case_id = arena_printf(&s->arena, "c-%s", m->id);
	accepted.seq = 7;
	accepted.duplicate = times > 1;
	reply->body_case = DOORBRAAK__V1__REPLY__BODY_ACCEPTED;
	reply->accepted = &accepted;
	if (strncmp(m->id, "lost", 4) == 0 && times == 1)
		return;
	if (strncmp(m->id, "busy", 4) == 0 && times < 3) {
		refused.reason = (Doorbraak__V1__RefusedReason)REFUSED_REASON_BUSY;
		refused.retry_after_ms = 20;
		refused.text = record_text(&s->arena, "full");
		reply->body_case = DOORBRAAK__V1__REPLY__BODY_REFUSED;
		reply->refused = &refused;
	} else if (strcmp(m->id, "never") == 0) {
		refused.reason = (Doorbraak__V1__RefusedReason)REFUSED_REASON_DISK_LOW;
		refused.retry_after_ms = 50;
		refused.text = record_text(&s->arena, "make room");
		reply->body_case = DOORBRAAK__V1__REPLY__BODY_REFUSED;
		reply->refused = &refused;
	} else if (strcmp(m->id, "wrong") == 0) {
		rejected.reason = (Doorbraak__V1__Reason)REASON_MISSING_FIELD;
		violation.field = record_text(&s->arena, "plan_agreed.actions");
		violation.text = record_text(&s->arena, "fill it");
		rejected.violations = violations;
		rejected.n_violations = 1;
		reply->body_case = DOORBRAAK__V1__REPLY__BODY_REJECTED;
		reply->rejected = &rejected;
	} else if (strcmp(m->id, "odd") == 0) {
		reply->body_case = DOORBRAAK__V1__REPLY__BODY_STATUS;
		reply->status = &status;
	} else if (strcmp(m->id, "noise") == 0) {
		/* Noise has no number: only a good answer ends the question. */
		transport_reply(s->transport, to, bytes_str("this is no Reply"));
	}
	if (strcmp(m->id, "stale") == 0) {
		/* The place was used before: an answer to that question comes late. */
		pb_AcceptedReply old = accepted;
		old.case_id = record_text(&s->arena, "c-old");
		reply->accepted = &old;
		reply->request_id -= 1u << 9;
		answer(s, to, reply);
		reply->request_id += 1u << 9;
		reply->accepted = &accepted;
	}
	answer(s, to, reply);
	if (strncmp(m->id, "twice", 5) == 0)
		answer(s, to, reply);
}

/* Records 1..JOURNAL, three a page; each answer is given twice. */
static void
answer_pull(struct standin *s, const struct peer *to, const pb_Request *request, pb_Reply *reply)
{
	pb_PullReply pull;
	pb_Cursor upto;
	pb_JournalEntry entries[3], *list[3] = {&entries[0], &entries[1], &entries[2]};
	const uint64_t after = request->pull->after->seq;
	static uint8_t history[HISTORY_SIZE] = "a history of it", digest[DIGEST_SIZE] = "a digest";

	pb_PullReply_init(&pull);
	pb_Cursor_init(&upto);
	pull.head = JOURNAL;
	pull.entries = list;
	upto.history = (ProtobufCBinaryData){HISTORY_SIZE, history};
	upto.seq = after;
	if ((int)request->pull->from == DOORBRAAK__V1__PULL_FROM__PULL_FROM_HEAD)
		upto.seq = JOURNAL;
	for (; upto.seq < JOURNAL && pull.n_entries < 3; pull.n_entries++) {
		pb_JournalEntry_init(&entries[pull.n_entries]);
		entries[pull.n_entries].seq = ++upto.seq;
		entries[pull.n_entries].digest = (ProtobufCBinaryData){DIGEST_SIZE, digest};
		entries[pull.n_entries].record = (ProtobufCBinaryData){6, (uint8_t *)(uintptr_t) "record"};
	}
	if (upto.seq > 0)
		upto.digest = (ProtobufCBinaryData){DIGEST_SIZE, digest};
	pull.upto = &upto;
	reply->body_case = DOORBRAAK__V1__REPLY__BODY_PULL;
	reply->pull = &pull;
	answer(s, to, reply);
	answer(s, to, reply);
}

static void
take(void *ctx, const struct peer *from, struct bytes message)
{
	struct standin *s = ctx;
	struct why why;
	pb_Reply reply;
	pb_StatusReply status;

	arena_reset(&s->arena);
	const pb_Request *request = record_unpack(&s->arena, &pb_Request_descriptor, message, RECORD_REQUEST_MAX, &why);
	pb_Reply_init(&reply);
	pb_StatusReply_init(&status);
	reply.request_id = request->request_id;
	s->questions++;
	switch (request->body_case) {
	case DOORBRAAK__V1__REQUEST__BODY_SUBMIT: answer_submission(s, from, request, &reply); break;
	case DOORBRAAK__V1__REQUEST__BODY_PULL: answer_pull(s, from, request, &reply); break;
	default:
		reply.body_case = DOORBRAAK__V1__REPLY__BODY_STATUS;
		reply.status = &status;
		answer(s, from, &reply);
	}
}

static bool
has_room(void *ctx)
{
	(void)ctx;
	return true;
}

static void *
serve(void *ctx)
{
	struct standin *s = ctx;
	const struct transport_sink sink = {.ctx = s, .take = take, .has_room = has_room};

	while (!s->stop) {
		struct pollfd door = {.fd = transport_fds(s->transport).door, .events = POLLIN};
		if (!transport_has_input(s->transport, true))
			(void)poll(&door, 1, 5);
		transport_take(s->transport, 64, &sink);
	}
	return NULL;
}

struct bench {
	struct standin *standin;
	struct doorbraak *door;
};

static void
start(struct bench *b)
{
	struct doorbraak_why reason;
	struct why why;

	b->standin = calloc(1, sizeof *b->standin);
	assert_non_null(b->standin);
	arena_init(&b->standin->arena);
	assert_int_equal(transport_open(&b->standin->transport,
					&(struct transport_options){.listen = "tcp://127.0.0.1:*", .submissions = true},
					&why),
			 ERR_NONE);
	assert_int_equal(pthread_create(&b->standin->thread, NULL, serve, b->standin), 0);
	assert_int_equal(doorbraak_open(&b->door, transport_door(b->standin->transport), NULL, &reason), DOORBRAAK_OK);
}

static void
stop(struct bench *b)
{
	doorbraak_close(&b->door);
	assert_null(b->door);
	b->standin->stop = true;
	pthread_join(b->standin->thread, NULL);
	transport_close(&b->standin->transport);
	arena_fini(&b->standin->arena);
	free(b->standin);
}

/* A Submission with only an id, packed. */
static struct doorbraak_submission
named(struct arena *a, const char *id)
{
	pb_Submission m;

	pb_Submission_init(&m);
	m.id = record_text(a, id);
	const struct bytes packed = RECORD_PACK(a, &m);
	return (struct doorbraak_submission){.data = packed.data, .len = packed.len, .tag = (void *)(uintptr_t)id};
}

static enum doorbraak_result
submit(struct bench *b, const char *id, int timeout_ms, struct doorbraak_receipt *receipt, struct doorbraak_why *why)
{
	struct arena a;

	arena_init(&a);
	const struct doorbraak_submission s = named(&a, id);
	const enum doorbraak_result result = doorbraak_submit(b->door, &s, timeout_ms, receipt, why);
	arena_fini(&a);
	assert_int_equal(receipt->result, result);
	assert_ptr_equal(receipt->tag, id);
	return result;
}

/* ---- one at a time ---------------------------------------------------------------------------------------------------------- */

static void
test_a_submission_gets_its_receipt(void **state)
{
	struct doorbraak_receipt receipt;
	struct bench b;

	(void)state;
	start(&b);
	assert_int_equal(submit(&b, "one", WAIT_MS, &receipt, NULL), DOORBRAAK_OK);
	assert_string_equal(receipt.case_id, "c-one");
	assert_int_equal(receipt.seq, 7);
	assert_false(receipt.duplicate);
	assert_int_equal(submit(&b, "one", WAIT_MS, &receipt, NULL), DOORBRAAK_OK);
	assert_true(receipt.duplicate);
	assert_int_equal(doorbraak_open_count(b.door), 0);
	stop(&b);
}

static void
test_what_is_lost_is_sent_again_and_what_is_busy_is_tried_again(void **state)
{
	struct doorbraak_receipt receipt;
	struct bench b;

	(void)state;
	start(&b);
	assert_int_equal(submit(&b, "lost", WAIT_MS, &receipt, NULL), DOORBRAAK_OK);
	assert_true(receipt.duplicate); /* as the stand-in counts */
	assert_int_equal(submit(&b, "busy", WAIT_MS, &receipt, NULL), DOORBRAAK_OK);
	assert_int_equal(b.standin->questions, 2 + 3);
	/* What comes late for an earlier question is not taken for an answer to this one. */
	assert_int_equal(submit(&b, "stale", WAIT_MS, &receipt, NULL), DOORBRAAK_OK);
	assert_string_equal(receipt.case_id, "c-stale");
	stop(&b);
}

static void
test_trouble_is_told_with_what_to_do(void **state)
{
	struct doorbraak_receipt receipt;
	struct doorbraak_why why;
	struct bench b;

	(void)state;
	start(&b);
	assert_int_equal(submit(&b, "wrong", WAIT_MS, &receipt, &why), DOORBRAAK_REJECTED);
	assert_string_equal(why.text, "rejected MISSING_FIELD: plan_agreed.actions: fill it");
	assert_true(receipt.reply.len > 0);
	assert_int_equal(submit(&b, "odd", WAIT_MS, &receipt, &why), DOORBRAAK_WRONG);
	assert_non_null(strstr(why.text, "is it the door of intake?"));
	/* Refused for a moment until the time was over: not "no answer". */
	assert_int_equal(submit(&b, "never", 300, &receipt, &why), DOORBRAAK_REFUSED);
	assert_non_null(strstr(why.text, "refuses (DISK_LOW): make room"));
	assert_int_equal(submit(&b, "noise", WAIT_MS, &receipt, &why), DOORBRAAK_OK);
	stop(&b);
}

static void
test_nobody_at_the_door(void **state)
{
	const char request[] = {0x22, 0}; /* status */
	struct doorbraak_receipt receipt;
	struct doorbraak_bytes reply;
	struct doorbraak_why why;
	struct bench b = {0};

	(void)state;
	assert_int_equal(doorbraak_open(&b.door, "no address", NULL, &why), DOORBRAAK_WRONG);
	assert_null(b.door);
	assert_true(why.text[0] != '\0');
	assert_int_equal(doorbraak_open(&b.door, "tcp://127.0.0.1:1", NULL, &why), DOORBRAAK_OK);
	assert_int_equal(submit(&b, "one", 50, &receipt, &why), DOORBRAAK_AGAIN);
	assert_non_null(strstr(why.text, "tcp://127.0.0.1:1 gives no answer within 50 ms"));
	assert_int_equal(doorbraak_ask(b.door, request, sizeof request, 0, &reply, &why), DOORBRAAK_AGAIN);
	assert_int_equal(doorbraak_open_count(b.door), 0);
	doorbraak_close(&b.door);
	doorbraak_close(&b.door);
}

static void
test_sizes_are_looked_at(void **state)
{
	static const char large[RECORD_REQUEST_MAX];
	struct doorbraak_submission s = {.data = large, .len = sizeof large};
	struct doorbraak_receipt receipt;
	struct doorbraak_bytes reply;
	struct doorbraak_why why;
	struct bench b;
	char address[400];

	(void)state;
	start(&b);
	assert_int_equal(doorbraak_submit(b.door, &s, 100, &receipt, &why), DOORBRAAK_WRONG);
	assert_int_equal(doorbraak_send(b.door, &s), DOORBRAAK_WRONG);
	assert_int_equal(doorbraak_ask(b.door, large, sizeof large, 100, &reply, &why), DOORBRAAK_WRONG);
	stop(&b);
	memset(address, 'x', sizeof address - 1);
	address[sizeof address - 1] = '\0';
	assert_int_equal(doorbraak_open(&b.door, address, NULL, &why), DOORBRAAK_WRONG);
}

static void
test_any_question(void **state)
{
	/* It has a number of its own: another takes its place. */
	const unsigned char request[] = {0x08, 0x2a, 0x22, 0};
	struct doorbraak_bytes raw;
	struct arena a;
	struct why why;
	struct bench b;

	(void)state;
	start(&b);
	assert_int_equal(doorbraak_ask(b.door, request, sizeof request, WAIT_MS, &raw, NULL), DOORBRAAK_OK);
	arena_init(&a);
	const pb_Reply *reply =
	    record_unpack(&a, &pb_Reply_descriptor, bytes_of(raw.data, raw.len), RECORD_REPLY_MAX, &why);
	assert_non_null(reply);
	assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_STATUS);
	assert_int_not_equal(reply->request_id, 0x2a);
	arena_fini(&a);
	stop(&b);
}

/* ---- a window of them --------------------------------------------------------------------------------------------------------- */

static void
test_a_full_window_each_with_its_receipt(void **state)
{
	static const char *const kinds[] = {"plain", "twice", "busy", "lost"};
	char ids[DOORBRAAK_WINDOW_MAX][32];
	bool seen[DOORBRAAK_WINDOW_MAX] = {false};
	struct doorbraak_receipt receipt;
	struct arena a;
	struct bench b;

	(void)state;
	start(&b);
	arena_init(&a);
	for (unsigned i = 0; i < DOORBRAAK_WINDOW_MAX; i++) {
		snprintf(ids[i], sizeof ids[i], "%s-%u", kinds[i % 4], i);
		const struct doorbraak_submission s = named(&a, ids[i]);
		assert_int_equal(doorbraak_send(b.door, &s), DOORBRAAK_OK);
	}
	const struct doorbraak_submission one_more = named(&a, "more");
	assert_int_equal(doorbraak_send(b.door, &one_more), DOORBRAAK_AGAIN);
	assert_int_equal(doorbraak_open_count(b.door), DOORBRAAK_WINDOW_MAX);
	/* A full window leaves room for a question, and for one that is waited for. */
	assert_int_equal(submit(&b, "between", WAIT_MS, &receipt, NULL), DOORBRAAK_OK);
	for (unsigned i = 0; i < DOORBRAAK_WINDOW_MAX; i++) {
		assert_int_equal(doorbraak_take(b.door, WAIT_MS, &receipt), DOORBRAAK_OK);
		assert_int_equal(receipt.result, DOORBRAAK_OK);
		const unsigned place = (unsigned)(((char(*)[32])receipt.tag) - ids);
		assert_true(place < DOORBRAAK_WINDOW_MAX && !seen[place]);
		seen[place] = true;
		assert_string_equal(receipt.case_id + 2, ids[place]);
	}
	assert_int_equal(doorbraak_open_count(b.door), 0);
	assert_int_equal(doorbraak_take(b.door, 0, &receipt), DOORBRAAK_AGAIN);
	/* Places are used again: what came twice for the one before is not taken for an answer. */
	assert_int_equal(doorbraak_send(b.door, &one_more), DOORBRAAK_OK);
	assert_int_equal(doorbraak_take(b.door, WAIT_MS, &receipt), DOORBRAAK_OK);
	assert_string_equal(receipt.case_id, "c-more");
	arena_fini(&a);
	stop(&b);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------- */

static void
test_pages_from_a_cursor(void **state)
{
	struct doorbraak_cursor cursor = {0};
	struct doorbraak_page page;
	struct doorbraak_why why;
	uint64_t next = 1;
	struct bench b;

	(void)state;
	start(&b);
	do {
		assert_int_equal(doorbraak_pull(b.door, DOORBRAAK_FROM_CURSOR, &cursor, NULL, 0, WAIT_MS, &page, &why),
				 DOORBRAAK_OK);
		for (size_t i = 0; i < page.count; i++) {
			assert_int_equal(page.records[i].seq, next++);
			assert_memory_equal(page.records[i].data, "record", 6);
		}
		assert_int_equal(page.head, JOURNAL);
		assert_int_equal(cursor.seq, next - 1);
	} while (page.count > 0);
	assert_int_equal(next, JOURNAL + 1);
	cursor = (struct doorbraak_cursor){0};
	assert_int_equal(doorbraak_pull(b.door, DOORBRAAK_FROM_HEAD, &cursor, NULL, 0, WAIT_MS, &page, &why),
			 DOORBRAAK_OK);
	assert_int_equal(page.count, 0);
	assert_int_equal(cursor.seq, JOURNAL);
	assert_int_equal(doorbraak_pull(b.door, DOORBRAAK_FROM_SNAPSHOT, &cursor, NULL, 0, WAIT_MS, &page, &why),
			 DOORBRAAK_WRONG);
	stop(&b);
}

static void
test_a_follower_gives_each_record_once(void **state)
{
	struct doorbraak_follow_options options = {.from = DOORBRAAK_FROM_CURSOR};
	struct doorbraak_follow *follow;
	struct doorbraak_cursor cursor;
	struct doorbraak_record record;
	struct doorbraak_why why;
	struct bench b;

	(void)state;
	start(&b);
	assert_int_equal(doorbraak_follow_open(&follow, b.door, &options, &why), DOORBRAAK_OK);
	for (uint64_t seq = 1; seq <= JOURNAL; seq++) {
		/* Also in small steps, of which the first find nothing. */
		enum doorbraak_result result;
		do
			result = doorbraak_follow_next(follow, seq % 2 == 0 ? 0 : WAIT_MS, &record, &why);
		while (result == DOORBRAAK_AGAIN && seq % 2 == 0);
		assert_int_equal(result, DOORBRAAK_OK);
		assert_int_equal(record.seq, seq);
		doorbraak_follow_cursor(follow, &cursor);
		assert_int_equal(cursor.seq, seq);
		if (seq == 5) {
			/* Another reader goes on from there. */
			doorbraak_follow_close(&follow);
			options.after = cursor;
			assert_int_equal(doorbraak_follow_open(&follow, b.door, &options, &why), DOORBRAAK_OK);
		}
	}
	assert_int_equal(doorbraak_follow_next(follow, 50, &record, &why), DOORBRAAK_AGAIN);
	assert_true(doorbraak_follow_silent_ms(follow) < WAIT_MS);
	doorbraak_follow_close(&follow);
	options.topic_count = DOORBRAAK_TOPICS_MAX + 1;
	assert_int_equal(doorbraak_follow_open(&follow, b.door, &options, &why), DOORBRAAK_WRONG);
	assert_null(follow);
	stop(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_submission_gets_its_receipt),
	    cmocka_unit_test(test_what_is_lost_is_sent_again_and_what_is_busy_is_tried_again),
	    cmocka_unit_test(test_trouble_is_told_with_what_to_do),
	    cmocka_unit_test(test_nobody_at_the_door),
	    cmocka_unit_test(test_sizes_are_looked_at),
	    cmocka_unit_test(test_any_question),
	    cmocka_unit_test(test_a_full_window_each_with_its_receipt),
	    cmocka_unit_test(test_pages_from_a_cursor),
	    cmocka_unit_test(test_a_follower_gives_each_record_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
