// SPDX-License-Identifier: EUPL-1.2
/* history.h - ten years of invented history as a journal of intake, to be computed anew.
 *
 * Written by intake itself on a driven clock: registry, policy and sources, then so many messages of cases of about thirty
 * messages each, spread evenly over the days, with a tick a day. The same numbers give the same journal, byte for byte. */
#ifndef DOORBRAAK_BENCH_HISTORY_H
#define DOORBRAAK_BENCH_HISTORY_H

#include "common/record.h"

#define HISTORY_YEARS    10u
#define HISTORY_MESSAGES 600000u
#define HISTORY_DAYS     (HISTORY_YEARS * 365u)

struct history_figures {
	uint64_t records; /* in the journal */
	uint64_t cases;
};

/* Makes `dir`/intake; `dir` must exist. Ends the process when that fails. */
struct history_figures history_write(const char *dir, unsigned messages, uint64_t seed);

#endif
