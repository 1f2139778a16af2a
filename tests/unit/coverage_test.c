// SPDX-License-Identifier: EUPL-1.2
/* coverage.h: a rule that no scenario shows, or only one that fails, is told. */
#include "tests/unit/unit.h"

#include "services/cli/cli.h"
#include "tests/coverage/coverage.h"

#define RULES                                                                                                          \
	"rules:\n  R1: {title: Anybody}\n  R2: {title: Somebody}\n  R3: {title: Money, outside: no message tells "     \
	"it}\n"
#define STORY(expect, proves)                                                                                          \
	"scenario: SCX\ntitle: a story\nsteps:\n"                                                                      \
	"  - {at: 2021-03-01T10:00, case: A, send: CaseSubmitted, by: PARENT@LT-GM1669, with: {municipality: GM1669, " \
	"submitter: PARENT, asks: HELP}, expect: {" expect "}" proves "}\n"

struct bench {
	struct arena arena;
	struct coverage coverage;
	struct temp dir;
	char *text;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	assert_non_null(b);
	arena_init(&b->arena);
	b->dir = temp_make();
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	temp_remove(&b->dir);
	arena_fini(&b->arena);
	free(b->text);
	free(b);
	return 0;
}

static struct coverage *
rules(struct bench *b, const char *text)
{
	if (!coverage_parse(&b->coverage, &b->arena, "r.yaml", bytes_str(text)))
		fail_msg("%s", b->coverage.problems.text[0]);
	return &b->coverage;
}

/* Prints the table; the number that failed. */
static unsigned
print(struct bench *b)
{
	size_t len;

	free(b->text);
	FILE *out = open_memstream(&b->text, &len);
	assert_non_null(out);
	const unsigned failed = coverage_print(&b->coverage, out);
	fclose(out);
	return failed;
}

static void
assert_line(const struct bench *b, const char *begins, const char *has)
{
	const char *line = strstr(b->text, begins);

	if (line == NULL || (line != b->text && line[-1] != '\n'))
		fail_msg("no line begins with '%s':\n%s", begins, b->text);
	const size_t len = strcspn(line, "\n");
	const char *found = strstr(line, has);
	if (found == NULL || found > line + len)
		fail_msg("'%.*s' has no '%s'", (int)len, line, has);
}

/* ---- the table ---- */

static void
test_all_rules_shown_is_well(void **state)
{
	struct bench *b = *state;
	struct coverage *c = rules(b, RULES);

	assert_true(coverage_begin(c, "SC1"));
	coverage_exercise(c, "R1");
	assert_true(coverage_begin(c, "SC2"));
	coverage_exercise(c, "R1");
	coverage_exercise(c, "R2");
	coverage_exercise(c, "S09");
	coverage_exercise(c, "");
	assert_int_equal(print(b), 0);
	assert_line(b, "R1 ", "SC1, SC2");
	assert_line(b, "R2 ", "passed");
	assert_line(b, "R3 ", "outside: no message tells it");
	assert_line(b, "3 passed, 0 failed", "");
}

static void
test_a_rule_that_nothing_shows_is_a_gap(void **state)
{
	struct bench *b = *state;
	struct coverage *c = rules(b, RULES);

	assert_true(coverage_begin(c, "SC1"));
	coverage_exercise(c, "R1");
	assert_int_equal(print(b), 1);
	assert_line(b, "R2 ", "GAP");
	assert_line(b, "2 passed, 1 failed", "");
}

static void
test_a_scenario_that_fails_shows_nothing(void **state)
{
	struct bench *b = *state;
	struct coverage *c = rules(b, RULES);

	assert_true(coverage_begin(c, "SC1"));
	coverage_exercise(c, "R1");
	coverage_exercise(c, "R2");
	assert_true(coverage_begin(c, "SC2"));
	coverage_exercise(c, "R2");
	coverage_failed(c, "step 1: state");
	/* The rule, and the scenario. */
	assert_int_equal(print(b), 2);
	assert_line(b, "R1 ", "passed");
	assert_line(b, "R2 ", "FAILED: SC2");
	assert_line(b, "SC2 failed", "step 1: state");
}

static void
test_a_mark_that_is_wrong_is_told(void **state)
{
	struct bench *b = *state;
	struct coverage *c = rules(b, RULES);

	assert_true(coverage_begin(c, "SC1"));
	coverage_exercise(c, "R1");
	coverage_exercise(c, "R2");
	coverage_exercise(c, "R3");
	assert_int_equal(print(b), 1);
	assert_line(b, "R3 ", "WRONG MARK");
}

static void
test_a_rule_that_does_not_exist_fails_its_scenario(void **state)
{
	static const char *const unknown[] = {"R4", "R0", "R", "R1a", "R1000"};

	for (unsigned i = 0; i < COUNT_OF(unknown); i++) {
		struct bench *b = *state;
		struct coverage *c = rules(b, RULES);

		assert_true(coverage_begin(c, "SC1"));
		coverage_exercise(c, unknown[i]);
		assert_int_equal(print(b), 3);
		assert_line(b, "SC1 failed", unknown[i]);
	}
}

static void
test_many_scenarios_are_counted(void **state)
{
	struct bench *b = *state;
	struct coverage *c = rules(b, "rules:\n  R1: {title: Anybody}\n");

	for (unsigned i = 0; i < COVERAGE_SCENARIOS_MAX; i++) {
		assert_true(coverage_begin(c, "SC1"));
		coverage_exercise(c, "R1");
	}
	assert_false(coverage_begin(c, "SC1"));
	assert_int_equal(print(b), 0);
	assert_line(b, "R1 ", "and 194 more");
}

/* ---- the file of the rules ---- */

static const struct {
	const char *text, *problem;
} wrong[] = {
    {"", "r.yaml"},
    {"rules: {}\n", "r.yaml:1: no rules"},
    {"rules:\n  R2: {title: x}\n", "r.yaml:2: 'R2' where R1 comes next"},
    {"rules:\n  R1: {title: x}\n  R3: {title: x}\n", "r.yaml:3: 'R3' where R2 comes next"},
    {"rules:\n  R1: {}\n", "r.yaml:2: R1 has no title"},
    {"rules:\n  R1: {title: x, outside: ''}\n", "r.yaml:2: R1 lies outside without a reason"},
    {"rules:\n  R1: {title: x, out: y}\n", "r.yaml:2: 'out' is not known here"},
};

static void
test_what_is_wrong_in_the_file_is_told(void **state)
{
	struct bench *b = *state;

	for (unsigned i = 0; i < COUNT_OF(wrong); i++) {
		assert_false(coverage_parse(&b->coverage, &b->arena, "r.yaml", bytes_str(wrong[i].text)));
		const char *told = b->coverage.problems.text[0];
		if (strncmp(told, wrong[i].problem, strlen(wrong[i].problem)) != 0)
			fail_msg("told:    %s\nwanted:  %s", told, wrong[i].problem);
		assert_true(print(b) > 0);
	}
}

static void
test_the_rules_of_the_domain_are_all_there(void **state)
{
	struct bench *b = *state;

	assert_true(coverage_read(&b->coverage, &b->arena, "tests/coverage/rules.yaml"));
	assert_int_equal(b->coverage.last, 83);
}

/* ---- playing ---- */

static void
play(struct bench *b, const char *story)
{
	struct cli cli = {.share_dir = ".", .out = stdout, .err = stderr};
	const struct temp_path path = temp_path(&b->dir, "SCX.yaml");

	file_write(path.s, story, strlen(story));
	arena_init(&cli.arena);
	coverage_play(&b->coverage, &cli, path.s);
	arena_fini(&cli.arena);
}

static void
test_a_story_exercises_what_its_decisions_name_and_what_it_claims(void **state)
{
	struct bench *b = *state;

	rules(b, "rules:\n  R1: {title: x}\n  R2: {title: x}\n  R3: {title: x}\n");
	play(b, STORY("region: JZ42", ", proves: [R3]"));
	assert_null(b->coverage.scenarios[0].failed);
	assert_true(b->coverage.rules[2].exercised[0]); /* R2 decided */
	assert_true(b->coverage.rules[3].exercised[0]); /* and this it says */
}

/* The linked message gets R7.3, which says that it was not meant for a centre: no proof of what happens when it is. */
static void
test_a_row_that_does_nothing_exercises_nothing(void **state)
{
	struct bench *b = *state;

	rules(b, "rules:\n  R1: {title: x}\n  R2: {title: x}\n  R3: {title: x}\n  R4: {title: x}\n  R5: {title: x}\n"
		 "  R6: {title: x}\n  R7: {title: x}\n");
	play(b,
	     "scenario: SCX\ntitle: a story\nsteps:\n"
	     "  - at: 2021-03-01T10:00\n    case: A\n    by: PARENT@LT-GM1669\n    send:\n"
	     "      - {msg: CaseSubmitted, with: {municipality: GM1669, submitter: PARENT, asks: HELP, youth_key: y}}\n"
	     "      - {msg: CaseSubmitted, with: {municipality: GM1669, submitter: PARENT, asks: HELP, youth_key: y}}\n"
	     "    expect: {region: JZ42}\n");
	assert_null(b->coverage.scenarios[0].failed);
	assert_true(b->coverage.rules[2].exercised[0]);
	assert_false(b->coverage.rules[7].exercised[0]);
}

static void
test_a_step_that_expects_nothing_exercises_nothing(void **state)
{
	struct bench *b = *state;

	rules(b, RULES);
	play(b, STORY("", ""));
	assert_null(b->coverage.scenarios[0].failed);
	assert_false(b->coverage.rules[2].exercised[0]);
}

static void
test_a_step_that_differs_fails_the_story(void **state)
{
	struct bench *b = *state;

	rules(b, RULES);
	play(b, STORY("region: JZ43", ", proves: [R1]"));
	assert_non_null(b->coverage.scenarios[0].failed);
	assert_false(b->coverage.rules[1].exercised[0]);
}

static void
test_a_story_that_cannot_be_read_fails(void **state)
{
	struct bench *b = *state;

	rules(b, RULES);
	play(b, "scenario: SCX\n");
	assert_non_null(b->coverage.scenarios[0].failed);
	assert_true(print(b) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_all_rules_shown_is_well, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_rule_that_nothing_shows_is_a_gap, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_scenario_that_fails_shows_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_mark_that_is_wrong_is_told, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_rule_that_does_not_exist_fails_its_scenario, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_many_scenarios_are_counted, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_is_wrong_in_the_file_is_told, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_the_rules_of_the_domain_are_all_there, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_story_exercises_what_its_decisions_name_and_what_it_claims, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_a_row_that_does_nothing_exercises_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_step_that_expects_nothing_exercises_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_step_that_differs_fails_the_story, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_story_that_cannot_be_read_fails, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
