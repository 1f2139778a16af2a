// SPDX-License-Identifier: EUPL-1.2
/* json_wire.h: the proto3 JSON mapping both ways. Another implementation is asked by tests/interop/json_oracle.py. */
#include "tests/unit/record_unit.h"

#include "common/json_wire.h"

static struct arena arena;

static int
setup(void **state UNUSED)
{
	arena_reset(&arena);
	return 0;
}

/* ---- writing ---- */

static void
test_written_as_the_mapping_has_it(void **state UNUSED)
{
	static const struct {
		const char *message;
		const char *text;
		const char *json;
	} cases[] = {
	    /* absent is left out */
	    {"PlanAgreed", "{has_goal: false, actions: []}", "{}"},
	    /* lowerCamelCase */
	    {"TeamCapacity", "{team: ET-1, cases_per_meeting: 2, cycle_days: -1}",
	     "{\"team\":\"ET-1\",\"casesPerMeeting\":2,\"cycleDays\":-1}"},
	    /* enums by their full name */
	    {"ScreeningDecided", "{decision: RETURN, missing: [CONSENT, FAMILY_VIEW]}",
	     "{\"decision\":\"SCREENING_DECISION_RETURN\",\"missing\":[\"MISSING_ITEM_CONSENT\",\"MISSING_ITEM_FAMILY_"
	     "VIEW\"]"
	     "}"},
	    /* 64 bits are text */
	    {"Cursor", "{seq: 18446744073709551615}", "{\"seq\":\"18446744073709551615\"}"},
	    {"RefusedReply", "{retry_after_ms: 4294967295}", "{\"retryAfterMs\":4294967295}"},
	    {"ClockRequest", "{now: 2021-03-01T10:00}", "{\"now\":\"2021-03-01T09:00:00Z\"}"},
	    {"ClockRequest", "{now: 2021-07-01T10:00:00.250+02:00}", "{\"now\":\"2021-07-01T08:00:00.250Z\"}"},
	    /* the chosen one of a oneof is there, also when it is empty */
	    {"Submission", "{source: S1, plan_reviewed: {}}", "{\"source\":\"S1\",\"planReviewed\":{}}"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(
		    json_from_message(&arena, message_of(&arena, record_message(cases[i].message), cases[i].text)),
		    cases[i].json);
	assert_string_equal(json_from_message(&arena, NULL), "null");
}

static void
test_digits_of_a_second(void **state UNUSED)
{
	static const struct {
		int32_t nanos;
		const char *json;
	} cases[] = {
	    {0, "\"1970-01-01T00:00:01Z\""},
	    {500000000, "\"1970-01-01T00:00:01.500Z\""},
	    {1000, "\"1970-01-01T00:00:01.000001Z\""},
	    {7, "\"1970-01-01T00:00:01.000000007Z\""},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		Google__Protobuf__Timestamp t = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
		t.seconds = 1;
		t.nanos = cases[i].nanos;
		assert_string_equal(json_from_message(&arena, &t.base), cases[i].json);
	}
}

static void
test_bytes_are_base64(void **state UNUSED)
{
	/* RFC 4648, section 10 */
	static const char *const cases[][2] = {{"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
					       {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"\xff\xff\xfe", "///+"}};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json_problems ps = {.count = 0};
		ProtobufCMessage *back;
		pb_Cursor cursor;
		char bytes[8];

		snprintf(bytes, sizeof(bytes), "%s", cases[i][0]);
		pb_Cursor_init(&cursor);
		cursor.history = (ProtobufCBinaryData){strlen(bytes), (uint8_t *)bytes};
		const char *json = json_from_message(&arena, &cursor.base);
		assert_string_equal(json, arena_printf(&arena, "{\"history\":\"%s\"}", cases[i][1]));
		assert_true(json_to_message(&arena, &pb_Cursor_descriptor, bytes_str(json), &back, &ps));
		assert_true(bytes_equal(record_pack(&arena, back), RECORD_PACK(&arena, &cursor)));
	}
}

/* ---- reading ---- */

/* What is read, written again; or all problems, `path CODE` each. */
static const char *
read_as(const char *message, const char *text)
{
	struct json_problems ps = {.count = 0};
	ProtobufCMessage *m;
	const char *said = "";

	if (json_to_message(&arena, record_message(message), bytes_str(text), &m, &ps)) {
		assert_int_equal(ps.count, 0);
		return json_from_message(&arena, m);
	}
	assert_true(ps.count > 0);
	for (unsigned i = 0; i < ps.count; i++) {
		assert_true(ps.p[i].text[0] != '\0');
		said = arena_printf(&arena, "%s%s%s %s", said, i == 0 ? "" : "; ", ps.p[i].path, ps.p[i].code);
	}
	return said;
}

static void
test_what_may_be_written_in_more_ways(void **state UNUSED)
{
	static const char *const cases[][3] = {
	    {"TeamCapacity", "{\"cases_per_meeting\": 2}", "{\"casesPerMeeting\":2}"},
	    {"TeamCapacity", "{\"casesPerMeeting\": \"2\", \"cycleDays\": 0.5e1}",
	     "{\"casesPerMeeting\":2,\"cycleDays\":5}"},
	    {"TeamCapacity", " {\t\"cycleDays\" :\r\n-2147483648 } ", "{\"cycleDays\":-2147483648}"},
	    {"TeamCapacity", "{\"team\": null, \"cycleDays\": -0}", "{}"},
	    {"TeamCapacity", "{\"team\": \"\\u0045\\u00e9\\ud83d\\ude00\\n\"}",
	     "{\"team\":\"E\xc3\xa9\xf0\x9f\x98\x80\\n\"}"},
	    {"Cursor", "{\"seq\": 18446744073709551615}", "{\"seq\":\"18446744073709551615\"}"},
	    {"Cursor", "{\"seq\": 1.8446744073709551615E+19}", "{\"seq\":\"18446744073709551615\"}"},
	    {"Cursor", "{\"seq\": 5000e-3}", "{\"seq\":\"5\"}"},
	    {"Cursor", "{\"seq\": 0e999999999999999999}", "{}"},
	    {"Cursor", "{\"history\": \"-_-_\"}", "{\"history\":\"+/+/\"}"},
	    {"Cursor", "{\"history\": \"Zg\"}", "{\"history\":\"Zg==\"}"},
	    {"Baseline", "{\"count\": \"-9223372036854775808\"}", "{\"count\":\"-9223372036854775808\"}"},
	    {"CasesRequest", "{\"state\": \"CASE_STATE_SCREENING\"}", "{\"state\":\"CASE_STATE_SCREENING\"}"},
	    {"CasesRequest", "{\"state\": \"SCREENING\"}", "{\"state\":\"CASE_STATE_SCREENING\"}"},
	    {"CasesRequest", "{\"state\": 1}", "{\"state\":\"CASE_STATE_RECEIVED\"}"},
	    {"CasesRequest", "{\"state\": 0, \"openOnly\": false}", "{}"},
	    {"SignalAcknowledged", "{\"code\": \"S01\"}", "{\"code\":\"SIGNAL_CODE_S01_DEADLINE_NEAR\"}"},
	    {"ClockRequest", "{\"now\": \"2021-07-01T10:00:00.123456789+02:00\"}",
	     "{\"now\":\"2021-07-01T08:00:00.123456789Z\"}"},
	    {"Submission", "{\"planReviewed\": null, \"helpRealised\": {}}", "{\"helpRealised\":{}}"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(read_as(cases[i][0], cases[i][1]), cases[i][2]);
}

static void
test_every_problem_is_told_with_its_path(void **state UNUSED)
{
	static const char *const cases[][3] = {
	    {"Submission", "[]", " WRONG_TYPE"},
	    {"Submission", "null", " WRONG_TYPE"},
	    {"Submission",
	     "{\"colour\":1, \"id\":2, \"sequence\":1.5, \"planAgreed\":{\"actions\":[{}, {\"due\":3, \"x\":0}, "
	     "null]}, "
	     "\"id\":\"a\"}",
	     "colour UNKNOWN_FIELD; id WRONG_TYPE; sequence WRONG_VALUE; planAgreed.actions[1].due WRONG_TYPE; "
	     "planAgreed.actions[1].x UNKNOWN_FIELD; planAgreed.actions[2] WRONG_TYPE; id DUPLICATE"},
	    {"Submission", "{\"plan_agreed\":{\"has_goal\":1}}", "plan_agreed.has_goal WRONG_TYPE"},
	    /* the same field in both spellings; two of a oneof */
	    {"Submission", "{\"caseId\":\"a\",\"case_id\":\"a\"}", "case_id DUPLICATE"},
	    {"Submission", "{\"planReviewed\":{},\"helpRealised\":{}}", "helpRealised DUPLICATE"},
	    {"Submission", "{\"planReviewed\":[]}", "planReviewed WRONG_TYPE"},
	    {"Submission", "{\"occurredAt\":{\"seconds\":1}}", "occurredAt WRONG_TYPE"},
	    {"ScreeningDecided", "{\"missing\":\"CONSENT\"}", "missing WRONG_TYPE"},
	    {"ScreeningDecided", "{\"decision\":\"RETURNED\",\"missing\":[\"CONSENT\",99]}",
	     "decision UNKNOWN_CODE; missing[1] UNKNOWN_CODE"},
	    {"ScreeningDecided", "{\"decision\":true}", "decision WRONG_TYPE"},
	    {"CasesRequest", "{\"openOnly\":\"true\",\"limit\":-1,\"overdue\":0}",
	     "openOnly WRONG_TYPE; limit WRONG_VALUE; overdue WRONG_TYPE"},
	    {"CasesRequest", "{\"limit\":4294967296}", "limit WRONG_VALUE"},
	    {"CasesRequest", "{\"limit\":\"\"}", "limit WRONG_VALUE"},
	    {"CasesRequest", "{\"limit\":\"1.0\"}", "limit WRONG_VALUE"},
	    {"CasesRequest", "{\"limit\":[1]}", "limit WRONG_TYPE"},
	    {"CasesRequest", "{\"limit\":1e-1}", "limit WRONG_VALUE"},
	    {"CasesRequest", "{\"limit\":1e999999999}", "limit WRONG_VALUE"},
	    {"TeamCapacity", "{\"cycleDays\":2147483648}", "cycleDays WRONG_VALUE"},
	    {"TeamCapacity", "{\"cycleDays\":-2147483649}", "cycleDays WRONG_VALUE"},
	    {"Baseline", "{\"count\":\"9223372036854775808\"}", "count WRONG_VALUE"},
	    {"Cursor", "{\"seq\":\"18446744073709551616\",\"history\":\"Z\"}", "seq WRONG_VALUE; history WRONG_VALUE"},
	    {"Cursor", "{\"history\":\"Zh==\"}", "history WRONG_VALUE"},
	    {"Cursor", "{\"history\":\"Zg=\"}", "history WRONG_VALUE"},
	    {"Cursor", "{\"history\":\"Z g=\"}", "history WRONG_VALUE"},
	    {"ClockRequest", "{\"now\":\"2021-07-01\"}", "now WRONG_VALUE"},
	    {"ClockRequest", "{\"now\":\"2021-07-01T10:00:00\"}", "now WRONG_VALUE"},
	    {"ClockRequest", "{\"now\":\"2021-07-01T10:00:00z\"}", "now WRONG_VALUE"},
	    {"ClockRequest", "{\"now\":\"2021-06-30T23:59:60Z\"}", "now WRONG_VALUE"},
	    {"ClockRequest", "{\"now\":\"2021-02-29T10:00:00Z\"}", "now WRONG_VALUE"},
	    {"ClockRequest", "{\"now\":\"2021-07-01T10:00:00.Z\"}", "now WRONG_VALUE"},
	    {"ClockRequest", "{\"now\":\"2021-07-01T10:00:00.1234567890Z\"}", "now WRONG_VALUE"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(read_as(cases[i][0], cases[i][1]), cases[i][2]);
}

static void
test_problems_come_in_the_order_of_the_text(void **state UNUSED)
{
	assert_string_equal(read_as("Cursor", "{\"seq\":true,\"digest\":1,\"a\":0}"),
			    "seq WRONG_TYPE; digest WRONG_TYPE; a UNKNOWN_FIELD");
}

static void
test_what_is_no_json(void **state UNUSED)
{
	static const char *const cases[][2] = {
	    {"", "line 1, column 1"},
	    {" \n ", "line 2, column 2"},
	    {"{\n  \"id\": 1,\n}", "line 3, column 1"},
	    {"{\"id\" 1}", "line 1, column 7"},
	    {"{id: 1}", "line 1, column 2"},
	    {"{'id': 1}", "line 1, column 2"},
	    {"[1,]", "line 1, column 4"},
	    {"[1 2]", "line 1, column 4"},
	    {"{} {}", "line 1, column 4"},
	    {"[01]", "line 1, column 3"},
	    {"[+1]", "line 1, column 2"},
	    {"[-]", "line 1, column 3"},
	    {"[.5]", "line 1, column 2"},
	    {"[1.]", "line 1, column 4"},
	    {"[1e]", "line 1, column 4"},
	    {"[NaN]", "line 1, column 2"},
	    {"[Infinity]", "line 1, column 2"},
	    {"[True]", "line 1, column 2"},
	    {"[nullx]", "line 1, column 6"},
	    {"// x\n{}", "line 1, column 1"},
	    {"\xef\xbb\xbf{}", "line 1, column 1"},
	    {"\"", "line 1, column 2"},
	    {"\"\\\"", "line 1, column 2"},
	    {"\"a\nb\"", "line 1, column 3"},
	    {"\"\\x41\"", "line 1, column 4"},
	    {"\"\\u12g4\"", "line 1, column 6"},
	    {"\"\\u0000\"", "line 1, column 8"},
	    {"\"\\ud800\"", "line 1, column 8"},
	    {"\"\\ud800\\u0041\"", "line 1, column 14"},
	    {"\"\\udc00\"", "line 1, column 8"},
	    {"\"\xc3\"", "line 1, column 2"},
	    {"\"\xed\xa0\x80\"", "line 1, column 2"},
	    {"\"\xff\"", "line 1, column 2"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json_problems ps = {.count = 0};

		assert_null(json_parse(&arena, bytes_str(cases[i][0]), &ps));
		assert_int_equal(ps.count, 1);
		assert_string_equal(ps.p[0].code, "NOT_JSON");
		if (strncmp(ps.p[0].text, cases[i][1], strlen(cases[i][1])) != 0)
			fail_msg("%s: %s", cases[i][0], ps.p[0].text);
	}
}

static const char *
parsed_code(struct bytes text)
{
	struct json_problems ps = {.count = 0};

	return json_parse(&arena, text, &ps) != NULL ? "" : ps.p[0].code;
}

static void
test_limits_at_the_edge(void **state UNUSED)
{
	char *deep = arena_take(&arena, 2 * JSON_DEPTH_MAX + 3);
	char *many = arena_take(&arena, 2 * JSON_NODES_MAX + 3);
	char *large = arena_take(&arena, JSON_BYTES_MAX + 1);

	memset(deep, '[', JSON_DEPTH_MAX);
	memset(deep + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	assert_string_not_equal(parsed_code(bytes_of(NULL, 0)), ""); /* an empty body */
	assert_string_equal(parsed_code(bytes_str(deep)), "");
	memset(deep, '[', JSON_DEPTH_MAX + 1);
	memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_string_equal(parsed_code(bytes_str(deep)), "TOO_LARGE");

	/* the list itself is a value, too */
	many[0] = '[';
	for (size_t i = 1; i < JSON_NODES_MAX; i++)
		memcpy(many + 2 * i - 1, "1,", 2);
	many[2 * JSON_NODES_MAX - 2] = ']';
	assert_string_equal(parsed_code(bytes_str(many)), "");
	memcpy(many + 2 * JSON_NODES_MAX - 2, ",1]", 3);
	assert_string_equal(parsed_code(bytes_str(many)), "TOO_LARGE");

	memset(large, ' ', JSON_BYTES_MAX + 1);
	large[0] = '1';
	assert_string_equal(parsed_code(bytes_of(large, JSON_BYTES_MAX)), "");
	assert_string_equal(parsed_code(bytes_of(large, JSON_BYTES_MAX + 1)), "TOO_LARGE");
}

static void
test_more_problems_than_fit(void **state UNUSED)
{
	char *text = arena_printf(&arena, "{");
	struct json_problems ps = {.count = 0};
	ProtobufCMessage *m;

	for (unsigned i = 0; i < JSON_PROBLEMS_MAX + 5; i++)
		text = arena_printf(&arena, "%s%s\"x%u\":0", text, i == 0 ? "" : ",", i);
	text = arena_printf(&arena, "%s}", text);
	assert_false(json_to_message(&arena, &pb_Cursor_descriptor, bytes_str(text), &m, &ps));
	assert_int_equal(ps.count, JSON_PROBLEMS_MAX);
	assert_string_equal(ps.p[JSON_PROBLEMS_MAX - 1].path, "x63");
}

static void
test_forbidden_content_is_not_repeated(void **state UNUSED)
{
	struct json_problems ps = {.count = 0};
	const char *text = "{\"1234AB\":1,\"role\":\"jan@example.org\"}";
	ProtobufCMessage *m;

	assert_false(json_to_message(&arena, &pb_Actor_descriptor, bytes_str(text), &m, &ps));
	assert_int_equal(ps.count, 2);
	assert_string_equal(ps.p[0].path, "(not shown)");
	for (unsigned i = 0; i < ps.count; i++) {
		assert_null(strstr(ps.p[i].text, "1234AB"));
		assert_null(strstr(ps.p[i].text, "jan@"));
	}
}

static void
test_every_message_there_and_back(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(every_message); i++) {
		struct json_problems ps = {.count = 0};
		const ProtobufCMessage *m = full_message(&arena, every_message[i], 0);
		ProtobufCMessage *back;

		if (!json_to_message(&arena, m->descriptor, bytes_str(json_from_message(&arena, m)), &back, &ps))
			fail_msg("%s: %s: %s", m->descriptor->short_name, ps.p[0].path, ps.p[0].text);
		assert_true(bytes_equal(record_pack(&arena, back), record_pack(&arena, m)));
	}
}

static void
test_names(void **state UNUSED)
{
	assert_string_equal(json_name(&arena, "plan_agreed.actions[2].due_before"), "planAgreed.actions[2].dueBefore");
	assert_string_equal(json_name(&arena, "top100"), "top100");
	assert_string_equal(json_quote(&arena, "a\"b\\\n\x01\xc3\xab"), "\"a\\\"b\\\\\\n\\u0001\xc3\xab\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_written_as_the_mapping_has_it, setup),
	    cmocka_unit_test_setup(test_digits_of_a_second, setup),
	    cmocka_unit_test_setup(test_bytes_are_base64, setup),
	    cmocka_unit_test_setup(test_what_may_be_written_in_more_ways, setup),
	    cmocka_unit_test_setup(test_every_problem_is_told_with_its_path, setup),
	    cmocka_unit_test_setup(test_problems_come_in_the_order_of_the_text, setup),
	    cmocka_unit_test_setup(test_what_is_no_json, setup),
	    cmocka_unit_test_setup(test_limits_at_the_edge, setup),
	    cmocka_unit_test_setup(test_more_problems_than_fit, setup),
	    cmocka_unit_test_setup(test_forbidden_content_is_not_repeated, setup),
	    cmocka_unit_test_setup(test_every_message_there_and_back, setup),
	    cmocka_unit_test_setup(test_names, setup),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
