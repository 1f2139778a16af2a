// SPDX-License-Identifier: EUPL-1.2
#include <stdio.h>

#include "services/cli/what_if.h"

#define TO_MAX 12 /* addressees named */

const char *const what_if_aspects[WHAT_IF_ASPECTS] = {"owner", "level", "deadline", "signal", "message"};

static const char *
day_text(struct arena *a, cal_day day)
{
	char text[11];

	if (day == CAL_NONE)
		return "-";
	cal_format(day, text);
	return arena_str(a, bytes_str(text));
}

/* ---- what differs ---- */

static const char *
to_text(struct arena *a, uint64_t to)
{
	const char *text = "";

	for (int i = 1; i < 64; i++) {
		if ((to >> i & 1) != 0)
			text =
			    arena_printf(a, "%s%s%s", text, text[0] == '\0' ? "" : "+", record_code_of("Addressee", i));
	}
	return text;
}

/* "S02" of S02_DEADLINE_MISSED. */
static const char *
signal_text(struct arena *a, const struct outcome *o)
{
	const char *code = record_code_of("SignalCode", o->code);
	const char *number = arena_str(a, bytes_of(code, strcspn(code, "_")));

	if (o->kind == 0)
		return number;
	return arena_printf(a, "%s %s%s%s", number, record_code_of("DeadlineKind", o->kind),
			    o->text[0] == '\0' ? "" : " ", o->text);
}

/* What it is about. */
static const char *
stream_text(struct arena *a, const struct outcome *o)
{
	switch (o->aspect) {
	case WHAT_IF_DEADLINE:
		return arena_printf(a, "deadline %s%s%s", record_code_of("DeadlineKind", o->code),
				    o->text[0] == '\0' ? "" : " ", o->text);
	case WHAT_IF_SIGNAL: return arena_printf(a, "signal %s", signal_text(a, o));
	case WHAT_IF_MESSAGE: return o->text;
	default: return what_if_aspects[o->aspect];
	}
}

/* What one side says about it; `o` NULL where it says nothing. `other` is what the other says. */
static const char *
value_text(struct arena *a, const struct outcome *o, const struct outcome *other)
{
	if (o == NULL) {
		switch (other->aspect) {
		case WHAT_IF_DEADLINE: return other->stage != 0 ? "not missed" : "not set";
		case WHAT_IF_SIGNAL: return "not raised";
		case WHAT_IF_MESSAGE: return "accepted";
		default: return "as it was";
		}
	}
	switch (o->aspect) {
	case WHAT_IF_OWNER:
		return arena_printf(a, "%s from %s", o->text[0] == '\0' ? "none" : o->text, day_text(a, o->day));
	case WHAT_IF_LEVEL: return arena_printf(a, "%s from %s", record_code_of("Level", o->code), day_text(a, o->day));
	case WHAT_IF_DEADLINE: return arena_printf(a, "%s %s", o->stage != 0 ? "missed" : "due", day_text(a, o->due));
	case WHAT_IF_SIGNAL: return arena_printf(a, "stage %u to %s", o->stage, to_text(a, o->to));
	default: return arena_printf(a, "refused %s", record_code_of("Reason", o->code));
	}
}

static const struct outcome *
said(const struct difference *d, unsigned side)
{
	return d->side[side].id == NULL ? NULL : &d->side[side];
}

const char *
reason_what(struct arena *a, const struct difference *d, unsigned aspect)
{
	const struct outcome *was = said(d, WHAT_IF_RECORDED), *is = said(d, WHAT_IF_CHANGED);

	(void)aspect;
	return arena_printf(a, "%s %s -> %s", stream_text(a, was == NULL ? is : was), value_text(a, was, is),
			    value_text(a, is, was));
}

/* ---- why ---- */

const char *
reason_rule(const struct difference *d)
{
	const struct outcome *was = said(d, WHAT_IF_RECORDED), *is = said(d, WHAT_IF_CHANGED);
	const char *rule = is == NULL ? "" : is->basis->rule;

	return rule[0] != '\0' ? rule : was == NULL ? "" : was->basis->rule;
}

static const char *
row_of(const struct outcome *o)
{
	if (o == NULL)
		return "-";
	return o->basis->row[0] != '\0' ? o->basis->row : o->basis->rule[0] != '\0' ? o->basis->rule : "-";
}

static const char *
fact_of(const struct outcome *o, const char *name)
{
	for (size_t i = 0; o != NULL && i < o->basis->n_facts; i++) {
		if (strcmp(o->basis->facts[i]->name, name) == 0)
			return o->basis->facts[i]->value;
	}
	return NULL;
}

/* The facts of one side that the other has otherwise, or all of them where it says nothing. */
static const char *
facts_text(struct arena *a, const struct outcome *was, const struct outcome *is)
{
	const struct outcome *from = is == NULL ? was : is;
	const char *text = "";

	for (size_t i = 0; i < from->basis->n_facts; i++) {
		const pb_Fact *fact = from->basis->facts[i];
		const char *before = is == NULL ? NULL : fact_of(was, fact->name);
		if (was != NULL && is != NULL && before != NULL && strcmp(before, fact->value) == 0)
			continue;
		if (was == NULL || is == NULL || before == NULL)
			text = arena_printf(a, "%s; %s %s", text, fact->name, fact->value);
		else
			text = arena_printf(a, "%s; %s %s -> %s", text, fact->name, before, fact->value);
	}
	return text;
}

static const char *
term_text(struct arena *a, struct term term)
{
	static const char *const units[] = {"-", "wd", "d", "months"};

	return term.unit == TERM_NONE ? "none" : arena_printf(a, "%d %s", term.n, units[term.unit]);
}

/* The term of the policy, where it is another one. */
static const char *
policy_text(struct arena *a, struct hearing *hearing, const struct tracked *t, const struct outcome *o, cal_day day)
{
	const int kind = o->aspect == WHAT_IF_DEADLINE ? o->code : o->kind;
	const struct policy_view *was = hearing_policy(hearing, WHAT_IF_RECORDED, day, t->region);
	const struct policy_view *is = hearing_policy(hearing, WHAT_IF_CHANGED, day, t->region);

	if (was == NULL || is == NULL)
		return was == is ? "" : "; no policy on one side";
	if (kind == 0 || t->track > TRACK_CLOSED_CARE)
		return "";
	const struct term before = was->deadlines[kind].terms[t->track], after = is->deadlines[kind].terms[t->track];

	if (before.unit == after.unit && before.n == after.n)
		return "";
	return arena_printf(a, "; term of %s %s -> %s", record_code_of("DeadlineKind", kind), term_text(a, before),
			    term_text(a, after));
}

const char *
reason_why(struct arena *a, struct hearing *hearing, const struct tracked *t, const struct difference *d)
{
	const struct outcome *was = said(d, WHAT_IF_RECORDED), *is = said(d, WHAT_IF_CHANGED);
	const char *from = row_of(was), *to = row_of(is);
	const char *rows = strcmp(from, to) == 0 ? from : arena_printf(a, "%s -> %s", from, to);
	const char *policy = policy_text(a, hearing, t, was == NULL ? is : was, d->day);

	return arena_printf(a, "%s%s%s", rows, policy, facts_text(a, was, is));
}
