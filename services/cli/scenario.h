// SPDX-License-Identifier: EUPL-1.2
/* scenario.h - a scenario file: a story of cases, step by step, with what is expected after each step.
 *
 *   scenario: SC1             name
 *   title: ..                 for people; `notes` too
 *   registry: nl              the shipped registry
 *   registry_patch: {..}      regions and municipalities added or replaced
 *   policy: default           the shipped policy
 *   policy_patch: [{..}]      policies of regions, each as in a policy file (policy_file.h): adopted before the first
 *                             step, in force from their `valid_from`; what changes for the country stands in a step
 *                             (PolicyAdopted)
 *   steps:
 *     - at: 2021-03-01T10:00  local time
 *       case: A               alias; stands for the case that answers the first opening message
 *       send: CaseSubmitted   or a list of {msg, by, with, id, source, occurred_at, case}; or tick: true
 *       by: PROFESSIONAL@P-LYNX
 *       with: {..}            fields of the message
 *       expect: {..}          keys as enum scenario_key; also: {B: {..}} for other cases
 *       proves: [R4]          rules of the domain that these expectations show to hold, beside those that the
 *                             decisions name themselves (make coverage-rules)
 *
 * What is wrong is told as "<file>:<line>: <what>; <what to do>". Loading looks at everything that needs no
 * system: names, codes, dates, order of time, aliases. Not at what intake would reject: that may be what the story
 * is about. */
#ifndef DOORBRAAK_SCENARIO_H
#define DOORBRAAK_SCENARIO_H

#include "services/cli/yaml_reader.h"

#define SCENARIO_SOURCES_MAX  400
#define SCENARIO_POLICIES_MAX 50

enum scenario_key {
	SCENARIO_STATE,
	SCENARIO_OWNER,
	SCENARIO_LEVEL,
	SCENARIO_TRACK,
	SCENARIO_GOVERNANCE,
	SCENARIO_FUNDER,
	SCENARIO_REGION,
	SCENARIO_MANDATE,
	SCENARIO_CONSENT,
	SCENARIO_PENDING_OWNER,
	SCENARIO_SUPPORTERS,
	SCENARIO_OFFERED,
	SCENARIO_REQUIRED_PARTICIPANTS,
	SCENARIO_NEXT,
	SCENARIO_DEADLINES,
	SCENARIO_RULE,
	SCENARIO_REDIRECT,
	SCENARIO_WARNINGS,
	SCENARIO_CRITERIA,
	SCENARIO_SIGNALS,
	SCENARIO_CLEARED,
	SCENARIO_REJECTED,
	SCENARIO_CANDIDATES, /* that a rejection names: successors of a gemeente */
	SCENARIO_DUPLICATE,
	SCENARIO_SAME_CASE_AS,
	SCENARIO_KEYS
};

struct scenario_signal {
	int code;    /* SIGNAL_CODE_... */
	int stage;   /* absent: 1 */
	bool any_to; /* no addressees given */
	uint64_t to; /* bits of Addressee */
};

/* What is expected of one key, as text: "SCREENING", "SCREENING 2021-03-08", "ACTION/A1 2021-11-17"; sets are sorted. */
struct scenario_check {
	const char **values;
	unsigned count; /* none: null, or an empty set */
	struct scenario_signal *signals;
	unsigned signal_count;
	int alias; /* of same_case_as */
};

struct scenario_expect {
	int alias; /* -1: of no case */
	unsigned line;
	const struct scenario_check *checks[SCENARIO_KEYS]; /* NULL: not given */
	struct scenario_expect *next;
};

struct scenario_message {
	unsigned number; /* in the scenario, from 0 */
	unsigned line;
	int alias; /* -1: none */
	const char *name;
	/* All that the file says; without case_id, and without id when the player makes one up. */
	pb_Submission *submission;
	int subject_alias;     /* of SignalAcknowledged: the case it is about; -1: none */
	const char *key;       /* "<source> <id>" when an id is given, else NULL */
	struct bytes body;     /* packed, to compare repetitions */
	bool has_body;         /* `with` was given */
	int repeats;           /* number of the message that is sent once more, as it was; -1: none */
	int64_t occurred_ms;   /* its own moment; 0: that of the step */
	bool may_be_unallowed; /* the step expects UNKNOWN_SOURCE: its source is not registered for its sake */
	bool may_lack_role;    /* SENDER_NOT_ALLOWED: nor is its role */
};

struct scenario_step {
	unsigned number; /* from 1 */
	unsigned line;
	const char *at; /* as written, for people */
	int64_t at_ms;
	int alias; /* -1: none */
	const struct scenario_message *const *messages;
	unsigned message_count;               /* 0: only time passes */
	const char *what;                     /* names of the messages, for people */
	const struct scenario_expect *expect; /* of the step, then those of `also`; never NULL */
	const char **proves;                  /* "R4" */
	unsigned proves_count;
};

/* Somebody the player speaks for. */
struct scenario_source {
	const char *id;
	const char **organisations;
	unsigned organisation_count;
	uint64_t roles; /* bits of Role */
};

struct scenario {
	const char *file;
	const char *name;
	const char *title;
	const struct tree *registry_patch; /* NULL: none */
	pb_PolicyAdopted **policies;       /* of the policy_patch */
	unsigned policy_count;
	const struct scenario_step *steps;
	unsigned step_count;
	unsigned message_count;
	const char **aliases;
	unsigned alias_count;
	struct scenario_source *sources;
	unsigned source_count;
	struct problems problems;
};

/* Everything lives in the arena. False when there are problems. */
bool scenario_read(struct arena *a, const char *path, struct scenario *scenario);
/* The same from text; `name` stands for the file in problems. */
bool scenario_parse(struct arena *a, const char *name, struct bytes text, struct scenario *scenario);

const char *scenario_key_name(enum scenario_key key);
/* "S02", "S02/2 to ALDERMEN, OWNER". */
const char *scenario_signal_text(struct arena *a, const struct scenario_signal *signal);

#endif
