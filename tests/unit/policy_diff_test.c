// SPDX-License-Identifier: EUPL-1.2
/* policy_diff.h, policy_words.h, policy_merge.h: what differs between two policies, as a policy officer reads it. */
#include "tests/unit/unit.h"

#include "common/policy_merge.h"
#include "services/cli/adoption.h"
#include "services/cli/policy_diff.h"
#include "services/cli/policy_file.h"
#include "services/cli/policy_words.h"

struct bench {
	struct temp temp;
	struct arena arena;
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

static const pb_PolicyAdopted *
read_policy(struct bench *b, const char *text)
{
	const struct temp_path path = temp_path(&b->temp, "p.yaml");
	const char *const paths[] = {path.s};
	struct policy_file file;

	file_write(path.s, text, strlen(text));
	if (!policy_file_read(&b->arena, paths, 1, adoption_scopes, ADOPTION_POLICY_SCOPES, &file))
		fail_msg("%s", file.problems.text[0]);
	return file.policy;
}

static const char base[] =
    "version: 1.0.0\n"
    "valid_from: 2016-01-01\n"
    "values:\n"
    "  P2: {value: 5, unit: wd, meaning: Chair decides}\n"
    "  P26: {value: 5, unit: count, meaning: Smallest cell}\n"
    "deadlines:\n"
    "  SCREENING: {rule: R17, all: P2, ends_with: [SCREENING], fulfilled_by: [ScreeningDecided]}\n"
    "  LIVING_PERSPECTIVE: {rule: R69, all: 6 months, hard: true}\n"
    "capacities: [{team: ET-JZ32, cases_per_meeting: 2, cycle_days: 14}]\n"
    "baselines: [{code: K22, count: 100, period_from: 2018-01-01, period_to: 2018-12-31}]\n"
    "extra_holidays: [2027-05-07]\n"
    "grid:\n"
    "  PlanAgreed:   [x, x, x, x, x, A, A, x, x, c]\n"
    "  PlanReviewed: [x, x, x, x, x, A, A, x, x, c]\n"
    "refuse:\n"
    "  - {id: R26.51, messages: [PlanAgreed], when: {actor_is_owner: false}, reason: NOT_OWNER}\n"
    "effects:\n"
    "  PlanAgreed:\n"
    "  - - {id: R28.1, when: {track: VOLUNTARY, has_team: true}, then: {state: EXECUTING, set: [REVIEW, PLAN]}}\n"
    "    - {id: R28.2, when: {state: DELIBERATION}, then: {set: [REVIEW]}}\n"
    "    - {id: R28.3, when: {state: EXECUTING}, then: {warn: [SUPPLY_FIRST]}}\n"
    "    - {id: R28.4, then: {}}\n"
    "signals:\n"
    "  MISSED.REVIEW:\n"
    "  - - {id: S02.1, then: {raise: {code: S02, stage: 1, to: [OWNER]}}}\n";

/* The base with one text in the place of another. */
static const char *
altered(struct bench *b, const char *find, const char *put)
{
	const char *at = strstr(base, find);

	if (at == NULL)
		fail_msg("the base has no: %s", find);
	return arena_printf(&b->arena, "%.*s%s%s", (int)(at - base), base, put, at + strlen(find));
}

/* All sentences, one a line. */
static const char *
sentences(struct bench *b, const pb_PolicyAdopted *was, const pb_PolicyAdopted *is)
{
	const char *text = "";

	for (const struct policy_difference *d = policy_diff(&b->arena, was, is); d != NULL; d = d->next)
		text = arena_printf(&b->arena, "%s%s: %s\n", text, d->where, d->text);
	return text;
}

static const struct {
	const char *find, *put, *expected;
} changes[] = {
    {"version: 1.0.0", "version: 1.0.1", ""},
    /* values */
    {"value: 5, unit: wd", "value: 7, unit: wd",
     "values: P2, Chair decides: 5 -> 7 working days; the length of SCREENING\n"},
    {"value: 5, unit: wd", "value: 1, unit: months",
     "values: P2, Chair decides: 5 working days -> 1 month; the length of SCREENING\n"},
    {"value: 5, unit: count", "value: 10, unit: count", "values: P26, Smallest cell: 5 -> 10\n"},
    {"  P26: {value: 5, unit: count, meaning: Smallest cell}\n", "",
     "values: P26, Smallest cell: no longer said, was 5\n"},
    {"  P26:", "  P27: {value: 3, unit: d}\n  P26:", "values: P27: new, 3 days\n"},
    /* deadlines */
    {"all: P2, ", "all: P2, COURT_MEASURE: 2 wd, ",
     "deadlines: SCREENING, for court measures: P2 (5 working days) -> 2 working days\n"},
    {"all: P2, ", "VOLUNTARY: P2, ",
     "deadlines: SCREENING, for court measures and closed care: P2 (5 working days) -> does not run\n"},
    {"all: 6 months", "all: 9 months", "deadlines: LIVING_PERSPECTIVE, on all tracks: 6 months -> 9 months\n"},
    {", hard: true", "", "deadlines: LIVING_PERSPECTIVE is no longer set by law: a region can change it\n"},
    {"rule: R69,", "rule: R69, from: pronounced_on,",
     "deadlines: LIVING_PERSPECTIVE is counted from pronounced_on, was the day of the event\n"},
    {"ends_with: [SCREENING]", "ends_with: [SCREENING, ADVICE]",
     "deadlines: SCREENING belongs to SCREENING or ADVICE, was SCREENING\n"},
    {"  LIVING_PERSPECTIVE: {rule: R69, all: 6 months, hard: true}\n", "",
     "deadlines: LIVING_PERSPECTIVE: there is no such deadline any more\n"},
    /* figures */
    {"cases_per_meeting: 2", "cases_per_meeting: 3",
     "capacities: ET-JZ32: 2 cases a meeting, every 14 days -> 3 cases a meeting, every 14 days\n"},
    {", cycle_days: 14", "",
     "capacities: ET-JZ32: 2 cases a meeting, every 14 days -> 2 cases a meeting, as often as the values say\n"},
    {"count: 100", "count: 90",
     "baselines: K22 of the whole country: 100 from 2018-01-01 to 2018-12-31 -> 90 from 2018-01-01 to 2018-12-31\n"},
    {"[2027-05-07]", "[2028-05-05]",
     "holidays: 2027-05-07 is no holiday any more\nholidays: 2028-05-05 is now a holiday\n"},
    /* the grid, and what refuses */
    {"PlanAgreed:   [x, x, x, x, x, A", "PlanAgreed:   [x, x, A, x, A, A",
     "grid: PlanAgreed in ADVICE and QUEUED: was refused (WRONG_STATE), now accepted\n"},
    {"A, A, x, x, c]\n  PlanR", "A, A, x, c, c]\n  PlanR",
     "grid: PlanAgreed in SCALED_DOWN: was refused (WRONG_STATE), now refused (CASE_CLOSED)\n"},
    {"messages: [PlanAgreed]", "messages: all", "refusals: R26.51: now also for PlanReviewed\n"},
    {"actor_is_owner: false}", "actor_is_owner: false, track: VOLUNTARY}",
     "refusals: R26.51: now only when track is VOLUNTARY\n"},
    {"  - {id: R26.51, messages: [PlanAgreed], when: {actor_is_owner: false}, reason: NOT_OWNER}\n",
     "  - {id: R26.52, messages: all, when: {actor_is_owner: false}, reason: NOT_OWNER}\n",
     "refusals: R26.51, for PlanAgreed, is gone: when actor_is_owner is false, it refuses the message (NOT_OWNER)\n"
     "refusals: R26.52 is new, for every message: when actor_is_owner is false, it refuses the message (NOT_OWNER)\n"},
    /* rows */
    {"set: [REVIEW, PLAN]", "set: [PLAN, MEETING]",
     "effects of PlanAgreed: R28.1, when track is VOLUNTARY, and has_team is true: now also sets MEETING; no longer "
     "sets "
     "REVIEW\n"},
    {"state: EXECUTING, set", "state: QUEUED, set",
     "effects of PlanAgreed: R28.1, when track is VOLUNTARY, and has_team is true: moves to QUEUED, was EXECUTING\n"},
    {"track: VOLUNTARY, has_team: true", "track: [VOLUNTARY, COURT_MEASURE]",
     "effects of PlanAgreed: R28.1: now when track is VOLUNTARY or COURT_MEASURE, was VOLUNTARY; no longer only when "
     "has_team is true\n"},
    {"{id: R28.4, then: {}}", "{id: R28.4, then: {require: true}}",
     "effects of PlanAgreed: R28.4, always: now requires the funder at the table\n"},
    {"then: {warn: [SUPPLY_FIRST]}", "then: {}",
     "effects of PlanAgreed: R28.3, when state is EXECUTING: does nothing any more; no longer warns SUPPLY_FIRST\n"},
    {"to: [OWNER]", "to: [OWNER, ALDERMEN]",
     "signals of MISSED.REVIEW: S02.1, always: now also raises S02, stage 1, to ALDERMEN\n"},
    {"{id: R28.4, then: {}}", "{id: R28.4, then: {}, source: s4 2, point: said}",
     "effects of PlanAgreed: R28.4: its source is s4 2, was not given\n"
     "effects of PlanAgreed: R28.4: its point is \"said\", was \"\"\n"},
    {"    - {id: R28.2, when: {state: DELIBERATION}, then: {set: [REVIEW]}}\n", "",
     "effects of PlanAgreed: R28.2 is gone; it was: when state is DELIBERATION: sets REVIEW\n"},
    {"    - {id: R28.4", "    - {id: R28.9, when: {open: {has: PLAN}}, then: {clear: [PLAN]}}\n    - {id: R28.4",
     "effects of PlanAgreed: R28.9 is new, behind R28.3; when open has PLAN: clears PLAN\n"},
};

static void
test_each_change_is_told_in_words(void **state)
{
	struct bench *b = *state;
	const pb_PolicyAdopted *was = read_policy(b, base);

	for (unsigned i = 0; i < COUNT_OF(changes); i++) {
		const char *text = altered(b, changes[i].find, changes[i].put);

		assert_string_equal(sentences(b, was, read_policy(b, text)), changes[i].expected);
	}
}

static void
test_a_row_that_moved_is_told_alone(void **state)
{
	struct bench *b = *state;
	const pb_PolicyAdopted *was = read_policy(b, base);
	static const char second[] = "    - {id: R28.2, when: {state: DELIBERATION}, then: {set: [REVIEW]}}\n";
	static const char third[] = "    - {id: R28.3, when: {state: EXECUTING}, then: {warn: [SUPPLY_FIRST]}}\n";
	const char *find = arena_printf(&b->arena, "%s%s", second, third);
	const char *put = arena_printf(&b->arena, "%s%s", third, second);

	assert_string_equal(sentences(b, was, read_policy(b, altered(b, find, put))),
			    "effects of PlanAgreed: R28.2 now stands behind R28.3\n");
}

static void
test_a_row_in_another_block_is_told(void **state)
{
	struct bench *b = *state;
	const pb_PolicyAdopted *was = read_policy(b, base);
	static const char last[] = "    - {id: R28.3, when: {state: EXECUTING}, then: {warn: [SUPPLY_FIRST]}}\n"
				   "    - {id: R28.4, then: {}}\n";
	static const char blocks[] = "    - {id: R28.4, then: {}}\n"
				     "  - - {id: R28.3, then: {warn: [SUPPLY_FIRST]}}\n";

	assert_string_equal(sentences(b, was, read_policy(b, altered(b, last, blocks))),
			    "effects of PlanAgreed: R28.3 moved from block 1 to block 2\n"
			    "effects of PlanAgreed: R28.3: no longer only when state is EXECUTING\n");
}

static const char region[] =
    "version: 2.0.0\n"
    "valid_from: 2030-01-01\n"
    "region: JZ42\n"
    "values: {P2: 7}\n"
    "deadlines:\n"
    "  SCREENING: {rule: R17, all: 9 wd, ends_with: [SCREENING], fulfilled_by: [ScreeningDecided]}\n"
    "effects:\n"
    "  PlanAgreed:\n"
    "  - - {id: JZ42.1, when: {track: COURT_MEASURE}, then: {set: [REVIEW]}}\n"
    "    - {id: R28.3, when: {state: EXECUTING}, then: {}}\n";

/* A new row comes before the last one of its block. */
static void
test_what_a_region_changes_is_told_against_the_national_policy(void **state)
{
	struct bench *b = *state;
	const pb_PolicyAdopted *national = read_policy(b, base);
	const pb_PolicyAdopted *merged = policy_merge(&b->arena, national, read_policy(b, region));

	assert_string_equal(merged->version, "1.0.0+JZ42-2.0.0");
	assert_string_equal(
	    sentences(b, national, merged),
	    "values: P2, Chair decides: 5 -> 7 working days\n"
	    "deadlines: SCREENING, on all tracks: P2 (5 working days) -> 9 working days\n"
	    "effects of PlanAgreed: R28.3, when state is EXECUTING: does nothing any more; no longer warns "
	    "SUPPLY_FIRST\n"
	    "effects of PlanAgreed: JZ42.1 is new, behind R28.3; when track is COURT_MEASURE: sets REVIEW\n");
	assert_string_equal(sentences(b, merged, merged), "");
}

static void
test_every_verb_has_words(void **state UNUSED)
{
	for (unsigned s = 0; s < ADOPTION_POLICY_SCOPES; s++) {
		for (unsigned v = 0; v < adoption_scopes[s]->verb_count; v++) {
			if (!policy_verb_has_words(adoption_scopes[s]->verbs[v].name))
				fail_msg("no words for %s", adoption_scopes[s]->verbs[v].name);
		}
	}
	assert_false(policy_verb_has_words("dance"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_each_change_is_told_in_words, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_row_that_moved_is_told_alone, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_row_in_another_block_is_told, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_a_region_changes_is_told_against_the_national_policy, setup,
					    teardown),
	    cmocka_unit_test(test_every_verb_has_words),
	};

	return cmocka_run_group_tests_name("policy diff", tests, NULL, NULL);
}
