// SPDX-License-Identifier: EUPL-1.2
/* web.c - calls: who asks, what became of it, and the turn in which answers leave. */
#include <malloc.h>
#include <stdlib.h>
#include <strings.h>

#include "common/web_internal.h"

#define PEER_KIND   'H' /* a peer of the transport begins with 0 or 1 */
#define PEER_LEN    9
#define AGAIN_MS    1000
#define NO_TOKEN_MS 1000
#define BURST_BYTES ((size_t)1 << 20) /* of answers in a turn, after which freed memory is given back */
#define TRIM_MS     5000

const struct web_endpoint *
web_endpoints_of(const struct service *service)
{
	switch (service->id) {
	case SERVICE_INTAKE: return intake_endpoints;
	case SERVICE_MONITORING: return monitoring_endpoints;
	case SERVICE_SIGNALLING: return signalling_endpoints;
	default: return NULL;
	}
}

/* ---- calls and the node ---- */

static struct peer
peer_of(const struct web_call *call)
{
	struct peer peer = {.len = PEER_LEN};

	peer.id[0] = PEER_KIND;
	put_u32(peer.id + 1, call->slot);
	put_u32(peer.id + 5, call->generation);
	return peer;
}

bool
web_is_peer(const struct peer *peer)
{
	return peer->len == PEER_LEN && peer->id[0] == PEER_KIND;
}

static struct web_call *
call_of(const struct web *web, const struct peer *peer)
{
	const uint32_t slot = get_u32(peer->id + 1);
	struct web_call *call = slot < web->slots ? web->calls[slot] : NULL;

	return call != NULL && call->generation == get_u32(peer->id + 5) ? call : NULL;
}

/* NULL: there are too many. */
static struct web_call *
call_new(struct web *web, struct http_request *request)
{
	for (unsigned slot = 0; slot < web->slots; slot++) {
		if (web->calls[slot] != NULL)
			continue;
		struct web_call *call = calloc(1, sizeof(*call));

		if (call == NULL)
			fatal("out of memory");
		call->web = web;
		call->request = request;
		call->endpoint = http_route(request)->data;
		call->slot = slot;
		call->generation = ++web->generation;
		web->calls[slot] = call;
		return call;
	}
	return NULL;
}

void
web_call_free(struct web_call *call)
{
	call->web->calls[call->slot] = NULL;
	web_stream_free(call->stream);
	free(call);
}

void
web_queue(struct web_call *call)
{
	struct web *web = call->web;

	ASSERT(!call->queued);
	call->queued = true;
	call->next = NULL;
	*web->ready_last = call;
	web->ready_last = &call->next;
}

/* The client left. What waits for its turn is freed then. */
static void
on_gone(void *ctx)
{
	struct web_call *call = ctx;

	call->gone = true;
	if (!call->queued)
		web_call_free(call);
}

enum access_narrowed
web_take(struct web_call *call, pb_Request *request)
{
	const struct peer peer = peer_of(call);
	const enum access_narrowed narrowed =
	    access_narrow(&call->caller, call->endpoint->right, request, web_arena(call));

	if (narrowed == ACCESS_ASK)
		node_take(call->web->options.node, &peer, RECORD_PACK(web_arena(call), request));
	return narrowed;
}

bool
web_ask(struct web_call *call, pb_Request *request)
{
	if (call->said)
		return false;
	ASSERT(call->asked < WEB_ASKS_MAX);
	if (node_room(call->web->options.node) == 0) {
		web_refused_for(call, REFUSED_REASON_BUSY);
		return false;
	}
	if (call->replies == NULL)
		call->replies = ARENA_ARRAY(web_arena(call), pb_Reply *, WEB_ASKS_MAX);
	request->request_id = ++call->asked;
	switch (web_take(call, request)) {
	case ACCESS_ASK: return true;
	case ACCESS_NOTHING:
		call->replies[call->asked - 1] = access_nothing(web_arena(call), request);
		call->heard++;
		return true;
	case ACCESS_REFUSED: break;
	}
	web_note_refusal(call);
	web_problem(call, 403, "scope", "Deze vraag past niet bij uw bereik.", NULL, 0);
	return false;
}

void
web_hear(struct web *web, const struct peer *peer, struct bytes bytes)
{
	struct web_call *call = call_of(web, peer);
	pb_Reply *reply;
	struct why why;

	if (call == NULL || call->gone)
		return;
	reply = record_unpack(web_arena(call), &pb_Reply_descriptor, bytes, RECORD_REPLY_MAX, &why);
	if (reply == NULL)
		fatal("http: an own reply cannot be read: %s", why.text);
	if (call->stream != NULL) {
		call->stream->reply = reply;
	} else if (reply->request_id >= 1 && reply->request_id <= call->asked) {
		call->replies[reply->request_id - 1] = reply;
		call->heard++;
	}
	if (!call->queued && (call->stream != NULL || call->heard == call->asked))
		web_queue(call);
}

/* ---- who asks ---- */

static void
refuse_token(struct web *web, struct http_request *request, bool given)
{
	web->no_token++;
	web->figures.no_token++;
	http_header(request, "WWW-Authenticate",
		    given ? "Bearer realm=\"doorbraak\", error=\"invalid_token\"" : "Bearer realm=\"doorbraak\"");
	http_problem(request, 401, "no_token",
		     given ? "Deze sleutel is niet (meer) geldig." : "Stuur uw sleutel mee: Authorization: Bearer ...");
}

/* False: refused. */
static bool
find_caller(struct web *web, struct http_request *request, struct caller *caller)
{
	const char *header = http_asked_header(request, "Authorization");
	const bool bearer = header != NULL && strncasecmp(header, "Bearer ", 7) == 0;
	const struct caller *found =
	    bearer ? access_keys_find(&web->keys, header + 7, cal_local_day(web->now.wall_ms)) : NULL;

	if (found == NULL && !web->options.open_door) {
		refuse_token(web, request, header != NULL);
		return false;
	}
	*caller = found != NULL ? *found : access_open_door();
	return true;
}

/* -1: unknown. */
static int
find_purpose(struct http_request *request)
{
	const char *header = http_asked_header(request, "Purpose");
	const int value =
	    header == NULL ? ACCESS_PURPOSE_CARE : record_enum_value(record_enum("AccessPurpose"), header);

	return value == 0 ? -1 : value;
}

static void
on_route(void *ctx, struct http_request *request)
{
	struct web *web = ctx;
	const int purpose = find_purpose(request);
	struct caller caller;

	if (!find_caller(web, request, &caller))
		return;
	if (purpose < 0) {
		http_problem(request, 400, "purpose",
			     "Purpose is CARE, COORDINATION, QUALITY, COMPLAINT, RIGHTS of OPERATION.");
		return;
	}
	struct web_call *call = web->stopped ? NULL : call_new(web, request);
	if (call == NULL) {
		http_header(request, "Retry-After", "1");
		http_problem(request, 503, "busy", "Het is nu te druk. Probeer het zo weer.");
		return;
	}
	call->caller = caller;
	call->purpose = purpose;
	call->outcome = ACCESS_OUTCOME_ANSWERED;
	call->notes = call->endpoint->right == ACCESS_CASES || call->endpoint->right == ACCESS_SIGNALS;
	http_later(request, on_gone, call);
	if (!access_may(&caller, call->endpoint->right)) {
		web_note_refusal(call);
		web_problem(call, 403, "no_right", "Uw rol en bereik geven hier geen recht op.", NULL, 0);
	} else if (call->endpoint->feed != NULL) {
		web_stream_ask(call);
	} else {
		call->endpoint->ask(call);
		ASSERT(call->said || call->asked > 0);
	}
	if (call->said || (call->asked > 0 && call->heard == call->asked))
		web_queue(call);
}

/* ---- the turn ---- */

/* The JSON of the body, whatever it is. */
static void
tell_plainly(struct web_call *call, const pb_Reply *reply)
{
	const ProtobufCFieldDescriptor *f =
	    protobuf_c_message_descriptor_get_field(&pb_Reply_descriptor, (unsigned)reply->body_case);
	const ProtobufCMessage *body = *(ProtobufCMessage *const *)(const void *)((const char *)reply + f->offset);

	web_say(call, 200, HTTP_TYPE_JSON, bytes_str(json_from_message(web_arena(call), body)));
}

static void
prepare(struct web_call *call)
{
	if (call->said || call->gone)
		return;
	if (call->stream != NULL) {
		web_stream_prepare(call);
		return;
	}
	const pb_Reply *const *replies = (const pb_Reply *const *)call->replies;

	if (call->asked == 1 && replies[0]->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED)
		web_refused(call, replies[0]->refused);
	else if (call->endpoint->tell != NULL)
		call->endpoint->tell(call, replies, call->asked);
	else
		tell_plainly(call, replies[0]);
	ASSERT(call->said);
}

static void
note(struct web_call *call)
{
	struct web *web = call->web;
	const struct access_note n = {
	    .caller = call->caller,
	    .service = web->options.service->id,
	    .path = call->endpoint->path,
	    .purpose = call->purpose,
	    .outcome = call->outcome,
	    .case_ids = call->saw,
	    .case_count = call->saw_count,
	    .wall_ms = web->now.wall_ms,
	};

	if (call->notes && !call->gone)
		access_log_note(web->log, &web->arena, &n);
}

/* Those without a token are many when somebody knocks on all doors: summed up. */
static void
note_no_token(struct web *web)
{
	if (web->no_token == 0 || web->now.steady_ms - web->no_token_ms < NO_TOKEN_MS)
		return;
	const struct access_note n = {
	    .service = web->options.service->id,
	    .path = "",
	    .outcome = ACCESS_OUTCOME_NO_TOKEN,
	    .times = web->no_token > UINT32_MAX ? UINT32_MAX : (uint32_t)web->no_token,
	    .wall_ms = web->now.wall_ms,
	};

	web->no_token_ms = web->now.steady_ms;
	web->no_token = 0;
	access_log_note(web->log, &web->arena, &n);
}

static void
let_go(struct web_call *call, bool written)
{
	struct web *web = call->web;

	call->queued = false;
	if (call->gone) {
		web_call_free(call);
		return;
	}
	if (call->notes && !written) {
		call->said = false;
		if (call->stream == NULL || !call->stream->begun)
			http_header(call->request, "Retry-After", "5");
		web_problem(call, 503, "access_log", "Inzage kan nu niet worden vastgelegd. Probeer het later.", NULL,
			    0);
	}
	if (call->stream != NULL && !call->said) {
		web_stream_send(call);
		return;
	}
	if (call->stream != NULL && call->stream->begun) {
		web_stream_end(call);
	} else {
		http_answer(call->request, call->status, call->type, call->body);
	}
	web->figures.answered++;
	web_call_free(call);
}

enum err
web_turn(struct web *web, struct node_now now)
{
	struct web_call *next, *ready = web->ready;
	struct why why;

	web->now = now;
	web->ready = NULL;
	web->ready_last = &web->ready;
	if (web->options.keys_dir != NULL && web->options.keys_dir[0] != '\0' &&
	    !access_keys_follow(&web->keys, now.steady_ms, &why))
		web->keys_why = why;
	for (struct web_call *call = ready; call != NULL; call = call->next) {
		prepare(call);
		note(call);
	}
	/* On a disk that is full a commit would end the process: it is not begun. */
	const bool room = node_may_write(web->options.node);
	if (room)
		note_no_token(web);
	else
		access_log_undo(web->log);
	const enum err err = room ? access_log_commit(web->log) : ERR_STORE_FULL;

	if (err != ERR_NONE && err != ERR_STORE_FULL)
		return err;
	for (struct web_call *call = ready; call != NULL; call = next) {
		next = call->next;
		let_go(call, err == ERR_NONE);
	}
	web->rendered_count = 0;
	web->burst = web->burst || web->arena.taken > BURST_BYTES;
	arena_reset(&web->arena);
	return ERR_NONE;
}

/* ---- open and close ---- */

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval pause = {.tv_sec = AGAIN_MS / 1000};
	struct web *web = arg;

	(void)fd, (void)what;
	for (unsigned slot = 0; slot < web->slots; slot++) {
		struct web_call *call = web->calls[slot];

		if (call != NULL && call->stream != NULL && call->stream->begun && !call->queued && !call->gone)
			web_stream_next(call);
	}
	/* A thousand readers told at once leave holes between what lives on. */
	if (web->burst && web->now.steady_ms - web->trimmed_ms >= TRIM_MS) {
		malloc_trim(0);
		web->burst = false;
		web->trimmed_ms = web->now.steady_ms;
	}
	evtimer_add(web->again, &pause);
}

static void
fill_routes(struct web *web)
{
	for (const struct web_endpoint *e = web->options.endpoints; e != NULL && e->path != NULL; e++) {
		ASSERT(web->route_count < WEB_ROUTES_MAX);
		web->routes[web->route_count++] = (struct http_route){
		    .path = e->path, .methods = e->methods, .answer = on_route, .query = e->query, .data = e};
	}
}

enum err
web_open(struct web **out, const struct web_options *options, struct why *why)
{
	const struct timeval pause = {.tv_sec = AGAIN_MS / 1000};
	struct web *web = calloc(1, sizeof(*web));
	enum err err = ERR_NONE;

	if (web == NULL)
		fatal("out of memory");
	web->options = *options;
	web->now = options->now;
	web->slots = options->calls_max;
	web->calls = calloc(web->slots, sizeof(struct web_call *));
	web->again = evtimer_new(options->base, on_again, web);
	if (web->calls == NULL || web->again == NULL)
		fatal("out of memory");
	web->ready_last = &web->ready;
	evtimer_add(web->again, &pause);
	arena_init(&web->arena);
	fill_routes(web);
	*out = web;
	if (options->keys_dir != NULL && options->keys_dir[0] != '\0' &&
	    !access_keys_open(&web->keys, options->keys_dir, why))
		err = ERR_MALFORMED;
	if (err == ERR_NONE)
		err = access_log_open(&web->log, options->access_dir, options->map_bytes, why);
	if (err != ERR_NONE)
		web_close(out);
	return err;
}

void
web_stop(struct web *web)
{
	if (web != NULL)
		web->stopped = true;
}

void
web_close(struct web **out)
{
	struct web *web = *out;

	*out = NULL;
	if (web == NULL)
		return;
	for (unsigned slot = 0; slot < web->slots; slot++) {
		if (web->calls[slot] != NULL)
			web_call_free(web->calls[slot]);
	}
	access_log_close(&web->log);
	access_keys_close(&web->keys);
	event_free(web->again);
	arena_fini(&web->arena);
	free(web->calls);
	free(web);
}

struct http_table
web_table(struct web *web)
{
	return (struct http_table){web->routes, web->route_count, web};
}

const char *
web_keys_why(const struct web *web)
{
	return web->keys_why.text;
}

struct access_log *
web_access_log(struct web *web)
{
	return web == NULL ? NULL : web->log;
}

void
web_metrics(const struct web *web, struct metrics *m)
{
	metrics_declare(m, "http_answers_total", METRIC_COUNTER,
			"Questions answered over HTTP, streams that ended too.");
	metrics_sample(m, web->figures.answered);
	metrics_declare(m, "http_events_total", METRIC_COUNTER, "Events written to HTTP streams.");
	metrics_sample(m, web->figures.events);
	metrics_declare(m, "http_no_token_total", METRIC_COUNTER, "Requests without a valid token.");
	metrics_sample(m, web->figures.no_token);
	metrics_declare(m, "http_no_right_total", METRIC_COUNTER, "Requests that role or scope do not allow.");
	metrics_sample(m, web->figures.refused);
}
