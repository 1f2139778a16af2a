// SPDX-License-Identifier: EUPL-1.2
/* policy_draw_ladders.c - both ladders as a picture.
 *
 * Content: a rung is who works on the case. Up goes who is asked to take over, becomes owner or supports; down goes who is
 * asked from a lower rung, and who leaves. A row that says nothing of the present owner is drawn from the next rung.
 * Governance: from and to as the tables say. */
#include "services/cli/policy_draw.h"
#include "services/cli/policy_lines.h"
#include "services/cli/policy_moves.h"

#define RUNGS 4

static const struct {
	const char *node, *label, *targets[4], *kinds[4]; /* words of the verbs; kinds of the present owner */
} rungs[RUNGS] = {
    {"LOCAL", "local team, municipality", {"LOCAL_TEAM", "MUNICIPALITY"}, {"LOCAL_TEAM", "MUNICIPALITY"}},
    {"REGIONAL", "expert team, landing place", {"TEAM"}, {"EXPERT_TEAM", "LANDING_PLACE"}},
    {"SUPRAREGIONAL", "expertise centre", {"CENTRE"}, {"EXPERTISE_CENTRE"}},
    {"NATIONAL", "national team", {"NATIONAL_TEAM"}, {"NATIONAL_TEAM"}},
};

static bool
is_one_of(const char *word, const char *const words[4])
{
	for (unsigned i = 0; i < 4 && words[i] != NULL; i++) {
		if (strcmp(words[i], word) == 0)
			return true;
	}
	return false;
}

/* -1: it is on no rung, such as NAMED. */
static int
rung_of(const char *target)
{
	for (int i = 0; i < RUNGS; i++) {
		if (is_one_of(target, rungs[i].targets))
			return i;
	}
	return -1;
}

static const pb_RuleCondition *
find_condition(const pb_RuleRow *row, const char *fact)
{
	for (size_t i = 0; i < row->n_when; i++) {
		if (strcmp(row->when[i]->fact, fact) == 0)
			return row->when[i];
	}
	return NULL;
}

/* The rung of the present owner, as far as the row says so; -1: it does not. */
static int
rung_of_owner(const pb_RuleRow *row)
{
	const pb_RuleCondition *kind = find_condition(row, "owner_kind");
	const pb_RuleCondition *side = find_condition(row, "owner_is_funder_side");

	if (side != NULL && strcmp(side->values[0], "true") == 0)
		return 0;
	for (int i = 0; kind != NULL && i < RUNGS; i++) {
		if (is_one_of(kind->values[0], rungs[i].kinds))
			return i;
	}
	return -1;
}

/* ---- content ---- */

static const char *
reason_text(struct arena *a, const struct policy_move *m, const char *what)
{
	return arena_printf(a, "%s%s: %s", m->event, m->missed ? " missed" : "", what);
}

/* Who is asked, becomes owner or supports: the line ends at its rung. */
static void
add_upward(struct policy_lines *lines, const pb_PolicyAdopted *policy, const char *verb, const char *what)
{
	for (const struct policy_move *m = policy_moves(lines->arena, policy, verb, NULL); m != NULL; m = m->next) {
		const int owner = rung_of_owner(m->row);

		/* A new case, and one that comes back, begins on its rung. */
		if (m->from == CASE_STATE_RECEIVED || m->from == CASE_STATE_CLOSED)
			continue;
		for (size_t i = 0; i < m->effect->n_arguments; i++) {
			const int to = rung_of(m->effect->arguments[i]);
			const int from = owner >= 0 ? owner : to == 0 ? 1 : to - 1;

			if (to >= 0 && to != from)
				policy_lines_add(lines, rungs[from].node, rungs[to].node, m->missed,
						 reason_text(lines->arena, m, what), m->row->rule);
		}
	}
}

/* Who leaves: the line begins at its rung, the highest of them, and ends below the lowest. */
static void
add_leaving(struct policy_lines *lines, const pb_PolicyAdopted *policy)
{
	for (const struct policy_move *m = policy_moves(lines->arena, policy, "leave", NULL); m != NULL; m = m->next) {
		int highest = -1, lowest = RUNGS;

		for (size_t i = 0; i < m->effect->n_arguments; i++) {
			const bool all = strcmp(m->effect->arguments[i], "ALL") == 0;
			const int rung = all ? 1 : rung_of(m->effect->arguments[i]);

			highest = rung > highest ? rung : highest;
			lowest = rung >= 0 && rung < lowest ? rung : lowest;
		}
		if (highest > 0)
			policy_lines_add(lines, rungs[highest].node, rungs[lowest > 0 ? lowest - 1 : 0].node, m->missed,
					 reason_text(lines->arena, m, "supporter leaves"), m->row->rule);
	}
}

static void
draw_content(struct arena *a, const pb_PolicyAdopted *policy, FILE *out)
{
	struct policy_lines lines;

	policy_lines_init(&lines, a);
	fputs("  subgraph cluster_content {\n    label=\"content: who works on the case\"; style=\"rounded\"; "
	      "color=\"#9a9a9a\";\n"
	      "    node [shape=box, fillcolor=\"#dbe9f6\"];\n",
	      out);
	for (int i = 0; i < RUNGS; i++)
		fprintf(out, "    %s [label=\"%s\\n%s\"];\n", rungs[i].node, rungs[i].node, rungs[i].label);
	fputs("    LOCAL -> REGIONAL -> SUPRAREGIONAL -> NATIONAL [style=invis, weight=10];\n  }\n", out);
	add_upward(&lines, policy, "ask", "is asked");
	add_upward(&lines, policy, "owner", "owner");
	add_upward(&lines, policy, "support", "supports");
	add_upward(&lines, policy, "offer", "support offered");
	add_leaving(&lines, policy);
	policy_lines_print(&lines, out);
}

/* ---- governance ---- */

static const char *
governance_node(struct arena *a, const char *code)
{
	return arena_printf(a, "GOVERNANCE_%s", code);
}

static void
draw_governance(struct arena *a, const pb_PolicyAdopted *policy, FILE *out)
{
	struct policy_lines lines;

	policy_lines_init(&lines, a);
	fputs("  subgraph cluster_governance {\n    label=\"governance: who is asked about cooperation and money\"; "
	      "style=\"rounded\"; color=\"#9a9a9a\";\n    node [shape=hexagon, fillcolor=\"#fdebc8\"];\n"
	      "    GOVERNANCE_NONE [label=\"NONE\\nno escalation\"];\n"
	      "    GOVERNANCE_OFFICIAL [label=\"OFFICIAL\\nofficials\"];\n"
	      "    GOVERNANCE_EXECUTIVE [label=\"EXECUTIVE\\naldermen, steering group\"];\n  }\n",
	      out);
	for (const struct policy_move *m = policy_moves_of_governance(a, policy); m != NULL; m = m->next) {
		const char *from = record_code_of("Governance", m->from), *to = m->effect->arguments[0];
		const char *event = arena_printf(a, "%s%s", m->event, m->missed ? " missed" : "");

		/* From another rung OFFICIAL does nothing (scope_effects.c). */
		if (strcmp(from, to) != 0 && (strcmp(to, "OFFICIAL") != 0 || m->from == GOVERNANCE_NONE))
			policy_lines_add(&lines, governance_node(a, from), governance_node(a, to), m->missed, event,
					 m->row->rule);
	}
	policy_lines_print(&lines, out);
}

void
policy_draw_ladders(struct arena *a, const pb_PolicyAdopted *policy, FILE *out)
{
	fprintf(
	    out,
	    "// Both ladders by policy %s. A line: a message, with the rules that say so; dashed: a missed deadline.\n"
	    "// Made by `doorbraak policy draw --ladders`.\n"
	    "digraph ladders {\n"
	    "  graph [rankdir=BT, fontname=\"sans-serif\", fontsize=15, labeljust=l, nodesep=0.5, ranksep=0.9];\n"
	    "  node [fontname=\"sans-serif\", fontsize=14, style=filled, color=\"#404040\"];\n"
	    "  edge [fontname=\"sans-serif\", fontsize=12, color=\"#404040\"];\n",
	    policy->version);
	draw_content(a, policy, out);
	draw_governance(a, policy, out);
	fputs("}\n", out);
}
