// SPDX-License-Identifier: EUPL-1.2
/* adopt.c - see adopt.h. */
#include "tests/sim/adopt.h"

#include <stdlib.h>

#include "services/cli/adoption.h"
#include "tests/load/load.h"

#ifndef DOORBRAAK_SHIPPED
#define DOORBRAAK_SHIPPED "."
#endif

/* Reading and checking the files takes longer than a run of the simulator may: once for the process. */
static struct {
	struct arena arena;
	struct adoption *adoption;
} shipped;

static struct adoption *
adoption_of_files(void)
{
	if (shipped.adoption != NULL)
		return shipped.adoption;
	arena_init(&shipped.arena);
	shipped.adoption = ARENA_NEW(&shipped.arena, struct adoption);
	if (!adoption_add_shipped(&shipped.arena, DOORBRAAK_SHIPPED, shipped.adoption))
		fatal("adopt: %s", shipped.adoption->problems.text[0]);
	return shipped.adoption;
}

unsigned
adopt_count(void)
{
	return adoption_of_files()->count + load_source_count();
}

struct bytes
adopt_submission(struct arena *a, unsigned i, int64_t at_ms)
{
	struct adoption *adoption = adoption_of_files();

	if (i >= adoption->count)
		return load_source(a, i - adoption->count, at_ms);
	record_timestamp(adoption->submissions[i]->occurred_at, at_ms);
	return RECORD_PACK(a, adoption->submissions[i]);
}
