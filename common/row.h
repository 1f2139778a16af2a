// SPDX-License-Identifier: EUPL-1.2
/* row.h - the five services in one process, without a socket.
 *
 * Three uses: a whole system in one process (`play --in-process`, tests); a replay, where the place of intake is taken by
 * a journal that exists already and the other four compute theirs anew (`verify`); and the same for one service alone, behind the
 * journal of its own upstream (`rebuild`). The row has no clock and no network of
 * its own: time is given, messages go straight from one node to the next, in the order of the row. */
#ifndef DOORBRAAK_ROW_H
#define DOORBRAAK_ROW_H

#include "common/node.h"

struct row;

/* A journal to be replayed. */
struct row_source {
	void *ctx;
	struct history history;
	uint64_t head; /* its last record */
	/* Entries after `after`, in order, at most `max`; how many. 0 only at the end. The same may be asked for again. The records are in `a`. */
	size_t (*read)(void *ctx, struct arena *a, uint64_t after, struct journal_entry *entries, size_t max);
	uint64_t applied; /* intake's record whose effects are complete at the head; 0: the head itself, of intake */
};

struct row_options {
	const char *dir;                 /* folder that exists; one environment a service is made in it */
	bool fast;                       /* test builds: no sync */
	uint32_t turn_records_max;       /* 0: the node's default */
	const struct row_source *source; /* replay; NULL: a whole row with intake on a driven clock */
	unsigned alone; /* with a source: only this service, whose upstream's journal it is; 0: all behind intake */
	uint64_t seed;  /* of intake's random numbers; 0: from the operating system */
};

enum err row_open(struct row **row, const struct row_options *options, struct why *why) MUST_USE;
void row_close(struct row **row);

/* One turn of each service in the order of the row. True when something moved. */
enum err row_turn(struct row *row, bool *moved) MUST_USE;
/* Turns until nothing moves. On an error row_why() says what. */
enum err row_settle(struct row *row) MUST_USE;
const char *row_why(const struct row *row);

/* Asks a service and gives its reply, decoded in `a`; NULL when the row broke (row_why). A pull is asked with no_wait. */
const pb_Reply *row_ask(struct row *row, unsigned service, const pb_Request *request, struct arena *a);

struct node *row_node(struct row *row, unsigned service); /* NULL for one that is not there, as intake in a replay */
/* Reads one journal of the row in order: 0 at its end. As row_source.read. */
size_t row_read(struct row *row, unsigned service, struct arena *a, uint64_t after, struct journal_entry *entries,
		size_t max);

#endif
