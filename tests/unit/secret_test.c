// SPDX-License-Identifier: EUPL-1.2
/* How a secret is read, kept and forgotten. */
#include "common/secret.h"

#include <sys/resource.h>

#include "tests/unit/unit.h"

static struct temp_path
write_secret(const struct temp *t, const char *text, size_t len, mode_t mode)
{
	const struct temp_path path = temp_path(t, "secret");

	unlink(path.s);
	file_write(path.s, text, len);
	assert_int_equal(chmod(path.s, mode), 0);
	return path;
}

static void
test_only_a_file_that_others_can_neither_read_nor_change(void **state UNUSED)
{
	static const struct {
		mode_t mode;
		const char *why; /* NULL: right */
	} rows[] = {
	    {0400, NULL},
	    {0600, NULL},
	    {0440, NULL},
	    {0640, NULL},
	    {0404, "everybody on this machine can read"},
	    {0402, "everybody on this machine can read"},
	    {0401, "everybody on this machine can read"},
	    {0460, "others than its owner can change it"},
	};
	const struct temp t = temp_make();
	struct secret s;
	struct why why;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct temp_path path = write_secret(&t, "abc", 3, rows[i].mode);

		if (secret_read(&s, path.s, 16, &why) != (rows[i].why == NULL) ||
		    (rows[i].why != NULL &&
		     (strstr(why.text, rows[i].why) == NULL || strstr(why.text, "0400") == NULL)))
			fail_msg("%04o: %s", rows[i].mode, why.text);
		secret_free(&s);
	}
	assert_false(secret_read(&s, t.dir, 16, &why));
	assert_non_null(strstr(why.text, "is no file"));
	assert_false(secret_read(&s, temp_path(&t, "absent").s, 16, &why));
	assert_non_null(strstr(why.text, "No such file"));
	temp_remove(&t);
}

static void
test_not_a_file_of_another_user(void **state UNUSED)
{
	const struct temp t = temp_make();
	const struct temp_path path = write_secret(&t, "abc", 3, 0400);
	struct secret s;
	struct why why;

	if (geteuid() != 0 || chown(path.s, 65534, 65534) != 0)
		skip();
	assert_false(secret_read(&s, path.s, 16, &why));
	assert_non_null(strstr(why.text, "belongs to another user (65534)"));
	temp_remove(&t);
}

static void
test_the_size_is_bounded_on_both_sides(void **state UNUSED)
{
	const struct temp t = temp_make();
	struct secret s;
	struct why why;

	assert_false(secret_read(&s, write_secret(&t, "", 0, 0400).s, 4, &why));
	assert_non_null(strstr(why.text, "holds nothing; expected 1 to 4 bytes"));
	assert_false(secret_read(&s, write_secret(&t, "abcde", 5, 0400).s, 4, &why));
	assert_non_null(strstr(why.text, "holds too much"));
	assert_null(strstr(why.text, "abc"));
	assert_true(secret_read(&s, write_secret(&t, "a\0cd", 4, 0400).s, 4, &why));
	assert_int_equal(s.len, 4);
	assert_memory_equal(s.data, "a\0cd", 5);
	secret_free(&s);
	assert_null(s.data);
	secret_free(&s);
	temp_remove(&t);
}

/* What smaps says of the pages at `at`: "VmFlags: rd mr mw me lo dd sd". */
static bool
has_flag(const void *at, const char *flag)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	unsigned long from, to;
	bool here = false, has = false;
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = from <= (uintptr_t)at && (uintptr_t)at < to;
		if (here && strncmp(line, "VmFlags:", 8) == 0)
			has = strstr(line, flag) != NULL;
	}
	fclose(file);
	return has;
}

static void
write_to(void *arg)
{
	struct secret *s = arg;

	signal(SIGSEGV, SIG_DFL);
	s->data[0] ^= 1;
}

static void
read_behind(void *arg)
{
	const struct secret *s = arg;

	signal(SIGSEGV, SIG_DFL);
	(void)*(volatile uint8_t *)(s->data + s->len + 1);
}

/* The address sanitizer takes calls to lock memory for itself: these are proven in the variant without it. */
#ifdef __SANITIZE_ADDRESS__
#define LOCKS false
#else
#define LOCKS true
#endif

static void
test_it_is_locked_left_out_of_dumps_and_read_only_once_complete(void **state UNUSED)
{
	struct secret s;
	struct why why;

	assert_true(secret_new(&s, 32, &why));
	for (size_t i = 0; i <= s.len; i++)
		assert_int_equal(s.data[i], 0);
	s.data[0] = 1;
	assert_true(!LOCKS || has_flag(s.data, " lo"));
	assert_true(has_flag(s.data, " dd"));
	assert_true(has_flag(s.data, " wr"));
	secret_seal(&s);
	assert_false(has_flag(s.data, " wr"));
	assert_int_equal(WTERMSIG(in_a_process(write_to, &s)), SIGSEGV);
	/* A guard page stands behind it. */
	assert_int_equal(WTERMSIG(in_a_process(read_behind, &s)), SIGSEGV);
	secret_free(&s);
}

/* Root may always lock. */
static void
without_right_to_lock(void *arg)
{
	const struct rlimit none = {0, 0};
	struct secret s;
	struct why why;

	(void)arg;
	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0))
		_exit(1);
	if (secret_new(&s, 32, &why) || strstr(why.text, "ulimit -l") == NULL || s.data != NULL)
		_exit(2);
}

static void
test_memory_that_cannot_be_locked_is_an_error(void **state UNUSED)
{
	if (!LOCKS)
		skip();
	assert_int_equal(in_a_process(without_right_to_lock, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_only_a_file_that_others_can_neither_read_nor_change),
	    cmocka_unit_test(test_not_a_file_of_another_user),
	    cmocka_unit_test(test_the_size_is_bounded_on_both_sides),
	    cmocka_unit_test(test_it_is_locked_left_out_of_dumps_and_read_only_once_complete),
	    cmocka_unit_test(test_memory_that_cannot_be_locked_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
