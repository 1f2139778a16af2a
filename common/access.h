// SPDX-License-Identifier: EUPL-1.2
/* access.h - who may ask what: the only place that says so, for HTTP and for ZeroMQ. Pure; knows nothing of either.
 *
 * A caller has a role, an organisation and scopes. What it may is what both its role and one of its scopes allow, and
 * nothing else. A question about cases is narrowed to the caller's scope before it is asked: what lies outside is not
 * there for it. Signals are read by whom they were told: the caller's organisation, or everybody's with `national`.
 *
 *   scope            may
 *   region:CODE      read the cases of the region        team:CODE, centre:CODE, owner:CODE   of a team, centre, owner
 *   national         read all cases                       source:ID     submit as that source (eight at most)
 *   operator         read how webhooks fare, and the access log; let time pass on a driven clock
 *   journals         read the journals as a whole: to compute them anew, to feed a register
 *   source:*         submit as any source (trials)
 *   service:NAME     be that service: read the journal before its own; signalling also reports how webhooks fare
 *
 * Submitting: a key of role SYSTEM (a front end, which knows its users) may say what its source is registered for; one of
 * ADMINISTRATOR or OPERATOR speaks as one of these or as SYSTEM; any other only in its own role. Which role may publish which
 * message is the contract's (record_role_may_publish), for which role and organisation a source may speak is intake's.
 *
 * With any scope: figures (reports, indicators), and what is in force (registry, policy). At most one of the scopes that
 * read cases. */
#ifndef DOORBRAAK_ACCESS_H
#define DOORBRAAK_ACCESS_H

#include "common/bytes.h"
#include "common/record.h"

#define ACCESS_SOURCES_MAX 8
#define ACCESS_NAME_MAX    64 /* bytes of the name of a key */

/* What a question needs. */
enum access_right {
	ACCESS_NO_RIGHT = 0, /* nobody has it */
	ACCESS_SUBMIT = 1,
	ACCESS_CASES = 2,
	ACCESS_SIGNALS = 4,
	ACCESS_FIGURES = 8,
	ACCESS_RULES = 16,
	ACCESS_SUBSCRIPTIONS = 32,
	ACCESS_JOURNALS = 64,
	ACCESS_TIME = 128,
	ACCESS_AUDIT = 256,
	ACCESS_HEALTH = 512, /* whoever has a key */
};

enum access_reach { ACCESS_NOWHERE, ACCESS_REGION, ACCESS_TEAM, ACCESS_CENTRE, ACCESS_OWNER, ACCESS_EVERYWHERE };

struct caller {
	char name[ACCESS_NAME_MAX + 1]; /* of its key */
	int role;                       /* ROLE_... */
	struct code organisation;       /* on whose responsibility it asks */
	enum access_reach reach;        /* whose cases */
	struct code within;             /* which region, team, centre, owner */
	struct id sources[ACCESS_SOURCES_MAX];
	unsigned source_count;
	bool is_operator;
	bool reads_journals;
	int service; /* SERVICE_...: it is that one; 0: none */
};

/* Everything, for everybody: what `open_door` gives. */
struct caller access_open_door(void);

/* Adds a scope ("region:JZ32"). False with *why when it is none, or does not go with those before. */
bool access_add_scope(struct caller *caller, const char *scope, struct why *why) MUST_USE;
/* The scopes as they were added, with a space between; in the arena. */
const char *access_scopes(struct arena *a, const struct caller *caller);

bool access_may(const struct caller *caller, enum access_right right);
/* May it submit this kind of message (number of the field in Submission) as this source, in this role? */
bool access_may_publish(const struct caller *caller, const char *source, int role, int kind);
/* May it hear the live stream? That cannot be narrowed. */
bool access_may_follow_stream(const struct caller *caller);
/* Which right a question at the door of a service needs. */
enum access_right access_right_of(int service, const pb_Request *request);

enum access_narrowed {
	ACCESS_ASK,     /* ask as it now stands */
	ACCESS_NOTHING, /* it asks for what lies outside: there is nothing there */
	ACCESS_REFUSED, /* the question cannot be narrowed to such a scope */
};
/* Narrows a question that needs `right` to what the caller may see. Text is borrowed from the caller. */
enum access_narrowed access_narrow(const struct caller *caller, enum access_right right, pb_Request *request,
				   struct arena *a);
/* The same, with the right that the question needs at this service, also for the services among themselves; what is submitted is
 * looked at as well. */
enum access_narrowed access_judge(const struct caller *caller, int service, pb_Request *request, struct arena *a);
/* The reply of nothing there, to a question of this kind; in the arena. */
pb_Reply *access_nothing(struct arena *a, const pb_Request *request);

#endif
