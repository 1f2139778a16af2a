// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_report_figures.h"

#include "common/cells.h"
#include "common/order.h"

/* ---- making ---- */

struct making {
	struct arena *arena;
	struct figures figures;
	size_t room;
	const struct policy_view *view;
};

static struct figure *
add(struct making *m, const char *region, const char *group)
{
	struct figures *f = &m->figures;

	if (f->count == m->room) {
		struct figure *more = ARENA_ARRAY(m->arena, struct figure, 2 * m->room + 16);

		if (f->count > 0)
			memcpy(more, f->list, f->count * sizeof *more);
		f->list = more;
		m->room = 2 * m->room + 16;
	}
	struct figure *figure = &f->list[f->count++];

	*figure = (struct figure){.region = region, .group = group};
	return figure;
}

/* What the country, or a region, had in the base period (K21, K22); 0: nobody says. */
static int64_t
baseline(const struct making *m, const char *region)
{
	for (unsigned i = 0; m->view != NULL && i < m->view->baseline_count; i++) {
		const struct policy_baseline *b = &m->view->baselines[i];

		if (strcmp(b->code, indicators[m->figures.k].code) == 0 && strcmp(b->subject, region) == 0)
			return b->count;
	}
	return 0;
}

static void
add_sum(struct making *m, const char *region, const struct tally_sum *sum)
{
	struct figure *f = add(m, region, sum->group);

	f->numerator = sum->numerator;
	f->denominator = sum->denominator;
	f->cases = sum->denominator > 0 ? sum->denominator : sum->numerator;
	if (indicators[m->figures.k].form == INDICATOR_DAYS) {
		f->median = tally_percentile(sum, 50);
		f->p90 = tally_percentile(sum, 90);
		f->total = tally_total(sum);
	}
}

/* Gemeenten that were asked, and those of them that gave their mandate at least once (K17). */
static void
add_places(struct making *m, const char *region, const struct tally_sum *sums, size_t count)
{
	const size_t at = m->figures.count;

	add(m, region, "");
	for (size_t i = 0; i < count; i++) {
		if (strncmp(sums[i].group, "GEMEENTE/", 9) != 0) {
			add_sum(m, region, &sums[i]);
			continue;
		}
		struct figure *all = &m->figures.list[at];

		all->numerator += sums[i].numerator > 0;
		all->denominator++;
		all->cases += sums[i].denominator;
	}
}

static void
add_all_groups(struct making *m, const char *region, const struct tally_sum *sums, size_t count)
{
	const size_t at = m->figures.count;

	add(m, region, "");
	for (size_t i = 0; i < count; i++) {
		add_sum(m, region, &sums[i]);
		m->figures.list[at].numerator += sums[i].numerator;
		m->figures.list[at].cases += sums[i].numerator;
	}
}

static void
add_place(struct making *m, const char *region, const struct tally_sum *sums, size_t count)
{
	const unsigned k = m->figures.k;
	const size_t at = m->figures.count;

	if (k == 17) {
		add_places(m, region, sums, count);
		return;
	}
	if (k == 26) {
		add_all_groups(m, region, sums, count);
		return;
	}
	if (count == 0)
		add(m, region, "");
	for (size_t i = 0; i < count; i++)
		add_sum(m, region, &sums[i]);
	if (k == 21 || k == 22)
		m->figures.list[at].denominator = baseline(m, region);
}

/* Regions of the rows at a place, each once, in order. */
static const char **
regions_of(struct arena *a, const struct tally_row *rows, size_t row_count, const struct tally_place *where,
	   size_t *count)
{
	const void **list = ARENA_ARRAY(a, const void *, row_count + 1);
	const char **regions = ARENA_ARRAY(a, const char *, row_count + 1);
	size_t n = 0;

	for (size_t i = 0; i < row_count; i++) {
		if ((where->team == NULL || strcmp(where->team, rows[i].team) == 0) &&
		    (where->centre == NULL || strcmp(where->centre, rows[i].centre) == 0))
			list[n++] = rows[i].region;
	}
	order_stable(a, list, n, order_of_texts);
	*count = 0;
	for (size_t i = 0; i < n; i++) {
		if (*count == 0 || strcmp(regions[*count - 1], list[i]) != 0)
			regions[(*count)++] = list[i];
	}
	return regions;
}

struct figures
figures_of(struct arena *a, unsigned k, const struct tally_row *rows, size_t row_count, const struct tally_place *where,
	   bool by_region, const struct policy_view *view)
{
	struct making m = {.arena = a, .figures = {.k = k}, .view = view};
	size_t count, region_count = 0;
	const struct tally_sum *sums = tallies_sum(a, rows, row_count, where, &count);
	/* A team or centre has no base period of its own. */
	const char *self = where->team != NULL || where->centre != NULL ? "-" : "";

	add_place(&m, where->region == NULL ? self : where->region, sums, count);
	for (size_t i = 0; i < m.figures.count; i++)
		m.figures.list[i].region = "";
	if (!by_region || where->region != NULL)
		return m.figures;
	const char **regions = regions_of(a, rows, row_count, where, &region_count);

	/* A team of one region is that region. */
	if (where->team != NULL && region_count < 2)
		return m.figures;
	for (size_t i = 0; i < region_count; i++) {
		struct tally_place place = *where;

		place.region = regions[i];
		sums = tallies_sum(a, rows, row_count, &place, &count);
		add_place(&m, regions[i], sums, count);
	}
	return m.figures;
}

struct figures
figures_of_functions(struct registry registry, struct store_txn *txn, cal_day day)
{
	static const int functions[] = {TEAM_FUNCTION_CONSULTATION, TEAM_FUNCTION_PROCESS_DIRECTION,
					TEAM_FUNCTION_SIGNALLING, TEAM_FUNCTION_LEARNING};
	struct making m = {.arena = store_arena(txn), .figures = {.k = 25}};
	size_t count;
	const struct code *regions = registry_regions(registry, txn, day, &count);

	for (unsigned i = 0; i < sizeof functions / sizeof functions[0]; i++)
		add(&m, "", arena_printf(m.arena, "FUNCTION/%s", record_code_of("TeamFunction", functions[i])));
	for (size_t r = 0; r < count; r++) {
		unsigned bits;

		if (!registry_functions(registry, txn, regions[r].s, day, &bits))
			continue;
		for (unsigned i = 0; i < m.figures.count; i++) {
			m.figures.list[i].denominator++;
			m.figures.list[i].numerator += (bits >> functions[i]) & 1u;
		}
	}
	return m.figures;
}

/* ---- withholding ---- */

struct withholding {
	struct arena *arena;
	struct figures *figures;
	const char **regions; /* all but "" */
	size_t region_count;
	int64_t smallest;
};

static struct figure *
find(const struct withholding *w, const char *region, const char *group)
{
	for (size_t i = 0; i < w->figures->count; i++) {
		struct figure *f = &w->figures->list[i];

		if (strcmp(f->region, region) == 0 && strcmp(f->group, group) == 0)
			return f;
	}
	return NULL;
}

/* One group in all regions, and its total. */
static void
withhold_line(const struct withholding *w, const char *group)
{
	struct figure **at = ARENA_ARRAY(w->arena, struct figure *, w->region_count + 1);
	struct cell *cells = ARENA_ARRAY(w->arena, struct cell, w->region_count + 1);
	struct figure *total = find(w, "", group);
	unsigned n = 0;

	for (size_t i = 0; i < w->region_count; i++) {
		struct figure *f = find(w, w->regions[i], group);

		if (f == NULL)
			continue;
		cells[n] = (struct cell){.count = f->cases};
		at[n++] = f;
	}
	if (n == 0) {
		total->shown = total->cases >= w->smallest;
		return;
	}
	cells_withhold_line(cells, n, w->smallest);
	for (unsigned i = 0; i < n; i++)
		at[i]->shown = cells[i].shown;
	total->shown = cells[n].shown;
}

static size_t
family_len(const char *group)
{
	const char *slash = strchr(group, '/');

	return slash == NULL ? 0 : (size_t)(slash - group);
}

/* A family of groups in all regions: a table. Regions whose total is withheld are one row together. When it cannot be
 * kept safe beside the totals that are shown, nothing of it is. */
static void
withhold_table(const struct withholding *w, const char *const *groups, unsigned columns)
{
	struct figure *total = find(w, "", "");
	unsigned rows = 0;

	if (columns > CELLS_COLUMNS_MAX || w->region_count >= CELLS_ROWS_MAX || !total->shown)
		return;
	struct cell *cells = ARENA_ARRAY(w->arena, struct cell, (w->region_count + 2) * (columns + 1));
	const char **row_regions = ARENA_ARRAY(w->arena, const char *, w->region_count + 1);

	for (size_t i = 0; i < w->region_count; i++) {
		if (find(w, w->regions[i], "")->shown)
			row_regions[rows++] = w->regions[i];
	}
	const unsigned rest = rows++;

	for (unsigned c = 0; c < columns; c++) {
		int64_t left = find(w, "", groups[c])->cases;

		for (unsigned r = 0; r < rest; r++) {
			const struct figure *f = find(w, row_regions[r], groups[c]);

			cells[r * (columns + 1) + c].count = f == NULL ? 0 : f->cases;
			left -= f == NULL ? 0 : f->cases;
		}
		cells[rest * (columns + 1) + c].count = left;
	}
	/* With nothing left over there is no such row; without any region it is the whole. */
	bool left_over = rest == 0;
	for (unsigned c = 0; c < columns; c++)
		left_over |= cells[rest * (columns + 1) + c].count > 0;
	if (!left_over)
		rows--;
	cells_total(cells, rows, columns);
	if (rows == 1)
		cells_withhold_line(cells, columns, w->smallest);
	else
		cells_withhold(cells, rows, columns, w->smallest);
	for (unsigned r = 0; r < (rows == 1 ? 1 : rows + 1); r++) {
		const bool is_rest = rows > 1 && left_over && r == rest;

		if (!is_rest && !cells[r * (columns + 1) + columns].shown)
			return;
	}
	for (unsigned c = 0; c < columns; c++) {
		for (unsigned r = 0; r < rest; r++) {
			struct figure *f = find(w, row_regions[r], groups[c]);
			if (f != NULL)
				f->shown = cells[r * (columns + 1) + c].shown;
		}
		find(w, "", groups[c])->shown = cells[(rows == 1 ? 0 : rows) * (columns + 1) + c].shown;
	}
}

/* K1: each family by itself. K26: all groups are one family. */
static void
withhold_tables(const struct withholding *w)
{
	const char **groups = ARENA_ARRAY(w->arena, const char *, w->figures->count + 1);
	unsigned columns = 0;

	for (size_t i = 0; i < w->figures->count && w->figures->list[i].region[0] == '\0'; i++) {
		const char *group = w->figures->list[i].group;

		if (group[0] == '\0')
			continue;
		const size_t len = family_len(group);
		const bool other = columns > 0 && w->figures->k != 26 &&
				   (len != family_len(groups[0]) || strncmp(group, groups[0], len) != 0);

		if (other) {
			withhold_table(w, groups, columns);
			columns = 0;
		}
		groups[columns++] = group;
	}
	if (columns > 0)
		withhold_table(w, groups, columns);
}

bool
figures_have_families(unsigned k)
{
	return k == 1 || k == 22 || k == 26;
}

void
figures_show_against_baseline(struct figures *f, int64_t smallest)
{
	if (f->k != 21 && f->k != 22)
		return;
	for (size_t i = 0; i < f->count; i++) {
		if (f->list[i].group[0] == '\0' && f->list[i].denominator > 0)
			f->list[i].shown = f->list[i].denominator >= smallest;
	}
}

void
figures_withhold(struct arena *a, struct figures *f, int64_t smallest)
{
	struct withholding w = {.arena = a, .figures = f, .smallest = smallest};
	const bool tables = figures_have_families(f->k);

	w.regions = ARENA_ARRAY(a, const char *, f->count + 1);
	for (size_t i = 0; i < f->count; i++) {
		const char *region = f->list[i].region;

		if (region[0] != '\0' && (w.region_count == 0 || strcmp(w.regions[w.region_count - 1], region) != 0))
			w.regions[w.region_count++] = region;
	}
	for (size_t i = 0; i < f->count && f->list[i].region[0] == '\0'; i++) {
		if (!tables || f->list[i].group[0] == '\0')
			withhold_line(&w, f->list[i].group);
	}
	if (tables)
		withhold_tables(&w);
	figures_show_against_baseline(f, smallest);
	/* Regions with a function are no cases. */
	for (size_t i = 0; f->k == 25 && i < f->count; i++)
		f->list[i].shown = true;
}
