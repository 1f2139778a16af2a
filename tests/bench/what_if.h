// SPDX-License-Identifier: EUPL-1.2
/* what_if.h - ten years of history (history.h) computed twice, as `doorbraak what-if` does. */
#ifndef DOORBRAAK_BENCH_WHAT_IF_H
#define DOORBRAAK_BENCH_WHAT_IF_H

#include <stdint.h>

struct what_if_figures {
	uint64_t records, cases;
	uint64_t differ; /* cases */
	double seconds, processor;
};

/* Writes a history of so many messages under `dir`. */
void what_if_history(const char *dir, unsigned messages);
/* Tries the shipped policy with a longer screening on it: from the beginning, or in its last `days` days. */
struct what_if_figures what_if_measure(const char *dir, unsigned days);
#define WHAT_IF_ALL_DAYS 0u

#endif
