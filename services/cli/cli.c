// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/cli.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/nearest.h"

#define LEVELS_MAX 16 /* folders to go up in search of the checkout */

static const struct cli_option every_command[] = {
    {"run", "DIR", "folder of the running services (default ./run)"},
    {"keys", "DIR", "folder of keys.json (default DOORBRAAK_KEYS, or keys in the run folder)"},
    {"secret", "FILE", "our own pair of keys (default DOORBRAAK_SECRET, or operator/secret in that folder)"},
    {"json", NULL, "results as JSON, one value a line"},
    {"help", NULL, "this text"},
    {0},
};

static const char exit_codes[] = "exit codes:\n"
				 "  0  done\n"
				 "  1  carried out, and the outcome is bad: a rejection, a difference, nothing found\n"
				 "  2  the command line, or a file named on it, is wrong\n"
				 "  3  a service gives no answer\n"
				 "  4  a service refuses\n";

const struct command *const *
cli_commands(void)
{
	static const struct command *const commands[] = {
	    &command_up,
	    &command_demo,
	    &command_play,
	    &command_submit,
	    &command_cases,
	    &command_signals,
	    &command_case,
	    &command_explain,
	    &command_watch,
	    &command_journal,
	    &command_verify,
	    &command_what_if,
	    &command_health,
	    &command_policy_adopt,
	    &command_policy_check,
	    &command_policy_show,
	    &command_policy_diff,
	    &command_policy_draw,
	    &command_registry_adopt,
	    &command_registry_show,
	    &command_registry_check,
	    &command_report_case,
	    &command_report_cost,
	    &command_report,
	    &command_webhooks_add,
	    &command_webhooks_list,
	    &command_webhooks_end,
	    &command_keys_init,
	    &command_keys_new,
	    &command_keys_pair,
	    &command_keys_rotate,
	    &command_keys_list,
	    &command_keys_revoke,
	    &command_erase,
	    &command_audit_list,
	    &command_audit_export,
	    &command_audit_verify,
	    &command_audit_keygen,
	    &command_backup_keygen,
	    &command_backup,
	    &command_restore,
	    &command_rebuild,
	    NULL,
	};

	return commands;
}

const char *
cli_option(const struct cli *cli, const char *name)
{
	const char *value = NULL;

	for (unsigned i = 0; i < cli->given_count; i++)
		if (strcmp(cli->given[i][0], name) == 0)
			value = cli->given[i][1];
	return value;
}

int
cli_fail(struct cli *cli, int code, const char *format, ...)
{
	va_list args;

	fflush(cli->out);
	fprintf(cli->err, "doorbraak%s%s: ", cli->command == NULL ? "" : " ",
		cli->command == NULL ? "" : cli->command->name);
	va_start(args, format);
	vfprintf(cli->err, format, args);
	va_end(args);
	fputc('\n', cli->err);
	return code;
}

/* ---- help ---- */

static void
print_options(FILE *out, const struct cli_option *options)
{
	char left[64];

	for (const struct cli_option *o = options; o != NULL && o->name != NULL; o++) {
		snprintf(left, sizeof left, "--%s%s%s", o->name, o->value == NULL ? "" : " ",
			 o->value == NULL ? "" : o->value);
		fprintf(out, "  %-22s %s\n", left, o->help);
	}
}

static void
print_help(FILE *out, const struct command *command)
{
	fprintf(out, "doorbraak %s - %s\n\nusage: doorbraak %s%s%s\n\n%s\noptions:\n", command->name, command->summary,
		command->name, command->usage[0] == '\0' ? "" : " ", command->usage, command->help);
	print_options(out, command->options);
	print_options(out, every_command);
	fprintf(out, "\n%s", exit_codes);
}

static void
print_overview(FILE *out)
{
	fputs("doorbraak - the services for complex youth-care cases, from the command line\n\n"
	      "usage: doorbraak COMMAND [OPTION]... [ARGUMENT]...\n\ncommands:\n",
	      out);
	for (const struct command *const *c = cli_commands(); *c != NULL; c++)
		fprintf(out, "  %-16s %s\n", (*c)->name, (*c)->summary);
	fputs("\noptions of every command, behind its name:\n", out);
	print_options(out, every_command);
	fprintf(out, "  %-22s %s\n\n%s\n", "--version", "of the tool (without a command)", exit_codes);
	fputs("Begin with:\n\n"
	      "  doorbraak up                            all services, here, until Ctrl-C\n"
	      "  doorbraak policy adopt --shipped        in another terminal\n"
	      "  doorbraak registry adopt --shipped\n"
	      "  doorbraak health\n\n"
	      "`doorbraak COMMAND --help` says more and has an example.\n",
	      out);
}

/* ---- where things are ---- */

/* Shipped files stand by the paths of the repository: beside bin/ when installed, else in the checkout that holds us.
 * When they are nowhere, who needs them says so. */
static const char *
find_share(struct arena *a, const char *bin_dir)
{
	const char *dir = arena_printf(a, "%s/../share/doorbraak", bin_dir);

	for (unsigned up = 0; up < LEVELS_MAX; up++) {
		if (access(arena_printf(a, "%s/services/routing/policy", dir), R_OK) == 0)
			return dir;
		dir = up == 0 ? bin_dir : arena_printf(a, "%s/..", dir);
	}
	return ".";
}

static void
find_folders(struct cli *cli)
{
	char path[PATH_MAX];
	const ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
	char *slash = NULL;

	cli->bin_dir = ".";
	if (len > 0) {
		path[len] = '\0';
		slash = strrchr(path, '/');
	}
	if (slash != NULL)
		cli->bin_dir = arena_str(&cli->arena, bytes_of(path, slash == path ? 1 : (size_t)(slash - path)));
	cli->share_dir = find_share(&cli->arena, cli->bin_dir);
}

/* ---- the command line ---- */

/* A command of one word, or of two. How many words were used; 0 when there is none of that name. */
static int
find_command(struct cli *cli, int argc, char *const *argv)
{
	char two[64];

	snprintf(two, sizeof two, "%.30s %.30s", argv[1], argc > 2 ? argv[2] : "");
	for (const struct command *const *c = cli_commands(); *c != NULL; c++) {
		const int words = strchr((*c)->name, ' ') == NULL ? 1 : 2;
		if (strcmp((*c)->name, words == 1 ? argv[1] : two) == 0) {
			cli->command = *c;
			return words;
		}
	}
	return 0;
}

static enum cli_parsed
complain_command(struct cli *cli, int argc, char *const *argv)
{
	const size_t len = strlen(argv[1]);
	struct nearest nearest;
	char two[64];
	bool half = false;

	snprintf(two, sizeof two, "%.30s %.30s", argv[1], argc > 2 && argv[2][0] != '-' ? argv[2] : "");
	for (const struct command *const *c = cli_commands(); *c != NULL; c++)
		half = half || (strncmp((*c)->name, argv[1], len) == 0 && (*c)->name[len] == ' ');
	nearest_begin(&nearest, half ? two : argv[1]);
	for (const struct command *const *c = cli_commands(); *c != NULL; c++)
		if (!half || strncmp((*c)->name, argv[1], len) == 0)
			nearest_offer(&nearest, (*c)->name);
	cli_fail(cli, CLI_USAGE, "there is no command '%.60s'; %s `doorbraak --help` lists all", half ? two : argv[1],
		 nearest_remedy(&nearest));
	return CLI_WRONG;
}

static const struct cli_option *
find_option(const struct cli_option *options, const char *name, size_t len)
{
	for (const struct cli_option *o = options; o != NULL && o->name != NULL; o++)
		if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
			return o;
	return NULL;
}

static enum cli_parsed
complain_option(struct cli *cli, const char *name, size_t len)
{
	const char *wanted = arena_str(&cli->arena, bytes_of(name, len));
	struct nearest nearest;

	nearest_begin(&nearest, wanted);
	for (const struct cli_option *o = cli->command->options; o != NULL && o->name != NULL; o++)
		nearest_offer(&nearest, o->name);
	for (const struct cli_option *o = every_command; o->name != NULL; o++)
		nearest_offer(&nearest, o->name);
	cli_fail(cli, CLI_USAGE, "there is no option --%.60s; %s `doorbraak %s --help` lists all", wanted,
		 nearest_remedy(&nearest), cli->command->name);
	return CLI_WRONG;
}

/* One option, which begins at argv[*at]; moves on past its value. */
static enum cli_parsed
take_option(struct cli *cli, int argc, char *const *argv, int *at)
{
	const char *name = argv[*at] + 2;
	const size_t len = strcspn(name, "=");
	const struct cli_option *o = find_option(cli->command->options, name, len);
	const char *value = "";

	if (o == NULL)
		o = find_option(every_command, name, len);
	if (o == NULL)
		return complain_option(cli, name, len);
	if (o->value == NULL && name[len] == '=') {
		cli_fail(cli, CLI_USAGE, "--%s takes no value; leave out %s", o->name, name + len);
		return CLI_WRONG;
	}
	if (o->value != NULL && name[len] == '=') {
		value = name + len + 1;
	} else if (o->value != NULL) {
		if (*at + 1 >= argc) {
			cli_fail(cli, CLI_USAGE, "--%s needs a value behind it: --%s %s", o->name, o->name, o->value);
			return CLI_WRONG;
		}
		value = argv[++*at];
	}
	if (cli->given_count == CLI_VALUES_MAX) {
		cli_fail(cli, CLI_USAGE, "more than %d options; leave some out", CLI_VALUES_MAX);
		return CLI_WRONG;
	}
	cli->given[cli->given_count][0] = o->name;
	cli->given[cli->given_count++][1] = value;
	return CLI_RUN;
}

static enum cli_parsed
take_all(struct cli *cli, int argc, char *const *argv, int at)
{
	bool options = true;

	for (; at < argc; at++) {
		if (options && strcmp(argv[at], "--") == 0) {
			options = false;
		} else if (options && strcmp(argv[at], "-h") == 0) {
			print_help(cli->out, cli->command);
			return CLI_DONE;
		} else if (options && argv[at][0] == '-' && argv[at][1] == '-') {
			if (take_option(cli, argc, argv, &at) != CLI_RUN)
				return CLI_WRONG;
		} else if (options && argv[at][0] == '-' && argv[at][1] != '\0') {
			cli_fail(cli, CLI_USAGE, "'%.60s': options have two dashes; `doorbraak %s --help` lists them",
				 argv[at], cli->command->name);
			return CLI_WRONG;
		} else if (cli->argument_count == CLI_ARGUMENTS_MAX) {
			cli_fail(cli, CLI_USAGE, "more than %d arguments; give them in parts", CLI_ARGUMENTS_MAX);
			return CLI_WRONG;
		} else {
			cli->arguments[cli->argument_count++] = argv[at];
		}
	}
	return CLI_RUN;
}

/* By the option, else by the environment (a container has them there), else beside the services' data. */
static void
find_keys(struct cli *cli)
{
	const char *secret = cli_option(cli, "secret");

	cli->keys_dir = cli_option(cli, "keys");
	if (cli->keys_dir == NULL)
		cli->keys_dir = getenv("DOORBRAAK_KEYS");
	if (cli->keys_dir == NULL || cli->keys_dir[0] == '\0')
		cli->keys_dir = arena_printf(&cli->arena, "%s/keys", cli->run_dir);
	if (secret == NULL)
		secret = getenv("DOORBRAAK_SECRET");
	cli->secret_given = secret != NULL && secret[0] != '\0';
	cli->secret = cli->secret_given ? secret : arena_printf(&cli->arena, "%s/operator/secret", cli->keys_dir);
}

enum cli_parsed
cli_parse(struct cli *cli, int argc, char *const *argv)
{
	cli->run_dir = "./run";
	if (argc < 2) {
		print_overview(cli->err);
		return CLI_WRONG;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_overview(cli->out);
		return CLI_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		fprintf(cli->out, "doorbraak %s\n", DOORBRAAK_VERSION);
		return CLI_DONE;
	}
	const int words = find_command(cli, argc, argv);
	if (words == 0)
		return complain_command(cli, argc, argv);
	const enum cli_parsed parsed = take_all(cli, argc, argv, 1 + words);
	if (parsed != CLI_RUN)
		return parsed;
	if (cli_option(cli, "help") != NULL) {
		print_help(cli->out, cli->command);
		return CLI_DONE;
	}
	cli->json = cli_option(cli, "json") != NULL;
	if (cli_option(cli, "run") != NULL)
		cli->run_dir = cli_option(cli, "run");
	find_keys(cli);
	return CLI_RUN;
}

int
cli_main(int argc, char *const *argv, FILE *out, FILE *err)
{
	struct cli cli = {.out = out, .err = err};
	int code = CLI_OK;

	arena_init(&cli.arena);
	cli.terminal = isatty(fileno(out)) == 1;
	find_folders(&cli);
	switch (cli_parse(&cli, argc, argv)) {
	case CLI_WRONG: code = CLI_USAGE; break;
	case CLI_DONE: break;
	case CLI_RUN: code = cli.command->run(&cli); break;
	}
	if (fflush(out) != 0 || ferror(out) != 0)
		code = cli_fail(&cli, CLI_FAILED, "the results could not be written: is the disk full?");
	arena_fini(&cli.arena);
	return code;
}
