// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/policy_moves.h"

#include "common/policy_merge.h"
#include "common/rules.h"

#define MISSED "MISSED."

/* ---- what is known of a state ---- */

enum holds { NO, MAYBE, YES };

static bool
has_value(const pb_RuleCondition *c, const char *value)
{
	for (size_t i = 0; i < c->n_values; i++) {
		if (strcmp(c->values[i], value) == 0)
			return true;
	}
	return false;
}

/* Where the case stands; 0 and NULL: not looked at. */
struct known {
	int state;
	const char *governance;
	const char *kind; /* field `kind` of the message */
};

static enum holds
value_holds(const pb_RuleCondition *c, const char *value)
{
	return has_value(c, value) ? YES : NO;
}

/* Of a condition nothing is known but this. */
static enum holds
condition_holds(const pb_RuleCondition *c, const struct known *k)
{
	if (k->state != 0 && strcmp(c->fact, "state") == 0)
		return value_holds(c, record_code_of("CaseState", k->state));
	if (k->state != 0 && strcmp(c->fact, "is_new") == 0)
		return value_holds(c, k->state == CASE_STATE_RECEIVED ? "true" : "false");
	if (k->governance != NULL && strcmp(c->fact, "governance") == 0)
		return value_holds(c, k->governance);
	if (k->kind != NULL && strcmp(c->fact, "kind") == 0)
		return value_holds(c, k->kind);
	return MAYBE;
}

static bool
can_work(const pb_RuleRow *row, const struct known *k)
{
	for (size_t i = 0; i < row->n_when; i++) {
		if (condition_holds(row->when[i], k) == NO)
			return false;
	}
	return true;
}

/* Does a condition hold whenever those of `row` do? */
static bool
follows(const pb_RuleCondition *c, const pb_RuleRow *row)
{
	for (size_t i = 0; i < row->n_when; i++) {
		const pb_RuleCondition *other = row->when[i];
		bool narrower = strcmp(other->fact, c->fact) == 0 && other->test == c->test;

		for (size_t v = 0; narrower && v < other->n_values; v++)
			narrower = has_value(c, other->values[v]);
		if (narrower && ((int)c->test == RULE_TEST_ONE_OF || other->n_values == c->n_values))
			return true;
	}
	return false;
}

/* Does `above` surely fit in this state whenever `row` does? */
static bool
surely_fits(const pb_RuleRow *above, const pb_RuleRow *row, const struct known *k)
{
	for (size_t i = 0; i < above->n_when; i++) {
		if (condition_holds(above->when[i], k) != YES && !follows(above->when[i], row))
			return false;
	}
	return true;
}

/* ---- what comes before a row ---- */

static bool
is_covered(const pb_RuleBlock *block, size_t at, const struct known *k)
{
	for (size_t i = 0; i < at; i++) {
		if (surely_fits(block->rows[i], block->rows[at], k))
			return true;
	}
	return false;
}

static const pb_RuleEffect *
find_effect(const pb_RuleRow *row, const char *verb)
{
	for (size_t i = 0; i < row->n_then; i++) {
		if (strcmp(row->then[i]->verb, verb) == 0)
			return row->then[i];
	}
	return NULL;
}

/* Is the table surely ended by one of the blocks above? */
static bool
is_stopped(const pb_RuleTable *table, size_t block, const pb_RuleRow *row, const struct known *k)
{
	for (size_t b = 0; b < block; b++) {
		for (size_t r = 0; r < table->blocks[b]->n_rows; r++) {
			const pb_RuleRow *above = table->blocks[b]->rows[r];

			if (!can_work(above, k))
				continue;
			if (surely_fits(above, row, k) && find_effect(above, "stop") != NULL)
				return true;
			break;
		}
	}
	return false;
}

/* ---- states in which an event can come ---- */

static bool
is_refused(const pb_RuleTable *accept, const pb_RuleRow *row, const struct known *k)
{
	for (size_t b = 0; b < accept->n_blocks; b++) {
		for (size_t r = 0; r < accept->blocks[b]->n_rows; r++) {
			const pb_RuleRow *refusing = accept->blocks[b]->rows[r];

			if (find_effect(refusing, "reject") != NULL && surely_fits(refusing, row, k))
				return true;
		}
	}
	return false;
}

static bool
opens_cases(const char *message)
{
	const ProtobufCMessageDescriptor *submission = &pb_Submission_descriptor;

	for (unsigned i = 0; i < submission->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &submission->fields[i];
		const ProtobufCMessageDescriptor *body = field->descriptor;

		if (field->type == PROTOBUF_C_TYPE_MESSAGE && (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
		    strcmp(body->short_name, message) == 0)
			return record_kind_opens((int)field->id);
	}
	return false;
}

static bool
missed_comes(const pb_PolicyAdopted *policy, const char *code, const struct known *k)
{
	const int kind = record_enum_value(record_enum("DeadlineKind"), code);
	const pb_DeadlineRule *rule = policy_find_deadline(policy, kind);

	/* Who was asked has not answered: it lies there. */
	if (k->governance != NULL && kind == DEADLINE_KIND_ESCALATION_OFFICIAL)
		return strcmp(k->governance, "OFFICIAL") == 0;
	if (k->governance != NULL && kind == DEADLINE_KIND_ESCALATION_EXECUTIVE)
		return strcmp(k->governance, "EXECUTIVE") == 0;
	if (k->state == 0)
		return true;
	if (rule == NULL || rule->n_ends_with == 0)
		return k->state != CASE_STATE_RECEIVED &&
		       (k->state != CASE_STATE_CLOSED || kind == DEADLINE_KIND_EVALUATION);
	for (size_t i = 0; i < rule->n_ends_with; i++) {
		if ((int)rule->ends_with[i] == k->state)
			return true;
	}
	return false;
}

static bool
event_comes(const pb_PolicyAdopted *policy, const char *event, const pb_RuleRow *row, const struct known *k)
{
	const pb_RuleTable *accept = policy_find_table(policy, "accept", event);

	if (strncmp(event, MISSED, strlen(MISSED)) == 0)
		return missed_comes(policy, event + strlen(MISSED), k);
	if (k->state == CASE_STATE_RECEIVED)
		return opens_cases(event);
	return accept == NULL || !is_refused(accept, row, k);
}

/* ---- all of it ---- */

struct moves {
	struct arena *arena;
	const pb_PolicyAdopted *policy;
	struct policy_move *first, **end;
};

/* A row, and where it stands. */
struct place {
	const pb_RuleTable *table;
	size_t block, at;
};

static bool
works(const struct moves *m, const struct place *p, const struct known *k)
{
	const pb_RuleBlock *block = p->table->blocks[p->block];
	const pb_RuleRow *row = block->rows[p->at];

	return can_work(row, k) && event_comes(m->policy, p->table->event, row, k) && !is_covered(block, p->at, k) &&
	       !is_stopped(p->table, p->block, row, k);
}

static void
add_moves(struct moves *m, const struct place *p, const char *verb, int from)
{
	const pb_RuleRow *row = p->table->blocks[p->block]->rows[p->at];
	const bool missed = strncmp(p->table->event, MISSED, strlen(MISSED)) == 0;

	for (size_t i = 0; i < row->n_then; i++) {
		if (strcmp(row->then[i]->verb, verb) != 0 || row->then[i]->n_arguments == 0)
			continue;
		struct policy_move *move = ARENA_NEW(m->arena, struct policy_move);

		*move = (struct policy_move){.from = from,
					     .event = p->table->event + (missed ? strlen(MISSED) : 0),
					     .missed = missed,
					     .row = row,
					     .effect = row->then[i]};
		*m->end = move;
		m->end = &move->next;
	}
}

static void
add_by_state(struct moves *m, const struct place *p, const char *verb)
{
	for (int s = CASE_STATE_RECEIVED; s <= CASE_STATE_CLOSED; s++) {
		const struct known k = {.state = s};

		if (works(m, p, &k))
			add_moves(m, p, verb, s);
	}
}

/* An escalation is of the one kind or the other; a message of another kind says nothing of governance. */
static void
add_by_governance(struct moves *m, const struct place *p, const char *verb)
{
	static const char *const kinds[] = {"OFFICIAL", "EXECUTIVE"};

	for (int g = GOVERNANCE_NONE; g <= GOVERNANCE_EXECUTIVE; g++) {
		bool can = false;

		for (unsigned i = 0; i < 2; i++) {
			const struct known k = {.governance = record_code_of("Governance", g), .kind = kinds[i]};

			can = can || works(m, p, &k);
		}
		if (can)
			add_moves(m, p, verb, g);
	}
}

static void
add_table(struct moves *m, const pb_RuleTable *table, const char *verb, bool governance)
{
	for (size_t b = 0; b < table->n_blocks; b++) {
		for (size_t r = 0; r < table->blocks[b]->n_rows; r++) {
			const struct place p = {table, b, r};

			if (governance)
				add_by_governance(m, &p, verb);
			else
				add_by_state(m, &p, verb);
		}
	}
}

static const struct policy_move *
find_moves(struct arena *a, const pb_PolicyAdopted *policy, const char *verb, const char *event, bool governance)
{
	struct moves m = {.arena = a, .policy = policy};

	m.end = &m.first;
	for (size_t t = 0; policy->tables != NULL && t < policy->tables->n_tables; t++) {
		const pb_RuleTable *table = policy->tables->tables[t];

		if (strcmp(table->scope, "effects") == 0 && (event == NULL || strcmp(table->event, event) == 0))
			add_table(&m, table, verb, governance);
	}
	return m.first;
}

const struct policy_move *
policy_moves(struct arena *a, const pb_PolicyAdopted *policy, const char *verb, const char *event)
{
	return find_moves(a, policy, verb, event, false);
}

const struct policy_move *
policy_moves_of_governance(struct arena *a, const pb_PolicyAdopted *policy)
{
	return find_moves(a, policy, "governance", NULL, true);
}
