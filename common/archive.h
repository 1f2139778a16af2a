// SPDX-License-Identifier: EUPL-1.2
/* archive.h - the journal of a service that is stopped, read from its folder. */
#ifndef DOORBRAAK_ARCHIVE_H
#define DOORBRAAK_ARCHIVE_H

#include "common/row.h"

struct archive;

/* Opens the environment in `dir` (it must exist; its lock must be free) for reading its journal through source->read.
 * Nothing but a boot row is written. */
enum err archive_open(struct archive **archive, const char *dir, struct row_source *source, struct why *why) MUST_USE;
void archive_close(struct archive **archive);

#endif
