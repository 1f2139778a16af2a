// SPDX-License-Identifier: EUPL-1.2
/* policy_show.c - `doorbraak policy show`: which policy is in force, and what it says. */
#include <inttypes.h>

#include "services/cli/adopted.h"
#include "services/cli/columns.h"
#include "services/cli/policy_words.h"

struct showing {
	struct cli *cli;
	struct adopted *adopted;
	const struct policy_view *view;
	const char *region;
	cal_day day;
};

static const char *
term_text(struct arena *a, struct term term)
{
	static const char *const units[] = {"-", "wd", "d", "months"};

	if (term.unit == TERM_NONE)
		return "-";
	return arena_printf(a, "%d %s", term.n, units[term.unit]);
}

/* ---- the whole ---- */

static void
print_head(const struct showing *s)
{
	char day[11], hex[2 * DIGEST_SIZE + 1];

	cal_format(s->day, day);
	bytes_hex(bytes_of(s->view->hash.b, DIGEST_SIZE), hex);
	fprintf(s->cli->out, "policy %s on %s%s%s\nhash %s\n\nadopted:\n", s->view->version, day,
		s->region[0] == '\0' ? "" : " in ", s->region, hex);
	for (const struct adopted_record *r = adopted_records(s->adopted); r != NULL; r = r->next)
		if (r->policy != NULL) {
			cal_format(r->day, day);
			fprintf(s->cli->out, "  record %-8" PRIu64 " %s  version %s%s%s, valid from %s%s\n", r->seq,
				day, r->policy->version, r->policy->region[0] == '\0' ? "" : " of ", r->policy->region,
				r->policy->valid_from, adopted_is_of(r->policy, s->view->version) ? "  in force" : "");
		}
}

/* The unit of a value, and what it is for. */
static const pb_PolicyTermRule *
find_term(const struct showing *s, const char *key)
{
	for (const struct adopted_record *r = adopted_records(s->adopted); r != NULL; r = r->next) {
		if (r->policy == NULL || r->policy->tables == NULL || !adopted_is_of(r->policy, s->view->version))
			continue;
		for (size_t i = 0; i < r->policy->tables->n_terms; i++)
			if (strcmp(r->policy->tables->terms[i]->key, key) == 0)
				return r->policy->tables->terms[i];
	}
	return NULL;
}

static void
print_values(const struct showing *s)
{
	struct arena *a = &s->cli->arena;
	struct columns columns;

	fputs("\nvalues:\n", s->cli->out);
	columns_init(&columns, a, 3);
	for (unsigned i = 0; i < s->view->value_count; i++) {
		const struct policy_value *v = &s->view->values[i];
		const pb_PolicyTermRule *term = find_term(s, v->key);
		columns_add(&columns,
			    (const char *const[]){
				arena_printf(a, "  %s", v->key),
				arena_printf(a, "%d %s", v->value, term == NULL ? "" : term->unit),
				arena_printf(a, "%s%s", term == NULL ? "" : term->meaning, v->hard ? ", by law" : "")});
	}
	columns_print(&columns, s->cli->out);
	fputs("\ndeadlines:              voluntary  court      closed\n", s->cli->out);
	columns_init(&columns, a, 5);
	for (unsigned kind = 1; kind < sizeof s->view->deadlines / sizeof s->view->deadlines[0]; kind++) {
		const struct policy_deadline *d = &s->view->deadlines[kind];
		if (d->kind == 0)
			continue;
		columns_add(&columns,
			    (const char *const[]){arena_printf(a, "  %-22s", record_code_of("DeadlineKind", d->kind)),
						  arena_printf(a, "%-9s", term_text(a, d->terms[TRACK_VOLUNTARY])),
						  arena_printf(a, "%-9s", term_text(a, d->terms[TRACK_COURT_MEASURE])),
						  arena_printf(a, "%-9s", term_text(a, d->terms[TRACK_CLOSED_CARE])),
						  arena_printf(a, "%s%s", d->rule, d->hard ? ", by law" : "")});
	}
	columns_print(&columns, s->cli->out);
}

static unsigned
row_count(const struct rules_table *t)
{
	unsigned rows = 0;

	for (unsigned b = 0; b < t->block_count; b++)
		rows += t->blocks[b].row_count;
	return rows;
}

static void
print_tables(const struct showing *s)
{
	struct arena *a = &s->cli->arena;
	struct columns columns;

	fputs("\ntables (show one with --table EVENT):\n", s->cli->out);
	columns_init(&columns, a, 3);
	for (unsigned i = 0; i < s->view->table_count; i++) {
		const struct rules_table *t = s->view->tables[i];
		columns_add(&columns, (const char *const[]){
					  arena_printf(a, "  %s", t->scope->name), t->event,
					  arena_printf(a, "%u row%s", row_count(t), row_count(t) == 1 ? "" : "s")});
	}
	columns_print(&columns, s->cli->out);
}

/* ---- one table ---- */

static void
print_row(const struct showing *s, const struct rules_row *row)
{
	const pb_RuleRow *written = adopted_row(s->adopted, s->view->version, row->id);
	struct arena *a = &s->cli->arena;

	if (written == NULL)
		return;
	if (s->cli->json) {
		fprintf(s->cli->out, "%s\n", record_json(a, &written->base, true));
		return;
	}
	fprintf(s->cli->out, "  %s (%s)\n    when    %s\n    then    %s\n", row->id, row->rule,
		policy_when_text(a, written), policy_then_text(a, written));
	if (row->document[0] != '\0' || row->point[0] != '\0')
		fprintf(s->cli->out, "    source  %s%s%s\n", row->document, row->point[0] == '\0' ? "" : ": ",
			row->point);
}

static int
print_table(const struct showing *s, const char *event)
{
	bool found = false;

	for (unsigned i = 0; i < s->view->table_count; i++) {
		const struct rules_table *t = s->view->tables[i];
		if (strcmp(t->event, event) != 0)
			continue;
		found = true;
		if (!s->cli->json)
			fprintf(s->cli->out, "%s / %s\n", t->scope->name, t->event);
		for (unsigned b = 0; b < t->block_count; b++) {
			if (!s->cli->json && t->block_count > 1)
				fprintf(s->cli->out, " block %u of %u, first row that fits:\n", b + 1, t->block_count);
			for (unsigned r = 0; r < t->blocks[b].row_count; r++)
				print_row(s, &t->blocks[b].rows[r]);
		}
	}
	return found ? CLI_OK
		     : cli_fail(s->cli, CLI_FAILED,
				"policy %s has no table for '%.60s'; `doorbraak policy show` lists them",
				s->view->version, event);
}

static int
show(struct showing *s)
{
	const char *event = cli_option(s->cli, "table");

	s->view = adopted_policy(s->adopted, s->day, s->region);
	if (s->view == NULL)
		return cli_fail(s->cli, CLI_FAILED,
				"no policy is in force on that day: adopt one with `doorbraak policy adopt --shipped`");
	if (event != NULL)
		return print_table(s, event);
	if (s->cli->json) {
		for (const struct adopted_record *r = adopted_records(s->adopted); r != NULL; r = r->next)
			if (r->policy != NULL && adopted_is_of(r->policy, s->view->version))
				fprintf(s->cli->out, "%s\n", record_json(&s->cli->arena, &r->policy->base, true));
		return CLI_OK;
	}
	print_head(s);
	print_values(s);
	print_tables(s);
	return CLI_OK;
}

static int
policy_show_run(struct cli *cli)
{
	struct showing s = {.cli = cli, .region = cli_option(cli, "region")};

	if (cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE, "takes no arguments; one table: --table %s", cli->arguments[0]);
	if (!asking_day(cli, "on", &s.day))
		return CLI_USAGE;
	if (s.region == NULL)
		s.region = "";
	else if (!record_is_code(s.region))
		return cli_fail(cli, CLI_USAGE, "--region: '%.60s' cannot be a code; codes are of A-Z 0-9 -", s.region);
	struct system *system = asking_open(cli);
	if (system == NULL)
		return CLI_UNREACHABLE;
	int code = adopted_read(&s.adopted, cli, system);
	if (code == CLI_OK) {
		if (s.day == CAL_NONE)
			s.day = adopted_today(s.adopted);
		code = show(&s);
	}
	adopted_close(&s.adopted);
	system_close(&system);
	return code;
}

static const struct cli_option options[] = {
    {"region", "CODE", "as it holds in this youth region (default: the national policy)"},
    {"table", "EVENT", "the rows of one event: PlanAgreed, MISSED.REVIEW"},
    {"on", "DATE", "as it holds on that day (default: today, by intake's clock)"},
    {0},
};

const struct command command_policy_show = {
    .name = "policy show",
    .summary = "which policy is in force, and what it says",
    .usage = "[--region CODE] [--table EVENT] [--on DATE]",
    .options = options,
    .help =
	"Computed from the PolicyAdopted records in intake's journal: version, hash, values, deadlines and tables;\n"
	"with --table the rows of one event, with where each comes from. With --json the records that are in\n"
	"force, or the rows.\n\n"
	"Status 1: no policy is in force, or it has no such table. 3: intake gives no answer.\n\n"
	"examples:\n"
	"  doorbraak policy show --region JZ32\n"
	"  doorbraak policy show --table MISSED.REVIEW\n",
    .run = policy_show_run,
};
