// SPDX-License-Identifier: EUPL-1.2
/* monitoring_baseset.c - what accepted messages tell for the base set (B1-B26, G1-G8, C1-C5). */
#include "services/monitoring/monitoring_project.h"

#define BODY(name) DOORBRAAK__V1__SUBMISSION__BODY_##name

struct message {
	struct picture *p;
	pb_CaseView *view;
	pb_BaseSet *base;
	const pb_Submission *s;
	char *today; /* effect date as text */
	const struct picture_step *step;
};

/* Adds a value to a set of enums: list and its count. */
#define SET_ADD(m, list, value)                                                                                        \
	((m)->base->list = picture_set_with((m)->p->arena, (m)->base->list, (m)->base->n_##list, (int)(value),         \
					    &(m)->base->n_##list))

static char *
text(const struct message *m, const char *s)
{
	return record_text(m->p->arena, s);
}

static cal_day
days_from(const char *date, cal_day day)
{
	const cal_day from = record_day(date);

	return from == CAL_NONE ? 0 : day - from;
}

/* ---- parts that come into being ---- */

static pb_ClosedCareSet *
closed_care(const struct message *m)
{
	if (m->base->closed_care == NULL) {
		m->base->closed_care = ARENA_NEW(m->p->arena, pb_ClosedCareSet);
		pb_ClosedCareSet_init(m->base->closed_care);
	}
	return m->base->closed_care;
}

static pb_CourtSet *
court(const struct message *m)
{
	if (m->base->court == NULL) {
		m->base->court = ARENA_NEW(m->p->arena, pb_CourtSet);
		pb_CourtSet_init(m->base->court);
	}
	return m->base->court;
}

/* ---- coming in ---- */

static void
take_domains(const struct message *m, const Doorbraak__V1__CareDomain *care, size_t care_count,
	     const Doorbraak__V1__LifeDomain *life, size_t life_count)
{
	if (care_count > 0)
		m->base->n_care_domains = 0;
	for (size_t i = 0; i < care_count; i++)
		SET_ADD(m, care_domains, care[i]);
	if (life_count > 0)
		m->base->n_life_domains = 0;
	for (size_t i = 0; i < life_count; i++)
		SET_ADD(m, life_domains, life[i]);
}

static void
on_case_submitted(const struct message *m)
{
	const pb_CaseSubmitted *in = m->s->case_submitted;
	pb_BaseSet *base = m->base;

	/* A later submission that joins the case tells nothing new about how it began. */
	if (base->submitter != (int)SUBMITTER_KIND_UNSPECIFIED)
		return;
	base->submitter = in->submitter;
	base->channel = in->channel;
	base->asks = in->asks;
	base->age_band = in->age_band;
	take_domains(m, in->care_domains, in->n_care_domains, in->life_domains, in->n_life_domains);
	SET_ADD(m, stuck_on, in->stuck_on);
	base->earlier_providers = in->earlier_providers;
	base->earlier_placements = in->earlier_placements;
}

/* Measures and placements have no field for who brings them in; the role of the actor says it. */
static void
take_submitter(const struct message *m)
{
	const char *role = m->s->actor == NULL ? "" : record_code_of("Role", (int)m->s->actor->role);
	const ProtobufCEnumDescriptor *kinds = record_enum("SubmitterKind");
	const int kind = record_enum_value(kinds, role);

	if (m->base->submitter != (int)SUBMITTER_KIND_UNSPECIFIED)
		return;
	m->base->submitter = (Doorbraak__V1__SubmitterKind)(kind > 0 ? kind : (int)SUBMITTER_KIND_OTHER);
}

static void
on_case_info_supplemented(const struct message *m)
{
	const pb_CaseInfoSupplemented *in = m->s->case_info_supplemented;

	if (in->age_band != (int)AGE_BAND_UNSPECIFIED)
		m->base->age_band = in->age_band;
	take_domains(m, in->care_domains, in->n_care_domains, in->life_domains, in->n_life_domains);
	SET_ADD(m, stuck_on, in->stuck_on);
	if (in->earlier_providers != 0)
		m->base->earlier_providers = in->earlier_providers;
	if (in->earlier_placements != 0)
		m->base->earlier_placements = in->earlier_placements;
}

void
picture_take_criteria(struct picture *p, uint32_t criteria)
{
	const struct message m = {.p = p, .base = p->view->base_set};

	for (int i = 1; i < 32; i++) {
		if ((criteria >> i & 1) != 0)
			SET_ADD(&m, criteria, i);
	}
}

static void
on_screening_decided(const struct message *m)
{
	const pb_ScreeningDecided *in = m->s->screening_decided;
	pb_BaseSet *base = m->base;

	base->screening = in->decision;
	if (base->screened_on[0] == '\0')
		base->screened_on = m->today;
	for (size_t i = 0; i < in->n_criteria; i++)
		SET_ADD(m, criteria, in->criteria[i]);
	switch ((int)in->decision) {
	case SCREENING_DECISION_RETURN:
		base->times_returned++;
		base->n_missing = 0;
		for (size_t i = 0; i < in->n_missing; i++)
			SET_ADD(m, missing, in->missing[i]);
		break;
	case SCREENING_DECISION_ACCEPT_PROCESS: SET_ADD(m, functions, TEAM_FUNCTION_PROCESS_DIRECTION); break;
	case SCREENING_DECISION_ACCEPT_SUPPORT:
	case SCREENING_DECISION_ADVICE_ONLY: SET_ADD(m, functions, TEAM_FUNCTION_CONSULTATION); break;
	default: break;
	}
	if (base->accepted_on[0] == '\0' && (in->decision == (int)SCREENING_DECISION_ACCEPT_PROCESS ||
					     in->decision == (int)SCREENING_DECISION_ACCEPT_SUPPORT))
		base->accepted_on = m->today;
}

/* ---- meeting and plan ---- */

static void
on_participant_invited(const struct message *m)
{
	for (size_t i = 0; i < m->s->participant_invited->n_participants; i++)
		m->p->invited |= (uint64_t)1 << m->s->participant_invited->participants[i]->kind;
}

static void
on_meeting_held(const struct message *m)
{
	const uint64_t youth = (uint64_t)1 << ROLE_YOUTH, parent = (uint64_t)1 << ROLE_PARENT;
	const pb_MeetingHeld *in = m->s->meeting_held;
	const char *submitter = record_code_of("SubmitterKind", (int)m->base->submitter);
	const int submitter_role = submitter[0] == '\0' ? -1 : record_enum_value(record_enum("Role"), submitter);
	pb_BaseSet *base = m->base;
	uint64_t present = 0;

	if (in->meeting_kind == (int)MEETING_KIND_SUBGROUP) {
		base->subgroup_meetings++;
		return;
	}
	for (size_t i = 0; i < in->n_present; i++)
		present |= (uint64_t)1 << in->present[i]->kind;
	if (base->n_meetings_on == 0 && base->accepted_on[0] != '\0')
		base->agenda_delay_days = days_from(base->accepted_on, m->step->day);
	base->meetings_on =
	    picture_longer(m->p->arena, base->meetings_on, base->n_meetings_on, sizeof *base->meetings_on);
	base->meetings_on[base->n_meetings_on++] = m->today;
	base->meetings_with_youth += (present & youth) != 0 ? 1 : 0;
	base->meetings_with_parent += (present & parent) != 0 ? 1 : 0;
	base->meetings_with_family += (present & (youth | parent)) != 0 ? 1 : 0;
	base->meetings_with_submitter += submitter_role > 0 && (present >> submitter_role & 1) != 0 ? 1 : 0;
	base->meetings_family_invited += (m->p->invited & (youth | parent)) != 0 ? 1 : 0;
	m->p->invited = 0;
}

static pb_OrganisationActions *
actions_of(const struct message *m, const char *organisation)
{
	pb_BaseSet *base = m->base;
	size_t at = 0;

	while (at < base->n_actions && strcmp(base->actions[at]->organisation, organisation) < 0)
		at++;
	if (at < base->n_actions && strcmp(base->actions[at]->organisation, organisation) == 0)
		return base->actions[at];
	pb_OrganisationActions *actions = ARENA_NEW(m->p->arena, pb_OrganisationActions);

	pb_OrganisationActions_init(actions);
	actions->organisation = text(m, organisation);
	base->actions = picture_longer(m->p->arena, base->actions, base->n_actions, sizeof *base->actions);
	memmove(&base->actions[at + 1], &base->actions[at], (base->n_actions - at) * sizeof *base->actions);
	base->actions[at] = actions;
	base->n_actions++;
	return actions;
}

/* An action that the former plan had too, with the same organisation and not yet done, goes on. */
static bool
goes_on(const pb_CaseView *former, const pb_PlanAction *action, size_t *at)
{
	for (*at = 0; *at < former->n_actions; (*at)++) {
		const pb_ActionState *old = former->actions[*at];

		if (strcmp(old->id, action->id) == 0)
			return strcmp(old->organisation, action->organisation) == 0 && old->done_on[0] == '\0';
	}
	return false;
}

static void
on_plan_agreed(const struct message *m)
{
	const pb_PlanAgreed *in = m->s->plan_agreed;
	pb_BaseSet *base = m->base;
	pb_ActionState **actions = ARENA_ARRAY(m->p->arena, pb_ActionState *, in->n_actions + 1);
	uint64_t missed = 0;
	size_t at;

	base->plan_on = m->today;
	base->plan_has_goal = in->has_goal;
	base->plan_has_roles = in->has_roles;
	base->plan_has_tasks = in->n_actions > 0;
	base->plan_interim = in->interim;
	base->plan_question_first = in->question_first;
	base->plans++;
	for (size_t i = 0; i < in->n_actions; i++) {
		actions[i] = ARENA_NEW(m->p->arena, pb_ActionState);
		pb_ActionState_init(actions[i]);
		actions[i]->id = text(m, in->actions[i]->id);
		actions[i]->organisation = text(m, in->actions[i]->organisation);
		actions[i]->due = text(m, in->actions[i]->due);
		if (!goes_on(m->view, in->actions[i], &at))
			actions_of(m, in->actions[i]->organisation)->total++;
		else if (at < 64 && i < 64 && (m->p->actions_missed >> at & 1) != 0)
			missed |= (uint64_t)1 << i;
	}
	m->view->actions = actions;
	m->view->n_actions = in->n_actions;
	m->p->actions_missed = missed;
}

static void
on_plan_action_completed(const struct message *m)
{
	for (size_t i = 0; i < m->view->n_actions; i++) {
		pb_ActionState *action = m->view->actions[i];

		if (strcmp(action->id, m->s->plan_action_completed->action) != 0 || action->done_on[0] != '\0')
			continue;
		action->done_on = m->today;
		actions_of(m, action->organisation)->done++;
	}
}

/* ---- help ---- */

static void
on_help_realised(const struct message *m)
{
	const pb_HelpRealised *in = m->s->help_realised;

	m->view->realised_on = m->today;
	m->base->help_kind = in->help_kind;
	m->base->help_domain = in->care_domain;
	m->base->cost_inside = in->cost_inside;
	m->base->cost_outside = in->cost_outside;
	m->base->times_realised++;
	if (m->base->waiting_on[0] != '\0')
		m->base->waiting_actual_days = days_from(m->base->waiting_on, m->step->day);
}

static void
facts_void(const struct message *m)
{
	m->view->realised_on = text(m, "");
	m->view->effective_on = text(m, "");
}

static void
take_asked(const struct message *m, const Doorbraak__V1__Person *asked, size_t count)
{
	m->base->n_effect_asked = 0;
	for (size_t i = 0; i < count; i++)
		SET_ADD(m, effect_asked, asked[i]);
}

/* ---- ladders ---- */

static void
on_escalation_requested(const struct message *m)
{
	const pb_EscalationRequested *in = m->s->escalation_requested;

	SET_ADD(m, ladder, in->kind);
	if (in->kind != (int)ESCALATION_KIND_EXPERTISE_CENTRE)
		return;
	m->base->ec_applications++;
	m->base->ec_reason = in->ec_reason;
}

static void
on_escalation_decided(const struct message *m)
{
	const pb_EscalationDecided *in = m->s->escalation_decided;

	if (in->kind == (int)ESCALATION_KIND_EXPERTISE_CENTRE)
		m->base->ec_decision = in->decision;
	else
		m->base->governance_outcome = in->decision;
}

static void
take_governance(struct picture *p, int governance, cal_day day)
{
	pb_BaseSet *base = p->view->base_set;
	const bool was_open = base->governance_since[0] != '\0';
	const bool is_open = governance == GOVERNANCE_OFFICIAL || governance == GOVERNANCE_EXECUTIVE;

	if (is_open && !was_open)
		base->governance_since = record_date(p->arena, day);
	if (!is_open && was_open) {
		base->governance_days += days_from(base->governance_since, day);
		base->governance_since = record_text(p->arena, "");
	}
	if (governance > (int)base->highest_governance)
		base->highest_governance = (Doorbraak__V1__Governance)governance;
}

void
picture_take_route(struct picture *p, const pb_RouteDecided *route, const struct picture_step *step)
{
	pb_BaseSet *base = p->view->base_set;

	take_governance(p, (int)route->governance, step->day);
	if (route->level > base->highest_level)
		base->highest_level = route->level;
	for (size_t i = 0; i < route->n_notes; i++) {
		if (strcmp(route->notes[i], "DIRECT_TO_EC") != 0)
			continue;
		base->ec_direct++;
		/* A case submitted straight to a centre counts as an application as well. */
		if (step->origin != NULL && step->origin->body_case == BODY(CASE_SUBMITTED))
			base->ec_applications++;
	}
}

/* ---- court measure ---- */

static void
on_court_measure_registered(const struct message *m)
{
	const pb_CourtMeasureRegistered *in = m->s->court_measure_registered;
	pb_CourtSet *set = court(m);

	take_submitter(m);
	pb_CourtSet_init(set);
	m->base->measure = in->measure;
	if (in->age_band != (int)AGE_BAND_UNSPECIFIED)
		m->base->age_band = in->age_band;
	set->measure_on = text(m, in->pronounced_on);
	set->gi_informed_on = text(m, in->gi_informed_on);
	set->certified_body = text(m, in->certified_body);
	set->family_group_plan = in->family_group_plan;
}

static bool
on_court(const struct message *m)
{
	switch (m->s->body_case) {
	case BODY(COURT_MEASURE_REGISTERED): on_court_measure_registered(m); return true;
	case BODY(MEASURE_EXECUTION_STARTED): court(m)->execution_started_on = m->today; return true;
	case BODY(PER_CHILD_AGREEMENT_RECORDED):
		if (m->s->per_child_agreement_recorded->family_group_plan != (int)FAMILY_GROUP_PLAN_UNSPECIFIED)
			court(m)->family_group_plan = m->s->per_child_agreement_recorded->family_group_plan;
		return true;
	case BODY(PROTECTOR_ASSIGNED): court(m)->protector_on = m->today; return true;
	case BODY(FIRST_CONTACT_HELD): court(m)->first_contact_on = m->today; return true;
	case BODY(PROTECTION_PLAN_ADOPTED):
		if (court(m)->plan_on[0] == '\0')
			court(m)->plan_on = m->today;
		return true;
	case BODY(MEASURE_ENDED): court(m)->ended_on = m->today; return true;
	default: return false;
	}
}

/* ---- closed care ---- */

static void
on_closed_placement_started(const struct message *m)
{
	const pb_ClosedPlacementStarted *in = m->s->closed_placement_started;
	pb_ClosedCareSet *set = closed_care(m);

	set->reason = in->reason;
	set->provider = text(m, in->provider);
	set->started_on = m->today;
	set->ended_on = text(m, "");
	set->perspective_on = text(m, "");
	set->perspective = (Doorbraak__V1__LivingPerspective)LIVING_PERSPECTIVE_UNSPECIFIED;
	set->education_continued = in->education_continued;
}

static void
on_closed_placement_ended(const struct message *m)
{
	const pb_ClosedPlacementEnded *in = m->s->closed_placement_ended;
	pb_ClosedCareSet *set = closed_care(m);

	set->ended_on = m->today;
	set->education_continued = in->education_continued;
	if (in->destination != (int)LIVING_PERSPECTIVE_UNSPECIFIED)
		set->perspective = in->destination;
}

static bool
on_closed_care(const struct message *m)
{
	switch (m->s->body_case) {
	case BODY(CLOSED_PLACEMENT_REQUESTED):
		take_submitter(m);
		closed_care(m);
		if (m->s->closed_placement_requested->age_band != (int)AGE_BAND_UNSPECIFIED)
			m->base->age_band = m->s->closed_placement_requested->age_band;
		return true;
	case BODY(CLOSED_PLACEMENT_STARTED): on_closed_placement_started(m); return true;
	case BODY(CLOSED_PLACEMENT_ENDED): on_closed_placement_ended(m); return true;
	case BODY(AUTHORISATION_EXTENDED):
		closed_care(m)->extensions++;
		if (m->s->authorisation_extended->reason == (int)EXTENSION_REASON_NO_TIMELY_FOLLOW_UP)
			closed_care(m)->extensions_no_follow_up++;
		return true;
	case BODY(LIVING_PERSPECTIVE_SET):
		closed_care(m)->perspective_on = m->today;
		closed_care(m)->perspective = m->s->living_perspective_set->perspective;
		return true;
	case BODY(TRANSFER_REGISTERED):
		closed_care(m)->transfers++;
		closed_care(m)->provider = text(m, m->s->transfer_registered->to);
		return true;
	case BODY(SECLUSION_REGISTERED):
		if (m->s->seclusion_registered->seclusion_kind == (int)SECLUSION_KIND_ISOLATION)
			closed_care(m)->isolations++;
		else
			closed_care(m)->seclusions++;
		return true;
	case BODY(SUICIDAL_BEHAVIOUR_REGISTERED): closed_care(m)->suicidal_behaviour++; return true;
	case BODY(CCE_INVOLVED):
		/* Outside closed care CCE stands among the supporters. */
		if (m->base->closed_care != NULL)
			m->base->closed_care->cce_involved = true;
		return true;
	default: return false;
	}
}

/* ---- ending ---- */

static void
on_case_closed(const struct message *m)
{
	const pb_CaseClosed *in = m->s->case_closed;

	m->view->closed_on = m->today;
	m->view->close_reason = in->reason;
	m->base->level_solved = in->level_solved;
	m->base->approver_role = in->approver_role;
	m->base->approver_organisation = text(m, in->approver_organisation);
}

static void
on_case_reopened(const struct message *m)
{
	facts_void(m);
	m->view->closed_on = text(m, "");
	m->view->close_reason = (Doorbraak__V1__CloseReason)CLOSE_REASON_UNSPECIFIED;
	m->view->evaluation_due = text(m, "");
	m->base->level_solved = (Doorbraak__V1__Level)LEVEL_UNSPECIFIED;
	m->base->approver_role = (Doorbraak__V1__Role)ROLE_UNSPECIFIED;
	m->base->approver_organisation = text(m, "");
}

static void
on_evaluation_recorded(const struct message *m)
{
	const pb_EvaluationRecorded *in = m->s->evaluation_recorded;

	m->base->evaluated_on = m->today;
	m->base->evaluated_cooperation = in->on_cooperation;
	m->base->evaluated_content = in->on_content;
	for (size_t i = 0; i < in->n_lessons; i++)
		SET_ADD(m, lessons, in->lessons[i]);
	for (size_t i = 0; i < in->n_advised; i++)
		m->base->advised = picture_texts_with(m->p->arena, m->base->advised, m->base->n_advised, in->advised[i],
						      &m->base->n_advised);
	SET_ADD(m, functions, TEAM_FUNCTION_LEARNING);
	m->view->evaluation_due = text(m, "");
}

static bool
on_screening_and_plan(const struct message *m)
{
	switch (m->s->body_case) {
	case BODY(CASE_SUBMITTED): on_case_submitted(m); return true;
	case BODY(CASE_INFO_SUPPLEMENTED): on_case_info_supplemented(m); return true;
	case BODY(SCREENING_DECIDED): on_screening_decided(m); return true;
	case BODY(ADVICE_GIVEN):
		m->base->advice = m->s->advice_given->advice_code;
		SET_ADD(m, functions, TEAM_FUNCTION_CONSULTATION);
		return true;
	case BODY(STUCK_DECLARED):
		SET_ADD(m, stuck_on, m->s->stuck_declared->stuck_on);
		SET_ADD(m, missing_supply, m->s->stuck_declared->missing_supply);
		return true;
	case BODY(MANDATE_GRANTED): m->base->mandate_on = m->today; return true;
	case BODY(MANDATE_REFUSED):
		m->base->mandate_on = m->today;
		m->base->mandate_refusal = m->s->mandate_refused->reason;
		return true;
	case BODY(MEETING_SCHEDULED):
		if (m->s->meeting_scheduled->meeting_kind != (int)MEETING_KIND_SUBGROUP)
			m->p->invited = 0;
		return true;
	case BODY(PARTICIPANT_INVITED): on_participant_invited(m); return true;
	case BODY(MEETING_HELD): on_meeting_held(m); return true;
	case BODY(PLAN_AGREED): on_plan_agreed(m); return true;
	case BODY(PLAN_ACTION_COMPLETED): on_plan_action_completed(m); return true;
	default: return false;
	}
}

static void
on_help_and_ending(const struct message *m)
{
	switch (m->s->body_case) {
	case BODY(WAITING_TIME_RECORDED):
		m->base->waiting_on = m->today;
		m->base->waiting_expected_days = m->s->waiting_time_recorded->expected_days;
		m->p->waited |= m->step->waits_long;
		break;
	case BODY(BRIDGING_CARE_STARTED):
		m->base->bridging_started_on = m->today;
		m->base->bridging_kind = m->s->bridging_care_started->bridging_kind;
		break;
	case BODY(BRIDGING_CARE_ENDED): m->base->bridging_ended_on = m->today; break;
	case BODY(HELP_REALISED): on_help_realised(m); break;
	case BODY(HELP_EFFECTIVE_CONFIRMED):
		m->view->effective_on = m->today;
		take_asked(m, m->s->help_effective_confirmed->asked, m->s->help_effective_confirmed->n_asked);
		break;
	case BODY(HELP_NOT_EFFECTIVE):
		facts_void(m);
		m->base->times_not_effective++;
		take_asked(m, m->s->help_not_effective->asked, m->s->help_not_effective->n_asked);
		break;
	case BODY(ESCALATION_REQUESTED): on_escalation_requested(m); break;
	case BODY(ESCALATION_DECIDED): on_escalation_decided(m); break;
	case BODY(CASE_CLOSED): on_case_closed(m); break;
	case BODY(CASE_REOPENED): on_case_reopened(m); break;
	case BODY(EVALUATION_RECORDED): on_evaluation_recorded(m); break;
	default: break;
	}
}

void
picture_take_message(struct picture *p, const struct picture_step *step)
{
	const struct message m = {
	    .p = p,
	    .view = p->view,
	    .base = p->view->base_set,
	    .s = step->origin,
	    .today = record_date(p->arena, step->day),
	    .step = step,
	};

	if (!on_screening_and_plan(&m) && !on_court(&m) && !on_closed_care(&m))
		on_help_and_ending(&m);
}
