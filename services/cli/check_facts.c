// SPDX-License-Identifier: EUPL-1.2
/* check_facts.c - the facts of a situation, as routing_facts.c computes them; what it does not hold is chosen. */
#include "common/rules_names.h"
#include "services/cli/check_step.h"

#define BIT(n) ((uint64_t)1 << (n))

/* ---- classes of values ---- */

static const struct check_fact *
find_fact(const struct check_event *event, unsigned fact)
{
	for (unsigned i = 0; i < event->fact_count; i++) {
		if (event->facts[i].fact == fact)
			return &event->facts[i];
	}
	return NULL;
}

/* The different conditions on a fact. */
struct tests {
	const struct rules_condition *of[64];
	unsigned count;
	bool full;
};

static bool
is_there(const struct tests *tests, const struct rules_condition *c)
{
	for (unsigned i = 0; i < tests->count; i++) {
		if (tests->of[i]->test == c->test && tests->of[i]->mask == c->mask && tests->of[i]->bound == c->bound)
			return true;
	}
	return false;
}

static void
add_test(struct tests *tests, const struct rules_condition *c)
{
	if (tests->count < sizeof tests->of / sizeof tests->of[0])
		tests->of[tests->count++] = c;
	else
		tests->full = true;
}

static void
collect(const struct rules_table *table, unsigned fact, struct tests *tests)
{
	for (unsigned b = 0; table != NULL && b < table->block_count; b++) {
		for (unsigned r = 0; r < table->blocks[b].row_count; r++) {
			const struct rules_row *row = &table->blocks[b].rows[r];

			for (unsigned i = 0; i < row->when_count; i++) {
				if (row->when[i].fact == fact && !is_there(tests, &row->when[i]))
					add_test(tests, &row->when[i]);
			}
		}
	}
}

static bool
holds(const struct rules_condition *condition, int64_t value)
{
	switch (condition->test) {
	case RULE_TEST_ONE_OF: return value >= 0 && value < 64 && ((condition->mask >> value) & 1) != 0;
	case RULE_TEST_HAS: return ((uint64_t)value & condition->mask) != 0;
	default: return value >= condition->bound;
	}
}

static uint64_t
signature(const struct tests *tests, int64_t value)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < tests->count; i++)
		bits |= holds(tests->of[i], value) ? BIT(i) : 0;
	return bits;
}

static void
offer(struct check_fact *fact, const struct tests *tests, int64_t value, bool all)
{
	for (unsigned i = 0; i < fact->count && !all; i++) {
		if (signature(tests, fact->classes[i]) == signature(tests, value))
			return;
	}
	if (fact->count < CHECK_CLASSES_MAX)
		fact->classes[fact->count++] = value;
	else
		fact->full = true;
}

/* A given code stands for its class rather than the absent one. */
static void
offer_codes(struct check_fact *fact, const struct check_event *event, const struct fact_def *def,
	    const struct tests *tests, bool all)
{
	struct rules_codes codes;

	if (!rules_codes_find(event->any->scope, def->enum_name, &codes))
		return;
	bool absent = def->type == FACT_ENUM;

	for (const char *const *name = event->required; name != NULL && *name != NULL; name++)
		absent &= strcmp(*name, def->name) != 0;
	for (int value = 1; value < 64; value++) {
		if (rules_codes_text(codes, value)[0] != '\0')
			offer(fact, tests, def->type == FACT_SET ? (int64_t)BIT(value) : value, all);
	}
	if (absent)
		offer(fact, tests, 0, all);
}

/* Of a set: one bit of each class, without those that nothing looks at. */
static void
drop_unseen(struct check_fact *fact, const struct tests *tests)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < fact->count; i++) {
		if (signature(tests, fact->classes[i]) != 0)
			fact->classes[kept++] = fact->classes[i];
	}
	fact->count = (uint8_t)kept;
}

static bool
add_fact(struct check_event *event, unsigned index, bool all)
{
	const struct fact_def def = rules_fact_def(event->any, index);
	struct tests tests = {.count = 0};

	if (find_fact(event, index) != NULL)
		return true;
	if (event->fact_count == CHECK_FACTS_MAX)
		return false;
	struct check_fact *fact = &event->facts[event->fact_count++];

	*fact = (struct check_fact){.fact = (uint16_t)index};
	collect(event->accept, index, &tests);
	collect(event->effects, index, &tests);
	if (def.type == FACT_BOOL) {
		offer(fact, &tests, 1, true);
		offer(fact, &tests, 0, true);
	} else if (def.type == FACT_ENUM || def.type == FACT_SET) {
		offer_codes(fact, event, &def, &tests, all);
	} else {
		for (unsigned i = 0; i < tests.count; i++) {
			const struct rules_condition *c = tests.of[i];

			for (int value = 0; c->test == RULE_TEST_ONE_OF && value < 64; value++)
				offer(fact, &tests, value, false);
			if (c->test != RULE_TEST_ONE_OF) {
				offer(fact, &tests, c->bound, false);
				offer(fact, &tests, c->bound - 1, false);
			}
		}
	}
	if (def.type == FACT_SET)
		drop_unseen(fact, &tests);
	return !tests.full && !fact->full;
}

static bool
add_facts(struct check_event *event, const struct rules_table *table)
{
	for (unsigned b = 0; table != NULL && b < table->block_count; b++) {
		for (unsigned r = 0; r < table->blocks[b].row_count; r++) {
			const struct rules_row *row = &table->blocks[b].rows[r];

			event->row_count++;
			for (unsigned i = 0; i < row->when_count; i++) {
				if (!add_fact(event, row->when[i].fact, false))
					return false;
			}
		}
	}
	return true;
}

/* A field that an invariant asks for, whether a row does or not. */
static int
asked_for(struct check_event *event, const char *message, const char *name)
{
	if (event->any == NULL || strcmp(event->name, message) != 0)
		return -1;
	const int fact = rules_fact(event->any, name);

	if (fact >= 0)
		add_fact(event, (unsigned)fact, true);
	return fact;
}

bool
check_event_init(struct check_event *event)
{
	event->any = event->effects != NULL ? event->effects : event->accept;
	event->reason_fact = asked_for(event, "CaseClosed", "reason");
	event->approver_fact = asked_for(event, "CaseClosed", "approver_given");
	event->considered_fact = asked_for(event, "EscalationRequested", "considered_by_team");
	return add_facts(event, event->accept) && add_facts(event, event->effects);
}

/* ---- values ---- */

/* One of the classes that the tables tell apart. */
static int64_t
any_value(struct check_walk *w, unsigned index)
{
	const struct check_fact *fact = find_fact(w->event, index);
	int64_t set = 0;

	if (fact == NULL || fact->count == 0)
		return 0;
	if (rules_fact_def(w->event->any, index).type != FACT_SET)
		return fact->classes[check_choose(w, fact->count)];
	for (unsigned i = 0; i < fact->count; i++)
		set |= check_choose(w, 2) != 0 ? fact->classes[i] : 0;
	return set;
}

static int64_t
kind_of(struct check_walk *w, enum party party)
{
	switch (party) {
	case PARTY_NONE: return ORGANISATION_KIND_UNSPECIFIED;
	case PARTY_LOCAL_TEAM:
	case PARTY_FORMER_LOCAL_TEAM: return ORGANISATION_KIND_LOCAL_TEAM;
	case PARTY_MUNICIPALITY:
	case PARTY_FORMER_MUNICIPALITY: return ORGANISATION_KIND_MUNICIPALITY;
	case PARTY_TEAM:
	case PARTY_OTHER_TEAM:
		return check_choose(w, 2) == 0 ? ORGANISATION_KIND_EXPERT_TEAM : ORGANISATION_KIND_LANDING_PLACE;
	case PARTY_NATIONAL_TEAM: return ORGANISATION_KIND_NATIONAL_TEAM;
	case PARTY_CENTRE: return ORGANISATION_KIND_EXPERTISE_CENTRE;
	default: return check_choose(w, 2) == 0 ? ORGANISATION_KIND_PROVIDER : ORGANISATION_KIND_OTHER;
	}
}

static int
target_of(struct check_walk *w)
{
	if (w->target < 0)
		w->target = w->event->names ? TARGET_NONE + (int)check_choose(w, TARGET_OTHER) : TARGET_NONE;
	return w->target;
}

enum party
check_named(struct check_walk *w)
{
	static const enum party others[] = {PARTY_FORMER_LOCAL_TEAM, PARTY_FORMER_MUNICIPALITY, PARTY_OTHER};

	if (w->named >= 0)
		return (enum party)w->named;
	switch (target_of(w)) {
	case TARGET_LOCAL_TEAM: w->named = PARTY_LOCAL_TEAM; break;
	case TARGET_MUNICIPALITY: w->named = PARTY_MUNICIPALITY; break;
	/* The team of the case, or that of its region today. */
	case TARGET_TEAM:
		w->named =
		    check_early(w, CHECK_HAS_TEAM) != 0 && check_choose(w, 2) == 0 ? PARTY_TEAM : PARTY_OTHER_TEAM;
		break;
	case TARGET_OTHER_TEAM: w->named = PARTY_OTHER_TEAM; break;
	case TARGET_NATIONAL_TEAM: w->named = PARTY_NATIONAL_TEAM; break;
	case TARGET_CENTRE: w->named = PARTY_CENTRE; break;
	case TARGET_OTHER: w->named = (int)others[check_choose(w, 3)]; break;
	default: w->named = PARTY_NONE; break;
	}
	return (enum party)w->named;
}

static bool
target_is_owner(struct check_walk *w)
{
	const enum party named = check_named(w);

	if (named == PARTY_NONE || named != check_early(w, CHECK_OWNER))
		return false;
	if (named != PARTY_OTHER_TEAM && named != PARTY_FORMER_LOCAL_TEAM && named != PARTY_FORMER_MUNICIPALITY)
		return true;
	if (w->named_is_owner < 0)
		w->named_is_owner = (int)check_choose(w, 2);
	return w->named_is_owner != 0;
}

static int64_t
level_of(struct check_walk *w)
{
	const unsigned owner = check_early(w, CHECK_OWNER);

	if (owner == PARTY_NATIONAL_TEAM)
		return LEVEL_NATIONAL;
	if (check_early(w, CHECK_CENTRE_SUPPORTS) != 0)
		return LEVEL_SUPRAREGIONAL;
	/* A team or centre of another region may support as well. */
	const unsigned more = check_choose(w, 3);

	if (more == 2)
		return LEVEL_SUPRAREGIONAL;
	return owner == PARTY_TEAM || owner == PARTY_OTHER_TEAM || check_early(w, CHECK_TEAM_SUPPORTS) != 0 || more == 1
		   ? LEVEL_REGIONAL
		   : LEVEL_LOCAL;
}

/* Kinds that are open, or missed, of those that a condition asks for. */
static int64_t
kinds(struct check_walk *w, unsigned fact)
{
	const struct check_fact *looked_at = find_fact(w->event, fact);
	int64_t set = 0;

	for (unsigned i = 0; looked_at != NULL && i < looked_at->count; i++) {
		const int kind = __builtin_ctzll((uint64_t)looked_at->classes[i]);
		bool may = check_early(w, CHECK_STATE) != CASE_STATE_RECEIVED;

		if (fact == CASE_FACT_OPEN)
			may = check_may_run_early(w, kind);
		set |= may && check_choose(w, 2) != 0 ? looked_at->classes[i] : 0;
	}
	return set;
}

static int64_t
consent(struct check_walk *w)
{
	if (check_early(w, CHECK_WITHDRAWN) != 0)
		return CONSENT_STATE_WITHDRAWN;
	if (w->known[CASE_FACT_CONSENT_COMPLETE] && w->facts[CASE_FACT_CONSENT_COMPLETE] != 0)
		return CONSENT_STATE_GIVEN;
	return check_choose(w, 2) == 0 ? CONSENT_STATE_UNKNOWN : CONSENT_STATE_GIVEN;
}

static int64_t
consent_is_complete(struct check_walk *w)
{
	if (check_early(w, CHECK_WITHDRAWN) != 0 || check_choose(w, 2) == 0)
		return 0;
	return !w->known[CASE_FACT_CONSENT] || w->facts[CASE_FACT_CONSENT] == CONSENT_STATE_GIVEN;
}

static int64_t
is_new_team(struct check_walk *w)
{
	const unsigned owner = check_early(w, CHECK_OWNER);

	return check_fact_value(w, CASE_FACT_NEW_HAS_TEAM) != 0 && (owner == PARTY_TEAM || owner == PARTY_OTHER_TEAM) &&
	       check_choose(w, 2) != 0;
}

static int64_t
of_owner(struct check_walk *w, unsigned fact)
{
	const enum party owner = check_early(w, CHECK_OWNER);

	switch (fact) {
	case CASE_FACT_OWNER_KIND: return kind_of(w, owner);
	case CASE_FACT_OWNER_IS_FUNDER_SIDE: return owner == PARTY_LOCAL_TEAM || owner == PARTY_MUNICIPALITY;
	case CASE_FACT_OWNER_IS_TEAM: return owner == PARTY_TEAM;
	case CASE_FACT_TRANSFER_PENDING: return check_early(w, CHECK_PENDING) != PARTY_NONE;
	default: return kind_of(w, check_early(w, CHECK_PENDING));
	}
}

static int64_t
of_message(struct check_walk *w, unsigned fact)
{
	switch (fact) {
	case CASE_FACT_TARGET_IS: return target_of(w);
	case CASE_FACT_TARGET_KIND: return kind_of(w, check_named(w));
	case CASE_FACT_TARGET_IS_OWNER: return target_is_owner(w);
	case CASE_FACT_MUNICIPALITY_CHANGES:
	case CASE_FACT_REGION_CHANGES:
	case CASE_FACT_NEW_HAS_TEAM: return w->event->moves && check_choose(w, 2) != 0;
	case CASE_FACT_OWNER_IS_NEW_TEAM: return w->event->moves ? is_new_team(w) : 0;
	default: return any_value(w, fact);
	}
}

static int64_t
value_of(struct check_walk *w, unsigned fact)
{
	switch (fact) {
	case CASE_FACT_STATE: return check_early(w, CHECK_STATE);
	case CASE_FACT_TRACK: return check_early(w, CHECK_TRACK);
	case CASE_FACT_LEVEL: return level_of(w);
	case CASE_FACT_GOVERNANCE: return check_early(w, CHECK_GOVERNANCE);
	case CASE_FACT_CONSENT: return consent(w);
	case CASE_FACT_CONSENT_COMPLETE: return consent_is_complete(w);
	case CASE_FACT_OWNER_KIND:
	case CASE_FACT_OWNER_IS_FUNDER_SIDE:
	case CASE_FACT_OWNER_IS_TEAM:
	case CASE_FACT_TRANSFER_PENDING:
	case CASE_FACT_PENDING_KIND: return of_owner(w, fact);
	case CASE_FACT_HAS_TEAM: return check_early(w, CHECK_HAS_TEAM);
	case CASE_FACT_TEAM_SUPPORTS: return check_early(w, CHECK_TEAM_SUPPORTS);
	case CASE_FACT_CENTRE_SUPPORTS: return check_early(w, CHECK_CENTRE_SUPPORTS);
	case CASE_FACT_IS_NEW: return w->is_new;
	case CASE_FACT_WAS_ACCEPTED: return check_early(w, CHECK_WAS_ACCEPTED);
	case CASE_FACT_REALISED: return check_early(w, CHECK_REALISED);
	case CASE_FACT_EFFECTIVE: return check_early(w, CHECK_EFFECTIVE);
	case CASE_FACT_EC_REQUESTED: return check_early(w, CHECK_EC_ASKED);
	case CASE_FACT_EC_DECIDED: return check_early(w, CHECK_EC_DECIDED);
	case CASE_FACT_AUTHORISED: return check_early(w, CHECK_AUTHORISED) != 0 && check_choose(w, 2) == 0;
	case CASE_FACT_PLACED: return check_early(w, CHECK_PLACED);
	case CASE_FACT_MEASURE_ACTIVE: return check_early(w, CHECK_MEASURE_ACTIVE);
	case CASE_FACT_SUPPORT_ASKED: return check_early(w, CHECK_SUPPORT_ASKED);
	case CASE_FACT_COMPLETION_ROUND: return check_early(w, CHECK_COMPLETIONS);
	case CASE_FACT_OPEN:
	case CASE_FACT_MISSED: return kinds(w, fact);
	default: return of_message(w, fact);
	}
}

int64_t
check_fact_value(struct check_walk *w, unsigned fact)
{
	if (!w->known[fact]) {
		w->facts[fact] = value_of(w, fact);
		w->known[fact] = true;
	}
	return w->facts[fact];
}

bool
check_row_fits(struct check_walk *w, const struct rules_row *row, struct check_seen *seen)
{
	for (unsigned i = 0; i < row->when_count; i++) {
		const int64_t value = check_fact_value(w, row->when[i].fact);

		if (holds(&row->when[i], value))
			continue;
		if (seen != NULL && !seen->fired && (i > seen->met || seen->at == 0))
			*seen =
			    (struct check_seen){.met = (uint8_t)i, .at = w->from, .value = value, .index = w->index};
		return false;
	}
	return true;
}

/* ---- text ---- */

/* Who speaks is always somebody who may; it would only be noise. */
static bool
is_worth_telling(const struct check_walk *w, unsigned fact)
{
	if (fact >= CASE_FACT_COUNT)
		return true;
	return fact >= CASE_FACT_TARGET_IS ||
	       (fact > CASE_FACT_MISSED ? fact == CASE_FACT_EFFECT_DATE
					: fact == CASE_FACT_MANDATE || fact == CASE_FACT_OPEN ||
					      fact == CASE_FACT_MISSED || fact == CASE_FACT_BRIDGING) ||
	       (fact == CASE_FACT_IS_NEW && w->is_new);
}

static bool
looked_at(const struct check_walk *w, unsigned fact)
{
	for (unsigned h = 0; h < w->hit_count; h++) {
		for (unsigned i = 0; i < w->hits[h]->when_count; i++) {
			if (w->hits[h]->when[i].fact == fact)
				return true;
		}
	}
	return (int)fact == w->event->reason_fact || (int)fact == w->event->approver_fact;
}

const char *
check_walk_text(struct arena *a, const struct check_walk *w)
{
	const char *text = "";

	for (unsigned i = 0; i < w->event->fact_count; i++) {
		const unsigned fact = w->event->facts[i].fact;

		if (!w->known[fact] || !is_worth_telling(w, fact) || !looked_at(w, fact))
			continue;
		text = arena_printf(a, "%s%s%s %s", text, text[0] == '\0' ? "" : ", ",
				    rules_fact_def(w->event->any, fact).name,
				    rules_fact_text(a, w->event->any, fact, w->facts[fact]));
	}
	return text;
}
