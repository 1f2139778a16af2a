// SPDX-License-Identifier: EUPL-1.2
/* intake_http.c - what intake takes over HTTP: submissions, one or a batch.
 *
 * All of a body go to the node together, so they are admitted in one turn, in their order, and durable by one commit. */
#include <strings.h>

#include "common/submission_json.h"
#include "common/web.h"

static bool
is_json(const char *type)
{
	const size_t len = strlen(HTTP_TYPE_JSON);

	return type != NULL && strncasecmp(type, HTTP_TYPE_JSON, len) == 0 && strchr("; \t", type[len]) != NULL;
}

static void
say(struct web_call *call, const struct submission_outcome *o)
{
	web_say(call, o->status, o->status < 300 ? HTTP_TYPE_JSON : WEB_TYPE_PROBLEM, bytes_str(o->json));
}

/* A key speaks for the sources that it was given, and as its own role unless it is a program's. */
static void
check_source(struct web_call *call, struct submission_item *item)
{
	if (item->outcome.status != 0 || item->source[0] == '\0' ||
	    access_may_publish(web_caller(call), item->source, item->role, item->kind))
		return;
	item->outcome = submission_json_problem(web_arena(call), 403, "source",
						"Uw sleutel mag niet melden namens deze bron, of niet in deze rol.");
	web_note_refusal(call);
}

static void
hand_in(struct web_call *call, const struct submission_item *item)
{
	pb_Request request;
	pb_SubmitRequest submit;

	pb_Request_init(&request);
	pb_SubmitRequest_init(&submit);
	submit.traceparent = record_text(web_arena(call), http_asked_header(web_request(call), "traceparent"));
	submit.submission = (ProtobufCBinaryData){item->packed.len, (uint8_t *)(uintptr_t)item->packed.data};
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &submit;
	(void)web_ask(call, &request);
}

static void
refuse_busy(struct web_call *call)
{
	pb_RefusedReply busy;

	pb_RefusedReply_init(&busy);
	busy.reason = DOORBRAAK__V1__REFUSED_REASON__REFUSED_REASON_BUSY;
	web_refused(call, &busy);
}

static void
tell_submissions(struct web_call *call, const pb_Reply *const *replies, unsigned count)
{
	struct submission_batch *batch = web_kept(call);
	unsigned heard = 0;

	for (unsigned i = 0; i < batch->count; i++) {
		if (batch->items[i].outcome.status == 0)
			batch->items[i].outcome = submission_json_outcome(web_arena(call), replies[heard++]);
	}
	ASSERT(heard == count);
	const struct submission_outcome answer = submission_json_answer(web_arena(call), batch);
	say(call, &answer);
}

static void
take_submissions(struct web_call *call)
{
	struct http_request *request = web_request(call);
	struct submission_batch *batch = ARENA_NEW(web_arena(call), struct submission_batch);
	unsigned count = 0;

	if (!is_json(http_asked_header(request, "Content-Type"))) {
		web_problem(call, 415, "content_type", "Stuur JSON: Content-Type: application/json.", NULL, 0);
		return;
	}
	const struct submission_outcome whole = submission_json_read(
	    web_arena(call), http_body(request), http_asked_header(request, "Idempotency-Key"), batch);
	if (whole.status != 0) {
		say(call, &whole);
		return;
	}
	web_keep(call, batch);
	for (unsigned i = 0; i < batch->count; i++) {
		check_source(call, &batch->items[i]);
		count += batch->items[i].outcome.status == 0;
	}
	/* All or none: what is handed in by half would be told as refused. */
	if (web_room(call) < count) {
		refuse_busy(call);
		return;
	}
	for (unsigned i = 0; i < batch->count; i++) {
		if (batch->items[i].outcome.status == 0)
			hand_in(call, &batch->items[i]);
	}
	if (count == 0)
		tell_submissions(call, NULL, 0);
}

const struct web_endpoint intake_endpoints[] = {
    {.path = "/v1/submissions",
     .methods = HTTP_METHOD_POST,
     .query = "",
     .right = ACCESS_SUBMIT,
     .ask = take_submissions,
     .tell = tell_submissions},
    {.path = NULL},
};
