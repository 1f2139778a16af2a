// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/watch_view.h"

#include "services/cli/asking.h"

#define SILENT_MS        8000 /* a service that lives answers every 6 seconds */
#define HOUR_MS          INT64_C(3600000)
#define CUT_MIN          9 /* of a cut column there is so much to see */
#define MINUTE_MS        INT64_C(60000)
#define VIEW_COLUMNS_MAX 9

struct column {
	const char *head;
	unsigned width;
};

struct frame {
	struct screen_line *lines;
	unsigned count, rows, cols;
	struct arena *arena;
};

static void
add(struct frame *f, enum screen_style style, const char *text)
{
	if (f->count == f->rows)
		return;
	struct screen_line *l = &f->lines[f->count++];
	l->style = style;
	snprintf(l->text, sizeof l->text, "%s", text);
}

/* As many columns as fit; the last one may be cut. */
static const char *
row_of(const struct frame *f, const struct column *columns, const char *const *cells, unsigned count)
{
	const char *text = "";
	unsigned used = 0;

	for (unsigned i = 0; i < count; i++) {
		const unsigned width = columns[i].width;
		if (i > 0 && used + (width < CUT_MIN ? width : CUT_MIN) > f->cols)
			break;
		text = arena_printf(f->arena, "%s%-*.*s ", text, (int)width, (int)width, cells[i]);
		used += width + 1;
	}
	return text;
}

static void
add_heads(struct frame *f, const struct column *columns, unsigned count)
{
	const char *heads[VIEW_COLUMNS_MAX];

	for (unsigned i = 0; i < count; i++)
		heads[i] = columns[i].head;
	add(f, SCREEN_HEAD, row_of(f, columns, heads, count));
}

/* ---- the tables ---- */

static const char *
countdown(struct arena *a, cal_day due, int64_t now_ms)
{
	const cal_day today = cal_local_day(now_ms);

	if (due == CAL_NONE)
		return "-";
	if (due < today)
		return arena_printf(a, "%d d LATE", today - due);
	if (due > today)
		return arena_printf(a, "in %d d", due - today);
	const int64_t left_ms = cal_day_begins_ms(today + 1) - now_ms;
	return arena_printf(a, "today %d:%02d", (int)(left_ms / HOUR_MS), (int)(left_ms % HOUR_MS / MINUTE_MS));
}

static const char *
signals_of(struct arena *a, const struct board_case *c)
{
	const char *text = "";

	for (int code = 1; code < 64; code++)
		if (c->signal_codes >> code & 1)
			text = arena_printf(a, "%s%s%.3s", text, text[0] == '\0' ? "" : ",",
					    record_code_of("SignalCode", code));
	return text;
}

static size_t
draw_cases(struct view *v, struct frame *f, const struct board *board, const struct view_moment *m, unsigned room)
{
	static const struct column columns[] = {{"!*", 2},       {"DUE", 11},   {"DEADLINE", 15},
						{"CASE", 25},    {"STATE", 14}, {"OWNER", 20},
						{"SIGNALS", 12}, {"REGION", 6}, {"TRACK", 14}};
	const unsigned count = sizeof columns / sizeof columns[0];
	const cal_day today = cal_local_day(m->now_ms);
	size_t n;
	struct board_case **cases = board_cases(board, f->arena, &n);

	v->top = v->top < n ? v->top : n > 0 ? n - 1 : 0;
	add_heads(f, columns, count);
	for (size_t i = v->top; i < n && i < v->top + room; i++) {
		const struct board_case *c = cases[i];
		const bool overdue = board_is_overdue(c, today);
		const bool fresh = m->steady_ms - c->changed_ms < VIEW_FRESH_MS;
		const char *cells[] = {arena_printf(f->arena, "%c%c", overdue ? '!' : ' ', fresh ? '*' : ' '),
				       countdown(f->arena, c->due, m->now_ms),
				       c->due_kind == 0 ? "-" : record_code_of("DeadlineKind", c->due_kind),
				       c->id.s,
				       record_code_of("CaseState", c->state),
				       c->owner.s,
				       signals_of(f->arena, c),
				       c->region.s,
				       c->track == 0 ? "-" : record_code_of("Track", c->track)};
		add(f,
		    overdue           ? SCREEN_ALARM
		    : c->due == today ? SCREEN_SOON
		    : fresh           ? SCREEN_FRESH
				      : SCREEN_PLAIN,
		    row_of(f, columns, cells, count));
	}
	return n;
}

static size_t
draw_groups(struct view *v, struct frame *f, const struct board *board, const struct view_moment *m, unsigned room)
{
	static const char *const names[] = {
	    [VIEW_REGIONS] = "REGION", [VIEW_OWNERS] = "OWNER", [VIEW_SIGNALS] = "SIGNAL"};
	const struct column columns[] = {{names[v->kind], 32}, {"CASES", 6}, {"OVERDUE", 7},
					 {"TODAY", 6},         {"WEEK", 6},  {"SIGNALS", 8}};
	const unsigned count = sizeof columns / sizeof columns[0];
	size_t n;
	const struct board_group *groups = board_groups(board,
							v->kind == VIEW_REGIONS  ? BOARD_BY_REGION
							: v->kind == VIEW_OWNERS ? BOARD_BY_OWNER
										 : BOARD_BY_SIGNAL,
							cal_local_day(m->now_ms), f->arena, &n);

	v->top = v->top < n ? v->top : n > 0 ? n - 1 : 0;
	add_heads(f, columns, count);
	for (size_t i = v->top; i < n && i < v->top + room; i++) {
		const struct board_counts *k = &groups[i].counts;
		const char *cells[] = {groups[i].name,
				       arena_printf(f->arena, "%5u", k->open),
				       arena_printf(f->arena, "%7u", k->overdue),
				       arena_printf(f->arena, "%5u", k->today),
				       arena_printf(f->arena, "%5u", k->week),
				       arena_printf(f->arena, "%7u", k->signals)};
		add(f,
		    k->overdue > 0 ? SCREEN_ALARM
		    : k->today > 0 ? SCREEN_SOON
				   : SCREEN_PLAIN,
		    row_of(f, columns, cells, count));
	}
	return n;
}

/* ---- around them ---- */

static const char *
bar(const struct view *v, const struct board *board, const struct view_moment *m, struct arena *a, unsigned cols)
{
	struct board_counts n = {0};

	for (size_t i = 0; i < board->count; i++)
		if (board->all[i]->shown)
			board_count(&n, board->all[i], cal_local_day(m->now_ms));
	const char *left = arena_printf(a, " %s  %s%s%u open, %u overdue, %u today, %u this week, %u signals",
					asking_moment(a, m->now_ms), v->filter, v->filter[0] == '\0' ? "" : ": ",
					n.open, n.overdue, n.today, n.week, n.signals);
	const char *right = m->silent_ms > SILENT_MS
				? arena_printf(a, " NO ANSWER for %d s ", (int)(m->silent_ms / 1000))
			    : m->loading ? "loading "
					 : "live ";
	const size_t right_len = strlen(right);
	return arena_printf(a, "%-*.*s%s", (int)(cols > right_len ? cols - right_len : 0),
			    (int)(cols > right_len ? cols - right_len : 0), left, right);
}

void
view_add_event(struct view *v, const char *text)
{
	if (v->event_count == VIEW_EVENTS_MAX)
		memmove(v->events[0], v->events[1], sizeof v->events - sizeof v->events[0]);
	else
		v->event_count++;
	snprintf(v->events[v->event_count - 1], sizeof v->events[0], "%s", text);
}

bool
view_key(struct view *v, int key, unsigned rows)
{
	static const char kinds[] = {
	    [VIEW_DEADLINES] = 'd', [VIEW_REGIONS] = 'r', [VIEW_OWNERS] = 'o', [VIEW_SIGNALS] = 's'};
	const size_t page = rows > 12 ? rows - 10 : 2;

	for (unsigned i = 0; i < sizeof kinds; i++) {
		if (key == kinds[i]) {
			v->kind = (enum view_kind)i;
			v->top = 0;
			return true;
		}
	}
	switch (key) {
	case SCREEN_UP: v->top -= v->top > 0; return true;
	case SCREEN_DOWN: v->top++; return true;
	case SCREEN_PAGE_UP: v->top -= v->top > page ? page : v->top; return true;
	case SCREEN_PAGE_DOWN: v->top += page; return true;
	case SCREEN_HOME: v->top = 0; return true;
	case SCREEN_END: v->top = SIZE_MAX / 2; return true;
	case SCREEN_RESIZED: return true;
	default: return false;
	}
}

unsigned
view_draw(struct view *v, const struct board *board, const struct view_moment *m, unsigned rows, unsigned cols,
	  struct screen_line *lines)
{
	/* A third of what is left is for the changes, on a screen that has room for them. */
	const unsigned around = 3, room = rows > around ? rows - around : 0;
	const unsigned events = room < 12 ? 0 : room / 3 < VIEW_EVENTS_MAX ? room / 3 : VIEW_EVENTS_MAX;
	const unsigned table = room - events;
	struct arena a;

	arena_init(&a);
	struct frame f = {.lines = lines, .rows = rows, .cols = cols, .arena = &a};
	add(&f, SCREEN_BAR, bar(v, board, m, &a, cols));
	const size_t n =
	    v->kind == VIEW_DEADLINES ? draw_cases(v, &f, board, m, table) : draw_groups(v, &f, board, m, table);
	if (n == 0)
		add(&f, SCREEN_PLAIN, m->loading ? "" : "nothing to show: no open case fits");
	while (f.count < 2 + table && f.count < rows)
		add(&f, SCREEN_PLAIN, "");
	if (events > 0)
		add(&f, SCREEN_HEAD, "LAST CHANGES");
	for (unsigned i = 1; i < events; i++)
		add(&f, SCREEN_PLAIN, i <= v->event_count ? v->events[v->event_count - i] : "");
	add(&f, SCREEN_FAINT,
	    arena_printf(&a, " d deadlines r regions o owners s signals q quit  ! overdue * new  %zu/%zu",
			 n > 0 ? v->top + 1 : 0, n));
	arena_fini(&a);
	return f.count;
}
