// SPDX-License-Identifier: EUPL-1.2
/* play_world.h - five services on a driven clock, and what a player does with them: let time pass, say something,
 * look.
 *
 * The services are a fleet of its own, or the row in this process, or services that run already. Ctrl-C is held
 * back as long as there is a fleet or a folder to clear away: world_is_interrupted() tells, and every call fails
 * from then on. */
#ifndef DOORBRAAK_PLAY_WORLD_H
#define DOORBRAAK_PLAY_WORLD_H

#include <signal.h>

#include "services/cli/adoption.h"
#include "services/cli/asking.h"
#include "services/cli/fleet.h"

enum world_kind {
	WORLD_FLEET,      /* a fleet in a temporary folder */
	WORLD_KEPT_FLEET, /* a fleet in the folder that is given; its data stay */
	WORLD_IN_PROCESS, /* the row, in a temporary folder */
	WORLD_RUNNING,    /* services that run in the folder that is given */
};

struct world {
	enum world_kind kind;
	struct cli *cli;
	struct arena *arena; /* what it gives lives here */
	const char *dir;
	bool has_fleet, holds_signals;
	struct fleet fleet;
	struct system *system;
	struct doorbraak_cursor cursor; /* in signalling's journal: behind it is new */
	int64_t clock_ms;               /* where time was last let pass to; 0: not yet */
	uint64_t seq;                   /* last record of intake that was caused here */
	uint64_t records;               /* read so far */
	sigset_t signals_before;
};

/* `ports`: of a fleet, as in fleet.h. */
enum err world_open(struct world *world, struct cli *cli, struct arena *a, enum world_kind kind, const char *dir,
		    unsigned ports, struct why *why) MUST_USE;
void world_close(struct world *world);
bool world_is_interrupted(const struct world *world);
/* Waits for Ctrl-C, or for the end of a service (false, with *why). */
bool world_wait(struct world *world, struct why *why);

/* Time passes to `at_ms`. */
enum err world_time(struct world *world, int64_t at_ms, struct why *why) MUST_USE;
/* AcceptedReply or RejectedReply; NULL with *why. */
const pb_Reply *world_submit(struct world *world, const pb_Submission *submission, int64_t at_ms, struct why *why);
/* Hands in all of it; a rejection is an error. */
enum err world_adopt(struct world *world, const struct adoption *adoption, struct why *why) MUST_USE;
/* Waits until all services have done with what was caused here, and gives the new records of signalling's journal:
 * it holds everything from intake, triage, routing and signalling. */
enum err world_settle(struct world *world, const struct record **records, unsigned *count, struct why *why) MUST_USE;
/* The picture of a case; an empty one when there is none. NULL with *why. */
const pb_CaseView *world_case(struct world *world, const char *case_id, struct why *why);
/* Has a registry or policy been adopted there before? -1 with *why. */
int world_is_settled_in(struct world *world, struct why *why);

#endif
