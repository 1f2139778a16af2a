// SPDX-License-Identifier: EUPL-1.2
/* transport_bench.h - a transport without a node: a stand-in keeps what came, clients ask, strangers misbehave.
 * Waits for descriptors with deadlines, never for time alone. */
#ifndef DOORBRAAK_TESTS_TRANSPORT_BENCH_H
#define DOORBRAAK_TESTS_TRANSPORT_BENCH_H

#include "tests/unit/unit.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "common/client.h"
#include "common/transport.h"
#include "common/zsocket.h"

#define DEADLINE_MS 10000
#define SEEN_MAX    4096u

static inline int64_t
steady_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Stands in for a node: keeps who asked and the first bytes of what was asked. */
struct seen {
	struct peer peers[SEEN_MAX];
	char questions[SEEN_MAX][16];
	size_t lens[SEEN_MAX];
	unsigned count, heard;
	char last_heard[16];
	bool no_room;
	struct transport *echo; /* answers at once with the question */
};

static inline void
keep(char out[16], struct bytes b)
{
	memset(out, 0, 16);
	memcpy(out, b.data == NULL ? (const void *)"" : b.data, b.len < 15 ? b.len : 15);
}

static inline void
seen_take(void *ctx, const struct peer *from, struct bytes message)
{
	struct seen *seen = ctx;

	assert_true(seen->count < SEEN_MAX);
	seen->peers[seen->count] = *from;
	keep(seen->questions[seen->count], message);
	seen->lens[seen->count++] = message.len;
	if (seen->echo != NULL)
		transport_reply(seen->echo, from, message);
}

static inline void
seen_hear(void *ctx, struct bytes message)
{
	struct seen *seen = ctx;

	seen->heard++;
	keep(seen->last_heard, message);
}

static inline bool
seen_has_room(void *ctx)
{
	return !((struct seen *)ctx)->no_room;
}

struct bench {
	struct temp temp;
	struct transport *transport;
	struct seen *seen;
	struct transport_sink sink;
	struct arena arena;
};

static inline struct transport *
open_transport(const struct transport_options *options)
{
	struct transport *t;
	struct why why;

	if (transport_open(&t, options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
	return t;
}

static inline void
bench_open(struct bench *b, const struct transport_options *options)
{
	*b = (struct bench){.temp = temp_make(), .seen = calloc(1, sizeof(*b->seen))};
	b->sink = (struct transport_sink){b->seen, seen_take, seen_hear, seen_has_room};
	arena_init(&b->arena);
	b->transport = open_transport(options);
}

static inline void
bench_close(struct bench *b)
{
	transport_close(&b->transport);
	free(b->seen);
	arena_fini(&b->arena);
	temp_remove(&b->temp);
}

static const struct transport_options on_loopback = {.listen = "tcp://127.0.0.1:*"};

/* One turn as the runtime does it: ask, wait if there is nothing, take. */
static inline unsigned
turn(struct bench *b, unsigned budget)
{
	if (!transport_has_input(b->transport, !b->seen->no_room)) {
		const struct transport_fds fds = transport_fds(b->transport);
		struct pollfd watched[TRANSPORT_FDS_MAX];

		for (unsigned i = 0; i < fds.count; i++)
			watched[i] = (struct pollfd){.fd = fds.fds[i], .events = POLLIN};
		poll(watched, fds.count, 50);
	}
	return transport_take(b->transport, budget, &b->sink);
}

static inline void
turn_until_seen(struct bench *b, unsigned count)
{
	const int64_t deadline = steady_ms() + DEADLINE_MS;

	while (b->seen->count < count && steady_ms() < deadline)
		turn(b, 64);
	assert_int_equal(b->seen->count, count);
}

static inline struct client *
open_client(const char *endpoint, struct client *beside)
{
	struct client *client;
	struct why why;

	if (client_open(&client, endpoint, NULL, beside, &why) != ERR_NONE)
		fail_msg("%s", why.text);
	return client;
}

static inline void
send_text(struct client *client, const char *text)
{
	assert_int_equal(client_send(client, bytes_str(text), DEADLINE_MS), ERR_NONE);
}

static const char *
receive_text(struct bench *b, struct client *client)
{
	struct bytes message;

	assert_int_equal(client_receive(client, DEADLINE_MS, &b->arena, &message), ERR_NONE);
	return arena_str(&b->arena, message);
}

/* A socket without our options, as a stranger would have it. */
struct stranger {
	void *context, *socket;
};

static inline struct stranger
stranger_open(int type, const char *endpoint, const char *id)
{
	struct stranger s = {.context = zmq_ctx_new()};
	const int linger = 0, timeout = DEADLINE_MS, hwm = 1;

	s.socket = zmq_socket(s.context, type);
	zmq_setsockopt(s.socket, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_setsockopt(s.socket, ZMQ_RCVTIMEO, &timeout, sizeof(timeout));
	zmq_setsockopt(s.socket, ZMQ_SNDTIMEO, &timeout, sizeof(timeout));
	zmq_setsockopt(s.socket, ZMQ_RCVHWM, &hwm, sizeof(hwm));
	if (id != NULL)
		zmq_setsockopt(s.socket, ZMQ_ROUTING_ID, id, strlen(id));
	assert_int_equal(zmq_connect(s.socket, endpoint), 0);
	return s;
}

static inline void
stranger_close(struct stranger *s)
{
	zmq_close(s->socket);
	zmq_ctx_term(s->context);
}

static inline void
stranger_send(struct stranger *s, const char *const *frames, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const int flags = i + 1 < count ? ZMQ_SNDMORE : 0;
		assert_true(zmq_send(s->socket, frames[i], strlen(frames[i]), flags) >= 0);
	}
}

static inline bool
is_readable(int fd, int timeout_ms)
{
	struct pollfd watched = {.fd = fd, .events = POLLIN};

	return poll(&watched, 1, timeout_ms) > 0;
}

static inline void
turn_until_upstream_is_new(struct bench *b)
{
	const int64_t deadline = steady_ms() + DEADLINE_MS;
	bool is_new = false;

	while (!is_new && steady_ms() < deadline) {
		turn(b, 64);
		is_new = transport_upstream_is_new(b->transport);
	}
	assert_true(is_new);
}

static inline void
on_alarm(int signal UNUSED)
{
}

#endif
