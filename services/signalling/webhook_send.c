// SPDX-License-Identifier: EUPL-1.2
/* webhook_send.c - requests to receivers, and what their answers mean. */
#include <inttypes.h>
#include <stdlib.h>

#include "common/sabotage.h"
#include "services/signalling/webhook_event.h"
#include "services/signalling/webhook_executor.h"

/* ---- what an answer means ---- */

void
webhook_stop(struct webhook_slot *slot)
{
	http_call_end(&slot->call);
	slot->w.over = true;
	slot->changed = true;
}

/* Doubles from the first one on; a quarter of it is spread over subscriptions, so that many do not come at once. */
static int64_t
pause_ms(const struct webhooks *self, const struct webhook *w)
{
	const unsigned doublings = w->failures < 1 ? 0 : w->failures > 20 ? 20 : w->failures - 1;
	const int64_t whole = (int64_t)self->settings.pause_ms << doublings;
	const int64_t most = whole > WEBHOOK_PAUSE_MAX_MS ? WEBHOOK_PAUSE_MAX_MS : whole;
	const struct digest d = digest_of(bytes_str(w->id.s));

	return most - most / 4 * ((d.b[0] + w->failures) % 256) / 256;
}

static void
note_failure(struct webhooks *self, struct webhook_slot *slot, int64_t at_least_ms, const char *why)
{
	struct webhook *w = &slot->w;

	self->figures.failed++;
	if (w->failures == 0)
		w->failing_since_ms = self->now.wall_ms;
	if (w->failures < UINT32_MAX)
		w->failures++;
	if (w->failures >= self->settings.failing_after)
		w->wanted = SUBSCRIPTION_STATE_FAILING;
	const int64_t pause = pause_ms(self, w);

	slot->next_ms = self->now.steady_ms + (pause > at_least_ms ? pause : at_least_ms);
	slot->changed = true;
	log_say(self->world.log, w->failures == self->settings.failing_after ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG,
		"webhook_failed", log_text("subscription", w->id.s), log_text("traceparent", slot->trace),
		log_text("why", why), log_number("failures", w->failures),
		log_integer("next_in_ms", slot->next_ms - self->now.steady_ms));
	if (self->settings.give_up_s > 0 &&
	    self->now.wall_ms - w->failing_since_ms >= (int64_t)self->settings.give_up_s * 1000) {
		w->wanted = SUBSCRIPTION_STATE_GIVEN_UP;
		w->over = true;
	}
}

static void
note_success(struct webhooks *self, struct webhook_slot *slot)
{
	struct webhook *w = &slot->w;

	if (w->failures >= self->settings.failing_after)
		log_say(self->world.log, LOG_LEVEL_INFO, "webhook_recovered", log_text("subscription", w->id.s));
	w->wanted = SUBSCRIPTION_STATE_ACTIVE;
	w->failures = 0;
	w->failing_since_ms = 0;
	slot->next_ms = w->rate > 0 ? self->now.steady_ms + 60000 / w->rate : 0;
	slot->changed = true;
}

/* Requests a minute; 0 when there is no limit, or none that can be read. */
static uint32_t
allowed_rate(struct bytes head)
{
	char text[HTTP_VALUE_MAX + 1], *end;

	if (!http_head_get(head, "WebHook-Allowed-Rate", text))
		return 0;
	const unsigned long rate = strtoul(text, &end, 10);

	return text[0] < '0' || text[0] > '9' || *end != '\0' || rate > 60000 ? 0 : (uint32_t)rate;
}

static bool
allows_us(const struct webhooks *self, struct bytes head)
{
	char origin[HTTP_VALUE_MAX + 1];

	return http_head_get(head, "WebHook-Allowed-Origin", origin) &&
	       (strcmp(origin, "*") == 0 || strcmp(origin, self->settings.origin) == 0);
}

static int64_t
retry_after_ms(struct bytes head)
{
	char text[HTTP_VALUE_MAX + 1], *end;

	if (!http_head_get(head, "Retry-After", text) || text[0] < '0' || text[0] > '9')
		return 0;
	const unsigned long seconds = strtoul(text, &end, 10);

	return *end != '\0' ? 0 : (int64_t)(seconds > WEBHOOK_RETRY_MAX_S ? WEBHOOK_RETRY_MAX_S : seconds) * 1000;
}

static void
take_answer(struct webhooks *self, struct store_txn *txn, struct webhook_slot *slot)
{
	const struct bytes head = http_call_head(slot->call);
	const int status = http_head_status(head);
	const bool fine = status >= 200 && status < 300;

	if (status == 410) {
		log_say(self->world.log, LOG_LEVEL_WARN, "webhook_gone", log_text("subscription", slot->w.id.s));
		slot->w.wanted = SUBSCRIPTION_STATE_ENDED;
		slot->w.over = slot->changed = true;
	} else if (!fine) {
		note_failure(self, slot, retry_after_ms(head),
			     arena_printf(&self->arena, "the receiver answered %d%s", status,
					  status < 400 ? "; redirects are not followed" : ""));
	} else if (slot->asking && !allows_us(self, head)) {
		note_failure(self, slot, 0, "the receiver does not allow our origin (WebHook-Allowed-Origin)");
	} else if (slot->asking) {
		slot->w.agreed = true;
		slot->w.agreed_url = slot->url;
		slot->w.rate = allowed_rate(head);
		note_success(self, slot);
	} else {
		webhook_queue_remove(&self->db, txn, &slot->w, slot->sending);
		self->figures.delivered++;
		note_success(self, slot);
	}
}

void
webhook_settle(struct webhooks *self, struct store_txn *txn)
{
	for (unsigned i = 0; i < self->count; i++) {
		struct webhook_slot *slot = &self->slots[i];

		if (slot->call == NULL || http_call_state(slot->call) == HTTP_CALL_BUSY)
			continue;
		if (http_call_state(slot->call) == HTTP_CALL_ANSWERED)
			take_answer(self, txn, slot);
		else
			note_failure(self, slot, 0, http_call_why(slot->call));
		http_call_end(&slot->call);
	}
}

/* ---- requests ---- */

static void
begin(struct webhooks *self, struct webhook_slot *slot, const struct webhook_hook *hook,
      const struct http_header *headers, unsigned header_count, struct bytes body)
{
	const struct http_call_options options = {
	    .base = self->world.base,
	    .tls = self->tls,
	    .url = &hook->url,
	    .reach = hook->reach,
	    .method = slot->asking ? "OPTIONS" : "POST",
	    .headers = headers,
	    .header_count = header_count,
	    .body = body,
	    .deadline_ms = self->settings.deadline_ms,
	};

	slot->url = hook->digest;
	slot->call = http_call_begin(&options);
}

static void
ask_to_be_allowed(struct webhooks *self, struct webhook_slot *slot, const struct webhook_hook *hook)
{
	const struct http_header headers[] = {{"WebHook-Request-Origin", self->settings.origin}};

	slot->asking = true;
	slot->trace[0] = '\0';
	begin(self, slot, hook, headers, 1, bytes_of(NULL, 0));
}

static void
send_event(struct webhooks *self, struct store_txn *txn, struct webhook_slot *slot, const struct webhook_hook *hook)
{
	struct arena *a = &self->arena;
	struct journal_entry entry;
	struct record record;
	struct why why;

	if (!journal_get(node_journal(self->world.node), txn, slot->sending, &entry) ||
	    !record_read(a, entry.record, &record, &why) || record.answer == NULL || !webhook_is_event(record.answer))
		fatal("the journal of signalling has no signal at %" PRIu64, slot->sending);
	const struct webhook_event event = webhook_event_of(a, self->settings.source, self->status.history,
							    slot->sending, record.answer, slot->w.addressee);
	const int64_t seconds = self->now.wall_ms / 1000;
	(void)trace_read(record.answer->traceparent, slot->trace);
	const struct http_header headers[] = {
	    {"Content-Type", WEBHOOK_EVENT_TYPE},
	    {"WebHook-Request-Origin", self->settings.origin},
	    {"webhook-id", event.id},
	    {"webhook-timestamp", arena_printf(a, "%" PRId64, seconds)},
	    {"webhook-signature", webhook_sign(a, hook, event.id, seconds, event.body)},
	    {"traceparent", slot->trace},
	};
	const unsigned count = sizeof headers / sizeof headers[0] - (slot->trace[0] == '\0');

	slot->asking = false;
	if (SABOTAGE(WEBHOOK_FORGETS))
		webhook_queue_remove(&self->db, txn, &slot->w, slot->sending);
	begin(self, slot, hook, headers, count, event.body);
}

static void
begin_one(struct webhooks *self, struct store_txn *txn, struct webhook_slot *slot)
{
	struct webhook_hook hook;
	struct why why;

	slot->sending = webhook_queue_first(&self->db, txn, &slot->w);
	if (slot->w.agreed && slot->sending == 0) {
		slot->next_ms = WEBHOOK_IDLE;
		return;
	}
	if (!webhook_hook_read(&hook, &self->settings, slot->w.id.s, &why)) {
		note_failure(self, slot, 0, why.text);
		return;
	}
	if (!slot->w.agreed || !digest_equal(slot->w.agreed_url, hook.digest))
		ask_to_be_allowed(self, slot, &hook);
	else
		send_event(self, txn, slot, &hook);
	webhook_hook_free(&hook);
}

void
webhook_begin_due(struct webhooks *self, struct store_txn *txn)
{
	for (unsigned i = 0; i < self->count; i++) {
		struct webhook_slot *slot = &self->slots[i];

		if (!slot->w.over && slot->call == NULL && slot->next_ms <= self->now.steady_ms)
			begin_one(self, txn, slot);
	}
}
