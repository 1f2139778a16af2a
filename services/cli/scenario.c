// SPDX-License-Identifier: EUPL-1.2
/* scenario.c - the file and its steps; `expect` stands in scenario_expect.c, messages in scenario_message.c. */
#include "services/cli/scenario_reader.h"

#include "services/cli/adoption.h"
#include "services/cli/policy_file.h"
#include "services/cli/yaml_tree.h"

#define WHAT_MAX 3 /* names of messages that are told of a step */

static const char *const scenario_keys[] = {"scenario",     "title", "registry", "policy", "registry_patch",
					    "policy_patch", "notes", "steps",    NULL};
static const char *const step_keys[] = {"at",          "case", "send",   "by",    "with", "id",     "source",
					"occurred_at", "tick", "expect", "notes", "also", "proves", NULL};

int
scenario_alias(struct scenario_reader *r, const struct tree *node, bool introduce)
{
	struct scenario *s = r->scenario;
	const char *text = yaml_scalar(&r->y, node, "case");
	unsigned i = 0;

	if (text == NULL)
		return -1;
	while (i < s->alias_count && strcmp(s->aliases[i], text) != 0)
		i++;
	if (i == s->alias_count) {
		if (i == SCENARIO_ALIASES_MAX || text[0] == '\0') {
			yaml_problem(&r->y, node->line, "case: empty, or more than %d cases; divide the file",
				     SCENARIO_ALIASES_MAX);
			return -1;
		}
		s->aliases[s->alias_count++] = yaml_text(&r->y, text);
	}
	if (!introduce && !r->opened[i]) {
		yaml_problem(&r->y, node->line,
			     "there is no case %.40s so far; name one that a message has opened, or open it first",
			     text);
		return -1;
	}
	return (int)i;
}

bool
scenario_moment(struct scenario_reader *r, const struct tree *node, int64_t *at_ms)
{
	struct tree *scalar = ARENA_NEW(r->y.arena, struct tree);
	struct tree *map = ARENA_NEW(r->y.arena, struct tree);
	const char *text = yaml_scalar(&r->y, node, "at");
	struct why why;

	if (text == NULL)
		return false;
	*scalar = (struct tree){.kind = TREE_SCALAR, .key = "occurred_at", .text = text};
	*map = (struct tree){.kind = TREE_MAP, .first = scalar};
	const pb_Submission *s = record_from_tree(r->y.arena, &pb_Submission_descriptor, map, &why);

	if (s == NULL || s->occurred_at == NULL) {
		yaml_problem(&r->y, node->line, "'%.40s' is no moment; write it as 2021-03-01T10:00, local time", text);
		return false;
	}
	*at_ms = record_at_ms(s->occurred_at);
	return true;
}

/* ---- who it speaks for ---- */

static struct scenario_source *
source_of(struct scenario_reader *r, const char *id)
{
	struct scenario *s = r->scenario;

	for (unsigned i = 0; i < s->source_count; i++) {
		if (strcmp(s->sources[i].id, id) == 0)
			return &s->sources[i];
	}
	if (s->source_count == SCENARIO_SOURCES_MAX) {
		problems_add(r->y.problems, arena_printf(r->y.arena, "%s: more than %d senders; divide the file",
							 s->file, SCENARIO_SOURCES_MAX));
		return NULL;
	}
	s->sources[s->source_count] = (struct scenario_source){.id = id};
	return &s->sources[s->source_count++];
}

static void
speak_for(struct scenario_reader *r, const struct scenario_message *m)
{
	const pb_Actor *actor = m->submission->actor;
	const char *organisation = actor == NULL ? "" : actor->organisation;

	if (m->may_be_unallowed || !record_is_id(m->submission->source))
		return;
	struct scenario_source *source = source_of(r, m->submission->source);

	if (source == NULL || actor == NULL)
		return;
	if (!m->may_lack_role)
		source->roles |= UINT64_C(1) << actor->role;
	if (organisation[0] == '\0')
		return;
	for (unsigned i = 0; i < source->organisation_count; i++) {
		if (strcmp(source->organisations[i], organisation) == 0)
			return;
	}
	if (source->organisations == NULL)
		source->organisations = ARENA_ARRAY(r->y.arena, const char *, RECORD_REPEATED_MAX);
	if (source->organisation_count < RECORD_REPEATED_MAX)
		source->organisations[source->organisation_count++] = organisation;
}

/* A source that the story registers itself is the story's business. */
static void
leave_out_registered(struct scenario_reader *r)
{
	struct scenario *s = r->scenario;

	for (unsigned i = 0; i < s->message_count; i++) {
		const pb_Submission *m = r->messages[i]->submission;

		if (m->body_case != DOORBRAAK__V1__SUBMISSION__BODY_SOURCE_REGISTERED)
			continue;
		for (unsigned j = 0; j < s->source_count; j++) {
			if (strcmp(s->sources[j].id, m->source_registered->source) == 0)
				s->sources[j--] = s->sources[--s->source_count];
		}
	}
}

/* ---- steps ---- */

/* The reason that the last message of a step is to be rejected for; "" when it is not. */
static const char *
reason_expected(const struct tree *step)
{
	const struct tree *node = tree_get(tree_get(step, "expect"), "rejected");

	return node == NULL || node->kind != TREE_SCALAR || scenario_is_null(node) ? "" : node->text;
}

static bool
read_messages(struct scenario_reader *r, const struct tree *node, struct scenario_step *step)
{
	const struct tree *send = tree_get(node, "send");
	const unsigned count = send->kind == TREE_LIST ? yaml_length(send) : 1;
	const struct scenario_message **messages = ARENA_ARRAY(r->y.arena, const struct scenario_message *, count + 1);
	const char *rejected = reason_expected(node);
	bool good = true;

	if (count == 0) {
		yaml_problem(&r->y, send->line, "send: an empty list; name a message, or write tick: true");
		return false;
	}
	for (unsigned i = 0; i < count; i++) {
		const struct tree *item = send->kind == TREE_LIST ? send->first : node;

		for (unsigned j = 0; j < i; j++)
			item = item->next;
		const struct scenario_message *m =
		    scenario_message_read(r, node, item, step, i + 1 == count ? rejected : "");

		good = m != NULL && good;
		if (m == NULL)
			continue;
		messages[step->message_count++] = m;
		r->messages[r->scenario->message_count++] = m;
		speak_for(r, m);
	}
	step->messages = messages;
	for (unsigned i = 0; i < step->message_count && i < WHAT_MAX; i++)
		step->what =
		    i == 0 ? messages[i]->name : arena_printf(r->y.arena, "%s, %s", step->what, messages[i]->name);
	if (step->message_count > WHAT_MAX)
		step->what = arena_printf(r->y.arena, "%s and %u more", step->what, step->message_count - WHAT_MAX);
	return good;
}

static bool
read_expectations(struct scenario_reader *r, const struct tree *node, struct scenario_step *step)
{
	const struct tree *also = tree_get(node, "also");
	int alias = step->alias;

	/* Without a case of the step its last message says which. */
	if (alias < 0 && step->message_count > 0)
		alias = step->messages[step->message_count - 1]->alias;
	struct scenario_expect *last = scenario_expect_read(r, tree_get(node, "expect"), alias);

	step->expect = last;
	if (last == NULL || also == NULL)
		return last != NULL;
	if (also->kind != TREE_MAP) {
		yaml_problem(&r->y, also->line, "also: no map; write {B: {state: ..}}");
		return false;
	}
	for (const struct tree *other = also->first; other != NULL; other = other->next) {
		const struct tree name = {.kind = TREE_SCALAR, .text = other->key, .line = other->line};
		const int b = scenario_alias(r, &name, false);
		struct scenario_expect *expect = b < 0 ? NULL : scenario_expect_read(r, other, b);

		if (expect == NULL)
			return false;
		last = last->next = expect;
	}
	return true;
}

static bool
read_time(struct scenario_reader *r, const struct tree *node, struct scenario_step *step)
{
	const struct tree *at = tree_get(node, "at");

	if (at == NULL) {
		yaml_problem(&r->y, node->line, "the step says no time; add at: 2021-03-01T10:00");
		return false;
	}
	if (!scenario_moment(r, at, &step->at_ms))
		return false;
	step->at = yaml_text(&r->y, at->text);
	if (step->at_ms < r->last_ms) {
		yaml_problem(&r->y, at->line,
			     "%.40s lies before the step above; time only goes forward: move the step, or give the "
			     "message an occurred_at",
			     step->at);
		return false;
	}
	r->last_ms = step->at_ms;
	return true;
}

/* R1, R83. */
static bool
is_rule(const char *text)
{
	return text[0] == 'R' && text[1] >= '1' && text[1] <= '9' && strspn(text + 1, "0123456789") + 1 == strlen(text);
}

static bool
expects_something(const struct scenario_step *step)
{
	for (const struct scenario_expect *e = step->expect; e != NULL; e = e->next) {
		for (unsigned k = 0; k < SCENARIO_KEYS; k++) {
			if (e->checks[k] != NULL)
				return true;
		}
	}
	return false;
}

static void
read_proves(struct scenario_reader *r, const struct tree *node, struct scenario_step *step)
{
	const struct tree *proves = tree_get(node, "proves");

	if (proves == NULL || !yaml_is_list(&r->y, proves))
		return;
	if (!expects_something(step)) {
		yaml_problem(&r->y, proves->line, "proves: the step expects nothing, so it shows nothing; add expect:");
		return;
	}
	step->proves = ARENA_ARRAY(r->y.arena, const char *, yaml_length(proves) + 1);
	for (const struct tree *item = proves->first; item != NULL; item = item->next) {
		const char *text = yaml_scalar(&r->y, item, "proves");

		if (text != NULL && is_rule(text))
			step->proves[step->proves_count++] = yaml_text(&r->y, text);
		else if (text != NULL)
			yaml_problem(&r->y, item->line, "proves: '%.40s' is no rule; write R and its number, as R17",
				     text);
	}
}

static void
read_step(struct scenario_reader *r, const struct tree *node, struct scenario_step *step)
{
	const struct tree *alias = tree_get(node, "case");
	const struct tree *send = tree_get(node, "send");
	const struct tree *tick = tree_get(node, "tick");

	step->line = node->line;
	step->alias = -1;
	step->what = "time passes";
	step->expect = ARENA_NEW(r->y.arena, struct scenario_expect);
	if (!yaml_map_is_known(&r->y, node, step_keys) || !read_time(r, node, step))
		return;
	if (send == NULL && (tick == NULL || !yaml_bool(&r->y, tick))) {
		yaml_problem(&r->y, node->line, "the step does nothing; add send: and a message, or tick: true");
		return;
	}
	/* Whether the case is there is looked at behind the messages: they may open it. */
	if (alias != NULL && !scenario_is_null(alias)) {
		step->alias = scenario_alias(r, alias, true);
		if (step->alias < 0)
			return;
	}
	if (send != NULL && !read_messages(r, node, step))
		return;
	const struct tree *expect = tree_get(node, "expect");

	if (step->alias >= 0 && expect != NULL && reason_expected(node)[0] == '\0' &&
	    scenario_alias(r, alias, false) < 0)
		return;
	if (read_expectations(r, node, step))
		read_proves(r, node, step);
}

static unsigned
count_messages(const struct tree *steps)
{
	unsigned count = 0;

	for (const struct tree *node = steps->first; node != NULL; node = node->next) {
		const struct tree *send = tree_get(node, "send");

		count += send == NULL ? 0 : send->kind == TREE_LIST ? yaml_length(send) : 1;
	}
	return count;
}

/* ---- the file ---- */

static void
read_policies(struct scenario_reader *r, const struct tree *list)
{
	struct scenario *s = r->scenario;
	struct arena *a = r->y.arena;

	if (list == NULL || scenario_is_null(list) || !yaml_is_list(&r->y, list))
		return;
	s->policies = ARENA_ARRAY(a, pb_PolicyAdopted *, SCENARIO_POLICIES_MAX);
	for (const struct tree *item = list->first; item != NULL; item = item->next) {
		struct policy_file *file = ARENA_NEW(a, struct policy_file);

		if (item->kind == TREE_MAP && tree_get(item, "region") == NULL) {
			yaml_problem(&r->y, item->line,
				     "policy_patch: a policy without region; add region:, or change the values of the "
				     "country by PolicyAdopted in a step");
		} else if (s->policy_count == SCENARIO_POLICIES_MAX) {
			yaml_problem(&r->y, item->line, "policy_patch: more than %d policies; divide the file",
				     SCENARIO_POLICIES_MAX);
			return;
		} else if (policy_file_part(a, s->file, item, adoption_scopes, ADOPTION_POLICY_SCOPES, file)) {
			s->policies[s->policy_count++] = file->policy;
		}
		for (unsigned i = 0; i < file->problems.count && i < PROBLEMS_MAX; i++)
			problems_add(r->y.problems, file->problems.text[i]);
	}
}

static void
read_head(struct scenario_reader *r, const struct tree *root)
{
	struct scenario *s = r->scenario;
	const char *registry = yaml_text_of(&r->y, root, "registry");
	const char *policy = yaml_text_of(&r->y, root, "policy");

	s->name = yaml_text_of(&r->y, root, "scenario");
	s->title = yaml_text_of(&r->y, root, "title");
	s->registry_patch = tree_get(root, "registry_patch");
	if (s->registry_patch != NULL && scenario_is_null(s->registry_patch))
		s->registry_patch = NULL;
	read_policies(r, tree_get(root, "policy_patch"));
	if (s->name == NULL || s->title == NULL)
		return;
	if (s->name[0] == '\0')
		yaml_problem(&r->y, root->line, "the file names no scenario; add scenario: NAME on top");
	if (registry != NULL && registry[0] != '\0' && strcmp(registry, ADOPTION_REGISTRY_NAME) != 0)
		yaml_problem(&r->y, tree_get(root, "registry")->line,
			     "'%.40s' is no registry that is shipped; write nl, and the rest as registry_patch",
			     registry);
	if (policy != NULL && policy[0] != '\0' && strcmp(policy, "default") != 0)
		yaml_problem(&r->y, tree_get(root, "policy")->line,
			     "'%.40s' is no policy that is shipped; write default, and changes as policy_patch, or "
			     "as PolicyAdopted in a step",
			     policy);
}

static bool
read_root(struct scenario_reader *r, const struct tree *root)
{
	struct scenario *s = r->scenario;
	struct arena *a = r->y.arena;
	const struct tree *steps = tree_get(root, "steps");

	if (!yaml_map_is_known(&r->y, root, scenario_keys))
		return false;
	read_head(r, root);
	if (steps == NULL || steps->kind != TREE_LIST || steps->first == NULL) {
		yaml_problem(&r->y, steps == NULL ? root->line : steps->line,
			     "the file has no steps; add steps: and a list, each with at: and send:");
		return false;
	}
	const unsigned messages = count_messages(steps);
	struct scenario_step *list = ARENA_ARRAY(a, struct scenario_step, yaml_length(steps));

	r->messages = ARENA_ARRAY(a, const struct scenario_message *, messages + 1);
	r->opened = ARENA_ARRAY(a, bool, SCENARIO_ALIASES_MAX);
	s->aliases = ARENA_ARRAY(a, const char *, SCENARIO_ALIASES_MAX);
	s->sources = ARENA_ARRAY(a, struct scenario_source, SCENARIO_SOURCES_MAX);
	s->steps = list;
	for (const struct tree *node = steps->first; node != NULL; node = node->next) {
		list[s->step_count].number = s->step_count + 1;
		read_step(r, node, &list[s->step_count++]);
	}
	leave_out_registered(r);
	return true;
}

static bool
read_tree(struct arena *a, const char *name, const struct tree *root, const struct why *why, struct scenario *scenario)
{
	struct scenario_reader *r = ARENA_NEW(a, struct scenario_reader);

	*scenario = (struct scenario){.file = name, .name = "", .title = ""};
	r->y = (struct yaml_reader){.arena = a, .problems = &scenario->problems, .file = name};
	r->scenario = scenario;
	r->last_ms = INT64_MIN;
	if (root == NULL)
		problems_add(&scenario->problems, arena_printf(a, "%s", why->text));
	else
		read_root(r, root);
	return scenario->problems.count == 0;
}

bool
scenario_read(struct arena *a, const char *path, struct scenario *scenario)
{
	struct why why = {{0}};

	return read_tree(a, path, yaml_tree_file(a, path, &why), &why, scenario);
}

bool
scenario_parse(struct arena *a, const char *name, struct bytes text, struct scenario *scenario)
{
	struct why why = {{0}};

	return read_tree(a, name, yaml_tree_parse(a, name, text, &why), &why, scenario);
}
