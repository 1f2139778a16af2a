// SPDX-License-Identifier: EUPL-1.2
/* Signalling: answers of routing in, signals out; with the tables that are shipped and an invented registry. Rules of
 * section 6. */
#include "tests/service/bench.h"

#include "tests/service/signal_desk.h"

#define PLACE SIGNAL_PLACE

/* ---- words of these tests ---------------------------------------------------------------------------------------- */

static void
open_bench(struct bench *b, const char *local_time)
{
	bench_open(b, &signalling_service, local_time);
	signal_desk_adopt(b);
	bench_listen(b);
}

/* Routing accepted the last submission; the case stands so. */
static void
route(struct bench *b, const char *case_id, const char *fields)
{
	bench_answer(
	    b, SERVICE_ROUTING, case_id, "RouteDecided",
	    arena_printf(&b->arena, "{%s, %s}", fields, strstr(fields, "funder") == NULL ? PLACE : "level: LOCAL"));
}

static void
owner(struct bench *b, const char *case_id, const char *organisation)
{
	bench_answer(b, SERVICE_ROUTING, case_id, "OwnerAssigned",
		     arena_printf(&b->arena, "{owner: '%s'}", organisation));
}

static void
opens(struct bench *b, const char *case_id, const char *fields)
{
	bench_take(b, bench_say(b, case_id, "CaseSubmitted", "LOCAL_TEAM@LT-GM9901", fields), true, 0);
	bench_answer(b, SERVICE_ROUTING, case_id, "CaseOpened", "{kind: OPENED}");
	route(b, case_id, "kind: OPENED, track: VOLUNTARY, to_state: SCREENING");
	owner(b, case_id, "LT-GM9901");
}

/* A message that routing accepted; the case stays in EXECUTING. */
static void
accepted(struct bench *b, const char *case_id, const char *kind, const char *actor, const char *fields)
{
	bench_take(b, bench_say(b, case_id, kind, actor, fields), false, 0);
	route(b, case_id, "kind: RECORDED, track: VOLUNTARY, to_state: EXECUTING");
}

static void
expect(struct bench *b, const char *story)
{
	const char *said = "";

	/* Who answers, and what grows, is a test of its own. */
	for (size_t i = 0; i < b->said_count; i++) {
		if (b->said[i]->body_case != DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED)
			said = arena_printf(&b->arena, "%s%s%s", said, said[0] == '\0' ? "" : "\n",
					    signal_line(&b->arena, b->said[i]));
	}
	assert_string_equal(said, story);
	bench_listen(b);
}

/* ---- deadlines --------------------------------------------------------------------------------------------------- */

static void
test_a_deadline_is_near_then_missed_then_done_late(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	expect(&b, "");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineWarning", "{kind: SCREENING, due: 2021-03-08}");
	expect(&b, "+S01/SCREENING OWNER = LT-GM9901");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: SCREENING, due: 2021-03-08}");
	expect(&b, "-S01/SCREENING\n+S02/SCREENING OWNER,PROCESS_DIRECTOR = LT-GM9901");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineCleared",
		     "{kind: SCREENING, due: 2021-03-08, late_wd: 3}");
	expect(&b, "-S02/SCREENING");
	bench_close(&b);
}

/* Open signals told to an organisation, with those that acknowledged them: "S02 SCREENING 1 2021-03-01 acknowledged". */
static const char *
open_signals(struct bench *b, const char *organisation)
{
	struct store_txn *txn = store_begin_read(node_store(b->node));
	const char *text = "";
	pb_SignalsRequest request;
	pb_SignalsReply reply;
	struct why why;

	pb_SignalsRequest_init(&request);
	pb_SignalsReply_init(&reply);
	request.organisation = record_text(&b->arena, organisation);
	assert_true(signalling_service.signals(node_self(b->node), txn, &request, &reply, &why));
	for (size_t i = 0; i < reply.n_signals; i++) {
		const pb_SignalView *v = reply.signals[i];
		text = arena_printf(&b->arena, "%s%sS%02d %s %s %d %s%s", text, i == 0 ? "" : "\n", (int)v->code,
				    v->subject_id, record_code_of("DeadlineKind", (int)v->deadline_kind), v->stage,
				    v->raised_on, v->acknowledged_by[0] == '\0' ? "" : " acknowledged");
	}
	store_abort(txn);
	return text;
}

static void
test_open_signals_are_asked_for_by_whom_they_were_told_to(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	assert_string_equal(open_signals(&b, "LT-GM9901"), "");
	bench_at(&b, "2021-03-09T00:05");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: SCREENING, due: 2021-03-08}");
	bench_restart(&b);
	assert_string_equal(open_signals(&b, "LT-GM9901"), "S02 case-1 SCREENING 1 2021-03-09");
	assert_string_equal(open_signals(&b, "ET-JZ91"), "");
	bench_take(&b,
		   bench_say(&b, "case-1", "SignalAcknowledged", "LOCAL_TEAM@LT-GM9901",
			     "{code: S02, subject: CASE, subject_id: case-1}"),
		   false, 0);
	assert_string_equal(open_signals(&b, "LT-GM9901"), "S02 case-1 SCREENING 1 2021-03-09 acknowledged");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineCleared",
		     "{kind: SCREENING, due: 2021-03-08, late_wd: 3}");
	assert_string_equal(open_signals(&b, "LT-GM9901"), "");
	bench_close(&b);
}

static void
test_a_missed_deadline_that_is_dropped_keeps_its_signal(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: TRANSFER, due: 2021-02-26}");
	bench_listen(&b);
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineCleared",
		     "{kind: TRANSFER, due: 2021-02-26, superseded: true}");
	expect(&b, "");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineWarning", "{kind: MEETING, due: 2021-03-10}");
	bench_listen(&b);
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineSet",
		     "{kind: MEETING, due: 2021-03-20, replaces: 2021-03-10}");
	expect(&b, "-S01/MEETING");
	bench_close(&b);
}

static void
test_every_missed_deadline_has_a_signal_of_its_own(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: REVIEW, due: 2021-02-12}");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: REVIEW, due: 2021-02-26}");
	expect(&b, "+S02/REVIEW OWNER,PROCESS_DIRECTOR = LT-GM9901\n+S02/REVIEW OWNER,PROCESS_DIRECTOR = LT-GM9901");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineCleared", "{kind: REVIEW, due: 2021-02-26, late_wd: 1}");
	expect(&b, "-S02/REVIEW\n-S02/REVIEW");
	bench_close(&b);
}

static void
test_the_court_track_tells_the_certified_body_and_the_aldermen(void **state UNUSED)
{
	static const char at_municipality[] = "kind: OPENED, track: COURT_MEASURE, to_state: LOCAL_ATTEMPT";
	struct bench b;

	open_bench(&b, "2021-03-30T15:00");
	bench_take(&b,
		   bench_say(&b, "case-1", "CourtMeasureRegistered", "MUNICIPALITY@GM9901",
			     "{municipality: GM9901, measure: SUPERVISION, pronounced_on: 2021-03-30, "
			     "certified_body: GI-DELTA}"),
		   true, 0);
	route(&b, "case-1", at_municipality);
	owner(&b, "case-1", "GM9901");
	bench_at(&b, "2021-04-09T00:05");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed",
		     "{kind: PROTECTOR_CONTACT, due: 2021-04-08, hard: true}");
	expect(&b, "+S02/PROTECTOR_CONTACT OWNER,PROCESS_DIRECTOR,ALDERMEN = GM9901\n"
		   "+S19 CERTIFIED_BODY,ALDERMEN = GI-DELTA,GM9901");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "RouteDecided",
		     "{kind: TRANSITION, track: COURT_MEASURE, to_state: QUEUED, supporters: [ET-JZ91], " PLACE "}");
	bench_at(&b, "2021-04-16T00:05");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: HELP_START, due: 2021-04-15}");
	expect(&b, "+S02/HELP_START OWNER,PROCESS_DIRECTOR = GM9901,ET-JZ91\n"
		   "+S20 ALDERMEN,EXPERT_TEAM = GM9901,ET-JZ91");
	bench_at(&b, "2021-04-22T10:00");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineCleared",
		     "{kind: PROTECTOR_CONTACT, due: 2021-04-08, late_wd: 10}");
	expect(&b, "-S02/PROTECTOR_CONTACT\n-S19");
	accepted(&b, "case-1", "HelpRealised", "MUNICIPALITY@GM9901", "{help_kind: TAILORED}");
	expect(&b, "-S20");
	bench_close(&b);
}

static void
test_who_did_not_deliver_is_told_by_action(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	accepted(&b, "case-1", "PlanAgreed", "CHAIR@ET-JZ91",
		 "{actions: [{id: A1, organisation: P-OTTER}, {id: A2, organisation: P-EGEL}]}");
	bench_listen(&b);
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: ACTION, reference: A1, due: 2021-03-29}");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: ACTION, reference: A2, due: 2021-03-29}");
	expect(&b, "+S02/ACTION/A1 OWNER,PROCESS_DIRECTOR = LT-GM9901\n+S05/ACTION/A1 ORGANISATION = P-OTTER\n"
		   "+S02/ACTION/A2 OWNER,PROCESS_DIRECTOR = LT-GM9901\n+S05/ACTION/A2 ORGANISATION = P-EGEL");
	accepted(&b, "case-1", "PlanActionCompleted", "PROVIDER@P-EGEL", "{action: A2}");
	expect(&b, "-S05/ACTION/A2");
	accepted(&b, "case-1", "EscalationDecided", "MUNICIPALITY@GM9901", "{kind: OFFICIAL, decision: RESOLVED}");
	expect(&b, "-S05/ACTION/A1");
	bench_close(&b);
}

/* ---- stages, and time -------------------------------------------------------------------------------------------- */

static void
test_a_second_solution_that_fails_is_a_higher_stage(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-12-27T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	accepted(&b, "case-1", "HelpNotEffective", "CHAIR@ET-JZ91", "{asked: [PARENT]}");
	expect(&b, "+S08 PROCESS_DIRECTOR = LT-GM9901");
	accepted(&b, "case-1", "HelpNotEffective", "CHAIR@ET-JZ91", "{asked: [PARENT]}");
	const pb_Answer *said = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED);
	assert_int_equal(said->signal_raised->evidence, 2);
	assert_int_equal(said->signal_raised->threshold, 2);
	assert_string_equal(said->signal_raised->unit, "TIMES");
	assert_string_equal(said->basis->rule, "S08");
	assert_string_equal(said->basis->row, "S08.2");
	assert_string_equal(said->basis->policy_version, "1.0.0");
	assert_int_equal(said->basis->policy_hash.len, DIGEST_SIZE);
	assert_string_equal(said->basis->facts[0]->name, "not_effective");
	assert_string_equal(said->basis->facts[0]->value, "2");
	expect(&b, "+S08.2 EXPERTISE_CENTRE = EC-TEST");
	accepted(&b, "case-1", "HelpEffectiveConfirmed", "CHAIR@ET-JZ91", "{asked: [PARENT]}");
	expect(&b, "-S08.2");
	bench_close(&b);
}

static void
test_silence_is_told_after_five_weeks_and_after_seven(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	bench_at(&b, "2021-03-11T10:00");
	accepted(&b, "case-1", "PlanReviewed", "CHAIR@ET-JZ91", "");
	bench_at(&b, "2021-04-15T10:00"); /* 35 days */
	expect(&b, "");
	bench_at(&b, "2021-04-16T10:00");
	expect(&b, "+S03 OWNER = LT-GM9901");
	bench_at(&b, "2021-04-29T23:59"); /* 49 days */
	expect(&b, "");
	bench_restart(&b);
	bench_at(&b, "2021-04-30T00:00");
	const pb_Answer *said = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED);
	assert_int_equal(said->signal_raised->evidence, 50);
	expect(&b, "+S03.2 MUNICIPALITY_OFFICIALS = GM9901");
	accepted(&b, "case-1", "PlanReviewed", "CHAIR@ET-JZ91", "");
	expect(&b, "-S03.2");
	bench_take(&b, bench_say(&b, "case-1", "HelpRealised", "LOCAL_TEAM@LT-GM9901", ""), false, 0);
	route(&b, "case-1", "kind: TRANSITION, track: VOLUNTARY, to_state: VERIFYING");
	bench_at(&b, "2021-07-30T00:00");
	expect(&b, "");
	bench_close(&b);
}

static void
test_no_bridging_goes_to_the_aldermen_after_ten_working_days(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2022-06-22T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	accepted(&b, "case-1", "WaitingTimeRecorded", "PROVIDER@P-REE", "{expected_days: 75}");
	bench_at(&b, "2022-07-07T00:05");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: BRIDGING, due: 2022-07-06}");
	expect(&b, "+S02/BRIDGING OWNER,PROCESS_DIRECTOR = LT-GM9901\n"
		   "+S04 ORGANISATION,MUNICIPALITY_OFFICIALS = P-REE,GM9901");
	bench_at(&b, "2022-07-20T23:00");
	expect(&b, "");
	bench_at(&b, "2022-07-21T00:05");
	expect(&b, "+S04.2 ALDERMEN = GM9901");
	accepted(&b, "case-1", "BridgingCareStarted", "PROVIDER@P-REE", "{bridging_kind: DAY_CARE}");
	expect(&b, "-S04.2");
	bench_close(&b);
}

/* rules.md 3.1: missed deadlines, early warnings, then the thresholds of signals; stopped in between, and started again. */
static void
test_the_thresholds_of_a_day_come_behind_its_misses(void **state UNUSED)
{
	struct bench b;

	for (unsigned stopped = 0; stopped <= 1; stopped++) {
		open_bench(&b, "2021-03-01T10:00");
		opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
		accepted(&b, "case-1", "PlanAgreed", "CHAIR@ET-JZ91", "");
		bench_at(&b, "2021-04-05T10:00");
		expect(&b, "");
		b.more_to_come = true;
		bench_at(&b, "2021-04-06T10:00"); /* 36 days of silence */
		expect(&b, "");
		bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: PLAN, due: 2021-04-05}");
		expect(&b, "+S02/PLAN OWNER,PROCESS_DIRECTOR = LT-GM9901");
		const uint64_t tick = b.seq;
		if (stopped != 0)
			bench_restart(&b);
		/* The next cause shows that there is no more of this one. */
		bench_take(&b, bench_say(&b, "case-2", "CaseSubmitted", "LOCAL_TEAM@LT-GM9901", ""), true, 0);
		assert_int_equal(b.said_count, 1);
		assert_int_equal(b.said[0]->cause, tick);
		assert_string_equal(b.said[0]->effect_date, "2021-04-06");
		expect(&b, "+S03 OWNER = LT-GM9901");
		bench_close(&b);
	}
}

/* ---- patterns ---------------------------------------------------------------------------------------------------- */

static void
test_a_case_back_at_the_national_desk(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP, channel: NATIONAL_DESK}");
	expect(&b, "");
	bench_take(&b,
		   bench_say(&b, "case-2", "CaseSubmitted", "PARENT@DESK",
			     "{municipality: GM9901, submitter: PARENT, asks: HELP, channel: NATIONAL_DESK}"),
		   true, 0);
	bench_answer(&b, SERVICE_ROUTING, "case-2", "CaseOpened", "{kind: LINKED, linked_to: case-1}");
	route(&b, "case-1", "kind: TRANSITION, track: VOLUNTARY, to_state: EXECUTING");
	expect(&b, "+S22 NATIONAL,ALDERMEN,EXPERTISE_CENTRE = NAT-VWS,GM9901,EC-TEST");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "RouteDecided",
		     "{kind: TRANSITION, track: VOLUNTARY, to_state: EXECUTING, notes: [SUPPORT_ENDED], " PLACE "}");
	expect(&b, "+S23 OWNER,EXPERT_TEAM = LT-GM9901,ET-JZ91");
	accepted(&b, "case-2", "PlanReviewed", "NATIONAL_TEAM@NAT-VWS", ""); /* under its alias */
	expect(&b, "-S23");
	bench_close(&b);
}

static void
test_a_region_without_a_team_until_it_has_one(void **state UNUSED)
{
	static const char nowhere[] =
	    "kind: OPENED, track: VOLUNTARY, to_state: SCREENING, funder: GM9999, region: JZ99, "
	    "expertise_centre: EC-TEST";
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	for (int i = 1; i <= 2; i++) {
		const char *id = arena_printf(&b.arena, "case-%d", i);

		bench_take(&b, bench_say(&b, id, "CaseSubmitted", "LOCAL_TEAM@LT-GM9999", ""), true, 0);
		route(&b, id, nowhere);
	}
	expect(&b, "+S09 ALDERMEN,EXPERTISE_CENTRE,NATIONAL = GM9999,EC-TEST,NAT-VWS @JZ99");
	bench_take(&b,
		   bench_say(&b, "", "RegistryAdopted", "ADMINISTRATOR@NAT-VWS",
			     "{version: 1.1.0, valid_from: 2021-06-10, rows: [{row: REGION, region: JZ99, "
			     "expertise_centre: EC-TEST, expert_team: ET-JZ91}]}"),
		   false, 0);
	bench_at(&b, "2021-06-09T10:00");
	expect(&b, "");
	bench_at(&b, "2021-06-10T10:00");
	expect(&b, "-S09 @JZ99");
	bench_close(&b);
}

static void
test_three_cases_of_a_region_stuck_on_the_same(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	for (int i = 1; i <= 3; i++) {
		const char *id = arena_printf(&b.arena, "case-%d", i);

		opens(&b, id, "{municipality: GM9901, submitter: PARENT, asks: HELP}");
		expect(&b, "");
		accepted(&b, id, "StuckDeclared", "LOCAL_TEAM@LT-GM9901",
			 "{stuck_on: SUPPLY, missing_supply: SMALL_SCALE_LIVING}");
		accepted(&b, id, "StuckDeclared", "LOCAL_TEAM@LT-GM9901",
			 "{stuck_on: SUPPLY, missing_supply: SMALL_SCALE_LIVING}");
	}
	expect(&b, "+S11 STEERING_GROUP,ALDERMEN,PURCHASING = SG-JZ91,GM9901 @JZ91-SUPPLY-SMALL-SCALE-LIVING");
	bench_take(
	    &b,
	    bench_say(&b, "", "ThemeRecorded", "CHAIR@ET-JZ91",
		      "{region: JZ91, stuck_on: SUPPLY, missing_supply: SMALL_SCALE_LIVING, advice: NEW_SUPPLY}"),
	    false, 0);
	expect(&b, "-S11 @JZ91-SUPPLY-SMALL-SCALE-LIVING");
	bench_close(&b);
}

static void
test_the_same_in_three_regions_and_three_centres_goes_up(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	for (int i = 0; i < 27; i++) {
		const char *id = arena_printf(&b.arena, "case-%d", i);
		const int region = i / 3;

		bench_take(&b, bench_say(&b, id, "StuckDeclared", "LOCAL_TEAM@LT-GM9901", "{stuck_on: MONEY}"), false,
			   0);
		route(&b, id,
		      arena_printf(&b.arena,
				   "kind: RECORDED, track: VOLUNTARY, to_state: EXECUTING, funder: GM9901, "
				   "region: JZ8%d, team: ET-JZ91, expertise_centre: EC-%c",
				   region, 'A' + region / 3));
	}
	const pb_Answer *said = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED);
	assert_string_equal(signal_line(&b.arena, said), "+S11.3 NATIONAL = NAT-VWS @JZ88-MONEY");
	assert_int_equal(b.said_count, 9 + 3 + 1); /* each region; the third of each centre; the third centre */
	bench_close(&b);
}

static void
test_a_queue_longer_than_four_weeks(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	for (int i = 1; i <= 5; i++) {
		const char *id = arena_printf(&b.arena, "case-%d", i);

		expect(&b, "");
		opens(&b, id, "{municipality: GM9901, submitter: PARENT, asks: HELP}");
		route(&b, id, "kind: TRANSITION, track: VOLUNTARY, to_state: QUEUED");
	}
	expect(&b, "+S10 STEERING_GROUP = SG-JZ91 @ET-JZ91");
	route(&b, "case-2", "kind: TRANSITION, track: VOLUNTARY, to_state: DELIBERATION");
	expect(&b, "-S10 @ET-JZ91");
	bench_close(&b);
}

static void
adopt_for_region(struct bench *b, const char *fields)
{
	bench_take(b, bench_say(b, "", "PolicyAdopted", "ADMINISTRATOR@NAT-VWS", fields), false, 0);
}

/* A team that takes three cases every week has room for twelve in four weeks. */
static void
test_the_queue_that_is_too_long_follows_the_capacity_of_the_team(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	adopt_for_region(&b, "{version: 1.0.0, valid_from: 2021-01-01, region: JZ91, "
			     "capacities: [{team: ET-JZ91, cases_per_meeting: 3, cycle_days: 7}]}");
	for (int i = 1; i <= 13; i++) {
		const char *id = arena_printf(&b.arena, "case-%d", i);

		opens(&b, id, "{municipality: GM9901, submitter: PARENT, asks: HELP}");
		expect(&b, "");
		route(&b, id, "kind: TRANSITION, track: VOLUNTARY, to_state: QUEUED");
	}
	const pb_SignalRaised *raised = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED)->signal_raised;

	assert_int_equal(raised->evidence, 13);
	assert_int_equal(raised->threshold, 13);
	expect(&b, "+S10 STEERING_GROUP = SG-JZ91 @ET-JZ91");
	route(&b, "case-2", "kind: TRANSITION, track: VOLUNTARY, to_state: DELIBERATION");
	expect(&b, "-S10 @ET-JZ91");
	bench_close(&b);
}

/* Five wait and four find a place: the signal says 5 where 5 is too many. */
static void
test_a_long_queue_says_how_many_wait(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	for (int i = 1; i <= 5; i++) {
		const char *id = arena_printf(&b.arena, "case-%d", i);

		opens(&b, id, "{municipality: GM9901, submitter: PARENT, asks: HELP}");
		route(&b, id, "kind: TRANSITION, track: VOLUNTARY, to_state: QUEUED");
	}
	const pb_SignalRaised *raised = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED)->signal_raised;

	assert_int_equal(raised->evidence, 5);
	assert_int_equal(raised->threshold, 5);
	assert_string_equal(raised->unit, "CASES");
	bench_close(&b);
}

static void
discuss(struct bench *b, const char *local_time, int cases)
{
	bench_at(b, local_time);
	for (int i = 0; i < cases; i++)
		accepted(b, arena_printf(&b->arena, "case-%d", i), "MeetingHeld", "CHAIR@ET-JZ91",
			 "{present: [PARENT]}");
}

/* Only S10: who sat at the table is another matter. */
static unsigned
over_capacity(struct bench *b)
{
	unsigned raised = 0;

	for (size_t i = 0; i < b->said_count; i++)
		raised += b->said[i]->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED &&
			  (int)b->said[i]->signal_raised->code == SIGNAL_CODE_S10_TEAM_OVER_CAPACITY;
	bench_listen(b);
	return raised;
}

static void
test_two_meetings_in_a_row_with_more_cases_than_the_team_takes(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	for (int i = 0; i < 4; i++)
		opens(&b, arena_printf(&b.arena, "case-%d", i),
		      "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	discuss(&b, "2021-06-07T10:00", 3);
	discuss(&b, "2021-06-21T10:00", 2);
	discuss(&b, "2021-07-05T10:00", 3);
	assert_int_equal(over_capacity(&b), 0);
	discuss(&b, "2021-07-19T10:00", 2);
	assert_int_equal(over_capacity(&b), 0);
	discuss(&b, "2021-08-02T10:00", 3);
	discuss(&b, "2021-08-16T10:00", 3);
	assert_int_equal(over_capacity(&b), 1);
	bench_close(&b);

	/* Who takes three is not over capacity with three. */
	open_bench(&b, "2021-06-01T10:00");
	adopt_for_region(&b, "{version: 1.0.0, valid_from: 2021-01-01, region: JZ91, "
			     "values: [{key: meeting_cases, value: 3}]}");
	for (int i = 0; i < 4; i++)
		opens(&b, arena_printf(&b.arena, "case-%d", i),
		      "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	discuss(&b, "2021-06-07T10:00", 3);
	discuss(&b, "2021-06-21T10:00", 3);
	assert_int_equal(over_capacity(&b), 0);
	discuss(&b, "2021-07-05T10:00", 4);
	discuss(&b, "2021-07-19T10:00", 4);
	assert_int_equal(over_capacity(&b), 1);
	bench_close(&b);
}

/* ---- themes (R56) ---- */

static void
theme(struct bench *b, const char *fields)
{
	bench_take(b,
		   bench_say(b, "", "ThemeRecorded", "CHAIR@ET-JZ91",
			     arena_printf(&b->arena, "{region: JZ91, stuck_on: MONEY%s}", fields)),
		   false, 0);
}

static void
test_a_theme_unsolved_in_two_reports_goes_a_level_up(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	theme(&b, "");
	expect(&b, "");
	/* Another theme of the region, and the same one of another region, are other rows. */
	bench_take(&b, bench_say(&b, "", "ThemeRecorded", "CHAIR@ET-JZ91", "{region: JZ91, stuck_on: CONTENT}"), false,
		   0);
	bench_take(&b, bench_say(&b, "", "ThemeRecorded", "CHAIR@ET-JZ91", "{region: JZ99, stuck_on: MONEY}"), false,
		   0);
	expect(&b, "");
	theme(&b, "");
	const pb_SignalRaised *raised = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED)->signal_raised;

	assert_int_equal(raised->evidence, 2);
	assert_int_equal(raised->threshold, 2);
	assert_string_equal(raised->unit, "REPORTS");
	expect(&b, "+S11.2 EXPERTISE_CENTRE = EC-TEST @JZ91-MONEY");
	theme(&b, "");
	expect(&b, "");
	theme(&b, "");
	expect(&b, "+S11.3 NATIONAL = NAT-VWS @JZ91-MONEY");
	theme(&b, ", resolved: true");
	expect(&b, "-S11.3 @JZ91-MONEY");
	/* Solved: counted anew. */
	theme(&b, "");
	expect(&b, "");
	theme(&b, "");
	expect(&b, "+S11.2 EXPERTISE_CENTRE = EC-TEST @JZ91-MONEY");
	bench_close(&b);
}

/* An advice answers what is open; a theme that stays unsolved goes up all the same. */
static void
test_an_advice_does_not_solve_a_theme(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	theme(&b, ", advice: PURCHASING");
	expect(&b, "");
	theme(&b, ", advice: PURCHASING");
	expect(&b, "+S11.2 EXPERTISE_CENTRE = EC-TEST @JZ91-MONEY");
	theme(&b, ", advice: COOPERATION");
	expect(&b, "-S11.2 @JZ91-MONEY");
	theme(&b, ", advice: NO_ADVICE");
	expect(&b, "+S11.3 NATIONAL = NAT-VWS @JZ91-MONEY");
	bench_close(&b);
}

static void
test_a_region_says_after_how_many_reports(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	adopt_for_region(&b, "{version: 1.0.0, valid_from: 2021-01-01, region: JZ91, "
			     "values: [{key: theme_reports, value: 3}]}");
	theme(&b, "");
	theme(&b, "");
	expect(&b, "");
	theme(&b, "");
	expect(&b, "+S11.2 EXPERTISE_CENTRE = EC-TEST @JZ91-MONEY");
	bench_close(&b);
}

static void
test_a_plan_over_several_laws_with_a_task_that_nobody_pays(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	accepted(
	    &b, "case-1", "PlanAgreed", "CHAIR@ET-JZ91",
	    "{actions: [{id: A1, organisation: P-OTTER}, {id: A2, organisation: P-EGEL, law: WMO, funder: GM9901}]}");
	expect(&b, "+S24 MUNICIPALITY_OFFICIALS,STEERING_GROUP = GM9901,SG-JZ91");
	accepted(&b, "case-1", "PlanAgreed", "CHAIR@ET-JZ91",
		 "{actions: [{id: A1, organisation: P-OTTER, funder: GM9901}, "
		 "{id: A2, organisation: P-EGEL, law: WMO, funder: GM9901}]}");
	expect(&b, "-S24");
	bench_close(&b);
}

static void
test_talking_about_the_family_and_not_with_it(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	accepted(&b, "case-1", "MeetingScheduled", "CHAIR@ET-JZ91", "{meeting_on: 2021-06-01}");
	accepted(&b, "case-1", "ParticipantInvited", "CHAIR@ET-JZ91", "{participants: [PARENT, YOUTH]}");
	accepted(&b, "case-1", "MeetingHeld", "CHAIR@ET-JZ91", "{present: [LOCAL_TEAM@LT-GM9901]}");
	expect(&b, ""); /* invited, missing for once */
	accepted(&b, "case-1", "MeetingScheduled", "CHAIR@ET-JZ91", "{meeting_on: 2021-06-01}");
	accepted(&b, "case-1", "ParticipantInvited", "CHAIR@ET-JZ91", "{participants: [PARENT, YOUTH]}");
	accepted(&b, "case-1", "MeetingHeld", "CHAIR@ET-JZ91", "{present: [LOCAL_TEAM@LT-GM9901]}");
	expect(&b, "+S25 PROCESS_DIRECTOR = LT-GM9901");
	accepted(&b, "case-1", "MeetingScheduled", "CHAIR@ET-JZ91", "{meeting_on: 2021-06-01}");
	accepted(&b, "case-1", "ParticipantInvited", "CHAIR@ET-JZ91", "{participants: [PARENT, YOUTH]}");
	accepted(&b, "case-1", "MeetingHeld", "CHAIR@ET-JZ91", "{present: [PARENT]}");
	expect(&b, "-S25");
	accepted(&b, "case-1", "MeetingHeld", "CHAIR@ET-JZ91", "{present: [PARENT]}");
	expect(&b, "+S25 PROCESS_DIRECTOR = LT-GM9901"); /* nobody was invited to this one */
	bench_close(&b);
}

static void
test_past_the_team_in_more_than_a_fifth_of_a_quarter(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-05-03T10:00");
	for (int i = 1; i <= 5; i++) {
		const char *id = arena_printf(&b.arena, "case-%d", i);
		const char *note = i <= 2 ? "notes: [DIRECT_TO_EC], " : "";

		opens(&b, id, "{municipality: GM9901, submitter: PARENT, asks: HELP}");
		bench_take(&b,
			   bench_say(&b, id, "EscalationRequested", "LOCAL_TEAM@LT-GM9901",
				     "{kind: EXPERTISE_CENTRE, ec_reason: SCARCITY, tried: [LOCAL_TEAM]}"),
			   false, 0);
		bench_answer(&b, SERVICE_ROUTING, id, "RouteDecided",
			     arena_printf(&b.arena, "{kind: RECORDED, track: COURT_MEASURE, to_state: EXECUTING, %s%s}",
					  note, PLACE));
	}
	bench_at(&b, "2021-06-01T10:00");
	bench_listen(&b);
	bench_at(&b, "2021-07-01T00:05");
	const pb_Answer *said = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED);
	assert_string_equal(signal_line(&b.arena, said),
			    "+S21 STEERING_GROUP,EXPERTISE_CENTRE = SG-JZ91,EC-TEST @JZ91");
	assert_int_equal(said->signal_raised->evidence, 400);
	assert_int_equal(said->signal_raised->threshold, 201);
	bench_close(&b);
}

/* ---- sources, closing, policy ------------------------------------------------------------------------------------ */

static void
test_messages_lost_or_out_of_order_are_told_to_the_operator(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	bench_take(&b, bench_say(&b, "case-1", "PlanReviewed", "CHAIR@ET-JZ91", ""), false, 0);
	bench_answer(&b, SERVICE_ROUTING, "case-1", "MessageRejected", "{reason: OUT_OF_ORDER, kept: true}");
	expect(&b, "+S27 OPERATOR @front");
	bench_take(&b, bench_say(&b, "case-1", "PlanReviewed", "CHAIR@ET-JZ91", ""), false, 0);
	expect(&b, "-S27 @front");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "MessageRejected", "{reason: WRONG_STATE}");
	expect(&b, "");
	bench_take(&b,
		   bench_say(&b, "", "SourceRegistered", "ADMINISTRATOR@NAT-VWS", "{source: daily, sends_daily: true}"),
		   false, 0);
	bench_at(&b, "2021-06-02T23:00");
	expect(&b, "");
	bench_at(&b, "2021-06-03T00:05");
	expect(&b, "+S27 OPERATOR @daily");
	bench_close(&b);
}

static void
test_a_closed_case_keeps_only_what_is_about_its_evaluation(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-06-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: REVIEW, due: 2021-05-31}");
	accepted(&b, "case-1", "HelpNotEffective", "CHAIR@ET-JZ91", "{asked: [PARENT]}");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: EVALUATION, due: 2021-05-31}");
	bench_listen(&b);
	bench_take(&b, bench_say(&b, "case-1", "CaseClosed", "LOCAL_TEAM@LT-GM9901", "{reason: SOLVED}"), false, 0);
	route(&b, "case-1", "kind: TRANSITION, track: VOLUNTARY, from_state: SCALED_DOWN, to_state: CLOSED");
	owner(&b, "case-1", "");
	expect(&b, "-S02/REVIEW\n-S08");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineWarning", "{kind: EVALUATION, due: 2021-09-01}");
	expect(&b, "+S01/EVALUATION OWNER = LT-GM9901"); /* the last owner */
	bench_take(&b, bench_say(&b, "case-1", "EvaluationRecorded", "LOCAL_TEAM@LT-GM9901", ""), false, 0);
	route(&b, "case-1", "kind: RECORDED, track: VOLUNTARY, to_state: CLOSED");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineCleared", "{kind: EVALUATION, due: 2021-09-01}");
	expect(&b, "-S26\n-S01/EVALUATION\n-S02/EVALUATION");
	bench_close(&b);
}

static void
test_without_a_policy_nothing_is_said(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &signalling_service, "2021-06-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: REVIEW, due: 2021-05-31}");
	expect(&b, "");
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_deadline_is_near_then_missed_then_done_late),
	    cmocka_unit_test(test_open_signals_are_asked_for_by_whom_they_were_told_to),
	    cmocka_unit_test(test_a_missed_deadline_that_is_dropped_keeps_its_signal),
	    cmocka_unit_test(test_every_missed_deadline_has_a_signal_of_its_own),
	    cmocka_unit_test(test_the_court_track_tells_the_certified_body_and_the_aldermen),
	    cmocka_unit_test(test_who_did_not_deliver_is_told_by_action),
	    cmocka_unit_test(test_a_second_solution_that_fails_is_a_higher_stage),
	    cmocka_unit_test(test_silence_is_told_after_five_weeks_and_after_seven),
	    cmocka_unit_test(test_no_bridging_goes_to_the_aldermen_after_ten_working_days),
	    cmocka_unit_test(test_the_thresholds_of_a_day_come_behind_its_misses),
	    cmocka_unit_test(test_a_case_back_at_the_national_desk),
	    cmocka_unit_test(test_a_region_without_a_team_until_it_has_one),
	    cmocka_unit_test(test_three_cases_of_a_region_stuck_on_the_same),
	    cmocka_unit_test(test_the_same_in_three_regions_and_three_centres_goes_up),
	    cmocka_unit_test(test_a_queue_longer_than_four_weeks),
	    cmocka_unit_test(test_the_queue_that_is_too_long_follows_the_capacity_of_the_team),
	    cmocka_unit_test(test_a_long_queue_says_how_many_wait),
	    cmocka_unit_test(test_two_meetings_in_a_row_with_more_cases_than_the_team_takes),
	    cmocka_unit_test(test_a_theme_unsolved_in_two_reports_goes_a_level_up),
	    cmocka_unit_test(test_an_advice_does_not_solve_a_theme),
	    cmocka_unit_test(test_a_region_says_after_how_many_reports),
	    cmocka_unit_test(test_a_plan_over_several_laws_with_a_task_that_nobody_pays),
	    cmocka_unit_test(test_talking_about_the_family_and_not_with_it),
	    cmocka_unit_test(test_past_the_team_in_more_than_a_fifth_of_a_quarter),
	    cmocka_unit_test(test_messages_lost_or_out_of_order_are_told_to_the_operator),
	    cmocka_unit_test(test_a_closed_case_keeps_only_what_is_about_its_evaluation),
	    cmocka_unit_test(test_without_a_policy_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
