// SPDX-License-Identifier: EUPL-1.2
/* shares.h - an amount divided over parties by weight (gemeenten by inhabitants). Pure.
 *
 * Two methods (rules.md R38, 5.4 TV2-TV4; base note 6.4):
 *   - exact: the largest remainder. Everybody gets the whole part of its exact share; what is left goes, one by one, to
 *     the largest remainders, the first in order where they are equal. Always adds up.
 *   - rounded: the percentage of each, rounded half up to whole percents, times the amount, rounded half up. The way of
 *     the source table. Percentages may add up to more or less than 100, and then the shares do not add up either. */
#ifndef DOORBRAAK_SHARES_H
#define DOORBRAAK_SHARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHARES_PARTIES_MAX 1000
#define SHARES_WEIGHT_MAX  100000000   /* of all parties together */
#define SHARES_AMOUNT_MAX  90000000000 /* whole euros */

struct share {
	int64_t weight;
	int64_t percent;           /* rounded */
	int64_t by_percent, exact; /* of the amount */
};

/* Fills in all but the weights. False, and nothing filled in, when a weight or the amount is negative, everything
 * weighs nothing, or a limit above is passed. */
bool shares_divide(struct share *shares, size_t count, int64_t amount);

#endif
