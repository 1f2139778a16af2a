// SPDX-License-Identifier: EUPL-1.2
#include "common/entrance.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/zsocket.h"

/* ---- who comes in ---- */

static void
remember(struct entrance *e, const struct curve_key *key)
{
	for (unsigned i = 0; i < e->inside_count; i++) {
		if (curve_same(&e->inside[i], key))
			return;
	}
	if (e->inside_count == e->inside_room) {
		e->inside_room = e->inside_room == 0 ? 16 : 2 * e->inside_room;
		e->inside = realloc(e->inside, e->inside_room * sizeof(*e->inside));
		if (e->inside == NULL)
			fatal("out of memory: keys");
	}
	e->inside[e->inside_count++] = *key;
}

static bool
may_enter(void *ctx, const char *domain, const struct curve_key *key)
{
	struct entrance *e = ctx;
	const bool stream = strcmp(domain, ENTRANCE_DOMAIN_STREAM) == 0;

	if (!stream && strcmp(domain, ENTRANCE_DOMAIN_DOOR) != 0)
		return false;
	const bool enters = e->curve.may_enter(e->curve.ctx, stream ? TRANSPORT_AT_STREAM : TRANSPORT_AT_DOOR, key);

	if (enters && stream)
		remember(e, key);
	e->was_refused = e->was_refused || (!enters && curve_same(&e->tried, key));
	return enters;
}

bool
entrance_open(struct entrance *e, void *context, const struct transport_curve *curve, struct why *why)
{
	e->curve = *curve;
	e->curve.line.own = NULL;
	e->zap = (struct zap){.ctx = e, .may_enter = may_enter};
	return zap_open(&e->zap, context, why);
}

void
entrance_close(struct entrance *e)
{
	zap_close(&e->zap);
	free(e->inside);
	e->inside = NULL;
}

/* ---- the stream ---- */

bool
entrance_stream_is_stale(const struct entrance *e)
{
	for (unsigned i = 0; i < e->inside_count; i++) {
		if (!e->curve.may_enter(e->curve.ctx, TRANSPORT_AT_STREAM, &e->inside[i]))
			return true;
	}
	return false;
}

void
entrance_stream_begins(struct entrance *e)
{
	e->inside_count = 0;
}

/* ---- the upstream ---- */

void
entrance_servers(struct entrance *e, const struct curve_key *servers, unsigned count)
{
	struct curve_line *line = &e->curve.line;
	const struct curve_key in_use = line->count > 0 ? line->servers[e->server] : (struct curve_key){{0}};
	bool stays = false;

	for (unsigned i = 0; i < count; i++) {
		if (line->count > 0 && curve_same(&servers[i], &in_use)) {
			e->server = i;
			stays = true;
		}
		line->servers[i] = servers[i];
	}
	/* None left: the one in use stays, so that a list that is wrong for a moment does not cut the row. Whoever has the key may
	 * not come in at us; that we still ask it is told in the log by the silence. */
	if (count == 0)
		return;
	line->count = count;
	if (!stays) {
		e->server = 0;
		e->server_changed = true;
	}
}

const struct curve_key *
entrance_next_server(struct entrance *e, bool connected, int64_t steady_ms)
{
	const struct curve_line *line = &e->curve.line;

	if (!e->server_changed) {
		if (connected || e->tried_ms == 0)
			e->tried_ms = steady_ms;
		/* With one key too: whom a door turned away libzmq never connects again, and a list may know us later. */
		if (line->count == 0 || steady_ms - e->tried_ms < TRANSPORT_OTHER_KEY_MS)
			return NULL;
		e->server = (e->server + 1) % line->count;
	}
	e->server_changed = false;
	e->tried_ms = steady_ms;
	return &line->servers[e->server];
}

/* ---- the self-test ---- */

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Where a client of this machine finds a door that is bound to all addresses. */
static const char *
reachable(const char *endpoint, char out[TRANSPORT_ENDPOINT_MAX])
{
	const char *port = strrchr(endpoint, ':');

	if (strncmp(endpoint, "tcp://0.0.0.0:", 14) == 0)
		snprintf(out, TRANSPORT_ENDPOINT_MAX, "tcp://127.0.0.1%s", port);
	else if (strncmp(endpoint, "tcp://[::]:", 11) == 0)
		snprintf(out, TRANSPORT_ENDPOINT_MAX, "tcp://[::1]%s", port);
	else
		snprintf(out, TRANSPORT_ENDPOINT_MAX, "%s", endpoint);
	return out;
}

static void *
knock(void *context, const char *endpoint, const struct curve_pair *with, const struct curve_key *door, struct why *why)
{
	const struct zsocket_options options = {
	    .type = ZMQ_DEALER, .hwm = 1, .frame_bytes_max = 4096, .endpoint = endpoint, .own = with, .server = door};
	void *socket = zsocket_open(context, &options, why);

	if (socket != NULL && !zsocket_connect(socket, endpoint, why)) {
		zsocket_close(socket, 0);
		socket = NULL;
	}
	return socket;
}

/* It can send exactly when it was let in. */
static bool
is_in(void *socket)
{
	return (zsocket_events(socket) & ZMQ_POLLOUT) != 0;
}

static bool
wait_for_both(struct entrance *e, void *stranger, void *own, struct why *why)
{
	const int64_t until_ms = now_ms() + ENTRANCE_TEST_MS;

	while (now_ms() < until_ms) {
		zmq_pollitem_t items[] = {{.socket = e->zap.socket, .events = ZMQ_POLLIN},
					  {.socket = own, .events = is_in(own) ? 0 : ZMQ_POLLOUT},
					  {.socket = stranger, .events = ZMQ_POLLOUT}};

		(void)zmq_poll(items, 3, 10);
		zap_answer(&e->zap);
		if (is_in(stranger)) {
			why_set(why, "self-test: a random key was let in at the door; the service does not start so");
			return false;
		}
		if (e->was_refused && is_in(own))
			return true;
	}
	why_set(why, "self-test: %s within %d ms; look at the keys, and at libzmq",
		is_in(own) ? "nobody was asked whether a random key may come in"
			   : "our own key does not get in at our door",
		ENTRANCE_TEST_MS);
	return false;
}

bool
entrance_test(struct entrance *e, void *context, const char *endpoint, const struct curve_pair *own, struct why *why)
{
	struct curve_pair *random = curve_pair_new();
	char at[TRANSPORT_ENDPOINT_MAX];

	e->tried = random->public;
	e->was_refused = false;
	void *stranger = knock(context, reachable(endpoint, at), random, &own->public, why);
	void *ours = stranger == NULL ? NULL : knock(context, at, own, &own->public, why);
	const bool good = ours != NULL && wait_for_both(e, stranger, ours, why);

	zsocket_close(ours, 0);
	zsocket_close(stranger, 0);
	curve_pair_free(&random);
	e->zap.entered = e->zap.refused = 0; /* nobody from outside was there */
	return good;
}
