// SPDX-License-Identifier: EUPL-1.2
/* record.h: decoding and encoding, names, small things. */
#include "tests/unit/record_unit.h"

/* A submission, its bytes written by hand where the library would refuse to. */
#define HEAD(number) (uint8_t)((number) << 3 | 2)

static struct arena arena;

static int
setup(void **state UNUSED)
{
	arena_reset(&arena);
	return 0;
}

static void *
unpack(const ProtobufCMessageDescriptor *d, const void *bytes, size_t len, struct why *why)
{
	return record_unpack(&arena, d, bytes_of(bytes, len), RECORD_SUBMISSION_MAX, why);
}

/* ---- the contract ---- */

/* Unpacking has no depth limit: a message that contains itself would let a sender end the process. */
static void
assert_no_cycle(const ProtobufCMessageDescriptor *d, const ProtobufCMessageDescriptor **path, unsigned depth)
{
	assert_true(depth < 32);
	for (unsigned i = 0; i < depth; i++) {
		if (path[i] == d)
			fail_msg("%s contains itself", d->name);
	}
	path[depth] = d;
	for (unsigned i = 0; i < d->n_fields; i++) {
		if (d->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
			assert_no_cycle(d->fields[i].descriptor, path, depth + 1);
	}
}

static void
test_no_message_of_the_contract_contains_itself(void **state UNUSED)
{
	const ProtobufCMessageDescriptor *path[32];

	for (size_t i = 0; i < COUNT_OF(every_message); i++)
		assert_no_cycle(every_message[i], path, 0);
}

static void
test_every_message_and_enum_is_found_by_its_name(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(every_message); i++)
		assert_ptr_equal(record_message(every_message[i]->short_name), every_message[i]);
	for (size_t i = 0; i < COUNT_OF(every_enum); i++)
		assert_ptr_equal(record_enum(every_enum[i]->short_name), every_enum[i]);
	assert_ptr_equal(record_message("PlanAgreed"), &pb_PlanAgreed_descriptor);
	assert_null(record_message("PlanAgree"));
	assert_null(record_message("CaseState")); /* an enum */
	assert_null(record_enum(""));
}

static void
test_every_code_is_written_without_prefix_and_known_with_and_without(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(every_enum); i++) {
		const ProtobufCEnumDescriptor *e = every_enum[i];

		assert_string_equal(record_enum_code(e, 0), "UNSPECIFIED");
		for (unsigned j = 0; j < e->n_values; j++) {
			const char *code = record_enum_code(e, e->values[j].value);

			assert_true(strlen(code) > 0 && strlen(code) < strlen(e->values[j].name));
			assert_int_equal(record_enum_value(e, code), e->values[j].value);
			assert_int_equal(record_enum_value(e, e->values[j].name), e->values[j].value);
		}
	}
}

static void
test_codes(void **state UNUSED)
{
	const ProtobufCEnumDescriptor *signals = record_enum("SignalCode");

	assert_string_equal(record_code_of("CaseState", CASE_STATE_SCREENING), "SCREENING");
	assert_string_equal(record_code_of("CareDomain", CARE_DOMAIN_J_O), "J_O");
	assert_string_equal(record_code_of("CaseState", 99), "");
	assert_string_equal(record_code_of("NoSuchEnum", 1), "");
	assert_int_equal(record_enum_value(signals, "S02"), SIGNAL_CODE_S02_DEADLINE_MISSED);
	assert_int_equal(record_enum_value(signals, "S02_DEADLINE_MISSED"), SIGNAL_CODE_S02_DEADLINE_MISSED);
	assert_int_equal(record_enum_value(signals, "S28"), -1);
	assert_int_equal(record_enum_value(signals, "S0"), -1);
	assert_int_equal(record_enum_value(record_enum("CaseState"), "screening"), -1);
	assert_int_equal(record_enum_value(record_enum("CaseState"), ""), -1);
	assert_int_equal(record_enum_value(NULL, "SCREENING"), -1);
}

/* ---- decoding and encoding ---- */

static void
assert_round_trip(const ProtobufCMessage *m)
{
	struct why why = {""};
	const struct bytes once = record_pack(&arena, m);
	const ProtobufCMessage *read = record_unpack(&arena, m->descriptor, once, RECORD_REPLY_MAX, &why);

	if (read == NULL)
		fail_msg("%s: %s", m->descriptor->short_name, why.text);
	assert_true(bytes_equal(once, record_pack(&arena, read)));
}

static void
test_every_message_with_all_fields_filled_comes_back_the_same(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(every_message); i++) {
		const ProtobufCMessageDescriptor *d = every_message[i];

		for (unsigned j = 0; j < d->n_fields; j++) {
			assert_round_trip(full_message(&arena, d, d->fields[j].id));
			if (!field_in_oneof(&d->fields[j]))
				break;
		}
	}
}

static void
test_every_message_with_nothing_in_it_is_no_bytes(void **state UNUSED)
{
	struct why why;

	for (size_t i = 0; i < COUNT_OF(every_message); i++) {
		const ProtobufCMessage *m = record_unpack(&arena, every_message[i], bytes_of(NULL, 0), 0, &why);

		assert_non_null(m);
		assert_int_equal(record_pack(&arena, m).len, 0);
	}
}

static void
test_text_is_never_null(void **state UNUSED)
{
	struct why why;
	const pb_Submission *s = unpack(&pb_Submission_descriptor, "", 0, &why);

	assert_string_equal(s->source, "");
	assert_string_equal(record_text(&arena, NULL), "");
	assert_string_equal(record_text(&arena, ""), "");
	assert_string_equal(record_text(&arena, "JZ32"), "JZ32");
}

static void
test_text_must_be_utf8_without_nul(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
	    {"plain", true},
	    {"\xc3\xab", true},          /* two bytes */
	    {"\xe2\x82\xac", true},      /* three */
	    {"\xf0\x9f\x9a\xaa", true},  /* four */
	    {"\xf4\x8f\xbf\xbf", true},  /* the last of all */
	    {"\xed\x9f\xbf", true},      /* before the surrogates */
	    {"a\x80", false},            /* a byte that only goes on */
	    {"\xc0\xaf", false},         /* overlong */
	    {"\xc1\xbf", false},         /* overlong */
	    {"\xe0\x9f\xbf", false},     /* overlong */
	    {"\xf0\x8f\xbf\xbf", false}, /* overlong */
	    {"\xed\xa0\x80", false},     /* a surrogate */
	    {"\xf4\x90\x80\x80", false}, /* beyond the last */
	    {"\xf5\x80\x80\x80", false}, /* beyond the last */
	    {"\xc3", false},             /* cut off */
	    {"\xe2\x82", false},         /* cut off */
	    {"\xff", false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint8_t b[16] = {HEAD(1), (uint8_t)strlen(cases[i].text)};
		struct why why = {""};

		memcpy(b + 2, cases[i].text, strlen(cases[i].text));
		const bool good = unpack(&pb_Submission_descriptor, b, 2 + strlen(cases[i].text), &why) != NULL;
		if (good != cases[i].good)
			fail_msg("case %zu: %s", i, why.text);
	}
}

static void
test_a_nul_inside_text_is_refused_wherever_it_hides(void **state UNUSED)
{
	static const uint8_t at_top[] = {HEAD(1), 3, 'a', 0, 'b'};
	static const uint8_t in_actor[] = {HEAD(5), 5, HEAD(2), 3, 'A', 0, 'B'};
	static const uint8_t overwritten[] = {HEAD(1), 3, 'a', 0, 'b', HEAD(1), 1, 'c'};
	struct why why = {""};

	assert_null(unpack(&pb_Submission_descriptor, at_top, sizeof(at_top), &why));
	assert_non_null(strstr(why.text, "'source'"));
	assert_null(unpack(&pb_Submission_descriptor, in_actor, sizeof(in_actor), &why));
	assert_non_null(strstr(why.text, "'actor.organisation'"));
	assert_null(unpack(&pb_Submission_descriptor, overwritten, sizeof(overwritten), &why));
}

static void
test_what_is_no_message_is_refused(void **state UNUSED)
{
	static const struct {
		const char *what;
		uint8_t b[12];
		size_t len;
	} cases[] = {
	    {"a tag that never ends", {0xff}, 1},
	    {"a field numbered 0", {0x00, 0x00}, 2},
	    {"text longer than the message", {HEAD(1), 5, 'a'}, 3},
	    {"a length that never ends", {HEAD(1), 0x80}, 2},
	    {"a length beyond memory", {HEAD(1), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, 10},
	    {"a group", {1 << 3 | 3}, 1},
	    {"a wire type that is none", {1 << 3 | 7}, 1},
	    {"a number without bytes", {6 << 3}, 1},
	    {"a number of eleven bytes",
	     {6 << 3, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01},
	     12},
	    {"text where a number belongs", {HEAD(6), 1, 'a'}, 3},
	    {"a number where text belongs", {1 << 3, 1}, 2},
	    {"an actor that is no message", {HEAD(5), 1, 0xff}, 3},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct why why = {""};

		if (unpack(&pb_Submission_descriptor, cases[i].b, cases[i].len, &why) != NULL)
			fail_msg("taken: %s", cases[i].what);
		assert_true(strlen(why.text) > 0);
	}
}

static void
test_every_beginning_of_a_message_is_read_or_refused(void **state UNUSED)
{
	const struct bytes whole = record_pack(&arena, full_message(&arena, &pb_Submission_descriptor, 28));

	for (size_t len = 0; len < whole.len; len++) {
		uint8_t *copy = malloc(len + (len == 0)); /* so that a sanitizer sees a byte too far */
		struct why why;

		memcpy(copy, whole.data, len);
		(void)unpack(&pb_Submission_descriptor, copy, len, &why);
		free(copy);
	}
}

static void
test_an_enum_value_that_the_contract_has_not_is_refused(void **state UNUSED)
{
	static const uint8_t role[] = {1 << 3, 99};
	static const uint8_t negative[] = {1 << 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
	static const uint8_t packed[] = {HEAD(1), 2, PERSON_YOUTH, 99};
	static const uint8_t unpacked[] = {1 << 3, 99};
	struct why why = {""};

	assert_null(unpack(&pb_Actor_descriptor, role, sizeof(role), &why));
	assert_non_null(strstr(why.text, "'role'"));
	assert_null(unpack(&pb_Actor_descriptor, negative, sizeof(negative), &why));
	assert_null(unpack(&pb_ConsentRecorded_descriptor, packed, sizeof(packed), &why));
	assert_null(unpack(&pb_ConsentRecorded_descriptor, unpacked, sizeof(unpacked), &why));
}

/* Between services: a newer one may say more. */
static void
test_unknown_fields_pass_and_are_passed_on(void **state UNUSED)
{
	static const uint8_t tick[] = {HEAD(1), 10, '2', '0', '2', '1', '-', '0', '3', '-', '0', '1', HEAD(15), 1, 'x'};
	struct why why;
	const pb_Tick *read = unpack(&pb_Tick_descriptor, tick, sizeof(tick), &why);

	assert_string_equal(read->date, "2021-03-01");
	assert_true(bytes_equal(RECORD_PACK(&arena, read), bytes_of(tick, sizeof(tick))));
}

static void
test_size_is_looked_at_first(void **state UNUSED)
{
	const struct bytes b = record_pack(&arena, full_message(&arena, &pb_Submission_descriptor, 28));
	struct why why = {""};

	assert_non_null(record_unpack(&arena, &pb_Submission_descriptor, b, b.len, &why));
	assert_null(record_unpack(&arena, &pb_Submission_descriptor, b, b.len - 1, &why));
	assert_non_null(strstr(why.text, "at most"));
}

/* `count` empty actions in a plan: two bytes each, and a hundred in memory. */
static struct bytes
plan_of_empty_actions(size_t count)
{
	uint8_t *b = arena_take(&arena, 2 * count);

	for (size_t i = 0; i < count; i++)
		b[2 * i] = HEAD(5);
	return bytes_of(b, 2 * count);
}

static void
test_forty_kilobytes_of_empty_messages_are_refused_before_they_grow(void **state UNUSED)
{
	const struct bytes attack = plan_of_empty_actions(20000);
	struct why why = {""};
	const size_t before = arena.taken;

	assert_null(unpack(&pb_PlanAgreed_descriptor, attack.data, attack.len, &why));
	assert_non_null(strstr(why.text, "memory"));
	assert_true(arena.taken - before <= 17 * attack.len + 8192);
	assert_non_null(unpack(&pb_PlanAgreed_descriptor, attack.data, 2 * 20, &why)); /* a few are only odd */
}

static void
test_unknown_fields_cannot_grow_either(void **state UNUSED)
{
	uint8_t *attack = arena_take(&arena, 40000);
	struct why why = {""};

	for (size_t i = 0; i < 40000; i += 2)
		attack[i] = 15 << 3;
	assert_null(unpack(&pb_Tick_descriptor, attack, 40000, &why));
}

/* What services say among themselves, as much of it as fits, stays under the limit. */
static void
test_a_full_page_of_cases_is_not_taken_for_an_attack(void **state UNUSED)
{
	pb_Answer *answer = message_of(
	    &arena, &pb_Answer_descriptor,
	    "{case_id: c-0123456789abcdef, cause: 7, decided_at: 2021-03-01T10:00, effect_date: 2021-03-01,"
	    " service: MONITORING, basis: {policy_version: 1.0.0, rule: R2}, case_state: {case_id: "
	    "c-0123456789abcdef, as_of: 7, state: SCREENING, track: VOLUNTARY, level: LOCAL, governance: NONE,"
	    " owner: LT-GM0988, funder: GM0988, region: JZ42, next: {kind: SCREENING, due: 2021-03-08},"
	    " deadlines: [{kind: SCREENING, due: 2021-03-08}], base_set: {submitter: PARENT}}}");
	pb_CasesReply reply;
	struct why why = {""};

	pb_CasesReply_init(&reply);
	reply.n_cases = 500;
	reply.cases = ARENA_ARRAY(&arena, pb_Answer *, reply.n_cases);
	for (size_t i = 0; i < reply.n_cases; i++)
		reply.cases[i] = answer;
	const struct bytes b = RECORD_PACK(&arena, &reply);
	if (record_unpack(&arena, &pb_CasesReply_descriptor, b, RECORD_REPLY_MAX, &why) == NULL)
		fail_msg("%s", why.text);
}

static void
test_a_registry_of_short_rows_is_not_taken_for_an_attack(void **state UNUSED)
{
	pb_RegistryRow *row =
	    message_of(&arena, &pb_RegistryRow_descriptor, "{row: MUNICIPALITY, municipality: GM0988, region: JZ42}");
	pb_RegistryAdopted adopted;
	struct why why = {""};

	pb_RegistryAdopted_init(&adopted);
	adopted.n_rows = 1000;
	adopted.rows = ARENA_ARRAY(&arena, pb_RegistryRow *, adopted.n_rows);
	for (size_t i = 0; i < adopted.n_rows; i++)
		adopted.rows[i] = row;
	const struct bytes b = RECORD_PACK(&arena, &adopted);
	if (record_unpack(&arena, &pb_RegistryAdopted_descriptor, b, RECORD_ADOPTION_MAX, &why) == NULL)
		fail_msg("%s", why.text);
}

/* ---- small things ---- */

static void
test_moments_come_back_to_the_millisecond(void **state UNUSED)
{
	static const int64_t moments[] = {0, 1, 999, 1000, INT64_C(1614592801123), -1, -999, -1000, -1001};

	for (size_t i = 0; i < COUNT_OF(moments); i++) {
		Google__Protobuf__Timestamp t;

		record_timestamp(&t, moments[i]);
		assert_int_equal(record_at_ms(&t), moments[i]);
		assert_true(t.nanos >= 0 && t.nanos <= 999999999);
	}
	assert_int_equal(record_at_ms(NULL), 0);
}

static void
test_moments_nobody_means_stay_far_away(void **state UNUSED)
{
	Google__Protobuf__Timestamp t;

	record_timestamp(&t, 0);
	t.seconds = INT64_MAX;
	t.nanos = INT32_MAX;
	assert_true(record_at_ms(&t) > INT64_MAX / 2);
	t.seconds = INT64_MIN;
	t.nanos = INT32_MIN;
	assert_true(record_at_ms(&t) < INT64_MIN / 2);
}

static void
test_dates(void **state UNUSED)
{
	assert_string_equal(record_date(&arena, cal_from_date(2021, 3, 1)), "2021-03-01");
	assert_string_equal(record_date(&arena, CAL_NONE), "");
	assert_int_equal(record_day("2021-03-01"), cal_from_date(2021, 3, 1));
	assert_int_equal(record_day(""), CAL_NONE);
	assert_int_equal(record_day(NULL), CAL_NONE);
	assert_int_equal(record_day("2021-02-29"), CAL_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_no_message_of_the_contract_contains_itself, setup),
	    cmocka_unit_test_setup(test_every_message_and_enum_is_found_by_its_name, setup),
	    cmocka_unit_test_setup(test_every_code_is_written_without_prefix_and_known_with_and_without, setup),
	    cmocka_unit_test_setup(test_codes, setup),
	    cmocka_unit_test_setup(test_every_message_with_all_fields_filled_comes_back_the_same, setup),
	    cmocka_unit_test_setup(test_every_message_with_nothing_in_it_is_no_bytes, setup),
	    cmocka_unit_test_setup(test_text_is_never_null, setup),
	    cmocka_unit_test_setup(test_text_must_be_utf8_without_nul, setup),
	    cmocka_unit_test_setup(test_a_nul_inside_text_is_refused_wherever_it_hides, setup),
	    cmocka_unit_test_setup(test_what_is_no_message_is_refused, setup),
	    cmocka_unit_test_setup(test_every_beginning_of_a_message_is_read_or_refused, setup),
	    cmocka_unit_test_setup(test_an_enum_value_that_the_contract_has_not_is_refused, setup),
	    cmocka_unit_test_setup(test_unknown_fields_pass_and_are_passed_on, setup),
	    cmocka_unit_test_setup(test_size_is_looked_at_first, setup),
	    cmocka_unit_test_setup(test_forty_kilobytes_of_empty_messages_are_refused_before_they_grow, setup),
	    cmocka_unit_test_setup(test_unknown_fields_cannot_grow_either, setup),
	    cmocka_unit_test_setup(test_a_full_page_of_cases_is_not_taken_for_an_attack, setup),
	    cmocka_unit_test_setup(test_a_registry_of_short_rows_is_not_taken_for_an_attack, setup),
	    cmocka_unit_test_setup(test_moments_come_back_to_the_millisecond, setup),
	    cmocka_unit_test_setup(test_moments_nobody_means_stay_far_away, setup),
	    cmocka_unit_test_setup(test_dates, setup),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
