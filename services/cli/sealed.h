// SPDX-License-Identifier: EUPL-1.2
/* sealed.h - a file that only the holder of a secret key can read, written by who has the public one.
 *
 *   16 bytes   "doorbraak-seal-1"
 *   32         public key of the recipient (X25519)
 *   80         a key of this file alone, sealed for the recipient (libsodium, crypto_box_seal)
 *   24         head of the stream (crypto_secretstream_xchacha20poly1305)
 *   then       pieces of SEALED_PIECE bytes and 17 of proof; the last one is shorter or equal, and says that it is the last
 *
 * All that stands before the stream is proven by its first piece. A byte that was changed, left out, added or moved, and an end that
 * was cut off, show when it is read. Who wrote it does not: anybody who has the public key can write one. */
#ifndef DOORBRAAK_SEALED_H
#define DOORBRAAK_SEALED_H

#include <sodium.h>

#include "common/bytes.h"
#include "common/err.h"

#define SEALED_PIECE  (64u << 10)
#define SEALED_PUBLIC crypto_box_PUBLICKEYBYTES
#define SEALED_SECRET crypto_box_SECRETKEYBYTES
#define SEALED_HEAD_BYTES                                                                                              \
	(16u + SEALED_PUBLIC + crypto_box_SEALBYTES + SEALED_KEY + crypto_secretstream_xchacha20poly1305_HEADERBYTES)
#define SEALED_KEY crypto_secretstream_xchacha20poly1305_KEYBYTES

struct sealed {
	int fd; /* the caller's */
	uint8_t key[SEALED_KEY];
	crypto_secretstream_xchacha20poly1305_state state;
	uint8_t head[SEALED_HEAD_BYTES];
	bool first, last; /* the next piece is the first; the one at hand is the last */
	size_t used, at;  /* bytes in the piece; reading: how many were given out */
	uint64_t place;   /* reading: bytes of the file so far */
	uint8_t piece[SEALED_PIECE];
};

/* Writing: begin, write, end. False: the file cannot be written, with errno. end() does not flush to disk. */
bool sealed_begin(struct sealed *s, int fd, const uint8_t public[SEALED_PUBLIC]) MUST_USE;
bool sealed_write(struct sealed *s, struct bytes b) MUST_USE;
bool sealed_end(struct sealed *s) MUST_USE;

/* Reading, from the beginning of the file: ERR_REFUSED when it is no such file, or for another recipient. */
enum err sealed_open(struct sealed *s, int fd, const uint8_t secret[SEALED_SECRET], struct why *why) MUST_USE;
/* The same by who has just written it and still has its key: s->key. */
enum err sealed_reopen(struct sealed *s, struct why *why) MUST_USE;
/* All of it, or ERR_CORRUPT: altered or cut off. */
enum err sealed_read(struct sealed *s, uint8_t *out, size_t len, struct why *why) MUST_USE;
/* Nothing more may follow. */
enum err sealed_read_end(struct sealed *s, struct why *why) MUST_USE;
/* Forgets the key. */
void sealed_close(struct sealed *s);

#endif
