// SPDX-License-Identifier: EUPL-1.2
/* entrance.h - what the transport needs for CURVE beside its sockets: who came in, which key of the upstream is tried, and the
 * self-test. For transport.c only. */
#ifndef DOORBRAAK_ENTRANCE_H
#define DOORBRAAK_ENTRANCE_H

#include "common/transport.h"
#include "common/zap.h"

#define ENTRANCE_DOMAIN_DOOR   "door"
#define ENTRANCE_DOMAIN_STREAM "stream"
#define ENTRANCE_TEST_MS       5000

struct entrance {
	struct zap zap;
	struct transport_curve curve; /* without the pair */
	struct curve_key *inside;     /* who came in at the stream since it was opened; owned */
	unsigned inside_count, inside_room;
	unsigned server;        /* of curve.line.servers, in use */
	int64_t tried_ms;       /* since when without a connection; 0: not known yet */
	bool server_changed;    /* to be pointed to */
	struct curve_key tried; /* by the self-test */
	bool was_refused;
};

/* Opens the ZAP handler. False with *why. */
bool entrance_open(struct entrance *entrance, void *context, const struct transport_curve *curve,
		   struct why *why) MUST_USE;
void entrance_close(struct entrance *entrance);
/* Is a random key refused at this endpoint, and our own let in? False with *why: the service must not start. */
bool entrance_test(struct entrance *entrance, void *context, const char *endpoint, const struct curve_pair *own,
		   struct why *why) MUST_USE;
/* May somebody who is at the stream no longer be there? */
bool entrance_stream_is_stale(const struct entrance *entrance);
/* Nobody is at the stream. */
void entrance_stream_begins(struct entrance *entrance);
/* These are the keys of the upstream now. */
void entrance_servers(struct entrance *entrance, const struct curve_key *servers, unsigned count);
/* The key to point the upstream to, NULL when it may stay as it is. */
const struct curve_key *entrance_next_server(struct entrance *entrance, bool connected, int64_t steady_ms);

#endif
