// SPDX-License-Identifier: EUPL-1.2
/* pull.c - a page of a journal. */
#include "client/door.h"
#include "client/pulling.h"

static enum doorbraak_result
read_page(struct doorbraak *door, struct doorbraak_bytes answer, struct doorbraak_cursor *cursor,
	  struct doorbraak_page *page, struct why *why)
{
	const pb_Reply *reply =
	    record_unpack(&door->arena, &pb_Reply_descriptor, bytes_of(answer.data, answer.len), RECORD_REPLY_MAX, why);
	const pb_PullReply *pull = reply == NULL ? NULL : pulling_read(reply, door->address, why);

	if (pull == NULL)
		return reply != NULL && reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED ? DOORBRAAK_REFUSED
											       : DOORBRAAK_WRONG;
	struct doorbraak_record *records = ARENA_ARRAY(&door->arena, struct doorbraak_record, pull->n_entries);
	for (size_t i = 0; i < pull->n_entries; i++) {
		const pb_JournalEntry *e = pull->entries[i];
		records[i] = (struct doorbraak_record){e->seq, e->record.data, e->record.len};
	}
	*page = (struct doorbraak_page){records, pull->n_entries, pull->head, pull->applied};
	pulling_move(cursor, pull->upto);
	return DOORBRAAK_OK;
}

enum doorbraak_result
doorbraak_pull(struct doorbraak *door, enum doorbraak_from from, struct doorbraak_cursor *cursor,
	       const char *const *topics, unsigned topic_count, int timeout_ms, struct doorbraak_page *page,
	       struct doorbraak_why *why)
{
	struct doorbraak_bytes answer;
	struct pulling p;
	struct arena a;

	*page = (struct doorbraak_page){0};
	if (from == DOORBRAAK_FROM_SNAPSHOT) {
		why_set(door_why(why), "a snapshot is for followers: doorbraak_follow_open()");
		return DOORBRAAK_WRONG;
	}
	arena_init(&a);
	pulling_ask(&p, from, cursor, topics, topic_count, false);
	const struct bytes request = RECORD_PACK(&a, &p.request);
	const enum doorbraak_result asked = doorbraak_ask(door, request.data, request.len, timeout_ms, &answer, why);
	arena_fini(&a);
	return asked == DOORBRAAK_OK ? read_page(door, answer, cursor, page, door_why(why)) : asked;
}
