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
	uint64_t behind; /* events up to this cause are not told */
};

/* The first event that is told. */
const struct story_event *story_first(const struct story *story);
/* A row of the policy by which the answer was decided; NULL when it is not known. */
const pb_RuleRow *story_row(const struct story *story, const pb_Answer *answer, const char *row);
/* The checks of a message by that policy; NULL when it has none. */
const pb_RuleTable *story_checks(const struct story *story, const pb_Answer *answer, const char *message);

/* Source of the row that decided, or of the kind of deadline; NULL when no table says it. */
const pb_RuleSource *story_source(const struct story *story, const pb_Answer *answer);
/* story_why.c. What would have fitted: of a row that was one fact short, "decision is RETURN, not REDIRECT"; of a message
 * that was refused, what would have been taken. "" when the policy is not known. */
const char *story_near_text(const struct story *story, const pb_Answer *answer, const pb_NearMiss *near);
const char *story_refused_text(const struct story *story, const struct story_event *event, const pb_Answer *answer);
/* "S19 protector late" */
const char *story_signal_name(struct arena *a, int code);
/* "ACTION/A1" */
const char *story_deadline_name(struct arena *a, int kind, const char *reference);

#endif
