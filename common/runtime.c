// SPDX-License-Identifier: EUPL-1.2
#include "common/runtime.h"

#include <event2/event.h>
#include <signal.h>
#include <sodium/randombytes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/audit.h"
#include "common/config.h"
#include "common/guard.h"
#include "common/hardening.h"
#include "common/health.h"
#include "common/http.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/node.h"
#include "common/openapi.h"
#include "common/page.h"
#include "common/start.h"
#include "common/supervisor.h"
#include "common/telling.h"
#include "common/transport.h"
#include "common/web.h"

#define DRAIN_TURNS_MAX 256u /* at most so many turns after the first signal */
#define SIGNALS         2u

struct runtime {
	const struct service *service;
	const struct executor *executor;
	void *executor_self;
	struct config config;
	struct sandbox sandbox;
	struct log log;
	struct event_base *base;
	struct event *signals[SIGNALS];
	struct event *alarm;
	struct event *watches[TRANSPORT_FDS_MAX];
	unsigned watch_count;
	struct event *door_watch; /* one of them */
	bool door_watched, stopping;
	struct transport *transport;
	struct node *node;
	struct http *http;
	struct web *web;
	struct page page; /* monitoring */
	struct guard guard;
	struct health_source health;
	struct node_now now;
	int64_t started_steady_ms, watchdog_steady_ms, watchdog_ms;
	uint64_t turns;
	struct telling telling;
};

/* ---- between node, transport and probes ---- */

static void
on_reply(void *ctx, const struct peer *to, struct bytes message)
{
	struct runtime *rt = ctx;

	if (web_is_peer(to))
		web_hear(rt->web, to, message);
	else if (rt->guard.gate != NULL)
		gate_reply(rt->guard.gate, to, message);
	else
		transport_reply(rt->transport, to, message);
}

static void
on_gate_reply(void *ctx, const struct peer *to, struct bytes message)
{
	transport_reply(((struct runtime *)ctx)->transport, to, message);
}

static void
on_ask(void *ctx, struct bytes message)
{
	transport_ask(((struct runtime *)ctx)->transport, message);
}

static void
on_publish(void *ctx, const char *topic, struct bytes message)
{
	transport_publish(((struct runtime *)ctx)->transport, topic, message);
}

static void
on_random(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	randombytes_buf(out, len);
}

/* NULL without HTTP and without keys: nobody looks. */
static struct access_log *
access_log_of(const struct runtime *rt)
{
	return rt->web != NULL ? web_access_log(rt->web) : gate_access_log(rt->guard.gate);
}

static void
on_access_log(void *ctx, struct arena *a, const pb_AccessLogRequest *request, pb_AccessLogReply *reply)
{
	const struct runtime *rt = ctx;

	audit_read(access_log_of(rt), a, request, reply, rt->service->id);
}

static void
on_gate_take(void *ctx, const struct peer *from, struct bytes message)
{
	node_take(((struct runtime *)ctx)->node, from, message);
}

static void
on_take(void *ctx, const struct peer *from, struct bytes message)
{
	struct runtime *rt = ctx;

	if (rt->guard.gate != NULL)
		gate_take(rt->guard.gate, from, message);
	else
		node_take(rt->node, from, message);
}

static void
on_hear(void *ctx, struct bytes message)
{
	node_hear(((struct runtime *)ctx)->node, message);
}

static bool
has_room(void *ctx)
{
	return node_has_room(((struct runtime *)ctx)->node);
}

static void
on_look(void *ctx, struct health *health)
{
	const struct runtime *rt = ctx;

	*health = (struct health){
	    .service = rt->service,
	    .started = rt->turns > 0,
	    .has_upstream = rt->config.upstream[0] != '\0',
	    .started_steady_ms = rt->started_steady_ms,
	    .now = loop_now(),
	    .transport = transport_figures(rt->transport),
	    .http = http_figures(rt->http),
	    .turns = rt->turns,
	    .disk_reserve_bytes = rt->config.disk_reserve_bytes,
	    .disk_warn_bytes = rt->config.disk_warn_bytes,
	};
	node_status(rt->node, &health->node);
}

/* Between turns there is no transaction, so a short one may be had here. */
static void
on_figures(void *ctx, struct metrics *metrics)
{
	struct runtime *rt = ctx;

	if (rt->web != NULL)
		web_metrics(rt->web, metrics);
	if (rt->executor != NULL)
		rt->executor->figures(rt->executor_self, metrics);
	if (rt->service->figures == NULL)
		return;
	struct store_txn *txn = store_begin_read(node_store(rt->node));
	rt->service->figures(node_self(rt->node), txn, metrics);
	store_abort(txn);
}

/* ---- signals ---- */

static void
on_signal(evutil_socket_t signal, short what, void *arg)
{
	struct runtime *rt = arg;

	(void)what;
	if (rt->stopping)
		_exit(RUNTIME_FAILED);
	rt->stopping = true;
	/* From here on also when a turn hangs. */
	supervisor_signals_end();
	log_say(&rt->log, LOG_LEVEL_INFO, "stopping", log_text("signal", signal == SIGINT ? "INT" : "TERM"));
	supervisor_notify("STOPPING=1");
	web_stop(rt->web);
	node_drain(rt->node);
}

static void
on_nothing(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg;
}

/* ---- what the log hears ---- */

static void
tell_start(const struct runtime *rt)
{
	const struct config *c = &rt->config;

	log_say(&rt->log, LOG_LEVEL_INFO, "started", log_text("version", DOORBRAAK_VERSION),
		log_number("logic_version", LOGIC_VERSION), log_text("data", c->data),
		log_text("door", transport_door(rt->transport)), log_text("publish", transport_stream(rt->transport)),
		log_text("upstream", c->upstream), log_text("http", rt->http == NULL ? "" : http_url(rt->http)),
		log_text("clock", rt->service->admit == NULL ? "upstream"
				  : c->clock_driven          ? "driven"
							     : "system"),
		log_integer("pid", getpid()));
	if (rt->guard.gate == NULL)
		log_say(&rt->log, LOG_LEVEL_WARN, "no_keys",
			log_text("text", "without `secret` whoever is on this machine may ask everything over ZeroMQ"));
	if (c->odd[0] != '\0')
		log_say(&rt->log, LOG_LEVEL_WARN, "odd_variable", log_text("text", c->odd));
	if (c->open_door && rt->web != NULL)
		log_say(&rt->log, LOG_LEVEL_WARN, "open_door",
			log_text("text", "everybody on this machine may ask everything over HTTP: for a trial only"));
}

/* ---- the turn ---- */

static void
watch_door(struct runtime *rt, bool room)
{
	/* Unread input on a watched descriptor would make the loop spin. */
	if (room == rt->door_watched)
		return;
	rt->door_watched = room;
	if (room)
		event_add(rt->door_watch, NULL);
	else
		event_del(rt->door_watch);
}

static void
wait_for_input(struct runtime *rt)
{
	const bool room = node_has_room(rt->node);
	int64_t wait_ms = node_wait_ms(rt->node, loop_now());

	/* Whoever watches hears of it in time, also of one with nothing to do. */
	if (rt->watchdog_ms > 0 && wait_ms > rt->watchdog_ms / 4)
		wait_ms = rt->watchdog_ms / 4;
	const struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};

	watch_door(rt, room);
	evtimer_add(rt->alarm, &wait);
	/* Asked last: a send, a receive or an earlier ask may have swallowed the descriptor's news. */
	const bool ready = transport_has_input(rt->transport, room) || wait_ms == 0 || rt->stopping;
	if (event_base_loop(rt->base, EVLOOP_ONCE | (ready ? EVLOOP_NONBLOCK : 0)) < 0)
		fatal("libevent: the loop failed");
}

static void
beat(struct runtime *rt)
{
	if (rt->watchdog_ms == 0 || rt->now.steady_ms - rt->watchdog_steady_ms < rt->watchdog_ms / 4)
		return;
	rt->watchdog_steady_ms = rt->now.steady_ms;
	supervisor_notify("WATCHDOG=1");
}

/* How many messages it took. */
static unsigned
runtime_turn(struct runtime *rt)
{
	const struct transport_sink sink = {rt, on_take, on_hear, has_room};

	wait_for_input(rt);
	if (rt->http != NULL)
		http_tidy(rt->http);
	const unsigned taken = transport_take(rt->transport, rt->config.turn_records_max, &sink);
	if (transport_upstream_is_new(rt->transport))
		node_upstream_changed(rt->node);
	rt->now = loop_now();
	const enum err err = node_turn(rt->node, rt->now);
	if (err != ERR_NONE && err != ERR_STORE_FULL) {
		log_say(&rt->log, LOG_LEVEL_ERROR, "failed", log_text("why", node_why(rt->node)));
		/* Nothing more may be told: not even what is queued. */
		_exit(RUNTIME_FAILED);
	}
	if (guard_turn(&rt->guard, rt->transport, rt->now) != ERR_NONE ||
	    (rt->web != NULL && web_turn(rt->web, rt->now) != ERR_NONE)) {
		log_say(&rt->log, LOG_LEVEL_ERROR, "failed", log_text("why", "the access log cannot be written"));
		_exit(RUNTIME_FAILED);
	}
	audit_sign(access_log_of(rt), &rt->log, rt->now.wall_ms, false);
	if (rt->executor != NULL && !rt->stopping && node_may_write(rt->node))
		rt->executor->turn(rt->executor_self, rt->now);
	rt->turns++;
	telling_tell(&rt->telling, rt->now);
	beat(rt);
	return taken;
}

static void
runtime_run(struct runtime *rt)
{
	while (!rt->stopping)
		runtime_turn(rt);
	/* What already stands at the door gets an answer, be it a refusal; then the first quiet turn is the last. */
	for (unsigned i = 0; i < DRAIN_TURNS_MAX; i++) {
		if (runtime_turn(rt) == 0 && !transport_has_input(rt->transport, true))
			break;
	}
}

/* ---- open and close ---- */

static enum err
open_node(void *ctx, struct why *why)
{
	struct runtime *rt = ctx;
	const struct node_options options = {
	    .service = rt->service,
	    .store = {.dir = rt->config.data, .map_bytes = rt->config.map_bytes},
	    .clock = rt->config.clock_driven ? NODE_CLOCK_DRIVEN : NODE_CLOCK_SYSTEM,
	    .disk_reserve_bytes = rt->config.disk_reserve_bytes,
	    .disk_warn_bytes = rt->config.disk_warn_bytes,
	    .turn_records_max = rt->config.turn_records_max,
	    .erase_within_ms = (int64_t)rt->config.erase_within_s * 1000,
	    .io = {rt, on_reply, on_ask, rt->config.publish[0] == '\0' ? NULL : on_publish, on_random,
		   web_endpoints_of(rt->service) == NULL && rt->config.secret[0] == '\0' ? NULL : on_access_log},
	};

	return node_open(&rt->node, &options, why);
}

static bool
open_doors(struct runtime *rt, struct why *why)
{
	const struct config *c = &rt->config;
	const struct transport_options transport = {
	    .listen = c->listen,
	    .upstream = c->upstream[0] == '\0' ? NULL : c->upstream,
	    .publish = c->publish[0] == '\0' ? NULL : c->publish,
	    .submissions = rt->service->admit != NULL,
	    .curve = guard_curve(&rt->guard),
	};

	return transport_open(&rt->transport, &transport, why) == ERR_NONE;
}

/* Probes and figures everywhere; questions where the service has any. */
static enum runtime_exit
open_http(struct runtime *rt, struct why *why)
{
	const struct config *c = &rt->config;
	char access_dir[CONFIG_TEXT_MAX + 16];
	const struct web_options web = {
	    .base = rt->base,
	    .node = rt->node,
	    .service = rt->service,
	    .endpoints = web_endpoints_of(rt->service),
	    .now = loop_now(),
	    .keys_dir = c->keys,
	    .access_dir = access_dir,
	    .map_bytes = c->map_bytes,
	    .open_door = c->open_door,
	    .calls_max = HTTP_CONNECTIONS_MAX + HTTP_STREAMS_MAX,
	};
	struct http_options http = {
	    .base = rt->base,
	    .host = c->http_host,
	    .port = c->http_port,
	    .tables = {{health_routes, HEALTH_ROUTES, &rt->health}},
	    .origins = c->http_origins,
	    .body_max = rt->service->admit != NULL ? HTTP_BODY_INTAKE_MAX : 0,
	};

	rt->health = (struct health_source){rt, on_look, on_figures};
	if (c->http_host[0] == '\0')
		return RUNTIME_CLEAN;
	snprintf(access_dir, sizeof(access_dir), "%s/access", c->data);
	const enum err err = web.endpoints == NULL ? ERR_NONE : web_open(&rt->web, &web, why);

	if (err != ERR_NONE)
		return err == ERR_MALFORMED ? RUNTIME_CONFIG : start_exit(err);
	if (rt->web != NULL) {
		http.tables[1] = web_table(rt->web);
		http.tables[3] = openapi_table();
	}
	if (rt->service->id == SERVICE_MONITORING) {
		const struct page_options page = {c->page_intake, c->page_signalling, c->open_door};

		page_init(&rt->page, &page);
		http.tables[2] = page_table(&rt->page);
	}
	return http_open(&rt->http, &http, why) == ERR_NONE ? RUNTIME_CLEAN : RUNTIME_ADDRESS;
}

static bool
open_guard(struct runtime *rt, struct why *why)
{
	const struct config *c = &rt->config;
	const struct gate_options options = {
	    .service = rt->service->id,
	    .keys_dir = c->keys,
	    .now = loop_now(),
	    .ctx = rt,
	    .take = on_gate_take,
	    .reply = on_gate_reply,
	};

	rt->guard.service = rt->service;
	rt->guard.config = c;
	rt->guard.log = &rt->log;
	return guard_open(&rt->guard, &options, why);
}

static void
open_loop(struct runtime *rt)
{
	static const int signals[SIGNALS] = {SIGTERM, SIGINT};

	rt->base = loop_new();
	rt->alarm = evtimer_new(rt->base, on_nothing, NULL);
	for (unsigned i = 0; i < SIGNALS; i++) {
		rt->signals[i] = evsignal_new(rt->base, signals[i], on_signal, rt);
		if (rt->alarm == NULL || rt->signals[i] == NULL || event_add(rt->signals[i], NULL) != 0)
			fatal("libevent: no signals");
	}
}

/* The callbacks are empty: waking up is all they are for; the turn takes what there is. */
static void
watch_transport(struct runtime *rt)
{
	const struct transport_fds fds = transport_fds(rt->transport);

	for (unsigned i = 0; i < fds.count; i++) {
		rt->watches[i] = event_new(rt->base, fds.fds[i], EV_READ | EV_PERSIST, on_nothing, NULL);
		if (rt->watches[i] == NULL || event_add(rt->watches[i], NULL) != 0)
			fatal("libevent: a socket cannot be watched");
		if (fds.fds[i] == fds.door)
			rt->door_watch = rt->watches[i];
	}
	rt->watch_count = fds.count;
	rt->door_watched = true;
}

static bool
write_addresses(const struct runtime *rt, struct why *why)
{
	const struct supervisor_addresses addresses = {
	    .door = transport_door(rt->transport),
	    .publish = transport_stream(rt->transport),
	    .http = rt->http == NULL ? NULL : http_url(rt->http),
	};

	return supervisor_addresses_write(rt->config.data, &addresses, why);
}

static bool
prepare_executor(struct runtime *rt, struct why *why)
{
	if (rt->executor == NULL)
		return true;
	rt->executor_self = calloc(1, rt->executor->self_bytes);
	if (rt->executor_self == NULL)
		fatal("out of memory");
	return rt->executor->prepare == NULL || rt->executor->prepare(rt->executor_self, &rt->config, why);
}

static bool
open_executor(struct runtime *rt, struct why *why)
{
	const struct executor_world world = {rt->base, rt->node,   &rt->config,
					     &rt->log, loop_now(), guard_intake(&rt->guard)};

	return rt->executor == NULL || rt->executor->open(rt->executor_self, &world, why);
}

static void
runtime_close(struct runtime *rt)
{
	if (rt->executor_self != NULL)
		rt->executor->close(rt->executor_self);
	free(rt->executor_self);
	http_close(&rt->http);
	guard_close(&rt->guard);
	web_close(&rt->web);
	for (unsigned i = 0; i < rt->watch_count; i++)
		event_free(rt->watches[i]);
	transport_close(&rt->transport);
	if (rt->node != NULL)
		node_close(&rt->node);
	if (rt->base == NULL)
		return;
	event_free(rt->alarm);
	for (unsigned i = 0; i < SIGNALS; i++)
		event_free(rt->signals[i]);
	event_base_free(rt->base);
}

static int
give_up(struct runtime *rt, enum runtime_exit status, const struct why *why)
{
	log_say(&rt->log, LOG_LEVEL_ERROR, "not_started", log_text("why", why->text));
	runtime_close(rt);
	return (int)status;
}

int
runtime_main(int argc, char **argv, const struct service *service, const struct executor *executor)
{
	struct runtime rt = {.service = service, .executor = executor};
	struct why why;

	/* First of all: as process 1 a signal without a handler is ignored. Nothing has begun that must end well. */
	supervisor_signals_end();
	switch (config_read(&rt.config, service->name, argc, argv, environ, stdout, stderr)) {
	case CONFIG_DONE: return RUNTIME_CLEAN;
	case CONFIG_WRONG: return RUNTIME_CONFIG;
	case CONFIG_RUN: break;
	}
	log_init(&rt.log, STDERR_FILENO, rt.config.log_form, rt.config.log_level, service->name,
		 getenv("JOURNAL_STREAM"));
	loop_tell();
	hardening_check_libraries();
	if (!supervisor_limits(&why))
		return give_up(&rt, RUNTIME_CONFIG, &why);
	rt.watchdog_ms = supervisor_watchdog_ms();
	rt.started_steady_ms = loop_now().steady_ms;

	const enum err err = start_when_room(&rt.log, open_node, &rt, &why);
	if (err != ERR_NONE)
		return give_up(&rt, start_exit(err), &why);
	open_loop(&rt);
	if (!open_guard(&rt, &why))
		return give_up(&rt, RUNTIME_CONFIG, &why);
	if (!prepare_executor(&rt, &why))
		return give_up(&rt, RUNTIME_CONFIG, &why);
	hardening_begin(&rt.sandbox, &rt.config);
	if (!open_doors(&rt, &why))
		return give_up(&rt, RUNTIME_ADDRESS, &why);
	const enum runtime_exit http = open_http(&rt, &why);
	if (http != RUNTIME_CLEAN)
		return give_up(&rt, http, &why);
	if (!guard_log(&rt.guard, web_access_log(rt.web), &why))
		return give_up(&rt, RUNTIME_STORE, &why);
	if (!audit_open(access_log_of(&rt), &rt.config, &why) || !open_executor(&rt, &why))
		return give_up(&rt, RUNTIME_CONFIG, &why);
	rt.telling = (struct telling){.log = &rt.log,
				      .node = rt.node,
				      .transport = rt.transport,
				      .http = rt.http,
				      .web = rt.web,
				      .disk_reserve_bytes = rt.config.disk_reserve_bytes,
				      .disk_warn_bytes = rt.config.disk_warn_bytes};
	guard_forget(&rt.guard);
	watch_transport(&rt);
	if (!write_addresses(&rt, &why))
		return give_up(&rt, RUNTIME_FAILED, &why);
	hardening_end(&rt.sandbox, &rt.config, &rt.log);
	tell_start(&rt);
	supervisor_notify("READY=1");

	runtime_run(&rt);
	audit_sign(access_log_of(&rt), &rt.log, rt.now.wall_ms, true);
	supervisor_addresses_remove(rt.config.data);
	runtime_close(&rt);
	log_say(&rt.log, LOG_LEVEL_INFO, "stopped", log_number("turns", rt.turns));
	return RUNTIME_CLEAN;
}
