// SPDX-License-Identifier: EUPL-1.2
/* signalling_event.h - one thing that happened, on which a table is run.
 *
 * signalling.c makes events from records, signalling_time.c from time, signalling_heard.c from acknowledgements and from
 * their absence;
 * signalling_facts.c fills the facts that the event's table asks for; signalling_say.c runs it and does what the winning
 * rows say: counts, sets alarms; signalling_tell.c raises signals, updates and clears them. */
#ifndef DOORBRAAK_SIGNALLING_EVENT_H
#define DOORBRAAK_SIGNALLING_EVENT_H

#include "common/policy.h"
#include "common/registry.h"
#include "common/service.h"
#include "services/signalling/signalling_decide.h"
#include "services/signalling/signalling_state.h"
#include "services/signalling/webhook_state.h"

struct signalling {
	struct signalling_db db;
	struct webhook_db webhooks; /* for questions only: the executor's */
	struct signal_memo memo;
	struct registry registry;
	struct registry_memo registry_memo;
	struct policy_book *policies; /* freed in close() */
	struct signal_day day;        /* as it is stored */
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
	const char *stuck_on;           /* name of the group of S11: region, reason, supply */
	const struct signal_open *open; /* of RAISED, CLEARED and NOT_ACKNOWLEDGED; NULL for other events */
	int64_t sequence_missing;
	cal_day quarter_from, quarter_to;
	cal_day overdue_since; /* CAL_NONE where it does not matter */
	int64_t theme_reports; /* unsolved ones in a row, with ThemeRecorded */
	/* Filled by signalling_run(). */
	int64_t overdue_wd;
	const struct policy_view *view;
};

/* An event, still empty but for where it takes place: region and team of the case. */
struct signal_event signalling_event_of(struct signalling *self, struct turn *turn, const char *name, cal_day day,
					const char *case_id, struct signal_case *c);
/* Team and centre of a region, for an event that is about no case. */
struct signal_case signalling_around(struct signalling *self, struct turn *turn, const char *region, cal_day day);

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
/* The institution where the youth is, or that speaks; "" when unknown. */
const char *signalling_institution(const struct signal_event *event);
/* Over which days a fact was counted, and how much more of it lies in the later half; CAL_NONE and 0 where it was
 * counted over none. fact -1: one event. */
struct signal_period {
	cal_day from, to;
	int32_t trend;
};
struct signal_period signalling_period(const struct signal_event *event, int fact);

/* ---- signals: raised, updated, cleared ---- */

/* A row that won, and all that is needed to say why. */
struct signal_win {
	const struct policy_view *view;
	const struct rules_table *table;
	const struct rules_row *row;
	const struct rules_block *block;
	const struct rules_result *result;
	const int64_t *facts;
};

/* The verbs raise and raise_for. */
void signalling_raise(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect);
/* clear, clear_for and clear_deadline. */
void signalling_clear(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect);
void signalling_clear_all(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect);
/* tell: more addressees for event->open, which nobody acknowledged. */
void signalling_tell(struct signal_event *event, const struct signal_win *win, const struct rules_effect *effect);
/* An addressee acknowledges event->open. */
void signalling_take_up(struct signal_event *event, int follow_up, const char *organisation);
/* The submission of the event is rejected. */
void signalling_reject(struct signal_event *event, int reason, const char *field);
/* Who is who around the event. */
struct signal_place signalling_place(const struct signal_event *event);

/* ---- time ---- */

/* A day begins; and what it brings last, once its missed deadlines and warnings are told. */
void signalling_tick(struct signalling *self, struct turn *turn, const pb_Tick *tick);
void signalling_day_told(struct signalling *self, struct turn *turn);
/* Regions with S09 open that have a team or landing place today. */
void signalling_regions_served(struct signalling *self, struct turn *turn);

/* ---- acknowledgements ---- */

void signalling_acknowledged(struct signalling *self, struct turn *turn, const pb_Submission *s);
/* Nobody acknowledged these until today. */
void signalling_unheard(struct signalling *self, struct turn *turn);

#endif
