// SPDX-License-Identifier: EUPL-1.2
/* system.h - the five services as the tool sees them: behind sockets, or in this process.
 *
 * Commands ask through this and do not know which it is. Behind sockets it is libdoorbraak (client/doorbraak.h) that asks. */
#ifndef DOORBRAAK_SYSTEM_H
#define DOORBRAAK_SYSTEM_H

#include <stdio.h>

#include "client/doorbraak.h"
#include "common/node.h"

struct system;

/* Where the keys are: the folder of keys.json, which says what keys the services have, and the file with our own pair. Without that
 * file (the default one) nothing is encrypted. */
struct system_keys {
	const char *dir, *secret;
	bool must; /* it was asked for: its absence is an error */
};

/* Services that run: `run_dir` holds `<service>.address` for each (written by the services at start). Only those that are
 * asked need to be there. */
enum err system_open(struct system **system, const char *run_dir, struct why *why) MUST_USE;
/* From now on doors are opened with these keys; text is borrowed. */
void system_use_keys(struct system *system, const struct system_keys *keys);
/* Opens one door by its address, without a run folder. To be closed. NULL with *why. */
struct doorbraak *system_knock(const struct system_keys *keys, unsigned service, const char *address,
			       struct doorbraak *beside, struct why *why);
/* All five in this process, with their stores under `dir` (an empty folder). */
enum err system_open_in_process(struct system **system, const char *dir, struct why *why) MUST_USE;
void system_close(struct system **system);

/* In this process only: from now on every question to intake goes to `out` with its answer, a line of JSON each. */
void system_record(struct system *system, FILE *out);
/* In this process only: all journals as they stand, a line of JSON a record. False with *why. */
bool system_record_journals(struct system *system, FILE *out, struct why *why) MUST_USE;

/* Asks one service (0 intake .. 4 monitoring) and waits for its reply. NULL with *why when there is none in time. */
const pb_Reply *system_ask(struct system *system, unsigned service, pb_Request *request, int timeout_ms,
			   struct arena *a, struct why *why);
/* The door of a service that runs, for who hands in many; the system's, and closed with it. NULL with *why. */
struct doorbraak *system_door(struct system *system, unsigned service, struct why *why);
/* The endpoint of a service's live stream; NULL when it has none (in process). */
const char *system_stream(struct system *system, unsigned service);

/* Waits until monitoring has applied intake's journal up to `seq`. ERR_AGAIN: not in time. */
enum err system_settle(struct system *system, uint64_t seq, int timeout_ms, struct why *why) MUST_USE;

/* Hands in one submission. Retries what is refused for a moment (BUSY, DISK_LOW, DRAINING) until the timeout. */
const pb_Reply *system_submit(struct system *system, const pb_Submission *submission, int64_t now_ms, int timeout_ms,
			      struct arena *a, struct why *why);

/* Reads a service's journal in order: entries behind *after (which moves forward), as many as one reply brings; 0 at the
 * head. From the head: none, *after moves there. -1 with *why. Records in `a`. topics may be NULL. */
int system_read(struct system *system, unsigned service, enum doorbraak_from from, struct doorbraak_cursor *after,
		const char *const *topics, unsigned topic_count, const pb_PullReply **reply, struct arena *a,
		struct why *why);
/* Follows a journal of services that run; to be closed before the system. */
enum err system_follow(struct system *system, unsigned service, const struct doorbraak_follow_options *options,
		       struct doorbraak_follow **follow, struct why *why) MUST_USE;

#endif
