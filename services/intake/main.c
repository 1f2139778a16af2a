// SPDX-License-Identifier: EUPL-1.2
#include "common/runtime.h"

int
main(int argc, char **argv)
{
	return runtime_main(argc, argv, &intake_service, NULL);
}
