// SPDX-License-Identifier: EUPL-1.2
/* rules.h: decision tables on a small scope of their own. */
#include "tests/unit/unit.h"

#include "common/nearest.h"
#include "common/rules.h"
#include "common/rules_names.h"
#include "services/cli/yaml_tree.h"

enum { STATE, PLACED, ROUND, SINCE, OPEN, COLOUR, FACTS };

static const struct fact_def facts[FACTS] = {
    [STATE] = {"state", FACT_ENUM, "CaseState", "where the case stands"},
    [PLACED] = {"placed", FACT_BOOL, NULL, "in a closed placement"},
    [ROUND] = {"round", FACT_INT, NULL, "how often"},
    [SINCE] = {"since", FACT_DAY, NULL, "from when"},
    [OPEN] = {"open", FACT_SET, "DeadlineKind", "open deadlines"},
    [COLOUR] = {"colour", FACT_ENUM, "Colour", "an enum of the scope"},
};

enum { V_STATE, V_SET, V_FLAG, V_RAISE, V_NOTE, V_MOVE, V_STOP, VERBS };

static const struct verb_def verbs[VERBS] = {
    [V_STATE] = {"state", "CaseState", "moves"},      [V_SET] = {"set", "DeadlineKind DeadlineKind*", "sets deadlines"},
    [V_FLAG] = {"flag", "fact value", "sets a fact"}, [V_RAISE] = {"raise", "SignalCode int Addressee*", "raises"},
    [V_NOTE] = {"note", "text int?", "notes"},        [V_MOVE] = {"move", NULL, "takes nothing"},
    [V_STOP] = {"stop", "", "ends the table"},
};

static const char *const colours[] = {"RED", "GREEN", "BLUE", NULL};
static const struct rules_enum enums[] = {{"Colour", colours}};

static const struct rules_scope scope = {
    .name = "effects",
    .facts = facts,
    .fact_count = FACTS,
    .verbs = verbs,
    .verb_count = VERBS,
    .enums = enums,
    .enum_count = COUNT_OF(enums),
};

struct bench {
	struct arena arena;
	struct why why;
	const struct rules_table *table;
	int64_t facts[RULES_FACTS_MAX];
	struct rules_result result;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	assert_non_null(b);
	arena_init(&b->arena);
	b->facts[SINCE] = CAL_NONE;
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	arena_fini(&b->arena);
	free(b);
	return 0;
}

/* Compiles the rows of one or more blocks, written as RuleBlock, for an event. */
static bool
compile(struct bench *b, const char *event, const char *blocks)
{
	const char *text = arena_printf(&b->arena, "scope: effects\nevent: %s\nblocks:\n%s", event, blocks);
	const struct tree *tree = yaml_tree_parse(&b->arena, "test", bytes_str(text), &b->why);

	if (tree == NULL)
		fail_msg("%s", b->why.text);
	const pb_RuleTable *table = record_from_tree(&b->arena, &pb_RuleTable_descriptor, tree, &b->why);

	if (table == NULL)
		fail_msg("%s", b->why.text);
	b->table = rules_compile(&b->arena, &scope, table, &b->why);
	return b->table != NULL;
}

static const char *
row_that_wins(struct bench *b)
{
	rules_run(b->table, b->facts, false, &b->result);
	return b->result.hits[0]->id;
}

#define ROW(id, when)       "  - {id: " id ", rule: R1, when: [" when "], then: []}\n"
#define ROW_DO(id, then)    "  - {id: " id ", rule: R1, then: [" then "]}\n"
#define LAST(id)            "  - {id: " id ", rule: R1}\n"
#define BLOCK               "- rows:\n"
#define ONE_OF(fact, value) "{fact: " fact ", test: ONE_OF, values: [" value "]}"
#define TEST(fact, t, v)    "{fact: " fact ", test: " t ", values: [" v "]}"

/* ---- running ---- */

static void
test_the_first_row_that_fits_wins_and_all_blocks_are_run(void **state)
{
	struct bench *b = *state;

	assert_true(compile(b, "TEST",
			    BLOCK ROW("A.1", ONE_OF("state", "QUEUED")) ROW("A.2", ONE_OF("placed", "true")) LAST("A.3")
				BLOCK ROW("B.1", ONE_OF("placed", "true")) LAST("B.2")));
	assert_string_equal(row_that_wins(b), "A.3");
	assert_string_equal(b->result.hits[1]->id, "B.2");
	assert_int_equal(b->result.hit_count, 2);
	b->facts[PLACED] = 1;
	assert_string_equal(row_that_wins(b), "A.2");
	assert_string_equal(b->result.hits[1]->id, "B.1");
	b->facts[STATE] = CASE_STATE_QUEUED;
	assert_string_equal(row_that_wins(b), "A.1");
}

static void
test_every_condition_of_a_row_must_hold(void **state)
{
	struct bench *b = *state;

	assert_true(compile(b, "TEST",
			    BLOCK ROW("A.1", ONE_OF("state", "QUEUED, EXECUTING") ", " ONE_OF("placed", "true"))
				LAST("A.2")));
	b->facts[STATE] = CASE_STATE_EXECUTING;
	assert_string_equal(row_that_wins(b), "A.2");
	b->facts[PLACED] = 1;
	assert_string_equal(row_that_wins(b), "A.1");
	b->facts[STATE] = CASE_STATE_CLOSED;
	assert_string_equal(row_that_wins(b), "A.2");
}

static void
test_numbers_are_compared_from_the_bound_on(void **state)
{
	struct bench *b = *state;

	assert_true(compile(b, "TEST",
			    BLOCK ROW("A.1", TEST("round", "AT_LEAST", "3")) ROW("A.2", ONE_OF("round", "0, 1"))
				LAST("A.3")));
	b->facts[ROUND] = 2;
	assert_string_equal(row_that_wins(b), "A.3");
	b->facts[ROUND] = 3;
	assert_string_equal(row_that_wins(b), "A.1");
	b->facts[ROUND] = 1;
	assert_string_equal(row_that_wins(b), "A.2");
	/* What cannot be listed is in no list. */
	b->facts[ROUND] = -1;
	assert_string_equal(row_that_wins(b), "A.3");
}

static void
test_an_absent_day_is_never_late_enough(void **state)
{
	struct bench *b = *state;

	assert_true(compile(b, "TEST", BLOCK ROW("A.1", TEST("since", "FROM", "2022-01-01")) LAST("A.2")));
	assert_string_equal(row_that_wins(b), "A.2");
	b->facts[SINCE] = cal_parse("2021-12-31");
	assert_string_equal(row_that_wins(b), "A.2");
	b->facts[SINCE] = cal_parse("2022-01-01");
	assert_string_equal(row_that_wins(b), "A.1");
}

static void
test_a_set_has_one_of_the_codes(void **state)
{
	struct bench *b = *state;

	assert_true(compile(b, "TEST", BLOCK ROW("A.1", TEST("open", "HAS", "REVIEW, PLAN")) LAST("A.2")));
	b->facts[OPEN] = INT64_C(1) << DEADLINE_KIND_SCREENING;
	assert_string_equal(row_that_wins(b), "A.2");
	b->facts[OPEN] |= INT64_C(1) << DEADLINE_KIND_REVIEW;
	assert_string_equal(row_that_wins(b), "A.1");
}

static void
test_codes_of_the_scope_and_absence_can_be_asked_for(void **state)
{
	struct bench *b = *state;

	assert_true(compile(
	    b, "TEST", BLOCK ROW("A.1", ONE_OF("colour", "BLUE") ", " ONE_OF("state", "ABSENT, CLOSED")) LAST("A.2")));
	b->facts[COLOUR] = 2;
	assert_string_equal(row_that_wins(b), "A.1");
	b->facts[STATE] = CASE_STATE_SCREENING;
	assert_string_equal(row_that_wins(b), "A.2");
}

static void
test_stop_ends_the_table(void **state)
{
	struct bench *b = *state;

	assert_true(compile(b, "TEST",
			    BLOCK ROW_DO("A.1", "{verb: state, arguments: [QUEUED]}, {verb: stop}") BLOCK LAST("B.1")));
	rules_run(b->table, b->facts, false, &b->result);
	assert_int_equal(b->result.hit_count, 1);
}

static void
test_near_rows_are_those_one_fact_short(void **state)
{
	struct bench *b = *state;

	assert_true(compile(b, "TEST",
			    BLOCK ROW("A.1", ONE_OF("state", "QUEUED") ", " ONE_OF("placed", "true"))
				ROW("A.2", ONE_OF("state", "SCREENING") ", " ONE_OF("placed", "true")) LAST("A.3") ""));
	b->facts[STATE] = CASE_STATE_SCREENING;
	rules_run(b->table, b->facts, true, &b->result);
	assert_int_equal(b->result.near_count, 1);
	assert_string_equal(b->result.near[0].row->id, "A.2");
	assert_int_equal(b->result.near[0].fact, PLACED);
	rules_run(b->table, b->facts, false, &b->result);
	assert_int_equal(b->result.near_count, 0);
}

/* ---- effects ---- */

static void
test_arguments_become_numbers(void **state)
{
	struct bench *b = *state;
	const struct rules_effect *then;

	assert_true(compile(b, "TEST",
			    BLOCK ROW_DO("A.1", "{verb: set, arguments: [REVIEW, PLAN]},"
						"{verb: flag, arguments: [placed, 'true']},"
						"{verb: flag, arguments: [colour, GREEN]},"
						"{verb: raise, arguments: [S19, '2', OWNER, ALDERMEN]},"
						"{verb: note, arguments: [ABSENT_AGAIN]},"
						"{verb: note, arguments: [LATE, '-7']},"
						"{verb: move}")));
	rules_run(b->table, b->facts, false, &b->result);
	then = b->result.hits[0]->then;
	assert_int_equal(b->result.hits[0]->then_count, 7);
	assert_int_equal(then[0].verb, V_SET);
	assert_int_equal(then[0].count, 2);
	assert_int_equal(then[0].arguments[0], DEADLINE_KIND_REVIEW);
	assert_int_equal(then[0].arguments[1], DEADLINE_KIND_PLAN);
	assert_int_equal(then[1].arguments[0], PLACED);
	assert_int_equal(then[1].arguments[1], 1);
	assert_int_equal(then[2].arguments[1], 1);
	assert_int_equal(then[3].arguments[0], SIGNAL_CODE_S19_PROTECTOR_LATE);
	assert_int_equal(then[3].arguments[1], 2);
	assert_int_equal(then[3].arguments[3], ADDRESSEE_ALDERMEN);
	assert_string_equal(then[4].texts[0], "ABSENT_AGAIN");
	assert_null(then[5].texts[1]);
	assert_int_equal(then[5].arguments[1], -7);
	assert_int_equal(then[6].count, 0);
}

/* ---- facts of a message ---- */

static void
test_fields_of_the_message_are_facts_behind_those_of_the_scope(void **state)
{
	struct bench *b = *state;
	pb_CaseSubmitted m = DOORBRAAK__V1__CASE_SUBMITTED__INIT;
	Doorbraak__V1__TriedAt tried[] = {DOORBRAAK__V1__TRIED_AT__TRIED_AT_EXPERT_TEAM};

	assert_true(
	    compile(b, "CaseSubmitted",
		    BLOCK ROW("A.1", TEST("tried", "HAS", "EXPERT_TEAM") ", " ONE_OF("asks", "HELP") ", " ONE_OF(
					 "urgent", "true") ", " TEST("parties", "AT_LEAST", "2")) LAST("A.2")));
	rules_message_facts(b->table, NULL, b->facts);
	assert_string_equal(row_that_wins(b), "A.2");
	m.tried = tried;
	m.n_tried = 1;
	m.asks = DOORBRAAK__V1__ASK__ASK_HELP;
	m.urgent = 1;
	m.parties = 2;
	rules_message_facts(b->table, &m.base, b->facts);
	assert_string_equal(row_that_wins(b), "A.1");
	assert_int_equal(rules_fact(b->table, "municipality"), -1);
	const int parties = rules_fact(b->table, "parties");

	assert_true(parties >= FACTS);
	assert_string_equal(rules_fact_def(b->table, (unsigned)parties).name, "parties");
	assert_int_equal(b->facts[parties], 2);
}

static void
test_dates_of_a_message_are_days(void **state)
{
	struct bench *b = *state;
	pb_CourtMeasureRegistered m = DOORBRAAK__V1__COURT_MEASURE_REGISTERED__INIT;
	char date[] = "2021-03-24";

	assert_true(compile(b, "CourtMeasureRegistered", BLOCK LAST("A.1")));
	m.pronounced_on = date;
	rules_message_facts(b->table, &m.base, b->facts);
	assert_int_equal(b->facts[rules_fact(b->table, "pronounced_on")], cal_parse("2021-03-24"));
	assert_int_equal(b->facts[rules_fact(b->table, "gi_informed_on")], CAL_NONE);
}

static void
test_a_fact_as_text(void **state)
{
	struct bench *b = *state;

	assert_true(compile(b, "TEST", BLOCK LAST("A.1")));
	assert_string_equal(rules_fact_text(&b->arena, b->table, STATE, CASE_STATE_LOCAL_ATTEMPT), "LOCAL_ATTEMPT");
	assert_string_equal(rules_fact_text(&b->arena, b->table, STATE, 0), "ABSENT");
	assert_string_equal(rules_fact_text(&b->arena, b->table, PLACED, 1), "true");
	assert_string_equal(rules_fact_text(&b->arena, b->table, ROUND, -3), "-3");
	assert_string_equal(rules_fact_text(&b->arena, b->table, SINCE, cal_parse("2021-03-08")), "2021-03-08");
	assert_string_equal(rules_fact_text(&b->arena, b->table, SINCE, CAL_NONE), "ABSENT");
	assert_string_equal(rules_fact_text(&b->arena, b->table, COLOUR, 0), "RED");
	assert_string_equal(rules_fact_text(&b->arena, b->table, OPEN,
					    INT64_C(1) << DEADLINE_KIND_REVIEW | INT64_C(1) << DEADLINE_KIND_PLAN),
			    "PLAN,REVIEW");
}

/* ---- refusing ---- */

static void
test_what_nobody_knows_is_refused_with_a_remedy(void **state)
{
	static const struct {
		const char *event, *blocks, *says;
	} wrong[] = {
	    {"TEST", BLOCK ROW("A.1", ONE_OF("plaaced", "true")) LAST("A.2"),
	     "effects/TEST A.1: there is no fact 'plaaced'; did you mean 'placed'?"},
	    {"TEST", BLOCK ROW("A.1", ONE_OF("state", "SCREENNG")) LAST("A.2"), "did you mean 'SCREENING'?"},
	    {"TEST", BLOCK ROW("A.1", ONE_OF("colour", "YELLOW")) LAST("A.2"), "known: RED, GREEN, BLUE"},
	    {"TEST", BLOCK ROW("A.1", ONE_OF("placed", "yes")) LAST("A.2"), "neither true nor false"},
	    {"TEST", BLOCK ROW("A.1", ONE_OF("open", "PLAN")) LAST("A.2"), "write {has: code}"},
	    {"TEST", BLOCK ROW("A.1", ONE_OF("since", "2022-01-01")) LAST("A.2"), "write {from: 2022-01-31}"},
	    {"TEST", BLOCK ROW("A.1", TEST("since", "FROM", "2022-02-30")) LAST("A.2"), "no date"},
	    {"TEST", BLOCK ROW("A.1", TEST("round", "AT_LEAST", "2, 3")) LAST("A.2"), "exactly one value"},
	    {"TEST", BLOCK ROW("A.1", ONE_OF("round", "64")) LAST("A.2"), "only 0 to 63"},
	    {"TEST", BLOCK ROW("A.1", ONE_OF("round", "5x")) LAST("A.2"), "no whole number"},
	    {"TEST", BLOCK ROW("A.1", TEST("state", "AT_LEAST", "2")) LAST("A.2"), "cannot be compared by"},
	    {"TEST", BLOCK ROW_DO("A.1", "{verb: sett, arguments: [PLAN]}"), "did you mean 'set'?"},
	    {"TEST", BLOCK ROW_DO("A.1", "{verb: set}"), "'set' needs DeadlineKind"},
	    {"TEST", BLOCK ROW_DO("A.1", "{verb: state, arguments: [QUEUED, CLOSED]}"), "'CLOSED' is too much"},
	    {"TEST", BLOCK ROW_DO("A.1", "{verb: stop, arguments: ['true']}"), "takes nothing"},
	    {"TEST", BLOCK ROW_DO("A.1", "{verb: flag, arguments: [placed]}"), "'flag' needs value"},
	    {"TEST", BLOCK ROW_DO("A.1", "{verb: flag, arguments: [placed, '2']}"), "neither true nor false"},
	    {"PlanAgred", BLOCK LAST("A.1"), "'PlanAgred' is no message"},
	    {"MISSED.REVUE", BLOCK LAST("A.1"), "did you mean 'REVIEW'?"},
	    {"TEST", BLOCK ROW("A.1", ONE_OF("placed", "true")), "add a row that says what happens otherwise"},
	    {"TEST", BLOCK LAST("A.1") LAST("A.2"), "can never fit"},
	    {"TEST", BLOCK ROW("A.1", ONE_OF("placed", "true")) LAST("A.1"), "stands twice"},
	    {"TEST", "- rows: []\n", "a block has no rows"},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		if (compile(b, wrong[i].event, wrong[i].blocks))
			fail_msg("was taken, and should say: %s", wrong[i].says);
		if (strstr(b->why.text, wrong[i].says) == NULL)
			fail_msg("says '%s', not '%s'", b->why.text, wrong[i].says);
	}
}

/* A field of the message is no fact of the scope, so no flag can be set of it. */
static void
test_only_facts_of_the_scope_can_be_set(void **state)
{
	struct bench *b = *state;

	assert_false(compile(b, "CaseSubmitted", BLOCK ROW_DO("A.1", "{verb: flag, arguments: [urgent, 'true']}")));
	assert_non_null(strstr(b->why.text, "there is no fact 'urgent'"));
}

static void
test_a_distance_counts_changed_letters(void **state UNUSED)
{
	assert_int_equal(nearest_distance("", ""), 0);
	assert_int_equal(nearest_distance("placed", "PLACED"), 0);
	assert_int_equal(nearest_distance("plaaced", "placed"), 1);
	assert_int_equal(nearest_distance("kitten", "sitting"), 3);
	assert_int_equal(nearest_distance("", "abc"), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_the_first_row_that_fits_wins_and_all_blocks_are_run, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_every_condition_of_a_row_must_hold, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_numbers_are_compared_from_the_bound_on, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_an_absent_day_is_never_late_enough, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_set_has_one_of_the_codes, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_codes_of_the_scope_and_absence_can_be_asked_for, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_stop_ends_the_table, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_near_rows_are_those_one_fact_short, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_arguments_become_numbers, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_fields_of_the_message_are_facts_behind_those_of_the_scope, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_dates_of_a_message_are_days, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_fact_as_text, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_nobody_knows_is_refused_with_a_remedy, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_only_facts_of_the_scope_can_be_set, setup, teardown),
	    cmocka_unit_test(test_a_distance_counts_changed_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
