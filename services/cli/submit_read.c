// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/submit_read.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/json_wire.h"
#include "common/nearest.h"
#include "common/record_fields.h"
#include "services/cli/yaml_tree.h"

/* ---- trees ---- */

/* The line of a document that was a line of its own says nothing: it is always 1. */
static void
told_at(struct why *why, const char *name, unsigned line, const struct why *inner)
{
	const char *text = inner->text;

	if (line > 0 && strncmp(text, "line ", 5) == 0 && strchr(text, ':') != NULL)
		text = strchr(text, ':') + 2;
	if (line > 0)
		why_set(why, "%.200s:%u: %s", name, line, text);
	else
		why_set(why, "%.200s: %s", name, text);
}

static bool
read_item(struct arena *a, const char *name, unsigned line, const struct tree *tree, struct submit_item *item,
	  struct why *why)
{
	struct why inner;
	const unsigned at = line > 0 ? line : tree->line;

	*item = (struct submit_item){.line = line};
	item->from = at == 0 ? name : arena_printf(a, "%s:%u", name, at);
	item->submission = record_from_tree(a, &pb_Submission_descriptor, tree, &inner);
	if (item->submission == NULL)
		told_at(why, name, line, &inner);
	return item->submission != NULL;
}

static bool
add_tree(struct arena *a, const char *name, const struct tree *tree, struct submit_list *list, struct why *why)
{
	struct submit_item *item = ARENA_NEW(a, struct submit_item);

	if (!read_item(a, name, 0, tree, item, why))
		return false;
	*(list->count == 0 ? &list->first : &list->last->next) = item;
	list->last = item;
	list->count++;
	return true;
}

/* ---- documents ---- */

static bool
add_document(struct arena *a, const char *name, struct bytes text, struct submit_list *list, struct why *why)
{
	struct json_problems problems = {.count = 0};
	const struct tree *tree = json_parse(a, text, &problems);

	/* JSON is YAML, but for its escapes; and complaints of the YAML reader have a line. */
	if (tree == NULL)
		tree = yaml_tree_parse(a, name, text, why);
	if (tree == NULL)
		return false;
	const struct tree *many = tree_get(tree, "submissions");
	if (many != NULL && many->kind == TREE_LIST && many->next == NULL && tree->first == many)
		tree = many;
	if (tree->kind != TREE_LIST)
		return add_tree(a, name, tree, list, why);
	for (const struct tree *one = tree->first; one != NULL; one = one->next)
		if (!add_tree(a, name, one, list, why))
			return false;
	return true;
}

/* ---- reading ---- */

/* More into the buffer, which grows up to `max`; false at the end, and with *why. */
static bool
read_more(struct submit_file *file, size_t max, struct why *why)
{
	ssize_t n;

	if (file->begin > 0)
		memmove(file->buffer, file->buffer + file->begin, file->end - file->begin);
	file->end -= file->begin;
	file->begin = 0;
	if (file->end == file->room) {
		if (file->room >= max) {
			why_set(why, "%.200s:%u: more than %zu bytes; divide it%s", file->name, file->line + 1, max,
				file->lines ? "" : ", or write JSON lines");
			return false;
		}
		file->room = file->room == 0 ? 64u << 10 : file->room * 2;
		file->buffer = realloc(file->buffer, file->room);
		if (file->buffer == NULL)
			fatal("out of memory");
	}
	do
		n = read(file->fd, file->buffer + file->end, file->room - file->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		why_set(why, "%.200s: cannot be read: %s", file->name, strerror(errno));
	file->at_end = n <= 0;
	file->end += n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* The length of the next line with its end; 0 when it is not whole yet. */
static size_t
line_length(const struct submit_file *file)
{
	const size_t len = file->end - file->begin;
	const uint8_t *end = len == 0 ? NULL : memchr(file->buffer + file->begin, '\n', len);

	return end != NULL ? (size_t)(end - (file->buffer + file->begin)) + 1 : file->at_end ? len : 0;
}

/* The next line becomes file->text; false at the end, and with *why. */
static bool
take_line(struct submit_file *file, struct why *why)
{
	size_t len;

	why->text[0] = '\0';
	while ((len = line_length(file)) == 0) {
		if (file->at_end || (!read_more(file, JSON_BYTES_MAX, why) && why->text[0] != '\0'))
			return false;
	}
	file->text = bytes_of(file->buffer + file->begin, len);
	file->begin += len;
	file->read += len;
	file->line++;
	return true;
}

static bool
is_blank(const struct submit_file *file)
{
	for (size_t i = 0; i < file->text.len; i++)
		if (strchr(" \t\r\n", file->text.data[i]) == NULL || file->text.data[i] == 0)
			return false;
	return true;
}

/* The whole input, from the beginning of the line that was taken. */
static bool
slurp(struct submit_file *file, struct bytes *text, struct why *why)
{
	file->begin -= file->text.len;
	while (!file->at_end && read_more(file, SUBMIT_BYTES_MAX, why))
		;
	*text = file->end == 0 ? bytes_str("") : bytes_of(file->buffer + file->begin, file->end - file->begin);
	return why->text[0] == '\0';
}

/* ---- lines ---- */

/* A whole JSON object on the first line. */
static bool
begins_lines(struct submit_file *file, struct arena *a)
{
	struct json_problems problems = {.count = 0};
	const struct tree *tree = json_parse(a, file->text, &problems);

	return tree != NULL && tree->kind == TREE_MAP && tree_get(tree, "submissions") == NULL;
}

bool
submit_file_open(struct submit_file *file, struct arena *a, const char *path, struct why *why)
{
	const bool standard = strcmp(path, "-") == 0;
	struct bytes text;
	struct stat st;

	*file = (struct submit_file){.name = standard ? "standard input" : path};
	file->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0) {
		why_set(why, "%.200s: cannot be opened: %s; look at the path", path, strerror(errno));
		return false;
	}
	if (fstat(file->fd, &st) == 0 && S_ISREG(st.st_mode))
		file->all = (uint64_t)st.st_size;
	if (!take_line(file, why) && why->text[0] != '\0')
		return false;
	file->lines = begins_lines(file, a);
	return file->lines || (slurp(file, &text, why) && add_document(a, file->name, text, &file->list, why));
}

enum submit_next
submit_file_next(struct submit_file *file, struct arena *a, struct submit_item *item, struct why *why)
{
	struct json_problems problems = {.count = 0};

	/* The line that showed that these are lines is still there. */
	while (is_blank(file)) {
		if (!take_line(file, why))
			return why->text[0] == '\0' ? SUBMIT_END : SUBMIT_BROKEN;
	}
	const struct tree *tree = json_parse(a, file->text, &problems);
	file->text.len = 0;
	if (tree == NULL) {
		struct why inner;
		why_set(&inner, "%s", problems.p[0].text);
		told_at(why, file->name, file->line, &inner);
		return SUBMIT_WRONG;
	}
	return read_item(a, file->name, file->line, tree, item, why) ? SUBMIT_ITEM : SUBMIT_WRONG;
}

bool
submit_file_waits(const struct submit_file *file)
{
	struct pollfd input = {.fd = file->fd, .events = POLLIN};

	return file->text.len == 0 && line_length(file) == 0 && !file->at_end && poll(&input, 1, 0) == 0;
}

void
submit_file_close(struct submit_file *file)
{
	if (file->fd > STDERR_FILENO)
		close(file->fd);
	free(file->buffer);
	*file = (struct submit_file){.fd = -1};
}

/* ---- from the command line ---- */

/* By the name of the message or of its field: CaseSubmitted, case_submitted, caseSubmitted. */
static const ProtobufCFieldDescriptor *
find_body(const char *message, struct why *why)
{
	const ProtobufCMessageDescriptor *d = &pb_Submission_descriptor;
	const ProtobufCFieldDescriptor *named = field_named(d, message);
	struct nearest nearest;

	if (named != NULL && field_in_oneof(named))
		return named;
	nearest_begin(&nearest, message);
	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		if (!field_in_oneof(f))
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

/* NAME=VALUE: the value as flow YAML, so that lists and true can be written. */
static struct tree *
read_set(struct arena *a, const char *set, struct why *why)
{
	const char *equals = strchr(set, '=');

	if (equals == NULL || equals == set) {
		why_set(why, "--set %.60s: write it as NAME=VALUE, such as --set meeting_on=2026-05-11", set);
		return NULL;
	}
	const char *key = arena_str(a, bytes_of(set, (size_t)(equals - set)));
	if (equals[1] == '\0')
		return scalar(a, key, "");
	const struct tree *value = yaml_tree_parse(a, "--set", bytes_str(equals + 1), why);
	if (value == NULL)
		return NULL;
	struct tree *node = ARENA_NEW(a, struct tree);
	*node = *value;
	node->key = key;
	node->line = 0;
	return node;
}

/* The fields of --with, then those of each --set. */
static bool
read_body(struct cli *cli, const char *message, struct tree *body, struct why *why)
{
	struct arena *a = &cli->arena;
	const char *with = cli_option(cli, "with");
	struct tree **end = &body->first;

	*body = (struct tree){.kind = TREE_MAP};
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
	while (*end != NULL)
		end = &(*end)->next;
	for (unsigned i = 0; i < cli->given_count; i++) {
		if (strcmp(cli->given[i][0], "set") != 0)
			continue;
		*end = read_set(a, cli->given[i][1], why);
		if (*end == NULL)
			return false;
		end = &(*end)->next;
	}
	return true;
}

bool
submit_read_flags(struct submit_file *file, struct cli *cli, struct why *why)
{
	struct arena *a = &cli->arena;
	const char *message = cli_option(cli, "message"), *case_id = cli_option(cli, "case");
	const ProtobufCFieldDescriptor *field = find_body(message, why);
	struct tree root = {.kind = TREE_MAP}, **end = &root.first;
	struct tree *body = ARENA_NEW(a, struct tree);

	*file = (struct submit_file){.name = "the command line", .fd = -1};
	if (field == NULL || !read_body(cli, message, body, why))
		return false;
	body->key = field->name;
	body->next = NULL;
	if (case_id != NULL) {
		*end = scalar(a, "case_id", case_id);
		end = &(*end)->next;
	}
	*end = scalar(a, "actor", cli_option(cli, "by"));
	(*end)->next = body;
	return add_tree(a, file->name, &root, &file->list, why);
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
