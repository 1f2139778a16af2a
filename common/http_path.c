// SPDX-License-Identifier: EUPL-1.2
#include "common/http_path.h"

#include "common/err.h"

static int
digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* NULL when it is not well encoded, or is no printable ASCII. */
static const char *
decoded(struct arena *a, struct bytes raw, bool plus)
{
	char *text = arena_take(a, raw.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < raw.len; i++) {
		char c = (char)raw.data[i];

		if (c == '%') {
			const int high = i + 2 < raw.len ? digit((char)raw.data[i + 1]) : -1;
			const int low = i + 2 < raw.len ? digit((char)raw.data[i + 2]) : -1;

			if (high < 0 || low < 0)
				return NULL;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		if (c < ' ' || c > '~')
			return NULL;
		text[len++] = c;
	}
	text[len] = '\0';
	return text;
}

/* ---- paths ---- */

static struct bytes
part_of(const char *path)
{
	return bytes_of(path, strcspn(path, "/"));
}

bool
http_path_match(struct arena *a, const char *pattern, const char *path, struct http_pairs *parameters)
{
	parameters->count = 0;
	while (*pattern == '/' && *path == '/') {
		const struct bytes wanted = part_of(++pattern), part = part_of(++path);

		pattern += wanted.len;
		path += part.len;
		if (wanted.len == 0 || wanted.data[0] != '{') {
			if (!bytes_equal(wanted, part))
				return false;
			continue;
		}
		const char *value = part.len == 0 ? NULL : decoded(a, part, false);

		ASSERT(parameters->count < HTTP_PARAMETERS_MAX && wanted.data[wanted.len - 1] == '}');
		if (value == NULL)
			return false;
		parameters->pairs[parameters->count++] =
		    (struct http_pair){arena_str(a, bytes_of(wanted.data + 1, wanted.len - 2)), value};
	}
	return *pattern == '\0' && *path == '\0';
}

/* ---- queries ---- */

struct findings {
	struct http_query_finding *list;
	unsigned count;
};

static void
found(struct findings *f, enum http_query_fault fault, const char *key)
{
	for (unsigned i = 0; i < f->count; i++) {
		if (f->list[i].fault == fault && strcmp(f->list[i].key, key) == 0)
			return;
	}
	if (f->count <= HTTP_PAIRS_MAX)
		f->list[f->count++] = (struct http_query_finding){fault, key};
}

static const char *
shown(struct arena *a, struct bytes raw)
{
	char *text = arena_str(a, raw);

	for (char *c = text; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	return text;
}

static bool
is_known(const char *known, const char *key, bool *repeats)
{
	const size_t len = strlen(key);

	for (const char *at = known; *at != '\0';) {
		const size_t word = strcspn(at, " ");

		*repeats = word > 0 && at[word - 1] == '*';
		if (len > 0 && word - (*repeats ? 1 : 0) == len && strncmp(at, key, len) == 0)
			return true;
		at += word + (at[word] == ' ');
	}
	return false;
}

static void
read_pair(struct arena *a, const char *known, struct bytes raw, struct http_pairs *pairs, struct findings *f)
{
	const uint8_t *equals = memchr(raw.data, '=', raw.len);
	const size_t key_len = equals == NULL ? raw.len : (size_t)(equals - raw.data);
	const struct bytes raw_key = bytes_of(raw.data, key_len);
	const struct bytes raw_value = equals == NULL ? bytes_of("", 0) : bytes_of(equals + 1, raw.len - key_len - 1);
	const char *key = decoded(a, raw_key, true), *value = decoded(a, raw_value, true);
	bool repeats = false;

	if (key == NULL || !is_known(known, key, &repeats))
		found(f, key == NULL ? HTTP_QUERY_ENCODING : HTTP_QUERY_UNKNOWN, key == NULL ? shown(a, raw_key) : key);
	else if (value == NULL)
		found(f, HTTP_QUERY_ENCODING, key);
	else if (!repeats && http_pairs_get(pairs, key) != NULL)
		found(f, HTTP_QUERY_REPEATED, key);
	else if (pairs->count == HTTP_PAIRS_MAX)
		found(f, HTTP_QUERY_MANY, "");
	else
		pairs->pairs[pairs->count++] = (struct http_pair){key, value};
}

unsigned
http_query_read(struct arena *a, const char *known, const char *query, struct http_pairs *pairs,
		struct http_query_finding findings[HTTP_PAIRS_MAX + 1])
{
	struct findings f = {findings, 0};

	pairs->count = 0;
	for (const char *at = query == NULL ? "" : query; *at != '\0';) {
		const size_t len = strcspn(at, "&");

		if (len > 0)
			read_pair(a, known, bytes_of(at, len), pairs, &f);
		at += len + (at[len] == '&');
	}
	return f.count;
}

const char *
http_pairs_get(const struct http_pairs *pairs, const char *key)
{
	for (unsigned i = 0; i < pairs->count; i++) {
		if (strcmp(pairs->pairs[i].key, key) == 0)
			return pairs->pairs[i].value;
	}
	return NULL;
}
