// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/yaml_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

/* A map or list that is still open. */
struct level {
	struct tree *node;
	struct tree **end; /* where the next child goes */
	unsigned keys;     /* of a map, so far */
	const char *key;   /* of the value that comes next, in a map; NULL while a key is expected */
	size_t key_line;
};

struct reader {
	struct arena *arena;
	const char *name;
	struct bytes text;
	struct why *why;
	struct level levels[YAML_DEPTH_MAX];
	unsigned depth;
	unsigned nodes;
	unsigned documents;
	struct tree *root;
};

static bool __attribute__((format(printf, 3, 4))) refuse(struct reader *r, size_t line, const char *format, ...)
{
	char text[360];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	why_set(r->why, "%.120s:%zu: %s", r->name, line, text);
	return false;
}

static size_t
line_of(const yaml_event_t *event)
{
	return event->start_mark.line + 1;
}

static bool
is_map_key(const struct reader *r)
{
	if (r->depth == 0)
		return false;
	const struct level *level = &r->levels[r->depth - 1];

	return level->node->kind == TREE_MAP && level->key == NULL;
}

/* Hangs a node where it belongs: into the open map or list, or as the root. */
static bool
place(struct reader *r, struct tree *node, size_t line)
{
	node->line = (unsigned)line;
	if (++r->nodes > YAML_NODES_MAX)
		return refuse(r, line, "more than %d values; divide the file", YAML_NODES_MAX);
	if (r->depth == 0) {
		r->root = node;
		return true;
	}
	struct level *level = &r->levels[r->depth - 1];

	if (level->node->kind == TREE_MAP) {
		node->key = level->key;
		node->line = (unsigned)level->key_line;
		level->key = NULL;
	}
	*level->end = node;
	level->end = &node->next;
	return true;
}

static bool
take_key(struct reader *r, const yaml_event_t *event)
{
	struct level *level = &r->levels[r->depth - 1];
	const char *key = (const char *)event->data.scalar.value;
	const struct tree *earlier = tree_get(level->node, key);

	if (earlier != NULL)
		return refuse(r, line_of(event), "'%.60s' stands twice in this map, first on line %u; keep one", key,
			      earlier->line);
	if (++level->keys > YAML_KEYS_MAX)
		return refuse(r, line_of(event), "more than %d keys in a map; make it a list", YAML_KEYS_MAX);
	level->key = arena_str(r->arena, bytes_str(key));
	level->key_line = line_of(event);
	return true;
}

static bool
take_scalar(struct reader *r, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	const size_t len = event->data.scalar.length;

	if (event->data.scalar.anchor != NULL)
		return refuse(r, line_of(event), "anchors (&) are not used here; write the value out");
	if (event->data.scalar.tag != NULL)
		return refuse(r, line_of(event), "tags (!) are not used here; leave it out");
	if (strlen(text) != len)
		return refuse(r, line_of(event), "a NUL inside a text; take it out");
	if (is_map_key(r))
		return take_key(r, event);
	struct tree *node = ARENA_NEW(r->arena, struct tree);

	node->kind = TREE_SCALAR;
	node->text = arena_str(r->arena, bytes_of(text, len));
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return place(r, node, line_of(event));
}

static bool
open_level(struct reader *r, const yaml_event_t *event, enum tree_kind kind, const void *anchor, const void *tag)
{
	if (anchor != NULL)
		return refuse(r, line_of(event), "anchors (&) are not used here; write the value out");
	if (tag != NULL)
		return refuse(r, line_of(event), "tags (!) are not used here; leave it out");
	if (is_map_key(r))
		return refuse(r, line_of(event), "a key is a map or list; write a name before the colon");
	if (r->depth == YAML_DEPTH_MAX)
		return refuse(r, line_of(event), "more than %d levels; nest less", YAML_DEPTH_MAX);
	struct tree *node = ARENA_NEW(r->arena, struct tree);

	node->kind = kind;
	if (!place(r, node, line_of(event)))
		return false;
	r->levels[r->depth++] = (struct level){.node = node, .end = &node->first};
	return true;
}

static bool
take(struct reader *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (++r->documents > 1)
			return refuse(r, line_of(event), "a second document; keep one a file");
		return true;
	case YAML_ALIAS_EVENT: return refuse(r, line_of(event), "aliases (*) are not used here; write the value out");
	case YAML_SCALAR_EVENT: return take_scalar(r, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_level(r, event, TREE_LIST, event->data.sequence_start.anchor,
				  event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return open_level(r, event, TREE_MAP, event->data.mapping_start.anchor, event->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: r->depth--; return true;
	default: return true;
	}
}

static bool
complain_of_yaml(struct reader *r, const yaml_parser_t *parser)
{
	size_t line = parser->problem_mark.line + 1;

	/* What is no UTF-8 is found while reading ahead: only its place in bytes is known. */
	if (parser->error == YAML_READER_ERROR) {
		line = 1;
		for (size_t i = 0; i < r->text.len && i < parser->problem_offset; i++)
			line += r->text.data[i] == '\n' ? 1 : 0;
	}

	return refuse(r, line, "%s%s%s; look at indentation, quotes and brackets", parser->problem,
		      parser->context != NULL ? ", " : "", parser->context != NULL ? parser->context : "");
}

static bool
read_events(struct reader *r, yaml_parser_t *parser)
{
	for (bool more = true; more;) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event))
			return complain_of_yaml(r, parser);
		more = event.type != YAML_STREAM_END_EVENT;
		const bool taken = take(r, &event);

		yaml_event_delete(&event);
		if (!taken)
			return false;
	}
	return true;
}

const struct tree *
yaml_tree_parse(struct arena *a, const char *name, struct bytes text, struct why *why)
{
	struct reader r = {.arena = a, .name = name, .text = text, .why = why};
	yaml_parser_t parser;

	if (text.len > YAML_FILE_MAX) {
		refuse(&r, 1, "%zu bytes; at most %u, divide the file", text.len, YAML_FILE_MAX);
		return NULL;
	}
	if (!yaml_parser_initialize(&parser))
		fatal("out of memory");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, text.data, text.len);
	const bool good = read_events(&r, &parser);

	yaml_parser_delete(&parser);
	if (good && r.root == NULL)
		refuse(&r, 1, "the file is empty; nothing can be read from it");
	return good ? r.root : NULL;
}

static bool
read_whole(int fd, uint8_t *to, size_t len)
{
	size_t got = 0;

	while (got < len) {
		const ssize_t n = read(fd, to + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

const struct tree *
yaml_tree_file(struct arena *a, const char *path, struct why *why)
{
	struct stat st;
	uint8_t *text;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		why_set(why, "%.200s: cannot be opened: %s; look at the path", path, strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		why_set(why, "%.200s: is no file; name a YAML file", path);
		goto fail;
	}
	if (st.st_size > (off_t)YAML_FILE_MAX) {
		why_set(why, "%.200s:1: %lld bytes; at most %u, divide the file", path, (long long)st.st_size,
			YAML_FILE_MAX);
		goto fail;
	}
	text = arena_take(a, (size_t)st.st_size + 1);
	if (!read_whole(fd, text, (size_t)st.st_size)) {
		why_set(why, "%.200s: cannot be read; look at its permissions", path);
		goto fail;
	}
	close(fd);
	return yaml_tree_parse(a, path, bytes_of(text, (size_t)st.st_size), why);
fail:
	close(fd);
	return NULL;
}
