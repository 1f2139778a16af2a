// SPDX-License-Identifier: EUPL-1.2
/* telling.h - what the log hears of a service that runs: what it refused, commits that were slow, room that is short.
 *
 * Looked at after every turn. A refusal is one line a second for each kind, with how many there were: a flood does not
 * flood the log. A state is one line when it begins and one when it ends. Codes and counts only, never content. */
#ifndef DOORBRAAK_TELLING_H
#define DOORBRAAK_TELLING_H

#include "common/http.h"
#include "common/log.h"
#include "common/node.h"
#include "common/transport.h"
#include "common/web.h"

#define TELLING_SLOW_COMMIT_MS 100  /* a longer one is a line */
#define TELLING_EVERY_MS       1000 /* refusals are summed up for so long */

/* Zeroed, save what is named here; all of it outlives the telling. */
struct telling {
	const struct log *log;
	const struct node *node;
	const struct transport *transport;
	const struct http *http; /* NULL: none */
	const struct web *web;   /* NULL: none */
	uint64_t disk_reserve_bytes, disk_warn_bytes;

	/* What it has told of. */
	struct node_status told;
	bool connected;
	uint64_t malformed, http_refused;
	char keys_why[sizeof(((struct why *)0)->text)];
	int64_t refusals_steady_ms;
};

void telling_tell(struct telling *t, struct node_now now);

#endif
