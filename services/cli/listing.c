// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/listing.h"

#include <inttypes.h>

bool
listing_begin(struct listing *l, struct cli *cli, const char *const *heads, unsigned columns)
{
	*l = (struct listing){.cli = cli};
	columns_init(&l->columns, &cli->arena, columns);
	columns_add(&l->columns, heads);
	return asking_number(cli, "limit", UINT64_MAX, UINT32_MAX, &l->limit);
}

void
listing_add_json(struct listing *l, const ProtobufCMessage *m)
{
	struct arena line;

	arena_init(&line);
	fprintf(l->cli->out, "%s\n", record_json(&line, m, true));
	arena_fini(&line);
	l->count++;
}

void
listing_add(struct listing *l, const char *const *cells)
{
	columns_add(&l->columns, cells);
	l->count++;
}

int
listing_run(struct listing *l, listing_ask *ask, void *ctx, const char *one, const char *many)
{
	char after[LISTING_TOKEN_MAX + 1] = "";
	struct arena a;
	int code = CLI_OK;

	arena_init(&a);
	while (l->count < l->limit) {
		const uint64_t left = l->limit - l->count;
		arena_reset(&a);
		const char *next = ask(ctx, l, after, left < LISTING_PAGE ? (uint32_t)left : LISTING_PAGE, &a, &code);
		if (next == NULL || next[0] == '\0')
			break;
		snprintf(after, sizeof after, "%s", next);
	}
	arena_fini(&a);
	if (l->cli->json || code != CLI_OK)
		return code;
	if (l->count > 0)
		columns_print(&l->columns, l->cli->out);
	fprintf(l->cli->err, "%" PRIu64 " %s%s\n", l->count, l->count == 1 ? one : many,
		l->count == l->limit ? ", there may be more behind --limit" : "");
	return code;
}
