// SPDX-License-Identifier: EUPL-1.2
#include "common/record_kinds.h"

#define R(role)  (UINT32_C(1) << ROLE_##role)
#define OWNER    (R(LOCAL_TEAM) | R(MUNICIPALITY) | R(PROCESS_DIRECTOR) | R(CHAIR) | R(NATIONAL_TEAM))
#define DIRECTOR (R(PROCESS_DIRECTOR) | R(CHAIR) | R(MUNICIPALITY) | R(NATIONAL_TEAM))
/* R1: nobody is refused for being the wrong kind of submitter. */
#define EVERYBODY ((R(SYSTEM) - 2) & ~(R(OPERATOR) | R(ADMINISTRATOR) | R(BRP_ADAPTER)))
/* Who a signal can be for: boards, teams, organisations and operators, not the family. */
#define ADDRESSEES ((EVERYBODY & ~(R(YOUTH) | R(PARENT))) | R(OPERATOR))
#define FUNDER     (R(MUNICIPALITY) | R(ALDERMAN))
#define CARE       (R(PROVIDER) | R(PROFESSIONAL) | OWNER)
#define JUSTICE    (R(MUNICIPALITY) | R(CERTIFIED_BODY) | R(CHILD_PROTECTION_BOARD) | R(JUVENILE_COURT))

_Static_assert(ROLE_SYSTEM == 30, "EVERYBODY holds the roles below SYSTEM, and a role is a bit of 32");

struct kind {
	uint32_t roles;
	const char *required[KIND_REQUIRED_MAX + 1];
};

#define BODY(name) DOORBRAAK__V1__SUBMISSION__BODY_##name

static const struct kind kinds[] = {
    /* opening and information */
    [BODY(CASE_SUBMITTED)] = {EVERYBODY, {"submitter", "asks"}},
    [BODY(CASE_INFO_SUPPLEMENTED)] = {OWNER | EVERYBODY, {NULL}}, /* the submitter had any role */
    [BODY(CONSENT_RECORDED)] = {OWNER, {"given_by"}},
    [BODY(CONSENT_WITHDRAWN)] = {OWNER, {NULL}},
    [BODY(RESIDENCE_CHANGED)] = {R(MUNICIPALITY) | R(BRP_ADAPTER), {"municipality"}},
    /* screening, advice, deliberation, plan */
    [BODY(SCREENING_DECIDED)] = {R(CHAIR) | R(MUNICIPALITY), {"decision"}},
    [BODY(ADVICE_GIVEN)] = {R(CHAIR) | R(PROCESS_DIRECTOR) | R(TEAM_MEMBER), {NULL}},
    [BODY(STUCK_DECLARED)] = {OWNER, {"stuck_on"}},
    [BODY(MANDATE_GRANTED)] = {FUNDER, {NULL}},
    [BODY(MANDATE_REFUSED)] = {FUNDER, {NULL}},
    [BODY(MEETING_SCHEDULED)] = {DIRECTOR, {"meeting_on"}},
    [BODY(PARTICIPANT_INVITED)] = {DIRECTOR, {"participants"}},
    [BODY(MEETING_HELD)] = {DIRECTOR, {NULL}},
    [BODY(PLAN_AGREED)] = {DIRECTOR, {NULL}},
    [BODY(PLAN_REVIEWED)] = {DIRECTOR, {NULL}},
    [BODY(PLAN_ACTION_COMPLETED)] = {R(PROVIDER) | R(PROFESSIONAL) | R(LOCAL_TEAM) | R(MUNICIPALITY) |
					 R(CERTIFIED_BODY) | R(SCHOOL) | R(EXPERTISE_CENTRE) | DIRECTOR,
				     {"action"}},
    /* help, waiting, follow-up */
    [BODY(WAITING_TIME_RECORDED)] = {CARE, {"expected_days"}},
    [BODY(BRIDGING_CARE_STARTED)] = {CARE, {NULL}},
    [BODY(BRIDGING_CARE_ENDED)] = {CARE, {NULL}},
    [BODY(HELP_REALISED)] = {OWNER, {NULL}},
    [BODY(HELP_EFFECTIVE_CONFIRMED)] = {OWNER, {"asked"}},
    [BODY(HELP_NOT_EFFECTIVE)] = {OWNER, {"asked"}},
    /* escalation and ownership */
    [BODY(ESCALATION_REQUESTED)] = {OWNER, {"kind"}},
    [BODY(ESCALATION_DECIDED)] = {R(EXPERTISE_CENTRE) | R(MUNICIPALITY) | R(ALDERMAN) | R(STEERING_GROUP),
				  {"kind", "decision"}},
    [BODY(OWNER_TRANSFER_REQUESTED)] = {OWNER, {"to"}},
    [BODY(OWNER_TRANSFER_ACCEPTED)] = {OWNER, {NULL}},
    [BODY(OWNER_TRANSFER_REFUSED)] = {OWNER, {NULL}},
    [BODY(NATIONAL_DESK_ANSWERED)] = {R(NATIONAL_DESK), {"answer"}},
    /* court measure */
    [BODY(COURT_MEASURE_REGISTERED)] = {JUSTICE, {"measure", "pronounced_on"}},
    [BODY(MEASURE_EXECUTION_STARTED)] = {R(CERTIFIED_BODY) | R(MUNICIPALITY), {NULL}},
    [BODY(PER_CHILD_AGREEMENT_RECORDED)] = {R(MUNICIPALITY), {NULL}},
    [BODY(PROTECTOR_ASSIGNED)] = {R(CERTIFIED_BODY), {NULL}},
    [BODY(FIRST_CONTACT_HELD)] = {R(CERTIFIED_BODY) | R(PROTECTOR), {NULL}},
    [BODY(PROTECTION_PLAN_ADOPTED)] = {R(CERTIFIED_BODY) | R(PROTECTOR), {NULL}},
    [BODY(MEASURE_ENDED)] = {JUSTICE, {NULL}},
    /* closed care */
    [BODY(CLOSED_PLACEMENT_REQUESTED)] = {R(MUNICIPALITY) | R(CERTIFIED_BODY), {NULL}},
    [BODY(CLOSED_PLACEMENT_STARTED)] = {R(PROVIDER) | R(MUNICIPALITY), {"provider", "reason"}},
    [BODY(CLOSED_PLACEMENT_ENDED)] = {R(PROVIDER) | R(MUNICIPALITY), {NULL}},
    [BODY(AUTHORISATION_GRANTED)] = {R(MUNICIPALITY) | R(CERTIFIED_BODY) | R(JUVENILE_COURT), {"kind"}},
    [BODY(AUTHORISATION_EXTENDED)] = {R(MUNICIPALITY) | R(CERTIFIED_BODY) | R(JUVENILE_COURT), {"valid_until"}},
    [BODY(LIVING_PERSPECTIVE_SET)] = {R(PROVIDER) | R(MUNICIPALITY) | R(PROCESS_DIRECTOR), {"perspective"}},
    [BODY(TRANSFER_REGISTERED)] = {R(PROVIDER), {"to"}},
    [BODY(SECLUSION_REGISTERED)] = {R(PROVIDER), {"seclusion_kind"}},
    [BODY(SUICIDAL_BEHAVIOUR_REGISTERED)] = {R(PROVIDER), {NULL}},
    [BODY(RISK_PLAN_RECORDED)] = {R(PROVIDER), {NULL}},
    [BODY(CCE_INVOLVED)] = {R(PROVIDER) | R(CCE) | OWNER, {NULL}},
    [BODY(CALAMITY_REPORT_RECORDED)] = {R(PROVIDER), {"reported_on"}},
    /* ending, learning, administration */
    [BODY(CASE_SCALED_DOWN)] = {OWNER, {"to_level"}},
    [BODY(CASE_CLOSED)] = {OWNER, {"reason"}}, /* the approver is routing's: APPROVER_MISSING */
    [BODY(CASE_REOPENED)] = {R(LOCAL_TEAM), {NULL}},
    [BODY(EVALUATION_RECORDED)] = {OWNER, {NULL}},
    [BODY(THEME_RECORDED)] = {R(CHAIR) | R(PROCESS_DIRECTOR) | R(STEERING_GROUP), {"region", "stuck_on"}},
    [BODY(REGISTRY_ADOPTED)] = {R(ADMINISTRATOR), {"version", "valid_from", "rows"}},
    [BODY(POLICY_ADOPTED)] = {R(ADMINISTRATOR), {"version", "valid_from"}},
    [BODY(SOURCE_REGISTERED)] = {R(ADMINISTRATOR), {"source"}},
    [BODY(SIGNAL_ACKNOWLEDGED)] = {ADDRESSEES, {"code", "subject"}},
    [BODY(SUBSCRIPTION_REGISTERED)] = {R(OPERATOR) | R(SYSTEM), {NULL}},
    [BODY(DELIVERY_REPORTED)] = {R(OPERATOR) | R(SYSTEM), {NULL}},
    [BODY(CASE_ERASED)] = {R(OPERATOR), {"ground"}},
};

static const struct kind no_kind;

static const struct kind *
kind_of(int body_case)
{
	if (body_case < 0 || (size_t)body_case >= sizeof(kinds) / sizeof(kinds[0]))
		return &no_kind;
	return &kinds[body_case];
}

const char *const *
kind_required(int body_case)
{
	return kind_of(body_case)->required;
}

bool
record_role_may_publish(int role, int body_case)
{
	if (role <= ROLE_UNSPECIFIED || role > ROLE_SYSTEM)
		return false;
	return (kind_of(body_case)->roles >> role & 1) != 0;
}

bool
kind_role_may_decide(int role, int escalation_kind)
{
	switch (escalation_kind) {
	case ESCALATION_KIND_EXPERTISE_CENTRE: return role == ROLE_EXPERTISE_CENTRE;
	case ESCALATION_KIND_OFFICIAL: return role == ROLE_MUNICIPALITY;
	case ESCALATION_KIND_EXECUTIVE: return role == ROLE_ALDERMAN || role == ROLE_STEERING_GROUP;
	default: return false;
	}
}

bool
record_kind_opens(int body_case)
{
	return body_case == BODY(CASE_SUBMITTED) || body_case == BODY(COURT_MEASURE_REGISTERED) ||
	       body_case == BODY(CLOSED_PLACEMENT_REQUESTED);
}

bool
record_kind_has_no_case(int body_case)
{
	switch (body_case) {
	case BODY(THEME_RECORDED):
	case BODY(REGISTRY_ADOPTED):
	case BODY(POLICY_ADOPTED):
	case BODY(SOURCE_REGISTERED):
	case BODY(SUBSCRIPTION_REGISTERED):
	case BODY(DELIVERY_REPORTED): return true;
	default: return false;
	}
}
