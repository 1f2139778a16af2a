// SPDX-License-Identifier: EUPL-1.2
/* submit.c - `doorbraak submit`: hands in submissions, and tells what became of them.
 *
 * With --wait it stands at the head of the service that decides, before it hands in, then follows its journal until the
 * effects of the submission are complete there: what has it as its cause, is the outcome. Routing decides, of an
 * acknowledgement signalling. */
#include <inttypes.h>
#include <time.h>

#include "services/cli/asking.h"
#include "services/cli/record_line.h"
#include "services/cli/submit_read.h"

#define ROUTING    2u
#define SIGNALLING 3u
#define SUBMIT_MS  10000
#define WAIT_MS    30000

struct submit {
	struct cli *cli;
	struct system *system;
	struct arena arena; /* of one submission */
	int64_t now_ms;     /* --now; 0: none */
	int64_t default_ms; /* what has no moment of its own happened then */
	bool wait;
};

/* ---- what the documents leave out ---- */

static bool
is_administration(const pb_Submission *s)
{
	return s->actor != NULL && ((int)s->actor->role == ROLE_ADMINISTRATOR || (int)s->actor->role == ROLE_OPERATOR);
}

static bool
complete(struct submit *s, const struct submit_item *item, struct arena *a, int *code)
{
	const struct cli *cli = s->cli;
	pb_Submission *m = item->submission;

	if (m->source[0] == '\0')
		m->source = record_text(a, cli_option(cli, "source") != NULL ? cli_option(cli, "source")
					   : is_administration(m)            ? "operator"
									     : "");
	if (m->source[0] == '\0') {
		*code =
		    cli_fail(s->cli, CLI_USAGE,
			     "%s: no source: name the registered sender with --source, or in the document", item->from);
		return false;
	}
	if (m->id[0] == '\0')
		m->id = cli_option(cli, "id") != NULL ? record_text(a, cli_option(cli, "id")) : submit_random_id(a);
	if (m->occurred_at != NULL)
		return true;
	if (s->default_ms == 0) {
		*code = asking_clock(s->cli, s->system, &s->default_ms);
		if (*code != CLI_OK)
			return false;
	}
	m->occurred_at = ARENA_NEW(a, Google__Protobuf__Timestamp);
	record_timestamp(m->occurred_at, s->default_ms);
	return true;
}

/* ---- outcomes ---- */

struct outcome {
	struct submit *submit;
	uint64_t seq;
	bool rejected;
	unsigned printed;
};

static void
print_answer(struct outcome *o, const struct record *r)
{
	struct cli *cli = o->submit->cli;

	o->rejected = o->rejected || r->answer->body_case == DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED;
	if (cli->json)
		fprintf(cli->out, "%s%s", o->printed++ > 0 ? "," : "",
			record_json(&o->submit->arena, &r->answer->base, true));
	else
		fprintf(cli->out, "  %-16s %s\n", record_line_kind(r), record_line_text(&o->submit->arena, r));
}

static bool
take_record(void *ctx, uint64_t seq, const struct record *r)
{
	struct outcome *o = ctx;

	(void)seq;
	if (r->answer != NULL && r->answer->cause == o->seq && (int)r->answer->service != SERVICE_INTAKE)
		print_answer(o, r);
	return true;
}

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static unsigned
decider_of(const struct submit_item *item)
{
	return item->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_SIGNAL_ACKNOWLEDGED ? SIGNALLING
												  : ROUTING;
}

/* Follows a journal from `after` until it has the effects of the submission. */
static int
wait_for(struct submit *s, unsigned service, struct outcome *o, struct doorbraak_cursor *after)
{
	const int64_t until = steady_ms() + WAIT_MS;
	int code = CLI_OK;

	for (;;) {
		struct arena a;
		arena_init(&a);
		/* Asked before reading: what is complete by then stands before the head that is read to. */
		const pb_StatusReply *status = asking_status(s->cli, s->system, service, &a, &code);
		const bool done = status != NULL && status->applied >= o->seq;
		arena_fini(&a);
		if (status == NULL)
			return code;
		code = asking_read(s->cli, s->system, service, after, NULL, 0, take_record, o);
		if (done || code != CLI_OK)
			return code;
		if (steady_ms() > until)
			return cli_fail(s->cli, CLI_UNREACHABLE,
					"%s has not decided within %d s; it is kept as record %" PRIu64
					", look at `doorbraak health`",
					service == SIGNALLING ? "signalling" : "routing", WAIT_MS / 1000, o->seq);
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
}

static int
tell_accepted(struct submit *s, const struct submit_item *item, const pb_AcceptedReply *reply,
	      struct doorbraak_cursor *head)
{
	struct cli *cli = s->cli;
	struct outcome o = {.submit = s, .seq = reply->seq};
	int code = CLI_OK;

	if (cli->json)
		fprintf(cli->out, "{\"message\":\"%s\",\"accepted\":%s", record_body_name(&item->submission->base),
			record_json(&s->arena, &reply->base, true));
	else
		fprintf(cli->out, "accepted  %s  case %s  record %" PRIu64 "%s\n",
			record_body_name(&item->submission->base), reply->case_id[0] == '\0' ? "-" : reply->case_id,
			reply->seq, reply->duplicate ? "  (was handed in before)" : "");
	if (s->wait) {
		if (cli->json)
			fputs(",\"answers\":[", cli->out);
		/* What was handed in before may lie anywhere behind us. */
		if (reply->duplicate)
			*head = (struct doorbraak_cursor){0};
		code = wait_for(s, decider_of(item), &o, head);
		if (cli->json)
			fputc(']', cli->out);
	}
	if (cli->json)
		fputs("}\n", cli->out);
	fflush(cli->out);
	return code != CLI_OK ? code : o.rejected ? CLI_FAILED : CLI_OK;
}

static int
tell_rejected(struct submit *s, const struct submit_item *item, const pb_RejectedReply *reply)
{
	struct cli *cli = s->cli;

	if (cli->json) {
		fprintf(cli->out, "{\"message\":\"%s\",\"rejected\":%s}\n", record_body_name(&item->submission->base),
			record_json(&s->arena, &reply->base, true));
		return CLI_FAILED;
	}
	fprintf(cli->out, "rejected  %s  (%s)\n", record_body_name(&item->submission->base), item->from);
	for (size_t i = 0; i < reply->n_violations; i++) {
		const pb_Violation *v = reply->violations[i];
		fprintf(cli->out, "  %-20s %s%s%s\n", record_code_of("Reason", (int)v->reason), v->field,
			v->field[0] == '\0' ? "" : ": ", v->text);
	}
	return CLI_FAILED;
}

static int
hand_in(struct submit *s, const struct submit_item *item)
{
	struct doorbraak_cursor head = {0};
	struct why why;
	int code = CLI_OK;

	if (s->wait)
		code = asking_head(s->cli, s->system, decider_of(item), &head, &s->arena);
	if (code != CLI_OK)
		return code;
	const pb_Reply *reply = system_submit(s->system, item->submission, s->now_ms, SUBMIT_MS, &s->arena, &why);
	if (reply == NULL)
		return cli_fail(s->cli, CLI_UNREACHABLE, "%s", why.text);
	switch (reply->body_case) {
	case DOORBRAAK__V1__REPLY__BODY_ACCEPTED: return tell_accepted(s, item, reply->accepted, &head);
	case DOORBRAAK__V1__REPLY__BODY_REJECTED: return tell_rejected(s, item, reply->rejected);
	case DOORBRAAK__V1__REPLY__BODY_REFUSED:
		return cli_fail(s->cli, CLI_REFUSED, "intake refuses (%s): %s",
				record_code_of("RefusedReason", (int)reply->refused->reason), reply->refused->text);
	default:
		return cli_fail(s->cli, CLI_UNREACHABLE,
				"intake gave an answer of another kind: do its version and this tool's fit?");
	}
}

/* ---- the command ---- */

static int
read_all(struct cli *cli, struct submit_list *list)
{
	const char *message = cli_option(cli, "message"), *by = cli_option(cli, "by");
	struct why why;
	bool good = true;

	if (message == NULL && cli->argument_count == 0)
		return cli_fail(cli, CLI_USAGE,
				"name files, - for standard input, or one message with --message; `doorbraak submit "
				"--help` has examples");
	if (message != NULL && cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "files and --message do not go together; take one of them");
	if (message == NULL && (by != NULL || cli_option(cli, "case") != NULL || cli_option(cli, "with") != NULL))
		return cli_fail(cli, CLI_USAGE, "--by, --case and --with go with --message; name one");
	if (message != NULL && by == NULL)
		return cli_fail(cli, CLI_USAGE, "say who says so with --by ROLE@ORGANISATION");
	if (message != NULL)
		good = submit_read_flags(&cli->arena, message, cli_option(cli, "case"), by, cli_option(cli, "with"),
					 list, &why);
	for (unsigned i = 0; good && i < cli->argument_count; i++)
		good = submit_read_file(&cli->arena, cli->arguments[i], list, &why);
	if (!good)
		return cli_fail(cli, CLI_USAGE, "%s (nothing was handed in)", why.text);
	if (list->count > 1 && cli_option(cli, "id") != NULL)
		return cli_fail(cli, CLI_USAGE, "--id is for one submission, these are %u; write ids in the file",
				list->count);
	return CLI_OK;
}

static int
submit_run(struct cli *cli)
{
	struct submit s = {.cli = cli, .wait = cli_option(cli, "wait") != NULL};
	struct submit_list list;
	int64_t occurred_ms;
	int code, worst = CLI_OK;

	submit_list_init(&list);
	code = read_all(cli, &list);
	if (code != CLI_OK)
		return code;
	if (!asking_time(cli, "now", &s.now_ms) || !asking_time(cli, "occurred-at", &occurred_ms))
		return CLI_USAGE;
	s.system = asking_open(cli);
	if (s.system == NULL)
		return CLI_UNREACHABLE;
	s.default_ms = occurred_ms != 0 ? occurred_ms : s.now_ms;
	arena_init(&s.arena);
	for (struct submit_item *item = list.first; item != NULL; item = item->next) {
		arena_reset(&s.arena);
		code = CLI_OK;
		if (complete(&s, item, &cli->arena, &code))
			code = hand_in(&s, item);
		if (code > worst)
			worst = code;
		/* A rejection is about one submission; the rest would go the same way. */
		if (code > CLI_FAILED)
			break;
	}
	arena_fini(&s.arena);
	system_close(&s.system);
	return worst;
}

static const struct cli_option options[] = {
    {"wait", NULL, "wait until it is decided, and tell what was decided"},
    {"message", "NAME", "one message instead of files: PlanAgreed"},
    {"case", "ID", "with --message: its case"},
    {"by", "ROLE@ORG", "with --message: who says so"},
    {"with", "'{...}'", "with --message: its fields, as flow YAML"},
    {"source", "S", "registered sender, where a document names none"},
    {"id", "ID", "id of the message (default: a random one)"},
    {"occurred-at", "T", "when it happened, where a document does not say (default: now)"},
    {"now", "T", "on a driven clock: move it there first"},
    {0},
};

const struct command command_submit = {
    .name = "submit",
    .summary = "hand in submissions, from files or from the command line",
    .usage = "[--wait] FILE...|-   or   --message NAME --by ROLE@ORG [--case ID] [--with '{...}']",
    .options = options,
    .help = "A file holds one submission or a list of them, in YAML or JSON with the fields of the contract\n"
	    "(submission.proto), or JSON lines. An id and a moment are filled in where a document has none.\n"
	    "Accepted means: durable, and in order. Whether it fits the case is decided by routing, of an\n"
	    "acknowledgement by signalling: --wait tells.\n\n"
	    "Status 0: all accepted (with --wait: and none rejected further on). 1: one or more rejected; every\n"
	    "violation is told. 2: a file is wrong, and nothing was handed in. 3: no answer; hand in the same again,\n"
	    "with the same id nothing counts twice. 4: refused, such as a full disk.\n\n"
	    "examples:\n"
	    "  doorbraak submit --wait case.yaml\n"
	    "  doorbraak submit --wait --source portal --message MeetingScheduled --case c-7kq2m-x4d8p-b3wzn-h6t9r \\\n"
	    "    --by PROCESS_DIRECTOR@ET-JZ32 --with '{meeting_on: 2026-05-11}'\n"
	    "  export-cases | doorbraak submit -\n",
    .run = submit_run,
};
