// SPDX-License-Identifier: EUPL-1.2
/* intake_state.h - what intake keeps: who may speak, what was said before, which cases there are, and the youth keys.
 *
 *   sources    source id                  -> what it may say, in pieces by first day
 *   seen       source id, 0, message id   -> digest of the canonical submission without its youth key, seq, number of the
 *                                            youth, case id; for ever
 *   cases      case id                    -> seq that gave it out, seq that erased it (0: it was not)
 *   sequence   source id                  -> highest number seen
 *   youth      youth key                  -> opaque number
 *   youth_back opaque number              -> youth key, so that erasure finds it
 *   youth_case case id, 0, opaque number  -> nothing: the numbers of every youth that was named with the case
 *   erased     seq of the erasure         -> moment, ground, case id: for the list of erasures (intake_erasures.h)
 *   marks      name                       -> the last youth number; days of first adoptions; `listed`: how far the
 *                                            list of erasures is
 *   registry_* rows of the registry, to check an adoption against (registry.h)
 *
 * The youth key stands in `youth` and `youth_back` and nowhere else, also not under a digest: who holds a key could try it
 * on any. A number is never given out twice, also not after its key was erased. What is deleted here still stands in the
 * file until the node has made a fresh copy of the store (node.h). Nothing here decides: see intake_decide.h. */
#ifndef DOORBRAAK_INTAKE_STATE_H
#define DOORBRAAK_INTAKE_STATE_H

#include "common/digest.h"
#include "common/registry.h"
#include "common/service.h"
#include "services/intake/intake_decide.h"

struct intake_state {
	struct store_db sources;
	struct store_db seen;
	struct store_db cases;
	struct store_db sequence;
	struct store_db youth;
	struct store_db youth_back;
	struct store_db youth_case;
	struct store_db erased;
	struct store_db marks;
	struct registry registry;
};

void intake_state_open(struct intake_state *st, struct store_txn *txn);

/* ---- sources ---- */

/* What a source may say on a day, as far as this role and organisation go. The built-in source INTAKE_OPERATOR needs no
 * row. */
struct intake_permit intake_permit_of(const struct intake_state *st, struct store_txn *txn, const char *source,
				      int role, const char *organisation, cal_day day);
/* How many registrations of a source begin after `today` and before `from`. */
unsigned intake_announced(const struct intake_state *st, struct store_txn *txn, const char *source, cal_day today,
			  cal_day from);
/* From its first day on, it replaces what was registered for the source before; an empty first day means `today`. */
void intake_register(const struct intake_state *st, struct store_txn *txn, const pb_SourceRegistered *r, cal_day today);

/* ---- what was said before ---- */

struct intake_seen {
	struct digest digest; /* of the submission without its youth key */
	uint64_t seq;
	uint64_t youth; /* the number that stands for the key; 0: it had none */
	struct id case_id;
};
bool intake_seen_get(const struct intake_state *st, struct store_txn *txn, const char *source, const char *id,
		     struct intake_seen *seen);
void intake_seen_put(const struct intake_state *st, struct store_txn *txn, const char *source, const char *id,
		     const struct intake_seen *seen);

/* Highest number seen from a source; 0 when it never numbered. */
int64_t intake_sequence_get(const struct intake_state *st, struct store_txn *txn, const char *source);
void intake_sequence_put(const struct intake_state *st, struct store_txn *txn, const char *source, int64_t highest);

/* ---- cases and youths ---- */

bool intake_case_known(const struct intake_state *st, struct store_txn *txn, const char *case_id);
bool intake_case_erased(const struct intake_state *st, struct store_txn *txn, const char *case_id);
/* A fresh id, not yet known: `c-` and four groups of five letters and digits. */
struct id intake_case_fresh(const struct intake_state *st, struct turn *turn);
void intake_case_put(const struct intake_state *st, struct store_txn *txn, const char *case_id, uint64_t seq);

/* The number that stands for a key, a new one where the key is new. 0 for no key. */
uint64_t intake_youth_number(const struct intake_state *st, struct store_txn *txn, const char *youth_key);
/* Was this number given for this key? Also true when the key behind the number was erased: then nobody can tell. */
bool intake_youth_is(const struct intake_state *st, struct store_txn *txn, uint64_t number, const char *youth_key);
/* The youth was named with the case. */
void intake_youth_case(const struct intake_state *st, struct store_txn *txn, const char *case_id, uint64_t number);

/* Erases a case: forgets the key of every youth that was named with it. The numbers stay in the journal and mean nothing
 * any more, for other cases of the same youth too. The case id stays known: what is open must still be closed. */
struct intake_erasure {
	uint64_t seq; /* of the record that says so */
	int64_t at_ms;
	int ground; /* ERASURE_GROUND_... */
	struct id case_id;
};
void intake_erase(const struct intake_state *st, struct store_txn *txn, const struct intake_erasure *erasure);
/* The first erasure behind a seq; false when there is none. */
bool intake_erased_next(const struct intake_state *st, struct store_txn *txn, uint64_t after,
			struct intake_erasure *erasure);

/* The seq of the last erasure that stands in the list outside the store; 0: none does. */
uint64_t intake_listed(const struct intake_state *st, struct store_txn *txn);
void intake_listed_put(const struct intake_state *st, struct store_txn *txn, uint64_t seq);

/* ---- adoptions ---- */

/* The day on which the first adoption was made; CAL_NONE when there was none. `what`: INTAKE_REGISTRY, or the region of
 * a policy ("" for the country). */
#define INTAKE_REGISTRY "registry"
cal_day intake_first_adopted(const struct intake_state *st, struct store_txn *txn, const char *what);
void intake_adopted_mark(const struct intake_state *st, struct store_txn *txn, const char *what, cal_day today);

#endif
