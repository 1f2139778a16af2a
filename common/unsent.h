// SPDX-License-Identifier: EUPL-1.2
/* unsent.h - how many bytes of replies wait in libzmq for peers to read them, and when there are enough.
 *
 * libzmq bounds what waits for a peer by the number of messages only, and a reply may have 8 MiB. So each reply is counted
 * from here until libzmq lets go of it: it has left, or its peer is gone. A peer may hold UNSENT_PEER_MAX, and never more
 * than what is still free of UNSENT_ALL_MAX: the more is held by who does not read, the less the next one of those gets, and
 * who does read still finds room. What finds none is not sent; who asked for it asks again.
 *
 * Peers are told apart by a keyed hash of their ids, so there is nothing to forget; two that share a place share its room,
 * and nobody can aim for the place of another. Letting go happens in a thread of libzmq: the counts are atomic. */
#ifndef DOORBRAAK_UNSENT_H
#define DOORBRAAK_UNSENT_H

#include <stdatomic.h>

#include "common/bytes.h"
#include "common/err.h"

#define UNSENT_PEER_MAX (16u << 20) /* bytes; two of the largest replies */
#define UNSENT_ALL_MAX  (64u << 20)
#define UNSENT_PLACES   4096u
#define UNSENT_KEY_SIZE 16u

struct unsent {
	uint8_t key[UNSENT_KEY_SIZE];
	atomic_size_t all;
	atomic_size_t places[UNSENT_PLACES];
};

/* Zeroed storage, which outlives every block. */
void unsent_init(struct unsent *unsent);

/* A copy of `message` for a peer, counted; NULL when there is no room for it. */
struct unsent_block;
struct unsent_block *unsent_take(struct unsent *unsent, struct bytes peer_id, struct bytes message) MUST_USE;
struct bytes unsent_bytes(const struct unsent_block *block);
/* As libzmq calls it: `hint` is the block. From any thread. */
void unsent_let_go(void *data, void *hint);

/* Does a peer hold more than half of what it may? Then what it asks need not be answered now: it does not read. */
bool unsent_is_behind(struct unsent *unsent, struct bytes peer_id);
/* Bytes that wait now. */
size_t unsent_all(const struct unsent *unsent);

#endif
