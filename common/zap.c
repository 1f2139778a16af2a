// SPDX-License-Identifier: EUPL-1.2
#include "common/zap.h"

#include "common/sabotage.h"
#include "common/zsocket.h"

#define ENDPOINT   "inproc://zeromq.zap.01"
#define FRAMES_MAX 7 /* version, request, domain, address, routing id, mechanism, key */
#define DOMAIN_MAX 16

struct question {
	char request[32];
	size_t request_len;
	char domain[DOMAIN_MAX + 1];
	struct curve_key key;
	bool whole;
};

bool
zap_open(struct zap *zap, void *context, struct why *why)
{
	const struct zsocket_options options = {
	    .type = ZMQ_REP, .hwm = 1000, .frame_bytes_max = 4096, .endpoint = ENDPOINT};

	zap->socket = zsocket_open(context, &options, why);
	return zap->socket != NULL && zsocket_bind(zap->socket, ENDPOINT, why);
}

void
zap_close(struct zap *zap)
{
	zsocket_close(zap->socket, 0);
	zap->socket = NULL;
}

static void
take(struct question *q, unsigned i, struct bytes frame)
{
	switch (i) {
	case 0: q->whole = bytes_equal(frame, bytes_str("1.0")); break;
	case 1:
		q->request_len = frame.len < sizeof(q->request) ? frame.len : sizeof(q->request);
		if (q->request_len > 0)
			memcpy(q->request, frame.data, q->request_len);
		break;
	case 2:
		q->whole = q->whole && frame.len <= DOMAIN_MAX;
		if (q->whole && frame.len > 0)
			memcpy(q->domain, frame.data, frame.len);
		break;
	case 5: q->whole = q->whole && bytes_equal(frame, bytes_str("CURVE")); break;
	case 6:
		q->whole = q->whole && frame.len == CURVE_KEY_SIZE;
		if (q->whole)
			memcpy(q->key.b, frame.data, CURVE_KEY_SIZE);
		break;
	default: break;
	}
}

static void
answer(struct zap *zap, const struct question *q)
{
	const bool enters = (q->whole && zap->may_enter(zap->ctx, q->domain, &q->key)) || SABOTAGE(NO_ZAP);
	char user[CURVE_TEXT_LEN + 1];

	curve_key_text(&q->key, user);
	const struct bytes frames[] = {
	    bytes_str("1.0"),  bytes_of(q->request, q->request_len), bytes_str(enters ? "200" : "400"),
	    bytes_of(NULL, 0), bytes_str(enters ? user : ""),        bytes_of(NULL, 0)};

	zap->entered += enters;
	zap->refused += !enters;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		/* Who asked may be gone. */
		if (!zsocket_send(zap->socket, frames[i], i + 1 < sizeof(frames) / sizeof(frames[0])))
			return;
	}
}

void
zap_answer(struct zap *zap)
{
	zmq_msg_t frame;

	zmq_msg_init(&frame);
	while (zsocket_receive(zap->socket, &frame)) {
		struct question q = {.whole = false};
		unsigned count = 0;

		take(&q, count++, zsocket_bytes(&frame));
		while (zmq_msg_more(&frame) && zsocket_receive(zap->socket, &frame))
			take(&q, count++, zsocket_bytes(&frame));
		q.whole = q.whole && count == FRAMES_MAX;
		answer(zap, &q);
	}
	zmq_msg_close(&frame);
}
