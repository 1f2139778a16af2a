// SPDX-License-Identifier: EUPL-1.2
/* monitoring.c - keeps the picture of every case, and tells each change of it.
 *
 * Happy path: an answer of routing or signalling changes the picture of its case; the new picture is journaled as a
 * CaseView whose as_of is the cause. How many answers a cause has is not known before the next one begins, and batches
 * must not be seen, so it does not wait for the end of a cause: a cause may give several CaseViews, and the last one
 * stands. It passes over two kinds of records: those that leave the picture as it was, byte for byte, and those behind
 * which it is not whole (an open case without owner or next deadline, a closed one with an owner), which happens
 * between the answers to one cause only: routing keeps I1 and I2 at its end.
 *
 * A case never opened by routing has no picture. Messages that were rejected, and messages about no case, change none.
 *
 * Its journal holds nothing but its own answers. Answers to questions are never journaled. */
#include "common/metrics.h"
#include "common/service.h"
#include "services/monitoring/monitoring_ask.h"
#include "services/monitoring/monitoring_overview.h"
#include "services/monitoring/monitoring_publish.h"
#include "services/monitoring/monitoring_query.h"
#include "services/monitoring/monitoring_story.h"

#define STANDING_MAX 128u /* combinations of state and track in /metrics */

struct monitoring {
	struct monitoring_db db;
	struct tallies tallies;
	struct registry registry;
	struct publishing publishing;
	struct policy_book *policies;
	struct course course;
	struct overview overview;
	struct adopted_log adopted;
};

static struct report_sources
sources(const struct monitoring *self)
{
	return (struct report_sources){self->tallies, self->registry, self->policies};
}

/* ---- counts ---- */

static void
count_signal(const struct monitoring_db *db, struct store_txn *txn, const pb_Answer *answer)
{
	const bool raised = answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED;
	const int code = raised ? (int)answer->signal_raised->code : (int)answer->signal_cleared->code;
	const int kind =
	    raised ? (int)answer->signal_raised->deadline_kind : (int)answer->signal_cleared->deadline_kind;
	const int by = raised ? 1 : -1;

	monitoring_count_change(db, txn, COUNT_OPEN_SIGNALS, code, 0, by);
	if (code == SIGNAL_CODE_S02_DEADLINE_MISSED)
		monitoring_count_change(db, txn, COUNT_OVERDUE, kind, 0, by);
}

/* A signal about no case; a higher stage is the same signal. */
static void
follow_wide_signal(struct monitoring *self, struct turn *turn, const pb_Answer *answer)
{
	const bool raised = answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED;
	const pb_SignalRaised *up = answer->signal_raised;
	const pb_SignalCleared *down = answer->signal_cleared;
	const bool news =
	    raised
		? monitoring_wide_add(&self->db, turn->txn, (int)up->subject, up->subject_id, (int)up->code)
		: monitoring_wide_remove(&self->db, turn->txn, (int)down->subject, down->subject_id, (int)down->code);

	if (news)
		count_signal(&self->db, turn->txn, answer);
}

/* ---- telling ---- */

/* What an erased case leaves for those who follow. */
static pb_CaseView *
erased_view(struct arena *a, const pb_CaseView *was)
{
	pb_CaseView *view = ARENA_NEW(a, pb_CaseView);

	pb_CaseView_init(view);
	view->case_id = was->case_id;
	view->as_of = was->as_of;
	view->state = was->state;
	view->track = was->track;
	view->region = was->region;
	view->team = was->team;
	view->expertise_centre = was->expertise_centre;
	view->erased = true;
	return view;
}

static void
tell(struct turn *turn, struct picture *p)
{
	pb_Answer said;

	pb_Answer_init(&said);
	said.case_id = p->view->case_id;
	said.effect_date = record_date(p->arena, p->day);
	said.body_case = DOORBRAAK__V1__ANSWER__BODY_CASE_STATE;
	said.case_state = picture_is_hidden(p) ? erased_view(p->arena, p->view) : p->view;
	turn_answer(turn, &said);
	p->unsaid = false;
}

/* Who followed a place where the case no longer is hears of it for the last time. */
static void
tell_left(struct turn *turn, const pb_CaseView *was, const struct picture *p)
{
	const pb_CaseView *is = p->view;
	const struct {
		const char *was, *is;
	} places[] = {{was->region, is->region},
		      {was->team, is->team},
		      {was->owner, is->owner},
		      {was->expertise_centre, is->expertise_centre}};
	pb_CaseLeft left;
	char **const fields[] = {&left.region, &left.team, &left.owner, &left.centre};
	pb_Answer said;
	bool any = false;

	pb_CaseLeft_init(&left);
	for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
		if (places[i].was[0] == '\0' || strcmp(places[i].was, places[i].is) == 0)
			continue;
		*fields[i] = record_text(p->arena, places[i].was);
		any = true;
	}
	if (!any)
		return;
	pb_Answer_init(&said);
	said.case_id = is->case_id;
	said.effect_date = record_date(p->arena, p->day);
	said.body_case = DOORBRAAK__V1__ANSWER__BODY_CASE_LEFT;
	said.case_left = &left;
	turn_answer(turn, &said);
}

/* ---- answers of others ---- */

static uint32_t
criteria_bits(const pb_RouteDecided *route)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < route->n_criteria; i++)
		bits |= 1u << route->criteria[i];
	return bits;
}

static void
on_linked(struct monitoring *self, struct turn *turn, const pb_Answer *answer)
{
	const char *case_id = answer->case_opened->linked_to;
	const char *alias = answer->case_id;

	if (strcmp(alias, case_id) == 0 && turn->origin != NULL)
		alias = turn->origin->submission->case_id;
	if (case_id[0] == '\0' || strcmp(alias, case_id) == 0)
		return;
	monitoring_alias_put(&self->db, turn->txn, alias, case_id);
	course_join(&self->course, &self->db, turn, alias, case_id);
}

static bool
changes_a_case(const pb_Answer *answer)
{
	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED:
	case DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED:
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET:
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED:
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_CLEARED: return answer->service == (int)SERVICE_ROUTING;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED:
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED:
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED: return true;
	default: return false;
	}
}

/* ---- indicators ---- */

static void
count_step(struct monitoring *self, struct turn *turn, const struct picture *p, const struct picture_step *step,
	   const struct indicator_marks *before)
{
	const char *team = indicator_meeting_team(p, step);
	const struct indicator_step s = {
	    .picture = p,
	    .step = step,
	    .before = *before,
	    .view = step->accepted ? policy_on(self->policies, turn->txn, step->day, p->view->region) : NULL,
	    .opens_meeting = team != NULL && tallies_open_meeting(&self->tallies, turn->txn, team, step->day),
	};
	const struct tally_place place = {p->view->region, p->view->team, p->view->expertise_centre};
	struct tally tallies[TALLIES_MAX];
	const unsigned count = indicators_step(&s, tallies);

	for (unsigned i = 0; i < count; i++)
		tallies_add(&self->tallies, turn->txn, &place, &tallies[i]);
}

/* K28 is counted as it stands: what changed goes down where the case was and up where it is. */
static void
count_open(struct monitoring *self, struct turn *turn, const struct indicator_open *was,
	   const struct indicator_open *is)
{
	const struct tally_place from = {was->region, was->team, was->centre}, to = {is->region, is->team, is->centre};

	if (was->open == is->open && was->still == is->still && strcmp(from.region, to.region) == 0 &&
	    strcmp(from.team, to.team) == 0 && strcmp(from.centre, to.centre) == 0)
		return;
	if (was->open)
		tallies_add(&self->tallies, turn->txn, &from, &(struct tally){28, CAL_NONE, "", 0, -was->still, -1});
	if (is->open)
		tallies_add(&self->tallies, turn->txn, &to, &(struct tally){28, CAL_NONE, "", 0, is->still, 1});
}

static void
project(struct monitoring *self, struct turn *turn, const pb_Answer *answer)
{
	struct picture p;
	const struct id id = course_case(&self->course, &self->db, turn->txn, answer->case_id);
	const bool routed = answer->body_case == DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED;
	const cal_day day = record_day(answer->effect_date);
	struct picture_step step = {
	    .answer = answer,
	    .origin = turn->origin == NULL ? NULL : turn->origin->submission,
	    .day = day == CAL_NONE ? turn->today : day,
	    .today = turn->today,
	};

	/* A signal about a case that routing never opened would be a picture of nothing. */
	if (!monitoring_case_get(&self->db, turn->txn, id.s, &p) && !routed)
		return;
	course_meet(&self->course, turn, &p);
	const pb_CaseView was = *p.view;
	const struct overview_place from = overview_place(p.view);
	const uint64_t heard = p.heard;

	step.accepted = routed && step.origin != NULL && heard != turn->cause;
	if (step.accepted && step.origin->body_case == DOORBRAAK__V1__SUBMISSION__BODY_WAITING_TIME_RECORDED)
		step.waits_long = policy_waits_long(policy_on(self->policies, turn->txn, step.day, p.view->region),
						    step.origin->waiting_time_recorded->expected_days);
	if (step.accepted)
		step.criteria = monitoring_criteria_take(&self->db, turn->txn, step.origin->case_id);
	const struct indicator_marks marks = indicator_marks(&p, &step);
	const struct indicator_open was_open = indicator_open(&p);

	picture_apply(&p, &step);
	count_step(self, turn, &p, &step, &marks);
	const struct indicator_open is_open_now = indicator_open(&p);

	count_open(self, turn, &was_open, &is_open_now);
	const bool changed = !bytes_equal(p.packed, RECORD_PACK(p.arena, p.view));

	if (changed) {
		const struct overview_place to = overview_place(p.view);

		overview_move(&self->overview, turn->txn, &from, &to, step.day);
		p.view->as_of = turn->cause;
		p.at_ms = turn->at_ms;
		p.day = step.day;
		p.unsaid = true;
		if (p.view->n_signals != was.n_signals)
			count_signal(&self->db, turn->txn, answer);
		tell_left(turn, &was, &p);
	}
	if (p.unsaid && picture_is_whole(&p))
		tell(turn, &p);
	if (changed || p.heard != heard) {
		monitoring_case_put(&self->db, turn->txn, &p);
		course_kept(&self->course, &p);
	}
}

/* Until it is closed an erased case is shown: no child falls between two desks. Then it is in no list any more, and who follows
 * hears so; its picture stays, for what is counted of it. */
static void
on_erased(struct monitoring *self, struct turn *turn, const char *case_id)
{
	struct picture p;
	const struct id id = course_case(&self->course, &self->db, turn->txn, case_id);

	if (!monitoring_case_get(&self->db, turn->txn, id.s, &p) || p.erased)
		return;
	course_meet(&self->course, turn, &p);
	p.erased = true;
	p.view->as_of = turn->cause;
	p.unsaid = p.unsaid || picture_is_hidden(&p);
	if (p.unsaid && picture_is_whole(&p))
		tell(turn, &p);
	monitoring_case_put(&self->db, turn->txn, &p);
	course_kept(&self->course, &p);
}

static bool
is_wide_signal(const pb_Answer *answer)
{
	if (answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED)
		return answer->signal_raised->subject != (int)SIGNAL_SUBJECT_CASE;
	return answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED &&
	       answer->signal_cleared->subject != (int)SIGNAL_SUBJECT_CASE;
}

static void
on_answer(struct monitoring *self, struct turn *turn, const pb_Answer *answer)
{
	if (is_wide_signal(answer)) {
		follow_wide_signal(self, turn, answer);
		return;
	}
	if (answer->service == (int)SERVICE_TRIAGE && answer->body_case == DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED &&
	    answer->route_decided->n_criteria > 0)
		monitoring_criteria_put(&self->db, turn->txn, answer->case_id, criteria_bits(answer->route_decided));
	if (answer->case_id[0] != '\0' && changes_a_case(answer))
		project(self, turn, answer);
}

static void
on_submission(struct monitoring *self, struct turn *turn, const pb_Submission *s)
{
	if (s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED)
		policy_adopt(self->policies, turn->txn, s->policy_adopted, turn->today);
	else if (s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED)
		registry_adopt(self->registry, turn->txn, s->registry_adopted, turn->today);
	else if (s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_CASE_ERASED)
		on_erased(self, turn, s->case_id);
}

static void
apply(void *at, struct turn *turn, const struct record *in)
{
	struct monitoring *self = at;
	const struct report_sources from = sources(self);

	publishing_turn(&self->publishing, turn, &from);
	if (in->answer != NULL && in->answer->body_case == DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED)
		on_linked(self, turn, in->answer);
	course_take(&self->course, &self->db, turn, in);
	adopted_log_take(&self->adopted, turn, in);
	if (in->answer != NULL)
		on_answer(self, turn, in->answer);
	else if (in->submission != NULL)
		on_submission(self, turn, in->submission);
	else if (in->intake->body_case == DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK)
		publishing_tick(&self->publishing, turn, record_day(in->intake->tick->date));
}

static void
settle(void *at, struct turn *turn)
{
	struct monitoring *self = at;

	course_settle(&self->course, &self->db, turn);
	overview_settle(&self->overview, turn->txn);
	monitoring_index_settle(&self->db.index, turn->txn, turn->today);
}

/* ---- questions ---- */

static bool
cases(void *at, struct store_txn *txn, const pb_CasesRequest *request, pb_CasesReply *reply, struct why *why)
{
	const struct monitoring *self = at;

	return monitoring_query(&self->db, txn, request, reply, why);
}

static bool
report(void *at, struct store_txn *txn, const pb_ReportRequest *request, int64_t closing_ms, pb_ReportReply *reply,
       struct why *why)
{
	const struct monitoring *self = at;
	const struct report_sources from = sources(self);
	const struct report_form *form = report_form((int)request->kind);
	const struct report_period period = {record_day(request->period_from), record_day(request->period_to)};

	if (form == NULL) {
		why_set(why, "there is no report of this kind here; one of a single case is its CaseState: ask for "
			     "cases");
		return false;
	}
	if (report_period_months(period) == 0) {
		why_set(why, "a period is a whole month, quarter, four months from January, May or September, half a "
			     "year, or year");
		return false;
	}
	const struct report_rows rows = report_rows(&from, txn, period, REPORT_ALL);

	if (!report_can(&from, txn, form, request->subject_id, &rows, why))
		return false;
	reply->report = report_make(&from, txn, form, request->subject_id, &rows, closing_ms);
	return true;
}

static bool
story(const struct monitoring *self, struct store_txn *txn, const pb_StoryRequest *request, cal_day today,
      pb_StoryReply *reply, struct why *why)
{
	const struct story_sources from = {&self->db, &self->course, &self->adopted};

	return story_tell(&from, txn, request, today, reply, why);
}

/* A reply of its kind, empty. */
#define REPLY_NEW(txn, reply, field, message)                                                                          \
	((reply)->field = ARENA_NEW(store_arena(txn), message), message##_init((reply)->field), (reply)->field)

static bool
ask(void *at, struct store_txn *txn, const pb_Request *request, int64_t now_ms, pb_Reply *reply, struct why *why)
{
	const struct monitoring *self = at;
	const struct report_sources from = sources(self);
	const cal_day today = cal_local_day(now_ms);

	switch (request->body_case) {
	case DOORBRAAK__V1__REQUEST__BODY_STORY:
		reply->body_case = DOORBRAAK__V1__REPLY__BODY_STORY;
		return story(self, txn, request->story, today, REPLY_NEW(txn, reply, story, pb_StoryReply), why);
	case DOORBRAAK__V1__REQUEST__BODY_OVERVIEW:
		reply->body_case = DOORBRAAK__V1__REPLY__BODY_OVERVIEW;
		return overview_tell(&self->overview, &self->db, txn, request->overview, today,
				     REPLY_NEW(txn, reply, overview, pb_OverviewReply), why);
	case DOORBRAAK__V1__REQUEST__BODY_DEADLINES:
		reply->body_case = DOORBRAAK__V1__REPLY__BODY_DEADLINES;
		return ask_deadlines(&self->db, txn, request->deadlines,
				     REPLY_NEW(txn, reply, deadlines, pb_DeadlinesReply), why);
	case DOORBRAAK__V1__REQUEST__BODY_INDICATORS:
		reply->body_case = DOORBRAAK__V1__REPLY__BODY_INDICATORS;
		return ask_indicators(&from, txn, request->indicators, now_ms,
				      REPLY_NEW(txn, reply, indicators, pb_IndicatorsReply), why);
	case DOORBRAAK__V1__REQUEST__BODY_REGISTRY:
		reply->body_case = DOORBRAAK__V1__REPLY__BODY_REGISTRY;
		return ask_registry(&from, &self->adopted, txn, request->registry, today,
				    REPLY_NEW(txn, reply, registry, pb_RegistryReply), why);
	case DOORBRAAK__V1__REQUEST__BODY_POLICY:
		reply->body_case = DOORBRAAK__V1__REPLY__BODY_POLICY;
		return ask_policy(&from, &self->adopted, txn, request->policy, today,
				  REPLY_NEW(txn, reply, policy, pb_PolicyReply), why);
	default: return true;
	}
}

static void
figures(void *at, struct store_txn *txn, struct metrics *metrics)
{
	static const struct {
		const char *name, *help, *label, *enum_name;
	} told[MONITORING_COUNTS] = {
	    [COUNT_OPEN_SIGNALS] = {"open_signals", "Open signals by code.", "code", "SignalCode"},
	    [COUNT_OVERDUE] = {"overdue_deadlines", "Missed deadlines not yet made good, by kind.", "kind",
			       "DeadlineKind"},
	};
	const struct monitoring *self = at;
	struct overview_standing standing[STANDING_MAX];
	unsigned count = overview_standing(&self->overview, txn, standing, STANDING_MAX);

	metrics_declare(metrics, "open_cases", METRIC_GAUGE, "Open cases by state and track.");
	for (unsigned i = 0; i < count; i++)
		metrics_sample_labelled2(metrics, "state", record_code_of("CaseState", standing[i].state), "track",
					 record_code_of("Track", standing[i].track), (uint64_t)standing[i].open);
	const struct monitoring_counted *counts = monitoring_counts(&self->db, txn, &count);

	for (unsigned what = 0; what < MONITORING_COUNTS; what++) {
		metrics_declare(metrics, told[what].name, METRIC_GAUGE, told[what].help);
		for (unsigned i = 0; i < count; i++) {
			if (counts[i].what == what)
				metrics_sample_labelled(metrics, told[what].label,
							record_code_of(told[what].enum_name, counts[i].a),
							counts[i].number);
		}
	}
}

static void
open_self(void *at, struct store_txn *txn)
{
	struct monitoring *self = at;

	if (self->policies == NULL)
		self->policies = policy_new(NULL, 0);
	self->db = monitoring_db_open(txn);
	self->tallies = tallies_open(txn);
	self->registry = registry_open(txn);
	self->publishing = publishing_open(txn);
	self->course = course_open(txn);
	overview_open(&self->overview, txn);
	self->adopted = adopted_log_open(txn);
	policy_open(self->policies, txn);
	policy_forget(self->policies);
}

static void
close_self(void *at)
{
	struct monitoring *self = at;

	policy_free(&self->policies);
}

const struct service monitoring_service = {
    .name = "monitoring",
    .id = SERVICE_MONITORING,
    .forwards = false,
    .self_bytes = sizeof(struct monitoring),
    .open = open_self,
    .close = close_self,
    .apply = apply,
    .settle = settle,
    .cases = cases,
    .report = report,
    .ask = ask,
    .figures = figures,
};
