// SPDX-License-Identifier: EUPL-1.2
/* url.h - an address that something is sent to: http(s)://host[:port][/path][?query].
 *
 * No user, no password, no fragment; printable ASCII only. A host is a name, an IPv4 number, or an IPv6 number in
 * brackets. Pure. */
#ifndef DOORBRAAK_URL_H
#define DOORBRAAK_URL_H

#include <stdint.h>

#include "common/bytes.h"
#include "common/err.h"

#define URL_MAX      1000u /* bytes */
#define URL_HOST_MAX 253u

struct url {
	bool tls;
	bool number;                 /* the host is an address, not a name */
	char host[URL_HOST_MAX + 1]; /* lower case, without brackets */
	uint16_t port;
	char target[URL_MAX + 1]; /* path and query; "/" at least */
};

/* False with a sentence that says what is expected; never the address itself, which may hold a secret. */
bool url_read(struct url *url, const char *text, struct why *why) MUST_USE;

/* Can every entry of a list be read? */
bool url_list_is_right(const char *list);
/* Is host and port one of a list `host[:port], ...`? Without a port an entry means the usual one (443, 80). */
bool url_is_listed(const struct url *url, const char *list);

/* What stands in a Host header: `host`, `host:port`, `[number]:port`. */
#define URL_AUTHORITY_MAX (URL_HOST_MAX + 9)
void url_authority(const struct url *url, char out[URL_AUTHORITY_MAX]);

#endif
