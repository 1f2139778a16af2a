// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/policy_words.h"

#include "common/rules.h"

#define ITEMS_MAX 64

/* How a verb is said. %1 to %3: an argument; %*: those behind the first `fixed`, as a list. A verb whose arguments behind
 * `fixed` are a list says the same thing of each of them, so that a change is a matter of more or fewer. */
struct verb_words {
	const char *verb, *words;
	unsigned fixed;
	bool list;
};

static const struct verb_words all_words[] = {
    {"accept", "accepts the message", 0, false},
    {"reject", "refuses the message (%*)", 0, false},
    /* effects */
    {"state", "moves to %*", 0, false},
    {"track", "puts the case on track %*", 0, false},
    {"flag", "makes %1 %*", 1, false},
    {"owner", "makes %* the owner", 0, false},
    {"ask", "asks %* to take over", 0, false},
    {"support", "brings in %* as supporter", 0, true},
    {"leave", "lets %* leave as supporter", 0, true},
    {"offer", "offers support by %*", 0, true},
    {"require", "requires the funder at the table", 0, false},
    {"unrequire", "requires the funder no more", 0, false},
    {"team", "makes the team that is named the team of the case", 0, false},
    {"redirect", "redirects to %*", 0, false},
    {"governance", "puts governance at %*", 0, false},
    {"move", "lets the case follow the new municipality", 0, false},
    {"set", "sets %*", 0, true},
    {"set_months", "sets %1 for %* months", 1, false},
    {"due", "makes %1 due %*", 1, false},
    {"earlier", "brings %* forward", 0, true},
    {"clear", "clears %*", 0, true},
    {"end", "ends %*", 0, true},
    {"drop", "drops %*", 0, true},
    {"forget", "forgets %*", 0, true},
    {"invite", "remembers who is invited", 0, false},
    {"actions", "brings the plan actions up to date (%*)", 0, true},
    {"warn", "warns %*", 0, true},
    {"note", "notes %*", 0, true},
    {"stop", "stops the table", 0, false},
    /* triage */
    {"criterion", "finds criterion %*", 0, true},
    /* signals */
    {"raise", "raises %1, stage %2, to %*", 2, true},
    {"raise_for", "raises for the %1: %2, stage %3, to %*", 3, true},
    {"tell", "tells %* as well", 0, true},
    {"clear_for", "clears for the %1: %*", 1, true},
    {"clear_deadline", "clears %* about this deadline", 0, true},
    {"clear_all", "clears all signals of the case but %*", 0, true},
    {"count", "counts %*", 0, true},
    {"uncount", "no longer counts the case in %*", 0, true},
    {"alarm", "lets alarm %1 ring after %* days", 1, false},
    {"alarm_wd", "lets alarm %1 ring %* working days after the due day", 1, false},
};

static const struct verb_words *
find_words(const char *verb)
{
	for (unsigned i = 0; i < sizeof all_words / sizeof all_words[0]; i++) {
		if (strcmp(all_words[i].verb, verb) == 0)
			return &all_words[i];
	}
	return NULL;
}

bool
policy_verb_has_words(const char *verb)
{
	return find_words(verb) != NULL;
}

const char *
policy_list_text(struct arena *a, const char *const *items, size_t count, const char *last)
{
	const char *text = count == 0 ? "nothing" : items[0];

	for (size_t i = 1; i < count; i++)
		text = i + 1 == count ? arena_printf(a, "%s %s %s", text, last, items[i])
				      : arena_printf(a, "%s, %s", text, items[i]);
	return text;
}

const char *
policy_number_text(struct arena *a, int number, const char *unit)
{
	const char *word = strcmp(unit, "wd") == 0       ? "working day"
			   : strcmp(unit, "d") == 0      ? "day"
			   : strcmp(unit, "months") == 0 ? "month"
							 : NULL;

	if (word == NULL)
		return arena_printf(a, "%d", number);
	return arena_printf(a, "%d %s%s", number, word, number == 1 ? "" : "s");
}

/* ---- conditions ---- */

const char *
policy_values_text(struct arena *a, const pb_RuleCondition *c)
{
	const char *list = policy_list_text(a, (const char *const *)c->values, c->n_values, "or");

	switch ((int)c->test) {
	case RULE_TEST_AT_LEAST: return arena_printf(a, "%s or more", list);
	case RULE_TEST_FROM: return arena_printf(a, "%s or later", list);
	default: return list;
	}
}

const char *
policy_condition_text(struct arena *a, const pb_RuleCondition *c)
{
	return arena_printf(a, "%s %s %s", c->fact, (int)c->test == RULE_TEST_HAS ? "has" : "is",
			    policy_values_text(a, c));
}

const char *
policy_when_text(struct arena *a, const pb_RuleRow *row)
{
	const char *text = "always";

	for (size_t i = 0; i < row->n_when; i++) {
		const char *one = policy_condition_text(a, row->when[i]);

		text = i == 0 ? one : arena_printf(a, "%s%s%s", text, i + 1 == row->n_when ? ", and " : ", ", one);
	}
	return text;
}

/* ---- effects ---- */

/* One thing to say: a verb, what it is fixed to, and its other arguments, of one effect or of several that follow. */
struct said {
	const struct verb_words *words;
	const char *verb;
	const char *fixed[3];
	const char *items[ITEMS_MAX];
	size_t count;
};

static const char *
said_text(struct arena *a, const struct said *s)
{
	const char *list = policy_list_text(a, s->items, s->count, "and");
	const char *text = "";

	if (s->words == NULL)
		return arena_printf(a, "%s %s", s->verb, s->count == 0 ? "" : list);
	for (const char *p = s->words->words; *p != '\0'; p++) {
		if (*p == '%') {
			p++;
			text = arena_printf(a, "%s%s", text, *p == '*' ? list : s->fixed[*p - '1']);
		} else {
			const size_t len = strcspn(p, "%");

			text = arena_printf(a, "%s%.*s", text, (int)len, p);
			p += len - 1;
		}
	}
	return text;
}

static void
say_effect(struct said *s, const pb_RuleEffect *e)
{
	*s = (struct said){.words = find_words(e->verb), .verb = e->verb, .fixed = {"", "", ""}};
	const size_t fixed = s->words == NULL ? 0 : s->words->fixed;

	for (size_t i = 0; i < e->n_arguments; i++) {
		if (i < fixed)
			s->fixed[i] = e->arguments[i];
		else if (s->count < ITEMS_MAX)
			s->items[s->count++] = e->arguments[i];
	}
}

const char *
policy_then_text(struct arena *a, const pb_RuleRow *row)
{
	const char *text = "nothing";

	for (size_t i = 0; i < row->n_then; i++) {
		struct said s;

		say_effect(&s, row->then[i]);
		text = i == 0 ? said_text(a, &s) : arena_printf(a, "%s; %s", text, said_text(a, &s));
	}
	return text;
}

/* ---- what changed ---- */

struct saying {
	struct said said[RULES_EFFECTS_MAX];
	unsigned count;
};

static bool
same_key(const struct said *a, const struct said *b)
{
	return strcmp(a->verb, b->verb) == 0 && strcmp(a->fixed[0], b->fixed[0]) == 0 &&
	       strcmp(a->fixed[1], b->fixed[1]) == 0 && strcmp(a->fixed[2], b->fixed[2]) == 0;
}

static struct said *
find_key(struct saying *saying, const struct said *key)
{
	for (unsigned i = 0; i < saying->count; i++) {
		if (same_key(&saying->said[i], key))
			return &saying->said[i];
	}
	return NULL;
}

/* All effects; those that say the same of several things are put together. */
static void
say_row(struct saying *saying, const pb_RuleRow *row)
{
	saying->count = 0;
	for (size_t i = 0; i < row->n_then; i++) {
		struct said s;

		say_effect(&s, row->then[i]);
		struct said *earlier = s.words != NULL && s.words->list ? find_key(saying, &s) : NULL;

		for (size_t j = 0; earlier != NULL && j < s.count && earlier->count < ITEMS_MAX; j++)
			earlier->items[earlier->count++] = s.items[j];
		if (earlier == NULL && saying->count < RULES_EFFECTS_MAX)
			saying->said[saying->count++] = s;
	}
}

static bool
has_item(const struct said *s, const char *item)
{
	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->items[i], item) == 0)
			return true;
	}
	return false;
}

/* What `s` says and `other` (may be NULL) does not; its count is 0 when there is nothing. */
static struct said
said_beyond(const struct said *s, const struct said *other)
{
	struct said rest = *s;

	rest.count = 0;
	for (size_t i = 0; i < s->count; i++) {
		if (other == NULL || !has_item(other, s->items[i]))
			rest.items[rest.count++] = s->items[i];
	}
	return rest;
}

static const char *
with(struct arena *a, const char *text, const char *more)
{
	return text[0] == '\0' ? more : arena_printf(a, "%s; %s", text, more);
}

static const char *
change_of_effect(struct arena *a, const char *text, const struct said *is, const struct said *was, bool did_something)
{
	const struct said rest = said_beyond(is, was);

	if (was == NULL)
		return with(a, text, arena_printf(a, "now %s%s", did_something ? "also " : "", said_text(a, is)));
	if (rest.count == 0)
		return text;
	if (is->words == NULL || !is->words->list)
		return with(a, text,
			    arena_printf(a, "%s, was %s", said_text(a, is),
					 policy_list_text(a, was->items, was->count, "and")));
	return with(a, text, arena_printf(a, "now also %s", said_text(a, &rest)));
}

static const char *
change_of_effects(struct arena *a, const pb_RuleRow *was, const pb_RuleRow *is)
{
	struct saying before, after;
	const char *text = "";

	say_row(&before, was);
	say_row(&after, is);
	for (unsigned i = 0; i < after.count; i++)
		text = change_of_effect(a, text, &after.said[i], find_key(&before, &after.said[i]), before.count > 0);
	for (unsigned i = 0; i < before.count; i++) {
		struct said *s = &before.said[i], *other = find_key(&after, s);
		const struct said rest = said_beyond(s, other);
		const bool told = other != NULL && (s->words == NULL || !s->words->list);

		if (other == NULL || (rest.count > 0 && !told))
			text = with(a, text, arena_printf(a, "no longer %s", said_text(a, other == NULL ? s : &rest)));
	}
	if (text[0] != '\0' && after.count == 0)
		return arena_printf(a, "does nothing any more; %s", text);
	if (text[0] == '\0' && strcmp(policy_then_text(a, was), policy_then_text(a, is)) != 0)
		return arena_printf(a, "does the same in another order: %s", policy_then_text(a, is));
	return text;
}

static const pb_RuleCondition *
find_condition(const pb_RuleRow *row, const pb_RuleCondition *like)
{
	for (size_t i = 0; i < row->n_when; i++) {
		if (strcmp(row->when[i]->fact, like->fact) == 0 && row->when[i]->test == like->test)
			return row->when[i];
	}
	return NULL;
}

/* Does a condition say the same, whatever the order of its values? */
static bool
same_values(const pb_RuleCondition *a, const pb_RuleCondition *b)
{
	for (size_t i = 0; i < a->n_values; i++) {
		bool found = false;

		for (size_t j = 0; j < b->n_values; j++)
			found = found || strcmp(a->values[i], b->values[j]) == 0;
		if (!found)
			return false;
	}
	return a->n_values == b->n_values;
}

static const char *
change_of_conditions(struct arena *a, const pb_RuleRow *was, const pb_RuleRow *is)
{
	const char *text = "";

	for (size_t i = 0; i < is->n_when; i++) {
		const pb_RuleCondition *now = is->when[i], *before = find_condition(was, now);

		if (before == NULL)
			text = with(a, text, arena_printf(a, "now only when %s", policy_condition_text(a, now)));
		else if (!same_values(now, before))
			text = with(a, text,
				    arena_printf(a, "now when %s, was %s", policy_condition_text(a, now),
						 policy_values_text(a, before)));
	}
	for (size_t i = 0; i < was->n_when; i++) {
		if (find_condition(is, was->when[i]) == NULL)
			text = with(a, text,
				    arena_printf(a, "no longer only when %s", policy_condition_text(a, was->when[i])));
	}
	return text;
}

const char *
policy_change_text(struct arena *a, const pb_RuleRow *was, const pb_RuleRow *is)
{
	const char *conditions = change_of_conditions(a, was, is);
	const char *effects = change_of_effects(a, was, is);

	if (conditions[0] == '\0' || effects[0] == '\0')
		return conditions[0] == '\0' ? effects : conditions;
	return arena_printf(a, "%s; %s", conditions, effects);
}
