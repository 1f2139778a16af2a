// SPDX-License-Identifier: EUPL-1.2
#include "common/telling.h"

#include <stdio.h>

/* True when there was something to tell. `reason` may be NULL. */
static bool
tell_more(const struct telling *t, const char *event, const char *reason, uint64_t *told, uint64_t count)
{
	const uint64_t more = count - *told;

	if (more == 0)
		return false;
	*told = count;
	if (reason != NULL)
		log_say(t->log, LOG_LEVEL_INFO, event, log_text("reason", reason), log_number("count", more));
	else
		log_say(t->log, LOG_LEVEL_INFO, event, log_number("count", more));
	return true;
}

static void
tell_refusals(struct telling *t, const struct node_status *status, struct node_now now)
{
	bool told = false;

	if (now.steady_ms - t->refusals_steady_ms < TELLING_EVERY_MS)
		return;
	for (int i = 0; i < NODE_REFUSALS; i++)
		told |=
		    tell_more(t, "rejected", record_code_of("Reason", i), &t->told.refusals[i], status->refusals[i]);
	for (int i = 0; i < NODE_QUESTIONS; i++)
		told |= tell_more(t, "questions_refused", record_code_of("RefusedReason", i), &t->told.refused[i],
				  status->refused[i]);
	told |= tell_more(t, "malformed", NULL, &t->malformed, transport_figures(t->transport).malformed);
	if (t->http != NULL)
		told |= tell_more(t, "http_refused", NULL, &t->http_refused, http_figures(t->http).refused);
	if (told)
		t->refusals_steady_ms = now.steady_ms;
}

static void
tell_commits(struct telling *t, const struct node_status *status)
{
	const uint64_t took_us = status->commit_us_sum - t->told.commit_us_sum;

	if (status->commits > t->told.commits && took_us > TELLING_SLOW_COMMIT_MS * 1000u)
		log_say(t->log, LOG_LEVEL_WARN, "slow_commit", log_number("ms", took_us / 1000));
	t->told.commits = status->commits;
	t->told.commit_us_sum = status->commit_us_sum;
}

static void
tell_change(const struct telling *t, bool *told, bool is, const char *event, const char *end, enum log_level level)
{
	if (*told == is)
		return;
	*told = is;
	log_say(t->log, is ? level : LOG_LEVEL_INFO, is ? event : end);
}

/* With how much there is: the line alone says how far off it is. */
static void
tell_disk(const struct telling *t, bool *told, bool is, const char *event, const char *end, uint64_t limit_bytes,
	  uint64_t free_bytes)
{
	const enum log_level level = limit_bytes == t->disk_reserve_bytes ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN;

	if (*told == is)
		return;
	*told = is;
	log_say(t->log, is ? level : LOG_LEVEL_INFO, is ? event : end, log_number("free_bytes", free_bytes),
		log_number("limit_bytes", limit_bytes));
}

static void
tell_keys(struct telling *t)
{
	const char *why = t->web == NULL ? "" : web_keys_why(t->web);

	if (strcmp(why, t->keys_why) == 0)
		return;
	snprintf(t->keys_why, sizeof(t->keys_why), "%s", why);
	log_say(t->log, LOG_LEVEL_ERROR, "keys", log_text("why", why));
}

void
telling_tell(struct telling *t, struct node_now now)
{
	struct node_status status;

	node_status(t->node, &status);
	const uint64_t free_bytes = status.usage.disk_free_bytes;

	tell_commits(t, &status);
	tell_change(t, &t->told.refusing, status.refusing, "store_full", "store_has_room", LOG_LEVEL_ERROR);
	tell_disk(t, &t->told.disk_warn, status.disk_warn, "disk_warn", "disk_fine", t->disk_warn_bytes, free_bytes);
	tell_disk(t, &t->told.disk_low, status.disk_low, "disk_low", "disk_has_room", t->disk_reserve_bytes,
		  free_bytes);
	tell_change(t, &t->told.clock_wrong, status.clock_wrong, "clock_wrong", "clock_right", LOG_LEVEL_ERROR);
	if (status.jumps > t->told.jumps)
		log_say(t->log, LOG_LEVEL_WARN, "clock_jump", log_integer("ms", status.jump_ms));
	t->told.jumps = status.jumps;
	tell_change(t, &t->connected, transport_figures(t->transport).upstream_connected, "upstream_connected",
		    "upstream_lost", LOG_LEVEL_INFO);
	tell_refusals(t, &status, now);
	tell_keys(t);
}
