// SPDX-License-Identifier: EUPL-1.2
/* watch.c - `doorbraak watch`: what changes, as it changes.
 *
 * It pulls monitoring's journal from the head on, and the question stands open there until there is something: as quick as
 * the live stream, and nothing can be missed, so no gap has to be filled. */
#include <inttypes.h>

#include "services/cli/asking.h"
#include "services/cli/record_line.h"

#define TOPICS_MAX 16

struct watch {
	struct cli *cli;
	struct arena arena; /* of a line */
};

static bool
print_entry(void *ctx, uint64_t seq, const struct record *r)
{
	struct watch *w = ctx;
	const bool is_state = r->answer != NULL && r->answer->case_state != NULL;

	arena_reset(&w->arena);
	if (w->cli->json)
		fprintf(w->cli->out, "%s\n", record_line_json(&w->arena, seq, r));
	else
		fprintf(w->cli->out, "%s  %-25s  %s%s%s\n", asking_moment(&w->arena, r->at_ms),
			record_line_case(r)[0] == '\0' ? "-" : record_line_case(r), is_state ? "" : record_line_kind(r),
			is_state ? "" : "  ", record_line_text(&w->arena, r));
	return true;
}

/* Each filter is a topic of its own: a record is given when one of them fits. */
static bool
read_topics(struct cli *cli, const char *topics[TOPICS_MAX], unsigned *count)
{
	*count = 0;
	for (unsigned i = 0; i < cli->given_count; i++) {
		const char *name = cli->given[i][0], *value = cli->given[i][1];
		const bool is_case = strcmp(name, "case") == 0;
		if (!is_case && strcmp(name, "region") != 0 && strcmp(name, "owner") != 0)
			continue;
		if (is_case ? !record_is_id(value) : !record_is_code(value)) {
			cli_fail(cli, CLI_USAGE, "--%s: '%.60s' cannot be %s", name, value,
				 is_case ? "the id of a case" : "a code; codes are of A-Z 0-9 -");
			return false;
		}
		if (*count == TOPICS_MAX) {
			cli_fail(cli, CLI_USAGE, "more than %d filters; leave some out", TOPICS_MAX);
			return false;
		}
		topics[(*count)++] = arena_printf(&cli->arena, "%s/%s", name, value);
	}
	return true;
}

static int
watch_run(struct cli *cli)
{
	struct watch w = {.cli = cli};
	const char *topics[TOPICS_MAX];
	unsigned topic_count;

	if (cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "takes no arguments; one case: --case %s", cli->arguments[0]);
	if (!read_topics(cli, topics, &topic_count))
		return CLI_USAGE;
	struct system *system = asking_open(cli);
	if (system == NULL)
		return CLI_UNREACHABLE;
	const struct doorbraak_follow_options options = {
	    .from = cli_option(cli, "from-start") == NULL ? DOORBRAAK_FROM_HEAD : DOORBRAAK_FROM_CURSOR,
	    .topics = topics,
	    .topic_count = topic_count};
	arena_init(&w.arena);
	asking_until_stopped();
	const int code = asking_follow(cli, system, SERVICE_COUNT - 1, &options, print_entry, &w);
	arena_fini(&w.arena);
	system_close(&system);
	return code;
}

static const struct cli_option all_options[] = {
    {"region", "CODE", "cases of this youth region; may be given more than once"},
    {"owner", "CODE", "cases of this owner; may be given more than once"},
    {"case", "ID", "this case; may be given more than once"},
    {"from-start", NULL, "everything so far first"},
    {0},
};

const struct command command_watch = {
    .name = "watch",
    .summary = "follow what changes, until Ctrl-C",
    .usage = "[--region CODE]... [--owner CODE]... [--case ID]... [--from-start]",
    .options = all_options,
    .help = "A line for each change of a case, and for each report: moment (local time), case, state, track, owner,\n"
	    "next deadline, open signals. With several filters: what fits one of them. Nothing is missed; when\n"
	    "monitoring is started again it goes on behind the last line.\n\n"
	    "Status 0: stopped with Ctrl-C. 3: monitoring gives no answer.\n\n"
	    "example:\n"
	    "  doorbraak watch --region JZ32\n",
    .run = watch_run,
};
