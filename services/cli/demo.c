// SPDX-License-Identifier: EUPL-1.2
/* demo.c - `doorbraak demo`: five services, invented cases, and the way of each. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "services/cli/columns.h"
#include "services/cli/play.h"
#include "services/cli/story.h"

#define SAMPLES_MAX 16
#define ALIVE_MS    500
#define MARKER      "demo" /* a file in the run folder: its data may be thrown away */

struct demo {
	struct cli *cli;
	struct arena *arena;
	struct world world;
	struct scenario *samples[SAMPLES_MAX];
	struct play *plays[SAMPLES_MAX];
	unsigned sample_count, messages, cases;
	unsigned decisions;
	int64_t began_ms;
};

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const char *
in_run(struct demo *d, const char *name, const char *suffix)
{
	return arena_printf(d->arena, "%s/%s%s", d->cli->run_dir, name, suffix);
}

/* ---- the folder ---- */

/* Does a service answer there? */
static bool
is_alive(struct demo *d)
{
	struct system *system;
	struct why why;
	bool alive = false;

	if (system_open(&system, d->cli->run_dir, &why) != ERR_NONE)
		return false;
	system_use_keys(system, &(struct system_keys){d->cli->keys_dir, d->cli->secret, d->cli->secret_given});
	for (unsigned i = 0; i < SERVICE_COUNT && !alive; i++) {
		pb_StatusRequest status;
		pb_Request request;

		if (access(in_run(d, service_of_row(i)->name, ".address"), R_OK) != 0)
			continue;
		pb_Request_init(&request);
		pb_StatusRequest_init(&status);
		request.body_case = DOORBRAAK__V1__REQUEST__BODY_STATUS;
		request.status = &status;
		alive = system_ask(system, i, &request, ALIVE_MS, d->arena, &why) != NULL;
	}
	system_close(&system);
	return alive;
}

static bool
is_empty(const char *dir)
{
	DIR *folder = opendir(dir);
	unsigned entries = 0;

	if (folder == NULL)
		return errno == ENOENT;
	while (entries <= 2 && readdir(folder) != NULL)
		entries++;
	closedir(folder);
	return entries <= 2; /* . and .. */
}

/* What an earlier demo left; nothing else. */
static void
clear_away(struct demo *d)
{
	static const char *const suffixes[] = {".address", ".address.new", ".log", ".door", ".live"};

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		const char *name = service_of_row(i)->name;

		asking_folder_remove(in_run(d, name, ""));
		for (unsigned j = 0; j < sizeof suffixes / sizeof suffixes[0]; j++)
			unlink(in_run(d, name, suffixes[j]));
	}
}

static int
make_folder(struct demo *d)
{
	struct cli *cli = d->cli;
	const char *marker = in_run(d, MARKER, "");

	if (is_alive(d))
		return cli_fail(
		    cli, CLI_REFUSED,
		    "services run in %s already: stop them (Ctrl-C where they were started), or name another "
		    "folder with --run",
		    cli->run_dir);
	if (!is_empty(cli->run_dir)) {
		if (access(marker, F_OK) != 0)
			return cli_fail(cli, CLI_REFUSED,
					"%s holds something that no demo has left: name another folder with --run, or "
					"clear it away yourself",
					cli->run_dir);
		clear_away(d);
	}
	if (mkdir(cli->run_dir, 0700) != 0 && errno != EEXIST)
		return cli_fail(cli, CLI_USAGE, "%s: cannot be made (%s): name a folder whose parent exists",
				cli->run_dir, strerror(errno));
	FILE *f = fopen(marker, "we");
	if (f == NULL || fputs("what is in this folder may be thrown away by the next `doorbraak demo`\n", f) < 0 ||
	    fclose(f) != 0)
		return cli_fail(cli, CLI_FAILED, "%s: cannot be written: %s", marker, strerror(errno));
	return CLI_OK;
}

/* ---- samples ---- */

static int
is_sample(const struct dirent *entry)
{
	const size_t len = strlen(entry->d_name);

	return len > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 5, ".yaml") == 0;
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_samples(struct demo *d)
{
	const char *dir = adoption_path(d->arena, d->cli->share_dir, ADOPTION_SAMPLES);
	struct dirent **entries = NULL;
	const int count = scandir(dir, &entries, is_sample, by_bytes);
	int code = CLI_OK;

	for (int i = 0; i < count; i++) {
		struct scenario *s = ARENA_NEW(d->arena, struct scenario);
		const char *path = arena_printf(d->arena, "%s/%s", dir, entries[i]->d_name);

		free(entries[i]);
		if (code != CLI_OK || d->sample_count == SAMPLES_MAX)
			continue;
		if (!scenario_read(d->arena, path, s))
			code = cli_fail(d->cli, CLI_USAGE, "%s", s->problems.text[0]);
		d->samples[d->sample_count++] = s;
	}
	free(entries);
	if (code == CLI_OK && d->sample_count == 0)
		return cli_fail(d->cli, CLI_USAGE, "%s: no samples are shipped there: was it installed whole?", dir);
	return code;
}

/* All senders of all samples are registered as one: a later registration would take the place of an earlier one. */
static void
merge_sources(struct demo *d)
{
	struct scenario *all = d->samples[0];
	struct scenario_source *sources =
	    ARENA_ARRAY(d->arena, struct scenario_source, SAMPLES_MAX * SCENARIO_SOURCES_MAX);
	unsigned count = 0;

	for (unsigned i = 0; i < d->sample_count; i++) {
		for (unsigned j = 0; j < d->samples[i]->source_count; j++) {
			const struct scenario_source *one = &d->samples[i]->sources[j];
			unsigned k = 0;

			while (k < count && strcmp(sources[k].id, one->id) != 0)
				k++;
			if (k == count)
				sources[count++] = *one;
			else
				sources[k].roles |= one->roles;
		}
		d->samples[i]->source_count = 0;
	}
	all->sources = sources;
	all->source_count = count;
}

/* ---- playing ---- */

static enum err
begin(struct demo *d, struct why *why)
{
	int64_t first_ms = INT64_MAX;
	enum err err = ERR_NONE;

	merge_sources(d);
	for (unsigned i = 0; i < d->sample_count; i++) {
		if (d->samples[i]->steps[0].at_ms < first_ms)
			first_ms = d->samples[i]->steps[0].at_ms;
	}
	for (unsigned i = 0; i < d->sample_count && err == ERR_NONE; i++) {
		d->plays[i] = ARENA_NEW(d->arena, struct play);
		err = play_begin(d->plays[i], &d->world, d->samples[i], i == 0,
				 cal_day_begins_ms(cal_local_day(first_ms)), arena_printf(d->arena, "m%u", i + 1), why);
	}
	return err;
}

/* The samples run beside each other, as cases do: always the step that is earliest. */
static enum err
play_all(struct demo *d, struct why *why)
{
	unsigned at[SAMPLES_MAX] = {0};
	enum err err = ERR_NONE;

	while (err == ERR_NONE) {
		const struct scenario_step *next = NULL;
		unsigned which = 0;

		for (unsigned i = 0; i < d->sample_count; i++) {
			const struct scenario *s = d->samples[i];

			if (at[i] < s->step_count && (next == NULL || s->steps[at[i]].at_ms < next->at_ms)) {
				next = &s->steps[at[i]];
				which = i;
			}
		}
		if (next == NULL)
			break;
		if (d->cli->terminal && !d->cli->json)
			fprintf(d->cli->out, "\r%.10s  %-60.60s", next->at, next->what);
		err = play_step(d->plays[which], next, why);
		d->messages += next->message_count;
		at[which]++;
	}
	if (d->cli->terminal && !d->cli->json)
		fprintf(d->cli->out, "\r%72s\r", "");
	return err;
}

/* ---- telling ---- */

static void
print_rule(FILE *out, const char *title)
{
	fprintf(out, "\n%s\n", title);
	for (const char *p = title; *p != '\0'; p++) {
		if (((unsigned char)*p & 0xc0) != 0x80)
			fputc('-', out);
	}
	fputc('\n', out);
}

static void
print_case(struct demo *d, const struct scenario *s, const char *alias, const struct story *story)
{
	FILE *out = d->cli->out;

	d->cases++;
	d->decisions += story->decisions;
	if (d->cli->json) {
		story_print_json(story, out);
		return;
	}
	print_rule(out, arena_printf(d->arena, "Case %s: %s", alias, s->title));
	story_print(story, out, d->cli->terminal ? STORY_COLOUR : 0);
	fputc('\n', out);
	story_print_summary(story, out);
}

static int
print_cases(struct demo *d)
{
	for (unsigned i = 0; i < d->sample_count; i++) {
		for (unsigned j = 0; j < d->samples[i]->alias_count; j++) {
			struct story *story;
			const int code =
			    story_ask(d->cli, d->world.system, d->plays[i]->cases[j].case_id, 0, d->arena, &story);

			if (code != CLI_OK)
				return code;
			if (story->count > 0)
				print_case(d, d->samples[i], d->samples[i]->aliases[j], story);
		}
	}
	return CLI_OK;
}

/* The page of monitoring; "" when there is none. */
static const char *
page_of(struct demo *d)
{
	char line[300] = "";
	const char *page = "";
	FILE *f = fopen(in_run(d, service_of_row(SERVICE_COUNT - 1)->name, ".address"), "re");

	while (f != NULL && fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "http: ", 6) == 0)
			page = arena_str(d->arena, bytes_str(line + 6));
	}
	if (f != NULL)
		fclose(f);
	return page;
}

/* A command to try, and what it is for. */
static void
add_command(struct demo *d, struct columns *columns, const char *command, const char *option, const char *what)
{
	const char *run = d->cli->run_dir;
	const bool said = option[0] != '\0' && strcmp(run, "./run") != 0;
	const char *folder = said ? arena_printf(d->arena, " %s %s", option, run) : "";

	columns_add(columns, (const char *const[]){arena_printf(d->arena, "  doorbraak %s%s", command, folder), what});
}

static void
print_end(struct demo *d, bool stays)
{
	struct cli *cli = d->cli;
	const char *a_case = d->plays[0]->cases[0].case_id;
	const int64_t took_ms = steady_ms() - d->began_ms;
	struct columns columns;

	columns_init(&columns, d->arena, 2);
	if (cli->json) {
		fprintf(cli->out, "{\"cases\":%u,\"messages\":%u,\"decisions\":%u,\"ms\":%lld}\n", d->cases,
			d->messages, d->decisions, (long long)took_ms);
		return;
	}
	print_rule(cli->out, "All together");
	fprintf(cli->out,
		"%u cases, %u messages, %u decisions in %lld.%lld s, everything durable before it was told.\n",
		d->cases, d->messages, d->decisions, (long long)(took_ms / 1000), (long long)(took_ms % 1000 / 100));
	if (!stays) {
		fprintf(cli->out, "\nThe services have stopped; what they wrote is in %s. Look at it:\n\n",
			cli->run_dir);
		add_command(d, &columns, arena_printf(d->arena, "verify --data %s", cli->run_dir), "",
			    "compute it all again and compare, byte for byte");
		add_command(d, &columns, "up --driven", "--run", "start them again, to be asked");
		columns_print(&columns, cli->out);
		return;
	}
	fputs("\nThe services stay up until Ctrl-C. In another terminal:\n\n", cli->out);
	add_command(d, &columns, "cases", "--run", "all cases as they stand");
	add_command(d, &columns, arena_printf(d->arena, "explain %s", a_case), "--run", "the way of the first");
	add_command(d, &columns, "journal routing", "--run", "what was decided, record by record");
	add_command(d, &columns, "health", "--run", "how the services are");
	columns_print(&columns, cli->out);
	if (page_of(d)[0] != '\0')
		fprintf(cli->out, "\nThe page, for a browser on this machine, without logging in: %s/\n", page_of(d));
	fflush(cli->out);
}

/* ---- all of it ---- */

static int
play_in_world(struct demo *d)
{
	const bool stays = isatty(STDIN_FILENO) == 1 && d->cli->terminal && !d->cli->json;
	struct why why = {{0}};
	enum err err = world_open(&d->world, d->cli, d->arena, WORLD_KEPT_FLEET, d->cli->run_dir, 0, &why);

	if (err != ERR_NONE)
		return cli_fail(d->cli, CLI_UNREACHABLE, "%s", why.text);
	err = begin(d, &why);
	if (err == ERR_NONE)
		err = play_all(d, &why);
	const int code = err == ERR_NONE ? print_cases(d) : CLI_OK; /* it has told what is wrong */

	if (err == ERR_NONE && code == CLI_OK)
		print_end(d, stays);
	if (err == ERR_NONE && code == CLI_OK && stays && !world_wait(&d->world, &why))
		err = ERR_AGAIN;
	if (err != ERR_NONE)
		cli_fail(d->cli, CLI_FAILED, "%s", why.text);
	world_close(&d->world);
	return err == ERR_NONE ? code : CLI_FAILED;
}

static int
run(struct cli *cli)
{
	struct demo *d = ARENA_NEW(&cli->arena, struct demo);

	d->cli = cli;
	d->arena = &cli->arena;
	d->began_ms = steady_ms();
	if (cli->argument_count > 0)
		return cli_fail(cli, CLI_USAGE,
				"it takes no arguments; `doorbraak play FILE` plays a story of your own");
	int code = read_samples(d);
	if (code == CLI_OK)
		code = make_folder(d);
	return code == CLI_OK ? play_in_world(d) : code;
}

const struct command command_demo = {
    .name = "demo",
    .summary = "start everything, let invented cases go their way, and tell it",
    .usage = "[--run DIR]",
    .help =
	"Starts the five services in the run folder on a driven clock, adopts the shipped registry and policy, hands "
	"in\n"
	"the cases of services/cli/samples through the real door while time runs fast, and prints the way of each:\n"
	"who owned it when, which rule decided and where that rule comes from, which deadlines were kept, which "
	"signals\n"
	"went out.\n"
	"\n"
	"On a terminal the services stay up until Ctrl-C, to be asked; otherwise it stops them and ends. What an "
	"earlier\n"
	"demo left in the folder is thrown away; anything else there is left alone, and the demo refuses.\n"
	"\n"
	"example:\n"
	"  doorbraak demo --run ./run\n",
    .run = run,
};
