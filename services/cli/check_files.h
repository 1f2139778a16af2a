// SPDX-License-Identifier: EUPL-1.2
/* check_files.h - the policies that are checked together: a national one and any number of regional ones, from files.
 *
 * A file with a `region` belongs to that region's policy, all others to the national one; with none of those, the
 * shipped one is taken. What does not compile is told as policy_file.h says, with one exception: a block that lacks its
 * last row is a hole, for which check_policy() finds the situation. */
#ifndef DOORBRAAK_CHECK_FILES_H
#define DOORBRAAK_CHECK_FILES_H

#include <stdio.h>

#include "services/cli/check.h"

#define CHECK_REGIONS_MAX 64

struct check_policies {
	const pb_PolicyAdopted *national;
	const struct policy_file *national_file; /* NULL: not from files */
	struct {
		const char *code;
		const pb_PolicyAdopted *policy;
		const struct policy_file *file;
	} regions[CHECK_REGIONS_MAX];
	unsigned region_count;
	struct problems problems;
};

/* False when there are problems. */
bool check_files_read(struct arena *a, const char *share_dir, const char *const *paths, unsigned path_count,
		      struct check_policies *out);
/* Checks the national policy (`with_national`), and each region's on top of it; `only` NULL: all. */
void check_policies(struct check_report *report, const struct check_policies *policies, bool with_national,
		    const char *only);
/* A finding and its counterexample, indented. */
void check_print(FILE *out, struct arena *a, const struct check_finding *f);
void check_print_json(FILE *out, struct arena *a, const struct check_finding *f);

#endif
