// SPDX-License-Identifier: EUPL-1.2
/* signalling_say.c - runs tables, counts and sets alarms as the winning rows say; signalling_tell.c does the rest. */
#include "services/signalling/signalling_event.h"

/* ---- counting and alarms ---- */

/* What tells one thing that is counted from another: the case where a case counts once, else the cause as well. */
static struct bytes
item_of(const struct signal_event *event, enum signal_window window)
{
	const struct bytes id = bytes_str(event->case_id);
	uint8_t *item = arena_take(event->turn->arena, 8 + id.len);

	if (signalling_counts_once(window))
		return id;
	put_u64(item, event->turn->cause);
	if (id.len > 0)
		memcpy(item + 8, id.data, id.len);
	return bytes_of(item, 8 + id.len);
}

static void
count_one(const struct signal_event *event, enum signal_window window)
{
	const char *group = signalling_group(event, window);

	if (group[0] == '\0')
		return;
	if (window == WINDOW_MEETING)
		signalling_meeting_add(&event->self->db, event->turn->txn, group, event->day);
	else
		signalling_window_add(&event->self->db, event->turn->txn, window, group, item_of(event, window),
				      event->day);
}

static void
uncount_one(const struct signal_event *event, enum signal_window window)
{
	const char *group = signalling_group(event, window);

	if (group[0] != '\0' && signalling_counts_once(window))
		signalling_window_remove(&event->self->db, event->turn->txn, window, group, item_of(event, window));
}

static void
do_counts(struct signal_event *event, const struct rules_row *row)
{
	for (unsigned i = 0; i < row->then_count; i++) {
		const struct rules_effect *effect = &row->then[i];

		for (unsigned j = 0; effect->verb == SIGNALS_COUNT && j < effect->count; j++)
			count_one(event, (enum signal_window)effect->arguments[j]);
		for (unsigned j = 0; effect->verb == SIGNALS_UNCOUNT && j < effect->count; j++)
			uncount_one(event, (enum signal_window)effect->arguments[j]);
	}
}

static void
set_alarm(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect)
{
	const enum signal_alarm alarm = (enum signal_alarm)effect->arguments[0];
	const int after = effect->arguments[1] < 1 ? 1 : effect->arguments[1] > 3660 ? 3660 : (int)effect->arguments[1];
	const bool of_source = alarm == ALARM_SILENCE;
	const char *id = of_source ? event->source : event->case_id;
	struct signal_timer *timer = of_source                 ? event->heard == NULL ? NULL : &event->heard->silence
				     : alarm == ALARM_BRIDGING ? &event->c->bridging
							       : &event->c->movement;
	cal_day day = event->turn->today + after;

	if (id[0] == '\0' || timer == NULL)
		return;
	timer->since = event->due != CAL_NONE ? event->due : event->turn->today;
	if (effect->verb == SIGNALS_ALARM_WD) {
		day = cal_add_working_days(&win->view->calendar, timer->since, after) + 1;
		/* A fact registered late: an alarm of the past rings at the next day. */
		if (day <= event->turn->today)
			day = event->turn->today + 1;
	}
	signalling_timer_set(&event->self->db, event->turn->txn, timer, alarm, id, day);
}

/* ---- rows and tables ---- */

static void
do_row(struct signal_event *event, const struct signal_win *win)
{
	for (unsigned i = 0; i < win->row->then_count; i++) {
		const struct rules_effect *effect = &win->row->then[i];

		switch (effect->verb) {
		case SIGNALS_RAISE:
		case SIGNALS_RAISE_FOR: signalling_raise(event, win, effect); break;
		case SIGNALS_TELL: signalling_tell(event, win, effect); break;
		case SIGNALS_CLEAR:
		case SIGNALS_CLEAR_FOR:
		case SIGNALS_CLEAR_DEADLINE: signalling_clear(event, win, effect); break;
		case SIGNALS_CLEAR_ALL: signalling_clear_all(event, win, effect); break;
		case SIGNALS_ALARM:
		case SIGNALS_ALARM_WD: set_alarm(event, win, effect); break;
		default: break; /* counts were done before; stop ended the table */
		}
	}
}

static uint64_t
facts_asked(const struct rules_table *table)
{
	uint64_t asked = 0;

	for (unsigned i = 0; i < table->block_count; i++) {
		for (unsigned j = 0; j < table->blocks[i].row_count; j++) {
			const struct rules_row *row = &table->blocks[i].rows[j];

			for (unsigned k = 0; k < row->when_count; k++)
				asked |= row->when[k].fact < SCOPE_SIGNALS_FACTS ? (uint64_t)1 << row->when[k].fact : 0;
		}
	}
	return asked;
}

static bool
row_counts(const struct rules_row *row)
{
	for (unsigned i = 0; i < row->then_count; i++) {
		if (row->then[i].verb == SIGNALS_COUNT || row->then[i].verb == SIGNALS_UNCOUNT)
			return true;
	}
	return false;
}

void
signalling_run(struct signal_event *event)
{
	int64_t facts[RULES_FACTS_MAX];
	struct rules_result result;
	bool counted = false;
	struct turn *turn = event->turn;
	const struct policy_view *view = policy_on(event->self->policies, turn->txn, event->day, event->region);
	const struct rules_table *table = view == NULL ? NULL : policy_table(view, scope_signals.name, event->name);

	_Static_assert(SCOPE_SIGNALS_FACTS <= 64, "facts asked for are bits");
	if (table == NULL)
		return;
	event->view = view;
	if (event->overdue_since != CAL_NONE)
		event->overdue_wd = cal_working_days_between(&view->calendar, event->overdue_since, event->day - 1);
	const uint64_t asked = facts_asked(table);

	signalling_facts(event, asked, facts);
	rules_message_facts(table, event->message, facts);
	rules_run(table, facts, true, &result);
	for (unsigned i = 0; i < result.hit_count; i++) {
		counted = counted || row_counts(result.hits[i]);
		do_counts(event, result.hits[i]);
	}
	if (counted) {
		signalling_facts(event, asked, facts);
		rules_run(table, facts, true, &result);
	}
	for (unsigned i = 0; i < result.hit_count; i++) {
		const struct signal_win win = {view, table, result.hits[i], &table->blocks[i], &result, facts};

		do_row(event, &win);
	}
}
