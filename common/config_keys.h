// SPDX-License-Identifier: EUPL-1.2
/* config_keys.h - the table of all keys: names, kinds, ranges, defaults, what they are for. What people read of it, `--help`
 * and `--config-keys`, is printed from it; docs/operations.md repeats the latter and a test compares them. */
#ifndef DOORBRAAK_CONFIG_KEYS_H
#define DOORBRAAK_CONFIG_KEYS_H

#include "common/config_value.h"

#define CONFIG_KEY_MAX  24 /* bytes of a name */
#define CONFIG_SERVICES 5u

struct config_key {
	const char *name;
	enum value_kind kind;
	unsigned on;         /* services that have it */
	const char *initial; /* default; NULL: it differs by service */
	const char *choices; /* "system|driven" */
	uint64_t min, max;
	size_t offset; /* in struct config, of texts */
	const char *help;
};

enum {
	CONFIG_DATA,
	CONFIG_LISTEN,
	CONFIG_PUBLISH,
	CONFIG_UPSTREAM,
	CONFIG_HTTP,
	CONFIG_CLOCK,
	CONFIG_DISK_RESERVE,
	CONFIG_DISK_WARN,
	CONFIG_MAP_SIZE,
	CONFIG_TURN_RECORDS,
	CONFIG_SECRET,
	CONFIG_INTAKE,
	CONFIG_WEBHOOKS,
	CONFIG_LOG,
	CONFIG_LOG_LEVEL,
	CONFIG_ACCESS_KEYS,
	CONFIG_ORIGINS,
	CONFIG_OPEN_DOOR,
	CONFIG_PAGE_INTAKE,
	CONFIG_PAGE_SIGNALLING,
	CONFIG_SANDBOX,
	CONFIG_ERASURES,
	CONFIG_ERASE_WITHIN,
	CONFIG_AUDIT_KEY,
	CONFIG_CHECKPOINTS,
	CONFIG_KEYS
};

extern const struct config_key config_keys[CONFIG_KEYS];
/* In the order of the row. */
extern const char *const config_services[CONFIG_SERVICES];

/* Does the service of this row, from 0, have this key? */
bool config_key_is_of(unsigned row, unsigned key);
/* In `text`, or constant. */
const char *config_key_default(unsigned row, unsigned key, char text[CONFIG_TEXT_MAX + 1]);

void config_keys_help(FILE *out, unsigned row);
/* All keys of all services, as a table in Markdown. */
void config_keys_table(FILE *out);

#endif
