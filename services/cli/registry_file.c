// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/registry_file.h"

#include <stdio.h>

#include "common/registry.h"
#include "services/cli/yaml_tree.h"

struct reader {
	struct yaml_reader y;
	cal_day valid_from; /* of lines without a date */
	bool adds;          /* codes may stand in the registry that is adopted */
	struct registry_line *lines;
	unsigned count;
};

/* ---- fields of a line ---- */

static bool
add_row(struct reader *r, const struct tree *node, pb_RegistryRow *row)
{
	const struct tree *date = tree_get(node, "valid_from");
	const char *text = yaml_text_of(&r->y, node, "valid_from");
	cal_day from = r->valid_from;

	if (text == NULL)
		return false;
	if (date != NULL)
		from = cal_parse(text);
	if (from == CAL_NONE) {
		yaml_problem(&r->y, node->line, "'%.20s' is no date; write valid_from: 2022-01-31 here, or at the top",
			     text);
		return false;
	}
	if (r->count == REGISTRY_FILE_ROWS_MAX) {
		yaml_problem(&r->y, node->line, "more than %d lines; divide the file", REGISTRY_FILE_ROWS_MAX);
		return false;
	}
	r->lines[r->count++] = (struct registry_line){row, from, node->line};
	return true;
}

static pb_RegistryRow *
new_row(struct reader *r, int kind)
{
	pb_RegistryRow *row = ARENA_NEW(r->y.arena, pb_RegistryRow);

	pb_RegistryRow_init(row);
	row->row = (Doorbraak__V1__RegistryRowKind)kind;
	return row;
}

/* A code of a line; "" when absent or, told, when it is no code. */
static char *
code_text(struct reader *r, const struct tree *node, const char *text, const char *key)
{
	if (text == NULL || text[0] == '\0')
		return yaml_text(&r->y, "");
	if (!record_is_code(text)) {
		yaml_problem(&r->y, node->line,
			     "'%.60s' is no code for '%s'; write letters A-Z, digits and -, such as JZ32", text, key);
		return yaml_text(&r->y, "");
	}
	return yaml_text(&r->y, text);
}

static char *
code(struct reader *r, const struct tree *node, const char *key)
{
	return code_text(r, node, yaml_text_of(&r->y, node, key), key);
}

/* A code that must be there. NULL after telling. */
static char *
needed(struct reader *r, const struct tree *node, const char *key)
{
	char *text = code(r, node, key);

	if (text[0] != '\0')
		return text;
	if (tree_get(node, key) == NULL)
		yaml_problem(&r->y, node->line, "the line has no '%s'; add it", key);
	return NULL;
}

/* One code for each element of a list; NULL behind the last. */
static const struct tree *
list_of(struct reader *r, const struct tree *node, const char *key)
{
	const struct tree *list = tree_get(node, key);

	if (list == NULL) {
		yaml_problem(&r->y, node->line, "the line has no '%s'; add it, as a list", key);
		return NULL;
	}
	if (!yaml_is_list(&r->y, list))
		return NULL;
	if (list->first == NULL)
		yaml_problem(&r->y, list->line, "'%s' is empty; name at least one", key);
	return list->first;
}

static Doorbraak__V1__TeamFunction *
functions(struct reader *r, const struct tree *node, const char *key, size_t *count)
{
	const struct tree *list = tree_get(node, key);
	Doorbraak__V1__TeamFunction *values = NULL;

	if (list == NULL || !yaml_is_list(&r->y, list))
		return NULL;
	values = arena_take(r->y.arena, sizeof *values * (yaml_length(list) + 1));
	for (const struct tree *item = list->first; item != NULL; item = item->next) {
		const char *text = yaml_scalar(&r->y, item, key);
		const int value = text == NULL ? -1 : yaml_enum(&r->y, "TeamFunction", text, item->line);

		if (value > 0)
			values[(*count)++] = (Doorbraak__V1__TeamFunction)value;
	}
	return values;
}

/* ---- lines by section ---- */

static void
read_region(struct reader *r, const struct tree *node)
{
	static const char *const keys[] = {"code",          "name",         "expertise_centre", "expert_team",
					   "landing_place", "coordination", "valid_from",       NULL};
	pb_RegistryRow *row = new_row(r, REGISTRY_ROW_KIND_REGION);

	if (!yaml_map_is_known(&r->y, node, keys))
		return;
	row->region = needed(r, node, "code");
	if (row->region == NULL)
		return;
	row->expertise_centre = code(r, node, "expertise_centre");
	row->expert_team = code(r, node, "expert_team");
	row->coordination = code(r, node, "coordination");
	char *landing = code(r, node, "landing_place");

	if (!add_row(r, node, row) || landing[0] == '\0')
		return;
	static const int all[] = {TEAM_FUNCTION_CONSULTATION, TEAM_FUNCTION_PROCESS_DIRECTION, TEAM_FUNCTION_SIGNALLING,
				  TEAM_FUNCTION_LEARNING};
	pb_RegistryRow *place = new_row(r, REGISTRY_ROW_KIND_LANDING_PLACE);

	place->region = row->region;
	place->organisation = landing;
	place->known_to_all = true;
	place->functions = arena_take(r->y.arena, sizeof *place->functions * 4);
	for (; place->n_functions < 4; place->n_functions++)
		place->functions[place->n_functions] = (Doorbraak__V1__TeamFunction)all[place->n_functions];
	add_row(r, node, place);
}

static void
read_municipality(struct reader *r, const struct tree *node)
{
	static const char *const keys[] = {"code", "name", "region", "valid_from", NULL};
	pb_RegistryRow *row = new_row(r, REGISTRY_ROW_KIND_MUNICIPALITY);

	if (!yaml_map_is_known(&r->y, node, keys))
		return;
	row->municipality = needed(r, node, "code");
	row->region = needed(r, node, "region");
	if (row->municipality != NULL && row->region != NULL)
		add_row(r, node, row);
}

static void
read_merger(struct reader *r, const struct tree *node)
{
	static const char *const keys[] = {"code", "name", "region", "successors", "valid_from", NULL};

	if (!yaml_map_is_known(&r->y, node, keys))
		return;
	char *old = needed(r, node, "code");
	char *region = code(r, node, "region");

	if (old == NULL)
		return;
	/* Until the day of the merger the gemeente is one like any other. */
	if (region[0] != '\0' && r->valid_from != CAL_NONE && r->count < REGISTRY_FILE_ROWS_MAX) {
		pb_RegistryRow *row = new_row(r, REGISTRY_ROW_KIND_MUNICIPALITY);

		row->municipality = old;
		row->region = region;
		r->lines[r->count++] = (struct registry_line){row, r->valid_from, node->line};
	}
	for (const struct tree *item = list_of(r, node, "successors"); item != NULL; item = item->next) {
		pb_RegistryRow *row = new_row(r, REGISTRY_ROW_KIND_MERGER);

		row->municipality = old;
		row->successor = code_text(r, item, yaml_scalar(&r->y, item, "successors"), "successors");
		if (row->successor[0] != '\0')
			add_row(r, node, row);
	}
}

static void
read_team(struct reader *r, const struct tree *node)
{
	static const char *const keys[] = {"code",       "name", "regions", "functions", "functions_missing",
					   "valid_from", NULL};

	if (!yaml_map_is_known(&r->y, node, keys))
		return;
	char *team = needed(r, node, "code");

	for (const struct tree *item = list_of(r, node, "regions"); team != NULL && item != NULL; item = item->next) {
		pb_RegistryRow *row = new_row(r, REGISTRY_ROW_KIND_EXPERT_TEAM);

		row->organisation = team;
		row->region = code_text(r, item, yaml_scalar(&r->y, item, "regions"), "regions");
		row->functions = functions(r, node, "functions", &row->n_functions);
		row->functions_missing = functions(r, node, "functions_missing", &row->n_functions_missing);
		if (row->region[0] != '\0')
			add_row(r, node, row);
	}
}

static void
read_landing_place(struct reader *r, const struct tree *node)
{
	static const char *const keys[] = {"code",         "name",       "region", "functions", "functions_missing",
					   "known_to_all", "valid_from", NULL};
	pb_RegistryRow *row = new_row(r, REGISTRY_ROW_KIND_LANDING_PLACE);

	if (!yaml_map_is_known(&r->y, node, keys))
		return;
	row->organisation = code(r, node, "code");
	row->region = needed(r, node, "region");
	row->functions = functions(r, node, "functions", &row->n_functions);
	row->functions_missing = functions(r, node, "functions_missing", &row->n_functions_missing);
	const struct tree *known = tree_get(node, "known_to_all");

	row->known_to_all = known != NULL && yaml_bool(&r->y, known);
	/* Without functions it is taken away, and need not be named. */
	if (row->organisation[0] == '\0' && row->n_functions + row->n_functions_missing > 0)
		needed(r, node, "code");
	else if (row->region != NULL)
		add_row(r, node, row);
}

static void
read_centre(struct reader *r, const struct tree *node)
{
	static const char *const keys[] = {"code", "name", "municipality", "valid_from", NULL};
	pb_RegistryRow *row = new_row(r, REGISTRY_ROW_KIND_EXPERTISE_CENTRE);

	if (!yaml_map_is_known(&r->y, node, keys))
		return;
	row->organisation = needed(r, node, "code");
	row->municipality = needed(r, node, "municipality");
	if (row->organisation != NULL && row->municipality != NULL)
		add_row(r, node, row);
}

static void
read_organisation(struct reader *r, const struct tree *node, int kind)
{
	static const char *const keys[] = {"code", "name", "valid_from", NULL};
	pb_RegistryRow *row = new_row(r, kind);

	if (!yaml_map_is_known(&r->y, node, keys))
		return;
	row->organisation = needed(r, node, "code");
	if (row->organisation != NULL)
		add_row(r, node, row);
}

static void
read_coordination(struct reader *r, const struct tree *node)
{
	read_organisation(r, node, REGISTRY_ROW_KIND_PLACEMENT_COORDINATION);
}

static void
read_end(struct reader *r, const struct tree *node)
{
	if (node->kind == TREE_MAP && tree_get(node, "valid_from") == NULL)
		yaml_problem(&r->y, node->line,
			     "an end has no date; add valid_from, the first day on which it is gone");
	else
		read_organisation(r, node, REGISTRY_ROW_KIND_SUPPORTER_END);
}

static void
read_feature(struct reader *r, const struct tree *node)
{
	static const char *const keys[] = {"region", "asks", "valid_from", NULL};

	if (!yaml_map_is_known(&r->y, node, keys))
		return;
	char *region = needed(r, node, "region");
	const struct tree *asks = tree_get(node, "asks");

	/* No task at all: those of before are taken away. */
	if (region != NULL && asks != NULL && asks->kind == TREE_LIST && asks->first == NULL) {
		pb_RegistryRow *row = new_row(r, REGISTRY_ROW_KIND_FEATURE);

		row->region = region;
		add_row(r, node, row);
		return;
	}
	for (const struct tree *item = list_of(r, node, "asks"); region != NULL && item != NULL; item = item->next) {
		pb_RegistryRow *row = new_row(r, REGISTRY_ROW_KIND_FEATURE);
		const char *text = yaml_scalar(&r->y, item, "asks");
		const int ask = text == NULL ? -1 : yaml_enum(&r->y, "Ask", text, item->line);

		row->region = region;
		row->feature = (Doorbraak__V1__Ask)ask;
		if (ask > 0)
			add_row(r, node, row);
	}
}

/* ---- sections ---- */

struct section {
	const char *key;
	void (*read)(struct reader *r, const struct tree *node);
};

static const struct section sections[] = {
    {"regions", read_region},
    {"municipalities", read_municipality},
    {"mergers", read_merger},
    {"expert_teams", read_team},
    {"landing_places", read_landing_place},
    {"expertise_centres", read_centre},
    {"placement_coordination", read_coordination},
    {"features", read_feature},
    {"supporter_ends", read_end},
};

static const char *const keys_known[] = {"registry",
					 "version",
					 "valid_from",
					 "adds",
					 "regions",
					 "municipalities",
					 "mergers",
					 "expert_teams",
					 "landing_places",
					 "expertise_centres",
					 "placement_coordination",
					 "features",
					 "supporter_ends",
					 NULL};

static void
read_sections(struct reader *r, const struct tree *root)
{
	if (!yaml_map_is_known(&r->y, root, keys_known))
		return;
	for (const struct tree *node = root->first; node != NULL; node = node->next) {
		for (unsigned i = 0; i < sizeof sections / sizeof sections[0]; i++) {
			if (strcmp(sections[i].key, node->key) != 0 || !yaml_is_list(&r->y, node))
				continue;
			for (const struct tree *item = node->first; item != NULL; item = item->next)
				sections[i].read(r, item);
		}
	}
}

static struct reader
new_reader(struct arena *a, struct problems *problems, const char *name)
{
	return (struct reader){
	    .y = {.arena = a, .problems = problems, .file = name},
	    .valid_from = CAL_NONE,
	    .lines = ARENA_ARRAY(a, struct registry_line, REGISTRY_FILE_ROWS_MAX),
	};
}

/* ---- records ---- */

/* All lines of one day, or of every day with CAL_NONE, as a record. */
static pb_RegistryAdopted *
record_of(const struct reader *r, const char *version, cal_day from)
{
	pb_RegistryAdopted *record = ARENA_NEW(r->y.arena, pb_RegistryAdopted);

	pb_RegistryAdopted_init(record);
	record->version = record_text(r->y.arena, version);
	record->valid_from = record_date(r->y.arena, from == CAL_NONE ? r->valid_from : from);
	record->rows = ARENA_ARRAY(r->y.arena, pb_RegistryRow *, r->count + 1);
	for (unsigned i = 0; i < r->count; i++) {
		if (from == CAL_NONE || r->lines[i].from == from)
			record->rows[record->n_rows++] = r->lines[i].row;
	}
	return record;
}

/* The earliest day behind `after`; CAL_NONE when there is none. */
static cal_day
next_day(const struct reader *r, cal_day after)
{
	cal_day next = CAL_NONE;

	for (unsigned i = 0; i < r->count; i++) {
		if (r->lines[i].from > after && (next == CAL_NONE || r->lines[i].from < next))
			next = r->lines[i].from;
	}
	return next;
}

/* Lines that are added to what was adopted lean on it: whether a code stands there, intake knows. */
static void
check(struct reader *r, const pb_RegistryAdopted *all)
{
	struct violations vs = {.count = 0};

	registry_check((struct registry){.memo = NULL}, NULL, all, &vs, r->y.arena);
	for (unsigned i = 0; i < vs.count; i++) {
		unsigned row = 0;
		unsigned line = 1;

		if (r->adds && vs.v[i].reason == REASON_UNKNOWN_CODE)
			continue;
		if (sscanf(vs.v[i].field, "rows[%u]", &row) == 1 && row < r->count)
			line = r->lines[row].line;
		const char *dot = strchr(vs.v[i].field, '.');

		yaml_problem(&r->y, line, "%s: %s", dot == NULL ? vs.v[i].field : dot + 1, vs.v[i].text);
	}
}

/* All lines of a file, in *r. The version; NULL when it cannot be read: r->y.problems says why. */
static const char *
read_file(struct reader *r)
{
	struct why why = {0};
	const struct tree *root = yaml_tree_file(r->y.arena, r->y.file, &why);

	if (root == NULL) {
		problems_add(r->y.problems, arena_str(r->y.arena, bytes_str(why.text)));
		return NULL;
	}
	const char *version = root->kind == TREE_MAP ? yaml_text_of(&r->y, root, "version") : "";
	const char *from = root->kind == TREE_MAP ? yaml_text_of(&r->y, root, "valid_from") : "";

	r->valid_from = cal_parse(from == NULL ? "" : from);
	if (r->valid_from == CAL_NONE)
		yaml_problem(&r->y, root->line, "the file has no date; write valid_from: 2016-01-01 at the top");
	const struct tree *adds = root->kind == TREE_MAP ? tree_get(root, "adds") : NULL;

	r->adds = adds != NULL && yaml_bool(&r->y, adds);
	read_sections(r, root);
	return version;
}

static bool
read_records(struct arena *a, const char *path, bool whole, struct registry_file *file)
{
	*file = (struct registry_file){0};
	struct reader r = new_reader(a, &file->problems, path);
	const char *version = read_file(&r);

	if (file->problems.count == 0 && whole)
		check(&r, record_of(&r, version, CAL_NONE));
	for (cal_day day = next_day(&r, CAL_NONE); day != CAL_NONE && file->problems.count == 0;
	     day = next_day(&r, day)) {
		if (file->record_count < REGISTRY_FILE_RECORDS_MAX)
			file->records[file->record_count++] = record_of(&r, version, day);
		else
			yaml_problem(&r.y, 1, "more than %d different dates; divide the file",
				     REGISTRY_FILE_RECORDS_MAX);
	}
	if (file->problems.count > 0)
		file->record_count = 0;
	return file->problems.count == 0;
}

bool
registry_file_lines(struct arena *a, const char *path, struct registry_lines *file)
{
	*file = (struct registry_lines){0};
	struct reader r = new_reader(a, &file->problems, path);
	const char *version = read_file(&r);

	if (file->problems.count > 0)
		return false;
	file->lines = r.lines;
	file->count = r.count;
	file->all = record_of(&r, version, CAL_NONE);
	return true;
}

bool
registry_file_read(struct arena *a, const char *path, struct registry_file *file)
{
	return read_records(a, path, true, file);
}

bool
registry_file_read_part(struct arena *a, const char *path, struct registry_file *file)
{
	return read_records(a, path, false, file);
}

pb_RegistryAdopted *
registry_file_patch(struct arena *a, const char *name, const struct tree *patch, const char *version,
		    const char *valid_from, struct why *why)
{
	struct problems problems = {.count = 0};
	struct reader r = new_reader(a, &problems, name);

	r.valid_from = cal_parse(valid_from);
	ASSERT(r.valid_from != CAL_NONE);
	read_sections(&r, patch);
	if (problems.count == 0)
		return record_of(&r, version, r.valid_from);
	why_set(why, "%s", problems.text[0]);
	return NULL;
}
