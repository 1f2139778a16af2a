// SPDX-License-Identifier: EUPL-1.2
/* desk.h - a service at a table: records of intake in, its own answers out.
 *
 * A node of one downstream service without sockets, on a real store in a temporary folder, fed what intake would write.
 * For a service that reads intake directly (triage), or to which the answers of the services between do not matter. */
#ifndef DOORBRAAK_TESTS_DESK_H
#define DOORBRAAK_TESTS_DESK_H

#include "tests/unit/unit.h"

#include "common/node.h"

#define DESK_ANSWERS_MAX 8

struct desk {
	const struct service *service;
	struct temp dir;
	struct arena arena;
	struct node *node;
	struct journal_head head; /* of the upstream, which is made here */
	uint64_t request;         /* its last question */
	int64_t now_ms;
	const pb_Answer *said[DESK_ANSWERS_MAX]; /* by the last record */
	size_t said_count;
};

/* Opens the service at 10:00 on 4 March 2024, a Monday. */
void desk_open(struct desk *d, const struct service *service);
void desk_close(struct desk *d);
/* Ends the process, as it were, and starts it again on the same folder. */
void desk_restart(struct desk *d);

/* Feeds one record; d->said is what the service says to it. */
void desk_feed(struct desk *d, pb_IntakeRecord *intake);
/* The same for an accepted submission. */
void desk_take(struct desk *d, pb_Submission *s, bool opens);

/* A submission without body by the municipality GM9901, happening now. */
pb_Submission *desk_say(struct desk *d, const char *case_id);
/* Gives it a body: DESK_BODY(d, s, CaseSubmitted, CASE_SUBMITTED, case_submitted)->urgent = true. */
#define DESK_BODY(d, s, type, CASE, field)                                                                             \
	((s)->body_case = DOORBRAAK__V1__SUBMISSION__BODY_##CASE, (s)->field = ARENA_NEW(&(d)->arena, pb_##type),      \
	 pb_##type##_init((s)->field), (s)->field)
char *desk_text(struct desk *d, const char *s);

#endif
