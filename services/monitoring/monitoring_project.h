// SPDX-License-Identifier: EUPL-1.2
/* monitoring_project.h - the picture of a case, brought up to date with one answer.
 *
 * Pure: a picture, an answer, the submission that led to it and whether it is just now accepted; out comes the picture
 * behind it. What the answers of routing say of a case is taken over; what a message says of it (its plan, its help,
 * its court measure) goes into the base set, once routing has accepted the message. */
#ifndef DOORBRAAK_MONITORING_PROJECT_H
#define DOORBRAAK_MONITORING_PROJECT_H

#include "common/record.h"

/* A case as monitoring keeps it: what it shows, and what it must remember to go on. */
struct picture {
	struct arena *arena;
	pb_CaseView *view;
	struct bytes packed;     /* the view as it was read */
	struct bytes head;       /* what the indexes hold of it; empty: nothing */
	uint64_t heard;          /* cause of the last accepted message */
	uint64_t course;         /* number of its last row in monitoring_course.h; 0: none */
	cal_day moved_on;        /* day on which that was accepted; CAL_NONE: none was */
	int64_t at_ms;           /* of the last change */
	cal_day day;             /* effect date of the last change */
	uint64_t invited;        /* bits of Role: kinds invited to the next team meeting */
	uint64_t actions_missed; /* bits: of view->actions those whose deadline was missed */
	bool unsaid;             /* changed since the last CaseView was journaled */
	bool first_plan;         /* the last message brought the first plan of its court measure (K20) */
	bool waited;             /* a long wait was expected once (K12) */
	bool erased;             /* shown no more once it is closed; what is counted of it stays right */
};

struct picture_step {
	const pb_Answer *answer;
	const pb_Submission *origin; /* NULL: time */
	bool accepted;               /* first RouteDecided of routing that this message caused */
	bool waits_long;   /* with `accepted`: a WaitingTimeRecorded of a long wait, by the policy of the day */
	uint32_t criteria; /* with `accepted`: bits of what triage found met */
	cal_day day;       /* effect date of the answer */
	cal_day today;     /* day on which it was given */
};

/* Erased and closed: nobody is shown it. */
bool picture_is_hidden(const struct picture *p);
/* An empty picture of a case. */
struct picture picture_new(struct arena *a, const char *case_id);

void picture_apply(struct picture *p, const struct picture_step *step);

/* What an accepted message tells; part of picture_apply(). */
void picture_take_message(struct picture *p, const struct picture_step *step);
void picture_take_criteria(struct picture *p, uint32_t criteria);
/* What routing's snapshot adds to the base set, before the view itself follows. */
void picture_take_route(struct picture *p, const pb_RouteDecided *route, const struct picture_step *step);

/* Is it whole? An open case has an owner and a next deadline, on court and closed-care tracks a
 * gemeente; a closed one has no owner (I1, I2, I4). Between the answers to
 * one cause it may not be. */
bool picture_is_whole(const struct picture *p);

/* Lists in the arena. A set is sorted and holds each once; elements are enums of the contract, or text. */
void *picture_set_with(struct arena *a, const void *list, size_t count, int value, size_t *count_after);
char **picture_texts_with(struct arena *a, char *const *list, size_t count, const char *text, size_t *count_after);
char **picture_texts(struct arena *a, char *const *list, size_t count);
/* Room for one more pointer behind those of a list. */
void *picture_longer(struct arena *a, const void *list, size_t count, size_t size);

#endif
