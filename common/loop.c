// SPDX-License-Identifier: EUPL-1.2
#include "common/loop.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/err.h"
#include "common/log.h"

struct node_now
loop_now(void)
{
	struct timespec wall, steady;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &steady);
	return (struct node_now){(int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000,
				 (int64_t)steady.tv_sec * 1000 + steady.tv_nsec / 1000000};
}

struct event_base *
loop_new(void)
{
	struct event_config *config = event_config_new();

	if (config == NULL || event_config_set_flag(config, EVENT_BASE_FLAG_IGNORE_ENV) != 0)
		fatal("libevent: no configuration");
	struct event_base *base = event_base_new_with_config(config);

	event_config_free(config);
	if (base == NULL)
		fatal("libevent: no loop");
	return base;
}

/* libevent has one log for a process and hands nothing over: the line says whose it is. */
static void
on_libevent_says(int severity, const char *text)
{
	struct log log;

	log_init(&log, STDERR_FILENO, LOG_FORM_AUTO, LOG_LEVEL_INFO, "libevent", getenv("JOURNAL_STREAM"));
	log_say(&log, severity >= EVENT_LOG_WARN ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, "libevent",
		log_text("text", text));
}

void
loop_tell(void)
{
	event_set_log_callback(on_libevent_says);
}
