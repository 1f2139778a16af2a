// SPDX-License-Identifier: EUPL-1.2
/* scope_effects.h - the words of the tables that steer a case: scopes `accept` and `effects`.
 *
 * Both scopes know the same facts; their meanings stand in scope_effects.c, one line each. Facts are a snapshot:
 * they show the case before the message (or the miss), and what the message says about it. They are computed by
 * routing (services/routing/routing_facts.c), set here once for the services, the tool and its checks.
 *
 * accept, one table a message: the blocks are the checks, in the order of the reasons (rules.md 4.2); the first
 * `reject` among the winning rows decides, `accept` only reads well. A message without a table is accepted unless it
 * is out of order.
 *
 * effects, one table a message and one a missed deadline (MISSED.<KIND>). What C does by itself, so that no table
 * has to:
 *   - of a row, `state` and `track` come first, wherever they are written;
 *   - after each row: an open deadline ends when the case leaves the states of its DeadlineRule.ends_with (it was in
 *     one of them and now is in none), unless the row itself set or cleared its kind; it is fulfilled when the
 *     message stands in fulfilled_by, else superseded; the level follows; a new owner leaves the supporters; a
 *     supporter is no longer offered;
 *   - after the table: REVIEW when an open case has no deadline left (I2); an owner where none was left (I1), the
 *     funder as owner on tracks C and G (I4), both with the note INVARIANT_KEPT;
 *   - with every accepted message: age band, urgency, submitter and desk contacts are remembered.
 * So MEETING, INVITE, PLAN and REVIEW end by themselves where their ends_with lists QUEUED, DELIBERATION and
 * EXECUTING.
 *
 * An effect that would break an invariant, or makes no sense (a transfer to nobody, a term of `none`), does nothing;
 * in the former case RouteDecided carries the note INVARIANT_KEPT. */
#ifndef DOORBRAAK_SCOPE_EFFECTS_H
#define DOORBRAAK_SCOPE_EFFECTS_H

#include "common/rules.h"

/* Indexes of the facts of both scopes. */
enum case_fact {
	/* the case */
	CASE_FACT_STATE,
	CASE_FACT_TRACK,
	CASE_FACT_LEVEL,
	CASE_FACT_GOVERNANCE,
	CASE_FACT_CONSENT,
	CASE_FACT_CONSENT_COMPLETE,
	CASE_FACT_MANDATE,
	CASE_FACT_MANDATE_WAS_GRANTED,
	CASE_FACT_OWNER_KIND,
	CASE_FACT_OWNER_IS_FUNDER_SIDE,
	CASE_FACT_OWNER_IS_TEAM,
	CASE_FACT_TRANSFER_PENDING,
	CASE_FACT_PENDING_KIND,
	CASE_FACT_HAS_TEAM,
	CASE_FACT_TEAM_SUPPORTS,
	CASE_FACT_CENTRE_SUPPORTS,
	CASE_FACT_FUNDER_REQUIRED,
	CASE_FACT_IS_NEW,
	CASE_FACT_WAS_ACCEPTED,
	CASE_FACT_REALISED,
	CASE_FACT_EFFECTIVE,
	CASE_FACT_REALISED_ON,
	CASE_FACT_EC_REQUESTED,
	CASE_FACT_EC_DECIDED,
	CASE_FACT_DESK_ASKED,
	CASE_FACT_DESK_CONTACTS,
	CASE_FACT_BRIDGING,
	CASE_FACT_AUTHORISED,
	CASE_FACT_PLACED,
	CASE_FACT_IN_TOP100,
	CASE_FACT_TOP100_OPEN,
	CASE_FACT_MEASURE_ACTIVE,
	CASE_FACT_PROTECTOR_ASSIGNED,
	CASE_FACT_CONTACT_HELD,
	CASE_FACT_SUPPORT_ASKED,
	CASE_FACT_COMPLETION_ROUND,
	CASE_FACT_MEETING_SCHEDULED,
	CASE_FACT_REVIEW_OPEN,
	CASE_FACT_OPEN,
	CASE_FACT_MISSED,
	/* the moment */
	CASE_FACT_EFFECT_DATE,
	CASE_FACT_OUT_OF_ORDER,
	/* who speaks */
	CASE_FACT_ACTOR_IS_OWNER,
	CASE_FACT_ACTOR_IS_DIRECTOR_SIDE,
	CASE_FACT_ACTOR_IS_SCREENER,
	CASE_FACT_ACTOR_IS_FUNDER,
	CASE_FACT_ACTOR_IS_PENDING,
	CASE_FACT_ACTOR_IS_CENTRE,
	CASE_FACT_ACTOR_IS_LOCAL_TEAM,
	/* what the message says, computed */
	CASE_FACT_TARGET_IS,
	CASE_FACT_TARGET_KIND,
	CASE_FACT_TARGET_IS_OWNER,
	CASE_FACT_DATE_GIVEN,
	CASE_FACT_AGENDA_FULL,
	CASE_FACT_WAITS_LONG,
	CASE_FACT_AUTH_TOO_LONG,
	CASE_FACT_CHARGED_AND_INFORMED,
	CASE_FACT_CONSIDERED_BY_TEAM,
	CASE_FACT_AGE,
	CASE_FACT_INVITES_PROVIDER,
	CASE_FACT_INVITED_ALL,
	CASE_FACT_FUNDER_ABSENT,
	CASE_FACT_ACTION_OPEN,
	CASE_FACT_APPROVER_GIVEN,
	CASE_FACT_TO_LEVEL_IS_LOWER,
	CASE_FACT_MUNICIPALITY_CHANGES,
	CASE_FACT_REGION_CHANGES,
	CASE_FACT_NEW_HAS_TEAM,
	CASE_FACT_OWNER_IS_NEW_TEAM,
	CASE_FACT_COUNT,
};

/* Target: whom the message names (`to`, `redirect_to`, `addressed_to`), seen from the case. */
enum target {
	TARGET_NONE = 1,      /* names nobody */
	TARGET_LOCAL_TEAM,    /* local team of the funder */
	TARGET_MUNICIPALITY,  /* the funder */
	TARGET_TEAM,          /* the team of the case, or of its region today */
	TARGET_NATIONAL_TEAM, /* the national team */
	TARGET_CENTRE,        /* an expertise centre, whichever */
	TARGET_OTHER_TEAM,    /* a team or landing place of another region */
	TARGET_OTHER,         /* anybody else */
};

/* OwnerTarget: who `owner` and `ask` are about. */
enum owner_target {
	OWNER_LOCAL_TEAM = 1, /* local team of the funder */
	OWNER_MUNICIPALITY,   /* the funder */
	OWNER_TEAM,           /* the team or landing place of the case; none: nothing happens */
	OWNER_NATIONAL_TEAM,  /* the national team */
	OWNER_PENDING,        /* who was asked */
	OWNER_NAMED,          /* whom the message names */
};

/* SupporterTarget: who `support`, `leave` and `offer` are about. */
enum supporter_target {
	SUPPORTER_TEAM = 1,              /* the team or landing place of the case; with `leave` every team */
	SUPPORTER_CENTRE,                /* the expertise centre of the region; with `leave` every centre */
	SUPPORTER_NATIONAL_SUPPORT_TEAM, /* OZJ, up to its last valid day */
	SUPPORTER_CCE,
	SUPPORTER_FORMER_OWNER, /* the owner before this message, unless a local team or still the owner */
	SUPPORTER_ALL,          /* only with `leave` */
};

/* RedirectTarget */
enum redirect_target {
	REDIRECT_SCREENER = 1, /* the team, or the funder where there is none */
	REDIRECT_LOCAL_TEAM,
	REDIRECT_NAMED, /* whom the message names */
};

/* DueDay */
enum due_day {
	DUE_GIVEN = 1, /* date_given */
	DUE_TODAY,     /* effect_date */
};

/* Dropped */
enum dropped {
	DROPPED_TRANSFER = 1, /* nobody is asked any more; TRANSFER and NATIONAL_PICKUP end */
	DROPPED_REQUIRED,     /* nobody is required at meetings */
	DROPPED_OFFERED,      /* no support is offered */
};

/* Forgotten */
enum forgotten {
	FORGOTTEN_HELP = 1,    /* help was realised, and works: both facts void */
	FORGOTTEN_CONTACT,     /* protector assigned, first contact held: both facts void */
	FORGOTTEN_INVITATIONS, /* who was invited to the team meeting */
};

/* ActionsOf */
enum actions_of {
	ACTIONS_PLAN = 1, /* the actions of the message are those of the plan, ACTION for each (own date or its term) */
	ACTIONS_DONE,     /* the action that the message names is done, its ACTION is cleared */
	ACTIONS_MISSED, /* missed actions that are not done get ACTION anew (`action_due` of the message or its term) */
};

/* Verbs of `accept`. */
enum accept_verb { ACCEPT_ACCEPT, ACCEPT_REJECT, ACCEPT_VERB_COUNT };

/* Verbs of `effects`. */
enum effect_verb {
	EFFECT_STATE,
	EFFECT_TRACK,
	EFFECT_FLAG,
	EFFECT_OWNER,
	EFFECT_ASK,
	EFFECT_SUPPORT,
	EFFECT_LEAVE,
	EFFECT_OFFER,
	EFFECT_REQUIRE,
	EFFECT_UNREQUIRE,
	EFFECT_TEAM,
	EFFECT_REDIRECT,
	EFFECT_GOVERNANCE,
	EFFECT_MOVE,
	EFFECT_SET,
	EFFECT_SET_MONTHS,
	EFFECT_DUE,
	EFFECT_EARLIER,
	EFFECT_CLEAR,
	EFFECT_END,
	EFFECT_DROP,
	EFFECT_FORGET,
	EFFECT_INVITE,
	EFFECT_ACTIONS,
	EFFECT_WARN,
	EFFECT_NOTE,
	EFFECT_STOP,
	EFFECT_VERB_COUNT,
};

extern const struct rules_scope scope_accept;
extern const struct rules_scope scope_effects;

#endif
