// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_overview.h"

#include <stdlib.h>

#include "services/monitoring/monitoring_tallies.h"

struct change {
	uint8_t len;
	uint8_t key[OVERVIEW_KEY_MAX];
	int64_t by;
};

#define SLOTS 1024u /* twice OVERVIEW_PENDING_MAX: a place is found soon */

struct overview_pending {
	struct change changes[OVERVIEW_PENDING_MAX];
	unsigned count;
	uint16_t slots[SLOTS]; /* 1 + place in changes; 0: free */
};

_Static_assert(SLOTS >= 2 * OVERVIEW_PENDING_MAX && (SLOTS & (SLOTS - 1)) == 0, "there is always a free slot");
_Static_assert(OVERVIEW_KEY_MAX <= UINT8_MAX, "the length fits");

struct overview
overview_open(struct store_txn *txn)
{
	return (struct overview){.numbers = store_db_open(txn, "monitoring_overview")};
}

void
overview_free(struct overview *overview)
{
	free(overview->pending);
	overview->pending = NULL;
}

/* ---- keys ---- */

static void
out_place(struct fields_out *out, const struct overview_place *p)
{
	out_code(out, p->region);
	out_code(out, p->team);
	out_code(out, p->centre);
}

static struct bytes
key_here(uint8_t buffer[OVERVIEW_KEY_MAX], const struct overview_place *p)
{
	struct fields_out out = {buffer, 0, OVERVIEW_KEY_MAX};

	out_u8(&out, OVERVIEW_OF_HERE);
	out_place(&out, p);
	out_u8(&out, p->level);
	out_u8(&out, p->governance);
	out_u8(&out, p->track);
	out_u8(&out, p->state);
	out_u8(&out, p->overdue ? 1 : 0);
	return out_done(&out);
}

static struct bytes
key_due(uint8_t buffer[OVERVIEW_KEY_MAX], const struct overview_place *p)
{
	struct fields_out out = {buffer, 0, OVERVIEW_KEY_MAX};

	out_u8(&out, OVERVIEW_OF_DUE);
	out_day(&out, p->due);
	out_place(&out, p);
	return out_done(&out);
}

static struct bytes
key_flow(uint8_t buffer[OVERVIEW_KEY_MAX], enum overview_number what, const struct overview_place *p, cal_day day,
	 unsigned from, unsigned to)
{
	struct fields_out out = {buffer, 0, OVERVIEW_KEY_MAX};

	out_u8(&out, what);
	out_u16(&out, (uint16_t)tally_month(day));
	out_place(&out, p);
	out_u8(&out, from);
	out_u8(&out, to);
	return out_done(&out);
}

/* ---- keeping ---- */

static void
write_change(const struct overview *o, struct store_txn *txn, const struct change *c)
{
	const struct bytes key = bytes_of(c->key, c->len);
	struct bytes value;
	uint8_t number[8];

	if (c->by == 0)
		return;
	const int64_t after = c->by + (store_get(txn, o->numbers, key, &value) ? (int64_t)get_u64(value.data) : 0);

	if (after == 0) {
		store_delete(txn, o->numbers, key);
		return;
	}
	put_u64(number, (uint64_t)after);
	store_put(txn, o->numbers, key, bytes_of(number, sizeof number));
}

static int
compare(const void *a, const void *b)
{
	const struct change *left = a, *right = b;
	const size_t len = left->len < right->len ? left->len : right->len;
	const int order = memcmp(left->key, right->key, len);

	return order != 0 ? order : left->len - right->len;
}

void
overview_settle(struct overview *o, struct store_txn *txn)
{
	struct overview_pending *p = o->pending;

	if (p == NULL || p->count == 0)
		return;
	qsort(p->changes, p->count, sizeof p->changes[0], compare);
	for (unsigned i = 0; i < p->count; i++)
		write_change(o, txn, &p->changes[i]);
	p->count = 0;
	memset(p->slots, 0, sizeof p->slots);
}

static void
change(struct overview *o, struct store_txn *txn, struct bytes key, int64_t by)
{
	uint32_t hash = 2166136261u;

	if (o->pending == NULL && (o->pending = calloc(1, sizeof *o->pending)) == NULL)
		fatal("out of memory");
	if (o->pending->count == OVERVIEW_PENDING_MAX)
		overview_settle(o, txn);
	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ key.data[i]) * 16777619u;
	struct overview_pending *p = o->pending;

	for (unsigned at = hash % SLOTS;; at = (at + 1) % SLOTS) {
		if (p->slots[at] == 0) {
			struct change *c = &p->changes[p->count++];

			p->slots[at] = (uint16_t)p->count;
			c->len = (uint8_t)key.len;
			memcpy(c->key, key.data, key.len);
			c->by = by;
			return;
		}
		struct change *c = &p->changes[p->slots[at] - 1];

		if (c->len == key.len && memcmp(c->key, key.data, key.len) == 0) {
			c->by += by;
			return;
		}
	}
}

struct overview_place
overview_place(const pb_CaseView *v)
{
	struct overview_place p = {
	    .open = v->state != (int)CASE_STATE_UNSPECIFIED && v->state != (int)CASE_STATE_CLOSED,
	    .level = (uint8_t)v->level,
	    .governance = (uint8_t)v->governance,
	    .track = (uint8_t)v->track,
	    .state = (uint8_t)v->state,
	    .due = v->n_deadlines == 0 ? CAL_NONE : record_day(v->deadlines[0]->due),
	    .region = code_of(v->region),
	    .team = code_of(v->team),
	    .centre = code_of(v->expertise_centre),
	};

	for (size_t i = 0; i < v->n_signals && !p.overdue; i++)
		p.overdue = v->signals[i]->code == (int)SIGNAL_CODE_S02_DEADLINE_MISSED;
	return p;
}

static bool
is_same_place(const struct overview_place *a, const struct overview_place *b)
{
	return code_equal(a->region, b->region) && code_equal(a->team, b->team) && code_equal(a->centre, b->centre);
}

static void
count_at(struct overview *o, struct store_txn *txn, const struct overview_place *p, int64_t by)
{
	uint8_t buffer[OVERVIEW_KEY_MAX];

	if (p->open)
		change(o, txn, key_here(buffer, p), by);
}

static void
count_due(struct overview *o, struct store_txn *txn, const struct overview_place *p, int64_t by)
{
	uint8_t buffer[OVERVIEW_KEY_MAX];

	if (p->open && p->due != CAL_NONE)
		change(o, txn, key_due(buffer, p), by);
}

/* A case that is opened comes from nowhere, one that is closed goes there. */
static void
count_flow(struct overview *o, struct store_txn *txn, enum overview_number what, const struct overview_place *place,
	   cal_day day, unsigned from, unsigned to)
{
	uint8_t buffer[OVERVIEW_KEY_MAX];

	if (from != to && day != CAL_NONE)
		change(o, txn, key_flow(buffer, what, place, day, from, to), 1);
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
		count_at(o, txn, from, -1);
		count_at(o, txn, to, 1);
	}
	if (!same_place || from->due != to->due) {
		count_due(o, txn, from, -1);
		count_due(o, txn, to, 1);
	}
	count_flow(o, txn, OVERVIEW_OF_LEVEL, where, day, from->open ? from->level : 0, to->open ? to->level : 0);
	count_flow(o, txn, OVERVIEW_OF_GOVERNANCE, where, day, from->open ? from->governance : 0,
		   to->open ? to->governance : 0);
}
