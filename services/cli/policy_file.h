// SPDX-License-Identifier: EUPL-1.2
/* policy_file.h - policy files for people, compiled into the record that is adopted. For the tool only.
 *
 * A policy is one or more YAML files; each holds any of these keys, and what they hold is put together:
 *
 *   version, valid_from       of the policy, once
 *   region                    code; only for a regional policy, which holds only what differs
 *   values                    P2: {value: 5, unit: wd, meaning: ..}; in a regional policy also P2: 7
 *   deadlines                 SCREENING: {rule: R17, all: P2, COURT_MEASURE: P2_court, from: fact, hard: true,
 *                             never_moves: true, backwards: true, ends_with: [STATE], fulfilled_by: [Message]}
 *   extra_holidays            [2027-05-07]
 *   capacities, baselines     lists of TeamCapacity and Baseline, fields as in the contract
 *   grid                      PlanAgreed: [x, x, x, x, x, A, A, x, x, c], a letter a state, see below
 *   refuse                    list of {id, messages: [..] or all, when, reason}: further grounds of refusal
 *   effects, triage, signals  tables: event -> list of blocks -> list of rows {id, rule, when, then, source, point, nl}
 *
 * Rows. `rule` is the id up to its first dot unless given. `when`: fact: value, [one of], {at_least: n}, {from: date},
 * {has: code or [codes]}. `then`: verb: argument, [arguments], {name: value, ..} (one effect a pair), [[..], [..]] or
 * [{..}, {..}] (one effect each), true for a verb without arguments; raise: {code: S19, stage: 1, to: [A, B]}. `{}`
 * does nothing.
 *
 * Grid. Letters in the order SCREENING INCOMPLETE ADVICE LOCAL_ATTEMPT QUEUED DELIBERATION EXECUTING VERIFYING
 * SCALED_DOWN CLOSED: A, a accepted; x WRONG_STATE; c CASE_CLOSED; o, s, r, n and t (rules.md 4.3) accepted unless a
 * refusing row says otherwise, and there must be one: with o for NO_OPEN_REQUEST, with s, r and n for WRONG_STATE, with
 * t for WRONG_TRACK or NO_OPEN_REQUEST. Grid and refusing rows of a message become one table of scope `accept`: one
 * block, in the order of the reasons.
 *
 * Every problem reads "<file>:<line>: <what is wrong>; <what to do>"; all that are found are told. */
#ifndef DOORBRAAK_POLICY_FILE_H
#define DOORBRAAK_POLICY_FILE_H

#include "common/rules.h"
#include "services/cli/yaml_reader.h"

#define POLICY_FILES_MAX 64

/* Where something stands: a row by its id, a value or deadline by its key, a table by "<scope>/<event>". */
struct policy_place {
	const char *name;
	const char *file;
	unsigned line;
	const struct policy_place *next;
};

struct policy_file {
	pb_PolicyAdopted *policy;      /* NULL when there are problems */
	const pb_PolicyAdopted *draft; /* as read, where only compiling it found some; else NULL */
	struct problems problems;
	const struct policy_place *places;
};

/* Reads files and folders (all *.yaml in them, by name), puts them together and checks that they compile for the
 * scopes. False when there are problems. Everything lives in the arena. */
bool policy_file_read(struct arena *a, const char *const *paths, unsigned path_count,
		      const struct rules_scope *const *scopes, unsigned scope_count, struct policy_file *file);

/* The same from a part of a file that holds other things too (`policy_patch` of a scenario). `name` stands for the file
 * in problems. */
bool policy_file_part(struct arena *a, const char *name, const struct tree *root,
		      const struct rules_scope *const *scopes, unsigned scope_count, struct policy_file *file);

/* NULL when unknown. */
const struct policy_place *policy_file_place(const struct policy_file *file, const char *name);

#endif
