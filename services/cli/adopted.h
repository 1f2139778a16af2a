// SPDX-License-Identifier: EUPL-1.2
/* adopted.h - what was adopted, read from intake's journal: which policy and which registry hold on a day.
 *
 * Computed as the services do, in a temporary store that is thrown away. */
#ifndef DOORBRAAK_ADOPTED_H
#define DOORBRAAK_ADOPTED_H

#include "common/policy.h"
#include "common/registry.h"
#include "services/cli/asking.h"

/* An adoption, as it stands in the journal. */
struct adopted_record {
	uint64_t seq;
	cal_day day;                        /* on which it was adopted */
	const pb_PolicyAdopted *policy;     /* or */
	const pb_RegistryAdopted *registry; /* one of them is NULL */
	const struct adopted_record *next;
};

struct adopted;

/* An exit code. */
int adopted_read(struct adopted **out, struct cli *cli, struct system *system);
void adopted_close(struct adopted **adopted);

const struct adopted_record *adopted_records(const struct adopted *adopted);
/* The local day of intake's clock; today where it has no time yet. */
cal_day adopted_today(const struct adopted *adopted);
/* What applies; NULL when nothing does. Valid until the next call. */
const struct policy_view *adopted_policy(struct adopted *adopted, cal_day day, const char *region);
/* Was this record put into the view of that version ("1.0.0+JZ32-1.1.0")? */
bool adopted_is_of(const pb_PolicyAdopted *policy, const char *version);
/* A row as adopted, by the version of the policy and its id; the region's own first. NULL when unknown. */
const pb_RuleRow *adopted_row(const struct adopted *adopted, const char *version, const char *id);

enum registry_found adopted_place(struct adopted *adopted, const char *municipality, cal_day day,
				  struct registry_place *place);
bool adopted_region(struct adopted *adopted, const char *region, cal_day day, struct registry_place *place);
bool adopted_feature(struct adopted *adopted, const char *region, int ask, cal_day day);
struct code adopted_registry_version(struct adopted *adopted, cal_day day);

#endif
