// SPDX-License-Identifier: EUPL-1.2
/* supervisor.h - what a service and whoever started it tell each other: limits, readiness, and where it can be found.
 *
 * Readiness goes as a datagram to NOTIFY_SOCKET (systemd, Type=notify), when there is one. The addresses stand in
 * `<data>.address`, beside the data folder, from the moment that the doors are open until a clean end:
 *
 *   door: tcp://127.0.0.1:7103
 *   publish: tcp://127.0.0.1:7114
 *   http: http://127.0.0.1:7203
 *
 * What does not exist has no line. After a kill the file is stale: the lock of the store says who is alive. */
#ifndef DOORBRAAK_SUPERVISOR_H
#define DOORBRAAK_SUPERVISOR_H

#include <limits.h>

#include "common/bytes.h"
#include "common/err.h"

/* Descriptors: peers of ZeroMQ, of whom nobody keeps count, streams (HTTP_STREAMS_MAX), other connections, and some. */
#define SUPERVISOR_FILES_MIN 8192

/* From here on SIGTERM and SIGINT end the process at once, with status 1; a lost reader (SIGPIPE) does not. */
void supervisor_signals_end(void);
/* Bytes of memory, save what is mapped of files. What a stranger may make libzmq hold is bounded by nothing else: a message
 * without end is kept whole. At the limit libzmq lets go of that peer, or the process ends and is started again. */
#define SUPERVISOR_MEMORY_MAX (512u << 20)

/* At most SUPERVISOR_MEMORY_MAX of memory. At least SUPERVISOR_FILES_MIN descriptors, false with *why when that is not
 * allowed. No core dumps, which would hold content, and no looking into the process by others of the same user (prctl(2),
 * PR_SET_DUMPABLE). */
bool supervisor_limits(struct why *why) MUST_USE;

/* "READY=1", "STOPPING=1", "WATCHDOG=1". Nothing when nobody listens. */
void supervisor_notify(const char *state);
/* How often at least WATCHDOG=1 is expected, in milliseconds; 0: not. */
int64_t supervisor_watchdog_ms(void);

struct supervisor_addresses {
	const char *door;
	const char *publish; /* "" or NULL: none */
	const char *http;    /* "" or NULL: none */
};
/* Makes the file that they are written to before it takes its place; its path. For who will not be able to make files there
 * (sandbox.h). False when it cannot be made: writing will say why. */
bool supervisor_addresses_prepare(const char *data, char path[PATH_MAX]);
/* Takes the place of an older file at once. */
bool supervisor_addresses_write(const char *data, const struct supervisor_addresses *addresses,
				struct why *why) MUST_USE;
void supervisor_addresses_remove(const char *data);

#endif
