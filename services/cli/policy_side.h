// SPDX-License-Identifier: EUPL-1.2
/* policy_side.h - which policy somebody means: files, what is shipped, or what was adopted.
 *
 *   PATH                      a file, or a folder with *.yaml; with `region` in it: a region's own
 *   shipped                   the national policy that comes with the programs
 *   adopted                   what holds today in the system that runs (--run)
 *   adopted:JZ42              what holds today in that region
 *   adopted@2024-01-01        what held, or will hold, on that day; also adopted:JZ42@2024-01-01
 *
 * A file that is called `shipped` is `./shipped`. */
#ifndef DOORBRAAK_POLICY_SIDE_H
#define DOORBRAAK_POLICY_SIDE_H

#include "common/policy_merge.h"
#include "services/cli/cli.h"

struct policy_side {
	const char *name;                 /* as it was given */
	const pb_PolicyAdopted *national; /* NULL: a region's own alone */
	const pb_PolicyAdopted *regional; /* NULL: none */
};

/* Reads one; an exit code: CLI_USAGE after telling what is wrong with files, CLI_FAILED when nothing was adopted,
 * CLI_UNREACHABLE. */
int policy_side_read(struct cli *cli, const char *text, struct policy_side *side);
/* The same; several are files that are put together. */
int policy_side_read_all(struct cli *cli, const char *const *texts, unsigned count, struct policy_side *side);
/* The whole: national with the region's upon it. A region's own alone is put upon `base` (may be NULL: it stays alone). */
const pb_PolicyAdopted *policy_side_whole(struct arena *a, const struct policy_side *side,
					  const pb_PolicyAdopted *base);

#endif
