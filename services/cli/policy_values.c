// SPDX-License-Identifier: EUPL-1.2
/* policy_values.c - numbers, deadlines and figures of a policy from their YAML. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/cli/policy_reader.h"

static bool
read_int(struct policy_reader *r, const struct tree *node, int32_t *value)
{
	const char *text = reader_scalar(r, node, node->key == NULL ? "value" : node->key);
	char *end;

	if (text == NULL)
		return false;
	errno = 0;
	const long number = strtol(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > 100000) {
		reader_problem(r, node->line, "'%.40s' is no whole number from 0 to 100000; write digits", text);
		return false;
	}
	*value = (int32_t)number;
	return true;
}

static bool
is_told_before(struct policy_reader *r, const struct tree *node)
{
	const struct policy_place *earlier = policy_file_place(r->out, node->key);

	if (earlier == NULL) {
		reader_place(r, node->key, node->line);
		return false;
	}
	reader_problem(r, node->line, "%s stands at %s:%u already; keep one", node->key, earlier->file, earlier->line);
	return true;
}

/* ---- values ---- */

static void
add_value(struct policy_reader *r, const char *key, int32_t number)
{
	pb_PolicyValue *value = ARENA_NEW(r->arena, pb_PolicyValue);

	pb_PolicyValue_init(value);
	value->key = reader_text(r, key);
	value->value = number;
	r->policy->values[r->policy->n_values++] = value;
}

static const char *
optional_text(struct policy_reader *r, const struct tree *map, const char *key)
{
	const struct tree *node = tree_get(map, key);
	const char *text = node == NULL ? "" : reader_scalar(r, node, key);

	return text == NULL ? "" : text;
}

static void
add_unit(struct policy_reader *r, const struct tree *node)
{
	static const char *const units[] = {"wd", "d", "months", "count", NULL};
	pb_PolicyTermRule *term = ARENA_NEW(r->arena, pb_PolicyTermRule);
	const struct tree *unit = tree_get(node, "unit");
	const char *text = optional_text(r, node, "unit");
	bool known = false;

	for (unsigned i = 0; units[i] != NULL; i++)
		known = known || strcmp(units[i], text) == 0;
	if (!known) {
		reader_problem(r, unit == NULL ? node->line : unit->line,
			       "'%.20s' is no unit; write wd (working days), d (days), months or count", text);
		return;
	}
	pb_PolicyTermRule_init(term);
	term->key = reader_text(r, node->key);
	term->unit = reader_text(r, text);
	term->meaning = reader_text(r, optional_text(r, node, "meaning"));
	if (strlen(term->meaning) > 240)
		reader_problem(r, node->line, "the meaning of %s is too long; say it in 240 bytes", node->key);
	r->policy->tables->terms[r->policy->tables->n_terms++] = term;
}

static void
read_value(struct policy_reader *r, const struct tree *node)
{
	static const char *const keys[] = {"value", "unit", "meaning", NULL};
	const struct tree *number = node->kind == TREE_SCALAR ? node : tree_get(node, "value");
	int32_t value;

	for (const struct tree *key = node->first; key != NULL; key = key->next) {
		if (node->kind != TREE_MAP || !reader_key(r, key, keys))
			return;
	}
	if (number == NULL) {
		reader_problem(r, node->line, "%s has no value; write {value: 5, unit: wd, meaning: ..}", node->key);
		return;
	}
	if (is_told_before(r, node) || !read_int(r, number, &value))
		return;
	if (r->policy->n_values == POLICY_VALUES_MAX) {
		reader_problem(r, node->line, "more than %d values; leave some out", POLICY_VALUES_MAX);
		return;
	}
	add_value(r, node->key, value);
	if (node->kind == TREE_MAP)
		add_unit(r, node);
}

void
policy_values_read(struct policy_reader *r, const struct tree *values)
{
	if (values->kind != TREE_MAP) {
		reader_problem(r, values->line, "'values' is no map; write P2: {value: 5, unit: wd, meaning: ..}");
		return;
	}
	for (const struct tree *node = values->first; node != NULL; node = node->next)
		read_value(r, node);
}

/* ---- deadlines ---- */

static int
enum_code(struct policy_reader *r, const char *enum_name, const char *code, unsigned line)
{
	const ProtobufCEnumDescriptor *e = record_enum(enum_name);
	const int value = record_enum_value(e, code);
	struct nearest nearest;

	if (value > 0)
		return value;
	nearest_begin(&nearest, code);
	for (unsigned i = 1; i < e->n_values; i++)
		nearest_offer(&nearest, record_enum_code(e, e->values[i].value));
	reader_problem(r, line, "'%.60s' is no %s; %s", code, enum_name, nearest_remedy(&nearest));
	return -1;
}

static void
read_term(struct policy_reader *r, const struct tree *node, int track, pb_DeadlineRule *rule)
{
	pb_DeadlineTerm *term = ARENA_NEW(r->arena, pb_DeadlineTerm);
	const char *text = reader_scalar(r, node, node->key);

	if (text == NULL)
		return;
	pb_DeadlineTerm_init(term);
	term->track = (Doorbraak__V1__Track)track;
	term->term = reader_text(r, text);
	rule->terms[rule->n_terms++] = term;
}

static void
read_states(struct policy_reader *r, const struct tree *list, pb_DeadlineRule *rule)
{
	rule->ends_with = arena_take(r->arena, sizeof *rule->ends_with * (reader_length(list) + 1));
	for (const struct tree *item = list->first; item != NULL; item = item->next) {
		const char *text = reader_scalar(r, item, "ends_with");
		const int state = text == NULL ? -1 : enum_code(r, "CaseState", text, item->line);

		if (state > 0)
			rule->ends_with[rule->n_ends_with++] = (Doorbraak__V1__CaseState)state;
	}
}

static void
read_messages(struct policy_reader *r, const struct tree *list, pb_DeadlineRule *rule)
{
	rule->fulfilled_by = ARENA_ARRAY(r->arena, char *, reader_length(list) + 1);
	for (const struct tree *item = list->first; item != NULL; item = item->next) {
		const char *text = reader_scalar(r, item, "fulfilled_by");

		if (text != NULL)
			rule->fulfilled_by[rule->n_fulfilled_by++] = reader_text(r, text);
	}
}

static void
read_part(struct policy_reader *r, const struct tree *node, pb_DeadlineRule *rule)
{
	const int track = record_enum_value(record_enum("Track"), node->key);
	const bool is_list = strcmp(node->key, "ends_with") == 0 || strcmp(node->key, "fulfilled_by") == 0;

	if (is_list && node->kind != TREE_LIST)
		reader_problem(r, node->line, "'%s' is no list; write [..]", node->key);
	else if (strcmp(node->key, "ends_with") == 0)
		read_states(r, node, rule);
	else if (strcmp(node->key, "fulfilled_by") == 0)
		read_messages(r, node, rule);
	else if (strcmp(node->key, "all") == 0)
		read_term(r, node, TRACK_UNSPECIFIED, rule);
	else if (track > 0)
		read_term(r, node, track, rule);
	else if (strcmp(node->key, "hard") == 0)
		rule->hard = reader_bool(r, node);
	else if (strcmp(node->key, "never_moves") == 0)
		rule->never_moves = reader_bool(r, node);
	else if (strcmp(node->key, "backwards") == 0)
		rule->backwards = reader_bool(r, node);
}

static void
read_deadline(struct policy_reader *r, const struct tree *node)
{
	static const char *const keys[] = {"rule",        "source",    "point",        "VOLUNTARY", "COURT_MEASURE",
					   "CLOSED_CARE", "all",       "from",         "hard",      "never_moves",
					   "backwards",   "ends_with", "fulfilled_by", NULL};
	pb_DeadlineRule *rule = ARENA_NEW(r->arena, pb_DeadlineRule);
	const int kind = enum_code(r, "DeadlineKind", node->key, node->line);

	if (kind < 0 || is_told_before(r, node))
		return;
	if (node->kind != TREE_MAP) {
		reader_problem(r, node->line, "%s is no map; write {rule: R17, all: 5 wd}", node->key);
		return;
	}
	pb_DeadlineRule_init(rule);
	rule->kind = (Doorbraak__V1__DeadlineKind)kind;
	rule->terms = ARENA_ARRAY(r->arena, pb_DeadlineTerm *, 4);
	for (const struct tree *part = node->first; part != NULL; part = part->next) {
		if (reader_key(r, part, keys))
			read_part(r, part, rule);
	}
	rule->rule = reader_text(r, optional_text(r, node, "rule"));
	rule->anchor = reader_text(r, optional_text(r, node, "from"));
	rule->source = policy_source(r, node);
	r->policy->tables->deadlines[r->policy->tables->n_deadlines++] = rule;
}

void
policy_deadlines_read(struct policy_reader *r, const struct tree *deadlines)
{
	if (deadlines->kind != TREE_MAP) {
		reader_problem(r, deadlines->line, "'deadlines' is no map; write SCREENING: {rule: R17, all: P2}");
		return;
	}
	/* No more than one of a kind gets here, so the room for all kinds is enough. */
	for (const struct tree *node = deadlines->first; node != NULL; node = node->next)
		read_deadline(r, node);
}

/* ---- figures ---- */

static bool
is_list(struct policy_reader *r, const struct tree *node)
{
	if (node->kind != TREE_LIST)
		reader_problem(r, node->line, "'%s' is no list; write [..], or begin each line with '- '", node->key);
	return node->kind == TREE_LIST;
}

void
policy_holidays_read(struct policy_reader *r, const struct tree *days)
{
	if (!is_list(r, days))
		return;
	r->policy->extra_holidays = ARENA_ARRAY(r->arena, char *, reader_length(days) + 1);
	for (const struct tree *item = days->first; item != NULL; item = item->next) {
		const char *text = reader_scalar(r, item, "extra_holidays");

		if (text == NULL)
			continue;
		if (cal_parse(text) == CAL_NONE)
			reader_problem(r, item->line, "'%.20s' is no date; write it as 2027-05-07", text);
		else
			r->policy->extra_holidays[r->policy->n_extra_holidays++] = reader_text(r, text);
	}
}

/* A message from a map; NULL after telling what is wrong with it. */
static void *
read_message(struct policy_reader *r, const ProtobufCMessageDescriptor *descriptor, const struct tree *item)
{
	struct why why = {0};
	void *message = record_from_tree(r->arena, descriptor, item, &why);

	if (message == NULL)
		reader_problem(r, item->line, "%s", why.text);
	return message;
}

void
policy_capacities_read(struct policy_reader *r, const struct tree *list)
{
	if (!is_list(r, list))
		return;
	r->policy->capacities = ARENA_ARRAY(r->arena, pb_TeamCapacity *, reader_length(list) + 1);
	for (const struct tree *item = list->first; item != NULL; item = item->next) {
		pb_TeamCapacity *capacity = read_message(r, &pb_TeamCapacity_descriptor, item);

		if (capacity != NULL)
			r->policy->capacities[r->policy->n_capacities++] = capacity;
	}
}

void
policy_baselines_read(struct policy_reader *r, const struct tree *list)
{
	if (!is_list(r, list))
		return;
	r->policy->baselines = ARENA_ARRAY(r->arena, pb_Baseline *, reader_length(list) + 1);
	for (const struct tree *item = list->first; item != NULL; item = item->next) {
		pb_Baseline *baseline = read_message(r, &pb_Baseline_descriptor, item);

		if (baseline != NULL)
			r->policy->baselines[r->policy->n_baselines++] = baseline;
	}
}
