// SPDX-License-Identifier: EUPL-1.2
/* What `doorbraak watch` shows: which cases, in which order, how deadlines count down, what fits on a small screen and a large one.
 * On a real terminal: tests/end_to_end/watch.py. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "services/cli/watch_view.h"

struct bench {
	struct board board;
	struct view view;
	struct view_moment moment;
	struct screen_line *lines;
	unsigned count;
};

static void
start(struct bench *b, const struct board_filter *filters, unsigned count)
{
	*b = (struct bench){.view = {.filter = ""}};
	board_init(&b->board, filters, count);
	b->moment.now_ms = cal_local_ms(cal_from_date(2021, 3, 1), 10, 0, 0);
	b->moment.steady_ms = 100000;
	b->lines = calloc(SCREEN_ROWS_MAX, sizeof *b->lines);
	assert_non_null(b->lines);
}

static void
stop(struct bench *b)
{
	board_fini(&b->board);
	free(b->lines);
}

struct what {
	const char *id, *region, *owner, *due;
	int state;
	int signal;
	int64_t at_ms;
};

static void
hear(struct bench *b, struct what w)
{
	struct arena a;
	pb_CaseView view;
	pb_OpenDeadline next;
	pb_OpenSignal signal, *signals[] = {&signal};

	arena_init(&a);
	pb_CaseView_init(&view);
	pb_OpenDeadline_init(&next);
	pb_OpenSignal_init(&signal);
	view.case_id = record_text(&a, w.id);
	view.region = record_text(&a, w.region);
	view.owner = record_text(&a, w.owner);
	view.state = (Doorbraak__V1__CaseState)(w.state == 0 ? CASE_STATE_SCREENING : w.state);
	if (w.due != NULL) {
		next.due = record_text(&a, w.due);
		next.kind = (Doorbraak__V1__DeadlineKind)1;
		view.next = &next;
	}
	if (w.signal != 0) {
		signal.code = (Doorbraak__V1__SignalCode)w.signal;
		view.signals = signals;
		view.n_signals = 1;
	}
	board_take(&b->board, &view, w.at_ms);
	arena_fini(&a);
}

static void
draw(struct bench *b, unsigned rows, unsigned cols)
{
	b->count = view_draw(&b->view, &b->board, &b->moment, rows, cols, b->lines);
	assert_true(b->count <= rows);
}

/* A row of a table, its cells with one space between. */
static void
assert_row(const struct screen_line *l, const char *expected)
{
	char text[SCREEN_COLS_MAX + 1];
	size_t n = 0;

	for (const char *p = l->text; *p != '\0'; p++)
		if (*p != ' ' || (p[1] != ' ' && p[1] != '\0'))
			text[n++] = *p;
	text[n] = '\0';
	assert_string_equal(text, expected);
}

/* The line that shows this. */
static const struct screen_line *
line_with(const struct bench *b, const char *text)
{
	for (unsigned i = 0; i < b->count; i++)
		if (strstr(b->lines[i].text, text) != NULL)
			return &b->lines[i];
	return NULL;
}

static void
test_deadlines_count_down_in_order(void **state)
{
	struct bench b;

	(void)state;
	start(&b, NULL, 0);
	hear(&b, (struct what){"c-none", "JZ42", "LT-A", NULL, .at_ms = 0});
	hear(&b, (struct what){"c-later", "JZ42", "LT-A", "2021-03-11", .at_ms = 0});
	hear(&b, (struct what){"c-today", "JZ42", "LT-A", "2021-03-01", .at_ms = 0});
	hear(&b, (struct what){"c-passed", "JZ42", "LT-A", "2021-02-27", .at_ms = 0});
	hear(&b, (struct what){"c-missed", "JZ42", "LT-A", "2021-03-04", .signal = SIGNAL_CODE_S02_DEADLINE_MISSED,
			       .at_ms = 99000});
	hear(&b, (struct what){"c-closed", "JZ42", "", "2021-03-01", .state = CASE_STATE_CLOSED, .at_ms = 0});
	draw(&b, 24, 80);
	assert_non_null(
	    strstr(b.lines[0].text, "2021-03-01 10:00  5 open, 2 overdue, 1 today, 1 this week, 1 signals"));
	assert_non_null(strstr(b.lines[0].text, "live "));
	static const char *const order[] = {"!  2 d LATE", "   today 14:00", "!* in 3 d", "   in 10 d", "   - "};
	static const char *const ids[] = {"c-passed", "c-today", "c-missed", "c-later", "c-none"};
	static const enum screen_style styles[] = {SCREEN_ALARM, SCREEN_SOON, SCREEN_ALARM, SCREEN_PLAIN, SCREEN_PLAIN};
	for (unsigned i = 0; i < 5; i++) {
		const struct screen_line *l = &b.lines[2 + i];
		assert_int_equal(strncmp(l->text, order[i], strlen(order[i])), 0);
		assert_non_null(strstr(l->text, ids[i]));
		assert_int_equal(l->style, styles[i]);
	}
	assert_null(line_with(&b, "c-closed"));
	stop(&b);
}

static void
test_filters_follow_the_case(void **state)
{
	static const struct board_filter filters[] = {{"region", "JZ42"}, {"owner", "LT-B"}, {"case", "c-3"}};
	struct bench b;

	(void)state;
	start(&b, filters, 3);
	hear(&b, (struct what){"c-1", "JZ42", "LT-A", "2021-03-11", .at_ms = 0});
	hear(&b, (struct what){"c-2", "JZ43", "LT-B", "2021-03-11", .at_ms = 0});
	hear(&b, (struct what){"c-3", "JZ43", "LT-C", "2021-03-11", .at_ms = 0});
	hear(&b, (struct what){"c-4", "JZ43", "LT-C", "2021-03-11", .at_ms = 0});
	draw(&b, 24, 80);
	assert_non_null(line_with(&b, "c-1"));
	assert_non_null(line_with(&b, "c-2"));
	assert_non_null(line_with(&b, "c-3"));
	assert_null(line_with(&b, "c-4"));
	/* To another region: gone here. */
	hear(&b, (struct what){"c-1", "JZ43", "LT-A", "2021-03-11", .at_ms = 0});
	draw(&b, 24, 80);
	assert_null(line_with(&b, "c-1"));
	stop(&b);
}

static void
test_groups_by_region_owner_and_signal(void **state)
{
	struct bench b;

	(void)state;
	start(&b, NULL, 0);
	hear(&b, (struct what){"c-1", "JZ42", "LT-A", "2021-03-11", .at_ms = 0});
	hear(&b,
	     (struct what){"c-2", "JZ43", "LT-A", "2021-02-11", .signal = SIGNAL_CODE_S02_DEADLINE_MISSED, .at_ms = 0});
	hear(&b, (struct what){"c-3", "JZ43", "LT-B", "2021-03-02", .at_ms = 0});
	assert_true(view_key(&b.view, 'r', 24));
	draw(&b, 24, 80);
	assert_row(&b.lines[1], "REGION CASES OVERDUE TODAY WEEK SIGNALS");
	assert_row(&b.lines[2], "JZ43 2 1 0 1 1");
	assert_row(&b.lines[3], "JZ42 1 0 0 0 0");
	assert_int_equal(b.lines[2].style, SCREEN_ALARM);
	assert_true(view_key(&b.view, 'o', 24));
	draw(&b, 24, 80);
	assert_row(&b.lines[2], "LT-A 2 1 0 0 1");
	assert_row(&b.lines[3], "LT-B 1 0 0 1 0");
	assert_true(view_key(&b.view, 's', 24));
	draw(&b, 24, 80);
	assert_row(&b.lines[2], "S02_DEADLINE_MISSED 1 1 0 0 1");
	assert_false(view_key(&b.view, 'x', 24));
	stop(&b);
}

static void
test_every_size_of_screen(void **state)
{
	struct bench b;
	char id[16];

	(void)state;
	start(&b, NULL, 0);
	for (int i = 0; i < 60; i++) {
		snprintf(id, sizeof id, "c-%02d", i);
		hear(&b, (struct what){id, "JZ42", "LT-A", "2021-03-11", .at_ms = 0});
		view_add_event(&b.view, id);
	}
	for (unsigned rows = 1; rows <= SCREEN_ROWS_MAX; rows++) {
		draw(&b, rows, rows * 2);
		assert_int_equal(b.count, rows);
	}
	/* The newest change is on top; what does not fit is scrolled to, and never past the end. */
	draw(&b, 24, 80);
	assert_int_equal(strncmp(line_with(&b, "LAST CHANGES")[1].text, "c-59", 4), 0);
	assert_null(line_with(&b, "STATE          OWNER                SIGNALS"));
	for (unsigned i = 0; i < 40; i++)
		view_key(&b.view, SCREEN_PAGE_DOWN, 24);
	draw(&b, 24, 80);
	assert_non_null(strstr(b.lines[2].text, "c-59"));
	assert_non_null(line_with(&b, "60/60"));
	view_key(&b.view, SCREEN_HOME, 24);
	draw(&b, 40, 120);
	assert_non_null(strstr(b.lines[2].text, "c-00"));
	assert_non_null(line_with(&b, "OWNER                SIGNALS      REGION"));
	stop(&b);
}

static void
test_silence_and_emptiness_are_said(void **state)
{
	struct bench b;

	(void)state;
	start(&b, NULL, 0);
	b.moment.loading = true;
	draw(&b, 24, 80);
	assert_non_null(strstr(b.lines[0].text, "loading "));
	b.moment.loading = false;
	draw(&b, 24, 80);
	assert_non_null(line_with(&b, "nothing to show: no open case fits"));
	b.moment.silent_ms = 9000;
	draw(&b, 24, 80);
	assert_non_null(strstr(b.lines[0].text, " NO ANSWER for 9 s"));
	assert_int_equal(strlen(b.lines[0].text), 80);
	stop(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_deadlines_count_down_in_order),     cmocka_unit_test(test_filters_follow_the_case),
	    cmocka_unit_test(test_groups_by_region_owner_and_signal), cmocka_unit_test(test_every_size_of_screen),
	    cmocka_unit_test(test_silence_and_emptiness_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
