// SPDX-License-Identifier: EUPL-1.2
/* metrics.h - figures as Prometheus text (format 0.0.4).
 *
 * A metric is declared once, with help and type; its samples follow directly. Names are without the prefix doorbraak_,
 * which is added here; base units; counters and only counters end in _total. Wrong names end the process: they are our
 * own. Labels are bounded sets of codes, never a case id. No floating point: seconds come in as microseconds.
 *
 *   metrics_declare(m, "commits_total", METRIC_COUNTER, "Batches made durable.");
 *   metrics_sample(m, status.commits);
 *   metrics_declare(m, "rejected_total", METRIC_COUNTER, "Rejected submissions by reason.");
 *   metrics_sample_labelled(m, "reason", "UNKNOWN_SOURCE", n);
 *
 * The text lives in an arena and stops growing at METRICS_BYTES_MAX: whole metrics are left out then, and
 * doorbraak_metrics_cut says so. */
#ifndef DOORBRAAK_METRICS_H
#define DOORBRAAK_METRICS_H

#include "common/arena.h"

#define METRICS_BYTES_MAX ((size_t)256 << 10)
#define METRICS_TYPE      "text/plain; version=0.0.4; charset=utf-8"

struct metrics;

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metrics *metrics_begin(struct arena *arena);
/* The text, in the arena. */
struct bytes metrics_end(struct metrics *metrics);

/* Also ends the metric before. */
void metrics_declare(struct metrics *metrics, const char *name, enum metric_kind kind, const char *help);

/* Of the metric declared last; a counter or a gauge. */
void metrics_sample(struct metrics *metrics, uint64_t value);
void metrics_sample_labelled(struct metrics *metrics, const char *label, const char *code, uint64_t value);
void metrics_sample_labelled2(struct metrics *metrics, const char *label, const char *code, const char *label2,
			      const char *code2, uint64_t value);
/* Microseconds, written as seconds. */
void metrics_sample_us(struct metrics *metrics, uint64_t us);

/* How often something took how long: counts[i] of those that took at most bounds_us[i] and more than the bound before,
 * counts[bounds] of those that took longer than the last one. */
struct metrics_times {
	const uint64_t *bounds_us; /* growing */
	const uint64_t *counts;
	unsigned bounds;
	uint64_t sum_us;
};
/* Of a histogram. */
void metrics_sample_times(struct metrics *metrics, struct metrics_times times);

#endif
