// SPDX-License-Identifier: EUPL-1.2
/* decisions.h - the judgement by itself: how many messages a second routing's tables decide on, on one core.
 *
 * A decision is routing_accept() and, where that accepts, routing_effects(): facts, the accept table, the facts again, the
 * effects table, with the rows that missed by one fact. The shipped policy; messages of invented cases, each with a case in
 * the state where it mostly comes. No store, no record, nothing written. */
#ifndef DOORBRAAK_BENCH_DECISIONS_H
#define DOORBRAAK_BENCH_DECISIONS_H

struct decisions {
	double a_second;
	double accepted; /* part of them */
};

struct decisions decisions_measure(double seconds);

#endif
