// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/watch_board.h"

#include <search.h>
#include <stdlib.h>

#define WEEK 7

void
board_init(struct board *board, const struct board_filter *filters, unsigned filter_count)
{
	*board = (struct board){.filters = filters, .filter_count = filter_count};
}

static void
leave_alone(void *node)
{
	(void)node;
}

void
board_fini(struct board *board)
{
	tdestroy(board->by_id, leave_alone);
	for (size_t i = 0; i < board->count; i++)
		free(board->all[i]);
	free(board->all);
	*board = (struct board){0};
}

static int
by_id(const void *x, const void *y)
{
	return strcmp(((const struct board_case *)x)->id.s, ((const struct board_case *)y)->id.s);
}

static struct board_case *
find(struct board *board, const char *id)
{
	struct board_case *c = calloc(1, sizeof *c);

	if (c == NULL)
		fatal("out of memory");
	c->id = id_of(id);
	struct board_case **node = tsearch(c, &board->by_id, by_id);
	if (node == NULL)
		fatal("out of memory");
	if (*node != c) {
		free(c);
		return *node;
	}
	if (board->count == board->room) {
		board->room = board->room == 0 ? 256 : board->room * 2;
		board->all = realloc(board->all, board->room * sizeof *board->all);
		if (board->all == NULL)
			fatal("out of memory");
	}
	board->all[board->count++] = c;
	return c;
}

static bool
fits(const struct board *board, const struct board_case *c)
{
	for (unsigned i = 0; i < board->filter_count; i++) {
		const struct board_filter *f = &board->filters[i];
		const char *is = f->name[0] == 'r' ? c->region.s : f->name[0] == 'o' ? c->owner.s : c->id.s;
		if (strcmp(is, f->value) == 0)
			return true;
	}
	return board->filter_count == 0;
}

void
board_take(struct board *board, const pb_CaseView *view, int64_t now_ms)
{
	struct board_case *c = find(board, view->case_id);

	c->owner = code_of(view->owner);
	c->region = code_of(view->region);
	c->state = (int)view->state;
	c->track = (int)view->track;
	c->due = view->next == NULL ? CAL_NONE : record_day(view->next->due);
	c->due_kind = view->next == NULL ? 0 : (int)view->next->kind;
	c->signals = (unsigned)view->n_signals;
	c->signal_codes = 0;
	for (size_t i = 0; i < view->n_signals; i++)
		c->signal_codes |= UINT64_C(1) << ((unsigned)view->signals[i]->code & 63);
	c->changed_ms = now_ms;
	c->shown = c->state != CASE_STATE_CLOSED && fits(board, c);
}

static int
by_deadline(const void *x, const void *y)
{
	const struct board_case *a = *(struct board_case *const *)x, *b = *(struct board_case *const *)y;

	if (a->due != b->due)
		return a->due == CAL_NONE ? 1 : b->due == CAL_NONE ? -1 : a->due < b->due ? -1 : 1;
	return by_id(a, b);
}

struct board_case **
board_cases(const struct board *board, struct arena *a, size_t *count)
{
	struct board_case **cases = ARENA_ARRAY(a, struct board_case *, board->count);

	*count = 0;
	for (size_t i = 0; i < board->count; i++)
		if (board->all[i]->shown)
			cases[(*count)++] = board->all[i];
	qsort(cases, *count, sizeof *cases, by_deadline);
	return cases;
}

bool
board_is_overdue(const struct board_case *c, cal_day today)
{
	return (c->signal_codes >> SIGNAL_CODE_S02_DEADLINE_MISSED & 1) != 0 || (c->due != CAL_NONE && c->due < today);
}

void
board_count(struct board_counts *n, const struct board_case *c, cal_day today)
{
	n->open++;
	n->signals += c->signals;
	n->overdue += board_is_overdue(c, today);
	if (c->due == CAL_NONE)
		return;
	n->today += c->due == today;
	n->week += c->due > today && c->due < today + WEEK;
}

/* ---- groups ---- */

static int
by_name(const void *x, const void *y)
{
	return strcmp(((const struct board_group *)x)->name, ((const struct board_group *)y)->name);
}

static int
by_urgency(const void *x, const void *y)
{
	const struct board_group *a = x, *b = y;

	if (a->counts.overdue != b->counts.overdue)
		return a->counts.overdue > b->counts.overdue ? -1 : 1;
	if (a->counts.today + a->counts.week != b->counts.today + b->counts.week)
		return a->counts.today + a->counts.week > b->counts.today + b->counts.week ? -1 : 1;
	return by_name(x, y);
}

static struct board_group *
groups_by_signal(struct board_case *const *cases, size_t case_count, cal_day today, struct arena *a, size_t *count)
{
	const ProtobufCEnumDescriptor *codes = record_enum("SignalCode");
	struct board_group *groups = ARENA_ARRAY(a, struct board_group, codes->n_values);

	*count = 0;
	for (unsigned i = 0; i < codes->n_values; i++) {
		struct board_group *g = &groups[*count];
		for (size_t k = 0; k < case_count; k++)
			if (cases[k]->signal_codes >> (unsigned)codes->values[i].value & 1)
				board_count(&g->counts, cases[k], today);
		g->name = record_enum_code(codes, codes->values[i].value);
		*count += g->counts.open > 0;
	}
	return groups;
}

struct board_group *
board_groups(const struct board *board, enum board_group_by by, cal_day today, struct arena *a, size_t *count)
{
	size_t case_count, used = 0;
	struct board_case **cases = board_cases(board, a, &case_count);

	if (by == BOARD_BY_SIGNAL) {
		struct board_group *groups = groups_by_signal(cases, case_count, today, a, count);
		qsort(groups, *count, sizeof *groups, by_urgency);
		return groups;
	}
	struct board_group *groups = ARENA_ARRAY(a, struct board_group, case_count);
	for (size_t i = 0; i < case_count; i++) {
		const char *name = by == BOARD_BY_REGION ? cases[i]->region.s : cases[i]->owner.s;
		groups[i].name = name[0] == '\0' ? "-" : name;
		board_count(&groups[i].counts, cases[i], today);
	}
	qsort(groups, case_count, sizeof *groups, by_name);
	for (size_t i = 0; i < case_count; i++) {
		struct board_counts *n = used > 0 ? &groups[used - 1].counts : NULL;
		if (n == NULL || strcmp(groups[used - 1].name, groups[i].name) != 0) {
			groups[used++] = groups[i];
			continue;
		}
		n->open += groups[i].counts.open;
		n->overdue += groups[i].counts.overdue;
		n->today += groups[i].counts.today;
		n->week += groups[i].counts.week;
		n->signals += groups[i].counts.signals;
	}
	qsort(groups, used, sizeof *groups, by_urgency);
	*count = used;
	return groups;
}
