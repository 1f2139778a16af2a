// SPDX-License-Identifier: EUPL-1.2
#include "common/runtime.h"
#include "services/signalling/webhook_executor.h"

int
main(int argc, char **argv)
{
	return runtime_main(argc, argv, &signalling_service, &webhook_executor);
}
