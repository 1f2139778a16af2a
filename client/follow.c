// SPDX-License-Identifier: EUPL-1.2
/* follow.c - a reader that goes on.
 *
 * One question stands open at the door all the time, also between two calls: the service answers it when there is something, or
 * with nothing after a while. It is sent again like every question, so a connection that was lost, or a service that was started
 * again, is found by itself; the cursor in it says where the reader is, so nothing is missed, and an answer to it that comes twice
 * is dropped. After LISTEN_MS of silence one that is answered at once takes its place, so that silence means something. */
#include <stdio.h>
#include <stdlib.h>

#include "client/door.h"
#include "client/pulling.h"

#define LISTEN_MS 5000 /* so long without an answer, then one that comes at once is asked for: does the service live? */

struct doorbraak_follow {
	struct doorbraak *door;
	struct question *question;      /* NULL: none open */
	enum doorbraak_from from;       /* of the next question */
	struct doorbraak_cursor cursor; /* behind the last record given */
	struct doorbraak_cursor
	    upto; /* behind what `reply` looked at; of a snapshot: where to go on once it is through */
	char snapshot_after[ID_MAX + 1];
	bool snapshot_began;
	const char *topics[DOORBRAAK_TOPICS_MAX];
	unsigned topic_count;
	struct arena kept;         /* topics */
	struct arena arena;        /* of the reply at hand */
	const pb_PullReply *reply; /* NULL: none */
	size_t next;               /* of its records, or cases */
	int64_t asked_ms, heard_ms, clock_ms;
	bool waits; /* the question may stand open */
};

enum doorbraak_result
doorbraak_follow_open(struct doorbraak_follow **out, struct doorbraak *door,
		      const struct doorbraak_follow_options *options, struct doorbraak_why *why)
{
	struct doorbraak_follow *f = calloc(1, sizeof *f);

	if (f == NULL)
		fatal("out of memory");
	*out = NULL;
	if (options->topic_count > DOORBRAAK_TOPICS_MAX) {
		why_set(door_why(why), "%u topics; at most %d go in one question", options->topic_count,
			DOORBRAAK_TOPICS_MAX);
		free(f);
		return DOORBRAAK_WRONG;
	}
	const enum doorbraak_result opened = door_open_again(&f->door, door, why);
	if (opened != DOORBRAAK_OK) {
		free(f);
		return opened;
	}
	arena_init(&f->kept);
	arena_init(&f->arena);
	f->from = options->from;
	if (options->from == DOORBRAAK_FROM_CURSOR)
		f->cursor = f->upto = options->after;
	for (; f->topic_count < options->topic_count; f->topic_count++)
		f->topics[f->topic_count] = arena_str(&f->kept, bytes_str(options->topics[f->topic_count]));
	f->heard_ms = door_now_ms();
	*out = f;
	return DOORBRAAK_OK;
}

void
doorbraak_follow_close(struct doorbraak_follow **out)
{
	struct doorbraak_follow *f = *out;

	*out = NULL;
	if (f == NULL)
		return;
	doorbraak_close(&f->door);
	arena_fini(&f->kept);
	arena_fini(&f->arena);
	free(f);
}

static void
ask_on(struct doorbraak_follow *f)
{
	struct pulling p;

	f->waits = door_now_ms() - f->heard_ms < LISTEN_MS;
	pulling_ask(&p, f->from, &f->upto, f->topics, f->topic_count, f->waits);
	p.pull.snapshot_after = f->snapshot_after;
	f->question = door_begin(f->door, RECORD_PACK(&f->door->arena, &p.request));
	ASSERT(f->question != NULL);
	f->asked_ms = door_now_ms();
}

/* How long to wait for this question before another takes its place. */
static int64_t
patience_ms(const struct doorbraak_follow *f)
{
	return f->waits ? f->asked_ms + LISTEN_MS - door_now_ms() : INT64_MAX;
}

/* Where to go on once the reply is used up: behind it, at the next chunk of the snapshot, or behind the whole snapshot. */
static void
turn_to_next(struct doorbraak_follow *f)
{
	if (f->from == DOORBRAAK_FROM_SNAPSHOT && f->reply->snapshot_next[0] != '\0') {
		snprintf(f->snapshot_after, sizeof f->snapshot_after, "%s", f->reply->snapshot_next);
	} else {
		f->from = DOORBRAAK_FROM_CURSOR;
		f->cursor = f->upto;
		f->snapshot_after[0] = '\0';
	}
	f->reply = NULL;
}

static enum doorbraak_result
take_answer(struct doorbraak_follow *f, struct why *why)
{
	int64_t after_ms;

	arena_reset(&f->arena);
	const pb_Reply *reply =
	    record_unpack(&f->arena, &pb_Reply_descriptor, f->question->answer, RECORD_REPLY_MAX, why);
	if (reply != NULL && door_is_passing(reply, &after_ms)) {
		door_again(f->door, f->question, after_ms);
		return DOORBRAAK_AGAIN;
	}
	door_end(f->door, f->question);
	f->question = NULL;
	f->next = 0;
	f->heard_ms = door_now_ms();
	if (reply == NULL)
		return DOORBRAAK_WRONG;
	f->reply = pulling_read(reply, f->door->address, why);
	if (f->reply == NULL)
		return reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED ? DOORBRAAK_REFUSED : DOORBRAAK_WRONG;
	if (f->reply->clock != NULL)
		f->clock_ms = record_at_ms(f->reply->clock);
	/* Changes since the first chunk are read behind it: where the later ones stand, they may have been missed. */
	if (f->from != DOORBRAAK_FROM_SNAPSHOT || !f->snapshot_began)
		pulling_move(&f->upto, f->reply->upto);
	f->snapshot_began = true;
	return DOORBRAAK_OK;
}

static void
give_case(struct doorbraak_follow *f, struct doorbraak_record *record)
{
	pb_JournalRecord journal;

	pb_JournalRecord_init(&journal);
	journal.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER;
	journal.answer = f->reply->snapshot[f->next++];
	const struct bytes packed = RECORD_PACK(&f->door->arena, &journal);
	*record = (struct doorbraak_record){0, packed.data, packed.len};
}

static void
give_entry(struct doorbraak_follow *f, struct doorbraak_record *record)
{
	const pb_JournalEntry *e = f->reply->entries[f->next++];

	*record = (struct doorbraak_record){e->seq, e->record.data, e->record.len};
	memcpy(f->cursor.history, f->upto.history, sizeof f->cursor.history);
	f->cursor.seq = e->seq;
	if (e->digest.len == sizeof f->cursor.digest)
		memcpy(f->cursor.digest, e->digest.data, sizeof f->cursor.digest);
}

static bool
give(struct doorbraak_follow *f, struct doorbraak_record *record)
{
	if (f->next < f->reply->n_snapshot)
		give_case(f, record);
	else if (f->next < f->reply->n_entries)
		give_entry(f, record);
	else
		return false;
	if (f->next >= f->reply->n_snapshot && f->next >= f->reply->n_entries)
		turn_to_next(f);
	return true;
}

enum doorbraak_result
doorbraak_follow_next(struct doorbraak_follow *f, int timeout_ms, struct doorbraak_record *record,
		      struct doorbraak_why *why)
{
	const int64_t until_ms = door_now_ms() + timeout_ms;

	arena_reset(&f->door->arena);
	for (;;) {
		if (f->reply != NULL && give(f, record))
			return DOORBRAAK_OK;
		if (f->reply != NULL)
			turn_to_next(f);
		if (f->question == NULL)
			ask_on(f);
		const int64_t left_ms = until_ms - door_now_ms(), patience = patience_ms(f);
		const int64_t wait_ms = left_ms < patience ? left_ms : patience;
		if (!door_work(f->door, f->question, wait_ms > 0 ? (int)wait_ms : 0)) {
			if (patience > left_ms)
				return DOORBRAAK_AGAIN;
			door_end(f->door, f->question);
			f->question = NULL;
			continue;
		}
		const enum doorbraak_result taken = take_answer(f, door_why(why));
		if (taken != DOORBRAAK_OK && taken != DOORBRAAK_AGAIN)
			return taken;
	}
}

void
doorbraak_follow_cursor(const struct doorbraak_follow *f, struct doorbraak_cursor *cursor)
{
	*cursor = f->cursor;
}

int64_t
doorbraak_follow_clock_ms(const struct doorbraak_follow *f)
{
	return f->clock_ms;
}

int64_t
doorbraak_follow_silent_ms(const struct doorbraak_follow *f)
{
	return door_now_ms() - f->heard_ms;
}
