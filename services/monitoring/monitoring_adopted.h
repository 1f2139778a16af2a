// SPDX-License-Identifier: EUPL-1.2
/* monitoring_adopted.h - policies and registries as they were adopted.
 *
 *   monitoring_adopted   number in intake's journal -> which of both, day of adoption, version, region, record as read
 *
 * What applies on a day is told by common/policy.h and common/registry.h; here is what it says, row by row, and where it comes
 * from. */
#ifndef DOORBRAAK_MONITORING_ADOPTED_H
#define DOORBRAAK_MONITORING_ADOPTED_H

#include "common/decided.h"
#include "common/service.h"

#define ADOPTED_LIST_MAX 500 /* that are listed; the latest */

struct adopted_log {
	struct store_db db;
};

struct adopted_log adopted_log_open(struct store_txn *txn);
/* Keeps a record whose submission is a PolicyAdopted or a RegistryAdopted; passes over others. */
void adopted_log_take(const struct adopted_log *log, struct turn *turn, const struct record *in);

struct adopted_item {
	uint64_t seq;
	bool is_policy;
	cal_day day;         /* of adoption */
	struct code version; /* as it is written; a longer one is cut */
	struct code region;  /* of a policy */
};
/* All, in the order of adoption; in the transaction's arena. */
const struct adopted_item *adopted_log_list(const struct adopted_log *log, struct store_txn *txn, size_t *count);
/* The record; its bytes and what it was decoded to are the transaction's. */
const struct record *adopted_log_read(const struct adopted_log *log, struct store_txn *txn, uint64_t seq);

/* Looks up policies by the version that a decision names; each is read once. Good for one transaction. */
struct adopted_search {
	const struct adopted_log *log;
	struct store_txn *txn;
	const struct adopted_item *items;
	size_t count;
	const pb_PolicyAdopted **read; /* by place in items; NULL: not yet */
};
struct adopted_search adopted_search_begin(const struct adopted_log *log, struct store_txn *txn);
/* The policies by which a version was made, as they stood before record `until` of intake. */
struct decided_by adopted_search_by(struct adopted_search *search, const char *version, uint64_t until);

/* The list for people, the latest first: of policies, or of registries. What of it is in force the caller says. */
pb_Adoption **adopted_log_tell(const struct adopted_log *log, struct store_txn *txn, bool policies, size_t *count);

#endif
