// SPDX-License-Identifier: EUPL-1.2
/* play.c - `doorbraak play`: scenarios against five services. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "services/cli/play.h"
#include "services/cli/record_line.h"

/* What came of one file. */
struct outcome {
	const char *file;
	const struct scenario *scenario; /* NULL: it could not be read */
	unsigned steps_failed;
	bool failed;
};

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- printing ---- */

static const char *
json_quote(struct arena *a, const char *text)
{
	char *out = ARENA_ARRAY(a, char, 6 * strlen(text) + 3);
	size_t n = 0;

	out[n++] = '"';
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			out[n++] = '\\';
		if ((unsigned char)*p >= 0x20)
			out[n++] = *p;
		else
			n += (size_t)snprintf(out + n, 7, "\\u%04x", (unsigned)*p);
	}
	out[n] = '"';
	return out;
}

static void
print_differences(struct cli *cli, const struct scenario_step *step, const struct play_difference *d)
{
	for (; d != NULL; d = d->next)
		fprintf(cli->out, "step %u (%s, %s): %s%s%s: expected %s, got %s\n", step->number, step->at, step->what,
			d->alias[0] == '\0' ? "" : "case ",
			d->alias[0] == '\0' ? "" : arena_printf(&cli->arena, "%s: ", d->alias), d->what, d->expected,
			d->got);
}

static void
print_step(struct play *play, const struct scenario_step *step, const struct play_difference *differences)
{
	struct cli *cli = play->world->cli;
	struct arena *a = play->world->arena;

	if (!cli->json) {
		if (differences == NULL)
			fprintf(cli->out, "step %u (%s, %s): ok\n", step->number, step->at, step->what);
		print_differences(cli, step, differences);
		return;
	}
	fprintf(cli->out, "%s{\"step\":%u,\"at\":%s,\"what\":%s,\"ok\":%s,\"differences\":[",
		step->number > 1 ? "," : "", step->number, json_quote(a, step->at), json_quote(a, step->what),
		differences == NULL ? "true" : "false");
	for (const struct play_difference *d = differences; d != NULL; d = d->next)
		fprintf(cli->out, "%s{\"case\":%s,\"what\":%s,\"expected\":%s,\"got\":%s}", d == differences ? "" : ",",
			json_quote(a, d->alias), json_quote(a, d->what), json_quote(a, d->expected),
			json_quote(a, d->got));
	fputs("]}", cli->out);
}

/* Everything that the step led to: a line a record. */
static void
print_records(struct play *play)
{
	struct cli *cli = play->world->cli;
	struct arena *a = play->world->arena;

	for (unsigned i = 0; i < play->batch_count; i++) {
		for (unsigned j = 0; j < play->batches[i].count; j++) {
			const struct record *r = &play->batches[i].records[j];
			const char *service =
			    r->answer == NULL ? "intake" : record_code_of("Service", (int)r->answer->service);

			fprintf(cli->out, "    %s  %-10s %-2s %-18s %s\n", asking_moment(a, r->at_ms), service,
				play_name(play, record_line_case(r)), record_line_kind(r), record_line_text(a, r));
		}
	}
}

/* ---- one scenario ---- */

static enum err
play_steps(struct play *play, struct outcome *outcome, struct why *why)
{
	const bool verbose = cli_option(play->world->cli, "verbose") != NULL && !play->world->cli->json;
	const struct play_difference *differences;

	for (unsigned i = 0; i < play->scenario->step_count; i++) {
		const struct scenario_step *step = &play->scenario->steps[i];
		enum err err = play_step(play, step, why);

		if (err == ERR_NONE)
			err = play_check(play, step, &differences, why);
		if (err != ERR_NONE)
			return err;
		outcome->steps_failed += differences != NULL;
		print_step(play, step, differences);
		if (verbose)
			print_records(play);
		fflush(play->world->cli->out);
	}
	return ERR_NONE;
}

/* Ids that no earlier play in the same run used. Letters only: numbers might look like a postcode. */
static const char *
make_prefix(struct arena *a, enum world_kind kind)
{
	struct timespec t;
	char text[17] = "";

	if (kind != WORLD_RUNNING)
		return "m";
	clock_gettime(CLOCK_REALTIME, &t);
	uint64_t number = (uint64_t)t.tv_sec << 30 | (uint64_t)t.tv_nsec;
	for (unsigned i = 0; i < sizeof text - 1; i++, number >>= 4)
		text[i] = (char)('a' + (number & 15));
	return arena_printf(a, "m-%s", text);
}

/* Whether registry and policy are to be adopted: not where somebody has done so. */
static enum err
looks_fresh(struct world *world, const struct scenario *scenario, bool *fresh, struct why *why)
{
	*fresh = true;
	if (world->kind != WORLD_RUNNING)
		return ERR_NONE;
	const int settled_in = world_is_settled_in(world, why);
	if (settled_in < 0)
		return ERR_AGAIN;
	*fresh = settled_in == 0;
	if (*fresh || (scenario->registry_patch == NULL && scenario->policy_count == 0))
		return ERR_NONE;
	why_set(why, "it changes registry or policy from the first day, and they are in force there: play it without "
		     "--run");
	return ERR_REFUSED;
}

static enum err
play_in(struct world *world, const struct scenario *scenario, struct outcome *outcome, struct why *why)
{
	const int64_t first_ms = scenario->steps[0].at_ms;
	struct play *play = ARENA_NEW(world->arena, struct play);
	bool fresh;
	enum err err = looks_fresh(world, scenario, &fresh, why);

	if (err == ERR_NONE)
		err = play_begin(play, world, scenario, fresh,
				 fresh ? cal_day_begins_ms(cal_local_day(first_ms)) : first_ms,
				 make_prefix(world->arena, world->kind), why);
	return err == ERR_NONE ? play_steps(play, outcome, why) : err;
}

/* What was said and answered, then the journals: for a client of its own to say again, and to compare. */
static FILE *
record_begin(struct cli *cli, struct world *world, const struct scenario *s, enum err *err, struct why *why)
{
	const char *dir = cli_option(cli, "record");

	if (dir == NULL || *err != ERR_NONE)
		return NULL;
	const char *path = arena_printf(world->arena, "%s/%s.jsonl", dir, s->name);
	FILE *out = fopen(path, "we");
	if (out == NULL) {
		why_set(why, "%s: %s: name a folder that is there and writable with --record", path, strerror(errno));
		*err = ERR_REFUSED;
		return NULL;
	}
	system_record(world->system, out);
	return out;
}

static void
record_end(struct world *world, FILE *out, enum err *err, struct why *why)
{
	if (out == NULL)
		return;
	if (*err == ERR_NONE && !system_record_journals(world->system, out, why))
		*err = ERR_CORRUPT;
	if (fclose(out) == 0 || *err != ERR_NONE)
		return;
	why_set(why, "the record cannot be written: %s", strerror(errno));
	*err = ERR_REFUSED;
}

static void
play_scenario(struct cli *cli, struct arena *a, struct outcome *outcome)
{
	const bool running = cli_option(cli, "run") != NULL;
	const enum world_kind kind = cli_option(cli, "in-process") != NULL ? WORLD_IN_PROCESS
				     : running                             ? WORLD_RUNNING
									   : WORLD_FLEET;
	const struct scenario *s = outcome->scenario;
	const int64_t began_ms = steady_ms();
	struct world world;
	struct why why = {{0}};

	if (cli->json)
		fprintf(cli->out, "{\"file\":%s,\"scenario\":%s,\"steps\":[", json_quote(a, s->file),
			json_quote(a, s->name));
	else
		fprintf(cli->out, "%s: %s %s\n", s->file, s->name, s->title);
	enum err err = world_open(&world, cli, a, kind, cli->run_dir, 0, &why);
	if (err == ERR_NONE) {
		FILE *record = record_begin(cli, &world, s, &err, &why);
		if (err == ERR_NONE)
			err = play_in(&world, s, outcome, &why);
		record_end(&world, record, &err, &why);
		world_close(&world);
	}
	if (err != ERR_NONE)
		cli_fail(cli, CLI_FAILED, "%s: %s", s->file, why.text);
	outcome->failed = err != ERR_NONE || outcome->steps_failed > 0;
	const int64_t took_ms = steady_ms() - began_ms;
	if (cli->json)
		fprintf(cli->out, "],\"ok\":%s,\"stopped\":%s,\"ms\":%lld}\n", outcome->failed ? "false" : "true",
			err == ERR_NONE ? "null" : json_quote(a, why.text), (long long)took_ms);
	else if (outcome->failed)
		fprintf(cli->out, "%s: FAILED: %u of %u steps not as expected%s\n\n", s->name, outcome->steps_failed,
			s->step_count, err == ERR_NONE ? "" : ", and it stopped");
	else
		fprintf(cli->out, "%s: passed: %u steps, %lld.%lld s\n\n", s->name, s->step_count,
			(long long)(took_ms / 1000), (long long)(took_ms % 1000 / 100));
}

/* ---- all files ---- */

static void
play_file(struct cli *cli, const char *file, struct outcome *outcome)
{
	struct arena a;

	arena_init(&a);
	struct scenario *scenario = ARENA_NEW(&a, struct scenario);
	*outcome = (struct outcome){.file = file};
	if (scenario_read(&a, file, scenario)) {
		outcome->scenario = scenario;
		play_scenario(cli, &a, outcome);
	} else {
		outcome->failed = true;
		for (unsigned i = 0; i < scenario->problems.count && i < PROBLEMS_MAX; i++)
			cli_fail(cli, CLI_USAGE, "%s", scenario->problems.text[i]);
		if (cli->json)
			fprintf(cli->out, "{\"file\":%s,\"steps\":[],\"ok\":false,\"stopped\":%s}\n",
				json_quote(&a, file), json_quote(&a, scenario->problems.text[0]));
	}
	outcome->scenario = NULL;
	arena_fini(&a);
}

static int
run(struct cli *cli)
{
	unsigned passed = 0, failed = 0;

	if (cli->argument_count == 0)
		return cli_fail(cli, CLI_USAGE, "name a scenario file, such as tests/scenarios/SC1.yaml");
	if (cli_option(cli, "run") != NULL && cli_option(cli, "in-process") != NULL)
		return cli_fail(cli, CLI_USAGE, "--run and --in-process exclude each other; give one of them");
	if (cli_option(cli, "record") != NULL && cli_option(cli, "in-process") == NULL)
		return cli_fail(cli, CLI_USAGE, "--record goes with --in-process; give both");
	for (unsigned i = 0; i < cli->argument_count; i++) {
		struct outcome outcome;

		play_file(cli, cli->arguments[i], &outcome);
		passed += !outcome.failed;
		failed += outcome.failed;
	}
	if (cli->json)
		fprintf(cli->out, "{\"passed\":%u,\"failed\":%u}\n", passed, failed);
	else
		fprintf(cli->out, "%u passed, %u failed\n", passed, failed);
	return failed > 0 ? CLI_FAILED : CLI_OK;
}

static const struct cli_option options[] = {
    {"in-process", NULL, "all five in this process, without sockets: faster"},
    {"verbose", NULL, "after each step every record it led to"},
    {"record", "DIR", "with --in-process: DIR/<scenario>.jsonl, what was said and answered, and the journals"},
    {0},
};

const struct command command_play = {
    .name = "play",
    .summary = "play scenario files, step by step, and compare with what they expect",
    .usage = "[--in-process [--record DIR] | --run DIR] [--verbose] FILE...",
    .options = options,
    .help =
	"Each file is played against five services of its own, in a temporary folder, on a driven clock: registry and\n"
	"policy as shipped are adopted, the senders registered, and time passes as the story tells. With --run it is\n"
	"played against services that run there on a driven clock (`doorbraak up --driven`); what was adopted there\n"
	"stays.\n"
	"\n"
	"With --record every question to intake is written down with its answer, and in the end all journals: lines "
	"of\n"
	"JSON, as the proto3 mapping has it. A client in another language can say the same again, and compare.\n"
	"\n"
	"A line a step: ok, or what differs. Ends with `N passed, N failed`, files counted.\n"
	"\n"
	"example:\n"
	"  doorbraak play tests/scenarios/SC1.yaml tests/scenarios/SC7.yaml\n",
    .run = run,
};
