// SPDX-License-Identifier: EUPL-1.2
/* check_moves.c - where an event leads from a situation.
 *
 * What the walks of an event did not read cannot have decided anything: situations that agree in all fields read share
 * their moves, which are worked out once. When a walk reads a field that none read before, all is forgotten and
 * remembered anew with that field. */
#include <stdlib.h>

#include "services/cli/check_internal.h"

struct entry {
	uint64_t key; /* + 1; 0: empty */
	uint32_t first, count;
};

struct check_moves {
	const struct policy_view *view;
	const struct check_event *event;
	check_broken *broken;
	void *ctx;
	struct check_seen *seen;
	uint64_t mask;
	struct entry *entries;
	unsigned entry_count, entry_room; /* room: a power of two */
	struct check_move *moves;
	unsigned move_count, move_room;
	struct check_walk walk;
};

static void *
grown(void *old, size_t size)
{
	void *more = realloc(old, size);

	if (more == NULL)
		fatal("out of memory");
	return more;
}

struct check_moves *
check_moves_new(const struct policy_view *view, const struct check_event *event, check_broken *broken, void *ctx)
{
	struct check_moves *m = calloc(1, sizeof *m);

	if (m == NULL)
		fatal("out of memory");
	*m = (struct check_moves){.view = view, .event = event, .broken = broken, .ctx = ctx};
	m->seen = calloc(event->row_count + 1, sizeof *m->seen);
	m->entry_room = 64;
	m->entries = calloc(m->entry_room, sizeof *m->entries);
	if (m->seen == NULL || m->entries == NULL)
		fatal("out of memory");
	return m;
}

void
check_moves_free(struct check_moves **moves)
{
	struct check_moves *m = *moves;

	if (m == NULL)
		return;
	free(m->seen);
	free(m->entries);
	free(m->moves);
	free(m);
	*moves = NULL;
}

uint64_t
check_moves_mask(const struct check_moves *m)
{
	return m->mask;
}

const struct check_seen *
check_moves_seen(const struct check_moves *m)
{
	return m->seen;
}

static unsigned
place(const struct check_moves *m, uint64_t key)
{
	unsigned i = (unsigned)((key * 0x9e3779b97f4a7c15u) >> 32) & (m->entry_room - 1);

	while (m->entries[i].key != 0 && m->entries[i].key != key + 1)
		i = (i + 1) & (m->entry_room - 1);
	return i;
}

static void
make_room(struct check_moves *m)
{
	struct entry *old = m->entries;
	const unsigned room = m->entry_room;

	if (2 * m->entry_count < room)
		return;
	m->entry_room = 2 * room;
	m->entries = calloc(m->entry_room, sizeof *m->entries);
	if (m->entries == NULL)
		fatal("out of memory");
	for (unsigned i = 0; i < room; i++) {
		if (old[i].key != 0)
			m->entries[place(m, old[i].key - 1)] = old[i];
	}
	free(old);
}

static void
add_move(struct check_moves *m, unsigned first, struct check_move move)
{
	for (unsigned i = first; i < m->move_count; i++) {
		if (m->moves[i].fields == move.fields && m->moves[i].values == move.values)
			return;
	}
	if (m->move_count == m->move_room) {
		m->move_room = m->move_room == 0 ? 256 : 2 * m->move_room;
		m->moves = grown(m->moves, m->move_room * sizeof *m->moves);
	}
	m->moves[m->move_count++] = move;
}

/* Fields of which the value was known, and stayed, are no part of the move. */
static uint64_t
changed(situation_bits before, situation_bits after, uint64_t written, uint64_t read)
{
	uint64_t fields = 0;

	for (enum check_field field = 0; field < CHECK_FIELD_COUNT; field++) {
		const uint64_t mask = check_mask(field);

		if ((written & mask) != 0 && ((read & mask) == 0 || ((before ^ after) & mask) != 0))
			fields |= mask;
	}
	return fields;
}

static uint64_t
work_out(struct check_moves *m, situation_bits s, uint32_t index, unsigned first)
{
	struct check_walk *w = &m->walk;
	uint64_t read = 0;

	check_walk_init(w, m->view, m->event, s);
	w->seen = m->seen;
	w->index = index;
	while (check_walk_next(w)) {
		read |= w->read;
		if (!w->accepted)
			continue;
		if (w->break_count > 0)
			m->broken(m->ctx, w);
		const uint64_t fields = changed(s, w->at, w->written, w->read);

		if (fields != 0)
			add_move(m, first, (struct check_move){fields, w->at & fields});
	}
	return read;
}

const struct check_move *
check_moves_of(struct check_moves *m, situation_bits s, uint32_t index, unsigned *count)
{
	unsigned i = place(m, s & m->mask);

	if (m->entries[i].key == 0) {
		unsigned first = m->move_count;
		const uint64_t read = work_out(m, s, index, first);

		if ((read & ~m->mask) != 0) {
			m->mask |= read;
			memset(m->entries, 0, m->entry_room * sizeof *m->entries);
			m->entry_count = 0;
			m->move_count -= first;
			if (m->move_count > 0)
				memmove(m->moves, m->moves + first, m->move_count * sizeof *m->moves);
			first = 0;
		}
		m->entry_count++;
		make_room(m);
		i = place(m, s & m->mask);
		m->entries[i] = (struct entry){(s & m->mask) + 1, first, m->move_count - first};
	}
	*count = m->entries[i].count;
	return m->moves + m->entries[i].first;
}
