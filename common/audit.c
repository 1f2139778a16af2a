// SPDX-License-Identifier: EUPL-1.2
#include "common/audit.h"

#include <time.h>

bool
audit_open(struct access_log *access, const struct config *config, struct why *why)
{
	if (config->audit_key[0] == '\0' || access == NULL)
		return true;
	if (config->checkpoints[0] == '\0') {
		why_set(why, "audit_key: name the folder of what it signs, too (checkpoints)");
		return false;
	}
	return access_log_checkpoints(access, config->audit_key, config->checkpoints, config->service, why);
}

static bool
note_reading(struct access_log *access, int service)
{
	Google__Protobuf__Timestamp at;
	pb_AccessRecord r;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	pb_AccessRecord_init(&r);
	record_timestamp(&at, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	r.at = &at;
	r.service = (Doorbraak__V1__Service)service;
	r.path = (char *)(uintptr_t)ACCESS_LOG_ITSELF;
	r.purpose = DOORBRAAK__V1__ACCESS_PURPOSE__ACCESS_PURPOSE_OPERATION;
	r.outcome = DOORBRAAK__V1__ACCESS_OUTCOME__ACCESS_OUTCOME_ANSWERED;
	access_log_add(access, &r);
	return access_log_commit(access) == ERR_NONE;
}

void
audit_read(struct access_log *access, struct arena *a, const pb_AccessLogRequest *request, pb_AccessLogReply *reply,
	   int service)
{
	if (access == NULL)
		return;
	access_log_read(access, a, request, reply);
	if (request->after == 0 && !note_reading(access, service))
		reply->n_entries = 0;
}

void
audit_sign(struct access_log *access, const struct log *log, int64_t wall_ms, bool now)
{
	struct why why;

	if (access != NULL && !access_log_sign(access, wall_ms, now, &why))
		log_say(log, LOG_LEVEL_ERROR, "checkpoint", log_text("why", why.text));
}
