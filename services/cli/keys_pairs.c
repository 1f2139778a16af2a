// SPDX-License-Identifier: EUPL-1.2
/* keys_pairs.c - `doorbraak keys init|rotate`: the pairs of the services, and new ones in the place of old ones. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "services/cli/keys_list.h"

#define OPERATOR     "operator"
#define ORGANISATION "DOORBRAAK"
#define OVERLAP_DAYS 7
#define OVERLAP_MAX  366

static cal_day
today(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return cal_local_day((int64_t)now.tv_sec * 1000);
}

/* ---- init ---- */

static const struct {
	const char *name;
	int role;
	const char *scopes[3];
} pairs[] = {
    {"intake", ROLE_SYSTEM, {"service:intake"}},
    {"triage", ROLE_SYSTEM, {"service:triage"}},
    {"routing", ROLE_SYSTEM, {"service:routing"}},
    {"signalling", ROLE_SYSTEM, {"service:signalling", "source:operator"}},
    {"monitoring", ROLE_SYSTEM, {"service:monitoring"}},
    {OPERATOR, ROLE_OPERATOR, {"operator", "journals", "source:operator"}},
};
#define PAIRS (sizeof pairs / sizeof pairs[0])

/* One that is there whole is left as it is. */
static bool
init_one(struct cli *cli, struct access_keys *keys, unsigned i, unsigned *made)
{
	struct access_key *key = keys_named(keys, pairs[i].name);
	const char *organisation = cli_option(cli, "organisation");
	struct why why;

	if (key != NULL && (key->curve_count == 0 || access(keys_secret_path(cli, pairs[i].name), F_OK) == 0))
		return true;
	if (key != NULL) {
		cli_fail(cli, CLI_FAILED,
			 "%s is listed, but %s is gone: `doorbraak keys rotate %s --days 0` makes another",
			 pairs[i].name, keys_secret_path(cli, pairs[i].name), pairs[i].name);
		return false;
	}
	if (keys->count == ACCESS_KEYS_MAX) {
		cli_fail(cli, CLI_USAGE, "%u keys are all there is room for", ACCESS_KEYS_MAX);
		return false;
	}
	key = &keys->list[keys->count];
	*key = (struct access_key){.from = CAL_NONE, .to = CAL_NONE};
	memcpy(key->caller.name, pairs[i].name, strlen(pairs[i].name) + 1);
	key->caller.role = pairs[i].role;
	key->caller.organisation = code_of(organisation == NULL ? ORGANISATION : organisation);
	for (unsigned s = 0; s < 3 && pairs[i].scopes[s] != NULL; s++) {
		if (!access_add_scope(&key->caller, pairs[i].scopes[s], &why))
			fatal("%s", why.text);
	}
	key->curves[0].from = key->curves[0].to = CAL_NONE;
	key->curve_count = 1;
	if (keys_write_pair(cli, pairs[i].name, &key->curves[0].public) == NULL)
		return false;
	keys->count++;
	++*made;
	return true;
}

static int
init_run(struct cli *cli)
{
	const char *organisation = cli_option(cli, "organisation");
	struct access_keys keys;
	unsigned made = 0;
	bool good = true;

	if (cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "takes no arguments; the folder: --dir DIR");
	if (organisation != NULL && !record_is_code(organisation))
		return cli_fail(cli, CLI_USAGE, "--organisation: the code of the organisation that runs the services");
	const int lock = keys_lock(cli, &keys);
	if (lock < 0)
		return CLI_USAGE;
	for (unsigned i = 0; good && i < PAIRS; i++)
		good = init_one(cli, &keys, i, &made);
	good = good && (made == 0 || keys_save(cli, &keys));
	if (good && cli->json)
		fprintf(cli->out, "{\"made\":%u,\"folder\":\"%s\"}\n", made, keys_folder(cli));
	else if (good && made == 0)
		fprintf(cli->out, "all keys are there: %s\n", keys_folder(cli));
	else if (good)
		fprintf(cli->out,
			"%u pair%s made in %s: the list is keys.json, each secret in a folder of its own.\n"
			"Services that are started with it let nobody in without a key.\n",
			made, made == 1 ? "" : "s", keys_folder(cli));
	keys_unlock(&keys, lock);
	return good ? CLI_OK : CLI_FAILED;
}

/* ---- rotate ---- */

static bool
read_days(struct cli *cli, int *days)
{
	const char *text = cli_option(cli, "days");
	char *end;

	*days = OVERLAP_DAYS;
	if (text == NULL)
		return true;
	const long n = strtol(text, &end, 10);
	*days = (int)n;
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && n <= OVERLAP_MAX)
		return true;
	cli_fail(cli, CLI_USAGE, "--days: for how long the old key still holds: 0 to %d", OVERLAP_MAX);
	return false;
}

/* Those that ended are forgotten; those that hold do so for some days yet. With 0 days they end at once. */
static void
let_old_ones_end(struct access_key *key, int days)
{
	const cal_day now = today();
	unsigned kept = 0;

	for (unsigned i = 0; i < key->curve_count; i++) {
		struct access_curve c = key->curves[i];

		if (c.revoked || (c.to != CAL_NONE && c.to < now))
			continue;
		if (c.to == CAL_NONE || c.to > now + days)
			c.to = now + days;
		c.revoked = days == 0;
		key->curves[kept++] = c;
	}
	key->curve_count = kept;
}

static int
rotate(struct cli *cli, struct access_keys *keys, struct access_key *key, int days)
{
	const char *name = key->caller.name;

	let_old_ones_end(key, days);
	if (key->curve_count == ACCESS_CURVES_MAX)
		return cli_fail(cli, CLI_USAGE, "%s has %u keys that hold; revoke one with --public", name,
				ACCESS_CURVES_MAX);
	struct access_curve *new = &key->curves[key->curve_count++];

	*new = (struct access_curve){.from = CAL_NONE, .to = CAL_NONE};
	const char *public = cli_option(cli, "public");
	if (public != NULL && !curve_key_read(&new->public, public))
		return cli_fail(cli, CLI_USAGE, "--public: a key has 40 characters of Z85");
	const char *path = public != NULL ? "with its owner" : keys_write_pair(cli, name, &new->public);
	if (path == NULL || !keys_save(cli, keys))
		return CLI_FAILED;
	if (cli->json)
		fprintf(cli->out, "{\"rotated\":\"%s\",\"secret_file\":\"%s\",\"days\":%d}\n", name, path, days);
	else
		fprintf(cli->out, "a new pair for %s: %s\nThe old key %s. %s\n", name, path,
			days == 0 ? "is refused within ten seconds"
				  : arena_printf(&cli->arena, "holds %d more days", days),
			key->caller.service != 0
			    ? "Start the service again within that time; the others follow by themselves."
			    : "Hand the file over within that time.");
	return CLI_OK;
}

static int
rotate_run(struct cli *cli)
{
	struct access_keys keys;
	int days, code;

	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE, "name one key; `doorbraak keys list` has them");
	if (!read_days(cli, &days))
		return CLI_USAGE;
	const int lock = keys_lock(cli, &keys);
	if (lock < 0)
		return CLI_USAGE;
	struct access_key *key = keys_named(&keys, cli->arguments[0]);
	if (key == NULL || key->revoked || key->curve_count == 0)
		code = cli_fail(cli, CLI_FAILED, "there is no key %.64s with a pair in %s, or it was revoked",
				cli->arguments[0], keys.path);
	else
		code = rotate(cli, &keys, key, days);
	keys_unlock(&keys, lock);
	return code;
}

/* ---- pair ---- */

static int
pair_run(struct cli *cli)
{
	const char *path = cli->arguments[0];
	char public[CURVE_TEXT_LEN + 1];
	int code = CLI_OK;

	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE, "name the file for the secret; it must not be there yet");
	struct curve_pair *pair = curve_pair_new();

	curve_key_text(&pair->public, public);
	if (!curve_pair_write(pair, path))
		code = cli_fail(cli, CLI_USAGE, "%s: cannot be written: %s", path, strerror(errno));
	else if (cli->json)
		fprintf(cli->out, "{\"public\":\"%s\",\"secret_file\":\"%s\"}\n", public, path);
	else
		fprintf(cli->out, "%s\n", public);
	curve_pair_free(&pair);
	return code;
}

static const struct cli_option init_options[] = {
    {"organisation", "CODE", "organisation that runs the services (default " ORGANISATION ")"},
    {"dir", "DIR", "folder of the keys (default: as --keys)"},
    {0},
};

static const struct cli_option rotate_options[] = {
    {"days", "DAYS", "for how long the old key holds too (default 7; 0: it ends at once)"},
    {"public", "KEY", "of a pair that the caller made"},
    {"dir", "DIR", "folder of the keys (default: as --keys)"},
    {0},
};

const struct command command_keys_init = {
    .name = "keys init",
    .summary = "pairs of keys for the five services and for who runs them",
    .usage = "[--dir DIR] [--organisation CODE]",
    .options = init_options,
    .help = "Makes what is not there yet: a pair of keys (CURVE) for each service and one named `operator`, with which "
	    "this tool\n"
	    "asks. keys.json lists the public ones, with role and scopes; each secret goes to DIR/NAME/secret, mode "
	    "0400, which\n"
	    "only that one needs. `doorbraak up` uses them when they stand in the run folder (keys); other services "
	    "name them with\n"
	    "`secret` and `keys`. Done again, it changes nothing.\n\n"
	    "Status 1: a secret is gone, or cannot be written.\n\n"
	    "example:\n  doorbraak keys init --dir /etc/doorbraak/keys --organisation GM1669\n",
    .run = init_run,
};

const struct command command_keys_pair = {
    .name = "keys pair",
    .summary = "a pair of keys of one's own; its public key goes to the operator",
    .usage = "FILE",
    .help = "Writes a new pair to FILE, mode 0400, and shows the public key. So the secret never leaves who uses it: "
	    "the operator\n"
	    "lists the public key with `doorbraak keys new --public`.\n\n"
	    "example:\n  doorbraak keys pair portal.secret\n",
    .run = pair_run,
};

const struct command command_keys_rotate = {
    .name = "keys rotate",
    .summary = "a new pair in the place of an old one, which still holds for a while",
    .usage = "NAME [--days DAYS] [--dir DIR]",
    .options = rotate_options,
    .help =
	"Makes a new pair for a service or a caller; the file DIR/NAME/secret is replaced, and the old key ends after "
	"some\n"
	"days. A service takes the new one when it is started again; until then the others reach it by the old one.\n\n"
	"Status 1: there is no such pair.\n\n"
	"example:\n  doorbraak keys rotate portal --days 14\n",
    .run = rotate_run,
};
