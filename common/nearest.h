// SPDX-License-Identifier: EUPL-1.2
/* nearest.h - "did you mean": the remedy for a name nobody knows.
 *
 * Offer every known name, then ask for a sentence: the nearest name when one is near, else the names there are. For
 * messages to people only; nothing is decided by it. */
#ifndef DOORBRAAK_NEAREST_H
#define DOORBRAAK_NEAREST_H

#include "common/bytes.h"

struct nearest {
	const char *wanted;
	const char *best; /* borrowed from the offers */
	unsigned distance;
	char known[260]; /* names offered so far, with commas; the last ones are left out */
	size_t used;
	char sentence[320];
};

void nearest_begin(struct nearest *n, const char *wanted);
void nearest_offer(struct nearest *n, const char *name);
/* Valid as long as `n` is; never empty. */
const char *nearest_remedy(struct nearest *n);

/* How many letters must be added, left out or changed to make one from the other; case does not count. */
unsigned nearest_distance(const char *a, const char *b);

#endif
