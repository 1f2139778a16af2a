// SPDX-License-Identifier: EUPL-1.2
/* front.h - front ends under load, and what must hold when all is over: for the tests that kill processes.
 *
 * Front ends keep submissions on their way to intake, and send again what gets no answer. Time is driven. */
#ifndef DOORBRAAK_FRONT_H
#define DOORBRAAK_FRONT_H

#include "client/doorbraak.h"
#include "services/cli/fleet.h"
#include "services/cli/system.h"
#include "tests/load/load.h"
#include "tests/sim/oracle.h"

#define FRONT_FLIGHTS     64u /* submissions on their way */
#define FRONT_CASES       400u
#define FRONT_ACKS_MAX    (1u << 20)
#define FRONT_CATCH_UP_MS 60000

struct front_flight {
	struct load_item item;
	bool open;
};

struct front {
	struct doorbraak *door;
	const char *address;     /* of the door; NULL: where the fleet has it */
	struct system_keys keys; /* {0}: none */
	struct load load;
	struct load_case *cases;
	struct front_flight flights[FRONT_FLIGHTS];
	unsigned width; /* how many of them are used */
	struct oracle_ack *acks;
	size_t ack_count;
	uint64_t rejected, duplicates;
	int64_t clock_ms;  /* of the driven clock */
	bool system_clock; /* intake has its own: clock_ms is only when things are said to have happened */
	struct arena arena;
	struct load_random random;
};

int64_t front_steady_ms(void);
void front_init(struct front *f, uint64_t seed);
void front_fini(struct front *f);
/* Connects to intake, and adopts what is shipped. */
bool front_open(struct front *f, const struct fleet *fleet, struct system *system, struct why *why) MUST_USE;
void front_close(struct front *f);

/* Front ends at work for so long. With `more`, new submissions begin; without, only those on their way are finished. */
void front_work(struct front *f, int64_t ms, bool more);
/* Time goes on by a day or some hours, so that deadlines are missed. */
void front_pass_time(struct front *f);
/* Tells intake again what time it is; false when it does not answer so soon. */
bool front_tell_time(struct front *f, int timeout_ms);
/* Waits until what is on its way is answered, and everybody has taken it in. */
bool front_settle(struct front *f, struct system *system, struct why *why) MUST_USE;
/* The oracle's view of services that are stopped; prints what was done. `dir` holds the run folder `run`. */
bool front_judge(struct front *f, const char *dir, struct why *why) MUST_USE;

#endif
