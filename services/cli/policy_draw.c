// SPDX-License-Identifier: EUPL-1.2
/* policy_draw.c - `doorbraak policy draw`: the tables of a policy as a picture. */
#include "services/cli/policy_draw.h"

#include "services/cli/policy_side.h"

static bool
has_table(const pb_PolicyAdopted *policy, const char *event)
{
	return policy_find_table(policy, "effects", event) != NULL;
}

/* What the arguments mean; none: what is shipped. */
static int
read_policy(struct cli *cli, const pb_PolicyAdopted **policy)
{
	const char *region = cli_option(cli, "region");
	struct policy_side side, shipped;
	int code;

	if (region != NULL && cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "--region is for what was adopted: leave out %s, or --region",
				cli->arguments[0]);
	if (region != NULL)
		code = policy_side_read(cli, arena_printf(&cli->arena, "adopted:%s", region), &side);
	else if (cli->argument_count == 0)
		code = policy_side_read(cli, "shipped", &side);
	else
		code = policy_side_read_all(cli, cli->arguments, cli->argument_count, &side);
	if (code == CLI_OK && side.national == NULL) {
		code = policy_side_read(cli, "shipped", &shipped);
		side.national = shipped.national;
	}
	if (code == CLI_OK)
		*policy = policy_side_whole(&cli->arena, &side, NULL);
	return code;
}

static int
policy_draw_run(struct cli *cli)
{
	const char *event = cli_option(cli, "table");
	const bool ladders = cli_option(cli, "ladders") != NULL;
	const pb_PolicyAdopted *policy = NULL;

	if (ladders && event != NULL)
		return cli_fail(cli, CLI_USAGE, "--ladders draws all tables; leave out --table, or --ladders");
	const int code = read_policy(cli, &policy);
	if (code != CLI_OK)
		return code;
	if (event != NULL && !has_table(policy, event))
		return cli_fail(
		    cli, CLI_USAGE,
		    "policy %s has no table for '%.60s'; the events of lifecycle.yaml have one: PlanAgreed, "
		    "MISSED.REVIEW",
		    policy->version, event);
	if (ladders)
		policy_draw_ladders(&cli->arena, policy, cli->out);
	else
		policy_draw_cycle(&cli->arena, policy, event, cli_option(cli, "all") != NULL, cli->out);
	return CLI_OK;
}

static const struct cli_option options[] = {
    {"table", "EVENT", "only what this event does: PlanAgreed, MISSED.LOCAL_ATTEMPT"},
    {"ladders", NULL, "the two ladders instead: who works on a case, and who is asked about money"},
    {"all", NULL, "each row by itself, and what leaves a case in its state"},
    {"region", "CODE", "what was adopted, as it holds in this youth region"},
    {0},
};

const struct command command_policy_draw = {
    .name = "policy draw",
    .summary = "the life of a case, or both ladders, as a picture (Graphviz)",
    .usage = "[POLICY|FILE...] [--table EVENT | --ladders] [--all] [--region CODE]",
    .options = options,
    .help = "Text for Graphviz, from the tables of a policy alone: files or folders, or `shipped` (the default),\n"
	    "`adopted`, `adopted:JZ42` as in `policy diff`. States are nodes; a line is a message that moves a case,\n"
	    "with its rules; dashed is a missed deadline. What goes the same way is one line; what comes from four\n"
	    "or more states comes from one note. Conditions on other facts than the state are taken as possible.\n\n"
	    "Status 2: the policy cannot be read, or it has no such table. 3: intake gives no answer.\n\n"
	    "examples:\n"
	    "  doorbraak policy draw | dot -Tsvg >life-cycle.svg\n"
	    "  doorbraak policy draw --ladders | dot -Tsvg >ladders.svg\n"
	    "  doorbraak policy draw new-policy --table ScreeningDecided --all\n",
    .run = policy_draw_run,
};
