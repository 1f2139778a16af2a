// SPDX-License-Identifier: EUPL-1.2
#include "common/access_log.h"

#include <stdlib.h>

struct access_log {
	struct store *store;
	struct store_txn *txn; /* while records wait for their commit */
	struct journal journal;
};

enum err
access_log_open(struct access_log **out, const char *dir, size_t map_bytes, struct why *why)
{
	struct access_log *log = calloc(1, sizeof(*log));
	const struct store_options options = {.dir = dir, .map_bytes = map_bytes};
	enum err err;

	if (log == NULL)
		fatal("out of memory");
	err = store_open(&log->store, &options, why);
	if (err == ERR_NONE) {
		struct store_txn *txn = store_begin_write(log->store);

		log->journal = journal_open(txn);
		err = store_commit(txn);
		if (err != ERR_NONE)
			why_set(why, "%s: the first commit failed (error %d): look at the disk", dir, (int)err);
	}
	if (err != ERR_NONE)
		access_log_close(&log);
	*out = log;
	return err;
}

void
access_log_close(struct access_log **log)
{
	if (*log == NULL)
		return;
	store_close(&(*log)->store);
	free(*log);
	*log = NULL;
}

void
access_log_add(struct access_log *log, const pb_AccessRecord *record)
{
	if (log->txn == NULL)
		log->txn = store_begin_write(log->store);
	journal_append(log->journal, log->txn, RECORD_PACK(store_arena(log->txn), record));
}

enum err
access_log_commit(struct access_log *log)
{
	struct store_txn *txn = log->txn;

	log->txn = NULL;
	return txn == NULL ? ERR_NONE : store_commit(txn);
}

void
access_log_read(struct access_log *log, struct arena *a, const pb_AccessLogRequest *request, pb_AccessLogReply *reply)
{
	const uint32_t limit =
	    request->limit == 0 || request->limit > ACCESS_LOG_PAGE ? ACCESS_LOG_PAGE : request->limit;
	struct store_txn *txn = store_begin_read(log->store);

	ASSERT(log->txn == NULL);
	reply->head = journal_head(log->journal, txn).seq;
	reply->entries = ARENA_ARRAY(a, pb_JournalEntry *, limit);
	/* Unchecked: who reads it checks the chain, also over what would not fit. */
	for (uint64_t seq = request->after + 1; seq <= reply->head && reply->n_entries < limit; seq++) {
		pb_JournalEntry *e = ARENA_NEW(a, pb_JournalEntry);
		struct journal_entry entry;

		if (!journal_get(log->journal, txn, seq, &entry))
			break;
		const struct bytes digest = arena_copy(a, bytes_of(entry.digest.b, DIGEST_SIZE));
		const struct bytes record = arena_copy(a, entry.record);

		pb_JournalEntry_init(e);
		e->seq = seq;
		e->digest = (ProtobufCBinaryData){digest.len, (uint8_t *)(uintptr_t)digest.data};
		e->record = (ProtobufCBinaryData){record.len, (uint8_t *)(uintptr_t)record.data};
		reply->entries[reply->n_entries++] = e;
	}
	store_abort(txn);
}
