// SPDX-License-Identifier: EUPL-1.2
/* What was deleted is gone from the file after store_compact(), what was not is all there, and a crash or a failure at any
 * step leaves one whole store. */
#include "common/journal.h"
#include "common/store.h"
#include "tests/unit/unit.h"

#include <errno.h>

#define ROWS  400u
#define STEPS 5u /* of a copy of one piece: flush, rename, flush of the folder, zeros, boot row */

struct fault_at {
	unsigned asked, at;
	int error; /* 0: the process ends */
};

static int
fault(void *ctx)
{
	struct fault_at *f = ctx;

	if (++f->asked != f->at)
		return 0;
	if (f->error == 0)
		_exit(7);
	return f->error;
}

static struct store *
opened(const struct temp *t, struct fault_at *f)
{
	const struct temp_path path = temp_path(t, "data");
	const struct store_options options = {.dir = path.s,
					      .map_bytes = (size_t)64 << 20,
					      .fast = true,
					      .fault = f == NULL ? NULL : fault,
					      .fault_ctx = f};
	struct store *s;
	struct why why;

	if (store_open(&s, &options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
	return s;
}

/* "canary-0007-" and letters enough that pages hold some rows each. */
static struct bytes
canary(char text[64], unsigned i)
{
	snprintf(text, 64, "canary-%04u-abcdefghijklmnopqrstuvwxyz", i);
	return bytes_str(text);
}

static bool
is_deleted(unsigned i)
{
	return i % 2 == 1;
}

/* Every second row is deleted: from pages that stay in use. */
static void
fill(struct store *s)
{
	char text[64];
	struct store_txn *txn = store_begin_write(s);
	const struct store_db db = store_db_open(txn, "rows");
	const struct journal journal = journal_open(txn);

	for (unsigned i = 0; i < ROWS; i++) {
		store_put(txn, db, canary(text, i), bytes_of(text, 7));
		journal_append(journal, txn, bytes_of(text, 9));
	}
	assert_int_equal(store_commit(txn), ERR_NONE);
	txn = store_begin_write(s);
	for (unsigned i = 0; i < ROWS; i++) {
		if (is_deleted(i))
			assert_true(store_delete(txn, db, canary(text, i)));
	}
	assert_int_equal(store_commit(txn), ERR_NONE);
}

static void
assert_whole(struct store *s)
{
	char text[64];
	struct store_txn *txn = store_begin_write(s);
	const struct store_db db = store_db_open(txn, "rows");
	const struct journal journal = journal_open(txn);
	struct journal_reader reader;
	struct journal_entry entry;
	struct bytes value;
	unsigned records = 0;

	for (unsigned i = 0; i < ROWS; i++)
		assert_int_equal(store_get(txn, db, canary(text, i), &value), !is_deleted(i));
	journal_read_begin(&reader, journal, txn, 0);
	while (journal_read_next(&reader, &entry) == ERR_NONE)
		records++;
	journal_read_end(&reader);
	assert_int_equal(records, ROWS);
	assert_int_equal(store_commit(txn), ERR_NONE);
}

/* How many of the rows stand somewhere in the file. */
static unsigned
found(const char *path, bool deleted)
{
	FILE *file = fopen(path, "r");
	unsigned count = 0;
	char text[64];

	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	const size_t len = (size_t)ftell(file);
	char *all = malloc(len + 1);
	rewind(file);
	assert_int_equal(fread(all, 1, len, file), len);
	fclose(file);
	for (unsigned i = 0; i < ROWS; i++) {
		if (is_deleted(i) == deleted) {
			const struct bytes wanted = canary(text, i);
			count += memmem(all, len, wanted.data, wanted.len) != NULL;
		}
	}
	free(all);
	return count;
}

static void
test_what_was_deleted_stands_in_the_file_until_it_is_copied(void **state UNUSED)
{
	const struct temp t = temp_make();
	const struct temp_path data = temp_path(&t, "data/data.mdb"), old = temp_path(&t, "old");
	struct store *s = opened(&t, NULL);
	struct why why;

	fill(s);
	assert_int_not_equal(found(data.s, true), 0);
	/* A second name, to look at what becomes of the old file. */
	assert_int_equal(link(data.s, old.s), 0);
	assert_int_equal(store_compact(s, &why), ERR_NONE);
	assert_int_equal(found(data.s, true), 0);
	assert_int_equal(found(data.s, false), ROWS / 2);
	assert_int_equal(found(old.s, true) + found(old.s, false), 0);
	assert_whole(s);
	store_close(&s);
	assert_int_not_equal(access(temp_path(&t, "data/fresh.mdb").s, F_OK), 0);
	s = opened(&t, NULL);
	assert_whole(s);
	store_close(&s);
	temp_remove(&t);
}

/* In a process of its own: the exit status, 0 when all went well. */
static int
compact_apart(const struct temp *t, struct fault_at *f)
{
	int status;
	struct why why;
	const pid_t pid = fork();

	if (pid == 0) {
		struct store *s = opened(t, f);

		fill(s);
		f->asked = 0;
		_exit(store_compact(s, &why) == ERR_NONE ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A failure to fill the old file with zeros is none: the last steps are looked at by number. */
static bool
more_to_try(int code, int error, unsigned at)
{
	return error == 0 ? code == 7 : at <= STEPS;
}

static void
test_a_crash_or_a_failure_at_any_step_leaves_one_whole_store(void **state UNUSED)
{
	static const int errors[] = {0, ENOSPC, EIO};

	for (size_t e = 0; e < COUNT_OF(errors); e++) {
		unsigned at = 0;
		int code;

		do {
			const struct temp t = temp_make();
			/* Counts from the copy on: what comes before is undisturbed. */
			struct fault_at f = {.asked = 1000, .at = ++at, .error = errors[e]};

			code = compact_apart(&t, &f);
			struct store *s = opened(&t, NULL);
			assert_whole(s);
			store_close(&s);
			assert_int_not_equal(access(temp_path(&t, "data/fresh.mdb").s, F_OK), 0);
			temp_remove(&t);
		} while (more_to_try(code, errors[e], at));
		assert_true(at > STEPS);
	}
}

static void
test_while_another_process_reads_it_nothing_is_done(void **state UNUSED)
{
	const struct temp t = temp_make();
	struct store *s = opened(&t, NULL);
	int ready[2], done[2], status;
	char c = 0;
	struct why why;

	fill(s);
	assert_int_equal(pipe(ready) | pipe(done), 0);
	const pid_t pid = fork();
	if (pid == 0) {
		/* What every opener of LMDB holds. */
		struct flock shared = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
		const int fd = open(temp_path(&t, "data/lock.mdb").s, O_RDWR);

		if (fd < 0 || fcntl(fd, F_SETLK, &shared) != 0 || write(ready[1], &c, 1) != 1)
			_exit(1);
		_exit(read(done[0], &c, 1) == 1 ? 0 : 1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(store_compact(s, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "another process"));
	assert_whole(s);
	assert_int_equal(write(done[1], &c, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(store_compact(s, &why), ERR_NONE);
	assert_whole(s);
	store_close(&s);
	temp_remove(&t);
}

static void
test_a_store_in_memory_has_no_file(void **state UNUSED)
{
	const struct store_options options = {.in_memory = true};
	struct store *s;
	struct why why;

	assert_int_equal(store_open(&s, &options, &why), ERR_NONE);
	fill(s);
	assert_int_equal(store_compact(s, &why), ERR_NONE);
	assert_whole(s);
	store_close(&s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_was_deleted_stands_in_the_file_until_it_is_copied),
	    cmocka_unit_test(test_a_crash_or_a_failure_at_any_step_leaves_one_whole_store),
	    cmocka_unit_test(test_while_another_process_reads_it_nothing_is_done),
	    cmocka_unit_test(test_a_store_in_memory_has_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
