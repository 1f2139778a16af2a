// SPDX-License-Identifier: EUPL-1.2
/* The door over ZeroMQ with keys, on real sockets: who comes in, who is heard, who is told, and what is written down. In the
 * place of the node stands a stand-in, which notes what reaches it and answers as it is told. */
#include "tests/unit/unit.h"

#include <poll.h>
#include <sodium.h>
#include <time.h>

#include "common/client.h"
#include "common/gate.h"
#include "common/transport.h"
#include "common/zsocket.h"

#define DEADLINE_MS 10000
#define DAY_MS      INT64_C(86400000)
#define TODAY_MS    (DAY_MS * 20000 + DAY_MS / 2)

struct hall {
	struct temp temp;
	struct access_keys written;
	struct curve_pair *us;
	struct gate *gate;
	struct transport *transport;
	struct node_now now;
	struct arena arena;
	unsigned taken;
	struct peer last;
	pb_Request *asked;
	struct bytes answer; /* what the stand-in says; empty: it keeps silent */
};

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the hall ---- */

static void
on_node_take(void *ctx, const struct peer *from, struct bytes message)
{
	struct hall *h = ctx;
	struct why why;

	h->taken++;
	h->last = *from;
	h->asked = record_unpack(&h->arena, &pb_Request_descriptor, message, RECORD_REQUEST_MAX, &why);
	if (h->answer.len > 0)
		gate_reply(h->gate, from, h->answer);
}

static void
on_gate_reply(void *ctx, const struct peer *to, struct bytes message)
{
	transport_reply(((struct hall *)ctx)->transport, to, message);
}

static void
on_take(void *ctx, const struct peer *from, struct bytes message)
{
	gate_take(((struct hall *)ctx)->gate, from, message);
}

static void
on_hear(void *ctx, struct bytes message)
{
	(void)ctx, (void)message;
}

static bool
has_room(void *ctx)
{
	(void)ctx;
	return true;
}

static struct access_key *
add_key(struct hall *h, const char *name, int role, const char *scope, struct curve_pair **pair)
{
	struct access_key *key = &h->written.list[h->written.count++];
	struct why why;

	*pair = curve_pair_new();
	*key = (struct access_key){.caller = {.role = role, .organisation = code_of("SG-JZ32")}};
	snprintf(key->caller.name, sizeof key->caller.name, "%s", name);
	assert_true(access_add_scope(&key->caller, scope, &why));
	key->from = key->to = CAL_NONE;
	key->curves[0] = (struct access_curve){.public = (*pair)->public, .from = CAL_NONE, .to = CAL_NONE};
	key->curve_count = 1;
	return key;
}

/* Written as the tool does it: beside, then renamed. */
static void
save(struct hall *h)
{
	const struct temp_path new = temp_path(&h->temp, "keys.new"), path = temp_path(&h->temp, ACCESS_KEYS_FILE);
	const char *text = access_keys_text(&h->arena, &h->written);

	file_write(new.s, text, strlen(text));
	assert_int_equal(rename(new.s, path.s), 0);
}

static void
prepare(struct hall *h)
{
	*h = (struct hall){.temp = temp_make(), .now = {TODAY_MS, steady_ms()}};
	arena_init(&h->arena);
	h->written.list = calloc(16, sizeof *h->written.list);
	add_key(h, "monitoring", ROLE_SYSTEM, "service:monitoring", &h->us);
}

static enum err
open_transport(struct hall *h, struct why *why)
{
	const struct transport_curve curve = {.line.own = h->us, .ctx = h->gate, .may_enter = gate_may_enter};

	return transport_open(
	    &h->transport,
	    &(struct transport_options){.listen = "tcp://127.0.0.1:*", .publish = "tcp://127.0.0.1:*", .curve = &curve},
	    why);
}

static void
open_gate(struct hall *h)
{
	const struct temp_path log = temp_path(&h->temp, "access");
	const struct gate_options options = {.service = SERVICE_MONITORING,
					     .keys_dir = h->temp.dir,
					     .now = h->now,
					     .ctx = h,
					     .take = on_node_take,
					     .reply = on_gate_reply};
	struct why why;

	save(h);
	if (gate_open(&h->gate, &options, &why) != ERR_NONE ||
	    gate_log(h->gate, NULL, log.s, 1 << 20, &why) != ERR_NONE)
		fail_msg("%s", why.text);
}

static void
open_hall(struct hall *h)
{
	struct why why;

	open_gate(h);
	if (open_transport(h, &why) != ERR_NONE)
		fail_msg("%s", why.text);
}

static void
close_hall(struct hall *h)
{
	transport_close(&h->transport);
	gate_close(&h->gate);
	curve_pair_free(&h->us);
	free(h->written.list);
	arena_fini(&h->arena);
	temp_remove(&h->temp);
}

static void
turn(struct hall *h)
{
	const struct transport_sink sink = {h, on_take, on_hear, has_room};
	struct why why;

	if (!transport_has_input(h->transport, true)) {
		const struct transport_fds fds = transport_fds(h->transport);
		struct pollfd watched[TRANSPORT_FDS_MAX];

		for (unsigned i = 0; i < fds.count; i++)
			watched[i] = (struct pollfd){.fd = fds.fds[i], .events = POLLIN};
		poll(watched, fds.count, 5);
	}
	transport_take(h->transport, 64, &sink);
	gate_turned_away(h->gate, transport_figures(h->transport).turned_away);
	assert_int_equal(gate_turn(h->gate, h->now), ERR_NONE);
	if (gate_has_changed(h->gate))
		transport_keys_changed(h->transport, NULL, 0);
	assert_int_equal(transport_tend(h->transport, h->now.steady_ms, &why), ERR_NONE);
}

/* The list changed, and was noticed. */
static void
change(struct hall *h)
{
	save(h);
	h->now.steady_ms += ACCESS_KEYS_CHECK_MS + 1;
	turn(h);
}

static struct curve_line
line_of(const struct hall *h, const struct curve_pair *own)
{
	return (struct curve_line){.own = own, .servers = {h->us->public}, .count = 1};
}

static struct client *
knock(const struct hall *h, const struct curve_pair *own)
{
	const struct curve_line line = line_of(h, own);
	struct client *client;
	struct why why;

	if (client_open(&client, transport_door(h->transport), own == NULL ? NULL : &line, NULL, &why) != ERR_NONE)
		fail_msg("%s", why.text);
	return client;
}

/* "answered", "refused NOT_ALLOWED", or "silence" after so many milliseconds. */
static const char *
ask_for(struct hall *h, struct client *client, const pb_Request *request, int64_t ms)
{
	const int64_t until = steady_ms() + ms;
	const struct bytes question = RECORD_PACK(&h->arena, request);
	bool sent = false;
	struct bytes raw;
	struct why why;

	while (steady_ms() < until) {
		sent = sent || client_send(client, question, 0) == ERR_NONE;
		turn(h);
		if (client_receive(client, 0, &h->arena, &raw) != ERR_NONE)
			continue;
		const pb_Reply *reply = record_unpack(&h->arena, &pb_Reply_descriptor, raw, RECORD_REPLY_MAX, &why);

		assert_non_null(reply);
		if (reply->body_case != DOORBRAAK__V1__REPLY__BODY_REFUSED)
			return "answered";
		return arena_printf(&h->arena, "refused %s",
				    record_code_of("RefusedReason", (int)reply->refused->reason));
	}
	return "silence";
}

static const pb_Request *
cases_request(struct hall *h)
{
	pb_Request *request = ARENA_NEW(&h->arena, pb_Request);
	pb_CasesRequest *cases = ARENA_NEW(&h->arena, pb_CasesRequest);

	pb_Request_init(request);
	pb_CasesRequest_init(cases);
	request->body_case = DOORBRAAK__V1__REQUEST__BODY_CASES;
	request->cases = cases;
	return request;
}

static const char *
ask_cases(struct hall *h, struct client *client)
{
	return ask_for(h, client, cases_request(h), DEADLINE_MS);
}

/* The stand-in shows these cases to whoever asks. */
static void
show_cases(struct hall *h)
{
	pb_Answer one, two;
	pb_CasesReply cases;
	pb_Reply reply;

	pb_Answer_init(&one);
	pb_Answer_init(&two);
	pb_CasesReply_init(&cases);
	pb_Reply_init(&reply);
	one.case_id = (char[]){"c-1"};
	two.case_id = (char[]){"c-2"};
	cases.cases = (pb_Answer *[]){&one, &two};
	cases.n_cases = 2;
	reply.body_case = DOORBRAAK__V1__REPLY__BODY_CASES;
	reply.cases = &cases;
	h->answer = RECORD_PACK(&h->arena, &reply);
}

/* The access log, a line a record. */
static const char *
logged(struct hall *h)
{
	pb_AccessLogRequest request;
	pb_AccessLogReply reply;
	const char *text = "";
	struct why why;

	pb_AccessLogRequest_init(&request);
	pb_AccessLogReply_init(&reply);
	access_log_read(gate_access_log(h->gate), &h->arena, &request, &reply);
	for (size_t i = 0; i < reply.n_entries; i++) {
		const struct bytes raw = bytes_of(reply.entries[i]->record.data, reply.entries[i]->record.len);
		const pb_AccessRecord *r = record_unpack(&h->arena, &pb_AccessRecord_descriptor, raw, 1 << 20, &why);

		text = arena_printf(&h->arena, "%s%s %s %s %zu\n", text, r->key, r->path,
				    record_code_of("AccessOutcome", (int)r->outcome), r->n_case_ids);
	}
	return text;
}

/* ---- who comes in ---- */

static void
test_only_a_key_of_the_list_comes_in(void **state UNUSED)
{
	struct curve_pair *portal, *stranger = curve_pair_new();
	struct hall h;

	prepare(&h);
	add_key(&h, "portal", ROLE_SYSTEM, "national", &portal);
	open_hall(&h);
	show_cases(&h);
	struct client *known = knock(&h, portal), *unknown = knock(&h, stranger), *plain = knock(&h, NULL);

	assert_string_equal(ask_cases(&h, known), "answered");
	assert_string_equal(ask_for(&h, unknown, cases_request(&h), 500), "silence");
	assert_string_equal(ask_for(&h, plain, cases_request(&h), 500), "silence");
	assert_int_equal(h.taken, 1);
	assert_true(transport_figures(h.transport).turned_away > 0);
	assert_non_null(strstr(logged(&h), " NO_TOKEN 0\n"));
	client_close(&known);
	client_close(&unknown);
	client_close(&plain);
	curve_pair_free(&portal);
	curve_pair_free(&stranger);
	close_hall(&h);
}

static void
test_a_service_whose_own_key_is_not_listed_does_not_start(void **state UNUSED)
{
	struct curve_pair *real;
	struct hall h;
	struct why why;

	prepare(&h);
	open_gate(&h);
	real = h.us;
	h.us = curve_pair_new();
	assert_false(gate_knows_us(h.gate, &h.us->public, &why));
	assert_true(gate_knows_us(h.gate, &real->public, &why));
	/* The self-test would see it too. */
	assert_int_equal(open_transport(&h, &why), ERR_REFUSED);
	assert_non_null(strstr(why.text, "self-test"));
	curve_pair_free(&real);
	close_hall(&h);
}

static bool
everybody_enters(void *ctx, enum transport_entrance at, const struct curve_key *key)
{
	(void)ctx, (void)at, (void)key;
	return true;
}

static void
test_a_door_that_lets_everybody_in_does_not_open(void **state UNUSED)
{
	struct curve_pair *us = curve_pair_new();
	const struct transport_curve curve = {.line.own = us, .may_enter = everybody_enters};
	struct transport *transport;
	struct why why;

	assert_int_equal(
	    transport_open(&transport, &(struct transport_options){.listen = "tcp://0.0.0.0:*", .curve = &curve}, &why),
	    ERR_REFUSED);
	assert_non_null(strstr(why.text, "a random key was let in"));
	curve_pair_free(&us);
}

/* ---- who is heard ---- */

static void
test_who_asks_is_who_has_the_key_whatever_its_routing_id_says(void **state UNUSED)
{
	struct curve_pair *weak, *strong;
	struct hall h;
	struct why why;

	prepare(&h);
	add_key(&h, "weak", ROLE_INSPECTORATE, "national", &weak);
	add_key(&h, "strong", ROLE_SYSTEM, "national", &strong);
	open_hall(&h);
	show_cases(&h);
	void *context = zsocket_context(&why);
	const struct zsocket_options options = {.type = ZMQ_DEALER,
						.hwm = 10,
						.frame_bytes_max = 1 << 20,
						.endpoint = transport_door(h.transport),
						.own = weak,
						.server = &h.us->public};
	void *liar = zsocket_open(context, &options, &why);
	const struct bytes question = RECORD_PACK(&h.arena, cases_request(&h));
	bool sent = false, got = false;
	zmq_msg_t frame;

	/* It calls itself by the key of another: the only name that anybody here goes by. */
	assert_int_equal(zmq_setsockopt(liar, ZMQ_ROUTING_ID, strong->public.b, CURVE_KEY_SIZE), 0);
	assert_true(zsocket_connect(liar, options.endpoint, &why));
	zmq_msg_init(&frame);
	for (const int64_t until = steady_ms() + DEADLINE_MS; !got && steady_ms() < until;) {
		sent = sent || zsocket_send(liar, question, false);
		turn(&h);
		got = zsocket_receive(liar, &frame);
	}
	assert_true(got);
	const pb_Reply *reply =
	    record_unpack(&h.arena, &pb_Reply_descriptor, zsocket_bytes(&frame), RECORD_REPLY_MAX, &why);

	assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_REFUSED);
	assert_int_equal(h.taken, 0);
	assert_non_null(strstr(logged(&h), "weak questions/cases REFUSED 0\n"));
	zmq_msg_close(&frame);
	zsocket_close(liar, 0);
	zsocket_context_end(context);
	curve_pair_free(&weak);
	curve_pair_free(&strong);
	close_hall(&h);
}

static void
test_a_revoked_key_is_neither_heard_nor_let_in(void **state UNUSED)
{
	struct curve_pair *portal;
	struct hall h;

	prepare(&h);
	add_key(&h, "portal", ROLE_SYSTEM, "national", &portal);
	open_hall(&h);
	show_cases(&h);
	struct client *client = knock(&h, portal);

	assert_string_equal(ask_cases(&h, client), "answered");
	h.written.list[1].revoked = true;
	change(&h);
	/* The connection stands; the key does not hold. */
	assert_string_equal(ask_cases(&h, client), "refused NOT_ALLOWED");
	assert_int_equal(h.taken, 1);
	client_close(&client);
	client = knock(&h, portal);
	assert_string_equal(ask_for(&h, client, cases_request(&h), 500), "silence");
	client_close(&client);
	curve_pair_free(&portal);
	close_hall(&h);
}

static void
test_a_question_that_waits_is_not_answered_to_a_revoked_key(void **state UNUSED)
{
	struct curve_pair *portal;
	struct hall h;

	prepare(&h);
	add_key(&h, "portal", ROLE_SYSTEM, "national", &portal);
	open_hall(&h);
	struct client *client = knock(&h, portal);
	struct bytes raw = {0};
	struct why why;

	assert_string_equal(ask_for(&h, client, cases_request(&h), 300), "silence"); /* parked */
	assert_int_equal(h.taken, 1);
	h.written.list[1].revoked = true;
	change(&h);
	show_cases(&h);
	gate_reply(h.gate, &h.last, h.answer);
	for (const int64_t until = steady_ms() + DEADLINE_MS; steady_ms() < until; turn(&h)) {
		if (client_receive(client, 0, &h.arena, &raw) == ERR_NONE)
			break;
	}
	const pb_Reply *reply = record_unpack(&h.arena, &pb_Reply_descriptor, raw, RECORD_REPLY_MAX, &why);

	assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_REFUSED);
	client_close(&client);
	curve_pair_free(&portal);
	close_hall(&h);
}

static void
test_a_new_key_of_a_name_is_taken_while_the_old_one_holds(void **state UNUSED)
{
	struct curve_pair *old, *new = curve_pair_new();
	struct hall h;

	prepare(&h);
	struct access_key *key = add_key(&h, "portal", ROLE_SYSTEM, "national", &old);
	open_hall(&h);
	show_cases(&h);
	struct client *first = knock(&h, old);

	key->curves[0].to = 20007;
	key->curves[key->curve_count++] =
	    (struct access_curve){.public = new->public, .from = CAL_NONE, .to = CAL_NONE};
	change(&h);
	struct client *second = knock(&h, new);

	assert_string_equal(ask_cases(&h, first), "answered");
	assert_string_equal(ask_cases(&h, second), "answered");
	/* Its days are over, without a word to anybody. */
	h.now.wall_ms += 8 * DAY_MS;
	turn(&h);
	assert_string_equal(ask_cases(&h, first), "refused NOT_ALLOWED");
	assert_string_equal(ask_cases(&h, second), "answered");
	client_close(&first);
	client_close(&second);
	curve_pair_free(&old);
	curve_pair_free(&new);
	close_hall(&h);
}

static void
test_a_question_is_narrowed_before_the_node_sees_it(void **state UNUSED)
{
	struct curve_pair *chair;
	struct hall h;

	prepare(&h);
	add_key(&h, "desk", ROLE_CHAIR, "region:JZ32", &chair);
	open_hall(&h);
	show_cases(&h);
	struct client *client = knock(&h, chair);
	pb_Request *elsewhere = (pb_Request *)(uintptr_t)cases_request(&h);

	assert_string_equal(ask_cases(&h, client), "answered");
	assert_string_equal(h.asked->cases->region, "JZ32");
	/* What lies outside is not there: an answer, and not from the node. */
	elsewhere->cases->region = (char[]){"JZ33"};
	assert_string_equal(ask_for(&h, client, elsewhere, DEADLINE_MS), "answered");
	assert_int_equal(h.taken, 1);
	assert_string_equal(logged(&h), "desk questions/cases ANSWERED 2\ndesk questions/cases NOTHING_THERE 0\n");
	client_close(&client);
	curve_pair_free(&chair);
	close_hall(&h);
}

/* ---- what is written down ---- */

static void
test_who_looked_is_on_disk_before_it_sees_anything(void **state UNUSED)
{
	struct curve_pair *portal;
	struct hall h;
	struct peer peer = {.len = 2, .has_key = true};

	prepare(&h);
	add_key(&h, "portal", ROLE_SYSTEM, "national", &portal);
	open_hall(&h);
	show_cases(&h);
	peer.key = portal->public;
	const uint64_t before = transport_figures(h.transport).replies + transport_figures(h.transport).replies_dropped;

	gate_reply(h.gate, &peer, h.answer);
	assert_int_equal(transport_figures(h.transport).replies + transport_figures(h.transport).replies_dropped,
			 before);
	assert_string_equal(logged(&h), "");
	assert_int_equal(gate_turn(h.gate, h.now), ERR_NONE);
	assert_int_equal(transport_figures(h.transport).replies + transport_figures(h.transport).replies_dropped,
			 before + 1);
	assert_string_equal(logged(&h), "portal questions/cases ANSWERED 2\n");
	curve_pair_free(&portal);
	close_hall(&h);
}

static void
test_whole_journals_are_written_down_once_a_day_and_services_never(void **state UNUSED)
{
	struct curve_pair *adapter, *service;
	pb_JournalEntry entry;
	pb_PullReply pull;
	pb_Reply reply;
	struct hall h;
	struct peer peer = {.len = 2, .has_key = true};

	prepare(&h);
	add_key(&h, "register", ROLE_SYSTEM, "journals", &adapter);
	add_key(&h, "signalling", ROLE_SYSTEM, "service:signalling", &service);
	open_hall(&h);
	pb_JournalEntry_init(&entry);
	pb_PullReply_init(&pull);
	pb_Reply_init(&reply);
	pull.entries = (pb_JournalEntry *[]){&entry};
	pull.n_entries = 1;
	reply.body_case = DOORBRAAK__V1__REPLY__BODY_PULL;
	reply.pull = &pull;
	const struct bytes page = RECORD_PACK(&h.arena, &reply);

	for (int i = 0; i < 6; i++) {
		peer.key = i % 2 == 0 ? adapter->public : service->public;
		gate_reply(h.gate, &peer, page);
		assert_int_equal(gate_turn(h.gate, h.now), ERR_NONE);
	}
	assert_string_equal(logged(&h), "register questions/pull ANSWERED 0\n");
	h.now.wall_ms += DAY_MS;
	assert_int_equal(gate_turn(h.gate, h.now), ERR_NONE);
	peer.key = adapter->public;
	gate_reply(h.gate, &peer, page);
	assert_int_equal(gate_turn(h.gate, h.now), ERR_NONE);
	assert_string_equal(logged(&h), "register questions/pull ANSWERED 0\nregister questions/pull ANSWERED 0\n");
	curve_pair_free(&adapter);
	curve_pair_free(&service);
	close_hall(&h);
}

/* ---- the live stream ---- */

static bool
hears(struct hall *h, struct client *client, int64_t ms)
{
	const int64_t until = steady_ms() + ms;
	struct bytes message;
	const char *topic;

	while (steady_ms() < until) {
		transport_publish(h->transport, "kind/x", bytes_str("x"));
		turn(h);
		if (client_receive_stream(client, 1, &h->arena, &topic, &message) == ERR_NONE)
			return true;
	}
	return false;
}

static struct client *
subscribe(const struct hall *h, const struct curve_pair *own)
{
	const struct curve_line line = line_of(h, own);
	struct client *client;
	struct why why;

	if (client_open_stream(&client, transport_stream(h->transport), NULL, 0, &line, NULL, &why) != ERR_NONE)
		fail_msg("%s", why.text);
	return client;
}

static void
test_the_stream_is_for_who_may_see_everything_as_long_as_it_may(void **state UNUSED)
{
	struct curve_pair *national, *desk, *screen;
	struct hall h;

	prepare(&h);
	add_key(&h, "desk", ROLE_CHAIR, "region:JZ32", &desk);
	add_key(&h, "national", ROLE_NATIONAL_TEAM, "national", &national);
	add_key(&h, "screen", ROLE_SYSTEM, "national", &screen);
	open_hall(&h);
	struct client *one = subscribe(&h, national), *two = subscribe(&h, screen), *narrow = subscribe(&h, desk);

	assert_true(hears(&h, one, DEADLINE_MS));
	assert_true(hears(&h, two, DEADLINE_MS));
	assert_false(hears(&h, narrow, 500));
	h.written.list[2].revoked = true; /* national */
	change(&h);
	/* What was under way may still be read; then nothing more. The other comes back by itself. */
	while (hears(&h, one, 300))
		;
	assert_true(hears(&h, two, DEADLINE_MS));
	assert_false(hears(&h, one, 500));
	client_close(&one);
	client_close(&two);
	client_close(&narrow);
	curve_pair_free(&national);
	curve_pair_free(&desk);
	curve_pair_free(&screen);
	close_hall(&h);
}

/* libzmq never connects again whom a door turned away. */
static void
test_who_was_turned_away_comes_in_once_its_key_is_listed(void **state UNUSED)
{
	struct curve_pair *late;
	struct hall h;

	prepare(&h);
	add_key(&h, "late", ROLE_SYSTEM, "national", &late);
	h.written.count--;
	open_hall(&h);
	show_cases(&h);
	struct client *client = knock(&h, late);
	const int64_t until = steady_ms() + DEADLINE_MS;

	while (transport_figures(h.transport).turned_away == 0 && steady_ms() < until)
		turn(&h);
	h.written.count++;
	change(&h);
	assert_int_equal(transport_figures(h.transport).turned_away, 1);
	assert_string_equal(ask_cases(&h, client), "answered");
	client_close(&client);
	curve_pair_free(&late);
	close_hall(&h);
}

/* ---- the door's own key ---- */

static void
test_a_client_tries_the_keys_that_a_door_may_have(void **state UNUSED)
{
	struct curve_pair *portal, *next = curve_pair_new();
	struct client *client;
	struct hall h;
	struct why why;

	prepare(&h);
	add_key(&h, "portal", ROLE_SYSTEM, "national", &portal);
	open_hall(&h);
	show_cases(&h);
	/* The newest first: the service has not been started with it yet. */
	const struct curve_line line = {.own = portal, .servers = {next->public, h.us->public}, .count = 2};

	assert_int_equal(client_open(&client, transport_door(h.transport), &line, NULL, &why), ERR_NONE);
	assert_string_equal(ask_cases(&h, client), "answered");
	client_close(&client);
	curve_pair_free(&next);
	curve_pair_free(&portal);
	close_hall(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_only_a_key_of_the_list_comes_in),
	    cmocka_unit_test(test_a_service_whose_own_key_is_not_listed_does_not_start),
	    cmocka_unit_test(test_a_door_that_lets_everybody_in_does_not_open),
	    cmocka_unit_test(test_who_asks_is_who_has_the_key_whatever_its_routing_id_says),
	    cmocka_unit_test(test_a_revoked_key_is_neither_heard_nor_let_in),
	    cmocka_unit_test(test_a_question_that_waits_is_not_answered_to_a_revoked_key),
	    cmocka_unit_test(test_a_new_key_of_a_name_is_taken_while_the_old_one_holds),
	    cmocka_unit_test(test_a_question_is_narrowed_before_the_node_sees_it),
	    cmocka_unit_test(test_who_looked_is_on_disk_before_it_sees_anything),
	    cmocka_unit_test(test_whole_journals_are_written_down_once_a_day_and_services_never),
	    cmocka_unit_test(test_the_stream_is_for_who_may_see_everything_as_long_as_it_may),
	    cmocka_unit_test(test_who_was_turned_away_comes_in_once_its_key_is_listed),
	    cmocka_unit_test(test_a_client_tries_the_keys_that_a_door_may_have),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
