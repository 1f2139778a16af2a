// SPDX-License-Identifier: EUPL-1.2
/* booth.h - a node and everybody around it: who asks it, the journal upstream, time, and a disk that fails.
 *
 * A node of one service without sockets, on a real store in a temporary folder. What it says is kept by who it is said to,
 * and told as short lines for tests that read like the requirement. The journal upstream of a downstream service is written
 * here, and sent as the test likes. Everything handed out lives until booth_close(). */
#ifndef DOORBRAAK_TESTS_BOOTH_H
#define DOORBRAAK_TESTS_BOOTH_H

#include "tests/unit/unit.h"

#include "common/node.h"

#define BOOTH_TOLD_MAX     1024
#define BOOTH_UPSTREAM_MAX 4096

struct booth {
	struct node_options options; /* may be changed before booth_start() */
	struct temp dir;
	struct arena arena;
	struct node *node;
	struct node_now now;

	struct {
		unsigned peer;
		const pb_Reply *reply;
	} told[BOOTH_TOLD_MAX]; /* since the last turn began */
	size_t told_count;
	size_t published;            /* since the last turn began */
	const pb_PullRequest *asked; /* its last question upstream */
	size_t asks;                 /* how often it asked */
	uint64_t requests, drawn;

	enum err commits_fail; /* from now on, after as many good ones: ERR_STORE_FULL, ERR_IO; ERR_NONE */
	unsigned good_commits;

	struct history history;                           /* of the journal upstream */
	struct journal_entry entries[BOOTH_UPSTREAM_MAX]; /* entry i has number i + 1 */
	size_t count;
};

/* Everything but the node: its options can still be changed. Clocks stand at 10:00 on 4 March 2024. */
void booth_init(struct booth *p, const struct service *service);
void booth_start(struct booth *p);
void booth_open(struct booth *p, const struct service *service); /* both */
/* The same where the start must fail: with which words. */
const char *booth_start_fails(struct booth *p, enum err with);
void booth_close(struct booth *p);
/* Ends the process, as it were, and starts it again on the same folder. */
void booth_restart(struct booth *p);
/* The same, with a reserve (and a warning at it) of which so many quarters are free. */
void booth_reserve(struct booth *p, unsigned quarters);

/* One turn; booth_turn() must succeed. */
enum err booth_try(struct booth *p) MUST_USE;
void booth_turn(struct booth *p);
void booth_wait(struct booth *p, int64_t ms); /* time goes by on both clocks, without a turn */

/* Notes a question of a peer; the turn is the caller's. */
void booth_put(struct booth *p, unsigned peer, pb_Request *request);
void booth_put_bytes(struct booth *p, unsigned peer, struct bytes message);
/* What the peer was told last in this turn; NULL when nothing. */
const pb_Reply *booth_told(const struct booth *p, unsigned peer);
/* Both, with a turn between; as a line. */
const char *booth_ask(struct booth *p, unsigned peer, pb_Request *request);
const char *booth_pull(struct booth *p, unsigned peer, const pb_PullRequest *pull);

/* Nothing said: "nothing". Pull: `1-3 5 upto 7 head 9 applied 0`, without records `none upto ...`; other replies:
 * `refused BUSY retry 1000`, `accepted 3`, `rejected SOURCE_UNKNOWN`, `clock 7`, `status`, `cases 2`. */
const char *booth_line(struct booth *p, const pb_Reply *reply);
const char *booth_line_to(struct booth *p, unsigned peer);

/* Questions, in the arena. */
pb_Request *booth_request(struct booth *p); /* with no body */
pb_Request *booth_pull_of(struct booth *p, const pb_PullRequest *pull);
pb_Request *booth_status(struct booth *p);
pb_Request *booth_clock(struct booth *p, int64_t now_ms);
pb_Request *booth_submit(struct booth *p, struct bytes submission, int64_t now_ms); /* 0: without `now` */
pb_PullRequest *booth_from(struct booth *p, pb_Cursor *after);                      /* a pull */
/* The true cursor of the node's own journal at that number. */
pb_Cursor *booth_cursor(struct booth *p, uint64_t seq);
ProtobufCBinaryData booth_data(struct booth *p, struct bytes b);

/* The journal upstream. */
void booth_write(struct booth *p, pb_JournalRecord *record);
void booth_write_bytes(struct booth *p, struct bytes raw);         /* a record as it is; borrowed */
void booth_write_intake(struct booth *p, pb_IntakeRecord *intake); /* stamped now */
void booth_write_ticks(struct booth *p, unsigned count);           /* so many days go by */
/* Hears records first..last; they complete intake's `applied`. No records: last < first. */
void booth_send(struct booth *p, size_t first, size_t last, uint64_t applied);
void booth_send_reply(struct booth *p, pb_Reply *reply);
void booth_send_refusal(struct booth *p, int reason);
/* Sends all that is written and not yet applied, and takes the turns for it. */
void booth_feed(struct booth *p);

struct node_status booth_status_of(const struct booth *p);
struct journal_head booth_head(struct booth *p);
int64_t booth_local_ms(const char *local_time); /* "2024-03-04T10:00" */

#endif
