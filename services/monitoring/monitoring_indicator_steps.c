// SPDX-License-Identifier: EUPL-1.2
/* monitoring_indicator_steps.c - what one step of a case adds to the indicators. Pure. */
#include <string.h>

#include "services/monitoring/monitoring_indicators.h"

#define BODY(name)   DOORBRAAK__V1__SUBMISSION__BODY_##name
#define ANSWER(name) DOORBRAAK__V1__ANSWER__BODY_##name

#define AGENDA_DAYS 28 /* P7, where no policy says otherwise */

struct adding {
	const struct indicator_step *s;
	const pb_CaseView *view;
	const pb_BaseSet *base;
	struct tally *tallies;
	unsigned count;
};

static struct tally *
add(struct adding *a, unsigned k, const char *group, int64_t numerator, int64_t denominator)
{
	ASSERT(a->count < TALLIES_MAX);
	struct tally *tally = &a->tallies[a->count++];

	*tally = (struct tally){
	    .k = (uint8_t)k,
	    .day = a->s->step->day,
	    .group = group,
	    .numerator = numerator,
	    .denominator = denominator,
	};
	return tally;
}

static void
add_days(struct adding *a, unsigned k, const char *group, cal_day days, bool late)
{
	add(a, k, group, late, 1)->value = days < 0 ? 0 : days;
}

static int32_t
policy_or(const struct adding *a, const char *key, int32_t otherwise)
{
	int32_t value;

	return a->s->view != NULL && policy_value(a->s->view, key, &value) ? value : otherwise;
}

static const char *
grouped(const struct adding *a, const char *family, const char *enum_name, int value)
{
	const char *code = value == 0 ? "" : record_code_of(enum_name, value);

	return arena_printf(a->s->picture->arena, "%s/%s", family, code[0] == '\0' ? "UNKNOWN" : code);
}

/* ---- messages ---- */

static void
on_new(struct adding *a)
{
	add(a, 1, "", 1, 0);
	add(a, 1, grouped(a, "SUBMITTER", "SubmitterKind", (int)a->base->submitter), 1, 0);
	add(a, 1, grouped(a, "ASK", "Ask", (int)a->base->asks), 1, 0);
	add(a, 1, grouped(a, "TRACK", "Track", (int)a->view->track), 1, 0);
}

static void
on_screening(struct adding *a, const pb_ScreeningDecided *in)
{
	static const struct calendar plain;
	const struct calendar *calendar = a->s->view == NULL ? &plain : &a->s->view->calendar;

	if (!a->s->before.screened && a->s->before.submitted_on != CAL_NONE)
		add_days(a, 2, "", cal_working_days_between(calendar, a->s->before.submitted_on, a->s->step->day),
			 false);
	add(a, 3, "", in->decision == (int)SCREENING_DECISION_RETURN, 1);
}

static void
on_meeting(struct adding *a, const pb_MeetingHeld *in)
{
	bool present = false;

	if (in->meeting_kind == (int)MEETING_KIND_SUBGROUP)
		return;
	if (!a->s->before.met && a->s->before.accepted_on != CAL_NONE) {
		const cal_day days = a->s->step->day - a->s->before.accepted_on;

		add_days(a, 4, "", days, days > policy_or(a, "P7", AGENDA_DAYS));
	}
	if (a->view->team[0] != '\0') {
		const int32_t places =
		    a->s->view == NULL ? 0 : policy_capacity_of(a->s->view, a->view->team).cases_per_meeting;

		add(a, 5, "", 1, a->s->opens_meeting ? places : 0);
	}
	for (size_t i = 0; i < in->n_present; i++)
		present |= in->present[i]->kind == (int)ROLE_YOUTH || in->present[i]->kind == (int)ROLE_PARENT;
	add(a, 6, "PRESENT", present, 1);
	add(a, 6, "INVITED", a->s->before.family_invited, 1);
}

static void
on_plan(struct adding *a, const pb_PlanAgreed *in)
{
	add(a, 7, "", in->has_goal && in->has_roles && in->n_actions > 0, 1);
	if (!a->s->before.planned && !a->s->before.realised)
		add(a, 12, "", 0, 1);
}

static void
on_waiting(struct adding *a, const pb_WaitingTimeRecorded *in)
{
	if (a->s->step->waits_long && !a->s->before.waited)
		add(a, 12, "", 1, 0);
	add_days(a, 12, "DAYS", in->expected_days, false);
}

static void
on_realised(struct adding *a)
{
	if (a->s->before.submitted_on != CAL_NONE)
		add_days(a, 9, "", a->s->step->day - a->s->before.submitted_on, false);
	add(a, 11, "", 0, 1);
	if (!a->s->before.planned && !a->s->before.realised)
		add(a, 12, "", 0, 1);
}

static void
on_closed(struct adding *a, const pb_CaseClosed *in)
{
	static const int levels[] = {LEVEL_LOCAL, LEVEL_REGIONAL, LEVEL_SUPRAREGIONAL, LEVEL_NATIONAL};
	const bool solved = in->reason == (int)CLOSE_REASON_SOLVED;

	add(a, 10, "", solved, 1);
	if (!solved)
		return;
	for (unsigned i = 0; i < sizeof levels / sizeof levels[0]; i++)
		add(a, 14, grouped(a, "LEVEL", "Level", levels[i]), (int)in->level_solved == levels[i], 1);
	add(a, 14, "REACHED/CENTRE", a->s->before.highest_level >= (int)LEVEL_SUPRAREGIONAL, 1);
	add(a, 14, "REACHED/NATIONAL", a->s->before.highest_level >= (int)LEVEL_NATIONAL, 1);
}

static void
on_stuck(struct adding *a, const pb_StuckDeclared *in)
{
	const char *reason = record_code_of("StuckOn", (int)in->stuck_on);
	const char *supply = in->missing_supply == 0 ? "" : record_code_of("MissingSupply", (int)in->missing_supply);

	add(a, 26, supply[0] == '\0' ? reason : arena_printf(a->s->picture->arena, "%s/%s", reason, supply), 1, 0);
}

static void
on_mandate(struct adding *a, bool granted)
{
	add(a, 17, arena_printf(a->s->picture->arena, "GEMEENTE/%s", a->view->funder), granted, 1);
}

static void
on_message(struct adding *a, const pb_Submission *s)
{
	switch (s->body_case) {
	case BODY(SCREENING_DECIDED): on_screening(a, s->screening_decided); break;
	case BODY(MEETING_HELD): on_meeting(a, s->meeting_held); break;
	case BODY(PLAN_AGREED): on_plan(a, s->plan_agreed); break;
	case BODY(WAITING_TIME_RECORDED): on_waiting(a, s->waiting_time_recorded); break;
	case BODY(HELP_REALISED): on_realised(a); break;
	case BODY(HELP_NOT_EFFECTIVE): add(a, 11, "", 1, 0); break;
	case BODY(CASE_CLOSED): on_closed(a, s->case_closed); break;
	case BODY(STUCK_DECLARED): on_stuck(a, s->stuck_declared); break;
	case BODY(MANDATE_GRANTED): on_mandate(a, true); break;
	case BODY(MANDATE_REFUSED): on_mandate(a, false); break;
	case BODY(ESCALATION_REQUESTED):
		if (s->escalation_requested->kind == (int)ESCALATION_KIND_EXPERTISE_CENTRE)
			add(a, 15, "", 0, 1);
		break;
	case BODY(TRANSFER_REGISTERED): add(a, 21, "", 1, 0); break;
	case BODY(SECLUSION_REGISTERED):
		add(a, 22, "", 1, 0);
		add(a, 22, grouped(a, "KIND", "SeclusionKind", (int)s->seclusion_registered->seclusion_kind), 1, 0);
		break;
	case BODY(AUTHORISATION_EXTENDED):
		add(a, 24, "", s->authorisation_extended->reason == (int)EXTENSION_REASON_NO_TIMELY_FOLLOW_UP, 1);
		break;
	default: break;
	}
}

/* ---- what routing says of it ---- */

static void
on_governance(struct adding *a, int before, int now)
{
	if (before == now)
		return;
	if (now == (int)GOVERNANCE_OFFICIAL || now == (int)GOVERNANCE_EXECUTIVE)
		add(a, 16, record_code_of("Governance", now), 1, 0);
	else if (a->s->before.governance_since != CAL_NONE)
		add_days(a, 16, "DAYS", a->s->step->day - a->s->before.governance_since, false);
}

static void
on_route(struct adding *a, const pb_RouteDecided *route)
{
	const pb_Submission *origin = a->s->step->origin;

	if (a->s->before.is_new)
		on_new(a);
	if (a->s->step->accepted)
		on_message(a, origin);
	on_governance(a, a->s->before.governance, (int)route->governance);
	for (size_t i = 0; i < route->n_notes; i++) {
		/* An application in a message of its own is counted there; one that came as a submission, here. */
		if (strcmp(route->notes[i], "DIRECT_TO_EC") == 0)
			add(a, 15, "", 1, origin != NULL && origin->body_case == BODY(CASE_SUBMITTED));
		if (strcmp(route->notes[i], "ABSENT") == 0)
			add(a, 17, "ABSENT", 1, 0);
	}
}

/* ---- what was promised by a day ---- */

/* The indicator of kept promises of a kind; 0: none. */
static unsigned
promise_of(const struct adding *a, int kind)
{
	switch (kind) {
	case DEADLINE_KIND_ACTION: return 8;
	case DEADLINE_KIND_BRIDGING: return 13;
	case DEADLINE_KIND_MEASURE_START: return 18;
	case DEADLINE_KIND_PROTECTOR_CONTACT: return 19;
	/* The first plan; its yearly reviews are another promise. */
	case DEADLINE_KIND_PROTECTION_PLAN: return a->s->before.plan_of_measure ? 0 : 20;
	case DEADLINE_KIND_LIVING_PERSPECTIVE: return 23;
	case DEADLINE_KIND_EVALUATION: return 27;
	default: return 0;
	}
}

static void
on_missed(struct adding *a, const pb_DeadlineMissed *missed)
{
	const unsigned k = promise_of(a, (int)missed->kind);

	if (k != 0)
		add(a, k, "", 0, 1)->day = record_day(missed->due);
	if (missed->kind == (int)DEADLINE_KIND_MANDATE)
		on_mandate(a, false);
}

/* The message that ends a deadline without doing what was promised. */
static bool
ends_otherwise(unsigned k, const pb_Submission *origin)
{
	const int by = origin == NULL ? 0 : (int)origin->body_case;

	return by == BODY(MEASURE_ENDED) || (k == 13 && by != BODY(BRIDGING_CARE_STARTED)) ||
	       (k == 23 && by != BODY(LIVING_PERSPECTIVE_SET)) || (k == 8 && by != BODY(PLAN_ACTION_COMPLETED));
}

static void
on_cleared(struct adding *a, const pb_DeadlineCleared *cleared)
{
	const unsigned k = promise_of(a, (int)cleared->kind);
	const bool open = a->s->before.deadline_open;
	struct tally *tally;

	if (k == 0 || cleared->superseded)
		return;
	if (ends_otherwise(k, a->s->step->origin)) {
		/* Left closed care before the half year, without a place to live in sight. */
		if (k == 23 && open)
			add(a, k, "", 0, 1)->day = record_day(cleared->due);
		return;
	}
	/* A miss was counted when it was missed; kept after all, where the fact is from before the last day. */
	tally = add(a, k, "", cleared->late_wd == 0, open ? 1 : 0);
	tally->day = record_day(cleared->due);
	if (k == 19) {
		tally = add(a, k, "LATE", 0, 1);
		tally->day = record_day(cleared->due);
		tally->value = cleared->late_wd;
	}
}

/* ---- all together ---- */

/* One that was missed and set anew is cleared twice: for the day that was missed, and for the new one. */
static bool
is_open(const pb_CaseView *view, const pb_DeadlineCleared *cleared)
{
	for (size_t i = 0; i < view->n_deadlines; i++) {
		const pb_OpenDeadline *d = view->deadlines[i];

		if ((int)d->kind == (int)cleared->kind && strcmp(d->reference, cleared->reference) == 0 &&
		    strcmp(d->due, cleared->due) == 0)
			return true;
	}
	return false;
}

/* The plan of this measure was there already; not the one that this message brings, which the picture shows first. */
static bool
has_plan(const struct picture *p, const struct picture_step *step)
{
	const pb_BaseSet *base = p->view->base_set;
	const bool brings =
	    p->first_plan && step->origin != NULL && step->origin->body_case == BODY(PROTECTION_PLAN_ADOPTED);

	return base->court != NULL && base->court->plan_on[0] != '\0' && !brings;
}

struct indicator_marks
indicator_marks(const struct picture *p, const struct picture_step *step)
{
	const uint64_t family = (uint64_t)1 << ROLE_YOUTH | (uint64_t)1 << ROLE_PARENT;
	const pb_CaseView *view = p->view;
	const pb_BaseSet *base = view->base_set;
	const pb_DeadlineCleared *cleared =
	    step->answer->body_case == ANSWER(DEADLINE_CLEARED) ? step->answer->deadline_cleared : NULL;

	return (struct indicator_marks){
	    .is_new = view->submitted_on[0] == '\0',
	    .screened = base->screened_on[0] != '\0',
	    .met = base->n_meetings_on > 0,
	    .planned = base->plans > 0,
	    .realised = base->times_realised > 0,
	    .waited = p->waited,
	    .family_invited = (p->invited & family) != 0,
	    .deadline_open = cleared != NULL && is_open(view, cleared),
	    .plan_of_measure = has_plan(p, step),
	    .highest_level = (int)base->highest_level,
	    .governance = view->governance == 0 ? (int)GOVERNANCE_NONE : (int)view->governance,
	    .governance_since = record_day(base->governance_since),
	    .submitted_on = record_day(view->submitted_on),
	    .accepted_on = record_day(base->accepted_on),
	};
}

struct indicator_open
indicator_open(const struct picture *p)
{
	const pb_CaseView *v = p->view;
	struct indicator_open open = {
	    .open = v->state != (int)CASE_STATE_UNSPECIFIED && v->state != (int)CASE_STATE_CLOSED,
	    .region = v->region,
	    .team = v->team,
	    .centre = v->expertise_centre,
	};

	for (size_t i = 0; i < v->n_signals; i++)
		open.still |= open.open && v->signals[i]->code == (int)SIGNAL_CODE_S03_NO_MOVEMENT;
	return open;
}

const char *
indicator_meeting_team(const struct picture *p, const struct picture_step *step)
{
	const pb_Submission *s = step->origin;

	if (!step->accepted || s->body_case != BODY(MEETING_HELD) ||
	    s->meeting_held->meeting_kind == (int)MEETING_KIND_SUBGROUP || p->view->team[0] == '\0')
		return NULL;
	return p->view->team;
}

unsigned
indicators_step(const struct indicator_step *s, struct tally tallies[TALLIES_MAX])
{
	struct adding a = {s, s->picture->view, s->picture->view->base_set, tallies, 0};
	const pb_Answer *answer = s->step->answer;

	switch (answer->body_case) {
	case ANSWER(ROUTE_DECIDED): on_route(&a, answer->route_decided); break;
	case ANSWER(DEADLINE_MISSED): on_missed(&a, answer->deadline_missed); break;
	case ANSWER(DEADLINE_CLEARED): on_cleared(&a, answer->deadline_cleared); break;
	default: break;
	}
	return a.count;
}
