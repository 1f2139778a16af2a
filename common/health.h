// SPDX-License-Identifier: EUPL-1.2
/* health.h - what a service tells of itself, from counters alone: probes and figures.
 *
 *   /healthz   200 as long as the loop turns: whoever answers is alive
 *   /startedz  200 once the first turn is done, else 503
 *   /readyz    200, or 503 with the codes of what is not right:
 *              starting, catching_up, refusing, disk_low, clock_wrong, draining, upstream_silent
 *   /metrics   Prometheus text
 *
 * Bodies: {"status":"ready","service":"routing"}; when it is not: {"status":"not_ready",...,"codes":["refusing"]},
 * and while it catches up also how far it is, in records of the upstream: "applied":812,"of":1290. */
#ifndef DOORBRAAK_HEALTH_H
#define DOORBRAAK_HEALTH_H

#include "common/http.h"
#include "common/metrics.h"
#include "common/node.h"
#include "common/transport.h"

#define HEALTH_SILENT_MS (NODE_PARK_MS + 5 * NODE_REPEAT_MS) /* a living upstream answers well before */
#define HEALTH_CODES_MAX 7u
#define HEALTH_ROUTES    4u

struct health {
	const struct service *service;
	bool started; /* the first turn is done */
	bool has_upstream;
	int64_t started_steady_ms;
	struct node_now now;
	struct node_status node;
	struct transport_figures transport;
	struct http_figures http;
	uint64_t turns;
	uint64_t disk_reserve_bytes, disk_warn_bytes; /* as configured */
};

/* Where it comes from: filled in for every answer. */
struct health_source {
	void *ctx;
	void (*look)(void *ctx, struct health *health);
	/* Adds figures of the service itself; may be NULL. */
	void (*figures)(void *ctx, struct metrics *metrics);
};

/* The routes; give a pointer to a `struct health_source` as the context of the server. */
extern const struct http_route health_routes[HEALTH_ROUTES];

/* Why it is not ready; 0: it is. */
unsigned health_not_ready(const struct health *health, const char *codes[HEALTH_CODES_MAX]);
void health_metrics(const struct health *health, struct metrics *metrics);

#endif
