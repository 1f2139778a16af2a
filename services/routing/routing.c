// SPDX-License-Identifier: EUPL-1.2
/* routing.c - the life of a case: owner, state, deadlines, both ladders.
 *
 * Happy path of a message: find the file of its case (an opening message starts one, or joins the open case of the
 * same youth), ask the `accept` table of the policy in force on the day of the fact, run the `effects` table, say
 * what each row did, keep the file. A message that triage looks at as well (opening ones, ResidenceChanged) is
 * handled when triage's answer comes by, with what triage found.
 *
 * Bad content is answered with MessageRejected. Without a policy, a table or a term the case still gets an owner and
 * a next deadline: no child falls between two desks. */
#include "services/routing/routing_internal.h"

#include "services/routing/routing_agenda.h"
#include "services/routing/routing_deadlines.h"

#define RULE_UNKNOWN_CASE "R1"
#define RULE_OUT_OF_ORDER "I7"
#define RULE_OPENED       "R1"
#define RULE_RECORDED     "R47" /* base set: every message of a case is registered */

/* ---- opening and closing the service ---- */

static void
routing_open(void *storage, struct store_txn *txn)
{
	static const struct rules_scope *const scopes[] = {&scope_accept, &scope_effects};
	struct routing *self = storage;

	if (self->policies == NULL)
		self->policies = policy_new(scopes, 2);
	routing_state_open(&self->state, txn);
	self->registry = registry_open_memo(txn, &self->registry_memo);
	policy_open(self->policies, txn);
	policy_forget(self->policies);
}

static void
routing_close(void *storage)
{
	struct routing *self = storage;

	policy_free(&self->policies);
}

/* ---- what applies ---- */

struct voice
routing_situation(struct routing *self, struct turn *turn, struct situation *at)
{
	const struct case_file *file = &self->file;
	struct registry_place place;

	at->view = policy_on(self->policies, turn->txn, at->effect_on, file->region.s);
	if (registry_region(self->registry, turn->txn, file->region.s, at->effect_on, &place))
		at->team_today = code_is_empty(place.team) ? place.landing : place.team;
	const char *const supporters[SUPPORTER_ALL] = {
	    [SUPPORTER_TEAM] = file->team.s,
	    [SUPPORTER_CENTRE] = file->centre.s,
	    [SUPPORTER_NATIONAL_SUPPORT_TEAM] = ORGANISATION_NATIONAL_SUPPORT_TEAM,
	    [SUPPORTER_CCE] = ORGANISATION_CCE,
	    [SUPPORTER_FORMER_OWNER] = file->owner.s,
	};
	for (unsigned i = SUPPORTER_TEAM; i < SUPPORTER_ALL; i++)
		at->supporter_end[i] = registry_supporter_end(self->registry, turn->txn, supporters[i], at->effect_on);
	at->top100_open = routing_top100(&self->state, turn->txn);
	routing_agenda(&self->state, turn->txn, file, at);
	return (struct voice){
	    .turn = turn,
	    .case_id = file->id.s,
	    .effect_on = at->effect_on,
	    .view = at->view,
	    .registry_version = registry_version(self->registry, turn->txn, at->effect_on),
	    .decision = &self->decision,
	};
}

/* ---- effects ---- */

static pb_Basis *
basis_of(const struct voice *v, const struct situation *at, const char *rule, const struct rules_row *row,
	 const struct case_file *file)
{
	pb_Basis *basis = say_basis(v, rule, row);

	if (at->is_new || !code_is_empty(at->municipality)) {
		say_fact(v, basis, "municipality",
			 code_is_empty(at->municipality) ? file->funder.s : at->municipality.s);
		say_fact(v, basis, "region", code_is_empty(at->municipality) ? file->region.s : at->new_region.s);
	}
	return basis;
}

static void
settle(struct routing *self, const struct voice *v)
{
	struct change *c = &self->change;

	if (change_settle_owner(c))
		say_change(v, say_basis(v, c->rule, NULL), c);
	if (change_settle_deadline(c))
		say_sayings(v, say_basis(v, c->rule, NULL), c);
}

/* Nothing acts: the first row that had a reason to says why; rows for all other situations have none. */
static const struct rules_row *
row_of_nothing(const struct rules_result *result)
{
	for (unsigned i = 0; i < result->hit_count; i++) {
		if (result->hits[i]->when_count > 0)
			return result->hits[i];
	}
	return result->hit_count == 0 ? NULL : result->hits[0];
}

void
routing_run(struct routing *self, const struct voice *v, const struct situation *at, bool quiet)
{
	struct decision *d = &self->decision;
	struct change *c = &self->change;
	bool said = quiet;

	routing_effects(d, at, &self->file);
	change_begin(c, at, d->table, d->facts, &self->file);
	for (unsigned i = 0; i < d->result.hit_count; i++) {
		const struct rules_row *row = d->result.hits[i];

		if (!routing_row_acts(row))
			continue;
		change_row(c, row);
		say_change(v, basis_of(v, at, row->rule, row, &self->file), c);
		said = true;
	}
	if (!said) {
		const struct rules_row *row = row_of_nothing(&d->result);

		change_next(c, RULE_RECORDED);
		say_change(v, basis_of(v, at, RULE_RECORDED, row, &self->file), c);
	}
	settle(self, v);
}

/* ---- messages ---- */

static void
reject(const struct voice *v, int reason)
{
	const struct decision *d = v->decision;
	const char *rule = reason == REASON_OUT_OF_ORDER ? RULE_OUT_OF_ORDER : RULE_UNKNOWN_CASE;

	say_rejected(v, say_basis(v, rule, d == NULL ? NULL : d->row), reason);
}

static void
reject_unknown(struct turn *turn, const pb_Submission *submission, cal_day effect_on)
{
	const struct voice v = {.turn = turn, .case_id = submission->case_id, .effect_on = effect_on};

	reject(&v, REASON_UNKNOWN_CASE);
}

static void
remember_age(struct case_file *file, int age_band)
{
	if (age_band != AGE_BAND_UNSPECIFIED)
		file->age_band = (uint8_t)age_band;
}

/* What every accepted message leaves behind, whatever the tables say. */
static void
absorb(const struct situation *at, struct case_file *file)
{
	if (file->last_on == CAL_NONE || at->effect_on > file->last_on)
		file->last_on = at->effect_on;
	if (routing_is(at, &pb_CaseSubmitted_descriptor)) {
		const pb_CaseSubmitted *submitted = (const pb_CaseSubmitted *)at->body;

		if (submitted->channel == (int)CHANNEL_NATIONAL_DESK)
			file->desk_contacts++;
		if (at->is_new || file->age_band == AGE_BAND_UNSPECIFIED)
			remember_age(file, (int)submitted->age_band);
		if (at->is_new) {
			file->submitter = (uint8_t)submitted->submitter;
			file->urgent = submitted->urgent;
		}
	} else if (routing_is(at, &pb_CaseInfoSupplemented_descriptor)) {
		remember_age(file, (int)((const pb_CaseInfoSupplemented *)at->body)->age_band);
	} else if (routing_is(at, &pb_CourtMeasureRegistered_descriptor)) {
		remember_age(file, (int)((const pb_CourtMeasureRegistered *)at->body)->age_band);
	} else if (routing_is(at, &pb_ClosedPlacementRequested_descriptor)) {
		remember_age(file, (int)((const pb_ClosedPlacementRequested *)at->body)->age_band);
	}
}

/* A file for a case that is about to open, with the place that triage found. */
static void
start_file(struct case_file *file, const struct record *in, const pb_RouteDecided *found)
{
	case_init(file);
	file->id = id_of(in->submission->case_id);
	file->youth = in->intake->accepted->youth;
	file->state = CASE_STATE_RECEIVED;
	file->track = found->track == (int)TRACK_UNSPECIFIED ? TRACK_VOLUNTARY : (uint8_t)found->track;
	file->level = LEVEL_LOCAL;
	file->governance = GOVERNANCE_NONE;
	file->consent = CONSENT_STATE_UNKNOWN;
	file->mandate = MANDATE_STATE_UNKNOWN;
	file->funder = code_of(found->funder);
	file->region = code_of(found->region);
	file->team = code_of(found->team);
	file->centre = code_of(found->expertise_centre);
}

/* Loads the case that the message is about into self->file. False when there is none. */
static bool
find_file(struct routing *self, struct turn *turn, const struct record *in, const pb_RouteDecided *found,
	  struct situation *at)
{
	struct id linked;

	if (!in->opens)
		return routing_load(&self->state, turn->txn, in->submission->case_id, &self->file);
	if (found == NULL)
		return false;
	if (routing_youth_case(&self->state, turn->txn, in->intake->accepted->youth, &linked) &&
	    routing_load(&self->state, turn->txn, linked.s, &self->file))
		return true;
	start_file(&self->file, in, found);
	at->is_new = true;
	return true;
}

static void
say_case_opened(struct routing *self, const struct voice *v, const struct situation *at, const struct record *in)
{
	struct voice fresh = *v;

	if (!in->opens)
		return;
	fresh.case_id = in->submission->case_id;
	fresh.decision = NULL;
	pb_Basis *basis = basis_of(&fresh, at, RULE_OPENED, NULL, &self->file);

	if (at->is_new) {
		say_opened(&fresh, basis, ROUTE_KIND_OPENED, "");
		return;
	}
	say_opened(&fresh, basis, ROUTE_KIND_LINKED, self->file.id.s);
	routing_alias(&self->state, v->turn->txn, in->submission->case_id, self->file.id);
}

/* One submission; `found` is what triage decided about it, where triage does. */
static void
on_submission(struct routing *self, struct turn *turn, const struct record *in, const pb_RouteDecided *found)
{
	const pb_Submission *submission = in->submission;
	struct situation at = {
	    .event = record_body_name(&submission->base),
	    .submission = submission,
	    .body = record_body(&submission->base),
	    .effect_on = cal_local_day(record_at_ms(submission->occurred_at)),
	    .today = turn->today,
	};
	struct decision *d = &self->decision;

	if (!find_file(self, turn, in, found, &at)) {
		reject_unknown(turn, submission, at.effect_on);
		return;
	}
	if (found != NULL && routing_is(&at, &pb_ResidenceChanged_descriptor)) {
		at.municipality = code_of(found->funder);
		at.new_region = code_of(found->region);
		at.new_team = code_of(found->team);
		at.new_centre = code_of(found->expertise_centre);
	}
	const struct voice v = routing_situation(self, turn, &at);

	routing_accept(d, &at, &self->file);
	if (d->reason != REASON_UNSPECIFIED) {
		reject(&v, d->reason);
		return;
	}
	if (at.is_new)
		case_init(&self->before);
	else
		case_copy(&self->before, &self->file);
	say_case_opened(self, &v, &at, in);
	absorb(&at, &self->file);
	routing_run(self, &v, &at, false);
	routing_keep(&self->state, turn->txn, &self->before, &self->file);
}

/* ---- records ---- */

/* Triage says more about these, under the same cause. */
static bool
waits_for_triage(const struct record *in)
{
	return in->opens || in->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_RESIDENCE_CHANGED;
}

static void
on_intake(struct routing *self, struct turn *turn, const struct record *in)
{
	if (in->intake->body_case == DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK) {
		const cal_day day = cal_parse(in->intake->tick->date);

		routing_tick(self, turn, day == CAL_NONE ? turn->today : day);
		return;
	}
	if (in->submission == NULL)
		return;
	switch (in->submission->body_case) {
	case DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED:
		policy_adopt(self->policies, turn->txn, in->submission->policy_adopted, turn->today);
		return;
	case DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED:
		registry_adopt(self->registry, turn->txn, in->submission->registry_adopted, turn->today);
		return;
	/* They change no case here. */
	case DOORBRAAK__V1__SUBMISSION__BODY_SOURCE_REGISTERED:
	case DOORBRAAK__V1__SUBMISSION__BODY_THEME_RECORDED:
	case DOORBRAAK__V1__SUBMISSION__BODY_SIGNAL_ACKNOWLEDGED:
	case DOORBRAAK__V1__SUBMISSION__BODY_SUBSCRIPTION_REGISTERED:
	case DOORBRAAK__V1__SUBMISSION__BODY_DELIVERY_REPORTED:
	case DOORBRAAK__V1__SUBMISSION__BODY_CASE_ERASED:
	case DOORBRAAK__V1__SUBMISSION__BODY__NOT_SET: return;
	default: break;
	}
	if (!waits_for_triage(in))
		on_submission(self, turn, in, NULL);
}

static void
on_answer(struct routing *self, struct turn *turn, const struct record *in)
{
	if (in->answer->service != (int)SERVICE_TRIAGE || turn->origin == NULL || !waits_for_triage(turn->origin))
		return;
	if (in->answer->body_case != DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED)
		return;
	/* An id opens once. */
	if (turn->origin->opens &&
	    routing_load(&self->state, turn->txn, turn->origin->submission->case_id, &self->file))
		return;
	on_submission(self, turn, turn->origin, in->answer->route_decided);
}

static void
routing_apply(void *storage, struct turn *turn, const struct record *in)
{
	struct routing *self = storage;

	if (in->intake != NULL)
		on_intake(self, turn, in);
	else if (in->answer != NULL)
		on_answer(self, turn, in);
}

const struct service routing_service = {
    .name = "routing",
    .id = SERVICE_ROUTING,
    .forwards = true,
    .self_bytes = sizeof(struct routing),
    .open = routing_open,
    .close = routing_close,
    .apply = routing_apply,
};
