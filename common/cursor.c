// SPDX-License-Identifier: EUPL-1.2
#include "common/cursor.h"

#define CURSOR_KEY "cursor"

/* The value: fields behind each other, numbers big-endian. */
enum {
	AT_HISTORY = 0,
	AT_SEQ = AT_HISTORY + HISTORY_SIZE,
	AT_DIGEST = AT_SEQ + 8,
	AT_APPLIED = AT_DIGEST + DIGEST_SIZE,
	AT_CAUSE = AT_APPLIED + 8,
	AT_INDEX = AT_CAUSE + 8,
	CURSOR_SIZE = AT_INDEX + 4,
};

struct cursor
cursor_load(struct store_txn *txn, struct store_db db)
{
	struct cursor c = {0};
	struct bytes value;

	if (!store_get(txn, db, bytes_str(CURSOR_KEY), &value))
		return c;
	if (value.len != CURSOR_SIZE)
		fatal("cursor: stored with %zu bytes instead of %d: the store is damaged, restore a backup", value.len,
		      CURSOR_SIZE);
	memcpy(c.history.b, value.data + AT_HISTORY, HISTORY_SIZE);
	c.seq = get_u64(value.data + AT_SEQ);
	memcpy(c.digest.b, value.data + AT_DIGEST, DIGEST_SIZE);
	c.applied = get_u64(value.data + AT_APPLIED);
	c.cause = get_u64(value.data + AT_CAUSE);
	c.index = get_u32(value.data + AT_INDEX);
	return c;
}

void
cursor_store(struct store_txn *txn, struct store_db db, const struct cursor *c)
{
	uint8_t value[CURSOR_SIZE];

	memcpy(value + AT_HISTORY, c->history.b, HISTORY_SIZE);
	put_u64(value + AT_SEQ, c->seq);
	memcpy(value + AT_DIGEST, c->digest.b, DIGEST_SIZE);
	put_u64(value + AT_APPLIED, c->applied);
	put_u64(value + AT_CAUSE, c->cause);
	put_u32(value + AT_INDEX, c->index);
	store_put(txn, db, bytes_str(CURSOR_KEY), bytes_of(value, sizeof(value)));
}

static bool
history_equal(struct history a, struct history b)
{
	return memcmp(a.b, b.b, HISTORY_SIZE) == 0;
}

static bool
history_is_none(struct history h)
{
	return history_equal(h, (struct history){0});
}

static bool
is_zero(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (b.data[i] != 0)
			return false;
	}
	return true;
}

enum cursor_fit
cursor_fit(struct history asked_history, uint64_t seq, struct bytes digest, struct history history, struct journal j,
	   struct store_txn *txn)
{
	struct journal_entry entry;

	if (seq == 0 && history_is_none(asked_history) && is_zero(digest))
		return CURSOR_FITS;
	/* A journal without a history yet is empty: who has read something is ahead of it, and may wait. */
	if (!history_is_none(history) && !history_equal(asked_history, history))
		return CURSOR_OTHER_HISTORY;
	if (seq == 0)
		return is_zero(digest) ? CURSOR_FITS : CURSOR_DIFFERS;
	if (seq > journal_head(j, txn).seq)
		return CURSOR_AHEAD;
	if (!journal_get(j, txn, seq, &entry) || !bytes_equal(digest, bytes_of(entry.digest.b, DIGEST_SIZE)))
		return CURSOR_DIFFERS;
	return CURSOR_FITS;
}
