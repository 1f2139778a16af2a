// SPDX-License-Identifier: EUPL-1.2
/* cli.h - what the commands of the doorbraak tool share: options, exit codes, output.
 *
 * Options come behind the command; --help, --json and --run DIR belong to every command. Results go to standard output,
 * progress and complaints to standard error; a complaint says what, where and what to do. */
#ifndef DOORBRAAK_CLI_H
#define DOORBRAAK_CLI_H

#include <stdio.h>

#include "common/arena.h"
#include "common/err.h"

struct cli;

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED =
	    1,         /* it was carried out, and the outcome is bad: a difference, a failed expectation, a rejection */
	CLI_USAGE = 2, /* the command line, or a file named on it, is wrong */
	CLI_UNREACHABLE = 3, /* a service gives no answer */
	CLI_REFUSED = 4,     /* a service refuses (not: rejects a message) */
};

struct cli_option {
	const char *name;  /* "case", for --case */
	const char *value; /* what it takes, for --help ("ID"); NULL: a switch */
	const char *help;
};

struct command {
	const char *name;                 /* "policy adopt" */
	const char *summary;              /* one line */
	const char *usage;                /* behind the name: "[--case ID] FILE..." */
	const struct cli_option *options; /* ends with a NULL name; may be NULL */
	const char *help;                 /* what it does, exit codes, at least one example */
	int (*run)(struct cli *cli);
};

#define CLI_VALUES_MAX    32
#define CLI_ARGUMENTS_MAX 256

struct cli {
	const struct command *command;
	bool json;
	bool terminal;                        /* standard output is one */
	const char *run_dir;                  /* where `doorbraak up` keeps its services: "./run" unless --run DIR */
	const char *keys_dir;                 /* folder of keys.json */
	const char *secret;                   /* file with our pair of keys */
	bool secret_given;                    /* not the default: it must be there */
	const char *bin_dir;                  /* folder of this program: the services' programs stand beside it */
	const char *share_dir;                /* shipped files: policy, registry, samples */
	const char *given[CLI_VALUES_MAX][2]; /* option, value */
	unsigned given_count;
	const char *arguments[CLI_ARGUMENTS_MAX]; /* what is no option */
	unsigned argument_count;
	struct arena arena; /* of the command */
	FILE *out, *err;
};

enum cli_parsed {
	CLI_RUN,  /* cli->command is to be run */
	CLI_DONE, /* what was asked (--help, --version) was printed */
	CLI_WRONG /* what is wrong was told on cli->err: CLI_USAGE */
};

/* All commands, in the order of the overview; ends with NULL. */
const struct command *const *cli_commands(void);
/* The whole tool: reads the command line and runs the command. The exit status. */
int cli_main(int argc, char *const *argv, FILE *out, FILE *err);
/* Only reads the command line (argv[0] is the program). Everything in *cli is set. */
enum cli_parsed cli_parse(struct cli *cli, int argc, char *const *argv);

/* Value of an option, NULL when not given; a switch has "". Given twice, the last one counts. */
const char *cli_option(const struct cli *cli, const char *name);
/* Complains and returns the exit code, for `return cli_fail(...)`. */
int cli_fail(struct cli *cli, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

extern const struct command command_up, command_demo, command_submit, command_play, command_cases, command_signals,
    command_case, command_explain, command_watch, command_journal, command_verify, command_health, command_policy_adopt,
    command_policy_check, command_policy_show, command_policy_diff, command_policy_draw, command_registry_adopt,
    command_registry_show, command_registry_check, command_report_case, command_report_cost, command_report,
    command_what_if, command_webhooks_add, command_webhooks_list, command_webhooks_end, command_keys_new,
    command_keys_init, command_keys_pair, command_keys_rotate, command_keys_list, command_keys_revoke,
    command_audit_list, command_audit_verify, command_audit_export, command_audit_keygen, command_erase,
    command_backup_keygen, command_backup, command_restore, command_rebuild;

#endif
