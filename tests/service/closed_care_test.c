// SPDX-License-Identifier: EUPL-1.2
/* R75: an individual approach has room for a hundred open cases in the country; beyond it people are warned, not refused. */
#include "tests/service/walk.h"

#define ROOM 100u

#define START_IN_TOP100 "{provider: P-1, reason: TREATMENT, top100: true}"

static unsigned
warnings_said(struct walk *w)
{
	unsigned count = 0;

	for (size_t i = 0; i < w->bench.said_count; i++) {
		const pb_Answer *answer = w->bench.said[i];
		if (answer->body_case != DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED)
			continue;
		for (size_t k = 0; k < answer->route_decided->n_warnings; k++)
			count += (int)answer->route_decided->warnings[k] == WARNING_TOP100_FULL;
	}
	return count;
}

/* Places one youth more in the individual approach; how often it is warned. */
static unsigned
place_one(struct walk *w)
{
	walk_to(w, TRACK_CLOSED_CARE, CASE_STATE_LOCAL_ATTEMPT, WISH_AUTHORISATION);
	walk_send(w, "ClosedPlacementStarted", "PROVIDER@P-1", START_IN_TOP100, 0);
	assert_true(walk_file(w)->in_top100);
	assert_int_equal(walk_file(w)->state, CASE_STATE_EXECUTING);
	return warnings_said(w);
}

static void
close_case(struct walk *w, const char *id)
{
	w->id = id;
	walk_send(w, "CaseClosed", walk_owner(w),
		  "{reason: AGED_OUT, approver_role: ALDERMAN, approver_organisation: GM9901}", 0);
	assert_int_equal(walk_file(w)->state, CASE_STATE_CLOSED);
}

static void
test_beyond_a_hundred_in_the_individual_approach_is_warned(void **state)
{
	struct walk *w = *state;

	for (unsigned i = 0; i < ROOM; i++)
		assert_int_equal(place_one(w), 0);
	const char *hundredth = w->id;
	assert_int_equal(place_one(w), 1);
	const char *one_more = w->id;
	/* Who is in already takes no room again. */
	w->id = hundredth;
	walk_send(w, "ClosedPlacementStarted", "PROVIDER@P-1", START_IN_TOP100, 0);
	assert_int_equal(warnings_said(w), 0);
	/* A case that closes leaves: with a hundred there is no room, with ninety-nine there is. */
	close_case(w, hundredth);
	assert_int_equal(place_one(w), 1);
	close_case(w, w->id);
	close_case(w, one_more);
	assert_int_equal(place_one(w), 0);
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
	    cmocka_unit_test_setup_teardown(test_beyond_a_hundred_in_the_individual_approach_is_warned, setup,
					    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
