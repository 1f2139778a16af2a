// SPDX-License-Identifier: EUPL-1.2
/* The door over HTTP, on a real node with time of its own: what a caller sees, what is written down before it does, and
 * streams that break and go on. */
#include "tests/service/booth.h"
#include "tests/service/http_bench.h"

#include <sodium.h>

#include "common/web.h"

#define STALL_MS 1000
#define BIG      20000 /* bytes of an event, where they are large */

struct hall {
	struct booth booth; /* first: replies come with it */
	void (*reply)(void *ctx, const struct peer *to, struct bytes message);
	struct event_base *base;
	struct web *web;
	struct http *http;
	unsigned written;      /* records upstream */
	char padding[BIG + 1]; /* of each event */
	bool keys;
	size_t map_bytes;
	const struct web_endpoint *endpoints; /* NULL: those of the test */
};

static struct hall *the_hall; /* an event is made without a context */

/* ---- endpoints of the test ---- */

static void
ask_status(struct web_call *call, unsigned times)
{
	pb_StatusRequest status;
	pb_Request request;

	pb_Request_init(&request);
	pb_StatusRequest_init(&status);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_STATUS;
	request.status = &status;
	for (unsigned i = 0; i < times; i++)
		assert_true(web_ask(call, &request));
}

static void
ask_once(struct web_call *call)
{
	ask_status(call, 1);
}

static void
ask_hundred(struct web_call *call)
{
	ask_status(call, WEB_ASKS_MAX);
}

static void
tell_hundred(struct web_call *call, const pb_Reply *const *replies, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(replies[i]->request_id, i + 1);
	web_say(call, 200, HTTP_TYPE_JSON, bytes_str(arena_printf(web_arena(call), "{\"count\":%u}", count)));
}

static void
show_case(struct web_call *call)
{
	const char *case_id = http_parameter(web_request(call), "caseId");

	for (unsigned i = 0; i < (strcmp(case_id, "c-many") == 0 ? 400 : 1); i++)
		web_saw(call, case_id);
	web_say(call, 200, HTTP_TYPE_JSON, bytes_str("{\"shown\":true}"));
}

static void
rejected_event(struct arena *a, const pb_Answer *answer, const char **name, const char **json, const char **case_id)
{
	*name = "rejected";
	*json = arena_printf(a, "{\"case\":\"%s\",\"padding\":\"%s\"}", answer->case_id, the_hall->padding);
	*case_id = answer->case_id;
}

static const struct web_feed feed = {.kinds = "kind/MessageRejected", .event = rejected_event};
static const struct web_feed all_kinds = {.kinds = "kind/*", .event = rejected_event};

static const struct web_endpoint endpoints[] = {
    {.path = "/v1/status", .methods = 1, .query = "", .right = ACCESS_RULES, .ask = ask_once},
    {.path = "/v1/hundred", .methods = 1, .query = "", .right = ACCESS_RULES, .ask = ask_hundred, .tell = tell_hundred},
    {.path = "/v1/cases/{caseId}", .methods = 1, .query = "", .right = ACCESS_CASES, .ask = show_case},
    {.path = "/v1/stream", .methods = 1, .query = WEB_FEED_QUERY, .right = ACCESS_CASES, .feed = &feed},
    {.path = "/v1/all", .methods = 1, .query = WEB_FEED_QUERY, .right = ACCESS_CASES, .feed = &all_kinds},
    {.path = NULL},
};

/* ---- the hall ---- */

static void
on_reply(void *ctx, const struct peer *to, struct bytes message)
{
	struct hall *h = ctx;

	if (web_is_peer(to))
		web_hear(h->web, to, message);
	else
		h->reply(ctx, to, message);
}

static void
doors_open(struct hall *h)
{
	const struct temp_path access = temp_path(&h->booth.dir, "access");
	struct why why;

	h->base = event_base_new();
	const struct web_options options = {
	    .base = h->base,
	    .node = h->booth.node,
	    .service = h->booth.options.service,
	    .endpoints = h->endpoints == NULL ? endpoints : h->endpoints,
	    .now = h->booth.now,
	    .keys_dir = h->keys ? h->booth.dir.dir : "",
	    .access_dir = access.s,
	    .map_bytes = h->map_bytes == 0 ? (size_t)64 << 20 : h->map_bytes,
	    .open_door = !h->keys,
	    .calls_max = 32,
	};
	if (web_open(&h->web, &options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
	const struct http_options http = {
	    .base = h->base, .host = "127.0.0.1", .tables = {web_table(h->web)}, .stall_ms = STALL_MS};
	if (http_open(&h->http, &http, &why) != ERR_NONE)
		fail_msg("%s", why.text);
}

static void
doors_close(struct hall *h)
{
	http_close(&h->http);
	web_close(&h->web);
	event_base_free(h->base);
}

static void
hall_open(struct hall *h)
{
	the_hall = h;
	booth_init(&h->booth, &triage_service);
	h->reply = h->booth.options.io.reply;
	h->booth.options.io.reply = on_reply;
	booth_start(&h->booth);
	booth_write_ticks(&h->booth, 1);
	booth_feed(&h->booth);
	h->written = 1;
	doors_open(h);
}

static void
hall_close(struct hall *h)
{
	doors_close(h);
	booth_close(&h->booth);
}

static void
hall_turn(struct hall *h)
{
	event_base_loop(h->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	http_tidy(h->http);
	booth_turn(&h->booth);
	assert_int_equal(web_turn(h->web, h->booth.now), ERR_NONE);
}

/* Upstream says something, and the node has it. */
static void
happen(struct hall *h, const char *case_id)
{
	pb_Answer answer;
	pb_MessageRejected rejected;
	pb_JournalRecord record;
	Google__Protobuf__Timestamp at;

	pb_Answer_init(&answer);
	pb_MessageRejected_init(&rejected);
	pb_JournalRecord_init(&record);
	record_timestamp(&at, h->booth.now.wall_ms);
	answer.case_id = record_text(&h->booth.arena, case_id);
	answer.cause = 1;
	answer.index = h->written++;
	answer.decided_at = &at;
	answer.service = (Doorbraak__V1__Service)SERVICE_INTAKE;
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED;
	answer.message_rejected = &rejected;
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER;
	record.answer = &answer;
	booth_write(&h->booth, &record);
	booth_feed(&h->booth);
	assert_int_equal(web_turn(h->web, h->booth.now), ERR_NONE);
}

/* ---- a client ---- */

struct reader {
	int fd;
	char *text; /* all that came */
	size_t len, room;
	bool closed;
};

static void
reader_ask(struct hall *h, struct reader *r, const char *method, const char *path, const char *headers)
{
	struct bench b = {.base = h->base, .http = h->http};
	char request[1024];

	*r = (struct reader){.fd = connect_to(&b)};
	const int len = snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n", method, path, headers);
	assert_true(write_all(&b, r->fd, request, (size_t)len));
}

static void
reader_open(struct hall *h, struct reader *r, const char *path, const char *headers)
{
	reader_ask(h, r, "GET", path, headers);
}

static void
reader_close(struct reader *r)
{
	close(r->fd);
	free(r->text);
	*r = (struct reader){.fd = -1};
}

/* Takes what is there; one turn. */
static void
reader_take(struct hall *h, struct reader *r)
{
	ssize_t got = 1;

	hall_turn(h);
	while (got > 0) {
		if (r->room - r->len < 65536) {
			r->room = 2 * r->room + 131072;
			r->text = realloc(r->text, r->room);
			assert_non_null(r->text);
		}
		got = recv(r->fd, r->text + r->len, 65535, 0);
		r->len += got > 0 ? (size_t)got : 0;
	}
	r->closed = got == 0 || errno != EAGAIN;
	r->text[r->len] = '\0';
}

static unsigned
count_of(const struct reader *r, const char *what)
{
	unsigned count = 0;

	for (const char *at = r->text; at != NULL && (at = strstr(at, what)) != NULL; at++)
		count++;
	return count;
}

/* Until the text is there so many times. */
static void
reader_until(struct hall *h, struct reader *r, const char *what, unsigned times)
{
	const int64_t deadline = steady_ms() + DEADLINE_MS;

	while (count_of(r, what) < times && !r->closed) {
		for (unsigned i = 0; i < 8 && !r->closed; i++)
			reader_take(h, r);
		if (steady_ms() > deadline)
			fail_msg("no %u times %s in:\n%.2000s", times, what, r->text);
	}
	if (count_of(r, what) < times)
		fail_msg("closed without %s:\n%.2000s", what, r->text);
}

static void
reader_until_closed(struct hall *h, struct reader *r)
{
	const int64_t deadline = steady_ms() + DEADLINE_MS;

	while (!r->closed) {
		reader_take(h, r);
		assert_true(steady_ms() < deadline);
	}
}

/* What stands behind the last `id: ` of a whole event. */
static const char *
last_id(struct hall *h, const struct reader *r)
{
	const char *last = NULL;

	for (const char *at = r->text; (at = strstr(at, "\nid: ")) != NULL; at++) {
		if (strstr(at, "\n\n") != NULL)
			last = at + 5;
	}
	assert_non_null(last);
	return arena_str(&h->booth.arena, bytes_of(last, strcspn(last, "\n")));
}

static const char *
say(struct hall *h, const char *method, const char *path, const char *headers)
{
	struct reader r;

	reader_ask(h, &r, method, path, arena_printf(&h->booth.arena, "%sConnection: close\r\n", headers));
	reader_until_closed(h, &r);
	const char *text = arena_str(&h->booth.arena, bytes_of(r.text, r.len));
	reader_close(&r);
	return text;
}

static const char *
get(struct hall *h, const char *path, const char *headers)
{
	return say(h, "GET", path, headers);
}

static const char *
resume(struct hall *h, const char *id)
{
	return arena_printf(&h->booth.arena, "Last-Event-ID: %s\r\n", id);
}

/* ---- the access log ---- */

/* "ANSWERED /v1/cases/{caseId} c-1", the last record. */
static const char *
last_note(struct hall *h, uint64_t *head)
{
	struct arena *a = &h->booth.arena;
	pb_AccessLogRequest request;
	pb_AccessLogReply reply;
	struct why why;

	pb_AccessLogRequest_init(&request);
	pb_AccessLogReply_init(&reply);
	access_log_read(web_access_log(h->web), a, &request, &reply);
	*head = reply.head;
	if (reply.n_entries == 0)
		return "";
	const pb_JournalEntry *e = reply.entries[reply.n_entries - 1];
	const pb_AccessRecord *r = record_unpack(a, &pb_AccessRecord_descriptor,
						 bytes_of(e->record.data, e->record.len), JOURNAL_RECORD_MAX, &why);
	assert_non_null(r);
	return arena_printf(a, "%s %s%s%s %s", record_code_of("AccessOutcome", (int)r->outcome), r->path,
			    r->n_case_ids > 0 ? " " : "", r->n_case_ids > 0 ? r->case_ids[0] : "", r->key);
}

static void
save_keys(struct hall *h, struct access_keys *keys)
{
	const char *text = access_keys_text(&h->booth.arena, keys);

	file_write(temp_path(&h->booth.dir, "keys.new").s, text, strlen(text));
	assert_int_equal(rename(temp_path(&h->booth.dir, "keys.new").s, temp_path(&h->booth.dir, "keys.json").s), 0);
	booth_wait(&h->booth, ACCESS_KEYS_CHECK_MS);
	hall_turn(h);
}

static struct access_key
key_of(const char *name, const char *scope)
{
	struct access_key key = {.caller = {.role = ROLE_CHAIR, .organisation = code_of("ET-1")},
				 .has_token = true,
				 .digest = access_token_digest(name),
				 .from = CAL_NONE,
				 .to = CAL_NONE};
	struct why why;

	snprintf(key.caller.name, sizeof key.caller.name, "%s", name);
	assert_true(access_add_scope(&key.caller, scope, &why));
	return key;
}

/* ---- questions ---- */

static void
test_a_question_is_answered_as_json(void **state UNUSED)
{
	static struct hall h;

	h = (struct hall){0};
	hall_open(&h);
	const char *text = get(&h, "/v1/status", "");
	assert_non_null(strstr(text, "HTTP/1.1 200 OK"));
	assert_non_null(strstr(text, "\"service\":\"SERVICE_TRIAGE\""));
	/* As many questions as one request may have, answered in their order. */
	assert_non_null(strstr(get(&h, "/v1/hundred", ""), "{\"count\":100}"));
	hall_close(&h);
}

static void
test_who_looks_is_written_down_before_it_sees(void **state UNUSED)
{
	static struct hall h;
	struct reader r;
	uint64_t head;

	h = (struct hall){0};
	hall_open(&h);
	reader_open(&h, &r, "/v1/cases/c-1", "");
	reader_take(&h, &r);
	/* As soon as a byte is there, the record is. */
	while (r.len == 0)
		reader_take(&h, &r);
	assert_string_equal(last_note(&h, &head), "ANSWERED /v1/cases/{caseId} c-1 open-door");
	assert_int_equal(head, 1);
	reader_close(&r);
	/* What is not about cases is not written down. */
	get(&h, "/v1/status", "");
	last_note(&h, &head);
	assert_int_equal(head, 1);
	hall_close(&h);
}

static void
test_when_it_cannot_be_written_down_nothing_is_told(void **state UNUSED)
{
	static struct hall h;
	const char *text = "";
	unsigned shown = 0;
	uint64_t head;

	h = (struct hall){.map_bytes = 1 << 20};
	hall_open(&h);
	while (strstr(text, "503") == NULL && shown < 500) {
		text = get(&h, "/v1/cases/c-many", "");
		shown += strstr(text, "\"shown\":true") != NULL;
	}
	assert_non_null(strstr(text, "\"code\":\"access_log\""));
	assert_non_null(strstr(text, "Retry-After: 5\r\n"));
	assert_null(strstr(text, "shown"));
	last_note(&h, &head);
	assert_int_equal(head, shown);
	/* What is not about cases goes on. */
	assert_non_null(strstr(get(&h, "/v1/status", ""), "200 OK"));
	hall_close(&h);
}

/* ---- keys ---- */

static void
test_a_key_opens_what_its_scope_says(void **state UNUSED)
{
	static struct hall h;
	struct access_keys keys = {.list = (struct access_key[2]){{.revoked = false}}};
	uint64_t head;

	h = (struct hall){.keys = true};
	hall_open(&h);
	assert_non_null(strstr(get(&h, "/v1/status", ""), "401"));
	keys.list[keys.count++] = key_of("all", "national");
	keys.list[keys.count++] = key_of("ops", "operator");
	save_keys(&h, &keys);
	assert_non_null(strstr(get(&h, "/v1/cases/c-1", "Authorization: Bearer all\r\n"), "200 OK"));
	assert_non_null(strstr(get(&h, "/v1/cases/c-1", "Authorization: bearer all\r\n"), "200 OK"));
	assert_non_null(strstr(get(&h, "/v1/cases/c-1", "Authorization: Basic all\r\n"), "401"));
	assert_non_null(strstr(get(&h, "/v1/cases/c-1", "Authorization: Bearer al\r\n"), "401"));
	assert_non_null(strstr(get(&h, "/v1/cases/c-2", "Authorization: Bearer ops\r\n"), "\"code\":\"no_right\""));
	assert_string_equal(last_note(&h, &head), "REFUSED /v1/cases/{caseId} ops"); /* without the case */
	assert_non_null(strstr(get(&h, "/v1/status", "Authorization: Bearer ops\r\n"), "200 OK"));
	keys.list[0].revoked = true;
	save_keys(&h, &keys);
	assert_non_null(strstr(get(&h, "/v1/cases/c-1", "Authorization: Bearer all\r\n"), "401"));
	hall_close(&h);
}

static void
test_knocking_without_a_key_is_summed_up(void **state UNUSED)
{
	static struct hall h;
	uint64_t head;

	h = (struct hall){.keys = true};
	hall_open(&h);
	for (unsigned i = 0; i < 20; i++)
		assert_non_null(strstr(get(&h, "/v1/cases/c-1", ""), "401"));
	booth_wait(&h.booth, 1000);
	hall_turn(&h);
	assert_string_equal(last_note(&h, &head), "NO_TOKEN  ");
	assert_int_equal(head, 2); /* the first at once, nineteen a second later */
	hall_close(&h);
}

/* ---- streams ---- */

static void
test_a_stream_tells_what_happens(void **state UNUSED)
{
	static struct hall h;
	struct reader r;
	uint64_t head;

	h = (struct hall){0};
	hall_open(&h);
	happen(&h, "c-before");
	reader_open(&h, &r, "/v1/stream", "");
	reader_until(&h, &r, "id: ", 1);
	assert_non_null(strstr(r.text, "retry: 2000\n"));
	assert_string_equal(last_note(&h, &head), "ANSWERED /v1/stream open-door");
	happen(&h, "c-1");
	happen(&h, "c-2");
	reader_until(&h, &r, "event: rejected", 2);
	assert_non_null(strstr(r.text, "event: rejected\ndata: {\"case\":\"c-1\""));
	assert_null(strstr(r.text, "c-before"));
	assert_string_equal(last_note(&h, &head), "ANSWERED /v1/stream c-2 open-door");
	reader_close(&r);
	hall_close(&h);
}

/* A topic may hold for what came from outside too, such as kind/SignalAcknowledged for kind/Signal*. */
static void
test_what_is_no_answer_is_passed_over(void **state UNUSED)
{
	static struct hall h;
	struct reader r;

	h = (struct hall){0};
	hall_open(&h);
	reader_open(&h, &r, "/v1/all", "");
	reader_until(&h, &r, "id: ", 1);
	booth_write_ticks(&h.booth, 1);
	booth_feed(&h.booth);
	assert_int_equal(web_turn(h.web, h.booth.now), ERR_NONE);
	happen(&h, "c-1");
	reader_until(&h, &r, "event: rejected", 1);
	assert_non_null(strstr(r.text, "event: rejected\ndata: {\"case\":\"c-1\""));
	reader_close(&r);
	hall_close(&h);
}

static void
test_a_quiet_stream_gives_signs_of_life_that_move_along(void **state UNUSED)
{
	static struct hall h;
	struct reader r;

	h = (struct hall){0};
	hall_open(&h);
	reader_open(&h, &r, "/v1/stream?topic=case/none", "");
	reader_until(&h, &r, "id: ", 1);
	const char *before = last_id(&h, &r);
	happen(&h, "c-1");
	for (unsigned i = 0; i < 5; i++)
		reader_take(&h, &r);
	assert_int_equal(count_of(&r, "id: "), 1);
	booth_wait(&h.booth, NODE_PARK_MS);
	reader_until(&h, &r, "id: ", 2);
	assert_string_not_equal(last_id(&h, &r), before);
	assert_int_equal(count_of(&r, "event:"), 0);
	reader_close(&r);
	hall_close(&h);
}

static void
test_a_stream_goes_on_where_it_broke(void **state UNUSED)
{
	static struct hall h;
	struct reader r;
	const char *id;

	h = (struct hall){0};
	hall_open(&h);
	reader_open(&h, &r, "/v1/stream", "");
	reader_until(&h, &r, "id: ", 1);
	happen(&h, "c-1");
	reader_until(&h, &r, "\"c-1\"", 1);
	id = last_id(&h, &r);
	reader_close(&r);
	happen(&h, "c-2");
	/* The service ends and begins again, too. */
	doors_close(&h);
	booth_restart(&h.booth);
	doors_open(&h);
	happen(&h, "c-3");
	reader_open(&h, &r, "/v1/stream", resume(&h, id));
	reader_until(&h, &r, "event: rejected", 2);
	happen(&h, "c-4");
	reader_until(&h, &r, "event: rejected", 3);
	for (unsigned i = 0; i < 5; i++)
		reader_take(&h, &r);
	assert_int_equal(count_of(&r, "\"c-1\""), 0);
	assert_int_equal(count_of(&r, "\"c-2\""), 1);
	assert_int_equal(count_of(&r, "\"c-3\""), 1);
	assert_int_equal(count_of(&r, "\"c-4\""), 1);
	reader_close(&r);
	/* The same as a parameter, for who cannot set headers. */
	reader_open(&h, &r, arena_printf(&h.booth.arena, "/v1/stream?from=cursor&cursor=%s", id), "");
	reader_until(&h, &r, "event: rejected", 3);
	assert_int_equal(count_of(&r, "\"c-1\""), 0);
	reader_close(&r);
	hall_close(&h);
}

static void
test_who_does_not_read_is_dropped_and_misses_nothing(void **state UNUSED)
{
	enum { EVENTS = 400 };
	static struct hall h;
	struct reader r, again;

	h = (struct hall){0};
	memset(h.padding, 'x', BIG);
	hall_open(&h);
	reader_open(&h, &r, "/v1/stream", "");
	reader_until(&h, &r, "id: ", 1);
	for (unsigned i = 0; i < EVENTS; i++)
		happen(&h, arena_printf(&h.booth.arena, "c-%u.", i));
	/* 8 MB stand ready; the reader takes nothing. */
	const int64_t began = steady_ms();
	while (http_figures(h.http).dropped == 0 && steady_ms() - began < DEADLINE_MS)
		hall_turn(&h);
	assert_int_equal(http_figures(h.http).dropped, 1);
	/* What the kernel had is still read; then the reader comes back. */
	reader_until_closed(&h, &r);
	assert_true(count_of(&r, "event: rejected") < EVENTS);
	reader_open(&h, &again, "/v1/stream", resume(&h, last_id(&h, &r)));
	char *cut = strstr(r.text, last_id(&h, &r)); /* events behind this one came only in part */
	cut = strstr(cut, "\n\n");
	*cut = '\0';
	assert_true(count_of(&r, "event: rejected") > 0);
	reader_until(&h, &again, "event: rejected", EVENTS - count_of(&r, "event: rejected"));
	for (unsigned i = 0; i < 20; i++)
		reader_take(&h, &again);
	for (unsigned i = 0; i < EVENTS; i++) {
		const char *name = arena_printf(&h.booth.arena, "\"c-%u.\"", i);

		assert_int_equal(count_of(&r, name) + count_of(&again, name), 1);
	}
	reader_close(&r);
	reader_close(&again);
	hall_close(&h);
}

static void
test_a_key_that_ends_ends_its_streams(void **state UNUSED)
{
	static struct hall h;
	struct access_keys keys = {.list = (struct access_key[2]){{.revoked = false}}};
	struct reader r;

	h = (struct hall){.keys = true};
	hall_open(&h);
	keys.list[keys.count++] = key_of("all", "national");
	save_keys(&h, &keys);
	reader_open(&h, &r, "/v1/stream", "Authorization: Bearer all\r\n");
	reader_until(&h, &r, "id: ", 1);
	keys.list[0].revoked = true;
	save_keys(&h, &keys);
	happen(&h, "c-1");
	reader_until_closed(&h, &r);
	assert_null(strstr(r.text, "c-1"));
	assert_non_null(strstr(r.text, "event: problem\ndata: {"));
	reader_close(&r);
	hall_close(&h);
}

static void
test_a_stream_shows_what_lies_in_the_scope(void **state UNUSED)
{
	static struct hall h;
	struct access_keys keys = {.list = (struct access_key[2]){{.revoked = false}}};
	struct reader narrow, wide;

	h = (struct hall){.keys = true};
	hall_open(&h);
	keys.list[keys.count++] = key_of("all", "national");
	keys.list[keys.count++] = key_of("one", "region:JZ32");
	save_keys(&h, &keys);
	reader_open(&h, &wide, "/v1/stream", "Authorization: Bearer all\r\n");
	reader_until(&h, &wide, "id: ", 1);
	reader_open(&h, &narrow, "/v1/stream", "Authorization: Bearer one\r\n");
	reader_until(&h, &narrow, "id: ", 1);
	happen(&h, "c-1"); /* it lies in no region */
	reader_until(&h, &wide, "event: rejected", 1);
	booth_wait(&h.booth, NODE_PARK_MS);
	reader_until(&h, &narrow, "id: ", 2);
	assert_null(strstr(narrow.text, "c-1"));
	reader_close(&narrow);
	reader_close(&wide);
	hall_close(&h);
}

static void
test_where_a_stream_cannot_begin_is_told(void **state UNUSED)
{
	static const struct {
		const char *path, *headers, *code;
	} table[] = {
	    {"/v1/stream?from=middle", "", "\"status\":400"},
	    {"/v1/stream?from=cursor", "", "\"status\":400"},
	    {"/v1/stream?from=head&cursor=.0.", "", "\"status\":400"},
	    {"/v1/stream?from=snapshot", "", "\"status\":400"}, /* this service has none */
	    {"/v1/stream?cursor=1", "", "\"status\":400"},
	    {"/v1/stream?cursor=.1", "", "\"status\":400"},
	    {"/v1/stream?cursor=zz.1.", "", "\"status\":400"},
	    {"/v1/stream?cursor=.1234567890123456789.", "", "\"status\":400"},
	    {"/v1/stream", "Last-Event-ID: x\r\n", "\"code\":\"cursor\""},
	    {"/v1/stream?cursor=01010101010101010101010101010101.1.", "", "\"code\":\"history_unknown\""},
	    {"/v1/"
	     "stream?topic=a&topic=a&topic=a&topic=a&topic=a&topic=a&topic=a&topic=a&topic=a&topic=a&topic=a&topic=a&"
	     "topic=a&topic=a&topic=a&topic=a&topic=a",
	     "", "\"status\":400"},
	};
	static struct hall h;

	h = (struct hall){0};
	hall_open(&h);
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		const char *text = get(&h, table[i].path, table[i].headers);

		if (strstr(text, table[i].code) == NULL)
			fail_msg("%s: %s", table[i].path, text);
	}
	/* From the very start. */
	struct reader r;
	happen(&h, "c-1");
	reader_open(&h, &r, "/v1/stream?cursor=.0.", "");
	reader_until(&h, &r, "\"c-1\"", 1);
	reader_close(&r);
	hall_close(&h);
}

static void
test_a_service_that_stops_says_so_on_every_path(void **state UNUSED)
{
	static const struct web_endpoint *const services[] = {intake_endpoints, monitoring_endpoints,
							      signalling_endpoints};
	static struct hall h;

	for (unsigned s = 0; s < COUNT_OF(services); s++) {
		h = (struct hall){.endpoints = services[s]};
		hall_open(&h);
		web_stop(h.web);
		for (const struct web_endpoint *e = services[s]; e->path != NULL; e++) {
			const bool reads = (e->methods & HTTP_METHOD_GET) != 0;
			const char *text = say(&h, reads ? "GET" : "POST", e->path, "Content-Length: 0\r\n");

			if (strstr(text, "503 Service Unavailable\r\n") == NULL ||
			    strstr(text, "Retry-After: 1\r\n") == NULL || strstr(text, "\"code\":\"busy\"") == NULL)
				fail_msg("%s: %s", e->path, text);
		}
		hall_close(&h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_question_is_answered_as_json),
	    cmocka_unit_test(test_who_looks_is_written_down_before_it_sees),
	    cmocka_unit_test(test_when_it_cannot_be_written_down_nothing_is_told),
	    cmocka_unit_test(test_a_key_opens_what_its_scope_says),
	    cmocka_unit_test(test_knocking_without_a_key_is_summed_up),
	    cmocka_unit_test(test_a_stream_tells_what_happens),
	    cmocka_unit_test(test_what_is_no_answer_is_passed_over),
	    cmocka_unit_test(test_a_quiet_stream_gives_signs_of_life_that_move_along),
	    cmocka_unit_test(test_a_stream_goes_on_where_it_broke),
	    cmocka_unit_test(test_who_does_not_read_is_dropped_and_misses_nothing),
	    cmocka_unit_test(test_a_key_that_ends_ends_its_streams),
	    cmocka_unit_test(test_a_stream_shows_what_lies_in_the_scope),
	    cmocka_unit_test(test_where_a_stream_cannot_begin_is_told),
	    cmocka_unit_test(test_a_service_that_stops_says_so_on_every_path),
	};

	signal(SIGPIPE, SIG_IGN); /* as the runtime does */
	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
