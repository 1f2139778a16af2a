// SPDX-License-Identifier: EUPL-1.2
/* coverage_rules.c - rule -> scenarios -> passed.
 *
 *   coverage-rules RULES SCENARIO...     the file of the rules (coverage.h), and scenario files; from the checkout's root
 *
 * Plays all scenarios in this process. Status 1 when a rule is exercised by none, or by one that fails. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/coverage/coverage.h"

#include "services/cli/cli.h"

int
main(int argc, char **argv)
{
	struct cli cli = {.share_dir = ".", .out = stdout, .err = stderr};
	struct coverage *c = calloc(1, sizeof *c);

	if (argc < 3 || c == NULL) {
		fputs("coverage-rules: name the file of the rules and scenario files\n", stderr);
		return 2;
	}
	arena_init(&cli.arena);
	if (coverage_read(c, &cli.arena, argv[1])) {
		for (int i = 2; i < argc; i++)
			coverage_play(c, &cli, argv[i]);
	}
	const unsigned failed = coverage_print(c, stdout);
	arena_fini(&cli.arena);
	free(c);
	return failed > 0 ? 1 : 0;
}
