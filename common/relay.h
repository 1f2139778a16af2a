// SPDX-License-Identifier: EUPL-1.2
/* relay.h - services one behind the other, in memory: records of intake go in, every answer comes by.
 *
 * What the services say is not packed, chained or journaled: each answer is handed to the next service as it is made, in
 * the order in which it would have read it. What they remember stands in memory. The answers are the same as
 * those of nodes (tests/service/what_if_test.c compares them byte for byte); nothing else of a node is there: no cursor, no
 * questions (so settle() is not called: what it stores is for them), no restart. For computing a history anew when nobody
 * reads its journals: `what-if`.
 *
 * Happy path: relay_begin(), relay_take() for each record, relay_end(), as often as there are batches. begin and end of
 * one batch belong to one thread; a relay may move to another thread between batches. */
#ifndef DOORBRAAK_RELAY_H
#define DOORBRAAK_RELAY_H

#include "common/service.h"

struct relay;

struct relay_options {
	unsigned services; /* how many, from triage on: 1 to SERVICE_COUNT - 1 */
	void *ctx;
	/* An answer. It lives for the call only; the text and the basis that it points to, as long as the batch. */
	void (*said)(void *ctx, const struct record *in);
	/* Bits of the bodies that `said` has no use for; the last service leaves them out where that saves work. */
	uint64_t unheard;
	/* Not NULL: begins where this one is, between two batches, with the same services. */
	const struct relay *copy_of;
};

enum err relay_open(struct relay **relay, const struct relay_options *options, struct why *why) MUST_USE;
void relay_close(struct relay **relay);

void relay_begin(struct relay *relay);
/* A record of intake. What it holds must live until relay_end(). */
void relay_take(struct relay *relay, const struct record *in);
/* Ends the batch. An error: nothing more can be computed. */
enum err relay_end(struct relay *relay) MUST_USE;

#endif
