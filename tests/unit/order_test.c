// SPDX-License-Identifier: EUPL-1.2
/* order_test.c - lists in order, and what is equal as it stood. */
#include "common/order.h"
#include "tests/unit/unit.h"

#define MOST 70

struct item {
	int key, place;
};

static int
by_key(const void *a, const void *b)
{
	const struct item *left = a, *right = b;

	return (left->key > right->key) - (left->key < right->key);
}

/* Every length up to MOST, with few keys, so that many are equal. */
static void
equal_ones_stay_as_they_stood(void **state UNUSED)
{
	struct item items[MOST];
	const void *list[MOST];
	uint32_t seed = 5;
	struct arena a;

	arena_init(&a);
	for (size_t count = 0; count <= MOST; count++) {
		for (size_t i = 0; i < count; i++) {
			seed = seed * 1664525u + 1013904223u;
			items[i] = (struct item){(int)(seed >> 24) % 7, (int)i};
			list[i] = &items[i];
		}
		order_stable(&a, list, count, by_key);
		for (size_t i = 1; i < count; i++) {
			const struct item *before = list[i - 1], *now = list[i];

			assert_true(before->key < now->key || (before->key == now->key && before->place < now->place));
		}
	}
	arena_fini(&a);
}

static void
texts_by_their_bytes(void **state UNUSED)
{
	const void *list[] = {"JZ10", "JZ1", "", "ET-B", "JZ1"};
	struct arena a;

	arena_init(&a);
	order_stable(&a, list, 5, order_of_texts);
	assert_string_equal(list[0], "");
	assert_string_equal(list[1], "ET-B");
	assert_string_equal(list[2], "JZ1");
	assert_string_equal(list[3], "JZ1");
	assert_string_equal(list[4], "JZ10");
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(equal_ones_stay_as_they_stood),
	    cmocka_unit_test(texts_by_their_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
