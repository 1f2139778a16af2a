// SPDX-License-Identifier: EUPL-1.2
/* secret.h - keys and the like, in memory that is looked after: between guard pages, never swapped, never in a dump, readable
 * only once it is complete, and overwritten when it is freed.
 *
 * A secret comes from a file, never from the environment or the command line, where others of this machine can see it. The
 * file belongs to who runs us, or to root (mounts of secrets do); nobody else may read it, save a group; nobody else may
 * write it. So 0400, or 0440.
 *
 * Memory that cannot be locked is an error, not a wish: the sentence says which limit to raise. One secret takes a page of
 * it (4 KiB; 64 KiB where systemd allows nothing else are sixteen). */
#ifndef DOORBRAAK_SECRET_H
#define DOORBRAAK_SECRET_H

#include "common/bytes.h"
#include "common/err.h"

#define SECRET_BYTES_MAX 65536u /* of one secret; a file may be bounded further */

struct secret {
	uint8_t *data; /* NULL: none; a zero byte stands behind `len`, so text can be read as such */
	size_t len;
};

/* Room for `len` bytes, all zero, to be written to until secret_seal(). False with *why. */
bool secret_new(struct secret *secret, size_t len, struct why *why) MUST_USE;
/* It is complete: from here on writing to it ends the process. */
void secret_seal(const struct secret *secret);
/* The whole of a file of 1 to `bytes_max` bytes, sealed. False with *why, which never holds what the file does. */
bool secret_read(struct secret *secret, const char *path, size_t bytes_max, struct why *why) MUST_USE;
/* Overwrites and frees. {0} is fine. */
void secret_free(struct secret *secret);

static inline struct bytes
secret_bytes(const struct secret *secret)
{
	return bytes_of(secret->data, secret->len);
}

#endif
