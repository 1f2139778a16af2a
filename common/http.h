// SPDX-License-Identifier: EUPL-1.2
/* http.h - a small HTTP server in the loop of the service: probes, figures, and later the API.
 *
 * Routes are answered in their call, from memory; nothing here waits. Limits: head of a request HTTP_HEAD_MAX, body
 * HTTP_BODY_MAX, HTTP_IDLE_S between two reads, HTTP_CONNECTIONS_MAX connections (more wait in the kernel's queue), and
 * HTTP_DEADLINE_MS from the accept, or from the last whole request, to the next whole one and its answer: who drips
 * bytes is cut off. A Transfer-Encoding is refused. HEAD is answered wherever GET is.
 *
 * A wrong path is 404, a wrong method 405 with Allow; every error is application/problem+json (RFC 9457), title in
 * Dutch, `code` stable. Only what libevent writes before we are asked is not: 400 for what cannot be parsed, 413 for a
 * body that is too large, 501 for a method that does not exist.
 *
 * No TLS: listen on loopback, or behind a proxy. The only file that includes event2/http.h is http.c. */
#ifndef DOORBRAAK_HTTP_H
#define DOORBRAAK_HTTP_H

#include "common/arena.h"
#include "common/err.h"

#define HTTP_HEAD_MAX        8192   /* bytes */
#define HTTP_BODY_MAX        65536u /* bytes */
#define HTTP_IDLE_S          5
#define HTTP_DEADLINE_MS     10000u
#define HTTP_CONNECTIONS_MAX 64u
#define HTTP_TYPE_JSON       "application/json"

struct event_base;
struct http;
struct http_request;

enum http_methods { HTTP_METHOD_GET = 1, HTTP_METHOD_POST = 2 };

struct http_route {
	const char *path; /* exactly */
	unsigned methods;
	/* Calls http_answer() or http_problem() once. */
	void (*answer)(void *ctx, struct http_request *request);
};

struct http_options {
	struct event_base *base;
	const char *host;                /* a number */
	uint16_t port;                   /* 0: any free one */
	const struct http_route *routes; /* outlive the server */
	unsigned route_count;
	void *ctx;
	unsigned connections_max; /* 0: HTTP_CONNECTIONS_MAX */
	unsigned deadline_ms;     /* 0: HTTP_DEADLINE_MS */
};

enum err http_open(struct http **http, const struct http_options *options, struct why *why) MUST_USE;
/* Cuts all connections. Nulls the pointer; NULL is fine. */
void http_close(struct http **http);
/* "http://127.0.0.1:7201", with the port that it really has. */
const char *http_url(const struct http *http);
/* Frees what was closed, cuts what took too long. Between turns of the loop; also done by a timer of its own. */
void http_tidy(struct http *http);

struct http_figures {
	uint64_t requests, refused, cut; /* refused: answered 4xx; cut: took too long */
	unsigned connections;
};
struct http_figures http_figures(const struct http *http);

/* Valid until the request is answered. */
struct arena *http_arena(struct http_request *request);
struct bytes http_body(struct http_request *request);

/* Before the answer; name and value are our own, never text of a client. */
void http_header(struct http_request *request, const char *name, const char *value);
void http_answer(struct http_request *request, int status, const char *type, struct bytes body);
/* `code` is stable, for programs; `detail` for people; neither holds a quote or text of a client. */
void http_problem(struct http_request *request, int status, const char *code, const char *detail);

#endif
