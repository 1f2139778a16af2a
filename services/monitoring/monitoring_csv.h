// SPDX-License-Identifier: EUPL-1.2
/* monitoring_csv.h - a report as comma-separated lines, for spreadsheets. */
#ifndef DOORBRAAK_MONITORING_CSV_H
#define DOORBRAAK_MONITORING_CSV_H

#include "common/record.h"

/* A head in Dutch, then a line for each figure; what is withheld is empty, not 0. In the arena. */
struct bytes report_csv(struct arena *a, const pb_ReportPublished *report);
/* The group of a figure without the region that it is for ("" when it is for none). */
const char *report_group(struct arena *a, const char *group, const char **region);

#endif
