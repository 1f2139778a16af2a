// SPDX-License-Identifier: EUPL-1.2
#include "client/pulling.h"

void
pulling_ask(struct pulling *p, enum doorbraak_from from, const struct doorbraak_cursor *cursor,
	    const char *const *topics, unsigned topic_count, bool wait)
{
	static const struct doorbraak_cursor start;

	pb_Request_init(&p->request);
	pb_PullRequest_init(&p->pull);
	pb_Cursor_init(&p->after);
	p->after.seq = cursor->seq;
	if (memcmp(cursor->history, start.history, sizeof start.history) != 0)
		p->after.history = (ProtobufCBinaryData){DOORBRAAK_HISTORY_SIZE, (uint8_t *)(uintptr_t)cursor->history};
	if (cursor->seq > 0)
		p->after.digest = (ProtobufCBinaryData){DOORBRAAK_DIGEST_SIZE, (uint8_t *)(uintptr_t)cursor->digest};
	p->pull.from = from == DOORBRAAK_FROM_HEAD       ? DOORBRAAK__V1__PULL_FROM__PULL_FROM_HEAD
		       : from == DOORBRAAK_FROM_SNAPSHOT ? DOORBRAAK__V1__PULL_FROM__PULL_FROM_SNAPSHOT
							 : DOORBRAAK__V1__PULL_FROM__PULL_FROM_CURSOR;
	p->pull.after = &p->after;
	p->pull.no_wait = !wait;
	p->pull.topics = (char **)(uintptr_t)topics;
	p->pull.n_topics = topic_count;
	p->request.body_case = DOORBRAAK__V1__REQUEST__BODY_PULL;
	p->request.pull = &p->pull;
}

const pb_PullReply *
pulling_read(const pb_Reply *reply, const char *door, struct why *why)
{
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_PULL)
		return reply->pull;
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED)
		why_set(why, "%s refuses (%s): %s", door, record_code_of("RefusedReason", (int)reply->refused->reason),
			reply->refused->text);
	else
		why_set(why, "%s gave an answer of another kind: do its version and this program's fit?", door);
	return NULL;
}

void
pulling_move(struct doorbraak_cursor *cursor, const pb_Cursor *upto)
{
	if (upto == NULL || upto->history.len != sizeof cursor->history)
		return;
	memcpy(cursor->history, upto->history.data, sizeof cursor->history);
	cursor->seq = upto->seq;
	if (upto->digest.len == sizeof cursor->digest)
		memcpy(cursor->digest, upto->digest.data, sizeof cursor->digest);
	else
		memset(cursor->digest, 0, sizeof cursor->digest);
}
