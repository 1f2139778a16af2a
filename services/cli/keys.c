// SPDX-License-Identifier: EUPL-1.2
/* keys.c - `doorbraak keys new|list|revoke`: who may ask what.
 *
 * The list holds digests and public keys only: a token is shown once, when it is made; of a pair the secret goes to a file of
 * its own. Services read the list again when it changes. */
#include <sodium.h>

#include "services/cli/asking.h"
#include "services/cli/columns.h"
#include "services/cli/keys_list.h"

/* ---- new ---- */

static bool
read_scopes(struct cli *cli, struct caller *caller)
{
	struct why why;
	bool any = false;

	for (unsigned i = 0; i < cli->given_count; i++) {
		if (strcmp(cli->given[i][0], "scope") != 0)
			continue;
		any = true;
		if (!access_add_scope(caller, cli->given[i][1], &why)) {
			cli_fail(cli, CLI_USAGE, "--scope: %s", why.text);
			return false;
		}
	}
	if (!any)
		cli_fail(cli, CLI_USAGE,
			 "give at least one --scope: region:CODE, team:CODE, centre:CODE, owner:CODE, "
			 "national, operator, source:ID");
	return any;
}

static bool
read_new(struct cli *cli, struct access_key *key)
{
	const char *name = cli_option(cli, "name"), *organisation = cli_option(cli, "organisation");
	int role = 0;

	*key = (struct access_key){0};
	if (name == NULL || !record_is_id(name)) {
		cli_fail(cli, CLI_USAGE, "--name: letters, digits and -, %d at most: whose key it is", ACCESS_NAME_MAX);
		return false;
	}
	if (organisation == NULL || !record_is_code(organisation)) {
		cli_fail(cli, CLI_USAGE, "--organisation: the code of the organisation that answers for it");
		return false;
	}
	if (!asking_code(cli, "role", "Role", &role) || !asking_day(cli, "from", &key->from) ||
	    !asking_day(cli, "to", &key->to))
		return false;
	if (role == 0) {
		cli_fail(cli, CLI_USAGE, "--role: a role, such as CHAIR or PROCESS_DIRECTOR");
		return false;
	}
	memcpy(key->caller.name, name, strlen(name) + 1);
	key->caller.role = role;
	key->caller.organisation = code_of(organisation);
	return read_scopes(cli, &key->caller);
}

static const struct {
	enum access_right right;
	const char *words;
} rights[] = {
    {ACCESS_SUBMIT, "submit"},          {ACCESS_CASES, "read cases"},   {ACCESS_SIGNALS, "read signals"},
    {ACCESS_FIGURES, "read figures"},   {ACCESS_RULES, "read rules"},   {ACCESS_SUBSCRIPTIONS, "read subscriptions"},
    {ACCESS_JOURNALS, "read journals"}, {ACCESS_TIME, "let time pass"}, {ACCESS_AUDIT, "read the access log"},
};

/* "read cases, read figures"; "" when it may nothing. */
static const char *
rights_of(struct arena *a, const struct caller *caller)
{
	const char *text = "";

	for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++) {
		if (access_may(caller, rights[i].right))
			text = arena_printf(a, "%s%s%s", text, text[0] == '\0' ? "" : ", ", rights[i].words);
	}
	return caller->service == 0 ? text : arena_printf(a, "%s%sbe a service", text, text[0] == '\0' ? "" : ", ");
}

/* What the caller is to show: a token, a pair whose secret is written here, or a key of which it keeps the secret. */
struct shown {
	char token[ACCESS_TOKEN_LEN + 1];
	const char *secret; /* the file; NULL: none */
};

static void
add_token(struct access_key *key, struct shown *shown)
{
	uint8_t random[ACCESS_TOKEN_BYTES];

	randombytes_buf(random, sizeof random);
	access_token(random, shown->token);
	sodium_memzero(random, sizeof random);
	key->has_token = true;
	key->digest = access_token_digest(shown->token);
}

static bool
add_what_is_shown(struct cli *cli, struct access_key *key, struct shown *shown)
{
	const char *public = cli_option(cli, "public");

	*shown = (struct shown){.secret = NULL};
	if (public != NULL && !curve_key_read(&key->curves[0].public, public)) {
		cli_fail(cli, CLI_USAGE, "--public: a key has 40 characters of Z85");
		return false;
	}
	if (public == NULL && cli_option(cli, "curve") == NULL) {
		add_token(key, shown);
		return true;
	}
	key->curves[0].from = key->curves[0].to = CAL_NONE;
	key->curve_count = 1;
	if (public == NULL)
		shown->secret = keys_write_pair(cli, key->caller.name, &key->curves[0].public);
	return public != NULL || shown->secret != NULL;
}

static void
print_new(struct cli *cli, const struct access_key *key, const struct shown *shown, const char *may)
{
	char public[CURVE_TEXT_LEN + 1] = "";

	if (key->curve_count > 0)
		curve_key_text(&key->curves[0].public, public);
	if (cli->json && key->has_token)
		fprintf(cli->out, "{\"name\":\"%s\",\"token\":\"%s\"}\n", key->caller.name, shown->token);
	else if (cli->json)
		fprintf(cli->out, "{\"name\":\"%s\",\"public\":\"%s\",\"secret_file\":\"%s\"}\n", key->caller.name,
			public, shown->secret == NULL ? "" : shown->secret);
	else if (key->has_token)
		fprintf(cli->out, "%s\n\nmay: %s\nThis is shown once. It holds within ten seconds.\n", shown->token,
			may);
	else if (shown->secret != NULL)
		fprintf(
		    cli->out,
		    "public key: %s\nsecret in:  %s\n\nmay: %s\nHand the file over by a safe way, and keep no copy.\n",
		    public, shown->secret, may);
	else
		fprintf(cli->out, "public key: %s\n\nmay: %s\nIt holds within ten seconds.\n", public, may);
}

static int
new_run(struct cli *cli)
{
	struct access_keys keys;
	struct access_key key;
	struct shown shown;
	int code = CLI_USAGE;

	if (!read_new(cli, &key))
		return CLI_USAGE;
	const char *may = rights_of(&cli->arena, &key.caller);
	if (may[0] == '\0')
		return cli_fail(cli, CLI_USAGE, "%s with these scopes may do nothing; see `doorbraak keys new --help`",
				record_code_of("Role", key.caller.role));
	const int lock = keys_lock(cli, &keys);
	if (lock < 0)
		return CLI_USAGE;
	if (keys_named(&keys, key.caller.name) != NULL)
		cli_fail(cli, CLI_USAGE, "there is a key of the name %s: take another, the log tells them apart by it",
			 key.caller.name);
	else if (keys.count == ACCESS_KEYS_MAX)
		cli_fail(cli, CLI_USAGE, "%u keys are all there is room for", ACCESS_KEYS_MAX);
	else if (add_what_is_shown(cli, &key, &shown)) {
		keys.list[keys.count++] = key;
		code = keys_save(cli, &keys) ? CLI_OK : CLI_FAILED;
	}
	if (code == CLI_OK) {
		print_new(cli, &key, &shown, may);
		sodium_memzero(&shown, sizeof shown);
	}
	keys_unlock(&keys, lock);
	return code;
}

/* ---- list and revoke ---- */

/* "token, 2 pairs": by what it is known, and holds in itself. */
static const char *
shows(struct arena *a, const struct access_key *k)
{
	unsigned pairs = 0;

	for (unsigned i = 0; i < k->curve_count; i++)
		pairs += !k->curves[i].revoked;
	const char *text = pairs == 0 ? "" : arena_printf(a, "%u pair%s", pairs, pairs == 1 ? "" : "s");

	return !k->has_token ? text : pairs == 0 ? "token" : arena_printf(a, "token, %s", text);
}

static void
print_curves(struct cli *cli, const struct access_key *k)
{
	struct arena *a = &cli->arena;

	for (unsigned i = 0; i < k->curve_count; i++) {
		const struct access_curve *c = &k->curves[i];
		char public[CURVE_TEXT_LEN + 1];

		curve_key_text(&c->public, public);
		fprintf(cli->out, "%s{\"public\":\"%s\",\"valid_from\":\"%s\",\"valid_to\":\"%s\",\"revoked\":%s}",
			i == 0 ? "" : ",", public, record_date(a, c->from), record_date(a, c->to),
			c->revoked ? "true" : "false");
	}
}

static void
print_key(struct cli *cli, struct columns *columns, const struct access_key *k)
{
	struct arena *a = &cli->arena;
	const char *cells[] = {
	    k->caller.name,
	    record_code_of("Role", k->caller.role),
	    k->caller.organisation.s,
	    k->revoked ? "revoked" : "-",
	    k->from == CAL_NONE ? "-" : record_date(a, k->from),
	    k->to == CAL_NONE ? "-" : record_date(a, k->to),
	    shows(a, k),
	    access_scopes(a, &k->caller),
	};

	if (!cli->json) {
		columns_add(columns, cells);
		return;
	}
	fprintf(cli->out,
		"{\"name\":\"%s\",\"role\":\"%s\",\"organisation\":\"%s\",\"revoked\":%s,\"valid_from\":\"%s\","
		"\"valid_to\":\"%s\",\"scopes\":\"%s\",\"may\":\"%s\",\"token\":%s,\"curve\":[",
		cells[0], cells[1], cells[2], k->revoked ? "true" : "false", record_date(a, k->from),
		record_date(a, k->to), cells[7], rights_of(a, &k->caller), k->has_token ? "true" : "false");
	print_curves(cli, k);
	fputs("]}\n", cli->out);
}

static int
list_run(struct cli *cli)
{
	static const char *const titles[] = {"name", "role", "organisation", "state", "from", "to", "shows", "scopes"};
	struct access_keys keys;
	struct columns columns;
	struct why why;

	if (!access_keys_open(&keys, keys_folder(cli), &why))
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	columns_init(&columns, &cli->arena, sizeof titles / sizeof titles[0]);
	columns_add(&columns, titles);
	for (unsigned i = 0; i < keys.count; i++)
		print_key(cli, &columns, &keys.list[i]);
	if (!cli->json)
		columns_print(&columns, cli->out);
	access_keys_close(&keys);
	return CLI_OK;
}

/* One of its keys of CURVE, or all that it shows. False: it has no such key. */
static bool
revoke(struct access_key *key, const char *public)
{
	struct curve_key wanted;

	if (public == NULL) {
		key->revoked = true;
		return true;
	}
	for (unsigned i = 0; curve_key_read(&wanted, public) && i < key->curve_count; i++) {
		if (!curve_same(&key->curves[i].public, &wanted))
			continue;
		key->curves[i].revoked = true;
		return true;
	}
	return false;
}

static int
revoke_run(struct cli *cli)
{
	const char *name = cli->arguments[0], *public = cli_option(cli, "public");
	struct access_keys keys;
	int code = CLI_FAILED;

	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE, "name one key; `doorbraak keys list` has them");
	const int lock = keys_lock(cli, &keys);
	if (lock < 0)
		return CLI_USAGE;
	struct access_key *key = keys_named(&keys, name);
	if (key == NULL)
		cli_fail(cli, CLI_FAILED, "there is no key %.64s in %s", name, keys.path);
	else if (!revoke(key, public))
		cli_fail(cli, CLI_FAILED, "%s has no public key %.40s; `doorbraak keys list --json` shows them", name,
			 public);
	else if (keys_save(cli, &keys))
		code = CLI_OK;
	if (code == CLI_OK)
		fprintf(cli->out, cli->json ? "{\"revoked\":\"%s\"}\n" : "%s is refused within ten seconds\n", name);
	keys_unlock(&keys, lock);
	return code;
}

static const struct cli_option new_options[] = {
    {"name", "NAME", "whose it is; the access log tells keys apart by it"},
    {"role", "ROLE", "role of who asks: CHAIR, PROCESS_DIRECTOR, ..., OPERATOR; SYSTEM for a program"},
    {"organisation", "CODE", "organisation that answers for it; signals told to it may be read"},
    {"scope", "SCOPE", "what it reaches; may be given more than once (see above)"},
    {"from", "DATE", "first day on which it holds (default: at once)"},
    {"to", "DATE", "last day (default: until it is revoked)"},
    {"curve", NULL, "a pair for ZeroMQ instead of a token; its secret goes to DIR/NAME/secret"},
    {"public", "KEY", "the same, of a pair that the caller made: it keeps its secret"},
    {"dir", "DIR", "folder of the keys (default: as --keys)"},
    {0},
};

static const struct cli_option revoke_options[] = {
    {"public", "KEY", "only this one of its keys of CURVE, such as the one before a rotation"},
    {"dir", "DIR", "folder of the keys (default: as --keys)"},
    {0},
};

static const struct cli_option dir_options[] = {
    {"dir", "DIR", "folder of the keys (default: as --keys)"},
    {0},
};

const struct command command_keys_new = {
    .name = "keys new",
    .summary = "a key with which somebody may ask",
    .usage = "--name NAME --role ROLE --organisation CODE --scope SCOPE... [--curve | --public KEY]",
    .options = new_options,
    .help =
	"Makes a key, keeps its digest in keys.json, and shows its token, once. A caller sends it with each\n"
	"request: `Authorization: Bearer dbk_...`. With --curve it is a pair of keys for ZeroMQ instead: the list "
	"keeps\n"
	"the public one, and the secret goes to a file that is handed to the caller. Scopes:\n\n"
	"  region:CODE team:CODE centre:CODE owner:CODE   the cases of a region, team, centre or owner (one of these)\n"
	"  national                                       all cases\n"
	"  source:ID                                      submit as this source (at most 8)\n"
	"  source:*                                       the same for any source (trials)\n"
	"  operator                                       how webhooks fare, the access log, time on a driven clock\n"
	"  journals                                       the journals as a whole: to verify, to feed a register\n\n"
	"Figures and rules in force may be read with any. What a key may is what its role and its scopes both\n"
	"allow: an INSPECTORATE reads figures only. What it submits it says in its own role; a SYSTEM (a front end, "
	"which\n"
	"knows its users) in any that its source is registered for.\n\n"
	"Status 2: the name is taken, or the file cannot be used.\n\n"
	"example:\n"
	"  doorbraak keys new --name desk-limburg --role CHAIR --organisation ET-MIDDEN-LIMBURG \\\n"
	"    --scope region:JZ42 --scope source:team-limburg --to 2027-12-31\n"
	"  doorbraak keys new --name portal --role SYSTEM --organisation LT-GM1669 --scope source:portal --curve\n",
    .run = new_run,
};

const struct command command_keys_list = {
    .name = "keys list",
    .summary = "the keys of callers and services",
    .usage = "[--dir DIR]",
    .options = dir_options,
    .help = "Name, role, organisation, whether it was revoked, first and last day, what it shows (a token, pairs of "
	    "keys),\n"
	    "scopes; with --json the public keys, too. Tokens and secrets are kept nowhere.\n\n"
	    "example:\n  doorbraak keys list --json\n",
    .run = list_run,
};

const struct command command_keys_revoke = {
    .name = "keys revoke",
    .summary = "refuse a key from now on",
    .usage = "NAME [--public KEY] [--dir DIR]",
    .options = revoke_options,
    .help = "The services refuse it within ten seconds, and end its streams; the live\n"
	    "stream over ZeroMQ is made anew without it. It stays in the list: the access log\n"
	    "speaks of it.\n\nStatus 1: there is no such key.\n\n"
	    "example:\n  doorbraak keys revoke desk-limburg\n",
    .run = revoke_run,
};
