// SPDX-License-Identifier: EUPL-1.2
/* played.h - a load that was worked through once, without trouble, by a whole row: what other ways must come to as well. */
#ifndef DOORBRAAK_TESTS_PLAYED_H
#define DOORBRAAK_TESTS_PLAYED_H

#include "tests/unit/unit.h"

#include "common/row.h"

#define PLAYED_MAX 600

struct played {
	struct temp dir;
	struct arena arena;
	struct row *row;
	struct {
		struct bytes submission;
		int64_t at_ms;
	} items[PLAYED_MAX]; /* everything that was handed in */
	size_t count;
	struct journal_head heads[SERVICE_COUNT];
	uint64_t used_bytes[SERVICE_COUNT];
};

/* Registry, policy, sources and so many messages of a load, from March 2021 on. `seed` is that of the row. */
void played_open(struct played *p, uint64_t seed, unsigned steps, uint32_t turn_records_max);
void played_close(struct played *p);
/* Hands in one submission more; intake's reply. */
const pb_Reply *played_hand_in(struct played *p, struct bytes submission, int64_t at_ms);
/* Its journal of intake, to be replayed. */
struct row_source played_source(struct played *p);

#endif
