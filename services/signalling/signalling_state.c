// SPDX-License-Identifier: EUPL-1.2
#include "services/signalling/signalling_state.h"

#include "common/fields.h"

#define KEY_MAX (ID_MAX + CODE_MAX + ID_MAX + 16)

_Static_assert(KEY_MAX <= STORE_KEY_MAX, "keys fit the store");

struct signalling_db
signalling_db_open(struct store_txn *txn, struct signal_memo *memo)
{
	memo->asked = memo->held = (struct id){""};
	memo->opens_batch = memo->sources_batch = memo->touched_batch = 0;
	return (struct signalling_db){
	    .memo = memo,
	    .cases = store_db_open(txn, "signal_cases"),
	    .closed = store_db_open(txn, "signal_closed"),
	    .alias = store_db_open(txn, "signal_alias"),
	    .actions = store_db_open(txn, "signal_actions"),
	    .open = store_db_open(txn, "signal_open"),
	    .windows = store_db_open(txn, "signal_windows"),
	    .counts = store_db_open(txn, "signal_counts"),
	    .items = store_db_open(txn, "signal_items"),
	    .meetings = store_db_open(txn, "signal_meetings"),
	    .alarms = store_db_open(txn, "signal_alarms"),
	    .sources = store_db_open(txn, "signal_sources"),
	    .queues = store_db_open(txn, "signal_queues"),
	    .themes = store_db_open(txn, "signal_themes"),
	    .unheard = store_db_open(txn, "signal_unheard"),
	    .lists = store_db_open(txn, "signal_lists"),
	    .day = store_db_open(txn, "signal_day"),
	};
}

/* ---- the day ---- */

struct signal_day
signalling_day_get(const struct signalling_db *db, struct store_txn *txn)
{
	struct bytes value;

	if (!store_get(txn, db->day, bytes_str("day"), &value))
		return (struct signal_day){.day = CAL_NONE};
	struct fields_in in = {value};
	const cal_day day = in_day(&in);

	return (struct signal_day){day, (int64_t)in_u64(&in)};
}

void
signalling_day_put(const struct signalling_db *db, struct store_txn *txn, struct signal_day day)
{
	uint8_t bytes[4 + 8];
	struct fields_out out = {bytes, 0, sizeof bytes};

	out_day(&out, day.day);
	out_u64(&out, (uint64_t)day.at_ms);
	store_put(txn, db->day, bytes_str("day"), out_done(&out));
}

/* ---- cases ---- */

static void
out_timer(struct fields_out *w, const struct signal_timer *timer)
{
	out_day(w, timer->wanted);
	out_day(w, timer->armed);
	out_day(w, timer->since);
}

static struct signal_timer
in_timer(struct fields_in *r)
{
	struct signal_timer timer;

	timer.wanted = in_day(r);
	timer.armed = in_day(r);
	timer.since = in_day(r);
	return timer;
}

static const struct signal_timer timer_unset = {CAL_NONE, CAL_NONE, CAL_NONE};

static void
case_unpack(struct bytes value, struct signal_case *c)
{
	struct fields_in r = {value};

	c->state = in_u8(&r);
	c->track = in_u8(&r);
	c->level = in_u8(&r);
	c->governance = in_u8(&r);
	c->mandate = in_u8(&r);
	c->consent = in_u8(&r);
	const uint8_t bits = in_u8(&r);

	c->measure_active = (bits & 1) != 0;
	c->placed = (bits & 2) != 0;
	c->team_supports = (bits & 4) != 0;
	c->owner = in_code(&r);
	c->funder = in_code(&r);
	c->region = in_code(&r);
	c->team = in_code(&r);
	c->centre = in_code(&r);
	c->certified_body = in_code(&r);
	c->provider = in_code(&r);
	c->waiting_with = in_code(&r);
	c->queued_with = in_code(&r);
	c->youth = in_u64(&r);
	c->heard = in_u64(&r);
	c->moved_on = in_day(&r);
	c->invited = in_u8(&r);
	c->absent_meetings = in_u16(&r);
	c->movement = in_timer(&r);
	c->bridging = in_timer(&r);
}

static void
hold(struct signal_memo *memo, const char *case_id, struct bytes value)
{
	ASSERT(value.len <= sizeof memo->bytes);
	memo->held = id_of(case_id);
	memo->len = value.len;
	if (value.len > 0)
		memcpy(memo->bytes, value.data, value.len);
}

static bool
is_closed(const struct signal_case *c)
{
	return c->state == CASE_STATE_CLOSED;
}

/* The case is held. */
static void
look_up(const struct signalling_db *db, struct store_txn *txn, const char *case_id)
{
	struct signal_memo *memo = db->memo;
	struct bytes value = {0};

	if (case_id[0] != '\0' && strcmp(memo->held.s, case_id) == 0)
		return;
	memo->c = (struct signal_case){.moved_on = CAL_NONE, .movement = timer_unset, .bridging = timer_unset};
	memo->known = store_get(txn, db->cases, bytes_str(case_id), &value) ||
		      store_get(txn, db->closed, bytes_str(case_id), &value);
	if (memo->known)
		case_unpack(value, &memo->c);
	hold(memo, case_id, value);
}

bool
signalling_case_get(const struct signalling_db *db, struct store_txn *txn, const char *case_id, struct signal_case *c)
{
	look_up(db, txn, case_id);
	*c = db->memo->c;
	return db->memo->known;
}

void
signalling_case_put(const struct signalling_db *db, struct store_txn *txn, const char *case_id,
		    const struct signal_case *c)
{
	uint8_t buffer[SIGNALLING_CASE_BYTES_MAX];
	struct fields_out w = {buffer, 0, sizeof buffer};
	struct signal_memo *memo = db->memo;

	look_up(db, txn, case_id);
	/* Most of what is decided changes nothing here; what differs in padding only is told from the packed bytes. */
	if (memo->known && memcmp(&memo->c, c, sizeof *c) == 0)
		return;
	out_u8(&w, c->state);
	out_u8(&w, c->track);
	out_u8(&w, c->level);
	out_u8(&w, c->governance);
	out_u8(&w, c->mandate);
	out_u8(&w, c->consent);
	out_u8(&w, (c->measure_active ? 1u : 0u) | (c->placed ? 2u : 0u) | (c->team_supports ? 4u : 0u));
	out_code(&w, c->owner);
	out_code(&w, c->funder);
	out_code(&w, c->region);
	out_code(&w, c->team);
	out_code(&w, c->centre);
	out_code(&w, c->certified_body);
	out_code(&w, c->provider);
	out_code(&w, c->waiting_with);
	out_code(&w, c->queued_with);
	out_u64(&w, c->youth);
	out_u64(&w, c->heard);
	out_day(&w, c->moved_on);
	out_u8(&w, c->invited);
	out_u16(&w, c->absent_meetings);
	out_timer(&w, &c->movement);
	out_timer(&w, &c->bridging);
	const struct bytes packed = out_done(&w);

	if (bytes_equal(bytes_of(memo->bytes, memo->len), packed))
		return;
	if (memo->known && is_closed(&memo->c) != is_closed(c))
		store_delete(txn, is_closed(c) ? db->cases : db->closed, bytes_str(case_id));
	store_put(txn, is_closed(c) ? db->closed : db->cases, bytes_str(case_id), packed);
	hold(memo, case_id, packed);
	memo->c = *c;
	memo->known = true;
}

struct id
signalling_alias_get(const struct signalling_db *db, struct store_txn *txn, const char *case_id)
{
	struct signal_memo *memo = db->memo;
	struct bytes value;

	if (case_id[0] != '\0' && strcmp(memo->asked.s, case_id) == 0)
		return memo->id;
	memo->asked = memo->id = id_of(case_id);
	if (store_get(txn, db->alias, bytes_str(case_id), &value) && value.len <= ID_MAX) {
		memo->id = (struct id){{0}};
		memcpy(memo->id.s, value.data, value.len);
	}
	return memo->id;
}

void
signalling_alias_put(const struct signalling_db *db, struct store_txn *txn, const char *alias, const char *case_id)
{
	db->memo->asked = (struct id){""};
	store_put(txn, db->alias, bytes_str(alias), bytes_str(case_id));
}

/* ---- actions ---- */

static struct bytes
action_key(uint8_t buffer[KEY_MAX], const char *case_id, const char *action)
{
	struct fields_out w = {buffer, 0, KEY_MAX};

	out_bytes(&w, bytes_str(case_id));
	out_u8(&w, 0);
	out_bytes(&w, bytes_str(action));
	return out_done(&w);
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

/* ---- alarms ---- */

static void
arm(const struct signalling_db *db, struct store_txn *txn, struct signal_timer *timer, enum signal_alarm alarm,
    const char *id, cal_day day)
{
	static const uint8_t here = 1;
	uint8_t buffer[KEY_MAX];
	struct fields_out w = {buffer, 0, sizeof buffer};

	out_day(&w, day);
	out_u8(&w, (unsigned)alarm);
	out_bytes(&w, bytes_str(id));
	store_put(txn, db->alarms, out_done(&w), bytes_of(&here, 1));
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
		struct fields_in r = {key};
		struct alarm_entry entry = {.day = in_day(&r)};

		if (entry.day > day)
			break;
		entry.alarm = (enum signal_alarm)in_u8(&r);
		entry.id = in_text(&r, a);
		list = arena_grown(a, list, *count, &room, sizeof *list);
		keys = arena_grown(a, keys, *count, &room_keys, sizeof *keys);
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

/* ---- sources, queues and themes ---- */

bool
signalling_source_get(const struct signalling_db *db, struct store_txn *txn, const char *source,
		      struct signal_source *s)
{
	struct bytes value;

	*s = (struct signal_source){.valid_to = CAL_NONE, .silence = timer_unset};
	if (!store_get(txn, db->sources, bytes_str(source), &value))
		return false;
	struct fields_in r = {value};

	s->sends_daily = in_u8(&r) != 0;
	s->valid_to = in_day(&r);
	s->silence = in_timer(&r);
	return true;
}

void
signalling_source_put(const struct signalling_db *db, struct store_txn *txn, const char *source,
		      const struct signal_source *s)
{
	uint8_t buffer[32];
	struct fields_out w = {buffer, 0, sizeof buffer};

	out_u8(&w, s->sends_daily ? 1 : 0);
	out_day(&w, s->valid_to);
	out_timer(&w, &s->silence);
	store_put(txn, db->sources, bytes_str(source), out_done(&w));
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

uint32_t
signalling_theme_tabled(const struct signalling_db *db, struct store_txn *txn, const char *group, bool solved)
{
	uint8_t number[4];
	struct bytes value;

	if (solved) {
		store_delete(txn, db->themes, bytes_str(group));
		return 0;
	}
	const uint32_t before = store_get(txn, db->themes, bytes_str(group), &value) ? get_u32(value.data) : 0;
	const uint32_t now = before == UINT32_MAX ? before : before + 1;

	put_u32(number, now);
	store_put(txn, db->themes, bytes_str(group), bytes_of(number, sizeof number));
	return now;
}
