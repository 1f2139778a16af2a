// SPDX-License-Identifier: EUPL-1.2
/* watch_board.h - the cases that `doorbraak watch` shows, as they were last heard of, and their counts. */
#ifndef DOORBRAAK_WATCH_BOARD_H
#define DOORBRAAK_WATCH_BOARD_H

#include "common/record.h"

struct board_case {
	struct id id;
	struct code owner, region;
	int state, track, due_kind;
	cal_day due; /* of the next deadline; CAL_NONE: none */
	unsigned signals;
	uint64_t signal_codes; /* bits of SignalCode */
	int64_t changed_ms;    /* when it changed, by the caller's clock; 0: not since the beginning */
	bool shown;            /* open, and fits the filters */
};

/* What is shown: all, or what fits one of the filters. */
struct board_filter {
	const char *name, *value; /* "region", "owner" or "case" */
};

struct board {
	const struct board_filter *filters;
	unsigned filter_count;
	void *by_id; /* a tree of search.h */
	struct board_case **all;
	size_t count, room;
};

void board_init(struct board *board, const struct board_filter *filters, unsigned filter_count);
void board_fini(struct board *board);
/* A case as it is now; what has an older form is replaced. */
void board_take(struct board *board, const pb_CaseView *view, int64_t now_ms);

struct board_counts {
	unsigned open, overdue, today, week, signals; /* week: due in the six days behind today */
};
/* The cases shown, by next deadline (those without one last), then id; in `a`. */
struct board_case **board_cases(const struct board *board, struct arena *a, size_t *count);
/* A missed deadline is not made good (an S02 is open), or the next one has passed. */
bool board_is_overdue(const struct board_case *c, cal_day today);
void board_count(struct board_counts *counts, const struct board_case *c, cal_day today);

enum board_group_by { BOARD_BY_REGION, BOARD_BY_OWNER, BOARD_BY_SIGNAL };
struct board_group {
	const char *name;
	struct board_counts counts;
};
/* The cases shown, counted by region, owner or open signal; most overdue first, then most due this week, then name. In `a`. */
struct board_group *board_groups(const struct board *board, enum board_group_by by, cal_day today, struct arena *a,
				 size_t *count);

#endif
