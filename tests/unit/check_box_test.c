// SPDX-License-Identifier: EUPL-1.2
/* The box algebra against going through every situation: random small tables, of which both must say the same. */
#include "tests/unit/unit.h"

#include "common/scope_effects.h"
#include "services/cli/check_box.h"

#define TABLES   300
#define ROWS_MAX 7

struct bench {
	struct arena arena;
	uint64_t random;
	struct rules_row rows[ROWS_MAX];
	struct rules_condition conditions[ROWS_MAX][4];
	struct rules_block block;
	struct rules_table table;
	struct box_space space;
};

static unsigned
any(struct bench *b, unsigned count)
{
	b->random ^= b->random << 13;
	b->random ^= b->random >> 7;
	b->random ^= b->random << 17;
	return (unsigned)((b->random >> 20) % count);
}

/* Over a code, a flag, a number and a set: four facts whose every value can be gone through. */
static void
add_condition(struct bench *b, struct rules_row *row, struct rules_condition *c)
{
	const unsigned which = any(b, 4);

	switch (which) {
	case 0:
		*c =
		    (struct rules_condition){.fact = CASE_FACT_TRACK, .test = RULE_TEST_ONE_OF, .mask = 1 + any(b, 15)};
		break;
	case 1:
		*c = (struct rules_condition){
		    .fact = CASE_FACT_PLACED, .test = RULE_TEST_ONE_OF, .mask = 1u << any(b, 2)};
		break;
	case 2:
		*c = (struct rules_condition){
		    .fact = CASE_FACT_COMPLETION_ROUND, .test = RULE_TEST_AT_LEAST, .bound = any(b, 5)};
		if (any(b, 2) == 0)
			*c = (struct rules_condition){
			    .fact = CASE_FACT_COMPLETION_ROUND, .test = RULE_TEST_ONE_OF, .mask = 1 + any(b, 31)};
		break;
	default:
		*c = (struct rules_condition){
		    .fact = CASE_FACT_OPEN, .test = RULE_TEST_HAS, .mask = (1 + any(b, 15)) << 1};
		break;
	}
	row->when_count++;
}

static void
make_table(struct bench *b)
{
	const unsigned count = 2 + any(b, ROWS_MAX - 1);

	for (unsigned r = 0; r < count; r++) {
		b->rows[r] = (struct rules_row){.id = "R", .when = b->conditions[r]};
		for (unsigned i = 0; r + 1 < count && i < 1 + any(b, 4); i++)
			add_condition(b, &b->rows[r], &b->conditions[r][i]);
	}
	b->block = (struct rules_block){.rows = b->rows, .row_count = count};
	b->table = (struct rules_table){
	    .event = "PlanAgreed", .scope = &scope_effects, .blocks = &b->block, .block_count = 1, .stop_verb = -1};
}

/* Bits of the rows that win somewhere. */
static unsigned
winners(const struct bench *b)
{
	int64_t facts[RULES_FACTS_MAX] = {0};
	struct rules_result result;
	unsigned won = 0;

	for (int track = 0; track < 4; track++) {
		for (int placed = 0; placed < 2; placed++) {
			for (int round = 0; round < 8; round++) {
				for (int open = 0; open < 16; open++) {
					facts[CASE_FACT_TRACK] = track;
					facts[CASE_FACT_PLACED] = placed;
					facts[CASE_FACT_COMPLETION_ROUND] = round;
					facts[CASE_FACT_OPEN] = (int64_t)open << 1;
					rules_run(&b->table, facts, false, &result);
					won |= 1u << (result.hits[0] - b->rows);
				}
			}
		}
	}
	return won;
}

static unsigned
winners_by_boxes(struct bench *b)
{
	unsigned won = 0;

	assert_true(box_space_init(&b->space, &b->table));
	for (unsigned r = 0; r < b->block.row_count; r++) {
		struct boxes left;

		boxes_init(&left, &b->arena, &b->space);
		boxes_add_row(&left, &b->rows[r]);
		for (unsigned i = 0; i < r; i++) {
			struct boxes above;

			boxes_init(&above, &b->arena, &b->space);
			boxes_add_row(&above, &b->rows[i]);
			boxes_subtract(&left, &above);
		}
		assert_false(left.full);
		won |= left.count > 0 ? 1u << r : 0;
	}
	return won;
}

static void
test_boxes_know_which_rows_can_win(void **state UNUSED)
{
	struct bench *b = test_calloc(1, sizeof *b);
	unsigned shadowed = 0;

	arena_init(&b->arena);
	b->random = 0x5eed5eed5eedu;
	for (unsigned i = 0; i < TABLES; i++) {
		arena_reset(&b->arena);
		make_table(b);
		const unsigned won = winners(b);

		assert_int_equal(winners_by_boxes(b), won);
		shadowed += won != (1u << b->block.row_count) - 1;
	}
	assert_true(shadowed > TABLES / 10 && shadowed < TABLES);
	arena_fini(&b->arena);
	test_free(b);
}

static void
test_a_sample_names_what_is_asked(void **state UNUSED)
{
	struct bench *b = test_calloc(1, sizeof *b);
	struct boxes boxes;

	arena_init(&b->arena);
	b->conditions[0][0] = (struct rules_condition){
	    .fact = CASE_FACT_STATE, .test = RULE_TEST_ONE_OF, .mask = (uint64_t)1 << CASE_STATE_QUEUED};
	b->conditions[0][1] =
	    (struct rules_condition){.fact = CASE_FACT_COMPLETION_ROUND, .test = RULE_TEST_AT_LEAST, .bound = 2};
	b->rows[0] = (struct rules_row){.id = "R1", .when = b->conditions[0], .when_count = 2};
	b->rows[1] = (struct rules_row){.id = "R2"};
	b->block = (struct rules_block){.rows = b->rows, .row_count = 2};
	b->table = (struct rules_table){
	    .event = "PlanAgreed", .scope = &scope_effects, .blocks = &b->block, .block_count = 1, .stop_verb = -1};
	assert_true(box_space_init(&b->space, &b->table));
	boxes_init(&boxes, &b->arena, &b->space);
	boxes_add_row(&boxes, &b->rows[0]);
	assert_string_equal(boxes_sample(&b->arena, &boxes), "state QUEUED, completion_round 2");
	boxes_init(&boxes, &b->arena, &b->space);
	boxes_add_all(&boxes);
	assert_string_equal(boxes_sample(&b->arena, &boxes), "any situation");
	arena_fini(&b->arena);
	test_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_boxes_know_which_rows_can_win),
	    cmocka_unit_test(test_a_sample_names_what_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
