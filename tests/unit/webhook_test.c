// SPDX-License-Identifier: EUPL-1.2
/* What the operator may decide about webhooks, what an event says, how it is signed, and what is remembered. */
#include "tests/unit/unit.h"

#include "services/signalling/webhook_event.h"
#include "services/signalling/webhook_state.h"

#define SETTINGS "source: urn:nld:oin:1:systeem:d\norigin: d.example.nl\nhosts: a.example.nl, b.example.nl:8443\n"
#define KEY      "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" /* bytes 0 to 31 */

/* ---- settings and hooks ---- */

static void
write_in(const struct temp *t, const char *name, const char *text, mode_t mode)
{
	const struct temp_path path = temp_path(t, name);

	file_write(path.s, text, strlen(text));
	assert_int_equal(chmod(path.s, mode), 0);
}

static void
test_settings_have_defaults_and_limits(void **state UNUSED)
{
	static const struct {
		const char *text, *why; /* NULL: right */
	} rows[] = {
	    {SETTINGS, NULL},
	    {"# who\n\n" SETTINGS "private_hosts: localhost:1, [::1]:2\nca: /x.pem\n", NULL},
	    {SETTINGS "pause_ms: 10\ndeadline_ms: 100\nfailing_after: 1\ngive_up: 3650 d\n", NULL},
	    {SETTINGS "pause_ms: 9\n", "settings:4: pause_ms: expected 10 to 60000"},
	    {SETTINGS "pause_ms: 60001\n", "expected 10 to 60000"},
	    {SETTINGS "give_up: never\n", NULL},
	    {SETTINGS "give_up: 1 s\n", NULL},
	    {SETTINGS "give_up: 12h\n", NULL},
	    {SETTINGS "give_up: 0 s\n", "expected 1 s to 3650 d"},
	    {SETTINGS "give_up: 3651 d\n", "expected 1 s to 3650 d"},
	    {SETTINGS "give_up: -1 d\n", "expected 1 s to 3650 d"},
	    {SETTINGS "give_up: 10\n", "expected 1 s to 3650 d"},
	    {SETTINGS "failing_after: 5x\n", "expected 1 to 1000"},
	    {SETTINGS "hots: a\n", "there is no setting `hots`"},
	    {SETTINGS "private_hosts: https://a.nl\n", "expected host[:port]"},
	    {SETTINGS "hosts\n", "settings:4: not `key: value`"},
	    {SETTINGS "ca: a\"b\n", "printable"},
	    {SETTINGS "ca:\n", "printable"},
	    {"origin: d.example.nl\nhosts: a.nl\n", "`source` is missing"},
	    {"source: urn:x\nhosts: a.nl\n", "`origin` is missing"},
	    {"source: urn:x\norigin: d.nl\n", "`hosts` is missing"},
	    {"source: doorbraak\norigin: d.nl\nhosts: a\n", "urn:nld:oin"},
	    {"source: urn:x\norigin: https://d.nl\nhosts: a\n", "name of a host"},
	};
	const struct temp t = temp_make();
	struct webhook_settings s;
	struct why why;

	assert_false(webhook_settings_read(&s, t.dir, &why));
	assert_non_null(strstr(why.text, "settings: cannot be read"));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		write_in(&t, "settings", rows[i].text, 0600);
		if (webhook_settings_read(&s, t.dir, &why) != (rows[i].why == NULL) ||
		    (rows[i].why != NULL && strstr(why.text, rows[i].why) == NULL))
			fail_msg("%zu: %s", i, why.text);
	}
	write_in(&t, "settings", SETTINGS, 0600);
	assert_true(webhook_settings_read(&s, t.dir, &why));
	assert_string_equal(s.hosts, "a.example.nl, b.example.nl:8443");
	assert_int_equal(s.pause_ms, 1000);
	assert_int_equal(s.deadline_ms, 10000);
	assert_int_equal(s.failing_after, 5);
	assert_int_equal(s.give_up_s, 0);
	temp_remove(&t);
}

static void
test_only_allowed_hosts(void **state UNUSED)
{
	static const struct {
		const char *url;
		bool right;
		enum lookup_reach reach;
	} rows[] = {
	    {"https://a.example.nl/in", true, LOOKUP_PUBLIC},     {"https://b.example.nl:8443/", true, LOOKUP_PUBLIC},
	    {"https://b.example.nl/", false, LOOKUP_PUBLIC},      {"http://a.example.nl:443/in", false, LOOKUP_PUBLIC},
	    {"https://inside.example.nl/", true, LOOKUP_PRIVATE}, {"http://localhost:8080/in", true, LOOKUP_LOOPBACK},
	    {"http://localhost:8081/in", false, LOOKUP_PUBLIC},   {"https://c.example.nl/", false, LOOKUP_PUBLIC},
	};
	const struct webhook_settings s = {.hosts = "a.example.nl, b.example.nl:8443",
					   .private_hosts = "inside.example.nl,localhost:8080"};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct webhook_hook hook;
		struct why why;

		if (webhook_url_read(&hook, &s, rows[i].url, &why) != rows[i].right)
			fail_msg("%s", rows[i].url);
		if (rows[i].right)
			assert_int_equal(hook.reach, rows[i].reach);
		else
			assert_null(strstr(why.text, rows[i].url));
	}
}

static void
test_a_key_is_for_its_owner_only(void **state UNUSED)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *why;
	} rows[] = {
	    {KEY "\n", 0400, NULL},
	    {KEY "\n", 0440, NULL},
	    {KEY "\n", 0604, "chmod 0400"},
	    {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", 0400, "expected whsec_"},
	    {"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX\n", 0400, NULL},                     /* 24 bytes */
	    {"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRY=\n", 0400, "the base64 of 24 to 64"}, /* 23 */
	    {"whsec_AAEC*\n", 0400, "expected whsec_"},
	    {"whsec_\n", 0400, "expected whsec_"},
	    {"whsec_" KEY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", 0400, "expected whsec_"},
	    {"", 0400, "holds nothing"},
	};
	const struct temp t = temp_make();
	struct webhook_settings s = {.hosts = "a.example.nl"};
	struct webhook_hook hook;
	struct why why;

	memcpy(s.dir, t.dir, strlen(t.dir) + 1);
	assert_false(webhook_hook_read(&hook, &s, "one", &why));
	write_in(&t, "one.hook", "url: https://a.example.nl/in\n", 0600);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		unlink(temp_path(&t, "one.key").s);
		write_in(&t, "one.key", rows[i].text, rows[i].mode);
		if (webhook_hook_read(&hook, &s, "one", &why) != (rows[i].why == NULL) ||
		    (rows[i].why != NULL && strstr(why.text, rows[i].why) == NULL))
			fail_msg("%zu: %s", i, why.text);
		webhook_hook_free(&hook);
	}
	write_in(&t, "one.hook", "url: https://a.example.nl/in\nurl: https://a.example.nl/in\n", 0600);
	assert_false(webhook_hook_read(&hook, &s, "one", &why));
	write_in(&t, "one.hook", "# nothing\n", 0600);
	assert_false(webhook_hook_read(&hook, &s, "one", &why));
	temp_remove(&t);
}

/* ---- the event ---- */

static void
test_an_event_says_that_something_changed_and_no_more(void **state UNUSED)
{
	static const struct history history = {{0xab, 1}};
	Google__Protobuf__Timestamp at;
	pb_Answer answer;
	pb_SignalRaised raised;
	char organisation[] = "ET-JZ32";
	char *organisations[] = {organisation};
	struct arena a;

	arena_init(&a);
	pb_Answer_init(&answer);
	pb_SignalRaised_init(&raised);
	record_timestamp(&at, 1772442000000);
	answer.service = (Doorbraak__V1__Service)SERVICE_SIGNALLING;
	answer.decided_at = &at;
	answer.case_id = record_text(&a, "c-1");
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED;
	answer.signal_raised = &raised;
	raised.code = (Doorbraak__V1__SignalCode)2;
	raised.subject = (Doorbraak__V1__SignalSubject)SIGNAL_SUBJECT_CASE;
	raised.subject_id = record_text(&a, "c-1");
	raised.organisations = organisations;
	raised.n_organisations = 1;
	assert_true(webhook_is_event(&answer));
	const struct webhook_event event = webhook_event_of(&a, "urn:x", history, 42, &answer, ADDRESSEE_OWNER);

	assert_string_equal(event.id, "ab010000000000000000000000000000-42");
	assert_string_equal(
	    arena_str(&a, event.body),
	    "{\"specversion\":\"1.0\",\"id\":\"ab010000000000000000000000000000-42\",\"source\":\"urn:x\","
	    "\"type\":\"nl.jeugdcasussen.signaal-gegeven\",\"subject\":\"c-1\",\"time\":\"2026-03-02T09:00:00Z\","
	    "\"sequence\":\"00000000000000000042\",\"sequencetype\":\"doorbraak-journaal\","
	    "\"dataref\":\"urn:x:signalling:42\",\"dataschema\":\"urn:x:v1:SignalRaised\"}");
	/* Aggregated figures only: not which case. */
	const struct webhook_event other = webhook_event_of(&a, "urn:x", history, 42, &answer, ADDRESSEE_INSPECTORATES);

	assert_null(strstr(arena_str(&a, other.body), "c-1"));
	answer.service = (Doorbraak__V1__Service)SERVICE_ROUTING;
	assert_false(webhook_is_event(&answer));
	arena_fini(&a);
}

/* By an independent implementation (Python's hmac). */
static void
test_a_signature_is_over_id_moment_and_body(void **state UNUSED)
{
	struct webhook_hook hook = {0};
	const struct bytes body = bytes_str("{\"test\":2432232314}");
	static const char expected[] = "v1,5Y5y1Md61ACn88NBXDdPJOoSVd53ayN8qvCYFA5eOts=";
	struct arena a;
	struct why why;

	arena_init(&a);
	assert_true(secret_new(&hook.key, 32, &why));
	for (uint8_t i = 0; i < 32; i++)
		hook.key.data[i] = i;
	assert_string_equal(webhook_sign(&a, &hook, "abc-7", 1614265330, body), expected);
	assert_string_not_equal(webhook_sign(&a, &hook, "abc-8", 1614265330, body), expected);
	assert_string_not_equal(webhook_sign(&a, &hook, "abc-7", 1614265331, body), expected);
	assert_string_not_equal(webhook_sign(&a, &hook, "abc-7", 1614265330, bytes_of(body.data, body.len - 1)),
				expected);
	hook.key.data[31] ^= 1;
	assert_string_not_equal(webhook_sign(&a, &hook, "abc-7", 1614265330, body), expected);
	webhook_hook_free(&hook);
	arena_fini(&a);
}

/* ---- what is remembered ---- */

static void
test_queues_are_kept_apart_and_in_order(void **state UNUSED)
{
	const struct temp t = temp_make();
	const struct temp_path dir = temp_path(&t, "store");
	const struct store_options options = {.dir = dir.s, .fast = true};
	const struct digest signal = {{7}};
	static struct webhook out[WEBHOOKS_MAX];
	struct webhook one = {.number = 5,
			      .addressee = 6,
			      .wanted = 2,
			      .told = 1,
			      .report = 2,
			      .report_at_ms = -3,
			      .report_count = 4,
			      .failures = 9,
			      .failing_since_ms = 1772442000000,
			      .agreed = true,
			      .agreed_url = {{1, 2, 3}},
			      .rate = 60};
	struct webhook two = {.number = 256, .id = {"two"}, .over = true};
	struct store *store;
	struct why why;

	memset(one.id.s, 'i', ID_MAX);
	memset(one.scope.s, 'C', CODE_MAX);
	assert_int_equal(store_open(&store, &options, &why), ERR_NONE);
	struct store_txn *txn = store_begin_write(store);
	const struct webhook_db db = webhook_db_open(txn);

	assert_int_equal(webhook_looked(&db, txn), 0);
	webhook_looked_put(&db, txn, 300);
	assert_int_equal(webhook_looked(&db, txn), 300);
	webhook_put(&db, txn, &two);
	webhook_put(&db, txn, &one);
	assert_int_equal(webhook_load(&db, txn, out), 2);
	assert_memory_equal(&out[0], &one, sizeof one);
	assert_string_equal(out[1].id.s, "two");
	assert_true(out[1].over);

	webhook_queue_add(&db, txn, &one, 300);
	webhook_queue_add(&db, txn, &one, 10);
	webhook_queue_add(&db, txn, &two, 9);
	webhook_queue_add(&db, txn, &one, 10);
	assert_int_equal(webhook_queue_count(&db, txn), 3);
	assert_int_equal(webhook_queue_first(&db, txn, &one), 10);
	webhook_queue_remove(&db, txn, &one, 10);
	assert_int_equal(webhook_queue_first(&db, txn, &one), 300);
	webhook_queue_remove(&db, txn, &one, 300);
	assert_int_equal(webhook_queue_first(&db, txn, &one), 0);
	assert_int_equal(webhook_queue_first(&db, txn, &two), 9);

	webhook_known_add(&db, txn, &two, &signal);
	assert_false(webhook_known_remove(&db, txn, &one, &signal));
	webhook_known_add(&db, txn, &one, &signal);
	assert_true(webhook_known_remove(&db, txn, &one, &signal));
	assert_false(webhook_known_remove(&db, txn, &one, &signal));
	assert_false(webhook_purge(&db, txn, &two, 1));
	assert_true(webhook_purge(&db, txn, &two, 1));
	assert_int_equal(webhook_queue_count(&db, txn), 0);
	webhook_delete(&db, txn, &two);
	assert_int_equal(webhook_load(&db, txn, out), 1);
	assert_int_equal(store_commit(txn), ERR_NONE);
	store_close(&store);
	temp_remove(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_settings_have_defaults_and_limits),
	    cmocka_unit_test(test_only_allowed_hosts),
	    cmocka_unit_test(test_a_key_is_for_its_owner_only),
	    cmocka_unit_test(test_an_event_says_that_something_changed_and_no_more),
	    cmocka_unit_test(test_a_signature_is_over_id_moment_and_body),
	    cmocka_unit_test(test_queues_are_kept_apart_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
