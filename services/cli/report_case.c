// SPDX-License-Identifier: EUPL-1.2
/* report_case.c - `doorbraak report case`: how far one case is, for those who follow it. */
#include "services/cli/asking.h"
#include "services/cli/columns.h"
#include "services/cli/dutch.h"

struct telling {
	struct cli *cli;
	struct arena *arena;
	const pb_CaseView *view;
	struct columns columns;
};

static void
line(struct telling *t, const char *what, const char *value)
{
	if (value[0] != '\0')
		columns_add(&t->columns, (const char *const[]){what, value});
}

static const char *
date(struct arena *a, const char *text)
{
	return text[0] == '\0' ? "" : dutch_date(a, record_day(text));
}

static const char *
plural(struct arena *a, int count, const char *one, const char *more)
{
	return count == 0 ? "" : arena_printf(a, "%d %s", count, count == 1 ? one : more);
}

static const char *
codes(struct arena *a, char *const *list, size_t count)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++)
		text = arena_printf(a, "%s%s%s", text, i == 0 ? "" : ", ", list[i]);
	return text;
}

static void
tell_who(struct telling *t)
{
	const pb_CaseView *v = t->view;

	line(t, "Spoor", dutch_code("Track", (int)v->track));
	line(t, "Stand van zaken", dutch_code("CaseState", (int)v->state));
	line(t, "Niveau", dutch_code("Level", (int)v->level));
	line(t, "Regie", v->owner);
	line(t, "Gevraagd over te nemen", v->pending_owner);
	line(t, "Verantwoordelijke gemeente", v->funder);
	line(t, "Regio, team", arena_printf(t->arena, "%s%s%s", v->region, v->team[0] == '\0' ? "" : ", ", v->team));
	line(t, "Ondersteuning", codes(t->arena, v->supporters, v->n_supporters));
	line(t, "Toestemming", dutch_code("ConsentState", (int)v->consent));
	line(t, "Mandaat", dutch_code("MandateState", (int)v->mandate));
	if ((int)v->governance > (int)GOVERNANCE_NONE)
		line(t, "Opschaling", dutch_code("Governance", (int)v->governance));
}

static void
tell_course(struct telling *t)
{
	const pb_CaseView *v = t->view;
	const pb_BaseSet *b = v->base_set;
	struct arena *a = t->arena;

	line(t, "Aangemeld", date(a, v->submitted_on));
	if (b != NULL) {
		line(t, "Gescreend", date(a, b->screened_on));
		line(t, "Opgenomen", date(a, b->accepted_on));
		line(t, "Overleg", plural(a, (int)b->n_meetings_on, "teamoverleg", "teamoverleggen"));
		line(t, "Laatste overleg", b->n_meetings_on == 0 ? "" : date(a, b->meetings_on[b->n_meetings_on - 1]));
		line(t, "Plan", date(a, b->plan_on));
		line(t, "Verwachte wachttijd", plural(a, b->waiting_expected_days, "dag", "dagen"));
		line(t, "Overbrugging sinds", b->bridging_ended_on[0] == '\0' ? date(a, b->bridging_started_on) : "");
	}
	line(t, "Hulp gekomen", date(a, v->realised_on));
	line(t, "Hulp werkt", date(a, v->effective_on));
	if (v->closed_on[0] != '\0')
		line(
		    t, "Gesloten",
		    arena_printf(a, "%s (%s)", date(a, v->closed_on), dutch_code("CloseReason", (int)v->close_reason)));
	line(t, "Te evalueren voor", date(a, v->evaluation_due));
}

static void
print_deadlines(struct telling *t)
{
	const pb_CaseView *v = t->view;

	if (v->n_deadlines > 0)
		fprintf(t->cli->out, "\nWat moet gebeuren, en wanneer\n");
	columns_init(&t->columns, t->arena, 2);
	for (size_t i = 0; i < v->n_deadlines; i++) {
		const pb_OpenDeadline *d = v->deadlines[i];

		line(t, arena_printf(t->arena, "  %s", date(t->arena, d->due)),
		     arena_printf(t->arena, "%s%s%s%s", dutch_code("DeadlineKind", (int)d->kind),
				  d->reference[0] == '\0' ? "" : " ", d->reference, d->hard ? " (wettelijk)" : ""));
	}
	columns_print(&t->columns, t->cli->out);
}

static void
print_actions(struct telling *t)
{
	const pb_CaseView *v = t->view;

	if (v->n_actions > 0)
		fprintf(t->cli->out, "\nPlan\n");
	columns_init(&t->columns, t->arena, 3);
	for (size_t i = 0; i < v->n_actions; i++) {
		const pb_ActionState *s = v->actions[i];
		const char *state = s->done_on[0] != '\0'
					? arena_printf(t->arena, "gedaan op %s", date(t->arena, s->done_on))
					: arena_printf(t->arena, "voor %s", date(t->arena, s->due));

		columns_add(&t->columns,
			    (const char *const[]){arena_printf(t->arena, "  actie %s", s->id), s->organisation, state});
	}
	columns_print(&t->columns, t->cli->out);
}

static int
report_case_run(struct cli *cli)
{
	struct telling t = {.cli = cli, .arena = &cli->arena};
	int code;

	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE,
				"name one case: `doorbraak report case ID`; `doorbraak cases` lists them");
	struct system *system = asking_open(cli);

	if (system == NULL)
		return CLI_UNREACHABLE;
	const pb_Answer *answer = asking_case(cli, system, cli->arguments[0], t.arena, &code);

	system_close(&system);
	if (answer == NULL)
		return code;
	t.view = answer->case_state;
	if (cli->json) {
		fprintf(cli->out, "%s\n", record_json(t.arena, &t.view->base, true));
		return CLI_OK;
	}
	fprintf(cli->out, "Voortgang van casus %s\n", t.view->case_id);
	fprintf(cli->out, "Stand    %s\n\n", dutch_moment(t.arena, record_at_ms(answer->decided_at)));
	columns_init(&t.columns, t.arena, 2);
	tell_who(&t);
	tell_course(&t);
	columns_print(&t.columns, cli->out);
	print_deadlines(&t);
	print_actions(&t);
	return CLI_OK;
}

const struct command command_report_case = {
    .name = "report case",
    .summary = "how far one case is, for those who follow it",
    .usage = "ID",
    .help = "Who has it, what happened, what must happen and when; in Dutch, as of its last change. `doorbraak case`\n"
	    "shows all of it as it is kept. With --json the whole CaseView.\n\n"
	    "Status 1: there is no such case. 3: monitoring gives no answer.\n\n"
	    "example:\n"
	    "  doorbraak report case c-7kq2m-x4d8p-b3wzn-h6t9r\n",
    .run = report_case_run,
};
