// SPDX-License-Identifier: EUPL-1.2
/* walk.h - a case brought into any state of any track, by messages that are allowed.
 *
 * Routing at a table (bench.h), with the tables that are shipped and an invented registry: GM9901 in JZ91 and GM9902 in
 * JZ92, each with a team. Every walk begins a fresh case, of a youth of its own, on the voluntary track; a court measure and
 * closed care come over it. A message on the way that is refused fails the test. */
#ifndef DOORBRAAK_TESTS_WALK_H
#define DOORBRAAK_TESTS_WALK_H

#include "tests/service/bench.h"

#include "services/routing/routing_case.h"

/* What a message may answer, or lean on. */
enum wish {
	WISH_NOTHING,
	/* Made on the way to the state. */
	WISH_BRIDGING, /* bridging care runs */
	WISH_CENTRE,   /* the expertise centre was asked */
	WISH_MEASURE,  /* a court measure runs beside closed care */
	WISH_SUPPORT,  /* the team was called in, and has not answered; in QUEUED, DELIBERATION, EXECUTING, VERIFYING */
	WISH_PLACE,    /* placed, with an authorisation */
	/* Made in the state. */
	WISH_MEETING,       /* a team meeting has a date */
	WISH_OFFICIAL,      /* an escalation lies with the officials */
	WISH_EXECUTIVE,     /* with the executives */
	WISH_DESK,          /* the national desk was asked */
	WISH_TRANSFER,      /* another organisation was asked to take over: the youth moved */
	WISH_MOVED,         /* it was asked, and refused */
	WISH_NATIONAL,      /* the national team owns the case */
	WISH_REVIEW,        /* a review is open */
	WISH_AUTHORISATION, /* an authorisation runs */
	WISH_CENTRE_ANSWER, /* the centre was asked and said no */
	WISH_PLAN,          /* action A1 of a plan is open; from EXECUTING on */
};

struct walk {
	struct bench bench;
	unsigned cases;
	const char *id; /* of the last case that was begun */
};

/* At 9:00 on Monday 1 March 2021. */
void walk_open(struct walk *w);
void walk_close(struct walk *w);

/* Can the wish be had there? */
bool walk_can(enum wish wish, int track, int state);
/* Some wishes come true by themselves: a measure on its track, a plan, a review as the safety net. */
bool walk_has(struct walk *w, enum wish wish);
/* Begins a case and brings it there; w->id. Days go by for WISH_SUPPORT and WISH_REVIEW only. */
void walk_to(struct walk *w, int track, int state, enum wish wish);

/* The file of the case, as kept. */
const struct case_file *walk_file(struct walk *w);
/* One message about the case, `days_ago`; what routing says is in w->bench.said. A message that opens joins by the youth;
 * triage finds GM9902 where the fields name it, else GM9901. */
void walk_send(struct walk *w, const char *message, const char *actor, const char *fields, int days_ago);
/* role@organisation of who may speak as owner, or owned it last. */
const char *walk_owner(struct walk *w);
/* The same for any organisation. */
const char *walk_speaks(struct walk *w, const char *organisation);

#endif
