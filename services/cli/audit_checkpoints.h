// SPDX-License-Identifier: EUPL-1.2
/* audit_checkpoints.h - the checkpoints (common/checkpoint.h) of one access log, held against it. */
#ifndef DOORBRAAK_AUDIT_CHECKPOINTS_H
#define DOORBRAAK_AUDIT_CHECKPOINTS_H

#include "common/checkpoint.h"
#include "services/cli/cli.h"

#define AUDIT_CHECKPOINTS_MAX 1000000u /* of one log */

struct audit_checkpoints {
	struct checkpoint *list; /* by seq, as they were written */
	unsigned count;
	unsigned at;    /* of the next that is to be met */
	unsigned lines; /* of the file */
};

/* Reads <folder>/<service>.checkpoints, every signature checked. An exit code, after telling what is wrong. A log without
 * any checkpoint is told too: it may have been taken away. */
int audit_checkpoints_read(struct cli *cli, const char *folder, const char *key_path, const char *service,
			   struct audit_checkpoints *checkpoints);
/* The next record of the log. An exit code: a checkpoint says another digest. */
int audit_checkpoints_meet(struct cli *cli, struct audit_checkpoints *checkpoints, const char *service, uint64_t seq,
			   struct digest digest);
/* The log is over, at `seq`. An exit code: a checkpoint lies behind it. */
int audit_checkpoints_end(struct cli *cli, const struct audit_checkpoints *checkpoints, const char *service,
			  uint64_t seq);

#endif
