// SPDX-License-Identifier: EUPL-1.2
/* Our contract with libzmq: what transport.h promises, against the library as it is installed. Everything runs over
 * loopback and socket files, and waits for descriptors with deadlines. */
#include "common/unsent.h"
#include "tests/unit/transport_bench.h"

#include <sys/time.h>

/* ---- asking and answering ---- */

static void
test_dealer_and_req_are_answered_alike(void **state UNUSED)
{
	struct bench b;
	char answer[16] = "";

	bench_open(&b, &on_loopback);
	b.seen->echo = b.transport;
	struct client *dealer = open_client(transport_door(b.transport), NULL);
	struct stranger req = stranger_open(ZMQ_REQ, transport_door(b.transport), NULL);
	struct stranger marked = stranger_open(ZMQ_DEALER, transport_door(b.transport), NULL);

	send_text(dealer, "dealer");
	stranger_send(&req, (const char *[]){"req"}, 1);
	stranger_send(&marked, (const char *[]){"", "marked"}, 2);
	turn_until_seen(&b, 3);
	assert_string_equal(receive_text(&b, dealer), "dealer");
	assert_int_equal(zmq_recv(req.socket, answer, sizeof(answer), 0), 3);
	assert_memory_equal(answer, "req", 3);
	/* Who sends an empty frame gets one. */
	assert_int_equal(zmq_recv(marked.socket, answer, sizeof(answer), 0), 0);
	assert_int_equal(zmq_recv(marked.socket, answer, sizeof(answer), 0), 6);
	assert_int_equal(transport_figures(b.transport).malformed, 0);
	assert_int_equal(transport_figures(b.transport).replies, 3);
	client_close(&dealer);
	stranger_close(&req);
	stranger_close(&marked);
	bench_close(&b);
}

static void
test_an_empty_question_is_a_question(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &on_loopback);
	b.seen->echo = b.transport;
	struct client *client = open_client(transport_door(b.transport), NULL);
	send_text(client, "");
	turn_until_seen(&b, 1);
	assert_string_equal(receive_text(&b, client), "");
	client_close(&client);
	bench_close(&b);
}

static void
test_wrong_frames_are_drained_counted_and_handed_on_empty(void **state UNUSED)
{
	struct bench b;
	char answer[16];

	bench_open(&b, &on_loopback);
	b.seen->echo = b.transport;
	struct stranger s = stranger_open(ZMQ_DEALER, transport_door(b.transport), NULL);
	const char *many[200];
	for (size_t i = 0; i < COUNT_OF(many); i++)
		many[i] = "frame";
	stranger_send(&s, (const char *[]){"one", "two"}, 2);
	stranger_send(&s, (const char *[]){"", "one", "two"}, 3);
	stranger_send(&s, many, COUNT_OF(many));
	stranger_send(&s, (const char *[]){"good"}, 1);
	turn_until_seen(&b, 4);
	assert_int_equal(transport_figures(b.transport).malformed, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(b.seen->lens[i], 0);
	assert_string_equal(b.seen->questions[3], "good");
	/* All four are answered, the second with the empty frame that it began with. */
	assert_int_equal(zmq_recv(s.socket, answer, sizeof(answer), 0), 0);
	assert_int_equal(zmq_recv(s.socket, answer, sizeof(answer), 0), 0);
	assert_int_equal(zmq_recv(s.socket, answer, sizeof(answer), 0), 0);
	assert_int_equal(zmq_recv(s.socket, answer, sizeof(answer), 0), 0);
	assert_int_equal(zmq_recv(s.socket, answer, sizeof(answer), 0), 4);
	stranger_close(&s);
	bench_close(&b);
}

static void
test_an_id_that_is_too_long_is_dropped(void **state UNUSED)
{
	struct bench b;
	char id[NODE_PEER_MAX + 1];

	memset(id, 'x', sizeof(id));
	id[NODE_PEER_MAX] = '\0';
	bench_open(&b, &on_loopback);
	struct stranger longer = stranger_open(ZMQ_DEALER, transport_door(b.transport), id);
	stranger_send(&longer, (const char *[]){"hello"}, 1);
	id[NODE_PEER_MAX - 1] = '\0';
	const int64_t deadline = steady_ms() + DEADLINE_MS;
	while (transport_figures(b.transport).malformed == 0 && steady_ms() < deadline)
		turn(&b, 64);
	assert_int_equal(b.seen->count, 0);
	struct stranger fits = stranger_open(ZMQ_DEALER, transport_door(b.transport), id);
	stranger_send(&fits, (const char *[]){"hello"}, 1);
	turn_until_seen(&b, 1);
	assert_int_equal(transport_figures(b.transport).malformed, 1);
	stranger_close(&longer);
	stranger_close(&fits);
	bench_close(&b);
}

static void
test_a_frame_over_the_limit_ends_the_connection_and_is_never_seen(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &on_loopback);
	struct client *client = open_client(transport_door(b.transport), NULL);
	uint8_t *large = calloc(1, TRANSPORT_FRAME_MAX + 1);

	assert_int_equal(client_send(client, bytes_of(large, TRANSPORT_FRAME_MAX), DEADLINE_MS), ERR_NONE);
	turn_until_seen(&b, 1);
	assert_int_equal(b.seen->lens[0], TRANSPORT_FRAME_MAX);
	assert_int_equal(client_send(client, bytes_of(large, TRANSPORT_FRAME_MAX + 1), DEADLINE_MS), ERR_NONE);
	/* What is sent until the end of the connection is noticed goes down with it: ask until there is an answer. */
	const int64_t deadline = steady_ms() + DEADLINE_MS;
	while (b.seen->count < 2 && steady_ms() < deadline) {
		assert_int_equal(client_send(client, bytes_str("after"), DEADLINE_MS), ERR_NONE);
		turn(&b, 64);
	}
	assert_true(b.seen->count >= 2);
	assert_string_equal(b.seen->questions[1], "after");
	free(large);
	client_close(&client);
	bench_close(&b);
}

/* ---- limits of queues ---- */

static void
test_two_full_windows_fit_the_door_that_takes_submissions(void **state UNUSED)
{
	struct bench b;
	char text[16];

	bench_open(&b, &(struct transport_options){.listen = "tcp://127.0.0.1:*", .submissions = true});
	struct client *client = open_client(transport_door(b.transport), NULL);
	for (unsigned i = 0; i < 2 * TRANSPORT_WINDOW_MAX; i++) {
		snprintf(text, sizeof(text), "%u", i);
		send_text(client, text);
	}
	turn_until_seen(&b, 2 * TRANSPORT_WINDOW_MAX);
	/* All replies in one go, as after a commit, while the client reads nothing. */
	for (unsigned i = 0; i < b.seen->count; i++)
		transport_reply(b.transport, &b.seen->peers[i], bytes_str(b.seen->questions[i]));
	assert_int_equal(transport_figures(b.transport).replies_dropped, 0);
	for (unsigned i = 0; i < 2 * TRANSPORT_WINDOW_MAX; i++) {
		snprintf(text, sizeof(text), "%u", i);
		assert_string_equal(receive_text(&b, client), text);
	}
	client_close(&client);
	bench_close(&b);
}

static void
test_replies_to_who_does_not_read_are_dropped_not_kept(void **state UNUSED)
{
	static uint8_t page[256 << 10];
	struct bench b;

	bench_open(&b, &on_loopback);
	struct stranger deaf = stranger_open(ZMQ_DEALER, transport_door(b.transport), NULL);
	struct client *honest = open_client(transport_door(b.transport), NULL);
	stranger_send(&deaf, (const char *[]){"hello"}, 1);
	turn_until_seen(&b, 1);
	/* 64 in the queue, the rest in buffers of the kernel and of the other side. */
	for (unsigned i = 0; i < 4 * TRANSPORT_HWM; i++)
		transport_reply(b.transport, &b.seen->peers[0], bytes_of(page, sizeof(page)));
	assert_true(transport_figures(b.transport).replies_dropped > TRANSPORT_HWM);
	/* Others are served as before. */
	b.seen->echo = b.transport;
	send_text(honest, "honest");
	turn_until_seen(&b, 2);
	assert_string_equal(receive_text(&b, honest), "honest");
	stranger_close(&deaf);
	client_close(&honest);
	bench_close(&b);
}

/* On a door that takes submissions a thousand replies may wait for a peer; of a megabyte each they are bounded by bytes. */
static void
test_what_waits_for_a_peer_is_bounded_in_bytes_too(void **state UNUSED)
{
	static uint8_t page[1 << 20];
	struct stranger deaf[5];
	struct bench b;

	bench_open(&b, &(struct transport_options){.listen = "tcp://127.0.0.1:*", .submissions = true});
	for (unsigned i = 0; i < COUNT_OF(deaf); i++) {
		deaf[i] = stranger_open(ZMQ_DEALER, transport_door(b.transport), NULL);
		stranger_send(&deaf[i], (const char *[]){"hello"}, 1);
		turn_until_seen(&b, i + 1);
	}
	for (unsigned i = 0; i < COUNT_OF(deaf) * 200; i++)
		transport_reply(b.transport, &b.seen->peers[i % COUNT_OF(deaf)], bytes_of(page, sizeof(page)));
	const struct transport_figures full = transport_figures(b.transport);
	assert_true(full.replies_dropped > 0);
	assert_true(full.unsent_bytes > UNSENT_PEER_MAX);
	assert_true(full.unsent_bytes < UNSENT_ALL_MAX);
	/* There is room left for who reads. */
	struct client *honest = open_client(transport_door(b.transport), NULL);
	b.seen->echo = b.transport;
	send_text(honest, "honest");
	turn_until_seen(&b, COUNT_OF(deaf) + 1);
	assert_string_equal(receive_text(&b, honest), "honest");
	client_close(&honest);
	/* Whoever leaves leaves nothing. */
	for (unsigned i = 0; i < COUNT_OF(deaf); i++)
		stranger_close(&deaf[i]);
	const int64_t deadline = steady_ms() + DEADLINE_MS;
	while (transport_figures(b.transport).unsent_bytes > 0 && steady_ms() < deadline)
		turn(&b, 64);
	assert_int_equal(transport_figures(b.transport).unsent_bytes, 0);
	bench_close(&b);
}

static void
test_a_reply_to_nobody_is_known_to_be_dropped(void **state UNUSED)
{
	const struct peer nobody = {.len = 6, .id = {0, 1, 2, 3, 4, 5}};
	struct bench b;

	bench_open(&b, &on_loopback);
	transport_reply(b.transport, &nobody, bytes_str("hello"));
	assert_int_equal(transport_figures(b.transport).replies_dropped, 1);
	assert_int_equal(transport_figures(b.transport).replies, 0);

	struct client *client = open_client(transport_door(b.transport), NULL);
	send_text(client, "hello");
	turn_until_seen(&b, 1);
	client_close(&client);
	const int64_t deadline = steady_ms() + DEADLINE_MS;
	while (transport_figures(b.transport).replies_dropped < 2 && steady_ms() < deadline) {
		transport_reply(b.transport, &b.seen->peers[0], bytes_str("too late"));
		turn(&b, 64);
	}
	assert_int_equal(transport_figures(b.transport).replies_dropped, 2);
	bench_close(&b);
}

static void
test_without_room_questions_stay_where_they_are(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &on_loopback);
	struct client *client = open_client(transport_door(b.transport), NULL);
	b.seen->no_room = true;
	send_text(client, "first");
	send_text(client, "second");
	const int64_t deadline = steady_ms() + DEADLINE_MS;
	while (!transport_has_input(b.transport, true) && steady_ms() < deadline)
		turn(&b, 64);
	assert_true(transport_has_input(b.transport, true));
	assert_false(transport_has_input(b.transport, false));
	assert_int_equal(turn(&b, 64), 0);
	b.seen->no_room = false;
	turn_until_seen(&b, 2);
	assert_string_equal(b.seen->questions[0], "first");
	client_close(&client);
	bench_close(&b);
}

/* ---- the descriptor ---- */

static void
test_a_send_swallows_the_edge_and_has_input_knows(void **state UNUSED)
{
	const struct peer nobody = {.len = 6, .id = {0, 1, 2, 3, 4, 5}};
	struct bench b;

	bench_open(&b, &on_loopback);
	struct client *client = open_client(transport_door(b.transport), NULL);
	const int fd = transport_fds(b.transport).door;
	/* The connection first, so that the edge is that of the question. */
	send_text(client, "first");
	turn_until_seen(&b, 1);
	assert_false(transport_has_input(b.transport, true));
	send_text(client, "second");
	assert_true(is_readable(fd, DEADLINE_MS));
	const int64_t deadline = steady_ms() + DEADLINE_MS;
	while (is_readable(fd, 0) && steady_ms() < deadline)
		transport_reply(b.transport, &nobody, bytes_str("swallows"));
	/* A loop that waits now would wait for ever. */
	assert_false(is_readable(fd, 0));
	assert_true(transport_has_input(b.transport, true));
	turn_until_seen(&b, 2);
	client_close(&client);
	bench_close(&b);
}

static void
test_a_thousand_questions_are_taken_one_a_turn(void **state UNUSED)
{
	struct bench b;
	unsigned turns = 0;
	char text[16];

	bench_open(&b, &(struct transport_options){.listen = "tcp://127.0.0.1:*", .submissions = true});
	struct client *client = open_client(transport_door(b.transport), NULL);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "%u", i);
		send_text(client, text);
	}
	const int64_t deadline = steady_ms() + DEADLINE_MS;
	for (; b.seen->count < 1000 && steady_ms() < deadline; turns++)
		assert_true(turn(&b, 1) <= 1);
	assert_int_equal(b.seen->count, 1000);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "%u", i);
		assert_string_equal(b.seen->questions[i], text);
	}
	client_close(&client);
	bench_close(&b);
}

static void
test_signals_interrupt_nothing(void **state UNUSED)
{
	const struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
	const struct sigaction interrupt = {.sa_handler = on_alarm};
	struct sigaction before;
	struct bench b;

	bench_open(&b, &on_loopback);
	b.seen->echo = b.transport;
	sigaction(SIGALRM, &interrupt, &before);
	setitimer(ITIMER_REAL, &often, NULL);
	struct client *client = open_client(transport_door(b.transport), NULL);
	for (unsigned i = 0; i < 500; i++) {
		send_text(client, "again");
		turn_until_seen(&b, i + 1);
		assert_string_equal(receive_text(&b, client), "again");
	}
	struct bytes message;
	const int64_t began = steady_ms();
	assert_int_equal(client_receive(client, 100, &b.arena, &message), ERR_AGAIN);
	assert_true(steady_ms() - began >= 100);
	client_close(&client);
	bench_close(&b);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
}

/* ---- upstream ---- */

static void
test_the_upstream_may_come_later_go_and_come_back(void **state UNUSED)
{
	const struct temp temp = temp_make();
	char endpoint[PATH_MAX];
	struct bench up, down;

	snprintf(endpoint, sizeof(endpoint), "ipc://%s/up", temp.dir);
	bench_open(&down, &(struct transport_options){.listen = "tcp://127.0.0.1:*", .upstream = endpoint});
	transport_ask(down.transport, bytes_str("nobody hears"));
	assert_int_equal(transport_figures(down.transport).asks_dropped, 1);
	for (unsigned life = 1; life <= 2; life++) {
		bench_open(&up, &(struct transport_options){.listen = endpoint});
		up.seen->echo = up.transport;
		turn_until_upstream_is_new(&down);
		assert_false(transport_upstream_is_new(down.transport));
		assert_true(transport_figures(down.transport).upstream_connected);
		transport_ask(down.transport, bytes_str("question"));
		turn_until_seen(&up, 1);
		const int64_t deadline = steady_ms() + DEADLINE_MS;
		while (down.seen->heard < life && steady_ms() < deadline)
			turn(&down, 64);
		assert_int_equal(down.seen->heard, life);
		assert_string_equal(down.seen->last_heard, "question");
		bench_close(&up);
		while (transport_figures(down.transport).upstream_connected && steady_ms() < deadline)
			turn(&down, 64);
		assert_false(transport_figures(down.transport).upstream_connected);
	}
	bench_close(&down);
	temp_remove(&temp);
}

/* ---- live ---- */

static void
test_the_stream_brings_what_its_topics_begin_with(void **state UNUSED)
{
	static const char *const topics[] = {"region/NORTH", "kind/Signal"};
	struct transport_options options = {.listen = "tcp://127.0.0.1:*", .publish = "tcp://127.0.0.1:*"};
	struct client *subscriber;
	struct bytes message;
	const char *topic;
	struct bench b;
	struct why why;

	bench_open(&b, &options);
	assert_int_equal(client_open_stream(&subscriber, transport_stream(b.transport), topics, 2, NULL, NULL, &why),
			 ERR_NONE);
	/* A subscription takes its time to arrive: publish until it is there. */
	const int64_t deadline = steady_ms() + DEADLINE_MS;
	enum err err = ERR_AGAIN;
	while (err == ERR_AGAIN && steady_ms() < deadline) {
		transport_has_input(b.transport, true);
		transport_publish(b.transport, "kind/Signals", bytes_str("hello"));
		err = client_receive_stream(subscriber, 10, &b.arena, &topic, &message);
	}
	assert_int_equal(err, ERR_NONE);
	transport_publish(b.transport, "region/SOUTH", bytes_str("not this"));
	transport_publish(b.transport, "kind/CaseState", bytes_str("nor this"));
	transport_publish(b.transport, "region/NORTH", bytes_str("this"));
	do {
		assert_int_equal(client_receive_stream(subscriber, DEADLINE_MS, &b.arena, &topic, &message), ERR_NONE);
	} while (strcmp(topic, "kind/Signals") == 0);
	assert_string_equal(topic, "region/NORTH");
	assert_string_equal(arena_str(&b.arena, message), "this");
	client_close(&subscriber);
	bench_close(&b);
}

/* ---- opening and closing ---- */

static void
test_closing_does_not_wait_for_who_does_not_read(void **state UNUSED)
{
	static uint8_t page[256 << 10];
	struct bench b;

	bench_open(&b, &(struct transport_options){.listen = "tcp://127.0.0.1:*", .upstream = "tcp://127.0.0.1:9"});
	struct stranger deaf = stranger_open(ZMQ_DEALER, transport_door(b.transport), NULL);
	stranger_send(&deaf, (const char *[]){"hello"}, 1);
	turn_until_seen(&b, 1);
	for (unsigned i = 0; i < TRANSPORT_HWM; i++)
		transport_reply(b.transport, &b.seen->peers[0], bytes_of(page, sizeof(page)));
	transport_ask(b.transport, bytes_str("unheard"));
	const int64_t began = steady_ms();
	transport_close(&b.transport);
	assert_true(steady_ms() - began < TRANSPORT_LINGER_MS + 1000);
	stranger_close(&deaf);
	bench_close(&b);
}

static void
test_the_last_word_leaves_before_the_end(void **state UNUSED)
{
	struct bench b;

	static uint8_t word[4 << 20]; /* too much to leave while it is told */

	/* A client of ours would drop what it has not read when the connection ends; a stranger keeps it. */
	for (unsigned i = 0; i < 5; i++) {
		bench_open(&b, &on_loopback);
		struct stranger s = stranger_open(ZMQ_DEALER, transport_door(b.transport), NULL);

		stranger_send(&s, (const char *[]){"last"}, 1);
		turn_until_seen(&b, 1);
		transport_reply(b.transport, &b.seen->peers[0], bytes_of(word, sizeof(word)));
		transport_close(&b.transport);
		assert_int_equal(zmq_recv(s.socket, word, sizeof(word), 0), sizeof(word));
		stranger_close(&s);
		bench_close(&b);
	}
}

static void
test_a_client_of_nobody_gives_up_in_time(void **state UNUSED)
{
	struct client *first = open_client("tcp://127.0.0.1:9", NULL), *second = open_client("ipc:///nowhere", first);
	const int64_t began = steady_ms();

	assert_int_equal(client_send(first, bytes_str("hello"), 50), ERR_AGAIN);
	assert_int_equal(client_send(second, bytes_str("hello"), 0), ERR_AGAIN);
	assert_true(steady_ms() - began >= 50);
	/* In any order. */
	client_close(&first);
	client_close(&second);
	client_close(&second);
}

static void
open_and_die(void *arg)
{
	struct transport *t = open_transport(&(struct transport_options){.listen = arg});

	(void)t;
	raise(SIGKILL);
}

static void
test_a_socket_file_of_the_dead_is_taken_and_of_the_living_not(void **state UNUSED)
{
	const struct temp temp = temp_make();
	const struct temp_path path = temp_path(&temp, "door");
	char endpoint[PATH_MAX + 8];
	struct transport *first, *second;
	struct why why;

	snprintf(endpoint, sizeof(endpoint), "ipc://%s", path.s);
	assert_true(WIFSIGNALED(in_a_process(open_and_die, endpoint)));
	assert_true(path_exists(path.s));
	first = open_transport(&(struct transport_options){.listen = endpoint});
	assert_int_equal(transport_open(&second, &(struct transport_options){.listen = endpoint}, &why), ERR_REFUSED);
	assert_non_null(strstr(why.text, "in use"));
	assert_null(second);

	struct client *client = open_client(endpoint, NULL);
	send_text(client, "still there");
	client_close(&client);
	transport_close(&first);
	assert_false(path_exists(path.s));
	temp_remove(&temp);
}

static void
test_endpoints_that_cannot_be_are_refused_with_words(void **state UNUSED)
{
	struct transport *first = open_transport(&on_loopback), *second;
	struct transport_options options[] = {
	    {.listen = transport_door(first)},
	    {.listen = "tcp://127.0.0.1:*", .publish = transport_door(first)},
	    {.listen = "nonsense"},
	    {.listen = "tcp://127.0.0.1:*", .upstream = "nonsense"},
	};

	assert_null(strchr(transport_door(first), '*'));
	assert_string_equal(transport_stream(first), "");
	for (size_t i = 0; i < COUNT_OF(options); i++) {
		struct why why = {.text = ""};

		assert_int_equal(transport_open(&second, &options[i], &why), ERR_REFUSED);
		assert_true(strlen(why.text) > 10);
		assert_null(second);
	}
	transport_close(&first);
}

static void
test_options_are_what_we_asked_for(void **state UNUSED)
{
	static const struct {
		int option, value;
	} expected[] = {
	    {ZMQ_LINGER, 0},
	    {ZMQ_IMMEDIATE, 1},
	    {ZMQ_SNDHWM, 64},
	    {ZMQ_RCVHWM, 64},
	    {ZMQ_HEARTBEAT_IVL, 1000},
	    {ZMQ_HEARTBEAT_TIMEOUT, 3000},
	    {ZMQ_HEARTBEAT_TTL, 3000},
	    {ZMQ_TCP_KEEPALIVE, 1},
	    {ZMQ_RECONNECT_IVL, 100},
	    {ZMQ_RECONNECT_IVL_MAX, 1000},
	    {ZMQ_HANDSHAKE_IVL, 3000},
	    {ZMQ_TCP_MAXRT, ZSOCKET_STALL_MS},
	    {ZMQ_TCP_KEEPALIVE_IDLE, 5},
	    {ZMQ_TCP_KEEPALIVE_INTVL, 1},
	    {ZMQ_TCP_KEEPALIVE_CNT, 3},
	};
	struct why why;
	void *context = zsocket_context(&why);
	uint8_t id[256];
	size_t len = sizeof(id);

	assert_int_equal(zmq_ctx_get(context, ZMQ_BLOCKY), 0);
	void *socket = zsocket_open(
	    context,
	    &(struct zsocket_options){.type = ZMQ_DEALER, .hwm = 64, .frame_bytes_max = 8 << 20, .endpoint = "x"},
	    &why);
	assert_non_null(socket);
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		int value = -1;
		size_t size = sizeof(value);

		assert_int_equal(zmq_getsockopt(socket, expected[i].option, &value, &size), 0);
		assert_int_equal(value, expected[i].value);
	}
	assert_int_equal(zmq_getsockopt(socket, ZMQ_ROUTING_ID, id, &len), 0);
	assert_int_equal(len, 0);
	zsocket_close(socket, 0);
	zsocket_context_end(context);
}

static void
test_peers_that_come_and_go_leave_nothing(void **state UNUSED)
{
	struct bench b;

	bench_open(&b, &on_loopback);
	b.seen->echo = b.transport;
	struct client *first = open_client(transport_door(b.transport), NULL);
	for (unsigned i = 0; i < 200; i++) {
		struct client *client = open_client(transport_door(b.transport), first);

		send_text(client, "hello");
		if (i % 3 == 0) {
			client_close(&client); /* without waiting for the answer */
			continue;
		}
		const int64_t deadline = steady_ms() + DEADLINE_MS;
		struct bytes message;
		enum err err = ERR_AGAIN;
		while (err == ERR_AGAIN && steady_ms() < deadline) {
			turn(&b, 64);
			err = client_receive(client, 20, &b.arena, &message);
		}
		assert_int_equal(err, ERR_NONE);
		client_close(&client);
	}
	client_close(&first);
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_socket_file_of_the_dead_is_taken_and_of_the_living_not),
	    cmocka_unit_test(test_dealer_and_req_are_answered_alike),
	    cmocka_unit_test(test_an_empty_question_is_a_question),
	    cmocka_unit_test(test_wrong_frames_are_drained_counted_and_handed_on_empty),
	    cmocka_unit_test(test_an_id_that_is_too_long_is_dropped),
	    cmocka_unit_test(test_a_frame_over_the_limit_ends_the_connection_and_is_never_seen),
	    cmocka_unit_test(test_two_full_windows_fit_the_door_that_takes_submissions),
	    cmocka_unit_test(test_replies_to_who_does_not_read_are_dropped_not_kept),
	    cmocka_unit_test(test_what_waits_for_a_peer_is_bounded_in_bytes_too),
	    cmocka_unit_test(test_a_reply_to_nobody_is_known_to_be_dropped),
	    cmocka_unit_test(test_without_room_questions_stay_where_they_are),
	    cmocka_unit_test(test_a_send_swallows_the_edge_and_has_input_knows),
	    cmocka_unit_test(test_a_thousand_questions_are_taken_one_a_turn),
	    cmocka_unit_test(test_signals_interrupt_nothing),
	    cmocka_unit_test(test_the_upstream_may_come_later_go_and_come_back),
	    cmocka_unit_test(test_the_stream_brings_what_its_topics_begin_with),
	    cmocka_unit_test(test_closing_does_not_wait_for_who_does_not_read),
	    cmocka_unit_test(test_the_last_word_leaves_before_the_end),
	    cmocka_unit_test(test_a_client_of_nobody_gives_up_in_time),
	    cmocka_unit_test(test_endpoints_that_cannot_be_are_refused_with_words),
	    cmocka_unit_test(test_options_are_what_we_asked_for),
	    cmocka_unit_test(test_peers_that_come_and_go_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
