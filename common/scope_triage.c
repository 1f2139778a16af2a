// SPDX-License-Identifier: EUPL-1.2
#include "common/scope_triage.h"

static const struct fact_def facts[TRIAGE_FACT_COUNT] = {
    [TRIAGE_FACT_RESIDENCE] = {"residence", FACT_ENUM, "Residence",
			       "which field named the municipality, in the order of R2"},
    [TRIAGE_FACT_REPLACED] = {"replaced", FACT_BOOL, "",
			      "the municipality named no longer exists; its successor is used"},
    [TRIAGE_FACT_HAS_TEAM] = {"has_team", FACT_BOOL, "", "the region has an expert team on the effect date"},
    [TRIAGE_FACT_HAS_LANDING_PLACE] = {"has_landing_place", FACT_BOOL, "",
				       "the region has a landing place with four functions, known to all"},
    [TRIAGE_FACT_ASK_OFFERED] = {"ask_offered", FACT_BOOL, "",
				 "the registry names what is asked as an extra task of the team of the region (R16)"},
    [TRIAGE_FACT_LIFE_DOMAIN_COUNT] = {"life_domain_count", FACT_INT, "", "how many areas of life the message names"},
    [TRIAGE_FACT_EFFECT_DATE] = {"effect_date", FACT_DAY, "", "local day on which it happened"},
};

static const struct verb_def verbs[TRIAGE_VERB_COUNT] = {
    [TRIAGE_TRACK] = {"track", "Track", "the legal ground on which the case begins"},
    [TRIAGE_CRITERION] = {"criterion", "ComplexityCriterion ComplexityCriterion*",
			  "criteria of complexity are met (R19-R23)"},
    [TRIAGE_WARN] = {"warn", "Warning Warning*", "something deserves attention"},
    [TRIAGE_STOP] = {"stop", "", "ends the table"},
};

static const char *const residence_codes[] = {"", "LEGAL", "MOTHER_AT_BIRTH", "STAY", NULL};

static const struct rules_enum enums[] = {{"Residence", residence_codes}};

const struct rules_scope scope_triage = {
    .name = "triage",
    .facts = facts,
    .fact_count = TRIAGE_FACT_COUNT,
    .verbs = verbs,
    .verb_count = TRIAGE_VERB_COUNT,
    .enums = enums,
    .enum_count = sizeof enums / sizeof enums[0],
};
