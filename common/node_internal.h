// SPDX-License-Identifier: EUPL-1.2
/* node_internal.h - what the files of the node share: node.c (life and batch), node_clock.c (intake's clock), node_door.c
 * (questions that only read). Nobody else includes it. */
#ifndef DOORBRAAK_NODE_INTERNAL_H
#define DOORBRAAK_NODE_INTERNAL_H

#include "common/node.h"

#define NODE_INBOX_MAX       4096u
#define NODE_INBOX_BYTES_MAX (16u << 20)

struct message {
	struct peer from;
	struct bytes bytes; /* owned: malloc */
};

/* A question that waits for records. */
struct parked {
	struct message message;
	uint64_t looked; /* with topics: nothing matched up to here */
	int64_t since_ms;
};

/* What a record of this turn's journal is about: many readers ask. */
struct looked_at {
	unsigned count;
	const char *topics[RECORD_TOPICS_MAX];
};

/* Something to say once the batch is durable. */
struct outgoing {
	struct outgoing *next;
	struct peer to;
	struct bytes bytes; /* in node->arena */
};

struct published {
	struct published *next;
	const char *topic;
	struct bytes bytes;
};

struct node {
	struct node_options options;
	const struct service *service;
	void *self;
	struct store *store;
	struct journal journal;
	struct store_db meta;
	struct why why;

	struct arena arena; /* of a turn: requests, replies */
	struct message *inbox;
	size_t inbox_count, inbox_bytes;
	struct bytes heard; /* the upstream's last answer, not yet applied; owned */
	struct parked *parked;
	size_t parked_count;
	bool parked_left; /* of those parked, some wait for the next turn */
	/* By number, from the first on without gaps; in the arena of the turn. */
	struct looked_at *looked;
	uint64_t looked_first;
	size_t looked_count;
	struct outgoing *out_first, **out_last;
	struct published *pub_first, **pub_last;

	struct node_now now;
	bool waiting; /* asked upstream, not yet answered */
	bool heard_once;
	int64_t asked_ms;
	bool reopen; /* the batch before was undone: caches must be built anew */
	uint64_t request_id;

	/* Intake's clock. */
	int64_t clock_ms;
	cal_day clock_day; /* of the last tick; CAL_NONE before the first */
	int64_t last_wall_ms, last_steady_ms;

	int64_t usage_ms;      /* when the disk was last looked at */
	int64_t handed_in_ms;  /* when something was last handed in; steady */
	int64_t copy_again_ms; /* no copy of the store before; steady */
	struct why copy_why;
	bool disk_full; /* so much so that nothing is written */
	struct node_status status;
};

/* The turn a service sees, and what stands behind it. */
struct batch {
	struct turn turn; /* first: turn_answer() gets back from it */
	struct node *node;
	struct cursor cursor;
	struct journal_head head;
	struct record origin; /* the submission of the current cause, when origin_cause says so */
	uint64_t origin_cause;
	bool origin_new; /* to be kept with the batch */
	struct node_status before;
};

#define NODE_HISTORY_KEY "history"

/* node.c: opens the databases, those of the service too, in a write transaction of its own. */
enum err node_databases_open(struct node *node) MUST_USE;
/* node_erase.c: what was erased and is still in the file. */
void node_erase_load(struct node *node, struct store_txn *txn);
void node_erase_keep(struct batch *batch);
enum err node_erase_turn(struct node *node) MUST_USE;

/* node_batch.c: batches, and what is told after them. */
bool node_is_intake(const struct node *node);
void node_batch_begin(struct batch *batch, struct node *node);
enum err node_batch_commit(struct batch *batch) MUST_USE;
enum err node_intake_batch(struct node *node, const struct message *const *messages, const pb_Request *const *requests,
			   size_t count) MUST_USE;
enum err node_upstream_batch(struct node *node, const pb_PullReply *pull) MUST_USE;
enum err node_upstream_refused(struct node *node, const pb_RefusedReply *refused) MUST_USE;
enum err node_broken(struct node *node, const char *what, uint64_t seq);
pb_Reply *node_reply_new(struct node *node, uint64_t request_id);
void node_reply(struct node *node, const struct peer *to, const pb_Reply *reply);
void node_refuse(struct node *node, const struct peer *to, uint64_t request_id, int reason, const char *text,
		 uint32_t retry_ms);
void node_tell(struct node *node);
/* Intake seq whose effects are complete here. */
uint64_t node_applied(const struct node *node);

/* node_clock.c: moves intake's clock in a batch. A number of RefusedReason when time cannot be moved, else 0. */
void node_clock_load(struct node *node, struct store_txn *txn);
bool node_clock_is_due(const struct node *node);
/* Does the system clock say what cannot be? */
bool node_clock_is_wrong(const struct node *node);
void node_clock_system(struct batch *batch);
int node_clock_drive(struct batch *batch, int64_t now_ms);
void node_clock_keep(struct batch *batch);

/* node_door.c: everything that only reads. */
void node_door_answer(struct node *node, const struct message *message, const pb_Request *request);
void node_door_unpark(struct node *node);

#endif
