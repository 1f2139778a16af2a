// SPDX-License-Identifier: EUPL-1.2
/* registry_findings.h: what deserves attention in a registry file (R3-R6, R16, R67, R83). */
#include "tests/unit/unit.h"

#include "services/cli/registry_findings.h"

struct bench {
	struct temp temp;
	struct arena arena;
	struct registry_lines file;
	struct findings found;
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

static const char *
told(struct bench *b)
{
	const char *story = "";

	for (unsigned i = 0; i < b->found.count; i++)
		story = arena_printf(&b->arena, "%s%u: %s: %s\n", story, b->found.of[i].line,
				     b->found.of[i].error ? "error" : "note", b->found.of[i].text);
	return story;
}

/* What is found in a file with these lines behind line 13. */
#define FOUR "functions: [CONSULTATION, PROCESS_DIRECTION, SIGNALLING, LEARNING]"
#define SOUND                                                                                                          \
	"version: 1.0.0\nvalid_from: 2016-01-01\n"                                                                     \
	"expertise_centres:\n- {code: EC-A, municipality: GM0001}\n"                                                   \
	"placement_coordination:\n- {code: PC-A}\n"                                                                    \
	"municipalities:\n- {code: GM0001, region: JZ91}\n- {code: GM0002, region: JZ92, valid_from: 2020-01-01}\n"    \
	"regions:\n"                                                                                                   \
	"- {code: JZ91, expertise_centre: EC-A, expert_team: ET-A, coordination: PC-A}\n"                              \
	"- {code: JZ92, expertise_centre: EC-A, landing_place: LP-B, coordination: PC-A}\n"
#define TEAM "expert_teams:\n- {code: ET-A, regions: [JZ91], " FOUR "}\n"

static const char *
check(struct bench *b, const char *text)
{
	const struct temp_path path = temp_path(&b->temp, "r.yaml");

	file_write(path.s, text, strlen(text));
	if (!registry_file_lines(&b->arena, arena_str(&b->arena, bytes_str(path.s)), &b->file))
		fail_msg("%s", b->file.problems.text[0]);
	registry_findings(&b->arena, &b->file, &b->found);
	return told(b);
}

static void
test_a_sound_registry_has_no_findings(void **state)
{
	struct bench *b = *state;

	assert_string_equal(check(b, SOUND TEAM), "");
}

/* The shipped one: only that most teams have not said what they cover, and three gemeenten that were divided. */
static void
test_the_shipped_registry_has_notes_and_no_errors(void **state)
{
	struct bench *b = *state;

	if (!registry_file_lines(&b->arena, "services/triage/registry/nl.yaml", &b->file))
		fail_msg("%s", b->file.problems.text[0]);
	registry_findings(&b->arena, &b->file, &b->found);
	assert_int_equal(b->found.errors, 0);
	assert_int_equal(b->found.notes, 40 + 3);
	assert_int_equal(b->found.count, 43);
}

static void
test_each_finding(void **state)
{
	static const struct {
		const char *lines, *says;
	} cases[] = {
	    /* codes that nobody knows; the rest of these is that of adopting */
	    {TEAM "features:\n- {region: JZ99, asks: [HELP]}\n", "16: error: region: JZ99 is not in the registry"},
	    {TEAM "mergers:\n- {code: GM0003, region: JZ91, successors: [GM0077], valid_from: 2020-01-01}\n",
	     "16: error: successor: GM0077 leads nowhere"},
	    /* before their time */
	    {TEAM "mergers:\n- {code: GM0003, region: JZ91, successors: [GM0002], valid_from: 2019-12-31}\n",
	     "16: error: holds from 2019-12-31, and leans on GM0002, which is there from 2020-01-01 (line 9); let it "
	     "begin"},
	    {TEAM "landing_places:\n- {code: LP-C, region: JZ91, known_to_all: true, valid_from: 2015-12-31, " FOUR
		  "}\n",
	     "16: error: holds from 2015-12-31, and leans on JZ91, which is there from 2016-01-01 (line 11); let it "
	     "begin"},
	    /* contradictions */
	    {"expert_teams:\n- {code: ET-B, regions: [JZ91], " FOUR "}\n",
	     "14: error: ET-B is said to serve JZ91, whose own line names ET-A (line 11); make them agree"},
	    {"expert_teams:\n- {code: ET-A, regions: [JZ91], " FOUR ", functions_missing: [LEARNING]}\n",
	     "14: error: ET-A both covers and lacks LEARNING"},
	    {TEAM "landing_places:\n- {code: LP-C, region: JZ92, known_to_all: true, " FOUR "}\n",
	     "16: error: line 12 says something about JZ92 from the same day; keep one"},
	    {TEAM "features:\n- {region: JZ91, asks: [HELP]}\n- {region: JZ91, asks: [HELP]}\n",
	     "17: error: line 16 says something about JZ91 from the same day; keep one"},
	    {TEAM "mergers:\n- {code: GM0002, successors: [GM0001], valid_from: 2019-01-01}\n",
	     "9: error: GM0002 ended on 2019-01-01 (line 16) and is there again from 2020-01-01"},
	    {TEAM "mergers:\n- {code: GM0002, successors: [GM0002], valid_from: 2021-01-01}\n",
	     "16: error: GM0002 would take over from itself"},
	    {TEAM
	     "mergers:\n- {code: GM0003, region: JZ91, valid_from: 2020-01-01, successors: [GM0001, GM0002, GM0001, "
	     "GM0002, GM0001, GM0002, GM0001, GM0002, GM0001]}\n",
	     "16: error: 9 successors of GM0003; a gemeente is divided over 8 at most"},
	    /* notes */
	    {TEAM "mergers:\n- {code: GM0003, region: JZ91, successors: [GM0001, GM0002], valid_from: 2020-01-01}\n",
	     "16: note: GM0003 was divided over GM0001, GM0002: who names it from 2020-01-01 on is asked which one"},
	    {TEAM "mergers:\n- {code: GM0003, successors: [GM0001], valid_from: 2020-01-01}\n",
	     "16: note: GM0003 is not there before it ends; give it the region it lay in"},
	    {"", "11: note: no line of expert_teams says which functions ET-A covers for JZ91 (R83, K25)"},
	    {"expert_teams:\n- {code: ET-A, regions: [JZ91], functions: [LEARNING], functions_missing: [SIGNALLING]}\n",
	     "14: note: ET-A lacks SIGNALLING for JZ91 (R83)\n"
	     "14: note: ET-A did not answer whether it covers PROCESS_DIRECTION, CONSULTATION for JZ91 (R83, K25)\n"},
	    {TEAM "landing_places:\n- {code: LP-B, region: JZ92, valid_from: 2021-01-01, " FOUR "}\n",
	     "16: note: LP-B is not known to all, so no case of JZ92 goes there (R5)"},
	    {TEAM "landing_places:\n- {code: LP-B, region: JZ92, known_to_all: true, valid_from: 2021-01-01, "
		  "functions: [LEARNING]}\n",
	     "16: note: LP-B lacks a function, so no case of JZ92 goes there (R5)"},
	    {TEAM "landing_places:\n- {region: JZ92, valid_from: 2021-01-01}\n",
	     "12: note: JZ92 has no team, and no landing place with the four functions that is known to all"},
	    {TEAM "landing_places:\n- {region: JZ92, valid_from: 2021-01-01}\n"
		  "features:\n- {region: JZ92, asks: [HELP]}\n",
	     "18: note: JZ92 has extra tasks, and nobody to do them (R16)"},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *says = check(b, arena_printf(&b->arena, "%s%s", SOUND, cases[i].lines));

		if (strstr(says, cases[i].says) == NULL)
			fail_msg("%s\nsays: %s\nnot:  %s", cases[i].lines, says, cases[i].says);
	}
}

static void
test_gaps_around_a_region(void **state)
{
	struct bench *b = *state;

	assert_string_equal(
	    check(b, "version: 1.0.0\nvalid_from: 2016-01-01\n"
		     "expertise_centres:\n- {code: EC-A, municipality: GM0001}\n"
		     "- {code: EC-B, municipality: GM0001}\n"
		     "municipalities:\n- {code: GM0001, region: JZ91}\n"
		     "regions:\n- {code: JZ91, expertise_centre: EC-A}\n- {code: JZ92}\n"),
	    "5: note: EC-B is the centre of no region\n"
	    "9: note: JZ91 has no team, and no landing place with the four functions that is known to all: "
	    "the gemeente screens and owns, and S09 is raised (R6)\n"
	    "9: note: JZ91 has no placement coordination for closed care (R67)\n"
	    "10: error: expertise_centre: is missing; each region has a centre: add an EXPERTISE_CENTRE row, "
	    "or correct the code\n"
	    "10: note: JZ92 has no team, and no landing place with the four functions that is known to all: "
	    "the gemeente screens and owns, and S09 is raised (R6)\n"
	    "10: note: JZ92 has no placement coordination for closed care (R67)\n"
	    "10: note: no gemeente lies in JZ92\n");
	assert_int_equal(b->found.errors, 1);
}

/* What is taken away is gone: adopted as a row without functions, and as one without a task. */
static void
test_taking_away_is_a_row_of_its_own(void **state)
{
	struct bench *b = *state;

	assert_string_equal(check(b, SOUND TEAM "landing_places:\n- {region: JZ91, valid_from: 2021-01-01}\n"
						"features:\n- {region: JZ91, asks: [HELP]}\n"
						"- {region: JZ91, asks: [], valid_from: 2021-01-01}\n"),
			    "");
	const pb_RegistryRow *task = b->file.lines[b->file.count - 1].row;

	assert_int_equal(task->row, REGISTRY_ROW_KIND_FEATURE);
	assert_int_equal(task->feature, 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_a_sound_registry_has_no_findings),
	    TEST(test_the_shipped_registry_has_notes_and_no_errors),
	    TEST(test_each_finding),
	    TEST(test_gaps_around_a_region),
	    TEST(test_taking_away_is_a_row_of_its_own),
	};
	return cmocka_run_group_tests_name("findings in a registry", tests, NULL, NULL);
}
