// SPDX-License-Identifier: EUPL-1.2
#include "common/scope_effects.h"

static const struct fact_def facts[CASE_FACT_COUNT] = {
    [CASE_FACT_STATE] = {"state", FACT_ENUM, "CaseState", "where the case stands; RECEIVED for a new one"},
    [CASE_FACT_TRACK] = {"track", FACT_ENUM, "Track", "legal ground; a new case has the track that triage found"},
    [CASE_FACT_LEVEL] = {"level", FACT_ENUM, "Level", "highest rung that works on the case"},
    [CASE_FACT_GOVERNANCE] = {"governance", FACT_ENUM, "Governance", "open escalation about cooperation or money"},
    [CASE_FACT_CONSENT] = {"consent", FACT_ENUM, "ConsentState",
			   "consent as it stands; settable: GIVEN and WITHDRAWN take the persons of the message"},
    [CASE_FACT_CONSENT_COMPLETE] = {"consent_complete", FACT_BOOL, "",
				    "consent is given by everybody whose consent is needed at this age (R80)"},
    [CASE_FACT_MANDATE] = {"mandate", FACT_ENUM, "MandateState", "mandate of the present funder; settable"},
    [CASE_FACT_MANDATE_WAS_GRANTED] = {"mandate_was_granted", FACT_BOOL, "", "the present funder has once granted it"},
    [CASE_FACT_OWNER_KIND] = {"owner_kind", FACT_ENUM, "OrganisationKind",
			      "kind of the owner; absent for a new or closed case"},
    [CASE_FACT_OWNER_IS_FUNDER_SIDE] = {"owner_is_funder_side", FACT_BOOL, "",
					"the owner is the funder or its local team"},
    [CASE_FACT_OWNER_IS_TEAM] = {"owner_is_team", FACT_BOOL, "", "the owner is the team or landing place of the case"},
    [CASE_FACT_TRANSFER_PENDING] = {"transfer_pending", FACT_BOOL, "", "somebody is asked to take over"},
    [CASE_FACT_PENDING_KIND] = {"pending_kind", FACT_ENUM, "OrganisationKind",
				"kind of who is asked to take over; absent when nobody is"},
    [CASE_FACT_HAS_TEAM] = {"has_team", FACT_BOOL, "", "the case has a team or landing place"},
    [CASE_FACT_TEAM_SUPPORTS] = {"team_supports", FACT_BOOL, "", "the team of the case is a supporter"},
    [CASE_FACT_CENTRE_SUPPORTS] = {"centre_supports", FACT_BOOL, "",
				   "the expertise centre of the region is a supporter"},
    [CASE_FACT_FUNDER_REQUIRED] = {"funder_required", FACT_BOOL, "", "the funder is a required participant (R33)"},
    [CASE_FACT_IS_NEW] = {"is_new", FACT_BOOL, "", "the message opens this case; false when it joins an open case"},
    [CASE_FACT_WAS_ACCEPTED] = {"was_accepted", FACT_BOOL, "", "a screener or team once accepted the case; settable"},
    [CASE_FACT_REALISED] = {"realised", FACT_BOOL, "", "help is realised; settable: true takes the effect date"},
    [CASE_FACT_EFFECTIVE] = {"effective", FACT_BOOL, "", "help is seen to work; settable: true takes the effect date"},
    [CASE_FACT_REALISED_ON] = {"realised_on", FACT_DAY, "",
			       "day on which help was realised (anchor of AFTERCARE_CHECK)"},
    [CASE_FACT_EC_REQUESTED] = {"ec_requested", FACT_BOOL, "",
				"an application to the centre has no answer yet (EC_DECISION open or missed)"},
    [CASE_FACT_EC_DECIDED] = {"ec_decided", FACT_BOOL, "", "a centre has once decided on this case; settable"},
    [CASE_FACT_DESK_ASKED] = {"desk_asked", FACT_BOOL, "",
			      "the national desk has not answered yet (NATIONAL_FIRST_ANSWER open or missed)"},
    [CASE_FACT_DESK_CONTACTS] = {"desk_contacts", FACT_INT, "",
				 "contacts with the national desk, this message included"},
    [CASE_FACT_BRIDGING] = {"bridging", FACT_BOOL, "", "bridging care runs; settable"},
    [CASE_FACT_AUTHORISED] = {"authorised", FACT_BOOL, "",
			      "an authorisation runs on the effect date (AUTH_EXPIRY open)"},
    [CASE_FACT_PLACED] = {"placed", FACT_BOOL, "", "in a closed placement; settable"},
    [CASE_FACT_IN_TOP100] = {"in_top100", FACT_BOOL, "", "in the top 100 approach; settable"},
    [CASE_FACT_TOP100_OPEN] = {"top100_open", FACT_INT, "",
			       "open cases in the top 100 approach in the country, before this message"},
    [CASE_FACT_MEASURE_ACTIVE] = {"measure_active", FACT_BOOL, "", "a court measure runs; settable"},
    [CASE_FACT_PROTECTOR_ASSIGNED] = {"protector_assigned", FACT_BOOL, "",
				      "a protector was assigned under this measure; settable"},
    [CASE_FACT_CONTACT_HELD] = {"contact_held", FACT_BOOL, "",
				"the first contact was held under this measure; settable"},
    [CASE_FACT_SUPPORT_ASKED] = {"support_asked", FACT_BOOL, "",
				 "the team was asked to support and has not answered; settable"},
    [CASE_FACT_COMPLETION_ROUND] = {"completion_round", FACT_INT, "",
				    "how often COMPLETION was set since the case became INCOMPLETE"},
    [CASE_FACT_MEETING_SCHEDULED] = {"meeting_scheduled", FACT_BOOL, "",
				     "a team meeting has a date (`due: [MEETING, GIVEN]`) and was not yet held"},
    [CASE_FACT_REVIEW_OPEN] = {"review_open", FACT_BOOL, "", "REVIEW is open"},
    [CASE_FACT_OPEN] = {"open", FACT_SET, "DeadlineKind", "kinds of the open deadlines"},
    [CASE_FACT_MISSED] = {"missed", FACT_SET, "DeadlineKind", "kinds of the deadlines missed and not yet cleared"},
    [CASE_FACT_EFFECT_DATE] = {"effect_date", FACT_DAY, "", "local day of the fact, or the day after a missed due day"},
    [CASE_FACT_OUT_OF_ORDER] = {"out_of_order", FACT_BOOL, "", "dated before the last applied message of the case"},
    [CASE_FACT_ACTOR_IS_OWNER] =
	{"actor_is_owner", FACT_BOOL, "",
	 "the actor is the owner (closed: the last one); a gemeente and its local team act for one another"},
    [CASE_FACT_ACTOR_IS_DIRECTOR_SIDE] = {"actor_is_director_side", FACT_BOOL, "",
					  "the actor is the owner, or a team that supports"},
    [CASE_FACT_ACTOR_IS_SCREENER] = {"actor_is_screener", FACT_BOOL, "",
				     "the actor is the team, or the funder where there is none"},
    [CASE_FACT_ACTOR_IS_FUNDER] = {"actor_is_funder", FACT_BOOL, "", "the actor is the funder"},
    [CASE_FACT_ACTOR_IS_PENDING] =
	{"actor_is_pending", FACT_BOOL, "",
	 "the actor is who was asked to take over; a gemeente and its local team act for one another"},
    [CASE_FACT_ACTOR_IS_CENTRE] = {"actor_is_centre", FACT_BOOL, "", "the actor is the expertise centre of the region"},
    [CASE_FACT_ACTOR_IS_LOCAL_TEAM] = {"actor_is_local_team", FACT_BOOL, "",
				       "the actor is the local team of the funder, or the funder"},
    [CASE_FACT_TARGET_IS] =
	{"target_is", FACT_ENUM, "Target",
	 "whom the message names (to, redirect_to, addressed_to), seen from the case; NONE when nobody"},
    [CASE_FACT_TARGET_KIND] = {"target_kind", FACT_ENUM, "OrganisationKind",
			       "kind of whom the message names; absent when nobody"},
    [CASE_FACT_TARGET_IS_OWNER] = {"target_is_owner", FACT_BOOL, "", "the message names the present owner"},
    [CASE_FACT_DATE_GIVEN] =
	{"date_given", FACT_DAY, "",
	 "the date of the message: meeting_on, or the end of an authorisation (absent: the longest allowed)"},
    [CASE_FACT_AGENDA_FULL] = {"agenda_full", FACT_BOOL, "",
			       "on the day of this team meeting the team has as many other cases as it takes (R30)"},
    [CASE_FACT_WAITS_LONG] = {"waits_long", FACT_BOOL, "",
			      "the expected wait is longer than the value waiting_days (R40, K12)"},
    [CASE_FACT_AUTH_TOO_LONG] = {"auth_too_long", FACT_BOOL, "",
				 "the end of the authorisation lies beyond its longest term (R77)"},
    [CASE_FACT_CHARGED_AND_INFORMED] =
	{"charged_and_informed", FACT_DAY, "",
	 "the later of pronounced_on and gi_informed_on, absent: the effect date (anchor of PROTECTOR_CONTACT)"},
    [CASE_FACT_CONSIDERED_BY_TEAM] = {"considered_by_team", FACT_BOOL, "",
				      "considered_by is the team or landing place of the case, or of its region today"},
    [CASE_FACT_AGE] = {"age", FACT_ENUM, "AgeBand", "age of the youth, as last told; absent when unknown (R10)"},
    [CASE_FACT_INVITES_PROVIDER] = {"invites_provider", FACT_BOOL, "", "a PROVIDER is among the participants"},
    [CASE_FACT_INVITED_ALL] =
	{"invited_all", FACT_BOOL, "",
	 "with this message parent, youth, kind of the submitter and the required are all invited"},
    [CASE_FACT_FUNDER_ABSENT] = {"funder_absent", FACT_BOOL, "", "the funder is not among those present"},
    [CASE_FACT_ACTION_OPEN] = {"action_open", FACT_BOOL, "", "the action named is in the plan and not done"},
    [CASE_FACT_APPROVER_GIVEN] = {"approver_given", FACT_BOOL, "", "role and organisation of the approver are given"},
    [CASE_FACT_TO_LEVEL_IS_LOWER] = {"to_level_is_lower", FACT_BOOL, "",
				     "to_level is lower than the level of the case"},
    [CASE_FACT_MUNICIPALITY_CHANGES] = {"municipality_changes", FACT_BOOL, "", "the new gemeente is not the funder"},
    [CASE_FACT_REGION_CHANGES] = {"region_changes", FACT_BOOL, "",
				  "the new gemeente lies in another region than the case"},
    [CASE_FACT_NEW_HAS_TEAM] = {"new_has_team", FACT_BOOL, "",
				"the region of the new gemeente has a team or landing place"},
    [CASE_FACT_OWNER_IS_NEW_TEAM] = {"owner_is_new_team", FACT_BOOL, "",
				     "the owner is the team of the region of the new gemeente"},
};

static const struct verb_def accept_verbs[ACCEPT_VERB_COUNT] = {
    [ACCEPT_ACCEPT] = {"accept", "", "this check is passed"},
    [ACCEPT_REJECT] = {"reject", "Reason", "the message is rejected for this reason"},
};

static const struct verb_def effect_verbs[EFFECT_VERB_COUNT] = {
    [EFFECT_STATE] =
	{"state", "CaseState",
	 "the case moves; CLOSED: no owner, supporters or governance, all deadlines end (set EVALUATION behind it)"},
    [EFFECT_TRACK] = {"track", "Track", "the track changes"},
    [EFFECT_FLAG] = {"flag", "fact value", "a settable fact of the case becomes so"},
    [EFFECT_OWNER] = {"owner", "OwnerTarget",
		      "the owner is this one at once; PENDING: nobody is asked any more, `clear` the deadlines"},
    [EFFECT_ASK] = {"ask", "OwnerTarget",
		    "a transfer is requested with TRANSFER (national team: NATIONAL_PICKUP), in place of a pending "
		    "one; between a gemeente and its local team it is done at once"},
    [EFFECT_SUPPORT] = {"support", "SupporterTarget SupporterTarget*", "becomes supporter, if valid on the day"},
    [EFFECT_LEAVE] = {"leave", "SupporterTarget SupporterTarget*", "is supporter no more"},
    [EFFECT_OFFER] = {"offer", "SupporterTarget SupporterTarget*", "support is offered, if valid on the day"},
    [EFFECT_REQUIRE] = {"require", "", "the funder of the moment is a required participant"},
    [EFFECT_UNREQUIRE] = {"unrequire", "", "the funder is required no more"},
    [EFFECT_TEAM] = {"team", "",
		     "the team or landing place that the message names becomes the team of the case, so its screener"},
    [EFFECT_REDIRECT] = {"redirect", "RedirectTarget", "RouteDecided is a REDIRECT to this one"},
    [EFFECT_GOVERNANCE] = {"governance", "Governance",
			   "OFFICIAL: only from NONE, ESCALATION_OFFICIAL; EXECUTIVE: from any, ESCALATION_EXECUTIVE, "
			   "the official one ends; NONE: both end"},
    [EFFECT_MOVE] = {"move", "", "funder, region, team and centre follow the new gemeente; its mandate is UNKNOWN"},
    [EFFECT_SET] =
	{"set", "DeadlineKind DeadlineKind*",
	 "the deadline runs with its term of the track, from its anchor (absent: the effect date); `none`: nothing"},
    [EFFECT_SET_MONTHS] = {"set_months", "DeadlineKind int", "the deadline runs so many months from the effect date"},
    [EFFECT_DUE] = {"due", "DeadlineKind DueDay", "the deadline is due on a date as it is"},
    [EFFECT_EARLIER] = {"earlier", "DeadlineKind DeadlineKind*",
			"an open deadline is due at the end of its term under a court measure, if that is earlier"},
    [EFFECT_CLEAR] = {"clear", "DeadlineKind DeadlineKind*", "fulfilled, open or missed; ACTION: all of them"},
    [EFFECT_END] = {"end", "DeadlineKind DeadlineKind*", "superseded, open or missed; ACTION: all of them"},
    [EFFECT_DROP] = {"drop", "Dropped Dropped*", "is dropped"},
    [EFFECT_FORGET] = {"forget", "Forgotten Forgotten*", "is void"},
    [EFFECT_INVITE] = {"invite", "", "the participants of the message are invited to the team meeting"},
    [EFFECT_ACTIONS] = {"actions", "ActionsOf", "plan actions, see ActionsOf"},
    [EFFECT_WARN] = {"warn", "Warning Warning*", "RouteDecided carries the warning"},
    [EFFECT_NOTE] = {"note", "text text*", "RouteDecided carries the code; signalling and monitoring count it"},
    [EFFECT_STOP] = {"stop", "", "ends the table behind this row"},
};

static const char *const target_codes[] = {
    "", "NONE", "LOCAL_TEAM", "MUNICIPALITY", "TEAM", "NATIONAL_TEAM", "CENTRE", "OTHER_TEAM", "OTHER", NULL,
};
static const char *const owner_codes[] = {
    "", "LOCAL_TEAM", "MUNICIPALITY", "TEAM", "NATIONAL_TEAM", "PENDING", "NAMED", NULL,
};
static const char *const supporter_codes[] = {
    "", "TEAM", "CENTRE", "NATIONAL_SUPPORT_TEAM", "CCE", "FORMER_OWNER", "ALL", NULL,
};
static const char *const redirect_codes[] = {"", "SCREENER", "LOCAL_TEAM", "NAMED", NULL};
static const char *const due_codes[] = {"", "GIVEN", "TODAY", NULL};
static const char *const dropped_codes[] = {"", "TRANSFER", "REQUIRED", "OFFERED", NULL};
static const char *const forgotten_codes[] = {"", "HELP", "CONTACT", "INVITATIONS", NULL};
static const char *const actions_codes[] = {"", "PLAN", "DONE", "MISSED", NULL};

static const struct rules_enum enums[] = {
    {"Target", target_codes},       {"OwnerTarget", owner_codes}, {"SupporterTarget", supporter_codes},
    {"DueDay", due_codes},          {"Dropped", dropped_codes},   {"RedirectTarget", redirect_codes},
    {"Forgotten", forgotten_codes}, {"ActionsOf", actions_codes},
};

#define COUNT_OF(a) ((unsigned)(sizeof(a) / sizeof((a)[0])))

const struct rules_scope scope_accept = {
    .name = "accept",
    .facts = facts,
    .fact_count = CASE_FACT_COUNT,
    .verbs = accept_verbs,
    .verb_count = ACCEPT_VERB_COUNT,
    .enums = enums,
    .enum_count = COUNT_OF(enums),
};

const struct rules_scope scope_effects = {
    .name = "effects",
    .facts = facts,
    .fact_count = CASE_FACT_COUNT,
    .verbs = effect_verbs,
    .verb_count = EFFECT_VERB_COUNT,
    .enums = enums,
    .enum_count = COUNT_OF(enums),
};
