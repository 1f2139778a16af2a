// SPDX-License-Identifier: EUPL-1.2
/* check_situation.h - the declared abstraction of a case, over which `policy check` searches.
 *
 * A situation is what stands in CHECK_FIELDS below, and nothing else, in one word of 64 bits. All else that a table can
 * look at is free: at every step it may have every value it can have at all (who speaks, what the message says, the
 * mandate, which deadlines without a field are open, counts, dates). So the search meets every situation that a real
 * case can be in, and some that none can: what it calls unreachable is unreachable. tests/unit/check_steps_test.c holds
 * each step of it against the real routing.
 *
 * Organisations are seen from the case (enum party): the local team of the funder, the funder, the team of the case,
 * another team, the national team, and the local team and municipality of a former funder.
 *
 * Some fields are kept only where they matter (check_is_kept): elsewhere they are free, too.
 *
 * A deadline without a field of its own may be open wherever check_may_run() says; that nothing sets it elsewhere, and
 * that nothing takes away what it is about without ending it, is proven of every row (check_step.h). */
#ifndef DOORBRAAK_CHECK_SITUATION_H
#define DOORBRAAK_CHECK_SITUATION_H

#include "codes.h"
#include "common/policy.h"

/* name, bits, largest value, why it is kept */
#define CHECK_FIELDS(X)                                                                                                \
	X(STATE, 4, 11, "CaseState; RECEIVED before the case is opened")                                               \
	X(TRACK, 2, 3, "Track: I4, terms")                                                                             \
	X(GOVERNANCE, 2, 3, "Governance: its ladder must end")                                                         \
	X(OWNER, 3, 7, "party: I1, I4")                                                                                \
	X(PENDING, 3, 7, "party that was asked to take over")                                                          \
	X(WITHDRAWN, 1, 1, "consent is withdrawn: it closes ways")                                                     \
	X(HAS_TEAM, 1, 1, "the case has a team or landing place")                                                      \
	X(TEAM_SUPPORTS, 1, 1, "that team is a supporter")                                                             \
	X(CENTRE_SUPPORTS, 1, 1, "the centre of the region is a supporter: I6")                                        \
	X(WAS_ACCEPTED, 1, 1, "a screener once accepted the case")                                                     \
	X(REALISED, 1, 1, "first fact of I5")                                                                          \
	X(EFFECTIVE, 1, 1, "second fact of I5")                                                                        \
	X(EC_ASKED, 1, 1, "EC_DECISION is open or missed: I6")                                                         \
	X(EC_DECIDED, 1, 1, "the next rung of the content ladder may be asked")                                        \
	X(AUTHORISED, 1, 1, "AUTH_EXPIRY is open")                                                                     \
	X(PLACED, 1, 1, "in a closed placement")                                                                       \
	X(MEASURE_ACTIVE, 1, 1, "a court measure runs")                                                                \
	X(SUPPORT_ASKED, 1, 1, "the team was asked to support")                                                        \
	X(COMPLETIONS, 2, 2, "COMPLETION set since INCOMPLETE; 2 stands for more")

enum check_field {
#define CHECK_FIELD_NAME(name, bits, max, why) CHECK_##name,
	CHECK_FIELDS(CHECK_FIELD_NAME)
#undef CHECK_FIELD_NAME
	    CHECK_FIELD_COUNT
};

enum party {
	PARTY_NONE,
	PARTY_LOCAL_TEAM,          /* of the funder */
	PARTY_MUNICIPALITY,        /* the funder */
	PARTY_TEAM,                /* of the case */
	PARTY_OTHER_TEAM,          /* any other team or landing place */
	PARTY_NATIONAL_TEAM,       /* the one there is */
	PARTY_FORMER_LOCAL_TEAM,   /* any other local team */
	PARTY_FORMER_MUNICIPALITY, /* any other municipality */
	PARTY_STORED,              /* the rest cannot own */
	PARTY_CENTRE = PARTY_STORED,
	PARTY_OTHER,
};

typedef uint64_t situation_bits;

#define CHECK_SITUATION_BITS 29 /* in use */

struct check_field_def {
	const char *name;
	uint8_t shift, bits, max;
	const char *why;
};

extern const struct check_field_def check_fields[CHECK_FIELD_COUNT];

static inline uint64_t
check_mask(enum check_field field)
{
	return (((uint64_t)1 << check_fields[field].bits) - 1) << check_fields[field].shift;
}

static inline unsigned
check_get(situation_bits s, enum check_field field)
{
	return (unsigned)((s & check_mask(field)) >> check_fields[field].shift);
}

static inline situation_bits
check_with(situation_bits s, enum check_field field, unsigned value)
{
	return (s & ~check_mask(field)) | (uint64_t)value << check_fields[field].shift;
}

/* REALISED: in VERIFYING and SCALED_DOWN; EFFECTIVE: in SCALED_DOWN; WITHDRAWN, EC_DECIDED: on the voluntary track;
 * AUTHORISED: in closed care; TEAM_SUPPORTS, SUPPORT_ASKED: with a measure or in closed care. Elsewhere the field is 0
 * and says nothing. */
bool check_is_kept(situation_bits s, enum check_field field);
/* With 0 in the fields that are not kept. */
situation_bits check_normal(situation_bits s);
/* Before the message that opens it. */
situation_bits check_unborn(void);
bool check_is_open(situation_bits s);
/* "state EXECUTING, track VOLUNTARY, owner team, consent WITHDRAWN, ..": what is off or unknown is left out. */
const char *check_situation_text(struct arena *a, situation_bits s);
const char *check_party_text(enum party party);

/* A measure or closed care: only a municipality owns, or may be asked to (I4). */
bool check_may_own(situation_bits s, enum party party);
/* I1-I6 and what else is always so; from any such situation no row may break one. */
bool check_is_sound(situation_bits s);
/* The field, besides the state, that check_may_run() looks at for a kind; CHECK_STATE: none. */
enum check_field check_field_of(int kind);
bool check_may_run(const struct policy_view *view, situation_bits s, int kind);
/* The deadline that a state must begin with on a track; 0: none. */
int check_kind_of_state(const struct policy_view *view, unsigned state, unsigned track);

#endif
