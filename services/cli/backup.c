// SPDX-License-Identifier: EUPL-1.2
/* backup.c - `doorbraak backup`: what the services keep, sealed for somebody who is not here.
 *
 * Happy path, for each service from monitoring up to intake: copy its environment and its access log into files without a name
 * beside the data, walk the chain of each copy, seal it into the backup. In the end the manifest; then everything is read back, made
 * durable, named, and only then older ones go.
 *
 * Failures: whatever goes wrong, there is no new backup and every old one stays. Killed: the file in the making has a name that no
 * restore takes, and goes with the next backup; the copies have none at all, they are gone with the process. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/store_copy.h"
#include "services/cli/asking.h"
#include "services/cli/backup_key.h"
#include "services/cli/backup_place.h"
#include "services/cli/backup_set.h"

#define KEEP_MAX 10000u

struct backup {
	struct cli *cli;
	const char *data, *work; /* work: NULL for the folder around each store */
	bool wanted[SERVICE_COUNT];
	bool all;
	uint64_t keep; /* 0: all */
	struct backup_place place;
	struct sealed sealed;
	struct backup_facts facts[BACKUP_MEMBERS];
	unsigned count;
	char made_at[32];
	struct progress progress;
};

static int
fail(struct backup *b, const char *about, const struct why *why)
{
	progress_end(&b->progress);
	return cli_fail(b->cli, CLI_FAILED, "%s: %s. No backup was made", about, why->text);
}

static int
fail_write(struct backup *b)
{
	struct why why;

	why_set(&why, "cannot be written: %s", strerror(errno));
	return fail(b, b->place.dir, &why);
}

/* ---- sealing ---- */

static bool
write_head(struct backup *b, const char *name, uint64_t bytes)
{
	uint8_t head[BACKUP_HEAD_BYTES] = {0};

	memcpy(head, name, strlen(name));
	put_u64(head + BACKUP_NAME_MAX, bytes);
	return sealed_write(&b->sealed, bytes_of(head, sizeof head));
}

static bool
write_image(struct backup *b, int fd, unsigned member)
{
	const struct backup_facts *f = &b->facts[member];
	uint8_t buffer[64 << 10];
	uint64_t done = 0;
	ssize_t n;

	if (!write_head(b, backup_member_name(&b->cli->arena, member), f->bytes))
		return false;
	while (done < f->bytes && (n = pread(fd, buffer, sizeof buffer, (off_t)done)) > 0) {
		if (!sealed_write(&b->sealed, bytes_of(buffer, (size_t)n)))
			return false;
		done += (uint64_t)n;
		progress_show(&b->progress, "sealing", done, f->bytes);
	}
	return done == f->bytes;
}

/* All lines, as they stand in the backup and as --json shows them. */
static const char *
manifest(struct backup *b)
{
	const char *text = backup_whole_line(&b->cli->arena, b->made_at, b->count);

	for (unsigned i = 0; i < BACKUP_MEMBERS; i++) {
		const unsigned m = backup_member_at(i);
		if (b->facts[m].there)
			text = arena_printf(&b->cli->arena, "%s%s", text,
					    backup_facts_line(&b->cli->arena, m, &b->facts[m]));
	}
	return text;
}

/* ---- copying ---- */

/* Where the copy of a service is made: beside its store, where what it holds stands already. */
static const char *
work_of(struct backup *b, unsigned service)
{
	const char *dir = backup_member_dir(&b->cli->arena, b->data, BACKUP_MEMBER(service, false));
	const char *slash = strrchr(dir, '/');

	if (b->work != NULL)
		return b->work;
	return slash == NULL || slash == dir ? "." : arena_printf(&b->cli->arena, "%.*s", (int)(slash - dir), dir);
}

static int
copy_member(struct backup *b, unsigned member)
{
	const unsigned service = BACKUP_SERVICE(member);
	const struct backup_facts *consumer = BACKUP_IS_ACCESS(member) || service + 1 == SERVICE_COUNT
						  ? NULL
						  : &b->facts[BACKUP_MEMBER(service + 1, false)];
	const char *dir = backup_member_dir(&b->cli->arena, b->data, member);
	struct why why;
	int code = CLI_FAILED;
	const int fd = backup_nameless(b->cli, work_of(b, service));

	if (fd < 0)
		return CLI_USAGE;
	progress_show(&b->progress, "copying", 0, 1);
	const char *path = arena_printf(&b->cli->arena, "/proc/self/fd/%d", fd);
	const enum err err = store_copy(dir, fd, &why);
	if (err != ERR_NONE)
		code = fail(b, service_of_row(service)->name, &why);
	else if (!backup_facts_read(&b->facts[member], member, path, consumer, &b->progress, &why) ||
		 !backup_set_fits(b->facts, &why))
		code = fail(b, dir, &why);
	else if (!write_image(b, fd, member))
		code = fail_write(b);
	else
		code = CLI_OK;
	b->count++;
	close(fd);
	return err == ERR_REFUSED ? CLI_USAGE : code;
}

static int
copy_all(struct backup *b)
{
	int code = CLI_OK;

	/* Downstream first: what a consumer has read when it is copied, its producer still has when its turn comes. */
	for (unsigned s = SERVICE_COUNT; s-- > 0 && code == CLI_OK;) {
		const unsigned access = BACKUP_MEMBER(s, true);
		struct stat st;

		if (!b->wanted[s])
			continue;
		code = copy_member(b, BACKUP_MEMBER(s, false));
		const char *data =
		    arena_printf(&b->cli->arena, "%s/data.mdb", backup_member_dir(&b->cli->arena, b->data, access));
		if (code == CLI_OK && stat(data, &st) == 0)
			code = copy_member(b, access);
	}
	if (code != CLI_OK)
		return code;
	const char *text = manifest(b);
	if (!write_head(b, BACKUP_MANIFEST, strlen(text)) || !sealed_write(&b->sealed, bytes_str(text)) ||
	    !sealed_end(&b->sealed) || fsync(b->place.fd) != 0)
		return fail_write(b);
	return CLI_OK;
}

/* ---- reading back ---- */

/* The bytes of a member, from the disk, against the digest of what was copied. */
static bool
check_member(struct backup *b, uint64_t bytes, struct digest wanted, struct why *why)
{
	crypto_generichash_state state;
	uint8_t buffer[64 << 10];
	struct digest got;

	crypto_generichash_init(&state, NULL, 0, DIGEST_SIZE);
	for (uint64_t done = 0; done < bytes;) {
		const size_t n = bytes - done < sizeof buffer ? (size_t)(bytes - done) : sizeof buffer;

		if (sealed_read(&b->sealed, buffer, n, why) != ERR_NONE)
			return false;
		crypto_generichash_update(&state, buffer, n);
		done += n;
		progress_show(&b->progress, "reading back", done, bytes);
	}
	crypto_generichash_final(&state, got.b, DIGEST_SIZE);
	if (digest_equal(got, wanted))
		return true;
	why_set(why, "what was read back is not what was written: look at the disk");
	return false;
}

static bool
check_one(struct backup *b, const char *name, uint64_t bytes, struct digest digest, struct why *why)
{
	uint8_t head[BACKUP_HEAD_BYTES];

	if (sealed_read(&b->sealed, head, sizeof head, why) != ERR_NONE)
		return false;
	if (strncmp((const char *)head, name, BACKUP_NAME_MAX) == 0 && get_u64(head + BACKUP_NAME_MAX) == bytes)
		return check_member(b, bytes, digest, why);
	why_set(why, "what was read back is not what was written: look at the disk");
	return false;
}

static int
read_back(struct backup *b)
{
	const char *text = manifest(b);
	struct why why;

	posix_fadvise(b->place.fd, 0, 0, POSIX_FADV_DONTNEED);
	bool fine = sealed_reopen(&b->sealed, &why) == ERR_NONE;
	for (unsigned i = 0; i < BACKUP_MEMBERS && fine; i++) {
		const unsigned m = backup_member_at(i);
		if (b->facts[m].there)
			fine = check_one(b, backup_member_name(&b->cli->arena, m), b->facts[m].bytes, b->facts[m].file,
					 &why);
	}
	fine = fine && check_one(b, BACKUP_MANIFEST, strlen(text), digest_of(bytes_str(text)), &why) &&
	       sealed_read_end(&b->sealed, &why) == ERR_NONE;
	progress_end(&b->progress);
	return fine ? CLI_OK : fail(b, b->place.dir, &why);
}

/* ---- the command ---- */

static void
tell(struct backup *b, uint64_t bytes, int removed)
{
	struct cli *cli = b->cli;

	if (cli->json) {
		fprintf(cli->out, "%s{\"backup\":\"%s/%s\",\"bytes\":%" PRIu64 ",\"removed\":%d}\n", manifest(b),
			b->place.dir, b->place.name, bytes, removed);
		return;
	}
	backup_facts_print(cli, b->facts);
	fprintf(cli->out, "%s/%s: %" PRIu64 " KiB, read back and durable\n", b->place.dir, b->place.name, bytes >> 10);
	if (removed > 0)
		fprintf(cli->out, "%d older removed\n", removed);
}

static int
make(struct backup *b, const uint8_t public[SEALED_PUBLIC])
{
	struct stat st;
	int removed = 0, code;

	if (!sealed_begin(&b->sealed, b->place.fd, public))
		return fail_write(b);
	code = copy_all(b);
	if (code == CLI_OK)
		code = read_back(b);
	if (code != CLI_OK)
		return code;
	if (fstat(b->place.fd, &st) != 0 || !backup_place_keep(b->cli, &b->place))
		return CLI_FAILED;
	if (b->keep > 0 && b->place.dir_fd >= 0)
		removed = backup_place_rotate(b->cli, &b->place, b->keep);
	if (removed < 0)
		return CLI_FAILED;
	if (b->place.dir_fd >= 0)
		tell(b, (uint64_t)st.st_size, removed);
	return CLI_OK;
}

/* Which services, and what the set of them is called. */
static const char *
read_services(struct backup *b)
{
	const char *what = "";
	bool any = false;
	unsigned s;

	for (unsigned i = 0; i < b->cli->given_count; i++) {
		if (strcmp(b->cli->given[i][0], "service") != 0)
			continue;
		if (!asking_service(b->cli, b->cli->given[i][1], &s))
			return NULL;
		b->wanted[s] = any = true;
	}
	for (s = 0; s < SERVICE_COUNT; s++) {
		b->wanted[s] = b->wanted[s] || !any;
		if (b->wanted[s])
			what = arena_printf(&b->cli->arena, "%s%s%s", what, what[0] == '\0' ? "" : "+",
					    service_of_row(s)->name);
	}
	return any ? what : "all";
}

static const char *
moment(struct backup *b)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	const char *text =
	    arena_printf(&b->cli->arena, "%04d%02d%02dT%02d%02d%02d.%03ldZ", tm.tm_year + 1900, tm.tm_mon + 1,
			 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000);
	snprintf(b->made_at, sizeof b->made_at, "%.4s-%.2s-%.5s:%.2s:%.2sZ", text, text + 4, text + 6, text + 11,
		 text + 13);
	return text;
}

static int
run_with(struct backup *b)
{
	const char *to = cli_option(b->cli, "to"), *recipient = cli_option(b->cli, "recipient");
	uint8_t public[SEALED_PUBLIC];

	if (b->cli->argument_count > 0)
		return cli_fail(b->cli, CLI_USAGE, "takes no arguments; --to FOLDER says where it goes");
	if (to == NULL || recipient == NULL)
		return cli_fail(b->cli, CLI_USAGE,
				"give --to FOLDER and --recipient FILE.pub; `doorbraak backup keygen` makes a key");
	if (!asking_number(b->cli, "keep", 0, KEEP_MAX, &b->keep) || !backup_key_public(b->cli, recipient, public))
		return CLI_USAGE;
	const char *what = read_services(b);
	if (what == NULL)
		return CLI_USAGE;
	if (sodium_init() < 0)
		fatal("libsodium cannot begin");
	int code = CLI_FAILED;
	const char *work = "/tmp";
	for (unsigned s = 0; s < SERVICE_COUNT; s++)
		work = b->wanted[s] ? work_of(b, s) : work;
	if (backup_place_open(b->cli, &b->place, to, work, what, moment(b)))
		code = make(b, public);
	else if (b->place.dir_fd < 0)
		code = CLI_USAGE;
	backup_place_close(&b->place);
	sealed_close(&b->sealed);
	return code;
}

static int
run(struct cli *cli)
{
	struct backup b = {.cli = cli, .progress = progress_of(cli), .place = {.fd = -1, .dir_fd = -1}};

	b.data = cli_option(cli, "data") != NULL ? cli_option(cli, "data") : cli->run_dir;
	b.work = cli_option(cli, "work");
	return run_with(&b);
}

static const struct cli_option options[] = {
    {"to", "DIR", "folder of the backups, which must exist; - for standard output"},
    {"recipient", "KEY", "public key: a file of `backup keygen`, or the line in it"},
    {"data", "DIR", "folder of the services' data folders (default: the run folder); with %s in it, of each"},
    {"service", "NAME", "only this service; may be given more than once (default: all five)"},
    {"keep", "N", "remove older backups of the same services but the newest N (default: none is removed)"},
    {"work", "DIR", "where copies are kept for a moment, without a name (default: beside each data folder)"},
    {0},
};

const struct command command_backup = {
    .name = "backup",
    .summary = "copy what the services keep, while they go on, sealed for who has the secret key",
    .usage = "--to DIR --recipient KEY [--data DIR] [--service NAME]... [--keep N]",
    .options = options,
    .help =
	"Makes one file of all five services and their access logs, running or not, from monitoring up to intake, so\n"
	"that no service in it has read more than the one before it has. Each copy is checked record by record, the "
	"file is\n"
	"sealed with the public key, read back and made durable; only then does it get its name, and older ones go.\n"
	"Secret keys and settings (folders of keys, of webhooks, configuration) are not in it: keep those "
	"elsewhere.\n\n"
	"It runs where the services run: on the same machine, in the same container, as a user who may write to their\n"
	"data folders (a reader is entered in lock.mdb). A copy takes for a moment as much room as the largest "
	"store.\n\n"
	"Status 1: nothing was made, every older backup is still there. 2: a folder or key cannot be used.\n\n"
	"examples:\n"
	"  doorbraak backup --to /srv/backups --recipient doorbraak-backup.pub --data /var/lib/doorbraak --keep 30\n"
	"  doorbraak backup --to /srv/backups --recipient doorbraak-backup.pub --data '/var/lib/doorbraak/%s/%s'\n"
	"  docker-compose exec -T intake doorbraak backup --to - --recipient doorbraak-backup-public:... \\\n"
	"    --data /var/lib/doorbraak --service intake >intake.backup\n",
    .run = run,
};
