// SPDX-License-Identifier: EUPL-1.2
/* story.h - the way of a case, for people: what was said, which rule decided what, and where that rule comes from.
 *
 * Monitoring tells it page by page (StoryReply of the contract), the latest first; here it is put in order and printed. */
#ifndef DOORBRAAK_STORY_H
#define DOORBRAAK_STORY_H

#include "services/cli/asking.h"

#define STORY_COLUMNS 100

enum {
	STORY_FACTS = 1, /* the facts that a decision looked at, what triage found, and the policy where it changes */
	STORY_NEAR =
	    2,         /* rows that were one fact short, and what would have fitted; also where a message was refused */
	STORY_ALL = 4, /* deadlines that come near, too */
	STORY_COLOUR = 8, /* of a terminal: sources in grey */
};

struct story {
	struct arena *arena;
	const char *case_id;          /* as monitoring knows it; as asked for, when no case came of it */
	const pb_CaseView *view;      /* NULL: no case came of it */
	const pb_StoryEvent **events; /* in order */
	size_t count, first;          /* from which on they are told; what is before is compared with */
	unsigned decisions;
	/* What lies ahead, as a story that goes on where this one ends; NULL when it was not asked for, or cannot be computed. */
	const struct story *ahead;
	const char *ahead_to;
	bool ahead_alone;
};

/* Asks monitoring for all of it, and `ahead_days` ahead. An exit code; one without events when there is no such case. Everything
 * lives in the arena. */
int story_ask(struct cli *cli, struct system *system, const char *case_id, unsigned ahead_days, struct arena *a,
	      struct story **story);

/* What happened, in order. */
void story_print(const struct story *story, FILE *out, unsigned flags);
/* Who owned it when; deadlines set, kept, missed; signals: three lines. */
void story_print_summary(const struct story *story, FILE *out);
/* [{"cause":..,"at":..,"message":{..},"answers":[{"kind":..,"source":{..},"near":[..],"answer":{..}}]}] */
void story_print_events_json(const struct story *story, FILE *out);
/* {"case_id":..,"events":[..]}, one line. */
void story_print_json(const struct story *story, FILE *out);

#endif
