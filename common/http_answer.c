// SPDX-License-Identifier: EUPL-1.2
/* http_answer.c - what a route may ask of its request, and how it answers: at once, later, or with a stream.
 *
 * A request that is not answered in its call is tied to its connection: libevent tells when that closes. Then either
 * libevent has let go of its request (the client left) and we free it, or it frees it itself (the server closes). */
#include <stdio.h>
#include <stdlib.h>

#include "common/http_internal.h"
#include "common/json_wire.h"

static const struct {
	const char *name, *value;
} common_headers[] = {
    {"API-Version", HTTP_API_VERSION},
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"Strict-Transport-Security", "max-age=31536000"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
};

static const struct {
	int status;
	const char *reason, *title;
} statuses[] = {
    {200, "OK", ""},
    {201, "Created", ""},
    {204, "No Content", ""},
    {304, "Not Modified", ""},
    {400, "Bad Request", "Ongeldig verzoek"},
    {401, "Unauthorized", "Niet aangemeld"},
    {403, "Forbidden", "Geen toegang"},
    {404, "Not Found", "Niet gevonden"},
    {405, "Method Not Allowed", "Methode niet toegestaan"},
    {406, "Not Acceptable", "Deze vorm is er niet"},
    {409, "Conflict", "Botst met wat er al is"},
    {410, "Gone", "Niet meer beschikbaar"},
    {413, "Payload Too Large", "Te groot"},
    {415, "Unsupported Media Type", "Soort inhoud niet bekend"},
    {422, "Unprocessable Entity", "Bericht afgewezen"},
    {429, "Too Many Requests", "Te veel vragen"},
    {503, "Service Unavailable", "Tijdelijk niet beschikbaar"},
};

/* ---- what was asked ---- */

struct arena *
http_arena(struct http_request *request)
{
	return &request->arena;
}

const struct http_route *
http_route(const struct http_request *request)
{
	return request->route;
}

struct bytes
http_body(struct http_request *request)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request->request);
	const size_t len = evbuffer_get_length(body);

	return len == 0 ? bytes_of(NULL, 0) : bytes_of(evbuffer_pullup(body, -1), len);
}

const char *
http_parameter(const struct http_request *request, const char *name)
{
	const char *value = http_pairs_get(&request->parameters, name);

	ASSERT(value != NULL);
	return value;
}

const char *
http_query(const struct http_request *request, const char *key)
{
	return http_pairs_get(&request->query, key);
}

unsigned
http_query_all(const struct http_request *request, const char *key, const char **values, unsigned max)
{
	unsigned count = 0;

	for (unsigned i = 0; i < request->query.count && count < max; i++) {
		if (strcmp(request->query.pairs[i].key, key) == 0)
			values[count++] = request->query.pairs[i].value;
	}
	return count;
}

const char *
http_asked_header(const struct http_request *request, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(request->request), name);
}

/* ---- heads ---- */

void
http_header(struct http_request *request, const char *name, const char *value)
{
	if (evhttp_add_header(evhttp_request_get_output_headers(request->request), name, value) != 0)
		fatal("http: a header cannot be added: %s", name);
}

static const char *
reason_of(int status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].status == status)
			return statuses[i].reason;
	}
	return status < 400 ? "OK" : "Error";
}

const char *
http_title(int status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].status == status)
			return statuses[i].title;
	}
	return "Fout";
}

static void
add_head(struct http_request *request, const char *type)
{
	const struct evkeyvalq *headers = evhttp_request_get_output_headers(request->request);

	for (size_t i = 0; i < sizeof(common_headers) / sizeof(common_headers[0]); i++) {
		if (evhttp_find_header(headers, common_headers[i].name) == NULL)
			http_header(request, common_headers[i].name, common_headers[i].value);
	}
	if (type != NULL)
		http_header(request, "Content-Type", type);
	if (request->route != NULL && request->route->all_origins) {
		http_header(request, "Access-Control-Allow-Origin", "*");
	} else if (request->http->options.origins != NULL && request->http->options.origins[0] != '\0') {
		http_header(request, "Vary", "Origin");
		if (request->origin != NULL) {
			http_header(request, "Access-Control-Allow-Origin", request->origin);
			http_header(request, "Access-Control-Expose-Headers", "Allow, API-Version, Retry-After");
		}
	}
}

/* ---- later ---- */

struct connection *
http_place(const struct http_request *request)
{
	struct http *http = request->http;
	const struct bufferevent *stream =
	    evhttp_connection_get_bufferevent(evhttp_request_get_connection(request->request));

	for (unsigned i = 0; i < http->count; i++) {
		if (http->connections[i].stream == stream)
			return &http->connections[i];
	}
	assert_failed("a connection that was not accepted here", __FILE__, __LINE__);
}

void
http_request_free(struct http_request *request)
{
	arena_fini(&request->arena);
	free(request);
}

/* Takes the request off its connection. */
static void
untie(struct http_request *request)
{
	request->place->request = NULL;
	if (request->place->streams)
		request->http->streams--;
	request->place->streams = false;
	request->place = NULL;
}

static void
on_close(struct evhttp_connection *connection, void *arg)
{
	struct http_request *request = arg;
	void (*const gone)(void *) = request->gone != NULL ? request->gone : request->stream.gone;
	void *ctx = request->stream.ctx;

	(void)connection;
	untie(request);
	if (evhttp_request_get_connection(request->request) == NULL)
		evhttp_request_free(request->request);
	http_request_free(request);
	gone(ctx);
}

static void
tie(struct http_request *request)
{
	request->place = http_place(request);
	request->place->request = request;
	evhttp_connection_set_closecb(evhttp_request_get_connection(request->request), on_close, request);
}

void
http_later(struct http_request *request, void (*gone)(void *ctx), void *ctx)
{
	ASSERT(!request->answered && request->place == NULL && gone != NULL);
	request->gone = gone;
	request->stream.ctx = ctx;
	tie(request);
}

/* ---- answers ---- */

void
http_answer(struct http_request *request, int status, const char *type, struct bytes body)
{
	const bool head = evhttp_request_get_command(request->request) == EVHTTP_REQ_HEAD;
	struct evhttp_connection *connection = evhttp_request_get_connection(request->request);
	struct evbuffer *out = evbuffer_new();
	const bool later = request->place != NULL;
	char len[24];

	ASSERT(!request->answered);
	request->answered = true;
	request->http->figures.refused += status >= 400 && status < 500;
	add_head(request, type);
	snprintf(len, sizeof(len), "%zu", body.len);
	if (status != 204 && status != 304)
		http_header(request, "Content-Length", len);
	/* libevent would send a body to HEAD too. */
	if (out == NULL || (!head && body.len > 0 && evbuffer_add(out, body.data, body.len) != 0))
		fatal("out of memory: an answer of %zu bytes", body.len);
	if (later) {
		request->place->deadline_ms = http_steady_ms() + request->http->options.deadline_ms;
		evhttp_connection_set_closecb(connection, NULL, NULL);
		untie(request);
	}
	evhttp_send_reply(request->request, status, reason_of(status), out);
	evbuffer_free(out);
	if (later)
		http_request_free(request);
}

/* `,"name":"text"`; nothing for NULL. */
static const char *
member(struct arena *a, const char *name, const char *text)
{
	return text == NULL ? "" : arena_printf(a, ",\"%s\":%s", name, json_quote(a, text));
}

static const char *
violation_text(struct arena *a, const struct http_violation *v)
{
	return arena_printf(a, "{\"field\":%s%s%s%s}", json_quote(a, v->field), member(a, "code", v->code),
			    member(a, "title", v->title), member(a, "text", v->text));
}

struct bytes
http_problem_text(struct arena *a, int status, const char *code, const char *detail,
		  const struct http_violation *violations, unsigned count)
{
	const char **parts = ARENA_ARRAY(a, const char *, 2 * count + 2);
	unsigned n = 0;

	parts[n++] =
	    arena_printf(a, "{\"type\":\"about:blank\"%s,\"status\":%d%s%s", member(a, "title", http_title(status)),
			 status, member(a, "detail", detail), member(a, "code", code));
	for (unsigned i = 0; i < count; i++) {
		parts[n++] = i == 0 ? ",\"violations\":[" : ",";
		parts[n++] = violation_text(a, &violations[i]);
	}
	parts[n++] = count > 0 ? "]}" : "}";
	return bytes_str(arena_join(a, parts, n));
}

void
http_problem_with(struct http_request *request, int status, const char *code, const char *detail,
		  const struct http_violation *violations, unsigned count)
{
	http_answer(request, status, "application/problem+json",
		    http_problem_text(&request->arena, status, code, detail, violations, count));
}

void
http_problem(struct http_request *request, int status, const char *code, const char *detail)
{
	http_problem_with(request, status, code, detail, NULL, 0);
}

/* ---- streams ---- */

bool
http_stream_begin(struct http_request *request, const char *type, const struct http_stream *stream)
{
	struct http *http = request->http;

	ASSERT(!request->answered && stream->gone != NULL);
	if (evhttp_request_get_command(request->request) == EVHTTP_REQ_HEAD) {
		http_answer(request, 200, type, bytes_of(NULL, 0));
		return false;
	}
	if (http->streams == http->options.streams_max) {
		http_header(request, "Retry-After", "5");
		http_problem(request, 503, "too_many_streams", "Er kijken nu te veel mensen mee. Probeer het zo weer.");
		return false;
	}
	if (request->place == NULL)
		tie(request);
	request->gone = NULL;
	request->stream = *stream;
	request->place->streams = true;
	request->place->deadline_ms = HTTP_NEVER;
	http->streams++;
	http_arrange(http);
	add_head(request, type);
	http_header(request, "Connection", "close");
	bufferevent_set_timeouts(request->place->stream, NULL, NULL);
	evhttp_send_reply_start(request->request, 200, "OK");
	/* Most of what a stream holds would be the room for what was asked. */
	arena_fini(&request->arena);
	return true;
}

static void
on_drained(struct evhttp_connection *connection, void *arg)
{
	struct http_request *request = arg;

	(void)connection;
	request->place->deadline_ms = HTTP_NEVER;
	if (request->stream.drained != NULL)
		request->stream.drained(request->stream.ctx);
}

void
http_stream_write(struct http_request *request, struct bytes bytes)
{
	struct evbuffer *out = evbuffer_new();

	ASSERT(request->place->streams);
	if (out == NULL || evbuffer_add(out, bytes.data, bytes.len) != 0)
		fatal("out of memory: %zu bytes of a stream", bytes.len);
	if (request->place->deadline_ms == HTTP_NEVER)
		request->place->deadline_ms = http_steady_ms() + request->http->options.stall_ms;
	evhttp_send_reply_chunk_with_cb(request->request, out, on_drained, request);
	evbuffer_free(out);
}

void
http_stream_end(struct http_request *request)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request->request);

	request->place->deadline_ms = http_steady_ms() + request->http->options.deadline_ms;
	evhttp_connection_set_closecb(connection, NULL, NULL);
	untie(request);
	evhttp_send_reply_end(request->request);
	http_request_free(request);
}
