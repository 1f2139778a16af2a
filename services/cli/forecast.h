// SPDX-License-Identifier: EUPL-1.2
/* forecast.h - what happens to a case when nobody acts, day by day.
 *
 * Computed, not guessed: what intake has of the case (its own messages, those linked to it, policies, registries, days) is
 * replayed through the four other services in this process (row.h), in a temporary folder; then days pass. The services that
 * run are only read. The case is looked at by itself: counts over several cases (the top 100, the agenda of a team, patterns
 * of a region) are those of this case alone. */
#ifndef DOORBRAAK_FORECAST_H
#define DOORBRAAK_FORECAST_H

#include "services/cli/asking.h"
#include "services/cli/story.h"

#define FORECAST_DAYS     60  /* looked ahead unless told otherwise */
#define FORECAST_DAYS_MAX 400 /* and at most */

struct forecast {
	struct story *story; /* tells only what is to come (story_begin_behind) */
	cal_day from, to;    /* the days that were let pass */
};

/* `ids`: of the case, its own first, then those linked to it. An exit code. Memory from the command's arena. */
int forecast_make(struct cli *cli, struct system *system, const char *const *ids, unsigned id_count, unsigned days,
		  struct forecast *forecast);

#endif
