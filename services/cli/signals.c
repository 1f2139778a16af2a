// SPDX-License-Identifier: EUPL-1.2
/* signals.c - `doorbraak signals`: the signals that are open, as signalling has them. */
#include <inttypes.h>

#include "services/cli/listing.h"

#define SIGNALLING 3u /* its place in the row */

struct question {
	struct system *system;
	pb_SignalsRequest signals;
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

	if (l->cli->json) {
		listing_add_json(l, &v->base);
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
	listing_add(l, cells);
}

static const char *
ask_page(void *ctx, struct listing *l, const char *after, uint32_t limit, struct arena *a, int *code)
{
	struct question *q = ctx;
	pb_Request request;

	pb_Request_init(&request);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SIGNALS;
	request.signals = &q->signals;
	q->signals.after = record_text(a, after);
	q->signals.limit = limit;
	const pb_Reply *reply =
	    asking(l->cli, q->system, SIGNALLING, &request, DOORBRAAK__V1__REPLY__BODY_SIGNALS, a, code);
	if (reply == NULL)
		return NULL;
	for (size_t i = 0; i < reply->signals->n_signals; i++)
		add_signal(l, reply->signals->signals[i]);
	for (size_t i = 0; i < reply->signals->n_counts; i++)
		q->hidden[(unsigned)reply->signals->counts[i]->code % 64] += reply->signals->counts[i]->count;
	return reply->signals->next;
}

static void
print_hidden(struct cli *cli, const uint64_t hidden[64])
{
	for (int code = 0; code < 64; code++) {
		if (hidden[code] == 0)
			continue;
		fprintf(cli->out,
			cli->json ? "{\"code\":\"%s\",\"count\":%" PRIu64 "}\n"
				  : "%s: %" PRIu64 " about cases, which this addressee may not see\n",
			record_code_of("SignalCode", code), hidden[code]);
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
	struct listing l;
	struct question q = {.hidden = {0}};

	if (cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "takes no arguments; one case: `doorbraak signals --case %s`",
				cli->arguments[0]);
	if (!listing_begin(&l, cli, heads, sizeof heads / sizeof heads[0]) || !read_question(cli, &q.signals))
		return CLI_USAGE;
	q.system = asking_open(cli);
	if (q.system == NULL)
		return CLI_UNREACHABLE;
	const int code = listing_run(&l, ask_page, &q, "open signal", "open signals");
	system_close(&q.system);
	if (code == CLI_OK)
		print_hidden(cli, q.hidden);
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
