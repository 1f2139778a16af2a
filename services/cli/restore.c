// SPDX-License-Identifier: EUPL-1.2
/* restore.c - `doorbraak restore`: puts back what `doorbraak backup` made.
 *
 * Happy path: claim the empty folders, unseal every image into a folder in the making (store_dir.h), walk the chains, compare
 * with the manifest and the images with each other, begin a new history, and only then give the folders their names: intake first.
 *
 * A restored intake will number its next records as the lost ones were numbered. So it begins a new history, and what is
 * restored together with it takes that over; whoever has read further in the old one is refused (cursor.h) and must be rebuilt.
 *
 * Erasures that were made after the backup are carried out again by intake itself when it starts, from the list that is kept
 * outside of stores and backups; nothing of them is done here.
 *
 * Failures: nothing is put in place. Killed: folders in the making are cleared away by whoever claims the place next; killed between
 * two names, intake stands there and those behind it that are not there yet are computed anew when they start. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/store_dir.h"
#include "services/cli/asking.h"
#include "services/cli/backup_key.h"
#include "services/cli/backup_set.h"

struct restore {
	struct cli *cli;
	const char *data, *work;
	bool check; /* nothing is put in place */
	bool wanted[SERVICE_COUNT];
	struct store_dir dirs[SERVICE_COUNT];
	bool claimed[SERVICE_COUNT], made[SERVICE_COUNT];
	const char *paths[BACKUP_MEMBERS];     /* of the images; NULL: not there yet */
	const char *manifests[BACKUP_MEMBERS]; /* of the backup it came from */
	struct backup_facts facts[BACKUP_MEMBERS];
	uint8_t secret[SEALED_SECRET];
	struct history history; /* the new one; all zero: as it was */
	struct sealed sealed;
	struct progress progress;
};

static int
fail(struct restore *r, int code, const char *about, const struct why *why)
{
	progress_end(&r->progress);
	return cli_fail(r->cli, code, "%s: %s. Nothing was put in place", about, why->text);
}

/* Of trouble with a backup: one that is bad, or one that cannot be used here. */
static int
code_of_err(enum err err)
{
	return err == ERR_REFUSED ? CLI_USAGE : CLI_FAILED;
}

/* ---- the places ---- */

static bool
is_empty(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *e;
	bool empty = true;

	if (dir == NULL)
		return errno == ENOENT;
	while ((e = readdir(dir)) != NULL)
		empty = empty && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0);
	closedir(dir);
	return empty;
}

static int
claim(struct restore *r, unsigned s)
{
	const char *dir = backup_member_dir(&r->cli->arena, r->data, BACKUP_MEMBER(s, false));
	struct why why;

	if (strstr(r->data, "%s") == NULL && mkdir(r->data, 0700) != 0 && errno != EEXIST) {
		why_set(&why, "cannot be made: %s", strerror(errno));
		return fail(r, CLI_USAGE, r->data, &why);
	}
	if (store_dir_claim(&r->dirs[s], dir, true, &why) != ERR_NONE)
		return fail(r, CLI_USAGE, dir, &why);
	r->claimed[s] = true;
	if (!is_empty(r->dirs[s].path)) {
		why_set(&why, "it is not empty, and nothing is written over: move it away, or name another --data");
		return fail(r, CLI_USAGE, dir, &why);
	}
	if (store_dir_make(&r->dirs[s], &why) != ERR_NONE)
		return fail(r, CLI_USAGE, dir, &why);
	r->made[s] = true;
	return CLI_OK;
}

static void
release(struct restore *r)
{
	struct why why;

	for (unsigned s = 0; s < SERVICE_COUNT; s++) {
		/* What cannot be cleared away is told by who claims the place next. */
		if (r->made[s] && store_dir_clear(&r->dirs[s], &why) != ERR_NONE)
			continue;
		if (r->claimed[s])
			store_dir_release(&r->dirs[s]);
	}
}

/* ---- unsealing ---- */

/* An open file for an image, and the path by which it is read again. -1 after telling why. */
static int
open_image(struct restore *r, unsigned member)
{
	struct arena *a = &r->cli->arena;

	if (r->check) {
		const int fd = backup_nameless(r->cli, r->work);
		r->paths[member] = arena_printf(a, "/proc/self/fd/%d", fd);
		return fd;
	}
	const char *dir = r->dirs[BACKUP_SERVICE(member)].fresh;
	if (BACKUP_IS_ACCESS(member)) {
		dir = arena_printf(a, "%s/access", dir);
		(void)mkdir(dir, 0700);
	}
	r->paths[member] = arena_printf(a, "%s/data.mdb", dir);
	const int fd = open(r->paths[member], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		cli_fail(r->cli, CLI_FAILED, "%s: cannot be made: %s", r->paths[member], strerror(errno));
	return fd;
}

/* `fd` -1: the bytes are passed over. */
static enum err
unseal(struct restore *r, uint64_t bytes, int fd, struct why *why)
{
	uint8_t buffer[64 << 10];

	for (uint64_t done = 0; done < bytes;) {
		const size_t n = bytes - done < sizeof buffer ? (size_t)(bytes - done) : sizeof buffer;
		const enum err err = sealed_read(&r->sealed, buffer, n, why);

		if (err != ERR_NONE)
			return err;
		if (fd >= 0 && write(fd, buffer, n) != (ssize_t)n) {
			why_set(why, "cannot be put down: %s", errno == 0 ? "the disk is full" : strerror(errno));
			return ERR_DISK_FULL;
		}
		done += n;
		progress_show(&r->progress, "unsealing", done, bytes);
	}
	if (fd >= 0 && fsync(fd) != 0) {
		why_set(why, "cannot be made durable: %s", strerror(errno));
		return ERR_IO;
	}
	return ERR_NONE;
}

static int
take_member(struct restore *r, const char *file, const char *name, uint64_t bytes)
{
	const unsigned m = backup_member_of(name);
	struct why why;
	int fd = -1;

	if (m == BACKUP_MEMBERS) {
		why_set(&why, "it holds '%.40s', which these programs do not know: take those that made it", name);
		return fail(r, CLI_USAGE, file, &why);
	}
	const bool take = r->wanted[BACKUP_SERVICE(m)];
	if (take && r->paths[m] != NULL) {
		why_set(&why, "%s stands in two of the backups: give one, or say which service with --service", name);
		return fail(r, CLI_USAGE, file, &why);
	}
	if (take && (fd = open_image(r, m)) < 0)
		return CLI_FAILED;
	const enum err err = unseal(r, bytes, fd, &why);
	if (fd >= 0 && !r->check)
		close(fd); /* what is only checked is gone when it is closed */
	return err == ERR_NONE ? CLI_OK : fail(r, code_of_err(err), file, &why);
}

/* The manifest names as many images as there were, and is of a kind that we know. */
static int
take_manifest(struct restore *r, const char *file, uint64_t bytes, unsigned images, const char **text)
{
	const unsigned long long len = bytes <= BACKUP_MANIFEST_MAX ? bytes : 0;
	uint8_t *at = arena_take(&r->cli->arena, (size_t)len + 1);
	unsigned format = 0, wanted = 0;
	struct why why;

	enum err err = len == 0 ? ERR_CORRUPT : sealed_read(&r->sealed, at, (size_t)len, &why);
	at[len] = '\0';
	*text = (const char *)at;
	if (len == 0)
		why_set(&why, "its manifest is empty or too long");
	if (err == ERR_NONE)
		err = sealed_read_end(&r->sealed, &why);
	if (err != ERR_NONE)
		return fail(r, code_of_err(err), file, &why);
	const char *count = strstr(*text, "\"images\":");
	if (sscanf(*text, "{\"format\":%u,", &format) != 1 || format != BACKUP_FORMAT) {
		why_set(&why, "its manifest is of format %u, and these programs know %d: take those that made it",
			format, BACKUP_FORMAT);
		return fail(r, CLI_USAGE, file, &why);
	}
	if (count != NULL && sscanf(count, "\"images\":%u}", &wanted) == 1 && wanted == images)
		return CLI_OK;
	why_set(&why, "its manifest names %u images, and %u are there", wanted, images);
	return fail(r, CLI_FAILED, file, &why);
}

static int
take_members(struct restore *r, const char *file)
{
	uint8_t head[BACKUP_HEAD_BYTES];
	bool mine[BACKUP_MEMBERS];
	const char *text = "";
	struct why why;

	for (unsigned m = 0; m < BACKUP_MEMBERS; m++)
		mine[m] = r->paths[m] == NULL;
	for (unsigned images = 0; images <= BACKUP_MEMBERS; images++) {
		const enum err err = sealed_read(&r->sealed, head, sizeof head, &why);
		if (err != ERR_NONE)
			return fail(r, code_of_err(err), file, &why);
		head[BACKUP_NAME_MAX - 1] = '\0';
		const char *name = (const char *)head;
		const uint64_t bytes = get_u64(head + BACKUP_NAME_MAX);
		const int code = strcmp(name, BACKUP_MANIFEST) == 0 ? take_manifest(r, file, bytes, images, &text)
								    : take_member(r, file, name, bytes);
		if (code != CLI_OK)
			return code;
		if (strcmp(name, BACKUP_MANIFEST) != 0)
			continue;
		for (unsigned m = 0; m < BACKUP_MEMBERS; m++)
			if (mine[m] && r->paths[m] != NULL)
				r->manifests[m] = text;
		return CLI_OK;
	}
	why_set(&why, "it holds more than %u images", BACKUP_MEMBERS);
	return fail(r, CLI_FAILED, file, &why);
}

static int
take_file(struct restore *r, const char *file)
{
	const int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct why why;
	int code;

	if (fd < 0) {
		why_set(&why, "cannot be opened: %s", strerror(errno));
		return fail(r, CLI_USAGE, file, &why);
	}
	const enum err err = sealed_open(&r->sealed, fd, r->secret, &why);
	code = err == ERR_NONE ? take_members(r, file) : fail(r, code_of_err(err), file, &why);
	sealed_close(&r->sealed);
	close(fd);
	return code;
}

/* ---- checking ---- */

static int
check_member(struct restore *r, unsigned m)
{
	const unsigned s = BACKUP_SERVICE(m);
	const struct backup_facts *consumer =
	    BACKUP_IS_ACCESS(m) || s + 1 == SERVICE_COUNT ? NULL : &r->facts[BACKUP_MEMBER(s + 1, false)];
	const char *name = backup_member_name(&r->cli->arena, m);
	struct backup_facts *f = &r->facts[m];
	struct why why;

	if (!backup_facts_read(f, m, r->paths[m], consumer, &r->progress, &why))
		return fail(r, CLI_FAILED, name, &why);
	if (strstr(r->manifests[m], backup_facts_line(&r->cli->arena, m, f)) == NULL) {
		why_set(&why, "the image is not the one of which the manifest speaks");
		return fail(r, CLI_FAILED, name, &why);
	}
	if (f->logic_version > LOGIC_VERSION) {
		why_set(&why, "it was written by newer programs (rules of computation %u, these are %d): install those",
			f->logic_version, LOGIC_VERSION);
		return fail(r, CLI_USAGE, name, &why);
	}
	return CLI_OK;
}

static int
check_all(struct restore *r)
{
	struct why why;
	int code = CLI_OK;

	for (unsigned i = 0; i < BACKUP_MEMBERS && code == CLI_OK; i++) {
		const unsigned m = backup_member_at(i);

		if (r->paths[m] != NULL) {
			code = check_member(r, m);
		} else if (r->wanted[BACKUP_SERVICE(m)] && !BACKUP_IS_ACCESS(m)) {
			why_set(&why, "it is in none of the backups given: add the one that holds it, or name with "
				      "--service what "
				      "is to be restored");
			code = fail(r, CLI_FAILED, service_of_row(BACKUP_SERVICE(m))->name, &why);
		}
	}
	progress_end(&r->progress);
	if (code == CLI_OK && !backup_set_fits(r->facts, &why))
		code = fail(r, CLI_FAILED, "the copies do not fit each other", &why);
	return code;
}

/* ---- a new history ---- */

static bool
begin_history(struct restore *r, unsigned s, struct why *why)
{
	static const struct history none;
	const unsigned m = BACKUP_MEMBER(s, false);
	struct store *store;

	if (memcmp(r->facts[m].history.b, none.b, HISTORY_SIZE) == 0)
		return true; /* it has read nothing yet, and takes over what it hears first */
	if (store_open(&store, &(struct store_options){.dir = r->paths[m], .image = true, .image_writes = true}, why) !=
	    ERR_NONE)
		return false;
	struct store_txn *txn = store_begin_write(store);
	const struct store_db meta = store_db_open(txn, "meta");
	struct cursor c = cursor_load(txn, meta);
	store_put(txn, meta, bytes_str("history"), bytes_of(r->history.b, HISTORY_SIZE));
	if (memcmp(c.history.b, none.b, HISTORY_SIZE) != 0) {
		c.history = r->history;
		cursor_store(txn, meta, &c);
	}
	const bool fine = store_commit(txn) == ERR_NONE;
	store_close(&store);
	if (!fine)
		why_set(why, "the new history could not be written: look at the disk");
	return fine;
}

/* ---- putting in place ---- */

static int
put_in_place(struct restore *r)
{
	static const struct history none;
	struct why why;

	for (unsigned s = 0; s < SERVICE_COUNT; s++)
		if (r->wanted[s] && memcmp(r->history.b, none.b, HISTORY_SIZE) != 0 && !begin_history(r, s, &why))
			return fail(r, CLI_FAILED, service_of_row(s)->name, &why);
	for (unsigned s = 0; s < SERVICE_COUNT; s++) {
		if (!r->wanted[s])
			continue;
		if (store_dir_finish(&r->dirs[s], &why) != ERR_NONE ||
		    store_dir_sync_parent(&r->dirs[s], &why) != ERR_NONE)
			return cli_fail(r->cli, CLI_FAILED,
					"%s: %s. Those before it in the row are in place, it and those behind it "
					"are not",
					service_of_row(s)->name, why.text);
		r->made[s] = false;
	}
	return CLI_OK;
}

static void
tell(struct restore *r)
{
	struct cli *cli = r->cli;
	char hex[2 * HISTORY_SIZE + 1];
	static const struct history none;
	const bool anew = !r->check && memcmp(r->history.b, none.b, HISTORY_SIZE) != 0;

	bytes_hex(bytes_of(r->history.b, HISTORY_SIZE), hex);
	if (cli->json) {
		for (unsigned i = 0; i < BACKUP_MEMBERS; i++)
			if (r->facts[backup_member_at(i)].there)
				fputs(
				    backup_facts_line(&cli->arena, backup_member_at(i), &r->facts[backup_member_at(i)]),
				    cli->out);
		fprintf(cli->out, "{\"restored\":%s,\"new_history\":%s%s%s}\n", r->check ? "false" : "true",
			anew ? "\"" : "null", anew ? hex : "", anew ? "\"" : "");
		return;
	}
	backup_facts_print(cli, r->facts);
	if (r->check) {
		fprintf(
		    cli->out,
		    "whole: every record fits its chain, and the copies fit each other; nothing was put in place\n");
		return;
	}
	fprintf(cli->out, "restored to %s\n", r->data);
	if (anew)
		fprintf(cli->out,
			"it begins history %s. A service that was not restored with it will refuse to go on: "
			"`doorbraak rebuild` it. What intake accepted after the backup is not there: have it handed in "
			"again. Before intake starts, put the list of erasures where it finds it\n",
			hex);
}

/* ---- the command ---- */

static bool
read_history(struct restore *r)
{
	const char *text = cli_option(r->cli, "history");
	size_t len;

	if (text == NULL) {
		if (r->wanted[0])
			randombytes_buf(r->history.b, HISTORY_SIZE);
		return true;
	}
	if (strlen(text) == (size_t)2 * HISTORY_SIZE &&
	    sodium_hex2bin(r->history.b, HISTORY_SIZE, text, strlen(text), NULL, &len, NULL) == 0 &&
	    len == HISTORY_SIZE)
		return true;
	cli_fail(r->cli, CLI_USAGE, "--history: %d hexadecimal digits, as the restore of intake printed them",
		 2 * HISTORY_SIZE);
	return false;
}

static bool
read_options(struct restore *r)
{
	const char *secret = cli_option(r->cli, "secret");
	bool any = false;
	unsigned s;

	if (secret == NULL || r->cli->argument_count == 0) {
		cli_fail(r->cli, CLI_USAGE, "give --secret FILE and at least one backup");
		return false;
	}
	for (unsigned i = 0; i < r->cli->given_count; i++) {
		if (strcmp(r->cli->given[i][0], "service") != 0)
			continue;
		if (!asking_service(r->cli, r->cli->given[i][1], &s))
			return false;
		r->wanted[s] = any = true;
	}
	for (s = 0; s < SERVICE_COUNT; s++)
		r->wanted[s] = r->wanted[s] || !any;
	return backup_key_secret(r->cli, secret, r->secret) && read_history(r);
}

static int
run(struct cli *cli)
{
	struct restore r = {.cli = cli, .progress = progress_of(cli), .check = cli_option(cli, "check") != NULL};
	int code = CLI_OK;

	if (sodium_init() < 0)
		fatal("libsodium cannot begin");
	r.data = cli_option(cli, "data") != NULL ? cli_option(cli, "data") : cli->run_dir;
	r.work = cli_option(cli, "work") != NULL ? cli_option(cli, "work") : "/tmp";
	if (!read_options(&r))
		return CLI_USAGE;
	for (unsigned s = 0; s < SERVICE_COUNT && code == CLI_OK && !r.check; s++)
		if (r.wanted[s])
			code = claim(&r, s);
	for (unsigned i = 0; i < cli->argument_count && code == CLI_OK; i++)
		code = take_file(&r, cli->arguments[i]);
	if (code == CLI_OK)
		code = check_all(&r);
	if (code == CLI_OK && !r.check)
		code = put_in_place(&r);
	if (code == CLI_OK)
		tell(&r);
	release(&r);
	sodium_memzero(r.secret, sizeof r.secret);
	return code;
}

static const struct cli_option options[] = {
    {"secret", "FILE", "the secret half of the key that the backup was made for"},
    {"data", "DIR", "folder in which the data folders are made (default: the run folder); see `backup`"},
    {"service", "NAME", "only this service; may be given more than once (default: all five)"},
    {"check", NULL, "only say whether the backup is whole"},
    {"work", "DIR", "with --check: where copies are kept for a moment, without a name (default: /tmp)"},
    {"history", "HEX", "begin this history, which an earlier restore of intake printed, for a service beside it"},
    {0},
};

const struct command command_restore = {
    .name = "restore",
    .summary = "put back what a backup holds, after checking all of it",
    .usage = "--secret FILE [--data DIR] [--service NAME]... [--check] BACKUP...",
    .options = options,
    .help =
	"Checks everything before anything is put in place: the seal, every record against its chain, the copies "
	"against\n"
	"the manifest and against each other. Writes into empty folders only, and leaves nothing behind when it fails. "
	"With\n"
	"several backups of single services each must be there once, and no service may have read more than the one\n"
	"before it has.\n\n"
	"A restored intake begins a new history: what it accepted after the backup is lost, and a service that has "
	"read\n"
	"more refuses to go on until it is rebuilt. Keys and settings were not in the backup: put those back as well.\n"
	"Run it as the user of the services.\n\n"
	"Status 1: the backup is altered, cut off or incomplete, or its copies do not fit. 2: another key, a folder "
	"that\n"
	"is not empty, or a backup of newer programs.\n\n"
	"examples:\n"
	"  doorbraak restore --secret ./escrow/doorbraak-backup --check "
	"/srv/backups/doorbraak-all-20270301T020000.000Z.backup\n"
	"  doorbraak restore --secret ./escrow/doorbraak-backup --data /var/lib/doorbraak \\\n"
	"    /srv/backups/doorbraak-all-20270301T020000.000Z.backup\n",
    .run = run,
};
