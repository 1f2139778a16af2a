// SPDX-License-Identifier: EUPL-1.2
#include "common/access_log.h"

#include <stdio.h>
#include <stdlib.h>

#define SIGN_AGAIN_MS (60 * 1000)

struct access_log {
	struct store *store;
	struct store_txn *txn; /* while records wait for their commit */
	struct journal journal;
	uint64_t added; /* in txn */
	/* Checkpoints; signer NULL: none. */
	struct checkpoint_signer *signer;
	char folder[256], origin[CHECKPOINT_ORIGIN_MAX + 1];
	uint64_t since; /* records since the last one; a new life counts as one */
	int64_t signed_ms, again_ms;
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
	checkpoint_signer_close(&(*log)->signer);
	free(*log);
	*log = NULL;
}

void
access_log_add(struct access_log *log, const pb_AccessRecord *record)
{
	if (log->txn == NULL) {
		log->txn = store_begin_write(log->store);
		log->added = 0;
	}
	log->added++;
	journal_append(log->journal, log->txn, RECORD_PACK(store_arena(log->txn), record));
}

void
access_log_note(struct access_log *log, struct arena *a, const struct access_note *n)
{
	Google__Protobuf__Timestamp at;
	pb_AccessRecord r;

	pb_AccessRecord_init(&r);
	record_timestamp(&at, n->wall_ms);
	r.at = &at;
	r.service = (Doorbraak__V1__Service)n->service;
	r.key = record_text(a, n->caller.name);
	r.role = (Doorbraak__V1__Role)n->caller.role;
	r.organisation = record_text(a, n->caller.organisation.s);
	r.scope = record_text(a, access_scopes(a, &n->caller));
	r.path = record_text(a, n->path);
	r.purpose = (Doorbraak__V1__AccessPurpose)n->purpose;
	r.outcome = (Doorbraak__V1__AccessOutcome)n->outcome;
	r.case_ids = n->case_ids;
	r.n_case_ids = n->case_count;
	r.times = n->times;
	access_log_add(log, &r);
}

enum err
access_log_commit(struct access_log *log)
{
	struct store_txn *txn = log->txn;

	log->txn = NULL;
	const enum err err = txn == NULL ? ERR_NONE : store_commit(txn);

	if (txn != NULL && err == ERR_NONE)
		log->since += log->added;
	return err;
}

/* ---- checkpoints ---- */

bool
access_log_checkpoints(struct access_log *log, const char *key_path, const char *folder, const char *origin,
		       struct why *why)
{
	if ((size_t)snprintf(log->folder, sizeof log->folder, "%s", folder) >= sizeof log->folder ||
	    (size_t)snprintf(log->origin, sizeof log->origin, "%s", origin) >= sizeof log->origin) {
		why_set(why, "the path of the folder %s is too long", folder);
		return false;
	}
	log->since = 1;
	return checkpoint_signer_open(&log->signer, key_path, why);
}

bool
access_log_sign(struct access_log *log, int64_t wall_ms, bool now, struct why *why)
{
	struct checkpoint c = {.at_ms = wall_ms};
	char line[CHECKPOINT_LINE_MAX];

	if (log->signer == NULL || log->since == 0 || wall_ms < log->again_ms)
		return true;
	if (!now && log->since < CHECKPOINT_EVERY && wall_ms - log->signed_ms < CHECKPOINT_WITHIN_MS)
		return true;
	ASSERT(log->txn == NULL);
	struct store_txn *txn = store_begin_read(log->store);
	const struct journal_head head = journal_head(log->journal, txn);

	store_abort(txn);
	memcpy(c.origin, log->origin, sizeof c.origin);
	c.seq = head.seq;
	c.digest = head.digest;
	if (head.seq > 0) {
		checkpoint_sign(log->signer, &c, line);
		if (!checkpoint_append(log->folder, log->origin, line, why)) {
			log->again_ms = wall_ms + SIGN_AGAIN_MS;
			return false;
		}
	}
	log->since = 0;
	log->signed_ms = wall_ms;
	return true;
}

void
access_log_undo(struct access_log *log)
{
	if (log->txn != NULL)
		store_abort(log->txn);
	log->txn = NULL;
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
