// SPDX-License-Identifier: EUPL-1.2
/* policy_reader.h - what the policy_*.c files of the tool share while they read. */
#ifndef DOORBRAAK_POLICY_READER_H
#define DOORBRAAK_POLICY_READER_H

#include "common/nearest.h"
#include "common/policy.h"
#include "services/cli/policy_file.h"

#define GRID_STATES   10
#define GRID_MAX      64 /* messages */
#define REFUSING_MAX  256
#define DEADLINES_MAX 32

struct grid_line {
	const char *message;
	char letters[GRID_STATES];
	const char *file;
	unsigned line;
};

/* A refusing row, and whom it is for. */
struct refusing {
	const struct tree *row;
	const char *file;
};

struct policy_reader {
	struct yaml_reader y;
	struct policy_file *out;
	const struct rules_scope *const *scopes;
	unsigned scope_count;
	pb_PolicyAdopted *policy;
	struct grid_line grid[GRID_MAX];
	unsigned grid_count;
	struct refusing refusing[REFUSING_MAX];
	unsigned refusing_count;
};

/* Remembers where something stands. */
void reader_place(struct policy_reader *r, const char *name, unsigned line);
const struct rules_scope *reader_scope(const struct policy_reader *r, const char *name);

/* policy_rows.c: rows and tables. NULL after telling what is wrong. */
pb_RuleRow *policy_row(struct policy_reader *r, const struct tree *row, const char *scope, const char *const *keys);
pb_RuleCondition *policy_condition(struct policy_reader *r, const char *fact, int test, size_t value_count);
pb_RuleEffect *policy_effect(struct policy_reader *r, const char *verb, size_t argument_count);
pb_RuleSource *policy_source(struct policy_reader *r, const struct tree *row);
void policy_table_add(struct policy_reader *r, pb_RuleTable *table);
/* All events of a scope. */
void policy_scope_read(struct policy_reader *r, const char *scope, const struct tree *events);

/* policy_grid.c: the grid and the refusing rows. */
void policy_grid_read(struct policy_reader *r, const struct tree *grid);
void policy_refuse_read(struct policy_reader *r, const struct tree *rows);
/* Once all files are read. */
void policy_grid_compile(struct policy_reader *r);

/* policy_values.c: values, deadlines, figures. */
void policy_values_read(struct policy_reader *r, const struct tree *values);
void policy_deadlines_read(struct policy_reader *r, const struct tree *deadlines);
void policy_holidays_read(struct policy_reader *r, const struct tree *days);
void policy_capacities_read(struct policy_reader *r, const struct tree *list);
void policy_baselines_read(struct policy_reader *r, const struct tree *list);

#endif
