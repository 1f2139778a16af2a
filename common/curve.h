// SPDX-License-Identifier: EUPL-1.2
/* curve.h - key pairs of CURVE (ZeroMQ RFC 26): whose connection it is, and that nobody reads or changes what goes over it.
 *
 * Keys are written as Z85 (RFC 32), 40 characters. A secret file has two lines, in mode 0400:
 *
 *   public: <Z85>
 *   secret: <Z85>
 *
 * Pairs live in the memory of secrets (secret.h), and their files are kept as those are. */
#ifndef DOORBRAAK_CURVE_H
#define DOORBRAAK_CURVE_H

#include "common/bytes.h"
#include "common/err.h"

#define CURVE_KEY_SIZE    32u
#define CURVE_TEXT_LEN    40u
#define CURVE_FILE_MAX    512u /* bytes of a secret file */
#define CURVE_SERVERS_MAX 4u   /* keys of a door that may hold at the same time */

struct curve_key { /* public */
	uint8_t b[CURVE_KEY_SIZE];
};

struct curve_pair {
	struct curve_key public;
	uint8_t secret[CURVE_KEY_SIZE];
};

/* How a client gets into a door: its own pair, and the keys that the door may have. */
struct curve_line {
	const struct curve_pair *own;
	struct curve_key servers[CURVE_SERVERS_MAX];
	unsigned count;
};

static inline bool
curve_same(const struct curve_key *a, const struct curve_key *b)
{
	return memcmp(a->b, b->b, CURVE_KEY_SIZE) == 0;
}

/* False: not 40 characters of Z85 that mean one key. */
bool curve_key_read(struct curve_key *key, const char *text) MUST_USE;
void curve_key_text(const struct curve_key *key, char text[CURVE_TEXT_LEN + 1]);

/* A new pair. To be freed. Ends the process where memory cannot be locked. */
struct curve_pair *curve_pair_new(void);
/* NULL with *why: not there, no secret file, open to others, or memory that cannot be locked. Read-only from then on. */
struct curve_pair *curve_pair_read(const char *path, struct why *why);
/* A new file, 0400. False with errno: there is one already, or it cannot be written. */
bool curve_pair_write(const struct curve_pair *pair, const char *path) MUST_USE;
void curve_pair_free(struct curve_pair **pair);

#endif
