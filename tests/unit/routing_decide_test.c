// SPDX-License-Identifier: EUPL-1.2
/* Terms, warnings, lateness, levels and consent of routing, by table; and that a case file survives its bytes. */
#include "tests/unit/unit.h"

#include "services/routing/routing_deadlines.h"
#include "services/routing/routing_parties.h"

static cal_day
day(const char *text)
{
	const cal_day d = cal_parse(text);

	assert_true(d != CAL_NONE);
	return d;
}

static const char *
date(cal_day d)
{
	static char text[8][11];
	static unsigned next;

	if (d == CAL_NONE)
		return "none";
	cal_format(d, text[next = (next + 1) % 8]);
	return text[next];
}

/* ---- terms ------------------------------------------------------------------------------------------------------- */

static struct policy_view *
view_with(int kind, struct policy_deadline rule)
{
	static struct policy_view view;

	memset(&view, 0, sizeof view);
	rule.kind = kind;
	view.deadlines[kind] = rule;
	return &view;
}

static void
test_a_term_ends_where_the_law_says(void **state UNUSED)
{
	static const struct {
		const char *start;
		struct term term;
		const char *due;
	} cases[] = {
	    {"2021-04-01", {TERM_WORKING_DAYS, 5, false}, "2021-04-12"}, /* Good Friday, Easter Monday */
	    {"2026-04-24", {TERM_WORKING_DAYS, 5, false}, "2026-05-04"}, /* King's Day */
	    {"2021-03-24", {TERM_DAYS, 42, false}, "2021-05-06"},        /* 5 May counts every year */
	    {"2021-04-15", {TERM_DAYS, 28, true}, "2021-05-13"},         /* deprivation of liberty never moves */
	    {"2021-07-12", {TERM_MONTHS, 3, false}, "2021-10-12"},
	    {"2021-08-31", {TERM_MONTHS, 6, false}, "2022-02-28"},
	    {"2021-03-05", {TERM_WORKING_DAYS, 0, false}, "2021-03-05"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct policy_view *view =
		    view_with(DEADLINE_KIND_PLAN, (struct policy_deadline){.terms[TRACK_VOLUNTARY] = cases[i].term});
		const cal_day start = day(cases[i].start);

		assert_string_equal(date(deadline_due(view, DEADLINE_KIND_PLAN, TRACK_VOLUNTARY, start, start)),
				    cases[i].due);
	}
}

static void
test_a_track_without_term_sets_nothing(void **state UNUSED)
{
	const struct policy_view *view =
	    view_with(DEADLINE_KIND_PLAN, (struct policy_deadline){.terms[TRACK_VOLUNTARY] = {TERM_DAYS, 14, false}});
	const cal_day start = day("2021-03-01");

	assert_int_equal(deadline_due(view, DEADLINE_KIND_PLAN, TRACK_COURT_MEASURE, start, start), CAL_NONE);
	assert_int_equal(deadline_due(view, DEADLINE_KIND_REVIEW, TRACK_VOLUNTARY, start, start), CAL_NONE);
	assert_int_equal(deadline_due(NULL, DEADLINE_KIND_PLAN, TRACK_VOLUNTARY, start, start), CAL_NONE);
}

static void
test_invitations_count_back_from_the_meeting_but_not_into_the_past(void **state UNUSED)
{
	const struct policy_view *view = view_with(
	    DEADLINE_KIND_INVITE,
	    (struct policy_deadline){.backwards = true, .terms[TRACK_VOLUNTARY] = {TERM_WORKING_DAYS, 5, false}});
	const cal_day planned = day("2021-09-24");

	assert_string_equal(date(deadline_due(view, DEADLINE_KIND_INVITE, TRACK_VOLUNTARY, day("2021-10-11"), planned)),
			    "2021-10-04");
	assert_string_equal(date(deadline_due(view, DEADLINE_KIND_INVITE, TRACK_VOLUNTARY, day("2021-09-27"), planned)),
			    "2021-09-24");
}

static void
test_a_warning_comes_at_four_fifths_or_the_working_day_before(void **state UNUSED)
{
	static const struct {
		const char *start, *due, *set_on, *warn;
	} cases[] = {
	    {"2021-03-01", "2021-03-29", "2021-03-01", "2021-03-24"}, /* 28 days: 22.4, so 23 */
	    {"2021-09-06", "2021-09-13", "2021-09-06", "2021-09-10"}, /* the Friday before a Monday */
	    {"2021-03-30", "2021-03-31", "2021-03-30", "none"},       /* a term of one day */
	    {"2021-03-05", "2021-03-08", "2021-03-05", "none"},       /* the working day before is the start */
	    {"2021-03-05", "2021-03-05", "2021-03-05", "none"},
	    {"2021-03-01", "2021-03-29", "2021-03-26", "2021-03-27"}, /* known late: the day after */
	    {"2021-03-01", "2021-03-29", "2021-03-29", "none"},
	    {"2021-03-01", "2021-03-29", "2021-04-05", "none"},
	};
	static const struct calendar plain;

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(
		    date(deadline_warn_on(&plain, 80, day(cases[i].start), day(cases[i].due), day(cases[i].set_on))),
		    cases[i].warn);
}

static void
test_how_early_a_warning_comes_is_a_percentage(void **state UNUSED)
{
	static const struct {
		int32_t percent;
		const char *warn;
	} cases[] = {
	    {0, "none"},        {1, "2021-03-02"},   {50, "2021-03-15"},
	    {80, "2021-03-24"}, {100, "2021-03-26"}, {100000, "2021-03-26"},
	};
	static const struct calendar plain;

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(date(deadline_warn_on(&plain, cases[i].percent, day("2021-03-01"),
							  day("2021-03-29"), day("2021-03-01"))),
				    cases[i].warn);
}

static void
test_a_fact_known_late_is_missed_the_day_after_it_was_known(void **state UNUSED)
{
	struct case_deadline d = {.due = day("2021-03-10"), .set_on = day("2021-03-01")};

	assert_string_equal(date(case_deadline_missed_on(&d)), "2021-03-11");
	d.set_on = day("2021-03-15");
	assert_string_equal(date(case_deadline_missed_on(&d)), "2021-03-16");
}

/* ---- a change of a case ------------------------------------------------------------------------------------------ */

struct desk {
	struct situation at;
	struct case_file file;
	struct change change;
	int64_t facts[RULES_FACTS_MAX];
};

static struct desk *
desk_at(const char *today)
{
	struct desk *d = test_calloc(1, sizeof *d);

	case_init(&d->file);
	d->file.id = id_of("c-1");
	d->file.state = CASE_STATE_QUEUED;
	d->file.track = TRACK_VOLUNTARY;
	d->file.governance = GOVERNANCE_NONE;
	d->file.funder = code_of("GM0988");
	d->file.team = code_of("ET-MIDDEN-LIMBURG");
	d->file.owner = code_of("LT-GM0988");
	d->at.event = "PlanAgreed";
	d->at.effect_on = day(today);
	d->at.today = day(today);
	for (unsigned i = 0; i < SUPPORTER_ALL; i++)
		d->at.supporter_end[i] = CAL_NONE;
	change_begin(&d->change, &d->at, NULL, d->facts, &d->file);
	return d;
}

static const struct saying *
last_said(const struct desk *d)
{
	assert_true(d->change.said_count > 0);
	return &d->change.said[d->change.said_count - 1];
}

static void
test_lateness_counts_working_days_from_the_first_miss(void **state UNUSED)
{
	struct desk *d = desk_at("2021-04-01");

	deadline_put(&d->change, DEADLINE_KIND_REVIEW, "", day("2021-04-01"), day("2021-04-08"));
	deadline_miss(&d->file, 0);
	deadline_put(&d->change, DEADLINE_KIND_REVIEW, "", day("2021-04-09"), day("2021-04-16"));
	deadline_miss(&d->file, 0);
	assert_int_equal(d->file.missed_count, 1);
	d->at.effect_on = day("2021-04-22");
	deadline_clear(&d->change, DEADLINE_KIND_REVIEW, "", true);
	assert_int_equal(last_said(d)->of.deadline.late_wd, 10);
	assert_int_equal(d->file.missed_count, 0);
	test_free(d);
}

static void
test_a_late_message_about_a_timely_fact_is_not_late(void **state UNUSED)
{
	struct desk *d = desk_at("2021-04-01");

	deadline_put(&d->change, DEADLINE_KIND_REVIEW, "", day("2021-04-01"), day("2021-04-08"));
	deadline_miss(&d->file, 0);
	d->at.effect_on = day("2021-04-07");
	deadline_clear(&d->change, DEADLINE_KIND_REVIEW, "", true);
	assert_int_equal(last_said(d)->of.deadline.late_wd, 0);
	assert_false(last_said(d)->of.deadline.superseded);
	test_free(d);
}

static void
test_setting_again_replaces(void **state UNUSED)
{
	struct desk *d = desk_at("2021-04-01");

	deadline_put(&d->change, DEADLINE_KIND_ACTION, "A1", day("2021-04-01"), day("2021-04-08"));
	deadline_put(&d->change, DEADLINE_KIND_ACTION, "A2", day("2021-04-01"), day("2021-04-09"));
	deadline_put(&d->change, DEADLINE_KIND_ACTION, "A1", day("2021-04-01"), day("2021-05-08"));
	assert_int_equal(d->file.deadline_count, 2);
	assert_string_equal(date(last_said(d)->of.deadline.replaces), "2021-04-08");
	deadline_clear_kind(&d->change, DEADLINE_KIND_ACTION, false);
	assert_int_equal(d->file.deadline_count, 0);
	test_free(d);
}

static void
test_a_deadline_ends_when_its_states_are_left(void **state UNUSED)
{
	static const char *const fulfilled_by[] = {"PlanAgreed", NULL};
	struct desk *d = desk_at("2021-04-01");

	d->at.view = view_with(DEADLINE_KIND_MEETING, (struct policy_deadline){.ends_with = 1u << CASE_STATE_QUEUED |
											    1u << CASE_STATE_EXECUTING,
									       .fulfilled_by = fulfilled_by});
	deadline_put(&d->change, DEADLINE_KIND_MEETING, "", day("2021-04-01"), day("2021-04-08"));
	change_next(&d->change, "R1");
	deadline_leave_state(&d->change, CASE_STATE_QUEUED, CASE_STATE_EXECUTING);
	assert_int_equal(d->file.deadline_count, 1);
	deadline_leave_state(&d->change, CASE_STATE_EXECUTING, CASE_STATE_VERIFYING);
	assert_int_equal(d->file.deadline_count, 0);
	assert_false(last_said(d)->of.deadline.superseded);
	deadline_put(&d->change, DEADLINE_KIND_MEETING, "", day("2021-04-01"), day("2021-04-08"));
	change_next(&d->change, "R1");
	d->at.event = "HelpRealised";
	deadline_leave_state(&d->change, CASE_STATE_EXECUTING, CASE_STATE_VERIFYING);
	assert_true(last_said(d)->of.deadline.superseded);
	test_free(d);
}

/* ---- who owns ---------------------------------------------------------------------------------------------------- */

static void
test_under_a_measure_only_a_municipality_owns(void **state UNUSED)
{
	struct desk *d = desk_at("2021-04-01");

	d->file.track = TRACK_COURT_MEASURE;
	d->file.owner = code_of("GM0988");
	party_owner(&d->change, OWNER_TEAM);
	assert_string_equal(d->file.owner.s, "GM0988");
	party_ask(&d->change, OWNER_TEAM);
	assert_string_equal(d->file.pending.s, "");
	assert_string_equal(d->change.notes[0], NOTE_INVARIANT_KEPT);
	test_free(d);
}

static void
test_between_a_municipality_and_its_local_team_nobody_needs_to_accept(void **state UNUSED)
{
	struct desk *d = desk_at("2021-04-01");

	party_ask(&d->change, OWNER_MUNICIPALITY);
	assert_string_equal(d->file.owner.s, "GM0988");
	assert_string_equal(d->file.pending.s, "");
	party_ask(&d->change, OWNER_TEAM);
	assert_string_equal(d->file.owner.s, "GM0988");
	assert_string_equal(d->file.pending.s, "ET-MIDDEN-LIMBURG");
	test_free(d);
}

static void
test_a_new_owner_leaves_the_supporters(void **state UNUSED)
{
	struct desk *d = desk_at("2021-04-01");

	party_support(&d->change, SUPPORTER_TEAM);
	party_support(&d->change, SUPPORTER_CCE);
	assert_int_equal(d->file.supporters.count, 2);
	party_owner(&d->change, OWNER_TEAM);
	assert_int_equal(d->file.supporters.count, 1);
	assert_string_equal(d->file.supporters.of[0].s, "CCE");
	assert_string_equal(last_said(d)->of.owner.former.s, "LT-GM0988");
	test_free(d);
}

static void
test_support_that_has_ended_is_not_given(void **state UNUSED)
{
	struct desk *d = desk_at("2022-01-01");

	d->at.supporter_end[SUPPORTER_NATIONAL_SUPPORT_TEAM] = day("2021-12-31");
	party_support(&d->change, SUPPORTER_NATIONAL_SUPPORT_TEAM);
	party_offer(&d->change, SUPPORTER_NATIONAL_SUPPORT_TEAM);
	assert_int_equal(d->file.supporters.count, 0);
	assert_int_equal(d->file.offered.count, 0);
	d->at.effect_on = day("2021-12-31");
	party_support(&d->change, SUPPORTER_NATIONAL_SUPPORT_TEAM);
	assert_int_equal(d->file.supporters.count, 1);
	test_free(d);
}

static void
test_a_team_whose_end_is_registered_is_no_supporter_either(void **state UNUSED)
{
	struct desk *d = desk_at("2022-01-01");

	d->file.team = code_of("ET-JZ32");
	d->at.supporter_end[SUPPORTER_TEAM] = day("2021-12-31");
	party_support(&d->change, SUPPORTER_TEAM);
	assert_int_equal(d->file.supporters.count, 0);
	test_free(d);
}

static void
test_an_open_case_never_stays_without_owner_and_deadline(void **state UNUSED)
{
	struct desk *d = desk_at("2021-04-01");

	d->file.owner = code_of("");
	d->change.owner_before = code_of("");
	assert_true(change_settle_owner(&d->change));
	assert_string_equal(d->file.owner.s, "LT-GM0988");
	assert_true(change_settle_deadline(&d->change));
	assert_int_equal(d->file.deadlines[0].kind, DEADLINE_KIND_REVIEW);
	assert_string_equal(date(d->file.deadlines[0].due), "2021-04-15");
	assert_false(change_settle_owner(&d->change));
	assert_false(change_settle_deadline(&d->change));
	test_free(d);
}

static void
test_the_level_is_the_highest_rung_at_work(void **state UNUSED)
{
	static const struct {
		const char *owner, *supporter;
		int level;
	} cases[] = {
	    {"LT-GM0988", "", LEVEL_LOCAL},
	    {"GM0988", "CCE", LEVEL_LOCAL},
	    {"GM0988", "OZJ", LEVEL_LOCAL},
	    {"GM0988", "ET-JZ31", LEVEL_REGIONAL},
	    {"LP-JZ99", "", LEVEL_REGIONAL},
	    {"ET-JZ31", "EC-LIMBURG", LEVEL_SUPRAREGIONAL},
	    {"NAT-VWS", "EC-LIMBURG", LEVEL_NATIONAL},
	    {"LT-GM0988", "NAT-VWS", LEVEL_LOCAL},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct desk *d = desk_at("2021-04-01");

		d->file.owner = code_of(cases[i].owner);
		code_set_add(&d->file.supporters, code_of(cases[i].supporter));
		assert_int_equal(case_level(&d->file), cases[i].level);
		test_free(d);
	}
}

/* ---- facts ------------------------------------------------------------------------------------------------------- */

static int64_t
fact_of(struct desk *d, enum case_fact fact)
{
	routing_facts(&d->at, &d->file, NULL, d->facts);
	return d->facts[fact];
}

static void
test_whose_consent_is_needed_follows_from_the_age(void **state UNUSED)
{
	const uint8_t parent = 1 << PERSON_PARENT;
	const uint8_t youth = 1 << PERSON_YOUTH;
	const struct {
		int age_band;
		uint8_t by;
		bool complete;
	} cases[] = {
	    {AGE_BAND_UNSPECIFIED, parent, false},  {AGE_BAND_UNSPECIFIED, parent | youth, true},
	    {AGE_BAND_UNDER_12, parent, true},      {AGE_BAND_UNDER_12, youth, false},
	    {AGE_BAND_FROM_12_TO_15, youth, false}, {AGE_BAND_FROM_12_TO_15, parent | youth, true},
	    {AGE_BAND_FROM_16_TO_17, youth, true},  {AGE_BAND_FROM_16_TO_17, parent, false},
	    {AGE_BAND_FROM_21_TO_22, youth, true},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct desk *d = desk_at("2021-04-01");

		d->file.age_band = (uint8_t)cases[i].age_band;
		d->file.consent_by = cases[i].by;
		d->file.consent = CONSENT_STATE_GIVEN;
		assert_int_equal(fact_of(d, CASE_FACT_CONSENT_COMPLETE), cases[i].complete);
		d->file.consent = CONSENT_STATE_WITHDRAWN;
		assert_int_equal(fact_of(d, CASE_FACT_CONSENT_COMPLETE), false);
		test_free(d);
	}
}

/* The numbers of the law, as the policy has them. */
static const struct policy_value auth_values[] = {
    {"auth_conditional", 6, TERM_MONTHS, true},
    {"auth_emergency", 28, TERM_DAYS, true},
    {"auth_extension", 12, TERM_MONTHS, true},
    {"auth_full", 12, TERM_MONTHS, true},
};

static void
test_an_authorisation_has_a_longest_term(void **state UNUSED)
{
	const struct policy_view view = {.values = auth_values, .value_count = COUNT_OF(auth_values)};
	static const struct {
		int kind;
		const char *until;
		const char *given;
		bool too_long;
	} cases[] = {
	    {AUTHORISATION_KIND_EMERGENCY, "", "2021-05-13", false},
	    {AUTHORISATION_KIND_EMERGENCY, "2021-05-14", "2021-05-14", true},
	    {AUTHORISATION_KIND_FULL, "2022-04-15", "2022-04-15", false},
	    {AUTHORISATION_KIND_FULL, "2022-04-16", "2022-04-16", true},
	    {AUTHORISATION_KIND_CONDITIONAL, "", "2021-10-15", false},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct desk *d = desk_at("2021-04-15");
		char until[11];
		pb_AuthorisationGranted granted;

		snprintf(until, sizeof until, "%s", cases[i].until);
		pb_AuthorisationGranted_init(&granted);
		granted.kind = (Doorbraak__V1__AuthorisationKind)cases[i].kind;
		granted.valid_until = until;
		d->at.body = &granted.base;
		d->at.view = &view;
		assert_string_equal(date((cal_day)fact_of(d, CASE_FACT_DATE_GIVEN)), cases[i].given);
		assert_int_equal(fact_of(d, CASE_FACT_AUTH_TOO_LONG), cases[i].too_long);
		/* Without a policy nothing is too long, and there is no end but the one that is given. */
		d->at.view = NULL;
		assert_string_equal(date((cal_day)fact_of(d, CASE_FACT_DATE_GIVEN)), until[0] == '\0' ? "none" : until);
		assert_int_equal(fact_of(d, CASE_FACT_AUTH_TOO_LONG), false);
		test_free(d);
	}
}

static void
test_organisations_are_known_by_their_form(void **state UNUSED)
{
	assert_int_equal(organisation_kind("GM0988"), ORGANISATION_KIND_MUNICIPALITY);
	assert_int_equal(organisation_kind("GM098"), ORGANISATION_KIND_OTHER);
	assert_int_equal(organisation_kind("LT-GM0988"), ORGANISATION_KIND_LOCAL_TEAM);
	assert_int_equal(organisation_kind("NAT-VWS"), ORGANISATION_KIND_NATIONAL_TEAM);
	assert_int_equal(organisation_kind("PC-ZUID"), ORGANISATION_KIND_PLACEMENT_COORDINATION);
	assert_int_equal(organisation_kind("P-LYNX"), ORGANISATION_KIND_PROVIDER);
	assert_int_equal(organisation_kind(""), ORGANISATION_KIND_UNSPECIFIED);
	assert_true(organisation_same_side(code_of("GM0988"), code_of("LT-GM0988")));
	assert_true(organisation_same_side(code_of("LT-GM0988"), code_of("GM0988")));
	assert_false(organisation_same_side(code_of("GM0988"), code_of("LT-GM0957")));
	assert_false(organisation_same_side(code_of(""), code_of("")));
}

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

static void
test_a_case_file_survives_its_bytes(void **state UNUSED)
{
	struct desk *d = desk_at("2021-04-01");
	struct case_file *back = test_calloc(1, sizeof *back);
	uint8_t *bytes = test_calloc(2, CASE_BYTES_MAX);

	d->file.youth = 7;
	d->file.desk_contacts = 2;
	d->file.urgent = true;
	d->file.consent_by = 6;
	d->file.realised_on = day("2021-03-01");
	code_set_add(&d->file.offered, code_of("OZJ"));
	for (unsigned i = 0; i < CASE_ACTIONS_MAX; i++) {
		d->file.actions[i].id = id_of("0123456789012345678901234567890123456789012345678901234567890123");
		d->file.actions[i].id.s[0] = (char)('A' + i);
		deadline_put(&d->change, DEADLINE_KIND_ACTION, d->file.actions[i].id.s, day("2021-04-01"),
			     day("2021-05-01"));
	}
	d->file.action_count = CASE_ACTIONS_MAX;
	const size_t len = case_pack(&d->file, bytes);

	assert_true(case_unpack(back, bytes_of(bytes, len)));
	assert_int_equal(case_pack(back, bytes + CASE_BYTES_MAX), len);
	assert_memory_equal(bytes, bytes + CASE_BYTES_MAX, len);
	assert_int_equal(back->deadline_count, CASE_ACTIONS_MAX);
	assert_string_equal(back->offered.of[0].s, "OZJ");
	for (size_t cut = 0; cut < len; cut++)
		assert_false(case_unpack(back, bytes_of(bytes, cut)));
	bytes[0]++;
	assert_false(case_unpack(back, bytes_of(bytes, len)));
	test_free(bytes);
	test_free(back);
	test_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_term_ends_where_the_law_says),
	    cmocka_unit_test(test_a_track_without_term_sets_nothing),
	    cmocka_unit_test(test_invitations_count_back_from_the_meeting_but_not_into_the_past),
	    cmocka_unit_test(test_a_warning_comes_at_four_fifths_or_the_working_day_before),
	    cmocka_unit_test(test_how_early_a_warning_comes_is_a_percentage),
	    cmocka_unit_test(test_a_fact_known_late_is_missed_the_day_after_it_was_known),
	    cmocka_unit_test(test_lateness_counts_working_days_from_the_first_miss),
	    cmocka_unit_test(test_a_late_message_about_a_timely_fact_is_not_late),
	    cmocka_unit_test(test_setting_again_replaces),
	    cmocka_unit_test(test_a_deadline_ends_when_its_states_are_left),
	    cmocka_unit_test(test_under_a_measure_only_a_municipality_owns),
	    cmocka_unit_test(test_between_a_municipality_and_its_local_team_nobody_needs_to_accept),
	    cmocka_unit_test(test_a_new_owner_leaves_the_supporters),
	    cmocka_unit_test(test_support_that_has_ended_is_not_given),
	    cmocka_unit_test(test_a_team_whose_end_is_registered_is_no_supporter_either),
	    cmocka_unit_test(test_an_open_case_never_stays_without_owner_and_deadline),
	    cmocka_unit_test(test_the_level_is_the_highest_rung_at_work),
	    cmocka_unit_test(test_whose_consent_is_needed_follows_from_the_age),
	    cmocka_unit_test(test_an_authorisation_has_a_longest_term),
	    cmocka_unit_test(test_organisations_are_known_by_their_form),
	    cmocka_unit_test(test_a_case_file_survives_its_bytes),
	};
	return cmocka_run_group_tests_name("routing, decisions", tests, NULL, NULL);
}
