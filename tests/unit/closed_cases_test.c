// SPDX-License-Identifier: EUPL-1.2
/* closed_cases_test.c - closed cases stand apart from the open ones: each case in one place, and found in both. */
#include "services/monitoring/monitoring_state.h"
#include "services/signalling/signalling_state.h"
#include "tests/unit/unit.h"

#define ID "c-0000-0000-0000-00000001"

struct fixture {
	struct temp temp;
	struct store *store;
	struct monitoring_db monitoring;
	struct signalling_db signalling;
	struct signal_memo memo;
};

static int
set_up(void **state)
{
	static struct fixture f;
	struct why why;

	f = (struct fixture){.temp = temp_make()};
	const struct temp_path dir = temp_path(&f.temp, "store");
	const struct store_options options = {.dir = dir.s, .fast = true};
	assert_int_equal(store_open(&f.store, &options, &why), ERR_NONE);
	struct store_txn *txn = store_begin_write(f.store);
	f.monitoring = monitoring_db_open(txn);
	f.signalling = signalling_db_open(txn, &f.memo);
	assert_int_equal(store_commit(txn), ERR_NONE);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(&f->store);
	temp_remove(&f->temp);
	return 0;
}

/* Opened, closed, opened again. */
static const int states[] = {CASE_STATE_SCREENING, CASE_STATE_CLOSED, CASE_STATE_CLOSED, CASE_STATE_EXECUTING};
#define STATES (sizeof states / sizeof states[0])

static void
stands_in_one_place(struct store_txn *txn, struct store_db open, struct store_db closed, int state)
{
	assert_int_equal(store_count(txn, open), state == CASE_STATE_CLOSED ? 0 : 1);
	assert_int_equal(store_count(txn, closed), state == CASE_STATE_CLOSED ? 1 : 0);
}

static void
a_picture_is_where_the_state_of_its_case_says(void **state)
{
	struct fixture *f = *state;
	struct case_head head;
	struct picture p;
	uint64_t course;

	for (unsigned i = 0; i < STATES; i++) {
		struct store_txn *txn = store_begin_write(f->store);

		assert_int_equal(monitoring_case_get(&f->monitoring, txn, ID, &p), i > 0);
		p.view->state = (Doorbraak__V1__CaseState)states[i];
		p.heard = i;
		monitoring_case_put(&f->monitoring, txn, &p);
		monitoring_course_put(&f->monitoring, txn, ID, 10 + i);
		stands_in_one_place(txn, f->monitoring.cases, f->monitoring.closed, states[i]);
		assert_true(monitoring_case_get(&f->monitoring, txn, ID, &p));
		assert_int_equal(p.view->state, states[i]);
		assert_int_equal(p.heard, i);
		assert_true(monitoring_head_get(&f->monitoring, txn, ID, &head));
		assert_int_equal(head.state, states[i]);
		assert_true(monitoring_course_get(&f->monitoring, txn, ID, &course));
		assert_int_equal(course, 10 + i);
		monitoring_index_settle(&f->monitoring.index, txn, cal_from_date(2024, 3, 1));
		assert_int_equal(store_commit(txn), ERR_NONE);
	}
}

static void
what_signalling_knows_of_a_case_is_there_too(void **state)
{
	struct fixture *f = *state;
	struct signal_case c;

	for (unsigned i = 0; i < STATES; i++) {
		struct store_txn *txn = store_begin_write(f->store);

		/* The case at hand is another one. */
		assert_false(signalling_case_get(&f->signalling, txn, "c-other", &c));
		if (i % 2 == 0)
			assert_int_equal(signalling_case_get(&f->signalling, txn, ID, &c), i > 0);
		c.state = (uint8_t)states[i];
		c.heard = i;
		signalling_case_put(&f->signalling, txn, ID, &c);
		stands_in_one_place(txn, f->signalling.cases, f->signalling.closed, states[i]);
		assert_false(signalling_case_get(&f->signalling, txn, "c-other", &c));
		assert_true(signalling_case_get(&f->signalling, txn, ID, &c));
		assert_int_equal(c.state, states[i]);
		assert_int_equal(c.heard, i);
		assert_int_equal(store_commit(txn), ERR_NONE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_picture_is_where_the_state_of_its_case_says, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_signalling_knows_of_a_case_is_there_too, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
