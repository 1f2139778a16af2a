// SPDX-License-Identifier: EUPL-1.2
/* check_verbs.c - what the rows of `effects` do to a situation; the counterpart of routing_effects.c,
 * routing_parties.c and routing_deadlines.c. Where routing would step in to keep an invariant, the row is found out. */
#include "services/cli/check_step.h"

#define BIT(n) ((uint64_t)1 << (n))

/* ---- deadlines ---- */

static bool
has_term(const struct check_walk *w, int kind, unsigned track)
{
	const struct policy_deadline *rule = &w->view->deadlines[kind];

	return rule->kind == kind && rule->terms[track].unit != TERM_NONE;
}

/* I6: the centre is asked behind a team that considered the case, and supports only when it was asked. */
static void
ask_centre(struct check_walk *w)
{
	const int considered = w->event->considered_fact;

	if (considered < 0 || check_fact_value(w, (unsigned)considered) == 0)
		check_found(w, BREAK_CENTRE, 0);
	check_put(w, CHECK_EC_ASKED, 1);
}

static void
put_deadline(struct check_walk *w, int kind)
{
	w->set |= BIT(kind);
	w->ended &= ~BIT(kind);
	w->touched |= BIT(kind);
	if (kind == DEADLINE_KIND_EC_DECISION)
		ask_centre(w);
	else if (kind == DEADLINE_KIND_AUTH_EXPIRY)
		check_put(w, CHECK_AUTHORISED, 1);
	else if (kind == DEADLINE_KIND_COMPLETION && check_now(w, CHECK_COMPLETIONS) < 2)
		check_put(w, CHECK_COMPLETIONS, check_now(w, CHECK_COMPLETIONS) + 1);
}

static void
set_deadline(struct check_walk *w, int kind)
{
	if (has_term(w, kind, check_now(w, CHECK_TRACK)))
		put_deadline(w, kind);
}

static void
end_deadline(struct check_walk *w, int kind)
{
	w->set &= ~BIT(kind);
	w->ended |= BIT(kind);
	w->touched |= BIT(kind);
	if (kind == DEADLINE_KIND_EC_DECISION)
		check_put(w, CHECK_EC_ASKED, 0);
	else if (kind == DEADLINE_KIND_AUTH_EXPIRY)
		check_put(w, CHECK_AUTHORISED, 0);
}

/* What ends with the states it belongs to; a question that was missed stays asked. */
static void
leave_state(struct check_walk *w, unsigned from, unsigned to)
{
	for (int kind = 1; kind <= DEADLINE_KIND_EVALUATION; kind++) {
		const uint32_t states = w->view->deadlines[kind].ends_with;

		if ((w->touched >> kind & 1) != 0 || (states >> from & 1) == 0 || (states >> to & 1) != 0)
			continue;
		const bool asked = kind == DEADLINE_KIND_EC_DECISION && check_now(w, CHECK_EC_ASKED) != 0;

		if (!asked || check_choose(w, 2) == 0)
			end_deadline(w, kind);
	}
}

/* ---- parties ---- */

static bool
is_unique(enum party party)
{
	return party != PARTY_OTHER_TEAM && party != PARTY_FORMER_LOCAL_TEAM && party != PARTY_FORMER_MUNICIPALITY;
}

/* Is the organisation asked the one that owns, or is pending? Where several are called the same, both may be. */
static bool
is_same(struct check_walk *w, enum party asked, enum party other, bool named)
{
	if (asked != other || asked == PARTY_NONE)
		return false;
	if (is_unique(asked))
		return true;
	if (named && other == check_early(w, CHECK_OWNER) && w->named_is_owner >= 0)
		return w->named_is_owner != 0;
	return check_choose(w, 2) == 0;
}

static bool
is_same_side(struct check_walk *w, enum party a, enum party b)
{
	if ((a == PARTY_LOCAL_TEAM && b == PARTY_MUNICIPALITY) || (a == PARTY_MUNICIPALITY && b == PARTY_LOCAL_TEAM))
		return true;
	if ((a == PARTY_FORMER_LOCAL_TEAM && b == PARTY_FORMER_MUNICIPALITY) ||
	    (a == PARTY_FORMER_MUNICIPALITY && b == PARTY_FORMER_LOCAL_TEAM))
		return check_choose(w, 2) == 0;
	return false;
}

static enum party
owner_target(struct check_walk *w, int64_t target)
{
	switch (target) {
	case OWNER_LOCAL_TEAM: return PARTY_LOCAL_TEAM;
	case OWNER_MUNICIPALITY: return PARTY_MUNICIPALITY;
	case OWNER_TEAM: return check_now(w, CHECK_HAS_TEAM) != 0 ? PARTY_TEAM : PARTY_NONE;
	case OWNER_NATIONAL_TEAM: return PARTY_NATIONAL_TEAM;
	case OWNER_PENDING: return check_now(w, CHECK_PENDING);
	case OWNER_NAMED: return check_named(w);
	default: return PARTY_NONE;
	}
}

static bool
may_own(struct check_walk *w, enum party party)
{
	check_now(w, CHECK_STATE);
	check_now(w, CHECK_TRACK);
	if (!check_may_own(w->at, party)) {
		check_found(w, check_is_open(w->at) ? BREAK_OWNER : BREAK_NOT_AN_OWNER, 0);
		return false;
	}
	if (party >= PARTY_STORED) {
		check_found(w, BREAK_NOT_AN_OWNER, 0);
		return false;
	}
	return true;
}

static void
change_owner(struct check_walk *w, enum party owner)
{
	check_put(w, CHECK_OWNER, owner);
	if (owner == PARTY_TEAM)
		check_put(w, CHECK_TEAM_SUPPORTS, 0);
}

static void
drop_transfer(struct check_walk *w)
{
	end_deadline(w, DEADLINE_KIND_TRANSFER);
	end_deadline(w, DEADLINE_KIND_NATIONAL_PICKUP);
	check_put(w, CHECK_PENDING, PARTY_NONE);
}

static void
verb_owner(struct check_walk *w, int64_t target)
{
	const enum party owner = owner_target(w, target);

	if (owner == PARTY_NONE || !may_own(w, owner))
		return;
	if (target == OWNER_PENDING)
		check_put(w, CHECK_PENDING, PARTY_NONE);
	change_owner(w, owner);
}

static void
verb_ask(struct check_walk *w, int64_t target)
{
	const enum party asked = owner_target(w, target);
	const bool national = asked == PARTY_NATIONAL_TEAM, named = target == OWNER_NAMED;

	if (asked == PARTY_NONE)
		return;
	if (is_same(w, asked, check_now(w, CHECK_OWNER), named)) {
		drop_transfer(w);
		return;
	}
	if (!may_own(w, asked))
		return;
	if (is_same_side(w, asked, check_now(w, CHECK_OWNER))) {
		drop_transfer(w);
		change_owner(w, asked);
		return;
	}
	end_deadline(w, national ? DEADLINE_KIND_TRANSFER : DEADLINE_KIND_NATIONAL_PICKUP);
	check_put(w, CHECK_PENDING, asked);
	set_deadline(w, national ? DEADLINE_KIND_NATIONAL_PICKUP : DEADLINE_KIND_TRANSFER);
}

static void
support_team(struct check_walk *w)
{
	if (check_now(w, CHECK_HAS_TEAM) != 0 && check_now(w, CHECK_OWNER) != PARTY_TEAM)
		check_put(w, CHECK_TEAM_SUPPORTS, 1);
}

static void
verb_support(struct check_walk *w, int64_t who)
{
	check_now(w, CHECK_STATE);
	/* Nobody is given anew whose last valid day has passed. */
	if (!check_is_open(w->at) || check_choose(w, 2) != 0)
		return;
	if (who == SUPPORTER_TEAM || (who == SUPPORTER_FORMER_OWNER && w->owner_before == PARTY_TEAM)) {
		support_team(w);
	} else if (who == SUPPORTER_CENTRE) {
		if (check_early(w, CHECK_EC_ASKED) == 0)
			check_found(w, BREAK_CENTRE, 0);
		check_put(w, CHECK_CENTRE_SUPPORTS, 1);
	}
}

static void
verb_leave(struct check_walk *w, int64_t who)
{
	if (who == SUPPORTER_TEAM || who == SUPPORTER_ALL)
		check_put(w, CHECK_TEAM_SUPPORTS, 0);
	if (who == SUPPORTER_CENTRE || who == SUPPORTER_ALL)
		check_put(w, CHECK_CENTRE_SUPPORTS, 0);
}

/* ---- another place ---- */

/* An organisation of the funder's side, or of a former one, after the funder changed. */
static enum party
moved_side(struct check_walk *w, enum party party, enum party taken)
{
	switch (party) {
	case PARTY_LOCAL_TEAM: return PARTY_FORMER_LOCAL_TEAM;
	case PARTY_MUNICIPALITY: return PARTY_FORMER_MUNICIPALITY;
	case PARTY_FORMER_LOCAL_TEAM:
		return taken != PARTY_LOCAL_TEAM && check_choose(w, 2) != 0 ? PARTY_LOCAL_TEAM : party;
	case PARTY_FORMER_MUNICIPALITY:
		return taken != PARTY_MUNICIPALITY && check_choose(w, 2) != 0 ? PARTY_MUNICIPALITY : party;
	default: return party;
	}
}

/* A team after the case got another one (`same`: it did not); `is_it`: 1 it is that one, 0 it is not, -1 unknown. */
static enum party
moved_team(struct check_walk *w, enum party party, bool same, int is_it)
{
	if (party == PARTY_TEAM)
		return same ? PARTY_TEAM : PARTY_OTHER_TEAM;
	if (party != PARTY_OTHER_TEAM || same)
		return party;
	if (is_it < 0)
		is_it = (int)check_choose(w, 2);
	return is_it != 0 ? PARTY_TEAM : party;
}

static void
new_team(struct check_walk *w, bool has_team, bool same, int owner_is_it)
{
	const enum party owner = moved_team(w, check_now(w, CHECK_OWNER), same, has_team ? owner_is_it : 0);
	const int pending_is_it = !has_team || owner == PARTY_TEAM ? 0 : -1;
	const enum party pending = moved_team(w, check_now(w, CHECK_PENDING), same, pending_is_it);
	unsigned supports = 0;

	if (has_team && owner != PARTY_TEAM)
		supports = same ? check_now(w, CHECK_TEAM_SUPPORTS) : check_choose(w, 2);
	check_put(w, CHECK_OWNER, owner);
	check_put(w, CHECK_PENDING, pending);
	check_put(w, CHECK_HAS_TEAM, has_team);
	check_put(w, CHECK_TEAM_SUPPORTS, supports);
}

static void
verb_move(struct check_walk *w)
{
	if (!w->event->moves) {
		check_found(w, BREAK_FUNDER, 0);
		return;
	}
	const bool has_team = check_fact_value(w, CASE_FACT_NEW_HAS_TEAM) != 0;
	const int owner_is_it = (int)check_fact_value(w, CASE_FACT_OWNER_IS_NEW_TEAM);
	const enum party owner = check_now(w, CHECK_OWNER);
	bool same = has_team && check_now(w, CHECK_HAS_TEAM) != 0;

	if (same && (owner == PARTY_TEAM || (owner == PARTY_OTHER_TEAM && owner_is_it != 0)))
		same = owner == PARTY_TEAM && owner_is_it != 0;
	else
		same = same && check_choose(w, 2) != 0;
	if (owner == PARTY_TEAM && !same && owner_is_it != 0)
		return; /* cannot be: the team that owns is no team of the new region */
	new_team(w, has_team, same, owner_is_it);
	if (check_fact_value(w, CASE_FACT_MUNICIPALITY_CHANGES) != 0) {
		check_put(w, CHECK_OWNER, moved_side(w, check_now(w, CHECK_OWNER), PARTY_NONE));
		check_put(w, CHECK_PENDING, moved_side(w, check_now(w, CHECK_PENDING), check_now(w, CHECK_OWNER)));
	}
	/* The centre of the new region may be the same, or one that was brought in before. */
	check_put(w, CHECK_CENTRE_SUPPORTS, check_choose(w, 2));
}

static void
verb_team(struct check_walk *w)
{
	const enum party named = check_named(w);

	if (named == PARTY_OTHER_TEAM)
		new_team(w, true, false, w->named_is_owner);
}

/* ---- state and flags ---- */

static void
close_case(struct check_walk *w)
{
	for (int kind = 1; kind <= DEADLINE_KIND_EVALUATION; kind++)
		end_deadline(w, kind);
	w->touched = 0;
	check_put(w, CHECK_STATE, CASE_STATE_CLOSED);
	check_put(w, CHECK_GOVERNANCE, GOVERNANCE_NONE);
	check_put(w, CHECK_OWNER, PARTY_NONE);
	check_put(w, CHECK_PENDING, PARTY_NONE);
	check_put(w, CHECK_TEAM_SUPPORTS, 0);
	check_put(w, CHECK_CENTRE_SUPPORTS, 0);
	check_put(w, CHECK_SUPPORT_ASKED, 0);
}

static void
verb_state(struct check_walk *w, int64_t state)
{
	const unsigned now = check_now(w, CHECK_STATE);

	if (now == (unsigned)state || state <= CASE_STATE_RECEIVED)
		return;
	if (state == CASE_STATE_CLOSED) {
		close_case(w);
		return;
	}
	if (now == CASE_STATE_INCOMPLETE)
		check_put(w, CHECK_COMPLETIONS, 0);
	check_put(w, CHECK_STATE, (unsigned)state);
}

static void
verb_flag(struct check_walk *w, int64_t fact, int64_t value)
{
	const unsigned on = value != 0;

	switch (fact) {
	case CASE_FACT_CONSENT: check_put(w, CHECK_WITHDRAWN, value == CONSENT_STATE_WITHDRAWN); break;
	case CASE_FACT_WAS_ACCEPTED: check_put(w, CHECK_WAS_ACCEPTED, on); break;
	case CASE_FACT_REALISED: check_put(w, CHECK_REALISED, on); break;
	case CASE_FACT_EFFECTIVE: check_put(w, CHECK_EFFECTIVE, on); break;
	case CASE_FACT_EC_DECIDED: check_put(w, CHECK_EC_DECIDED, on); break;
	case CASE_FACT_PLACED: check_put(w, CHECK_PLACED, on); break;
	case CASE_FACT_MEASURE_ACTIVE: check_put(w, CHECK_MEASURE_ACTIVE, on); break;
	case CASE_FACT_SUPPORT_ASKED: check_put(w, CHECK_SUPPORT_ASKED, on); break;
	case CASE_FACT_MANDATE:
	case CASE_FACT_BRIDGING:
	case CASE_FACT_IN_TOP100:
	case CASE_FACT_PROTECTOR_ASSIGNED:
	case CASE_FACT_CONTACT_HELD: break;
	default: check_found(w, BREAK_UNSETTABLE, 0); break;
	}
}

static void
verb_governance(struct check_walk *w, int64_t governance)
{
	switch (governance) {
	case GOVERNANCE_OFFICIAL:
		if (check_now(w, CHECK_GOVERNANCE) != GOVERNANCE_NONE)
			return;
		set_deadline(w, DEADLINE_KIND_ESCALATION_OFFICIAL);
		break;
	case GOVERNANCE_EXECUTIVE:
		end_deadline(w, DEADLINE_KIND_ESCALATION_OFFICIAL);
		set_deadline(w, DEADLINE_KIND_ESCALATION_EXECUTIVE);
		break;
	default:
		end_deadline(w, DEADLINE_KIND_ESCALATION_OFFICIAL);
		end_deadline(w, DEADLINE_KIND_ESCALATION_EXECUTIVE);
		governance = GOVERNANCE_NONE;
		break;
	}
	check_put(w, CHECK_GOVERNANCE, (unsigned)governance);
}

static void
verb_actions(struct check_walk *w, int64_t of)
{
	if (of == ACTIONS_PLAN)
		put_deadline(w, DEADLINE_KIND_ACTION);
}

static void
one_argument(struct check_walk *w, int verb, int64_t value)
{
	switch (verb) {
	case EFFECT_STATE: verb_state(w, value); break;
	case EFFECT_TRACK: check_put(w, CHECK_TRACK, (unsigned)value); break;
	case EFFECT_OWNER: verb_owner(w, value); break;
	case EFFECT_ASK: verb_ask(w, value); break;
	case EFFECT_SUPPORT: verb_support(w, value); break;
	case EFFECT_LEAVE: verb_leave(w, value); break;
	case EFFECT_GOVERNANCE: verb_governance(w, value); break;
	case EFFECT_SET: set_deadline(w, (int)value); break;
	case EFFECT_CLEAR:
	case EFFECT_END: end_deadline(w, (int)value); break;
	case EFFECT_ACTIONS: verb_actions(w, value); break;
	case EFFECT_DROP:
		if (value == DROPPED_TRANSFER)
			drop_transfer(w);
		break;
	case EFFECT_FORGET:
		if (value == FORGOTTEN_HELP) {
			check_put(w, CHECK_REALISED, 0);
			check_put(w, CHECK_EFFECTIVE, 0);
		}
		break;
	default: break; /* offers, invitations, warnings, notes, an earlier day: nothing that a situation holds */
	}
}

static void
apply(struct check_walk *w, const struct rules_effect *effect)
{
	switch (effect->verb) {
	case EFFECT_FLAG: verb_flag(w, effect->arguments[0], effect->arguments[1]); break;
	case EFFECT_TEAM: verb_team(w); break;
	case EFFECT_MOVE: verb_move(w); break;
	case EFFECT_SET_MONTHS:
	case EFFECT_DUE: put_deadline(w, (int)effect->arguments[0]); break;
	default:
		for (unsigned i = 0; i < effect->count; i++)
			one_argument(w, effect->verb, effect->arguments[i]);
		break;
	}
}

void
check_row(struct check_walk *w, const struct rules_row *row)
{
	bool moves = false;

	w->row = row;
	w->touched = 0;
	for (unsigned i = 0; i < row->then_count; i++)
		moves |= row->then[i].verb == EFFECT_STATE;
	const unsigned from = moves ? check_now(w, CHECK_STATE) : 0;

	for (int first = 1; first >= 0; first--) {
		for (unsigned i = 0; i < row->then_count; i++) {
			const int verb = row->then[i].verb;

			if ((verb == EFFECT_STATE || verb == EFFECT_TRACK) == (first != 0))
				apply(w, &row->then[i]);
		}
	}
	if (moves && check_now(w, CHECK_STATE) != from)
		leave_state(w, from, check_now(w, CHECK_STATE));
}

void
check_settle(struct check_walk *w)
{
	const enum party owner = check_now(w, CHECK_OWNER), pending = check_now(w, CHECK_PENDING);

	w->row = NULL;
	check_now(w, CHECK_STATE);
	check_now(w, CHECK_TRACK);
	if (!check_is_open(w->at))
		return;
	if (check_get(w->at, CHECK_TRACK) != TRACK_VOLUNTARY && !check_may_own(w->at, owner)) {
		check_found(w, BREAK_OWNER, 0);
		change_owner(w, PARTY_MUNICIPALITY);
	} else if (owner == PARTY_NONE) {
		check_found(w, BREAK_OWNERLESS, 0);
		change_owner(w, w->owner_before == PARTY_NONE ? PARTY_LOCAL_TEAM : w->owner_before);
	}
	if (check_get(w->at, CHECK_STATE) == CASE_STATE_RECEIVED) {
		check_found(w, BREAK_STATELESS, 0);
		check_put(w, CHECK_STATE, CASE_STATE_SCREENING);
	}
	if (pending != PARTY_NONE && !check_may_own(w->at, pending)) {
		check_found(w, BREAK_OWNER, 0);
		drop_transfer(w);
	}
}
