// SPDX-License-Identifier: EUPL-1.2
/* exit_is_crash.c - a service that ends itself (fatal) is a finding: linked with --wrap=_exit, so that the fuzzer keeps the
 * input. */
#include <stdlib.h>

void __wrap__exit(int status);

void
__wrap__exit(int status)
{
	(void)status;
	abort();
}
