// SPDX-License-Identifier: EUPL-1.2
/* scope_triage.h - the words of the tables that classify what comes in: scope `triage`.
 *
 * Tables exist for CaseSubmitted, CourtMeasureRegistered, ClosedPlacementRequested (those that open a case) and for
 * ResidenceChanged. They are run once a responsible municipality was found; a message without one is rejected before
 * (rules.md 4.2). A table has at most one winning row a block; the first block sets the track and gives the decision
 * its rule, the others add criteria (R19-R23) and warnings. Who owns the case and what is due is not said here. */
#ifndef DOORBRAAK_SCOPE_TRIAGE_H
#define DOORBRAAK_SCOPE_TRIAGE_H

#include "common/rules.h"

/* Indexes of the facts. The fields of the message follow them. */
enum triage_fact {
	TRIAGE_FACT_RESIDENCE,
	TRIAGE_FACT_REPLACED,
	TRIAGE_FACT_HAS_TEAM,
	TRIAGE_FACT_HAS_LANDING_PLACE,
	TRIAGE_FACT_ASK_OFFERED,
	TRIAGE_FACT_LIFE_DOMAIN_COUNT,
	TRIAGE_FACT_EFFECT_DATE,
	TRIAGE_FACT_COUNT,
};

/* Residence: which of the fields of a message named the municipality (R2). */
enum triage_residence {
	RESIDENCE_NONE,
	RESIDENCE_LEGAL,           /* municipality: residence in the sense of the law */
	RESIDENCE_MOTHER_AT_BIRTH, /* municipality_mother_at_birth */
	RESIDENCE_STAY,            /* municipality_of_stay */
};

enum triage_verb {
	TRIAGE_TRACK,
	TRIAGE_CRITERION,
	TRIAGE_WARN,
	TRIAGE_STOP,
	TRIAGE_VERB_COUNT,
};

extern const struct rules_scope scope_triage;

#endif
