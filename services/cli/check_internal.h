// SPDX-License-Identifier: EUPL-1.2
/* check_internal.h - what the parts of the proof share. */
#ifndef DOORBRAAK_CHECK_INTERNAL_H
#define DOORBRAAK_CHECK_INTERNAL_H

#include "services/cli/check.h"
#include "services/cli/check_step.h"

#define CHECK_EVENTS_MAX 128

struct check_moves;
struct check_search;

struct checking {
	struct check_report *report;
	const struct check_subject *subject;
	struct arena *arena;
	const struct policy_view *view;
	struct check_event *events[CHECK_EVENTS_MAX];
	unsigned event_count;
};

/* ---- check.c ---- */

/* Compiles the policy and sorts out its events. False after telling that it does not compile. */
bool check_begin(struct checking *c, struct check_report *report, const struct check_subject *subject);

/* A finding about a row, or (row NULL) a table or (table NULL) something by its name. One of a code and row is
 * enough: NULL when it is known. */
struct check_finding *check_tell(struct checking *c, const char *code, const struct rules_table *table, const char *row,
				 const char *format, ...) __attribute__((format(printf, 5, 6)));
struct check_finding *check_note(struct checking *c, const char *code, const char *name, const char *text);
/* What a walk broke. The way to it, when there is one, is that to situation `index`; UINT32_MAX: none. */
void check_tell_break(struct checking *c, const struct check_walk *w, unsigned i, const struct check_search *search,
		      uint32_t index);
/* "OwnerTransferAccepted (..)" */
const char *check_step_text(struct arena *a, const struct check_walk *w);
/* Messages that concern no case, or open none of its doors. */
bool check_is_about_a_case(const char *message);

/* ---- parts ---- */

void check_rows(struct checking *c);
void check_deadline_rules(struct checking *c);
void check_regional(struct checking *c);
void check_people(struct checking *c);
void check_induction(struct checking *c, const struct check_search *search);

/* ---- check_moves.c: where an event leads from a situation, remembered by what it looked at ---- */

struct check_move {
	uint64_t fields;
	situation_bits values;
};

/* Called for every walk that broke something. */
typedef void check_broken(void *ctx, const struct check_walk *w);

struct check_moves *check_moves_new(const struct policy_view *view, const struct check_event *event,
				    check_broken *broken, void *ctx);
void check_moves_free(struct check_moves **moves);
/* Fields that decide where it leads. */
uint64_t check_moves_mask(const struct check_moves *m);
/* Moves that change something; valid until the next call. `seen` may be NULL. */
const struct check_move *check_moves_of(struct check_moves *m, situation_bits s, uint32_t index, unsigned *count);
const struct check_seen *check_moves_seen(const struct check_moves *m);

/* ---- check_search.c ---- */

struct check_search *check_search_run(struct checking *c);
void check_search_free(struct check_search **search);
uint32_t check_search_count(const struct check_search *s);
situation_bits check_search_at(const struct check_search *s, uint32_t index);
/* UINT32_MAX when it is not reached. */
uint32_t check_search_find(const struct check_search *s, situation_bits at);
struct check_moves *check_search_moves(const struct check_search *s, unsigned event);
/* The shortest sequence to it, a line each. */
void check_search_way(const struct checking *c, const struct check_search *s, uint32_t index,
		      const char *way[CHECK_WAY_MAX], unsigned *count);
/* A line for the step that leads from one situation to another; NULL when the event does not. */
const char *check_search_step(const struct checking *c, unsigned event, situation_bits from, situation_bits to);

/* ---- check_ladders.c ---- */

void check_ladders(struct checking *c, const struct check_search *s);

#endif
