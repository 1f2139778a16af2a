// SPDX-License-Identifier: EUPL-1.2
/* Intake: what administrators hand in: who may speak from when, registry and policy (rules.md 3.1 and 4.2). */
#include "tests/service/admit.h"

static const int team_roles[] = {ROLE_LOCAL_TEAM, ROLE_PARENT, 0};

static int
setup(void **state)
{
	struct admit *a = test_calloc(1, sizeof *a);

	admit_open(a);
	admit_register(a, "front", "LT-GM9901", team_roles);
	*state = a;
	return 0;
}

static int
teardown(void **state)
{
	admit_close(*state);
	test_free(*state);
	return 0;
}

/* ---- sources ---------------------------------------------------------------------------------------------------- */

static pb_SourceRegistered *
registration(struct admit *a, pb_Submission **s, const char *from, const char *to)
{
	*s = admit_say(a, "operator", ROLE_ADMINISTRATOR, "NAT-VWS");
	pb_SourceRegistered *r = ADMIT_BODY(a, *s, SourceRegistered, SOURCE_REGISTERED, source_registered);
	r->source = admit_text(a, "front");
	r->organisations = admit_list(a, "LT-GM9901");
	r->n_organisations = 1;
	r->roles = ARENA_ARRAY(&a->arena, Doorbraak__V1__Role, 1);
	r->roles[0] = (Doorbraak__V1__Role)ROLE_LOCAL_TEAM;
	r->n_roles = 1;
	r->valid_from = admit_text(a, from);
	r->valid_to = admit_text(a, to);
	return r;
}

static void
test_a_source_is_known_from_its_first_day_to_its_last(void **state)
{
	struct admit *a = *state;
	pb_Submission *s;

	registration(a, &s, "2024-03-06", "2024-03-07")->source = admit_text(a, "later");
	admit_accept(a, s);
	static const struct {
		const char *at;
		bool known;
	} days[] = {
	    {"2024-03-05T23:59", false},
	    {"2024-03-06T00:00", true},
	    {"2024-03-07T23:59", true},
	    {"2024-03-08T00:00", false},
	};
	for (size_t i = 0; i < COUNT_OF(days); i++) {
		admit_at(a, days[i].at);
		pb_Submission *c = admit_case(a);
		c->source = admit_text(a, "later");
		if (days[i].known)
			admit_accept(a, c);
		else
			admit_reject(a, c, REASON_UNKNOWN_SOURCE, "source");
	}
}

static void
test_a_later_registration_replaces_the_former_from_its_first_day(void **state)
{
	struct admit *a = *state;
	pb_Submission *s;

	registration(a, &s, "2024-03-06", "")->organisations = admit_list(a, "LT-GM9902");
	admit_accept(a, s);
	admit_accept(a, admit_case(a));
	admit_at(a, "2024-03-06T10:00");
	admit_reject(a, admit_case(a), REASON_SENDER_NOT_ALLOWED, "actor.organisation");
	registration(a, &s, "", "2024-03-05");
	admit_accept(a, s); /* ended yesterday: revoked */
	admit_reject(a, admit_case(a), REASON_UNKNOWN_SOURCE, "source");
}

static void
test_the_operator_is_built_in_and_only_administers(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = admit_case(a);

	s->source = admit_text(a, "operator");
	admit_reject(a, s, REASON_SENDER_NOT_ALLOWED, "actor.role");
	registration(a, &s, "", "")->source = admit_text(a, "operator");
	admit_reject(a, s, REASON_UNKNOWN_CODE, "source_registered.source");
}

static void
test_a_repetition_is_not_looked_at_again_except_for_who_sends_it(void **state)
{
	struct admit *a = *state;
	pb_Submission *ended;
	const pb_Submission *s = admit_case(a);

	admit_accept(a, s);
	registration(a, &ended, "", "2024-03-03");
	admit_accept(a, ended);
	admit_reject(a, s, REASON_UNKNOWN_SOURCE, "source");
}

static void
test_the_last_day_of_a_source_does_not_lie_before_its_first(void **state)
{
	struct admit *a = *state;
	pb_Submission *s;

	registration(a, &s, "2024-03-06", "2024-03-05");
	admit_reject(a, s, REASON_UNKNOWN_CODE, "source_registered.valid_to");
}

static void
test_registrations_to_come_are_limited(void **state)
{
	struct admit *a = *state;
	pb_Submission *s;

	for (int day = 10; day < 26; day++) {
		registration(a, &s, arena_printf(&a->arena, "2024-03-%d", day), "");
		admit_accept(a, s);
	}
	registration(a, &s, "2024-03-26", "");
	admit_reject(a, s, REASON_UNKNOWN_CODE, "source_registered.valid_from");
	registration(a, &s, "2024-03-11", "");
	admit_accept(a, s);
}

/* ---- adoptions -------------------------------------------------------------------------------------------------- */

static pb_RuleRow *
row(struct admit *a, const char *id)
{
	pb_RuleRow *r = ARENA_NEW(&a->arena, pb_RuleRow);

	pb_RuleRow_init(r);
	r->id = admit_text(a, id);
	r->rule = admit_text(a, "R2");
	r->source = ARENA_NEW(&a->arena, pb_RuleSource);
	pb_RuleSource_init(r->source);
	r->source->document = admit_text(a, "project");
	r->source->point = admit_text(a, "for a test");
	return r;
}

/* A policy with one table of triage whose only row does `verb`. */
static pb_Submission *
policy(struct admit *a, const char *valid_from, const char *verb, const char *argument)
{
	pb_Submission *s = admit_say(a, "operator", ROLE_ADMINISTRATOR, "NAT-VWS");
	pb_PolicyAdopted *p = ADMIT_BODY(a, s, PolicyAdopted, POLICY_ADOPTED, policy_adopted);
	pb_RuleTable *table = ARENA_NEW(&a->arena, pb_RuleTable);
	pb_RuleBlock *block = ARENA_NEW(&a->arena, pb_RuleBlock);
	pb_RuleEffect *effect = ARENA_NEW(&a->arena, pb_RuleEffect);

	p->version = admit_text(a, "1.0.0");
	p->valid_from = admit_text(a, valid_from);
	p->tables = ARENA_NEW(&a->arena, pb_PolicyTables);
	pb_PolicyTables_init(p->tables);
	pb_RuleTable_init(table);
	pb_RuleBlock_init(block);
	pb_RuleEffect_init(effect);
	effect->verb = admit_text(a, verb);
	effect->arguments = admit_list(a, argument);
	effect->n_arguments = 1;
	block->rows = ARENA_ARRAY(&a->arena, pb_RuleRow *, 1);
	block->rows[0] = row(a, "R2.T1");
	block->n_rows = 1;
	block->rows[0]->then = ARENA_ARRAY(&a->arena, pb_RuleEffect *, 1);
	block->rows[0]->then[0] = effect;
	block->rows[0]->n_then = 1;
	table->scope = admit_text(a, "triage");
	table->event = admit_text(a, "CaseSubmitted");
	table->blocks = ARENA_ARRAY(&a->arena, pb_RuleBlock *, 1);
	table->blocks[0] = block;
	table->n_blocks = 1;
	p->tables->tables = ARENA_ARRAY(&a->arena, pb_RuleTable *, 1);
	p->tables->tables[0] = table;
	p->tables->n_tables = 1;
	return s;
}

static void
test_the_first_policy_may_begin_in_the_past_and_later_ones_not(void **state)
{
	struct admit *a = *state;

	admit_accept(a, policy(a, "2016-01-01", "track", "VOLUNTARY"));
	admit_accept(a, policy(a, "2020-01-01", "track", "VOLUNTARY")); /* still the first day */
	admit_at(a, "2024-03-05T09:00");
	admit_reject(a, policy(a, "2024-03-04", "track", "VOLUNTARY"), REASON_UNKNOWN_CODE,
		     "policy_adopted.valid_from");
	admit_accept(a, policy(a, "2024-03-05", "track", "VOLUNTARY"));
	admit_accept(a, policy(a, "2024-04-01", "track", "VOLUNTARY"));
}

static void
test_a_policy_that_does_not_compile_is_refused_with_its_row(void **state)
{
	struct admit *a = *state;
	const pb_RejectedReply *r = admit_send(a, policy(a, "2016-01-01", "trakc", "VOLUNTARY"))->rejected;

	assert_non_null(r);
	assert_int_equal(r->reason, REASON_UNKNOWN_CODE);
	assert_non_null(strstr(r->violations[0]->field, "R2.T1"));
	r = admit_send(a, policy(a, "2016-01-01", "track", "VOLUNTRY"))->rejected;
	assert_non_null(r);
	assert_int_equal(r->reason, REASON_UNKNOWN_CODE);
}

static pb_Submission *
registry_of_one_gemeente(struct admit *a, const char *valid_from, const char *region)
{
	pb_Submission *s = admit_say(a, "operator", ROLE_ADMINISTRATOR, "NAT-VWS");
	pb_RegistryAdopted *r = ADMIT_BODY(a, s, RegistryAdopted, REGISTRY_ADOPTED, registry_adopted);

	r->version = admit_text(a, "1.0.0");
	r->valid_from = admit_text(a, valid_from);
	r->rows = ARENA_ARRAY(&a->arena, pb_RegistryRow *, 3);
	r->n_rows = 3;
	for (unsigned i = 0; i < 3; i++) {
		r->rows[i] = ARENA_NEW(&a->arena, pb_RegistryRow);
		pb_RegistryRow_init(r->rows[i]);
	}
	r->rows[0]->row = (Doorbraak__V1__RegistryRowKind)REGISTRY_ROW_KIND_MUNICIPALITY;
	r->rows[0]->municipality = admit_text(a, "GM9901");
	r->rows[0]->region = admit_text(a, region);
	r->rows[1]->row = (Doorbraak__V1__RegistryRowKind)REGISTRY_ROW_KIND_REGION;
	r->rows[1]->region = admit_text(a, "JZ91");
	r->rows[1]->expertise_centre = admit_text(a, "EC-OOST");
	r->rows[2]->row = (Doorbraak__V1__RegistryRowKind)REGISTRY_ROW_KIND_EXPERTISE_CENTRE;
	r->rows[2]->organisation = admit_text(a, "EC-OOST");
	r->rows[2]->municipality = admit_text(a, "GM9901");
	return s;
}

static void
test_the_first_registry_may_begin_in_the_past_and_later_ones_not(void **state)
{
	struct admit *a = *state;

	admit_accept(a, registry_of_one_gemeente(a, "2016-01-01", "JZ91"));
	admit_at(a, "2024-03-05T09:00");
	admit_reject(a, registry_of_one_gemeente(a, "2024-03-04", "JZ91"), REASON_UNKNOWN_CODE,
		     "registry_adopted.valid_from");
	admit_accept(a, registry_of_one_gemeente(a, "2024-03-06", "JZ91"));
}

static void
test_a_registry_that_contradicts_itself_is_refused_with_its_row(void **state)
{
	struct admit *a = *state;

	admit_reject(a, registry_of_one_gemeente(a, "2016-01-01", "JZ77"), REASON_UNKNOWN_CODE,
		     "registry_adopted.rows[0].region");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_source_is_known_from_its_first_day_to_its_last),
	    TEST(test_a_later_registration_replaces_the_former_from_its_first_day),
	    TEST(test_the_operator_is_built_in_and_only_administers),
	    TEST(test_a_repetition_is_not_looked_at_again_except_for_who_sends_it),
	    TEST(test_the_last_day_of_a_source_does_not_lie_before_its_first),
	    TEST(test_registrations_to_come_are_limited),
	    TEST(test_the_first_policy_may_begin_in_the_past_and_later_ones_not),
	    TEST(test_a_policy_that_does_not_compile_is_refused_with_its_row),
	    TEST(test_the_first_registry_may_begin_in_the_past_and_later_ones_not),
	    TEST(test_a_registry_that_contradicts_itself_is_refused_with_its_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
