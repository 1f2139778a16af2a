// SPDX-License-Identifier: EUPL-1.2
/* keys.c - `doorbraak keys new|list|revoke`: who may ask what over HTTP.
 *
 * The file holds digests only: a token is shown once, when it is made. Services read the file again when it changes. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/access_keys.h"
#include "services/cli/asking.h"
#include "services/cli/columns.h"
#include "services/cli/file_write.h"

static const char *
folder(struct cli *cli)
{
	const char *dir = cli_option(cli, "dir");

	return dir != NULL ? dir : arena_printf(&cli->arena, "%s/keys", cli->run_dir);
}

/* The keys as they stand, and a lock so that nobody changes them meanwhile; -1 after telling why. */
static int
open_locked(struct cli *cli, struct access_keys *keys)
{
	const char *dir = folder(cli);
	struct why why;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		cli_fail(cli, CLI_USAGE, "%s: cannot be made (%s): name a folder whose parent is there with --dir", dir,
			 strerror(errno));
		return -1;
	}
	const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX) != 0)
		cli_fail(cli, CLI_USAGE, "%s: cannot be opened: %s", dir, strerror(errno));
	else if (!access_keys_open(keys, dir, &why))
		cli_fail(cli, CLI_USAGE, "%s", why.text);
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

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
    {ACCESS_SUBMIT, "submit"},        {ACCESS_CASES, "read cases"}, {ACCESS_SIGNALS, "read signals"},
    {ACCESS_FIGURES, "read figures"}, {ACCESS_RULES, "read rules"}, {ACCESS_SUBSCRIPTIONS, "read subscriptions"},
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
	return text;
}

static bool
is_taken(const struct access_keys *keys, const char *name)
{
	for (unsigned i = 0; i < keys->count; i++) {
		if (strcmp(keys->list[i].caller.name, name) == 0)
			return true;
	}
	return false;
}

static int
new_run(struct cli *cli)
{
	uint8_t random[ACCESS_TOKEN_BYTES];
	char token[ACCESS_TOKEN_LEN + 1];
	struct access_keys keys;
	struct access_key key;
	int code = CLI_USAGE;

	if (!read_new(cli, &key))
		return CLI_USAGE;
	const char *may = rights_of(&cli->arena, &key.caller);
	if (may[0] == '\0')
		return cli_fail(cli, CLI_USAGE, "%s with these scopes may do nothing; see `doorbraak keys new --help`",
				record_code_of("Role", key.caller.role));
	const int lock = open_locked(cli, &keys);
	if (lock < 0)
		return CLI_USAGE;
	randombytes_buf(random, sizeof random);
	access_token(random, token);
	key.digest = access_token_digest(token);
	if (is_taken(&keys, key.caller.name)) {
		cli_fail(cli, CLI_USAGE, "there is a key of the name %s: take another, the log tells them apart by it",
			 key.caller.name);
	} else if (keys.count == ACCESS_KEYS_MAX) {
		cli_fail(cli, CLI_USAGE, "%u keys are all there is room for", ACCESS_KEYS_MAX);
	} else {
		keys.list[keys.count++] = key;
		code = file_write(cli, keys.path, access_keys_text(&cli->arena, &keys)) ? CLI_OK : CLI_FAILED;
	}
	if (code == CLI_OK && cli->json)
		fprintf(cli->out, "{\"name\":\"%s\",\"token\":\"%s\"}\n", key.caller.name, token);
	else if (code == CLI_OK)
		fprintf(cli->out, "%s\n\nmay: %s\nThis is shown once. It holds within ten seconds.\n", token, may);
	sodium_memzero(token, sizeof token);
	sodium_memzero(random, sizeof random);
	access_keys_close(&keys);
	close(lock);
	return code;
}

/* ---- list and revoke ---- */

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
	    access_scopes(a, &k->caller),
	};

	if (!cli->json)
		columns_add(columns, cells);
	else
		fprintf(cli->out,
			"{\"name\":\"%s\",\"role\":\"%s\",\"organisation\":\"%s\",\"revoked\":%s,\"valid_from\":\"%s\","
			"\"valid_to\":\"%s\",\"scopes\":\"%s\",\"may\":\"%s\"}\n",
			cells[0], cells[1], cells[2], k->revoked ? "true" : "false", record_date(a, k->from),
			record_date(a, k->to), cells[6], rights_of(a, &k->caller));
}

static int
list_run(struct cli *cli)
{
	static const char *const titles[] = {"name", "role", "organisation", "state", "from", "to", "scopes"};
	struct access_keys keys;
	struct columns columns;
	struct why why;

	if (!access_keys_open(&keys, folder(cli), &why))
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	columns_init(&columns, &cli->arena, 7);
	columns_add(&columns, titles);
	for (unsigned i = 0; i < keys.count; i++)
		print_key(cli, &columns, &keys.list[i]);
	if (!cli->json)
		columns_print(&columns, cli->out);
	access_keys_close(&keys);
	return CLI_OK;
}

static int
revoke_run(struct cli *cli)
{
	struct access_keys keys;
	int code = CLI_FAILED;

	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE, "name one key; `doorbraak keys list` has them");
	const int lock = open_locked(cli, &keys);
	if (lock < 0)
		return CLI_USAGE;
	for (unsigned i = 0; i < keys.count; i++) {
		if (strcmp(keys.list[i].caller.name, cli->arguments[0]) != 0)
			continue;
		keys.list[i].revoked = true;
		code = file_write(cli, keys.path, access_keys_text(&cli->arena, &keys)) ? CLI_OK : CLI_FAILED;
		if (code == CLI_OK)
			fprintf(cli->out, cli->json ? "{\"revoked\":\"%s\"}\n" : "%s is refused within ten seconds\n",
				cli->arguments[0]);
		break;
	}
	if (code != CLI_OK)
		cli_fail(cli, CLI_FAILED, "there is no key %.64s in %s", cli->arguments[0], keys.path);
	access_keys_close(&keys);
	close(lock);
	return code;
}

static const struct cli_option new_options[] = {
    {"name", "NAME", "whose it is; the access log tells keys apart by it"},
    {"role", "ROLE", "role of who asks: CHAIR, PROCESS_DIRECTOR, ..., OPERATOR; SYSTEM for a program"},
    {"organisation", "CODE", "organisation that answers for it; signals told to it may be read"},
    {"scope", "SCOPE", "what it reaches; may be given more than once (see above)"},
    {"from", "DATE", "first day on which it holds (default: at once)"},
    {"to", "DATE", "last day (default: until it is revoked)"},
    {"dir", "DIR", "folder of the keys (default: keys in the run folder)"},
    {0},
};

static const struct cli_option dir_options[] = {
    {"dir", "DIR", "folder of the keys (default: keys in the run folder)"},
    {0},
};

const struct command command_keys_new = {
    .name = "keys new",
    .summary = "a key with which somebody may ask over HTTP",
    .usage = "--name NAME --role ROLE --organisation CODE --scope SCOPE...",
    .options = new_options,
    .help =
	"Makes a key, keeps its digest in keys.json, and shows its token, once. A caller sends it with each\n"
	"request: `Authorization: Bearer dbk_...`. Scopes:\n\n"
	"  region:CODE team:CODE centre:CODE owner:CODE   the cases of a region, team, centre or owner (one of these)\n"
	"  national                                       all cases\n"
	"  source:ID                                      submit as this source (at most 8)\n"
	"  operator                                       how webhooks fare, and nothing about cases\n\n"
	"Figures and rules in force may be read with any. What a key may is what its role and its scopes both\n"
	"allow: an INSPECTORATE reads figures only.\n\n"
	"Status 2: the name is taken, or the file cannot be used.\n\n"
	"example:\n"
	"  doorbraak keys new --name desk-limburg --role CHAIR --organisation ET-MIDDEN-LIMBURG \\\n"
	"    --scope region:JZ42 --scope source:team-limburg --to 2027-12-31\n",
    .run = new_run,
};

const struct command command_keys_list = {
    .name = "keys list",
    .summary = "the keys of callers over HTTP",
    .usage = "[--dir DIR]",
    .options = dir_options,
    .help = "Name, role, organisation, whether it was revoked, first and last day, scopes. Tokens are kept nowhere.\n\n"
	    "example:\n  doorbraak keys list --json\n",
    .run = list_run,
};

const struct command command_keys_revoke = {
    .name = "keys revoke",
    .summary = "refuse a key from now on",
    .usage = "NAME [--dir DIR]",
    .options = dir_options,
    .help = "The services refuse it within ten seconds, and end its streams. It stays in the list: the access log\n"
	    "speaks of it.\n\nStatus 1: there is no such key.\n\n"
	    "example:\n  doorbraak keys revoke desk-limburg\n",
    .run = revoke_run,
};
