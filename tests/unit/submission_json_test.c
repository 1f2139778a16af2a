// SPDX-License-Identifier: EUPL-1.2
/* submission_json.h: bodies of POST /v1/submissions as submissions, replies of intake as answers. */
#include "tests/unit/record_unit.h"

#include <jansson.h>

#include "common/submission_json.h"

#define ONE "\"source\":\"portal\",\"caseId\":\"c-1\",\"occurredAt\":\"2021-03-01T09:00:00Z\",\"planReviewed\":{}"

static struct arena arena;

static int
setup(void **state UNUSED)
{
	arena_reset(&arena);
	return 0;
}

/* `STATUS code: field CODE, field CODE` of problem details; every one has a title, a detail, and for each violation a title
 * and what to do. */
static const char *
told(const struct submission_outcome *o)
{
	json_t *json = json_loads(o->json, JSON_REJECT_DUPLICATES, NULL);
	const char *said;
	json_t *v;
	size_t i;

	assert_non_null(json);
	assert_int_equal(json_integer_value(json_object_get(json, "status")), o->status);
	assert_true(json_string_length(json_object_get(json, "title")) > 0);
	assert_true(json_string_length(json_object_get(json, "detail")) > 0);
	said = arena_printf(&arena, "%d %s", o->status, json_string_value(json_object_get(json, "code")));
	json_array_foreach(json_object_get(json, "violations"), i, v)
	{
		assert_true(json_string_length(json_object_get(v, "title")) > 0);
		assert_true(json_string_length(json_object_get(v, "text")) > 0);
		said = arena_printf(&arena, "%s%s %s %s", said, i == 0 ? ":" : ",",
				    json_string_value(json_object_get(v, "field")),
				    json_string_value(json_object_get(v, "code")));
	}
	json_decref(json);
	return said;
}

/* ---- bodies ---- */

static const struct {
	const char *body, *key, *said;
} wrong[] = {
    {"", NULL, "400 malformed:  NOT_JSON"},
    {"{", NULL, "400 malformed:  NOT_JSON"},
    {"[]", NULL, "400 malformed:  WRONG_TYPE"},
    {"{\"colour\":1,\"id\":2}", NULL, "400 malformed: colour UNKNOWN_FIELD, id WRONG_TYPE"},
    {"{" ONE ",\"id\":\"a\"}", "b", "400 idempotency_key_differs"},
    {"{\"submissions\":{}}", NULL, "400 malformed"},
    {"{\"submissions\":[{}],\"submissions\":[{}]}", NULL, "400 malformed"},
    {"{\"submissions\":[{}],\"id\":\"a\"}", NULL, "400 malformed"},
    {"{\"id\":\"a\",\"submissions\":[{}]}", NULL, "400 malformed"},
    {"{\"submissions\":[]}", NULL, "400 wrong_count"},
    {"{\"submissions\":[{}]}", "k", "400 idempotency_key_with_batch"},
};

static void
test_a_body_that_is_wrong(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct submission_batch batch;
		const struct submission_outcome o =
		    submission_json_read(&arena, bytes_str(wrong[i].body), wrong[i].key, &batch);

		assert_string_equal(told(o.status != 0 ? &o : &batch.items[0].outcome), wrong[i].said);
	}
}

static const pb_Submission *
handed_in(const struct submission_item *item)
{
	struct why why;

	assert_int_equal(item->outcome.status, 0);
	return record_unpack(&arena, &pb_Submission_descriptor, item->packed, RECORD_SUBMISSION_MAX, &why);
}

static void
test_the_key_is_the_id(void **state UNUSED)
{
	static const struct {
		const char *body, *key;
	} cases[] = {
	    {"{" ONE ",\"id\":\"a-1\"}", NULL},
	    {"{" ONE ",\"id\":\"a-1\"}", "a-1"},
	    {"{" ONE "}", "a-1"},
	    {"{" ONE ",\"id\":\"a-1\"}", "\"a-1\""},
	    {"{" ONE "}", "\"a-1\""},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct submission_batch batch;

		assert_int_equal(submission_json_read(&arena, bytes_str(cases[i].body), cases[i].key, &batch).status,
				 0);
		assert_true(batch.one && batch.count == 1);
		assert_string_equal(handed_in(&batch.items[0])->id, "a-1");
		assert_string_equal(batch.items[0].source, "portal");
	}
}

static void
test_items_of_a_batch_stand_alone(void **state UNUSED)
{
	struct submission_batch batch;
	const char *body = "{\"submissions\":[{" ONE ",\"id\":\"a\"},{\"id\":1},7,{" ONE ",\"id\":\"b\"}]}";

	assert_int_equal(submission_json_read(&arena, bytes_str(body), NULL, &batch).status, 0);
	assert_int_equal(batch.count, 4);
	assert_string_equal(handed_in(&batch.items[0])->id, "a");
	assert_string_equal(told(&batch.items[1].outcome), "400 malformed: id WRONG_TYPE");
	assert_string_equal(told(&batch.items[2].outcome), "400 malformed:  WRONG_TYPE");
	assert_string_equal(handed_in(&batch.items[3])->id, "b");
}

static struct submission_batch
batch_of(unsigned count, struct submission_outcome *outcome)
{
	struct submission_batch batch;
	const char **parts = ARENA_ARRAY(&arena, const char *, count + 2);

	parts[0] = "{\"submissions\":[{}";
	for (unsigned i = 1; i < count; i++)
		parts[i] = ",{}";
	parts[count] = "]}";
	*outcome = submission_json_read(&arena, bytes_str(arena_join(&arena, parts, count + 1)), NULL, &batch);
	return batch;
}

static void
test_at_most_a_hundred(void **state UNUSED)
{
	struct submission_outcome o;

	assert_int_equal(batch_of(SUBMISSION_JSON_MAX, &o).count, SUBMISSION_JSON_MAX);
	assert_int_equal(o.status, 0);
	assert_int_equal(batch_of(SUBMISSION_JSON_MAX + 1, &o).count, 0);
	assert_string_equal(told(&o), "400 wrong_count");
}

/* ---- replies ---- */

static struct submission_outcome
outcome_of(const char *reply)
{
	return submission_json_outcome(&arena, message_of(&arena, &pb_Reply_descriptor, reply));
}

static void
test_outcomes(void **state UNUSED)
{
	static const struct {
		const char *reply;
		int status;
		const char *json;
	} cases[] = {
	    {"{accepted: {case_id: c-1, seq: 7}}", 201, "{\"caseId\":\"c-1\",\"seq\":\"7\"}"},
	    {"{accepted: {seq: 7}}", 201, "{\"seq\":\"7\"}"},
	    {"{accepted: {case_id: c-1, seq: 7, duplicate: true}}", 200,
	     "{\"caseId\":\"c-1\",\"seq\":\"7\",\"duplicate\":true}"},
	    {"{rejected: {reason: MALFORMED, violations: [{reason: MALFORMED, field: 'plan_agreed.actions[2].due', "
	     "text: "
	     "'x'},"
	     "{reason: UNKNOWN_CASE, field: case_id, text: 'y'}]}}",
	     422, "422 rejected: planAgreed.actions[2].due MALFORMED, caseId UNKNOWN_CASE"},
	    {"{refused: {reason: DISK_LOW, retry_after_ms: 2001}}", 503, "503 disk_low"},
	    {"{refused: {reason: BUSY, retry_after_ms: 1000}}", 503, "503 busy"},
	    {"{refused: {reason: DRAINING}}", 503, "503 draining"},
	    {"{refused: {reason: TOO_LARGE}}", 413, "413 too_large"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct submission_outcome o = outcome_of(cases[i].reply);

		assert_int_equal(o.status, cases[i].status);
		assert_string_equal(o.status < 300 ? o.json : told(&o), cases[i].json);
	}
}

static void
test_the_answer_to_a_batch(void **state UNUSED)
{
	struct submission_outcome none;
	struct submission_batch batch = batch_of(3, &none);

	batch.items[0].outcome = outcome_of("{accepted: {case_id: c-1, seq: 7}}");
	batch.items[1].outcome = submission_json_problem(&arena, 403, "no", "Nee.");
	batch.items[2].outcome = outcome_of("{accepted: {seq: 8, duplicate: true}}");
	const struct submission_outcome o = submission_json_answer(&arena, &batch);
	assert_int_equal(o.status, 200);
	assert_string_equal(
	    o.json, "{\"results\":[{\"index\":0,\"status\":201,\"caseId\":\"c-1\",\"seq\":\"7\"},"
		    "{\"index\":1,\"status\":403,\"problem\":{\"type\":\"about:blank\",\"title\":\"Geen toegang\","
		    "\"status\":403,\"detail\":\"Nee.\",\"code\":\"no\"}},"
		    "{\"index\":2,\"status\":200,\"seq\":\"8\",\"duplicate\":true}]}");
}

/* Every reason that intake can give has a title. */
static void
test_titles(void **state UNUSED)
{
	for (int reason = REASON_MALFORMED; reason <= REASON_UNKNOWN_CASE; reason++)
		assert_true(submission_json_title(record_code_of("Reason", reason))[0] != '\0');
	assert_string_equal(submission_json_title("NO_SUCH"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_a_body_that_is_wrong, setup),
	    cmocka_unit_test_setup(test_the_key_is_the_id, setup),
	    cmocka_unit_test_setup(test_items_of_a_batch_stand_alone, setup),
	    cmocka_unit_test_setup(test_at_most_a_hundred, setup),
	    cmocka_unit_test_setup(test_outcomes, setup),
	    cmocka_unit_test_setup(test_the_answer_to_a_batch, setup),
	    cmocka_unit_test_setup(test_titles, setup),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
