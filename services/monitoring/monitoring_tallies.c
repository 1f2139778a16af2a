// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_tallies.h"

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

/* What was found for one value of one group, in order of group and value. */
struct found {
	const char *group;
	int32_t value;
	int64_t numerator, denominator;
	struct found *next;
};

struct adding_up {
	const struct tally_question *question;
	struct arena *arena;
	struct found *first;
	struct found **at; /* the keys of a month come in order too: never back */
	int month;
	size_t count;
};

static bool
fits(const char *asked, struct code code)
{
	return asked == NULL || strcmp(asked, code.s) == 0;
}

static struct found *
found_of(struct adding_up *a, const char *group, int32_t value)
{
	for (; *a->at != NULL; a->at = &(*a->at)->next) {
		const int by_group = strcmp((*a->at)->group, group);

		if (by_group == 0 && (*a->at)->value == value)
			return *a->at;
		if (by_group > 0 || (by_group == 0 && (*a->at)->value > value))
			break;
	}
	struct found *found = ARENA_NEW(a->arena, struct found);

	*found = (struct found){.group = arena_str(a->arena, bytes_str(group)), .value = value, .next = *a->at};
	*a->at = found;
	a->count++;
	return found;
}

/* False when the key lies behind what is asked for. */
static bool
take_tally(struct adding_up *a, struct bytes key, struct bytes value)
{
	const struct tally_question *q = a->question;
	struct fields_in k = {key}, v = {value};

	if (in_u8(&k) != q->k)
		return false;
	const int month = in_u16(&k);

	if (month > q->to_month)
		return false;
	if (month != a->month) {
		a->month = month;
		a->at = &a->first;
	}
	const char *group = in_text(&k, a->arena);
	const int32_t days = in_day(&k);
	const struct code region = in_code(&k), team = in_code(&k), centre = in_code(&k);

	if (!fits(q->region, region) || !fits(q->team, team) || !fits(q->centre, centre))
		return true;
	struct found *found = found_of(a, group, days);

	found->numerator += (int64_t)in_u64(&v);
	found->denominator += (int64_t)in_u64(&v);
	return true;
}

static const struct tally_sum *
group_found(const struct adding_up *a, size_t *count)
{
	struct tally_sum *sums = ARENA_ARRAY(a->arena, struct tally_sum, a->count + 1);
	struct tally_value *values = ARENA_ARRAY(a->arena, struct tally_value, a->count + 1);
	struct tally_sum *sum = NULL;

	*count = 0;
	for (const struct found *f = a->first; f != NULL; f = f->next, values++) {
		if (sum == NULL || strcmp(sum->group, f->group) != 0) {
			sum = &sums[(*count)++];
			*sum = (struct tally_sum){.group = f->group, .values = values};
		}
		sum->numerator += f->numerator;
		sum->denominator += f->denominator;
		sum->value_count++;
		*values = (struct tally_value){f->value, f->denominator};
	}
	return sums;
}

const struct tally_sum *
tallies_sum(const struct tallies *t, struct store_txn *txn, const struct tally_question *q, size_t *count)
{
	struct adding_up a = {.question = q, .arena = store_arena(txn)};
	uint8_t from_bytes[3];
	struct fields_out from = {from_bytes, 0, sizeof from_bytes};
	struct store_walk walk;
	struct bytes key, value;

	a.at = &a.first;
	out_u8(&from, q->k);
	out_u16(&from, (uint16_t)q->from_month);
	store_walk_begin(&walk, txn, t->tallies, out_done(&from));
	while (store_walk_next(&walk, &key, &value) && take_tally(&a, key, value))
		;
	store_walk_end(&walk);
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
