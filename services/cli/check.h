// SPDX-License-Identifier: EUPL-1.2
/* check.h - the proof of a policy: what `doorbraak policy check` finds, and `policy adopt` refuses.
 *
 * Five parts, each in files of its own:
 *   rows       every block of every table: holes, rows that the rows above them cover (check_rows.c)
 *   deadlines  kinds that nothing sets or fulfils, messages and misses without a table (check_deadlines.c)
 *   people     rows without Dutch (a note), and cases named to who sees none (check_people.c)
 *   induction  from every situation in which the invariants hold, each row keeps them (check_induction.c)
 *   search     every situation that can be reached: rows that never fire, ladders without end, with the shortest
 *              sequence of messages to where it goes wrong (check_search.c, check_ladders.c)
 * The last two look at a declared abstraction of the case: check_situation.h.
 *
 * A region is checked as its policy is put together with the national one. What is no error: an unconditional last row
 * that does nothing and that no situation reaches; a policy value that no deadline uses (a note). */
#ifndef DOORBRAAK_CHECK_H
#define DOORBRAAK_CHECK_H

#include "common/policy.h"
#include "services/cli/policy_file.h"

#define CHECK_WAY_MAX        64
#define CHECK_SITUATIONS_MAX (4u << 20)

struct check_finding {
	bool note;          /* not wrong */
	const char *code;   /* what kind: SHADOWED */
	const char *region; /* "" for the national policy */
	const char *table;  /* "effects/PlanAgreed"; "" when it concerns none */
	const char *row;    /* id; "" */
	const char *file;   /* "" when unknown */
	unsigned line;
	const char *text;       /* what is wrong, and what to do */
	const char *situation;  /* a counterexample; "" when there is none */
	const char *const *way; /* the shortest sequence of messages and misses to it and through it */
	unsigned way_count;
	const struct check_finding *next;
};

struct check_report {
	struct arena *arena;
	const struct check_finding *first, **end;
	unsigned errors, notes;
	unsigned tables, rows; /* looked at */
	uint64_t situations;   /* met by the searches */
	uint64_t steps;        /* from one to another */
	uint64_t inductions;   /* situations of the induction */
	void (*progress)(void *ctx, const char *what);
	void *progress_ctx;
};

/* A policy as it holds in a region; `regional` NULL: nationally. */
struct check_subject {
	const pb_PolicyAdopted *national, *regional;
	const struct policy_file *files[2]; /* where rows stand; NULL: unknown */
	bool quick;                         /* no search: for those whose tables are the national ones */
};

void check_report_init(struct check_report *report, struct arena *a);
void check_policy(struct check_report *report, const struct check_subject *subject);

#endif
