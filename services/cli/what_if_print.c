// SPDX-License-Identifier: EUPL-1.2
/* what_if_print.c - the outcome, for people and as JSON. No moment and no duration: the same bytes every time. */
#include <inttypes.h>
#include <stdlib.h>

#include "services/cli/columns.h"
#include "services/cli/what_if.h"

#define WIDTH 100u /* columns of a line */

/* A case that differs, under the region and rule of its first difference. */
struct line {
	const struct tracked *tracked;
	const struct difference *first;
	const char *region, *rule;
};

/* What one rule changed in one region. */
struct group {
	const char *region, *rule;
	uint64_t cases, aspects[WHAT_IF_ASPECTS];
};

struct printing {
	const struct what_if_printing *p;
	struct line *lines;
	size_t line_count;
	struct group *groups;
	size_t group_count;
	uint64_t elsewhere; /* cases that differ in other regions */
	uint64_t totals[WHAT_IF_ASPECTS];
};

/* ---- in order ---- */

/* R9 before R17: letters, then the number, then the rest. */
static int
order_of_rules(const char *a, const char *b)
{
	if (a[0] != b[0])
		return a[0] < b[0] ? -1 : 1;
	const unsigned long x = a[0] == '\0' ? 0 : strtoul(a + 1, NULL, 10);
	const unsigned long y = b[0] == '\0' ? 0 : strtoul(b + 1, NULL, 10);

	return x != y ? (x < y ? -1 : 1) : strcmp(a, b);
}

static int
order_of_groups(const void *x, const void *y)
{
	const struct group *a = x, *b = y;
	const int regions = strcmp(a->region, b->region);

	return regions != 0 ? regions : order_of_rules(a->rule, b->rule);
}

static int
order_of_lines(const void *x, const void *y)
{
	const struct line *a = x, *b = y;
	int order = strcmp(a->region, b->region);

	if (order == 0)
		order = order_of_rules(a->rule, b->rule);
	if (order == 0 && a->first->cause != b->first->cause)
		order = a->first->cause < b->first->cause ? -1 : 1;
	return order != 0 ? order : strcmp(a->tracked->id, b->tracked->id);
}

static const struct difference *
first_difference(const struct tracked *t)
{
	const struct difference *first = NULL;

	for (unsigned i = 0; i < WHAT_IF_ASPECTS; i++) {
		if ((t->differs >> i & 1) != 0 && (first == NULL || t->differences[i].cause < first->cause))
			first = &t->differences[i];
	}
	return first;
}

/* ---- counting ---- */

static struct group *
group_of(struct printing *g, const char *region, const char *rule)
{
	for (size_t i = 0; i < g->group_count; i++) {
		if (strcmp(g->groups[i].region, region) == 0 && strcmp(g->groups[i].rule, rule) == 0)
			return &g->groups[i];
	}
	if ((g->group_count & (g->group_count - 1)) == 0) {
		struct group *grown =
		    ARENA_ARRAY(g->p->arena, struct group, g->group_count == 0 ? 1 : g->group_count * 2);
		if (g->group_count > 0)
			memcpy(grown, g->groups, g->group_count * sizeof *grown);
		g->groups = grown;
	}
	struct group *group = &g->groups[g->group_count++];
	*group = (struct group){.region = region, .rule = rule};
	return group;
}

static void
count_case(struct printing *g, const struct tracked *t)
{
	const struct difference *first = first_difference(t);

	if (g->p->region[0] != '\0' && strcmp(g->p->region, t->region) != 0) {
		g->elsewhere++;
		return;
	}
	g->lines[g->line_count++] = (struct line){t, first, t->region, reason_rule(first)};
	group_of(g, t->region, reason_rule(first))->cases++;
	for (unsigned i = 0; i < WHAT_IF_ASPECTS; i++) {
		if ((t->differs >> i & 1) == 0)
			continue;
		group_of(g, t->region, reason_rule(&t->differences[i]))->aspects[i]++;
		g->totals[i]++;
	}
}

static void
count_all(struct printing *g)
{
	size_t count;
	const struct tracked *tracked = compare_tracked(g->p->result->compare, &count);

	g->lines = ARENA_ARRAY(g->p->arena, struct line, count + 1);
	for (size_t i = 0; i < count; i++) {
		if (tracked[i].differs != 0 && tracked[i].subject == SIGNAL_SUBJECT_CASE)
			count_case(g, &tracked[i]);
	}
	qsort(g->lines, g->line_count, sizeof *g->lines, order_of_lines);
	if (g->group_count > 0)
		qsort(g->groups, g->group_count, sizeof *g->groups, order_of_groups);
}

/* Signals about a region, a team, an institution, a source; with --region those whose id begins with it. */
static bool
is_shown_apart(const struct printing *g, const struct tracked *t)
{
	return t->differs != 0 && t->subject != SIGNAL_SUBJECT_CASE &&
	       strncmp(t->id, g->p->region, strlen(g->p->region)) == 0;
}

/* ---- for people ---- */

static const char *
day_text(struct arena *a, cal_day day)
{
	char text[11];

	if (day == CAL_NONE)
		return "-";
	cal_format(day, text);
	return arena_str(a, bytes_str(text));
}

static const char *
version_text(struct arena *a, const struct policy_view *view)
{
	char hex[2 * DIGEST_SIZE + 1];

	if (view == NULL)
		return "none";
	bytes_hex(bytes_of(view->hash.b, DIGEST_SIZE), hex);
	return arena_printf(a, "%s (hash %.16s)", view->version, hex);
}

/* A text, cut to what is left of a line. */
static void
print_cut(FILE *out, const char *text, size_t room)
{
	if (strlen(text) <= room)
		fprintf(out, "%s\n", text);
	else
		fprintf(out, "%.*s..\n", (int)(room - 2), text);
}

static void
print_policies(const struct printing *g, const char *region)
{
	static const char *const sides[WHAT_IF_SIDES] = {"recorded", "instead"};
	const struct what_if_result *r = g->p->result;

	for (unsigned i = 0; i < WHAT_IF_SIDES; i++)
		fprintf(g->p->out, "%-9s policy %s%s%s\n", sides[i],
			version_text(g->p->arena, hearing_policy(r->hearing, i, r->last, region)),
			region[0] == '\0' ? "" : " in ", region);
}

static void
print_head(const struct printing *g)
{
	const struct what_if_result *r = g->p->result;
	const struct what_if_change *c = g->p->change;
	struct arena *a = g->p->arena;

	fprintf(g->p->out, "history   %" PRIu64 " records, %" PRIu64 " cases, %s to %s\n", r->records, r->cases,
		day_text(a, r->first), day_text(a, r->last));
	fprintf(g->p->out, "change    from %s%s%s\n", c->from == CAL_NONE ? "the beginning" : day_text(a, c->from),
		g->p->region[0] == '\0' ? "" : ", looked at in ", g->p->region);
	if (r->last == CAL_NONE)
		return;
	print_policies(g, "");
	for (unsigned i = 0; i < c->policy_count; i++) {
		if (c->policies[i]->region[0] != '\0')
			print_policies(g, c->policies[i]->region);
	}
	for (unsigned i = 0; i < c->row_count; i++)
		fprintf(g->p->out, "instead   registry %s, %zu row%s from %s\n", c->rows[i]->version,
			c->rows[i]->n_rows, c->rows[i]->n_rows == 1 ? "" : "s", c->rows[i]->valid_from);
}

static void
add_counts(struct columns *columns, struct arena *a, const char *region, const char *rule, uint64_t cases,
	   const uint64_t aspects[WHAT_IF_ASPECTS])
{
	const char *cells[3 + WHAT_IF_ASPECTS] = {region, rule, arena_printf(a, "%5" PRIu64, cases)};

	for (unsigned i = 0; i < WHAT_IF_ASPECTS; i++)
		cells[3 + i] = aspects[i] == 0 ? arena_printf(a, "%8s", ".") : arena_printf(a, "%8" PRIu64, aspects[i]);
	columns_add(columns, cells);
}

static void
print_table(const struct printing *g)
{
	struct arena *a = g->p->arena;
	struct columns columns;

	columns_init(&columns, a, 3 + WHAT_IF_ASPECTS);
	columns_add(&columns, (const char *const[]){"region", "rule", "cases", "   owner", "   level", "deadline",
						    "  signal", " message"});
	for (size_t i = 0; i < g->group_count; i++)
		add_counts(&columns, a, g->groups[i].region[0] == '\0' ? "-" : g->groups[i].region,
			   g->groups[i].rule[0] == '\0' ? "-" : g->groups[i].rule, g->groups[i].cases,
			   g->groups[i].aspects);
	add_counts(&columns, a, "all", "", g->line_count, g->totals);
	fputs("\ncases with another owner, level, deadline or signal, or a message refused on one side only;\n"
	      "under the rule of the first difference of each kind, `cases` under that of the very first\n\n",
	      g->p->out);
	columns_print(&columns, g->p->out);
}

static void
print_line(const struct printing *g, const struct tracked *t, const struct difference *d)
{
	struct arena *a = g->p->arena;
	unsigned aspect = 0;

	while (&t->differences[aspect] != d)
		aspect++;
	const char *head = arena_printf(a, "  %s  %s  ", t->id, day_text(a, d->day));
	fputs(head, g->p->out);
	print_cut(g->p->out, reason_what(a, d, aspect), WIDTH - strlen(head));
	fputs("      ", g->p->out);
	print_cut(g->p->out, reason_why(a, g->p->result->hearing, t, d), WIDTH - 6);
}

static void
print_lines(const struct printing *g)
{
	size_t shown = 0;

	for (size_t i = 0; i < g->line_count; i++) {
		const struct line *l = &g->lines[i];
		const bool first = i == 0 || strcmp(l->region, l[-1].region) != 0 || strcmp(l->rule, l[-1].rule) != 0;
		const bool last =
		    i + 1 == g->line_count || strcmp(l->region, l[1].region) != 0 || strcmp(l->rule, l[1].rule) != 0;
		if (first) {
			shown = 0;
			fprintf(g->p->out, "\n%s %s\n", l->region[0] == '\0' ? "-" : l->region,
				l->rule[0] == '\0' ? "-" : l->rule);
		}
		if (g->p->all || shown < WHAT_IF_SHOWN)
			print_line(g, l->tracked, l->first);
		shown++;
		if (last && !g->p->all && shown > WHAT_IF_SHOWN)
			fprintf(g->p->out, "  and %zu more: --all shows them\n", shown - WHAT_IF_SHOWN);
	}
}

static void
print_apart(const struct printing *g)
{
	size_t count;
	bool any = false;
	const struct tracked *tracked = compare_tracked(g->p->result->compare, &count);

	for (size_t i = 0; i < count; i++) {
		if (!is_shown_apart(g, &tracked[i]))
			continue;
		if (!any)
			fputs("\nsignals about no case\n", g->p->out);
		any = true;
		print_line(g, &tracked[i], first_difference(&tracked[i]));
	}
}

void
what_if_print(const struct what_if_printing *p)
{
	struct printing g = {.p = p};

	count_all(&g);
	print_head(&g);
	if (g.line_count == 0) {
		fputs("\nno case would have gone another way\n", p->out);
	} else {
		print_table(&g);
		print_lines(&g);
	}
	print_apart(&g);
	if (g.elsewhere > 0)
		fprintf(p->out, "\n%" PRIu64 " cases of other regions differ too: --region all shows them\n",
			g.elsewhere);
}

/* ---- as JSON ---- */

/* Texts here are codes, names, dates and versions: nothing to be escaped, save in versions of files. */
static void
print_json_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (const char *s = text; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', out);
		if ((unsigned char)*s >= ' ')
			fputc(*s, out);
	}
	fputc('"', out);
}

static void
print_json_pair(FILE *out, const char *name, const char *text)
{
	fprintf(out, ",\"%s\":", name);
	print_json_text(out, text);
}

static void
print_json_difference(const struct printing *g, const struct tracked *t, unsigned aspect)
{
	static const char *const sides[WHAT_IF_SIDES] = {"recorded", "instead"};
	const struct difference *d = &t->differences[aspect];
	FILE *out = g->p->out;

	fprintf(out, "{\"aspect\":\"%s\",\"record\":%" PRIu64, what_if_aspects[aspect], d->cause);
	print_json_pair(out, "day", day_text(g->p->arena, d->day));
	print_json_pair(out, "rule", reason_rule(d));
	print_json_pair(out, "what", reason_what(g->p->arena, d, aspect));
	print_json_pair(out, "why", reason_why(g->p->arena, g->p->result->hearing, t, d));
	for (unsigned i = 0; i < WHAT_IF_SIDES; i++) {
		if (d->side[i].id == NULL)
			continue;
		const pb_Basis *basis = d->side[i].basis;
		fprintf(out, ",\"%s\":%s", sides[i], record_json(g->p->arena, &basis->base, true));
	}
	fputc('}', out);
}

static void
print_json_tracked(const struct printing *g, const struct tracked *t)
{
	const bool is_case = t->subject == SIGNAL_SUBJECT_CASE;
	FILE *out = g->p->out;
	bool first = true;

	fprintf(out, "{\"%s\":", is_case ? "case_id" : "subject_id");
	print_json_text(out, t->id);
	if (is_case)
		print_json_pair(out, "region", t->region);
	else
		print_json_pair(out, "subject", record_code_of("SignalSubject", t->subject));
	fputs(",\"differences\":[", out);
	for (unsigned i = 0; i < WHAT_IF_ASPECTS; i++) {
		if ((t->differs >> i & 1) == 0)
			continue;
		if (!first)
			fputc(',', out);
		first = false;
		print_json_difference(g, t, i);
	}
	fputs("]}\n", out);
}

static void
print_json_head(const struct printing *g)
{
	static const char *const names[WHAT_IF_SIDES] = {"recorded_policy", "instead_policy"};
	const struct what_if_result *r = g->p->result;
	FILE *out = g->p->out;

	fprintf(out, "{\"records\":%" PRIu64 ",\"cases\":%" PRIu64, r->records, r->cases);
	print_json_pair(out, "first_day", day_text(g->p->arena, r->first));
	print_json_pair(out, "last_day", day_text(g->p->arena, r->last));
	print_json_pair(out, "from", g->p->change->from == CAL_NONE ? "" : day_text(g->p->arena, g->p->change->from));
	print_json_pair(out, "region", g->p->region);
	for (unsigned i = 0; i < WHAT_IF_SIDES && r->last != CAL_NONE; i++) {
		const struct policy_view *view = hearing_policy(r->hearing, i, r->last, g->p->region);
		char hex[2 * DIGEST_SIZE + 1] = "";
		if (view != NULL)
			bytes_hex(bytes_of(view->hash.b, DIGEST_SIZE), hex);
		print_json_pair(out, names[i], view == NULL ? "" : view->version);
		print_json_pair(out, i == WHAT_IF_RECORDED ? "recorded_hash" : "instead_hash", hex);
	}
	fprintf(out, ",\"differ\":%zu", g->line_count);
	for (unsigned i = 0; i < WHAT_IF_ASPECTS; i++)
		fprintf(out, ",\"%s\":%" PRIu64, what_if_aspects[i], g->totals[i]);
	fprintf(out, ",\"elsewhere\":%" PRIu64 "}\n", g->elsewhere);
}

void
what_if_print_json(const struct what_if_printing *p)
{
	struct printing g = {.p = p};
	size_t count;
	const struct tracked *tracked = compare_tracked(p->result->compare, &count);

	count_all(&g);
	print_json_head(&g);
	for (size_t i = 0; i < g.line_count; i++)
		print_json_tracked(&g, g.lines[i].tracked);
	for (size_t i = 0; i < count; i++) {
		if (is_shown_apart(&g, &tracked[i]))
			print_json_tracked(&g, &tracked[i]);
	}
}
