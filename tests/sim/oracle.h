// SPDX-License-Identifier: EUPL-1.2
/* oracle.h - what must hold after every run, however cruel: the one judge of simulator, kill test and power cuts.
 *
 *   (a) every acknowledged (source, id) stands in intake's journal exactly once, under the seq and case id that were told;
 *   (b) the other four journals equal a fresh replay of intake's, byte for byte;
 *   (c) every chain is whole, every record can be read;
 *   (d) the invariants of rules.md 4.6, record by record, in the eyes of the judge (judge.h). */
#ifndef DOORBRAAK_ORACLE_H
#define DOORBRAAK_ORACLE_H

#include "common/row.h"

struct oracle_ack {
	char source[ID_MAX + 1];
	char id[ID_MAX + 1];
	char case_id[ID_MAX + 1];
	uint64_t seq;
};

struct oracle_counts {
	uint64_t accepted, answers, cases, missed, rejected;
};

/* (b) alone. */
bool oracle_replay(const struct row_source journals[SERVICE_COUNT], const char *scratch, uint32_t batch,
		   struct why *why);
/* journals: of the five services in the order of the row. scratch: an empty folder for the replay. True when all holds;
 * otherwise *why names the first thing that does not. */
bool oracle_check(const struct row_source journals[SERVICE_COUNT], const struct oracle_ack *acks, size_t ack_count,
		  const char *scratch, uint32_t replay_batch, struct oracle_counts *counts, struct why *why);

#endif
