// SPDX-License-Identifier: EUPL-1.2
#include "services/triage/triage_state.h"

#include "common/scope_triage.h"

void
triage_state_open(struct triage_state *st, struct store_txn *txn)
{
	static const struct rules_scope *const scopes[] = {&scope_triage};

	st->triaged = store_db_open(txn, "triaged");
	st->registry = registry_open(txn);
	if (st->policies == NULL)
		st->policies = policy_new(scopes, 1);
	policy_open(st->policies, txn);
}

void
triage_state_close(struct triage_state *st)
{
	policy_free(&st->policies);
}

bool
triage_case_known(const struct triage_state *st, struct store_txn *txn, const char *case_id)
{
	struct bytes value;

	return case_id[0] != '\0' && store_get(txn, st->triaged, bytes_str(case_id), &value);
}

void
triage_case_put(const struct triage_state *st, struct store_txn *txn, const char *case_id, int track)
{
	const uint8_t value = (uint8_t)track;

	ASSERT(track > 0 && track <= UINT8_MAX);
	store_put(txn, st->triaged, bytes_str(case_id), bytes_of(&value, 1));
}
