// SPDX-License-Identifier: EUPL-1.2
#include "common/access_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/json_wire.h"
#include "common/sabotage.h"

static const char prefix[] = "dbk_";

/* ---- tokens ---- */

void
access_token(const uint8_t random[ACCESS_TOKEN_BYTES], char token[ACCESS_TOKEN_LEN + 1])
{
	memcpy(token, prefix, sizeof(prefix));
	sodium_bin2base64(token + sizeof(prefix) - 1, ACCESS_TOKEN_LEN + 1 - (sizeof(prefix) - 1), random,
			  ACCESS_TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

struct digest
access_token_digest(const char *token)
{
	return digest_of(bytes_str(token));
}

/* ---- the file ---- */

/* What stands there, in the arena; {0} when there is no file. */
static bool
slurp(const char *path, struct arena *a, struct stat *seen, struct bytes *text, struct why *why)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t *room;
	size_t len = 0;
	ssize_t got = 1;

	*text = (struct bytes){0};
	*seen = (struct stat){0};
	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0 || fstat(fd, seen) != 0 || !S_ISREG(seen->st_mode)) {
		why_set(why, "%s: cannot be read: %s", path, fd < 0 ? strerror(errno) : "it is no file");
		if (fd >= 0)
			close(fd);
		return false;
	}
	room = arena_take(a, ACCESS_KEYS_BYTES + 1);
	while (got > 0 && len <= ACCESS_KEYS_BYTES) {
		got = read(fd, room + len, ACCESS_KEYS_BYTES + 1 - len);
		len += got > 0 ? (size_t)got : 0;
	}
	close(fd);
	*text = bytes_of(room, len);
	if (got == 0 && len <= ACCESS_KEYS_BYTES)
		return true;
	why_set(why, "%s: cannot be read, or is larger than %u bytes", path, ACCESS_KEYS_BYTES);
	return false;
}

static const char *
text_of(const struct tree *map, const char *key)
{
	const struct tree *t = map == NULL || map->kind != TREE_MAP ? NULL : tree_get(map, key);

	return t == NULL || t->kind != TREE_SCALAR ? "" : t->text;
}

static bool
read_day(const struct tree *map, const char *key, cal_day *day)
{
	const char *text = text_of(map, key);

	*day = text[0] == '\0' ? CAL_NONE : cal_parse(text);
	return text[0] == '\0' || *day != CAL_NONE;
}

static bool
read_scopes(const struct tree *map, struct access_key *key, struct why *why)
{
	const struct tree *scopes = tree_get(map, "scopes");

	for (const struct tree *t = scopes == NULL ? NULL : scopes->first; t != NULL; t = t->next) {
		if (t->kind != TREE_SCALAR || !access_add_scope(&key->caller, t->text, why))
			return false;
	}
	return true;
}

/* It may be left out. */
static bool
read_digest(const char *text, struct access_key *key)
{
	size_t len = 0;

	key->has_token = text[0] != '\0';
	return !key->has_token ||
	       (strlen(text) == 2 * DIGEST_SIZE &&
		sodium_hex2bin(key->digest.b, DIGEST_SIZE, text, strlen(text), NULL, &len, NULL) == 0 &&
		len == DIGEST_SIZE);
}

static bool
read_curves(const struct tree *map, struct access_key *key)
{
	const struct tree *list = tree_get(map, "curve");

	if (list != NULL && list->kind != TREE_LIST)
		return false;
	for (const struct tree *t = list == NULL ? NULL : list->first; t != NULL; t = t->next) {
		struct access_curve *c = &key->curves[key->curve_count];

		if (key->curve_count == ACCESS_CURVES_MAX || !curve_key_read(&c->public, text_of(t, "public")) ||
		    !read_day(t, "validFrom", &c->from) || !read_day(t, "validTo", &c->to))
			return false;
		c->revoked = strcmp(text_of(t, "revoked"), "true") == 0;
		key->curve_count++;
	}
	return key->has_token || key->curve_count > 0;
}

static bool
read_key(const struct tree *map, struct access_key *key, struct why *why)
{
	const char *name = text_of(map, "name"), *organisation = text_of(map, "organisation");
	const char *digest = text_of(map, "digest");

	*key = (struct access_key){0};
	why_set(why, "no scope");
	if (!record_is_id(name)) {
		why_set(why, "a key needs a name of letters, digits and -, %d at most", ACCESS_NAME_MAX);
		return false;
	}
	memcpy(key->caller.name, name, strlen(name) + 1);
	key->caller.role = record_enum_value(record_enum("Role"), text_of(map, "role"));
	key->caller.organisation = code_of(organisation);
	key->revoked = strcmp(text_of(map, "revoked"), "true") == 0;
	if (key->caller.role <= 0)
		why_set(why, "key %s: '%.40s' is no role", name, text_of(map, "role"));
	else if (!record_is_code(organisation))
		why_set(why, "key %s: organisation must be a code", name);
	else if (!read_digest(digest, key))
		why_set(why, "key %s: digest must be %d hexadecimal digits", name, 2 * DIGEST_SIZE);
	else if (!read_day(map, "validFrom", &key->from) || !read_day(map, "validTo", &key->to))
		why_set(why, "key %s: validFrom and validTo are dates: YYYY-MM-DD", name);
	else if (!read_curves(map, key))
		why_set(why,
			"key %s: curve is a list of at most %u {\"public\":KEY,\"validFrom\":DATE,\"validTo\":DATE}; a "
			"key has "
			"a digest or a curve",
			name, ACCESS_CURVES_MAX);
	else
		return read_scopes(map, key, why);
	return false;
}

static bool
share_a_curve(const struct access_key *a, const struct access_key *b)
{
	for (unsigned i = 0; i < a->curve_count; i++) {
		for (unsigned j = 0; j < b->curve_count; j++) {
			if (curve_same(&a->curves[i].public, &b->curves[j].public))
				return true;
		}
	}
	return false;
}

/* Names, digests and keys of CURVE stand once: a name is what the log says, by the others a caller is found. */
static bool
is_new(const struct access_keys *keys, const struct access_key *key, struct why *why)
{
	for (unsigned i = 0; i < keys->count; i++) {
		const struct access_key *other = &keys->list[i];

		if (strcmp(other->caller.name, key->caller.name) != 0 &&
		    !(other->has_token && key->has_token && digest_equal(other->digest, key->digest)) &&
		    !share_a_curve(other, key))
			continue;
		why_set(why, "key %s stands there twice: revoke it and make another name", key->caller.name);
		return false;
	}
	return true;
}

static bool
read_all(struct access_keys *keys, const struct tree *root, struct why *why)
{
	const struct tree *list = root->kind == TREE_MAP ? tree_get(root, "keys") : NULL;
	struct why what;

	if (list == NULL || list->kind != TREE_LIST) {
		why_set(why, "%s: not {\"keys\":[..]}", keys->path);
		return false;
	}
	for (const struct tree *t = list->first; t != NULL; t = t->next) {
		struct access_key *key = &keys->list[keys->count];

		if (keys->count == ACCESS_KEYS_MAX) {
			why_set(why, "%s: more than %u keys: take out those that ended", keys->path, ACCESS_KEYS_MAX);
			return false;
		}
		if (!read_key(t, key, &what) || !is_new(keys, key, &what)) {
			why_set(why, "%s: %s", keys->path, what.text);
			return false;
		}
		keys->count++;
	}
	return true;
}

/* Into `keys`, whose list is empty. */
static bool
load(struct access_keys *keys, struct why *why)
{
	struct json_problems *problems;
	struct arena arena;
	struct bytes text;
	bool good;

	arena_init(&arena);
	problems = ARENA_NEW(&arena, struct json_problems);
	keys->list = calloc(ACCESS_KEYS_MAX, sizeof(*keys->list));
	keys->count = 0;
	if (keys->list == NULL)
		fatal("out of memory");
	good = slurp(keys->path, &arena, &keys->seen, &text, why);
	if (good && text.data != NULL) {
		const struct tree *root = json_parse(&arena, text, problems);

		good = root != NULL && read_all(keys, root, why);
		if (root == NULL)
			why_set(why, "%s: %s %s", keys->path, problems->p[0].path, problems->p[0].text);
	}
	arena_fini(&arena);
	return good;
}

bool
access_keys_open(struct access_keys *keys, const char *dir, struct why *why)
{
	*keys = (struct access_keys){0};
	snprintf(keys->path, sizeof(keys->path), "%s/%s", dir, ACCESS_KEYS_FILE);
	if (load(keys, why))
		return true;
	access_keys_close(keys);
	return false;
}

void
access_keys_close(struct access_keys *keys)
{
	free(keys->list);
	keys->list = NULL;
	keys->count = 0;
}

bool
access_keys_follow(struct access_keys *keys, int64_t steady_ms, struct why *why)
{
	struct access_keys fresh = *keys;
	struct stat st;

	if (steady_ms - keys->looked_ms < ACCESS_KEYS_CHECK_MS)
		return true;
	keys->looked_ms = fresh.looked_ms = steady_ms;
	if (stat(keys->path, &st) != 0)
		st = (struct stat){0};
	if (st.st_ino == keys->seen.st_ino && st.st_size == keys->seen.st_size &&
	    memcmp(&st.st_mtim, &keys->seen.st_mtim, sizeof(st.st_mtim)) == 0)
		return true;
	if (!load(&fresh, why)) {
		keys->seen = st; /* told once */
		access_keys_close(&fresh);
		return false;
	}
	access_keys_close(keys);
	*keys = fresh;
	return true;
}

/* ---- asking ---- */

static bool
holds(const struct access_key *key, cal_day today)
{
	return (!key->revoked || SABOTAGE(REVOKED_KEY_HOLDS)) && (key->from == CAL_NONE || today >= key->from) &&
	       (key->to == CAL_NONE || today <= key->to);
}

const struct caller *
access_keys_find(const struct access_keys *keys, const char *token, cal_day today)
{
	const struct digest digest = access_token_digest(token);

	for (unsigned i = 0; i < keys->count; i++) {
		/* How long comparing takes says something of the digest, and so nothing of the token. */
		if (keys->list[i].has_token && digest_equal(keys->list[i].digest, digest))
			return holds(&keys->list[i], today) ? &keys->list[i].caller : NULL;
	}
	return NULL;
}

bool
access_curve_holds(const struct access_key *key, const struct access_curve *c, cal_day today)
{
	return holds(key, today) && (!c->revoked || SABOTAGE(REVOKED_KEY_HOLDS)) &&
	       (c->from == CAL_NONE || today >= c->from) && (c->to == CAL_NONE || today <= c->to);
}

const struct caller *
access_keys_find_curve(const struct access_keys *keys, const struct curve_key *public, cal_day today)
{
	for (unsigned i = 0; i < keys->count; i++) {
		const struct access_key *key = &keys->list[i];

		for (unsigned j = 0; j < key->curve_count; j++) {
			if (curve_same(&key->curves[j].public, public))
				return access_curve_holds(key, &key->curves[j], today) ? &key->caller : NULL;
		}
	}
	return NULL;
}

unsigned
access_keys_of_service(const struct access_keys *keys, int service, cal_day today, struct curve_key *out, unsigned max)
{
	unsigned count = 0;

	for (unsigned i = 0; i < keys->count; i++) {
		const struct access_key *key = &keys->list[i];

		for (unsigned j = key->curve_count; j-- > 0 && key->caller.service == service && count < max;) {
			if (access_curve_holds(key, &key->curves[j], today))
				out[count++] = key->curves[j].public;
		}
	}
	return count;
}

bool
access_keys_hold(const struct access_keys *keys, const struct caller *caller, cal_day today)
{
	for (unsigned i = 0; i < keys->count; i++) {
		if (strcmp(keys->list[i].caller.name, caller->name) == 0)
			return holds(&keys->list[i], today) &&
			       memcmp(&keys->list[i].caller, caller, sizeof(*caller)) == 0;
	}
	return false;
}

/* ---- writing ---- */

static const char *
curves_text(struct arena *a, const struct access_key *key)
{
	const char *text = "";

	for (unsigned i = 0; i < key->curve_count; i++) {
		const struct access_curve *c = &key->curves[i];
		char public[CURVE_TEXT_LEN + 1];

		curve_key_text(&c->public, public);
		text = arena_printf(
		    a, "%s%s\n    {\"public\":\"%s\",\"validFrom\":\"%s\",\"validTo\":\"%s\",\"revoked\":%s}", text,
		    i == 0 ? "" : ",", public, record_date(a, c->from), record_date(a, c->to),
		    c->revoked ? "true" : "false");
	}
	return text[0] == '\0' ? "" : arena_printf(a, "\n  \"curve\":[%s],", text);
}

static const char *
key_text(struct arena *a, const struct access_key *key)
{
	const struct caller *c = &key->caller;
	const char *scopes = access_scopes(a, c), *list = "";
	char digest[2 * DIGEST_SIZE + 1] = "";

	while (*scopes != '\0') {
		const size_t len = strcspn(scopes, " ");

		list = arena_printf(a, "%s%s\"%.*s\"", list, list[0] == '\0' ? "" : ",", (int)len, scopes);
		scopes += len + (scopes[len] == ' ');
	}
	if (key->has_token)
		bytes_hex(bytes_of(key->digest.b, DIGEST_SIZE), digest);
	return arena_printf(a,
			    "{\"name\":\"%s\",\"digest\":\"%s\",\"role\":\"%s\",\"organisation\":\"%s\",%s\n"
			    "  \"scopes\":[%s],\"validFrom\":\"%s\",\"validTo\":\"%s\",\"revoked\":%s}",
			    c->name, digest, record_code_of("Role", c->role), c->organisation.s, curves_text(a, key),
			    list, record_date(a, key->from), record_date(a, key->to), key->revoked ? "true" : "false");
}

const char *
access_keys_text(struct arena *a, const struct access_keys *keys)
{
	const char *text = "{\"keys\":[";

	for (unsigned i = 0; i < keys->count; i++)
		text = arena_printf(a, "%s%s\n %s", text, i == 0 ? "" : ",", key_text(a, &keys->list[i]));
	return arena_printf(a, "%s\n]}\n", text);
}
