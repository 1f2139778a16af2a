// SPDX-License-Identifier: EUPL-1.2
/* realm.c - see realm.h. */
#include "tests/sim/realm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/sim/adopt.h"
#include "tests/sim/oracle.h"

struct journal_of {
	struct realm *realm;
	unsigned service;
};

static size_t
read_journal(void *ctx, struct arena *a, uint64_t after, struct journal_entry *entries, size_t max)
{
	const struct journal_of *j = ctx;

	return row_read(j->realm->row, j->service, a, after, entries, max);
}

static struct row_source
source_of(struct journal_of *j)
{
	struct node_status s;

	node_status(row_node(j->realm->row, j->service), &s);
	return (struct row_source){j, s.history, s.head.seq, read_journal, 0};
}

void
realm_open(struct realm *r, uint64_t seed, int64_t from_ms, bool shipped)
{
	const bool memory = access("/dev/shm", W_OK) == 0;

	*r = (struct realm){.now_ms = from_ms};
	arena_init(&r->arena);
	r->judge = judge_new(shipped);
	snprintf(r->dir, sizeof r->dir, "%s/doorbraak-years-XXXXXX", memory ? "/dev/shm" : "/tmp");
	if (mkdtemp(r->dir) == NULL)
		fatal("%s: %s", r->dir, strerror(errno));
	const struct row_options options = {.dir = r->dir, .fast = true, .seed = seed};
	if (row_open(&r->row, &options, &r->why) != ERR_NONE)
		fatal("%s", r->why.text);
	for (unsigned i = 0; i < adopt_count(); i++) {
		arena_reset(&r->arena);
		realm_adopt(r, adopt_submission(&r->arena, i, r->now_ms));
	}
}

void
realm_close(struct realm *r)
{
	char command[300];

	row_close(&r->row);
	judge_free(r->judge);
	arena_fini(&r->arena);
	snprintf(command, sizeof command, "rm -rf '%s'", r->dir);
	if (system(command) != 0)
		fprintf(stderr, "%s is left behind\n", r->dir);
}

static const pb_Reply *
ask(struct realm *r, unsigned service, pb_Request *request)
{
	request->request_id = ++r->request_id;
	const pb_Reply *reply = row_ask(r->row, service, request, &r->arena);

	if (reply == NULL)
		fatal("the row broke: %s", row_why(r->row));
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED)
		fatal("refused: %s", reply->refused->text);
	return reply;
}

const pb_Reply *
realm_submit(struct realm *r, struct bytes submission)
{
	Google__Protobuf__Timestamp now;
	pb_SubmitRequest body;
	pb_Request request;

	record_timestamp(&now, r->now_ms);
	pb_Request_init(&request);
	pb_SubmitRequest_init(&body);
	body.submission = (ProtobufCBinaryData){submission.len, (uint8_t *)(uintptr_t)submission.data};
	body.now = &now;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &body;
	const pb_Reply *reply = ask(r, 0, &request);
	if (r->say) {
		struct why why;
		const pb_Submission *s =
		    record_unpack(&r->arena, &pb_Submission_descriptor, submission, RECORD_ADOPTION_MAX, &why);
		if (s != NULL && s->body_case != DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED)
			fprintf(stderr, "%s\n  %s\n", record_json(&r->arena, &s->base, true),
				record_json(&r->arena, &reply->base, true));
	}
	return reply;
}

void
realm_adopt(struct realm *r, struct bytes submission)
{
	const pb_Reply *reply = realm_submit(r, submission);

	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REJECTED)
		fatal("setting up: %s: %s", reply->rejected->violations[0]->field,
		      reply->rejected->violations[0]->text);
}

void
realm_pass(struct realm *r, int64_t to_ms)
{
	Google__Protobuf__Timestamp now;
	pb_ClockRequest body;
	pb_Request request;

	r->now_ms = to_ms;
	record_timestamp(&now, to_ms);
	pb_Request_init(&request);
	pb_ClockRequest_init(&body);
	body.now = &now;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_CLOCK;
	request.clock = &body;
	ask(r, 0, &request);
}

bool
realm_settle(struct realm *r)
{
	struct journal_of signalling = {r, 3}, monitoring = {r, 4};

	if (row_settle(r->row) != ERR_NONE)
		fatal("the row broke: %s", row_why(r->row));
	const struct row_source heard = source_of(&signalling), seen = source_of(&monitoring);
	if (judge_read(r->judge, &heard, &seen))
		return true;
	why_set(&r->why, "%s", judge_why(r->judge));
	return false;
}

bool
realm_replays(struct realm *r, uint32_t batch)
{
	struct journal_of of[SERVICE_COUNT];
	struct row_source journals[SERVICE_COUNT];
	char scratch[300];

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		of[i] = (struct journal_of){r, i};
		journals[i] = source_of(&of[i]);
	}
	snprintf(scratch, sizeof scratch, "%s/anew-XXXXXX", r->dir);
	if (mkdtemp(scratch) == NULL)
		fatal("%s: %s", scratch, strerror(errno));
	return oracle_replay(journals, scratch, batch, &r->why);
}

/* How many open cases monitoring lists; "" for all regions. */
static unsigned
listed(struct realm *r, const char *region)
{
	char after[ID_MAX + 1] = "";
	unsigned count = 0;

	do {
		pb_Request request;
		pb_CasesRequest body;
		pb_Request_init(&request);
		pb_CasesRequest_init(&body);
		body.region = record_text(&r->arena, region);
		body.after = record_text(&r->arena, after);
		body.open_only = true;
		request.body_case = DOORBRAAK__V1__REQUEST__BODY_CASES;
		request.cases = &body;
		const pb_CasesReply *reply = ask(r, 4, &request)->cases;
		count += (unsigned)reply->n_cases;
		snprintf(after, sizeof after, "%s", reply->next);
	} while (after[0] != '\0');
	return count;
}

bool
realm_counts(struct realm *r)
{
	const unsigned all = listed(r, ""), open = judge_open_count(r->judge, NULL);
	unsigned sum = 0;

	for (unsigned i = 0; i < judge_case_count(r->judge); i++) {
		const char *region = judge_case_at(r->judge, i)->is.region.s;
		bool first = true;
		for (unsigned k = 0; k < i && first; k++)
			first = strcmp(judge_case_at(r->judge, k)->is.region.s, region) != 0;
		if (first)
			sum += listed(r, region);
	}
	if (all == open && sum == all)
		return true;
	why_set(&r->why, "I14: %u open cases, %u listed, %u listed region by region", open, all, sum);
	return false;
}
