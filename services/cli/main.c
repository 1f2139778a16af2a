// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/cli.h"

int
main(int argc, char **argv)
{
	return cli_main(argc, argv, stdout, stderr);
}
