// SPDX-License-Identifier: EUPL-1.2
/* The page as it leaves the server: its files, what it may load and ask, and that it is sent once a version. */
#include "tests/service/http_bench.h"

#include "common/page.h"

struct page_bench {
	struct bench b;
	struct page page;
};

static void
page_bench_open(struct page_bench *p, bool open_door)
{
	const struct page_options page = {"http://127.0.0.1:7201", "http://127.0.0.1:7204", open_door};
	struct why why;

	*p = (struct page_bench){.b = {.base = event_base_new()}};
	page_init(&p->page, &page);
	const struct http_options options = {.base = p->b.base, .host = "127.0.0.1", .tables = {page_table(&p->page)}};
	if (http_open(&p->b.http, &options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
}

static void
expect(struct page_bench *p, const char *path, int status, const char *part)
{
	static struct response r;

	ask(&p->b, "GET", path, &r);
	assert_int_equal(status_of(&r), status);
	if (strstr(r.text, part) == NULL)
		fail_msg("missing: %s\nin:\n%.2000s", part, r.text);
}

static void
test_the_page_and_its_files_are_there(void **state UNUSED)
{
	struct page_bench p;

	page_bench_open(&p, false);
	expect(&p, "/", 200, "Content-Type: text/html; charset=utf-8");
	expect(&p, "/", 200, "<html lang=\"nl\">");
	for (unsigned i = 0; i < page_file_count; i++) {
		char path[128];

		snprintf(path, sizeof path, "/assets/%s", page_files[i].name);
		expect(&p, path, 200, page_files[i].type);
	}
	expect(&p, "/assets/names.js", 200, "[\"GM0268\", \"Nijmegen\"]");
	expect(&p, "/assets/indicators.js", 200, "code: \"K29\"");
	expect(&p, "/assets/nothing.js", 404, "\"code\":\"not_found\"");
	expect(&p, "/assets/..%2fMakefile", 404, "not_found");
	expect(&p, "/assets/", 404, "not_found");
	bench_close(&p.b);
}

static void
test_it_may_load_its_own_files_and_ask_three_services(void **state UNUSED)
{
	struct page_bench p;

	page_bench_open(&p, false);
	expect(&p, "/", 200,
	       "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
	       "connect-src 'self' http://127.0.0.1:7201 http://127.0.0.1:7204; base-uri 'none'; form-action 'none'; "
	       "frame-ancestors 'none'\r\n");
	expect(&p, "/", 200, "X-Content-Type-Options: nosniff");
	bench_close(&p.b);
}

/* Nothing inline: the policy would refuse it, and nobody would see why. */
static void
test_nothing_in_it_is_inline_or_from_elsewhere(void **state UNUSED)
{
	static const char *const forbidden[] = {
	    "<style", " style=", " onclick=", "https://", "src=\"http", "href=\"http"};

	for (unsigned i = 0; i < page_file_count; i++) {
		const struct page_file *f = &page_files[i];

		if (strcmp(f->name, "index.html") != 0)
			continue;
		for (size_t j = 0; j < COUNT_OF(forbidden); j++)
			assert_null(memmem(f->body.data, f->body.len, forbidden[j], strlen(forbidden[j])));
		return;
	}
	fail_msg("there is no index.html");
}

static void
test_a_file_is_sent_once_a_version(void **state UNUSED)
{
	static struct response r;
	struct page_bench p;
	char request[256];

	page_bench_open(&p, false);
	for (unsigned known = 0; known < 2; known++) {
		const int fd = connect_to(&p.b);
		const int len = snprintf(request, sizeof request,
					 "GET /assets/%s HTTP/1.1\r\nHost: x\r\nIf-None-Match: %s\r\n"
					 "Connection: close\r\n\r\n",
					 page_files[0].name, known == 1 ? page_files[0].tag : "\"other\"");

		assert_true(write_all(&p.b, fd, request, (size_t)len));
		read_response(&p.b, fd, &r, true, false);
		close(fd);
		assert_int_equal(status_of(&r), known == 1 ? 304 : 200);
		assert_non_null(strstr(r.text, page_files[0].tag));
		assert_non_null(strstr(r.text, "Cache-Control: no-cache"));
	}
	bench_close(&p.b);
}

static void
test_it_is_told_where_the_services_are(void **state UNUSED)
{
	struct page_bench p;

	page_bench_open(&p, true);
	expect(&p, "/v1/services", 200,
	       "{\"intake\":\"http://127.0.0.1:7201\",\"signalling\":\"http://127.0.0.1:7204\",\"openDoor\":true,");
	expect(&p, "/v1/services?x=1", 400, "\"field\":\"x\"");
	bench_close(&p.b);
	page_bench_open(&p, false);
	expect(&p, "/v1/services", 200, "\"openDoor\":false");
	bench_close(&p.b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_page_and_its_files_are_there),
	    cmocka_unit_test(test_it_may_load_its_own_files_and_ask_three_services),
	    cmocka_unit_test(test_nothing_in_it_is_inline_or_from_elsewhere),
	    cmocka_unit_test(test_a_file_is_sent_once_a_version),
	    cmocka_unit_test(test_it_is_told_where_the_services_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
