// SPDX-License-Identifier: EUPL-1.2
/* yaml_reader.h - what reading a tree from YAML needs everywhere: problems with file and line, and checked values. */
#ifndef DOORBRAAK_YAML_READER_H
#define DOORBRAAK_YAML_READER_H

#include "common/record.h"

#define PROBLEMS_MAX 64

/* What is wrong, a sentence each: "<file>:<line>: <what>; <what to do>". */
struct problems {
	const char *text[PROBLEMS_MAX];
	unsigned count; /* more than fit are counted, not kept */
};

struct yaml_reader {
	struct arena *arena;
	struct problems *problems;
	const char *file; /* the one being read */
};

void problems_add(struct problems *problems, const char *text);

/* Tells a problem at a line of the file being read. */
void yaml_problem(struct yaml_reader *y, unsigned line, const char *format, ...) __attribute__((format(printf, 3, 4)));
char *yaml_text(struct yaml_reader *y, const char *text);
/* The text of a scalar; NULL after telling that it is none. */
const char *yaml_scalar(struct yaml_reader *y, const struct tree *node, const char *what);
/* The text of a scalar in a map; "" when absent, NULL after telling that it is none. */
const char *yaml_text_of(struct yaml_reader *y, const struct tree *map, const char *key);
/* Is the key one of these? Tells it otherwise. `known` ends with NULL. */
bool yaml_key_is_known(struct yaml_reader *y, const struct tree *node, const char *const *known);
/* The same for all keys of a map; also tells that it is no map. */
bool yaml_map_is_known(struct yaml_reader *y, const struct tree *map, const char *const *known);
/* Tells that it is no list. */
bool yaml_is_list(struct yaml_reader *y, const struct tree *node);
/* true or false; tells anything else. */
bool yaml_bool(struct yaml_reader *y, const struct tree *node);
/* A value of an enum of the contract; -1 after telling what is known instead. */
int yaml_enum(struct yaml_reader *y, const char *enum_name, const char *code, unsigned line);
unsigned yaml_length(const struct tree *list);

#endif
