// SPDX-License-Identifier: EUPL-1.2
/* policy_diff.c - `doorbraak policy diff`: what differs between two policies, in words. */
#include "services/cli/policy_diff.h"

#include <stdarg.h>

#include "common/json_wire.h"
#include "services/cli/policy_diff_internal.h"
#include "services/cli/policy_side.h"

static const char *const changes[] = {"added", "removed", "changed", "moved"};

/* ---- the differences ---- */

void
policy_differs(struct policy_differ *d, const char *where, const char *name, enum policy_change change,
	       const char *format, ...)
{
	struct policy_difference *one = ARENA_NEW(d->arena, struct policy_difference);
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	const int len = vsnprintf(NULL, 0, format, args);
	char *text = arena_take(d->arena, (size_t)len + 1);

	vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	va_end(args);
	*one = (struct policy_difference){where, name, change, text, NULL};
	*d->end = one;
	d->end = &one->next;
}

struct policy_difference *
policy_diff(struct arena *a, const pb_PolicyAdopted *was, const pb_PolicyAdopted *is)
{
	struct policy_differ d = {.arena = a, .was = was, .is = is};

	d.end = &d.first;
	policy_diff_values(&d);
	if (was->tables != NULL && is->tables != NULL) {
		policy_diff_grid(&d);
		policy_diff_rows(&d);
	}
	return d.first;
}

/* ---- the command ---- */

static const char *
side_text(struct arena *a, const struct policy_side *side, const pb_PolicyAdopted *whole)
{
	return arena_printf(a, "%s (policy %s, from %s)", side->name, whole->version, whole->valid_from);
}

static void
print(struct cli *cli, const struct policy_side sides[2], const pb_PolicyAdopted *const whole[2],
      const struct policy_difference *first)
{
	struct arena *a = &cli->arena;
	const char *where = "";
	unsigned count = 0;

	for (const struct policy_difference *one = first; one != NULL; one = one->next)
		count++;
	fprintf(cli->out, "from %s\nto   %s\n", side_text(a, &sides[0], whole[0]), side_text(a, &sides[1], whole[1]));
	for (const struct policy_difference *one = first; one != NULL; one = one->next) {
		if (strcmp(where, one->where) != 0)
			fprintf(cli->out, "\n%s\n", one->where);
		where = one->where;
		fprintf(cli->out, "  %s\n", one->text);
	}
	if (count == 0)
		fputs("nothing differs: both decide the same\n", cli->out);
	else
		fprintf(cli->out, "\n%u difference%s\n", count, count == 1 ? "" : "s");
}

static void
print_json(struct cli *cli, const struct policy_difference *first)
{
	struct arena *a = &cli->arena;

	for (const struct policy_difference *one = first; one != NULL; one = one->next)
		fprintf(cli->out, "{\"where\":%s,\"name\":%s,\"change\":\"%s\",\"text\":%s}\n",
			json_quote(a, one->where), json_quote(a, one->name), changes[one->change],
			json_quote(a, one->text));
}

static int
policy_diff_run(struct cli *cli)
{
	struct policy_side sides[2];
	const pb_PolicyAdopted *whole[2];

	if (cli->argument_count != 2)
		return cli_fail(cli, CLI_USAGE, "name two policies: `doorbraak policy diff shipped jz42.yaml`");
	for (unsigned i = 0; i < 2; i++) {
		const int code = policy_side_read(cli, cli->arguments[i], &sides[i]);

		if (code != CLI_OK)
			return code == CLI_FAILED ? CLI_USAGE : code;
	}
	/* A region's own is looked at upon the national policy of the other side. */
	whole[0] = policy_side_whole(&cli->arena, &sides[0], sides[1].national);
	whole[1] = policy_side_whole(&cli->arena, &sides[1], sides[0].national);
	const struct policy_difference *first = policy_diff(&cli->arena, whole[0], whole[1]);

	if (cli->json)
		print_json(cli, first);
	else
		print(cli, sides, whole, first);
	return first == NULL ? CLI_OK : CLI_FAILED;
}

const struct command command_policy_diff = {
    .name = "policy diff",
    .summary = "what differs between two policies, in words",
    .usage = "A B",
    .help =
	"A and B are each one of:\n"
	"  PATH                 a policy file, or a folder of them\n"
	"  shipped              the policy that comes with the programs\n"
	"  adopted              what holds today in the system that runs\n"
	"  adopted:JZ42         what holds today in that region\n"
	"  adopted@2024-01-01   what holds on that day; also adopted:JZ42@2024-01-01\n\n"
	"Told are values, deadlines, holidays, capacities, baselines, cells of the grid, refusals, and the rows of\n"
	"the tables: new, gone, changed, or in another place. A region's file is looked at upon the national policy\n"
	"of the other side, so that what differs is what would differ there. Version and first day are no\n"
	"difference. With --json a line for each: {where, name, change, text}.\n\n"
	"Status 0: nothing differs. 1: something does. 2: one of them cannot be read, or there is none. 3: intake\n"
	"gives no answer.\n\n"
	"examples:\n"
	"  doorbraak policy diff shipped new-policy\n"
	"  doorbraak policy diff adopted adopted:JZ42\n"
	"  doorbraak policy diff adopted jz42.yaml\n",
    .run = policy_diff_run,
};
