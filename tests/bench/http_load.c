// SPDX-License-Identifier: EUPL-1.2
#include "tests/bench/http_load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/json_wire.h"

#define ANSWER_MAX 65536
#define WAIT_MS    20000

struct connection {
	int fd;
	unsigned expected; /* submissions in the request that is under way; 0: none */
	size_t len;
	char answer[ANSWER_MAX + 1];
};

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *
json_of(struct arena *a, struct bytes packed)
{
	struct why why;
	const ProtobufCMessage *m = record_unpack(a, &pb_Submission_descriptor, packed, RECORD_SUBMISSION_MAX, &why);

	if (m == NULL)
		fatal("%s", why.text);
	return json_from_message(a, m);
}

/* A whole request; malloc. */
static struct bytes
request_of(const struct bytes *submissions, unsigned count, bool one)
{
	const char **parts = calloc(2 * (size_t)count + 2, sizeof *parts);
	unsigned n = 0;
	struct arena a;

	if (parts == NULL)
		fatal("out of memory");
	arena_init(&a);
	for (unsigned i = 0; i < count; i++) {
		parts[n++] = one ? "" : i == 0 ? "{\"submissions\":[" : ",";
		parts[n++] = json_of(&a, submissions[i]);
	}
	parts[n++] = one ? "" : "]}";
	const char *body = arena_join(&a, parts, n);
	const char *text = arena_printf(&a,
					"POST /v1/submissions HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
					"application/json\r\nContent-Length: %zu\r\n\r\n%s",
					strlen(body), body);
	const struct bytes request = bytes_str(strdup(text));
	free(parts);
	arena_fini(&a);
	return request;
}

static void
open_connection(struct connection *c, uint16_t port)
{
	const int on = 1;
	const struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	*c = (struct connection){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&address, sizeof address) != 0)
		fatal("port %u gives no connection", port);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void
send_all(struct connection *c, struct bytes b, unsigned expected)
{
	for (size_t sent = 0; sent < b.len;) {
		const ssize_t n = send(c->fd, b.data + sent, b.len - sent, MSG_NOSIGNAL);
		if (n <= 0)
			fatal("the connection broke");
		sent += (size_t)n;
	}
	c->expected = expected;
	c->len = 0;
}

/* Reads on; true when the answer is whole, and all of it was accepted. */
static bool
answered(struct connection *c)
{
	const ssize_t n = recv(c->fd, c->answer + c->len, ANSWER_MAX - c->len, 0);
	unsigned accepted = 0;

	if (n <= 0)
		fatal("the connection broke: %s", c->answer);
	c->len += (size_t)n;
	c->answer[c->len] = '\0';
	const char *end = strstr(c->answer, "\r\n\r\n"), *length = strstr(c->answer, "Content-Length: ");
	if (end == NULL || length == NULL || strlen(end + 4) < strtoul(length + 16, NULL, 10))
		return false;
	for (const char *p = end; (p = strstr(p, "\"seq\":")) != NULL; p++)
		accepted++;
	if (accepted != c->expected)
		fatal("%u of %u were accepted: %.1000s", accepted, c->expected, c->answer);
	return true;
}

double
http_load_rush(uint16_t port, const struct bytes *submissions, unsigned count, unsigned batch, unsigned connections)
{
	const unsigned requests = (count + batch - 1) / batch;
	struct bytes *texts = calloc(requests, sizeof *texts);
	struct connection *c = calloc(connections, sizeof *c);
	struct pollfd polls[HTTP_LOAD_CONNECTIONS_MAX];
	unsigned next = 0, done = 0;

	ASSERT(texts != NULL && c != NULL && connections <= HTTP_LOAD_CONNECTIONS_MAX);
	for (unsigned i = 0; i < requests; i++)
		texts[i] =
		    request_of(submissions + i * batch, i + 1 < requests ? batch : count - i * batch, batch == 1);
	for (unsigned i = 0; i < connections; i++) {
		open_connection(&c[i], port);
		polls[i] = (struct pollfd){.fd = c[i].fd, .events = POLLIN};
	}
	const double began = seconds();

	for (; next < connections && next < requests; next++)
		send_all(&c[next], texts[next], next + 1 < requests ? batch : count - next * batch);
	while (done < requests) {
		if (poll(polls, connections, WAIT_MS) <= 0)
			fatal("no answer within %d ms", WAIT_MS);
		for (unsigned i = 0; i < connections; i++) {
			if (polls[i].revents == 0 || !answered(&c[i]))
				continue;
			done++;
			if (next < requests) {
				send_all(&c[i], texts[next], next + 1 < requests ? batch : count - next * batch);
				next++;
			}
		}
	}
	const double took = seconds() - began;

	for (unsigned i = 0; i < connections; i++)
		close(c[i].fd);
	for (unsigned i = 0; i < requests; i++)
		free((void *)(uintptr_t)texts[i].data);
	free(texts);
	free(c);
	return took;
}
