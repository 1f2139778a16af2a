// SPDX-License-Identifier: EUPL-1.2
#include "services/triage/triage_decide.h"

struct triage_named
triage_named_of(const char *residence, const char *mother_at_birth, const char *stay)
{
	if (residence[0] != '\0')
		return (struct triage_named){RESIDENCE_LEGAL, residence, "municipality"};
	if (mother_at_birth[0] != '\0')
		return (struct triage_named){RESIDENCE_MOTHER_AT_BIRTH, mother_at_birth,
					     "municipality_mother_at_birth"};
	if (stay[0] != '\0')
		return (struct triage_named){RESIDENCE_STAY, stay, "municipality_of_stay"};
	return (struct triage_named){RESIDENCE_NONE, "", "municipality"};
}

int
triage_reason(struct triage_named named, enum registry_found found)
{
	if (named.by == RESIDENCE_NONE)
		return REASON_NO_RESPONSIBLE_MUNICIPALITY;
	switch (found) {
	case REGISTRY_FOUND:
	case REGISTRY_REPLACED: return 0;
	case REGISTRY_AMBIGUOUS: return REASON_AMBIGUOUS_MUNICIPALITY;
	case REGISTRY_UNKNOWN: break;
	}
	return REASON_UNKNOWN_MUNICIPALITY;
}

static unsigned
count_bits(unsigned bits)
{
	unsigned n = 0;

	for (; bits != 0; bits &= bits - 1)
		n++;
	return n;
}

void
triage_facts(const struct triage_situation *s, int64_t facts[TRIAGE_FACT_COUNT])
{
	facts[TRIAGE_FACT_RESIDENCE] = s->residence;
	facts[TRIAGE_FACT_REPLACED] = s->replaced;
	facts[TRIAGE_FACT_HAS_TEAM] = s->has_team;
	facts[TRIAGE_FACT_HAS_LANDING_PLACE] = s->has_landing_place;
	facts[TRIAGE_FACT_ASK_OFFERED] = s->ask_offered;
	facts[TRIAGE_FACT_LIFE_DOMAIN_COUNT] = count_bits(s->life_domains);
	facts[TRIAGE_FACT_EFFECT_DATE] = s->effect_date;
}

static uint32_t
bits_of(const struct rules_effect *e)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < e->count; i++) {
		ASSERT(e->arguments[i] >= 0 && e->arguments[i] < 32);
		bits |= UINT32_C(1) << e->arguments[i];
	}
	return bits;
}

static void
do_effect(const struct rules_effect *e, struct triage_class *out)
{
	switch ((enum triage_verb)e->verb) {
	case TRIAGE_TRACK: out->track = (int)e->arguments[0]; break;
	case TRIAGE_CRITERION: out->criteria |= bits_of(e); break;
	case TRIAGE_WARN: out->warnings |= bits_of(e); break;
	case TRIAGE_STOP: break; /* rules_run() stopped */
	case TRIAGE_VERB_COUNT: assert_failed("a verb of the scope", __FILE__, __LINE__);
	}
}

void
triage_decide(const struct rules_table *table, const int64_t *facts, struct triage_class *out)
{
	*out = (struct triage_class){0};
	rules_run(table, facts, true, &out->result);
	ASSERT(out->result.hit_count > 0);
	out->row = out->result.hits[0];
	for (unsigned i = 0; i < out->result.hit_count; i++) {
		const struct rules_row *row = out->result.hits[i];
		for (unsigned j = 0; j < row->then_count; j++)
			do_effect(&row->then[j], out);
	}
}
