// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_index.h"

#include "common/record.h"

#define NEVER     INT32_MAX /* the day of what has no deadline: behind all others */
#define CLOSED_AT 2         /* where a key of a list by day, which has no value, says whether the case is closed */
#define DAY_AT    3         /* and the day */
#define DAY_LISTS (MONITORING_LISTS - LIST_DUE)
#define SWEEP_MIN 16 /* entries a mark passes in a batch at most, and twice as many as were put */

_Static_assert(INDEX_KEY_MAX + 1 <= STORE_KEY_MAX, "keys fit the store");

struct monitoring_index
monitoring_index_open(struct store_txn *txn, struct store_db cases, struct store_db closed)
{
	struct monitoring_index index = {
	    .lists = store_db_open(txn, "monitoring_index"), .cases = cases, .closed = closed};

	for (unsigned i = 0; i < DAY_LISTS; i++) {
		const uint8_t at[2] = {INDEX_MARK, (uint8_t)(LIST_DUE + i)};
		struct bytes mark;

		if (!store_get(txn, index.lists, bytes_of(at, sizeof at), &mark))
			continue;
		ASSERT(mark.len <= sizeof index.marks[i].key);
		index.marks[i].len = mark.len;
		memcpy(index.marks[i].key, mark.data, mark.len);
	}
	return index;
}

/* ---- heads ---- */

void
case_head_write(struct fields_out *out, const struct case_head *head)
{
	out_u8(out, head->state);
	out_u8(out, head->track);
	out_u8(out, (head->overdue ? 1u : 0u) | (head->hidden ? 2u : 0u));
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
	const unsigned bits = in_u8(in);

	head.overdue = (bits & 1u) != 0;
	head.hidden = (bits & 2u) != 0;
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
	if (head->hidden)
		return false;
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
key_of(uint8_t buffer[INDEX_KEY_MAX], const struct case_head *head, enum monitoring_list list, const struct entry *e,
       struct bytes case_id)
{
	struct fields_out out = {buffer, 0, INDEX_KEY_MAX};

	out_prefix(&out, list, e->value, e->code, !case_head_is_open(head));
	if (by_day(list))
		out_day(&out, e->day);
	out_bytes(&out, case_id);
	return out_done(&out);
}

static int
compare(struct bytes a, struct bytes b)
{
	const int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

/* Does the case stand there, of a list by day? */
static bool
is_true(const struct monitoring_index *index, struct store_txn *txn, struct bytes key)
{
	const enum monitoring_list list = (enum monitoring_list)key.data[0];
	const struct bytes case_id = bytes_of(key.data + DAY_AT + 4, key.len - DAY_AT - 4);
	uint8_t now[INDEX_KEY_MAX];
	struct bytes value;
	struct entry e;

	if (!store_get_part(txn, key.data[CLOSED_AT] == 0 ? index->cases : index->closed, case_id, &value,
			    CASE_HEAD_MAX))
		return false;
	struct fields_in in = {value};
	const struct case_head head = case_head_read(&in);

	return entry_of(&head, list, &e) && bytes_equal(key, key_of(now, &head, list, &e, case_id));
}

/* ---- keeping ---- */

/* Does an open case leave this place later, when the mark comes by? It never comes to those without a deadline. */
static bool
leaves_later(const struct monitoring_index *index, enum monitoring_list list, const struct case_head *head,
	     const struct entry *e, struct bytes key)
{
	if (!by_day(list) || !case_head_is_open(head) || e->day == NEVER)
		return false;
	const struct index_mark *mark = &index->marks[list - LIST_DUE];

	return compare(key, bytes_of(mark->key, mark->len)) >= 0;
}

static void
keep_in(struct monitoring_index *index, struct store_txn *txn, enum monitoring_list list, struct bytes case_id,
	const struct case_head *before, const struct case_head *after)
{
	uint8_t old_bytes[INDEX_KEY_MAX], new_bytes[INDEX_KEY_MAX];
	struct entry old, new;
	const bool was = before != NULL && entry_of(before, list, &old);
	const bool is = entry_of(after, list, &new);
	const struct bytes old_key = was ? key_of(old_bytes, before, list, &old, case_id) : bytes_of(NULL, 0);
	const struct bytes new_key = is ? key_of(new_bytes, after, list, &new, case_id) : bytes_of(NULL, 0);

	if (bytes_equal(old_key, new_key))
		return;
	if (was && !leaves_later(index, list, before, &old, old_key))
		store_delete(txn, index->lists, old_key);
	if (is)
		store_put(txn, index->lists, new_key, bytes_of("", 0));
	if (is && by_day(list))
		index->put++;
}

static void
follow(struct monitoring_index *index, struct store_txn *txn)
{
	const struct bytes case_id = bytes_str(index->behind.case_id.s);

	if (case_id.len == 0)
		return;
	for (unsigned list = 0; list < MONITORING_LISTS; list++)
		keep_in(index, txn, (enum monitoring_list)list, case_id,
			index->behind.is_new ? NULL : &index->behind.before, &index->behind.after);
	index->behind.case_id = (struct id){{0}};
}

void
monitoring_index_keep(struct monitoring_index *index, struct store_txn *txn, const char *case_id,
		      const struct case_head *before, const struct case_head *after)
{
	if (strcmp(index->behind.case_id.s, case_id) != 0) {
		follow(index, txn);
		index->behind.case_id = id_of(case_id);
		index->behind.is_new = before == NULL;
		if (before != NULL)
			index->behind.before = *before;
	}
	index->behind.after = *after;
}

/* The mark of a list goes on, over at most so many entries, to a day. */
static void
sweep(struct monitoring_index *index, struct store_txn *txn, enum monitoring_list list, cal_day upto, unsigned most)
{
	const uint8_t at[2] = {INDEX_MARK, (uint8_t)list}, first[DAY_AT] = {(uint8_t)list};
	const struct bytes prefix = bytes_of(first, sizeof first);
	struct index_mark *mark = &index->marks[list - LIST_DUE];
	struct bytes *gone = ARENA_ARRAY(store_arena(txn), struct bytes, most);
	struct bytes key, last = bytes_of(NULL, 0);
	struct store_walk walk;
	unsigned count = 0;

	store_walk_begin(&walk, txn, index->lists, mark->len == 0 ? prefix : bytes_of(mark->key, mark->len));
	for (unsigned i = 0; i < most && store_walk_next(&walk, &key, NULL) && bytes_begin_with(key, prefix); i++) {
		struct fields_in in = {bytes_of(key.data + DAY_AT, key.len - DAY_AT)};

		if (in_day(&in) >= upto)
			break;
		if (!is_true(index, txn, key))
			gone[count++] = key;
		last = key;
	}
	store_walk_end(&walk);
	for (unsigned i = 0; i < count; i++)
		store_delete(txn, index->lists, gone[i]);
	if (last.len == 0)
		return;
	/* The next key that can be. */
	memcpy(mark->key, last.data, last.len);
	mark->key[last.len] = 0;
	mark->len = last.len + 1;
	store_put(txn, index->lists, bytes_of(at, sizeof at), bytes_of(mark->key, mark->len));
}

void
monitoring_index_settle(struct monitoring_index *index, struct store_txn *txn, cal_day today)
{
	follow(index, txn);
	const unsigned most = SWEEP_MIN + 2 * index->put;

	sweep(index, txn, LIST_DUE, today + INDEX_DUE_AHEAD, most);
	sweep(index, txn, LIST_MOVED, today - INDEX_MOVED_BEHIND, most);
	index->put = 0;
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
	while (store_walk_next(&walk->walks[i], &key, NULL) && bytes_begin_with(key, walk->prefix[i])) {
		if (walk->by_day && !is_true(walk->index, walk->walks[i].txn, key))
			continue;
		walk->at[i] = bytes_of(key.data + walk->prefix[i].len, key.len - walk->prefix[i].len);
		return;
	}
}

void
index_walk_begin(struct index_walk *walk, const struct monitoring_index *index, struct store_txn *txn,
		 enum monitoring_list list, const char *value, int code, bool open_only,
		 const struct index_place *behind)
{
	struct arena *a = store_arena(txn);

	*walk = (struct index_walk){.index = index, .count = open_only ? 1 : 2, .by_day = by_day(list)};
	for (unsigned i = 0; i < walk->count; i++) {
		struct fields_out out = {arena_take(a, INDEX_KEY_MAX), 0, INDEX_KEY_MAX};

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
