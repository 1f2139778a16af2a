// SPDX-License-Identifier: EUPL-1.2
/* report.c - `doorbraak report`: the indicators of a period, for whom they are meant. */
#include <stdlib.h>

#include "common/nearest.h"
#include "services/cli/asking.h"
#include "services/cli/report_print.h"
#include "services/monitoring/monitoring_report.h"

static const struct {
	const char *name;
	int kind;
	int months; /* of its period when none is given; 0: as it is published */
	bool has_subject, needs_subject;
} kinds[] = {
    {"team", REPORT_KIND_TEAM_QUARTER, 0, true, true},
    {"steering-group", REPORT_KIND_STEERING_GROUP, 0, true, true},
    {"purchasing", REPORT_KIND_PURCHASING, 0, true, true},
    {"centre", REPORT_KIND_EXPERTISE_CENTRE, 0, true, true},
    {"national", REPORT_KIND_NATIONAL_THEMES, 0, false, false},
    {"inspectorates", REPORT_KIND_INSPECTORATES, 0, false, false},
    {"indicators", REPORT_KIND_INDICATORS, 3, true, false},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

/* ---- periods ---- */

static struct report_period
months_from(int year, int month, int months)
{
	struct report_period p = {cal_from_date(year, month, 1), CAL_NONE};

	if (p.from != CAL_NONE)
		p.to = cal_add_months(p.from, months) - 1;
	return p;
}

/* 2026, 2026-09, 2026-Q3, 2026-T1 (four months), 2026-H2. False when it is none of these. */
static bool
read_period(const char *text, struct report_period *p)
{
	char *end;
	const long year = strtol(text, &end, 10);
	int which;

	if (end != text + 4 || text[0] < '0' || text[0] > '9' || year < 1996 || year > 2199)
		return false;
	*p = months_from((int)year, 1, 12);
	if (*end == '\0')
		return true;
	if (end[0] != '-' || end[1] == '\0' || end[2] < '0' || end[2] > '9' || strlen(end) != 3)
		return false;
	which = end[2] - '0';
	switch (end[1]) {
	case 'Q': *p = months_from((int)year, 3 * which - 2, 3); return which >= 1 && which <= 4;
	case 'T': *p = months_from((int)year, 4 * which - 3, 4); return which >= 1 && which <= 3;
	case 'H': *p = months_from((int)year, 6 * which - 5, 6); return which >= 1 && which <= 2;
	case '0':
	case '1': *p = months_from((int)year, 10 * (end[1] - '0') + which, 1); return p->from != CAL_NONE;
	default: return false;
	}
}

/* The one that is asked for, or the last that has ended. An exit code. */
static int
period_of(struct cli *cli, struct system *system, unsigned kind, struct report_period *period)
{
	const char *text = cli_option(cli, "period");
	int64_t now_ms;

	if (text != NULL)
		return read_period(text, period)
			   ? CLI_OK
			   : cli_fail(cli, CLI_USAGE,
				      "--period: '%.20s' is no period; write 2026-09, 2026-Q3, 2026-T1 (four months), "
				      "2026-H1 or 2026",
				      text);
	const int code = asking_clock(cli, system, &now_ms);
	const int months = kinds[kind].months > 0 ? kinds[kind].months : report_form(kinds[kind].kind)->months;

	*period = report_period_before(cal_local_day(now_ms), months);
	return code;
}

/* ---- the command ---- */

static bool
kind_of(struct cli *cli, const char *name, unsigned *kind)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (unsigned i = 0; i < KINDS; i++) {
		*kind = i;
		if (strcmp(kinds[i].name, name) == 0)
			return true;
		nearest_offer(&nearest, kinds[i].name);
	}
	cli_fail(cli, CLI_USAGE, "there is no report '%.40s'; %s `doorbraak report --help` lists all", name,
		 nearest_remedy(&nearest));
	return false;
}

static const pb_Answer *
ask(struct cli *cli, struct system *system, unsigned kind, const struct report_period *period, int *code)
{
	struct arena *a = &cli->arena;
	pb_Request request;
	pb_ReportRequest report;

	pb_Request_init(&request);
	pb_ReportRequest_init(&report);
	report.kind = (Doorbraak__V1__ReportKind)kinds[kind].kind;
	report.subject_id = record_text(a, cli->argument_count > 1 ? cli->arguments[1] : "");
	report.period_from = record_date(a, period->from);
	report.period_to = record_date(a, period->to);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_REPORT;
	request.report = &report;
	const pb_Reply *reply =
	    asking(cli, system, SERVICE_COUNT - 1, &request, DOORBRAAK__V1__REPLY__BODY_REPORT, a, code);

	if (reply == NULL)
		return NULL;
	if (reply->report->report != NULL && reply->report->report->report_published != NULL)
		return reply->report->report;
	*code = cli_fail(cli, CLI_UNREACHABLE,
			 "monitoring gave an answer without a report; do its version and this "
			 "tool's fit?");
	return NULL;
}

static int
report_run(struct cli *cli)
{
	const pb_Answer *answer = NULL;
	struct report_period period = {CAL_NONE, CAL_NONE};
	unsigned kind;

	if (cli->argument_count == 0)
		return cli_fail(cli, CLI_USAGE, "name a report: `doorbraak report team ET-JZ32`; --help lists all");
	if (!kind_of(cli, cli->arguments[0], &kind))
		return CLI_USAGE;
	if (cli->argument_count > (kinds[kind].has_subject ? 2u : 1u))
		return cli_fail(cli, CLI_USAGE, "%s: %s", cli->arguments[0],
				kinds[kind].has_subject ? "name one subject"
							: "it is about the whole country; name no subject");
	if (kinds[kind].needs_subject && cli->argument_count < 2)
		return cli_fail(cli, CLI_USAGE,
				"%s: about whom? Name a code behind it, such as `doorbraak report team "
				"ET-JZ32`",
				cli->arguments[0]);
	struct system *system = asking_open(cli);

	if (system == NULL)
		return CLI_UNREACHABLE;
	int code = period_of(cli, system, kind, &period);

	if (code == CLI_OK)
		answer = ask(cli, system, kind, &period, &code);
	system_close(&system);
	if (answer == NULL)
		return code;
	if (cli->json)
		fprintf(cli->out, "%s\n", record_json(&cli->arena, &answer->base, true));
	else if (cli_option(cli, "csv") != NULL)
		report_print_csv(cli, answer);
	else
		report_print_text(cli, answer);
	return CLI_OK;
}

static const struct cli_option options[] = {
    {"period", "PERIOD", "2026-09, 2026-Q3, 2026-T1 (January to April), 2026-H1 or 2026; default: the last that ended"},
    {"csv", NULL, "as comma-separated values"},
    {0},
};

const struct command command_report = {
    .name = "report",
    .summary = "the indicators of a period: of a team, for a steering group, for purchasing, of the country",
    .usage = "KIND [SUBJECT] [--period PERIOD] [--csv]",
    .options = options,
    .help = "KIND is one of\n"
	    "  team TEAM             a team, by quarter: all that it can learn from\n"
	    "  steering-group GROUP  the same for its steering group (SG-..), two or three times a year\n"
	    "  purchasing REGION     what purchasing needs: what lacks, who waits\n"
	    "  centre CENTRE         the nature of the questions in the regions of an expertise centre\n"
	    "  national              themes of the whole country, by region\n"
	    "  inspectorates         measures and closed care in time, by region\n"
	    "  indicators [CODE]     every indicator of a region, team or centre, or of the country\n"
	    "and `report case` and `report cost` tell of one case, and what a team costs each gemeente. The text is\n"
	    "Dutch. Figures over too few cases are not shown (*), nor what would give them away. Every period can be\n"
	    "asked for; one that has not ended is told as it stands.\n\n"
	    "Status 3: monitoring gives no answer. 4: there is no such subject.\n\n"
	    "example:\n"
	    "  doorbraak report team ET-JZ32 --period 2026-Q3\n"
	    "  doorbraak report indicators --period 2026 --csv\n",
    .run = report_run,
};
