// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/backup_set.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "services/cli/asking.h"

#define PIECE 512u

/* ---- names ---- */

const char *
backup_member_name(struct arena *a, unsigned member)
{
	return arena_printf(a, "%s%s", service_of_row(BACKUP_SERVICE(member))->name,
			    BACKUP_IS_ACCESS(member) ? "/access" : "");
}

unsigned
backup_member_of(const char *name)
{
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		const char *service = service_of_row(i)->name;
		const size_t len = strlen(service);

		if (strcmp(name, service) == 0)
			return BACKUP_MEMBER(i, false);
		if (strncmp(name, service, len) == 0 && strcmp(name + len, "/access") == 0)
			return BACKUP_MEMBER(i, true);
	}
	return BACKUP_MEMBERS;
}

const char *
backup_member_dir(struct arena *a, const char *data, unsigned member)
{
	return arena_printf(a, "%s%s", asking_store(a, data, service_of_row(BACKUP_SERVICE(member))->name),
			    BACKUP_IS_ACCESS(member) ? "/access" : "");
}

int
backup_nameless(struct cli *cli, const char *dir)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		char *path = arena_printf(&cli->arena, "%s/.doorbraak-copy-XXXXXX", dir);

		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			unlink(path);
	}
	if (fd < 0)
		cli_fail(cli, CLI_USAGE, "%s: no file can be made there for a copy (%s): name a folder with --work",
			 dir, strerror(errno));
	return fd;
}

/* ---- facts ---- */

static bool
read_file(struct backup_facts *f, const char *path, struct why *why)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	crypto_generichash_state state;
	uint8_t buffer[64 << 10];
	ssize_t n = -1;

	crypto_generichash_init(&state, NULL, 0, DIGEST_SIZE);
	f->bytes = 0;
	while (fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0) {
		crypto_generichash_update(&state, buffer, (size_t)n);
		f->bytes += (uint64_t)n;
	}
	crypto_generichash_final(&state, f->file.b, DIGEST_SIZE);
	if (n < 0)
		why_set(why, "the copy cannot be read: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return n == 0;
}

static void
read_meta(struct backup_facts *f, struct store_txn *txn)
{
	const struct store_db meta = store_db_open(txn, "meta");
	struct bytes v;

	if (store_get(txn, meta, bytes_str("history"), &v) && v.len == HISTORY_SIZE)
		memcpy(f->history.b, v.data, HISTORY_SIZE);
	if (store_get(txn, meta, bytes_str("logic_version"), &v) && v.len == 4)
		f->logic_version = get_u32(v.data);
	f->cursor = cursor_load(txn, meta);
}

/* One piece of the journal behind f->head, checked; how many records, -1 at one that does not fit. */
static int
walk_piece(struct backup_facts *f, struct store *store, struct journal j, uint64_t wanted)
{
	struct store_txn *txn = store_begin_read(store);
	struct journal_reader reader;
	struct journal_entry entry;
	enum err err = ERR_NONE;
	unsigned count = 0;

	journal_read_begin(&reader, j, txn, f->head.seq);
	for (; count < PIECE && (err = journal_read_next(&reader, &entry)) == ERR_NONE; count++) {
		f->head = (struct journal_head){entry.seq, entry.digest};
		if (entry.seq == wanted)
			f->at_consumer = entry.digest;
	}
	journal_read_end(&reader);
	store_abort(txn);
	return err == ERR_NONE || err == ERR_AGAIN ? (int)count : -1;
}

static bool
walk(struct backup_facts *f, struct store *store, unsigned member, uint64_t wanted, const struct progress *progress,
     struct why *why)
{
	struct store_txn *txn = store_begin_read(store);
	const struct journal j = journal_open(txn);
	const uint64_t upto = journal_head(j, txn).seq;
	int count = 1;

	if (!BACKUP_IS_ACCESS(member))
		read_meta(f, txn);
	if (store_failed(txn)) {
		why_set(why, "the copy of %s holds no journal: was the service ever started?",
			service_of_row(BACKUP_SERVICE(member))->name);
		store_abort(txn);
		return false;
	}
	store_abort(txn);
	f->head = (struct journal_head){0};
	f->at_consumer = (struct digest){{0}};
	while (count > 0) {
		count = walk_piece(f, store, j, wanted);
		progress_show(progress, service_of_row(BACKUP_SERVICE(member))->name, f->head.seq, upto);
	}
	if (count == 0)
		return true;
	why_set(why,
		"%s%s: record %" PRIu64
		" does not fit the chain of digests: the journal is damaged. A downstream service is "
		"rebuilt; intake is restored from an older backup",
		service_of_row(BACKUP_SERVICE(member))->name, BACKUP_IS_ACCESS(member) ? "/access" : "",
		f->head.seq + 1);
	return false;
}

bool
backup_facts_read(struct backup_facts *f, unsigned member, const char *path, const struct backup_facts *consumer,
		  const struct progress *progress, struct why *why)
{
	struct store *store;

	*f = (struct backup_facts){.there = true};
	if (!read_file(f, path, why) ||
	    store_open(&store, &(struct store_options){.dir = path, .image = true}, why) != ERR_NONE)
		return false;
	const bool fine =
	    walk(f, store, member, consumer != NULL && consumer->there ? consumer->cursor.seq : 0, progress, why);
	store_close(&store);
	return fine;
}

bool
backup_set_fits(const struct backup_facts facts[BACKUP_MEMBERS], struct why *why)
{
	static const struct history none;

	for (unsigned i = 1; i < SERVICE_COUNT; i++) {
		const struct backup_facts *producer = &facts[BACKUP_MEMBER(i - 1, false)];
		const struct backup_facts *consumer = &facts[BACKUP_MEMBER(i, false)];
		const char *const name = service_of_row(i)->name, *const of = service_of_row(i - 1)->name;
		const struct cursor *c = &consumer->cursor;

		if (!producer->there || !consumer->there || memcmp(c->history.b, none.b, HISTORY_SIZE) == 0)
			continue;
		if (memcmp(c->history.b, producer->history.b, HISTORY_SIZE) != 0)
			why_set(why, "%s has read a journal of another history than that of %s", name, of);
		else if (c->seq > producer->head.seq)
			why_set(why,
				"%s has read %" PRIu64 " records, but the copy of %s ends at %" PRIu64
				": it was made before that of its consumer",
				name, c->seq, of, producer->head.seq);
		else if (c->seq > 0 && !digest_equal(c->digest, producer->at_consumer))
			why_set(why, "record %" PRIu64 " of %s is not the one that %s has read", c->seq, of, name);
		else
			continue;
		return false;
	}
	return true;
}

/* ---- the manifest ---- */

void
backup_facts_print(struct cli *cli, const struct backup_facts facts[BACKUP_MEMBERS])
{
	for (unsigned i = 0; i < BACKUP_MEMBERS; i++) {
		const unsigned m = backup_member_at(i);

		if (facts[m].there)
			fprintf(cli->out, "%-18s %10" PRIu64 " records %10" PRIu64 " KiB\n",
				backup_member_name(&cli->arena, m), facts[m].head.seq, facts[m].bytes >> 10);
	}
}

static const char *
hex(struct arena *a, const uint8_t *b, size_t len)
{
	char *text = arena_take(a, 2 * len + 1);

	bytes_hex(bytes_of(b, len), text);
	return text;
}

const char *
backup_facts_line(struct arena *a, unsigned member, const struct backup_facts *f)
{
	const char *line = arena_printf(
	    a, "{\"name\":\"%s\",\"bytes\":%" PRIu64 ",\"blake2b\":\"%s\",\"records\":%" PRIu64 ",\"digest\":\"%s\"",
	    backup_member_name(a, member), f->bytes, hex(a, f->file.b, DIGEST_SIZE), f->head.seq,
	    hex(a, f->head.digest.b, DIGEST_SIZE));

	if (BACKUP_IS_ACCESS(member))
		return arena_printf(a, "%s}\n", line);
	line = arena_printf(a, "%s,\"history\":\"%s\",\"logic_version\":%" PRIu32, line,
			    hex(a, f->history.b, HISTORY_SIZE), f->logic_version);
	if (BACKUP_SERVICE(member) == 0)
		return arena_printf(a, "%s}\n", line);
	return arena_printf(a, "%s,\"cursor\":{\"records\":%" PRIu64 ",\"digest\":\"%s\",\"applied\":%" PRIu64 "}}\n",
			    line, f->cursor.seq, hex(a, f->cursor.digest.b, DIGEST_SIZE), f->cursor.applied);
}

const char *
backup_whole_line(struct arena *a, const char *made_at, unsigned count)
{
	return arena_printf(a, "{\"format\":%d,\"made_at\":\"%s\",\"version\":\"%s\",\"images\":%u}\n", BACKUP_FORMAT,
			    made_at, DOORBRAAK_VERSION, count);
}
