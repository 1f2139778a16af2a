// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_tallies.h"

#include <stdlib.h>
#include <string.h>

#include "common/fields.h"
#include "common/record.h"

#define KEY_MAX   (1 + 2 + 3 * (1 + CODE_MAX) + 1 + GROUP_MAX + 4)
#define GROUP_MAX 80

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

static void
out_short_text(struct fields_out *w, const char *text, size_t max)
{
	const size_t len = strnlen(text, max);

	out_u8(w, (unsigned)len);
	out_bytes(w, bytes_of(text, len));
}

void
tallies_add(const struct tallies *t, struct store_txn *txn, const struct tally_place *place, const struct tally *tally)
{
	uint8_t key_bytes[KEY_MAX], value_bytes[16];
	struct fields_out key = {key_bytes, 0, sizeof key_bytes};
	struct fields_out value = {value_bytes, 0, sizeof value_bytes};
	struct bytes old;
	int64_t numerator = tally->numerator, denominator = tally->denominator;

	out_u8(&key, tally->k);
	out_u16(&key, (uint16_t)tally_month(tally->day));
	out_code(&key, code_of(place->region));
	out_code(&key, code_of(place->team));
	out_code(&key, code_of(place->centre));
	out_short_text(&key, tally->group, GROUP_MAX);
	out_day(&key, tally->value);
	if (store_get(txn, t->tallies, out_done(&key), &old)) {
		struct fields_in r = {old};
		numerator += (int64_t)in_u64(&r);
		denominator += (int64_t)in_u64(&r);
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

/* ---- adding up ---- */

struct found {
	const char *group;
	int32_t value;
	int64_t numerator, denominator;
};

struct adding_up {
	struct arena *arena;
	struct found *found;
	size_t count, room;
};

static void
found_add(struct adding_up *a, const struct found *f)
{
	if (a->count == a->room) {
		a->room = a->room == 0 ? 256 : 2 * a->room;
		struct found *grown = ARENA_ARRAY(a->arena, struct found, a->room);
		if (a->count > 0)
			memcpy(grown, a->found, a->count * sizeof *grown);
		a->found = grown;
	}
	a->found[a->count++] = *f;
}

static bool
fits(const char *asked, struct code code)
{
	return asked == NULL || strcmp(asked, code.s) == 0;
}

/* False when the key lies behind what is asked for. */
static bool
take_tally(struct adding_up *a, const struct tally_question *q, struct bytes key, struct bytes value)
{
	struct fields_in k = {key}, v = {value};
	struct found f = {0};

	if (in_u8(&k) != q->k || in_u16(&k) > q->to_month)
		return false;
	const struct code region = in_code(&k), team = in_code(&k), centre = in_code(&k);
	const size_t len = in_u8(&k);

	if (!fits(q->region, region) || !fits(q->team, team) || !fits(q->centre, centre))
		return true;
	f.group = arena_str(a->arena, bytes_of(in_take(&k, len), len));
	f.value = in_day(&k);
	f.numerator = (int64_t)in_u64(&v);
	f.denominator = (int64_t)in_u64(&v);
	found_add(a, &f);
	return true;
}

static int
compare_found(const void *left, const void *right)
{
	const struct found *a = left, *b = right;
	const int by_group = strcmp(a->group, b->group);

	return by_group != 0 ? by_group : (a->value > b->value) - (a->value < b->value);
}

static const struct tally_sum *
group_found(struct adding_up *a, size_t *count)
{
	struct tally_sum *sums = ARENA_ARRAY(a->arena, struct tally_sum, a->count + 1);
	struct tally_value *values = ARENA_ARRAY(a->arena, struct tally_value, a->count + 1);
	size_t used = 0;

	*count = 0;
	for (size_t i = 0; i < a->count; i++) {
		const struct found *f = &a->found[i];
		const bool first = *count == 0 || strcmp(sums[*count - 1].group, f->group) != 0;

		if (first)
			sums[(*count)++] = (struct tally_sum){.group = f->group, .values = &values[used]};
		struct tally_sum *sum = &sums[*count - 1];

		sum->numerator += f->numerator;
		sum->denominator += f->denominator;
		if (sum->value_count == 0 || values[used - 1].value != f->value) {
			values[used++] = (struct tally_value){.value = f->value};
			sum->value_count++;
		}
		values[used - 1].count += f->denominator;
	}
	return sums;
}

const struct tally_sum *
tallies_sum(const struct tallies *t, struct store_txn *txn, const struct tally_question *q, size_t *count)
{
	struct adding_up a = {.arena = store_arena(txn)};
	uint8_t from_bytes[3];
	struct fields_out from = {from_bytes, 0, sizeof from_bytes};
	struct store_walk walk;
	struct bytes key, value;

	out_u8(&from, q->k);
	out_u16(&from, (uint16_t)q->from_month);
	store_walk_begin(&walk, txn, t->tallies, out_done(&from));
	while (store_walk_next(&walk, &key, &value) && take_tally(&a, q, key, value))
		;
	store_walk_end(&walk);
	if (a.count > 0)
		qsort(a.found, a.count, sizeof *a.found, compare_found);
	return group_found(&a, count);
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
