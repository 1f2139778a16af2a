// SPDX-License-Identifier: EUPL-1.2
/* triage_decide.h - where does it belong, and how complex is it? (rules.md R2-R7, R16, R19-R23)
 *
 * Pure: names, places and facts go in, a classification comes out. What the registry says about a municipality is
 * looked up by triage.c; the choices stand in the tables of scope `triage` (services/triage/policy/triage.yaml). */
#ifndef DOORBRAAK_TRIAGE_DECIDE_H
#define DOORBRAAK_TRIAGE_DECIDE_H

#include "common/registry.h"
#include "common/scope_triage.h"

/* Which municipality a message names, and in which field. */
struct triage_named {
	enum triage_residence by;
	const char *municipality; /* "" for RESIDENCE_NONE */
	const char *field;        /* name in the contract */
};
/* R2: residence, else the mother's municipality at birth, else that of the actual stay. Empty text means not given. */
struct triage_named triage_named_of(const char *residence, const char *mother_at_birth, const char *stay);

/* What stands in the way of a classification: a REASON_..., 0 for nothing. */
int triage_reason(struct triage_named named, enum registry_found found);

/* What is known about a message when its table is run. */
struct triage_situation {
	enum triage_residence residence;
	bool replaced;
	bool has_team;
	bool has_landing_place;
	bool ask_offered;
	unsigned life_domains; /* areas of life, as bits */
	cal_day effect_date;
};
/* Fills the facts of the scope; those of the message are filled by rules_message_facts(). */
void triage_facts(const struct triage_situation *s, int64_t facts[TRIAGE_FACT_COUNT]);

struct triage_class {
	int track;                   /* 0 where no row set it */
	uint32_t criteria;           /* bits of ComplexityCriterion */
	uint32_t warnings;           /* bits of Warning */
	const struct rules_row *row; /* the winner of the first block */
	struct rules_result result;  /* all winners, and the rows one fact short */
};
void triage_decide(const struct rules_table *table, const int64_t *facts, struct triage_class *out);

#endif
