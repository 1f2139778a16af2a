// SPDX-License-Identifier: EUPL-1.2
/* web.h - the door of a service, over HTTP and JSON: a client of the node in the same process.
 *
 * A request finds its endpoint, its caller shows a key, and the endpoint asks the node what a client at the ZeroMQ door would
 * ask: a Request, narrowed to what the caller may see (access.h). The node's Reply becomes JSON. So both doors know the
 * same limits, the same durability, and there is one logic behind them. Streams (server-sent events) are pulls that are
 * asked again: see web_stream in docs/http.md.
 *
 *   turn of the loop: requests come in, and ask (node_take); node_turn(); web_hear() collects the replies; web_turn() makes
 *   the answers, writes down who looks at which cases, commits that, and only then lets the answers go.
 *
 * An endpoint is a row in the table of its service. `ask` may answer by itself (web_problem, web_say) instead of asking;
 * `tell` gets all replies at once, in the order asked. Everything in a call is valid until its answer has left. */
#ifndef DOORBRAAK_WEB_H
#define DOORBRAAK_WEB_H

#include "common/access.h"
#include "common/access_keys.h"
#include "common/access_log.h"
#include "common/http.h"
#include "common/json_wire.h"
#include "common/metrics.h"
#include "common/node.h"

#define WEB_ASKS_MAX     100u /* questions of one request */
#define WEB_TYPE_PROBLEM "application/problem+json"

struct web;
struct web_call;

/* A stream of records. */
struct web_feed {
	/* Topic that all its records have: "kind/CaseView", or "signal/S*". Only answers are shown. */
	const char *kinds;
	bool with_snapshot; /* the service knows PULL_FROM_SNAPSHOT */
	const char *unit;   /* name of the event of a state in the snapshot */
	/* The name of a record's event, its JSON (in the arena), and the case it shows ("" for none). */
	void (*event)(struct arena *a, const pb_Answer *answer, const char **name, const char **json,
		      const char **case_id);
};

struct web_endpoint {
	const char *path; /* as in struct http_route */
	unsigned methods;
	const char *query;
	enum access_right right;
	void (*ask)(struct web_call *call);
	/* NULL: the JSON of the reply's body. */
	void (*tell)(struct web_call *call, const pb_Reply *const *replies, unsigned count);
	const struct web_feed *feed; /* a stream: `ask` and `tell` are NULL, `query` is WEB_FEED_QUERY */
};
#define WEB_FEED_QUERY "topic* from cursor"

/* The rows of a service; ends with a NULL path. NULL: it answers no questions over HTTP. */
const struct web_endpoint *web_endpoints_of(const struct service *service);
extern const struct web_endpoint intake_endpoints[], monitoring_endpoints[], signalling_endpoints[];

/* ---- for endpoints ---- */

struct arena *web_arena(struct web_call *call);
struct http_request *web_request(struct web_call *call);
const struct caller *web_caller(const struct web_call *call);

/* A new question, filled from the query and the path by name: dueBefore goes to due_before, pageToken to after. NULL: the
 * values were wrong, and the problem has been told. `renamed`: "organisation:owner" (what stands in path or query, the
 * field), with spaces between; "" for none. */
void *web_question(struct web_call *call, const ProtobufCMessageDescriptor *descriptor, const char *renamed);
/* How many questions there is room for now. */
size_t web_room(const struct web_call *call);
/* Something of `ask` for `tell`; NULL when nothing was kept. */
void web_keep(struct web_call *call, void *kept);
void *web_kept(const struct web_call *call);
/* Asks. request_id is set here. False when it was not asked: the call is answered already, there is no room (503), or the
 * caller may not ask such a thing (403). */
bool web_ask(struct web_call *call, pb_Request *request);

/* Answers; `body` stays valid with the call. */
void web_say(struct web_call *call, int status, const char *type, struct bytes body);
void web_problem(struct web_call *call, int status, const char *code, const char *detail,
		 const struct http_violation *violations, unsigned count);
/* 200 with a page of a list: {"<name>":[..],"next":".."}, without `next` on the last page. */
void web_say_page(struct web_call *call, const char *name, const ProtobufCMessage *const *messages, size_t count,
		  const char *next);
/* Answers for a reply that refuses. */
void web_refused(struct web_call *call, const pb_RefusedReply *refused);
/* The caller may not do this: that is written down, whatever the answer is. */
void web_note_refusal(struct web_call *call);
/* 404: there is nothing there. The same whether a case is absent or not the caller's. */
void web_nothing(struct web_call *call);
/* The caller is shown this case: written down before the answer leaves. With web_nothing(): the one it asked for. */
void web_saw(struct web_call *call, const char *case_id);

/* How a refusal is told: status, stable code, Dutch sentence. */
struct web_refusal {
	int status;
	const char *code, *detail;
};
struct web_refusal web_refusal_of(int reason); /* REFUSED_REASON_... */

/* ---- for the runtime ---- */

struct web_options {
	struct event_base *base;
	struct node *node;
	const struct service *service;
	const struct web_endpoint *endpoints; /* web_endpoints_of(service) */
	struct node_now now;
	const char *keys_dir;   /* "" or NULL: no keys */
	const char *access_dir; /* of the access log */
	size_t map_bytes;       /* how far that can grow; 0: as a store does */
	bool open_door;         /* everybody may everything, without a token */
	unsigned calls_max;     /* requests and streams at once */
};

/* ERR_MALFORMED: the keys cannot be used; another: the access log, see store_open(). */
enum err web_open(struct web **web, const struct web_options *options, struct why *why) MUST_USE;
/* Before http_close(). */
void web_stop(struct web *web);
/* After http_close(). Nulls the pointer. */
void web_close(struct web **web);
/* The routes to give to the server. */
struct http_table web_table(struct web *web);

/* Is this a peer of ours? Then its reply goes here, and stays valid until web_turn(). */
bool web_is_peer(const struct peer *peer);
void web_hear(struct web *web, const struct peer *peer, struct bytes reply);
/* After each node_turn(). ERR_NONE, or the process must end. */
enum err web_turn(struct web *web, struct node_now now) MUST_USE;
/* What is wrong with the keys since they were last read well; "" when nothing is. */
const char *web_keys_why(const struct web *web);
/* NULL when there is none. */
struct access_log *web_access_log(struct web *web);

void web_metrics(const struct web *web, struct metrics *metrics);

#endif
