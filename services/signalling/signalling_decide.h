// SPDX-License-Identifier: EUPL-1.2
/* signalling_decide.h - the judgement of signalling: values in, values out.
 *
 * What raises and clears a signal stands in tables (policy/signals.yaml). Here is what holds for every signal: what it
 * is about, whether a stage is news, who its addressees are in a case, what was counted against which threshold, and
 * when something still counts. */
#ifndef DOORBRAAK_SIGNALLING_DECIDE_H
#define DOORBRAAK_SIGNALLING_DECIDE_H

#include "common/policy.h"
#include "common/scope_signals.h"

/* What a signal is about, SIGNAL_SUBJECT_... */
int signalling_subject(int code);

/* How far a signal tells deadlines apart: one for all of the case, one for kind and reference, one for each due day
 * too. */
enum signal_span { SPAN_SUBJECT, SPAN_DEADLINE, SPAN_DUE_DAY };
enum signal_span signalling_span(int code);

/* Is a stage news? An open signal is not raised again; a higher stage is. 0: not open. */
bool signalling_stage_is_new(int open_stage, int stage);

/* Does a signal stay when its case is closed? Those about EVALUATION do, and the codes kept by the row (bits). */
bool signalling_survives_closing(int code, int deadline_kind, uint64_t kept);

/* Who is who around the subject of a signal; empty where there is nobody. */
struct signal_place {
	int track;
	bool team_supports;
	struct code owner, funder, team, centre, coordination, certified_body;
	struct code institution;  /* where the youth is placed */
	struct code organisation; /* the one concerned */
};
/* The organisation that an addressee is; empty when it is none, or not known. */
struct code signalling_addressee(int addressee, const struct signal_place *place);
/* Those of several addressees, in their order, each once. */
unsigned signalling_organisations(const struct signal_place *place, const int *addressees, unsigned count,
				  struct code out[RULES_ARGUMENTS_MAX]);

/* May somebody who speaks in a role for an organisation answer for an addressee, as who is who? A municipality and its
 * local team act for one another. Who has no code (purchasing, the inspectorates, the operator) is known by the role. */
bool signalling_speaks_for(int addressee, const struct signal_place *place, int role, const char *organisation);
/* Are both the same, or a municipality and its local team? */
bool signalling_same_side(const char *a, const char *b);

/* Is an addressee waited for to acknowledge a signal? Not for S01: what follows it is S02. */
bool signalling_is_awaited(int code);
/* Does it end the waiting? NOT_FOR_US does not: then nobody has taken it up. */
bool signalling_takes_up(int follow_up);
/* May this addressee see of which case a signal is (rules.md 6, R64)? The inspectorates get aggregated figures; the national
 * level has only the cases that its own desk was asked about (S22). */
bool signalling_sees_cases(int addressee, int code);

/* What a row counted: the first of its conditions that asks for at least so many; else one event. Of facts that follow
 * from a count and a figure of the policy (queue_beyond, theme_step) it is that count, and how many it takes. `fact` is
 * the fact that was counted, -1 for an event. */
struct signal_count {
	int32_t evidence, threshold;
	const char *unit;
	int fact;
};
struct signal_count signalling_count(const struct rules_row *row, const int64_t *facts);

/* Part of a whole per thousand, rounded up, so that "more than 20%" is 201 or more. 0 of 0 is 0. */
int64_t signalling_permille(int64_t part, int64_t whole);

/* The window that a fact is counted in; SIGNAL_WINDOWS: in none. */
enum signal_window signalling_window_of(int fact);
/* Name of the value of the policy that says how long it is; NULL: none does. */
const char *signalling_window_value(enum signal_window window);
/* How long what is counted in a window counts, by the policy; TERM_NONE: for ever. */
struct term signalling_window(const struct policy_view *view, enum signal_window window);
/* Does what happened on `day` still count on `today`? */
bool signalling_in_window(struct term length, cal_day day, cal_day today);
/* The first day that still counts on `today`; CAL_NONE: every day does. */
cal_day signalling_window_start(struct term length, cal_day today);
/* Does a case count once in a window, on its last day, and can it be taken out again? */
bool signalling_counts_once(enum signal_window window);

/* A count over a time against a base figure over another, per thousand and rounded up: as if both were as long. 0 where
 * there is no base figure. Times of no length count as long as the other. */
struct signal_stretch {
	int64_t count;
	int months;
};
int64_t signalling_index_permille(struct signal_stretch now, struct signal_stretch base);
/* Months of a period, to the nearest; 0 where an end is missing. */
int signalling_months(cal_day from, cal_day to);

/* A meeting of a team: day and how many cases were discussed. Last days in a row with more than the team takes in a
 * meeting, the last one first in the array (R30); none where it takes any number (0). */
unsigned signalling_crowded(const unsigned *cases_by_day, unsigned days, int32_t cases_a_meeting);
/* How many of the cases queued find no place within so many days (R30): beyond meetings times cases. 0 where nothing
 * limits the team; negative: as many would still find one. */
int64_t signalling_beyond(int64_t queued, struct policy_capacity capacity, int32_t days_ahead);
/* Levels that a theme has gone up with its `reports`-th unsolved report in a row, `each` for a level: reports / each when
 * that is whole, else 0 (R56). */
int64_t signalling_theme_step(int64_t reports, int32_t each);

/* The quarter before a day that begins one; false on every other day. */
bool signalling_quarter_before(cal_day day, cal_day *from, cal_day *to);

#endif
