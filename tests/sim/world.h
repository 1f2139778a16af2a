// SPDX-License-Identifier: EUPL-1.2
/* world.h - the outside world as it would be: who says what when, so that the system has no reason to refuse.
 *
 * A world knows of each case what it could read back (the judge's picture, which is what monitoring tells) and a few things
 * only the speakers know: actions of a plan, invitations, applications that wait for an answer. From that follows who may
 * say which message now; one of them is drawn. Some cases are handled promptly, some slowly, some hardly at all, so that
 * deadlines are missed. Besides: youths that come back, families that move, sources that number and skip, facts that come
 * late, messages sent twice; gemeenten merge, regions lose and find a team, policies change. All follows from the seed. */
#ifndef DOORBRAAK_WORLD_H
#define DOORBRAAK_WORLD_H

#include "tests/load/load.h"
#include "tests/sim/realm.h"

#define WORLD_PLACES_MAX  48
#define WORLD_CASES_MAX   1024
#define WORLD_ACTIONS_MAX 4
#define WORLD_SAID_MAX    64 /* messages of one day */

/* A gemeente, and what only it keeps. */
struct world_place {
	struct code gemeente, region;
	bool merged; /* gone: nobody lives there any more */
};

struct world_source {
	struct id id;
	int64_t sequence, skipped;
	bool numbers;
};

struct world_case {
	struct id id;
	uint64_t youth;
	cal_day acts_on, opened_on;
	unsigned pace; /* days between two messages, about */
	struct id actions[WORLD_ACTIONS_MAX];
	unsigned action_count, plans;
	cal_day meeting_on; /* CAL_NONE: none is planned */
	bool bridging, ec_asked, ec_decided, desk_asked, erased, young;
};

/* What was said and whose effect is still to be seen. */
struct world_said {
	unsigned of; /* case */
	uint64_t seq;
	const struct world_row *row;
	const char *with;
};

struct world {
	struct realm *realm;
	struct load_random random;
	struct world_place places[WORLD_PLACES_MAX];
	unsigned place_count;
	struct world_source sources[2 * WORLD_PLACES_MAX];
	unsigned source_count;
	struct world_case cases[WORLD_CASES_MAX];
	unsigned case_count;
	struct world_said said[WORLD_SAID_MAX];
	unsigned said_count;
	uint64_t message_id, youths;
	unsigned versions; /* of registry and policy */
	uint64_t refused;  /* by intake */
	uint64_t submitted, repeated;
};

void world_begin(struct world *w, struct realm *realm, uint64_t seed);
/* Lets time pass to `day` and has everybody whose turn it is speak, `opens` of them for the first time. False when something
 * does not hold: realm->why. */
bool world_day(struct world *w, cal_day day, unsigned opens);
/* The day somebody wants to speak next, at most `latest`. */
cal_day world_next_day(const struct world *w, cal_day latest);

/* world_change.c: versions of registry and policy, one after the other. False when intake refuses one: realm->why. */
bool world_change(struct world *w);
/* A new source, for a gemeente and its local team. */
struct world_source *world_source_of(struct world *w, const char *gemeente);
char *world_id(struct world *w);

/* world_rows.c */
enum world_speaker {
	BY_OWNER,
	BY_DIRECTOR,
	BY_SCREENER,
	BY_TEAM,
	BY_GEMEENTE,
	BY_ALDERMAN,
	BY_LOCAL,
	BY_PENDING,
	BY_CENTRE,
	BY_DESK,
	BY_PROVIDER,
	BY_BODY,
	BY_PROTECTOR,
	BY_COURT,
	BY_BOARD,
	BY_CCE,
	BY_STEERING,
	BY_RESIDENCE,
	BY_PARENT,
	BY_OPERATOR,
};

struct world_row {
	const char *message;
	enum world_speaker by;
	unsigned states, tracks; /* bits; 0: any */
	uint64_t needs;          /* all of them */
	unsigned weight;
	const char *with; /* see said.h; a|b: one of them; $x: see world.c */
};

#define OPENS   (UINT64_C(1) << 63) /* no case yet */
#define NO_CASE (UINT64_C(1) << 62) /* about none */
#define NEED(n) (UINT64_C(1) << (n))
enum world_fact {
	HAS_TEAM,
	NO_TEAM,
	OWNED_BY_LOCAL,
	OWNED_BY_GEMEENTE,
	OWNED_BY_TEAM,
	OWNED_BY_NATIONAL,
	OWNED_BY_OTHER_THAN_FUNDER,
	PENDING,
	NOT_PENDING,
	CONSENTED,
	NOT_WITHDRAWN,
	WITHDRAWN,
	MEASURE,
	NO_MEASURE,
	PLACED,
	NOT_PLACED,
	AUTHORISED,
	SUPPORT_ASKED,
	REVIEW_OPEN,
	BRIDGING,
	EC_ASKED,
	EC_FREE,
	EC_DECIDED,
	GOVERNANCE_FREE,
	WITH_OFFICIALS,
	WITH_EXECUTIVES,
	DESK_ASKED,
	ACTION_OPEN,
	MEETING_PLANNED,
	YOUNG,
	ABOVE_LOCAL,
	AT_CENTRE,
	AT_NATIONAL,
	OLD_CASE,
	MANDATE_OPEN,
	NOT_ERASED,
	RISK_OPEN,
	EVALUATION_OPEN,
	WARM,
};

extern const struct world_row world_rows[];
extern const unsigned world_row_count;

#endif
