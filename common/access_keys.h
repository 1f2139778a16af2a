// SPDX-License-Identifier: EUPL-1.2
/* access_keys.h - the keys that callers show: `<folder>/keys.json`.
 *
 *   {"keys":[{"name":"portal-limburg","digest":"<BLAKE2b-256 of the token, 64 hexadecimal digits>","role":"CHAIR",
 *             "organisation":"ET-JZ32","scopes":["region:JZ32","source:portal"],
 *             "validFrom":"2026-11-22","validTo":"2027-11-21","revoked":false}]}
 *
 * or, or as well, with `"curve":[{"public":"<Z85, 40 characters>","validFrom":"","validTo":"","revoked":false}]`: the keys by
 * which it comes in over ZeroMQ, four at most, so that a new one can be handed out while the old one still holds.
 *
 * A token is `dbk_` and 43 characters (32 random bytes, base64url); only its digest is kept. The days are local days, both
 * included; without one it holds from the beginning, or without end. Those of the key bound those of its `curve`.
 *
 * There is no secret in it; but who can write it may do everything. */
#ifndef DOORBRAAK_ACCESS_KEYS_H
#define DOORBRAAK_ACCESS_KEYS_H

#include <sys/stat.h>

#include "common/access.h"
#include "common/curve.h"
#include "common/digest.h"

#define ACCESS_KEYS_FILE     "keys.json"
#define ACCESS_KEYS_MAX      1000u
#define ACCESS_KEYS_BYTES    (1u << 20)
#define ACCESS_TOKEN_BYTES   32u
#define ACCESS_TOKEN_LEN     47u /* characters */
#define ACCESS_KEYS_CHECK_MS 5000
#define ACCESS_CURVES_MAX    4u /* of a name */

struct access_curve {
	struct curve_key public;
	cal_day from, to;
	bool revoked;
};

struct access_key {
	struct caller caller;
	bool has_token;
	struct digest digest;
	struct access_curve curves[ACCESS_CURVES_MAX];
	unsigned curve_count;
	cal_day from, to; /* CAL_NONE: open */
	bool revoked;
};

struct access_keys {
	char path[512];
	struct access_key *list;
	unsigned count;
	struct stat seen; /* of the file that was read */
	int64_t looked_ms;
};

/* Reads the file of a folder. False with *why: which key, what to do. A file that is not there: no keys. */
bool access_keys_open(struct access_keys *keys, const char *dir, struct why *why) MUST_USE;
void access_keys_close(struct access_keys *keys);
/* Reads it again when it has changed; looks every ACCESS_KEYS_CHECK_MS. False with *why when it has, and cannot be used: the
 * keys stay as they were. */
bool access_keys_follow(struct access_keys *keys, int64_t steady_ms, struct why *why) MUST_USE;

/* Whose token this is; NULL when it is none that is valid today. */
const struct caller *access_keys_find(const struct access_keys *keys, const char *token, cal_day today);
/* Who comes in with this key of CURVE; NULL when nobody may with it today. */
const struct caller *access_keys_find_curve(const struct access_keys *keys, const struct curve_key *public,
					    cal_day today);
/* The keys of CURVE that a service (SERVICE_...) may have today, the newest first. How many: at most `max`. */
unsigned access_keys_of_service(const struct access_keys *keys, int service, cal_day today, struct curve_key *out,
				unsigned max);
/* Do the key and this one of its keys of CURVE hold on this day? */
bool access_curve_holds(const struct access_key *key, const struct access_curve *curve, cal_day today);
/* Does the key of this name still say the same of its caller, and hold today? */
bool access_keys_hold(const struct access_keys *keys, const struct caller *caller, cal_day today);

/* For the tool: the same list as the text of a file, in the arena; and the token of 32 random bytes. */
const char *access_keys_text(struct arena *a, const struct access_keys *keys);
void access_token(const uint8_t random[ACCESS_TOKEN_BYTES], char token[ACCESS_TOKEN_LEN + 1]);
struct digest access_token_digest(const char *token);

#endif
