// SPDX-License-Identifier: EUPL-1.2
/* rules_names.h - codes of the enums that decision tables speak: those of the contract and those of a scope.
 *
 * `ABSENT` stands for the 0 of an enum of the contract, so that a table can ask for a field that was left out. A signal
 * may be called by its number (S19 for S19_PROTECTOR_LATE). */
#ifndef DOORBRAAK_RULES_NAMES_H
#define DOORBRAAK_RULES_NAMES_H

#include "common/nearest.h"
#include "common/rules.h"

#define RULES_ABSENT "ABSENT"

struct rules_codes {
	const struct rules_enum *own; /* one of the two is set */
	const ProtobufCEnumDescriptor *contract;
};

/* False when there is no enum of that name. */
bool rules_codes_find(const struct rules_scope *scope, const char *enum_name, struct rules_codes *codes);
/* -1 when unknown. */
int rules_codes_value(struct rules_codes codes, const char *text);
/* "" when unknown. */
const char *rules_codes_text(struct rules_codes codes, int value);
/* The i-th code, ABSENT included; NULL behind the last. */
const char *rules_codes_at(struct rules_codes codes, unsigned i);
void rules_codes_offer(struct rules_codes codes, struct nearest *nearest);

/* A field of a message as a fact; false when it is none (text, messages, fields of a oneof). */
bool rules_field_fact(const ProtobufCFieldDescriptor *field, struct fact_def *def);

#endif
