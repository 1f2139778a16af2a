// SPDX-License-Identifier: EUPL-1.2
#include "common/digest.h"

#include <sodium.h>

_Static_assert(DIGEST_SIZE >= crypto_generichash_BYTES_MIN && DIGEST_SIZE <= crypto_generichash_BYTES_MAX,
	       "a size that BLAKE2b has");

struct digest
digest_of(struct bytes b)
{
	struct digest digest;

	crypto_generichash(digest.b, sizeof(digest.b), b.data, b.len, NULL, 0);
	return digest;
}

struct digest
digest_chain(struct digest before, uint64_t seq, struct bytes record)
{
	crypto_generichash_state state;
	struct digest digest;
	uint8_t number[8];

	put_u64(number, seq);
	crypto_generichash_init(&state, NULL, 0, sizeof(digest.b));
	crypto_generichash_update(&state, before.b, sizeof(before.b));
	crypto_generichash_update(&state, number, sizeof(number));
	crypto_generichash_update(&state, record.data, record.len);
	crypto_generichash_final(&state, digest.b, sizeof(digest.b));
	return digest;
}
