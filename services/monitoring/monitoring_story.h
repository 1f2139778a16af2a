// SPDX-License-Identifier: EUPL-1.2
/* monitoring_story.h - how a case came where it is, and what happens to it when nobody acts.
 *
 * A page of its course, the latest first, each decision with the row that took it and what was one fact short. What is to come
 * is computed: what the case heard, and all that was adopted, goes through triage, routing and signalling once more in memory
 * (common/relay.h), and days pass. */
#ifndef DOORBRAAK_MONITORING_STORY_H
#define DOORBRAAK_MONITORING_STORY_H

#include "services/monitoring/monitoring_adopted.h"
#include "services/monitoring/monitoring_course.h"

#define STORY_PAGE_MAX    100u       /* events of a page */
#define STORY_PAGE_BYTES  (1u << 20) /* of records in a page; one event is always given */
#define STORY_AHEAD_MAX   400u       /* days looked ahead */
#define STORY_AHEAD_HEARD 2000u      /* messages of a case that are computed once more */
#define STORY_AHEAD_BYTES (8u << 20) /* and bytes of its course */

struct story_sources {
	const struct monitoring_db *db;
	const struct course *course;
	const struct adopted_log *adopted;
};

/* False with *why when the question cannot be. A reply without case and events: there is no such case. `today`: of intake's
 * clock. */
bool story_tell(const struct story_sources *from, struct store_txn *txn, const pb_StoryRequest *request, cal_day today,
		pb_StoryReply *reply, struct why *why);

/* monitoring_forecast.c: fills what lies ahead of a case whose last row is `number`. */
void story_look_ahead(const struct story_sources *from, struct store_txn *txn, uint64_t number, cal_day today,
		      unsigned days, pb_StoryReply *reply);

/* An event with room for so many decisions. `kind`: number of the message's field in Submission, 0: a day began. */
pb_StoryEvent *story_event_new(struct arena *a, uint64_t cause, int64_t at_ms, int kind, size_t decisions);

#endif
