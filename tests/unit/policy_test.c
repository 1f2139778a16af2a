// SPDX-License-Identifier: EUPL-1.2
/* policy.h: which policy applies when and where, and what a region may change. */
#include "tests/unit/unit.h"

#include "common/policy.h"
#include "services/cli/yaml_tree.h"

static const struct fact_def facts[] = {
    {"placed", FACT_BOOL, NULL, "in a closed placement"},
    {"realised_on", FACT_DAY, NULL, "a day"},
};
static const struct verb_def verbs[] = {{"note", "text", "notes"}, {"stop", "", "ends"}};
static const struct rules_scope scope = {
    .name = "effects",
    .facts = facts,
    .fact_count = COUNT_OF(facts),
    .verbs = verbs,
    .verb_count = COUNT_OF(verbs),
};
static const struct rules_scope *const scopes[] = {&scope};

struct bench {
	struct temp temp;
	struct store *store;
	struct store_txn *txn;
	struct policy_book *book;
	struct arena arena;
	struct violations vs;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);
	struct why why;

	assert_non_null(b);
	b->temp = temp_make();
	arena_init(&b->arena);
	const struct temp_path dir = temp_path(&b->temp, "store");

	if (store_open(&b->store, &(struct store_options){.dir = dir.s, .fast = true}, &why) != ERR_NONE)
		fail_msg("%s", why.text);
	b->book = policy_new(scopes, COUNT_OF(scopes));
	b->txn = store_begin_write(b->store);
	policy_open(b->book, b->txn);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	store_abort(b->txn);
	policy_free(&b->book);
	store_close(&b->store);
	arena_fini(&b->arena);
	temp_remove(&b->temp);
	free(b);
	return 0;
}

static cal_day
day(const char *date)
{
	const cal_day d = cal_parse(date);

	assert_true(d != CAL_NONE);
	return d;
}

static const pb_PolicyAdopted *
policy(struct bench *b, const char *text)
{
	struct why why = {0};
	const struct tree *tree = yaml_tree_parse(&b->arena, "test", bytes_str(text), &why);

	if (tree == NULL)
		fail_msg("%s", why.text);
	const pb_PolicyAdopted *p = record_from_tree(&b->arena, &pb_PolicyAdopted_descriptor, tree, &why);

	if (p == NULL)
		fail_msg("%s", why.text);
	return p;
}

static void
adopt(struct bench *b, const char *today, const char *text)
{
	policy_adopt(b->book, b->txn, policy(b, text), day(today));
}

static const struct policy_view *
on(struct bench *b, const char *date, const char *region)
{
	return policy_on(b->book, b->txn, day(date), region);
}

static int
value_on(struct bench *b, const char *date, const char *region, const char *key)
{
	const struct policy_view *view = on(b, date, region);
	int32_t value;

	return view != NULL && policy_value(view, key, &value) ? value : -1;
}

#define HEAD(version, from) "version: " version "\nvalid_from: " from "\n"
#define P2(n)               "values: [{key: P2, value: " n "}]\n"
#define UNITS               "  terms: [{key: P2, unit: wd}, {key: P14, unit: months}, {key: P26, unit: count}]\n"

/* ---- by date ---- */

static void
test_without_a_policy_there_is_no_view(void **state)
{
	struct bench *b = *state;

	assert_null(on(b, "2021-03-01", ""));
	adopt(b, "2021-03-01", HEAD("1.0.0", "2021-01-01") P2("5"));
	assert_null(on(b, "2020-12-31", ""));
	assert_int_equal(value_on(b, "2021-01-01", "", "P2"), 5);
	assert_int_equal(value_on(b, "2021-01-01", "JZ32", "P2"), 5);
	assert_int_equal(value_on(b, "2021-01-01", "", "P3"), -1);
	assert_string_equal(on(b, "2021-01-01", "JZ32")->version, "1.0.0");
}

static void
test_a_later_adoption_never_changes_what_applied_before_it(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2021-01-01") P2("5"));
	adopt(b, "2021-06-10", HEAD("1.1.0", "2021-02-01") P2("7"));
	assert_int_equal(value_on(b, "2021-06-10", "", "P2"), 5);
	assert_int_equal(value_on(b, "2021-06-11", "", "P2"), 7);
	adopt(b, "2021-06-12", HEAD("1.2.0", "2022-01-01") P2("9"));
	assert_int_equal(value_on(b, "2021-12-31", "", "P2"), 7);
	assert_int_equal(value_on(b, "2022-01-01", "", "P2"), 9);
	adopt(b, "2021-06-12", HEAD("1.1.1", "2021-06-12") P2("8"));
	assert_int_equal(value_on(b, "2021-06-12", "", "P2"), 7);
	assert_int_equal(value_on(b, "2021-06-13", "", "P2"), 8);
	/* What was announced for a later day can be overtaken before it comes. */
	adopt(b, "2021-06-13", HEAD("1.3.0", "2022-01-01") P2("11"));
	assert_int_equal(value_on(b, "2022-01-01", "", "P2"), 11);
}

static void
test_on_the_day_of_the_first_adoption_the_past_is_open(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2016-01-01") P2("5"));
	adopt(b, "2021-03-01", HEAD("1.0.1", "2016-01-01") P2("6"));
	assert_int_equal(value_on(b, "2016-01-01", "", "P2"), 6);
	adopt(b, "2021-03-02", HEAD("1.0.2", "2016-01-01") P2("7"));
	assert_int_equal(value_on(b, "2021-03-02", "", "P2"), 6);
	assert_int_equal(value_on(b, "2021-03-03", "", "P2"), 7);
}

static void
test_what_was_adopted_is_found_again_after_forgetting(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2021-01-01") P2("5"));
	adopt(b, "2021-06-10", HEAD("1.1.0", "2021-07-01") P2("7"));
	const struct digest before = on(b, "2021-07-01", "")->hash;

	policy_forget(b->book);
	assert_int_equal(value_on(b, "2021-06-30", "", "P2"), 5);
	assert_int_equal(value_on(b, "2021-07-01", "", "P2"), 7);
	assert_true(digest_equal(on(b, "2021-07-01", "")->hash, before));
	assert_false(digest_equal(on(b, "2021-06-30", "")->hash, before));
}

static void
test_an_aborted_adoption_leaves_nothing(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2021-01-01") P2("5"));
	assert_int_equal(store_commit(b->txn), ERR_NONE);
	b->txn = store_begin_write(b->store);
	adopt(b, "2021-06-10", HEAD("1.1.0", "2021-07-01") P2("7"));
	assert_int_equal(value_on(b, "2021-07-01", "", "P2"), 7);
	store_abort(b->txn);
	b->txn = store_begin_write(b->store);
	policy_open(b->book, b->txn);
	assert_int_equal(value_on(b, "2021-07-01", "", "P2"), 5);
}

/* A policy of another version of the programs, with a fact that this one does not have. */
#define FOREIGN                                                                                                        \
	HEAD("1.0.0", "2021-01-01")                                                                                    \
	"tables: {tables: [{scope: effects, event: PlanAgreed, blocks: [{rows: [{id: R1.1, rule: R1, "                 \
	"when: [{fact: is_gone, test: ONE_OF, values: ['true']}]}, {id: R1.2, rule: R1}]}]}]}\n"

static void
adopts_it(void *arg)
{
	adopt(arg, "2021-03-01", FOREIGN);
}

static void
starts_with_it(void *arg)
{
	struct bench *b = arg;
	struct policy_book *elsewhere = policy_new(NULL, 0); /* looks at no tables */

	policy_open(elsewhere, b->txn);
	policy_adopt(elsewhere, b->txn, policy(b, FOREIGN), day("2021-03-01"));
	policy_open(b->book, b->txn);
}

static void
test_a_policy_that_these_programs_cannot_read_is_refused_at_once_in_words(void **state)
{
	assert_true(
	    ends_by_fatal(adopts_it, *state, "policy 1.0.0, valid from 2021-01-01, was adopted by another version"));
	assert_true(ends_by_fatal(adopts_it, *state, "is_gone"));
	assert_true(ends_by_fatal(starts_with_it, *state, "start the version that it was adopted with"));
}

/* ---- by region ---- */

static void
test_a_region_changes_values_and_the_hash_tells(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2021-01-01") "values: [{key: P2, value: 5}, {key: P3, value: 10}]\n");
	adopt(b, "2021-03-02", HEAD("0.1.0", "2021-02-01") "region: JZ32\n" P2("8"));
	assert_int_equal(value_on(b, "2021-01-31", "JZ32", "P2"), 5);
	assert_int_equal(value_on(b, "2021-02-01", "JZ32", "P2"), 8);
	assert_int_equal(value_on(b, "2021-02-01", "JZ32", "P3"), 10);
	assert_int_equal(value_on(b, "2021-02-01", "JZ3", "P2"), 5);
	assert_int_equal(value_on(b, "2021-02-01", "JZ33", "P2"), 5);
	assert_string_equal(on(b, "2021-02-01", "JZ32")->version, "1.0.0+JZ32-0.1.0");
	assert_false(digest_equal(on(b, "2021-02-01", "JZ32")->hash, on(b, "2021-02-01", "JZ33")->hash));
	/* A region's policy alone is none. */
	adopt(b, "2021-03-03", HEAD("0.1.0", "2015-01-01") "region: JZ01\n" P2("8"));
	assert_null(on(b, "2015-06-01", "JZ01"));
}

#define NATIONAL_TABLE                                                                                                 \
	"tables:\n"                                                                                                    \
	"  tables:\n"                                                                                                  \
	"  - scope: effects\n"                                                                                         \
	"    event: TEST\n"                                                                                            \
	"    blocks:\n"                                                                                                \
	"    - rows: [{id: A.1, when: [{fact: placed, test: ONE_OF, values: ['true']}], then: [{verb: note, "          \
	"arguments: "                                                                                                  \
	"[OLD]}]}, {id: A.2}]\n"                                                                                       \
	"    - rows: [{id: B.1}]\n"

static const char *
note_of(const struct rules_row *row)
{
	return row->then_count == 0 ? "" : row->then[0].texts[0];
}

static void
test_a_regions_row_takes_the_place_of_the_one_with_its_id(void **state)
{
	struct bench *b = *state;
	struct rules_result result;
	const int64_t placed[] = {1, CAL_NONE};

	adopt(b, "2021-03-01", HEAD("1.0.0", "2021-01-01") NATIONAL_TABLE);
	adopt(b, "2021-03-01",
	      HEAD("0.1.0",
		   "2021-01-01") "region: JZ32\n"
				 "tables:\n  tables:\n  - scope: effects\n    event: TEST\n    blocks:\n"
				 "    - rows: [{id: A.1, when: [{fact: placed, test: ONE_OF, values: ['true']}], "
				 "then: [{verb: note, arguments: [OWN]}]}]\n");
	rules_run(policy_table(on(b, "2021-01-01", "JZ32"), "effects", "TEST"), placed, false, &result);
	assert_int_equal(result.hit_count, 2);
	assert_string_equal(note_of(result.hits[0]), "OWN");
	rules_run(policy_table(on(b, "2021-01-01", "JZ33"), "effects", "TEST"), placed, false, &result);
	assert_string_equal(note_of(result.hits[0]), "OLD");
}

static void
test_a_regions_new_row_comes_before_the_last_of_its_block(void **state)
{
	struct bench *b = *state;
	struct rules_result result;
	const int64_t placed[] = {1, CAL_NONE};
	const int64_t not_placed[] = {0, CAL_NONE};

	adopt(b, "2021-03-01", HEAD("1.0.0", "2021-01-01") NATIONAL_TABLE);
	adopt(
	    b, "2021-03-01",
	    HEAD(
		"0.1.0",
		"2021-01-01") "region: JZ32\n"
			      "tables:\n  tables:\n  - scope: effects\n    event: TEST\n    blocks:\n"
			      "    - rows: [{id: A.9, when: [{fact: placed, test: ONE_OF, values: ['true', 'false']}], "
			      "then: [{verb: note, arguments: [NEW]}]}]\n"
			      "    - rows: [{id: B.1, when: [{fact: placed, test: ONE_OF, values: ['false']}], "
			      "then: [{verb: note, arguments: [ONLY]}]}]\n"
			      "    - rows: [{id: C.1, when: [{fact: placed, test: ONE_OF, values: ['true']}], "
			      "then: [{verb: note, arguments: [MORE]}]}]\n");
	const struct rules_table *table = policy_table(on(b, "2021-01-01", "JZ32"), "effects", "TEST");

	rules_run(table, placed, false, &result);
	assert_int_equal(result.hit_count, 3);
	assert_string_equal(note_of(result.hits[0]), "OLD");
	/* B.1 got a condition: what it said for all other situations stays behind it. */
	assert_string_equal(note_of(result.hits[1]), "");
	assert_string_equal(note_of(result.hits[2]), "MORE");
	rules_run(table, not_placed, false, &result);
	assert_string_equal(note_of(result.hits[0]), "NEW");
	assert_string_equal(note_of(result.hits[1]), "ONLY");
	assert_string_equal(note_of(result.hits[2]), "");
}

static void
test_an_event_only_the_region_knows_gets_its_table(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2021-01-01") NATIONAL_TABLE);
	adopt(b, "2021-03-01",
	      HEAD("0.1.0",
		   "2021-01-01") "region: JZ32\n"
				 "tables:\n  tables:\n  - scope: effects\n    event: OTHER\n    blocks:\n"
				 "    - rows: [{id: X.1, when: [{fact: placed, test: ONE_OF, values: ['true']}]}]\n");
	assert_non_null(policy_table(on(b, "2021-01-01", "JZ32"), "effects", "OTHER"));
	assert_null(policy_table(on(b, "2021-01-01", "JZ33"), "effects", "OTHER"));
	assert_null(policy_table(on(b, "2021-01-01", "JZ32"), "signals", "TEST"));
}

/* ---- deadlines ---- */

#define DEADLINES                                                                                                      \
	"values: [{key: P2, value: 5}, {key: P14, value: 3}]\n"                                                        \
	"tables:\n"                                                                                                    \
	"  deadlines:\n"                                                                                               \
	"  - {kind: SCREENING, rule: R17, terms: [{term: P2}, {track: COURT_MEASURE, term: 2 wd}, {track: "            \
	"CLOSED_CARE, "                                                                                                \
	"term: none}], ends_with: [SCREENING], fulfilled_by: [ScreeningDecided, HelpRealised]}\n"                      \
	"  - {kind: AUTH_LAPSE, terms: [{term: 3 months}], hard: true, never_moves: true}\n"                           \
	"  - {kind: INVITE, terms: [{term: 5 wd}], backwards: true, anchor: realised_on}\n"                            \
	"  - {kind: EVALUATION, terms: [{track: VOLUNTARY, term: 28 d}, {term: P14}]}\n" UNITS

static void
test_terms_come_from_values_literals_and_tracks(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2021-01-01") DEADLINES);
	const struct policy_view *view = on(b, "2021-01-01", "");
	const struct policy_deadline *d = &view->deadlines[DEADLINE_KIND_SCREENING];

	assert_int_equal(d->kind, DEADLINE_KIND_SCREENING);
	assert_int_equal(d->terms[TRACK_VOLUNTARY].unit, TERM_WORKING_DAYS);
	assert_int_equal(d->terms[TRACK_VOLUNTARY].n, 5);
	assert_int_equal(d->terms[TRACK_COURT_MEASURE].n, 2);
	assert_int_equal(d->terms[TRACK_CLOSED_CARE].unit, TERM_NONE);
	assert_int_equal(d->ends_with, 1u << CASE_STATE_SCREENING);
	assert_string_equal(d->fulfilled_by[1], "HelpRealised");
	assert_null(d->fulfilled_by[2]);
	assert_string_equal(d->rule, "R17");
	assert_string_equal(d->anchor, "");
	d = &view->deadlines[DEADLINE_KIND_AUTH_LAPSE];
	assert_int_equal(d->terms[TRACK_CLOSED_CARE].unit, TERM_MONTHS);
	assert_true(d->terms[TRACK_CLOSED_CARE].never_moves);
	assert_true(d->hard);
	d = &view->deadlines[DEADLINE_KIND_INVITE];
	assert_true(d->backwards);
	assert_string_equal(d->anchor, "realised_on");
	d = &view->deadlines[DEADLINE_KIND_EVALUATION];
	assert_int_equal(d->terms[TRACK_VOLUNTARY].unit, TERM_DAYS);
	assert_int_equal(d->terms[TRACK_VOLUNTARY].n, 28);
	assert_int_equal(d->terms[TRACK_CLOSED_CARE].unit, TERM_MONTHS);
	assert_int_equal(view->deadlines[DEADLINE_KIND_REVIEW].kind, 0);
}

static void
test_a_region_changes_a_term_by_value_or_kind_but_no_hard_one(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2021-01-01") DEADLINES);
	adopt(b, "2021-03-01",
	      HEAD("0.1.0", "2021-01-01") "region: JZ32\n" P2("8") "tables:\n  deadlines:\n"
								   "  - {kind: AUTH_LAPSE, terms: [{term: 1 months}]}\n"
								   "  - {kind: EVALUATION, terms: [{term: 10 d}]}\n");
	const struct policy_view *view = on(b, "2021-01-01", "JZ32");

	assert_int_equal(view->deadlines[DEADLINE_KIND_SCREENING].terms[TRACK_VOLUNTARY].n, 8);
	assert_int_equal(view->deadlines[DEADLINE_KIND_AUTH_LAPSE].terms[TRACK_VOLUNTARY].n, 3);
	assert_int_equal(view->deadlines[DEADLINE_KIND_EVALUATION].terms[TRACK_VOLUNTARY].n, 10);
}

/* A number of the law: what a region says about it does not count, nor the unit it gives. */
static void
test_a_hard_value_is_the_nations_alone(void **state)
{
	struct bench *b = *state;
	const struct term none = {.unit = TERM_NONE};

	adopt(b, "2021-03-01",
	      HEAD("1.0.0", "2021-01-01") "values: [{key: auth_full, value: 12}, {key: P2, value: 5}]\n"
					  "tables:\n"
					  "  terms: [{key: auth_full, unit: months, hard: true}, "
					  "{key: P2, unit: wd}]\n"
					  "  deadlines: [{kind: AUTH_LAPSE, terms: [{term: auth_full}]}]\n");
	adopt(b, "2021-03-01",
	      HEAD("0.1.0", "2021-01-01") "region: JZ32\n"
					  "values: [{key: auth_full, value: 24}, {key: P2, value: 6}]\n"
					  "tables:\n"
					  "  terms: [{key: auth_full, unit: d}, {key: P2, unit: d}]\n");
	const struct policy_view *view = on(b, "2021-01-01", "JZ32");

	assert_int_equal(value_on(b, "2021-01-01", "JZ32", "auth_full"), 12);
	assert_int_equal(policy_value_term(view, "auth_full", none).n, 12);
	assert_int_equal(policy_value_term(view, "auth_full", none).unit, TERM_MONTHS);
	assert_int_equal(view->deadlines[DEADLINE_KIND_AUTH_LAPSE].terms[TRACK_VOLUNTARY].n, 12);
	assert_int_equal(view->deadlines[DEADLINE_KIND_AUTH_LAPSE].terms[TRACK_VOLUNTARY].unit, TERM_MONTHS);
	assert_int_equal(policy_value_term(view, "P2", none).n, 6);
	assert_int_equal(policy_value_term(view, "P2", none).unit, TERM_DAYS);
	assert_int_equal(policy_value_term(view, "P3", none).unit, TERM_NONE);
	assert_int_equal(policy_value_term(NULL, "P2", none).unit, TERM_NONE);
}

/* R30: the team's own figures, of its region first; what it leaves out is that of the values; nobody says: no limit. */
static void
test_what_a_team_takes_on(void **state)
{
	static const struct {
		const char *region, *team;
		int cases, cycle;
	} teams[] = {
	    {"", "ET-A", 3, 14},     {"", "ET-B", 2, 7},      {"", "ET-C", 2, 14},
	    {"JZ32", "ET-A", 1, 21}, {"JZ32", "ET-C", 5, 14}, {"JZ32", "ET-B", 5, 7},
	};
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("0.9.0", "2020-01-01") P2("5"));
	adopt(b, "2021-03-01",
	      HEAD("1.0.0",
		   "2021-01-01") "values: [{key: meeting_cases, value: 2}, {key: meeting_cycle, value: 14}]\n"
				 "capacities: [{team: ET-A, cases_per_meeting: 3}, {team: ET-B, cycle_days: 7}]\n");
	adopt(b, "2021-03-01",
	      HEAD("0.1.0", "2021-01-01") "region: JZ32\nvalues: [{key: meeting_cases, value: 5}]\n"
					  "capacities: [{team: ET-A, cases_per_meeting: 1, cycle_days: 21}]\n");
	for (size_t i = 0; i < COUNT_OF(teams); i++) {
		const struct policy_capacity capacity =
		    policy_capacity_of(on(b, "2021-01-01", teams[i].region), teams[i].team);

		assert_int_equal(capacity.cases_per_meeting, teams[i].cases);
		assert_int_equal(capacity.cycle_days, teams[i].cycle);
	}
	assert_int_equal(policy_capacity_of(on(b, "2020-06-01", ""), "ET-A").cases_per_meeting, 0);
	assert_int_equal(policy_capacity_of(on(b, "2020-06-01", ""), "ET-A").cycle_days, 0);
}

static void
test_holidays_and_figures_of_both_layers_count(void **state)
{
	struct bench *b = *state;

	adopt(
	    b, "2021-03-01",
	    HEAD(
		"1.0.0",
		"2021-01-01") "extra_holidays: [2027-05-07, 2024-05-10]\n"
			      "capacities: [{team: ET-JZ32, cases_per_meeting: 2, cycle_days: 14}]\n"
			      "baselines: [{code: K22, count: 100, period_from: 2019-05-01, period_to: 2019-05-31}]\n");
	adopt(b, "2021-03-01",
	      HEAD("0.1.0", "2021-01-01") "region: JZ32\nextra_holidays: [2025-01-06, 2024-05-10]\n"
					  "capacities: [{team: ET-JZ32, cases_per_meeting: 3, cycle_days: 7}]\n");
	const struct policy_view *view = on(b, "2021-01-01", "JZ32");

	assert_int_equal(view->calendar.extra_count, 3);
	assert_int_equal(view->calendar.extra[0], day("2024-05-10"));
	assert_int_equal(view->calendar.extra[1], day("2025-01-06"));
	assert_int_equal(view->calendar.extra[2], day("2027-05-07"));
	assert_int_equal(view->capacity_count, 2);
	assert_int_equal(view->capacities[0].cases_per_meeting, 3);
	assert_int_equal(view->baseline_count, 1);
	assert_int_equal(view->baselines[0].from, day("2019-05-01"));
}

/* More regions than the cache holds: whoever is asked for again is built again. */
static void
test_more_views_than_are_kept_come_out_right(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2021-01-01") P2("5"));
	for (int i = 0; i < POLICY_VIEWS_MAX + 10; i++)
		adopt(b, "2021-03-01",
		      arena_printf(&b->arena,
				   HEAD("0.1.0", "2021-01-01") "region: R%d\nvalues: [{key: P2, value: %d}]\n", i,
				   100 + i));
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < POLICY_VIEWS_MAX + 10; i++)
			assert_int_equal(value_on(b, "2021-01-01", arena_printf(&b->arena, "R%d", i), "P2"), 100 + i);
	}
	assert_int_equal(value_on(b, "2021-01-01", "", "P2"), 5);
}

/* ---- checking ---- */

static bool
is_good(struct bench *b, const char *text)
{
	b->vs.count = 0;
	return policy_check(scopes, COUNT_OF(scopes), policy(b, text), &b->vs, &b->arena);
}

static void
test_a_good_policy_passes(void **state)
{
	struct bench *b = *state;

	assert_true(is_good(b, HEAD("1.0.0", "2021-01-01") DEADLINES));
	assert_true(is_good(b, HEAD("1.0.0", "2021-01-01") NATIONAL_TABLE));
	assert_true(is_good(b, HEAD("1.0.0", "2021-01-01") "values: [{key: auth_full, value: 12}]\n"
							   "capacities: [{team: ET-A, cases_per_meeting: 100, "
							   "cycle_days: 366}, {team: ET-B}]\n"));
	/* Rows that differ, with a term of the national policy. */
	assert_true(is_good(b, HEAD("1.0.0", "2021-01-01") "region: JZ32\n"
							   "tables:\n"
							   "  deadlines: [{kind: REVIEW, terms: [{term: P11}]}]\n"
							   "  tables: [{scope: effects, event: TEST, blocks: [{rows: "
							   "[{id: A.1, when: [{fact: placed, test: "
							   "ONE_OF, values: ['true']}]}]}]}]\n"));
}

static void
test_what_does_not_compile_is_told(void **state)
{
	static const struct {
		const char *policy, *field, *says;
	} wrong[] = {
	    {"version: x\nvalid_from: 2021-01-01\n", "version", "no version"},
	    {"version: 1.0.0\n", "valid_from", "no date"},
	    {HEAD("1.0.0", "2021-01-01") "values: [{key: 'P 2', value: 1}]\n", "P 2", "no name of a value"},
	    {HEAD("1.0.0", "2021-01-01") "values: [{key: P2, value: -1}]\n", "P2", "not between"},
	    {HEAD("1.0.0", "2021-01-01") "values: [{key: P2, value: 1}, {key: P2, value: 2}]\n", "P2", "given twice"},
	    {HEAD("1.0.0", "2021-01-01") "tables: {terms: [{key: P2, unit: weeks}]}\n", "P2", "no unit that is known"},
	    {HEAD("1.0.0", "2021-01-01") "tables: {deadlines: [{kind: REVIEW, terms: [{term: P11}]}]}\n", "REVIEW",
	     "no policy value 'P11'"},
	    {HEAD("1.0.0", "2021-01-01") P2("5") "tables: {deadlines: [{kind: REVIEW, terms: [{term: P2}]}]}\n",
	     "REVIEW", "has no unit"},
	    {HEAD("1.0.0", "2021-01-01") "tables: {deadlines: [{kind: REVIEW, terms: [{term: 5 weeks}]}]}\n", "REVIEW",
	     "is no term"},
	    {HEAD("1.0.0", "2021-01-01") "tables: {deadlines: [{kind: REVIEW}]}\n", "REVIEW", "has no term"},
	    {HEAD("1.0.0",
		  "2021-01-01") "tables: {deadlines: [{kind: REVIEW, terms: [{term: 5 d}], anchor: realised}]}\n",
	     "REVIEW", "did you mean 'realised_on'?"},
	    {HEAD("1.0.0", "2021-01-01") "tables: {deadlines: [{kind: REVIEW, terms: [{term: 5 d}], fulfilled_by: "
					 "[PlanRevue]}]}\n",
	     "REVIEW", "no message"},
	    {HEAD("1.0.0", "2021-01-01") "tables: {deadlines: [{kind: REVIEW, terms: [{term: 5 d}]}, {kind: REVIEW, "
					 "terms: [{term: 6 d}]}]}\n",
	     "REVIEW", "given twice"},
	    {HEAD("1.0.0",
		  "2021-01-01") "region: JZ32\ntables: {deadlines: [{kind: AUTH_LAPSE, terms: [{term: 5 d}]}]}\n",
	     "AUTH_LAPSE", "hard"},
	    {HEAD("1.0.0", "2021-01-01") "region: JZ32\nvalues: [{key: auth_full, value: 24}]\n", "auth_full", "hard"},
	    {HEAD("1.0.0", "2021-01-01") "capacities: [{team: ET-A, cases_per_meeting: 101}]\n", "ET-A",
	     "1 to 100 cases a meeting"},
	    {HEAD("1.0.0", "2021-01-01") "capacities: [{team: ET-A, cases_per_meeting: -1}]\n", "ET-A",
	     "1 to 100 cases a meeting"},
	    {HEAD("1.0.0", "2021-01-01") "capacities: [{team: ET-A, cycle_days: 367}]\n", "ET-A", "1 to 366 days"},
	    {HEAD("1.0.0", "2021-01-01") "capacities: [{team: ET-A}, {team: ET-A}]\n", "ET-A", "given twice"},
	    {HEAD("1.0.0", "2021-01-01") "tables: {tables: [{scope: effect, event: TEST}]}\n", "effect/TEST",
	     "no scope"},
	    {HEAD("1.0.0", "2021-01-01") "tables: {tables: [{scope: effects, event: TEST, blocks: [{rows: [{id: A.1, "
					 "then: [{verb: nte}]}]}]}]}\n",
	     "effects/TEST A.1", "did you mean 'note'?"},
	    {HEAD("1.0.0", "2021-01-01") "tables: {tables: [{scope: effects, event: TEST, blocks: [{rows: [{id: "
					 "A.1}]}]}, {scope: "
					 "effects, event: TEST, blocks: [{rows: [{id: A.2}]}]}]}\n",
	     "effects/TEST", "given twice"},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		if (is_good(b, wrong[i].policy))
			fail_msg("was taken, and should say: %s", wrong[i].says);
		assert_string_equal(b->vs.v[0].field, wrong[i].field);
		if (strstr(b->vs.v[0].text, wrong[i].says) == NULL)
			fail_msg("says '%s', not '%s'", b->vs.v[0].text, wrong[i].says);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_without_a_policy_there_is_no_view),
	    TEST(test_a_later_adoption_never_changes_what_applied_before_it),
	    TEST(test_on_the_day_of_the_first_adoption_the_past_is_open),
	    TEST(test_what_was_adopted_is_found_again_after_forgetting),
	    TEST(test_an_aborted_adoption_leaves_nothing),
	    TEST(test_a_policy_that_these_programs_cannot_read_is_refused_at_once_in_words),
	    TEST(test_a_region_changes_values_and_the_hash_tells),
	    TEST(test_a_regions_row_takes_the_place_of_the_one_with_its_id),
	    TEST(test_a_regions_new_row_comes_before_the_last_of_its_block),
	    TEST(test_an_event_only_the_region_knows_gets_its_table),
	    TEST(test_terms_come_from_values_literals_and_tracks),
	    TEST(test_a_region_changes_a_term_by_value_or_kind_but_no_hard_one),
	    TEST(test_a_hard_value_is_the_nations_alone),
	    TEST(test_what_a_team_takes_on),
	    TEST(test_holidays_and_figures_of_both_layers_count),
	    TEST(test_more_views_than_are_kept_come_out_right),
	    TEST(test_a_good_policy_passes),
	    TEST(test_what_does_not_compile_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
