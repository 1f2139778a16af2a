// SPDX-License-Identifier: EUPL-1.2
/* cases.c - `doorbraak cases`: the cases there are, as monitoring sees them. */
#include "services/cli/listing.h"

#define MONITORING 4u /* its place in the row */

struct question {
	struct system *system;
	pb_CasesRequest cases;
};

static const char *
next_deadline(struct arena *a, const pb_CaseView *c)
{
	if (c->next == NULL || c->next->due[0] == '\0')
		return "-";
	return arena_printf(a, "%s %s", c->next->due, record_code_of("DeadlineKind", (int)c->next->kind));
}

/* Each code once, with its number where there are more: a case nobody looks after has an S02 for every missed review. */
static const char *
signal_names(struct arena *a, const pb_CaseView *c)
{
	const char *text = "";

	for (size_t i = 0; i < c->n_signals; i++) {
		unsigned before = 0, all = 0;
		for (size_t k = 0; k < c->n_signals; k++) {
			all += c->signals[k]->code == c->signals[i]->code;
			before += k < i && c->signals[k]->code == c->signals[i]->code;
		}
		if (before > 0)
			continue;
		text = arena_printf(a, "%s%s%.3s", text, i == 0 ? "" : ",",
				    record_code_of("SignalCode", (int)c->signals[i]->code));
		if (all > 1)
			text = arena_printf(a, "%s x%u", text, all);
	}
	return text;
}

static void
add_case(struct listing *l, const pb_Answer *answer)
{
	const pb_CaseView *c = answer->case_state;
	struct arena *a = &l->cli->arena;

	if (c == NULL)
		return;
	if (l->cli->json) {
		listing_add_json(l, &c->base);
		return;
	}
	const char *cells[] = {
	    arena_str(a, bytes_str(c->case_id)),
	    record_code_of("CaseState", (int)c->state),
	    record_code_of("Track", (int)c->track),
	    c->owner[0] == '\0' ? "-" : arena_str(a, bytes_str(c->owner)),
	    c->region[0] == '\0' ? "-" : arena_str(a, bytes_str(c->region)),
	    next_deadline(a, c),
	    signal_names(a, c),
	};
	listing_add(l, cells);
}

static const char *
ask_page(void *ctx, struct listing *l, const char *after, uint32_t limit, struct arena *a, int *code)
{
	struct question *q = ctx;
	pb_Request request;

	pb_Request_init(&request);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_CASES;
	request.cases = &q->cases;
	q->cases.after = record_text(a, after);
	q->cases.limit = limit;
	const pb_Reply *reply =
	    asking(l->cli, q->system, MONITORING, &request, DOORBRAAK__V1__REPLY__BODY_CASES, a, code);
	if (reply == NULL)
		return NULL;
	for (size_t i = 0; i < reply->cases->n_cases; i++)
		add_case(l, reply->cases->cases[i]);
	return reply->cases->next;
}

static bool
date(struct cli *cli, const char *option, char **text)
{
	cal_day day;

	if (!asking_day(cli, option, &day))
		return false;
	*text = record_date(&cli->arena, day);
	return true;
}

static bool
read_question(struct cli *cli, pb_CasesRequest *request)
{
	int state, track, order;

	pb_CasesRequest_init(request);
	if (!asking_place(cli, "owner", &request->owner) || !asking_place(cli, "team", &request->team) ||
	    !asking_place(cli, "region", &request->region) || !asking_place(cli, "centre", &request->centre) ||
	    !asking_code(cli, "state", "CaseState", &state) || !asking_code(cli, "track", "Track", &track) ||
	    !asking_code(cli, "order", "CasesOrder", &order) || !date(cli, "due-before", &request->due_before) ||
	    !date(cli, "not-moved-since", &request->not_moved_since))
		return false;
	request->state = (Doorbraak__V1__CaseState)state;
	request->track = (Doorbraak__V1__Track)track;
	request->order = (Doorbraak__V1__CasesOrder)order;
	request->open_only = cli_option(cli, "open") != NULL;
	request->overdue = cli_option(cli, "overdue") != NULL;
	return true;
}

static int
cases_run(struct cli *cli)
{
	static const char *const heads[] = {"CASE", "STATE", "TRACK", "OWNER", "REGION", "NEXT DEADLINE", "SIGNALS"};
	struct listing l;
	struct question q;

	if (cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "takes no arguments; one case: `doorbraak case %s`", cli->arguments[0]);
	if (!listing_begin(&l, cli, heads, sizeof heads / sizeof heads[0]) || !read_question(cli, &q.cases))
		return CLI_USAGE;
	q.system = asking_open(cli);
	if (q.system == NULL)
		return CLI_UNREACHABLE;
	const int code = listing_run(&l, ask_page, &q, "case", "cases");
	system_close(&q.system);
	return code;
}

static const struct cli_option options[] = {
    {"owner", "CODE", "only of this owner"},
    {"team", "CODE", "only of this team or landing place"},
    {"region", "CODE", "only of this youth region"},
    {"centre", "CODE", "only of this expertise centre"},
    {"state", "STATE", "only in this state: QUEUED"},
    {"track", "TRACK", "only on this track: COURT_MEASURE"},
    {"due-before", "DATE", "only with a next deadline before this day"},
    {"overdue", NULL, "only with a missed deadline that is not made good"},
    {"not-moved-since", "DATE", "only without an accepted message on this day or later"},
    {"open", NULL, "leave out closed cases"},
    {"order", "ORDER", "BY_ID, BY_NEXT_DEADLINE or BY_LAST_MOVEMENT"},
    {"limit", "N", "at most so many (default: all)"},
    {0},
};

const struct command command_cases = {
    .name = "cases",
    .summary = "list cases: state, owner, next deadline, signals",
    .usage = "[--owner CODE] [--team CODE] [--region CODE] [--centre CODE] [--state STATE] [--track TRACK]\n"
	     "       [--due-before DATE] [--overdue] [--not-moved-since DATE] [--open] [--order ORDER] [--limit N]",
    .options = options,
    .help = "Cases as monitoring has them; all that is asked for must hold. Without --order: by next deadline with\n"
	    "--due-before, by last movement with --not-moved-since, else by id. With --json one CaseView a line.\n\n"
	    "Status 0: also when there are none. 3: monitoring gives no answer. 4: it refuses the question.\n\n"
	    "example:\n"
	    "  doorbraak cases --region JZ32 --open\n"
	    "  doorbraak cases --owner LT-GM0988 --due-before 2024-04-01\n"
	    "  doorbraak cases --overdue --team ET-JZ32 --order BY_NEXT_DEADLINE\n",
    .run = cases_run,
};
