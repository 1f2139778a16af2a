// SPDX-License-Identifier: EUPL-1.2
#include "common/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/transport.h"
#include "common/zsocket.h"

#define KEY_STEP_MS 200

/* Clients of a process that were opened beside each other; the last one ends the context. */
struct shared {
	void *context;
	unsigned users;
};

struct client {
	struct shared *shared;
	void *socket;
	char endpoint[TRANSPORT_ENDPOINT_MAX];
	struct curve_line line; /* without the pair; no keys: no CURVE */
	unsigned server;        /* of the line, in use */
	int64_t tried_ms;       /* since when without a connection */
};

static int64_t
steady_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct client *
client_new(struct client *beside, struct why *why)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		fatal("out of memory");
	if (beside != NULL) {
		client->shared = beside->shared;
	} else {
		client->shared = calloc(1, sizeof(*client->shared));
		if (client->shared == NULL)
			fatal("out of memory");
		client->shared->context = zsocket_context(why);
	}
	client->shared->users++;
	return client;
}

static void
keep_line(struct client *client, const char *endpoint, const struct curve_line *line)
{
	snprintf(client->endpoint, sizeof(client->endpoint), "%s", endpoint);
	client->tried_ms = steady_ms();
	if (line == NULL)
		return;
	ASSERT(line->count > 0 && line->count <= CURVE_SERVERS_MAX);
	client->line = *line;
	client->line.own = NULL;
}

/* Without a connection for a while: its next key; the same again where there is one only, as whom a door turned away libzmq
 * never connects again, and a list may know us later. */
static void
try_next_key(struct client *client)
{
	const int64_t now_ms = steady_ms();
	const int64_t patience_ms = client->line.count > 1 ? CLIENT_OTHER_KEY_MS : CLIENT_SAME_KEY_MS;
	struct why why;

	if ((zsocket_events(client->socket) & ZMQ_POLLOUT) != 0) {
		client->tried_ms = now_ms;
	} else if (client->line.count > 0 && now_ms - client->tried_ms >= patience_ms) {
		client->server = (client->server + 1) % client->line.count;
		client->tried_ms = now_ms;
		if (!zsocket_point(client->socket, client->endpoint, &client->line.servers[client->server], &why))
			fatal("%s", why.text);
	}
}

enum err
client_open_again(struct client **client, struct client *of, struct why *why)
{
	struct curve_line line = of->line;
	struct curve_pair *own = line.count == 0 ? NULL : zsocket_pair(of->socket);

	line.own = own;
	const enum err err = client_open(client, of->endpoint, own == NULL ? NULL : &line, of, why);

	curve_pair_free(&own);
	return err;
}

enum err
client_open(struct client **client, const char *endpoint, const struct curve_line *line, struct client *beside,
	    struct why *why)
{
	const struct zsocket_options options = {
	    .type = ZMQ_DEALER,
	    .hwm = TRANSPORT_SUBMIT_HWM,
	    .frame_bytes_max = RECORD_REPLY_MAX,
	    .endpoint = endpoint,
	    .own = line == NULL ? NULL : line->own,
	    .server = line == NULL ? NULL : &line->servers[0],
	};

	*client = client_new(beside, why);
	keep_line(*client, endpoint, line);
	if ((*client)->shared->context != NULL)
		(*client)->socket = zsocket_open((*client)->shared->context, &options, why);
	if ((*client)->socket != NULL && zsocket_connect((*client)->socket, endpoint, why))
		return ERR_NONE;
	client_close(client);
	return ERR_REFUSED;
}

enum err
client_open_stream(struct client **client, const char *endpoint, const char *const *topics, unsigned count,
		   const struct curve_line *line, struct client *beside, struct why *why)
{
	static const char *const everything[] = {""};
	const struct zsocket_options options = {
	    .type = ZMQ_SUB,
	    .hwm = TRANSPORT_STREAM_HWM,
	    .frame_bytes_max = RECORD_REPLY_MAX,
	    .endpoint = endpoint,
	    .own = line == NULL ? NULL : line->own,
	    .server = line == NULL ? NULL : &line->servers[0],
	};

	*client = client_new(beside, why);
	if ((*client)->shared->context != NULL)
		(*client)->socket = zsocket_open((*client)->shared->context, &options, why);
	if (count == 0) {
		topics = everything;
		count = 1;
	}
	for (unsigned i = 0; (*client)->socket != NULL && i < count; i++) {
		const int rc = zmq_setsockopt((*client)->socket, ZMQ_SUBSCRIBE, topics[i], strlen(topics[i]));
		ASSERT(rc == 0);
	}
	if ((*client)->socket != NULL && zsocket_connect((*client)->socket, endpoint, why))
		return ERR_NONE;
	client_close(client);
	return ERR_REFUSED;
}

void
client_close(struct client **client)
{
	struct client *c = *client;

	*client = NULL;
	if (c == NULL)
		return;
	zsocket_close(c->socket, 0);
	if (--c->shared->users == 0) {
		if (c->shared->context != NULL)
			zsocket_context_end(c->shared->context);
		free(c->shared);
	}
	free(c);
}

/* Waits until the socket can do what is wanted, or the deadline has passed. */
static bool
wait_for(struct client *client, int events, int64_t deadline_ms)
{
	for (;;) {
		zmq_pollitem_t item = {.socket = client->socket, .events = (short)events};
		const int64_t left_ms = deadline_ms - steady_ms();
		/* In steps where there is a key to try again. */
		const int64_t step_ms = client->line.count > 0 && left_ms > KEY_STEP_MS ? KEY_STEP_MS : left_ms;
		const int ready = zmq_poll(&item, 1, step_ms > 0 ? (long)step_ms : 0);

		if (ready > 0)
			return true;
		if (ready < 0 && zmq_errno() != EINTR)
			fatal("libzmq: cannot wait: %s", zmq_strerror(zmq_errno()));
		try_next_key(client);
		if (steady_ms() >= deadline_ms)
			return false;
	}
}

bool
client_wait(struct client *client, bool to_send, int timeout_ms)
{
	return wait_for(client, to_send ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN, steady_ms() + timeout_ms);
}

enum err
client_send(struct client *client, struct bytes message, int timeout_ms)
{
	const int64_t deadline_ms = steady_ms() + timeout_ms;

	/* Trying first costs nothing; a connection that goes between the wait and the send is waited for again. */
	while (!zsocket_send(client->socket, message, false)) {
		if (!wait_for(client, ZMQ_POLLOUT, deadline_ms))
			return ERR_AGAIN;
	}
	return ERR_NONE;
}

/* The frames of one message, exactly `count` of them, copied. */
static enum err
receive_frames(struct client *client, int timeout_ms, struct arena *arena, struct bytes *frames, unsigned count)
{
	const int64_t deadline_ms = steady_ms() + timeout_ms;
	enum err err = ERR_NONE;
	zmq_msg_t frame;

	zmq_msg_init(&frame);
	while (!zsocket_receive(client->socket, &frame)) {
		if (!wait_for(client, ZMQ_POLLIN, deadline_ms)) {
			zmq_msg_close(&frame);
			return ERR_AGAIN;
		}
	}
	for (unsigned i = 0; i < count && err == ERR_NONE; i++) {
		if (i > 0 && (!zmq_msg_more(&frame) || !zsocket_receive(client->socket, &frame)))
			err = ERR_MALFORMED;
		else
			frames[i] = arena_copy(arena, zsocket_bytes(&frame));
	}
	if (zmq_msg_more(&frame))
		err = ERR_MALFORMED;
	zsocket_drop_rest(client->socket, &frame);
	zmq_msg_close(&frame);
	return err;
}

enum err
client_receive(struct client *client, int timeout_ms, struct arena *arena, struct bytes *message)
{
	return receive_frames(client, timeout_ms, arena, message, 1);
}

enum err
client_receive_stream(struct client *client, int timeout_ms, struct arena *arena, const char **topic,
		      struct bytes *message)
{
	struct bytes frames[2];
	const enum err err = receive_frames(client, timeout_ms, arena, frames, 2);

	if (err != ERR_NONE)
		return err;
	*topic = arena_str(arena, frames[0]);
	*message = frames[1];
	return ERR_NONE;
}
