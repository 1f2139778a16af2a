// SPDX-License-Identifier: EUPL-1.2
#include "services/routing/routing_effects.h"

#include "services/routing/routing_deadlines.h"
#include "services/routing/routing_parties.h"

void
change_begin(struct change *c, const struct situation *at, const struct rules_table *table, const int64_t *facts,
	     struct case_file *file)
{
	c->at = at;
	c->table = table;
	c->facts = facts;
	c->file = file;
	c->owner_before = file->owner;
	change_next(c, "");
}

void
change_next(struct change *c, const char *rule)
{
	c->rule = rule;
	c->from_state = c->file->state;
	c->moved = false;
	c->support_asked = false;
	c->touched = 0;
	c->warnings = 0;
	c->redirect_to = (struct code){""};
	c->note_count = 0;
	c->said_count = 0;
}

void
change_note(struct change *c, const char *note)
{
	for (unsigned i = 0; i < c->note_count; i++) {
		if (strcmp(c->notes[i], note) == 0)
			return;
	}
	if (c->note_count < CHANGE_NOTES_MAX)
		c->notes[c->note_count++] = note;
}

struct saying *
change_say(struct change *c, enum saying_kind what)
{
	ASSERT(c->said_count < CHANGE_SAID_MAX);
	struct saying *saying = &c->said[c->said_count++];

	*saying = (struct saying){.what = what};
	if (what != SAYING_OWNER) {
		saying->of.deadline.start = CAL_NONE;
		saying->of.deadline.replaces = CAL_NONE;
	}
	return saying;
}

/* ---- state, track, flags ---- */

static void
close_case(struct change *c)
{
	struct case_file *file = c->file;
	const struct code former = file->owner;

	deadline_leave_state(c, c->from_state, CASE_STATE_CLOSED);
	deadline_end_all(c);
	file->action_count = 0;
	file->state = CASE_STATE_CLOSED;
	file->governance = GOVERNANCE_NONE;
	file->supporters.count = 0;
	file->offered.count = 0;
	file->support_asked = false;
	file->funder_required = false;
	file->last_owner = former;
	file->owner = (struct code){""};
	file->pending = (struct code){""};
	party_say_owner(c, former);
}

static void
effect_state(struct change *c, int64_t state)
{
	struct case_file *file = c->file;

	if (file->state == state || state == CASE_STATE_UNSPECIFIED || state == CASE_STATE_RECEIVED)
		return;
	c->moved = true;
	if (state == CASE_STATE_CLOSED) {
		close_case(c);
		return;
	}
	if (file->state == CASE_STATE_INCOMPLETE)
		file->completions = 0;
	file->state = (uint8_t)state;
}

static void
effect_track(struct change *c, int64_t track)
{
	if (track == TRACK_UNSPECIFIED)
		return;
	c->moved |= c->file->track != track;
	c->file->track = (uint8_t)track;
}

static uint8_t
persons(const Doorbraak__V1__Person *of, size_t count)
{
	unsigned bits = 0;

	for (size_t i = 0; i < count; i++)
		bits |= of[i] < 8 ? 1u << of[i] : 0;
	return (uint8_t)bits;
}

static void
flag_consent(struct change *c, int64_t value)
{
	struct case_file *file = c->file;

	file->consent = (uint8_t)value;
	if (routing_is(c->at, &pb_ConsentRecorded_descriptor)) {
		const pb_ConsentRecorded *recorded = (const pb_ConsentRecorded *)c->at->body;

		file->consent_by |= persons(recorded->given_by, recorded->n_given_by);
	} else if (routing_is(c->at, &pb_ConsentWithdrawn_descriptor)) {
		const pb_ConsentWithdrawn *withdrawn = (const pb_ConsentWithdrawn *)c->at->body;
		const uint8_t by = persons(withdrawn->withdrawn_by, withdrawn->n_withdrawn_by);

		file->consent_by &= (uint8_t)(by == 0 ? 0 : ~by);
	}
}

static void
flag_support_asked(struct change *c, bool value)
{
	c->support_asked = value && !c->file->support_asked;
	c->file->support_asked = value;
}

static void
effect_flag(struct change *c, int64_t fact, int64_t value)
{
	struct case_file *file = c->file;
	const bool on = value != 0;

	c->moved = true;
	switch (fact) {
	case CASE_FACT_CONSENT: flag_consent(c, value); break;
	case CASE_FACT_MANDATE:
		file->mandate = (uint8_t)value;
		file->mandate_was_granted |= value == MANDATE_STATE_GRANTED;
		break;
	case CASE_FACT_WAS_ACCEPTED: file->was_accepted = on; break;
	case CASE_FACT_REALISED: file->realised_on = on ? c->at->effect_on : CAL_NONE; break;
	case CASE_FACT_EFFECTIVE: file->effective_on = on ? c->at->effect_on : CAL_NONE; break;
	case CASE_FACT_EC_DECIDED: file->ec_decided = on; break;
	case CASE_FACT_BRIDGING: file->bridging = on; break;
	case CASE_FACT_PLACED: file->placed = on; break;
	case CASE_FACT_IN_TOP100: file->in_top100 = on; break;
	case CASE_FACT_MEASURE_ACTIVE: file->measure_active = on; break;
	case CASE_FACT_PROTECTOR_ASSIGNED: file->protector_assigned = on; break;
	case CASE_FACT_CONTACT_HELD: file->contact_held = on; break;
	case CASE_FACT_SUPPORT_ASKED: flag_support_asked(c, on); break;
	default: change_note(c, NOTE_INVARIANT_KEPT); break;
	}
}

static void
effect_governance(struct change *c, int64_t governance)
{
	struct case_file *file = c->file;

	/* What is closed has nothing left to settle. */
	if (!case_is_open(file))
		return;
	switch (governance) {
	case GOVERNANCE_OFFICIAL:
		if (file->governance != GOVERNANCE_NONE)
			return;
		deadline_set(c, DEADLINE_KIND_ESCALATION_OFFICIAL, "");
		break;
	case GOVERNANCE_EXECUTIVE:
		/* What the officials missed is answered by whoever settles it (R52). */
		deadline_drop_open(c, DEADLINE_KIND_ESCALATION_OFFICIAL);
		deadline_set(c, DEADLINE_KIND_ESCALATION_EXECUTIVE, "");
		break;
	default:
		deadline_clear_kind(c, DEADLINE_KIND_ESCALATION_OFFICIAL, false);
		deadline_clear_kind(c, DEADLINE_KIND_ESCALATION_EXECUTIVE, false);
		governance = GOVERNANCE_NONE;
		break;
	}
	c->moved = true;
	file->governance = (uint8_t)governance;
}

/* ---- the rest ---- */

static void
effect_drop(struct change *c, int64_t what)
{
	switch (what) {
	case DROPPED_TRANSFER: party_drop_transfer(c); break;
	case DROPPED_REQUIRED:
		c->moved |= c->file->funder_required;
		c->file->funder_required = false;
		break;
	default:
		c->moved |= c->file->offered.count != 0;
		c->file->offered.count = 0;
		break;
	}
}

static void
effect_forget(struct change *c, int64_t what)
{
	c->moved = true;
	switch (what) {
	case FORGOTTEN_HELP:
		c->file->realised_on = CAL_NONE;
		c->file->effective_on = CAL_NONE;
		break;
	case FORGOTTEN_CONTACT:
		c->file->protector_assigned = false;
		c->file->contact_held = false;
		break;
	default:
		c->file->invited = 0;
		c->file->funder_invited = false;
		break;
	}
}

/* The plan as it now stands: the former one and its actions are gone. */
static void
actions_of_plan(struct change *c)
{
	struct case_file *file = c->file;

	if (!routing_is(c->at, &pb_PlanAgreed_descriptor))
		return;
	const pb_PlanAgreed *plan = (const pb_PlanAgreed *)c->at->body;

	deadline_clear_kind(c, DEADLINE_KIND_ACTION, false);
	file->action_count = 0;
	for (size_t i = 0; i < plan->n_actions && file->action_count < CASE_ACTIONS_MAX; i++) {
		const pb_PlanAction *action = plan->actions[i];
		const cal_day due = record_day(action->due);

		if (case_action_find(file, action->id) != NULL)
			continue;
		file->actions[file->action_count++] = (struct case_action){
		    .id = id_of(action->id), .organisation = code_of(action->organisation), .done_on = CAL_NONE};
		if (due == CAL_NONE)
			deadline_set(c, DEADLINE_KIND_ACTION, action->id);
		else
			deadline_put(c, DEADLINE_KIND_ACTION, action->id, c->at->effect_on, due);
	}
}

static void
action_done(struct change *c)
{
	if (!routing_is(c->at, &pb_PlanActionCompleted_descriptor))
		return;
	const char *id = ((const pb_PlanActionCompleted *)c->at->body)->action;
	struct case_action *action = case_action_find(c->file, id);

	if (action == NULL)
		return;
	action->done_on = c->at->effect_on;
	c->moved = true;
	deadline_clear(c, DEADLINE_KIND_ACTION, id, true);
}

static void
actions_missed(struct change *c)
{
	struct case_file *file = c->file;
	cal_day due = CAL_NONE;

	if (routing_is(c->at, &pb_EscalationDecided_descriptor))
		due = record_day(((const pb_EscalationDecided *)c->at->body)->action_due);
	for (unsigned i = 0; i < file->action_count; i++) {
		const struct id id = file->actions[i].id;

		if (file->actions[i].done_on != CAL_NONE ||
		    case_deadline_find(file->deadlines, file->deadline_count, DEADLINE_KIND_ACTION, id.s) >= 0)
			continue;
		if (due == CAL_NONE)
			deadline_set(c, DEADLINE_KIND_ACTION, id.s);
		else
			deadline_put(c, DEADLINE_KIND_ACTION, id.s, c->at->effect_on, due);
	}
}

static void
effect_actions(struct change *c, int64_t of)
{
	switch (of) {
	case ACTIONS_PLAN: actions_of_plan(c); break;
	case ACTIONS_DONE: action_done(c); break;
	default: actions_missed(c); break;
	}
}

static void
effect_due(struct change *c, int64_t kind, int64_t day)
{
	const cal_day due = day == DUE_GIVEN ? (cal_day)c->facts[CASE_FACT_DATE_GIVEN] : c->at->effect_on;

	deadline_put(c, (int)kind, "", c->at->effect_on, due);
	if (kind == DEADLINE_KIND_MEETING && day == DUE_GIVEN)
		c->file->meeting_on = due;
}

static void
effect_set_months(struct change *c, int64_t kind, int64_t months)
{
	static const struct calendar plain;
	const struct term term = {.unit = TERM_MONTHS, .n = (int)months};
	const struct calendar *calendar = c->at->view == NULL ? &plain : &c->at->view->calendar;

	if (months > 0 && months <= 600)
		deadline_put(c, (int)kind, "", c->at->effect_on, cal_due(calendar, c->at->effect_on, term));
}

static void
effect_invite(struct change *c)
{
	c->file->invited |= routing_invited(c->at, c->file->funder, &c->file->funder_invited);
	c->moved = true;
}

static void
one_argument(struct change *c, int verb, int64_t value)
{
	switch (verb) {
	case EFFECT_STATE: effect_state(c, value); break;
	case EFFECT_OWNER: party_owner(c, value); break;
	case EFFECT_ASK: party_ask(c, value); break;
	case EFFECT_SUPPORT: party_support(c, value); break;
	case EFFECT_LEAVE: party_leave(c, value); break;
	case EFFECT_OFFER: party_offer(c, value); break;
	case EFFECT_REDIRECT: party_redirect(c, value); break;
	case EFFECT_GOVERNANCE: effect_governance(c, value); break;
	case EFFECT_SET: deadline_set(c, (int)value, ""); break;
	case EFFECT_EARLIER: deadline_earlier(c, (int)value); break;
	case EFFECT_CLEAR: deadline_clear_kind(c, (int)value, true); break;
	case EFFECT_END: deadline_clear_kind(c, (int)value, false); break;
	case EFFECT_DROP: effect_drop(c, value); break;
	case EFFECT_FORGET: effect_forget(c, value); break;
	case EFFECT_ACTIONS: effect_actions(c, value); break;
	case EFFECT_WARN: c->warnings |= (uint32_t)1 << value; break;
	case EFFECT_TRACK: effect_track(c, value); break;
	default: break;
	}
}

static void
apply_effect(struct change *c, const struct rules_effect *effect)
{
	if (c->said_count + CHANGE_SAID_ROOM > CHANGE_SAID_MAX) {
		change_note(c, NOTE_INVARIANT_KEPT);
		return;
	}
	switch (effect->verb) {
	case EFFECT_FLAG: effect_flag(c, effect->arguments[0], effect->arguments[1]); break;
	case EFFECT_REQUIRE:
	case EFFECT_UNREQUIRE:
		c->moved |= c->file->funder_required != (effect->verb == EFFECT_REQUIRE);
		c->file->funder_required = effect->verb == EFFECT_REQUIRE;
		break;
	case EFFECT_TEAM: party_team(c); break;
	case EFFECT_MOVE: party_move(c); break;
	case EFFECT_SET_MONTHS: effect_set_months(c, effect->arguments[0], effect->arguments[1]); break;
	case EFFECT_DUE: effect_due(c, effect->arguments[0], effect->arguments[1]); break;
	case EFFECT_INVITE: effect_invite(c); break;
	case EFFECT_NOTE:
		for (unsigned i = 0; i < effect->count; i++)
			change_note(c, effect->texts[i]);
		break;
	case EFFECT_STOP: break;
	default:
		for (unsigned i = 0; i < effect->count; i++)
			one_argument(c, effect->verb, effect->arguments[i]);
		break;
	}
}

static bool
comes_first(const struct rules_effect *effect)
{
	return effect->verb == EFFECT_STATE || effect->verb == EFFECT_TRACK;
}

void
change_row(struct change *c, const struct rules_row *row)
{
	change_next(c, row->rule);
	/* Where the case stands decides what the other effects may do, whatever the order they are written in. */
	for (unsigned i = 0; i < row->then_count; i++) {
		if (comes_first(&row->then[i]))
			apply_effect(c, &row->then[i]);
	}
	for (unsigned i = 0; i < row->then_count; i++) {
		if (!comes_first(&row->then[i]))
			apply_effect(c, &row->then[i]);
	}
	if (c->file->state != c->from_state)
		deadline_leave_state(c, c->from_state, c->file->state);
	c->file->level = (uint8_t)case_level(c->file);
}

bool
change_settle_owner(struct change *c)
{
	struct case_file *file = c->file;

	change_next(c, "I1");
	if (!case_is_open(file))
		return false;
	if (file->track != TRACK_VOLUNTARY && !party_may_own(file, file->owner)) {
		c->rule = "I4";
		party_change_owner(c, file->funder);
	} else if (code_is_empty(file->owner)) {
		party_change_owner(c, code_is_empty(c->owner_before) ? organisation_local_team(file->funder)
								     : c->owner_before);
	}
	/* A new case for which no table found a state. */
	if (file->state == CASE_STATE_RECEIVED) {
		file->state = CASE_STATE_SCREENING;
		c->moved = true;
	}
	if (file->track != TRACK_VOLUNTARY && !code_is_empty(file->pending) && !party_may_own(file, file->pending))
		party_drop_transfer(c);
	file->level = (uint8_t)case_level(file);
	if (c->moved)
		change_note(c, NOTE_INVARIANT_KEPT);
	return c->moved;
}

bool
change_settle_deadline(struct change *c)
{
	struct case_file *file = c->file;
	static const struct calendar plain;
	const struct term fallback = {.unit = TERM_DAYS, .n = REVIEW_FALLBACK_DAYS};

	change_next(c, "I2");
	if (!case_is_open(file) || file->deadline_count > 0)
		return false;
	deadline_set(c, DEADLINE_KIND_REVIEW, "");
	if (file->deadline_count == 0)
		deadline_put(
		    c, DEADLINE_KIND_REVIEW, "", c->at->effect_on,
		    cal_due(c->at->view == NULL ? &plain : &c->at->view->calendar, c->at->effect_on, fallback));
	return true;
}
