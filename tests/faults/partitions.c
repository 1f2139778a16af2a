// SPDX-License-Identifier: EUPL-1.2
#include "tests/faults/faults.h"
static bool
run(struct faults *f, struct why *why)
{
	(void)f;
	(void)why;
	return false;
}
const struct campaign campaign_partitions = {"partitions", "", 20, run};
