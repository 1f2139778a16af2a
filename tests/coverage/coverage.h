// SPDX-License-Identifier: EUPL-1.2
/* coverage.h - which scenario shows which rule of the domain to hold.
 *
 * The rules stand in a file (tests/coverage/rules.yaml), a line each, R1 to the last without a hole:
 *
 *   rules:
 *     R1: {title: Anybody may submit}
 *     R82: {title: No small cells, outside: why no message, deadline, decision, signal or record can show it}
 *
 * A scenario exercises a rule when a step of it that expects something, and gets it, either led to a decision that names
 * the rule (Basis, but for rows that do nothing), or says so (`proves`). A rule holds when at least one scenario that passed as a whole exercises it,
 * and none that failed does. A rule that lies outside must be exercised by none: then the mark is wrong. */
#ifndef DOORBRAAK_TESTS_COVERAGE_H
#define DOORBRAAK_TESTS_COVERAGE_H

#include "services/cli/yaml_reader.h"

struct cli;

#define COVERAGE_RULES_MAX     200
#define COVERAGE_SCENARIOS_MAX 200

struct coverage_rule {
	const char *title;                      /* NULL: there is no such rule */
	const char *outside;                    /* NULL: scenarios must show it */
	bool exercised[COVERAGE_SCENARIOS_MAX]; /* by number of the scenario */
};

struct coverage_scenario {
	const char *name;
	const char *failed; /* what differs, or went wrong; NULL: it passed */
};

struct coverage {
	struct arena *arena;
	struct coverage_rule rules[COVERAGE_RULES_MAX + 1]; /* by number, from 1 */
	unsigned last;                                      /* number of the last rule */
	struct coverage_scenario scenarios[COVERAGE_SCENARIOS_MAX];
	unsigned scenario_count;
	struct problems problems;
};

/* The rules of a file, or of a text. False when there are problems. Everything lives in the arena. */
bool coverage_read(struct coverage *c, struct arena *a, const char *path);
bool coverage_parse(struct coverage *c, struct arena *a, const char *name, struct bytes text);

/* A scenario begins; what follows is about it until the next one. False when there are too many. */
bool coverage_begin(struct coverage *c, const char *name);
/* It exercises this rule; other codes than R.. (of signals, of laws) are no rules, and not looked at. */
void coverage_exercise(struct coverage *c, const char *rule);
void coverage_failed(struct coverage *c, const char *why);

/* Plays a scenario file in this process and takes note of what it exercises. */
void coverage_play(struct coverage *c, struct cli *cli, const char *path);

/* The table, what failed, and at the end `N passed, N failed`: rules, and scenarios that failed. The number that
 * failed. */
unsigned coverage_print(const struct coverage *c, FILE *out);

#endif
