// SPDX-License-Identifier: EUPL-1.2
/* check_deadlines.c - messages and deadlines, each with all that belongs to it: a line in the grid, a table of effects,
 * a table for its miss, a row that sets it, a message that fulfils it. */
#include "common/policy_internal.h"
#include "services/cli/check_internal.h"

#define BIT(n) ((uint64_t)1 << (n))

/* ---- messages ---- */

static bool
can_be_accepted(const struct rules_table *accept)
{
	for (unsigned b = 0; b < accept->block_count; b++) {
		const struct rules_block *block = &accept->blocks[b];
		bool passes = false;

		for (unsigned r = 0; r < block->row_count; r++) {
			bool rejects = false;

			for (unsigned i = 0; i < block->rows[r].then_count; i++)
				rejects |= block->rows[r].then[i].verb == ACCEPT_REJECT;
			passes |= !rejects;
		}
		if (!passes)
			return false;
	}
	return true;
}

static void
check_message(struct checking *c, const char *name)
{
	const struct rules_table *accept = policy_table(c->view, "accept", name);
	struct check_finding *f = NULL;

	if (accept == NULL)
		f = check_tell(
		    c, "NO_GRID", NULL, name,
		    "the message has no line in the grid, so that it is taken from anybody in every state; add one");
	else if (policy_table(c->view, "effects", name) == NULL && can_be_accepted(accept))
		f = check_tell(c, "NO_EFFECTS", NULL, name,
			       "the message can be accepted, and no table says what follows; add one to 'effects'");
	if (f != NULL)
		f->situation = arena_printf(c->arena, "any open case, a %s comes in", name);
}

static void
check_messages(struct checking *c)
{
	const ProtobufCMessageDescriptor *submission = &pb_Submission_descriptor;

	for (unsigned i = 0; i < submission->n_fields; i++) {
		const ProtobufCMessageDescriptor *body = submission->fields[i].descriptor;

		if (submission->fields[i].type == PROTOBUF_C_TYPE_MESSAGE &&
		    (submission->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
		    check_is_about_a_case(body->short_name))
			check_message(c, body->short_name);
	}
}

/* ---- what rows do to kinds ---- */

/* What one effect sets and clears, as bits of DeadlineKind; leaving a state is not counted. */
static void
kinds_of_effect(const struct rules_effect *effect, uint64_t *set, uint64_t *cleared)
{
	const uint64_t transfer = BIT(DEADLINE_KIND_TRANSFER) | BIT(DEADLINE_KIND_NATIONAL_PICKUP);

	for (unsigned i = 0; i < effect->count; i++) {
		const int64_t value = effect->arguments[i];

		switch (effect->verb) {
		case EFFECT_SET: *set |= BIT(value); break;
		case EFFECT_SET_MONTHS:
		case EFFECT_DUE: *set |= i == 0 ? BIT(value) : 0; break;
		case EFFECT_CLEAR: *cleared |= BIT(value); break;
		case EFFECT_ASK: *set |= transfer; break;
		case EFFECT_ACTIONS:
			*set |= value == ACTIONS_DONE ? 0 : BIT(DEADLINE_KIND_ACTION);
			*cleared |= value == ACTIONS_DONE ? BIT(DEADLINE_KIND_ACTION) : 0;
			break;
		case EFFECT_GOVERNANCE:
			*set |= value == GOVERNANCE_OFFICIAL ? BIT(DEADLINE_KIND_ESCALATION_OFFICIAL) : 0;
			*set |= value == GOVERNANCE_EXECUTIVE ? BIT(DEADLINE_KIND_ESCALATION_EXECUTIVE) : 0;
			break;
		default: break;
		}
	}
}

static bool
leaves_states(const struct rules_effect *effect, uint32_t states)
{
	return effect->verb == EFFECT_STATE && states != 0 && (states >> effect->arguments[0] & 1) == 0;
}

static void
kinds_of_table(const struct checking *c, const struct rules_table *table, uint64_t *set, uint64_t *cleared)
{
	for (unsigned b = 0; table != NULL && b < table->block_count; b++) {
		for (unsigned r = 0; r < table->blocks[b].row_count; r++) {
			const struct rules_row *row = &table->blocks[b].rows[r];

			for (unsigned i = 0; i < row->then_count; i++) {
				kinds_of_effect(&row->then[i], set, cleared);
				for (int kind = 1; kind <= DEADLINE_KIND_EVALUATION; kind++) {
					if (leaves_states(&row->then[i], c->view->deadlines[kind].ends_with))
						*cleared |= BIT(kind);
				}
			}
		}
	}
}

/* ---- kinds ---- */

static bool
has_any_term(const struct policy_deadline *rule)
{
	bool any = false;

	for (unsigned track = 1; track < 4; track++)
		any |= rule->terms[track].unit != TERM_NONE;
	return any;
}

/* A date of its own needs no term. */
static bool
is_dated(const struct checking *c, int kind)
{
	for (unsigned t = 0; t < c->view->table_count; t++) {
		const struct rules_table *table = c->view->tables[t];

		for (unsigned b = 0; table->scope == &scope_effects && b < table->block_count; b++) {
			for (unsigned r = 0; r < table->blocks[b].row_count; r++) {
				const struct rules_row *row = &table->blocks[b].rows[r];

				for (unsigned i = 0; i < row->then_count; i++) {
					if ((row->then[i].verb == EFFECT_DUE ||
					     row->then[i].verb == EFFECT_SET_MONTHS) &&
					    row->then[i].arguments[0] == kind)
						return true;
				}
			}
		}
	}
	return false;
}

/* The messages that are said to fulfil it: one at least must, in its own table. */
static bool
is_fulfilled(const struct checking *c, int kind)
{
	for (const char *const *name = c->view->deadlines[kind].fulfilled_by; *name != NULL; name++) {
		uint64_t set = 0, cleared = 0;

		kinds_of_table(c, policy_table(c->view, "effects", *name), &set, &cleared);
		/* A new date takes the place of the old one. */
		if (((cleared | set) >> kind & 1) != 0)
			return true;
	}
	return false;
}

static void
check_kind(struct checking *c, int kind, bool is_set)
{
	const struct policy_deadline *rule = &c->view->deadlines[kind];
	const char *name = record_code_of("DeadlineKind", kind);
	const char *missed = arena_printf(c->arena, "MISSED.%s", name);
	struct check_finding *f = NULL;

	if (rule->kind != kind) {
		f = check_tell(c, "NO_TERM", NULL, name,
			       "the deadlines do not say how long it runs, so that setting it does nothing; add it");
	} else if (!is_set || (!has_any_term(rule) && !is_dated(c, kind))) {
		f = check_tell(c, "NEVER_SET", NULL, name,
			       "no row sets this deadline%s; 'set' it where its term begins",
			       is_set ? " with a term or a date" : "");
	}
	if (f != NULL)
		f->situation = "any case: what this deadline is for is never waited for";
	if (rule->kind == kind && !is_fulfilled(c, kind)) {
		f = check_tell(
		    c, "NEVER_FULFILLED", NULL, name,
		    "no message of its fulfilled_by ends this deadline; 'clear' it there, or name the message");
		if (f != NULL)
			f->situation = arena_printf(c->arena, "%s runs: whatever comes in, it will be missed", name);
	}
	if (policy_table(c->view, "effects", missed) == NULL) {
		f = check_tell(c, "NO_MISS", NULL, name,
			       "no table says what follows when it is missed; add %s to 'effects'", missed);
		if (f != NULL)
			f->situation = arena_printf(c->arena, "%s runs, and its last day passes", name);
	}
}

static void
check_values(struct checking *c, const pb_PolicyAdopted *policy)
{
	const char *unused = "";

	for (size_t i = 0; i < policy->n_values; i++) {
		const char *key = policy->values[i]->key;
		bool used = false;

		for (size_t d = 0; policy->tables != NULL && d < policy->tables->n_deadlines; d++) {
			for (size_t t = 0; t < policy->tables->deadlines[d]->n_terms; t++)
				used |= strcmp(policy->tables->deadlines[d]->terms[t]->term, key) == 0;
		}
		/* Others have a name of their own: services look at them. */
		if (!used && key[0] == 'P')
			unused = arena_printf(c->arena, "%s%s%s", unused, unused[0] == '\0' ? "" : ", ", key);
	}
	if (unused[0] != '\0')
		check_note(c, "UNUSED", "values",
			   arena_printf(c->arena, "no deadline uses %s; they are for reports, or can go", unused));
}

void
check_deadline_rules(struct checking *c)
{
	uint64_t set = BIT(DEADLINE_KIND_REVIEW), cleared = 0;

	for (unsigned t = 0; t < c->view->table_count; t++) {
		if (c->view->tables[t]->scope == &scope_effects)
			kinds_of_table(c, c->view->tables[t], &set, &cleared);
	}
	for (int kind = 1; kind <= DEADLINE_KIND_EVALUATION; kind++)
		check_kind(c, kind, (set >> kind & 1) != 0);
	check_messages(c);
	if (c->subject->regional == NULL)
		check_values(c, c->subject->national);
}
