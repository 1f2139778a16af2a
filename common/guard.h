// SPDX-License-Identifier: EUPL-1.2
/* guard.h - keys in a service's process: reads its own secret, opens the gate, and has the transport follow the list. Everything
 * here does nothing where no `secret` is configured. For runtime.c. */
#ifndef DOORBRAAK_GUARD_H
#define DOORBRAAK_GUARD_H

#include "common/config.h"
#include "common/gate.h"
#include "common/log.h"

struct guard {
	const struct service *service;
	const struct config *config;
	const struct log *log;
	struct gate *gate;        /* NULL: no keys */
	struct curve_pair *own;   /* until guard_forget() */
	struct curve_line intake; /* signalling: how to get into intake */
	struct transport_curve curve;
	char told[sizeof(((struct why *)0)->text)]; /* what the log has heard of */
	int64_t told_steady_ms;
	uint64_t told_away;
};

/* Reads the secret and opens the gate. False with *why. */
bool guard_open(struct guard *guard, const struct gate_options *options, struct why *why) MUST_USE;
/* Before the first turn: the access log of the door over HTTP, or NULL: the gate has one of its own. False with *why. */
bool guard_log(struct guard *guard, struct access_log *log, struct why *why) MUST_USE;
/* For transport_options; NULL: no keys. */
const struct transport_curve *guard_curve(const struct guard *guard);
const struct curve_line *guard_intake(const struct guard *guard);
/* All that need the secret have it: it is zeroed here. */
void guard_forget(struct guard *guard);
void guard_close(struct guard *guard);

/* After each node_turn(). ERR_NONE, or the process must end. */
enum err guard_turn(struct guard *guard, struct transport *transport, struct node_now now) MUST_USE;

#endif
