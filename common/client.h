// SPDX-License-Identifier: EUPL-1.2
/* client.h - the other side of a door, one message at a time, with deadlines: what libdoorbraak stands on (client/).
 *
 * A client is a DEALER: it may send many questions before it reads the answers (at most TRANSPORT_WINDOW_MAX), which
 * come back in any order; request_id says which is which. Nothing is kept for a connection that breaks, not even an
 * answer that came but was not read: who gets no answer in time asks again, with the same submission, and learns that
 * it is a duplicate when it was accepted before.
 *
 * A subscriber (SUB) hears a live stream. What comes when it is not connected or too slow is missed: seq shows the gap.
 *
 * Clients of one process share one context and its thread: give an earlier one as `beside`. Deadlines use the monotonic
 * clock. Services never wait: an
 * executor (runtime.h) may use a client with a timeout of 0 only. */
#ifndef DOORBRAAK_CLIENT_H
#define DOORBRAAK_CLIENT_H

#include "common/arena.h"
#include "common/curve.h"
#include "common/err.h"

#define CLIENT_OTHER_KEY_MS 600  /* less than any timeout of the tool */
#define CLIENT_SAME_KEY_MS  2000 /* whom a door turned away may be in its list by then */

struct client;

/* Connects in the background; `beside` may be NULL, and so may `line` (no CURVE; else the pair is not needed afterwards). When
 * a door may have several keys they are tried in turn, CLIENT_OTHER_KEY_MS each while there is no connection; a single one is
 * tried again every CLIENT_SAME_KEY_MS.
 * ERR_REFUSED with *why for an endpoint that cannot be one. */
enum err client_open(struct client **client, const char *endpoint, const struct curve_line *line, struct client *beside,
		     struct why *why) MUST_USE;
/* Another connection to the same door, beside it, with the same keys. */
enum err client_open_again(struct client **client, struct client *of, struct why *why) MUST_USE;
/* A client of a live stream. No topic: everything. A topic is a prefix. Of several keys only the first is tried. */
enum err client_open_stream(struct client **client, const char *endpoint, const char *const *topics, unsigned count,
			    const struct curve_line *line, struct client *beside, struct why *why) MUST_USE;
/* Drops what was not sent. Nulls the pointer; NULL is fine. */
void client_close(struct client **client);

/* ERR_NONE: on its way. ERR_AGAIN: there was no connection, or no room, in time. */
enum err client_send(struct client *client, struct bytes message, int timeout_ms) MUST_USE;
/* ERR_NONE with the message in the arena; ERR_AGAIN: nothing in time (0: do not wait); ERR_MALFORMED: not one frame. */
enum err client_receive(struct client *client, int timeout_ms, struct arena *arena, struct bytes *message) MUST_USE;
/* The same for a live stream: the topic and the message. */
enum err client_receive_stream(struct client *client, int timeout_ms, struct arena *arena, const char **topic,
			       struct bytes *message) MUST_USE;
/* Waits until there is something to receive or, with `to_send`, room to send. False: neither in time. */
bool client_wait(struct client *client, bool to_send, int timeout_ms);

#endif
