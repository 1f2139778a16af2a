// SPDX-License-Identifier: EUPL-1.2
/* http_bench.h - the HTTP server in a loop of its own, and a client that writes bytes and knows no HTTP. */
#ifndef DOORBRAAK_TESTS_HTTP_BENCH_H
#define DOORBRAAK_TESTS_HTTP_BENCH_H

#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "common/health.h"

#define DEADLINE_MS  10000
#define CUT_MS       300 /* the server's deadline in these tests */
#define CONNECTIONS  4u
#define RESPONSE_MAX (256u << 10)

struct bench {
	struct event_base *base;
	struct http *http;
	struct health_source source;
	struct health health; /* what the service would say of itself */
};

static inline int64_t
steady_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void
on_look(void *ctx, struct health *health)
{
	*health = ((struct bench *)ctx)->health;
}

static inline void
on_figures(void *ctx, struct metrics *metrics)
{
	(void)ctx;
	metrics_declare(metrics, "cases_open", METRIC_GAUGE, "Open cases.");
	metrics_sample(metrics, 3);
}

static inline void
bench_open(struct bench *b)
{
	static const struct service service = {.name = "routing"};
	struct why why;

	*b = (struct bench){.base = event_base_new(),
			    .health = {.service = &service, .started = true, .has_upstream = true}};
	b->health.node.caught_up = true;
	b->source = (struct health_source){b, on_look, on_figures};
	const struct http_options options = {
	    .base = b->base,
	    .host = "127.0.0.1",
	    .tables = {{health_routes, HEALTH_ROUTES, &b->source}},
	    .connections_max = CONNECTIONS,
	    .deadline_ms = CUT_MS,
	};
	if (http_open(&b->http, &options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
}

static inline void
bench_close(struct bench *b)
{
	http_close(&b->http);
	event_base_free(b->base);
}

static inline void
turn(struct bench *b)
{
	event_base_loop(b->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	http_tidy(b->http);
}

static inline int
connect_to(const struct bench *b)
{
	const char *port = strrchr(http_url(b->http), ':') + 1;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	const int rc = connect(fd, (const struct sockaddr *)&address, sizeof(address));
	assert_true(rc == 0 || errno == EINPROGRESS);
	return fd;
}

/* Writes all of it while the server turns; false when the server closed before. */
static inline bool
write_all(struct bench *b, int fd, const char *bytes, size_t len)
{
	const int64_t deadline = steady_ms() + DEADLINE_MS;

	while (len > 0) {
		const ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

		assert_true(steady_ms() < deadline);
		turn(b);
		if (sent < 0 && errno != EAGAIN && errno != ENOTCONN)
			return false;
		if (sent > 0) {
			bytes += sent;
			len -= (size_t)sent;
		}
	}
	return true;
}

struct response {
	char text[RESPONSE_MAX];
	size_t len;
	bool closed;
};

/* A whole response is there: its head and as much body as Content-Length says. */
static inline bool
is_whole(const struct response *r, bool head_only)
{
	const char *body = strstr(r->text, "\r\n\r\n");
	const char *length = strcasestr(r->text, "Content-Length: ");

	if (body == NULL)
		return false;
	return head_only || length == NULL || strlen(body + 4) >= (size_t)atol(length + 16);
}

/* Reads until a response is whole, or until the other side closes. */
static inline void
read_response(struct bench *b, int fd, struct response *r, bool until_closed, bool head_only)
{
	const int64_t deadline = steady_ms() + DEADLINE_MS;

	memset(r, 0, sizeof(*r));
	while (!r->closed && (until_closed || !is_whole(r, head_only)) && steady_ms() < deadline) {
		struct pollfd watched = {.fd = fd, .events = POLLIN};

		turn(b);
		if (poll(&watched, 1, 1) <= 0)
			continue;
		const ssize_t got = recv(fd, r->text + r->len, sizeof(r->text) - 1 - r->len, 0);
		if (got > 0)
			r->len += (size_t)got;
		else if (got == 0 || errno != EAGAIN)
			r->closed = true;
	}
	assert_true(steady_ms() < deadline);
}

static inline void
ask(struct bench *b, const char *method, const char *path, struct response *r)
{
	char request[512];
	const int fd = connect_to(b);
	const int len =
	    snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", method, path);

	assert_true(write_all(b, fd, request, (size_t)len));
	read_response(b, fd, r, true, false);
	close(fd);
}

static inline int
status_of(const struct response *r)
{
	int status = 0;

	return sscanf(r->text, "HTTP/1.%*d %d", &status) == 1 ? status : 0;
}

#endif
