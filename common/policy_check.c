// SPDX-License-Identifier: EUPL-1.2
/* policy_check.c - does a policy compile?
 *
 * Every table of a known scope, every value, unit and deadline, each with its own complaint. Whether the tables are
 * complete, keep the invariants and end is asked elsewhere; here only whether the services can run them. A regional
 * policy is checked by itself: rows that differ need no last row, and a term may name a value of the national policy.
 * */

#include "common/nearest.h"
#include "common/policy_internal.h"
#include "common/rules_names.h"

#define VALUE_MAX 100000

struct check {
	const struct policy_parts *parts;
	const pb_PolicyAdopted *policy;
	struct violations *vs;
	struct arena *arena;
	bool regional;
};

static void
complain(struct check *c, int reason, const char *field, const char *text)
{
	violations_add(c->vs, reason, arena_str(c->arena, bytes_str(field)), arena_str(c->arena, bytes_str(text)));
}

/* ---- values ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* P2, P2_court, or a name of its own. */
static bool
is_key(const char *key)
{
	size_t i = 0;

	/* P2, P13_aftercare; a letter straight behind the number is a slip of the pen. */
	if (key[0] == 'P') {
		for (i = 1; is_digit(key[i]); i++)
			;
		if (i == 1 || (key[i] != '\0' && key[i] != '_'))
			return false;
	}
	if (key[0] == '\0' || strlen(key) > CODE_MAX)
		return false;
	for (; key[i] != '\0'; i++) {
		if (!(key[i] >= 'a' && key[i] <= 'z') && !is_digit(key[i]) && key[i] != '_')
			return false;
	}
	return true;
}

static void
check_values(struct check *c)
{
	const pb_PolicyAdopted *p = c->policy;

	if (p->n_values > POLICY_VALUES_MAX)
		complain(c, REASON_MALFORMED, "values",
			 arena_printf(c->arena, "more than %d values", POLICY_VALUES_MAX));
	for (size_t i = 0; i < p->n_values; i++) {
		const char *key = p->values[i]->key;

		if (!is_key(key))
			complain(c, REASON_UNKNOWN_CODE, key,
				 "no name of a value; write P2, P2_court or a name of a-z 0-9 _");
		if (p->values[i]->value < 0 || p->values[i]->value > VALUE_MAX)
			complain(c, REASON_MALFORMED, key, arena_printf(c->arena, "not between 0 and %d", VALUE_MAX));
		for (size_t j = 0; j < i; j++) {
			if (strcmp(p->values[j]->key, key) == 0)
				complain(c, REASON_MALFORMED, key, "given twice; keep one");
		}
	}
}

static bool
is_unit(const char *unit)
{
	return strcmp(unit, "wd") == 0 || strcmp(unit, "d") == 0 || strcmp(unit, "months") == 0 ||
	       strcmp(unit, "count") == 0;
}

/* The longest an authorisation may run is a number of the law (R77). */
static bool
is_hard_value(const char *key)
{
	return strncmp(key, "auth_", 5) == 0;
}

static void
check_hard_values(struct check *c)
{
	const pb_PolicyAdopted *p = c->policy;

	for (size_t i = 0; c->regional && i < p->n_values; i++) {
		if (is_hard_value(p->values[i]->key))
			complain(c, REASON_MALFORMED, p->values[i]->key,
				 "hard: a number of the law is not the region's to change; leave it out");
	}
}

static void
check_capacities(struct check *c)
{
	const pb_PolicyAdopted *p = c->policy;

	for (size_t i = 0; i < p->n_capacities; i++) {
		const pb_TeamCapacity *one = p->capacities[i];

		if (one->cases_per_meeting < 0 || one->cases_per_meeting > POLICY_MEETING_CASES_MAX)
			complain(c, REASON_MALFORMED, one->team,
				 arena_printf(c->arena,
					      "a team takes 1 to %d cases a meeting; 0 is what the policy says for all",
					      POLICY_MEETING_CASES_MAX));
		if (one->cycle_days < 0 || one->cycle_days > POLICY_MEETING_CYCLE_MAX)
			complain(c, REASON_MALFORMED, one->team,
				 arena_printf(c->arena,
					      "a team meets every 1 to %d days; 0 is what the policy says for all",
					      POLICY_MEETING_CYCLE_MAX));
		for (size_t j = 0; j < i; j++) {
			if (strcmp(p->capacities[j]->team, one->team) == 0)
				complain(c, REASON_MALFORMED, one->team, "given twice; keep one");
		}
	}
}

static void
check_units(struct check *c)
{
	const pb_PolicyTables *tables = c->policy->tables;

	for (size_t i = 0; tables != NULL && i < tables->n_terms; i++) {
		if (!is_unit(tables->terms[i]->unit))
			complain(c, REASON_UNKNOWN_CODE, tables->terms[i]->key,
				 "has no unit that is known; write wd, d, months or count");
	}
}

static void
check_days(struct check *c)
{
	const pb_PolicyAdopted *p = c->policy;

	if (record_day(p->valid_from) == CAL_NONE)
		complain(c, REASON_MISSING_FIELD, "valid_from", "no date; write it as 2022-01-31");
	if (p->n_extra_holidays > CAL_EXTRA_MAX)
		complain(c, REASON_MALFORMED, "extra_holidays",
			 arena_printf(c->arena, "more than %d days; leave out those long past", CAL_EXTRA_MAX));
	for (size_t i = 0; i < p->n_extra_holidays; i++) {
		if (record_day(p->extra_holidays[i]) == CAL_NONE)
			complain(c, REASON_MALFORMED, "extra_holidays", "no date; write it as 2022-01-31");
	}
}

/* ---- tables ---- */

/* The row's complaint begins with where it stands, up to the first ": ". */
static void
complain_of_table(struct check *c, const struct why *why)
{
	const char *colon = strstr(why->text, ": ");
	const size_t len = colon == NULL ? 0 : (size_t)(colon - why->text);

	complain(c, REASON_UNKNOWN_CODE, arena_str(c->arena, bytes_of(why->text, len)),
		 colon == NULL ? why->text : colon + 2);
}

static bool
is_scope_name(const char *name)
{
	static const char *const names[] = {"accept", "effects", "triage", "signals"};

	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static void
check_table(struct check *c, size_t index)
{
	const pb_RuleTable *table = c->policy->tables->tables[index];
	const struct rules_scope *scope = policy_scope(c->parts, table->scope);
	const char *field = arena_printf(c->arena, "%.20s/%.60s", table->scope, table->event);
	pb_RuleTable total = *table;
	struct why why = {0};

	if (scope == NULL) {
		if (!is_scope_name(table->scope))
			complain(c, REASON_UNKNOWN_CODE, field, "no scope; known: accept, effects, triage, signals");
		return;
	}
	for (size_t i = 0; i < index; i++) {
		const pb_RuleTable *other = c->policy->tables->tables[i];

		if (strcmp(other->scope, table->scope) == 0 && strcmp(other->event, table->event) == 0)
			complain(c, REASON_MALFORMED, field, "given twice; put the blocks in one table");
	}
	if (c->regional) {
		total.blocks = ARENA_ARRAY(c->arena, pb_RuleBlock *, table->n_blocks + 1);
		for (size_t i = 0; i < table->n_blocks; i++)
			total.blocks[i] = policy_block_total(c->arena, table->scope, table->event, table->blocks[i]);
	}
	if (rules_compile(c->arena, scope, &total, &why) == NULL)
		complain_of_table(c, &why);
}

/* ---- deadlines ---- */

/* Hard by rules.md 3.1, except MEASURE_START, whose length P23 a region may change. */
static bool
is_hard(int kind)
{
	return kind == DEADLINE_KIND_PROTECTOR_CONTACT || kind == DEADLINE_KIND_AUTH_LAPSE ||
	       kind == DEADLINE_KIND_AUTH_EXPIRY || kind == DEADLINE_KIND_LIVING_PERSPECTIVE ||
	       kind == DEADLINE_KIND_PROTECTION_PLAN;
}

static bool
is_day_of_message(const char *name)
{
	const ProtobufCMessageDescriptor *submission = &pb_Submission_descriptor;
	struct fact_def def;

	for (unsigned i = 0; i < submission->n_fields; i++) {
		if (submission->fields[i].type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		const ProtobufCMessageDescriptor *body = submission->fields[i].descriptor;

		for (unsigned j = 0; j < body->n_fields; j++) {
			if (rules_field_fact(&body->fields[j], &def) && def.type == FACT_DAY &&
			    strcmp(def.name, name) == 0)
				return true;
		}
	}
	return false;
}

static void
check_anchor(struct check *c, const char *kind, const char *anchor)
{
	const struct rules_scope *scope = policy_scope(c->parts, "effects");
	struct nearest nearest;

	if (anchor[0] == '\0' || scope == NULL || is_day_of_message(anchor))
		return;
	nearest_begin(&nearest, anchor);
	for (unsigned i = 0; i < scope->fact_count; i++) {
		if (scope->facts[i].type != FACT_DAY)
			continue;
		if (strcmp(scope->facts[i].name, anchor) == 0)
			return;
		nearest_offer(&nearest, scope->facts[i].name);
	}
	complain(
	    c, REASON_UNKNOWN_CODE, kind,
	    arena_printf(c->arena, "there is no date '%.40s' to count from; %s", anchor, nearest_remedy(&nearest)));
}

static void
check_term(struct check *c, const char *kind, const char *text)
{
	struct why why = {0};
	struct term term;

	/* What a region does not give itself comes from the national policy, which is not at hand. */
	if (c->regional && is_key(text) && strcmp(text, "none") != 0)
		return;
	if (!policy_term(c->parts, text, &term, &why))
		complain(c, REASON_UNKNOWN_CODE, kind, why.text);
}

static void
check_deadline(struct check *c, const pb_DeadlineRule *rule)
{
	const char *kind = record_code_of("DeadlineKind", (int)rule->kind);

	if ((int)rule->kind <= 0 || kind[0] == '\0') {
		complain(c, REASON_UNKNOWN_CODE, "deadlines", "no kind of deadline; name one");
		return;
	}
	for (size_t i = 0; c->policy->tables->deadlines[i] != rule; i++) {
		if (c->policy->tables->deadlines[i]->kind == rule->kind)
			complain(c, REASON_MALFORMED, kind, "given twice; keep one");
	}
	if (c->regional && is_hard((int)rule->kind))
		complain(c, REASON_MALFORMED, kind, "hard: its length is not the region's to change; leave it out");
	if (rule->n_terms == 0)
		complain(c, REASON_MISSING_FIELD, kind, "has no term; give one, such as 'all: 5 wd'");
	for (size_t i = 0; i < rule->n_terms; i++)
		check_term(c, kind, rule->terms[i]->term);
	for (size_t i = 0; i < rule->n_fulfilled_by; i++) {
		if (record_message(rule->fulfilled_by[i]) == NULL)
			complain(c, REASON_UNKNOWN_CODE, kind,
				 arena_printf(c->arena,
					      "fulfilled by '%.60s', which is no message; write its name as in the "
					      "vocabulary",
					      rule->fulfilled_by[i]));
	}
	check_anchor(c, kind, rule->anchor);
}

bool
policy_check(const struct rules_scope *const *scopes, unsigned scope_count, const pb_PolicyAdopted *adopted,
	     struct violations *vs, struct arena *a)
{
	const struct policy_parts parts = {
	    .arena = a,
	    .scratch = a,
	    .scopes = scopes,
	    .scope_count = scope_count,
	    .national = adopted,
	};
	struct check c = {&parts, adopted, vs, a, adopted->region[0] != '\0'};
	const unsigned before = vs->count;
	const pb_PolicyTables *tables = adopted->tables;

	if (!record_is_semver(adopted->version))
		complain(&c, REASON_MISSING_FIELD, "version", "no version; write one such as 1.0.0");
	check_days(&c);
	check_values(&c);
	check_hard_values(&c);
	check_capacities(&c);
	check_units(&c);
	if (tables == NULL)
		return vs->count == before;
	if (tables->n_tables > POLICY_TABLES_MAX)
		complain(&c, REASON_MALFORMED, "tables", arena_printf(a, "more than %d tables", POLICY_TABLES_MAX));
	for (size_t i = 0; i < tables->n_tables; i++)
		check_table(&c, i);
	for (size_t i = 0; i < tables->n_deadlines; i++)
		check_deadline(&c, tables->deadlines[i]);
	return vs->count == before;
}
