// SPDX-License-Identifier: EUPL-1.2
/* config.h - what a service is told at start, from one table of keys.
 *
 * Sources, the later one wins: the default, the file of `--config FILE`, the environment (DOORBRAAK_<KEY>), the command
 * line (`--key value` or `--key=value`; `-` and `_` are the same there). Nowhere else is a DOORBRAAK_ variable read.
 *
 * The file is flat, one `key: value` a line, `#` begins a comment (at the start of a line or behind a space), at most
 * CONFIG_FILE_MAX bytes; values stand without quotes. Sizes take K, M or G (1024).
 *
 * Everything that is wrong is said at once, each with where it stands (file and line, variable, option), what would be
 * right, and the default. In the file and on the command line an unknown key is wrong; in the environment it is left
 * alone, as orchestrators put variables of their own there: `--check-config` names them, and a service warns of one
 * that looks like a key with a slip of the pen.
 *
 * No key holds a secret: secrets are files in the folders that keys name.
 *
 * An endpoint must be ipc or loopback, unless who comes in shows a key: over ZeroMQ with `secret` and `keys` (CURVE), over
 * HTTP with `keys`. */
#ifndef DOORBRAAK_CONFIG_H
#define DOORBRAAK_CONFIG_H

#include <stdio.h>

#include "common/bytes.h"
#include "common/log.h"

#define CONFIG_FILE_MAX (64u << 10)
#define CONFIG_TEXT_MAX 255u /* bytes of a value */

struct config {
	const char *service; /* the name that was asked for */
	char data[CONFIG_TEXT_MAX + 1];
	char listen[CONFIG_TEXT_MAX + 1];
	char publish[CONFIG_TEXT_MAX + 1];      /* "" when there is none */
	char upstream[CONFIG_TEXT_MAX + 1];     /* "" at intake */
	char intake[CONFIG_TEXT_MAX + 1];       /* signalling: where changes of subscriptions are handed in */
	char webhooks[CONFIG_TEXT_MAX + 1];     /* signalling: folder of webhooks; "" when there are none */
	char http_host[CONFIG_TEXT_MAX + 1];    /* without brackets; "" when there is no HTTP */
	uint16_t http_port;                     /* 0: any free one */
	char keys[CONFIG_TEXT_MAX + 1];         /* folder of the list of keys; "" when there is none */
	char secret[CONFIG_TEXT_MAX + 1];       /* file of our own pair of CURVE; "": nothing is encrypted */
	char http_origins[CONFIG_TEXT_MAX + 1]; /* with a space between; "" when there are none */
	char page_intake[CONFIG_TEXT_MAX + 1]; /* monitoring: the HTTP of intake for its page; "": at its own address */
	char page_signalling[CONFIG_TEXT_MAX + 1];
	bool open_door;
	bool sandbox;
	bool clock_driven;
	bool leaves_machine; /* an endpoint is neither ipc nor loopback */
	uint64_t disk_reserve_bytes, disk_warn_bytes;
	uint64_t map_bytes;
	uint32_t turn_records_max;
	char erasures[CONFIG_TEXT_MAX + 16]; /* intake: the list of erasures; longer, as it may be made of data */
	uint32_t erase_within_s;
	char audit_key[CONFIG_TEXT_MAX + 1];   /* signs checkpoints of the access log; "": none are made */
	char checkpoints[CONFIG_TEXT_MAX + 1]; /* folder of them */
	enum log_form log_form;
	enum log_level log_level;
	/* A variable of the environment that looks like a key, and the sentence about it; "" when there is none. */
	char odd[CONFIG_TEXT_MAX + 1];
};

enum config_outcome {
	CONFIG_RUN,   /* *config is right: go on */
	CONFIG_DONE,  /* what was asked (--help, --version, --check-config) was printed */
	CONFIG_WRONG, /* all that is wrong was printed */
};

/* Reads all sources for a service. `environment` is a list of NAME=value, ended by NULL. */
enum config_outcome config_read(struct config *config, const char *service, int argc, char *const *argv,
				char *const *environment, FILE *out, FILE *errors);

/* True for ipc, 127.0.0.0/8, [::1] and localhost; the endpoint is `tcp://host:port`, `ipc://path` or `host:port`. */
bool config_is_local(const char *endpoint);

#endif
