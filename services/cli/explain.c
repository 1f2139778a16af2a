// SPDX-License-Identifier: EUPL-1.2
/* explain.c - `doorbraak explain`: how a case came where it is, and what happens when nobody acts. */
#include "common/scope_effects.h"
#include "services/cli/adopted.h"
#include "services/cli/policy_words.h"
#include "services/cli/story.h"

#define SIGNALLING 3u /* its journal holds all that was said and decided */
#define ROWS_SHOWN 6u

static bool
take(void *ctx, uint64_t seq, const struct record *record)
{
	(void)seq;
	story_take(ctx, record);
	return true;
}

static int
read_story(struct cli *cli, struct system *system, const char *case_id, struct story **story)
{
	const char *topics[] = {arena_printf(&cli->arena, "case/%s", case_id), "kind/PolicyAdopted", "kind/Tick"};
	struct system_cursor cursor = {.begun = false};

	*story = story_new(&cli->arena, case_id);
	return asking_read(cli, system, SIGNALLING, &cursor, topics, 3, take, *story);
}

/* ---- what comes next ---- */

static void
print_missed_row(struct cli *cli, const struct policy_view *view, struct adopted *ad, const struct rules_row *row)
{
	const pb_RuleRow *written = adopted_row(ad, view->version, row->id);

	if (written == NULL)
		return;
	fprintf(cli->out, "  %s  when %s: %s\n", row->id, policy_when_text(&cli->arena, written),
		policy_then_text(&cli->arena, written));
	if (row->point[0] != '\0')
		fprintf(cli->out, "      %s: %s\n", row->document, row->point);
}

/* The rows that say what a missed deadline of this kind leads to. Which of them fits is only known by then. */
static void
print_missed(struct cli *cli, struct adopted *ad, const pb_CaseView *c)
{
	const char *event = arena_printf(&cli->arena, "MISSED.%s", record_code_of("DeadlineKind", (int)c->next->kind));
	const struct policy_view *view = adopted_policy(ad, adopted_today(ad), c->region);
	const struct rules_table *table = view == NULL ? NULL : policy_table(view, scope_effects.name, event);
	unsigned shown = 0;

	if (table == NULL)
		return;
	fprintf(cli->out, "then, by table %s of policy %s:\n", event, view->version);
	for (unsigned b = 0; b < table->block_count; b++) {
		for (unsigned r = 0; r < table->blocks[b].row_count; r++) {
			if (shown++ < ROWS_SHOWN)
				print_missed_row(cli, view, ad, &table->blocks[b].rows[r]);
		}
	}
	if (shown > ROWS_SHOWN)
		fprintf(cli->out, "  and %u more: `doorbraak policy show --table %s`\n", shown - ROWS_SHOWN, event);
}

static int
print_next(struct cli *cli, struct system *system, const pb_CaseView *c)
{
	struct adopted *ad = NULL;

	if (c->next == NULL || c->next->due[0] == '\0') {
		fprintf(cli->out, "\nno deadline runs%s\n",
			(int)c->state == CASE_STATE_CLOSED ? ": the case is closed" : "");
		return CLI_OK;
	}
	const int code = adopted_read(&ad, cli, system);
	if (code != CLI_OK)
		return code;
	fprintf(cli->out, "\nif nobody acts: %s%s%s is missed when %s ends (set by %s)\n",
		record_code_of("DeadlineKind", (int)c->next->kind), c->next->reference[0] == '\0' ? "" : " ",
		c->next->reference, c->next->due, c->next->rule[0] == '\0' ? "-" : c->next->rule);
	print_missed(cli, ad, c);
	adopted_close(&ad);
	return CLI_OK;
}

/* ---- the command ---- */

static int
explain(struct cli *cli, struct system *system, const char *case_id)
{
	struct story *story;
	int code;
	const pb_Answer *answer = asking_case(cli, system, case_id, &cli->arena, &code);

	if (answer == NULL)
		return code;
	const pb_CaseView *c = answer->case_state;
	code = read_story(cli, system, c->case_id, &story);
	if (code != CLI_OK)
		return code;
	if (story_count(story) == 0)
		return cli_fail(cli, CLI_FAILED, "signalling's journal has nothing of %s: look at `doorbraak health`",
				c->case_id);
	if (cli->json) {
		story_print_json(story, cli->out);
		return CLI_OK;
	}
	story_print(story, cli->out,
		    STORY_FACTS | STORY_NEAR | (cli_option(cli, "all") != NULL ? STORY_ALL : 0) |
			(cli->terminal ? STORY_COLOUR : 0));
	fputc('\n', cli->out);
	story_print_summary(story, cli->out);
	return print_next(cli, system, c);
}

static int
explain_run(struct cli *cli)
{
	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE, "name one case: `doorbraak explain ID`; `doorbraak cases` lists them");
	struct system *system = asking_open(cli);
	if (system == NULL)
		return CLI_UNREACHABLE;
	const int code = explain(cli, system, cli->arguments[0]);
	system_close(&system);
	return code;
}

static const struct cli_option options[] = {
    {"all", NULL, "deadlines that come near, too"},
    {0},
};

const struct command command_explain = {
    .name = "explain",
    .summary = "the story of a case: each decision, its rule, where that comes from, and what comes next",
    .usage = "ID",
    .options = options,
    .help = "In order of time: what was said, what was decided, by which row of which policy, from which source,\n"
	    "because of which facts, and which rows were one fact short. At the end: the next deadline, and what the\n"
	    "policy does when nobody acts.\n\n"
	    "Status 1: there is no such case. 3: a service gives no answer.\n\n"
	    "example:\n"
	    "  doorbraak explain c-7kq2m-x4d8p-b3wzn-h6t9r\n",
    .run = explain_run,
};
