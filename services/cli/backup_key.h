// SPDX-License-Identifier: EUPL-1.2
/* backup_key.h - the two halves of a key for backups, as files of one line. */
#ifndef DOORBRAAK_BACKUP_KEY_H
#define DOORBRAAK_BACKUP_KEY_H

#include "services/cli/cli.h"
#include "services/cli/sealed.h"

/* The public half: a file of it, or the line itself. False after telling why. */
bool backup_key_public(struct cli *cli, const char *given, uint8_t out[SEALED_PUBLIC]);
/* The secret half, from a file that nobody else may read. Wipe it after use. */
bool backup_key_secret(struct cli *cli, const char *path, uint8_t out[SEALED_SECRET]);

#endif
