// SPDX-License-Identifier: EUPL-1.2
/* record.h - the contract in C: decoding, validating, encoding, and looking at messages by name.
 *
 * The only file that includes the generated *.pb-c.h (through contract.h): pb_X is the struct of message X, and the
 * enums of codes.proto are plain C enums (CASE_STATE_SCREENING). Decoded messages live in an arena and are never freed
 * singly; text in them is valid as long as the arena is.
 *
 * Decoding looks at the size before it unpacks, stops when unpacking takes more than 16 times the input (plus 4 KiB), and
 * checks afterwards: UTF-8, no NUL inside text, enum values known. From outside, unknown fields are refused as well; between
 * services they pass (rolling upgrades). Encoding is deterministic: same message, same bytes. */
#ifndef DOORBRAAK_RECORD_H
#define DOORBRAAK_RECORD_H

#include "codes.h"
#include "common/arena.h"
#include "common/calendar.h"
#include "common/err.h"
#include "contract.h"

#define RECORD_SUBMISSION_MAX (64u << 10)         /* bytes of a submission */
#define RECORD_ADOPTION_MAX   (1u << 20)          /* bytes of RegistryAdopted and PolicyAdopted */
#define RECORD_REQUEST_MAX    ((1u << 20) + 4096) /* bytes of a Request */
#define RECORD_REPLY_MAX      (8u << 20)          /* bytes of a Reply */
#define RECORD_REPEATED_MAX   64 /* elements of a repeated field, save registry rows and policy tables */
#define RECORD_VIOLATIONS_MAX 64

/* ---- decoding and encoding ---- */

/* Unpacks `b` as `descriptor` into the arena. NULL when malformed, too large or amplified; *why then says so. */
void *record_unpack(struct arena *a, const ProtobufCMessageDescriptor *descriptor, struct bytes b, size_t max,
		    struct why *why);
/* The bytes of a message, in the arena. */
struct bytes record_pack(struct arena *a, const ProtobufCMessage *message);
#define RECORD_PACK(a, m) record_pack((a), &(m)->base)

/* A journal record, decoded, with what everybody asks of it at hand. */
struct record {
	struct bytes raw;
	const pb_JournalRecord *journal;
	const pb_IntakeRecord *intake;   /* NULL for an answer */
	const pb_Answer *answer;         /* NULL for a record of intake */
	const pb_Submission *submission; /* of an accepted submission, else NULL */
	bool opens;
	uint64_t cause;
	int64_t at_ms;
	/* It is about something that these programs have no name for: newer ones wrote it. Fields that are unknown in what has a
	 * name are no matter: they travel on with the bytes. */
	bool newer;
};
/* False when it cannot be read (a damaged upstream: the caller is fatal; or record->newer). */
bool record_read(struct arena *a, struct bytes raw, struct record *record, struct why *why) MUST_USE;

/* ---- validation of what comes from outside (vocabulary.md 1-3; rules.md 4.2, the reasons of intake) ---- */

struct violation {
	int reason;        /* REASON_... */
	const char *field; /* path, in the arena */
	const char *text;  /* what to do; never content of the message */
};
struct violations {
	struct violation v[RECORD_VIOLATIONS_MAX];
	unsigned count; /* more than fit are dropped, the most important are kept */
};
void violations_add(struct violations *vs, int reason, const char *field, const char *text);
/* Most important first, in the order of the reasons; then in the order they were found. */
void violations_sort(struct violations *vs);

/* Decodes and checks form: sizes, UTF-8, unknown fields, enums, code and id formats, dates, required fields and who may
 * publish (role against message), and the guard against BSN, postcode and e-mail in every text. Not: whether the source is
 * registered, the case known, the time right. NULL with violations; otherwise a submission whose encoding is canonical. */
pb_Submission *record_check_submission(struct arena *a, struct bytes b, struct violations *vs);
/* The same in two steps, for who wants to add what it knows of the source before refusing: decoding alone (NULL with one
 * violation, MALFORMED), and all that is looked at in a decoded one. A submission with violations is only good for asking
 * who sent it: its actor may be absent and its body unset. */
pb_Submission *record_decode_submission(struct arena *a, struct bytes b, struct violations *vs);
void record_check_decoded(struct arena *a, const pb_Submission *submission, struct violations *vs);

bool record_is_code(const char *s); /* A-Z 0-9 -, 1..CODE_MAX */
bool record_is_id(const char *s);   /* letters, digits, -, 1..ID_MAX */
bool record_is_name(const char *s); /* a-z 0-9 _, 1..CODE_MAX */
bool record_is_semver(const char *s);
/* True when a token between separators looks like a BSN (nine digits that pass the eleven test), a postcode (1234AB) or
 * when the text holds an e-mail address. */
bool record_is_forbidden(const char *s);

/* Does role `role` publish message kind `body_case` (DOORBRAAK__V1__SUBMISSION__BODY_..., the number of the field)? The
 * roles of "owner" and "director" only; whether the organisation is the case's is routing's business. */
bool record_role_may_publish(int role, int body_case);
/* Opens a case when it has no case_id; belongs to no case and has no case_id. SignalAcknowledged is neither: it has a
 * case_id when its subject is a case. */
bool record_kind_opens(int body_case);
bool record_kind_has_no_case(int body_case);

/* ---- by name ---- */

/* The body of a submission or an answer as a message, and its name ("PlanAgreed"). NULL and "" when there is none. */
const ProtobufCMessage *record_body(const ProtobufCMessage *envelope);
const char *record_body_name(const ProtobufCMessage *envelope);
/* Descriptor of an enum or message of the contract by its short name; NULL when unknown. */
const ProtobufCEnumDescriptor *record_enum(const char *name);
const ProtobufCMessageDescriptor *record_message(const char *name);
/* Value <-> code without prefix ("SCREENING"); -1 / "" when unknown; 0 is "UNSPECIFIED". A code is also known with its
 * prefix, a signal also as "S01". */
int record_enum_value(const ProtobufCEnumDescriptor *e, const char *code);
const char *record_enum_code(const ProtobufCEnumDescriptor *e, int value);
/* Shorthand: record_code_of("CaseState", 2) -> "SCREENING". */
const char *record_code_of(const char *enum_name, int value);

/* ---- topics (what a pull or a subscriber filters by) ---- */

#define RECORD_TOPICS_MAX 32
/* The topics of a record: kind/<Message>, case/<id>, region/<code>, team/<code>, owner/<code>, centre/<code>,
 * track/<code>; of a signal also signal/S02, to/<organisation> and addressee/<ADDRESSEE>, as many as fit. */
unsigned record_topics(struct arena *a, const struct record *r, const char *topics[RECORD_TOPICS_MAX]);
/* Does one of the topics begin with one of the prefixes? No prefix: yes. */
bool record_topics_match(const char *const *topics, unsigned count, char *const *prefixes, size_t prefix_count);
/* Are all the wanted ones among the topics? A wanted one is a whole topic, or a prefix that ends in *. */
bool record_topics_hold(const char *const *topics, unsigned count, char *const *wanted, size_t wanted_count);

/* ---- small things ---- */

/* Empty protobuf text is "", never NULL, after unpacking and after pb_X_init; this keeps it so when building messages. */
char *record_text(struct arena *a, const char *s);
void record_timestamp(Google__Protobuf__Timestamp *t, int64_t at_ms);
int64_t record_at_ms(const Google__Protobuf__Timestamp *t); /* 0 for NULL */
char *record_date(struct arena *a, cal_day day);            /* "" for CAL_NONE */
cal_day record_day(const char *date);                       /* CAL_NONE for "" */

/* JSON for people and tables: the proto3 mapping, but field names as in the contract, enums without prefix, bytes in
 * hexadecimal. Without `for_people`: the mapping between programs, json_from_message() of json_wire.h. In both, absent fields
 * are left out, fields stand in the order of the contract, 64-bit numbers are text, timestamps RFC 3339 UTC. NUL-terminated,
 * in the arena. */
char *record_json(struct arena *a, const ProtobufCMessage *m, bool for_people);

/* A tree of names and values (from YAML or JSON) as a message. Kinds: map, list, scalar text. */
enum tree_kind { TREE_SCALAR, TREE_LIST, TREE_MAP };
struct tree {
	enum tree_kind kind;
	const char *key;    /* inside a map */
	const char *text;   /* scalar */
	bool quoted;        /* scalar written in quotes */
	unsigned line;      /* where it stands in its file; 0 when unknown */
	struct tree *first; /* children */
	struct tree *next;  /* sibling */
};
const struct tree *tree_get(const struct tree *map, const char *key);
/* Fills a new message from a map. Names as in the contract or in lowerCamelCase, enum codes with or without prefix, dates and
 * timestamps as text (a timestamp also without offset: local time), Participants as `ROLE@ORG` or `ROLE`, Actors as
 * `ROLE@ORG`, bytes in hexadecimal; null is absent. The form of codes and dates is not looked at here. NULL with *why (line,
 * name, remedy; never what looks like content that is forbidden). */
void *record_from_tree(struct arena *a, const ProtobufCMessageDescriptor *d, const struct tree *map, struct why *why);

#endif
