// SPDX-License-Identifier: EUPL-1.2
/* judge.h: a year of cases passes; with one thing in its journals changed it does not, and the complaint names the rule. */
#include "tests/unit/unit.h"

#include "tests/sim/world.h"

#define ITEMS_MAX 60000
#define DAYS      400

/* A record of signalling's journal or of monitoring's, in the order the judge hears them. */
struct item {
	bool told;
	uint64_t cause;
	struct bytes raw;
};

static struct {
	struct arena arena;
	struct item *items;
	size_t count;
	struct code supporter; /* one who supports a case at the end */
} history;

enum verdict { KEEP, DROP, TWICE };

/* What a change remembers while it goes over the records. */
struct hand {
	struct arena *arena;
	bool told;     /* the record at hand is monitoring's */
	unsigned done; /* changes made */
	int kind;      /* of the last message */
	struct id seen;
};

typedef enum verdict (*change)(struct hand *hand, pb_JournalRecord *r);

/* ---- the history ---- */

static void
take(struct realm *r, unsigned service)
{
	struct journal_entry entries[256];
	struct record record;
	uint64_t after = 0;
	size_t count;
	struct why why;

	while ((count = row_read(r->row, service, &history.arena, after, entries, 256)) > 0) {
		for (size_t i = 0; i < count; i++) {
			assert_true(record_read(&r->arena, entries[i].record, &record, &why));
			assert_true(history.count < ITEMS_MAX);
			history.items[history.count++] = (struct item){service == 4, record.cause, entries[i].record};
		}
		arena_reset(&r->arena);
		after += count;
	}
}

/* By cause; what monitoring tells behind the rest. Stable, as both journals are in order. */
static void
merge(size_t heard)
{
	struct item *merged = calloc(ITEMS_MAX, sizeof *merged);
	size_t a = 0, b = heard, n = 0;

	assert_non_null(merged);
	while (n < history.count) {
		const bool first =
		    a < heard && (b == history.count || history.items[a].cause <= history.items[b].cause);
		merged[n++] = first ? history.items[a++] : history.items[b++];
	}
	free(history.items);
	history.items = merged;
}

static int
set_up(void **state UNUSED)
{
	static struct world world;
	struct realm realm;

	arena_init(&history.arena);
	history.items = calloc(ITEMS_MAX, sizeof *history.items);
	realm_open(&realm, 3, cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0), true);
	world_begin(&world, &realm, 3);
	const cal_day from = cal_local_day(realm.now_ms);
	for (cal_day day = from + 1; day < from + DAYS; day = world_next_day(&world, from + DAYS))
		if (!world_day(&world, day, day < from + 45))
			fail_msg("%s", realm.why.text);
	for (unsigned i = 0; i < judge_case_count(realm.judge); i++)
		if (judge_case_at(realm.judge, i)->is.supporters.count > 0)
			history.supporter = judge_case_at(realm.judge, i)->is.supporters.of[0];
	take(&realm, 3);
	const size_t heard = history.count;
	take(&realm, 4);
	merge(heard);
	realm_close(&realm);
	return 0;
}

static int
tear_down(void **state UNUSED)
{
	free(history.items);
	arena_fini(&history.arena);
	return 0;
}

/* Feeds all records through `f`; answers are numbered anew, so that one left out is not missed for its number. */
static struct why
judged(change f, unsigned *done)
{
	struct judge *j = judge_new(true);
	struct hand hand = {0};
	uint32_t index[SERVICE_SIGNALLING + 1] = {0};
	struct arena a;
	struct why why = {{0}};
	bool ok = true;

	arena_init(&a);
	hand.arena = &a;
	for (size_t i = 0; ok && i < history.count; i++) {
		struct record r;
		arena_reset(&a);
		assert_true(record_read(&a, history.items[i].raw, &r, &why));
		pb_JournalRecord *m = (pb_JournalRecord *)(uintptr_t)r.journal;
		hand.told = history.items[i].told;
		const enum verdict verdict = f(&hand, m);
		if (r.intake != NULL)
			memset(index, 0, sizeof index);
		for (unsigned n = 0; ok && n < (verdict == DROP ? 0u : verdict == TWICE ? 2u : 1u); n++) {
			if (m->entry_case == DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER)
				m->answer->index = ++index[m->answer->service];
			if (!record_read(&a, RECORD_PACK(&a, m), &r, &why))
				fail_msg("%s", why.text);
			ok = history.items[i].told ? judge_see(j, &r) : judge_hear(j, &r);
		}
	}
	ok = ok && judge_end(j);
	why_set(&why, "%s", ok ? "" : judge_why(j));
	*done = hand.done;
	judge_free(j);
	arena_fini(&a);
	return why;
}

/* ---- changes ---- */

static pb_Answer *
answer_of(pb_JournalRecord *r)
{
	return r->entry_case == DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER ? r->answer : NULL;
}

static pb_Submission *
submission_of(pb_JournalRecord *r)
{
	if (r->entry_case != DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE ||
	    r->intake->body_case != DOORBRAAK__V1__INTAKE_RECORD__BODY_ACCEPTED)
		return NULL;
	return r->intake->accepted->submission;
}

#define IS(r, NAME) (answer_of(r) != NULL && answer_of(r)->body_case == DOORBRAAK__V1__ANSWER__BODY_##NAME)
#define SAYS(r, NAME)                                                                                                  \
	(submission_of(r) != NULL && submission_of(r)->body_case == DOORBRAAK__V1__SUBMISSION__BODY_##NAME)
#define ONCE(hand) ((hand)->done++ == 0)
/* A routing decision; triage's are of the same kind. */
#define IS_ROUTE(r) (IS(r, ROUTE_DECIDED) && (int)answer_of(r)->service == SERVICE_ROUTING)

#define CHANGE(name) static enum verdict name(struct hand *h, pb_JournalRecord *r)

CHANGE(nothing)
{
	(void)r;
	h->done++;
	return KEEP;
}

CHANGE(the_owner_is_lost)
{
	if (IS(r, OWNER_ASSIGNED) && answer_of(r)->owner_assigned->former[0] != '\0' && ONCE(h))
		answer_of(r)->owner_assigned->owner = record_text(h->arena, "");
	return KEEP;
}

CHANGE(a_change_of_owner_is_not_said)
{
	if (IS(r, OWNER_ASSIGNED) && answer_of(r)->owner_assigned->former[0] != '\0' && ONCE(h))
		answer_of(r)->owner_assigned->former = record_text(h->arena, "");
	return KEEP;
}

CHANGE(a_team_owns_without_accepting)
{
	if (IS(r, OWNER_ASSIGNED) && strncmp(answer_of(r)->owner_assigned->pending, "ET-", 3) == 0 && ONCE(h)) {
		answer_of(r)->owner_assigned->former = answer_of(r)->owner_assigned->owner;
		answer_of(r)->owner_assigned->owner = answer_of(r)->owner_assigned->pending;
	}
	return KEEP;
}

CHANGE(the_only_deadline_is_not_set)
{
	if (IS(r, DEADLINE_SET) && answer_of(r)->deadline_set->kind == (int)DEADLINE_KIND_SCREENING && ONCE(h))
		return DROP;
	return KEEP;
}

CHANGE(a_later_deadline_is_next)
{
	pb_CaseView *v = IS(r, CASE_STATE) ? answer_of(r)->case_state : NULL;

	if (v != NULL && v->n_deadlines > 1 && strcmp(v->next->due, v->deadlines[v->n_deadlines - 1]->due) < 0 &&
	    ONCE(h))
		v->next = v->deadlines[v->n_deadlines - 1];
	return KEEP;
}

CHANGE(a_leaving_is_not_said)
{
	return IS(r, CASE_LEFT) && ONCE(h) ? DROP : KEEP;
}

CHANGE(another_gemeente_pays)
{
	if (IS_ROUTE(r) && answer_of(r)->route_decided->from_state == (int)CASE_STATE_SCREENING &&
	    answer_of(r)->route_decided->to_state != (int)CASE_STATE_SCREENING && ONCE(h))
		answer_of(r)->route_decided->funder = record_text(h->arena, "GM0001");
	return KEEP;
}

CHANGE(a_local_team_owns_under_a_measure)
{
	if (SAYS(r, COURT_MEASURE_REGISTERED) && r->intake->accepted->opens)
		h->seen = id_of(submission_of(r)->case_id);
	if (IS(r, OWNER_ASSIGNED) && strcmp(answer_of(r)->case_id, h->seen.s) == 0 && ONCE(h))
		answer_of(r)->owner_assigned->owner =
		    arena_printf(h->arena, "LT-%s", answer_of(r)->owner_assigned->owner);
	/* Monitoring believes it. */
	if (h->done > 0 && IS(r, CASE_STATE) && strcmp(answer_of(r)->case_id, h->seen.s) == 0)
		answer_of(r)->case_state->owner = arena_printf(h->arena, "LT-%s", answer_of(r)->case_state->owner);
	return KEEP;
}

CHANGE(nobody_approved)
{
	if (SAYS(r, CASE_CLOSED) && submission_of(r)->case_closed->reason != (int)CLOSE_REASON_SOLVED) {
		h->done++;
		submission_of(r)->case_closed->approver_role = (Doorbraak__V1__Role)0;
	}
	return KEEP;
}

CHANGE(called_solved)
{
	if (SAYS(r, CASE_CLOSED) && submission_of(r)->case_closed->reason != (int)CLOSE_REASON_SOLVED) {
		h->done++;
		submission_of(r)->case_closed->reason = (Doorbraak__V1__CloseReason)CLOSE_REASON_SOLVED;
	}
	return KEEP;
}

CHANGE(nobody_considered)
{
	if (SAYS(r, ESCALATION_REQUESTED)) {
		h->done++;
		submission_of(r)->escalation_requested->considered_by = record_text(h->arena, "");
	}
	return KEEP;
}

CHANGE(the_level_is_made_up)
{
	if (IS_ROUTE(r)) {
		h->done++;
		answer_of(r)->route_decided->level = (Doorbraak__V1__Level)LEVEL_NATIONAL;
	}
	return KEEP;
}

CHANGE(an_id_stands_twice)
{
	if (submission_of(r) != NULL && strcmp(submission_of(r)->source, "operator") != 0) {
		h->done++;
		submission_of(r)->source = record_text(h->arena, "s");
		submission_of(r)->id = record_text(h->arena, "m");
	}
	return KEEP;
}

CHANGE(an_older_fact_is_applied)
{
	if (SAYS(r, MEETING_HELD) && ONCE(h))
		record_timestamp(submission_of(r)->occurred_at, cal_local_ms(cal_from_date(2021, 1, 4), 9, 0, 0));
	return KEEP;
}

CHANGE(a_rejection_that_changed_something)
{
	/* Said of a message that was accepted: behind its first decision. */
	if (IS(r, DEADLINE_SET) && ONCE(h)) {
		pb_MessageRejected *rejected = ARENA_NEW(h->arena, pb_MessageRejected);
		pb_MessageRejected_init(rejected);
		rejected->reason = (Doorbraak__V1__Reason)REASON_WRONG_STATE;
		answer_of(r)->body_case = DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED;
		answer_of(r)->message_rejected = rejected;
	}
	return KEEP;
}

CHANGE(missed_twice)
{
	return IS(r, DEADLINE_MISSED) && ONCE(h) ? TWICE : KEEP;
}

CHANGE(missed_and_nobody_told)
{
	if (IS(r, SIGNAL_RAISED) && answer_of(r)->signal_raised->code == (int)SIGNAL_CODE_S02_DEADLINE_MISSED &&
	    ONCE(h))
		return DROP;
	return KEEP;
}

/* The miss, and all that was said of that case on that day. */
CHANGE(never_missed)
{
	const pb_Answer *a = answer_of(r);

	if (IS(r, DEADLINE_MISSED) && a->deadline_missed->kind == (int)DEADLINE_KIND_INVITE && ONCE(h)) {
		h->seen = id_of(a->case_id);
		return DROP;
	}
	if (r->entry_case == DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE && h->done > 0)
		h->seen = id_of("");
	return h->seen.s[0] != '\0' && a != NULL && strcmp(a->case_id, h->seen.s) == 0 ? DROP : KEEP;
}

CHANGE(missed_on_another_day)
{
	if (IS(r, DEADLINE_MISSED) && ONCE(h))
		answer_of(r)->effect_date = record_date(h->arena, record_day(answer_of(r)->effect_date) + 1);
	return KEEP;
}

CHANGE(a_postcode)
{
	if (IS_ROUTE(r) && answer_of(r)->basis->n_facts > 0 && ONCE(h))
		answer_of(r)->basis->facts[0]->value = record_text(h->arena, "6041-1234AB");
	return KEEP;
}

CHANGE(a_citizen_number)
{
	if (h->told && IS(r, CASE_STATE) && ONCE(h))
		answer_of(r)->case_state->pending_owner = record_text(h->arena, "X-123456782");
	return KEEP;
}

CHANGE(an_address)
{
	if (submission_of(r) != NULL && ONCE(h))
		submission_of(r)->source = record_text(h->arena, "somebody@example.org");
	return KEEP;
}

CHANGE(without_a_rule)
{
	if (IS_ROUTE(r) && ONCE(h))
		answer_of(r)->basis->rule = record_text(h->arena, "");
	return KEEP;
}

CHANGE(without_an_actor)
{
	if (SAYS(r, PLAN_AGREED) && ONCE(h))
		submission_of(r)->actor->organisation = record_text(h->arena, "");
	return KEEP;
}

CHANGE(a_state_that_jumps)
{
	if (IS_ROUTE(r) && ONCE(h))
		answer_of(r)->route_decided->from_state = (Doorbraak__V1__CaseState)CASE_STATE_VERIFYING;
	return KEEP;
}

CHANGE(at_another_moment)
{
	if (IS_ROUTE(r) && ONCE(h))
		answer_of(r)->decided_at->seconds++;
	return KEEP;
}

/* By the registry somebody else is gone since 2022: one who still supports. */
CHANGE(a_supporter_stays)
{
	for (size_t i = 0; SAYS(r, REGISTRY_ADOPTED) && i < submission_of(r)->registry_adopted->n_rows; i++) {
		pb_RegistryRow *row = submission_of(r)->registry_adopted->rows[i];
		if (row->row == (int)REGISTRY_ROW_KIND_SUPPORTER_END && ONCE(h))
			row->organisation = record_text(h->arena, history.supporter.s);
	}
	return KEEP;
}

CHANGE(without_a_threshold)
{
	if (IS(r, SIGNAL_RAISED) && ONCE(h))
		answer_of(r)->signal_raised->threshold = 0;
	return KEEP;
}

CHANGE(for_nobody)
{
	if (IS(r, SIGNAL_RAISED) && ONCE(h))
		answer_of(r)->signal_raised->n_to = 0;
	return KEEP;
}

CHANGE(ends_at_another_stage)
{
	if (IS(r, SIGNAL_CLEARED) && ONCE(h))
		answer_of(r)->signal_cleared->stage++;
	return KEEP;
}

/* S01 ends at a tick, by the miss; were it S03, that would be time alone. */
CHANGE(ends_by_time_alone)
{
	const Doorbraak__V1__SignalCode silence = (Doorbraak__V1__SignalCode)SIGNAL_CODE_S03_NO_MOVEMENT;
	char *const none = record_text(h->arena, "");

	if (IS(r, SIGNAL_RAISED) && answer_of(r)->signal_raised->code == (int)SIGNAL_CODE_S01_DEADLINE_NEAR) {
		answer_of(r)->signal_raised->code = silence;
		answer_of(r)->signal_raised->due = none;
	}
	if (IS(r, SIGNAL_CLEARED) && answer_of(r)->signal_cleared->code == (int)SIGNAL_CODE_S01_DEADLINE_NEAR) {
		h->done++;
		answer_of(r)->signal_cleared->code = silence;
		answer_of(r)->signal_cleared->due = none;
	}
	for (size_t i = 0; IS(r, CASE_STATE) && i < answer_of(r)->case_state->n_signals; i++)
		if (answer_of(r)->case_state->signals[i]->code == (int)SIGNAL_CODE_S01_DEADLINE_NEAR)
			answer_of(r)->case_state->signals[i]->code = silence;
	return KEEP;
}

CHANGE(a_registry_that_was_not_in_force)
{
	if (IS_ROUTE(r) && ONCE(h))
		answer_of(r)->basis->registry_version = record_text(h->arena, "7.7.7");
	return KEEP;
}

CHANGE(a_policy_that_was_not_in_force)
{
	if (IS_ROUTE(r) && ONCE(h))
		answer_of(r)->basis->policy_version = record_text(h->arena, "7.7.7");
	return KEEP;
}

CHANGE(the_region_is_rewritten)
{
	if (submission_of(r) != NULL)
		h->kind = (int)submission_of(r)->body_case;
	if (IS_ROUTE(r) && h->kind == (int)DOORBRAAK__V1__SUBMISSION__BODY_MEETING_HELD && ONCE(h))
		answer_of(r)->route_decided->region = record_text(h->arena, "JZ99");
	return KEEP;
}

CHANGE(told_otherwise)
{
	if (IS(r, CASE_STATE) && ONCE(h))
		answer_of(r)->case_state->governance = (Doorbraak__V1__Governance)GOVERNANCE_EXECUTIVE;
	return KEEP;
}

/* ---- tests ---- */

static void
test_a_year_as_it_was_passes(void **state UNUSED)
{
	unsigned done;

	assert_string_equal(judged(nothing, &done).text, "");
	assert_true(done > 5000);
}

static void
test_each_change_is_found_and_named(void **state UNUSED)
{
	static const struct {
		const char *name, *rule;
		change f;
	} changes[] = {
	    {"the owner is lost", "I1:", the_owner_is_lost},
	    {"a change of owner is not said", "I1:", a_change_of_owner_is_not_said},
	    {"a team owns without accepting", "I1:", a_team_owns_without_accepting},
	    {"the only deadline is not set", "I2:", the_only_deadline_is_not_set},
	    {"a later deadline is next", "I2:", a_later_deadline_is_next},
	    {"another gemeente pays", "I3:", another_gemeente_pays},
	    {"a local team owns under a measure", "I4:", a_local_team_owns_under_a_measure},
	    {"nobody approved", "I5:", nobody_approved},
	    {"called solved", "I5:", called_solved},
	    {"nobody considered", "I6:", nobody_considered},
	    {"the level is made up", "I6:", the_level_is_made_up},
	    {"an id stands twice", "I7:", an_id_stands_twice},
	    {"an older fact is applied", "I7:", an_older_fact_is_applied},
	    {"a rejection that changed something", "I7:", a_rejection_that_changed_something},
	    {"missed twice", "I9:", missed_twice},
	    {"missed and nobody told", "I9:", missed_and_nobody_told},
	    {"never missed", "I9:", never_missed},
	    {"missed on another day", "I9:", missed_on_another_day},
	    {"a postcode", "I10:", a_postcode},
	    {"a citizen number", "I10:", a_citizen_number},
	    {"an address", "I10:", an_address},
	    {"a leaving is not said", "I11:", a_leaving_is_not_said},
	    {"without a rule", "I11:", without_a_rule},
	    {"without an actor", "I11:", without_an_actor},
	    {"a state that jumps", "I11:", a_state_that_jumps},
	    {"at another moment", "I11:", at_another_moment},
	    {"a supporter stays", "I12:", a_supporter_stays},
	    {"without a threshold", "I13:", without_a_threshold},
	    {"for nobody", "I13:", for_nobody},
	    {"ends at another stage", "I13:", ends_at_another_stage},
	    {"ends by time alone", "I13:", ends_by_time_alone},
	    {"a registry that was not in force", "I15:", a_registry_that_was_not_in_force},
	    {"a policy that was not in force", "I15:", a_policy_that_was_not_in_force},
	    {"the region is rewritten", "I15:", the_region_is_rewritten},
	    {"told otherwise", "picture:", told_otherwise},
	};
	unsigned wrong = 0;

	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		unsigned done;
		const struct why why = judged(changes[i].f, &done);
		if (done > 0 && strncmp(why.text, changes[i].rule, strlen(changes[i].rule)) == 0)
			continue;
		wrong++;
		print_error("%s: changed %u, expected %s, said `%s`\n", changes[i].name, done, changes[i].rule,
			    why.text);
	}
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_year_as_it_was_passes),
	    cmocka_unit_test(test_each_change_is_found_and_named),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
