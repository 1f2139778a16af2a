// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/yaml_reader.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/nearest.h"

void
problems_add(struct problems *problems, const char *text)
{
	if (problems->count < PROBLEMS_MAX)
		problems->text[problems->count] = text;
	problems->count++;
}

void
yaml_problem(struct yaml_reader *y, unsigned line, const char *format, ...)
{
	char text[480];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	problems_add(y->problems, arena_printf(y->arena, "%s:%u: %s", y->file, line, text));
}

char *
yaml_text(struct yaml_reader *y, const char *text)
{
	return arena_str(y->arena, bytes_str(text));
}

const char *
yaml_scalar(struct yaml_reader *y, const struct tree *node, const char *what)
{
	if (node->kind == TREE_SCALAR)
		return node->text;
	yaml_problem(y, node->line, "'%.60s' has a %s where a single value goes; write one value", what,
		     node->kind == TREE_MAP ? "map" : "list");
	return NULL;
}

const char *
yaml_text_of(struct yaml_reader *y, const struct tree *map, const char *key)
{
	const struct tree *node = tree_get(map, key);

	return node == NULL ? "" : yaml_scalar(y, node, key);
}

bool
yaml_key_is_known(struct yaml_reader *y, const struct tree *node, const char *const *known)
{
	struct nearest nearest;

	nearest_begin(&nearest, node->key);
	for (unsigned i = 0; known[i] != NULL; i++) {
		if (strcmp(known[i], node->key) == 0)
			return true;
		nearest_offer(&nearest, known[i]);
	}
	yaml_problem(y, node->line, "'%.60s' is not known here; %s", node->key, nearest_remedy(&nearest));
	return false;
}

bool
yaml_map_is_known(struct yaml_reader *y, const struct tree *map, const char *const *known)
{
	bool good = map->kind == TREE_MAP;

	if (!good)
		yaml_problem(y, map->line, "no map; write {%s: .., %s: ..}", known[0], known[1]);
	for (const struct tree *node = map->first; map->kind == TREE_MAP && node != NULL; node = node->next)
		good = yaml_key_is_known(y, node, known) && good;
	return good;
}

bool
yaml_is_list(struct yaml_reader *y, const struct tree *node)
{
	if (node->kind != TREE_LIST)
		yaml_problem(y, node->line, "'%s' is no list; write [..], or begin each line with '- '", node->key);
	return node->kind == TREE_LIST;
}

bool
yaml_bool(struct yaml_reader *y, const struct tree *node)
{
	const char *text = yaml_scalar(y, node, node->key);

	if (text == NULL || strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return text != NULL && text[0] == 't';
	yaml_problem(y, node->line, "'%.20s' is neither true nor false; write one of the two", text);
	return false;
}

int
yaml_enum(struct yaml_reader *y, const char *enum_name, const char *code, unsigned line)
{
	const ProtobufCEnumDescriptor *e = record_enum(enum_name);
	const int value = record_enum_value(e, code);
	struct nearest nearest;

	if (value > 0)
		return value;
	nearest_begin(&nearest, code);
	for (unsigned i = 1; i < e->n_values; i++)
		nearest_offer(&nearest, record_enum_code(e, e->values[i].value));
	yaml_problem(y, line, "'%.60s' is no %s; %s", code, enum_name, nearest_remedy(&nearest));
	return -1;
}

unsigned
yaml_length(const struct tree *list)
{
	unsigned length = 0;

	for (const struct tree *item = list->first; item != NULL; item = item->next)
		length++;
	return length;
}
