// SPDX-License-Identifier: EUPL-1.2
/* policy_diff_values.c - numbers, deadlines and figures that differ. */
#include <stdio.h>

#include "services/cli/policy_diff_internal.h"

/* ---- values ---- */

static const pb_PolicyTermRule *
term_of(const struct policy_differ *d, const char *key)
{
	const pb_PolicyTermRule *term = policy_find_term(d->is, key);

	return term == NULL ? policy_find_term(d->was, key) : term;
}

/* "P2, Chair decides the screening" */
static const char *
value_name(const struct policy_differ *d, const char *key)
{
	const pb_PolicyTermRule *term = term_of(d, key);

	return term == NULL || term->meaning[0] == '\0' ? key : arena_printf(d->arena, "%s, %s", key, term->meaning);
}

static const char *
unit_of(const struct policy_differ *d, const pb_PolicyAdopted *policy, const char *key)
{
	const pb_PolicyTermRule *term = policy_find_term(policy, key);

	if (term == NULL)
		term = term_of(d, key);
	return term == NULL ? "" : term->unit;
}

static const char *
value_text(const struct policy_differ *d, const pb_PolicyAdopted *policy, const pb_PolicyValue *v)
{
	return policy_number_text(d->arena, v->value, unit_of(d, policy, v->key));
}

/* The deadlines whose length it is: "; the length of SCREENING", or "". */
static const char *
value_uses(const struct policy_differ *d, const char *key)
{
	const char *names[32];
	size_t count = 0;

	for (size_t i = 0; d->is->tables != NULL && i < d->is->tables->n_deadlines && count < 32; i++) {
		const pb_DeadlineRule *rule = d->is->tables->deadlines[i];
		bool uses = false;

		for (size_t t = 0; t < rule->n_terms; t++)
			uses = uses || strcmp(rule->terms[t]->term, key) == 0;
		if (uses)
			names[count++] = record_code_of("DeadlineKind", (int)rule->kind);
	}
	return count == 0
		   ? ""
		   : arena_printf(d->arena, "; the length of %s", policy_list_text(d->arena, names, count, "and"));
}

static void
diff_values(struct policy_differ *d)
{
	for (size_t i = 0; i < d->was->n_values; i++) {
		const pb_PolicyValue *was = d->was->values[i], *is = policy_find_value(d->is, was->key);

		if (is == NULL) {
			policy_differs(d, "values", was->key, POLICY_REMOVED, "%s: no longer said, was %s",
				       value_name(d, was->key), value_text(d, d->was, was));
			continue;
		}
		const char *before = value_text(d, d->was, was), *now = value_text(d, d->is, is);

		if (strcmp(before, now) != 0)
			policy_differs(d, "values", was->key, POLICY_CHANGED, "%s: %s -> %s%s", value_name(d, was->key),
				       strcmp(unit_of(d, d->was, was->key), unit_of(d, d->is, was->key)) == 0
					   ? arena_printf(d->arena, "%d", was->value)
					   : before,
				       now, value_uses(d, was->key));
	}
	for (size_t i = 0; i < d->is->n_values; i++) {
		const pb_PolicyValue *is = d->is->values[i];

		if (policy_find_value(d->was, is->key) == NULL)
			policy_differs(d, "values", is->key, POLICY_ADDED, "%s: new, %s%s", value_name(d, is->key),
				       value_text(d, d->is, is), value_uses(d, is->key));
	}
}

/* ---- deadlines ---- */

static const char *
term_text(const struct policy_differ *d, const pb_PolicyAdopted *policy, const char *term)
{
	char unit[8] = "";
	int number;

	if (strcmp(term, "none") == 0)
		return "does not run";
	if (sscanf(term, "%5d %7s", &number, unit) == 2)
		return policy_number_text(d->arena, number, unit);
	const pb_PolicyValue *value = policy_find_value(policy, term);

	return value == NULL ? term : arena_printf(d->arena, "%s (%s)", term, value_text(d, policy, value));
}

/* The term on a track: its own, or that of all; "none" where it has none. */
static const char *
term_on(const pb_DeadlineRule *rule, int track)
{
	const char *found = "none";

	for (size_t i = 0; i < rule->n_terms; i++) {
		if ((int)rule->terms[i]->track == track)
			return rule->terms[i]->term;
		if (rule->terms[i]->track == 0)
			found = rule->terms[i]->term;
	}
	return found;
}

/* One sentence for the tracks that have the same change. */
static void
diff_terms(struct policy_differ *d, const pb_DeadlineRule *was, const pb_DeadlineRule *is)
{
	static const char *const names[] = {"", "the voluntary track", "court measures", "closed care"};
	const char *kind = record_code_of("DeadlineKind", (int)is->kind);
	bool told[4] = {false};

	for (int t = TRACK_VOLUNTARY; t <= TRACK_CLOSED_CARE; t++) {
		const char *same[3], *before = term_on(was, t), *now = term_on(is, t);
		size_t count = 0;

		if (told[t] || strcmp(before, now) == 0)
			continue;
		for (int other = t; other <= TRACK_CLOSED_CARE; other++) {
			if (strcmp(term_on(was, other), before) == 0 && strcmp(term_on(is, other), now) == 0) {
				same[count++] = names[other];
				told[other] = true;
			}
		}
		policy_differs(d, "deadlines", kind, POLICY_CHANGED, "%s, %s: %s -> %s", kind,
			       count == 3
				   ? "on all tracks"
				   : arena_printf(d->arena, "for %s", policy_list_text(d->arena, same, count, "and")),
			       term_text(d, d->was, before), term_text(d, d->is, now));
	}
}

static const char *
states_text(const struct policy_differ *d, const pb_DeadlineRule *rule)
{
	const char *names[16];
	size_t count = 0;

	for (size_t i = 0; i < rule->n_ends_with && count < 16; i++)
		names[count++] = record_code_of("CaseState", (int)rule->ends_with[i]);
	return count == 0 ? "no state" : policy_list_text(d->arena, names, count, "or");
}

static const char *
messages_text(const struct policy_differ *d, const pb_DeadlineRule *rule)
{
	return policy_list_text(d->arena, (const char *const *)rule->fulfilled_by, rule->n_fulfilled_by, "or");
}

static void
diff_part(struct policy_differ *d, const char *kind, const char *what, const char *was, const char *is)
{
	if (strcmp(was, is) != 0)
		policy_differs(d, "deadlines", kind, POLICY_CHANGED, "%s %s %s, was %s", kind, what, is, was);
}

static void
diff_switch(struct policy_differ *d, const char *kind, bool was, bool is, const char *on, const char *off)
{
	if (was != is)
		policy_differs(d, "deadlines", kind, POLICY_CHANGED, "%s %s", kind, is ? on : off);
}

static void
diff_deadline(struct policy_differ *d, const pb_DeadlineRule *was, const pb_DeadlineRule *is)
{
	const char *kind = record_code_of("DeadlineKind", (int)is->kind);
	const char *const from = "the day of the event";

	diff_terms(d, was, is);
	diff_part(d, kind, "is counted from", was->anchor[0] == '\0' ? from : was->anchor,
		  is->anchor[0] == '\0' ? from : is->anchor);
	diff_switch(d, kind, was->hard, is->hard, "is now set by law: no region can change it",
		    "is no longer set by law: a region can change it");
	diff_switch(d, kind, was->never_moves, is->never_moves, "no longer moves when it ends on a free day",
		    "now moves to the next working day when it ends on a free day");
	diff_switch(d, kind, was->backwards, is->backwards, "is now counted backwards", "is now counted forwards");
	diff_part(d, kind, "belongs to", states_text(d, was), states_text(d, is));
	diff_part(d, kind, "is fulfilled by", messages_text(d, was), messages_text(d, is));
	diff_part(d, kind, "comes from rule", was->rule, is->rule);
}

static void
diff_deadlines(struct policy_differ *d)
{
	/* By kind, as the file has them. */
	for (int kind = 1; kind < 64; kind++) {
		const pb_DeadlineRule *was = policy_find_deadline(d->was, kind);
		const pb_DeadlineRule *is = policy_find_deadline(d->is, kind);
		const char *name = record_code_of("DeadlineKind", kind);

		if (was != NULL && is != NULL)
			diff_deadline(d, was, is);
		else if (was != NULL)
			policy_differs(d, "deadlines", name, POLICY_REMOVED, "%s: there is no such deadline any more",
				       name);
		else if (is != NULL)
			policy_differs(d, "deadlines", name, POLICY_ADDED,
				       "%s: a new deadline, %s on the voluntary track", name,
				       term_text(d, d->is, term_on(is, TRACK_VOLUNTARY)));
	}
}

/* ---- figures ---- */

static bool
has_holiday(const pb_PolicyAdopted *policy, const char *day)
{
	for (size_t i = 0; i < policy->n_extra_holidays; i++) {
		if (strcmp(policy->extra_holidays[i], day) == 0)
			return true;
	}
	return false;
}

static void
diff_holidays(struct policy_differ *d)
{
	for (size_t i = 0; i < d->was->n_extra_holidays; i++) {
		const char *day = d->was->extra_holidays[i];

		if (!has_holiday(d->is, day))
			policy_differs(d, "holidays", day, POLICY_REMOVED, "%s is no holiday any more", day);
	}
	for (size_t i = 0; i < d->is->n_extra_holidays; i++) {
		const char *day = d->is->extra_holidays[i];

		if (!has_holiday(d->was, day))
			policy_differs(d, "holidays", day, POLICY_ADDED, "%s is now a holiday", day);
	}
}

static const pb_TeamCapacity *
capacity_of(const pb_PolicyAdopted *policy, const char *team)
{
	for (size_t i = 0; i < policy->n_capacities; i++) {
		if (strcmp(policy->capacities[i]->team, team) == 0)
			return policy->capacities[i];
	}
	return NULL;
}

/* A figure of 0 is that of the values. */
static const char *
capacity_text(const struct policy_differ *d, const pb_TeamCapacity *c)
{
	const char *cases = c->cases_per_meeting == 0
				? "as many cases a meeting as the values say"
				: arena_printf(d->arena, "%d cases a meeting", c->cases_per_meeting);
	const char *cycle = c->cycle_days == 0
				? "as often as the values say"
				: arena_printf(d->arena, "every %s", policy_number_text(d->arena, c->cycle_days, "d"));

	return arena_printf(d->arena, "%s, %s", cases, cycle);
}

static void
diff_capacities(struct policy_differ *d)
{
	for (size_t i = 0; i < d->was->n_capacities; i++) {
		const pb_TeamCapacity *was = d->was->capacities[i], *is = capacity_of(d->is, was->team);

		if (was != capacity_of(d->was, was->team))
			continue;
		if (is == NULL)
			policy_differs(d, "capacities", was->team, POLICY_REMOVED, "%s: no longer said, was %s",
				       was->team, capacity_text(d, was));
		else if (is->cases_per_meeting != was->cases_per_meeting || is->cycle_days != was->cycle_days)
			policy_differs(d, "capacities", was->team, POLICY_CHANGED, "%s: %s -> %s", was->team,
				       capacity_text(d, was), capacity_text(d, is));
	}
	for (size_t i = 0; i < d->is->n_capacities; i++) {
		const pb_TeamCapacity *is = d->is->capacities[i];

		if (capacity_of(d->was, is->team) == NULL && is == capacity_of(d->is, is->team))
			policy_differs(d, "capacities", is->team, POLICY_ADDED, "%s: new, %s", is->team,
				       capacity_text(d, is));
	}
}

static const pb_Baseline *
baseline_of(const pb_PolicyAdopted *policy, const pb_Baseline *like)
{
	for (size_t i = 0; i < policy->n_baselines; i++) {
		const pb_Baseline *b = policy->baselines[i];

		if (strcmp(b->code, like->code) == 0 && strcmp(b->subject_id, like->subject_id) == 0)
			return b;
	}
	return NULL;
}

static const char *
baseline_text(const struct policy_differ *d, const pb_Baseline *b)
{
	return arena_printf(d->arena, "%lld from %s to %s", (long long)b->count, b->period_from, b->period_to);
}

static void
diff_baselines(struct policy_differ *d)
{
	for (size_t i = 0; i < d->was->n_baselines + d->is->n_baselines; i++) {
		const bool second = i >= d->was->n_baselines;
		const pb_Baseline *like = second ? d->is->baselines[i - d->was->n_baselines] : d->was->baselines[i];
		const pb_Baseline *was = baseline_of(d->was, like), *is = baseline_of(d->is, like);
		const char *name = arena_printf(d->arena, "%s of %s", like->code,
						like->subject_id[0] == '\0' ? "the whole country" : like->subject_id);

		if (second ? was != NULL || like != is : like != was)
			continue;
		if (was == NULL)
			policy_differs(d, "baselines", name, POLICY_ADDED, "%s: new, %s", name, baseline_text(d, is));
		else if (is == NULL)
			policy_differs(d, "baselines", name, POLICY_REMOVED, "%s: no longer said, was %s", name,
				       baseline_text(d, was));
		else if (strcmp(baseline_text(d, was), baseline_text(d, is)) != 0)
			policy_differs(d, "baselines", name, POLICY_CHANGED, "%s: %s -> %s", name,
				       baseline_text(d, was), baseline_text(d, is));
	}
}

void
policy_diff_values(struct policy_differ *d)
{
	diff_values(d);
	diff_deadlines(d);
	diff_holidays(d);
	diff_capacities(d);
	diff_baselines(d);
}
