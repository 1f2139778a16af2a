// SPDX-License-Identifier: EUPL-1.2
/* what_if.h - recorded history computed twice: as it was recorded, and with another policy or registry. For the tool.
 *
 * Both sides are computed from intake's journal, through triage, routing and signalling in memory (relay.h), side by side
 * on two threads. The recorded side is computed anew and not read: what stands in the other journals follows from
 * intake's (`verify` proves it), and computing is quicker than reading. Nothing of the running system is written.
 *
 * The change. A given policy stands in place of the adopted one of its scope (the country, or its region) for facts from
 * the day `from` on, also where another was adopted later; given registry rows are adopted on the day before, and again
 * behind every later adoption. Without a day, from the first adoption on.
 *
 * What is compared, of each case: the owners and from which day; the levels and from which day; the deadlines (kind,
 * reference, due day) and whether they were missed; the signals raised (code, stage, addressees), each in their order;
 * and each message that is refused or not. Of every aspect the first difference is kept, with the ground on both sides.
 * Signals about something else than a case are compared in the same way. */
#ifndef DOORBRAAK_WHAT_IF_H
#define DOORBRAAK_WHAT_IF_H

#include "common/policy.h"
#include "common/registry.h"
#include "common/row.h"
#include "services/cli/progress.h"

#define WHAT_IF_POLICIES_MAX 64 /* given: the country's, and one a region */
#define WHAT_IF_ROWS_MAX     64 /* given records of the registry */

enum what_if_aspect {
	WHAT_IF_OWNER,
	WHAT_IF_LEVEL,
	WHAT_IF_DEADLINE,
	WHAT_IF_SIGNAL,
	WHAT_IF_MESSAGE,
	WHAT_IF_ASPECTS,
};

enum { WHAT_IF_RECORDED, WHAT_IF_CHANGED, WHAT_IF_SIDES };

/* What is tried. Everything in it is the caller's and lives as long as the run. */
struct what_if_change {
	pb_PolicyAdopted *policies[WHAT_IF_POLICIES_MAX]; /* one a scope */
	unsigned policy_count;
	pb_RegistryAdopted *rows[WHAT_IF_ROWS_MAX];
	unsigned row_count;
	cal_day from; /* CAL_NONE: from the first adoption on */
	cal_day to;   /* last day that is computed; CAL_NONE: to the end */
};

/* Something that was decided, as far as it is compared. */
struct outcome {
	uint64_t cause;
	cal_day day; /* from which it counts */
	uint8_t aspect;
	uint8_t subject; /* SIGNAL_SUBJECT_... of `id` */
	uint8_t code;    /* level, deadline kind, signal code, reason */
	uint8_t stage;   /* of a signal; of a deadline: 1 when it is missed */
	uint8_t kind;    /* of the deadline that a signal is about */
	uint8_t track;   /* of a level */
	cal_day due;
	uint64_t to;           /* addressees, as bits */
	const char *id;        /* of the case or other subject */
	const char *text;      /* owner, reference, message */
	const char *region;    /* of a level */
	const pb_Basis *basis; /* why */
};

/* The first difference of one aspect. A side that says nothing has no id. */
struct difference {
	uint64_t cause;
	cal_day day;
	struct outcome side[WHAT_IF_SIDES];
};

struct tracked {
	const char *id;
	uint8_t subject;
	uint8_t track;
	uint8_t differs; /* bits of aspects */
	uint8_t level[WHAT_IF_SIDES];
	const char *owner[WHAT_IF_SIDES];
	const char *region;             /* the last one known, on the recorded side where it has one */
	struct difference *differences; /* by aspect; NULL while it does not differ */
	struct pending *pending;
};

/* ---- what_if_change.c: records as each side hears them ---- */

struct hearing;
/* Keeps what was adopted on both sides. */
enum err hearing_open(struct hearing **hearing, const struct what_if_change *change, struct why *why) MUST_USE;
void hearing_close(struct hearing **hearing);
/* Adds a record to what the sides hear; it lives in `a` or longer. False with *why: the given registry does not fit. */
#define HEARING_MORE_MAX (WHAT_IF_POLICIES_MAX + WHAT_IF_ROWS_MAX) /* records more that one record may bring */
bool hearing_take(struct hearing *hearing, struct arena *a, const struct record *in, const struct record **recorded,
		  size_t *recorded_count, const struct record **changed, size_t *changed_count, struct why *why);
/* What applies on a side, of all that was heard; NULL when nothing does. Valid until the next call for that side. */
const struct policy_view *hearing_policy(struct hearing *hearing, unsigned side, cal_day day, const char *region);
bool hearing_knows_region(struct hearing *hearing, const char *region);

/* ---- what_if_compare.c ---- */

struct compare;
struct compare *compare_new(void);
void compare_free(struct compare **compare);
/* What both sides said to the same records. */
void compare_take(struct compare *compare, const struct outcome *const outcomes[WHAT_IF_SIDES],
		  const size_t counts[WHAT_IF_SIDES]);
/* Behind the last: what only one side said is a difference. */
void compare_end(struct compare *compare);
/* All cases and other subjects, in the order in which they appeared. */
const struct tracked *compare_tracked(const struct compare *compare, size_t *count);

/* ---- what_if_run.c ---- */

struct what_if_result {
	struct hearing *hearing;
	struct compare *compare;
	uint64_t records;    /* of intake that were computed */
	uint64_t cases;      /* in them */
	cal_day first, last; /* days of the first and the last of them; CAL_NONE: none */
};

/* Computes all of it, in memory. ERR_REFUSED: the given registry does not fit, or the journal cannot be read; *why says
 * so. */
enum err what_if_run(struct what_if_result *result, const struct what_if_change *change,
		     const struct row_source *source, const struct progress *progress, struct why *why) MUST_USE;
void what_if_free(struct what_if_result *result);

/* ---- what_if_print.c ---- */

struct what_if_printing {
	FILE *out;
	struct arena *arena;
	const struct what_if_change *change;
	const struct what_if_result *result;
	const char *region; /* only these cases; "" all */
	bool all;           /* every case, else the first WHAT_IF_SHOWN of a group */
};
#define WHAT_IF_SHOWN 20u

void what_if_print(const struct what_if_printing *p);
void what_if_print_json(const struct what_if_printing *p);

/* ---- what_if_reason.c: a difference in words ---- */

/* "deadline SCREENING due 2021-03-08 -> due 2021-03-10". */
const char *reason_what(struct arena *a, const struct difference *d, unsigned aspect);
/* "R17.1; SCREENING 5 wd -> 7 wd". */
const char *reason_why(struct arena *a, struct hearing *hearing, const struct tracked *t, const struct difference *d);
/* The rule that decided in the alternative, or where that says nothing, as it was recorded. */
const char *reason_rule(const struct difference *d);

extern const char *const what_if_aspects[WHAT_IF_ASPECTS]; /* "owner", .. */

#endif
