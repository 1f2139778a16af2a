// SPDX-License-Identifier: EUPL-1.2
/* The door of a node: pull, status, cases, and every refusal of door.proto, without a socket. */
#include "tests/service/booth.h"

#define CASES 501u /* one more than fits a page */

/* Intake on a driven clock with a journal of `count` records: its logic version, then one tick a day. */
static void
open_intake(struct booth *p, unsigned count)
{
	booth_open(p, &intake_service);
	for (unsigned have = 1, some; have < count; have += some) {
		some = count - have > NODE_CLOCK_DAYS_MAX ? NODE_CLOCK_DAYS_MAX : count - have;
		const char *line = booth_ask(p, 1, booth_clock(p, p->now.wall_ms));
		if (have == 1 && some-- == 1)
			break;
		p->now.wall_ms = cal_day_begins_ms(cal_local_day(p->now.wall_ms) + (cal_day)some);
		line = booth_ask(p, 1, booth_clock(p, p->now.wall_ms));
		some += have == 1;
		assert_string_equal(line, arena_printf(&p->arena, "clock %u", have + some));
	}
	assert_int_equal(booth_head(p).seq, count);
}

static void
next_day(struct booth *p)
{
	p->now.wall_ms = cal_day_begins_ms(cal_local_day(p->now.wall_ms) + 1);
	booth_put(p, 9999, booth_clock(p, p->now.wall_ms));
}

static pb_PullRequest *
no_wait(pb_PullRequest *pull)
{
	pull->no_wait = true;
	return pull;
}

static pb_PullRequest *
only(struct booth *p, pb_PullRequest *pull, const char *topic)
{
	char **more = ARENA_ARRAY(&p->arena, char *, pull->n_topics + 1);

	if (pull->n_topics > 0)
		memcpy(more, pull->topics, pull->n_topics * sizeof *more);
	more[pull->n_topics++] = record_text(&p->arena, topic);
	pull->topics = more;
	return pull;
}

/* ---- where a pull begins, and how much it gives ------------------------------------------------------------------ */

static void
test_a_pull_begins_behind_its_cursor(void **state UNUSED)
{
	struct booth p;
	pb_Cursor empty;

	open_intake(&p, 5);
	pb_Cursor_init(&empty);
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, NULL)), "1-5 upto 5 head 5 applied 5");
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, &empty)), "1-5 upto 5 head 5 applied 5");
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, booth_cursor(&p, 1))), "2-5 upto 5 head 5 applied 5");
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, booth_cursor(&p, 4))), "5 upto 5 head 5 applied 5");
	assert_string_equal(booth_pull(&p, 1, no_wait(booth_from(&p, booth_cursor(&p, 5)))),
			    "none upto 5 head 5 applied 5");
	booth_close(&p);
}

static void
test_a_cursor_with_a_history_and_nothing_read_is_the_start(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	pb_Cursor *c = booth_cursor(&p, 1);
	c->seq = 0;
	c->digest.len = 0;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, c)), "1-3 upto 3 head 3 applied 3");
	booth_close(&p);
}

static void
test_absent_from_means_from_the_cursor(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	pb_PullRequest *pull = booth_from(&p, booth_cursor(&p, 2));
	pull->from = DOORBRAAK__V1__PULL_FROM__PULL_FROM_UNSPECIFIED;
	assert_string_equal(booth_pull(&p, 1, pull), "3 upto 3 head 3 applied 3");
	booth_close(&p);
}

static void
test_from_the_head_is_answered_at_once_with_a_cursor_to_follow_from(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 5);
	pb_PullRequest *pull = booth_from(&p, NULL);
	pull->from = DOORBRAAK__V1__PULL_FROM__PULL_FROM_HEAD;
	assert_string_equal(booth_pull(&p, 1, pull), "none upto 5 head 5 applied 5");
	pb_Cursor *at = booth_told(&p, 1)->pull->upto;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, at)), "nothing");
	next_day(&p);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "6 upto 6 head 6 applied 6");
	booth_close(&p);
}

/* `upto` of every answer is the cursor of the next question, until nothing is left. */
static void
test_an_answer_carries_the_cursor_of_the_next_question(void **state UNUSED)
{
	static const char *const answers[] = {"1-2 upto 2 head 5 applied 0", "3-4 upto 4 head 5 applied 0",
					      "5 upto 5 head 5 applied 5", "none upto 5 head 5 applied 5"};
	struct booth p;
	pb_Cursor *at = NULL;

	open_intake(&p, 5);
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		pb_PullRequest *pull = no_wait(booth_from(&p, at));
		pull->records_max = 2;
		assert_string_equal(booth_pull(&p, 1, pull), answers[i]);
		at = booth_told(&p, 1)->pull->upto;
	}
	booth_close(&p);
}

static void
test_the_records_of_an_answer_stand_as_they_stand_in_the_journal(void **state UNUSED)
{
	struct booth p;
	struct digest before = {{0}};

	open_intake(&p, 5);
	booth_pull(&p, 1, booth_from(&p, NULL));
	const pb_PullReply *pull = booth_told(&p, 1)->pull;
	for (size_t i = 0; i < pull->n_entries; i++) {
		const pb_JournalEntry *e = pull->entries[i];
		before = digest_chain(before, e->seq, bytes_of(e->record.data, e->record.len));
		assert_int_equal(e->digest.len, DIGEST_SIZE);
		assert_memory_equal(e->digest.data, before.b, DIGEST_SIZE);
	}
	assert_memory_equal(pull->upto->digest.data, booth_head(&p).digest.b, DIGEST_SIZE);
	assert_memory_equal(pull->upto->history.data, booth_status_of(&p).history.b, HISTORY_SIZE);
	assert_true(record_at_ms(pull->clock) == p.now.wall_ms);
	booth_close(&p);
}

static void
test_at_most_records_max(void **state UNUSED)
{
	static const struct {
		uint32_t asked;
		const char *answer;
	} table[] = {
	    {1, "1 upto 1 head 2050 applied 0"},
	    {2, "1-2 upto 2 head 2050 applied 0"},
	    {2047, "1-2047 upto 2047 head 2050 applied 0"},
	    {2048, "1-2048 upto 2048 head 2050 applied 0"},
	    {2049, "1-2048 upto 2048 head 2050 applied 0"},
	    {UINT32_MAX, "1-2048 upto 2048 head 2050 applied 0"},
	    {0, "1-2048 upto 2048 head 2050 applied 0"},
	};
	struct booth p;

	open_intake(&p, 2050);
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		pb_PullRequest *pull = booth_from(&p, NULL);
		pull->records_max = table[i].asked;
		assert_string_equal(booth_pull(&p, 1, pull), table[i].answer);
	}
	booth_close(&p);
}

static void
test_at_most_bytes_max_but_always_one_record(void **state UNUSED)
{
	struct booth p;
	uint32_t size[4] = {0};

	open_intake(&p, 4);
	booth_pull(&p, 1, booth_from(&p, NULL));
	for (unsigned i = 0; i < 4; i++)
		size[i] = (uint32_t)booth_told(&p, 1)->pull->entries[i]->record.len;
	const struct {
		uint32_t asked;
		const char *answer;
	} table[] = {
	    {1, "1 upto 1 head 4 applied 0"}, /* the record is larger than that */
	    {size[0], "1 upto 1 head 4 applied 0"},
	    {size[0] + size[1] - 1, "1 upto 1 head 4 applied 0"},
	    {size[0] + size[1], "1-2 upto 2 head 4 applied 0"},
	    {size[0] + size[1] + size[2], "1-3 upto 3 head 4 applied 0"},
	    {size[0] + size[1] + size[2] + size[3] - 1, "1-3 upto 3 head 4 applied 0"},
	    {size[0] + size[1] + size[2] + size[3], "1-4 upto 4 head 4 applied 4"},
	    {UINT32_MAX, "1-4 upto 4 head 4 applied 4"},
	    {0, "1-4 upto 4 head 4 applied 4"},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		pb_PullRequest *pull = booth_from(&p, NULL);
		pull->bytes_max = table[i].asked;
		assert_string_equal(booth_pull(&p, 1, pull), table[i].answer);
	}
	booth_close(&p);
}

/* Seven records of nearly 1 MiB each: the answer stays under what a reply may have. */
static void
test_no_answer_is_larger_than_four_mebibytes_of_records(void **state UNUSED)
{
	struct booth p;
	pb_Answer answer;
	pb_MessageRejected rejected;
	pb_JournalRecord record;
	Google__Protobuf__Timestamp at;
	char *text = malloc(1000001);

	assert_non_null(text);
	memset(text, 'x', 1000000);
	text[1000000] = '\0';
	booth_open(&p, &triage_service);
	record_timestamp(&at, p.now.wall_ms);
	for (unsigned i = 0; i < 7; i++) {
		pb_Answer_init(&answer);
		pb_MessageRejected_init(&rejected);
		pb_JournalRecord_init(&record);
		answer.case_id = text;
		answer.cause = 1;
		answer.index = i + 1;
		answer.decided_at = &at;
		answer.service = (Doorbraak__V1__Service)SERVICE_INTAKE;
		answer.body_case = DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED;
		answer.message_rejected = &rejected;
		record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER;
		record.answer = &answer;
		booth_write(&p, &record);
		booth_feed(&p);
	}
	free(text);
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, NULL)), "1-4 upto 4 head 7 applied 0");
	booth_close(&p);
}

/* ---- topics ------------------------------------------------------------------------------------------------------ */

static void
test_a_filtered_answer_carries_the_last_record_looked_at(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 5);
	assert_string_equal(booth_pull(&p, 1, only(&p, booth_from(&p, NULL), "kind/LogicVersion")),
			    "1 upto 5 head 5 applied 5");
	assert_string_equal(booth_pull(&p, 1, only(&p, booth_from(&p, NULL), "kind/Ti")),
			    "2-5 upto 5 head 5 applied 5");
	assert_string_equal(booth_pull(&p, 1, no_wait(only(&p, booth_from(&p, NULL), "kind/CaseClosed"))),
			    "none upto 5 head 5 applied 5");
	assert_string_equal(booth_pull(&p, 1, only(&p, only(&p, booth_from(&p, NULL), "case/x"), "kind/Tick")),
			    "2-5 upto 5 head 5 applied 5");
	booth_close(&p);
}

static void
test_a_filtered_question_waits_until_something_fits(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	assert_string_equal(booth_pull(&p, 1, only(&p, booth_from(&p, NULL), "kind/ClockJump")), "nothing");
	assert_string_equal(booth_pull(&p, 2, only(&p, booth_from(&p, booth_cursor(&p, 3)), "kind/Tick")), "nothing");
	next_day(&p);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "nothing");
	assert_string_equal(booth_line_to(&p, 2), "4 upto 4 head 4 applied 4");
	booth_wait(&p, NODE_PARK_MS);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "none upto 4 head 4 applied 4");
	booth_close(&p);
}

static void
test_sixteen_topics_are_answered_seventeen_are_not(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	pb_PullRequest *pull = booth_from(&p, NULL);
	for (unsigned i = 0; i < 15; i++)
		only(&p, pull, "case/none");
	only(&p, pull, "kind/Tick");
	assert_string_equal(booth_pull(&p, 1, pull), "2-3 upto 3 head 3 applied 3");
	only(&p, pull, "kind/Tick");
	assert_string_equal(booth_pull(&p, 1, pull), "refused TOO_LARGE");
	booth_close(&p);
}

/* Who filters for what never comes is told now and then how far was looked, and nobody else waits for it. */
static void
test_one_filtered_answer_looks_at_a_bounded_number_of_records(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, NODE_SCAN_MAX + 5);
	pb_PullRequest *pull = only(&p, booth_from(&p, NULL), "kind/CaseClosed");
	assert_string_equal(booth_pull(&p, 1, pull), "none upto 20000 head 20005 applied 0");
	pull = only(&p, booth_from(&p, booth_told(&p, 1)->pull->upto), "kind/CaseClosed");
	assert_string_equal(booth_pull(&p, 1, pull), "nothing"); /* to the end, and waits there */
	booth_close(&p);
}

/* ---- waiting ----------------------------------------------------------------------------------------------------- */

static void
test_a_question_waits_for_the_next_record(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, booth_cursor(&p, 3))), "nothing");
	assert_int_equal(booth_status_of(&p).parked, 1);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "nothing");
	next_day(&p);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "4 upto 4 head 4 applied 4");
	assert_int_equal(booth_status_of(&p).parked, 0);
	next_day(&p);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "nothing"); /* once */
	booth_close(&p);
}

static void
test_a_question_that_waited_long_is_answered_with_nothing(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, booth_cursor(&p, 3))), "nothing");
	booth_wait(&p, NODE_PARK_MS - 1);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "nothing");
	booth_wait(&p, 1);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "none upto 3 head 3 applied 3");
	assert_int_equal(booth_status_of(&p).parked, 0);
	booth_close(&p);
}

static void
test_no_wait_is_answered_at_once(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	assert_string_equal(booth_pull(&p, 1, no_wait(booth_from(&p, booth_cursor(&p, 3)))),
			    "none upto 3 head 3 applied 3");
	assert_int_equal(booth_status_of(&p).parked, 0);
	booth_close(&p);
}

static void
test_a_new_question_of_a_peer_takes_the_place_of_its_waiting_one(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	pb_Request *first = booth_pull_of(&p, booth_from(&p, booth_cursor(&p, 3)));
	pb_Request *again = booth_pull_of(&p, booth_from(&p, booth_cursor(&p, 3)));
	assert_string_equal(booth_ask(&p, 1, first), "nothing");
	assert_string_equal(booth_ask(&p, 1, again), "nothing");
	assert_string_equal(booth_pull(&p, 2, booth_from(&p, booth_cursor(&p, 3))), "nothing");
	assert_int_equal(booth_status_of(&p).parked, 2);
	next_day(&p);
	booth_turn(&p);
	assert_int_equal(p.told_count, 3); /* who moved the clock, and each peer once */
	assert_int_equal(booth_told(&p, 1)->request_id, again->request_id);
	booth_close(&p);
}

/* Services repeat an unanswered question every second: they hear all the same that time is alive. */
static void
test_who_asks_again_and_again_is_answered_in_time(void **state UNUSED)
{
	struct booth p;
	const char *line = "nothing";
	int64_t waited = 0;

	open_intake(&p, 3);
	while (strcmp(line, "nothing") == 0 && waited <= 2 * NODE_PARK_MS) {
		line = booth_pull(&p, 1, booth_from(&p, booth_cursor(&p, 3)));
		booth_wait(&p, NODE_REPEAT_MS);
		waited += NODE_REPEAT_MS;
	}
	assert_string_equal(line, "none upto 3 head 3 applied 3");
	assert_int_equal(waited - NODE_REPEAT_MS, NODE_PARK_MS);
	booth_close(&p);
}

static void
test_too_many_waiting_questions_are_refused(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	for (unsigned peer = 1; peer <= NODE_PARKED_MAX; peer++)
		booth_put(&p, peer, booth_pull_of(&p, booth_from(&p, booth_cursor(&p, 3))));
	booth_turn(&p);
	assert_int_equal(p.told_count, 0);
	assert_int_equal(booth_status_of(&p).parked, NODE_PARKED_MAX);
	assert_string_equal(booth_pull(&p, 5000, booth_from(&p, booth_cursor(&p, 3))), "refused BUSY retry 1000");
	/* Who waits already may ask again, and who need not wait is answered. */
	assert_string_equal(booth_pull(&p, 7, booth_from(&p, booth_cursor(&p, 3))), "nothing");
	assert_string_equal(booth_pull(&p, 5000, booth_from(&p, booth_cursor(&p, 2))), "3 upto 3 head 3 applied 3");
	assert_int_equal(booth_status_of(&p).parked, NODE_PARKED_MAX);
	/* One is done: there is room for one. */
	assert_string_equal(booth_pull(&p, 7, no_wait(booth_from(&p, booth_cursor(&p, 3)))),
			    "none upto 3 head 3 applied 3");
	assert_string_equal(booth_pull(&p, 5000, booth_from(&p, booth_cursor(&p, 3))), "nothing");
	booth_close(&p);
}

/* ---- cursors that do not stand in this journal ------------------------------------------------------------------- */

static void
test_a_cursor_of_another_history_is_refused(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	pb_Cursor *c = booth_cursor(&p, 2);
	c->history.data[0] ^= 1;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, c)), "refused HISTORY_UNKNOWN");
	c->history.len = 15;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, c)), "refused HISTORY_UNKNOWN");
	c->history.len = 0;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, c)), "refused HISTORY_UNKNOWN");
	booth_close(&p);
}

static void
test_a_cursor_with_another_digest_is_refused(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	pb_Cursor *c = booth_cursor(&p, 2);
	c->digest.data[DIGEST_SIZE - 1] ^= 1;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, c)), "refused DIGEST_DIFFERS");
	c->digest.data[DIGEST_SIZE - 1] ^= 1;
	c->digest.len = 16;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, c)), "refused DIGEST_DIFFERS");
	c->digest.len = 0;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, c)), "refused DIGEST_DIFFERS");
	c->seq = 0;
	c->digest.len = DIGEST_SIZE;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, c)), "refused DIGEST_DIFFERS");
	booth_close(&p);
}

static void
test_a_cursor_beyond_the_head_is_refused_at_intake(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	pb_Cursor *c = booth_cursor(&p, 3);
	c->seq = 4;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, c)), "refused CURSOR_AHEAD");
	c->seq = UINT64_MAX;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, c)), "refused CURSOR_AHEAD");
	booth_close(&p);
}

/* A downstream service that computes its journal anew: a reader that was further waits for it, and keeps its place. */
static void
test_a_cursor_beyond_the_head_waits_downstream(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &triage_service);
	booth_write_ticks(&p, 6);
	booth_feed(&p);
	pb_Cursor *at = booth_cursor(&p, 5);
	node_close(&p.node);
	temp_remove(&p.dir);
	assert_int_equal(mkdir(p.dir.dir, 0700), 0);
	booth_start(&p);

	/* Nothing there yet, not even a history. */
	assert_string_equal(booth_pull(&p, 1, no_wait(booth_from(&p, at))), "none upto 5 head 0 applied 0");
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, at)), "nothing");
	booth_send(&p, 1, 3, 0);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "nothing");
	assert_string_equal(booth_pull(&p, 2, no_wait(booth_from(&p, at))), "none upto 5 head 3 applied 0");
	assert_memory_equal(booth_told(&p, 2)->pull->upto->digest.data, at->digest.data, DIGEST_SIZE);
	booth_send(&p, 4, 5, 0);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "nothing"); /* it stands in the journal, at its head */
	booth_send(&p, 6, 6, 6);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "6 upto 6 head 6 applied 6");
	booth_close(&p);
}

static void
test_a_cursor_that_waited_is_refused_when_the_past_turns_out_another(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &triage_service);
	booth_write_ticks(&p, 2);
	booth_feed(&p);
	pb_Cursor *at = booth_cursor(&p, 2);
	at->seq = 3;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, at)), "nothing");
	booth_wait(&p, NODE_PARK_MS);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "none upto 3 head 2 applied 0");
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, at)), "nothing");
	booth_write_ticks(&p, 1);
	booth_send(&p, 3, 3, 3);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "refused DIGEST_DIFFERS");
	booth_close(&p);
}

static void
test_another_history_is_refused_downstream_too(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &triage_service);
	booth_write_ticks(&p, 2);
	booth_feed(&p);
	pb_Cursor *at = booth_cursor(&p, 2);
	at->history.data[3] ^= 1;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, at)), "refused HISTORY_UNKNOWN");
	booth_close(&p);
}

/* ---- what is no question, or asked of the wrong service ---------------------------------------------------------- */

static void
test_what_is_no_request_is_refused(void **state UNUSED)
{
	static const struct {
		const char *bytes;
		size_t len;
	} table[] = {{"", 0}, {"\xff", 1}, {"{\"pull\": {}}", 12}, {"\x08\x07", 2}, {"\x1a\x05\x08", 3}};
	struct booth p;

	open_intake(&p, 3);
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		booth_put_bytes(&p, 1, bytes_of(table[i].bytes, table[i].len));
		booth_turn(&p);
		assert_string_equal(booth_line_to(&p, 1), "refused MALFORMED_REQUEST");
	}
	assert_int_equal(booth_status_of(&p).requests_refused, COUNT_OF(table));
	booth_close(&p);
}

static void
test_a_request_is_at_most_so_large(void **state UNUSED)
{
	struct booth p;
	uint8_t *bytes = calloc(1, RECORD_REQUEST_MAX + 1);

	assert_non_null(bytes);
	open_intake(&p, 3);
	booth_put_bytes(&p, 1, bytes_of(bytes, RECORD_REQUEST_MAX));
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "refused MALFORMED_REQUEST");
	booth_put_bytes(&p, 1, bytes_of(bytes, RECORD_REQUEST_MAX + 1));
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "refused TOO_LARGE");
	free(bytes);
	booth_close(&p);
}

static void
test_a_question_of_an_empty_body_is_a_question(void **state UNUSED)
{
	struct booth p;

	open_intake(&p, 3);
	booth_put_bytes(&p, 1, bytes_of("\x1a\x00", 2)); /* pull, all absent: from the start */
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "1-3 upto 3 head 3 applied 3");
	booth_put_bytes(&p, 1, bytes_of("\x2a\x00", 2)); /* clock */
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "refused TIME_UNKNOWN");
	booth_put_bytes(&p, 1, bytes_of("\x12\x00", 2)); /* submit */
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "rejected UNKNOWN_SOURCE");
	booth_close(&p);
}

static pb_Request *
cases_request(struct booth *p)
{
	pb_Request *r = booth_request(p);

	r->body_case = DOORBRAAK__V1__REQUEST__BODY_CASES;
	r->cases = ARENA_NEW(&p->arena, pb_CasesRequest);
	pb_CasesRequest_init(r->cases);
	return r;
}

/* A question without conditions. */
static pb_Request *
bare_request(struct booth *p, int body, const ProtobufCMessageDescriptor *d)
{
	pb_Request *r = booth_request(p);

	r->body_case = (Doorbraak__V1__Request__BodyCase)body;
	r->subscriptions = arena_take(&p->arena, d->sizeof_message);
	d->message_init((ProtobufCMessage *)r->subscriptions);
	return r;
}

static pb_PullRequest *
snapshot(struct booth *p, const char *after)
{
	pb_PullRequest *pull = booth_from(p, NULL);

	pull->from = DOORBRAAK__V1__PULL_FROM__PULL_FROM_SNAPSHOT;
	pull->snapshot_after = record_text(&p->arena, after);
	return pull;
}

/* Before the first tick nobody knows which day it is. */
static void
test_questions_about_a_day_wait_for_time(void **state UNUSED)
{
	static const struct {
		unsigned service;
		int body;
		const ProtobufCMessageDescriptor *question;
	} questions[] = {
	    {3, DOORBRAAK__V1__REQUEST__BODY_SUBSCRIPTIONS, &pb_SubscriptionsRequest_descriptor},
	    {4, DOORBRAAK__V1__REQUEST__BODY_OVERVIEW, &pb_OverviewRequest_descriptor},
	    {4, DOORBRAAK__V1__REQUEST__BODY_DEADLINES, &pb_DeadlinesRequest_descriptor},
	    {4, DOORBRAAK__V1__REQUEST__BODY_REGISTRY, &pb_RegistryRequest_descriptor},
	    {4, DOORBRAAK__V1__REQUEST__BODY_POLICY, &pb_PolicyRequest_descriptor},
	};

	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		struct booth p;
		booth_open(&p, service_of_row(questions[i].service));
		assert_string_equal(booth_ask(&p, 1, bare_request(&p, questions[i].body, questions[i].question)),
				    "refused TIME_UNKNOWN retry 1000");
		booth_close(&p);
		booth_open(&p, service_of_row(0));
		assert_string_equal(booth_ask(&p, 1, bare_request(&p, questions[i].body, questions[i].question)),
				    "refused WRONG_SERVICE");
		booth_close(&p);
	}
}

static void
test_each_service_says_what_it_does_not_answer(void **state UNUSED)
{
	static const char no[] = "refused WRONG_SERVICE";

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		const bool first = i == 0, last = i == SERVICE_COUNT - 1;
		struct booth p;
		booth_open(&p, service_of_row(i));
		assert_string_equal(booth_ask(&p, 1, booth_clock(&p, p.now.wall_ms)), first ? "clock 2" : no);
		assert_string_equal(booth_ask(&p, 1, booth_submit(&p, bytes_str(""), 0)),
				    first ? "rejected UNKNOWN_SOURCE" : no);
		assert_string_equal(booth_ask(&p, 1, cases_request(&p)), last ? "cases 0" : no);
		assert_string_equal(booth_pull(&p, 1, snapshot(&p, "")), last ? "none upto 0 head 0 applied 0" : no);
		assert_string_equal(booth_ask(&p, 1, booth_status(&p)), "status");
		assert_string_equal(booth_ask(&p, 1, booth_request(&p)), "refused MALFORMED_REQUEST");
		booth_close(&p);
	}
}

/* ---- status ------------------------------------------------------------------------------------------------------ */

static const pb_StatusReply *
status_of(struct booth *p)
{
	assert_string_equal(booth_ask(p, 1, booth_status(p)), "status");
	return booth_told(p, 1)->status;
}

static const char *
not_ready(struct booth *p)
{
	const pb_StatusReply *s = status_of(p);
	const char *text = "";

	assert_int_equal(s->ready, s->n_not_ready == 0);
	for (size_t i = 0; i < s->n_not_ready; i++)
		text = arena_printf(&p->arena, "%s%s%s", text, i == 0 ? "" : " ", s->not_ready[i]);
	return text;
}

static void
test_status_of_intake(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &intake_service);
	const pb_StatusReply *s = status_of(&p);
	assert_int_equal(s->service, SERVICE_INTAKE);
	assert_string_equal(s->version, DOORBRAAK_VERSION);
	assert_int_equal(s->logic_version, LOGIC_VERSION);
	assert_int_equal(s->head->seq, 1);
	assert_int_equal(s->applied, 1);
	assert_null(s->clock); /* driven, and nobody told it the time */
	assert_true(s->ready);

	assert_string_equal(booth_ask(&p, 1, booth_clock(&p, p.now.wall_ms)), "clock 2");
	s = status_of(&p);
	assert_int_equal(s->head->seq, 2);
	assert_int_equal(s->head->history.len, HISTORY_SIZE);
	assert_memory_equal(s->head->digest.data, booth_head(&p).digest.b, DIGEST_SIZE);
	assert_int_equal(s->applied, 2);
	assert_true(record_at_ms(s->clock) == p.now.wall_ms);
	assert_int_equal(s->upstream->seq, 0);
	booth_close(&p);
}

static void
test_status_downstream(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &signalling_service);
	assert_string_equal(not_ready(&p), "catching_up"); /* it has not heard its upstream yet */
	const pb_StatusReply *s = status_of(&p);
	assert_int_equal(s->head->seq, 0);
	assert_int_equal(s->head->history.len, 0);
	assert_null(s->clock);

	booth_write_ticks(&p, 5);
	booth_send(&p, 1, 3, 0);
	booth_turn(&p);
	assert_string_equal(not_ready(&p), "catching_up");
	s = status_of(&p);
	assert_int_equal(s->service, SERVICE_SIGNALLING);
	assert_int_equal(s->head->seq, 3); /* it forwards what it reads */
	assert_int_equal(s->upstream->seq, 3);
	assert_memory_equal(s->upstream->history.data, p.history.b, HISTORY_SIZE);
	assert_memory_equal(s->upstream->digest.data, p.entries[2].digest.b, DIGEST_SIZE);
	assert_int_equal(s->applied, 0);

	booth_send(&p, 4, 5, 5);
	booth_turn(&p);
	assert_string_equal(not_ready(&p), "");
	assert_int_equal(status_of(&p)->applied, 5);
	booth_close(&p);
}

static void
test_status_says_why_it_is_not_ready(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &intake_service);
	booth_reserve(&p, 3);
	assert_string_equal(not_ready(&p), "disk_low");
	node_drain(p.node);
	assert_string_equal(not_ready(&p), "disk_low draining");
	booth_close(&p);
}

/* ---- monitoring: snapshots and cases ----------------------------------------------------------------------------- */

static void
say(struct booth *p, const char *case_id, uint32_t index, pb_Answer *answer)
{
	pb_JournalRecord record;
	Google__Protobuf__Timestamp at;

	record_timestamp(&at, p->now.wall_ms);
	answer->case_id = record_text(&p->arena, case_id);
	answer->cause = 1;
	answer->index = index;
	answer->decided_at = &at;
	answer->service = (Doorbraak__V1__Service)SERVICE_ROUTING;
	pb_JournalRecord_init(&record);
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER;
	record.answer = answer;
	booth_write(p, &record);
}

/* Routing opens a case: it is whole with the third answer. */
static void
open_case(struct booth *p, const char *case_id, const char *region, const char *owner)
{
	pb_Answer route, owned, due;
	pb_RouteDecided r;
	pb_OwnerAssigned o;
	pb_DeadlineSet d;

	pb_Answer_init(&route);
	pb_RouteDecided_init(&r);
	r.kind = (Doorbraak__V1__RouteKind)ROUTE_KIND_OPENED;
	r.track = (Doorbraak__V1__Track)TRACK_VOLUNTARY;
	r.to_state = (Doorbraak__V1__CaseState)CASE_STATE_SCREENING;
	r.level = (Doorbraak__V1__Level)LEVEL_LOCAL;
	r.region = record_text(&p->arena, region);
	route.body_case = DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED;
	route.route_decided = &r;
	say(p, case_id, 1, &route);
	pb_Answer_init(&owned);
	pb_OwnerAssigned_init(&o);
	o.owner = record_text(&p->arena, owner);
	owned.body_case = DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED;
	owned.owner_assigned = &o;
	say(p, case_id, 2, &owned);
	pb_Answer_init(&due);
	pb_DeadlineSet_init(&d);
	d.kind = (Doorbraak__V1__DeadlineKind)DEADLINE_KIND_SCREENING;
	d.due = record_text(&p->arena, "2024-03-11");
	d.rule = record_text(&p->arena, "R17");
	due.body_case = DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET;
	due.deadline_set = &d;
	say(p, case_id, 3, &due);
}

static void
open_cases(struct booth *p, unsigned from, unsigned count, const char *region)
{
	for (unsigned i = 0; i < count; i++)
		open_case(p, arena_printf(&p->arena, "case-%04u", from + i), region,
			  i % 2 == 0 ? "LT-GM9901" : "ET-JZ91");
	booth_feed(p);
}

static void
test_a_snapshot_comes_in_chunks_and_is_followed_from_its_head(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &monitoring_service);
	open_cases(&p, 0, CASES, "JZ91");
	assert_string_equal(booth_pull(&p, 1, snapshot(&p, "")), "none upto 501 head 501 applied 1503");
	const pb_PullReply *first = booth_told(&p, 1)->pull;
	assert_int_equal(first->n_snapshot, 500);
	assert_string_equal(first->snapshot[0]->case_id, "case-0000");
	assert_int_equal(first->snapshot[0]->body_case, DOORBRAAK__V1__ANSWER__BODY_CASE_STATE);
	assert_string_equal(first->snapshot_next, "case-0499");
	open_cases(&p, 9000, 1, "JZ92"); /* meanwhile */
	assert_string_equal(booth_pull(&p, 1, snapshot(&p, first->snapshot_next)),
			    "none upto 502 head 502 applied 1506");
	const pb_PullReply *second = booth_told(&p, 1)->pull;
	assert_int_equal(second->n_snapshot, 2);
	assert_string_equal(second->snapshot_next, "");
	/* From the head of the first chunk: what changed while it was read comes (once more). */
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, first->upto)), "502 upto 502 head 502 applied 1506");
	booth_close(&p);
}

static void
test_a_snapshot_and_what_follows_can_be_filtered(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &monitoring_service);
	open_cases(&p, 0, 3, "JZ91");
	open_cases(&p, 100, 2, "JZ92");
	pb_PullRequest *pull = only(&p, snapshot(&p, ""), "region/JZ92");
	assert_string_equal(booth_pull(&p, 1, pull), "none upto 5 head 5 applied 15");
	const pb_PullReply *told = booth_told(&p, 1)->pull;
	assert_int_equal(told->n_snapshot, 2);
	assert_string_equal(told->snapshot[0]->case_id, "case-0100");
	pull = only(&p, booth_from(&p, told->upto), "region/JZ92");
	assert_string_equal(booth_pull(&p, 1, pull), "nothing");
	open_cases(&p, 200, 1, "JZ91");
	assert_string_equal(booth_line_to(&p, 1), "nothing");
	open_cases(&p, 300, 1, "JZ92");
	assert_string_equal(booth_line_to(&p, 1), "7 upto 7 head 7 applied 21");
	booth_close(&p);
}

static void
test_cases_are_found_by_what_is_asked(void **state UNUSED)
{
	static const struct {
		const char *case_id, *owner, *region, *after;
		uint32_t limit;
		const char *answer, *next;
	} table[] = {
	    {"", "", "", "", 0, "cases 5", ""},
	    {"case-0001", "", "", "", 0, "cases 1", ""},
	    {"case-0001", "LT-GM9901", "", "", 0, "cases 0", ""},
	    {"case-7777", "", "", "", 0, "cases 0", ""},
	    {"", "LT-GM9901", "", "", 0, "cases 3", ""},
	    {"", "", "JZ92", "", 0, "cases 2", ""},
	    {"", "ET-JZ91", "JZ92", "", 0, "cases 1", ""},
	    {"", "", "JZ93", "", 0, "cases 0", ""},
	    {"", "", "", "", 2, "cases 2", "case-0001"},
	    {"", "", "", "case-0001", 2, "cases 2", "case-0100"},
	    {"", "", "", "case-0100", 2, "cases 1", ""},
	};
	struct booth p;

	booth_open(&p, &monitoring_service);
	open_cases(&p, 0, 3, "JZ91");
	open_cases(&p, 100, 2, "JZ92");
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		pb_Request *r = cases_request(&p);
		r->cases->case_id = record_text(&p.arena, table[i].case_id);
		r->cases->owner = record_text(&p.arena, table[i].owner);
		r->cases->region = record_text(&p.arena, table[i].region);
		r->cases->after = record_text(&p.arena, table[i].after);
		r->cases->limit = table[i].limit;
		assert_string_equal(booth_ask(&p, 1, r), table[i].answer);
		assert_string_equal(booth_told(&p, 1)->cases->next, table[i].next);
	}
	booth_close(&p);
}

static void
test_a_question_that_cannot_be_is_refused_with_the_remedy(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &monitoring_service);
	open_cases(&p, 0, 3, "JZ91");
	pb_Request *r = cases_request(&p);
	r->cases->due_before = record_text(&p.arena, "soon");
	assert_string_equal(booth_ask(&p, 1, r), "refused WRONG_QUESTION");
	assert_string_equal(booth_told(&p, 1)->refused->text, "due_before is no date: write YYYY-MM-DD");
	assert_string_equal(booth_pull(&p, 1, snapshot(&p, "0a1b2c3d.0.case-0001")), "refused WRONG_QUESTION");
	r = cases_request(&p);
	r->cases->due_before = record_text(&p.arena, "2024-03-12");
	assert_string_equal(booth_ask(&p, 1, r), "cases 3");
	booth_close(&p);
}

/* Texts of any length come in by this door. */
static void
test_what_cannot_be_the_name_of_anything_finds_nothing(void **state UNUSED)
{
	struct booth p;
	char text[2001];

	memset(text, 'x', 2000);
	text[2000] = '\0';
	booth_open(&p, &monitoring_service);
	open_cases(&p, 0, 3, "JZ91");
	pb_Request *r = cases_request(&p);
	r->cases->case_id = text;
	assert_string_equal(booth_ask(&p, 1, r), "cases 0");
	r = cases_request(&p);
	r->cases->owner = text;
	assert_string_equal(booth_ask(&p, 1, r), "cases 0");
	r = cases_request(&p);
	r->cases->region = text;
	assert_string_equal(booth_ask(&p, 1, r), "cases 0");
	r = cases_request(&p);
	r->cases->after = text;
	assert_string_equal(booth_ask(&p, 1, r), "cases 0");
	assert_string_equal(booth_pull(&p, 1, snapshot(&p, text)), "none upto 3 head 3 applied 9");
	assert_int_equal(booth_told(&p, 1)->pull->n_snapshot, 0);
	booth_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_pull_begins_behind_its_cursor),
	    cmocka_unit_test(test_a_cursor_with_a_history_and_nothing_read_is_the_start),
	    cmocka_unit_test(test_absent_from_means_from_the_cursor),
	    cmocka_unit_test(test_from_the_head_is_answered_at_once_with_a_cursor_to_follow_from),
	    cmocka_unit_test(test_an_answer_carries_the_cursor_of_the_next_question),
	    cmocka_unit_test(test_the_records_of_an_answer_stand_as_they_stand_in_the_journal),
	    cmocka_unit_test(test_at_most_records_max),
	    cmocka_unit_test(test_at_most_bytes_max_but_always_one_record),
	    cmocka_unit_test(test_no_answer_is_larger_than_four_mebibytes_of_records),
	    cmocka_unit_test(test_a_filtered_answer_carries_the_last_record_looked_at),
	    cmocka_unit_test(test_a_filtered_question_waits_until_something_fits),
	    cmocka_unit_test(test_sixteen_topics_are_answered_seventeen_are_not),
	    cmocka_unit_test(test_one_filtered_answer_looks_at_a_bounded_number_of_records),
	    cmocka_unit_test(test_a_question_waits_for_the_next_record),
	    cmocka_unit_test(test_a_question_that_waited_long_is_answered_with_nothing),
	    cmocka_unit_test(test_no_wait_is_answered_at_once),
	    cmocka_unit_test(test_a_new_question_of_a_peer_takes_the_place_of_its_waiting_one),
	    cmocka_unit_test(test_who_asks_again_and_again_is_answered_in_time),
	    cmocka_unit_test(test_too_many_waiting_questions_are_refused),
	    cmocka_unit_test(test_a_cursor_of_another_history_is_refused),
	    cmocka_unit_test(test_a_cursor_with_another_digest_is_refused),
	    cmocka_unit_test(test_a_cursor_beyond_the_head_is_refused_at_intake),
	    cmocka_unit_test(test_a_cursor_beyond_the_head_waits_downstream),
	    cmocka_unit_test(test_a_cursor_that_waited_is_refused_when_the_past_turns_out_another),
	    cmocka_unit_test(test_another_history_is_refused_downstream_too),
	    cmocka_unit_test(test_what_is_no_request_is_refused),
	    cmocka_unit_test(test_a_request_is_at_most_so_large),
	    cmocka_unit_test(test_a_question_of_an_empty_body_is_a_question),
	    cmocka_unit_test(test_questions_about_a_day_wait_for_time),
	    cmocka_unit_test(test_each_service_says_what_it_does_not_answer),
	    cmocka_unit_test(test_status_of_intake),
	    cmocka_unit_test(test_status_downstream),
	    cmocka_unit_test(test_status_says_why_it_is_not_ready),
	    cmocka_unit_test(test_a_snapshot_comes_in_chunks_and_is_followed_from_its_head),
	    cmocka_unit_test(test_a_snapshot_and_what_follows_can_be_filtered),
	    cmocka_unit_test(test_cases_are_found_by_what_is_asked),
	    cmocka_unit_test(test_a_question_that_cannot_be_is_refused_with_the_remedy),
	    cmocka_unit_test(test_what_cannot_be_the_name_of_anything_finds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
