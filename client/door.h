// SPDX-License-Identifier: EUPL-1.2
/* door.h - questions on their way through a door: what submitting, reading and following are made of. Inside the library only.
 *
 * A question is sent when it begins and again each ASK_AGAIN_MS until it is settled; its answer is found by the number that it
 * carries (the place of the question, and how often the place was used), so that an answer that comes late, or twice, is
 * recognised and dropped. */
#ifndef DOORBRAAK_CLIENT_DOOR_H
#define DOORBRAAK_CLIENT_DOOR_H

#include <sys/queue.h>

#include "client/doorbraak.h"
#include "common/client.h"
#include "common/record.h"

#define DOOR_QUESTIONS    (DOORBRAAK_WINDOW_MAX + 1u) /* a full window, and one question beside it */
#define DOOR_ASK_AGAIN_MS 1000

struct buffer {
	uint8_t *data;
	size_t len, room;
};

struct question {
	TAILQ_ENTRY(question) place;
	uint64_t id;
	struct buffer bytes; /* the packed Request */
	struct buffer reply; /* of a submission: the last one */
	struct bytes answer; /* of another question, once settled: in the arena of the door */
	int64_t due_ms;      /* when it is sent (again); 0: not sent yet */
	bool submits, settled;
	void *tag;
	struct doorbraak_receipt receipt;
};
TAILQ_HEAD(questions, question);

struct doorbraak {
	struct client *client;
	char address[256];
	struct arena arena;                   /* of one call */
	struct questions open, settled, idle; /* open: in the order in which they began; settled: submissions only */
	unsigned count;                       /* submissions, open and settled */
	uint64_t used;
	int64_t next_due_ms; /* nothing is due before; 0: something has not left yet */
	struct question questions[DOOR_QUESTIONS];
};

int64_t door_now_ms(void);

/* Another connection to the same door, beside it, with the same keys. */
enum doorbraak_result door_open_again(struct doorbraak **out, struct doorbraak *of, struct doorbraak_why *why);

/* Puts a packed Request on its way under a number of its own. NULL when all places are taken. */
struct question *door_begin(struct doorbraak *door, struct bytes request);
/* Sends what is due and takes what comes, until `wanted` is settled (NULL: until any submission is). False: not in time. */
bool door_work(struct doorbraak *door, const struct question *wanted, int timeout_ms);
/* Sends a settled question once more, after so long. */
void door_again(struct doorbraak *door, struct question *question, int64_t after_ms);
/* Forgets a question; what still comes for it is dropped. */
void door_end(struct doorbraak *door, struct question *question);

/* Refused for a moment only: how long in *after_ms. */
bool door_is_passing(const pb_Reply *reply, int64_t *after_ms);
/* DOORBRAAK_AGAIN, with its sentence. */
enum doorbraak_result door_silent(const struct doorbraak *door, int timeout_ms, struct why *why);

/* What the reply to a submission says (NULL: it cannot be read); case, number and result of the receipt. */
void submit_read(struct doorbraak_receipt *receipt, const pb_Reply *reply);

/* The public sentence and ours have the same form. */
_Static_assert(sizeof(struct doorbraak_why) == sizeof(struct why), "a sentence is a sentence");
static inline struct why *
door_why(struct doorbraak_why *why)
{
	return (struct why *)(void *)why;
}

#endif
