// SPDX-License-Identifier: EUPL-1.2
/* play.h - a scenario on its way through a world: what was said, what was answered, what differs from the
 * expectations. */
#ifndef DOORBRAAK_PLAY_H
#define DOORBRAAK_PLAY_H

#include "services/cli/play_world.h"
#include "services/cli/scenario.h"

/* A message as it was sent, and what intake said. */
struct play_sent {
	const pb_Submission *submission; /* NULL: not yet */
	uint64_t seq;                    /* of the record it became; 0: rejected at the door */
	const char *case_id;             /* of an opening message: what intake gave out; else NULL */
	bool duplicate;
	const pb_RejectedReply *rejected;
};

/* An alias of the story. */
struct play_case {
	const char *case_id; /* "": not known; else the case that answers, not an alias of it */
	bool opened;         /* routing opened it, or linked it to an open case */
};

struct play_link {
	const char *from, *to;
	const struct play_link *next;
};

struct play_rejection {
	uint64_t cause;
	const pb_MessageRejected *body;
	const struct play_rejection *next;
};

#define PLAY_BATCHES_MAX 200

struct play {
	struct world *world;
	const struct scenario *scenario;
	struct play_case *cases; /* by alias */
	struct play_sent *sent;  /* by number of the message */
	const struct play_link *links;
	const struct play_rejection *rejections; /* by triage and routing */
	const char *prefix;                      /* of ids made up */
	unsigned made;
	/* What was answered since the last step, in pieces. */
	struct {
		const struct record *records;
		unsigned count;
	} batches[PLAY_BATCHES_MAX];
	unsigned batch_count;
	/* What was adopted last: a policy or registry of a step goes on from there. */
	const pb_PolicyAdopted *policy;
	const char *registry_version;
	unsigned adoptions;
};

/* Adopts the shipped registry (with the scenario's patch) and policy when `adopt`, and registers the senders, at
 * `at_ms`: for a fresh system in the first minute of the first day, so that it comes before everything and the
 * past is still open. `prefix`: of the ids that are made up. */
enum err play_begin(struct play *play, struct world *world, const struct scenario *scenario, bool adopt, int64_t at_ms,
		    const char *prefix, struct why *why) MUST_USE;
/* Plays one step. What it led to stands in play->batches until the next. */
enum err play_step(struct play *play, const struct scenario_step *step, struct why *why) MUST_USE;
/* The case an id stands for. */
const char *play_resolve(const struct play *play, const char *case_id);
/* Its alias in the story; the id itself when it has none. */
const char *play_name(const struct play *play, const char *case_id);

/* One thing that is not as expected. */
struct play_difference {
	const char *alias; /* of another case than the step's, else "" */
	const char *what;  /* key, or the message that was rejected */
	const char *expected, *got;
	struct play_difference *next;
};
/* Compares what is given in `expect` of the step and of `also`. A failure to ask is an error. */
enum err play_check(struct play *play, const struct scenario_step *step, const struct play_difference **differences,
		    struct why *why) MUST_USE;

#endif
