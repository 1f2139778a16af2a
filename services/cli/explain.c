// SPDX-License-Identifier: EUPL-1.2
/* explain.c - `doorbraak explain`: how a case came where it is, and what happens when nobody acts. */
#include "services/cli/forecast.h"

#define ROUTING     2u
#define SIGNALLING  3u /* its journal holds all that was said and decided */
#define IDS_MAX     64u
#define TOPICS_MAX  16u /* of a question to a journal */
#define ROUTE_LIMIT "only this case was looked at: what hangs on other cases may differ"

struct explaining {
	struct cli *cli;
	struct system *system;
	const pb_CaseView *view;  /* NULL: no case came of it */
	const char *ids[IDS_MAX]; /* the case, then what was linked to it */
	unsigned id_count;
	uint64_t ahead; /* days; 0: no forecast */
	struct story *story;
	struct forecast forecast;
};

/* ---- reading ---- */

static bool
take_link(void *ctx, uint64_t seq, const struct record *record)
{
	struct explaining *e = ctx;
	const pb_Answer *answer = record->answer;

	(void)seq;
	if (answer != NULL && answer->body_case == DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED && e->id_count < IDS_MAX &&
	    strcmp(answer->case_opened->linked_to, e->ids[0]) == 0)
		e->ids[e->id_count++] = arena_str(&e->cli->arena, bytes_str(answer->case_id));
	return true;
}

/* A message that was linked to the case came in under an id of its own: routing says which. */
static int
find_links(struct explaining *e)
{
	static const char *const topics[] = {"kind/CaseOpened"};
	struct doorbraak_cursor cursor = {0};

	return asking_read(e->cli, e->system, ROUTING, &cursor, topics, 1, take_link, e);
}

static bool
take_record(void *ctx, uint64_t seq, const struct record *record)
{
	(void)seq;
	story_take(ctx, record);
	return true;
}

static int
read_story(struct explaining *e)
{
	const char *topics[TOPICS_MAX] = {"kind/PolicyAdopted", "kind/Tick"};
	struct doorbraak_cursor cursor = {0};
	unsigned count = 2;

	e->story = story_new(&e->cli->arena, e->ids[0]);
	for (unsigned i = 1; i < e->id_count; i++)
		story_alias(e->story, e->ids[i]);
	/* With more ids than can be asked for, all is read: the story takes what belongs to it. */
	if (count + e->id_count > TOPICS_MAX)
		return asking_read(e->cli, e->system, SIGNALLING, &cursor, NULL, 0, take_record, e->story);
	for (unsigned i = 0; i < e->id_count; i++)
		topics[count++] = arena_printf(&e->cli->arena, "case/%s", e->ids[i]);
	return asking_read(e->cli, e->system, SIGNALLING, &cursor, topics, count, take_record, e->story);
}

static int
read_all(struct explaining *e)
{
	int code = find_links(e);

	if (code == CLI_OK)
		code = read_story(e);
	if (code != CLI_OK)
		return code;
	if (story_count(e->story) == 0 && e->view == NULL)
		return asking_case_is_unknown(e->cli, e->ids[0]);
	if (story_count(e->story) == 0)
		return cli_fail(e->cli, CLI_FAILED,
				"signalling's journal has nothing of %s: look at `doorbraak health`", e->ids[0]);
	if (e->view == NULL || e->ahead == 0)
		return CLI_OK;
	return forecast_make(e->cli, e->system, e->ids, e->id_count, (unsigned)e->ahead, &e->forecast);
}

/* ---- what comes next ---- */

static const char *
deadline_text(struct arena *a, const pb_OpenDeadline *d)
{
	return arena_printf(a, "%s%s%s", record_code_of("DeadlineKind", (int)d->kind),
			    d->reference[0] == '\0' ? "" : " ", d->reference);
}

static const pb_OpenDeadline *
next_deadline(const struct explaining *e)
{
	const pb_OpenDeadline *next = e->view->next;

	return next == NULL || next->due[0] == '\0' ? NULL : next;
}

static bool
is_alone(const struct explaining *e)
{
	return story_is_same_way(e->story, e->forecast.story);
}

static void
print_forecast(const struct explaining *e)
{
	char to[11];

	cal_format(e->forecast.to, to);
	if (story_events(e->forecast.story) == 0) {
		fprintf(e->cli->out, "in the %u days to %s nothing happens by itself\n", (unsigned)e->ahead, to);
		return;
	}
	fprintf(e->cli->out, "in the %u days to %s, by the policy of today:\n", (unsigned)e->ahead, to);
	story_print(e->forecast.story, e->cli->out,
		    (cli_option(e->cli, "all") != NULL ? STORY_ALL : 0) | (e->cli->terminal ? STORY_COLOUR : 0));
	if (!is_alone(e))
		fprintf(e->cli->out, "(%s)\n", ROUTE_LIMIT);
}

static void
print_next(const struct explaining *e)
{
	FILE *out = e->cli->out;

	if (e->view == NULL) {
		fputs("\nno case came of it: nothing runs\n", out);
		return;
	}
	const pb_OpenDeadline *next = next_deadline(e);

	if (next == NULL)
		fprintf(out, "\nno deadline runs%s\n",
			(int)e->view->state == CASE_STATE_CLOSED ? ": the case is closed" : "");
	else
		fprintf(out, "\nif nobody acts: %s is missed when %s ends (set by %s)\n",
			deadline_text(&e->cli->arena, next), next->due, next->rule[0] == '\0' ? "-" : next->rule);
	if (e->ahead > 0)
		print_forecast(e);
}

static void
print_json(const struct explaining *e)
{
	FILE *out = e->cli->out;
	const pb_OpenDeadline *next = e->view == NULL ? NULL : next_deadline(e);

	fprintf(out, "{\"case_id\":\"%s\",\"linked\":[", e->ids[0]);
	for (unsigned i = 1; i < e->id_count; i++)
		fprintf(out, "%s\"%s\"", i == 1 ? "" : ",", e->ids[i]);
	fputs("],\"events\":", out);
	story_print_events_json(e->story, out);
	fprintf(out, ",\"next\":{\"deadline\":%s,\"days_ahead\":%u",
		next == NULL ? "null" : record_json(&e->cli->arena, &next->base, true), (unsigned)e->ahead);
	if (e->view != NULL && e->ahead > 0) {
		fprintf(out, ",\"alone\":%s,\"forecast\":", is_alone(e) ? "true" : "false");
		story_print_events_json(e->forecast.story, out);
	}
	fputs("}}\n", out);
}

/* ---- the command ---- */

static int
explain(struct explaining *e)
{
	struct cli *cli = e->cli;
	int code;
	const pb_Answer *answer = asking_case_if_any(cli, e->system, cli->arguments[0], &cli->arena, &code);

	if (code != CLI_OK)
		return code;
	e->view = answer == NULL ? NULL : answer->case_state;
	e->ids[e->id_count++] = e->view == NULL ? cli->arguments[0] : e->view->case_id;
	code = read_all(e);
	if (code != CLI_OK)
		return code;
	if (cli->json) {
		print_json(e);
		return CLI_OK;
	}
	story_print(e->story, cli->out,
		    STORY_FACTS | STORY_NEAR | (cli_option(cli, "all") != NULL ? STORY_ALL : 0) |
			(cli->terminal ? STORY_COLOUR : 0));
	if (e->view != NULL) {
		fputc('\n', cli->out);
		story_print_summary(e->story, cli->out);
	}
	print_next(e);
	return CLI_OK;
}

static int
explain_run(struct cli *cli)
{
	struct explaining *e = ARENA_NEW(&cli->arena, struct explaining);

	*e = (struct explaining){.cli = cli};
	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE, "name one case: `doorbraak explain ID`; `doorbraak cases` lists them");
	if (!asking_number(cli, "ahead", FORECAST_DAYS, FORECAST_DAYS_MAX, &e->ahead))
		return CLI_USAGE;
	e->system = asking_open(cli);
	if (e->system == NULL)
		return CLI_UNREACHABLE;
	const int code = explain(e);
	system_close(&e->system);
	return code;
}

static const struct cli_option options[] = {
    {"ahead", "DAYS", "how far to look ahead, 0 to 400 (default: 60)"},
    {"all", NULL, "deadlines that come near, too"},
    {0},
};

const struct command command_explain = {
    .name = "explain",
    .summary = "the story of a case: each decision, its rule, where that comes from, and what comes next",
    .usage = "ID [--ahead DAYS] [--all]",
    .options = options,
    .help =
	"In order of time: what was said, what was decided, by which row of which policy, from which source,\n"
	"because of which facts; which rows were one fact short, what that fact was and what would have fitted;\n"
	"why a message was refused. What was linked to the case is told with it; also by an id that was linked, or\n"
	"of which no case came.\n\n"
	"At the end: the next deadline, and what happens day by day when nobody acts. That is computed: the case\n"
	"is replayed in this process (a folder in TMPDIR), and days pass. The case is then alone: what hangs on\n"
	"several cases (the top 100, the agenda of a team, signals about a region or a youth's other cases) may\n"
	"come out differently, and policies adopted later are not known yet. It says so when other cases played a\n"
	"part so far. With --json {case_id, linked, events, next: {deadline, days_ahead, alone, forecast}}.\n\n"
	"Status 1: there is no such case. 3: a service gives no answer.\n\n"
	"examples:\n"
	"  doorbraak explain c-7kq2m-x4d8p-b3wzn-h6t9r\n"
	"  doorbraak explain c-7kq2m-x4d8p-b3wzn-h6t9r --ahead 200 --json\n",
    .run = explain_run,
};
