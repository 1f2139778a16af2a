// SPDX-License-Identifier: EUPL-1.2
/* http_internal.h - what the files of the server share: http.c (connections), http_route.c (which route), http_answer.c
 * (answers and streams). Nobody else includes it. */
#ifndef DOORBRAAK_HTTP_INTERNAL_H
#define DOORBRAAK_HTTP_INTERNAL_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#include "common/http.h"
#include "common/http_path.h"

#define HTTP_NEVER INT64_MAX

/* We hold a reference of our own: what libevent frees stays readable until http_tidy(), so the deadline never touches a
 * descriptor that is somebody else's by now. */
struct connection {
	struct bufferevent *stream;
	struct http_request *request; /* that is answered later, or streams; its `place` follows when this one moves */
	int64_t deadline_ms;
	uint64_t news; /* grows: when it was accepted, or last brought a whole request */
	size_t left;   /* of a stream: bytes that waited when last looked at */
	bool cut, streams;
};

struct http {
	struct http_options options;
	struct evhttp *server;
	struct evconnlistener *listener;
	struct event *tidy_timer;
	struct connection *connections;
	unsigned count, streams;
	int64_t tidied_ms;
	uint64_t news;
	bool accepts;
	char url[96];
	struct http_figures figures;
};

struct http_request {
	struct http *http;
	struct evhttp_request *request;
	struct connection *place; /* NULL while in the call of its route */
	struct arena arena;
	const struct http_table *table;
	const struct http_route *route;
	const char *origin; /* of the page that asks, when it may read the answer; our own text */
	struct http_pairs parameters, query;
	void (*gone)(void *ctx);
	struct http_stream stream;
	bool answered, later;
};

int64_t http_steady_ms(void);
/* Where this request's connection stands. */
struct connection *http_place(const struct http_request *request);

/* http.c: goes on accepting, or stops, as there is a place. */
void http_arrange(struct http *http);
/* http_route.c: everything between a whole request and its route. libevent's callback. */
void http_on_request(struct evhttp_request *request, void *http);

void http_request_free(struct http_request *request);

#endif
