// SPDX-License-Identifier: EUPL-1.2
/* check_rows.c - holes and shadowed rows, in every block of every table, and rows of a region that come to nothing.
 *
 * Exact: what the rows above a row leave over of it is worked out as boxes (check_box.h). Blocks behind a `stop` only
 * see what was not stopped. */
#include "common/policy_internal.h"
#include "services/cli/adoption.h"
#include "services/cli/check_box.h"
#include "services/cli/check_internal.h"

#define NAMES_MAX 4

struct looking {
	struct checking *c;
	const struct rules_table *table;
	struct box_space *space;
	struct arena *arena;  /* of the table */
	struct boxes stopped; /* by rows of the blocks before */
};

static struct boxes
row_boxes(struct looking *l, const struct rules_row *row)
{
	struct boxes boxes;

	boxes_init(&boxes, l->arena, l->space);
	boxes_add_row(&boxes, row);
	return boxes;
}

static bool
stops(const struct looking *l, const struct rules_row *row)
{
	for (unsigned i = 0; l->table->stop_verb >= 0 && i < row->then_count; i++) {
		if (row->then[i].verb == l->table->stop_verb)
			return true;
	}
	return false;
}

static bool
is_otherwise(const struct rules_row *row)
{
	return strncmp(row->id, "else.", 5) == 0;
}

/* What is left of a row under those above it; `above` gets the names of rows that took something away. */
static struct boxes
left_of(struct looking *l, const struct rules_block *block, unsigned r, const char **above)
{
	struct boxes left = row_boxes(l, &block->rows[r]);
	unsigned named = 0;

	*above = "";
	if (boxes_subtract(&left, &l->stopped))
		*above = "a row that stops in a block before", named++;
	for (unsigned i = 0; i < r && left.count > 0 && !left.full; i++) {
		const struct boxes other = row_boxes(l, &block->rows[i]);

		if (boxes_subtract(&left, &other) && named++ < NAMES_MAX)
			*above = arena_printf(l->c->arena, "%s%s%s", *above, named == 1 ? "" : ", ", block->rows[i].id);
	}
	return left;
}

static void
check_one(struct looking *l, const struct rules_block *block, unsigned r)
{
	const struct rules_row *row = &block->rows[r];
	const char *above;
	const struct boxes left = left_of(l, block, r, &above);
	const bool last = r + 1 == block->row_count;
	struct check_finding *f;

	if (left.full) {
		check_tell(l->c, "TOO_MANY", l->table, row->id,
			   "so many rows overlap above it that nothing is proven; divide the block");
	} else if (left.count == 0 && !(last && row->then_count == 0)) {
		const struct boxes all = row_boxes(l, row);

		f = check_tell(l->c, "SHADOWED", l->table, row->id,
			       "can never fit: all it asks for goes to %s, above it; put it higher, or leave it out",
			       above);
		if (f != NULL)
			f->situation = boxes_sample(l->c->arena, &all);
	} else if (left.count > 0 && is_otherwise(row)) {
		f = check_tell(l->c, "HOLE", l->table, last && r > 0 ? block->rows[r - 1].id : "",
			       "behind it nothing says what happens otherwise; add a last row without 'when'");
		if (f != NULL)
			f->situation = boxes_sample(l->c->arena, &left);
	}
}

static void
remember_stops(struct looking *l, const struct rules_block *block)
{
	const char *above;

	for (unsigned r = 0; r < block->row_count; r++) {
		if (!stops(l, &block->rows[r]))
			continue;
		const struct boxes left = left_of(l, block, r, &above);
		const struct boxes before = l->stopped;

		boxes_init(&l->stopped, l->arena, l->space);
		boxes_append(&l->stopped, &before);
		boxes_append(&l->stopped, &left);
	}
}

static void
check_table(struct looking *l)
{
	for (unsigned b = 0; b < l->table->block_count; b++) {
		const struct rules_block *block = &l->table->blocks[b];

		l->c->report->rows += block->row_count;
		for (unsigned r = 0; r < block->row_count; r++)
			check_one(l, block, r);
		remember_stops(l, block);
	}
}

void
check_rows(struct checking *c)
{
	struct arena arena;

	arena_init(&arena);
	for (unsigned t = 0; t < c->view->table_count; t++) {
		struct looking l = {.c = c, .table = c->view->tables[t], .arena = &arena};

		arena_reset(&arena);
		c->report->tables++;
		l.space = ARENA_NEW(&arena, struct box_space);
		if (!box_space_init(l.space, l.table)) {
			check_tell(c, "TOO_MANY", l.table, "", "looks at more than %d facts or values; divide it",
				   BOX_SIDES_MAX);
			continue;
		}
		boxes_init(&l.stopped, &arena, l.space);
		check_table(&l);
	}
	arena_fini(&arena);
}

/* ---- a region's own ---- */

static const pb_RuleTable *
national_table(const struct checking *c, const pb_RuleTable *own)
{
	const pb_PolicyTables *tables = c->subject->national->tables;

	for (size_t i = 0; tables != NULL && i < tables->n_tables; i++) {
		if (strcmp(tables->tables[i]->scope, own->scope) == 0 &&
		    strcmp(tables->tables[i]->event, own->event) == 0)
			return tables->tables[i];
	}
	return NULL;
}

static void
check_merge(struct checking *c, const pb_RuleTable *own)
{
	const struct policy_parts parts = {.scopes = adoption_scopes, .scope_count = ADOPTION_POLICY_SCOPES};
	const struct rules_scope *scope = policy_scope(&parts, own->scope);
	const pb_RuleTable *national = national_table(c, own);
	struct why why = {0};

	if (scope == NULL || national == NULL)
		return;
	if (rules_compile(c->arena, scope, policy_table_merged(c->arena, national, own), &why) == NULL)
		check_tell(c, "DOES_NOT_COMBINE", policy_table(c->view, own->scope, own->event),
			   own->n_blocks > 0 && own->blocks[0]->n_rows > 0 ? own->blocks[0]->rows[0]->id : "",
			   "does not go together with the national table, which would stay as it is: %.300s", why.text);
}

static bool
is_in_view(const struct rules_table *table, const char *id)
{
	for (unsigned b = 0; table != NULL && b < table->block_count; b++) {
		for (unsigned r = 0; r < table->blocks[b].row_count; r++) {
			if (strcmp(table->blocks[b].rows[r].id, id) == 0)
				return true;
		}
	}
	return false;
}

/* Every row that the region wrote stands in what holds there. */
static void
check_own_rows(struct checking *c, const pb_RuleTable *own)
{
	const struct rules_table *table = policy_table(c->view, own->scope, own->event);

	for (size_t b = 0; b < own->n_blocks; b++) {
		for (size_t r = 0; r < own->blocks[b]->n_rows; r++) {
			const char *id = own->blocks[b]->rows[r]->id;

			if (!is_in_view(table, id))
				check_tell(c, "OVERLAPS", table, id,
					   "has no place in the table of the region: a row without 'when' stands "
					   "before it; put "
					   "it in that row's place by its id, or give it a 'when'");
		}
	}
}

/* National rows that a row of the region without `when` cuts off, unseen. */
static void
check_hidden(struct checking *c, const pb_RuleTable *own)
{
	const struct rules_table *table = policy_table(c->view, own->scope, own->event);
	const pb_RuleTable *national = national_table(c, own);

	for (size_t b = 0; national != NULL && b < national->n_blocks; b++) {
		for (size_t r = 0; r < national->blocks[b]->n_rows; r++) {
			const pb_RuleRow *row = national->blocks[b]->rows[r];
			struct check_finding *f = NULL;

			if ((row->n_when > 0 || row->n_then > 0) && !is_in_view(table, row->id))
				f = check_tell(
				    c, "HIDDEN", table, row->id,
				    "no longer stands in the table of the region: a row of it without 'when' comes "
				    "before; give that one a 'when'");
			if (f != NULL)
				f->situation = "any situation that this row was for";
		}
	}
}

void
check_regional(struct checking *c)
{
	const pb_PolicyTables *own = c->subject->regional->tables;

	for (size_t i = 0; own != NULL && i < own->n_tables; i++) {
		check_merge(c, own->tables[i]);
		check_own_rows(c, own->tables[i]);
		check_hidden(c, own->tables[i]);
	}
	for (size_t i = 0; own != NULL && i < own->n_deadlines; i++) {
		const int kind = (int)own->deadlines[i]->kind;

		if (kind > 0 && kind <= DEADLINE_KIND_EVALUATION && c->view->deadlines[kind].hard)
			check_tell(c, "HARD", NULL, record_code_of("DeadlineKind", kind),
				   "its length is in a law or source: a region cannot change it; leave it out");
	}
}
