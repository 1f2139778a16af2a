// SPDX-License-Identifier: EUPL-1.2
#include "common/transport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/entrance.h"
#include "common/listener.h"
#include "common/sabotage.h"
#include "common/unsent.h"
#include "common/zsocket.h"

#define DELIMITED 1u /* first byte of a peer's id: an empty frame stood before its question (REQ) */

struct transport {
	void *context;
	void *door;
	void *upstream; /* NULL: none */
	void *stream;   /* NULL: none */
	char door_endpoint[TRANSPORT_ENDPOINT_MAX];
	char stream_endpoint[TRANSPORT_ENDPOINT_MAX];
	bool upstream_new; /* not yet told */
	bool curve;
	struct entrance entrance;
	char upstream_endpoint[TRANSPORT_ENDPOINT_MAX];
	int listener; /* of a stream with keys, which may have to be made anew; -1: none */
	struct transport_figures figures;
	struct unsent unsent;
};

static const struct curve_pair *
own_of(const struct transport_options *options)
{
	return options->curve == NULL ? NULL : options->curve->line.own;
}

static bool
open_door(struct transport *t, const struct transport_options *options, struct why *why)
{
	_Static_assert(TRANSPORT_SUBMIT_HWM >= 2 * TRANSPORT_WINDOW_MAX, "a full window of questions must fit twice");
	const struct zsocket_options door = {
	    .type = ZMQ_ROUTER,
	    .hwm = options->submissions ? TRANSPORT_SUBMIT_HWM : TRANSPORT_HWM,
	    .frame_bytes_max = TRANSPORT_FRAME_MAX,
	    .endpoint = options->listen,
	    .own = own_of(options),
	    .domain = ENTRANCE_DOMAIN_DOOR,
	};

	t->door = zsocket_open(t->context, &door, why);
	if (t->door == NULL || !zsocket_bind(t->door, options->listen, why))
		return false;
	zsocket_endpoint(t->door, t->door_endpoint, sizeof(t->door_endpoint));
	return true;
}

static bool
open_stream(struct transport *t, const char *endpoint, const struct curve_pair *own, struct why *why)
{
	const struct zsocket_options stream = {
	    .type = ZMQ_PUB,
	    .hwm = TRANSPORT_STREAM_HWM,
	    .frame_bytes_max = 4096, /* subscriptions are all that comes in */
	    .endpoint = endpoint,
	    .own = own,
	    .domain = ENTRANCE_DOMAIN_STREAM,
	};

	t->stream = zsocket_open(t->context, &stream, why);
	if (own != NULL && t->listener < 0)
		t->listener = listener_open(endpoint, why);
	if (t->stream == NULL || (own != NULL && t->listener < 0) ||
	    !(own == NULL ? zsocket_bind(t->stream, endpoint, why)
			  : zsocket_bind_to(t->stream, endpoint, t->listener, why)))
		return false;
	zsocket_endpoint(t->stream, t->stream_endpoint, sizeof(t->stream_endpoint));
	return true;
}

static bool
open_upstream(struct transport *t, const struct transport_options *options, struct why *why)
{
	const struct zsocket_options upstream = {
	    .type = ZMQ_DEALER,
	    .hwm = TRANSPORT_HWM,
	    .frame_bytes_max = RECORD_REPLY_MAX,
	    .endpoint = options->upstream,
	    .own = own_of(options),
	    .server = options->curve == NULL ? NULL : &options->curve->line.servers[0],
	};

	snprintf(t->upstream_endpoint, sizeof(t->upstream_endpoint), "%s", options->upstream);
	t->upstream = zsocket_open(t->context, &upstream, why);
	return t->upstream != NULL && zsocket_connect(t->upstream, options->upstream, why);
}

static void
close_all(struct transport *t, int linger_ms)
{
	zsocket_close(t->upstream, 0);
	zsocket_close(t->stream, linger_ms);
	zsocket_close(t->door, linger_ms);
	if (t->curve)
		entrance_close(&t->entrance);
	if (t->context != NULL)
		zsocket_context_end(t->context);
	if (t->listener >= 0)
		close(t->listener);
	/* libzmq leaves these files behind. */
	zsocket_remove_file(t->door_endpoint);
	zsocket_remove_file(t->stream_endpoint);
	free(t);
}

enum err
transport_open(struct transport **transport, const struct transport_options *options, struct why *why)
{
	ASSERT(options->listen != NULL);
	struct transport *t = calloc(1, sizeof(*t));

	*transport = NULL;
	if (t == NULL)
		fatal("out of memory");
	unsent_init(&t->unsent);
	t->listener = -1;
	t->context = zsocket_context(why);
	if (t->context == NULL)
		goto fail;
	t->curve = options->curve != NULL;
	if (t->curve && !entrance_open(&t->entrance, t->context, options->curve, why))
		goto fail;
	/* The upstream last: nothing is asked before we can be asked. */
	if (!open_door(t, options, why))
		goto fail;
	if (t->curve && !entrance_test(&t->entrance, t->context, t->door_endpoint, options->curve->line.own, why))
		goto fail;
	if (options->publish != NULL && !open_stream(t, options->publish, own_of(options), why))
		goto fail;
	if (options->upstream != NULL && !open_upstream(t, options, why))
		goto fail;
	*transport = t;
	return ERR_NONE;
fail:
	close_all(t, 0);
	return ERR_REFUSED;
}

void
transport_close(struct transport **transport)
{
	if (*transport != NULL)
		close_all(*transport, TRANSPORT_LINGER_MS);
	*transport = NULL;
}

struct transport_fds
transport_fds(const struct transport *transport)
{
	struct transport_fds fds = {.fds = {zsocket_fd(transport->door)}, .count = 1};

	fds.door = fds.fds[0];
	if (transport->upstream != NULL)
		fds.fds[fds.count++] = zsocket_fd(transport->upstream);
	if (transport->curve)
		fds.fds[fds.count++] = zsocket_fd(transport->entrance.zap.socket);
	else if (transport->stream != NULL)
		fds.fds[fds.count++] = zsocket_fd(transport->stream);
	return fds;
}

/* A DEALER that only sends over a standing connection can send exactly when there is one (and it is not full). */
static bool
upstream_has_input(struct transport *t)
{
	const int events = zsocket_events(t->upstream);
	const bool connected = (events & ZMQ_POLLOUT) != 0;

	if (connected && !t->figures.upstream_connected)
		t->upstream_new = true;
	t->figures.upstream_connected = connected;
	return (events & ZMQ_POLLIN) != 0;
}

bool
transport_has_input(struct transport *transport, bool door)
{
	/* Every socket is asked, also when the answer is known: asking is what lets the library see to peers that came
	 * and went, and what arms its descriptor again. */
	const bool at_door = (zsocket_events(transport->door) & ZMQ_POLLIN) != 0;
	const bool upstream = transport->upstream != NULL && upstream_has_input(transport);

	const bool at_entrance = transport->curve && (zsocket_events(transport->entrance.zap.socket) & ZMQ_POLLIN) != 0;

	if (transport->stream != NULL)
		(void)zsocket_events(transport->stream);
	return (door && at_door) || upstream || at_entrance || transport->upstream_new;
}

bool
transport_upstream_is_new(struct transport *transport)
{
	const bool is_new = transport->upstream_new;

	transport->upstream_new = false;
	return is_new;
}

static void
name_peer(const struct transport *t, struct peer *peer, zmq_msg_t *frame)
{
	if (!t->curve)
		return;
	peer->has_key = zsocket_user(frame, &peer->key);
	if (SABOTAGE(TRUST_ROUTING_ID) && peer->len == CURVE_KEY_SIZE + 1)
		memcpy(peer->key.b, peer->id + 1, CURVE_KEY_SIZE);
}

/* identity [empty] question. Anything else becomes an empty question of the same peer: it is refused with words. */
static void
take_one(struct transport *t, zmq_msg_t *frame, const struct transport_sink *sink)
{
	const struct bytes id = zsocket_bytes(frame);
	struct peer peer = {.len = 0};
	bool right = id.len < NODE_PEER_MAX && zmq_msg_more(frame);

	t->figures.questions++;
	if (right && unsent_is_behind(&t->unsent, id)) {
		t->figures.unheard++;
		zsocket_drop_rest(t->door, frame);
		return;
	}
	if (right) {
		peer.len = (uint8_t)(id.len + 1);
		memcpy(peer.id + 1, id.data, id.len);
	}
	/* All frames of a message are there once its first is. */
	right = right && zsocket_receive(t->door, frame);
	if (right && zmq_msg_size(frame) == 0 && zmq_msg_more(frame)) {
		peer.id[0] = DELIMITED;
		right = zsocket_receive(t->door, frame);
	}
	/* Of the question, as the frame with the routing id has no key. */
	name_peer(t, &peer, frame);
	if (!right || zmq_msg_more(frame)) {
		t->figures.malformed++;
		zsocket_drop_rest(t->door, frame);
		if (peer.len > 0)
			sink->take(sink->ctx, &peer, bytes_of(NULL, 0));
		return;
	}
	sink->take(sink->ctx, &peer, zsocket_bytes(frame));
}

static unsigned
hear_all(struct transport *t, unsigned budget, zmq_msg_t *frame, const struct transport_sink *sink)
{
	unsigned count = 0;

	while (count < budget && zsocket_receive(t->upstream, frame)) {
		count++;
		if (zmq_msg_more(frame)) {
			t->figures.malformed++;
			zsocket_drop_rest(t->upstream, frame);
			continue;
		}
		t->figures.heard++;
		sink->hear(sink->ctx, zsocket_bytes(frame));
	}
	return count;
}

unsigned
transport_take(struct transport *transport, unsigned budget, const struct transport_sink *sink)
{
	unsigned count = 0, heard = 0;
	zmq_msg_t frame;

	zmq_msg_init(&frame);
	if (transport->curve)
		zap_answer(&transport->entrance.zap);
	if (transport->upstream != NULL)
		heard = hear_all(transport, budget, &frame, sink);
	while (count < budget && sink->has_room(sink->ctx) && zsocket_receive(transport->door, &frame)) {
		take_one(transport, &frame, sink);
		count++;
	}
	zmq_msg_close(&frame);
	return heard + count;
}

void
transport_reply(struct transport *transport, const struct peer *to, struct bytes message)
{
	ASSERT(to->len > 1);
	const struct bytes id = bytes_of(to->id + 1, to->len - 1u);
	struct unsent_block *block = unsent_take(&transport->unsent, id, message);
	/* Once the first frame is taken, the library takes the others too, or drops all when the peer goes. */
	const bool begun = block != NULL && zsocket_send(transport->door, id, true) &&
			   (to->id[0] != DELIMITED || zsocket_send(transport->door, bytes_of(NULL, 0), true));

	if (begun && zsocket_give(transport->door, unsent_bytes(block), unsent_let_go, block)) {
		transport->figures.replies++;
		return;
	}
	if (block != NULL && !begun)
		unsent_let_go(NULL, block);
	transport->figures.replies_dropped++;
}

void
transport_ask(struct transport *transport, struct bytes message)
{
	ASSERT(transport->upstream != NULL);
	if (zsocket_send(transport->upstream, message, false))
		transport->figures.asked++;
	else
		transport->figures.asks_dropped++;
}

void
transport_publish(struct transport *transport, const char *topic, struct bytes message)
{
	if (transport->stream == NULL)
		return;
	if (zsocket_send(transport->stream, bytes_str(topic), true) && zsocket_send(transport->stream, message, false))
		transport->figures.published++;
}

/* ---- keys that come and go ---- */

/* Whole messages leave: half a one ends some subscribers (libzmq 4.3.4). Those who may still hear it come back by themselves. */
static void
stream_anew(struct transport *t)
{
	struct curve_pair *own = zsocket_pair(t->door);
	char endpoint[TRANSPORT_ENDPOINT_MAX];
	struct why why;

	memcpy(endpoint, t->stream_endpoint, sizeof(endpoint));
	zsocket_close(t->stream, TRANSPORT_LINGER_MS);
	entrance_stream_begins(&t->entrance);
	if (!open_stream(t, endpoint, own, &why))
		fatal("the live stream cannot be made anew: %s", why.text);
	curve_pair_free(&own);
}

void
transport_keys_changed(struct transport *transport, const struct curve_key *servers, unsigned count)
{
	struct transport *t = transport;

	ASSERT(t->curve && count <= CURVE_SERVERS_MAX);
	if (t->upstream != NULL)
		entrance_servers(&t->entrance, servers, count);
	if (t->stream == NULL || !entrance_stream_is_stale(&t->entrance))
		return;
	stream_anew(t);
}

enum err
transport_tend(struct transport *transport, int64_t steady_ms, struct why *why)
{
	struct transport *t = transport;
	const struct curve_key *server = NULL;

	if (t->upstream != NULL)
		server = entrance_next_server(&t->entrance, t->figures.upstream_connected, steady_ms);
	if (server != NULL && !zsocket_point(t->upstream, t->upstream_endpoint, server, why))
		return ERR_REFUSED;
	return ERR_NONE;
}

const char *
transport_door(const struct transport *transport)
{
	return transport->door_endpoint;
}

const char *
transport_stream(const struct transport *transport)
{
	return transport->stream_endpoint;
}

struct transport_figures
transport_figures(const struct transport *transport)
{
	struct transport_figures figures = transport->figures;

	figures.unsent_bytes = unsent_all(&transport->unsent);
	figures.entered = transport->entrance.zap.entered;
	figures.turned_away = transport->entrance.zap.refused;
	return figures;
}
