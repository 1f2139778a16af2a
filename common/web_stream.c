// SPDX-License-Identifier: EUPL-1.2
/* web_stream.c - server-sent events: pulls that are asked again.
 *
 *   first question, answered at once -> the head of the stream, or a problem
 *   then, as soon as all that was written has left: the next pull, parked at the node until there is news
 *
 * So a reader that does not read is not asked for: at most one answer waits for it (STREAM_BYTES of records), and the
 * server drops it when that does not leave. It comes back with the last id it saw and misses nothing.
 *
 * The id of an event is the cursor behind its record: history, number and digest, with dots between. In a snapshot it has
 * a fourth part: the case up to which the snapshot was told; the cursor is then where following begins. An answer without
 * records is a sign of life: a comment, and an id without an event, so that a reader of quiet topics moves along. */
#include <stdio.h>
#include <stdlib.h>

#include "common/text.h"
#include "common/web_internal.h"

#define STREAM_RECORDS 16
#define STREAM_BYTES   (16u << 10)
#define STREAM_RETRY   "retry: 2000\n"

/* ---- cursors as text ---- */

static const char *
cursor_text(struct arena *a, const struct web_stream *s, uint64_t seq, struct bytes digest)
{
	static const struct history none;
	char history[2 * HISTORY_SIZE + 1] = "", hex[2 * DIGEST_SIZE + 1] = "";

	if (memcmp(s->history.b, none.b, HISTORY_SIZE) != 0)
		bytes_hex(bytes_of(s->history.b, HISTORY_SIZE), history);
	if (seq > 0 && digest.len == DIGEST_SIZE)
		bytes_hex(digest, hex);
	return arena_printf(a, "%s.%llu.%s", history, (unsigned long long)seq, hex);
}

/* Where the stream stands. */
static const char *
own_cursor(struct arena *a, const struct web_stream *s)
{
	const char *text = cursor_text(a, s, s->seq, bytes_of(s->digest.b, DIGEST_SIZE));

	return s->in_snapshot ? arena_printf(a, "%s.%s", text, s->snapshot_after) : text;
}

/* Hexadecimal up to the dot, all `len` bytes or none. */
static bool
read_hex(const char **at, uint8_t *out, size_t len)
{
	const size_t digits = strspn(*at, "0123456789abcdef");

	if (digits != 0 && digits != 2 * len)
		return false;
	for (size_t i = 0; i < digits / 2; i++) {
		unsigned byte;

		if (sscanf(*at + 2 * i, "%2x", &byte) != 1)
			return false;
		out[i] = (uint8_t)byte;
	}
	*at += digits;
	return true;
}

static bool
read_cursor(struct web_stream *s, const char *at)
{
	if (!read_hex(&at, s->history.b, HISTORY_SIZE) || *at++ != '.')
		return false;
	const size_t digits = strspn(at, "0123456789");

	if (digits < 1 || digits > 18 || at[digits] != '.')
		return false;
	s->seq = strtoull(at, NULL, 10);
	at += digits + 1;
	if (!read_hex(&at, s->digest.b, DIGEST_SIZE))
		return false;
	if (*at == '\0')
		return true;
	s->in_snapshot = true;
	if (*at++ != '.' || strlen(at) > ID_MAX || (at[0] != '\0' && !record_is_id(at)))
		return false;
	memcpy(s->snapshot_after, at, strlen(at) + 1);
	return true;
}

static void
keep_cursor(struct web_stream *s, const pb_Cursor *c)
{
	if (c == NULL)
		return;
	if (c->history.len == HISTORY_SIZE)
		memcpy(s->history.b, c->history.data, HISTORY_SIZE);
	s->seq = c->seq;
	s->digest = (struct digest){{0}};
	if (c->digest.len == DIGEST_SIZE)
		memcpy(s->digest.b, c->digest.data, DIGEST_SIZE);
}

/* ---- asking ---- */

static bool
read_topics(struct web_call *call)
{
	const char *topics[HTTP_PAIRS_MAX];
	const unsigned count = http_query_all(call->request, "topic", topics, HTTP_PAIRS_MAX);
	struct web_stream *s = call->stream;

	if (count > WEB_TOPICS_MAX) {
		web_problem(call, 400, "query", "Er zijn meer dan 16 onderwerpen.", NULL, 0);
		return false;
	}
	for (; s->topic_count < count; s->topic_count++) {
		s->topics[s->topic_count] = strdup(topics[s->topic_count]);
		if (s->topics[s->topic_count] == NULL)
			fatal("out of memory");
	}
	return true;
}

/* From a cursor, which a reader that comes back has in a header; else from where it says. */
static bool
read_from(struct web_call *call, bool *from_head)
{
	const char *from = http_query(call->request, "from"), *cursor = http_query(call->request, "cursor");
	const char *last = http_asked_header(call->request, "Last-Event-ID");
	struct web_stream *s = call->stream;

	*from_head = false;
	if (last != NULL && last[0] != '\0') {
		if (read_cursor(s, last))
			return true;
		web_problem(call, 400, "cursor", "Last-Event-ID is geen plaats in deze stroom.", NULL, 0);
		return false;
	}
	if (from == NULL)
		from = cursor != NULL ? "cursor" : "head";
	if (strcmp(from, "head") == 0 && cursor == NULL) {
		*from_head = true;
		return true;
	}
	if (strcmp(from, "snapshot") == 0 && cursor == NULL && call->endpoint->feed->with_snapshot) {
		s->in_snapshot = true;
		return true;
	}
	if (strcmp(from, "cursor") == 0 && cursor != NULL && read_cursor(s, cursor))
		return true;
	web_problem(call, 400, "query", "from is head, snapshot (alleen bij zaken), of cursor met cursor=...", NULL, 0);
	return false;
}

static void
fill_pull(struct web_call *call, pb_PullRequest *pull, pb_Cursor *after, char *within[1])
{
	struct web_stream *s = call->stream;
	static const struct history none;

	pb_PullRequest_init(pull);
	pb_Cursor_init(after);
	pull->from =
	    s->in_snapshot ? DOORBRAAK__V1__PULL_FROM__PULL_FROM_SNAPSHOT : DOORBRAAK__V1__PULL_FROM__PULL_FROM_CURSOR;
	pull->snapshot_after = s->snapshot_after;
	if (memcmp(s->history.b, none.b, HISTORY_SIZE) != 0)
		after->history = (ProtobufCBinaryData){HISTORY_SIZE, s->history.b};
	after->seq = s->seq;
	if (s->seq > 0)
		after->digest = (ProtobufCBinaryData){DIGEST_SIZE, s->digest.b};
	pull->after = after;
	pull->records_max = STREAM_RECORDS;
	pull->bytes_max = STREAM_BYTES;
	pull->topics = s->topics;
	pull->n_topics = s->topic_count;
	within[0] = record_text(web_arena(call), call->endpoint->feed->kinds);
	pull->within = within;
	pull->n_within = 1;
}

/* `from_head`: only where the head is. */
static enum access_narrowed
ask(struct web_call *call, bool from_head)
{
	char *within[1];
	pb_Request request;
	pb_PullRequest pull;
	pb_Cursor after;

	pb_Request_init(&request);
	fill_pull(call, &pull, &after, within);
	if (from_head)
		pull.from = DOORBRAAK__V1__PULL_FROM__PULL_FROM_HEAD;
	pull.no_wait = !call->stream->begun;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_PULL;
	request.pull = &pull;
	call->stream->asked = true;
	return web_take(call, &request);
}

void
web_stream_ask(struct web_call *call)
{
	bool from_head;

	call->stream = calloc(1, sizeof(*call->stream));
	if (call->stream == NULL)
		fatal("out of memory");
	if (!read_topics(call) || !read_from(call, &from_head))
		return;
	if (node_room(call->web->options.node) == 0)
		web_refused_for(call, REFUSED_REASON_BUSY);
	else if (ask(call, from_head) != ACCESS_ASK)
		web_problem(call, 403, "scope", "Deze vraag past niet bij uw bereik.", NULL, 0);
}

void
web_stream_next(struct web_call *call)
{
	struct web_stream *s = call->stream;

	if (s->asked || s->waiting || node_room(call->web->options.node) == 0)
		return;
	if (ask(call, false) != ACCESS_ASK)
		fatal("http: a stream may not go on asking what it asked");
}

/* ---- a reply ---- */

static const struct rendered *
render(struct web_call *call, uint64_t seq, const pb_Answer *answer)
{
	struct web *web = call->web;
	struct rendered *r = NULL;

	for (unsigned i = web->rendered_count; i > 0 && r == NULL; i--) {
		if (web->rendered[i - 1].seq == seq && web->rendered[i - 1].feed == call->endpoint->feed)
			return &web->rendered[i - 1];
	}
	if (web->rendered_count < WEB_RENDERED_MAX)
		r = &web->rendered[web->rendered_count++];
	else
		r = ARENA_NEW(&web->arena, struct rendered);
	*r = (struct rendered){.feed = call->endpoint->feed, .seq = seq};
	call->endpoint->feed->event(&web->arena, answer, &r->name, &r->json, &r->case_id);
	return r;
}

static void
add_event(struct web_call *call, struct text *t, const char *id, const char *name, const char *json,
	  const char *case_id)
{
	text_add(t, "id: ");
	text_add(t, id);
	text_add(t, "\nevent: ");
	text_add(t, name);
	text_add(t, "\ndata: ");
	text_add(t, json);
	text_add(t, "\n\n");
	web_saw(call, case_id);
	call->web->figures.events++;
}

static void
add_records(struct web_call *call, const pb_PullReply *pull, struct text *t)
{
	struct arena *a = &call->web->arena;
	struct web_stream *s = call->stream;
	struct record record;
	struct why why;

	for (size_t i = 0; i < pull->n_entries; i++) {
		const pb_JournalEntry *e = pull->entries[i];

		if (!record_read(a, bytes_of(e->record.data, e->record.len), &record, &why))
			fatal("http: record %llu cannot be shown: %s", (unsigned long long)e->seq, why.text);
		if (record.answer == NULL)
			continue;
		const struct rendered *r = render(call, e->seq, record.answer);

		add_event(call, t, cursor_text(a, s, e->seq, bytes_of(e->digest.data, e->digest.len)), r->name, r->json,
			  r->case_id);
	}
}

static void
add_snapshot(struct web_call *call, const pb_PullReply *pull, struct text *t)
{
	struct arena *a = &call->web->arena;
	struct web_stream *s = call->stream;

	for (size_t i = 0; i < pull->n_snapshot; i++) {
		const char *name, *json, *case_id;

		call->endpoint->feed->event(a, pull->snapshot[i], &name, &json, &case_id);
		snprintf(s->snapshot_after, sizeof(s->snapshot_after), "%s", case_id);
		add_event(call, t, own_cursor(a, s), name, json, case_id);
	}
	s->in_snapshot = pull->snapshot_next[0] != '\0';
	if (s->in_snapshot)
		snprintf(s->snapshot_after, sizeof(s->snapshot_after), "%s", pull->snapshot_next);
	else
		add_event(call, t, own_cursor(a, s), "snapshot-end", "{}", "");
}

static bool
is_caller_valid(const struct web_call *call)
{
	const struct web *web = call->web;

	return web->options.open_door || access_keys_hold(&web->keys, &call->caller, cal_local_day(web->now.wall_ms));
}

static void
prepare_pull(struct web_call *call, const pb_PullReply *pull)
{
	struct web_stream *s = call->stream;
	struct text text = text_in(&call->web->arena);

	if (!s->begun)
		text_add(&text, STREAM_RETRY);
	if (s->in_snapshot) {
		/* Following begins where the first piece was made. */
		if (s->snapshot_after[0] == '\0')
			keep_cursor(s, pull->upto);
		add_snapshot(call, pull, &text);
	} else {
		if (pull->upto != NULL && pull->upto->history.len == HISTORY_SIZE)
			memcpy(s->history.b, pull->upto->history.data, HISTORY_SIZE);
		add_records(call, pull, &text);
		keep_cursor(s, pull->upto);
	}
	if (pull->n_entries == 0 && pull->n_snapshot == 0) {
		text_add(&text, ": nothing new\n\nid: ");
		text_add(&text, own_cursor(&call->web->arena, s));
		text_add(&text, "\n\n");
	}
	s->out = text_bytes(&text);
	/* Opening is looking, too. */
	call->notes = !s->begun || call->saw_count > 0;
}

/* A snapshot that goes on is not looked at by the node. */
static bool
is_of_another_history(const struct web_stream *s, const pb_PullReply *pull)
{
	return s->in_snapshot && s->snapshot_after[0] != '\0' && pull->upto != NULL &&
	       pull->upto->history.len == HISTORY_SIZE &&
	       memcmp(s->history.b, pull->upto->history.data, HISTORY_SIZE) != 0;
}

void
web_stream_prepare(struct web_call *call)
{
	struct web_stream *s = call->stream;
	const pb_Reply *reply = s->reply;

	s->reply = NULL;
	s->asked = false;
	s->out = (struct bytes){0};
	call->saw = NULL;
	call->saw_count = call->saw_room = 0;
	call->notes = false;
	if (s->begun && !is_caller_valid(call))
		web_problem(call, 401, "no_token", "Deze sleutel is niet (meer) geldig.", NULL, 0);
	else if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_PULL && is_of_another_history(s, reply->pull))
		web_refused_for(call, REFUSED_REASON_HISTORY_UNKNOWN);
	else if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_PULL)
		prepare_pull(call, reply->pull);
	else if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED &&
		 !(s->begun && web_refusal_of((int)reply->refused->reason).status == 503))
		web_refused(call, reply->refused);
	/* A stream that runs waits until it is less busy. */
}

static void
on_drained(void *ctx)
{
	struct web_call *call = ctx;

	call->stream->waiting = false;
	if (!call->queued)
		web_stream_next(call);
}

static void
on_gone(void *ctx)
{
	struct web_call *call = ctx;

	call->gone = true;
	if (!call->queued)
		web_call_free(call);
}

void
web_stream_send(struct web_call *call)
{
	struct web_stream *s = call->stream;
	const struct http_stream stream = {on_drained, on_gone, call};

	if (!s->begun) {
		s->begun = http_stream_begin(call->request, HTTP_TYPE_EVENTS, &stream);
		if (!s->begun) {
			web_call_free(call);
			return;
		}
	}
	if (s->out.len > 0) {
		s->waiting = true;
		http_stream_write(call->request, s->out);
	}
}

void
web_stream_end(struct web_call *call)
{
	struct text text = text_in(&call->web->arena);

	text_add(&text, "event: problem\ndata: ");
	text_add(&text, arena_str(&call->web->arena, call->body));
	text_add(&text, "\n");
	http_stream_write(call->request, text_bytes(&text));
	http_stream_end(call->request);
}

void
web_stream_free(struct web_stream *stream)
{
	if (stream == NULL)
		return;
	for (unsigned i = 0; i < stream->topic_count; i++)
		free(stream->topics[i]);
	free(stream);
}
