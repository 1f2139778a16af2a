// SPDX-License-Identifier: EUPL-1.2
/* triage_decide.h: which municipality, what stands in the way, and what the tables make of it. */
#include "tests/unit/unit.h"

#include "services/triage/triage_decide.h"

static void
test_residence_comes_before_mother_and_stay(void **state UNUSED)
{
	static const struct {
		const char *given[3];
		enum triage_residence by;
		const char *municipality;
	} rows[] = {
	    {{"GM9901", "GM9902", "GM9903"}, RESIDENCE_LEGAL, "GM9901"},
	    {{"", "GM9902", "GM9903"}, RESIDENCE_MOTHER_AT_BIRTH, "GM9902"},
	    {{"", "", "GM9903"}, RESIDENCE_STAY, "GM9903"},
	    {{"GM9901", "", "GM9903"}, RESIDENCE_LEGAL, "GM9901"},
	    {{"", "", ""}, RESIDENCE_NONE, ""},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct triage_named n = triage_named_of(rows[i].given[0], rows[i].given[1], rows[i].given[2]);
		assert_int_equal(n.by, rows[i].by);
		assert_string_equal(n.municipality, rows[i].municipality);
	}
}

static void
test_what_stands_in_the_way_has_a_reason(void **state UNUSED)
{
	static const struct {
		const char *given;
		enum registry_found found;
		int reason;
	} rows[] = {
	    {"", REGISTRY_FOUND, REASON_NO_RESPONSIBLE_MUNICIPALITY},
	    {"GM9901", REGISTRY_FOUND, 0},
	    {"GM9901", REGISTRY_REPLACED, 0},
	    {"GM9901", REGISTRY_AMBIGUOUS, REASON_AMBIGUOUS_MUNICIPALITY},
	    {"GM9901", REGISTRY_UNKNOWN, REASON_UNKNOWN_MUNICIPALITY},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(triage_reason(triage_named_of(rows[i].given, "", ""), rows[i].found), rows[i].reason);
}

static void
test_facts_say_what_is_known(void **state UNUSED)
{
	const struct triage_situation s = {
	    .residence = RESIDENCE_STAY,
	    .replaced = true,
	    .has_landing_place = true,
	    .ask_offered = true,
	    .life_domains = 1u << LIFE_DOMAIN_WORK | 1u << LIFE_DOMAIN_SCHOOL | 1u << LIFE_DOMAIN_SAFETY,
	    .effect_date = cal_from_date(2024, 3, 4),
	};
	int64_t facts[TRIAGE_FACT_COUNT];

	triage_facts(&s, facts);
	assert_int_equal(facts[TRIAGE_FACT_RESIDENCE], RESIDENCE_STAY);
	assert_int_equal(facts[TRIAGE_FACT_REPLACED], 1);
	assert_int_equal(facts[TRIAGE_FACT_HAS_TEAM], 0);
	assert_int_equal(facts[TRIAGE_FACT_HAS_LANDING_PLACE], 1);
	assert_int_equal(facts[TRIAGE_FACT_ASK_OFFERED], 1);
	assert_int_equal(facts[TRIAGE_FACT_LIFE_DOMAIN_COUNT], 3);
	assert_int_equal(facts[TRIAGE_FACT_EFFECT_DATE], cal_from_date(2024, 3, 4));
}

/* A table made by hand: two blocks, the second with a row that needs a team. */
static const struct rules_effect track_effect = {TRIAGE_TRACK, 1, {TRACK_CLOSED_CARE}, {NULL}};
static const struct rules_effect warn_effect = {
    TRIAGE_WARN, 2, {WARNING_MUNICIPALITY_REPLACED, WARNING_ASK_NOT_OFFERED}, {NULL}};
static const struct rules_effect criterion_effect = {
    TRIAGE_CRITERION, 1, {COMPLEXITY_CRITERION_REGIONAL_AGREEMENT}, {NULL}};
static const struct rules_condition has_team = {TRIAGE_FACT_HAS_TEAM, RULE_TEST_ONE_OF, 1u << 1, 0};
static const struct rules_row first_rows[] = {{"A1", "R67", NULL, 0, &track_effect, 1, "project", ""}};
static const struct rules_row second_rows[] = {
    {"B1", "R23", &has_team, 1, &criterion_effect, 1, "project", ""},
    {"B2", "R2", NULL, 0, &warn_effect, 1, "project", ""},
};
static const struct rules_block blocks[] = {{first_rows, 1}, {second_rows, 2}};
static const struct rules_table table = {
    .event = "ClosedPlacementRequested",
    .scope = &scope_triage,
    .blocks = blocks,
    .block_count = 2,
    .stop_verb = TRIAGE_STOP,
};

static void
test_the_winners_of_all_blocks_make_one_classification(void **state UNUSED)
{
	int64_t facts[RULES_FACTS_MAX] = {0};
	struct triage_class class;

	triage_decide(&table, facts, &class);
	assert_int_equal(class.track, TRACK_CLOSED_CARE);
	assert_int_equal(class.criteria, 0);
	assert_int_equal(class.warnings, 1u << WARNING_MUNICIPALITY_REPLACED | 1u << WARNING_ASK_NOT_OFFERED);
	assert_string_equal(class.row->id, "A1");
	assert_int_equal(class.result.near_count, 1);
	assert_string_equal(class.result.near[0].row->id, "B1");

	facts[TRIAGE_FACT_HAS_TEAM] = 1;
	triage_decide(&table, facts, &class);
	assert_int_equal(class.criteria, 1u << COMPLEXITY_CRITERION_REGIONAL_AGREEMENT);
	assert_int_equal(class.warnings, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_residence_comes_before_mother_and_stay),
	    cmocka_unit_test(test_what_stands_in_the_way_has_a_reason),
	    cmocka_unit_test(test_facts_say_what_is_known),
	    cmocka_unit_test(test_the_winners_of_all_blocks_make_one_classification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
