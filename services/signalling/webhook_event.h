// SPDX-License-Identifier: EUPL-1.2
/* webhook_event.h - a signal as a CloudEvent (NL GOV profile), and its signature. Pure.
 *
 * The event says that something changed, not what (L3): type, subject, moment, number, and where the record is. No
 * name, no code of an organisation in the type. (source, id) is the same for every attempt, for every receiver, and
 * after a restart: `id` is the history of the log and the number of the record in signalling's journal.
 *
 *   {"specversion":"1.0","id":"<history>-<number>","source":"urn:...","type":"nl.jeugdcasussen.signaal-gegeven",
 *    "subject":"c-...","time":"2026-03-02T09:00:00.000Z","sequence":"00000000000000000042",
 *    "sequencetype":"doorbraak-journaal","dataref":"urn:...:signalling:42","dataschema":"urn:...:v1:SignalRaised"}
 *
 * and `traceparent`, the extension for distributed tracing, when the submission behind it came with one. */
#ifndef DOORBRAAK_WEBHOOK_EVENT_H
#define DOORBRAAK_WEBHOOK_EVENT_H

#include "common/cursor.h"
#include "common/record.h"
#include "services/signalling/webhook_settings.h"

#define WEBHOOK_EVENT_TYPE "application/cloudevents+json; charset=UTF-8"

struct webhook_event {
	const char *id;
	struct bytes body;
};

/* Does this answer become an event? */
bool webhook_is_event(const pb_Answer *answer);
/* In the arena. Who may not see cases (signalling_sees_cases()) is not told of which one. */
struct webhook_event webhook_event_of(struct arena *a, const char *source, struct history history, uint64_t seq,
				      const pb_Answer *answer, int addressee);

/* `v1,` and the base64 of HMAC-SHA256 over `<id>.<seconds>.<body>` (Standard Webhooks). In the arena. */
const char *webhook_sign(struct arena *a, const struct webhook_hook *hook, const char *id, int64_t seconds,
			 struct bytes body);

#endif
