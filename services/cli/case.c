// SPDX-License-Identifier: EUPL-1.2
/* case.c - `doorbraak case`: the whole picture of one case. */
#include "services/cli/asking.h"
#include "services/cli/columns.h"
#include "services/cli/record_line.h"

static void
line(struct cli *cli, const char *label, const char *value)
{
	if (value != NULL && value[0] != '\0')
		fprintf(cli->out, "%-14s %s\n", label, value);
}

static const char *
joined(struct arena *a, char *const *codes, size_t count)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++)
		text = arena_printf(a, "%s%s%s", text, i == 0 ? "" : ", ", codes[i]);
	return text;
}

static const char *
code(const char *enum_name, int value)
{
	return value == 0 ? "" : record_code_of(enum_name, value);
}

static const char *
flags(struct arena *a, const pb_CaseView *c)
{
	const struct {
		bool is;
		const char *text;
	} all[] = {{c->urgent, "urgent"},
		   {c->top100, "top 100"},
		   {c->measure_active, "court measure runs"},
		   {c->placed, "in a closed placement"},
		   {c->support_asked, "support asked"}};
	const char *text = "";

	for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].is)
			text = arena_printf(a, "%s%s%s", text, text[0] == '\0' ? "" : ", ", all[i].text);
	return text;
}

static void
print_who(struct cli *cli, const pb_CaseView *c)
{
	struct arena *a = &cli->arena;
	const char *owner = c->owner[0] == '\0' ? "none (closed)" : c->owner;

	line(cli, "owner",
	     c->pending_owner[0] == '\0' ? owner
					 : arena_printf(a, "%s, %s is asked to take over", owner, c->pending_owner));
	line(cli, "funder", c->funder);
	line(cli, "region", c->region);
	line(cli, "team", c->team);
	line(cli, "centre", c->expertise_centre);
	line(cli, "support", joined(a, c->supporters, c->n_supporters));
	line(cli, "offered", joined(a, c->offered, c->n_offered));
	line(cli, "must take part", joined(a, c->required_participants, c->n_required_participants));
	line(cli, "consent", code("ConsentState", (int)c->consent));
	line(cli, "mandate", code("MandateState", (int)c->mandate));
	line(cli, "flags", flags(a, c));
}

static void
print_dates(struct cli *cli, const pb_CaseView *c)
{
	line(cli, "submitted", c->submitted_on);
	line(cli, "realised", c->realised_on);
	line(cli, "effective", c->effective_on);
	if (c->closed_on[0] != '\0')
		line(cli, "closed",
		     arena_printf(&cli->arena, "%s %s", c->closed_on, code("CloseReason", (int)c->close_reason)));
	line(cli, "evaluate by", c->evaluation_due);
}

static const char *
signal_name(struct arena *a, const pb_OpenSignal *s)
{
	const char *name = code("SignalCode", (int)s->code);

	if (s->deadline_kind != 0)
		name = arena_printf(a, "%s %s", name, code("DeadlineKind", (int)s->deadline_kind));
	if (s->reference[0] != '\0')
		name = arena_printf(a, "%s %s", name, s->reference);
	return s->due[0] == '\0' ? name : arena_printf(a, "%s of %s", name, s->due);
}

/* Evidence only where more than one event is counted. */
static const char *
signal_text(struct arena *a, const pb_OpenSignal *s)
{
	const char *text = arena_printf(a, "stage %d", s->stage);

	if (s->evidence > 1 || s->threshold > 1)
		text = arena_printf(a, "%s, %d of %d %s", text, s->evidence, s->threshold, s->unit);
	return s->acknowledged_by[0] == '\0'
		   ? text
		   : arena_printf(a, "%s, %s by %s", text, code("FollowUpCode", (int)s->follow_up), s->acknowledged_by);
}

static void
print_lists(struct cli *cli, const pb_CaseView *c)
{
	struct columns columns;
	struct arena *a = &cli->arena;

	columns_init(&columns, a, 4);
	for (size_t i = 0; i < c->n_deadlines; i++) {
		const pb_OpenDeadline *d = c->deadlines[i];
		const char *name = arena_printf(a, "%s%s%s", code("DeadlineKind", (int)d->kind),
						d->reference[0] == '\0' ? "" : " ", d->reference);
		columns_add(&columns,
			    (const char *const[]){i == 0 ? "deadlines    " : "", d->due, name,
						  arena_printf(a, "%s%s", d->rule, d->hard ? ", by law" : "")});
	}
	for (size_t i = 0; i < c->n_signals; i++) {
		const pb_OpenSignal *s = c->signals[i];
		columns_add(&columns, (const char *const[]){i == 0 ? "signals" : "", s->raised_on, signal_name(a, s),
							    signal_text(a, s)});
	}
	for (size_t i = 0; i < c->n_actions; i++) {
		const pb_ActionState *p = c->actions[i];
		columns_add(&columns,
			    (const char *const[]){
				i == 0 ? "plan" : "", p->due, arena_printf(a, "%s by %s", p->id, p->organisation),
				p->done_on[0] == '\0' ? "open" : arena_printf(a, "done %s", p->done_on)});
	}
	if (columns.rows > 0)
		columns_print(&columns, cli->out);
}

static int
case_run(struct cli *cli)
{
	int exit_code;

	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE, "name one case: `doorbraak case ID`; `doorbraak cases` lists them");
	struct system *system = asking_open(cli);
	if (system == NULL)
		return CLI_UNREACHABLE;
	const pb_Answer *answer = asking_case(cli, system, cli->arguments[0], &cli->arena, &exit_code);
	system_close(&system);
	if (answer == NULL)
		return exit_code;
	const pb_CaseView *c = answer->case_state;
	if (cli->json) {
		fprintf(cli->out, "%s\n", record_json(&cli->arena, &c->base, true));
		return CLI_OK;
	}
	line(cli, "case", c->case_id);
	line(cli, "state", code("CaseState", (int)c->state));
	line(cli, "track", code("Track", (int)c->track));
	line(cli, "level", code("Level", (int)c->level));
	line(cli, "governance", code("Governance", (int)c->governance));
	print_who(cli, c);
	print_dates(cli, c);
	print_lists(cli, c);
	if (c->base_set != NULL)
		line(cli, "base set", record_line_fields(&cli->arena, &c->base_set->base));
	return CLI_OK;
}

const struct command command_case = {
    .name = "case",
    .summary = "the whole picture of one case",
    .usage = "ID",
    .help = "State, owner, who takes part, what runs and what is due, as monitoring has it; also by an id that was\n"
	    "linked to the case. With --json the whole CaseView.\n\n"
	    "Status 1: there is no such case. 3: monitoring gives no answer.\n\n"
	    "example:\n"
	    "  doorbraak case c-7kq2m-x4d8p-b3wzn-h6t9r\n",
    .run = case_run,
};
