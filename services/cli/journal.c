// SPDX-License-Identifier: EUPL-1.2
/* journal.c - `doorbraak journal`: the records of a service, as they stand there. */
#include <inttypes.h>

#include "services/cli/asking.h"
#include "services/cli/record_line.h"

struct printing {
	struct cli *cli;
	struct arena arena; /* of a line */
	uint64_t from, left;
};

static bool
print_record(void *ctx, uint64_t seq, const struct record *r)
{
	struct printing *p = ctx;
	FILE *out = p->cli->out;

	if (seq < p->from)
		return true;
	arena_reset(&p->arena);
	if (p->cli->json)
		fprintf(out, "%s\n", record_line_json(&p->arena, seq, r));
	else
		fprintf(out, "%6" PRIu64 "  %s  %-22s  %-25s  %s\n", seq, asking_moment(&p->arena, r->at_ms),
			record_line_kind(r), record_line_case(r)[0] == '\0' ? "-" : record_line_case(r),
			record_line_text(&p->arena, r));
	return --p->left > 0;
}

static int
journal_run(struct cli *cli)
{
	const char *case_id = cli_option(cli, "case"), *topic;
	struct doorbraak_cursor cursor = {0};
	struct printing p = {.cli = cli};
	unsigned service;

	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE, "name one service: intake, triage, routing, signalling or monitoring");
	if (!asking_service(cli, cli->arguments[0], &service) || !asking_number(cli, "from", 1, UINT64_MAX, &p.from) ||
	    !asking_number(cli, "count", UINT64_MAX, UINT64_MAX, &p.left))
		return CLI_USAGE;
	if (case_id != NULL && !record_is_id(case_id))
		return cli_fail(cli, CLI_USAGE, "--case: '%.80s' cannot be the id of a case", case_id);
	topic = case_id == NULL ? NULL : arena_printf(&cli->arena, "case/%s", case_id);
	struct system *system = asking_open(cli);
	if (system == NULL)
		return CLI_UNREACHABLE;
	arena_init(&p.arena);
	int code = asking_skip(cli, system, service, &cursor, p.from);
	if (code == CLI_OK && p.left > 0)
		code = asking_read(cli, system, service, &cursor, &topic, topic == NULL ? 0 : 1, print_record, &p);
	if (code == CLI_OK && p.left > 0 && cli_option(cli, "follow") != NULL) {
		asking_until_stopped();
		code = asking_follow(cli, system, service,
				     &(struct doorbraak_follow_options){
					 .after = cursor, .topics = &topic, .topic_count = topic == NULL ? 0 : 1},
				     print_record, &p);
	}
	arena_fini(&p.arena);
	system_close(&system);
	return code;
}

static const struct cli_option options[] = {
    {"from", "N", "begin at record N (default 1)"},
    {"count", "N", "at most so many records (default: all)"},
    {"case", "ID", "only of this case"},
    {"follow", NULL, "go on with what is new, until Ctrl-C"},
    {0},
};

const struct command command_journal = {
    .name = "journal",
    .summary = "print the records of a service",
    .usage = "SERVICE [--from N] [--count N] [--case ID] [--follow]",
    .options = options,
    .help = "Number, moment (local time), kind, case and a short text of each record, in order. With --json a whole\n"
	    "record a line. Every service but monitoring repeats what it read before what it decided.\n\n"
	    "Status 3: the service gives no answer.\n\n"
	    "examples:\n"
	    "  doorbraak journal routing --case c-7kq2m-x4d8p-b3wzn-h6t9r\n"
	    "  doorbraak journal intake --from 1000 --count 20 --json\n",
    .run = journal_run,
};
