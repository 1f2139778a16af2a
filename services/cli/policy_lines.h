// SPDX-License-Identifier: EUPL-1.2
/* policy_lines.h - lines of a drawing: what goes the same way is one line with a list. */
#ifndef DOORBRAAK_POLICY_LINES_H
#define DOORBRAAK_POLICY_LINES_H

#include <stdio.h>

#include "common/arena.h"

/* A line from one place to another. `from` and `to` are names of nodes. */
struct policy_line {
	const char *from, *to;
	bool dashed;
	struct policy_reason *reasons, **end;
	struct policy_line *next;
};

/* Why: "PlanAgreed", and the rules or rows that say so, each once. */
struct policy_reason {
	const char *event;
	const char *rules;
	struct policy_reason *next;
};

struct policy_lines {
	struct arena *arena;
	struct policy_line *first, **end;
};

void policy_lines_init(struct policy_lines *lines, struct arena *a);
void policy_lines_add(struct policy_lines *lines, const char *from, const char *to, bool dashed, const char *event,
		      const char *rule);
/* Is there a line from or to this node? */
bool policy_lines_touch(const struct policy_lines *lines, const char *node);
void policy_lines_print(const struct policy_lines *lines, FILE *out);

#endif
