// SPDX-License-Identifier: EUPL-1.2
/* zmq_socket.h - what transport.c and client.c share of ZeroMQ: contexts, sockets with the options of this project, and
 * calls that survive signals. Nobody else includes it. */
#ifndef DOORBRAAK_ZMQ_SOCKET_H
#define DOORBRAAK_ZMQ_SOCKET_H

#include <zmq.h>

#include "common/bytes.h"
#include "common/err.h"

#define ZMQ_SOCKET_VERSION ZMQ_MAKE_VERSION(4, 3, 4)

struct zmq_socket_options {
	int type;
	int hwm;
	int64_t message_bytes_max;
	const char *endpoint; /* an address with brackets needs IPv6 */
};

/* NULL with *why when the library is too old or has no memory. */
void *zmq_context_open(struct why *why);
void zmq_context_close(void *context);

/* A socket with every option set and read back; not yet bound or connected. NULL with *why. */
void *zmq_socket_open(void *context, const struct zmq_socket_options *options, struct why *why);
bool zmq_socket_bind(void *socket, const char *endpoint, struct why *why) MUST_USE;
bool zmq_socket_connect(void *socket, const char *endpoint, struct why *why) MUST_USE;
/* What is still queued may leave for linger_ms when the context is closed. NULL is fine. */
void zmq_socket_close(void *socket, int linger_ms);

int zmq_socket_int(void *socket, int option);
/* ZMQ_POLLIN, ZMQ_POLLOUT. */
int zmq_socket_events(void *socket);

/* Without blocking; false: not now (errno says why). A message that was sent belongs to the library. */
bool zmq_frame_send(void *socket, struct bytes frame, int flags) MUST_USE;
bool zmq_frame_receive(void *socket, zmq_msg_t *frame) MUST_USE;
/* Takes and drops the frames that follow in the same message. */
void zmq_frames_drop(void *socket);

#endif
