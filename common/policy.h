// SPDX-License-Identifier: EUPL-1.2
/* policy.h - the policies a service knows, by date and region.
 *
 * Kept in the service's store exactly as adopted; what applies on a day is put together from the national policy valid
 * then and the region's own on top of it (values by key, rows by id, deadlines by kind), compiled once and cached. The
 * cache is only a cache: policy_forget() drops it after an aborted batch.
 *
 * A policy adopted later with the same or an earlier valid-from never changes what applied before it was adopted
 * (rules.md I15): the first adoption may lie in the past (and what is adopted on that same day, before anything older
 * can exist), later ones count from the day after adoption at the earliest. The first is counted for the national
 * policy and for each region by itself. */
#ifndef DOORBRAAK_POLICY_H
#define DOORBRAAK_POLICY_H

#include "common/digest.h"
#include "common/rules.h"
#include "common/store.h"

#define POLICY_VALUES_MAX 128
#define POLICY_TABLES_MAX 256
#define POLICY_VIEWS_MAX  64 /* combinations of version and region kept compiled */

/* Most that a team can say about its agenda (R30). */
#define POLICY_MEETING_CASES_MAX 100
#define POLICY_MEETING_CYCLE_MAX 366 /* days */

struct policy_value {
	const char *key;
	int32_t value;
	enum term_unit unit; /* TERM_NONE: a plain number */
	bool hard;           /* a region's own number does not count */
};

struct policy_deadline {
	int kind;             /* DEADLINE_KIND_... */
	struct term terms[4]; /* by track; TERM_NONE: not set on that track */
	const char *anchor;   /* fact, "" for the day of the event */
	bool hard;
	bool backwards;
	uint32_t ends_with;              /* bits of CaseState */
	const char *const *fulfilled_by; /* names of messages, NULL-terminated */
	const char *rule;
};

struct policy_capacity {
	const char *team;
	int32_t cases_per_meeting;
	int32_t cycle_days;
};

struct policy_baseline {
	const char *code;    /* K21, K22, S15, S16 */
	const char *subject; /* "" for the whole country */
	int64_t count;
	cal_day from, to;
};

/* What applies on one day in one region. Valid until policy_forget() or the next adoption, and as long as fewer than
 * POLICY_VIEWS_MAX other views are asked for. `version` of a region's view is "1.0.0+JZ32-1.1.0". `hash` is the digest
 * of the stored national record; for a region with a policy of its own the digest of both digests. */
struct policy_view {
	const char *version;
	struct digest hash; /* content hash of the records it was made of */
	const struct policy_value *values;
	unsigned value_count;
	const struct rules_table *const *tables; /* sorted by scope, event */
	unsigned table_count;
	struct policy_deadline deadlines[32]; /* by kind; kind 0: the policy has no such deadline */
	struct calendar calendar;
	const struct policy_capacity *capacities; /* of the region first: the first that fits counts */
	unsigned capacity_count;
	const struct policy_baseline *baselines; /* of the region first */
	unsigned baseline_count;
};

struct policy_book;

/* scopes: those whose tables this service compiles; others are kept and passed over. */
struct policy_book *policy_new(const struct rules_scope *const *scopes, unsigned scope_count);
void policy_free(struct policy_book **book);
/* Also tries whatever was adopted: one that names what these programs do not know (another version adopted it) ends the
 * process here, with a line that says which and why, not on the day that somebody needs it. */
void policy_open(struct policy_book *book, struct store_txn *txn);
void policy_forget(struct policy_book *book);

/* Keeps an adopted policy, decoded from `raw` (the PolicyAdopted message's own bytes are packed from it), and tries it, as
 * policy_open() does. */
void policy_adopt(struct policy_book *book, struct store_txn *txn, const pb_PolicyAdopted *adopted, cal_day today);

/* Does it compile: every table of every scope given, every value and deadline? Used by intake and the tool. The field
 * of a violation is "<scope>/<event> <row>", or the name of the value or deadline. */
bool policy_check(const struct rules_scope *const *scopes, unsigned scope_count, const pb_PolicyAdopted *adopted,
		  struct violations *vs, struct arena *a);

/* The region's rows put into the national table, as views have them: in the place of the row with the same id, or before
 * the last row of the block with the same number. */
pb_RuleTable *policy_table_merged(struct arena *a, const pb_RuleTable *national, const pb_RuleTable *regional);

/* NULL when no policy applies on that day. */
const struct policy_view *policy_on(struct policy_book *book, struct store_txn *txn, cal_day day, const char *region);

/* Tables by event; NULL when there is none. */
const struct rules_table *policy_table(const struct policy_view *view, const char *scope, const char *event);
/* A value by key; false when absent. */
bool policy_value(const struct policy_view *view, const char *key, int32_t *value);
/* The same with its unit. `otherwise` where no policy is in force, or it has no such value with wd, d or months. */
struct term policy_value_term(const struct policy_view *view, const char *key, struct term otherwise);
/* Is a wait of so many days a long one (R40, K12)? Longer than the value `waiting_days`, 28 where there is none. */
bool policy_waits_long(const struct policy_view *view, int32_t days);
/* What a team takes on (R30): its own figures, where it gives none the values `meeting_cases` and `meeting_cycle`, within
 * the limits above. 0 where nobody says: there is no limit. */
struct policy_capacity policy_capacity_of(const struct policy_view *view, const char *team);

#endif
