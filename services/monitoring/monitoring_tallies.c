// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_tallies.h"

#include <string.h>

#include "common/fields.h"
#include "common/order.h"
#include "common/record.h"

#define KEY_MAX       (1 + 2 + 3 * (1 + CODE_MAX) + 1 + GROUP_MAX + 4)
#define GROUP_MAX     80
#define ROWS_AT_FIRST 64

struct tallies
tallies_open(struct store_txn *txn)
{
	return (struct tallies){
	    .tallies = store_db_open(txn, "monitoring_tallies"),
	    .meetings = store_db_open(txn, "monitoring_meetings"),
	};
}

int
tally_month(cal_day day)
{
	const struct cal_date date = cal_to_date(day);

	return date.year * 12 + date.month - 1;
}

/* ---- keeping ---- */

void
tallies_add(const struct tallies *t, struct store_txn *txn, const struct tally_place *place, const struct tally *tally)
{
	uint8_t key_bytes[KEY_MAX], value_bytes[16];
	struct fields_out key = {key_bytes, 0, sizeof key_bytes};
	struct fields_out value = {value_bytes, 0, sizeof value_bytes};
	struct bytes old;
	int64_t numerator = tally->numerator, denominator = tally->denominator;

	out_u8(&key, tally->k);
	out_u16(&key, (uint16_t)(tally->day == CAL_NONE ? TALLY_NOW : tally_month(tally->day)));
	out_bytes(&key, bytes_of(tally->group, strnlen(tally->group, GROUP_MAX)));
	out_u8(&key, 0);
	out_day(&key, tally->value);
	out_code(&key, code_of(place->region));
	out_code(&key, code_of(place->team));
	out_code(&key, code_of(place->centre));
	if (store_get(txn, t->tallies, out_done(&key), &old)) {
		struct fields_in r = {old};
		numerator += (int64_t)in_u64(&r);
		denominator += (int64_t)in_u64(&r);
	}
	if (numerator == 0 && denominator == 0) {
		store_delete(txn, t->tallies, out_done(&key));
		return;
	}
	out_u64(&value, (uint64_t)numerator);
	out_u64(&value, (uint64_t)denominator);
	store_put(txn, t->tallies, out_done(&key), out_done(&value));
}

bool
tallies_open_meeting(const struct tallies *t, struct store_txn *txn, const char *team, cal_day day)
{
	uint8_t key_bytes[4 + 1 + CODE_MAX];
	struct fields_out key = {key_bytes, 0, sizeof key_bytes};
	struct bytes old;

	out_day(&key, day);
	out_code(&key, code_of(team));
	if (store_get(txn, t->meetings, out_done(&key), &old))
		return false;
	store_put(txn, t->meetings, out_done(&key), bytes_of("", 0));
	return true;
}

/* ---- reading ---- */

const struct tally_row *
tallies_read(const struct tallies *t, struct store_txn *txn, unsigned k, int from_month, int to_month, size_t *count)
{
	struct arena *a = store_arena(txn);
	uint8_t from_bytes[3];
	struct fields_out from = {from_bytes, 0, sizeof from_bytes};
	struct tally_row *rows = ARENA_ARRAY(a, struct tally_row, ROWS_AT_FIRST);
	size_t room = ROWS_AT_FIRST;
	struct store_walk walk;
	struct bytes key, value;

	*count = 0;
	out_u8(&from, k);
	out_u16(&from, (uint16_t)from_month);
	store_walk_begin(&walk, txn, t->tallies, out_done(&from));
	while (store_walk_next(&walk, &key, &value)) {
		struct fields_in at = {key}, v = {value};

		if (in_u8(&at) != k || in_u16(&at) > to_month)
			break;
		if (*count == room) {
			struct tally_row *more = ARENA_ARRAY(a, struct tally_row, 2 * room);

			memcpy(more, rows, room * sizeof *rows);
			rows = more;
			room *= 2;
		}
		struct tally_row *row = &rows[(*count)++];

		row->k = k;
		row->group = in_text(&at, a);
		row->value = in_day(&at);
		row->region = arena_str(a, bytes_str(in_code(&at).s));
		row->team = arena_str(a, bytes_str(in_code(&at).s));
		row->centre = arena_str(a, bytes_str(in_code(&at).s));
		row->numerator = (int64_t)in_u64(&v);
		row->denominator = (int64_t)in_u64(&v);
	}
	store_walk_end(&walk);
	return rows;
}

/* ---- adding up ---- */

static bool
fits(const char *asked, const char *code)
{
	return asked == NULL || strcmp(asked, code) == 0;
}

static bool
is_at(const struct tally_row *row, const struct tally_place *where)
{
	return fits(where->region, row->region) && fits(where->team, row->team) && fits(where->centre, row->centre);
}

static int
compare(const void *a, const void *b)
{
	const struct tally_row *left = a, *right = b;
	const int by_group = strcmp(left->group, right->group);

	return by_group != 0 ? by_group : (left->value > right->value) - (left->value < right->value);
}

const struct tally_sum *
tallies_sum(struct arena *a, const struct tally_row *rows, size_t row_count, const struct tally_place *where,
	    size_t *count)
{
	struct tally_sum *sum = NULL;
	size_t n = 0;

	*count = 0;
	for (size_t i = 0; i < row_count; i++)
		n += is_at(&rows[i], where);
	const void **list = ARENA_ARRAY(a, const void *, n + 1);
	struct tally_sum *sums = ARENA_ARRAY(a, struct tally_sum, n + 1);
	struct tally_value *values = ARENA_ARRAY(a, struct tally_value, n + 1);
	struct tally_value *value = values;

	n = 0;
	for (size_t i = 0; i < row_count; i++) {
		if (is_at(&rows[i], where))
			list[n++] = &rows[i];
	}
	order_stable(a, list, n, compare);
	for (size_t i = 0; i < n; i++) {
		const struct tally_row *row = list[i];
		const bool is_new = sum == NULL || strcmp(sum->group, row->group) != 0;

		if (is_new) {
			sum = &sums[(*count)++];
			*sum = (struct tally_sum){.group = row->group, .values = value};
		}
		if (is_new || value[-1].value != row->value) {
			*value++ = (struct tally_value){row->value, 0};
			sum->value_count++;
		}
		value[-1].count += row->denominator;
		sum->numerator += row->numerator;
		sum->denominator += row->denominator;
	}
	return sums;
}

int32_t
tally_percentile(const struct tally_sum *sum, unsigned percent)
{
	int64_t seen = 0;

	for (size_t i = 0; i < sum->value_count; i++) {
		seen += sum->values[i].count;
		if (seen * 100 >= sum->denominator * (int64_t)percent && seen > 0)
			return sum->values[i].value;
	}
	return 0;
}

int64_t
tally_total(const struct tally_sum *sum)
{
	int64_t total = 0;

	for (size_t i = 0; i < sum->value_count; i++)
		total += sum->values[i].value * sum->values[i].count;
	return total;
}
