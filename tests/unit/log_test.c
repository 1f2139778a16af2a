// SPDX-License-Identifier: EUPL-1.2
/* Every line of the log is one JSON object (or one readable line), whatever stands in its fields. */
#include "tests/unit/unit.h"

#include <jansson.h>

#include "common/log.h"

struct written {
	char text[4 * LOG_LINE_MAX];
	size_t len;
};

static struct log
log_into(FILE *file, enum log_form form, enum log_level level, const char *stream)
{
	struct log log;

	log_init(&log, fileno(file), form, level, "routing", stream);
	return log;
}

static struct written
read_back(FILE *file)
{
	struct written w = {.len = 0};

	rewind(file);
	w.len = fread(w.text, 1, sizeof(w.text) - 1, file);
	fclose(file);
	return w;
}

static json_t *
parse_line(const struct written *w)
{
	json_error_t error;

	assert_true(w->len > 0 && w->text[w->len - 1] == '\n');
	assert_ptr_equal(strchr(w->text, '\n'), w->text + w->len - 1);
	json_t *line = json_loadb(w->text, w->len, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(line);
	return line;
}

static const char *
text_of(const json_t *line, const char *name)
{
	const char *text = json_string_value(json_object_get(line, name));

	assert_non_null(text);
	return text;
}

static void
test_a_line_is_one_json_object_with_typed_fields(void **state UNUSED)
{
	FILE *file = tmpfile();
	const struct log log = log_into(file, LOG_FORM_JSON, LOG_LEVEL_INFO, NULL);

	log_say(&log, LOG_LEVEL_WARN, "slow_commit", log_text("door", "tcp://127.0.0.1:7103"),
		log_number("ms", UINT64_C(18000000000000000000)), log_integer("less", -7), log_bool("again", true),
		log_text("nothing", NULL));
	const struct written w = read_back(file);
	assert_non_null(strstr(w.text, "\"ms\":18000000000000000000,"));
	assert_non_null(strstr(w.text, "\"level\":\"warn\",\"service\":\"routing\",\"event\":\"slow_commit\","));
	assert_non_null(strstr(w.text, "\"less\":-7,\"again\":true,\"nothing\":\"\"}\n"));
}

static void
test_the_stamp_is_utc_with_milliseconds(void **state UNUSED)
{
	FILE *file = tmpfile();
	const struct log log = log_into(file, LOG_FORM_JSON, LOG_LEVEL_INFO, NULL);

	log_say(&log, LOG_LEVEL_INFO, "started");
	const struct written w = read_back(file);
	json_t *line = parse_line(&w);
	const char *ts = text_of(line, "ts");
	static const char shape[] = "0000-00-00T00:00:00.000Z";
	assert_int_equal(strlen(ts), strlen(shape));
	for (size_t i = 0; i < strlen(shape); i++) {
		if (shape[i] == '0')
			assert_true(ts[i] >= '0' && ts[i] <= '9');
		else
			assert_int_equal(ts[i], shape[i]);
	}
	assert_string_equal(text_of(line, "event"), "started");
	assert_int_equal(json_object_size(line), 4);
	json_decref(line);
}

static void
test_no_text_breaks_the_line(void **state UNUSED)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"a \"b\" \\ c", "a \"b\" \\ c"},
	    {"one\ntwo\r\t\x01\x7f", "one\ntwo\r\t\x01\x7f"},
	    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xaa", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xaa"},
	    {"\xff", "\xef\xbf\xbd"},
	    {"\xc3", "\xef\xbf\xbd"},
	    {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
	    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	    {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		FILE *file = tmpfile();
		const struct log log = log_into(file, LOG_FORM_JSON, LOG_LEVEL_INFO, NULL);

		log_say(&log, LOG_LEVEL_ERROR, "failed", log_text("why", cases[i].in), log_bool("last", true));
		const struct written w = read_back(file);
		json_t *line = parse_line(&w);
		assert_string_equal(text_of(line, "why"), cases[i].out);
		assert_true(json_is_true(json_object_get(line, "last")));
		json_decref(line);
	}
}

static void
test_what_does_not_fit_is_left_out_whole_and_said(void **state UNUSED)
{
	char large[2 * LOG_LINE_MAX];
	FILE *file = tmpfile();
	const struct log log = log_into(file, LOG_FORM_JSON, LOG_LEVEL_INFO, NULL);

	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	log_say(&log, LOG_LEVEL_INFO, "failed", log_text("large", large), log_text("small", "here"));
	const struct written w = read_back(file);
	assert_true(w.len <= LOG_LINE_MAX);
	json_t *line = parse_line(&w);
	assert_null(json_object_get(line, "large"));
	assert_string_equal(text_of(line, "small"), "here");
	assert_true(json_is_true(json_object_get(line, "cut")));
	json_decref(line);
}

static void
test_a_line_of_any_length_fits(void **state UNUSED)
{
	char text[LOG_LINE_MAX + 64];

	for (size_t len = LOG_LINE_MAX - 256; len < sizeof(text); len++) {
		FILE *file = tmpfile();
		const struct log log = log_into(file, LOG_FORM_JSON, LOG_LEVEL_INFO, NULL);

		memset(text, 'x', len);
		text[len] = '\0';
		log_say(&log, LOG_LEVEL_INFO, "e", log_text("t", text));
		const struct written w = read_back(file);
		assert_true(w.len <= LOG_LINE_MAX);
		json_decref(parse_line(&w));
	}
}

static void
test_less_than_the_level_is_left_out(void **state UNUSED)
{
	FILE *file = tmpfile();
	const struct log log = log_into(file, LOG_FORM_JSON, LOG_LEVEL_WARN, NULL);

	log_say(&log, LOG_LEVEL_DEBUG, "a");
	log_say(&log, LOG_LEVEL_INFO, "b");
	log_say(&log, LOG_LEVEL_WARN, "c");
	const struct written w = read_back(file);
	json_t *line = parse_line(&w);
	assert_string_equal(text_of(line, "event"), "c");
	json_decref(line);
}

static void
test_text_is_for_people_and_unambiguous(void **state UNUSED)
{
	FILE *file = tmpfile();
	const struct log log = log_into(file, LOG_FORM_TEXT, LOG_LEVEL_INFO, NULL);

	log_say(&log, LOG_LEVEL_ERROR, "not_started", log_text("why", "port \"7101\" = taken\n"), log_text("empty", ""),
		log_text("door", "ipc:///run/x"), log_number("n", 3));
	const struct written w = read_back(file);
	assert_non_null(strstr(w.text,
			       "Z error routing: not_started why=\"port \\\"7101\\\" = taken\\u000a\" empty=\"\" "
			       "door=ipc:///run/x n=3\n"));
	assert_null(strchr(w.text, '\033'));
}

static void
test_auto_is_json_when_there_is_no_terminal(void **state UNUSED)
{
	FILE *file = tmpfile();
	const struct log log = log_into(file, LOG_FORM_AUTO, LOG_LEVEL_INFO, NULL);

	assert_int_equal(log.form, LOG_FORM_JSON);
	fclose(file);
}

static void
test_priorities_only_for_the_descriptor_of_the_journal(void **state UNUSED)
{
	char stream[64];
	struct stat st;
	FILE *file = tmpfile();

	assert_int_equal(fstat(fileno(file), &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	struct log log = log_into(file, LOG_FORM_JSON, LOG_LEVEL_DEBUG, "1:1");
	log_say(&log, LOG_LEVEL_INFO, "other");
	log = log_into(file, LOG_FORM_JSON, LOG_LEVEL_DEBUG, stream);
	log_say(&log, LOG_LEVEL_DEBUG, "debug");
	log_say(&log, LOG_LEVEL_ERROR, "error");
	const struct written w = read_back(file);
	assert_int_equal(w.text[0], '{');
	assert_non_null(strstr(w.text, "\n<7>{"));
	assert_non_null(strstr(w.text, "\n<3>{"));
}

static void
test_a_line_that_cannot_be_written_is_lost(void **state UNUSED)
{
	struct log log;

	log_init(&log, -1, LOG_FORM_JSON, LOG_LEVEL_INFO, "routing", NULL);
	log_say(&log, LOG_LEVEL_INFO, "started");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_line_is_one_json_object_with_typed_fields),
	    cmocka_unit_test(test_the_stamp_is_utc_with_milliseconds),
	    cmocka_unit_test(test_no_text_breaks_the_line),
	    cmocka_unit_test(test_what_does_not_fit_is_left_out_whole_and_said),
	    cmocka_unit_test(test_a_line_of_any_length_fits),
	    cmocka_unit_test(test_less_than_the_level_is_left_out),
	    cmocka_unit_test(test_text_is_for_people_and_unambiguous),
	    cmocka_unit_test(test_auto_is_json_when_there_is_no_terminal),
	    cmocka_unit_test(test_priorities_only_for_the_descriptor_of_the_journal),
	    cmocka_unit_test(test_a_line_that_cannot_be_written_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
