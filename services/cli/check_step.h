// SPDX-License-Identifier: EUPL-1.2
/* check_step.h - one step of a case on the abstraction: a message or a missed deadline, through its tables.
 *
 * A walk goes through the `accept` table, then all blocks of the `effects` table, and does to the situation what
 * routing does to a case (routing_effects.c, routing_parties.c, routing_deadlines.c). Whatever the situation does not
 * hold is chosen: a walk is repeated for every combination of choices. What a walk read of the situation decides all
 * that it does, so its outcome counts for every situation with the same values there (check_moves). */
#ifndef DOORBRAAK_CHECK_STEP_H
#define DOORBRAAK_CHECK_STEP_H

#include "common/scope_effects.h"
#include "services/cli/check_situation.h"

#define CHECK_CHOICES_MAX 255
#define CHECK_WALKS_MAX   100000 /* of an event from one situation */
#define CHECK_FACTS_MAX   64     /* looked at by the tables of an event */
#define CHECK_CLASSES_MAX 64
#define CHECK_BREAKS_MAX  4

/* A fact that the tables of an event look at: a value of each class that no condition tells apart. Of a set: bits, of
 * which each is there or not. */
struct check_fact {
	uint16_t fact;
	uint8_t count;
	bool full; /* there are more: nothing is proven */
	int64_t classes[CHECK_CLASSES_MAX];
};

struct check_event {
	const char *name;
	const struct rules_table *accept, *effects;      /* NULL: none */
	const ProtobufCMessageDescriptor *message;       /* NULL: a missed deadline */
	const char *const *required;                     /* fields that intake asks for; NULL-terminated */
	const struct rules_table *any;                   /* effects, else accept: for names and values of facts */
	int kind;                                        /* missed; 0: a message */
	bool opens, always_opens;                        /* a case, when it names none; it never names one */
	bool ends_support;                               /* the last valid day of a supporter has passed; no table */
	bool names, moves;                               /* names an organisation; brings a new residence */
	uint8_t tracks;                                  /* bits: that a case opened by it may begin on */
	int reason_fact, approver_fact, considered_fact; /* looked at by I5 and I6; -1 */
	unsigned row_count;                              /* of both tables; accept first */
	unsigned fact_count;
	struct check_fact facts[CHECK_FACTS_MAX];
};

/* How far the conditions of a row were met. */
struct check_seen {
	bool fired;
	uint8_t met;       /* conditions, in order, before one did not hold */
	situation_bits at; /* there */
	int64_t value;     /* of the fact that did not fit */
	uint32_t index;    /* of the situation, for the way to it */
};

enum check_break {
	BREAK_NONE,
	BREAK_OWNERLESS,    /* I1 */
	BREAK_STATELESS,    /* a new case without state */
	BREAK_FUNDER,       /* I3 */
	BREAK_OWNER,        /* I4 */
	BREAK_NOT_AN_OWNER, /* an organisation that can never own */
	BREAK_UNSETTABLE,   /* `flag` of a fact that cannot be set */
	BREAK_UNPROVEN,     /* I5: closed without the facts or a reason and who approved */
	BREAK_SCALED_DOWN,  /* I5: verifying without the first fact, scaled down without both */
	BREAK_TRACK,        /* placed, or under a measure, on a track that cannot be */
	BREAK_CENTRE,       /* I6 */
	BREAK_OUTSIDE,      /* a deadline is set where nothing ends it */
	BREAK_OUTLIVES,     /* a deadline outlives what it is about */
	BREAK_NO_DEADLINE,  /* a state is entered without its deadline */
	BREAK_SILENCE_CLOSES,
	BREAK_SILENCE_OWNER,
	BREAK_SILENCE_LOWERS,
	BREAK_GAVE_UP, /* more than CHECK_WALKS_MAX walks */
	BREAK_COUNT,
};

struct check_walk {
	const struct policy_view *view;
	const struct check_event *event;
	struct check_seen *seen;   /* row_count; NULL: not asked for */
	uint32_t index;            /* of `before`, for `seen` */
	situation_bits from;       /* where it begins */
	situation_bits before, at; /* with what was chosen for fields that are not kept; as it becomes */
	uint64_t read, written;    /* fields: of `from`, of `at` */
	uint64_t chosen_fields;    /* not kept, and asked for */
	/* choices: a walk is a path through them; the next one differs in the last that has more */
	uint8_t choice[CHECK_CHOICES_MAX], radix[CHECK_CHOICES_MAX];
	unsigned chosen, planned, walks;
	/* of the event */
	int64_t facts[RULES_FACTS_MAX];
	bool known[RULES_FACTS_MAX];
	int target;         /* enum target; -1: not yet chosen */
	int named;          /* enum party; -1: not yet chosen */
	int named_is_owner; /* where party alone does not tell; -1: not yet chosen */
	enum party owner_before;
	bool is_new, accepted, stopped;
	/* what happened */
	const struct rules_row *row;  /* at work */
	uint64_t set, ended, touched; /* kinds: last thing done by this walk; by this row */
	struct {
		enum check_break what;
		const struct rules_row *row; /* NULL: none did it */
		int kind;                    /* of deadline; 0 */
	} breaks[CHECK_BREAKS_MAX];
	unsigned break_count;
	const struct rules_row *hits[2 * RULES_BLOCKS_MAX];
	unsigned hit_count;
};

/* Sorts out what the tables of an event look at. False when it is more than CHECK_FACTS_MAX. */
bool check_event_init(struct check_event *event);

/* Begins the walks of an event from a situation. */
void check_walk_init(struct check_walk *w, const struct policy_view *view, const struct check_event *event,
		     situation_bits before);
/* The next walk; false behind the last. One that the accept table refuses, or where the event cannot be, has
 * `accepted` false. */
bool check_walk_next(struct check_walk *w);
/* What the message said, as far as the rows that fired looked at it: "decision RETURN, target_is TEAM". */
const char *check_walk_text(struct arena *a, const struct check_walk *w);

/* ---- inside ---- */

unsigned check_choose(struct check_walk *w, unsigned count);
unsigned check_early(struct check_walk *w, enum check_field field); /* as it was before the event */
unsigned check_now(struct check_walk *w, enum check_field field);   /* as it is at this moment */
bool check_may_run_early(struct check_walk *w, int kind);
void check_put(struct check_walk *w, enum check_field field, unsigned value);
void check_found(struct check_walk *w, enum check_break what, int kind);

/* check_facts.c */
int64_t check_fact_value(struct check_walk *w, unsigned fact);
enum party check_named(struct check_walk *w);
bool check_row_fits(struct check_walk *w, const struct rules_row *row, struct check_seen *seen);

/* check_verbs.c */
void check_row(struct check_walk *w, const struct rules_row *row);
void check_settle(struct check_walk *w);

#endif
