// SPDX-License-Identifier: EUPL-1.2
/* monitoring_indicators.h - the indicators K1-K29 (rules.md 5.2): what each is, and what one step of a case adds to it.
 *
 * An indicator is kept as tallies: for each month, place (region, team, centre) and group, how often it was counted
 * (denominator) and how often so (numerator); one of days also by value, so that medians and p90 are exact. Months add
 * up to quarters and years, places to the country. Nothing is ever computed anew over all cases.
 *
 * Which month: that of the day on which the thing happened; of what was promised by a day (K8, K13, K18-K20, K23, K27)
 * that day's month, whenever it was done or missed. */
#ifndef DOORBRAAK_MONITORING_INDICATORS_H
#define DOORBRAAK_MONITORING_INDICATORS_H

#include "common/policy.h"
#include "services/monitoring/monitoring_project.h"

#define INDICATORS 29 /* K1 .. K29 */

enum indicator_form {
	INDICATOR_COUNT,  /* numerator only */
	INDICATOR_SHARE,  /* numerator of denominator */
	INDICATOR_DAYS,   /* by value: median, p90, mean; a share beside it where the formula has one */
	INDICATOR_PLACES, /* how many gemeenten or regions of how many: a group for each */
	INDICATOR_NOW,    /* of the moment of the report: not tallied */
};

struct indicator {
	const char *code;    /* "K1" */
	const char *name;    /* Dutch, for reports */
	const char *formula; /* Dutch: numerator / denominator, or what is measured */
	const char *unit;    /* "d", "wd", "" */
	enum indicator_form form;
	const char *source;  /* rules and sources it stems from */
	const char *groups;  /* Dutch: into what it is divided, besides regions; "" */
	const char *example; /* Dutch: what happened -> what a report says */
};

/* By number, from 1; [0] is empty. */
extern const struct indicator indicators[INDICATORS + 1];

/* What a step adds to an indicator. */
struct tally {
	uint8_t k; /* 1 .. 29 */
	cal_day day;
	const char *group; /* such as RETURN, SUBMITTER/PARENT; "" for the indicator itself */
	int32_t value;     /* of days; 0 */
	int64_t numerator, denominator;
};

#define TALLIES_MAX 32 /* of one step */

/* What must be remembered of a picture from before the step, which changes it in place. */
struct indicator_marks {
	bool is_new, screened, met, planned, realised, waited, family_invited;
	bool deadline_open;   /* the deadline that the answer clears was open, not missed */
	bool plan_of_measure; /* the measure had its plan */
	int highest_level, governance;
	cal_day governance_since, submitted_on, accepted_on;
};

struct indicator_step {
	const struct picture *picture; /* behind the step */
	const struct picture_step *step;
	struct indicator_marks before;
	const struct policy_view *view; /* in force; NULL: none */
	/* The first case that this team discusses on that day (K5). */
	bool opens_meeting;
};

struct indicator_marks indicator_marks(const struct picture *before, const struct picture_step *step);
/* How many tallies; pure. */
unsigned indicators_step(const struct indicator_step *s, struct tally tallies[TALLIES_MAX]);

/* What K28 counts of a case; the texts are the picture's. */
struct indicator_open {
	bool open, still; /* still: S03 is open */
	const char *region, *team, *centre;
};
struct indicator_open indicator_open(const struct picture *p);

/* Team meetings: the day and team that K5 counts, or NULL when the step is none. */
const char *indicator_meeting_team(const struct picture *p, const struct picture_step *step);

#endif
