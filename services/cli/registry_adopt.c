// SPDX-License-Identifier: EUPL-1.2
/* registry_adopt.c - `doorbraak registry adopt`: who serves whom, from a file, handed in as an administrator. */
#include "services/cli/adopt.h"

static int
registry_adopt_run(struct cli *cli)
{
	const bool shipped = cli_option(cli, "shipped") != NULL;
	struct adoption *adoption = ARENA_NEW(&cli->arena, struct adoption);

	if (cli->argument_count + shipped != 1)
		return cli_fail(cli, CLI_USAGE, "name one registry file, or take --shipped");
	const char *path = shipped ? adoption_path(&cli->arena, cli->share_dir, ADOPTION_REGISTRY) : cli->arguments[0];
	if (!adoption_add_registry(&cli->arena, path, adoption))
		return adopt_problems(cli, adoption);
	return adopt_hand_in(cli, adoption);
}

static const struct cli_option options[] = {
    ADOPT_OPTIONS,
    {0},
};

const struct command command_registry_adopt = {
    .name = "registry adopt",
    .summary = "adopt a registry: gemeenten, regions, teams, centres",
    .usage = "FILE|--shipped",
    .options = options,
    .help = "Checks the file, and hands it in as ADMINISTRATOR@NAT-VWS: one record for each date in it. Rows hold\n"
	    "from their day on and never change what was decided. The same registry twice is adopted once.\n\n"
	    "Status 1: intake rejects it. 2: the file is wrong; every problem is told with its line, and nothing was\n"
	    "handed in.\n\n"
	    "example:\n"
	    "  doorbraak registry adopt --shipped\n",
    .run = registry_adopt_run,
};
