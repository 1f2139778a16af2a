// SPDX-License-Identifier: EUPL-1.2
/* The five services against any history: bytes become days that pass and submissions that follow the contract's form.
 *
 * The shipped registry and policy are adopted once, with a region without a team and one with a landing place. Compiling a
 * policy takes longer than a history, so a copy of that serves ROUNDS_MAX inputs, each with cases of its own, before it is
 * made anew. Kinds, cases, actors and fields are drawn from the bytes, mostly such that they fit (an actor
 * of the case, a known code, a day nearby) and now and then not. What intake accepts goes down the row at once.
 *
 * What must hold: nobody crashes, the chains are whole, and after every submission every case state told is one of an open
 * case with one owner, a responsible gemeente and a next deadline, or of a closed one (rules.md 4.6: I1 to I5).
 *
 * Stores live under FUZZ_DIR (a memory file system is faster), else /tmp, and are left there.
 *
 *   FUZZ_SAY=1 build/fuzz/fuzz_apply FILE      tells the history that the bytes of FILE stand for
 *   FUZZ_KEEP=OTHER build/fuzz/fuzz_apply ..   keeps in OTHER the inputs since the last copy
 *   FUZZ_AGAIN=OTHER build/fuzz/fuzz_apply x   runs them again, for a finding that needs more than its own input */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/row.h"
#include "tests/sim/adopt.h"
#include "tests/sim/hostile.h"

#define STEPS_MAX  24u
#define CASES_MAX  6u
#define ROUNDS_MAX 20u
#define DAYS_MAX   2500 /* of one copy */
#define INPUT_MAX  (1u << 16)
#define DAY_MS     86400000

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
	char dir[256];  /* the adopted system: never changed after setting up */
	char work[256]; /* of the present input */
	struct row *row;
	struct arena arena; /* of a step */
	const uint8_t *bytes;
	size_t left;
	int64_t now_ms;
	uint64_t request_id;
	uint64_t seen; /* of monitoring's journal */
	struct hostile hostile;
	struct hostile_case cases[CASES_MAX];
	const pb_Answer *told[CASES_MAX]; /* the last state told in this step */
	unsigned case_count;
	unsigned rounds; /* inputs since the copy was made */
	bool say;        /* FUZZ_SAY is set: tells what is submitted and answered */
};

static struct fuzz fuzz;

/* ---- bytes ------------------------------------------------------------------------------------------------------------- */

static unsigned
next_byte(void *ctx, unsigned limit)
{
	(void)ctx;
	if (fuzz.left == 0)
		return 0;
	fuzz.left--;
	return *fuzz.bytes++ % limit;
}

/* ---- the row ----------------------------------------------------------------------------------------------------------- */

static const pb_Reply *
ask(pb_Request *request)
{
	request->request_id = ++fuzz.request_id;
	const pb_Reply *reply = row_ask(fuzz.row, 0, request, &fuzz.arena);

	if (reply == NULL || row_settle(fuzz.row) != ERR_NONE)
		fatal("the row broke: %s", row_why(fuzz.row));
	return reply;
}

static const pb_Reply *
submit(struct bytes submission)
{
	pb_Request request;
	pb_SubmitRequest body;
	Google__Protobuf__Timestamp now;

	record_timestamp(&now, fuzz.now_ms);
	pb_Request_init(&request);
	pb_SubmitRequest_init(&body);
	body.submission = (ProtobufCBinaryData){submission.len, (uint8_t *)(uintptr_t)submission.data};
	body.now = &now;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &body;
	return ask(&request);
}

static void
let_pass(void)
{
	pb_Request request;
	pb_ClockRequest body;
	Google__Protobuf__Timestamp now;

	fuzz.now_ms += (int64_t)(1 + next_byte(NULL, 40)) * DAY_MS / 2;
	record_timestamp(&now, fuzz.now_ms);
	pb_Request_init(&request);
	pb_ClockRequest_init(&body);
	body.now = &now;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_CLOCK;
	request.clock = &body;
	ask(&request);
}

static void
must(bool holds, const pb_Answer *a, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", record_json(&fuzz.arena, &a->base, true));
	fatal("case %s after seq %llu: %s", a->case_id, (unsigned long long)a->cause, what);
}

/* Between the answers to one cause a case has an owner and a next deadline already; the rest holds at its end. */
static void
look_at_state(const pb_Answer *a)
{
	const pb_CaseView *v = a->case_state;
	const bool open = v->state != (int)CASE_STATE_CLOSED;

	must(!open || v->owner[0] != '\0', a, "I1: it has no owner");
	must(!open || (v->next != NULL && v->n_deadlines > 0), a, "I2: it has no next deadline");
	must(open || v->owner[0] == '\0', a, "I1: it is closed and has an owner");
	for (unsigned i = 0; i < fuzz.case_count; i++)
		if (strcmp(fuzz.cases[i].id.s, v->case_id) == 0)
			fuzz.told[i] = a;
}

static void
look_at_case(struct hostile_case *c, const pb_Answer *a)
{
	const pb_CaseView *v = a->case_state;
	const bool open = v->state != (int)CASE_STATE_CLOSED;

	must(!open || v->funder[0] != '\0', a, "I3: it has no responsible gemeente");
	must(!open || v->track == (int)TRACK_VOLUNTARY || strncmp(v->owner, "GM", 2) == 0, a,
	     "I4: on this track the owner must be a gemeente");
	must(open || v->close_reason != (int)CLOSE_REASON_SOLVED ||
		 (v->realised_on[0] != '\0' && v->effective_on[0] != '\0'),
	     a, "I5: closed as solved without both facts");
	c->owner = code_of(v->owner);
	c->pending = code_of(v->pending_owner);
	c->funder = code_of(v->funder);
	c->team = code_of(v->team);
	c->centre = code_of(v->expertise_centre);
}

static void
say(const char *what, const ProtobufCMessage *m)
{
	if (fuzz.say)
		fprintf(stderr, "%s %s\n", what, record_json(&fuzz.arena, m, true));
}

/* What monitoring said since the last look. */
static void
look(void)
{
	struct journal_entry entries[64];
	struct record r;
	struct why why;
	size_t count;

	while ((count = row_read(fuzz.row, 4, &fuzz.arena, fuzz.seen, entries, 64)) > 0) {
		for (size_t i = 0; i < count; i++) {
			if (!record_read(&fuzz.arena, entries[i].record, &r, &why))
				fatal("monitoring: %s", why.text);
			say("  says", &r.journal->base);
			if (r.answer != NULL && r.answer->body_case == DOORBRAAK__V1__ANSWER__BODY_CASE_STATE)
				look_at_state(r.answer);
		}
		fuzz.seen += count;
	}
	for (unsigned i = 0; i < fuzz.case_count; i++)
		if (fuzz.told[i] != NULL)
			look_at_case(&fuzz.cases[i], fuzz.told[i]);
	memset(fuzz.told, 0, sizeof fuzz.told);
}

static void
step(void)
{
	arena_reset(&fuzz.arena);
	if (next_byte(NULL, 6) == 5) {
		let_pass();
	} else {
		fuzz.hostile.now_ms = fuzz.now_ms;
		fuzz.hostile.case_count = fuzz.case_count;
		const pb_Submission *s = hostile_submission(&fuzz.hostile);
		fuzz.now_ms += (int64_t)next_byte(NULL, 240) * 60000;
		say("submits", &s->base);
		const pb_Reply *reply = submit(RECORD_PACK(&fuzz.arena, s));
		say("is told", &reply->base);
		if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED && s->case_id[0] == '\0' &&
		    reply->accepted->case_id[0] != '\0' && fuzz.case_count < CASES_MAX && !reply->accepted->duplicate)
			fuzz.cases[fuzz.case_count++] = (struct hostile_case){.id = id_of(reply->accepted->case_id)};
	}
	look();
}

/* ---- setting up -------------------------------------------------------------------------------------------------------- */

static void
open_row(const char *dir)
{
	const struct row_options options = {.dir = dir, .fast = true, .seed = 1};
	struct why why;

	if (row_open(&fuzz.row, &options, &why) != ERR_NONE)
		fatal("%s", why.text);
}

static void
adopt(struct bytes submission)
{
	const pb_Reply *reply = submit(submission);

	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REJECTED)
		fatal("setting up: %s: %s", reply->rejected->violations[0]->field,
		      reply->rejected->violations[0]->text);
	ASSERT(reply->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED);
}

static int64_t
beginning(void)
{
	return cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *place = getenv("FUZZ_DIR") != NULL ? getenv("FUZZ_DIR") : "/tmp";

	(void)argc;
	(void)argv;
	snprintf(fuzz.dir, sizeof fuzz.dir, "%s/doorbraak-fuzz-XXXXXX", place);
	snprintf(fuzz.work, sizeof fuzz.work, "%s/doorbraak-fuzz-XXXXXX", place);
	if (mkdtemp(fuzz.dir) == NULL || mkdtemp(fuzz.work) == NULL)
		fatal("%s: %s", place, strerror(errno));
	arena_init(&fuzz.arena);
	fuzz.hostile = (struct hostile){.draw = next_byte, .arena = &fuzz.arena, .cases = fuzz.cases};
	hostile_init(&fuzz.hostile);
	fuzz.say = getenv("FUZZ_SAY") != NULL;
	fuzz.now_ms = beginning();
	open_row(fuzz.dir);
	for (unsigned i = 0; i < adopt_count(); i++) {
		arena_reset(&fuzz.arena);
		adopt(adopt_submission(&fuzz.arena, i, fuzz.now_ms));
	}
	adopt(hostile_source(&fuzz.arena, fuzz.now_ms));
	adopt(adopt_regions(&fuzz.arena, fuzz.now_ms));
	row_close(&fuzz.row);
	return 0;
}

static void
copy_file(const char *from, const char *to)
{
	static char buffer[1 << 16];
	const int in = open(from, O_RDONLY | O_CLOEXEC);
	const int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n = 1;

	if (in < 0 || out < 0)
		fatal("%s: %s", from, strerror(errno));
	while (n > 0) {
		n = read(in, buffer, sizeof buffer);
		if (n < 0 || (n > 0 && write(out, buffer, (size_t)n) != n))
			fatal("%s: %s", to, strerror(errno));
	}
	close(in);
	close(out);
}

/* The adopted system again, as if nothing had happened since. */
static void
begin(void)
{
	char from[400], to[400];

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		const char *name = service_of_row(i)->name;
		snprintf(to, sizeof to, "%s/%s", fuzz.work, name);
		if (access(to, F_OK) != 0 && mkdir(to, 0700) != 0)
			fatal("%s: %s", to, strerror(errno));
		snprintf(from, sizeof from, "%s/%s/data.mdb", fuzz.dir, name);
		snprintf(to, sizeof to, "%s/%s/data.mdb", fuzz.work, name);
		copy_file(from, to);
	}
	open_row(fuzz.work);
	fuzz.now_ms = beginning();
	fuzz.hostile.message_id = 0;
	struct node_status s;
	node_status(row_node(fuzz.row, 4), &s);
	fuzz.seen = s.head.seq;
}

static void
keep(const char *mode, const uint8_t *data, size_t size)
{
	const uint32_t len = (uint32_t)size;

	if (getenv("FUZZ_KEEP") == NULL)
		return;
	FILE *file = fopen(getenv("FUZZ_KEEP"), mode);
	if (file == NULL || fwrite(&len, sizeof len, 1, file) != 1 || fwrite(data, 1, size, file) != size ||
	    fclose(file) != 0)
		fatal("%s cannot be written", getenv("FUZZ_KEEP"));
}

static void
run(const uint8_t *data, size_t size)
{
	const bool renew = fuzz.rounds % ROUNDS_MAX == 0 || fuzz.now_ms > beginning() + (int64_t)DAYS_MAX * DAY_MS;

	if (renew) {
		row_close(&fuzz.row);
		begin();
		fuzz.rounds = 0;
	}
	fuzz.rounds++;
	keep(renew ? "wb" : "ab", data, size);
	fuzz.bytes = data;
	fuzz.left = size;
	fuzz.now_ms += DAY_MS;
	fuzz.case_count = 0;
	memset(fuzz.cases, 0, sizeof fuzz.cases);
	for (unsigned i = 0; i < STEPS_MAX && fuzz.left > 0; i++)
		step();
}

/* The inputs of a file of FUZZ_KEEP. */
static void
run_again(const char *path)
{
	static uint8_t input[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	uint32_t len;

	if (file == NULL)
		fatal("%s: %s", path, strerror(errno));
	while (fread(&len, sizeof len, 1, file) == 1) {
		if (len > sizeof input || fread(input, 1, len, file) != len)
			fatal("%s is no file of FUZZ_KEEP", path);
		run(input, len);
	}
	fclose(file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > INPUT_MAX)
		return -1;
	if (getenv("FUZZ_AGAIN") != NULL)
		run_again(getenv("FUZZ_AGAIN"));
	else
		run(data, size);
	return 0;
}
