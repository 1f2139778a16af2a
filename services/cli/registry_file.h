// SPDX-License-Identifier: EUPL-1.2
/* registry_file.h - a registry file for people, as the records that are adopted. For the tool only.
 *
 *   registry: nl              name, for people
 *   version: 1.0.0
 *   valid_from: 2016-01-01    of every line that gives no date of its own
 *   adds: true                only for lines that are added to the registry that is adopted; codes that stand there
 *                             are for intake to look at
 *   regions:                  {code, name, expertise_centre, expert_team, landing_place, coordination}
 *   municipalities:           {code, name, region}
 *   mergers:                  {code, name, region, successors: [code], valid_from}: `region` until then, if given
 *   expert_teams:             {code, name, regions: [code], functions: [..], functions_missing: [..]}
 *   landing_places:           {code, name, region, functions: [..], functions_missing: [..], known_to_all}
 *   expertise_centres:        {code, name, municipality}
 *   placement_coordination:   {code, name}
 *   features:                 {region, asks: [Ask]}: extra tasks of its team; []: none any more
 *   supporter_ends:           {code, name, valid_from}: the first day on which it is gone
 *
 * What is taken away: a region that names no team, a landing place without functions (its code may be left out), a line
 * of features with an empty list.
 *
 * Every line may have a `valid_from`. Names are for people and stay in the file. A `landing_place` in a region is one
 * with all four functions that is known to all. */
#ifndef DOORBRAAK_REGISTRY_FILE_H
#define DOORBRAAK_REGISTRY_FILE_H

#include "services/cli/yaml_reader.h"

#define REGISTRY_FILE_RECORDS_MAX 64 /* different dates */
#define REGISTRY_FILE_ROWS_MAX    8192

struct registry_file {
	pb_RegistryAdopted *records[REGISTRY_FILE_RECORDS_MAX]; /* one for each valid_from, ascending */
	unsigned record_count;                                  /* 0 when there are problems */
	struct problems problems;
};

/* Reads and checks (registry_check, all lines together; with `adds` not whether codes are known). False when there are
 * problems. */
bool registry_file_read(struct arena *a, const char *path, struct registry_file *file);

/* A row, the first day on which it holds, and where it stands. */
struct registry_line {
	pb_RegistryRow *row;
	cal_day from;
	unsigned line;
};
struct registry_lines {
	const struct registry_line *lines; /* in the order of the file */
	unsigned count;
	const pb_RegistryAdopted *all; /* row i is that of line i */
	struct problems problems;
};

/* Only reads: what the lines say together is not checked. False when the file is no registry file. */
bool registry_file_lines(struct arena *a, const char *path, struct registry_lines *file);

/* The same for a file that holds only what is added or replaced: whether its lines are whole together with the registry
 * they come to is not looked at. */
bool registry_file_read_part(struct arena *a, const char *path, struct registry_file *file);

/* Some lines of such a file (the `registry_patch` of a scenario) as one record. `name` stands for the file in problems;
 * not checked: its lines lean on the registry they are added to. NULL with *why. */
pb_RegistryAdopted *registry_file_patch(struct arena *a, const char *name, const struct tree *patch,
					const char *version, const char *valid_from, struct why *why);

#endif
