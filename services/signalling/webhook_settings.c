// SPDX-License-Identifier: EUPL-1.2
#include "services/signalling/webhook_settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_LEN (WEBHOOK_TEXT_MAX + 100u)

/* ---- files ---- */

/* The whole of a small file as text. */
static bool
slurp(const char *path, char text[WEBHOOK_FILE_MAX + 1], struct why *why)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	size_t len = 0;
	ssize_t got = 1;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		why_set(why, "%s: cannot be read: %s", path, fd < 0 ? strerror(errno) : "it is no file");
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (got > 0 && len <= WEBHOOK_FILE_MAX) {
		got = read(fd, text + len, WEBHOOK_FILE_MAX + 1 - len);
		len += got > 0 ? (size_t)got : 0;
	}
	close(fd);
	if (got < 0 || len > WEBHOOK_FILE_MAX || memchr(text, '\0', len) != NULL) {
		why_set(why, "%s: is no text of at most %u bytes", path, WEBHOOK_FILE_MAX);
		return false;
	}
	text[len] = '\0';
	return true;
}

static char *
trimmed(char *s)
{
	s += strspn(s, " \t\r");
	for (size_t len = strlen(s); len > 0 && strchr(" \t\r", s[len - 1]) != NULL; len--)
		s[len - 1] = '\0';
	return s;
}

/* The next `key: value`; false at the end, or with *why. *line counts. */
static bool
next_pair(char **rest, const char *path, unsigned *line, char **key, char **value, struct why *why)
{
	while (*rest != NULL && **rest != '\0') {
		char *text = *rest, *end = strchr(text, '\n');

		*rest = end == NULL ? NULL : end + 1;
		if (end != NULL)
			*end = '\0';
		++*line;
		text = trimmed(text);
		if (*text == '\0' || *text == '#')
			continue;
		char *colon = strchr(text, ':');

		if (colon == NULL) {
			why_set(why, "%s:%u: not `key: value`", path, *line);
			return false;
		}
		*colon = '\0';
		*key = trimmed(text);
		*value = trimmed(colon + 1);
		return true;
	}
	return false;
}

/* ---- settings ---- */

#define DAY_S 86400u

struct setting {
	const char *key;
	size_t offset, size; /* of a text; size 0: a number */
	uint32_t min, max, initial;
	bool required;
	bool span; /* `30 d`, in seconds; `never` is 0 */
};

#define TEXT(field, required)                                                                                          \
	{                                                                                                              \
#field, offsetof(struct webhook_settings, field), sizeof(((struct webhook_settings *)0)->field), 0, 0, \
		    0, required, false                                                                                 \
	}
#define NUMBER(field, min, max, initial)                                                                               \
	{                                                                                                              \
#field, offsetof(struct webhook_settings, field), 0, min, max, initial, false, false                   \
	}

static const struct setting known[] = {
    TEXT(source, true),
    TEXT(origin, true),
    TEXT(hosts, true),
    TEXT(private_hosts, false),
    TEXT(ca, false),
    NUMBER(pause_ms, 10, 60000, 1000),
    NUMBER(deadline_ms, 100, 60000, 10000),
    NUMBER(failing_after, 1, 1000, 5),
    {"give_up", offsetof(struct webhook_settings, give_up_s), 0, 1, 3650 * DAY_S, 0, false, true},
};
#define KNOWN (sizeof known / sizeof known[0])

/* Seconds of `90 s`, `10 min`, `12 h`, `30 d`; false when it is none of these. */
static bool
read_span(const char *text, unsigned long *seconds)
{
	static const struct {
		const char *name;
		unsigned long seconds;
	} units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", DAY_S}};
	char *end;
	const unsigned long number = strtoul(text, &end, 10);

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		*seconds = number * units[i].seconds;
		if (strcmp(trimmed(end), units[i].name) == 0 && number <= UINT32_MAX)
			return isdigit((unsigned char)text[0]);
	}
	return false;
}

static bool
set_one(struct webhook_settings *s, const struct setting *k, const char *value)
{
	char *end;

	if (k->size > 0) {
		/* It stands in JSON and in headers. */
		if (strlen(value) >= k->size || strpbrk(value, "\"\\") != NULL)
			return false;
		for (const char *c = value; *c != '\0'; c++) {
			if (*c < ' ' || *c > '~')
				return false;
		}
		memcpy((char *)s + k->offset, value, strlen(value) + 1);
		return value[0] != '\0';
	}
	unsigned long number;

	if (k->span && strcmp(value, "never") == 0)
		return true;
	if (k->span && !read_span(value, &number))
		return false;
	if (!k->span) {
		number = strtoul(value, &end, 10);
		if (!isdigit((unsigned char)value[0]) || *end != '\0')
			return false;
	}
	if (number < k->min || number > k->max)
		return false;
	*(uint32_t *)(void *)((char *)s + k->offset) = (uint32_t)number;
	return true;
}

static bool
check_whole(const struct webhook_settings *s, const char *path, struct why *why)
{
	for (size_t i = 0; i < KNOWN; i++) {
		if (known[i].required && *((const char *)s + known[i].offset) == '\0') {
			why_set(why, "%s: `%s` is missing", path, known[i].key);
			return false;
		}
	}
	if (strncmp(s->source, "urn:", 4) != 0 || strchr(s->source, ' ') != NULL) {
		why_set(why, "%s: source: expected urn:nld:oin:<OIN>:systeem:<name>", path);
		return false;
	}
	if (!url_list_is_right(s->hosts) || !url_list_is_right(s->private_hosts)) {
		why_set(why, "%s: hosts, private_hosts: expected host[:port], host[:port], ...", path);
		return false;
	}
	if (strchr(s->origin, ' ') != NULL || strchr(s->origin, '/') != NULL) {
		why_set(why, "%s: origin: expected the name of a host: doorbraak.example.nl", path);
		return false;
	}
	return true;
}

bool
webhook_settings_read(struct webhook_settings *settings, const char *dir, struct why *why)
{
	char path[PATH_LEN], text[WEBHOOK_FILE_MAX + 2], *rest = text, *key, *value;
	unsigned line = 0;

	*settings = (struct webhook_settings){0};
	why->text[0] = '\0';
	snprintf(settings->dir, sizeof settings->dir, "%s", dir);
	for (size_t i = 0; i < KNOWN; i++) {
		if (known[i].size == 0)
			*(uint32_t *)(void *)((char *)settings + known[i].offset) = known[i].initial;
	}
	snprintf(path, sizeof path, "%s/settings", dir);
	if (!slurp(path, text, why))
		return false;
	while (next_pair(&rest, path, &line, &key, &value, why)) {
		const struct setting *k = NULL;

		for (size_t i = 0; i < KNOWN; i++) {
			if (strcmp(known[i].key, key) == 0)
				k = &known[i];
		}
		if (k == NULL) {
			why_set(why, "%s:%u: there is no setting `%.40s`; see docs/webhooks.md", path, line, key);
			return false;
		}
		if (!set_one(settings, k, value)) {
			if (k->size > 0)
				why_set(why, "%s:%u: %s: expected up to %zu printable characters", path, line, key,
					k->size - 1);
			else if (k->span)
				why_set(why, "%s:%u: %s: expected 1 s to %u d (s, min, h or d), or never", path, line,
					key, k->max / DAY_S);
			else
				why_set(why, "%s:%u: %s: expected %u to %u", path, line, key, k->min, k->max);
			return false;
		}
	}
	return why->text[0] == '\0' && check_whole(settings, path, why);
}

/* ---- a hook ---- */

bool
webhook_url_read(struct webhook_hook *hook, const struct webhook_settings *settings, const char *url, struct why *why)
{
	if (!url_read(&hook->url, url, why))
		return false;
	const bool inside = url_is_listed(&hook->url, settings->private_hosts);

	if (!inside && !url_is_listed(&hook->url, settings->hosts)) {
		why_set(why, "the host (with its port) is not one of `hosts` in %s/settings", settings->dir);
		return false;
	}
	if (!hook->url.tls && !inside) {
		why_set(why, "http:// goes to this machine only, to one of `private_hosts`; take https://");
		return false;
	}
	hook->digest = digest_of(bytes_str(url));
	hook->reach = !hook->url.tls ? LOOKUP_LOOPBACK : inside ? LOOKUP_PRIVATE : LOOKUP_PUBLIC;
	return true;
}

static bool
read_key(struct webhook_hook *hook, const char *path, struct why *why)
{
	static const char prefix[] = "whsec_", blank[] = " \t\r\n";
	struct secret file;
	bool right = false;

	if (!secret_read(&file, path, WEBHOOK_FILE_MAX, why))
		return false;
	const char *text = (const char *)file.data + strspn((const char *)file.data, blank);
	const size_t len = strcspn(text, blank);

	if (!secret_new(&hook->key, WEBHOOK_KEY_MAX, why))
		goto done;
	right = strncmp(text, prefix, sizeof prefix - 1) == 0 &&
		sodium_base642bin(hook->key.data, WEBHOOK_KEY_MAX, text + sizeof prefix - 1, len - (sizeof prefix - 1),
				  NULL, &hook->key.len, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
		hook->key.len >= WEBHOOK_KEY_MIN;
	if (right)
		secret_seal(&hook->key);
	else
		why_set(why, "%s: expected whsec_ and the base64 of %u to %u bytes", path, WEBHOOK_KEY_MIN,
			WEBHOOK_KEY_MAX);
done:
	secret_free(&file);
	if (!right)
		webhook_hook_free(hook);
	return right;
}

void
webhook_hook_free(struct webhook_hook *hook)
{
	secret_free(&hook->key);
}

bool
webhook_hook_read(struct webhook_hook *hook, const struct webhook_settings *settings, const char *id, struct why *why)
{
	char path[PATH_LEN], text[WEBHOOK_FILE_MAX + 2], *rest = text, *key, *value;
	const char *url = NULL;
	unsigned line = 0;

	*hook = (struct webhook_hook){0};
	why->text[0] = '\0';
	snprintf(path, sizeof path, "%s/%s.hook", settings->dir, id);
	if (!slurp(path, text, why))
		return false;
	while (next_pair(&rest, path, &line, &key, &value, why)) {
		if (strcmp(key, "url") != 0 || url != NULL) {
			why_set(why, "%s:%u: one line is expected: `url: https://...`", path, line);
			return false;
		}
		url = value;
	}
	if (why->text[0] == '\0' && url == NULL)
		why_set(why, "%s: `url: https://...` is missing", path);
	if (why->text[0] != '\0' || !webhook_url_read(hook, settings, url, why))
		return false;
	snprintf(path, sizeof path, "%s/%s.key", settings->dir, id);
	return read_key(hook, path, why);
}
