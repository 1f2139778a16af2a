// SPDX-License-Identifier: EUPL-1.2
/* node.h - a running service without its sockets: the turn.
 *
 * Messages come in through node_take() (questions at the door) and node_hear() (the upstream's answers); they are only
 * noted. node_turn() then does one turn:
 *
 *   1. begin one write transaction; intake first moves its clock (ticks), then admits what was submitted; the others check
 *      the upstream's records against the chain and apply them;
 *   2. the cursor moves in the same transaction; commit;
 *   3. only now tell: replies, published records, parked questions that can be answered, the next question upstream.
 *
 * Failure: the map is full, or less than half the reserve is free on the disk -> nothing is kept of the batch, the node
 * refuses (it tries again with node_turn), goes on answering, and takes again when there is room; any other
 * failed commit -> the caller must end the process. The upstream refuses the cursor, or its records do not fit the chain
 * -> the caller must end the process: the sentence in node_why() says what to do. An unanswered question is asked again
 * after NODE_REPEAT_MS: the transport is never trusted to keep anything.
 *
 * Erasure: what a service deletes for good (turn.erased) still stands in the file. So the store is copied anew
 * (store_compact) at a quiet moment, when nothing was handed in for a sixtieth of erase_within_ms, and at the latest when
 * that time is over; many erasures share one copy. What is pending is kept in the store, and seen again at the next start.
 *
 * The simulator and the tests drive nodes directly; runtime.h drives one with real sockets. */
#ifndef DOORBRAAK_NODE_H
#define DOORBRAAK_NODE_H

#include "common/cursor.h"
#include "common/curve.h"
#include "common/service.h"

#define NODE_TURN_RECORDS_MAX 2048u
#define NODE_TURN_BYTES_MAX   (4u << 20)
#define NODE_TURN_MEMORY_MAX  (64u << 20) /* of answers in one turn; who asks more is refused BUSY */
#define NODE_UNPARK_MEMORY    (8u << 20) /* of answers to open questions in one turn; the rest waits for the next one */
#define NODE_PARKED_MAX       2048u      /* open questions: of ZeroMQ's clients, and one of each HTTP stream */
#define NODE_REPEAT_MS        1000       /* an unanswered question upstream is asked again */
#define NODE_PARK_MS          10000      /* a parked question is answered with nothing after this */
#define NODE_CLOCK_JUMP_MS    300000     /* a larger jump is a record of its own */
#define NODE_CLOCK_DAYS_MAX   3660       /* driven clock: at most so far at once; the system's: further is a mistake */
#define NODE_SCAN_MAX         20000u     /* records looked at for one filtered answer */
#define NODE_ERASE_WITHIN_MS  3600000    /* what was erased has left the file after so long */
#define NODE_ERASE_QUIET      60         /* quiet: nothing handed in for this part of that time */
#define NODE_ERASE_AGAIN_MS   10000      /* after a copy that could not be made */

/* Who asked: opaque to the node, kept to send the reply to. */
#define NODE_PEER_MAX 64
#define NODE_NOBODY   255 /* as a length: nobody is told */
struct peer {
	uint8_t len;
	uint8_t id[NODE_PEER_MAX];
	bool has_key; /* of a client with CURVE: by which key its message came */
	struct curve_key key;
};

struct node_now {
	int64_t wall_ms;   /* milliseconds since 1970; may jump */
	int64_t steady_ms; /* monotonic */
};

enum node_clock { NODE_CLOCK_SYSTEM, NODE_CLOCK_DRIVEN };

struct node_io {
	void *ctx;
	void (*reply)(void *ctx, const struct peer *to, struct bytes message);
	void (*ask)(void *ctx, struct bytes message);                        /* upstream; not used at intake */
	void (*publish)(void *ctx, const char *topic, struct bytes message); /* may be NULL */
	void (*random)(void *ctx, uint8_t *out, size_t len);
	/* Questions about the access log, in the arena of the turn; may be NULL. */
	void (*access_log)(void *ctx, struct arena *a, const pb_AccessLogRequest *request, pb_AccessLogReply *reply);
};

struct node_options {
	const struct service *service;
	struct store_options store;
	enum node_clock clock; /* intake */
	uint64_t
	    disk_reserve_bytes; /* refuse submissions when less is free on the volume; below half of it write nothing */
	uint64_t disk_warn_bytes;  /* the same volume: time to look */
	uint32_t turn_records_max; /* 0: NODE_TURN_RECORDS_MAX; tests vary it */
	int64_t erase_within_ms;   /* 0: NODE_ERASE_WITHIN_MS */
	struct node_io io;
};

struct node;

enum err node_open(struct node **node, const struct node_options *options, struct why *why) MUST_USE;
void node_close(struct node **node);

/* Notes a question of a peer / an answer of the upstream. The bytes are copied. */
void node_take(struct node *node, const struct peer *from, struct bytes message);
void node_hear(struct node *node, struct bytes message);
/* The connection to the upstream was lost or is new: ask again at once. */
void node_upstream_changed(struct node *node);
/* True when it has room for more questions; while false, leave them where they are. */
bool node_has_room(const struct node *node);
/* For so many; larger ones need more. */
size_t node_room(const struct node *node);

/* One turn. ERR_NONE, ERR_STORE_FULL (refusing; call again later), or the process must end (see node_why). */
enum err node_turn(struct node *node, struct node_now now) MUST_USE;
const char *node_why(const struct node *node);
/* How long the caller may wait for input before the next turn has work by time alone; milliseconds. */
int64_t node_wait_ms(const struct node *node, struct node_now now);

/* Less than half the reserve is free on the volume: nobody may write there, also not beside the node. */
bool node_may_write(const struct node *node);

/* Takes no more submissions (they are refused DRAINING), still answers pulls. First step of stopping. */
void node_drain(struct node *node);

#define NODE_REFUSALS  64 /* by REASON_... */
#define NODE_QUESTIONS 24 /* refused, by REFUSED_REASON_... */
/* Commits are counted by how long they took: up to 1, 2.5, 5, 10, 25, 50, 100, 250, 500 ms, 1, 2.5, 5 s, and longer. */
#define NODE_COMMIT_BOUNDS 12u
extern const uint64_t node_commit_bounds_us[NODE_COMMIT_BOUNDS];
struct node_status {
	struct cursor cursor;
	struct history history;
	struct journal_head head;
	int64_t clock_ms;        /* intake's clock as last heard; 0: never */
	int64_t heard_steady_ms; /* when the upstream last answered */
	/* refusing: nothing is written, because the map is full or less than half the reserve is free. */
	bool refusing, draining, disk_low, disk_warn, caught_up;
	uint64_t upstream_head;      /* as last heard */
	int64_t behind_steady_ms;    /* since when it has not had all of its upstream; 0: it has */
	cal_day day;                 /* that began last, by the records; CAL_NONE: none yet */
	uint64_t queued, queued_max; /* messages that the last turn found; the most that one found */
	uint64_t records_in, answers_out, commits, batches_undone, pulls, parked, requests_refused;
	uint64_t refusals[NODE_REFUSALS]; /* rejected submissions by reason */
	uint64_t refused[NODE_QUESTIONS]; /* other questions, by reason of the refusal */
	uint64_t commit_us_sum, commit_us_max, commit_counts[NODE_COMMIT_BOUNDS + 1];
	bool clock_wrong; /* intake: the system clock cannot be right, nothing is taken until it is */
	uint64_t jumps;   /* of the system clock, and how far the last one went */
	int64_t jump_ms;
	uint64_t erasures_pending;      /* erased, and not yet out of the file */
	uint64_t erasures_done;         /* since the start: out of the file */
	uint64_t copies, copies_failed; /* fresh copies of the store since the start */
	uint64_t copy_us_sum;
	int64_t erasure_steady_ms; /* when the oldest pending one was made, or this life began; 0: none is */
	struct store_usage usage;
};
void node_status(const struct node *node, struct node_status *status);
/* Why the last copy of the store could not be made; "" when none is needed, or none was tried. */
const char *node_erase_why(const struct node *node);
/* Hands in a submission of the service's own: its reply is told to nobody. */
void node_take_own(struct node *node, struct bytes submission);
struct store *node_store(struct node *node);
struct journal node_journal(const struct node *node);
void *node_self(struct node *node);

#endif
