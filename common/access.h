// SPDX-License-Identifier: EUPL-1.2
/* access.h - who may ask what: the only place that says so. Pure; knows nothing of HTTP.
 *
 * A caller has a role, an organisation and scopes. What it may is what both its role and one of its scopes allow, and
 * nothing else. A question about cases is narrowed to the caller's scope before it is asked: what lies outside is not
 * there for it. Signals are read by whom they were told: the caller's organisation, or everybody's with `national`.
 *
 *   scope            may
 *   region:CODE      read the cases of the region        team:CODE, centre:CODE, owner:CODE   of a team, centre, owner
 *   national         read all cases                       source:ID     submit as that source (eight at most)
 *   operator         read how webhooks fare
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
	ACCESS_SUBMIT = 1,
	ACCESS_CASES = 2,
	ACCESS_SIGNALS = 4,
	ACCESS_FIGURES = 8,
	ACCESS_RULES = 16,
	ACCESS_SUBSCRIPTIONS = 32,
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
};

/* Everything, for everybody: what `open_door` gives. */
struct caller access_open_door(void);

/* Adds a scope ("region:JZ32"). False with *why when it is none, or does not go with those before. */
bool access_add_scope(struct caller *caller, const char *scope, struct why *why) MUST_USE;
/* The scopes as they were added, with a space between; in the arena. */
const char *access_scopes(struct arena *a, const struct caller *caller);

bool access_may(const struct caller *caller, enum access_right right);
/* May it submit as this source? */
bool access_may_submit_as(const struct caller *caller, const char *source);

enum access_narrowed {
	ACCESS_ASK,     /* ask as it now stands */
	ACCESS_NOTHING, /* it asks for what lies outside: there is nothing there */
	ACCESS_REFUSED, /* the question cannot be narrowed to such a scope */
};
/* Narrows a question that needs `right` to what the caller may see. Text is borrowed from the caller. */
enum access_narrowed access_narrow(const struct caller *caller, enum access_right right, pb_Request *request,
				   struct arena *a);

#endif
