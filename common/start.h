// SPDX-License-Identifier: EUPL-1.2
/* start.h - a service that starts: is there room, and with which status does it give up. */
#ifndef DOORBRAAK_START_H
#define DOORBRAAK_START_H

#include "common/log.h"
#include "common/runtime.h"

#define START_ROOM_MS 30000 /* so long a full disk is waited for; then it ends with status 1 */

/* Opens what needs room on a disk, again and again while that is full. The log hears of it once. */
enum err start_when_room(const struct log *log, enum err (*open)(void *ctx, struct why *why), void *ctx,
			 struct why *why) MUST_USE;

/* What a fault of the disk leaves behind is tried again, by a process of its own; the rest needs a hand. */
enum runtime_exit start_exit(enum err err);

#endif
