// SPDX-License-Identifier: EUPL-1.2
/* registry_check.c - gaps and contradictions in rows of the registry, before they are adopted.
 *
 * A code counts as known when the rows themselves or the rows kept have it, on whatever day: what a row needs may be
 * adopted with an earlier or a later date. */
#include "common/registry.h"

#define HOPS_MAX 16

struct check {
	struct registry registry;
	struct store_txn *txn; /* NULL: the rows alone */
	const pb_RegistryAdopted *adopted;
	struct violations *vs;
	struct arena *arena;
	size_t row; /* the one at hand */
};

static void
complain(struct check *c, int reason, const char *name, const char *text)
{
	violations_add(c->vs, reason, arena_printf(c->arena, "rows[%zu].%s", c->row, name), text);
}

static const char *
about(const pb_RegistryRow *row)
{
	switch ((int)row->row) {
	case REGISTRY_ROW_KIND_MUNICIPALITY:
	case REGISTRY_ROW_KIND_MERGER: return row->municipality;
	case REGISTRY_ROW_KIND_EXPERTISE_CENTRE:
	case REGISTRY_ROW_KIND_PLACEMENT_COORDINATION: return row->organisation;
	default: return row->region;
	}
}

static bool
is_known(const struct check *c, int kind, const char *code)
{
	for (size_t i = 0; i < c->adopted->n_rows; i++) {
		const pb_RegistryRow *row = c->adopted->rows[i];

		if ((int)row->row == kind && strcmp(about(row), code) == 0)
			return true;
	}
	return c->txn != NULL && registry_knows(c->registry, c->txn, kind, code, INT32_MAX);
}

/* A code that must be there, and be known as a row of `kind`. */
static void
need(struct check *c, const char *name, const char *code, int kind, const char *remedy)
{
	if (code[0] == '\0')
		complain(c, REASON_MISSING_FIELD, name, arena_printf(c->arena, "is missing; %s", remedy));
	else if (!is_known(c, kind, code))
		complain(c, REASON_UNKNOWN_CODE, name,
			 arena_printf(c->arena, "%.40s is not in the registry; %s", code, remedy));
}

static void
need_code(struct check *c, const char *name, const char *code)
{
	if (code[0] == '\0')
		complain(c, REASON_MISSING_FIELD, name, "is missing; name the one that the row is about");
}

/* The single successor among these rows; NULL when there is none, or several. */
static const char *
single_successor(const struct check *c, const char *municipality)
{
	const char *successor = NULL;

	for (size_t i = 0; i < c->adopted->n_rows; i++) {
		const pb_RegistryRow *row = c->adopted->rows[i];

		if ((int)row->row != REGISTRY_ROW_KIND_MERGER || strcmp(row->municipality, municipality) != 0)
			continue;
		if (successor != NULL)
			return NULL;
		successor = row->successor;
	}
	return successor;
}

static void
check_merger(struct check *c, const pb_RegistryRow *row)
{
	const char *code = row->municipality;

	need_code(c, "municipality", row->municipality);
	if (row->successor[0] == '\0') {
		complain(c, REASON_MISSING_FIELD, "successor", "is missing; name the gemeente that takes over");
		return;
	}
	if (!is_known(c, REGISTRY_ROW_KIND_MUNICIPALITY, row->successor) &&
	    !is_known(c, REGISTRY_ROW_KIND_MERGER, row->successor))
		complain(c, REASON_UNKNOWN_CODE, "successor",
			 arena_printf(c->arena,
				      "%.40s leads nowhere: no gemeente has that code; add it, or correct the code",
				      row->successor));
	for (unsigned hop = 0; hop < HOPS_MAX && code != NULL; hop++) {
		code = single_successor(c, code);
		if (code != NULL && strcmp(code, row->municipality) == 0) {
			complain(c, REASON_MALFORMED, "successor",
				 "the mergers go round in a circle; the last one needs a gemeente that exists");
			return;
		}
	}
}

static void
check_region(struct check *c, const pb_RegistryRow *row)
{
	need_code(c, "region", row->region);
	need(c, "expertise_centre", row->expertise_centre, REGISTRY_ROW_KIND_EXPERTISE_CENTRE,
	     "each region has a centre: add an EXPERTISE_CENTRE row, or correct the code");
	if (row->coordination[0] != '\0')
		need(c, "coordination", row->coordination, REGISTRY_ROW_KIND_PLACEMENT_COORDINATION,
		     "add a PLACEMENT_COORDINATION row, or correct the code");
}

static void
check_row(struct check *c, const pb_RegistryRow *row)
{
	const char *const add_region = "add a REGION row, or correct the code";

	switch ((int)row->row) {
	case REGISTRY_ROW_KIND_MUNICIPALITY:
		need_code(c, "municipality", row->municipality);
		need(c, "region", row->region, REGISTRY_ROW_KIND_REGION, add_region);
		break;
	case REGISTRY_ROW_KIND_MERGER: check_merger(c, row); break;
	case REGISTRY_ROW_KIND_REGION: check_region(c, row); break;
	case REGISTRY_ROW_KIND_EXPERT_TEAM:
	case REGISTRY_ROW_KIND_LANDING_PLACE:
		/* A landing place without functions is taken away. */
		if ((int)row->row == REGISTRY_ROW_KIND_EXPERT_TEAM || row->n_functions > 0)
			need_code(c, "organisation", row->organisation);
		need(c, "region", row->region, REGISTRY_ROW_KIND_REGION, add_region);
		break;
	case REGISTRY_ROW_KIND_FEATURE: need(c, "region", row->region, REGISTRY_ROW_KIND_REGION, add_region); break;
	case REGISTRY_ROW_KIND_EXPERTISE_CENTRE:
		need_code(c, "organisation", row->organisation);
		need(c, "municipality", row->municipality, REGISTRY_ROW_KIND_MUNICIPALITY,
		     "a centre has a coordinating gemeente: add its row, or correct the code");
		break;
	case REGISTRY_ROW_KIND_PLACEMENT_COORDINATION:
	case REGISTRY_ROW_KIND_SUPPORTER_END: need_code(c, "organisation", row->organisation); break;
	default: complain(c, REASON_MISSING_FIELD, "row", "says no kind of row; name one"); break;
	}
}

bool
registry_check(struct registry r, struct store_txn *txn, const pb_RegistryAdopted *adopted, struct violations *vs,
	       struct arena *a)
{
	struct check c = {.registry = r, .txn = txn, .adopted = adopted, .vs = vs, .arena = a};
	const unsigned before = vs->count;

	if (!record_is_semver(adopted->version))
		violations_add(vs, REASON_MISSING_FIELD, "version", "no version; write one such as 1.0.0");
	if (record_day(adopted->valid_from) == CAL_NONE)
		violations_add(vs, REASON_MISSING_FIELD, "valid_from", "no date; write it as 2022-01-31");
	for (c.row = 0; c.row < adopted->n_rows; c.row++)
		check_row(&c, adopted->rows[c.row]);
	return vs->count == before;
}
