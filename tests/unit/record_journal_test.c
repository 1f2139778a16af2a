// SPDX-License-Identifier: EUPL-1.2
/* record.h: records of a journal, and the topics by which they are asked for. */
#include "tests/unit/record_unit.h"

static struct arena arena;

static int
setup(void **state UNUSED)
{
	arena_reset(&arena);
	return 0;
}

static struct record
read_record(const char *text)
{
	const ProtobufCMessage *m = message_of(&arena, &pb_JournalRecord_descriptor, text);
	struct record r;
	struct why why = {""};

	if (!record_read(&arena, record_pack(&arena, m), &r, &why))
		fail_msg("%s: %s", text, why.text);
	return r;
}

static void
test_an_accepted_submission_has_what_everybody_asks_at_hand(void **state UNUSED)
{
	const struct record r =
	    read_record("{intake: {seq: 12, logged_at: 2021-03-01T10:00:01Z, accepted: {opens: true, submission: "
			"{source: S1, id: m1, case_id: c-1, occurred_at: 2021-03-01T10:00:00Z, "
			"actor: CHAIR@ET-JZ32, plan_reviewed: {}}}}}");

	assert_non_null(r.intake);
	assert_null(r.answer);
	assert_string_equal(r.submission->case_id, "c-1");
	assert_true(r.opens);
	assert_int_equal(r.cause, 12);
	assert_int_equal(r.at_ms, INT64_C(1614592801000));
	assert_ptr_equal(record_body(&r.submission->base), &r.submission->plan_reviewed->base);
	assert_string_equal(record_body_name(&r.submission->base), "PlanReviewed");
	assert_true(bytes_equal(r.raw, RECORD_PACK(&arena, r.journal)));
}

static void
test_a_tick_and_an_answer(void **state UNUSED)
{
	const struct record tick =
	    read_record("{intake: {seq: 3, logged_at: 2021-03-01T00:00:00+01:00, tick: {date: 2021-03-01}}}");
	const struct record answer = read_record("{answer: {cause: 3, index: 1, decided_at: 2021-03-01T00:00:00+01:00, "
						 "deadline_missed: {kind: SCREENING, due: 2021-02-26}}}");

	assert_null(tick.submission);
	assert_int_equal(tick.cause, 3);
	assert_string_equal(record_body_name(&tick.intake->base), "Tick");
	assert_null(answer.intake);
	assert_int_equal(answer.cause, 3);
	assert_int_equal(answer.at_ms, INT64_C(1614553200000));
	assert_string_equal(record_body_name(&answer.answer->base), "DeadlineMissed");
}

static void
test_a_damaged_record_is_told(void **state UNUSED)
{
	static const char *const damaged[] = {
	    "{}",
	    "{intake: {logged_at: 2021-03-01T00:00:00Z, tick: {date: 2021-03-01}}}", /* no seq */
	    "{intake: {seq: 3, tick: {date: 2021-03-01}}}",                          /* no moment */
	    "{intake: {seq: 3, logged_at: 2021-03-01T00:00:00Z, accepted: {}}}",
	    "{intake: {seq: 3, logged_at: 2021-03-01T00:00:00Z, accepted: {submission: {actor: CHAIR@ET-1}}}}",
	    "{answer: {decided_at: 2021-03-01T00:00:00Z}}",
	    "{answer: {cause: 3}}",
	};

	for (size_t i = 0; i < COUNT_OF(damaged); i++) {
		const ProtobufCMessage *m = message_of(&arena, &pb_JournalRecord_descriptor, damaged[i]);
		struct why why = {""};
		struct record r;

		if (record_read(&arena, record_pack(&arena, m), &r, &why))
			fail_msg("taken: %s", damaged[i]);
		assert_true(strlen(why.text) > 0);
	}
	struct why why;
	struct record r;
	assert_false(record_read(&arena, bytes_str("\xff"), &r, &why));
}

static void
test_an_envelope_without_body_has_no_name(void **state UNUSED)
{
	pb_Submission s;

	pb_Submission_init(&s);
	assert_null(record_body(&s.base));
	assert_string_equal(record_body_name(&s.base), "");
	assert_null(record_body(NULL));
	assert_string_equal(record_body_name(NULL), "");
	pb_Tick tick;
	pb_Tick_init(&tick);
	assert_null(record_body(&tick.base)); /* no envelope at all */
}

/* ---- topics ---- */

#define DECIDED "{answer: {case_id: c-1, cause: 3, decided_at: 2021-03-01T00:00:00Z, "

static void
test_topics(void **state UNUSED)
{
	static const struct {
		const char *record;
		const char *topics;
	} cases[] = {
	    {"{intake: {seq: 3, logged_at: 2021-03-01T00:00:00Z, tick: {date: 2021-03-01}}}", "kind/Tick"},
	    {"{intake: {seq: 1, logged_at: 2021-03-01T00:00:00Z, logic_version: {version: 1}}}", "kind/LogicVersion"},
	    {"{intake: {seq: 3, logged_at: 2021-03-01T00:00:00Z, accepted: {submission: {case_id: c-1, occurred_at: "
	     "2021-03-01T00:00:00Z, actor: CHAIR@ET-1, plan_agreed: {}}}}}",
	     "kind/PlanAgreed case/c-1"},
	    {"{intake: {seq: 3, logged_at: 2021-03-01T00:00:00Z, accepted: {submission: {occurred_at: "
	     "2021-03-01T00:00:00Z, "
	     "actor: ADMINISTRATOR@NAT-VWS, registry_adopted: {}}}}}",
	     "kind/RegistryAdopted"},
	    {DECIDED
	     "route_decided: {region: JZ32, expertise_centre: EC-GELDERLAND, track: COURT_MEASURE, team: ET-JZ32}}}",
	     "kind/RouteDecided case/c-1 region/JZ32 team/ET-JZ32 centre/EC-GELDERLAND track/COURT_MEASURE"},
	    {DECIDED "route_decided: {region: JZ32}}}", "kind/RouteDecided case/c-1 region/JZ32"},
	    {DECIDED "owner_assigned: {owner: LT-GM0988, former: GM0988}}}",
	     "kind/OwnerAssigned case/c-1 owner/LT-GM0988"},
	    {DECIDED "case_state: {case_id: c-1, region: JZ42, owner: LT-GM0988, track: VOLUNTARY}}}",
	     "kind/CaseView case/c-1 region/JZ42 owner/LT-GM0988 track/VOLUNTARY"},
	    {DECIDED "case_state: {case_id: c-1, region: JZ42, team: ET-JZ42, expertise_centre: EC-LIMBURG, owner: "
		     "ET-JZ42, track: CLOSED_CARE}}}",
	     "kind/CaseView case/c-1 region/JZ42 team/ET-JZ42 owner/ET-JZ42 centre/EC-LIMBURG track/CLOSED_CARE"},
	    {DECIDED "signal_raised: {code: S02, to: [OWNER, ALDERMEN], organisations: [ET-JZ32, GM0268]}}}",
	     "kind/SignalRaised case/c-1 signal/S02 to/ET-JZ32 to/GM0268 addressee/OWNER addressee/ALDERMEN"},
	    {DECIDED "signal_updated: {code: S02, to: [OWNER], organisations: [ET-JZ32]}}}",
	     "kind/SignalUpdated case/c-1 signal/S02 to/ET-JZ32 addressee/OWNER"},
	    {DECIDED "signal_cleared: {code: S17, to: [CCE], organisations: [CCE]}}}",
	     "kind/SignalCleared case/c-1 signal/S17 to/CCE addressee/CCE"},
	    {DECIDED "deadline_set: {kind: SCREENING}}}", "kind/DeadlineSet case/c-1"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct record r = read_record(cases[i].record);
		const char *topics[RECORD_TOPICS_MAX];
		const unsigned count = record_topics(&arena, &r, topics);
		char found[400] = "";

		for (unsigned j = 0; j < count; j++)
			snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s", j == 0 ? "" : " ",
				 topics[j]);
		assert_string_equal(found, cases[i].topics);
	}
}

static void
test_topics_of_a_signal_for_everybody_stay_within_the_maximum(void **state UNUSED)
{
	const struct record r = read_record(
	    DECIDED
	    "signal_raised: {code: S02, to: [OWNER, PROCESS_DIRECTOR, ORGANISATION, MUNICIPALITY_OFFICIALS, ALDERMEN,"
	    " STEERING_GROUP, EXPERT_TEAM, EXPERTISE_CENTRE, NATIONAL, INSPECTORATES, PURCHASING, CCE, OPERATOR],"
	    " organisations: [O-01, O-02, O-03, O-04, O-05, O-06, O-07, O-08, O-09, O-10, O-11, O-12, O-13, O-14, O-15,"
	    " O-16, O-17, O-18, O-19, O-20]}}}");
	const char *topics[RECORD_TOPICS_MAX];

	assert_int_equal(record_topics(&arena, &r, topics), RECORD_TOPICS_MAX);
	assert_string_equal(topics[0], "kind/SignalRaised");
	assert_string_equal(topics[RECORD_TOPICS_MAX - 1], "addressee/NATIONAL");
}

static void
test_topics_match_by_prefix(void **state UNUSED)
{
	static const char *const topics[] = {"kind/PlanAgreed", "case/c-1", "region/JZ32"};
	char region[] = "region/JZ32", other[] = "region/JZ33", longer[] = "region/JZ32/x", kind[] = "kind/",
	     nothing[] = "";
	char *one[] = {region}, *none[] = {other, longer}, *any[] = {other, kind}, *empty[] = {nothing};

	assert_true(record_topics_match(topics, 3, NULL, 0));
	assert_true(record_topics_match(topics, 3, one, 1));
	assert_false(record_topics_match(topics, 3, none, 2));
	assert_true(record_topics_match(topics, 3, any, 2));
	assert_true(record_topics_match(topics, 3, empty, 1));
	assert_false(record_topics_match(topics, 0, one, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_an_accepted_submission_has_what_everybody_asks_at_hand, setup),
	    cmocka_unit_test_setup(test_a_tick_and_an_answer, setup),
	    cmocka_unit_test_setup(test_a_damaged_record_is_told, setup),
	    cmocka_unit_test_setup(test_an_envelope_without_body_has_no_name, setup),
	    cmocka_unit_test_setup(test_topics, setup),
	    cmocka_unit_test_setup(test_topics_of_a_signal_for_everybody_stay_within_the_maximum, setup),
	    cmocka_unit_test_setup(test_topics_match_by_prefix, setup),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
