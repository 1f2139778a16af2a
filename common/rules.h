// SPDX-License-Identifier: EUPL-1.2
/* rules.h - decision tables: total, terminating, explainable.
 *
 * A table is a list of blocks, all run in order; a block is a list of rows, the first that fits wins; the last row of a
 * block has no condition. Facts are a snapshot taken before the table runs: an array of whole numbers, addressed by
 * index. There are no loops, no expressions and no nesting, so a table ends after at most the number of its rows.
 *
 * Names are bound once, when a table is compiled from its record (policy.proto) against a scope: the facts and verbs
 * that the C side offers. Facts of a table for a message are the facts of the scope, then the fields of the message
 * (enums, bools, whole numbers, dates, and repeated enums as sets). Evaluation allocates nothing. */
#ifndef DOORBRAAK_RULES_H
#define DOORBRAAK_RULES_H

#include "common/record.h"

#define RULES_FACTS_MAX     128 /* of the scope and the message together */
#define RULES_BLOCKS_MAX    32
#define RULES_ROWS_MAX      512 /* of a table */
#define RULES_ARGUMENTS_MAX 10  /* of an effect */
#define RULES_EFFECTS_MAX   16  /* of a row */
#define RULES_NEAR_MAX      8

enum fact_type {
	FACT_BOOL, /* 0 or 1 */
	FACT_INT,
	FACT_DAY,  /* cal_day; CAL_NONE when absent */
	FACT_ENUM, /* value of `enum_name`, 0 absent; at most 63 */
	FACT_SET,  /* bits of values of `enum_name` */
};

struct fact_def {
	const char *name;
	enum fact_type type;
	const char *enum_name; /* for ENUM and SET: an enum of the contract, or of scope.enums */
	const char *meaning;   /* one line for the docs */
};

/* An enum that exists in the tables only (such as who a verb is about). */
struct rules_enum {
	const char *name;
	const char *const *codes; /* value = index; NULL-terminated */
};

/* A verb and the kinds of its arguments, one word each: an enum's name, `int`, `bool`, `text`, `fact` (a settable fact
 * of the scope, followed by `value` of its type); a last word with `*` may come none or more times, with `?` once or
 * not. */
struct verb_def {
	const char *name;
	const char *arguments;
	const char *meaning;
};

struct rules_scope {
	const char *name; /* RuleTable.scope: "effects" */
	const struct fact_def *facts;
	unsigned fact_count;
	const struct verb_def *verbs;
	unsigned verb_count;
	const struct rules_enum *enums;
	unsigned enum_count;
};

struct rules_condition {
	uint16_t fact;
	uint8_t test;  /* RULE_TEST_... */
	uint64_t mask; /* ONE_OF, HAS */
	int64_t bound; /* AT_LEAST, FROM */
};

struct rules_effect {
	uint8_t verb; /* index in the scope's verbs */
	uint8_t count;
	int64_t arguments[RULES_ARGUMENTS_MAX]; /* enum value, int, bool, fact index, day; for text: index of `texts` */
	const char *texts[RULES_ARGUMENTS_MAX]; /* for text arguments, else NULL */
};

struct rules_row {
	const char *id;   /* "R58.5" */
	const char *rule; /* "R58" */
	const struct rules_condition *when;
	unsigned when_count;
	const struct rules_effect *then;
	unsigned then_count;
	const char *document; /* source */
	const char *point;
};

struct rules_block {
	const struct rules_row *rows;
	unsigned row_count;
};

/* A field of a message that is a fact. */
struct rules_field {
	const ProtobufCFieldDescriptor *field;
	enum fact_type type;
};

struct rules_table {
	const char *event; /* "PlanAgreed", "MISSED.REVIEW" */
	const struct rules_scope *scope;
	const ProtobufCMessageDescriptor *message; /* whose fields follow the scope's facts; NULL for other events */
	const struct rules_field *fields;          /* those fields, in the order of the facts */
	unsigned field_count;
	const struct rules_block *blocks;
	unsigned block_count;
	int stop_verb; /* index of the verb `stop`, -1 when the scope has none */
};

/* Compiles into the arena; all text is copied there. NULL with *why: table, row, name, what is known instead. */
const struct rules_table *rules_compile(struct arena *a, const struct rules_scope *scope, const pb_RuleTable *table,
					struct why *why);

/* Index of a fact in a table's facts, -1 when unknown. */
int rules_fact(const struct rules_table *table, const char *name);
/* Definition of a fact of a table: of the scope, or made from the message's field. */
struct fact_def rules_fact_def(const struct rules_table *table, unsigned fact);

/* Fills facts[scope.fact_count ..] from the fields of a message of the table's kind (NULL: all absent). */
void rules_message_facts(const struct rules_table *table, const ProtobufCMessage *message, int64_t *facts);

struct rules_near {
	const struct rules_row *row;
	uint16_t fact; /* the one that did not fit */
};

struct rules_result {
	const struct rules_row *hits[RULES_BLOCKS_MAX]; /* the winning row of each block that was run */
	unsigned hit_count;
	struct rules_near near[RULES_NEAR_MAX]; /* rows above a winner that missed by exactly one fact */
	unsigned near_count;
};

/* Runs the table. `near` is filled when asked for. Pure. */
void rules_run(const struct rules_table *table, const int64_t *facts, bool want_near, struct rules_result *result);

/* The value of a fact as text for people and for Fact.value ("SCREENING", "true", "5", "2021-03-08", "A,B"). */
const char *rules_fact_text(struct arena *a, const struct rules_table *table, unsigned fact, int64_t value);

#endif
