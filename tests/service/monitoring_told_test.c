// SPDX-License-Identifier: EUPL-1.2
/* What monitoring tells of a whole history, against a look at all journals: the way of each case, where cases stand, what is due,
 * and what lies ahead. Batches of any size tell the same. */
#include "tests/load/load.h"
#include "tests/service/played.h"

#include "common/registry.h"
#include "services/monitoring/monitoring_overview.h"
#include "services/monitoring/monitoring_story.h"

#define STEPS      450u
#define CASES_MAX  400u
#define SIGNALLING 3u
#define MONITORING 4u
#define LEVELS     5u

static const uint32_t batches[] = {0, 7, 1};

/* ---- asking ---- */

static const pb_Reply *
ask(struct played *p, pb_Request *request)
{
	const pb_Reply *reply = row_ask(p->row, MONITORING, request, &p->arena);

	if (reply == NULL)
		fail_msg("%s", row_why(p->row));
	return reply;
}

static pb_Request *
request_of(struct played *p, int body_case, void *body)
{
	pb_Request *request = ARENA_NEW(&p->arena, pb_Request);

	pb_Request_init(request);
	request->body_case = (Doorbraak__V1__Request__BodyCase)body_case;
	request->story = body;
	return request;
}

static pb_StoryReply *
story(struct played *p, const char *case_id, const char *after, uint32_t limit, uint32_t ahead)
{
	pb_StoryRequest s;

	pb_StoryRequest_init(&s);
	s.case_id = record_text(&p->arena, case_id);
	s.after = record_text(&p->arena, after);
	s.limit = limit;
	s.ahead_days = ahead;
	const pb_Reply *reply = ask(p, request_of(p, DOORBRAAK__V1__REQUEST__BODY_STORY, &s));

	assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_STORY);
	return reply->story;
}

/* ---- the journals, looked at whole ---- */

struct seen {
	struct record *records;
	size_t count;
};

static struct seen
read_journal(struct played *p, unsigned service)
{
	struct seen s = {ARENA_ARRAY(&p->arena, struct record, 60000), 0};
	struct journal_entry entries[256];
	uint64_t after = 0;
	size_t count;
	struct why why;

	while ((count = row_read(p->row, service, &p->arena, after, entries, 256)) > 0) {
		for (size_t i = 0; i < count; i++) {
			assert_true(s.count < 60000);
			assert_true(record_read(&p->arena, entries[i].record, &s.records[s.count++], &why));
		}
		after = entries[count - 1].seq;
	}
	return s;
}

/* The case that each id belongs to. */
struct names {
	const char *id[CASES_MAX], *of[CASES_MAX];
	size_t count;
};

static const char *
name_of(const struct names *n, const char *id)
{
	for (size_t i = 0; i < n->count; i++) {
		if (strcmp(n->id[i], id) == 0)
			return n->of[i];
	}
	return id;
}

static struct names
read_names(const struct seen *s)
{
	struct names n = {.count = 0};
	const struct record *origin = NULL;

	for (size_t i = 0; i < s->count; i++) {
		const struct record *r = &s->records[i];

		if (r->submission != NULL)
			origin = r;
		if (r->answer == NULL || r->answer->body_case != DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED ||
		    r->answer->case_opened->linked_to[0] == '\0')
			continue;
		assert_true(n.count < CASES_MAX);
		n.id[n.count] = origin->submission->case_id;
		n.of[n.count++] = r->answer->case_opened->linked_to;
	}
	return n;
}

/* ---- the way of a case ---- */

struct told {
	const pb_StoryEvent *events[2000]; /* the latest first */
	size_t count;
};

static struct told
read_told(struct played *p, const char *case_id, uint32_t limit)
{
	struct told t = {.count = 0};
	const char *after = "";

	do {
		const pb_StoryReply *page = story(p, case_id, after, limit, 0);

		assert_true(page->n_events <= limit);
		for (size_t i = 0; i < page->n_events; i++)
			t.events[t.count++] = page->events[i];
		after = page->next;
	} while (after[0] != '\0');
	return t;
}

static struct bytes
packed(struct played *p, const ProtobufCMessage *m)
{
	return record_pack(&p->arena, m);
}

/* Every record of the case in signalling's journal is told, in its place, and nothing else. */
static void
compare_story(struct played *p, const struct seen *s, const struct names *names, const char *case_id)
{
	static struct told t;
	size_t event, decision = 0;

	t = read_told(p, case_id, 3);
	event = t.count;
	for (size_t i = 0; i < s->count; i++) {
		const struct record *r = &s->records[i];
		const char *about = r->submission != NULL ? r->submission->case_id
				    : r->answer != NULL   ? r->answer->case_id
							  : "";

		if (about[0] == '\0' || strcmp(name_of(names, about), case_id) != 0)
			continue;
		if (event == t.count || t.events[event]->cause != r->cause) {
			if (event < t.count)
				assert_int_equal(t.events[event]->n_decisions, decision);
			assert_true(event > 0);
			event--;
			decision = 0;
		}
		const pb_StoryEvent *e = t.events[event];

		assert_int_equal(e->cause, r->cause);
		assert_int_equal(record_at_ms(e->at), r->at_ms);
		if (r->submission != NULL) {
			assert_non_null(e->message);
			assert_string_equal(e->kind, record_body_name(&r->submission->base));
			assert_true(bytes_equal(packed(p, &e->message->base), packed(p, &r->submission->base)));
			continue;
		}
		assert_true(decision < e->n_decisions);
		assert_true(
		    bytes_equal(packed(p, &e->decisions[decision++]->answer->base), packed(p, &r->answer->base)));
	}
	assert_int_equal(event, 0);
}

/* The first message of the load that opens a case, about this youth; by another id it is another message. */
static const char *
hand_in_for_youth(struct played *p, const char *id, const char *youth)
{
	const int64_t now_ms = p->items[p->count - 1].at_ms + 60000;
	struct violations vs = {.count = 0};

	for (size_t i = 0; i < p->count; i++) {
		pb_Submission *s = record_decode_submission(&p->arena, p->items[i].submission, &vs);

		if (s == NULL || s->body_case != DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED)
			continue;
		s->id = record_text(&p->arena, id);
		s->case_submitted->youth_key = record_text(&p->arena, youth);
		s->sequence = 0;
		record_timestamp(s->occurred_at, now_ms);
		const pb_Reply *reply = played_hand_in(p, RECORD_PACK(&p->arena, s), now_ms);

		assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_ACCEPTED);
		assert_int_equal(row_settle(p->row), ERR_NONE);
		return reply->accepted->case_id;
	}
	fail_msg("the load opens no case");
	return "";
}

static void
every_case_tells_all_that_happened_to_it(void **state UNUSED)
{
	for (unsigned b = 0; b < sizeof batches / sizeof batches[0]; b++) {
		struct played p;
		size_t cases = 0;

		played_open(&p, 11, STEPS, batches[b]);
		hand_in_for_youth(&p, "joins-1", "youth-joins");
		hand_in_for_youth(&p, "joins-2", "youth-joins");
		hand_in_for_youth(&p, "joins-3", "youth-joins");
		const struct seen s = read_journal(&p, SIGNALLING);
		const struct names names = read_names(&s);

		assert_int_equal(names.count, 2);
		for (size_t i = 0; i < s.count; i++) {
			const struct record *r = &s.records[i];

			if (r->submission == NULL || !r->opens ||
			    strcmp(name_of(&names, r->submission->case_id), r->submission->case_id) != 0)
				continue;
			compare_story(&p, &s, &names, r->submission->case_id);
			cases++;
		}
		assert_true(cases > 20);
		/* By an id that was linked to it: the same. */
		const pb_StoryReply *by_alias = story(&p, names.id[0], "", 0, 0),
				    *by_id = story(&p, names.of[0], "", 0, 0);

		assert_true(bytes_equal(packed(&p, &by_alias->base), packed(&p, &by_id->base)));
		played_close(&p);
	}
}

/* ---- where cases stand ---- */

struct standing {
	const char *id;
	const pb_CaseView *view;
};

static size_t
read_standing(const struct seen *s, struct standing *standing)
{
	size_t count = 0;

	for (size_t i = 0; i < s->count; i++) {
		const pb_Answer *answer = s->records[i].answer;
		size_t at = 0;

		if (answer == NULL || answer->body_case != DOORBRAAK__V1__ANSWER__BODY_CASE_STATE)
			continue;
		while (at < count && strcmp(standing[at].id, answer->case_id) != 0)
			at++;
		assert_true(at < CASES_MAX);
		standing[at] = (struct standing){answer->case_id, answer->case_state};
		count += at == count;
	}
	return count;
}

static bool
is_open(const pb_CaseView *v)
{
	return v->state != (int)CASE_STATE_CLOSED;
}

static bool
is_overdue(const pb_CaseView *v)
{
	for (size_t i = 0; i < v->n_signals; i++) {
		if (v->signals[i]->code == (int)SIGNAL_CODE_S02_DEADLINE_MISSED)
			return true;
	}
	return false;
}

static bool
fits(const pb_CaseView *v, const char *region, const char *owner)
{
	return is_open(v) && (region[0] == '\0' || strcmp(v->region, region) == 0) &&
	       (owner[0] == '\0' || strcmp(v->owner, owner) == 0);
}

static void
compare_standing(const pb_OverviewReply *o, const struct standing *standing, size_t count, const char *region,
		 const char *owner)
{
	int64_t open = 0, overdue = 0, week = 0, cells = 0;

	for (size_t i = 0; i < count; i++) {
		const pb_CaseView *v = standing[i].view;

		if (!fits(v, region, owner))
			continue;
		open++;
		overdue += is_overdue(v);
		const cal_day due = v->next == NULL ? CAL_NONE : record_day(v->next->due);

		week += due >= record_day(o->date) && due < record_day(o->date) + 7;
	}
	assert_int_equal(o->open, open);
	assert_int_equal(o->overdue, overdue);
	assert_int_equal(o->due_this_week, week);
	for (size_t c = 0; c < o->n_cells; c++) {
		const pb_OverviewCell *cell = o->cells[c];
		int64_t here = 0;

		for (size_t i = 0; i < count; i++) {
			const pb_CaseView *v = standing[i].view;

			here += fits(v, region, owner) && v->level == cell->level &&
				v->governance == cell->governance && v->track == cell->track && v->state == cell->state;
		}
		assert_int_equal(cell->open, here);
		cells += cell->open;
	}
	assert_int_equal(cells, open);
}

/* Steps between levels, by routing's decisions. */
static void
compare_flow(const pb_OverviewReply *o, const struct seen *s)
{
	static struct {
		const char *id;
		int level;
	} at[CASES_MAX];
	int64_t steps[36][LEVELS][LEVELS] = {{{0}}};
	size_t count = 0;
	int64_t total = 0, told = 0;
	const int last = record_day(o->date) == CAL_NONE
			     ? 0
			     : cal_to_date(record_day(o->date)).year * 12 + cal_to_date(record_day(o->date)).month;

	for (size_t i = 0; i < s->count; i++) {
		const pb_Answer *a = s->records[i].answer;
		size_t c = 0;

		if (a == NULL || a->body_case != DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED ||
		    a->service != (int)SERVICE_ROUTING)
			continue;
		while (c < count && strcmp(at[c].id, a->case_id) != 0)
			c++;
		if (c == count) {
			at[c].id = a->case_id;
			at[c].level = 0;
			count++;
		}
		const bool closed = (int)a->route_decided->to_state == CASE_STATE_CLOSED;
		const int to = closed ? 0 : (int)a->route_decided->level;
		const struct cal_date date = cal_to_date(record_day(a->effect_date));
		const int month = 35 - (last - date.year * 12 - date.month);

		assert_in_range(month, 0, 35);
		if (at[c].level != to) {
			steps[month][at[c].level][to]++;
			total++;
		}
		at[c].level = to;
	}
	for (size_t i = 0; i < o->n_level_flow; i++) {
		const pb_LevelFlow *f = o->level_flow[i];
		const int month = 35 - (last - atoi(f->month) * 12 - atoi(f->month + 5));

		assert_int_equal(f->cases, steps[month][f->from][f->to]);
		told += f->cases;
	}
	assert_int_equal(told, total);
	assert_true(total > 20);
}

static const pb_OverviewReply *
overview(struct played *p, const char *region, const char *owner)
{
	pb_OverviewRequest asked;

	pb_OverviewRequest_init(&asked);
	asked.region = record_text(&p->arena, region);
	asked.owner = record_text(&p->arena, owner);
	asked.months = 36;
	asked.longest = 5;
	return ask(p, request_of(p, DOORBRAAK__V1__REQUEST__BODY_OVERVIEW, &asked))->overview;
}

static void
the_overview_adds_up_to_all_cases(void **state UNUSED)
{
	for (unsigned b = 0; b < 2; b++) {
		static struct standing standing[CASES_MAX];
		struct played p;
		int64_t open = 0;

		played_open(&p, 12, STEPS, batches[b]);
		const struct seen said = read_journal(&p, MONITORING), all = read_journal(&p, SIGNALLING);
		const size_t count = read_standing(&said, standing);
		const pb_OverviewReply *whole = overview(&p, "", "");

		compare_standing(whole, standing, count, "", "");
		compare_flow(whole, &all);
		assert_true(whole->open > 10 && whole->n_regions > 1 && whole->overdue > 0);
		for (size_t i = 0; i < whole->n_regions; i++) {
			const pb_OverviewReply *one = overview(&p, whole->regions[i]->region, "");

			compare_standing(one, standing, count, whole->regions[i]->region, "");
			assert_int_equal(whole->regions[i]->overdue, one->overdue);
			assert_int_equal(whole->regions[i]->due_this_week, one->due_this_week);
			open += one->open;
		}
		assert_int_equal(open, whole->open);
		for (size_t i = 0; i < count; i += 7) {
			const char *owner = standing[i].view->owner;

			if (owner[0] != '\0')
				compare_standing(overview(&p, "", owner), standing, count, "", owner);
		}
		assert_int_equal(whole->n_longest, 5);
		for (size_t i = 0; i < whole->n_longest; i++)
			assert_true(is_open(whole->longest[i]->case_state));
		played_close(&p);
	}
}

/* ---- what is due ---- */

static void
deadlines_of_a_span_are_those_of_all_cases(void **state UNUSED)
{
	static struct standing standing[CASES_MAX];
	struct played p;
	pb_DeadlinesRequest asked;
	size_t wanted = 0, told = 0;

	played_open(&p, 13, STEPS, 0);
	const struct seen said = read_journal(&p, MONITORING);
	const size_t count = read_standing(&said, standing);

	pb_DeadlinesRequest_init(&asked);
	const cal_day today = record_day(overview(&p, "", "")->date);

	asked.due_from = record_date(&p.arena, today + 2);
	asked.due_to = record_date(&p.arena, today + 20);
	asked.limit = 3;
	for (size_t i = 0; i < count; i++) {
		for (size_t d = 0; is_open(standing[i].view) && d < standing[i].view->n_deadlines; d++) {
			const cal_day due = record_day(standing[i].view->deadlines[d]->due);

			wanted += due >= today + 2 && due <= today + 20;
		}
	}
	do {
		const pb_Reply *reply = ask(&p, request_of(&p, DOORBRAAK__V1__REQUEST__BODY_DEADLINES, &asked));

		assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_DEADLINES);
		for (size_t i = 0; i < reply->deadlines->n_deadlines; i++) {
			const cal_day due = record_day(reply->deadlines->deadlines[i]->deadline->due);

			assert_true(due >= today + 2 && due <= today + 20);
		}
		told += reply->deadlines->n_deadlines;
		asked.after = reply->deadlines->next;
	} while (asked.after[0] != '\0');
	assert_true(wanted > 5);
	assert_int_equal(told, wanted);
	played_close(&p);
}

/* ---- what lies ahead ---- */

static void
pass_days(struct played *p, cal_day to)
{
	pb_Request request;
	pb_ClockRequest clock;
	Google__Protobuf__Timestamp now;

	pb_Request_init(&request);
	pb_ClockRequest_init(&clock);
	record_timestamp(&now, cal_day_begins_ms(to) + 1000);
	clock.now = &now;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_CLOCK;
	request.clock = &clock;
	assert_non_null(row_ask(p->row, 0, &request, &p->arena));
	assert_int_equal(row_settle(p->row), ERR_NONE);
}

/* Of a case on which nothing else bears, what was told comes true, to the letter. */
static void
what_lies_ahead_comes_true(void **state UNUSED)
{
	static struct standing standing[CASES_MAX];
	static const pb_StoryReply *told[CASES_MAX];
	struct played p;
	unsigned alone = 0, compared = 0;

	played_open(&p, 14, 60, 0);
	const struct seen said = read_journal(&p, MONITORING);
	const size_t count = read_standing(&said, standing);
	const cal_day today = record_day(overview(&p, "", "")->date);

	for (size_t i = 0; i < count; i++) {
		told[i] = story(&p, standing[i].id, "", 0, 40);
		assert_string_equal(told[i]->ahead_to, record_date(&p.arena, today + 40));
	}
	pass_days(&p, today + 40);
	for (size_t i = 0; i < count; i++) {
		if (!told[i]->ahead_alone)
			continue;
		const pb_StoryReply *now = story(&p, standing[i].id, "", 0, 0);

		alone++;
		for (size_t e = 0; e < told[i]->n_ahead; e++) {
			const pb_StoryEvent *ahead = told[i]->ahead[e];
			const pb_StoryEvent *came = NULL;

			for (size_t n = 0; n < now->n_events; n++) {
				if (record_at_ms(now->events[n]->at) == record_at_ms(ahead->at) &&
				    strcmp(now->events[n]->kind, "Tick") == 0)
					came = now->events[n];
			}
			assert_non_null(came);
			size_t c = 0;

			for (size_t d = 0; d < ahead->n_decisions; d++) {
				const pb_Answer *a = ahead->decisions[d]->answer;

				if (a->service != (int)SERVICE_ROUTING)
					continue;
				while (c < came->n_decisions &&
				       came->decisions[c]->answer->service != (int)SERVICE_ROUTING)
					c++;
				assert_true(c < came->n_decisions);
				assert_true(bytes_equal(packed(&p, record_body(&a->base)),
							packed(&p, record_body(&came->decisions[c++]->answer->base))));
				compared++;
			}
		}
	}
	assert_true(alone > 5);
	assert_true(compared > 10);
	played_close(&p);
}

/* ---- refusals ---- */

static void
what_is_not_there_is_not_told(void **state UNUSED)
{
	static struct standing standing[CASES_MAX];
	struct played p;
	pb_StoryRequest s;

	played_open(&p, 15, 120, 0);
	const struct seen said = read_journal(&p, MONITORING);

	assert_true(read_standing(&said, standing) > 2);
	const pb_StoryReply *none = story(&p, "c-nobody", "", 0, 30);

	assert_null(none->case_state);
	assert_int_equal(none->n_events, 0);
	/* Of another region: the same bytes as of none. */
	pb_StoryRequest_init(&s);
	s.case_id = record_text(&p.arena, standing[0].id);
	s.region = record_text(&p.arena, "JZ99");
	const pb_Reply *reply = ask(&p, request_of(&p, DOORBRAAK__V1__REQUEST__BODY_STORY, &s));

	assert_true(bytes_equal(packed(&p, &reply->story->base), packed(&p, &none->base)));
	/* The page token of another case. */
	const pb_StoryReply *page = story(&p, standing[1].id, "", 1, 0);

	assert_string_not_equal(page->next, "");
	s.region = record_text(&p.arena, "");
	s.after = page->next;
	reply = ask(&p, request_of(&p, DOORBRAAK__V1__REQUEST__BODY_STORY, &s));
	assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_REFUSED);
	assert_int_equal(reply->refused->reason, REFUSED_REASON_WRONG_QUESTION);
	played_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_case_tells_all_that_happened_to_it),
	    cmocka_unit_test(the_overview_adds_up_to_all_cases),
	    cmocka_unit_test(deadlines_of_a_span_are_those_of_all_cases),
	    cmocka_unit_test(what_lies_ahead_comes_true),
	    cmocka_unit_test(what_is_not_there_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
