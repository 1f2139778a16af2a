// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_index.h"

#include "common/record.h"

#define KEY_MAX (1 + 1 + CODE_MAX + 1 + 4 + ID_MAX)
#define NEVER   INT32_MAX /* the day of what has no deadline: behind all others */

_Static_assert(KEY_MAX <= STORE_KEY_MAX, "keys fit the store");

struct monitoring_index
monitoring_index_open(struct store_txn *txn)
{
	return (struct monitoring_index){.lists = store_db_open(txn, "monitoring_index")};
}

/* ---- heads ---- */

void
case_head_write(struct fields_out *out, const struct case_head *head)
{
	out_u8(out, head->state);
	out_u8(out, head->track);
	out_u8(out, head->overdue ? 1 : 0);
	out_day(out, head->due);
	out_day(out, head->moved_on);
	out_code(out, head->owner);
	out_code(out, head->team);
	out_code(out, head->centre);
	out_code(out, head->region);
}

struct case_head
case_head_read(struct fields_in *in)
{
	struct case_head head;

	head.state = in_u8(in);
	head.track = in_u8(in);
	head.overdue = in_u8(in) != 0;
	head.due = in_day(in);
	head.moved_on = in_day(in);
	head.owner = in_code(in);
	head.team = in_code(in);
	head.centre = in_code(in);
	head.region = in_code(in);
	return head;
}

bool
case_head_is_open(const struct case_head *head)
{
	return head->state != CASE_STATE_CLOSED;
}

/* ---- keys ---- */

cal_day
monitoring_index_day(enum monitoring_list list, const struct case_head *head)
{
	if (list == LIST_DUE)
		return head->due == CAL_NONE ? NEVER : head->due;
	return list == LIST_MOVED ? head->moved_on : 0;
}

static bool
by_day(enum monitoring_list list)
{
	return list >= LIST_DUE;
}

/* Up to the day and the case. */
static void
out_prefix(struct fields_out *out, enum monitoring_list list, const char *value, int code, bool closed)
{
	out_u8(out, list);
	if (list == LIST_STATE || list == LIST_TRACK)
		out_u8(out, (unsigned)code);
	else
		out_code(out, code_of(value));
	out_u8(out, closed ? 1 : 0);
}

/* What a list says of a case; false when it does not hold it. */
struct entry {
	const char *value;
	int code;
	cal_day day;
};

static bool
entry_of(const struct case_head *head, enum monitoring_list list, struct entry *e)
{
	*e = (struct entry){.value = "", .day = monitoring_index_day(list, head)};
	switch (list) {
	case LIST_OWNER: e->value = head->owner.s; return e->value[0] != '\0';
	case LIST_TEAM: e->value = head->team.s; return e->value[0] != '\0';
	case LIST_CENTRE: e->value = head->centre.s; return e->value[0] != '\0';
	case LIST_REGION: e->value = head->region.s; return e->value[0] != '\0';
	case LIST_OVERDUE: return head->overdue;
	case LIST_STATE: e->code = head->state; return true;
	case LIST_TRACK: e->code = head->track; return true;
	case LIST_ALL:
	case LIST_DUE:
	case LIST_MOVED: return true;
	case MONITORING_LISTS: break;
	}
	return false;
}

static struct bytes
key_of(uint8_t buffer[KEY_MAX], const struct case_head *head, enum monitoring_list list, const struct entry *e,
       struct bytes case_id)
{
	struct fields_out out = {buffer, 0, KEY_MAX};

	out_prefix(&out, list, e->value, e->code, !case_head_is_open(head));
	if (by_day(list))
		out_day(&out, e->day);
	out_bytes(&out, case_id);
	return out_done(&out);
}

/* ---- keeping ---- */

static void
keep_in(const struct monitoring_index *index, struct store_txn *txn, enum monitoring_list list, struct bytes case_id,
	const struct case_head *before, const struct case_head *after)
{
	uint8_t old_bytes[KEY_MAX], new_bytes[KEY_MAX];
	struct entry old, new;
	const bool was = before != NULL && entry_of(before, list, &old);
	const bool is = entry_of(after, list, &new);
	const struct bytes old_key = was ? key_of(old_bytes, before, list, &old, case_id) : bytes_of(NULL, 0);
	const struct bytes new_key = is ? key_of(new_bytes, after, list, &new, case_id) : bytes_of(NULL, 0);

	if (bytes_equal(old_key, new_key))
		return;
	if (was)
		store_delete(txn, index->lists, old_key);
	if (is)
		store_put(txn, index->lists, new_key, bytes_of("", 0));
}

void
monitoring_index_keep(struct monitoring_index *index, struct store_txn *txn, const char *case_id,
		      const struct case_head *before, const struct case_head *after)
{
	if (strcmp(index->behind.case_id.s, case_id) != 0) {
		monitoring_index_settle(index, txn);
		index->behind.case_id = id_of(case_id);
		index->behind.is_new = before == NULL;
		if (before != NULL)
			index->behind.before = *before;
	}
	index->behind.after = *after;
}

void
monitoring_index_settle(struct monitoring_index *index, struct store_txn *txn)
{
	const struct bytes case_id = bytes_str(index->behind.case_id.s);

	if (case_id.len == 0)
		return;
	for (unsigned list = 0; list < MONITORING_LISTS; list++)
		keep_in(index, txn, (enum monitoring_list)list, case_id,
			index->behind.is_new ? NULL : &index->behind.before, &index->behind.after);
	index->behind.case_id = (struct id){{0}};
}

/* ---- walking ---- */

int
index_place_compare(const struct index_place *a, const struct index_place *b)
{
	return a->day != b->day ? (a->day < b->day ? -1 : 1) : strcmp(a->case_id.s, b->case_id.s);
}

static void
step(struct index_walk *walk, unsigned i)
{
	struct bytes key;

	walk->at[i] = bytes_of(NULL, 0);
	if (store_walk_next(&walk->walks[i], &key, NULL) && bytes_begin_with(key, walk->prefix[i]))
		walk->at[i] = bytes_of(key.data + walk->prefix[i].len, key.len - walk->prefix[i].len);
}

void
index_walk_begin(struct index_walk *walk, const struct monitoring_index *index, struct store_txn *txn,
		 enum monitoring_list list, const char *value, int code, bool open_only,
		 const struct index_place *behind)
{
	struct arena *a = store_arena(txn);

	*walk = (struct index_walk){.count = open_only ? 1 : 2, .by_day = by_day(list)};
	for (unsigned i = 0; i < walk->count; i++) {
		struct fields_out out = {arena_take(a, KEY_MAX), 0, KEY_MAX};

		out_prefix(&out, list, value, code, i == 1);
		walk->prefix[i] = out_done(&out);
		if (behind != NULL && walk->by_day)
			out_day(&out, behind->day);
		if (behind != NULL)
			out_bytes(&out, bytes_str(behind->case_id.s));
		const struct bytes from = out_done(&out);

		store_walk_begin(&walk->walks[i], txn, index->lists, from);
		step(walk, i);
		if (behind != NULL && walk->at[i].len == from.len - walk->prefix[i].len &&
		    memcmp(walk->at[i].data, from.data + walk->prefix[i].len, walk->at[i].len) == 0)
			step(walk, i);
	}
}

static int
compare(struct bytes a, struct bytes b)
{
	const int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

bool
index_walk_next(struct index_walk *walk, struct index_place *place)
{
	unsigned i = walk->at[0].len == 0 ? 1 : 0;

	if (walk->at[0].len > 0 && walk->count == 2 && walk->at[1].len > 0 && compare(walk->at[1], walk->at[0]) < 0)
		i = 1;
	if (i == walk->count || walk->at[i].len == 0)
		return false;
	struct fields_in in = {walk->at[i]};

	place->day = walk->by_day ? in_day(&in) : 0;
	place->case_id = (struct id){{0}};
	ASSERT(in.left.len <= ID_MAX);
	memcpy(place->case_id.s, in.left.data, in.left.len);
	step(walk, i);
	return true;
}

void
index_walk_end(struct index_walk *walk)
{
	for (unsigned i = 0; i < walk->count; i++)
		store_walk_end(&walk->walks[i]);
}
