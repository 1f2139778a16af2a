// SPDX-License-Identifier: EUPL-1.2
/* Figures are Prometheus text, whole metrics or none, and our own mistakes in names are found at once. */
#include "tests/unit/unit.h"

#include "common/arena.h"
#include "common/metrics.h"

static const char cut_none[] = "# HELP doorbraak_metrics_cut 1 when figures were left out for want of room.\n"
			       "# TYPE doorbraak_metrics_cut gauge\n"
			       "doorbraak_metrics_cut 0\n";

static void
test_text_is_byte_for_byte_what_prometheus_reads(void **state UNUSED)
{
	static const uint64_t bounds[] = {1000, 2500000}, counts[] = {4, 0, 3};
	struct arena arena;
	char expected[2048];

	arena_init(&arena);
	struct metrics *m = metrics_begin(&arena);
	metrics_declare(m, "commits_total", METRIC_COUNTER, "Batches made durable.");
	metrics_sample(m, UINT64_MAX);
	metrics_declare(m, "rejected_total", METRIC_COUNTER, "By reason.");
	metrics_sample_labelled(m, "reason", "MALFORMED", 2);
	metrics_sample_labelled(m, "reason", "a\"b\\c\nd", 0);
	metrics_declare(m, "info", METRIC_GAUGE, "Which.");
	metrics_sample_labelled2(m, "service", "routing", "version", "0.1.0", 1);
	metrics_declare(m, "commit_seconds", METRIC_HISTOGRAM, "Time that commits took.");
	metrics_sample_times(m, (struct metrics_times){bounds, counts, COUNT_OF(bounds), 12000345});
	metrics_declare(m, "silence_seconds", METRIC_GAUGE, "How long.");
	metrics_sample_us(m, 1500000);
	const struct bytes text = metrics_end(m);

	snprintf(expected, sizeof(expected), "%s%s",
		 "# HELP doorbraak_commits_total Batches made durable.\n"
		 "# TYPE doorbraak_commits_total counter\n"
		 "doorbraak_commits_total 18446744073709551615\n"
		 "# HELP doorbraak_rejected_total By reason.\n"
		 "# TYPE doorbraak_rejected_total counter\n"
		 "doorbraak_rejected_total{reason=\"MALFORMED\"} 2\n"
		 "doorbraak_rejected_total{reason=\"a\\\"b\\\\c\\nd\"} 0\n"
		 "# HELP doorbraak_info Which.\n"
		 "# TYPE doorbraak_info gauge\n"
		 "doorbraak_info{service=\"routing\",version=\"0.1.0\"} 1\n"
		 "# HELP doorbraak_commit_seconds Time that commits took.\n"
		 "# TYPE doorbraak_commit_seconds histogram\n"
		 "doorbraak_commit_seconds_bucket{le=\"0.001000\"} 4\n"
		 "doorbraak_commit_seconds_bucket{le=\"2.500000\"} 4\n"
		 "doorbraak_commit_seconds_bucket{le=\"+Inf\"} 7\n"
		 "doorbraak_commit_seconds_sum 12.000345\n"
		 "doorbraak_commit_seconds_count 7\n"
		 "# HELP doorbraak_silence_seconds How long.\n"
		 "# TYPE doorbraak_silence_seconds gauge\n"
		 "doorbraak_silence_seconds 1.500000\n",
		 cut_none);
	assert_int_equal(text.len, strlen(expected));
	assert_memory_equal(text.data, expected, text.len);
	arena_fini(&arena);
}

static void
test_nothing_declared_is_still_a_text(void **state UNUSED)
{
	struct arena arena;

	arena_init(&arena);
	const struct bytes text = metrics_end(metrics_begin(&arena));
	assert_int_equal(text.len, strlen(cut_none));
	assert_memory_equal(text.data, cut_none, text.len);
	arena_fini(&arena);
}

static void
test_what_does_not_fit_is_left_out_as_a_whole(void **state UNUSED)
{
	struct arena arena;
	char code[32];

	arena_init(&arena);
	struct metrics *m = metrics_begin(&arena);
	metrics_declare(m, "small", METRIC_GAUGE, "Stays.");
	metrics_sample(m, 1);
	metrics_declare(m, "large", METRIC_GAUGE, "Too much.");
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(code, sizeof(code), "CODE_%u", i);
		metrics_sample_labelled(m, "code", code, i);
	}
	metrics_declare(m, "after", METRIC_GAUGE, "Stays too.");
	metrics_sample(m, 3);
	const struct bytes b = metrics_end(m);
	char *text = arena_str(&arena, b);
	assert_true(b.len <= METRICS_BYTES_MAX);
	assert_null(strstr(text, "large"));
	assert_non_null(strstr(text, "doorbraak_small 1\n"));
	assert_non_null(strstr(text, "doorbraak_after 3\n"));
	assert_non_null(strstr(text, "doorbraak_metrics_cut 1\n"));
	arena_fini(&arena);
}

static void
test_growing_keeps_what_there_was(void **state UNUSED)
{
	struct arena arena;
	char name[32], line[64];

	arena_init(&arena);
	struct metrics *m = metrics_begin(&arena);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		metrics_declare(m, name, METRIC_GAUGE, "One of many.");
		metrics_sample(m, i);
	}
	const char *text = arena_str(&arena, metrics_end(m));
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), "\ndoorbraak_m%u %u\n", i, i);
		assert_non_null(strstr(text, line));
	}
	arena_fini(&arena);
}

struct wrong {
	const char *name;
	enum metric_kind kind;
	const char *help;
};

static void
declare_wrong(void *arg)
{
	const struct wrong *w = arg;
	struct arena arena;

	arena_init(&arena);
	metrics_declare(metrics_begin(&arena), w->name, w->kind, w->help);
}

static void
test_wrong_names_end_the_process(void **state UNUSED)
{
	struct wrong cases[] = {
	    {"commits", METRIC_COUNTER, "A counter ends in _total."},
	    {"commits_total", METRIC_GAUGE, "And only a counter."},
	    {"Commits_total", METRIC_COUNTER, "Upper case."},
	    {"", METRIC_GAUGE, "No name."},
	    {"a-b", METRIC_GAUGE, "A dash."},
	    {"a", METRIC_GAUGE, "Two\nlines."},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_true(ends_by_assert(declare_wrong, &cases[i]));
}

static void
sample_of_nothing(void *arg UNUSED)
{
	struct arena arena;

	arena_init(&arena);
	metrics_sample(metrics_begin(&arena), 1);
}

static void
test_a_sample_needs_a_declaration(void **state UNUSED)
{
	assert_true(ends_by_assert(sample_of_nothing, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text_is_byte_for_byte_what_prometheus_reads),
	    cmocka_unit_test(test_nothing_declared_is_still_a_text),
	    cmocka_unit_test(test_what_does_not_fit_is_left_out_as_a_whole),
	    cmocka_unit_test(test_growing_keeps_what_there_was),
	    cmocka_unit_test(test_wrong_names_end_the_process),
	    cmocka_unit_test(test_a_sample_needs_a_declaration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
