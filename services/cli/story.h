// SPDX-License-Identifier: EUPL-1.2
/* story.h - the way of a case, for people: what was said, which rule decided what, and where that rule comes from.
 *
 * A story takes the records of a journal that holds them all (signalling's), in order, and keeps those of its case: the
 * messages and moments that led to something, and the answers. It keeps the policies that were adopted too, in which it
 * finds the source of each row. Feed it everything, or what these topics give: case/<id>, the same for each id that was
 * linked to the case (story_alias), and kind/PolicyAdopted. */
#ifndef DOORBRAAK_STORY_H
#define DOORBRAAK_STORY_H

#include <stdio.h>

#include "common/record.h"

#define STORY_COLUMNS 100

enum {
	STORY_FACTS = 1, /* the facts that a decision looked at, what triage found, and the policy where it changes */
	STORY_NEAR =
	    2,         /* rows that were one fact short, and what would have fitted; also where a message was refused */
	STORY_ALL = 4, /* deadlines that come near, too */
	STORY_COLOUR = 8, /* of a terminal: sources in grey */
};

struct story;

/* All text lives in the arena. */
struct story *story_new(struct arena *a, const char *case_id);
/* What came in under this id belongs to the case too. Links that are met while taking need not be told. */
void story_alias(struct story *story, const char *case_id);
/* From now on everything is kept to compare with, but told only what has a later cause: a forecast. */
void story_begin_behind(struct story *story, uint64_t cause);
/* What is worth keeping is copied. */
void story_take(struct story *story, const struct record *record);
/* Records kept; 0: there is no such case. */
unsigned story_count(const struct story *story);
/* Answers that are decisions about it. */
unsigned story_decisions(const struct story *story);

/* Did the case go the same way in both, up to where the first one ends? Signals and warnings are left out. */
bool story_is_same_way(const struct story *story, const struct story *other);

/* What happened, in order. */
void story_print(const struct story *story, FILE *out, unsigned flags);
/* Who owned it when; deadlines set, kept, missed; signals: three lines. */
void story_print_summary(const struct story *story, FILE *out);
/* [{"cause":..,"at":..,"message":{..},"answers":[{"kind":..,"source":{..},"near":[..],"answer":{..}}]}] */
void story_print_events_json(const struct story *story, FILE *out);
/* {"case_id":..,"events":[..]}, one line. */
void story_print_json(const struct story *story, FILE *out);
/* Events that are told. */
unsigned story_events(const struct story *story);

#endif
