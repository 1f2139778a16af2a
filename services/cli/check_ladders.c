// SPDX-License-Identifier: EUPL-1.2
/* check_ladders.c - ladders end, and can be climbed.
 *
 * With everybody silent only deadlines are missed. The situations reached so form a graph; where it goes round, nothing
 * that counts (state, owner, escalation, who supports) may have changed on the way: what repeats at rest, such as
 * REVIEW, is no ladder. Rounds are found as strongly connected parts (Tarjan). */
#include <stdlib.h>

#include "services/cli/check_internal.h"

struct walker {
	struct checking *c;
	const struct check_search *search;
	unsigned missed[CHECK_EVENTS_MAX]; /* events that are misses */
	unsigned missed_count;
	uint32_t *order, *low, *part, *stack;
	uint32_t stacked, parts, ordered;
	struct frame {
		uint32_t at;
		unsigned event, move;
	} * frames;
	uint32_t depth;
};

static uint64_t
visible(void)
{
	return check_mask(CHECK_STATE) | check_mask(CHECK_OWNER) | check_mask(CHECK_GOVERNANCE) |
	       check_mask(CHECK_TEAM_SUPPORTS) | check_mask(CHECK_CENTRE_SUPPORTS);
}

/* The i-th move of the e-th miss; false behind the last. */
static bool
next_of(const struct walker *k, uint32_t at, unsigned e, unsigned i, uint32_t *to)
{
	const situation_bits s = check_search_at(k->search, at);
	unsigned count;
	const struct check_move *m = check_moves_of(check_search_moves(k->search, k->missed[e]), s, at, &count);

	if (i >= count)
		return false;
	*to = check_search_find(k->search, (s & ~m[i].fields) | m[i].values);
	return true;
}

static void
enter(struct walker *k, uint32_t at)
{
	k->order[at] = k->low[at] = ++k->ordered;
	k->stack[k->stacked++] = at;
	k->frames[k->depth++] = (struct frame){.at = at};
}

static void
leave(struct walker *k)
{
	const uint32_t at = k->frames[--k->depth].at;

	if (k->depth > 0) {
		const uint32_t above = k->frames[k->depth - 1].at;

		if (k->low[at] < k->low[above])
			k->low[above] = k->low[at];
	}
	if (k->low[at] != k->order[at])
		return;
	k->parts++;
	do
		k->part[k->stack[--k->stacked]] = k->parts;
	while (k->stack[k->stacked] != at);
}

static void
find_parts(struct walker *k, uint32_t from)
{
	enter(k, from);
	while (k->depth > 0) {
		struct frame *f = &k->frames[k->depth - 1];
		uint32_t to;

		if (f->event == k->missed_count) {
			leave(k);
		} else if (!next_of(k, f->at, f->event, f->move, &to)) {
			f->event++;
			f->move = 0;
		} else {
			f->move++;
			if (k->order[to] == 0)
				enter(k, to);
			else if (k->part[to] == 0 && k->order[to] < k->low[f->at])
				k->low[f->at] = k->order[to];
		}
	}
}

/* The shortest way round, back to where it began, as lines behind the way there. */
static void
add_round(struct walker *k, struct check_finding *f, const char **way, uint32_t from, uint32_t to)
{
	const uint32_t count = check_search_count(k->search);
	uint32_t *came = calloc(count, sizeof *came), *queue = calloc(count, sizeof *queue), head = 0, tail = 0, next;
	unsigned *by = calloc(count, sizeof *by), length = 0;

	if (came == NULL || queue == NULL || by == NULL)
		fatal("out of memory");
	queue[tail++] = to;
	came[to] = to + 1;
	while (head < tail && came[from] == 0) {
		const uint32_t at = queue[head++];

		for (unsigned e = 0; e < k->missed_count; e++) {
			for (unsigned i = 0; next_of(k, at, e, i, &next); i++) {
				if (came[next] != 0 || k->part[next] != k->part[from])
					continue;
				came[next] = at + 1;
				by[next] = k->missed[e];
				queue[tail++] = next;
			}
		}
	}
	for (uint32_t at = from; at != to && came[at] != 0; at = came[at] - 1)
		length++;
	const unsigned first = f->way_count, room = CHECK_WAY_MAX - first;

	f->way_count += length < room ? length : room;
	for (uint32_t at = from; at != to && came[at] != 0; at = came[at] - 1) {
		if (--length < room)
			way[first + length] = k->c->events[by[at]]->name;
	}
	free(came);
	free(queue);
	free(by);
}

/* The row that makes a step. */
static const char *
row_of_step(const struct checking *c, unsigned event, situation_bits from, situation_bits to)
{
	struct check_walk *w = ARENA_NEW(c->arena, struct check_walk);

	check_walk_init(w, c->view, c->events[event], from);
	while (check_walk_next(w)) {
		for (unsigned i = w->hit_count; w->accepted && w->at == to && i > 0; i--) {
			if (w->hits[i - 1]->then_count > 0)
				return w->hits[i - 1]->id;
		}
	}
	return "";
}

static void
tell_round(struct walker *k, uint32_t from, unsigned e, uint32_t to)
{
	const situation_bits a = check_search_at(k->search, from), b = check_search_at(k->search, to);
	const unsigned event = k->missed[e];
	struct check_finding *f = check_tell(
	    k->c, "ENDLESS", k->c->events[event]->effects, row_of_step(k->c, event, a, b),
	    "a ladder without end: with everybody silent the case goes round for ever; let the last step stay where "
	    "it is");

	if (f == NULL)
		return;
	const char **way = ARENA_ARRAY(k->c->arena, const char *, CHECK_WAY_MAX + 2);

	f->situation = check_situation_text(k->c->arena, a);
	f->way = way;
	check_search_way(k->c, k->search, from, way, &f->way_count);
	if (f->way_count < CHECK_WAY_MAX) {
		way[f->way_count++] = k->c->events[event]->name;
		add_round(k, f, way, from, to);
		way[f->way_count++] = "and so on";
	}
}

static void
find_rounds(struct walker *k)
{
	for (uint32_t at = 0; at < check_search_count(k->search); at++) {
		for (unsigned e = 0; e < k->missed_count; e++) {
			uint32_t to;

			for (unsigned i = 0; next_of(k, at, e, i, &to); i++) {
				const situation_bits differs =
				    check_search_at(k->search, at) ^ check_search_at(k->search, to);

				if (k->part[at] == k->part[to] && (differs & visible()) != 0)
					tell_round(k, at, e, to);
			}
		}
	}
}

/* ---- climbing ---- */

static bool
can_resolve(const struct walker *k, uint32_t at)
{
	const situation_bits s = check_search_at(k->search, at);

	for (unsigned e = 0; e < k->c->event_count; e++) {
		unsigned count;
		const struct check_move *m = check_moves_of(check_search_moves(k->search, e), s, at, &count);

		if (k->c->events[e]->kind != 0)
			continue;
		for (unsigned i = 0; i < count; i++) {
			const situation_bits to = (s & ~m[i].fields) | m[i].values;

			if (check_is_open(to) && check_get(to, CHECK_GOVERNANCE) == GOVERNANCE_NONE)
				return true;
		}
	}
	return false;
}

static void
tell_stuck(struct walker *k, uint32_t at, unsigned governance)
{
	struct check_finding *f =
	    check_tell(k->c, "UNRESOLVABLE", NULL,
		       arena_printf(k->c->arena, "governance %s", record_code_of("Governance", (int)governance)),
		       "no message ends the escalation from here; let EscalationDecided set governance NONE");

	if (f == NULL)
		return;
	const char **way = ARENA_ARRAY(k->c->arena, const char *, CHECK_WAY_MAX);

	f->situation = check_situation_text(k->c->arena, check_search_at(k->search, at));
	f->way = way;
	check_search_way(k->c, k->search, at, way, &f->way_count);
}

static void
check_climbing(struct walker *k)
{
	bool local = false, team = false, centre = false, national = false, stuck[4] = {false};

	for (uint32_t at = 1; at < check_search_count(k->search); at++) {
		const situation_bits s = check_search_at(k->search, at);
		const unsigned owner = check_get(s, CHECK_OWNER), governance = check_get(s, CHECK_GOVERNANCE);

		local |= owner == PARTY_LOCAL_TEAM;
		team |= owner == PARTY_TEAM;
		centre |= check_get(s, CHECK_CENTRE_SUPPORTS) != 0;
		national |= owner == PARTY_NATIONAL_TEAM;
		if (check_is_open(s) && governance != GOVERNANCE_NONE && !stuck[governance] && !can_resolve(k, at)) {
			stuck[governance] = true;
			tell_stuck(k, at, governance);
		}
	}
	const struct {
		bool reached;
		const char *rung;
	} rungs[] = {{local, "local team"}, {team, "team"}, {centre, "expertise centre"}, {national, "national team"}};

	for (unsigned i = 0; i < sizeof rungs / sizeof rungs[0]; i++) {
		if (!rungs[i].reached)
			check_tell(k->c, "UNCLIMBABLE", NULL, rungs[i].rung,
				   "no sequence of messages brings a case to the %s; look at the rung below",
				   rungs[i].rung);
	}
}

static void *
numbers(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (p == NULL)
		fatal("out of memory");
	return p;
}

void
check_ladders(struct checking *c, const struct check_search *search)
{
	const uint32_t count = check_search_count(search);
	struct walker *k = ARENA_NEW(c->arena, struct walker);

	*k = (struct walker){.c = c, .search = search};
	for (unsigned e = 0; e < c->event_count; e++) {
		if (c->events[e]->kind != 0)
			k->missed[k->missed_count++] = e;
	}
	k->order = numbers(count, sizeof *k->order);
	k->low = numbers(count, sizeof *k->low);
	k->part = numbers(count, sizeof *k->part);
	k->stack = numbers(count, sizeof *k->stack);
	k->frames = numbers(count, sizeof *k->frames);
	for (uint32_t at = 0; at < count; at++) {
		if (k->order[at] == 0)
			find_parts(k, at);
	}
	find_rounds(k);
	check_climbing(k);
	free(k->order);
	free(k->low);
	free(k->part);
	free(k->stack);
	free(k->frames);
}
