// SPDX-License-Identifier: EUPL-1.2
/* monitoring_report.h - reports: the indicators of a period, for whom they are meant (rules.md 5.3).
 *
 * A report is made of the tallies of its period, read once; for another subject it is added up anew from the same rows.
 * What is told of a moment (K25, K28) is told as it stands at the closing. Cells that are too small are withheld
 * (R82, P26 of the policy in force on the last day of the period), the same in all reports of a period
 * (monitoring_report_cells.h). A cell is the group of cases that a figure is computed over: the
 * denominator of a share or of days, the count itself of a count. */
#ifndef DOORBRAAK_MONITORING_REPORT_H
#define DOORBRAAK_MONITORING_REPORT_H

#include "common/registry.h"
#include "services/monitoring/monitoring_tallies.h"

/* Whom a report is about. */
enum report_subject {
	REPORT_OF_TEAM,
	REPORT_OF_STEERING_GROUP, /* SG- and the part of the team's code behind ET- (rules.md 7) */
	REPORT_OF_REGION,
	REPORT_OF_CENTRE,
	REPORT_OF_NATION,
	REPORT_OF_ANY, /* a region, centre or team by its code, the country without */
};

/* What a report holds. Bit k is indicator Kk. */
struct report_form {
	int kind; /* REPORT_KIND_... */
	enum report_subject subject;
	uint32_t indicators;
	uint32_t by_region; /* of these also by region; of a team that has several */
	bool themes;
	int months;       /* of its period when it is published; 0: never */
	const char *rule; /* why there is such a report */
};
/* NULL when there is none. */
const struct report_form *report_form(int kind);

#define REPORT_SMALLEST 5 /* P26, where no policy says otherwise */

/* Where a report gets what it tells. */
struct report_sources {
	struct tallies tallies;
	struct registry registry;
	struct policy_book *policies;
};

struct report_period {
	cal_day from, to;
};
/* The period of so many months (1, 3, 4, 6 or 12) that ended last before a day. */
struct report_period report_period_before(cal_day day, int months);
/* Is it a month, a quarter, four months, half a year or a year? How many months; 0: it is none. */
int report_period_months(struct report_period period);

/* The rows of a period, for all its reports, or for those of some indicators (bit k: Kk); in the transaction's arena. */
#define REPORT_ALL UINT32_MAX
struct report_rows {
	struct report_period period;
	const struct tally_row *of[INDICATORS + 1];
	size_t count[INDICATORS + 1];
	const struct tally_row *before; /* K26 in the period before */
	size_t before_count;
	struct report_tables *tables; /* of the country, made when they are first asked for */
};
struct report_rows report_rows(const struct report_sources *from, struct store_txn *txn, struct report_period period,
			       uint32_t indicators_asked);

/* Can such a report be made of this subject? Else *why says what fits. */
bool report_can(const struct report_sources *from, struct store_txn *txn, const struct report_form *form,
		const char *subject_id, const struct report_rows *rows, struct why *why) MUST_USE;
/* The report as an answer, with its basis; cause and place are the caller's. */
pb_Answer *report_make(const struct report_sources *from, struct store_txn *txn, const struct report_form *form,
		       const char *subject_id, const struct report_rows *rows, int64_t closing_ms);

#endif
