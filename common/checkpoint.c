// SPDX-License-Identifier: EUPL-1.2
#include "common/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WORD       "doorbraak-checkpoint"
#define MOMENT_LEN 20
#define SIGN_LEN   (2 * crypto_sign_BYTES)
#define DIGEST_LEN (2 * DIGEST_SIZE)

_Static_assert(CHECKPOINT_KEY_BYTES == crypto_sign_SEEDBYTES && CHECKPOINT_KEY_BYTES == crypto_sign_PUBLICKEYBYTES,
	       "Ed25519");

struct checkpoint_signer {
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
};

/* ---- keys ---- */

void
checkpoint_keys(char secret[CHECKPOINT_TEXT_LEN + 1], char public_key[CHECKPOINT_TEXT_LEN + 1])
{
	uint8_t seed[crypto_sign_SEEDBYTES], pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];

	randombytes_buf(seed, sizeof seed);
	crypto_sign_seed_keypair(pk, sk, seed);
	bytes_hex(bytes_of(seed, sizeof seed), secret);
	bytes_hex(bytes_of(pk, sizeof pk), public_key);
	sodium_memzero(seed, sizeof seed);
	sodium_memzero(sk, sizeof sk);
}

/* A file of hexadecimal digits. */
static bool
read_key(const char *path, bool secret, uint8_t key[CHECKPOINT_KEY_BYTES], struct why *why)
{
	char text[CHECKPOINT_TEXT_LEN + 2];
	struct stat st;
	size_t len = 0;
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const bool is_file = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	const ssize_t got = is_file ? read(fd, text, sizeof text) : -1;

	if (fd >= 0)
		close(fd);
	if (got < 0) {
		why_set(why, "the key %s cannot be read: %s", path,
			fd >= 0 && !is_file ? "it is no file" : strerror(errno));
		return false;
	}
	if (secret && ((st.st_mode & 077) != 0 || st.st_uid != geteuid())) {
		sodium_memzero(text, sizeof text);
		why_set(why, "%s: others may read it, or it is another's: chown it to this service, chmod 0400", path);
		return false;
	}
	const bool fits = (got == CHECKPOINT_TEXT_LEN || (got == CHECKPOINT_TEXT_LEN + 1 && text[got - 1] == '\n')) &&
			  sodium_hex2bin(key, CHECKPOINT_KEY_BYTES, text, CHECKPOINT_TEXT_LEN, NULL, &len, NULL) == 0 &&
			  len == CHECKPOINT_KEY_BYTES;

	sodium_memzero(text, sizeof text);
	if (!fits)
		why_set(why, "%s: is no key: `doorbraak audit keygen` makes one", path);
	return fits;
}

bool
checkpoint_signer_open(struct checkpoint_signer **out, const char *path, struct why *why)
{
	uint8_t seed[CHECKPOINT_KEY_BYTES], pk[crypto_sign_PUBLICKEYBYTES];

	*out = NULL;
	if (!read_key(path, true, seed, why))
		return false;
	struct checkpoint_signer *signer = sodium_malloc(sizeof *signer);

	if (signer == NULL)
		fatal("out of memory");
	crypto_sign_seed_keypair(pk, signer->secret, seed);
	sodium_memzero(seed, sizeof seed);
	sodium_mprotect_readonly(signer);
	*out = signer;
	return true;
}

void
checkpoint_signer_close(struct checkpoint_signer **signer)
{
	sodium_free(*signer);
	*signer = NULL;
}

bool
checkpoint_public_read(struct checkpoint_public *key, const char *path, struct why *why)
{
	return read_key(path, false, key->b, why);
}

/* ---- lines ---- */

void
checkpoint_sign(const struct checkpoint_signer *signer, const struct checkpoint *c, char line[CHECKPOINT_LINE_MAX])
{
	const time_t at = (time_t)(c->at_ms / 1000);
	char digest[DIGEST_LEN + 1], moment[MOMENT_LEN + 1], sign[SIGN_LEN + 1];
	uint8_t raw[crypto_sign_BYTES];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(moment, sizeof moment, "%Y-%m-%dT%H:%M:%SZ", &tm);
	bytes_hex(bytes_of(c->digest.b, DIGEST_SIZE), digest);
	const int len =
	    snprintf(line, CHECKPOINT_LINE_MAX, WORD " %s %" PRIu64 " %s %s", c->origin, c->seq, digest, moment);

	ASSERT(len > 0 && (size_t)len + 1 + SIGN_LEN + 1 < CHECKPOINT_LINE_MAX);
	crypto_sign_detached(raw, NULL, (const uint8_t *)line, (unsigned long long)len, signer->secret);
	bytes_hex(bytes_of(raw, sizeof raw), sign);
	snprintf(line + len, CHECKPOINT_LINE_MAX - (size_t)len, " %s\n", sign);
}

static bool
is_signed(const struct checkpoint_public *key, const char *line)
{
	const char *sign = strrchr(line, ' ');
	uint8_t raw[crypto_sign_BYTES];
	size_t len;

	return sign != NULL && strlen(sign + 1) == SIGN_LEN &&
	       sodium_hex2bin(raw, sizeof raw, sign + 1, SIGN_LEN, NULL, &len, NULL) == 0 && len == sizeof raw &&
	       crypto_sign_verify_detached(raw, (const uint8_t *)line, (unsigned long long)(sign - line), key->b) == 0;
}

bool
checkpoint_read(const struct checkpoint_public *key, const char *line, struct checkpoint *c, struct why *why)
{
	char digest[DIGEST_LEN + 1], moment[MOMENT_LEN + 1];
	struct tm tm = {0};
	size_t len;

	*c = (struct checkpoint){0};
	if (strlen(line) >= CHECKPOINT_LINE_MAX ||
	    sscanf(line, WORD " %32s %" SCNu64 " %64s %20s ", c->origin, &c->seq, digest, moment) != 4 ||
	    strptime(moment, "%Y-%m-%dT%H:%M:%SZ", &tm) == NULL ||
	    sodium_hex2bin(c->digest.b, DIGEST_SIZE, digest, strlen(digest), NULL, &len, NULL) != 0 ||
	    len != DIGEST_SIZE) {
		why_set(why, "is no checkpoint");
		return false;
	}
	c->at_ms = (int64_t)timegm(&tm) * 1000;
	if (is_signed(key, line))
		return true;
	why_set(why, "was not signed by this key, or was changed");
	return false;
}

bool
checkpoint_append(const char *folder, const char *origin, const char *line, struct why *why)
{
	char path[PATH_MAX];
	const size_t len = strlen(line);

	if ((size_t)snprintf(path, sizeof path, "%s/%s.checkpoints", folder, origin) >= sizeof path) {
		why_set(why, "the path of the folder %s is too long", folder);
		return false;
	}
	const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	const bool written = fd >= 0 && write(fd, line, len) == (ssize_t)len && fsync(fd) == 0;

	if (!written)
		why_set(why, "the checkpoint cannot be written to %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return written;
}
