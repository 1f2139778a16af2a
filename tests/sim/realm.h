// SPDX-License-Identifier: EUPL-1.2
/* realm.h - a whole row in one process, without network and without faults, with the judge at its end: what a generator of
 * histories plays on. Its folder is on a memory file system where there is one. */
#ifndef DOORBRAAK_REALM_H
#define DOORBRAAK_REALM_H

#include "tests/sim/judge.h"

struct realm {
	char dir[256];
	struct row *row;
	struct judge *judge;
	struct arena arena; /* of a step; the caller resets it */
	int64_t now_ms;
	uint64_t request_id;
	bool say; /* tells what is submitted and what becomes of it */
	struct why why;
};

/* The shipped registry and policy are adopted on the first day. shipped: see judge_new(). */
void realm_open(struct realm *r, uint64_t seed, int64_t from_ms, bool shipped);
void realm_close(struct realm *r);

/* What intake replies, in the arena. */
const pb_Reply *realm_submit(struct realm *r, struct bytes submission);
/* As an administrator's: it must be accepted. */
void realm_adopt(struct realm *r, struct bytes submission);
/* Time passes to that moment. */
void realm_pass(struct realm *r, int64_t to_ms);
/* Everybody takes in what there is, and the judge looks at it. False when something does not hold: r->why. */
bool realm_settle(struct realm *r);
/* I8 with batches of that size, and I14: the list of cases, counted whole and region by region, is what the judge counts. */
bool realm_replays(struct realm *r, uint32_t batch);
bool realm_counts(struct realm *r);

#endif
