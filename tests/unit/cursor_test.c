// SPDX-License-Identifier: EUPL-1.2
/* cursor.h: what a service has read comes back, and a reader that does not fit is told how. */
#include "tests/unit/unit.h"

#include "common/cursor.h"

static const struct history ours = {"history of ours"}, theirs = {"history of them"}, none = {{0}};

struct bench {
	struct temp temp;
	struct temp_path dir;
	struct store *store;
	struct journal journal;
	struct store_db db;
};

static void
bench_open(struct bench *b)
{
	const struct store_options options = {.dir = b->dir.s, .fast = true};
	struct why why;

	assert_int_equal(store_open(&b->store, &options, &why), ERR_NONE);
	struct store_txn *txn = store_begin_write(b->store);
	b->journal = journal_open(txn);
	b->db = store_db_open(txn, "meta");
	assert_int_equal(store_commit(txn), ERR_NONE);
}

static void
bench_start(struct bench *b)
{
	b->temp = temp_make();
	b->dir = temp_path(&b->temp, "env");
	bench_open(b);
}

static void
bench_append(struct bench *b, const char *record)
{
	struct store_txn *txn = store_begin_write(b->store);

	journal_append(b->journal, txn, bytes_str(record));
	assert_int_equal(store_commit(txn), ERR_NONE);
}

static void
bench_end(struct bench *b)
{
	store_close(&b->store);
	temp_remove(&b->temp);
}

static void
assert_cursor_equal(const struct cursor *a, const struct cursor *b)
{
	assert_memory_equal(a->history.b, b->history.b, HISTORY_SIZE);
	assert_int_equal(a->seq, b->seq);
	assert_true(digest_equal(a->digest, b->digest));
	assert_int_equal(a->applied, b->applied);
	assert_int_equal(a->cause, b->cause);
	assert_int_equal(a->index, b->index);
}

/* --- load and store ----------------------------------------------------------------------------------------------- */

static void
test_without_a_cursor_reading_starts_at_the_very_start(void **state UNUSED)
{
	const struct cursor start = {0};
	struct bench b;

	bench_start(&b);
	struct store_txn *txn = store_begin_read(b.store);
	const struct cursor c = cursor_load(txn, b.db);
	assert_cursor_equal(&c, &start);
	store_abort(txn);
	bench_end(&b);
}

static void
test_what_was_stored_comes_back(void **state UNUSED)
{
	const struct cursor stored = {
	    .history = ours,
	    .seq = UINT64_C(0x0102030405060708),
	    .digest = digest_of(bytes_str("record")),
	    .applied = UINT64_MAX,
	    .cause = UINT64_C(1) << 33,
	    .index = UINT32_MAX - 1,
	};
	struct bench b;

	bench_start(&b);
	struct store_txn *txn = store_begin_write(b.store);
	cursor_store(txn, b.db, &stored);
	const struct cursor at_once = cursor_load(txn, b.db);
	assert_cursor_equal(&at_once, &stored);
	assert_int_equal(store_commit(txn), ERR_NONE);
	txn = store_begin_read(b.store);
	const struct cursor later = cursor_load(txn, b.db);
	assert_cursor_equal(&later, &stored);
	store_abort(txn);
	bench_end(&b);
}

static void
test_a_cursor_lives_and_dies_with_its_transaction(void **state UNUSED)
{
	const struct cursor first = {.history = ours, .seq = 1}, second = {.history = ours, .seq = 2};
	struct bench b;

	bench_start(&b);
	struct store_txn *txn = store_begin_write(b.store);
	cursor_store(txn, b.db, &first);
	assert_int_equal(store_commit(txn), ERR_NONE);
	txn = store_begin_write(b.store);
	cursor_store(txn, b.db, &second);
	store_abort(txn);
	txn = store_begin_read(b.store);
	const struct cursor c = cursor_load(txn, b.db);
	assert_cursor_equal(&c, &first);
	store_abort(txn);
	bench_end(&b);
}

static void
test_its_bytes_are_numbers_in_order_without_padding(void **state UNUSED)
{
	const struct cursor c = {.history = ours, .seq = 1, .applied = 2, .cause = 3, .index = 4};
	static const uint8_t numbers[] = {0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4};
	struct bench b;
	struct bytes value;

	bench_start(&b);
	struct store_txn *txn = store_begin_write(b.store);
	cursor_store(txn, b.db, &c);
	assert_true(store_get(txn, b.db, bytes_str("cursor"), &value));
	assert_int_equal(value.len, 16 + 8 + 32 + 8 + 8 + 4);
	assert_memory_equal(value.data, ours.b, 16);
	assert_int_equal(get_u64(value.data + 16), 1);
	assert_memory_equal(value.data + 56, numbers, sizeof(numbers));
	store_abort(txn);
	bench_end(&b);
}

static void
load_a_damaged_cursor(void *bench)
{
	struct bench *b = bench;

	bench_open(b);
	const struct cursor c = cursor_load(store_begin_read(b->store), b->db);
	(void)c;
}

static void
test_a_damaged_cursor_ends_the_process(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	struct store_txn *txn = store_begin_write(b.store);
	store_put(txn, b.db, bytes_str("cursor"), bytes_str("short"));
	assert_int_equal(store_commit(txn), ERR_NONE);
	store_close(&b.store);
	assert_true(ends_by_fatal(load_a_damaged_cursor, &b, "restore a backup"));
	bench_end(&b);
}

/* --- fit ---------------------------------------------------------------------------------------------------------- */

static enum cursor_fit
fit(struct bench *b, struct history asked, uint64_t seq, struct digest digest, struct history of_journal)
{
	struct store_txn *txn = store_begin_read(b->store);
	const enum cursor_fit result =
	    cursor_fit(asked, seq, bytes_of(digest.b, DIGEST_SIZE), of_journal, b->journal, txn);

	store_abort(txn);
	return result;
}

static void
test_a_reader_fits_where_history_number_and_digest_agree(void **state UNUSED)
{
	const struct digest zero = {{0}}, other = digest_of(bytes_str("another record"));
	struct bench b;

	bench_start(&b);
	bench_append(&b, "een");
	bench_append(&b, "twee");
	bench_append(&b, "drie");
	const struct digest one = digest_chain(zero, 1, bytes_str("een")),
			    two = digest_chain(one, 2, bytes_str("twee")),
			    three = digest_chain(two, 3, bytes_str("drie"));
	const struct {
		struct history asked;
		uint64_t seq;
		struct digest digest;
		enum cursor_fit expected;
	} table[] = {
	    {none, 0, zero, CURSOR_FITS}, /* the very start */
	    {ours, 0, zero, CURSOR_FITS},
	    {ours, 1, one, CURSOR_FITS},
	    {ours, 2, two, CURSOR_FITS},
	    {ours, 3, three, CURSOR_FITS},
	    {theirs, 2, two, CURSOR_OTHER_HISTORY},
	    {theirs, 0, zero, CURSOR_OTHER_HISTORY},
	    {theirs, 9, other, CURSOR_OTHER_HISTORY},
	    {none, 2, two, CURSOR_OTHER_HISTORY},
	    {ours, 2, three, CURSOR_DIFFERS}, /* a journal that took another way */
	    {ours, 3, zero, CURSOR_DIFFERS},
	    {ours, 0, one, CURSOR_DIFFERS},
	    {ours, 4, other, CURSOR_AHEAD}, /* an old backup of the journal */
	    {ours, UINT64_MAX, other, CURSOR_AHEAD},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if (fit(&b, table[i].asked, table[i].seq, table[i].digest, ours) != table[i].expected)
			fail_msg("row %zu", i);
	}
	bench_end(&b);
}

static void
test_a_digest_of_another_length_differs(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	bench_append(&b, "een");
	const struct digest one = digest_chain((struct digest){{0}}, 1, bytes_str("een"));
	struct store_txn *txn = store_begin_read(b.store);
	assert_int_equal(cursor_fit(ours, 1, bytes_of(one.b, 31), ours, b.journal, txn), CURSOR_DIFFERS);
	assert_int_equal(cursor_fit(ours, 1, bytes_of(NULL, 0), ours, b.journal, txn), CURSOR_DIFFERS);
	assert_int_equal(cursor_fit(none, 0, bytes_of(NULL, 0), ours, b.journal, txn), CURSOR_FITS);
	store_abort(txn);
	bench_end(&b);
}

static void
test_who_has_read_more_than_an_empty_journal_is_ahead_of_it(void **state UNUSED)
{
	const struct digest some = digest_of(bytes_str("some"));
	struct bench b;

	bench_start(&b);
	assert_int_equal(fit(&b, none, 0, (struct digest){{0}}, none), CURSOR_FITS);
	assert_int_equal(fit(&b, ours, 5, some, none), CURSOR_AHEAD);
	assert_int_equal(fit(&b, ours, 5, some, ours), CURSOR_AHEAD);
	assert_int_equal(fit(&b, ours, 5, some, theirs), CURSOR_OTHER_HISTORY);
	bench_end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_without_a_cursor_reading_starts_at_the_very_start),
	    cmocka_unit_test(test_what_was_stored_comes_back),
	    cmocka_unit_test(test_a_cursor_lives_and_dies_with_its_transaction),
	    cmocka_unit_test(test_its_bytes_are_numbers_in_order_without_padding),
	    cmocka_unit_test(test_a_damaged_cursor_ends_the_process),
	    cmocka_unit_test(test_a_reader_fits_where_history_number_and_digest_agree),
	    cmocka_unit_test(test_a_digest_of_another_length_differs),
	    cmocka_unit_test(test_who_has_read_more_than_an_empty_journal_is_ahead_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
