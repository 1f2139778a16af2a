// SPDX-License-Identifier: EUPL-1.2
/* policy_diff_rows.c - rows that were added, taken away, changed, or put in another place. */
#include "common/rules.h"
#include "services/cli/policy_diff_internal.h"

/* ---- one row ---- */

void
policy_diff_row(struct policy_differ *d, const char *where, const char *name, const pb_RuleRow *was,
		const pb_RuleRow *is)
{
	static const pb_RuleSource none = {.document = "", .point = "", .nl = ""};
	const pb_RuleSource *before = was->source == NULL ? &none : was->source;
	const pb_RuleSource *now = is->source == NULL ? &none : is->source;
	const char *text = policy_change_text(d->arena, was, is);
	const char *when = policy_when_text(d->arena, is);
	const bool same = strcmp(when, policy_when_text(d->arena, was)) == 0;

	if (text[0] != '\0')
		policy_differs(d, where, name, POLICY_CHANGED, "%s%s%s: %s", name,
			       !same             ? ""
			       : is->n_when == 0 ? ", "
						 : ", when ",
			       same ? when : "", text);
	if (strcmp(was->rule, is->rule) != 0)
		policy_differs(d, where, name, POLICY_CHANGED, "%s: reports rule %s, was %s", name, is->rule,
			       was->rule);
	if (strcmp(before->document, now->document) != 0)
		policy_differs(d, where, name, POLICY_CHANGED, "%s: its source is %s, was %s", name,
			       now->document[0] == '\0' ? "not given" : now->document,
			       before->document[0] == '\0' ? "not given" : before->document);
	if (strcmp(before->point, now->point) != 0)
		policy_differs(d, where, name, POLICY_CHANGED, "%s: its point is \"%s\", was \"%s\"", name, now->point,
			       before->point);
	if (strcmp(before->nl, now->nl) != 0)
		policy_differs(d, where, name, POLICY_CHANGED, "%s: in Dutch it is \"%s\", was \"%s\"", name, now->nl,
			       before->nl);
}

/* ---- places ---- */

struct row_place {
	const pb_RuleTable *table;
	size_t block, at;
	const pb_RuleRow *row; /* NULL: nowhere */
};

static struct row_place
find_place(const pb_PolicyAdopted *policy, const char *scope, const char *id)
{
	for (size_t i = 0; i < policy->tables->n_tables; i++) {
		const pb_RuleTable *table = policy->tables->tables[i];

		if (strcmp(table->scope, scope) != 0)
			continue;
		for (size_t b = 0; b < table->n_blocks; b++) {
			for (size_t r = 0; r < table->blocks[b]->n_rows; r++) {
				if (strcmp(table->blocks[b]->rows[r]->id, id) == 0)
					return (struct row_place){table, b, r, table->blocks[b]->rows[r]};
			}
		}
	}
	return (struct row_place){0};
}

static const char *
place_text(const struct policy_differ *d, const struct row_place *p)
{
	if (p->at == 0)
		return arena_printf(d->arena, "as first row of block %zu", p->block + 1);
	return arena_printf(d->arena, "behind %s", p->table->blocks[p->block]->rows[p->at - 1]->id);
}

static const char *
row_text(const struct policy_differ *d, const pb_RuleRow *row)
{
	return arena_printf(d->arena, "%s%s: %s", row->n_when == 0 ? "" : "when ", policy_when_text(d->arena, row),
			    policy_then_text(d->arena, row));
}

/* ---- order ---- */

/* A row of a block as it stands now. */
struct ordered {
	size_t before; /* its place before, from 1; 0: it did not stand in this block */
	size_t length; /* of the longest run in the old order that ends with it */
	size_t up;     /* the row before it on that run, from 1; 0: none */
	bool kept;
};

/* Rows keep their order, save as few as possible. The longest run that kept it is found the simple way: a block is short. */
static void
mark_kept(struct ordered *rows, size_t count)
{
	size_t last = 0;

	for (size_t i = 0; i < count; i++) {
		rows[i].length = rows[i].before == 0 ? 0 : 1;
		for (size_t j = 0; rows[i].before != 0 && j < i; j++) {
			if (rows[j].before == 0 || rows[j].before > rows[i].before || rows[j].length < rows[i].length)
				continue;
			rows[i].length = rows[j].length + 1;
			rows[i].up = j + 1;
		}
		if (rows[i].length > (last == 0 ? 0 : rows[last - 1].length))
			last = i + 1;
	}
	for (; last != 0; last = rows[last - 1].up)
		rows[last - 1].kept = true;
}

static void
diff_order(struct policy_differ *d, const char *where, const pb_RuleTable *was, const pb_RuleTable *is, size_t block)
{
	const pb_RuleBlock *now = is->blocks[block];
	struct ordered *rows = ARENA_ARRAY(d->arena, struct ordered, now->n_rows + 1);

	for (size_t i = 0; i < now->n_rows; i++) {
		const struct row_place p = find_place(d->was, is->scope, now->rows[i]->id);

		rows[i] =
		    (struct ordered){.before = p.row != NULL && p.table == was && p.block == block ? p.at + 1 : 0};
	}
	mark_kept(rows, now->n_rows);
	for (size_t i = 0; i < now->n_rows; i++) {
		const struct row_place p = {is, block, i, now->rows[i]};

		if (rows[i].before != 0 && !rows[i].kept)
			policy_differs(d, where, now->rows[i]->id, POLICY_MOVED, "%s now stands %s", now->rows[i]->id,
				       place_text(d, &p));
	}
}

/* ---- a table ---- */

static void
diff_old_rows(struct policy_differ *d, const char *where, const pb_RuleTable *was)
{
	for (size_t b = 0; b < was->n_blocks; b++) {
		for (size_t r = 0; r < was->blocks[b]->n_rows; r++) {
			const pb_RuleRow *row = was->blocks[b]->rows[r];
			const struct row_place p = find_place(d->is, was->scope, row->id);

			if (p.row == NULL) {
				policy_differs(d, where, row->id, POLICY_REMOVED, "%s is gone; it was: %s", row->id,
					       row_text(d, row));
				continue;
			}
			if (strcmp(p.table->event, was->event) != 0)
				policy_differs(d, where, row->id, POLICY_MOVED, "%s moved to the table of %s", row->id,
					       p.table->event);
			else if (p.block != b)
				policy_differs(d, where, row->id, POLICY_MOVED, "%s moved from block %zu to block %zu",
					       row->id, b + 1, p.block + 1);
			policy_diff_row(d, where, row->id, row, p.row);
		}
	}
}

static void
diff_new_rows(struct policy_differ *d, const char *where, const pb_RuleTable *is)
{
	for (size_t b = 0; b < is->n_blocks; b++) {
		for (size_t r = 0; r < is->blocks[b]->n_rows; r++) {
			const pb_RuleRow *row = is->blocks[b]->rows[r];
			const struct row_place p = {is, b, r, row};

			if (find_place(d->was, is->scope, row->id).row == NULL)
				policy_differs(d, where, row->id, POLICY_ADDED, "%s is new, %s; %s", row->id,
					       place_text(d, &p), row_text(d, row));
		}
	}
}

static void
diff_table(struct policy_differ *d, const char *scope, const char *event)
{
	const pb_RuleTable *was = policy_find_table(d->was, scope, event);
	const pb_RuleTable *is = policy_find_table(d->is, scope, event);
	const char *where = arena_printf(d->arena, "%s of %s", scope, event);

	if (was != NULL)
		diff_old_rows(d, where, was);
	if (is != NULL)
		diff_new_rows(d, where, is);
	for (size_t b = 0; was != NULL && is != NULL && b < is->n_blocks; b++)
		diff_order(d, where, was, is, b);
}

void
policy_diff_rows(struct policy_differ *d)
{
	for (size_t i = 0; i < d->was->tables->n_tables; i++) {
		const pb_RuleTable *table = d->was->tables->tables[i];

		if (strcmp(table->scope, "accept") != 0)
			diff_table(d, table->scope, table->event);
	}
	for (size_t i = 0; i < d->is->tables->n_tables; i++) {
		const pb_RuleTable *table = d->is->tables->tables[i];

		if (strcmp(table->scope, "accept") != 0 &&
		    policy_find_table(d->was, table->scope, table->event) == NULL)
			diff_table(d, table->scope, table->event);
	}
}
