// SPDX-License-Identifier: EUPL-1.2
/* verify.c - `doorbraak verify`: computes the four downstream journals anew from intake's, and compares.
 *
 * The heads are taken first, intake's before the others, once what it had by then was applied everywhere. What was
 * computed must be the beginning of what stands there, and what stands there beyond it must have a later cause. */
#include <inttypes.h>
#include <signal.h>

#include "services/cli/progress.h"
#include "services/cli/record_line.h"
#include "services/cli/verify_source.h"

#define SETTLE_MS 60000
#define PIECE     512u

struct verify {
	struct cli *cli;
	struct verify_source *sources[SERVICE_COUNT];
	struct row *row;
	struct progress progress;
	sigset_t stopping;
};

static bool
is_stopped(const struct verify *v)
{
	return sigtimedwait(&v->stopping, NULL, &(struct timespec){0}) > 0;
}

/* ---- computing ---- */

static int
compute(struct verify *v)
{
	const uint64_t head = verify_source_row(v->sources[0])->head;
	struct node_status status;
	struct why why;
	bool moved = true;

	while (moved) {
		if (is_stopped(v))
			return cli_fail(v->cli, CLI_FAILED, "stopped");
		if (row_turn(v->row, &moved) != ERR_NONE)
			return cli_fail(v->cli, CLI_FAILED, "cannot be computed: %s", row_why(v->row));
		node_status(row_node(v->row, SERVICE_COUNT - 1), &status);
		progress_show(&v->progress, "computing", status.cursor.applied < head ? status.cursor.applied : head,
			      head);
	}
	progress_end(&v->progress);
	if (verify_source_failed(v->sources[0], &why))
		return cli_fail(v->cli, CLI_UNREACHABLE, "%s", why.text);
	return CLI_OK;
}

/* ---- comparing ---- */

static void
print_record(struct cli *cli, struct arena *a, const char *label, const struct journal_entry *e)
{
	struct record record;
	struct why why;

	if (e == NULL)
		fprintf(cli->out, "  %s: nothing\n", label);
	else if (record_read(a, e->record, &record, &why))
		fprintf(cli->out, "  %s: %s\n", label, record_json(a, &record.journal->base, true));
	else
		fprintf(cli->out, "  %s: cannot be read: %s\n", label, why.text);
}

static int
tell_difference(struct verify *v, struct arena *a, unsigned service, uint64_t seq, const struct journal_entry *there,
		const struct journal_entry *computed)
{
	progress_end(&v->progress);
	fprintf(v->cli->out, "%s differs first at record %" PRIu64 ":\n", service_of_row(service)->name, seq);
	print_record(v->cli, a, "stands there", there);
	print_record(v->cli, a, "computed    ", computed);
	return CLI_FAILED;
}

/* Behind all that was computed: what stands there must come from what intake got later. */
static int
compare_rest(struct verify *v, struct arena *a, unsigned service, uint64_t after)
{
	const struct row_source *there = verify_source_row(v->sources[service]);
	struct journal_entry entry;
	struct record record;
	struct why why;

	if (after >= there->head || there->read(there->ctx, a, after, &entry, 1) == 0)
		return CLI_OK;
	if (record_read(a, entry.record, &record, &why) && record.cause > verify_source_row(v->sources[0])->head)
		return CLI_OK;
	return tell_difference(v, a, service, entry.seq, &entry, NULL);
}

struct compared {
	uint64_t count;
	struct digest digest;
};

static int
compare_one(struct verify *v, unsigned service, struct compared *done)
{
	const struct row_source *there = verify_source_row(v->sources[service]);
	struct journal_entry computed[PIECE], stands[PIECE];
	struct arena a;
	int code = CLI_OK;
	size_t got;

	arena_init(&a);
	*done = (struct compared){0};
	while (code == CLI_OK) {
		arena_reset(&a);
		got = row_read(v->row, service, &a, done->count, computed, PIECE);
		if (got == 0)
			break;
		/* The other side gives in pieces of its own. */
		size_t have = 0, more = 1;
		while (have < got && more > 0) {
			more = there->read(there->ctx, &a, done->count + have, stands + have, got - have);
			have += more;
		}
		for (size_t i = 0; i < got && code == CLI_OK; i++) {
			const bool same = i < have && digest_equal(stands[i].digest, computed[i].digest) &&
					  bytes_equal(stands[i].record, computed[i].record);
			if (!same)
				code = tell_difference(v, &a, service, done->count + 1, i < have ? &stands[i] : NULL,
						       &computed[i]);
			else
				*done = (struct compared){computed[i].seq, computed[i].digest};
		}
		progress_show(&v->progress, service_of_row(service)->name, done->count, there->head);
	}
	if (code == CLI_OK)
		code = compare_rest(v, &a, service, done->count);
	arena_fini(&a);
	return code;
}

static void
print_compared(struct verify *v, unsigned service, const struct compared *c)
{
	char hex[2 * DIGEST_SIZE + 1];
	const char *name = service_of_row(service)->name;

	bytes_hex(bytes_of(c->digest.b, DIGEST_SIZE), hex);
	progress_end(&v->progress);
	if (v->cli->json)
		fprintf(v->cli->out, "{\"service\":\"%s\",\"records\":%" PRIu64 ",\"digest\":\"%s\"}\n", name, c->count,
			hex);
	else
		fprintf(v->cli->out, "%-11s %10" PRIu64 " records  the same  digest %s\n", name, c->count, hex);
	fflush(v->cli->out);
}

static int
compare(struct verify *v)
{
	struct compared done;
	struct why why;

	for (unsigned i = 1; i < SERVICE_COUNT; i++) {
		if (is_stopped(v))
			return cli_fail(v->cli, CLI_FAILED, "stopped");
		const int code = compare_one(v, i, &done);
		if (verify_source_failed(v->sources[i], &why))
			return cli_fail(v->cli, CLI_UNREACHABLE, "%s", why.text);
		if (code != CLI_OK)
			return code;
		print_compared(v, i, &done);
	}
	return CLI_OK;
}

/* ---- the sources ---- */

/* All heads at one moment: what intake has now, is applied everywhere before the other heads are taken. */
static int
open_live(struct verify *v, struct system *system)
{
	struct why why;
	int code = verify_source_live(&v->sources[0], v->cli, system, 0);

	if (code != CLI_OK)
		return code;
	if (system_settle(system, verify_source_row(v->sources[0])->head, SETTLE_MS, &why) != ERR_NONE)
		return cli_fail(v->cli, CLI_UNREACHABLE, "%s", why.text);
	for (unsigned i = 1; i < SERVICE_COUNT && code == CLI_OK; i++)
		code = verify_source_live(&v->sources[i], v->cli, system, i);
	return code;
}

static int
open_stopped(struct verify *v, const char *dir)
{
	int code = CLI_OK;

	for (unsigned i = 0; i < SERVICE_COUNT && code == CLI_OK; i++)
		code = verify_source_stopped(&v->sources[i], v->cli, dir, i);
	return code;
}

static void
print_covered(struct verify *v)
{
	const struct row_source *intake = verify_source_row(v->sources[0]);
	char hex[2 * HISTORY_SIZE + 1];

	bytes_hex(bytes_of(intake->history.b, HISTORY_SIZE), hex);
	if (v->cli->json)
		fprintf(v->cli->out,
			"{\"service\":\"intake\",\"records\":%" PRIu64 ",\"history\":\"%s\",\"logic_version\":%d}\n",
			intake->head, hex, LOGIC_VERSION);
	else
		fprintf(v->cli->out, "intake      %10" PRIu64 " records  history %s, computed with logic version %d\n",
			intake->head, hex, LOGIC_VERSION);
	fflush(v->cli->out);
}

/* ---- the command ---- */

static int
verify_with(struct verify *v, const char *dir)
{
	struct row_options options = {.dir = dir, .source = verify_source_row(v->sources[0])};
	struct why why;
	int code;

	if (row_open(&v->row, &options, &why) != ERR_NONE)
		return cli_fail(v->cli, CLI_FAILED, "%s", why.text);
	print_covered(v);
	code = compute(v);
	if (code == CLI_OK)
		code = compare(v);
	if (code == CLI_OK && !v->cli->json)
		fprintf(v->cli->out, "verified: every record follows from intake's journal\n");
	row_close(&v->row);
	return code;
}

static int
verify_run(struct cli *cli)
{
	struct verify v = {.cli = cli, .progress = progress_of(cli)};
	const char *data = cli_option(cli, "data");
	struct system *system = NULL;
	int code;

	if (cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "takes no arguments; a folder of stopped services: --data %s",
				cli->arguments[0]);
	if (data == NULL && (system = asking_open(cli)) == NULL)
		return CLI_UNREACHABLE;
	/* Not to leave a copy of the journals behind in the temporary folder. */
	sigemptyset(&v.stopping);
	sigaddset(&v.stopping, SIGINT);
	sigaddset(&v.stopping, SIGTERM);
	sigprocmask(SIG_BLOCK, &v.stopping, NULL);
	code = data == NULL ? open_live(&v, system) : open_stopped(&v, data);
	if (code == CLI_OK) {
		const char *dir = asking_folder(cli);
		code = dir == NULL ? CLI_FAILED : verify_with(&v, dir);
		asking_folder_remove(dir);
	}
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		verify_source_close(&v.sources[i]);
	system_close(&system);
	return code;
}

static const struct cli_option options[] = {
    {"data", "DIR", "folders of stopped services (the run folder of `up`), instead of services that run"},
    {0},
};

const struct command command_verify = {
    .name = "verify",
    .summary = "compute every decision anew from intake's journal, and compare",
    .usage = "[--data DIR]",
    .options = options,
    .help = "Reads intake's journal, computes what triage, routing, signalling and monitoring must have written, in a\n"
	    "temporary folder (TMPDIR; it takes about as much room as their data), and compares record by record.\n"
	    "Services go on meanwhile: what comes in after the start is left out. Says what it covers: intake's\n"
	    "history and head, and of each journal the number of records and the chain digest.\n\n"
	    "Status 0: all the same. 1: a difference; the first record that differs is shown, as it stands there and\n"
	    "as it was computed. 2: --data holds no stopped services. 3: a service gives no answer.\n\n"
	    "examples:\n"
	    "  doorbraak verify\n"
	    "  doorbraak verify --data ./run            after `doorbraak up` was stopped\n",
    .run = verify_run,
};
