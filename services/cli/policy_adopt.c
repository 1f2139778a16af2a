// SPDX-License-Identifier: EUPL-1.2
/* policy_adopt.c - `doorbraak policy adopt`: a policy from files, handed in as an administrator. */
#include "services/cli/adopt.h"
#include "services/cli/adopted.h"
#include "services/cli/asking.h"
#include "services/cli/check_files.h"
#include "services/cli/policy_file.h"

/* ---- the proof ---- */

/* The adopted policy that will hold in a region on a day: of those from before, the last one adopted. */
static const pb_PolicyAdopted *
adopted_for(const struct adopted *adopted, const char *region, const char *from)
{
	const pb_PolicyAdopted *found = NULL;

	for (const struct adopted_record *r = adopted_records(adopted); r != NULL; r = r->next) {
		/* Dates are written so that their order is that of their bytes. */
		if (r->policy == NULL || strcmp(r->policy->region, region) != 0)
			continue;
		if (found == NULL || strcmp(r->policy->valid_from, from) <= 0)
			found = r->policy;
	}
	return found;
}

static bool
is_among(const struct check_policies *p, const char *region)
{
	for (unsigned i = 0; i < p->region_count; i++) {
		if (strcmp(p->regions[i].code, region) == 0)
			return true;
	}
	return false;
}

/* What has to hold together: a regional policy on top of the national one in force, or of the shipped one where there
 * is none; a national one under those of the regions. */
static bool
put_together(struct cli *cli, const struct adopted *adopted, const struct policy_file *file, struct check_policies *p)
{
	const pb_PolicyAdopted *policy = file->policy;

	if (policy->region[0] != '\0') {
		p->national = adopted_for(adopted, "", policy->valid_from);
		if (p->national == NULL && !check_files_read(&cli->arena, cli->share_dir, NULL, 0, p))
			return false;
		p->regions[0].code = policy->region;
		p->regions[0].policy = policy;
		p->regions[0].file = file;
		p->region_count = 1;
		return true;
	}
	p->national = policy;
	p->national_file = file;
	for (const struct adopted_record *r = adopted_records(adopted); r != NULL; r = r->next) {
		if (r->policy == NULL || r->policy->region[0] == '\0' || is_among(p, r->policy->region) ||
		    p->region_count == CHECK_REGIONS_MAX)
			continue;
		p->regions[p->region_count].code = r->policy->region;
		p->regions[p->region_count++].policy = adopted_for(adopted, r->policy->region, policy->valid_from);
	}
	return true;
}

/* An exit code; findings are told as `policy check` does. */
static int
prove(struct cli *cli, const struct policy_file *file)
{
	struct check_policies *policies = ARENA_NEW(&cli->arena, struct check_policies);
	struct check_report report;
	struct adopted *adopted = NULL;
	struct system *system = asking_open(cli);

	if (system == NULL)
		return CLI_UNREACHABLE;
	int code = adopted_read(&adopted, cli, system);

	check_report_init(&report, &cli->arena);
	if (code == CLI_OK && !put_together(cli, adopted, file, policies))
		code = cli_fail(cli, CLI_USAGE,
				"the shipped policy cannot be read, so that a regional one cannot be checked");
	if (code == CLI_OK)
		check_policies(&report, policies, file->policy->region[0] == '\0', NULL);
	for (const struct check_finding *f = report.first; f != NULL; f = f->next) {
		if (!f->note)
			check_print(cli->err, &cli->arena, f);
	}
	if (report.errors > 0)
		code = cli_fail(cli, CLI_FAILED, "%u finding%s; nothing was handed in", report.errors,
				report.errors == 1 ? "" : "s");
	adopted_close(&adopted);
	system_close(&system);
	return code;
}

/* ---- the command ---- */

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
	const int code = prove(cli, file);

	if (code != CLI_OK)
		return code;
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
    .help =
	"Puts the files together, compiles them, proves them as `doorbraak policy check` does, and hands the policy\n"
	"in as ADMINISTRATOR@NAT-VWS. There is no way round the proof. What is adopted never changes the past:\n"
	"only the first may hold from a day before its adoption. A regional policy (region: CODE) holds only what\n"
	"differs; it is proven on top of the national policy that was adopted, a national one under those of the\n"
	"regions. The same policy twice is adopted once.\n\n"
	"Status 1: it does not hold, or intake rejects it; every reason is told. 2: the files are wrong; every problem "
	"is told with\n"
	"file and line, and nothing was handed in.\n\n"
	"examples:\n"
	"  doorbraak policy adopt --shipped\n"
	"  doorbraak policy adopt jz32.yaml --valid-from 2026-07-01\n",
    .run = policy_adopt_run,
};
