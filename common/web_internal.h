// SPDX-License-Identifier: EUPL-1.2
/* web_internal.h - what the files of the door over HTTP share: web.c (calls, callers, the turn), web_answer.c (questions and
 * answers), web_stream.c (streams). Nobody else includes it. */
#ifndef DOORBRAAK_WEB_INTERNAL_H
#define DOORBRAAK_WEB_INTERNAL_H

#include <event2/event.h>

#include "common/http_path.h"
#include "common/web.h"

#define WEB_ROUTES_MAX   64u
#define WEB_RENDERED_MAX 256u
#define WEB_TOPICS_MAX   16u

/* A record as the event of a stream; made once a turn for all streams. */
struct rendered {
	const struct web_feed *feed;
	uint64_t seq;
	const char *name, *json, *case_id;
};

struct web_stream {
	struct history history; /* the cursor: all up to here was told */
	uint64_t seq;
	struct digest digest;
	char *topics[WEB_TOPICS_MAX]; /* owned */
	unsigned topic_count;
	bool begun;
	bool asked;   /* a pull is under way */
	bool waiting; /* something written has not left */
	bool in_snapshot;
	char snapshot_after[ID_MAX + 1];
	pb_Reply *reply;  /* of this turn */
	struct bytes out; /* to be written this turn */
};

struct web_call {
	struct web *web;
	struct http_request *request;
	const struct web_endpoint *endpoint;
	struct caller caller;
	int purpose;
	uint32_t slot;
	uint32_t generation;

	unsigned asked, heard;
	pb_Reply **replies;
	void *kept;

	bool said;
	int status;
	const char *type;
	struct bytes body;

	bool notes; /* an access record is due */
	int outcome;
	char **saw;
	size_t saw_count, saw_room;

	struct web_stream *stream; /* NULL: none */
	struct web_call *next;     /* in web->ready */
	bool queued, gone;
};

struct web {
	struct web_options options;
	struct http_route routes[WEB_ROUTES_MAX];
	unsigned route_count;
	struct access_keys keys;
	struct why keys_why;
	struct access_log *log;
	struct arena arena; /* of a turn */
	struct node_now now;

	struct web_call **calls; /* by slot; NULL: free */
	unsigned slots;
	uint32_t generation;
	struct web_call *ready, **ready_last;

	struct rendered rendered[WEB_RENDERED_MAX];
	unsigned rendered_count;
	struct event *again; /* streams that could not ask */
	bool stopped;

	bool burst; /* much was answered since memory was given back */
	int64_t trimmed_ms;
	uint64_t no_token; /* not yet written down */
	int64_t no_token_ms;
	struct {
		uint64_t answered, no_token, refused, events;
	} figures;
};

/* web.c */
void web_call_free(struct web_call *call);
void web_queue(struct web_call *call);
/* Narrows, packs and hands it to the node. */
enum access_narrowed web_take(struct web_call *call, pb_Request *request);

/* web_answer.c: answers as for a reply that refuses so. */
void web_refused_for(struct web_call *call, int reason);

/* web_stream.c: the endpoint is a feed. */
void web_stream_ask(struct web_call *call);
/* A reply came: what there is to write, and whom it shows. */
void web_stream_prepare(struct web_call *call);
/* It is written down: write. */
void web_stream_send(struct web_call *call);
/* It was said that it cannot go on: tell, and end it. */
void web_stream_end(struct web_call *call);
/* Ask for what comes next, unless something still waits to be read. */
void web_stream_next(struct web_call *call);
void web_stream_free(struct web_stream *stream);

#endif
