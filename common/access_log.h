// SPDX-License-Identifier: EUPL-1.2
/* access_log.h - who looked: a journal (journal.h) of AccessRecords in a store of its own, beside the service's.
 *
 * What is told is told after access_log_commit(): who looked is on disk before it sees anything. Failure: the store is
 * full -> nothing may be told of what was added since the commit before; any other -> the process must end. */
#ifndef DOORBRAAK_ACCESS_LOG_H
#define DOORBRAAK_ACCESS_LOG_H

#include "common/access.h"
#include "common/checkpoint.h"
#include "common/journal.h"
#include "common/record.h"

#define ACCESS_LOG_PAGE   1000u        /* records of a reply */
#define ACCESS_LOG_ITSELF "access_log" /* as a path: the log was read */

struct access_log;

/* Opens or creates it in `dir`; it can grow to `map_bytes` (0: as a store does). Errors: as store_open(). */
enum err access_log_open(struct access_log **log, const char *dir, size_t map_bytes, struct why *why) MUST_USE;
void access_log_close(struct access_log **log);

/* What is written down of one look, or of so many. */
struct access_note {
	struct caller caller; /* without a name: nobody who is known */
	int service;
	const char *path;
	int purpose, outcome; /* ACCESS_PURPOSE_..., ACCESS_OUTCOME_... */
	char **case_ids;
	size_t case_count;
	uint32_t times;
	int64_t wall_ms;
};
/* Adds it as a record. */
void access_log_note(struct access_log *log, struct arena *a, const struct access_note *note);
void access_log_add(struct access_log *log, const pb_AccessRecord *record);
/* ERR_NONE: all that was added is durable; nothing was, nothing is done. ERR_STORE_FULL: undone. */
enum err access_log_commit(struct access_log *log) MUST_USE;

/* What was added since is forgotten; nothing may be told of it. */
void access_log_undo(struct access_log *log);
/* From now on access_log_sign() writes checkpoints (checkpoint.h) of this origin to the folder, which is there. False with *why. */
bool access_log_checkpoints(struct access_log *log, const char *key_path, const char *folder, const char *origin,
			    struct why *why) MUST_USE;
/* Signs how far the log is: after CHECKPOINT_EVERY records, CHECKPOINT_WITHIN_MS after the one before when there is something new,
 * and `now` with something new. Not between an add and its commit. False with *why when it cannot be written; it is tried
 * again by the next call, at most once a minute. */
bool access_log_sign(struct access_log *log, int64_t wall_ms, bool now, struct why *why) MUST_USE;

/* Fills a reply, in the arena. Not between an add and its commit. */
void access_log_read(struct access_log *log, struct arena *a, const pb_AccessLogRequest *request,
		     pb_AccessLogReply *reply);

#endif
