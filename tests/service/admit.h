// SPDX-License-Identifier: EUPL-1.2
/* admit.h - intake at a table: submissions in, replies and journal records out.
 *
 * A node of intake on a driven clock and a real store in a temporary folder, without sockets. Its source of chance
 * counts, so that a failing test fails again. Everything handed out lives until admit_close(). */
#ifndef DOORBRAAK_TESTS_ADMIT_H
#define DOORBRAAK_TESTS_ADMIT_H

#include "tests/unit/unit.h"

#include "common/node.h"

struct admit {
	struct temp dir;
	struct arena arena;
	struct node *node;
	int64_t now_ms;
	uint64_t drawn;  /* bytes of chance so far */
	uint64_t asked;  /* requests so far */
	unsigned said;   /* submissions made by admit_say() */
	pb_Reply *reply; /* the last one */
};

/* Opens intake at 10:00 on 4 March 2024, a Monday. */
void admit_open(struct admit *a);
void admit_close(struct admit *a);
/* Ends the process, as it were, and starts it again on the same folder. */
void admit_restart(struct admit *a);
/* Time goes by. */
void admit_at(struct admit *a, const char *local_time); /* "2024-03-04T10:00" */

/* A submission without body, happening now, with an id of its own. */
pb_Submission *admit_say(struct admit *a, const char *source, int role, const char *organisation);
/* Gives it a body: ADMIT_BODY(&a, s, CaseSubmitted, CASE_SUBMITTED, case_submitted)->asks = ASK_HELP. */
#define ADMIT_BODY(a, s, type, CASE, field)                                                                            \
	((s)->body_case = DOORBRAAK__V1__SUBMISSION__BODY_##CASE, (s)->field = ARENA_NEW(&(a)->arena, pb_##type),      \
	 pb_##type##_init((s)->field), (s)->field)
char *admit_text(struct admit *a, const char *text);
char **admit_list(struct admit *a, const char *one); /* a list of one text */

/* Hands it in; the reply. */
const pb_Reply *admit_bytes(struct admit *a, struct bytes submission);
const pb_Reply *admit_send(struct admit *a, const pb_Submission *s);
/* Hands it in and expects it to be accepted as new. */
const pb_AcceptedReply *admit_accept(struct admit *a, const pb_Submission *s);
/* Hands it in and expects a rejection for this reason, told about this field. */
const pb_RejectedReply *admit_reject(struct admit *a, const pb_Submission *s, int reason, const char *field);

/* Registers `source` for one organisation and some roles (0-terminated list), by the built-in operator. */
void admit_register(struct admit *a, const char *source, const char *organisation, const int *roles);
/* A CaseSubmitted by the local team of GM9901 through source `front`, with all that is required. */
pb_Submission *admit_case(struct admit *a);

/* The journal, record by record, oldest first; how many there are. */
size_t admit_journal(struct admit *a, struct record *records, size_t max);
struct record admit_last(struct admit *a);
/* Do these characters stand anywhere in the journal? */
bool admit_journal_holds(struct admit *a, const char *text);
uint64_t admit_refusals(struct admit *a, int reason);

#endif
