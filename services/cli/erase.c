// SPDX-License-Identifier: EUPL-1.2
/* erase.c - `doorbraak erase`: cases are erased one by one, or those whose time is over (L6, L7 of the rules). */
#include <inttypes.h>
#include <time.h>

#include "services/cli/adoption.h"
#include "services/cli/asking.h"
#include "services/cli/columns.h"

#define MONITORING 4u
#define SUBMIT_MS  20000
#define POLL_MS    200
#define PAGE       500u
#define YEARS      20u /* L6: a file is kept so long after its last change */
#define YEARS_MAX  200u
#define DUE_MAX    100000u
#define WAIT_MAX   100000u /* seconds; more than the longest erase_within */

struct erasing {
	struct cli *cli;
	struct system *system;
	struct arena arena; /* of one case */
	int64_t now_ms;     /* --now, or 0 */
	int64_t at_ms;
	int ground;
	const char **due;
	unsigned due_count;
	uint64_t erased;
};

/* ---- one case ---- */

/* CLI_OK: it may be erased. */
static int
look_at(struct erasing *e, const char *case_id)
{
	int code;
	const pb_Answer *answer = asking_case_if_any(e->cli, e->system, case_id, &e->arena, &code);
	const pb_CaseView *v = answer == NULL ? NULL : answer->case_state;

	if (v == NULL)
		return code; /* intake says whether it knows it */
	if (strcmp(v->case_id, case_id) != 0)
		return cli_fail(e->cli, CLI_FAILED, "%.64s was added to the case %s: erase that one, too", case_id,
				v->case_id);
	if ((int)v->state != CASE_STATE_CLOSED && cli_option(e->cli, "open") == NULL)
		return cli_fail(
		    e->cli, CLI_FAILED,
		    "%s is open (%s, owner %s): close it first; --open erases the link to the child now, and "
		    "the case is shown until it is closed",
		    case_id, record_code_of("CaseState", (int)v->state), v->owner);
	return CLI_OK;
}

static pb_Submission *
submission_of(struct erasing *e, const char *case_id)
{
	struct arena *a = &e->arena;
	pb_Submission *s = ARENA_NEW(a, pb_Submission);

	pb_Submission_init(s);
	s->source = record_text(a, "operator");
	s->id = arena_printf(a, "erase-%s-%" PRId64, case_id, e->at_ms);
	s->case_id = record_text(a, case_id);
	s->actor = ARENA_NEW(a, pb_Actor);
	pb_Actor_init(s->actor);
	s->actor->role = (Doorbraak__V1__Role)ROLE_OPERATOR;
	s->actor->organisation = record_text(a, ADOPTION_ORGANISATION);
	s->occurred_at = ARENA_NEW(a, Google__Protobuf__Timestamp);
	record_timestamp(s->occurred_at, e->at_ms);
	s->body_case = DOORBRAAK__V1__SUBMISSION__BODY_CASE_ERASED;
	s->case_erased = ARENA_NEW(a, pb_CaseErased);
	pb_CaseErased_init(s->case_erased);
	s->case_erased->ground = (Doorbraak__V1__ErasureGround)e->ground;
	return s;
}

static int
tell_reply(struct erasing *e, const char *case_id, const pb_Reply *reply)
{
	struct cli *cli = e->cli;

	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED) {
		fprintf(cli->out,
			cli->json ? "{\"erased\":\"%s\",\"seq\":%" PRIu64 "}\n" : "erased  %s  record %" PRIu64 "\n",
			case_id, reply->accepted->seq);
		e->erased++;
		return CLI_OK;
	}
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REJECTED)
		return cli_fail(cli, CLI_FAILED, "%s is not erased: %s", case_id,
				record_code_of("Reason", (int)reply->rejected->reason));
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED)
		return cli_fail(cli, CLI_REFUSED, "intake refuses (%s): %s",
				record_code_of("RefusedReason", (int)reply->refused->reason), reply->refused->text);
	return cli_fail(cli, CLI_UNREACHABLE,
			"intake gave an answer of another kind: do its version and this tool's fit?");
}

static int
erase_one(struct erasing *e, const char *case_id)
{
	struct why why;

	arena_reset(&e->arena);
	if (!record_is_id(case_id))
		return cli_fail(e->cli, CLI_USAGE, "%.64s is no case id", case_id);
	const int code = look_at(e, case_id);

	if (code != CLI_OK)
		return code;
	const pb_Reply *reply =
	    system_submit(e->system, submission_of(e, case_id), e->now_ms, SUBMIT_MS, &e->arena, &why);

	return reply == NULL ? cli_fail(e->cli, CLI_UNREACHABLE, "%s", why.text) : tell_reply(e, case_id, reply);
}

/* ---- those whose time is over ---- */

static void
add_due(struct erasing *e, struct columns *columns, const pb_CaseView *v)
{
	struct arena *a = &e->cli->arena;

	if (v == NULL || e->due_count == DUE_MAX)
		return;
	e->due[e->due_count++] = arena_str(a, bytes_str(v->case_id));
	if (cli_option(e->cli, "yes") != NULL)
		return;
	if (e->cli->json)
		fprintf(e->cli->out, "{\"due\":\"%s\",\"closed_on\":\"%s\"}\n", v->case_id, v->closed_on);
	else
		columns_add(columns,
			    (const char *const[]){e->due[e->due_count - 1], arena_str(a, bytes_str(v->closed_on)),
						  arena_str(a, bytes_str(v->region))});
}

/* Closed cases in which nothing was accepted for so many years, the longest ago first. An exit code. */
static int
find_due(struct erasing *e, struct columns *columns, cal_day since)
{
	char after[128] = "";
	int code = CLI_OK;

	do {
		pb_Request request;
		pb_CasesRequest question;

		arena_reset(&e->arena);
		pb_Request_init(&request);
		pb_CasesRequest_init(&question);
		question.state = (Doorbraak__V1__CaseState)CASE_STATE_CLOSED;
		question.not_moved_since = record_date(&e->arena, since);
		question.after = record_text(&e->arena, after);
		question.limit = PAGE;
		request.body_case = DOORBRAAK__V1__REQUEST__BODY_CASES;
		request.cases = &question;
		const pb_Reply *reply =
		    asking(e->cli, e->system, MONITORING, &request, DOORBRAAK__V1__REPLY__BODY_CASES, &e->arena, &code);
		if (reply == NULL)
			return code;
		for (size_t i = 0; i < reply->cases->n_cases; i++)
			add_due(e, columns, reply->cases->cases[i]->case_state);
		if ((size_t)snprintf(after, sizeof after, "%s", reply->cases->next) >= sizeof after)
			return cli_fail(e->cli, CLI_UNREACHABLE, "monitoring gave a page token that is too long");
	} while (after[0] != '\0' && e->due_count < DUE_MAX);
	return code;
}

static int
run_due(struct erasing *e)
{
	static const char *const heads[] = {"CASE", "CLOSED", "REGION"};
	struct columns columns;
	uint64_t years;

	if (!asking_number(e->cli, "years", YEARS, YEARS_MAX, &years) || years == 0)
		return cli_fail(e->cli, CLI_USAGE, "--years: 1 to %u", YEARS_MAX);
	struct cal_date date = cal_to_date(cal_local_day(e->at_ms));
	/* The last day of February has no day of its own in every year. */
	const cal_day since = cal_from_date(date.year - (int)years, date.month, date.day > 28 ? 28 : date.day);

	columns_init(&columns, &e->cli->arena, sizeof heads / sizeof heads[0]);
	columns_add(&columns, heads);
	e->due = ARENA_ARRAY(&e->cli->arena, const char *, DUE_MAX);
	int code = find_due(e, &columns, since);

	if (code != CLI_OK)
		return code;
	if (cli_option(e->cli, "yes") == NULL) {
		if (!e->cli->json) {
			if (e->due_count > 0)
				columns_print(&columns, e->cli->out);
			fprintf(e->cli->out, "%u due: closed, and nothing accepted since %s%s\n", e->due_count,
				record_date(&e->cli->arena, since), e->due_count > 0 ? "; --yes erases them" : "");
		}
		return CLI_OK;
	}
	for (unsigned i = 0; i < e->due_count && code <= CLI_FAILED; i++) {
		const int one = erase_one(e, e->due[i]);

		code = one > code ? one : code;
	}
	return code;
}

/* ---- until it has left the file ---- */

static int
wait_until_gone(struct erasing *e)
{
	const struct timespec pause = {0, POLL_MS * 1000000L};
	uint64_t seconds;
	int code = CLI_OK;

	if (!asking_number(e->cli, "wait", 0, WAIT_MAX, &seconds))
		return CLI_USAGE;
	for (uint64_t waited = 0; waited <= seconds * 1000; waited += POLL_MS) {
		arena_reset(&e->arena);
		const pb_StatusReply *s = asking_status(e->cli, e->system, 0, &e->arena, &code);

		if (s == NULL)
			return code;
		if (s->erasures_pending == 0) {
			if (!e->cli->json)
				fprintf(e->cli->out, "nothing of it is left in the files of intake\n");
			return CLI_OK;
		}
		nanosleep(&pause, NULL);
	}
	return cli_fail(e->cli, CLI_FAILED,
			"erased, but not yet out of intake's file; it will be within its erase_within: look at "
			"erasures_pending of `doorbraak health --json`");
}

static bool
read_ground(struct erasing *e, bool due)
{
	if (!asking_code(e->cli, "ground", "ErasureGround", &e->ground))
		return false;
	if (e->ground == 0 && due)
		e->ground = ERASURE_GROUND_RETENTION_ENDED;
	if (e->ground == 0)
		cli_fail(e->cli, CLI_USAGE,
			 "--ground: REQUEST_OF_SUBJECT, RETENTION_ENDED, ENTERED_IN_ERROR or COURT_ORDER");
	return e->ground != 0;
}

static int
run(struct erasing *e)
{
	const bool due = cli_option(e->cli, "due") != NULL;
	int code = CLI_OK;

	if (due)
		code = run_due(e);
	for (unsigned i = 0; i < e->cli->argument_count && code <= CLI_FAILED; i++) {
		const int one = erase_one(e, e->cli->arguments[i]);

		code = one > code ? one : code;
	}
	if (code == CLI_OK && e->erased > 0 && cli_option(e->cli, "wait") != NULL)
		code = wait_until_gone(e);
	return code;
}

static int
erase_run(struct cli *cli)
{
	struct erasing e = {.cli = cli};
	const bool due = cli_option(cli, "due") != NULL;
	int code = CLI_OK;

	if (due == (cli->argument_count > 0))
		return cli_fail(cli, CLI_USAGE, "name the cases, or ask for those that are --due");
	if (!read_ground(&e, due) || !asking_time(cli, "now", &e.now_ms))
		return CLI_USAGE;
	e.system = asking_open(cli);
	if (e.system == NULL)
		return CLI_UNREACHABLE;
	e.at_ms = e.now_ms;
	if (e.at_ms == 0)
		code = asking_clock(cli, e.system, &e.at_ms);
	arena_init(&e.arena);
	if (code == CLI_OK)
		code = run(&e);
	arena_fini(&e.arena);
	system_close(&e.system);
	return code;
}

static const struct cli_option options[] = {
    {"ground", "GROUND", "REQUEST_OF_SUBJECT, RETENTION_ENDED, ENTERED_IN_ERROR or COURT_ORDER"},
    {"due", NULL, "list closed cases whose time is over"},
    {"years", "N", "with --due: so long after the last message (default 20)"},
    {"yes", NULL, "with --due: erase them"},
    {"open", NULL, "also a case that is open"},
    {"wait", "SECONDS", "until nothing of it is left in intake's files, at most so long"},
    {"now", "TIME", "on a driven clock: the moment"},
    {0},
};

const struct command command_erase = {
    .name = "erase",
    .summary = "erase cases: nothing leads from them to a child any more",
    .usage = "CASE... --ground GROUND [--open] [--wait SECONDS]\n       --due [--years N] [--yes] [--wait SECONDS]",
    .options = options,
    .help =
	"Intake forgets the youth key of the case, and keeps nothing made of it; within its erase_within (an hour) a\n"
	"fresh copy of its store takes the place of the file, so that nothing is left there either. The number in the\n"
	"journals means nothing any more: what comes in about the same youth later opens a case of its own, also when\n"
	"another case of that youth is open. Monitoring shows the case no more; what was counted stays counted. It "
	"cannot\n"
	"be undone. The erasure is a record, and a line in intake's list of erasures, which is applied to a store that "
	"is\n"
	"put back from a backup.\n\n"
	"Status 1: a case is open, or intake does not know it; with --wait: not yet out of the file.\n\n"
	"examples:\n"
	"  doorbraak erase c-7kq2m-x4d8p-b3wzn-h6t9r --ground REQUEST_OF_SUBJECT --wait 4000\n"
	"  doorbraak erase --due\n"
	"  doorbraak erase --due --yes\n",
    .run = erase_run,
};
