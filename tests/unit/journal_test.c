// SPDX-License-Identifier: EUPL-1.2
/* journal.h: the same records give the same chain, however they were batched, and whatever does not fit is found. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "common/journal.h"

#define RECORDS 1000

/* Of the 1000 records below, by an independent implementation (Python's hashlib.blake2b). */
#define LAST_DIGEST "05519890fc9ae464b6169058f8ef74bc7cb9885c058cbb03e82ba7df0c4801ee"

/* --- the bench ---------------------------------------------------------------------------------------------------- */

struct bench {
	struct temp temp;
	struct temp_path dir;
	struct store_options options;
	struct store *store;
	struct journal journal;
};

static void
bench_open(struct bench *b)
{
	struct why why;

	if (store_open(&b->store, &b->options, &why) != ERR_NONE)
		fail_msg("store_open: %s", why.text);
	struct store_txn *txn = store_begin_write(b->store);
	b->journal = journal_open(txn);
	assert_int_equal(store_commit(txn), ERR_NONE);
}

static void
bench_start(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->temp = temp_make();
	b->dir = temp_path(&b->temp, "env");
	b->options = (struct store_options){.dir = b->dir.s, .fast = true};
	bench_open(b);
}

static void
bench_end(struct bench *b)
{
	store_close(&b->store);
	temp_remove(&b->temp);
}

static void
bench_reopen_with_map(struct bench *b, size_t map_bytes)
{
	store_close(&b->store);
	b->options.map_bytes = map_bytes;
	bench_open(b);
}

struct sample {
	uint8_t b[3000];
	size_t len;
};

static struct bytes
sample(uint64_t i, struct sample *s)
{
	s->len = (size_t)(i * i * 7 % sizeof(s->b)) + 1;
	for (size_t k = 0; k < s->len; k++)
		s->b[k] = (uint8_t)(i + k * 31);
	return bytes_of(s->b, s->len);
}

/* Appends the records first..last in one batch. */
static enum err
append_batch(struct bench *b, uint64_t first, uint64_t last)
{
	struct store_txn *txn = store_begin_write(b->store);
	struct sample s;

	for (uint64_t i = first; i <= last; i++) {
		const uint64_t seq = journal_append(b->journal, txn, sample(i, &s));
		if (store_failed(txn))
			assert_int_equal(seq, 0);
		else
			assert_int_equal(seq, i);
	}
	return store_commit(txn);
}

static struct journal_head
head_of(struct bench *b)
{
	struct store_txn *txn = store_begin_read(b->store);
	const struct journal_head head = journal_head(b->journal, txn);

	store_abort(txn);
	return head;
}

static void
assert_complete(struct bench *b)
{
	const struct journal_head head = head_of(b);
	char hex[2 * DIGEST_SIZE + 1];

	bytes_hex(bytes_of(head.digest.b, DIGEST_SIZE), hex);
	assert_int_equal(head.seq, RECORDS);
	assert_string_equal(hex, LAST_DIGEST);
}

/* Reads after `after` until it stops: how many were given out, and why it stopped. */
static enum err
read_all(struct bench *b, uint64_t after, uint64_t *given)
{
	struct store_txn *txn = store_begin_read(b->store);
	struct journal_reader r;
	struct journal_entry entry;
	struct sample s;
	enum err err;

	*given = 0;
	journal_read_begin(&r, b->journal, txn, after);
	while ((err = journal_read_next(&r, &entry)) == ERR_NONE) {
		++*given;
		assert_int_equal(entry.seq, after + *given);
		assert_true(bytes_equal(entry.record, sample(entry.seq, &s)));
	}
	/* What stopped stays stopped. */
	assert_int_equal(journal_read_next(&r, &entry), err);
	journal_read_end(&r);
	assert_false(store_failed(txn));
	store_abort(txn);
	return err;
}

static void
assert_reads(struct bench *b, uint64_t after, uint64_t expected_given, enum err expected)
{
	uint64_t given;

	assert_int_equal(read_all(b, after, &given), expected);
	assert_int_equal(given, expected_given);
}

/* Writes a row of the journal's database as nobody should. */
static void
tamper(struct bench *b, uint64_t seq, struct bytes value)
{
	struct store_txn *txn = store_begin_write(b->store);
	uint8_t key[8];

	put_u64(key, seq);
	if (value.data == NULL)
		assert_true(store_delete(txn, b->journal.db, bytes_of(key, sizeof(key))));
	else
		store_put(txn, b->journal.db, bytes_of(key, sizeof(key)), value);
	assert_int_equal(store_commit(txn), ERR_NONE);
}

/* --- appending ---------------------------------------------------------------------------------------------------- */

static void
test_batches_of_any_size_end_in_the_same_digest(void **state UNUSED)
{
	static const uint64_t batches[] = {1, 7, 64, 256, RECORDS};

	for (size_t k = 0; k < COUNT_OF(batches); k++) {
		struct bench b;
		bench_start(&b);
		for (uint64_t i = 1; i <= RECORDS; i += batches[k]) {
			const uint64_t last = i + batches[k] - 1;
			assert_int_equal(append_batch(&b, i, last < RECORDS ? last : RECORDS), ERR_NONE);
		}
		assert_complete(&b);
		assert_reads(&b, 0, RECORDS, ERR_AGAIN);
		bench_end(&b);
	}
}

static void
test_three_aborts_by_a_full_map_with_redo_end_in_the_same_digest(void **state UNUSED)
{
	struct bench b;
	int aborts = 0;
	uint64_t next = 1;

	bench_start(&b);
	bench_reopen_with_map(&b, 300 << 10);
	while (next <= RECORDS) {
		const uint64_t last = next + 63 < RECORDS ? next + 63 : RECORDS;
		const enum err err = append_batch(&b, next, last);
		if (err == ERR_NONE) {
			next = last + 1;
			continue;
		}
		assert_int_equal(err, ERR_STORE_FULL);
		assert_int_equal(head_of(&b).seq, next - 1);
		aborts++;
		bench_reopen_with_map(&b, b.options.map_bytes + (aborts < 3 ? 400 << 10 : 8 << 20));
	}
	assert_int_equal(aborts, 3);
	assert_complete(&b);
	assert_reads(&b, 0, RECORDS, ERR_AGAIN);
	bench_end(&b);
}

static void
test_an_aborted_batch_leaves_nothing_behind_in_numbers_or_digests(void **state UNUSED)
{
	struct bench b;
	struct sample s;

	bench_start(&b);
	assert_int_equal(append_batch(&b, 1, 10), ERR_NONE);
	struct store_txn *txn = store_begin_write(b.store);
	assert_int_equal(journal_append(b.journal, txn, bytes_str("never happened")), 11);
	assert_int_equal(journal_append(b.journal, txn, sample(11, &s)), 12);
	store_abort(txn);
	assert_int_equal(append_batch(&b, 11, RECORDS), ERR_NONE);
	assert_complete(&b);
	bench_end(&b);
}

static void
test_the_head_of_an_empty_journal_is_nothing(void **state UNUSED)
{
	const struct journal_head none = {0};
	struct bench b;

	bench_start(&b);
	const struct journal_head head = head_of(&b);
	assert_int_equal(head.seq, 0);
	assert_true(digest_equal(head.digest, none.digest));
	assert_reads(&b, 0, 0, ERR_AGAIN);
	bench_end(&b);
}

static void
test_the_head_inside_a_batch_is_that_of_the_batch(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	struct store_txn *txn = store_begin_write(b.store);
	journal_append(b.journal, txn, bytes_str("een"));
	const struct digest one = digest_chain((struct digest){{0}}, 1, bytes_str("een"));
	assert_int_equal(journal_head(b.journal, txn).seq, 1);
	assert_true(digest_equal(journal_head(b.journal, txn).digest, one));
	store_abort(txn);
	bench_end(&b);
}

static void
test_the_largest_record_goes_in_and_comes_out(void **state UNUSED)
{
	static uint8_t large[JOURNAL_RECORD_MAX];
	struct journal_entry entry;
	struct journal_reader r;
	struct bench b;

	bench_start(&b);
	memset(large, 'L', sizeof(large));
	struct store_txn *txn = store_begin_write(b.store);
	assert_int_equal(journal_append(b.journal, txn, bytes_str("small")), 1);
	assert_int_equal(journal_append(b.journal, txn, bytes_of(large, sizeof(large))), 2);
	assert_int_equal(journal_append(b.journal, txn, bytes_str("s")), 3);
	assert_int_equal(store_commit(txn), ERR_NONE);
	txn = store_begin_read(b.store);
	journal_read_begin(&r, b.journal, txn, 1);
	assert_int_equal(journal_read_next(&r, &entry), ERR_NONE);
	assert_true(bytes_equal(entry.record, bytes_of(large, sizeof(large))));
	assert_int_equal(journal_read_next(&r, &entry), ERR_NONE);
	assert_true(bytes_equal(entry.record, bytes_str("s")));
	journal_read_end(&r);
	store_abort(txn);
	bench_end(&b);
}

static uint8_t too_large[JOURNAL_RECORD_MAX + 1];

static void
append_too_much(void *bench)
{
	struct bench *b = bench;

	bench_open(b);
	journal_append(b->journal, store_begin_write(b->store), bytes_of(too_large, sizeof(too_large)));
}

static void
append_nothing(void *bench)
{
	struct bench *b = bench;

	bench_open(b);
	journal_append(b->journal, store_begin_write(b->store), bytes_of(too_large, 0));
}

static void
test_an_empty_or_too_large_record_is_our_bug(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	store_close(&b.store);
	assert_true(ends_by_assert(append_nothing, &b));
	assert_true(ends_by_assert(append_too_much, &b));
	bench_end(&b);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void
test_reading_starts_behind_any_record(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	assert_int_equal(append_batch(&b, 1, 300), ERR_NONE);
	assert_reads(&b, 0, 300, ERR_AGAIN);
	assert_reads(&b, 1, 299, ERR_AGAIN);
	assert_reads(&b, 255, 45, ERR_AGAIN);
	assert_reads(&b, 299, 1, ERR_AGAIN);
	assert_reads(&b, 300, 0, ERR_AGAIN);
	assert_reads(&b, 999, 0, ERR_AGAIN);
	bench_end(&b);
}

static void
test_one_entry_by_number(void **state UNUSED)
{
	struct journal_entry entry;
	struct bench b;
	struct sample s;

	bench_start(&b);
	assert_int_equal(append_batch(&b, 1, 20), ERR_NONE);
	struct store_txn *txn = store_begin_read(b.store);
	assert_true(journal_get(b.journal, txn, 20, &entry));
	assert_int_equal(entry.seq, 20);
	assert_true(bytes_equal(entry.record, sample(20, &s)));
	assert_true(digest_equal(entry.digest, journal_head(b.journal, txn).digest));
	assert_false(journal_get(b.journal, txn, 0, &entry));
	assert_false(journal_get(b.journal, txn, 21, &entry));
	store_abort(txn);
	bench_end(&b);
}

static void
test_an_altered_bit_is_found_wherever_it_is_and_not_given_out(void **state UNUSED)
{
	struct bench b;
	struct journal_entry entry;
	uint8_t value[DIGEST_SIZE + sizeof(struct sample)];

	bench_start(&b);
	assert_int_equal(append_batch(&b, 1, 30), ERR_NONE);
	struct store_txn *txn = store_begin_read(b.store);
	assert_true(journal_get(b.journal, txn, 7, &entry));
	const size_t len = DIGEST_SIZE + entry.record.len;
	memcpy(value, entry.digest.b, DIGEST_SIZE);
	memcpy(value + DIGEST_SIZE, entry.record.data, entry.record.len);
	store_abort(txn);
	assert_true(len > 300);

	/* Every bit of the digest, and some of the record. */
	for (size_t bit = 0; bit < len * 8; bit += bit < 8 * DIGEST_SIZE ? 1 : 61) {
		value[bit / 8] ^= (uint8_t)(1 << bit % 8);
		tamper(&b, 7, bytes_of(value, len));
		assert_reads(&b, 0, 6, ERR_CORRUPT);
		assert_reads(&b, 6, 0, ERR_CORRUPT);
		value[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	tamper(&b, 7, bytes_of(value, len));
	assert_reads(&b, 0, 30, ERR_AGAIN);
	bench_end(&b);
}

static void
test_a_bit_that_rots_on_the_disk_is_found(void **state UNUSED)
{
	static const char text[] = "the bytes of a record on the disk";
	static uint8_t file[1 << 20];
	struct journal_entry entry;
	struct journal_reader r;
	struct bench b;

	bench_start(&b);
	struct store_txn *txn = store_begin_write(b.store);
	journal_append(b.journal, txn, bytes_str(text));
	assert_int_equal(store_commit(txn), ERR_NONE);
	store_close(&b.store);

	const struct temp_path data = temp_path(&b.temp, "env/data.mdb");
	const int fd = open(data.s, O_RDWR);
	const ssize_t len = read(fd, file, sizeof(file));
	assert_true(len > 0 && (size_t)len < sizeof(file));
	uint8_t *at = memmem(file, (size_t)len, text, strlen(text));
	assert_non_null(at);
	at[10] ^= 0x04;
	assert_int_equal(pwrite(fd, at, 32, at - file), 32);
	close(fd);

	bench_open(&b);
	txn = store_begin_read(b.store);
	journal_read_begin(&r, b.journal, txn, 0);
	assert_int_equal(journal_read_next(&r, &entry), ERR_CORRUPT);
	assert_null(entry.record.data);
	journal_read_end(&r);
	store_abort(txn);
	bench_end(&b);
}

static void
test_a_record_too_short_to_be_one_is_found(void **state UNUSED)
{
	struct bench b;
	uint8_t short_value[DIGEST_SIZE] = {0};

	bench_start(&b);
	assert_int_equal(append_batch(&b, 1, 10), ERR_NONE);
	tamper(&b, 4, bytes_of(short_value, sizeof(short_value)));
	assert_reads(&b, 0, 3, ERR_CORRUPT);
	tamper(&b, 4, bytes_of(short_value, 0));
	assert_reads(&b, 0, 3, ERR_CORRUPT);
	bench_end(&b);
}

static void
test_a_gap_is_found(void **state UNUSED)
{
	const struct bytes gone = {NULL, 0};
	struct bench b;

	bench_start(&b);
	assert_int_equal(append_batch(&b, 1, 10), ERR_NONE);
	tamper(&b, 5, gone);
	assert_reads(&b, 0, 4, ERR_CORRUPT);
	assert_reads(&b, 4, 0, ERR_CORRUPT);
	assert_reads(&b, 5, 0, ERR_CORRUPT); /* its digest is needed to check the next */
	assert_reads(&b, 6, 4, ERR_AGAIN);
	tamper(&b, 1, gone);
	assert_reads(&b, 0, 0, ERR_CORRUPT);
	bench_end(&b);
}

static void
test_two_records_that_changed_places_are_found(void **state UNUSED)
{
	uint8_t values[2][DIGEST_SIZE + sizeof(struct sample)];
	size_t lens[2];
	struct bench b;

	bench_start(&b);
	assert_int_equal(append_batch(&b, 1, 10), ERR_NONE);
	struct store_txn *txn = store_begin_read(b.store);
	for (unsigned i = 0; i < 2; i++) {
		struct journal_entry entry;
		assert_true(journal_get(b.journal, txn, 3 + i, &entry));
		lens[i] = DIGEST_SIZE + entry.record.len;
		memcpy(values[i], entry.digest.b, DIGEST_SIZE);
		memcpy(values[i] + DIGEST_SIZE, entry.record.data, entry.record.len);
	}
	store_abort(txn);
	tamper(&b, 3, bytes_of(values[1], lens[1]));
	tamper(&b, 4, bytes_of(values[0], lens[0]));
	assert_reads(&b, 0, 2, ERR_CORRUPT);
	bench_end(&b);
}

static void
test_a_foreign_key_is_found(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	assert_int_equal(append_batch(&b, 1, 10), ERR_NONE);
	struct store_txn *txn = store_begin_write(b.store);
	store_put(txn, b.journal.db, bytes_of("\0\0\0\0\0\0\0\4!", 9),
		  bytes_str("what is this, not an entry of a journal"));
	/* Behind the last entry, and too short for a number. */
	store_put(txn, b.journal.db, bytes_of("\0\0\0\0\0\0\1", 7),
		  bytes_str("what is this, not an entry of a journal"));
	assert_int_equal(store_commit(txn), ERR_NONE);
	assert_reads(&b, 0, 4, ERR_CORRUPT);
	assert_reads(&b, 4, 6, ERR_CORRUPT);
	bench_end(&b);
}

static void
append_behind_a_row_that_is_no_entry(void *bench)
{
	struct bench *b = bench;

	bench_open(b);
	journal_append(b->journal, store_begin_write(b->store), bytes_str("record"));
}

static void
test_nothing_is_appended_behind_a_row_that_is_no_entry(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	tamper(&b, 1, bytes_str("short"));
	store_close(&b.store);
	assert_true(ends_by_fatal(append_behind_a_row_that_is_no_entry, &b, "restore a backup"));
	bench_end(&b);
}

static int
fail_commit(void *ctx)
{
	return *(int *)ctx;
}

static void
test_a_reader_of_a_dead_store_says_so(void **state UNUSED)
{
	struct journal_entry entry;
	struct journal_reader r;
	struct bench b;
	int e = 0;

	bench_start(&b);
	b.options.fault = fail_commit;
	b.options.fault_ctx = &e;
	store_close(&b.store);
	bench_open(&b);
	assert_int_equal(append_batch(&b, 1, 3), ERR_NONE);
	e = EIO;
	assert_int_equal(append_batch(&b, 4, 5), ERR_IO);
	struct store_txn *txn = store_begin_read(b.store);
	journal_read_begin(&r, b.journal, txn, 0);
	assert_int_equal(journal_read_next(&r, &entry), ERR_IO);
	journal_read_end(&r);
	store_abort(txn);
	e = 0;
	store_close(&b.store);
	bench_open(&b);
	assert_reads(&b, 0, 3, ERR_AGAIN);
	bench_end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_batches_of_any_size_end_in_the_same_digest),
	    cmocka_unit_test(test_three_aborts_by_a_full_map_with_redo_end_in_the_same_digest),
	    cmocka_unit_test(test_an_aborted_batch_leaves_nothing_behind_in_numbers_or_digests),
	    cmocka_unit_test(test_the_head_of_an_empty_journal_is_nothing),
	    cmocka_unit_test(test_the_head_inside_a_batch_is_that_of_the_batch),
	    cmocka_unit_test(test_the_largest_record_goes_in_and_comes_out),
	    cmocka_unit_test(test_an_empty_or_too_large_record_is_our_bug),
	    cmocka_unit_test(test_reading_starts_behind_any_record),
	    cmocka_unit_test(test_one_entry_by_number),
	    cmocka_unit_test(test_an_altered_bit_is_found_wherever_it_is_and_not_given_out),
	    cmocka_unit_test(test_a_bit_that_rots_on_the_disk_is_found),
	    cmocka_unit_test(test_a_record_too_short_to_be_one_is_found),
	    cmocka_unit_test(test_a_gap_is_found),
	    cmocka_unit_test(test_two_records_that_changed_places_are_found),
	    cmocka_unit_test(test_a_foreign_key_is_found),
	    cmocka_unit_test(test_nothing_is_appended_behind_a_row_that_is_no_entry),
	    cmocka_unit_test(test_a_reader_of_a_dead_store_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
