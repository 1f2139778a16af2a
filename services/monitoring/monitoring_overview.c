// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_overview.h"

#include "common/order.h"
#include "services/monitoring/monitoring_tallies.h"

#define CHANGE_SLOTS (2 * OVERVIEW_PENDING_MAX)
#define PLACE_SLOTS  (2 * OVERVIEW_PLACES_MAX)

void
overview_open(struct overview *o, struct store_txn *txn)
{
	o->numbers = store_db_open(txn, "monitoring_overview");
	o->places = store_db_open(txn, "monitoring_places");
	o->change_count = 0;
	memset(o->change_slots, 0, sizeof o->change_slots);
	o->known_is_read = false;
	o->known_count = 0;
	memset(o->known_slots, 0, sizeof o->known_slots);
}

static uint32_t
hash_of(uint32_t hash, const void *data, size_t len)
{
	const uint8_t *at = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * 16777619u;
	return hash;
}

/* ---- places ---- */

static bool
is_place(const struct overview_where *place, const struct overview_place *where)
{
	return code_is(place->region, where->region) && code_is(place->team, where->team) &&
	       code_is(place->centre, where->centre);
}

static uint16_t *
place_slot(struct overview *o, const struct overview_place *where)
{
	uint32_t hash = hash_of(2166136261u, where->region, strlen(where->region));

	hash = hash_of(hash, where->team, strlen(where->team));
	hash = hash_of(hash, where->centre, strlen(where->centre));
	for (unsigned at = hash % PLACE_SLOTS;; at = (at + 1) % PLACE_SLOTS) {
		const unsigned number = o->known_slots[at];

		if (number == 0 || is_place(&o->known[number - 1], where))
			return &o->known_slots[at];
	}
}

static void
remember(struct overview *o, const struct overview_where *place)
{
	const struct overview_place where = {
	    .region = place->region.s, .team = place->team.s, .centre = place->centre.s};

	o->known[o->known_count++] = *place;
	*place_slot(o, &where) = (uint16_t)o->known_count;
}

static void
read_places(struct overview *o, struct store_txn *txn)
{
	struct store_walk walk;
	struct bytes value;

	store_walk_begin(&walk, txn, o->places, bytes_of(NULL, 0));
	while (o->known_count < OVERVIEW_PLACES_MAX && store_walk_next(&walk, NULL, &value)) {
		struct fields_in in = {value};
		struct overview_where place;

		place.region = in_code(&in);
		place.team = in_code(&in);
		place.centre = in_code(&in);
		remember(o, &place);
	}
	store_walk_end(&walk);
	o->known_is_read = true;
}

static uint16_t
place_number(struct overview *o, struct store_txn *txn, const struct overview_place *where)
{
	uint8_t key[2], value[3 * (1 + CODE_MAX)];
	struct fields_out out = {value, 0, sizeof value};

	if (!o->known_is_read)
		read_places(o, txn);
	const uint16_t known = *place_slot(o, where);

	if (known != 0 || o->known_count == OVERVIEW_PLACES_MAX)
		return known;
	const struct overview_where place = {code_of(where->region), code_of(where->team), code_of(where->centre)};

	remember(o, &place);
	put_u16(key, (uint16_t)o->known_count);
	out_code(&out, place.region);
	out_code(&out, place.team);
	out_code(&out, place.centre);
	store_put(txn, o->places, bytes_of(key, sizeof key), out_done(&out));
	return (uint16_t)o->known_count;
}

/* ---- numbers ---- */

int64_t
overview_number(struct bytes value)
{
	uint64_t number = 0;

	for (size_t i = 0; i < value.len; i++)
		number = number << 8 | value.data[i];
	return (int64_t)number;
}

static void
write_change(const struct overview *o, struct store_txn *txn, const struct overview_change *c)
{
	const struct bytes key = bytes_of(c->key, c->len);
	struct bytes value;
	uint8_t number[8];
	unsigned zeros = 0;

	if (c->by == 0)
		return;
	const int64_t after = c->by + (store_get(txn, o->numbers, key, &value) ? overview_number(value) : 0);

	if (after == 0) {
		store_delete(txn, o->numbers, key);
		return;
	}
	put_u64(number, (uint64_t)after);
	while (number[zeros] == 0)
		zeros++;
	store_put(txn, o->numbers, key, bytes_of(number + zeros, sizeof number - zeros));
}

static int
compare(const void *a, const void *b)
{
	const struct overview_change *left = a, *right = b;
	const size_t len = left->len < right->len ? left->len : right->len;
	const int order = memcmp(left->key, right->key, len);

	return order != 0 ? order : left->len - right->len;
}

void
overview_settle(struct overview *o, struct store_txn *txn)
{
	const void *list[OVERVIEW_PENDING_MAX];

	if (o->change_count == 0)
		return;
	for (unsigned i = 0; i < o->change_count; i++)
		list[i] = &o->changes[i];
	order_stable(store_arena(txn), list, o->change_count, compare);
	for (unsigned i = 0; i < o->change_count; i++)
		write_change(o, txn, list[i]);
	o->change_count = 0;
	memset(o->change_slots, 0, sizeof o->change_slots);
}

static void
change(struct overview *o, struct store_txn *txn, const struct fields_out *key, int64_t by)
{
	if (o->change_count == OVERVIEW_PENDING_MAX)
		overview_settle(o, txn);
	for (unsigned at = hash_of(2166136261u, key->at, key->len) % CHANGE_SLOTS;; at = (at + 1) % CHANGE_SLOTS) {
		if (o->change_slots[at] == 0) {
			struct overview_change *c = &o->changes[o->change_count++];

			o->change_slots[at] = (uint16_t)o->change_count;
			c->len = (uint8_t)key->len;
			memcpy(c->key, key->at, key->len);
			c->by = by;
			return;
		}
		struct overview_change *c = &o->changes[o->change_slots[at] - 1];

		if (c->len == key->len && memcmp(c->key, key->at, key->len) == 0) {
			c->by += by;
			return;
		}
	}
}

/* ---- cases ---- */

struct overview_place
overview_place(const pb_CaseView *v)
{
	struct overview_place p = {
	    .open = v->state != (int)CASE_STATE_UNSPECIFIED && v->state != (int)CASE_STATE_CLOSED,
	    .level = (uint8_t)v->level,
	    .governance = (uint8_t)v->governance,
	    .track = (uint8_t)v->track,
	    .state = (uint8_t)v->state,
	    .due = v->n_deadlines == 0 ? "" : v->deadlines[0]->due,
	    .region = v->region,
	    .team = v->team,
	    .centre = v->expertise_centre,
	};

	for (size_t i = 0; i < v->n_signals && !p.overdue; i++)
		p.overdue = v->signals[i]->code == (int)SIGNAL_CODE_S02_DEADLINE_MISSED;
	return p;
}

static bool
is_same_place(const struct overview_place *a, const struct overview_place *b)
{
	return strcmp(a->region, b->region) == 0 && strcmp(a->team, b->team) == 0 && strcmp(a->centre, b->centre) == 0;
}

static void
count_here(struct overview *o, struct store_txn *txn, const struct overview_place *p, int64_t by)
{
	uint8_t buffer[OVERVIEW_KEY_MAX];
	struct fields_out key = {buffer, 0, sizeof buffer};

	if (!p->open)
		return;
	out_u8(&key, OVERVIEW_OF_HERE);
	out_u16(&key, place_number(o, txn, p));
	out_u8(&key, p->level);
	out_u8(&key, p->governance);
	out_u8(&key, p->track);
	out_u8(&key, p->state);
	out_u8(&key, p->overdue ? 1 : 0);
	change(o, txn, &key, by);
}

static void
count_due(struct overview *o, struct store_txn *txn, const struct overview_place *p, int64_t by)
{
	uint8_t buffer[OVERVIEW_KEY_MAX];
	struct fields_out key = {buffer, 0, sizeof buffer};

	if (!p->open || p->due[0] == '\0')
		return;
	out_u8(&key, OVERVIEW_OF_DUE);
	out_day(&key, record_day(p->due));
	out_u16(&key, place_number(o, txn, p));
	change(o, txn, &key, by);
}

/* A case that is opened comes from nowhere, one that is closed goes there. */
static void
count_flow(struct overview *o, struct store_txn *txn, enum overview_what what, const struct overview_place *p,
	   cal_day day, unsigned from, unsigned to)
{
	uint8_t buffer[OVERVIEW_KEY_MAX];
	struct fields_out key = {buffer, 0, sizeof buffer};

	if (from == to || day == CAL_NONE)
		return;
	out_u8(&key, what);
	out_u16(&key, (uint16_t)tally_month(day));
	out_u16(&key, place_number(o, txn, p));
	out_u8(&key, from);
	out_u8(&key, to);
	change(o, txn, &key, 1);
}

void
overview_move(struct overview *o, struct store_txn *txn, const struct overview_place *from,
	      const struct overview_place *to, cal_day day)
{
	const bool same_place = from->open == to->open && is_same_place(from, to);
	const struct overview_place *where = to->open ? to : from;

	if (!from->open && !to->open)
		return;
	if (!same_place || from->level != to->level || from->governance != to->governance || from->track != to->track ||
	    from->state != to->state || from->overdue != to->overdue) {
		count_here(o, txn, from, -1);
		count_here(o, txn, to, 1);
	}
	if (!same_place || strcmp(from->due, to->due) != 0) {
		count_due(o, txn, from, -1);
		count_due(o, txn, to, 1);
	}
	count_flow(o, txn, OVERVIEW_OF_LEVEL, where, day, from->open ? from->level : 0, to->open ? to->level : 0);
	count_flow(o, txn, OVERVIEW_OF_GOVERNANCE, where, day, from->open ? from->governance : 0,
		   to->open ? to->governance : 0);
}
