// SPDX-License-Identifier: EUPL-1.2
/* signalling_event.h - one thing that happened, on which a table is run.
 *
 * signalling.c makes events from records; signalling_facts.c fills the facts that the event's table asks for;
 * signalling_say.c does what the winning rows say: raises, clears, counts, sets alarms. */
#ifndef DOORBRAAK_SIGNALLING_EVENT_H
#define DOORBRAAK_SIGNALLING_EVENT_H

#include "common/policy.h"
#include "common/registry.h"
#include "common/service.h"
#include "services/signalling/signalling_decide.h"
#include "services/signalling/signalling_state.h"

struct signalling {
	struct signalling_db db;
	struct signal_memo memo;
	struct registry registry;
	struct registry_memo registry_memo;
	struct policy_book *policies; /* freed in close() */
};

struct signal_event {
	struct signalling *self;
	struct turn *turn;
	const char *name; /* "PlanAgreed", "NOTE.ABSENT" */
	cal_day day;      /* from which it counts */
	/* The case, "" and an empty one where the event is about none. Verbs change it; whoever made the event stores it. */
	const char *case_id;
	struct signal_case *c;
	const ProtobufCMessage *message; /* of the event's name; NULL for other events */
	const pb_Submission *submission; /* that led to it; NULL for time and answers of their own */
	/* The deadline that it is about; kind 0: none. */
	int deadline_kind;
	const char *reference;
	cal_day due;
	/* What it is about besides a case: "" where it does not matter. */
	const char *source;
	struct signal_source *heard; /* what is known of it; NULL where it does not matter */
	const char *region;          /* of the case, or by itself */
	const char *team;
	const char *stuck_on; /* name of the group of S11: region, reason, supply */
	/* SIGNAL_SUBJECT_... of all that is raised, for QUARTER.TEAM and its like; 0: by the signal. */
	int subject;
	int64_t sequence_missing;
	cal_day quarter_from, quarter_to;
	cal_day overdue_since; /* CAL_NONE where it does not matter */
	int64_t theme_reports; /* unsolved ones in a row, with ThemeRecorded */
	/* Filled by signalling_run(). */
	int64_t overdue_wd;
	const struct policy_view *view;
};

/* Runs the table of the event, if the policy of its day and region has one. */
void signalling_run(struct signal_event *event);

/* Fills facts[0 .. SCOPE_SIGNALS_FACTS); of the costly ones only those in `wanted` (bits). */
void signalling_facts(const struct signal_event *event, uint64_t wanted, int64_t *facts);

/* The group that a window counts in for this event; "" when there is none to count in. */
const char *signalling_group(const struct signal_event *event, enum signal_window window);
/* The group of S11 of a region: its name is the subject of the signal. */
const char *signalling_stuck_group(struct arena *a, const char *region, int stuck_on, int missing_supply);
/* Id of the subject of a signal for this event; "" when the event has no such subject. */
const char *signalling_subject_id(const struct signal_event *event, int subject);

#endif
