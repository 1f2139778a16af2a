// SPDX-License-Identifier: EUPL-1.2
#include "tests/bench/history.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/node.h"
#include "tests/load/load.h"
#include "tests/sim/adopt.h"

#define SLOTS       600u /* cases that run at a time: each hears something every four days or so */
#define TURN_ROOM   256u /* submissions a turn */
#define DAY_MS      86400000
#define FIRST_MONTH 3

struct writer {
	struct node *node;
	struct arena arena;
	struct load load;
	struct load_case cases[SLOTS];
	struct load_item items[TURN_ROOM];
	unsigned count; /* submissions of the turn */
	uint64_t opened;
	uint64_t random;
};

static void
on_random(void *ctx, uint8_t *out, size_t len)
{
	struct writer *w = ctx;
	struct load_random r = {w->random};

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)load_draw(&r);
	w->random = r.state;
}

static void
on_reply(void *ctx, const struct peer *to, struct bytes message)
{
	struct writer *w = ctx;
	struct why why;
	const pb_Reply *r = record_unpack(&w->arena, &pb_Reply_descriptor, message, RECORD_REPLY_MAX, &why);

	(void)to;
	if (r == NULL || r->body_case != DOORBRAAK__V1__REPLY__BODY_ACCEPTED)
		fatal("history: a submission was not accepted: %s",
		      r == NULL ? why.text : record_json(&w->arena, &r->base, true));
	if (r->request_id == 0)
		return;
	load_accepted(&w->load, &w->items[r->request_id - 1], r->accepted->case_id);
	w->opened += w->items[r->request_id - 1].opens ? 1 : 0;
}

static void
ask(struct writer *w, uint64_t id, struct bytes submission, int64_t now_ms)
{
	static const struct peer nobody = {.len = 1};
	pb_Request request;
	pb_SubmitRequest submit;
	Google__Protobuf__Timestamp now;

	pb_Request_init(&request);
	pb_SubmitRequest_init(&submit);
	record_timestamp(&now, now_ms);
	submit.now = &now;
	submit.submission = (ProtobufCBinaryData){submission.len, (uint8_t *)(uintptr_t)submission.data};
	request.request_id = id;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &submit;
	node_take(w->node, &nobody, RECORD_PACK(&w->arena, &request));
}

static void
turn(struct writer *w)
{
	if (node_turn(w->node, (struct node_now){.wall_ms = 0, .steady_ms = 0}) != ERR_NONE)
		fatal("history: %s", node_why(w->node));
	arena_reset(&w->arena);
	w->count = 0;
}

/* The messages of a day, in working hours. */
static void
write_day(struct writer *w, cal_day day, unsigned messages)
{
	const int64_t opens_ms = cal_local_ms(day, 8, 0, 0);

	for (unsigned i = 0; i < messages; i++) {
		const int64_t at_ms = opens_ms + (int64_t)i * (DAY_MS / 3) / messages;
		if (w->count == TURN_ROOM || !load_next(&w->load, &w->arena, at_ms, &w->items[w->count])) {
			turn(w); /* room, or the case ids that are waited for */
			if (!load_next(&w->load, &w->arena, at_ms, &w->items[0]))
				fatal("history: no case can go on");
		}
		w->count++;
		ask(w, w->count, w->items[w->count - 1].submission, at_ms);
	}
	turn(w);
}

struct history_figures
history_write(const char *dir, unsigned messages, uint64_t seed)
{
	struct writer *w = calloc(1, sizeof *w);
	const cal_day first = cal_from_date(2016, FIRST_MONTH, 1);
	char path[4096];
	struct why why;
	struct node_status status;

	if (w == NULL)
		fatal("out of memory");
	snprintf(path, sizeof path, "%s/intake", dir);
	arena_init(&w->arena);
	w->random = seed;
	const struct node_options options = {
	    .service = &intake_service,
	    .store = {.dir = path, .temporary = true},
	    .clock = NODE_CLOCK_DRIVEN,
	    .io = {.ctx = w, .reply = on_reply, .random = on_random},
	};
	if (node_open(&w->node, &options, &why) != ERR_NONE)
		fatal("history: %s", why.text);
	load_init(&w->load, seed, "h", w->cases, SLOTS);
	w->load.recycle = true;
	load_lengthy(&w->load);
	const int64_t begins_ms = cal_local_ms(first, 7, 0, 0);
	for (unsigned i = 0; i < adopt_count(); i++)
		ask(w, 0, adopt_submission(&w->arena, i, begins_ms), begins_ms);
	turn(w);
	for (unsigned day = 0; day < HISTORY_DAYS; day++)
		write_day(w, first + (cal_day)day,
			  (unsigned)((uint64_t)messages * (day + 1) / HISTORY_DAYS -
				     (uint64_t)messages * day / HISTORY_DAYS));
	node_status(w->node, &status);
	const struct history_figures figures = {status.head.seq, w->opened};
	node_close(&w->node);
	arena_fini(&w->arena);
	free(w);
	return figures;
}
