// SPDX-License-Identifier: EUPL-1.2
#include "services/signalling/webhook_event.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "common/trace.h"
#include "services/signalling/signalling_decide.h"

/* What an event needs of its record. */
struct about {
	const char *type, *schema, *subject_id;
	int subject, code;
};

static struct about
about(const pb_Answer *answer)
{
	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED:
		return (struct about){"signaal-gegeven", "SignalRaised", answer->signal_raised->subject_id,
				      (int)answer->signal_raised->subject, (int)answer->signal_raised->code};
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED:
		return (struct about){"signaal-bijgewerkt", "SignalUpdated", answer->signal_updated->subject_id,
				      (int)answer->signal_updated->subject, (int)answer->signal_updated->code};
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED:
		return (struct about){"signaal-opgeheven", "SignalCleared", answer->signal_cleared->subject_id,
				      (int)answer->signal_cleared->subject, (int)answer->signal_cleared->code};
	default: return (struct about){0};
	}
}

bool
webhook_is_event(const pb_Answer *answer)
{
	return (int)answer->service == SERVICE_SIGNALLING && about(answer).type != NULL;
}

static const char *
subject_of(struct arena *a, const struct about *what, int addressee)
{
	if ((what->subject == SIGNAL_SUBJECT_CASE && !signalling_sees_cases(addressee, what->code)) ||
	    (!record_is_id(what->subject_id) && !record_is_name(what->subject_id)))
		return "";
	return arena_printf(a, "\"subject\":\"%s\",", what->subject_id);
}

static const char *
trace_of(struct arena *a, const pb_Answer *answer)
{
	char trace[TRACE_LEN + 1];

	return trace_read(answer->traceparent, trace) ? arena_printf(a, ",\"traceparent\":\"%s\"", trace) : "";
}

struct webhook_event
webhook_event_of(struct arena *a, const char *source, struct history history, uint64_t seq, const pb_Answer *answer,
		 int addressee)
{
	const struct about what = about(answer);
	char hex[2 * HISTORY_SIZE + 1], time[32];

	cal_format_timestamp(record_at_ms(answer->decided_at), time);
	bytes_hex(bytes_of(history.b, HISTORY_SIZE), hex);
	const char *id = arena_printf(a, "%s-%" PRIu64, hex, seq);
	const char *body =
	    arena_printf(a,
			 "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\",\"type\":\"nl.jeugdcasussen.%s\",%s"
			 "\"time\":\"%s\",\"sequence\":\"%020" PRIu64 "\",\"sequencetype\":\"doorbraak-journaal\","
			 "\"dataref\":\"%s:signalling:%" PRIu64 "\",\"dataschema\":\"%s:v1:%s\"%s}",
			 id, source, what.type, subject_of(a, &what, addressee), time, seq, source, seq, source,
			 what.schema, trace_of(a, answer));

	return (struct webhook_event){id, bytes_str(body)};
}

const char *
webhook_sign(struct arena *a, const struct webhook_hook *hook, const char *id, int64_t seconds, struct bytes body)
{
	crypto_auth_hmacsha256_state state;
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	char base64[sodium_base64_ENCODED_LEN(crypto_auth_hmacsha256_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	const struct bytes head = bytes_str(arena_printf(a, "%s.%" PRId64 ".", id, seconds));

	crypto_auth_hmacsha256_init(&state, hook->key.data, hook->key.len);
	crypto_auth_hmacsha256_update(&state, head.data, head.len);
	crypto_auth_hmacsha256_update(&state, body.data, body.len);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_bin2base64(base64, sizeof base64, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(&state, sizeof state);
	return arena_printf(a, "v1,%s", base64);
}
