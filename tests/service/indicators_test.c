// SPDX-License-Identifier: EUPL-1.2
/* Monitoring counts: for each indicator what happens to a case, and what is counted then. tests/end_to_end/indicators does
 * the same for thousands of cases, computed anew. */
#include "tests/service/counted.h"

#define STEPS_MAX 12

#define CHAIR    "CHAIR@ET-JZ91"
#define OWNER    "LOCAL_TEAM@LT-GM9901"
#define GEMEENTE "MUNICIPALITY@GM9901"
#define PROVIDER "PROVIDER@P-LYNX"
#define BODY     "CERTIFIED_BODY@GI-DELTA"

/* What a route tells besides its place. */
#define ROUTE(fields)                                                                                                  \
	"{kind: RECORDED, track: VOLUNTARY, to_state: EXECUTING, funder: GM9901, region: JZ91, team: ET-JZ91, "        \
	"expertise_centre: EC-OOST, " fields "}"

struct counting {
	const char *what, *k;
	struct {
		const char *what, *with;
	} steps[STEPS_MAX];
	const char *counted; /* of the team, in the first quarter of 2021 */
};

static const struct counting countings[] = {
    {.what = "a case is submitted",
     .k = "K1",
     .counted = "1/0, ASK/PROCESS_DIRECTION 1/0, SUBMITTER/LOCAL_TEAM 1/0, TRACK/VOLUNTARY 1/0"},
    {.what = "days are working days, and only the first decision",
     .k = "K2",
     .steps = {{"at", "2021-03-08T10:00"},
	       {"ScreeningDecided " CHAIR, "{decision: RETURN}"},
	       {"at", "2021-03-15T10:00"},
	       {"ScreeningDecided " CHAIR, "{decision: ACCEPT_PROCESS}"}},
     .counted = "0/1 5 5 5"},
    {.what = "every decision",
     .k = "K3",
     .steps = {{"ScreeningDecided " CHAIR, "{decision: RETURN}"},
	       {"ScreeningDecided " CHAIR, "{decision: ACCEPT_PROCESS}"}},
     .counted = "1/2"},
    {.what = "on the last day of the term",
     .k = "K4",
     .steps = {{"ScreeningDecided " CHAIR, "{decision: ACCEPT_PROCESS}"},
	       {"at", "2021-03-29T10:00"},
	       {"MeetingHeld " CHAIR, "{}"}},
     .counted = "0/1 28 28 28"},
    {.what = "a day later; a second meeting is none of it",
     .k = "K4",
     .steps = {{"ScreeningDecided " CHAIR, "{decision: ACCEPT_PROCESS}"},
	       {"at", "2021-03-30T10:00"},
	       {"MeetingHeld " CHAIR, "{}"},
	       {"MeetingHeld " CHAIR, "{}"}},
     .counted = "1/1 29 29 29"},
    {.what = "two discussions of one meeting; a subgroup is none",
     .k = "K5",
     .steps = {{"MeetingHeld " CHAIR, "{}"},
	       {"MeetingHeld " CHAIR, "{}"},
	       {"MeetingHeld " CHAIR, "{meeting_kind: SUBGROUP}"}},
     .counted = "2/2"},
    {.what = "another day is another meeting",
     .k = "K5",
     .steps = {{"MeetingHeld " CHAIR, "{}"}, {"at", "2021-03-15T10:00"}, {"MeetingHeld " CHAIR, "{}"}},
     .counted = "2/4"},
    {.what = "invited counts for the next meeting only",
     .k = "K6",
     .steps = {{"ParticipantInvited " CHAIR, "{participants: [PARENT]}"},
	       {"MeetingHeld " CHAIR, "{present: [PARENT]}"},
	       {"MeetingHeld " CHAIR, "{present: [YOUTH, CHAIR@ET-JZ91]}"},
	       {"MeetingHeld " CHAIR, "{present: [CHAIR@ET-JZ91]}"}},
     .counted = "INVITED 1/3, PRESENT 2/3"},
    {.what = "goal, roles and tasks",
     .k = "K7",
     .steps = {{"PlanAgreed " CHAIR, "{has_goal: true, has_roles: true, actions: [{id: A1, organisation: P-LYNX}]}"},
	       {"PlanAgreed " CHAIR, "{has_goal: true, has_roles: true}"},
	       {"PlanAgreed " CHAIR, "{has_goal: true, actions: [{id: A1, organisation: P-LYNX}]}"}},
     .counted = "1/3"},
    {.what = "one in time, one late, one that is dropped",
     .k = "K8",
     .steps = {{"DeadlineSet", "{kind: ACTION, reference: A1, due: 2021-03-10}"},
	       {"DeadlineSet", "{kind: ACTION, reference: A2, due: 2021-03-11}"},
	       {"DeadlineSet", "{kind: ACTION, reference: A3, due: 2021-03-12}"},
	       {"PlanActionCompleted " PROVIDER, "{action: A1}"},
	       {"DeadlineCleared", "{kind: ACTION, reference: A1, due: 2021-03-10}"},
	       {"DeadlineMissed", "{kind: ACTION, reference: A2, due: 2021-03-11}"},
	       {"PlanActionCompleted " PROVIDER, "{action: A2}"},
	       {"DeadlineCleared", "{kind: ACTION, reference: A2, due: 2021-03-11, late_wd: 2}"},
	       {"DeadlineCleared", "{kind: ACTION, reference: A3, due: 2021-03-12, superseded: true}"}},
     .counted = "1/2"},
    {.what = "missed and set anew: two promises, each counted once",
     .k = "K8",
     .steps = {{"DeadlineMissed", "{kind: ACTION, reference: A1, due: 2021-03-10}"},
	       {"DeadlineSet", "{kind: ACTION, reference: A1, due: 2021-03-20}"},
	       {"PlanActionCompleted " PROVIDER, "{action: A1}"},
	       {"DeadlineCleared", "{kind: ACTION, reference: A1, due: 2021-03-10, late_wd: 3}"},
	       {"DeadlineCleared", "{kind: ACTION, reference: A1, due: 2021-03-20}"}},
     .counted = "1/2"},
    {.what = "promised for a day in the next quarter",
     .k = "K8",
     .steps = {{"DeadlineSet", "{kind: ACTION, reference: A1, due: 2021-04-01}"},
	       {"PlanActionCompleted " PROVIDER, "{action: A1}"},
	       {"DeadlineCleared", "{kind: ACTION, reference: A1, due: 2021-04-01}"}},
     .counted = "0/0"},
    {.what = "calendar days",
     .k = "K9",
     .steps = {{"at", "2021-03-15T10:00"}, {"HelpRealised " OWNER, "{}"}},
     .counted = "0/1 14 14 14"},
    {.what = "solved",
     .k = "K10",
     .steps = {{"CaseClosed " OWNER, "{reason: SOLVED, level_solved: LOCAL}"}},
     .counted = "1/1"},
    {.what = "for another reason",
     .k = "K10",
     .steps = {{"CaseClosed " OWNER, "{reason: AGED_OUT}"}},
     .counted = "0/1"},
    {.what = "it came twice and failed once",
     .k = "K11",
     .steps = {{"HelpRealised " OWNER, "{}"},
	       {"HelpNotEffective " OWNER, "{asked: [PARENT]}"},
	       {"HelpRealised " OWNER, "{}"}},
     .counted = "1/2"},
    {.what = "waiting long counts a case once, also when it was short in between",
     .k = "K12",
     .steps = {{"PlanAgreed " CHAIR, "{has_goal: true}"},
	       {"WaitingTimeRecorded " PROVIDER, "{expected_days: 29}"},
	       {"WaitingTimeRecorded " PROVIDER, "{expected_days: 10}"},
	       {"WaitingTimeRecorded " PROVIDER, "{expected_days: 40}"},
	       {"PlanAgreed " CHAIR, "{has_goal: true}"}},
     .counted = "1/1, DAYS 0/3 29 40 79"},
    {.what = "28 days are not long",
     .k = "K12",
     .steps = {{"HelpRealised " OWNER, "{}"}, {"WaitingTimeRecorded " PROVIDER, "{expected_days: 28}"}},
     .counted = "0/1, DAYS 0/1 28 28 28"},
    {.what = "one that began; help that came instead is no bridging; one that was missed",
     .k = "K13",
     .steps = {{"DeadlineSet", "{kind: BRIDGING, due: 2021-03-10}"},
	       {"BridgingCareStarted " PROVIDER, "{}"},
	       {"DeadlineCleared", "{kind: BRIDGING, due: 2021-03-10}"},
	       {"DeadlineMissed", "{kind: BRIDGING, due: 2021-03-20}"},
	       {"DeadlineSet", "{kind: BRIDGING, due: 2021-03-25}"},
	       {"HelpRealised " OWNER, "{}"},
	       {"DeadlineCleared", "{kind: BRIDGING, due: 2021-03-25}"}},
     .counted = "1/2"},
    {.what = "solved by the team, after the centre helped",
     .k = "K14",
     .steps = {{"RouteDecided", ROUTE("level: SUPRAREGIONAL")},
	       {"CaseClosed " OWNER, "{reason: SOLVED, level_solved: REGIONAL}"}},
     .counted = "LEVEL/LOCAL 0/1, LEVEL/NATIONAL 0/1, LEVEL/REGIONAL 1/1, LEVEL/SUPRAREGIONAL 0/1, REACHED/CENTRE 1/1, "
		"REACHED/NATIONAL 0/1"},
    {.what = "one with the team, one past it",
     .k = "K15",
     .steps = {{"EscalationRequested " OWNER, "{kind: EXPERTISE_CENTRE}"},
	       {"EscalationRequested " OWNER, "{kind: EXPERTISE_CENTRE}"},
	       {"RouteDecided", ROUTE("notes: [DIRECT_TO_EC]")}},
     .counted = "1/2"},
    {.what = "up to the officials, on to the executives, resolved after ten days",
     .k = "K16",
     .steps = {{"RouteDecided", ROUTE("governance: OFFICIAL")},
	       {"at", "2021-03-06T10:00"},
	       {"RouteDecided", ROUTE("governance: EXECUTIVE")},
	       {"at", "2021-03-11T10:00"},
	       {"RouteDecided", ROUTE("governance: NONE")}},
     .counted = "DAYS 0/1 10 10 10, EXECUTIVE 1/0, OFFICIAL 1/0"},
    {.what = "a gemeente that refuses and then grants is one, and gave it",
     .k = "K17",
     .steps = {{"MandateRefused " GEMEENTE, "{}"},
	       {"RouteDecided", ROUTE("notes: [ABSENT]")},
	       {"MandateGranted " GEMEENTE, "{}"}},
     .counted = "1/1, ABSENT 1/0"},
    {.what = "no answer in time is none given",
     .k = "K17",
     .steps = {{"DeadlineMissed", "{kind: MANDATE, due: 2021-03-10}"}},
     .counted = "0/1"},
    {.what = "one in time, one missed, one that ended first",
     .k = "K18",
     .steps = {{"DeadlineSet", "{kind: MEASURE_START, due: 2021-03-02}"},
	       {"MeasureExecutionStarted " BODY, "{}"},
	       {"DeadlineCleared", "{kind: MEASURE_START, due: 2021-03-02}"},
	       {"DeadlineMissed", "{kind: MEASURE_START, due: 2021-03-09}"},
	       {"DeadlineSet", "{kind: MEASURE_START, due: 2021-03-16}"},
	       {"MeasureEnded " BODY, "{}"},
	       {"DeadlineCleared", "{kind: MEASURE_START, due: 2021-03-16}"}},
     .counted = "1/2"},
    {.what = "missed, and two working days late",
     .k = "K19",
     .steps = {{"DeadlineMissed", "{kind: PROTECTOR_CONTACT, due: 2021-03-08}"},
	       {"FirstContactHeld " BODY, "{}"},
	       {"DeadlineCleared", "{kind: PROTECTOR_CONTACT, due: 2021-03-08, late_wd: 2}"}},
     .counted = "0/1, LATE 0/1 2 2 2"},
    {.what = "reported late, but done in time: the miss was none",
     .k = "K19",
     .steps = {{"DeadlineMissed", "{kind: PROTECTOR_CONTACT, due: 2021-03-08}"},
	       {"FirstContactHeld " BODY, "{}"},
	       {"DeadlineCleared", "{kind: PROTECTOR_CONTACT, due: 2021-03-08}"}},
     .counted = "1/1, LATE 0/1"},
    {.what = "the first plan; its reviews are another promise, also on the same day",
     .k = "K20",
     .steps = {{"CourtMeasureRegistered " BODY, "{measure: SUPERVISION, pronounced_on: 2021-03-01}"},
	       {"DeadlineSet", "{kind: PROTECTION_PLAN, due: 2021-03-12}"},
	       {"ProtectionPlanAdopted " BODY, "{}"},
	       {"DeadlineCleared", "{kind: PROTECTION_PLAN, due: 2021-03-12}"},
	       {"DeadlineSet", "{kind: PROTECTION_PLAN, due: 2021-03-31}"},
	       {"ProtectionPlanAdopted " BODY, "{}"},
	       {"DeadlineCleared", "{kind: PROTECTION_PLAN, due: 2021-03-31}"},
	       {"DeadlineMissed", "{kind: PROTECTION_PLAN, due: 2021-03-30}"}},
     .counted = "1/1"},
    {.what = "a team has no base period",
     .k = "K21",
     .steps = {{"TransferRegistered " PROVIDER, "{to: P-OTTER}"}, {"TransferRegistered " PROVIDER, "{to: P-REE}"}},
     .counted = "2/0"},
    {.what = "by kind",
     .k = "K22",
     .steps = {{"SeclusionRegistered " PROVIDER, "{seclusion_kind: SECLUSION}"},
	       {"SeclusionRegistered " PROVIDER, "{seclusion_kind: ISOLATION}"},
	       {"SeclusionRegistered " PROVIDER, "{seclusion_kind: ISOLATION}"}},
     .counted = "3/0, KIND/ISOLATION 2/0, KIND/SECLUSION 1/0"},
    {.what = "a place to live in time; and one who left without",
     .k = "K23",
     .steps = {{"DeadlineSet", "{kind: LIVING_PERSPECTIVE, due: 2021-03-20}"},
	       {"LivingPerspectiveSet " PROVIDER, "{perspective: HOME}"},
	       {"DeadlineCleared", "{kind: LIVING_PERSPECTIVE, due: 2021-03-20}"},
	       {"DeadlineSet", "{kind: LIVING_PERSPECTIVE, due: 2021-03-30}"},
	       {"ClosedPlacementEnded " PROVIDER, "{}"},
	       {"DeadlineCleared", "{kind: LIVING_PERSPECTIVE, due: 2021-03-30}"}},
     .counted = "1/2"},
    {.what = "by its reason",
     .k = "K24",
     .steps = {{"AuthorisationExtended " BODY, "{valid_until: 2021-06-01, reason: NO_TIMELY_FOLLOW_UP}"},
	       {"AuthorisationExtended " BODY, "{valid_until: 2021-07-01, reason: TREATMENT}"}},
     .counted = "1/2"},
    {.what = "of the regions that answered: one team without two of them, one complete landing place",
     .k = "K25",
     .counted =
	 "FUNCTION/CONSULTATION 2/2, FUNCTION/PROCESS_DIRECTION 2/2, FUNCTION/SIGNALLING 1/2, FUNCTION/LEARNING 1/2"},
    {.what = "by reason and missing supply",
     .k = "K26",
     .steps = {{"StuckDeclared " OWNER, "{stuck_on: MONEY}"},
	       {"StuckDeclared " OWNER, "{stuck_on: SUPPLY, missing_supply: TRAUMA}"},
	       {"StuckDeclared " OWNER, "{stuck_on: SUPPLY, missing_supply: TRAUMA}"}},
     .counted = "3/0, MONEY 1/0, SUPPLY/TRAUMA 2/0"},
    {.what = "one in time, one missed",
     .k = "K27",
     .steps = {{"DeadlineSet", "{kind: EVALUATION, due: 2021-03-20}"},
	       {"EvaluationRecorded " CHAIR, "{}"},
	       {"DeadlineCleared", "{kind: EVALUATION, due: 2021-03-20}"},
	       {"DeadlineMissed", "{kind: EVALUATION, due: 2021-03-25}"}},
     .counted = "1/2"},
    {.what = "still",
     .k = "K28",
     .steps = {{"SignalRaised", "{code: S03, subject: CASE, stage: 1}"}},
     .counted = "1/1"},
    {.what = "a higher stage is the same signal; then something happens",
     .k = "K28",
     .steps = {{"SignalRaised", "{code: S03, subject: CASE, stage: 1}"},
	       {"SignalRaised", "{code: S03, subject: CASE, stage: 2}"},
	       {"SignalCleared", "{code: S03, subject: CASE}"}},
     .counted = "0/1"},
    {.what = "closed: no longer an open case",
     .k = "K28",
     .steps = {{"SignalRaised", "{code: S03, subject: CASE, stage: 1}"}, {"CaseClosed " OWNER, "{reason: AGED_OUT}"}},
     .counted = "0/0"},
    {.what = "gone to another team",
     .k = "K28",
     .steps = {{"RouteDecided", "{kind: RECORDED, track: VOLUNTARY, to_state: EXECUTING, level: REGIONAL, funder: "
				"GM9904, region: JZ94, expertise_centre: EC-WEST}"}},
     .counted = "0/0"},
};

static void
each_is_counted_as_its_formula_says(void **state UNUSED)
{
	unsigned failures = 0;

	for (unsigned i = 0; i < sizeof countings / sizeof countings[0]; i++) {
		const struct counting *c = &countings[i];
		struct bench b;
		struct why why;

		counted_open(&b, "{key: P26, value: 0}, {key: P7, value: 28}, {key: meeting_cases, value: 2}");
		counted_case(&b, "case-1");
		for (unsigned s = 0; s < STEPS_MAX && c->steps[s].what != NULL; s++)
			counted_step(&b, "case-1", c->steps[s].what, c->steps[s].with);
		const pb_Answer *report = counted_ask(&b, "INDICATORS", "ET-JZ91", "2021-01-01", "2021-03-31", &why);

		assert_non_null(report);
		const char *line = counted_line(&b, report, c->k);

		if (strcmp(line, c->counted) != 0) {
			failures++;
			print_error("%s, %s:\n  wanted %s\n  got    %s\n", c->k, c->what, c->counted, line);
		}
		bench_close(&b);
	}
	assert_int_equal(failures, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_is_counted_as_its_formula_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
