// SPDX-License-Identifier: EUPL-1.2
/* policy_file.h: policy files for people, and what they are told about mistakes. */
#include "tests/unit/unit.h"

#include "common/policy.h"
#include "common/scope_effects.h"
#include "common/scope_signals.h"
#include "common/scope_triage.h"
#include "services/cli/policy_file.h"

static const struct rules_scope *const scopes[] = {&scope_accept, &scope_effects, &scope_triage, &scope_signals};

struct bench {
	struct temp temp;
	struct arena arena;
	struct policy_file file;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	assert_non_null(b);
	b->temp = temp_make();
	arena_init(&b->arena);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	arena_fini(&b->arena);
	temp_remove(&b->temp);
	free(b);
	return 0;
}

static bool
read_paths(struct bench *b, const char *const *paths, unsigned count)
{
	return policy_file_read(&b->arena, paths, count, scopes, COUNT_OF(scopes), &b->file);
}

static void
put(struct bench *b, const char *name, const char *text)
{
	file_write(temp_path(&b->temp, name).s, text, strlen(text));
}

/* Reads a folder with one file p.yaml. */
static bool
read_text(struct bench *b, const char *text)
{
	const char *const paths[] = {b->temp.dir};

	put(b, "p.yaml", text);
	return read_paths(b, paths, 1);
}

static void
must_read(struct bench *b, const char *text)
{
	if (!read_text(b, text))
		fail_msg("%s", b->file.problems.text[0]);
}

#define HEAD "version: 1.0.0\nvalid_from: 2016-01-01\n"

static const pb_RuleTable *
table(struct bench *b, const char *scope, const char *event)
{
	for (size_t i = 0; i < b->file.policy->tables->n_tables; i++) {
		const pb_RuleTable *t = b->file.policy->tables->tables[i];

		if (strcmp(t->scope, scope) == 0 && strcmp(t->event, event) == 0)
			return t;
	}
	fail_msg("no table %s/%s", scope, event);
	return NULL;
}

/* An effect as text: "set REVIEW PLAN". */
static const char *
effect_text(struct bench *b, const pb_RuleEffect *effect)
{
	const char *text = effect->verb;

	for (size_t i = 0; i < effect->n_arguments; i++)
		text = arena_printf(&b->arena, "%s %s", text, effect->arguments[i]);
	return text;
}

static const char *
condition_text(struct bench *b, const pb_RuleCondition *condition)
{
	static const char *const tests[] = {"?", "is", "at least", "from", "has"};
	const char *text = arena_printf(&b->arena, "%s %s", condition->fact, tests[condition->test]);

	for (size_t i = 0; i < condition->n_values; i++)
		text = arena_printf(&b->arena, "%s %s", text, condition->values[i]);
	return text;
}

/* ---- what is shipped ---- */

static void
test_the_shipped_policy_compiles(void **state)
{
	static const char *const paths[] = {"services/routing/policy", "services/triage/policy",
					    "services/signalling/policy"};
	struct bench *b = *state;

	if (!read_paths(b, paths, COUNT_OF(paths)))
		fail_msg("%u problems, first: %s", b->file.problems.count, b->file.problems.text[0]);
	assert_string_equal(b->file.policy->version, "1.0.0");
	assert_int_equal(b->file.policy->tables->n_deadlines, 30);
	assert_non_null(policy_file_place(&b->file, "P2"));
	/* It travels: packed and unpacked within the limits of what comes from outside. */
	struct why why = {0};
	const struct bytes packed = RECORD_PACK(&b->arena, b->file.policy);

	if (record_unpack(&b->arena, &pb_PolicyAdopted_descriptor, packed, RECORD_ADOPTION_MAX, &why) == NULL)
		fail_msg("%s", why.text);
}

/* ---- what is read ---- */

static void
test_values_and_deadlines(void **state)
{
	struct bench *b = *state;

	must_read(
	    b, HEAD
	    "values:\n"
	    "  P2: {value: 5, unit: wd, meaning: screening}\n"
	    "deadlines:\n"
	    "  SCREENING: {rule: R17, VOLUNTARY: P2, COURT_MEASURE: 2 wd, CLOSED_CARE: none, from: pronounced_on,\n"
	    "              hard: true, never_moves: false, backwards: true, ends_with: [SCREENING, ADVICE],\n"
	    "              fulfilled_by: [ScreeningDecided], source: s4 5.7, point: chair looks}\n"
	    "  REVIEW: {all: 14 d}\n"
	    "extra_holidays: [2027-05-07]\n"
	    "capacities: [{team: ET-JZ32, cases_per_meeting: 2, cycle_days: 14}]\n"
	    "baselines: [{code: K22, count: 100}]\n");
	const pb_PolicyAdopted *p = b->file.policy;
	const pb_DeadlineRule *d = p->tables->deadlines[0];

	assert_string_equal(p->values[0]->key, "P2");
	assert_int_equal(p->values[0]->value, 5);
	assert_string_equal(p->tables->terms[0]->unit, "wd");
	assert_string_equal(p->tables->terms[0]->meaning, "screening");
	assert_int_equal(d->kind, DEADLINE_KIND_SCREENING);
	assert_int_equal(d->n_terms, 3);
	assert_int_equal(d->terms[1]->track, TRACK_COURT_MEASURE);
	assert_string_equal(d->terms[1]->term, "2 wd");
	assert_string_equal(d->anchor, "pronounced_on");
	assert_true(d->hard && d->backwards && !d->never_moves);
	assert_int_equal(d->ends_with[1], CASE_STATE_ADVICE);
	assert_string_equal(d->fulfilled_by[0], "ScreeningDecided");
	assert_string_equal(d->source->document, "s4 5.7");
	assert_int_equal(p->tables->deadlines[1]->terms[0]->track, TRACK_UNSPECIFIED);
	assert_string_equal(p->extra_holidays[0], "2027-05-07");
	assert_int_equal(p->capacities[0]->cycle_days, 14);
	assert_int_equal(p->baselines[0]->count, 100);
}

static void
test_rows_as_the_table_language_writes_them(void **state)
{
	static const char *const effects[] = {
	    "state QUEUED",        "flag measure_active true",
	    "flag placed false",   "set REVIEW PLAN",
	    "due MEETING GIVEN",   "due INVITE TODAY",
	    "note ABSENT",         "require",
	    "support TEAM CENTRE", "stop",
	};
	static const char *const conditions[] = {
	    "asks is HELP CONSULTATION",
	    "urgent is true",
	    "parties at least 2",
	    "effect_date from 2022-01-01",
	    "tried has MUNICIPALITY EXPERT_TEAM",
	    "open has REVIEW",
	};
	struct bench *b = *state;

	must_read(b, HEAD "effects:\n"
			  "  CaseSubmitted:\n"
			  "  - - id: R58.1\n"
			  "      when: {asks: [HELP, CONSULTATION], urgent: true, parties: {at_least: 2},\n"
			  "             effect_date: {from: 2022-01-01}, tried: {has: [MUNICIPALITY, EXPERT_TEAM]}, "
			  "open: {has: REVIEW}}\n"
			  "      then:\n"
			  "        state: QUEUED\n"
			  "        flag: {measure_active: true, placed: false}\n"
			  "        set: [REVIEW, PLAN]\n"
			  "        due: [[MEETING, GIVEN], [INVITE, TODAY]]\n"
			  "        note: ABSENT\n"
			  "        require: true\n"
			  "        support: [TEAM, CENTRE]\n"
			  "        stop: true\n"
			  "      source: s0 DB\n"
			  "      point: in our own words\n"
			  "    - {id: R58.2, rule: R99, then: {}}\n"
			  "  - - {id: S02.1, then: {}}\n");
	const pb_RuleTable *t = table(b, "effects", "CaseSubmitted");
	const pb_RuleRow *row = t->blocks[0]->rows[0];

	assert_int_equal(t->n_blocks, 2);
	assert_int_equal(t->blocks[0]->n_rows, 2);
	assert_string_equal(row->rule, "R58");
	assert_string_equal(t->blocks[0]->rows[1]->rule, "R99");
	assert_string_equal(t->blocks[1]->rows[0]->rule, "S02");
	assert_string_equal(row->source->document, "s0 DB");
	assert_string_equal(row->source->point, "in our own words");
	assert_int_equal(row->n_when, COUNT_OF(conditions));
	for (size_t i = 0; i < COUNT_OF(conditions); i++)
		assert_string_equal(condition_text(b, row->when[i]), conditions[i]);
	assert_int_equal(row->n_then, COUNT_OF(effects));
	for (size_t i = 0; i < COUNT_OF(effects); i++)
		assert_string_equal(effect_text(b, row->then[i]), effects[i]);
}

static void
test_raise_is_written_as_a_map(void **state)
{
	struct bench *b = *state;

	must_read(b, HEAD "signals:\n"
			  "  ACCEPTED:\n"
			  "  - - id: S19.1\n"
			  "      then:\n"
			  "        raise: [{code: S19, to: OWNER}, {to: [OWNER, ALDERMEN], stage: 2, code: S02}]\n"
			  "    # one effect for each\n");
	const pb_RuleRow *row = table(b, "signals", "ACCEPTED")->blocks[0]->rows[0];

	assert_int_equal(row->n_then, 2);
	assert_string_equal(effect_text(b, row->then[0]), "raise S19 1 OWNER");
	assert_string_equal(effect_text(b, row->then[1]), "raise S02 2 OWNER ALDERMEN");
}

#define REFUSE                                                                                                         \
	"refuse:\n"                                                                                                    \
	"- {id: R55.1, messages: all, when: {out_of_order: true}, reason: OUT_OF_ORDER}\n"                             \
	"- {id: R26.1, messages: [PlanReviewed], when: {actor_is_owner: false}, reason: NOT_OWNER}\n"                  \
	"- {id: R29.1, messages: [PlanReviewed], when: {review_open: false}, reason: WRONG_STATE}\n"                   \
	"- {id: R29.2, messages: [PlanReviewed, PlanAgreed], when: {track: CLOSED_CARE}, reason: WRONG_STATE}\n"

static void
test_grid_and_refusing_rows_stand_in_the_order_of_the_reasons(void **state)
{
	static const char *const ids[] = {
	    "GRID.PlanReviewed.c", "R55.1", "GRID.PlanReviewed.x", "R29.1", "R29.2", "R26.1", "GRID.PlanReviewed.A"};
	struct bench *b = *state;

	must_read(b, HEAD "grid:\n"
			  "  PlanReviewed: [r, r, x, x, r, r, A, r, r, c]\n"
			  "  PlanAgreed: x x x x x A a x x c\n" REFUSE);
	const pb_RuleTable *t = table(b, "accept", "PlanReviewed");

	assert_int_equal(t->n_blocks, 1);
	assert_int_equal(t->blocks[0]->n_rows, COUNT_OF(ids));
	for (size_t i = 0; i < COUNT_OF(ids); i++)
		assert_string_equal(t->blocks[0]->rows[i]->id, ids[i]);
	assert_string_equal(effect_text(b, t->blocks[0]->rows[0]->then[0]), "reject CASE_CLOSED");
	assert_string_equal(condition_text(b, t->blocks[0]->rows[0]->when[0]), "state is CLOSED");
	assert_string_equal(condition_text(b, t->blocks[0]->rows[2]->when[0]), "state is ADVICE LOCAL_ATTEMPT");
	assert_string_equal(effect_text(b, t->blocks[0]->rows[6]->then[0]), "accept");
	assert_int_equal(table(b, "accept", "PlanAgreed")->blocks[0]->n_rows, 5);
}

static void
test_files_of_a_folder_are_put_together(void **state)
{
	struct bench *b = *state;
	const char *const paths[] = {b->temp.dir};

	put(b, "a.yaml", "values: {P2: {value: 5, unit: wd}}\n");
	put(b, "b.yaml", HEAD "deadlines: {SCREENING: {all: P2}}\n");
	put(b, "c.txt", "not: [for, us\n");
	if (!read_paths(b, paths, 1))
		fail_msg("%s", b->file.problems.text[0]);
	assert_int_equal(b->file.policy->tables->n_deadlines, 1);
	assert_int_equal(b->file.policy->n_values, 1);
}

static void
test_a_region_writes_only_what_differs(void **state)
{
	struct bench *b = *state;

	must_read(
	    b, HEAD
	    "region: JZ32\n"
	    "values: {P2: 8}\n"
	    "deadlines: {REVIEW: {all: P11}}\n"
	    "triage: {CaseSubmitted: [[{id: R23.T1, when: {urgent: true}, then: {criterion: REGIONAL_AGREEMENT}}]]}\n");
	assert_string_equal(b->file.policy->region, "JZ32");
	assert_int_equal(b->file.policy->values[0]->value, 8);
}

/* ---- what is told ---- */

struct mistake {
	const char *text, *says;
};

static void
expect_told(struct bench *b, const struct mistake *m)
{
	const char *all = "";

	if (read_text(b, arena_printf(&b->arena, HEAD "%s", m->text)))
		fail_msg("was taken, and should say: %s", m->says);
	for (unsigned i = 0; i < b->file.problems.count && i < PROBLEMS_MAX; i++) {
		if (strstr(b->file.problems.text[i], m->says) != NULL)
			return;
		all = arena_printf(&b->arena, "%s\n  %s", all, b->file.problems.text[i]);
	}
	fail_msg("does not say '%s', but:%s", m->says, all);
}

static void
test_each_mistake_is_told_with_file_line_and_remedy(void **state)
{
	static const struct mistake mistakes[] = {
	    {"effect: {}\n", "p.yaml:3: 'effect' is not known here; did you mean 'effects'?"},
	    {"values: {P2: {value: 5, unit: weeks}}\n", "p.yaml:3: 'weeks' is no unit; write wd"},
	    {"values: {P2: {unit: wd}}\n", "p.yaml:3: P2 has no value; write {value: 5"},
	    {"values:\n  P2: {value: five, unit: wd}\n", "p.yaml:4: 'five' is no whole number"},
	    {"values: {P2: {value: 5, units: wd}}\n", "'units' is not known here; did you mean 'unit'?"},
	    {"values: {P2: {value: 5, unit: wd}}\ndeadlines:\n  SCREENIN: {all: P2}\n",
	     "p.yaml:5: 'SCREENIN' is no DeadlineKind; did you mean 'SCREENING'?"},
	    {"deadlines:\n  SCREENING: {all: P2}\n", "p.yaml:4: SCREENING: there is no policy value 'P2'"},
	    {"deadlines:\n  SCREENING: {all: 5 weeks}\n", "p.yaml:4: SCREENING: '5 weeks' is no term; write '5 wd'"},
	    {"deadlines:\n  SCREENING: {all: 5 wd, hard: yes}\n", "p.yaml:4: 'yes' is neither true nor false"},
	    {"deadlines:\n  SCREENING: {all: 5 wd, voluntary: 2 wd}\n", "did you mean 'VOLUNTARY'?"},
	    {"deadlines:\n  SCREENING: {all: 5 wd, ends_with: [SCREEN]}\n", "p.yaml:4: 'SCREEN' is no CaseState"},
	    {"deadlines:\n  SCREENING: {all: 5 wd, from: charged}\n",
	     "p.yaml:4: SCREENING: there is no date 'charged'"},
	    {"deadlines:\n  SCREENING: {all: 5 wd}\n\n  SCREENING: {all: 6 wd}\n",
	     "p.yaml:6: 'SCREENING' stands twice"},
	    {"effects:\n  PlanAgred:\n  - - {id: R1.1, then: {}}\n",
	     "p.yaml:4: effects/PlanAgred: 'PlanAgred' is no message"},
	    {"effects:\n  PlanAgreed:\n  - - {id: R1.1, when: {plaaced: true}, then: {}}\n    - {id: R1.2, then: {}}\n",
	     "p.yaml:5: effects/PlanAgreed R1.1: there is no fact 'plaaced'; did you mean 'placed'?"},
	    {"effects:\n  PlanAgreed:\n  - - {id: R1.1, when: {state: QUEUE}, then: {}}\n    - {id: R1.2, then: {}}\n",
	     "p.yaml:5: effects/PlanAgreed R1.1: 'QUEUE' is no CaseState; did you mean 'QUEUED'?"},
	    {"effects:\n  PlanAgreed:\n  - - {id: R1.1, then: {staet: QUEUED}}\n",
	     "p.yaml:5: effects/PlanAgreed R1.1: there is no verb 'staet'; did you mean 'state'?"},
	    {"effects:\n  PlanAgreed:\n  - - {id: R1.1, then: {flag: {plaaced: true}}}\n",
	     "there is no fact 'plaaced'"},
	    {"effects:\n  PlanAgreed:\n  - - {id: R1.1, then: {stop: false}}\n", "p.yaml:5: 'stop' takes nothing"},
	    {"effects:\n  PlanAgreed:\n  - - {id: R1.1, when: {placed: {atleast: 2}}, then: {}}\n",
	     "p.yaml:5: 'atleast' is not known here; did you mean 'at_least'?"},
	    {"effects:\n  PlanAgreed:\n  - - {id: R1.1, when: {placed: []}, then: {}}\n",
	     "compared with an empty list"},
	    {"effects:\n  PlanAgreed:\n  - - {id: R1.1}\n", "p.yaml:5: row R1.1 does not say what to do"},
	    {"effects:\n  PlanAgreed:\n  - - {then: {}}\n", "p.yaml:5: a row has no id"},
	    {"effects:\n  PlanAgreed:\n  - - {id: R1.1, unless: {}, then: {}}\n",
	     "p.yaml:5: 'unless' is not known here; known: id"},
	    {"effects:\n  PlanAgreed:\n  - {id: R1.1, then: {}}\n",
	     "p.yaml:5: a block is no list of rows; begin each block with '- -'"},
	    {"effects:\n  PlanAgreed: {id: R1.1, then: {}}\n", "p.yaml:4: PlanAgreed is no list of blocks"},
	    {"effects:\n  PlanAgreed:\n  - - {id: R1.1, when: {placed: true}, then: {}}\n",
	     "p.yaml:5: effects/PlanAgreed R1.1: the last row of a block has no 'when'; add a row"},
	    {"effects:\n  PlanAgreed:\n  - - {id: R1.1, then: {}}\n  - - {id: R1.1, then: {}}\n",
	     "p.yaml:6: the id R1.1 stands at"},
	    {"signals:\n  ACCEPTED:\n  - - {id: S1.1, then: {raise: {code: S99, to: [OWNER]}}}\n",
	     "p.yaml:5: signals/ACCEPTED S1.1: 'S99' is no SignalCode"},
	    {"signals:\n  ACCEPTED:\n  - - {id: S1.1, then: {raise: {code: S02}}}\n",
	     "'raise' needs a code and addressees"},
	    {"signals:\n  ACCEPTED:\n  - - {id: S1.1, then: {raise: {code: S02, too: [OWNER], to: [OWNER]}}}\n",
	     "'too' is not known here; did you mean 'to'?"},
	    {"grid:\n  PlanAgreed: [x, x, x]\n", "p.yaml:4: PlanAgreed has 3 letters; give 10"},
	    {"grid:\n  PlanAgreed: [x, x, x, x, x, A, A, x, x, z]\n",
	     "p.yaml:4: 'z' is no letter of the grid; known: A a x"},
	    {"grid:\n  PlanAgreed: x x x x x A A x x c c\n", "p.yaml:4: PlanAgreed has more than 10 letters"},
	    {"grid:\n  PlanAgred: x x x x x A A x x c\n",
	     "p.yaml:4: 'PlanAgred' is no message; did you mean 'PlanAgreed'?"},
	    {"grid:\n  PlanReviewed: r r r r r r A r r c\n",
	     "p.yaml:4: PlanReviewed has the letter 'r', but nothing refuses it"},
	    {"grid: {PlanAgreed: x x x x x A A x x c}\nrefuse:\n- {id: R1.1, messages: [PlanAgreed], when: {placed: "
	     "true}, reason: "
	     "WRONG_STAT}\n",
	     "p.yaml:5: 'WRONG_STAT' is no Reason; did you mean 'WRONG_STATE'?"},
	    {"refuse:\n- {id: R1.1, messages: [PlanAgreed], when: {placed: true}, reason: WRONG_STATE}\n",
	     "p.yaml:4: PlanAgreed has no line in the grid"},
	    {"grid: {PlanAgreed: x x x x x A A x x c}\nrefuse:\n- {id: R1.1, messages: all, reason: WRONG_STATE}\n",
	     "p.yaml:5: row R1.1 refuses always"},
	    {"grid: {PlanAgreed: x x x x x A A x x c}\nrefuse:\n- {id: R1.1, messages: all, when: {placd: true}, "
	     "reason: "
	     "WRONG_STATE}\n",
	     "p.yaml:5: accept/PlanAgreed R1.1: there is no fact 'placd'; did you mean 'placed'?"},
	    {"version: 2.0.0\n", "p.yaml:3: 'version' stands twice"},
	    {"extra_holidays: [2027-02-30]\n", "p.yaml:3: '2027-02-30' is no date"},
	    {"capacities:\n- {team: ET-JZ32, case: 2}\n", "p.yaml:4: "},
	    {"region: JZ32\ndeadlines:\n  AUTH_LAPSE: {all: 1 months}\n", "p.yaml:5: AUTH_LAPSE: hard: its length"},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT_OF(mistakes); i++)
		expect_told(b, &mistakes[i]);
}

static void
test_all_mistakes_are_told_at_once(void **state)
{
	struct bench *b = *state;

	assert_false(read_text(b, HEAD "values: {P2: {value: x, unit: wd}}\n"
				       "effect: {}\n"
				       "effects:\n  PlanAgreed:\n  - - {id: R1.1, whn: {}, then: {}}\n"));
	assert_int_equal(b->file.problems.count, 3);
	assert_null(b->file.policy);
}

static void
test_what_stands_in_two_files_is_told_with_both(void **state)
{
	struct bench *b = *state;
	const char *const paths[] = {b->temp.dir};

	put(b, "a.yaml", HEAD "values: {P2: {value: 5, unit: wd}}\n");
	put(b, "b.yaml", "values: {P2: {value: 6, unit: wd}}\nversion: 1.0.1\n");
	assert_false(read_paths(b, paths, 1));
	assert_int_equal(b->file.problems.count, 2);
	assert_non_null(strstr(b->file.problems.text[0], "b.yaml:1: P2 stands at "));
	assert_non_null(strstr(b->file.problems.text[0], "a.yaml:3 already"));
	assert_non_null(strstr(b->file.problems.text[1], "b.yaml:2: 'version' was given before"));
}

static void
test_paths_that_hold_nothing_are_told(void **state)
{
	struct bench *b = *state;
	const char *const empty[] = {b->temp.dir};
	const char *const none[] = {"no/such/file.yaml"};

	assert_false(read_paths(b, empty, 1));
	assert_non_null(strstr(b->file.problems.text[0], "no *.yaml in this folder"));
	assert_false(read_paths(b, none, 1));
	assert_non_null(strstr(b->file.problems.text[0], "cannot be opened"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_the_shipped_policy_compiles),
	    TEST(test_values_and_deadlines),
	    TEST(test_rows_as_the_table_language_writes_them),
	    TEST(test_raise_is_written_as_a_map),
	    TEST(test_grid_and_refusing_rows_stand_in_the_order_of_the_reasons),
	    TEST(test_files_of_a_folder_are_put_together),
	    TEST(test_a_region_writes_only_what_differs),
	    TEST(test_each_mistake_is_told_with_file_line_and_remedy),
	    TEST(test_all_mistakes_are_told_at_once),
	    TEST(test_what_stands_in_two_files_is_told_with_both),
	    TEST(test_paths_that_hold_nothing_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
