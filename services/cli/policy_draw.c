// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/cli.h"
const struct command command_policy_draw = {.name = "policy draw", .summary = "x", .usage="", .help="x\n"};
