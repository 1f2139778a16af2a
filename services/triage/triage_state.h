// SPDX-License-Identifier: EUPL-1.2
/* triage_state.h - what triage keeps: registry and policies by date (registry.h, policy.h), and its classified cases.
 *
 *   triaged   case id -> track on which it began
 *
 * A case whose opening was rejected has no row: whatever is said about it later gets UNKNOWN_CASE. */
#ifndef DOORBRAAK_TRIAGE_STATE_H
#define DOORBRAAK_TRIAGE_STATE_H

#include "common/policy.h"
#include "common/registry.h"

struct triage_state {
	struct store_db triaged;
	struct registry registry;
	struct policy_book *policies; /* a cache over the store; made at the first open */
};

void triage_state_open(struct triage_state *st, struct store_txn *txn);
void triage_state_close(struct triage_state *st);

bool triage_case_known(const struct triage_state *st, struct store_txn *txn, const char *case_id);
void triage_case_put(const struct triage_state *st, struct store_txn *txn, const char *case_id, int track);

#endif
