// SPDX-License-Identifier: EUPL-1.2
/* verify_source.h - the five journals that `verify` looks at, wherever they are: as row_source (row.h). */
#ifndef DOORBRAAK_VERIFY_SOURCE_H
#define DOORBRAAK_VERIFY_SOURCE_H

#include "common/row.h"
#include "services/cli/asking.h"

struct verify_source;

/* Of a service that runs: its journal as far as its present head. */
int verify_source_live(struct verify_source **out, struct cli *cli, struct system *system, unsigned service);
/* Of a service that is stopped: asking_store(dir). */
int verify_source_stopped(struct verify_source **out, struct cli *cli, const char *dir, unsigned service);
void verify_source_close(struct verify_source **source);

/* Quick where it is read in order; going back a little is no matter. */
const struct row_source *verify_source_row(const struct verify_source *source);
/* Did the reading break off? *why says why. */
bool verify_source_failed(const struct verify_source *source, struct why *why);

#endif
