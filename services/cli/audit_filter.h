// SPDX-License-Identifier: EUPL-1.2
/* audit_filter.h - which records of the access log are wanted, and how they leave the log: for those who may ask who looked.
 *
 * The columns follow NEN 7513: event, action, outcome, moment, who, role, on whose responsibility, about whom, why, where. What
 * Doorbraak does not know (the person behind a key; a legal basis beside the purpose) is not there. Emergency use does not
 * exist: no key can do more than it may. */
#ifndef DOORBRAAK_AUDIT_FILTER_H
#define DOORBRAAK_AUDIT_FILTER_H

#include "services/cli/asking.h"

struct audit_filter {
	const char *case_id, *key, *organisation; /* NULL: any */
	cal_day from, to;                         /* local days, both included; CAL_NONE: any */
};

/* Reads --case, --key, --organisation, --from and --to. False after telling what is wrong. */
bool audit_filter_read(struct cli *cli, struct audit_filter *filter);
bool audit_filter_fits(const struct audit_filter *filter, const pb_AccessRecord *record);

/* One record as a line of CSV (RFC 4180) or of JSON; the heads of the columns. */
void audit_csv_heads(FILE *out);
void audit_export(FILE *out, bool json, struct arena *a, unsigned service, uint64_t seq, const pb_AccessRecord *record);

#endif
