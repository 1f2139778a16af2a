// SPDX-License-Identifier: EUPL-1.2
/* monitoring_publish.h - which reports are due, and publishing them.
 *
 * On the first tick behind the end of a period its reports fall due. What time brings about on that day (the deadlines
 * that were missed on the last day of the period) follows the tick in the journal, so they are published before the next
 * record that is no answer to the tick is taken in: their cause is that record, their closing the moment of the tick.
 *
 * Published are, in this order: each team, each steering group, each region for purchasing, each expertise centre, the
 * country, the inspectorates; in each kind by code, for whom the registry knows on the last day of the period. Also when
 * nothing happened: that a team had no case in a quarter is something its steering group should know. */
#ifndef DOORBRAAK_MONITORING_PUBLISH_H
#define DOORBRAAK_MONITORING_PUBLISH_H

#include "common/service.h"
#include "services/monitoring/monitoring_report.h"

/* What fell due and is not published yet; day CAL_NONE: nothing. A copy of what the store holds. */
struct publish_due {
	cal_day day; /* of the tick */
	uint64_t cause;
	int64_t at_ms;
};

struct publishing {
	struct store_db db; /* monitoring_due: nothing -> day, cause, moment of the tick */
	struct publish_due due;
};

struct publishing publishing_open(struct store_txn *txn);
/* A day begins. */
void publishing_tick(struct publishing *p, struct turn *turn, cal_day day);
/* Before a record is taken in. */
void publishing_turn(struct publishing *p, struct turn *turn, const struct report_sources *from);

#endif
