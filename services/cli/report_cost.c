// SPDX-License-Identifier: EUPL-1.2
/* report_cost.c - `doorbraak report cost`: what each gemeente pays of the team, by inhabitants (R38, K29). */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/shares.h"
#include "services/cli/cli.h"

#define LINE_BYTES     256
#define PARTY_NAME_MAX 60

struct party {
	char name[PARTY_NAME_MAX + 1];
};

struct costs {
	const char *file;
	struct party parties[SHARES_PARTIES_MAX];
	struct share shares[SHARES_PARTIES_MAX];
	size_t count;
	int64_t amount;
	struct share sum;
};

/* ---- reading ---- */

/* A whole number, with dots between the thousands or without; -1 when it is none, or too large for any limit. */
static int64_t
number_of(const char *text)
{
	int64_t value = 0;
	unsigned digits = 0, group = 0;
	bool dots = false;

	for (; *text != '\0'; text++) {
		if (*text == '.') {
			if (digits == 0 || (dots ? group != 3 : group > 3))
				return -1;
			dots = true;
			group = 0;
			continue;
		}
		if (*text < '0' || *text > '9' || ++digits > 12)
			return -1;
		group++;
		value = 10 * value + (*text - '0');
	}
	return digits == 0 || (dots && group != 3) ? -1 : value;
}

/* Without spaces and quotes around it. */
static char *
trim(char *text)
{
	size_t len;

	while (*text == ' ' || *text == '\t' || *text == '"')
		text++;
	len = strlen(text);
	while (len > 0 && strchr(" \t\"\r\n", text[len - 1]) != NULL)
		text[--len] = '\0';
	return text;
}

static bool
add_party(struct cli *cli, struct costs *c, unsigned line, const char *name, const char *inhabitants)
{
	const int64_t weight = number_of(inhabitants);

	if (weight < 0) {
		cli_fail(cli, CLI_USAGE, "%s:%u: '%.20s' is no number of inhabitants; write it as 23947 or 23.947",
			 c->file, line, inhabitants);
		return false;
	}
	if (name[0] == '\0' || strlen(name) > PARTY_NAME_MAX) {
		cli_fail(cli, CLI_USAGE, "%s:%u: a gemeente needs a name or code of 1 to %d bytes", c->file, line,
			 PARTY_NAME_MAX);
		return false;
	}
	if (strpbrk(name, "\"\\\t\033") != NULL) {
		cli_fail(cli, CLI_USAGE, "%s:%u: quotes, backslashes and tabs do not belong in a name", c->file, line);
		return false;
	}
	for (size_t i = 0; i < c->count; i++) {
		if (strcmp(c->parties[i].name, name) == 0) {
			cli_fail(cli, CLI_USAGE, "%s:%u: '%s' is there already; keep one of the lines", c->file, line,
				 name);
			return false;
		}
	}
	if (c->count == SHARES_PARTIES_MAX) {
		cli_fail(cli, CLI_USAGE, "%s:%u: more than %d gemeenten; divide the file", c->file, line,
			 SHARES_PARTIES_MAX);
		return false;
	}
	snprintf(c->parties[c->count].name, sizeof c->parties[0].name, "%s", name);
	c->shares[c->count++] = (struct share){.weight = weight};
	return true;
}

static bool
read_line(struct cli *cli, struct costs *c, unsigned number, char *text)
{
	char *separator = strpbrk(text, ";,\t");

	if (trim(text)[0] == '\0' || text[0] == '#')
		return true;
	if (separator == NULL) {
		cli_fail(cli, CLI_USAGE, "%s:%u: one field; write `gemeente,inhabitants`, such as `Weert,50011`",
			 c->file, number);
		return false;
	}
	*separator = '\0';
	char *name = trim(text), *inhabitants = separator + 1;

	inhabitants[strcspn(inhabitants, ";,\t")] = '\0';
	inhabitants = trim(inhabitants);
	/* A line of headings. */
	if (number == 1 && strpbrk(inhabitants, "0123456789") == NULL)
		return true;
	return add_party(cli, c, number, name, inhabitants);
}

static bool
read_file(struct cli *cli, struct costs *c)
{
	FILE *file = fopen(c->file, "r");
	char text[LINE_BYTES];
	bool good = true;

	if (file == NULL) {
		cli_fail(cli, CLI_USAGE, "%s: %s", c->file, strerror(errno));
		return false;
	}
	for (unsigned line = 1; good && fgets(text, sizeof text, file) != NULL; line++) {
		if (strchr(text, '\n') == NULL && !feof(file)) {
			cli_fail(cli, CLI_USAGE, "%s:%u: longer than %d bytes; is it a table of text?", c->file, line,
				 LINE_BYTES - 2);
			good = false;
		} else {
			good = read_line(cli, c, line, text);
		}
	}
	if (good && ferror(file) != 0) {
		cli_fail(cli, CLI_USAGE, "%s: cannot be read", c->file);
		good = false;
	}
	fclose(file);
	return good;
}

/* ---- printing ---- */

/* As people write it here: 252.000. */
static const char *
thousands(struct cli *cli, int64_t value, bool sign)
{
	char text[40];
	size_t at = sizeof text;
	unsigned digits = 0;
	int64_t left = value < 0 ? -value : value;

	text[--at] = '\0';
	do {
		if (digits > 0 && digits % 3 == 0)
			text[--at] = '.';
		text[--at] = (char)('0' + left % 10);
		left /= 10;
		digits++;
	} while (left > 0);
	if (value < 0 || (sign && value > 0))
		text[--at] = value < 0 ? '-' : '+';
	return arena_str(&cli->arena, bytes_str(text + at));
}

static void
print_text_line(struct cli *cli, int width, const char *name, const struct share *s)
{
	fprintf(cli->out, "%-*s  %11s  %12s  %13s  %13s  %9s\n", width, name, thousands(cli, s->weight, false),
		thousands(cli, s->percent, false), thousands(cli, s->by_percent, false),
		thousands(cli, s->exact, false), thousands(cli, s->by_percent - s->exact, true));
}

static void
print_text(struct cli *cli, const struct costs *c)
{
	int width = (int)strlen("Gemeente");

	for (size_t i = 0; i < c->count; i++) {
		const int len = (int)strlen(c->parties[i].name);
		width = len > width ? len : width;
	}
	fprintf(cli->out, "%-*s  %11s  %12s  %13s  %13s  %9s\n", width, "Gemeente", "Inwoners", "% (afgerond)",
		"Kosten naar %", "Precies deel", "Verschil");
	for (size_t i = 0; i < c->count; i++)
		print_text_line(cli, width, c->parties[i].name, &c->shares[i]);
	print_text_line(cli, width, "Totaal", &c->sum);
	fprintf(cli->out, "\nBedragen in hele euro's. Verschil: wat een gemeente naar afgeronde procenten meer (+) of\n"
			  "minder (-) betaalt dan haar precieze deel (grootste resten).\n");
	if (c->sum.by_percent != c->amount)
		fprintf(cli->out,
			"Let op: de afgeronde procenten zijn samen %" PRId64 "; zo wordt %s euro %s verdeeld.\n",
			c->sum.percent,
			thousands(cli,
				  c->sum.by_percent < c->amount ? c->amount - c->sum.by_percent
								: c->sum.by_percent - c->amount,
				  false),
			c->sum.by_percent < c->amount ? "te weinig" : "te veel");
}

static void
print_csv(struct cli *cli, const struct costs *c)
{
	fprintf(cli->out, "gemeente,inwoners,procent_afgerond,kosten_naar_procent,precies_deel,verschil\n");
	for (size_t i = 0; i < c->count; i++)
		fprintf(cli->out, "\"%s\",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "\n",
			c->parties[i].name, c->shares[i].weight, c->shares[i].percent, c->shares[i].by_percent,
			c->shares[i].exact, c->shares[i].by_percent - c->shares[i].exact);
}

static void
print_json_share(struct cli *cli, const struct share *s)
{
	fprintf(cli->out,
		"\"inhabitants\":%" PRId64 ",\"percent\":%" PRId64 ",\"by_percent\":%" PRId64 ",\"exact\":%" PRId64
		",\"difference\":%" PRId64 "}",
		s->weight, s->percent, s->by_percent, s->exact, s->by_percent - s->exact);
}

static void
print_json(struct cli *cli, const struct costs *c)
{
	fputs("{\"shares\":[", cli->out);
	for (size_t i = 0; i < c->count; i++) {
		fprintf(cli->out, "%s{\"municipality\":\"%s\",", i == 0 ? "" : ",", c->parties[i].name);
		print_json_share(cli, &c->shares[i]);
	}
	fputs("],\"total\":{", cli->out);
	print_json_share(cli, &c->sum);
	fputs("}\n", cli->out);
}

/* ---- the command ---- */

static int
report_cost_run(struct cli *cli)
{
	struct costs *c = ARENA_NEW(&cli->arena, struct costs);
	const char *total = cli_option(cli, "total");

	if (cli->argument_count != 1 || total == NULL)
		return cli_fail(cli, CLI_USAGE,
				"name the amount and one file: `doorbraak report cost --total 252000 FILE`");
	*c = (struct costs){.file = cli->arguments[0], .amount = number_of(total)};
	if (c->amount < 0 || c->amount > SHARES_AMOUNT_MAX)
		return cli_fail(cli, CLI_USAGE, "--total %.20s: no amount; write whole euros, 0 to %" PRId64, total,
				(int64_t)SHARES_AMOUNT_MAX);
	if (!read_file(cli, c))
		return CLI_USAGE;
	if (!shares_divide(c->shares, c->count, c->amount))
		return cli_fail(cli, CLI_USAGE,
				"%s: no inhabitants to divide by, or more than %d; look at the second column", c->file,
				SHARES_WEIGHT_MAX);
	for (size_t i = 0; i < c->count; i++) {
		c->sum.weight += c->shares[i].weight;
		c->sum.percent += c->shares[i].percent;
		c->sum.by_percent += c->shares[i].by_percent;
		c->sum.exact += c->shares[i].exact;
	}
	if (cli->json)
		print_json(cli, c);
	else if (cli_option(cli, "csv") != NULL)
		print_csv(cli, c);
	else
		print_text(cli, c);
	return CLI_OK;
}

static const struct cli_option options[] = {
    {"total", "EURO", "what is to be divided, in whole euros"},
    {"csv", NULL, "as comma-separated values"},
    {0},
};

const struct command command_report_cost = {
    .name = "report cost",
    .summary = "what each gemeente pays of a team, by inhabitants: by rounded percentage, and exactly",
    .usage = "--total EURO [--csv] FILE",
    .options = options,
    .help = "FILE has a line for each gemeente: name or code, and inhabitants (`Weert,50011`); a line of headings and\n"
	    "lines that begin with # are passed over. Two methods beside each other: the whole percentages of the\n"
	    "source table, which may add up to more or less than the amount, and the largest remainder, which\n"
	    "always adds up. Needs no services.\n\n"
	    "Status 2: the file or the amount is wrong.\n\n"
	    "example:\n"
	    "  doorbraak report cost --total 252000 inhabitants.csv\n",
    .run = report_cost_run,
};
