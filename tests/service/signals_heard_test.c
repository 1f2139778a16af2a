// SPDX-License-Identifier: EUPL-1.2
/* Signals while they are open: evidence that grows, who acknowledges, who is told when nobody does, what an addressee
 * pulls, thresholds of a region. */
#include "tests/service/signal_desk.h"
#include "tests/service/signal_play.h"

#define MISSED "routing case-1 DeadlineMissed {kind: ADVICE, due: 2021-02-26}"

static void
open_bench(struct bench *b, const char *local_time, const char *policy)
{
	bench_open(b, &signalling_service, local_time);
	signal_desk_adopt(b);
	if (policy != NULL)
		signal_desk_adopt_region(b, policy);
	bench_listen(b);
}

static void
play(struct bench *b, const char *lines)
{
	struct signal_play p = {.bench = b, .fresh = (unsigned)b->seq};

	signal_play(&p, lines);
}

static void
expect(struct bench *b, const char *story)
{
	assert_string_equal(signal_story(b), story);
	bench_listen(b);
}

static void
acknowledge(struct bench *b, const char *case_id, const char *actor, const char *fields)
{
	bench_take(b, bench_say(b, case_id, "SignalAcknowledged", actor, fields), false, 0);
}

/* ---- evidence ---------------------------------------------------------------------------------------------------- */

static void
test_evidence_that_grows_is_told_and_the_signal_is_not_raised_again(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "stuck JZ91 EC-TEST 3");
	bench_listen(&b);
	bench_restart(&b);
	play(&b, "stuck JZ91 EC-TEST 1");
	const pb_SignalUpdated *grew = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED)->signal_updated;

	assert_int_equal(grew->change, SIGNAL_CHANGE_EVIDENCE_GREW);
	assert_int_equal(grew->n_to, 3);
	assert_string_equal(grew->period_to, "2021-03-01");
	expect(&b, "=S11 4 of 3 CASES @JZ91-MONEY");
	/* The same case again is no more evidence. */
	play(&b, "say s-1 StuckDeclared LOCAL_TEAM@LT-GM9901 {stuck_on: MONEY}");
	bench_listen(&b);
	play(&b, "say s-1 StuckDeclared LOCAL_TEAM@LT-GM9901 {stuck_on: MONEY}");
	expect(&b, "");
	bench_close(&b);
}

/* ---- period and trend -------------------------------------------------------------------------------------------- */

static void
test_a_signal_says_over_which_period_and_where_it_goes(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2020-03-02T10:00", NULL);
	play(&b, "stuck JZ91 EC-TEST 1\nat 2021-02-01T10:00\nstuck JZ91 EC-TEST 1\nat 2021-03-01T10:00\nstuck JZ91 "
		 "EC-TEST 1");
	const pb_Answer *said = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED);

	assert_string_equal(said->signal_raised->period_from, "2020-03-02");
	assert_string_equal(said->signal_raised->period_to, "2021-03-01");
	assert_int_equal(said->signal_raised->trend, 1); /* two in the later half, one in the earlier */
	assert_string_equal(said->signal_raised->source, "s4 3.2");
	assert_string_equal(said->basis->rule, "S11");
	assert_string_equal(said->basis->row, "S11.2");
	assert_string_equal(said->case_id, "");
	bench_close(&b);
}

static void
test_the_trend_of_a_wide_theme_counts_regions(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2020-04-01T10:00", NULL);
	play(&b, "stuck JZ81 EC-A 3\nat 2020-05-01T10:00\nstuck JZ82 EC-A 3\nat 2021-03-01T10:00\nstuck JZ83 EC-A 3");
	const pb_SignalRaised *raised = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED)->signal_raised;

	assert_int_equal(raised->stage, 2);
	assert_int_equal(raised->evidence, 3);
	assert_int_equal(raised->trend, -1); /* one region in the later half, two in the earlier */
	bench_close(&b);
}

/* ---- acknowledged ------------------------------------------------------------------------------------------------ */

static void
test_who_was_told_acknowledges_and_the_clock_stops(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "open case-1\n" MISSED);
	expect(&b, "+S02/ADVICE OWNER,PROCESS_DIRECTOR = LT-GM9901");
	acknowledge(&b, "case-1", "LOCAL_TEAM@LT-GM9901", "{code: S02, subject: CASE, follow_up: TAKEN_UP}");
	expect(&b, "=S02/ADVICE TAKEN_UP by LT-GM9901");
	bench_at(&b, "2021-04-01T10:00");
	expect(&b, "");
	/* It stays open, and ends by its own event. */
	play(&b, "routing case-1 DeadlineCleared {kind: ADVICE, due: 2021-02-26, late_wd: 9}");
	expect(&b, "-S02/ADVICE");
	bench_close(&b);
}

static void
test_who_was_not_told_is_rejected(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "open case-1\n" MISSED);
	bench_listen(&b);
	acknowledge(&b, "case-1", "PROVIDER@P-REE", "{code: S02, subject: CASE, follow_up: DONE}");
	expect(&b, "!NOT_ADDRESSEE");
	acknowledge(&b, "case-1", "LOCAL_TEAM@LT-GM9901", "{code: S04, subject: CASE, follow_up: DONE}");
	expect(&b, "!NO_OPEN_REQUEST");
	acknowledge(&b, "", "STEERING_GROUP@SG-JZ91", "{code: S11, subject: STUCK_REASON, subject_id: JZ91-MONEY}");
	expect(&b, "!NO_OPEN_REQUEST");
	bench_close(&b);
}

/* A municipality speaks for its local team; who owns the case now speaks for the owner; purchasing has no code. */
static void
test_who_may_speak_for_an_addressee(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "open case-1\n" MISSED);
	bench_listen(&b);
	acknowledge(&b, "case-1", "MUNICIPALITY@GM9901", "{code: S02, subject: CASE, follow_up: IN_PROGRESS}");
	expect(&b, "=S02/ADVICE IN_PROGRESS by GM9901");
	acknowledge(&b, "case-1", "CHAIR@ET-JZ91", "{code: S02, subject: CASE, follow_up: TAKEN_UP}");
	expect(&b, "!NOT_ADDRESSEE");
	play(&b, "routing case-1 OwnerAssigned {owner: ET-JZ91, former: LT-GM9901}");
	acknowledge(&b, "case-1", "CHAIR@ET-JZ91", "{code: S02, subject: CASE, follow_up: TAKEN_UP}");
	expect(&b, "=S02/ADVICE TAKEN_UP by ET-JZ91");
	play(&b, "stuck JZ91 EC-TEST 3");
	bench_listen(&b);
	acknowledge(&b, "", "PURCHASING@P-INKOOP",
		    "{code: S11, subject: STUCK_REASON, subject_id: JZ91-MONEY, follow_up: TAKEN_UP}");
	expect(&b, "=S11 TAKEN_UP by P-INKOOP @JZ91-MONEY");
	bench_close(&b);
}

static void
test_one_of_two_deadlines_is_acknowledged(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "open case-1\n" MISSED "\nrouting case-1 DeadlineMissed {kind: REVIEW, due: 2021-02-26}");
	bench_listen(&b);
	acknowledge(&b, "case-1", "LOCAL_TEAM@LT-GM9901",
		    "{code: S02, subject: CASE, follow_up: TAKEN_UP, deadline_kind: REVIEW}");
	expect(&b, "=S02/REVIEW TAKEN_UP by LT-GM9901");
	bench_at(&b, "2021-03-09T00:00");
	expect(&b, "=S02/ADVICE MUNICIPALITY_OFFICIALS told, to LT-GM9901,GM9901");
	bench_close(&b);
}

/* ---- nobody acknowledges ----------------------------------------------------------------------------------------- */

static void
test_the_next_steps_of_governance_are_told_one_after_another(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "open case-1\n" MISSED);
	bench_listen(&b);
	bench_at(&b, "2021-03-08T23:59"); /* the fifth working day is not over */
	expect(&b, "");
	bench_restart(&b);
	bench_at(&b, "2021-03-09T00:00");
	const pb_Answer *said = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED);

	assert_string_equal(said->case_id, "case-1");
	assert_string_equal(said->basis->row, "R52.S8");
	expect(&b, "=S02/ADVICE MUNICIPALITY_OFFICIALS told, to LT-GM9901,GM9901");
	bench_at(&b, "2021-03-16T23:59");
	expect(&b, "");
	bench_at(&b, "2021-03-17T00:00");
	expect(&b, "=S02/ADVICE ALDERMEN told, to LT-GM9901,GM9901");
	bench_at(&b, "2021-03-30T00:00");
	expect(&b, "=S02/ADVICE STEERING_GROUP told, to LT-GM9901,GM9901,SG-JZ91");
	bench_at(&b, "2021-04-05T00:00");
	expect(&b, ""); /* nobody above; and no news from routing */
	acknowledge(&b, "case-1", "STEERING_GROUP@SG-JZ91", "{code: S02, subject: CASE, follow_up: TAKEN_UP}");
	expect(&b, "=S02/ADVICE TAKEN_UP by SG-JZ91");
	play(&b, "routing case-1 DeadlineCleared {kind: ADVICE, due: 2021-02-26, late_wd: 9}");
	const pb_SignalCleared *cleared = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED)->signal_cleared;

	assert_int_equal(cleared->n_to, 5);
	assert_int_equal(cleared->n_organisations, 3);
	bench_close(&b);
}

static void
test_a_signal_that_ended_or_is_not_for_them(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "open case-1\n" MISSED "\nrouting case-1 DeadlineCleared {kind: ADVICE, due: 2021-02-26, late_wd: 1}");
	play(&b, "routing case-1 DeadlineMissed {kind: REVIEW, due: 2021-02-26}");
	acknowledge(&b, "case-1", "LOCAL_TEAM@LT-GM9901", "{code: S02, subject: CASE, follow_up: NOT_FOR_US}");
	bench_listen(&b);
	bench_at(&b, "2021-03-09T00:00");
	expect(&b, "=S02/REVIEW MUNICIPALITY_OFFICIALS told, to LT-GM9901,GM9901");
	bench_close(&b);
}

/* A higher stage tells others: it is acknowledged anew. */
static void
test_a_higher_stage_waits_for_an_answer_of_its_own(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "open case-1\nsay case-1 HelpNotEffective CHAIR@ET-JZ91 {asked: [PARENT]}");
	acknowledge(&b, "case-1", "LOCAL_TEAM@LT-GM9901", "{code: S08, subject: CASE, follow_up: TAKEN_UP}");
	play(&b, "say case-1 HelpNotEffective CHAIR@ET-JZ91 {asked: [PARENT]}");
	bench_listen(&b);
	bench_at(&b, "2021-03-09T00:00");
	expect(&b, "=S08.2 MUNICIPALITY_OFFICIALS told, to LT-GM9901,EC-TEST,GM9901");
	bench_close(&b);
}

static void
test_a_signal_about_a_region_goes_to_its_steering_group(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", "values: [{key: theme_reports, value: 1}]");
	play(&b, "tell ThemeRecorded CHAIR@ET-JZ91 {region: JZ91, stuck_on: MONEY}");
	expect(&b, "+S11.2 EXPERTISE_CENTRE = EC-TEST @JZ91-MONEY");
	bench_at(&b, "2021-03-09T00:00");
	expect(&b, "=S11.2 STEERING_GROUP told, to EC-TEST,SG-JZ91 @JZ91-MONEY");
	bench_at(&b, "2021-04-09T00:00");
	expect(&b, "");
	bench_close(&b);
}

/* The inspectorates and the operator have nobody above; what comes near is not waited for. */
static void
test_who_is_not_waited_for(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "open case-1\nrouting case-1 DeadlineWarning {kind: ADVICE, due: 2021-03-08}\ngap 3\n"
		 "routing case-1 DeadlineMissed {kind: LIVING_PERSPECTIVE, due: 2021-02-26}");
	acknowledge(&b, "case-1", "ALDERMAN@GM9901", "{code: S14, subject: CASE}");
	acknowledge(&b, "case-1", "LOCAL_TEAM@LT-GM9901", "{code: S02, subject: CASE}");
	bench_listen(&b);
	bench_at(&b, "2021-04-01T00:00");
	expect(&b, "");
	bench_close(&b);
}

static void
test_a_region_says_how_long_it_waits(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", "values: [{key: signal_ack, value: 1}]");
	play(&b, "open case-1\n" MISSED);
	bench_listen(&b);
	bench_at(&b, "2021-03-03T00:00");
	expect(&b, "=S02/ADVICE MUNICIPALITY_OFFICIALS told, to LT-GM9901,GM9901");
	bench_close(&b);

	open_bench(&b, "2021-03-01T10:00", "values: [{key: signal_ack, value: 0}]");
	play(&b, "open case-1\n" MISSED);
	bench_listen(&b);
	bench_at(&b, "2021-04-01T00:00");
	expect(&b, "");
	bench_close(&b);
}

/* ---- thresholds of a region -------------------------------------------------------------------------------------- */

static void
test_a_region_has_a_threshold_of_its_own(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00",
		   "tables: {tables: [{scope: signals, event: StuckDeclared, blocks: [{rows: [{id: S11.2, rule: S11, "
		   "when: [{fact: stuck, test: AT_LEAST, values: ['2']}], "
		   "then: [{verb: raise, arguments: [S11, '1', STEERING_GROUP]}]}]}]}]}");
	play(&b, "stuck JZ91 EC-TEST 1");
	expect(&b, "");
	play(&b, "stuck JZ91 EC-TEST 1");
	const pb_SignalRaised *raised = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED)->signal_raised;

	assert_int_equal(raised->threshold, 2);
	expect(&b, "+S11 STEERING_GROUP = SG-JZ91 @JZ91-MONEY");
	play(&b, "stuck JZ81 EC-TEST 2"); /* another region */
	expect(&b, "");
	bench_close(&b);
}

/* ---- sources ----------------------------------------------------------------------------------------------------- */

/* A message behind a gap is a word too; the silence after it is the same signal, until the source is heard. */
static void
test_a_gap_and_then_silence_is_one_signal(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "tell SourceRegistered ADMINISTRATOR@NAT-VWS {source: front, sends_daily: true}\nat "
		 "2021-03-02T10:00\ngap 3");
	expect(&b, "+S27 OPERATOR @front");
	bench_at(&b, "2021-03-05T10:00");
	expect(&b, "");
	play(&b, "hear");
	expect(&b, "-S27 @front");
	bench_at(&b, "2021-03-08T23:00");
	expect(&b, "");
	bench_at(&b, "2021-03-09T00:00");
	expect(&b, "+S27 OPERATOR @front");
	bench_close(&b);
}

/* ---- what an addressee pulls ------------------------------------------------------------------------------------- */

static void
test_an_addressee_finds_its_own_by_topic(void **state UNUSED)
{
	struct bench b;
	const char *topics[RECORD_TOPICS_MAX];
	struct record r = {0};

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "open case-1\n" MISSED);
	r.answer = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED);
	char *mine[] = {record_text(&b.arena, "to/LT-GM9901")}, *theirs[] = {record_text(&b.arena, "to/GM9901")};
	char *owners[] = {record_text(&b.arena, "addressee/OWNER")};
	unsigned count = record_topics(&b.arena, &r, topics);

	assert_true(record_topics_match(topics, count, mine, 1));
	assert_true(record_topics_match(topics, count, owners, 1));
	assert_false(record_topics_match(topics, count, theirs, 1));
	bench_at(&b, "2021-03-09T00:00");
	play(&b, "routing case-1 DeadlineCleared {kind: ADVICE, due: 2021-02-26, late_wd: 9}");
	/* Who was told later sees that, and how it ends. */
	for (size_t i = 1; i < b.said_count; i++) {
		r.answer = b.said[i];
		count = record_topics(&b.arena, &r, topics);
		assert_true(record_topics_match(topics, count, mine, 1));
		assert_true(record_topics_match(topics, count, theirs, 1));
	}
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_evidence_that_grows_is_told_and_the_signal_is_not_raised_again),
	    cmocka_unit_test(test_a_signal_says_over_which_period_and_where_it_goes),
	    cmocka_unit_test(test_the_trend_of_a_wide_theme_counts_regions),
	    cmocka_unit_test(test_who_was_told_acknowledges_and_the_clock_stops),
	    cmocka_unit_test(test_who_was_not_told_is_rejected),
	    cmocka_unit_test(test_who_may_speak_for_an_addressee),
	    cmocka_unit_test(test_one_of_two_deadlines_is_acknowledged),
	    cmocka_unit_test(test_the_next_steps_of_governance_are_told_one_after_another),
	    cmocka_unit_test(test_a_signal_that_ended_or_is_not_for_them),
	    cmocka_unit_test(test_a_higher_stage_waits_for_an_answer_of_its_own),
	    cmocka_unit_test(test_a_signal_about_a_region_goes_to_its_steering_group),
	    cmocka_unit_test(test_who_is_not_waited_for),
	    cmocka_unit_test(test_a_region_says_how_long_it_waits),
	    cmocka_unit_test(test_a_region_has_a_threshold_of_its_own),
	    cmocka_unit_test(test_a_gap_and_then_silence_is_one_signal),
	    cmocka_unit_test(test_an_addressee_finds_its_own_by_topic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
