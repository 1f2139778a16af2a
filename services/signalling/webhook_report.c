// SPDX-License-Identifier: EUPL-1.2
/* webhook_report.c - changes of state, told to intake as DeliveryReported: by its door, like everything from outside.
 *
 * A report is written down, with its id and moment, before it is handed in, and handed in until intake has it: the same
 * again is a duplicate there. One at a time for a subscription: what changed meanwhile follows, or has passed. */
#include <inttypes.h>

#include "common/config.h"
#include "services/signalling/webhook_executor.h"

#define SOURCE       "operator" /* built in at intake */
#define ORGANISATION "NAT-VWS"

static struct webhook_slot *
reporting_slot(struct webhooks *self)
{
	for (unsigned i = 0; i < self->count; i++) {
		if (self->slots[i].w.number == self->reporting && self->slots[i].w.report != 0)
			return &self->slots[i];
	}
	return NULL;
}

/* ---- what is to be told ---- */

void
webhook_report_note(struct webhooks *self)
{
	for (unsigned i = 0; i < self->count; i++) {
		struct webhook *w = &self->slots[i].w;

		if (w->report != 0 || w->wanted == w->told || self->status.clock_ms == 0)
			continue;
		w->report = w->wanted == SUBSCRIPTION_STATE_ACTIVE ? SUBSCRIPTION_STATE_RECOVERED : w->wanted;
		w->report_at_ms = self->status.clock_ms;
		w->report_count++;
		self->slots[i].changed = true;
	}
}

/* ---- telling ---- */

static void
tell(struct webhooks *self, const struct webhook *w)
{
	struct arena *a = &self->arena;
	Google__Protobuf__Timestamp at;
	pb_Submission s;
	pb_Actor actor;
	pb_DeliveryReported body;
	pb_Request request;
	pb_SubmitRequest submit;

	pb_Submission_init(&s);
	pb_Actor_init(&actor);
	pb_DeliveryReported_init(&body);
	pb_Request_init(&request);
	pb_SubmitRequest_init(&submit);
	actor.role = (Doorbraak__V1__Role)ROLE_SYSTEM;
	actor.organisation = record_text(a, ORGANISATION);
	record_timestamp(&at, w->report_at_ms);
	s.source = record_text(a, SOURCE);
	s.id = arena_printf(a, "webhook-%" PRIu64 "-%u", w->number, w->report_count);
	s.actor = &actor;
	s.occurred_at = &at;
	body.subscription = record_text(a, w->id.s);
	body.addressee = (Doorbraak__V1__Addressee)w->addressee;
	body.scope = record_text(a, w->scope.s);
	body.state = (Doorbraak__V1__SubscriptionState)w->report;
	s.body_case = DOORBRAAK__V1__SUBMISSION__BODY_DELIVERY_REPORTED;
	s.delivery_reported = &body;

	const struct bytes packed = RECORD_PACK(a, &s);

	submit.submission = (ProtobufCBinaryData){packed.len, (uint8_t *)(uintptr_t)packed.data};
	request.request_id = ++self->request_id;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &submit;
	if (client_send(self->intake, RECORD_PACK(a, &request), 0) != ERR_NONE)
		log_say(self->world.log, LOG_LEVEL_DEBUG, "webhook_report_waits",
			log_text("for", self->world.config->intake));
	self->reporting = w->number;
	self->asked_ms = self->now.steady_ms;
}

void
webhook_report_tell(struct webhooks *self)
{
	const struct webhook_slot *slot = reporting_slot(self);

	if (slot != NULL && self->now.steady_ms - self->asked_ms < WEBHOOK_REPORT_WAIT_MS)
		return;
	for (unsigned i = 0; slot == NULL && i < self->count; i++) {
		if (self->slots[i].w.report != 0)
			slot = &self->slots[i];
	}
	self->reporting = 0;
	if (slot != NULL)
		tell(self, &slot->w);
}

/* ---- hearing ---- */

static bool
is_other_id(const pb_RejectedReply *r)
{
	return (int)r->reason == REASON_ID_REUSED;
}

static void
hear(struct webhooks *self, struct webhook_slot *slot, const pb_Reply *reply)
{
	struct webhook *w = &slot->w;

	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED)
		return; /* for now; it is asked again */
	self->reporting = 0;
	slot->changed = true;
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REJECTED && is_other_id(reply->rejected)) {
		w->report_count++; /* of a store that was made anew: the number was used before */
		return;
	}
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REJECTED)
		log_say(self->world.log, LOG_LEVEL_ERROR, "webhook_report_rejected", log_text("subscription", w->id.s),
			log_text("reason", record_code_of("Reason", (int)reply->rejected->reason)));
	else
		log_say(self->world.log, LOG_LEVEL_INFO, "webhook_state", log_text("subscription", w->id.s),
			log_text("state", record_code_of("SubscriptionState", w->report)));
	w->told = w->report == SUBSCRIPTION_STATE_RECOVERED ? SUBSCRIPTION_STATE_ACTIVE : w->report;
	w->report = 0;
}

void
webhook_report_hear(struct webhooks *self)
{
	struct bytes message;
	struct why why;

	while (self->reporting != 0 && client_receive(self->intake, 0, &self->arena, &message) == ERR_NONE) {
		const pb_Reply *reply =
		    record_unpack(&self->arena, &pb_Reply_descriptor, message, RECORD_REPLY_MAX, &why);
		struct webhook_slot *slot = reporting_slot(self);

		/* An answer to an earlier attempt says the same of the same report, but may be of another one. */
		if (reply != NULL && slot != NULL && reply->request_id == self->request_id)
			hear(self, slot, reply);
	}
}
