// SPDX-License-Identifier: EUPL-1.2
/* watch_view.h - what `doorbraak watch` shows on a screen, as lines: a bar with the counts, a table, the last changes, the keys.
 *
 * The table is one of four: cases by next deadline, counting down; regions; owners; open signals. What a colour says stands there in
 * words as well. */
#ifndef DOORBRAAK_WATCH_VIEW_H
#define DOORBRAAK_WATCH_VIEW_H

#include "services/cli/watch_board.h"
#include "services/cli/watch_screen.h"

#define VIEW_EVENTS_MAX 32
#define VIEW_FRESH_MS   5000 /* what changed within so long is marked */

enum view_kind { VIEW_DEADLINES, VIEW_REGIONS, VIEW_OWNERS, VIEW_SIGNALS };

struct view {
	enum view_kind kind;
	size_t top; /* rows scrolled past */
	/* What happened last, newest last. */
	char events[VIEW_EVENTS_MAX][SCREEN_COLS_MAX + 1];
	unsigned event_count;
	const char *filter; /* in words; "" */
};

struct view_moment {
	int64_t now_ms;    /* of the system, for days and countdown */
	int64_t steady_ms; /* as board_take() was told */
	int64_t silent_ms; /* since the service answered */
	bool loading;      /* the cases are still coming */
};

void view_add_event(struct view *view, const char *text);
/* Another table, or another part of it. False for a key that is none of the view's. */
bool view_key(struct view *view, int key, unsigned rows);
/* Fills lines for a screen of so many rows and columns; how many. */
unsigned view_draw(struct view *view, const struct board *board, const struct view_moment *moment, unsigned rows,
		   unsigned cols, struct screen_line *lines);

#endif
