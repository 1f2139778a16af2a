// SPDX-License-Identifier: EUPL-1.2
#include "services/signalling/webhook_event.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

bool
webhook_is_event(const pb_Answer *answer)
{
	return (int)answer->service == SERVICE_SIGNALLING &&
	       (answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED ||
		answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED);
}

static const char *
subject_of(struct arena *a, const pb_Answer *answer, int addressee)
{
	const bool raised = answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED;
	const int kind = raised ? (int)answer->signal_raised->subject : (int)answer->signal_cleared->subject;
	const char *id = raised ? answer->signal_raised->subject_id : answer->signal_cleared->subject_id;

	if ((addressee == ADDRESSEE_INSPECTORATES && kind == SIGNAL_SUBJECT_CASE) ||
	    (!record_is_id(id) && !record_is_name(id)))
		return "";
	return arena_printf(a, "\"subject\":\"%s\",", id);
}

struct webhook_event
webhook_event_of(struct arena *a, const char *source, struct history history, uint64_t seq, const pb_Answer *answer,
		 int addressee)
{
	const bool raised = answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED;
	char hex[2 * HISTORY_SIZE + 1], time[32];

	cal_format_timestamp(record_at_ms(answer->decided_at), time);
	bytes_hex(bytes_of(history.b, HISTORY_SIZE), hex);
	const char *id = arena_printf(a, "%s-%" PRIu64, hex, seq);
	const char *body =
	    arena_printf(a,
			 "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\",\"type\":\"nl.jeugdcasussen.%s\",%"
			 "s\"time\":\"%s\","
			 "\"sequence\":\"%020" PRIu64 "\",\"sequencetype\":\"doorbraak-journaal\","
			 "\"dataref\":\"%s:signalling:%" PRIu64 "\",\"dataschema\":\"%s:v1:%s\"}",
			 id, source, raised ? "signaal-gegeven" : "signaal-opgeheven", subject_of(a, answer, addressee),
			 time, seq, source, seq, source, raised ? "SignalRaised" : "SignalCleared");

	return (struct webhook_event){id, bytes_str(body)};
}

const char *
webhook_sign(struct arena *a, const struct webhook_hook *hook, const char *id, int64_t seconds, struct bytes body)
{
	crypto_auth_hmacsha256_state state;
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	char base64[sodium_base64_ENCODED_LEN(crypto_auth_hmacsha256_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	const struct bytes head = bytes_str(arena_printf(a, "%s.%" PRId64 ".", id, seconds));

	crypto_auth_hmacsha256_init(&state, hook->key, hook->key_len);
	crypto_auth_hmacsha256_update(&state, head.data, head.len);
	crypto_auth_hmacsha256_update(&state, body.data, body.len);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_bin2base64(base64, sizeof base64, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(&state, sizeof state);
	return arena_printf(a, "v1,%s", base64);
}
