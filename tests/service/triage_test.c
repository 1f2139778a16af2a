// SPDX-License-Identifier: EUPL-1.2
/* Triage: records of intake in, classifications out. Rules R2-R7, R15, R16, R19-R23, and the second row of 4.2; with
 * the tables that are shipped and an invented registry. */
#include "tests/service/desk.h"

#include "common/scope_triage.h"
#include "services/cli/policy_file.h"

static pb_CaseSubmitted *
case_in(struct desk *d, pb_Submission **s, const char *case_id, const char *municipality)
{
	*s = desk_say(d, case_id);
	pb_CaseSubmitted *c = DESK_BODY(d, *s, CaseSubmitted, CASE_SUBMITTED, case_submitted);
	c->municipality = desk_text(d, municipality);
	c->submitter = (Doorbraak__V1__SubmitterKind)SUBMITTER_KIND_LOCAL_TEAM;
	c->asks = (Doorbraak__V1__Ask)ASK_PROCESS_DIRECTION;
	return c;
}

/* Opens a case in a municipality; what triage decided. */
static const pb_RouteDecided *
opened(struct desk *d, const char *case_id, const char *municipality)
{
	pb_Submission *s;

	case_in(d, &s, case_id, municipality);
	desk_take(d, s, true);
	assert_int_equal(d->said_count, 1);
	assert_int_equal(d->said[0]->body_case, DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED);
	return d->said[0]->route_decided;
}

static const pb_MessageRejected *
rejected(struct desk *d, int reason)
{
	assert_int_equal(d->said_count, 1);
	assert_int_equal(d->said[0]->body_case, DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED);
	assert_int_equal(d->said[0]->message_rejected->reason, reason);
	return d->said[0]->message_rejected;
}

static const char *
fact(struct desk *d, const char *name)
{
	const pb_Basis *basis = d->said[0]->basis;

	for (size_t i = 0; i < basis->n_facts; i++) {
		if (strcmp(basis->facts[i]->name, name) == 0)
			return basis->facts[i]->value;
	}
	return "";
}

static bool
warns(const pb_RouteDecided *r, int warning)
{
	for (size_t i = 0; i < r->n_warnings; i++) {
		if ((int)r->warnings[i] == warning)
			return true;
	}
	return false;
}

/* ---- an invented map --------------------------------------------------------------------------------------------- */

static pb_RegistryRow *
add_row(struct desk *d, pb_RegistryAdopted *r, int kind)
{
	pb_RegistryRow *row = ARENA_NEW(&d->arena, pb_RegistryRow);

	pb_RegistryRow_init(row);
	row->row = (Doorbraak__V1__RegistryRowKind)kind;
	assert_true(r->n_rows < 32);
	r->rows[r->n_rows++] = row;
	return row;
}

static void
add_municipality(struct desk *d, pb_RegistryAdopted *r, const char *municipality, const char *region)
{
	pb_RegistryRow *row = add_row(d, r, REGISTRY_ROW_KIND_MUNICIPALITY);

	row->municipality = desk_text(d, municipality);
	row->region = desk_text(d, region);
}

static void
add_merger(struct desk *d, pb_RegistryAdopted *r, const char *municipality, const char *successor)
{
	pb_RegistryRow *row = add_row(d, r, REGISTRY_ROW_KIND_MERGER);

	row->municipality = desk_text(d, municipality);
	row->successor = desk_text(d, successor);
}

static void
add_region(struct desk *d, pb_RegistryAdopted *r, const char *region, const char *team)
{
	pb_RegistryRow *row = add_row(d, r, REGISTRY_ROW_KIND_REGION);

	row->region = desk_text(d, region);
	row->expertise_centre = desk_text(d, "EC-OOST");
	row->expert_team = desk_text(d, team);
}

static void
add_landing_place(struct desk *d, pb_RegistryAdopted *r, const char *region, const char *organisation)
{
	pb_RegistryRow *row = add_row(d, r, REGISTRY_ROW_KIND_LANDING_PLACE);

	row->region = desk_text(d, region);
	row->organisation = desk_text(d, organisation);
	row->known_to_all = true;
	row->functions = ARENA_ARRAY(&d->arena, Doorbraak__V1__TeamFunction, 4);
	for (int f = TEAM_FUNCTION_CONSULTATION; f <= TEAM_FUNCTION_LEARNING; f++)
		row->functions[row->n_functions++] = (Doorbraak__V1__TeamFunction)f;
}

static pb_RegistryAdopted *
registry_in(struct desk *d, pb_Submission **s, const char *version, const char *valid_from)
{
	*s = desk_say(d, "");
	pb_RegistryAdopted *r = DESK_BODY(d, *s, RegistryAdopted, REGISTRY_ADOPTED, registry_adopted);
	r->version = desk_text(d, version);
	r->valid_from = desk_text(d, valid_from);
	r->rows = ARENA_ARRAY(&d->arena, pb_RegistryRow *, 32);
	return r;
}

static void
adopt_registry(struct desk *d)
{
	pb_Submission *s;
	pb_RegistryAdopted *r = registry_in(d, &s, "1.0.0", "2016-01-01");

	add_region(d, r, "JZ91", "ET-JZ91");
	add_region(d, r, "JZ92", "");
	add_landing_place(d, r, "JZ92", "LP-JZ92");
	add_region(d, r, "JZ93", "");
	add_municipality(d, r, "GM9901", "JZ91");
	add_municipality(d, r, "GM9902", "JZ92");
	add_municipality(d, r, "GM9903", "JZ93");
	add_merger(d, r, "GM9911", "GM9901");
	add_merger(d, r, "GM9912", "GM9901");
	add_merger(d, r, "GM9912", "GM9902");
	pb_RegistryRow *feature = add_row(d, r, REGISTRY_ROW_KIND_FEATURE);
	feature->region = desk_text(d, "JZ92");
	feature->feature = (Doorbraak__V1__Ask)ASK_REVIEW_PLACEMENT;
	desk_take(d, s, false);
	assert_int_equal(d->said_count, 0);
}

static void
adopt_policy(struct desk *d)
{
	static const char *const paths[] = {"services/routing/policy/policy.yaml",
					    "services/triage/policy/triage.yaml"};
	static const struct rules_scope *const scopes[] = {&scope_triage};
	struct policy_file file;
	pb_Submission *s = desk_say(d, "");

	assert_true(policy_file_read(&d->arena, paths, 2, scopes, 1, &file));
	s->body_case = DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED;
	s->policy_adopted = file.policy;
	desk_take(d, s, false);
	assert_int_equal(d->said_count, 0);
}

static int
setup_empty(void **state)
{
	struct desk *d = test_calloc(1, sizeof *d);

	desk_open(d, &triage_service);
	*state = d;
	return 0;
}

static int
setup(void **state)
{
	setup_empty(state);
	adopt_registry(*state);
	adopt_policy(*state);
	return 0;
}

static int
teardown(void **state)
{
	desk_close(*state);
	test_free(*state);
	return 0;
}

/* ---- where it belongs -------------------------------------------------------------------------------------------- */

static void
test_a_municipality_leads_to_region_team_and_centre(void **state)
{
	struct desk *d = *state;
	const pb_RouteDecided *r = opened(d, "c-1", "GM9901");
	const pb_Basis *basis = d->said[0]->basis;

	assert_int_equal(r->kind, ROUTE_KIND_RECORDED);
	assert_int_equal(r->track, TRACK_VOLUNTARY);
	assert_string_equal(r->funder, "GM9901");
	assert_string_equal(r->region, "JZ91");
	assert_string_equal(r->team, "ET-JZ91");
	assert_string_equal(r->expertise_centre, "EC-OOST");
	assert_int_equal(r->n_warnings, 0);
	assert_int_equal(r->n_criteria, 0);
	assert_string_equal(d->said[0]->case_id, "c-1");
	assert_string_equal(d->said[0]->effect_date, "2024-03-04");
	assert_int_equal(d->said[0]->service, SERVICE_TRIAGE);
	assert_string_equal(basis->rule, "R2");
	assert_string_equal(basis->row, "R2.T1");
	assert_string_equal(basis->registry_version, "1.0.0");
	assert_true(basis->policy_version[0] != '\0');
	assert_int_equal(basis->policy_hash.len, DIGEST_SIZE);
	assert_string_equal(fact(d, "municipality"), "GM9901");
	assert_string_equal(fact(d, "region"), "JZ91");
}

static void
test_without_residence_the_mother_at_birth_counts_and_then_the_stay(void **state)
{
	struct desk *d = *state;
	pb_Submission *s;
	pb_CaseSubmitted *c = case_in(d, &s, "c-1", "");

	c->municipality_mother_at_birth = desk_text(d, "GM9902");
	c->municipality_of_stay = desk_text(d, "GM9903");
	desk_take(d, s, true);
	assert_string_equal(d->said[0]->route_decided->funder, "GM9902");
	assert_string_equal(d->said[0]->basis->row, "R2.T2");
	c = case_in(d, &s, "c-2", "");
	c->municipality_of_stay = desk_text(d, "GM9903");
	desk_take(d, s, true);
	assert_string_equal(d->said[0]->route_decided->funder, "GM9903");
	assert_string_equal(d->said[0]->basis->row, "R2.T3");
}

static void
test_a_merged_municipality_is_replaced_with_a_warning(void **state)
{
	struct desk *d = *state;
	const pb_RouteDecided *r = opened(d, "c-1", "GM9911");

	assert_string_equal(r->funder, "GM9901");
	assert_true(warns(r, WARNING_MUNICIPALITY_REPLACED));
	assert_string_equal(fact(d, "municipality"), "GM9901");
	assert_string_equal(fact(d, "municipality_named"), "GM9911");
}

static void
test_a_landing_place_stands_in_for_a_team_with_a_warning(void **state)
{
	struct desk *d = *state;
	const pb_RouteDecided *r = opened(d, "c-1", "GM9902");

	assert_string_equal(r->team, "LP-JZ92");
	assert_true(warns(r, WARNING_LANDING_PLACE_USED));
}

static void
test_a_region_with_neither_has_no_team_and_no_warning(void **state)
{
	struct desk *d = *state;
	const pb_RouteDecided *r = opened(d, "c-1", "GM9903");

	assert_string_equal(r->team, "");
	assert_string_equal(r->expertise_centre, "EC-OOST");
	assert_int_equal(r->n_warnings, 0);
}

static void
test_the_registry_of_the_day_of_the_fact_counts(void **state)
{
	struct desk *d = *state;
	pb_Submission *s;
	pb_RegistryAdopted *r;

	d->now_ms = cal_local_ms(cal_from_date(2024, 3, 5), 9, 0, 0);
	r = registry_in(d, &s, "1.1.0", "2024-04-01");
	add_municipality(d, r, "GM9901", "JZ92");
	desk_take(d, s, false);
	d->now_ms = cal_local_ms(cal_from_date(2024, 4, 2), 9, 0, 0);
	assert_string_equal(opened(d, "c-1", "GM9901")->region, "JZ92");
	assert_string_equal(d->said[0]->basis->registry_version, "1.1.0");
	case_in(d, &s, "c-2", "GM9901");
	record_timestamp(s->occurred_at, cal_local_ms(cal_from_date(2024, 3, 31), 9, 0, 0));
	desk_take(d, s, true);
	assert_string_equal(d->said[0]->route_decided->region, "JZ91");
	assert_string_equal(d->said[0]->effect_date, "2024-03-31");
}

static void
test_review_of_a_placement_is_offered_only_where_the_region_does_it(void **state)
{
	struct desk *d = *state;
	static const char *const places[] = {"GM9901", "GM9902"};

	for (unsigned i = 0; i < 2; i++) {
		pb_Submission *s;
		case_in(d, &s, i == 0 ? "c-1" : "c-2", places[i])->asks = (Doorbraak__V1__Ask)ASK_REVIEW_PLACEMENT;
		desk_take(d, s, true);
		assert_int_equal(warns(d->said[0]->route_decided, WARNING_ASK_NOT_OFFERED), i == 0);
	}
}

static void
test_a_court_measure_and_closed_care_have_their_own_track(void **state)
{
	struct desk *d = *state;
	pb_Submission *s = desk_say(d, "c-1");
	pb_CourtMeasureRegistered *c =
	    DESK_BODY(d, s, CourtMeasureRegistered, COURT_MEASURE_REGISTERED, court_measure_registered);

	c->municipality = desk_text(d, "GM9902");
	desk_take(d, s, true);
	assert_int_equal(d->said[0]->route_decided->track, TRACK_COURT_MEASURE);
	assert_true(warns(d->said[0]->route_decided, WARNING_LANDING_PLACE_USED));
	assert_string_equal(d->said[0]->basis->rule, "R58");
	s = desk_say(d, "c-2");
	DESK_BODY(d, s, ClosedPlacementRequested, CLOSED_PLACEMENT_REQUESTED, closed_placement_requested)
	    ->municipality = desk_text(d, "GM9901");
	desk_take(d, s, true);
	assert_int_equal(d->said[0]->route_decided->track, TRACK_CLOSED_CARE);
	assert_string_equal(d->said[0]->basis->rule, "R67");
}

static void
test_a_court_measure_on_an_existing_case_is_left_to_routing(void **state)
{
	struct desk *d = *state;
	pb_Submission *s;

	opened(d, "c-1", "GM9901");
	s = desk_say(d, "c-1");
	(void)DESK_BODY(d, s, CourtMeasureRegistered, COURT_MEASURE_REGISTERED, court_measure_registered);
	desk_take(d, s, false);
	assert_int_equal(d->said_count, 0);
}

static void
test_a_new_residence_gets_its_region_team_and_centre(void **state)
{
	struct desk *d = *state;
	pb_Submission *s;

	opened(d, "c-1", "GM9901");
	s = desk_say(d, "c-1");
	DESK_BODY(d, s, ResidenceChanged, RESIDENCE_CHANGED, residence_changed)->municipality = desk_text(d, "GM9902");
	desk_take(d, s, false);
	assert_int_equal(d->said_count, 1);
	const pb_RouteDecided *r = d->said[0]->route_decided;
	assert_non_null(r);
	assert_int_equal(r->kind, ROUTE_KIND_RECORDED);
	assert_string_equal(r->funder, "GM9902");
	assert_string_equal(r->region, "JZ92");
	assert_string_equal(r->team, "LP-JZ92");
	assert_true(warns(r, WARNING_LANDING_PLACE_USED));
	assert_string_equal(d->said[0]->basis->rule, "R15");
}

/* ---- how complex it is ------------------------------------------------------------------------------------------- */

static void
test_several_life_domains_count_once_each(void **state)
{
	struct desk *d = *state;
	static const Doorbraak__V1__LifeDomain same[] = {
	    DOORBRAAK__V1__LIFE_DOMAIN__LIFE_DOMAIN_WORK,
	    DOORBRAAK__V1__LIFE_DOMAIN__LIFE_DOMAIN_WORK,
	    DOORBRAAK__V1__LIFE_DOMAIN__LIFE_DOMAIN_SCHOOL,
	};

	for (size_t n = 2; n <= 3; n++) {
		pb_Submission *s;
		pb_CaseSubmitted *c = case_in(d, &s, n == 2 ? "c-1" : "c-2", "GM9901");
		c->life_domains = (Doorbraak__V1__LifeDomain *)(uintptr_t)same;
		c->n_life_domains = n;
		c->parties = 2;
		c->family_affected = true;
		desk_take(d, s, true);
		const pb_RouteDecided *r = d->said[0]->route_decided;
		assert_int_equal(r->n_criteria, n == 2 ? 0 : 1);
		if (n == 3)
			assert_int_equal(r->criteria[0], COMPLEXITY_CRITERION_SEVERAL_LIFE_DOMAINS);
	}
}

static void
test_all_criteria_that_are_met_are_told_in_order(void **state)
{
	struct desk *d = *state;
	pb_Submission *s;
	pb_CaseSubmitted *c = case_in(d, &s, "c-1", "GM9901");

	c->stuck_on = (Doorbraak__V1__StuckOn)STUCK_ON_COOPERATION;
	c->consulted_without_solution = true;
	desk_take(d, s, true);
	const pb_RouteDecided *r = d->said[0]->route_decided;
	assert_int_equal(r->n_criteria, 2);
	assert_int_equal(r->criteria[0], COMPLEXITY_CRITERION_STUCK_ON_COOPERATION);
	assert_int_equal(r->criteria[1], COMPLEXITY_CRITERION_CONSULTED_WITHOUT_SOLUTION);
	assert_string_equal(fact(d, "stuck_on"), "COOPERATION");
	assert_string_equal(fact(d, "consulted_without_solution"), "true");
}

static void
test_a_criterion_that_missed_by_one_fact_is_told_as_near(void **state)
{
	struct desk *d = *state;
	pb_Submission *s;
	pb_CaseSubmitted *c = case_in(d, &s, "c-1", "GM9901");
	Doorbraak__V1__LifeDomain domains[] = {
	    DOORBRAAK__V1__LIFE_DOMAIN__LIFE_DOMAIN_WORK,
	    DOORBRAAK__V1__LIFE_DOMAIN__LIFE_DOMAIN_SCHOOL,
	};
	bool near = false;

	c->life_domains = domains;
	c->n_life_domains = 2;
	c->parties = 2;
	desk_take(d, s, true);
	const pb_Basis *basis = d->said[0]->basis;
	for (size_t i = 0; i < basis->n_near; i++)
		near = near || (strcmp(basis->near[i]->row, "R20.T1") == 0 &&
				strcmp(basis->near[i]->fact, "family_affected") == 0);
	assert_true(near);
}

/* ---- rejected ---------------------------------------------------------------------------------------------------- */

static void
test_without_any_municipality_nobody_is_responsible(void **state)
{
	struct desk *d = *state;
	pb_Submission *s;

	case_in(d, &s, "c-1", "");
	desk_take(d, s, true);
	assert_string_equal(rejected(d, REASON_NO_RESPONSIBLE_MUNICIPALITY)->field, "municipality");
}

static void
test_an_unknown_municipality_is_rejected_with_its_field(void **state)
{
	struct desk *d = *state;
	pb_Submission *s;

	case_in(d, &s, "c-1", "")->municipality_of_stay = desk_text(d, "GM9999");
	desk_take(d, s, true);
	assert_string_equal(rejected(d, REASON_UNKNOWN_MUNICIPALITY)->field, "municipality_of_stay");
	assert_string_equal(fact(d, "municipality"), "GM9999");
}

static void
test_a_municipality_that_was_split_is_rejected_with_the_candidates(void **state)
{
	struct desk *d = *state;
	pb_Submission *s;

	case_in(d, &s, "c-1", "GM9912");
	desk_take(d, s, true);
	const pb_MessageRejected *r = rejected(d, REASON_AMBIGUOUS_MUNICIPALITY);
	assert_int_equal(r->n_candidates, 2);
	assert_string_equal(r->candidates[0], "GM9901");
	assert_string_equal(r->candidates[1], "GM9902");
}

static void
test_what_is_said_about_a_case_that_never_opened_is_rejected(void **state)
{
	struct desk *d = *state;
	pb_Submission *s;

	case_in(d, &s, "c-1", "GM9999");
	desk_take(d, s, true);
	for (int life = 0; life < 2; life++) {
		s = desk_say(d, "c-1");
		DESK_BODY(d, s, ResidenceChanged, RESIDENCE_CHANGED, residence_changed)->municipality =
		    desk_text(d, "GM9901");
		desk_take(d, s, false);
		assert_string_equal(rejected(d, REASON_UNKNOWN_CASE)->field, "case_id");
		desk_restart(d);
	}
}

static void
test_a_new_residence_may_be_unknown_or_ambiguous_too(void **state)
{
	struct desk *d = *state;
	static const char *const places[] = {"GM9999", "GM9912"};
	static const int reasons[] = {REASON_UNKNOWN_MUNICIPALITY, REASON_AMBIGUOUS_MUNICIPALITY};

	opened(d, "c-1", "GM9901");
	for (unsigned i = 0; i < 2; i++) {
		pb_Submission *s = desk_say(d, "c-1");
		DESK_BODY(d, s, ResidenceChanged, RESIDENCE_CHANGED, residence_changed)->municipality =
		    desk_text(d, places[i]);
		desk_take(d, s, false);
		rejected(d, reasons[i]);
	}
}

static void
test_with_nothing_in_force_the_rejection_says_what_is_missing(void **state)
{
	struct desk *d = *state;
	pb_Submission *s;

	case_in(d, &s, "c-1", "GM9901");
	desk_take(d, s, true);
	rejected(d, REASON_UNKNOWN_MUNICIPALITY);
	assert_string_equal(fact(d, "registry"), "NONE");
	adopt_registry(d);
	case_in(d, &s, "c-2", "GM9901");
	desk_take(d, s, true);
	rejected(d, REASON_NO_RESPONSIBLE_MUNICIPALITY);
	assert_string_equal(fact(d, "policy"), "NONE");
	adopt_policy(d);
	opened(d, "c-3", "GM9901");
}

/* ---- everything else --------------------------------------------------------------------------------------------- */

static void
test_everything_else_passes_without_a_word(void **state)
{
	struct desk *d = *state;
	pb_IntakeRecord intake;
	pb_Tick tick;
	pb_Submission *s;

	opened(d, "c-1", "GM9901");
	pb_IntakeRecord_init(&intake);
	pb_Tick_init(&tick);
	tick.date = desk_text(d, "2024-03-05");
	intake.body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK;
	intake.tick = &tick;
	desk_feed(d, &intake);
	assert_int_equal(d->said_count, 0);
	s = desk_say(d, "c-1");
	(void)DESK_BODY(d, s, MandateGranted, MANDATE_GRANTED, mandate_granted);
	desk_take(d, s, false);
	assert_int_equal(d->said_count, 0);
	s = desk_say(d, "");
	(void)DESK_BODY(d, s, ThemeRecorded, THEME_RECORDED, theme_recorded);
	desk_take(d, s, false);
	assert_int_equal(d->said_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_municipality_leads_to_region_team_and_centre),
	    TEST(test_without_residence_the_mother_at_birth_counts_and_then_the_stay),
	    TEST(test_a_merged_municipality_is_replaced_with_a_warning),
	    TEST(test_a_landing_place_stands_in_for_a_team_with_a_warning),
	    TEST(test_a_region_with_neither_has_no_team_and_no_warning),
	    TEST(test_the_registry_of_the_day_of_the_fact_counts),
	    TEST(test_review_of_a_placement_is_offered_only_where_the_region_does_it),
	    TEST(test_a_court_measure_and_closed_care_have_their_own_track),
	    TEST(test_a_court_measure_on_an_existing_case_is_left_to_routing),
	    TEST(test_a_new_residence_gets_its_region_team_and_centre),
	    TEST(test_several_life_domains_count_once_each),
	    TEST(test_all_criteria_that_are_met_are_told_in_order),
	    TEST(test_a_criterion_that_missed_by_one_fact_is_told_as_near),
	    TEST(test_without_any_municipality_nobody_is_responsible),
	    TEST(test_an_unknown_municipality_is_rejected_with_its_field),
	    TEST(test_a_municipality_that_was_split_is_rejected_with_the_candidates),
	    TEST(test_what_is_said_about_a_case_that_never_opened_is_rejected),
	    TEST(test_a_new_residence_may_be_unknown_or_ambiguous_too),
	    cmocka_unit_test_setup_teardown(test_with_nothing_in_force_the_rejection_says_what_is_missing, setup_empty,
					    teardown),
	    TEST(test_everything_else_passes_without_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
