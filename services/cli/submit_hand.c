// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/submit_hand.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "services/cli/record_line.h"

#define ROUTING    2u
#define SIGNALLING 3u
#define SUBMIT_MS  10000
#define WAIT_MS    30000

/* ---- what was decided ---- */

struct outcome {
	struct submit_hand *hand;
	uint64_t seq;
	bool rejected;
	unsigned printed;
};

static void
print_answer(struct outcome *o, const struct record *r)
{
	struct cli *cli = o->hand->cli;

	o->rejected = o->rejected || r->answer->body_case == DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED;
	if (cli->json)
		fprintf(cli->out, "%s%s", o->printed++ > 0 ? "," : "",
			record_json(&o->hand->arena, &r->answer->base, true));
	else
		fprintf(cli->out, "  %-16s %s\n", record_line_kind(r), record_line_text(&o->hand->arena, r));
}

static bool
take_record(void *ctx, uint64_t seq, const struct record *r)
{
	struct outcome *o = ctx;

	(void)seq;
	if (r->answer != NULL && r->answer->cause == o->seq && (int)r->answer->service != SERVICE_INTAKE)
		print_answer(o, r);
	return true;
}

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static unsigned
decider_of(const pb_Submission *submission)
{
	return submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_SIGNAL_ACKNOWLEDGED ? SIGNALLING : ROUTING;
}

/* Follows a journal from `after` until it has the effects of the submission. */
static int
wait_for(struct submit_hand *h, unsigned service, struct outcome *o, struct doorbraak_cursor *after)
{
	const int64_t until = steady_ms() + WAIT_MS;
	int code = CLI_OK;

	for (;;) {
		struct arena a;
		arena_init(&a);
		/* Asked before reading: what is complete by then stands before the head that is read to. */
		const pb_StatusReply *status = asking_status(h->cli, h->system, service, &a, &code);
		const bool done = status != NULL && status->applied >= o->seq;
		arena_fini(&a);
		if (status == NULL)
			return code;
		code = asking_read(h->cli, h->system, service, after, NULL, 0, take_record, o);
		if (done || code != CLI_OK)
			return code;
		if (steady_ms() > until)
			return cli_fail(h->cli, CLI_UNREACHABLE,
					"%s has not decided within %d s; it is kept as record %" PRIu64
					", look at `doorbraak health`",
					service == SIGNALLING ? "signalling" : "routing", WAIT_MS / 1000, o->seq);
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
}

/* ---- what intake said ---- */

static int
worse(int a, int b)
{
	return a > b ? a : b;
}

static void
print_begin(struct submit_hand *h, const struct submit_flight *f)
{
	fprintf(h->cli->out, "{\"message\":\"%s\"", f->message);
	if (f->line > 0)
		fprintf(h->cli->out, ",\"line\":%u", f->line);
}

static int
tell_accepted(struct submit_hand *h, const struct submit_flight *f, const pb_AcceptedReply *reply)
{
	struct cli *cli = h->cli;
	struct outcome o = {.hand = h, .seq = reply->seq};
	int code = CLI_OK;

	*(reply->duplicate ? &h->duplicates : &h->accepted) += 1;
	if (cli->json) {
		print_begin(h, f);
		fprintf(cli->out, ",\"accepted\":%s", record_json(&h->arena, &reply->base, true));
	} else {
		fprintf(cli->out, "accepted  %s  case %s  record %" PRIu64 "%s", f->message,
			reply->case_id[0] == '\0' ? "-" : reply->case_id, reply->seq,
			reply->duplicate ? "  (was handed in before)" : "");
		fprintf(cli->out, f->line > 0 ? "  line %u\n" : "\n", f->line);
	}
	if (h->wait) {
		if (cli->json)
			fputs(",\"answers\":[", cli->out);
		/* What was handed in before may lie anywhere behind us. */
		if (reply->duplicate)
			h->head = (struct doorbraak_cursor){0};
		code = wait_for(h, f->decider, &o, &h->head);
		if (cli->json)
			fputc(']', cli->out);
	}
	if (cli->json)
		fputs("}\n", cli->out);
	return code != CLI_OK ? code : o.rejected ? CLI_FAILED : CLI_OK;
}

static int
tell_rejected(struct submit_hand *h, const struct submit_flight *f, const pb_RejectedReply *reply)
{
	struct cli *cli = h->cli;

	h->rejected++;
	if (cli->json) {
		print_begin(h, f);
		fprintf(cli->out, ",\"rejected\":%s}\n", record_json(&h->arena, &reply->base, true));
		return CLI_FAILED;
	}
	fprintf(cli->out, "rejected  %s  (%s)\n", f->message, f->from);
	for (size_t i = 0; i < reply->n_violations; i++) {
		const pb_Violation *v = reply->violations[i];
		fprintf(cli->out, "  %-20s %s%s%s\n", record_code_of("Reason", (int)v->reason), v->field,
			v->field[0] == '\0' ? "" : ": ", v->text);
	}
	return CLI_FAILED;
}

static int
tell(struct submit_hand *h, const struct submit_flight *f, const struct doorbraak_receipt *receipt)
{
	struct why why;
	const pb_Reply *reply = record_unpack(
	    &h->arena, &pb_Reply_descriptor, bytes_of(receipt->reply.data, receipt->reply.len), RECORD_REPLY_MAX, &why);

	switch (reply == NULL ? DOORBRAAK__V1__REPLY__BODY__NOT_SET : reply->body_case) {
	case DOORBRAAK__V1__REPLY__BODY_ACCEPTED: return tell_accepted(h, f, reply->accepted);
	case DOORBRAAK__V1__REPLY__BODY_REJECTED: return tell_rejected(h, f, reply->rejected);
	case DOORBRAAK__V1__REPLY__BODY_REFUSED:
		return cli_fail(h->cli, CLI_REFUSED, "%s: intake refuses (%s): %s", f->from,
				record_code_of("RefusedReason", (int)reply->refused->reason), reply->refused->text);
	default:
		return cli_fail(h->cli, CLI_UNREACHABLE,
				"intake gave an answer of another kind: do its version and this tool's fit?");
	}
}

/* One receipt, told. CLI_OK also when there is none in time, with *none. */
static int
take(struct submit_hand *h, int timeout_ms, bool *none)
{
	struct doorbraak_receipt receipt;

	*none = doorbraak_take(h->door, timeout_ms, &receipt) != DOORBRAAK_OK;
	if (*none)
		return CLI_OK;
	struct submit_flight *f = receipt.tag;
	arena_reset(&h->arena);
	f->busy = false;
	return tell(h, f, &receipt);
}

/* What has come is told at once, so that who reads along sees it. */
int
submit_hand_take(struct submit_hand *h, int timeout_ms)
{
	bool none = false, told = false;
	int worst = CLI_OK;

	while (!none && worst <= CLI_FAILED && doorbraak_open_count(h->door) > 0) {
		worst = worse(worst, take(h, told ? 0 : timeout_ms, &none));
		told = told || !none;
	}
	if (told)
		fflush(h->cli->out);
	return worst;
}

static int
take_one(struct submit_hand *h)
{
	bool none;
	const int code = take(h, SUBMIT_MS, &none);

	if (!none)
		return code;
	return cli_fail(
	    h->cli, CLI_UNREACHABLE,
	    "intake gives no answer within %d s, %u on their way: does it run? Look at `doorbraak health` and at "
	    "its log",
	    SUBMIT_MS / 1000, doorbraak_open_count(h->door));
}

int
submit_hand_finish(struct submit_hand *h)
{
	int worst = CLI_OK;

	while (worst != CLI_UNREACHABLE && doorbraak_open_count(h->door) > 0)
		worst = worse(worst, take_one(h));
	fflush(h->cli->out);
	return worst;
}

/* ---- handing in ---- */

static struct id
youth_of(const pb_Submission *s)
{
	switch (s->body_case) {
	case DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED: return id_of(s->case_submitted->youth_key);
	case DOORBRAAK__V1__SUBMISSION__BODY_COURT_MEASURE_REGISTERED:
		return id_of(s->court_measure_registered->youth_key);
	case DOORBRAAK__V1__SUBMISSION__BODY_CLOSED_PLACEMENT_REQUESTED:
		return id_of(s->closed_placement_requested->youth_key);
	default: return id_of("");
	}
}

static void
board(struct submit_flight *f, const struct submit_item *item)
{
	const pb_Submission *s = item->submission;

	*f = (struct submit_flight){
	    .busy = true,
	    .alone = s->case_id[0] == '\0' && !record_kind_opens((int)s->body_case),
	    .line = item->line,
	    .message = record_body_name(&s->base),
	    .case_id = id_of(s->case_id),
	    .youth = youth_of(s),
	    .decider = decider_of(s),
	};
	snprintf(f->from, sizeof f->from, "%s", item->from);
}

static bool
same(const struct id *a, const struct id *b)
{
	return a->s[0] != '\0' && strcmp(a->s, b->s) == 0;
}

/* Must `f` wait for one that is on its way? */
static bool
must_wait(const struct submit_hand *h, const struct submit_flight *f)
{
	unsigned busy = 0;

	for (unsigned i = 0; i < DOORBRAAK_WINDOW_MAX; i++) {
		const struct submit_flight *other = &h->flights[i];

		if (!other->busy)
			continue;
		busy++;
		if (f->alone || other->alone || same(&f->case_id, &other->case_id) || same(&f->youth, &other->youth))
			return true;
	}
	return h->wait ? busy > 0 : busy == DOORBRAAK_WINDOW_MAX;
}

static struct submit_flight *
free_flight(struct submit_hand *h)
{
	for (unsigned i = 0; i < DOORBRAAK_WINDOW_MAX; i++)
		if (!h->flights[i].busy)
			return &h->flights[i];
	assert_failed("the window was waited for", __FILE__, __LINE__);
}

int
submit_hand_in(struct submit_hand *h, const struct submit_item *item)
{
	struct submit_flight flight;
	int worst = CLI_OK;

	board(&flight, item);
	while (worst <= CLI_FAILED && must_wait(h, &flight))
		worst = worse(worst, take_one(h));
	if (worst <= CLI_FAILED && h->wait)
		worst = worse(worst, asking_head(h->cli, h->system, flight.decider, &h->head, &h->arena));
	if (worst > CLI_FAILED)
		return worst;
	struct submit_flight *f = free_flight(h);
	const struct bytes packed = RECORD_PACK(&h->arena, item->submission);
	*f = flight;
	const enum doorbraak_result sent = doorbraak_send(
	    h->door,
	    &(struct doorbraak_submission){.data = packed.data, .len = packed.len, .now_ms = h->now_ms, .tag = f});
	if (sent != DOORBRAAK_OK) {
		f->busy = false;
		return cli_fail(h->cli, CLI_USAGE, "%s: %zu bytes are too large; a submission has at most %u", f->from,
				packed.len, RECORD_SUBMISSION_MAX);
	}
	return worse(worst, submit_hand_take(h, 0));
}
