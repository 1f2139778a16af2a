// SPDX-License-Identifier: EUPL-1.2
/* lookup.h - the address of a host, without waiting for it.
 *
 * A name is looked up by the C library, in a thread of its own: nothing here waits, the caller asks from time to time
 * whether it is there. A number is there at once. Only addresses that may be used are given out: by default those of
 * the public internet (no loopback, no private, link-local, multicast or reserved ranges), so that a name that
 * somebody else owns cannot point at the inside of our network. */
#ifndef DOORBRAAK_LOOKUP_H
#define DOORBRAAK_LOOKUP_H

#include <sys/socket.h>

#include "common/url.h"

enum lookup_state {
	LOOKUP_BUSY,
	LOOKUP_FOUND,
	LOOKUP_UNKNOWN, /* there is no such name, or nobody who knows */
	LOOKUP_REFUSED, /* there are addresses, and none may be used */
};

enum lookup_reach {
	LOOKUP_PUBLIC,   /* public addresses only */
	LOOKUP_PRIVATE,  /* private and loopback too */
	LOOKUP_LOOPBACK, /* only this machine */
};

struct lookup;

struct lookup *lookup_begin(const struct url *url, enum lookup_reach reach);
/* With LOOKUP_FOUND the first address that may be used, with its port. */
enum lookup_state lookup_look(struct lookup *lookup, struct sockaddr_storage *address, socklen_t *len);
/* Ends it, also while it is busy. Nulls the pointer; NULL is fine. */
void lookup_end(struct lookup **lookup);

/* May this address be used? */
bool lookup_may_reach(const struct sockaddr *address, enum lookup_reach reach);

#endif
