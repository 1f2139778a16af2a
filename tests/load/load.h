// SPDX-License-Identifier: EUPL-1.2
/* load.h - invented case histories as submissions: for the simulator, the kill test, the bench and the fuzzer of apply.
 *
 * A load is a number of cases that each follow a script (the voluntary way or the court-measure way) in order; now and then
 * a message comes that does not fit, comes twice, or says something else under the same id. Everything follows from the
 * seed and the order of the calls. All organisations exist only here, save the codes of gemeenten, regions and teams. */
#ifndef DOORBRAAK_LOAD_H
#define DOORBRAAK_LOAD_H

#include "common/record.h"

#define LOAD_CASES_MAX 4096

struct load_random {
	uint64_t state;
};
uint64_t load_draw(struct load_random *r);                  /* splitmix64 */
uint64_t load_below(struct load_random *r, uint64_t limit); /* 0..limit-1; limit > 0 */
bool load_chance(struct load_random *r, unsigned percent);

struct load_case {
	struct id case_id; /* empty until intake gave it */
	uint16_t step;     /* next of its script */
	uint8_t script;
	uint8_t place;
	uint8_t opened; /* asked for, not yet answered, or open */
};

struct load {
	struct load_random random;
	struct load_case *cases; /* owned by the caller: room for `count` */
	unsigned count;
	unsigned odd_percent; /* messages that do not fit */
	bool recycle;         /* a case that is through begins anew, as another case */
	bool lengthy;         /* see load_lengthy() */
	uint64_t next_id;
	char prefix[16]; /* of message ids */
};

struct load_item {
	unsigned case_index;
	char source[ID_MAX + 1];
	char id[ID_MAX + 1];
	bool opens;
	struct bytes submission; /* packed, in the arena given */
};

void load_init(struct load *load, uint64_t seed, const char *prefix, struct load_case *cases, unsigned count);
/* All cases begin anew on a way of about thirty messages. */
void load_lengthy(struct load *load);
/* The next submission, said to have happened at `at_ms`. False when no case can go on now (all wait for an answer, or are
 * through). */
bool load_next(struct load *load, struct arena *a, int64_t at_ms, struct load_item *item);
/* What intake answered: the case id of an opening message. */
void load_accepted(struct load *load, const struct load_item *item, const char *case_id);

/* The administrator's records a load needs first: registers its sources. Adoption of registry and policy is the caller's. */
unsigned load_source_count(void);
struct bytes load_source(struct arena *a, unsigned i, int64_t at_ms);

#endif
