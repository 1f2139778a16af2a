// SPDX-License-Identifier: EUPL-1.2
/* routing_time.c - a local day begins (rules.md 3.1).
 *
 * Intake writes one tick for every day, so each day is gone through by itself, in this order: supporters that end,
 * missed deadlines (by case id, kind, reference), early warnings. Registry and policy apply by date and need no
 * work. What is due stands in an index by day: a tick looks at nothing else, however many cases are open. */
#include "services/routing/routing_deadlines.h"
#include "services/routing/routing_internal.h"

static const char *
deadline_event(struct arena *a, int kind)
{
	return arena_printf(a, "MISSED.%s", record_code_of("DeadlineKind", kind));
}

/* The case that an index speaks of. False when the store has failed: the batch will be undone. */
static bool
load(struct routing *self, struct turn *turn, const struct id *case_id)
{
	const bool found = routing_load(&self->state, turn->txn, case_id->s, &self->file);

	ASSERT(found || store_failed(turn->txn));
	return found;
}

/* ---- supporters ---- */

static void
end_support(struct routing *self, struct turn *turn, struct code organisation, cal_day day)
{
	struct situation at = {.event = "SUPPORT_ENDED", .effect_on = day, .today = day};
	const struct voice v = routing_situation(self, turn, &at);
	struct change *c = &self->change;

	case_copy(&self->before, &self->file);
	change_begin(c, &at, NULL, NULL, &self->file);
	change_next(c, "R13");
	c->moved = true;
	/* Offered support that ends is nobody's concern: only what was given raises S23. */
	if (code_set_remove(&self->file.supporters, organisation))
		change_note(c, NOTE_SUPPORT_ENDED);
	code_set_remove(&self->file.offered, organisation);
	self->file.level = (uint8_t)case_level(&self->file);
	pb_Basis *basis = say_basis(&v, "R13", NULL);

	say_fact(&v, basis, "organisation", organisation.s);
	say_change(&v, basis, c);
	routing_keep(&self->state, turn->txn, &self->before, &self->file);
}

static void
end_supporters(struct routing *self, struct turn *turn, cal_day day)
{
	struct code organisation = {""};
	struct id case_id;

	while (routing_ends_next(&self->state, turn->txn, organisation, &organisation)) {
		const cal_day end = registry_supporter_end(self->registry, turn->txn, organisation.s, day);

		if (end == CAL_NONE || day <= end)
			continue;
		while (routing_ends_case(&self->state, turn->txn, organisation, &case_id)) {
			if (!load(self, turn, &case_id))
				return;
			end_support(self, turn, organisation, day);
		}
	}
}

/* ---- missed deadlines ---- */

/* The open deadline that an index entry stands for: the indexes follow from the files, so it is there. */
static unsigned
find_entry(struct routing *self, const struct due_entry *entry)
{
	const int i =
	    case_deadline_find(self->file.deadlines, self->file.deadline_count, entry->kind, entry->reference.s);

	ASSERT(i >= 0);
	return (unsigned)i;
}

static void
miss(struct routing *self, struct turn *turn, const struct due_entry *entry, cal_day day)
{
	struct situation at = {.event = deadline_event(turn->arena, entry->kind), .effect_on = day, .today = day};
	const unsigned i = find_entry(self, entry);

	/* Ticks come daily; an effect day that was passed over all the same is still the one that counts. */
	at.effect_on = case_deadline_missed_on(&self->file.deadlines[i]);
	const struct voice v = routing_situation(self, turn, &at);

	case_copy(&self->before, &self->file);
	const struct case_deadline missed = deadline_miss(&self->file, i);

	say_missed(&v, say_basis(&v, missed.rule.s, NULL), &missed);
	routing_run(self, &v, &at, true);
	routing_keep(&self->state, turn->txn, &self->before, &self->file);
}

static void
warn(struct routing *self, struct turn *turn, const struct due_entry *entry, cal_day day)
{
	struct situation at = {.event = "", .effect_on = day, .today = day};
	struct case_deadline *d = &self->file.deadlines[find_entry(self, entry)];
	struct voice v = routing_situation(self, turn, &at);

	case_copy(&self->before, &self->file);
	v.decision = NULL;
	say_warning(&v, say_basis(&v, "S01", NULL), d);
	d->warn_on = CAL_NONE;
	routing_keep(&self->state, turn->txn, &self->before, &self->file);
}

void
routing_tick(struct routing *self, struct turn *turn, cal_day day)
{
	struct due_entry entry;

	end_supporters(self, turn, day);
	while (routing_due_first(turn->txn, self->state.due, day, &entry)) {
		if (!load(self, turn, &entry.case_id))
			return;
		miss(self, turn, &entry, day);
	}
	while (routing_due_first(turn->txn, self->state.warn, day, &entry)) {
		if (!load(self, turn, &entry.case_id))
			return;
		warn(self, turn, &entry, day);
	}
}
