// SPDX-License-Identifier: EUPL-1.2
/* signalling_time.c - what a day brings (rules.md 3.1): registry rows that start, at the tick; then, behind the deadlines that
 * were missed and the warnings of that day, the thresholds: alarms that ring, silence about signals, quarters that are over. */
#include "services/signalling/signalling_event.h"

/* ---- registry ---- */

void
signalling_regions_served(struct signalling *self, struct turn *turn)
{
	unsigned count;
	const struct signal_entry *open =
	    signalling_open_list(&self->db, turn->txn, SIGNAL_SUBJECT_REGION, NULL, 0, &count);

	for (unsigned i = 0; i < count; i++) {
		struct registry_place place = {0};
		struct signal_case none = {0};

		if (open[i].key.code != SIGNAL_CODE_S09_REGION_WITHOUT_TEAM ||
		    !registry_region(self->registry, turn->txn, open[i].key.subject_id, turn->today, &place) ||
		    (code_is_empty(place.team) && code_is_empty(place.landing)))
			continue;
		struct signal_event event = signalling_event_of(self, turn, "REGION_SERVED", turn->today, "", &none);

		event.region = open[i].key.subject_id;
		signalling_run(&event);
	}
}

/* ---- alarms ---- */

static void
case_alarm(struct signalling *self, struct turn *turn, const struct alarm_entry *entry)
{
	struct signal_case c;

	if (!signalling_case_get(&self->db, turn->txn, entry->id, &c))
		return;
	const bool bridging = entry->alarm == ALARM_BRIDGING;
	struct signal_timer *timer = bridging ? &c.bridging : &c.movement;

	if (signalling_timer_rings(&self->db, turn->txn, timer, entry)) {
		struct signal_event event = signalling_event_of(
		    self, turn, bridging ? "ALARM.BRIDGING" : "ALARM.MOVEMENT", turn->today, entry->id, &c);

		event.overdue_since = timer->since;
		signalling_run(&event);
	}
	signalling_case_put(&self->db, turn->txn, entry->id, &c);
}

static void
source_alarm(struct signalling *self, struct turn *turn, const struct alarm_entry *entry)
{
	struct signal_case none = {0};
	struct signal_source source;

	if (!signalling_source_get(&self->db, turn->txn, entry->id, &source))
		return;
	const bool rings = signalling_timer_rings(&self->db, turn->txn, &source.silence, entry);
	const bool ended = source.valid_to != CAL_NONE && source.valid_to < turn->today;

	if (rings && source.sends_daily && !ended) {
		struct signal_event event = signalling_event_of(self, turn, "ALARM.SILENCE", turn->today, "", &none);

		event.source = entry->id;
		event.heard = &source;
		signalling_run(&event);
	}
	signalling_source_put(&self->db, turn->txn, entry->id, &source);
}

/* An institution's region is that of its open signal: whose base figure it was set against. */
static struct code
region_of_institution(struct signalling *self, struct turn *turn, const char *institution)
{
	const struct signal_key key = {
	    SIGNAL_SUBJECT_INSTITUTION, institution, SIGNAL_CODE_S16_SECLUSIONS, 0, CAL_NONE, ""};
	struct signal_open open = {0};

	signalling_open_get(&self->db, turn->txn, &key, &open);
	return open.region;
}

struct quarter {
	const char *name;
	enum signal_window window;
	int subject; /* what its groups are */
};

/* One event for each group that had something in a window in the quarter. */
static void
quarter_over(struct signalling *self, struct turn *turn, const struct quarter *quarter, cal_day from, cal_day to)
{
	unsigned count;
	const char *const *groups = signalling_window_groups(&self->db, turn->txn, quarter->window, &count);

	for (unsigned i = 0; i < count; i++) {
		struct signal_case around = {0};
		struct code region = {{0}};

		if (quarter->subject == SIGNAL_SUBJECT_REGION) {
			region = code_of(groups[i]);
			around = signalling_around(self, turn, groups[i], turn->today);
		} else if (quarter->subject == SIGNAL_SUBJECT_TEAM) {
			around.team = code_of(groups[i]);
		} else {
			region = region_of_institution(self, turn, groups[i]);
			around.provider = code_of(groups[i]);
		}
		struct signal_event event = signalling_event_of(self, turn, quarter->name, turn->today, "", &around);

		event.region = region.s;
		event.quarter_from = from;
		event.quarter_to = to;
		signalling_run(&event);
	}
}

static void
quarters_over(struct signalling *self, struct turn *turn, cal_day from, cal_day to)
{
	static const struct quarter quarters[] = {
	    {"QUARTER.REGION", WINDOW_APPLICATION, SIGNAL_SUBJECT_REGION},
	    {"QUARTER.TEAM", WINDOW_EVALUATION, SIGNAL_SUBJECT_TEAM},
	    {"QUARTER.TRANSFERS", WINDOW_REGION_TRANSFER, SIGNAL_SUBJECT_REGION},
	    {"QUARTER.SECLUSIONS", WINDOW_INSTITUTION_SECLUSION, SIGNAL_SUBJECT_INSTITUTION},
	};

	for (unsigned i = 0; i < sizeof quarters / sizeof quarters[0]; i++)
		quarter_over(self, turn, &quarters[i], from, to);
}

void
signalling_tick(struct signalling *self, struct turn *turn, const pb_Tick *tick)
{
	signalling_regions_served(self, turn);
	self->day = (struct signal_day){record_day(tick->date), turn->at_ms};
	signalling_day_put(&self->db, turn->txn, self->day);
}

static void
ring(struct signalling *self, struct turn *turn, cal_day day)
{
	unsigned count;
	const struct alarm_entry *entries = signalling_alarms_take(&self->db, turn->txn, day, &count);

	for (unsigned i = 0; i < count; i++) {
		if (entries[i].alarm == ALARM_SILENCE)
			source_alarm(self, turn, &entries[i]);
		else
			case_alarm(self, turn, &entries[i]);
	}
}

void
signalling_day_told(struct signalling *self, struct turn *turn)
{
	const cal_day day = self->day.day;
	cal_day from, to;

	if (day == CAL_NONE)
		return;
	turn->at_ms = self->day.at_ms;
	turn->today = cal_local_day(turn->at_ms);
	self->day.day = CAL_NONE;
	signalling_day_put(&self->db, turn->txn, self->day);
	ring(self, turn, day);
	signalling_unheard(self, turn);
	if (signalling_quarter_before(day, &from, &to))
		quarters_over(self, turn, from, to);
}
