// SPDX-License-Identifier: EUPL-1.2
/* adopt.h - handing in what an administrator adopts: for `policy adopt` and `registry adopt`. */
#ifndef DOORBRAAK_ADOPT_COMMAND_H
#define DOORBRAAK_ADOPT_COMMAND_H

#include "services/cli/adoption.h"
#include "services/cli/cli.h"

#define ADOPT_OPTIONS                                                                                                  \
	{"shipped", NULL, "the files that came with the tool"},                                                        \
	{                                                                                                              \
		"now", "T", "on a driven clock: move it there first"                                                   \
	}

/* All that is wrong with the files; an exit code. */
int adopt_problems(struct cli *cli, const struct adoption *adoption);
/* Hands in all of it in order, and tells. What was adopted before, is left as it is. */
int adopt_hand_in(struct cli *cli, struct adoption *adoption);

#endif
