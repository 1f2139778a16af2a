// SPDX-License-Identifier: EUPL-1.2
/* monitoring_report_figures.h - the figures of one indicator in a report, and which of them may be shown. */
#ifndef DOORBRAAK_MONITORING_REPORT_FIGURES_H
#define DOORBRAAK_MONITORING_REPORT_FIGURES_H

#include "services/monitoring/monitoring_report.h"

struct figure {
	const char *region; /* "": of the whole subject */
	const char *group;
	int64_t numerator, denominator, total;
	int32_t median, p90;
	int64_t cases; /* that it is computed over: the cell */
	bool shown;
};

/* First those of the whole subject, then by region; groups in the order of their names. */
struct figures {
	unsigned k;
	struct figure *list;
	size_t count;
};

/* Of the rows of one indicator at a place. At least one figure. `view`: for baselines; may be NULL. */
struct figures figures_of(struct arena *a, unsigned k, const struct tally_row *rows, size_t row_count,
			  const struct tally_place *where, bool by_region, const struct policy_view *view);
/* How many regions have each function, of those that answered (K25). */
struct figures figures_of_functions(struct registry registry, struct store_txn *txn, cal_day day);

/* Sets `shown` of each. Families of groups that add up to a total (K1, K22, K26) are a table of regions and groups; any
 * other group is a line of regions. */
void figures_withhold(struct arena *a, struct figures *f, int64_t smallest);
bool figures_have_families(unsigned k);
/* Of transfers and seclusions (K21, K22) with a base period the base period is the cell. */
void figures_show_against_baseline(struct figures *f, int64_t smallest);

#endif
