// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_query.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/digest.h"

#define MARK_LEN 8 /* hexadecimal digits of a question in its tokens */

struct question {
	const pb_CasesRequest *asked;
	cal_day due_before, not_moved_since; /* CAL_NONE: any */
	int order;
	bool plain;                /* no condition, by id: its tokens are case ids */
	char mark[MARK_LEN + 1];   /* of this question */
	bool goes_on;              /* there was a page before */
	struct index_place behind; /* the last case of that */
};

/* ---- the question ---- */

static bool
read_day(const char *name, const char *text, cal_day *day, struct why *why)
{
	*day = text[0] == '\0' ? CAL_NONE : cal_parse(text);
	if (*day != CAL_NONE || text[0] == '\0')
		return true;
	why_set(why, "%s is no date: write YYYY-MM-DD", name);
	return false;
}

static bool
is_code(const char *name, const char *enum_name, int value, struct why *why)
{
	if (value == 0 || record_code_of(enum_name, value)[0] != '\0')
		return true;
	why_set(why, "%s %d is none of the contract's: look at %s in codes.proto and door.proto", name, value,
		enum_name);
	return false;
}

static int
order_of(const struct question *q)
{
	if (q->asked->order != (int)CASES_ORDER_UNSPECIFIED)
		return (int)q->asked->order;
	if (q->due_before != CAL_NONE)
		return CASES_ORDER_BY_NEXT_DEADLINE;
	return q->not_moved_since != CAL_NONE ? CASES_ORDER_BY_LAST_MOVEMENT : CASES_ORDER_BY_ID;
}

/* The question without its page. */
static void
read_mark(struct question *q, struct arena *a)
{
	pb_CasesRequest bare = *q->asked, nothing;

	bare.after = (char *)(uintptr_t)protobuf_c_empty_string;
	bare.limit = 0;
	pb_CasesRequest_init(&nothing);
	nothing.order = bare.order;
	const struct bytes packed = RECORD_PACK(a, &bare);
	const struct digest digest = digest_of(packed);

	q->plain = q->order == CASES_ORDER_BY_ID && bytes_equal(packed, RECORD_PACK(a, &nothing));
	bytes_hex(bytes_of(digest.b, MARK_LEN / 2), q->mark);
}

static const char *
token_of(const struct question *q, struct arena *a, const struct index_place *last)
{
	if (q->plain)
		return arena_str(a, bytes_str(last->case_id.s));
	return arena_printf(a, "%s.%d.%s", q->mark, last->day, last->case_id.s);
}

static bool
read_token(struct question *q, struct why *why)
{
	const char *token = q->asked->after;
	char *end;

	q->goes_on = token[0] != '\0';
	if (!q->goes_on)
		return true;
	if (q->plain && strchr(token, '.') == NULL) {
		q->behind.case_id = id_of(token);
		return true;
	}
	if (strncmp(token, q->mark, MARK_LEN) == 0 && token[MARK_LEN] == '.') {
		const long day = strtol(token + MARK_LEN + 1, &end, 10);

		if (*end == '.' && day >= INT32_MIN && day <= INT32_MAX) {
			q->behind = (struct index_place){(cal_day)day, id_of(end + 1)};
			return true;
		}
	}
	why_set(why, "`after` is not the `next` of a page of this question: ask for the first page, with the same "
		     "conditions and order on every page");
	return false;
}

static bool
read_question(struct question *q, const pb_CasesRequest *asked, struct arena *a, struct why *why)
{
	*q = (struct question){.asked = asked};
	if (!read_day("due_before", asked->due_before, &q->due_before, why) ||
	    !read_day("not_moved_since", asked->not_moved_since, &q->not_moved_since, why) ||
	    !is_code("state", "CaseState", (int)asked->state, why) ||
	    !is_code("track", "Track", (int)asked->track, why) ||
	    !is_code("order", "CasesOrder", (int)asked->order, why))
		return false;
	q->order = order_of(q);
	read_mark(q, a);
	return read_token(q, why);
}

/* ---- does a case fit? ---- */

static bool
is_asked(const char *asked, struct code code)
{
	return asked[0] == '\0' || code_is(code, asked);
}

static bool
fits(const struct question *q, const struct case_head *head)
{
	const pb_CasesRequest *asked = q->asked;

	if (asked->open_only && !case_head_is_open(head))
		return false;
	if (asked->overdue && !head->overdue)
		return false;
	if (asked->state != 0 && head->state != (int)asked->state)
		return false;
	if (asked->track != 0 && head->track != (int)asked->track)
		return false;
	if (q->due_before != CAL_NONE && (head->due == CAL_NONE || head->due >= q->due_before))
		return false;
	if (q->not_moved_since != CAL_NONE && head->moved_on >= q->not_moved_since)
		return false;
	return is_asked(asked->owner, head->owner) && is_asked(asked->team, head->team) &&
	       is_asked(asked->centre, head->centre) && is_asked(asked->region, head->region);
}

/* ---- which list is walked ---- */

static void
begin(const struct question *q, const struct monitoring_db *db, struct store_txn *txn, enum monitoring_list list,
      const struct index_place *behind, struct index_walk *walk)
{
	const pb_CasesRequest *asked = q->asked;
	const char *const values[MONITORING_LISTS] = {
	    [LIST_OWNER] = asked->owner,
	    [LIST_TEAM] = asked->team,
	    [LIST_CENTRE] = asked->centre,
	    [LIST_REGION] = asked->region,
	};
	const int code = list == LIST_STATE ? (int)asked->state : list == LIST_TRACK ? (int)asked->track : 0;

	index_walk_begin(walk, &db->index, txn, list, values[list] == NULL ? "" : values[list], code, asked->open_only,
			 behind);
}

static unsigned
probe(const struct question *q, const struct monitoring_db *db, struct store_txn *txn, enum monitoring_list list,
      const struct index_place *behind)
{
	struct index_walk walk;
	struct index_place place;
	unsigned length = 0;

	begin(q, db, txn, list, behind, &walk);
	while (length < MONITORING_PROBE_MAX && index_walk_next(&walk, &place))
		length++;
	index_walk_end(&walk);
	return length;
}

/* The shortest list that a condition names; where they seem equally long, the first stays. LIST_ALL: none is named. */
static enum monitoring_list
shortest(const struct question *q, const struct monitoring_db *db, struct store_txn *txn,
	 const struct index_place *behind)
{
	const pb_CasesRequest *asked = q->asked;
	const bool named[LIST_ALL] = {
	    [LIST_OWNER] = asked->owner[0] != '\0',   [LIST_TEAM] = asked->team[0] != '\0',
	    [LIST_CENTRE] = asked->centre[0] != '\0', [LIST_REGION] = asked->region[0] != '\0',
	    [LIST_OVERDUE] = asked->overdue,          [LIST_STATE] = asked->state != 0,
	    [LIST_TRACK] = asked->track != 0,
	};
	enum monitoring_list best = LIST_ALL;
	unsigned length = 0;

	for (unsigned i = 0; i < LIST_ALL; i++) {
		if (!named[i])
			continue;
		const unsigned found = probe(q, db, txn, (enum monitoring_list)i, behind);

		if (best == LIST_ALL || found < length) {
			best = (enum monitoring_list)i;
			length = found;
		}
	}
	return best;
}

/* ---- the way through the cases ---- */

/* Cases in the order asked for, behind the page before: those of a list, or sorted ones. */
struct way {
	enum monitoring_list list; /* of the order */
	struct index_walk walk;
	struct index_place *sorted; /* NULL: the list is walked */
	size_t count, at;
};

static void
merge(const struct index_place *from, struct index_place *to, size_t begin_at, size_t middle, size_t end)
{
	size_t left = begin_at, right = middle;

	for (size_t i = begin_at; i < end; i++) {
		const bool take_left =
		    left < middle && (right == end || index_place_compare(&from[left], &from[right]) <= 0);

		to[i] = take_left ? from[left++] : from[right++];
	}
}

static struct index_place *
sort(struct arena *a, struct index_place *places, size_t count)
{
	struct index_place *other = ARENA_ARRAY(a, struct index_place, count + 1);

	for (size_t run = 1; run < count; run *= 2) {
		struct index_place *sorted = other;

		for (size_t i = 0; i < count; i += 2 * run)
			merge(places, sorted, i, i + run < count ? i + run : count,
			      i + 2 * run < count ? i + 2 * run : count);
		other = places;
		places = sorted;
	}
	return places;
}

/* False when the list is too long to be sorted for a page. */
static bool
sort_list(const struct question *q, const struct monitoring_db *db, struct store_txn *txn, enum monitoring_list list,
	  struct way *way)
{
	struct index_place *places = ARENA_ARRAY(store_arena(txn), struct index_place, MONITORING_SORT_MAX);
	struct index_walk walk;
	struct index_place place;
	size_t length = 0;

	begin(q, db, txn, list, NULL, &walk);
	while (length < MONITORING_SORT_MAX && index_walk_next(&walk, &places[length]))
		length++;
	const bool whole = length < MONITORING_SORT_MAX || !index_walk_next(&walk, &place);

	index_walk_end(&walk);
	if (!whole)
		return false;
	for (size_t i = 0; i < length; i++) {
		struct case_head head;

		place = places[i];
		if (!monitoring_head_get(db, txn, place.case_id.s, &head) || !fits(q, &head))
			continue;
		place.day = monitoring_index_day(way->list, &head);
		if (!q->goes_on || index_place_compare(&place, &q->behind) > 0)
			places[way->count++] = place;
	}
	way->sorted = sort(store_arena(txn), places, way->count);
	return true;
}

static void
way_begin(const struct question *q, const struct monitoring_db *db, struct store_txn *txn, struct way *way)
{
	const struct index_place *behind = q->goes_on ? &q->behind : NULL;
	const bool by_id = q->order == CASES_ORDER_BY_ID;
	const enum monitoring_list named = shortest(q, db, txn, by_id ? behind : NULL);

	*way = (struct way){.list = by_id ? named : q->order == CASES_ORDER_BY_LAST_MOVEMENT ? LIST_MOVED : LIST_DUE};
	if (by_id || named == LIST_ALL || !sort_list(q, db, txn, named, way))
		begin(q, db, txn, way->list, behind, &way->walk);
}

/* Behind the last day that can fit? */
static bool
is_past(const struct question *q, enum monitoring_list list, cal_day day)
{
	if (list == LIST_MOVED)
		return q->not_moved_since != CAL_NONE && day >= q->not_moved_since;
	return list == LIST_DUE && q->due_before != CAL_NONE && day >= q->due_before;
}

static bool
way_next(const struct question *q, struct way *way, struct index_place *place)
{
	if (way->sorted == NULL)
		return index_walk_next(&way->walk, place) && !is_past(q, way->list, place->day);
	if (way->at == way->count)
		return false;
	*place = way->sorted[way->at++];
	return true;
}

/* ---- answers ---- */

static pb_Answer *
answer_about(struct arena *a, const struct picture *p)
{
	pb_Answer *answer = ARENA_NEW(a, pb_Answer);

	pb_Answer_init(answer);
	answer->case_id = p->view->case_id;
	answer->cause = p->view->as_of;
	answer->decided_at = ARENA_NEW(a, Google__Protobuf__Timestamp);
	record_timestamp(answer->decided_at, p->at_ms);
	answer->effect_date = record_date(a, p->day);
	answer->service = (Doorbraak__V1__Service)SERVICE_MONITORING;
	answer->body_case = DOORBRAAK__V1__ANSWER__BODY_CASE_STATE;
	answer->case_state = p->view;
	return answer;
}

static void
one_case(const struct question *q, const struct monitoring_db *db, struct store_txn *txn, pb_CasesReply *reply)
{
	struct arena *a = store_arena(txn);
	struct case_head head;
	struct picture p;
	const struct id id = monitoring_alias_get(db, txn, q->asked->case_id);

	if (!monitoring_head_get(db, txn, id.s, &head) || head.hidden || !fits(q, &head))
		return;
	monitoring_case_get(db, txn, id.s, &p);
	reply->cases = ARENA_ARRAY(a, pb_Answer *, 1);
	reply->cases[reply->n_cases++] = answer_about(a, &p);
}

static void
page(const struct question *q, const struct monitoring_db *db, struct store_txn *txn, pb_CasesReply *reply)
{
	struct arena *a = store_arena(txn);
	const uint32_t asked = q->asked->limit;
	const size_t limit = asked == 0 || asked > MONITORING_PAGE_MAX ? MONITORING_PAGE_MAX : asked;
	struct way way;
	struct index_place place, last = {0};
	size_t looked_at = 0, bytes = 0;

	reply->cases = ARENA_ARRAY(a, pb_Answer *, limit);
	way_begin(q, db, txn, &way);
	while (way_next(q, &way, &place)) {
		struct case_head head;
		struct picture p;

		if (reply->n_cases == limit || looked_at == MONITORING_SCAN_MAX || bytes > MONITORING_PAGE_BYTES) {
			reply->next = record_text(a, token_of(q, a, &last));
			break;
		}
		looked_at++;
		last = place;
		const bool known = monitoring_head_get(db, txn, place.case_id.s, &head);

		ASSERT(known); /* the lists are kept in the transaction of the picture */
		if (!fits(q, &head))
			continue;
		monitoring_case_get(db, txn, place.case_id.s, &p);
		bytes += p.packed.len;
		reply->cases[reply->n_cases++] = answer_about(a, &p);
	}
	if (way.sorted == NULL)
		index_walk_end(&way.walk);
}

bool
monitoring_query(const struct monitoring_db *db, struct store_txn *txn, const pb_CasesRequest *request,
		 pb_CasesReply *reply, struct why *why)
{
	struct question q;

	if (!read_question(&q, request, store_arena(txn), why))
		return false;
	if (request->case_id[0] != '\0')
		one_case(&q, db, txn, reply);
	else
		page(&q, db, txn, reply);
	return true;
}
