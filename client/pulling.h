// SPDX-License-Identifier: EUPL-1.2
/* pulling.h - the question for records, and the cursor that its answer moves: for the library, and for the tool, which also
 * asks services in its own process. */
#ifndef DOORBRAAK_CLIENT_PULLING_H
#define DOORBRAAK_CLIENT_PULLING_H

#include "client/doorbraak.h"
#include "common/record.h"

struct pulling {
	pb_Request request;
	pb_PullRequest pull;
	pb_Cursor after;
};

/* Fills *p, which leans on the cursor and the topics and must stay where it is. */
void pulling_ask(struct pulling *p, enum doorbraak_from from, const struct doorbraak_cursor *cursor,
		 const char *const *topics, unsigned topic_count, bool wait);
/* The records of a reply; NULL with *why when it is no answer to such a question (refused: `door` refuses). */
const pb_PullReply *pulling_read(const pb_Reply *reply, const char *door, struct why *why);
/* Moves to where a reply ended; stays when it does not say. */
void pulling_move(struct doorbraak_cursor *cursor, const pb_Cursor *upto);

#endif
