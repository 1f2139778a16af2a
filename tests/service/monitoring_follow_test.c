// SPDX-License-Identifier: EUPL-1.2
/* "Snapshot, then follow": a reader of case states that is away for a week goes on from its cursor. It misses nothing, and
 * takes nothing twice. */
#include "tests/load/load.h"
#include "tests/service/booth.h"

#define CASES 40u

static const char *const teams[] = {"ET-A", "ET-B"};

struct reader {
	pb_Cursor *at;
	int state_of[CASES]; /* as it was told; 0: never */
	uint64_t seqs[2048];
	size_t count;
};

static const char *
case_id(struct booth *p, unsigned i)
{
	return arena_printf(&p->arena, "case-%02u", i);
}

static void
say(struct booth *p, unsigned i, pb_Answer *answer)
{
	pb_JournalRecord record;
	Google__Protobuf__Timestamp at;

	record_timestamp(&at, p->now.wall_ms);
	answer->case_id = record_text(&p->arena, case_id(p, i));
	answer->cause = p->count + 1;
	answer->index = 1;
	answer->decided_at = &at;
	answer->service = (Doorbraak__V1__Service)SERVICE_ROUTING;
	pb_JournalRecord_init(&record);
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER;
	record.answer = answer;
	booth_write(p, &record);
}

/* Every case stays with its team. */
static void
route(struct booth *p, unsigned i, int state)
{
	pb_Answer answer;
	pb_RouteDecided r;

	pb_Answer_init(&answer);
	pb_RouteDecided_init(&r);
	r.kind = (Doorbraak__V1__RouteKind)ROUTE_KIND_OPENED;
	r.track = (Doorbraak__V1__Track)TRACK_VOLUNTARY;
	r.to_state = (Doorbraak__V1__CaseState)state;
	r.region = record_text(&p->arena, "JZ91");
	r.team = record_text(&p->arena, teams[i % 2]);
	r.expertise_centre = record_text(&p->arena, "EC-TEST");
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED;
	answer.route_decided = &r;
	say(p, i, &answer);
}

static void
open_case(struct booth *p, unsigned i)
{
	pb_Answer owned, due;
	pb_OwnerAssigned o;
	pb_DeadlineSet d;

	route(p, i, CASE_STATE_SCREENING);
	pb_Answer_init(&owned);
	pb_OwnerAssigned_init(&o);
	o.owner = record_text(&p->arena, "LT-GM9901");
	owned.body_case = DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED;
	owned.owner_assigned = &o;
	say(p, i, &owned);
	pb_Answer_init(&due);
	pb_DeadlineSet_init(&d);
	d.kind = (Doorbraak__V1__DeadlineKind)DEADLINE_KIND_SCREENING;
	d.due = record_text(&p->arena, "2024-03-11");
	due.body_case = DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET;
	due.deadline_set = &d;
	say(p, i, &due);
}

static void
change(struct booth *p, struct load_random *random, unsigned count)
{
	for (unsigned n = 0; n < count; n++)
		route(p, (unsigned)load_below(random, CASES), (int)(2 + load_below(random, 8)));
	booth_feed(p);
}

static void
take(struct reader *reader, const pb_CaseView *v)
{
	unsigned i;

	assert_int_equal(sscanf(v->case_id, "case-%u", &i), 1);
	assert_string_equal(v->team, "ET-A");
	reader->state_of[i] = (int)v->state;
}

static pb_PullRequest *
of_team_a(struct booth *p, pb_PullRequest *pull)
{
	pull->topics = ARENA_ARRAY(&p->arena, char *, 1);
	pull->topics[0] = record_text(&p->arena, "team/ET-A");
	pull->n_topics = 1;
	pull->no_wait = true;
	return pull;
}

static void
read_snapshot(struct booth *p, struct reader *reader)
{
	pb_PullRequest *pull = of_team_a(p, booth_from(p, NULL));

	pull->from = DOORBRAAK__V1__PULL_FROM__PULL_FROM_SNAPSHOT;
	do {
		booth_pull(p, 1, pull);
		const pb_PullReply *told = booth_told(p, 1)->pull;
		for (size_t i = 0; i < told->n_snapshot; i++)
			take(reader, told->snapshot[i]->case_state);
		if (reader->at == NULL)
			reader->at = told->upto;
		pull->snapshot_after = told->snapshot_next;
	} while (pull->snapshot_after[0] != '\0');
}

/* Reads on to the head, a few records at a time. */
static void
follow(struct booth *p, struct reader *reader)
{
	uint64_t head;

	do {
		pb_PullRequest *pull = of_team_a(p, booth_from(p, reader->at));
		pull->records_max = 7;
		booth_pull(p, 1, pull);
		const pb_PullReply *told = booth_told(p, 1)->pull;
		for (size_t i = 0; i < told->n_entries; i++) {
			const pb_JournalEntry *e = told->entries[i];
			struct record r;
			struct why why;
			assert_true(record_read(&p->arena, bytes_of(e->record.data, e->record.len), &r, &why));
			take(reader, r.answer->case_state);
			reader->seqs[reader->count++] = e->seq;
		}
		reader->at = told->upto;
		head = told->head;
	} while (reader->at->seq < head);
}

/* What stands in the journal behind a place about cases of team A. */
static size_t
in_the_journal(struct booth *p, uint64_t behind, uint64_t *seqs)
{
	struct store_txn *txn = store_begin_read(node_store(p->node));
	struct journal_reader reader;
	struct journal_entry entry;
	size_t count = 0;

	journal_read_begin(&reader, node_journal(p->node), txn, behind);
	while (journal_read_next(&reader, &entry) == ERR_NONE) {
		struct record r;
		struct why why;
		assert_true(record_read(&p->arena, arena_copy(&p->arena, entry.record), &r, &why));
		if (strcmp(r.answer->case_state->team, "ET-A") == 0)
			seqs[count++] = entry.seq;
	}
	journal_read_end(&reader);
	store_abort(txn);
	return count;
}

static void
knows_every_case_as_it_is(struct booth *p, const struct reader *reader)
{
	pb_Request *r = booth_request(p);

	r->body_case = DOORBRAAK__V1__REQUEST__BODY_CASES;
	r->cases = ARENA_NEW(&p->arena, pb_CasesRequest);
	pb_CasesRequest_init(r->cases);
	r->cases->team = record_text(&p->arena, "ET-A");
	assert_string_equal(booth_ask(p, 1, r), arena_printf(&p->arena, "cases %u", CASES / 2));
	const pb_CasesReply *cases = booth_told(p, 1)->cases;
	for (unsigned i = 0; i < CASES / 2; i++)
		assert_int_equal(cases->cases[i]->case_state->state, reader->state_of[2 * i]);
}

static void
test_a_reader_that_was_away_for_a_week_misses_nothing_and_takes_nothing_twice(void **state UNUSED)
{
	struct load_random random = {11};
	static struct reader reader;
	static uint64_t journal[2048];
	struct booth p;

	booth_open(&p, &monitoring_service);
	for (unsigned i = 0; i < CASES; i++)
		open_case(&p, i);
	booth_feed(&p);
	read_snapshot(&p, &reader);
	const uint64_t from = reader.at->seq;
	change(&p, &random, 15);
	follow(&p, &reader);
	assert_true(reader.count > 0);
	for (unsigned day = 0; day < 7; day++) { /* away */
		booth_wait(&p, 86400000);
		change(&p, &random, 60);
		if (day == 3)
			booth_restart(&p);
	}
	follow(&p, &reader);
	const size_t count = in_the_journal(&p, from, journal);
	assert_true(count > 100);
	assert_int_equal(reader.count, count);
	assert_memory_equal(reader.seqs, journal, count * sizeof *journal);
	knows_every_case_as_it_is(&p, &reader);
	booth_close(&p);
}

static void
test_a_case_state_is_live_by_region_team_owner_centre_track_kind_and_case(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &monitoring_service);
	open_case(&p, 0);
	booth_feed(&p);
	route(&p, 0, CASE_STATE_QUEUED);
	booth_send(&p, 4, 4, 4);
	booth_turn(&p);
	assert_int_equal(p.published, 7);
	booth_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_reader_that_was_away_for_a_week_misses_nothing_and_takes_nothing_twice),
	    cmocka_unit_test(test_a_case_state_is_live_by_region_team_owner_centre_track_kind_and_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
