// SPDX-License-Identifier: EUPL-1.2
/* scenario.h: what a scenario file may say, and what is told about one that says something else. */
#include "tests/unit/unit.h"

#include "services/cli/scenario.h"

#define HEAD        "scenario: T\ntitle: a title\nregistry: nl\npolicy: default\nsteps:\n"
#define OPENS       "  - {at: 2021-03-01T10:00, case: A, send: CaseSubmitted, by: PROFESSIONAL@P-LYNX, with: {asks: HELP}}\n"
#define AGAIN(with) "  - {at: 2021-03-02T10:00, case: A, id: x, send: AdviceGiven, by: CHAIR@ET-JZ32" with "}\n"

struct bench {
	struct arena arena;
	struct scenario scenario;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	assert_non_null(b);
	arena_init(&b->arena);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	arena_fini(&b->arena);
	free(b);
	return 0;
}

static bool
parse(struct bench *b, const char *text)
{
	arena_reset(&b->arena);
	return scenario_parse(&b->arena, "s.yaml", bytes_str(text), &b->scenario);
}

static void
parse_well(struct bench *b, const char *text)
{
	if (!parse(b, text))
		fail_msg("%s", b->scenario.problems.text[0]);
}

/* The first problem is this sentence, or begins with it. */
static void
tells(struct bench *b, const char *text, const char *problem)
{
	assert_false(parse(b, text));
	assert_true(b->scenario.problems.count > 0);
	const char *told = b->scenario.problems.text[0];
	if (strncmp(told, problem, strlen(problem)) != 0)
		fail_msg("told:    %s\nwanted:  %s", told, problem);
	/* What is wrong; what to do. */
	assert_non_null(strchr(told, ';'));
}

static const struct scenario_message *
message(const struct bench *b, unsigned step, unsigned i)
{
	assert_in_range(step, 1, b->scenario.step_count);
	assert_true(i < b->scenario.steps[step - 1].message_count);
	return b->scenario.steps[step - 1].messages[i];
}

/* ---- what it may say ---- */

static void
test_a_step_with_one_message(void **state)
{
	struct bench *b = *state;

	parse_well(b, HEAD OPENS);
	assert_string_equal(b->scenario.name, "T");
	assert_string_equal(b->scenario.title, "a title");
	assert_int_equal(b->scenario.step_count, 1);
	const struct scenario_message *m = message(b, 1, 0);
	assert_string_equal(m->name, "CaseSubmitted");
	assert_string_equal(m->submission->source, "src-P-LYNX");
	assert_string_equal(m->submission->id, "");
	assert_int_equal(m->submission->actor->role, ROLE_PROFESSIONAL);
	assert_string_equal(m->submission->actor->organisation, "P-LYNX");
	assert_int_equal(m->submission->case_submitted->asks, ASK_HELP);
	assert_int_equal(m->repeats, -1);
	assert_int_equal(b->scenario.steps[0].at_ms, cal_local_ms(cal_from_date(2021, 3, 1), 10, 0, 0));
}

static void
test_a_list_of_messages_each_with_words_of_its_own(void **state)
{
	struct bench *b = *state;

	parse_well(b, HEAD OPENS "  - at: 2021-03-02T10:00:30\n"
				 "    case: B\n"
				 "    by: LOCAL_TEAM@LT-GM1669\n"
				 "    send:\n"
				 "      - {msg: CaseSubmitted, by: PARENT, id: x-1, occurred_at: 2021-03-01T09:00}\n"
				 "      - {msg: MandateGranted, case: A, source: door-1, by: ALDERMAN@GM1669}\n"
				 "      - StuckDeclared\n");
	assert_int_equal(b->scenario.steps[1].message_count, 3);
	const struct scenario_message *m = message(b, 2, 0);
	assert_string_equal(m->submission->source, "src-PARENT");
	assert_string_equal(m->submission->id, "x-1");
	assert_int_equal(m->occurred_ms, cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0));
	assert_int_equal(m->alias, 1);
	m = message(b, 2, 1);
	assert_string_equal(m->submission->source, "door-1");
	assert_int_equal(m->alias, 0);
	m = message(b, 2, 2);
	assert_string_equal(m->submission->source, "src-LT-GM1669");
	assert_string_equal(b->scenario.steps[1].what, "CaseSubmitted, MandateGranted, StuckDeclared");
}

static void
test_an_id_once_more_is_the_first_message_unless_it_says_otherwise(void **state)
{
	struct bench *b = *state;

	parse_well(b, HEAD OPENS AGAIN(", with: {advice_code: LOCAL_HELP}") AGAIN(", with: {advice_code: LOCAL_HELP}")
			  AGAIN("") AGAIN(", with: {advice_code: PURCHASING}"));
	assert_int_equal(message(b, 2, 0)->repeats, -1);
	assert_int_equal(message(b, 3, 0)->repeats, 1);
	assert_int_equal(message(b, 4, 0)->repeats, 1);
	assert_int_equal(message(b, 5, 0)->repeats, -1);
}

static void
test_senders_are_known_with_their_organisations_and_roles(void **state)
{
	struct bench *b = *state;

	parse_well(
	    b, HEAD OPENS
	    "  - {at: 2021-03-02T10:00, case: A, send: MandateGranted, by: ALDERMAN@GM1669}\n"
	    "  - {at: 2021-03-02T10:00, case: A, send: MandateGranted, by: MUNICIPALITY@GM1669}\n"
	    "  - {at: 2021-03-02T10:00, case: A, source: nobody, send: MandateGranted, by: ALDERMAN@GM1, "
	    "expect: {rejected: UNKNOWN_SOURCE}}\n"
	    "  - {at: 2021-03-02T10:00, case: A, source: src-GM1669, send: MandateGranted, by: SCHOOL@GM1669, "
	    "expect: {rejected: SENDER_NOT_ALLOWED}}\n"
	    "  - {at: 2021-03-02T11:00, send: SourceRegistered, by: ADMINISTRATOR@NAT-VWS, with: {source: own}}\n"
	    "  - {at: 2021-03-02T12:00, case: A, source: own, send: MandateGranted, by: ALDERMAN@GM2}\n");
	assert_int_equal(b->scenario.source_count, 3);
	assert_string_equal(b->scenario.sources[0].id, "src-P-LYNX");
	assert_string_equal(b->scenario.sources[1].id, "src-GM1669");
	assert_true(b->scenario.sources[1].roles == (UINT64_C(1) << ROLE_ALDERMAN | UINT64_C(1) << ROLE_MUNICIPALITY));
	assert_int_equal(b->scenario.sources[1].organisation_count, 1);
	assert_string_equal(b->scenario.sources[2].id, "src-NAT-VWS");
}

static void
test_expectations_are_kept_as_sorted_text(void **state)
{
	struct bench *b = *state;

	parse_well(
	    b, HEAD OPENS
	    "  - at: 2021-03-05T00:05\n"
	    "    case: A\n"
	    "    tick: true\n"
	    "    expect: {state: SCREENING, owner: null, next: [ACTION, 2021-03-08], deadlines: [[REVIEW, 2021-04-01], "
	    "[ACTION/A1, 2021-03-08]], supporters: [OZJ, ET-JZ16], cleared: [S19], duplicate: false, "
	    "signals: [{code: S02, to: [OWNER, ALDERMEN]}, {code: S03, stage: 2}, S01]}\n"
	    "    also: {A: {same_case_as: A}}\n");
	const struct scenario_expect *e = b->scenario.steps[1].expect;
	assert_string_equal(e->checks[SCENARIO_STATE]->values[0], "SCREENING");
	assert_int_equal(e->checks[SCENARIO_OWNER]->count, 0);
	assert_string_equal(e->checks[SCENARIO_NEXT]->values[0], "ACTION 2021-03-08");
	assert_string_equal(e->checks[SCENARIO_DEADLINES]->values[0], "ACTION/A1 2021-03-08");
	assert_string_equal(e->checks[SCENARIO_DEADLINES]->values[1], "REVIEW 2021-04-01");
	assert_string_equal(e->checks[SCENARIO_SUPPORTERS]->values[0], "ET-JZ16");
	assert_string_equal(e->checks[SCENARIO_CLEARED]->values[0], "S19");
	assert_string_equal(e->checks[SCENARIO_DUPLICATE]->values[0], "false");
	assert_null(e->checks[SCENARIO_REGION]);
	const struct scenario_check *signals = e->checks[SCENARIO_SIGNALS];
	assert_int_equal(signals->signal_count, 3);
	assert_string_equal(scenario_signal_text(&b->arena, &signals->signals[0]), "S02 to ALDERMEN, OWNER");
	assert_string_equal(scenario_signal_text(&b->arena, &signals->signals[1]), "S03/2");
	assert_true(signals->signals[2].any_to);
	assert_non_null(e->next);
	assert_int_equal(e->next->alias, 0);
}

static void
test_a_step_may_say_which_rules_it_shows(void **state)
{
	struct bench *b = *state;

	parse_well(b, HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {criteria: "
				 "[SEVERAL_LIFE_DOMAINS, STUCK_ON_CONTENT]}, proves: [R4, R14]}\n");
	assert_int_equal(b->scenario.steps[0].proves_count, 0);
	assert_int_equal(b->scenario.steps[1].proves_count, 2);
	assert_string_equal(b->scenario.steps[1].proves[0], "R4");
	assert_string_equal(b->scenario.steps[1].proves[1], "R14");
	const struct scenario_check *criteria = b->scenario.steps[1].expect->checks[SCENARIO_CRITERIA];
	assert_string_equal(criteria->values[0], "SEVERAL_LIFE_DOMAINS");
	assert_string_equal(criteria->values[1], "STUCK_ON_CONTENT");
	parse_well(b,
		   HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, send: ResidenceChanged, by: BRP_ADAPTER@BRP, with: "
			      "{municipality: GM0788}, expect: {candidates: [GM0865, GM0757]}}\n");
	const struct scenario_check *candidates = b->scenario.steps[1].expect->checks[SCENARIO_CANDIDATES];
	assert_int_equal(candidates->count, 2);
	assert_string_equal(candidates->values[0], "GM0757");
}

static void
test_a_region_may_have_a_policy_of_its_own(void **state)
{
	struct bench *b = *state;

	parse_well(
	    b, "scenario: T\ntitle: t\npolicy_patch:\n"
	       "  - {region: JZ32, version: 1.0.0, valid_from: 2020-01-01, values: {P2: 7}}\n"
	       "  - region: JZ16\n    version: 1.1.0\n    valid_from: 2021-04-01\n"
	       "    triage: {CaseSubmitted: [[{id: R23.T1, then: {criterion: [REGIONAL_AGREEMENT]}, source: project, "
	       "point: p}]]}\n"
	       "steps:\n" OPENS);
	assert_int_equal(b->scenario.policy_count, 2);
	assert_string_equal(b->scenario.policies[0]->region, "JZ32");
	assert_int_equal(b->scenario.policies[0]->n_values, 1);
	assert_string_equal(b->scenario.policies[1]->valid_from, "2021-04-01");
	assert_int_equal(b->scenario.policies[1]->tables->n_tables, 1);
}

static void
test_a_message_about_no_case_needs_none(void **state)
{
	struct bench *b = *state;

	parse_well(b, HEAD "  - {at: 2021-03-01T10:00, tick: true}\n"
			   "  - {at: 2021-03-01T10:00, send: ThemeRecorded, by: CHAIR@ET-JZ32, with: {region: JZ32, "
			   "stuck_on: MONEY}}\n");
	assert_int_equal(message(b, 2, 0)->alias, -1);
	assert_int_equal(b->scenario.steps[0].message_count, 0);
}

static void
test_what_is_to_be_rejected_may_say_what_the_contract_does_not_know(void **state)
{
	struct bench *b = *state;

	parse_well(b,
		   HEAD "  - {at: 2021-03-01T10:00, case: A, send: CaseSubmitted, by: PARENT@DESK, with: {asks: HELP, "
			"remark: text}, expect: {rejected: FORBIDDEN_CONTENT}}\n");
	assert_int_equal(message(b, 1, 0)->submission->case_submitted->base.n_unknown_fields, 1);
	tells(b,
	      HEAD "  - {at: 2021-03-01T10:00, case: A, send: CaseSubmitted, by: PARENT@DESK, with: {remark: text}}\n",
	      "s.yaml:6: CaseSubmitted has no field 'remark'");
}

/* ---- what is told ---- */

static const struct {
	const char *text, *problem;
} wrong[] = {
    {"", "s.yaml"},
    {"- a\n", "s.yaml:1: no map"},
    {"scenario: T\n", "s.yaml:1: the file has no steps"},
    {"title: x\nsteps:\n" OPENS, "s.yaml:1: the file names no scenario"},
    {"scenario: T\nstep: []\n", "s.yaml:2: 'step' is not known here"},
    {"scenario: T\nregistry: be\nsteps:\n" OPENS, "s.yaml:2: 'be' is no registry that is shipped"},
    {"scenario: T\npolicy: mine\nsteps:\n" OPENS, "s.yaml:2: 'mine' is no policy that is shipped"},
    {HEAD "  - {case: A, tick: true}\n", "s.yaml:6: the step says no time"},
    {HEAD "  - {at: 2021-02-30T10:00, tick: true}\n", "s.yaml:6: '2021-02-30T10:00' is no moment"},
    {HEAD "  - {at: 2021-03-01T10:00}\n", "s.yaml:6: the step does nothing"},
    {HEAD "  - {at: 2021-03-01T10:00, tick: true}\n  - {at: 2021-03-01T09:59, tick: true}\n",
     "s.yaml:7: 2021-03-01T09:59 lies before the step above"},
    {HEAD "  - {at: 2021-03-01T10:00, tick: true, expects: {}}\n", "s.yaml:6: 'expects' is not known here"},
    {HEAD "  - {at: 2021-03-01T10:00, case: A, send: CaseSubmited, by: PARENT@DESK}\n",
     "s.yaml:6: 'CaseSubmited' is no message; did you mean"},
    {HEAD "  - {at: 2021-03-01T10:00, case: A, send: [], by: PARENT@DESK}\n", "s.yaml:6: send: an empty list"},
    {HEAD "  - {at: 2021-03-01T10:00, case: A, send: [{by: PARENT@DESK}]}\n", "s.yaml:6: no message is named"},
    {HEAD "  - {at: 2021-03-01T10:00, case: A, send: CaseSubmitted}\n", "s.yaml:6: CaseSubmitted: nobody says it"},
    {HEAD "  - {at: 2021-03-01T10:00, case: A, send: CaseSubmitted, by: PARENTS@DESK}\n",
     "s.yaml:6: actor: 'PARENTS' is no Role"},
    {HEAD "  - {at: 2021-03-01T10:00, send: CaseSubmitted, by: PARENT@DESK}\n",
     "s.yaml:6: CaseSubmitted: it belongs to a case"},
    {HEAD "  - at: 2021-03-01T10:00\n    case: A\n    send: CaseSubmitted\n    by: PARENT@DESK\n    with:\n"
	  "      asks: HALP\n",
     "s.yaml:11: asks: 'HALP' is no Ask"},
    {HEAD "  - {at: 2021-03-01T10:00, case: A, send: MandateGranted, by: ALDERMAN@GM1669}\n",
     "s.yaml:6: there is no case A so far"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: B, tick: true, expect: {state: CLOSED}}\n",
     "s.yaml:7: there is no case B so far"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, also: {B: {state: CLOSED}}}\n",
     "s.yaml:7: there is no case B so far"},
    {HEAD "  - {at: 2021-03-02T10:00, tick: true, expect: {state: CLOSED}}\n",
     "s.yaml:6: state: the step names no case to look at"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {stat: CLOSED}}\n",
     "s.yaml:7: 'stat' is not known here; did you mean"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {state: SHUT}}\n",
     "s.yaml:7: 'SHUT' is no CaseState"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {owner: lt gm1}}\n",
     "s.yaml:7: owner: 'lt gm1' is no code"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {next: SCREENING}}\n",
     "s.yaml:7: next: no deadline"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {next: [SCREENING, tomorrow]}}\n",
     "s.yaml:7: next: 'tomorrow' is no date"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {deadlines: [SCREENING, 2021-03-08]}}\n",
     "s.yaml:7: deadlines: no deadline"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {signals: S02}}\n",
     "s.yaml:7: signals: no list"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {signals: [{code: S99}]}}\n",
     "s.yaml:7: 'S99' is no SignalCode"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {signals: [{code: S02, to: [BOSS]}]}}\n",
     "s.yaml:7: 'BOSS' is no Addressee"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {duplicate: maybe}}\n",
     "s.yaml:7: 'maybe' is neither true nor false"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {criteria: [HARD]}}\n",
     "s.yaml:7: 'HARD' is no ComplexityCriterion"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, proves: [R4]}\n",
     "s.yaml:7: proves: the step expects nothing"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {}, proves: [R4]}\n",
     "s.yaml:7: proves: the step expects nothing"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {state: CLOSED}, proves: [K4]}\n",
     "s.yaml:7: proves: 'K4' is no rule"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {state: CLOSED}, proves: R4}\n", "s.yaml:7: "},
    {"scenario: T\ntitle: t\npolicy_patch: {P2: 7}\nsteps:\n" OPENS, "s.yaml:3: "},
    {"scenario: T\ntitle: t\npolicy_patch:\n  - {version: 1.0.0, valid_from: 2020-01-01}\nsteps:\n" OPENS,
     "s.yaml:4: policy_patch: a policy without region"},
    {"scenario: T\ntitle: t\npolicy_patch:\n  - region: JZ32\n    version: 1.0.0\n    valid_from: 2020-01-01\n"
     "    value: {P2: 7}\nsteps:\n" OPENS,
     "s.yaml:7: 'value' is not known here; did you mean"},
    {HEAD OPENS "  - {at: 2021-03-02T10:00, case: A, tick: true, expect: {same_case_as: Q}}\n",
     "s.yaml:7: there is no case Q so far"},
};

static void
test_what_is_wrong_is_told_with_file_line_and_remedy(void **state)
{
	for (unsigned i = 0; i < COUNT_OF(wrong); i++)
		tells(*state, wrong[i].text, wrong[i].problem);
}

static void
test_all_that_is_wrong_is_told(void **state)
{
	struct bench *b = *state;

	assert_false(parse(b, HEAD "  - {at: 2021-03-01T10:00}\n  - {at: noon, tick: true}\n" OPENS));
	assert_int_equal(b->scenario.problems.count, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_a_step_with_one_message, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_list_of_messages_each_with_words_of_its_own, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_an_id_once_more_is_the_first_message_unless_it_says_otherwise, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_senders_are_known_with_their_organisations_and_roles, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_expectations_are_kept_as_sorted_text, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_step_may_say_which_rules_it_shows, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_region_may_have_a_policy_of_its_own, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_message_about_no_case_needs_none, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_is_to_be_rejected_may_say_what_the_contract_does_not_know, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_what_is_wrong_is_told_with_file_line_and_remedy, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_all_that_is_wrong_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
