// SPDX-License-Identifier: EUPL-1.2
/* hostile.h - submissions that follow the contract's form and nothing else: any message about any case by anybody, with
 * any values; and policies whose tables are put together by chance from the words that tables may use.
 *
 * What is drawn comes from the caller: bytes of a fuzzer or numbers of a seed. Kinds, cases, actors and fields mostly fit (an
 * actor of the case, a known code, a day nearby) and now and then not. Used by the fuzzer of apply and by years. */
#ifndef DOORBRAAK_HOSTILE_H
#define DOORBRAAK_HOSTILE_H

#include "tests/sim/realm.h"

#define HOSTILE_SOURCE "hostile"
#define HOSTILE_KINDS  128

/* A case as last told: whom to speak for. */
struct hostile_case {
	struct id id;
	struct code owner, pending, funder, team, centre;
};

struct hostile {
	unsigned (*draw)(void *ctx, unsigned limit); /* 0..limit-1; limit <= 256 */
	void *ctx;
	struct arena *arena;
	int64_t now_ms;
	uint64_t message_id;
	const struct hostile_case *cases;
	unsigned case_count;
	bool far_dates;                /* now and then a date is decades away */
	unsigned kinds[HOSTILE_KINDS]; /* numbers of the fields of Submission.body */
	unsigned kind_count;
};

/* Finds the kinds: all but PolicyAdopted, which hostile_policy() makes. */
void hostile_init(struct hostile *h);
/* The registration of a source that may say everything for everybody. */
struct bytes hostile_source(struct arena *a, int64_t at_ms);
pb_Submission *hostile_submission(struct hostile *h);
/* A policy that mostly compiles: `base` with rows of chance in some of its tables; of a region: only some of these. */
pb_PolicyAdopted *hostile_policy(struct hostile *h, const pb_PolicyAdopted *base, const char *region);

/* A history of so many steps, with floods, silences of weeks and adoptions. False when something does not hold: r->why. */
bool hostile_play(struct realm *r, uint64_t seed, unsigned steps);

#endif
