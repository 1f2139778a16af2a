// SPDX-License-Identifier: EUPL-1.2
#include "services/routing/routing_facts.h"

#define BIT(n) ((uint64_t)1 << (n))

bool
routing_is(const struct situation *at, const ProtobufCMessageDescriptor *descriptor)
{
	return at->body != NULL && at->body->descriptor == descriptor;
}

struct code
routing_actor(const struct situation *at)
{
	if (at->submission == NULL || at->submission->actor == NULL)
		return (struct code){""};
	return code_of(at->submission->actor->organisation);
}

const char *
routing_target(const struct situation *at)
{
	if (routing_is(at, &pb_OwnerTransferRequested_descriptor))
		return ((const pb_OwnerTransferRequested *)at->body)->to;
	if (routing_is(at, &pb_ScreeningDecided_descriptor))
		return ((const pb_ScreeningDecided *)at->body)->redirect_to;
	if (routing_is(at, &pb_CaseSubmitted_descriptor))
		return ((const pb_CaseSubmitted *)at->body)->addressed_to;
	return "";
}

/* ---- the case ---- */

/* Whose consent is needed follows from the age (R80); both when it is unknown. */
static bool
consent_is_complete(const struct case_file *file)
{
	const unsigned both = 1u << PERSON_PARENT | 1u << PERSON_YOUTH;
	unsigned needed = both;

	switch (file->age_band) {
	case AGE_BAND_UNSPECIFIED:
	case AGE_BAND_FROM_12_TO_15: break;
	case AGE_BAND_UNDER_12: needed = 1u << PERSON_PARENT; break;
	default: needed = 1u << PERSON_YOUTH; break;
	}
	return file->consent == CONSENT_STATE_GIVEN && (file->consent_by & needed) == needed;
}

static const struct case_deadline *
authorisation(const struct case_file *file)
{
	const int i = case_deadline_find(file->deadlines, file->deadline_count, DEADLINE_KIND_AUTH_EXPIRY, "");

	return i < 0 ? NULL : &file->deadlines[i];
}

static void
facts_of_owner(const struct case_file *file, int64_t *facts)
{
	facts[CASE_FACT_OWNER_KIND] = organisation_kind(file->owner.s);
	facts[CASE_FACT_OWNER_IS_FUNDER_SIDE] = organisation_same_side(file->owner, file->funder);
	facts[CASE_FACT_OWNER_IS_TEAM] = !code_is_empty(file->team) && code_equal(file->owner, file->team);
	facts[CASE_FACT_TRANSFER_PENDING] = !code_is_empty(file->pending);
	facts[CASE_FACT_PENDING_KIND] = organisation_kind(file->pending.s);
	facts[CASE_FACT_HAS_TEAM] = !code_is_empty(file->team);
	facts[CASE_FACT_TEAM_SUPPORTS] = !code_is_empty(file->team) && code_set_has(&file->supporters, file->team);
	facts[CASE_FACT_CENTRE_SUPPORTS] =
	    !code_is_empty(file->centre) && code_set_has(&file->supporters, file->centre);
	facts[CASE_FACT_FUNDER_REQUIRED] = file->funder_required;
}

static void
facts_of_case(const struct situation *at, const struct case_file *file, int64_t *facts)
{
	const struct case_deadline *running = authorisation(file);

	facts[CASE_FACT_STATE] = file->state;
	facts[CASE_FACT_TRACK] = file->track;
	facts[CASE_FACT_LEVEL] = file->level;
	facts[CASE_FACT_GOVERNANCE] = file->governance;
	facts[CASE_FACT_CONSENT] = file->consent;
	facts[CASE_FACT_CONSENT_COMPLETE] = consent_is_complete(file);
	facts[CASE_FACT_MANDATE] = file->mandate;
	facts[CASE_FACT_MANDATE_WAS_GRANTED] = file->mandate_was_granted;
	facts[CASE_FACT_IS_NEW] = at->is_new;
	facts[CASE_FACT_WAS_ACCEPTED] = file->was_accepted;
	facts[CASE_FACT_REALISED] = file->realised_on != CAL_NONE;
	facts[CASE_FACT_EFFECTIVE] = file->effective_on != CAL_NONE;
	facts[CASE_FACT_REALISED_ON] = file->realised_on;
	facts[CASE_FACT_EC_DECIDED] = file->ec_decided;
	facts[CASE_FACT_BRIDGING] = file->bridging;
	facts[CASE_FACT_AUTHORISED] = running != NULL && running->due >= at->effect_on;
	facts[CASE_FACT_PLACED] = file->placed;
	facts[CASE_FACT_IN_TOP100] = file->in_top100;
	facts[CASE_FACT_TOP100_OPEN] = (int64_t)at->top100_open;
	facts[CASE_FACT_MEASURE_ACTIVE] = file->measure_active;
	facts[CASE_FACT_PROTECTOR_ASSIGNED] = file->protector_assigned;
	facts[CASE_FACT_CONTACT_HELD] = file->contact_held;
	facts[CASE_FACT_SUPPORT_ASKED] = file->support_asked;
	facts[CASE_FACT_COMPLETION_ROUND] = file->completions;
	facts[CASE_FACT_MEETING_SCHEDULED] = file->meeting_on != CAL_NONE;
}

static void
facts_of_deadlines(const struct case_file *file, int64_t *facts)
{
	const uint64_t open = case_deadline_kinds(file->deadlines, file->deadline_count);
	const uint64_t missed = case_deadline_kinds(file->missed, file->missed_count);

	facts[CASE_FACT_OPEN] = (int64_t)open;
	facts[CASE_FACT_MISSED] = (int64_t)missed;
	facts[CASE_FACT_REVIEW_OPEN] = (open & BIT(DEADLINE_KIND_REVIEW)) != 0;
	facts[CASE_FACT_EC_REQUESTED] = ((open | missed) & BIT(DEADLINE_KIND_EC_DECISION)) != 0;
	facts[CASE_FACT_DESK_ASKED] = ((open | missed) & BIT(DEADLINE_KIND_NATIONAL_FIRST_ANSWER)) != 0;
}

/* ---- who speaks ---- */

static bool
supports_as_team(const struct case_file *file, struct code actor)
{
	return organisation_is_team(actor.s) && code_set_has(&file->supporters, actor);
}

static void
facts_of_actor(const struct situation *at, const struct case_file *file, int64_t *facts)
{
	const struct code actor = routing_actor(at);
	const struct code owner = case_is_open(file) ? file->owner : file->last_owner;
	const struct code screener = code_is_empty(file->team) ? file->funder : file->team;

	if (code_is_empty(actor))
		return;
	facts[CASE_FACT_ACTOR_IS_OWNER] = organisation_same_side(actor, owner);
	facts[CASE_FACT_ACTOR_IS_DIRECTOR_SIDE] = organisation_same_side(actor, owner) || supports_as_team(file, actor);
	facts[CASE_FACT_ACTOR_IS_SCREENER] = code_equal(actor, screener);
	facts[CASE_FACT_ACTOR_IS_FUNDER] = code_equal(actor, file->funder);
	facts[CASE_FACT_ACTOR_IS_PENDING] = organisation_same_side(actor, file->pending);
	facts[CASE_FACT_ACTOR_IS_CENTRE] = code_equal(actor, file->centre);
	facts[CASE_FACT_ACTOR_IS_LOCAL_TEAM] = organisation_same_side(actor, organisation_local_team(file->funder));
}

/* ---- what the message says ---- */

static bool
is_team_of(const struct situation *at, const struct case_file *file, struct code code)
{
	return !code_is_empty(code) && (code_equal(code, file->team) || code_equal(code, at->team_today));
}

static int
target_of(const struct situation *at, const struct case_file *file, struct code target)
{
	const int kind = organisation_kind(target.s);

	if (code_is_empty(target))
		return TARGET_NONE;
	if (code_equal(target, organisation_local_team(file->funder)))
		return TARGET_LOCAL_TEAM;
	if (code_equal(target, file->funder))
		return TARGET_MUNICIPALITY;
	if (is_team_of(at, file, target))
		return TARGET_TEAM;
	if (organisation_is_team(target.s))
		return TARGET_OTHER_TEAM;
	if (kind == ORGANISATION_KIND_NATIONAL_TEAM)
		return TARGET_NATIONAL_TEAM;
	return kind == ORGANISATION_KIND_EXPERTISE_CENTRE ? TARGET_CENTRE : TARGET_OTHER;
}

static void
facts_of_target(const struct situation *at, const struct case_file *file, int64_t *facts)
{
	const struct code target = code_of(routing_target(at));

	facts[CASE_FACT_TARGET_IS] = target_of(at, file, target);
	facts[CASE_FACT_TARGET_KIND] = organisation_kind(target.s);
	facts[CASE_FACT_TARGET_IS_OWNER] = !code_is_empty(target) && code_equal(target, file->owner);
}

/* The last day of the longest term that an authorisation may run (R77), by the name of its value; deprivation of liberty:
 * no day is moved. CAL_NONE where no policy limits it. */
static cal_day
authorisation_end_max(const struct situation *at, const char *value, cal_day from)
{
	static const struct calendar plain;
	struct term term = policy_value_term(at->view, value, (struct term){.unit = TERM_NONE});

	term.never_moves = true;
	return cal_due(at->view == NULL ? &plain : &at->view->calendar, from, term);
}

static const char *
authorisation_value(int kind)
{
	switch (kind) {
	case AUTHORISATION_KIND_EMERGENCY: return "auth_emergency";
	case AUTHORISATION_KIND_CONDITIONAL: return "auth_conditional";
	default: return "auth_full";
	}
}

static void
facts_of_authorisation(const struct situation *at, const struct case_file *file, int64_t *facts)
{
	cal_day given;
	cal_day longest;

	if (routing_is(at, &pb_AuthorisationGranted_descriptor)) {
		const pb_AuthorisationGranted *granted = (const pb_AuthorisationGranted *)at->body;

		longest = authorisation_end_max(at, authorisation_value((int)granted->kind), at->effect_on);
		given = record_day(granted->valid_until);
	} else if (routing_is(at, &pb_AuthorisationExtended_descriptor)) {
		const struct case_deadline *running = authorisation(file);

		longest = authorisation_end_max(at, "auth_extension", running == NULL ? at->effect_on : running->due);
		given = record_day(((const pb_AuthorisationExtended *)at->body)->valid_until);
	} else {
		return;
	}
	facts[CASE_FACT_DATE_GIVEN] = given == CAL_NONE ? longest : given;
	facts[CASE_FACT_AUTH_TOO_LONG] = given != CAL_NONE && longest != CAL_NONE && given > longest;
}

static cal_day
charged_and_informed(const pb_CourtMeasureRegistered *measure, cal_day effect_on)
{
	const cal_day pronounced = record_day(measure->pronounced_on);
	const cal_day informed = record_day(measure->gi_informed_on);
	const cal_day from = informed == CAL_NONE ? effect_on : informed;

	return pronounced != CAL_NONE && pronounced > from ? pronounced : from;
}

static int
role_of_submitter(int submitter)
{
	switch (submitter) {
	case SUBMITTER_KIND_YOUTH: return ROLE_YOUTH;
	case SUBMITTER_KIND_PARENT: return ROLE_PARENT;
	case SUBMITTER_KIND_PROFESSIONAL: return ROLE_PROFESSIONAL;
	case SUBMITTER_KIND_LOCAL_TEAM: return ROLE_LOCAL_TEAM;
	case SUBMITTER_KIND_MUNICIPALITY: return ROLE_MUNICIPALITY;
	case SUBMITTER_KIND_PROVIDER: return ROLE_PROVIDER;
	case SUBMITTER_KIND_SCHOOL: return ROLE_SCHOOL;
	case SUBMITTER_KIND_CERTIFIED_BODY: return ROLE_CERTIFIED_BODY;
	default: return ROLE_UNSPECIFIED;
	}
}

uint64_t
routing_invited(const struct situation *at, struct code funder, bool *funder_invited)
{
	uint64_t roles = 0;

	if (!routing_is(at, &pb_ParticipantInvited_descriptor))
		return 0;
	const pb_ParticipantInvited *invited = (const pb_ParticipantInvited *)at->body;

	for (size_t i = 0; i < invited->n_participants; i++) {
		const pb_Participant *p = invited->participants[i];

		if ((unsigned)p->kind < 64)
			roles |= BIT((unsigned)p->kind);
		if (!code_is_empty(funder) && strcmp(p->organisation, funder.s) == 0)
			*funder_invited = true;
	}
	return roles;
}

static void
facts_of_meeting(const struct situation *at, const struct case_file *file, int64_t *facts)
{
	bool funder = file->funder_invited;
	const uint64_t now = routing_invited(at, file->funder, &funder);
	const uint64_t roles = file->invited | now;
	const int submitter = role_of_submitter(file->submitter);
	uint64_t needed = BIT(ROLE_PARENT) | BIT(ROLE_YOUTH);

	if (submitter != ROLE_UNSPECIFIED)
		needed |= BIT((unsigned)submitter);
	facts[CASE_FACT_INVITES_PROVIDER] = (now & BIT(ROLE_PROVIDER)) != 0;
	facts[CASE_FACT_INVITED_ALL] = (roles & needed) == needed && (funder || !file->funder_required);
	if (!routing_is(at, &pb_MeetingHeld_descriptor))
		return;
	const pb_MeetingHeld *held = (const pb_MeetingHeld *)at->body;

	facts[CASE_FACT_FUNDER_ABSENT] = true;
	for (size_t i = 0; i < held->n_present; i++) {
		if (strcmp(held->present[i]->organisation, file->funder.s) == 0)
			facts[CASE_FACT_FUNDER_ABSENT] = false;
	}
}

static bool
action_is_open(const struct case_file *file, const char *id)
{
	for (unsigned i = 0; i < file->action_count; i++) {
		if (strcmp(file->actions[i].id.s, id) == 0)
			return file->actions[i].done_on == CAL_NONE;
	}
	return false;
}

static void
facts_of_message(const struct situation *at, const struct case_file *file, int64_t *facts)
{
	facts_of_target(at, file, facts);
	facts_of_authorisation(at, file, facts);
	facts_of_meeting(at, file, facts);
	if (routing_is(at, &pb_CaseSubmitted_descriptor)) {
		if (((const pb_CaseSubmitted *)at->body)->channel == (int)CHANNEL_NATIONAL_DESK)
			facts[CASE_FACT_DESK_CONTACTS]++;
	} else if (routing_is(at, &pb_MeetingScheduled_descriptor)) {
		facts[CASE_FACT_DATE_GIVEN] = record_day(((const pb_MeetingScheduled *)at->body)->meeting_on);
	} else if (routing_is(at, &pb_WaitingTimeRecorded_descriptor)) {
		facts[CASE_FACT_WAITS_LONG] =
		    policy_waits_long(at->view, ((const pb_WaitingTimeRecorded *)at->body)->expected_days);
	} else if (routing_is(at, &pb_CourtMeasureRegistered_descriptor)) {
		facts[CASE_FACT_CHARGED_AND_INFORMED] =
		    charged_and_informed((const pb_CourtMeasureRegistered *)at->body, at->effect_on);
	} else if (routing_is(at, &pb_EscalationRequested_descriptor)) {
		facts[CASE_FACT_CONSIDERED_BY_TEAM] =
		    is_team_of(at, file, code_of(((const pb_EscalationRequested *)at->body)->considered_by));
	} else if (routing_is(at, &pb_PlanActionCompleted_descriptor)) {
		facts[CASE_FACT_ACTION_OPEN] = action_is_open(file, ((const pb_PlanActionCompleted *)at->body)->action);
	} else if (routing_is(at, &pb_CaseClosed_descriptor)) {
		const pb_CaseClosed *closed = (const pb_CaseClosed *)at->body;

		facts[CASE_FACT_APPROVER_GIVEN] =
		    closed->approver_role != (int)ROLE_UNSPECIFIED && closed->approver_organisation[0] != '\0';
	} else if (routing_is(at, &pb_CaseScaledDown_descriptor)) {
		const int to = (int)((const pb_CaseScaledDown *)at->body)->to_level;

		facts[CASE_FACT_TO_LEVEL_IS_LOWER] = to != LEVEL_UNSPECIFIED && to < file->level;
	}
}

static void
facts_of_move(const struct situation *at, const struct case_file *file, int64_t *facts)
{
	if (code_is_empty(at->municipality))
		return;
	facts[CASE_FACT_MUNICIPALITY_CHANGES] = !code_equal(at->municipality, file->funder);
	facts[CASE_FACT_REGION_CHANGES] = !code_equal(at->new_region, file->region);
	facts[CASE_FACT_NEW_HAS_TEAM] = !code_is_empty(at->new_team);
	facts[CASE_FACT_OWNER_IS_NEW_TEAM] = !code_is_empty(at->new_team) && code_equal(at->new_team, file->owner);
}

void
routing_facts(const struct situation *at, const struct case_file *file, const struct rules_table *table, int64_t *facts)
{
	for (unsigned i = 0; i < CASE_FACT_COUNT; i++)
		facts[i] = scope_effects.facts[i].type == FACT_DAY ? CAL_NONE : 0;
	facts[CASE_FACT_EFFECT_DATE] = at->effect_on;
	facts[CASE_FACT_OUT_OF_ORDER] =
	    at->submission != NULL && file->last_on != CAL_NONE && at->effect_on < file->last_on;
	facts[CASE_FACT_AGE] = file->age_band;
	facts[CASE_FACT_DESK_CONTACTS] = (int64_t)file->desk_contacts;
	facts[CASE_FACT_AGENDA_FULL] = at->agenda_full;
	facts_of_owner(file, facts);
	facts_of_case(at, file, facts);
	facts_of_deadlines(file, facts);
	facts_of_actor(at, file, facts);
	facts_of_message(at, file, facts);
	facts_of_move(at, file, facts);
	if (table != NULL)
		rules_message_facts(table, at->body, facts);
}
