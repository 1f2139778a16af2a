// SPDX-License-Identifier: EUPL-1.2
#include "tests/service/admit.h"

#define RECORDS_MAX 256

static void
on_reply(void *ctx, const struct peer *to UNUSED, struct bytes message)
{
	struct admit *a = ctx;
	struct why why;

	a->reply = record_unpack(&a->arena, &pb_Reply_descriptor, message, RECORD_REPLY_MAX, &why);
	assert_non_null(a->reply);
}

static void
on_random(void *ctx, uint8_t *out, size_t len)
{
	struct admit *a = ctx;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(++a->drawn * UINT64_C(0x9e3779b97f4a7c15) >> 56);
}

static void
start(struct admit *a)
{
	struct why why;
	const struct temp_path path = temp_path(&a->dir, "intake");
	const struct node_options options = {
	    .service = &intake_service,
	    .store = {.dir = path.s, .map_bytes = (size_t)64 << 20, .fast = true},
	    .clock = NODE_CLOCK_DRIVEN,
	    .io = {.ctx = a, .reply = on_reply, .random = on_random},
	};

	if (node_open(&a->node, &options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
}

void
admit_open(struct admit *a)
{
	*a = (struct admit){.dir = temp_make()};
	arena_init(&a->arena);
	start(a);
	admit_at(a, "2024-03-04T10:00");
}

void
admit_close(struct admit *a)
{
	node_close(&a->node);
	arena_fini(&a->arena);
	temp_remove(&a->dir);
}

void
admit_restart(struct admit *a)
{
	node_close(&a->node);
	start(a);
}

void
admit_at(struct admit *a, const char *local_time)
{
	int year, month, day, hour, minute;

	assert_int_equal(sscanf(local_time, "%d-%d-%dT%d:%d", &year, &month, &day, &hour, &minute), 5);
	a->now_ms = cal_local_ms(cal_from_date(year, month, day), hour, minute, 0);
}

char *
admit_text(struct admit *a, const char *text)
{
	return record_text(&a->arena, text);
}

char **
admit_list(struct admit *a, const char *one)
{
	char **list = ARENA_ARRAY(&a->arena, char *, 1);

	list[0] = admit_text(a, one);
	return list;
}

pb_Submission *
admit_say(struct admit *a, const char *source, int role, const char *organisation)
{
	pb_Submission *s = ARENA_NEW(&a->arena, pb_Submission);

	pb_Submission_init(s);
	s->source = admit_text(a, source);
	s->id = arena_printf(&a->arena, "m-%u", ++a->said);
	s->occurred_at = ARENA_NEW(&a->arena, Google__Protobuf__Timestamp);
	record_timestamp(s->occurred_at, a->now_ms);
	s->actor = ARENA_NEW(&a->arena, pb_Actor);
	pb_Actor_init(s->actor);
	s->actor->role = (Doorbraak__V1__Role)role;
	s->actor->organisation = admit_text(a, organisation);
	return s;
}

const pb_Reply *
admit_bytes(struct admit *a, struct bytes submission)
{
	pb_Request request;
	pb_SubmitRequest submit;
	Google__Protobuf__Timestamp now;
	const struct peer peer = {.len = 1, .id = {1}};

	pb_Request_init(&request);
	pb_SubmitRequest_init(&submit);
	record_timestamp(&now, a->now_ms);
	submit.submission = (ProtobufCBinaryData){submission.len, (uint8_t *)(uintptr_t)submission.data};
	submit.now = &now;
	request.request_id = ++a->asked;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &submit;
	a->reply = NULL;
	node_take(a->node, &peer, RECORD_PACK(&a->arena, &request));
	assert_int_equal(node_turn(a->node, (struct node_now){.wall_ms = a->now_ms, .steady_ms = a->now_ms}), ERR_NONE);
	assert_non_null(a->reply);
	assert_int_equal(a->reply->request_id, a->asked);
	return a->reply;
}

const pb_Reply *
admit_send(struct admit *a, const pb_Submission *s)
{
	return admit_bytes(a, RECORD_PACK(&a->arena, s));
}

const pb_AcceptedReply *
admit_accept(struct admit *a, const pb_Submission *s)
{
	const pb_Reply *reply = admit_send(a, s);

	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REJECTED)
		fail_msg("rejected: %s %s: %s", record_code_of("Reason", (int)reply->rejected->reason),
			 reply->rejected->violations[0]->field, reply->rejected->violations[0]->text);
	assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_ACCEPTED);
	assert_false(reply->accepted->duplicate);
	return reply->accepted;
}

const pb_RejectedReply *
admit_reject(struct admit *a, const pb_Submission *s, int reason, const char *field)
{
	const pb_Reply *reply = admit_send(a, s);

	assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_REJECTED);
	const pb_RejectedReply *r = reply->rejected;
	assert_string_equal(record_code_of("Reason", (int)r->reason), record_code_of("Reason", reason));
	assert_true(r->n_violations > 0);
	assert_int_equal(r->violations[0]->reason, reason);
	assert_string_equal(r->violations[0]->field, field);
	return r;
}

void
admit_register(struct admit *a, const char *source, const char *organisation, const int *roles)
{
	pb_Submission *s = admit_say(a, "operator", ROLE_ADMINISTRATOR, "NAT-VWS");
	pb_SourceRegistered *r = ADMIT_BODY(a, s, SourceRegistered, SOURCE_REGISTERED, source_registered);

	r->source = admit_text(a, source);
	r->organisations = admit_list(a, organisation);
	r->n_organisations = 1;
	while (roles[r->n_roles] != 0)
		r->n_roles++;
	r->roles = ARENA_ARRAY(&a->arena, Doorbraak__V1__Role, r->n_roles + 1);
	for (size_t i = 0; i < r->n_roles; i++)
		r->roles[i] = (Doorbraak__V1__Role)roles[i];
	admit_accept(a, s);
}

pb_Submission *
admit_case(struct admit *a)
{
	pb_Submission *s = admit_say(a, "front", ROLE_LOCAL_TEAM, "LT-GM9901");
	pb_CaseSubmitted *c = ADMIT_BODY(a, s, CaseSubmitted, CASE_SUBMITTED, case_submitted);

	c->municipality = admit_text(a, "GM9901");
	c->submitter = (Doorbraak__V1__SubmitterKind)SUBMITTER_KIND_LOCAL_TEAM;
	c->asks = (Doorbraak__V1__Ask)ASK_HELP;
	return s;
}

size_t
admit_journal(struct admit *a, struct record *records, size_t max)
{
	struct store_txn *txn = store_begin_read(node_store(a->node));
	struct journal_reader reader;
	struct journal_entry entry;
	struct why why;
	size_t count = 0;
	enum err err;

	journal_read_begin(&reader, node_journal(a->node), txn, 0);
	while ((err = journal_read_next(&reader, &entry)) == ERR_NONE) {
		assert_true(count < max);
		assert_true(record_read(&a->arena, arena_copy(&a->arena, entry.record), &records[count++], &why));
	}
	assert_int_equal(err, ERR_AGAIN);
	journal_read_end(&reader);
	store_abort(txn);
	return count;
}

struct record
admit_last(struct admit *a)
{
	struct record records[RECORDS_MAX];
	const size_t count = admit_journal(a, records, RECORDS_MAX);

	assert_true(count > 0);
	return records[count - 1];
}

bool
admit_journal_holds(struct admit *a, const char *text)
{
	struct record records[RECORDS_MAX];
	const size_t count = admit_journal(a, records, RECORDS_MAX);

	for (size_t i = 0; i < count; i++) {
		if (memmem(records[i].raw.data, records[i].raw.len, text, strlen(text)) != NULL)
			return true;
	}
	return false;
}

uint64_t
admit_refusals(struct admit *a, int reason)
{
	struct node_status status;

	node_status(a->node, &status);
	return status.refusals[reason];
}
