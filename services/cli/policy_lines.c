// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/policy_lines.h"

#include <string.h>

void
policy_lines_init(struct policy_lines *lines, struct arena *a)
{
	*lines = (struct policy_lines){.arena = a};
	lines->end = &lines->first;
}

static struct policy_line *
find_line(struct policy_lines *lines, const char *from, const char *to, bool dashed)
{
	struct policy_line *line = lines->first;

	while (line != NULL && (strcmp(line->from, from) != 0 || strcmp(line->to, to) != 0 || line->dashed != dashed))
		line = line->next;
	if (line != NULL)
		return line;
	line = ARENA_NEW(lines->arena, struct policy_line);
	*line = (struct policy_line){.from = from, .to = to, .dashed = dashed};
	line->end = &line->reasons;
	*lines->end = line;
	lines->end = &line->next;
	return line;
}

/* Does "R17, R62" hold "R62"? */
static bool
has_rule(const char *rules, const char *rule)
{
	const size_t len = strlen(rule);

	for (const char *p = rules; (p = strstr(p, rule)) != NULL; p += len) {
		if ((p == rules || p[-1] == ' ') && (p[len] == '\0' || p[len] == ','))
			return true;
	}
	return false;
}

void
policy_lines_add(struct policy_lines *lines, const char *from, const char *to, bool dashed, const char *event,
		 const char *rule)
{
	struct policy_line *line = find_line(lines, from, to, dashed);
	struct policy_reason *reason = line->reasons;

	while (reason != NULL && strcmp(reason->event, event) != 0)
		reason = reason->next;
	if (reason == NULL) {
		reason = ARENA_NEW(lines->arena, struct policy_reason);
		*reason = (struct policy_reason){.event = event, .rules = rule};
		*line->end = reason;
		line->end = &reason->next;
	} else if (!has_rule(reason->rules, rule)) {
		reason->rules = arena_printf(lines->arena, "%s, %s", reason->rules, rule);
	}
}

bool
policy_lines_touch(const struct policy_lines *lines, const char *node)
{
	for (const struct policy_line *line = lines->first; line != NULL; line = line->next) {
		if (strcmp(line->from, node) == 0 || strcmp(line->to, node) == 0)
			return true;
	}
	return false;
}

void
policy_lines_print(const struct policy_lines *lines, FILE *out)
{
	for (const struct policy_line *line = lines->first; line != NULL; line = line->next) {
		fprintf(out, "  %s -> %s [label=\"", line->from, line->to);
		for (const struct policy_reason *r = line->reasons; r != NULL; r = r->next)
			fprintf(out, " %s (%s)\\l", r->event, r->rules); /* not against the line */
		fprintf(out, "\"%s];\n", line->dashed ? ", style=dashed" : "");
	}
}
