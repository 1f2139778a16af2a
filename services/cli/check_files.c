// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/check_files.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/policy_internal.h"
#include "services/cli/adoption.h"
#include "services/cli/yaml_tree.h"

struct sorting {
	struct arena *arena;
	struct check_policies *out;
	const char *national[POLICY_FILES_MAX];
	unsigned national_count;
	struct {
		const char *code;
		const char *paths[POLICY_FILES_MAX];
		unsigned count;
	} regions[CHECK_REGIONS_MAX];
	unsigned region_count;
};

/* ---- which file belongs to whom ---- */

static void
put(struct sorting *s, const char **paths, unsigned *count, const char *path)
{
	if (*count < POLICY_FILES_MAX)
		paths[(*count)++] = path;
	else
		problems_add(&s->out->problems,
			     arena_printf(s->arena, "%s: more than %d files of one policy; put some together", path,
					  POLICY_FILES_MAX));
}

static void
sort_file(struct sorting *s, const char *path)
{
	struct why why = {0};
	const struct tree *root = yaml_tree_file(s->arena, path, &why);
	const struct tree *region = root == NULL || root->kind != TREE_MAP ? NULL : tree_get(root, "region");
	unsigned r = 0;

	if (region == NULL || region->kind != TREE_SCALAR) {
		put(s, s->national, &s->national_count, path);
		return;
	}
	while (r < s->region_count && strcmp(s->regions[r].code, region->text) != 0)
		r++;
	if (r == CHECK_REGIONS_MAX) {
		problems_add(&s->out->problems, arena_printf(s->arena, "%s: more than %d regions; check them in parts",
							     path, CHECK_REGIONS_MAX));
		return;
	}
	if (r == s->region_count)
		s->regions[s->region_count++].code = region->text;
	put(s, s->regions[r].paths, &s->regions[r].count, path);
}

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
sort_folder(struct sorting *s, const char *path)
{
	struct dirent **entries = NULL;
	const int count = scandir(path, &entries, is_yaml, by_bytes);

	if (count <= 0)
		problems_add(&s->out->problems,
			     arena_printf(s->arena, "%s: no *.yaml in this folder; look at the path", path));
	for (int i = 0; i < count; i++) {
		sort_file(s, arena_printf(s->arena, "%s/%s", path, entries[i]->d_name));
		free(entries[i]);
	}
	free(entries);
}

/* ---- reading ---- */

/* The policy with a last row in every block; NULL when that is not all that is wrong. */
static const pb_PolicyAdopted *
with_last_rows(struct arena *a, const pb_PolicyAdopted *draft)
{
	pb_PolicyAdopted *total = ARENA_NEW(a, pb_PolicyAdopted);
	pb_PolicyTables *tables = ARENA_NEW(a, pb_PolicyTables);
	struct violations vs = {.count = 0};

	if (draft == NULL || draft->tables == NULL || draft->region[0] != '\0')
		return NULL;
	*total = *draft;
	*tables = *draft->tables;
	total->tables = tables;
	tables->tables = ARENA_ARRAY(a, pb_RuleTable *, tables->n_tables + 1);
	for (size_t t = 0; t < tables->n_tables; t++) {
		pb_RuleTable *table = ARENA_NEW(a, pb_RuleTable);

		*table = *draft->tables->tables[t];
		table->blocks = ARENA_ARRAY(a, pb_RuleBlock *, table->n_blocks + 1);
		for (size_t b = 0; b < table->n_blocks; b++)
			table->blocks[b] = policy_block_total(a, arena_printf(a, "%zu.%s", b, table->scope),
							      table->event, draft->tables->tables[t]->blocks[b]);
		tables->tables[t] = table;
	}
	return policy_check(adoption_scopes, ADOPTION_POLICY_SCOPES, total, &vs, a) ? total : NULL;
}

static const pb_PolicyAdopted *
read_policy(struct arena *a, const char *const *paths, unsigned count, struct problems *problems,
	    const struct policy_file **out)
{
	struct policy_file *file = ARENA_NEW(a, struct policy_file);
	const pb_PolicyAdopted *policy = NULL;

	*out = file;
	if (policy_file_read(a, paths, count, adoption_scopes, ADOPTION_POLICY_SCOPES, file))
		return file->policy;
	policy = with_last_rows(a, file->draft);
	for (unsigned i = 0; policy == NULL && i < file->problems.count && i < PROBLEMS_MAX; i++)
		problems_add(problems, file->problems.text[i]);
	return policy;
}

/* A region's deadline that cannot be read on top of the national policy is left as it is nationally (policy_view.c): whoever
 * wrote it should know. */
static void
check_regional_deadlines(struct arena *a, struct check_policies *out, unsigned region)
{
	const pb_PolicyAdopted *national = out->national, *regional = out->regions[region].policy;
	const struct policy_parts parts = {.arena = a, .scratch = a, .national = national, .regional = regional};

	for (size_t i = 0; regional->tables != NULL && i < regional->tables->n_deadlines; i++) {
		const pb_DeadlineRule *rule = regional->tables->deadlines[i];
		const char *kind = record_code_of("DeadlineKind", (int)rule->kind);
		const struct policy_place *place = policy_file_place(out->regions[region].file, kind);
		const char *at = place == NULL ? "" : arena_printf(a, "%s:%u: ", place->file, place->line);

		for (size_t t = 0; t < rule->n_terms; t++) {
			struct term term;
			struct why why = {0};

			if (!policy_term(&parts, rule->terms[t]->term, &term, &why))
				problems_add(&out->problems,
					     arena_printf(a, "%s%s: neither the region nor the nation gives it: %s", at,
							  kind, why.text));
		}
	}
}

bool
check_files_read(struct arena *a, const char *share_dir, const char *const *paths, unsigned path_count,
		 struct check_policies *out)
{
	struct sorting *s = ARENA_NEW(a, struct sorting);
	const char *shipped[ADOPTION_POLICY_PATHS];
	struct stat st;

	*out = (struct check_policies){0};
	s->arena = a;
	s->out = out;
	for (unsigned i = 0; i < path_count; i++) {
		if (stat(paths[i], &st) == 0 && S_ISDIR(st.st_mode))
			sort_folder(s, paths[i]);
		else
			sort_file(s, paths[i]);
	}
	if (s->national_count == 0) {
		adoption_policy_paths(a, share_dir, shipped);
		out->national = read_policy(a, shipped, ADOPTION_POLICY_PATHS, &out->problems, &out->national_file);
	} else {
		out->national = read_policy(a, s->national, s->national_count, &out->problems, &out->national_file);
	}
	for (unsigned r = 0; r < s->region_count; r++) {
		out->regions[r].code = s->regions[r].code;
		out->regions[r].policy =
		    read_policy(a, s->regions[r].paths, s->regions[r].count, &out->problems, &out->regions[r].file);
	}
	out->region_count = s->region_count;
	for (unsigned r = 0; r < s->region_count && out->problems.count == 0; r++)
		check_regional_deadlines(a, out, r);
	return out->problems.count == 0;
}

/* ---- checking ---- */

/* Numbers of a region change no row: only tables and deadlines of its own are searched anew. */
static bool
changes_no_table(const pb_PolicyAdopted *regional)
{
	const pb_PolicyTables *tables = regional->tables;

	for (size_t i = 0; tables != NULL && i < tables->n_tables; i++) {
		if (strcmp(tables->tables[i]->scope, "signals") != 0)
			return false;
	}
	return tables == NULL || tables->n_deadlines == 0;
}

void
check_policies(struct check_report *report, const struct check_policies *p, bool with_national, const char *only)
{
	struct check_subject subject = {.national = p->national, .files = {p->national_file}};

	if (with_national)
		check_policy(report, &subject);
	for (unsigned r = 0; r < p->region_count; r++) {
		if (only != NULL && strcmp(only, p->regions[r].code) != 0)
			continue;
		subject.regional = p->regions[r].policy;
		subject.files[0] = p->regions[r].file;
		subject.files[1] = p->national_file;
		subject.quick = with_national && changes_no_table(p->regions[r].policy);
		check_policy(report, &subject);
	}
}

/* ---- telling ---- */

void
check_print(FILE *out, struct arena *a, const struct check_finding *f)
{
	const char *at = f->file[0] == '\0' ? "" : arena_printf(a, "%s:%u: ", f->file, f->line);
	const char *name = f->row[0] != '\0' && f->table[0] != '\0' ? arena_printf(a, "%s (%s)", f->row, f->table)
			   : f->row[0] != '\0'                      ? f->row
								    : f->table;

	fprintf(out, "%s%s%s%s%s: %s%s%s\n", at, f->note ? "note: " : "", f->region[0] == '\0' ? "" : "in ", f->region,
		f->region[0] == '\0' ? name : arena_printf(a, ": %s", name), f->text, f->note ? "" : " [",
		f->note ? "" : arena_printf(a, "%s]", f->code));
	if (f->situation[0] != '\0')
		fprintf(out, "    such as  %s\n", f->situation);
	for (unsigned i = 0; i < f->way_count; i++)
		fprintf(out, "    %s%2u. %s\n", i == 0 ? "by " : "   ", i + 1, f->way[i]);
}

static void
print_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		if ((unsigned char)*text >= ' ')
			fputc(*text, out);
	}
	fputc('"', out);
}

void
check_print_json(FILE *out, struct arena *a, const struct check_finding *f)
{
	const struct {
		const char *key, *value;
	} fields[] = {{"severity", f->note ? "note" : "error"},
		      {"code", f->code},
		      {"region", f->region},
		      {"table", f->table},
		      {"row", f->row},
		      {"file", f->file},
		      {"line", arena_printf(a, "%u", f->line)},
		      {"text", f->text},
		      {"situation", f->situation}};

	fputc('{', out);
	for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		fprintf(out, "%s\"%s\":", i == 0 ? "" : ",", fields[i].key);
		if (strcmp(fields[i].key, "line") == 0)
			fputs(fields[i].value, out);
		else
			print_string(out, fields[i].value);
	}
	fputs(",\"way\":[", out);
	for (unsigned i = 0; i < f->way_count; i++) {
		fputs(i == 0 ? "" : ",", out);
		print_string(out, f->way[i]);
	}
	fputs("]}\n", out);
}
