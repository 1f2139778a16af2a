// SPDX-License-Identifier: EUPL-1.2
/* signals.c - `doorbraak signals`: the signals that are open, as signalling has them. */
#include <inttypes.h>

#include "services/cli/asking.h"
#include "services/cli/columns.h"

#define PAGE       500u
#define SIGNALLING 3u /* its place in the row */

struct listing {
	struct cli *cli;
	struct columns columns;
	uint64_t limit, count;
	uint64_t hidden[64]; /* by code: about cases that the addressee may not see */
};

static const char *
about(struct arena *a, const pb_SignalView *v)
{
	const char *text = arena_printf(a, "%s %s", record_code_of("SignalSubject", (int)v->subject), v->subject_id);

	if (v->deadline_kind != 0)
		text = arena_printf(a, "%s %s", text, record_code_of("DeadlineKind", (int)v->deadline_kind));
	if (v->reference[0] != '\0')
		text = arena_printf(a, "%s/%s", text, v->reference);
	return v->due[0] == '\0' ? text : arena_printf(a, "%s of %s", text, v->due);
}

static const char *
joined(struct arena *a, const pb_SignalView *v)
{
	const char *text = "";

	for (size_t i = 0; i < v->n_to; i++)
		text = arena_printf(a, "%s%s%s", text, i == 0 ? "" : ",", record_code_of("Addressee", (int)v->to[i]));
	for (size_t i = 0; i < v->n_organisations; i++)
		text = arena_printf(a, "%s%s%s", text, i == 0 ? " = " : ",", v->organisations[i]);
	return text;
}

static void
add_signal(struct listing *l, const pb_SignalView *v)
{
	struct arena *a = &l->cli->arena;

	l->count++;
	if (l->cli->json) {
		struct arena line;
		arena_init(&line);
		fprintf(l->cli->out, "%s\n", record_json(&line, &v->base, true));
		arena_fini(&line);
		return;
	}
	const char *cells[] = {
	    record_code_of("SignalCode", (int)v->code),
	    arena_printf(a, "%d", v->stage),
	    about(a, v),
	    arena_str(a, bytes_str(v->raised_on)),
	    v->unit[0] == '\0' ? "-" : arena_printf(a, "%d of %d %s", v->evidence, v->threshold, v->unit),
	    v->acknowledged_by[0] == '\0'
		? "-"
		: arena_printf(a, "%s %s", v->acknowledged_by, record_code_of("FollowUpCode", (int)v->follow_up)),
	    joined(a, v),
	};
	columns_add(&l->columns, cells);
}

static int
read_pages(struct listing *l, struct system *system, pb_SignalsRequest *signals)
{
	pb_Request request;
	struct arena pages[2]; /* a page token lives until the next page is there */
	int code;

	arena_init(&pages[0]);
	arena_init(&pages[1]);
	for (unsigned turn = 0;; turn ^= 1) {
		arena_reset(&pages[turn]);
		pb_Request_init(&request);
		request.body_case = DOORBRAAK__V1__REQUEST__BODY_SIGNALS;
		request.signals = signals;
		signals->limit = l->limit - l->count < PAGE ? (uint32_t)(l->limit - l->count) : PAGE;
		const pb_Reply *reply = asking(l->cli, system, SIGNALLING, &request, DOORBRAAK__V1__REPLY__BODY_SIGNALS,
					       &pages[turn], &code);
		if (reply == NULL)
			break;
		for (size_t i = 0; i < reply->signals->n_signals; i++)
			add_signal(l, reply->signals->signals[i]);
		for (size_t i = 0; i < reply->signals->n_counts; i++)
			l->hidden[(unsigned)reply->signals->counts[i]->code % 64] += reply->signals->counts[i]->count;
		signals->after = reply->signals->next;
		if (signals->after[0] == '\0' || l->count == l->limit)
			break;
	}
	arena_fini(&pages[0]);
	arena_fini(&pages[1]);
	return code;
}

static void
print_hidden(const struct listing *l)
{
	for (int code = 0; code < 64; code++) {
		if (l->hidden[code] == 0)
			continue;
		fprintf(l->cli->out,
			l->cli->json ? "{\"code\":\"%s\",\"count\":%" PRIu64 "}\n"
				     : "%s: %" PRIu64 " about cases, which this addressee may not see\n",
			record_code_of("SignalCode", code), l->hidden[code]);
	}
}

/* False after telling what is wrong. */
static bool
read_question(struct cli *cli, pb_SignalsRequest *request)
{
	int addressee, code, subject;

	pb_SignalsRequest_init(request);
	if (!asking_code(cli, "addressee", "Addressee", &addressee) || !asking_code(cli, "code", "SignalCode", &code) ||
	    !asking_code(cli, "subject", "SignalSubject", &subject) ||
	    !asking_place(cli, "organisation", &request->organisation) ||
	    !asking_place(cli, "region", &request->region))
		return false;
	request->addressee = (Doorbraak__V1__Addressee)addressee;
	request->code = (Doorbraak__V1__SignalCode)code;
	request->subject = (Doorbraak__V1__SignalSubject)subject;
	request->unacknowledged = cli_option(cli, "unacknowledged") != NULL;
	if (cli_option(cli, "case") == NULL)
		return true;
	if (subject != 0) {
		cli_fail(cli, CLI_USAGE, "--case is a subject by itself: leave --subject out");
		return false;
	}
	request->subject = (Doorbraak__V1__SignalSubject)SIGNAL_SUBJECT_CASE;
	request->subject_id = record_text(&cli->arena, cli_option(cli, "case"));
	return true;
}

static int
signals_run(struct cli *cli)
{
	static const char *const heads[] = {"SIGNAL", "STAGE", "ABOUT", "SINCE", "EVIDENCE", "ACKNOWLEDGED", "TO"};
	struct listing l = {.cli = cli};
	pb_SignalsRequest request;

	if (cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "takes no arguments; one case: `doorbraak signals --case %s`",
				cli->arguments[0]);
	if (!asking_number(cli, "limit", UINT64_MAX, UINT32_MAX, &l.limit) || !read_question(cli, &request))
		return CLI_USAGE;
	struct system *system = asking_open(cli);
	if (system == NULL)
		return CLI_UNREACHABLE;
	columns_init(&l.columns, &cli->arena, sizeof heads / sizeof heads[0]);
	columns_add(&l.columns, heads);
	const int code = l.limit == 0 ? CLI_OK : read_pages(&l, system, &request);
	system_close(&system);
	if (cli->json && code == CLI_OK)
		print_hidden(&l);
	if (!cli->json && code == CLI_OK) {
		if (l.count > 0)
			columns_print(&l.columns, cli->out);
		print_hidden(&l);
		fprintf(cli->err, "%" PRIu64 " open signal%s%s\n", l.count, l.count == 1 ? "" : "s",
			l.count == l.limit ? ", there may be more behind --limit" : "");
	}
	return code;
}

static const struct cli_option options[] = {
    {"organisation", "CODE", "only told to this organisation"},
    {"addressee", "ADDRESSEE", "only told to this kind of addressee: ALDERMEN"},
    {"code", "SIGNAL", "only this signal: S02"},
    {"region", "CODE", "only of this youth region"},
    {"subject", "SUBJECT", "only about this kind of subject: REGION"},
    {"case", "ID", "only about this case"},
    {"unacknowledged", NULL, "leave out what an addressee has taken up"},
    {"limit", "N", "at most so many (default: all)"},
    {0},
};

const struct command command_signals = {
    .name = "signals",
    .summary = "list open signals: what, about what, for whom, acknowledged or not",
    .usage = "[--organisation CODE] [--addressee ADDRESSEE] [--code SIGNAL] [--region CODE]\n"
	     "       [--subject SUBJECT | --case ID] [--unacknowledged] [--limit N]",
    .options = options,
    .help =
	"Open signals as signalling has them, by subject; all that is asked for must hold. EVIDENCE is what was\n"
	"counted and the threshold that it reached. With --json one SignalView a line. An addressee that may not see\n"
	"cases (INSPECTORATES; NATIONAL, but for S22) is told how many there are.\n\n"
	"Status 0: also when there are none. 3: signalling gives no answer. 4: it refuses the question.\n\n"
	"example:\n"
	"  doorbraak signals --organisation ET-JZ32 --unacknowledged\n"
	"  doorbraak signals --code S11 --region JZ43\n",
    .run = signals_run,
};
