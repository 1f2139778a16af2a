// SPDX-License-Identifier: EUPL-1.2
/* Validation of submissions (record.h): forms of text and numbers, what may not be said, limits, and all together. */
#include "tests/unit/record_says.h"

/* ---- forms ---- */

#define TEN   "ABCDEFGHIJ"
#define FORTY TEN TEN TEN TEN

static void
test_codes_ids_names_and_versions(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool code, id, name, version;
	} cases[] = {
	    {"", false, false, false, false},
	    {"GM0988", true, true, false, false},
	    {"ET-MIDDEN-LIMBURG", true, true, false, false},
	    {"case-1a", false, true, false, false},
	    {"open_queue", false, false, true, false},
	    {"p2", false, true, true, false},
	    {"7", true, true, true, false},
	    {"GM 0988", false, false, false, false},
	    {"GM0988\n", false, false, false, false},
	    {"\xc3\x89-1", false, false, false, false},
	    {FORTY, true, true, false, false},                   /* CODE_MAX */
	    {FORTY "K", false, true, false, false},              /* and one more */
	    {FORTY TEN TEN "ABCD", false, true, false, false},   /* ID_MAX */
	    {FORTY TEN TEN "ABCDE", false, false, false, false}, /* and one more */
	    {"1.0.0", false, false, false, true},
	    {"0.0.0", false, false, false, true},
	    {"1.2.3-rc.1", false, false, false, true},
	    {"1.2.3-0a.b-c+build.007", false, false, false, true},
	    {"1.2", false, false, false, false},
	    {"1.2.3.4", false, false, false, false},
	    {"01.2.3", false, false, false, false},
	    {"1.2.3-01", false, false, false, false},
	    {"1.2.3-", false, false, false, false},
	    {"1.2.3+", false, false, false, false},
	    {"1.2.3-a..b", false, false, false, false},
	    {"v1.2.3", false, false, false, false},
	    {"1.2.3-" TEN TEN TEN "ABCD", false, false, false, true},   /* CODE_MAX */
	    {"1.2.3-" TEN TEN TEN "ABCDE", false, false, false, false}, /* and one more */
	};

	assert_int_equal(strlen(FORTY), CODE_MAX);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (record_is_code(cases[i].text) != cases[i].code || record_is_id(cases[i].text) != cases[i].id ||
		    record_is_name(cases[i].text) != cases[i].name ||
		    record_is_semver(cases[i].text) != cases[i].version)
			fail_msg("'%s'", cases[i].text);
	}
}

static void
test_each_field_has_its_form(void **state UNUSED)
{
	static const struct says cases[] = {
	    {"PARENT@DESK", "case_submitted: {municipality: gm0988, submitter: PARENT, asks: HELP}",
	     "MALFORMED case_submitted.municipality"},
	    {"PARENT@DESK", "case_submitted: {municipality: GM0988, submitter: PARENT, asks: HELP, youth_key: youth-6}",
	     ""},
	    {"PARENT@DESK", "case_submitted: {municipality: GM0988, submitter: PARENT, asks: HELP, youth_key: a_b}",
	     "MALFORMED case_submitted.youth_key"},
	    {"CHAIR@ET-1", "case_id: c 1, plan_reviewed: {}", "MALFORMED case_id"},
	    {"CHAIR@ET-1", "case_id: " FORTY TEN TEN "ABCD, plan_reviewed: {}", ""},
	    {"CHAIR@ET-1", "case_id: " FORTY TEN TEN "ABCDE, plan_reviewed: {}", "MALFORMED case_id"},
	    {"{role: CHAIR, organisation: et-1}", "case_id: c-1, plan_reviewed: {}", "MALFORMED actor.organisation"},
	    {"{role: CHAIR, organisation: " FORTY "}", "case_id: c-1, plan_reviewed: {}", ""},
	    {"{role: CHAIR, organisation: " FORTY "K}", "case_id: c-1, plan_reviewed: {}",
	     "MALFORMED actor.organisation"},
	    {"CHAIR@ET-1", "case_id: c-1, meeting_scheduled: {meeting_on: 2021-02-29}",
	     "MALFORMED meeting_scheduled.meeting_on"},
	    {"CHAIR@ET-1", "case_id: c-1, meeting_scheduled: {meeting_on: 2020-02-29}", ""},
	    {"CHAIR@ET-1", "case_id: c-1, meeting_scheduled: {meeting_on: 2021-2-9}",
	     "MALFORMED meeting_scheduled.meeting_on"},
	    {"CHAIR@ET-1", "case_id: c-1, meeting_scheduled: {meeting_on: 1995-12-31}",
	     "MALFORMED meeting_scheduled.meeting_on"},
	    {"CHAIR@ET-1", "case_id: c-1, meeting_scheduled: {meeting_on: 1996-01-01}", ""},
	    {"CHAIR@ET-1", "case_id: c-1, meeting_scheduled: {meeting_on: 2199-12-31}", ""},
	    {"CHAIR@ET-1", "case_id: c-1, meeting_scheduled: {meeting_on: 2200-01-01}",
	     "MALFORMED meeting_scheduled.meeting_on"},
	    {"CHAIR@ET-1", "case_id: c-1, plan_agreed: {actions: [{id: A1, organisation: P-REE, due: morgen}]}",
	     "MALFORMED plan_agreed.actions[0].due"},
	    {"ALDERMAN@GM0988",
	     "case_id: c-1, escalation_decided: {kind: EXECUTIVE, decision: RESOLVED, action_due: 1}",
	     "MALFORMED escalation_decided.action_due"},
	    {"SCHOOL@P-1", "case_id: c-1, plan_action_completed: {action: a-1}", ""},
	    {"SCHOOL@P-1", "case_id: c-1, plan_action_completed: {action: a.1}",
	     "MALFORMED plan_action_completed.action"},
	    {"CHAIR@ET-1", "case_id: c-1, evaluation_recorded: {advised: [P-REE, '']}",
	     "MALFORMED evaluation_recorded.advised[1]"},
	    {"ADMINISTRATOR@NAT-VWS",
	     "source_registered: {source: desk-1, organisations: [DESK], valid_from: 2021-01-01, valid_to: later}",
	     "MALFORMED source_registered.valid_to"},
	    {"ADMINISTRATOR@NAT-VWS", "policy_adopted: {version: one, valid_from: 2021-01-01, extra_holidays: [soon]}",
	     "MALFORMED policy_adopted.version, MALFORMED policy_adopted.extra_holidays[0]"},
	    {"CHAIR@ET-1", "case_id: c-1, participant_invited: {participants: [PARENT@LT-1, PROFESSIONAL@P-REE]}",
	     "MALFORMED participant_invited.participants[0].organisation"},
	};

	ASSERT_VERDICTS(cases);
}

static void
test_numbers_have_a_range(void **state UNUSED)
{
	static const struct says cases[] = {
	    {"CHAIR@ET-1",
	     "case_id: c-1, case_info_supplemented: {parties: 1000, earlier_providers: 1000, earlier_placements: 1000}",
	     ""},
	    {"CHAIR@ET-1",
	     "case_id: c-1, case_info_supplemented: {parties: 1001, earlier_providers: -1, earlier_placements: 1001}",
	     "MALFORMED case_info_supplemented.parties, MALFORMED case_info_supplemented.earlier_providers, "
	     "MALFORMED case_info_supplemented.earlier_placements"},
	    {"PROVIDER@P-1", "case_id: c-1, waiting_time_recorded: {expected_days: 3650}", ""},
	    {"PROVIDER@P-1", "case_id: c-1, waiting_time_recorded: {expected_days: 3651}",
	     "MALFORMED waiting_time_recorded.expected_days"},
	    {"CHAIR@ET-1", "case_id: c-1, help_realised: {cost_inside: 100000000, cost_outside: 100000000}", ""},
	    {"CHAIR@ET-1", "case_id: c-1, help_realised: {cost_inside: 100000001, cost_outside: -1}",
	     "MALFORMED help_realised.cost_inside, MALFORMED help_realised.cost_outside"},
	};

	ASSERT_VERDICTS(cases);
}

static void
test_a_moment_lies_in_the_years_of_the_calendar(void **state UNUSED)
{
	static const struct {
		int64_t seconds;
		int32_t nanos;
		bool good;
	} cases[] = {
	    {INT64_C(1614592800), 0, true},
	    {INT64_C(1614592800), 999999999, true},
	    {INT64_C(1614592800), 1000000000, false},
	    {INT64_C(1614592800), -1, false},
	    {INT64_C(820450800), 0, true},   /* 1996-01-01T00:00+01:00 */
	    {INT64_C(820450799), 0, false},  /* a second before */
	    {INT64_C(7258114799), 0, true},  /* 2199-12-31T23:59:59+01:00 */
	    {INT64_C(7258114800), 0, false}, /* a second later */
	    {0, 0, false},
	    {INT64_MAX, 0, false},
	    {INT64_MIN, 0, false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		pb_Submission *s = submission("CHAIR@ET-1", "case_id: c-1, plan_reviewed: {}");

		s->occurred_at->seconds = cases[i].seconds;
		s->occurred_at->nanos = cases[i].nanos;
		assert_string_equal(verdict_of(RECORD_PACK(&arena, s)), cases[i].good ? "" : "MALFORMED occurred_at");
	}
}

static void
test_codes_outside_their_list(void **state UNUSED)
{
	static const struct says cases[] = {
	    {"CHAIR@ET-1", "case_id: c-1, consent_recorded: {given_by: [PARENT, UNSPECIFIED]}",
	     "UNKNOWN_CODE consent_recorded.given_by[1]"},
	    {"ALDERMAN@GM0988", "case_id: c-1, escalation_decided: {kind: NATIONAL_TEAM, decision: ACCEPTED}",
	     "UNKNOWN_CODE escalation_decided.kind"},
	    {"EXPERTISE_CENTRE@EC-1", "case_id: c-1, escalation_decided: {kind: EXPERTISE_CENTRE, decision: RESOLVED}",
	     "UNKNOWN_CODE escalation_decided.decision"},
	    {"ALDERMAN@GM0988", "case_id: c-1, escalation_decided: {kind: EXECUTIVE, decision: ACCEPTED}",
	     "UNKNOWN_CODE escalation_decided.decision"},
	};
	pb_Submission *s =
	    submission("CHAIR@ET-1", "case_id: c-1, screening_decided: {decision: RETURN, missing: [CONSENT]}");

	ASSERT_VERDICTS(cases);
	s = submission("CHAIR@ET-1",
		       "case_id: c-1, screening_decided: {decision: RETURN, missing: [CONSENT, RESIDENCE]}");
	s->actor->role = 99;
	s->screening_decided->decision = 99;
	s->screening_decided->missing[1] = 99;
	assert_string_equal(verdict_of(RECORD_PACK(&arena, s)),
			    "UNKNOWN_CODE actor.role, UNKNOWN_CODE screening_decided.decision, "
			    "UNKNOWN_CODE screening_decided.missing[1]");
	s = submission("ALDERMAN@GM0988", "case_id: c-1, escalation_decided: {kind: OFFICIAL, decision: RESOLVED}");
	s->escalation_decided->kind = 99;
	assert_string_equal(verdict_of(RECORD_PACK(&arena, s)), "UNKNOWN_CODE escalation_decided.kind");
}

static void
test_plan_actions_have_ids_of_their_own(void **state UNUSED)
{
	static const struct says cases[] = {
	    {"CHAIR@ET-1",
	     "case_id: c-1, plan_agreed: {actions: [{id: A1, organisation: P-1}, {id: A2, organisation: P-1}]}", ""},
	    {"CHAIR@ET-1",
	     "case_id: c-1, plan_agreed: {actions: [{id: A1, organisation: P-1}, {id: A2, organisation: P-1}, {id: A1, "
	     "organisation: P-2}, {id: A1, organisation: P-3}]}",
	     "MALFORMED plan_agreed.actions[2].id, MALFORMED plan_agreed.actions[3].id"},
	    {"CHAIR@ET-1",
	     "case_id: c-1, plan_agreed: {actions: [{id: A1, organisation: P-1}, {id: a1, organisation: P-1}]}", ""},
	};

	ASSERT_VERDICTS(cases);
}

/* ---- what may not be said ---- */

/* The only place with a number that passes the eleven test: the test number of the authorities' own documentation. */
#define BSN "999990019"

static void
test_the_guard(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool forbidden;
	} cases[] = {
	    {BSN, true},
	    {"case-" BSN, true},
	    {BSN "-1", true},
	    {"x_" BSN ".y", true},
	    {"999990018", false}, /* fails the eleven test */
	    {"9" BSN, false},     /* ten digits */
	    {"a" BSN, false},     /* a part of a token */
	    {"99999001", false},  /* eight digits */
	    {"6041AB", true},
	    {"6041ab", true},
	    {"6041aB", true},
	    {"GM-6041AB-1", true},
	    {"0041AB", false}, /* no postcode begins with 0 */
	    {"6041A", false},
	    {"6041ABC", false},
	    {"6041A1", false},
	    {"x6041AB", false},
	    {"iemand@example.org", true},
	    {"@", true},
	    {"1f0c9a3e-7b52-4d16-9c0a-123456789abc", false}, /* a UUID */
	    {"00000000-1234-4567-8901-"
	     "123456789012",
	     false},
	    {"GM0988", false},
	    {"2021-03-01", false},
	    {"", false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (record_is_forbidden(cases[i].text) != cases[i].forbidden)
			fail_msg("case %zu", i);
	}
}

/* What is done with each text of a submission. */
typedef unsigned each_text(pb_Submission *s, char **slot);

/* So that there are few other violations: they are told at most 64 at once. */
static unsigned
make_harmless(pb_Submission *s UNUSED, char **slot)
{
	*slot = record_text(&arena, "A1");
	return 0;
}

static unsigned
guard_text(pb_Submission *s, char **slot)
{
	char *kept = *slot, bsn[] = "1-" BSN;

	*slot = bsn;
	if (strstr(verdict_of(RECORD_PACK(&arena, s)), "FORBIDDEN_CONTENT ") == NULL)
		fail_msg("a text of %s is not guarded", record_body_name(&s->base));
	*slot = kept;
	return 1;
}

static unsigned
walk_texts(pb_Submission *s, ProtobufCMessage *m, each_text *each)
{
	unsigned done = 0;

	for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
		const bool list = f->label == PROTOBUF_C_LABEL_REPEATED;
		char *slot = (char *)m + f->offset;

		if (field_in_oneof(f) && field_oneof_case(m, f) != f->id)
			continue;
		for (size_t j = 0; j < (list ? field_count(m, f) : 1); j++) {
			void *value = list ? *(char **)(void *)slot + j * field_value_size(f) : slot;
			if (f->type == PROTOBUF_C_TYPE_STRING)
				done += each(s, value);
			else if (f->type == PROTOBUF_C_TYPE_MESSAGE)
				done += walk_texts(s, *(ProtobufCMessage **)value, each);
		}
	}
	return done;
}

static void
test_every_text_of_every_kind_is_guarded(void **state UNUSED)
{
	for (unsigned i = 0; i < pb_Submission_descriptor.n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &pb_Submission_descriptor.fields[i];

		if (field_in_oneof(f)) {
			pb_Submission *s = (pb_Submission *)full_message(&arena, &pb_Submission_descriptor, f->id);

			walk_texts(s, &s->base, make_harmless);
			/* source, id, case_id and organisation at least */
			assert_true(walk_texts(s, &s->base, guard_text) >= 4);
			arena_reset(&arena);
		}
	}
}

static void
test_forbidden_content_is_told_by_field_and_never_repeated(void **state UNUSED)
{
	struct violations vs = {.count = 0};
	pb_Submission *s =
	    submission("CHAIR@ET-1", "case_id: c-" BSN ", plan_action_completed: {action: 'jan@example.org'}");

	assert_null(record_check_submission(&arena, RECORD_PACK(&arena, s), &vs));
	assert_int_equal(vs.count, 2);
	for (unsigned i = 0; i < vs.count; i++) {
		assert_int_equal(vs.v[i].reason, REASON_FORBIDDEN_CONTENT);
		assert_null(strstr(vs.v[i].text, BSN));
		assert_null(strstr(vs.v[i].text, "jan"));
	}
	assert_string_equal(vs.v[0].field, "case_id");
	assert_string_equal(vs.v[1].field, "plan_action_completed.action");
}

static void
test_a_field_that_the_contract_has_not_is_forbidden(void **state UNUSED)
{
	static uint8_t data[] = {3, 'x', 'y', 'z'};
	ProtobufCMessageUnknownField unknown = {999, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, sizeof(data), data};
	pb_Submission *s =
	    submission("CHAIR@ET-1", "case_id: c-1, plan_agreed: {actions: [{id: A1, organisation: P-1}]}");
	ProtobufCMessage *const places[] = {&s->base, &s->occurred_at->base, &s->actor->base, &s->plan_agreed->base,
					    &s->plan_agreed->actions[0]->base};
	static const char *const verdicts[] = {
	    "FORBIDDEN_CONTENT",
	    "FORBIDDEN_CONTENT occurred_at",
	    "FORBIDDEN_CONTENT actor",
	    "FORBIDDEN_CONTENT plan_agreed",
	    "FORBIDDEN_CONTENT plan_agreed.actions[0]",
	};

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		places[i]->n_unknown_fields = 1;
		places[i]->unknown_fields = &unknown;
		assert_string_equal(verdict_of(RECORD_PACK(&arena, s)), verdicts[i]);
		places[i]->n_unknown_fields = 0;
	}
}

/* ---- limits ---- */

static void
test_lists_have_at_most_64_elements(void **state UNUSED)
{
	pb_Submission *s = submission("CHAIR@ET-1", "case_id: c-1, plan_agreed: {}");
	pb_PlanAction **actions = ARENA_ARRAY(&arena, pb_PlanAction *, RECORD_REPEATED_MAX + 1);

	for (unsigned i = 0; i <= RECORD_REPEATED_MAX; i++)
		actions[i] = message_of(&arena, &pb_PlanAction_descriptor,
					arena_printf(&arena, "{id: A%u, organisation: P-1}", i));
	s->plan_agreed->actions = actions;
	s->plan_agreed->n_actions = RECORD_REPEATED_MAX;
	assert_string_equal(verdict_of(RECORD_PACK(&arena, s)), "");
	s->plan_agreed->n_actions = RECORD_REPEATED_MAX + 1;
	assert_string_equal(verdict_of(RECORD_PACK(&arena, s)), "MALFORMED plan_agreed.actions");
}

static void
test_an_adoption_may_be_long(void **state UNUSED)
{
	pb_Submission *s =
	    submission("ADMINISTRATOR@NAT-VWS",
		       "registry_adopted: {version: 1.0.0, valid_from: 2021-01-01, rows: [{row: MUNICIPALITY}]}");
	pb_RegistryRow *row =
	    message_of(&arena, &pb_RegistryRow_descriptor, "{row: MUNICIPALITY, municipality: GM0988, region: JZ42}");
	pb_RegistryRow **rows = ARENA_ARRAY(&arena, pb_RegistryRow *, 5000);

	for (unsigned i = 0; i < 5000; i++)
		rows[i] = row;
	s->registry_adopted->rows = rows;
	s->registry_adopted->n_rows = 5000;
	const struct bytes b = RECORD_PACK(&arena, s);
	assert_true(b.len > RECORD_SUBMISSION_MAX);
	assert_string_equal(verdict_of(b), "");
}

/* Grows a submission to `size` bytes by saying its source again and again: the last one counts. */
static struct bytes
padded(const pb_Submission *s, size_t size)
{
	const struct bytes whole = RECORD_PACK(&arena, s);
	uint8_t *b = arena_take(&arena, size);
	size_t at = 0;

	while (size - at > whole.len + 132) {
		b[at] = 1 << 3 | 2;
		b[at + 1] = 64;
		memset(b + at + 2, 'a', 64);
		at += 66;
	}
	size_t left = size - at - whole.len;
	while (left > 0) {
		const size_t piece = left > 66 ? left - 60 : left; /* never a rest of one byte */

		b[at] = 1 << 3 | 2;
		b[at + 1] = (uint8_t)(piece - 2);
		memset(b + at + 2, 'a', piece - 2);
		at += piece;
		left -= piece;
	}
	memcpy(b + at, whole.data, whole.len);
	return bytes_of(b, size);
}

static void
test_a_submission_has_at_most_64_kib_and_an_adoption_1_mib(void **state UNUSED)
{
	const pb_Submission *plan = submission("CHAIR@ET-1", "case_id: c-1, plan_reviewed: {}");
	const pb_Submission *policy =
	    submission("ADMINISTRATOR@NAT-VWS", "policy_adopted: {version: 1.0.0, valid_from: 2021-01-01}");

	assert_string_equal(verdict_of(padded(plan, RECORD_SUBMISSION_MAX)), "");
	assert_string_equal(verdict_of(padded(plan, RECORD_SUBMISSION_MAX + 1)), "MALFORMED");
	assert_string_equal(verdict_of(padded(policy, RECORD_SUBMISSION_MAX + 1)), "");
	assert_string_equal(verdict_of(padded(policy, RECORD_ADOPTION_MAX)), "");
	assert_string_equal(verdict_of(padded(policy, RECORD_ADOPTION_MAX + 1)), "MALFORMED");
}

/* Rows of a few bytes take more than a hundred each in memory. Padding may not buy them room: what is written down has none. */
static void
test_padding_does_not_hide_many_small_parts(void **state UNUSED)
{
	pb_Submission *s =
	    submission("ADMINISTRATOR@NAT-VWS", "registry_adopted: {version: 1.0.0, valid_from: 2021-01-01, rows: "
						"[{row: SUPPORTER_END, organisation: A}]}");
	pb_RegistryRow **rows = ARENA_ARRAY(&arena, pb_RegistryRow *, 2000);

	for (unsigned i = 0; i < 2000; i++)
		rows[i] = s->registry_adopted->rows[0];
	s->registry_adopted->rows = rows;
	s->registry_adopted->n_rows = 2000;
	assert_string_equal(verdict_of(RECORD_PACK(&arena, s)), "MALFORMED");
	assert_string_equal(verdict_of(padded(s, RECORD_ADOPTION_MAX)), "MALFORMED");
}

static void
test_a_plan_does_not_pass_for_an_adoption(void **state UNUSED)
{
	const struct bytes b =
	    padded(submission("CHAIR@ET-1", "case_id: c-1, plan_reviewed: {}"), RECORD_SUBMISSION_MAX + 100);
	const uint8_t adoption[] = {0x80 | ((95 << 3 | 2) & 0x7f), 95 >> 4, 0};
	uint8_t *both = arena_take(&arena, b.len + sizeof(adoption));

	memcpy(both, adoption, sizeof(adoption));
	memcpy(both + sizeof(adoption), b.data, b.len);
	assert_string_equal(verdict_of(bytes_of(both, b.len + sizeof(adoption))), "MALFORMED");
	assert_string_equal(verdict_of(bytes_of(both, sizeof(adoption))),
			    "MISSING_FIELD source, MISSING_FIELD id, MISSING_FIELD occurred_at, MISSING_FIELD actor, "
			    "MISSING_FIELD registry_adopted.version, MISSING_FIELD registry_adopted.valid_from, "
			    "MISSING_FIELD registry_adopted.rows");
}

static void
test_what_cannot_be_read_is_malformed(void **state UNUSED)
{
	static const uint8_t nul[] = {5 << 3 | 2, 5, 2 << 3 | 2, 3, 'A', 0, 'B'};
	/* plan_agreed of 40 000 bytes: empty actions */
	const uint8_t head[] = {0x80 | ((28 << 3 | 2) & 0x7f), 28 >> 4, 0x80 | (40000 & 0x7f),
				0x80 | (40000 >> 7 & 0x7f), 40000 >> 14};
	uint8_t *attack = arena_take(&arena, sizeof(head) + 40000);

	memcpy(attack, head, sizeof(head));
	for (size_t i = sizeof(head); i < sizeof(head) + 40000; i += 2)
		attack[i] = 5 << 3 | 2;
	assert_string_equal(verdict_of(bytes_str("hello")), "MALFORMED");
	assert_string_equal(verdict_of(bytes_of(nul, sizeof(nul))), "MALFORMED actor.organisation");
	assert_string_equal(verdict_of(bytes_of(attack, sizeof(head) + 40000)), "MALFORMED");
}

/* ---- all together ---- */

static void
test_all_violations_are_told_the_most_important_first(void **state UNUSED)
{
	pb_Submission *s =
	    submission("PARENT@DESK", "plan_agreed: {actions: [{id: 'a b', organisation: 6041AB, law: WMO}, {}]}");

	s->plan_agreed->actions[0]->law = 99;
	assert_string_equal(
	    verdict_of(RECORD_PACK(&arena, s)),
	    "MALFORMED plan_agreed.actions[0].id, SENDER_NOT_ALLOWED actor.role, "
	    "FORBIDDEN_CONTENT plan_agreed.actions[0].organisation, "
	    "MISSING_FIELD plan_agreed.actions[1].id, MISSING_FIELD plan_agreed.actions[1].organisation, "
	    "MISSING_FIELD case_id, UNKNOWN_CODE plan_agreed.actions[0].law");
}

static void
test_of_too_many_violations_the_most_important_are_kept(void **state UNUSED)
{
	struct violations vs = {.count = 0};

	for (int i = 0; i < RECORD_VIOLATIONS_MAX; i++)
		violations_add(&vs, REASON_UNKNOWN_CODE, arena_printf(&arena, "f%d", i), "");
	violations_add(&vs, REASON_UNKNOWN_CASE, "dropped", "");
	violations_add(&vs, REASON_UNKNOWN_CODE, "dropped", "");
	violations_add(&vs, REASON_MALFORMED, "kept", "");
	violations_add(&vs, REASON_MISSING_FIELD, "kept too", "");
	assert_int_equal(vs.count, RECORD_VIOLATIONS_MAX);
	violations_sort(&vs);
	assert_string_equal(vs.v[0].field, "kept");
	assert_string_equal(vs.v[1].field, "kept too");
	assert_string_equal(vs.v[2].field, "f0");
	assert_string_equal(vs.v[RECORD_VIOLATIONS_MAX - 1].field, "f61");
}

static void
test_a_megabyte_of_mistakes_costs_little(void **state UNUSED)
{
	struct violations vs = {.count = 0};
	pb_Submission *s =
	    submission("ADMINISTRATOR@NAT-VWS", "policy_adopted: {version: 1.0.0, valid_from: 2021-01-01}");
	pb_PolicyValue value;

	pb_PolicyValue_init(&value);
	value.key = record_text(&arena, "!");
	s->policy_adopted->n_values = 20000;
	s->policy_adopted->values = ARENA_ARRAY(&arena, pb_PolicyValue *, 20000);
	for (size_t i = 0; i < 20000; i++)
		s->policy_adopted->values[i] = &value;
	const size_t before = arena.taken;
	record_check_decoded(&arena, s, &vs);
	assert_int_equal(vs.count, RECORD_VIOLATIONS_MAX);
	assert_true(arena.taken - before < 16384);
}

static void
test_an_accepted_submission_is_canonical(void **state UNUSED)
{
	pb_Submission *s = submission("CHAIR@ET-1", "case_id: c-1, plan_reviewed: {}");
	const struct bytes canonical = RECORD_PACK(&arena, s);
	struct violations vs = {.count = 0};

	/* The same said with its source fifty times over. */
	const pb_Submission *read = record_check_submission(&arena, padded(s, 4000), &vs);
	assert_non_null(read);
	assert_true(bytes_equal(RECORD_PACK(&arena, read), canonical));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_codes_ids_names_and_versions, setup),
	    cmocka_unit_test_setup(test_each_field_has_its_form, setup),
	    cmocka_unit_test_setup(test_numbers_have_a_range, setup),
	    cmocka_unit_test_setup(test_a_moment_lies_in_the_years_of_the_calendar, setup),
	    cmocka_unit_test_setup(test_codes_outside_their_list, setup),
	    cmocka_unit_test_setup(test_plan_actions_have_ids_of_their_own, setup),
	    cmocka_unit_test_setup(test_the_guard, setup),
	    cmocka_unit_test_setup(test_every_text_of_every_kind_is_guarded, setup),
	    cmocka_unit_test_setup(test_forbidden_content_is_told_by_field_and_never_repeated, setup),
	    cmocka_unit_test_setup(test_a_field_that_the_contract_has_not_is_forbidden, setup),
	    cmocka_unit_test_setup(test_lists_have_at_most_64_elements, setup),
	    cmocka_unit_test_setup(test_an_adoption_may_be_long, setup),
	    cmocka_unit_test_setup(test_a_submission_has_at_most_64_kib_and_an_adoption_1_mib, setup),
	    cmocka_unit_test_setup(test_padding_does_not_hide_many_small_parts, setup),
	    cmocka_unit_test_setup(test_a_plan_does_not_pass_for_an_adoption, setup),
	    cmocka_unit_test_setup(test_what_cannot_be_read_is_malformed, setup),
	    cmocka_unit_test_setup(test_all_violations_are_told_the_most_important_first, setup),
	    cmocka_unit_test_setup(test_of_too_many_violations_the_most_important_are_kept, setup),
	    cmocka_unit_test_setup(test_a_megabyte_of_mistakes_costs_little, setup),
	    cmocka_unit_test_setup(test_an_accepted_submission_is_canonical, setup),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_fini(&arena);
	return failed;
}
