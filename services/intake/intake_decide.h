// SPDX-License-Identifier: EUPL-1.2
/* intake_decide.h - may this submission in? (rules.md 4.2, the row of intake)
 *
 * Pure: what is known about a submission goes in, a verdict and the violations come out. The reasons stand in the order
 * of codes.proto, which is the order of the rules: MALFORMED, UNKNOWN_SOURCE, SENDER_NOT_ALLOWED, ID_REUSED,
 * (duplicate), FORBIDDEN_CONTENT, MISSING_FIELD, UNKNOWN_CODE, OCCURRED_IN_FUTURE, UNKNOWN_CASE.
 *
 *   - All violations are told, the first reason decides. A sender that may not speak is told what is wrong with its
 *     message, but nothing of what intake knows (which ids and cases exist).
 *   - A repetition is told the first answer again when nothing before it in that order is wrong; its content, its time
 *     and its case are not looked at again.
 *   - What is rejected is not kept: its id is free again and its sequence number not used up.
 *   - A fresh system has no registered source. The built-in source INTAKE_OPERATOR may speak as ADMINISTRATOR, OPERATOR
 *     and SYSTEM of any organisation; it registers the others and cannot itself be registered.
 *   - Registry and policies may begin in the past on the day of their first adoption (a history is often handed in as
 *     several adoptions); later ones begin today or later, and count from the day after adoption at the earliest (I15).
 *     For policies each region, and the country, has a first of its own. */
#ifndef DOORBRAAK_INTAKE_DECIDE_H
#define DOORBRAAK_INTAKE_DECIDE_H

#include "common/record.h"

#define INTAKE_OPERATOR          "operator"
#define INTAKE_FUTURE_MS         (5 * 60 * 1000) /* a sender's clock may be so far ahead */
#define INTAKE_ANNOUNCEMENTS_MAX 16              /* registrations of one source that have not ended */

/* What a source may do, asked for one role and one organisation. */
struct intake_permit {
	bool source; /* registered, and today is one of its days */
	bool role;
	bool organisation;
};

enum intake_before {
	INTAKE_NEW,   /* source and id were not seen before */
	INTAKE_SAME,  /* they were, with the same content */
	INTAKE_OTHER, /* they were, with other content */
};

struct intake_facts {
	bool readable; /* source, actor and body could be read, though there may be violations */
	struct intake_permit permit;
	enum intake_before before;
	int64_t occurred_ms; /* INT64_MIN when absent */
	int64_t now_ms;
	bool case_unknown; /* a case is named that intake never gave out */
	bool case_in_vain; /* a case is named in a message that always opens one */
	int64_t sequence;  /* 0: the source does not number */
	int64_t highest;   /* highest number seen from the source */
};

enum intake_kind { INTAKE_REJECT, INTAKE_REPEAT, INTAKE_ACCEPT };

struct intake_verdict {
	enum intake_kind kind;
	int reason;               /* REJECT: the first that applies */
	int64_t sequence_due;     /* ACCEPT: the number that was due, where the given one shows a gap; else 0 */
	int64_t sequence_highest; /* ACCEPT: the highest number seen from now on */
};

/* `vs` holds what is wrong with the form; what else is wrong is added, and all is put in order. */
struct intake_verdict intake_decide(const struct intake_facts *f, struct violations *vs);

/* What an adoption or a registration may not say; violations are added. */
struct intake_dates {
	cal_day today;
	cal_day first_adopted; /* day on which the first of its kind was adopted; CAL_NONE: this is the first */
	cal_day valid_from;    /* CAL_NONE: not given */
	cal_day valid_to;      /* of a source; CAL_NONE: not given */
	unsigned announced;    /* registrations of this source that begin after today and before this one */
};
void intake_decide_adoption(const struct intake_dates *d, const char *field, struct violations *vs);
void intake_decide_source(const struct intake_dates *d, const char *source, struct violations *vs);

/* The built-in source. */
struct intake_permit intake_operator_permit(int role);

#endif
