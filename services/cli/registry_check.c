// SPDX-License-Identifier: EUPL-1.2
/* registry_check.c - `doorbraak registry check`: what deserves attention in a registry file. */
#include "services/cli/adoption.h"
#include "services/cli/cli.h"
#include "services/cli/registry_findings.h"

/* Names of files may hold anything. */
static void
put_json(FILE *out, const char *text)
{
	fputc('"', out);
	for (const char *s = text; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			fprintf(out, "\\u%04x", (unsigned)*s);
		else
			fputc(*s, out);
	}
	fputc('"', out);
}

static void
print(struct cli *cli, const char *path, const struct finding *f)
{
	const char *level = f->error ? "error" : "note";

	if (!cli->json) {
		fprintf(cli->out, "%s:%u: %s: %s\n", path, f->line, level, f->text);
		return;
	}
	fputs("{\"file\":", cli->out);
	put_json(cli->out, path);
	fprintf(cli->out, ",\"line\":%u,\"level\":\"%s\",\"text\":", f->line, f->error ? "ERROR" : "NOTE");
	put_json(cli->out, f->text);
	fputs("}\n", cli->out);
}

static int
unreadable(struct cli *cli, const struct problems *problems)
{
	for (unsigned i = 0; i < problems->count && i < PROBLEMS_MAX; i++)
		cli_fail(cli, CLI_USAGE, "%s", problems->text[i]);
	return CLI_USAGE;
}

static int
registry_check_run(struct cli *cli)
{
	struct registry_lines *file = ARENA_NEW(&cli->arena, struct registry_lines);
	struct findings *found = ARENA_NEW(&cli->arena, struct findings);
	const char *path = cli->arguments[0];

	if (cli->argument_count > 1)
		return cli_fail(cli, CLI_USAGE, "name one registry file, or none for the one that is shipped");
	if (cli->argument_count == 0)
		path = adoption_path(&cli->arena, cli->share_dir, ADOPTION_REGISTRY);
	if (!registry_file_lines(&cli->arena, path, file))
		return unreadable(cli, &file->problems);
	registry_findings(&cli->arena, file, found);
	for (unsigned i = 0; i < found->count; i++)
		print(cli, path, &found->of[i]);
	if (found->errors + found->notes > found->count)
		fprintf(cli->err, "... and %u more\n", found->errors + found->notes - found->count);
	if (!cli->json)
		fprintf(cli->out, "%s: %u error%s, %u note%s\n", path, found->errors, found->errors == 1 ? "" : "s",
			found->notes, found->notes == 1 ? "" : "s");
	return found->errors == 0 ? CLI_OK : CLI_FAILED;
}

const struct command command_registry_check = {
    .name = "registry check",
    .summary = "gaps and contradictions in a registry file",
    .usage = "[FILE]",
    .options = NULL,
    .help =
	"Reads the file (without one: the registry that is shipped) and tells, line by line:\n"
	"  error  what would send a case astray: codes that nobody knows, a region without expertise centre, a merger\n"
	"         that leads nowhere, a line that holds before what it leans on, two lines that contradict each other\n"
	"  note   what is allowed, and somebody should know: a region with neither team nor complete landing place,\n"
	"         a function of the four that is missing or was not answered, a landing place not known to all\n"
	"Regions are judged as they stand on the last date of the file. Nothing is handed in.\n\n"
	"Status 0: no errors (there may be notes). 1: errors. 2: the file cannot be read as a registry.\n\n"
	"examples:\n"
	"  doorbraak registry check\n"
	"  doorbraak registry check --json my-registry.yaml\n",
    .run = registry_check_run,
};
