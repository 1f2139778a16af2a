// SPDX-License-Identifier: EUPL-1.2
/* policy_draw_cycle.c - the life of a case as a picture. */
#include <ctype.h>

#include "common/policy_merge.h"
#include "services/cli/policy_draw.h"
#include "services/cli/policy_lines.h"
#include "services/cli/policy_moves.h"
#include "services/cli/policy_words.h"

#define MANY_STATES 4 /* what comes from so many goes from one place, or the picture is a web */

/* States that belong together stand together; each kind has a colour and a shape of its own. */
static const struct {
	const char *name, *label, *shape, *colour;
	int first, last;
} groups[] = {
    {"front", "close to home, and the screening", "box", "#dbe9f6", CASE_STATE_SCREENING, CASE_STATE_LOCAL_ATTEMPT},
    {"team", "at the table of the team", "hexagon", "#fdebc8", CASE_STATE_QUEUED, CASE_STATE_EXECUTING},
    {"after", "help is there: does it work?", "ellipse", "#dcefdc", CASE_STATE_VERIFYING, CASE_STATE_SCALED_DOWN},
};

static const char *
node_of(int state)
{
	return state == CASE_STATE_RECEIVED ? "NEW" : record_code_of("CaseState", state);
}

/* ---- states ---- */

/* The deadlines that belong to a state, with their length on the voluntary track. */
static const char *
terms_of(struct arena *a, const pb_PolicyAdopted *policy, int state)
{
	const char *text = "";

	for (size_t i = 0; policy->tables != NULL && i < policy->tables->n_deadlines; i++) {
		const pb_DeadlineRule *rule = policy->tables->deadlines[i];
		const char *term = "";

		for (size_t s = 0; s < rule->n_ends_with; s++) {
			for (size_t t = 0; (int)rule->ends_with[s] == state && t < rule->n_terms; t++) {
				if (rule->terms[t]->track == 0 || (int)rule->terms[t]->track == TRACK_VOLUNTARY)
					term = rule->terms[t]->term;
			}
		}
		const pb_PolicyValue *value = policy_find_value(policy, term);
		const pb_PolicyTermRule *unit = policy_find_term(policy, term);

		if (value != NULL && unit != NULL)
			term = policy_number_text(a, value->value, unit->unit);
		if (term[0] != '\0')
			text = arena_printf(a, "%s\\n%s", text, term);
	}
	return text;
}

static void
print_states(struct arena *a, const pb_PolicyAdopted *policy, FILE *out)
{
	fputs("  NEW [label=\"a new case\", shape=plaintext, style=\"\"];\n", out);
	for (unsigned g = 0; g < sizeof groups / sizeof groups[0]; g++) {
		fprintf(out,
			"  subgraph cluster_%s {\n    label=\"%s\"; style=\"rounded\"; color=\"#9a9a9a\";\n"
			"    node [shape=%s, fillcolor=\"%s\"];\n",
			groups[g].name, groups[g].label, groups[g].shape, groups[g].colour);
		for (int s = groups[g].first; s <= groups[g].last; s++)
			fprintf(out, "    %s [label=\"%s%s\"];\n", node_of(s), node_of(s), terms_of(a, policy, s));
		fputs("  }\n", out);
	}
	fputs("  CLOSED [shape=doubleoctagon, fillcolor=\"#e4e4e4\"];\n  SCALED_DOWN -> CLOSED [style=invis];\n", out);
}

/* ---- moves ---- */

static int
target_of(const struct policy_move *move)
{
	return record_enum_value(record_enum("CaseState"), move->effect->arguments[0]);
}

/* The states from which this event goes where this move goes. */
static unsigned
sources_of(const struct policy_move *first, const struct policy_move *like)
{
	unsigned states = 0;

	for (const struct policy_move *m = first; m != NULL; m = m->next) {
		if (m->missed == like->missed && strcmp(m->event, like->event) == 0 &&
		    target_of(m) == target_of(like) && m->from != target_of(m) && m->from != CASE_STATE_RECEIVED)
			states |= 1u << m->from;
	}
	return states;
}

static bool
comes_from_many(const struct policy_move *first, const struct policy_move *m)
{
	return m->from != CASE_STATE_RECEIVED && __builtin_popcount(sources_of(first, m)) >= MANY_STATES;
}

static bool
is_all_open(unsigned states, int target)
{
	for (int s = CASE_STATE_SCREENING; s < CASE_STATE_CLOSED; s++) {
		if (s != target && (states >> s & 1) == 0)
			return false;
	}
	return true;
}

/* How far a case has come: the picture runs down from a new case to a closed one. */
static unsigned
stage_of(int state)
{
	unsigned stage = state == CASE_STATE_RECEIVED ? 0 : 1;

	for (unsigned g = 0; state != CASE_STATE_RECEIVED && g < sizeof groups / sizeof groups[0]; g++)
		stage += state > groups[g].last;
	return stage;
}

static void
print_many(unsigned states, int target, FILE *out)
{
	unsigned count = 0;

	fprintf(out, "  from_%x [shape=note, fillcolor=\"white\", label=\"", states);
	if (is_all_open(states, target))
		fputs("any open state", out);
	for (int s = CASE_STATE_SCREENING; s <= CASE_STATE_CLOSED && !is_all_open(states, target); s++) {
		if ((states >> s & 1) != 0)
			fprintf(out, "%s%s", count++ == 0 ? "" : "\\n", node_of(s));
	}
	fputs("\"];\n", out);
}

static const char *
event_text(struct arena *a, const struct policy_move *move)
{
	return move->missed ? arena_printf(a, "%s missed", move->event) : move->event;
}

/* Where the line begins: the state, or a note for many states at once, which is made when it is new. Its name follows from
 * the states, so that the same ones are the same note. */
static const char *
from_node(struct policy_lines *lines, const struct policy_move *first, const struct policy_move *m, FILE *out)
{
	if (!comes_from_many(first, m))
		return node_of(m->from);
	const unsigned states = sources_of(first, m);
	const char *node = arena_printf(lines->arena, "from_%x", states);

	if (!policy_lines_touch(lines, node))
		print_many(states, target_of(m), out);
	return node;
}

/* Where it ends: the state, or a sign to it where the line would run up against the stream. */
static const char *
to_node(struct policy_lines *lines, const struct policy_move *first, const struct policy_move *m, FILE *out)
{
	const int target = target_of(m);
	const unsigned from = stage_of(m->from);

	if (stage_of(target) >= from || comes_from_many(first, m))
		return node_of(target);
	const char *node = arena_printf(lines->arena, "to_%s_%u", node_of(target), from);

	if (!policy_lines_touch(lines, node))
		fprintf(out, "  %s [label=\"back to %s\", shape=cds, style=\"filled,dashed\", fillcolor=\"%s\"];\n",
			node, node_of(target), groups[stage_of(target) - 1].colour);
	return node;
}

static void
add_line(struct policy_lines *lines, const struct policy_move *first, const struct policy_move *m, bool all, FILE *out)
{
	const char *event = event_text(lines->arena, m);

	if (all)
		policy_lines_add(lines, node_of(m->from), node_of(target_of(m)), m->missed, event, m->row->id);
	else
		policy_lines_add(lines, from_node(lines, first, m, out), to_node(lines, first, m, out), m->missed,
				 event, m->row->rule);
}

void
policy_draw_cycle(struct arena *a, const pb_PolicyAdopted *policy, const char *event, bool all, FILE *out)
{
	const struct policy_move *first = policy_moves(a, policy, "state", event);
	struct policy_lines lines;

	policy_lines_init(&lines, a);
	fprintf(out,
		"// The life of a case by policy %s. A line: a message, with the rules that say so; dashed: a missed\n"
		"// deadline. Under a state: how long it may last on the voluntary track. Made by `doorbraak policy "
		"draw`.\n"
		"digraph life_cycle {\n"
		"  graph [rankdir=TB, fontname=\"sans-serif\", fontsize=15, labeljust=l, nodesep=0.3, ranksep=0.55];\n"
		"  node [fontname=\"sans-serif\", fontsize=14, style=filled, color=\"#404040\"];\n"
		"  edge [fontname=\"sans-serif\", fontsize=12, color=\"#404040\"];\n",
		policy->version);
	print_states(a, policy, out);
	for (const struct policy_move *m = first; m != NULL; m = m->next) {
		if (all || m->from != target_of(m))
			add_line(&lines, first, m, all, out);
	}
	policy_lines_print(&lines, out);
	fputs("}\n", out);
}
