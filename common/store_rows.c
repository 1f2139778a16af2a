// SPDX-License-Identifier: EUPL-1.2
/* store_rows.c - rows inside a transaction: databases, get, put, append, delete, walks. */
#include "common/store_internal.h"

/* --- databases -------------------------------------------------------------------------------------------------- */

static uint64_t
bit_of(struct store_db db)
{
	ASSERT(db.handle < HANDLE_MAX);
	return (uint64_t)1 << db.handle;
}

/* In memory handles are given out from 2 on, as LMDB does. */
static struct store_db
open_in_memory(struct store_txn *txn, const char *name)
{
	struct store *s = txn->store;
	unsigned handle = 2;

	ASSERT(strlen(name) < sizeof(s->memory_names[0]));
	while (handle < HANDLE_MAX && s->memory[handle] != NULL && strcmp(s->memory_names[handle], name) != 0)
		handle++;
	ASSERT(handle < HANDLE_MAX);
	if (s->memory[handle] == NULL && !txn->writes) {
		txn->err = ERR_REFUSED;
		return (struct store_db){0};
	}
	if (s->memory[handle] == NULL) {
		s->memory[handle] = memory_new();
		memcpy(s->memory_names[handle], name, strlen(name) + 1);
	}
	txn->fresh |= bit_of((struct store_db){handle});
	return (struct store_db){handle};
}

struct store_db
store_db_open(struct store_txn *txn, const char *name)
{
	struct store *s = txn->store;
	const struct store_txn *other = txn->writes ? &s->read : &s->write;
	MDB_dbi handle = 0;

	ASSERT(txn->active);
	if (txn->err != ERR_NONE)
		return (struct store_db){0};
	if (s->memory != NULL)
		return open_in_memory(txn, name);
	const int rc = mdb_dbi_open(txn->handle, name, txn->writes ? MDB_CREATE : 0, &handle);
	ASSERT(rc != MDB_DBS_FULL);
	if (rc == MDB_NOTFOUND)
		txn->err = ERR_REFUSED; /* only when reading */
	if (!store_txn_ok(txn, rc))
		return (struct store_db){0};
	const struct store_db db = {handle};
	if ((s->known & bit_of(db)) == 0) {
		/* LMDB would give the same new handle to both. */
		ASSERT(!other->active || (other->fresh & bit_of(db)) == 0);
		txn->fresh |= bit_of(db);
	}
	return db;
}

/* May this transaction touch that database? A handle of a transaction that was undone is void. */
static bool
usable(const struct store_txn *txn, struct store_db db)
{
	ASSERT(txn->active);
	if (txn->err != ERR_NONE)
		return false;
	ASSERT(((txn->store->known | txn->fresh) & bit_of(db)) != 0);
	return true;
}

static bool
is_key(struct bytes key)
{
	return key.len > 0 && key.len <= STORE_KEY_MAX;
}

/* The rows of a store in memory; NULL for any other. */
static struct memory_map *
memory_of(const struct store_txn *txn, struct store_db db)
{
	return txn->store->memory == NULL ? NULL : txn->store->memory[db.handle];
}

static MDB_val
val_of(struct bytes b)
{
	/* LMDB only reads through it. */
	return (MDB_val){b.len, (void *)(uintptr_t)b.data};
}

/* Not more than `max` bytes of it. */
static void
copy_bytes(struct store_txn *txn, struct bytes from, struct bytes *out, size_t max)
{
	if (out != NULL)
		*out = arena_copy(&txn->arena, bytes_of(from.data, from.len < max ? from.len : max));
}

static void
copy_out(struct store_txn *txn, MDB_val val, struct bytes *out, size_t max)
{
	copy_bytes(txn, bytes_of(val.mv_data, val.mv_size), out, max);
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

bool
store_get_part(struct store_txn *txn, struct store_db db, struct bytes key, struct bytes *value, size_t value_max)
{
	if (!usable(txn, db) || !is_key(key))
		return false;
	const struct memory_map *memory = memory_of(txn, db);
	struct bytes found;
	if (memory != NULL) {
		if (!memory_get(memory, key, &found))
			return false;
		copy_bytes(txn, found, value, value_max);
		return true;
	}
	MDB_val k = val_of(key), v;
	if (!store_txn_found(txn, mdb_get(txn->handle, db.handle, &k, &v)))
		return false;
	copy_out(txn, v, value, value_max);
	return true;
}

bool
store_get(struct store_txn *txn, struct store_db db, struct bytes key, struct bytes *value)
{
	return store_get_part(txn, db, key, value, SIZE_MAX);
}

bool
store_last_part(struct store_txn *txn, struct store_db db, struct bytes *key, struct bytes *value, size_t value_max)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	struct bytes last[2];

	if (!usable(txn, db))
		return false;
	const struct memory_map *memory = memory_of(txn, db);
	if (memory != NULL) {
		struct memory_place place = memory_last(memory);
		if (!memory_at(memory, &place, &last[0], &last[1]))
			return false;
		copy_bytes(txn, last[0], key, SIZE_MAX);
		copy_bytes(txn, last[1], value, value_max);
		return true;
	}
	if (!store_txn_ok(txn, mdb_cursor_open(txn->handle, db.handle, &cursor)))
		return false;
	const bool found = store_txn_found(txn, mdb_cursor_get(cursor, &k, &v, MDB_LAST));
	if (found) {
		copy_out(txn, k, key, SIZE_MAX);
		copy_out(txn, v, value, value_max);
	}
	mdb_cursor_close(cursor);
	return found;
}

bool
store_last(struct store_txn *txn, struct store_db db, struct bytes *key, struct bytes *value)
{
	return store_last_part(txn, db, key, value, SIZE_MAX);
}

uint64_t
store_count(struct store_txn *txn, struct store_db db)
{
	MDB_stat stat;

	if (!usable(txn, db))
		return 0;
	if (memory_of(txn, db) != NULL)
		return memory_count(memory_of(txn, db));
	if (!store_txn_ok(txn, mdb_stat(txn->handle, db.handle, &stat)))
		return 0;
	return stat.ms_entries;
}

void
store_walk_begin(struct store_walk *walk, struct store_txn *txn, struct store_db db, struct bytes from)
{
	MDB_cursor *cursor = NULL;

	*walk = (struct store_walk){.txn = txn};
	if (usable(txn, db) && memory_of(txn, db) != NULL) {
		walk->memory = memory_of(txn, db);
		const struct memory_place place = memory_find(walk->memory, from);
		walk->block = place.block;
		walk->row = place.row;
		txn->walks++;
		return;
	}
	if (usable(txn, db) && store_txn_ok(txn, mdb_cursor_open(txn->handle, db.handle, &cursor)))
		txn->walks++;
	*walk = (struct store_walk){.cursor = cursor, .txn = txn, .from = arena_copy(&txn->arena, from)};
}

static bool
next_in_memory(struct store_walk *walk, struct bytes *key, struct bytes *value)
{
	struct memory_place place = {walk->block, walk->row};
	struct bytes k, v;

	if (walk->txn->err != ERR_NONE || !memory_at(walk->memory, &place, &k, &v))
		return false;
	copy_bytes(walk->txn, k, key, SIZE_MAX);
	copy_bytes(walk->txn, v, value, SIZE_MAX);
	walk->block = place.block;
	walk->row = place.row + 1;
	return true;
}

bool
store_walk_next(struct store_walk *walk, struct bytes *key, struct bytes *value)
{
	MDB_val k = val_of(walk->from), v;
	MDB_cursor_op op = MDB_NEXT;

	if (walk->memory != NULL)
		return next_in_memory(walk, key, value);
	if (walk->cursor == NULL || walk->txn->err != ERR_NONE)
		return false;
	if (!walk->begun)
		op = walk->from.len == 0 ? MDB_FIRST : MDB_SET_RANGE;
	walk->begun = true;
	if (!store_txn_found(walk->txn, mdb_cursor_get(walk->cursor, &k, &v, op)))
		return false;
	copy_out(walk->txn, k, key, SIZE_MAX);
	copy_out(walk->txn, v, value, SIZE_MAX);
	return true;
}

void
store_walk_end(struct store_walk *walk)
{
	if (walk->memory != NULL) {
		walk->memory = NULL;
		walk->txn->walks--;
	}
	if (walk->cursor == NULL)
		return;
	mdb_cursor_close(walk->cursor);
	walk->cursor = NULL;
	walk->txn->walks--;
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

void
store_put(struct store_txn *txn, struct store_db db, struct bytes key, struct bytes value)
{
	ASSERT(txn->writes);
	ASSERT(is_key(key));
	ASSERT(value.len <= STORE_VALUE_MAX);
	if (!usable(txn, db))
		return;
	if (memory_of(txn, db) != NULL) {
		uint8_t *room = memory_put(memory_of(txn, db), key, value.len);
		if (value.len > 0)
			memcpy(room, value.data, value.len);
		txn->wrote = true;
		return;
	}
	MDB_val k = val_of(key), v = val_of(value);
	store_txn_ok(txn, mdb_put(txn->handle, db.handle, &k, &v, 0));
}

static uint8_t *
append_in_memory(struct store_txn *txn, struct memory_map *memory, struct bytes key, size_t len)
{
	struct memory_place place = memory_find(memory, key);
	struct bytes k, v;

	if (memory_at(memory, &place, &k, &v)) {
		txn->err = ERR_CORRUPT; /* not behind the last key */
		return NULL;
	}
	txn->wrote = true;
	return memory_put(memory, key, len);
}

uint8_t *
store_append(struct store_txn *txn, struct store_db db, struct bytes key, size_t len)
{
	ASSERT(txn->writes);
	ASSERT(is_key(key));
	ASSERT(len <= STORE_VALUE_MAX);
	if (!usable(txn, db))
		return NULL;
	if (memory_of(txn, db) != NULL)
		return append_in_memory(txn, memory_of(txn, db), key, len);
	MDB_val k = val_of(key), v = {len, NULL};
	if (!store_txn_ok(txn, mdb_put(txn->handle, db.handle, &k, &v, MDB_APPEND | MDB_RESERVE)))
		return NULL;
	return v.mv_data;
}

bool
store_delete(struct store_txn *txn, struct store_db db, struct bytes key)
{
	ASSERT(txn->writes);
	if (!usable(txn, db) || !is_key(key))
		return false;
	if (memory_of(txn, db) != NULL) {
		txn->wrote = true;
		return memory_delete(memory_of(txn, db), key);
	}
	MDB_val k = val_of(key);
	return store_txn_found(txn, mdb_del(txn->handle, db.handle, &k, NULL));
}
