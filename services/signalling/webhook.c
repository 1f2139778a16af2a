// SPDX-License-Identifier: EUPL-1.2
/* webhook.c - the executor as the runtime sees it; see webhook_executor.h. */
#include <event2/event.h>

#include "common/config.h"
#include "common/metrics.h"
#include "services/signalling/webhook_executor.h"

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg; /* waking up is all it is for */
}

/* ---- the store ---- */

static void
load(struct webhooks *self, struct store_txn *txn)
{
	struct webhook rows[WEBHOOKS_MAX];

	self->db = webhook_db_open(txn);
	self->looked = self->looked_saved = webhook_looked(&self->db, txn);
	self->count = webhook_load(&self->db, txn, rows);
	for (unsigned i = 0; i < self->count; i++)
		self->slots[i] = (struct webhook_slot){.w = rows[i]};
}

/* What is over, is told, and has nothing left, goes. */
static void
tidy(struct webhooks *self, struct store_txn *txn)
{
	for (unsigned i = 0; i < self->count;) {
		struct webhook_slot *slot = &self->slots[i];

		if (!slot->w.over || slot->call != NULL ||
		    !webhook_purge(&self->db, txn, &slot->w, WEBHOOK_PURGE_MAX) || slot->w.wanted != slot->w.told) {
			i++;
			continue;
		}
		webhook_delete(&self->db, txn, &slot->w);
		*slot = self->slots[--self->count];
	}
}

static bool
any_over(const struct webhooks *self)
{
	for (unsigned i = 0; i < self->count; i++) {
		if (self->slots[i].w.over)
			return true;
	}
	return false;
}

static bool
write_changes(struct webhooks *self, struct store_txn *txn)
{
	bool any = any_over(self) || self->looked - self->looked_saved >= WEBHOOK_SAVE_RECORDS;

	for (unsigned i = 0; i < self->count; i++) {
		struct webhook_slot *slot = &self->slots[i];

		if (slot->changed)
			webhook_put(&self->db, txn, &slot->w);
		any = any || slot->changed;
		slot->changed = false;
	}
	tidy(self, txn);
	if (any)
		webhook_looked_put(&self->db, txn, self->looked);
	return any;
}

/* Nothing of this turn counts: what is under way is dropped, and sent again. */
static void
undo(struct webhooks *self)
{
	for (unsigned i = 0; i < self->count; i++)
		http_call_end(&self->slots[i].call);
	self->count = 0;
	self->loaded = false;
}

/* ---- the turn ---- */

static bool
has_work(const struct webhooks *self)
{
	if (!self->loaded || self->looked < self->status.head.seq || self->reporting != 0)
		return true;
	for (unsigned i = 0; i < self->count; i++) {
		const struct webhook_slot *slot = &self->slots[i];
		const bool done = slot->call != NULL && http_call_state(slot->call) != HTTP_CALL_BUSY;
		const bool due = slot->call == NULL && !slot->w.over && slot->next_ms <= self->now.steady_ms;

		if (done || due || slot->w.over || slot->w.wanted != slot->w.told || slot->w.report != 0)
			return true;
	}
	return false;
}

/* When there is something to do without news from outside. */
static void
set_timer(struct webhooks *self, bool more)
{
	int64_t wait_ms = more ? 0 : 1000;

	if (self->reporting != 0 && wait_ms > 50)
		wait_ms = 50; /* the answer of intake does not wake the loop */
	for (unsigned i = 0; i < self->count; i++) {
		const struct webhook_slot *slot = &self->slots[i];
		const int64_t left_ms = slot->next_ms - self->now.steady_ms;

		if (slot->call == NULL && !slot->w.over && slot->next_ms != WEBHOOK_IDLE && left_ms < wait_ms)
			wait_ms = left_ms < 0 ? 0 : left_ms;
	}
	const struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};

	evtimer_add(self->timer, &wait);
}

static bool
work(struct webhooks *self)
{
	struct store_txn *txn = store_begin_write(node_store(self->world.node));

	if (!self->loaded) {
		load(self, txn);
		self->loaded = true;
	}
	const bool more = webhook_look(self, txn);

	webhook_report_hear(self);
	webhook_settle(self, txn);
	webhook_begin_due(self, txn);
	webhook_report_note(self);
	const bool changed = write_changes(self, txn);

	self->figures.waiting = webhook_queue_count(&self->db, txn);
	const enum err err = store_commit(txn);

	if (err == ERR_STORE_FULL) {
		undo(self);
		return false;
	}
	if (err != ERR_NONE)
		fatal("webhooks: what was delivered cannot be written down");
	if (changed)
		self->looked_saved = self->looked;
	webhook_report_tell(self);
	return more;
}

static void
turn(void *at, struct node_now now)
{
	struct webhooks *self = at;
	bool more = false;

	if (!self->on)
		return;
	self->now = now;
	node_status(self->world.node, &self->status);
	/* The store is full: deliveries wait too, as they could not be written down. */
	if (has_work(self) && !self->status.refusing) {
		arena_reset(&self->arena);
		more = work(self);
	}
	set_timer(self, more);
}

/* ---- open and close ---- */

/* The authorities may stand anywhere. */
static bool
prepare_self(void *at, const struct config *config, struct why *why)
{
	struct webhooks *self = at;

	if (config->webhooks[0] == '\0')
		return true;
	if (!webhook_settings_read(&self->settings, config->webhooks, why))
		return false;
	self->tls = http_tls_open(self->settings.ca[0] == '\0' ? NULL : self->settings.ca, why);
	return self->tls != NULL;
}

static bool
open_self(void *at, const struct executor_world *world, struct why *why)
{
	struct webhooks *self = at;

	self->world = *world;
	if (world->config->webhooks[0] == '\0')
		return true;
	if (client_open(&self->intake, world->config->intake, world->intake_line, NULL, why) != ERR_NONE)
		return false;
	self->timer = evtimer_new(world->base, on_timer, NULL);
	if (self->timer == NULL)
		fatal("out of memory: a timer");
	arena_init(&self->arena);
	self->on = true;
	return true;
}

static void
close_self(void *at)
{
	struct webhooks *self = at;

	if (self->on) {
		undo(self);
		event_free(self->timer);
		arena_fini(&self->arena);
	}
	client_close(&self->intake);
	http_tls_close(&self->tls);
}

static void
figures(void *at, struct metrics *m)
{
	const struct webhooks *self = at;
	unsigned failing = 0;

	for (unsigned i = 0; i < self->count; i++)
		failing += self->slots[i].w.wanted == SUBSCRIPTION_STATE_FAILING;
	metrics_declare(m, "webhook_deliveries_total", METRIC_COUNTER, "Events that a receiver took.");
	metrics_sample(m, self->figures.delivered);
	metrics_declare(m, "webhook_failures_total", METRIC_COUNTER, "Attempts that failed.");
	metrics_sample(m, self->figures.failed);
	metrics_declare(m, "webhook_waiting", METRIC_GAUGE, "Events that wait for a receiver.");
	metrics_sample(m, self->figures.waiting);
	metrics_declare(m, "webhook_subscriptions", METRIC_GAUGE, "Subscriptions.");
	metrics_sample(m, self->count);
	metrics_declare(m, "webhook_subscriptions_failing", METRIC_GAUGE, "Subscriptions whose deliveries fail.");
	metrics_sample(m, failing);
}

const struct executor webhook_executor = {
    .self_bytes = sizeof(struct webhooks),
    .prepare = prepare_self,
    .open = open_self,
    .turn = turn,
    .figures = figures,
    .close = close_self,
};
