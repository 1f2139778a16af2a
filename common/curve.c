// SPDX-License-Identifier: EUPL-1.2
#include "common/curve.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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
pair_alloc(void)
{
	struct curve_pair *pair = sodium_init() < 0 ? NULL : sodium_malloc(sizeof(*pair));

	if (pair == NULL)
		fatal("out of memory: a key");
	memset(pair, 0, sizeof(*pair));
	/* sodium_malloc() tries, and does not say whether it could. */
	pair->locked = sodium_mlock(pair, sizeof(*pair)) == 0;
	return pair;
}

struct curve_pair *
curve_pair_new(void)
{
	struct curve_pair *pair = pair_alloc();

	crypto_box_keypair(pair->public.b, pair->secret);
	return pair;
}

void
curve_pair_free(struct curve_pair **pair)
{
	if (*pair != NULL)
		sodium_free(*pair);
	*pair = NULL;
}

/* ---- the file ---- */

static bool
is_private(const struct stat *st, const char *path, struct why *why)
{
	const unsigned mode = (unsigned)st->st_mode & 0777;
	const bool ours = st->st_uid == geteuid() && (mode & 077) == 0;
	const bool handed_over = st->st_uid == 0 && (mode & 037) == 0;

	if (S_ISREG(st->st_mode) && (ours || handed_over))
		return true;
	if (!S_ISREG(st->st_mode))
		why_set(why, "%s: is no file", path);
	else if (st->st_uid != geteuid() && st->st_uid != 0)
		why_set(why, "%s: belongs to somebody else (uid %u): a secret must be ours, or root's", path,
			(unsigned)st->st_uid);
	else
		why_set(why, "%s: others may get at it (mode %04o): chmod 0400, and make a new pair if they did", path,
			mode);
	return false;
}

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
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct curve_pair *pair = pair_alloc();
	char *text = sodium_malloc(CURVE_FILE_MAX + 1);
	struct stat st;
	ssize_t len = 0;

	if (text == NULL)
		fatal("out of memory: a key");
	if (fd < 0 || fstat(fd, &st) != 0)
		why_set(why, "%s: cannot be read: %s; `doorbraak keys` makes such files", path, strerror(errno));
	else if (!is_private(&st, path, why))
		len = 0;
	else if ((len = read(fd, text, CURVE_FILE_MAX)) <= 0)
		why_set(why, "%s: cannot be read, or is empty", path);
	if (fd >= 0)
		close(fd);
	text[len > 0 ? len : 0] = '\0';
	if (len > 0 && !read_text(pair, text)) {
		why_set(why,
			"%s: is no secret file of `doorbraak keys`: lines `public: KEY` and `secret: KEY` that fit",
			path);
		len = 0;
	}
	sodium_free(text);
	if (len <= 0)
		curve_pair_free(&pair);
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
