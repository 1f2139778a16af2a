// SPDX-License-Identifier: EUPL-1.2
/* Routing: records of intake and triage in, the life of a case out; with the tables that are shipped and an invented
 * registry. A story has one line an answer (bench.c). */
#include "tests/service/bench.h"

#include "common/scope_effects.h"
#include "services/cli/policy_file.h"
#include "services/cli/yaml_tree.h"
#include "services/routing/routing_internal.h"

#define CASE     "c-1"
#define OWNER_LT "LOCAL_TEAM@LT-GM9901"
#define CHAIR    "CHAIR@ET-JZ91"
#define DIRECTOR "PROCESS_DIRECTOR@ET-JZ91"

static const char registry[] = "{version: 1.0.0, valid_from: 2016-01-01, rows: ["
			       "{row: REGION, region: JZ91, expertise_centre: EC-OOST, expert_team: ET-JZ91},"
			       "{row: REGION, region: JZ92, expertise_centre: EC-OOST, expert_team: ET-JZ92},"
			       "{row: REGION, region: JZ93, expertise_centre: EC-OOST},"
			       "{row: MUNICIPALITY, municipality: GM9901, region: JZ91},"
			       "{row: MUNICIPALITY, municipality: GM9902, region: JZ92},"
			       "{row: MUNICIPALITY, municipality: GM9903, region: JZ93},"
			       "{row: SUPPORTER_END, organisation: OZJ}]}";

/* What triage finds about each of the three municipalities. */
static const char place_1[] =
    "{track: VOLUNTARY, funder: GM9901, region: JZ91, team: ET-JZ91, expertise_centre: EC-OOST}";
static const char place_2[] =
    "{track: VOLUNTARY, funder: GM9902, region: JZ92, team: ET-JZ92, expertise_centre: EC-OOST}";
static const char place_3[] = "{track: VOLUNTARY, funder: GM9903, region: JZ93, expertise_centre: EC-OOST}";
static const char place_court[] =
    "{track: COURT_MEASURE, funder: GM9901, region: JZ91, team: ET-JZ91, expertise_centre: EC-OOST}";

#define STORY(b, text) assert_string_equal(bench_story(b), text)

static void
adopt_policy(struct bench *b)
{
	static const char *const paths[] = {"services/routing/policy"};
	static const struct rules_scope *const scopes[] = {&scope_accept, &scope_effects};
	struct policy_file file;
	pb_Submission *s = bench_say(b, "", "CaseErased", "ADMINISTRATOR@NAT-VWS", "");

	if (!policy_file_read(&b->arena, paths, 1, scopes, 2, &file))
		fail_msg("%s", file.problems.count > 0 ? file.problems.text[0] : "the policy cannot be read");
	s->body_case = DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED;
	s->policy_adopted = file.policy;
	bench_take(b, s, false, 0);
}

static void
adopt_registry(struct bench *b)
{
	pb_Submission *s = bench_say(b, "", "RegistryAdopted", "ADMINISTRATOR@NAT-VWS", registry);
	pb_RegistryAdopted *end = bench_say(b, "", "RegistryAdopted", "ADMINISTRATOR@NAT-VWS",
					    "{version: 1.0.1, valid_from: 2022-01-01, rows: "
					    "[{row: SUPPORTER_END, organisation: OZJ}]}")
				      ->registry_adopted;

	s->registry_adopted->n_rows--;
	bench_take(b, s, false, 0);
	s->registry_adopted = end;
	bench_take(b, s, false, 0);
}

static int
setup_empty(void **state)
{
	struct bench *b = test_calloc(1, sizeof *b);

	bench_open(b, &routing_service, "2021-03-01T09:00");
	*state = b;
	return 0;
}

static int
setup(void **state)
{
	setup_empty(state);
	adopt_policy(*state);
	adopt_registry(*state);
	assert_int_equal(((struct bench *)*state)->said_count, 0);
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	bench_close(b);
	test_free(b);
	return 0;
}

/* Says it and forgets what was said before. */
static void
say(struct bench *b, const char *kind, const char *actor, const char *fields)
{
	bench_listen(b);
	bench_take(b, bench_say(b, CASE, kind, actor, fields), false, 0);
}

static void
open_as(struct bench *b, const char *case_id, uint64_t youth, const char *kind, const char *actor, const char *fields,
	const char *place)
{
	bench_listen(b);
	bench_take(b, bench_say(b, case_id, kind, actor, fields), true, youth);
	assert_int_equal(b->said_count, 0);
	bench_answer(b, SERVICE_TRIAGE, case_id, "RouteDecided", place);
}

static void
open_case(struct bench *b)
{
	open_as(b, CASE, 1, "CaseSubmitted", "PARENT@LT-GM9901",
		"{submitter: PARENT, asks: PROCESS_DIRECTION, age_band: FROM_12_TO_15}", place_1);
}

/* A case that the team owns, with a meeting to come. */
static void
queue_case(struct bench *b)
{
	open_case(b);
	say(b, "MandateGranted", "MUNICIPALITY@GM9901", "");
	say(b, "ScreeningDecided", CHAIR, "{decision: ACCEPT_PROCESS}");
	say(b, "OwnerTransferAccepted", CHAIR, "");
}

/* The plan of that case is carried out. */
static void
execute_case(struct bench *b, const char *actions)
{
	queue_case(b);
	say(b, "MeetingHeld", DIRECTOR, "{present: [PARENT, YOUTH]}");
	say(b, "PlanAgreed", DIRECTOR,
	    arena_printf(&b->arena, "{has_goal: true, has_roles: true, question_first: true, actions: %s}", actions));
}

/* The file as it is kept. */
static const struct case_file *
file_of(struct bench *b, const char *case_id)
{
	struct case_file *file = ARENA_NEW(&b->arena, struct case_file);
	struct routing *routing = node_self(b->node);
	struct store_txn *txn = store_begin_read(node_store(b->node));

	assert_true(routing_load(&routing->state, txn, case_id, file));
	store_abort(txn);
	return file;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static void
test_a_case_opens_when_triage_has_found_its_place(void **state)
{
	struct bench *b = *state;

	open_case(b);
	STORY(b, "OPENED\n"
		 "R2 RECEIVED -> SCREENING LOCAL\n"
		 "owner LT-GM9901\n"
		 "set SCREENING 2021-03-08\n");
	assert_string_equal(b->said[1]->route_decided->team, "ET-JZ91");
	assert_int_equal(b->said[0]->index, 1);
	assert_int_equal(b->said[3]->index, 4);
	assert_string_equal(b->said[3]->effect_date, "2021-03-01");
}

static void
test_what_triage_rejects_does_not_open(void **state)
{
	struct bench *b = *state;

	bench_take(b, bench_say(b, CASE, "CaseSubmitted", OWNER_LT, "{asks: HELP}"), true, 0);
	bench_answer(b, SERVICE_TRIAGE, CASE, "MessageRejected", "{reason: UNKNOWN_MUNICIPALITY}");
	STORY(b, "");
	say(b, "PlanReviewed", OWNER_LT, "");
	STORY(b, "rejected UNKNOWN_CASE\n");
}

static void
test_a_second_submission_for_the_same_youth_joins_the_open_case(void **state)
{
	struct bench *b = *state;

	open_case(b);
	open_as(b, "c-2", 1, "CaseSubmitted", "PARENT@DESK",
		"{submitter: PARENT, asks: HELP, channel: NATIONAL_DESK, tried: [MUNICIPALITY]}", place_1);
	STORY(b, "LINKED c-1\n"
		 "R12 SCREENING LOCAL\n"
		 "owner LT-GM9901 asked NAT-VWS\n"
		 "set NATIONAL_PICKUP 2021-03-08\n");
	assert_string_equal(b->said[0]->case_id, "c-2");
	assert_string_equal(b->said[1]->case_id, CASE);
	bench_listen(b);
	bench_take(b, bench_say(b, "c-2", "OwnerTransferAccepted", "NATIONAL_TEAM@NAT-VWS", ""), false, 0);
	assert_string_equal(file_of(b, CASE)->owner.s, "NAT-VWS");
	assert_string_equal(bench_last(b, DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED)->case_id, CASE);
}

static void
test_a_youth_whose_case_is_closed_gets_a_new_one(void **state)
{
	struct bench *b = *state;

	open_case(b);
	say(b, "CaseClosed", OWNER_LT,
	    "{reason: MOVED_ABROAD, approver_role: MUNICIPALITY, approver_organisation: GM9901}");
	open_as(b, "c-2", 1, "CaseSubmitted", "PARENT@LT-GM9901", "{submitter: PARENT, asks: HELP}", place_1);
	STORY(b, "OPENED\n"
		 "R2 RECEIVED -> LOCAL_ATTEMPT LOCAL\n"
		 "owner LT-GM9901\n"
		 "set LOCAL_ATTEMPT 2021-03-29\n");
}

static void
test_a_region_without_team_gets_offers_and_its_municipality_screens(void **state)
{
	struct bench *b = *state;

	open_as(b, CASE, 0, "CaseSubmitted", "PARENT@LT-GM9903", "{submitter: PARENT, asks: CONSULTATION}", place_3);
	STORY(b, "OPENED\n"
		 "R2 RECEIVED -> SCREENING LOCAL\n"
		 "owner LT-GM9903\n"
		 "set SCREENING 2021-03-08\n"
		 "R6 SCREENING LOCAL offers EC-OOST,OZJ\n");
	say(b, "ScreeningDecided", "MUNICIPALITY@GM9903", "{decision: ACCEPT_PROCESS}");
	STORY(b, "R17 SCREENING -> QUEUED LOCAL offers EC-OOST,OZJ\n"
		 "owner GM9903 former LT-GM9903\n"
		 "set MEETING 2021-03-29\n"
		 "done SCREENING 2021-03-08\n");
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

static void
test_an_older_fact_is_kept_and_not_applied(void **state)
{
	struct bench *b = *state;

	open_case(b);
	bench_at(b, "2021-03-03T09:00");
	pb_Submission *s = bench_say(b, CASE, "ConsentRecorded", OWNER_LT, "{given_by: [PARENT]}");

	record_timestamp(s->occurred_at, cal_day_begins_ms(cal_from_date(2021, 2, 26)));
	bench_listen(b);
	bench_take(b, s, false, 0);
	STORY(b, "rejected OUT_OF_ORDER kept\n");
	assert_int_equal(file_of(b, CASE)->consent, CONSENT_STATE_UNKNOWN);
}

static void
test_a_refusal_says_by_which_row_and_fact(void **state)
{
	struct bench *b = *state;

	open_case(b);
	say(b, "StuckDeclared", "LOCAL_TEAM@LT-GM9902", "{stuck_on: MONEY}");
	STORY(b, "rejected NOT_OWNER\n");
	const pb_Basis *basis = b->said[0]->basis;

	assert_string_equal(basis->facts[0]->name, "actor_is_owner");
	assert_string_equal(basis->facts[0]->value, "false");
	assert_int_equal(basis->policy_hash.len, DIGEST_SIZE);
	assert_string_equal(basis->registry_version, "1.0.0");
	assert_true(basis->row[0] != '\0');
}

/* R10: which ages a centre admits is said by a row; an unknown age passes. */
static void
test_a_centre_admits_up_to_an_age(void **state)
{
	static const struct {
		const char *age, *story;
	} ages[] = {
	    {"UNDER_12", "set EC_DECISION"},
	    {"FROM_18_TO_20", "set EC_DECISION"},
	    {"FROM_21_TO_22", "rejected AGE_LIMIT"},
	    {"FROM_23", "rejected AGE_LIMIT"},
	    {"AGE_BAND_UNSPECIFIED", "set EC_DECISION"},
	};
	struct bench *b = *state;

	for (unsigned i = 0; i < COUNT_OF(ages); i++) {
		const char *id = arena_printf(&b->arena, "c-age-%u", i);
		const bool known = strncmp(ages[i].age, "AGE_", 4) != 0;

		open_as(b, id, 0, "CaseSubmitted", "PARENT@LT-GM9901",
			arena_printf(&b->arena, "{submitter: PARENT, asks: PROCESS_DIRECTION%s%s}",
				     known ? ", age_band: " : "", known ? ages[i].age : ""),
			place_1);
		bench_take(b, bench_say(b, id, "ConsentRecorded", OWNER_LT, "{given_by: [PARENT, YOUTH]}"), false, 0);
		bench_listen(b);
		bench_take(b,
			   bench_say(b, id, "EscalationRequested", OWNER_LT,
				     "{kind: EXPERTISE_CENTRE, considered_by: ET-JZ91}"),
			   false, 0);
		if (strstr(bench_story(b), ages[i].story) == NULL)
			fail_msg("%s: %s", ages[i].age, bench_story(b));
	}
}

static void
test_a_municipality_may_speak_for_its_local_team(void **state)
{
	struct bench *b = *state;

	open_case(b);
	say(b, "ConsentRecorded", "MUNICIPALITY@GM9901", "{given_by: [PARENT, YOUTH]}");
	STORY(b, "R80 SCREENING LOCAL\n");
	assert_int_equal(b->said[0]->route_decided->flags->n_consent_by, 2);
}

/* ---- deadlines and days ------------------------------------------------------------------------------------------ */

static void
test_a_deadline_is_warned_of_and_missed_once(void **state)
{
	struct bench *b = *state;

	open_as(b, CASE, 0, "CaseSubmitted", OWNER_LT, "{submitter: LOCAL_TEAM, asks: HELP}", place_1);
	bench_listen(b);
	bench_at(b, "2021-03-29T09:00");
	STORY(b, "near LOCAL_ATTEMPT 2021-03-29\n");
	bench_listen(b);
	bench_at(b, "2021-03-30T09:00");
	STORY(b, "missed LOCAL_ATTEMPT 2021-03-29\n"
		 "R24 LOCAL_ATTEMPT -> SCREENING LOCAL\n"
		 "set SCREENING 2021-04-08\n");
	assert_string_equal(b->said[0]->effect_date, "2021-03-30");
	bench_listen(b);
	say(b, "HelpRealised", OWNER_LT, "");
	STORY(b, "R42 SCREENING -> VERIFYING LOCAL\n"
		 "done SCREENING 2021-04-08\n"
		 "done LOCAL_ATTEMPT 2021-03-29 late 1\n"
		 "set EFFECT_CHECK 2021-05-11\n");
}

static void
test_an_open_case_always_has_a_next_deadline(void **state)
{
	struct bench *b = *state;

	open_case(b);
	bench_listen(b);
	bench_at(b, "2021-03-09T09:00");
	STORY(b, "near SCREENING 2021-03-08\n"
		 "missed SCREENING 2021-03-08\n"
		 "set REVIEW 2021-03-23\n");
	assert_string_equal(b->said[2]->basis->rule, "I2");
	bench_at(b, "2021-03-24T09:00");
	say(b, "ScreeningDecided", CHAIR, "{decision: ADVICE_ONLY}");
	STORY(b, "R22 SCREENING -> ADVICE LOCAL\n"
		 "set ADVICE 2021-04-09\n"
		 "done SCREENING 2021-03-08 late 12\n");
}

static void
test_a_measure_known_late_is_missed_the_day_after_it_became_known(void **state)
{
	struct bench *b = *state;

	bench_at(b, "2021-03-15T09:00");
	open_as(b, CASE, 0, "CourtMeasureRegistered", "MUNICIPALITY@GM9901",
		"{measure: SUPERVISION, pronounced_on: 2021-03-01, gi_informed_on: 2021-03-10}", place_court);
	STORY(b, "OPENED\n"
		 "R58 RECEIVED RECORDED LOCAL\n"
		 "R58 RECEIVED LOCAL\n"
		 "set MEASURE_START 2021-03-02\n"
		 "set PER_CHILD 2021-03-08\n"
		 "set HELP_START 2021-03-15\n"
		 "set PROTECTOR_CONTACT 2021-03-17\n"
		 "R61 RECEIVED LOCAL\n"
		 "set PROTECTION_PLAN 2021-04-12\n"
		 "R58 RECEIVED -> LOCAL_ATTEMPT LOCAL\n"
		 "owner GM9901\n");
	bench_listen(b);
	bench_at(b, "2021-03-16T09:00");
	STORY(b, "missed MEASURE_START 2021-03-02\n"
		 "missed PER_CHILD 2021-03-08\n"
		 "missed HELP_START 2021-03-15\n"
		 "R62 LOCAL_ATTEMPT -> SCREENING LOCAL\n"
		 "set SCREENING 2021-03-18\n"
		 "near PROTECTOR_CONTACT 2021-03-17\n");
}

static void
test_a_missed_action_goes_up_the_ladder_until_it_is_settled(void **state)
{
	struct bench *b = *state;

	execute_case(b, "[{id: A1, organisation: P-OTTER, due: 2021-03-05}, {id: A2, organisation: P-REE}]");
	STORY(b, "R28 DELIBERATION -> EXECUTING REGIONAL\n"
		 "done PLAN 2021-03-15\n"
		 "set ACTION/A1 2021-03-05\n"
		 "set ACTION/A2 2021-03-29\n"
		 "set REVIEW 2021-03-15\n");
	bench_listen(b);
	bench_at(b, "2021-03-08T09:00");
	STORY(b, "near ACTION/A1 2021-03-05\n"
		 "missed ACTION/A1 2021-03-05\n"
		 "R54 EXECUTING REGIONAL OFFICIAL\n"
		 "set ESCALATION_OFFICIAL 2021-03-12\n");
	say(b, "EscalationDecided", "MUNICIPALITY@GM9901",
	    "{kind: OFFICIAL, decision: RESOLVED, action_due: 2021-03-19}");
	STORY(b, "R52 EXECUTING REGIONAL\n"
		 "done ESCALATION_OFFICIAL 2021-03-12\n"
		 "set ACTION/A1 2021-03-19\n");
	say(b, "PlanActionCompleted", "PROVIDER@P-OTTER", "{action: A1}");
	STORY(b, "R29 EXECUTING REGIONAL\n"
		 "done ACTION/A1 2021-03-05 late 1\n"
		 "done ACTION/A1 2021-03-19\n");
	say(b, "PlanActionCompleted", "PROVIDER@P-OTTER", "{action: A1}");
	STORY(b, "rejected UNKNOWN_ACTION\n");
}

static void
test_executives_also_answer_what_the_officials_missed(void **state)
{
	struct bench *b = *state;

	execute_case(b, "[{id: A1, organisation: P-OTTER, due: 2021-03-05}]");
	bench_at(b, "2021-03-15T09:00");
	bench_listen(b);
	say(b, "EscalationDecided", "STEERING_GROUP@SG-JZ91", "{kind: EXECUTIVE, decision: RESOLVED}");
	STORY(b, "R52 EXECUTING REGIONAL\n"
		 "done ESCALATION_OFFICIAL 2021-03-12 late 1\n"
		 "done ESCALATION_EXECUTIVE 2021-03-26\n"
		 "set ACTION/A1 2021-04-14\n");
}

static void
test_who_is_asked_once_more_gets_a_term_of_its_own(void **state)
{
	struct bench *b = *state;

	open_case(b);
	say(b, "OwnerTransferRequested", OWNER_LT, "{to: ET-JZ91}");
	STORY(b, "R55 SCREENING LOCAL\n"
		 "owner LT-GM9901 asked ET-JZ91\n"
		 "set TRANSFER 2021-03-08\n");
	bench_at(b, "2021-03-09T09:00");
	say(b, "MandateGranted", "MUNICIPALITY@GM9901", "");
	say(b, "ScreeningDecided", CHAIR, "{decision: ACCEPT_PROCESS}");
	STORY(b, "R17 SCREENING -> QUEUED LOCAL OFFICIAL\n"
		 "set MEETING 2021-04-06\n"
		 "set TRANSFER 2021-03-16\n"
		 "done SCREENING 2021-03-08 late 1\n");
}

static void
test_support_ends_by_date(void **state)
{
	struct bench *b = *state;

	bench_at(b, "2021-12-20T09:00");
	open_as(b, "c-2", 0, "CaseSubmitted", "PARENT@LT-GM9903", "{submitter: PARENT, asks: CONSULTATION}", place_3);
	open_as(b, CASE, 1, "CaseSubmitted", "PARENT@DESK",
		"{submitter: PARENT, asks: HELP, channel: NATIONAL_DESK, tried: [MUNICIPALITY]}", place_1);
	say(b, "OwnerTransferAccepted", "NATIONAL_TEAM@NAT-VWS", "");
	bench_at(b, "2021-12-31T09:00");
	bench_listen(b);
	bench_at(b, "2022-01-01T00:05");
	STORY(b, "R13 LOCAL_ATTEMPT NATIONAL notes SUPPORT_ENDED\n"
		 "R13 SCREENING LOCAL offers EC-OOST\n");
	assert_string_equal(b->said[0]->case_id, CASE);
}

static void
test_being_down_changes_nothing(void **state)
{
	struct bench *b = *state;
	struct bench other;

	execute_case(b, "[{id: A1, organisation: P-OTTER}]");
	bench_at(b, "2021-06-01T09:00");
	say(b, "PlanReviewed", DIRECTOR, "");

	bench_open(&other, &routing_service, "2021-03-01T09:00");
	adopt_policy(&other);
	bench_restart(&other);
	adopt_registry(&other);
	execute_case(&other, "[{id: A1, organisation: P-OTTER}]");
	for (const char *const *at =
		 (const char *const[]){"2021-03-16T23:59", "2021-03-31T00:00", "2021-06-01T09:00", NULL};
	     *at != NULL; at++) {
		bench_restart(&other);
		bench_at(&other, *at);
	}
	say(&other, "PlanReviewed", DIRECTOR, "");
	assert_int_equal(bench_journal(b).seq, bench_journal(&other).seq);
	assert_true(digest_equal(bench_journal(b).digest, bench_journal(&other).digest));
	bench_close(&other);
}

/* ---- court measure, residence, consent, closing ------------------------------------------------------------------ */

static void
test_a_measure_makes_the_municipality_owner_at_once(void **state)
{
	struct bench *b = *state;

	queue_case(b);
	say(b, "CourtMeasureRegistered", "JUVENILE_COURT@KR-OOST",
	    "{measure: SUPERVISION, pronounced_on: 2021-03-01, family_group_plan: MADE}");
	STORY(b, "R58 QUEUED REGIONAL\n"
		 "R58 QUEUED REGIONAL\n"
		 "set MEASURE_START 2021-03-02\n"
		 "set PER_CHILD 2021-03-08\n"
		 "set HELP_START 2021-03-15\n"
		 "set PROTECTOR_CONTACT 2021-03-08\n"
		 "R58 QUEUED REGIONAL with ET-JZ91\n"
		 "owner GM9901 former ET-JZ91\n"
		 "R58 QUEUED RECORDED REGIONAL with ET-JZ91\n"
		 "R58 QUEUED REGIONAL with ET-JZ91\n"
		 "set MEETING 2021-03-08 replaces 2021-03-29\n");
	assert_int_equal(file_of(b, CASE)->track, TRACK_COURT_MEASURE);
	say(b, "OwnerTransferRequested", "MUNICIPALITY@GM9901", "{to: ET-JZ91}");
	STORY(b, "rejected WRONG_TRACK\n");
}

static void
test_moving_house_moves_the_funder_and_asks_for_another_owner(void **state)
{
	struct bench *b = *state;

	queue_case(b);
	say(b, "ResidenceChanged", "MUNICIPALITY@GM9902", "{municipality: GM9902}");
	STORY(b, "");
	bench_answer(b, SERVICE_TRIAGE, CASE, "RouteDecided", place_2);
	STORY(b, "R15 QUEUED REGIONAL\n"
		 "R15 QUEUED REGIONAL\n"
		 "set MANDATE 2021-03-08\n"
		 "R15 QUEUED REGIONAL\n"
		 "owner ET-JZ91 asked ET-JZ92\n"
		 "set TRANSFER 2021-03-08\n");
	assert_string_equal(file_of(b, CASE)->funder.s, "GM9902");
	assert_int_equal(file_of(b, CASE)->mandate, MANDATE_STATE_UNKNOWN);
}

static void
test_consent_withdrawn_brings_the_case_back_to_the_local_team(void **state)
{
	struct bench *b = *state;

	queue_case(b);
	say(b, "ConsentRecorded", DIRECTOR, "{given_by: [PARENT, YOUTH], purpose: SHARING}");
	say(b, "ConsentWithdrawn", DIRECTOR, "{withdrawn_by: [YOUTH]}");
	STORY(b, "R81 QUEUED REGIONAL\n"
		 "R81 QUEUED REGIONAL\n"
		 "owner ET-JZ91 asked LT-GM9901\n"
		 "set TRANSFER 2021-03-08\n");
	assert_int_equal(file_of(b, CASE)->consent_by, 1 << PERSON_PARENT);
	say(b, "OwnerTransferAccepted", OWNER_LT, "");
	assert_string_equal(file_of(b, CASE)->owner.s, "LT-GM9901");
	assert_int_equal(file_of(b, CASE)->state, CASE_STATE_LOCAL_ATTEMPT);
	say(b, "StuckDeclared", OWNER_LT, "{stuck_on: CONTENT}");
	STORY(b, "rejected NO_CONSENT\n");
}

static void
test_closing_ends_everything_but_the_evaluation(void **state)
{
	struct bench *b = *state;

	execute_case(b, "[{id: A1, organisation: P-OTTER}]");
	say(b, "CaseClosed", DIRECTOR, "{reason: SOLVED, level_solved: REGIONAL}");
	STORY(b, "rejected NOT_REALISED\n");
	say(b, "CaseClosed", DIRECTOR,
	    "{reason: DECEASED, approver_role: MUNICIPALITY, approver_organisation: GM9901}");
	STORY(b, "R42 EXECUTING -> CLOSED LOCAL\n"
		 "ended ACTION/A1 2021-03-29\n"
		 "ended REVIEW 2021-03-15\n"
		 "owner former ET-JZ91\n"
		 "R45 CLOSED LOCAL\n"
		 "set EVALUATION 2021-06-01\n");
	say(b, "PlanReviewed", DIRECTOR, "");
	STORY(b, "rejected CASE_CLOSED\n");
	bench_listen(b);
	bench_at(b, "2021-06-02T09:00");
	STORY(b, "near EVALUATION 2021-06-01\n"
		 "missed EVALUATION 2021-06-01\n");
	say(b, "CaseReopened", OWNER_LT, "");
	STORY(b, "R42 CLOSED -> SCREENING LOCAL\n"
		 "ended EVALUATION 2021-06-01\n"
		 "owner LT-GM9901\n"
		 "set SCREENING 2021-06-09\n");
	/* The plan ended with the case. */
	say(b, "PlanActionCompleted", "PROVIDER@P-OTTER", "{action: A1}");
	STORY(b, "rejected UNKNOWN_ACTION\n");
	say(b, "EscalationRequested", OWNER_LT, "{kind: OFFICIAL}");
	say(b, "EscalationDecided", "MUNICIPALITY@GM9901", "{kind: OFFICIAL, decision: RESOLVED}");
	STORY(b, "R52 SCREENING LOCAL\n"
		 "done ESCALATION_OFFICIAL 2021-06-09\n");
}

/* ---- no policy, odd content -------------------------------------------------------------------------------------- */

static void
test_without_a_policy_no_child_falls_between_two_desks(void **state)
{
	struct bench *b = *state;

	open_case(b);
	STORY(b, "OPENED\n"
		 "R47 RECEIVED RECORDED LOCAL\n"
		 "I1 RECEIVED -> SCREENING LOCAL notes INVARIANT_KEPT\n"
		 "owner LT-GM9901\n"
		 "set REVIEW 2021-03-15\n");
	bench_listen(b);
	bench_at(b, "2021-03-16T09:00");
	STORY(b, "near REVIEW 2021-03-15\n"
		 "missed REVIEW 2021-03-15\n"
		 "set REVIEW 2021-03-30\n");
}

static void
test_a_decision_explains_itself(void **state)
{
	struct bench *b = *state;

	open_case(b);
	const pb_Basis *basis = b->said[1]->basis;

	assert_string_equal(basis->row, "R2.4");
	assert_int_equal(basis->n_near, 4);
	assert_string_equal(basis->near[0]->row, "R1.1");
	assert_string_equal(basis->near[0]->fact, "is_new");
	assert_string_equal(basis->near[0]->value, "true");
	assert_string_equal(basis->facts[0]->name, "municipality");
	assert_string_equal(basis->facts[0]->value, "GM9901");
}

/* ---- any history ------------------------------------------------------------------------------------------------- */

/* Kinds and fields of everything that may be said about a case; odd combinations are the point. */
static const struct {
	const char *kind, *fields;
} sayings[] = {
    {"CaseInfoSupplemented", "{age_band: UNDER_12}"},
    {"ConsentRecorded", "{given_by: [PARENT, YOUTH]}"},
    {"ConsentWithdrawn", "{}"},
    {"ScreeningDecided", "{decision: ACCEPT_PROCESS}"},
    {"ScreeningDecided", "{decision: ACCEPT_PROCESS}"},
    {"ScreeningDecided", "{decision: ACCEPT_SUPPORT}"},
    {"ScreeningDecided", "{decision: ADVICE_ONLY}"},
    {"ScreeningDecided", "{decision: RETURN}"},
    {"ScreeningDecided", "{decision: REDIRECT, redirect_to: ET-JZ92}"},
    {"AdviceGiven", "{}"},
    {"StuckDeclared", "{stuck_on: CONTENT}"},
    {"MandateGranted", "{}"},
    {"MandateRefused", "{}"},
    {"MeetingScheduled", "{meeting_on: 2021-06-14}"},
    {"MeetingScheduled", "{meeting_on: 2019-06-14}"},
    {"ParticipantInvited", "{participants: [PARENT, YOUTH]}"},
    {"MeetingHeld", "{present: [PARENT]}"},
    {"MeetingHeld", "{present: [PARENT]}"},
    {"PlanAgreed", "{actions: [{id: A1, organisation: P-X}, {id: A2, organisation: P-Y, due: 2021-05-01}]}"},
    {"PlanAgreed", "{actions: [{id: A1, organisation: P-X}, {id: A1, organisation: P-Y}]}"},
    {"PlanReviewed", "{}"},
    {"PlanActionCompleted", "{action: A1}"},
    {"WaitingTimeRecorded", "{expected_days: 60}"},
    {"BridgingCareStarted", "{}"},
    {"BridgingCareEnded", "{}"},
    {"HelpRealised", "{}"},
    {"HelpRealised", "{}"},
    {"HelpEffectiveConfirmed", "{}"},
    {"HelpNotEffective", "{}"},
    {"EscalationRequested", "{kind: EXPERTISE_CENTRE, considered_by: ET-JZ91}"},
    {"EscalationRequested", "{kind: NATIONAL_TEAM}"},
    {"EscalationRequested", "{kind: OFFICIAL}"},
    {"EscalationRequested", "{kind: EXECUTIVE}"},
    {"EscalationDecided", "{kind: EXPERTISE_CENTRE, decision: ACCEPTED}"},
    {"EscalationDecided", "{kind: OFFICIAL, decision: RESOLVED}"},
    {"EscalationDecided", "{kind: EXECUTIVE, decision: UNRESOLVED}"},
    {"OwnerTransferRequested", "{to: LT-GM9901}"},
    {"OwnerTransferRequested", "{to: NAT-VWS}"},
    {"OwnerTransferRequested", "{to: ET-JZ91}"},
    {"OwnerTransferAccepted", "{}"},
    {"OwnerTransferAccepted", "{}"},
    {"OwnerTransferRefused", "{}"},
    {"NationalDeskAnswered", "{answer: REFERRED_NATIONAL}"},
    {"CourtMeasureRegistered", "{measure: SUPERVISION, pronounced_on: 2021-03-02}"},
    {"MeasureExecutionStarted", "{}"},
    {"PerChildAgreementRecorded", "{covers_help: true, covers_protection: true}"},
    {"ProtectorAssigned", "{}"},
    {"FirstContactHeld", "{}"},
    {"ProtectionPlanAdopted", "{}"},
    {"MeasureEnded", "{}"},
    {"ClosedPlacementRequested", "{}"},
    {"AuthorisationGranted", "{kind: FULL}"},
    {"AuthorisationExtended", "{valid_until: 2022-05-01}"},
    {"ClosedPlacementStarted", "{provider: P-X, reason: SAFETY, top100: true}"},
    {"ClosedPlacementEnded", "{}"},
    {"LivingPerspectiveSet", "{}"},
    {"SuicidalBehaviourRegistered", "{}"},
    {"RiskPlanRecorded", "{}"},
    {"CceInvolved", "{}"},
    {"CalamityReportRecorded", "{}"},
    {"ResidenceChanged", "{municipality: GM9902}"},
    {"CaseScaledDown", "{to_level: LOCAL}"},
    {"CaseClosed", "{reason: SOLVED}"},
    {"CaseClosed", "{reason: DUPLICATE, approver_role: MUNICIPALITY, approver_organisation: GM9901}"},
    {"CaseReopened", "{}"},
    {"CaseReopened", "{}"},
    {"CaseReopened", "{}"},
    {"CaseReopened", "{}"},
    {"EvaluationRecorded", "{}"},
};

static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % below;
}

static const char *
somebody(struct bench *b, uint64_t *seed)
{
	const struct case_file *file = file_of(b, CASE);
	const struct code centre = file->centre;
	const struct code codes[] = {file->owner,  file->owner,   file->owner,      file->team, file->team,
				     file->funder, file->pending, file->last_owner, centre};

	return arena_printf(&b->arena, "MUNICIPALITY@%s", codes[draw(seed, COUNT_OF(codes))].s);
}

/* I1 to I4 of the domain rules, and the indexes in step with the file. */
static void
check_invariants(struct bench *b)
{
	const struct case_file *file = file_of(b, CASE);
	struct routing *routing = node_self(b->node);
	struct store_txn *txn = store_begin_read(node_store(b->node));
	unsigned warnings = 0;

	assert_string_not_equal(file->funder.s, "");
	if (case_is_open(file)) {
		assert_string_not_equal(file->owner.s, "");
		assert_int_not_equal(file->deadline_count, 0);
		if (file->track != TRACK_VOLUNTARY)
			assert_int_equal(organisation_kind(file->owner.s), ORGANISATION_KIND_MUNICIPALITY);
	} else {
		assert_string_equal(file->owner.s, "");
		assert_int_equal(file->supporters.count, 0);
	}
	assert_false(code_set_has(&file->supporters, file->owner));
	assert_int_equal(file->level, case_level(file));
	for (unsigned i = 0; i < file->deadline_count; i++) {
		warnings += file->deadlines[i].warn_on != CAL_NONE;
		assert_true(case_deadline_missed_on(&file->deadlines[i]) > b->today);
	}
	assert_int_equal(store_count(txn, routing->state.due), file->deadline_count);
	assert_int_equal(store_count(txn, routing->state.warn), warnings);
	if (file->meeting_on != CAL_NONE) {
		assert_true(case_is_open(file));
		assert_int_not_equal((case_deadline_kinds(file->deadlines, file->deadline_count) |
				      case_deadline_kinds(file->missed, file->missed_count)) >>
					     DEADLINE_KIND_MEETING &
					 1,
				     0);
	}
	assert_int_equal(store_count(txn, routing->state.agenda),
			 file->meeting_on != CAL_NONE && !code_is_empty(file->team) ? 1 : 0);
	assert_int_equal(store_count(txn, routing->state.youth), case_is_open(file) ? 1 : 0);
	assert_int_equal(routing_top100(&routing->state, txn), file->in_top100 && case_is_open(file) ? 1 : 0);
	store_abort(txn);
}

static void
live(struct bench *b, uint64_t seed)
{
	open_case(b);
	for (unsigned i = 0; i < 400; i++) {
		const unsigned n = draw(&seed, COUNT_OF(sayings));

		if (draw(&seed, 3) == 0) {
			char date[11];

			cal_format(b->today + (cal_day)draw(&seed, 12), date);
			bench_listen(b);
			bench_at(b, arena_printf(&b->arena, "%sT23:59", date));
			check_invariants(b);
		}
		say(b, sayings[n].kind, somebody(b, &seed), sayings[n].fields);
		if (strcmp(sayings[n].kind, "ResidenceChanged") == 0)
			bench_answer(b, SERVICE_TRIAGE, CASE, "RouteDecided", draw(&seed, 2) == 0 ? place_2 : place_3);
		assert_int_not_equal(b->said_count, 0);
		check_invariants(b);
		if (b->arena.taken > (64u << 20))
			arena_reset(&b->arena);
	}
}

static void
test_no_history_breaks_the_invariants_and_all_can_be_replayed(void **state UNUSED)
{
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct bench b[2];

		for (unsigned i = 0; i < 2; i++) {
			bench_open(&b[i], &routing_service, "2021-03-01T09:00");
			adopt_policy(&b[i]);
			adopt_registry(&b[i]);
			live(&b[i], seed);
		}
		assert_int_equal(bench_journal(&b[0]).seq, bench_journal(&b[1]).seq);
		assert_true(digest_equal(bench_journal(&b[0]).digest, bench_journal(&b[1]).digest));
		for (unsigned i = 0; i < 2; i++)
			bench_close(&b[i]);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_a_case_opens_when_triage_has_found_its_place),
	    TEST(test_what_triage_rejects_does_not_open),
	    TEST(test_a_second_submission_for_the_same_youth_joins_the_open_case),
	    TEST(test_a_youth_whose_case_is_closed_gets_a_new_one),
	    TEST(test_a_region_without_team_gets_offers_and_its_municipality_screens),
	    TEST(test_an_older_fact_is_kept_and_not_applied),
	    TEST(test_a_refusal_says_by_which_row_and_fact),
	    TEST(test_a_centre_admits_up_to_an_age),
	    TEST(test_a_municipality_may_speak_for_its_local_team),
	    TEST(test_a_deadline_is_warned_of_and_missed_once),
	    TEST(test_an_open_case_always_has_a_next_deadline),
	    TEST(test_a_measure_known_late_is_missed_the_day_after_it_became_known),
	    TEST(test_a_missed_action_goes_up_the_ladder_until_it_is_settled),
	    TEST(test_executives_also_answer_what_the_officials_missed),
	    TEST(test_who_is_asked_once_more_gets_a_term_of_its_own),
	    TEST(test_support_ends_by_date),
	    TEST(test_being_down_changes_nothing),
	    TEST(test_a_measure_makes_the_municipality_owner_at_once),
	    TEST(test_moving_house_moves_the_funder_and_asks_for_another_owner),
	    TEST(test_consent_withdrawn_brings_the_case_back_to_the_local_team),
	    TEST(test_closing_ends_everything_but_the_evaluation),
	    TEST(test_a_decision_explains_itself),
	    cmocka_unit_test_setup_teardown(test_without_a_policy_no_child_falls_between_two_desks, setup_empty,
					    teardown),
	    cmocka_unit_test(test_no_history_breaks_the_invariants_and_all_can_be_replayed),
	};
	return cmocka_run_group_tests_name("routing, records in and out", tests, NULL, NULL);
}
