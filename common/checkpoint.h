// SPDX-License-Identifier: EUPL-1.2
/* checkpoint.h - a signed word about how far a chained log was: what a chain alone cannot show.
 *
 * Each record of a journal follows from the one before, so an edit, a gap or a swap in the middle shows. A tail that was cut off, or
 * a log that was written anew as a whole, does not: for that a checkpoint says, signed (Ed25519), that the log of an origin had so
 * many records with that last digest at that moment. It is one line of text:
 *
 *   doorbraak-checkpoint monitoring 1234 <digest> 2026-03-02T09:14:55Z <signature>
 *
 * Digest and signature in hexadecimal; the signature is over the line up to the blank before it. A file of checkpoints only grows,
 * one file an origin, <folder>/<origin>.checkpoints; copy it elsewhere, to where who can change the log cannot come.
 *
 * Keys are files: <name>.secret (the seed, 64 hexadecimal digits; for its owner only) and <name>.public (the same of the key). */
#ifndef DOORBRAAK_CHECKPOINT_H
#define DOORBRAAK_CHECKPOINT_H

#include "common/digest.h"
#include "common/err.h"

#define CHECKPOINT_ORIGIN_MAX 32
#define CHECKPOINT_LINE_MAX   400 /* bytes, the end of the line included */
#define CHECKPOINT_KEY_BYTES  32  /* of a seed, and of a public key */
#define CHECKPOINT_TEXT_LEN   (2 * CHECKPOINT_KEY_BYTES)
#define CHECKPOINT_EVERY      1000u            /* records */
#define CHECKPOINT_WITHIN_MS  (60 * 60 * 1000) /* when there is something new */

struct checkpoint {
	char origin[CHECKPOINT_ORIGIN_MAX + 1];
	uint64_t seq;
	struct digest digest;
	int64_t at_ms;
};

struct checkpoint_public {
	uint8_t b[CHECKPOINT_KEY_BYTES];
};
/* In locked memory; ends with checkpoint_signer_close(). */
struct checkpoint_signer;

/* A new pair, as the two files hold it. */
void checkpoint_keys(char secret[CHECKPOINT_TEXT_LEN + 1], char public_key[CHECKPOINT_TEXT_LEN + 1]);
/* False with *why when the file is no key, or others than its owner may read it. */
bool checkpoint_signer_open(struct checkpoint_signer **signer, const char *path, struct why *why) MUST_USE;
void checkpoint_signer_close(struct checkpoint_signer **signer);
bool checkpoint_public_read(struct checkpoint_public *key, const char *path, struct why *why) MUST_USE;

/* The line, with its end. */
void checkpoint_sign(const struct checkpoint_signer *signer, const struct checkpoint *checkpoint,
		     char line[CHECKPOINT_LINE_MAX]);
/* A line, without its end. False with *why when it is none, or somebody else signed it. */
bool checkpoint_read(const struct checkpoint_public *key, const char *line, struct checkpoint *checkpoint,
		     struct why *why) MUST_USE;
/* Adds the line to <folder>/<origin>.checkpoints, durable. */
bool checkpoint_append(const char *folder, const char *origin, const char *line, struct why *why) MUST_USE;

#endif
