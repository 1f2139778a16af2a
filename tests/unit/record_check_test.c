// SPDX-License-Identifier: EUPL-1.2
/* Validation of submissions (record.h): who may say what, and what must be said. */
#include "tests/unit/record_says.h"

/* ---- every kind, as small as it may be ---- */

struct kind {
	const char *field; /* of the oneof */
	const char
	    *who; /* as the vocabulary says it; "owner", "director", "everybody", "addressee" stand for several */
	const char *smallest; /* fields that make it acceptable, the case included; the first of `who` says it */
};

static const struct kind kinds[] = {
    {"case_submitted", "everybody", "case_submitted: {municipality: GM0988, submitter: PARENT, asks: HELP}"},
    {"case_info_supplemented", "owner everybody", "case_id: c-1, case_info_supplemented: {}"},
    {"consent_recorded", "owner", "case_id: c-1, consent_recorded: {given_by: [PARENT]}"},
    {"consent_withdrawn", "owner", "case_id: c-1, consent_withdrawn: {}"},
    {"residence_changed", "MUNICIPALITY BRP_ADAPTER", "case_id: c-1, residence_changed: {municipality: GM0988}"},
    {"screening_decided", "CHAIR MUNICIPALITY", "case_id: c-1, screening_decided: {decision: ADVICE_ONLY}"},
    {"advice_given", "CHAIR PROCESS_DIRECTOR TEAM_MEMBER", "case_id: c-1, advice_given: {}"},
    {"stuck_declared", "owner", "case_id: c-1, stuck_declared: {stuck_on: MONEY}"},
    {"mandate_granted", "MUNICIPALITY ALDERMAN", "case_id: c-1, mandate_granted: {}"},
    {"mandate_refused", "MUNICIPALITY ALDERMAN", "case_id: c-1, mandate_refused: {}"},
    {"meeting_scheduled", "director", "case_id: c-1, meeting_scheduled: {meeting_on: 2021-03-09}"},
    {"participant_invited", "director", "case_id: c-1, participant_invited: {participants: [PARENT]}"},
    {"meeting_held", "director", "case_id: c-1, meeting_held: {}"},
    {"plan_agreed", "director", "case_id: c-1, plan_agreed: {}"},
    {"plan_reviewed", "director", "case_id: c-1, plan_reviewed: {}"},
    {"plan_action_completed",
     "PROVIDER PROFESSIONAL LOCAL_TEAM MUNICIPALITY CERTIFIED_BODY SCHOOL EXPERTISE_CENTRE director",
     "case_id: c-1, plan_action_completed: {action: A1}"},
    {"waiting_time_recorded", "PROVIDER PROFESSIONAL owner",
     "case_id: c-1, waiting_time_recorded: {expected_days: 75}"},
    {"bridging_care_started", "PROVIDER PROFESSIONAL owner", "case_id: c-1, bridging_care_started: {}"},
    {"bridging_care_ended", "PROVIDER PROFESSIONAL owner", "case_id: c-1, bridging_care_ended: {}"},
    {"help_realised", "owner", "case_id: c-1, help_realised: {}"},
    {"help_effective_confirmed", "owner", "case_id: c-1, help_effective_confirmed: {asked: [YOUTH]}"},
    {"help_not_effective", "owner", "case_id: c-1, help_not_effective: {asked: [YOUTH]}"},
    {"escalation_requested", "owner", "case_id: c-1, escalation_requested: {kind: OFFICIAL}"},
    {"escalation_decided", "EXPERTISE_CENTRE MUNICIPALITY ALDERMAN STEERING_GROUP",
     "case_id: c-1, escalation_decided: {kind: EXPERTISE_CENTRE, decision: ACCEPTED}"},
    {"owner_transfer_requested", "owner", "case_id: c-1, owner_transfer_requested: {to: ET-JZ32}"},
    {"owner_transfer_accepted", "CHAIR PROCESS_DIRECTOR LOCAL_TEAM MUNICIPALITY NATIONAL_TEAM",
     "case_id: c-1, owner_transfer_accepted: {}"},
    {"owner_transfer_refused", "CHAIR PROCESS_DIRECTOR LOCAL_TEAM MUNICIPALITY NATIONAL_TEAM",
     "case_id: c-1, owner_transfer_refused: {}"},
    {"national_desk_answered", "NATIONAL_DESK", "case_id: c-1, national_desk_answered: {answer: INFORMATION_ONLY}"},
    {"court_measure_registered", "MUNICIPALITY CERTIFIED_BODY CHILD_PROTECTION_BOARD JUVENILE_COURT",
     "court_measure_registered: {municipality: GM0988, measure: SUPERVISION, pronounced_on: 2021-02-26}"},
    {"measure_execution_started", "CERTIFIED_BODY MUNICIPALITY", "case_id: c-1, measure_execution_started: {}"},
    {"per_child_agreement_recorded", "MUNICIPALITY", "case_id: c-1, per_child_agreement_recorded: {}"},
    {"protector_assigned", "CERTIFIED_BODY", "case_id: c-1, protector_assigned: {}"},
    {"first_contact_held", "CERTIFIED_BODY PROTECTOR", "case_id: c-1, first_contact_held: {}"},
    {"protection_plan_adopted", "CERTIFIED_BODY PROTECTOR", "case_id: c-1, protection_plan_adopted: {}"},
    {"measure_ended", "MUNICIPALITY CERTIFIED_BODY CHILD_PROTECTION_BOARD JUVENILE_COURT",
     "case_id: c-1, measure_ended: {}"},
    {"closed_placement_requested", "MUNICIPALITY CERTIFIED_BODY", "closed_placement_requested: {municipality: GM0988}"},
    {"closed_placement_started", "PROVIDER MUNICIPALITY",
     "case_id: c-1, closed_placement_started: {provider: P-REE, reason: SAFETY}"},
    {"closed_placement_ended", "PROVIDER MUNICIPALITY", "case_id: c-1, closed_placement_ended: {}"},
    {"authorisation_granted", "MUNICIPALITY CERTIFIED_BODY JUVENILE_COURT",
     "case_id: c-1, authorisation_granted: {kind: FULL}"},
    {"authorisation_extended", "MUNICIPALITY CERTIFIED_BODY JUVENILE_COURT",
     "case_id: c-1, authorisation_extended: {valid_until: 2021-09-01}"},
    {"living_perspective_set", "PROVIDER MUNICIPALITY PROCESS_DIRECTOR",
     "case_id: c-1, living_perspective_set: {perspective: KIN}"},
    {"transfer_registered", "PROVIDER", "case_id: c-1, transfer_registered: {to: P-EGEL}"},
    {"seclusion_registered", "PROVIDER", "case_id: c-1, seclusion_registered: {seclusion_kind: ISOLATION}"},
    {"suicidal_behaviour_registered", "PROVIDER", "case_id: c-1, suicidal_behaviour_registered: {}"},
    {"risk_plan_recorded", "PROVIDER", "case_id: c-1, risk_plan_recorded: {}"},
    {"cce_involved", "PROVIDER CCE owner", "case_id: c-1, cce_involved: {}"},
    {"calamity_report_recorded", "PROVIDER", "case_id: c-1, calamity_report_recorded: {reported_on: 2021-03-01}"},
    {"case_scaled_down", "owner", "case_id: c-1, case_scaled_down: {to_level: LOCAL}"},
    {"case_closed", "owner", "case_id: c-1, case_closed: {reason: SOLVED}"},
    {"case_reopened", "LOCAL_TEAM", "case_id: c-1, case_reopened: {}"},
    {"evaluation_recorded", "CHAIR PROCESS_DIRECTOR LOCAL_TEAM MUNICIPALITY NATIONAL_TEAM",
     "case_id: c-1, evaluation_recorded: {}"},
    {"theme_recorded", "CHAIR PROCESS_DIRECTOR STEERING_GROUP", "theme_recorded: {region: JZ32, stuck_on: MONEY}"},
    {"registry_adopted", "ADMINISTRATOR",
     "registry_adopted: {version: 1.0.0, valid_from: 2021-01-01, rows: [{row: SUPPORTER_END, organisation: OZJ}]}"},
    {"policy_adopted", "ADMINISTRATOR", "policy_adopted: {version: 1.0.0, valid_from: 2021-01-01}"},
    {"source_registered", "ADMINISTRATOR", "source_registered: {source: S2}"},
    {"signal_acknowledged", "addressee", "case_id: c-1, signal_acknowledged: {code: S02, subject: CASE}"},
    {"subscription_registered", "OPERATOR SYSTEM", "subscription_registered: {}"},
    {"delivery_reported", "OPERATOR SYSTEM", "delivery_reported: {}"},
    {"case_erased", "OPERATOR", "case_id: c-1, case_erased: {ground: COURT_ORDER}"},
};

/* What the words in `who` stand for. */
static bool
word_covers(const char *word, const char *role)
{
	const char *roles = NULL;

	if (strcmp(word, "owner") == 0)
		roles = " LOCAL_TEAM MUNICIPALITY PROCESS_DIRECTOR CHAIR NATIONAL_TEAM ";
	else if (strcmp(word, "director") == 0)
		roles = " PROCESS_DIRECTOR CHAIR MUNICIPALITY NATIONAL_TEAM ";
	else if (strcmp(word, "everybody") == 0)
		return strstr(" SYSTEM OPERATOR ADMINISTRATOR BRP_ADAPTER ", arena_printf(&arena, " %s ", role)) ==
		       NULL;
	else if (strcmp(word, "addressee") == 0)
		return strstr(" SYSTEM ADMINISTRATOR BRP_ADAPTER YOUTH PARENT ", arena_printf(&arena, " %s ", role)) ==
		       NULL;
	return roles == NULL ? strcmp(word, role) == 0 : strstr(roles, arena_printf(&arena, " %s ", role)) != NULL;
}

static bool
who_covers(const char *who, const char *role)
{
	char words[200];
	char *rest = words, *word;

	snprintf(words, sizeof(words), "%s", who);
	while ((word = strsep(&rest, " ")) != NULL) {
		if (word_covers(word, role))
			return true;
	}
	return false;
}

static void
test_the_table_holds_every_kind_of_the_contract(void **state UNUSED)
{
	unsigned bodies = 0;

	for (unsigned i = 0; i < pb_Submission_descriptor.n_fields; i++)
		bodies += field_in_oneof(&pb_Submission_descriptor.fields[i]) ? 1 : 0;
	assert_int_equal(bodies, COUNT_OF(kinds));
}

static void
test_each_role_publishes_what_the_vocabulary_says_and_nothing_else(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		const ProtobufCFieldDescriptor *f =
		    protobuf_c_message_descriptor_get_field_by_name(&pb_Submission_descriptor, kinds[i].field);

		assert_non_null(f);
		for (int role = ROLE_YOUTH; role <= ROLE_SYSTEM; role++) {
			const char *name = record_code_of("Role", role);
			const bool may = record_role_may_publish(role, (int)f->id);

			if (may != who_covers(kinds[i].who, name))
				fail_msg("%s by %s: %s", kinds[i].field, name, may ? "allowed" : "not allowed");
		}
		assert_false(record_role_may_publish(ROLE_UNSPECIFIED, (int)f->id));
		assert_false(record_role_may_publish(-1, (int)f->id));
		assert_false(record_role_may_publish(ROLE_SYSTEM + 1, (int)f->id));
	}
	assert_false(record_role_may_publish(ROLE_CHAIR, 0));
	assert_false(record_role_may_publish(ROLE_CHAIR, -1));
	assert_false(record_role_may_publish(ROLE_CHAIR, 9999));
}

static const char *
a_role_of(const char *who)
{
	for (int role = ROLE_YOUTH; role <= ROLE_SYSTEM; role++) {
		if (who_covers(who, record_code_of("Role", role)))
			return record_code_of("Role", role);
	}
	fail_msg("nobody is %s", who);
	return "";
}

/* EXPERTISE_CENTRE decides the escalation of the table; elsewhere any role that may will do. */
static const char *
speaker(const struct kind *kind)
{
	const char *role = strcmp(kind->field, "escalation_decided") == 0 ? "EXPERTISE_CENTRE" : a_role_of(kind->who);

	return arena_printf(&arena, "%s@ORG-1", role);
}

static void
test_every_kind_is_accepted_with_its_required_fields_and_no_more(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		const char *found = verdict(speaker(&kinds[i]), kinds[i].smallest);

		if (strcmp(found, "") != 0)
			fail_msg("%s: %s", kinds[i].field, found);
	}
}

static void
test_the_role_is_checked(void **state UNUSED)
{
	static const struct says cases[] = {
	    {"PARENT@DESK", "case_id: c-1, screening_decided: {decision: ADVICE_ONLY}",
	     "SENDER_NOT_ALLOWED actor.role"},
	    {"OPERATOR@ORG-1", "case_submitted: {municipality: GM0988, submitter: PARENT, asks: HELP}",
	     "SENDER_NOT_ALLOWED actor.role"},
	    {"PARENT@DESK", "case_submitted: {municipality: GM0988, submitter: PARENT, asks: HELP}", ""},
	    /* who decides an escalation depends on its kind */
	    {"MUNICIPALITY@GM0988", "case_id: c-1, escalation_decided: {kind: OFFICIAL, decision: RESOLVED}", ""},
	    {"ALDERMAN@GM0988", "case_id: c-1, escalation_decided: {kind: EXECUTIVE, decision: UNRESOLVED}", ""},
	    {"STEERING_GROUP@SG-JZ32", "case_id: c-1, escalation_decided: {kind: EXECUTIVE, decision: RESOLVED}", ""},
	    {"EXPERTISE_CENTRE@EC-LIMBURG",
	     "case_id: c-1, escalation_decided: {kind: EXPERTISE_CENTRE, decision: REFUSED}", ""},
	    {"MUNICIPALITY@GM0988", "case_id: c-1, escalation_decided: {kind: EXPERTISE_CENTRE, decision: REFUSED}",
	     "SENDER_NOT_ALLOWED actor.role"},
	    {"ALDERMAN@GM0988", "case_id: c-1, escalation_decided: {kind: OFFICIAL, decision: RESOLVED}",
	     "SENDER_NOT_ALLOWED actor.role"},
	    {"EXPERTISE_CENTRE@EC-LIMBURG", "case_id: c-1, escalation_decided: {kind: EXECUTIVE, decision: RESOLVED}",
	     "SENDER_NOT_ALLOWED actor.role"},
	    {"CHAIR@ET-JZ32", "case_id: c-1, escalation_decided: {kind: OFFICIAL, decision: RESOLVED}",
	     "SENDER_NOT_ALLOWED actor.role"},
	};

	ASSERT_VERDICTS(cases);
}

/* ---- required fields ---- */

static void
test_the_envelope_is_required(void **state UNUSED)
{
	assert_string_equal(verdict_of(bytes_of(NULL, 0)),
			    "MISSING_FIELD source, MISSING_FIELD id, MISSING_FIELD occurred_at, MISSING_FIELD actor, "
			    "MISSING_FIELD body");
	assert_string_equal(verdict("CHAIR", "case_id: c-1, plan_reviewed: {}"), "MISSING_FIELD actor.organisation");
	assert_string_equal(verdict("PARENT", "case_id: c-1, case_info_supplemented: {}"),
			    "MISSING_FIELD actor.organisation");
	assert_string_equal(verdict("{organisation: ET-JZ32}", "case_id: c-1, plan_reviewed: {}"),
			    "MISSING_FIELD actor.role");
}

static void
test_required_fields_are_those_of_the_vocabulary(void **state UNUSED)
{
	static const struct says cases[] = {
	    {"PARENT@DESK", "case_submitted: {municipality: GM0988}",
	     "MISSING_FIELD case_submitted.submitter, MISSING_FIELD case_submitted.asks"},
	    {"CHAIR@ET-1", "case_id: c-1, consent_recorded: {}", "MISSING_FIELD consent_recorded.given_by"},
	    {"BRP_ADAPTER@BRP", "case_id: c-1, residence_changed: {}", "MISSING_FIELD residence_changed.municipality"},
	    {"CHAIR@ET-1", "case_id: c-1, screening_decided: {}", "MISSING_FIELD screening_decided.decision"},
	    {"CHAIR@ET-1", "case_id: c-1, stuck_declared: {}", "MISSING_FIELD stuck_declared.stuck_on"},
	    {"CHAIR@ET-1", "case_id: c-1, meeting_scheduled: {}", "MISSING_FIELD meeting_scheduled.meeting_on"},
	    {"CHAIR@ET-1", "case_id: c-1, participant_invited: {}", "MISSING_FIELD participant_invited.participants"},
	    {"CHAIR@ET-1", "case_id: c-1, participant_invited: {participants: [{organisation: P-REE}]}",
	     "MISSING_FIELD participant_invited.participants[0].kind"},
	    {"CHAIR@ET-1", "case_id: c-1, plan_agreed: {actions: [{id: A1, organisation: P-REE}, {}]}",
	     "MISSING_FIELD plan_agreed.actions[1].id, MISSING_FIELD plan_agreed.actions[1].organisation"},
	    {"SCHOOL@P-1", "case_id: c-1, plan_action_completed: {}", "MISSING_FIELD plan_action_completed.action"},
	    {"PROVIDER@P-1", "case_id: c-1, waiting_time_recorded: {}",
	     "MISSING_FIELD waiting_time_recorded.expected_days"},
	    {"CHAIR@ET-1", "case_id: c-1, help_effective_confirmed: {}",
	     "MISSING_FIELD help_effective_confirmed.asked"},
	    {"CHAIR@ET-1", "case_id: c-1, help_not_effective: {}", "MISSING_FIELD help_not_effective.asked"},
	    {"CHAIR@ET-1", "case_id: c-1, escalation_requested: {}", "MISSING_FIELD escalation_requested.kind"},
	    {"ALDERMAN@GM0988", "case_id: c-1, escalation_decided: {}",
	     "MISSING_FIELD escalation_decided.kind, MISSING_FIELD escalation_decided.decision"},
	    {"CHAIR@ET-1", "case_id: c-1, owner_transfer_requested: {}", "MISSING_FIELD owner_transfer_requested.to"},
	    {"NATIONAL_DESK@DESK", "case_id: c-1, national_desk_answered: {}",
	     "MISSING_FIELD national_desk_answered.answer"},
	    {"CERTIFIED_BODY@GI-1", "case_id: c-1, court_measure_registered: {}",
	     "MISSING_FIELD court_measure_registered.measure, MISSING_FIELD court_measure_registered.pronounced_on"},
	    {"PROVIDER@P-1", "case_id: c-1, closed_placement_started: {}",
	     "MISSING_FIELD closed_placement_started.provider, MISSING_FIELD closed_placement_started.reason"},
	    {"JUVENILE_COURT@RB-1", "case_id: c-1, authorisation_granted: {}",
	     "MISSING_FIELD authorisation_granted.kind"},
	    {"JUVENILE_COURT@RB-1", "case_id: c-1, authorisation_extended: {}",
	     "MISSING_FIELD authorisation_extended.valid_until"},
	    {"PROVIDER@P-1", "case_id: c-1, living_perspective_set: {}",
	     "MISSING_FIELD living_perspective_set.perspective"},
	    {"PROVIDER@P-1", "case_id: c-1, transfer_registered: {}", "MISSING_FIELD transfer_registered.to"},
	    {"PROVIDER@P-1", "case_id: c-1, seclusion_registered: {}",
	     "MISSING_FIELD seclusion_registered.seclusion_kind"},
	    {"PROVIDER@P-1", "case_id: c-1, calamity_report_recorded: {}",
	     "MISSING_FIELD calamity_report_recorded.reported_on"},
	    {"CHAIR@ET-1", "case_id: c-1, case_scaled_down: {}", "MISSING_FIELD case_scaled_down.to_level"},
	    {"CHAIR@ET-1", "case_id: c-1, case_closed: {}", "MISSING_FIELD case_closed.reason"},
	    {"CHAIR@ET-1", "theme_recorded: {}",
	     "MISSING_FIELD theme_recorded.region, MISSING_FIELD theme_recorded.stuck_on"},
	    {"ADMINISTRATOR@NAT-VWS", "registry_adopted: {}",
	     "MISSING_FIELD registry_adopted.version, MISSING_FIELD registry_adopted.valid_from, MISSING_FIELD "
	     "registry_adopted.rows"},
	    {"ADMINISTRATOR@NAT-VWS", "policy_adopted: {}",
	     "MISSING_FIELD policy_adopted.version, MISSING_FIELD policy_adopted.valid_from"},
	    {"ADMINISTRATOR@NAT-VWS", "source_registered: {}", "MISSING_FIELD source_registered.source"},
	    {"OPERATOR@ORG-1", "signal_acknowledged: {}",
	     "MISSING_FIELD signal_acknowledged.code, MISSING_FIELD signal_acknowledged.subject"},
	    {"OPERATOR@ORG-1", "case_id: c-1, case_erased: {}", "MISSING_FIELD case_erased.ground"},
	};

	ASSERT_VERDICTS(cases);
}

static void
test_some_fields_are_required_with_others(void **state UNUSED)
{
	static const struct says cases[] = {
	    /* one of the three municipality fields */
	    {"PARENT@DESK", "case_submitted: {submitter: PARENT, asks: HELP}",
	     "MISSING_FIELD case_submitted.municipality"},
	    {"PARENT@DESK", "case_submitted: {submitter: PARENT, asks: HELP, municipality_mother_at_birth: GM0988}",
	     ""},
	    {"PARENT@DESK", "case_submitted: {submitter: PARENT, asks: HELP, municipality_of_stay: GM0988}", ""},
	    /* the municipality of a new case */
	    {"CERTIFIED_BODY@GI-1", "court_measure_registered: {measure: PROBATION, pronounced_on: 2021-02-26}",
	     "MISSING_FIELD court_measure_registered.municipality"},
	    {"CERTIFIED_BODY@GI-1",
	     "case_id: c-1, court_measure_registered: {measure: PROBATION, pronounced_on: 2021-02-26}", ""},
	    {"CERTIFIED_BODY@GI-1", "closed_placement_requested: {}",
	     "MISSING_FIELD closed_placement_requested.municipality"},
	    {"CERTIFIED_BODY@GI-1", "case_id: c-1, closed_placement_requested: {}", ""},
	    /* what is lacking, when help is */
	    {"LOCAL_TEAM@LT-1", "case_id: c-1, stuck_declared: {stuck_on: SUPPLY}",
	     "MISSING_FIELD stuck_declared.missing_supply"},
	    {"LOCAL_TEAM@LT-1", "case_id: c-1, stuck_declared: {stuck_on: SUPPLY, missing_supply: TRAUMA}", ""},
	    /* an expertise centre wants to know */
	    {"CHAIR@ET-1", "case_id: c-1, escalation_requested: {kind: EXPERTISE_CENTRE}",
	     "MISSING_FIELD escalation_requested.ec_reason, MISSING_FIELD escalation_requested.tried"},
	    {"CHAIR@ET-1",
	     "case_id: c-1, escalation_requested: {kind: EXPERTISE_CENTRE, ec_reason: SCARCITY, tried: [EXPERT_TEAM]}",
	     ""},
	    {"CHAIR@ET-1", "case_id: c-1, escalation_requested: {kind: NATIONAL_TEAM}", ""},
	    /* closing without approver is told by routing */
	    {"CHAIR@ET-1", "case_id: c-1, case_closed: {reason: AGED_OUT}", ""},
	};

	ASSERT_VERDICTS(cases);
}

static void
test_the_case_is_required_but_for_messages_that_open_one_or_have_none(void **state UNUSED)
{
	static const struct says cases[] = {
	    {"CHAIR@ET-1", "plan_reviewed: {}", "MISSING_FIELD case_id"},
	    {"OPERATOR@ORG-1", "case_erased: {ground: COURT_ORDER}", "MISSING_FIELD case_id"},
	    {"CHAIR@ET-1", "signal_acknowledged: {code: S02, subject: CASE}", "MISSING_FIELD case_id"},
	    {"CHAIR@ET-1", "signal_acknowledged: {code: S11, subject: REGION, subject_id: JZ32}", ""},
	    {"CHAIR@ET-1", "theme_recorded: {region: JZ32, stuck_on: MONEY}", ""},
	    {"CHAIR@ET-1", "case_id: c-1, theme_recorded: {region: JZ32, stuck_on: MONEY}", "MALFORMED case_id"},
	    {"ADMINISTRATOR@NAT-VWS", "case_id: c-1, source_registered: {source: S2}", "MALFORMED case_id"},
	};

	ASSERT_VERDICTS(cases);
}

static void
test_what_a_row_of_the_registry_needs(void **state UNUSED)
{
	static const struct {
		const char *row;
		const char *missing;
	} cases[] = {
	    {"{}", "row"},
	    {"{row: MUNICIPALITY}", "municipality region"},
	    {"{row: MUNICIPALITY, municipality: GM0988, region: JZ42}", ""},
	    {"{row: MERGER}", "municipality successor"},
	    {"{row: MERGER, municipality: GM0457, successor: GM0363}", ""},
	    {"{row: REGION}", "region expertise_centre"},
	    {"{row: REGION, region: JZ32, expertise_centre: EC-GELDERLAND}", ""}, /* a region may have no team */
	    {"{row: EXPERT_TEAM}", "region organisation functions"},
	    {"{row: EXPERT_TEAM, region: JZ32, organisation: ET-JZ32, functions: [LEARNING]}", ""},
	    {"{row: EXPERT_TEAM, region: JZ32, organisation: ET-JZ32, functions_missing: [LEARNING]}", ""},
	    {"{row: LANDING_PLACE}", "region"},
	    {"{row: LANDING_PLACE, region: JZ32}", ""}, /* taken away */
	    {"{row: LANDING_PLACE, region: JZ32, organisation: LP-JZ32}", ""},
	    {"{row: LANDING_PLACE, region: JZ32, functions: [SIGNALLING]}", "organisation"},
	    {"{row: LANDING_PLACE, region: JZ32, functions_missing: [SIGNALLING]}", "organisation"},
	    {"{row: LANDING_PLACE, region: JZ32, organisation: LP-JZ32, functions: [SIGNALLING]}", ""},
	    {"{row: EXPERTISE_CENTRE}", "organisation municipality"},
	    {"{row: EXPERTISE_CENTRE, organisation: EC-LIMBURG, municipality: GM0957}", ""},
	    {"{row: PLACEMENT_COORDINATION}", "organisation"},
	    {"{row: PLACEMENT_COORDINATION, organisation: PC-OOST}", ""},
	    {"{row: FEATURE}", "region"},
	    {"{row: FEATURE, region: JZ32}", ""}, /* taken away */
	    {"{row: FEATURE, region: JZ32, feature: REVIEW_PLACEMENT}", ""},
	    {"{row: SUPPORTER_END}", "organisation"},
	    {"{row: SUPPORTER_END, organisation: OZJ}", ""},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *found = verdict(
		    "ADMINISTRATOR@NAT-VWS",
		    arena_printf(&arena, "registry_adopted: {version: 1.0.0, valid_from: 2021-01-01, rows: [%s]}",
				 cases[i].row));
		char missing[100];
		char *rest = missing, *name;
		const char *expected = "";

		snprintf(missing, sizeof(missing), "%s", cases[i].missing);
		while ((name = strsep(&rest, " ")) != NULL && name[0] != '\0')
			expected = arena_printf(&arena, "%s%sMISSING_FIELD registry_adopted.rows[0].%s", expected,
						expected[0] == '\0' ? "" : ", ", name);
		assert_string_equal(found, expected);
	}
}

static void
test_parts_of_a_policy(void **state UNUSED)
{
	static const struct says cases[] = {
	    {"ADMINISTRATOR@NAT-VWS",
	     "policy_adopted: {version: 1.0.0, valid_from: 2021-01-01, values: [{}], baselines: [{}], capacities: "
	     "[{}]}",
	     "MISSING_FIELD policy_adopted.values[0].key, MISSING_FIELD policy_adopted.baselines[0].code, "
	     "MISSING_FIELD policy_adopted.capacities[0].team"},
	    {"ADMINISTRATOR@NAT-VWS",
	     "policy_adopted: {version: 1.0.0-rc.1, valid_from: 2021-01-01, region: JZ32, values: [{key: P2, value: "
	     "5}, "
	     "{key: ec_takes_direction, value: 1}, {key: P2_court, value: 2}], extra_holidays: [2030-01-02]}",
	     ""},
	    {"ADMINISTRATOR@NAT-VWS", "policy_adopted: {version: 1.0.0, valid_from: 2021-01-01, values: [{key: Q2}]}",
	     "MALFORMED policy_adopted.values[0].key"},
	    {"ADMINISTRATOR@NAT-VWS",
	     "policy_adopted: {version: 1.0.0, valid_from: 2021-01-01, tables: {tables: [{scope: effects, event: "
	     "MISSED.REVIEW,"
	     " blocks: [{rows: [{id: R58.1, rule: R58, source: {document: s4 5.7, point: own words; with "
	     "spaces}}]}]}]}}",
	     ""},
	    {"ADMINISTRATOR@NAT-VWS",
	     "policy_adopted: {version: 1.0.0, valid_from: 2021-01-01, tables: {terms: [{meaning: 'two\nlines'}]}}",
	     "MALFORMED policy_adopted.tables.terms[0].meaning"},
	    {"ADMINISTRATOR@NAT-VWS",
	     "policy_adopted: {version: 1.0.0, valid_from: 2021-01-01, tables: {terms: [{meaning: ask "
	     "me@example.org}]}}",
	     "FORBIDDEN_CONTENT policy_adopted.tables.terms[0].meaning"},
	};

	ASSERT_VERDICTS(cases);
}

static void
test_which_kinds_open_a_case_or_have_none(void **state UNUSED)
{
	static const char *const opening[] = {"case_submitted", "court_measure_registered",
					      "closed_placement_requested"};
	static const char *const without[] = {"theme_recorded",    "registry_adopted",        "policy_adopted",
					      "source_registered", "subscription_registered", "delivery_reported"};
	unsigned opens = 0, none = 0;

	for (int body = 0; body < 128; body++) {
		opens += record_kind_opens(body) ? 1 : 0;
		none += record_kind_has_no_case(body) ? 1 : 0;
	}
	assert_int_equal(opens, COUNT_OF(opening));
	assert_int_equal(none, COUNT_OF(without));
	for (size_t i = 0; i < COUNT_OF(opening); i++)
		assert_true(record_kind_opens(
		    (int)protobuf_c_message_descriptor_get_field_by_name(&pb_Submission_descriptor, opening[i])->id));
	for (size_t i = 0; i < COUNT_OF(without); i++)
		assert_true(record_kind_has_no_case(
		    (int)protobuf_c_message_descriptor_get_field_by_name(&pb_Submission_descriptor, without[i])->id));
}

static void
test_the_two_steps_leave_the_sender_readable(void **state UNUSED)
{
	struct violations vs = {.count = 0};
	pb_Submission *s = submission("CHAIR@ET-1", "case_id: c 1, screening_decided: {}");

	s->screening_decided->decision = 99;
	const struct bytes b = RECORD_PACK(&arena, s);
	const pb_Submission *read = record_decode_submission(&arena, b, &vs);
	assert_non_null(read);
	assert_int_equal(vs.count, 0);
	assert_string_equal(read->source, "S1");
	violations_add(&vs, REASON_UNKNOWN_SOURCE, "source", "register it");
	record_check_decoded(&arena, read, &vs);
	assert_int_equal(vs.count, 3);
	assert_int_equal(vs.v[0].reason, REASON_MALFORMED);
	assert_int_equal(vs.v[1].reason, REASON_UNKNOWN_SOURCE);
	assert_int_equal(vs.v[2].reason, REASON_UNKNOWN_CODE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_the_table_holds_every_kind_of_the_contract, setup),
	    cmocka_unit_test_setup(test_each_role_publishes_what_the_vocabulary_says_and_nothing_else, setup),
	    cmocka_unit_test_setup(test_every_kind_is_accepted_with_its_required_fields_and_no_more, setup),
	    cmocka_unit_test_setup(test_the_role_is_checked, setup),
	    cmocka_unit_test_setup(test_the_envelope_is_required, setup),
	    cmocka_unit_test_setup(test_required_fields_are_those_of_the_vocabulary, setup),
	    cmocka_unit_test_setup(test_some_fields_are_required_with_others, setup),
	    cmocka_unit_test_setup(test_the_case_is_required_but_for_messages_that_open_one_or_have_none, setup),
	    cmocka_unit_test_setup(test_what_a_row_of_the_registry_needs, setup),
	    cmocka_unit_test_setup(test_parts_of_a_policy, setup),
	    cmocka_unit_test_setup(test_which_kinds_open_a_case_or_have_none, setup),
	    cmocka_unit_test_setup(test_the_two_steps_leave_the_sender_readable, setup),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
