// SPDX-License-Identifier: EUPL-1.2
/* listener.h - a socket that listens, made by ourselves and handed to libzmq (ZMQ_USE_FD): one that outlives the sockets of
 * the library which take from it, so that such a socket can be made anew where nobody may bind any more (sandbox.h), and
 * without a moment in which nobody listens. */
#ifndef DOORBRAAK_LISTENER_H
#define DOORBRAAK_LISTENER_H

#include <stdbool.h>

#include "common/err.h"

/* At tcp://ADDRESS:PORT (numbers, [v6], or *) or ipc://PATH, where nobody may listen yet: what a process that is gone left
 * there is removed. A descriptor that does not block, to be closed; -1 with *why. */
int listener_open(const char *endpoint, struct why *why) MUST_USE;
/* Somebody listens on this path of a UNIX socket. */
bool listener_is_there(const char *path) MUST_USE;

#endif
