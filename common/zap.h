// SPDX-License-Identifier: EUPL-1.2
/* zap.h - who comes in: the ZAP handler (ZeroMQ RFC 27) of a process, in its own loop.
 *
 * libzmq asks it about every connection to a socket that has a domain; without an answer nobody comes in. The user id that
 * it gives is the key itself, so that later each message tells by which key it came. */
#ifndef DOORBRAAK_ZAP_H
#define DOORBRAAK_ZAP_H

#include "common/curve.h"

struct zap {
	void *socket;
	void *ctx;
	/* May who has this key come in at the sockets of this domain? */
	bool (*may_enter)(void *ctx, const char *domain, const struct curve_key *key);
	uint64_t entered, refused;
};

/* Before any socket with a domain is bound. The functions of *zap are set. False with *why. */
bool zap_open(struct zap *zap, void *context, struct why *why) MUST_USE;
/* Answers all that is asked; never waits. */
void zap_answer(struct zap *zap);
/* After all other sockets. */
void zap_close(struct zap *zap);

#endif
