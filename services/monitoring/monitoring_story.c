// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_story.h"

#include <stdlib.h>

#include "services/monitoring/monitoring_query.h"

#define ROWS_MAX 64u /* of one cause and case; more are told as another event */

struct telling {
	const struct story_sources *from;
	struct store_txn *txn;
	struct arena *arena;
	struct adopted_search search;
	pb_StoryReply *reply;
};

/* ---- one event ---- */

pb_StoryEvent *
story_event_new(struct arena *a, uint64_t cause, int64_t at_ms, int kind, size_t decisions)
{
	pb_StoryEvent *event = ARENA_NEW(a, pb_StoryEvent);
	const ProtobufCFieldDescriptor *field =
	    kind == 0 ? NULL : protobuf_c_message_descriptor_get_field(&pb_Submission_descriptor, (unsigned)kind);

	pb_StoryEvent_init(event);
	event->cause = cause;
	event->at = ARENA_NEW(a, Google__Protobuf__Timestamp);
	record_timestamp(event->at, at_ms);
	event->kind = record_text(
	    a, field == NULL ? "Tick" : ((const ProtobufCMessageDescriptor *)field->descriptor)->short_name);
	event->decisions = ARENA_ARRAY(a, pb_StoryDecision *, decisions + 1);
	return event;
}

static void
take_record(struct telling *t, pb_StoryEvent *event, struct bytes raw)
{
	struct record r;
	struct why why = {{0}};

	if (!record_read(t->arena, raw, &r, &why))
		fatal("monitoring: the course of a case cannot be read: %s; let the folder be built anew", why.text);
	if (r.submission != NULL) {
		event->message = (pb_Submission *)(uintptr_t)r.submission;
		return;
	}
	const char *version = r.answer->basis == NULL ? "" : r.answer->basis->policy_version;
	const struct decided_by by = adopted_search_by(&t->search, version, r.cause);

	event->decisions[event->n_decisions++] = decided(t->arena, &by, r.answer, event->kind);
}

/* `rows`: the latest first. */
static void
tell_event(struct telling *t, const struct course_row *rows, unsigned count)
{
	const struct course_row *first = &rows[count - 1];
	size_t records = 0;

	for (unsigned i = 0; i < count; i++)
		records += rows[i].count;
	pb_StoryEvent *event = story_event_new(t->arena, first->cause, first->at_ms, first->kind, records);

	for (unsigned i = count; i > 0; i--) {
		for (unsigned j = 0; j < rows[i - 1].count; j++)
			take_record(t, event, rows[i - 1].records[j]);
	}
	t->reply->events[t->reply->n_events++] = event;
}

/* ---- a page ---- */

/* Rows from `number` back. */
static void
tell_page(struct telling *t, uint64_t number, uint32_t limit)
{
	struct course_row rows[ROWS_MAX], row;
	unsigned count = 0;
	size_t bytes = 0;

	t->reply->events = ARENA_ARRAY(t->arena, pb_StoryEvent *, limit + 1);
	while (course_read(t->from->course, t->txn, number, &row)) {
		if (count > 0 && (rows[0].cause != row.cause || count == ROWS_MAX)) {
			tell_event(t, rows, count);
			count = 0;
			if (t->reply->n_events == limit || bytes > STORY_PAGE_BYTES) {
				t->reply->next = arena_printf(t->arena, "%llu", (unsigned long long)number);
				return;
			}
		}
		rows[count++] = row;
		bytes += row.bytes;
		number = row.before;
	}
	if (count > 0)
		tell_event(t, rows, count);
}

/* The page token is the number of a row: of this case, or it is refused. */
static bool
read_token(const struct telling *t, const char *token, const char *case_id, uint64_t last, uint64_t *number)
{
	struct course_row row;
	struct record r;
	struct why why;
	char *end;
	const unsigned long long asked = strtoull(token, &end, 10);

	if (token[0] < '0' || token[0] > '9' || *end != '\0' || asked == 0 || asked >= last ||
	    !course_read(t->from->course, t->txn, asked, &row) || row.count == 0 ||
	    !record_read(t->arena, row.records[0], &r, &why))
		return false;
	const struct id id = monitoring_alias_get(t->from->db, t->txn,
						  r.submission != NULL ? r.submission->case_id
						  : r.answer == NULL   ? ""
								       : r.answer->case_id);

	*number = asked;
	return strcmp(id.s, case_id) == 0;
}

/* The case as it stands, when the conditions hold. */
static bool
read_case(const struct telling *t, const pb_StoryRequest *request, struct why *why)
{
	pb_CasesRequest asked;
	pb_CasesReply found;

	pb_CasesRequest_init(&asked);
	pb_CasesReply_init(&found);
	asked.case_id = request->case_id;
	asked.region = request->region;
	asked.team = request->team;
	asked.centre = request->centre;
	asked.owner = request->owner;
	if (!monitoring_query(t->from->db, t->txn, &asked, &found, why))
		return false;
	if (found.n_cases > 0)
		t->reply->case_state = found.cases[0];
	return true;
}

bool
story_tell(const struct story_sources *from, struct store_txn *txn, const pb_StoryRequest *request, cal_day today,
	   pb_StoryReply *reply, struct why *why)
{
	struct telling t = {.from = from, .txn = txn, .arena = store_arena(txn), .reply = reply};
	const uint32_t limit = request->limit == 0 || request->limit > STORY_PAGE_MAX ? STORY_PAGE_MAX : request->limit;
	const bool free = request->region[0] == '\0' && request->team[0] == '\0' && request->centre[0] == '\0' &&
			  request->owner[0] == '\0';
	const struct id id = monitoring_alias_get(from->db, txn, request->case_id);
	uint64_t last = 0, number;

	if (request->case_id[0] == '\0') {
		why_set(why, "name a case: case_id");
		return false;
	}
	if (!read_case(&t, request, why))
		return false;
	/* A message of which no case came has no place: only who may see everything hears of it. */
	if (reply->case_state != NULL)
		monitoring_course_get(from->db, txn, id.s, &last);
	else if (free)
		last = course_loose(from->course, txn, id.s);
	if (last == 0)
		return true;
	number = last;
	if (request->after[0] != '\0' && !read_token(&t, request->after, id.s, last, &number)) {
		why_set(why, "`after` is not the `next` of a page of this case: ask for the first page");
		return false;
	}
	t.search = adopted_search_begin(from->adopted, txn);
	tell_page(&t, number, limit);
	if (request->ahead_days > 0 && request->after[0] == '\0' && reply->case_state != NULL)
		story_look_ahead(from, txn, last, today,
				 request->ahead_days > STORY_AHEAD_MAX ? STORY_AHEAD_MAX : request->ahead_days, reply);
	return true;
}
