// SPDX-License-Identifier: EUPL-1.2
/* Many readers at the door of a node: what each wants is looked at once, and no turn answers more than a piece of them. */
#include "tests/service/booth.h"

static char **
texts(struct booth *p, const char *a, const char *b, size_t *count)
{
	char **list = ARENA_ARRAY(&p->arena, char *, 2);

	list[0] = record_text(&p->arena, a);
	list[1] = record_text(&p->arena, b == NULL ? "" : b);
	*count = b == NULL ? 1 : 2;
	return list;
}

static pb_PullRequest *
within(struct booth *p, pb_Cursor *after, const char *a, const char *b)
{
	pb_PullRequest *pull = booth_from(p, after);

	pull->within = texts(p, a, b, &pull->n_within);
	return pull;
}

static void
next_day(struct booth *p)
{
	p->now.wall_ms = cal_day_begins_ms(cal_local_day(p->now.wall_ms) + 1);
	booth_put(p, 9999, booth_clock(p, p->now.wall_ms));
}

/* One logic version, then two ticks. */
static void
open_intake(struct booth *p)
{
	booth_open(p, &intake_service);
	for (unsigned i = 0; i < 2; i++) {
		next_day(p);
		booth_turn(p);
	}
	assert_int_equal(booth_head(p).seq, 3);
}

static void
test_within_means_all_of_them_whole_or_by_a_star(void **state UNUSED)
{
	static const struct {
		const char *a, *b, *answer;
	} table[] = {
	    {"kind/Tick", NULL, "2-3 upto 3 head 3 applied 3"},
	    {"kind/Ti", NULL, "none upto 3 head 3 applied 3"}, /* a topic is whole */
	    {"kind/Ti*", NULL, "2-3 upto 3 head 3 applied 3"},
	    {"kind/*", NULL, "1-3 upto 3 head 3 applied 3"},
	    {"kind/Tick", "kind/Ti*", "2-3 upto 3 head 3 applied 3"},
	    {"kind/Tick", "kind/LogicVersion", "none upto 3 head 3 applied 3"}, /* not one of them: all */
	    {"", NULL, "none upto 3 head 3 applied 3"},
	};
	struct booth p;

	open_intake(&p);
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		pb_PullRequest *pull = within(&p, NULL, table[i].a, table[i].b);

		pull->no_wait = true;
		assert_string_equal(booth_pull(&p, 1, pull), table[i].answer);
	}
	/* And one of the topics. */
	pb_PullRequest *pull = within(&p, NULL, "kind/Tick", NULL);
	pull->topics = texts(&p, "kind/Logic", NULL, &pull->n_topics);
	pull->no_wait = true;
	assert_string_equal(booth_pull(&p, 1, pull), "none upto 3 head 3 applied 3");
	pull->topics = texts(&p, "kind/Logic", "kind/T", &pull->n_topics);
	assert_string_equal(booth_pull(&p, 1, pull), "2-3 upto 3 head 3 applied 3");
	booth_close(&p);
}

static void
test_four_within_are_answered_five_are_not(void **state UNUSED)
{
	char *list[5];
	struct booth p;

	open_intake(&p);
	pb_PullRequest *pull = booth_from(&p, NULL);
	for (size_t i = 0; i < COUNT_OF(list); i++)
		list[i] = record_text(&p.arena, "kind/Tick");
	pull->within = list;
	pull->n_within = 4;
	assert_string_equal(booth_pull(&p, 1, pull), "2-3 upto 3 head 3 applied 3");
	pull->n_within = 5;
	assert_string_equal(booth_pull(&p, 1, pull), "refused TOO_LARGE");
	booth_close(&p);
}

/* What one reader looked at serves the others; who wants none of it waits on, to its end. */
static void
test_readers_with_other_wishes_wait_beside_each_other(void **state UNUSED)
{
	static const char *const wishes[] = {"kind/ClockJump", "kind/Tick", "kind/Logic*", "kind/Ti*"};
	static const char *const answers[] = {"nothing", "4 upto 4 head 4 applied 4", "nothing",
					      "4 upto 4 head 4 applied 4"};
	struct booth p;

	open_intake(&p);
	for (unsigned i = 0; i < 40; i++)
		booth_put(&p, 1 + i, booth_pull_of(&p, within(&p, booth_cursor(&p, 3), wishes[i % 4], NULL)));
	booth_put(&p, 100, booth_pull_of(&p, booth_from(&p, booth_cursor(&p, 3))));
	booth_turn(&p);
	assert_int_equal(p.told_count, 0);
	next_day(&p);
	booth_turn(&p);
	for (unsigned i = 0; i < 40; i++)
		assert_string_equal(booth_line_to(&p, 1 + i), answers[i % 4]);
	assert_string_equal(booth_line_to(&p, 100), "4 upto 4 head 4 applied 4");
	assert_int_equal(booth_status_of(&p).parked, 20);
	/* Those that wait have looked up to 4: the next day is looked at alone. */
	next_day(&p);
	booth_turn(&p);
	assert_int_equal(booth_status_of(&p).parked, 20);
	booth_wait(&p, NODE_PARK_MS);
	booth_turn(&p);
	assert_string_equal(booth_line_to(&p, 1), "none upto 5 head 5 applied 5");
	assert_int_equal(booth_status_of(&p).parked, 0);
	booth_close(&p);
}

/* A record of 1 MB, and twenty that wait for it: they are answered over some turns, without waiting between. */
static void
test_many_that_wait_are_answered_in_pieces(void **state UNUSED)
{
	enum { READERS = 20 };
	pb_Answer answer;
	pb_MessageRejected rejected;
	pb_JournalRecord record;
	Google__Protobuf__Timestamp at;
	bool told[READERS] = {false};
	unsigned count = 0, turns = 0;
	struct booth p;
	char *text = calloc(1, 1000001);

	assert_non_null(text);
	memset(text, 'x', 1000000);
	booth_open(&p, &triage_service);
	booth_write_ticks(&p, 1);
	booth_feed(&p);
	const uint64_t head = booth_head(&p).seq;
	for (unsigned i = 0; i < READERS; i++)
		booth_put(&p, 1 + i, booth_pull_of(&p, booth_from(&p, booth_cursor(&p, head))));
	booth_turn(&p);
	pb_Answer_init(&answer);
	pb_MessageRejected_init(&rejected);
	pb_JournalRecord_init(&record);
	record_timestamp(&at, p.now.wall_ms);
	answer.case_id = text;
	answer.cause = 1;
	answer.index = 1;
	answer.decided_at = &at;
	answer.service = (Doorbraak__V1__Service)SERVICE_INTAKE;
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED;
	answer.message_rejected = &rejected;
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER;
	record.answer = &answer;
	booth_write(&p, &record);
	booth_feed(&p);
	for (; count < READERS && turns < READERS; turns++) {
		for (unsigned i = 0; i < READERS; i++) {
			if (booth_told(&p, 1 + i) == NULL)
				continue;
			assert_false(told[i]);
			told[i] = true;
			count++;
		}
		assert_int_equal(booth_status_of(&p).parked, READERS - count);
		if (count < READERS)
			assert_int_equal(node_wait_ms(p.node, p.now), 0);
		booth_turn(&p);
	}
	assert_int_equal(count, READERS);
	assert_true(turns > 1);
	free(text);
	booth_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_within_means_all_of_them_whole_or_by_a_star),
	    cmocka_unit_test(test_four_within_are_answered_five_are_not),
	    cmocka_unit_test(test_readers_with_other_wishes_wait_beside_each_other),
	    cmocka_unit_test(test_many_that_wait_are_answered_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
