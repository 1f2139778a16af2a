// SPDX-License-Identifier: EUPL-1.2
/* monitoring_query.h - questions about cases: one by its id, or a page of those that fit.
 *
 * A page walks one list of monitoring_index.h, and looks at the head of each case for the other conditions. By id that list
 * is the shortest of those that a condition names, as far as can be told from its first MONITORING_PROBE_MAX cases. By next
 * deadline or last movement such a list of at most MONITORING_SORT_MAX cases is sorted: the work list of an owner, a team;
 * where there is none, the list of that order is walked to the day asked for.
 *
 * A page token says behind which case the page before ended, and of which question it is. Paging by it is right while
 * cases change: one that does not change is given once, one that moves in the order may be given again or not at all. */
#ifndef DOORBRAAK_MONITORING_QUERY_H
#define DOORBRAAK_MONITORING_QUERY_H

#include "services/monitoring/monitoring_state.h"

#define MONITORING_PAGE_MAX   500   /* cases of a page */
#define MONITORING_SCAN_MAX   20000 /* cases looked at for a page; it may then be empty and still have a next one */
#define MONITORING_PAGE_BYTES (4u << 20) /* of pictures in a page; one is always given */
#define MONITORING_PROBE_MAX  256
#define MONITORING_SORT_MAX   5000

/* Fills the reply. False with *why when the question cannot be: a date that is none, a code outside its list, the page token of
 * another question. */
bool monitoring_query(const struct monitoring_db *db, struct store_txn *txn, const pb_CasesRequest *request,
		      pb_CasesReply *reply, struct why *why);

#endif
