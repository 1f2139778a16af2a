// SPDX-License-Identifier: EUPL-1.2
/* telling.h - a history written down for others to compute anew: what the services saw, and what monitoring makes of it. */
#ifndef DOORBRAAK_TELLING_H
#define DOORBRAAK_TELLING_H

#include "tests/sim/realm.h"

/* Into a folder that exists:
 *   journal.jsonl  signalling's journal, as `doorbraak journal signalling --json`
 *   figures.jsonl  figures before any is withheld, a line for each subject and period: the country for every period there is,
 *                  centres and teams for quarters, regions for years
 *   reports.jsonl  reports as monitoring answers them: the country by quarter
 * False with realm->why. */
bool telling_write(struct realm *r, const char *dir, cal_day from);

#endif
