// SPDX-License-Identifier: EUPL-1.2
/* scenario_message.c - a message of a step as a submission, as far as the file says it. */
#include <stdio.h>

#include "common/nearest.h"
#include "services/cli/scenario_reader.h"

/* Where the words of a message stand: in a step with one message beside `send`, else in the item of the list. What
 * an item leaves out the step may say. */
struct words {
	const struct tree *step, *item;
};

static const struct tree *
word(const struct words *w, const char *key)
{
	const struct tree *node = w->item == w->step ? NULL : tree_get(w->item, key);

	if (node == NULL && (w->item == w->step || strcmp(key, "by") == 0 || strcmp(key, "case") == 0))
		node = tree_get(w->step, key);
	return node == NULL || scenario_is_null(node) ? NULL : node;
}

/* A complaint of record_from_tree(), which knows the line but not the file. */
static void
tell(struct scenario_reader *r, unsigned line, const struct why *why)
{
	const char *text = why->text;
	int used = 0;

	if (sscanf(text, "line %u: %n", &line, &used) == 1 && used > 0)
		text += used;
	yaml_problem(&r->y, line, "%s", text);
}

/* CaseSubmitted -> case_submitted. */
static const ProtobufCFieldDescriptor *
field_of_message(const char *name)
{
	for (unsigned i = 0; i < pb_Submission_descriptor.n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &pb_Submission_descriptor.fields[i];

		if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
		    strcmp(((const ProtobufCMessageDescriptor *)f->descriptor)->short_name, name) == 0)
			return f;
	}
	return NULL;
}

static const ProtobufCFieldDescriptor *
read_name(struct scenario_reader *r, const struct tree *node)
{
	const char *name = yaml_scalar(&r->y, node, "send");
	const ProtobufCFieldDescriptor *f = name == NULL ? NULL : field_of_message(name);
	struct nearest nearest;

	if (name == NULL || f != NULL)
		return f;
	nearest_begin(&nearest, name);
	for (unsigned i = 0; i < pb_Submission_descriptor.n_fields; i++) {
		f = &pb_Submission_descriptor.fields[i];
		if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
			nearest_offer(&nearest, ((const ProtobufCMessageDescriptor *)f->descriptor)->short_name);
	}
	yaml_problem(&r->y, node->line, "'%.60s' is no message; %s", name, nearest_remedy(&nearest));
	return NULL;
}

/* ---- with ---- */

#define NO_SUCH_CODE 9999 /* a number that no enum has */

/* What the contract does not know, of a message that is to be rejected: it is sent all the same. */
struct unknown {
	bool field;                           /* a field */
	const ProtobufCFieldDescriptor *code; /* a code of this field's enum */
};

static bool
is_unknown_code(const ProtobufCFieldDescriptor *f, const struct tree *node)
{
	return f->type == PROTOBUF_C_TYPE_ENUM && f->label != PROTOBUF_C_LABEL_REPEATED && node->kind == TREE_SCALAR &&
	       !scenario_is_null(node) && record_enum_value(f->descriptor, node->text) < 0;
}

/* The map without what is unknown. */
static const struct tree *
without_unknown(struct scenario_reader *r, const ProtobufCMessageDescriptor *d, const struct tree *with,
		struct unknown *unknown)
{
	struct tree *map = ARENA_NEW(r->y.arena, struct tree);
	struct tree **last = &map->first;

	*map = *with;
	*last = NULL;
	for (const struct tree *node = with->first; node != NULL; node = node->next) {
		const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(d, node->key);

		if (f == NULL || is_unknown_code(f, node)) {
			unknown->field = unknown->field || f == NULL;
			unknown->code = f == NULL ? unknown->code : f;
			continue;
		}
		*last = ARENA_NEW(r->y.arena, struct tree);
		**last = *node;
		(*last)->next = NULL;
		last = &(*last)->next;
	}
	return map;
}

static void
add_unknown_field(struct scenario_reader *r, ProtobufCMessage *body)
{
	static const uint8_t content[] = {1, 'x'};
	ProtobufCMessageUnknownField *f = ARENA_NEW(r->y.arena, ProtobufCMessageUnknownField);

	f->tag = 1000;
	f->wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
	f->len = sizeof content;
	f->data = (uint8_t *)(uintptr_t)content;
	body->unknown_fields = f;
	body->n_unknown_fields = 1;
}

static bool
read_body(struct scenario_reader *r, const struct tree *with, const ProtobufCFieldDescriptor *field, bool rejected,
	  struct scenario_message *m, unsigned line)
{
	const ProtobufCMessageDescriptor *d = field->descriptor;
	struct unknown unknown = {.field = false};
	struct why why;

	if (rejected && with != NULL && with->kind == TREE_MAP)
		with = without_unknown(r, d, with, &unknown);
	ProtobufCMessage *body = record_from_tree(r->y.arena, d, with, &why);

	if (body == NULL) {
		tell(r, line, &why);
		return false;
	}
	if (unknown.field)
		add_unknown_field(r, body);
	if (unknown.code != NULL)
		*(int *)(void *)((char *)body + unknown.code->offset) = NO_SUCH_CODE;
	m->has_body = with != NULL;
	m->body = record_pack(r->y.arena, body);
	m->submission->body_case = (Doorbraak__V1__Submission__BodyCase)field->id;
	memcpy((char *)m->submission + field->offset, &body, sizeof body);
	return true;
}

/* ---- envelope ---- */

static bool
read_actor(struct scenario_reader *r, const struct tree *by, struct scenario_message *m)
{
	struct tree *actor = ARENA_NEW(r->y.arena, struct tree);
	struct tree *map = ARENA_NEW(r->y.arena, struct tree);
	struct why why;

	*actor = *by;
	actor->key = "actor";
	actor->next = NULL;
	*map = (struct tree){.kind = TREE_MAP, .first = actor};
	const pb_Submission *s = record_from_tree(r->y.arena, &pb_Submission_descriptor, map, &why);

	if (s == NULL) {
		tell(r, by->line, &why);
		return false;
	}
	m->submission->actor = s->actor;
	return true;
}

/* One sender an organisation; those without one (PARENT) have one a role. */
static char *
source_of_actor(struct arena *a, const pb_Actor *actor)
{
	const bool named = actor->organisation[0] != '\0';
	char *id = arena_printf(a, "src-%s", named ? actor->organisation : record_code_of("Role", (int)actor->role));

	for (char *p = id; *p != '\0'; p++) {
		if (*p == '_')
			*p = '-';
	}
	return id;
}

static bool
read_envelope(struct scenario_reader *r, const struct words *w, struct scenario_message *m)
{
	const struct tree *by = word(w, "by");
	const struct tree *source = word(w, "source");
	const struct tree *id = word(w, "id");
	const struct tree *occurred = word(w, "occurred_at");
	pb_Submission *s = m->submission;

	if (by == NULL && source == NULL) {
		yaml_problem(&r->y, w->item->line, "%s: nobody says it; add by: ROLE@ORGANISATION", m->name);
		return false;
	}
	if (by != NULL && !read_actor(r, by, m))
		return false;
	if (source != NULL) {
		const char *text = yaml_scalar(&r->y, source, "source");
		if (text == NULL)
			return false;
		s->source = yaml_text(&r->y, text);
	} else {
		s->source = source_of_actor(r->y.arena, s->actor);
	}
	if (id != NULL) {
		const char *text = yaml_scalar(&r->y, id, "id");
		if (text == NULL)
			return false;
		s->id = yaml_text(&r->y, text);
		m->key = arena_printf(r->y.arena, "%s %s", s->source, text);
	}
	return occurred == NULL || scenario_moment(r, occurred, &m->occurred_ms);
}

/* The same id from the same sender again: as it was the first time, unless what it says differs. */
static void
find_repetition(const struct scenario_reader *r, struct scenario_message *m)
{
	m->repeats = -1;
	for (unsigned i = 0; m->key != NULL && i < r->scenario->message_count; i++) {
		const struct scenario_message *first = r->messages[i];

		if (first->key == NULL || strcmp(first->key, m->key) != 0 || strcmp(first->name, m->name) != 0)
			continue;
		if (!m->has_body || bytes_equal(first->body, m->body)) {
			m->repeats = (int)i;
			return;
		}
	}
}

/* ---- the case ---- */

static bool
read_case(struct scenario_reader *r, const struct words *w, const struct scenario_step *step, const char *rejected,
	  struct scenario_message *m)
{
	const struct tree *node = word(w, "case");
	const int kind = (int)m->submission->body_case;
	const bool needs =
	    !record_kind_has_no_case(kind) && kind != DOORBRAAK__V1__SUBMISSION__BODY_SIGNAL_ACKNOWLEDGED;

	m->alias = step->alias;
	if (node != NULL)
		m->alias = scenario_alias(r, node, true);
	else if (!needs || step->alias >= 0)
		return true;
	else
		yaml_problem(&r->y, w->item->line, "%s: it belongs to a case; add case: A", m->name);
	if (m->alias < 0)
		return false;
	if (record_kind_opens(kind))
		r->opened[m->alias] = true;
	if (r->opened[m->alias] || !needs || rejected[0] != '\0')
		return true;
	/* Tells that there is none. */
	return node != NULL && scenario_alias(r, node, false) >= 0;
}

/* What a SignalAcknowledged is about: a case by its alias, or, when it says CASE alone, the case of the step. */
static void
read_subject(struct scenario_reader *r, struct scenario_message *m)
{
	m->subject_alias = -1;
	if (m->submission->body_case != DOORBRAAK__V1__SUBMISSION__BODY_SIGNAL_ACKNOWLEDGED ||
	    m->submission->signal_acknowledged->subject != (int)SIGNAL_SUBJECT_CASE)
		return;
	const char *subject = m->submission->signal_acknowledged->subject_id;

	if (subject[0] == '\0')
		m->subject_alias = m->alias;
	for (unsigned i = 0; i < r->scenario->alias_count; i++) {
		if (strcmp(r->scenario->aliases[i], subject) == 0)
			m->subject_alias = (int)i;
	}
}

static const struct tree *
name_of(struct scenario_reader *r, const struct words *w)
{
	static const char *const known[] = {"msg", "send", "by", "with", "id", "source", "occurred_at", "case", NULL};

	if (w->item == w->step)
		return tree_get(w->step, "send");
	if (w->item->kind == TREE_SCALAR)
		return w->item;
	if (!yaml_map_is_known(&r->y, w->item, known))
		return NULL;
	const struct tree *name = tree_get(w->item, "msg");

	if (name == NULL)
		name = tree_get(w->item, "send");
	if (name == NULL)
		yaml_problem(&r->y, w->item->line, "no message is named; add msg: and its name");
	return name;
}

const struct scenario_message *
scenario_message_read(struct scenario_reader *r, const struct tree *step_node, const struct tree *item,
		      const struct scenario_step *step, const char *rejected)
{
	const struct words w = {step_node, item};
	struct scenario_message *m = ARENA_NEW(r->y.arena, struct scenario_message);
	const struct tree *name = name_of(r, &w);
	const ProtobufCFieldDescriptor *field = name == NULL ? NULL : read_name(r, name);

	if (field == NULL)
		return NULL;
	m->number = r->scenario->message_count;
	m->line = item->line;
	m->name = ((const ProtobufCMessageDescriptor *)field->descriptor)->short_name;
	m->may_be_unallowed = strcmp(rejected, "UNKNOWN_SOURCE") == 0;
	m->may_lack_role = strcmp(rejected, "SENDER_NOT_ALLOWED") == 0;
	m->submission = ARENA_NEW(r->y.arena, pb_Submission);
	pb_Submission_init(m->submission);
	const bool body = read_body(r, word(&w, "with"), field, rejected[0] != '\0', m, item->line);

	if (!read_envelope(r, &w, m) || !body || !read_case(r, &w, step, rejected, m))
		return NULL;
	read_subject(r, m);
	find_repetition(r, m);
	return m;
}
