// SPDX-License-Identifier: EUPL-1.2
/* monitoring_forecast.c - a case by itself, computed once more, and the days behind it. */
#include "common/order.h"
#include "common/relay.h"
#include "services/monitoring/monitoring_story.h"

#define SERVICES 3u /* triage, routing, signalling */

struct future {
	struct store_txn *txn;
	struct arena *arena;
	struct relay *relay;
	struct adopted_search search;
	pb_StoryReply *reply;
	const void **heard; /* struct record: of the case, and what was adopted; in the order of intake */
	size_t heard_count;
	const pb_Answer **decided; /* what routing decided so far */
	size_t decided_count, decided_room;
	size_t same;     /* of these, met again in the same order */
	uint64_t number; /* of the last record handed to the relay */
	cal_day day;     /* that was last told */
	bool ahead;      /* what comes now lies ahead */
	pb_StoryEvent *event;
	size_t event_room, events_room;
};

/* ---- what was ---- */

static bool
is_on_the_way(const pb_Answer *answer)
{
	return answer->service == (int)SERVICE_ROUTING &&
	       answer->body_case != DOORBRAAK__V1__ANSWER__BODY_DEADLINE_WARNING;
}

static void *
longer(struct arena *a, void *list, size_t count, size_t *room)
{
	if (count < *room)
		return list;
	const size_t more = 2 * *room + 64;
	void **copy = ARENA_ARRAY(a, void *, more);

	if (count > 0)
		memcpy(copy, list, count * sizeof *copy);
	*room = more;
	return copy;
}

static int
compare_causes(const void *a, const void *b)
{
	const struct record *left = a, *right = b;

	return (left->cause > right->cause) - (left->cause < right->cause);
}

/* The whole course, the latest first; false when it is too long to be computed once more. */
static bool
read_course(struct future *f, const struct story_sources *from, uint64_t number)
{
	struct course_row row;
	size_t bytes = 0, room = 0, heard = 0;

	for (; course_read(from->course, f->txn, number, &row); number = row.before) {
		bytes += row.bytes;
		/* Rows go back, records of a row go on: turned around in the end, both go on. */
		for (unsigned i = row.count; i > 0; i--) {
			struct record *r = ARENA_NEW(f->arena, struct record);
			struct why why;

			if (!record_read(f->arena, row.records[i - 1], r, &why))
				return false;
			if (r->submission != NULL) {
				if (heard++ == STORY_AHEAD_HEARD)
					return false;
				f->heard = longer(f->arena, f->heard, f->heard_count, &room);
				f->heard[f->heard_count++] = r;
			} else if (r->answer != NULL && is_on_the_way(r->answer)) {
				f->decided = longer(f->arena, f->decided, f->decided_count, &f->decided_room);
				f->decided[f->decided_count++] = r->answer;
			}
		}
		if (bytes > STORY_AHEAD_BYTES)
			return false;
	}
	for (size_t i = 0; i < f->decided_count / 2; i++) {
		const pb_Answer *swap = f->decided[i];

		f->decided[i] = f->decided[f->decided_count - 1 - i];
		f->decided[f->decided_count - 1 - i] = swap;
	}
	for (size_t i = 0; i < f->search.count; i++) {
		f->heard = longer(f->arena, f->heard, f->heard_count, &room);
		f->heard[f->heard_count++] = adopted_log_read(from->adopted, f->txn, f->search.items[i].seq);
	}
	order_stable(f->arena, f->heard, f->heard_count, compare_causes);
	return true;
}

/* ---- what is said ---- */

/* An answer lives for the call only. */
static const pb_Answer *
keep(struct arena *a, const pb_Answer *answer)
{
	struct why why;
	const pb_Answer *kept =
	    record_unpack(a, &pb_Answer_descriptor, RECORD_PACK(a, answer), JOURNAL_RECORD_MAX, &why);

	if (kept == NULL)
		fatal("an answer that was made cannot be read: %s", why.text);
	return kept;
}

static bool
is_same(struct arena *a, const pb_Answer *left, const pb_Answer *right)
{
	return left->body_case == right->body_case && strcmp(left->effect_date, right->effect_date) == 0 &&
	       bytes_equal(record_pack(a, record_body(&left->base)), record_pack(a, record_body(&right->base)));
}

static void
take_ahead(struct future *f, const struct record *in)
{
	const pb_Answer *answer = keep(f->arena, in->answer);
	const char *version = answer->basis == NULL ? "" : answer->basis->policy_version;
	const struct decided_by by = adopted_search_by(&f->search, version, UINT64_MAX);

	if (f->event == NULL) {
		f->event = story_event_new(f->arena, 0, in->at_ms, 0, 0);
		f->event_room = 0;
		f->reply->ahead = longer(f->arena, f->reply->ahead, f->reply->n_ahead, &f->events_room);
		f->reply->ahead[f->reply->n_ahead++] = f->event;
	}
	/* The numbers are not those that it will have. */
	((pb_Answer *)(uintptr_t)answer)->cause = 0;
	f->event->decisions = longer(f->arena, f->event->decisions, f->event->n_decisions, &f->event_room);
	f->event->decisions[f->event->n_decisions++] = decided(f->arena, &by, answer, "");
}

static void
on_said(void *ctx, const struct record *in)
{
	struct future *f = ctx;

	if (in->answer->case_id[0] == '\0')
		return;
	if (f->ahead)
		take_ahead(f, in);
	else if (is_on_the_way(in->answer) && f->same < f->decided_count &&
		 is_same(f->arena, in->answer, f->decided[f->same]))
		f->same++;
}

/* ---- the days ---- */

static void
hand_over(struct future *f, const struct record *in)
{
	struct record *numbered = ARENA_NEW(f->arena, struct record);

	*numbered = *in;
	numbered->cause = ++f->number;
	relay_take(f->relay, numbered);
}

static void
tick(struct future *f, cal_day day)
{
	pb_IntakeRecord *intake = ARENA_NEW(f->arena, pb_IntakeRecord);
	pb_Tick *tick = ARENA_NEW(f->arena, pb_Tick);
	const struct record in = {.intake = intake, .at_ms = cal_day_begins_ms(day)};

	pb_IntakeRecord_init(intake);
	pb_Tick_init(tick);
	tick->date = record_date(f->arena, day);
	intake->logged_at = ARENA_NEW(f->arena, Google__Protobuf__Timestamp);
	record_timestamp(intake->logged_at, in.at_ms);
	intake->body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK;
	intake->tick = tick;
	f->day = day;
	f->event = NULL;
	hand_over(f, &in);
}

/* Before the case there is nothing that a day could do. */
static void
pass_days(struct future *f, cal_day to)
{
	while (f->day != CAL_NONE && f->day < to)
		tick(f, f->day + 1);
}

static void
replay(struct future *f, cal_day today, unsigned days)
{
	for (size_t i = 0; i < f->heard_count; i++) {
		const struct record *r = f->heard[i];
		const bool own = r->submission->case_id[0] != '\0';
		const cal_day day = cal_local_day(r->at_ms);

		if (own && f->day == CAL_NONE)
			tick(f, day);
		pass_days(f, day);
		hand_over(f, r);
	}
	pass_days(f, today);
	f->ahead = true;
	pass_days(f, today + (cal_day)days);
}

void
story_look_ahead(const struct story_sources *from, struct store_txn *txn, uint64_t number, cal_day today, unsigned days,
		 pb_StoryReply *reply)
{
	struct future f = {.txn = txn, .arena = store_arena(txn), .day = CAL_NONE, .reply = reply};
	const struct relay_options options = {.services = SERVICES, .ctx = &f, .said = on_said};
	struct why why;

	f.search = adopted_search_begin(from->adopted, txn);
	if (!read_course(&f, from, number) || relay_open(&f.relay, &options, &why) != ERR_NONE)
		return;
	relay_begin(f.relay);
	replay(&f, today, days);
	const enum err err = relay_end(f.relay);

	relay_close(&f.relay);
	if (err != ERR_NONE) {
		reply->n_ahead = 0;
		return;
	}
	reply->ahead_to = record_date(f.arena, today + (cal_day)days);
	reply->ahead_alone = f.same == f.decided_count;
}
