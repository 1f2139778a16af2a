// SPDX-License-Identifier: EUPL-1.2
/* audit.c - `doorbraak audit list|export|verify|keygen`: who looked at which case, as the services wrote it down. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/cli/audit_checkpoints.h"
#include "services/cli/audit_filter.h"

struct audit {
	struct cli *cli;
	struct system *system;
	unsigned service;
	uint64_t seq; /* the last record read */
	struct digest digest;
	uint64_t left;
	/* What is done with a record that is wanted; NULL: only the chain is looked at. */
	void (*print)(const struct audit *t, struct arena *a, uint64_t seq, const pb_AccessRecord *r);
	struct audit_filter filter;
	const char *folder, *public_key; /* of checkpoints; NULL: none are looked at */
	struct audit_checkpoints checkpoints;
};

static void
print_record(const struct audit *t, struct arena *a, uint64_t seq, const pb_AccessRecord *r)
{
	FILE *out = t->cli->out;
	const char *cases = "";

	if (t->cli->json) {
		fprintf(out, "{\"service\":\"%s\",\"seq\":%" PRIu64 ",\"record\":%s}\n",
			service_of_row(t->service)->name, seq, record_json(a, &r->base, true));
		return;
	}
	for (size_t i = 0; i < r->n_case_ids && i < 3; i++)
		cases = arena_printf(a, "%s %s", cases, r->case_ids[i]);
	if (r->n_case_ids > 3)
		cases = arena_printf(a, "%s and %zu more", cases, r->n_case_ids - 3);
	if (r->times > 0)
		cases = arena_printf(a, " %u times", r->times);
	fprintf(out, "%-10s %6" PRIu64 "  %s  %-13s  %s %s@%s  %s  %s%s\n", service_of_row(t->service)->name, seq,
		asking_moment(a, record_at_ms(r->at)), record_code_of("AccessOutcome", (int)r->outcome),
		r->key[0] == '\0' ? "-" : r->key, record_code_of("Role", (int)r->role), r->organisation,
		r->path[0] == '\0' ? "-" : r->path, record_code_of("AccessPurpose", (int)r->purpose), cases);
}

/* Each follows from the one before. An exit code. */
static int
take(struct audit *t, struct arena *a, const pb_JournalEntry *e)
{
	const struct bytes raw = bytes_of(e->record.data, e->record.len);
	const struct digest digest = digest_chain(t->digest, e->seq, raw);
	const pb_AccessRecord *r;
	struct why why;

	if (e->seq != t->seq + 1 ||
	    !bytes_equal(bytes_of(digest.b, DIGEST_SIZE), bytes_of(e->digest.data, e->digest.len)))
		return cli_fail(t->cli, CLI_FAILED,
				"%s: record %" PRIu64
				" of the access log does not follow from the one before: somebody "
				"changed it, or the disk did; compare it with a backup",
				service_of_row(t->service)->name, t->seq + 1);
	t->seq = e->seq;
	t->digest = digest;
	r = record_unpack(a, &pb_AccessRecord_descriptor, raw, JOURNAL_RECORD_MAX, &why);
	if (r == NULL)
		return cli_fail(t->cli, CLI_FAILED, "%s: record %" PRIu64 ": %s", service_of_row(t->service)->name,
				e->seq, why.text);
	if (t->print != NULL && t->left > 0 && audit_filter_fits(&t->filter, r)) {
		t->print(t, a, e->seq, r);
		t->left--;
	}
	return audit_checkpoints_meet(t->cli, &t->checkpoints, service_of_row(t->service)->name, t->seq, t->digest);
}

/* All of one service. An exit code. */
static int
read_log(struct audit *t)
{
	const char *name = service_of_row(t->service)->name;
	struct arena a;
	int code = CLI_OK;
	uint64_t head;

	t->checkpoints = (struct audit_checkpoints){0};
	if (t->folder != NULL)
		code = audit_checkpoints_read(t->cli, t->folder, t->public_key, name, &t->checkpoints);
	if (code != CLI_OK)
		return code;
	t->seq = 0;
	t->digest = (struct digest){{0}};
	arena_init(&a);
	do {
		pb_Request request;
		pb_AccessLogRequest question;

		arena_reset(&a);
		pb_Request_init(&request);
		pb_AccessLogRequest_init(&question);
		question.after = t->seq;
		request.body_case = DOORBRAAK__V1__REQUEST__BODY_ACCESS_LOG;
		request.access_log = &question;
		const pb_Reply *reply =
		    asking(t->cli, t->system, t->service, &request, DOORBRAAK__V1__REPLY__BODY_ACCESS_LOG, &a, &code);
		if (reply == NULL)
			break;
		head = reply->access_log->head;
		for (size_t i = 0; i < reply->access_log->n_entries && code == CLI_OK; i++)
			code = take(t, &a, reply->access_log->entries[i]);
		if (reply->access_log->n_entries == 0 && t->seq < head)
			code = cli_fail(t->cli, CLI_FAILED, "%s: record %" PRIu64 " of the access log is not there",
					service_of_row(t->service)->name, t->seq + 1);
	} while (code == CLI_OK && t->seq < head && (t->print == NULL || t->left > 0));
	arena_fini(&a);
	if (code == CLI_OK && t->print == NULL)
		code = audit_checkpoints_end(t->cli, &t->checkpoints, name, t->seq);
	return code;
}

/* Of one service, or of those that answer over HTTP. */
static int
read_logs(struct audit *t, void (*each)(const struct audit *t))
{
	static const unsigned answering[] = {0, 3, 4};
	const char *name = cli_option(t->cli, "service");
	unsigned only = 0;
	int code = CLI_OK;

	if (t->cli->argument_count > 0)
		return cli_fail(t->cli, CLI_USAGE, "takes no arguments; choose with options (--help)");
	if (!asking_number(t->cli, "count", UINT64_MAX, UINT64_MAX, &t->left) ||
	    !audit_filter_read(t->cli, &t->filter) || (name != NULL && !asking_service(t->cli, name, &only)))
		return CLI_USAGE;
	t->system = asking_open(t->cli);
	if (t->system == NULL)
		return CLI_UNREACHABLE;
	for (unsigned i = 0; i < sizeof answering / sizeof answering[0] && code == CLI_OK; i++) {
		if (name != NULL && answering[i] != only)
			continue;
		t->service = answering[i];
		code = read_log(t);
		if (code == CLI_OK && each != NULL)
			each(t);
	}
	system_close(&t->system);
	return code;
}

static int
list_run(struct cli *cli)
{
	struct audit t = {.cli = cli, .print = print_record};

	return read_logs(&t, NULL);
}

static void
tell_verified(const struct audit *t)
{
	char digest[2 * DIGEST_SIZE + 1];

	bytes_hex(bytes_of(t->digest.b, DIGEST_SIZE), digest);
	fprintf(t->cli->out,
		t->cli->json ? "{\"service\":\"%s\",\"records\":%" PRIu64 ",\"digest\":\"%s\",\"checkpoints\":%u}\n"
			     : "%-10s  %" PRIu64
			       " records, each follows from the one before; last digest %s; %u checkpoints\n",
		service_of_row(t->service)->name, t->seq, digest, t->checkpoints.count);
}

static int
verify_run(struct cli *cli)
{
	struct audit t = {
	    .cli = cli, .folder = cli_option(cli, "checkpoints"), .public_key = cli_option(cli, "public-key")};

	if ((t.folder == NULL) != (t.public_key == NULL))
		return cli_fail(cli, CLI_USAGE, "--checkpoints and --public-key belong together");
	return read_logs(&t, tell_verified);
}

/* ---- export ---- */

static void
export_record(const struct audit *t, struct arena *a, uint64_t seq, const pb_AccessRecord *r)
{
	audit_export(t->cli->out, t->cli->json, a, t->service, seq, r);
}

static int
export_run(struct cli *cli)
{
	struct audit t = {.cli = cli, .print = export_record};

	if (!cli->json)
		audit_csv_heads(cli->out);
	return read_logs(&t, NULL);
}

/* ---- keygen ---- */

static bool
write_key(struct cli *cli, const char *path, const char *text, mode_t mode)
{
	/* Never over one that is there: what it signed could not be checked any more. */
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	bool fine = fd >= 0 && write(fd, text, CHECKPOINT_TEXT_LEN) == CHECKPOINT_TEXT_LEN && write(fd, "\n", 1) == 1 &&
		    fsync(fd) == 0;

	if (!fine)
		cli_fail(cli, CLI_USAGE, "%s: cannot be written: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return fine;
}

static int
keygen_run(struct cli *cli)
{
	char secret[CHECKPOINT_TEXT_LEN + 1], public_key[CHECKPOINT_TEXT_LEN + 1];

	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE, "name the folder in which the two files are made");
	if (mkdir(cli->arguments[0], 0700) != 0 && errno != EEXIST)
		return cli_fail(cli, CLI_USAGE, "%s: cannot be made: %s", cli->arguments[0], strerror(errno));
	const char *of_secret = arena_printf(&cli->arena, "%s/audit.secret", cli->arguments[0]);
	const char *of_public = arena_printf(&cli->arena, "%s/audit.public", cli->arguments[0]);

	if (sodium_init() < 0)
		fatal("libsodium cannot be used");
	checkpoint_keys(secret, public_key);
	const bool fine = write_key(cli, of_secret, secret, 0400) && write_key(cli, of_public, public_key, 0444);

	sodium_memzero(secret, sizeof secret);
	if (!fine)
		return CLI_USAGE;
	fprintf(cli->out, cli->json ? "{\"secret\":\"%s\",\"public\":\"%s\"}\n" : "%s\n%s\n", of_secret, of_public);
	return CLI_OK;
}

static const struct cli_option list_options[] = {
    {"service", "NAME", "only of intake, signalling or monitoring"},
    {"case", "ID", "only who was shown this case, or asked for it"},
    {"key", "NAME", "only of this key"},
    {"organisation", "CODE", "only on the responsibility of this organisation"},
    {"from", "DATE", "only on this day or later"},
    {"to", "DATE", "only on this day or earlier"},
    {"count", "N", "at most so many records (default: all)"},
    {0},
};

static const struct cli_option keygen_options[] = {{0}};

static const struct cli_option verify_options[] = {
    {"service", "NAME", "only of intake, signalling or monitoring"},
    {"checkpoints", "DIR", "folder with what the services signed, from where nobody could change it"},
    {"public-key", "FILE", "audit.public of `audit keygen`"},
    {0},
};

const struct command command_audit_list = {
    .name = "audit list",
    .summary = "who looked at which case over HTTP",
    .usage = "[--case ID] [--key NAME] [--organisation CODE] [--from DATE] [--to DATE] [--service NAME] [--count N]",
    .options = list_options,
    .help = "The access logs of the services, in order: moment, outcome, key, role and organisation, path, purpose,\n"
	    "cases. Each record is checked against the one before. Attempts without a valid token are summed up.\n\n"
	    "Status 1: a record does not follow from the one before.\n\n"
	    "examples:\n  doorbraak audit list --case c-7kq2m-x4d8p-b3wzn-h6t9r\n  doorbraak audit list --key "
	    "desk-limburg --json\n",
    .run = list_run,
};

const struct command command_audit_verify = {
    .name = "audit verify",
    .summary = "check that nothing was changed in the access logs",
    .usage = "[--service NAME] [--checkpoints DIR --public-key FILE]",
    .options = verify_options,
    .help =
	"Computes the chain of digests of each access log anew and says its end: a record that was changed, taken out\n"
	"or put elsewhere shows, and which is the first. A log that was written anew as a whole, or cut short, shows\n"
	"only against its checkpoints: what the service signed (audit_key in its configuration), kept elsewhere.\n\n"
	"Status 1: a record does not follow from the one before, or the log is not the one that was signed.\n\n"
	"examples:\n  doorbraak audit verify --json\n"
	"  doorbraak audit verify --checkpoints /mnt/audit --public-key audit.public\n",
    .run = verify_run,
};

const struct command command_audit_export = {
    .name = "audit export",
    .summary = "who looked, as CSV or JSON lines, for those who may ask",
    .usage = "[--case ID] [--key NAME] [--organisation CODE] [--from DATE] [--to DATE] [--service NAME]",
    .options = list_options,
    .help =
	"The records that fit, one line each: CSV with the names of the columns, or JSON with --json. The columns "
	"follow\n"
	"NEN 7513: event, action (C create, R read), outcome, actor, role, organisation on whose responsibility it\n"
	"was, object, purpose, access point, authorisation. That the log was read is a record of it, too.\n\n"
	"Status 1: a record does not follow from the one before.\n\n"
	"examples:\n  doorbraak audit export --case c-7kq2m-x4d8p-b3wzn-h6t9r >looked.csv\n"
	"  doorbraak audit export --organisation ET-JZ32 --from 2026-01-01 --to 2026-03-31 --json\n",
    .run = export_run,
};

const struct command command_audit_keygen = {
    .name = "audit keygen",
    .summary = "make the key that signs how far the access logs are",
    .usage = "DIR",
    .options = keygen_options,
    .help = "Makes DIR/audit.secret (0400: for the services, as audit_key) and DIR/audit.public (for who verifies). "
	    "Neither is\n"
	    "written over one that is there.\n\n"
	    "Status 2: a file is there, or cannot be written.\n\n"
	    "example:\n  doorbraak audit keygen ./audit\n",
    .run = keygen_run,
};
