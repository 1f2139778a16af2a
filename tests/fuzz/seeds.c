// SPDX-License-Identifier: EUPL-1.2
/* seeds.c - something to begin with for the fuzzers: writes messages of a load, as they travel and as they stand in a journal,
 * and bytes without meaning, one file each.
 *
 *   seeds FOLDER */
#include <stdio.h>

#include "common/json_wire.h"
#include "tests/load/load.h"

#define CASES 12u
#define STEPS 60u

static void
write_seed(const char *folder, const char *kind, unsigned number, struct bytes b)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s-%u", folder, kind, number);
	FILE *file = fopen(path, "wb");
	if (file == NULL || fwrite(b.data, 1, b.len, file) != b.len || fclose(file) != 0)
		fatal("seeds: %s cannot be written", path);
}

static void
write_as_question(struct arena *a, const char *folder, unsigned number, struct bytes submission)
{
	pb_Request request;
	pb_SubmitRequest submit;

	pb_Request_init(&request);
	pb_SubmitRequest_init(&submit);
	submit.submission = (ProtobufCBinaryData){submission.len, (uint8_t *)(uintptr_t)submission.data};
	request.request_id = number;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &submit;
	write_seed(folder, "question", number, RECORD_PACK(a, &request));
}

static void
write_as_record(struct arena *a, const char *folder, unsigned number, struct bytes submission)
{
	pb_JournalRecord journal;
	pb_IntakeRecord intake;
	pb_AcceptedSubmission accepted;
	Google__Protobuf__Timestamp now;
	struct why why;

	pb_JournalRecord_init(&journal);
	pb_IntakeRecord_init(&intake);
	pb_AcceptedSubmission_init(&accepted);
	record_timestamp(&now, 1614585600000);
	accepted.submission = record_unpack(a, &pb_Submission_descriptor, submission, RECORD_SUBMISSION_MAX, &why);
	intake.seq = number;
	intake.logged_at = &now;
	intake.body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_ACCEPTED;
	intake.accepted = &accepted;
	journal.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE;
	journal.intake = &intake;
	write_seed(folder, "record", number, RECORD_PACK(a, &journal));
}

static void
write_as_json(struct arena *a, const char *folder, unsigned number, struct bytes submission)
{
	struct why why;
	const ProtobufCMessage *m =
	    record_unpack(a, &pb_Submission_descriptor, submission, RECORD_SUBMISSION_MAX, &why);

	const char *json = json_from_message(a, m);
	write_seed(folder, "json", number, bytes_str(json));
	write_seed(folder, "batch", number, bytes_str(arena_printf(a, "{\"submissions\":[%s,{}]}", json)));
	write_seed(
	    folder, "http", number,
	    bytes_str(arena_printf(a,
				   "POST /v1/submissions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
				   "Idempotency-Key: \"k\"\r\nContent-Length: %zu\r\n\r\n%s",
				   strlen(json), json)));
}

static void
write_noise(struct arena *a, const char *folder, unsigned number)
{
	struct load_random random = {number};
	const size_t len = 40 + 40 * (size_t)number;
	uint8_t *noise = arena_take(a, len);

	for (size_t i = 0; i < len; i++)
		noise[i] = (uint8_t)load_draw(&random);
	write_seed(folder, "noise", number, bytes_of(noise, len));
}

int
main(int argc, char **argv)
{
	struct load_case cases[CASES];
	struct load load;
	struct load_item item;
	struct arena a;

	if (argc != 2) {
		fprintf(stderr, "usage: seeds FOLDER\n");
		return 2;
	}
	arena_init(&a);
	load_init(&load, 1, "s", cases, CASES);
	for (unsigned i = 1; i <= STEPS; i++) {
		if (!load_next(&load, &a, 1614585600000, &item))
			break;
		load_accepted(&load, &item, arena_printf(&a, "c-%u", item.case_index));
		write_seed(argv[1], "submission", i, item.submission);
		write_as_question(&a, argv[1], i, item.submission);
		write_as_record(&a, argv[1], i, item.submission);
		write_as_json(&a, argv[1], i, item.submission);
	}
	for (unsigned i = 1; i <= 20; i++)
		write_noise(&a, argv[1], i);
	arena_fini(&a);
	return 0;
}
