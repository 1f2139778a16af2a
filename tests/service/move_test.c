// SPDX-License-Identifier: EUPL-1.2
/* R15: a family that moves, and moves back before anybody took over. Nobody is asked any more to own what another pays. */
#include "tests/service/walk.h"

static void
move_to(struct walk *w, const char *municipality)
{
	walk_send(w, "ResidenceChanged", arena_printf(&w->bench.arena, "MUNICIPALITY@%s", municipality),
		  arena_printf(&w->bench.arena, "{municipality: %s}", municipality), 0);
	assert_string_equal(walk_file(w)->funder.s, municipality);
}

static void
test_moving_back_ends_the_transfer(void **state)
{
	static const struct {
		int track, state;
		const char *owner, *asked;
	} table[] = {
	    {TRACK_VOLUNTARY, CASE_STATE_LOCAL_ATTEMPT, "LT-GM9901", "LT-GM9902"},
	    {TRACK_VOLUNTARY, CASE_STATE_EXECUTING, "ET-JZ91", "ET-JZ92"},
	    {TRACK_COURT_MEASURE, CASE_STATE_QUEUED, "GM9901", "GM9902"},
	    {TRACK_CLOSED_CARE, CASE_STATE_EXECUTING, "GM9901", "GM9902"},
	};
	struct walk *w = *state;

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		walk_to(w, table[i].track, table[i].state, WISH_NOTHING);
		move_to(w, "GM9902");
		assert_string_equal(walk_file(w)->owner.s, table[i].owner);
		assert_string_equal(walk_file(w)->pending.s, table[i].asked);
		move_to(w, "GM9901");
		const struct case_file *file = walk_file(w);
		assert_string_equal(file->owner.s, table[i].owner);
		assert_string_equal(file->pending.s, "");
		assert_true(case_deadline_find(file->deadlines, file->deadline_count, DEADLINE_KIND_TRANSFER, "") < 0);
		assert_int_equal(file->state, table[i].state);
	}
}

/* What lies with the national team, or is handed down, is not a matter of where the youth lives. */
static void
test_moving_back_leaves_other_questions(void **state)
{
	struct walk *w = *state;

	walk_to(w, TRACK_VOLUNTARY, CASE_STATE_LOCAL_ATTEMPT, WISH_NOTHING);
	walk_send(w, "CaseSubmitted", "PARENT@DESK",
		  "{submitter: PARENT, asks: HELP, channel: NATIONAL_DESK, tried: [MUNICIPALITY]}", 0);
	move_to(w, "GM9902");
	move_to(w, "GM9901");
	assert_string_equal(walk_file(w)->pending.s, "NAT-VWS");
}

static int
setup(void **state)
{
	struct walk *w = test_calloc(1, sizeof *w);

	walk_open(w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct walk *w = *state;

	walk_close(w);
	test_free(w);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_moving_back_ends_the_transfer, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_moving_back_leaves_other_questions, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
