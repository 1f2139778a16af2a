// SPDX-License-Identifier: EUPL-1.2
/* check_box.h - sets of situations as boxes: what a row of a decision table covers, exactly.
 *
 * A space has one side for each fact that a table looks at (for a set of codes: one for each code looked at). A side
 * is at most 64 classes of values that no condition of the table tells apart; a box holds, for each side, the classes
 * it takes, as bits. Rows become boxes, and boxes are taken out of boxes, until nothing is left (shadowed) or something
 * is (a situation that proves it is not). Bounded: a list that outgrows BOXES_MAX says `full`, and nothing is proven. */
#ifndef DOORBRAAK_CHECK_BOX_H
#define DOORBRAAK_CHECK_BOX_H

#include "common/rules.h"

#define BOX_SIDES_MAX  48
#define BOX_BOUNDS_MAX 62
#define BOXES_MAX      20000

struct box_side {
	uint16_t fact;
	int8_t bit;   /* of a set: the code; -1 for other facts */
	uint64_t all; /* every class */
	unsigned bound_count;
	int64_t bounds[BOX_BOUNDS_MAX]; /* of whole numbers and dates, rising: class i lies below bounds[i] */
};

struct box_space {
	const struct rules_table *table;
	unsigned count;
	struct box_side sides[BOX_SIDES_MAX];
};

/* False when the table looks at more than fits. */
bool box_space_init(struct box_space *space, const struct rules_table *table);

struct boxes {
	struct arena *arena;
	const struct box_space *space;
	uint64_t *sides; /* count * space->count */
	unsigned count, room;
	bool full;
};

void boxes_init(struct boxes *list, struct arena *a, const struct box_space *space);
/* Everything. */
void boxes_add_all(struct boxes *list);
/* What the conditions of a row hold for. */
void boxes_add_row(struct boxes *list, const struct rules_row *row);
void boxes_append(struct boxes *list, const struct boxes *more);
/* What is in `from` and not in `what`. True when something was taken away. */
bool boxes_subtract(struct boxes *from, const struct boxes *what);
/* A situation of the first box: "state SCREENING, track VOLUNTARY"; facts that may be anything are left out. */
const char *boxes_sample(struct arena *a, const struct boxes *list);

#endif
