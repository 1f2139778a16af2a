// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/sealed.h"

#include <errno.h>
#include <unistd.h>

#define MAGIC     "doorbraak-seal-1"
#define MAGIC_LEN 16u
#define PROOF     crypto_secretstream_xchacha20poly1305_ABYTES
#define AT_PUBLIC MAGIC_LEN
#define AT_KEY    (AT_PUBLIC + SEALED_PUBLIC)
#define AT_STREAM (AT_KEY + crypto_box_SEALBYTES + SEALED_KEY)
#define MORE      crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
#define LAST      crypto_secretstream_xchacha20poly1305_TAG_FINAL

/* ---- the file ---- */

static bool
write_all(int fd, const uint8_t *p, size_t len)
{
	while (len > 0) {
		const ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			return false;
		p += n < 0 ? 0 : n;
		len -= n < 0 ? 0 : (size_t)n;
	}
	return true;
}

/* As many as there are; -1 with errno. */
static ssize_t
read_all(int fd, uint8_t *p, size_t len)
{
	size_t got = 0;

	while (got < len) {
		const ssize_t n = read(fd, p + got, len - got);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -1;
		got += n < 0 ? 0 : (size_t)n;
	}
	return (ssize_t)got;
}

/* ---- writing ---- */

bool
sealed_begin(struct sealed *s, int fd, const uint8_t public[SEALED_PUBLIC])
{
	s->fd = fd;
	s->first = true;
	s->last = false;
	s->used = s->at = 0;
	memcpy(s->head, MAGIC, MAGIC_LEN);
	memcpy(s->head + AT_PUBLIC, public, SEALED_PUBLIC);
	crypto_secretstream_xchacha20poly1305_keygen(s->key);
	if (crypto_box_seal(s->head + AT_KEY, s->key, SEALED_KEY, public) != 0) {
		errno = EINVAL; /* a public key of low order */
		return false;
	}
	crypto_secretstream_xchacha20poly1305_init_push(&s->state, s->head + AT_STREAM, s->key);
	return write_all(fd, s->head, sizeof s->head);
}

static bool
push(struct sealed *s, uint8_t tag)
{
	uint8_t out[SEALED_PIECE + PROOF];
	unsigned long long len;

	crypto_secretstream_xchacha20poly1305_push(&s->state, out, &len, s->piece, s->used, s->first ? s->head : NULL,
						   s->first ? sizeof s->head : 0, tag);
	s->first = false;
	s->used = 0;
	return write_all(s->fd, out, (size_t)len);
}

bool
sealed_write(struct sealed *s, struct bytes b)
{
	for (size_t done = 0; done < b.len;) {
		if (s->used == SEALED_PIECE && !push(s, MORE))
			return false;
		const size_t room = SEALED_PIECE - s->used, n = b.len - done < room ? b.len - done : room;
		memcpy(s->piece + s->used, b.data + done, n);
		s->used += n;
		done += n;
	}
	return true;
}

bool
sealed_end(struct sealed *s)
{
	return push(s, LAST);
}

/* ---- reading ---- */

static enum err
read_head(struct sealed *s, struct why *why)
{
	s->first = true;
	s->last = false;
	s->used = s->at = 0;
	s->place = sizeof s->head;
	if (lseek(s->fd, 0, SEEK_SET) != 0 || read_all(s->fd, s->head, sizeof s->head) != (ssize_t)sizeof s->head ||
	    memcmp(s->head, MAGIC, MAGIC_LEN) != 0) {
		why_set(why, "these programs cannot read it as a backup: it is another file, or one of newer programs");
		return ERR_REFUSED;
	}
	return ERR_NONE;
}

static enum err
begin_stream(struct sealed *s, struct why *why)
{
	if (crypto_secretstream_xchacha20poly1305_init_pull(&s->state, s->head + AT_STREAM, s->key) == 0)
		return ERR_NONE;
	why_set(why, "the head of the backup was altered: take another copy of it");
	return ERR_CORRUPT;
}

enum err
sealed_open(struct sealed *s, int fd, const uint8_t secret[SEALED_SECRET], struct why *why)
{
	uint8_t public[SEALED_PUBLIC];
	char hex[2 * SEALED_PUBLIC + 1];

	s->fd = fd;
	enum err err = read_head(s, why);
	if (err != ERR_NONE)
		return err;
	crypto_scalarmult_base(public, secret);
	bytes_hex(bytes_of(s->head + AT_PUBLIC, SEALED_PUBLIC), hex);
	if (memcmp(public, s->head + AT_PUBLIC, SEALED_PUBLIC) != 0) {
		why_set(why, "it was made for the holder of another key, whose public half is %s: give that secret",
			hex);
		return ERR_REFUSED;
	}
	if (crypto_box_seal_open(s->key, s->head + AT_KEY, crypto_box_SEALBYTES + SEALED_KEY, public, secret) != 0) {
		why_set(why, "the head of the backup was altered: take another copy of it");
		return ERR_CORRUPT;
	}
	return begin_stream(s, why);
}

enum err
sealed_reopen(struct sealed *s, struct why *why)
{
	const enum err err = read_head(s, why);

	return err != ERR_NONE ? err : begin_stream(s, why);
}

static enum err
pull(struct sealed *s, struct why *why)
{
	uint8_t in[SEALED_PIECE + PROOF];
	unsigned long long len = 0;
	uint8_t tag = MORE;
	const ssize_t got = s->last ? 0 : read_all(s->fd, in, sizeof in);

	if (got < 0) {
		why_set(why, "cannot be read: %s", strerror(errno));
		return ERR_IO;
	}
	if (got < (ssize_t)PROOF ||
	    crypto_secretstream_xchacha20poly1305_pull(&s->state, s->piece, &len, &tag, in, (size_t)got,
						       s->first ? s->head : NULL, s->first ? sizeof s->head : 0) != 0) {
		why_set(why,
			"it was altered or cut off at about byte %llu: nothing of it is used; take another copy of it",
			(unsigned long long)s->place);
		return ERR_CORRUPT;
	}
	s->place += (uint64_t)got;
	s->first = false;
	s->last = tag == LAST;
	s->used = (size_t)len;
	s->at = 0;
	return ERR_NONE;
}

enum err
sealed_read(struct sealed *s, uint8_t *out, size_t len, struct why *why)
{
	for (size_t done = 0; done < len;) {
		if (s->at == s->used) {
			const enum err err = pull(s, why);
			if (err != ERR_NONE)
				return err;
			continue;
		}
		const size_t has = s->used - s->at, n = len - done < has ? len - done : has;
		memcpy(out + done, s->piece + s->at, n);
		s->at += n;
		done += n;
	}
	return ERR_NONE;
}

enum err
sealed_read_end(struct sealed *s, struct why *why)
{
	uint8_t more;

	while (s->at == s->used && !s->last) {
		const enum err err = pull(s, why);
		if (err != ERR_NONE)
			return err;
	}
	if (s->at == s->used && read_all(s->fd, &more, 1) == 0)
		return ERR_NONE;
	why_set(why, "something stands behind its end: nothing of it is used; take another copy of it");
	return ERR_CORRUPT;
}

void
sealed_close(struct sealed *s)
{
	sodium_memzero(s, sizeof *s);
}
