// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/policy_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "services/cli/policy_reader.h"
#include "services/cli/yaml_tree.h"

/* ---- what the readers share ---- */

void
reader_place(struct policy_reader *r, const char *name, unsigned line)
{
	struct policy_place *place = ARENA_NEW(r->y.arena, struct policy_place);

	*place = (struct policy_place){.name = name, .file = r->y.file, .line = line, .next = r->out->places};
	r->out->places = place;
}

const struct policy_place *
policy_file_place(const struct policy_file *file, const char *name)
{
	const struct policy_place *place = file->places;

	while (place != NULL && strcmp(place->name, name) != 0)
		place = place->next;
	return place;
}

const struct rules_scope *
reader_scope(const struct policy_reader *r, const char *name)
{
	for (unsigned i = 0; i < r->scope_count; i++) {
		if (strcmp(r->scopes[i]->name, name) == 0)
			return r->scopes[i];
	}
	return NULL;
}

/* ---- one file ---- */

static void
read_text_key(struct policy_reader *r, const struct tree *node, char **field)
{
	const char *text = yaml_scalar(&r->y, node, node->key);

	if (text == NULL)
		return;
	if ((*field)[0] != '\0') {
		yaml_problem(&r->y, node->line, "'%s' was given before; say it in one file", node->key);
		return;
	}
	reader_place(r, node->key, node->line);
	*field = yaml_text(&r->y, text);
}

static void
read_section(struct policy_reader *r, const struct tree *node)
{
	const char *key = node->key;

	if (strcmp(key, "version") == 0)
		read_text_key(r, node, &r->policy->version);
	else if (strcmp(key, "valid_from") == 0)
		read_text_key(r, node, &r->policy->valid_from);
	else if (strcmp(key, "region") == 0)
		read_text_key(r, node, &r->policy->region);
	else if (strcmp(key, "values") == 0)
		policy_values_read(r, node);
	else if (strcmp(key, "deadlines") == 0)
		policy_deadlines_read(r, node);
	else if (strcmp(key, "extra_holidays") == 0)
		policy_holidays_read(r, node);
	else if (strcmp(key, "capacities") == 0)
		policy_capacities_read(r, node);
	else if (strcmp(key, "baselines") == 0)
		policy_baselines_read(r, node);
	else if (strcmp(key, "grid") == 0)
		policy_grid_read(r, node);
	else if (strcmp(key, "refuse") == 0)
		policy_refuse_read(r, node);
	else
		policy_scope_read(r, key, node);
}

static void
read_root(struct policy_reader *r, const struct tree *root)
{
	static const char *const keys[] = {"version",        "valid_from", "region",    "values", "deadlines",
					   "extra_holidays", "capacities", "baselines", "grid",   "refuse",
					   "effects",        "triage",     "signals",   NULL};

	if (root->kind != TREE_MAP) {
		yaml_problem(&r->y, root->line, "the file is no map; begin with 'values:', 'deadlines:' or 'effects:'");
		return;
	}
	for (const struct tree *node = root->first; node != NULL; node = node->next) {
		if (yaml_key_is_known(&r->y, node, keys))
			read_section(r, node);
	}
}

static void
read_file(struct policy_reader *r, const char *path)
{
	struct why why = {0};
	const struct tree *root = yaml_tree_file(r->y.arena, path, &why);

	r->y.file = yaml_text(&r->y, path);
	if (root == NULL)
		problems_add(&r->out->problems, yaml_text(&r->y, why.text));
	else
		read_root(r, root);
}

/* ---- files and folders ---- */

static int
is_yaml(const struct dirent *entry)
{
	const size_t len = strlen(entry->d_name);

	return len > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 5, ".yaml") == 0;
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
read_folder(struct policy_reader *r, const char *path)
{
	struct dirent **entries = NULL;
	const int count = scandir(path, &entries, is_yaml, by_bytes);

	if (count <= 0)
		problems_add(&r->out->problems,
			     arena_printf(r->y.arena, "%s: no *.yaml in this folder; look at the path", path));
	for (int i = 0; i < count; i++) {
		if (i < POLICY_FILES_MAX)
			read_file(r, arena_printf(r->y.arena, "%s/%s", path, entries[i]->d_name));
		else if (i == POLICY_FILES_MAX)
			problems_add(&r->out->problems,
				     arena_printf(r->y.arena, "%s: more than %d files; put some together", path,
						  POLICY_FILES_MAX));
		free(entries[i]);
	}
	free(entries);
}

static void
read_path(struct policy_reader *r, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		read_folder(r, path);
	else
		read_file(r, path);
}

/* ---- the whole ---- */

static void
tell_violation(struct policy_reader *r, const struct violation *v)
{
	const char *row = strchr(v->field, ' ');
	const struct policy_place *place = row == NULL ? NULL : policy_file_place(r->out, row + 1);

	if (place == NULL)
		place = policy_file_place(r->out, arena_str(r->y.arena, bytes_of(v->field, strcspn(v->field, " "))));
	if (place == NULL)
		problems_add(&r->out->problems, arena_printf(r->y.arena, "%s: %s: %s", r->y.file, v->field, v->text));
	else
		problems_add(&r->out->problems,
			     arena_printf(r->y.arena, "%s:%u: %s: %s", place->file, place->line, v->field, v->text));
}

static void
check(struct policy_reader *r)
{
	struct violations vs = {.count = 0};
	const struct bytes packed = RECORD_PACK(r->y.arena, r->policy);

	if (policy_check(r->scopes, r->scope_count, r->policy, &vs, r->y.arena) && packed.len > RECORD_ADOPTION_MAX)
		problems_add(&r->out->problems,
			     arena_printf(r->y.arena, "%s: the policy takes %zu bytes; at most %u, shorten the points",
					  r->y.file, packed.len, RECORD_ADOPTION_MAX));
	for (unsigned i = 0; i < vs.count; i++)
		tell_violation(r, &vs.v[i]);
}

static pb_PolicyAdopted *
new_policy(struct arena *a)
{
	pb_PolicyAdopted *policy = ARENA_NEW(a, pb_PolicyAdopted);

	pb_PolicyAdopted_init(policy);
	policy->values = ARENA_ARRAY(a, pb_PolicyValue *, POLICY_VALUES_MAX);
	policy->tables = ARENA_NEW(a, pb_PolicyTables);
	pb_PolicyTables_init(policy->tables);
	policy->tables->tables = ARENA_ARRAY(a, pb_RuleTable *, POLICY_TABLES_MAX);
	policy->tables->deadlines = ARENA_ARRAY(a, pb_DeadlineRule *, DEADLINES_MAX);
	policy->tables->terms = ARENA_ARRAY(a, pb_PolicyTermRule *, POLICY_VALUES_MAX);
	return policy;
}

static struct policy_reader *
begin(struct arena *a, const struct rules_scope *const *scopes, unsigned scope_count, struct policy_file *file)
{
	struct policy_reader *r = ARENA_NEW(a, struct policy_reader);

	*file = (struct policy_file){0};
	r->y = (struct yaml_reader){.arena = a, .problems = &file->problems, .file = ""};
	r->out = file;
	r->scopes = scopes;
	r->scope_count = scope_count;
	r->policy = new_policy(a);
	return r;
}

static bool
finish(struct policy_reader *r)
{
	struct policy_file *file = r->out;

	policy_grid_compile(r);
	if (file->problems.count == 0) {
		check(r);
		file->draft = r->policy;
	}
	file->policy = file->problems.count == 0 ? r->policy : NULL;
	return file->problems.count == 0;
}

bool
policy_file_read(struct arena *a, const char *const *paths, unsigned path_count,
		 const struct rules_scope *const *scopes, unsigned scope_count, struct policy_file *file)
{
	struct policy_reader *r = begin(a, scopes, scope_count, file);

	for (unsigned i = 0; i < path_count; i++)
		read_path(r, paths[i]);
	return finish(r);
}

bool
policy_file_part(struct arena *a, const char *name, const struct tree *root, const struct rules_scope *const *scopes,
		 unsigned scope_count, struct policy_file *file)
{
	struct policy_reader *r = begin(a, scopes, scope_count, file);

	r->y.file = name;
	read_root(r, root);
	return finish(r);
}
