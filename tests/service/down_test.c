// SPDX-License-Identifier: EUPL-1.2
/* Deadlines that pass while the system is down (rules.md 3.1, I9): on the first moment after it each is missed exactly once,
 * day by day, as if the system had never been down. A whole row, twice, with the same dozen cases in different states and
 * tracks: one hears every midnight, the other nothing for three months. */
#include "tests/unit/unit.h"

#include "common/row.h"
#include "services/cli/yaml_tree.h"
#include "tests/sim/adopt.h"

#define BEGINS "2023-05-01"
#define BACK   "2023-08-07"
#define SEED   11

/* Places in the row. */
#define ROUTING    2
#define SIGNALLING 3

struct system {
	struct temp dir;
	struct arena arena;
	struct row *row;
	unsigned said;
	const char *first; /* id of the first case */
};

/* The messages of each case, the first of which opens it. All in one region, so that its signals have something to count. */
#define OPEN(asks)                                                                                                     \
	"actor: PARENT@LT-GM0855, case_submitted: {municipality: GM0855, submitter: PARENT, asks: " asks               \
	", age_band: FROM_12_TO_15}"
#define ACCEPT  "actor: CHAIR@ET-JZ35, screening_decided: {decision: ACCEPT_PROCESS, criteria: [STUCK_ON_CONTENT]}"
#define TAKE    "actor: CHAIR@ET-JZ35, owner_transfer_accepted: {}"
#define MEET    "actor: CHAIR@ET-JZ35, meeting_held: {present: [PARENT, YOUTH]}"
#define REALISE "actor: LOCAL_TEAM@LT-GM0855, help_realised: {help_kind: STANDARD}"
#define WORKS   "actor: LOCAL_TEAM@LT-GM0855, help_effective_confirmed: {asked: [PARENT]}"

static const char *const cases[][8] = {
    {OPEN("CONSULTATION")},
    {OPEN("CONSULTATION"), "actor: CHAIR@ET-JZ35, screening_decided: {decision: RETURN, missing: [FAMILY_VIEW]}"},
    {OPEN("CONSULTATION"), "actor: CHAIR@ET-JZ35, screening_decided: {decision: ADVICE_ONLY}"},
    {OPEN("HELP")},
    {OPEN("PROCESS_DIRECTION"), ACCEPT},
    {OPEN("PROCESS_DIRECTION"), ACCEPT, TAKE, MEET},
    {OPEN("PROCESS_DIRECTION"), ACCEPT, TAKE, MEET,
     "actor: CHAIR@ET-JZ35, plan_agreed: {has_goal: true, has_roles: true, question_first: true, actions: "
     "[{id: B, organisation: P-1, due: 2023-06-02}, {id: A, organisation: P-1, due: 2023-06-02}, "
     "{id: C, organisation: P-1}]}",
     "actor: PROVIDER@P-1, waiting_time_recorded: {expected_days: 90}",
     "actor: CHAIR@ET-JZ35, meeting_scheduled: {meeting_on: 2023-05-30}"},
    {OPEN("HELP"), REALISE},
    {OPEN("HELP"), REALISE, WORKS},
    {"actor: MUNICIPALITY@GM0855, court_measure_registered: {municipality: GM0855, measure: SUPERVISION, "
     "pronounced_on: "
     "2023-04-20, gi_informed_on: 2023-04-25, certified_body: GI-1}"},
    {"actor: MUNICIPALITY@GM0855, closed_placement_requested: {municipality: GM0855}",
     "actor: JUVENILE_COURT@GM0855, authorisation_granted: {kind: EMERGENCY}",
     "actor: PROVIDER@P-1, closed_placement_started: {provider: P-1, reason: SAFETY}",
     "actor: PROVIDER@P-1, suicidal_behaviour_registered: {}"},
    {"actor: MUNICIPALITY@GM0855, closed_placement_requested: {municipality: GM0855}",
     "actor: JUVENILE_COURT@GM0855, authorisation_granted: {kind: FULL}"},
    {OPEN("HELP"),
     "actor: LOCAL_TEAM@LT-GM0855, case_closed: {reason: WITHDRAWN_BY_FAMILY, approver_role: MUNICIPALITY, "
     "approver_organisation: GM0855}"},
};

/* ---- a system ---------------------------------------------------------------------------------------------------- */

static int64_t
moment(const char *date, int hour, int minute)
{
	return cal_local_ms(cal_parse(date), hour, minute, 0);
}

static const pb_Reply *
ask(struct system *s, const pb_Request *request)
{
	const pb_Reply *reply = row_ask(s->row, 0, request, &s->arena);

	if (reply == NULL)
		fail_msg("%s", row_why(s->row));
	return reply;
}

/* Hands in; the id of the case. */
static const char *
hand_in(struct system *s, struct bytes submission, int64_t at_ms)
{
	pb_Request request;
	pb_SubmitRequest submit;
	Google__Protobuf__Timestamp now;

	pb_Request_init(&request);
	pb_SubmitRequest_init(&submit);
	record_timestamp(&now, at_ms);
	submit.submission = (ProtobufCBinaryData){submission.len, (uint8_t *)(uintptr_t)submission.data};
	submit.now = &now;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &submit;
	const pb_Reply *reply = ask(s, &request);
	if (reply->body_case != DOORBRAAK__V1__REPLY__BODY_ACCEPTED)
		fail_msg("message %u was not accepted", s->said);
	return reply->accepted->case_id;
}

/* `what`: actor and body, as in cases[]. */
static const char *
say(struct system *s, const char *source, const char *case_id, int64_t at_ms, const char *what)
{
	char at[32];
	struct why why;

	cal_format_timestamp(at_ms, at);
	const char *text = arena_printf(&s->arena, "{source: %s, id: m-%u, case_id: '%s', occurred_at: '%s', %s}",
					source, ++s->said, case_id, at, what);
	const struct tree *tree = yaml_tree_parse(&s->arena, "message", bytes_str(text), &why);
	if (tree == NULL)
		fail_msg("%s", why.text);
	pb_Submission *m = record_from_tree(&s->arena, &pb_Submission_descriptor, tree, &why);
	if (m == NULL)
		fail_msg("%s: %s", text, why.text);
	return hand_in(s, RECORD_PACK(&s->arena, m), at_ms);
}

static void
clock_to(struct system *s, int64_t at_ms)
{
	pb_Request request;
	pb_ClockRequest clock;
	Google__Protobuf__Timestamp now;

	pb_Request_init(&request);
	pb_ClockRequest_init(&clock);
	record_timestamp(&now, at_ms);
	clock.now = &now;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_CLOCK;
	request.clock = &clock;
	assert_int_equal(ask(s, &request)->body_case, DOORBRAAK__V1__REPLY__BODY_CLOCK);
	assert_int_equal(row_settle(s->row), ERR_NONE);
}

static void
start(struct system *s)
{
	const struct row_options options = {.dir = s->dir.dir, .fast = true, .seed = SEED};
	struct why why;

	if (row_open(&s->row, &options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
}

static void
open_system(struct system *s)
{
	const int64_t begins_ms = moment(BEGINS, 9, 0);

	*s = (struct system){.dir = temp_make()};
	arena_init(&s->arena);
	start(s);
	for (unsigned i = 0; i < adopt_count(); i++)
		hand_in(s, adopt_submission(&s->arena, i, begins_ms), begins_ms);
	say(s, "operator", "", begins_ms,
	    "actor: ADMINISTRATOR@NAT-VWS, source_registered: {source: front, organisations: "
	    "[GM0855, LT-GM0855, ET-JZ35, P-1], roles: [PARENT, CHAIR, LOCAL_TEAM, MUNICIPALITY, PROVIDER, "
	    "JUVENILE_COURT]}");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *case_id = "";
		for (size_t k = 0; k < COUNT_OF(cases[i]) && cases[i][k] != NULL; k++) {
			const char *id = say(s, "front", case_id, begins_ms + (int64_t)s->said * 60000, cases[i][k]);
			case_id = k == 0 ? record_text(&s->arena, id) : case_id;
		}
		s->first = i == 0 ? case_id : s->first;
	}
	assert_int_equal(row_settle(s->row), ERR_NONE);
}

static void
close_system(struct system *s)
{
	row_close(&s->row);
	arena_fini(&s->arena);
	temp_remove(&s->dir);
}

/* What is said on the day of return, by both. */
static void
come_back(struct system *s)
{
	say(s, "front", s->first, moment(BACK, 9, 0),
	    "actor: LOCAL_TEAM@LT-GM0855, case_info_supplemented: {parties: 2}");
	assert_int_equal(row_settle(s->row), ERR_NONE);
}

static int
setup(void **state)
{
	struct system *s = test_calloc(1, sizeof *s);

	open_system(s);
	for (cal_day day = cal_parse(BEGINS) + 1; day <= cal_parse(BACK); day++)
		clock_to(s, cal_day_begins_ms(day) + 60000);
	come_back(s);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	close_system(*state);
	test_free(*state);
	return 0;
}

/* ---- what it wrote ----------------------------------------------------------------------------------------------- */

/* Record `seq` of a service; NULL behind the last. */
static pb_JournalRecord *
record_at(struct system *s, unsigned service, uint64_t seq)
{
	struct journal_entry entry;
	struct why why;

	if (row_read(s->row, service, &s->arena, seq - 1, &entry, 1) == 0)
		return NULL;
	pb_JournalRecord *record =
	    record_unpack(&s->arena, &pb_JournalRecord_descriptor, entry.record, RECORD_REPLY_MAX, &why);
	if (record == NULL)
		fail_msg("%s", why.text);
	return record;
}

/* Apart from the moment of the clock. */
static struct bytes
timeless(struct system *s, pb_JournalRecord *record)
{
	if (record->entry_case == DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER)
		record->answer->decided_at = NULL;
	if (record->entry_case == DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE)
		record->intake->logged_at = NULL;
	return RECORD_PACK(&s->arena, record);
}

static void
assert_same_story(struct system *was_up, struct system *was_down)
{
	for (unsigned service = 0; service < SERVICE_COUNT; service++) {
		for (uint64_t seq = 1;; seq++) {
			pb_JournalRecord *up = record_at(was_up, service, seq),
					 *down = record_at(was_down, service, seq);
			if (up == NULL && down == NULL)
				break;
			if (up == NULL || down == NULL || !bytes_equal(timeless(was_up, up), timeless(was_down, down)))
				fail_msg("%s: record %llu differs", service_of_row(service)->name,
					 (unsigned long long)seq);
		}
	}
}

/* ---- the tests --------------------------------------------------------------------------------------------------- */

static void
test_three_months_of_silence_change_nothing(void **state)
{
	struct system s;

	open_system(&s);
	clock_to(&s, moment(BACK, 8, 0));
	come_back(&s);
	assert_same_story(*state, &s);
	close_system(&s);
}

static void
test_stopped_processes_change_nothing(void **state)
{
	struct system s;

	open_system(&s);
	row_close(&s.row);
	start(&s);
	clock_to(&s, moment(BACK, 8, 0));
	come_back(&s);
	assert_same_story(*state, &s);
	close_system(&s);
}

/* Nobody tells the time: the first message does. */
static void
test_a_message_brings_the_days_that_passed(void **state)
{
	struct system s;

	open_system(&s);
	come_back(&s);
	assert_same_story(*state, &s);
	close_system(&s);
}

/* Twice down, and stopped in the middle of a day. */
static void
test_down_again_and_again_changes_nothing(void **state)
{
	static const char *const back[] = {"2023-05-02", "2023-05-31", "2023-06-01", "2023-07-22"};
	struct system s;

	open_system(&s);
	for (size_t i = 0; i < COUNT_OF(back); i++) {
		row_close(&s.row);
		start(&s);
		clock_to(&s, moment(back[i], 23, 59));
	}
	come_back(&s);
	assert_same_story(*state, &s);
	close_system(&s);
}

struct missing {
	char key[160]; /* day, case, kind, reference: in the order of time */
	unsigned count;
};

static void
look_at_miss(struct system *s, const pb_Answer *answer, struct missing *missing)
{
	const pb_DeadlineMissed *missed = answer->deadline_missed;
	const cal_day due = cal_parse(missed->due), set = cal_parse(BEGINS);
	char key[160];

	(void)snprintf(key, sizeof key, "%s %s %02d %s", answer->effect_date, answer->case_id, (int)missed->kind,
		       missed->reference);
	if (strcmp(missing->key, key) >= 0)
		fail_msg("missed %s behind %s", key, missing->key);
	memcpy(missing->key, key, sizeof key);
	missing->count++;
	/* Nothing was set before the day it all began, and what was due before it is missed the day after. */
	assert_string_equal(answer->effect_date, record_date(&s->arena, (due > set ? due : set) + 1));
}

static void
test_each_is_missed_once_in_order_and_follow_ups_count_from_that_day(void **state)
{
	struct system s;
	struct missing missing = {.count = 0};
	unsigned told = 0, kinds[64] = {0}, different = 0;
	pb_JournalRecord *record;

	(void)state;
	open_system(&s);
	clock_to(&s, moment(BACK, 8, 0));
	for (uint64_t seq = 1; (record = record_at(&s, ROUTING, seq)) != NULL; seq++) {
		const pb_Answer *answer = record->answer;
		if (record->entry_case != DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER)
			continue;
		if (answer->body_case == DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED) {
			look_at_miss(&s, answer, &missing);
			different += kinds[answer->deadline_missed->kind]++ == 0;
		} else if (answer->body_case == DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET && missing.count > 0) {
			assert_string_equal(answer->deadline_set->start, answer->effect_date);
		}
	}
	for (uint64_t seq = 1; (record = record_at(&s, SIGNALLING, seq)) != NULL; seq++) {
		const pb_Answer *answer = record->answer;
		if (record->entry_case == DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER &&
		    answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED)
			told += (int)answer->signal_raised->code == SIGNAL_CODE_S02_DEADLINE_MISSED;
	}
	assert_int_equal(told, missing.count);
	assert_true(missing.count > 70);
	assert_true(different > 22); /* of the thirty kinds */
	close_system(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_three_months_of_silence_change_nothing),
	    cmocka_unit_test(test_stopped_processes_change_nothing),
	    cmocka_unit_test(test_a_message_brings_the_days_that_passed),
	    cmocka_unit_test(test_down_again_and_again_changes_nothing),
	    cmocka_unit_test(test_each_is_missed_once_in_order_and_follow_ups_count_from_that_day),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
