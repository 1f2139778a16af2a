// SPDX-License-Identifier: EUPL-1.2
/* triage.c - classifies what opens a case, and finds the place of a new municipality.
 *
 * Happy path: a message that opens a case names a municipality; the registry of that day gives region, team and centre;
 * the table of the message gives track, criteria and warnings; one RouteDecided of kind RECORDED tells it all. A change
 * of residence goes the same way, without track.
 *
 * What goes wrong becomes a MessageRejected, in the order of the rules: UNKNOWN_CASE (the case never opened),
 * NO_RESPONSIBLE_MUNICIPALITY, UNKNOWN_MUNICIPALITY, AMBIGUOUS_MUNICIPALITY with the candidates. Where nothing is in
 * force on that day, the reason is UNKNOWN_MUNICIPALITY with the fact `registry = NONE`, or NO_RESPONSIBLE_MUNICIPALITY
 * with `policy = NONE` (no rule says who serves it) or `table = NONE` (the policy has no table for the message): the
 * sender can send the same again under a new id once the administrator has adopted what is missing. */
#include "common/policy.h"
#include "common/service.h"
#include "services/triage/triage_decide.h"
#include "services/triage/triage_state.h"

#define FACTS_TOLD_MAX 32

/* One message, and what was found about it. */
struct triage {
	const struct triage_state *st;
	struct turn *turn;
	const struct record *in;
	const pb_Submission *s;
	cal_day day; /* effect date */
	struct triage_named named;
	enum registry_found found;
	struct registry_place place;
	const struct policy_view *view;  /* NULL: none in force */
	const struct rules_table *table; /* NULL: none for this message */
	int64_t facts[RULES_FACTS_MAX];  /* of the table, once it was run */
	pb_Fact *told[FACTS_TOLD_MAX];
	unsigned told_count;
};

/* ---- why ---- */

/* A fact is told once, in the order of telling. */
static void
tell_fact(struct triage *t, const char *name, const char *value)
{
	struct arena *a = t->turn->arena;

	for (unsigned i = 0; i < t->told_count; i++) {
		if (strcmp(t->told[i]->name, name) == 0)
			return;
	}
	if (t->told_count == FACTS_TOLD_MAX)
		return;
	pb_Fact *fact = ARENA_NEW(a, pb_Fact);
	pb_Fact_init(fact);
	fact->name = record_text(a, name);
	fact->value = record_text(a, value);
	t->told[t->told_count++] = fact;
}

static pb_Basis *
basis_new(struct triage *t, const char *rule)
{
	struct arena *a = t->turn->arena;
	pb_Basis *basis = ARENA_NEW(a, pb_Basis);
	const struct code registry = registry_version(t->st->registry, t->turn->txn, t->day);

	pb_Basis_init(basis);
	basis->rule = record_text(a, rule);
	basis->registry_version = record_text(a, registry.s);
	if (t->view != NULL) {
		basis->policy_version = record_text(a, t->view->version);
		const struct bytes hash = arena_copy(a, bytes_of(t->view->hash.b, DIGEST_SIZE));
		basis->policy_hash = (ProtobufCBinaryData){hash.len, (uint8_t *)(uintptr_t)hash.data};
	}
	basis->facts = t->told;
	basis->n_facts = t->told_count;
	return basis;
}

static void
basis_tell_near(struct triage *t, pb_Basis *basis, const struct rules_result *result)
{
	struct arena *a = t->turn->arena;

	basis->near = ARENA_ARRAY(a, pb_NearMiss *, result->near_count + 1);
	for (unsigned i = 0; i < result->near_count; i++) {
		pb_NearMiss *near = ARENA_NEW(a, pb_NearMiss);
		pb_NearMiss_init(near);
		near->row = record_text(a, result->near[i].row->id);
		near->fact = record_text(a, rules_fact_def(t->table, result->near[i].fact).name);
		near->value =
		    record_text(a, rules_fact_text(a, t->table, result->near[i].fact, t->facts[result->near[i].fact]));
		basis->near[basis->n_near++] = near;
	}
}

/* ---- saying ---- */

static void
answer(struct triage *t, pb_Answer *answer, pb_Basis *basis)
{
	answer->case_id = t->s->case_id;
	answer->effect_date = record_date(t->turn->arena, t->day);
	answer->basis = basis;
	turn_answer(t->turn, answer);
}

static void
reject(struct triage *t, int reason, const char *field, const char *rule)
{
	struct arena *a = t->turn->arena;
	pb_Answer message;
	pb_MessageRejected body;

	pb_Answer_init(&message);
	pb_MessageRejected_init(&body);
	body.reason = (Doorbraak__V1__Reason)reason;
	body.field = record_text(a, field);
	if (reason == REASON_AMBIGUOUS_MUNICIPALITY) {
		body.n_candidates = t->place.successor_count;
		body.candidates = ARENA_ARRAY(a, char *, t->place.successor_count + 1);
		for (unsigned i = 0; i < t->place.successor_count; i++)
			body.candidates[i] = record_text(a, t->place.successors[i].s);
	}
	message.body_case = DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED;
	message.message_rejected = &body;
	answer(t, &message, basis_new(t, rule));
}

static const char *
team_of(const struct registry_place *place)
{
	return code_is_empty(place->team) ? place->landing.s : place->team.s;
}

/* Bits as a list of enum values, lowest first. */
static size_t
list_bits(uint32_t bits, int values[32])
{
	size_t n = 0;

	for (int i = 0; i < 32; i++) {
		if (bits >> i & 1)
			values[n++] = i;
	}
	return n;
}

static void
record_route(struct triage *t, const struct triage_class *class, const char *rule)
{
	struct arena *a = t->turn->arena;
	pb_Answer message;
	pb_RouteDecided route;
	Doorbraak__V1__ComplexityCriterion criteria[32];
	Doorbraak__V1__Warning warnings[32];
	int values[32];

	pb_Answer_init(&message);
	pb_RouteDecided_init(&route);
	route.kind = (Doorbraak__V1__RouteKind)ROUTE_KIND_RECORDED;
	route.track = (Doorbraak__V1__Track) class->track;
	route.funder = record_text(a, t->place.municipality.s);
	route.region = record_text(a, t->place.region.s);
	route.team = record_text(a, team_of(&t->place));
	route.expertise_centre = record_text(a, t->place.centre.s);
	route.n_criteria = list_bits(class->criteria, values);
	for (size_t i = 0; i < route.n_criteria; i++)
		criteria[i] = (Doorbraak__V1__ComplexityCriterion)values[i];
	route.criteria = criteria;
	route.n_warnings = list_bits(class->warnings, values);
	for (size_t i = 0; i < route.n_warnings; i++)
		warnings[i] = (Doorbraak__V1__Warning)values[i];
	route.warnings = warnings;
	pb_Basis *basis = basis_new(t, rule);
	if (class->row != NULL) {
		basis->row = record_text(a, class->row->id);
		basis_tell_near(t, basis, &class->result);
	}
	message.body_case = DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED;
	message.route_decided = &route;
	answer(t, &message, basis);
}

/* ---- looking up ---- */

static struct triage_named
named_of(const pb_Submission *s)
{
	switch (s->body_case) {
	case DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED:
		return triage_named_of(s->case_submitted->municipality, s->case_submitted->municipality_mother_at_birth,
				       s->case_submitted->municipality_of_stay);
	case DOORBRAAK__V1__SUBMISSION__BODY_COURT_MEASURE_REGISTERED:
		return triage_named_of(s->court_measure_registered->municipality, "", "");
	case DOORBRAAK__V1__SUBMISSION__BODY_CLOSED_PLACEMENT_REQUESTED:
		return triage_named_of(s->closed_placement_requested->municipality, "", "");
	case DOORBRAAK__V1__SUBMISSION__BODY_RESIDENCE_CHANGED:
		return triage_named_of(s->residence_changed->municipality, "", "");
	default: return triage_named_of("", "", "");
	}
}

/* Finds place, policy and table of the day. False when the message was rejected. */
static bool
find_place(struct triage *t)
{
	struct store_txn *txn = t->turn->txn;

	t->named = named_of(t->s);
	t->found = REGISTRY_UNKNOWN;
	if (t->named.by != RESIDENCE_NONE)
		t->found = registry_place_of(t->st->registry, txn, t->named.municipality, t->day, &t->place);
	const int reason = triage_reason(t->named, t->found);
	if (reason != 0) {
		/* A rejection tells the policy of the country, for there is no region yet. */
		t->view = policy_on(t->st->policies, txn, t->day, "");
		if (t->named.by != RESIDENCE_NONE)
			tell_fact(t, "municipality", t->named.municipality);
		if (registry_version(t->st->registry, txn, t->day).s[0] == '\0')
			tell_fact(t, "registry", "NONE");
		reject(t, reason, t->named.field, "R2");
		return false;
	}
	t->view = policy_on(t->st->policies, txn, t->day, t->place.region.s);
	if (t->view != NULL)
		t->table = policy_table(t->view, scope_triage.name, record_body_name(&t->s->base));
	tell_fact(t, "municipality", t->place.municipality.s);
	if (t->found == REGISTRY_REPLACED)
		tell_fact(t, "municipality_named", t->named.municipality);
	tell_fact(t, "region", t->place.region.s);
	return true;
}

static unsigned
life_domains_of(const pb_Submission *s)
{
	unsigned bits = 0;

	if (s->body_case != DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED)
		return 0;
	for (size_t i = 0; i < s->case_submitted->n_life_domains; i++) {
		if (s->case_submitted->life_domains[i] > 0 && (int)s->case_submitted->life_domains[i] < 32)
			bits |= 1u << s->case_submitted->life_domains[i];
	}
	return bits;
}

static bool
ask_is_offered(const struct triage *t)
{
	if (t->s->body_case != DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED)
		return false;
	return registry_feature(t->st->registry, t->turn->txn, t->place.region.s, (int)t->s->case_submitted->asks,
				t->day);
}

static void
run_table(struct triage *t, struct triage_class *class)
{
	const struct triage_situation situation = {
	    .residence = t->named.by,
	    .replaced = t->found == REGISTRY_REPLACED,
	    .has_team = !code_is_empty(t->place.team),
	    .has_landing_place = !code_is_empty(t->place.landing),
	    .ask_offered = ask_is_offered(t),
	    .life_domains = life_domains_of(t->s),
	    .effect_date = t->day,
	};

	triage_facts(&situation, t->facts);
	rules_message_facts(t->table, record_body(&t->s->base), t->facts);
	triage_decide(t->table, t->facts, class);
	for (unsigned i = 0; i < class->result.hit_count; i++) {
		const struct rules_row *row = class->result.hits[i];
		for (unsigned j = 0; j < row->when_count; j++) {
			const unsigned fact = row->when[j].fact;
			tell_fact(t, rules_fact_def(t->table, fact).name,
				  rules_fact_text(t->turn->arena, t->table, fact, t->facts[fact]));
		}
	}
}

/* ---- records ---- */

static int
track_of(const pb_Submission *s)
{
	switch (s->body_case) {
	case DOORBRAAK__V1__SUBMISSION__BODY_COURT_MEASURE_REGISTERED: return TRACK_COURT_MEASURE;
	case DOORBRAAK__V1__SUBMISSION__BODY_CLOSED_PLACEMENT_REQUESTED: return TRACK_CLOSED_CARE;
	default: return TRACK_VOLUNTARY;
	}
}

static void
on_opening(struct triage *t)
{
	struct triage_class class = {0};

	if (!find_place(t))
		return;
	if (t->table == NULL) {
		tell_fact(t, t->view == NULL ? "policy" : "table", "NONE");
		reject(t, REASON_NO_RESPONSIBLE_MUNICIPALITY, "", "R3");
		return;
	}
	run_table(t, &class);
	/* A region's table may leave the track out; the message itself says enough. */
	if (class.track == 0)
		class.track = track_of(t->s);
	triage_case_put(t->st, t->turn->txn, t->s->case_id, class.track);
	record_route(t, &class, class.row->rule);
}

static void
on_residence_changed(struct triage *t)
{
	struct triage_class class = {0};

	if (!find_place(t))
		return;
	/* The new place follows from the registry alone: without a table there are just no warnings. */
	if (t->table != NULL)
		run_table(t, &class);
	record_route(t, &class, class.row == NULL ? "R15" : class.row->rule);
}

static void
on_submission(struct triage *t)
{
	const pb_Submission *s = t->s;

	if (t->in->opens) {
		on_opening(t);
	} else if (s->case_id[0] != '\0' && !triage_case_known(t->st, t->turn->txn, s->case_id)) {
		reject(t, REASON_UNKNOWN_CASE, "case_id", "R1");
	} else if (s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_RESIDENCE_CHANGED) {
		on_residence_changed(t);
	}
}

static void
triage_apply(void *self, struct turn *turn, const struct record *in)
{
	const struct triage_state *st = self;
	const pb_Submission *s = in->submission;

	if (s == NULL)
		return; /* ticks, and answers of intake: nothing to classify */
	switch (s->body_case) {
	case DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED:
		registry_adopt(st->registry, turn->txn, s->registry_adopted, turn->today);
		return;
	case DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED:
		policy_adopt(st->policies, turn->txn, s->policy_adopted, turn->today);
		return;
	default: break;
	}
	struct triage t = {
	    .st = st,
	    .turn = turn,
	    .in = in,
	    .s = s,
	    .day = cal_local_day(record_at_ms(s->occurred_at)),
	};
	on_submission(&t);
}

static void
triage_open(void *self, struct store_txn *txn)
{
	triage_state_open(self, txn);
}

static void
triage_close(void *self)
{
	triage_state_close(self);
}

const struct service triage_service = {
    .name = "triage",
    .id = SERVICE_TRIAGE,
    .forwards = true,
    .self_bytes = sizeof(struct triage_state),
    .open = triage_open,
    .close = triage_close,
    .apply = triage_apply,
};
