// SPDX-License-Identifier: EUPL-1.2
/* Routing, the agenda of a team (R30): two cases a meeting, every two weeks, unless the policy says otherwise. A meeting
 * beyond that is accepted, with a warning that names the next day with room; no term grows. */
#include "tests/service/bench.h"

#include "common/scope_effects.h"
#include "services/cli/policy_file.h"
#include "services/routing/routing_agenda.h"
#include "services/routing/routing_internal.h"

#define DIRECTOR "PROCESS_DIRECTOR@ET-JZ91"

static void
adopt_registry(struct bench *b)
{
	bench_take(b,
		   bench_say(b, "", "RegistryAdopted", "ADMINISTRATOR@NAT-VWS",
			     "{version: 1.0.0, valid_from: 2016-01-01, rows: ["
			     "{row: REGION, region: JZ91, expertise_centre: EC-OOST, expert_team: ET-JZ91},"
			     "{row: REGION, region: JZ92, expertise_centre: EC-OOST, expert_team: ET-JZ91},"
			     "{row: REGION, region: JZ93, expertise_centre: EC-OOST},"
			     "{row: MUNICIPALITY, municipality: GM9901, region: JZ91},"
			     "{row: MUNICIPALITY, municipality: GM9902, region: JZ92},"
			     "{row: MUNICIPALITY, municipality: GM9903, region: JZ93}]}"),
		   false, 0);
}

/* The shipped policy; a region's own on top of it. */
static void
adopt_policy(struct bench *b, const char *fields)
{
	static const char *const paths[] = {"services/routing/policy"};
	static const struct rules_scope *const scopes[] = {&scope_accept, &scope_effects};
	struct policy_file file;
	pb_Submission *s = bench_say(b, "", "PolicyAdopted", "ADMINISTRATOR@NAT-VWS",
				     fields == NULL ? "{version: 1.0.0, valid_from: 2016-01-01}" : fields);

	if (fields == NULL) {
		if (!policy_file_read(&b->arena, paths, 1, scopes, 2, &file))
			fail_msg("%s", file.problems.count > 0 ? file.problems.text[0] : "the policy cannot be read");
		s->policy_adopted = file.policy;
	}
	bench_take(b, s, false, 0);
}

static int
setup(void **state)
{
	struct bench *b = test_calloc(1, sizeof *b);

	bench_open(b, &routing_service, "2021-03-01T09:00");
	adopt_policy(b, NULL);
	adopt_registry(b);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	bench_close(*state);
	test_free(*state);
	return 0;
}

/* A case of the team that waits for a meeting; `region` 91 or 92, both of the same team. */
static void
queue(struct bench *b, const char *id, int region)
{
	bench_take(
	    b, bench_say(b, id, "CaseSubmitted", "PARENT@LT-GM9901", "{submitter: PARENT, asks: PROCESS_DIRECTION}"),
	    true, 0);
	bench_answer(b, SERVICE_TRIAGE, id, "RouteDecided",
		     arena_printf(&b->arena,
				  "{track: VOLUNTARY, funder: GM99%02d, region: JZ%d, team: ET-JZ91, "
				  "expertise_centre: EC-OOST}",
				  region - 90, region));
	bench_take(b, bench_say(b, id, "ScreeningDecided", "CHAIR@ET-JZ91", "{decision: ACCEPT_PROCESS}"), false, 0);
	bench_take(b, bench_say(b, id, "OwnerTransferAccepted", "CHAIR@ET-JZ91", ""), false, 0);
}

static void
say(struct bench *b, const char *id, const char *kind, const char *fields)
{
	bench_listen(b);
	bench_take(b, bench_say(b, id, kind, DIRECTOR, fields), false, 0);
	assert_null(bench_last(b, DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED));
}

/* What planning a team meeting answers: "" when there is room, else the next day that has. "none" where none has. */
static const char *
plan(struct bench *b, const char *id, const char *day)
{
	say(b, id, "MeetingScheduled", arena_printf(&b->arena, "{meeting_on: %s}", day));
	const pb_Answer *set = bench_last(b, DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET);
	const char *free_slot = "";

	assert_non_null(set);
	for (size_t i = 0; i < b->said_count; i++) {
		const pb_Answer *answer = b->said[i];

		if (answer->body_case != DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED ||
		    answer->route_decided->n_warnings == 0)
			continue;
		assert_int_equal(answer->route_decided->warnings[0], WARNING_AGENDA_FULL);
		assert_string_equal(answer->basis->row, "R30.3");
		free_slot = answer->route_decided->next_free_slot;
		if (free_slot[0] == '\0')
			return "none";
		assert_string_equal(answer->basis->facts[answer->basis->n_facts - 1]->name, "next_free_slot");
		assert_string_equal(answer->basis->facts[answer->basis->n_facts - 1]->value, free_slot);
	}
	return free_slot;
}

/* The third case of a day is over capacity: accepted, MEETING is that day, the next slot is two weeks on. */
static void
test_a_third_case_on_a_day_is_accepted_and_told_where_there_is_room(void **state)
{
	struct bench *b = *state;

	queue(b, "c-1", 91);
	queue(b, "c-2", 92);
	queue(b, "c-3", 91);
	assert_string_equal(plan(b, "c-1", "2021-03-15"), "");
	assert_string_equal(plan(b, "c-2", "2021-03-15"), "");
	assert_string_equal(plan(b, "c-3", "2021-03-15"), "2021-03-29");
	for (size_t i = 0; i < b->said_count; i++) {
		const pb_DeadlineSet *set = b->said[i]->deadline_set;

		if (b->said[i]->body_case == DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET &&
		    (int)set->kind == DEADLINE_KIND_MEETING)
			assert_string_equal(set->due, "2021-03-15");
	}
	/* Planned again for the same day it is not in its own way. */
	assert_string_equal(plan(b, "c-1", "2021-03-15"), "2021-03-29");
	assert_string_equal(plan(b, "c-3", "2021-03-29"), "");
	assert_string_equal(plan(b, "c-1", "2021-03-15"), "");
}

/* Easter Monday is no day to meet, and a day on which the team meets already may have room before its next turn. */
static void
test_the_next_slot_is_a_working_day_or_a_day_on_which_the_team_meets(void **state)
{
	struct bench *b = *state;

	for (int i = 1; i <= 8; i++)
		queue(b, arena_printf(&b->arena, "c-%d", i), 91);
	plan(b, "c-1", "2021-03-22");
	plan(b, "c-2", "2021-03-22");
	assert_string_equal(plan(b, "c-3", "2021-03-22"), "2021-04-06");
	plan(b, "c-4", "2021-03-25");
	assert_string_equal(plan(b, "c-3", "2021-03-22"), "2021-03-25");
	plan(b, "c-5", "2021-03-25");
	plan(b, "c-6", "2021-04-06");
	assert_string_equal(plan(b, "c-3", "2021-03-22"), "2021-04-06");
	plan(b, "c-7", "2021-04-06");
	assert_string_equal(plan(b, "c-3", "2021-03-22"), "2021-04-19");
}

/* Moved, held, out of the queue, closed: the place on that day is free again. */
static void
test_a_case_that_is_not_discussed_that_day_leaves_its_place(void **state)
{
	static const struct {
		const char *kind, *actor, *fields;
	} leaves[] = {
	    {"MeetingScheduled", DIRECTOR, "{meeting_on: 2021-03-16}"},
	    {"MeetingHeld", DIRECTOR, "{}"},
	    {"ConsentWithdrawn", "CHAIR@ET-JZ91", "{withdrawn_by: [PARENT]}"}, /* ... once the local team has it back */
	    {"CaseClosed", DIRECTOR, "{reason: DECEASED, approver_role: MUNICIPALITY, approver_organisation: GM9901}"},
	};
	struct bench *b = *state;

	for (unsigned i = 0; i < COUNT_OF(leaves); i++) {
		const char *leaving = arena_printf(&b->arena, "c-%u-leaves", i);
		const char *third = arena_printf(&b->arena, "c-%u-third", i);

		if (i == 0) {
			queue(b, "c-stays", 91);
			plan(b, "c-stays", "2021-03-15");
		}
		queue(b, leaving, 91);
		queue(b, third, 91);
		assert_string_equal(plan(b, leaving, "2021-03-15"), "");
		assert_string_not_equal(plan(b, third, "2021-03-15"), "");
		plan(b, third, "2021-06-01");
		bench_take(b, bench_say(b, leaving, leaves[i].kind, leaves[i].actor, leaves[i].fields), false, 0);
		if (strcmp(leaves[i].kind, "ConsentWithdrawn") == 0)
			bench_take(b, bench_say(b, leaving, "OwnerTransferAccepted", "LOCAL_TEAM@LT-GM9901", ""), false,
				   0);
		assert_string_equal(plan(b, third, "2021-03-15"), "");
		bench_take(b, bench_say(b, third, "MeetingScheduled", DIRECTOR, "{meeting_on: 2021-12-01}"), false, 0);
	}
}

/* A sub-group is no meeting of the team, and who has no team has no agenda. */
static void
test_only_meetings_of_a_team_count(void **state)
{
	struct bench *b = *state;

	for (int i = 1; i <= 3; i++) {
		const char *id = arena_printf(&b->arena, "c-%d", i);

		queue(b, id, 91);
		say(b, id, "MeetingScheduled", "{meeting_on: 2021-03-15, meeting_kind: SUBGROUP}");
		assert_int_equal(bench_last(b, DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED)->route_decided->n_warnings,
				 0);
	}
	for (int i = 4; i <= 7; i++) {
		const char *id = arena_printf(&b->arena, "c-%d", i);

		bench_take(b,
			   bench_say(b, id, "CaseSubmitted", "PARENT@LT-GM9903",
				     "{submitter: PARENT, asks: PROCESS_DIRECTION}"),
			   true, 0);
		bench_answer(b, SERVICE_TRIAGE, id, "RouteDecided",
			     "{track: VOLUNTARY, funder: GM9903, region: JZ93, expertise_centre: EC-OOST}");
		bench_take(b, bench_say(b, id, "ScreeningDecided", "MUNICIPALITY@GM9903", "{decision: ACCEPT_PROCESS}"),
			   false, 0);
		bench_listen(b);
		bench_take(b, bench_say(b, id, "MeetingScheduled", "MUNICIPALITY@GM9903", "{meeting_on: 2021-03-15}"),
			   false, 0);
		assert_int_equal(bench_last(b, DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED)->route_decided->n_warnings,
				 0);
	}
	assert_string_equal(plan(b, "c-1", "2021-03-15"), "");
}

/* Under a court measure the team holds an extra meeting; the case still takes a place. */
static void
test_a_court_measure_does_not_wait_for_the_agenda(void **state)
{
	struct bench *b = *state;

	for (int i = 1; i <= 3; i++)
		queue(b, arena_printf(&b->arena, "c-%d", i), 91);
	plan(b, "c-1", "2021-03-15");
	plan(b, "c-2", "2021-03-15");
	bench_listen(b);
	bench_take(b,
		   bench_say(b, "c-court", "CourtMeasureRegistered", "MUNICIPALITY@GM9901", "{measure: SUPERVISION}"),
		   true, 0);
	bench_answer(b, SERVICE_TRIAGE, "c-court", "RouteDecided",
		     "{track: COURT_MEASURE, funder: GM9901, region: JZ91, team: ET-JZ91, expertise_centre: EC-OOST}");
	bench_take(b, bench_say(b, "c-court", "StuckDeclared", "MUNICIPALITY@GM9901", "{stuck_on: CONTENT}"), false, 0);
	bench_take(b, bench_say(b, "c-court", "ScreeningDecided", "CHAIR@ET-JZ91", "{decision: ACCEPT_SUPPORT}"), false,
		   0);
	assert_string_equal(plan(b, "c-court", "2021-03-15"), "");
	plan(b, "c-2", "2021-03-29");
	assert_string_equal(plan(b, "c-3", "2021-03-15"), "2021-03-29");
}

static void
test_a_team_may_have_a_capacity_of_its_own(void **state)
{
	struct bench *b = *state;

	adopt_policy(b, "{version: 1.0.0, valid_from: 2016-01-01, region: JZ91, "
			"capacities: [{team: ET-JZ91, cases_per_meeting: 1, cycle_days: 7}]}");
	queue(b, "c-1", 91);
	queue(b, "c-2", 91);
	queue(b, "c-3", 92);
	plan(b, "c-1", "2021-03-15");
	assert_string_equal(plan(b, "c-2", "2021-03-15"), "2021-03-22");
	/* The policy of the region of the case counts: in JZ92 the same team takes two. */
	plan(b, "c-2", "2021-03-16");
	assert_string_equal(plan(b, "c-3", "2021-03-15"), "");
}

/* One figure of its own; the other follows the values, here those of the region. 0 cases is no limit. */
static void
test_a_region_may_set_the_values(void **state)
{
	struct bench *b = *state;

	adopt_policy(b, "{version: 1.0.0, valid_from: 2016-01-01, region: JZ91, "
			"values: [{key: meeting_cases, value: 1}, {key: meeting_cycle, value: 28}], "
			"capacities: [{team: ET-JZ91, cycle_days: 21}]}");
	queue(b, "c-1", 91);
	queue(b, "c-2", 91);
	plan(b, "c-1", "2021-03-15");
	assert_string_equal(plan(b, "c-2", "2021-03-15"), "2021-04-06");
	bench_at(b, "2021-03-02T09:00");
	adopt_policy(
	    b, "{version: 1.1.0, valid_from: 2021-03-03, region: JZ91, values: [{key: meeting_cases, value: 0}]}");
	bench_at(b, "2021-03-03T09:00");
	assert_string_equal(plan(b, "c-2", "2021-03-15"), "");
}

/* At AGENDA_DAYS_AHEAD a slot is found; beyond it none is looked for. */
static void
test_the_search_ends(void **state)
{
	struct bench *b = *state;

	_Static_assert(AGENDA_DAYS_AHEAD == POLICY_MEETING_CYCLE_MAX, "the longest cycle has a slot to find");
	adopt_policy(b, "{version: 1.0.0, valid_from: 2016-01-01, region: JZ91, "
			"capacities: [{team: ET-JZ91, cases_per_meeting: 1, cycle_days: 366}]}");
	for (int i = 1; i <= 3; i++)
		queue(b, arena_printf(&b->arena, "c-%d", i), 91);
	plan(b, "c-1", "2021-03-15");
	assert_string_equal(plan(b, "c-2", "2021-03-15"), "2022-03-16");
	plan(b, "c-3", "2022-03-16");
	assert_string_equal(plan(b, "c-2", "2021-03-15"), "none");
}

/* The plans survive the end of the process. */
static void
test_the_agenda_is_kept(void **state)
{
	struct bench *b = *state;

	for (int i = 1; i <= 3; i++)
		queue(b, arena_printf(&b->arena, "c-%d", i), 91);
	plan(b, "c-1", "2021-03-15");
	plan(b, "c-2", "2021-03-15");
	bench_restart(b);
	assert_string_equal(plan(b, "c-3", "2021-03-15"), "2021-03-29");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_a_third_case_on_a_day_is_accepted_and_told_where_there_is_room),
	    TEST(test_the_next_slot_is_a_working_day_or_a_day_on_which_the_team_meets),
	    TEST(test_a_case_that_is_not_discussed_that_day_leaves_its_place),
	    TEST(test_only_meetings_of_a_team_count),
	    TEST(test_a_court_measure_does_not_wait_for_the_agenda),
	    TEST(test_a_team_may_have_a_capacity_of_its_own),
	    TEST(test_a_region_may_set_the_values),
	    TEST(test_the_search_ends),
	    TEST(test_the_agenda_is_kept),
	};
	return cmocka_run_group_tests_name("the agenda of a team", tests, NULL, NULL);
}
