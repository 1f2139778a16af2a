// SPDX-License-Identifier: EUPL-1.2
/* registry.h: who serves whom on which day, in the registry that is shipped and in small ones. */
#include "tests/unit/unit.h"

#include "common/registry.h"
#include "services/cli/registry_file.h"
#include "services/cli/yaml_tree.h"

#define SHIPPED "services/triage/registry/nl.yaml"
#define DATA    "tests/unit/data/"

struct bench {
	struct temp temp;
	struct store *store;
	struct store_txn *txn;
	struct registry registry;
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
	b->txn = store_begin_write(b->store);
	b->registry = registry_open(b->txn);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	store_abort(b->txn);
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

static const pb_RegistryAdopted *
rows(struct bench *b, const char *text)
{
	struct why why = {0};
	const struct tree *tree = yaml_tree_parse(&b->arena, "test", bytes_str(text), &why);

	if (tree == NULL)
		fail_msg("%s", why.text);
	const pb_RegistryAdopted *adopted = record_from_tree(&b->arena, &pb_RegistryAdopted_descriptor, tree, &why);

	if (adopted == NULL)
		fail_msg("%s", why.text);
	return adopted;
}

static void
adopt(struct bench *b, const char *today, const char *text)
{
	registry_adopt(b->registry, b->txn, rows(b, text), day(today));
}

static void
adopt_shipped(struct bench *b, const char *today)
{
	struct registry_file file;

	if (!registry_file_read(&b->arena, SHIPPED, &file))
		fail_msg("%s", file.problems.text[0]);
	for (unsigned i = 0; i < file.record_count; i++)
		registry_adopt(b->registry, b->txn, file.records[i], day(today));
}

static struct registry_place
place_on(struct bench *b, const char *municipality, const char *date, enum registry_found expected)
{
	struct registry_place place;
	const enum registry_found found = registry_place_of(b->registry, b->txn, municipality, day(date), &place);

	if (found != expected)
		fail_msg("%s on %s: %d, not %d", municipality, date, (int)found, (int)expected);
	return place;
}

static const char *
region_on(struct bench *b, const char *municipality, const char *date)
{
	struct registry_place place;

	registry_place_of(b->registry, b->txn, municipality, day(date), &place);
	return arena_str(&b->arena, bytes_str(place.region.s));
}

/* ---- the tables of the sources ---- */

#define COLUMNS_MAX 8

struct csv {
	char text[16384];
	char *line;
};

static void
csv_open(struct csv *csv, const char *path)
{
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	const size_t len = fread(csv->text, 1, sizeof csv->text - 1, f);

	fclose(f);
	assert_true(len > 0 && len < sizeof csv->text - 1);
	csv->text[len] = '\0';
	csv->line = strchr(csv->text, '\n') + 1;
}

static bool
csv_next(struct csv *csv, const char *columns[COLUMNS_MAX])
{
	char *end = strchr(csv->line, '\n');
	unsigned count = 0;

	if (end == NULL)
		return false;
	*end = '\0';
	for (char *p = csv->line; p != NULL && count < COLUMNS_MAX;) {
		columns[count++] = p;
		p = *p == '"' ? strchr(strchr(p + 1, '"'), ',') : strchr(p, ',');
		if (p != NULL)
			*p++ = '\0';
	}
	csv->line = end + 1;
	return true;
}

static void
test_every_gemeente_of_today_is_found_in_its_region(void **state)
{
	static const char *const dates[] = {"2016-01-01", "2021-03-01", "2023-01-01", "2026-07-01", "2030-12-31"};
	struct bench *b = *state;
	struct csv csv;
	const char *c[COLUMNS_MAX];
	unsigned count = 0;

	adopt_shipped(b, "2021-01-01");
	csv_open(&csv, DATA "gemeenten.csv");
	for (; csv_next(&csv, c); count++) {
		for (size_t i = 0; i < COUNT_OF(dates); i++) {
			const struct registry_place place = place_on(b, c[0], dates[i], REGISTRY_FOUND);

			assert_string_equal(place.municipality.s, c[0]);
			assert_string_equal(place.region.s, c[2]);
		}
		place_on(b, c[0], "2015-12-31", REGISTRY_UNKNOWN);
	}
	assert_int_equal(count, 342);
}

static void
test_every_region_has_the_centre_and_team_of_the_source(void **state)
{
	struct bench *b = *state;
	struct csv csv;
	const char *c[COLUMNS_MAX];
	unsigned count = 0;

	adopt_shipped(b, "2021-01-01");
	csv_open(&csv, DATA "jeugdregios.csv");
	for (; csv_next(&csv, c); count++) {
		struct registry_place place = {0};

		assert_true(registry_region(b->registry, b->txn, c[0], day("2024-01-01"), &place));
		assert_string_equal(place.centre.s, c[3]);
		assert_string_equal(place.team.s, c[4]);
		assert_string_equal(place.coordination.s + 3, c[5]);
		assert_true(code_is_empty(place.landing));
	}
	assert_int_equal(count, 42);
	struct registry_place none = {0};

	assert_false(registry_region(b->registry, b->txn, "JZ40", day("2024-01-01"), &none));
}

/* How many rows of the table are about this code: one is a merger, more are a split. */
static unsigned
successors_of(const char *code)
{
	struct csv csv;
	const char *c[COLUMNS_MAX];
	unsigned count = 0;

	csv_open(&csv, DATA "herindelingen.csv");
	while (csv_next(&csv, c))
		count += strcmp(c[0], code) == 0 ? 1 : 0;
	return count;
}

static void
test_every_dissolved_gemeente_is_followed_from_its_last_day_on(void **state)
{
	struct bench *b = *state;
	struct csv csv;
	const char *c[COLUMNS_MAX];
	char before[11];
	unsigned count = 0;

	adopt_shipped(b, "2021-01-01");
	csv_open(&csv, DATA "herindelingen.csv");
	for (; csv_next(&csv, c); count++) {
		cal_format(day(c[6]) - 1, before);
		struct registry_place place = place_on(b, c[0], before, REGISTRY_FOUND);

		assert_string_equal(place.municipality.s, c[0]);
		assert_string_equal(place.region.s, c[2]);
		if (successors_of(c[0]) == 1) {
			place = place_on(b, c[0], c[6], REGISTRY_REPLACED);
			assert_string_equal(place.municipality.s, c[3]);
			assert_string_equal(place.region.s, c[5]);
			place_on(b, c[0], "2030-01-01", REGISTRY_REPLACED);
			continue;
		}
		place = place_on(b, c[0], c[6], REGISTRY_AMBIGUOUS);
		assert_int_equal(place.successor_count, successors_of(c[0]));
		bool named = false;

		for (unsigned i = 0; i < place.successor_count; i++)
			named = named || code_is(place.successors[i], c[3]);
		assert_true(named);
	}
	assert_int_equal(count, 72);
}

/* ---- the traps of rules.md 7.1 ---- */

static void
test_the_centre_follows_from_the_region_not_from_the_province(void **state)
{
	static const char *const differ[][3] = {
	    {"GM0050", "JZ12", "EC-GELDERLAND"}, /* Zeewolde, Flevoland */
	    {"GM0339", "JZ21", "EC-GELDERLAND"}, /* Renswoude, Utrecht */
	    {"GM0340", "JZ21", "EC-GELDERLAND"}, /* Rhenen, Utrecht */
	    {"GM0345", "JZ21", "EC-GELDERLAND"}, /* Veenendaal, Utrecht */
	    {"GM0944", "JZ32", "EC-GELDERLAND"}, /* Mook en Middelaar, Limburg */
	};
	struct bench *b = *state;

	adopt_shipped(b, "2021-01-01");
	for (size_t i = 0; i < COUNT_OF(differ); i++) {
		const struct registry_place place = place_on(b, differ[i][0], "2021-06-01", REGISTRY_FOUND);

		assert_string_equal(place.region.s, differ[i][1]);
		assert_string_equal(place.centre.s, differ[i][2]);
	}
}

static void
test_weesp_ends_in_the_middle_of_a_year(void **state)
{
	struct bench *b = *state;

	adopt_shipped(b, "2021-01-01");
	assert_string_equal(place_on(b, "GM0457", "2022-03-23", REGISTRY_FOUND).region.s, "JZ19");
	const struct registry_place place = place_on(b, "GM0457", "2022-03-24", REGISTRY_REPLACED);

	assert_string_equal(place.municipality.s, "GM0363");
	assert_string_equal(place.region.s, "JZ13");
	assert_string_equal(place.team.s, "ET-JZ13");
	assert_string_equal(place.centre.s, "EC-NOORD-HOLLAND");
}

static void
test_haaren_was_split_over_four(void **state)
{
	struct bench *b = *state;

	adopt_shipped(b, "2021-01-01");
	assert_string_equal(region_on(b, "GM0788", "2020-12-31"), "JZ33");
	assert_int_equal(place_on(b, "GM0788", "2021-01-01", REGISTRY_AMBIGUOUS).successor_count, 4);
	assert_int_equal(place_on(b, "GM0053", "2019-01-01", REGISTRY_AMBIGUOUS).successor_count, 2);
	assert_int_equal(place_on(b, "GM0140", "2018-01-01", REGISTRY_AMBIGUOUS).successor_count, 3);
}

static void
test_vijfheerenlanden_came_from_two_regions(void **state)
{
	struct bench *b = *state;

	adopt_shipped(b, "2021-01-01");
	assert_string_equal(region_on(b, "GM0545", "2018-12-31"), "JZ31");
	assert_string_equal(region_on(b, "GM0620", "2018-12-31"), "JZ26");
	assert_string_equal(region_on(b, "GM0545", "2019-01-01"), "JZ26");
	assert_string_equal(region_on(b, "GM0707", "2019-01-01"), "JZ26");
}

static void
test_midden_limburg_shares_a_team(void **state)
{
	struct bench *b = *state;

	adopt_shipped(b, "2021-01-01");
	assert_string_equal(place_on(b, "GM1669", "2021-03-01", REGISTRY_FOUND).team.s, "ET-MIDDEN-LIMBURG");
	assert_string_equal(place_on(b, "GM0988", "2021-03-01", REGISTRY_FOUND).team.s, "ET-MIDDEN-LIMBURG");
	assert_string_equal(place_on(b, "GM0988", "2021-03-01", REGISTRY_FOUND).region.s, "JZ43");
}

static void
test_unknown_codes_are_unknown(void **state)
{
	struct bench *b = *state;

	adopt_shipped(b, "2021-01-01");
	place_on(b, "GM9999", "2021-03-01", REGISTRY_UNKNOWN);
	place_on(b, "", "2021-03-01", REGISTRY_UNKNOWN);
	place_on(b, "GM0014X", "2021-03-01", REGISTRY_UNKNOWN);
	place_on(b, "GM00", "2021-03-01", REGISTRY_UNKNOWN);
	place_on(b, "GM0014-GM0014-GM0014-GM0014-GM0014-GM0014-X", "2021-03-01", REGISTRY_UNKNOWN);
}

static void
test_the_national_support_team_ends_by_date(void **state)
{
	struct bench *b = *state;

	adopt_shipped(b, "2020-06-01");
	assert_int_equal(registry_supporter_end(b->registry, b->txn, "OZJ", day("2021-03-01")), day("2021-12-31"));
	assert_int_equal(registry_supporter_end(b->registry, b->txn, "OZJ", day("2024-03-01")), day("2021-12-31"));
	assert_int_equal(registry_supporter_end(b->registry, b->txn, "CCE", day("2021-03-01")), CAL_NONE);
}

/* More organisations than there are places to remember one. */
static void
test_an_end_that_is_remembered_is_that_of_nobody_else(void **state)
{
	struct bench *b = *state;
	static struct registry_memo memo;

	adopt_shipped(b, "2020-06-01");
	const struct registry with_memo = registry_open_memo(b->txn, &memo);

	for (unsigned i = 0; i < 8 * REGISTRY_MEMO_ENDS; i++) {
		char code[16];

		snprintf(code, sizeof code, "P-%u", i);
		assert_int_equal(registry_supporter_end(with_memo, b->txn, "OZJ", day("2021-03-01")),
				 day("2021-12-31"));
		assert_int_equal(registry_supporter_end(with_memo, b->txn, code, day("2021-03-01")), CAL_NONE);
	}
}

/* ---- adopting ---- */

#define HEAD(version, from) "version: " version "\nvalid_from: " from "\nrows:\n"
#define SMALL                                                                                                          \
	"- {row: EXPERTISE_CENTRE, organisation: EC-A, municipality: GM0001}\n"                                        \
	"- {row: REGION, region: JZ91, expertise_centre: EC-A, expert_team: ET-A}\n"                                   \
	"- {row: REGION, region: JZ92, expertise_centre: EC-A}\n"                                                      \
	"- {row: MUNICIPALITY, municipality: GM0001, region: JZ91}\n"                                                  \
	"- {row: MUNICIPALITY, municipality: GM0002, region: JZ92}\n"
#define FOUR "functions: [CONSULTATION, PROCESS_DIRECTION, SIGNALLING, LEARNING]"

static void
test_a_later_adoption_counts_from_the_day_after_at_the_earliest(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2016-01-01") SMALL);
	adopt(b, "2021-06-10",
	      HEAD("1.1.0", "2020-01-01") "- {row: MUNICIPALITY, municipality: GM0001, region: JZ92}\n");
	assert_string_equal(region_on(b, "GM0001", "2020-06-01"), "JZ91");
	assert_string_equal(region_on(b, "GM0001", "2021-06-10"), "JZ91");
	assert_string_equal(region_on(b, "GM0001", "2021-06-11"), "JZ92");
	adopt(b, "2021-06-12",
	      HEAD("1.2.0", "2021-06-12") "- {row: MUNICIPALITY, municipality: GM0001, region: JZ91}\n");
	assert_string_equal(region_on(b, "GM0001", "2021-06-12"), "JZ92");
	assert_string_equal(region_on(b, "GM0001", "2021-06-13"), "JZ91");
	assert_string_equal(registry_version(b->registry, b->txn, day("2021-06-10")).s, "1.0.0");
	assert_string_equal(registry_version(b->registry, b->txn, day("2021-06-11")).s, "1.1.0");
	assert_string_equal(registry_version(b->registry, b->txn, day("2015-01-01")).s, "");
}

static void
test_the_shipped_registry_can_be_adopted_again_in_a_later_year(void **state)
{
	struct bench *b = *state;

	adopt_shipped(b, "2021-01-04");
	adopt_shipped(b, "2024-05-01");
	assert_string_equal(place_on(b, "GM0457", "2024-06-01", REGISTRY_REPLACED).municipality.s, "GM0363");
	assert_string_equal(place_on(b, "GM0457", "2022-03-01", REGISTRY_FOUND).municipality.s, "GM0457");
	place_on(b, "GM0788", "2024-06-01", REGISTRY_AMBIGUOUS);
	assert_string_equal(place_on(b, "GM0014", "2024-06-01", REGISTRY_FOUND).region.s, "JZ01");
	/* Nobody comes back because his end was adopted again. */
	assert_int_equal(registry_supporter_end(b->registry, b->txn, "OZJ", day("2024-05-01")), day("2021-12-31"));
}

static void
test_an_end_can_be_moved_before_it_comes(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2022-01-01") "- {row: SUPPORTER_END, organisation: OZJ}\n");
	adopt(b, "2021-11-01", HEAD("1.1.0", "2022-07-01") "- {row: SUPPORTER_END, organisation: OZJ}\n");
	assert_int_equal(registry_supporter_end(b->registry, b->txn, "OZJ", day("2021-12-01")), day("2022-06-30"));
	adopt(b, "2021-12-01", HEAD("1.2.0", "2022-02-01") "- {row: SUPPORTER_END, organisation: OZJ}\n");
	assert_int_equal(registry_supporter_end(b->registry, b->txn, "OZJ", day("2021-12-02")), day("2022-01-31"));
}

static void
test_mergers_are_followed_one_after_another(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01",
	      HEAD("1.0.0", "2016-01-01") SMALL "- {row: MUNICIPALITY, municipality: GM0003, region: JZ91}\n");
	adopt(b, "2021-03-01",
	      HEAD("1.0.0", "2018-01-01") "- {row: MERGER, municipality: GM0003, successor: GM0002}\n");
	adopt(b, "2021-03-01",
	      HEAD("1.0.0", "2020-01-01") "- {row: MERGER, municipality: GM0002, successor: GM0001}\n");
	assert_string_equal(place_on(b, "GM0003", "2017-12-31", REGISTRY_FOUND).region.s, "JZ91");
	assert_string_equal(place_on(b, "GM0003", "2019-12-31", REGISTRY_REPLACED).municipality.s, "GM0002");
	assert_string_equal(place_on(b, "GM0003", "2020-01-01", REGISTRY_REPLACED).municipality.s, "GM0001");
	/* A circle leads nowhere, and ends. */
	adopt(b, "2021-03-01",
	      HEAD("1.0.0", "2021-01-01") "- {row: MERGER, municipality: GM0001, successor: GM0003}\n");
	place_on(b, "GM0003", "2021-02-01", REGISTRY_UNKNOWN);
}

static void
test_a_landing_place_needs_four_functions_and_to_be_known(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2016-01-01") SMALL);
	assert_string_equal(place_on(b, "GM0002", "2021-03-02", REGISTRY_FOUND).landing.s, "");
	assert_string_equal(place_on(b, "GM0002", "2021-03-02", REGISTRY_FOUND).team.s, "");
	adopt(b, "2021-03-02",
	      HEAD("1.1.0",
		   "2021-04-01") "- {row: LANDING_PLACE, region: JZ92, organisation: LP-B, functions: [CONSULTATION, "
				 "SIGNALLING, LEARNING], known_to_all: true}\n");
	assert_string_equal(place_on(b, "GM0002", "2021-04-01", REGISTRY_FOUND).landing.s, "");
	adopt(b, "2021-03-02",
	      HEAD("1.2.0", "2021-05-01") "- {row: LANDING_PLACE, region: JZ92, organisation: LP-B, " FOUR "}\n");
	assert_string_equal(place_on(b, "GM0002", "2021-05-01", REGISTRY_FOUND).landing.s, "");
	adopt(b, "2021-03-02",
	      HEAD("1.3.0", "2021-06-01") "- {row: LANDING_PLACE, region: JZ92, organisation: LP-B, " FOUR
					  ", known_to_all: true}\n");
	assert_string_equal(place_on(b, "GM0002", "2021-06-01", REGISTRY_FOUND).landing.s, "LP-B");
	assert_string_equal(place_on(b, "GM0001", "2021-06-01", REGISTRY_FOUND).landing.s, "");
	adopt(b, "2021-03-02",
	      HEAD("1.4.0", "2021-07-01") "- {row: LANDING_PLACE, region: JZ92, organisation: LP-B}\n");
	assert_string_equal(place_on(b, "GM0002", "2021-07-01", REGISTRY_FOUND).landing.s, "");
}

static void
test_a_region_can_lose_and_get_a_team(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01", HEAD("1.0.0", "2016-01-01") SMALL);
	adopt(b, "2021-03-02",
	      HEAD("1.1.0", "2022-01-01") "- {row: REGION, region: JZ91, expertise_centre: EC-A}\n"
					  "- {row: REGION, region: JZ92, expertise_centre: EC-A, expert_team: ET-A}\n");
	assert_string_equal(place_on(b, "GM0001", "2021-12-31", REGISTRY_FOUND).team.s, "ET-A");
	assert_string_equal(place_on(b, "GM0001", "2022-01-01", REGISTRY_FOUND).team.s, "");
	assert_string_equal(place_on(b, "GM0002", "2022-01-01", REGISTRY_FOUND).team.s, "ET-A");
}

static void
test_extra_tasks_are_those_of_the_last_adoption(void **state)
{
	struct bench *b = *state;

	adopt(b, "2021-03-01",
	      HEAD("1.0.0", "2016-01-01") SMALL "- {row: FEATURE, region: JZ91, feature: REVIEW_PLACEMENT}\n"
						"- {row: FEATURE, region: JZ91, feature: HELP}\n");
	assert_true(registry_feature(b->registry, b->txn, "JZ91", ASK_REVIEW_PLACEMENT, day("2021-03-01")));
	assert_true(registry_feature(b->registry, b->txn, "JZ91", ASK_HELP, day("2021-03-01")));
	assert_false(registry_feature(b->registry, b->txn, "JZ91", ASK_CONSULTATION, day("2021-03-01")));
	assert_false(registry_feature(b->registry, b->txn, "JZ92", ASK_REVIEW_PLACEMENT, day("2021-03-01")));
	adopt(b, "2021-03-02", HEAD("1.1.0", "2022-01-01") "- {row: FEATURE, region: JZ91}\n");
	assert_true(registry_feature(b->registry, b->txn, "JZ91", ASK_REVIEW_PLACEMENT, day("2021-12-31")));
	assert_false(registry_feature(b->registry, b->txn, "JZ91", ASK_REVIEW_PLACEMENT, day("2022-01-01")));
}

/* ---- checking ---- */

static void
test_gaps_and_contradictions_are_told(void **state)
{
	static const struct {
		const char *row, *field, *says;
	} wrong[] = {
	    {"- {row: MUNICIPALITY, municipality: GM0009, region: JZ99}\n", "rows[5].region",
	     "JZ99 is not in the registry"},
	    {"- {row: MUNICIPALITY, region: JZ91}\n", "rows[5].municipality", "is missing"},
	    {"- {row: REGION, region: JZ93}\n", "rows[5].expertise_centre", "each region has a centre"},
	    {"- {row: REGION, region: JZ93, expertise_centre: EC-B}\n", "rows[5].expertise_centre",
	     "EC-B is not in the registry"},
	    {"- {row: REGION, region: JZ93, expertise_centre: EC-A, coordination: PC-X}\n", "rows[5].coordination",
	     "PC-X"},
	    {"- {row: MERGER, municipality: GM0009, successor: GM0077}\n", "rows[5].successor", "leads nowhere"},
	    {"- {row: MERGER, municipality: GM0009}\n", "rows[5].successor", "is missing"},
	    {"- {row: MERGER, municipality: GM0009, successor: GM0009}\n", "rows[5].successor", "in a circle"},
	    {"- {row: EXPERT_TEAM, region: JZ99, organisation: ET-B}\n", "rows[5].region", "JZ99"},
	    {"- {row: LANDING_PLACE, region: JZ91, functions: [LEARNING]}\n", "rows[5].organisation", "is missing"},
	    {"- {row: FEATURE, feature: HELP}\n", "rows[5].region", "is missing"},
	    {"- {row: EXPERTISE_CENTRE, organisation: EC-B, municipality: GM0077}\n", "rows[5].municipality", "GM0077"},
	    {"- {row: SUPPORTER_END}\n", "rows[5].organisation", "is missing"},
	    {"- {region: JZ91}\n", "rows[5].row", "no kind of row"},
	};
	struct bench *b = *state;

	assert_true(registry_check(b->registry, NULL, rows(b, HEAD("1.0.0", "2016-01-01") SMALL), &b->vs, &b->arena));
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		const char *text = arena_printf(&b->arena, HEAD("1.0.0", "2016-01-01") SMALL "%s", wrong[i].row);

		b->vs.count = 0;
		assert_false(registry_check(b->registry, NULL, rows(b, text), &b->vs, &b->arena));
		assert_string_equal(b->vs.v[0].field, wrong[i].field);
		if (strstr(b->vs.v[0].text, wrong[i].says) == NULL)
			fail_msg("says '%s', not '%s'", b->vs.v[0].text, wrong[i].says);
	}
}

static void
test_rows_may_lean_on_what_is_kept(void **state)
{
	struct bench *b = *state;
	const pb_RegistryAdopted *more = rows(
	    b, HEAD("1.1.0", "2026-01-01") "- {row: REGION, region: JZ98, expertise_centre: EC-A, expert_team: ET-A}\n"
					   "- {row: MERGER, municipality: GM0001, successor: GM0002}\n");

	assert_false(registry_check(b->registry, NULL, more, &b->vs, &b->arena));
	assert_int_equal(b->vs.count, 2);
	b->vs.count = 0;
	adopt(b, "2021-03-01", HEAD("1.0.0", "2016-01-01") SMALL);
	assert_true(registry_check(b->registry, b->txn, more, &b->vs, &b->arena));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_every_gemeente_of_today_is_found_in_its_region),
	    TEST(test_every_region_has_the_centre_and_team_of_the_source),
	    TEST(test_every_dissolved_gemeente_is_followed_from_its_last_day_on),
	    TEST(test_the_centre_follows_from_the_region_not_from_the_province),
	    TEST(test_weesp_ends_in_the_middle_of_a_year),
	    TEST(test_haaren_was_split_over_four),
	    TEST(test_vijfheerenlanden_came_from_two_regions),
	    TEST(test_midden_limburg_shares_a_team),
	    TEST(test_unknown_codes_are_unknown),
	    TEST(test_the_national_support_team_ends_by_date),
	    TEST(test_an_end_that_is_remembered_is_that_of_nobody_else),
	    TEST(test_a_later_adoption_counts_from_the_day_after_at_the_earliest),
	    TEST(test_the_shipped_registry_can_be_adopted_again_in_a_later_year),
	    TEST(test_an_end_can_be_moved_before_it_comes),
	    TEST(test_mergers_are_followed_one_after_another),
	    TEST(test_a_landing_place_needs_four_functions_and_to_be_known),
	    TEST(test_a_region_can_lose_and_get_a_team),
	    TEST(test_extra_tasks_are_those_of_the_last_adoption),
	    TEST(test_gaps_and_contradictions_are_told),
	    TEST(test_rows_may_lean_on_what_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
