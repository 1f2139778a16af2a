// SPDX-License-Identifier: EUPL-1.2
/* Intake: what it takes, what it refuses and why, and what it never lets through (rules.md 4.2, the row of intake). */
#include "tests/service/admit.h"

static const int team_roles[] = {ROLE_LOCAL_TEAM, ROLE_PARENT, 0};

static int
setup(void **state)
{
	struct admit *a = test_calloc(1, sizeof *a);

	admit_open(a);
	admit_register(a, "front", "LT-GM9901", team_roles);
	*state = a;
	return 0;
}

static int
teardown(void **state)
{
	admit_close(*state);
	test_free(*state);
	return 0;
}

/* Nine digits that pass the eleven test; made here, for none may stand in a file. */
static const char *
nine_digits(struct admit *a)
{
	char digits[] = "123000000";
	unsigned sum = 0;

	for (unsigned i = 0; i < 8; i++)
		sum += (9 - i) * (unsigned)(digits[i] - '0');
	while (sum % 11 == 10) {
		digits[7]++;
		sum += 2;
	}
	digits[8] = (char)('0' + sum % 11);
	return admit_text(a, digits);
}

static pb_Submission *
consent(struct admit *a, const char *case_id)
{
	pb_Submission *s = admit_say(a, "front", ROLE_LOCAL_TEAM, "LT-GM9901");
	pb_ConsentRecorded *c = ADMIT_BODY(a, s, ConsentRecorded, CONSENT_RECORDED, consent_recorded);

	s->case_id = admit_text(a, case_id);
	c->given_by = ARENA_ARRAY(&a->arena, Doorbraak__V1__Person, 1);
	c->given_by[0] = (Doorbraak__V1__Person)PERSON_PARENT;
	c->n_given_by = 1;
	return s;
}

/* Is this said, somewhere in the rejection? */
static bool
tells(const pb_RejectedReply *r, int reason)
{
	for (size_t i = 0; i < r->n_violations; i++) {
		if ((int)r->violations[i]->reason == reason)
			return true;
	}
	return false;
}

static void
assert_sorted(const pb_RejectedReply *r)
{
	for (size_t i = 1; i < r->n_violations; i++)
		assert_true(r->violations[i - 1]->reason <= r->violations[i]->reason);
}

/* ---- taken ------------------------------------------------------------------------------------------------------- */

static void
test_a_case_gets_a_fresh_id_at_once(void **state)
{
	struct admit *a = *state;
	struct record records[16];
	const pb_AcceptedReply *first = admit_accept(a, admit_case(a));
	const pb_AcceptedReply *second = admit_accept(a, admit_case(a));

	assert_true(record_is_id(first->case_id));
	assert_false(record_is_forbidden(first->case_id));
	assert_int_equal(strlen(first->case_id), strlen("c-xxxxx-xxxxx-xxxxx-xxxxx"));
	assert_string_not_equal(first->case_id, second->case_id);

	const size_t count = admit_journal(a, records, 16);
	const struct record *accepted = &records[count - 2];
	const struct record *registered = &records[count - 1];
	assert_int_equal(accepted->cause, second->seq);
	assert_true(accepted->opens);
	assert_string_equal(accepted->submission->case_id, second->case_id);
	assert_int_equal(registered->answer->body_case, DOORBRAAK__V1__ANSWER__BODY_CASE_REGISTERED);
	assert_int_equal(registered->cause, second->seq);
	assert_string_equal(registered->answer->case_id, second->case_id);
	assert_string_equal(registered->answer->case_registered->case_id, second->case_id);
	assert_string_equal(registered->answer->effect_date, "2024-03-04");
}

static void
test_a_message_on_a_case_opens_nothing(void **state)
{
	struct admit *a = *state;
	const pb_AcceptedReply *opened = admit_accept(a, admit_case(a));
	const pb_AcceptedReply *reply = admit_accept(a, consent(a, opened->case_id));
	const struct record last = admit_last(a);

	assert_string_equal(reply->case_id, opened->case_id);
	assert_int_equal(last.cause, reply->seq);
	assert_false(last.opens);
}

static void
test_a_court_measure_opens_a_case_only_without_one(void **state)
{
	struct admit *a = *state;
	static const int roles[] = {ROLE_CERTIFIED_BODY, 0};

	admit_register(a, "gi", "GI-EIK", roles);
	for (int round = 0; round < 2; round++) {
		pb_Submission *s = admit_say(a, "gi", ROLE_CERTIFIED_BODY, "GI-EIK");
		pb_CourtMeasureRegistered *c =
		    ADMIT_BODY(a, s, CourtMeasureRegistered, COURT_MEASURE_REGISTERED, court_measure_registered);
		c->municipality = admit_text(a, "GM9901");
		c->measure = (Doorbraak__V1__MeasureKind)MEASURE_KIND_SUPERVISION;
		c->pronounced_on = admit_text(a, "2024-03-01");
		if (round == 1)
			s->case_id = admit_text(a, admit_accept(a, admit_case(a))->case_id);
		const pb_AcceptedReply *reply = admit_accept(a, s);
		assert_true(reply->case_id[0] != '\0');
		assert_int_equal(admit_last(a).intake == NULL, round == 0);
	}
}

static void
test_the_same_message_again_gets_the_first_answer_and_changes_nothing(void **state)
{
	struct admit *a = *state;
	struct record records[16];
	const pb_Submission *s = admit_case(a);
	const pb_AcceptedReply *first = admit_accept(a, s);
	const size_t count = admit_journal(a, records, 16);

	for (int life = 0; life < 2; life++) {
		const pb_Reply *again = admit_send(a, s);
		assert_int_equal(again->body_case, DOORBRAAK__V1__REPLY__BODY_ACCEPTED);
		assert_true(again->accepted->duplicate);
		assert_string_equal(again->accepted->case_id, first->case_id);
		assert_int_equal(again->accepted->seq, first->seq);
		assert_int_equal(admit_journal(a, records, 16), count);
		admit_restart(a);
	}
}

static void
test_a_repetition_with_a_youth_key_is_recognised(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	s->case_submitted->youth_key = admit_text(a, "vault-7f3a");
	admit_accept(a, s);
	assert_true(admit_send(a, s)->accepted->duplicate);
}

static void
test_a_youth_key_never_enters_the_journal(void **state)
{
	struct admit *a = *state;
	static const char *const keys[] = {"vault-7f3a", "vault-99bb", "vault-7f3a"};
	uint64_t numbers[3];

	for (unsigned i = 0; i < 3; i++) {
		struct record records[32];
		pb_Submission *s = admit_case(a);
		s->case_submitted->youth_key = admit_text(a, keys[i]);
		admit_accept(a, s);
		const size_t count = admit_journal(a, records, 32);
		numbers[i] = records[count - 2].intake->accepted->youth;
		assert_string_equal(records[count - 2].submission->case_submitted->youth_key, "");
	}
	assert_int_equal(numbers[0], 1);
	assert_int_equal(numbers[1], 2);
	assert_int_equal(numbers[2], 1);
	assert_false(admit_journal_holds(a, "vault"));
}

static void
test_erasing_a_case_forgets_its_youth_key_and_never_gives_its_number_again(void **state)
{
	struct admit *a = *state;
	struct record records[32];
	pb_Submission *s = admit_case(a);
	s->case_submitted->youth_key = admit_text(a, "vault-7f3a");
	const pb_AcceptedReply *opened = admit_accept(a, s);

	pb_Submission *erase = admit_say(a, "operator", ROLE_OPERATOR, "NAT-VWS");
	erase->case_id = admit_text(a, opened->case_id);
	ADMIT_BODY(a, erase, CaseErased, CASE_ERASED, case_erased)->ground = (Doorbraak__V1__ErasureGround)1;
	admit_accept(a, erase);

	pb_Submission *again = admit_case(a);
	again->case_submitted->youth_key = admit_text(a, "vault-7f3a");
	admit_accept(a, again);
	const size_t count = admit_journal(a, records, 32);
	assert_int_equal(records[count - 2].intake->accepted->youth, 2);
}

static void
test_a_gap_in_the_numbers_of_a_source_is_told_with_the_number_that_was_due(void **state)
{
	struct admit *a = *state;
	static const struct {
		int64_t given, due;
	} steps[] = {
	    {1, 0}, {2, 0}, {5, 3} /* 3 and 4 are missing */, {4, 0} /* fills */, {0, 0} /* does not number */,
	    {6, 0}, {8, 7},
	};
	const char *case_id = admit_accept(a, admit_case(a))->case_id;

	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		pb_Submission *s = consent(a, case_id);
		s->sequence = steps[i].given;
		admit_accept(a, s);
		assert_int_equal(admit_last(a).intake->accepted->sequence_due, steps[i].due);
	}
}

static void
test_a_rejected_message_uses_up_neither_its_id_nor_its_number(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = consent(a, "c-00000-00000-00000-00000");

	s->sequence = 1;
	admit_reject(a, s, REASON_UNKNOWN_CASE, "case_id");
	s->case_id = admit_text(a, admit_accept(a, admit_case(a))->case_id);
	admit_accept(a, s);
	assert_int_equal(admit_last(a).intake->accepted->sequence_due, 0);
}

static void
test_a_rejection_is_counted_and_not_journaled(void **state)
{
	struct admit *a = *state;
	struct record records[16];
	const size_t count = admit_journal(a, records, 16);

	admit_reject(a, consent(a, "c-00000-00000-00000-00000"), REASON_UNKNOWN_CASE, "case_id");
	assert_int_equal(admit_refusals(a, REASON_UNKNOWN_CASE), 1);
	assert_int_equal(admit_journal(a, records, 16), count);
}

/* ---- refused: one by one, in the order of the reasons ------------------------------------------------------------ */

static void
test_bytes_that_are_no_submission_are_malformed(void **state)
{
	struct admit *a = *state;
	const pb_Reply *reply = admit_bytes(a, bytes_str("\xff\xff no message"));

	assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_REJECTED);
	assert_int_equal(reply->rejected->reason, REASON_MALFORMED);
	assert_int_equal(admit_bytes(a, bytes_str(""))->body_case, DOORBRAAK__V1__REPLY__BODY_REJECTED);
}

static void
test_a_source_or_an_id_of_another_form_is_malformed(void **state)
{
	struct admit *a = *state;
	char long_text[2000];
	pb_Submission *s = admit_case(a);

	memset(long_text, 'a', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	s->id = admit_text(a, "with a space");
	admit_reject(a, s, REASON_MALFORMED, "id");
	s->id = long_text;
	admit_reject(a, s, REASON_MALFORMED, "id");
	s = admit_case(a);
	s->source = long_text;
	admit_reject(a, s, REASON_MALFORMED, "source");
	s = consent(a, "x");
	s->case_id = long_text;
	admit_reject(a, s, REASON_MALFORMED, "case_id");
}

static void
test_a_case_id_in_a_message_that_opens_one_is_malformed(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	s->case_id = admit_text(a, admit_accept(a, admit_case(a))->case_id);
	admit_reject(a, s, REASON_MALFORMED, "case_id");
}

static void
test_a_negative_number_is_malformed(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	s->sequence = -1;
	admit_reject(a, s, REASON_MALFORMED, "sequence");
}

static void
test_a_source_that_was_not_registered_is_unknown(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	s->source = admit_text(a, "somebody");
	admit_reject(a, s, REASON_UNKNOWN_SOURCE, "source");
}

static void
test_a_source_speaks_only_for_its_organisations(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	s->actor->organisation = admit_text(a, "LT-GM9902");
	admit_reject(a, s, REASON_SENDER_NOT_ALLOWED, "actor.organisation");
}

static void
test_a_source_speaks_only_in_its_roles(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	s->actor->role = (Doorbraak__V1__Role)ROLE_SCHOOL;
	admit_reject(a, s, REASON_SENDER_NOT_ALLOWED, "actor.role");
}

static void
test_a_role_publishes_only_its_own_messages(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_say(a, "front", ROLE_LOCAL_TEAM, "LT-GM9901");

	s->case_id = admit_text(a, admit_accept(a, admit_case(a))->case_id);
	(void)ADMIT_BODY(a, s, MandateGranted, MANDATE_GRANTED, mandate_granted);
	admit_reject(a, s, REASON_SENDER_NOT_ALLOWED, "actor.role");
}

static void
test_an_id_with_other_content_is_refused(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	admit_accept(a, s);
	s->case_submitted->urgent = true;
	admit_reject(a, s, REASON_ID_REUSED, "id");
	s->case_submitted->urgent = false;
	assert_true(admit_send(a, s)->accepted->duplicate);
}

static void
test_an_id_with_other_and_wrong_content_is_refused_for_the_id_first(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	admit_accept(a, s);
	s->case_submitted->asks = (Doorbraak__V1__Ask)ASK_UNSPECIFIED;
	const pb_RejectedReply *r = admit_reject(a, s, REASON_ID_REUSED, "id");
	assert_true(tells(r, REASON_MISSING_FIELD));
}

static void
test_two_sources_may_use_the_same_id(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	admit_register(a, "back", "LT-GM9901", team_roles);
	admit_accept(a, s);
	s->source = admit_text(a, "back");
	admit_accept(a, s);
}

static void
test_what_looks_like_a_person_is_forbidden(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	s->id = admit_text(a, nine_digits(a));
	admit_reject(a, s, REASON_FORBIDDEN_CONTENT, "id");
	s = admit_case(a);
	s->case_submitted->youth_key = admit_text(a, nine_digits(a));
	admit_reject(a, s, REASON_FORBIDDEN_CONTENT, "case_submitted.youth_key");
	s = admit_case(a);
	s->id = admit_text(a, "1234AB");
	admit_reject(a, s, REASON_FORBIDDEN_CONTENT, "id");
}

static void
test_a_field_that_the_contract_does_not_have_is_forbidden(void **state)
{
	struct admit *a = *state;
	const struct bytes good = RECORD_PACK(&a->arena, admit_case(a));
	static const uint8_t extra[] = {0xfa, 0x3f, 0x04, 'n', 'a', 'm', 'e'}; /* field 1023, a text */
	uint8_t *bytes = arena_take(&a->arena, good.len + sizeof extra);

	memcpy(bytes, good.data, good.len);
	memcpy(bytes + good.len, extra, sizeof extra);
	const pb_Reply *reply = admit_bytes(a, bytes_of(bytes, good.len + sizeof extra));
	assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_REJECTED);
	assert_int_equal(reply->rejected->reason, REASON_FORBIDDEN_CONTENT);
}

static void
test_a_required_field_may_not_be_missing(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	s->case_submitted->asks = (Doorbraak__V1__Ask)ASK_UNSPECIFIED;
	admit_reject(a, s, REASON_MISSING_FIELD, "case_submitted.asks");
	s = admit_case(a);
	s->occurred_at = NULL;
	admit_reject(a, s, REASON_MISSING_FIELD, "occurred_at");
	admit_reject(a, consent(a, ""), REASON_MISSING_FIELD, "case_id");
	s = admit_case(a);
	s->actor = NULL;
	const pb_Reply *reply = admit_send(a, s);
	assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_REJECTED);
	assert_true(tells(reply->rejected, REASON_MISSING_FIELD));
}

static void
test_a_code_outside_its_list_is_unknown(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	s->case_submitted->asks = (Doorbraak__V1__Ask)99;
	admit_reject(a, s, REASON_UNKNOWN_CODE, "case_submitted.asks");
}

static void
test_a_wrong_form_does_not_hide_an_unknown_source(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	s->case_submitted->asks = (Doorbraak__V1__Ask)99;
	s->source = admit_text(a, "somebody");
	const pb_RejectedReply *r = admit_reject(a, s, REASON_UNKNOWN_SOURCE, "source");
	assert_true(tells(r, REASON_UNKNOWN_CODE));
}

static void
test_the_future_begins_after_five_minutes(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	record_timestamp(s->occurred_at, a->now_ms + 5 * 60 * 1000);
	admit_accept(a, s);
	s = admit_case(a);
	record_timestamp(s->occurred_at, a->now_ms + 5 * 60 * 1000 + 1);
	admit_reject(a, s, REASON_OCCURRED_IN_FUTURE, "occurred_at");
}

static void
test_a_case_that_intake_never_gave_out_is_unknown(void **state)
{
	struct admit *a = *state;

	admit_reject(a, consent(a, "c-00000-00000-00000-00000"), REASON_UNKNOWN_CASE, "case_id");
}

static void
test_all_that_is_wrong_is_told_most_important_first(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = consent(a, "c-00000-00000-00000-00000");

	s->consent_recorded->n_given_by = 0;
	record_timestamp(s->occurred_at, a->now_ms + 3600 * 1000);
	const pb_RejectedReply *r = admit_reject(a, s, REASON_MISSING_FIELD, "consent_recorded.given_by");
	assert_true(tells(r, REASON_OCCURRED_IN_FUTURE));
	assert_true(tells(r, REASON_UNKNOWN_CASE));
	assert_sorted(r);
}

static void
test_a_stranger_is_not_told_what_intake_knows(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = consent(a, "c-00000-00000-00000-00000");

	s->source = admit_text(a, "somebody");
	const pb_RejectedReply *r = admit_reject(a, s, REASON_UNKNOWN_SOURCE, "source");
	assert_false(tells(r, REASON_UNKNOWN_CASE));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_case_gets_a_fresh_id_at_once),
	    TEST(test_a_message_on_a_case_opens_nothing),
	    TEST(test_a_court_measure_opens_a_case_only_without_one),
	    TEST(test_the_same_message_again_gets_the_first_answer_and_changes_nothing),
	    TEST(test_a_repetition_with_a_youth_key_is_recognised),
	    TEST(test_a_youth_key_never_enters_the_journal),
	    TEST(test_erasing_a_case_forgets_its_youth_key_and_never_gives_its_number_again),
	    TEST(test_a_gap_in_the_numbers_of_a_source_is_told_with_the_number_that_was_due),
	    TEST(test_a_rejected_message_uses_up_neither_its_id_nor_its_number),
	    TEST(test_a_rejection_is_counted_and_not_journaled),
	    TEST(test_bytes_that_are_no_submission_are_malformed),
	    TEST(test_a_source_or_an_id_of_another_form_is_malformed),
	    TEST(test_a_case_id_in_a_message_that_opens_one_is_malformed),
	    TEST(test_a_negative_number_is_malformed),
	    TEST(test_a_source_that_was_not_registered_is_unknown),
	    TEST(test_a_source_speaks_only_for_its_organisations),
	    TEST(test_a_source_speaks_only_in_its_roles),
	    TEST(test_a_role_publishes_only_its_own_messages),
	    TEST(test_an_id_with_other_content_is_refused),
	    TEST(test_an_id_with_other_and_wrong_content_is_refused_for_the_id_first),
	    TEST(test_two_sources_may_use_the_same_id),
	    TEST(test_what_looks_like_a_person_is_forbidden),
	    TEST(test_a_field_that_the_contract_does_not_have_is_forbidden),
	    TEST(test_a_required_field_may_not_be_missing),
	    TEST(test_a_code_outside_its_list_is_unknown),
	    TEST(test_a_wrong_form_does_not_hide_an_unknown_source),
	    TEST(test_the_future_begins_after_five_minutes),
	    TEST(test_a_case_that_intake_never_gave_out_is_unknown),
	    TEST(test_all_that_is_wrong_is_told_most_important_first),
	    TEST(test_a_stranger_is_not_told_what_intake_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
