// SPDX-License-Identifier: EUPL-1.2
/* store_copy.h - a copy of an environment while its service goes on: the only second process that may open one.
 *
 * The copy holds what was committed at one moment, without the pages that were freed before it. While it is made, a read
 * transaction is open: the environment grows by what is written meanwhile. A process that dies while copying leaves a slot
 * of a reader behind, which the service frees within a minute.
 *
 * The service keeps a table of readers in lock.mdb, by process id. Numbers of another process-id namespace can be taken for one's
 * own there: where the service runs in a namespace that this process cannot see, the copy is refused. */
#ifndef DOORBRAAK_STORE_COPY_H
#define DOORBRAAK_STORE_COPY_H

#include "common/store.h"

/* Writes the environment in `dir` to `fd`, an empty file; opened afterwards with store_options.image. ERR_REFUSED: it is not
 * there, or must not be opened here; ERR_DISK_FULL, ERR_IO, ERR_CORRUPT: *why says what to do. Not while this process has
 * it open. */
enum err store_copy(const char *dir, int fd, struct why *why) MUST_USE;

#endif
