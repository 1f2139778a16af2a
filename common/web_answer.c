// SPDX-License-Identifier: EUPL-1.2
/* web_answer.c - from what stands in path and query to a question, and from an outcome to an answer. */
#include <stdlib.h>

#include "common/text.h"
#include "common/web_internal.h"

struct arena *
web_arena(struct web_call *call)
{
	/* A stream keeps nothing of its request. */
	return call->stream != NULL ? &call->web->arena : http_arena(call->request);
}

struct http_request *
web_request(struct web_call *call)
{
	return call->request;
}

const struct caller *
web_caller(const struct web_call *call)
{
	return &call->caller;
}

void
web_keep(struct web_call *call, void *kept)
{
	call->kept = kept;
}

void *
web_kept(const struct web_call *call)
{
	return call->kept;
}

size_t
web_room(const struct web_call *call)
{
	return node_room(call->web->options.node);
}

/* ---- questions ---- */

/* What stands in `names` behind "name:"; else the name itself. */
static const char *
renamed_to(struct arena *a, const char *names, const char *name)
{
	const size_t len = strlen(name);

	for (const char *at = names; *at != '\0';) {
		const size_t word = strcspn(at, " ");

		if (word > len && strncmp(at, name, len) == 0 && at[len] == ':')
			return arena_str(a, bytes_of(at + len + 1, word - len - 1));
		at += word + (at[word] == ' ');
	}
	return strcmp(name, "pageToken") == 0 ? "after" : name;
}

static bool
is_quoted(const ProtobufCFieldDescriptor *f)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64: return false;
	default: return true;
	}
}

struct asking {
	struct web_call *call;
	const ProtobufCMessageDescriptor *descriptor;
	const char *renamed;
	struct tree root, **last;
	const char *names[HTTP_PAIRS_MAX]; /* as given, for the problems */
	const char *fields[HTTP_PAIRS_MAX];
	unsigned count;
};

static const ProtobufCFieldDescriptor *
field_of(struct asking *q, const char *field)
{
	struct arena *a = web_arena(q->call);

	for (unsigned i = 0; i < q->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &q->descriptor->fields[i];

		if (strcmp(f->name, field) == 0 || strcmp(json_name(a, f->name), field) == 0)
			return f;
	}
	return NULL;
}

static void
add_values(struct asking *q, const char *name, const char *const *values, unsigned count)
{
	struct arena *a = web_arena(q->call);
	const char *field = renamed_to(a, q->renamed, name);
	const ProtobufCFieldDescriptor *f = field_of(q, field);
	struct tree *node = ARENA_NEW(a, struct tree), **last;

	ASSERT(f != NULL && q->count < HTTP_PAIRS_MAX); /* a key of the table that the question does not have */
	const bool list = f->label == PROTOBUF_C_LABEL_REPEATED;

	*node = (struct tree){.kind = list ? TREE_LIST : TREE_SCALAR, .key = field};
	last = &node->first;
	for (unsigned i = 0; i < count; i++) {
		struct tree *value = list ? ARENA_NEW(a, struct tree) : node;

		value->text = values[i];
		value->quoted = is_quoted(f);
		if (list) {
			*last = value;
			last = &value->next;
		}
	}
	q->names[q->count] = name;
	q->fields[q->count++] = field;
	*q->last = node;
	q->last = &node->next;
}

/* Every name in the pattern of the path, and every key of the query that has a value. */
static void
add_all(struct asking *q)
{
	struct arena *a = web_arena(q->call);
	const char *values[HTTP_PAIRS_MAX];

	for (const char *at = strchr(q->call->endpoint->path, '{'); at != NULL; at = strchr(at, '{')) {
		const char *end = strchr(at, '}');
		const char *name = arena_str(a, bytes_of(at + 1, (size_t)(end - at) - 1));

		values[0] = http_parameter(q->call->request, name);
		add_values(q, name, values, 1);
		at = end;
	}
	for (const char *at = q->call->endpoint->query == NULL ? "" : q->call->endpoint->query; *at != '\0';) {
		const size_t word = strcspn(at, " ");
		const char *name = arena_str(a, bytes_of(at, word - (at[word - 1] == '*')));
		const unsigned count = http_query_all(q->call->request, name, values, HTTP_PAIRS_MAX);

		if (count > 0 && values[0][0] != '\0' && field_of(q, renamed_to(a, q->renamed, name)) != NULL)
			add_values(q, name, values, count);
		at += word + (at[word] == ' ');
	}
}

static void
tell_problems(struct asking *q, const struct json_problems *problems)
{
	struct http_violation *violations = ARENA_ARRAY(web_arena(q->call), struct http_violation, problems->count + 1);

	for (unsigned i = 0; i < problems->count; i++) {
		const char *name = problems->p[i].path;

		for (unsigned j = 0; j < q->count; j++) {
			if (strncmp(name, q->fields[j], strlen(q->fields[j])) == 0)
				name = q->names[j];
		}
		violations[i] =
		    (struct http_violation){name, problems->p[i].code, "Deze waarde kan niet", problems->p[i].text};
	}
	web_problem(q->call, 400, "query", "De vraag achter het adres klopt niet.", violations, problems->count);
}

void *
web_question(struct web_call *call, const ProtobufCMessageDescriptor *descriptor, const char *renamed)
{
	struct json_problems *problems = ARENA_NEW(web_arena(call), struct json_problems);
	struct asking *q = ARENA_NEW(web_arena(call), struct asking);
	ProtobufCMessage *message = NULL;

	*q = (struct asking){.call = call, .descriptor = descriptor, .renamed = renamed, .root = {.kind = TREE_MAP}};
	q->last = &q->root.first;
	add_all(q);
	if (json_fill(web_arena(call), descriptor, &q->root, &message, problems))
		return message;
	tell_problems(q, problems);
	return NULL;
}

/* ---- answers ---- */

void
web_say(struct web_call *call, int status, const char *type, struct bytes body)
{
	ASSERT(!call->said);
	call->said = true;
	call->status = status;
	call->type = type;
	call->body = body;
}

void
web_say_page(struct web_call *call, const char *name, const ProtobufCMessage *const *messages, size_t count,
	     const char *next)
{
	struct arena *a = web_arena(call);
	struct text text = text_in(a);

	text_add(&text, arena_printf(a, "{\"%s\":[", name));
	for (size_t i = 0; i < count; i++) {
		text_add(&text, i == 0 ? "" : ",");
		text_add(&text, json_from_message(a, messages[i]));
	}
	text_add(&text, "]");
	if (next[0] != '\0')
		text_add(&text, arena_printf(a, ",\"next\":%s", json_quote(a, next)));
	text_add(&text, "}");
	web_say(call, 200, HTTP_TYPE_JSON, text_bytes(&text));
}

void
web_problem(struct web_call *call, int status, const char *code, const char *detail,
	    const struct http_violation *violations, unsigned count)
{
	web_say(call, status, WEB_TYPE_PROBLEM,
		http_problem_text(web_arena(call), status, code, detail, violations, count));
}

void
web_note_refusal(struct web_call *call)
{
	call->notes = true;
	call->outcome = ACCESS_OUTCOME_REFUSED;
	call->web->figures.refused++;
}

void
web_nothing(struct web_call *call)
{
	call->outcome = ACCESS_OUTCOME_NOTHING_THERE;
	web_problem(call, 404, "not_found", "Er is hier niets, of niets dat u mag zien.", NULL, 0);
}

void
web_saw(struct web_call *call, const char *case_id)
{
	struct arena *a = web_arena(call);

	if (case_id[0] == '\0')
		return;
	if (call->saw_count == call->saw_room) {
		char **more = ARENA_ARRAY(a, char *, 2 * call->saw_room + 16);

		for (size_t i = 0; i < call->saw_count; i++)
			more[i] = call->saw[i];
		call->saw = more;
		call->saw_room = 2 * call->saw_room + 16;
	}
	call->saw[call->saw_count++] = record_text(a, case_id);
}

static const struct {
	int reason;
	struct web_refusal refusal;
} refusals[] = {
    {REFUSED_REASON_MALFORMED_REQUEST, {400, "malformed", "De vraag kan niet worden gelezen."}},
    {REFUSED_REASON_WRONG_SERVICE, {404, "not_found", "Dit adres bestaat hier niet."}},
    {REFUSED_REASON_TOO_LARGE, {413, "too_large", "De vraag is te groot."}},
    {REFUSED_REASON_DISK_LOW, {503, "disk_low", "Er kan nu niets worden bewaard. Probeer het later weer."}},
    {REFUSED_REASON_DRAINING, {503, "draining", "De dienst stopt. Probeer het zo weer."}},
    {REFUSED_REASON_BUSY, {503, "busy", "Het is nu te druk. Probeer het zo weer."}},
    {REFUSED_REASON_HISTORY_UNKNOWN,
     {410, "history_unknown", "Deze plaats hoort bij een andere geschiedenis. Begin opnieuw."}},
    {REFUSED_REASON_DIGEST_DIFFERS, {410, "digest_differs", "Op deze plaats staat iets anders. Begin opnieuw."}},
    {REFUSED_REASON_CURSOR_AHEAD, {410, "cursor_ahead", "Zo ver is deze dienst niet. Begin opnieuw."}},
    {REFUSED_REASON_TIME_FROM_OUTSIDE, {400, "time_from_outside", "De dienst heeft zelf een klok."}},
    {REFUSED_REASON_TIME_BACKWARDS, {400, "time_backwards", "Dit moment is al voorbij."}},
    {REFUSED_REASON_TIME_TOO_FAR, {400, "time_too_far", "Dit moment ligt te ver weg."}},
    {REFUSED_REASON_TIME_UNKNOWN, {503, "time_unknown", "De dienst weet nog niet hoe laat het is."}},
    {REFUSED_REASON_NO_SUCH_REPORT, {400, "no_such_report", "Zo'n rapport is er niet."}},
    {REFUSED_REASON_WRONG_QUESTION, {400, "wrong_question", "Deze vraag kan niet."}},
    {REFUSED_REASON_NOT_ALLOWED, {403, "no_right", "Uw rol en bereik geven hier geen recht op."}},
};

struct web_refusal
web_refusal_of(int reason)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].reason == reason)
			return refusals[i].refusal;
	}
	return (struct web_refusal){503, "refused", "De dienst antwoordt nu niet."};
}

void
web_refused(struct web_call *call, const pb_RefusedReply *refused)
{
	const struct web_refusal r = web_refusal_of((int)refused->reason);
	const struct http_violation v = {
	    .field = "", .code = record_code_of("RefusedReason", (int)refused->reason), .text = refused->text};
	const uint32_t retry_ms = refused->retry_after_ms;

	if (r.status == 503 && (call->stream == NULL || !call->stream->begun))
		http_header(call->request, "Retry-After",
			    arena_printf(web_arena(call), "%u", retry_ms < 1000 ? 1 : (retry_ms + 999) / 1000));
	web_problem(call, r.status, r.code, r.detail, &v, refused->text[0] == '\0' ? 0 : 1);
}

void
web_refused_for(struct web_call *call, int reason)
{
	pb_RefusedReply refused;

	pb_RefusedReply_init(&refused);
	refused.reason = (Doorbraak__V1__RefusedReason)reason;
	web_refused(call, &refused);
}
