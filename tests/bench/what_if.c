// SPDX-License-Identifier: EUPL-1.2
#include "tests/bench/what_if.h"

#include <stdio.h>
#include <time.h>

#include "common/archive.h"
#include "services/cli/adoption.h"
#include "services/cli/policy_file.h"
#include "services/cli/what_if.h"
#include "tests/bench/history.h"

static double
clock_seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static pb_PolicyAdopted *
longer_screening(struct arena *a)
{
	const char *paths[ADOPTION_POLICY_PATHS];
	struct policy_file *file = ARENA_NEW(a, struct policy_file);

	adoption_policy_paths(a, ".", paths);
	if (!policy_file_read(a, paths, ADOPTION_POLICY_PATHS, adoption_scopes, ADOPTION_POLICY_SCOPES, file))
		fatal("what-if: %s", file->problems.text[0]);
	for (size_t i = 0; i < file->policy->n_values; i++) {
		if (strcmp(file->policy->values[i]->key, "P2") == 0)
			file->policy->values[i]->value += 2;
	}
	return file->policy;
}

void
what_if_history(const char *dir, unsigned messages)
{
	history_write(dir, messages, 7);
}

/* Of the last record. */
static cal_day
last_day(const struct row_source *source, struct arena *a)
{
	struct journal_entry entry;
	struct record record;
	struct why why;

	if (source->read(source->ctx, a, source->head - 1, &entry, 1) != 1 ||
	    !record_read(a, entry.record, &record, &why))
		fatal("what-if: the last record cannot be read");
	return cal_local_day(record.at_ms);
}

struct what_if_figures
what_if_measure(const char *dir, unsigned days)
{
	const struct progress progress = {NULL};
	struct what_if_change change = {.from = CAL_NONE, .to = CAL_NONE};
	struct what_if_figures f = {0};
	struct what_if_result result;
	struct archive *archive;
	struct row_source source;
	struct arena a;
	struct why why;
	char path[400];
	size_t count;

	snprintf(path, sizeof path, "%.380s/intake", dir);
	if (archive_open(&archive, path, &source, &why) != ERR_NONE)
		fatal("what-if: %s", why.text);
	arena_init(&a);
	if (days != WHAT_IF_ALL_DAYS)
		change.from = last_day(&source, &a) - (cal_day)days;
	change.policies[change.policy_count++] = longer_screening(&a);
	const double began = clock_seconds(CLOCK_MONOTONIC), processor = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
	if (what_if_run(&result, &change, &source, &progress, &why) != ERR_NONE)
		fatal("what-if: %s", why.text);
	f.seconds = clock_seconds(CLOCK_MONOTONIC) - began;
	f.processor = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - processor;
	f.records = result.records;
	f.cases = result.cases;
	const struct tracked *tracked = compare_tracked(result.compare, &count);
	for (size_t i = 0; i < count; i++)
		f.differ += tracked[i].differs != 0 && tracked[i].subject == SIGNAL_SUBJECT_CASE ? 1 : 0;
	what_if_free(&result);
	archive_close(&archive);
	arena_fini(&a);
	return f;
}
