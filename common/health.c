// SPDX-License-Identifier: EUPL-1.2
#include "common/health.h"

/* Of the upstream, in this life. */
static int64_t
silent_ms(const struct health *h)
{
	const int64_t heard_ms =
	    h->node.heard_steady_ms > h->started_steady_ms ? h->node.heard_steady_ms : h->started_steady_ms;

	return h->now.steady_ms - heard_ms;
}

unsigned
health_not_ready(const struct health *health, const char *codes[HEALTH_CODES_MAX])
{
	const struct node_status *node = &health->node;
	unsigned count = 0;

	if (!health->started)
		codes[count++] = "starting";
	if (health->started && !node->caught_up)
		codes[count++] = "catching_up";
	if (node->refusing)
		codes[count++] = "refusing";
	if (node->disk_low)
		codes[count++] = "disk_low";
	if (node->clock_wrong)
		codes[count++] = "clock_wrong";
	if (node->draining)
		codes[count++] = "draining";
	if (health->has_upstream && silent_ms(health) > HEALTH_SILENT_MS)
		codes[count++] = "upstream_silent";
	ASSERT(count <= HEALTH_CODES_MAX);
	return count;
}

/* ---- figures ---- */

struct figure {
	const char *name;
	enum metric_kind kind;
	const char *help;
	uint64_t value;
};

static void
put_figures(struct metrics *m, const struct figure *figures, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		metrics_declare(m, figures[i].name, figures[i].kind, figures[i].help);
		metrics_sample(m, figures[i].value);
	}
}
#define PUT_FIGURES(m, figures) put_figures((m), (figures), sizeof(figures) / sizeof((figures)[0]))

static uint64_t
ms_as_us(int64_t ms)
{
	return ms > 0 ? (uint64_t)ms * 1000 : 0;
}

static void
put_reasons(struct metrics *m, const char *name, const char *help, const char *enum_name, const uint64_t *counts,
	    int max)
{
	metrics_declare(m, name, METRIC_COUNTER, help);
	for (int i = 1; i < max; i++) {
		const char *code = record_code_of(enum_name, i);

		if (code[0] != '\0')
			metrics_sample_labelled(m, "reason", code, counts[i]);
	}
}

static void
put_state(const struct health *h, struct metrics *m)
{
	static const char *const all[HEALTH_CODES_MAX] = {"starting",    "catching_up", "refusing",       "disk_low",
							  "clock_wrong", "draining",    "upstream_silent"};
	const char *codes[HEALTH_CODES_MAX];
	const unsigned count = health_not_ready(h, codes);

	metrics_declare(m, "build_info", METRIC_GAUGE, "Which service and version this is; always 1.");
	metrics_sample_labelled2(m, "service", h->service->name, "version", DOORBRAAK_VERSION, 1);
	metrics_declare(m, "logic_version", METRIC_GAUGE, "Version of the rules of computation.");
	metrics_sample(m, LOGIC_VERSION);
	metrics_declare(m, "started_timestamp_seconds", METRIC_GAUGE, "When this process started, since 1970.");
	metrics_sample_us(m, ms_as_us(h->now.wall_ms - (h->now.steady_ms - h->started_steady_ms)));
	metrics_declare(m, "ready", METRIC_GAUGE, "1 when it takes and answers.");
	metrics_sample(m, count == 0);
	metrics_declare(m, "not_ready", METRIC_GAUGE, "1 for every reason why it is not ready.");
	for (unsigned i = 0; i < HEALTH_CODES_MAX; i++) {
		bool given = false;

		for (unsigned j = 0; j < count; j++)
			given = given || strcmp(codes[j], all[i]) == 0;
		metrics_sample_labelled(m, "code", all[i], given);
	}
}

static void
put_work(const struct health *h, struct metrics *m)
{
	const struct node_status *n = &h->node;
	const struct figure figures[] = {
	    {"turns_total", METRIC_COUNTER, "Turns of the loop.", h->turns},
	    {"records_in_total", METRIC_COUNTER, "Records taken in since start.", n->records_in},
	    {"answers_out_total", METRIC_COUNTER, "Own records appended since start.", n->answers_out},
	    {"commits_total", METRIC_COUNTER, "Batches made durable since start.", n->commits},
	    {"batches_undone_total", METRIC_COUNTER, "Batches undone because the store was full.", n->batches_undone},
	    {"pulls_total", METRIC_COUNTER, "Pull questions since start.", n->pulls},
	    {"questions_parked", METRIC_GAUGE, "Questions that wait for records.", n->parked},
	    {"queue_messages", METRIC_GAUGE, "Messages that the last turn found waiting.", n->queued},
	    {"queue_longest_messages", METRIC_GAUGE, "The most that a turn found waiting since start.", n->queued_max},
	    {"journal_head", METRIC_GAUGE, "Number of the last record of the own journal.", n->head.seq},
	    {"upstream_cursor", METRIC_GAUGE, "Number of the last upstream record applied.", n->cursor.seq},
	    {"applied_intake_record", METRIC_GAUGE, "Intake record whose effects are complete.", n->cursor.applied},
	};

	PUT_FIGURES(m, figures);
	put_reasons(m, "submissions_rejected_total", "Submissions rejected, by first reason.", "Reason", n->refusals,
		    NODE_REFUSALS);
	put_reasons(m, "questions_refused_total",
		    "Questions refused, and submissions that could not be taken, by reason.", "RefusedReason",
		    n->refused, NODE_QUESTIONS);
	metrics_declare(m, "commit_seconds", METRIC_HISTOGRAM, "Time that commits took.");
	metrics_sample_times(
	    m, (struct metrics_times){node_commit_bounds_us, n->commit_counts, NODE_COMMIT_BOUNDS, n->commit_us_sum});
	metrics_declare(m, "commit_longest_seconds", METRIC_GAUGE, "The longest commit since start.");
	metrics_sample_us(m, n->commit_us_max);
	metrics_declare(m, "clock_timestamp_seconds", METRIC_GAUGE, "Clock of intake as last heard, since 1970.");
	metrics_sample_us(m, ms_as_us(n->clock_ms));
	metrics_declare(m, "day_timestamp_seconds", METRIC_GAUGE,
			"Begin of the last local day that the records told of, since 1970; 0: none yet.");
	metrics_sample_us(m, n->day == CAL_NONE ? 0 : ms_as_us(cal_day_begins_ms(n->day)));
}

static void
put_disk(const struct health *h, struct metrics *m)
{
	const struct node_status *n = &h->node;
	const struct store_usage *u = &n->usage;
	const struct figure figures[] = {
	    {"store_map_bytes", METRIC_GAUGE, "How far the store can grow.", u->map_bytes},
	    {"store_used_bytes", METRIC_GAUGE, "Pages of the store in use.", u->used_bytes},
	    {"store_readers", METRIC_GAUGE, "Open read transactions.", u->readers},
	    {"erasures_pending", METRIC_GAUGE, "Erasures whose traces are still in the file of the store.",
	     n->erasures_pending},
	    {"erasures_total", METRIC_COUNTER, "Erasures that left the file of the store since start.",
	     n->erasures_done},
	    {"store_copies_total", METRIC_COUNTER, "Fresh copies of the store since start.", n->copies},
	    {"store_copies_failed_total", METRIC_COUNTER, "Fresh copies of the store that could not be made.",
	     n->copies_failed},
	    {"store_oldest_reader_commits", METRIC_GAUGE, "Commits since the oldest open read transaction began.",
	     u->oldest_reader_age},
	    {"disk_free_bytes", METRIC_GAUGE, "Free on the volume of the store.", u->disk_free_bytes},
	    {"disk_bytes", METRIC_GAUGE, "Size of the volume of the store.", u->disk_bytes},
	    {"disk_reserve_bytes", METRIC_GAUGE, "Submissions are refused when less is free.", h->disk_reserve_bytes},
	    {"disk_warn_bytes", METRIC_GAUGE, "Time to make room when less is free.", h->disk_warn_bytes},
	};

	PUT_FIGURES(m, figures);
}

static void
put_transport(const struct health *h, struct metrics *m)
{
	const struct transport_figures *t = &h->transport;
	const struct figure figures[] = {
	    {"door_questions_total", METRIC_COUNTER, "Messages at the door.", t->questions},
	    {"door_malformed_total", METRIC_COUNTER, "Messages with a wrong number of frames.", t->malformed},
	    {"door_replies_total", METRIC_COUNTER, "Replies handed to the network.", t->replies},
	    {"door_unheard_total", METRIC_COUNTER, "Questions of peers that do not read their replies.", t->unheard},
	    {"door_unsent_bytes", METRIC_GAUGE, "Bytes of replies that peers have not read yet.", t->unsent_bytes},
	    {"door_replies_dropped_total", METRIC_COUNTER, "Replies to peers that were gone or did not read.",
	     t->replies_dropped},
	    {"stream_messages_total", METRIC_COUNTER, "Messages handed to the live stream.", t->published},
	    {"http_requests_total", METRIC_COUNTER, "HTTP requests.", h->http.requests},
	    {"http_refused_total", METRIC_COUNTER, "HTTP requests answered with a status of 400 to 499.",
	     h->http.refused},
	    {"http_cut_total", METRIC_COUNTER, "HTTP connections cut at their deadline.", h->http.cut},
	    {"http_displaced_total", METRIC_COUNTER, "HTTP connections that asked nothing and made room for others.",
	     h->http.displaced},
	    {"http_connections", METRIC_GAUGE, "Open HTTP connections.", h->http.connections},
	    {"http_streams", METRIC_GAUGE, "Of these, streams.", h->http.streams},
	    {"http_streams_dropped_total", METRIC_COUNTER, "Streams dropped because their reader stood still.",
	     h->http.dropped},
	};
	const struct figure upstream[] = {
	    {"upstream_connected", METRIC_GAUGE, "1 while a connection upstream stands.", t->upstream_connected},
	    {"upstream_asks_total", METRIC_COUNTER, "Questions upstream.", t->asked},
	    {"upstream_asks_dropped_total", METRIC_COUNTER, "Questions upstream without a connection.",
	     t->asks_dropped},
	    {"upstream_answers_total", METRIC_COUNTER, "Answers of the upstream.", t->heard},
	};

	PUT_FIGURES(m, figures);
	if (!h->has_upstream)
		return;
	PUT_FIGURES(m, upstream);
	const struct node_status *n = &h->node;
	metrics_declare(m, "upstream_silence_seconds", METRIC_GAUGE, "How long ago the upstream last answered.");
	metrics_sample_us(m, ms_as_us(silent_ms(h)));
	metrics_declare(m, "lag_records", METRIC_GAUGE,
			"Records of the upstream, as last heard, that are not yet applied.");
	metrics_sample(m, n->upstream_head > n->cursor.seq ? n->upstream_head - n->cursor.seq : 0);
	metrics_declare(m, "lag_seconds", METRIC_GAUGE,
			"Since when it has not applied all that its upstream has; 0: it has.");
	metrics_sample_us(m, n->behind_steady_ms == 0 ? 0 : ms_as_us(h->now.steady_ms - n->behind_steady_ms));
}

void
health_metrics(const struct health *health, struct metrics *metrics)
{
	put_state(health, metrics);
	put_work(health, metrics);
	put_disk(health, metrics);
	put_transport(health, metrics);
}

/* ---- routes ---- */

static struct health *
look(void *ctx, struct http_request *request)
{
	const struct health_source *source = ctx;
	struct health *health = ARENA_NEW(http_arena(request), struct health);

	source->look(source->ctx, health);
	return health;
}

static void
answer_status(struct http_request *request, int status, const struct health *health, const char *word)
{
	const char *body =
	    arena_printf(http_arena(request), "{\"status\":\"%s\",\"service\":\"%s\"}\n", word, health->service->name);

	http_answer(request, status, HTTP_TYPE_JSON, bytes_str(body));
}

static void
answer_alive(void *ctx, struct http_request *request)
{
	answer_status(request, 200, look(ctx, request), "alive");
}

static void
answer_started(void *ctx, struct http_request *request)
{
	const struct health *health = look(ctx, request);

	answer_status(request, health->started ? 200 : 503, health, health->started ? "started" : "starting");
}

static void
answer_ready(void *ctx, struct http_request *request)
{
	const struct health *health = look(ctx, request);
	const char *codes[HEALTH_CODES_MAX];
	const unsigned count = health_not_ready(health, codes);
	const char *list = "";

	if (count == 0) {
		answer_status(request, 200, health, "ready");
		return;
	}
	for (unsigned i = 0; i < count; i++)
		list = arena_printf(http_arena(request), "%s%s\"%s\"", list, i == 0 ? "" : ",", codes[i]);
	/* Of a long way to go, how far. */
	const struct node_status *n = &health->node;
	const char *way =
	    n->caught_up
		? ""
		: arena_printf(
		      http_arena(request), ",\"applied\":%llu,\"of\":%llu", (unsigned long long)n->cursor.seq,
		      (unsigned long long)(n->upstream_head > n->cursor.seq ? n->upstream_head : n->cursor.seq));
	const char *body =
	    arena_printf(http_arena(request), "{\"status\":\"not_ready\",\"service\":\"%s\",\"codes\":[%s]%s}\n",
			 health->service->name, list, way);
	http_answer(request, 503, HTTP_TYPE_JSON, bytes_str(body));
}

static void
answer_metrics(void *ctx, struct http_request *request)
{
	const struct health_source *source = ctx;
	struct metrics *metrics = metrics_begin(http_arena(request));

	health_metrics(look(ctx, request), metrics);
	if (source->figures != NULL)
		source->figures(source->ctx, metrics);
	http_answer(request, 200, METRICS_TYPE, metrics_end(metrics));
}

const struct http_route health_routes[HEALTH_ROUTES] = {
    {.path = "/healthz", .methods = HTTP_METHOD_GET, .answer = answer_alive},
    {.path = "/startedz", .methods = HTTP_METHOD_GET, .answer = answer_started},
    {.path = "/readyz", .methods = HTTP_METHOD_GET, .answer = answer_ready},
    {.path = "/metrics", .methods = HTTP_METHOD_GET, .answer = answer_metrics},
};
