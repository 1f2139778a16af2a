// SPDX-License-Identifier: EUPL-1.2
/* policy_check.c - `doorbraak policy check`: the proof of the decision tables. */
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "services/cli/check_files.h"
#include "services/cli/cli.h"

static void
on_progress(void *ctx, const char *what)
{
	struct cli *cli = ctx;

	fprintf(cli->err, "\r\033[K%s ..", what);
	fflush(cli->err);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
print_sum(struct cli *cli, const struct check_report *r, const struct check_policies *p, int64_t ms)
{
	if (cli->json) {
		fprintf(cli->out,
			"{\"policy\":\"%s\",\"regions\":%u,\"rows\":%u,\"tables\":%u,\"situations\":%" PRIu64
			",\"transitions\":%" PRIu64 ",\"inductions\":%" PRIu64 ",\"milliseconds\":%" PRId64
			",\"findings\":%u,\"notes\":%u}\n",
			p->national->version, p->region_count, r->rows, r->tables, r->situations, r->steps,
			r->inductions, ms, r->errors, r->notes);
		return;
	}
	fprintf(cli->out,
		"policy %s, %u region%s: %u rows in %u tables, %" PRIu64 " situations, %" PRIu64
		" transitions, %" PRIu64 " situations for each row by itself, %" PRId64 ".%" PRId64 " s\n",
		p->national->version, p->region_count, p->region_count == 1 ? "" : "s", r->rows, r->tables,
		r->situations, r->steps, r->inductions, ms / 1000, ms % 1000 / 100);
	if (r->errors == 0)
		fputs("policy holds\n", cli->out);
	else
		fprintf(cli->out, "%u finding%s\n", r->errors, r->errors == 1 ? "" : "s");
}

static bool
is_there(const struct check_policies *p, const char *region)
{
	bool there = region == NULL;

	for (unsigned i = 0; i < p->region_count; i++)
		there |= region != NULL && strcmp(p->regions[i].code, region) == 0;
	return there;
}

static int
policy_check_run(struct cli *cli)
{
	struct check_policies *policies = ARENA_NEW(&cli->arena, struct check_policies);
	const char *region = cli_option(cli, "region");
	const int64_t began = now_ms();
	const bool shows = isatty(fileno(cli->err)) == 1;
	struct check_report report;

	if (!check_files_read(&cli->arena, cli->share_dir, cli->arguments, cli->argument_count, policies)) {
		for (unsigned i = 0; i < policies->problems.count && i < PROBLEMS_MAX; i++)
			fprintf(cli->err, "%s\n", policies->problems.text[i]);
		return cli_fail(cli, CLI_USAGE, "%u problem%s; nothing was checked", policies->problems.count,
				policies->problems.count == 1 ? "" : "s");
	}
	if (!is_there(policies, region))
		return cli_fail(cli, CLI_USAGE, "--region %.60s: none of the files is of that region", region);
	check_report_init(&report, &cli->arena);
	if (shows) {
		report.progress = on_progress;
		report.progress_ctx = cli;
	}
	check_policies(&report, policies, region == NULL, region);
	if (shows)
		fputs("\r\033[K", cli->err);
	for (const struct check_finding *f = report.first; f != NULL; f = f->next)
		(cli->json ? check_print_json : check_print)(cli->out, &cli->arena, f);
	print_sum(cli, &report, policies, now_ms() - began);
	return report.errors == 0 ? CLI_OK : CLI_FAILED;
}

static const struct cli_option options[] = {
    {"region", "CODE", "only the policy as it holds in this region, of those in the files"},
    {0},
};

const struct command command_policy_check = {
    .name = "policy check",
    .summary = "prove the decision tables: no holes, dead rows, broken promises",
    .usage = "[FILE|FOLDER]... [--region CODE]",
    .options = options,
    .help =
	"Looks for holes and rows that others cover in every block; messages, deadlines and misses without a table;\n"
	"deadlines that nothing sets or fulfils; rows that break an invariant (I1, I3-I6) from any situation in which\n"
	"the invariants hold; rows that no case can come to; ladders without end. Each finding names its row, with a\n"
	"situation and the shortest sequence of messages to it. Files with a `region` are checked as they hold on top\n"
	"of the others; without others, or without files at all, the shipped policy is taken. What is proven, and "
	"what\n"
	"not: docs/policy.md.\n\n"
	"Status 1: there are findings. 2: the files are wrong; every problem is told with file and line.\n\n"
	"examples:\n"
	"  doorbraak policy check\n"
	"  doorbraak policy check jz43.yaml --json\n",
    .run = policy_check_run,
};
