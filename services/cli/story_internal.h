// SPDX-License-Identifier: EUPL-1.2
/* story_internal.h - words for what a decision rests on. For story*.c only. */
#ifndef DOORBRAAK_STORY_INTERNAL_H
#define DOORBRAAK_STORY_INTERNAL_H

#include "services/cli/story.h"

/* story_why.c. What would have fitted: of a row that was one fact short, "decision is RETURN, not REDIRECT"; of a message
 * that was refused, what would have been taken. "" when the policy is not known. */
const char *story_near_text(struct arena *a, const pb_StoryNear *near);
const char *story_refused_text(struct arena *a, const pb_StoryDecision *decision);
/* "S19 protector late" */
const char *story_signal_name(struct arena *a, int code);
/* "ACTION/A1" */
const char *story_deadline_name(struct arena *a, int kind, const char *reference);

#endif
