// SPDX-License-Identifier: EUPL-1.2
#include "common/runtime.h"
#include "services/intake/intake_erasures.h"

int
main(int argc, char **argv)
{
	return runtime_main(argc, argv, &intake_service, &intake_erasures);
}
