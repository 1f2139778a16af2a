// SPDX-License-Identifier: EUPL-1.2
#include "common/journal.h"

#define JOURNAL_NAME "journal"

_Static_assert(JOURNAL_RECORD_MAX + DIGEST_SIZE <= STORE_VALUE_MAX, "an entry is one value");

struct seq_key {
	uint8_t b[8];
};

static struct seq_key
seq_key(uint64_t seq)
{
	struct seq_key key = {0};

	put_u64(key.b, seq);
	return key;
}

/* Takes a stored row apart. False when it cannot be an entry. */
static bool
entry_read(struct bytes key, struct bytes value, struct journal_entry *entry)
{
	if (key.len != sizeof(struct seq_key) || value.len <= DIGEST_SIZE)
		return false;
	entry->seq = get_u64(key.data);
	memcpy(entry->digest.b, value.data, DIGEST_SIZE);
	entry->record = bytes_of(value.data + DIGEST_SIZE, value.len - DIGEST_SIZE);
	return true;
}

struct journal
journal_open(struct store_txn *txn)
{
	return (struct journal){store_db_open(txn, JOURNAL_NAME)};
}

struct journal_head
journal_head(struct journal j, struct store_txn *txn)
{
	struct journal_head head = {0};
	struct bytes key, digest;

	if (!store_last_part(txn, j.db, &key, &digest, DIGEST_SIZE))
		return head;
	if (key.len != sizeof(struct seq_key) || digest.len != DIGEST_SIZE)
		fatal("journal: the last row is no entry: the store is damaged, restore a backup");
	head.seq = get_u64(key.data);
	memcpy(head.digest.b, digest.data, DIGEST_SIZE);
	return head;
}

uint64_t
journal_append_behind(struct journal j, struct store_txn *txn, struct journal_head *head, struct bytes record)
{
	ASSERT(record.len > 0);
	ASSERT(record.len <= JOURNAL_RECORD_MAX);

	const uint64_t seq = head->seq + 1;
	const struct digest digest = digest_chain(head->digest, seq, record);
	const struct seq_key key = seq_key(seq);

	uint8_t *entry = store_append(txn, j.db, bytes_of(key.b, sizeof(key.b)), DIGEST_SIZE + record.len);
	if (entry == NULL)
		return 0;
	memcpy(entry, digest.b, DIGEST_SIZE);
	memcpy(entry + DIGEST_SIZE, record.data, record.len);
	*head = (struct journal_head){seq, digest};
	return seq;
}

uint64_t
journal_append(struct journal j, struct store_txn *txn, struct bytes record)
{
	/* Read the head from the transaction, not from a cached copy: an aborted batch then leaves nothing in memory to
	 * undo. */
	struct journal_head head = journal_head(j, txn);

	return journal_append_behind(j, txn, &head, record);
}

bool
journal_get(struct journal j, struct store_txn *txn, uint64_t seq, struct journal_entry *entry)
{
	const struct seq_key key = seq_key(seq);
	const struct bytes k = bytes_of(key.b, sizeof(key.b));
	struct bytes value;

	return store_get(txn, j.db, k, &value) && entry_read(k, value, entry);
}

void
journal_read_begin(struct journal_reader *r, struct journal j, struct store_txn *txn, uint64_t after)
{
	const struct seq_key from = seq_key(after + 1);
	struct journal_entry entry = {0};

	/* When the entry is not there, neither is one behind it, or the first one read does not fit and says so. */
	if (after > 0)
		(void)journal_get(j, txn, after, &entry);
	r->before = entry.digest;
	r->next_seq = after + 1;
	store_walk_begin(&r->walk, txn, j.db, bytes_of(from.b, sizeof(from.b)));
}

static bool
entry_fits(const struct journal_reader *r, const struct journal_entry *entry)
{
	return entry->seq == r->next_seq &&
	       digest_equal(entry->digest, digest_chain(r->before, entry->seq, entry->record));
}

enum err
journal_read_next(struct journal_reader *r, struct journal_entry *entry)
{
	struct bytes key, value;

	if (r->next_seq == 0)
		return ERR_CORRUPT;
	if (!store_walk_next(&r->walk, &key, &value))
		return store_failed(r->walk.txn) ? ERR_IO : ERR_AGAIN;
	if (!entry_read(key, value, entry) || !entry_fits(r, entry)) {
		*entry = (struct journal_entry){0};
		r->next_seq = 0; /* Nothing behind it can be trusted. */
		return ERR_CORRUPT;
	}
	r->before = entry->digest;
	r->next_seq++;
	return ERR_NONE;
}

void
journal_read_end(struct journal_reader *r)
{
	store_walk_end(&r->walk);
}
