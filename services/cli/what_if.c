// SPDX-License-Identifier: EUPL-1.2
/* what_if.c - `doorbraak what-if`: recorded history under another policy or registry. */
#include "services/cli/what_if.h"

#include "services/cli/adoption.h"
#include "services/cli/policy_file.h"
#include "services/cli/registry_file.h"
#include "services/cli/verify_source.h"
#include "services/cli/yaml_tree.h"

struct trial {
	struct cli *cli;
	struct what_if_change change;
	const char *region; /* "" all */
};

/* ---- what is given ---- */

static int
tell_problems(struct cli *cli, const struct problems *problems)
{
	for (unsigned i = 0; i < problems->count && i < PROBLEMS_MAX; i++)
		cli_fail(cli, CLI_USAGE, "%s", problems->text[i]);
	return CLI_USAGE;
}

static int
add_policy(struct trial *t, const char *const *paths, unsigned count)
{
	struct policy_file *file = ARENA_NEW(&t->cli->arena, struct policy_file);

	if (!policy_file_read(&t->cli->arena, paths, count, adoption_scopes, ADOPTION_POLICY_SCOPES, file))
		return tell_problems(t->cli, &file->problems);
	for (unsigned i = 0; i < t->change.policy_count; i++) {
		if (strcmp(t->change.policies[i]->region, file->policy->region) == 0)
			return cli_fail(t->cli, CLI_USAGE, "%s: a second policy of region %s; give one", paths[0],
					file->policy->region);
	}
	if (t->change.policy_count == WHAT_IF_POLICIES_MAX)
		return cli_fail(t->cli, CLI_USAGE, "more than %d policies; leave some out", WHAT_IF_POLICIES_MAX);
	t->change.policies[t->change.policy_count++] = file->policy;
	return CLI_OK;
}

/* A file of one region, to be read by itself. What cannot be read is told when it is read as a policy. */
static bool
is_regional(struct arena *a, const char *path)
{
	struct why why;
	const struct tree *root = yaml_tree_file(a, path, &why);

	return root != NULL && root->kind == TREE_MAP && tree_get(root, "region") != NULL;
}

/* Every --policy with a region is a policy of its own; the others together are that of the country. */
static int
read_policies(struct trial *t)
{
	const char *national[CLI_VALUES_MAX];
	unsigned count = 0;
	int code = CLI_OK;

	for (unsigned i = 0; i < t->cli->given_count && code == CLI_OK; i++) {
		const char *path = t->cli->given[i][1];
		if (strcmp(t->cli->given[i][0], "policy") != 0)
			continue;
		if (is_regional(&t->cli->arena, path))
			code = add_policy(t, &path, 1);
		else
			national[count++] = path;
	}
	return code == CLI_OK && count > 0 ? add_policy(t, national, count) : code;
}

static int
read_registry(struct trial *t)
{
	struct registry_file *file = ARENA_NEW(&t->cli->arena, struct registry_file);
	const char *path = cli_option(t->cli, "registry");

	if (path == NULL)
		return CLI_OK;
	if (!registry_file_read_part(&t->cli->arena, path, file))
		return tell_problems(t->cli, &file->problems);
	_Static_assert(REGISTRY_FILE_RECORDS_MAX <= WHAT_IF_ROWS_MAX, "all records of a file fit");
	for (unsigned i = 0; i < file->record_count; i++)
		t->change.rows[t->change.row_count++] = file->records[i];
	return CLI_OK;
}

/* A change of one region only is looked at there, unless something else is asked for. */
static int
read_region(struct trial *t)
{
	const char *given = cli_option(t->cli, "region");

	t->region = "";
	if (given != NULL && strcmp(given, "all") == 0)
		return CLI_OK;
	if (given != NULL && !record_is_code(given))
		return cli_fail(t->cli, CLI_USAGE, "--region: '%.60s' cannot be a code; codes are of A-Z 0-9 -", given);
	if (given != NULL)
		t->region = given;
	else if (t->change.policy_count == 1 && t->change.row_count == 0)
		t->region = t->change.policies[0]->region;
	return CLI_OK;
}

static int
read_change(struct trial *t)
{
	int code;

	if (t->cli->argument_count > 0)
		return cli_fail(t->cli, CLI_USAGE, "takes no arguments; a policy: --policy %s", t->cli->arguments[0]);
	if (cli_option(t->cli, "policy") == NULL && cli_option(t->cli, "registry") == NULL)
		return cli_fail(t->cli, CLI_USAGE, "name what is to be tried: --policy FILE or --registry FILE");
	if (!asking_day(t->cli, "from", &t->change.from) || !asking_day(t->cli, "to", &t->change.to))
		return CLI_USAGE;
	if (t->change.from != CAL_NONE && t->change.to != CAL_NONE && t->change.from > t->change.to)
		return cli_fail(t->cli, CLI_USAGE, "--from %s lies behind --to %s: turn them around",
				cli_option(t->cli, "from"), cli_option(t->cli, "to"));
	code = read_policies(t);
	if (code == CLI_OK)
		code = read_registry(t);
	return code == CLI_OK ? read_region(t) : code;
}

/* ---- computing ---- */

static int
compute(struct trial *t, const struct verify_source *source)
{
	const struct progress progress = progress_of(t->cli);
	struct what_if_result result;
	struct why why = {{0}}, broken;
	int code = CLI_OK;

	const enum err err = what_if_run(&result, &t->change, verify_source_row(source), &progress, &why);
	if (verify_source_failed(source, &broken))
		code = cli_fail(t->cli, CLI_UNREACHABLE, "%s", broken.text);
	else if (err != ERR_NONE)
		code = cli_fail(t->cli, err == ERR_REFUSED ? CLI_USAGE : CLI_FAILED, "%s", why.text);
	else if (t->region[0] != '\0' && !hearing_knows_region(result.hearing, t->region))
		code = cli_fail(t->cli, CLI_USAGE,
				"there is no region '%.60s' in the registry; `doorbraak registry show` lists them",
				t->region);
	if (code == CLI_OK) {
		const struct what_if_printing printing = {
		    .out = t->cli->out,
		    .arena = &t->cli->arena,
		    .change = &t->change,
		    .result = &result,
		    .region = t->region,
		    .all = cli_option(t->cli, "all") != NULL,
		};
		if (t->cli->json)
			what_if_print_json(&printing);
		else
			what_if_print(&printing);
	}
	what_if_free(&result);
	return code;
}

static int
what_if_run_command(struct cli *cli)
{
	struct trial *t = ARENA_NEW(&cli->arena, struct trial);
	const char *data = cli_option(cli, "data");
	struct verify_source *source = NULL;
	struct system *system = NULL;

	t->cli = cli;
	int code = read_change(t);
	if (code != CLI_OK)
		return code;
	if (data == NULL && (system = asking_open(cli)) == NULL)
		return CLI_UNREACHABLE;
	code =
	    data == NULL ? verify_source_live(&source, cli, system, 0) : verify_source_stopped(&source, cli, data, 0);
	if (code == CLI_OK)
		code = compute(t, source);
	verify_source_close(&source);
	system_close(&system);
	return code;
}

static const struct cli_option options[] = {
    {"policy", "FILE", "file or folder, instead of the adopted policy; may be given more than once"},
    {"registry", "FILE", "rows that are added to the registry, or replace rows of it"},
    {"from", "DATE", "first day on which the change holds (default: from the beginning)"},
    {"to", "DATE", "last day that is looked at (default: to the end)"},
    {"region", "CODE", "only cases of this region; all: every region"},
    {"all", NULL, "every case, not the first 20 of each group"},
    {"data", "DIR", "folder of stopped services (the run folder of `up`), instead of services that run"},
    {0},
};

const struct command command_what_if = {
    .name = "what-if",
    .summary = "recorded history under another policy or registry: which cases would have gone another way",
    .usage = "--policy FILE... [--registry FILE] [--from DATE] [--to DATE] [--region CODE] [--all] [--data DIR]",
    .options = options,
    .help =
	"Reads intake's journal and computes it twice, as it was recorded and with the change, through triage,\n"
	"routing and signalling, in memory; the running services are not touched. Tells for each region and\n"
	"rule how many cases would have had another owner, level, deadline or signal, or a message refused or\n"
	"accepted; then the cases, each with its first difference, the row that decided on both sides, and the\n"
	"term or the facts that made it. Signals about a region, team or source come apart.\n\n"
	"Each --policy with a `region:` is that region's policy; all others together are that of the country, and\n"
	"must be whole, as for `policy adopt`. It stands in place of the adopted one for facts from --from on. With\n"
	"one regional policy only, its region is looked at; --region all shows the others too.\n"
	"The same command gives the same bytes. Progress goes to standard error.\n\n"
	"Status 0: computed, whether anything differs or not. 2: the files are wrong, or do not fit. 3: intake\n"
	"gives no answer.\n\n"
	"examples:\n"
	"  doorbraak what-if --policy jz32.yaml --from 2025-01-01 --to 2025-12-31\n"
	"  doorbraak what-if --registry new-team.yaml --region JZ32 --data ./run\n",
    .run = what_if_run_command,
};
