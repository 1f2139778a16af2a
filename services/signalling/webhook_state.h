// SPDX-License-Identifier: EUPL-1.2
/* webhook_state.h - what the executor of webhooks must not lose: subscriptions, what waits, how far it has looked.
 *
 * It stands in signalling's store, in databases of its own that apply() never opens and `verify` does not look at: it
 * is no function of the log. It is written in transactions of its own, between turns. A store that was made anew
 * begins at the registrations again; receivers know what they have by (source, id).
 *
 * A subscription is known by the number of its registration in signalling's journal, so that one that ended and the
 * next one of the same name are two. */
#ifndef DOORBRAAK_WEBHOOK_STATE_H
#define DOORBRAAK_WEBHOOK_STATE_H

#include "common/digest.h"
#include "common/record.h"
#include "common/store.h"

#define WEBHOOKS_MAX 256u /* subscriptions at once */

struct webhook {
	uint64_t number; /* of the registration in the journal */
	struct id id;
	int addressee;     /* 0: any */
	struct code scope; /* "": any; so too of the next two */
	struct code region, centre;
	bool over; /* ended or given up: what waits is thrown away */
	/* What intake has been told, and what it is being told. */
	int wanted; /* SUBSCRIPTION_STATE_...: how it is */
	int told;   /* what intake has */
	int report; /* what is on its way there; 0: nothing */
	int64_t report_at_ms;
	uint32_t report_count;
	/* How it fares. */
	uint32_t failures; /* in a row */
	int64_t failing_since_ms;
	bool agreed; /* the receiver allows us, at the URL of this digest */
	struct digest agreed_url;
	uint32_t rate; /* requests a minute; 0: any */
};

struct webhook_db {
	struct store_db subscriptions, queue, known, meta;
};

/* Their names, ends with NULL: for who makes the rest of the store anew. */
extern const char *const webhook_databases[];

/* In a write transaction: makes what is not there. */
struct webhook_db webhook_db_open(struct store_txn *txn);

/* All of them, at most WEBHOOKS_MAX, by number. */
unsigned webhook_load(const struct webhook_db *db, struct store_txn *txn, struct webhook out[WEBHOOKS_MAX]);
void webhook_put(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w);
void webhook_delete(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w);

/* How all of them fare. */
void webhook_query(const struct webhook_db *db, struct store_txn *txn, pb_SubscriptionsReply *reply);

/* How far the journal was looked at. */
uint64_t webhook_looked(const struct webhook_db *db, struct store_txn *txn);
void webhook_looked_put(const struct webhook_db *db, struct store_txn *txn, uint64_t seq);

/* What waits for a subscription, by number in the journal. */
void webhook_queue_add(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w, uint64_t seq);
void webhook_queue_remove(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w, uint64_t seq);
/* 0 when nothing waits. */
uint64_t webhook_queue_first(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w);
uint64_t webhook_queue_count(const struct webhook_db *db, struct store_txn *txn);

/* Signals that a subscription was told of: it is told of their end too. */
void webhook_known_add(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w,
		       const struct digest *signal);
/* True when it was there. */
bool webhook_known_remove(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w,
			  const struct digest *signal);

/* Throws away up to `max` things of a subscription that is over; true when nothing is left. */
bool webhook_purge(const struct webhook_db *db, struct store_txn *txn, const struct webhook *w, unsigned max);

#endif
