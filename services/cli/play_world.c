// SPDX-License-Identifier: EUPL-1.2
/* play_world.c - see play_world.h. */
#include "services/cli/play_world.h"

#include <errno.h>
#include <stdlib.h>

#define SIGNALLING     3u
#define MONITORING     4u
#define START_MS       20000
#define ANSWER_MS      30000 /* the services may have years of days to go through */
#define RECORDS_MAX    100000u
#define STEP_DAYS      INT64_C(3600) /* time passes by at most so much at once (node.h: ten years) */
#define DAY_MS         INT64_C(86400000)
#define WAIT_FOR_ENDED 500 /* ms */

/* ---- opening ---- */

static void
hold_signals(struct world *w)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, &w->signals_before);
	w->holds_signals = true;
}

static enum err
open_fleet(struct world *w, unsigned ports, struct why *why)
{
	const struct fleet_options options = {.bin_dir = w->cli->bin_dir,
					      .run_dir = w->dir,
					      .ports = ports,
					      .driven = true,
					      .quiet = true,
					      .open_door = w->kind == WORLD_KEPT_FLEET}; /* to be looked at */
	enum err err = fleet_init(&w->fleet, &options, why);

	if (err != ERR_NONE)
		return err;
	err = fleet_start_all(&w->fleet, START_MS, why);
	if (err != ERR_NONE)
		return err;
	w->has_fleet = true;
	return system_open(&w->system, w->dir, why);
}

enum err
world_open(struct world *w, struct cli *cli, struct arena *a, enum world_kind kind, const char *dir, unsigned ports,
	   struct why *why)
{
	enum err err;

	*w = (struct world){.kind = kind, .cli = cli, .arena = a, .dir = dir};
	if (kind != WORLD_RUNNING)
		hold_signals(w);
	if (kind == WORLD_FLEET || kind == WORLD_IN_PROCESS) {
		w->dir = asking_folder(cli);
		if (w->dir == NULL) {
			why_set(why, "there is no place for the services");
			world_close(w);
			return ERR_REFUSED;
		}
	}
	switch (kind) {
	case WORLD_FLEET:
	case WORLD_KEPT_FLEET: err = open_fleet(w, ports, why); break;
	case WORLD_IN_PROCESS: err = system_open_in_process(&w->system, w->dir, why); break;
	default:
		err = system_open(&w->system, w->dir, why);
		if (err == ERR_NONE)
			system_use_keys(w->system,
					&(struct system_keys){cli->keys_dir, cli->secret, cli->secret_given});
		if (err == ERR_NONE && asking_head(cli, w->system, SIGNALLING, &w->cursor, a) != CLI_OK) {
			why_set(why, "%s: signalling cannot be read", dir);
			err = ERR_REFUSED;
		}
	}
	if (err != ERR_NONE)
		world_close(w);
	return err;
}

void
world_close(struct world *w)
{
	system_close(&w->system);
	if (w->has_fleet)
		fleet_stop_all(&w->fleet);
	w->has_fleet = false;
	if (w->kind == WORLD_FLEET || w->kind == WORLD_IN_PROCESS)
		asking_folder_remove(w->dir);
	if (w->holds_signals)
		sigprocmask(SIG_SETMASK, &w->signals_before, NULL);
	w->holds_signals = false;
}

bool
world_is_interrupted(const struct world *w)
{
	sigset_t pending;

	return w->holds_signals && sigpending(&pending) == 0 &&
	       (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1);
}

static bool
go_on(const struct world *w, struct why *why)
{
	if (!world_is_interrupted(w))
		return true;
	why_set(why, "stopped by Ctrl-C");
	return false;
}

bool
world_wait(struct world *w, struct why *why)
{
	const struct timespec step = {0, WAIT_FOR_ENDED * 1000000L};
	sigset_t stop;
	int status;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	for (;;) {
		if (sigtimedwait(&stop, NULL, &step) > 0)
			return true;
		const int ended = w->has_fleet ? fleet_ended(&w->fleet, &status) : -1;

		if (ended >= 0) {
			why_set(why, "%s has ended by itself: look at %s/%s.log", service_of_row((unsigned)ended)->name,
				w->dir, service_of_row((unsigned)ended)->name);
			return false;
		}
	}
}

/* ---- saying things ---- */

static void
tell_refused(const pb_Reply *reply, struct why *why)
{
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED)
		why_set(why, "intake refuses (%s): %s", record_code_of("RefusedReason", (int)reply->refused->reason),
			reply->refused->text);
	else
		why_set(why, "intake gave an answer of another kind: do its version and this tool's fit?");
}

static enum err
pass_time(struct world *w, int64_t at_ms, struct why *why)
{
	Google__Protobuf__Timestamp now = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
	pb_ClockRequest clock;
	pb_Request request;

	record_timestamp(&now, at_ms);
	pb_Request_init(&request);
	pb_ClockRequest_init(&clock);
	clock.now = &now;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_CLOCK;
	request.clock = &clock;
	const pb_Reply *reply = system_ask(w->system, 0, &request, ANSWER_MS, w->arena, why);
	if (reply == NULL)
		return ERR_AGAIN;
	if (reply->body_case != DOORBRAAK__V1__REPLY__BODY_CLOCK) {
		tell_refused(reply, why);
		return ERR_REFUSED;
	}
	if (reply->clock->seq > w->seq)
		w->seq = reply->clock->seq;
	return ERR_NONE;
}

enum err
world_time(struct world *w, int64_t at_ms, struct why *why)
{
	enum err err = ERR_NONE;

	while (err == ERR_NONE) {
		const bool far = w->clock_ms != 0 && at_ms - w->clock_ms > STEP_DAYS * DAY_MS;
		const int64_t to_ms = far ? w->clock_ms + STEP_DAYS * DAY_MS : at_ms;

		err = go_on(w, why) ? pass_time(w, to_ms, why) : ERR_AGAIN;
		w->clock_ms = to_ms;
		if (!far)
			break;
	}
	return err;
}

const pb_Reply *
world_submit(struct world *w, const pb_Submission *submission, int64_t at_ms, struct why *why)
{
	if (!go_on(w, why))
		return NULL;
	const pb_Reply *reply = system_submit(w->system, submission, at_ms, ANSWER_MS, w->arena, why);
	if (reply == NULL)
		return NULL;
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED) {
		if (reply->accepted->seq > w->seq)
			w->seq = reply->accepted->seq;
		return reply;
	}
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REJECTED)
		return reply;
	tell_refused(reply, why);
	return NULL;
}

enum err
world_adopt(struct world *w, const struct adoption *adoption, struct why *why)
{
	for (unsigned i = 0; i < adoption->count; i++) {
		const pb_Submission *s = adoption->submissions[i];
		const pb_Reply *reply = world_submit(w, s, adoption->at_ms, why);

		if (reply == NULL)
			return ERR_AGAIN;
		if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED)
			continue;
		const pb_RejectedReply *rejected = reply->rejected;
		const bool told = rejected->n_violations > 0;

		why_set(why, "%s is rejected, %s: %s: %s", record_body_name(&s->base),
			record_code_of("Reason", (int)rejected->reason), told ? rejected->violations[0]->field : "",
			told ? rejected->violations[0]->text : "");
		return ERR_REFUSED;
	}
	return ERR_NONE;
}

/* ---- looking ---- */

static bool
take_entries(struct world *w, const pb_PullReply *reply, struct record *records, unsigned *count, struct why *why)
{
	for (size_t i = 0; i < reply->n_entries; i++) {
		const ProtobufCBinaryData raw = reply->entries[i]->record;

		if (*count == RECORDS_MAX) {
			why_set(why, "more than %u records at once: play the story in smaller parts", RECORDS_MAX);
			return false;
		}
		if (!record_read(w->arena, bytes_of(raw.data, raw.len), &records[(*count)++], why))
			return false;
	}
	return true;
}

enum err
world_settle(struct world *w, const struct record **out, unsigned *count, struct why *why)
{
	const pb_PullReply *reply;
	int got;

	*count = 0;
	*out = NULL;
	if (!go_on(w, why))
		return ERR_AGAIN;
	const enum err err = system_settle(w->system, w->seq, ANSWER_MS, why);
	if (err != ERR_NONE)
		return err;
	struct record *records = malloc(RECORDS_MAX * sizeof *records);
	if (records == NULL)
		fatal("out of memory");
	while ((got = system_read(w->system, SIGNALLING, DOORBRAAK_FROM_CURSOR, &w->cursor, NULL, 0, &reply, w->arena,
				  why)) > 0) {
		if (!take_entries(w, reply, records, count, why)) {
			got = -1;
			break;
		}
	}
	if (*count > 0)
		*out = (const struct record *)(const void *)arena_copy(w->arena,
								       bytes_of(records, *count * sizeof *records))
			   .data;
	free(records);
	w->records += *count;
	return got < 0 ? ERR_AGAIN : ERR_NONE;
}

const pb_CaseView *
world_case(struct world *w, const char *case_id, struct why *why)
{
	pb_CasesRequest cases;
	pb_Request request;

	pb_Request_init(&request);
	pb_CasesRequest_init(&cases);
	cases.case_id = record_text(w->arena, case_id);
	cases.limit = 1;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_CASES;
	request.cases = &cases;
	if (case_id[0] != '\0') {
		const pb_Reply *reply = system_ask(w->system, MONITORING, &request, ANSWER_MS, w->arena, why);

		if (reply == NULL)
			return NULL;
		if (reply->body_case != DOORBRAAK__V1__REPLY__BODY_CASES) {
			tell_refused(reply, why);
			return NULL;
		}
		if (reply->cases->n_cases > 0 && reply->cases->cases[0]->case_state != NULL)
			return reply->cases->cases[0]->case_state;
	}
	pb_CaseView *none = ARENA_NEW(w->arena, pb_CaseView);

	pb_CaseView_init(none);
	return none;
}

int
world_is_settled_in(struct world *w, struct why *why)
{
	static const char *const topics[] = {"kind/RegistryAdopted", "kind/PolicyAdopted"};
	struct doorbraak_cursor cursor = {0};
	const pb_PullReply *reply;
	int got;

	do {
		got = system_read(w->system, SIGNALLING, DOORBRAAK_FROM_CURSOR, &cursor, topics, 2, &reply, w->arena,
				  why);
		if (got != 0)
			return got < 0 ? -1 : 1;
	} while (cursor.seq < reply->head);
	return 0;
}
