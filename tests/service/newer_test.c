// SPDX-License-Identifier: EUPL-1.2
/* Old and new programs beside each other: what a service does with data, records and fields of programs that are newer than itself
 * ("Versions" in docs/storage.md). */
#include "tests/service/booth.h"

#include "tests/service/played.h"

#define RECORDS 300u
#define STEPS   100u
#define SEED    12

/* ---- its own data ------------------------------------------------------------------------------------------------------ */

static void
keep_number(struct booth *p, const char *key, uint32_t number)
{
	uint8_t value[4];
	struct store *store;
	struct why why;

	assert_int_equal(store_open(&store, &p->options.store, &why), ERR_NONE);
	struct store_txn *txn = store_begin_write(store);
	put_u32(value, number);
	store_put(txn, store_db_open(txn, "meta"), bytes_str(key), bytes_of(value, sizeof value));
	assert_int_equal(store_commit(txn), ERR_NONE);
	store_close(&store);
}

static void
test_data_of_newer_programs_is_refused(void **state UNUSED)
{
	static const struct {
		const char *key;
		uint32_t own;
	} numbers[] = {{"logic_version", LOGIC_VERSION}, {"layout", STORE_LAYOUT}};

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		struct booth p;
		booth_open(&p, service_of_row(i));
		node_close(&p.node);
		for (unsigned n = 0; n < 2; n++) {
			keep_number(&p, numbers[n].key, numbers[n].own + 1);
			const char *said = booth_start_fails(&p, ERR_REFUSED);
			assert_non_null(strstr(said, "written by newer programs"));
			assert_non_null(strstr(said, "install those again"));
			keep_number(&p, numbers[n].key, numbers[n].own);
		}
		booth_start(&p);
		assert_int_equal(booth_head(&p).seq, i == 0 ? 1 : 0); /* the version is told once */
		booth_close(&p);
	}
}

/* ---- an upstream of newer programs ------------------------------------------------------------------------------------ */

/* A message in a field that this contract does not have. */
static void
add_unknown(struct booth *p, ProtobufCMessage *m)
{
	static uint8_t empty[1];

	m->unknown_fields = ARENA_NEW(&p->arena, ProtobufCMessageUnknownField);
	*m->unknown_fields = (ProtobufCMessageUnknownField){.tag = 1999, .wire_type = 2, .len = 1, .data = empty};
	m->n_unknown_fields = 1;
}

enum unknown { IN_ENTRY, IN_INTAKE, IN_SUBMISSION, IN_ANSWER, IN_RULES, UNKNOWN_COUNT };

/* A record of which these programs know everything but what it is about. */
static struct bytes
newer_record(struct booth *p, enum unknown unknown)
{
	struct arena *a = &p->arena;
	pb_JournalRecord *record = ARENA_NEW(a, pb_JournalRecord);
	pb_IntakeRecord *intake = ARENA_NEW(a, pb_IntakeRecord);
	pb_AcceptedSubmission *accepted = ARENA_NEW(a, pb_AcceptedSubmission);
	pb_LogicVersion *rules = ARENA_NEW(a, pb_LogicVersion);
	pb_Submission *submission = ARENA_NEW(a, pb_Submission);
	pb_Answer *answer = ARENA_NEW(a, pb_Answer);
	Google__Protobuf__Timestamp *at = ARENA_NEW(a, Google__Protobuf__Timestamp);

	pb_JournalRecord_init(record);
	pb_IntakeRecord_init(intake);
	pb_AcceptedSubmission_init(accepted);
	pb_LogicVersion_init(rules);
	pb_Submission_init(submission);
	pb_Answer_init(answer);
	record_timestamp(at, INT64_C(1709546400000));
	intake->seq = answer->cause = 1;
	intake->logged_at = answer->decided_at = submission->occurred_at = at;
	submission->actor = ARENA_NEW(a, pb_Actor);
	pb_Actor_init(submission->actor);
	accepted->submission = submission;
	rules->version = LOGIC_VERSION + 1;
	record->entry_case = unknown == IN_ENTRY    ? DOORBRAAK__V1__JOURNAL_RECORD__ENTRY__NOT_SET
			     : unknown == IN_ANSWER ? DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER
						    : DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE;
	if (unknown == IN_ANSWER)
		record->answer = answer;
	else if (unknown != IN_ENTRY)
		record->intake = intake;
	if (unknown == IN_SUBMISSION) {
		intake->body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_ACCEPTED;
		intake->accepted = accepted;
	} else if (unknown == IN_RULES) {
		intake->body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_LOGIC_VERSION;
		intake->logic_version = rules;
	}
	ProtobufCMessage *const where[] = {&record->base, &intake->base, &submission->base, &answer->base, NULL};
	if (where[unknown] != NULL)
		add_unknown(p, where[unknown]);
	return RECORD_PACK(a, record);
}

static void
test_a_record_of_a_kind_that_newer_programs_wrote_stops_the_service_before_it(void **state UNUSED)
{
	for (unsigned i = 1; i < SERVICE_COUNT; i++) {
		for (enum unknown u = 0; u < UNKNOWN_COUNT; u++) {
			struct booth p;
			booth_open(&p, service_of_row(i));
			booth_write_bytes(&p, newer_record(&p, u));
			booth_turn(&p);
			booth_send(&p, 1, 1, 0);
			assert_int_equal(booth_try(&p), ERR_REFUSED);
			assert_non_null(strstr(node_why(p.node), "newer programs"));
			assert_non_null(strstr(node_why(p.node), "upgrade this service"));
			booth_restart(&p);
			assert_int_equal(booth_status_of(&p).cursor.seq,
					 0); /* nothing was applied, nothing passed over */
			assert_int_equal(booth_head(&p).seq, 0);
			booth_close(&p);
		}
	}
}

static struct bytes
first_record(struct booth *p)
{
	struct store_txn *txn = store_begin_read(node_store(p->node));
	struct journal_entry e;

	assert_true(journal_get(node_journal(p->node), txn, 1, &e));
	e.record = arena_copy(&p->arena, e.record);
	store_abort(txn);
	return e.record;
}

/* Fields that only newer programs know change nothing of what these do, and travel on with the bytes. */
static void
test_unknown_fields_of_known_records_travel_on(void **state)
{
	static const uint8_t field[] = {0xfa, 0x7c, 1, 0x78}; /* number 1999, a text of one letter */
	struct played *f = *state;

	for (unsigned i = 1; i < SERVICE_COUNT; i++) {
		struct booth p;
		struct journal_entry entries[RECORDS];
		booth_open(&p, service_of_row(i));
		const size_t count = row_read(f->row, i - 1, &p.arena, 0, entries, RECORDS);
		for (size_t k = 0; k < count; k++) {
			const struct bytes raw = entries[k].record;
			uint8_t *longer = arena_take(&p.arena, raw.len + sizeof field);
			memcpy(longer, raw.data, raw.len);
			memcpy(longer + raw.len, field, sizeof field);
			booth_write_bytes(&p, bytes_of(longer, raw.len + sizeof field));
		}
		booth_feed(&p);
		assert_int_equal(booth_status_of(&p).cursor.seq, count);
		assert_true(booth_head(&p).seq > 0);
		if (service_of_row(i)->forwards)
			assert_true(bytes_equal(first_record(&p), p.entries[0].record));
		booth_close(&p);
	}
}

static int
set_up(void **state)
{
	struct played *f = calloc(1, sizeof *f);

	assert_non_null(f);
	played_open(f, SEED, STEPS, 0);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct played *f = *state;

	played_close(f);
	free(f);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_data_of_newer_programs_is_refused),
	    cmocka_unit_test(test_a_record_of_a_kind_that_newer_programs_wrote_stops_the_service_before_it),
	    cmocka_unit_test(test_unknown_fields_of_known_records_travel_on),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
