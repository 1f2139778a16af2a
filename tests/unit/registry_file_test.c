// SPDX-License-Identifier: EUPL-1.2
/* registry_file.h: registry files for people, and what they are told about mistakes. */
#include "tests/unit/unit.h"

#include "services/cli/registry_file.h"
#include "services/cli/yaml_tree.h"

struct bench {
	struct temp temp;
	struct arena arena;
	struct registry_file file;
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
read_text(struct bench *b, const char *text)
{
	const struct temp_path path = temp_path(&b->temp, "r.yaml");

	file_write(path.s, text, strlen(text));
	return registry_file_read(&b->arena, arena_str(&b->arena, bytes_str(path.s)), &b->file);
}

static unsigned
rows_of_kind(const pb_RegistryAdopted *record, int kind)
{
	unsigned count = 0;

	for (size_t i = 0; i < record->n_rows; i++)
		count += (int)record->rows[i]->row == kind ? 1 : 0;
	return count;
}

/* ---- what is shipped ---- */

static void
test_the_shipped_registry_has_a_record_for_each_date(void **state)
{
	static const char *const dates[] = {"2016-01-01", "2017-01-01", "2018-01-01", "2019-01-01",
					    "2021-01-01", "2022-01-01", "2022-03-24", "2023-01-01"};
	struct bench *b = *state;
	unsigned mergers = 0;

	if (!registry_file_read(&b->arena, "services/triage/registry/nl.yaml", &b->file))
		fail_msg("%s", b->file.problems.text[0]);
	assert_int_equal(b->file.record_count, COUNT_OF(dates));
	for (unsigned i = 0; i < b->file.record_count; i++) {
		struct why why = {0};
		const struct bytes packed = RECORD_PACK(&b->arena, b->file.records[i]);

		assert_string_equal(b->file.records[i]->valid_from, dates[i]);
		assert_string_equal(b->file.records[i]->version, "1.0.0");
		mergers += rows_of_kind(b->file.records[i], REGISTRY_ROW_KIND_MERGER);
		if (record_unpack(&b->arena, &pb_RegistryAdopted_descriptor, packed, RECORD_ADOPTION_MAX, &why) == NULL)
			fail_msg("%s", why.text);
	}
	assert_int_equal(mergers, 72);
	assert_int_equal(rows_of_kind(b->file.records[0], REGISTRY_ROW_KIND_REGION), 42);
	assert_int_equal(rows_of_kind(b->file.records[0], REGISTRY_ROW_KIND_EXPERTISE_CENTRE), 8);
	assert_int_equal(rows_of_kind(b->file.records[0], REGISTRY_ROW_KIND_MUNICIPALITY), 342 + 66);
	assert_int_equal(rows_of_kind(b->file.records[5], REGISTRY_ROW_KIND_SUPPORTER_END), 1);
}

/* ---- what is read ---- */

#define HEAD "registry: test\nversion: 2.1.0\nvalid_from: 2016-01-01\n"
#define SMALL                                                                                                          \
	"expertise_centres:\n"                                                                                         \
	"- {code: EC-A, municipality: GM0001, name: A}\n"                                                              \
	"regions:\n"                                                                                                   \
	"- {code: JZ91, expertise_centre: EC-A, expert_team: ET-A, coordination: PC-A, name: Ninety-one}\n"            \
	"municipalities:\n"                                                                                            \
	"- {code: GM0001, region: JZ91, name: One}\n"                                                                  \
	"placement_coordination:\n"                                                                                    \
	"- {code: PC-A}\n"

static void
test_every_kind_of_line(void **state)
{
	struct bench *b = *state;

	if (!read_text(
		b, HEAD SMALL
		"expert_teams:\n"
		"- {code: ET-A, regions: [JZ91], functions: [CONSULTATION], functions_missing: [LEARNING]}\n"
		"landing_places:\n"
		"- {code: LP-A, region: JZ91, functions: [SIGNALLING], known_to_all: true, valid_from: 2020-01-01}\n"
		"mergers:\n"
		"- {code: GM0009, region: JZ91, successors: [GM0001], valid_from: 2018-01-01, name: Nine}\n"
		"features:\n"
		"- {region: JZ91, asks: [REVIEW_PLACEMENT], valid_from: 2020-01-01}\n"
		"supporter_ends:\n"
		"- {code: OZJ, valid_from: 2022-01-01}\n"))
		fail_msg("%s", b->file.problems.text[0]);
	assert_int_equal(b->file.record_count, 4);
	const pb_RegistryAdopted *first = b->file.records[0];

	assert_string_equal(first->version, "2.1.0");
	assert_int_equal(first->n_rows, 6);
	assert_string_equal(first->rows[0]->organisation, "EC-A");
	assert_string_equal(first->rows[1]->expert_team, "ET-A");
	assert_string_equal(first->rows[1]->coordination, "PC-A");
	assert_string_equal(first->rows[2]->region, "JZ91");
	const pb_RegistryRow *team = first->rows[4];

	assert_int_equal(team->row, REGISTRY_ROW_KIND_EXPERT_TEAM);
	assert_int_equal(team->functions[0], TEAM_FUNCTION_CONSULTATION);
	assert_int_equal(team->functions_missing[0], TEAM_FUNCTION_LEARNING);
	assert_string_equal(first->rows[5]->municipality, "GM0009");
	assert_int_equal(first->rows[5]->row, REGISTRY_ROW_KIND_MUNICIPALITY);
	assert_string_equal(b->file.records[1]->valid_from, "2018-01-01");
	assert_string_equal(b->file.records[1]->rows[0]->successor, "GM0001");
	assert_int_equal(b->file.records[2]->n_rows, 2);
	assert_true(b->file.records[2]->rows[0]->known_to_all);
	assert_int_equal(b->file.records[2]->rows[1]->feature, ASK_REVIEW_PLACEMENT);
	assert_string_equal(b->file.records[3]->rows[0]->organisation, "OZJ");
}

static const struct tree *
tree(struct bench *b, const char *text)
{
	struct why why = {0};
	const struct tree *root = yaml_tree_parse(&b->arena, "SC.yaml", bytes_str(text), &why);

	if (root == NULL)
		fail_msg("%s", why.text);
	return root;
}

static void
test_a_patch_of_a_scenario(void **state)
{
	struct bench *b = *state;
	struct why why = {0};
	const struct tree *patch =
	    tree(b, "regions:\n"
		    "- {code: JZ98, name: Test, expertise_centre: EC-LIMBURG, expert_team: ET-JZ98}\n"
		    "- {code: JZ99, name: Test, expertise_centre: EC-LIMBURG, landing_place: LP-JZ99}\n"
		    "municipalities:\n"
		    "- {code: GM9998, name: Test, region: JZ98}\n");
	const pb_RegistryAdopted *record =
	    registry_file_patch(&b->arena, "SC.yaml", patch, "1.0.1", "2016-01-01", &why);

	if (record == NULL)
		fail_msg("%s", why.text);
	assert_string_equal(record->version, "1.0.1");
	assert_string_equal(record->valid_from, "2016-01-01");
	assert_int_equal(record->n_rows, 4);
	assert_string_equal(record->rows[0]->expert_team, "ET-JZ98");
	assert_string_equal(record->rows[1]->expert_team, "");
	assert_int_equal(record->rows[2]->row, REGISTRY_ROW_KIND_LANDING_PLACE);
	assert_string_equal(record->rows[2]->organisation, "LP-JZ99");
	assert_int_equal(record->rows[2]->n_functions, 4);
	assert_true(record->rows[2]->known_to_all);
	assert_string_equal(record->rows[3]->municipality, "GM9998");
	assert_null(registry_file_patch(&b->arena, "SC.yaml", tree(b, "regions:\n- {cod: JZ98}\n"), "1.0.1",
					"2016-01-01", &why));
	assert_string_equal(why.text, "SC.yaml:2: 'cod' is not known here; did you mean 'code'?");
}

/* What is added leans on what was adopted: a region that stands there is no mistake. */
static void
test_lines_that_are_added(void **state)
{
	struct bench *b = *state;

	if (!read_text(b, HEAD "adds: true\nfeatures:\n- {region: JZ42, asks: [REVIEW_PLACEMENT]}\n"
			       "- {region: JZ43, asks: [], valid_from: 2017-01-01}\n"))
		fail_msg("%s", b->file.problems.text[0]);
	assert_int_equal(b->file.record_count, 2);
	assert_int_equal(b->file.records[0]->rows[0]->feature, ASK_REVIEW_PLACEMENT);
	assert_string_equal(b->file.records[1]->rows[0]->region, "JZ43");
	assert_int_equal(b->file.records[1]->rows[0]->feature, 0);
	assert_false(read_text(b, HEAD "adds: false\nfeatures:\n- {region: JZ42, asks: [REVIEW_PLACEMENT]}\n"));
	assert_false(read_text(b, HEAD "adds: perhaps\nfeatures:\n- {region: JZ42, asks: [REVIEW_PLACEMENT]}\n"));
	/* What has nothing to do with that is still told. */
	assert_false(read_text(b, HEAD "adds: true\nregions:\n- {code: JZ91}\n"));
}

/* ---- what is told ---- */

static void
test_each_mistake_is_told_with_file_line_and_remedy(void **state)
{
	static const struct {
		const char *text, *says;
	} mistakes[] = {
	    {"version: 1.0.0\n", "r.yaml:1: the file has no date; write valid_from: 2016-01-01 at the top"},
	    {"valid_from: 2016-01-01\n", "r.yaml:1: version: no version"},
	    {HEAD "region: []\n", "r.yaml:4: 'region' is not known here; did you mean 'regions'?"},
	    {HEAD "regions: {}\n", "r.yaml:4: 'regions' is no list"},
	    {HEAD "regions:\n- JZ91\n", "r.yaml:5: no map; write {code: .., name: ..}"},
	    {HEAD "regions:\n- {code: JZ91, expertise_center: EC-A}\n",
	     "r.yaml:5: 'expertise_center' is not known here; did you mean 'expertise_centre'?"},
	    {HEAD "regions:\n- {name: x}\n", "r.yaml:5: the line has no 'code'; add it"},
	    {HEAD "regions:\n- {code: jz91}\n", "r.yaml:5: 'jz91' is no code for 'code'; write letters A-Z"},
	    {HEAD "regions:\n- {code: [JZ91]}\n", "r.yaml:5: 'code' has a list where a single value goes"},
	    {HEAD "regions:\n- {code: JZ91}\n", "r.yaml:5: expertise_centre: is missing; each region has a centre"},
	    {HEAD SMALL "municipalities:\n- {code: GM0002}\n", "r.yaml:12: 'municipalities' stands twice"},
	    {HEAD "municipalities:\n- {code: GM0002}\n", "r.yaml:5: the line has no 'region'; add it"},
	    {HEAD "municipalities:\n- {code: GM0002, region: JZ91}\n",
	     "r.yaml:5: region: JZ91 is not in the registry; add a REGION row"},
	    {HEAD "municipalities:\n- {code: GM0002, region: JZ91, valid_from: 2022-02-30}\n",
	     "r.yaml:5: '2022-02-30' is no date"},
	    {HEAD SMALL "mergers:\n- {code: GM0009, successors: [GM0077], valid_from: 2018-01-01}\n",
	     "r.yaml:13: successor: GM0077 leads nowhere"},
	    {HEAD SMALL "mergers:\n- {code: GM0009, valid_from: 2018-01-01}\n",
	     "r.yaml:13: the line has no 'successors'; add it, as a list"},
	    {HEAD SMALL "mergers:\n- {code: GM0009, successors: [], valid_from: 2018-01-01}\n",
	     "r.yaml:13: 'successors' is empty"},
	    {HEAD SMALL "expert_teams:\n- {code: ET-A, regions: [JZ91], functions: [CONSULT]}\n",
	     "r.yaml:13: 'CONSULT' is no TeamFunction; known: CONSULTATION"},
	    {HEAD SMALL "landing_places:\n- {code: LP-A, region: JZ91, known_to_all: yes}\n",
	     "r.yaml:13: 'yes' is neither true nor false"},
	    {HEAD SMALL "features:\n- {region: JZ91, asks: [REVIEW]}\n", "r.yaml:13: 'REVIEW' is no Ask"},
	    {HEAD SMALL "supporter_ends:\n- {code: OZJ}\n", "r.yaml:13: an end has no date; add valid_from"},
	    {"[]\n", "r.yaml:1: "},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
		if (read_text(b, mistakes[i].text))
			fail_msg("was taken, and should say: %s", mistakes[i].says);
		assert_int_equal(b->file.record_count, 0);
		if (strstr(b->file.problems.text[0], mistakes[i].says) == NULL)
			fail_msg("says '%s', not '%s'", b->file.problems.text[0], mistakes[i].says);
	}
}

static void
test_all_mistakes_are_told_at_once(void **state)
{
	struct bench *b = *state;

	assert_false(read_text(b, HEAD "regions:\n- {code: jz91}\n- {cod: JZ92}\nmunicipalities:\n- {code: GM0001}\n"));
	assert_int_equal(b->file.problems.count, 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_the_shipped_registry_has_a_record_for_each_date),
	    TEST(test_every_kind_of_line),
	    TEST(test_a_patch_of_a_scenario),
	    TEST(test_lines_that_are_added),
	    TEST(test_each_mistake_is_told_with_file_line_and_remedy),
	    TEST(test_all_mistakes_are_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
