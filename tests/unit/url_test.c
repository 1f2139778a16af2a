// SPDX-License-Identifier: EUPL-1.2
/* Where something may be sent, and what may come back: url.h, lookup.h, http_head.h. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "common/http_head.h"
#include "common/lookup.h"

static void
test_urls_that_are_right(void **state UNUSED)
{
	static const struct {
		const char *text;
		struct url url;
		const char *authority;
	} rows[] = {
	    {.text = "https://a.example.nl",
	     .url = {true, false, "a.example.nl", 443, "/"},
	     .authority = "a.example.nl"},
	    {.text = "https://A.Example.nl:8443/in?x=1",
	     .url = {true, false, "a.example.nl", 8443, "/in?x=1"},
	     .authority = "a.example.nl:8443"},
	    {.text = "https://a.example.nl?x",
	     .url = {true, false, "a.example.nl", 443, "/?x"},
	     .authority = "a.example.nl"},
	    {.text = "http://127.0.0.1:80/in", .url = {false, true, "127.0.0.1", 80, "/in"}, .authority = "127.0.0.1"},
	    {.text = "https://[::1]:9/in", .url = {true, true, "::1", 9, "/in"}, .authority = "[::1]:9"},
	    {.text = "https://a.example.nl/in@home",
	     .url = {true, false, "a.example.nl", 443, "/in@home"},
	     .authority = "a.example.nl"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char authority[URL_AUTHORITY_MAX];
		struct url url;
		struct why why;

		assert_true(url_read(&url, rows[i].text, &why));
		assert_int_equal(url.tls, rows[i].url.tls);
		assert_int_equal(url.number, rows[i].url.number);
		assert_string_equal(url.host, rows[i].url.host);
		assert_int_equal(url.port, rows[i].url.port);
		assert_string_equal(url.target, rows[i].url.target);
		url_authority(&url, authority);
		assert_string_equal(authority, rows[i].authority);
	}
}

static void
test_urls_that_are_wrong(void **state UNUSED)
{
	static const char *const texts[] = {
	    "",
	    "a.example.nl/in",
	    "ftp://a.example.nl/",
	    "https://",
	    "https:///in",
	    "https://:443/",
	    "https://user@a.example.nl/",
	    "https://user:secret@a.example.nl/",
	    "https://a.example.nl/#part",
	    "https://a.example.nl:0/",
	    "https://a.example.nl:65536/",
	    "https://a.example.nl:/",
	    "https://a.example.nl:4x/",
	    "https://a..example.nl/",
	    "https://.nl/",
	    "https://-a.nl/",
	    "https://127.1/",
	    "https://2130706433/",
	    "https://[127.0.0.1]/",
	    "https://[::1/",
	    "https://::1/",
	    "https://a_b.nl/",
	    "https://a.example.nl/a b",
	    "https://a.example.nl/\r\nX: y",
	    "https://a.example.nl/\xc3\xa9",
	    "HTTPS://a.example.nl/",
	};
	char longest[URL_MAX + 2] = "https://a.example.nl/";
	struct url url;
	struct why why;

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		if (url_read(&url, texts[i], &why))
			fail_msg("taken: %s", texts[i]);
		assert_null(strstr(why.text, "secret"));
	}
	memset(longest + strlen(longest), 'x', sizeof longest - 1 - strlen(longest));
	longest[URL_MAX] = '\0';
	assert_true(url_read(&url, longest, &why));
	longest[URL_MAX] = 'x';
	assert_false(url_read(&url, longest, &why));
}

static void
test_a_list_of_hosts_names_host_and_port(void **state UNUSED)
{
	static const struct {
		const char *url, *list;
		bool listed;
	} rows[] = {
	    {"https://a.nl/", "a.nl", true},       {"https://a.nl/", "b.nl, A.NL", true},
	    {"https://a.nl:8443/", "a.nl", false}, {"https://a.nl:8443/", "a.nl:8443", true},
	    {"http://a.nl/", "a.nl:443", false},   {"http://a.nl/", "a.nl:80", true},
	    {"https://x.a.nl/", "a.nl", false},    {"https://aa.nl/", "a.nl,b.nl", false},
	    {"https://[::1]/", "[::1]", true},     {"https://a.nl/", "", false},
	    {"https://a.nl/", " , ,", false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct url url;
		struct why why;

		assert_true(url_read(&url, rows[i].url, &why));
		if (url_is_listed(&url, rows[i].list) != rows[i].listed)
			fail_msg("%s in '%s'", rows[i].url, rows[i].list);
	}
}

static bool
may(const char *number, enum lookup_reach reach)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, number, &v4.sin_addr) == 1)
		return lookup_may_reach((const struct sockaddr *)&v4, reach);
	assert_int_equal(inet_pton(AF_INET6, number, &v6.sin6_addr), 1);
	return lookup_may_reach((const struct sockaddr *)&v6, reach);
}

/* Ranges of the registries of special addresses (RFC 6890): the first and last inside, the ones beside. */
static void
test_addresses_inside_are_not_public(void **state UNUSED)
{
	static const char *const inside[] = {"0.0.0.0",     "0.255.255.255",   "10.0.0.0",         "10.255.255.255",
					     "100.64.0.0",  "100.127.255.255", "127.0.0.1",        "127.255.255.255",
					     "169.254.0.0", "169.254.169.254", "172.16.0.0",       "172.31.255.255",
					     "192.0.0.1",   "192.0.2.1",       "192.168.0.0",      "192.168.255.255",
					     "198.18.0.0",  "198.19.255.255",  "198.51.100.1",     "203.0.113.1",
					     "224.0.0.1",   "240.0.0.1",       "255.255.255.255",  "::",
					     "::1",         "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",
					     "fc00::1",     "fd12::1",         "fe80::1",          "ff02::1",
					     "2001:db8::1", "2001::1",         "2002:a00:1::1"};
	static const char *const outside[] = {"1.1.1.1",     "9.255.255.255",   "11.0.0.0",      "100.63.255.255",
					      "100.128.0.0", "126.255.255.255", "128.0.0.0",     "172.15.255.255",
					      "172.32.0.0",  "192.167.255.255", "192.169.0.0",   "223.255.255.255",
					      "2a00::1",     "2001:200::1",     "::ffff:1.1.1.1"};

	for (size_t i = 0; i < COUNT_OF(inside); i++) {
		if (may(inside[i], LOOKUP_PUBLIC))
			fail_msg("%s is public", inside[i]);
	}
	for (size_t i = 0; i < COUNT_OF(outside); i++) {
		if (!may(outside[i], LOOKUP_PUBLIC) || !may(outside[i], LOOKUP_PRIVATE) ||
		    may(outside[i], LOOKUP_LOOPBACK))
			fail_msg("%s is not public", outside[i]);
	}
	assert_true(may("10.0.0.1", LOOKUP_PRIVATE) && may("127.0.0.1", LOOKUP_PRIVATE) &&
		    may("fd12::1", LOOKUP_PRIVATE));
	assert_false(may("224.0.0.1", LOOKUP_PRIVATE) || may("ff02::1", LOOKUP_PRIVATE) ||
		     may("0.0.0.0", LOOKUP_PRIVATE));
	assert_true(may("127.0.0.2", LOOKUP_LOOPBACK) && may("::1", LOOKUP_LOOPBACK));
	assert_false(may("10.0.0.1", LOOKUP_LOOPBACK));
}

/* ---- the head of an answer ---- */

static struct bytes
head_of(const char *text)
{
	return bytes_of(text, http_head_length(bytes_str(text)));
}

static void
test_status_of_an_answer(void **state UNUSED)
{
	static const struct {
		const char *text;
		int status;
	} rows[] = {
	    {"HTTP/1.1 200 OK\r\n\r\n", 200},
	    {"HTTP/1.0 599 x\r\n\r\n", 599},
	    {"HTTP/1.1 204 \r\n\r\nbody", 204},
	    {"HTTP/1.1 410\r\n\r\n", 410},
	    {"HTTP/1.1 600 x\r\n\r\n", 0},
	    {"HTTP/1.1 099 x\r\n\r\n", 0},
	    {"HTTP/1.1 2000 x\r\n\r\n", 0},
	    {"HTTP/2 200 OK\r\n\r\n", 0},
	    {"SSH-2.0-OpenSSH\r\n\r\n", 0},
	    {"HTTP/1.1 -20 x\r\n\r\n", 0},
	    {"\r\n\r\n", 0},
	    {"HTTP/1.1\r\n\r\n", 0},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (http_head_status(head_of(rows[i].text)) != rows[i].status)
			fail_msg("%s", rows[i].text);
	}
	assert_int_equal(http_head_length(bytes_str("HTTP/1.1 200 OK\r\nA: b\r\n\r")), 0);
	assert_int_equal(http_head_length(bytes_str("HTTP/1.1 200 OK\r\n\r\nmore")), 19);
	assert_int_equal(http_head_length(bytes_of(NULL, 0)), 0);
}

static void
test_headers_of_an_answer(void **state UNUSED)
{
	char value[HTTP_VALUE_MAX + 1];
	const struct bytes head = head_of("HTTP/1.1 200 OK\r\nRetry-after: \t 7 \r\nRetry-After-Not: 8\r\nEmpty:\r\n"
					  "Twice: a\r\nTWICE: b\r\nno colon\r\n\r\nLate: x\r\n");

	assert_true(http_head_get(head, "Retry-After", value));
	assert_string_equal(value, "7");
	assert_true(http_head_get(head, "empty", value));
	assert_string_equal(value, "");
	assert_false(http_head_get(head, "Twice", value)); /* which of them? */
	assert_false(http_head_get(head, "Late", value));
	assert_false(http_head_get(head, "Missing", value));
	for (size_t len = HTTP_VALUE_MAX; len <= HTTP_VALUE_MAX + 1; len++) {
		char text[HTTP_VALUE_MAX + 64];

		snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nLong: %0*d\r\n\r\n", (int)len, 0);
		assert_int_equal(http_head_get(head_of(text), "Long", value), len == HTTP_VALUE_MAX);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_urls_that_are_right),
	    cmocka_unit_test(test_urls_that_are_wrong),
	    cmocka_unit_test(test_a_list_of_hosts_names_host_and_port),
	    cmocka_unit_test(test_addresses_inside_are_not_public),
	    cmocka_unit_test(test_status_of_an_answer),
	    cmocka_unit_test(test_headers_of_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
