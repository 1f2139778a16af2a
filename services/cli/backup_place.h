// SPDX-License-Identifier: EUPL-1.2
/* backup_place.h - the folder in which backups are kept: one writer at a time, names, rotation.
 *
 *   doorbraak-<what>-<moment>.backup         whole; <what> is "all", or the services in it with + between
 *   .doorbraak-<what>-<moment>.part          in the making; one that was left behind is cleared away by the next backup
 *
 * "-" is no folder but standard output: the file in the making has no name, and is written out when it is kept.
 *
 * A file gets its real name when it is complete, read back and on disk; never before. */
#ifndef DOORBRAAK_BACKUP_PLACE_H
#define DOORBRAAK_BACKUP_PLACE_H

#include "services/cli/cli.h"

struct backup_place {
	const char *dir;
	int dir_fd; /* locked; -1: standard output */
	const char *what;
	const char *name, *part;
	int fd; /* of the part; -1: none */
};

/* Locks the folder, which must exist, clears away what was left behind, begins a file (in `work` when it is to have no name).
 * False after telling why. */
bool backup_place_open(struct cli *cli, struct backup_place *place, const char *dir, const char *work, const char *what,
		       const char *moment);
/* The file is complete: gives it its name, durably. */
bool backup_place_keep(struct cli *cli, struct backup_place *place);
/* Removes all but the newest `keep` of the same <what>; how many were removed, -1 after telling why. */
int backup_place_rotate(struct cli *cli, const struct backup_place *place, uint64_t keep);
/* Removes a part that was not kept. */
void backup_place_close(struct backup_place *place);

#endif
