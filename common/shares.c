// SPDX-License-Identifier: EUPL-1.2
#include "common/shares.h"

/* a / b, half up; neither is negative. */
static int64_t
divide_half_up(int64_t a, int64_t b)
{
	return a / b + (a % b >= b - b / 2 ? 1 : 0);
}

static bool
weigh(const struct share *shares, size_t count, int64_t *total)
{
	*total = 0;
	if (count > SHARES_PARTIES_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (shares[i].weight < 0 || shares[i].weight > SHARES_WEIGHT_MAX - *total)
			return false;
		*total += shares[i].weight;
	}
	return *total > 0;
}

/* What is left goes to the largest remainders, one each. */
static void
hand_out(struct share *shares, size_t count, int64_t amount, int64_t total, int64_t left)
{
	bool has[SHARES_PARTIES_MAX] = {false};

	for (; left > 0; left--) {
		int64_t most = -1;
		size_t best = 0;

		for (size_t i = 0; i < count; i++) {
			const int64_t rest = amount * shares[i].weight % total;

			if (!has[i] && rest > most) {
				most = rest;
				best = i;
			}
		}
		has[best] = true;
		shares[best].exact++;
	}
}

bool
shares_divide(struct share *shares, size_t count, int64_t amount)
{
	int64_t total, left = amount;

	if (amount < 0 || amount > SHARES_AMOUNT_MAX || !weigh(shares, count, &total))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct share *s = &shares[i];

		s->percent = divide_half_up(100 * s->weight, total);
		s->by_percent = divide_half_up(amount * s->percent, 100);
		s->exact = amount * s->weight / total;
		left -= s->exact;
	}
	hand_out(shares, count, amount, total, left);
	return true;
}
