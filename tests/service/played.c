// SPDX-License-Identifier: EUPL-1.2
#include "tests/service/played.h"

#include "tests/load/load.h"
#include "tests/sim/adopt.h"

#define CASES 40u

const pb_Reply *
played_hand_in(struct played *p, struct bytes submission, int64_t at_ms)
{
	pb_Request request;
	pb_SubmitRequest submit;
	Google__Protobuf__Timestamp now;

	assert_true(p->count < PLAYED_MAX);
	p->items[p->count].submission = submission;
	p->items[p->count++].at_ms = at_ms;
	pb_Request_init(&request);
	pb_SubmitRequest_init(&submit);
	record_timestamp(&now, at_ms);
	submit.submission = (ProtobufCBinaryData){submission.len, (uint8_t *)(uintptr_t)submission.data};
	submit.now = &now;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &submit;
	const pb_Reply *reply = row_ask(p->row, 0, &request, &p->arena);
	if (reply == NULL)
		fail_msg("%s", row_why(p->row));
	return reply;
}

/* Mostly minutes pass between two messages; now and then days, so that deadlines come. */
static void
play(struct played *p, unsigned steps, int64_t now_ms)
{
	struct load_random random = {.state = 5};
	struct load_case cases[CASES];
	struct load_item item;
	struct load load;

	load_init(&load, 3, "m", cases, CASES);
	load.recycle = true;
	for (unsigned i = 0; i < steps; i++) {
		now_ms += (int64_t)load_below(&random, load_chance(&random, 10) ? 4 * 86400000u : 600000);
		assert_true(load_next(&load, &p->arena, now_ms, &item));
		const pb_Reply *reply = played_hand_in(p, item.submission, now_ms);
		const bool accepted = reply->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED;
		load_accepted(&load, &item, accepted ? reply->accepted->case_id : "");
	}
	assert_int_equal(row_settle(p->row), ERR_NONE);
}

void
played_open(struct played *p, uint64_t seed, unsigned steps, uint32_t turn_records_max)
{
	const int64_t begins_ms = cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0);
	struct why why;

	*p = (struct played){.dir = temp_make()};
	arena_init(&p->arena);
	const struct row_options options = {
	    .dir = p->dir.dir, .fast = true, .seed = seed, .turn_records_max = turn_records_max};
	if (row_open(&p->row, &options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
	for (unsigned i = 0; i < adopt_count(); i++)
		assert_int_equal(played_hand_in(p, adopt_submission(&p->arena, i, begins_ms), begins_ms)->body_case,
				 DOORBRAAK__V1__REPLY__BODY_ACCEPTED);
	play(p, steps, begins_ms);
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		struct node_status status;
		node_status(row_node(p->row, i), &status);
		p->heads[i] = status.head;
		p->used_bytes[i] = store_usage(node_store(row_node(p->row, i))).used_bytes;
	}
}

void
played_close(struct played *p)
{
	row_close(&p->row);
	arena_fini(&p->arena);
	temp_remove(&p->dir);
}

static size_t
read_intake(void *ctx, struct arena *a, uint64_t after, struct journal_entry *entries, size_t max)
{
	struct played *p = ctx;

	return row_read(p->row, 0, a, after, entries, max);
}

struct row_source
played_source(struct played *p)
{
	struct node_status status;

	node_status(row_node(p->row, 0), &status);
	return (struct row_source){p, status.history, status.head.seq, read_intake, 0};
}
