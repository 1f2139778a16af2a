// SPDX-License-Identifier: EUPL-1.2
/* submit.c - handing in: one at a time, or a window of them. */
#include <stdio.h>

#include "client/door.h"

void
submit_read(struct doorbraak_receipt *receipt, const pb_Reply *reply)
{
	*receipt = (struct doorbraak_receipt){.result = DOORBRAAK_WRONG};
	if (reply == NULL)
		return;
	switch (reply->body_case) {
	case DOORBRAAK__V1__REPLY__BODY_ACCEPTED:
		receipt->result = DOORBRAAK_OK;
		receipt->seq = reply->accepted->seq;
		receipt->duplicate = reply->accepted->duplicate;
		snprintf(receipt->case_id, sizeof receipt->case_id, "%s", reply->accepted->case_id);
		break;
	case DOORBRAAK__V1__REPLY__BODY_REJECTED: receipt->result = DOORBRAAK_REJECTED; break;
	case DOORBRAAK__V1__REPLY__BODY_REFUSED: receipt->result = DOORBRAAK_REFUSED; break;
	default: break;
	}
}

static struct question *
begin(struct doorbraak *door, const struct doorbraak_submission *s)
{
	Google__Protobuf__Timestamp now;
	pb_Request request;
	pb_SubmitRequest submit;

	pb_Request_init(&request);
	pb_SubmitRequest_init(&submit);
	submit.submission = (ProtobufCBinaryData){s->len, (uint8_t *)(uintptr_t)s->data};
	if (s->now_ms != 0) {
		record_timestamp(&now, s->now_ms);
		submit.now = &now;
	}
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &submit;
	struct question *q = door_begin(door, RECORD_PACK(&door->arena, &request));
	if (q != NULL) {
		q->submits = true;
		q->tag = s->tag;
		door->count++;
	}
	return q;
}

static void
explain(struct doorbraak *door, const struct doorbraak_receipt *receipt, struct why *why)
{
	struct why unread;
	const pb_Reply *reply =
	    record_unpack(&door->arena, &pb_Reply_descriptor, bytes_of(receipt->reply.data, receipt->reply.len),
			  RECORD_REPLY_MAX, &unread);

	if (reply == NULL) {
		why_set(why, "%s gave an answer that cannot be read (%s): do its version and this library's fit?",
			door->address, unread.text);
	} else if (receipt->result == DOORBRAAK_REFUSED) {
		why_set(why, "%s refuses (%s): %s", door->address,
			record_code_of("RefusedReason", (int)reply->refused->reason), reply->refused->text);
	} else if (receipt->result == DOORBRAAK_REJECTED) {
		const pb_RejectedReply *r = reply->rejected;
		const bool told = r->n_violations > 0;
		why_set(why, "rejected %s: %s%s%s", record_code_of("Reason", (int)r->reason),
			told ? r->violations[0]->field : "", told && r->violations[0]->field[0] != '\0' ? ": " : "",
			told ? r->violations[0]->text : "look at the reasons in the manual");
	} else if (receipt->result == DOORBRAAK_WRONG) {
		why_set(why, "%s gave an answer of another kind: is it the door of intake?", door->address);
	}
}

enum doorbraak_result
doorbraak_submit(struct doorbraak *door, const struct doorbraak_submission *submission, int timeout_ms,
		 struct doorbraak_receipt *receipt, struct doorbraak_why *why)
{
	arena_reset(&door->arena);
	*receipt = (struct doorbraak_receipt){.result = DOORBRAAK_AGAIN, .tag = submission->tag};
	if (submission->len > RECORD_REQUEST_MAX - 64) {
		why_set(door_why(why), "a submission of %zu bytes; the largest has %u", submission->len,
			RECORD_ADOPTION_MAX);
		return receipt->result = DOORBRAAK_WRONG;
	}
	struct question *q = begin(door, submission);
	ASSERT(q != NULL);
	/* Refused for a moment until the time was over: that is what is known. */
	if (door_work(door, q, timeout_ms) || q->reply.len > 0) {
		*receipt = q->receipt;
		if (receipt->result != DOORBRAAK_OK)
			explain(door, receipt, door_why(why));
	} else {
		(void)door_silent(door, timeout_ms, door_why(why));
	}
	door_end(door, q);
	return receipt->result;
}

enum doorbraak_result
doorbraak_send(struct doorbraak *door, const struct doorbraak_submission *submission)
{
	arena_reset(&door->arena);
	if (submission->len > RECORD_REQUEST_MAX - 64)
		return DOORBRAAK_WRONG;
	if (door->count >= DOORBRAAK_WINDOW_MAX)
		return DOORBRAAK_AGAIN;
	struct question *q = begin(door, submission);
	ASSERT(q != NULL);
	return DOORBRAAK_OK;
}

enum doorbraak_result
doorbraak_take(struct doorbraak *door, int timeout_ms, struct doorbraak_receipt *receipt)
{
	arena_reset(&door->arena);
	if (!door_work(door, NULL, timeout_ms))
		return DOORBRAAK_AGAIN;
	struct question *q = TAILQ_FIRST(&door->settled);
	*receipt = q->receipt;
	door_end(door, q);
	return DOORBRAAK_OK;
}

unsigned
doorbraak_open_count(const struct doorbraak *door)
{
	return door->count;
}
