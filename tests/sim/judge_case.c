// SPDX-License-Identifier: EUPL-1.2
/* judge_case.c - the judge's own picture of each case: by the answers of routing, and as monitoring tells it. */
#include <stdlib.h>

#include "tests/sim/judge_internal.h"

/* ---- pictures ---- */

cal_day
judge_missed_on(const struct judge_deadline *d)
{
	return (d->due > d->set_on ? d->due : d->set_on) + 1;
}

static int
compare_deadlines(const struct judge_deadline *a, const struct judge_deadline *b)
{
	if (a->due != b->due)
		return a->due < b->due ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->reference.s, b->reference.s);
}

static int
find_deadline(const struct judge_picture *p, int kind, const char *reference)
{
	for (unsigned i = 0; i < p->deadline_count; i++)
		if (p->deadlines[i].kind == kind && strcmp(p->deadlines[i].reference.s, reference) == 0)
			return (int)i;
	return -1;
}

const struct judge_deadline *
judge_deadline_of(const struct judge_picture *p, int kind, const char *reference)
{
	const int i = find_deadline(p, kind, reference);

	return i < 0 ? NULL : &p->deadlines[i];
}

static void
remove_deadline(struct judge_picture *p, int i)
{
	p->deadline_count--;
	memmove(&p->deadlines[i], &p->deadlines[i + 1], (p->deadline_count - (unsigned)i) * sizeof p->deadlines[0]);
}

static bool
add_deadline(struct judge_picture *p, const struct judge_deadline *d)
{
	unsigned at = 0;

	if (p->deadline_count == JUDGE_DEADLINES_MAX)
		return false;
	while (at < p->deadline_count && compare_deadlines(&p->deadlines[at], d) < 0)
		at++;
	memmove(&p->deadlines[at + 1], &p->deadlines[at], (p->deadline_count - at) * sizeof p->deadlines[0]);
	p->deadlines[at] = *d;
	p->deadline_count++;
	return true;
}

static void
take_set(struct judge_set *set, char *const *codes, size_t count)
{
	set->count = 0;
	for (size_t i = 0; i < count && i < JUDGE_SET_MAX; i++)
		set->of[set->count++] = code_of(codes[i]);
}

static bool
same_set(const struct judge_set *a, const struct judge_set *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (!code_equal(a->of[i], b->of[i]))
			return false;
	return true;
}

/* ---- routing ---- */

static bool
is_place_changed(const struct judge_picture *p, const pb_RouteDecided *r)
{
	return strcmp(p->region.s, r->region) != 0 || strcmp(p->team.s, r->team) != 0 ||
	       strcmp(p->centre.s, r->expertise_centre) != 0;
}

/* Who pays and who serves changes by a move; the team also when screening sends the case to another one. */
static bool
place_may_be(struct judge *j, const struct judge_case *c, const pb_RouteDecided *r)
{
	const bool fresh = c->is.funder.s[0] == '\0';
	const bool moves = SUBMISSION_IS(j->submission, RESIDENCE_CHANGED);

	if (!fresh && strcmp(c->is.funder.s, r->funder) != 0 && (j->tick || (j->shipped && !moves)))
		return judge_fails(j, "I3", c->id.s, "the gemeente that pays changed from %s to %s without a move",
				   c->is.funder.s, r->funder);
	if (fresh || !is_place_changed(&c->is, r) || moves ||
	    (!j->tick && SUBMISSION_IS(j->submission, SCREENING_DECIDED)) || (!j->shipped && !j->tick))
		return true;
	return judge_fails(j, "I15", c->id.s, "region, team or centre changed (%s, %s, %s to %s, %s, %s)",
			   c->is.region.s, c->is.team.s, c->is.centre.s, r->region, r->team, r->expertise_centre);
}

static void
take_route(struct judge_picture *p, const pb_RouteDecided *r)
{
	p->state = (uint8_t)r->to_state;
	p->track = (uint8_t)r->track;
	p->level = (uint8_t)r->level;
	p->governance = (uint8_t)r->governance;
	p->funder = code_of(r->funder);
	p->region = code_of(r->region);
	p->team = code_of(r->team);
	p->centre = code_of(r->expertise_centre);
	take_set(&p->supporters, r->supporters, r->n_supporters);
	take_set(&p->offered, r->offered, r->n_offered);
	take_set(&p->required, r->required_participants, r->n_required_participants);
	if (r->flags == NULL)
		return;
	p->consent = (uint8_t)r->flags->consent;
	p->mandate = (uint8_t)r->flags->mandate;
	p->measure_active = r->flags->measure_active;
	p->placed = r->flags->placed;
	p->support_asked = r->flags->support_asked;
}

static bool
is_support_end(const pb_Answer *a)
{
	return a->basis != NULL && strcmp(a->basis->rule, "R13") == 0 && a->basis->row[0] == '\0';
}

static bool
on_route(struct judge *j, struct judge_case *c, const pb_Answer *a)
{
	const pb_RouteDecided *r = a->route_decided;
	const bool left = c->is.supporters.count > r->n_supporters;

	if (c->is.state != (int)r->from_state)
		return judge_fails(j, "I11", c->id.s, "it stands in %s, and is said to come from %s",
				   record_code_of("CaseState", c->is.state),
				   record_code_of("CaseState", (int)r->from_state));
	if (j->tick && is_support_end(a) && j->phase != PHASE_SUPPORTERS)
		return judge_fails(j, "I9", c->id.s, "a supporter ends behind the missed deadlines of the day");
	if (j->tick && !is_support_end(a) && j->phase != PHASE_MISSES)
		return judge_fails(j, "I9", c->id.s, "at a tick something changed without a miss");
	if (!place_may_be(j, c, r))
		return false;
	take_route(&c->is, r);
	if (j->tick && is_support_end(a) && left)
		c->ended_on = j->today;
	j->routed = true;
	return true;
}

static bool
is_team_like(const char *organisation)
{
	return strncmp(organisation, "ET-", 3) == 0 || strncmp(organisation, "LP-", 3) == 0 ||
	       strcmp(organisation, "NAT-VWS") == 0;
}

static bool
on_owner(struct judge *j, struct judge_case *c, const pb_OwnerAssigned *o)
{
	const bool changes = strcmp(c->is.owner.s, o->owner) != 0;

	/* Tables of chance may close and open again under one record: what counts then is its end. */
	if (j->shipped && o->owner[0] == '\0' && c->is.state != CASE_STATE_CLOSED)
		return judge_fails(j, "I1", c->id.s, "it is open and loses its owner %s", c->is.owner.s);
	if (o->former[0] != '\0' && strcmp(o->former, c->is.owner.s) != 0)
		return judge_fails(j, "I1", c->id.s, "its owner was %s, not %s", c->is.owner.s, o->former);
	if (changes && o->former[0] == '\0' && c->is.owner.s[0] != '\0')
		return judge_fails(j, "I1", c->id.s, "owner %s became %s unsaid", c->is.owner.s, o->owner);
	if (j->shipped && changes && is_team_like(o->owner) &&
	    !(SUBMISSION_IS(j->submission, OWNER_TRANSFER_ACCEPTED) &&
	      strcmp(j->submission->actor->organisation, o->owner) == 0))
		return judge_fails(j, "I1", c->id.s, "%s became owner without having accepted", o->owner);
	c->is.owner = code_of(o->owner);
	c->is.pending = code_of(o->pending);
	return true;
}

static bool
on_set(struct judge *j, struct judge_case *c, const pb_DeadlineSet *set)
{
	struct judge_deadline d = {
	    .kind = (uint8_t)set->kind,
	    .hard = set->hard,
	    .due = record_day(set->due),
	    .set_on = j->today,
	    .reference = id_of(set->reference),
	};
	const int i = find_deadline(&c->is, d.kind, d.reference.s);

	if (d.due == CAL_NONE || d.kind == 0)
		return judge_fails(j, "I2", c->id.s, "a deadline without kind or day");
	if (record_day(set->replaces) != (i < 0 ? CAL_NONE : c->is.deadlines[i].due))
		return judge_fails(j, "I2", c->id.s, "%s of %s replaces another than the one that runs",
				   record_code_of("DeadlineKind", d.kind), set->due);
	if (i >= 0)
		remove_deadline(&c->is, i);
	if (!add_deadline(&c->is, &d))
		return judge_fails(j, "I2", c->id.s, "more deadlines than a case can have");
	return true;
}

/* The order of the misses of one day. */
static int
compare_miss(const struct judge *j, const struct judge_owed *a, const struct judge_owed *b)
{
	const int by_case = strcmp(j->cases[a->of]->id.s, j->cases[b->of]->id.s);

	if (by_case != 0)
		return by_case;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->reference.s, b->reference.s);
}

static unsigned
place_of(const struct judge *j, const struct judge_case *c)
{
	unsigned i = 0;

	while (j->cases[i] != c)
		i++;
	return i;
}

static bool
on_missed(struct judge *j, struct judge_case *c, const pb_Answer *a)
{
	const pb_DeadlineMissed *m = a->deadline_missed;
	const int i = find_deadline(&c->is, (int)m->kind, m->reference);
	const char *kind = record_code_of("DeadlineKind", (int)m->kind);

	if (!j->tick || j->phase > PHASE_MISSES)
		return judge_fails(j, "I9", c->id.s, "%s is missed %s", kind,
				   j->tick ? "behind the warnings of the day" : "without a day that passed");
	j->phase = PHASE_MISSES;
	if (i < 0 || c->is.deadlines[i].due != record_day(m->due) || c->is.deadlines[i].hard != (m->hard != 0))
		return judge_fails(j, "I9", c->id.s, "%s of %s is missed and was not open", kind, m->due);
	if (judge_missed_on(&c->is.deadlines[i]) != j->today || record_day(a->effect_date) != j->today)
		return judge_fails(j, "I9", c->id.s, "%s of %s is missed on another day than its effect day", kind,
				   m->due);
	const struct judge_owed miss = {true, place_of(j, c), (int)m->kind, id_of(m->reference), record_day(m->due)};
	if (j->last_miss.is && compare_miss(j, &j->last_miss, &miss) >= 0)
		return judge_fails(j, "I9", c->id.s, "%s of %s is missed out of order", kind, m->due);
	j->last_miss = j->owed = miss;
	j->owed.is = j->shipped;
	j->counts.missed++;
	j->counts.misses[m->kind]++;
	remove_deadline(&c->is, i);
	return true;
}

static bool
on_cleared(struct judge *j, struct judge_case *c, const pb_DeadlineCleared *cleared)
{
	const int i = find_deadline(&c->is, (int)cleared->kind, cleared->reference);

	(void)j;
	/* Another due day: a missed one that is made good late. */
	if (i >= 0 && c->is.deadlines[i].due == record_day(cleared->due))
		remove_deadline(&c->is, i);
	return true;
}

static bool
on_warning(struct judge *j, struct judge_case *c, const pb_DeadlineWarning *w)
{
	const int i = find_deadline(&c->is, (int)w->kind, w->reference);

	if (!j->tick)
		return judge_fails(j, "I9", c->id.s, "a warning without a day that passed");
	j->phase = PHASE_WARNINGS;
	if (i < 0 || c->is.deadlines[i].due != record_day(w->due))
		return judge_fails(j, "I9", c->id.s, "a warning for a deadline that does not run");
	return true;
}

/* The case that an answer is about; opened or joined here. NULL with a complaint. */
static struct judge_case *
case_of(struct judge *j, const pb_Answer *a)
{
	struct judge_case *c = judge_find(j, a->case_id);

	if (!ANSWER_IS(a, CASE_OPENED)) {
		if (c == NULL)
			judge_fails(j, "I11", a->case_id, "an answer about a case that never opened");
		return c;
	}
	if (c != NULL || !j->opens) {
		judge_fails(j, "I11", a->case_id, "it opens twice, or by a message that opens nothing");
		return NULL;
	}
	if (a->case_opened->kind == (int)ROUTE_KIND_LINKED) {
		c = judge_find(j, a->case_opened->linked_to);
		if (c == NULL)
			judge_fails(j, "I11", a->case_id, "it joins %s, which never opened", a->case_opened->linked_to);
		j->aliases = judge_room(j->aliases, j->alias_count, &j->alias_room, sizeof *j->aliases);
		if (c != NULL)
			j->aliases[j->alias_count++] = (struct judge_alias){id_of(a->case_id), place_of(j, c)};
		return c;
	}
	c = calloc(1, sizeof *c);
	if (c == NULL)
		fatal("out of memory");
	c->id = id_of(a->case_id);
	c->is.state = CASE_STATE_RECEIVED;
	c->last_on = c->ended_on = CAL_NONE;
	j->cases = judge_room(j->cases, j->case_count, &j->case_room, sizeof *j->cases);
	j->cases[j->case_count++] = c;
	return c;
}

void
judge_rejected(struct judge *j, const pb_MessageRejected *r)
{
	j->rejected = true;
	j->reason = (int)r->reason;
	j->counts.rejected++;
	j->counts.reasons[j->reason]++;
}

bool
judge_routing(struct judge *j, const pb_Answer *a)
{
	if (!judge_owed_nothing(j))
		return false;
	if (!j->tick && j->submission == NULL)
		return judge_fails(j, "I11", a->case_id, "routing decides without message and without tick");
	if (SUBMISSION_IS(j->submission, REGISTRY_ADOPTED) || SUBMISSION_IS(j->submission, POLICY_ADOPTED))
		return judge_fails(j, "I15", a->case_id, "an adoption touches a case");
	if (j->rejected)
		return judge_fails(j, "I7", a->case_id, "a rejected message changes something");
	if (ANSWER_IS(a, MESSAGE_REJECTED)) {
		judge_rejected(j, a->message_rejected);
		if (j->routed)
			return judge_fails(j, "I7", a->case_id, "a message is rejected and changed something");
		if ((a->message_rejected->kept != 0) != (j->reason == REASON_OUT_OF_ORDER))
			return judge_fails(j, "I7", a->case_id, "kept without being out of order, or the reverse");
		return true;
	}
	struct judge_case *c = case_of(j, a);
	if (c == NULL)
		return false;
	if (!j->tick && judge_find(j, j->submission->case_id) != c)
		return judge_fails(j, "I11", a->case_id, "a message about %s touches it", j->submission->case_id);
	c->routed = c->touched = j->cause;
	j->counts.answers++;
	switch (a->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED: return on_route(j, c, a);
	case DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED: return on_owner(j, c, a->owner_assigned);
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET: return on_set(j, c, a->deadline_set);
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED:
		if (j->rang == j->cause && j->tick && j->shipped)
			return judge_fails(j, "3.1", a->case_id,
					   "a deadline is missed behind the thresholds of that day");
		return on_missed(j, c, a);
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_CLEARED: return on_cleared(j, c, a->deadline_cleared);
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_WARNING: return on_warning(j, c, a->deadline_warning);
	default: return true;
	}
}

/* ---- monitoring ---- */

static void
take_view(struct judge_picture *p, const pb_CaseView *v)
{
	*p = (struct judge_picture){
	    .state = (uint8_t)v->state,
	    .track = (uint8_t)v->track,
	    .level = (uint8_t)v->level,
	    .governance = (uint8_t)v->governance,
	    .consent = (uint8_t)v->consent,
	    .mandate = (uint8_t)v->mandate,
	    .measure_active = v->measure_active,
	    .placed = v->placed,
	    .support_asked = v->support_asked,
	    .owner = code_of(v->owner),
	    .pending = code_of(v->pending_owner),
	    .funder = code_of(v->funder),
	    .region = code_of(v->region),
	    .team = code_of(v->team),
	    .centre = code_of(v->expertise_centre),
	    .signal_count = (unsigned)v->n_signals,
	};
	take_set(&p->supporters, v->supporters, v->n_supporters);
	take_set(&p->offered, v->offered, v->n_offered);
	take_set(&p->required, v->required_participants, v->n_required_participants);
	for (size_t i = 0; i < v->n_signals; i++)
		p->signal_sum += judge_signal_weight((int)v->signals[i]->code, v->signals[i]->stage,
						     v->signals[i]->evidence, (int)v->signals[i]->follow_up);
	/* As told, in the order told: the order is part of what is compared. */
	for (size_t i = 0; i < v->n_deadlines && i < JUDGE_DEADLINES_MAX; i++)
		p->deadlines[p->deadline_count++] = (struct judge_deadline){
		    .kind = (uint8_t)v->deadlines[i]->kind,
		    .hard = v->deadlines[i]->hard,
		    .due = record_day(v->deadlines[i]->due),
		    .reference = id_of(v->deadlines[i]->reference),
		};
}

static void
leave(struct code *left, const char *place)
{
	if (code_is_empty(*left))
		*left = code_of(place);
}

bool
judge_left(struct judge *j, const pb_Answer *a)
{
	const pb_CaseLeft *l = a->case_left;
	struct judge_case *c = judge_find(j, a->case_id);

	if (c == NULL || (l->region[0] == '\0' && l->team[0] == '\0' && l->owner[0] == '\0' && l->centre[0] == '\0'))
		return judge_fails(j, "I11", a->case_id, "a case leaves that is not, or leaves nothing");
	leave(&c->left.region, l->region);
	leave(&c->left.team, l->team);
	leave(&c->left.owner, l->owner);
	leave(&c->left.centre, l->centre);
	return true;
}

/* Who was told the case and is no more, heard that it left. */
static bool
is_unsaid(struct code told, const char *now, struct code left)
{
	return !code_is_empty(told) && strcmp(told.s, now) != 0 && !code_equal(told, left);
}

bool
judge_told(struct judge *j, const pb_Answer *a)
{
	const pb_CaseView *v = a->case_state;
	struct judge_case *c = judge_find(j, v->case_id);
	const bool open = v->state != (int)CASE_STATE_CLOSED;

	if (c == NULL || strcmp(a->case_id, v->case_id) != 0 || v->as_of != j->cause)
		return judge_fails(j, "I11", a->case_id, "a case is told that is not, or as of another record");
	if (open == (v->owner[0] == '\0'))
		return judge_fails(j, "I1", a->case_id, "it is told %s",
				   open ? "open without owner" : "closed with one");
	if (open && (v->next == NULL || v->n_deadlines == 0))
		return judge_fails(j, "I2", a->case_id, "it is told without a next deadline");
	if (v->erased) {
		/* It may be told before the rules have looked at the message: it is the cause at hand then. */
		const bool asked = c->erasure || (j->submission != NULL && SUBMISSION_IS(j->submission, CASE_ERASED));

		if (open || !asked || v->n_deadlines > 0 || v->n_signals > 0)
			return judge_fails(j, "erasure", a->case_id,
					   "it is told erased, and is open, unasked or shown");
		c->erased = true;
		return true;
	}
	c->erased = false;
	if (is_unsaid(c->told.region, v->region, c->left.region) || is_unsaid(c->told.team, v->team, c->left.team) ||
	    is_unsaid(c->told.owner, v->owner, c->left.owner) ||
	    is_unsaid(c->told.centre, v->expertise_centre, c->left.centre))
		return judge_fails(j, "I11", a->case_id,
				   "it is told elsewhere, and who had it was not told that it left");
	memset(&c->left, 0, sizeof c->left);
	c->touched = j->cause;
	take_view(&c->told, v);
	c->consent_by = 0;
	for (size_t i = 0; i < v->n_consent_by; i++)
		c->consent_by |= (uint8_t)(1u << v->consent_by[i]);
	if (v->next != NULL) {
		const struct judge_deadline next = {.kind = (uint8_t)v->next->kind,
						    .due = record_day(v->next->due),
						    .reference = id_of(v->next->reference)};
		for (unsigned i = 0; i < c->told.deadline_count; i++)
			if (compare_deadlines(&c->told.deadlines[i], &next) < 0)
				return judge_fails(j, "I2", a->case_id, "the next deadline told is not the earliest");
	}
	j->counts.told++;
	return true;
}

static const char *
different_part(const struct judge_picture *a, const struct judge_picture *b, bool with_signals)
{
	if (a->state != b->state || a->track != b->track)
		return "state or track";
	if (a->level != b->level || a->governance != b->governance)
		return "level or governance";
	if (!code_equal(a->owner, b->owner) || !code_equal(a->pending, b->pending))
		return "owner";
	if (!code_equal(a->funder, b->funder) || !code_equal(a->region, b->region) || !code_equal(a->team, b->team) ||
	    !code_equal(a->centre, b->centre))
		return "place";
	if (!same_set(&a->supporters, &b->supporters) || !same_set(&a->offered, &b->offered) ||
	    !same_set(&a->required, &b->required))
		return "supporters";
	if (a->consent != b->consent || a->mandate != b->mandate || a->measure_active != b->measure_active ||
	    a->placed != b->placed || a->support_asked != b->support_asked)
		return "flags";
	if (with_signals && (a->signal_count != b->signal_count || a->signal_sum != b->signal_sum))
		return "signals";
	if (a->deadline_count != b->deadline_count)
		return "deadlines";
	for (unsigned i = 0; i < a->deadline_count; i++)
		if (compare_deadlines(&a->deadlines[i], &b->deadlines[i]) != 0 ||
		    a->deadlines[i].hard != b->deadlines[i].hard)
			return "deadlines";
	return NULL;
}

bool
judge_same_picture(struct judge *j, const struct judge_case *c)
{
	/* Tables of chance raise S01 and S02 in stages, which monitoring cannot tell apart by due day. */
	const char *part = different_part(&c->is, &c->told, j->shipped);

	return part == NULL || c->erased ||
	       judge_fails(j, "picture", c->id.s, "monitoring tells other %s than was decided", part);
}
