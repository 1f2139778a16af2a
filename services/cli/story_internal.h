// SPDX-License-Identifier: EUPL-1.2
/* story_internal.h - what a story keeps. For story*.c only. */
#ifndef DOORBRAAK_STORY_INTERNAL_H
#define DOORBRAAK_STORY_INTERNAL_H

#include "services/cli/story.h"

/* Something from outside, and what it led to. */
struct story_event {
	const struct record *origin; /* NULL: it was not given */
	uint64_t cause;
	int64_t at_ms;
	struct story_answer *answers, **last;
	struct story_event *next;
};

struct story_answer {
	const pb_Answer *answer;
	struct story_answer *next;
};

struct story_policy {
	const pb_PolicyAdopted *policy;
	uint64_t seq;
	struct story_policy *next; /* adopted before it */
};

struct story_alias {
	const char *case_id;
	struct story_alias *next;
};

struct story {
	struct arena *arena;
	const char *case_id;
	struct story_alias *aliases;
	struct story_policy *policies; /* the latest first */
	struct story_event *events, **last;
	struct story_event *current; /* the last of them */
	struct record origin;        /* the last record of intake, kept or not */
	struct bytes origin_raw;
	size_t origin_room;
	unsigned records, decisions;
};

/* Source of the row that decided, or of the kind of deadline; NULL when no table says it. */
const pb_RuleSource *story_source(const struct story *story, const pb_Answer *answer);
/* "S19 protector late" */
const char *story_signal_name(struct arena *a, int code);
/* "ACTION/A1" */
const char *story_deadline_name(struct arena *a, int kind, const char *reference);

#endif
