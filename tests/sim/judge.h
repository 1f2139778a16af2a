// SPDX-License-Identifier: EUPL-1.2
/* judge.h - the invariants of rules.md 4.6, checked after every record by somebody who reads journals only.
 *
 * The judge shares no code with the services' decisions: it reads signalling's journal (outside facts and the answers of
 * all before it) in order, keeps its own picture of each case from what the answers say, and reads beside it what
 * monitoring tells. It is fed record by record, or with two journals at once; the first thing that does not hold ends it.
 *
 *   I1  an open case has one owner at every moment; a team or the national team becomes it only by accepting
 *   I2  an open case has a deadline, the next is the earliest, ties by kind, then reference
 *   I3  one gemeente pays; only ResidenceChanged changes it
 *   I4  with a measure or in closed care a gemeente owns
 *   I5  closed: by CaseClosed, after both facts, or with an approver; nobody and nothing is left but EVALUATION
 *   I6  at a centre only after a consideration; the level follows from who works on the case
 *   I7  a message stands once; in order of facts; OUT_OF_ORDER is kept and reported (S27); a rejection changes nothing
 *   I9  a deadline that is open when its day has passed is missed on its effect day, once, in order (case, kind,
 *       reference), with one S02; a warning comes once, behind the misses of the day
 *   I10 no text looks like a citizen number, a postcode or an e-mail address
 *   I11 each answer follows from the record at hand, has its place, its moment, its rule; states change by decisions
 *   I12 a supporter whose last day passed is gone at the next tick, with S23
 *   I13 a signal names evidence, threshold, addressees; it ends by an event, not at a mere tick
 *   I14 (counts per region: counted by who asks, see judge_open_count)
 *   I15 adoptions touch no case; registry and policy named by a decision are those of its date
 *
 * and: what monitoring told last of a case is the judge's own picture. I8 is the oracle's (oracle.h). */
#ifndef DOORBRAAK_JUDGE_H
#define DOORBRAAK_JUDGE_H

#include "common/row.h"

#define JUDGE_DEADLINES_MAX 96
#define JUDGE_SIGNALS_MAX   256
#define JUDGE_SET_MAX       16
#define JUDGE_KINDS_MAX     128 /* numbers of Submission.body */

struct judge_deadline {
	uint8_t kind;
	bool hard;
	cal_day due, set_on;
	struct id reference;
};

struct judge_set {
	unsigned count;
	struct code of[JUDGE_SET_MAX];
};

/* A case as somebody sees it. */
struct judge_picture {
	uint8_t state, track, level, governance, consent, mandate;
	bool measure_active, placed, support_asked;
	struct code owner, pending, funder, region, team, centre;
	struct judge_set supporters, offered, required;
	unsigned deadline_count, signal_count, signal_sum;    /* sum: of what each signal weighs */
	struct judge_deadline deadlines[JUDGE_DEADLINES_MAX]; /* by due day, kind, reference */
};

struct judge_case {
	struct id id;
	struct judge_picture is;   /* by the answers of routing and signalling */
	struct judge_picture told; /* by monitoring */
	struct {
		struct code region, team, owner, centre;
	} left;             /* said of it since then: the first of each */
	uint8_t stood;      /* state when the last record about it was dealt with */
	uint8_t consent_by; /* bits of Person, as told */
	bool erasure;       /* was handed in */
	bool erased;        /* was told, and not shown since */
	bool realised, effective, considered;
	cal_day last_on;  /* of the last applied message */
	cal_day ended_on; /* a supporter left on this day, its S23 still to come */
	uint64_t routed;  /* last cause under which routing decided about it */
	uint64_t touched; /* or under which anything was said of it */
};

struct judge_counts {
	uint64_t accepted, answers, told, missed, rejected, duplicates;
	uint64_t said[JUDGE_KINDS_MAX];                                 /* submissions that took effect, by kind */
	uint64_t reasons[REASON_UNKNOWN_ACTION + 1];                    /* rejections downstream */
	uint64_t visited[CASE_STATE_CLOSED + 1][TRACK_CLOSED_CARE + 1]; /* ends of causes */
	uint64_t misses[DEADLINE_KIND_EVALUATION + 1];
	uint64_t signals[SIGNAL_CODE_S27_MESSAGES_LOST_LATE_OR_OUT_OF_ORDER + 1];
};

struct judge;

/* shipped: the policies are the shipped one with other numbers, so that what its tables promise is checked too (I3, I5, I6,
 * the order of facts, S02 and S23). Otherwise what holds whatever the tables say. */
struct judge *judge_new(bool shipped);
void judge_free(struct judge *j);

/* The next record of signalling's journal; of monitoring's, under the cause at hand; the cause at hand is complete. False
 * when something does not hold: judge_why(). */
bool judge_hear(struct judge *j, const struct record *r);
bool judge_see(struct judge *j, const struct record *r);
bool judge_end(struct judge *j);
const char *judge_why(const struct judge *j);

/* All that two journals hold behind what was read before; both complete up to the same cause. */
bool judge_read(struct judge *j, const struct row_source *signalling, const struct row_source *monitoring);

const struct judge_counts *judge_counted(const struct judge *j);
unsigned judge_case_count(const struct judge *j);
const struct judge_case *judge_case_at(const struct judge *j, unsigned i);
/* Also by an id that was linked; NULL when unknown. */
const struct judge_case *judge_case_of(const struct judge *j, const char *case_id);
/* Open cases, of one region where it is not NULL. */
unsigned judge_open_count(const struct judge *j, const char *region);
const struct judge_deadline *judge_deadline_of(const struct judge_picture *p, int kind, const char *reference);

#endif
