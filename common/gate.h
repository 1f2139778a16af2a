// SPDX-License-Identifier: EUPL-1.2
/* gate.h - between the door over ZeroMQ and the node, for who comes in by a key (CURVE): who asks, may it, and who looked.
 *
 *   turn of the loop: gate_take() looks up whose key a question came by, judges it (access.h), narrows it and hands it on to
 *   the node; node_turn(); gate_reply() takes the answers, and keeps back those that show cases; gate_turn() writes down who
 *   looks at which cases, and who was refused, commits that, and only then lets go what was kept back.
 *
 * The key is looked up anew at every question and at every answer, so a revoked one stops within ACCESS_KEYS_CHECK_MS, also on
 * a connection that stands and with a question that waits. Services among themselves are not written down. Who reads a
 * journal as a whole (scope `journals`) is written down once a day: `questions/pull`, without cases. */
#ifndef DOORBRAAK_GATE_H
#define DOORBRAAK_GATE_H

#include "common/access_keys.h"
#include "common/access_log.h"
#include "common/node.h"
#include "common/transport.h"

struct gate;

struct gate_options {
	int service; /* SERVICE_... */
	const char *keys_dir;
	struct node_now now;
	void *ctx;
	void (*take)(void *ctx, const struct peer *from, struct bytes message); /* the node */
	void (*reply)(void *ctx, const struct peer *to, struct bytes message);  /* the transport */
};

/* ERR_REFUSED: the keys cannot be used. */
enum err gate_open(struct gate **gate, const struct gate_options *options, struct why *why) MUST_USE;
/* Before the first turn: the log of the door over HTTP; NULL: one of its own, in `dir`. Errors: as access_log_open(). */
enum err gate_log(struct gate *gate, struct access_log *shared, const char *dir, size_t map_bytes,
		  struct why *why) MUST_USE;
void gate_close(struct gate **gate);

/* For transport_curve: ctx is the gate. */
bool gate_may_enter(void *ctx, enum transport_entrance at, const struct curve_key *key);
/* So many connections were turned away since the start; to be written down at the next turn. */
void gate_turned_away(struct gate *gate, uint64_t connections);
/* The keys of the service of this number (SERVICE_...) that hold today. */
unsigned gate_servers(const struct gate *gate, int service, struct curve_key out[CURVE_SERVERS_MAX]);
/* Does this key of ours stand in the list as that of our service, and hold? False with *why. */
bool gate_knows_us(const struct gate *gate, const struct curve_key *own, struct why *why) MUST_USE;

void gate_take(struct gate *gate, const struct peer *from, struct bytes message);
void gate_reply(struct gate *gate, const struct peer *to, struct bytes message);
/* After each node_turn(). ERR_NONE, or the process must end. */
enum err gate_turn(struct gate *gate, struct node_now now) MUST_USE;
/* True once after the list was read again, and after a new day began: may_enter may have other answers. */
bool gate_has_changed(struct gate *gate);

/* What is wrong with the keys since they were last read well; "" when nothing is. */
const char *gate_why(const struct gate *gate);
struct access_log *gate_access_log(struct gate *gate);

struct gate_figures {
	uint64_t no_key, refused; /* questions: by a key that does not hold; that a key does not allow */
};
struct gate_figures gate_figures(const struct gate *gate);

#endif
