// SPDX-License-Identifier: EUPL-1.2
/* submit.c - `doorbraak submit`: the command line, what the documents leave out, and how far it is. */
#include <inttypes.h>
#include <time.h>

#include "common/json_wire.h"
#include "services/cli/progress.h"
#include "services/cli/submit_hand.h"

#define CLOCK_MS   1000 /* a moment of now is so old at most */
#define WRONG_TOLD 20   /* lines that are wrong, on standard error */
#define AWAIT_MS   20   /* between two looks at the input */

struct submit {
	struct cli *cli;
	struct submit_file files[CLI_ARGUMENTS_MAX];
	unsigned count;
	struct submit_hand hand;
	struct progress progress;
	int64_t fixed_ms;           /* what has no moment of its own happened then; 0: now */
	int64_t clock_ms, asked_ms; /* now, and when that was asked by the steady clock */
	uint64_t wrong;             /* lines */
};

/* ---- what the documents leave out ---- */

static bool
is_administration(const pb_Submission *s)
{
	return s->actor != NULL && ((int)s->actor->role == ROLE_ADMINISTRATOR || (int)s->actor->role == ROLE_OPERATOR);
}

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int
now(struct submit *s, int64_t *now_ms)
{
	const int64_t steady = steady_ms();

	if (s->clock_ms == 0 || steady - s->asked_ms > CLOCK_MS) {
		const int code = asking_clock(s->cli, s->hand.system, &s->clock_ms);
		if (code != CLI_OK)
			return code;
		s->asked_ms = steady;
	}
	*now_ms = s->clock_ms;
	return CLI_OK;
}

static int
complete(struct submit *s, const struct submit_item *item, struct arena *a)
{
	const struct cli *cli = s->cli;
	pb_Submission *m = item->submission;
	int64_t at_ms = s->fixed_ms;

	if (m->source[0] == '\0')
		m->source = record_text(a, cli_option(cli, "source") != NULL ? cli_option(cli, "source")
					   : is_administration(m)            ? "operator"
									     : "");
	if (m->source[0] == '\0')
		return cli_fail(s->cli, CLI_USAGE,
				"%s: no source: name the registered sender with --source, or in the document",
				item->from);
	if (m->id[0] == '\0')
		m->id = cli_option(cli, "id") != NULL ? record_text(a, cli_option(cli, "id")) : submit_random_id(a);
	if (m->occurred_at != NULL)
		return CLI_OK;
	if (at_ms == 0) {
		const int code = now(s, &at_ms);
		if (code != CLI_OK)
			return code;
	}
	m->occurred_at = ARENA_NEW(a, Google__Protobuf__Timestamp);
	record_timestamp(m->occurred_at, at_ms);
	return CLI_OK;
}

/* ---- handing in ---- */

static int
worse(int a, int b)
{
	return a > b ? a : b;
}

static int
hand_in(struct submit *s, const struct submit_item *item, struct arena *a)
{
	const int code = complete(s, item, a);

	return code != CLI_OK ? code : submit_hand_in(&s->hand, item);
}

static int
hand_in_list(struct submit *s, const struct submit_file *file)
{
	int worst = CLI_OK;
	unsigned done = 0;

	for (const struct submit_item *item = file->list.first; item != NULL; item = item->next) {
		/* A rejection is about one submission; the rest would go the same way as a refusal. */
		if (worst <= CLI_FAILED)
			worst = worse(worst, hand_in(s, item, &s->cli->arena));
		if (++done % 100 == 0)
			progress_show(&s->progress, file->name, done, file->list.count);
	}
	return worst;
}

static int
tell_wrong(struct submit *s, const struct submit_file *file, const struct why *why, struct arena *a)
{
	if (s->cli->json)
		fprintf(s->cli->out, "{\"line\":%u,\"wrong\":%s}\n", file->line, json_quote(a, why->text));
	if (s->wrong++ < WRONG_TOLD)
		return cli_fail(s->cli, CLI_USAGE, "%s", why->text);
	if (s->wrong == WRONG_TOLD + 1)
		return cli_fail(s->cli, CLI_USAGE, "more lines are wrong; --json tells each");
	return CLI_USAGE;
}

/* Lines come when they come; what is on its way goes on meanwhile. */
static int
await(struct submit *s, const struct submit_file *file)
{
	int worst = CLI_OK;

	while (worst <= CLI_FAILED && doorbraak_open_count(s->hand.door) > 0 && submit_file_waits(file))
		worst = worse(worst, submit_hand_take(&s->hand, AWAIT_MS));
	return worst;
}

static int
hand_in_lines(struct submit *s, struct submit_file *file)
{
	struct submit_item item;
	struct arena a;
	struct why why;
	enum submit_next next;
	int worst = CLI_OK;

	arena_init(&a);
	while (worst <= CLI_USAGE) {
		worst = worse(worst, await(s, file));
		next = submit_file_next(file, &a, &item, &why);
		if (next == SUBMIT_END)
			break;
		worst = worse(worst, next == SUBMIT_ITEM ? hand_in(s, &item, &a) : tell_wrong(s, file, &why, &a));
		if (next == SUBMIT_BROKEN)
			break;
		if (file->line % 100 == 0 && file->all > 0)
			progress_show(&s->progress, file->name, file->read, file->all);
		arena_reset(&a);
	}
	arena_fini(&a);
	return worst;
}

static int
hand_in_all(struct submit *s)
{
	struct submit_hand *h = &s->hand;
	bool lines = false;
	int worst = CLI_OK;

	for (unsigned i = 0; i < s->count && worst <= CLI_USAGE; i++) {
		struct submit_file *file = &s->files[i];
		lines = lines || file->lines;
		worst = worse(worst, file->lines ? hand_in_lines(s, file) : hand_in_list(s, file));
	}
	if (worst != CLI_UNREACHABLE)
		worst = worse(worst, submit_hand_finish(h));
	progress_end(&s->progress);
	if (lines)
		fprintf(s->cli->err,
			"%" PRIu64 " accepted, %" PRIu64 " were handed in before, %" PRIu64 " rejected, %" PRIu64
			" lines wrong\n",
			h->accepted, h->duplicates, h->rejected, s->wrong);
	return worst;
}

/* ---- the command ---- */

static int
check_options(struct cli *cli)
{
	static const char *const with_message[] = {"by", "case", "with", "set"};
	const bool message = cli_option(cli, "message") != NULL;

	if (!message && cli->argument_count == 0)
		return cli_fail(cli, CLI_USAGE,
				"name files, - for standard input, or one message with --message; `doorbraak submit "
				"--help` has examples");
	if (message && cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "files and --message do not go together; take one of them");
	for (size_t i = 0; !message && i < sizeof with_message / sizeof with_message[0]; i++)
		if (cli_option(cli, with_message[i]) != NULL)
			return cli_fail(cli, CLI_USAGE, "--by, --case, --with and --set go with --message; name one");
	if (message && cli_option(cli, "by") == NULL)
		return cli_fail(cli, CLI_USAGE, "say who says so with --by ROLE@ORGANISATION");
	return CLI_OK;
}

/* Everything that can be read before something is handed in. */
static int
read_all(struct submit *s)
{
	struct cli *cli = s->cli;
	struct why why;
	unsigned items = 0;
	bool good = true;

	if (cli_option(cli, "message") != NULL)
		good = submit_read_flags(&s->files[s->count++], cli, &why);
	for (unsigned i = 0; good && i < cli->argument_count; i++)
		good = submit_file_open(&s->files[s->count++], &cli->arena, cli->arguments[i], &why);
	if (!good)
		return cli_fail(cli, CLI_USAGE, "%s (nothing was handed in)", why.text);
	for (unsigned i = 0; i < s->count; i++)
		items += s->files[i].lines ? 2 : s->files[i].list.count;
	if (items > 1 && cli_option(cli, "id") != NULL)
		return cli_fail(cli, CLI_USAGE, "--id is for one submission; write ids in the files");
	return CLI_OK;
}

static int
run(struct submit *s)
{
	struct cli *cli = s->cli;
	int64_t occurred_ms;
	struct why why;

	int code = check_options(cli);
	if (code == CLI_OK)
		code = read_all(s);
	if (code != CLI_OK)
		return code;
	if (!asking_time(cli, "now", &s->hand.now_ms) || !asking_time(cli, "occurred-at", &occurred_ms))
		return CLI_USAGE;
	s->fixed_ms = occurred_ms != 0 ? occurred_ms : s->hand.now_ms;
	s->hand.system = asking_open(cli);
	if (s->hand.system == NULL)
		return CLI_UNREACHABLE;
	s->hand.door = system_door(s->hand.system, 0, &why);
	if (s->hand.door == NULL)
		return cli_fail(cli, CLI_UNREACHABLE, "%s", why.text);
	return hand_in_all(s);
}

static int
submit_run(struct cli *cli)
{
	struct submit *s = arena_take(&cli->arena, sizeof *s);

	s->cli = s->hand.cli = cli;
	s->hand.wait = cli_option(cli, "wait") != NULL;
	s->progress = progress_of(cli);
	arena_init(&s->hand.arena);
	const int code = run(s);
	for (unsigned i = 0; i < s->count; i++)
		submit_file_close(&s->files[i]);
	arena_fini(&s->hand.arena);
	system_close(&s->hand.system);
	return code;
}

static const struct cli_option options[] = {
    {"wait", NULL, "wait until it is decided, and tell what was decided"},
    {"message", "NAME", "one message instead of files: PlanAgreed, plan_agreed"},
    {"case", "ID", "with --message: its case"},
    {"by", "ROLE@ORG", "with --message: who says so"},
    {"with", "'{...}'", "with --message: its fields, as flow YAML"},
    {"set", "NAME=VALUE", "with --message: one field; as often as wanted"},
    {"source", "S", "registered sender, where a document names none"},
    {"id", "ID", "id of the message (default: a random one)"},
    {"occurred-at", "T", "when it happened, where a document does not say (default: now)"},
    {"now", "T", "on a driven clock: move it there first"},
    {0},
};

const struct command command_submit = {
    .name = "submit",
    .summary = "hand in submissions, from files or from the command line",
    .usage = "[--wait] FILE...|-   or   --message NAME --by ROLE@ORG [--case ID] [--set NAME=VALUE]..",
    .options = options,
    .help = "A file holds one submission, a list of them, or {\"submissions\": [..]}, in YAML or JSON with the fields\n"
	    "of the contract (submission.proto), as case_id or caseId. It is read as a whole: when something is wrong\n"
	    "with it, nothing is handed in. A file of JSON lines, one submission a line, is read as it comes: a line\n"
	    "that is wrong is told and passed over. An id and a moment are filled in where there is none.\n"
	    "Many are on their way at once, those of one case in their order; results come as they are known, with\n"
	    "the line.\n"
	    "Accepted means: durable, and in order. Whether it fits the case is decided by routing, of an\n"
	    "acknowledgement by signalling: --wait tells, one at a time.\n\n"
	    "Status 0: all accepted (with --wait: and none rejected further on). 1: one or more rejected; every\n"
	    "violation is told. 2: a file is wrong, and nothing was handed in; or a line is, and was passed over.\n"
	    "3: no answer; hand in the same again, with the same id nothing counts twice. 4: refused, such as a full\n"
	    "disk.\n\n"
	    "examples:\n"
	    "  doorbraak submit --wait case.yaml\n"
	    "  doorbraak submit --wait --source portal --message MeetingScheduled --case c-7kq2m-x4d8p-b3wzn-h6t9r \\\n"
	    "    --by PROCESS_DIRECTOR@ET-JZ32 --set meeting_on=2026-05-11\n"
	    "  export-cases | doorbraak submit --json -\n",
    .run = submit_run,
};
