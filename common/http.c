// SPDX-License-Identifier: EUPL-1.2
/* http.c - the server: accepting, places, deadlines, opening and closing. */
#include "common/http_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define TIDY_MS   100
#define WRITE_MAX (256u << 10) /* bytes of one connection in a turn */
#define GOING_MAX 32u          /* connections that were cut and are not gone yet */
#define PAUSE_MS  1000         /* without descriptors, accepting again at once would only spin */

/* Every method that libevent knows; which of them a route has is said by us. */
#define ALL_METHODS                                                                                                    \
	(EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |                     \
	 EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH)

int64_t
http_steady_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- connections ---- */

/* libevent sees the end of the stream and frees the connection in its own time. */
static void
cut(struct connection *c)
{
	shutdown(bufferevent_getfd(c->stream), SHUT_RDWR);
	c->cut = true;
}

static unsigned
places_max(const struct http *http)
{
	/* One more: between two looks, whoever could have made room may have begun to ask. */
	return http->options.connections_max + 1 + http->options.streams_max + GOING_MAX;
}

struct places {
	unsigned taken, going; /* neither streams nor was cut; was cut, and is still there */
};

static struct places
places(const struct http *http)
{
	struct places p = {0};

	for (unsigned i = 0; i < http->count; i++) {
		p.going += http->connections[i].cut;
		p.taken += !http->connections[i].cut && !http->connections[i].streams;
	}
	return p;
}

/* Of those who neither stream nor wait for an answer, the one that has been asking nothing for longest. NULL:
 * there is none. */
static struct connection *
idlest(const struct http *http)
{
	struct connection *found = NULL;

	for (unsigned i = 0; i < http->count; i++) {
		struct connection *c = &http->connections[i];

		if (!c->streams && !c->cut && c->request == NULL && (found == NULL || c->news < found->news))
			found = c;
	}
	return found;
}

/* Accepting goes on as long as there is a place, or one can be made: those who hold places and ask nothing would keep out who
 * does. A few at a time, so that who was let in is read before it can be idlest itself. */
void
http_arrange(struct http *http)
{
	const struct places p = places(http);
	const bool makes_room = p.taken == http->options.connections_max && idlest(http) != NULL;
	const bool accepts = p.going < GOING_MAX && (p.taken < http->options.connections_max || makes_room);

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
	struct connection *idle;

	if (stream == NULL)
		return NULL;
	ASSERT(http->count < places_max(http));
	if (places(http).taken >= http->options.connections_max && (idle = idlest(http)) != NULL) {
		cut(idle);
		http->figures.displaced++;
	}
	bufferevent_incref(stream);
	/* A large answer leaves in some turns, not in hundreds. */
	bufferevent_set_max_single_write(stream, WRITE_MAX);
	/* Once a request is whole, nobody takes away what else its client sends. */
	bufferevent_setwatermark(stream, EV_READ, 0, http->options.body_max + HTTP_HEAD_MAX);
	http->connections[http->count++] = (struct connection){
	    .stream = stream, .news = ++http->news, .deadline_ms = http_steady_ms() + http->options.deadline_ms};
	if (http->count == 1)
		start_timer(http);
	http_arrange(http);
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

/* A reader that takes something is waited for. */
static void
look_at_progress(const struct http *http, struct connection *c, int64_t now_ms)
{
	const size_t left = evbuffer_get_length(bufferevent_get_output(c->stream));

	if (c->deadline_ms != HTTP_NEVER && left < c->left)
		c->deadline_ms = now_ms + http->options.stall_ms;
	c->left = left;
}

void
http_tidy(struct http *http)
{
	const int64_t now_ms = http_steady_ms();

	if (http->count == 0 || (http->accepts && now_ms - http->tidied_ms < TIDY_MS))
		return;
	http->tidied_ms = now_ms;
	for (unsigned i = 0; i < http->count;) {
		struct connection *c = &http->connections[i];

		if (is_freed(c->stream)) {
			ASSERT(c->request == NULL);
			bufferevent_decref(c->stream);
			*c = http->connections[--http->count];
			if (c->request != NULL)
				c->request->place = c;
			continue;
		}
		if (c->streams)
			look_at_progress(http, c, now_ms);
		if (now_ms >= c->deadline_ms && !c->cut) {
			if (c->streams)
				http->figures.dropped++;
			else
				http->figures.cut++;
			cut(c);
		}
		i++;
	}
	http_arrange(http);
}

static void
on_tidy(evutil_socket_t fd, short what, void *arg)
{
	struct http *http = arg;

	(void)fd, (void)what;
	http_tidy(http);
	http->accepts = false; /* also when accepting failed and was stopped behind our back */
	http_arrange(http);
	start_timer(http);
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
	/* libevent takes 128: when all readers come back at once, the others would try again a second later. */
	if (listen(evhttp_bound_socket_get_fd(bound), (int)(o->connections_max + o->streams_max)) != 0) {
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
	if (h->options.streams_max == 0)
		h->options.streams_max = HTTP_STREAMS_MAX;
	if (h->options.deadline_ms == 0)
		h->options.deadline_ms = HTTP_DEADLINE_MS;
	if (h->options.stall_ms == 0)
		h->options.stall_ms = HTTP_STALL_MS;
	if (h->options.body_max == 0)
		h->options.body_max = HTTP_BODY_MAX;
	h->connections = calloc(places_max(h), sizeof(*h->connections));
	h->server = evhttp_new(options->base);
	h->tidy_timer = evtimer_new(options->base, on_tidy, h);
	if (h->connections == NULL || h->server == NULL || h->tidy_timer == NULL)
		fatal("out of memory");
	evhttp_set_max_headers_size(h->server, HTTP_HEAD_MAX);
	evhttp_set_max_body_size(h->server, (ev_ssize_t)h->options.body_max);
	evhttp_set_timeout(h->server, HTTP_IDLE_S);
	evhttp_set_allowed_methods(h->server, ALL_METHODS);
	evhttp_set_bevcb(h->server, on_connection, h);
	evhttp_set_gencb(h->server, http_on_request, h);
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
	figures.streams = http->streams;
	return figures;
}
