// SPDX-License-Identifier: EUPL-1.2
/* http_call.h - one HTTP request to another machine, in the loop of the service: looked up, connected, sent, answered.
 *
 * Nothing here waits and nothing calls back: begin a call, and ask at each turn how it stands. The loop turns when it
 * has news. One call is one connection: it is closed when the head of the answer is there. The body of an answer is
 * not read, a redirect is an answer like any other and is not followed.
 *
 * Limits: HTTP_HEAD_ANSWER_MAX bytes of head; one deadline for all of it, from the lookup of the name to the last byte of
 * the head, so that who drips bytes is cut off. Certificates are checked against the authorities of the system, or of
 * one file; the name in the certificate must be the host's; TLS 1.2 or later.
 *
 * The only file that knows OpenSSL is http_tls.c. */
#ifndef DOORBRAAK_HTTP_CALL_H
#define DOORBRAAK_HTTP_CALL_H

#include "common/arena.h"
#include "common/http_head.h"
#include "common/lookup.h"

struct event_base;
struct http_tls;
struct http_call;

/* What certificates are trusted: those of a file (PEM), or NULL: the system's. NULL with *why. */
struct http_tls *http_tls_open(const char *ca_file, struct why *why);
void http_tls_close(struct http_tls **tls);

struct http_header {
	const char *name, *value; /* without line ends */
};

struct http_call_options {
	struct event_base *base;
	struct http_tls *tls; /* outlives the call; may be NULL for http:// */
	const struct url *url;
	enum lookup_reach reach;
	const char *method;
	const struct http_header *headers; /* besides Host, Content-Length and Connection */
	unsigned header_count;
	struct bytes body;
	unsigned deadline_ms;
};

enum http_call_state {
	HTTP_CALL_BUSY,
	HTTP_CALL_ANSWERED, /* there is a head */
	HTTP_CALL_FAILED,   /* there is a reason */
};

struct http_call *http_call_begin(const struct http_call_options *options);
enum http_call_state http_call_state(const struct http_call *call);
/* Of an answered call; valid as long as the call is. */
struct bytes http_call_head(const struct http_call *call);
/* Of a failed call: a sentence of ours, never content of an answer. */
const char *http_call_why(const struct http_call *call);
/* Ends it, also while it is busy. Nulls the pointer; NULL is fine. Not from within a callback of the loop. */
void http_call_end(struct http_call **call);

#endif
