// SPDX-License-Identifier: EUPL-1.2
#include "common/store_memory.h"

#include <stdlib.h>

#include "common/err.h"

#define BLOCK_ROWS 64u
#define ROOM_MORE  16u /* bytes that a value may grow before it moves */

/* The first sixteen bytes of a key as numbers, a shorter one filled with zeros. */
struct prefix {
	uint64_t high, low;
};

struct row {
	uint8_t *data; /* owned: key, then value */
	uint32_t key_len, value_len, room;
};

struct block {
	unsigned count;                     /* never 0 in a map */
	struct prefix prefixes[BLOCK_ROWS]; /* of the rows; beside each other, to be looked through */
	struct row rows[BLOCK_ROWS];
};

struct memory_map {
	struct block **blocks;
	struct prefix *firsts; /* prefix of the first row of each block */
	size_t count, room;
	uint64_t rows;
};

struct sought {
	struct prefix prefix;
	struct bytes key;
};

static void *
checked(void *p)
{
	if (p == NULL)
		fatal("out of memory");
	return p;
}

struct memory_map *
memory_new(void)
{
	return checked(calloc(1, sizeof(struct memory_map)));
}

static struct block *
copy_block(const struct block *of)
{
	struct block *b = checked(malloc(sizeof *b));

	memcpy(b, of, sizeof *b);
	for (unsigned i = 0; i < b->count; i++) {
		struct row *row = &b->rows[i];

		row->room = row->value_len;
		row->data = checked(malloc((size_t)row->key_len + row->value_len));
		memcpy(row->data, of->rows[i].data, (size_t)row->key_len + row->value_len);
	}
	return b;
}

struct memory_map *
memory_copy(const struct memory_map *map)
{
	struct memory_map *m = memory_new();

	*m = (struct memory_map){.count = map->count, .room = map->count, .rows = map->rows};
	if (m->count == 0)
		return m;
	m->blocks = checked(malloc(m->count * sizeof *m->blocks));
	m->firsts = checked(malloc(m->count * sizeof *m->firsts));
	memcpy(m->firsts, map->firsts, m->count * sizeof *m->firsts);
	for (size_t i = 0; i < m->count; i++)
		m->blocks[i] = copy_block(map->blocks[i]);
	return m;
}

void
memory_free(struct memory_map **map)
{
	struct memory_map *m = *map;

	if (m == NULL)
		return;
	for (size_t i = 0; i < m->count; i++) {
		for (unsigned j = 0; j < m->blocks[i]->count; j++)
			free(m->blocks[i]->rows[j].data);
		free(m->blocks[i]);
	}
	free(m->blocks);
	free(m->firsts);
	free(m);
	*map = NULL;
}

uint64_t
memory_count(const struct memory_map *map)
{
	return map->rows;
}

/* ---- looking ---- */

static struct sought
sought_of(struct bytes key)
{
	uint8_t head[16] = {0};

	if (key.len > 0)
		memcpy(head, key.data, key.len < sizeof head ? key.len : sizeof head);
	return (struct sought){{get_u64(head), get_u64(head + 8)}, key};
}

static struct bytes
key_of(const struct row *row)
{
	return bytes_of(row->data, row->key_len);
}

static int
order_of_prefixes(struct prefix a, struct prefix b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return a.low == b.low ? 0 : a.low < b.low ? -1 : 1;
}

/* Below 0: the row stands before what is sought. */
static int
order(const struct block *b, unsigned i, const struct sought *s)
{
	const struct row *row = &b->rows[i];

	const int prefixes = order_of_prefixes(b->prefixes[i], s->prefix);

	if (prefixes != 0)
		return prefixes;
	const size_t len = row->key_len < s->key.len ? row->key_len : s->key.len;
	const int bytes = len == 0 ? 0 : memcmp(row->data, s->key.data, len);

	if (bytes != 0)
		return bytes;
	return row->key_len < s->key.len ? -1 : row->key_len > s->key.len;
}

/* The last block that begins at or before it; the first one when none does. */
static size_t
find_block(const struct memory_map *m, const struct sought *s)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int first = order_of_prefixes(m->firsts[middle], s->prefix);
		if (first < 0 || (first == 0 && order(m->blocks[middle], 0, s) <= 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? 0 : low - 1;
}

/* The first row of the block that is not before it; `count` when there is none. */
static unsigned
find_row(const struct block *b, const struct sought *s)
{
	unsigned low = 0, high = b->count;

	while (low < high) {
		const unsigned middle = low + (high - low) / 2;
		if (order(b, middle, s) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct memory_place
find(const struct memory_map *m, const struct sought *s)
{
	struct memory_place place = {0, 0};

	if (m->count == 0)
		return place;
	place.block = find_block(m, s);
	place.row = find_row(m->blocks[place.block], s);
	return place;
}

/* The row at the place, when it is the one sought. */
static struct row *
row_at(const struct memory_map *m, struct memory_place place, const struct sought *s)
{
	if (place.block >= m->count || place.row >= m->blocks[place.block]->count)
		return NULL;
	struct block *b = m->blocks[place.block];

	return order(b, (unsigned)place.row, s) == 0 ? &b->rows[place.row] : NULL;
}

bool
memory_get(const struct memory_map *m, struct bytes key, struct bytes *value)
{
	const struct sought s = sought_of(key);
	const struct row *row = row_at(m, find(m, &s), &s);

	if (row == NULL)
		return false;
	*value = bytes_of(row->data + row->key_len, row->value_len);
	return true;
}

struct memory_place
memory_find(const struct memory_map *m, struct bytes from)
{
	const struct sought s = sought_of(from);

	return find(m, &s);
}

struct memory_place
memory_last(const struct memory_map *m)
{
	if (m->count == 0)
		return (struct memory_place){0, 0};
	return (struct memory_place){m->count - 1, m->blocks[m->count - 1]->count - 1};
}

bool
memory_at(const struct memory_map *m, struct memory_place *place, struct bytes *key, struct bytes *value)
{
	if (place->block < m->count && place->row >= m->blocks[place->block]->count)
		*place = (struct memory_place){place->block + 1, 0};
	if (place->block >= m->count)
		return false;
	const struct row *row = &m->blocks[place->block]->rows[place->row];

	*key = key_of(row);
	*value = bytes_of(row->data + row->key_len, row->value_len);
	return true;
}

/* ---- changing ---- */

static void
insert_block(struct memory_map *m, size_t at, struct block *block)
{
	if (m->count == m->room) {
		m->room = m->room == 0 ? 16 : m->room * 2;
		m->blocks = checked(realloc(m->blocks, m->room * sizeof *m->blocks));
		m->firsts = checked(realloc(m->firsts, m->room * sizeof *m->firsts));
	}
	memmove(m->blocks + at + 1, m->blocks + at, (m->count - at) * sizeof *m->blocks);
	memmove(m->firsts + at + 1, m->firsts + at, (m->count - at) * sizeof *m->firsts);
	m->blocks[at] = block;
	m->firsts[at] = block->count == 0 ? (struct prefix){0, 0} : block->prefixes[0];
	m->count++;
}

/* A full block becomes two. Rows mostly come in order behind the last one: then the old one stays full. */
static void
split(struct memory_map *m, struct memory_place *place)
{
	struct block *old = m->blocks[place->block];
	struct block *new = checked(malloc(sizeof *new));
	const unsigned keep = place->row == BLOCK_ROWS ? BLOCK_ROWS - 1 : BLOCK_ROWS / 2;

	new->count = old->count - keep;
	memcpy(new->rows, old->rows + keep, new->count * sizeof *new->rows);
	memcpy(new->prefixes, old->prefixes + keep, new->count * sizeof *new->prefixes);
	old->count = keep;
	insert_block(m, place->block + 1, new);
	if (place->row > keep)
		*place = (struct memory_place){place->block + 1, place->row - keep};
}

static struct row *
insert(struct memory_map *m, struct memory_place place, const struct sought *s)
{
	if (m->count == 0) {
		struct block *first = checked(malloc(sizeof *first));
		first->count = 0;
		insert_block(m, 0, first);
	}
	if (m->blocks[place.block]->count == BLOCK_ROWS)
		split(m, &place);
	struct block *b = m->blocks[place.block];
	struct row *row = &b->rows[place.row];

	memmove(row + 1, row, (b->count - place.row) * sizeof *row);
	memmove(b->prefixes + place.row + 1, b->prefixes + place.row, (b->count - place.row) * sizeof *b->prefixes);
	b->count++;
	m->rows++;
	*row = (struct row){.key_len = (uint32_t)s->key.len};
	b->prefixes[place.row] = s->prefix;
	m->firsts[place.block] = b->prefixes[0];
	return row;
}

uint8_t *
memory_put(struct memory_map *m, struct bytes key, size_t len)
{
	const struct sought s = sought_of(key);
	const struct memory_place place = find(m, &s);
	struct row *row = row_at(m, place, &s);

	if (row == NULL) {
		row = insert(m, place, &s);
		row->room = (uint32_t)len;
		row->data = checked(malloc(key.len + len));
		memcpy(row->data, key.data, key.len);
	} else if (row->room < len) {
		row->room = (uint32_t)len + ROOM_MORE;
		row->data = checked(realloc(row->data, key.len + row->room));
	}
	row->value_len = (uint32_t)len;
	return row->data + row->key_len;
}

bool
memory_delete(struct memory_map *m, struct bytes key)
{
	const struct sought s = sought_of(key);
	const struct memory_place place = find(m, &s);
	struct row *row = row_at(m, place, &s);

	if (row == NULL)
		return false;
	struct block *b = m->blocks[place.block];

	free(row->data);
	b->count--;
	m->rows--;
	memmove(row, row + 1, (b->count - place.row) * sizeof *row);
	memmove(b->prefixes + place.row, b->prefixes + place.row + 1, (b->count - place.row) * sizeof *b->prefixes);
	if (b->count > 0) {
		m->firsts[place.block] = b->prefixes[0];
		return true;
	}
	free(b);
	m->count--;
	memmove(m->blocks + place.block, m->blocks + place.block + 1, (m->count - place.block) * sizeof *m->blocks);
	memmove(m->firsts + place.block, m->firsts + place.block + 1, (m->count - place.block) * sizeof *m->firsts);
	return true;
}
