// SPDX-License-Identifier: EUPL-1.2
/* Answers that come later, and streams: over real sockets on loopback, at every edge of what a reader may do. */
#include "tests/service/http_bench.h"

#define STALL_MS 300
#define STREAMS  3u

struct desk {
	struct event_base *base;
	struct http *http;
	struct http_request *waiting; /* answered later */
	struct http_request *streams[STREAMS + 1];
	unsigned stream_count, gone, drained;
	char seen[256]; /* what the last request was */
};

static void
on_gone(void *ctx)
{
	((struct desk *)ctx)->gone++;
}

static void
on_drained(void *ctx)
{
	((struct desk *)ctx)->drained++;
}

static void
answer_echo(void *ctx, struct http_request *request)
{
	struct desk *d = ctx;
	const char *values[4] = {"", "", "", ""};
	const unsigned count = http_query_all(request, "topic", values, 4);

	snprintf(d->seen, sizeof d->seen, "%s owner=%s %u %s%s%s", http_parameter(request, "id"),
		 http_query(request, "owner") == NULL ? "-" : http_query(request, "owner"), count, values[0],
		 count > 1 ? "," : "", count > 1 ? values[1] : "");
	http_answer(request, 200, "text/plain", bytes_str(d->seen));
}

static void
answer_later(void *ctx, struct http_request *request)
{
	struct desk *d = ctx;

	d->waiting = request;
	http_later(request, on_gone, d);
}

static void
answer_stream(void *ctx, struct http_request *request)
{
	struct desk *d = ctx;
	const struct http_stream stream = {on_drained, on_gone, d};

	if (http_stream_begin(request, HTTP_TYPE_EVENTS, &stream))
		d->streams[d->stream_count++] = request;
}

static void
answer_open(void *ctx, struct http_request *request)
{
	(void)ctx;
	http_answer(request, 200, HTTP_TYPE_JSON, bytes_str("{}"));
}

static const struct http_route routes[] = {
    {.path = "/v1/things/all", .methods = HTTP_METHOD_GET, .answer = answer_open, .query = ""},
    {.path = "/v1/things/{id}", .methods = HTTP_METHOD_GET, .answer = answer_echo, .query = "owner topic*"},
    {.path = "/v1/later", .methods = HTTP_METHOD_GET | HTTP_METHOD_POST, .answer = answer_later, .query = ""},
    {.path = "/v1/stream", .methods = HTTP_METHOD_GET, .answer = answer_stream, .query = ""},
    {.path = "/v1/openapi.json", .methods = HTTP_METHOD_GET, .answer = answer_open, .query = "", .all_origins = true},
};

static void
desk_open(struct desk *d)
{
	struct why why;

	*d = (struct desk){.base = event_base_new()};
	const struct http_options options = {
	    .base = d->base,
	    .host = "127.0.0.1",
	    .tables = {{routes, COUNT_OF(routes), d}},
	    .origins = "https://page.example http://127.0.0.1:7305",
	    .connections_max = CONNECTIONS,
	    .streams_max = STREAMS,
	    .deadline_ms = CUT_MS,
	    .stall_ms = STALL_MS,
	};
	if (http_open(&d->http, &options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
}

static void
desk_close(struct desk *d)
{
	http_close(&d->http);
	event_base_free(d->base);
}

/* The bench of the probes knows sockets: it turns our loop. */
static struct bench
bench_of(const struct desk *d)
{
	return (struct bench){.base = d->base, .http = d->http};
}

static int
send_to(struct desk *d, const char *request)
{
	struct bench b = bench_of(d);
	const int fd = connect_to(&b);

	assert_true(write_all(&b, fd, request, strlen(request)));
	return fd;
}

static void
turns(struct desk *d, int64_t ms)
{
	struct bench b = bench_of(d);

	for (const int64_t began = steady_ms(); steady_ms() - began < ms;)
		turn(&b);
}

#define UNTIL(d, condition)                                                                                            \
	do {                                                                                                           \
		const int64_t until_ms = steady_ms() + DEADLINE_MS;                                                    \
		while (!(condition)) {                                                                                 \
			assert_true(steady_ms() < until_ms);                                                           \
			turns(d, 2);                                                                                   \
		}                                                                                                      \
	} while (0)

static void
get(struct desk *d, const char *path, const char *headers, struct response *r)
{
	struct bench b = bench_of(d);
	char request[1024];

	snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", path, headers);
	const int fd = send_to(d, request);
	read_response(&b, fd, r, true, false);
	close(fd);
}

/* ---- paths and queries ---- */

static void
test_paths_and_queries_reach_the_route_decoded(void **state UNUSED)
{
	static struct response r;
	struct desk d;

	desk_open(&d);
	get(&d, "GET /v1/things/c%2D1?owner=ET%2d1&topic=a/b&topic=c+d", "", &r);
	assert_int_equal(status_of(&r), 200);
	assert_string_equal(d.seen, "c-1 owner=ET-1 2 a/b,c d");
	get(&d, "GET /v1/things/all", "", &r); /* the first that fits */
	assert_non_null(strstr(r.text, "\r\n\r\n{}"));
	get(&d, "GET /v1/things/", "", &r);
	assert_int_equal(status_of(&r), 404);
	get(&d, "GET /v1/things/a/b", "", &r);
	assert_int_equal(status_of(&r), 404);
	desk_close(&d);
}

static void
test_all_that_is_wrong_with_a_query_is_told_at_once(void **state UNUSED)
{
	static struct response r;
	struct desk d;

	desk_open(&d);
	get(&d, "GET /v1/things/x?foo=1&owner=a&owner=b&\"=2&topic=%zz", "", &r);
	assert_int_equal(status_of(&r), 400);
	assert_non_null(strstr(r.text, "\"field\":\"foo\",\"code\":\"UNKNOWN_KEY\""));
	assert_non_null(strstr(r.text, "\"field\":\"owner\",\"code\":\"REPEATED_KEY\""));
	assert_non_null(strstr(r.text, "\"field\":\"\\\"\",\"code\":\"UNKNOWN_KEY\""));
	assert_non_null(strstr(r.text, "\"field\":\"topic\",\"code\":\"ENCODING\""));
	assert_string_equal(d.seen, "");
	desk_close(&d);
}

/* ---- pages of other origins ---- */

static void
test_pages_of_known_origins_may_read(void **state UNUSED)
{
	static const char allowed[] = "\r\nAccess-Control-Allow-Origin: https://page.example\r\n";
	static struct response r;
	struct desk d;

	desk_open(&d);
	get(&d, "GET /v1/things/all", "Origin: https://page.example\r\n", &r);
	assert_non_null(strstr(r.text, allowed));
	assert_non_null(strstr(r.text, "\r\nVary: Origin\r\n"));
	get(&d, "GET /v1/things/all", "Origin: https://page.example.evil\r\n", &r);
	assert_int_equal(status_of(&r), 200);
	assert_null(strstr(r.text, "Access-Control-Allow-Origin"));
	get(&d, "GET /v1/things/all", "Origin: https://page.exampl\r\n", &r);
	assert_null(strstr(r.text, "Access-Control-Allow-Origin"));
	get(&d, "GET /v1/things/all", "Origin: null\r\n", &r);
	assert_null(strstr(r.text, "Access-Control-Allow-Origin"));
	get(&d, "GET /nowhere", "Origin: http://127.0.0.1:7305\r\n", &r);
	assert_int_equal(status_of(&r), 404);
	assert_non_null(strstr(r.text, "\r\nAccess-Control-Allow-Origin: http://127.0.0.1:7305\r\n"));
	get(&d, "GET /v1/openapi.json", "Origin: https://elsewhere.example\r\n", &r);
	assert_non_null(strstr(r.text, "\r\nAccess-Control-Allow-Origin: *\r\n"));
	desk_close(&d);
}

static void
test_a_preflight_is_answered_for_known_origins(void **state UNUSED)
{
	static struct response r;
	struct desk d;

	desk_open(&d);
	get(&d, "OPTIONS /v1/later", "Origin: https://page.example\r\nAccess-Control-Request-Method: POST\r\n", &r);
	assert_int_equal(status_of(&r), 204);
	assert_non_null(strstr(r.text, "\r\nAccess-Control-Allow-Methods: GET, HEAD, POST\r\n"));
	assert_non_null(strcasestr(r.text, "Authorization"));
	get(&d, "OPTIONS /v1/later", "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n", &r);
	assert_int_equal(status_of(&r), 405);
	get(&d, "OPTIONS /v1/later", "", &r);
	assert_int_equal(status_of(&r), 405);
	assert_non_null(strstr(r.text, "\r\nAllow: GET, HEAD, POST\r\n"));
	desk_close(&d);
}

static void
test_every_answer_says_the_version_of_the_api(void **state UNUSED)
{
	static const char *const paths[] = {"GET /v1/things/all", "GET /nowhere", "POST /v1/stream",
					    "GET /v1/things/x?no=1"};
	static struct response r;
	struct desk d;

	desk_open(&d);
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		get(&d, paths[i], "", &r);
		assert_non_null(strstr(r.text, "\r\nAPI-Version: 1.0.0\r\n"));
	}
	desk_close(&d);
}

/* ---- later ---- */

static void
test_an_answer_may_come_later(void **state UNUSED)
{
	static struct response r;
	struct desk d;

	desk_open(&d);
	struct bench b = bench_of(&d);
	const int fd = send_to(&d, "GET /v1/later HTTP/1.1\r\nHost: x\r\n\r\n"
				   "GET /v1/things/second HTTP/1.1\r\nHost: x\r\n\r\n");
	UNTIL(&d, d.waiting != NULL);
	turns(&d, 30);
	assert_string_equal(d.seen, ""); /* the second waits for the first */
	http_answer(d.waiting, 200, "text/plain", bytes_str("at last"));
	read_response(&b, fd, &r, false, false);
	assert_non_null(strstr(r.text, "at last"));
	UNTIL(&d, strncmp(d.seen, "second", 6) == 0);
	assert_int_equal(d.gone, 0);
	close(fd);
	desk_close(&d);
}

/* Those who wait for an answer make no room, also when they begin to at the moment that somebody comes. */
static void
test_who_waits_for_an_answer_keeps_its_place(void **state UNUSED)
{
	static const char request[] = "GET /v1/later HTTP/1.1\r\nHost: x\r\n\r\n";
	static const char last[] = "GET /v1/things/all HTTP/1.1\r\nHost: x\r\n\r\n";
	static struct response r;
	int fds[CONNECTIONS + 2];
	struct desk d;

	desk_open(&d);
	struct bench b = bench_of(&d);
	for (unsigned i = 0; i < CONNECTIONS; i++)
		fds[i] = connect_to(&b);
	UNTIL(&d, http_figures(d.http).connections == CONNECTIONS);
	for (unsigned i = 0; i < CONNECTIONS; i++)
		assert_true(write_all(&b, fds[i], request, strlen(request)));
	fds[CONNECTIONS] = connect_to(&b);
	fds[CONNECTIONS + 1] = connect_to(&b);
	UNTIL(&d, http_figures(d.http).requests == CONNECTIONS);
	turns(&d, 10);
	assert_int_equal(d.gone, 0);
	assert_true(http_figures(d.http).connections <= CONNECTIONS + 1);
	/* Once one was answered there is a place. */
	http_answer(d.waiting, 200, "text/plain", bytes_str("at last"));
	assert_true(write_all(&b, fds[CONNECTIONS + 1], last, strlen(last)));
	read_response(&b, fds[CONNECTIONS + 1], &r, false, false);
	assert_int_equal(status_of(&r), 200);
	assert_int_equal(d.gone, 0);
	for (unsigned i = 0; i < COUNT_OF(fds); i++)
		close(fds[i]);
	desk_close(&d);
}

static void
test_who_leaves_before_the_answer_is_noticed_with_it(void **state UNUSED)
{
	struct desk d;

	desk_open(&d);
	const int fd = send_to(&d, "GET /v1/later HTTP/1.1\r\nHost: x\r\n\r\n");
	UNTIL(&d, d.waiting != NULL);
	close(fd);
	turns(&d, 30);
	assert_int_equal(d.gone, 0);
	http_answer(d.waiting, 200, "text/plain", bytes_str("too late"));
	UNTIL(&d, http_figures(d.http).connections == 0);
	assert_int_equal(d.gone, 0); /* it was answered */
	desk_close(&d);
}

static void
test_closing_tells_who_waits_and_who_streams(void **state UNUSED)
{
	struct desk d;

	desk_open(&d);
	const int later = send_to(&d, "GET /v1/later HTTP/1.1\r\nHost: x\r\n\r\n");
	const int stream = send_to(&d, "GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n");
	UNTIL(&d, d.waiting != NULL && d.stream_count == 1);
	desk_close(&d);
	assert_int_equal(d.gone, 2);
	close(later);
	close(stream);
}

/* ---- streams ---- */

static void
test_a_stream_goes_on_without_a_deadline(void **state UNUSED)
{
	static struct response r;
	struct desk d;

	desk_open(&d);
	struct bench b = bench_of(&d);
	const int fd = send_to(&d, "GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n");
	UNTIL(&d, d.stream_count == 1);
	http_stream_write(d.streams[0], bytes_str("data: one\n\n"));
	UNTIL(&d, d.drained > 0);
	turns(&d, 3 * CUT_MS); /* longer than the deadline of a request, and than the stall */
	assert_int_equal(http_figures(d.http).streams, 1);
	http_stream_write(d.streams[0], bytes_str("data: two\n\n"));
	http_stream_end(d.streams[0]);
	read_response(&b, fd, &r, true, false);
	assert_int_equal(status_of(&r), 200);
	assert_non_null(strstr(r.text, "\r\nContent-Type: text/event-stream\r\n"));
	assert_non_null(strstr(r.text, "\r\nCache-Control: no-store\r\n"));
	assert_non_null(strstr(r.text, "data: one\n\n"));
	assert_non_null(strstr(r.text, "data: two\n\n"));
	assert_int_equal(d.gone, 0);
	assert_int_equal(http_figures(d.http).streams, 0);
	close(fd);
	desk_close(&d);
}

static void
test_a_reader_that_leaves_is_noticed(void **state UNUSED)
{
	struct desk d;

	desk_open(&d);
	const int fd = send_to(&d, "GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n");
	UNTIL(&d, d.stream_count == 1);
	close(fd);
	UNTIL(&d, d.gone == 1);
	UNTIL(&d, http_figures(d.http).connections == 0);
	assert_int_equal(http_figures(d.http).streams, 0);
	desk_close(&d);
}

static void
test_a_reader_that_stands_still_is_dropped(void **state UNUSED)
{
	static char much[1 << 20];
	const int least = 1;
	struct desk d;

	desk_open(&d);
	memset(much, 'x', sizeof much);
	const int fd = send_to(&d, "GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
	UNTIL(&d, d.stream_count == 1);
	const int64_t began = steady_ms();
	/* More than the kernel takes for it. */
	for (unsigned i = 0; i < 8; i++)
		http_stream_write(d.streams[0], bytes_of(much, sizeof much));
	UNTIL(&d, d.gone == 1);
	assert_true(steady_ms() - began >= STALL_MS - 5);
	assert_true(steady_ms() - began < STALL_MS + 2000);
	assert_int_equal(http_figures(d.http).dropped, 1);
	assert_int_equal(http_figures(d.http).cut, 0);
	close(fd);
	desk_close(&d);
}

static void
test_what_a_reader_goes_on_sending_is_not_kept(void **state UNUSED)
{
	static char much[64 << 10];
	size_t sent = 0;
	struct desk d;

	desk_open(&d);
	memset(much, 'x', sizeof much);
	const int fd = send_to(&d, "GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n");
	UNTIL(&d, d.stream_count == 1);
	for (unsigned i = 0; i < 400; i++) {
		const ssize_t n = send(fd, much, sizeof much, MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		turns(&d, 1);
	}
	/* The kernel holds some megabytes for both sides; we hold none of the rest. */
	assert_true(sent < (12u << 20));
	assert_int_equal(http_figures(d.http).streams, 1);
	close(fd);
	desk_close(&d);
}

static void
test_streams_have_places_of_their_own(void **state UNUSED)
{
	static struct response r;
	int fds[STREAMS];
	struct desk d;

	desk_open(&d);
	struct bench b = bench_of(&d);
	for (unsigned i = 0; i < STREAMS; i++) {
		fds[i] = send_to(&d, "GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n");
		UNTIL(&d, d.stream_count == i + 1);
	}
	/* One more is refused, and the next question on that connection is answered. */
	const int fd = send_to(&d, "GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n");
	read_response(&b, fd, &r, false, false);
	assert_int_equal(status_of(&r), 503);
	assert_non_null(strstr(r.text, "\r\nRetry-After: 5\r\n"));
	assert_non_null(strstr(r.text, "\"code\":\"too_many_streams\""));
	close(fd);
	/* All places of ordinary questions are free still. */
	int ordinary[CONNECTIONS];
	for (unsigned i = 0; i < CONNECTIONS; i++)
		ordinary[i] = send_to(&d, "GET /v1/things/all HTTP/1.1\r\nHost: x\r\n\r\n");
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		read_response(&b, ordinary[i], &r, false, false);
		assert_int_equal(status_of(&r), 200);
		close(ordinary[i]);
	}
	close(fds[0]);
	UNTIL(&d, d.gone == 1);
	const int again = send_to(&d, "GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n");
	UNTIL(&d, d.stream_count == STREAMS + 1);
	close(again);
	for (unsigned i = 1; i < STREAMS; i++)
		close(fds[i]);
	desk_close(&d);
}

static void
test_head_of_a_stream_has_no_body_and_ends(void **state UNUSED)
{
	static struct response r;
	struct desk d;

	desk_open(&d);
	get(&d, "HEAD /v1/stream", "", &r);
	assert_int_equal(status_of(&r), 200);
	assert_string_equal(strstr(r.text, "\r\n\r\n"), "\r\n\r\n");
	assert_int_equal(d.stream_count, 0);
	desk_close(&d);
}

static void
test_an_old_reader_gets_a_stream_without_chunks(void **state UNUSED)
{
	static struct response r;
	struct desk d;

	desk_open(&d);
	struct bench b = bench_of(&d);
	const int fd = send_to(&d, "GET /v1/stream HTTP/1.0\r\n\r\n");
	UNTIL(&d, d.stream_count == 1);
	http_stream_write(d.streams[0], bytes_str("data: one\n\n"));
	http_stream_end(d.streams[0]);
	read_response(&b, fd, &r, true, false);
	assert_string_equal(strstr(r.text, "\r\n\r\n"), "\r\n\r\ndata: one\n\n");
	close(fd);
	desk_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_paths_and_queries_reach_the_route_decoded),
	    cmocka_unit_test(test_all_that_is_wrong_with_a_query_is_told_at_once),
	    cmocka_unit_test(test_pages_of_known_origins_may_read),
	    cmocka_unit_test(test_a_preflight_is_answered_for_known_origins),
	    cmocka_unit_test(test_every_answer_says_the_version_of_the_api),
	    cmocka_unit_test(test_an_answer_may_come_later),
	    cmocka_unit_test(test_who_waits_for_an_answer_keeps_its_place),
	    cmocka_unit_test(test_who_leaves_before_the_answer_is_noticed_with_it),
	    cmocka_unit_test(test_closing_tells_who_waits_and_who_streams),
	    cmocka_unit_test(test_a_stream_goes_on_without_a_deadline),
	    cmocka_unit_test(test_a_reader_that_leaves_is_noticed),
	    cmocka_unit_test(test_a_reader_that_stands_still_is_dropped),
	    cmocka_unit_test(test_what_a_reader_goes_on_sending_is_not_kept),
	    cmocka_unit_test(test_streams_have_places_of_their_own),
	    cmocka_unit_test(test_head_of_a_stream_has_no_body_and_ends),
	    cmocka_unit_test(test_an_old_reader_gets_a_stream_without_chunks),
	};

	signal(SIGPIPE, SIG_IGN); /* as the runtime does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
