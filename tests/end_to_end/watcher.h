// SPDX-License-Identifier: EUPL-1.2
/* watcher.h - those who watch from outside, as processes that may die at any moment: readers by pull, listeners to the live
 * stream, receivers of webhooks. Each keeps a file, written before it acts as if it knew:
 *
 *   r <seq> <digest of the record>        a reader or listener took it in
 *   u <seq> <history> <digest>            and may go on behind here; one write with the records before it
 *   l <seq> <digest of the record> <topic>  a listener heard it
 *   e <seq> <digest of the body>          a receiver took an event
 *   o                                     it was asked for permission
 *
 * A file that ends in the middle (killed while writing) is cut back to where its owner may go on. */
#ifndef DOORBRAAK_WATCHER_H
#define DOORBRAAK_WATCHER_H

#include <sys/types.h>

#include "services/cli/fleet.h"

enum watcher_kind {
	WATCHER_READER,   /* pulls; its question stands open */
	WATCHER_LISTENER, /* hears the live stream, and pulls what it misses */
	WATCHER_RECEIVER,
};

struct watcher {
	const char *name;
	enum watcher_kind kind;
	unsigned service;  /* whose journal */
	const char *topic; /* prefix; "": everything. Of a receiver the addressee */
	pid_t pid;         /* 0: not running */
};

/* A process of its own, that runs this program again. `dir` holds the run folder `run`, and the files. */
void watcher_start(struct watcher *w, const char *dir);
void watcher_kill(struct watcher *w);
/* False when it ended by itself; with *why, unless libzmq aborted it (it does so now and then when the other side is killed in
 * the middle of a message): then it is to be started again, like any other that died. */
bool watcher_lives(struct watcher *w, struct why *why);
/* Its file, and the file with the port of a receiver (which keeps it over its lives). */
void watcher_file(const struct watcher *w, const char *dir, char out[FLEET_PATH_MAX]);
/* 0: not there yet. */
unsigned watcher_port(const struct watcher *w, const char *dir);

/* The other side: main() of such a process. */
int watcher_main(int argc, char **argv);

#endif
