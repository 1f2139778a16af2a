// SPDX-License-Identifier: EUPL-1.2
/* bytes.h, arena.h, err.h, digest.h: the leaves. */
#include "tests/unit/unit.h"

#include "common/arena.h"
#include "common/digest.h"
#include "common/err.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED
#endif
#ifdef SANITIZED
size_t __sanitizer_get_current_allocated_bytes(void); /* gcc has no header for it */
#else
#include <malloc.h>
#endif

/* --- bytes ------------------------------------------------------------------------------------------------------ */

static void
test_numbers_are_big_endian_and_come_back(void **state UNUSED)
{
	static const uint8_t expected[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
	uint8_t b[8];

	put_u64(b, UINT64_C(0x0123456789abcdef));
	assert_memory_equal(b, expected, 8);
	assert_int_equal(get_u64(b), UINT64_C(0x0123456789abcdef));
	put_u32(b, 0x01234567);
	assert_memory_equal(b, expected, 4);
	assert_int_equal(get_u32(b), 0x01234567);
	put_u16(b, 0x0123);
	assert_memory_equal(b, expected, 2);
	assert_int_equal(get_u16(b), 0x0123);
}

static void
test_the_largest_numbers_come_back(void **state UNUSED)
{
	uint8_t b[8];

	put_u64(b, UINT64_MAX);
	assert_true(get_u64(b) == UINT64_MAX);
	put_u32(b, UINT32_MAX);
	assert_true(get_u32(b) == UINT32_MAX);
	put_u16(b, UINT16_MAX);
	assert_true(get_u16(b) == UINT16_MAX);
}

static void
test_byte_order_is_number_order(void **state UNUSED)
{
	static const uint64_t rising[] = {0, 1, 255, 256, 65535, 65536, UINT32_MAX, UINT64_C(1) << 40, UINT64_MAX};

	for (size_t i = 1; i < COUNT_OF(rising); i++) {
		uint8_t a[8], b[8];
		put_u64(a, rising[i - 1]);
		put_u64(b, rising[i]);
		assert_true(memcmp(a, b, 8) < 0);
	}
}

static void
test_equal_and_prefix(void **state UNUSED)
{
	assert_true(bytes_equal(bytes_str("zorg"), bytes_str("zorg")));
	assert_false(bytes_equal(bytes_str("zorg"), bytes_str("zor")));
	assert_false(bytes_equal(bytes_str("zorg"), bytes_str("zorh")));
	assert_true(bytes_equal(bytes_of(NULL, 0), bytes_str("")));
	assert_true(bytes_begin_with(bytes_str("JZ14/team"), bytes_str("JZ14")));
	assert_true(bytes_begin_with(bytes_str("JZ14"), bytes_of(NULL, 0)));
	assert_false(bytes_begin_with(bytes_str("JZ1"), bytes_str("JZ14")));
	assert_false(bytes_begin_with(bytes_str("JZ15"), bytes_str("JZ14")));
}

static void
test_codes_are_values(void **state UNUSED)
{
	const struct code a = code_of("GM0957"), b = code_of("GM0957"), none = code_of("");

	assert_true(code_equal(a, b));
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(code_is(a, "GM0957"));
	assert_false(code_equal(a, code_of("GM0958")));
	assert_true(code_is_empty(none));
	assert_false(code_is_empty(a));
	assert_string_equal(id_of("case-0001").s, "case-0001");
}

static void
test_a_text_that_is_too_long_is_cut_and_ended(void **state UNUSED)
{
	char text[200];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(strlen(code_of(text).s), CODE_MAX);
	assert_int_equal(strlen(id_of(text).s), ID_MAX);
	text[CODE_MAX] = '\0';
	assert_string_equal(code_of(text).s, text);
}

static void
test_hexadecimal(void **state UNUSED)
{
	static const uint8_t b[] = {0x00, 0x0f, 0xa5, 0xff};
	char out[9];

	bytes_hex(bytes_of(b, sizeof(b)), out);
	assert_string_equal(out, "000fa5ff");
	bytes_hex(bytes_of(NULL, 0), out);
	assert_string_equal(out, "");
}

/* --- arena ------------------------------------------------------------------------------------------------------ */

static bool
all_zero(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] != 0)
			return false;
	}
	return true;
}

#ifdef SANITIZED
static size_t
heap_bytes(void)
{
	return __sanitizer_get_current_allocated_bytes();
}
#else
static size_t
heap_bytes(void)
{
	const struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}
#endif

static void
test_taken_memory_is_aligned_zeroed_and_apart(void **state UNUSED)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 65536, 65537, 3 << 20};
	uint8_t *taken[COUNT_OF(sizes)];
	struct arena a;

	arena_init(&a);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT_OF(sizes); i++) {
			taken[i] = arena_take(&a, sizes[i]);
			assert_int_equal((uintptr_t)taken[i] % 16, 0);
			assert_true(all_zero(taken[i], sizes[i]));
			memset(taken[i], (int)i + 1, sizes[i]);
		}
		for (size_t i = 0; i < COUNT_OF(sizes); i++) {
			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(taken[i][k], i + 1);
		}
		arena_reset(&a);
		assert_int_equal(a.taken, 0);
	}
	arena_fini(&a);
}

static void
test_a_reset_gives_the_same_memory_again_but_keeps_no_hoard(void **state UNUSED)
{
	struct arena a;

	arena_init(&a);
	void *first = arena_take(&a, 100);
	arena_reset(&a);
	assert_ptr_equal(arena_take(&a, 100), first);
	const size_t before = heap_bytes();
	for (int i = 0; i < 64; i++)
		arena_take(&a, 1 << 20);
	assert_true(a.taken >= 64 << 20);
	assert_true(heap_bytes() - before >= 64 << 20);
	arena_reset(&a);
	assert_true(heap_bytes() - before <= 4 << 20);
	assert_ptr_equal(arena_take(&a, 100), first);
	arena_fini(&a);
	assert_true(heap_bytes() < before);
}

#ifdef SANITIZED
static void
look_behind_a_reset(void *arg UNUSED)
{
	struct arena a;

	arena_init(&a);
	volatile uint8_t *p = arena_take(&a, 8);
	arena_reset(&a);
	_exit(p[0]);
}
#endif

static void
test_using_what_was_given_back_is_found_by_the_sanitizer(void **state UNUSED)
{
#ifdef SANITIZED
	assert_int_not_equal(in_a_process(look_behind_a_reset, NULL), 0);
#else
	skip();
#endif
}

static void
test_copies_and_texts(void **state UNUSED)
{
	char many[600];
	struct arena a;

	arena_init(&a);
	const struct bytes copy = arena_copy(&a, bytes_str("Maasbracht"));
	assert_true(bytes_equal(copy, bytes_str("Maasbracht")));
	assert_int_equal(arena_copy(&a, bytes_of(NULL, 0)).len, 0);
	assert_string_equal(arena_str(&a, bytes_of("Roermond!", 8)), "Roermond");
	assert_string_equal(arena_str(&a, bytes_of(NULL, 0)), "");
	assert_string_equal(arena_printf(&a, "%s-%d", "JZ", 14), "JZ-14");
	/* Around the size in which it formats first. */
	for (size_t len = 254; len < sizeof(many); len += len < 258 ? 1 : 100) {
		memset(many, 'm', len);
		many[len] = '\0';
		assert_string_equal(arena_printf(&a, "%s", many), many);
	}
	arena_fini(&a);
}

/* --- err -------------------------------------------------------------------------------------------------------- */

static void
test_a_sentence_is_cut_not_overrun_and_may_be_unwanted(void **state UNUSED)
{
	char text[2000];
	struct why why;

	memset(text, 'w', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	why_set(&why, "%s", text);
	assert_int_equal(strlen(why.text), sizeof(why.text) - 1);
	why_set(&why, "%s: %d", "line", 7);
	assert_string_equal(why.text, "line: 7");
	why_set(NULL, "%s", text);
}

static void
fail_fatally(void *arg UNUSED)
{
	fatal("commit: %s\nsecond line", "no space");
}

static void
test_fatal_says_one_line_and_ends_with_status_1(void **state UNUSED)
{
	const struct ending e = run_in_a_process(fail_fatally, NULL);

	assert_true(WIFEXITED(e.status));
	assert_int_equal(WEXITSTATUS(e.status), 1);
	assert_string_equal(e.said, "doorbraak: fatal: commit: no space second line\n");
}

static void
break_a_promise(void *arg)
{
	ASSERT(arg != NULL);
}

static void
test_an_assert_ends_the_process(void **state UNUSED)
{
	assert_true(ends_by_assert(break_a_promise, NULL));
	assert_false(ends_by_assert(break_a_promise, ""));
}

/* --- digest ----------------------------------------------------------------------------------------------------- */

static void
assert_digest(struct digest d, const char *hex)
{
	char text[2 * DIGEST_SIZE + 1];

	bytes_hex(bytes_of(d.b, sizeof(d.b)), text);
	assert_string_equal(text, hex);
}

/* Expected values from an independent implementation (Python's hashlib.blake2b, digest_size 32). */
static void
test_digests_are_blake2b_256(void **state UNUSED)
{
	assert_digest(digest_of(bytes_str("")), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
	assert_digest(digest_of(bytes_str("abc")), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

static void
test_the_chain_covers_digest_before_number_and_record(void **state UNUSED)
{
	const struct digest zero = {{0}}, one = digest_chain(zero, 1, bytes_str("een"));
	const struct digest two = digest_chain(one, 2, bytes_str("twee"));

	assert_digest(one, "f7eb0c9e8745b39a8c9b1d2b42faa08966080853191ab2023a10fe34bcd76c85");
	assert_digest(two, "e931703ec48061cbe394e5fea02b166442f9c8564f0d9b315821be083d76754a");
	assert_false(digest_equal(two, digest_chain(zero, 2, bytes_str("twee"))));
	assert_false(digest_equal(two, digest_chain(one, 3, bytes_str("twee"))));
	assert_false(digest_equal(two, digest_chain(one, 2, bytes_str("tweE"))));
	assert_true(digest_equal(two, digest_chain(one, 2, bytes_str("twee"))));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_numbers_are_big_endian_and_come_back),
	    cmocka_unit_test(test_the_largest_numbers_come_back),
	    cmocka_unit_test(test_byte_order_is_number_order),
	    cmocka_unit_test(test_equal_and_prefix),
	    cmocka_unit_test(test_codes_are_values),
	    cmocka_unit_test(test_a_text_that_is_too_long_is_cut_and_ended),
	    cmocka_unit_test(test_hexadecimal),
	    cmocka_unit_test(test_taken_memory_is_aligned_zeroed_and_apart),
	    cmocka_unit_test(test_a_reset_gives_the_same_memory_again_but_keeps_no_hoard),
	    cmocka_unit_test(test_using_what_was_given_back_is_found_by_the_sanitizer),
	    cmocka_unit_test(test_copies_and_texts),
	    cmocka_unit_test(test_a_sentence_is_cut_not_overrun_and_may_be_unwanted),
	    cmocka_unit_test(test_fatal_says_one_line_and_ends_with_status_1),
	    cmocka_unit_test(test_an_assert_ends_the_process),
	    cmocka_unit_test(test_digests_are_blake2b_256),
	    cmocka_unit_test(test_the_chain_covers_digest_before_number_and_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
