// SPDX-License-Identifier: EUPL-1.2
/* archive.c - see archive.h. */
#include "common/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct archive {
	struct store *store;
	struct journal journal;
};

static size_t
archive_read(void *ctx, struct arena *a, uint64_t after, struct journal_entry *entries, size_t max)
{
	struct archive *archive = ctx;
	struct store_txn *txn = store_begin_read(archive->store);
	struct journal_reader reader;
	size_t count = 0;
	enum err err = ERR_NONE;

	journal_read_begin(&reader, archive->journal, txn, after);
	while (count < max && (err = journal_read_next(&reader, &entries[count])) == ERR_NONE) {
		entries[count].record = arena_copy(a, entries[count].record);
		count++;
	}
	journal_read_end(&reader);
	store_abort(txn);
	if (err == ERR_CORRUPT)
		fatal("the journal is damaged behind record %llu",
		      (unsigned long long)(count > 0 ? entries[count - 1].seq : after));
	return count;
}

/* The store would make what is not there; an archive is only read. */
static bool
is_there(const char *dir, struct why *why)
{
	char path[4096];
	struct stat st;

	if ((size_t)snprintf(path, sizeof path, "%s/data.mdb", dir) < sizeof path && stat(path, &st) == 0)
		return true;
	why_set(why, "%s: %s: name the folder that holds the data of the services", dir,
		stat(dir, &st) != 0 ? "there is no such folder" : "no service has kept anything there");
	return false;
}

enum err
archive_open(struct archive **out, const char *dir, struct row_source *source, struct why *why)
{
	struct archive *archive = calloc(1, sizeof *archive);
	struct bytes v;

	if (archive == NULL)
		fatal("out of memory");
	if (!is_there(dir, why)) {
		free(archive);
		return ERR_REFUSED;
	}
	const enum err err = store_open(&archive->store, &(struct store_options){.dir = dir}, why);
	if (err != ERR_NONE) {
		free(archive);
		return err;
	}
	struct store_txn *txn = store_begin_write(archive->store);
	archive->journal = journal_open(txn);
	const struct store_db meta = store_db_open(txn, "meta");
	*source =
	    (struct row_source){.ctx = archive, .head = journal_head(archive->journal, txn).seq, .read = archive_read};
	source->applied = cursor_load(txn, meta).applied;
	if (store_get(txn, meta, bytes_str("history"), &v) && v.len == HISTORY_SIZE)
		memcpy(source->history.b, v.data, HISTORY_SIZE);
	if (store_commit(txn) != ERR_NONE) {
		why_set(why, "%s: cannot be opened for reading its journal: look at the disk", dir);
		archive_close(&archive);
		return ERR_IO;
	}
	*out = archive;
	return ERR_NONE;
}

void
archive_close(struct archive **out)
{
	if (*out == NULL)
		return;
	store_close(&(*out)->store);
	free(*out);
	*out = NULL;
}
