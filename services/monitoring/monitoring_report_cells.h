// SPDX-License-Identifier: EUPL-1.2
/* monitoring_report_cells.h - which figures may be shown, so that all reports of a period together give no small cell away
 * (rules.md R82, 5.3, I14).
 *
 * One table decides: the country by region and group (figures_withhold()). Every report of that period, whatever its subject,
 * shows a figure only when it is a sum of what that table shows:
 *   - a region stands in every report as it stands there;
 *   - a team, a centre or any other subject that takes regions whole is shown when all of these are;
 *   - a centre is also shown, of a figure that is no part of a family, when what its regions withhold is the count of two
 *     regions or more, and big enough, as a cell beside those of the other centres;
 *   - a subject with a part of a region (two teams in one region, or a region that changed teams) is shown, of a figure that is no
 *     part of a family, when the region is, and its part as a cell beside the other parts is.
 * Of families (K1, K22, K26) groups that are withheld are not listed, but for the country: who is told which groups are withheld is
 * told which have nothing.
 * So no number of a region, and no number of another subject that is no part of a family, below the smallest cell can be computed
 * from all reports of a period together. Not promised: that the sum of a group over some of the regions of which it is withheld
 * stays unknown. Reports of other periods are not looked at: see docs/indicators.md. */
#ifndef DOORBRAAK_MONITORING_REPORT_CELLS_H
#define DOORBRAAK_MONITORING_REPORT_CELLS_H

#include "services/monitoring/monitoring_report_figures.h"

/* One indicator in one period. */
struct report_table {
	struct arena *arena;
	unsigned k;
	const struct tally_row *rows;
	size_t row_count;
	struct figures nation; /* with `shown` */
	/* Where cases stand: each region, team and centre that occur together, once; a row for each. */
	const struct tally_row **parts;
	unsigned part_count;
	int64_t smallest;
};
struct report_table report_table(struct arena *a, unsigned k, const struct tally_row *rows, size_t row_count,
				 const struct policy_view *view, int64_t smallest);

/* Sets `shown` of each figure of a subject. Its own smallest cell can only withhold more. */
void report_table_withhold(const struct report_table *table, struct figures *f, const struct tally_place *where,
			   int64_t smallest);

#endif
