// SPDX-License-Identifier: EUPL-1.2
/* webhook_executor.h - delivers signals to webhooks, beside apply(); for the webhook_*.c files.
 *
 * Happy path, between two turns of the service: look at what is new in the own journal, put the numbers of signals for a
 * subscription in its queue; send the first of each queue; take it off when the receiver answers 2xx; one transaction
 * for all that changed. One request at a time for a subscription, so order holds; subscriptions do not know of each
 * other, so a dead receiver delays nobody.
 *
 * What the receiver gets: every signal, in order, at least once; (source, id) is the same each time, by which it knows
 * what it has. After a crash, what was under way is sent again.
 *
 * Failure: anything but 2xx is tried again, after a pause that doubles up to WEBHOOK_PAUSE_MAX_MS; `Retry-After` is waited
 * for. 410 ends the subscription. After `failing_after` failures intake is told FAILING (DeliveryReported), then RECOVERED;
 * never a single delivery. Before the first delivery, and when the URL changed, the receiver must allow us (OPTIONS). */
#ifndef DOORBRAAK_WEBHOOK_EXECUTOR_H
#define DOORBRAAK_WEBHOOK_EXECUTOR_H

#include "common/client.h"
#include "common/http_call.h"
#include "common/log.h"
#include "common/node.h"
#include "common/runtime.h"
#include "common/trace.h"
#include "services/signalling/webhook_settings.h"
#include "services/signalling/webhook_state.h"

#define WEBHOOK_LOOK_MAX       512u           /* records of the journal in a turn */
#define WEBHOOK_IDLE           INT64_MAX      /* nothing waits: until something is put in the queue */
#define WEBHOOK_PURGE_MAX      1000u          /* things thrown away in a turn */
#define WEBHOOK_PAUSE_MAX_MS   3600000        /* between two attempts */
#define WEBHOOK_RETRY_MAX_S    86400          /* of a Retry-After that is waited for */
#define WEBHOOK_SAVE_RECORDS   4096u          /* looked at without a find, before that is written down */
#define WEBHOOK_REPORT_WAIT_MS NODE_REPEAT_MS /* for an answer of intake */

/* A subscription, and its request under way. */
struct webhook_slot {
	struct webhook w;
	struct http_call *call;    /* NULL: none */
	bool asking;               /* it is the OPTIONS */
	uint64_t sending;          /* what it carries */
	char trace[TRACE_LEN + 1]; /* of that; "": none */
	struct digest url;         /* where it went */
	int64_t next_ms;           /* not before (monotonic) */
	bool changed;              /* to be written */
};

struct webhook_figures {
	uint64_t delivered, failed, waiting;
};

struct webhooks {
	bool on, loaded;
	struct executor_world world;
	struct webhook_settings settings;
	struct webhook_db db;
	struct http_tls *tls;
	struct event *timer;
	struct webhook_slot slots[WEBHOOKS_MAX];
	unsigned count;
	uint64_t looked, looked_saved;
	struct arena arena; /* of a turn */
	struct node_now now;
	struct node_status status;
	struct webhook_figures figures;
	/* The way back to intake: one report at a time. */
	struct client *intake;
	uint64_t reporting; /* of which subscription; 0: none is under way */
	uint64_t request_id;
	int64_t asked_ms;
};

/* webhook_look.c: reads on in the journal; true when there is more. */
bool webhook_look(struct webhooks *self, struct store_txn *txn);

/* webhook_send.c: takes what requests brought, then begins those that are due. */
void webhook_settle(struct webhooks *self, struct store_txn *txn);
void webhook_begin_due(struct webhooks *self, struct store_txn *txn);

/* webhook_report.c: notes what intake should know and hears its answers (before the commit), and tells (behind it). */
void webhook_report_hear(struct webhooks *self);
void webhook_report_note(struct webhooks *self);
void webhook_report_tell(struct webhooks *self);

/* The subscription stops: nothing more is sent. */
void webhook_stop(struct webhook_slot *slot);

/* For runtime_main(). Off when the configuration names no folder of webhooks. */
extern const struct executor webhook_executor;

#endif
