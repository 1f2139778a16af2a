// SPDX-License-Identifier: EUPL-1.2
/* store_memory.h - rows in memory, in the order of their keys: what a store without a folder keeps (store.h). For the
 * store*.c files only.
 *
 * A map is a list of blocks of rows; a row is found by halving twice, first the blocks, then the block. The first sixteen
 * bytes of a key stand beside it as numbers, so that most comparisons touch nothing else. Out of memory ends the process. */
#ifndef DOORBRAAK_STORE_MEMORY_H
#define DOORBRAAK_STORE_MEMORY_H

#include "common/bytes.h"

struct memory_map;

struct memory_map *memory_new(void);
struct memory_map *memory_copy(const struct memory_map *map);
void memory_free(struct memory_map **map);

/* False when absent. What is given lives until the row changes. */
bool memory_get(const struct memory_map *map, struct bytes key, struct bytes *value);
/* Room for the value of a row, made or made anew; to be filled at once. */
uint8_t *memory_put(struct memory_map *map, struct bytes key, size_t len);
bool memory_delete(struct memory_map *map, struct bytes key);
uint64_t memory_count(const struct memory_map *map);

/* A row; no change to the map while it is used. */
struct memory_place {
	size_t block, row;
};
/* The first row whose key is not before `from`; the last row of all. memory_at() is false behind the end. */
struct memory_place memory_find(const struct memory_map *map, struct bytes from);
struct memory_place memory_last(const struct memory_map *map);
bool memory_at(const struct memory_map *map, struct memory_place *place, struct bytes *key, struct bytes *value);

#endif
