// SPDX-License-Identifier: EUPL-1.2
/* monitoring_ask.h - the smaller questions: open deadlines, indicators over a row of periods, registry and policy in force. */
#ifndef DOORBRAAK_MONITORING_ASK_H
#define DOORBRAAK_MONITORING_ASK_H

#include "services/monitoring/monitoring_adopted.h"
#include "services/monitoring/monitoring_report.h"
#include "services/monitoring/monitoring_state.h"

#define PERIODS_MAX 36 /* of a row of periods */

/* Each fills its reply; false with *why when the question cannot be. */

/* The cases are found by next deadline (monitoring_query.h); what a case has open in the span is given together. */
bool ask_deadlines(const struct monitoring_db *db, struct store_txn *txn, const pb_DeadlinesRequest *request,
		   pb_DeadlinesReply *reply, struct why *why);
bool ask_indicators(const struct report_sources *from, struct store_txn *txn, const pb_IndicatorsRequest *request,
		    int64_t closing_ms, pb_IndicatorsReply *reply, struct why *why);
bool ask_registry(const struct report_sources *from, const struct adopted_log *adopted, struct store_txn *txn,
		  const pb_RegistryRequest *request, cal_day today, pb_RegistryReply *reply, struct why *why);
bool ask_policy(const struct report_sources *from, const struct adopted_log *adopted, struct store_txn *txn,
		const pb_PolicyRequest *request, cal_day today, pb_PolicyReply *reply, struct why *why);

#endif
