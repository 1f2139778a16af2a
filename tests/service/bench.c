// SPDX-License-Identifier: EUPL-1.2
#include "tests/service/bench.h"

#include "services/cli/yaml_tree.h"

static void
on_ask(void *ctx, struct bytes message)
{
	struct bench *b = ctx;
	struct why why;
	const pb_Request *r = record_unpack(&b->arena, &pb_Request_descriptor, message, RECORD_REQUEST_MAX, &why);

	assert_non_null(r);
	b->request = r->request_id;
}

static void
on_reply(void *ctx UNUSED, const struct peer *to UNUSED, struct bytes message UNUSED)
{
}

static void
on_random(void *ctx UNUSED, uint8_t *out, size_t len)
{
	memset(out, 1, len);
}

static void
turn(struct bench *b)
{
	if (node_turn(b->node, (struct node_now){.wall_ms = b->now_ms, .steady_ms = b->now_ms}) != ERR_NONE)
		fail_msg("%s", node_why(b->node));
}

static void
start(struct bench *b)
{
	struct why why;
	const struct temp_path path = temp_path(&b->dir, b->service->name);
	const struct node_options options = {
	    .service = b->service,
	    .store = {.dir = path.s, .map_bytes = (size_t)256 << 20, .fast = true},
	    .io = {.ctx = b, .reply = on_reply, .ask = on_ask, .random = on_random},
	};

	if (node_open(&b->node, &options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
	turn(b);
}

static int64_t
local_ms(const char *local_time)
{
	int year, month, day, hour, minute;

	assert_int_equal(sscanf(local_time, "%d-%d-%dT%d:%d", &year, &month, &day, &hour, &minute), 5);
	return cal_local_ms(cal_from_date(year, month, day), hour, minute, 0);
}

void
bench_open(struct bench *b, const struct service *service, const char *local_time)
{
	*b = (struct bench){.service = service, .dir = temp_make()};
	arena_init(&b->arena);
	b->now_ms = local_ms(local_time);
	b->today = cal_local_day(b->now_ms);
	start(b);
}

void
bench_close(struct bench *b)
{
	node_close(&b->node);
	arena_fini(&b->arena);
	temp_remove(&b->dir);
}

void
bench_restart(struct bench *b)
{
	node_close(&b->node);
	start(b);
}

/* ---- what stands upstream ---- */

struct journal_head
bench_journal(struct bench *b)
{
	struct store_txn *txn = store_begin_read(node_store(b->node));
	const struct journal_head head = journal_head(node_journal(b->node), txn);

	store_abort(txn);
	return head;
}

static void
collect(struct bench *b, uint64_t after)
{
	struct store_txn *txn = store_begin_read(node_store(b->node));
	struct journal_reader reader;
	struct journal_entry entry;
	struct record record;
	struct why why;

	journal_read_begin(&reader, node_journal(b->node), txn, after);
	while (journal_read_next(&reader, &entry) == ERR_NONE) {
		assert_true(record_read(&b->arena, arena_copy(&b->arena, entry.record), &record, &why));
		if (record.answer != NULL && (int)record.answer->service == b->service->id) {
			assert_true(b->said_count < BENCH_ANSWERS_MAX);
			b->said[b->said_count++] = record.answer;
		}
	}
	journal_read_end(&reader);
	store_abort(txn);
}

void
bench_feed(struct bench *b, pb_JournalRecord *record)
{
	static const uint8_t history[HISTORY_SIZE] = {7};
	pb_JournalEntry entry, *entries[1] = {&entry};
	pb_Cursor upto;
	pb_PullReply pull;
	pb_Reply reply;
	struct node_status status;
	const struct bytes raw = RECORD_PACK(&b->arena, record);
	const struct journal_head before = bench_journal(b);

	b->head = (struct journal_head){b->head.seq + 1, digest_chain(b->head.digest, b->head.seq + 1, raw)};
	pb_JournalEntry_init(&entry);
	entry.seq = b->head.seq;
	entry.digest = (ProtobufCBinaryData){DIGEST_SIZE, b->head.digest.b};
	entry.record = (ProtobufCBinaryData){raw.len, (uint8_t *)(uintptr_t)raw.data};
	pb_Cursor_init(&upto);
	upto.history = (ProtobufCBinaryData){HISTORY_SIZE, (uint8_t *)(uintptr_t)history};
	upto.seq = entry.seq;
	upto.digest = entry.digest;
	pb_PullReply_init(&pull);
	pull.entries = entries;
	pull.n_entries = 1;
	pull.upto = &upto;
	pull.head = entry.seq;
	pull.applied = b->seq - (b->more_to_come ? 1 : 0);
	pb_Reply_init(&reply);
	reply.request_id = b->request;
	reply.body_case = DOORBRAAK__V1__REPLY__BODY_PULL;
	reply.pull = &pull;
	node_hear(b->node, RECORD_PACK(&b->arena, &reply));
	turn(b);
	node_status(b->node, &status);
	assert_int_equal(status.cursor.seq, b->head.seq);
	collect(b, before.seq);
}

static void
feed_intake(struct bench *b, pb_IntakeRecord *intake)
{
	pb_JournalRecord record;
	Google__Protobuf__Timestamp at;

	record_timestamp(&at, b->now_ms);
	intake->seq = ++b->seq;
	intake->logged_at = &at;
	pb_JournalRecord_init(&record);
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE;
	record.intake = intake;
	bench_feed(b, &record);
}

void
bench_tick(struct bench *b, const char *date)
{
	pb_IntakeRecord intake;
	pb_Tick tick;

	pb_IntakeRecord_init(&intake);
	pb_Tick_init(&tick);
	tick.date = record_text(&b->arena, date);
	intake.body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_TICK;
	intake.tick = &tick;
	feed_intake(b, &intake);
}

void
bench_at(struct bench *b, const char *local_time)
{
	const int64_t at_ms = local_ms(local_time);
	const cal_day until = cal_local_day(at_ms);

	assert_true(at_ms >= b->now_ms);
	while (b->today < until) {
		b->today++;
		b->now_ms = cal_day_begins_ms(b->today);
		bench_tick(b, record_date(&b->arena, b->today));
	}
	b->now_ms = at_ms;
}

/* ---- messages ---- */

static void *
message_of(struct bench *b, const char *kind, const char *fields)
{
	struct why why;
	const ProtobufCMessageDescriptor *descriptor = record_message(kind);
	const char *text = fields == NULL || fields[0] == '\0' ? "{}" : fields;
	const struct tree *tree = yaml_tree_parse(&b->arena, kind, bytes_str(text), &why);

	if (descriptor == NULL)
		fail_msg("there is no message %s", kind);
	if (tree == NULL)
		fail_msg("%s", why.text);
	void *message = record_from_tree(&b->arena, descriptor, tree, &why);

	if (message == NULL)
		fail_msg("%s: %s", kind, why.text);
	return message;
}

/* Sets the field of a oneof that is of the message's kind. */
static void
set_body(ProtobufCMessage *envelope, void *body)
{
	const ProtobufCMessageDescriptor *descriptor = ((ProtobufCMessage *)body)->descriptor;

	for (unsigned i = 0; i < envelope->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &envelope->descriptor->fields[i];
		const int32_t body_case = (int32_t)field->id;

		if (field->descriptor != descriptor)
			continue;
		memcpy((uint8_t *)envelope + field->quantifier_offset, &body_case, sizeof body_case);
		memcpy((uint8_t *)envelope + field->offset, &body, sizeof body);
		return;
	}
	fail_msg("%s has no body %s", envelope->descriptor->short_name, descriptor->short_name);
}

pb_Submission *
bench_say(struct bench *b, const char *case_id, const char *kind, const char *actor, const char *fields)
{
	pb_Submission *s = ARENA_NEW(&b->arena, pb_Submission);
	const char *at = strchr(actor, '@');

	pb_Submission_init(s);
	s->source = record_text(&b->arena, "front");
	s->id = arena_printf(&b->arena, "m-%llu", (unsigned long long)b->seq);
	s->case_id = record_text(&b->arena, case_id);
	s->occurred_at = ARENA_NEW(&b->arena, Google__Protobuf__Timestamp);
	record_timestamp(s->occurred_at, b->now_ms);
	s->actor = ARENA_NEW(&b->arena, pb_Actor);
	pb_Actor_init(s->actor);
	s->actor->role = (Doorbraak__V1__Role)record_enum_value(
	    record_enum("Role"), at == NULL ? actor : arena_printf(&b->arena, "%.*s", (int)(at - actor), actor));
	s->actor->organisation = record_text(&b->arena, at == NULL ? "" : at + 1);
	set_body(&s->base, message_of(b, kind, fields));
	return s;
}

void
bench_take(struct bench *b, pb_Submission *s, bool opens, uint64_t youth)
{
	pb_IntakeRecord intake;
	pb_AcceptedSubmission accepted;

	pb_IntakeRecord_init(&intake);
	pb_AcceptedSubmission_init(&accepted);
	accepted.submission = s;
	accepted.opens = opens;
	accepted.youth = youth;
	accepted.sequence_due = b->sequence_due;
	b->sequence_due = 0;
	intake.body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_ACCEPTED;
	intake.accepted = &accepted;
	feed_intake(b, &intake);
}

void
bench_answer(struct bench *b, int service, const char *case_id, const char *kind, const char *fields)
{
	pb_JournalRecord record;
	pb_Answer answer;
	Google__Protobuf__Timestamp at;

	record_timestamp(&at, b->now_ms);
	pb_Answer_init(&answer);
	answer.case_id = record_text(&b->arena, case_id);
	answer.cause = b->seq;
	answer.index = 1;
	answer.decided_at = &at;
	answer.service = (Doorbraak__V1__Service)service;
	set_body(&answer.base, message_of(b, kind, fields));
	pb_JournalRecord_init(&record);
	record.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER;
	record.answer = &answer;
	bench_feed(b, &record);
}

/* ---- what is said ---- */

void
bench_listen(struct bench *b)
{
	b->said_count = 0;
}

const pb_Answer *
bench_last(struct bench *b, int body_case)
{
	for (size_t i = b->said_count; i > 0; i--) {
		if ((int)b->said[i - 1]->body_case == body_case)
			return b->said[i - 1];
	}
	return NULL;
}

static const char *
with(struct bench *b, const char *label, const char *value)
{
	return value[0] == '\0' ? "" : arena_printf(&b->arena, " %s%s%s", label, label[0] == '\0' ? "" : " ", value);
}

static const char *
listed(struct bench *b, const char *label, char *const *list, size_t count)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++)
		text = arena_printf(&b->arena, "%s%s%s", text, i == 0 ? "" : ",", list[i]);
	return with(b, label, text);
}

static const char *
route_line(struct bench *b, const pb_Answer *answer)
{
	const pb_RouteDecided *r = answer->route_decided;
	const char *from = record_code_of("CaseState", (int)r->from_state);
	const char *to = record_code_of("CaseState", (int)r->to_state);
	const char *kind = (int)r->kind == ROUTE_KIND_TRANSITION ? "" : record_code_of("RouteKind", (int)r->kind);
	const char *governance =
	    (int)r->governance == GOVERNANCE_NONE ? "" : record_code_of("Governance", (int)r->governance);

	return arena_printf(&b->arena, "%s %s%s%s%s%s%s%s%s%s%s", answer->basis->rule, from,
			    with(b, "->", strcmp(from, to) == 0 ? "" : to), with(b, "", kind),
			    with(b, "", record_code_of("Level", (int)r->level)), with(b, "", governance),
			    with(b, "to", r->redirect_to), listed(b, "with", r->supporters, r->n_supporters),
			    listed(b, "offers", r->offered, r->n_offered),
			    listed(b, "requires", r->required_participants, r->n_required_participants),
			    listed(b, "notes", r->notes, r->n_notes));
}

static const char *
deadline_line(struct bench *b, const char *what, int kind, const char *reference, const char *due)
{
	return arena_printf(&b->arena, "%s %s%s%s %s", what, record_code_of("DeadlineKind", kind),
			    reference[0] == '\0' ? "" : "/", reference, due);
}

/* RouteDecided: rule, state, `-> state`, kind but TRANSITION, level, governance but NONE, and what there is.
 * OwnerAssigned: owner, former, asked. Deadlines: kind, due. */
static const char *
line_of(struct bench *b, const pb_Answer *answer)
{
	struct arena *a = &b->arena;

	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED: return route_line(b, answer);
	case DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED:
		return arena_printf(a, "owner%s%s%s", with(b, "", answer->owner_assigned->owner),
				    with(b, "former", answer->owner_assigned->former),
				    with(b, "asked", answer->owner_assigned->pending));
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET:
		return arena_printf(a, "%s%s",
				    deadline_line(b, "set", (int)answer->deadline_set->kind,
						  answer->deadline_set->reference, answer->deadline_set->due),
				    with(b, "replaces", answer->deadline_set->replaces));
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_CLEARED:
		return arena_printf(a, "%s%s",
				    deadline_line(b, answer->deadline_cleared->superseded ? "ended" : "done",
						  (int)answer->deadline_cleared->kind,
						  answer->deadline_cleared->reference, answer->deadline_cleared->due),
				    answer->deadline_cleared->late_wd == 0
					? ""
					: arena_printf(a, " late %d", (int)answer->deadline_cleared->late_wd));
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED:
		return deadline_line(b, "missed", (int)answer->deadline_missed->kind,
				     answer->deadline_missed->reference, answer->deadline_missed->due);
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_WARNING:
		return deadline_line(b, "near", (int)answer->deadline_warning->kind,
				     answer->deadline_warning->reference, answer->deadline_warning->due);
	case DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED:
		return arena_printf(a, "rejected %s%s", record_code_of("Reason", (int)answer->message_rejected->reason),
				    answer->message_rejected->kept ? " kept" : "");
	case DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED:
		return arena_printf(a, "%s%s", record_code_of("RouteKind", (int)answer->case_opened->kind),
				    with(b, "", answer->case_opened->linked_to));
	default: return record_body_name(&answer->base);
	}
}

const char *
bench_story(struct bench *b)
{
	const char *story = "";

	for (size_t i = 0; i < b->said_count; i++)
		story = arena_printf(&b->arena, "%s%s\n", story, line_of(b, b->said[i]));
	return story;
}
