// SPDX-License-Identifier: EUPL-1.2
/* cli.h, columns.h, record_line.h, submit_read.h: the command line of the tool, and how it reads and shows things. */
#include "tests/unit/unit.h"

#include "services/cli/asking.h"
#include "services/cli/columns.h"
#include "services/cli/record_line.h"
#include "services/cli/submit_read.h"

struct said {
	int code;
	char *out, *err;
};

/* The whole tool with these words; NULL ends them. */
static struct said
tool(const char *const *words)
{
	char *argv[64] = {(char *)(uintptr_t) "doorbraak"};
	struct said s = {0};
	size_t out_len, err_len;
	int argc = 1;

	FILE *out = open_memstream(&s.out, &out_len), *err = open_memstream(&s.err, &err_len);
	assert_true(out != NULL && err != NULL);
	for (; words[argc - 1] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	s.code = cli_main(argc, argv, out, err);
	fclose(out);
	fclose(err);
	return s;
}

#define TOOL(...) tool((const char *const[]){__VA_ARGS__, NULL})

static void
said_free(struct said *s)
{
	free(s->out);
	free(s->err);
}

static void
assert_says(struct said s, int code, const char *out, const char *err)
{
	if (s.code != code || strstr(s.out, out) == NULL || strstr(s.err, err) == NULL)
		fail_msg("status %d (expected %d)\nout: %s(expected: %s)\nerr: %s(expected: %s)", s.code, code, s.out,
			 out, s.err, err);
	said_free(&s);
}

/* ---- help ---- */

static void
test_the_overview_names_every_command(void **state UNUSED)
{
	struct said s = TOOL("--help");

	assert_int_equal(s.code, CLI_OK);
	assert_string_equal(s.err, "");
	for (const struct command *const *c = cli_commands(); *c != NULL; c++) {
		assert_non_null(strstr(s.out, (*c)->name));
		assert_non_null(strstr(s.out, (*c)->summary));
	}
	said_free(&s);
}

/* The name of a command as the words of a command line. */
static unsigned
words_of(const char *name, char copy[64], const char *words[8])
{
	unsigned n = 0;

	snprintf(copy, 64, "%s", name);
	for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
		words[n++] = word;
	return n;
}

static void
test_the_help_of_every_command_has_usage_options_exit_codes_and_an_example(void **state UNUSED)
{
	for (const struct command *const *c = cli_commands(); *c != NULL; c++) {
		const char *words[8] = {0};
		char copy[64], usage[96];
		words[words_of((*c)->name, copy, words)] = "--help";
		struct said s = tool(words);
		snprintf(usage, sizeof usage, "usage: doorbraak %s", (*c)->name);
		const char *example = strstr(s.out, "example");
		if (s.code != CLI_OK || strstr(s.out, usage) == NULL || strstr(s.out, "exit codes:") == NULL ||
		    strstr(s.out, "--json") == NULL || example == NULL)
			fail_msg("doorbraak %s --help lacks something:\n%s%s", (*c)->name, s.out, s.err);
		snprintf(usage, sizeof usage, "doorbraak %s", (*c)->name);
		assert_non_null(strstr(example, usage));
		for (const struct cli_option *o = (*c)->options; o != NULL && o->name != NULL; o++) {
			snprintf(usage, sizeof usage, "  --%s", o->name);
			assert_non_null(strstr(s.out, usage));
		}
		for (const char *line = s.out; *line != '\0'; line += strcspn(line, "\n") + 1)
			if (strcspn(line, "\n") > 140)
				fail_msg("doorbraak %s --help has a line too long: %.60s", (*c)->name, line);
		said_free(&s);
	}
}

static void
test_version(void **state UNUSED)
{
	assert_says(TOOL("--version"), CLI_OK, "doorbraak " DOORBRAAK_VERSION, "");
}

static void
test_without_words_the_overview_is_a_complaint(void **state UNUSED)
{
	const char *const none[] = {NULL};

	assert_says(tool(none), CLI_USAGE, "", "usage: doorbraak COMMAND");
}

/* ---- what is wrong on the command line ---- */

static void
test_unknown_commands_get_the_nearest(void **state UNUSED)
{
	assert_says(TOOL("sumbit"), CLI_USAGE, "", "did you mean 'submit'?");
	assert_says(TOOL("policy", "adpot"), CLI_USAGE, "", "did you mean 'policy adopt'?");
	assert_says(TOOL("policy"), CLI_USAGE, "", "policy adopt, policy check, policy show");
	assert_says(TOOL("registry", "--shipped"), CLI_USAGE, "", "registry adopt, registry show, registry check");
	assert_says(TOOL("qqqqqqqq"), CLI_USAGE, "", "known: up");
}

static void
test_unknown_options_get_the_nearest(void **state UNUSED)
{
	assert_says(TOOL("cases", "--regoin", "JZ32"), CLI_USAGE, "", "did you mean 'region'?");
	assert_says(TOOL("cases", "--jsn"), CLI_USAGE, "", "did you mean 'json'?");
	assert_says(TOOL("cases", "-r"), CLI_USAGE, "", "two dashes");
}

static void
test_values_of_options_are_checked(void **state UNUSED)
{
	assert_says(TOOL("cases", "--region"), CLI_USAGE, "", "--region needs a value");
	assert_says(TOOL("cases", "--open=yes"), CLI_USAGE, "", "--open takes no value");
	assert_says(TOOL("cases", "--limit", "many"), CLI_USAGE, "", "'many' is no whole number");
	assert_says(TOOL("cases", "--limit=-1"), CLI_USAGE, "", "'-1' is no whole number");
	assert_says(TOOL("cases", "--state", "QUED"), CLI_USAGE, "", "did you mean 'QUEUED'?");
	assert_says(TOOL("journal", "routng"), CLI_USAGE, "", "did you mean 'routing'?");
	assert_says(TOOL("journal"), CLI_USAGE, "", "name one service");
	assert_says(TOOL("registry", "show", "--on", "1-3-2021"), CLI_USAGE, "", "write YYYY-MM-DD");
	assert_says(TOOL("watch", "--region", "jz32"), CLI_USAGE, "", "cannot be a code");
	assert_says(TOOL("up", "--ports", "80"), CLI_USAGE, "", "no base of ports");
	assert_says(TOOL("health", "--door", "tcp://127.0.0.1:1"), CLI_USAGE, "", "goes with --service");
}

static void
test_submit_complains_before_it_asks_anybody(void **state UNUSED)
{
	assert_says(TOOL("submit"), CLI_USAGE, "", "name files");
	assert_says(TOOL("submit", "/nonexistent.yaml"), CLI_USAGE, "", "/nonexistent.yaml: cannot be opened");
	assert_says(TOOL("submit", "--message", "PlanAgreed"), CLI_USAGE, "", "--by ROLE@ORGANISATION");
	assert_says(TOOL("submit", "--message", "PlanAgred", "--by", "CHAIR@ET-JZ32"), CLI_USAGE, "",
		    "did you mean 'PlanAgreed'?");
	assert_says(TOOL("submit", "--message", "PlanAgreed", "--by", "CHAIR@ET-JZ32", "--with", "{has_gaol: true}"),
		    CLI_USAGE, "", "did you mean 'has_goal'?");
	assert_says(TOOL("submit", "--case", "c-1", "x.yaml"), CLI_USAGE, "", "go with --message");
}

static void
test_services_that_do_not_run_are_unreachable(void **state UNUSED)
{
	const struct temp t = temp_make();

	assert_says(TOOL("health", "--run", t.dir), CLI_UNREACHABLE, "", "start them with `doorbraak up`");
	assert_says(TOOL("cases", "--run", t.dir), CLI_UNREACHABLE, "", "start them with `doorbraak up`");
	assert_says(TOOL("verify", "--data", t.dir), CLI_USAGE, "", "there is no such folder");
	temp_remove(&t);
}

/* ---- parsing ---- */

static void
test_options_and_arguments_may_stand_in_any_order(void **state UNUSED)
{
	char *argv[] = {(char *)(uintptr_t) "doorbraak", (char *)(uintptr_t) "submit", (char *)(uintptr_t) "a.yaml",
			(char *)(uintptr_t) "--run=/r",  (char *)(uintptr_t) "--wait", (char *)(uintptr_t) "-",
			(char *)(uintptr_t) "--source",  (char *)(uintptr_t) "s1",     (char *)(uintptr_t) "--source",
			(char *)(uintptr_t) "s2",        (char *)(uintptr_t) "--",     (char *)(uintptr_t) "--json"};
	struct cli cli = {.out = stdout, .err = stderr};

	arena_init(&cli.arena);
	assert_int_equal(cli_parse(&cli, COUNT_OF(argv), argv), CLI_RUN);
	assert_ptr_equal(cli.command, &command_submit);
	assert_string_equal(cli.run_dir, "/r");
	assert_string_equal(cli_option(&cli, "wait"), "");
	assert_string_equal(cli_option(&cli, "source"), "s2");
	assert_null(cli_option(&cli, "case"));
	assert_false(cli.json);
	assert_int_equal(cli.argument_count, 3);
	assert_string_equal(cli.arguments[0], "a.yaml");
	assert_string_equal(cli.arguments[1], "-");
	assert_string_equal(cli.arguments[2], "--json");
	arena_fini(&cli.arena);
}

/* ---- reading submissions ---- */

/* A file with this text, opened, and a name for it. */
static struct submit_file
open_text(struct arena *a, const char *text, bool good, struct why *why)
{
	const struct temp t = temp_make();
	const struct temp_path p = temp_path(&t, "in.yaml");
	struct submit_file file;

	file_write(p.s, text, strlen(text));
	assert_true(submit_file_open(&file, a, arena_str(a, bytes_str(p.s)), why) == good);
	temp_remove(&t);
	return file;
}

/* What is read as a whole: how many submissions. */
static unsigned
whole(struct arena *a, const char *text)
{
	struct why why;
	struct submit_file file = open_text(a, text, true, &why);
	const unsigned count = file.list.count;

	assert_false(file.lines);
	submit_file_close(&file);
	return count;
}

static void
test_files_hold_one_submission_or_more(void **state UNUSED)
{
	struct arena a;

	arena_init(&a);
	assert_int_equal(whole(&a, "source: s\nid: a\nactor: CHAIR@ET-JZ32\nplan_reviewed: {}\n"), 1);
	assert_int_equal(whole(&a, "- {source: s, id: a}\n- {source: s, id: b}\n"), 2);
	assert_int_equal(whole(&a, "{\"source\": \"s\",\n \"actor\": {\n  \"role\": \"CHAIR\"\n }\n}\n"), 1);
	assert_int_equal(whole(&a, "[{\"id\": \"a\"}, {\"id\": \"b\"}]"), 2);
	assert_int_equal(whole(&a, "{\"submissions\": [{\"id\": \"a\"}, {\"caseId\": \"b\"}]}"), 2);
	arena_fini(&a);
}

static void
test_json_lines_are_read_one_by_one(void **state UNUSED)
{
	static const char text[] = "{\"id\": \"a\"}\n\n{\"idd\": \"b\"}\n{\"id\": \r\n  {\"caseId\": \"c\"}\r\n"
				   "{\"planReviewed\": {}, \"actor\": \"CHAIR@ET-1\"}";
	static const struct {
		enum submit_next next;
		unsigned line;
		const char *why;
	} wanted[] = {
	    {SUBMIT_ITEM, 1, ""},
	    {SUBMIT_WRONG, 3, "in.yaml:3: Submission has no field 'idd'; did you mean 'id'?"},
	    {SUBMIT_WRONG, 4, "in.yaml:4: no value; write"},
	    {SUBMIT_ITEM, 5, ""},
	    {SUBMIT_ITEM, 6, ""},
	    {SUBMIT_END, 6, ""},
	    {SUBMIT_END, 6, ""},
	};
	struct submit_item item;
	struct arena a;
	struct why why;

	arena_init(&a);
	struct submit_file file = open_text(&a, text, true, &why);
	assert_true(file.lines);
	for (size_t i = 0; i < COUNT_OF(wanted); i++) {
		assert_int_equal(submit_file_next(&file, &a, &item, &why), wanted[i].next);
		assert_int_equal(file.line, wanted[i].line);
		if (wanted[i].next == SUBMIT_WRONG && strstr(why.text, wanted[i].why) == NULL)
			fail_msg("%s", why.text);
		if (wanted[i].next == SUBMIT_ITEM)
			assert_non_null(strstr(item.from, arena_printf(&a, "in.yaml:%u", wanted[i].line)));
	}
	submit_file_close(&file);
	arena_fini(&a);
}

static void
test_a_long_line_is_one_line(void **state UNUSED)
{
	struct submit_item item;
	struct arena a;
	struct why why;

	arena_init(&a);
	char *text = arena_take(&a, (200u << 10) + 64);
	memset(text, ' ', 200u << 10);
	memcpy(text, "{\"id\":", 6);
	strcpy(text + (200u << 10), "\"a\"}\n{\"id\":\"b\"}\n");
	struct submit_file file = open_text(&a, text, true, &why);
	assert_true(file.lines);
	assert_int_equal(submit_file_next(&file, &a, &item, &why), SUBMIT_ITEM);
	assert_string_equal(item.submission->id, "a");
	assert_int_equal(submit_file_next(&file, &a, &item, &why), SUBMIT_ITEM);
	assert_string_equal(item.submission->id, "b");
	assert_int_equal(file.line, 2);
	submit_file_close(&file);
	arena_fini(&a);
}

static void
test_what_is_wrong_in_a_file_is_told_with_its_line(void **state UNUSED)
{
	static const char *const cases[][2] = {
	    {"source: s\nsuorce: t\n", "line 2"},
	    {"source: s\nsuorce: t\n", "did you mean 'source'?"},
	    {"source: [unclosed\n", "in.yaml:2: "},
	    {"{\"id\":\n \"a\",\n \"id\": \"b\"}\n", "line 3: "},
	    {"", "the file is empty"},
	};
	struct arena a;
	struct why why;

	arena_init(&a);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct submit_file file = open_text(&a, cases[i][0], false, &why);
		if (strstr(why.text, cases[i][1]) == NULL)
			fail_msg("%s: %s", cases[i][0], why.text);
		submit_file_close(&file);
	}
	arena_fini(&a);
}

static void
test_ids_made_up_differ(void **state UNUSED)
{
	struct arena a;

	arena_init(&a);
	const char *one = submit_random_id(&a), *two = submit_random_id(&a);
	assert_true(record_is_id(one));
	assert_string_not_equal(one, two);
	arena_fini(&a);
}

/* ---- showing ---- */

static void
test_columns_stand_under_each_other(void **state UNUSED)
{
	struct columns c;
	struct arena a;
	char *text;
	size_t len;

	arena_init(&a);
	columns_init(&c, &a, 3);
	columns_add(&c, (const char *const[]){"A", "LONG HEAD", "C"});
	for (unsigned i = 0; i < 100; i++)
		columns_add(&c, (const char *const[]){"first", "b", i == 99 ? "" : "last"});
	FILE *f = open_memstream(&text, &len);
	columns_print(&c, f);
	fclose(f);
	assert_memory_equal(text, "A      LONG HEAD  C\nfirst  b          last\n", 43);
	assert_non_null(strstr(text, "\nfirst  b\n"));
	free(text);
	arena_fini(&a);
}

static void
test_moments_are_told_by_the_clock_on_the_wall(void **state UNUSED)
{
	static const struct {
		const char *utc, *local;
	} cases[] = {
	    {"2021-03-01T09:00:00Z", "2021-03-01 10:00"}, {"2021-07-01T21:59:59Z", "2021-07-01 23:59"},
	    {"2021-07-01T22:00:00Z", "2021-07-02 00:00"}, {"2021-03-28T00:59:00Z", "2021-03-28 01:59"},
	    {"2021-03-28T01:00:00Z", "2021-03-28 03:00"}, {"2021-10-31T03:30:00Z", "2021-10-31 04:30"},
	};
	struct arena a;
	int64_t ms;

	arena_init(&a);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_true(cal_parse_timestamp(cases[i].utc, &ms));
		assert_string_equal(asking_moment(&a, ms), cases[i].local);
	}
	assert_string_equal(asking_moment(&a, 0), "-");
	arena_fini(&a);
}

static void
test_a_record_is_a_line(void **state UNUSED)
{
	struct arena a;
	pb_JournalRecord journal;
	pb_Answer answer;
	pb_Basis basis;
	pb_DeadlineSet set;
	struct record r;
	struct why why;

	arena_init(&a);
	pb_JournalRecord_init(&journal);
	pb_Answer_init(&answer);
	pb_Basis_init(&basis);
	pb_DeadlineSet_init(&set);
	set.kind = (Doorbraak__V1__DeadlineKind)DEADLINE_KIND_ACTION;
	set.reference = record_text(&a, "a1");
	set.due = record_text(&a, "2021-03-08");
	basis.rule = record_text(&a, "R28");
	basis.row = record_text(&a, "R28.5");
	answer.case_id = record_text(&a, "c-1");
	answer.cause = 3;
	answer.service = (Doorbraak__V1__Service)SERVICE_ROUTING;
	answer.decided_at = ARENA_NEW(&a, Google__Protobuf__Timestamp);
	record_timestamp(answer.decided_at, 1000);
	answer.basis = &basis;
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET;
	answer.deadline_set = &set;
	journal.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER;
	journal.answer = &answer;
	assert_true(record_read(&a, RECORD_PACK(&a, &journal), &r, &why));
	assert_string_equal(record_line_kind(&r), "DeadlineSet");
	assert_string_equal(record_line_case(&r), "c-1");
	assert_string_equal(record_line_text(&a, &r), "ACTION  a1  due 2021-03-08  by R28.5");
	assert_non_null(strstr(record_line_json(&a, 7, &r), "{\"seq\":7,"));

	/* A full agenda is shown with the day that has room. */
	Doorbraak__V1__Warning full = (Doorbraak__V1__Warning)WARNING_AGENDA_FULL;
	pb_RouteDecided route;

	pb_RouteDecided_init(&route);
	route.n_warnings = 1;
	route.warnings = &full;
	route.next_free_slot = record_text(&a, "2021-03-29");
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED;
	answer.route_decided = &route;
	assert_true(record_read(&a, RECORD_PACK(&a, &journal), &r, &why));
	assert_string_equal(record_line_text(&a, &r), "warning AGENDA_FULL  next free slot 2021-03-29  by R28.5");
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_overview_names_every_command),
	    cmocka_unit_test(test_the_help_of_every_command_has_usage_options_exit_codes_and_an_example),
	    cmocka_unit_test(test_version),
	    cmocka_unit_test(test_without_words_the_overview_is_a_complaint),
	    cmocka_unit_test(test_unknown_commands_get_the_nearest),
	    cmocka_unit_test(test_unknown_options_get_the_nearest),
	    cmocka_unit_test(test_values_of_options_are_checked),
	    cmocka_unit_test(test_submit_complains_before_it_asks_anybody),
	    cmocka_unit_test(test_services_that_do_not_run_are_unreachable),
	    cmocka_unit_test(test_options_and_arguments_may_stand_in_any_order),
	    cmocka_unit_test(test_files_hold_one_submission_or_more),
	    cmocka_unit_test(test_json_lines_are_read_one_by_one),
	    cmocka_unit_test(test_a_long_line_is_one_line),
	    cmocka_unit_test(test_what_is_wrong_in_a_file_is_told_with_its_line),
	    cmocka_unit_test(test_ids_made_up_differ),
	    cmocka_unit_test(test_columns_stand_under_each_other),
	    cmocka_unit_test(test_moments_are_told_by_the_clock_on_the_wall),
	    cmocka_unit_test(test_a_record_is_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
