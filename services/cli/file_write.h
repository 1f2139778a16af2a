// SPDX-License-Identifier: EUPL-1.2
/* file_write.h - small files that are the operator's: whole or not at all, readable for their owner only. */
#ifndef DOORBRAAK_FILE_WRITE_H
#define DOORBRAAK_FILE_WRITE_H

#include "services/cli/cli.h"

/* A whole new file, or the one that is there replaced at once. False after telling why. */
bool file_write(struct cli *cli, const char *path, const char *text);

#endif
