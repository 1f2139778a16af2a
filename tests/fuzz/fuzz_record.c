// SPDX-License-Identifier: EUPL-1.2
/* The decoder against any bytes: questions at the door, submissions, records of a journal.
 *
 * Whatever is taken must be canonical: written again and read again it is the same, byte for byte. A submission that passed
 * validation passes again, holds nothing that is forbidden, and has what the services ask of it. Everything read can be
 * shown as JSON. */
#include "common/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writing what was read, reading that, and writing it once more. */
static struct bytes
written_again(struct arena *a, const ProtobufCMessage *m, size_t max)
{
	struct why why;
	const struct bytes once = record_pack(a, m);
	/* Numbers may have become longer, never much: a negative enum or a bool of one byte. */
	const ProtobufCMessage *read = record_unpack(a, m->descriptor, once, 2 * max, &why);

	if (read != NULL)
		ASSERT(bytes_equal(record_pack(a, read), once));
	return once;
}

static void
look_at_request(struct arena *a, struct bytes b)
{
	struct why why;
	const pb_Request *request = record_unpack(a, &pb_Request_descriptor, b, RECORD_REQUEST_MAX, &why);

	if (request == NULL) {
		ASSERT(why.text[0] != '\0');
		return;
	}
	written_again(a, &request->base, RECORD_REQUEST_MAX);
	ASSERT(record_json(a, &request->base, true)[0] == '{');
}

/* What intake makes of it must be readable for everybody downstream. */
static void
look_at_journal(struct arena *a, pb_Submission s)
{
	pb_JournalRecord journal;
	pb_IntakeRecord intake;
	pb_AcceptedSubmission accepted;
	Google__Protobuf__Timestamp now;
	struct record r;
	struct why why;

	if (s.body_case == DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED)
		s.case_submitted->youth_key = record_text(a, "");
	pb_JournalRecord_init(&journal);
	pb_IntakeRecord_init(&intake);
	pb_AcceptedSubmission_init(&accepted);
	record_timestamp(&now, 1);
	accepted.submission = &s;
	intake.seq = 1;
	intake.logged_at = &now;
	intake.body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_ACCEPTED;
	intake.accepted = &accepted;
	journal.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE;
	journal.intake = &intake;
	ASSERT(record_read(a, RECORD_PACK(a, &journal), &r, &why));
}

static void
look_at_submission(struct arena *a, struct bytes b)
{
	struct violations vs = {.count = 0};
	const pb_Submission *s = record_check_submission(a, b, &vs);

	ASSERT((s == NULL) == (vs.count > 0));
	for (unsigned i = 0; i + 1 < vs.count; i++)
		ASSERT(vs.v[i].reason <= vs.v[i + 1].reason);
	if (s == NULL)
		return;
	ASSERT(record_is_id(s->source) && record_is_id(s->id) && s->actor != NULL && s->occurred_at != NULL);
	ASSERT(record_role_may_publish((int)s->actor->role, (int)s->body_case));
	ASSERT(!record_is_forbidden(s->source) && !record_is_forbidden(s->id) && !record_is_forbidden(s->case_id));

	const struct bytes once = written_again(a, &s->base, RECORD_ADOPTION_MAX);
	const pb_Submission *again = record_check_submission(a, once, &vs);
	ASSERT(again != NULL && bytes_equal(RECORD_PACK(a, again), once));
	ASSERT(record_json(a, &s->base, false)[0] == '{');
	look_at_journal(a, *s);
}

static void
look_at_record(struct arena *a, struct bytes b)
{
	const char *topics[RECORD_TOPICS_MAX];
	struct record r;
	struct why why;

	if (!record_read(a, b, &r, &why))
		return;
	ASSERT(record_topics(a, &r, topics) <= RECORD_TOPICS_MAX);
	written_again(a, &r.journal->base, RECORD_REQUEST_MAX);
	ASSERT(record_json(a, &r.journal->base, false)[0] == '{');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes b = bytes_of(data, size);
	struct arena arena;

	arena_init(&arena);
	look_at_request(&arena, b);
	look_at_submission(&arena, b);
	look_at_record(&arena, b);
	arena_fini(&arena);
	return 0;
}
