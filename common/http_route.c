// SPDX-License-Identifier: EUPL-1.2
/* http_route.c - from a whole request to its route: path, method, query, and pages of other origins. */
#include <stdlib.h>

#include "common/http_internal.h"

#define PREFLIGHT_AGE "600" /* seconds that a browser keeps the answer */

static const char *const allow[] = {"", "GET, HEAD", "POST", "GET, HEAD, POST"};

static bool
is_allowed(const struct http_route *route, enum evhttp_cmd_type method)
{
	if (method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD)
		return (route->methods & HTTP_METHOD_GET) != 0;
	return method == EVHTTP_REQ_POST && (route->methods & HTTP_METHOD_POST) != 0;
}

static void
find_route(struct http_request *request, const char *path)
{
	const struct http_options *o = &request->http->options;

	for (unsigned t = 0; path != NULL && t < HTTP_TABLES_MAX; t++) {
		for (unsigned i = 0; i < o->tables[t].count; i++) {
			if (!http_path_match(&request->arena, o->tables[t].routes[i].path, path, &request->parameters))
				continue;
			request->table = &o->tables[t];
			request->route = &o->tables[t].routes[i];
			return;
		}
	}
}

/* ---- pages of other origins ---- */

/* The asking page's origin when it is one of ours, as we wrote it. */
static const char *
find_origin(struct http_request *request)
{
	const char *asked = http_asked_header(request, "Origin");
	const char *at = request->http->options.origins;

	while (asked != NULL && at != NULL && *at != '\0') {
		const size_t len = strcspn(at, " ");

		if (len > 0 && strlen(asked) == len && strncmp(at, asked, len) == 0)
			return arena_str(&request->arena, bytes_of(at, len));
		at += len + (at[len] == ' ');
	}
	return NULL;
}

static bool
is_preflight(const struct http_request *request)
{
	return evhttp_request_get_command(request->request) == EVHTTP_REQ_OPTIONS &&
	       (request->origin != NULL || request->route->all_origins) &&
	       http_asked_header(request, "Access-Control-Request-Method") != NULL;
}

static void
answer_preflight(struct http_request *request)
{
	http_header(request, "Access-Control-Allow-Methods", allow[request->route->methods & 3]);
	http_header(request, "Access-Control-Allow-Headers",
		    "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Purpose, traceparent");
	http_header(request, "Access-Control-Max-Age", PREFLIGHT_AGE);
	http_answer(request, 204, NULL, bytes_of(NULL, 0));
}

/* ---- queries ---- */

static const struct {
	const char *code, *title, *text;
} faults[] = {
    [HTTP_QUERY_UNKNOWN] = {"UNKNOWN_KEY", "Onbekende parameter", "leave it out, or look for its name in openapi.json"},
    [HTTP_QUERY_REPEATED] = {"REPEATED_KEY", "Parameter staat er meer dan eens", "give it once"},
    [HTTP_QUERY_ENCODING] = {"ENCODING", "Parameter is niet goed gecodeerd",
			     "write printable ASCII, other bytes as % and two digits"},
    [HTTP_QUERY_MANY] = {"TOO_MANY", "Te veel parameters", "give fewer"},
};

static bool
read_query(struct http_request *request, const char *query)
{
	struct http_query_finding findings[HTTP_PAIRS_MAX + 1];
	struct http_violation violations[HTTP_PAIRS_MAX + 1];

	if (request->route->query == NULL)
		return true;
	const unsigned count =
	    http_query_read(&request->arena, request->route->query, query, &request->query, findings);

	for (unsigned i = 0; i < count; i++) {
		violations[i] =
		    (struct http_violation){findings[i].key, faults[findings[i].fault].code,
					    faults[findings[i].fault].title, faults[findings[i].fault].text};
	}
	if (count > 0)
		http_problem_with(request, 400, "query", "De vraag achter het adres klopt niet.", violations, count);
	return count == 0;
}

/* ---- together ---- */

static void
dispatch(struct http_request *request)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request->request);

	if (evhttp_find_header(evhttp_request_get_input_headers(request->request), "Transfer-Encoding") != NULL) {
		/* Where this body ends is a matter of opinion; the next request must not begin in it. */
		http_header(request, "Connection", "close");
		http_problem(request, 400, "transfer_encoding", "Stuur de inhoud met Content-Length.");
		return;
	}
	request->origin = find_origin(request);
	find_route(request, uri == NULL ? NULL : evhttp_uri_get_path(uri));
	if (request->route == NULL) {
		http_problem(request, 404, "not_found", "Dit adres bestaat hier niet.");
	} else if (is_preflight(request)) {
		answer_preflight(request);
	} else if (!is_allowed(request->route, evhttp_request_get_command(request->request))) {
		http_header(request, "Allow", allow[request->route->methods & 3]);
		http_problem(request, 405, "method_not_allowed", "Deze methode kan hier niet; zie Allow.");
	} else if (read_query(request, evhttp_uri_get_query(uri))) {
		request->route->answer(request->table->ctx, request);
	}
}

void
http_on_request(struct evhttp_request *evrequest, void *arg)
{
	struct http *http = arg;
	struct http_request *request = calloc(1, sizeof(*request));

	if (request == NULL)
		fatal("out of memory");
	request->http = http;
	request->request = evrequest;
	arena_init(&request->arena);
	http->figures.requests++;
	http_place(request)->deadline_ms = http_steady_ms() + http->options.deadline_ms;
	http_place(request)->news = ++http->news;
	dispatch(request);
	ASSERT(request->answered || request->place != NULL);
	if (request->place == NULL)
		http_request_free(request);
}
