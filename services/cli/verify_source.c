// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/verify_source.h"

#include <stdlib.h>

#include "common/archive.h"

#define PIECES 2u

/* A reply: records that follow each other. */
struct piece {
	struct arena arena;
	const pb_PullReply *reply; /* NULL: none */
};

struct verify_source {
	struct row_source row;
	struct archive *archive; /* NULL: live */
	struct system *system;
	unsigned service;
	struct doorbraak_cursor cursor;
	/* The last replies: who computes may ask for the same again, a reply brings more than is asked for at a time. */
	struct piece pieces[PIECES];
	unsigned newest;
	bool failed;
	struct why why;
};

/* The piece that holds a record; NULL when neither does. */
static const pb_PullReply *
find_piece(const struct verify_source *s, uint64_t seq)
{
	for (unsigned i = 0; i < PIECES; i++) {
		const pb_PullReply *r = s->pieces[i].reply;
		if (r != NULL && r->n_entries > 0 && r->entries[0]->seq <= seq &&
		    seq < r->entries[0]->seq + r->n_entries)
			return r;
	}
	return NULL;
}

/* Reads on until the record is there; from the beginning when it lies before what is at hand. */
static const pb_PullReply *
fetch_piece(struct verify_source *s, uint64_t seq)
{
	const pb_PullReply *found = find_piece(s, seq);

	if (found == NULL && s->cursor.seq >= seq)
		s->cursor = (struct doorbraak_cursor){0};
	while (found == NULL && !s->failed) {
		s->newest = (s->newest + 1) % PIECES;
		struct piece *p = &s->pieces[s->newest];
		arena_reset(&p->arena);
		p->reply = NULL;
		const int count = system_read(s->system, s->service, DOORBRAAK_FROM_CURSOR, &s->cursor, NULL, 0,
					      &p->reply, &p->arena, &s->why);
		if (count == 0)
			why_set(&s->why,
				"%s gives nothing behind record %llu, and its head was %llu: was it started anew?",
				service_of_row(s->service)->name, (unsigned long long)s->cursor.seq,
				(unsigned long long)s->row.head);
		s->failed = count <= 0;
		found = find_piece(s, seq);
	}
	return found;
}

static size_t
read_live(void *ctx, struct arena *a, uint64_t after, struct journal_entry *entries, size_t max)
{
	struct verify_source *s = ctx;
	size_t count = 0;

	if (s->failed || after >= s->row.head)
		return 0;
	const pb_PullReply *reply = fetch_piece(s, after + 1);
	for (size_t i = reply == NULL ? 0 : (size_t)(after + 1 - reply->entries[0]->seq);
	     reply != NULL && i < reply->n_entries && count < max; i++) {
		const pb_JournalEntry *e = reply->entries[i];
		if (e->seq > s->row.head || e->digest.len != DIGEST_SIZE)
			break;
		entries[count].seq = e->seq;
		memcpy(entries[count].digest.b, e->digest.data, DIGEST_SIZE);
		entries[count++].record = arena_copy(a, bytes_of(e->record.data, e->record.len));
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
	for (unsigned i = 0; i < PIECES; i++)
		arena_init(&s->pieces[i].arena);
	return s;
}

int
verify_source_live(struct verify_source **out, struct cli *cli, struct system *system, unsigned service)
{
	struct verify_source *s = source_new(service);
	int code;

	s->system = system;
	const pb_StatusReply *status = asking_status(cli, system, service, &s->pieces[0].arena, &code);
	if (status == NULL) {
		verify_source_close(&s);
		return code;
	}
	s->row = (struct row_source){.ctx = s, .read = read_live};
	s->row.applied = status->applied;
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
	const char *path = asking_store(&cli->arena, dir, service_of_row(service)->name);

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
	for (unsigned i = 0; i < PIECES; i++)
		arena_fini(&s->pieces[i].arena);
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
