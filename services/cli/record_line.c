// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/record_line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define LINE_MAX_BYTES 400

struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
};

static void __attribute__((format(printf, 2, 3))) put(struct line *l, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const int n = vsnprintf(l->text + l->len, sizeof l->text - l->len, format, args);
	va_end(args);
	if (n > 0)
		l->len += (size_t)n < sizeof l->text - l->len ? (size_t)n : sizeof l->text - l->len - 1;
}

/* Two spaces between the parts of a line; nothing for what is absent. */
static void
put_part(struct line *l, const char *label, const char *value)
{
	if (value != NULL && value[0] != '\0')
		put(l, "%s%s%s%s", l->len > 0 ? "  " : "", label, label[0] == '\0' ? "" : " ", value);
}

static void
put_code(struct line *l, const char *label, const char *enum_name, int value)
{
	if (value != 0)
		put_part(l, label, record_code_of(enum_name, value));
}

static const char *
finish(struct arena *a, const struct line *l)
{
	return arena_str(a, bytes_of(l->text, l->len));
}

/* ---- any message ---- */

static void
put_scalar(struct line *l, const ProtobufCFieldDescriptor *f, const void *slot)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_ENUM: put(l, "%s", record_enum_code(f->descriptor, *(const int *)slot)); break;
	case PROTOBUF_C_TYPE_STRING: put(l, "%s", *(const char *const *)slot); break;
	case PROTOBUF_C_TYPE_BOOL: put(l, "%s", *(const protobuf_c_boolean *)slot ? "yes" : "no"); break;
	case PROTOBUF_C_TYPE_INT32: put(l, "%" PRId32, *(const int32_t *)slot); break;
	case PROTOBUF_C_TYPE_UINT32: put(l, "%" PRIu32, *(const uint32_t *)slot); break;
	case PROTOBUF_C_TYPE_INT64: put(l, "%" PRId64, *(const int64_t *)slot); break;
	case PROTOBUF_C_TYPE_UINT64: put(l, "%" PRIu64, *(const uint64_t *)slot); break;
	default: break;
	}
}

static bool
is_absent(const ProtobufCFieldDescriptor *f, const void *slot)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING: return (*(const char *const *)slot)[0] == '\0';
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64: return *(const uint64_t *)slot == 0;
	case PROTOBUF_C_TYPE_MESSAGE:
	case PROTOBUF_C_TYPE_BYTES: return true;
	default: return *(const uint32_t *)slot == 0;
	}
}

static void
put_list(struct line *l, const ProtobufCFieldDescriptor *f, const ProtobufCMessage *m)
{
	const size_t count = *(const size_t *)(const void *)((const char *)m + f->quantifier_offset);
	const char *array = *(const char *const *)(const void *)((const char *)m + f->offset);
	const size_t size = f->type == PROTOBUF_C_TYPE_ENUM ? sizeof(int) : sizeof(char *);

	if (count == 0)
		return;
	put(l, "%s%s ", l->len > 0 ? ", " : "", f->name);
	if (f->type != PROTOBUF_C_TYPE_ENUM && f->type != PROTOBUF_C_TYPE_STRING) {
		put(l, "(%zu)", count);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			put(l, "+");
		put_scalar(l, f, array + i * size);
	}
}

static void
put_fields(struct line *l, const ProtobufCMessage *m)
{
	for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
		const void *slot = (const char *)m + f->offset;
		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			put_list(l, f, m);
		} else if (!is_absent(f, slot)) {
			put(l, "%s%s ", l->len > 0 ? ", " : "", f->name);
			put_scalar(l, f, slot);
		}
	}
}

const char *
record_line_fields(struct arena *a, const ProtobufCMessage *m)
{
	struct line l = {.len = 0};

	put_fields(&l, m);
	return finish(a, &l);
}

/* ---- answers ---- */

static void
put_signal(struct line *l, int code, int subject, const char *subject_id, int deadline_kind, int stage)
{
	put_code(l, "", "SignalCode", code);
	if (subject != SIGNAL_SUBJECT_CASE)
		put_part(l, record_code_of("SignalSubject", subject), subject_id);
	put_code(l, "deadline", "DeadlineKind", deadline_kind);
	put(l, "  stage %d", stage);
}

static void
put_deadline(struct line *l, int kind, const char *reference, const char *due)
{
	put_code(l, "", "DeadlineKind", kind);
	put_part(l, "", reference);
	put_part(l, "due", due);
}

static void
put_route(struct line *l, const pb_RouteDecided *r)
{
	put_code(l, "", "RouteKind", (int)r->kind);
	const bool moved = r->from_state != r->to_state && r->from_state != 0;
	put_code(l, "", "CaseState", moved ? (int)r->from_state : (int)r->to_state);
	if (moved)
		put(l, " -> %s", record_code_of("CaseState", (int)r->to_state));
	put_code(l, "", "Track", (int)r->track);
	put_code(l, "", "Level", (int)r->level);
	put_part(l, "region", r->region);
	put_part(l, "team", r->team);
	put_part(l, "redirect to", r->redirect_to);
	for (size_t i = 0; i < r->n_warnings; i++)
		put_code(l, "warning", "Warning", (int)r->warnings[i]);
	put_part(l, "next free slot", r->next_free_slot);
}

static void
put_case_state(struct line *l, const pb_CaseView *c)
{
	put_code(l, "", "CaseState", (int)c->state);
	put_code(l, "", "Track", (int)c->track);
	put_part(l, "owner", c->owner);
	if (c->next != NULL) {
		put_code(l, "next", "DeadlineKind", (int)c->next->kind);
		put_part(l, "", c->next->due);
	}
	for (size_t i = 0; i < c->n_signals; i++) {
		const char *name = record_code_of("SignalCode", (int)c->signals[i]->code);
		put(l, "%s%.3s", i == 0 ? "  signals " : ",", name);
	}
}

static void
put_rejected(struct line *l, const pb_MessageRejected *r)
{
	put_code(l, "", "Reason", (int)r->reason);
	put_part(l, "field", r->field);
	if (r->kept)
		put(l, "  kept");
	for (size_t i = 0; i < r->n_candidates; i++)
		put_part(l, i == 0 ? "choose from" : "or", r->candidates[i]);
}

static void
put_answer(struct line *l, const pb_Answer *an)
{
	switch (an->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_ROUTE_DECIDED: put_route(l, an->route_decided); break;
	case DOORBRAAK__V1__ANSWER__BODY_CASE_STATE: put_case_state(l, an->case_state); break;
	case DOORBRAAK__V1__ANSWER__BODY_CASE_LEFT:
		put_part(l, "region", an->case_left->region);
		put_part(l, "team", an->case_left->team);
		put_part(l, "owner", an->case_left->owner);
		put_part(l, "centre", an->case_left->centre);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED: put_rejected(l, an->message_rejected); break;
	case DOORBRAAK__V1__ANSWER__BODY_CASE_OPENED:
		put_code(l, "", "RouteKind", (int)an->case_opened->kind);
		put_part(l, "to", an->case_opened->linked_to);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_OWNER_ASSIGNED:
		put_part(l, "owner", an->owner_assigned->owner);
		put_part(l, "was", an->owner_assigned->former);
		put_part(l, "asked", an->owner_assigned->pending);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET:
		put_deadline(l, (int)an->deadline_set->kind, an->deadline_set->reference, an->deadline_set->due);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_WARNING:
		put_deadline(l, (int)an->deadline_warning->kind, an->deadline_warning->reference,
			     an->deadline_warning->due);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_MISSED:
		put_deadline(l, (int)an->deadline_missed->kind, an->deadline_missed->reference,
			     an->deadline_missed->due);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_DEADLINE_CLEARED:
		put_deadline(l, (int)an->deadline_cleared->kind, an->deadline_cleared->reference,
			     an->deadline_cleared->due);
		if (an->deadline_cleared->late_wd > 0)
			put(l, "  late %d", an->deadline_cleared->late_wd);
		if (an->deadline_cleared->superseded)
			put(l, "  superseded");
		break;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED:
		put_signal(l, (int)an->signal_raised->code, (int)an->signal_raised->subject,
			   an->signal_raised->subject_id, (int)an->signal_raised->deadline_kind,
			   an->signal_raised->stage);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED:
		put_signal(l, (int)an->signal_updated->code, (int)an->signal_updated->subject,
			   an->signal_updated->subject_id, (int)an->signal_updated->deadline_kind,
			   an->signal_updated->stage);
		put_code(l, "", "SignalChange", (int)an->signal_updated->change);
		break;
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED:
		put_signal(l, (int)an->signal_cleared->code, (int)an->signal_cleared->subject,
			   an->signal_cleared->subject_id, (int)an->signal_cleared->deadline_kind,
			   an->signal_cleared->stage);
		break;
	default:
		if (record_body(&an->base) != NULL)
			put_fields(l, record_body(&an->base));
	}
	if (an->basis != NULL && an->basis->rule[0] != '\0')
		put_part(l, "by", an->basis->row[0] != '\0' ? an->basis->row : an->basis->rule);
}

/* ---- records ---- */

const char *
record_line_kind(const struct record *r)
{
	if (r->submission != NULL)
		return record_body_name(&r->submission->base);
	if (r->intake != NULL)
		return record_body_name(&r->intake->base);
	return r->answer == NULL ? "" : record_body_name(&r->answer->base);
}

const char *
record_line_case(const struct record *r)
{
	if (r->submission != NULL)
		return r->submission->case_id;
	return r->answer == NULL ? "" : r->answer->case_id;
}

const char *
record_line_text(struct arena *a, const struct record *r)
{
	struct line l = {.len = 0};

	if (r->submission != NULL) {
		const pb_Submission *s = r->submission;
		const ProtobufCMessage *body = record_body(&s->base);
		if (s->actor != NULL) {
			put(&l, "%s", record_code_of("Role", (int)s->actor->role));
			if (s->actor->organisation[0] != '\0')
				put(&l, "@%s", s->actor->organisation);
			put(&l, ": ");
		}
		const char *fields = body == NULL ? "" : record_line_fields(a, body);
		put(&l, "%s", fields);
		if (fields[0] == '\0' && l.len > 1)
			l.len -= 2;
	} else if (r->answer != NULL) {
		put_answer(&l, r->answer);
	} else if (r->intake != NULL && record_body(&r->intake->base) != NULL) {
		put_fields(&l, record_body(&r->intake->base));
	}
	return finish(a, &l);
}

const char *
record_line_json(struct arena *a, uint64_t seq, const struct record *r)
{
	char at[32];

	cal_format_timestamp(r->at_ms, at);
	return arena_printf(a, "{\"seq\":%" PRIu64 ",\"at\":\"%s\",\"kind\":\"%s\",\"case_id\":\"%s\",\"record\":%s}",
			    seq, at, record_line_kind(r), record_line_case(r), record_json(a, &r->journal->base, true));
}
