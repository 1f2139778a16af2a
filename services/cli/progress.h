// SPDX-License-Identifier: EUPL-1.2
/* progress.h - how far something that takes a while has come: a bar on standard error, when that is a terminal. */
#ifndef DOORBRAAK_PROGRESS_H
#define DOORBRAAK_PROGRESS_H

#include "services/cli/cli.h"

struct progress {
	FILE *out; /* NULL: nothing is shown */
};

struct progress progress_of(const struct cli *cli);
void progress_show(const struct progress *p, const char *what, uint64_t done, uint64_t all);
/* Wipes the line. */
void progress_end(const struct progress *p);

#endif
