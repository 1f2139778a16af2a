// SPDX-License-Identifier: EUPL-1.2
/* Our contract with LMDB, and that of store.h with everybody else: the traps that can be shown without cutting power.
 *
 * fsync, fdatasync and rename of this program are those below: they note what was asked, and fail when told to. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/store.h"

/* --- what reaches the disk, and when ------------------------------------------------------------------------------ */

static struct {
	char log[4096];      /* "fsync data.mdb", one a line */
	unsigned fdatasync;  /* calls */
	off_t ready_upto;    /* of the file, pages that were asked for */
	unsigned ready_gaps; /* what was asked for otherwise */
	int fdatasync_fails_with;
	int fsync_fails_with;
} disk;

static void
note(const char *what, const char *path)
{
	const char *name = strrchr(path, '/');
	const size_t len = strlen(disk.log);

	snprintf(disk.log + len, sizeof(disk.log) - len, "%s %s\n", what, name == NULL ? path : name + 1);
}

static void
note_fd(const char *what, int fd)
{
	char link[64], path[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	const ssize_t len = readlink(link, path, sizeof(path) - 1);
	path[len < 0 ? 0 : len] = '\0';
	note(what, path);
}

static int
fail_once(int *e)
{
	errno = *e;
	*e = 0;
	return -1;
}

int
fsync(int fd)
{
	note_fd("fsync", fd);
	return disk.fsync_fails_with != 0 ? fail_once(&disk.fsync_fails_with) : (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	disk.fdatasync++;
	note_fd("fdatasync", fd);
	return disk.fdatasync_fails_with != 0 ? fail_once(&disk.fdatasync_fails_with) : (int)syscall(SYS_fdatasync, fd);
}

int
rename(const char *from, const char *to)
{
	note("rename to", to);
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* In pieces that the kernel does in one go, one behind the other. */
int
posix_fadvise(int fd, off_t from, off_t len, int advice)
{
	note_fd("fadvise", fd);
	disk.ready_gaps +=
	    advice != POSIX_FADV_WILLNEED || len > 128 << 10 || (disk.ready_upto != 0 && from > disk.ready_upto);
	disk.ready_upto = from + len;
	return 0;
}

/* --- the bench ---------------------------------------------------------------------------------------------------- */

struct bench {
	struct temp temp;
	struct temp_path dir;
	struct store_options options;
	struct store *store;
	struct store_db db;
	struct why why;
};

static void
bench_start(struct bench *b)
{
	memset(&disk, 0, sizeof(disk));
	memset(b, 0, sizeof(*b));
	b->temp = temp_make();
	b->dir = temp_path(&b->temp, "env");
	b->options = (struct store_options){.dir = b->dir.s, .map_bytes = 64 << 20};
}

static void
bench_open(struct bench *b)
{
	const enum err err = store_open(&b->store, &b->options, &b->why);

	if (err != ERR_NONE)
		fail_msg("store_open: %d: %s", err, b->why.text);
	struct store_txn *txn = store_begin_write(b->store);
	b->db = store_db_open(txn, "rows");
	assert_int_equal(store_commit(txn), ERR_NONE);
}

static void
bench_reopen(struct bench *b)
{
	store_close(&b->store);
	assert_null(b->store);
	bench_open(b);
}

static void
bench_end(struct bench *b)
{
	store_close(&b->store);
	temp_remove(&b->temp);
}

/* Opens, expects that it does not work, and that nothing is left open. */
static void
assert_refused(struct bench *b, enum err expected, const char *sentence_has)
{
	assert_int_equal(store_open(&b->store, &b->options, &b->why), expected);
	assert_null(b->store);
	if (strstr(b->why.text, sentence_has) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", b->why.text, sentence_has);
}

static void
put_row(struct bench *b, const char *key, const char *value)
{
	struct store_txn *txn = store_begin_write(b->store);

	store_put(txn, b->db, bytes_str(key), bytes_str(value));
	assert_int_equal(store_commit(txn), ERR_NONE);
}

/* NULL: there is no such row. */
static void
assert_row(struct bench *b, const char *key, const char *expected)
{
	struct store_txn *txn = store_begin_read(b->store);
	struct bytes value;

	const bool found = store_get(txn, b->db, bytes_str(key), &value);
	assert_false(store_failed(txn));
	assert_int_equal(found, expected != NULL);
	if (found)
		assert_true(bytes_equal(value, bytes_str(expected)));
	store_abort(txn);
}

static uint64_t
boot_count(struct bench *b)
{
	struct store_txn *txn = store_begin_read(b->store);
	struct bytes value;

	assert_true(store_get(txn, store_db_open(txn, "boot"), bytes_str("boot"), &value));
	assert_int_equal(value.len, 8);
	const uint64_t count = get_u64(value.data);
	store_abort(txn);
	return count;
}

/* --- making and opening ------------------------------------------------------------------------------------------- */

static void
test_an_environment_is_made_aside_flushed_and_then_renamed_into_place(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	assert_int_equal(store_open(&b.store, &b.options, &b.why), ERR_NONE);
	const char *parent = strrchr(b.temp.dir, '/') + 1;
	char expected[256];
	snprintf(expected, sizeof(expected),
		 "fdatasync data.mdb\n" /* the boot row in the temporary folder */
		 "fsync data.mdb\n"
		 "fsync env.new\n"
		 "rename to env\n"
		 "fsync %s\n"
		 "fdatasync data.mdb\n", /* the boot row of this opening */
		 parent);
	assert_string_equal(disk.log, expected);
	assert_false(path_exists(temp_path(&b.temp, "env.new").s));
	assert_true(path_exists(temp_path(&b.temp, "env.lock").s));
	bench_end(&b);
}

static void
test_every_opening_makes_name_and_rows_of_an_earlier_life_durable_first(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	bench_open(&b);
	const uint64_t first = boot_count(&b);
	store_close(&b.store);
	memset(&disk, 0, sizeof(disk));
	assert_int_equal(store_open(&b.store, &b.options, &b.why), ERR_NONE);
	char expected[256];
	snprintf(expected, sizeof(expected), "fsync %s\nfdatasync data.mdb\n", strrchr(b.temp.dir, '/') + 1);
	assert_string_equal(disk.log, expected);
	assert_int_equal(boot_count(&b), first + 1);
	bench_end(&b);
}

static void
test_a_commit_is_flushed_before_it_returns_and_a_fast_one_is_not(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	bench_open(&b);
	for (int i = 0; i < 3; i++) {
		disk.fdatasync = 0;
		put_row(&b, "key", i % 2 == 0 ? "even" : "odd");
		assert_int_equal(disk.fdatasync, 1);
	}
	bench_end(&b);

	bench_start(&b);
	b.options.fast = true;
	bench_open(&b);
	put_row(&b, "key", "value");
	assert_string_equal(disk.log, "rename to env\n");
	bench_end(&b);
}

static void
leave_a_creation_half_done(struct bench *b)
{
	assert_int_equal(mkdir(temp_path(&b->temp, "env.new").s, 0700), 0);
	file_write(temp_path(&b->temp, "env.new/data.mdb").s, "half", 4);
	file_write(temp_path(&b->temp, "env.new/lock.mdb").s, "", 0);
}

static void
test_what_an_interrupted_creation_left_is_cleared_away(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	leave_a_creation_half_done(&b);
	bench_open(&b);
	assert_false(path_exists(temp_path(&b.temp, "env.new").s));
	put_row(&b, "key", "value");
	/* Also beside an environment that is there. */
	leave_a_creation_half_done(&b);
	bench_reopen(&b);
	assert_false(path_exists(temp_path(&b.temp, "env.new").s));
	assert_row(&b, "key", "value");
	bench_end(&b);
}

static int
die_here(void *ctx UNUSED)
{
	return raise(SIGKILL);
}

static void
open_only(void *bench)
{
	struct bench *b = bench;

	if (store_open(&b->store, &b->options, &b->why) != ERR_NONE)
		_exit(2);
}

static void
test_a_process_killed_while_making_it_leaves_no_environment_and_no_trouble(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	b.options.fault = die_here;
	assert_true(WIFSIGNALED(in_a_process(open_only, &b)));
	assert_true(path_exists(temp_path(&b.temp, "env.new").s));
	assert_false(path_exists(b.dir.s));
	b.options.fault = NULL;
	bench_open(&b);
	bench_end(&b);
}

static void
test_a_left_over_with_something_of_others_in_it_is_not_removed(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	leave_a_creation_half_done(&b);
	file_write(temp_path(&b.temp, "env.new/letter.txt").s, "dear", 4);
	assert_refused(&b, ERR_REFUSED, "env.new");
	assert_true(path_exists(temp_path(&b.temp, "env.new/letter.txt").s));
	bench_end(&b);
}

static void
test_a_failed_creation_leaves_nothing_in_place(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	disk.fsync_fails_with = EIO;
	assert_refused(&b, ERR_IO, "durable");
	assert_false(path_exists(b.dir.s));
	assert_false(path_exists(temp_path(&b.temp, "env.new").s));
	disk.fdatasync_fails_with = ENOSPC;
	assert_refused(&b, ERR_DISK_FULL, "No space left");
	assert_false(path_exists(b.dir.s));
	bench_open(&b);
	bench_end(&b);
}

static void
test_a_data_file_that_cannot_be_read_is_refused_and_left_as_it_is(void **state UNUSED)
{
	static const size_t sizes[] = {0, 1, 100, 4096, 8192, 20000};
	static const char junk[20000] = {'j', 'u', 'n', 'k'};

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct bench b;
		struct stat st;
		bench_start(&b);
		bench_open(&b);
		store_close(&b.store);
		const struct temp_path data = temp_path(&b.temp, "env/data.mdb");
		file_write(data.s, junk, sizes[i]);
		assert_refused(&b, ERR_CORRUPT, "not made anew");
		assert_refused(&b, ERR_CORRUPT, "backup");
		assert_int_equal(stat(data.s, &st), 0);
		assert_int_equal(st.st_size, sizes[i]);
		bench_end(&b);
	}
}

static void
test_a_folder_that_lost_its_data_file_is_not_taken_for_a_new_one(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	bench_open(&b);
	store_close(&b.store);
	assert_int_equal(unlink(temp_path(&b.temp, "env/data.mdb").s), 0);
	assert_refused(&b, ERR_REFUSED, "is not empty");
	assert_false(path_exists(temp_path(&b.temp, "env/data.mdb").s));
	bench_end(&b);
}

static void
test_an_empty_folder_is_filled(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	assert_int_equal(mkdir(b.dir.s, 0700), 0);
	bench_open(&b);
	put_row(&b, "key", "value");
	bench_end(&b);
}

static void
test_folders_that_cannot_be_are_refused_with_a_sentence(void **state UNUSED)
{
	static const struct {
		const char *dir, *sentence_has;
	} table[] = {
	    {"/", "folder of its own"}, {"", "folder of its own"},           {"/nowhere/env", "make it first"},
	    {"/proc/env", "proc"},      {"/dev/null/env", "cannot look at"},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct bench b = {.options = {.dir = table[i].dir}};
		assert_refused(&b, ERR_REFUSED, table[i].sentence_has);
	}
}

static void
test_a_refused_file_system_is_named_with_what_to_use_instead(void **state UNUSED)
{
	struct bench b = {.options = {.dir = "/proc/env"}};

	assert_refused(&b, ERR_REFUSED, "ext4, xfs or btrfs");
}

/* --- one process -------------------------------------------------------------------------------------------------- */

static void
test_a_second_opener_is_refused(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	bench_open(&b);
	struct bench second = b;
	second.store = NULL;
	assert_refused(&second, ERR_REFUSED, "in use: another process holds");
	assert_refused(&second, ERR_REFUSED, "env.lock");
	/* In another process too, and by another name of the same folder. */
	assert_int_equal(WEXITSTATUS(in_a_process(open_only, &second)), 2);
	const struct temp_path other = temp_path(&b.temp, "other");
	assert_int_equal(symlink(b.dir.s, other.s), 0);
	second.options.dir = other.s;
	assert_refused(&second, ERR_REFUSED, "in use");
	put_row(&b, "still", "works");
	bench_end(&b);
}

static void
test_a_lock_file_removed_by_a_script_does_not_stop_the_holder(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	bench_open(&b);
	assert_int_equal(unlink(temp_path(&b.temp, "env/lock.mdb").s), 0);
	/* Where LMDB's own lock is gone, ours still stands. */
	struct bench second = b;
	second.store = NULL;
	assert_refused(&second, ERR_REFUSED, "in use");
	put_row(&b, "key", "value");
	bench_end(&b);
}

static void
commit_then_die(void *bench)
{
	struct bench *b = bench;

	bench_open(b);
	put_row(b, "committed", "yes");
	struct store_txn *txn = store_begin_write(b->store);
	store_put(txn, b->db, bytes_str("open"), bytes_str("yes"));
	store_begin_read(b->store);
	raise(SIGKILL);
}

static void
test_a_killed_process_leaves_its_commits_and_no_lock(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	assert_true(WIFSIGNALED(in_a_process(commit_then_die, &b)));
	bench_open(&b);
	assert_row(&b, "committed", "yes");
	assert_row(&b, "open", NULL);
	assert_int_equal(store_usage(b.store).readers, 0);
	bench_end(&b);
}

/* --- failed commits ----------------------------------------------------------------------------------------------- */

static int
fail_with(void *e)
{
	return *(int *)e;
}

static void
test_a_commit_that_fails_changes_nothing_and_ends_the_store(void **state UNUSED)
{
	static const struct {
		int e;
		enum err err;
	} table[] = {{EIO, ERR_IO}, {ENOSPC, ERR_DISK_FULL}, {EDQUOT, ERR_DISK_FULL}, {EROFS, ERR_IO}};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct bench b;
		int e = 0;
		bench_start(&b);
		b.options.fault = fail_with;
		b.options.fault_ctx = &e;
		bench_open(&b);
		put_row(&b, "key", "before");
		e = table[i].e;
		struct store_txn *txn = store_begin_write(b.store);
		store_put(txn, b.db, bytes_str("key"), bytes_str("after"));
		assert_int_equal(store_commit(txn), table[i].err);

		/* The cause is gone, the store stays dead: a later commit could succeed over a hole. */
		e = 0;
		txn = store_begin_write(b.store);
		assert_true(store_failed(txn));
		assert_int_equal(store_commit(txn), table[i].err);
		txn = store_begin_read(b.store);
		assert_true(store_failed(txn));
		store_abort(txn);

		bench_reopen(&b);
		assert_row(&b, "key", "before");
		bench_end(&b);
	}
}

static void
test_a_flush_that_fails_fails_the_commit(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	bench_open(&b);
	put_row(&b, "key", "before");
	disk.fdatasync_fails_with = EIO;
	struct store_txn *txn = store_begin_write(b.store);
	store_put(txn, b.db, bytes_str("key"), bytes_str("after"));
	assert_int_equal(store_commit(txn), ERR_IO);
	/* LMDB alone would let this one succeed. */
	txn = store_begin_write(b.store);
	store_put(txn, b.db, bytes_str("other"), bytes_str("row"));
	assert_int_equal(store_commit(txn), ERR_IO);
	bench_reopen(&b);
	assert_row(&b, "key", "before");
	assert_row(&b, "other", NULL);
	bench_end(&b);
}

static void
test_an_opening_whose_boot_row_fails_is_no_opening(void **state UNUSED)
{
	struct bench b;
	int e = 0;

	bench_start(&b);
	bench_open(&b);
	store_close(&b.store);
	b.options.fault = fail_with;
	b.options.fault_ctx = &e;
	e = EIO;
	assert_refused(&b, ERR_IO, "Input/output error");
	e = 0;
	bench_open(&b);
	bench_end(&b);
}

static void
test_errors_stick_until_the_end_of_the_transaction(void **state UNUSED)
{
	struct bench b;
	struct bytes value;
	struct store_walk walk;

	bench_start(&b);
	bench_open(&b);
	put_row(&b, "key", "value");
	struct store_txn *txn = store_begin_write(b.store);
	uint8_t *room = store_append(txn, b.db, bytes_str("a"), 1); /* not behind "key" */
	assert_null(room);
	assert_true(store_failed(txn));
	/* From here on nothing is there, and nothing is done. */
	assert_false(store_get(txn, b.db, bytes_str("key"), &value));
	assert_false(store_last(txn, b.db, &value, &value));
	assert_int_equal(store_count(txn, b.db), 0);
	assert_false(store_delete(txn, b.db, bytes_str("key")));
	assert_null(store_append(txn, b.db, bytes_str("z"), 1));
	store_put(txn, b.db, bytes_str("z"), bytes_str("z"));
	store_walk_begin(&walk, txn, b.db, bytes_str(""));
	assert_false(store_walk_next(&walk, &value, &value));
	store_walk_end(&walk);
	store_db_open(txn, "more");
	assert_int_equal(store_commit(txn), ERR_CORRUPT);
	bench_reopen(&b);
	assert_row(&b, "key", "value");
	assert_row(&b, "z", NULL);
	bench_end(&b);
}

/* --- a full map ---------------------------------------------------------------------------------------------------- */

/* Writes a batch of `n` rows of `size` bytes behind what is there. Tells whether the first failure showed before the
 * commit. */
static enum err
write_batch(struct bench *b, unsigned n, size_t size, bool *failed_early)
{
	struct store_txn *txn = store_begin_write(b->store);
	const uint64_t first = store_count(txn, b->db);

	for (uint64_t i = first; i < first + n; i++) {
		uint8_t key[8];
		put_u64(key, i);
		uint8_t *room = store_append(txn, b->db, bytes_of(key, sizeof(key)), size);
		if (room != NULL)
			memset(room, (int)i, size);
	}
	*failed_early = store_failed(txn);
	return store_commit(txn);
}

static uint64_t
count_rows(struct bench *b)
{
	struct store_txn *txn = store_begin_read(b->store);
	const uint64_t count = store_count(txn, b->db);

	store_abort(txn);
	return count;
}

static void
test_a_full_map_undoes_the_batch_and_the_same_batch_fits_a_larger_map(void **state UNUSED)
{
	unsigned early = 0, at_commit = 0;

	for (size_t size = 1; size < 6000; size += 311) {
		struct bench b;
		bool failed_early;
		uint64_t rows = 0;
		enum err err;
		bench_start(&b);
		b.options.fast = true;
		b.options.map_bytes = 256 << 10;
		bench_open(&b);
		while ((err = write_batch(&b, 3, size, &failed_early)) == ERR_NONE)
			rows += 3;
		assert_int_equal(err, ERR_STORE_FULL);
		early += failed_early;
		at_commit += !failed_early;
		/* Undone as a whole, readable, and full again when tried again. */
		assert_int_equal(count_rows(&b), rows);
		assert_int_equal(write_batch(&b, 3, size, &failed_early), ERR_STORE_FULL);
		assert_int_equal(count_rows(&b), rows);
		b.options.map_bytes = 1 << 20;
		bench_reopen(&b);
		assert_int_equal(write_batch(&b, 3, size, &failed_early), ERR_NONE);
		assert_int_equal(count_rows(&b), rows + 3);
		bench_end(&b);
	}
	/* Both ways in which LMDB tells it were met. */
	assert_int_not_equal(early, 0);
	assert_int_not_equal(at_commit, 0);
}

static void
test_a_full_map_does_not_end_the_store(void **state UNUSED)
{
	struct bench b;
	bool failed_early;

	bench_start(&b);
	b.options.fast = true;
	b.options.map_bytes = 1 << 20;
	bench_open(&b);
	assert_int_equal(write_batch(&b, 300, 4000, &failed_early), ERR_STORE_FULL);
	assert_int_equal(count_rows(&b), 0);
	assert_int_equal(write_batch(&b, 30, 4000, &failed_early), ERR_NONE);
	assert_int_equal(count_rows(&b), 30);
	bench_end(&b);
}

/* --- rows ---------------------------------------------------------------------------------------------------------- */

static void
test_rows_are_put_replaced_deleted_and_kept(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	bench_open(&b);
	put_row(&b, "a", "1");
	put_row(&b, "a", "2");
	put_row(&b, "b", "");
	assert_row(&b, "a", "2");
	assert_row(&b, "b", "");
	struct store_txn *txn = store_begin_write(b.store);
	assert_true(store_delete(txn, b.db, bytes_str("a")));
	assert_false(store_delete(txn, b.db, bytes_str("a")));
	assert_false(store_failed(txn));
	assert_int_equal(store_commit(txn), ERR_NONE);
	bench_reopen(&b);
	assert_row(&b, "a", NULL);
	assert_row(&b, "b", "");
	bench_end(&b);
}

static void
test_an_aborted_transaction_leaves_no_trace(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	bench_open(&b);
	struct store_txn *txn = store_begin_write(b.store);
	store_put(txn, b.db, bytes_str("key"), bytes_str("value"));
	store_abort(txn);
	assert_row(&b, "key", NULL);
	bench_end(&b);
}

static void
test_keys_and_values_at_their_limits(void **state UNUSED)
{
	static const size_t values[] = {0, 1, 2000, 4096, 8000, (1 << 20) + 4096, STORE_VALUE_MAX};
	static uint8_t value[STORE_VALUE_MAX];
	uint8_t key[STORE_KEY_MAX];
	struct bench b;
	struct bytes got;

	bench_start(&b);
	b.options.fast = true;
	bench_open(&b);
	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)(i * 31 >> 3);
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		memset(key, 'k', sizeof(key));
		key[STORE_KEY_MAX - 1] = (uint8_t)i;
		struct store_txn *txn = store_begin_write(b.store);
		store_put(txn, b.db, bytes_of(key, STORE_KEY_MAX), bytes_of(value, values[i]));
		assert_int_equal(store_commit(txn), ERR_NONE);
	}
	bench_reopen(&b);
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		key[STORE_KEY_MAX - 1] = (uint8_t)i;
		struct store_txn *txn = store_begin_read(b.store);
		assert_true(store_get(txn, b.db, bytes_of(key, STORE_KEY_MAX), &got));
		assert_true(bytes_equal(got, bytes_of(value, values[i])));
		store_abort(txn);
	}
	bench_end(&b);
}

static void
test_looking_for_a_key_that_cannot_be_finds_nothing(void **state UNUSED)
{
	uint8_t key[STORE_KEY_MAX + 100] = {0};
	struct bench b;
	struct bytes value;

	bench_start(&b);
	bench_open(&b);
	struct store_txn *txn = store_begin_write(b.store);
	assert_false(store_get(txn, b.db, bytes_of(key, 0), &value));
	assert_false(store_get(txn, b.db, bytes_of(key, STORE_KEY_MAX + 1), &value));
	assert_false(store_delete(txn, b.db, bytes_of(key, 0)));
	assert_false(store_delete(txn, b.db, bytes_of(key, sizeof(key))));
	assert_int_equal(store_commit(txn), ERR_NONE);
	bench_end(&b);
}

static void
test_what_was_read_stays_as_it_was_after_our_own_writes(void **state UNUSED)
{
	struct bench b;
	struct bytes before, key, last;

	bench_start(&b);
	bench_open(&b);
	/* Rows of this transaction itself: LMDB moves them about while it writes. */
	struct store_txn *txn = store_begin_write(b.store);
	store_put(txn, b.db, bytes_str("key"), bytes_str("before"));
	assert_true(store_get(txn, b.db, bytes_str("key"), &before));
	assert_true(store_last(txn, b.db, &key, &last));
	for (int i = 0; i < 1000; i++) {
		char other[20];
		snprintf(other, sizeof(other), "%d", i);
		store_put(txn, b.db, bytes_str(other), bytes_str("something else of some length"));
		store_put(txn, b.db, bytes_str("key"), bytes_of("after after after", (size_t)(i % 16)));
	}
	assert_true(bytes_equal(before, bytes_str("before")));
	assert_true(bytes_equal(key, bytes_str("key")));
	assert_true(bytes_equal(last, bytes_str("before")));
	assert_int_equal(store_commit(txn), ERR_NONE);
	bench_end(&b);
}

static void
test_a_reader_beside_a_writer_sees_what_was_committed_when_it_began(void **state UNUSED)
{
	struct bench b;
	struct bytes value;

	bench_start(&b);
	bench_open(&b);
	put_row(&b, "key", "old");
	struct store_txn *writer = store_begin_write(b.store);
	struct store_txn *reader = store_begin_read(b.store);
	store_put(writer, b.db, bytes_str("key"), bytes_str("new"));
	assert_int_equal(store_usage(b.store).readers, 1);
	assert_int_equal(store_commit(writer), ERR_NONE);
	assert_true(store_get(reader, b.db, bytes_str("key"), &value));
	assert_true(bytes_equal(value, bytes_str("old")));
	store_abort(reader);
	assert_int_equal(store_usage(b.store).readers, 0);
	assert_row(&b, "key", "new");
	bench_end(&b);
}

static void
test_append_keeps_order_and_last_is_the_highest_key(void **state UNUSED)
{
	struct bench b;
	struct bytes key, value;
	uint8_t k[8];

	bench_start(&b);
	b.options.fast = true;
	bench_open(&b);
	struct store_txn *txn = store_begin_write(b.store);
	assert_false(store_last(txn, b.db, &key, &value));
	for (uint64_t i = 1; i <= 3000; i++) {
		put_u64(k, i);
		uint8_t *room = store_append(txn, b.db, bytes_of(k, 8), 8);
		assert_non_null(room);
		put_u64(room, i * i);
	}
	assert_int_equal(store_commit(txn), ERR_NONE);
	txn = store_begin_read(b.store);
	assert_int_equal(store_count(txn, b.db), 3000);
	assert_true(store_last(txn, b.db, &key, &value));
	assert_int_equal(get_u64(key.data), 3000);
	assert_int_equal(get_u64(value.data), 9000000);
	assert_true(store_last_part(txn, b.db, NULL, &value, 3));
	assert_int_equal(value.len, 3);
	store_abort(txn);
	bench_end(&b);
}

/* Writing an append twice, or before the last key, must not overwrite. */
static void
test_append_refuses_a_key_that_is_not_behind_the_last(void **state UNUSED)
{
	static const char *const keys[] = {"5", "4", ""};

	for (size_t i = 0; keys[i][0] != '\0'; i++) {
		struct bench b;
		bench_start(&b);
		bench_open(&b);
		put_row(&b, "5", "five");
		struct store_txn *txn = store_begin_write(b.store);
		assert_null(store_append(txn, b.db, bytes_str(keys[i]), 4));
		assert_int_equal(store_commit(txn), ERR_CORRUPT);
		bench_reopen(&b);
		assert_row(&b, "5", "five");
		bench_end(&b);
	}
}

static void
assert_walk(struct bench *b, const char *from, const char *expected)
{
	struct store_txn *txn = store_begin_read(b->store);
	struct store_walk walk;
	struct bytes key, value;
	char seen[64] = "";

	store_walk_begin(&walk, txn, b->db, bytes_str(from));
	while (store_walk_next(&walk, &key, &value)) {
		assert_true(bytes_equal(key, value));
		snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%.*s ", (int)key.len,
			 (const char *)key.data);
	}
	/* The end stays the end. */
	assert_false(store_walk_next(&walk, &key, &value));
	store_walk_end(&walk);
	store_walk_end(&walk);
	assert_false(store_failed(txn));
	store_abort(txn);
	assert_string_equal(seen, expected);
}

static void
test_a_walk_goes_in_order_from_where_it_is_told(void **state UNUSED)
{
	static const char *const keys[] = {"ca", "a", "bb", "b", "c"};
	struct bench b;

	bench_start(&b);
	bench_open(&b);
	assert_walk(&b, "", "");
	assert_walk(&b, "a", "");
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		put_row(&b, keys[i], keys[i]);
	assert_walk(&b, "", "a b bb c ca ");
	assert_walk(&b, "b", "b bb c ca ");
	assert_walk(&b, "ba", "bb c ca ");
	assert_walk(&b, "ca", "ca ");
	assert_walk(&b, "cb", "");
	bench_end(&b);
}

static void
test_databases_are_apart_and_known_by_name(void **state UNUSED)
{
	struct bench b;
	struct bytes value;

	bench_start(&b);
	bench_open(&b);
	struct store_txn *txn = store_begin_write(b.store);
	const struct store_db other = store_db_open(txn, "other");
	assert_int_not_equal(other.handle, b.db.handle);
	assert_int_equal(store_db_open(txn, "other").handle, other.handle);
	store_put(txn, other, bytes_str("key"), bytes_str("other"));
	assert_false(store_get(txn, b.db, bytes_str("key"), &value));
	assert_int_equal(store_commit(txn), ERR_NONE);

	bench_reopen(&b);
	txn = store_begin_read(b.store);
	const struct store_db read_first = store_db_open(txn, "other");
	assert_true(store_get(txn, read_first, bytes_str("key"), &value));
	assert_true(bytes_equal(value, bytes_str("other")));
	store_abort(txn);
	/* The end of reading, called an abort, does not close what it opened. */
	txn = store_begin_write(b.store);
	assert_true(store_get(txn, read_first, bytes_str("key"), &value));
	store_abort(txn);
	bench_end(&b);
}

static void
test_there_is_room_for_all_databases_promised(void **state UNUSED)
{
	struct bench b;
	char name[20];

	bench_start(&b);
	bench_open(&b);
	struct store_txn *txn = store_begin_write(b.store);
	for (int i = 1; i < STORE_DATABASES_MAX; i++) { /* "rows" is one */
		snprintf(name, sizeof(name), "db%d", i);
		store_put(txn, store_db_open(txn, name), bytes_str(name), bytes_str(name));
	}
	assert_int_equal(store_commit(txn), ERR_NONE);
	bench_end(&b);
}

static void
test_reading_a_database_that_is_not_there_is_a_failure(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	bench_open(&b);
	struct store_txn *txn = store_begin_read(b.store);
	store_db_open(txn, "nothing");
	assert_true(store_failed(txn));
	store_abort(txn);
	txn = store_begin_read(b.store);
	assert_false(store_failed(txn));
	store_abort(txn);
	bench_end(&b);
}

/* --- our own bugs ---------------------------------------------------------------------------------------------------- */

/* Each opens an environment of its own: LMDB does not survive a fork. */
static struct store_txn *
bug_begin(void *bench)
{
	bench_open(bench);
	return store_begin_write(((struct bench *)bench)->store);
}

static void
begin_twice(void *bench)
{
	struct store_txn *txn = bug_begin(bench);

	store_begin_write(((struct bench *)bench)->store);
	store_abort(txn);
}

static void
put_an_empty_key(void *bench)
{
	store_put(bug_begin(bench), ((struct bench *)bench)->db, bytes_str(""), bytes_str("v"));
}

static void
put_too_long_a_key(void *bench)
{
	static const uint8_t key[STORE_KEY_MAX + 1];

	store_put(bug_begin(bench), ((struct bench *)bench)->db, bytes_of(key, sizeof(key)), bytes_str("v"));
}

static void
put_too_long_a_value(void *bench)
{
	static const uint8_t value[STORE_VALUE_MAX + 1];

	store_put(bug_begin(bench), ((struct bench *)bench)->db, bytes_str("k"), bytes_of(value, sizeof(value)));
}

static void
end_with_a_walk_open(void *bench)
{
	struct store_txn *txn = bug_begin(bench);
	struct store_walk walk;

	store_walk_begin(&walk, txn, ((struct bench *)bench)->db, bytes_str(""));
	store_abort(txn);
}

static void
use_a_database_that_was_undone(void *bench)
{
	struct bench *b = bench;
	struct store_txn *txn = bug_begin(b);
	const struct store_db undone = store_db_open(txn, "undone");

	store_abort(txn);
	txn = store_begin_write(b->store);
	store_put(txn, undone, bytes_str("k"), bytes_str("v"));
}

static void
write_in_a_read_transaction(void *bench)
{
	struct bench *b = bench;

	bench_open(b);
	store_put(store_begin_read(b->store), b->db, bytes_str("k"), bytes_str("v"));
}

static void
do_nothing_wrong(void *bench)
{
	struct store_txn *txn = bug_begin(bench);

	store_abort(txn);
	store_close(&((struct bench *)bench)->store);
}

static void
test_our_own_bugs_end_the_process(void **state UNUSED)
{
	void (*const bugs[])(void *) = {begin_twice,
					put_an_empty_key,
					put_too_long_a_key,
					put_too_long_a_value,
					end_with_a_walk_open,
					use_a_database_that_was_undone,
					write_in_a_read_transaction};
	struct bench b;

	bench_start(&b);
	b.options.fast = true;
	for (size_t i = 0; i < COUNT_OF(bugs); i++)
		assert_true(ends_by_assert(bugs[i], &b));
	assert_int_equal(in_a_process(do_nothing_wrong, &b), 0);
	bench_end(&b);
}

/* --- usage ----------------------------------------------------------------------------------------------------------- */

static void
test_usage_follows_what_is_stored_and_freed(void **state UNUSED)
{
	struct bench b;
	bool failed_early;

	bench_start(&b);
	b.options.fast = true;
	bench_open(&b);
	const struct store_usage before = store_usage(b.store);
	assert_int_equal(before.map_bytes, 64 << 20);
	assert_true(before.used_bytes > 0 && before.used_bytes < 256 << 10);
	assert_true(before.disk_bytes >= before.disk_free_bytes && before.disk_free_bytes > 0);
	assert_int_equal(before.readers, 0);
	assert_int_equal(store_check_readers(b.store), 0);

	assert_int_equal(write_batch(&b, 1000, 4000, &failed_early), ERR_NONE);
	const struct store_usage full = store_usage(b.store);
	assert_true(full.used_bytes > before.used_bytes + 4000000);

	struct store_txn *txn = store_begin_write(b.store);
	for (uint64_t i = 0; i < 1000; i++) {
		uint8_t key[8];
		put_u64(key, i);
		assert_true(store_delete(txn, b.db, bytes_of(key, sizeof(key))));
	}
	assert_int_equal(store_commit(txn), ERR_NONE);
	const struct store_usage after = store_usage(b.store);
	assert_true(after.used_bytes < 1 << 20);
	bench_end(&b);
}

static off_t
file_bytes(const struct bench *b)
{
	const struct temp_path path = temp_path(&b->temp, "env/data.mdb");
	struct stat st;

	assert_int_equal(stat(path.s, &st), 0);
	return st.st_size;
}

static void
test_pages_behind_the_last_are_ready_before_they_are_written(void **state UNUSED)
{
	bool failed_early;
	struct bench b;

	bench_start(&b);
	bench_open(&b);
	for (unsigned i = 0; i < 8; i++) {
		const off_t size = file_bytes(&b);
		/* All that is in use then lies in what was ready. */
		assert_int_equal(disk.ready_upto, size);
		assert_int_equal(write_batch(&b, 500, 4000, &failed_early), ERR_NONE);
		assert_true(store_usage(b.store).used_bytes < (uint64_t)size);
	}
	assert_int_equal(disk.ready_gaps, 0);
	assert_true(file_bytes(&b) > 8 * 500 * 4000);
	bench_end(&b);

	/* Never beyond the map. */
	bench_start(&b);
	b.options.map_bytes = 6 << 20;
	bench_open(&b);
	assert_int_equal(write_batch(&b, 500, 4000, &failed_early), ERR_NONE);
	assert_int_equal(file_bytes(&b), 6 << 20);
	bench_end(&b);
}

static void
test_closing_ends_what_is_open_and_takes_nothing_twice(void **state UNUSED)
{
	struct bench b;

	bench_start(&b);
	bench_open(&b);
	struct store_txn *txn = store_begin_write(b.store);
	store_put(txn, b.db, bytes_str("key"), bytes_str("value"));
	store_begin_read(b.store);
	store_close(&b.store);
	store_close(&b.store);
	bench_open(&b);
	assert_row(&b, "key", NULL);
	bench_end(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_an_environment_is_made_aside_flushed_and_then_renamed_into_place),
	    cmocka_unit_test(test_every_opening_makes_name_and_rows_of_an_earlier_life_durable_first),
	    cmocka_unit_test(test_a_commit_is_flushed_before_it_returns_and_a_fast_one_is_not),
	    cmocka_unit_test(test_what_an_interrupted_creation_left_is_cleared_away),
	    cmocka_unit_test(test_a_process_killed_while_making_it_leaves_no_environment_and_no_trouble),
	    cmocka_unit_test(test_a_left_over_with_something_of_others_in_it_is_not_removed),
	    cmocka_unit_test(test_a_failed_creation_leaves_nothing_in_place),
	    cmocka_unit_test(test_a_data_file_that_cannot_be_read_is_refused_and_left_as_it_is),
	    cmocka_unit_test(test_a_folder_that_lost_its_data_file_is_not_taken_for_a_new_one),
	    cmocka_unit_test(test_an_empty_folder_is_filled),
	    cmocka_unit_test(test_folders_that_cannot_be_are_refused_with_a_sentence),
	    cmocka_unit_test(test_a_refused_file_system_is_named_with_what_to_use_instead),
	    cmocka_unit_test(test_a_second_opener_is_refused),
	    cmocka_unit_test(test_a_lock_file_removed_by_a_script_does_not_stop_the_holder),
	    cmocka_unit_test(test_a_killed_process_leaves_its_commits_and_no_lock),
	    cmocka_unit_test(test_a_commit_that_fails_changes_nothing_and_ends_the_store),
	    cmocka_unit_test(test_a_flush_that_fails_fails_the_commit),
	    cmocka_unit_test(test_an_opening_whose_boot_row_fails_is_no_opening),
	    cmocka_unit_test(test_errors_stick_until_the_end_of_the_transaction),
	    cmocka_unit_test(test_a_full_map_undoes_the_batch_and_the_same_batch_fits_a_larger_map),
	    cmocka_unit_test(test_a_full_map_does_not_end_the_store),
	    cmocka_unit_test(test_rows_are_put_replaced_deleted_and_kept),
	    cmocka_unit_test(test_an_aborted_transaction_leaves_no_trace),
	    cmocka_unit_test(test_keys_and_values_at_their_limits),
	    cmocka_unit_test(test_looking_for_a_key_that_cannot_be_finds_nothing),
	    cmocka_unit_test(test_what_was_read_stays_as_it_was_after_our_own_writes),
	    cmocka_unit_test(test_a_reader_beside_a_writer_sees_what_was_committed_when_it_began),
	    cmocka_unit_test(test_append_keeps_order_and_last_is_the_highest_key),
	    cmocka_unit_test(test_append_refuses_a_key_that_is_not_behind_the_last),
	    cmocka_unit_test(test_a_walk_goes_in_order_from_where_it_is_told),
	    cmocka_unit_test(test_databases_are_apart_and_known_by_name),
	    cmocka_unit_test(test_there_is_room_for_all_databases_promised),
	    cmocka_unit_test(test_reading_a_database_that_is_not_there_is_a_failure),
	    cmocka_unit_test(test_our_own_bugs_end_the_process),
	    cmocka_unit_test(test_usage_follows_what_is_stored_and_freed),
	    cmocka_unit_test(test_pages_behind_the_last_are_ready_before_they_are_written),
	    cmocka_unit_test(test_closing_ends_what_is_open_and_takes_nothing_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
