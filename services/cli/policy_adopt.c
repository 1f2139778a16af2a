// SPDX-License-Identifier: EUPL-1.2
/* policy_adopt.c - `doorbraak policy adopt`: a policy from files, handed in as an administrator. */
#include "services/cli/adopt.h"
#include "services/cli/asking.h"
#include "services/cli/policy_file.h"

static int
policy_adopt_run(struct cli *cli)
{
	const bool shipped = cli_option(cli, "shipped") != NULL;
	const char *shipped_paths[ADOPTION_POLICY_PATHS];
	const char *const *paths = cli->arguments;
	unsigned count = cli->argument_count;
	struct adoption *adoption = ARENA_NEW(&cli->arena, struct adoption);
	struct policy_file *file = ARENA_NEW(&cli->arena, struct policy_file);
	cal_day from;

	if (shipped == (count > 0))
		return cli_fail(cli, CLI_USAGE, "name the files of a policy, or take --shipped");
	if (!asking_day(cli, "valid-from", &from))
		return CLI_USAGE;
	if (shipped) {
		adoption_policy_paths(&cli->arena, cli->share_dir, shipped_paths);
		paths = shipped_paths;
		count = ADOPTION_POLICY_PATHS;
	}
	if (!policy_file_read(&cli->arena, paths, count, adoption_scopes, ADOPTION_POLICY_SCOPES, file)) {
		adoption->problems = file->problems;
		return adopt_problems(cli, adoption);
	}
	if (from != CAL_NONE)
		file->policy->valid_from = record_date(&cli->arena, from);
	adoption_add(&cli->arena, "policy", NULL, DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED, &file->policy->base,
		     adoption);
	return adopt_hand_in(cli, adoption);
}

static const struct cli_option options[] = {
    {"valid-from", "DATE", "first day on which it holds (default: what the files say)"},
    ADOPT_OPTIONS,
    {0},
};

const struct command command_policy_adopt = {
    .name = "policy adopt",
    .summary = "adopt a policy: terms, tables, thresholds",
    .usage = "FILE...|FOLDER...|--shipped [--valid-from DATE]",
    .options = options,
    .help = "Puts the files together, compiles them, and hands the policy in as ADMINISTRATOR@NAT-VWS. What is\n"
	    "adopted never changes the past: only the first may hold from a day before its adoption. A regional\n"
	    "policy (region: CODE) holds only what differs. The same policy twice is adopted once.\n\n"
	    "Status 1: intake rejects it; every reason is told. 2: the files are wrong; every problem is told with\n"
	    "file and line, and nothing was handed in.\n\n"
	    "examples:\n"
	    "  doorbraak policy adopt --shipped\n"
	    "  doorbraak policy adopt jz32.yaml --valid-from 2026-07-01\n",
    .run = policy_adopt_run,
};
