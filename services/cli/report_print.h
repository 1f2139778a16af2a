// SPDX-License-Identifier: EUPL-1.2
/* report_print.h - a report as text for people (Dutch), and as comma-separated values. */
#ifndef DOORBRAAK_CLI_REPORT_PRINT_H
#define DOORBRAAK_CLI_REPORT_PRINT_H

#include "common/record.h"
#include "services/cli/cli.h"

/* `answer` holds a ReportPublished. */
void report_print_text(struct cli *cli, const pb_Answer *answer);
void report_print_csv(struct cli *cli, const pb_Answer *answer);

#endif
