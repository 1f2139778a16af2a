// SPDX-License-Identifier: EUPL-1.2
/* Intake's clock, driven from outside and on the system's: it never goes back, and every local day is told once. */
#include "tests/service/booth.h"

#include "tests/load/load.h"

#define MINUTE_MS 60000
#define DAY_MS    INT64_C(86400000)

static void
open_with(struct booth *p, enum node_clock clock, const char *local_time)
{
	booth_init(p, &intake_service);
	p->options.clock = clock;
	p->now.wall_ms = booth_local_ms(local_time);
	booth_start(p);
}

static const char *
drive(struct booth *p, const char *local_time)
{
	return booth_ask(p, 1, booth_clock(p, booth_local_ms(local_time)));
}

static struct bytes
submission(struct booth *p, unsigned i, const char *local_time)
{
	return load_source(&p->arena, i, booth_local_ms(local_time));
}

static const char *
record_line(struct booth *p, const struct record *r)
{
	const char *what = record_body_name(&r->intake->base);
	char at[32];

	cal_format_timestamp(r->at_ms, at);
	if (r->intake->body_case == DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK)
		what = arena_printf(&p->arena, "Tick %s", r->intake->tick->date);
	if (r->intake->body_case == DOORBRAAK__V1__INTAKE_RECORD__BODY_CLOCK_JUMP)
		what = arena_printf(&p->arena, "ClockJump %lld", (long long)r->intake->clock_jump->jump_ms);
	return arena_printf(&p->arena, "%s @%s\n", what, at);
}

/* The journal behind `after`, one line a record; the moments never go back. */
static const char *
journal(struct booth *p, uint64_t after)
{
	struct store_txn *txn = store_begin_read(node_store(p->node));
	struct journal_reader reader;
	struct journal_entry entry;
	struct record record;
	struct why why;
	int64_t last_ms = INT64_MIN;
	const char *text = "";

	journal_read_begin(&reader, node_journal(p->node), txn, 0);
	while (journal_read_next(&reader, &entry) == ERR_NONE) {
		assert_true(record_read(&p->arena, arena_copy(&p->arena, entry.record), &record, &why));
		assert_true(record.at_ms >= last_ms);
		last_ms = record.at_ms;
		if (entry.seq > after)
			text = arena_printf(&p->arena, "%s%s", text, record_line(p, &record));
	}
	journal_read_end(&reader);
	store_abort(txn);
	return text;
}

/* ---- driven ------------------------------------------------------------------------------------------------------ */

static void
test_a_driven_clock_has_no_time_until_it_is_told(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_DRIVEN, "2024-03-04T10:00");
	booth_turn(&p);
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, submission(&p, 0, "2024-03-04T10:00"), 0)),
			    "refused TIME_UNKNOWN");
	assert_string_equal(booth_ask(&p, 1, booth_clock(&p, 0)), "refused TIME_UNKNOWN");
	assert_string_equal(journal(&p, 0), "LogicVersion @1970-01-01T00:00:00Z\n");
	assert_string_equal(drive(&p, "2024-03-04T10:00"), "clock 2");
	assert_string_equal(journal(&p, 1), "Tick 2024-03-04 @2024-03-03T23:00:00Z\n");
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, submission(&p, 0, "2024-03-04T10:00"), 0)), "accepted 3");
	assert_string_equal(journal(&p, 2), "AcceptedSubmission @2024-03-04T09:00:00Z\n");
	booth_close(&p);
}

static void
test_a_driven_clock_does_not_go_by_itself(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_DRIVEN, "2024-03-04T10:00");
	drive(&p, "2024-03-04T10:00");
	booth_wait(&p, 3 * DAY_MS);
	booth_turn(&p);
	assert_int_equal(booth_head(&p).seq, 2);
	assert_true(booth_status_of(&p).clock_ms == booth_local_ms("2024-03-04T10:00"));
	booth_close(&p);
}

static void
test_a_driven_clock_does_not_go_back(void **state UNUSED)
{
	struct booth p;
	const int64_t at_ms = booth_local_ms("2024-03-04T10:00");

	open_with(&p, NODE_CLOCK_DRIVEN, "2024-03-04T10:00");
	drive(&p, "2024-03-04T10:00");
	assert_string_equal(booth_ask(&p, 1, booth_clock(&p, at_ms - 1)), "refused TIME_BACKWARDS");
	assert_string_equal(booth_ask(&p, 1, booth_clock(&p, -at_ms)), "refused TIME_BACKWARDS");
	assert_string_equal(booth_ask(&p, 1, booth_clock(&p, INT64_MIN)), "refused TIME_BACKWARDS");
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, submission(&p, 0, "2024-03-04T10:00"), at_ms - 1)),
			    "refused TIME_BACKWARDS");
	assert_string_equal(booth_ask(&p, 1, booth_clock(&p, at_ms)), "clock 2"); /* the same moment again is fine */
	booth_restart(&p);
	assert_string_equal(booth_ask(&p, 1, booth_clock(&p, at_ms - 1)), "refused TIME_BACKWARDS");
	assert_string_equal(booth_ask(&p, 1, booth_clock(&p, at_ms)), "clock 2");
	booth_close(&p);
}

static void
test_a_driven_clock_goes_at_most_ten_years_at_once(void **state UNUSED)
{
	const cal_day today = cal_from_date(2024, 3, 4);
	struct booth p;

	open_with(&p, NODE_CLOCK_DRIVEN, "2024-03-04T10:00");
	drive(&p, "2024-03-04T10:00");
	assert_string_equal(booth_ask(&p, 1, booth_clock(&p, cal_day_begins_ms(today + NODE_CLOCK_DAYS_MAX + 1))),
			    "refused TIME_TOO_FAR");
	assert_int_equal(booth_head(&p).seq, 2);
	assert_string_equal(booth_ask(&p, 1, booth_clock(&p, cal_day_begins_ms(today + NODE_CLOCK_DAYS_MAX + 1) - 1)),
			    "clock 3662"); /* the end of the last day */
	booth_close(&p);
}

static void
test_a_driven_clock_stays_within_the_calendar(void **state UNUSED)
{
	static const struct {
		const char *at, *answer;
	} table[] = {
	    {"1996-01-01T23:59", "refused TIME_TOO_FAR"},
	    {"1996-01-02T00:00", "clock 2"},
	    {"2199-01-01T23:59", "clock 2"},
	    {"2199-01-02T00:00", "refused TIME_TOO_FAR"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct booth p;
		open_with(&p, NODE_CLOCK_DRIVEN, "2024-03-04T10:00");
		assert_string_equal(drive(&p, table[i].at), table[i].answer);
		booth_close(&p);
	}
	struct booth p;
	open_with(&p, NODE_CLOCK_DRIVEN, "2024-03-04T10:00");
	assert_string_equal(booth_ask(&p, 1, booth_clock(&p, INT64_MAX)), "refused TIME_TOO_FAR");
	booth_close(&p);
}

static void
test_every_day_is_one_tick_however_many_pass(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_DRIVEN, "2024-03-04T10:00");
	drive(&p, "2024-03-04T10:00");
	assert_string_equal(drive(&p, "2024-03-04T23:59"), "clock 2");
	assert_string_equal(drive(&p, "2024-03-05T00:00"), "clock 3");
	assert_string_equal(drive(&p, "2024-03-05T00:00"), "clock 3");
	assert_string_equal(drive(&p, "2024-03-08T12:00"), "clock 6");
	assert_string_equal(journal(&p, 2), "Tick 2024-03-05 @2024-03-04T23:00:00Z\n"
					    "Tick 2024-03-06 @2024-03-05T23:00:00Z\n"
					    "Tick 2024-03-07 @2024-03-06T23:00:00Z\n"
					    "Tick 2024-03-08 @2024-03-07T23:00:00Z\n");
	booth_restart(&p);
	assert_string_equal(drive(&p, "2024-03-08T13:00"), "clock 6");
	booth_close(&p);
}

static void
test_a_tick_is_stamped_when_its_day_begins_also_when_the_clocks_change(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_DRIVEN, "2024-03-29T10:00");
	drive(&p, "2024-03-29T10:00");
	drive(&p, "2024-04-01T00:00");
	assert_string_equal(journal(&p, 2), "Tick 2024-03-30 @2024-03-29T23:00:00Z\n"
					    "Tick 2024-03-31 @2024-03-30T23:00:00Z\n"
					    "Tick 2024-04-01 @2024-03-31T22:00:00Z\n");
	drive(&p, "2024-10-25T10:00");
	const uint64_t before = booth_head(&p).seq;
	drive(&p, "2024-10-28T00:00");
	assert_string_equal(journal(&p, before), "Tick 2024-10-26 @2024-10-25T22:00:00Z\n"
						 "Tick 2024-10-27 @2024-10-26T22:00:00Z\n"
						 "Tick 2024-10-28 @2024-10-27T23:00:00Z\n");
	booth_close(&p);
}

static void
test_time_comes_with_a_submission_and_passes_before_it(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_DRIVEN, "2024-03-04T10:00");
	assert_string_equal(
	    booth_ask(&p, 1,
		      booth_submit(&p, submission(&p, 0, "2024-03-04T10:00"), booth_local_ms("2024-03-04T10:00"))),
	    "accepted 3");
	assert_string_equal(
	    booth_ask(&p, 1,
		      booth_submit(&p, submission(&p, 1, "2024-03-06T09:00"), booth_local_ms("2024-03-06T09:30"))),
	    "accepted 6");
	assert_string_equal(journal(&p, 1), "Tick 2024-03-04 @2024-03-03T23:00:00Z\n"
					    "AcceptedSubmission @2024-03-04T09:00:00Z\n"
					    "Tick 2024-03-05 @2024-03-04T23:00:00Z\n"
					    "Tick 2024-03-06 @2024-03-05T23:00:00Z\n"
					    "AcceptedSubmission @2024-03-06T08:30:00Z\n");
	/* What is rejected was handed in at that time all the same. */
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, bytes_str(""), booth_local_ms("2024-03-07T08:00"))),
			    "rejected UNKNOWN_SOURCE");
	assert_string_equal(journal(&p, 6), "Tick 2024-03-07 @2024-03-06T23:00:00Z\n");
	booth_close(&p);
}

static void
test_submissions_of_one_turn_each_have_their_own_time(void **state UNUSED)
{
	static const char *const days[] = {"2024-03-04T10:00", "2024-03-05T10:00", "2024-03-05T09:59",
					   "2024-03-05T10:01"};
	static const char *const answers[] = {"accepted 3", "accepted 5", "refused TIME_BACKWARDS", "accepted 6"};
	struct booth p;

	open_with(&p, NODE_CLOCK_DRIVEN, "2024-03-04T10:00");
	for (unsigned i = 0; i < 4; i++)
		booth_put(&p, i, booth_submit(&p, submission(&p, i, days[i]), booth_local_ms(days[i])));
	booth_turn(&p);
	for (unsigned i = 0; i < 4; i++)
		assert_string_equal(booth_line_to(&p, i), answers[i]);
	booth_close(&p);
}

static void
test_the_driven_clock_of_an_undone_batch_did_not_move(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_DRIVEN, "2024-03-04T10:00");
	drive(&p, "2024-03-04T10:00");
	p.commits_fail = ERR_STORE_FULL;
	booth_put(&p, 1, booth_clock(&p, booth_local_ms("2024-03-09T10:00")));
	assert_int_equal(booth_try(&p), ERR_STORE_FULL);
	assert_string_equal(booth_line_to(&p, 1), "refused DISK_LOW retry 1000");
	assert_true(booth_status_of(&p).clock_ms == booth_local_ms("2024-03-04T10:00"));
	p.commits_fail = ERR_NONE;
	assert_string_equal(drive(&p, "2024-03-05T10:00"), "clock 3");
	assert_string_equal(journal(&p, 2), "Tick 2024-03-05 @2024-03-04T23:00:00Z\n");
	booth_close(&p);
}

/* ---- the system's ------------------------------------------------------------------------------------------------ */

static void
test_the_first_turn_on_the_system_clock_is_the_first_tick(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-04T10:00");
	assert_int_equal(booth_head(&p).seq, 1);
	booth_turn(&p);
	assert_string_equal(journal(&p, 1), "Tick 2024-03-04 @2024-03-03T23:00:00Z\n");
	assert_true(booth_status_of(&p).clock_ms == p.now.wall_ms);
	booth_turn(&p);
	assert_int_equal(booth_head(&p).seq, 2);
	booth_close(&p);
}

static void
test_a_day_on_the_system_clock_begins_at_local_midnight(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-04T23:59");
	booth_turn(&p);
	booth_wait(&p, MINUTE_MS - 1);
	booth_turn(&p);
	assert_int_equal(booth_head(&p).seq, 2);
	booth_wait(&p, 1);
	booth_turn(&p);
	assert_string_equal(journal(&p, 2), "Tick 2024-03-05 @2024-03-04T23:00:00Z\n");
	booth_wait(&p, DAY_MS);
	booth_turn(&p);
	assert_string_equal(journal(&p, 3), "Tick 2024-03-06 @2024-03-05T23:00:00Z\n");
	booth_close(&p);
}

static void
test_a_submission_is_stamped_with_the_system_clock(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-04T10:00");
	booth_turn(&p);
	booth_wait(&p, 1234);
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, submission(&p, 0, "2024-03-04T10:00"), 0)), "accepted 3");
	assert_string_equal(journal(&p, 2), "AcceptedSubmission @2024-03-04T09:00:01.234Z\n");
	booth_close(&p);
}

static void
test_nobody_tells_the_system_clock_the_time(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-04T10:00");
	booth_turn(&p);
	assert_string_equal(drive(&p, "2024-03-04T10:00"), "refused TIME_FROM_OUTSIDE");
	assert_string_equal(booth_ask(&p, 1, booth_clock(&p, 0)), "refused TIME_FROM_OUTSIDE");
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, submission(&p, 0, "2024-03-04T10:00"), p.now.wall_ms)),
			    "refused TIME_FROM_OUTSIDE");
	assert_int_equal(booth_head(&p).seq, 2);
	booth_close(&p);
}

static void
test_a_jump_of_more_than_five_minutes_is_recorded(void **state UNUSED)
{
	static const struct {
		int64_t jump_ms;
		const char *journal;
	} table[] = {
	    {NODE_CLOCK_JUMP_MS, ""},
	    {NODE_CLOCK_JUMP_MS + 1, "ClockJump 300001 @2024-03-04T09:00:00Z\n"},
	    {-NODE_CLOCK_JUMP_MS, ""},
	    {-NODE_CLOCK_JUMP_MS - 1, "ClockJump -300001 @2024-03-04T09:00:00Z\n"},
	    {2 * DAY_MS, "ClockJump 172800000 @2024-03-04T09:00:00Z\n"
			 "Tick 2024-03-05 @2024-03-04T23:00:00Z\n"
			 "Tick 2024-03-06 @2024-03-05T23:00:00Z\n"},
	    {-2 * DAY_MS, "ClockJump -172800000 @2024-03-04T09:00:00Z\n"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct booth p;
		open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-04T10:00");
		booth_turn(&p);
		p.now.wall_ms += table[i].jump_ms;
		booth_turn(&p);
		assert_string_equal(journal(&p, 2), table[i].journal);
		booth_turn(&p);
		booth_wait(&p, 1000);
		booth_turn(&p);
		assert_string_equal(journal(&p, 2), table[i].journal); /* once */
		booth_close(&p);
	}
}

/* A machine that slept, or a process that stood still: both clocks went on. */
static void
test_time_that_passed_on_both_clocks_is_no_jump(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-04T10:00");
	booth_turn(&p);
	booth_wait(&p, 26 * 60 * MINUTE_MS);
	booth_turn(&p);
	assert_string_equal(journal(&p, 2), "Tick 2024-03-05 @2024-03-04T23:00:00Z\n");
	booth_close(&p);
}

static void
test_when_the_system_clock_is_set_back_intakes_clock_stands_still(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-05T00:30");
	booth_turn(&p);
	p.now.wall_ms -= 60 * MINUTE_MS; /* yesterday again */
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, submission(&p, 0, "2024-03-05T00:00"), 0)), "accepted 4");
	booth_wait(&p, 59 * MINUTE_MS);
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, submission(&p, 1, "2024-03-05T00:00"), 0)), "accepted 5");
	booth_wait(&p, 2 * MINUTE_MS);
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, submission(&p, 2, "2024-03-05T00:00"), 0)), "accepted 6");
	assert_string_equal(journal(&p, 2), "ClockJump -3600000 @2024-03-04T23:30:00Z\n"
					    "AcceptedSubmission @2024-03-04T23:30:00Z\n"
					    "AcceptedSubmission @2024-03-04T23:30:00Z\n"
					    "AcceptedSubmission @2024-03-04T23:31:00Z\n");
	booth_close(&p);
}

static void
test_after_days_of_standstill_each_day_comes_once(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-04T10:00");
	booth_turn(&p);
	p.now.wall_ms += 3 * DAY_MS;
	p.now.steady_ms = 1; /* the machine started anew */
	booth_restart(&p);
	booth_turn(&p);
	assert_string_equal(journal(&p, 2), "Tick 2024-03-05 @2024-03-04T23:00:00Z\n"
					    "Tick 2024-03-06 @2024-03-05T23:00:00Z\n"
					    "Tick 2024-03-07 @2024-03-06T23:00:00Z\n");
	booth_restart(&p);
	booth_turn(&p);
	assert_int_equal(booth_head(&p).seq, 5);
	booth_close(&p);
}

static void
test_a_start_long_before_what_was_written_is_a_jump(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-04T10:00");
	booth_turn(&p);
	p.now.wall_ms -= 2 * DAY_MS;
	booth_restart(&p);
	booth_turn(&p);
	assert_string_equal(journal(&p, 2), "ClockJump -172800000 @2024-03-04T09:00:00Z\n");
	booth_turn(&p);
	assert_int_equal(booth_head(&p).seq, 3);
	booth_close(&p);
}

/* Ten years from what was written, or outside the calendar: a mistake of the machine, not time that passed. */
static void
test_a_system_clock_that_cannot_be_right_is_not_followed(void **state UNUSED)
{
	static const char *const wrong[] = {"1970-01-01T01:00", "2014-02-24T12:00", "2034-03-13T00:00",
					    "2500-01-01T00:00"};
	static const char *const right[] = {"2014-02-25T12:00", "2034-03-12T23:00"};
	struct booth p;

	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-04T10:00");
		booth_turn(&p);
		p.now.wall_ms = booth_local_ms(wrong[i]);
		assert_string_equal(booth_ask(&p, 1, booth_submit(&p, submission(&p, 0, "2024-03-04T10:00"), 0)),
				    "refused BUSY retry 1000");
		assert_true(booth_status_of(&p).clock_wrong);
		booth_restart(&p);
		booth_turn(&p);
		assert_true(booth_status_of(&p).clock_wrong);
		assert_string_equal(journal(&p, 2), "");
		p.now.wall_ms = booth_local_ms("2024-03-04T10:01");
		booth_turn(&p);
		assert_false(booth_status_of(&p).clock_wrong);
		assert_string_equal(booth_ask(&p, 1, booth_submit(&p, submission(&p, 0, "2024-03-04T10:00"), 0)),
				    "accepted 3");
		booth_close(&p);
	}
	for (size_t i = 0; i < COUNT_OF(right); i++) {
		open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-04T10:00");
		booth_turn(&p);
		p.now.wall_ms = booth_local_ms(right[i]);
		booth_turn(&p);
		assert_false(booth_status_of(&p).clock_wrong);
		booth_close(&p);
	}
}

/* Nobody submits anything: the day is told all the same, as soon as there is room. */
static void
test_a_day_that_did_not_fit_the_store_comes_when_there_is_room(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-04T23:59");
	booth_turn(&p);
	booth_wait(&p, 2 * MINUTE_MS);
	p.commits_fail = ERR_STORE_FULL;
	assert_int_equal(booth_try(&p), ERR_STORE_FULL);
	assert_true(booth_status_of(&p).refusing);
	booth_wait(&p, 200);
	assert_int_equal(booth_try(&p), ERR_STORE_FULL);
	assert_true(booth_status_of(&p).refusing);
	p.commits_fail = ERR_NONE;
	booth_wait(&p, 200);
	booth_turn(&p);
	assert_false(booth_status_of(&p).refusing);
	assert_string_equal(journal(&p, 2), "Tick 2024-03-05 @2024-03-04T23:00:00Z\n");
	booth_close(&p);
}

static void
test_a_jump_that_did_not_fit_the_store_is_recorded_when_there_is_room(void **state UNUSED)
{
	struct booth p;

	open_with(&p, NODE_CLOCK_SYSTEM, "2024-03-04T10:00");
	booth_turn(&p);
	p.now.wall_ms += 60 * MINUTE_MS;
	p.commits_fail = ERR_STORE_FULL;
	assert_int_equal(booth_try(&p), ERR_STORE_FULL);
	p.commits_fail = ERR_NONE;
	booth_wait(&p, 1000);
	booth_turn(&p);
	assert_string_equal(journal(&p, 2), "ClockJump 3600000 @2024-03-04T09:00:00Z\n");
	booth_turn(&p);
	assert_int_equal(booth_head(&p).seq, 3);
	booth_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_driven_clock_has_no_time_until_it_is_told),
	    cmocka_unit_test(test_a_driven_clock_does_not_go_by_itself),
	    cmocka_unit_test(test_a_driven_clock_does_not_go_back),
	    cmocka_unit_test(test_a_driven_clock_goes_at_most_ten_years_at_once),
	    cmocka_unit_test(test_a_driven_clock_stays_within_the_calendar),
	    cmocka_unit_test(test_every_day_is_one_tick_however_many_pass),
	    cmocka_unit_test(test_a_tick_is_stamped_when_its_day_begins_also_when_the_clocks_change),
	    cmocka_unit_test(test_time_comes_with_a_submission_and_passes_before_it),
	    cmocka_unit_test(test_submissions_of_one_turn_each_have_their_own_time),
	    cmocka_unit_test(test_the_driven_clock_of_an_undone_batch_did_not_move),
	    cmocka_unit_test(test_the_first_turn_on_the_system_clock_is_the_first_tick),
	    cmocka_unit_test(test_a_day_on_the_system_clock_begins_at_local_midnight),
	    cmocka_unit_test(test_a_submission_is_stamped_with_the_system_clock),
	    cmocka_unit_test(test_nobody_tells_the_system_clock_the_time),
	    cmocka_unit_test(test_a_jump_of_more_than_five_minutes_is_recorded),
	    cmocka_unit_test(test_time_that_passed_on_both_clocks_is_no_jump),
	    cmocka_unit_test(test_when_the_system_clock_is_set_back_intakes_clock_stands_still),
	    cmocka_unit_test(test_after_days_of_standstill_each_day_comes_once),
	    cmocka_unit_test(test_a_start_long_before_what_was_written_is_a_jump),
	    cmocka_unit_test(test_a_system_clock_that_cannot_be_right_is_not_followed),
	    cmocka_unit_test(test_a_day_that_did_not_fit_the_store_comes_when_there_is_room),
	    cmocka_unit_test(test_a_jump_that_did_not_fit_the_store_is_recorded_when_there_is_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
