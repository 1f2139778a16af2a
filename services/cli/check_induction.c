// SPDX-License-Identifier: EUPL-1.2
/* check_induction.c - from every situation in which the invariants hold, reached or not, each step keeps them.
 *
 * Only the fields that an event looks at are gone through; what it does not look at cannot make a difference. Each
 * such part of a situation is completed to a whole one in which the invariants hold, if there is one. */
#include <stdlib.h>

#include "services/cli/check_internal.h"

static unsigned
least(enum check_field field)
{
	switch (field) {
	case CHECK_STATE: return CASE_STATE_SCREENING;
	case CHECK_TRACK: return TRACK_VOLUNTARY;
	case CHECK_GOVERNANCE: return GOVERNANCE_NONE;
	default: return 0;
	}
}

/* Values for the fields outside the mask, so that the invariants hold where they can. */
static situation_bits
complete(situation_bits s, uint64_t mask)
{
	const bool owner_given = (mask & check_mask(CHECK_OWNER)) != 0;
	const unsigned owner = check_get(s, CHECK_OWNER), pending = check_get(s, CHECK_PENDING);
	unsigned value[CHECK_FIELD_COUNT] = {
	    [CHECK_STATE] = owner_given && owner == PARTY_NONE ? CASE_STATE_CLOSED : CASE_STATE_EXECUTING,
	    [CHECK_TRACK] = TRACK_VOLUNTARY,
	    [CHECK_GOVERNANCE] = GOVERNANCE_NONE,
	    [CHECK_HAS_TEAM] = 1,
	};

	for (enum check_field field = 0; field < CHECK_FIELD_COUNT; field++) {
		if ((mask & check_mask(field)) == 0 && field != CHECK_OWNER)
			s = check_with(s, field, value[field]);
	}
	if (check_get(s, CHECK_STATE) == CASE_STATE_SCALED_DOWN) {
		for (enum check_field field = CHECK_REALISED; field <= CHECK_EFFECTIVE; field++)
			s = (mask & check_mask(field)) == 0 ? check_with(s, field, 1) : s;
	}
	if (owner_given)
		return s;
	value[CHECK_OWNER] = pending == PARTY_MUNICIPALITY ? PARTY_FORMER_MUNICIPALITY : PARTY_MUNICIPALITY;
	return check_with(s, CHECK_OWNER,
			  check_get(s, CHECK_STATE) == CASE_STATE_CLOSED ? PARTY_NONE : value[CHECK_OWNER]);
}

/* The next combination of the fields of the mask; false behind the last. */
static bool
advance(situation_bits *s, uint64_t mask)
{
	for (enum check_field field = 0; field < CHECK_FIELD_COUNT; field++) {
		if ((mask & check_mask(field)) == 0)
			continue;
		const unsigned value = check_get(*s, field);

		if (value < check_fields[field].max) {
			*s = check_with(*s, field, value + 1);
			return true;
		}
		*s = check_with(*s, field, least(field));
	}
	return false;
}

static void
tell(struct checking *c, const struct check_walk *w, const struct check_search *search)
{
	for (unsigned i = 0; i < w->break_count; i++)
		check_tell_break(c, w, i, search, check_search_find(search, w->from));
}

/* All situations with these fields. Returns what the walks read. */
static uint64_t
prove(struct checking *c, const struct check_event *event, const struct check_search *search, uint64_t mask,
      struct check_walk *w)
{
	situation_bits s = 0;
	uint64_t read = 0;

	for (enum check_field field = 0; field < CHECK_FIELD_COUNT; field++)
		s = check_with(s, field, least(field));
	do {
		const situation_bits whole = complete(s, mask);

		if (!check_is_sound(whole))
			continue;
		c->report->inductions++;
		check_walk_init(w, c->view, event, whole);
		while (check_walk_next(w)) {
			read |= w->read;
			if (w->accepted && w->break_count > 0)
				tell(c, w, search);
		}
	} while (advance(&s, mask));
	return read;
}

void
check_induction(struct checking *c, const struct check_search *search)
{
	struct check_walk *w = ARENA_NEW(c->arena, struct check_walk);

	for (unsigned e = 0; e < c->event_count; e++) {
		uint64_t mask = check_moves_mask(check_search_moves(search, e)), read = mask;

		do {
			mask |= read;
			read = prove(c, c->events[e], search, mask, w);
		} while ((read & ~mask) != 0);
	}
}
