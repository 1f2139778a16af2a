// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/check_step.h"

#define BIT(n) ((uint64_t)1 << (n))

/* ---- choices, reading, writing ---- */

unsigned
check_choose(struct check_walk *w, unsigned count)
{
	const unsigned i = w->chosen++;

	ASSERT(i < CHECK_CHOICES_MAX && count > 0 && count <= UINT8_MAX);
	if (i >= w->planned) {
		w->choice[i] = 0;
		w->planned = i + 1;
	}
	w->radix[i] = (uint8_t)count;
	return w->choice[i];
}

/* A field that is not kept gets a value when it is first asked for. */
static void
materialise(struct check_walk *w, enum check_field field)
{
	const uint64_t mask = check_mask(field);

	if ((w->chosen_fields & mask) != 0 || check_is_kept(0, field))
		return;
	w->chosen_fields |= mask;
	w->read |= check_mask(CHECK_STATE) | check_mask(CHECK_TRACK);
	if (check_is_kept(w->before, field))
		return;
	/* Without a team there is none that supports; nor does the owner. */
	const bool can = field != CHECK_TEAM_SUPPORTS ||
			 (check_early(w, CHECK_HAS_TEAM) != 0 && check_early(w, CHECK_OWNER) != PARTY_TEAM);
	const unsigned value = can ? check_choose(w, 2) : 0;

	w->before = check_with(w->before, field, value);
	if ((w->written & mask) == 0)
		w->at = check_with(w->at, field, value);
}

unsigned
check_early(struct check_walk *w, enum check_field field)
{
	materialise(w, field);
	w->read |= check_mask(field);
	return check_get(w->before, field);
}

unsigned
check_now(struct check_walk *w, enum check_field field)
{
	if ((w->written & check_mask(field)) == 0) {
		materialise(w, field);
		w->read |= check_mask(field);
	}
	return check_get(w->at, field);
}

bool
check_may_run_early(struct check_walk *w, int kind)
{
	check_early(w, CHECK_STATE);
	check_early(w, check_field_of(kind));
	return check_may_run(w->view, w->before, kind);
}

static bool
may_run_now(struct check_walk *w, int kind)
{
	check_now(w, CHECK_STATE);
	check_now(w, check_field_of(kind));
	return check_may_run(w->view, w->at, kind);
}

void
check_put(struct check_walk *w, enum check_field field, unsigned value)
{
	w->written |= check_mask(field);
	w->at = check_with(w->at, field, value);
}

void
check_found(struct check_walk *w, enum check_break what, int kind)
{
	for (unsigned i = 0; i < w->break_count; i++) {
		if (w->breaks[i].what == what && w->breaks[i].row == w->row && w->breaks[i].kind == kind)
			return;
	}
	if (w->break_count == CHECK_BREAKS_MAX)
		return;
	w->breaks[w->break_count].what = what;
	w->breaks[w->break_count].row = w->row;
	w->breaks[w->break_count++].kind = kind;
}

/* ---- tables ---- */

static bool
has_verb(const struct rules_row *row, int verb)
{
	for (unsigned i = 0; i < row->then_count; i++) {
		if (row->then[i].verb == verb)
			return true;
	}
	return false;
}

/* The winning row of a block; `first` is the number of the block's first row. */
static const struct rules_row *
run_block(struct check_walk *w, const struct rules_block *block, unsigned first)
{
	for (unsigned r = 0; r < block->row_count; r++) {
		struct check_seen *seen = w->seen == NULL ? NULL : &w->seen[first + r];

		if (!check_row_fits(w, &block->rows[r], seen))
			continue;
		if (seen != NULL)
			seen->fired = true;
		w->hits[w->hit_count++] = &block->rows[r];
		return &block->rows[r];
	}
	assert_failed("the last row of a block has no condition", __FILE__, __LINE__);
}

/* Number of the first row behind a table. */
static unsigned
row_count(const struct rules_table *table)
{
	unsigned count = 0;

	for (unsigned b = 0; table != NULL && b < table->block_count; b++)
		count += table->blocks[b].row_count;
	return count;
}

static bool
is_accepted(struct check_walk *w)
{
	const struct rules_table *table = w->event->accept;
	unsigned first = 0;

	for (unsigned b = 0; table != NULL && b < table->block_count; b++) {
		if (has_verb(run_block(w, &table->blocks[b], first), ACCEPT_REJECT))
			return false;
		first += table->blocks[b].row_count;
	}
	return true;
}

/* All rows are found in the situation as it was; only then do they act. */
static void
run_effects(struct check_walk *w)
{
	const struct rules_table *table = w->event->effects;
	const unsigned until = w->hit_count;
	unsigned first = row_count(w->event->accept);

	for (unsigned b = 0; table != NULL && b < table->block_count; b++) {
		if (has_verb(run_block(w, &table->blocks[b], first), table->stop_verb))
			break;
		first += table->blocks[b].row_count;
	}
	for (unsigned i = until; i < w->hit_count; i++)
		check_row(w, w->hits[i]);
}

/* ---- what must hold behind a step ---- */

/* The last winning row that does a thing to the state; for complaints. */
static void
blame(struct check_walk *w, int verb)
{
	w->row = NULL;
	for (unsigned i = 0; i < w->hit_count; i++) {
		if (w->event->effects != NULL && has_verb(w->hits[i], verb))
			w->row = w->hits[i];
	}
	for (unsigned i = w->hit_count; i > 0 && w->row == NULL; i--) {
		if (w->hits[i - 1]->then_count > 0)
			w->row = w->hits[i - 1];
	}
}

/* I5, as the message says it. */
static bool
is_proven(struct check_walk *w)
{
	if (w->event->reason_fact < 0 || w->event->approver_fact < 0)
		return false;
	const int64_t reason = check_fact_value(w, (unsigned)w->event->reason_fact);

	if (reason == CLOSE_REASON_SOLVED)
		return check_early(w, CHECK_REALISED) != 0 && check_early(w, CHECK_EFFECTIVE) != 0;
	return reason != CLOSE_REASON_UNSPECIFIED && check_fact_value(w, (unsigned)w->event->approver_fact) != 0;
}

static void
check_facts_of_closing(struct check_walk *w)
{
	const uint64_t fields = check_mask(CHECK_STATE) | check_mask(CHECK_REALISED) | check_mask(CHECK_EFFECTIVE);

	if ((w->written & fields) == 0)
		return;
	blame(w, EFFECT_STATE);
	if (check_now(w, CHECK_STATE) == CASE_STATE_CLOSED && check_early(w, CHECK_STATE) != CASE_STATE_CLOSED) {
		if (w->event->kind != 0)
			check_found(w, BREAK_SILENCE_CLOSES, 0);
		else if (!is_proven(w))
			check_found(w, BREAK_UNPROVEN, 0);
	}
	const unsigned state = check_now(w, CHECK_STATE);

	if ((state == CASE_STATE_SCALED_DOWN || state == CASE_STATE_VERIFYING) && check_now(w, CHECK_REALISED) == 0)
		check_found(w, BREAK_SCALED_DOWN, 0);
	else if (state == CASE_STATE_SCALED_DOWN && check_now(w, CHECK_EFFECTIVE) == 0)
		check_found(w, BREAK_SCALED_DOWN, 0);
}

static void
check_track(struct check_walk *w)
{
	const uint64_t fields = check_mask(CHECK_TRACK) | check_mask(CHECK_PLACED) | check_mask(CHECK_MEASURE_ACTIVE);

	if ((w->written & fields) == 0)
		return;
	const unsigned track = check_now(w, CHECK_TRACK);

	blame(w, EFFECT_TRACK);
	if ((track != TRACK_CLOSED_CARE && check_now(w, CHECK_PLACED) != 0) ||
	    (track == TRACK_VOLUNTARY && check_now(w, CHECK_MEASURE_ACTIVE) != 0))
		check_found(w, BREAK_TRACK, 0);
}

/* Back to the beginning, or on to help that is there: the meeting, the plan and its review are over. */
static void
check_left_behind(struct check_walk *w)
{
	static const int kinds[] = {DEADLINE_KIND_MEETING, DEADLINE_KIND_INVITE, DEADLINE_KIND_PLAN,
				    DEADLINE_KIND_REVIEW};
	const unsigned from = check_early(w, CHECK_STATE), state = check_now(w, CHECK_STATE);

	if (from <= CASE_STATE_RECEIVED || from == CASE_STATE_CLOSED ||
	    (state != CASE_STATE_SCREENING && state != CASE_STATE_LOCAL_ATTEMPT && state != CASE_STATE_VERIFYING))
		return;
	for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (((w->set | w->ended) >> kinds[i] & 1) == 0)
			check_found(w, BREAK_OUTLIVES, kinds[i]);
	}
}

/* Could what a deadline is about have gone? It can with what it asks for, or with the states it belongs to; when a case
 * is closed all of them end. */
static bool
may_have_gone(const struct check_walk *w, int kind)
{
	const enum check_field field = check_field_of(kind);

	return (field != CHECK_STATE && (w->written & check_mask(field)) != 0) ||
	       (w->view->deadlines[kind].ends_with != 0 && (w->written & check_mask(CHECK_STATE)) != 0);
}

static void
check_deadlines(struct check_walk *w)
{
	for (int kind = 1; kind <= DEADLINE_KIND_EVALUATION; kind++) {
		if ((w->ended >> kind & 1) != 0 || w->view->deadlines[kind].kind != kind)
			continue;
		if ((w->set >> kind & 1) != 0) {
			blame(w, EFFECT_SET);
			if (!may_run_now(w, kind))
				check_found(w, BREAK_OUTSIDE, kind);
		} else if (kind != w->event->kind && may_have_gone(w, kind)) {
			blame(w, EFFECT_FLAG);
			if (!may_run_now(w, kind) && check_may_run_early(w, kind))
				check_found(w, BREAK_OUTLIVES, kind);
		}
	}
}

/* Fields that are no longer kept say nothing; those that are from now on have some value. */
static void
make_normal(struct check_walk *w)
{
	const uint64_t where = check_mask(CHECK_STATE) | check_mask(CHECK_TRACK);

	for (enum check_field field = 0; field < CHECK_FIELD_COUNT; field++) {
		if (check_is_kept(0, field) ||
		    ((w->written & (where | check_mask(field))) == 0 && (w->chosen_fields & check_mask(field)) == 0))
			continue;
		check_now(w, CHECK_STATE);
		check_now(w, CHECK_TRACK);
		check_put(w, field, check_is_kept(w->at, field) ? check_now(w, field) : 0);
	}
}

static void
check_state_entered(struct check_walk *w)
{
	if ((w->written & check_mask(CHECK_STATE)) == 0 || check_early(w, CHECK_STATE) == check_now(w, CHECK_STATE))
		return;
	const int kind = check_kind_of_state(w->view, check_now(w, CHECK_STATE), check_now(w, CHECK_TRACK));

	blame(w, EFFECT_STATE);
	check_left_behind(w);
	if (kind != 0 && (w->set >> kind & 1) == 0)
		check_found(w, BREAK_NO_DEADLINE, kind);
}

static void
check_silence(struct check_walk *w)
{
	w->row = w->hit_count > 0 ? w->hits[w->hit_count - 1] : NULL;
	if ((w->written & check_mask(CHECK_OWNER)) != 0 && check_early(w, CHECK_OWNER) != check_now(w, CHECK_OWNER))
		check_found(w, BREAK_SILENCE_OWNER, 0);
	if ((w->written & check_mask(CHECK_GOVERNANCE)) != 0 &&
	    check_early(w, CHECK_GOVERNANCE) > check_now(w, CHECK_GOVERNANCE) &&
	    check_now(w, CHECK_STATE) != CASE_STATE_CLOSED)
		check_found(w, BREAK_SILENCE_LOWERS, 0);
}

/* ---- a walk ---- */

/* A new case, in the hands of the message that opens it. */
static bool
begin_case(struct check_walk *w)
{
	static const unsigned tracks[] = {TRACK_VOLUNTARY, TRACK_COURT_MEASURE, TRACK_CLOSED_CARE};
	unsigned possible[3], count = 0;

	for (unsigned i = 0; i < 3; i++) {
		if ((w->event->tracks >> tracks[i] & 1) != 0)
			possible[count++] = tracks[i];
	}
	if (!w->event->opens || count == 0)
		return false;
	w->is_new = true;
	w->before = check_with(w->before, CHECK_TRACK, possible[check_choose(w, count)]);
	w->before = check_with(w->before, CHECK_HAS_TEAM, check_choose(w, 2));
	w->written |= check_mask(CHECK_TRACK) | check_mask(CHECK_HAS_TEAM);
	w->at = w->before;
	return true;
}

static bool
applies(struct check_walk *w)
{
	const unsigned state = check_early(w, CHECK_STATE);

	if (w->event->kind != 0)
		return check_may_run_early(w, w->event->kind);
	if (state == CASE_STATE_RECEIVED)
		return begin_case(w);
	/* Of a closed case: a submission about the same youth opens another one. */
	return state != CASE_STATE_CLOSED || !w->event->always_opens;
}

/* By the registry, not by a table. */
static void
end_support(struct check_walk *w)
{
	const enum check_field field = check_choose(w, 2) == 0 ? CHECK_TEAM_SUPPORTS : CHECK_CENTRE_SUPPORTS;

	w->accepted = check_early(w, CHECK_STATE) != CASE_STATE_RECEIVED && check_early(w, field) != 0;
	if (w->accepted)
		check_put(w, field, 0);
}

static void
walk(struct check_walk *w)
{
	if (w->event->ends_support) {
		end_support(w);
		make_normal(w);
		return;
	}
	if (!applies(w))
		return;
	if (w->event->kind == DEADLINE_KIND_AUTH_EXPIRY)
		check_put(w, CHECK_AUTHORISED, 0);
	w->accepted = w->event->kind != 0 || is_accepted(w);
	if (!w->accepted)
		return;
	w->owner_before = check_early(w, CHECK_OWNER);
	run_effects(w);
	if ((w->written & (check_mask(CHECK_STATE) | check_mask(CHECK_TRACK) | check_mask(CHECK_OWNER) |
			   check_mask(CHECK_PENDING))) != 0)
		check_settle(w);
	check_facts_of_closing(w);
	check_track(w);
	check_deadlines(w);
	check_state_entered(w);
	if (w->event->kind != 0)
		check_silence(w);
	make_normal(w);
}

void
check_walk_init(struct check_walk *w, const struct policy_view *view, const struct check_event *event,
		situation_bits before)
{
	*w = (struct check_walk){.view = view, .event = event, .from = before};
}

static void
again(struct check_walk *w)
{
	w->before = w->at = w->from;
	w->read = w->written = w->chosen_fields = 0;
	w->chosen = 0;
	memset(w->known, 0, sizeof w->known);
	w->target = w->named = w->named_is_owner = -1;
	w->is_new = w->accepted = false;
	w->set = w->ended = 0;
	w->break_count = w->hit_count = 0;
	w->row = NULL;
}

bool
check_walk_next(struct check_walk *w)
{
	if (w->stopped)
		return false;
	again(w);
	if (w->walks++ == CHECK_WALKS_MAX) {
		w->stopped = w->accepted = true;
		check_found(w, BREAK_GAVE_UP, 0);
		return true;
	}
	walk(w);
	/* The last choice that has more is the one to change. */
	w->planned = w->chosen;
	while (w->planned > 0 && w->choice[w->planned - 1] + 1 == w->radix[w->planned - 1])
		w->planned--;
	if (w->planned == 0)
		w->stopped = true;
	else
		w->choice[w->planned - 1]++;
	return true;
}
