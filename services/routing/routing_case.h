// SPDX-License-Identifier: EUPL-1.2
/* routing_case.h - the file of a case: all that routing knows of it, as a plain value.
 *
 * It holds decisions, codes, dates and counts; nothing about a person. The functions here keep its parts in order (sets
 * sorted, one deadline a kind and reference) and turn it into bytes and back; none of them decides anything. */
#ifndef DOORBRAAK_ROUTING_CASE_H
#define DOORBRAAK_ROUTING_CASE_H

#include "codes.h"
#include "common/calendar.h"
#include "common/err.h"

#define CASE_CODES_MAX     16 /* supporters, or offers */
#define CASE_ACTIONS_MAX   64 /* of a plan: RECORD_REPEATED_MAX */
#define CASE_DEADLINES_MAX 96 /* 29 kinds with one, and ACTION for each action */
#define CASE_BYTES_MAX     (48u << 10)

#define ORGANISATION_NATIONAL_TEAM         "NAT-VWS"
#define ORGANISATION_NATIONAL_SUPPORT_TEAM "OZJ"
#define ORGANISATION_CCE                   "CCE"

/* A sorted set of organisations. */
struct code_set {
	uint8_t count;
	struct code of[CASE_CODES_MAX];
};

struct case_deadline {
	uint8_t kind; /* DEADLINE_KIND_... */
	bool hard;
	cal_day due;         /* last day */
	cal_day start;       /* the term counts from here */
	cal_day set_on;      /* intake's day when it was set */
	cal_day warn_on;     /* early warning; CAL_NONE: none, or given */
	struct id reference; /* action id for ACTION, else empty */
	struct code rule;    /* of the row that set it */
};

struct case_action {
	struct id id;
	struct code organisation;
	cal_day done_on; /* CAL_NONE: not done */
};

struct case_file {
	struct id id;
	uint64_t youth; /* intake's number of the youth; 0 unknown */
	uint8_t state, track, level, governance, consent, mandate;
	uint8_t consent_by;  /* bits of Person */
	uint8_t age_band;    /* AGE_BAND_... */
	uint8_t submitter;   /* SUBMITTER_KIND_... */
	uint8_t completions; /* COMPLETION set since the case became INCOMPLETE */
	bool urgent, in_top100, measure_active, placed, support_asked, bridging;
	bool was_accepted, ec_decided, mandate_was_granted, protector_assigned, contact_held;
	bool funder_required; /* the funder of the moment is a required participant */
	bool funder_invited;
	uint32_t desk_contacts;
	uint64_t invited; /* bits of Role: kinds of participants invited to the team meeting */
	cal_day last_on;  /* effect date of the last applied message */
	cal_day realised_on, effective_on;
	cal_day meeting_on;                     /* date of the scheduled team meeting */
	struct code owner, pending, last_owner; /* last_owner: of a closed case */
	struct code funder, region, team, centre;
	struct code_set supporters, offered;
	uint8_t action_count, deadline_count, missed_count;
	/* Only the first `.._count` of these hold anything. */
	struct case_action actions[CASE_ACTIONS_MAX];
	struct case_deadline deadlines[CASE_DEADLINES_MAX]; /* open */
	struct case_deadline
	    missed[CASE_DEADLINES_MAX]; /* missed, not yet cleared: the first of its kind and reference */
};

/* An empty file: no state, no dates. Its arrays are left as they are. */
void case_init(struct case_file *file);

/* Copies what is in use. */
void case_copy(struct case_file *to, const struct case_file *from);

static inline bool
case_is_open(const struct case_file *file)
{
	return file->state != CASE_STATE_CLOSED && file->state != CASE_STATE_UNSPECIFIED;
}

/* Field by field, big-endian, behind a byte for the version. `out` has room for CASE_BYTES_MAX. */
size_t case_pack(struct case_file *file, uint8_t *out);
/* False when the bytes are no case file. */
bool case_unpack(struct case_file *file, struct bytes b) MUST_USE;

/* OrganisationKind by the form of a code; UNSPECIFIED for an empty one. */
int organisation_kind(const char *code);
bool organisation_is_team(const char *code); /* team or landing place */
/* The local team of a gemeente. */
struct code organisation_local_team(struct code municipality);
/* The same organisation, or a gemeente and its own local team, which act for one another. */
bool organisation_same_side(struct code a, struct code b);

bool code_set_has(const struct code_set *set, struct code code);
bool code_set_add(struct code_set *set, struct code code);    /* true when it was not there and there was room */
bool code_set_remove(struct code_set *set, struct code code); /* true when it was there */

/* The deadline of that kind and reference among `count`; -1 when there is none. */
int case_deadline_find(const struct case_deadline *deadlines, unsigned count, int kind, const char *reference);
/* Bits of DeadlineKind. */
uint64_t case_deadline_kinds(const struct case_deadline *deadlines, unsigned count);
struct case_action *case_action_find(struct case_file *file, const char *id);

/* The day on which it is missed if it still stands open: its effect day (rules.md 3.1). */
cal_day case_deadline_missed_on(const struct case_deadline *deadline);

/* The level that follows from owner and supporters (rules.md 4.1). */
int case_level(const struct case_file *file);

#endif
