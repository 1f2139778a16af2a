// SPDX-License-Identifier: EUPL-1.2
#include "common/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define TIDY_MS  100
#define PAUSE_MS 1000 /* without descriptors, accepting again at once would only spin */

/* Every method that libevent knows; which of them a route has is said by us. */
#define ALL_METHODS                                                                                                    \
	(EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |                     \
	 EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH)

/* We hold a reference of our own: what libevent frees stays readable until http_tidy(), so the deadline never touches a
 * descriptor that is somebody else's by now. */
struct connection {
	struct bufferevent *stream;
	int64_t deadline_ms;
	bool cut;
};

struct http {
	struct http_options options;
	struct evhttp *server;
	struct evconnlistener *listener;
	struct event *tidy_timer;
	struct arena arena;
	struct connection *connections;
	unsigned count;
	bool accepts;
	char url[96];
	struct http_figures figures;
};

struct http_request {
	struct http *http;
	struct evhttp_request *request;
	bool answered;
};

static const struct {
	const char *name, *value;
} common_headers[] = {
    {"Cache-Control", "no-store"},         {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Referrer-Policy", "no-referrer"},    {"Strict-Transport-Security", "max-age=31536000"},
    {"X-Content-Type-Options", "nosniff"}, {"X-Frame-Options", "DENY"},
};

static int64_t
steady_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- connections ---- */

/* Accepting goes on as long as there is a place. */
static void
arrange(struct http *http)
{
	const bool accepts = http->count < http->options.connections_max;

	if (accepts == http->accepts)
		return;
	http->accepts = accepts;
	if (accepts)
		evconnlistener_enable(http->listener);
	else
		evconnlistener_disable(http->listener);
}

static void
start_timer(struct http *http)
{
	const struct timeval busy = {.tv_usec = TIDY_MS * 1000}, idle = {.tv_sec = PAUSE_MS / 1000};

	evtimer_add(http->tidy_timer, http->count > 0 ? &busy : &idle);
}

static struct bufferevent *
on_connection(struct event_base *base, void *arg)
{
	struct http *http = arg;
	struct bufferevent *stream = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);

	if (stream == NULL)
		return NULL;
	ASSERT(http->count < http->options.connections_max);
	bufferevent_incref(stream);
	http->connections[http->count++] =
	    (struct connection){.stream = stream, .deadline_ms = steady_ms() + http->options.deadline_ms};
	if (http->count == 1)
		start_timer(http);
	arrange(http);
	return stream;
}

/* No descriptors left, most likely. The timer lets the listener go on. The argument is libevent's own. */
static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	(void)arg;
	evconnlistener_disable(listener);
}

/* libevent takes its callbacks off what it frees, and never before. */
static bool
is_freed(struct bufferevent *stream)
{
	bufferevent_event_cb on_event = NULL;

	bufferevent_getcb(stream, NULL, NULL, &on_event, NULL);
	return on_event == NULL;
}

void
http_tidy(struct http *http)
{
	if (http->count == 0)
		return;
	const int64_t now_ms = steady_ms();

	for (unsigned i = 0; i < http->count;) {
		struct connection *c = &http->connections[i];

		if (is_freed(c->stream)) {
			bufferevent_decref(c->stream);
			*c = http->connections[--http->count];
			continue;
		}
		if (now_ms >= c->deadline_ms && !c->cut) {
			/* libevent sees the end of the stream and frees the connection in its own time. */
			shutdown(bufferevent_getfd(c->stream), SHUT_RDWR);
			c->cut = true;
			http->figures.cut++;
		}
		i++;
	}
	arrange(http);
}

static void
on_tidy(evutil_socket_t fd, short what, void *arg)
{
	struct http *http = arg;

	(void)fd, (void)what;
	http_tidy(http);
	http->accepts = false; /* also when accepting failed and was stopped behind our back */
	arrange(http);
	start_timer(http);
}

static void
extend_deadline(struct http *http, struct evhttp_request *request)
{
	const struct bufferevent *stream = evhttp_connection_get_bufferevent(evhttp_request_get_connection(request));

	for (unsigned i = 0; i < http->count; i++) {
		if (http->connections[i].stream == stream)
			http->connections[i].deadline_ms = steady_ms() + http->options.deadline_ms;
	}
}

/* ---- requests and answers ---- */

struct arena *
http_arena(struct http_request *request)
{
	return &request->http->arena;
}

struct bytes
http_body(struct http_request *request)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request->request);
	const size_t len = evbuffer_get_length(body);

	return len == 0 ? bytes_of(NULL, 0) : bytes_of(evbuffer_pullup(body, -1), len);
}

void
http_header(struct http_request *request, const char *name, const char *value)
{
	if (evhttp_add_header(evhttp_request_get_output_headers(request->request), name, value) != 0)
		fatal("http: a header cannot be added: %s", name);
}

static const char *
reason_of(int status)
{
	switch (status) {
	case 200: return "OK";
	case 400: return "Bad Request";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 503: return "Service Unavailable";
	default: return status < 400 ? "OK" : "Error";
	}
}

static const char *
title_of(int status)
{
	switch (status) {
	case 400: return "Ongeldig verzoek";
	case 404: return "Niet gevonden";
	case 405: return "Methode niet toegestaan";
	case 503: return "Tijdelijk niet beschikbaar";
	default: return "Fout";
	}
}

void
http_answer(struct http_request *request, int status, const char *type, struct bytes body)
{
	const bool head = evhttp_request_get_command(request->request) == EVHTTP_REQ_HEAD;
	struct evbuffer *out = evbuffer_new();
	char len[24];

	ASSERT(!request->answered);
	request->answered = true;
	request->http->figures.refused += status >= 400 && status < 500;
	for (size_t i = 0; i < sizeof(common_headers) / sizeof(common_headers[0]); i++)
		http_header(request, common_headers[i].name, common_headers[i].value);
	http_header(request, "Content-Type", type);
	snprintf(len, sizeof(len), "%zu", body.len);
	http_header(request, "Content-Length", len);
	/* libevent would send a body to HEAD too. */
	if (out == NULL || (!head && body.len > 0 && evbuffer_add(out, body.data, body.len) != 0))
		fatal("out of memory: an answer of %zu bytes", body.len);
	evhttp_send_reply(request->request, status, reason_of(status), out);
	evbuffer_free(out);
}

void
http_problem(struct http_request *request, int status, const char *code, const char *detail)
{
	ASSERT(strpbrk(code, "\"\\\n") == NULL && strpbrk(detail, "\"\\\n") == NULL);
	const char *body = arena_printf(http_arena(request),
					"{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\","
					"\"code\":\"%s\"}\n",
					title_of(status), status, detail, code);

	http_answer(request, status, "application/problem+json", bytes_str(body));
}

static const struct http_route *
route_of(const struct http *http, const char *path)
{
	for (unsigned i = 0; path != NULL && i < http->options.route_count; i++) {
		if (strcmp(http->options.routes[i].path, path) == 0)
			return &http->options.routes[i];
	}
	return NULL;
}

static bool
is_allowed(const struct http_route *route, enum evhttp_cmd_type method)
{
	if (method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD)
		return (route->methods & HTTP_METHOD_GET) != 0;
	return method == EVHTTP_REQ_POST && (route->methods & HTTP_METHOD_POST) != 0;
}

static void
refuse_method(struct http_request *request, const struct http_route *route)
{
	static const char *const allow[] = {"", "GET, HEAD", "POST", "GET, HEAD, POST"};

	http_header(request, "Allow", allow[route->methods & 3]);
	http_problem(request, 405, "method_not_allowed", "Deze methode kan hier niet; zie Allow.");
}

static void
on_request(struct evhttp_request *evrequest, void *arg)
{
	struct http *http = arg;
	struct http_request request = {.http = http, .request = evrequest};
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(evrequest);
	const struct http_route *route = route_of(http, uri == NULL ? NULL : evhttp_uri_get_path(uri));

	arena_reset(&http->arena);
	http->figures.requests++;
	extend_deadline(http, evrequest);
	if (evhttp_find_header(evhttp_request_get_input_headers(evrequest), "Transfer-Encoding") != NULL) {
		/* Where this body ends is a matter of opinion; the next request must not begin in it. */
		http_header(&request, "Connection", "close");
		http_problem(&request, 400, "transfer_encoding", "Stuur de inhoud met Content-Length.");
	} else if (route == NULL) {
		http_problem(&request, 404, "not_found", "Dit adres bestaat hier niet.");
	} else if (!is_allowed(route, evhttp_request_get_command(evrequest))) {
		refuse_method(&request, route);
	} else {
		route->answer(http->options.ctx, &request);
	}
	ASSERT(request.answered);
}

/* ---- open and close ---- */

static bool
find_url(struct http *http, int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char host[INET6_ADDRSTRLEN];

	if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		return false;
	if (address.ss_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address;

		inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
		snprintf(http->url, sizeof(http->url), "http://[%s]:%u", host, ntohs(v6->sin6_port));
	} else {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address;

		inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
		snprintf(http->url, sizeof(http->url), "http://%s:%u", host, ntohs(v4->sin_port));
	}
	return true;
}

static bool
listen_at(struct http *http, struct why *why)
{
	const struct http_options *o = &http->options;
	struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http->server, o->host, o->port);

	if (bound == NULL) {
		why_set(why, "cannot listen at http %s:%u: %s", o->host, o->port, strerror(errno));
		return false;
	}
	http->listener = evhttp_bound_socket_get_listener(bound);
	evconnlistener_set_error_cb(http->listener, on_accept_error);
	http->accepts = true;
	start_timer(http);
	return find_url(http, evhttp_bound_socket_get_fd(bound));
}

enum err
http_open(struct http **http, const struct http_options *options, struct why *why)
{
	struct http *h = calloc(1, sizeof(*h));

	if (h == NULL)
		fatal("out of memory");
	*http = h;
	h->options = *options;
	if (h->options.connections_max == 0)
		h->options.connections_max = HTTP_CONNECTIONS_MAX;
	if (h->options.deadline_ms == 0)
		h->options.deadline_ms = HTTP_DEADLINE_MS;
	arena_init(&h->arena);
	h->connections = calloc(h->options.connections_max, sizeof(*h->connections));
	h->server = evhttp_new(options->base);
	h->tidy_timer = evtimer_new(options->base, on_tidy, h);
	if (h->connections == NULL || h->server == NULL || h->tidy_timer == NULL)
		fatal("out of memory");
	evhttp_set_max_headers_size(h->server, HTTP_HEAD_MAX);
	evhttp_set_max_body_size(h->server, HTTP_BODY_MAX);
	evhttp_set_timeout(h->server, HTTP_IDLE_S);
	evhttp_set_allowed_methods(h->server, ALL_METHODS);
	evhttp_set_bevcb(h->server, on_connection, h);
	evhttp_set_gencb(h->server, on_request, h);
	if (listen_at(h, why))
		return ERR_NONE;
	http_close(http);
	return ERR_REFUSED;
}

void
http_close(struct http **http)
{
	struct http *h = *http;

	*http = NULL;
	if (h == NULL)
		return;
	event_free(h->tidy_timer);
	evhttp_free(h->server);
	for (unsigned i = 0; i < h->count; i++)
		bufferevent_decref(h->connections[i].stream);
	free(h->connections);
	arena_fini(&h->arena);
	free(h);
}

const char *
http_url(const struct http *http)
{
	return http->url;
}

struct http_figures
http_figures(const struct http *http)
{
	struct http_figures figures = http->figures;

	figures.connections = http->count;
	return figures;
}
