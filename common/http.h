// SPDX-License-Identifier: EUPL-1.2
/* http.h - a small HTTP/1.1 server in the loop of the service: probes, figures, the API, streams, the page.
 *
 * A request goes to the route whose pattern fits its path. It is answered in the call of the route, or later
 * (http_later), or with a stream (http_stream_begin). Nothing here waits.
 *
 * Limits: head of a request HTTP_HEAD_MAX, body HTTP_BODY_MAX or what the server was given, HTTP_IDLE_S between two
 * reads, HTTP_CONNECTIONS_MAX connections (of those who ask nothing the longest makes room for the next one; when all are being
 * answered, more wait in the kernel's queue), and HTTP_DEADLINE_MS from the accept, or
 * from the last whole request, to the next whole one and its answer: who drips bytes is cut off. A Transfer-Encoding is
 * refused. HEAD is answered wherever GET is.
 *
 * A stream has no deadline as long as its reader reads: it is counted apart (HTTP_STREAMS_MAX) and dropped when
 * something waits to be read and nothing of it leaves for HTTP_STALL_MS. How much waits is for who writes to bound:
 * `drained` says when all has left.
 *
 * A wrong path is 404, a wrong method 405 with Allow; every error is application/problem+json (RFC 9457), title in Dutch,
 * `code` stable. Only what libevent writes before we are asked is not: 400 for what cannot be parsed, 413 for a body that
 * is too large, 501 for a method that does not exist.
 *
 * Every answer has the security headers and API-Version. Pages of other origins may read the answers when their origin is
 * one of those given to the server, or the route is for all; a preflight question is answered here.
 *
 * No TLS: listen on loopback, or behind a proxy. The only files that include event2/http.h are http*.c. */
#ifndef DOORBRAAK_HTTP_H
#define DOORBRAAK_HTTP_H

#include "common/arena.h"
#include "common/err.h"

#define HTTP_HEAD_MAX        8192       /* bytes */
#define HTTP_BODY_MAX        65536u     /* bytes */
#define HTTP_BODY_INTAKE_MAX (1u << 20) /* where batches of submissions are taken */
#define HTTP_IDLE_S          5
#define HTTP_DEADLINE_MS     10000u
#define HTTP_STALL_MS        15000u
#define HTTP_CONNECTIONS_MAX 64u
#define HTTP_STREAMS_MAX     1024u
#define HTTP_TABLES_MAX      4u
#define HTTP_TYPE_JSON       "application/json"
#define HTTP_TYPE_EVENTS     "text/event-stream"
#define HTTP_API_VERSION     "1.0.0"

struct event_base;
struct http;
struct http_request;

enum http_methods { HTTP_METHOD_GET = 1, HTTP_METHOD_POST = 2 };

struct http_route {
	const char *path; /* "/v1/cases/{caseId}": a name in braces stands for one part, which is not empty */
	unsigned methods;
	/* Calls http_answer() or http_problem() once, or http_later(), or http_stream_begin(). */
	void (*answer)(void *ctx, struct http_request *request);
	/* Keys of the query, "owner region topic*"; with * more than once. Others, and those given twice, are refused 400, all
	 * at once, before the route is called. "": none. NULL: the query is not looked at. */
	const char *query;
	bool all_origins; /* pages of any origin may read it */
	const void *data; /* of who made the route */
};

/* Routes that share a context. Of routes that fit, the first counts: put `/a/all` before `/a/{id}`. */
struct http_table {
	const struct http_route *routes; /* outlive the server */
	unsigned count;
	void *ctx;
};

struct http_options {
	struct event_base *base;
	const char *host; /* a number */
	uint16_t port;    /* 0: any free one */
	struct http_table tables[HTTP_TABLES_MAX];
	const char *origins;      /* "https://a.example https://b.example"; "" or NULL: none; outlives the server */
	size_t body_max;          /* 0: HTTP_BODY_MAX */
	unsigned connections_max; /* 0: HTTP_CONNECTIONS_MAX */
	unsigned streams_max;     /* 0: HTTP_STREAMS_MAX */
	unsigned deadline_ms;     /* 0: HTTP_DEADLINE_MS */
	unsigned stall_ms;        /* 0: HTTP_STALL_MS */
};

enum err http_open(struct http **http, const struct http_options *options, struct why *why) MUST_USE;
/* Cuts all connections; `gone` is called for what was not answered. Nulls the pointer; NULL is fine. */
void http_close(struct http **http);
/* "http://127.0.0.1:7201", with the port that it really has. */
const char *http_url(const struct http *http);
/* Frees what was closed, cuts what took too long. Between turns of the loop; also done by a timer of its own. */
void http_tidy(struct http *http);

struct http_figures {
	/* refused: answered 4xx; cut: took too long; displaced: made room; dropped: stalled streams */
	uint64_t requests, refused, cut, displaced, dropped;
	unsigned connections, streams; /* connections: of both kinds */
};
struct http_figures http_figures(const struct http *http);

/* ---- what was asked; all text valid until the request is answered, or its stream begins ---- */

struct arena *http_arena(struct http_request *request);
const struct http_route *http_route(const struct http_request *request);
struct bytes http_body(struct http_request *request);
/* The part of the path that stood for a name in the pattern, decoded. It must be in the pattern. */
const char *http_parameter(const struct http_request *request, const char *name);
/* The value of a key of the query, decoded; NULL when it is not given. */
const char *http_query(const struct http_request *request, const char *key);
/* All values of a key that may be repeated; how many. */
unsigned http_query_all(const struct http_request *request, const char *key, const char **values, unsigned max);
/* A header of the request; NULL when it is not there. Text of a stranger. */
const char *http_asked_header(const struct http_request *request, const char *name);

/* ---- answers ---- */

/* Before the answer; name and value are our own, never text of a client. One given here takes the place of a common one. */
void http_header(struct http_request *request, const char *name, const char *value);
/* After the call of its route the request is gone with its answer. */
void http_answer(struct http_request *request, int status, const char *type, struct bytes body);

/* One thing that is wrong. Any text: it is escaped. */
struct http_violation {
	const char *field; /* a path in the body, or a key of the query */
	const char *code;  /* stable */
	const char *title; /* Dutch; NULL: none */
	const char *text;  /* what to do; NULL: none */
};
/* `code` is stable, for programs; `detail` for people, in Dutch. */
void http_problem(struct http_request *request, int status, const char *code, const char *detail);
void http_problem_with(struct http_request *request, int status, const char *code, const char *detail,
		       const struct http_violation *violations, unsigned count);
/* The body of such an answer, in the arena, with a NUL behind it. */
struct bytes http_problem_text(struct arena *a, int status, const char *code, const char *detail,
			       const struct http_violation *violations, unsigned count);
/* The title that a problem of this status has. */
const char *http_title(int status);

/* The request is answered after this call of its route. `gone`: it will not be, the client left or the server closes; the
 * request may not be used any more. A client that leaves is only noticed when it is answered. */
void http_later(struct http_request *request, void (*gone)(void *ctx), void *ctx);

struct http_stream {
	void (*drained)(void *ctx); /* all that was written has left */
	void (*gone)(void *ctx);    /* as in http_later(); also when it was dropped */
	void *ctx;
};
/* Begins a stream with status 200. False when that was not to be, which is answered: too many streams (503), or HEAD. */
bool http_stream_begin(struct http_request *request, const char *type, const struct http_stream *stream) MUST_USE;
void http_stream_write(struct http_request *request, struct bytes bytes);
/* What was written still leaves; then the connection ends. The request is gone. */
void http_stream_end(struct http_request *request);

#endif
