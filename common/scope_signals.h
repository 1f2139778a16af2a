// SPDX-License-Identifier: EUPL-1.2
/* scope_signals.h - the facts and verbs that the tables of signalling may use (scope `signals`).
 *
 * Shared by signalling, which fills the facts and does the verbs, and by whoever checks tables.
 *
 * A table is run on an event:
 *   <Message>         a message that routing accepted, once (PlanAgreed); ThemeRecorded, which belongs to no case, too
 *   ACCEPTED          behind it, for every accepted message about a case
 *   DeadlineWarning, DeadlineMissed, DeadlineCleared; DeadlineSet when it replaces another due day; with their fields
 *   NOTE.<CODE>       a code that a row of routing noted
 *   OUT_OF_ORDER      a message that was kept and not applied
 *   SEQUENCE_GAP      messages of a source are missing
 *   SOURCE_HEARD      a source sent a message, with none missing before it
 *   QUEUE             the queue of a team changed
 *   RAISED.<CODE>     a signal got a new stage (RAISED.S11); here the wide counts of S11 are complete
 *   CLEARED.<CODE>    a signal ended, in the region where it last got a stage
 *   ALARM.<Alarm>     an alarm rings, first thing on its day
 *   QUARTER.REGION, QUARTER.TEAM, QUARTER.TRANSFERS, QUARTER.SECLUSIONS
 *                     a quarter is over, for each region with applications, team with evaluations, region with transfers
 *                     and institution with seclusions in their windows
 *   NOT_ACKNOWLEDGED  no addressee took up an open signal within `signal_ack`
 *   REGION_SERVED     a region that had none has a team or landing place from today on
 *
 * A table with `count` or `uncount` is run twice: first only its counts happen, then, with them in the facts, all the
 * rest. */
#ifndef DOORBRAAK_SCOPE_SIGNALS_H
#define DOORBRAAK_SCOPE_SIGNALS_H

#include "common/rules.h"

enum scope_signals_fact {
	/* the case */
	SIGNALS_STATE,
	SIGNALS_TRACK,
	SIGNALS_LEVEL,
	SIGNALS_GOVERNANCE,
	SIGNALS_MANDATE,
	SIGNALS_CONSENT,
	SIGNALS_MEASURE_ACTIVE,
	SIGNALS_PLACED,
	SIGNALS_HAS_TEAM,
	SIGNALS_TEAM_SUPPORTS,
	SIGNALS_OPEN,
	SIGNALS_DAYS_STILL,
	/* the signal of the event */
	SIGNALS_SIGNAL,
	SIGNALS_SUBJECT,
	SIGNALS_STAGE,
	SIGNALS_TOLD,
	/* the deadline of the event; what else there is to know stands in the fields of the answer */
	SIGNALS_WAS_MISSED,
	SIGNALS_OVERDUE_WD,
	/* the source of the event */
	SIGNALS_SEQUENCE_MISSING,
	SIGNALS_SENDS_DAILY,
	/* counts over a window */
	SIGNALS_NOT_EFFECTIVE,
	SIGNALS_DESK_CONTACTS,
	SIGNALS_ABSENCES,
	SIGNALS_NO_ALTERNATIVE,
	SIGNALS_NO_FOLLOW_UP,
	SIGNALS_TRANSFERS,
	SIGNALS_SECLUSIONS,
	SIGNALS_STILL_CLOSED,
	SIGNALS_STILL_EXTENDED,
	SIGNALS_WITHOUT_PERSPECTIVE,
	SIGNALS_TRANSFER_PERMILLE,
	SIGNALS_SECLUSION_PERMILLE,
	SIGNALS_STUCK,
	SIGNALS_STUCK_REGIONS,
	SIGNALS_STUCK_CENTRES,
	SIGNALS_TEAM_QUEUE,
	SIGNALS_QUEUE_BEYOND,
	SIGNALS_CROWDED_MEETINGS,
	SIGNALS_THEME_REPORTS,
	SIGNALS_THEME_STEP,
	/* a quarter */
	SIGNALS_APPLICATIONS,
	SIGNALS_DIRECT_PERMILLE,
	SIGNALS_EVALUATIONS,
	SIGNALS_OVERDUE_PERMILLE,
	/* plan and meeting */
	SIGNALS_PLAN_LAWS,
	SIGNALS_TASKS_WITHOUT_FUNDER,
	SIGNALS_FAMILY_INVITED,
	SIGNALS_FAMILY_PRESENT,
	SIGNALS_FAMILY_ABSENT_MEETINGS,
	SCOPE_SIGNALS_FACTS,
};

enum scope_signals_verb {
	SIGNALS_RAISE,
	SIGNALS_RAISE_FOR,
	SIGNALS_TELL,
	SIGNALS_CLEAR,
	SIGNALS_CLEAR_FOR,
	SIGNALS_CLEAR_DEADLINE,
	SIGNALS_CLEAR_ALL,
	SIGNALS_COUNT,
	SIGNALS_UNCOUNT,
	SIGNALS_ALARM,
	SIGNALS_ALARM_WD,
	SIGNALS_STOP,
	SCOPE_SIGNALS_VERBS,
};

/* What is counted. Numbers stand in keys: only add at the end. */
enum signal_window {
	WINDOW_NOT_EFFECTIVE,
	WINDOW_DESK,
	WINDOW_ABSENT,
	WINDOW_NO_ALTERNATIVE,
	WINDOW_NO_FOLLOW_UP,
	WINDOW_TRANSFER,
	WINDOW_SECLUSION,
	WINDOW_STUCK,
	WINDOW_MEETING,
	WINDOW_APPLICATION,
	WINDOW_DIRECT,
	WINDOW_EVALUATION,
	WINDOW_EVALUATION_MISSED,
	WINDOW_REGION_TRANSFER,
	WINDOW_INSTITUTION_SECLUSION,
	WINDOW_STILL_CLOSED,
	WINDOW_STILL_EXTENDED,
	WINDOW_WITHOUT_PERSPECTIVE,
	SIGNAL_WINDOWS,
};

/* What rings later. Numbers stand in keys: only add at the end. */
enum signal_alarm {
	ALARM_MOVEMENT,
	ALARM_BRIDGING,
	ALARM_SILENCE,
	SIGNAL_ALARMS,
};

extern const struct rules_scope scope_signals;

/* Unit of a counted fact, as a code ("CASES"); "" for facts that count nothing. */
const char *scope_signals_unit(unsigned fact);

#endif
