// SPDX-License-Identifier: EUPL-1.2
/* Rows in memory, beside the same rows in LMDB: whatever is done to both, both say the same. */
#include "tests/unit/unit.h"

#include "common/store.h"
#include "tests/load/load.h"

#define ROUNDS 20000u

struct pair {
	struct store *store[2]; /* LMDB, memory */
	struct store_txn *txn[2];
	struct store_db db[2];
};

static void
begin(struct pair *p)
{
	for (unsigned i = 0; i < 2; i++) {
		p->txn[i] = store_begin_write(p->store[i]);
		p->db[i] = store_db_open(p->txn[i], "rows");
	}
}

static void
commit(struct pair *p)
{
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(store_commit(p->txn[i]), ERR_NONE);
}

/* Keys that often begin alike, of all lengths from 1, with NULs. */
static struct bytes
draw_key(struct load_random *r, uint8_t buffer[24])
{
	const size_t len = 1 + load_below(r, 20);

	for (size_t i = 0; i < len; i++)
		buffer[i] = (uint8_t)load_below(r, i % 7 < 6 ? 2 : 3);
	return bytes_of(buffer, len);
}

static void
compare_walk(struct pair *p, struct bytes from)
{
	struct store_walk walk[2];
	struct bytes key[2], value[2];
	bool more[2];

	for (unsigned i = 0; i < 2; i++)
		store_walk_begin(&walk[i], p->txn[i], p->db[i], from);
	do {
		for (unsigned i = 0; i < 2; i++)
			more[i] = store_walk_next(&walk[i], &key[i], &value[i]);
		assert_int_equal(more[0], more[1]);
		if (more[0]) {
			assert_true(bytes_equal(key[0], key[1]));
			assert_true(bytes_equal(value[0], value[1]));
		}
	} while (more[0]);
	for (unsigned i = 0; i < 2; i++)
		store_walk_end(&walk[i]);
}

static void
compare_ends(struct pair *p)
{
	struct bytes key[2], value[2];
	bool there[2];

	for (unsigned i = 0; i < 2; i++)
		there[i] = store_last(p->txn[i], p->db[i], &key[i], &value[i]);
	assert_int_equal(there[0], there[1]);
	if (there[0])
		assert_true(bytes_equal(key[0], key[1]) && bytes_equal(value[0], value[1]));
	assert_int_equal(store_count(p->txn[0], p->db[0]), store_count(p->txn[1], p->db[1]));
}

static void
one_round(struct pair *p, struct load_random *r)
{
	uint8_t buffer[24], content[200];
	struct bytes value[2];
	bool was[2];
	const struct bytes key = draw_key(r, buffer);
	const uint64_t what = load_below(r, 10);

	memset(content, (int)load_below(r, 256), sizeof content);
	const struct bytes put = bytes_of(content, load_below(r, sizeof content));
	for (unsigned i = 0; i < 2; i++) {
		if (what < 5) {
			store_put(p->txn[i], p->db[i], key, put);
			was[i] = true;
		} else {
			was[i] = what < 8 ? store_delete(p->txn[i], p->db[i], key)
					  : store_get(p->txn[i], p->db[i], key, &value[i]);
		}
	}
	assert_int_equal(was[0], was[1]);
	if (what >= 8 && was[0])
		assert_true(bytes_equal(value[0], value[1]));
}

static void
rows_in_memory_are_as_those_of_lmdb(void **state)
{
	struct temp dir = temp_make();
	struct load_random r = {9};
	struct pair p;
	struct why why;
	char path[1100];
	uint8_t buffer[24];

	(void)state;
	snprintf(path, sizeof path, "%s/store", dir.dir);
	assert_int_equal(store_open(&p.store[0], &(struct store_options){.dir = path, .fast = true}, &why), ERR_NONE);
	assert_int_equal(store_open(&p.store[1], &(struct store_options){.in_memory = true}, &why), ERR_NONE);
	for (unsigned round = 0; round < ROUNDS;) {
		begin(&p);
		for (unsigned i = 0; i < 500; i++, round++)
			one_round(&p, &r);
		compare_walk(&p, bytes_of(NULL, 0));
		compare_walk(&p, draw_key(&r, buffer));
		compare_ends(&p);
		commit(&p);
	}
	for (unsigned i = 0; i < 2; i++)
		store_close(&p.store[i]);
	temp_remove(&dir);
}

static void
appended_rows_stand_in_order_and_none_before_the_last(void **state)
{
	struct store *store;
	struct why why;
	uint8_t key[4];

	(void)state;
	assert_int_equal(store_open(&store, &(struct store_options){.in_memory = true}, &why), ERR_NONE);
	struct store_txn *txn = store_begin_write(store);
	const struct store_db db = store_db_open(txn, "rows");
	for (uint32_t i = 0; i < 1000; i++) {
		put_u32(key, i);
		uint8_t *room = store_append(txn, db, bytes_of(key, 4), 1);
		assert_non_null(room);
		*room = 1;
	}
	assert_int_equal(store_count(txn, db), 1000);
	put_u32(key, 500);
	assert_null(store_append(txn, db, bytes_of(key, 4), 1));
	assert_int_equal(store_commit(txn), ERR_CORRUPT);
	store_close(&store);
}

/* It cannot be undone: so it says no more. */
static void
a_store_in_memory_is_dead_behind_an_undone_change(void **state)
{
	struct store *store;
	struct why why;

	(void)state;
	assert_int_equal(store_open(&store, &(struct store_options){.in_memory = true}, &why), ERR_NONE);
	struct store_txn *txn = store_begin_write(store);
	struct store_db db = store_db_open(txn, "rows");
	store_abort(txn);
	txn = store_begin_write(store);
	assert_false(store_failed(txn)); /* nothing was written: nothing to undo */
	db = store_db_open(txn, "rows");
	store_put(txn, db, bytes_str("a"), bytes_str("b"));
	store_abort(txn);
	txn = store_begin_write(store);
	assert_true(store_failed(txn));
	assert_int_equal(store_commit(txn), ERR_IO);
	store_close(&store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_in_memory_are_as_those_of_lmdb),
	    cmocka_unit_test(appended_rows_stand_in_order_and_none_before_the_last),
	    cmocka_unit_test(a_store_in_memory_is_dead_behind_an_undone_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
