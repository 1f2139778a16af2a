// SPDX-License-Identifier: EUPL-1.2
#include "common/record.h"

#include "common/record_wire.h"

/* ---- decoding and encoding ---- */

void *
record_unpack(struct arena *a, const ProtobufCMessageDescriptor *descriptor, struct bytes b, size_t max,
	      struct why *why)
{
	const char *name = descriptor->short_name;
	struct wire_finding finding;
	bool exhausted;

	if (b.len > max) {
		why_set(why, "%s of %zu bytes; send at most %zu", name, b.len, max);
		return NULL;
	}
	switch (wire_scan(descriptor, b, true, &finding)) {
	case WIRE_GOOD: break;
	case WIRE_BROKEN:
		why_set(why, "cannot be read as %s (near '%s'); send what the contract says", name, finding.field);
		return NULL;
	case WIRE_TEXT:
		why_set(why, "%s: text in '%s' is not UTF-8, or holds a NUL; send plain text", name, finding.field);
		return NULL;
	case WIRE_ENUM:
		why_set(why, "%s: value of '%s' is not in the contract; look at codes.proto", name, finding.field);
		return NULL;
	}

	ProtobufCMessage *m = wire_unpack(a, descriptor, b, WIRE_SLACK, &exhausted);
	if (exhausted)
		why_set(why, "%s of %zu bytes takes more than %u times as much memory; send less of the same", name,
			b.len, WIRE_GROWTH);
	else if (m == NULL)
		why_set(why, "cannot be read as %s; send what the contract says", name);
	return m;
}

struct bytes
record_pack(struct arena *a, const ProtobufCMessage *message)
{
	const size_t size = protobuf_c_message_get_packed_size(message);
	uint8_t *p = arena_take(a, size);
	const size_t written = protobuf_c_message_pack(message, p);

	ASSERT(written == size);
	return bytes_of(p, size);
}

/* Validation at intake has made sure of these; who reads an accepted submission need not ask again. */
static bool
is_whole(const pb_AcceptedSubmission *accepted)
{
	return accepted->submission != NULL && accepted->submission->actor != NULL &&
	       accepted->submission->occurred_at != NULL;
}

/* A choice that was made, but is not among those that we have. */
static bool
is_unknown(unsigned choice, const ProtobufCMessage *of)
{
	return choice == 0 && of->n_unknown_fields > 0;
}

static bool
read_intake(struct record *record, const pb_IntakeRecord *intake)
{
	record->intake = intake;
	record->cause = intake->seq;
	record->at_ms = record_at_ms(intake->logged_at);
	record->newer = is_unknown(intake->body_case, &intake->base);
	if (intake->body_case == DOORBRAAK__V1__INTAKE_RECORD__BODY_ACCEPTED) {
		if (!is_whole(intake->accepted))
			return false;
		record->submission = intake->accepted->submission;
		record->newer = is_unknown(record->submission->body_case, &record->submission->base);
		record->opens = intake->accepted->opens != 0;
	}
	return intake->logged_at != NULL;
}

static bool
read_answer(struct record *record, const pb_Answer *answer)
{
	record->answer = answer;
	record->cause = answer->cause;
	record->at_ms = record_at_ms(answer->decided_at);
	record->newer = is_unknown(answer->body_case, &answer->base);
	return answer->decided_at != NULL;
}

bool
record_read(struct arena *a, struct bytes raw, struct record *record, struct why *why)
{
	bool whole = false, exhausted;

	*record = (struct record){.raw = raw};
	if (raw.len > RECORD_REQUEST_MAX) {
		why_set(why, "a journal record of %zu bytes; its journal is damaged", raw.len);
		return false;
	}
	/* Text and enum values were looked at when the record was written; the chain vouches for the bytes since. */
	const pb_JournalRecord *journal =
	    (const pb_JournalRecord *)wire_unpack(a, &pb_JournalRecord_descriptor, raw, WIRE_SLACK, &exhausted);
	if (journal == NULL) {
		why_set(why, "bytes that are no journal record; its journal is damaged");
		return false;
	}
	record->journal = journal;
	if (journal->entry_case == DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE)
		whole = read_intake(record, journal->intake);
	else if (journal->entry_case == DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER)
		whole = read_answer(record, journal->answer);
	else
		record->newer = is_unknown(journal->entry_case, &journal->base);
	if (record->newer && !whole) {
		why_set(why, "a record of a kind that these programs do not know: newer ones wrote it");
		return false;
	}
	if (!whole || record->cause == 0) {
		why_set(why, "a journal record without entry, cause, moment or sender; its journal is damaged");
		return false;
	}
	return true;
}

/* ---- topics ---- */

struct topics {
	struct arena *arena;
	const char **at;
	unsigned count;
};

static void
add_topic(struct topics *t, const char *family, const char *value)
{
	if (value != NULL && value[0] != '\0' && t->count < RECORD_TOPICS_MAX)
		t->at[t->count++] = arena_printf(t->arena, "%s/%s", family, value);
}

static void
add_code(struct topics *t, const char *family, const char *enum_name, int value)
{
	if (value != 0)
		add_topic(t, family, record_code_of(enum_name, value));
}

static void
add_signal(struct topics *t, int code)
{
	const char *name = record_code_of("SignalCode", code);

	if (code != 0)
		add_topic(t, "signal", arena_str(t->arena, bytes_of(name, strcspn(name, "_"))));
}

/* Who may want to know: those who are told now, or were told before. */
static void
add_addressees(struct topics *t, const Doorbraak__V1__Addressee *to, size_t to_count, char *const *organisations,
	       size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_topic(t, "to", organisations[i]);
	for (size_t i = 0; i < to_count; i++)
		add_code(t, "addressee", "Addressee", (int)to[i]);
}

static void
signal_topics(struct topics *t, const pb_Answer *answer)
{
	const pb_SignalRaised *raised = answer->signal_raised;
	const pb_SignalUpdated *updated = answer->signal_updated;
	const pb_SignalCleared *cleared = answer->signal_cleared;

	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED:
		add_signal(t, (int)raised->code);
		add_addressees(t, raised->to, raised->n_to, raised->organisations, raised->n_organisations);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED:
		add_signal(t, (int)updated->code);
		add_addressees(t, updated->to, updated->n_to, updated->organisations, updated->n_organisations);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED:
		add_signal(t, (int)cleared->code);
		add_addressees(t, cleared->to, cleared->n_to, cleared->organisations, cleared->n_organisations);
		break;
	default: break;
	}
}

static void
answer_topics(struct topics *t, const pb_Answer *answer)
{
	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED:
		add_topic(t, "region", answer->route_decided->region);
		add_topic(t, "team", answer->route_decided->team);
		add_topic(t, "centre", answer->route_decided->expertise_centre);
		add_code(t, "track", "Track", (int)answer->route_decided->track);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED: add_topic(t, "owner", answer->owner_assigned->owner); break;
	case DOORBRAAK__V1__ANSWER__BODY_CASE_STATE:
		add_topic(t, "region", answer->case_state->region);
		add_topic(t, "team", answer->case_state->team);
		add_topic(t, "owner", answer->case_state->owner);
		add_topic(t, "centre", answer->case_state->expertise_centre);
		add_code(t, "track", "Track", (int)answer->case_state->track);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_CASE_LEFT:
		add_topic(t, "region", answer->case_left->region);
		add_topic(t, "team", answer->case_left->team);
		add_topic(t, "owner", answer->case_left->owner);
		add_topic(t, "centre", answer->case_left->centre);
		break;
	default: signal_topics(t, answer);
	}
}

unsigned
record_topics(struct arena *a, const struct record *r, const char *topics[RECORD_TOPICS_MAX])
{
	struct topics t = {a, topics, 0};

	if (r->submission != NULL) {
		add_topic(&t, "kind", record_body_name(&r->submission->base));
		add_topic(&t, "case", r->submission->case_id);
	} else if (r->intake != NULL) {
		add_topic(&t, "kind", record_body_name(&r->intake->base));
	} else if (r->answer != NULL) {
		add_topic(&t, "kind", record_body_name(&r->answer->base));
		add_topic(&t, "case", r->answer->case_id);
		answer_topics(&t, r->answer);
	}
	return t.count;
}

bool
record_topics_match(const char *const *topics, unsigned count, char *const *prefixes, size_t prefix_count)
{
	for (size_t i = 0; i < prefix_count; i++) {
		const size_t len = strlen(prefixes[i]);

		for (unsigned j = 0; j < count; j++) {
			if (strncmp(topics[j], prefixes[i], len) == 0)
				return true;
		}
	}
	return prefix_count == 0;
}

static bool
is_wanted(const char *topic, const char *wanted)
{
	const size_t len = strlen(wanted);

	if (len > 0 && wanted[len - 1] == '*')
		return strncmp(topic, wanted, len - 1) == 0;
	return strcmp(topic, wanted) == 0;
}

bool
record_topics_hold(const char *const *topics, unsigned count, char *const *wanted, size_t wanted_count)
{
	for (size_t i = 0; i < wanted_count; i++) {
		bool has = false;

		for (unsigned j = 0; j < count && !has; j++)
			has = is_wanted(topics[j], wanted[i]);
		if (!has)
			return false;
	}
	return true;
}

/* ---- small things ---- */

char *
record_text(struct arena *a, const char *s)
{
	if (s == NULL || s[0] == '\0')
		return (char *)protobuf_c_empty_string;
	return arena_str(a, bytes_str(s));
}

void
record_timestamp(Google__Protobuf__Timestamp *t, int64_t at_ms)
{
	const int64_t ms = ((at_ms % 1000) + 1000) % 1000; /* nanos count forward, before 1970 too */

	google__protobuf__timestamp__init(t);
	t->seconds = at_ms / 1000 - (at_ms % 1000 < 0 ? 1 : 0);
	t->nanos = (int32_t)(ms * 1000000);
}

int64_t
record_at_ms(const Google__Protobuf__Timestamp *t)
{
	const int64_t seconds_max = INT64_MAX / 1000 - 10;

	if (t == NULL)
		return 0;
	/* Moments nobody means still come in from outside; they stay far away. */
	const int64_t seconds = t->seconds > seconds_max    ? seconds_max
				: t->seconds < -seconds_max ? -seconds_max
							    : t->seconds;

	return seconds * 1000 + t->nanos / 1000000;
}

char *
record_date(struct arena *a, cal_day day)
{
	char text[11];

	if (day == CAL_NONE)
		return record_text(a, "");
	cal_format(day, text);
	return record_text(a, text);
}

cal_day
record_day(const char *date)
{
	return date == NULL || date[0] == '\0' ? CAL_NONE : cal_parse(date);
}
