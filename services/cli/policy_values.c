// SPDX-License-Identifier: EUPL-1.2
/* policy_values.c - numbers, deadlines and figures of a policy from their YAML. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/cli/policy_reader.h"

static bool
read_int(struct policy_reader *r, const struct tree *node, int32_t *value)
{
	const char *text = yaml_scalar(&r->y, node, node->key == NULL ? "value" : node->key);
	char *end;

	if (text == NULL)
		return false;
	errno = 0;
	const long number = strtol(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > 100000) {
		yaml_problem(&r->y, node->line, "'%.40s' is no whole number from 0 to 100000; write digits", text);
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
	yaml_problem(&r->y, node->line, "%s stands at %s:%u already; keep one", node->key, earlier->file,
		     earlier->line);
	return true;
}

/* ---- values ---- */

static void
add_value(struct policy_reader *r, const char *key, int32_t number)
{
	pb_PolicyValue *value = ARENA_NEW(r->y.arena, pb_PolicyValue);

	pb_PolicyValue_init(value);
	value->key = yaml_text(&r->y, key);
	value->value = number;
	r->policy->values[r->policy->n_values++] = value;
}

static const char *
optional_text(struct policy_reader *r, const struct tree *map, const char *key)
{
	const char *text = yaml_text_of(&r->y, map, key);

	return text == NULL ? "" : text;
}

static void
add_unit(struct policy_reader *r, const struct tree *node)
{
	static const char *const units[] = {"wd", "d", "months", "count", NULL};
	pb_PolicyTermRule *term = ARENA_NEW(r->y.arena, pb_PolicyTermRule);
	const struct tree *unit = tree_get(node, "unit");
	const char *text = optional_text(r, node, "unit");
	bool known = false;

	for (unsigned i = 0; units[i] != NULL; i++)
		known = known || strcmp(units[i], text) == 0;
	if (!known) {
		yaml_problem(&r->y, unit == NULL ? node->line : unit->line,
			     "'%.20s' is no unit; write wd (working days), d (days), months or count", text);
		return;
	}
	pb_PolicyTermRule_init(term);
	term->key = yaml_text(&r->y, node->key);
	term->unit = yaml_text(&r->y, text);
	term->meaning = yaml_text(&r->y, optional_text(r, node, "meaning"));
	term->hard = tree_get(node, "hard") != NULL && yaml_bool(&r->y, tree_get(node, "hard"));
	if (strlen(term->meaning) > 240)
		yaml_problem(&r->y, node->line, "the meaning of %s is too long; say it in 240 bytes", node->key);
	r->policy->tables->terms[r->policy->tables->n_terms++] = term;
}

static void
read_value(struct policy_reader *r, const struct tree *node)
{
	static const char *const keys[] = {"value", "unit", "hard", "meaning", NULL};
	const struct tree *number = node->kind == TREE_SCALAR ? node : tree_get(node, "value");
	int32_t value;

	for (const struct tree *key = node->first; key != NULL; key = key->next) {
		if (node->kind != TREE_MAP || !yaml_key_is_known(&r->y, key, keys))
			return;
	}
	if (number == NULL) {
		yaml_problem(&r->y, node->line, "%s has no value; write {value: 5, unit: wd, meaning: ..}", node->key);
		return;
	}
	if (is_told_before(r, node) || !read_int(r, number, &value))
		return;
	if (r->policy->n_values == POLICY_VALUES_MAX) {
		yaml_problem(&r->y, node->line, "more than %d values; leave some out", POLICY_VALUES_MAX);
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
		yaml_problem(&r->y, values->line, "'values' is no map; write P2: {value: 5, unit: wd, meaning: ..}");
		return;
	}
	for (const struct tree *node = values->first; node != NULL; node = node->next)
		read_value(r, node);
}

/* ---- deadlines ---- */

static void
read_term(struct policy_reader *r, const struct tree *node, int track, pb_DeadlineRule *rule)
{
	pb_DeadlineTerm *term = ARENA_NEW(r->y.arena, pb_DeadlineTerm);
	const char *text = yaml_scalar(&r->y, node, node->key);

	if (text == NULL)
		return;
	pb_DeadlineTerm_init(term);
	term->track = (Doorbraak__V1__Track)track;
	term->term = yaml_text(&r->y, text);
	rule->terms[rule->n_terms++] = term;
}

static void
read_states(struct policy_reader *r, const struct tree *list, pb_DeadlineRule *rule)
{
	rule->ends_with = arena_take(r->y.arena, sizeof *rule->ends_with * (yaml_length(list) + 1));
	for (const struct tree *item = list->first; item != NULL; item = item->next) {
		const char *text = yaml_scalar(&r->y, item, "ends_with");
		const int state = text == NULL ? -1 : yaml_enum(&r->y, "CaseState", text, item->line);

		if (state > 0)
			rule->ends_with[rule->n_ends_with++] = (Doorbraak__V1__CaseState)state;
	}
}

static void
read_messages(struct policy_reader *r, const struct tree *list, pb_DeadlineRule *rule)
{
	rule->fulfilled_by = ARENA_ARRAY(r->y.arena, char *, yaml_length(list) + 1);
	for (const struct tree *item = list->first; item != NULL; item = item->next) {
		const char *text = yaml_scalar(&r->y, item, "fulfilled_by");

		if (text != NULL)
			rule->fulfilled_by[rule->n_fulfilled_by++] = yaml_text(&r->y, text);
	}
}

static void
read_part(struct policy_reader *r, const struct tree *node, pb_DeadlineRule *rule)
{
	const int track = record_enum_value(record_enum("Track"), node->key);
	const bool is_list = strcmp(node->key, "ends_with") == 0 || strcmp(node->key, "fulfilled_by") == 0;

	if (is_list && node->kind != TREE_LIST)
		yaml_problem(&r->y, node->line, "'%s' is no list; write [..]", node->key);
	else if (strcmp(node->key, "ends_with") == 0)
		read_states(r, node, rule);
	else if (strcmp(node->key, "fulfilled_by") == 0)
		read_messages(r, node, rule);
	else if (strcmp(node->key, "all") == 0)
		read_term(r, node, TRACK_UNSPECIFIED, rule);
	else if (track > 0)
		read_term(r, node, track, rule);
	else if (strcmp(node->key, "hard") == 0)
		rule->hard = yaml_bool(&r->y, node);
	else if (strcmp(node->key, "never_moves") == 0)
		rule->never_moves = yaml_bool(&r->y, node);
	else if (strcmp(node->key, "backwards") == 0)
		rule->backwards = yaml_bool(&r->y, node);
}

static void
read_deadline(struct policy_reader *r, const struct tree *node)
{
	static const char *const keys[] = {"rule",          "source",      "point",     "nl",           "VOLUNTARY",
					   "COURT_MEASURE", "CLOSED_CARE", "all",       "from",         "hard",
					   "never_moves",   "backwards",   "ends_with", "fulfilled_by", NULL};
	pb_DeadlineRule *rule = ARENA_NEW(r->y.arena, pb_DeadlineRule);
	const int kind = yaml_enum(&r->y, "DeadlineKind", node->key, node->line);

	if (kind < 0 || is_told_before(r, node))
		return;
	if (node->kind != TREE_MAP) {
		yaml_problem(&r->y, node->line, "%s is no map; write {rule: R17, all: 5 wd}", node->key);
		return;
	}
	pb_DeadlineRule_init(rule);
	rule->kind = (Doorbraak__V1__DeadlineKind)kind;
	rule->terms = ARENA_ARRAY(r->y.arena, pb_DeadlineTerm *, 4);
	for (const struct tree *part = node->first; part != NULL; part = part->next) {
		if (yaml_key_is_known(&r->y, part, keys))
			read_part(r, part, rule);
	}
	rule->rule = yaml_text(&r->y, optional_text(r, node, "rule"));
	rule->anchor = yaml_text(&r->y, optional_text(r, node, "from"));
	rule->source = policy_source(r, node);
	r->policy->tables->deadlines[r->policy->tables->n_deadlines++] = rule;
}

void
policy_deadlines_read(struct policy_reader *r, const struct tree *deadlines)
{
	if (deadlines->kind != TREE_MAP) {
		yaml_problem(&r->y, deadlines->line, "'deadlines' is no map; write SCREENING: {rule: R17, all: P2}");
		return;
	}
	/* No more than one of a kind gets here, so the room for all kinds is enough. */
	for (const struct tree *node = deadlines->first; node != NULL; node = node->next)
		read_deadline(r, node);
}

/* ---- figures ---- */

void
policy_holidays_read(struct policy_reader *r, const struct tree *days)
{
	if (!yaml_is_list(&r->y, days))
		return;
	r->policy->extra_holidays = ARENA_ARRAY(r->y.arena, char *, yaml_length(days) + 1);
	for (const struct tree *item = days->first; item != NULL; item = item->next) {
		const char *text = yaml_scalar(&r->y, item, "extra_holidays");

		if (text == NULL)
			continue;
		if (cal_parse(text) == CAL_NONE)
			yaml_problem(&r->y, item->line, "'%.20s' is no date; write it as 2027-05-07", text);
		else
			r->policy->extra_holidays[r->policy->n_extra_holidays++] = yaml_text(&r->y, text);
	}
}

/* A message from a map; NULL after telling what is wrong with it. */
static void *
read_message(struct policy_reader *r, const ProtobufCMessageDescriptor *descriptor, const struct tree *item)
{
	struct why why = {0};
	void *message = record_from_tree(r->y.arena, descriptor, item, &why);

	if (message == NULL)
		yaml_problem(&r->y, item->line, "%s", why.text);
	return message;
}

void
policy_capacities_read(struct policy_reader *r, const struct tree *list)
{
	if (!yaml_is_list(&r->y, list))
		return;
	r->policy->capacities = ARENA_ARRAY(r->y.arena, pb_TeamCapacity *, yaml_length(list) + 1);
	for (const struct tree *item = list->first; item != NULL; item = item->next) {
		pb_TeamCapacity *capacity = read_message(r, &pb_TeamCapacity_descriptor, item);

		if (capacity != NULL)
			r->policy->capacities[r->policy->n_capacities++] = capacity;
	}
}

void
policy_baselines_read(struct policy_reader *r, const struct tree *list)
{
	if (!yaml_is_list(&r->y, list))
		return;
	r->policy->baselines = ARENA_ARRAY(r->y.arena, pb_Baseline *, yaml_length(list) + 1);
	for (const struct tree *item = list->first; item != NULL; item = item->next) {
		pb_Baseline *baseline = read_message(r, &pb_Baseline_descriptor, item);

		if (baseline != NULL)
			r->policy->baselines[r->policy->n_baselines++] = baseline;
	}
}
