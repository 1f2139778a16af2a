// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/submit_read.h"

#include <errno.h>
#include <sodium.h>

#include "common/nearest.h"
#include "services/cli/yaml_tree.h"

void
submit_list_init(struct submit_list *list)
{
	*list = (struct submit_list){.end = &list->first};
}

static bool
add_tree(struct arena *a, const char *name, unsigned line, const struct tree *tree, struct submit_list *list,
	 struct why *why)
{
	struct why inner;
	pb_Submission *submission = record_from_tree(a, &pb_Submission_descriptor, tree, &inner);

	if (submission == NULL) {
		/* The line of a document that was a line of its own says nothing: it is always 1. */
		if (line > 0 && strncmp(inner.text, "line ", 5) == 0 && strchr(inner.text, ':') != NULL)
			why_set(why, "%.200s:%u%s", name, line, strchr(inner.text, ':'));
		else
			why_set(why, "%.200s: %s", name, inner.text);
		return false;
	}
	struct submit_item *item = ARENA_NEW(a, struct submit_item);
	item->from = line + tree->line == 0 ? name : arena_printf(a, "%s:%u", name, line > 0 ? line : tree->line);
	item->submission = submission;
	*list->end = item;
	list->end = &item->next;
	list->count++;
	return true;
}

/* Every line that holds something begins with a brace, and there is more than one: JSON lines. Inside one document that is
 * written over several lines, what is nested stands further to the right. */
static bool
is_lines(struct bytes text)
{
	unsigned begun = 0;
	bool fresh = true;

	for (size_t i = 0; i < text.len; i++) {
		if (fresh && text.data[i] == '{')
			begun++;
		fresh = text.data[i] == '\n';
	}
	return begun > 1 && text.data[0] == '{';
}

static bool
add_lines(struct arena *a, const char *name, struct bytes text, struct submit_list *list, struct why *why)
{
	unsigned line = 1;

	for (size_t at = 0; at < text.len; line++) {
		const uint8_t *end = memchr(text.data + at, '\n', text.len - at);
		const size_t len = end == NULL ? text.len - at : (size_t)(end - (text.data + at));
		const struct bytes one = bytes_of(text.data + at, len);
		at += len + 1;
		if (len == 0 || strspn(arena_str(a, one), " \t\r") == len)
			continue;
		const char *where = arena_printf(a, "%s, line %u", name, line);
		const struct tree *tree = yaml_tree_parse(a, where, one, why);
		if (tree == NULL || !add_tree(a, name, line, tree, list, why))
			return false;
	}
	return true;
}

static bool
add_document(struct arena *a, const char *name, struct bytes text, struct submit_list *list, struct why *why)
{
	const struct tree *tree = yaml_tree_parse(a, name, text, why);

	if (tree == NULL)
		return false;
	if (tree->kind != TREE_LIST)
		return add_tree(a, name, 0, tree, list, why);
	for (const struct tree *one = tree->first; one != NULL; one = one->next)
		if (!add_tree(a, name, 0, one, list, why))
			return false;
	return true;
}

static bool
slurp(struct arena *a, FILE *f, struct bytes *text, const char *name, struct why *why)
{
	size_t room = 64u << 10, len = 0;
	uint8_t *data = arena_take(a, room);

	for (;;) {
		len += fread(data + len, 1, room - len, f);
		if (ferror(f)) {
			why_set(why, "%.200s: cannot be read: %s", name, strerror(errno));
			return false;
		}
		if (len < room)
			break;
		if (room >= SUBMIT_BYTES_MAX) {
			why_set(why, "%.200s: more than %u bytes; divide it", name, SUBMIT_BYTES_MAX);
			return false;
		}
		uint8_t *grown = arena_take(a, room * 2);
		memcpy(grown, data, len);
		data = grown;
		room *= 2;
	}
	*text = bytes_of(data, len);
	return true;
}

bool
submit_read_file(struct arena *a, const char *path, struct submit_list *list, struct why *why)
{
	const bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "standard input" : path;
	struct bytes text;
	FILE *f = standard ? stdin : fopen(path, "re");

	if (f == NULL) {
		why_set(why, "%.200s: cannot be opened: %s; look at the path", path, strerror(errno));
		return false;
	}
	const bool read = slurp(a, f, &text, name, why);
	if (!standard)
		fclose(f);
	if (!read)
		return false;
	return is_lines(text) ? add_lines(a, name, text, list, why) : add_document(a, name, text, list, why);
}

/* ---- from the command line ---- */

static const ProtobufCFieldDescriptor *
find_body(const char *message, struct why *why)
{
	const ProtobufCMessageDescriptor *d = &pb_Submission_descriptor;
	struct nearest nearest;

	nearest_begin(&nearest, message);
	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
			continue;
		const char *name = ((const ProtobufCMessageDescriptor *)f->descriptor)->short_name;
		if (strcmp(name, message) == 0)
			return f;
		nearest_offer(&nearest, name);
	}
	why_set(why, "--message: there is no message '%.60s'; %s", message, nearest_remedy(&nearest));
	return NULL;
}

static struct tree *
scalar(struct arena *a, const char *key, const char *text)
{
	struct tree *t = ARENA_NEW(a, struct tree);

	*t = (struct tree){.kind = TREE_SCALAR, .key = key, .text = text, .quoted = true};
	return t;
}

bool
submit_read_flags(struct arena *a, const char *message, const char *case_id, const char *by, const char *with,
		  struct submit_list *list, struct why *why)
{
	const ProtobufCFieldDescriptor *field = find_body(message, why);
	struct tree root = {.kind = TREE_MAP}, **end = &root.first;
	struct tree *body = ARENA_NEW(a, struct tree);

	if (field == NULL)
		return false;
	body->kind = TREE_MAP;
	if (with != NULL) {
		const struct tree *parsed = yaml_tree_parse(a, "--with", bytes_str(with), why);
		if (parsed == NULL)
			return false;
		if (parsed->kind != TREE_MAP) {
			why_set(why, "--with: write the fields of %s as '{name: value, ...}'", message);
			return false;
		}
		*body = *parsed;
	}
	body->key = field->name;
	if (case_id != NULL) {
		*end = scalar(a, "case_id", case_id);
		end = &(*end)->next;
	}
	*end = scalar(a, "actor", by);
	(*end)->next = body;
	return add_tree(a, "the command line", 0, &root, list, why);
}

char *
submit_random_id(struct arena *a)
{
	uint8_t random[16];
	char hex[33];

	randombytes_buf(random, sizeof random);
	bytes_hex(bytes_of(random, sizeof random), hex);
	return arena_str(a, bytes_str(hex));
}
