// SPDX-License-Identifier: EUPL-1.2
/* registry_findings.h - what deserves attention in a registry file, before it is adopted (R3-R6, R16, R67, R83).
 *
 * An error is what would send a case astray: a code that nobody knows, a line that holds before what it leans on, two
 * lines that contradict each other. A note is what is allowed, and somebody should know: a region without team or
 * landing place, a function that is missing or was not answered. Dates are those of the lines; regions are judged as
 * they stand on the last date of the file. */
#ifndef DOORBRAAK_REGISTRY_FINDINGS_H
#define DOORBRAAK_REGISTRY_FINDINGS_H

#include "services/cli/registry_file.h"

#define FINDINGS_MAX 1024

struct finding {
	bool error;
	unsigned line;
	const char *text;
};
struct findings {
	struct finding of[FINDINGS_MAX]; /* by line, errors of a line first */
	unsigned count;                  /* kept */
	unsigned errors, notes;          /* found, also those beyond the room */
};

void registry_findings(struct arena *a, const struct registry_lines *file, struct findings *found);

#endif
