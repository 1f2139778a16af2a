// SPDX-License-Identifier: EUPL-1.2
/* runtime.h - a service as a process: main() of all five.
 *
 * Happy path: read the configuration, open the store, give up rights (hardening.h), open the doors, then turn until SIGTERM
 * or SIGINT. One turn: wait for input, a time or a signal; take what came; node_turn(), which commits and only then
 * tells. Clocks, the random source and the environment are read here and handed in.
 *
 * Stopping, in this order: not ready, no more submissions, the batch finished and told, HTTP closed, sockets closed,
 * the context ended, the store closed, status 0. A second signal ends the process at once, with status 1.
 *
 * Failure: the store is full -> it refuses, and tries again by itself. A failed commit, a damaged journal, an upstream
 * that does not know us -> one line in the log, status 1 at once; whoever started us starts us again. A full disk at start is
 * waited for, for START_ROOM_MS. */
#ifndef DOORBRAAK_RUNTIME_H
#define DOORBRAAK_RUNTIME_H

#include "common/node.h"
#include "common/service.h"

enum runtime_exit {
	RUNTIME_CLEAN = 0,
	RUNTIME_FAILED = 1,  /* the log says why, also of a disk that failed or is full at start; start again */
	RUNTIME_CONFIG = 2,  /* the configuration is wrong: start again after a change */
	RUNTIME_STORE = 3,   /* a folder (data, keys) cannot be used: the sentence says what to do */
	RUNTIME_ADDRESS = 4, /* an endpoint cannot be used */
};

/* What acts on the outside, beside apply(): called between turns, never in one. It may read the journal and keep databases
 * of its own, in transactions of its own; what it learns comes back by the door of intake. */
struct config;
struct event_base;
struct curve_line;
struct log;
struct node;
struct executor_world {
	struct event_base *base;
	struct node *node;
	const struct config *config;
	const struct log *log;
	struct node_now now;
	const struct curve_line
	    *intake_line; /* how to get into the door of intake, while it opens; NULL: without keys */
};

struct executor {
	size_t self_bytes; /* zeroed storage */
	/* Reads what lies where the sandbox will not reach; starts no thread. NULL: nothing. */
	bool (*prepare)(void *self, const struct config *config, struct why *why);
	/* Before the first question is answered; may run turns of the node for what the service hands in itself. */
	bool (*open)(void *self, const struct executor_world *world, struct why *why);
	void (*turn)(void *self, struct node_now now); /* does not wait; sets timers of its own in the loop */
	void (*figures)(void *self, struct metrics *metrics);
	void (*close)(void *self); /* also of one that did not open */
};

/* The exit status. `executor` may be NULL. */
int runtime_main(int argc, char **argv, const struct service *service, const struct executor *executor);

#endif
