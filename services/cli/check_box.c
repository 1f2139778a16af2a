// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/check_box.h"

#include <stdlib.h>

#include "common/rules_names.h"

#define BIT(n) ((uint64_t)1 << (n))

/* ---- the space of a table ---- */

static struct box_side *
find_side(struct box_space *space, uint16_t fact, int bit)
{
	for (unsigned i = 0; i < space->count; i++) {
		if (space->sides[i].fact == fact && space->sides[i].bit == bit)
			return &space->sides[i];
	}
	if (space->count == BOX_SIDES_MAX)
		return NULL;
	struct box_side *side = &space->sides[space->count++];

	*side = (struct box_side){.fact = fact, .bit = (int8_t)bit};
	return side;
}

static bool
add_bound(struct box_side *side, int64_t bound)
{
	unsigned i = 0;

	while (i < side->bound_count && side->bounds[i] < bound)
		i++;
	if (i < side->bound_count && side->bounds[i] == bound)
		return true;
	if (side->bound_count == BOX_BOUNDS_MAX)
		return false;
	for (unsigned j = side->bound_count++; j > i; j--)
		side->bounds[j] = side->bounds[j - 1];
	side->bounds[i] = bound;
	return true;
}

/* Every value of an enum, by its number: ABSENT is one too. */
static uint64_t
values_of(const struct rules_table *table, const struct fact_def *def)
{
	struct rules_codes codes;
	uint64_t all = 0;
	const char *code;

	if (!rules_codes_find(table->scope, def->enum_name, &codes))
		return UINT64_MAX;
	for (unsigned i = 0; (code = rules_codes_at(codes, i)) != NULL; i++) {
		const int value = rules_codes_value(codes, code);

		if (value >= 0 && value < 64)
			all |= BIT(value);
	}
	return all;
}

static bool
add_condition(struct box_space *space, const struct rules_condition *condition)
{
	const struct fact_def def = rules_fact_def(space->table, condition->fact);

	if (condition->test == RULE_TEST_HAS) {
		for (int bit = 0; bit < 64; bit++) {
			if ((condition->mask >> bit & 1) == 0)
				continue;
			struct box_side *side = find_side(space, condition->fact, bit);

			if (side == NULL)
				return false;
			side->all = 3;
		}
		return true;
	}
	struct box_side *side = find_side(space, condition->fact, -1);

	if (side == NULL)
		return false;
	if (def.type == FACT_BOOL)
		side->all = 3;
	else if (def.type == FACT_ENUM)
		side->all = values_of(space->table, &def);
	else if (condition->test != RULE_TEST_ONE_OF)
		return add_bound(side, condition->bound);
	else /* numbers by name: each, and what follows it */
		for (int value = 0; value < 64; value++) {
			if ((condition->mask >> value & 1) != 0 &&
			    (!add_bound(side, value) || !add_bound(side, value + 1)))
				return false;
		}
	return true;
}

bool
box_space_init(struct box_space *space, const struct rules_table *table)
{
	*space = (struct box_space){.table = table};
	for (unsigned b = 0; b < table->block_count; b++) {
		for (unsigned r = 0; r < table->blocks[b].row_count; r++) {
			const struct rules_row *row = &table->blocks[b].rows[r];

			for (unsigned i = 0; i < row->when_count; i++) {
				if (!add_condition(space, &row->when[i]))
					return false;
			}
		}
	}
	for (unsigned i = 0; i < space->count; i++) {
		struct box_side *side = &space->sides[i];

		if (side->all == 0)
			side->all = BIT(side->bound_count + 1) - 1;
		/* What is counted is never below 0. */
		for (unsigned b = 0; side->fact < table->scope->fact_count && b < side->bound_count; b++) {
			if (rules_fact_def(table, side->fact).type == FACT_INT && side->bounds[b] <= 0)
				side->all &= ~BIT(b);
		}
	}
	return true;
}

/* ---- lists of boxes ---- */

void
boxes_init(struct boxes *list, struct arena *a, const struct box_space *space)
{
	*list = (struct boxes){.arena = a, .space = space};
}

static uint64_t *
box_at(const struct boxes *list, unsigned i)
{
	return list->sides + (size_t)i * list->space->count;
}

/* Room for one more behind the last; NULL when full. */
static uint64_t *
box_new(struct boxes *list)
{
	const unsigned sides = list->space->count;

	if (list->count == BOXES_MAX) {
		list->full = true;
		return NULL;
	}
	if (list->count == list->room) {
		const unsigned room = list->room == 0 ? 16 : 2 * list->room;
		uint64_t *more = ARENA_ARRAY(list->arena, uint64_t, (size_t)room * sides + 1);

		if (list->count > 0)
			memcpy(more, list->sides, (size_t)list->count * sides * sizeof *more);
		list->sides = more;
		list->room = room;
	}
	return box_at(list, list->count++);
}

static uint64_t *
add_copy(struct boxes *list, const uint64_t *box)
{
	uint64_t *copy = box_new(list);

	if (copy != NULL && list->space->count > 0)
		memcpy(copy, box, list->space->count * sizeof *copy);
	return copy;
}

void
boxes_add_all(struct boxes *list)
{
	uint64_t *box = box_new(list);

	for (unsigned i = 0; box != NULL && i < list->space->count; i++)
		box[i] = list->space->sides[i].all;
}

/* The classes of a side in which a condition holds. */
static uint64_t
classes_of(const struct box_side *side, const struct rules_condition *condition)
{
	uint64_t classes = 0;

	if (side->bound_count == 0)
		return condition->mask & side->all;
	for (unsigned i = 0; i <= side->bound_count; i++) {
		const int64_t least = i == 0 ? side->bounds[0] - 1 : side->bounds[i - 1];
		bool in = least >= condition->bound;

		if (condition->test == RULE_TEST_ONE_OF)
			in = least >= 0 && least < 64 && (condition->mask >> least & 1) != 0;
		classes |= in ? BIT(i) : 0;
	}
	return classes;
}

static unsigned
side_index(const struct box_space *space, uint16_t fact, int bit)
{
	unsigned i = 0;

	while (space->sides[i].fact != fact || space->sides[i].bit != bit)
		i++;
	return i;
}

/* "Has one of a, b, c" is no box: it is a, or b without a, or c without a and b. */
static void
split_by_has(struct boxes *list, unsigned first, const struct rules_condition *condition)
{
	const unsigned until = list->count;
	uint64_t before = 0;

	for (int bit = 0; bit < 64; bit++) {
		if ((condition->mask >> bit & 1) == 0)
			continue;
		for (unsigned i = first; i < until; i++) {
			uint64_t *box = add_copy(list, box_at(list, i));

			for (int other = 0; box != NULL && other < bit; other++) {
				if ((before >> other & 1) != 0)
					box[side_index(list->space, condition->fact, other)] &= 1;
			}
			if (box != NULL)
				box[side_index(list->space, condition->fact, bit)] &= 2;
		}
		before |= BIT(bit);
	}
	const unsigned made = list->count - until;

	if (made > 0)
		memmove(box_at(list, first), box_at(list, until),
			(size_t)made * list->space->count * sizeof *list->sides);
	list->count = first + made;
}

static bool
is_empty(const struct boxes *list, const uint64_t *box)
{
	for (unsigned i = 0; i < list->space->count; i++) {
		if (box[i] == 0)
			return true;
	}
	return false;
}

void
boxes_add_row(struct boxes *list, const struct rules_row *row)
{
	const unsigned first = list->count;
	unsigned kept = first;

	boxes_add_all(list);
	for (unsigned i = 0; i < row->when_count && !list->full; i++) {
		const struct rules_condition *condition = &row->when[i];

		if (condition->test == RULE_TEST_HAS) {
			split_by_has(list, first, condition);
			continue;
		}
		const unsigned side = side_index(list->space, condition->fact, -1);

		for (unsigned j = first; j < list->count; j++)
			box_at(list, j)[side] &= classes_of(&list->space->sides[side], condition);
	}
	for (unsigned i = first; i < list->count; i++) {
		if (is_empty(list, box_at(list, i)))
			continue;
		if (kept != i)
			memcpy(box_at(list, kept), box_at(list, i), list->space->count * sizeof *list->sides);
		kept++;
	}
	list->count = kept;
}

void
boxes_append(struct boxes *list, const struct boxes *more)
{
	for (unsigned i = 0; i < more->count; i++)
		add_copy(list, box_at(more, i));
	list->full |= more->full;
}

/* ---- subtraction ---- */

static bool
meet(const struct boxes *list, const uint64_t *a, const uint64_t *b)
{
	for (unsigned i = 0; i < list->space->count; i++) {
		if ((a[i] & b[i]) == 0)
			return false;
	}
	return true;
}

/* The parts of `a` outside `b`, which it meets: one for each side on which it sticks out. */
static void
add_parts(struct boxes *out, const uint64_t *a, const uint64_t *b)
{
	uint64_t rest[BOX_SIDES_MAX] = {0};

	if (out->space->count > 0)
		memcpy(rest, a, out->space->count * sizeof *rest);
	for (unsigned i = 0; i < out->space->count; i++) {
		if ((rest[i] & ~b[i]) == 0)
			continue;
		uint64_t *part = add_copy(out, rest);

		if (part != NULL)
			part[i] &= ~b[i];
		rest[i] &= b[i];
	}
}

static bool
subtract_one(struct boxes *from, const uint64_t *box)
{
	struct boxes out;
	bool changed = false;

	boxes_init(&out, from->arena, from->space);
	for (unsigned i = 0; i < from->count; i++)
		changed = changed || meet(from, box_at(from, i), box);
	if (!changed)
		return false;
	for (unsigned i = 0; i < from->count; i++) {
		if (meet(from, box_at(from, i), box))
			add_parts(&out, box_at(from, i), box);
		else
			add_copy(&out, box_at(from, i));
	}
	out.full |= from->full;
	*from = out;
	return true;
}

bool
boxes_subtract(struct boxes *from, const struct boxes *what)
{
	bool changed = false;

	from->full |= what->full;
	for (unsigned i = 0; i < what->count && !from->full; i++)
		changed |= subtract_one(from, box_at(what, i));
	return changed;
}

/* ---- a sample ---- */

static int
lowest(uint64_t bits)
{
	return bits == 0 ? 0 : __builtin_ctzll(bits);
}

static const char *
side_text(struct arena *a, const struct box_space *space, const struct box_side *side, uint64_t classes)
{
	const struct fact_def def = rules_fact_def(space->table, side->fact);
	const int class = lowest(classes);
	int64_t value = class;

	if (side->bit >= 0)
		return arena_printf(a, "%s %s %s", def.name, class == 0 ? "without" : "has",
				    rules_fact_text(a, space->table, side->fact, (int64_t)BIT(side->bit)));
	if (side->bound_count > 0)
		value = class == 0 ? side->bounds[0] - 1 : side->bounds[class - 1];
	return arena_printf(a, "%s %s", def.name, rules_fact_text(a, space->table, side->fact, value));
}

const char *
boxes_sample(struct arena *a, const struct boxes *list)
{
	const char *text = "";

	for (unsigned i = 0; list->count > 0 && i < list->space->count; i++) {
		const struct box_side *side = &list->space->sides[i];
		uint64_t classes = box_at(list, 0)[i];

		if (classes == side->all)
			continue;
		/* Prefer what a person would meet: a code that is given. */
		if ((classes & ~BIT(0)) != 0 && side->bit < 0 && side->bound_count == 0 &&
		    rules_fact_def(list->space->table, side->fact).type == FACT_ENUM)
			classes &= ~BIT(0);
		text = arena_printf(a, "%s%s%s", text, text[0] == '\0' ? "" : ", ",
				    side_text(a, list->space, side, classes));
	}
	return text[0] == '\0' ? "any situation" : text;
}
