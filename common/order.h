// SPDX-License-Identifier: EUPL-1.2
/* order.h - a list of pointers brought into order. Stable: what compares equal stays as it stood, so the outcome depends on
 * nothing else. The room that it takes is the arena's. */
#ifndef DOORBRAAK_ORDER_H
#define DOORBRAAK_ORDER_H

#include "common/arena.h"

/* Less than, equal to or greater than 0. */
typedef int order_compare(const void *a, const void *b);
void order_stable(struct arena *a, const void **list, size_t count, order_compare *compare);
/* As order_compare, of texts. */
int order_of_texts(const void *a, const void *b);

#endif
