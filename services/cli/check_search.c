// SPDX-License-Identifier: EUPL-1.2
/* check_search.c - every situation that a case can come into, breadth first: the first way to one is the shortest. */
#include <stdlib.h>

#include "services/cli/check_internal.h"

struct came {
	uint32_t from;
	uint16_t event;
};

struct check_search {
	struct checking *c;
	struct check_moves *moves[CHECK_EVENTS_MAX];
	situation_bits *at;
	struct came *came;
	uint64_t *met;   /* a bit for each situation that could be */
	uint32_t *table; /* index + 1 */
	uint32_t count, room, table_room, now;
	bool full;
};

static void *
taken(void *old, size_t count, size_t size)
{
	void *more = reallocarray(old, count, size);

	if (more == NULL)
		fatal("out of memory");
	return more;
}

static uint32_t
place(const struct check_search *s, situation_bits at)
{
	uint32_t i = (uint32_t)((at * 0x9e3779b97f4a7c15u) >> 32) & (s->table_room - 1);

	while (s->table[i] != 0 && s->at[s->table[i] - 1] != at)
		i = (i + 1) & (s->table_room - 1);
	return i;
}

static void
grow(struct check_search *s)
{
	s->room = s->room == 0 ? 1u << 16 : 2 * s->room;
	s->at = taken(s->at, s->room, sizeof *s->at);
	s->came = taken(s->came, s->room, sizeof *s->came);
	free(s->table);
	s->table_room = 2 * s->room;
	s->table = calloc(s->table_room, sizeof *s->table);
	if (s->table == NULL)
		fatal("out of memory");
	for (uint32_t i = 0; i < s->count; i++)
		s->table[place(s, s->at[i])] = i + 1;
}

static void
meet(struct check_search *s, situation_bits at, uint32_t from, unsigned event)
{
	if ((s->met[at / 64] >> (at % 64) & 1) != 0)
		return;
	if (s->count == CHECK_SITUATIONS_MAX) {
		s->full = true;
		return;
	}
	if (s->count == s->room)
		grow(s);
	s->met[at / 64] |= (uint64_t)1 << (at % 64);
	s->at[s->count] = at;
	s->came[s->count] = (struct came){from, (uint16_t)event};
	s->count++;
	s->table[place(s, at)] = s->count;
}

static void
on_broken(void *ctx, const struct check_walk *w)
{
	struct check_search *s = ctx;

	for (unsigned i = 0; i < w->break_count; i++)
		check_tell_break(s->c, w, i, s, s->now);
}

struct check_search *
check_search_run(struct checking *c)
{
	struct check_search *s = calloc(1, sizeof *s);

	if (s == NULL)
		fatal("out of memory");
	s->c = c;
	for (unsigned e = 0; e < c->event_count; e++)
		s->moves[e] = check_moves_new(c->view, c->events[e], on_broken, s);
	s->met = calloc(((size_t)1 << CHECK_SITUATION_BITS) / 64, sizeof *s->met);
	if (s->met == NULL)
		fatal("out of memory");
	grow(s);
	meet(s, check_unborn(), 0, 0);
	for (s->now = 0; s->now < s->count && !s->full; s->now++) {
		const situation_bits at = s->at[s->now];

		for (unsigned e = 0; e < c->event_count; e++) {
			unsigned count;
			const struct check_move *m = check_moves_of(s->moves[e], at, s->now, &count);

			for (unsigned i = 0; i < count; i++)
				meet(s, (at & ~m[i].fields) | m[i].values, s->now, e);
			c->report->steps += count;
		}
	}
	c->report->situations += s->count;
	if (s->full)
		check_tell(c, "TOO_MANY", NULL, "",
			   "more than %u situations; nothing is proven of rows that are reached", CHECK_SITUATIONS_MAX);
	return s;
}

void
check_search_free(struct check_search **search)
{
	struct check_search *s = *search;

	if (s == NULL)
		return;
	for (unsigned e = 0; e < s->c->event_count; e++)
		check_moves_free(&s->moves[e]);
	free(s->at);
	free(s->came);
	free(s->table);
	free(s->met);
	free(s);
	*search = NULL;
}

/* ---- looking back ---- */

uint32_t
check_search_count(const struct check_search *s)
{
	return s->count;
}

situation_bits
check_search_at(const struct check_search *s, uint32_t index)
{
	return s->at[index];
}

uint32_t
check_search_find(const struct check_search *s, situation_bits at)
{
	return s->table[place(s, at)] - 1;
}

struct check_moves *
check_search_moves(const struct check_search *s, unsigned event)
{
	return s->moves[event];
}

const char *
check_search_step(const struct checking *c, unsigned event, situation_bits from, situation_bits to)
{
	struct check_walk *w = ARENA_NEW(c->arena, struct check_walk);

	check_walk_init(w, c->view, c->events[event], from);
	while (check_walk_next(w)) {
		if (w->accepted && w->at == to)
			return check_step_text(c->arena, w);
	}
	return NULL;
}

void
check_search_way(const struct checking *c, const struct check_search *s, uint32_t index, const char *way[CHECK_WAY_MAX],
		 unsigned *count)
{
	unsigned length = 0;

	for (uint32_t i = index; i != 0; i = s->came[i].from)
		length++;
	*count = length > CHECK_WAY_MAX ? CHECK_WAY_MAX : length;
	for (uint32_t i = index; i != 0; i = s->came[i].from) {
		const char *step = NULL;

		length--;
		if (length < CHECK_WAY_MAX)
			step = check_search_step(c, s->came[i].event, s->at[s->came[i].from], s->at[i]);
		if (length < CHECK_WAY_MAX)
			way[length] = step == NULL ? c->events[s->came[i].event]->name : step;
	}
}
