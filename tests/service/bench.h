// SPDX-License-Identifier: EUPL-1.2
/* bench.h - a service at a table: records in, records out.
 *
 * A node of one service on a real store in a temporary folder, without sockets; the bench plays the journal
 * upstream. Messages are written as in a scenario: a name, an actor, and fields in YAML flow style. What the service
 * says is kept as answers, and told as short lines for tests that read like the requirement. Everything handed out
 * lives until bench_close(). */
#ifndef DOORBRAAK_TESTS_BENCH_H
#define DOORBRAAK_TESTS_BENCH_H

#include "tests/unit/unit.h"

#include "common/node.h"

#define BENCH_ANSWERS_MAX 512

struct bench {
	struct temp dir;
	struct arena arena;
	const struct service *service;
	struct node *node;
	struct journal_head head; /* of the upstream */
	uint64_t request;         /* the node's last question */
	uint64_t seq;             /* of intake */
	int64_t now_ms;
	cal_day today;
	bool more_to_come;                        /* the upstream has not yet said all about the cause at hand */
	int64_t sequence_due;                     /* told with the next submission: numbers from here on are missing */
	const pb_Answer *said[BENCH_ANSWERS_MAX]; /* since bench_listen() */
	size_t said_count;
};

/* Opens the service; intake's clock stands at a local time. */
void bench_open(struct bench *b, const struct service *service, const char *local_time);
void bench_close(struct bench *b);
/* Ends the process, as it were, and starts it again on the same folder. */
void bench_restart(struct bench *b);
/* Time goes by: a tick for each local day that begins. */
void bench_at(struct bench *b, const char *local_time);

/* A submission, happening now: bench_say(b, "case-1", "PlanAgreed", "CHAIR@ET-JZ32", "{has_goal: true}"). */
pb_Submission *bench_say(struct bench *b, const char *case_id, const char *kind, const char *actor, const char *fields);
/* As intake would write it. */
void bench_take(struct bench *b, pb_Submission *s, bool opens, uint64_t youth);
/* An answer of another service to the last submission. */
void bench_answer(struct bench *b, int service, const char *case_id, const char *kind, const char *fields);
void bench_tick(struct bench *b, const char *date);
/* Any record of the upstream. */
void bench_feed(struct bench *b, pb_JournalRecord *record);

/* Forgets what was said so far. */
void bench_listen(struct bench *b);
/* One line an answer, see bench.c. */
const char *bench_story(struct bench *b);
/* The last answer with a body of that kind since bench_listen(); NULL when there is none. */
const pb_Answer *bench_last(struct bench *b, int body_case);

/* Digest over the whole journal, and how many records it holds. */
struct journal_head bench_journal(struct bench *b);

#endif
