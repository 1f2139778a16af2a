// SPDX-License-Identifier: EUPL-1.2
/* rebuild.c - `doorbraak rebuild`: a downstream service anew from its upstream's journal.
 *
 * Happy path: hold the service's lock, so that it cannot start meanwhile; compute everything in <data>/<service>.rebuild as the
 * service itself would; compare its new journal with the one that stood there; take over what does not follow from the journal
 * (who looked; what webhooks know); exchange the two folders in one step.
 *
 * The journal comes out the same, byte for byte, so the cursors of those behind it still fit. Where it does not, the old one was
 * damaged or of another past: it is kept aside, and that is told.
 *
 * Killed: before the exchange the old folder stands, after it the new one. What is left in <service>.rebuild goes with the next
 * rebuild. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/store_dir.h"
#include "services/cli/progress.h"
#include "services/cli/verify_source.h"
#include "services/signalling/webhook_state.h"

#define PIECE 256u

struct rebuild {
	struct cli *cli;
	const char *data;
	unsigned service;
	const char *name;
	bool keep_old;
	struct store_dir place; /* of the service: locked */
	const char *nest;       /* <data>/<service>.rebuild */
	const char *fresh;      /* <nest>/<service> */
	const char *aside;      /* <data>/<service>.old */
	struct system *system;
	struct verify_source *source;
	struct row *row;
	struct store *old; /* NULL: there is none, or it cannot be opened */
	bool had_old, compared;
	bool same;       /* so far as both go */
	uint64_t differ; /* first record that is not the same; 0: none */
	uint64_t had;    /* records of the old journal that could be read */
	uint64_t records;
	double seconds;
	struct progress progress;
};

static int
fail(struct rebuild *r, int code, const char *what, const char *why)
{
	progress_end(&r->progress);
	return cli_fail(r->cli, code, "%s: %s. %s stands as it stood", what, why, r->name);
}

static double
steady_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the upstream ---- */

/* Does a stopped service stand there? */
static bool
is_stopped(const char *dir, struct arena *a)
{
	struct stat st;
	const int fd = open(arena_printf(a, "%s.lock", dir), O_RDWR | O_CLOEXEC);
	const bool is_free = fd < 0 ? errno == ENOENT : flock(fd, LOCK_EX | LOCK_NB) == 0;

	if (fd >= 0)
		close(fd);
	return is_free && stat(arena_printf(a, "%s/data.mdb", dir), &st) == 0;
}

static int
open_upstream(struct rebuild *r)
{
	const unsigned upstream = r->service - 1;
	const char *dir = asking_store(&r->cli->arena, r->data, service_of_row(upstream)->name);

	if (is_stopped(dir, &r->cli->arena))
		return verify_source_stopped(&r->source, r->cli, r->data, upstream);
	r->system = asking_open(r->cli);
	return r->system == NULL ? CLI_UNREACHABLE : verify_source_live(&r->source, r->cli, r->system, upstream);
}

/* ---- computing ---- */

static int
compute(struct rebuild *r)
{
	const struct row_source *source = verify_source_row(r->source);
	const double began = steady_seconds();
	struct node_status status = {0};
	struct why why;
	bool moved = true;

	while (moved) {
		if (row_turn(r->row, &moved) != ERR_NONE)
			return fail(r, CLI_FAILED, "cannot be computed", row_why(r->row));
		node_status(row_node(r->row, r->service), &status);
		const double took = steady_seconds() - began;
		progress_show(
		    &r->progress,
		    arena_printf(&r->cli->arena, "%s %.0f/s", r->name, took > 0 ? (double)status.cursor.seq / took : 0),
		    status.cursor.seq, source->head);
	}
	progress_end(&r->progress);
	r->records = status.cursor.seq;
	r->seconds = steady_seconds() - began;
	if (verify_source_failed(r->source, &why))
		return fail(r, CLI_UNREACHABLE, "the upstream broke off", why.text);
	if (status.cursor.seq != source->head)
		return fail(r, CLI_FAILED, "the upstream's journal",
			    "it ends before its head: is it damaged? Look with `doorbraak verify`");
	return CLI_OK;
}

/* ---- what stood there ---- */

static void
open_old(struct rebuild *r)
{
	const char *path = arena_printf(&r->cli->arena, "%s/data.mdb", r->place.path);
	struct stat st;
	struct why why;

	r->had_old = stat(path, &st) == 0;
	if (r->had_old && store_open(&r->old, &(struct store_options){.dir = path, .image = true}, &why) != ERR_NONE)
		fprintf(r->cli->err, "what stood there cannot be opened: %s\n", why.text);
}

/* The old entries behind `after`, up to what can be read and fits its chain. */
static size_t
read_old(struct rebuild *r, struct arena *a, uint64_t after, struct journal_entry *entries)
{
	struct store_txn *txn = store_begin_read(r->old);
	const struct journal j = journal_open(txn);
	struct journal_reader reader;
	size_t count = 0;

	if (!store_failed(txn)) {
		journal_read_begin(&reader, j, txn, after);
		while (count < PIECE && journal_read_next(&reader, &entries[count]) == ERR_NONE) {
			entries[count].record = arena_copy(a, entries[count].record);
			count++;
		}
		journal_read_end(&reader);
	}
	store_abort(txn);
	return count;
}

static uint64_t
old_head(struct rebuild *r)
{
	struct store_txn *txn = store_begin_read(r->old);
	const struct journal j = journal_open(txn);
	const uint64_t seq = store_failed(txn) ? 0 : journal_head(j, txn).seq;

	store_abort(txn);
	return seq;
}

static void
compare(struct rebuild *r)
{
	struct journal_entry old[PIECE], computed[PIECE];
	struct arena a;
	size_t count = 1;

	arena_init(&a);
	while (count > 0 && r->differ == 0) {
		arena_reset(&a);
		count = read_old(r, &a, r->had, old);
		const size_t has = row_read(r->row, r->service, &a, r->had, computed, PIECE);
		for (size_t i = 0; i < count && r->differ == 0; i++) {
			if (i >= has || !digest_equal(old[i].digest, computed[i].digest))
				r->differ = old[i].seq;
			else
				r->had = old[i].seq;
		}
	}
	if (r->differ == 0 && r->had < old_head(r))
		r->differ = r->had + 1; /* it could not be read further */
	r->same = r->differ == 0;
	r->compared = true;
	arena_fini(&a);
}

/* ---- what does not follow from the journal ---- */

/* Rows of a database that was there, as they were. */
static void
take_over_rows(struct store *from, struct store_txn *to, const char *name)
{
	struct store_txn *txn = store_begin_read(from);
	const struct store_db source = store_db_open(txn, name);
	struct store_walk walk;
	struct bytes key, value;

	if (!store_failed(txn)) {
		const struct store_db target = store_db_open(to, name);

		store_walk_begin(&walk, txn, source, (struct bytes){0});
		while (store_walk_next(&walk, &key, &value))
			store_put(to, target, key, value);
		store_walk_end(&walk);
	}
	store_abort(txn);
}

/* What webhooks know counts by numbers of records: it fits a journal that came out the same. */
static int
take_over_webhooks(struct rebuild *r)
{
	if (strcmp(r->name, "signalling") != 0 || r->old == NULL || !r->same)
		return CLI_OK;
	struct store_txn *txn = store_begin_write(node_store(row_node(r->row, r->service)));
	for (unsigned i = 0; webhook_databases[i] != NULL; i++)
		take_over_rows(r->old, txn, webhook_databases[i]);
	return store_commit(txn) == ERR_NONE
		   ? CLI_OK
		   : fail(r, CLI_FAILED, "webhooks", "could not be taken over: is the disk full?");
}

static bool
sync_path(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const bool fine = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return fine;
}

/* Who looked: the same file under a second name, until the old one goes. */
static int
take_over_access(struct rebuild *r)
{
	struct arena *a = &r->cli->arena;
	const char *from = arena_printf(a, "%s/access/data.mdb", r->place.path);
	const char *dir = arena_printf(a, "%s/access", r->fresh), *to = arena_printf(a, "%s/data.mdb", dir);
	struct stat st;

	if (stat(from, &st) != 0)
		return CLI_OK;
	if (mkdir(dir, 0700) == 0 && link(from, to) == 0 && sync_path(dir))
		return CLI_OK;
	return fail(r, CLI_FAILED, to, strerror(errno));
}

/* ---- in its place ---- */

static int
exchange(struct rebuild *r)
{
	const char *path = r->place.path;
	struct stat st;
	int rc;

	if (!sync_path(r->fresh))
		return fail(r, CLI_FAILED, r->fresh, strerror(errno));
	if (stat(path, &st) != 0)
		rc = rename(r->fresh, path);
	else
		rc = renameat2(AT_FDCWD, r->fresh, AT_FDCWD, path, RENAME_EXCHANGE);
	if (rc != 0)
		return fail(r, CLI_FAILED, r->fresh, strerror(errno));
	if (!sync_path(r->nest) || !sync_path(r->place.parent))
		return cli_fail(r->cli, CLI_FAILED, "%s is in its place, but that could not be made durable: %s",
				r->name, strerror(errno));
	return CLI_OK;
}

/* The old folder now stands where the new one was made. */
static int
put_old_aside(struct rebuild *r)
{
	struct arena *a = &r->cli->arena;

	/* Who looked went over, and is to be written in one place only. */
	unlink(arena_printf(a, "%s/access/data.mdb", r->fresh));
	unlink(arena_printf(a, "%s/access/lock.mdb", r->fresh));
	rmdir(arena_printf(a, "%s/access", r->fresh));
	if (r->had_old && (r->keep_old || !r->same) && rename(r->fresh, r->aside) != 0)
		return cli_fail(r->cli, CLI_FAILED, "%s cannot be put aside as %s (%s); it stays in %s", r->name,
				r->aside, strerror(errno), r->fresh);
	asking_folder_remove(r->nest);
	return CLI_OK;
}

/* ---- the command ---- */

static int
tell(struct rebuild *r)
{
	struct cli *cli = r->cli;
	const bool aside = r->had_old && (r->keep_old || !r->same);

	if (cli->json) {
		fprintf(cli->out,
			"{\"service\":\"%s\",\"records\":%" PRIu64 ",\"seconds\":%.3f,\"compared\":%" PRIu64
			",\"differs_at\":%" PRIu64 "%s%s%s}\n",
			r->name, r->records, r->seconds, r->had, r->differ, aside ? ",\"old\":\"" : "",
			aside ? r->aside : "", aside ? "\"" : "");
	} else {
		fprintf(cli->out, "%s: rebuilt from %" PRIu64 " records of %s in %.1f s\n", r->name, r->records,
			service_of_row(r->service - 1)->name, r->seconds);
		if (r->same && r->had > 0)
			fprintf(cli->out, "all %" PRIu64 " records that stood there came out the same\n", r->had);
		if (aside)
			fprintf(cli->out, "what stood there is in %s\n", r->aside);
	}
	if (!r->compared || r->same)
		return CLI_OK;
	return cli_fail(cli, CLI_FAILED,
			"from record %" PRIu64
			" on it is not what stood there (that was damaged, or came from more or other "
			"records of its upstream). If those behind "
			"it refuse to go on, rebuild them as well, in the order of the row",
			r->differ);
}

static int
rebuild(struct rebuild *r)
{
	struct row_options options = {.dir = r->nest, .source = verify_source_row(r->source), .alone = r->service};
	struct why why;

	asking_folder_remove(r->nest);
	if (mkdir(r->nest, 0700) != 0)
		return fail(r, CLI_USAGE, r->nest, strerror(errno));
	if (row_open(&r->row, &options, &why) != ERR_NONE)
		return fail(r, CLI_FAILED, r->nest, why.text);
	int code = compute(r);
	open_old(r);
	if (code == CLI_OK && r->old != NULL)
		compare(r);
	if (code == CLI_OK)
		code = take_over_webhooks(r);
	row_close(&r->row);
	store_close(&r->old);
	if (code == CLI_OK)
		code = take_over_access(r);
	if (code == CLI_OK)
		code = exchange(r);
	if (code == CLI_OK)
		return put_old_aside(r) == CLI_OK ? tell(r) : CLI_FAILED;
	asking_folder_remove(r->nest);
	return code;
}

static int
run(struct cli *cli)
{
	struct rebuild r = {.cli = cli, .progress = progress_of(cli), .keep_old = cli_option(cli, "keep-old") != NULL};
	struct arena *a = &cli->arena;
	struct why why;
	struct stat st;
	int code;

	r.data = cli_option(cli, "data") != NULL ? cli_option(cli, "data") : cli->run_dir;
	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE, "name one service: triage, routing, signalling or monitoring");
	if (!asking_service(cli, cli->arguments[0], &r.service))
		return CLI_USAGE;
	if (r.service == 0)
		return cli_fail(
		    cli, CLI_USAGE,
		    "intake follows from nothing: what came in stands there alone. `doorbraak restore` a backup");
	r.name = service_of_row(r.service)->name;
	const char *dir = asking_store(a, r.data, r.name);
	r.nest = arena_printf(a, "%s.rebuild", dir);
	r.fresh = arena_printf(a, "%s/%s", r.nest, r.name);
	r.aside = arena_printf(a, "%s.old", dir);
	if (stat(r.aside, &st) == 0)
		return cli_fail(cli, CLI_USAGE, "%s is there from an earlier rebuild: remove it, or move it away",
				r.aside);
	if (store_dir_claim(&r.place, dir, true, &why) != ERR_NONE)
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	code = open_upstream(&r);
	if (code == CLI_OK)
		code = rebuild(&r);
	verify_source_close(&r.source);
	system_close(&r.system);
	store_dir_release(&r.place);
	return code;
}

static const struct cli_option options[] = {
    {"data", "DIR", "folder that holds the services' data folders (default: the run folder); see `backup`"},
    {"keep-old", NULL, "put what stood there aside as <service>.old, also when it came out the same"},
    {0},
};

const struct command command_rebuild = {
    .name = "rebuild",
    .summary = "compute a downstream service anew from its upstream, and compare with what stood there",
    .usage = "SERVICE [--data DIR] [--keep-old]",
    .options = options,
    .help = "Stop the service first; it cannot start while this runs. The upstream's journal is read from its folder "
	    "beside it\n"
	    "when it is stopped, and asked for at its door (--run) when it runs. Everything is computed in\n"
	    "<data>/<service>.rebuild, compared, and then takes the place of what stood there in one step. The access "
	    "log and\n"
	    "what webhooks know go over. The journal comes out the same, so those behind it go on as if nothing had "
	    "been.\n\n"
	    "Status 1: rebuilt, but not what stood there before: that is kept as <service>.old. Also: it could not be\n"
	    "computed, and all stands as it stood. 2: the service runs, or its folder cannot be used. 3: its upstream "
	    "gives no\n"
	    "answer.\n\n"
	    "examples:\n"
	    "  doorbraak rebuild routing --data ./run              after `doorbraak up` was stopped\n"
	    "  doorbraak rebuild monitoring --data /var/lib/doorbraak --run /usr/local/share/doorbraak/local\n",
    .run = run,
};
