// SPDX-License-Identifier: EUPL-1.2
/* record_json(): as the vocabulary writes values. Between programs: json_wire_test.c. */
#include "tests/unit/record_unit.h"

#include <jansson.h>

static struct arena arena;

static int
setup(void **state UNUSED)
{
	arena_reset(&arena);
	return 0;
}

static const char *
json_of(const char *message, const char *text)
{
	return record_json(&arena, message_of(&arena, record_message(message), text), true);
}

static void
test_values(void **state UNUSED)
{
	static const struct {
		const char *message;
		const char *text;
		const char *json;
	} cases[] = {
	    /* absent is left out */
	    {"PlanAgreed", "{}", "{}"},
	    {"PlanAgreed", "{has_goal: false, actions: []}", "{}"},
	    {"ThemeRecorded", "{region: '', stuck_on: UNSPECIFIED}", "{}"},
	    /* names and order of the contract, whatever the order they were said in */
	    {"PlanAction", "{due: 2021-03-01, id: A1, tailored: true}",
	     "{\"id\":\"A1\",\"due\":\"2021-03-01\",\"tailored\":true}"},
	    /* enums without prefix */
	    {"ScreeningDecided", "{decision: RETURN, missing: [CONSENT, FAMILY_VIEW]}",
	     "{\"decision\":\"RETURN\",\"missing\":[\"CONSENT\",\"FAMILY_VIEW\"]}"},
	    {"SignalAcknowledged", "{code: S01}", "{\"code\":\"S01_DEADLINE_NEAR\"}"},
	    /* 32 bits are numbers, 64 bits are text */
	    {"TeamCapacity", "{team: ET-1, cases_per_meeting: 2, cycle_days: -1}",
	     "{\"team\":\"ET-1\",\"cases_per_meeting\":2,\"cycle_days\":-1}"},
	    {"Baseline", "{count: -9223372036854775808}", "{\"count\":\"-9223372036854775808\"}"},
	    {"Cursor", "{seq: 18446744073709551615}", "{\"seq\":\"18446744073709551615\"}"},
	    {"RefusedReply", "{retry_after_ms: 4294967295}", "{\"retry_after_ms\":4294967295}"},
	    /* moments in UTC; milliseconds where there are any */
	    {"ClockRequest", "{now: 2021-03-01T10:00}", "{\"now\":\"2021-03-01T09:00:00Z\"}"},
	    {"ClockRequest", "{now: 2021-07-01T10:00:00.250+02:00}", "{\"now\":\"2021-07-01T08:00:00.250Z\"}"},
	    /* the chosen one of a oneof is there, also when it is empty */
	    {"Submission", "{source: S1, plan_reviewed: {}}", "{\"source\":\"S1\",\"plan_reviewed\":{}}"},
	    {"Submission", "{actor: {}}", "{\"actor\":{}}"},
	    /* messages in lists */
	    {"MeetingHeld", "{present: [PARENT, PROFESSIONAL@P-REE]}",
	     "{\"present\":[{\"kind\":\"PARENT\"},{\"kind\":\"PROFESSIONAL\",\"organisation\":\"P-REE\"}]}"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(json_of(cases[i].message, cases[i].text), cases[i].json);
}

static void
test_text_is_escaped(void **state UNUSED)
{
	pb_RefusedReply reply;

	pb_RefusedReply_init(&reply);
	reply.text = record_text(&arena, "a\"b\\c\nd\re\tf\x01g\x1fh\xc3\xab\x7f/");
	assert_string_equal(record_json(&arena, &reply.base, true),
			    "{\"text\":\"a\\\"b\\\\c\\nd\\re\\tf\\u0001g\\u001fh\xc3\xab\x7f/\"}");
}

static void
test_bytes_are_base64_and_hexadecimal_for_people(void **state UNUSED)
{
	static const struct {
		const char *bytes;
		const char *base64;
		const char *hex;
	} cases[] = {
	    /* RFC 4648, section 10 */
	    {"f", "Zg==", "66"},
	    {"fo", "Zm8=", "666f"},
	    {"foo", "Zm9v", "666f6f"},
	    {"foob", "Zm9vYg==", "666f6f62"},
	    {"fooba", "Zm9vYmE=", "666f6f6261"},
	    {"foobar", "Zm9vYmFy", "666f6f626172"},
	    {"\xff\xff\xfe", "///+", "fffffe"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		pb_Cursor cursor;
		char bytes[8];

		snprintf(bytes, sizeof(bytes), "%s", cases[i].bytes);
		pb_Cursor_init(&cursor);
		cursor.history = (ProtobufCBinaryData){strlen(bytes), (uint8_t *)bytes};
		assert_string_equal(record_json(&arena, &cursor.base, false),
				    arena_printf(&arena, "{\"history\":\"%s\"}", cases[i].base64));
		assert_string_equal(record_json(&arena, &cursor.base, true),
				    arena_printf(&arena, "{\"history\":\"%s\"}", cases[i].hex));
	}
}

static void
test_a_value_of_a_newer_contract_stays_a_number(void **state UNUSED)
{
	pb_Actor actor;

	pb_Actor_init(&actor);
	actor.role = 99;
	assert_string_equal(record_json(&arena, &actor.base, true), "{\"role\":99}");
}

static void
test_nothing_is_null(void **state UNUSED)
{
	assert_string_equal(record_json(&arena, NULL, true), "null");
}

/* The oracle: another program's reader, strict about UTF-8 and repeated names. */
static void
test_every_message_is_json_that_others_read(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(every_message); i++) {
		const ProtobufCMessage *m = full_message(&arena, every_message[i], 0);

		for (int for_people = 0; for_people < 2; for_people++) {
			const char *text = record_json(&arena, m, for_people == 1);
			json_error_t error;
			json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);

			if (json == NULL)
				fail_msg("%s: %s", every_message[i]->short_name, error.text);
			assert_true(json_is_object(json));
			json_decref(json);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_values, setup),
	    cmocka_unit_test_setup(test_text_is_escaped, setup),
	    cmocka_unit_test_setup(test_bytes_are_base64_and_hexadecimal_for_people, setup),
	    cmocka_unit_test_setup(test_a_value_of_a_newer_contract_stays_a_number, setup),
	    cmocka_unit_test_setup(test_nothing_is_null, setup),
	    cmocka_unit_test_setup(test_every_message_is_json_that_others_read, setup),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
