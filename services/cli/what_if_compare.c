// SPDX-License-Identifier: EUPL-1.2
/* what_if_compare.c - what the two sides said, side by side.
 *
 * Outcomes of one stream (the owner of a case, one of its deadlines, one signal) are compared in their order. What one
 * side has said and the other has not yet said waits; mostly nothing does, for both say the same to the same record. */
#include <stdlib.h>

#include "services/cli/what_if.h"

struct pending {
	struct pending *next;
	unsigned side;
	struct outcome outcome;
};

struct compare {
	struct arena arena;
	struct tracked *tracked; /* owned */
	size_t count, room;
	uint32_t *places; /* owned; by hash: number in `tracked` from 1; 0 free */
	size_t place_count;
};

struct compare *
compare_new(void)
{
	struct compare *c = calloc(1, sizeof *c);

	if (c == NULL)
		fatal("out of memory");
	arena_init(&c->arena);
	return c;
}

void
compare_free(struct compare **compare)
{
	if (*compare == NULL)
		return;
	free((*compare)->tracked);
	free((*compare)->places);
	arena_fini(&(*compare)->arena);
	free(*compare);
	*compare = NULL;
}

const struct tracked *
compare_tracked(const struct compare *c, size_t *count)
{
	*count = c->count;
	return c->tracked;
}

/* ---- by id ---- */

static size_t
hash_of(unsigned subject, const char *id)
{
	uint64_t hash = 14695981039346656037u ^ subject; /* FNV-1a */

	for (const char *s = id; *s != '\0'; s++)
		hash = (hash ^ (uint8_t)*s) * 1099511628211u;
	return (size_t)(hash ^ hash >> 32);
}

static void
grow(struct compare *c)
{
	c->room = c->room == 0 ? 1024 : c->room * 2;
	c->place_count = c->room * 2;
	c->tracked = realloc(c->tracked, c->room * sizeof *c->tracked);
	free(c->places);
	c->places = calloc(c->place_count, sizeof *c->places);
	if (c->tracked == NULL || c->places == NULL)
		fatal("out of memory");
	for (size_t i = 0; i < c->count; i++) {
		size_t at = hash_of(c->tracked[i].subject, c->tracked[i].id) & (c->place_count - 1);
		while (c->places[at] != 0)
			at = (at + 1) & (c->place_count - 1);
		c->places[at] = (uint32_t)(i + 1);
	}
}

static struct tracked *
find(struct compare *c, unsigned subject, const char *id)
{
	if (c->count == c->room)
		grow(c);
	size_t at = hash_of(subject, id) & (c->place_count - 1);

	while (c->places[at] != 0) {
		struct tracked *t = &c->tracked[c->places[at] - 1];
		if (t->subject == subject && strcmp(t->id, id) == 0)
			return t;
		at = (at + 1) & (c->place_count - 1);
	}
	struct tracked *t = &c->tracked[c->count++];
	*t = (struct tracked){
	    .id = arena_str(&c->arena, bytes_str(id)), .subject = (uint8_t)subject, .region = "", .owner = {"", ""}};
	c->places[at] = (uint32_t)c->count;
	return t;
}

/* ---- keeping what lives for a batch only ---- */

static const char *
keep_text(struct compare *c, const char *s)
{
	return s == NULL || s[0] == '\0' ? "" : arena_str(&c->arena, bytes_str(s));
}

static const pb_Basis *
keep_basis(struct compare *c, const pb_Basis *basis)
{
	pb_Basis *kept = ARENA_NEW(&c->arena, pb_Basis);

	pb_Basis_init(kept);
	if (basis == NULL)
		return kept;
	kept->rule = record_text(&c->arena, basis->rule);
	kept->row = record_text(&c->arena, basis->row);
	kept->policy_version = record_text(&c->arena, basis->policy_version);
	kept->registry_version = record_text(&c->arena, basis->registry_version);
	kept->facts = ARENA_ARRAY(&c->arena, pb_Fact *, basis->n_facts + 1);
	for (size_t i = 0; i < basis->n_facts; i++) {
		pb_Fact *fact = ARENA_NEW(&c->arena, pb_Fact);
		pb_Fact_init(fact);
		fact->name = record_text(&c->arena, basis->facts[i]->name);
		fact->value = record_text(&c->arena, basis->facts[i]->value);
		kept->facts[kept->n_facts++] = fact;
	}
	return kept;
}

static struct outcome
keep(struct compare *c, const struct tracked *t, const struct outcome *o)
{
	struct outcome kept = *o;

	kept.id = t->id;
	kept.text = keep_text(c, o->text);
	kept.region = "";
	kept.basis = keep_basis(c, o->basis);
	return kept;
}

/* ---- comparing ---- */

static bool
same_stream(const struct outcome *a, const struct outcome *b)
{
	if (a->aspect != b->aspect)
		return false;
	switch (a->aspect) {
	case WHAT_IF_DEADLINE: return a->code == b->code && strcmp(a->text, b->text) == 0;
	case WHAT_IF_SIGNAL: return a->code == b->code && a->kind == b->kind && strcmp(a->text, b->text) == 0;
	case WHAT_IF_MESSAGE: return a->cause == b->cause;
	default: return true;
	}
}

/* Of outcomes of one stream. */
static bool
same_value(const struct outcome *a, const struct outcome *b)
{
	switch (a->aspect) {
	case WHAT_IF_OWNER: return a->day == b->day && strcmp(a->text, b->text) == 0;
	case WHAT_IF_LEVEL: return a->day == b->day && a->code == b->code;
	case WHAT_IF_DEADLINE: return a->due == b->due && a->stage == b->stage;
	case WHAT_IF_SIGNAL: return a->stage == b->stage && a->to == b->to;
	default: return a->code == b->code;
	}
}

/* Takes all of an aspect away; the earliest of them, or NULL. */
static struct pending *
take_pending(struct tracked *t, unsigned aspect)
{
	struct pending *first = NULL;

	for (struct pending **p = &t->pending; *p != NULL;) {
		struct pending *one = *p;
		if (one->outcome.aspect != aspect) {
			p = &one->next;
			continue;
		}
		*p = one->next;
		if (first == NULL || one->outcome.cause < first->outcome.cause)
			first = one;
	}
	return first;
}

static void
differ(struct compare *c, struct tracked *t, const struct difference *found)
{
	const unsigned aspect = found->side[found->side[0].id == NULL].aspect;
	const struct pending *earlier = take_pending(t, aspect);
	struct difference d = *found;

	if (earlier != NULL && earlier->outcome.cause < d.cause) {
		d = (struct difference){.cause = earlier->outcome.cause, .day = earlier->outcome.day};
		d.side[earlier->side] = earlier->outcome;
	}
	if (t->differences == NULL)
		t->differences = ARENA_ARRAY(&c->arena, struct difference, WHAT_IF_ASPECTS);
	t->differences[aspect] = d;
	t->differs |= (uint8_t)(1u << aspect);
}

/* Says an owner or a level what it already was? What it now is, is remembered. */
static bool
is_unchanged(struct compare *c, struct tracked *t, unsigned side, const struct outcome *o)
{
	if (o->aspect == WHAT_IF_LEVEL) {
		const bool same = t->level[side] == o->code;
		t->level[side] = o->code;
		t->track = o->track;
		if (o->region != NULL && o->region[0] != '\0' && strcmp(t->region, o->region) != 0 &&
		    (side == WHAT_IF_RECORDED || t->region[0] == '\0'))
			t->region = keep_text(c, o->region);
		return same;
	}
	if (o->aspect == WHAT_IF_OWNER) {
		if (strcmp(t->owner[side], o->text) == 0)
			return true;
		t->owner[side] = keep_text(c, o->text);
	}
	return false;
}

static void
feed(struct compare *c, struct tracked *t, unsigned side, const struct outcome *o)
{
	struct pending **p = &t->pending;

	if (is_unchanged(c, t, side, o) || (t->differs >> o->aspect & 1) != 0)
		return;
	while (*p != NULL && !same_stream(&(*p)->outcome, o))
		p = &(*p)->next;
	if (*p != NULL && (*p)->side != side) {
		struct pending *other = *p;
		*p = other->next;
		if (same_value(&other->outcome, o))
			return;
		struct difference d = {.cause = other->outcome.cause, .day = other->outcome.day};
		d.side[other->side] = other->outcome;
		d.side[side] = keep(c, t, o);
		differ(c, t, &d);
		return;
	}
	while (*p != NULL)
		p = &(*p)->next;
	*p = ARENA_NEW(&c->arena, struct pending);
	**p = (struct pending){.side = side, .outcome = keep(c, t, o)};
}

static bool
same_outcome(const struct outcome *a, const struct outcome *b)
{
	return same_stream(a, b) && same_value(a, b) && a->day == b->day && a->subject == b->subject &&
	       a->track == b->track && strcmp(a->id, b->id) == 0 &&
	       (a->region == b->region || strcmp(a->region, b->region) == 0);
}

/* What both said in the same words leaves nothing to keep, unless something waits. */
static void
both(struct compare *c, const struct outcome *o)
{
	struct tracked *t = find(c, o->subject, o->id);

	if (t->pending != NULL) {
		feed(c, t, WHAT_IF_RECORDED, o);
		feed(c, t, WHAT_IF_CHANGED, o);
		return;
	}
	(void)is_unchanged(c, t, WHAT_IF_RECORDED, o);
	(void)is_unchanged(c, t, WHAT_IF_CHANGED, o);
}

static size_t
slice(const struct outcome *of, size_t from, size_t count, uint64_t cause)
{
	size_t to = from;

	while (to < count && of[to].cause == cause)
		to++;
	return to - from;
}

void
compare_take(struct compare *c, const struct outcome *const outcomes[WHAT_IF_SIDES], const size_t counts[WHAT_IF_SIDES])
{
	size_t at[WHAT_IF_SIDES] = {0, 0};

	while (at[0] < counts[0] || at[1] < counts[1]) {
		const uint64_t a = at[0] < counts[0] ? outcomes[0][at[0]].cause : UINT64_MAX;
		const uint64_t b = at[1] < counts[1] ? outcomes[1][at[1]].cause : UINT64_MAX;
		const uint64_t cause = a < b ? a : b;
		const size_t n[] = {slice(outcomes[0], at[0], counts[0], cause),
				    slice(outcomes[1], at[1], counts[1], cause)};
		bool same = n[0] == n[1];

		for (size_t i = 0; i < n[0] && same; i++)
			same = same_outcome(&outcomes[0][at[0] + i], &outcomes[1][at[1] + i]);
		for (size_t i = 0; i < n[0] && same; i++)
			both(c, &outcomes[0][at[0] + i]);
		for (unsigned side = 0; side < WHAT_IF_SIDES; side++) {
			for (size_t i = 0; i < n[side] && !same; i++) {
				const struct outcome *o = &outcomes[side][at[side] + i];
				feed(c, find(c, o->subject, o->id), side, o);
			}
			at[side] += n[side];
		}
	}
}

void
compare_end(struct compare *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct tracked *t = &c->tracked[i];
		while (t->pending != NULL) {
			const struct pending *first = take_pending(t, t->pending->outcome.aspect);
			struct difference d = {.cause = first->outcome.cause, .day = first->outcome.day};
			d.side[first->side] = first->outcome;
			if ((t->differs >> first->outcome.aspect & 1) == 0)
				differ(c, t, &d);
		}
	}
}
