// SPDX-License-Identifier: EUPL-1.2
/* record_from_tree(): messages from what people and other programs write. */
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
why_not(const char *message, const char *text)
{
	struct why why = {""};

	if (record_from_tree(&arena, record_message(message), flow(&arena, text), &why) != NULL)
		fail_msg("taken: %s", text);
	return arena_str(&arena, bytes_str(why.text));
}

/* ---- what is taken ---- */

static void
test_a_submission_as_a_scenario_writes_it(void **state UNUSED)
{
	const pb_Submission *s = message_of(&arena, &pb_Submission_descriptor,
					    "{source: desk-1, id: m1, sequence: 7, occurred_at: 2021-03-01T10:00, "
					    "actor: PROFESSIONAL@P-LYNX, case_submitted: "
					    "{municipality: GM1669, submitter: PROFESSIONAL, asks: CONSULTATION, "
					    "age_band: FROM_12_TO_15, urgent: true, "
					    "tried: [LOCAL_TEAM, PROVIDER], parties: 3}}");

	assert_string_equal(s->source, "desk-1");
	assert_string_equal(s->case_id, "");
	assert_int_equal(s->sequence, 7);
	assert_int_equal(record_at_ms(s->occurred_at), INT64_C(1614589200000));
	assert_int_equal(s->actor->role, ROLE_PROFESSIONAL);
	assert_string_equal(s->actor->organisation, "P-LYNX");
	assert_int_equal(s->body_case, DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED);
	assert_int_equal(s->case_submitted->asks, ASK_CONSULTATION);
	assert_true(s->case_submitted->urgent);
	assert_int_equal(s->case_submitted->n_tried, 2);
	assert_int_equal(s->case_submitted->tried[1], TRIED_AT_PROVIDER);
	assert_int_equal(s->case_submitted->parties, 3);
	assert_string_equal(s->case_submitted->youth_key, "");
}

static void
test_values_written_in_several_ways_are_the_same(void **state UNUSED)
{
	static const struct {
		const char *message;
		const char *text;
		const char *same;
	} cases[] = {
	    /* names in both spellings */
	    {"Submission", "{caseId: c-1, planAgreed: {hasGoal: true}}",
	     "{case_id: c-1, plan_agreed: {has_goal: true}}"},
	    {"Actor", "{role: ROLE_CHAIR}", "{role: CHAIR}"},
	    {"SignalAcknowledged", "{code: S01}", "{code: SIGNAL_CODE_S01_DEADLINE_NEAR}"},
	    {"Submission", "{actor: CHAIR@ET-1}", "{actor: {role: CHAIR, organisation: ET-1}}"},
	    {"MeetingHeld", "{present: [PARENT, SCHOOL@P-1]}",
	     "{present: [{kind: PARENT}, {kind: SCHOOL, organisation: P-1}]}"},
	    {"ClockRequest", "{now: 2021-03-01T10:00}", "{now: 2021-03-01T09:00:00Z}"},
	    {"ClockRequest", "{now: 2021-07-01T10:00:30}", "{now: '2021-07-01T10:00:30+02:00'}"}, /* summer time */
	    {"Baseline", "{count: '12'}", "{count: 12}"}, /* 64 bits, as JSON has them */
	    {"PlanAgreed", "{has_goal: null, actions: null, interim: ~}", "{}"},
	    {"PlanAgreed", "{actions: []}", "{}"},
	    {"Submission", "{occurred_at: null, plan_agreed: null}", "{}"},
	    {"Cursor", "{history: 00ffAB}", "{history: '00FFab'}"},
	    {"RuleCondition", "{values: [true, 5, 2021-03-01]}", "{values: ['true', '5', '2021-03-01']}"},
	    {"PlanAction", "{id: 'null'}", "{id: 'null'}"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const ProtobufCMessageDescriptor *d = record_message(cases[i].message);

		assert_true(bytes_equal(record_pack(&arena, message_of(&arena, d, cases[i].text)),
					record_pack(&arena, message_of(&arena, d, cases[i].same))));
	}
	const pb_PlanAction *action = message_of(&arena, &pb_PlanAction_descriptor, "{id: 'null'}");
	assert_string_equal(action->id, "null");
}

static void
test_whole_numbers_to_their_ends(void **state UNUSED)
{
	const pb_PolicyValue *value = message_of(&arena, &pb_PolicyValue_descriptor, "{value: -2147483648}");
	const pb_Baseline *baseline = message_of(&arena, &pb_Baseline_descriptor, "{count: 9223372036854775807}");
	const pb_Cursor *cursor = message_of(&arena, &pb_Cursor_descriptor, "{seq: 18446744073709551615}");
	const pb_RefusedReply *refused =
	    message_of(&arena, &pb_RefusedReply_descriptor, "{retry_after_ms: 4294967295}");

	assert_int_equal(value->value, INT32_MIN);
	assert_true(baseline->count == INT64_MAX);
	assert_true(cursor->seq == UINT64_MAX);
	assert_true(refused->retry_after_ms == UINT32_MAX);
}

static void
test_nothing_gives_an_empty_message(void **state UNUSED)
{
	struct why why;
	const pb_PlanAgreed *plan = record_from_tree(&arena, &pb_PlanAgreed_descriptor, NULL, &why);

	assert_non_null(plan);
	assert_int_equal(RECORD_PACK(&arena, plan).len, 0);
	assert_non_null(record_from_tree(&arena, &pb_PlanAgreed_descriptor, flow(&arena, "null"), &why));
}

/* ---- the way back: what record_json() writes for people is taken, for every message ---- */

static struct tree *
tree_of(json_t *json, const char *key)
{
	struct tree *node = ARENA_NEW(&arena, struct tree);
	struct tree **link = &node->first;
	const char *name;
	size_t i;
	json_t *child;

	node->key = key == NULL ? NULL : arena_str(&arena, bytes_str(key));
	node->kind = json_is_object(json) ? TREE_MAP : json_is_array(json) ? TREE_LIST : TREE_SCALAR;
	if (json_is_object(json)) {
		json_object_foreach(json, name, child)
		{
			*link = tree_of(child, name);
			link = &(*link)->next;
		}
	} else if (json_is_array(json)) {
		json_array_foreach(json, i, child)
		{
			*link = tree_of(child, NULL);
			link = &(*link)->next;
		}
	} else if (json_is_string(json)) {
		node->text = arena_str(&arena, bytes_str(json_string_value(json)));
		node->quoted = true;
	} else {
		node->text = json_is_integer(json) ? arena_printf(&arena, "%lld", (long long)json_integer_value(json))
			     : json_is_true(json)  ? "true"
			     : json_is_false(json) ? "false"
						   : "null";
	}
	return node;
}

static void
test_json_of_every_message_comes_back_the_same(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(every_message); i++) {
		const ProtobufCMessage *m = full_message(&arena, every_message[i], 0);
		json_t *json = json_loads(record_json(&arena, m, true), 0, NULL);
		struct why why = {""};
		const ProtobufCMessage *back = record_from_tree(&arena, m->descriptor, tree_of(json, NULL), &why);

		if (back == NULL)
			fail_msg("%s: %s", m->descriptor->short_name, why.text);
		assert_true(bytes_equal(record_pack(&arena, m), record_pack(&arena, back)));
		json_decref(json);
		arena_reset(&arena);
	}
}

/* ---- what is refused, and what is said about it ---- */

static void
test_refusals_say_line_name_and_remedy(void **state UNUSED)
{
	static const struct {
		const char *message;
		const char *text;
		const char *says[3];
	} cases[] = {
	    {"CaseSubmitted", "{\n  munincipality: GM0988}", {"line 2", "munincipality", "municipality"}},
	    {"PlanAgreed", "{actions: [\n\n{idd: A1}]}", {"line 3", "'idd'", "id"}},
	    {"Actor", "{role: CHAIRMAN}", {"line 1", "'CHAIRMAN' is no Role", "CHAIR"}},
	    {"Actor", "{role: 8}", {"role", "'8'", NULL}},
	    {"Submission", "{actor: CHAIRR@ET-1}", {"actor", "'CHAIRR'", "CHAIR"}},
	    {"Submission", "{actor: CHAIR@et 1}", {"actor", "ROLE@ORGANISATION", NULL}},
	    {"Submission", "{actor: UNSPECIFIED@ET-1}", {"actor", "UNSPECIFIED", NULL}},
	    {"Submission", "{actor: [CHAIR@ET-1]}", {"actor", "not a list", NULL}},
	    {"Submission", "{plan_agreed: yes}", {"plan_agreed", "PlanAgreed", "name: value"}},
	    {"Submission", "{plan_agreed: {}, plan_reviewed: {}}", {"plan_reviewed", "one of these", NULL}},
	    {"Submission", "{source: a, source: b}", {"source", "twice", NULL}},
	    {"Submission", "{source: [a]}", {"source", "one value", "list"}},
	    {"Submission", "{source: {a: b}}", {"source", "one value", "map"}},
	    {"PlanAgreed", "{actions: {id: A1}}", {"actions", "list", "[...]"}},
	    {"PlanAgreed", "{actions: A1}", {"actions", "list", "[...]"}},
	    {"ConsentRecorded", "{given_by: [PARENT, null]}", {"given_by", "empty", NULL}},
	    {"PlanAgreed", "{has_goal: yes}", {"has_goal", "true or false", NULL}},
	    {"PlanAgreed", "{has_goal: 'true'}", {"has_goal", "without quotes", NULL}},
	    {"PolicyValue", "{value: 1.5}", {"value", "whole number", NULL}},
	    {"PolicyValue", "{value: five}", {"value", "whole number", NULL}},
	    {"PolicyValue", "{value: 2147483648}", {"value", "in range", NULL}},
	    {"PolicyValue", "{value: 5 wd}", {"value", "whole number", NULL}},
	    {"PolicyValue", "{value: +5}", {"value", "whole number", NULL}},
	    {"Baseline", "{count: 9223372036854775808}", {"count", "in range", NULL}},
	    {"Cursor", "{seq: -1}", {"seq", "whole number", NULL}},
	    {"Cursor", "{seq: 18446744073709551616}", {"seq", "in range", NULL}},
	    {"RefusedReply", "{retry_after_ms: 4294967296}", {"retry_after_ms", "in range", NULL}},
	    {"Cursor", "{history: 0}", {"history", "hexadecimal", NULL}},
	    {"Cursor", "{history: 0g}", {"history", "hexadecimal", NULL}},
	    {"ClockRequest", "{now: 2021-03-01}", {"now", "2021-03-01T10:00", NULL}},
	    {"ClockRequest", "{now: 2021-03-01T24:00}", {"now", "no moment", NULL}},
	    {"ClockRequest", "{now: 2021-02-29T10:00}", {"now", "no moment", NULL}},
	    {"ClockRequest", "{now: 2021-03-01T10:00:}", {"now", "no moment", NULL}},
	    {"ClockRequest", "{now: 10}", {"now", "no moment", NULL}},
	    {"ClockRequest", "{now: {seconds: 1}}", {"now", "Timestamp", NULL}},
	    {"PlanAgreed", "[a]", {"PlanAgreed", "name: value", NULL}},
	    {"PlanAgreed", "text", {"PlanAgreed", "name: value", NULL}},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *why = why_not(cases[i].message, cases[i].text);

		for (size_t j = 0; j < 3 && cases[i].says[j] != NULL; j++) {
			if (strstr(why, cases[i].says[j]) == NULL)
				fail_msg("%s: '%s' does not say '%s'", cases[i].text, why, cases[i].says[j]);
		}
	}
}

static void
test_a_refusal_does_not_repeat_what_is_forbidden(void **state UNUSED)
{
	static const struct {
		const char *message;
		const char *text;
	} cases[] = {
	    {"PlanAction", "{6041AB: x}"},
	    {"PlanAction", "{jan@example.org: x}"},
	    {"PlanAction", "{law: jan@example.org}"},
	    {"PolicyValue", "{value: 6041AB}"},
	    {"PlanAgreed", "{has_goal: 6041AB}"},
	    {"ClockRequest", "{now: 6041AB}"},
	    {"Submission", "{actor: jan@example.org}"},
	    {"Submission", "{actor: 6041AB@ET-1}"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *why = why_not(cases[i].message, cases[i].text);

		if (strstr(why, "6041AB") != NULL || strstr(why, "jan") != NULL)
			fail_msg("%s", why);
	}
}

static void
test_a_field_in_both_spellings_is_one_twice(void **state UNUSED)
{
	assert_non_null(strstr(why_not("Submission", "{case_id: c-1, caseId: c-1}"), "caseId: stands here twice"));
}

static void
test_a_refusal_stays_short(void **state UNUSED)
{
	char *text = arena_printf(&arena, "{law: %0300d}", 0);

	assert_true(strlen(why_not("PlanAction", text)) < 450);
}

static void
test_no_line_is_said_when_none_is_known(void **state UNUSED)
{
	struct tree node = {.kind = TREE_SCALAR, .key = "law", .text = "X"}, map = {.kind = TREE_MAP, .first = &node};
	struct why why = {""};

	assert_null(record_from_tree(&arena, &pb_PlanAction_descriptor, &map, &why));
	assert_null(strstr(why.text, "line"));
}

static void
test_tree_get(void **state UNUSED)
{
	const struct tree *map = flow(&arena, "{a: 1, b: [x], c: {d: 2}}");

	assert_string_equal(tree_get(map, "a")->text, "1");
	assert_string_equal(tree_get(tree_get(map, "c"), "d")->text, "2");
	assert_null(tree_get(map, "d"));
	assert_null(tree_get(tree_get(map, "b"), "x")); /* a list has no names */
	assert_null(tree_get(tree_get(map, "a"), "x"));
	assert_null(tree_get(NULL, "a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_a_submission_as_a_scenario_writes_it, setup),
	    cmocka_unit_test_setup(test_values_written_in_several_ways_are_the_same, setup),
	    cmocka_unit_test_setup(test_whole_numbers_to_their_ends, setup),
	    cmocka_unit_test_setup(test_nothing_gives_an_empty_message, setup),
	    cmocka_unit_test_setup(test_json_of_every_message_comes_back_the_same, setup),
	    cmocka_unit_test_setup(test_refusals_say_line_name_and_remedy, setup),
	    cmocka_unit_test_setup(test_a_refusal_does_not_repeat_what_is_forbidden, setup),
	    cmocka_unit_test_setup(test_a_field_in_both_spellings_is_one_twice, setup),
	    cmocka_unit_test_setup(test_a_refusal_stays_short, setup),
	    cmocka_unit_test_setup(test_no_line_is_said_when_none_is_known, setup),
	    cmocka_unit_test_setup(test_tree_get, setup),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
