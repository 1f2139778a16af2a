// SPDX-License-Identifier: EUPL-1.2
/* Monitoring: answers of routing and signalling in, pictures of cases out; and questions about them. */
#include "tests/service/bench.h"

#include "common/metrics.h"

#define PLACE "level: LOCAL, governance: NONE, funder: GM9901, region: JZ91, team: ET-JZ91, expertise_centre: EC-TEST"

/* ---- words of these tests ---------------------------------------------------------------------------------------- */

static void
says(struct bench *b, const char *kind, const char *fields)
{
	bench_answer(b, SERVICE_ROUTING, "case-1", kind, fields);
}

static void
route(struct bench *b, const char *case_id, const char *fields)
{
	bench_answer(b, SERVICE_ROUTING, case_id, "RouteDecided",
		     arena_printf(&b->arena, "{%s%s" PLACE "}", fields, fields[0] == '\0' ? "" : ", "));
}

static void
opens(struct bench *b, const char *case_id, const char *fields)
{
	bench_take(b, bench_say(b, case_id, "CaseSubmitted", "LOCAL_TEAM@LT-GM9901", fields), true, 0);
	bench_answer(b, SERVICE_ROUTING, case_id, "CaseOpened", "{kind: OPENED}");
	route(b, case_id, "kind: OPENED, track: VOLUNTARY, to_state: SCREENING");
	bench_answer(b, SERVICE_ROUTING, case_id, "OwnerAssigned", "{owner: LT-GM9901}");
	bench_answer(b, SERVICE_ROUTING, case_id, "DeadlineSet",
		     "{kind: SCREENING, due: 2021-03-08, start: 2021-03-01, rule: R17}");
}

static void
accepted(struct bench *b, const char *kind, const char *actor, const char *fields)
{
	bench_take(b, bench_say(b, "case-1", kind, actor, fields), false, 0);
	route(b, "case-1", "kind: RECORDED, track: VOLUNTARY, to_state: EXECUTING");
}

static const pb_CaseView *
picture(struct bench *b)
{
	const pb_Answer *last = bench_last(b, DOORBRAAK__V1__ANSWER__BODY_CASE_STATE);

	assert_non_null(last);
	assert_string_equal(last->case_id, last->case_state->case_id);
	assert_int_equal(last->cause, last->case_state->as_of);
	return last->case_state;
}

static const pb_CasesReply *
ask(struct bench *b, const pb_CasesRequest *request)
{
	struct store_txn *txn = store_begin_read(node_store(b->node));
	pb_CasesReply reply;
	struct why why;

	pb_CasesReply_init(&reply);
	if (!monitoring_service.cases(node_self(b->node), txn, request, &reply, &why))
		fail_msg("%s", why.text);
	const struct bytes packed = RECORD_PACK(&b->arena, &reply);
	store_abort(txn);
	const pb_CasesReply *read = record_unpack(&b->arena, &pb_CasesReply_descriptor, packed, RECORD_REPLY_MAX, &why);
	assert_non_null(read);
	return read;
}

static const char *
deadlines(struct bench *b, const pb_CaseView *v)
{
	const char *text = "";

	for (size_t i = 0; i < v->n_deadlines; i++)
		text = arena_printf(&b->arena, "%s%s%s%s%s %s", text, i == 0 ? "" : ", ",
				    record_code_of("DeadlineKind", (int)v->deadlines[i]->kind),
				    v->deadlines[i]->reference[0] == '\0' ? "" : "/", v->deadlines[i]->reference,
				    v->deadlines[i]->due);
	return text;
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

static void
test_a_case_is_told_once_it_is_whole(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	bench_take(&b, bench_say(&b, "case-1", "CaseSubmitted", "LOCAL_TEAM@LT-GM9901", ""), true, 0);
	route(&b, "case-1", "kind: OPENED, track: VOLUNTARY, to_state: SCREENING");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "OwnerAssigned", "{owner: LT-GM9901}");
	assert_int_equal(b.said_count, 0); /* no deadline yet: not whole */
	says(&b, "DeadlineSet", "{kind: SCREENING, due: 2021-03-08, rule: R17}");
	assert_int_equal(b.said_count, 1);
	const pb_CaseView *v = picture(&b);
	assert_int_equal(v->state, CASE_STATE_SCREENING);
	assert_string_equal(v->owner, "LT-GM9901");
	assert_string_equal(v->region, "JZ91");
	assert_string_equal(v->submitted_on, "2021-03-01");
	assert_string_equal(v->next->due, "2021-03-08");
	assert_string_equal(v->next->rule, "R17");
	says(&b, "OwnerAssigned", "{owner: LT-GM9901}");
	assert_int_equal(b.said_count, 1); /* nothing changed */
	bench_close(&b);
}

/* Who follows a place where the case no longer is hears it once, before the picture, and only that. */
static void
test_a_case_that_goes_elsewhere_says_so_where_it_was(void **state UNUSED)
{
	const char *topics[RECORD_TOPICS_MAX];
	struct record r = {0};
	struct bench b;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	opens(&b, "case-1", "");
	assert_null(bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_CASE_LEFT));
	bench_listen(&b);
	says(&b, "OwnerAssigned", "{owner: ET-B}");
	assert_int_equal(b.said_count, 2);
	assert_string_equal(b.said[0]->case_left->owner, "LT-GM9901");
	assert_string_equal(b.said[0]->case_left->region, "");
	assert_string_equal(b.said[1]->case_state->owner, "ET-B");
	bench_listen(&b);
	bench_answer(&b, SERVICE_ROUTING, "case-1", "RouteDecided",
		     "{kind: TRANSITION, track: VOLUNTARY, to_state: SCREENING, region: JZ92, team: ET-B, "
		     "expertise_centre: EC-B}");
	const pb_Answer *said = bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_CASE_LEFT);

	assert_string_equal(said->case_id, "case-1");
	assert_string_equal(said->case_left->region, "JZ91");
	assert_string_equal(said->case_left->owner, "");
	assert_string_equal(picture(&b)->region, "JZ92");
	r.answer = said;
	const unsigned count = record_topics(&b.arena, &r, topics);

	assert_true(record_topics_match(topics, count, (char *[]){(char[]){"region/JZ91"}}, 1));
	assert_false(record_topics_match(topics, count, (char *[]){(char[]){"region/JZ92"}}, 1));
	assert_false(record_topics_match(topics, count, (char *[]){(char[]){"owner/"}}, 1));
	bench_close(&b);
}

static void
test_deadlines_stand_in_their_order(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	opens(&b, "case-1", "");
	says(&b, "DeadlineSet", "{kind: ACTION, reference: A2, due: 2021-03-05}");
	says(&b, "DeadlineSet", "{kind: REVIEW, due: 2021-03-05}");
	says(&b, "DeadlineSet", "{kind: ACTION, reference: A1, due: 2021-03-05}");
	says(&b, "DeadlineSet", "{kind: MEETING, due: 2021-03-05}");
	assert_string_equal(
	    deadlines(&b, picture(&b)),
	    "MEETING 2021-03-05, ACTION/A1 2021-03-05, ACTION/A2 2021-03-05, REVIEW 2021-03-05, SCREENING 2021-03-08");
	says(&b, "DeadlineSet", "{kind: MEETING, due: 2021-03-20, replaces: 2021-03-05}");
	says(&b, "DeadlineCleared", "{kind: MEETING, due: 2021-03-05, superseded: true}"); /* the former one */
	says(&b, "DeadlineMissed", "{kind: ACTION, reference: A1, due: 2021-03-05}");
	says(&b, "DeadlineCleared", "{kind: ACTION, reference: A2, due: 2021-03-05}");
	assert_string_equal(deadlines(&b, picture(&b)), "REVIEW 2021-03-05, SCREENING 2021-03-08, MEETING 2021-03-20");
	bench_close(&b);
}

/* The same deadline was set anew and missed again: two signals, and each is taken up by itself. */
static void
test_each_due_day_has_a_signal_of_its_own(void **state UNUSED)
{
#define ABOUT "{code: S02_DEADLINE_MISSED, subject: CASE, subject_id: case-1, stage: 1, deadline_kind: REVIEW, "
	struct bench b;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	opens(&b, "case-1", "");
	bench_answer(&b, SERVICE_SIGNALLING, "case-1", "SignalRaised", ABOUT "due: 2021-03-01}");
	bench_answer(&b, SERVICE_SIGNALLING, "case-1", "SignalRaised", ABOUT "due: 2021-03-08}");
	bench_answer(&b, SERVICE_SIGNALLING, "case-1", "SignalUpdated",
		     ABOUT "due: 2021-03-08, change: ACKNOWLEDGED, follow_up: DONE, by: GM9901}");
	const pb_CaseView *v = picture(&b);
	assert_int_equal(v->n_signals, 2);
	assert_string_equal(v->signals[0]->acknowledged_by, "");
	assert_string_equal(v->signals[1]->acknowledged_by, "GM9901");
	bench_answer(&b, SERVICE_SIGNALLING, "case-1", "SignalCleared", ABOUT "due: 2021-03-01}");
	v = picture(&b);
	assert_int_equal(v->n_signals, 1);
	assert_string_equal(v->signals[0]->due, "2021-03-08");
	bench_close(&b);
#undef ABOUT
}

/* "3 of 2 TIMES, ET-JZ91 TAKEN_UP" of the only open signal. */
static const char *
open_signal(struct bench *b)
{
	const pb_CaseView *v = picture(b);

	assert_int_equal(v->n_signals, 1);
	const pb_OpenSignal *s = v->signals[0];
	return arena_printf(&b->arena, "stage %d, %d of %d %s, %s %s", s->stage, s->evidence, s->threshold, s->unit,
			    s->acknowledged_by, record_code_of("FollowUpCode", (int)s->follow_up));
}

static void
test_a_case_shows_what_is_done_with_a_signal_and_its_evidence(void **state UNUSED)
{
#define ABOUT "code: S08_HELP_NOT_EFFECTIVE, subject: CASE, subject_id: case-1, "
	static const struct {
		const char *name, *with, *shown;
	} steps[] = {
	    {"SignalRaised", "{" ABOUT "stage: 1, evidence: 1, threshold: 1, unit: EVENTS}",
	     "stage 1, 1 of 1 EVENTS,  UNSPECIFIED"},
	    {"SignalUpdated",
	     "{" ABOUT
	     "stage: 1, change: ACKNOWLEDGED, evidence: 1, threshold: 1, unit: EVENTS, follow_up: NOT_FOR_US, "
	     "by: GM9901}",
	     "stage 1, 1 of 1 EVENTS, GM9901 NOT_FOR_US"},
	    {"SignalUpdated",
	     "{" ABOUT "stage: 1, change: NOT_ACKNOWLEDGED, evidence: 1, threshold: 1, unit: EVENTS, to: [ALDERMEN]}",
	     "stage 1, 1 of 1 EVENTS, GM9901 NOT_FOR_US"},
	    {"SignalUpdated",
	     "{" ABOUT "stage: 1, change: ACKNOWLEDGED, evidence: 1, threshold: 1, unit: EVENTS, follow_up: TAKEN_UP, "
	     "by: ET-JZ91}",
	     "stage 1, 1 of 1 EVENTS, ET-JZ91 TAKEN_UP"},
	    /* Of another signal. */
	    {"SignalUpdated",
	     "{code: S03_NO_MOVEMENT, subject: CASE, subject_id: case-1, stage: 1, change: EVIDENCE_GREW, evidence: 9}",
	     "stage 1, 1 of 1 EVENTS, ET-JZ91 TAKEN_UP"},
	    /* A higher stage is for others to take up. */
	    {"SignalRaised", "{" ABOUT "stage: 2, evidence: 2, threshold: 2, unit: TIMES}",
	     "stage 2, 2 of 2 TIMES,  UNSPECIFIED"},
	    {"SignalUpdated", "{" ABOUT "stage: 2, change: EVIDENCE_GREW, evidence: 3, threshold: 2, unit: TIMES}",
	     "stage 2, 3 of 2 TIMES,  UNSPECIFIED"},
	};
#undef ABOUT
	struct bench b;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	opens(&b, "case-1", "");
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		bench_answer(&b, SERVICE_SIGNALLING, "case-1", steps[i].name, steps[i].with);
		assert_string_equal(open_signal(&b), steps[i].shown);
	}
	bench_close(&b);
}

static void
test_signals_come_and_go(void **state UNUSED)
{
	static const char *const steps[] = {
	    "SignalRaised {code: S08_HELP_NOT_EFFECTIVE, subject: CASE, subject_id: case-1, stage: 1}",
	    "SignalRaised {code: S02_DEADLINE_MISSED, subject: CASE, subject_id: case-1, stage: 1, deadline_kind: "
	    "REVIEW}",
	    "SignalRaised {code: S02_DEADLINE_MISSED, subject: CASE, subject_id: case-1, stage: 1, deadline_kind: "
	    "PLAN}",
	    "SignalRaised {code: S08_HELP_NOT_EFFECTIVE, subject: CASE, subject_id: case-1, stage: 2}",
	    "SignalCleared {code: S02_DEADLINE_MISSED, subject: CASE, subject_id: case-1, stage: 1, deadline_kind: "
	    "REVIEW}",
	};
	struct bench b;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	opens(&b, "case-1", "");
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		const char *fields = strchr(steps[i], ' ');

		bench_at(&b, arena_printf(&b.arena, "2021-03-0%zuT10:00", i + 1));
		bench_answer(&b, SERVICE_SIGNALLING, "case-1",
			     arena_printf(&b.arena, "%.*s", (int)(fields - steps[i]), steps[i]), fields + 1);
	}
	const pb_CaseView *v = picture(&b);
	assert_int_equal(v->n_signals, 2);
	assert_int_equal(v->signals[0]->code, SIGNAL_CODE_S02_DEADLINE_MISSED);
	assert_string_equal(v->signals[0]->raised_on, "2021-03-03"); /* PLAN's */
	assert_int_equal(v->signals[0]->deadline_kind, DEADLINE_KIND_PLAN);
	assert_int_equal(v->signals[1]->code, SIGNAL_CODE_S08_HELP_NOT_EFFECTIVE);
	assert_int_equal(v->signals[1]->stage, 2);
	assert_string_equal(v->signals[1]->raised_on, "2021-03-01");
	bench_close(&b);
}

static void
test_the_base_set_takes_what_accepted_messages_say(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	opens(
	    &b, "case-1",
	    "{municipality: GM9901, submitter: PARENT, asks: HELP, age_band: FROM_12_TO_15, care_domains: [GGZ, J_O], "
	    "stuck_on: CONTENT}");
	bench_at(&b, "2021-03-03T10:00");
	accepted(&b, "ScreeningDecided", "CHAIR@ET-JZ91", "{decision: ACCEPT_PROCESS, criteria: [STUCK_ON_CONTENT]}");
	bench_at(&b, "2021-03-10T10:00");
	accepted(&b, "ParticipantInvited", "CHAIR@ET-JZ91", "{participants: [PARENT, YOUTH]}");
	accepted(&b, "MeetingHeld", "CHAIR@ET-JZ91", "{present: [PARENT]}");
	accepted(&b, "PlanAgreed", "CHAIR@ET-JZ91",
		 "{has_goal: true, actions: [{id: A1, organisation: P-OTTER}, {id: A2, organisation: P-EGEL}]}");
	says(&b, "DeadlineSet", "{kind: ACTION, reference: A1, due: 2021-04-09}");
	says(&b, "DeadlineSet", "{kind: ACTION, reference: A2, due: 2021-04-09}");
	bench_at(&b, "2021-04-10T10:00");
	says(&b, "DeadlineMissed", "{kind: ACTION, reference: A1, due: 2021-04-09}");
	says(&b, "DeadlineMissed", "{kind: ACTION, reference: A1, due: 2021-04-09}");
	accepted(&b, "PlanActionCompleted", "PROVIDER@P-EGEL", "{action: A2}");
	bench_take(&b, bench_say(&b, "case-1", "HelpRealised", "LOCAL_TEAM@LT-GM9901", "{help_kind: TAILORED}"), false,
		   0);
	says(&b, "MessageRejected", "{reason: WRONG_STATE}");

	const pb_CaseView *v = picture(&b);
	const pb_BaseSet *base = v->base_set;
	assert_int_equal(base->submitter, SUBMITTER_KIND_PARENT);
	assert_int_equal(base->age_band, AGE_BAND_FROM_12_TO_15);
	assert_int_equal(base->n_care_domains, 2);
	assert_int_equal(base->care_domains[0], CARE_DOMAIN_J_O);
	assert_int_equal(base->screening, SCREENING_DECISION_ACCEPT_PROCESS);
	assert_int_equal(base->criteria[0], COMPLEXITY_CRITERION_STUCK_ON_CONTENT);
	assert_string_equal(base->accepted_on, "2021-03-03");
	assert_string_equal(base->meetings_on[0], "2021-03-10");
	assert_int_equal(base->agenda_delay_days, 7);
	assert_int_equal(base->meetings_with_submitter, 1);
	assert_int_equal(base->meetings_family_invited, 1);
	assert_true(base->plan_has_goal && base->plan_has_tasks && !base->plan_has_roles);
	assert_int_equal(base->n_actions, 2);
	assert_string_equal(base->actions[0]->organisation, "P-EGEL");
	assert_int_equal(base->actions[0]->done, 1);
	assert_int_equal(base->actions[1]->late, 1); /* missed twice, one action */
	assert_string_equal(v->actions[0]->due, "2021-04-09");
	assert_string_equal(v->actions[1]->done_on, "2021-04-10");
	assert_string_equal(v->realised_on, ""); /* routing rejected it */
	assert_int_equal(base->times_realised, 0);
	bench_close(&b);
}

static void
test_criteria_of_triage_count_when_routing_accepts(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	bench_take(&b, bench_say(&b, "case-1", "CaseSubmitted", "LOCAL_TEAM@LT-GM9901", ""), true, 0);
	bench_answer(&b, SERVICE_TRIAGE, "case-1", "RouteDecided",
		     "{kind: RECORDED, criteria: [SEVERAL_LIFE_DOMAINS]}");
	route(&b, "case-1", "kind: OPENED, track: VOLUNTARY, to_state: SCREENING");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "OwnerAssigned", "{owner: LT-GM9901}");
	says(&b, "DeadlineSet", "{kind: SCREENING, due: 2021-03-08}");
	assert_int_equal(picture(&b)->base_set->n_criteria, 1);
	bench_close(&b);
}

static void
test_a_closed_case_waits_for_its_evaluation(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	opens(&b, "case-1", "");
	bench_listen(&b);
	bench_take(
	    &b, bench_say(&b, "case-1", "CaseClosed", "LOCAL_TEAM@LT-GM9901", "{reason: SOLVED, level_solved: LOCAL}"),
	    false, 0);
	route(&b, "case-1", "kind: TRANSITION, track: VOLUNTARY, to_state: CLOSED");
	assert_int_equal(b.said_count, 0); /* closed, and still owned: not whole */
	says(&b, "OwnerAssigned", "{former: LT-GM9901}");
	says(&b, "DeadlineCleared", "{kind: SCREENING, due: 2021-03-08, superseded: true}");
	says(&b, "DeadlineSet", "{kind: EVALUATION, due: 2021-06-01}");
	const pb_CaseView *v = picture(&b);
	assert_string_equal(v->closed_on, "2021-03-01");
	assert_int_equal(v->close_reason, CLOSE_REASON_SOLVED);
	assert_string_equal(v->next->due, "2021-06-01");
	assert_string_equal(v->evaluation_due, "2021-06-01");
	bench_at(&b, "2021-06-02T00:05");
	says(&b, "DeadlineMissed", "{kind: EVALUATION, due: 2021-06-01}");
	assert_null(picture(&b)->next);
	assert_string_equal(picture(&b)->evaluation_due, "2021-06-01");
	bench_close(&b);
}

/* ---- questions --------------------------------------------------------------------------------------------------- */

static void
test_cases_are_found_by_id_alias_and_filter_page_by_page(void **state UNUSED)
{
	struct bench b;
	pb_CasesRequest request;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	for (int i = 1; i <= 5; i++)
		opens(&b, arena_printf(&b.arena, "case-%d", i), "");
	bench_take(&b, bench_say(&b, "case-6", "CaseSubmitted", "PARENT@DESK", ""), true, 0);
	bench_answer(&b, SERVICE_ROUTING, "case-6", "CaseOpened", "{kind: LINKED, linked_to: case-2}");

	pb_CasesRequest_init(&request);
	request.case_id = record_text(&b.arena, "case-6");
	assert_string_equal(ask(&b, &request)->cases[0]->case_state->case_id, "case-2");
	request.case_id = record_text(&b.arena, "case-7");
	assert_int_equal(ask(&b, &request)->n_cases, 0);

	pb_CasesRequest_init(&request);
	request.limit = 2;
	request.region = record_text(&b.arena, "JZ91");
	request.open_only = true;
	const pb_CasesReply *page = ask(&b, &request);
	assert_int_equal(page->n_cases, 2);
	request.after = page->next;
	page = ask(&b, &request);
	assert_string_equal(page->cases[0]->case_id, "case-3");
	request.after = page->next;
	page = ask(&b, &request);
	assert_int_equal(page->n_cases, 1);
	assert_string_equal(page->next, "");
	request.after = record_text(&b.arena, "");
	request.owner = record_text(&b.arena, "ET-JZ91");
	assert_int_equal(ask(&b, &request)->n_cases, 0);

	pb_CasesRequest_init(&request);
	request.limit = 2;
	assert_string_equal(ask(&b, &request)->next, "case-2"); /* without conditions: the last case */
	bench_close(&b);
}

static void
test_an_answer_to_a_question_is_what_was_journaled(void **state UNUSED)
{
	struct bench b;
	pb_CasesRequest request;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	opens(&b, "case-1", "{municipality: GM9901, submitter: PARENT, asks: HELP}");
	pb_CasesRequest_init(&request);
	request.case_id = record_text(&b.arena, "case-1");
	bench_restart(&b);
	const pb_CasesReply *reply = ask(&b, &request);
	assert_true(
	    bytes_equal(RECORD_PACK(&b.arena, reply->cases[0]->case_state), RECORD_PACK(&b.arena, picture(&b))));
	bench_close(&b);
}

static void
test_figures_are_counted_as_cases_change(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	for (int i = 1; i <= 3; i++)
		opens(&b, arena_printf(&b.arena, "case-%d", i), "");
	route(&b, "case-2", "kind: TRANSITION, track: VOLUNTARY, to_state: QUEUED");
	route(&b, "case-3", "kind: TRANSITION, track: VOLUNTARY, to_state: CLOSED");
	bench_answer(&b, SERVICE_SIGNALLING, "case-1", "SignalRaised",
		     "{code: S02_DEADLINE_MISSED, subject: CASE, subject_id: case-1, stage: 1, deadline_kind: REVIEW}");
	for (int i = 0; i < 2; i++)
		bench_answer(&b, SERVICE_SIGNALLING, "", "SignalRaised",
			     "{code: S26_EVALUATION_OVERDUE, subject: TEAM, subject_id: ET-JZ91, stage: 2}");

	struct store_txn *txn = store_begin_read(node_store(b.node));
	struct metrics *metrics = metrics_begin(store_arena(txn));
	monitoring_service.figures(node_self(b.node), txn, metrics);
	const char *text = arena_str(&b.arena, metrics_end(metrics));
	store_abort(txn);
	assert_non_null(strstr(text, "doorbraak_open_cases{state=\"SCREENING\",track=\"VOLUNTARY\"} 1\n"));
	assert_non_null(strstr(text, "doorbraak_open_cases{state=\"QUEUED\",track=\"VOLUNTARY\"} 1\n"));
	assert_null(strstr(text, "CLOSED"));
	assert_non_null(strstr(text, "doorbraak_overdue_deadlines{kind=\"REVIEW\"} 1\n"));
	assert_non_null(strstr(text, "doorbraak_open_signals{code=\"S26_EVALUATION_OVERDUE\"} 1\n"));
	bench_close(&b);
}

/* ---- erasure ------------------------------------------------------------------------------------------------------ */

static void
closes(struct bench *b, const char *case_id)
{
	bench_take(b,
		   bench_say(b, case_id, "CaseClosed", "LOCAL_TEAM@LT-GM9901", "{reason: SOLVED, level_solved: LOCAL}"),
		   false, 0);
	route(b, case_id, "kind: TRANSITION, track: VOLUNTARY, to_state: CLOSED");
	bench_answer(b, SERVICE_ROUTING, case_id, "OwnerAssigned", "{former: LT-GM9901}");
	bench_answer(b, SERVICE_ROUTING, case_id, "DeadlineCleared",
		     "{kind: SCREENING, due: 2021-03-08, superseded: true}");
}

static void
erases(struct bench *b, const char *case_id)
{
	bench_take(b, bench_say(b, case_id, "CaseErased", "OPERATOR@NAT-VWS", "{ground: COURT_ORDER}"), false, 0);
}

static size_t
rows(struct bench *b, const char *name)
{
	struct store_txn *txn = store_begin_read(node_store(b->node));
	const uint64_t count = store_count(txn, store_db_open(txn, name));

	store_abort(txn);
	return count;
}

/* Everywhere where a case leaves something. */
static bool
is_shown(struct bench *b, const char *case_id)
{
	pb_CasesRequest one, all;
	pb_StoryRequest told;
	struct why why;
	pb_Request request;
	pb_Reply answer;

	pb_CasesRequest_init(&one);
	pb_CasesRequest_init(&all);
	pb_StoryRequest_init(&told);
	pb_Request_init(&request);
	pb_Reply_init(&answer);
	one.case_id = record_text(&b->arena, case_id);
	told.case_id = one.case_id;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_STORY;
	request.story = &told;
	struct store_txn *txn = store_begin_read(node_store(b->node));
	assert_true(monitoring_service.ask(node_self(b->node), txn, &request, b->now_ms, &answer, &why));
	const bool story = answer.story->case_state != NULL || answer.story->n_events > 0;
	store_abort(txn);
	const bool picture = ask(b, &one)->n_cases > 0;
	bool listed = false;
	const pb_CasesReply *list = ask(b, &all);

	for (size_t i = 0; i < list->n_cases; i++)
		listed = listed || strcmp(list->cases[i]->case_id, case_id) == 0;
	assert_int_equal(story, picture);
	assert_int_equal(listed, picture);
	return picture;
}

static void
test_an_erased_case_is_there_no_more_and_who_follows_it_is_told(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	opens(&b, "case-1", "");
	opens(&b, "case-2", "");
	const size_t lists = rows(&b, "monitoring_index");
	closes(&b, "case-1");
	bench_answer(
	    &b, SERVICE_SIGNALLING, "case-1", "SignalRaised",
	    "{code: S02_DEADLINE_MISSED, subject: CASE, subject_id: case-1, deadline_kind: EVALUATION, stage: 1}");
	assert_true(is_shown(&b, "case-1"));
	assert_true(rows(&b, "monitoring_counts") > 0);
	bench_listen(&b);
	erases(&b, "case-1");
	assert_true(picture(&b)->erased);
	assert_string_equal(picture(&b)->case_id, "case-1");
	assert_string_equal(picture(&b)->region, "JZ91");
	assert_false(is_shown(&b, "case-1"));
	assert_true(is_shown(&b, "case-2"));
	/* What comes after is counted, and not shown either. */
	bench_answer(
	    &b, SERVICE_SIGNALLING, "case-1", "SignalCleared",
	    "{code: S02_DEADLINE_MISSED, subject: CASE, subject_id: case-1, deadline_kind: EVALUATION, stage: 1}");
	bench_at(&b, "2021-03-02T10:00");
	bench_answer(&b, SERVICE_ROUTING, "case-1", "DeadlineMissed", "{kind: EVALUATION, due: 2021-03-01}");
	bench_at(&b, "2021-03-03T10:00");
	assert_false(is_shown(&b, "case-1"));
	bench_restart(&b);
	assert_false(is_shown(&b, "case-1"));
	assert_int_equal(rows(&b, "monitoring_counts"), 0);
	assert_true(rows(&b, "monitoring_index") < lists);
	/* No child falls between two desks. */
	opens(&b, "case-1", "");
	assert_true(is_shown(&b, "case-1"));
	assert_false(picture(&b)->erased);
	bench_close(&b);
}

static void
test_an_erased_case_that_is_open_stays_until_it_is_closed(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &monitoring_service, "2021-03-01T10:00");
	opens(&b, "case-1", "");
	bench_listen(&b);
	erases(&b, "case-1");
	assert_null(bench_last(&b, DOORBRAAK__V1__ANSWER__BODY_CASE_STATE));
	assert_true(is_shown(&b, "case-1"));
	bench_restart(&b);
	closes(&b, "case-1");
	assert_true(picture(&b)->erased);
	bench_at(&b, "2021-03-02T10:00");
	assert_false(is_shown(&b, "case-1"));
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_case_is_told_once_it_is_whole),
	    cmocka_unit_test(test_a_case_that_goes_elsewhere_says_so_where_it_was),
	    cmocka_unit_test(test_deadlines_stand_in_their_order),
	    cmocka_unit_test(test_signals_come_and_go),
	    cmocka_unit_test(test_each_due_day_has_a_signal_of_its_own),
	    cmocka_unit_test(test_a_case_shows_what_is_done_with_a_signal_and_its_evidence),
	    cmocka_unit_test(test_the_base_set_takes_what_accepted_messages_say),
	    cmocka_unit_test(test_criteria_of_triage_count_when_routing_accepts),
	    cmocka_unit_test(test_a_closed_case_waits_for_its_evaluation),
	    cmocka_unit_test(test_an_erased_case_is_there_no_more_and_who_follows_it_is_told),
	    cmocka_unit_test(test_an_erased_case_that_is_open_stays_until_it_is_closed),
	    cmocka_unit_test(test_cases_are_found_by_id_alias_and_filter_page_by_page),
	    cmocka_unit_test(test_an_answer_to_a_question_is_what_was_journaled),
	    cmocka_unit_test(test_figures_are_counted_as_cases_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
