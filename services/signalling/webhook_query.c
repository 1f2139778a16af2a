// SPDX-License-Identifier: EUPL-1.2
#include "services/signalling/webhook_state.h"

static pb_SubscriptionView *
view_of(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w)
{
	struct arena *a = store_arena(txn);
	pb_SubscriptionView *v = ARENA_NEW(a, pb_SubscriptionView);

	pb_SubscriptionView_init(v);
	v->subscription = record_text(a, w->id.s);
	v->addressee = (Doorbraak__V1__Addressee)w->addressee;
	v->scope = record_text(a, w->scope.s);
	v->region = record_text(a, w->region.s);
	v->centre = record_text(a, w->centre.s);
	v->state = (Doorbraak__V1__SubscriptionState)w->wanted;
	if (w->failures > 0) {
		v->failing_since = ARENA_NEW(a, Google__Protobuf__Timestamp);
		record_timestamp(v->failing_since, w->failing_since_ms);
	}
	v->failures = w->failures;
	v->waiting_from = webhook_queue_first(db, txn, w);
	v->agreed = w->agreed;
	return v;
}

void
webhook_query(const struct webhook_db *db, struct store_txn *txn, pb_SubscriptionsReply *reply)
{
	struct webhook *all = ARENA_ARRAY(store_arena(txn), struct webhook, WEBHOOKS_MAX);
	const unsigned count = webhook_load(db, txn, all);

	reply->subscriptions = ARENA_ARRAY(store_arena(txn), pb_SubscriptionView *, count + 1u);
	for (unsigned i = 0; i < count; i++) {
		if (!all[i].over || all[i].wanted == SUBSCRIPTION_STATE_GIVEN_UP)
			reply->subscriptions[reply->n_subscriptions++] = view_of(db, txn, &all[i]);
	}
}
