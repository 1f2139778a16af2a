// SPDX-License-Identifier: EUPL-1.2
/* The other ways in which signals begin and end, besides those of signal_cases.c; and those about a region, a team or an
 * institution, which last as long as the pattern does. */
#include "tests/service/signal_desk.h"
#include "tests/service/signal_play.h"

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

/* ---- other beginnings and ends ----------------------------------------------------------------------------------- */

#define MOVED        "say case-1 TransferRegistered PROVIDER@P-HAVEN {to: P-BAAI}"
#define SECLUDED     "say case-1 SeclusionRegistered PROVIDER@P-HAVEN {seclusion_kind: ISOLATION}"
#define MISSED(kind) "routing case-1 DeadlineMissed {kind: " kind ", due: 2021-02-26}"
#define OUT(n)       "say case-" n " ClosedPlacementEnded PROVIDER@P-HAVEN"

static void
test_other_ways_to_end(void **state UNUSED)
{
	static const struct {
		const char *begins, *ends, *cleared;
	} cases[] = {
	    {"route case-1 {kind: TRANSITION, track: VOLUNTARY, to_state: EXECUTING, notes: [MANDATE_TAKEN_BACK]}",
	     "say case-1 EscalationDecided ALDERMAN@GM9901 {kind: EXECUTIVE, decision: RESOLVED}", "-S06"},
	    {MOVED "\n" MOVED, OUT("1"), "-S15"},
	    {MOVED "\n" MOVED, "say case-1 PlanAgreed CHAIR@ET-JZ91", "-S15"},
	    {SECLUDED "\n" SECLUDED "\n" SECLUDED, OUT("1"), "-S16"},
	    {MISSED("MEASURE_START"), "say case-1 MeasureEnded MUNICIPALITY@GM9901", "-S18"},
	    {MISSED("PROTECTOR_CONTACT"), "say case-1 MeasureEnded MUNICIPALITY@GM9901", "-S19"},
	    {MISSED("HELP_START"), "say case-1 HelpRealised MUNICIPALITY@GM9901", "-S20"},
	    {"route case-1 {kind: TRANSITION, track: VOLUNTARY, to_state: EXECUTING, notes: [SUPPORT_ENDED]}",
	     "say case-1 PlanAgreed CHAIR@ET-JZ91", "-S23"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct bench b;

		open_bench(&b, "2021-03-01T10:00", NULL);
		play(&b, "open case-1");
		play(&b, cases[i].begins);
		bench_listen(&b);
		play(&b, cases[i].ends);
		expect(&b, cases[i].cleared);
		bench_close(&b);
	}
}

static void
test_any_submission_from_a_region_without_a_team(void **state UNUSED)
{
	static const char *const messages[] = {
	    "CourtMeasureRegistered MUNICIPALITY@GM9999 {measure: SUPERVISION, pronounced_on: 2021-03-01}",
	    "ClosedPlacementRequested MUNICIPALITY@GM9999 {municipality: GM9999}",
	};

	for (size_t i = 0; i < COUNT_OF(messages); i++) {
		struct bench b;

		open_bench(&b, "2021-03-01T10:00", NULL);
		play(&b, arena_printf(&b.arena,
				      "say case-1 %s in {kind: OPENED, track: COURT_MEASURE, to_state: LOCAL_ATTEMPT, "
				      "funder: GM9999, region: JZ99, expertise_centre: EC-TEST}",
				      messages[i]));
		expect(&b, "+S09 ALDERMEN,EXPERTISE_CENTRE,NATIONAL = GM9999,EC-TEST,NAT-VWS @JZ99");
		bench_close(&b);
	}
}

/* ---- quarters ---------------------------------------------------------------------------------------------------- */

/* Of four nothing can be said, neither that it is too much nor that it is not. */
static void
test_a_small_quarter_ends_nothing(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-01-04T10:00", "values: [{key: signal_ack, value: 0}]");
	play(&b, "apply 5 2\nevaluate 5 2\nat 2021-04-01T00:00");
	bench_listen(&b);
	play(&b, "apply 4 0\nevaluate 4 0");
	bench_listen(&b);
	bench_at(&b, "2021-07-01T00:00");
	for (size_t i = 0; i < b.said_count; i++)
		assert_int_not_equal(b.said[i]->body_case, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED);
	play(&b, "apply 5 0\nevaluate 5 0");
	bench_listen(&b);
	bench_at(&b, "2021-10-01T00:00");
	assert_non_null(strstr(signal_story(&b), "-S21 @JZ91"));
	assert_non_null(strstr(signal_story(&b), "-S26.2 @ET-JZ91"));
	bench_close(&b);
}

#define BASE(code, subject, count)                                                                                     \
	"baselines: [{code: " code ", subject_id: " subject ", count: " count                                          \
	", period_from: 2018-01-01, period_to: 2018-12-31}], values: [{key: signal_ack, value: 0}]"

static void
adopt_later(struct bench *b, const char *fields)
{
	bench_take(
	    b,
	    bench_say(b, "", "PolicyAdopted", "ADMINISTRATOR@NAT-VWS",
		      arena_printf(&b->arena, "{version: 1.1.0, valid_from: 2021-04-02, region: JZ91, %s}", fields)),
	    false, 0);
}

/* 3 of 59 is a trifle more than a twentieth, 3 of 60 is a twentieth. */
static void
test_transfers_are_set_against_the_base_figure_of_the_region(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", BASE("K21", "JZ91", "59"));
	for (int i = 1; i <= 3; i++)
		play(&b,
		     arena_printf(&b.arena,
				  "open case-%d\nsay case-%d TransferRegistered PROVIDER@P-HAVEN {to: P-BAAI}", i, i));
	const pb_SignalRaised *raised = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED)->signal_raised;

	assert_int_equal(raised->evidence, 51);
	assert_string_equal(raised->unit, "PER-MILLE");
	expect(&b, "+S15.2 STEERING_GROUP = SG-JZ91 @JZ91");
	adopt_later(&b, BASE("K21", "JZ91", "60"));
	bench_at(&b, "2021-04-01T00:00");
	expect(&b, "");
	bench_at(&b, "2021-06-30T23:00");
	bench_listen(&b);
	bench_at(&b, "2021-07-01T00:00");
	expect(&b, "-S15.2 @JZ91");
	bench_close(&b);
}

/* 41 of 204 is a trifle more than a fifth, 41 of 205 is a fifth. Nothing is said where there is no base figure. */
static void
test_seclusions_are_set_against_the_base_figure_of_the_institution(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", BASE("S16", "P-HAVEN", "204"));
	for (int i = 1; i <= 41; i++) {
		expect(&b, "");
		play(&b, arena_printf(&b.arena,
				      "open case-%d\nsay case-%d SeclusionRegistered PROVIDER@P-HAVEN {seclusion_kind: "
				      "SECLUSION}\nopen other-%d\nsay other-%d SeclusionRegistered PROVIDER@P-OTTER "
				      "{seclusion_kind: SECLUSION}",
				      i, i, i, i));
	}
	expect(&b, "+S16.2 INSPECTORATES @P-HAVEN");
	adopt_later(&b, BASE("S16", "P-HAVEN", "205"));
	bench_at(&b, "2021-04-01T00:00");
	expect(&b, "");
	bench_at(&b, "2021-06-30T23:00");
	bench_listen(&b);
	bench_at(&b, "2021-07-01T00:00");
	expect(&b, "-S16.2 @P-HAVEN");
	bench_close(&b);
}

/* ---- a region in sight ------------------------------------------------------------------------------------------- */

static void
test_closed_for_want_of_anything_else_until_the_last_is_out(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	for (int i = 1; i <= 3; i++)
		play(&b, arena_printf(&b.arena,
				      "open case-%d\nroute case-%d {kind: TRANSITION, track: CLOSED_CARE, to_state: "
				      "EXECUTING, notes: [NO_ALTERNATIVE]}",
				      i, i));
	bench_listen(&b);
	play(&b, "say case-1 ClosedPlacementEnded PROVIDER@P-HAVEN");
	expect(&b, "-S12");
	/* A closed case is out as well. */
	play(&b, "say case-2 CaseClosed LOCAL_TEAM@LT-GM9901 {reason: MOVED_ABROAD}");
	expect(&b, "-S12");
	play(&b, "say case-3 ClosedPlacementEnded PROVIDER@P-HAVEN");
	expect(&b, "-S12\n-S12.2 @JZ91");
	bench_close(&b);
}

static void
test_the_inspectorates_hear_how_many(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "open case-1\nrouting case-1 DeadlineMissed {kind: LIVING_PERSPECTIVE, due: 2021-02-26}");
	const pb_Answer *said = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED);

	assert_string_equal(signal_line(&b.arena, said), "+S14.2 INSPECTORATES @JZ91");
	assert_string_equal(said->case_id, "");
	bench_listen(&b);
	play(&b, "open case-2\nrouting case-2 DeadlineMissed {kind: LIVING_PERSPECTIVE, due: 2021-02-26}");
	expect(&b, "+S02/LIVING_PERSPECTIVE OWNER,PROCESS_DIRECTOR = LT-GM9901\n+S14.2 ALDERMEN = GM9901\n"
		   "=S14.2 2 of 1 CASES @JZ91");
	/* The region where it was counted is the one where it ends, wherever the youth went. */
	play(&b, "route case-1 {kind: TRANSITION, track: CLOSED_CARE, to_state: EXECUTING, funder: GM8, region: JZ81, "
		 "team: ET-JZ81, "
		 "expertise_centre: EC-A}");
	play(&b, "say case-1 ClosedPlacementEnded PROVIDER@P-HAVEN");
	expect(&b, "-S14.2");
	play(&b, "say case-2 LivingPerspectiveSet PROVIDER@P-HAVEN {perspective: KIN}");
	expect(&b, "-S14.2\n-S14.2 @JZ91");
	bench_close(&b);
}

static void
extended(struct bench *b, int i)
{
	play(b, arena_printf(&b->arena,
			     "open case-%d\nsay case-%d AuthorisationExtended JUVENILE_COURT@GM9901 {valid_until: "
			     "2022-09-01, reason: NO_TIMELY_FOLLOW_UP}",
			     i, i));
}

static void
test_extended_for_want_of_what_follows_until_the_last_is_out(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", "values: [{key: signal_ack, value: 0}]");
	for (int i = 1; i <= 3; i++)
		extended(&b, i);
	bench_listen(&b);
	play(&b, OUT("1") "\n" OUT("2"));
	expect(&b, "-S13\n-S13");
	play(&b, OUT("3"));
	expect(&b, "-S13\n-S13.2 @JZ91");
	bench_close(&b);
}

/* A year later two of the three no longer count; the first that leaves then ends it. */
static void
test_a_pattern_that_lies_a_year_back_is_none(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", "values: [{key: signal_ack, value: 0}]");
	extended(&b, 1);
	play(&b, "route case-1 {kind: TRANSITION, track: CLOSED_CARE, to_state: EXECUTING, notes: [NO_ALTERNATIVE]}");
	bench_at(&b, "2021-09-01T10:00");
	for (int i = 2; i <= 3; i++) {
		extended(&b, i);
		play(&b,
		     arena_printf(&b.arena,
				  "route case-%d {kind: TRANSITION, track: CLOSED_CARE, to_state: EXECUTING, notes: "
				  "[NO_ALTERNATIVE]}",
				  i));
	}
	assert_non_null(strstr(signal_story(&b), "+S12.2 ALDERMEN = GM9901 @JZ91"));
	assert_non_null(strstr(signal_story(&b), "+S13.2 NATIONAL = NAT-VWS @JZ91"));
	bench_at(&b, "2022-03-01T10:00");
	bench_listen(&b);
	play(&b, OUT("2"));
	expect(&b, "-S12\n-S12.2 @JZ91\n-S13\n-S13.2 @JZ91");
	bench_close(&b);
}

/* Who is at the early check only is not counted. */
static void
test_the_inspectorates_hear_of_half_a_year_only(void **state UNUSED)
{
	struct bench b;

	open_bench(&b, "2021-03-01T10:00", NULL);
	play(&b, "open case-1\n" MISSED("PERSPECTIVE_CHECK"));
	play(&b, "open case-2\nrouting case-2 DeadlineMissed {kind: LIVING_PERSPECTIVE, due: 2021-02-26}");
	const pb_SignalRaised *raised = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED)->signal_raised;

	assert_int_equal(raised->subject, SIGNAL_SUBJECT_REGION);
	assert_int_equal(raised->evidence, 1);
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_other_ways_to_end),
	    cmocka_unit_test(test_any_submission_from_a_region_without_a_team),
	    cmocka_unit_test(test_a_small_quarter_ends_nothing),
	    cmocka_unit_test(test_transfers_are_set_against_the_base_figure_of_the_region),
	    cmocka_unit_test(test_seclusions_are_set_against_the_base_figure_of_the_institution),
	    cmocka_unit_test(test_closed_for_want_of_anything_else_until_the_last_is_out),
	    cmocka_unit_test(test_extended_for_want_of_what_follows_until_the_last_is_out),
	    cmocka_unit_test(test_a_pattern_that_lies_a_year_back_is_none),
	    cmocka_unit_test(test_the_inspectorates_hear_how_many),
	    cmocka_unit_test(test_the_inspectorates_hear_of_half_a_year_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
