// SPDX-License-Identifier: EUPL-1.2
/* explain.c - `doorbraak explain`: how a case came where it is, and what happens when nobody acts. */
#include "services/cli/story.h"

#define AHEAD_DAYS  60  /* looked ahead unless told otherwise */
#define AHEAD_MAX   400 /* and at most */
#define ROUTE_LIMIT "only this case was looked at: what hangs on other cases may differ"

struct explaining {
	struct cli *cli;
	uint64_t ahead; /* days; 0: no forecast */
	struct story *story;
};

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
	const pb_OpenDeadline *next = e->story->view->next;

	return next == NULL || next->due[0] == '\0' ? NULL : next;
}

static void
print_ahead(const struct explaining *e)
{
	const struct story *ahead = e->story->ahead;
	FILE *out = e->cli->out;

	if (ahead == NULL) {
		fputs("what lies ahead is not computed: the case heard too much\n", out);
		return;
	}
	if (ahead->first == ahead->count) {
		fprintf(out, "in the %u days to %s nothing happens by itself\n", (unsigned)e->ahead,
			e->story->ahead_to);
		return;
	}
	fprintf(out, "in the %u days to %s, by the policy of today:\n", (unsigned)e->ahead, e->story->ahead_to);
	story_print(ahead, out,
		    (cli_option(e->cli, "all") != NULL ? STORY_ALL : 0) | (e->cli->terminal ? STORY_COLOUR : 0));
	if (!e->story->ahead_alone)
		fprintf(out, "(%s)\n", ROUTE_LIMIT);
}

static void
print_next(const struct explaining *e)
{
	FILE *out = e->cli->out;

	if (e->story->view == NULL) {
		fputs("\nno case came of it: nothing runs\n", out);
		return;
	}
	const pb_OpenDeadline *next = next_deadline(e);

	if (next == NULL)
		fprintf(out, "\nno deadline runs%s\n",
			(int)e->story->view->state == CASE_STATE_CLOSED ? ": the case is closed" : "");
	else
		fprintf(out, "\nif nobody acts: %s is missed when %s ends (set by %s)\n",
			deadline_text(&e->cli->arena, next), next->due, next->rule[0] == '\0' ? "-" : next->rule);
	if (e->ahead > 0)
		print_ahead(e);
}

/* Messages that were linked to the case came in under ids of their own. */
static void
print_linked(const struct story *s, FILE *out)
{
	unsigned told = 0;

	for (size_t i = 0; i < s->count; i++) {
		const pb_Submission *m = s->events[i]->message;

		if (m != NULL && strcmp(m->case_id, s->case_id) != 0)
			fprintf(out, "%s\"%s\"", told++ == 0 ? "" : ",", m->case_id);
	}
}

static void
print_json(const struct explaining *e)
{
	FILE *out = e->cli->out;
	const struct story *s = e->story;
	const pb_OpenDeadline *next = s->view == NULL ? NULL : next_deadline(e);

	fprintf(out, "{\"case_id\":\"%s\",\"linked\":[", s->case_id);
	print_linked(s, out);
	fputs("],\"events\":", out);
	story_print_events_json(s, out);
	fprintf(out, ",\"next\":{\"deadline\":%s,\"days_ahead\":%u",
		next == NULL ? "null" : record_json(&e->cli->arena, &next->base, true), (unsigned)e->ahead);
	if (s->ahead != NULL) {
		fprintf(out, ",\"alone\":%s,\"forecast\":", s->ahead_alone ? "true" : "false");
		story_print_events_json(s->ahead, out);
	}
	fputs("}}\n", out);
}

/* ---- the command ---- */

static void
print_all(const struct explaining *e)
{
	struct cli *cli = e->cli;

	story_print(e->story, cli->out,
		    STORY_FACTS | STORY_NEAR | (cli_option(cli, "all") != NULL ? STORY_ALL : 0) |
			(cli->terminal ? STORY_COLOUR : 0));
	if (e->story->view != NULL) {
		fputc('\n', cli->out);
		story_print_summary(e->story, cli->out);
	}
	print_next(e);
}

static int
explain_run(struct cli *cli)
{
	struct explaining e = {.cli = cli};

	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE, "name one case: `doorbraak explain ID`; `doorbraak cases` lists them");
	if (!asking_number(cli, "ahead", AHEAD_DAYS, AHEAD_MAX, &e.ahead))
		return CLI_USAGE;
	struct system *system = asking_open(cli);

	if (system == NULL)
		return CLI_UNREACHABLE;
	int code = story_ask(cli, system, cli->arguments[0], (unsigned)e.ahead, &cli->arena, &e.story);

	system_close(&system);
	if (code == CLI_OK && e.story->count == 0)
		code = asking_case_is_unknown(cli, cli->arguments[0]);
	if (code != CLI_OK)
		return code;
	if (cli->json)
		print_json(&e);
	else
		print_all(&e);
	return CLI_OK;
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
	"At the end: the next deadline, and what happens day by day when nobody acts. That is computed by\n"
	"monitoring: the case is replayed in memory, and days pass. The case is then alone: what hangs on\n"
	"several cases (the top 100, the agenda of a team, signals about a region or a youth's other cases) may\n"
	"come out differently, and policies adopted later are not known yet. It says so when other cases played a\n"
	"part so far. With --json {case_id, linked, events, next: {deadline, days_ahead, alone, forecast}}.\n\n"
	"Status 1: there is no such case. 3: a service gives no answer.\n\n"
	"examples:\n"
	"  doorbraak explain c-7kq2m-x4d8p-b3wzn-h6t9r\n"
	"  doorbraak explain c-7kq2m-x4d8p-b3wzn-h6t9r --ahead 200 --json\n",
    .run = explain_run,
};
