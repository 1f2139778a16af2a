// SPDX-License-Identifier: EUPL-1.2
/* zsocket.h - a ZeroMQ socket the way this project wants it: every option set and read back, calls that survive
 * signals, frames that never block. The only file that includes zmq.h; used by transport.c, zap.c, client.c and curve.c,
 * and by nobody else save the tests of our contract with the library. */
#ifndef DOORBRAAK_ZSOCKET_H
#define DOORBRAAK_ZSOCKET_H

#include <zmq.h>

#include "common/bytes.h"
#include "common/curve.h"
#include "common/err.h"

#define ZSOCKET_VERSION_MIN ZMQ_MAKE_VERSION(4, 3, 4)
#define ZSOCKET_STALL_MS    15000 /* over TCP: a peer that takes nothing for so long is gone */

struct zsocket_options {
	int type; /* ZMQ_ROUTER */
	int hwm;
	int64_t frame_bytes_max; /* a larger frame ends the connection that it came by */
	const char *endpoint;    /* where it will go: brackets want IPv6, ipc a look at who is there */
	/* With CURVE; NULL: none. A socket with the key of a server is a client; without, it is a server, and who comes in is
	 * asked of the ZAP handler (zap.h) under the name `domain`. */
	const struct curve_pair *own;
	const struct curve_key *server;
	const char *domain;
};

/* NULL with *why when the library is too old or has no memory. */
void *zsocket_context(struct why *why);
/* All its sockets are closed. */
void zsocket_context_end(void *context);

/* Not yet bound or connected. NULL with *why. */
void *zsocket_open(void *context, const struct zsocket_options *options, struct why *why);
bool zsocket_bind(void *socket, const char *endpoint, struct why *why) MUST_USE;
/* The same with a copy of what listens there already (listener.h); the library neither binds nor looks. */
bool zsocket_bind_to(void *socket, const char *endpoint, int listener, struct why *why) MUST_USE;
bool zsocket_connect(void *socket, const char *endpoint, struct why *why) MUST_USE;
/* A client with CURVE: goes to the same place, where now this key is expected. */
bool zsocket_point(void *socket, const char *endpoint, const struct curve_key *server, struct why *why) MUST_USE;
/* The pair that was given to a socket. To be freed. */
struct curve_pair *zsocket_pair(void *socket);
/* What is queued may leave for linger_ms once the context ends. NULL is fine. */
void zsocket_close(void *socket, int linger_ms);

/* ZMQ_POLLIN, ZMQ_POLLOUT; asking also takes note of what the library's own thread has to say. */
int zsocket_events(void *socket);
int zsocket_fd(void *socket);
/* Where it is bound; `out` has room for `size`. */
void zsocket_endpoint(void *socket, char *out, size_t size);

/* The socket file of an ipc endpoint that was ours; anything else is left alone. */
void zsocket_remove_file(const char *endpoint);

/* One frame, copied. False with errno EAGAIN or EHOSTUNREACH: not taken. */
bool zsocket_send(void *socket, struct bytes frame, bool more) MUST_USE;
/* The last frame of a message, not copied: `gone` is called once the library needs it no more, in any thread, also when this
 * says false. */
bool zsocket_give(void *socket, struct bytes frame, void (*gone)(void *data, void *hint), void *hint) MUST_USE;
/* One frame, into an initialised message; false: nothing there. */
bool zsocket_receive(void *socket, zmq_msg_t *frame) MUST_USE;
/* Takes and drops what follows `frame` in the same message. */
void zsocket_drop_rest(void *socket, zmq_msg_t *frame);

/* The key that a message came with, as the ZAP handler named it; of its last frame (the first may not have it). False: none. */
bool zsocket_user(zmq_msg_t *frame, struct curve_key *key) MUST_USE;

static inline struct bytes
zsocket_bytes(zmq_msg_t *frame)
{
	return bytes_of(zmq_msg_data(frame), zmq_msg_size(frame));
}

#endif
