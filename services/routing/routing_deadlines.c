// SPDX-License-Identifier: EUPL-1.2
#include "services/routing/routing_deadlines.h"

static const struct calendar plain_calendar;

static const struct calendar *
calendar_of(const struct change *c)
{
	return c->at->view == NULL ? &plain_calendar : &c->at->view->calendar;
}

static const struct policy_deadline *
rule_of(const struct policy_view *view, int kind)
{
	const int kinds = (int)(sizeof view->deadlines / sizeof view->deadlines[0]);

	if (view == NULL || kind <= 0 || kind >= kinds || view->deadlines[kind].kind != kind)
		return NULL;
	return &view->deadlines[kind];
}

/* ---- days ---- */

static cal_day
backwards(const struct calendar *calendar, cal_day from, struct term term)
{
	switch (term.unit) {
	case TERM_WORKING_DAYS: return cal_subtract_working_days(calendar, from, term.n);
	case TERM_MONTHS: return cal_add_months(from, -term.n);
	default: return from - term.n;
	}
}

cal_day
deadline_due(const struct policy_view *view, int kind, int track, cal_day from, cal_day event)
{
	const struct policy_deadline *rule = rule_of(view, kind);

	if (rule == NULL || track < 0 || track > TRACK_CLOSED_CARE || rule->terms[track].unit == TERM_NONE ||
	    rule->terms[track].n < 0)
		return CAL_NONE;
	if (!rule->backwards)
		return cal_due(&view->calendar, from, rule->terms[track]);
	const cal_day due = backwards(&view->calendar, from, rule->terms[track]);

	return due < event ? event : due;
}

cal_day
deadline_warn_on(const struct calendar *calendar, int32_t percent, cal_day start, cal_day due, cal_day set_on)
{
	if (due <= start)
		return CAL_NONE;
	const int64_t used = ((int64_t)(due - start) * percent + 99) / 100;
	const cal_day most = used >= due - start ? due : start + (cal_day)used;
	const cal_day last = cal_last_working_day_before(calendar, due);
	const cal_day day = most < last ? most : last;

	if (day <= start)
		return CAL_NONE;
	if (day > set_on)
		return day;
	return set_on < due ? set_on + 1 : CAL_NONE;
}

/* The day that a kind counts from: its anchor where the table knows it and it is given, else the effect date. */
static cal_day
anchor_of(const struct change *c, const struct policy_deadline *rule)
{
	if (rule == NULL || rule->anchor == NULL || rule->anchor[0] == '\0')
		return c->at->effect_on;
	int fact = -1;

	if (c->table != NULL)
		fact = rules_fact(c->table, rule->anchor);
	if (fact < 0 || rules_fact_def(c->table, (unsigned)fact).type != FACT_DAY)
		return c->at->effect_on;
	/* A fact that this very message made true is younger than the snapshot. */
	const cal_day day = fact == CASE_FACT_REALISED_ON ? c->file->realised_on : (cal_day)c->facts[fact];

	return day == CAL_NONE ? c->at->effect_on : day;
}

/* ---- changing ---- */

static void
touch(struct change *c, int kind)
{
	c->touched |= (uint64_t)1 << kind;
	c->moved = true;
}

static int32_t
warn_percent(const struct change *c)
{
	int32_t percent;

	if (c->at->view == NULL || !policy_value(c->at->view, "warn_percent", &percent))
		percent = DEADLINE_WARN_PERCENT;
	return percent;
}

static void
take_out(struct case_deadline *deadlines, uint8_t *count, unsigned i)
{
	(*count)--;
	for (; i < *count; i++)
		deadlines[i] = deadlines[i + 1];
}

void
deadline_put(struct change *c, int kind, const char *reference, cal_day start, cal_day due)
{
	struct case_file *file = c->file;
	const struct policy_deadline *rule = rule_of(c->at->view, kind);
	int i = case_deadline_find(file->deadlines, file->deadline_count, kind, reference);
	cal_day replaces = CAL_NONE;

	if (due == CAL_NONE || kind <= DEADLINE_KIND_UNSPECIFIED || kind > DEADLINE_KIND_EVALUATION)
		return;
	if (i >= 0)
		replaces = file->deadlines[i].due;
	else if (file->deadline_count == CASE_DEADLINES_MAX)
		return;
	else
		i = file->deadline_count++;
	file->deadlines[i] = (struct case_deadline){
	    .kind = (uint8_t)kind,
	    .hard = rule != NULL && rule->hard,
	    .due = due,
	    .start = start,
	    .set_on = c->at->today,
	    .warn_on = deadline_warn_on(calendar_of(c), warn_percent(c), start, due, c->at->today),
	    .reference = id_of(reference),
	    .rule = code_of(c->rule),
	};
	struct saying *saying = change_say(c, SAYING_SET);

	saying->of.deadline.kind = (uint8_t)kind;
	saying->of.deadline.hard = file->deadlines[i].hard;
	saying->of.deadline.due = due;
	saying->of.deadline.start = start;
	saying->of.deadline.replaces = replaces;
	saying->of.deadline.reference = file->deadlines[i].reference;
	saying->of.deadline.rule = file->deadlines[i].rule;
	touch(c, kind);
	if (kind == DEADLINE_KIND_COMPLETION && file->completions < UINT8_MAX)
		file->completions++;
	if (kind == DEADLINE_KIND_MEETING)
		file->meeting_on = CAL_NONE;
}

void
deadline_set(struct change *c, int kind, const char *reference)
{
	const struct policy_deadline *rule = rule_of(c->at->view, kind);
	const cal_day from = anchor_of(c, rule);
	const cal_day due = deadline_due(c->at->view, kind, c->file->track, from, c->at->effect_on);

	deadline_put(c, kind, reference, rule != NULL && rule->backwards ? c->at->effect_on : from, due);
}

void
deadline_earlier(struct change *c, int kind)
{
	const struct policy_deadline *rule = rule_of(c->at->view, kind);
	const cal_day from = anchor_of(c, rule);
	/* The promise made to a court, also where closed care goes on beside the measure. */
	const cal_day due = deadline_due(c->at->view, kind, TRACK_COURT_MEASURE, from, c->at->effect_on);
	const int i = case_deadline_find(c->file->deadlines, c->file->deadline_count, kind, "");
	const cal_day meeting_on = c->file->meeting_on;

	if (i < 0 || due == CAL_NONE || due >= c->file->deadlines[i].due)
		return;
	deadline_put(c, kind, "", from, due);
	if (kind == DEADLINE_KIND_MEETING)
		c->file->meeting_on = meeting_on;
}

static void
say_cleared(struct change *c, const struct case_deadline *d, bool fulfilled)
{
	struct saying *saying = change_say(c, SAYING_CLEARED);

	saying->of.deadline.kind = d->kind;
	saying->of.deadline.reference = d->reference;
	saying->of.deadline.due = d->due;
	saying->of.deadline.superseded = !fulfilled;
	saying->of.deadline.late_wd =
	    fulfilled ? cal_working_days_between(calendar_of(c), d->due, c->at->effect_on) : 0;
	touch(c, d->kind);
	if (d->kind == DEADLINE_KIND_MEETING)
		c->file->meeting_on = CAL_NONE;
}

void
deadline_clear(struct change *c, int kind, const char *reference, bool fulfilled)
{
	struct case_file *file = c->file;
	int i = case_deadline_find(file->missed, file->missed_count, kind, reference);

	if (i >= 0) {
		const struct case_deadline d = file->missed[i];

		take_out(file->missed, &file->missed_count, (unsigned)i);
		say_cleared(c, &d, fulfilled);
	}
	i = case_deadline_find(file->deadlines, file->deadline_count, kind, reference);
	if (i >= 0) {
		const struct case_deadline d = file->deadlines[i];

		take_out(file->deadlines, &file->deadline_count, (unsigned)i);
		say_cleared(c, &d, fulfilled);
	}
}

static const struct case_deadline *
first_of_kind(const struct case_deadline *deadlines, unsigned count, int kind)
{
	for (unsigned i = 0; i < count; i++) {
		if (deadlines[i].kind == kind)
			return &deadlines[i];
	}
	return NULL;
}

void
deadline_clear_kind(struct change *c, int kind, bool fulfilled)
{
	struct case_file *file = c->file;
	const struct case_deadline *d;

	while ((d = first_of_kind(file->missed, file->missed_count, kind)) != NULL ||
	       (d = first_of_kind(file->deadlines, file->deadline_count, kind)) != NULL) {
		const struct id reference = d->reference;

		deadline_clear(c, kind, reference.s, fulfilled);
	}
}

void
deadline_drop_open(struct change *c, int kind)
{
	struct case_file *file = c->file;

	for (unsigned i = 0; i < file->deadline_count;) {
		const struct case_deadline d = file->deadlines[i];

		if (d.kind != kind) {
			i++;
			continue;
		}
		take_out(file->deadlines, &file->deadline_count, i);
		say_cleared(c, &d, false);
	}
}

void
deadline_end_all(struct change *c)
{
	struct case_file *file = c->file;

	file->missed_count = 0;
	while (file->deadline_count > 0) {
		const struct case_deadline d = file->deadlines[0];

		take_out(file->deadlines, &file->deadline_count, 0);
		say_cleared(c, &d, false);
	}
	file->meeting_on = CAL_NONE;
}

static bool
is_fulfilled_by(const struct policy_deadline *rule, const char *event)
{
	for (const char *const *name = rule->fulfilled_by; name != NULL && *name != NULL; name++) {
		if (strcmp(*name, event) == 0)
			return true;
	}
	return false;
}

void
deadline_leave_state(struct change *c, int from_state, int to_state)
{
	for (int kind = DEADLINE_KIND_MEASURE_START; kind <= DEADLINE_KIND_EVALUATION; kind++) {
		const struct policy_deadline *rule = rule_of(c->at->view, kind);

		if (rule == NULL || (c->touched >> kind & 1) != 0)
			continue;
		if ((rule->ends_with >> from_state & 1) == 0 || (rule->ends_with >> to_state & 1) != 0)
			continue;
		if (is_fulfilled_by(rule, c->at->event)) {
			deadline_clear_kind(c, kind, true);
			continue;
		}
		/* What was missed stays on record: the fact it waited for may still come, late. */
		deadline_drop_open(c, kind);
	}
}

struct case_deadline
deadline_miss(struct case_file *file, unsigned i)
{
	const struct case_deadline d = file->deadlines[i];

	ASSERT(i < file->deadline_count);
	take_out(file->deadlines, &file->deadline_count, i);
	if (case_deadline_find(file->missed, file->missed_count, d.kind, d.reference.s) < 0 &&
	    file->missed_count < CASE_DEADLINES_MAX)
		file->missed[file->missed_count++] = d;
	return d;
}
