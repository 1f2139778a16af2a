// SPDX-License-Identifier: EUPL-1.2
/* webhooks.c - `doorbraak webhooks add|list|end`: who gets signals, and where.
 *
 * Two halves, kept apart: what everybody may know (id, addressee, scope) is handed in at intake and stands in the journals;
 * the address and the key stand in a folder of the operator, and nowhere else. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "services/cli/asking.h"
#include "services/cli/columns.h"
#include "services/cli/file_write.h"
#include "services/cli/submit_read.h"
#include "services/signalling/webhook_settings.h"

#define SUBMIT_MS 20000
#define INTAKE    0u

/* ---- handing in ---- */

static int
tell(struct cli *cli, const char *id, int state, const pb_Reply *reply)
{
	switch (reply->body_case) {
	case DOORBRAAK__V1__REPLY__BODY_ACCEPTED:
		fprintf(cli->out,
			cli->json ? "{\"subscription\":\"%s\",\"state\":\"%s\",\"seq\":%llu}\n"
				  : "%s  %s  record %llu\n",
			id, record_code_of("SubscriptionState", state), (unsigned long long)reply->accepted->seq);
		return CLI_OK;
	case DOORBRAAK__V1__REPLY__BODY_REJECTED:
		for (size_t i = 0; i < reply->rejected->n_violations; i++)
			cli_fail(cli, CLI_FAILED, "%s %s: %s",
				 record_code_of("Reason", (int)reply->rejected->violations[i]->reason),
				 reply->rejected->violations[i]->field, reply->rejected->violations[i]->text);
		return CLI_FAILED;
	default:
		return cli_fail(cli, CLI_REFUSED, "intake refuses: %s",
				reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED ? reply->refused->text
										       : "an answer of another kind");
	}
}

static int
hand_in(struct cli *cli, pb_SubscriptionRegistered *body)
{
	struct arena *a = &cli->arena;
	struct system *system = asking_open(cli);
	pb_Submission s;
	pb_Actor actor;
	Google__Protobuf__Timestamp at;
	int64_t now_ms;
	struct why why;

	if (system == NULL)
		return CLI_UNREACHABLE;
	int code = asking_clock(cli, system, &now_ms);
	if (code == CLI_OK) {
		pb_Submission_init(&s);
		pb_Actor_init(&actor);
		actor.role = (Doorbraak__V1__Role)ROLE_OPERATOR;
		actor.organisation = record_text(a, "NAT-VWS");
		record_timestamp(&at, now_ms);
		s.source = record_text(a, "operator");
		s.id = submit_random_id(a);
		s.actor = &actor;
		s.occurred_at = &at;
		s.body_case = DOORBRAAK__V1__SUBMISSION__BODY_SUBSCRIPTION_REGISTERED;
		s.subscription_registered = body;
		const pb_Reply *reply = system_submit(system, &s, 0, SUBMIT_MS, a, &why);
		code = reply == NULL ? cli_fail(cli, CLI_UNREACHABLE, "%s", why.text)
				     : tell(cli, body->subscription, (int)body->state, reply);
	}
	system_close(&system);
	return code;
}

/* ---- the folder ---- */

static const char *
folder(struct cli *cli)
{
	const char *dir = cli_option(cli, "dir");

	return dir != NULL ? dir : arena_printf(&cli->arena, "%s/webhooks", cli->run_dir);
}

static bool
make_key(struct cli *cli, const char *path)
{
	uint8_t key[32];
	char base64[sodium_base64_ENCODED_LEN(sizeof key, sodium_base64_VARIANT_ORIGINAL)];

	if (access(path, F_OK) == 0)
		return true;
	randombytes_buf(key, sizeof key);
	sodium_bin2base64(base64, sizeof base64, key, sizeof key, sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(key, sizeof key);
	return file_write(cli, path, arena_printf(&cli->arena, "whsec_%s\n", base64));
}

/* ---- add, end ---- */

static bool
one_id(struct cli *cli)
{
	if (cli->argument_count == 1 && record_is_id(cli->arguments[0]))
		return true;
	cli_fail(cli, CLI_USAGE, "name one subscription: letters, digits and -, at most %d", ID_MAX);
	return false;
}

/* For whom: at least one, and all must hold. False after telling what is wrong. */
static bool
read_limits(struct cli *cli, pb_SubscriptionRegistered *body)
{
	const struct {
		const char *option, *what;
		char **text;
	} limits[] = {{"scope", "an organisation", &body->scope},
		      {"region", "a youth region", &body->region},
		      {"centre", "an expertise centre", &body->expertise_centre}};
	int addressee;
	bool any;

	if (!asking_code(cli, "to", "Addressee", &addressee))
		return false;
	body->addressee = (Doorbraak__V1__Addressee)addressee;
	any = addressee != 0;
	for (unsigned i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		const char *value = cli_option(cli, limits[i].option);

		if (value == NULL)
			continue;
		if (!record_is_code(value)) {
			cli_fail(cli, CLI_USAGE, "--%s: '%.60s' cannot be the code of %s", limits[i].option, value,
				 limits[i].what);
			return false;
		}
		*limits[i].text = record_text(&cli->arena, value);
		any = true;
	}
	if (!any)
		cli_fail(cli, CLI_USAGE, "say for whom, with --to, --scope, --region or --centre");
	return any;
}

static int
add_run(struct cli *cli)
{
	const char *url = cli_option(cli, "url"), *dir = folder(cli);
	struct arena *a = &cli->arena;
	struct webhook_settings *settings = ARENA_NEW(a, struct webhook_settings);
	struct webhook_hook hook = {0};
	pb_SubscriptionRegistered body;
	struct why why;

	pb_SubscriptionRegistered_init(&body);
	if (!one_id(cli) || !read_limits(cli, &body))
		return CLI_USAGE;
	if (url == NULL)
		return cli_fail(cli, CLI_USAGE, "name the address with --url");
	if (sodium_init() < 0)
		return cli_fail(cli, CLI_FAILED, "libsodium cannot be used");
	if (!webhook_settings_read(settings, dir, &why) || !webhook_url_read(&hook, settings, url, &why))
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	const char *key = arena_printf(a, "%s/%s.key", dir, cli->arguments[0]);
	if (!make_key(cli, key) ||
	    !file_write(cli, arena_printf(a, "%s/%s.hook", dir, cli->arguments[0]), arena_printf(a, "url: %s\n", url)))
		return CLI_FAILED;
	body.subscription = record_text(a, cli->arguments[0]);
	body.state = (Doorbraak__V1__SubscriptionState)SUBSCRIPTION_STATE_ACTIVE;
	const int code = hand_in(cli, &body);
	if (code == CLI_OK)
		fprintf(cli->err, "the key stands in %s: give it to the receiver, by a safe way\n", key);
	return code;
}

static int
end_run(struct cli *cli)
{
	pb_SubscriptionRegistered body;

	if (!one_id(cli))
		return CLI_USAGE;
	pb_SubscriptionRegistered_init(&body);
	body.subscription = record_text(&cli->arena, cli->arguments[0]);
	body.state = (Doorbraak__V1__SubscriptionState)SUBSCRIPTION_STATE_ENDED;
	return hand_in(cli, &body);
}

/* ---- list ---- */

struct listed {
	struct id id;
	struct code scope, region, centre;
	int addressee, state;
	struct listed *next;
};

struct listing {
	struct cli *cli;
	struct listed *first;
};

static struct listed *
listed_of(struct listing *l, const char *id)
{
	struct listed **at = &l->first;

	while (*at != NULL && strcmp((*at)->id.s, id) != 0)
		at = &(*at)->next;
	if (*at == NULL) {
		*at = ARENA_NEW(&l->cli->arena, struct listed);
		**at = (struct listed){.id = id_of(id)};
	}
	return *at;
}

static bool
take_record(void *ctx, uint64_t seq, const struct record *r)
{
	struct listing *l = ctx;

	(void)seq;
	if (r->submission != NULL &&
	    r->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_SUBSCRIPTION_REGISTERED) {
		const pb_SubscriptionRegistered *s = r->submission->subscription_registered;
		struct listed *one = listed_of(l, s->subscription);

		one->state = (int)s->state;
		if (one->state == SUBSCRIPTION_STATE_ACTIVE) {
			one->addressee = (int)s->addressee;
			one->scope = code_of(s->scope);
			one->region = code_of(s->region);
			one->centre = code_of(s->expertise_centre);
		}
	} else if (r->submission != NULL &&
		   r->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_DELIVERY_REPORTED) {
		listed_of(l, r->submission->delivery_reported->subscription)->state =
		    (int)r->submission->delivery_reported->state;
	}
	return true;
}

static const char *
or_none(const struct code *code)
{
	return code_is_empty(*code) ? "-" : code->s;
}

static void
print_listing(struct listing *l)
{
	static const char *const heads[] = {"SUBSCRIPTION", "TO", "SCOPE", "REGION", "CENTRE", "STATE"};
	struct cli *cli = l->cli;
	struct columns columns;

	columns_init(&columns, &cli->arena, sizeof heads / sizeof heads[0]);
	columns_add(&columns, heads);
	for (const struct listed *one = l->first; one != NULL; one = one->next) {
		const char *cells[] = {one->id.s,
				       one->addressee == 0 ? "-" : record_code_of("Addressee", one->addressee),
				       or_none(&one->scope),
				       or_none(&one->region),
				       or_none(&one->centre),
				       record_code_of("SubscriptionState", one->state)};

		if (cli->json)
			fprintf(cli->out,
				"{\"subscription\":\"%s\",\"addressee\":\"%s\",\"scope\":\"%s\",\"region\":\"%s\","
				"\"centre\":\"%s\",\"state\":\"%s\"}\n",
				cells[0], one->addressee == 0 ? "" : cells[1], one->scope.s, one->region.s,
				one->centre.s, cells[5]);
		else
			columns_add(&columns, cells);
	}
	if (!cli->json && l->first != NULL)
		columns_print(&columns, cli->out);
}

static int
list_run(struct cli *cli)
{
	static const char *const topics[] = {"kind/SubscriptionRegistered", "kind/DeliveryReported"};
	struct listing l = {.cli = cli};
	struct doorbraak_cursor cursor = {0};

	if (cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "takes no arguments");
	struct system *system = asking_open(cli);
	if (system == NULL)
		return CLI_UNREACHABLE;
	const int code = asking_read(cli, system, INTAKE, &cursor, topics, 2, take_record, &l);
	system_close(&system);
	if (code == CLI_OK)
		print_listing(&l);
	return code;
}

static const struct cli_option add_options[] = {
    {"to", "ADDRESSEE", "signals for these: EXPERT_TEAM, ALDERMEN"},
    {"scope", "CODE", "only those for this organisation"},
    {"region", "CODE", "only those of this youth region"},
    {"centre", "CODE", "only those of the regions of this expertise centre"},
    {"url", "URL", "where they are sent: https to one of the hosts in the settings"},
    {"dir", "DIR", "folder of webhooks (default: webhooks in the run folder)"},
    {0},
};

static const struct cli_option no_options[] = {{0}};

const struct command command_webhooks_add = {
    .name = "webhooks add",
    .summary = "send the signals of an addressee to an address",
    .usage = "ID [--to ADDRESSEE] [--scope CODE] [--region CODE] [--centre CODE] --url URL [--dir DIR]",
    .options = add_options,
    .help = "Writes ID.hook and, when it is not there, ID.key into the folder that signalling was started with\n"
	    "(--webhooks), and registers the subscription at intake. The address and the key come in no journal. What\n"
	    "is raised from then on is delivered in order, and again until the receiver takes it.\n\n"
	    "Status 1: intake rejects it, or the folder cannot be written. 2: the address is not allowed by the\n"
	    "settings, or something is missing.\n\n"
	    "example:\n"
	    "  doorbraak webhooks add team-jz32 --scope ET-JZ32 --url https://signals.example.nl/in\n",
    .run = add_run,
};

const struct command command_webhooks_end = {
    .name = "webhooks end",
    .summary = "end a subscription",
    .usage = "ID",
    .options = no_options,
    .help = "Nothing more is delivered; what still waited is thrown away. The files in the folder of webhooks stay.\n\n"
	    "Status 1: intake rejects it. 3: intake gives no answer.\n\n"
	    "example:\n"
	    "  doorbraak webhooks end team-jz32\n",
    .run = end_run,
};

const struct command command_webhooks_list = {
    .name = "webhooks list",
    .summary = "list the subscriptions and how they fare",
    .usage = "",
    .options = no_options,
    .help = "All that were ever registered, with their last state: ACTIVE, FAILING, RECOVERED, GIVEN_UP, ENDED.\n\n"
	    "Status 0: also when there are none. 3: intake gives no answer.\n\n"
	    "example:\n"
	    "  doorbraak webhooks list --json\n",
    .run = list_run,
};
