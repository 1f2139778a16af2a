// SPDX-License-Identifier: EUPL-1.2
/* policy_moves.h, policy_draw.h: what the tables move a case by, and the pictures of it. */
#include "tests/unit/unit.h"

#include "services/cli/adoption.h"
#include "services/cli/policy_draw.h"
#include "services/cli/policy_file.h"
#include "services/cli/policy_moves.h"

struct bench {
	struct temp temp;
	struct arena arena;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	assert_non_null(b);
	b->temp = temp_make();
	arena_init(&b->arena);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	arena_fini(&b->arena);
	temp_remove(&b->temp);
	free(b);
	return 0;
}

static const pb_PolicyAdopted *
read_paths(struct bench *b, const char *const *paths, unsigned count)
{
	struct policy_file file;

	if (!policy_file_read(&b->arena, paths, count, adoption_scopes, ADOPTION_POLICY_SCOPES, &file))
		fail_msg("%s", file.problems.text[0]);
	return file.policy;
}

static const pb_PolicyAdopted *
shipped(struct bench *b)
{
	const char *paths[ADOPTION_POLICY_PATHS];

	adoption_policy_paths(&b->arena, ".", paths);
	return read_paths(b, paths, ADOPTION_POLICY_PATHS);
}

/* A small policy with these blocks for PlanAgreed, which is taken in DELIBERATION and EXECUTING. */
static const pb_PolicyAdopted *
with_blocks(struct bench *b, const char *refuse, const char *event, const char *blocks)
{
	const struct temp_path path = temp_path(&b->temp, "p.yaml");
	const char *const paths[] = {path.s};
	const char *text =
	    arena_printf(&b->arena,
			 "version: 1.0.0\nvalid_from: 2016-01-01\n"
			 "deadlines:\n"
			 "  PLAN: {rule: R28, all: 5 wd}\n"
			 "  ADVICE: {rule: R22, all: 5 wd, ends_with: [ADVICE], fulfilled_by: [AdviceGiven]}\n"
			 "grid:\n  PlanAgreed: [x, x, x, x, x, A, A, x, x, c]\n"
			 "refuse:\n%s"
			 "effects:\n  %s:\n%s",
			 refuse, event, blocks);

	file_write(path.s, text, strlen(text));
	return read_paths(b, paths, 1);
}

static const char *
moves_text(struct bench *b, const struct policy_move *m)
{
	const char *text = "";

	for (; m != NULL; m = m->next)
		text = arena_printf(&b->arena, "%s%s -> %s by %s\n", text, record_code_of("CaseState", m->from),
				    m->effect->arguments[0], m->row->id);
	return text;
}

static const char no_refusal[] =
    "  - {id: R1.51, messages: [PlanAgreed], when: {actor_is_owner: false}, reason: NOT_OWNER}\n";

static void
must_move(struct bench *b, const char *refuse, const char *blocks, const char *expected)
{
	const pb_PolicyAdopted *policy = with_blocks(b, refuse, "PlanAgreed", blocks);

	assert_string_equal(moves_text(b, policy_moves(&b->arena, policy, "state", NULL)), expected);
}

static void
test_a_row_moves_from_where_the_grid_takes_the_message(void **state)
{
	struct bench *b = *state;

	must_move(b, no_refusal, "  - - {id: A.1, then: {state: VERIFYING}}\n",
		  "DELIBERATION -> VERIFYING by A.1\nEXECUTING -> VERIFYING by A.1\n");
	must_move(b, no_refusal,
		  "  - - {id: A.1, when: {state: [QUEUED, EXECUTING]}, then: {state: VERIFYING}}\n"
		  "    - {id: A.2, then: {}}\n",
		  "EXECUTING -> VERIFYING by A.1\n");
}

static void
test_a_row_above_takes_its_states_away(void **state)
{
	struct bench *b = *state;

	must_move(b, no_refusal,
		  "  - - {id: A.1, when: {state: EXECUTING}, then: {}}\n"
		  "    - {id: A.2, then: {state: VERIFYING}}\n",
		  "DELIBERATION -> VERIFYING by A.2\n");
	/* Not when it needs something else, too; unless that follows from the row itself. */
	must_move(b, no_refusal,
		  "  - - {id: A.1, when: {state: EXECUTING, track: [VOLUNTARY, COURT_MEASURE]}, then: {}}\n"
		  "    - {id: A.2, when: {track: VOLUNTARY}, then: {state: VERIFYING}}\n"
		  "    - {id: A.3, then: {state: QUEUED}}\n",
		  "DELIBERATION -> VERIFYING by A.2\nDELIBERATION -> QUEUED by A.3\nEXECUTING -> QUEUED by A.3\n");
}

static void
test_a_block_that_stops_takes_the_others_away(void **state)
{
	struct bench *b = *state;

	must_move(b, no_refusal,
		  "  - - {id: A.1, when: {state: EXECUTING}, then: {stop: true}}\n"
		  "    - {id: A.2, then: {}}\n"
		  "  - - {id: B.1, then: {state: VERIFYING}}\n",
		  "DELIBERATION -> VERIFYING by B.1\n");
	must_move(b, no_refusal,
		  "  - - {id: A.1, when: {state: EXECUTING, has_team: true}, then: {stop: true}}\n"
		  "    - {id: A.2, then: {}}\n"
		  "  - - {id: B.1, then: {state: VERIFYING}}\n",
		  "DELIBERATION -> VERIFYING by B.1\nEXECUTING -> VERIFYING by B.1\n");
}

static void
test_a_refusal_that_follows_from_the_row_counts(void **state)
{
	struct bench *b = *state;

	must_move(b,
		  "  - {id: R1.51, messages: [PlanAgreed], when: {has_goal: false, state: EXECUTING}, reason: "
		  "WRONG_STATE}\n",
		  "  - - {id: A.1, when: {has_goal: false}, then: {state: VERIFYING}}\n"
		  "    - {id: A.2, then: {}}\n",
		  "DELIBERATION -> VERIFYING by A.1\n");
}

static void
test_a_missed_deadline_comes_where_it_belongs(void **state)
{
	struct bench *b = *state;
	const pb_PolicyAdopted *policy =
	    with_blocks(b, no_refusal, "MISSED.ADVICE", "  - - {id: A.1, then: {state: SCREENING}}\n");
	const struct policy_move *m = policy_moves(&b->arena, policy, "state", "MISSED.ADVICE");

	assert_string_equal(moves_text(b, m), "ADVICE -> SCREENING by A.1\n");
	assert_true(m->missed);
	assert_string_equal(m->event, "ADVICE");
	/* One that belongs to no state can be missed in all that are open. */
	policy = with_blocks(b, no_refusal, "MISSED.PLAN", "  - - {id: A.1, then: {state: SCREENING}}\n");
	unsigned count = 0;

	for (m = policy_moves(&b->arena, policy, "state", NULL); m != NULL; m = m->next, count++)
		assert_true(m->from >= CASE_STATE_SCREENING && m->from < CASE_STATE_CLOSED);
	assert_int_equal(count, 9);
	assert_null(policy_moves(&b->arena, policy, "state", "PlanAgreed"));
}

static void
test_governance_goes_up_a_rung_at_a_time(void **state)
{
	struct bench *b = *state;
	bool up = false, answered = false;

	for (const struct policy_move *m = policy_moves_of_governance(&b->arena, shipped(b)); m != NULL; m = m->next) {
		const int to = record_enum_value(record_enum("Governance"), m->effect->arguments[0]);

		if (m->from == GOVERNANCE_NONE && to == GOVERNANCE_EXECUTIVE)
			fail_msg("%s skips the officials", m->row->id);
		up = up || (strcmp(m->event, "ESCALATION_OFFICIAL") == 0 && m->missed);
		answered = answered || to == GOVERNANCE_NONE;
	}
	assert_true(up && answered);
}

/* ---- pictures ---- */

static const char *
drawn(struct bench *b, const pb_PolicyAdopted *policy, const char *event, bool all)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	if (event != NULL && event[0] == '\0')
		policy_draw_ladders(&b->arena, policy, out);
	else
		policy_draw_cycle(&b->arena, policy, event, all, out);
	fclose(out);
	const char *copy = arena_str(&b->arena, bytes_of(text, len));

	free(text);
	return copy;
}

static void
must_hold(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no: %s", part);
}

static void
test_the_picture_says_what_the_tables_say(void **state)
{
	struct bench *b = *state;
	const char *text = drawn(b, shipped(b), NULL, false);

	must_hold(text, "DELIBERATION -> EXECUTING [label=\" PlanAgreed (R28)\\l\"];");
	must_hold(text,
		  "LOCAL_ATTEMPT -> SCREENING [label=\" HELP_START missed (R62)\\l LOCAL_ATTEMPT missed (R24)\\l\", "
		  "style=dashed];");
	must_hold(text, "SCREENING [label=\"SCREENING\\n5 working days\"];");
	must_hold(text, "label=\"any open state\"");
	assert_null(strstr(text, "EXECUTING -> EXECUTING"));
	assert_string_equal(text, drawn(b, shipped(b), NULL, false));
	must_hold(drawn(b, shipped(b), NULL, true), "EXECUTING -> EXECUTING [label=\" PlanAgreed (R28.5)\\l\"];");
	text = drawn(b, shipped(b), "AdviceGiven", false);
	must_hold(text, "ADVICE -> LOCAL_ATTEMPT");
	assert_null(strstr(text, "PlanAgreed"));
	text = drawn(b, shipped(b), "", false);
	must_hold(text, "GOVERNANCE_OFFICIAL -> GOVERNANCE_EXECUTIVE [label=\" ESCALATION_OFFICIAL missed (R52)\\l\", "
			"style=dashed];");
	must_hold(text, "REGIONAL -> SUPRAREGIONAL [label=\" EscalationDecided: supports (R8)\\l\"];");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_row_moves_from_where_the_grid_takes_the_message),
	    TEST(test_a_row_above_takes_its_states_away),
	    TEST(test_a_block_that_stops_takes_the_others_away),
	    TEST(test_a_refusal_that_follows_from_the_row_counts),
	    TEST(test_a_missed_deadline_comes_where_it_belongs),
	    TEST(test_governance_goes_up_a_rung_at_a_time),
	    TEST(test_the_picture_says_what_the_tables_say),
	};

	return cmocka_run_group_tests_name("policy draw", tests, NULL, NULL);
}
