// SPDX-License-Identifier: EUPL-1.2
#include "common/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "common/err.h"

#define PREFIX      "doorbraak_"
#define NAME_LEN    64u
#define LABELS_MAX  512u
#define CUT_ROOM    256u /* for the figure that says that others are missing */
#define FIRST_BYTES 4096u

struct metrics {
	struct arena *arena;
	char *text;
	size_t len, size;
	size_t begun;  /* where the metric declared last begins */
	bool cut;      /* something was left out */
	bool left_out; /* the metric declared last is */
	enum metric_kind kind;
	char name[NAME_LEN + 1];
};

static bool
is_metric_name(const char *name)
{
	const size_t len = strlen(name);

	return len > 0 && len <= NAME_LEN && name[0] >= 'a' && name[0] <= 'z' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static bool
ends_with(const char *text, const char *end)
{
	const size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void
append(struct metrics *m, const char *text, size_t len)
{
	if (m->left_out)
		return;
	if (m->len + len > METRICS_BYTES_MAX - CUT_ROOM) {
		/* Half a metric would be a lie. */
		m->len = m->begun;
		m->left_out = true;
		m->cut = true;
		return;
	}
	if (m->len + len > m->size) {
		const size_t size = m->size * 2 > m->len + len ? m->size * 2 : m->len + len;
		char *larger = arena_take(m->arena, size);

		memcpy(larger, m->text, m->len);
		m->text = larger;
		m->size = size;
	}
	memcpy(m->text + m->len, text, len);
	m->len += len;
}

static void print(struct metrics *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
print(struct metrics *m, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	const int len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	ASSERT(len >= 0 && (size_t)len < sizeof(line));
	append(m, line, (size_t)len);
}

/* In a value of a label, three characters are written otherwise; a longer value is cut. */
static void
escape(const char *code, char out[LABELS_MAX / 2])
{
	size_t len = 0;

	for (; *code != '\0' && len + 3 < LABELS_MAX / 2; code++) {
		if (*code == '\\' || *code == '"' || *code == '\n')
			out[len++] = '\\';
		out[len++] = *code == '\n' ? 'n' : *code;
	}
	out[len] = '\0';
}

struct metrics *
metrics_begin(struct arena *arena)
{
	struct metrics *m = ARENA_NEW(arena, struct metrics);

	m->arena = arena;
	m->size = FIRST_BYTES;
	m->text = arena_take(arena, m->size);
	return m;
}

struct bytes
metrics_end(struct metrics *metrics)
{
	/* The room for this was kept free. */
	char line[CUT_ROOM];
	const int len = snprintf(line, sizeof(line),
				 "# HELP " PREFIX "metrics_cut 1 when figures were left out for want of room.\n"
				 "# TYPE " PREFIX "metrics_cut gauge\n" PREFIX "metrics_cut %d\n",
				 metrics->cut ? 1 : 0);
	ASSERT(len > 0 && (size_t)len < CUT_ROOM);
	char *text = arena_take(metrics->arena, metrics->len + (size_t)len);

	memcpy(text, metrics->text, metrics->len);
	memcpy(text + metrics->len, line, (size_t)len);
	return bytes_of(text, metrics->len + (size_t)len);
}

void
metrics_declare(struct metrics *metrics, const char *name, enum metric_kind kind, const char *help)
{
	static const char *const kinds[] = {"counter", "gauge", "histogram"};

	ASSERT(is_metric_name(name));
	ASSERT(ends_with(name, "_total") == (kind == METRIC_COUNTER));
	ASSERT(strpbrk(help, "\\\n") == NULL);

	metrics->begun = metrics->len;
	metrics->left_out = false;
	metrics->kind = kind;
	snprintf(metrics->name, sizeof(metrics->name), "%s", name);
	print(metrics, "# HELP " PREFIX "%s %s\n", name, help);
	print(metrics, "# TYPE " PREFIX "%s %s\n", name, kinds[kind]);
}

void
metrics_sample(struct metrics *metrics, uint64_t value)
{
	ASSERT(metrics->name[0] != '\0' && metrics->kind != METRIC_HISTOGRAM);
	print(metrics, PREFIX "%s %" PRIu64 "\n", metrics->name, value);
}

void
metrics_sample_labelled(struct metrics *metrics, const char *label, const char *code, uint64_t value)
{
	char escaped[LABELS_MAX / 2];

	ASSERT(metrics->name[0] != '\0' && metrics->kind != METRIC_HISTOGRAM);
	ASSERT(is_metric_name(label));
	escape(code, escaped);
	print(metrics, PREFIX "%s{%s=\"%s\"} %" PRIu64 "\n", metrics->name, label, escaped, value);
}

void
metrics_sample_labelled2(struct metrics *metrics, const char *label, const char *code, const char *label2,
			 const char *code2, uint64_t value)
{
	char escaped[LABELS_MAX / 2], escaped2[LABELS_MAX / 2];

	ASSERT(metrics->name[0] != '\0' && metrics->kind != METRIC_HISTOGRAM);
	ASSERT(is_metric_name(label) && is_metric_name(label2));
	escape(code, escaped);
	escape(code2, escaped2);
	print(metrics, PREFIX "%s{%s=\"%s\",%s=\"%s\"} %" PRIu64 "\n", metrics->name, label, escaped, label2, escaped2,
	      value);
}

static void
print_us(struct metrics *m, const char *suffix, uint64_t us)
{
	print(m, PREFIX "%s%s %" PRIu64 ".%06" PRIu64 "\n", m->name, suffix, us / 1000000, us % 1000000);
}

void
metrics_sample_us(struct metrics *metrics, uint64_t us)
{
	ASSERT(metrics->name[0] != '\0' && metrics->kind != METRIC_HISTOGRAM);
	print_us(metrics, "", us);
}

void
metrics_sample_times(struct metrics *metrics, struct metrics_times times)
{
	uint64_t count = 0;

	ASSERT(metrics->kind == METRIC_HISTOGRAM);
	for (unsigned i = 0; i < times.bounds; i++) {
		const uint64_t us = times.bounds_us[i];

		count += times.counts[i];
		print(metrics, PREFIX "%s_bucket{le=\"%" PRIu64 ".%06" PRIu64 "\"} %" PRIu64 "\n", metrics->name,
		      us / 1000000, us % 1000000, count);
	}
	count += times.counts[times.bounds];
	print(metrics, PREFIX "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", metrics->name, count);
	print_us(metrics, "_sum", times.sum_us);
	print(metrics, PREFIX "%s_count %" PRIu64 "\n", metrics->name, count);
}
