// SPDX-License-Identifier: EUPL-1.2
#include "common/zsocket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/listener.h"

/* Stands among the drafts of zmq.h, and works: with a domain and without a handler nobody comes in. */
#define ZAP_ENFORCE_DOMAIN 93
#define CURVE_OVERHEAD     64 /* bytes that a frame grows by, at most */

struct int_option {
	int option, value;
};

/* Who never shakes hands is given up after HANDSHAKE_IVL, who takes nothing of what was sent after TCP_MAXRT, a machine that is
 * gone after the keepalives. */
static const struct int_option common_options[] = {
    {ZMQ_LINGER, 0},
    {ZMQ_TCP_KEEPALIVE, 1},
    {ZMQ_TCP_KEEPALIVE_IDLE, 5},
    {ZMQ_TCP_KEEPALIVE_INTVL, 1},
    {ZMQ_TCP_KEEPALIVE_CNT, 3},
    {ZMQ_TCP_MAXRT, ZSOCKET_STALL_MS},
    {ZMQ_HANDSHAKE_IVL, 3000},
    {ZMQ_CONNECT_TIMEOUT, 3000},
    {ZMQ_RECONNECT_IVL, 100},
    {ZMQ_RECONNECT_IVL_MAX, 1000},
};

/* Only who connects asks whether the other side is alive, and says how long it wants to be missed (TTL). libzmq 4.3.4 ends
 * the process (libzmq#4364) when it is time to ask a peer whose queue was full when it hung up: for a socket that anybody may
 * connect to that is an invitation. */
static const struct int_option heartbeat_options[] = {
    {ZMQ_HEARTBEAT_IVL, 1000},
    {ZMQ_HEARTBEAT_TIMEOUT, 3000},
    {ZMQ_HEARTBEAT_TTL, 3000},
};

/* A call that a signal interrupted is made again. */
#define RETRY(rc, call)                                                                                                \
	do {                                                                                                           \
		(rc) = (call);                                                                                         \
	} while ((rc) < 0 && zmq_errno() == EINTR)

static bool
set_and_read_back(void *socket, int option, int value, struct why *why)
{
	int is = 0;
	size_t len = sizeof(is);

	if (zmq_setsockopt(socket, option, &value, sizeof(value)) == 0 &&
	    zmq_getsockopt(socket, option, &is, &len) == 0 && is == value)
		return true;
	why_set(why, "libzmq does not take option %d as %d; is it the version that this program was built for?", option,
		value);
	return false;
}

/* Not every option can be read back. */
static bool
set_only(void *socket, int option, int value, struct why *why)
{
	if (zmq_setsockopt(socket, option, &value, sizeof(value)) == 0)
		return true;
	why_set(why, "libzmq does not take option %d as %d: %s", option, value, zmq_strerror(zmq_errno()));
	return false;
}

static bool
set_frame_max(void *socket, int64_t bytes_max, struct why *why)
{
	int64_t is = 0;
	size_t len = sizeof(is);

	if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &bytes_max, sizeof(bytes_max)) == 0 &&
	    zmq_getsockopt(socket, ZMQ_MAXMSGSIZE, &is, &len) == 0 && is == bytes_max)
		return true;
	why_set(why, "libzmq does not take a largest frame of %lld bytes", (long long)bytes_max);
	return false;
}

static bool
set_all(void *socket, const struct int_option *options, size_t count, struct why *why)
{
	for (size_t i = 0; i < count; i++) {
		if (!set_and_read_back(socket, options[i].option, options[i].value, why))
			return false;
	}
	return true;
}

static bool
set_bytes(void *socket, int option, const void *value, size_t len, struct why *why)
{
	if (zmq_setsockopt(socket, option, value, len) == 0)
		return true;
	why_set(why, "libzmq does not take option %d: %s; was it built with CURVE?", option, zmq_strerror(zmq_errno()));
	return false;
}

static bool
set_curve(void *socket, const struct zsocket_options *options, struct why *why)
{
	const struct curve_pair *own = options->own;

	if (own == NULL)
		return true;
	if (!set_bytes(socket, ZMQ_CURVE_PUBLICKEY, own->public.b, CURVE_KEY_SIZE, why) ||
	    !set_bytes(socket, ZMQ_CURVE_SECRETKEY, own->secret, CURVE_KEY_SIZE, why))
		return false;
	if (options->server != NULL)
		return set_bytes(socket, ZMQ_CURVE_SERVERKEY, options->server->b, CURVE_KEY_SIZE, why);
	ASSERT(options->domain != NULL);
	return set_and_read_back(socket, ZMQ_CURVE_SERVER, 1, why) &&
	       set_bytes(socket, ZMQ_ZAP_DOMAIN, options->domain, strlen(options->domain), why) &&
	       set_and_read_back(socket, ZAP_ENFORCE_DOMAIN, 1, why);
}

static bool
set_options(void *socket, const struct zsocket_options *options, struct why *why)
{
	ASSERT(options->hwm > 0);
	ASSERT(options->frame_bytes_max >= 276); /* the CURVE handshake */

	const bool connects = options->type != ZMQ_ROUTER && options->type != ZMQ_PUB;

	if (!set_all(socket, common_options, sizeof(common_options) / sizeof(common_options[0]), why))
		return false;
	/* Only over a standing connection. A subscriber keeps its pipe instead: taken away with half a message in it, libzmq
	 * 4.3.4 aborts. */
	if (!set_and_read_back(socket, ZMQ_IMMEDIATE, options->type != ZMQ_SUB, why))
		return false;
	if (connects &&
	    !set_all(socket, heartbeat_options, sizeof(heartbeat_options) / sizeof(heartbeat_options[0]), why))
		return false;
	if (!set_and_read_back(socket, ZMQ_SNDHWM, options->hwm, why) ||
	    !set_and_read_back(socket, ZMQ_RCVHWM, options->hwm, why) ||
	    !set_frame_max(socket, options->frame_bytes_max + (options->own == NULL ? 0 : CURVE_OVERHEAD), why) ||
	    !set_curve(socket, options, why))
		return false;
	if (strchr(options->endpoint, '[') != NULL && !set_and_read_back(socket, ZMQ_IPV6, 1, why))
		return false;
	return options->type != ZMQ_ROUTER || set_only(socket, ZMQ_ROUTER_MANDATORY, 1, why);
}

void *
zsocket_context(struct why *why)
{
	int major, minor, patch;

	zmq_version(&major, &minor, &patch);
	if (ZMQ_MAKE_VERSION(major, minor, patch) < ZSOCKET_VERSION_MIN) {
		why_set(why, "libzmq is %d.%d.%d; 4.3.4 or later is needed", major, minor, patch);
		return NULL;
	}
	void *context = zmq_ctx_new();
	if (context == NULL) {
		why_set(why, "libzmq: %s", zmq_strerror(zmq_errno()));
		return NULL;
	}
	const int rc = zmq_ctx_set(context, ZMQ_BLOCKY, 0);
	ASSERT(rc == 0);
	return context;
}

void
zsocket_context_end(void *context)
{
	int rc;

	RETRY(rc, zmq_ctx_term(context));
	ASSERT(rc == 0);
}

void *
zsocket_open(void *context, const struct zsocket_options *options, struct why *why)
{
	void *socket = zmq_socket(context, options->type);

	if (socket == NULL) {
		why_set(why, "libzmq: no socket: %s", zmq_strerror(zmq_errno()));
		return NULL;
	}
	if (!set_options(socket, options, why)) {
		zsocket_close(socket, 0);
		return NULL;
	}
	return socket;
}

static int
int_option(void *socket, int option)
{
	int value = 0, rc;
	size_t len = sizeof(value);

	RETRY(rc, zmq_getsockopt(socket, option, &value, &len));
	ASSERT(rc == 0);
	return value;
}

/* libzmq removes whatever stands at the path before it binds: good for what a killed process left behind, but it would
 * also take the door away from a process that lives. */
bool
zsocket_bind(void *socket, const char *endpoint, struct why *why)
{
	int rc;

	if (int_option(socket, ZMQ_USE_FD) < 0 && strncmp(endpoint, "ipc://", 6) == 0 &&
	    listener_is_there(endpoint + 6)) {
		why_set(why, "%s is in use by a process that listens there", endpoint);
		return false;
	}
	RETRY(rc, zmq_bind(socket, endpoint));
	if (rc != 0)
		why_set(why, "cannot listen at %s: %s", endpoint, zmq_strerror(zmq_errno()));
	return rc == 0;
}

bool
zsocket_bind_to(void *socket, const char *endpoint, int listener, struct why *why)
{
	const int copy = fcntl(listener, F_DUPFD_CLOEXEC, 0);

	if (copy >= 0 && set_and_read_back(socket, ZMQ_USE_FD, copy, why))
		return zsocket_bind(socket, endpoint, why);
	if (copy < 0)
		why_set(why, "cannot listen at %s: %s", endpoint, strerror(errno));
	else
		close(copy);
	return false;
}

bool
zsocket_connect(void *socket, const char *endpoint, struct why *why)
{
	int rc;

	RETRY(rc, zmq_connect(socket, endpoint));
	if (rc != 0)
		why_set(why, "cannot use %s: %s", endpoint, zmq_strerror(zmq_errno()));
	return rc == 0;
}

bool
zsocket_point(void *socket, const char *endpoint, const struct curve_key *server, struct why *why)
{
	/* Not connected there: also good. */
	(void)zmq_disconnect(socket, endpoint);
	return set_bytes(socket, ZMQ_CURVE_SERVERKEY, server->b, CURVE_KEY_SIZE, why) &&
	       zsocket_connect(socket, endpoint, why);
}

struct curve_pair *
zsocket_pair(void *socket)
{
	struct curve_pair *pair = curve_pair_new();
	size_t len = CURVE_KEY_SIZE;
	int rc = zmq_getsockopt(socket, ZMQ_CURVE_SECRETKEY, pair->secret, &len);

	ASSERT(rc == 0);
	rc = zmq_getsockopt(socket, ZMQ_CURVE_PUBLICKEY, pair->public.b, &len);
	ASSERT(rc == 0);
	return pair;
}

void
zsocket_close(void *socket, int linger_ms)
{
	int rc;

	if (socket == NULL)
		return;
	rc = zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof(linger_ms));
	ASSERT(rc == 0);
	rc = zmq_close(socket);
	ASSERT(rc == 0);
}

int
zsocket_events(void *socket)
{
	return int_option(socket, ZMQ_EVENTS);
}

int
zsocket_fd(void *socket)
{
	return int_option(socket, ZMQ_FD);
}

void
zsocket_endpoint(void *socket, char *out, size_t size)
{
	int rc;

	RETRY(rc, zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, out, &size));
	ASSERT(rc == 0);
}

void
zsocket_remove_file(const char *endpoint)
{
	if (strncmp(endpoint, "ipc://", 6) == 0)
		unlink(endpoint + 6);
}

static bool
send_message(void *socket, zmq_msg_t *message, int flags)
{
	int rc;

	RETRY(rc, zmq_msg_send(message, socket, ZMQ_DONTWAIT | flags));
	if (rc >= 0)
		return true;

	const int error = zmq_errno();
	zmq_msg_close(message);
	if (error != EAGAIN && error != EHOSTUNREACH)
		fatal("libzmq: a message cannot be sent: %s", zmq_strerror(error));
	errno = error;
	return false;
}

bool
zsocket_send(void *socket, struct bytes frame, bool more)
{
	zmq_msg_t message;

	if (zmq_msg_init_size(&message, frame.len) != 0)
		fatal("out of memory: a message of %zu bytes", frame.len);
	if (frame.len > 0)
		memcpy(zmq_msg_data(&message), frame.data, frame.len);
	return send_message(socket, &message, more ? ZMQ_SNDMORE : 0);
}

bool
zsocket_give(void *socket, struct bytes frame, void (*gone)(void *data, void *hint), void *hint)
{
	zmq_msg_t message;

	if (zmq_msg_init_data(&message, (void *)(uintptr_t)frame.data, frame.len, gone, hint) != 0)
		fatal("out of memory: a message of %zu bytes", frame.len);
	return send_message(socket, &message, 0);
}

bool
zsocket_receive(void *socket, zmq_msg_t *frame)
{
	int rc;

	RETRY(rc, zmq_msg_recv(frame, socket, ZMQ_DONTWAIT));
	if (rc >= 0)
		return true;
	if (zmq_errno() != EAGAIN)
		fatal("libzmq: a message cannot be received: %s", zmq_strerror(zmq_errno()));
	return false;
}

bool
zsocket_user(zmq_msg_t *frame, struct curve_key *key)
{
	const char *user = zmq_msg_gets(frame, "User-Id");

	return user != NULL && curve_key_read(key, user);
}

void
zsocket_drop_rest(void *socket, zmq_msg_t *frame)
{
	while (zmq_msg_more(frame)) {
		if (!zsocket_receive(socket, frame))
			return;
	}
}
