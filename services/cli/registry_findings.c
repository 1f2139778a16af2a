// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/registry_findings.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/registry.h"

#define TEXT_MAX 320

struct search {
	struct arena *arena;
	const struct registry_lines *file;
	struct findings *found;
	cal_day last; /* date of the file */
};

static void find(struct search *s, bool error, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void
find(struct search *s, bool error, unsigned line, const char *format, ...)
{
	struct findings *found = s->found;
	char text[TEXT_MAX];
	va_list args;

	*(error ? &found->errors : &found->notes) += 1;
	if (found->count == FINDINGS_MAX)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	found->of[found->count++] = (struct finding){error, line, arena_str(s->arena, bytes_str(text))};
}

static const char *
date(const struct search *s, cal_day day)
{
	return record_date(s->arena, day);
}

/* What a line is about, as the services look it up. */
static const char *
about(const pb_RegistryRow *row)
{
	switch ((int)row->row) {
	case REGISTRY_ROW_KIND_MUNICIPALITY:
	case REGISTRY_ROW_KIND_MERGER: return row->municipality;
	case REGISTRY_ROW_KIND_REGION:
	case REGISTRY_ROW_KIND_EXPERT_TEAM:
	case REGISTRY_ROW_KIND_LANDING_PLACE:
	case REGISTRY_ROW_KIND_FEATURE: return row->region;
	default: return row->organisation;
	}
}

/* The line about a code that holds on a day; NULL when there is none. */
static const struct registry_line *
holds(const struct search *s, int kind, const char *code, cal_day day)
{
	const struct registry_line *last = NULL;

	for (unsigned i = 0; i < s->file->count; i++) {
		const struct registry_line *line = &s->file->lines[i];

		if ((int)line->row->row == kind && line->from <= day && (last == NULL || line->from >= last->from) &&
		    strcmp(about(line->row), code) == 0)
			last = line;
	}
	return last;
}

/* ---- what leans on what ---- */

/* A code that is known to the file but not yet on the day of the line. That it is known at all is checked with all
 * lines together. */
static void
not_yet(struct search *s, const struct registry_line *line, int kind, const char *code)
{
	const struct registry_line *other = holds(s, kind, code, INT32_MAX);

	if (code[0] == '\0' || other == NULL || holds(s, kind, code, line->from) != NULL)
		return;
	find(s, true, line->line,
	     "holds from %s, and leans on %s, which is there from %s (line %u); let it begin later",
	     date(s, line->from), code, date(s, other->from), other->line);
}

static void
check_municipality(struct search *s, const struct registry_line *line)
{
	const char *code = line->row->municipality;
	const struct registry_line *merger = holds(s, REGISTRY_ROW_KIND_MERGER, code, line->from);

	not_yet(s, line, REGISTRY_ROW_KIND_REGION, line->row->region);
	if (merger != NULL)
		find(s, true, line->line,
		     "%s ended on %s (line %u) and is there again from %s; leave out one of the two", code,
		     date(s, merger->from), merger->line, date(s, line->from));
}

static void
check_merger(struct search *s, const struct registry_line *line)
{
	const char *code = line->row->municipality;
	const char *successor = line->row->successor;
	const bool is_there = holds(s, REGISTRY_ROW_KIND_MUNICIPALITY, successor, line->from) != NULL ||
			      holds(s, REGISTRY_ROW_KIND_MERGER, successor, line->from) != NULL;

	if (!is_there)
		not_yet(s, line, REGISTRY_ROW_KIND_MUNICIPALITY, successor);
	if (strcmp(code, successor) == 0)
		find(s, true, line->line, "%s would take over from itself; name the gemeente that does", code);
	if (holds(s, REGISTRY_ROW_KIND_MUNICIPALITY, code, line->from) == NULL)
		find(s, false, line->line, "%s is not there before it ends; give it the region it lay in", code);
}

/* Several lines of one merger come one after another; the first tells of all. */
static void
check_split(struct search *s, unsigned at)
{
	const struct registry_line *line = &s->file->lines[at];
	const char *names = line->row->successor;
	unsigned count = 1;

	if (at > 0 && s->file->lines[at - 1].line == line->line &&
	    (int)s->file->lines[at - 1].row->row == REGISTRY_ROW_KIND_MERGER)
		return;
	while (at + count < s->file->count && s->file->lines[at + count].line == line->line) {
		names = arena_printf(s->arena, "%s, %s", names, s->file->lines[at + count].row->successor);
		count++;
	}
	if (count > REGISTRY_SUCCESSORS_MAX)
		find(s, true, line->line, "%u successors of %s; a gemeente is divided over %d at most", count,
		     line->row->municipality, REGISTRY_SUCCESSORS_MAX);
	else if (count > 1)
		find(s, false, line->line,
		     "%s was divided over %s: who names it from %s on is asked which one (AMBIGUOUS_MUNICIPALITY)",
		     line->row->municipality, names, date(s, line->from));
}

static void
check_region(struct search *s, const struct registry_line *line)
{
	not_yet(s, line, REGISTRY_ROW_KIND_EXPERTISE_CENTRE, line->row->expertise_centre);
	not_yet(s, line, REGISTRY_ROW_KIND_PLACEMENT_COORDINATION, line->row->coordination);
}

/* Of two lines about the same on one day the later one counts, and the other is lost. */
static void
check_twice(struct search *s, unsigned at)
{
	const struct registry_line *line = &s->file->lines[at];
	const int kind = (int)line->row->row;

	for (unsigned i = 0; i < at; i++) {
		const struct registry_line *other = &s->file->lines[i];

		if ((int)other->row->row != kind || other->from != line->from || other->line == line->line ||
		    strcmp(about(other->row), about(line->row)) != 0)
			continue;
		/* There may be several successors, and several tasks. */
		if (kind == REGISTRY_ROW_KIND_MERGER && strcmp(other->row->successor, line->row->successor) != 0)
			continue;
		if (kind == REGISTRY_ROW_KIND_FEATURE && other->row->feature != 0 && line->row->feature != 0 &&
		    other->row->feature != line->row->feature)
			continue;
		find(s, true, line->line, "line %u says something about %s from the same day; keep one", other->line,
		     about(line->row));
		return;
	}
}

static void
check_line(struct search *s, unsigned at)
{
	const struct registry_line *line = &s->file->lines[at];

	switch ((int)line->row->row) {
	case REGISTRY_ROW_KIND_MUNICIPALITY: check_municipality(s, line); break;
	case REGISTRY_ROW_KIND_MERGER:
		check_merger(s, line);
		check_split(s, at);
		break;
	case REGISTRY_ROW_KIND_REGION: check_region(s, line); break;
	case REGISTRY_ROW_KIND_EXPERT_TEAM:
	case REGISTRY_ROW_KIND_LANDING_PLACE:
	case REGISTRY_ROW_KIND_FEATURE: not_yet(s, line, REGISTRY_ROW_KIND_REGION, line->row->region); break;
	case REGISTRY_ROW_KIND_EXPERTISE_CENTRE:
		not_yet(s, line, REGISTRY_ROW_KIND_MUNICIPALITY, line->row->municipality);
		break;
	default: break;
	}
	check_twice(s, at);
}

/* ---- regions as they stand on the last date ---- */

/* Process direction first (R83). */
static const int functions[] = {TEAM_FUNCTION_PROCESS_DIRECTION, TEAM_FUNCTION_CONSULTATION, TEAM_FUNCTION_SIGNALLING,
				TEAM_FUNCTION_LEARNING};

static unsigned
bits_of(const Doorbraak__V1__TeamFunction *of, size_t count)
{
	unsigned bits = 0;

	for (size_t i = 0; i < count; i++)
		bits |= 1u << (unsigned)of[i];
	return bits;
}

/* The functions that are not among these bits; "" when all are. */
static const char *
lacking(const struct search *s, unsigned bits)
{
	const char *text = "";

	for (unsigned i = 0; i < sizeof functions / sizeof functions[0]; i++) {
		if ((bits >> functions[i] & 1) == 0)
			text = arena_printf(s->arena, "%s%s%s", text, text[0] == '\0' ? "" : ", ",
					    record_code_of("TeamFunction", functions[i]));
	}
	return text;
}

static void
tell_functions(struct search *s, const struct registry_line *line)
{
	const pb_RegistryRow *row = line->row;
	const unsigned covered = bits_of(row->functions, row->n_functions);
	const unsigned missing = bits_of(row->functions_missing, row->n_functions_missing);
	const char *lacks = lacking(s, ~missing | covered);
	const char *silent = lacking(s, missing | covered);

	if ((missing & covered) != 0)
		find(s, true, line->line, "%s both covers and lacks %s; say one of the two", row->organisation,
		     lacking(s, ~(missing & covered)));
	if (lacks[0] != '\0')
		find(s, false, line->line, "%s lacks %s for %s (R83)", row->organisation, lacks, row->region);
	if (silent[0] != '\0')
		find(s, false, line->line, "%s did not answer whether it covers %s for %s (R83, K25)",
		     row->organisation, silent, row->region);
}

static void
check_team(struct search *s, const struct registry_line *region)
{
	const char *code = region->row->region;
	const struct registry_line *team = holds(s, REGISTRY_ROW_KIND_EXPERT_TEAM, code, s->last);

	if (team == NULL)
		find(s, false, region->line, "no line of expert_teams says which functions %s covers for %s (R83, K25)",
		     region->row->expert_team, code);
	else if (strcmp(team->row->organisation, region->row->expert_team) != 0)
		find(s, true, team->line, "%s is said to serve %s, whose own line names %s (line %u); make them agree",
		     team->row->organisation, code, region->row->expert_team, region->line);
	else
		tell_functions(s, team);
}

/* True when cases of the region can go there. */
static bool
check_landing_place(struct search *s, const struct registry_line *place)
{
	const pb_RegistryRow *row = place->row;

	if (row->n_functions == 0 && row->n_functions_missing == 0)
		return false;
	const bool complete = lacking(s, bits_of(row->functions, row->n_functions))[0] == '\0';

	tell_functions(s, place);
	if (!row->known_to_all)
		find(s, false, place->line,
		     "%s is not known to all, so no case of %s goes there (R5); say known_to_all", row->organisation,
		     row->region);
	else if (!complete)
		find(s, false, place->line, "%s lacks a function, so no case of %s goes there (R5)", row->organisation,
		     row->region);
	return complete && row->known_to_all;
}

static bool
has_municipality(const struct search *s, const char *region)
{
	for (unsigned i = 0; i < s->file->count; i++) {
		const struct registry_line *line = &s->file->lines[i];

		if ((int)line->row->row == REGISTRY_ROW_KIND_MUNICIPALITY && strcmp(line->row->region, region) == 0)
			return true;
	}
	return false;
}

static void
check_service(struct search *s, const struct registry_line *region)
{
	const char *code = region->row->region;
	const struct registry_line *place = holds(s, REGISTRY_ROW_KIND_LANDING_PLACE, code, s->last);
	const struct registry_line *extra = holds(s, REGISTRY_ROW_KIND_FEATURE, code, s->last);
	const bool has_team = region->row->expert_team[0] != '\0';
	const bool lands = place != NULL && check_landing_place(s, place);

	if (has_team)
		check_team(s, region);
	else if (!lands)
		find(s, false, region->line,
		     "%s has no team, and no landing place with the four functions that is known to all: the gemeente "
		     "screens and owns, and S09 is raised (R6)",
		     code);
	if (extra != NULL && extra->row->feature != 0 && !has_team && !lands)
		find(s, false, extra->line, "%s has extra tasks, and nobody to do them (R16)", code);
	if (region->row->coordination[0] == '\0')
		find(s, false, region->line, "%s has no placement coordination for closed care (R67)", code);
	if (!has_municipality(s, code))
		find(s, false, region->line, "no gemeente lies in %s", code);
}

static void
check_centre(struct search *s, const struct registry_line *centre)
{
	for (unsigned i = 0; i < s->file->count; i++) {
		const struct registry_line *line = &s->file->lines[i];

		if ((int)line->row->row == REGISTRY_ROW_KIND_REGION &&
		    strcmp(line->row->expertise_centre, centre->row->organisation) == 0)
			return;
	}
	find(s, false, centre->line, "%s is the centre of no region", centre->row->organisation);
}

/* ---- all together ---- */

static void
check_rows(struct search *s)
{
	struct violations vs = {.count = 0};

	registry_check((struct registry){0}, NULL, s->file->all, &vs, s->arena);
	for (unsigned i = 0; i < vs.count && i < RECORD_VIOLATIONS_MAX; i++) {
		const char *dot = strchr(vs.v[i].field, '.');
		unsigned row = 0;
		unsigned line = 1;

		if (sscanf(vs.v[i].field, "rows[%u]", &row) == 1 && row < s->file->count)
			line = s->file->lines[row].line;
		find(s, true, line, "%s: %s", dot == NULL ? vs.v[i].field : dot + 1, vs.v[i].text);
	}
}

static bool
comes_first(const struct finding *a, const struct finding *b)
{
	return a->line != b->line ? a->line < b->line : a->error && !b->error;
}

static void
sort(struct findings *found)
{
	for (unsigned i = 1; i < found->count; i++) {
		const struct finding one = found->of[i];
		unsigned j = i;

		for (; j > 0 && comes_first(&one, &found->of[j - 1]); j--)
			found->of[j] = found->of[j - 1];
		found->of[j] = one;
	}
}

void
registry_findings(struct arena *a, const struct registry_lines *file, struct findings *found)
{
	struct search s = {.arena = a, .file = file, .found = found, .last = CAL_NONE};

	*found = (struct findings){0};
	for (unsigned i = 0; i < file->count; i++)
		s.last = file->lines[i].from > s.last ? file->lines[i].from : s.last;
	check_rows(&s);
	for (unsigned i = 0; i < file->count; i++) {
		const struct registry_line *line = &file->lines[i];

		check_line(&s, i);
		if ((int)line->row->row == REGISTRY_ROW_KIND_REGION &&
		    holds(&s, REGISTRY_ROW_KIND_REGION, line->row->region, s.last) == line)
			check_service(&s, line);
		if ((int)line->row->row == REGISTRY_ROW_KIND_EXPERTISE_CENTRE)
			check_centre(&s, line);
	}
	sort(found);
}
