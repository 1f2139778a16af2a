// SPDX-License-Identifier: EUPL-1.2
#include "services/signalling/signalling_state.h"

#include "services/signalling/signalling_fields.h"

#define CASE_BYTES_MAX 640
#define KEY_MAX        (ID_MAX + CODE_MAX + ID_MAX + 16)

_Static_assert(KEY_MAX <= STORE_KEY_MAX, "keys fit the store");
_Static_assert(SIGNALLING_GROUP_MAX + ID_MAX + 8 <= STORE_KEY_MAX, "windows fit the store");

struct signalling_db
signalling_db_open(struct store_txn *txn)
{
	return (struct signalling_db){
	    .cases = store_db_open(txn, "signal_cases"),
	    .alias = store_db_open(txn, "signal_alias"),
	    .actions = store_db_open(txn, "signal_actions"),
	    .open = store_db_open(txn, "signal_open"),
	    .windows = store_db_open(txn, "signal_windows"),
	    .alarms = store_db_open(txn, "signal_alarms"),
	    .sources = store_db_open(txn, "signal_sources"),
	    .queues = store_db_open(txn, "signal_queues"),
	};
}

/* ---- cases ---- */

static void
write_timer(struct writer *w, const struct signal_timer *timer)
{
	write_day(w, timer->wanted);
	write_day(w, timer->armed);
	write_day(w, timer->since);
}

static struct signal_timer
read_timer(struct reader *r)
{
	struct signal_timer timer;

	timer.wanted = read_day(r);
	timer.armed = read_day(r);
	timer.since = read_day(r);
	return timer;
}

static const struct signal_timer timer_unset = {CAL_NONE, CAL_NONE, CAL_NONE};

bool
signalling_case_get(const struct signalling_db *db, struct store_txn *txn, const char *case_id, struct signal_case *c)
{
	struct bytes value;

	*c = (struct signal_case){.moved_on = CAL_NONE, .movement = timer_unset, .bridging = timer_unset};
	if (!store_get(txn, db->cases, bytes_str(case_id), &value))
		return false;
	struct reader r = {value};

	c->state = read_u8(&r);
	c->track = read_u8(&r);
	c->level = read_u8(&r);
	c->governance = read_u8(&r);
	c->mandate = read_u8(&r);
	c->consent = read_u8(&r);
	const uint8_t bits = read_u8(&r);

	c->measure_active = (bits & 1) != 0;
	c->placed = (bits & 2) != 0;
	c->team_supports = (bits & 4) != 0;
	c->owner = read_code(&r);
	c->funder = read_code(&r);
	c->region = read_code(&r);
	c->team = read_code(&r);
	c->centre = read_code(&r);
	c->certified_body = read_code(&r);
	c->provider = read_code(&r);
	c->waiting_with = read_code(&r);
	c->queued_with = read_code(&r);
	c->youth = read_u64(&r);
	c->heard = read_u64(&r);
	c->moved_on = read_day(&r);
	c->invited = read_u8(&r);
	c->absent_meetings = read_u16(&r);
	c->movement = read_timer(&r);
	c->bridging = read_timer(&r);
	return true;
}

void
signalling_case_put(const struct signalling_db *db, struct store_txn *txn, const char *case_id,
		    const struct signal_case *c)
{
	uint8_t buffer[CASE_BYTES_MAX];
	struct writer w = {buffer, 0, sizeof buffer};

	write_u8(&w, c->state);
	write_u8(&w, c->track);
	write_u8(&w, c->level);
	write_u8(&w, c->governance);
	write_u8(&w, c->mandate);
	write_u8(&w, c->consent);
	write_u8(&w, (c->measure_active ? 1u : 0u) | (c->placed ? 2u : 0u) | (c->team_supports ? 4u : 0u));
	write_code(&w, c->owner);
	write_code(&w, c->funder);
	write_code(&w, c->region);
	write_code(&w, c->team);
	write_code(&w, c->centre);
	write_code(&w, c->certified_body);
	write_code(&w, c->provider);
	write_code(&w, c->waiting_with);
	write_code(&w, c->queued_with);
	write_u64(&w, c->youth);
	write_u64(&w, c->heard);
	write_day(&w, c->moved_on);
	write_u8(&w, c->invited);
	write_u16(&w, c->absent_meetings);
	write_timer(&w, &c->movement);
	write_timer(&w, &c->bridging);
	store_put(txn, db->cases, bytes_str(case_id), written(&w));
}

struct id
signalling_alias_get(const struct signalling_db *db, struct store_txn *txn, const char *case_id)
{
	struct bytes value;
	struct id id = id_of(case_id);

	if (store_get(txn, db->alias, bytes_str(case_id), &value) && value.len <= ID_MAX) {
		id = (struct id){{0}};
		memcpy(id.s, value.data, value.len);
	}
	return id;
}

void
signalling_alias_put(const struct signalling_db *db, struct store_txn *txn, const char *alias, const char *case_id)
{
	store_put(txn, db->alias, bytes_str(alias), bytes_str(case_id));
}

/* ---- actions ---- */

static struct bytes
action_key(uint8_t buffer[KEY_MAX], const char *case_id, const char *action)
{
	struct writer w = {buffer, 0, KEY_MAX};

	write_bytes(&w, bytes_str(case_id));
	write_u8(&w, 0);
	write_bytes(&w, bytes_str(action));
	return written(&w);
}

struct code
signalling_action_get(const struct signalling_db *db, struct store_txn *txn, const char *case_id, const char *action)
{
	uint8_t buffer[KEY_MAX];
	struct bytes value;
	struct code code = {{0}};

	if (store_get(txn, db->actions, action_key(buffer, case_id, action), &value) && value.len <= CODE_MAX)
		memcpy(code.s, value.data, value.len);
	return code;
}

void
signalling_actions_replace(const struct signalling_db *db, struct store_txn *txn, const char *case_id,
			   const pb_PlanAgreed *plan)
{
	uint8_t buffer[KEY_MAX];
	struct bytes former[RECORD_REPEATED_MAX];
	struct bytes key, value;
	unsigned count = 0;
	struct store_walk walk;
	const struct bytes prefix = action_key(buffer, case_id, "");

	store_walk_begin(&walk, txn, db->actions, prefix);
	while (count < RECORD_REPEATED_MAX && store_walk_next(&walk, &key, &value) && bytes_begin_with(key, prefix))
		former[count++] = key;
	store_walk_end(&walk);
	for (unsigned i = 0; i < count; i++)
		store_delete(txn, db->actions, former[i]);
	for (size_t i = 0; i < plan->n_actions; i++)
		store_put(txn, db->actions, action_key(buffer, case_id, plan->actions[i]->id),
			  bytes_str(plan->actions[i]->organisation));
}

/* ---- open signals ---- */

static struct bytes
open_prefix(uint8_t buffer[KEY_MAX], int subject, const char *subject_id)
{
	struct writer w = {buffer, 0, KEY_MAX};

	write_u8(&w, (unsigned)subject);
	if (subject_id != NULL) {
		write_bytes(&w, bytes_str(subject_id));
		write_u8(&w, 0);
	}
	return written(&w);
}

static struct bytes
open_key(uint8_t buffer[KEY_MAX], const struct signal_key *key)
{
	const struct bytes prefix = open_prefix(buffer, key->subject, key->subject_id);
	struct writer w = {buffer, prefix.len, KEY_MAX};

	write_u8(&w, (unsigned)key->code);
	write_u8(&w, (unsigned)key->deadline_kind);
	write_day(&w, key->due);
	write_bytes(&w, bytes_str(key->reference));
	return written(&w);
}

static struct signal_open
open_read(struct arena *a, struct bytes key, struct bytes value)
{
	struct reader k = {key};
	struct reader v = {value};
	struct signal_open open = {.raw_key = key};

	open.key.subject = read_u8(&k);
	open.key.subject_id = read_text(&k, a);
	open.key.code = read_u8(&k);
	open.key.deadline_kind = read_u8(&k);
	open.key.due = read_day(&k);
	open.key.reference = read_text(&k, a);
	open.stage = read_u8(&v);
	open.raised_on = read_day(&v);
	open.region = read_code(&v);
	open.centre = read_code(&v);
	return open;
}

int
signalling_open_get(const struct signalling_db *db, struct store_txn *txn, const struct signal_key *key,
		    struct signal_open *open)
{
	uint8_t buffer[KEY_MAX];
	struct bytes value;
	struct arena *a = store_arena(txn);
	const struct bytes raw = open_key(buffer, key);

	if (!store_get(txn, db->open, raw, &value))
		return 0;
	*open = open_read(a, arena_copy(a, raw), value);
	return open->stage;
}

void
signalling_open_put(const struct signalling_db *db, struct store_txn *txn, const struct signal_open *open)
{
	uint8_t key[KEY_MAX];
	uint8_t value[2 * (CODE_MAX + 1) + 5];
	struct writer w = {value, 0, sizeof value};

	write_u8(&w, (unsigned)open->stage);
	write_day(&w, open->raised_on);
	write_code(&w, open->region);
	write_code(&w, open->centre);
	store_put(txn, db->open, open_key(key, &open->key), written(&w));
}

void
signalling_open_delete(const struct signalling_db *db, struct store_txn *txn, const struct signal_open *open)
{
	store_delete(txn, db->open, open->raw_key);
}

/* Room for one more element in an array in the arena: as many again when it is full. */
static void *
grown(struct arena *a, void *array, unsigned count, unsigned *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room == 0 ? 8 : *room * 2;
	void *larger = arena_take(a, *room * size);

	if (count > 0)
		memcpy(larger, array, count * size);
	return larger;
}

const struct signal_open *
signalling_open_list(const struct signalling_db *db, struct store_txn *txn, int subject, const char *subject_id,
		     unsigned *count)
{
	uint8_t buffer[KEY_MAX];
	struct bytes key, value;
	struct store_walk walk;
	struct arena *a = store_arena(txn);
	struct signal_open *list = NULL;
	unsigned room = 0;
	const struct bytes prefix = open_prefix(buffer, subject, subject_id);

	*count = 0;
	store_walk_begin(&walk, txn, db->open, prefix);
	while (store_walk_next(&walk, &key, &value) && bytes_begin_with(key, prefix)) {
		list = grown(a, list, *count, &room, sizeof *list);
		list[(*count)++] = open_read(a, key, value);
	}
	store_walk_end(&walk);
	return list;
}

/* ---- windows ---- */

static struct bytes
window_prefix(uint8_t buffer[STORE_KEY_MAX], enum signal_window window, const char *group)
{
	struct writer w = {buffer, 0, STORE_KEY_MAX};

	write_u8(&w, (unsigned)window);
	if (group != NULL) {
		write_bytes(&w, bytes_str(group));
		write_u8(&w, 0);
	}
	return written(&w);
}

void
signalling_window_add(const struct signalling_db *db, struct store_txn *txn, enum signal_window window,
		      const char *group, struct bytes item, cal_day day)
{
	uint8_t buffer[STORE_KEY_MAX];
	uint8_t value[4];
	const struct bytes prefix = window_prefix(buffer, window, group);
	struct writer w = {buffer, prefix.len, sizeof buffer};
	struct writer v = {value, 0, sizeof value};

	write_bytes(&w, item);
	write_day(&v, day);
	store_put(txn, db->windows, written(&w), written(&v));
}

const struct window_item *
signalling_window_list(const struct signalling_db *db, struct store_txn *txn, enum signal_window window,
		       const char *group, unsigned *count)
{
	uint8_t buffer[STORE_KEY_MAX];
	struct bytes key, value;
	struct store_walk walk;
	struct window_item *list = NULL;
	unsigned room = 0;
	const struct bytes prefix = window_prefix(buffer, window, group);

	*count = 0;
	store_walk_begin(&walk, txn, db->windows, prefix);
	while (store_walk_next(&walk, &key, &value) && bytes_begin_with(key, prefix)) {
		struct reader r = {value};

		list = grown(store_arena(txn), list, *count, &room, sizeof *list);
		list[(*count)++] = (struct window_item){
		    .item = bytes_of(key.data + prefix.len, key.len - prefix.len),
		    .day = read_day(&r),
		    .raw_key = key,
		};
	}
	store_walk_end(&walk);
	return list;
}

void
signalling_window_forget(const struct signalling_db *db, struct store_txn *txn, const struct window_item *item)
{
	store_delete(txn, db->windows, item->raw_key);
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
	const struct bytes prefix = window_prefix(buffer, window, NULL);

	*count = 0;
	store_walk_begin(&walk, txn, db->windows, prefix);
	while (store_walk_next(&walk, &key, &value) && bytes_begin_with(key, prefix)) {
		struct reader r = {key};

		read_u8(&r);
		const char *group = read_text(&r, a);

		if (*count > 0 && strcmp(list[*count - 1], group) == 0)
			continue;
		list = grown(a, list, *count, &room, sizeof *list);
		list[(*count)++] = group;
	}
	store_walk_end(&walk);
	return list;
}

/* ---- alarms ---- */

static void
arm(const struct signalling_db *db, struct store_txn *txn, struct signal_timer *timer, enum signal_alarm alarm,
    const char *id, cal_day day)
{
	static const uint8_t here = 1;
	uint8_t buffer[KEY_MAX];
	struct writer w = {buffer, 0, sizeof buffer};

	write_day(&w, day);
	write_u8(&w, (unsigned)alarm);
	write_bytes(&w, bytes_str(id));
	store_put(txn, db->alarms, written(&w), bytes_of(&here, 1));
	timer->armed = day;
}

void
signalling_timer_set(const struct signalling_db *db, struct store_txn *txn, struct signal_timer *timer,
		     enum signal_alarm alarm, const char *id, cal_day day)
{
	timer->wanted = day;
	if (timer->armed == CAL_NONE || timer->armed > day)
		arm(db, txn, timer, alarm, id, day);
}

const struct alarm_entry *
signalling_alarms_take(const struct signalling_db *db, struct store_txn *txn, cal_day day, unsigned *count)
{
	struct bytes key, value;
	struct store_walk walk;
	struct arena *a = store_arena(txn);
	struct alarm_entry *list = NULL;
	struct bytes *keys = NULL;
	unsigned room = 0, room_keys = 0;

	*count = 0;
	store_walk_begin(&walk, txn, db->alarms, bytes_of(NULL, 0));
	while (store_walk_next(&walk, &key, &value)) {
		struct reader r = {key};
		struct alarm_entry entry = {.day = read_day(&r)};

		if (entry.day > day)
			break;
		entry.alarm = (enum signal_alarm)read_u8(&r);
		entry.id = read_text(&r, a);
		list = grown(a, list, *count, &room, sizeof *list);
		keys = grown(a, keys, *count, &room_keys, sizeof *keys);
		keys[*count] = key;
		list[(*count)++] = entry;
	}
	store_walk_end(&walk);
	for (unsigned i = 0; i < *count; i++)
		store_delete(txn, db->alarms, keys[i]);
	return list;
}

bool
signalling_timer_rings(const struct signalling_db *db, struct store_txn *txn, struct signal_timer *timer,
		       const struct alarm_entry *entry)
{
	if (timer->armed == entry->day)
		timer->armed = CAL_NONE;
	if (timer->wanted == CAL_NONE)
		return false;
	if (timer->wanted <= entry->day) {
		timer->wanted = CAL_NONE;
		return true;
	}
	if (timer->armed == CAL_NONE)
		arm(db, txn, timer, entry->alarm, entry->id, timer->wanted);
	return false;
}

/* ---- sources and queues ---- */

bool
signalling_source_get(const struct signalling_db *db, struct store_txn *txn, const char *source,
		      struct signal_source *s)
{
	struct bytes value;

	*s = (struct signal_source){.valid_to = CAL_NONE, .silence = timer_unset};
	if (!store_get(txn, db->sources, bytes_str(source), &value))
		return false;
	struct reader r = {value};

	s->sends_daily = read_u8(&r) != 0;
	s->valid_to = read_day(&r);
	s->silence = read_timer(&r);
	return true;
}

void
signalling_source_put(const struct signalling_db *db, struct store_txn *txn, const char *source,
		      const struct signal_source *s)
{
	uint8_t buffer[32];
	struct writer w = {buffer, 0, sizeof buffer};

	write_u8(&w, s->sends_daily ? 1 : 0);
	write_day(&w, s->valid_to);
	write_timer(&w, &s->silence);
	store_put(txn, db->sources, bytes_str(source), written(&w));
}

uint32_t
signalling_queue_get(const struct signalling_db *db, struct store_txn *txn, const char *team)
{
	struct bytes value;

	return store_get(txn, db->queues, bytes_str(team), &value) && value.len == 4 ? get_u32(value.data) : 0;
}

void
signalling_queue_change(const struct signalling_db *db, struct store_txn *txn, const char *team, bool more)
{
	uint8_t value[4];
	const uint32_t now = signalling_queue_get(db, txn, team);

	put_u32(value, more ? now + 1 : now == 0 ? 0 : now - 1);
	store_put(txn, db->queues, bytes_str(team), bytes_of(value, sizeof value));
}
