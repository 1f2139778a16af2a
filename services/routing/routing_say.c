// SPDX-License-Identifier: EUPL-1.2
#include "services/routing/routing_internal.h"

#define FACTS_EXTRA 8 /* room for facts beside the conditions of a row */

static pb_Answer
answer_of(const struct voice *v, pb_Basis *basis)
{
	pb_Answer answer;

	pb_Answer_init(&answer);
	answer.case_id = record_text(v->turn->arena, v->case_id);
	answer.effect_date = record_date(v->turn->arena, v->effect_on);
	answer.basis = basis;
	return answer;
}

/* ---- basis ---- */

void
say_fact(const struct voice *v, pb_Basis *basis, const char *name, const char *value)
{
	pb_Fact *fact = ARENA_NEW(v->turn->arena, pb_Fact);

	if (value[0] == '\0')
		return;
	pb_Fact_init(fact);
	fact->name = record_text(v->turn->arena, name);
	fact->value = record_text(v->turn->arena, value);
	basis->facts[basis->n_facts++] = fact;
}

static void
facts_of_row(const struct voice *v, pb_Basis *basis, const struct rules_row *row)
{
	const struct decision *d = v->decision;

	for (unsigned i = 0; i < row->when_count; i++) {
		const unsigned fact = row->when[i].fact;

		say_fact(v, basis, rules_fact_def(d->table, fact).name,
			 rules_fact_text(v->turn->arena, d->table, fact, d->facts[fact]));
	}
}

static void
near_of_row(const struct voice *v, pb_Basis *basis, const struct rules_row *row)
{
	const struct decision *d = v->decision;
	const struct rules_near *near[RULES_NEAR_MAX];
	const unsigned count = routing_near(d, row, near);

	if (count == 0)
		return;
	basis->near = ARENA_ARRAY(v->turn->arena, pb_NearMiss *, count);
	for (unsigned i = 0; i < count; i++) {
		pb_NearMiss *miss = ARENA_NEW(v->turn->arena, pb_NearMiss);

		pb_NearMiss_init(miss);
		miss->row = record_text(v->turn->arena, near[i]->row->id);
		miss->fact = record_text(v->turn->arena, rules_fact_def(d->table, near[i]->fact).name);
		miss->value = record_text(
		    v->turn->arena, rules_fact_text(v->turn->arena, d->table, near[i]->fact, d->facts[near[i]->fact]));
		basis->near[basis->n_near++] = miss;
	}
}

pb_Basis *
say_basis(const struct voice *v, const char *rule, const struct rules_row *row)
{
	struct arena *a = v->turn->arena;
	pb_Basis *basis = ARENA_NEW(a, pb_Basis);
	const unsigned conditions = row == NULL ? 0 : row->when_count;

	pb_Basis_init(basis);
	if (v->view != NULL) {
		basis->policy_version = record_text(a, v->view->version);
		basis->policy_hash.len = DIGEST_SIZE;
		basis->policy_hash.data = ARENA_ARRAY(a, uint8_t, DIGEST_SIZE);
		memcpy(basis->policy_hash.data, v->view->hash.b, DIGEST_SIZE);
	}
	basis->registry_version = record_text(a, v->registry_version.s);
	basis->rule = record_text(a, row == NULL ? rule : row->rule);
	basis->facts = ARENA_ARRAY(a, pb_Fact *, conditions + FACTS_EXTRA);
	if (row == NULL)
		return basis;
	basis->row = record_text(a, row->id);
	facts_of_row(v, basis, row);
	near_of_row(v, basis, row);
	return basis;
}

/* ---- answers of their own ---- */

void
say_rejected(const struct voice *v, pb_Basis *basis, int reason)
{
	pb_Answer answer = answer_of(v, basis);
	pb_MessageRejected rejected;

	pb_MessageRejected_init(&rejected);
	rejected.reason = (Doorbraak__V1__Reason)reason;
	rejected.kept = reason == REASON_OUT_OF_ORDER;
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED;
	answer.message_rejected = &rejected;
	turn_count_refusal(v->turn, reason);
	turn_answer(v->turn, &answer);
}

void
say_opened(const struct voice *v, pb_Basis *basis, int kind, const char *linked_to)
{
	pb_Answer answer = answer_of(v, basis);
	pb_CaseOpened opened;

	pb_CaseOpened_init(&opened);
	opened.kind = (Doorbraak__V1__RouteKind)kind;
	opened.linked_to = record_text(v->turn->arena, linked_to);
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED;
	answer.case_opened = &opened;
	turn_answer(v->turn, &answer);
}

void
say_missed(const struct voice *v, pb_Basis *basis, const struct case_deadline *d)
{
	pb_Answer answer = answer_of(v, basis);
	pb_DeadlineMissed missed;

	pb_DeadlineMissed_init(&missed);
	missed.kind = (Doorbraak__V1__DeadlineKind)d->kind;
	missed.reference = record_text(v->turn->arena, d->reference.s);
	missed.due = record_date(v->turn->arena, d->due);
	missed.hard = d->hard;
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED;
	answer.deadline_missed = &missed;
	turn_answer(v->turn, &answer);
}

void
say_warning(const struct voice *v, pb_Basis *basis, const struct case_deadline *d)
{
	pb_Answer answer = answer_of(v, basis);
	pb_DeadlineWarning warning;

	pb_DeadlineWarning_init(&warning);
	warning.kind = (Doorbraak__V1__DeadlineKind)d->kind;
	warning.reference = record_text(v->turn->arena, d->reference.s);
	warning.due = record_date(v->turn->arena, d->due);
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_DEADLINE_WARNING;
	answer.deadline_warning = &warning;
	turn_answer(v->turn, &answer);
}

/* ---- the case as it stands ---- */

static char **
codes(struct arena *a, const struct code_set *set, size_t *count)
{
	char **list = ARENA_ARRAY(a, char *, set->count + 1u);

	*count = set->count;
	for (unsigned i = 0; i < set->count; i++)
		list[i] = record_text(a, set->of[i].s);
	return list;
}

static pb_CaseFlags *
flags_of(struct arena *a, const struct case_file *file)
{
	pb_CaseFlags *flags = ARENA_NEW(a, pb_CaseFlags);

	pb_CaseFlags_init(flags);
	flags->consent = (Doorbraak__V1__ConsentState)file->consent;
	flags->consent_by = ARENA_ARRAY(a, Doorbraak__V1__Person, 8);
	for (int person = PERSON_PARENT; person <= PERSON_YOUTH; person++) {
		if ((file->consent_by >> person & 1) != 0)
			flags->consent_by[flags->n_consent_by++] = (Doorbraak__V1__Person)person;
	}
	flags->mandate = (Doorbraak__V1__MandateState)file->mandate;
	flags->top100 = file->in_top100;
	flags->urgent = file->urgent;
	flags->measure_active = file->measure_active;
	flags->placed = file->placed;
	flags->support_asked = file->support_asked;
	return flags;
}

static int
kind_of(const struct change *c)
{
	if (!code_is_empty(c->redirect_to))
		return ROUTE_KIND_REDIRECT;
	if (c->support_asked)
		return ROUTE_KIND_SUPPORT_ASKED;
	return c->moved ? ROUTE_KIND_TRANSITION : ROUTE_KIND_RECORDED;
}

static void
say_route(const struct voice *v, pb_Basis *basis, const struct change *c)
{
	struct arena *a = v->turn->arena;
	const struct case_file *file = c->file;
	const struct code_set required = {.count = file->funder_required ? 1 : 0, .of = {file->funder}};
	pb_Answer answer = answer_of(v, basis);
	pb_RouteDecided route;

	pb_RouteDecided_init(&route);
	route.kind = (Doorbraak__V1__RouteKind)kind_of(c);
	route.track = (Doorbraak__V1__Track)file->track;
	route.from_state = (Doorbraak__V1__CaseState)c->from_state;
	route.to_state = (Doorbraak__V1__CaseState)file->state;
	route.level = (Doorbraak__V1__Level)file->level;
	route.governance = (Doorbraak__V1__Governance)file->governance;
	route.funder = record_text(a, file->funder.s);
	route.region = record_text(a, file->region.s);
	route.team = record_text(a, file->team.s);
	route.expertise_centre = record_text(a, file->centre.s);
	route.redirect_to = record_text(a, c->redirect_to.s);
	route.offered = codes(a, &file->offered, &route.n_offered);
	route.supporters = codes(a, &file->supporters, &route.n_supporters);
	route.required_participants = codes(a, &required, &route.n_required_participants);
	route.flags = flags_of(a, file);
	route.warnings = ARENA_ARRAY(a, Doorbraak__V1__Warning, 32);
	for (int warning = 1; warning < 32; warning++) {
		if ((c->warnings >> warning & 1) != 0)
			route.warnings[route.n_warnings++] = (Doorbraak__V1__Warning)warning;
	}
	if ((c->warnings >> WARNING_AGENDA_FULL & 1) != 0) {
		route.next_free_slot = record_date(a, c->at->next_free_slot);
		say_fact(v, basis, "next_free_slot", route.next_free_slot);
	}
	route.notes = ARENA_ARRAY(a, char *, CHANGE_NOTES_MAX);
	for (unsigned i = 0; i < c->note_count; i++)
		route.notes[route.n_notes++] = record_text(a, c->notes[i]);
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED;
	answer.route_decided = &route;
	turn_answer(v->turn, &answer);
}

/* ---- what follows a decision ---- */

static void
say_owner(const struct voice *v, pb_Basis *basis, const struct saying *saying)
{
	struct arena *a = v->turn->arena;
	pb_Answer answer = answer_of(v, basis);
	pb_OwnerAssigned owner;

	pb_OwnerAssigned_init(&owner);
	owner.owner = record_text(a, saying->of.owner.owner.s);
	owner.former = record_text(a, saying->of.owner.former.s);
	owner.pending = record_text(a, saying->of.owner.pending.s);
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED;
	answer.owner_assigned = &owner;
	turn_answer(v->turn, &answer);
}

static void
say_set(const struct voice *v, pb_Basis *basis, const struct saying *saying)
{
	struct arena *a = v->turn->arena;
	pb_Answer answer = answer_of(v, basis);
	pb_DeadlineSet set;

	pb_DeadlineSet_init(&set);
	set.kind = (Doorbraak__V1__DeadlineKind)saying->of.deadline.kind;
	set.reference = record_text(a, saying->of.deadline.reference.s);
	set.due = record_date(a, saying->of.deadline.due);
	set.start = record_date(a, saying->of.deadline.start);
	set.hard = saying->of.deadline.hard;
	set.replaces = record_date(a, saying->of.deadline.replaces);
	set.rule = record_text(a, saying->of.deadline.rule.s);
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET;
	answer.deadline_set = &set;
	turn_answer(v->turn, &answer);
}

static void
say_cleared(const struct voice *v, pb_Basis *basis, const struct saying *saying)
{
	struct arena *a = v->turn->arena;
	pb_Answer answer = answer_of(v, basis);
	pb_DeadlineCleared cleared;

	pb_DeadlineCleared_init(&cleared);
	cleared.kind = (Doorbraak__V1__DeadlineKind)saying->of.deadline.kind;
	cleared.reference = record_text(a, saying->of.deadline.reference.s);
	cleared.due = record_date(a, saying->of.deadline.due);
	cleared.late_wd = saying->of.deadline.late_wd;
	cleared.superseded = saying->of.deadline.superseded;
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_DEADLINE_CLEARED;
	answer.deadline_cleared = &cleared;
	turn_answer(v->turn, &answer);
}

void
say_sayings(const struct voice *v, pb_Basis *basis, const struct change *c)
{
	for (unsigned i = 0; i < c->said_count; i++) {
		switch (c->said[i].what) {
		case SAYING_OWNER: say_owner(v, basis, &c->said[i]); break;
		case SAYING_SET: say_set(v, basis, &c->said[i]); break;
		case SAYING_CLEARED: say_cleared(v, basis, &c->said[i]); break;
		}
	}
}

void
say_change(const struct voice *v, pb_Basis *basis, const struct change *c)
{
	say_route(v, basis, c);
	say_sayings(v, basis, c);
}
