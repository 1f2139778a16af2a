// SPDX-License-Identifier: EUPL-1.2
/* audit.h - the access log of a running service: that it was read is written down, and how far it is gets signed. */
#ifndef DOORBRAAK_AUDIT_H
#define DOORBRAAK_AUDIT_H

#include "common/access_log.h"
#include "common/config.h"
#include "common/log.h"

/* Checkpoints as the configuration wants them. `access` may be NULL: the service has no access log. False with *why. */
bool audit_open(struct access_log *access, const struct config *config, struct why *why) MUST_USE;
/* A piece of the log for who asks. Reading it from its begin is one record of it, durable before anything is told; when that
 * cannot be written, nothing is. Without HTTP nobody looks, there is no log (NULL), and it is empty. */
void audit_read(struct access_log *access, struct arena *a, const pb_AccessLogRequest *request,
		pb_AccessLogReply *reply, int service);
/* A checkpoint when it is time for one, or `now`. What cannot be written is one line of the log. */
void audit_sign(struct access_log *access, const struct log *log, int64_t wall_ms, bool now);

#endif
