// SPDX-License-Identifier: EUPL-1.2
/* node_clock.c - intake's clock: the only one in the system.
 *
 * It never goes back. A local day that begins is a Tick record, one for each day however many pass at once, stamped with
 * the moment that day began; what happens afterwards is stamped later. A jump of the system clock by more than five minutes
 * is a ClockJump record. One that says what cannot be (outside the calendar, or more than ten years from what was written) is
 * not followed: the days of a wrong year could never be taken back. */
#include "common/node_internal.h"
#include "common/sabotage.h"

static const char clock_key[] = "clock";

void
node_clock_load(struct node *node, struct store_txn *txn)
{
	struct bytes v;

	node->clock_ms = 0;
	node->clock_day = CAL_NONE;
	if (store_get(txn, node->meta, bytes_str(clock_key), &v) && v.len == 12) {
		node->clock_ms = (int64_t)get_u64(v.data);
		node->clock_day = (cal_day)get_u32(v.data + 8);
	}
}

void
node_clock_keep(struct batch *batch)
{
	uint8_t v[12];

	put_u64(v, (uint64_t)batch->node->clock_ms);
	put_u32(v + 8, (uint32_t)batch->node->clock_day);
	store_put(batch->turn.txn, batch->node->meta, bytes_str(clock_key), bytes_of(v, sizeof v));
}

static void
tick(struct batch *batch, cal_day day)
{
	struct node *node = batch->node;
	const int64_t begins = cal_day_begins_ms(day);
	pb_IntakeRecord *r = ARENA_NEW(batch->turn.arena, pb_IntakeRecord);
	pb_Tick *t = ARENA_NEW(batch->turn.arena, pb_Tick);

	if (begins > node->clock_ms)
		node->clock_ms = begins;
	node->clock_day = day;
	batch->turn.at_ms = node->clock_ms;
	batch->turn.today = day;
	pb_IntakeRecord_init(r);
	pb_Tick_init(t);
	t->date = record_date(batch->turn.arena, day);
	r->body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK;
	r->tick = t;
	turn_intake(&batch->turn, r);
}

/* The clock moves forward to `ms`; every day that begins on the way is told. */
static void
advance(struct batch *batch, int64_t ms)
{
	struct node *node = batch->node;
	const cal_day day = cal_local_day(ms);

	if (node->clock_day == CAL_NONE)
		tick(batch, day);
	while (node->clock_day < day)
		tick(batch, node->clock_day + 1);
	if (ms > node->clock_ms)
		node->clock_ms = ms;
	batch->turn.at_ms = node->clock_ms;
	batch->turn.today = node->clock_day;
}

static void
jump(struct batch *batch, int64_t jump_ms)
{
	batch->node->status.jumps++;
	batch->node->status.jump_ms = jump_ms;
	pb_IntakeRecord *r = ARENA_NEW(batch->turn.arena, pb_IntakeRecord);
	pb_ClockJump *j = ARENA_NEW(batch->turn.arena, pb_ClockJump);

	batch->turn.at_ms = batch->node->clock_ms;
	batch->turn.today = batch->node->clock_day;
	pb_IntakeRecord_init(r);
	pb_ClockJump_init(j);
	j->jump_ms = jump_ms;
	r->body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_CLOCK_JUMP;
	r->clock_jump = j;
	turn_intake(&batch->turn, r);
}

/* How far the system clock moved apart from the steady clock; at the first look, how far it lies behind what was written. */
static int64_t
jump_size(const struct node *node)
{
	if (node->last_wall_ms == 0)
		return node->now.wall_ms < node->clock_ms ? node->now.wall_ms - node->clock_ms : 0;
	return (node->now.wall_ms - node->last_wall_ms) - (node->now.steady_ms - node->last_steady_ms);
}

static bool
is_jump(int64_t size)
{
	return size > NODE_CLOCK_JUMP_MS || size < -NODE_CLOCK_JUMP_MS;
}

static bool
is_in_calendar(cal_day day)
{
	return day >= cal_from_date(CAL_YEAR_MIN, 1, 2) && day <= cal_from_date(CAL_YEAR_MAX, 1, 1);
}

bool
node_clock_is_wrong(const struct node *node)
{
	const cal_day day = cal_local_day(node->now.wall_ms);

	if (node->options.clock == NODE_CLOCK_DRIVEN || SABOTAGE(ANY_CLOCK))
		return false;
	if (!is_in_calendar(day))
		return true;
	return node->clock_day != CAL_NONE &&
	       (day - node->clock_day > NODE_CLOCK_DAYS_MAX || node->clock_day - day > NODE_CLOCK_DAYS_MAX);
}

bool
node_clock_is_due(const struct node *node)
{
	if (node->options.clock == NODE_CLOCK_DRIVEN)
		return false;
	return node->clock_day == CAL_NONE || cal_local_day(node->now.wall_ms) > node->clock_day ||
	       is_jump(jump_size(node));
}

void
node_clock_system(struct batch *batch)
{
	struct node *node = batch->node;
	const int64_t size = jump_size(node);

	if (is_jump(size) && node->clock_day != CAL_NONE)
		jump(batch, size);
	advance(batch, node->now.wall_ms > node->clock_ms ? node->now.wall_ms : node->clock_ms);
}

int
node_clock_drive(struct batch *batch, int64_t now_ms)
{
	struct node *node = batch->node;

	if (node->options.clock == NODE_CLOCK_SYSTEM)
		return now_ms == 0 ? 0 : REFUSED_REASON_TIME_FROM_OUTSIDE;
	if (now_ms == 0)
		return node->clock_day == CAL_NONE ? REFUSED_REASON_TIME_UNKNOWN : 0;
	if (now_ms < node->clock_ms)
		return REFUSED_REASON_TIME_BACKWARDS;
	if (!is_in_calendar(cal_local_day(now_ms)))
		return REFUSED_REASON_TIME_TOO_FAR;
	if (node->clock_day != CAL_NONE && cal_local_day(now_ms) - node->clock_day > NODE_CLOCK_DAYS_MAX)
		return REFUSED_REASON_TIME_TOO_FAR;
	advance(batch, now_ms);
	return 0;
}
