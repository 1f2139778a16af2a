// SPDX-License-Identifier: EUPL-1.2
#include "common/order.h"

/* Two runs that are in order, [from, middle) and [middle, to), into one. */
static void
merge(const void **from, const void **to, size_t begin, size_t middle, size_t end, order_compare *compare)
{
	size_t left = begin, right = middle;

	for (size_t at = begin; at < end; at++) {
		const bool take_left = right == end || (left < middle && compare(from[left], from[right]) <= 0);

		to[at] = from[take_left ? left++ : right++];
	}
}

void
order_stable(struct arena *a, const void **list, size_t count, order_compare *compare)
{
	const void **from = list, **to = ARENA_ARRAY(a, const void *, count + 1);

	for (size_t run = 1; run < count; run *= 2) {
		for (size_t begin = 0; begin < count; begin += 2 * run) {
			const size_t middle = begin + run < count ? begin + run : count;

			merge(from, to, begin, middle, middle + run < count ? middle + run : count, compare);
		}
		const void **swap = from;

		from = to;
		to = swap;
	}
	if (from != list && count > 0)
		memcpy(list, from, count * sizeof *list);
}

int
order_of_texts(const void *a, const void *b)
{
	return strcmp(a, b);
}
