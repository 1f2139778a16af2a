// SPDX-License-Identifier: EUPL-1.2
#include "common/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static uint16_t
usual_port(const struct url *url)
{
	return url->tls ? 443 : 80;
}

/* Digits up to the end; 0 when it is no port. */
static uint16_t
port_of(const char *digits, size_t len)
{
	unsigned port = 0;

	if (len == 0 || len > 5)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)digits[i]))
			return 0;
		port = port * 10 + (unsigned)(digits[i] - '0');
	}
	return port > UINT16_MAX ? 0 : (uint16_t)port;
}

static bool
is_name(const char *host)
{
	bool letter = false;

	for (const char *c = host; *c != '\0'; c++) {
		letter = letter || isalpha((unsigned char)*c);
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '.')
			return false;
	}
	/* 127.1 and 2130706433 are numbers to some: only four whole ones are, and those were seen before. */
	return letter && host[0] != '-' && host[0] != '.' && strstr(host, "..") == NULL;
}

/* Splits `host[:port]` or `[number][:port]`; 0 in *port when there is none. */
static bool
split_authority(const char *text, size_t len, char host[URL_HOST_MAX + 1], uint16_t *port, bool *number)
{
	const bool brackets = len > 0 && text[0] == '[';
	const char *end = memchr(text, brackets ? ']' : ':', len);
	const size_t host_len = end == NULL ? len : (size_t)(end - text) - (brackets ? 1 : 0);
	const char *rest = end == NULL ? text + len : end + (brackets ? 1 : 0);
	uint8_t address[16];

	if (host_len == 0 || host_len > URL_HOST_MAX || (brackets && end == NULL))
		return false;
	for (size_t i = 0; i < host_len; i++)
		host[i] = (char)tolower((unsigned char)text[i + (brackets ? 1 : 0)]);
	host[host_len] = '\0';
	*port = 0;
	if (rest < text + len) {
		*port = rest[0] == ':' ? port_of(rest + 1, (size_t)(text + len - rest) - 1) : 0;
		if (*port == 0)
			return false;
	}
	*number = inet_pton(brackets ? AF_INET6 : AF_INET, host, address) == 1;
	return *number || (!brackets && is_name(host));
}

static bool
is_printable(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c <= ' ' || *c > '~' || *c == '"' || *c == '<' || *c == '>' || *c == '\\')
			return false;
	}
	return true;
}

bool
url_read(struct url *url, const char *text, struct why *why)
{
	*url = (struct url){0};
	if (strlen(text) > URL_MAX || !is_printable(text)) {
		why_set(why, "the URL has more than %u characters, or one that must be written as %%XX", URL_MAX);
		return false;
	}
	if (strncmp(text, "https://", 8) == 0) {
		url->tls = true;
		text += 8;
	} else if (strncmp(text, "http://", 7) == 0) {
		text += 7;
	} else {
		why_set(why, "the URL does not begin with https://");
		return false;
	}
	const size_t len = strcspn(text, "/?#");

	if (strchr(text, '#') != NULL || memchr(text, '@', len) != NULL) {
		why_set(why, "the URL holds a user, a password or a fragment (#): leave it out");
		return false;
	}
	if (!split_authority(text, len, url->host, &url->port, &url->number)) {
		why_set(why, "the URL has no host, or no right one: https://host[:port]/path");
		return false;
	}
	if (url->port == 0)
		url->port = usual_port(url);
	snprintf(url->target, sizeof url->target, "%s%s", text[len] == '/' ? "" : "/", text + len);
	return true;
}

bool
url_list_is_right(const char *list)
{
	while (*list != '\0') {
		char host[URL_HOST_MAX + 1];
		uint16_t port;
		bool number;

		list += strspn(list, ", \t");
		const size_t len = strcspn(list, ", \t");
		if (len > 0 && !split_authority(list, len, host, &port, &number))
			return false;
		list += len;
	}
	return true;
}

bool
url_is_listed(const struct url *url, const char *list)
{
	while (*list != '\0') {
		char host[URL_HOST_MAX + 1];
		uint16_t port;
		bool number;

		list += strspn(list, ", \t");
		const size_t len = strcspn(list, ", \t");
		if (len > 0 && split_authority(list, len, host, &port, &number) && strcmp(host, url->host) == 0 &&
		    (port == 0 ? usual_port(url) : port) == url->port)
			return true;
		list += len;
	}
	return false;
}

void
url_authority(const struct url *url, char out[URL_AUTHORITY_MAX])
{
	const bool brackets = strchr(url->host, ':') != NULL;
	int n = snprintf(out, URL_AUTHORITY_MAX, "%s%s%s", brackets ? "[" : "", url->host, brackets ? "]" : "");

	if (url->port != usual_port(url))
		snprintf(out + n, URL_AUTHORITY_MAX - (size_t)n, ":%u", url->port);
}
