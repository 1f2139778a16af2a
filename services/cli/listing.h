// SPDX-License-Identifier: EUPL-1.2
/* listing.h - what commands that list things page by page share: columns or a line of JSON each, --limit, and the last line. */
#ifndef DOORBRAAK_LISTING_H
#define DOORBRAAK_LISTING_H

#include "services/cli/asking.h"
#include "services/cli/columns.h"

#define LISTING_PAGE      500u /* the most that a page holds */
#define LISTING_TOKEN_MAX 127u /* bytes of a page token */

struct listing {
	struct cli *cli;
	struct columns columns;
	uint64_t limit, count;
};

/* Reads --limit. False after telling what is wrong. */
bool listing_begin(struct listing *listing, struct cli *cli, const char *const *heads, unsigned columns);
/* One thing: its JSON, or its cells, whose texts live as long as the command's arena. */
void listing_add_json(struct listing *listing, const ProtobufCMessage *m);
void listing_add(struct listing *listing, const char *const *cells);

/* Asks for the page behind `after` ("": the first) with at most `limit` things, adds what it holds, and gives the token of the next
 * one ("": none) in `a`. NULL with the exit code in *code. */
typedef const char *listing_ask(void *ctx, struct listing *listing, const char *after, uint32_t limit, struct arena *a,
				int *code);
/* All pages, then the table and how many there were: "3 cases". An exit code. */
int listing_run(struct listing *listing, listing_ask *ask, void *ctx, const char *one, const char *many);

#endif
