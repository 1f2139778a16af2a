// SPDX-License-Identifier: EUPL-1.2
/* submission_json.h - POST /v1/submissions as text: what was sent as submissions, what intake replied as answers. Pure.
 *
 *   {"source": .., "id": .., ..}       one submission, in the mapping of json_wire.h
 *   {"submissions": [{..}, {..}]}      several, at most SUBMISSION_JSON_MAX; each has an outcome of its own
 *
 * Outcomes of one submission, by the status of HTTP:
 *   201, 200   accepted; accepted before (the first answer again): the fields of AcceptedReply
 *   400        no JSON, or not of the form of the contract: every violation by its path
 *   413, 422   too large; rejected by intake: every violation
 *   503        intake takes nothing now; nothing was kept, try again
 * All but the first two are problem details (RFC 9457), with a Dutch title for each violation. */
#ifndef DOORBRAAK_SUBMISSION_JSON_H
#define DOORBRAAK_SUBMISSION_JSON_H

#include "common/record.h"

#define SUBMISSION_JSON_MAX 100

struct submission_outcome {
	int status;       /* 0: none yet */
	const char *json; /* AcceptedReply, or problem details */
};

struct submission_item {
	const char *source;
	int role, kind;      /* of the actor; number of the message */
	struct bytes packed; /* to hand in, while `outcome` is none */
	struct submission_outcome outcome;
};

struct submission_batch {
	bool one;
	unsigned count;
	struct submission_item *items;
};

/* Reads a body. `key` (Idempotency-Key, may be NULL) is the id of one submission that has none; the same as the id of one
 * that has. What is wrong with one submission is its outcome; what is wrong with the body as a whole is the outcome given
 * back (status 0: nothing). Everything lives in the arena. */
struct submission_outcome submission_json_read(struct arena *a, struct bytes body, const char *key,
					       struct submission_batch *batch);

/* What a reply says about its submission. */
struct submission_outcome submission_json_outcome(struct arena *a, const pb_Reply *reply);
/* Something that is wrong before intake was asked. `detail` is Dutch. */
struct submission_outcome submission_json_problem(struct arena *a, int status, const char *code, const char *detail);
/* The answer to a body when each item has its outcome: of one its own, of several 200 with `results` in their order. */
struct submission_outcome submission_json_answer(struct arena *a, const struct submission_batch *batch);

/* The Dutch title of a violation: a Reason without prefix, or a code of json_wire.h. "" when there is none. */
const char *submission_json_title(const char *code);

#endif
