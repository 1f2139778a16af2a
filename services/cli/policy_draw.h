// SPDX-License-Identifier: EUPL-1.2
/* policy_draw.h - pictures of a policy, as text for Graphviz (`dot -Tsvg`). Deterministic: same policy, same text. */
#ifndef DOORBRAAK_POLICY_DRAW_H
#define DOORBRAAK_POLICY_DRAW_H

#include <stdio.h>

#include "common/record.h"

/* The life of a case: states, and what moves a case from one to the other. `event`: only this table's; NULL: all. `all`:
 * each row by itself, with what leaves a case where it is; else what goes the same way is one line, and what comes from
 * many states comes from one place. */
void policy_draw_cycle(struct arena *a, const pb_PolicyAdopted *policy, const char *event, bool all, FILE *out);
/* Both ladders: who works on a case (content), and who is asked about cooperation and money (governance). */
void policy_draw_ladders(struct arena *a, const pb_PolicyAdopted *policy, FILE *out);

#endif
