// SPDX-License-Identifier: EUPL-1.2
/* webhook_look.c - from the journal to the queues: registrations, and signals for who subscribed. */
#include "services/signalling/webhook_event.h"
#include "services/signalling/webhook_executor.h"

/* ---- registrations ---- */

static struct webhook_slot *
live_slot(struct webhooks *self, const char *id)
{
	for (unsigned i = 0; i < self->count; i++) {
		if (!self->slots[i].w.over && strcmp(self->slots[i].w.id.s, id) == 0)
			return &self->slots[i];
	}
	return NULL;
}

static void
end_slot(struct webhook_slot *slot)
{
	webhook_stop(slot);
	slot->w.wanted = slot->w.told = SUBSCRIPTION_STATE_ENDED;
	slot->w.report = 0;
}

static void
on_registered(struct webhooks *self, uint64_t seq, const pb_SubscriptionRegistered *r)
{
	struct webhook_slot *slot = live_slot(self, r->subscription);

	if ((int)r->state == SUBSCRIPTION_STATE_ENDED) {
		if (slot != NULL)
			end_slot(slot);
		return;
	}
	if ((int)r->state != SUBSCRIPTION_STATE_ACTIVE || !record_is_id(r->subscription))
		return;
	if (slot != NULL && slot->w.addressee == (int)r->addressee && code_is(slot->w.scope, r->scope) &&
	    code_is(slot->w.region, r->region) && code_is(slot->w.centre, r->expertise_centre)) {
		slot->next_ms = 0; /* the same again: try at once */
		return;
	}
	if (slot != NULL)
		end_slot(slot);
	if (self->count == WEBHOOKS_MAX) {
		log_say(self->world.log, LOG_LEVEL_ERROR, "webhook_not_taken",
			log_text("subscription", r->subscription),
			log_text("why", "there are too many subscriptions: end one, then register it again"),
			log_number("max", WEBHOOKS_MAX));
		return;
	}
	self->slots[self->count++] = (struct webhook_slot){
	    .w = {.number = seq,
		  .id = id_of(r->subscription),
		  .addressee = (int)r->addressee,
		  .scope = code_of(r->scope),
		  .region = code_of(r->region),
		  .centre = code_of(r->expertise_centre),
		  .wanted = SUBSCRIPTION_STATE_ACTIVE,
		  .told = SUBSCRIPTION_STATE_ACTIVE},
	    .changed = true,
	};
}

/* ---- signals ---- */

/* What raised and updated say alike. */
struct told {
	const Doorbraak__V1__Addressee *to;
	char *const *organisations;
	size_t to_count, count;
	const char *region, *centre;
};
#define TOLD(s)                                                                                                        \
	((struct told){(s)->to, (s)->organisations, (s)->n_to, (s)->n_organisations, (s)->region,                      \
		       (s)->expertise_centre})

/* All that the subscription names must hold. */
static bool
is_for(const struct webhook *w, const struct told *told)
{
	bool addressee = w->addressee == 0, scope = code_is_empty(w->scope);

	for (size_t i = 0; i < told->to_count; i++)
		addressee = addressee || (int)told->to[i] == w->addressee;
	for (size_t i = 0; i < told->count; i++)
		scope = scope || code_is(w->scope, told->organisations[i]);
	return addressee && scope && (code_is_empty(w->region) || code_is(w->region, told->region)) &&
	       (code_is_empty(w->centre) || code_is(w->centre, told->centre));
}

/* One signal from its raising to its end, whatever its stage. */
#define SIGNAL_DIGEST(a, s)                                                                                            \
	digest_of(bytes_str(arena_printf(a, "%d %d %s %d %s %s", (int)(s)->code, (int)(s)->subject, (s)->subject_id,   \
					 (int)(s)->deadline_kind, (s)->due, (s)->reference)))

static void
queue(struct webhooks *self, struct store_txn *txn, struct webhook_slot *slot, uint64_t seq)
{
	webhook_queue_add(&self->db, txn, &slot->w, seq);
	slot->changed = true;
	if (slot->next_ms == WEBHOOK_IDLE)
		slot->next_ms = 0;
}

/* For whom it is, they know it from now on: those who were told before, or are told now. */
static void
tell(struct webhooks *self, struct store_txn *txn, uint64_t seq, const struct digest *signal, struct told told)
{
	for (unsigned i = 0; i < self->count; i++) {
		struct webhook_slot *slot = &self->slots[i];

		if (slot->w.over || !is_for(&slot->w, &told))
			continue;
		webhook_known_add(&self->db, txn, &slot->w, signal);
		queue(self, txn, slot, seq);
	}
}

static void
on_raised(struct webhooks *self, struct store_txn *txn, uint64_t seq, const pb_SignalRaised *s)
{
	const struct digest signal = SIGNAL_DIGEST(&self->arena, s);

	tell(self, txn, seq, &signal, TOLD(s));
}

/* Evidence grew, it was acknowledged, or nobody did in time: then others are told of it now. */
static void
on_updated(struct webhooks *self, struct store_txn *txn, uint64_t seq, const pb_SignalUpdated *s)
{
	const struct digest signal = SIGNAL_DIGEST(&self->arena, s);

	tell(self, txn, seq, &signal, TOLD(s));
}

static void
on_cleared(struct webhooks *self, struct store_txn *txn, uint64_t seq, const pb_SignalCleared *s)
{
	const struct digest signal = SIGNAL_DIGEST(&self->arena, s);

	for (unsigned i = 0; i < self->count; i++) {
		struct webhook_slot *slot = &self->slots[i];

		if (slot->w.over || !webhook_known_remove(&self->db, txn, &slot->w, &signal))
			continue;
		queue(self, txn, slot, seq);
	}
}

static void
look_at(struct webhooks *self, struct store_txn *txn, const struct journal_entry *entry)
{
	struct record record;
	struct why why;

	if (!record_read(&self->arena, entry->record, &record, &why))
		fatal("the journal of signalling cannot be read at %llu: %s", (unsigned long long)entry->seq, why.text);
	if (record.submission != NULL &&
	    record.submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_SUBSCRIPTION_REGISTERED)
		on_registered(self, entry->seq, record.submission->subscription_registered);
	if (record.answer == NULL || !webhook_is_event(record.answer))
		return;
	if (record.answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED)
		on_raised(self, txn, entry->seq, record.answer->signal_raised);
	else if (record.answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED)
		on_updated(self, txn, entry->seq, record.answer->signal_updated);
	else
		on_cleared(self, txn, entry->seq, record.answer->signal_cleared);
}

bool
webhook_look(struct webhooks *self, struct store_txn *txn)
{
	struct journal_reader reader;
	struct journal_entry entry;
	enum err err = ERR_NONE;

	if (self->looked >= self->status.head.seq)
		return false;
	journal_read_begin(&reader, node_journal(self->world.node), txn, self->looked);
	for (unsigned i = 0; i < WEBHOOK_LOOK_MAX; i++) {
		err = journal_read_next(&reader, &entry);
		if (err != ERR_NONE)
			break;
		look_at(self, txn, &entry);
		self->looked = entry.seq;
	}
	journal_read_end(&reader);
	if (err == ERR_CORRUPT)
		fatal("the journal of signalling is damaged behind %llu", (unsigned long long)self->looked);
	return err == ERR_NONE && self->looked < self->status.head.seq;
}
