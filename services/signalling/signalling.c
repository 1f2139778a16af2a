// SPDX-License-Identifier: EUPL-1.2
/* signalling.c - makes events from what routing decided, and runs the tables of the policy on them.
 *
 * Happy path: an answer of routing changes what is known of the case; it is an event, and the table of the event says
 * which signals are raised and cleared, for whom, what is counted, and what rings later. A message is an event at the
 * first RouteDecided of routing that it caused: then it is accepted. What rings on a day rings at its tick, before the
 * answers to the tick.
 *
 * Where no policy is in force, or it has no table for an event, nothing is said. Only an acknowledgement is rejected here:
 * what is wrong with another message was told before. Closed and erased cases keep their entry: EVALUATION still runs, and a case may be
 * reopened. */
#include "services/signalling/signalling_event.h"
#include "services/signalling/signalling_query.h"

struct at_hand {
	struct signalling *self;
	struct turn *turn;
	const pb_Answer *answer;
	struct id id;
	struct signal_case c;
	bool known;
};

struct signal_event
signalling_event_of(struct signalling *self, struct turn *turn, const char *name, cal_day day, const char *case_id,
		    struct signal_case *c)
{
	return (struct signal_event){
	    .self = self,
	    .turn = turn,
	    .name = name,
	    .day = day,
	    .case_id = case_id,
	    .c = c,
	    .reference = "",
	    .due = CAL_NONE,
	    .source = "",
	    .region = c->region.s,
	    .team = c->team.s,
	    .stuck_on = "",
	    .quarter_from = CAL_NONE,
	    .overdue_since = CAL_NONE,
	};
}

static struct signal_event
case_event(struct at_hand *h, const char *name)
{
	const cal_day day = record_day(h->answer->effect_date);

	return signalling_event_of(h->self, h->turn, name, day == CAL_NONE ? h->turn->today : day, h->id.s, &h->c);
}

static bool
message_is(const pb_Submission *s, int body)
{
	return (int)s->body_case == body;
}

/* ---- what a message tells about a case, before its table is run ---- */

static void
learn_people(struct signal_case *c, const pb_Submission *s)
{
	if (message_is(s, DOORBRAAK__V1__SUBMISSION__BODY_MEETING_SCHEDULED) &&
	    s->meeting_scheduled->meeting_kind != (int)MEETING_KIND_SUBGROUP)
		c->invited = 0;
	if (!message_is(s, DOORBRAAK__V1__SUBMISSION__BODY_PARTICIPANT_INVITED))
		return;
	for (size_t i = 0; i < s->participant_invited->n_participants; i++) {
		const int kind = (int)s->participant_invited->participants[i]->kind;

		if (kind == ROLE_PARENT)
			c->invited |= 1u << PERSON_PARENT;
		if (kind == ROLE_YOUTH)
			c->invited |= 1u << PERSON_YOUTH;
	}
}

static void
learn(struct at_hand *h, const pb_Submission *s)
{
	struct signal_case *c = &h->c;

	learn_people(c, s);
	switch (s->body_case) {
	case DOORBRAAK__V1__SUBMISSION__BODY_COURT_MEASURE_REGISTERED:
		c->certified_body = code_of(s->court_measure_registered->certified_body);
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_CLOSED_PLACEMENT_STARTED:
		c->provider = code_of(s->closed_placement_started->provider);
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_TRANSFER_REGISTERED:
		c->provider = code_of(s->transfer_registered->to);
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_WAITING_TIME_RECORDED:
		c->waiting_with = code_of(s->actor == NULL ? "" : s->actor->organisation);
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_PLAN_AGREED:
		signalling_actions_replace(&h->self->db, h->turn->txn, h->id.s, s->plan_agreed);
		break;
	default: break;
	}
}

/* What its table was still to see as it was before. */
static void
learn_after(struct at_hand *h, const pb_Submission *s)
{
	bool present = false;

	h->c.moved_on = h->turn->today;
	if (!message_is(s, DOORBRAAK__V1__SUBMISSION__BODY_MEETING_HELD) ||
	    s->meeting_held->meeting_kind == (int)MEETING_KIND_SUBGROUP)
		return;
	for (size_t i = 0; i < s->meeting_held->n_present; i++) {
		const int kind = (int)s->meeting_held->present[i]->kind;

		present = present || kind == ROLE_PARENT || kind == ROLE_YOUTH;
	}
	h->c.absent_meetings = present ? 0 : (uint16_t)(h->c.absent_meetings + (h->c.absent_meetings < UINT16_MAX));
	h->c.invited = 0;
}

static void
message_accepted(struct at_hand *h, const pb_Submission *s)
{
	struct signal_event event = case_event(h, record_body_name(&s->base));

	h->c.heard = h->turn->cause;
	learn(h, s);
	event.message = record_body(&s->base);
	event.submission = s;
	event.source = s->source;
	if (message_is(s, DOORBRAAK__V1__SUBMISSION__BODY_PLAN_ACTION_COMPLETED)) {
		event.deadline_kind = DEADLINE_KIND_ACTION;
		event.reference = s->plan_action_completed->action;
	}
	if (message_is(s, DOORBRAAK__V1__SUBMISSION__BODY_STUCK_DECLARED))
		event.stuck_on = signalling_stuck_group(h->turn->arena, event.region, (int)s->stuck_declared->stuck_on,
							(int)s->stuck_declared->missing_supply);
	signalling_run(&event);

	struct signal_event behind = case_event(h, "ACCEPTED");

	behind.submission = s;
	signalling_run(&behind);
	learn_after(h, s);
}

/* ---- answers of routing ---- */

static void
queue_moved(struct at_hand *h, struct code team, bool more)
{
	if (code_is_empty(team))
		return;
	signalling_queue_change(&h->self->db, h->turn->txn, team.s, more);
	struct signal_case around = h->c;

	around.team = team;
	struct signal_event event = case_event(h, "QUEUE");

	event.case_id = "";
	event.c = &around;
	event.team = around.team.s;
	signalling_run(&event);
}

static void
follow_queue(struct at_hand *h)
{
	const bool queued = h->c.state == CASE_STATE_QUEUED && h->c.track == TRACK_VOLUNTARY;
	const struct code with = queued ? h->c.team : (struct code){{0}};
	const struct code before = h->c.queued_with;

	if (code_equal(with, before))
		return;
	h->c.queued_with = with;
	queue_moved(h, before, false);
	queue_moved(h, with, true);
}

static void
take_route(struct signal_case *c, const pb_RouteDecided *route)
{
	c->state = (uint8_t)route->to_state;
	c->track = (uint8_t)route->track;
	c->level = (uint8_t)route->level;
	c->governance = (uint8_t)route->governance;
	c->funder = code_of(route->funder);
	c->region = code_of(route->region);
	c->team = code_of(route->team);
	c->centre = code_of(route->expertise_centre);
	c->team_supports = false;
	for (size_t i = 0; i < route->n_supporters; i++)
		c->team_supports = c->team_supports || code_is(c->team, route->supporters[i]);
	if (route->flags == NULL)
		return;
	c->mandate = (uint8_t)route->flags->mandate;
	c->consent = (uint8_t)route->flags->consent;
	c->measure_active = route->flags->measure_active;
	c->placed = route->flags->placed;
}

static void
on_route_decided(struct at_hand *h)
{
	const pb_RouteDecided *route = h->answer->route_decided;
	const struct record *origin = h->turn->origin;

	take_route(&h->c, route);
	if (origin != NULL && origin->intake->accepted->youth != 0)
		h->c.youth = origin->intake->accepted->youth;
	follow_queue(h);
	if (origin != NULL && h->c.heard != h->turn->cause)
		message_accepted(h, origin->submission);
	for (size_t i = 0; i < route->n_notes; i++) {
		struct signal_event event = case_event(h, arena_printf(h->turn->arena, "NOTE.%s", route->notes[i]));

		event.submission = origin == NULL ? NULL : origin->submission;
		signalling_run(&event);
	}
}

static void
on_deadline(struct at_hand *h, int kind, const char *reference, const char *due)
{
	struct signal_event event = case_event(h, record_body_name(&h->answer->base));

	event.message = record_body(&h->answer->base);
	event.deadline_kind = kind;
	event.reference = reference;
	event.due = record_day(due);
	signalling_run(&event);
}

static void
on_message_rejected(struct at_hand *h)
{
	const struct record *origin = h->turn->origin;

	if (!h->answer->message_rejected->kept || origin == NULL)
		return;
	struct signal_event event = case_event(h, "OUT_OF_ORDER");

	event.submission = origin->submission;
	event.source = origin->submission->source;
	signalling_run(&event);
}

static void
on_case_opened(struct at_hand *h)
{
	const pb_CaseOpened *opened = h->answer->case_opened;

	if (opened->linked_to[0] == '\0')
		return;
	/* Whoever of the two the answer stands under: the fresh id is that of the submission. */
	if (strcmp(h->answer->case_id, opened->linked_to) != 0)
		signalling_alias_put(&h->self->db, h->turn->txn, h->answer->case_id, opened->linked_to);
	else if (h->turn->origin != NULL && strcmp(h->turn->origin->submission->case_id, opened->linked_to) != 0)
		signalling_alias_put(&h->self->db, h->turn->txn, h->turn->origin->submission->case_id,
				     opened->linked_to);
}

/* True when the case is to be kept. */
static bool
on_body(struct at_hand *h)
{
	const pb_Answer *answer = h->answer;

	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED: on_case_opened(h); return false;
	case DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED: on_route_decided(h); return true;
	case DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED:
		if (answer->owner_assigned->owner[0] == '\0')
			return false;
		h->c.owner = code_of(answer->owner_assigned->owner);
		return true;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET:
		if (answer->deadline_set->replaces[0] == '\0')
			return false;
		on_deadline(h, (int)answer->deadline_set->kind, answer->deadline_set->reference,
			    answer->deadline_set->replaces);
		return true;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_WARNING:
		on_deadline(h, (int)answer->deadline_warning->kind, answer->deadline_warning->reference,
			    answer->deadline_warning->due);
		return true;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED:
		on_deadline(h, (int)answer->deadline_missed->kind, answer->deadline_missed->reference,
			    answer->deadline_missed->due);
		return true;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_CLEARED:
		on_deadline(h, (int)answer->deadline_cleared->kind, answer->deadline_cleared->reference,
			    answer->deadline_cleared->due);
		return true;
	case DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED: on_message_rejected(h); return h->known;
	default: return false;
	}
}

static void
on_answer(struct signalling *self, struct turn *turn, const pb_Answer *answer)
{
	struct at_hand h = {.self = self, .turn = turn, .answer = answer};

	if ((int)answer->service != (int)SERVICE_ROUTING || answer->case_id[0] == '\0')
		return;
	h.id = signalling_alias_get(&self->db, turn->txn, answer->case_id);
	h.known = signalling_case_get(&self->db, turn->txn, h.id.s, &h.c);
	if (on_body(&h))
		signalling_case_put(&self->db, turn->txn, h.id.s, &h.c);
}

/* ---- sources, registry and messages about no case ---- */

/* Most messages say nothing about their source: it need not speak, nothing is missing and nothing is open. */
static void
on_source(struct signalling *self, struct turn *turn, const pb_AcceptedSubmission *accepted)
{
	struct signal_case none = {0};
	struct signal_source source;
	unsigned open = 0;
	const pb_Submission *s = accepted->submission;
	const bool known = signalling_source_get(&self->db, turn->txn, s->source, &source);
	struct signal_event event = signalling_event_of(self, turn, "SOURCE_HEARD", turn->today, "", &none);

	if (signalling_open_sources(&self->db, turn->txn) > 0)
		signalling_open_list(&self->db, turn->txn, SIGNAL_SUBJECT_SOURCE, s->source, 0, &open);
	if (accepted->sequence_due == 0 && !source.sends_daily && open == 0)
		return;
	event.source = s->source;
	event.heard = &source;
	event.submission = s;
	if (accepted->sequence_due != 0) {
		event.name = "SEQUENCE_GAP";
		event.sequence_missing = s->sequence - accepted->sequence_due;
	}
	signalling_run(&event);
	if (known)
		signalling_source_put(&self->db, turn->txn, s->source, &source);
}

static void
on_source_registered(struct signalling *self, struct turn *turn, const pb_SourceRegistered *body)
{
	struct signal_case none = {0};
	struct signal_source source;
	struct signal_event event = signalling_event_of(self, turn, "SourceRegistered", turn->today, "", &none);

	const bool known = signalling_source_get(&self->db, turn->txn, body->source, &source);

	source.sends_daily = body->sends_daily;
	source.valid_to = record_day(body->valid_to);
	event.source = body->source;
	event.heard = &source;
	event.message = &body->base;
	signalling_run(&event);
	if (source.sends_daily || known)
		signalling_source_put(&self->db, turn->txn, body->source, &source);
}

/* Team and centre of a region, for an event that is about no case. */
struct signal_case
signalling_around(struct signalling *self, struct turn *turn, const char *region, cal_day day)
{
	struct registry_place place = {0};
	struct signal_case around = {0};

	if (registry_region(self->registry, turn->txn, region, day, &place)) {
		around.team = code_is_empty(place.team) ? place.landing : place.team;
		around.centre = place.centre;
	}
	return around;
}

static void
on_theme_recorded(struct signalling *self, struct turn *turn, const pb_Submission *s)
{
	const cal_day day = cal_local_day(record_at_ms(s->occurred_at));
	struct signal_case around = signalling_around(self, turn, s->theme_recorded->region, day);
	const pb_ThemeRecorded *theme = s->theme_recorded;
	struct signal_event event = signalling_event_of(self, turn, "ThemeRecorded", day, "", &around);

	event.region = theme->region;
	event.source = s->source;
	event.submission = s;
	event.message = &theme->base;
	event.stuck_on =
	    signalling_stuck_group(turn->arena, theme->region, (int)theme->stuck_on, (int)theme->missing_supply);
	if (event.stuck_on[0] != '\0')
		event.theme_reports = signalling_theme_tabled(&self->db, turn->txn, event.stuck_on, theme->resolved);
	signalling_run(&event);
}

static void
on_submission(struct signalling *self, struct turn *turn, const pb_AcceptedSubmission *accepted)
{
	const pb_Submission *s = accepted->submission;

	switch (s->body_case) {
	case DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED:
		policy_adopt(self->policies, turn->txn, s->policy_adopted, turn->today);
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED:
		registry_adopt(self->registry, turn->txn, s->registry_adopted, turn->today);
		signalling_regions_served(self, turn);
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_SOURCE_REGISTERED:
		on_source_registered(self, turn, s->source_registered);
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_THEME_RECORDED: on_theme_recorded(self, turn, s); break;
	case DOORBRAAK__V1__SUBMISSION__BODY_SIGNAL_ACKNOWLEDGED: signalling_acknowledged(self, turn, s); break;
	default: break;
	}
	on_source(self, turn, accepted);
}

/* ---- the service ---- */

static void
apply(void *at, struct turn *turn, const struct record *in)
{
	struct signalling *self = at;

	if (in->answer != NULL)
		on_answer(self, turn, in->answer);
	else if (in->submission != NULL)
		on_submission(self, turn, in->intake->accepted);
	else if (in->intake->body_case == DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK)
		signalling_tick(self, turn, in->intake->tick);
}

static void
settle(void *at, struct turn *turn)
{
	const struct signalling *self = at;

	signalling_open_settle(&self->db, turn->txn);
}

static void
complete(void *at, struct turn *turn)
{
	signalling_day_told(at, turn);
}

static bool
signals(void *at, struct store_txn *txn, const pb_SignalsRequest *request, pb_SignalsReply *reply, struct why *why)
{
	const struct signalling *self = at;

	return signalling_query(&self->db, txn, request, reply, why);
}

static bool
ask(void *at, struct store_txn *txn, const pb_Request *request, int64_t now_ms, pb_Reply *reply, struct why *why)
{
	const struct signalling *self = at;

	(void)now_ms;
	(void)why;
	if (request->body_case != DOORBRAAK__V1__REQUEST__BODY_SUBSCRIPTIONS)
		return true;
	reply->subscriptions = ARENA_NEW(store_arena(txn), pb_SubscriptionsReply);
	pb_SubscriptionsReply_init(reply->subscriptions);
	reply->body_case = DOORBRAAK__V1__REPLY__BODY_SUBSCRIPTIONS;
	webhook_query(&self->webhooks, txn, reply->subscriptions);
	return true;
}

static void
open_self(void *at, struct store_txn *txn)
{
	static const struct rules_scope *const scopes[] = {&scope_signals};
	struct signalling *self = at;

	self->db = signalling_db_open(txn, &self->memo);
	self->webhooks = webhook_db_open(txn);
	self->day = signalling_day_get(&self->db, txn);
	self->registry = registry_open_memo(txn, &self->registry_memo);
	if (self->policies == NULL)
		self->policies = policy_new(scopes, 1);
	policy_forget(self->policies);
	policy_open(self->policies, txn);
}

static void
close_self(void *at)
{
	struct signalling *self = at;

	policy_free(&self->policies);
}

const struct service signalling_service = {
    .name = "signalling",
    .id = SERVICE_SIGNALLING,
    .forwards = true,
    .self_bytes = sizeof(struct signalling),
    .open = open_self,
    .close = close_self,
    .apply = apply,
    .complete = complete,
    .settle = settle,
    .signals = signals,
    .ask = ask,
};
