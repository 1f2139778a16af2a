// SPDX-License-Identifier: EUPL-1.2
#include "common/config_value.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <sys/un.h>

#define IPC_PATH_MAX (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)

static bool
is_v4(const char *host)
{
	struct in_addr address;

	return inet_pton(AF_INET, host, &address) == 1;
}

static bool
is_v6(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET6, host, &address) == 1;
}

static bool
is_name(const char *host)
{
	const size_t len = strlen(host);

	return len > 0 && host[0] != '-' && host[0] != '.' &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == len;
}

/* `host:port`, `[v6]:port`; port is the text behind the last colon. */
static bool
split_host(const char *address, char host[CONFIG_TEXT_MAX + 1], const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - address);

	if (len == 0 || len > CONFIG_TEXT_MAX)
		return false;
	*port = colon + 1;
	if (address[0] == '[') {
		if (len < 4 || address[len - 1] != ']')
			return false;
		memcpy(host, address + 1, len - 2);
		host[len - 2] = '\0';
		return is_v6(host);
	}
	memcpy(host, address, len);
	host[len] = '\0';
	return strchr(host, ':') == NULL;
}

/* Digits only; more than 18 of them are no number of ours. */
static bool
read_digits(const char *text, size_t len, uint64_t *number)
{
	*number = 0;
	if (len == 0 || len > 18)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*number = *number * 10 + (uint64_t)(text[i] - '0');
	}
	return true;
}

static bool
is_port(const char *text, uint64_t min)
{
	uint64_t port;

	return read_digits(text, strlen(text), &port) && port >= min && port <= 65535;
}

static bool
read_ipc(const char *path, struct why *why)
{
	const size_t len = strlen(path);

	if (len == 0 || path[0] == '@' || path[0] == '*') {
		why_set(why, "ipc:// is followed by the path of a socket");
		return false;
	}
	if (len > IPC_PATH_MAX)
		why_set(why, "the path of a socket has at most %zu bytes, this one %zu", IPC_PATH_MAX, len);
	return len <= IPC_PATH_MAX;
}

static bool
read_endpoint(const char *text, bool bind, struct why *why)
{
	char host[CONFIG_TEXT_MAX + 1];
	const char *port;

	if (strncmp(text, "ipc://", 6) == 0)
		return read_ipc(text + 6, why);
	if (strncmp(text, "tcp://", 6) == 0 && split_host(text + 6, host, &port)) {
		const bool number = is_v4(host) || is_v6(host);

		if (bind && (number || strcmp(host, "*") == 0) && (strcmp(port, "*") == 0 || is_port(port, 0)))
			return true;
		if (!bind && (number || is_name(host)) && is_port(port, 1))
			return true;
	}
	why_set(why, bind ? "expected tcp://ADDRESS:PORT with an address in numbers, or ipc://PATH"
			  : "expected tcp://HOST:PORT or ipc://PATH");
	return false;
}

static bool
read_address(struct value *value, const char *text, struct why *why)
{
	char host[CONFIG_TEXT_MAX + 1];
	const char *port;

	if (!split_host(text, host, &port) || (!is_v4(host) && !is_v6(host)) || !is_port(port, 0)) {
		why_set(why, "expected ADDRESS:PORT with an address in numbers, or none");
		return false;
	}
	memcpy(value->text, host, strlen(host) + 1);
	return read_digits(port, strlen(port), &value->number);
}

static bool
read_choice(struct value *value, const char *text, const char *choices, struct why *why)
{
	const size_t len = strlen(text);

	value->number = 0;
	for (const char *choice = choices;; choice++) {
		const size_t choice_len = strcspn(choice, "|");

		if (choice_len == len && len > 0 && memcmp(choice, text, len) == 0)
			return true;
		choice += choice_len;
		if (*choice == '\0')
			break;
		value->number++;
	}
	why_set(why, "expected %s", choices);
	return false;
}

static bool
read_number(struct value *value, const char *text, bool bytes, struct value_limits limits, struct why *why)
{
	static const char units[] = "KMG";
	size_t len = strlen(text);
	unsigned shift = 0;
	char range[80];

	if (bytes && len > 1 && strchr(units, text[len - 1]) != NULL) {
		shift = 10 * (unsigned)(strchr(units, text[len - 1]) - units + 1);
		len--;
	}
	if (read_digits(text, len, &value->number) && value->number <= UINT64_MAX >> shift) {
		value->number <<= shift;
		if (value->number >= limits.min && value->number <= limits.max)
			return true;
	}
	value_describe(bytes ? VALUE_BYTES : VALUE_INT, limits, range, sizeof(range));
	why_set(why, "expected %s", range);
	return false;
}

/* As browsers write them: no path, no capitals. */
static bool
read_origins(const char *text, struct why *why)
{
	while (*text != '\0') {
		const size_t len = strcspn(text, " ");
		const size_t scheme = strncmp(text, "https://", 8) == 0 ? 8 : strncmp(text, "http://", 7) == 0 ? 7 : 0;

		if (scheme == 0 || len == scheme ||
		    strspn(text + scheme, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") != len - scheme) {
			why_set(why,
				"expected origins such as https://page.example:8443, with a space between, or none");
			return false;
		}
		text += len + (text[len] == ' ');
	}
	return true;
}

static bool
read_path(struct value *value, struct why *why)
{
	size_t len = strlen(value->text);

	while (len > 1 && value->text[len - 1] == '/')
		value->text[--len] = '\0';
	if (strcmp(value->text, "/") == 0)
		why_set(why, "the root folder is no place for a store");
	return strcmp(value->text, "/") != 0;
}

bool
value_read(struct value *value, enum value_kind kind, const char *text, struct value_limits limits, struct why *why)
{
	const size_t len = strlen(text);
	const bool may_be_none = kind == VALUE_PATH_OR_NONE || kind == VALUE_BIND_OR_NONE ||
				 kind == VALUE_ADDRESS_OR_NONE || kind == VALUE_ORIGINS_OR_NONE;

	*value = (struct value){0};
	if (len == 0 || len > CONFIG_TEXT_MAX) {
		why_set(why, len == 0 ? "has no value" : "longer than %u bytes", CONFIG_TEXT_MAX);
		return false;
	}
	if (text[0] == '"' || text[0] == '\'') {
		why_set(why, "values stand without quotes");
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ') {
			why_set(why, "holds a control character");
			return false;
		}
	}
	if (may_be_none && strcmp(text, "none") == 0)
		return true;

	memcpy(value->text, text, len + 1);
	switch (kind) {
	case VALUE_PATH:
	case VALUE_PATH_OR_NONE: return read_path(value, why);
	case VALUE_BIND:
	case VALUE_BIND_OR_NONE: return read_endpoint(text, true, why);
	case VALUE_CONNECT: return read_endpoint(text, false, why);
	case VALUE_ADDRESS_OR_NONE: return read_address(value, text, why);
	case VALUE_ORIGINS_OR_NONE: return read_origins(text, why);
	case VALUE_CHOICE: return read_choice(value, text, limits.choices, why);
	case VALUE_BYTES: return read_number(value, text, true, limits, why);
	case VALUE_INT: return read_number(value, text, false, limits, why);
	}
	return false;
}

static void
describe_bytes(uint64_t bytes, char *out, size_t size)
{
	static const char *const units[] = {"", "K", "M", "G"};
	unsigned unit = 0;

	while (unit < 3 && bytes >= 1024 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	snprintf(out, size, "%" PRIu64 "%s", bytes, units[unit]);
}

void
value_describe(enum value_kind kind, struct value_limits limits, char *out, size_t size)
{
	char min[32], max[32];

	switch (kind) {
	case VALUE_PATH: snprintf(out, size, "folder"); break;
	case VALUE_PATH_OR_NONE: snprintf(out, size, "folder or none"); break;
	case VALUE_BIND: snprintf(out, size, "tcp://ADDRESS:PORT or ipc://PATH"); break;
	case VALUE_BIND_OR_NONE: snprintf(out, size, "tcp://ADDRESS:PORT, ipc://PATH or none"); break;
	case VALUE_CONNECT: snprintf(out, size, "tcp://HOST:PORT or ipc://PATH"); break;
	case VALUE_ADDRESS_OR_NONE: snprintf(out, size, "ADDRESS:PORT or none"); break;
	case VALUE_ORIGINS_OR_NONE: snprintf(out, size, "http(s)://HOST[:PORT]... or none"); break;
	case VALUE_CHOICE: snprintf(out, size, "%s", limits.choices); break;
	case VALUE_BYTES:
		describe_bytes(limits.min, min, sizeof(min));
		describe_bytes(limits.max, max, sizeof(max));
		snprintf(out, size, "bytes, %s to %s", min, max);
		break;
	case VALUE_INT: snprintf(out, size, "number, %" PRIu64 " to %" PRIu64, limits.min, limits.max); break;
	}
}

bool
value_host_is_local(const char *host)
{
	return (is_v4(host) && strncmp(host, "127.", 4) == 0) || strcmp(host, "::1") == 0 ||
	       strcmp(host, "localhost") == 0;
}

bool
config_is_local(const char *endpoint)
{
	char host[CONFIG_TEXT_MAX + 1];
	const char *port;

	if (strncmp(endpoint, "ipc://", 6) == 0)
		return true;
	if (strncmp(endpoint, "tcp://", 6) == 0)
		endpoint += 6;
	return split_host(endpoint, host, &port) && value_host_is_local(host);
}
