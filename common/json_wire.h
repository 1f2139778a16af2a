// SPDX-License-Identifier: EUPL-1.2
/* json_wire.h - messages of the contract as JSON between programs: the proto3 JSON mapping, strict.
 *
 * Written: names in lowerCamelCase, enums by their full name (CASE_STATE_SCREENING), 64-bit numbers as text, bytes in
 * base64, moments in RFC 3339 with Z and 0, 3, 6 or 9 digits of a second; what is absent is left out. A value that this
 * program does not know stays a number. The JSON of the tool and of tables, for people, is record_json() (record.h).
 *
 * Read: the same, and also names as in the contract, enums by number or by their short code (SCREENING), numbers as text
 * or with an exponent as long as they are whole, base64 with - and _ or without =, moments with an offset; null is absent.
 * Refused: unknown names, a name twice (also once in each spelling), two of a oneof, null in a list, values out of
 * range, enum numbers that the contract does not have, text that is not UTF-8 or has a NUL, anything behind the value.
 *
 * Every problem is told with a path such as `planAgreed.actions[2].due`, in the spelling of the text that was read; only
 * what is no JSON at all stops at the first. Problems never repeat content that is forbidden (record_is_forbidden). */
#ifndef DOORBRAAK_JSON_WIRE_H
#define DOORBRAAK_JSON_WIRE_H

#include "common/record.h"

#define JSON_BYTES_MAX    (4u << 20) /* of a text that is read */
#define JSON_DEPTH_MAX    32         /* lists and objects inside each other */
#define JSON_NODES_MAX    200000     /* values in a text */
#define JSON_PROBLEMS_MAX 64

struct json_problem {
	const char *path; /* "" for the whole; in the arena */
	const char
	    *code; /* stable: NOT_JSON, TOO_LARGE, DUPLICATE, UNKNOWN_FIELD, WRONG_TYPE, UNKNOWN_CODE, WRONG_VALUE */
	const char *text; /* what is wrong and what to do, in English; in the arena */
};

/* In the order of the text; more than fit are dropped. {0}: none. */
struct json_problems {
	struct json_problem p[JSON_PROBLEMS_MAX];
	unsigned count;
};

/* A message as text, NUL-terminated, in the arena; "null" for NULL. */
char *json_from_message(struct arena *a, const ProtobufCMessage *m);

/* A text as a message in the arena. False when there are problems. */
bool json_to_message(struct arena *a, const ProtobufCMessageDescriptor *d, struct bytes text, ProtobufCMessage **out,
		     struct json_problems *problems);

/* The same in two steps, for who wants to look at the values first. A tree as in record.h: what is in quotes is `quoted`,
 * numbers, true, false and null are not; the root has no key. NULL with problems. `problems` must be empty before. */
const struct tree *json_parse(struct arena *a, struct bytes text, struct json_problems *problems);
bool json_fill(struct arena *a, const ProtobufCMessageDescriptor *d, const struct tree *tree, ProtobufCMessage **out,
	       struct json_problems *problems);

/* lowerCamelCase of a name of the contract: plan_agreed -> planAgreed. In the arena. */
char *json_name(struct arena *a, const char *name);
/* A text in quotes, escaped, in the arena. */
char *json_quote(struct arena *a, const char *text);

#endif
