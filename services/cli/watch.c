// SPDX-License-Identifier: EUPL-1.2
/* watch.c - `doorbraak watch`: what changes, as it changes: on a terminal a live view of all cases, else a line a change.
 *
 * Both follow monitoring's journal, so nothing is missed and no gap has to be filled. The view begins with a snapshot and filters by
 * itself: a case that goes to another region is then gone here too. */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "services/cli/asking.h"
#include "services/cli/record_line.h"
#include "services/cli/watch_view.h"

#define MONITORING  4u
#define FILTERS_MAX DOORBRAAK_TOPICS_MAX
#define LOOK_MS     100  /* for keys and signals */
#define REDRAW_MS   250  /* at most so often; */
#define COUNT_MS    1000 /* at least so often: deadlines count down */

struct watch {
	struct cli *cli;
	struct board_filter filters[FILTERS_MAX];
	unsigned filter_count;
	struct arena arena; /* of a line */
	struct board board;
	struct view view;
	struct screen screen;
	struct screen_line *lines;
	int64_t drawn_ms;
	bool loading, changed, stop;
};

static const char *
line_of(struct arena *a, const struct record *r)
{
	const bool is_state = r->answer != NULL && r->answer->body_case == DOORBRAAK__V1__ANSWER__BODY_CASE_STATE;

	return arena_printf(a, "%s  %-25s  %s%s%s", asking_moment(a, r->at_ms),
			    record_line_case(r)[0] == '\0' ? "-" : record_line_case(r),
			    is_state ? "" : record_line_kind(r), is_state ? "" : "  ", record_line_text(a, r));
}

/* ---- lines ---- */

static bool
print_entry(void *ctx, uint64_t seq, const struct record *r)
{
	struct watch *w = ctx;

	arena_reset(&w->arena);
	fprintf(w->cli->out, "%s\n", w->cli->json ? record_line_json(&w->arena, seq, r) : line_of(&w->arena, r));
	return true;
}

static int
watch_lines(struct watch *w, struct system *system)
{
	const char *topics[FILTERS_MAX];

	for (unsigned i = 0; i < w->filter_count; i++)
		topics[i] = arena_printf(&w->cli->arena, "%s/%s", w->filters[i].name, w->filters[i].value);
	const struct doorbraak_follow_options options = {
	    .from = cli_option(w->cli, "from-start") == NULL ? DOORBRAAK_FROM_HEAD : DOORBRAAK_FROM_CURSOR,
	    .topics = topics,
	    .topic_count = w->filter_count};
	asking_until_stopped();
	return asking_follow(w->cli, system, MONITORING, &options, print_entry, w);
}

/* ---- the view ---- */

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
take_record(struct watch *w, const struct doorbraak_record *given)
{
	struct record r;
	struct why why;

	arena_reset(&w->arena);
	w->loading = given->seq == 0;
	if (!record_read(&w->arena, bytes_of(given->data, given->len), &r, &why) || r.answer == NULL ||
	    r.answer->body_case != DOORBRAAK__V1__ANSWER__BODY_CASE_STATE)
		return;
	board_take(&w->board, r.answer->case_state, w->loading ? 0 : steady_ms());
	if (!w->loading)
		view_add_event(&w->view, line_of(&w->arena, &r));
	w->changed = true;
}

static void
draw(struct watch *w, const struct doorbraak_follow *follow)
{
	const int64_t now_ms = steady_ms();

	if (now_ms - w->drawn_ms < (w->changed ? REDRAW_MS : COUNT_MS))
		return;
	const struct view_moment moment = {.now_ms = asking_now_ms(doorbraak_follow_clock_ms(follow)),
					   .steady_ms = now_ms,
					   .silent_ms = doorbraak_follow_silent_ms(follow),
					   .loading = w->loading};
	const unsigned count = view_draw(&w->view, &w->board, &moment, w->screen.rows, w->screen.cols, w->lines);
	w->stop = w->stop || !screen_show(&w->screen, w->lines, count);
	w->drawn_ms = now_ms;
	w->changed = false;
}

static void
take_keys(struct watch *w)
{
	for (int key = screen_key(&w->screen); key != SCREEN_NONE; key = screen_key(&w->screen)) {
		w->stop = w->stop || key == SCREEN_STOP || key == 'q';
		if (view_key(&w->view, key, w->screen.rows)) {
			w->changed = true;
			w->drawn_ms = 0;
		}
	}
}

static int
watch_screen(struct watch *w, struct system *system)
{
	static const char *const topics[] = {"kind/CaseView"};
	const struct doorbraak_follow_options options = {
	    .from = DOORBRAAK_FROM_SNAPSHOT, .topics = topics, .topic_count = 1};
	enum doorbraak_result result = DOORBRAAK_AGAIN;
	struct doorbraak_follow *follow;
	struct doorbraak_record given;
	struct doorbraak_why reason;
	struct why why;

	if (system_follow(system, MONITORING, &options, &follow, &why) != ERR_NONE)
		return cli_fail(w->cli, CLI_UNREACHABLE, "%s", why.text);
	board_init(&w->board, w->filters, w->filter_count);
	w->loading = true;
	w->lines = calloc(SCREEN_ROWS_MAX, sizeof *w->lines);
	if (w->lines == NULL)
		fatal("out of memory");
	const int64_t began_ms = steady_ms();
	screen_open(&w->screen, w->cli->out);
	while (!w->stop && (result == DOORBRAAK_OK || result == DOORBRAAK_AGAIN)) {
		draw(w, follow);
		result = doorbraak_follow_next(follow, LOOK_MS, &given, &reason);
		if (result == DOORBRAAK_OK)
			take_record(w, &given);
		else if (doorbraak_follow_silent_ms(follow) < steady_ms() - began_ms)
			w->loading = false; /* it has answered, and has no more */
		take_keys(w);
	}
	screen_close(&w->screen);
	free(w->lines);
	board_fini(&w->board);
	doorbraak_follow_close(&follow);
	return result == DOORBRAAK_OK || result == DOORBRAAK_AGAIN
		   ? CLI_OK
		   : cli_fail(w->cli, CLI_UNREACHABLE, "%s", reason.text);
}

/* ---- the command ---- */

/* What fits one of them is shown. */
static bool
read_filters(struct watch *w)
{
	struct cli *cli = w->cli;
	const char *words = "";

	for (unsigned i = 0; i < cli->given_count; i++) {
		const char *name = cli->given[i][0], *value = cli->given[i][1];
		const bool is_case = strcmp(name, "case") == 0;
		if (!is_case && strcmp(name, "region") != 0 && strcmp(name, "owner") != 0)
			continue;
		if (is_case ? !record_is_id(value) : !record_is_code(value)) {
			cli_fail(cli, CLI_USAGE, "--%s: '%.60s' cannot be %s", name, value,
				 is_case ? "the id of a case" : "a code; codes are of A-Z 0-9 -");
			return false;
		}
		if (w->filter_count == FILTERS_MAX) {
			cli_fail(cli, CLI_USAGE, "more than %d filters; leave some out", FILTERS_MAX);
			return false;
		}
		w->filters[w->filter_count++] = (struct board_filter){name, value};
		words = arena_printf(&cli->arena, "%s%s%s %s", words, words[0] == '\0' ? "" : ", ", name, value);
	}
	w->view.filter = words;
	return true;
}

static int
watch_run(struct cli *cli)
{
	struct watch *w = calloc(1, sizeof *w);
	int code = CLI_USAGE;

	if (w == NULL)
		fatal("out of memory");
	w->cli = cli;
	const bool lines = cli->json || cli_option(cli, "lines") != NULL || cli_option(cli, "from-start") != NULL ||
			   !screen_is_possible(cli->out);
	if (cli->argument_count > 0)
		cli_fail(cli, CLI_USAGE, "takes no arguments; one case: --case %s", cli->arguments[0]);
	else if (read_filters(w)) {
		struct system *system = asking_open(cli);
		arena_init(&w->arena);
		code = system == NULL ? CLI_UNREACHABLE : lines ? watch_lines(w, system) : watch_screen(w, system);
		arena_fini(&w->arena);
		system_close(&system);
	}
	free(w);
	return code;
}

static const struct cli_option options[] = {
    {"region", "CODE", "cases of this youth region; may be given more than once"},
    {"owner", "CODE", "cases of this owner; may be given more than once"},
    {"case", "ID", "this case; may be given more than once"},
    {"lines", NULL, "a line a change, also on a terminal"},
    {"from-start", NULL, "lines of everything so far first"},
    {0},
};

const struct command command_watch = {
    .name = "watch",
    .summary = "follow what changes, until Ctrl-C",
    .usage = "[--region CODE]... [--owner CODE]... [--case ID]... [--lines] [--from-start]",
    .options = options,
    .help =
	"On a terminal: all open cases by next deadline, counting down, and what changed last. Keys: d by deadline,\n"
	"r by region, o by owner, s by signal, arrows and page keys to scroll, q to end. A star marks what changed in\n"
	"the last seconds. Colours say what stands there in words too; NO_COLOR leaves them out.\n\n"
	"Elsewhere, or with --lines, --from-start or --json: a line for each change of a case, and for each report:\n"
	"moment (local time), case, state, track, owner, next deadline, open signals. With several filters: what fits\n"
	"one of them. Nothing is missed; when monitoring is started again it goes on behind the last change.\n\n"
	"Status 0: stopped with Ctrl-C or q. 3: monitoring gives no answer (a screen waits for it, and says so).\n\n"
	"example:\n"
	"  doorbraak watch --region JZ32\n",
    .run = watch_run,
};
