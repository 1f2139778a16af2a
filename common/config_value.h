// SPDX-License-Identifier: EUPL-1.2
/* config_value.h - one value of the configuration: a text checked by its kind. Pure. */
#ifndef DOORBRAAK_CONFIG_VALUE_H
#define DOORBRAAK_CONFIG_VALUE_H

#include "common/config.h"
#include "common/err.h"

enum value_kind {
	VALUE_PATH,            /* a folder; slashes at the end are taken off */
	VALUE_PATH_OR_NONE,    /* the same, or `none`, which becomes "" */
	VALUE_BIND,            /* tcp://number-or-*:port-or-* or ipc://path */
	VALUE_BIND_OR_NONE,    /* the same, or `none`, which becomes "" */
	VALUE_CONNECT,         /* tcp://host:port or ipc://path */
	VALUE_ADDRESS_OR_NONE, /* number:port; text is the host without brackets, number the port; `none` becomes "" */
	VALUE_ORIGINS_OR_NONE, /* http(s)://host[:port], with a space between; `none` becomes "" */
	VALUE_CHOICE,          /* number is its place in choices, from 0 */
	VALUE_BYTES,           /* digits with K, M or G */
	VALUE_INT,
};

struct value_limits {
	const char *choices; /* "system|driven" */
	uint64_t min, max;
};

struct value {
	char text[CONFIG_TEXT_MAX + 1];
	uint64_t number;
};

/* False with a sentence that says what is expected. */
bool value_read(struct value *value, enum value_kind kind, const char *text, struct value_limits limits,
		struct why *why) MUST_USE;

/* What may stand there, for people: "system|driven", "0 to 1024G". */
void value_describe(enum value_kind kind, struct value_limits limits, char *out, size_t size);

/* A host without port and brackets. */
bool value_host_is_local(const char *host);

#endif
