// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/verify_source.h"

#include <stdlib.h>

#include "common/archive.h"

struct verify_source {
	struct row_source row;
	struct archive *archive; /* NULL: live */
	struct system *system;
	unsigned service;
	struct system_cursor cursor;
	struct arena arena; /* of the last reply */
	const pb_PullReply *reply;
	size_t given; /* entries of the reply that were handed on */
	bool failed;
	struct why why;
};

/* A reply brings more than is asked for at a time: what is left waits for the next call. */
static size_t
read_live(void *ctx, struct arena *a, uint64_t after, struct journal_entry *entries, size_t max)
{
	struct verify_source *s = ctx;
	size_t count = 0;

	if (s->failed || after >= s->row.head)
		return 0;
	if (s->reply == NULL || s->given == s->reply->n_entries) {
		arena_reset(&s->arena);
		s->given = 0;
		s->reply = NULL;
		if (system_read(s->system, s->service, &s->cursor, NULL, 0, false, &s->reply, &s->arena, &s->why) < 0) {
			s->failed = true;
			return 0;
		}
	}
	for (; count < max && s->given < s->reply->n_entries; s->given++) {
		const pb_JournalEntry *e = s->reply->entries[s->given];
		if (e->seq <= after)
			continue;
		if (e->seq > s->row.head || e->digest.len != DIGEST_SIZE)
			break;
		entries[count].seq = e->seq;
		memcpy(entries[count].digest.b, e->digest.data, DIGEST_SIZE);
		entries[count++].record = arena_copy(a, bytes_of(e->record.data, e->record.len));
	}
	if (count == 0) {
		s->failed = true;
		why_set(&s->why, "%s gives nothing behind record %llu, and its head is %llu: was it started anew?",
			service_of_row(s->service)->name, (unsigned long long)after, (unsigned long long)s->row.head);
	}
	return count;
}

static struct verify_source *
source_new(unsigned service)
{
	struct verify_source *s = calloc(1, sizeof *s);

	if (s == NULL)
		fatal("out of memory");
	s->service = service;
	arena_init(&s->arena);
	return s;
}

int
verify_source_live(struct verify_source **out, struct cli *cli, struct system *system, unsigned service)
{
	struct verify_source *s = source_new(service);
	int code;

	s->system = system;
	const pb_StatusReply *status = asking_status(cli, system, service, &s->arena, &code);
	if (status == NULL) {
		verify_source_close(&s);
		return code;
	}
	s->row = (struct row_source){.ctx = s, .read = read_live};
	if (status->head != NULL) {
		s->row.head = status->head->seq;
		if (status->head->history.len == HISTORY_SIZE)
			memcpy(s->row.history.b, status->head->history.data, HISTORY_SIZE);
	}
	*out = s;
	return CLI_OK;
}

int
verify_source_stopped(struct verify_source **out, struct cli *cli, const char *dir, unsigned service)
{
	struct verify_source *s = source_new(service);
	struct why why;
	const char *path = arena_printf(&cli->arena, "%s/%s", dir, service_of_row(service)->name);

	if (archive_open(&s->archive, path, &s->row, &why) != ERR_NONE) {
		verify_source_close(&s);
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	}
	*out = s;
	return CLI_OK;
}

void
verify_source_close(struct verify_source **source)
{
	struct verify_source *s = *source;

	if (s == NULL)
		return;
	archive_close(&s->archive);
	arena_fini(&s->arena);
	free(s);
	*source = NULL;
}

const struct row_source *
verify_source_row(const struct verify_source *source)
{
	return &source->row;
}

bool
verify_source_failed(const struct verify_source *source, struct why *why)
{
	*why = source->why;
	return source->failed;
}
