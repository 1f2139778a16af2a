// SPDX-License-Identifier: EUPL-1.2
/* signalling_windows.c - what is counted over a time.
 *
 * Entries stand in the order of their days and a number is kept beside them, so that a count costs as many steps as there
 * are entries that just left the window: each entry is put down once and taken away once. */
#include "common/fields.h"
#include "services/signalling/signalling_decide.h"
#include "services/signalling/signalling_state.h"

static struct bytes
group_key(uint8_t buffer[STORE_KEY_MAX], enum signal_window window, const char *group, bool whole)
{
	struct fields_out out = {buffer, 0, STORE_KEY_MAX};

	ASSERT(strlen(group) < SIGNALLING_GROUP_MAX);
	out_u8(&out, (unsigned)window);
	out_bytes(&out, bytes_str(group));
	if (whole)
		out_u8(&out, 0);
	return out_done(&out);
}

static struct bytes
entry_key(uint8_t buffer[STORE_KEY_MAX], enum signal_window window, const char *group, cal_day day, struct bytes item)
{
	struct fields_out out = {buffer, group_key(buffer, window, group, true).len, STORE_KEY_MAX};

	out_day(&out, day);
	out_bytes(&out, item);
	return out_done(&out);
}

/* The day of an entry, behind window, group and 0. */
static cal_day
entry_day(struct bytes key, size_t prefix)
{
	struct fields_in in = {bytes_of(key.data + prefix, key.len - prefix)};

	return in_day(&in);
}

static uint32_t
number_get(const struct signalling_db *db, struct store_txn *txn, enum signal_window window, const char *group)
{
	uint8_t buffer[STORE_KEY_MAX];
	struct bytes value;

	return store_get(txn, db->counts, group_key(buffer, window, group, false), &value) ? get_u32(value.data) : 0;
}

static void
number_put(const struct signalling_db *db, struct store_txn *txn, enum signal_window window, const char *group,
	   uint32_t number)
{
	uint8_t buffer[STORE_KEY_MAX];
	uint8_t value[4];
	const struct bytes key = group_key(buffer, window, group, false);

	put_u32(value, number);
	if (number == 0)
		store_delete(txn, db->counts, key);
	else
		store_put(txn, db->counts, key, bytes_of(value, sizeof value));
}

/* True when the item counted already, on an earlier day. */
static bool
item_moves(const struct signalling_db *db, struct store_txn *txn, enum signal_window window, const char *group,
	   struct bytes item, cal_day day)
{
	uint8_t buffer[STORE_KEY_MAX], at[STORE_KEY_MAX];
	uint8_t value[4];
	struct bytes former;
	struct fields_out key = {buffer, group_key(buffer, window, group, true).len, sizeof buffer};
	struct fields_out now = {value, 0, sizeof value};
	bool moved = false;

	out_bytes(&key, item);
	if (store_get(txn, db->items, out_done(&key), &former)) {
		struct fields_in in = {former};

		moved = store_delete(txn, db->windows, entry_key(at, window, group, in_day(&in), item));
	}
	out_day(&now, day);
	store_put(txn, db->items, out_done(&key), out_done(&now));
	return moved;
}

void
signalling_window_add(const struct signalling_db *db, struct store_txn *txn, enum signal_window window,
		      const char *group, struct bytes item, cal_day day)
{
	static const uint8_t here = 1;
	uint8_t buffer[STORE_KEY_MAX];
	struct bytes value;
	const bool moved = signalling_counts_once(window) && item_moves(db, txn, window, group, item, day);
	const struct bytes key = entry_key(buffer, window, group, day, item);

	if (store_get(txn, db->windows, key, &value))
		return;
	store_put(txn, db->windows, key, bytes_of(&here, 1));
	if (!moved)
		number_put(db, txn, window, group, number_get(db, txn, window, group) + 1);
}

void
signalling_window_remove(const struct signalling_db *db, struct store_txn *txn, enum signal_window window,
			 const char *group, struct bytes item)
{
	uint8_t buffer[STORE_KEY_MAX], at[STORE_KEY_MAX];
	struct bytes day;
	struct fields_out key = {buffer, group_key(buffer, window, group, true).len, sizeof buffer};

	out_bytes(&key, item);
	if (!store_get(txn, db->items, out_done(&key), &day))
		return;
	struct fields_in in = {day};
	const uint32_t number = number_get(db, txn, window, group);

	if (store_delete(txn, db->windows, entry_key(at, window, group, in_day(&in), item)))
		number_put(db, txn, window, group, number == 0 ? 0 : number - 1);
	store_delete(txn, db->items, out_done(&key));
}

/* The item of an entry, behind its day, no longer has a day. */
static void
item_forget(const struct signalling_db *db, struct store_txn *txn, struct bytes entry, size_t prefix)
{
	uint8_t buffer[STORE_KEY_MAX];
	struct fields_out key = {buffer, 0, sizeof buffer};

	out_bytes(&key, bytes_of(entry.data, prefix));
	out_bytes(&key, bytes_of(entry.data + prefix + 4, entry.len - prefix - 4));
	store_delete(txn, db->items, out_done(&key));
}

uint32_t
signalling_window_count(const struct signalling_db *db, struct store_txn *txn, enum signal_window window,
			const char *group, struct term length, cal_day today)
{
	uint8_t buffer[STORE_KEY_MAX];
	struct bytes key, value;
	struct store_walk walk;
	struct bytes *gone = NULL;
	unsigned room = 0, count = 0;
	const struct bytes prefix = group_key(buffer, window, group, true);
	const uint32_t number = number_get(db, txn, window, group);

	store_walk_begin(&walk, txn, db->windows, prefix);
	while (store_walk_next(&walk, &key, &value) && bytes_begin_with(key, prefix) &&
	       !signalling_in_window(length, entry_day(key, prefix.len), today)) {
		gone = arena_grown(store_arena(txn), gone, count, &room, sizeof *gone);
		gone[count++] = key;
	}
	store_walk_end(&walk);
	for (unsigned i = 0; i < count; i++) {
		store_delete(txn, db->windows, gone[i]);
		if (signalling_counts_once(window))
			item_forget(db, txn, gone[i], prefix.len);
	}
	if (count > 0)
		number_put(db, txn, window, group, count > number ? 0 : number - count);
	return count > number ? 0 : number - count;
}

uint32_t
signalling_window_between(const struct signalling_db *db, struct store_txn *txn, enum signal_window window,
			  const char *group, cal_day from, cal_day to)
{
	uint8_t buffer[STORE_KEY_MAX];
	struct bytes key, value;
	struct store_walk walk;
	uint32_t count = 0;
	const struct bytes start = entry_key(buffer, window, group, from, bytes_of(NULL, 0));
	const struct bytes prefix = bytes_of(buffer, start.len - 4);

	store_walk_begin(&walk, txn, db->windows, start);
	while (store_walk_next(&walk, &key, &value) && bytes_begin_with(key, prefix) &&
	       entry_day(key, prefix.len) <= to)
		count++;
	store_walk_end(&walk);
	return count;
}

const char *const *
signalling_window_groups(const struct signalling_db *db, struct store_txn *txn, enum signal_window window,
			 unsigned *count)
{
	uint8_t buffer[STORE_KEY_MAX];
	struct bytes key, value;
	struct store_walk walk;
	struct arena *a = store_arena(txn);
	const char **list = NULL;
	unsigned room = 0;
	const struct bytes prefix = group_key(buffer, window, "", false);

	*count = 0;
	store_walk_begin(&walk, txn, db->counts, prefix);
	while (store_walk_next(&walk, &key, &value) && bytes_begin_with(key, prefix)) {
		list = arena_grown(a, list, *count, &room, sizeof *list);
		list[(*count)++] = arena_str(a, bytes_of(key.data + prefix.len, key.len - prefix.len));
	}
	store_walk_end(&walk);
	return list;
}

/* ---- meetings ---- */

static struct bytes
meeting_key(uint8_t buffer[STORE_KEY_MAX], const char *team, cal_day day)
{
	struct fields_out out = {buffer, 0, STORE_KEY_MAX};

	out_bytes(&out, bytes_str(team));
	out_u8(&out, 0);
	out_day(&out, day);
	return out_done(&out);
}

void
signalling_meeting_add(const struct signalling_db *db, struct store_txn *txn, const char *team, cal_day day)
{
	uint8_t buffer[STORE_KEY_MAX], first[STORE_KEY_MAX];
	uint8_t number[4];
	struct bytes key, value, oldest = {0};
	struct store_walk walk;
	unsigned days = 0;
	const struct bytes now = meeting_key(buffer, team, day);
	const struct bytes prefix = bytes_of(buffer, now.len - 4);

	put_u32(number, store_get(txn, db->meetings, now, &value) ? get_u32(value.data) + 1 : 1);
	store_put(txn, db->meetings, now, bytes_of(number, sizeof number));
	/* One comes, at most one goes. */
	store_walk_begin(&walk, txn, db->meetings, meeting_key(first, team, INT32_MIN));
	while (store_walk_next(&walk, &key, &value) && bytes_begin_with(key, prefix)) {
		if (days++ == 0)
			oldest = key;
	}
	store_walk_end(&walk);
	if (days > SIGNALLING_MEETING_DAYS)
		store_delete(txn, db->meetings, oldest);
}

unsigned
signalling_meetings(const struct signalling_db *db, struct store_txn *txn, const char *team,
		    unsigned cases[SIGNALLING_MEETING_DAYS])
{
	uint8_t buffer[STORE_KEY_MAX];
	struct bytes key, value;
	struct store_walk walk;
	unsigned days = 0;
	const struct bytes first = meeting_key(buffer, team, INT32_MIN);
	const struct bytes prefix = bytes_of(buffer, first.len - 4);

	store_walk_begin(&walk, txn, db->meetings, first);
	while (store_walk_next(&walk, &key, &value) && bytes_begin_with(key, prefix)) {
		const unsigned kept = days < SIGNALLING_MEETING_DAYS ? days : SIGNALLING_MEETING_DAYS - 1;

		memmove(&cases[1], &cases[0], kept * sizeof cases[0]);
		cases[0] = get_u32(value.data);
		days = kept + 1;
	}
	store_walk_end(&walk);
	return days;
}
