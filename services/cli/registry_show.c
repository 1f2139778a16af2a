// SPDX-License-Identifier: EUPL-1.2
/* registry_show.c - `doorbraak registry show`: who serves a gemeente or a region on a day. */
#include <inttypes.h>

#include "services/cli/adopted.h"

static void
line(struct cli *cli, const char *label, const char *value)
{
	fprintf(cli->out, "%-14s %s\n", label, value[0] == '\0' ? "-" : value);
}

static void
print_place(struct cli *cli, struct adopted *ad, const struct registry_place *place, cal_day day)
{
	const ProtobufCEnumDescriptor *asks = record_enum("Ask");
	const char *extra = "";

	for (unsigned i = 0; i < asks->n_values; i++)
		if (asks->values[i].value != 0 && adopted_feature(ad, place->region.s, asks->values[i].value, day))
			extra = arena_printf(&cli->arena, "%s%s%s", extra, extra[0] == '\0' ? "" : ", ",
					     record_enum_code(asks, asks->values[i].value));
	if (cli->json) {
		fprintf(cli->out,
			"{\"municipality\":\"%s\",\"region\":\"%s\",\"team\":\"%s\",\"landing_place\":\"%s\","
			"\"expertise_centre\":\"%s\",\"coordination\":\"%s\",\"registry_version\":\"%s\"}\n",
			place->municipality.s, place->region.s, place->team.s, place->landing.s, place->centre.s,
			place->coordination.s, adopted_registry_version(ad, day).s);
		return;
	}
	if (!code_is_empty(place->municipality))
		line(cli, "municipality", place->municipality.s);
	line(cli, "region", place->region.s);
	line(cli, "expert team", place->team.s);
	line(cli, "landing place", place->landing.s);
	line(cli, "centre", place->centre.s);
	line(cli, "coordination", place->coordination.s);
	if (extra[0] != '\0')
		line(cli, "extra tasks", extra);
	line(cli, "registry", adopted_registry_version(ad, day).s);
}

static int
show_place(struct cli *cli, struct adopted *ad, const char *code, cal_day day)
{
	struct registry_place place;
	char date[11];

	cal_format(day, date);
	switch (adopted_place(ad, code, day, &place)) {
	case REGISTRY_REPLACED:
		fprintf(cli->err, "%s went over into %s\n", code, place.municipality.s);
		print_place(cli, ad, &place, day);
		return CLI_OK;
	case REGISTRY_FOUND: print_place(cli, ad, &place, day); return CLI_OK;
	case REGISTRY_AMBIGUOUS:
		cli_fail(cli, CLI_FAILED, "%s was divided; on %s these come in its place:", code, date);
		for (unsigned i = 0; i < place.successor_count; i++)
			fprintf(cli->out, "%s\n", place.successors[i].s);
		return CLI_FAILED;
	case REGISTRY_UNKNOWN: break;
	}
	if (adopted_region(ad, code, day, &place)) {
		print_place(cli, ad, &place, day);
		return CLI_OK;
	}
	return cli_fail(
	    cli, CLI_FAILED,
	    "on %s there is no gemeente or youth region %s in the registry; write codes like GM0988 or JZ32", date,
	    code);
}

static int
show_adoptions(struct cli *cli, struct adopted *ad, cal_day day)
{
	const struct code version = adopted_registry_version(ad, day);
	char date[11];

	cal_format(day, date);
	for (const struct adopted_record *r = adopted_records(ad); r != NULL; r = r->next) {
		char adopted_on[11];
		if (r->registry == NULL)
			continue;
		cal_format(r->day, adopted_on);
		if (cli->json)
			fprintf(cli->out,
				"{\"seq\":%" PRIu64 ",\"adopted_on\":\"%s\",\"version\":\"%s\",\"valid_from\":\"%s\","
				"\"rows\":%zu}\n",
				r->seq, adopted_on, r->registry->version, r->registry->valid_from, r->registry->n_rows);
		else
			fprintf(cli->out, "record %-8" PRIu64 " %s  version %s, valid from %s, %zu rows\n", r->seq,
				adopted_on, r->registry->version, r->registry->valid_from, r->registry->n_rows);
	}
	if (code_is_empty(version))
		return cli_fail(cli, CLI_FAILED,
				"no registry is in force on %s: adopt one with `doorbraak registry adopt --shipped`",
				date);
	if (!cli->json)
		fprintf(cli->out, "in force on %s: version %s\n", date, version.s);
	return CLI_OK;
}

static int
registry_show_run(struct cli *cli)
{
	struct adopted *ad = NULL;
	cal_day day;

	if (cli->argument_count > 1)
		return cli_fail(cli, CLI_USAGE, "name one gemeente or region, or none");
	if (cli->argument_count == 1 && !record_is_code(cli->arguments[0]))
		return cli_fail(cli, CLI_USAGE, "'%.60s' cannot be a code; write codes like GM0988 or JZ32",
				cli->arguments[0]);
	if (!asking_day(cli, "on", &day))
		return CLI_USAGE;
	struct system *system = asking_open(cli);
	if (system == NULL)
		return CLI_UNREACHABLE;
	int code = adopted_read(&ad, cli, system);
	if (code == CLI_OK) {
		if (day == CAL_NONE)
			day = adopted_today(ad);
		code = cli->argument_count == 1 ? show_place(cli, ad, cli->arguments[0], day)
						: show_adoptions(cli, ad, day);
	}
	adopted_close(&ad);
	system_close(&system);
	return code;
}

static const struct cli_option options[] = {
    {"on", "DATE", "as it holds on that day (default: today, by intake's clock)"},
    {0},
};

const struct command command_registry_show = {
    .name = "registry show",
    .summary = "who serves a gemeente or a region",
    .usage = "[CODE] [--on DATE]",
    .options = options,
    .help = "Computed from the RegistryAdopted records in intake's journal, as the services do: region, expert team,\n"
	    "landing place, expertise centre and placement coordination of a gemeente (GM0988) or a youth region\n"
	    "(JZ32). Without a code: what was adopted.\n\n"
	    "Status 1: no registry is in force, or it does not know the code. 3: intake gives no answer.\n\n"
	    "example:\n"
	    "  doorbraak registry show GM0988 --on 2021-03-01\n",
    .run = registry_show_run,
};
