// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_report_cells.h"

#include "common/cells.h"

static bool
is_same_place(const struct tally_row *a, const struct tally_row *b)
{
	return strcmp(a->region, b->region) == 0 && strcmp(a->team, b->team) == 0 && strcmp(a->centre, b->centre) == 0;
}

static void
find_parts(struct report_table *t)
{
	size_t room = 64;

	t->parts = ARENA_ARRAY(t->arena, const struct tally_row *, room);
	for (size_t i = 0; i < t->row_count; i++) {
		unsigned p = 0;

		while (p < t->part_count && !is_same_place(t->parts[p], &t->rows[i]))
			p++;
		if (p < t->part_count)
			continue;
		if (t->part_count == room) {
			const struct tally_row **more = ARENA_ARRAY(t->arena, const struct tally_row *, 2 * room);

			memcpy(more, t->parts, room * sizeof(*more));
			t->parts = more;
			room *= 2;
		}
		t->parts[t->part_count++] = &t->rows[i];
	}
}

struct report_table
report_table(struct arena *a, unsigned k, const struct tally_row *rows, size_t row_count,
	     const struct policy_view *view, int64_t smallest)
{
	struct report_table t = {.arena = a, .k = k, .rows = rows, .row_count = row_count, .smallest = smallest};

	t.nation = figures_of(a, k, rows, row_count, &(struct tally_place){NULL, NULL, NULL}, true, view);
	figures_withhold(a, &t.nation, smallest);
	find_parts(&t);
	return t;
}

static bool
is_nation(const struct tally_place *where)
{
	return where->region == NULL && where->team == NULL && where->centre == NULL;
}

static bool
is_at(const struct tally_row *row, const struct tally_place *where)
{
	return (where->region == NULL || strcmp(where->region, row->region) == 0) &&
	       (where->team == NULL || strcmp(where->team, row->team) == 0) &&
	       (where->centre == NULL || strcmp(where->centre, row->centre) == 0);
}

static const struct figure *
find(const struct figures *f, const char *region, const char *group)
{
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->list[i].region, region) == 0 && strcmp(f->list[i].group, group) == 0)
			return &f->list[i];
	}
	return NULL;
}

static bool
is_of_family(const struct report_table *t, const char *group)
{
	return group[0] != '\0' && figures_have_families(t->k);
}

/* A region that is not there adds nothing to a sum; that one has nothing of a group of a family is not told. */
static bool
region_is_shown(const struct report_table *t, const char *region, const char *group)
{
	const struct figure *f = find(&t->nation, region, group);

	return f == NULL ? !is_of_family(t, group) : f->shown;
}

/* ---- a part of a region ---- */

static int64_t
cases_at(const struct report_table *t, const struct tally_place *where, const char *group)
{
	const struct figures f = figures_of(t->arena, t->k, t->rows, t->row_count, where, false, NULL);
	const struct figure *figure = find(&f, "", group);

	return figure == NULL ? 0 : figure->cases;
}

/* The parts of a region that is shown are a line with its total. */
static bool
part_is_shown(const struct report_table *t, const char *region, const struct tally_place *where, const char *group)
{
	struct cell *cells = ARENA_ARRAY(t->arena, struct cell, t->part_count + 1);
	unsigned count = 0, at = 0;

	for (unsigned p = 0; p < t->part_count; p++) {
		const struct tally_place part = {t->parts[p]->region, t->parts[p]->team, t->parts[p]->centre};

		if (strcmp(part.region, region) == 0)
			cells[count++].count = cases_at(t, &part, group);
	}
	cells_withhold_line(cells, count, t->smallest);
	bool shown = cells[count].shown;

	for (unsigned p = 0; p < t->part_count; p++) {
		if (strcmp(t->parts[p]->region, region) == 0)
			shown = (cells[at++].shown || !is_at(t->parts[p], where)) && shown;
	}
	return shown;
}

/* What a subject has in one region. */
static bool
share_is_shown(const struct report_table *t, const char *region, const char *group, const struct tally_place *where)
{
	unsigned inside = 0, count = 0;

	for (unsigned p = 0; p < t->part_count; p++) {
		const bool here = strcmp(t->parts[p]->region, region) == 0;

		count += here;
		inside += here && is_at(t->parts[p], where);
	}
	if (inside == 0)
		return true;
	if (!region_is_shown(t, region, group))
		return false;
	return inside == count || (!is_of_family(t, group) && part_is_shown(t, region, where, group));
}

/* ---- centres ---- */

/* The centre of a region; NULL when it has more than one. */
static const char *
centre_of(const struct report_table *t, const char *region)
{
	const char *centre = NULL;

	for (unsigned p = 0; p < t->part_count; p++) {
		if (strcmp(t->parts[p]->region, region) != 0)
			continue;
		if (centre != NULL && strcmp(centre, t->parts[p]->centre) != 0)
			return NULL;
		centre = t->parts[p]->centre;
	}
	return centre;
}

struct block {
	const char *centre;
	unsigned regions; /* that are withheld */
	int64_t cases;
};

/* What the regions of each centre withhold, together; false when a region is no centre's alone. */
static bool
blocks_of(const struct report_table *t, const char *group, struct block *blocks, unsigned *count)
{
	*count = 0;
	for (size_t i = 0; i < t->nation.count; i++) {
		const struct figure *f = &t->nation.list[i];
		unsigned b = 0;

		if (f->region[0] == '\0' || strcmp(f->group, group) != 0)
			continue;
		const char *centre = centre_of(t, f->region);
		if (centre == NULL)
			return false;
		if (f->shown)
			continue;
		while (b < *count && strcmp(blocks[b].centre, centre) != 0)
			b++;
		if (b == *count)
			blocks[(*count)++] = (struct block){.centre = centre};
		blocks[b].regions++;
		blocks[b].cases += f->cases;
	}
	return true;
}

/* A block of one region would be that region: it counts as too small by itself. */
static bool
centre_is_shown(const struct report_table *t, const char *centre, const char *group)
{
	const struct figure *nation = find(&t->nation, "", group);
	struct block *blocks = ARENA_ARRAY(t->arena, struct block, t->nation.count + 1);
	struct cell *cells = ARENA_ARRAY(t->arena, struct cell, t->nation.count + 2);
	unsigned count, at = 0;

	if (nation == NULL || is_of_family(t, group) || !blocks_of(t, group, blocks, &count) || count == 0)
		return false;
	while (at < count && strcmp(blocks[at].centre, centre) != 0)
		at++;
	for (unsigned b = 0; b < count; b++)
		cells[b].count = blocks[b].regions > 1 ? blocks[b].cases : 0;
	cells_withhold_line(cells, count, t->smallest);
	return at < count && cells[at].shown;
}

/* ---- all together ---- */

static bool
whole_is_shown(const struct report_table *t, const char *group, const struct tally_place *where)
{
	bool shown = true;

	for (size_t i = 0; i < t->nation.count && shown; i++) {
		const struct figure *f = &t->nation.list[i];
		const bool first = i == 0 || strcmp(t->nation.list[i - 1].region, f->region) != 0;

		if (f->region[0] != '\0' && first)
			shown = share_is_shown(t, f->region, group, where);
	}
	return shown || (where->centre != NULL && where->region == NULL && where->team == NULL &&
			 centre_is_shown(t, where->centre, group));
}

void
report_table_withhold(const struct report_table *t, struct figures *f, const struct tally_place *where,
		      int64_t smallest)
{
	size_t listed = 0;

	for (size_t i = 0; i < f->count; i++) {
		struct figure *figure = &f->list[listed];
		struct tally_place at = *where;

		*figure = f->list[i];
		if (figure->region[0] != '\0')
			at.region = figure->region;
		if (is_nation(where)) {
			const struct figure *same = find(&t->nation, figure->region, figure->group);
			figure->shown = same != NULL && same->shown;
		} else if (at.region != NULL) {
			figure->shown = share_is_shown(t, at.region, figure->group, &at);
		} else {
			figure->shown = whole_is_shown(t, figure->group, &at);
		}
		figure->shown = figure->shown && (figure->cases >= smallest || is_nation(where));
		/* Which groups are withheld would tell which have nothing: but for the country they are not listed. */
		listed += figure->shown || !is_of_family(t, figure->group) || (is_nation(where) && at.region == NULL);
	}
	f->count = listed;
	figures_show_against_baseline(f, smallest);
}
