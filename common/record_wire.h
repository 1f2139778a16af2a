// SPDX-License-Identifier: EUPL-1.2
/* record_wire.h - encoded messages: looking before unpacking, and unpacking within a limit. For the record*.c files, and for
 * who wants one number of a message without reading it.
 *
 * What unpacking hides is looked for in the bytes: text with a NUL inside (it would end there), text that is not UTF-8, enum
 * values that the contract does not know. The contract has no recursive message, so the depth is that of the contract. */
#ifndef DOORBRAAK_RECORD_WIRE_H
#define DOORBRAAK_RECORD_WIRE_H

#include "common/record.h"

#define WIRE_GROWTH        16u   /* unpacking may take so many times the input */
#define WIRE_SLACK         4096u /* and so many bytes more */
#define WIRE_SLACK_OUTSIDE 2048u /* of a submission: what is taken in must stay readable inside a journal record */

enum wire_fault {
	WIRE_GOOD,
	WIRE_BROKEN, /* not a message at all */
	WIRE_TEXT,   /* text that is not UTF-8 or holds a NUL */
	WIRE_ENUM,   /* an enum value outside its list */
};

struct wire_finding {
	enum wire_fault fault;
	char field[256]; /* path of the field, without indexes */
};

/* The first fault; enum values are looked at when asked for. */
enum wire_fault wire_scan(const ProtobufCMessageDescriptor *d, struct bytes b, bool enums,
			  struct wire_finding *finding);
/* True when the message has a field numbered `first` or more, and each such field is one of `numbers`. */
bool wire_has_only(struct bytes b, uint32_t first, const uint32_t *numbers, size_t count);
/* The value of a varint field of the message, the last one where it stands there twice. False: it does not, or cannot be read. */
bool wire_last_varint(struct bytes b, uint32_t number, uint64_t *value);
/* NULL when it cannot be read; *exhausted when that is because of its size in memory. */
ProtobufCMessage *wire_unpack(struct arena *a, const ProtobufCMessageDescriptor *d, struct bytes b, size_t slack,
			      bool *exhausted);

#endif
