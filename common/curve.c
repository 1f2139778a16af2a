// SPDX-License-Identifier: EUPL-1.2
#include "common/curve.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "common/secret.h"
#include "common/zsocket.h"

bool
curve_key_read(struct curve_key *key, const char *text)
{
	char again[CURVE_TEXT_LEN + 1];

	/* Some texts decode to a number that is too large; those come back as another text. */
	if (strlen(text) != CURVE_TEXT_LEN || zmq_z85_decode(key->b, text) == NULL)
		return false;
	curve_key_text(key, again);
	return strcmp(again, text) == 0;
}

void
curve_key_text(const struct curve_key *key, char text[CURVE_TEXT_LEN + 1])
{
	if (zmq_z85_encode(text, key->b, CURVE_KEY_SIZE) == NULL)
		fatal("libzmq: a key cannot be written");
}

static struct curve_pair *
pair_alloc(struct why *why)
{
	_Static_assert(_Alignof(struct curve_pair) == 1, "a secret may lie anywhere");
	struct secret room;

	return secret_new(&room, sizeof(struct curve_pair), why) ? (struct curve_pair *)(void *)room.data : NULL;
}

static struct secret
room_of(struct curve_pair *pair)
{
	return (struct secret){(uint8_t *)pair, pair == NULL ? 0 : sizeof(*pair)};
}

struct curve_pair *
curve_pair_new(void)
{
	struct why why;
	struct curve_pair *pair = pair_alloc(&why);

	if (pair == NULL)
		fatal("%s", why.text);
	crypto_box_keypair(pair->public.b, pair->secret);
	return pair;
}

void
curve_pair_free(struct curve_pair **pair)
{
	struct secret room = room_of(*pair);

	secret_free(&room);
	*pair = NULL;
}

/* ---- the file ---- */

/* `name: ` and 40 characters, on a line of its own. */
static bool
find(const char *text, const char *name, struct curve_key *key)
{
	const char *at = strstr(text, name);
	char z85[CURVE_TEXT_LEN + 1];
	bool found = false;

	if (at != NULL && (at == text || at[-1] == '\n') && strlen(at) >= strlen(name) + CURVE_TEXT_LEN) {
		memcpy(z85, at + strlen(name), CURVE_TEXT_LEN);
		z85[CURVE_TEXT_LEN] = '\0';
		found = curve_key_read(key, z85);
	}
	sodium_memzero(z85, sizeof(z85));
	return found;
}

static bool
read_text(struct curve_pair *pair, const char *text)
{
	struct curve_key secret, derived;
	bool good = find(text, "public: ", &pair->public) && find(text, "secret: ", &secret);

	good = good && crypto_scalarmult_base(derived.b, secret.b) == 0 && curve_same(&derived, &pair->public);
	if (good)
		memcpy(pair->secret, secret.b, CURVE_KEY_SIZE);
	sodium_memzero(&secret, sizeof(secret));
	return good;
}

struct curve_pair *
curve_pair_read(const char *path, struct why *why)
{
	struct secret file;

	if (!secret_read(&file, path, CURVE_FILE_MAX, why))
		return NULL;
	struct curve_pair *pair = pair_alloc(why);
	const struct secret room = room_of(pair);

	if (pair != NULL && read_text(pair, (const char *)file.data)) {
		secret_seal(&room);
	} else if (pair != NULL) {
		why_set(why,
			"%s: is no secret file of `doorbraak keys`: lines `public: KEY` and `secret: KEY` that fit",
			path);
		curve_pair_free(&pair);
	}
	secret_free(&file);
	return pair;
}

bool
curve_pair_write(const struct curve_pair *pair, const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
	char public[CURVE_TEXT_LEN + 1], secret[CURVE_TEXT_LEN + 1], text[CURVE_FILE_MAX];
	struct curve_key key;

	memcpy(key.b, pair->secret, CURVE_KEY_SIZE);
	curve_key_text(&pair->public, public);
	curve_key_text(&key, secret);
	const int len = snprintf(text, sizeof(text), "public: %s\nsecret: %s\n", public, secret);
	const bool fine = fd >= 0 && write(fd, text, (size_t)len) == len && fsync(fd) == 0;
	const int error = errno;

	sodium_memzero(&key, sizeof(key));
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(text, sizeof(text));
	if (fd >= 0)
		close(fd);
	errno = error;
	return fine;
}
