// SPDX-License-Identifier: EUPL-1.2
#include "services/signalling/webhook_state.h"

#define NUMBER     8u
#define ROW_LAYOUT 2u
/* layout, id, addressee, scope, region, centre, over, wanted, told, report, report_at, report_count, failures, since, agreed, url, rate */
#define ROW_BYTES (1u + ID_MAX + 4 + 3 * CODE_MAX + 1 + 1 + 1 + 1 + 8 + 4 + 4 + 8 + 1 + DIGEST_SIZE + 4)

const char *const webhook_databases[] = {"webhook_subscriptions", "webhook_queue", "webhook_known", "webhook_meta",
					 NULL};

struct webhook_db
webhook_db_open(struct store_txn *txn)
{
	return (struct webhook_db){
	    .subscriptions = store_db_open(txn, webhook_databases[0]),
	    .queue = store_db_open(txn, webhook_databases[1]),
	    .known = store_db_open(txn, webhook_databases[2]),
	    .meta = store_db_open(txn, webhook_databases[3]),
	};
}

/* ---- rows ---- */

static void
pack(const struct webhook *w, uint8_t row[ROW_BYTES])
{
	uint8_t *p = row;

	memset(row, 0, ROW_BYTES);
	*p++ = ROW_LAYOUT;
	memcpy(p, w->id.s, strlen(w->id.s));
	p += ID_MAX;
	put_u32(p, (uint32_t)w->addressee);
	p += 4;
	const struct code *const limits[] = {&w->scope, &w->region, &w->centre};
	for (unsigned i = 0; i < 3; i++, p += CODE_MAX)
		memcpy(p, limits[i]->s, strlen(limits[i]->s));
	*p++ = w->over;
	*p++ = (uint8_t)w->wanted;
	*p++ = (uint8_t)w->told;
	*p++ = (uint8_t)w->report;
	put_u64(p, (uint64_t)w->report_at_ms);
	put_u32(p + 8, w->report_count);
	put_u32(p + 12, w->failures);
	put_u64(p + 16, (uint64_t)w->failing_since_ms);
	p += 24;
	*p++ = w->agreed;
	memcpy(p, w->agreed_url.b, DIGEST_SIZE);
	put_u32(p + DIGEST_SIZE, w->rate);
}

static void
unpack(struct bytes key, struct bytes row, struct webhook *w)
{
	const uint8_t *p = row.data + 1;

	ASSERT(key.len == NUMBER && row.len == ROW_BYTES && row.data[0] == ROW_LAYOUT);
	*w = (struct webhook){.number = get_u64(key.data)};
	memcpy(w->id.s, p, ID_MAX);
	p += ID_MAX;
	w->addressee = (int)get_u32(p);
	p += 4;
	struct code *const limits[] = {&w->scope, &w->region, &w->centre};
	for (unsigned i = 0; i < 3; i++, p += CODE_MAX)
		memcpy(limits[i]->s, p, CODE_MAX);
	w->over = *p++ != 0;
	w->wanted = *p++;
	w->told = *p++;
	w->report = *p++;
	w->report_at_ms = (int64_t)get_u64(p);
	w->report_count = get_u32(p + 8);
	w->failures = get_u32(p + 12);
	w->failing_since_ms = (int64_t)get_u64(p + 16);
	p += 24;
	w->agreed = *p++ != 0;
	memcpy(w->agreed_url.b, p, DIGEST_SIZE);
	w->rate = get_u32(p + DIGEST_SIZE);
}

unsigned
webhook_load(const struct webhook_db *db, struct store_txn *txn, struct webhook out[WEBHOOKS_MAX])
{
	struct store_walk walk;
	struct bytes key, row;
	unsigned count = 0;

	store_walk_begin(&walk, txn, db->subscriptions, bytes_of(NULL, 0));
	while (count < WEBHOOKS_MAX && store_walk_next(&walk, &key, &row))
		unpack(key, row, &out[count++]);
	store_walk_end(&walk);
	return count;
}

void
webhook_put(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w)
{
	uint8_t key[NUMBER], row[ROW_BYTES];

	put_u64(key, w->number);
	pack(w, row);
	store_put(txn, db->subscriptions, bytes_of(key, NUMBER), bytes_of(row, ROW_BYTES));
}

void
webhook_delete(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w)
{
	uint8_t key[NUMBER];

	put_u64(key, w->number);
	(void)store_delete(txn, db->subscriptions, bytes_of(key, NUMBER));
}

/* ---- how far ---- */

uint64_t
webhook_looked(const struct webhook_db *db, struct store_txn *txn)
{
	struct bytes value;

	return store_get(txn, db->meta, bytes_str("looked"), &value) && value.len == NUMBER ? get_u64(value.data) : 0;
}

void
webhook_looked_put(const struct webhook_db *db, struct store_txn *txn, uint64_t seq)
{
	uint8_t value[NUMBER];

	put_u64(value, seq);
	store_put(txn, db->meta, bytes_str("looked"), bytes_of(value, NUMBER));
}

/* ---- what waits ---- */

static struct bytes
queue_key(const struct webhook *w, uint64_t seq, uint8_t key[2 * NUMBER])
{
	put_u64(key, w->number);
	put_u64(key + NUMBER, seq);
	return bytes_of(key, 2 * NUMBER);
}

void
webhook_queue_add(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w, uint64_t seq)
{
	uint8_t key[2 * NUMBER];

	store_put(txn, db->queue, queue_key(w, seq, key), bytes_of("", 1));
}

void
webhook_queue_remove(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w, uint64_t seq)
{
	uint8_t key[2 * NUMBER];

	(void)store_delete(txn, db->queue, queue_key(w, seq, key));
}

/* The first key of a subscription in a database; false when there is none. */
static bool
first_of(struct store_db in, struct store_txn *txn, const struct webhook *w, struct bytes *key)
{
	uint8_t prefix[NUMBER];
	struct store_walk walk;

	put_u64(prefix, w->number);
	store_walk_begin(&walk, txn, in, bytes_of(prefix, NUMBER));
	const bool found = store_walk_next(&walk, key, NULL) && bytes_begin_with(*key, bytes_of(prefix, NUMBER));
	store_walk_end(&walk);
	return found;
}

uint64_t
webhook_queue_first(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w)
{
	struct bytes key;

	return first_of(db->queue, txn, w, &key) ? get_u64(key.data + NUMBER) : 0;
}

uint64_t
webhook_queue_count(const struct webhook_db *db, struct store_txn *txn)
{
	return store_count(txn, db->queue);
}

/* ---- what it was told of ---- */

static struct bytes
known_key(const struct webhook *w, const struct digest *signal, uint8_t key[NUMBER + DIGEST_SIZE])
{
	put_u64(key, w->number);
	memcpy(key + NUMBER, signal->b, DIGEST_SIZE);
	return bytes_of(key, NUMBER + DIGEST_SIZE);
}

void
webhook_known_add(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w,
		  const struct digest *signal)
{
	uint8_t key[NUMBER + DIGEST_SIZE];

	store_put(txn, db->known, known_key(w, signal, key), bytes_of("", 1));
}

bool
webhook_known_remove(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w,
		     const struct digest *signal)
{
	uint8_t key[NUMBER + DIGEST_SIZE];

	return store_delete(txn, db->known, known_key(w, signal, key));
}

bool
webhook_purge(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w, unsigned max)
{
	const struct store_db both[] = {db->queue, db->known};
	struct bytes key;

	for (unsigned i = 0; i < 2; i++) {
		while (first_of(both[i], txn, w, &key)) {
			if (max-- == 0)
				return false;
			(void)store_delete(txn, both[i], key);
		}
	}
	return true;
}
