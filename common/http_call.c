// SPDX-License-Identifier: EUPL-1.2
#include "common/http_call.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/http_tls.h"

#define LOOK_MS 10 /* between two looks at a lookup */

struct http_call {
	struct event_base *base;
	struct http_tls *tls;
	struct url url;
	struct lookup *lookup;
	struct event *look, *deadline;
	struct evbuffer *request;
	struct bufferevent *stream;
	enum http_call_state state;
	unsigned deadline_ms;
	struct why why;
	uint8_t head[HTTP_HEAD_ANSWER_MAX];
	size_t head_len;
};

static void
fail(struct http_call *call, const char *format, ...)
{
	va_list args;

	if (call->state != HTTP_CALL_BUSY)
		return;
	call->state = HTTP_CALL_FAILED;
	va_start(args, format);
	vsnprintf(call->why.text, sizeof call->why.text, format, args);
	va_end(args);
}

/* ---- the answer ---- */

static void
on_read(struct bufferevent *stream, void *arg)
{
	struct http_call *call = arg;
	struct evbuffer *in = bufferevent_get_input(stream);

	while (call->state == HTTP_CALL_BUSY) {
		const ssize_t have = evbuffer_copyout(in, call->head, sizeof call->head);
		const struct bytes input = bytes_of(call->head, have > 0 ? (size_t)have : 0);

		call->head_len = http_head_length(input);
		if (call->head_len == 0) {
			if (input.len == sizeof call->head)
				fail(call, "the head of the answer is longer than %u bytes", HTTP_HEAD_ANSWER_MAX);
			return;
		}
		const int status = http_head_status(bytes_of(call->head, call->head_len));

		if (status == 0)
			fail(call, "the answer is not HTTP/1.1");
		else if (status < 200)
			evbuffer_drain(in, call->head_len); /* not the last word */
		else
			call->state = HTTP_CALL_ANSWERED;
	}
	bufferevent_disable(stream, EV_READ | EV_WRITE);
}

static void
on_event(struct bufferevent *stream, short what, void *arg)
{
	struct http_call *call = arg;
	struct why why;

	if ((what & BEV_EVENT_CONNECTED) != 0 || call->state != HTTP_CALL_BUSY)
		return;
	if ((what & BEV_EVENT_EOF) != 0) {
		fail(call, "the connection was closed before an answer");
	} else if (call->url.tls && EVUTIL_SOCKET_ERROR() == 0) {
		http_tls_why(stream, &why);
		fail(call, "%s", why.text);
	} else if (call->url.tls) {
		const int error = EVUTIL_SOCKET_ERROR();

		http_tls_why(stream, &why);
		if (strcmp(why.text, "the connection was lost") == 0)
			fail(call, "no connection: %s", strerror(error));
		else
			fail(call, "%s", why.text);
	} else {
		fail(call, "no connection: %s", strerror(EVUTIL_SOCKET_ERROR()));
	}
	bufferevent_disable(stream, EV_READ | EV_WRITE);
}

/* ---- the way there ---- */

static void
begin_connection(struct http_call *call, const struct sockaddr_storage *address, socklen_t len)
{
	call->stream = call->url.tls
			   ? http_tls_stream(call->tls, call->base, &call->url)
			   : bufferevent_socket_new(call->base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (call->stream == NULL)
		fatal("out of memory: a connection");
	bufferevent_setcb(call->stream, on_read, NULL, on_event, call);
	bufferevent_setwatermark(call->stream, EV_READ, 0, HTTP_HEAD_ANSWER_MAX);
	if (bufferevent_write_buffer(call->stream, call->request) != 0 ||
	    bufferevent_enable(call->stream, EV_READ | EV_WRITE) != 0)
		fatal("out of memory: a request");
	errno = 0;
	if (bufferevent_socket_connect(call->stream, (const struct sockaddr *)address, (int)len) != 0)
		fail(call, "no connection: %s", strerror(errno));
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval soon = {.tv_usec = LOOK_MS * 1000};
	struct http_call *call = arg;
	struct sockaddr_storage address;
	socklen_t len;

	(void)fd, (void)what;
	if (call->state != HTTP_CALL_BUSY)
		return;
	switch (lookup_look(call->lookup, &address, &len)) {
	case LOOKUP_BUSY: evtimer_add(call->look, &soon); break;
	case LOOKUP_FOUND: begin_connection(call, &address, len); break;
	case LOOKUP_UNKNOWN: fail(call, "the host has no address that is known now"); break;
	case LOOKUP_REFUSED: fail(call, "the host has no address that may be used from here"); break;
	}
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct http_call *call = arg;

	(void)fd, (void)what;
	fail(call, "no answer within %u ms", call->deadline_ms);
	if (call->stream != NULL)
		bufferevent_disable(call->stream, EV_READ | EV_WRITE);
}

/* ---- begin and end ---- */

static void
write_request(struct http_call *call, const struct http_call_options *o)
{
	char authority[URL_AUTHORITY_MAX];
	bool fine;

	url_authority(&call->url, authority);
	call->request = evbuffer_new();
	if (call->request == NULL)
		fatal("out of memory: a request");
	fine = evbuffer_add_printf(call->request, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", o->method,
				   call->url.target, authority) > 0;
	for (unsigned i = 0; i < o->header_count; i++) {
		ASSERT(strpbrk(o->headers[i].value, "\r\n") == NULL);
		fine = fine &&
		       evbuffer_add_printf(call->request, "%s: %s\r\n", o->headers[i].name, o->headers[i].value) > 0;
	}
	if (o->body.len > 0 || strcmp(o->method, "POST") == 0)
		fine = fine && evbuffer_add_printf(call->request, "Content-Length: %zu\r\n", o->body.len) > 0;
	fine = fine && evbuffer_add(call->request, "\r\n", 2) == 0 &&
	       (o->body.len == 0 || evbuffer_add(call->request, o->body.data, o->body.len) == 0);
	if (!fine)
		fatal("out of memory: a request");
}

struct http_call *
http_call_begin(const struct http_call_options *o)
{
	struct http_call *call = calloc(1, sizeof *call);
	const struct timeval deadline = {.tv_sec = o->deadline_ms / 1000, .tv_usec = o->deadline_ms % 1000 * 1000};
	static const struct timeval at_once = {0};

	if (call == NULL)
		fatal("out of memory");
	ASSERT(!o->url->tls || o->tls != NULL);
	call->base = o->base;
	call->tls = o->tls;
	call->url = *o->url;
	call->deadline_ms = o->deadline_ms;
	write_request(call, o);
	call->lookup = lookup_begin(&call->url, o->reach);
	call->look = evtimer_new(call->base, on_look, call);
	call->deadline = evtimer_new(call->base, on_deadline, call);
	if (call->look == NULL || call->deadline == NULL || evtimer_add(call->look, &at_once) != 0 ||
	    evtimer_add(call->deadline, &deadline) != 0)
		fatal("out of memory: a timer");
	return call;
}

enum http_call_state
http_call_state(const struct http_call *call)
{
	return call->state;
}

struct bytes
http_call_head(const struct http_call *call)
{
	ASSERT(call->state == HTTP_CALL_ANSWERED);
	return bytes_of(call->head, call->head_len);
}

const char *
http_call_why(const struct http_call *call)
{
	return call->why.text;
}

void
http_call_end(struct http_call **call)
{
	struct http_call *c = *call;

	*call = NULL;
	if (c == NULL)
		return;
	event_free(c->look);
	event_free(c->deadline);
	if (c->stream != NULL)
		bufferevent_free(c->stream);
	lookup_end(&c->lookup);
	evbuffer_free(c->request);
	free(c);
}
