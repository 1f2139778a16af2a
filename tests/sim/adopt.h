// SPDX-License-Identifier: EUPL-1.2
/* adopt.h - what an administrator says to a fresh system, as submissions: the shipped registry and policy, and the sources of a
 * load. Read once from the shipped files (the folder is the working directory's, or DOORBRAAK_SHIPPED at compile time). */
#ifndef DOORBRAAK_ADOPT_H
#define DOORBRAAK_ADOPT_H

#include "common/record.h"

unsigned adopt_count(void);
/* The i-th, said to have happened at `at_ms`; in the arena. */
struct bytes adopt_submission(struct arena *a, unsigned i, int64_t at_ms);

/* What an administrator says: a body of that kind. */
struct bytes adopt_administration(struct arena *a, const char *id, int64_t at_ms, int body_case,
				  ProtobufCMessage *body);
/* A later version of the registry, from that day on: JZ31 has no team, JZ16 a landing place. */
struct bytes adopt_regions(struct arena *a, int64_t at_ms);

#endif
