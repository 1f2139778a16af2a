// SPDX-License-Identifier: EUPL-1.2
/* scenario_reader.h - what reads a scenario file: shared by the files scenario*.c only. */
#ifndef DOORBRAAK_SCENARIO_READER_H
#define DOORBRAAK_SCENARIO_READER_H

#include "services/cli/scenario.h"

#define SCENARIO_ALIASES_MAX 1000

struct scenario_reader {
	struct yaml_reader y;
	struct scenario *scenario;
	const struct scenario_message **messages; /* all so far */
	bool *opened;                             /* by alias: an opening message has come by */
	int64_t last_ms;
};

/* Nothing, or null. */
bool scenario_is_null(const struct tree *node);
/* Number of an alias; -1 after telling that it is none, or that there is no such case so far (unless `introduce`). */
int scenario_alias(struct scenario_reader *r, const struct tree *node, bool introduce);
/* A moment; false after telling that it is none. */
bool scenario_moment(struct scenario_reader *r, const struct tree *node, int64_t *at_ms);
/* A message: `item` is the step itself, or an element of its `send`. `rejected`: the reason that is expected, or
 * "". NULL after telling. */
const struct scenario_message *scenario_message_read(struct scenario_reader *r, const struct tree *step_node,
						     const struct tree *item, const struct scenario_step *step,
						     const char *rejected);
/* A map of expectations; NULL after telling what is wrong with it. */
struct scenario_expect *scenario_expect_read(struct scenario_reader *r, const struct tree *node, int alias);
void scenario_sort(const char **values, unsigned count);

#endif
