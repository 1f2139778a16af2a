// SPDX-License-Identifier: EUPL-1.2
#include <stdio.h>
#include <stdlib.h>

#include "tests/coverage/coverage.h"

#include "services/cli/cli.h"
#include "services/cli/play.h"
#include "services/cli/yaml_tree.h"

#define NAMES_MAX 6 /* scenarios told of a rule; the others are counted */

/* ---- the rules ---- */

/* "R17" is 17; 0 for what is no rule. */
static unsigned
number_of(const char *rule)
{
	const size_t digits = rule[0] == 'R' ? strspn(rule + 1, "0123456789") : 0;

	return digits == 0 || digits > 3 || rule[1 + digits] != '\0' ? 0 : (unsigned)atoi(rule + 1);
}

static void
read_rule(struct coverage *c, struct yaml_reader *y, const struct tree *node)
{
	static const char *const known[] = {"title", "outside", NULL};
	const unsigned number = number_of(node->key);

	if (number != c->last + 1 || number > COVERAGE_RULES_MAX) {
		yaml_problem(y, node->line, "'%.40s' where R%u comes next; keep the order, and leave none out",
			     node->key, c->last + 1);
		return;
	}
	c->last = number;
	if (!yaml_map_is_known(y, node, known))
		return;
	const char *title = yaml_text_of(y, node, "title");
	const char *outside = yaml_text_of(y, node, "outside");

	if (title == NULL || title[0] == '\0')
		yaml_problem(y, node->line, "%s has no title; say in our own words what it asks", node->key);
	else
		c->rules[number].title = title;
	if (tree_get(node, "outside") != NULL && (outside == NULL || outside[0] == '\0'))
		yaml_problem(y, node->line, "%s lies outside without a reason; say why nothing can show it", node->key);
	else if (outside != NULL && outside[0] != '\0')
		c->rules[number].outside = outside;
}

static bool
read_tree(struct coverage *c, struct arena *a, const char *name, const struct tree *root, const struct why *why)
{
	static const char *const known[] = {"rules", NULL};
	struct yaml_reader y = {.arena = a, .problems = &c->problems, .file = name};

	*c = (struct coverage){.arena = a};
	if (root == NULL)
		problems_add(&c->problems, arena_printf(a, "%s", why->text));
	else if (yaml_map_is_known(&y, root, known)) {
		const struct tree *rules = tree_get(root, "rules");

		for (const struct tree *node = rules == NULL ? NULL : rules->first; node != NULL; node = node->next)
			read_rule(c, &y, node);
		if (c->last == 0)
			yaml_problem(&y, root->line, "no rules; add rules: and R1: {title: ..}");
	}
	return c->problems.count == 0;
}

bool
coverage_read(struct coverage *c, struct arena *a, const char *path)
{
	struct why why = {{0}};

	return read_tree(c, a, path, yaml_tree_file(a, path, &why), &why);
}

bool
coverage_parse(struct coverage *c, struct arena *a, const char *name, struct bytes text)
{
	struct why why = {{0}};

	return read_tree(c, a, name, yaml_tree_parse(a, name, text, &why), &why);
}

/* ---- what scenarios exercise ---- */

bool
coverage_begin(struct coverage *c, const char *name)
{
	if (c->scenario_count == COVERAGE_SCENARIOS_MAX)
		return false;
	c->scenarios[c->scenario_count++] = (struct coverage_scenario){.name = name};
	return true;
}

void
coverage_failed(struct coverage *c, const char *why)
{
	struct coverage_scenario *s = &c->scenarios[c->scenario_count - 1];

	if (s->failed == NULL)
		s->failed = why;
}

void
coverage_exercise(struct coverage *c, const char *rule)
{
	const unsigned number = number_of(rule);

	if (rule[0] != 'R')
		return;
	if (number == 0 || number > c->last)
		coverage_failed(c, arena_printf(c->arena, "it names %s, which is no rule", rule));
	else
		c->rules[number].exercised[c->scenario_count - 1] = true;
}

/* ---- playing ---- */

static bool
expects_something(const struct scenario_step *step)
{
	for (const struct scenario_expect *e = step->expect; e != NULL; e = e->next) {
		for (unsigned k = 0; k < SCENARIO_KEYS; k++) {
			if (e->checks[k] != NULL)
				return true;
		}
	}
	return false;
}

/* Does a row of the tables of the country do nothing? A decision that names it only says that nothing else fitted. */
static bool
is_idle(const pb_PolicyTables *tables, const char *id)
{
	for (size_t i = 0; i < tables->n_tables; i++) {
		const pb_RuleTable *table = tables->tables[i];

		for (size_t j = 0; j < table->n_blocks; j++) {
			for (size_t k = 0; k < table->blocks[j]->n_rows; k++) {
				if (strcmp(table->blocks[j]->rows[k]->id, id) == 0)
					return table->blocks[j]->rows[k]->n_then == 0;
			}
		}
	}
	return false;
}

static void
take_step(struct coverage *c, const struct play *play, const struct scenario_step *step)
{
	for (unsigned i = 0; i < play->batch_count; i++) {
		for (unsigned j = 0; j < play->batches[i].count; j++) {
			const pb_Answer *answer = play->batches[i].records[j].answer;

			if (answer != NULL && answer->basis != NULL &&
			    !is_idle(play->policy->tables, answer->basis->row))
				coverage_exercise(c, answer->basis->rule);
		}
	}
	for (unsigned i = 0; i < step->proves_count; i++)
		coverage_exercise(c, step->proves[i]);
}

static enum err
play_steps(struct coverage *c, struct play *play, struct why *why)
{
	const struct play_difference *d;

	for (unsigned i = 0; i < play->scenario->step_count; i++) {
		const struct scenario_step *step = &play->scenario->steps[i];
		enum err err = play_step(play, step, why);

		if (err == ERR_NONE)
			err = play_check(play, step, &d, why);
		if (err != ERR_NONE)
			return err;
		if (d != NULL)
			coverage_failed(c, arena_printf(c->arena, "step %u (%s): %s: expected %s, got %s", step->number,
							step->at, d->what, d->expected, d->got));
		else if (expects_something(step))
			take_step(c, play, step);
	}
	return ERR_NONE;
}

void
coverage_play(struct coverage *c, struct cli *cli, const char *path)
{
	struct arena a;
	struct world world;
	struct why why = {{0}};

	arena_init(&a);
	struct scenario *s = ARENA_NEW(&a, struct scenario);
	struct play *play = ARENA_NEW(&a, struct play);
	const bool read = scenario_read(&a, path, s);

	if (!coverage_begin(c, arena_printf(c->arena, "%s", s->name[0] == '\0' ? path : s->name))) {
		problems_add(&c->problems,
			     arena_printf(c->arena, "%s: more than %d scenarios", path, COVERAGE_SCENARIOS_MAX));
	} else if (!read) {
		coverage_failed(c, arena_printf(c->arena, "%s", s->problems.text[0]));
	} else {
		enum err err = world_open(&world, cli, &a, WORLD_IN_PROCESS, "", 0, &why);

		if (err == ERR_NONE) {
			err = play_begin(play, &world, s, true, cal_day_begins_ms(cal_local_day(s->steps[0].at_ms)),
					 "m", &why);
			if (err == ERR_NONE)
				err = play_steps(c, play, &why);
			world_close(&world);
		}
		if (err != ERR_NONE)
			coverage_failed(c, arena_printf(c->arena, "%s", why.text));
	}
	arena_fini(&a);
}

/* ---- the table ---- */

struct verdict {
	const char *names;  /* of the scenarios */
	const char *failed; /* name of one that failed; NULL: none */
	unsigned count;
};

static struct verdict
judge(const struct coverage *c, const struct coverage_rule *rule)
{
	struct verdict v = {.names = "-"};

	for (unsigned i = 0; i < c->scenario_count; i++) {
		if (!rule->exercised[i])
			continue;
		if (c->scenarios[i].failed != NULL && v.failed == NULL)
			v.failed = c->scenarios[i].name;
		if (v.count < NAMES_MAX)
			v.names = v.count == 0 ? c->scenarios[i].name
					       : arena_printf(c->arena, "%s, %s", v.names, c->scenarios[i].name);
		v.count++;
	}
	if (v.count > NAMES_MAX)
		v.names = arena_printf(c->arena, "%s and %u more", v.names, v.count - NAMES_MAX);
	return v;
}

static bool
print_rule(const struct coverage *c, unsigned number, FILE *out)
{
	const struct coverage_rule *rule = &c->rules[number];
	const struct verdict v = judge(c, rule);
	const bool outside = rule->outside != NULL;
	const bool good = outside ? v.count == 0 : v.count > 0 && v.failed == NULL;
	const char *word = good          ? outside ? arena_printf(c->arena, "outside: %s", rule->outside) : "passed"
			   : outside     ? "WRONG MARK: it is said to lie outside, and it occurs"
			   : v.count > 0 ? arena_printf(c->arena, "FAILED: %s", v.failed)
					 : "GAP: no scenario exercises it";

	fprintf(out, "R%-3u %-60s %-45s %s\n", number, rule->title, v.names, word);
	return good;
}

unsigned
coverage_print(const struct coverage *c, FILE *out)
{
	unsigned passed = 0, failed = 0;

	for (unsigned i = 1; i <= c->last; i++) {
		const bool good = print_rule(c, i, out);

		passed += good;
		failed += !good;
	}
	for (unsigned i = 0; i < c->scenario_count; i++) {
		if (c->scenarios[i].failed == NULL)
			continue;
		fprintf(out, "%s failed: %s\n", c->scenarios[i].name, c->scenarios[i].failed);
		failed++;
	}
	for (unsigned i = 0; i < c->problems.count && i < PROBLEMS_MAX; i++)
		fprintf(out, "%s\n", c->problems.text[i]);
	failed += c->problems.count;
	fprintf(out, "%u passed, %u failed\n", passed, failed);
	return failed;
}
