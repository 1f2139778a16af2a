// SPDX-License-Identifier: EUPL-1.2
/* record_kinds.h - the kinds of submissions: who may publish them and what they need. For the record*.c files, and for who proves
 * that tables cannot meet what intake refuses.
 *
 * One table, from section 3 of the vocabulary: columns Who and Fields (those in bold). */
#ifndef DOORBRAAK_RECORD_KINDS_H
#define DOORBRAAK_RECORD_KINDS_H

#include "common/record.h"

#define KIND_REQUIRED_MAX 4

/* Names of the fields that a kind of submission must have, NULL-terminated; conditions are record_check.c's. */
const char *const *kind_required(int body_case);

/* May this role decide an escalation of this kind? */
bool kind_role_may_decide(int role, int escalation_kind);

#endif
