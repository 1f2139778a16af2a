// SPDX-License-Identifier: EUPL-1.2
/* scenario_expect.c - the `expect` of a step. */
#include "services/cli/scenario_reader.h"

#define SHORT_SIGNAL 3 /* characters of S01 */

enum form { ONE_CODE, ONE_ENUM, ONE_TEXT, CODES, ENUMS, ONE_DEADLINE, DEADLINES, SIGNALS, ONE_BOOL, ONE_ALIAS };

static const struct key {
	const char *name;
	enum form form;
	const char *enum_name;
} keys[SCENARIO_KEYS] = {
    [SCENARIO_STATE] = {"state", ONE_ENUM, "CaseState"},
    [SCENARIO_OWNER] = {"owner", ONE_CODE, NULL},
    [SCENARIO_LEVEL] = {"level", ONE_ENUM, "Level"},
    [SCENARIO_TRACK] = {"track", ONE_ENUM, "Track"},
    [SCENARIO_GOVERNANCE] = {"governance", ONE_ENUM, "Governance"},
    [SCENARIO_FUNDER] = {"funder", ONE_CODE, NULL},
    [SCENARIO_REGION] = {"region", ONE_CODE, NULL},
    [SCENARIO_MANDATE] = {"mandate", ONE_ENUM, "MandateState"},
    [SCENARIO_CONSENT] = {"consent", ONE_ENUM, "ConsentState"},
    [SCENARIO_PENDING_OWNER] = {"pending_owner", ONE_CODE, NULL},
    [SCENARIO_SUPPORTERS] = {"supporters", CODES, NULL},
    [SCENARIO_OFFERED] = {"offered", CODES, NULL},
    [SCENARIO_REQUIRED_PARTICIPANTS] = {"required_participants", CODES, NULL},
    [SCENARIO_NEXT] = {"next", ONE_DEADLINE, NULL},
    [SCENARIO_DEADLINES] = {"deadlines", DEADLINES, NULL},
    [SCENARIO_RULE] = {"rule", ONE_TEXT, NULL},
    [SCENARIO_REDIRECT] = {"redirect", ONE_CODE, NULL},
    [SCENARIO_WARNINGS] = {"warnings", ENUMS, "Warning"},
    [SCENARIO_CRITERIA] = {"criteria", ENUMS, "ComplexityCriterion"},
    [SCENARIO_SIGNALS] = {"signals", SIGNALS, NULL},
    [SCENARIO_CLEARED] = {"cleared", ENUMS, "SignalCode"},
    [SCENARIO_REJECTED] = {"rejected", ONE_ENUM, "Reason"},
    [SCENARIO_CANDIDATES] = {"candidates", CODES, NULL},
    [SCENARIO_DUPLICATE] = {"duplicate", ONE_BOOL, NULL},
    [SCENARIO_SAME_CASE_AS] = {"same_case_as", ONE_ALIAS, NULL},
};

const char *
scenario_key_name(enum scenario_key key)
{
	return keys[key].name;
}

bool
scenario_is_null(const struct tree *node)
{
	return node->kind == TREE_SCALAR && !node->quoted &&
	       (node->text == NULL || node->text[0] == '\0' || strcmp(node->text, "null") == 0 ||
		strcmp(node->text, "~") == 0);
}

void
scenario_sort(const char **values, unsigned count)
{
	for (unsigned i = 1; i < count; i++) {
		const char *value = values[i];
		unsigned j = i;

		for (; j > 0 && strcmp(values[j - 1], value) > 0; j--)
			values[j] = values[j - 1];
		values[j] = value;
	}
}

static bool
is_list(struct scenario_reader *r, const struct tree *node, const char *key)
{
	if (node->kind == TREE_LIST)
		return true;
	yaml_problem(&r->y, node->line, "%s: no list; write [..], or [] for none", key);
	return false;
}

static const char *
one(struct scenario_reader *r, const struct key *key, const struct tree *node)
{
	const char *text = yaml_scalar(&r->y, node, key->name);

	if (text == NULL)
		return NULL;
	if (key->form == ONE_ENUM || key->form == ENUMS) {
		const int value = yaml_enum(&r->y, key->enum_name, text, node->line);

		if (value < 0)
			return NULL;
		text = record_code_of(key->enum_name, value);
		/* Signals are written, and compared, by their number. */
		return strcmp(key->enum_name, "SignalCode") == 0 ? arena_str(r->y.arena, bytes_of(text, SHORT_SIGNAL))
								 : text;
	}
	if ((key->form == ONE_CODE || key->form == CODES) && !record_is_code(text)) {
		yaml_problem(&r->y, node->line, "%s: '%.60s' is no code; write letters A-Z, digits and -, or null",
			     key->name, text);
		return NULL;
	}
	return yaml_text(&r->y, text);
}

/* [KIND, date] or [ACTION/A1, date]. */
static const char *
deadline(struct scenario_reader *r, const char *key, const struct tree *node)
{
	if (node->kind != TREE_LIST || yaml_length(node) != 2 || node->first->kind != TREE_SCALAR ||
	    node->first->next->kind != TREE_SCALAR) {
		yaml_problem(&r->y, node->line, "%s: no deadline; write [KIND, date], such as [SCREENING, 2021-03-08]",
			     key);
		return NULL;
	}
	const char *text = node->first->text;
	const char *due = node->first->next->text;
	const char *slash = strchr(text, '/');
	const char *kind = slash == NULL ? text : arena_str(r->y.arena, bytes_of(text, (size_t)(slash - text)));
	const int value = yaml_enum(&r->y, "DeadlineKind", kind, node->line);

	if (value < 0)
		return NULL;
	if (cal_parse(due) == CAL_NONE) {
		yaml_problem(&r->y, node->line, "%s: '%.20s' is no date; write it as 2021-03-08", key, due);
		return NULL;
	}
	return arena_printf(r->y.arena, "%s%s %s", record_code_of("DeadlineKind", value), slash == NULL ? "" : slash,
			    due);
}

/* ---- signals ---- */

static bool
read_addressees(struct scenario_reader *r, const struct tree *list, struct scenario_signal *signal)
{
	if (!is_list(r, list, "to"))
		return false;
	for (const struct tree *item = list->first; item != NULL; item = item->next) {
		const char *text = yaml_scalar(&r->y, item, "to");
		const int value = text == NULL ? -1 : yaml_enum(&r->y, "Addressee", text, item->line);

		if (value < 0)
			return false;
		signal->to |= UINT64_C(1) << value;
	}
	return true;
}

static bool
read_signal(struct scenario_reader *r, const struct tree *node, struct scenario_signal *signal)
{
	static const char *const known[] = {"code", "stage", "to", NULL};
	const struct tree *to = tree_get(node, "to");
	const struct tree *stage = tree_get(node, "stage");
	const char *code = node->kind == TREE_SCALAR ? node->text : "";

	*signal = (struct scenario_signal){.stage = 1, .any_to = to == NULL};
	if (node->kind != TREE_SCALAR) {
		if (!yaml_map_is_known(&r->y, node, known))
			return false;
		code = yaml_text_of(&r->y, node, "code");
	}
	signal->code = code == NULL ? -1 : yaml_enum(&r->y, "SignalCode", code, node->line);
	if (signal->code < 0)
		return false;
	if (stage != NULL) {
		const char *text = yaml_scalar(&r->y, stage, "stage");

		if (text == NULL || strlen(text) != 1 || text[0] < '1' || text[0] > '9') {
			yaml_problem(&r->y, stage->line, "stage: no number of a stage; write 1 to 9");
			return false;
		}
		signal->stage = text[0] - '0';
	}
	return to == NULL || read_addressees(r, to, signal);
}

const char *
scenario_signal_text(struct arena *a, const struct scenario_signal *signal)
{
	const char *code = record_code_of("SignalCode", signal->code);
	const char *text = arena_printf(a, "%.*s", SHORT_SIGNAL, code);
	const char *between = " to ";
	const char *names[64];
	unsigned count = 0;

	if (signal->stage != 1)
		text = arena_printf(a, "%s/%d", text, signal->stage);
	for (int i = 1; i < 64; i++) {
		if ((signal->to >> i & 1) != 0)
			names[count++] = record_code_of("Addressee", i);
	}
	scenario_sort(names, count);
	for (unsigned i = 0; i < count; i++, between = ", ")
		text = arena_printf(a, "%s%s%s", text, between, names[i]);
	return count == 0 && !signal->any_to ? arena_printf(a, "%s to nobody", text) : text;
}

/* ---- one key ---- */

static bool
read_list(struct scenario_reader *r, const struct key *key, const struct tree *node, struct scenario_check *check)
{
	if (!is_list(r, node, key->name))
		return false;
	check->values = ARENA_ARRAY(r->y.arena, const char *, yaml_length(node) + 1);
	check->signals = ARENA_ARRAY(r->y.arena, struct scenario_signal, yaml_length(node) + 1);
	for (const struct tree *item = node->first; item != NULL; item = item->next) {
		if (key->form == SIGNALS) {
			if (!read_signal(r, item, &check->signals[check->signal_count++]))
				return false;
			continue;
		}
		const char *value = key->form == DEADLINES ? deadline(r, key->name, item) : one(r, key, item);

		if (value == NULL)
			return false;
		check->values[check->count++] = value;
	}
	scenario_sort(check->values, check->count);
	return true;
}

static bool
read_one(struct scenario_reader *r, const struct key *key, const struct tree *node, struct scenario_check *check)
{
	const char *value;

	if (scenario_is_null(node))
		return true;
	if (key->form == ONE_ALIAS) {
		check->alias = scenario_alias(r, node, false);
		if (check->alias < 0)
			return false;
		value = r->scenario->aliases[check->alias];
	} else if (key->form == ONE_BOOL) {
		const unsigned before = r->y.problems->count;
		const bool yes = yaml_bool(&r->y, node);

		if (r->y.problems->count > before)
			return false;
		value = yes ? "true" : "false";
	} else {
		value = key->form == ONE_DEADLINE ? deadline(r, key->name, node) : one(r, key, node);
	}
	if (value == NULL)
		return false;
	check->values = ARENA_ARRAY(r->y.arena, const char *, 1);
	check->values[check->count++] = value;
	return true;
}

static bool
read_key(struct scenario_reader *r, enum scenario_key k, const struct tree *node, struct scenario_expect *expect)
{
	const struct key *key = &keys[k];
	struct scenario_check *check = ARENA_NEW(r->y.arena, struct scenario_check);
	const bool set = key->form == CODES || key->form == ENUMS || key->form == DEADLINES || key->form == SIGNALS;

	if (k < SCENARIO_WARNINGS && expect->alias < 0) {
		yaml_problem(&r->y, node->line, "%s: the step names no case to look at; add case: A", key->name);
		return false;
	}
	expect->checks[k] = check;
	return set && !scenario_is_null(node) ? read_list(r, key, node, check) : read_one(r, key, node, check);
}

struct scenario_expect *
scenario_expect_read(struct scenario_reader *r, const struct tree *node, int alias)
{
	struct scenario_expect *expect = ARENA_NEW(r->y.arena, struct scenario_expect);
	const char *known[SCENARIO_KEYS + 1] = {NULL};
	bool good = true;

	expect->alias = alias;
	if (node == NULL)
		return expect;
	expect->line = node->line;
	for (unsigned k = 0; k < SCENARIO_KEYS; k++)
		known[k] = keys[k].name;
	if (scenario_is_null(node))
		return expect;
	if (!yaml_map_is_known(&r->y, node, known))
		return NULL;
	for (unsigned k = 0; k < SCENARIO_KEYS; k++) {
		const struct tree *value = tree_get(node, keys[k].name);

		if (value != NULL)
			good = read_key(r, (enum scenario_key)k, value, expect) && good;
	}
	return good ? expect : NULL;
}
