// SPDX-License-Identifier: EUPL-1.2
#include "common/start.h"

#include <poll.h>

#include "common/loop.h"

#define ROOM_STEP_MS 500

/* A full disk passes: who starts processes again, and again, would have given up by then. */
enum err
start_when_room(const struct log *log, enum err (*open)(void *ctx, struct why *why), void *ctx, struct why *why)
{
	const int64_t until = loop_now().steady_ms + START_ROOM_MS;
	enum err err = open(ctx, why);

	if (err == ERR_DISK_FULL)
		log_say(log, LOG_LEVEL_ERROR, "waiting_for_room", log_text("why", why->text));
	while (err == ERR_DISK_FULL && loop_now().steady_ms < until) {
		poll(NULL, 0, ROOM_STEP_MS);
		err = open(ctx, why);
	}
	return err;
}

enum runtime_exit
start_exit(enum err err)
{
	return err == ERR_DISK_FULL || err == ERR_IO ? RUNTIME_FAILED : RUNTIME_STORE;
}
