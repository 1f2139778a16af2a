// SPDX-License-Identifier: EUPL-1.2
/* digest.h - BLAKE2b-256 (RFC 7693), by libsodium. */
#ifndef DOORBRAAK_DIGEST_H
#define DOORBRAAK_DIGEST_H

#include "common/bytes.h"

#define DIGEST_SIZE 32

struct digest {
	uint8_t b[DIGEST_SIZE];
};

struct digest digest_of(struct bytes b);

/* The chain of a journal: digest over the digest before, the sequence number (8 bytes, big-endian) and the record. */
struct digest digest_chain(struct digest before, uint64_t seq, struct bytes record);

static inline bool
digest_equal(struct digest a, struct digest b)
{
	return memcmp(a.b, b.b, DIGEST_SIZE) == 0;
}

#endif
