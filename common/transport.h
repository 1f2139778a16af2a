// SPDX-License-Identifier: EUPL-1.2
/* transport.h - the sockets of a service: its door, its question upstream, its live stream.
 *
 * ZeroMQ is framing and reconnecting here, nothing more:
 * whatever it loses is asked again. All sockets are made at start, every option is set before bind or connect and read
 * back; one context, ended once.
 *
 *   door      ROUTER. Answers DEALER and REQ alike: `struct peer` keeps whether an empty frame stood before the
 *             question (first byte of the id, then the routing id). More frames than that are drained, counted, and
 *             handed on as an empty question, which is refused with words.
 *   upstream  DEALER, one question at a time. It only sends over a standing connection: a question asked without one is
 *             dropped, and transport_upstream_is_new() says when it is worth asking again.
 *   stream    PUB: topic frame, then the message. Lossy by nature.
 *
 * With CURVE all of them are encrypted, and nobody comes in who may not: see zap.h. Each question then tells by which key it
 * came (`peer.key`; never by the routing id, which a client chooses itself). At the start a random key is tried at the door,
 * and must be refused. A connection of which the key is no longer good stays; its questions tell so. The stream cannot leave
 * one subscriber out: when one of those that came in may no longer, it is made anew, and who may comes back.
 *
 * A reply to a peer that is gone or does not read is dropped and counted: it will ask again. What waits for peers to read it
 * is bounded in number (below) and in bytes (unsent.h); over TCP who takes nothing for ZSOCKET_STALL_MS is gone.
 * Whoever does not read its replies is not heard either: its questions are dropped and counted, until it has read.
 *
 * Waiting: a ZeroMQ descriptor tells of changes only, and any call may swallow the news. So add the descriptors to the
 * loop with an empty callback, ask transport_has_input() as the last thing before waiting, and do not wait when it says
 * yes. Nothing here blocks, save transport_close(), at most TRANSPORT_LINGER_MS. */
#ifndef DOORBRAAK_TRANSPORT_H
#define DOORBRAAK_TRANSPORT_H

#include "common/err.h"
#include "common/node.h"

#define TRANSPORT_WINDOW_MAX 256u /* largest number of questions a client may have open */
#define TRANSPORT_SUBMIT_HWM 1024 /* messages a peer on a door that takes submissions; >= 2 * TRANSPORT_WINDOW_MAX */
#define TRANSPORT_HWM        64   /* elsewhere */
#define TRANSPORT_STREAM_HWM 4096 /* messages a subscriber may be behind before it misses some */
#define TRANSPORT_LINGER_MS  200  /* at a clean end, what was told may still leave */
#define TRANSPORT_FRAME_MAX                                                                                            \
	(RECORD_REQUEST_MAX + 4096) /* bytes of a frame at the door; a larger one ends the connection */
#define TRANSPORT_FDS_MAX 3
#define TRANSPORT_OTHER_KEY_MS                                                                                         \
	3000 /* without a connection upstream for so long, its next key, or the same again, is tried */
#define TRANSPORT_ENDPOINT_MAX 256

struct transport;

enum transport_entrance { TRANSPORT_AT_DOOR, TRANSPORT_AT_STREAM };

struct transport_curve {
	struct curve_line line; /* our pair, of the door too; the keys of the upstream */
	void *ctx;
	bool (*may_enter)(void *ctx, enum transport_entrance at, const struct curve_key *key);
};

struct transport_options {
	const char *listen;                  /* tcp://127.0.0.1:7101, tcp://127.0.0.1:*, ipc:///run/x */
	const char *upstream;                /* NULL: none */
	const char *publish;                 /* NULL: none */
	bool submissions;                    /* the door takes submissions: a deeper queue */
	const struct transport_curve *curve; /* NULL: nothing is encrypted; the pair is not needed afterwards */
};

/* ERR_REFUSED: *why says what is wrong with which endpoint; nothing is left open. */
enum err transport_open(struct transport **transport, const struct transport_options *options,
			struct why *why) MUST_USE;
/* What was told may leave for TRANSPORT_LINGER_MS; then sockets and context end. Nulls the pointer. */
void transport_close(struct transport **transport);

/* Descriptors for the loop, to be watched for reading. With CURVE not that of the stream, which may be made anew: a new
 * subscriber is heard at the next turn. */
struct transport_fds {
	int fds[TRANSPORT_FDS_MAX];
	unsigned count;
	int door; /* the one not to wait for while there is no room for questions */
};
struct transport_fds transport_fds(const struct transport *transport);

/* Asks every socket whether there is something to take; with `door` false, the door does not count. */
bool transport_has_input(struct transport *transport, bool door);

/* Where messages go: node_take, node_hear and node_has_room, or a stand-in. */
struct transport_sink {
	void *ctx;
	void (*take)(void *ctx, const struct peer *from, struct bytes message); /* bytes are valid during the call */
	void (*hear)(void *ctx, struct bytes message);
	bool (*has_room)(void *ctx); /* asked before every question */
};
/* At most `budget` messages of the door, and as many of the upstream. How many there were. */
unsigned transport_take(struct transport *transport, unsigned budget, const struct transport_sink *sink);

/* With CURVE, now and then: may_enter is asked again of all who came in, and these are the keys of the upstream. When one may
 * hear the live stream no longer, that is made anew; the others come back. */
void transport_keys_changed(struct transport *transport, const struct curve_key *servers, unsigned count);
/* With CURVE, each turn: what time brings. ERR_REFUSED with *why: the upstream cannot be reached with its next key. */
enum err transport_tend(struct transport *transport, int64_t steady_ms, struct why *why) MUST_USE;

/* True once after each time that a connection upstream came to stand. */
bool transport_upstream_is_new(struct transport *transport);

void transport_reply(struct transport *transport, const struct peer *to, struct bytes message);
void transport_ask(struct transport *transport, struct bytes message);
void transport_publish(struct transport *transport, const char *topic, struct bytes message);

/* Where the door and the stream really are (a free port has its number); the stream "" when there is none. */
const char *transport_door(const struct transport *transport);
const char *transport_stream(const struct transport *transport);

struct transport_figures {
	uint64_t questions, replies, asked, heard, published; /* messages */
	uint64_t replies_dropped;                             /* the peer was gone or did not read */
	uint64_t unsent_bytes;                                /* of replies that were not read yet */
	uint64_t unheard;                                     /* questions of who does not read */
	uint64_t asks_dropped;                                /* no connection upstream */
	uint64_t malformed;                                   /* wrong number of frames, or an id that is too long */
	uint64_t entered, turned_away;                        /* connections with CURVE */
	bool upstream_connected;
};
struct transport_figures transport_figures(const struct transport *transport);

#endif
