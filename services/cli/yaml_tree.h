// SPDX-License-Identifier: EUPL-1.2
/* yaml_tree.h - a YAML file as a tree of maps, lists and scalars (record.h), for the tool only: services never parse
 * YAML.
 *
 * A small part of YAML: one document, block or flow style, plain and quoted scalars. Refused: anchors and aliases,
 * tags, keys that are no scalars, a key twice in one map, more than YAML_DEPTH_MAX levels, YAML_KEYS_MAX keys in a map
 * or YAML_NODES_MAX values, a file of more than YAML_FILE_MAX bytes (looked at before it is read), anything that is not
 * UTF-8, a NUL. Scalars keep the text as written: `no` is the text "no". A value in a map stands where its key does.
 *
 * Every complaint reads "<file>:<line>: <what is wrong>; <what to do>". */
#ifndef DOORBRAAK_YAML_TREE_H
#define DOORBRAAK_YAML_TREE_H

#include "common/record.h"

#define YAML_FILE_MAX  (4u << 20) /* bytes */
#define YAML_DEPTH_MAX 16         /* maps and lists inside each other */
#define YAML_KEYS_MAX  1000       /* of a map */
#define YAML_NODES_MAX 200000

/* NULL with *why. The tree lives in the arena. */
const struct tree *yaml_tree_file(struct arena *a, const char *path, struct why *why);
/* `name` stands for the file in complaints. */
const struct tree *yaml_tree_parse(struct arena *a, const char *name, struct bytes text, struct why *why);

#endif
