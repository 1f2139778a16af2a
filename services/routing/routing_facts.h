// SPDX-License-Identifier: EUPL-1.2
/* routing_facts.h - a case and what happens to it, as the facts that the tables ask for. Pure. */
#ifndef DOORBRAAK_ROUTING_FACTS_H
#define DOORBRAAK_ROUTING_FACTS_H

#include "common/policy.h"
#include "common/scope_effects.h"
#include "services/routing/routing_case.h"

/* What happens, with everything outside the case file that the facts and effects need. */
struct situation {
	const char *event;               /* "PlanAgreed", "MISSED.REVIEW" */
	const pb_Submission *submission; /* NULL when time passed */
	const ProtobufCMessage *body;    /* of the submission, or NULL */
	const struct policy_view *view;  /* in force on the effect date; NULL when there is none */
	cal_day effect_on;               /* day of the fact */
	cal_day today;                   /* intake's day */
	bool is_new;                     /* the message opens the case */
	struct code team_today;          /* of the region of the case, by the registry on the effect date */
	struct code municipality, new_region, new_team, new_centre; /* ResidenceChanged: the place that triage found */
	cal_day supporter_end[SUPPORTER_ALL]; /* by SupporterTarget: its last valid day; CAL_NONE: no end */
	uint64_t top100_open;
	bool agenda_full;       /* MeetingScheduled: no room for another case of the team on that day */
	cal_day next_free_slot; /* ... the first later day with room; CAL_NONE: none is found */
};

/* Fills facts[0 .. CASE_FACT_COUNT), and with a table those of its message. */
void routing_facts(const struct situation *at, const struct case_file *file, const struct rules_table *table,
		   int64_t *facts);

/* Text fields that tables cannot look into. */
const char *routing_target(const struct situation *at);
/* Kinds of participants in a ParticipantInvited, as bits of Role; *funder: an organisation is that code. */
uint64_t routing_invited(const struct situation *at, struct code funder, bool *funder_invited);
struct code routing_actor(const struct situation *at);
/* True when the body is that message. */
bool routing_is(const struct situation *at, const ProtobufCMessageDescriptor *descriptor);

#endif
