// SPDX-License-Identifier: EUPL-1.2
/* How much may wait for peers to read it, at its edges. */
#include "common/unsent.h"

#include "tests/unit/unit.h"

#define MIB (1u << 20)

static uint8_t page[UNSENT_PEER_MAX + 1];
static const char *const names[] = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"};

static struct unsent_block *
take(struct unsent *unsent, const char *peer, size_t len)
{
	return unsent_take(unsent, bytes_str(peer), bytes_of(page, len));
}

static void
test_a_peer_may_hold_so_much_and_not_a_byte_more(void **state UNUSED)
{
	struct unsent *unsent = calloc(1, sizeof(*unsent));

	unsent_init(unsent);
	assert_null(take(unsent, "one", UNSENT_PEER_MAX + 1));
	assert_false(unsent_is_behind(unsent, bytes_str("one")));
	struct unsent_block *all = take(unsent, "one", UNSENT_PEER_MAX);
	assert_non_null(all);
	assert_int_equal(unsent_all(unsent), UNSENT_PEER_MAX);
	assert_null(take(unsent, "one", 1));
	assert_true(unsent_is_behind(unsent, bytes_str("one")));
	assert_false(unsent_is_behind(unsent, bytes_str("two")));
	/* Others have room, and once it was read there is room again. */
	struct unsent_block *other = take(unsent, "two", MIB);
	assert_non_null(other);
	unsent_let_go(NULL, all);
	struct unsent_block *one = take(unsent, "one", 1);
	assert_non_null(one);
	assert_int_equal(unsent_all(unsent), MIB + 1);
	unsent_let_go(NULL, one);
	unsent_let_go(NULL, other);
	assert_int_equal(unsent_all(unsent), 0);
	free(unsent);
}

static void
test_who_comes_later_finds_room_whoever_holds_the_rest(void **state UNUSED)
{
	struct unsent *unsent = calloc(1, sizeof(*unsent));
	struct unsent_block *held[UNSENT_ALL_MAX / (64u << 10)];
	size_t count = 0;

	unsent_init(unsent);
	for (unsigned i = 0; i < COUNT_OF(names); i++) {
		struct unsent_block *block;
		unsigned got = 0;

		while (count < COUNT_OF(held) && (block = take(unsent, names[i], 64u << 10)) != NULL) {
			held[count++] = block;
			got++;
		}
		/* The first take their fill, the last still something. */
		assert_true(i > 2 || got == UNSENT_PEER_MAX / (64u << 10));
		assert_true(got > 0);
	}
	assert_true(unsent_all(unsent) < UNSENT_ALL_MAX);
	struct unsent_block *small = take(unsent, "an honest client", 4096);
	assert_non_null(small);
	unsent_let_go(NULL, small);
	while (count > 0)
		unsent_let_go(NULL, held[--count]);
	assert_int_equal(unsent_all(unsent), 0);
	free(unsent);
}

static void
test_what_is_kept_is_a_copy_and_may_be_empty(void **state UNUSED)
{
	struct unsent *unsent = calloc(1, sizeof(*unsent));
	char text[] = "hello";

	unsent_init(unsent);
	struct unsent_block *block = unsent_take(unsent, bytes_str("one"), bytes_str(text));
	struct unsent_block *empty = unsent_take(unsent, bytes_str("one"), bytes_of(NULL, 0));
	text[0] = 'j';
	assert_int_equal(unsent_bytes(block).len, 5);
	assert_memory_equal(unsent_bytes(block).data, "hello", 5);
	assert_int_equal(unsent_bytes(empty).len, 0);
	unsent_let_go(NULL, block);
	unsent_let_go(NULL, empty);
	free(unsent);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_peer_may_hold_so_much_and_not_a_byte_more),
	    cmocka_unit_test(test_who_comes_later_finds_room_whoever_holds_the_rest),
	    cmocka_unit_test(test_what_is_kept_is_a_copy_and_may_be_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
