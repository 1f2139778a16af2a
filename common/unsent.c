// SPDX-License-Identifier: EUPL-1.2
#include "common/unsent.h"

#include <sodium.h>
#include <stdlib.h>

struct unsent_block {
	struct unsent *unsent;
	atomic_size_t *place;
	size_t len;
	uint8_t bytes[];
};

void
unsent_init(struct unsent *unsent)
{
	_Static_assert(UNSENT_KEY_SIZE == crypto_shorthash_KEYBYTES, "the size of a key of SipHash");

	if (sodium_init() < 0)
		fatal("libsodium cannot be used");
	randombytes_buf(unsent->key, sizeof(unsent->key));
}

static atomic_size_t *
place_of(struct unsent *unsent, struct bytes peer_id)
{
	uint8_t hash[crypto_shorthash_BYTES];

	crypto_shorthash(hash, peer_id.data, peer_id.len, unsent->key);
	return &unsent->places[get_u32(hash) % UNSENT_PLACES];
}

struct unsent_block *
unsent_take(struct unsent *unsent, struct bytes peer_id, struct bytes message)
{
	atomic_size_t *place = place_of(unsent, peer_id);
	const size_t all = atomic_load(&unsent->all), held = atomic_load(place) + message.len;

	/* Other threads only ever let go: what is read here is an upper bound. */
	if (held > UNSENT_PEER_MAX || all + held > UNSENT_ALL_MAX)
		return NULL;
	struct unsent_block *block = malloc(sizeof(*block) + message.len);

	if (block == NULL)
		fatal("out of memory: a message of %zu bytes", message.len);
	*block = (struct unsent_block){unsent, place, message.len};
	if (message.len > 0)
		memcpy(block->bytes, message.data, message.len);
	atomic_fetch_add(&unsent->all, message.len);
	atomic_fetch_add(place, message.len);
	return block;
}

bool
unsent_is_behind(struct unsent *unsent, struct bytes peer_id)
{
	const size_t all = atomic_load(&unsent->all), left = all < UNSENT_ALL_MAX ? UNSENT_ALL_MAX - all : 0;

	return atomic_load(place_of(unsent, peer_id)) > (left < UNSENT_PEER_MAX ? left : UNSENT_PEER_MAX) / 2;
}

struct bytes
unsent_bytes(const struct unsent_block *block)
{
	return bytes_of(block->bytes, block->len);
}

void
unsent_let_go(void *data, void *hint)
{
	struct unsent_block *block = hint;

	(void)data;
	atomic_fetch_sub(block->place, block->len);
	atomic_fetch_sub(&block->unsent->all, block->len);
	free(block);
}

size_t
unsent_all(const struct unsent *unsent)
{
	return atomic_load(&unsent->all);
}
