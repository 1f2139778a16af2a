// SPDX-License-Identifier: EUPL-1.2
/* hostile_play.c - policies of chance, and histories under them. */
#include <stdio.h>

#include "common/rules_names.h"
#include "common/scope_effects.h"
#include "common/scope_signals.h"
#include "common/scope_triage.h"
#include "tests/load/load.h"
#include "tests/sim/adopt.h"
#include "tests/sim/hostile.h"

#define DAY_MS        86400000
#define CASES_IN_VIEW 12u

static unsigned
draw(struct hostile *h, unsigned limit)
{
	return h->draw(h->ctx, limit);
}

/* ---- rows of chance ---- */

static const struct rules_scope *
scope_of(const char *name)
{
	static const struct rules_scope *const scopes[] = {&scope_accept, &scope_effects, &scope_triage,
							   &scope_signals};

	for (unsigned i = 0; i < 4; i++)
		if (strcmp(scopes[i]->name, name) == 0)
			return scopes[i];
	fatal("hostile: there is no scope `%s`", name);
}

static const char *
draw_enum(struct hostile *h, const struct rules_scope *scope, const char *name)
{
	struct rules_codes of;
	unsigned count = 0;

	if (!rules_codes_find(scope, name, &of))
		return "ODD";
	while (rules_codes_at(of, count) != NULL && count < 64)
		count++;
	/* The first stands for nothing. */
	return count < 2 ? "ODD" : rules_codes_at(of, 1 + draw(h, count - 1));
}

static const char *
draw_fact_value(struct hostile *h, const struct rules_scope *scope, const struct fact_def *f)
{
	switch (f->type) {
	case FACT_BOOL: return draw(h, 2) == 0 ? "true" : "false";
	case FACT_INT: return arena_printf(h->arena, "%u", draw(h, 4));
	case FACT_DAY: return "2023-01-01";
	default: return draw_enum(h, scope, f->enum_name);
	}
}

static pb_RuleCondition *
draw_condition(struct hostile *h, const struct rules_scope *scope)
{
	const struct fact_def *f = &scope->facts[draw(h, scope->fact_count)];
	pb_RuleCondition *c = ARENA_NEW(h->arena, pb_RuleCondition);

	pb_RuleCondition_init(c);
	c->fact = record_text(h->arena, f->name);
	c->test = (Doorbraak__V1__RuleTest)(f->type == FACT_SET   ? DOORBRAAK__V1__RULE_TEST__RULE_TEST_HAS
					    : f->type == FACT_DAY ? DOORBRAAK__V1__RULE_TEST__RULE_TEST_FROM
								  : DOORBRAAK__V1__RULE_TEST__RULE_TEST_ONE_OF);
	c->values = ARENA_ARRAY(h->arena, char *, 1);
	c->values[c->n_values++] = record_text(h->arena, draw_fact_value(h, scope, f));
	return c;
}

/* The arguments by their words; a last word with `*` comes once or twice. */
static void
draw_arguments(struct hostile *h, const struct rules_scope *scope, const char *words, pb_RuleEffect *e)
{
	static const char *const settable[] = {"consent",        "mandate",       "was_accepted", "realised",
					       "effective",      "ec_decided",    "bridging",     "placed",
					       "measure_active", "support_asked", "contact_held"};
	const char *set = settable[draw(h, 11)];

	e->arguments = ARENA_ARRAY(h->arena, char *, 8);
	while (*words != '\0') {
		size_t len = strcspn(words, " ");
		char *word = arena_str(h->arena, bytes_of(words, len));
		const char *said = NULL;
		words += len + (words[len] == ' ');
		if (word[len - 1] == '*' || word[len - 1] == '?') {
			word[len - 1] = '\0';
			if (draw(h, 2) == 0)
				continue;
		}
		if (strcmp(word, "int") == 0)
			said = arena_printf(h->arena, "%u", 1 + draw(h, 3));
		else if (strcmp(word, "bool") == 0)
			said = "true";
		else if (strcmp(word, "text") == 0)
			said = draw(h, 2) == 0 ? "ODD" : "ABSENT";
		else if (strcmp(word, "fact") == 0)
			said = set;
		else if (strcmp(word, "value") == 0) {
			for (unsigned i = 0; i < scope->fact_count; i++)
				if (strcmp(scope->facts[i].name, set) == 0)
					said = draw_fact_value(h, scope, &scope->facts[i]);
		} else
			said = draw_enum(h, scope, word);
		e->arguments[e->n_arguments++] = record_text(h->arena, said == NULL ? "true" : said);
	}
}

static pb_RuleRow *
draw_rule(struct hostile *h, const struct rules_scope *scope, unsigned number, bool last)
{
	pb_RuleRow *row = ARENA_NEW(h->arena, pb_RuleRow);
	const unsigned conditions = last ? 0 : 1 + draw(h, 2), effects = draw(h, 4);

	pb_RuleRow_init(row);
	row->id = arena_printf(h->arena, "R99.%u", number);
	row->rule = record_text(h->arena, "R99");
	row->source = ARENA_NEW(h->arena, pb_RuleSource);
	pb_RuleSource_init(row->source);
	row->source->document = record_text(h->arena, "project");
	row->source->point = record_text(h->arena, "By chance");
	row->when = ARENA_ARRAY(h->arena, pb_RuleCondition *, conditions + 1);
	while (row->n_when < conditions)
		row->when[row->n_when++] = draw_condition(h, scope);
	row->then = ARENA_ARRAY(h->arena, pb_RuleEffect *, effects + 1);
	for (; row->n_then < effects; row->n_then++) {
		const struct verb_def *verb = &scope->verbs[draw(h, scope->verb_count)];
		pb_RuleEffect *e = row->then[row->n_then] = ARENA_NEW(h->arena, pb_RuleEffect);
		pb_RuleEffect_init(e);
		e->verb = record_text(h->arena, verb->name);
		draw_arguments(h, scope, verb->arguments, e);
	}
	return row;
}

static void
draw_table(struct hostile *h, pb_RuleTable *table, unsigned *number)
{
	const struct rules_scope *scope = scope_of(table->scope);

	table->blocks = ARENA_ARRAY(h->arena, pb_RuleBlock *, 2);
	table->n_blocks = 0;
	for (unsigned blocks = 1 + draw(h, 2); table->n_blocks < blocks;) {
		pb_RuleBlock *block = table->blocks[table->n_blocks++] = ARENA_NEW(h->arena, pb_RuleBlock);
		const unsigned rows = 1 + draw(h, 3);
		pb_RuleBlock_init(block);
		block->rows = ARENA_ARRAY(h->arena, pb_RuleRow *, rows);
		while (block->n_rows < rows) {
			block->rows[block->n_rows] = draw_rule(h, scope, ++*number, block->n_rows + 1 == rows);
			block->n_rows++;
		}
	}
}

pb_PolicyAdopted *
hostile_policy(struct hostile *h, const pb_PolicyAdopted *base, const char *region)
{
	pb_PolicyAdopted *policy = ARENA_NEW(h->arena, pb_PolicyAdopted);
	pb_PolicyTables *tables = ARENA_NEW(h->arena, pb_PolicyTables);
	const bool regional = region[0] != '\0';
	unsigned number = 0;

	*policy = *base;
	*tables = *base->tables;
	policy->tables = tables;
	policy->region = record_text(h->arena, region);
	policy->version = arena_printf(h->arena, "9.%llu.0", (unsigned long long)++h->message_id);
	policy->valid_from = record_date(h->arena, cal_local_day(h->now_ms) + (cal_day)draw(h, 20));
	tables->tables = ARENA_ARRAY(h->arena, pb_RuleTable *, base->tables->n_tables);
	tables->n_tables = 0;
	for (size_t i = 0; i < base->tables->n_tables; i++) {
		pb_RuleTable *table = ARENA_NEW(h->arena, pb_RuleTable);
		const bool odd = draw(h, 3) == 0;
		*table = *base->tables->tables[i];
		/* Without one now and then: nothing is refused, nothing is done. */
		if (draw(h, 20) == 0 || (regional && !odd))
			continue;
		if (odd)
			draw_table(h, table, &number);
		tables->tables[tables->n_tables++] = table;
	}
	if (regional) {
		policy->n_values = tables->n_deadlines = tables->n_terms = 0;
	} else {
		while (tables->n_deadlines > 0 && draw(h, 3) == 0)
			tables->n_deadlines--; /* the last kinds have no term at all */
	}
	return policy;
}

/* ---- a history ---- */

struct play {
	struct realm *realm;
	struct load_random random;
	struct hostile hostile;
	struct hostile_case cases[CASES_IN_VIEW];
	const pb_PolicyAdopted *shipped;
	struct arena arena; /* of the run */
	unsigned flood;     /* messages that all go to one case */
	unsigned adopted, refused;
};

static unsigned
next_number(void *ctx, unsigned limit)
{
	struct play *p = ctx;

	return (unsigned)load_below(&p->random, limit);
}

static void
look_around(struct play *p)
{
	const struct judge *j = p->realm->judge;
	const unsigned all = judge_case_count(j);
	unsigned count = 0;

	if (p->flood > 0)
		p->flood--;
	for (unsigned i = all; i > 0 && count < (p->flood > 0 ? 1 : CASES_IN_VIEW); i--) {
		const struct judge_case *c = judge_case_at(j, i - 1);
		p->cases[count++] =
		    (struct hostile_case){c->id, c->is.owner, c->is.pending, c->is.funder, c->is.team, c->is.centre};
	}
	p->hostile.case_count = count;
	p->hostile.now_ms = p->realm->now_ms;
}

static void
find_shipped(struct play *p)
{
	struct why why;

	for (unsigned i = 0; i < adopt_count(); i++) {
		const pb_Submission *s =
		    record_unpack(&p->arena, &pb_Submission_descriptor,
				  adopt_submission(&p->arena, i, p->realm->now_ms), RECORD_ADOPTION_MAX, &why);
		if (s != NULL && s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED)
			p->shipped = s->policy_adopted;
	}
}

static void
adopt_odd_policy(struct play *p)
{
	static const char *const regions[] = {"", "", "JZ32", "JZ31", "JZ16"};
	struct realm *r = p->realm;
	pb_PolicyAdopted *policy = hostile_policy(&p->hostile, p->shipped, regions[load_below(&p->random, 5)]);
	const pb_Reply *reply = realm_submit(
	    r, adopt_administration(&r->arena,
				    arena_printf(&r->arena, "odd-%llu", (unsigned long long)p->hostile.message_id),
				    r->now_ms, DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED, &policy->base));

	p->adopted += reply->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED;
	p->refused += reply->body_case == DOORBRAAK__V1__REPLY__BODY_REJECTED;
	if (r->say && reply->body_case == DOORBRAAK__V1__REPLY__BODY_REJECTED)
		fprintf(stderr, "odd policy refused: %s: %s\n", reply->rejected->violations[0]->field,
			reply->rejected->violations[0]->text);
}

static bool
step(struct play *p)
{
	struct realm *r = p->realm;

	arena_reset(&r->arena);
	if (load_chance(&p->random, 5)) {
		realm_pass(r, r->now_ms + (int64_t)(1 + load_below(&p->random, 40)) * DAY_MS / 2);
	} else {
		r->now_ms += (int64_t)load_below(&p->random, 240) * 60000;
		if (load_chance(&p->random, 1))
			p->flood = 60;
		look_around(p);
		if (load_chance(&p->random, 4))
			p->hostile.case_count = 0; /* a new one */
		realm_submit(r, RECORD_PACK(&r->arena, hostile_submission(&p->hostile)));
	}
	return realm_settle(r);
}

bool
hostile_play(struct realm *r, uint64_t seed, unsigned steps)
{
	struct play p = {.realm = r, .random = {seed * 104729 + 5}};
	bool ok = true;

	arena_init(&p.arena);
	find_shipped(&p);
	p.hostile =
	    (struct hostile){.draw = next_number, .ctx = &p, .arena = &r->arena, .cases = p.cases, .far_dates = true};
	hostile_init(&p.hostile);
	arena_reset(&r->arena);
	realm_adopt(r, hostile_source(&r->arena, r->now_ms));
	realm_adopt(r, adopt_regions(&r->arena, r->now_ms));
	realm_pass(r, r->now_ms + DAY_MS);
	for (unsigned i = 0; ok && i < steps; i++) {
		if (i % 150 == 50) {
			arena_reset(&r->arena);
			look_around(&p);
			adopt_odd_policy(&p);
		}
		ok = step(&p);
	}
	if (ok && steps > 500 && p.adopted == 0) {
		why_set(&r->why, "none of %u odd policies compiled", p.refused);
		ok = false;
	}
	if (r->say)
		fprintf(stderr, "%u odd policies adopted, %u refused\n", p.adopted, p.refused);
	arena_fini(&p.arena);
	return ok;
}
