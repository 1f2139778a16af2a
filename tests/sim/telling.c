// SPDX-License-Identifier: EUPL-1.2
#include "tests/sim/telling.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "common/policy.h"
#include "services/cli/record_line.h"
#include "services/monitoring/monitoring_report_figures.h"

#define ENTRIES 256

struct telling {
	struct realm *realm;
	struct report_sources from;
	cal_day first, last; /* of the history */
	FILE *figures, *reports;
};

static FILE *
open_file(struct realm *r, const char *dir, const char *name)
{
	FILE *file = fopen(arena_printf(&r->arena, "%s/%s", dir, name), "w");

	if (file == NULL)
		why_set(&r->why, "%s/%s: %s", dir, name, strerror(errno));
	return file;
}

static bool
write_journal(struct realm *r, const char *dir)
{
	struct journal_entry entries[ENTRIES];
	FILE *file = open_file(r, dir, "journal.jsonl");
	uint64_t after = 0;
	struct record record;
	struct arena a;
	size_t count;

	if (file == NULL)
		return false;
	arena_init(&a);
	while ((count = row_read(r->row, 3, &a, after, entries, ENTRIES)) > 0) {
		for (size_t i = 0; i < count; i++) {
			if (!record_read(&a, entries[i].record, &record, &r->why))
				fatal("%s", r->why.text);
			fprintf(file, "%s\n", record_line_json(&a, entries[i].seq, &record));
			after = entries[i].seq;
		}
		arena_reset(&a);
	}
	arena_fini(&a);
	return fclose(file) == 0;
}

static void
write_figures(struct telling *t, struct store_txn *txn, const struct report_rows *rows, const char *subject,
	      const struct tally_place *place)
{
	struct arena *a = store_arena(txn);
	const struct policy_view *view =
	    policy_on(t->from.policies, txn, rows->period.to, place->region == NULL ? "" : place->region);
	bool begins = true;
	char from[11], to[11];

	cal_format(rows->period.from, from);
	cal_format(rows->period.to, to);
	fprintf(t->figures, "{\"subject\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"values\":[", subject, from, to);
	for (unsigned k = 1; k < INDICATORS; k++) {
		const struct figures f = k == 25 ? figures_of_functions(t->from.registry, txn, rows->period.to)
						 : figures_of(a, k, rows->of[k], rows->count[k], place, true, view);

		for (size_t i = 0; i < f.count; i++, begins = false)
			fprintf(t->figures,
				"%s[\"K%u\",\"%s\",\"%s\",%" PRId64 ",%" PRId64 ",%" PRId32 ",%" PRId32 ",%" PRId64 "]",
				begins ? "" : ",", k, f.list[i].region, f.list[i].group, f.list[i].numerator,
				f.list[i].denominator, f.list[i].median, f.list[i].p90, f.list[i].total);
	}
	fprintf(t->figures, "]}\n");
}

static void
write_report(struct telling *t, const struct report_period *period)
{
	struct realm *r = t->realm;
	pb_Request request;
	pb_ReportRequest report;

	pb_Request_init(&request);
	pb_ReportRequest_init(&report);
	report.kind = (Doorbraak__V1__ReportKind)REPORT_KIND_INDICATORS;
	report.period_from = record_date(&r->arena, period->from);
	report.period_to = record_date(&r->arena, period->to);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_REPORT;
	request.report = &report;
	const pb_Reply *reply = row_ask(r->row, 4, &request, &r->arena);

	if (reply == NULL || reply->body_case != DOORBRAAK__V1__REPLY__BODY_REPORT)
		fatal("a report of the country is not made");
	fprintf(t->reports, "%s\n", record_json(&r->arena, &reply->report->report->base, true));
}

static void
write_period(struct telling *t, const struct report_period *period, int months)
{
	struct store *store = node_store(row_node(t->realm->row, 4));
	struct store_txn *txn = store_begin_read(store);
	const struct report_rows rows = report_rows(&t->from, txn, *period, REPORT_ALL);
	size_t count;
	const struct code *regions = registry_regions(t->from.registry, txn, period->to, &count);

	write_figures(t, txn, &rows, "", &(struct tally_place){NULL, NULL, NULL});
	for (size_t i = 0; i < count; i++) {
		struct registry_place at = {0};

		registry_region(t->from.registry, txn, regions[i].s, period->to, &at);
		if (months == 12)
			write_figures(t, txn, &rows, regions[i].s, &(struct tally_place){regions[i].s, NULL, NULL});
		if (months == 3 && !code_is_empty(at.team))
			write_figures(t, txn, &rows, at.team.s, &(struct tally_place){NULL, at.team.s, NULL});
		if (months == 3 && !code_is_empty(at.centre))
			write_figures(t, txn, &rows, at.centre.s, &(struct tally_place){NULL, NULL, at.centre.s});
	}
	store_abort(txn);
	if (months == 3)
		write_report(t, period);
	arena_reset(&t->realm->arena);
}

static void
open_sources(struct telling *t)
{
	struct store_txn *txn = store_begin_write(node_store(row_node(t->realm->row, 4)));

	t->from = (struct report_sources){tallies_open(txn), registry_open(txn), policy_new(NULL, 0)};
	policy_open(t->from.policies, txn);
	if (store_commit(txn) != ERR_NONE)
		fatal("the databases of monitoring cannot be opened");
}

bool
telling_write(struct realm *r, const char *dir, cal_day from)
{
	static const int lengths[] = {1, 3, 4, 6, 12};
	struct telling t = {.realm = r, .first = from, .last = cal_local_day(r->now_ms)};

	if (!write_journal(r, dir))
		return false;
	t.figures = open_file(r, dir, "figures.jsonl");
	t.reports = open_file(r, dir, "reports.jsonl");
	if (t.figures == NULL || t.reports == NULL)
		return false;
	open_sources(&t);
	for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		/* The last period is the one that goes on; deadlines reach a year and more ahead of it. */
		struct report_period period = report_period_before(t.last + 2 * 366, lengths[i]);

		for (; period.to >= t.first; period = report_period_before(period.from, lengths[i]))
			write_period(&t, &period, lengths[i]);
	}
	policy_free(&t.from.policies);
	return fclose(t.figures) == 0 && fclose(t.reports) == 0;
}
