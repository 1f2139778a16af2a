// SPDX-License-Identifier: EUPL-1.2
/* Probes and figures over real sockets on loopback, with a client that writes bytes and no HTTP library. What a
 * stranger may send must neither hold a place nor bring the service down. */
#include "tests/service/http_bench.h"

static void
expect(struct bench *b, const char *method, const char *path, int status, const char *part)
{
	static struct response r;

	ask(b, method, path, &r);
	assert_int_equal(status_of(&r), status);
	if (strstr(r.text, part) == NULL)
		fail_msg("missing: %s\nin:\n%s", part, r.text);
}

/* ---- what is said ---- */

static void
test_probes_say_what_the_counters_say(void **state UNUSED)
{
	struct bench b;

	bench_open(&b);
	expect(&b, "GET", "/healthz", 200, "{\"status\":\"alive\",\"service\":\"routing\"}");
	expect(&b, "GET", "/readyz", 200, "{\"status\":\"ready\",\"service\":\"routing\"}");
	expect(&b, "GET", "/startedz", 200, "{\"status\":\"started\",\"service\":\"routing\"}");
	expect(&b, "GET", "/readyz?verbose=1", 200, "ready");

	b.health.started = false;
	expect(&b, "GET", "/startedz", 503, "{\"status\":\"starting\",\"service\":\"routing\"}");
	expect(&b, "GET", "/readyz", 503, "\"codes\":[\"starting\"]");
	b.health.started = true;
	b.health.node.caught_up = false;
	expect(&b, "GET", "/readyz", 503,
	       "{\"status\":\"not_ready\",\"service\":\"routing\",\"codes\":[\"catching_up\"],\"applied\":0,\"of\":0}");
	b.health.node.refusing = b.health.node.disk_low = b.health.node.draining = true;
	b.health.node.clock_wrong = true;
	b.health.now.steady_ms = HEALTH_SILENT_MS + 1;
	expect(&b, "GET", "/readyz", 503,
	       "\"codes\":[\"catching_up\",\"refusing\",\"disk_low\",\"clock_wrong\",\"draining\",\"upstream_silent\"],"
	       "\"applied\":0");
	expect(&b, "GET", "/healthz", 200, "alive");
	bench_close(&b);
}

static void
test_the_upstream_is_silent_only_after_a_while(void **state UNUSED)
{
	struct health health = {.started = true, .has_upstream = true};
	const char *codes[HEALTH_CODES_MAX];

	health.node.caught_up = true;
	health.started_steady_ms = 5000;
	health.now.steady_ms = 5000 + HEALTH_SILENT_MS;
	assert_int_equal(health_not_ready(&health, codes), 0);
	health.now.steady_ms++;
	assert_int_equal(health_not_ready(&health, codes), 1);
	assert_string_equal(codes[0], "upstream_silent");
	health.node.heard_steady_ms = 5001;
	assert_int_equal(health_not_ready(&health, codes), 0);
	health.now.steady_ms += HEALTH_SILENT_MS;
	health.has_upstream = false;
	assert_int_equal(health_not_ready(&health, codes), 0);
}

/* Every label there can be, each with the largest figure: as monitoring would write it after a very long life. */
static void
test_the_largest_metrics_are_not_cut(void **state UNUSED)
{
	static const char *const enums[][3] = {{"open_cases", "CaseState", "Track"},
					       {"open_signals", "SignalCode", NULL},
					       {"overdue_deadlines", "DeadlineKind", NULL}};
	struct health health = {.service = &monitoring_service, .has_upstream = true};
	struct arena arena;

	arena_init(&arena);
	memset(health.node.refusals, 0xff, sizeof(health.node.refusals));
	memset(health.node.refused, 0xff, sizeof(health.node.refused));
	memset(&health.node.usage, 0xff, sizeof(health.node.usage));
	struct metrics *m = metrics_begin(&arena);
	health_metrics(&health, m);
	for (size_t e = 0; e < COUNT_OF(enums); e++) {
		metrics_declare(m, enums[e][0], METRIC_GAUGE, "One of many.");
		for (int i = 1; i < 64; i++) {
			if (enums[e][2] == NULL)
				metrics_sample_labelled(m, "code", record_code_of(enums[e][1], i), UINT64_MAX);
			for (int j = 1; enums[e][2] != NULL && j < 16; j++)
				metrics_sample_labelled2(m, "state", record_code_of(enums[e][1], i), "track",
							 record_code_of(enums[e][2], j), UINT64_MAX);
		}
	}
	const struct bytes text = metrics_end(m);
	assert_non_null(strstr(arena_str(&arena, text), "doorbraak_metrics_cut 0\n"));
	assert_true(text.len < METRICS_BYTES_MAX / 2); /* room for what comes */
	arena_fini(&arena);
}

static void
test_wrong_paths_and_methods_are_problems(void **state UNUSED)
{
	static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"};
	static struct response r;
	struct bench b;

	bench_open(&b);
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		ask(&b, methods[i], "/readyz", &r);
		assert_int_equal(status_of(&r), 405);
		assert_non_null(strstr(r.text, "\r\nAllow: GET, HEAD\r\n"));
		assert_non_null(strstr(r.text, "\r\nContent-Type: application/problem+json\r\n"));
		assert_non_null(strstr(r.text, "\"status\":405"));
	}
	expect(&b, "GET", "/", 404, "\"code\":\"not_found\"");
	expect(&b, "GET", "/readyz/", 404, "application/problem+json");
	expect(&b, "GET", "//healthz", 404, "application/problem+json");
	expect(&b, "PUT", "/nowhere", 404, "application/problem+json");
	expect(&b, "BREW", "/healthz", 501, "501"); /* libevent's own */
	assert_int_equal(http_figures(b.http).refused, COUNT_OF(methods) + 4);
	bench_close(&b);
}

static void
test_head_is_get_without_the_body(void **state UNUSED)
{
	static struct response head, get;
	struct bench b;

	bench_open(&b);
	ask(&b, "GET", "/healthz", &get);
	ask(&b, "HEAD", "/healthz", &head);
	assert_int_equal(status_of(&head), 200);
	const char *body = strstr(head.text, "\r\n\r\n");
	assert_non_null(body);
	assert_string_equal(body, "\r\n\r\n");
	assert_non_null(strstr(head.text, "\r\nContent-Length: 39\r\n"));
	assert_int_equal(strlen(strstr(get.text, "\r\n\r\n")) - 4, 39);
	bench_close(&b);
}

static void
test_every_answer_has_the_security_headers(void **state UNUSED)
{
	static const char *const headers[] = {
	    "\r\nCache-Control: no-store\r\n",
	    "\r\nX-Content-Type-Options: nosniff\r\n",
	    "\r\nX-Frame-Options: DENY\r\n",
	    "\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n",
	    "\r\nStrict-Transport-Security: max-age=31536000\r\n",
	    "\r\nReferrer-Policy: no-referrer\r\n",
	};
	struct bench b;

	bench_open(&b);
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		expect(&b, "GET", "/healthz", 200, headers[i]);
		expect(&b, "GET", "/metrics", 200, headers[i]);
		expect(&b, "GET", "/nowhere", 404, headers[i]);
		expect(&b, "POST", "/metrics", 405, headers[i]);
	}
	bench_close(&b);
}

static void
test_one_connection_may_ask_often(void **state UNUSED)
{
	static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
	static struct response r;
	struct bench b;

	bench_open(&b);
	const int fd = connect_to(&b);
	/* Also longer than the deadline of one request. */
	for (const int64_t began = steady_ms(); steady_ms() - began < 2 * CUT_MS;) {
		assert_true(write_all(&b, fd, request, strlen(request)));
		read_response(&b, fd, &r, false, false);
		assert_int_equal(status_of(&r), 200);
		assert_false(r.closed);
	}
	assert_int_equal(http_figures(b.http).connections, 1);
	close(fd);
	bench_close(&b);
}

/* ---- promtool ---- */

static int
promtool_on(const char *path)
{
	char command[PATH_MAX + 64];

	snprintf(command, sizeof(command), "promtool check metrics <%s", path);
	return system(command);
}

static void
test_metrics_are_clean_for_promtool(void **state UNUSED)
{
	static struct response r;
	const struct temp temp = temp_make();
	const struct temp_path path = temp_path(&temp, "metrics");
	struct bench b;

	bench_open(&b);
	b.health.node.refusals[1] = 7;
	b.health.node.clock_ms = 1795363691436;
	ask(&b, "GET", "/metrics", &r);
	assert_int_equal(status_of(&r), 200);
	assert_non_null(strstr(r.text, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_non_null(strstr(r.text, "\ndoorbraak_ready 1\n"));
	assert_non_null(strstr(r.text, "\ndoorbraak_cases_open 3\n"));
	assert_non_null(strstr(r.text, "\ndoorbraak_submissions_rejected_total{reason=\"MALFORMED\"} 7\n"));
	assert_non_null(strstr(r.text, "\ndoorbraak_clock_timestamp_seconds 1795363691.436000\n"));
	assert_non_null(strstr(r.text, "\ndoorbraak_metrics_cut 0\n"));
	const char *body = strstr(r.text, "\r\n\r\n") + 4;
	file_write(path.s, body, strlen(body));
	if (system("command -v promtool >/dev/null") != 0)
		print_message("promtool is not installed: its check was skipped\n");
	else
		assert_int_equal(promtool_on(path.s), 0);
	temp_remove(&temp);
	bench_close(&b);
}

/* ---- what strangers send ---- */

static void
test_a_head_that_is_too_large_is_refused(void **state UNUSED)
{
	static char request[64 << 10];
	static struct response r;
	struct bench b;

	bench_open(&b);
	for (unsigned fits = 0; fits < 2; fits++) {
		const int len =
		    snprintf(request, sizeof(request), "GET /healthz HTTP/1.1\r\nConnection: close\r\nX: %0*d\r\n\r\n",
			     fits ? HTTP_HEAD_MAX - 100 : HTTP_HEAD_MAX, 0);
		const int fd = connect_to(&b);

		(void)write_all(&b, fd, request, (size_t)len);
		read_response(&b, fd, &r, true, false);
		assert_int_equal(status_of(&r), fits ? 200 : 400);
		assert_int_equal(http_figures(b.http).requests, fits);
		assert_int_equal(http_figures(b.http).cut, 0);
		close(fd);
	}
	bench_close(&b);
}

static void
test_a_body_that_is_too_large_is_refused_before_it_comes(void **state UNUSED)
{
	static const char request[] = "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\nbody";
	static struct response r;
	struct bench b;

	bench_open(&b);
	const int fd = connect_to(&b);
	assert_true(write_all(&b, fd, request, strlen(request)));
	read_response(&b, fd, &r, true, false);
	assert_int_equal(status_of(&r), 413);
	assert_int_equal(http_figures(b.http).requests, 0);
	close(fd);
	bench_close(&b);
}

static void
test_a_transfer_encoding_is_refused_and_the_connection_ended(void **state UNUSED)
{
	static const char request[] = "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
				      "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
	static struct response r;
	struct bench b;

	bench_open(&b);
	const int fd = connect_to(&b);
	assert_true(write_all(&b, fd, request, strlen(request)));
	read_response(&b, fd, &r, true, false);
	assert_int_equal(status_of(&r), 400);
	assert_non_null(strstr(r.text, "\"code\":\"transfer_encoding\""));
	assert_null(strstr(r.text, "doorbraak_ready"));
	close(fd);
	bench_close(&b);
}

static void
test_half_a_request_is_cut_at_the_deadline(void **state UNUSED)
{
	static const char half[] = "GET /healthz HTTP/1.1\r\nHo";
	static struct response r;
	struct bench b;

	bench_open(&b);
	const int64_t began = steady_ms();
	const int fd = connect_to(&b);
	assert_true(write_all(&b, fd, half, strlen(half)));
	read_response(&b, fd, &r, true, false);
	assert_int_equal(r.len, 0);
	assert_true(steady_ms() - began >= CUT_MS);
	assert_true(steady_ms() - began < CUT_MS + 2000);
	assert_int_equal(http_figures(b.http).cut, 1);
	close(fd);
	while (http_figures(b.http).connections > 0 && steady_ms() - began < DEADLINE_MS)
		turn(&b);
	assert_int_equal(http_figures(b.http).connections, 0);
	bench_close(&b);
}

static void
test_dripping_bytes_does_not_help(void **state UNUSED)
{
	struct bench b;

	bench_open(&b);
	const int64_t began = steady_ms();
	const int fd = connect_to(&b);
	int64_t dripped = 0;
	bool open = true;
	(void)write_all(&b, fd, "GET /healthz HTTP/1.1\r\nX: ", 26);
	while (open && steady_ms() - began < DEADLINE_MS) {
		turn(&b);
		if (steady_ms() - dripped >= 20) {
			dripped = steady_ms();
			open = send(fd, "x", 1, MSG_NOSIGNAL) == 1 || errno == EAGAIN;
		}
	}
	assert_false(open);
	assert_true(steady_ms() - began < CUT_MS + 2000);
	close(fd);
	bench_close(&b);
}

static void
test_who_asks_and_does_not_read_is_cut(void **state UNUSED)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
	struct bench b;

	bench_open(&b);
	const int fd = connect_to(&b), least = 1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	const int64_t began = steady_ms();
	/* Questions in one go; answers fill the buffers of the kernel, then stand still. */
	while (http_figures(b.http).cut == 0 && steady_ms() - began < DEADLINE_MS) {
		(void)!send(fd, request, strlen(request), MSG_NOSIGNAL);
		turn(&b);
	}
	assert_int_equal(http_figures(b.http).cut, 1);
	close(fd);
	bench_close(&b);
}

/* Who holds places and asks nothing keeps nobody out: the one that did so longest goes. */
static void
test_who_asks_nothing_makes_room_for_who_comes(void **state UNUSED)
{
	static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	static struct response r;
	int fds[60 * CONNECTIONS];
	char byte;
	struct bench b;

	bench_open(&b);
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		fds[i] = connect_to(&b);
	const int64_t began = steady_ms();
	while (http_figures(b.http).displaced < COUNT_OF(fds) - CONNECTIONS && steady_ms() - began < DEADLINE_MS) {
		turn(&b);
		/* Those that go are few at a time. */
		assert_true(http_figures(b.http).connections <= CONNECTIONS + 32);
	}
	assert_int_equal(http_figures(b.http).displaced, COUNT_OF(fds) - CONNECTIONS);
	assert_int_equal(recv(fds[0], &byte, 1, MSG_DONTWAIT), 0);
	assert_int_equal(recv(fds[COUNT_OF(fds) - 1], &byte, 1, MSG_DONTWAIT), -1);
	assert_true(write_all(&b, fds[COUNT_OF(fds) - 1], request, strlen(request)));
	read_response(&b, fds[COUNT_OF(fds) - 1], &r, true, false);
	assert_int_equal(status_of(&r), 200);
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		close(fds[i]);
	bench_close(&b);
}

static void
test_strange_bytes_do_no_harm(void **state UNUSED)
{
	static const char *const requests[] = {
	    "\r\n\r\n",
	    "GET\r\n\r\n",
	    "GET /healthz\r\n\r\n",
	    "GET /healthz HTTP/9.9\r\n\r\n",
	    "GET http://x:99999/healthz HTTP/1.1\r\n\r\n",
	    "GET * HTTP/1.1\r\n\r\n",
	    "CONNECT x:80 HTTP/1.1\r\n\r\n",
	    "GET /%00healthz HTTP/1.1\r\n\r\n",
	    "GET /healthz HTTP/1.1\r\nX\r\n\r\n",
	    "GET /healthz HTTP/1.1\r\n folded: x\r\n\r\n",
	    "POST /healthz HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
	    "POST /healthz HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
	    "POST /healthz HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
	    "POST /healthz HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
	    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
	};
	static struct response r;
	struct bench b;

	bench_open(&b);
	for (size_t i = 0; i < COUNT_OF(requests); i++) {
		const int fd = connect_to(&b);

		(void)write_all(&b, fd, requests[i], strlen(requests[i]));
		shutdown(fd, SHUT_WR);
		read_response(&b, fd, &r, true, false);
		close(fd);
	}
	expect(&b, "GET", "/healthz", 200, "alive");
	bench_close(&b);
}

static void
test_closing_with_connections_open_frees_them(void **state UNUSED)
{
	struct bench b;
	int fds[CONNECTIONS];

	bench_open(&b);
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		fds[i] = connect_to(&b);
		(void)write_all(&b, fds[i], "GET /", 5);
	}
	const int64_t began = steady_ms();
	while (http_figures(b.http).connections < CONNECTIONS && steady_ms() - began < DEADLINE_MS)
		turn(&b);
	bench_close(&b);
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		close(fds[i]);
}

static void
test_an_address_in_use_is_refused_with_words(void **state UNUSED)
{
	struct bench b;
	struct http *second;
	struct why why = {.text = ""};

	bench_open(&b);
	const char *port = strrchr(http_url(b.http), ':') + 1;
	const struct http_options options = {.base = b.base, .host = "127.0.0.1", .port = (uint16_t)atoi(port)};
	assert_int_equal(http_open(&second, &options, &why), ERR_REFUSED);
	assert_null(second);
	assert_non_null(strstr(why.text, port));
	assert_non_null(strstr(why.text, "in use"));
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_probes_say_what_the_counters_say),
	    cmocka_unit_test(test_the_upstream_is_silent_only_after_a_while),
	    cmocka_unit_test(test_the_largest_metrics_are_not_cut),
	    cmocka_unit_test(test_wrong_paths_and_methods_are_problems),
	    cmocka_unit_test(test_head_is_get_without_the_body),
	    cmocka_unit_test(test_every_answer_has_the_security_headers),
	    cmocka_unit_test(test_one_connection_may_ask_often),
	    cmocka_unit_test(test_metrics_are_clean_for_promtool),
	    cmocka_unit_test(test_a_head_that_is_too_large_is_refused),
	    cmocka_unit_test(test_a_body_that_is_too_large_is_refused_before_it_comes),
	    cmocka_unit_test(test_a_transfer_encoding_is_refused_and_the_connection_ended),
	    cmocka_unit_test(test_half_a_request_is_cut_at_the_deadline),
	    cmocka_unit_test(test_dripping_bytes_does_not_help),
	    cmocka_unit_test(test_who_asks_and_does_not_read_is_cut),
	    cmocka_unit_test(test_who_asks_nothing_makes_room_for_who_comes),
	    cmocka_unit_test(test_strange_bytes_do_no_harm),
	    cmocka_unit_test(test_closing_with_connections_open_frees_them),
	    cmocka_unit_test(test_an_address_in_use_is_refused_with_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
