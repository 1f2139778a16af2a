// SPDX-License-Identifier: EUPL-1.2
/* health.c - `doorbraak health`: do the services take and answer, and how far are they? */
#include <inttypes.h>

#include "services/cli/asking.h"
#include "services/cli/columns.h"

#define HEALTH_MS 2000

static void
status_request(pb_Request *request, pb_StatusRequest *status)
{
	pb_Request_init(request);
	pb_StatusRequest_init(status);
	request->body_case = DOORBRAAK__V1__REQUEST__BODY_STATUS;
	request->status = status;
}

/* Asks one endpoint, without a run folder. */
static const pb_Reply *
ask_door(struct cli *cli, unsigned service, const char *address, const pb_Request *request, struct why *why)
{
	const struct system_keys keys = {cli->keys_dir, cli->secret, cli->secret_given};
	struct arena *a = &cli->arena;
	const struct bytes question = RECORD_PACK(a, request);
	struct doorbraak *door = system_knock(&keys, service, address, NULL, why);
	struct doorbraak_bytes answer;
	struct doorbraak_why reason;
	const pb_Reply *reply = NULL;

	if (door == NULL)
		return NULL;
	if (doorbraak_ask(door, question.data, question.len, HEALTH_MS, &answer, &reason) == DOORBRAAK_OK)
		reply =
		    record_unpack(a, &pb_Reply_descriptor, bytes_of(answer.data, answer.len), RECORD_REPLY_MAX, why);
	else
		why_set(why, "%s", reason.text);
	doorbraak_close(&door);
	return reply;
}

static const pb_StatusReply *
ask(struct cli *cli, struct system *system, unsigned service, struct why *why)
{
	const char *door = cli_option(cli, "door");
	pb_Request request;
	pb_StatusRequest status;

	status_request(&request, &status);
	const pb_Reply *reply = door != NULL ? ask_door(cli, service, door, &request, why)
					     : system_ask(system, service, &request, HEALTH_MS, &cli->arena, why);
	if (reply == NULL)
		return NULL;
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_STATUS)
		return reply->status;
	why_set(why, "%s gave an answer of another kind: do its version and this tool's fit?",
		service_of_row(service)->name);
	return NULL;
}

static const char *
reasons(struct arena *a, const pb_StatusReply *s)
{
	const char *text = s->ready ? "ready" : "";

	for (size_t i = 0; i < s->n_not_ready; i++)
		text = arena_printf(a, "%s%s%s", text, i == 0 ? "" : ",", s->not_ready[i]);
	return text;
}

/* How many of intake's records it has yet to apply; -1 when intake gave no answer. */
static int64_t
lag_of(const pb_StatusReply *intake, const pb_StatusReply *s)
{
	if (intake == NULL || intake->head == NULL)
		return -1;
	return s->applied >= intake->head->seq ? 0 : (int64_t)(intake->head->seq - s->applied);
}

static void
add_row(struct cli *cli, struct columns *columns, unsigned service, const pb_StatusReply *intake,
	const pb_StatusReply *s)
{
	struct arena *a = &cli->arena;
	const char *name = service_of_row(service)->name;
	const int64_t lag = s == NULL ? -1 : lag_of(intake, s);

	if (cli->json) {
		fprintf(cli->out, "{\"service\":\"%s\",\"lag\":%" PRId64 ",\"status\":%s}\n", name, lag,
			s == NULL ? "null" : record_json(a, &s->base, true));
		return;
	}
	if (s == NULL) {
		columns_add(columns, (const char *const[]){name, "no answer", "-", "-", "-", "-", "-"});
		return;
	}
	columns_add(columns, (const char *const[]){
				 name,
				 reasons(a, s),
				 arena_printf(a, "%" PRIu64, s->head == NULL ? 0 : s->head->seq),
				 arena_printf(a, "%" PRIu64, s->applied),
				 lag < 0 ? "-" : arena_printf(a, "%" PRId64, lag),
				 asking_moment(a, record_at_ms(s->clock)),
				 s->version,
			     });
}

static int
look(struct cli *cli, struct system *system, unsigned first, unsigned end)
{
	static const char *const heads[] = {"SERVICE", "READY", "HEAD", "APPLIED", "LAG", "CLOCK", "VERSION"};
	const pb_StatusReply *intake = NULL;
	struct columns columns;
	struct why why;
	int code = CLI_OK;

	columns_init(&columns, &cli->arena, sizeof heads / sizeof heads[0]);
	columns_add(&columns, heads);
	for (unsigned i = first; i < end; i++) {
		const pb_StatusReply *s = ask(cli, system, i, &why);
		if (i == 0)
			intake = s;
		add_row(cli, &columns, i, intake, s);
		if (s == NULL)
			code = cli_fail(cli, CLI_UNREACHABLE, "%s", why.text);
		else if (!s->ready && code == CLI_OK)
			code = CLI_FAILED;
	}
	if (!cli->json)
		columns_print(&columns, cli->out);
	return code;
}

static int
health_run(struct cli *cli)
{
	const char *name = cli_option(cli, "service"), *door = cli_option(cli, "door");
	struct system *system = NULL;
	unsigned first = 0;

	if (cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "takes no arguments; one service: --service %s", cli->arguments[0]);
	if (door != NULL && name == NULL)
		return cli_fail(cli, CLI_USAGE, "--door goes with --service: say whose door it is");
	if (name != NULL && !asking_service(cli, name, &first))
		return CLI_USAGE;
	if (door == NULL && (system = asking_open(cli)) == NULL)
		return CLI_UNREACHABLE;
	const int code = look(cli, system, first, name == NULL ? SERVICE_COUNT : first + 1);
	system_close(&system);
	return code;
}

static const struct cli_option options[] = {
    {"service", "NAME", "only this service"},
    {"door", "ENDPOINT", "with --service: ask there, such as tcp://127.0.0.1:7101"},
    {0},
};

const struct command command_health = {
    .name = "health",
    .summary = "do the services take and answer, and how far are they?",
    .usage = "[--service NAME [--door ENDPOINT]]",
    .options = options,
    .help = "Of each service: ready or why not, the head of its journal, the last record of intake whose effects are\n"
	    "complete there, how many records of intake that is behind, intake's clock as it knows it, version.\n"
	    "With --service and --door it needs no run folder: a health check for a container, by the keys that its\n"
	    "environment names.\n\n"
	    "Status 0: all that was asked for is ready. 1: something is not ready. 3: something gives no answer.\n\n"
	    "examples:\n"
	    "  doorbraak health\n"
	    "  doorbraak health --service intake --door tcp://127.0.0.1:7101\n",
    .run = health_run,
};
