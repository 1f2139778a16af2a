// SPDX-License-Identifier: EUPL-1.2
/* signalling_state.h - what signalling remembers, and where.
 *
 *   signal_cases    id of an open case -> what is known of the case (struct signal_case), as far as facts and addressees need
 *                   it
 *   signal_closed   the same of a closed case: the open ones, few among them, stand together
 *   signal_alias    id of a linked submission -> case id
 *   signal_actions  case id, 0, action id -> organisation that answers for the action of the plan in force
 *   signal_open     subject, subject id, 0, code, deadline kind, due day, reference -> struct signal_open
 *   signal_lists    of the open signals, by what is asked for: signalling_query.h; follows at the end of a batch
 *   signal_unheard  day, key of an open signal -> nothing; who must be acknowledged before that day
 *   signal_windows  window, group, 0, day, item -> nothing; what is counted, in the order of the days
 *   signal_counts   window, group -> how many of them there are
 *   signal_items    window, group, 0, item -> day; only of windows in which a case counts once, on its last day
 *   signal_meetings team, 0, day -> cases discussed at the meeting of that day
 *   signal_alarms   day, alarm, id -> nothing; what rings on a day
 *   signal_sources  source that sends daily -> struct signal_source
 *   signal_queues   team -> voluntary cases queued with it
 *   signal_themes   group of S11 -> reports in a row that leave its theme unsolved
 *
 * All numbers big-endian, days with the sign bit turned so that byte order is day order, text as length and bytes. */
#ifndef DOORBRAAK_SIGNALLING_STATE_H
#define DOORBRAAK_SIGNALLING_STATE_H

#include "common/calendar.h"
#include "common/scope_signals.h"
#include "common/store.h"

#define SIGNALLING_GROUP_MAX 128 /* bytes of a group's name, the NUL included */

struct signal_memo;
struct signalling_db {
	struct signal_memo *memo; /* emptied with every signalling_db_open() */
	struct store_db cases, closed, alias, actions, open, windows, counts, items, meetings, alarms, sources, queues,
	    themes, unheard, lists, day;
};

/* A day that began and whose thresholds are still to ring. */
struct signal_day {
	cal_day day; /* CAL_NONE: there is none */
	int64_t at_ms;
};
struct signal_day signalling_day_get(const struct signalling_db *db, struct store_txn *txn);
void signalling_day_put(const struct signalling_db *db, struct store_txn *txn, struct signal_day day);

struct signalling_db signalling_db_open(struct store_txn *txn, struct signal_memo *memo);

/* Room for one more element in an array in the arena: as many again when it is full. */
static inline void *
arena_grown(struct arena *a, void *array, unsigned count, unsigned *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room == 0 ? 8 : *room * 2;
	void *larger = arena_take(a, *room * size);

	if (count > 0)
		memcpy(larger, array, count * size);
	return larger;
}

/* An alarm of one case or source. It is set to a later day without touching the index: the entry that rings too early
 * is then put down anew for the day that is wanted. */
struct signal_timer {
	cal_day wanted; /* CAL_NONE: not set */
	cal_day armed;  /* day of the earliest entry in the index; CAL_NONE: there is none */
	cal_day since;  /* day from which its working days are counted */
};

struct signal_case {
	uint8_t state, track, level, governance, mandate, consent; /* enums of the contract */
	bool measure_active, placed, team_supports;
	struct code owner; /* the last one, once closed */
	struct code funder, region, team, centre;
	struct code certified_body;
	struct code provider;     /* institution of the closed placement */
	struct code waiting_with; /* who recorded the waiting time */
	struct code queued_with;  /* team in whose queue it is counted; empty when in none */
	uint64_t youth;           /* opaque number of intake; 0 when unknown */
	uint64_t heard;           /* cause of the last accepted message */
	cal_day moved_on;         /* day on which that was accepted */
	uint8_t invited;          /* bits of Person, to the next team meeting */
	uint16_t absent_meetings; /* team meetings in a row without parent and youth */
	struct signal_timer movement, bridging;
};

/* The case looked at last: most records in a row are about the same one. */
#define SIGNALLING_CASE_BYTES_MAX 640
struct signal_memo {
	struct id asked, id; /* an id, and what it stands for; `asked` empty: nothing is remembered */
	struct id held;      /* whose case this is; empty: nobody's */
	bool known;          /* false: there is no such case */
	struct signal_case c;
	size_t len;
	uint8_t bytes[SIGNALLING_CASE_BYTES_MAX]; /* as it is kept */
	/* The open signals of a case looked at last. The list is never changed, another takes its place. */
	uint64_t opens_batch; /* in which transaction it lives; 0: none does */
	struct id opens_of;
	const struct signal_entry *opens;
	unsigned opens_count;
	uint64_t opens_codes; /* bits of SignalCode */
	/* How many signals about sources are open: mostly none is. */
	uint64_t sources_batch; /* in which transaction that was looked up; 0: none */
	unsigned sources_count;
	/* Open signals that were changed in a transaction, for signalling_open_settle(). */
	uint64_t touched_batch;
	struct signal_touched *touched;
	unsigned touched_count, touched_room;
};

/* False, and *c empty, when the case is unknown. */
bool signalling_case_get(const struct signalling_db *db, struct store_txn *txn, const char *case_id,
			 struct signal_case *c);
void signalling_case_put(const struct signalling_db *db, struct store_txn *txn, const char *case_id,
			 const struct signal_case *c);

/* The case that an id stands for: itself, unless it was linked to another. */
struct id signalling_alias_get(const struct signalling_db *db, struct store_txn *txn, const char *case_id);
void signalling_alias_put(const struct signalling_db *db, struct store_txn *txn, const char *alias,
			  const char *case_id);

/* Who answers for an action; empty when unknown. */
struct code signalling_action_get(const struct signalling_db *db, struct store_txn *txn, const char *case_id,
				  const char *action);
/* The actions of a new plan take the place of the former ones. */
void signalling_actions_replace(const struct signalling_db *db, struct store_txn *txn, const char *case_id,
				const pb_PlanAgreed *plan);

/* ---- open signals ---- */

#define SIGNALLING_OPEN_KEY_MAX (ID_MAX + CODE_MAX + ID_MAX + 16) /* bytes */

struct signal_key {
	int subject; /* SIGNAL_SUBJECT_... */
	const char *subject_id;
	int code;          /* SIGNAL_CODE_... */
	int deadline_kind; /* 0 where the signal is not about one deadline */
	cal_day due;       /* CAL_NONE where one signal stands for all due days */
	const char *reference;
};
/* Who was told of a signal, of all its stages: codes once each, in the order in which they were told. */
#define SIGNALLING_TOLD_MAX 32
struct signal_told {
	uint64_t to; /* bits of Addressee */
	unsigned count;
	const char *const *organisations; /* in the arena */
};

/* An open signal as far as its key tells, and as it is kept. */
struct signal_entry {
	struct signal_key key; /* text in the arena */
	struct bytes raw_key, raw_value;
};

struct signal_open {
	struct signal_key key; /* text in the arena */
	int stage;
	cal_day raised_on;
	struct code region, centre; /* where it last got a stage */
	int32_t evidence, threshold;
	struct code unit;
	cal_day unheard_on;   /* when the next step of governance is told; CAL_NONE: nobody is waited for */
	int follow_up;        /* FOLLOW_UP_CODE_..., of the last who acknowledged its stage */
	struct code heard_by; /* that organisation; empty while there is none */
	struct signal_told told;
	struct bytes raw_key, raw_value; /* as it was kept when it was got */
};

/* A change of an open signal, and how it was kept before; nothing when it was not open. */
struct signal_touched {
	struct bytes raw_key, before;
};

/* Stage of an open signal, 0 when it is not open; fills *open when it is. */
int signalling_open_get(const struct signalling_db *db, struct store_txn *txn, const struct signal_key *key,
			struct signal_open *open);
/* The same by its key in the store; false when it is not open. */
bool signalling_open_at(const struct signalling_db *db, struct store_txn *txn, struct bytes raw_key,
			struct signal_open *open);
/* All of an entry. */
struct signal_open signalling_open_of(struct arena *a, const struct signal_entry *entry);
bool signalling_is_open(const struct signalling_db *db, struct store_txn *txn, const struct signal_key *key);
void signalling_open_put(const struct signalling_db *db, struct store_txn *txn, const struct signal_open *open);
void signalling_open_delete(const struct signalling_db *db, struct store_txn *txn, const struct signal_open *open);
/* The end of a batch: the lists follow what changed in it. */
void signalling_open_settle(const struct signalling_db *db, struct store_txn *txn);
/* Open signals of a subject, or of a kind of subject with subject_id NULL, in the order of their keys; of one code, or
 * of all with 0 (always with subject_id NULL); an array in the arena. */
const struct signal_entry *signalling_open_list(const struct signalling_db *db, struct store_txn *txn, int subject,
						const char *subject_id, int code, unsigned *count);
/* Codes of the open signals of a case, as bits. */
uint64_t signalling_open_codes(const struct signalling_db *db, struct store_txn *txn, const char *case_id);
/* How many signals about sources are open. */
unsigned signalling_open_sources(const struct signalling_db *db, struct store_txn *txn);

/* That nobody has acknowledged it is to be told on a day. Earlier entries of the same signal stay, and are passed over
 * because its `unheard_on` is another day. */
void signalling_unheard_put(const struct signalling_db *db, struct store_txn *txn, const struct signal_open *open);
struct unheard_entry {
	cal_day day;
	struct bytes raw_key; /* in the arena */
};
/* Takes the entries up to and including a day; an array in the arena. */
const struct unheard_entry *signalling_unheard_take(const struct signalling_db *db, struct store_txn *txn, cal_day day,
						    unsigned *count);
/* The open signal of an entry; false when it ended, was acknowledged or is to be told on another day. */
bool signalling_unheard_get(const struct signalling_db *db, struct store_txn *txn, const struct unheard_entry *entry,
			    struct signal_open *open);

/* ---- windows ---- */

/* Counts an item of a group. The same item again counts once: on the same day for all windows, on any day for those in
 * which a case counts once (signalling_counts_once()), where the last day is the one that counts. */
void signalling_window_add(const struct signalling_db *db, struct store_txn *txn, enum signal_window window,
			   const char *group, struct bytes item, cal_day day);
/* The item is no longer counted, in a window in which a case counts once. */
void signalling_window_remove(const struct signalling_db *db, struct store_txn *txn, enum signal_window window,
			      const char *group, struct bytes item);
/* How many items still count today in a window of that length; forgets those that no longer do. `today` never goes back. */
uint32_t signalling_window_count(const struct signalling_db *db, struct store_txn *txn, enum signal_window window,
				 const char *group, struct term length, cal_day today);
/* How many were on these days. */
uint32_t signalling_window_between(const struct signalling_db *db, struct store_txn *txn, enum signal_window window,
				   const char *group, cal_day from, cal_day to);
/* Names of the groups of a window that hold something, in order; an array in the arena. */
const char *const *signalling_window_groups(const struct signalling_db *db, struct store_txn *txn,
					    enum signal_window window, unsigned *count);

/* A case was discussed at a team's meeting on a day. As many days are kept, the last ones. */
#define SIGNALLING_MEETING_DAYS 8
void signalling_meeting_add(const struct signalling_db *db, struct store_txn *txn, const char *team, cal_day day);
/* Cases discussed on each of the team's last meeting days, the last one first; how many days. */
unsigned signalling_meetings(const struct signalling_db *db, struct store_txn *txn, const char *team,
			     unsigned cases[SIGNALLING_MEETING_DAYS]);

/* ---- alarms ---- */

/* Sets a timer; the index is touched only when the new day is earlier than every entry. */
void signalling_timer_set(const struct signalling_db *db, struct store_txn *txn, struct signal_timer *timer,
			  enum signal_alarm alarm, const char *id, cal_day day);
struct alarm_entry {
	enum signal_alarm alarm;
	const char *id; /* in the arena */
	cal_day day;
};
/* Takes the entries up to and including a day out of the index; an array in the arena. */
const struct alarm_entry *signalling_alarms_take(const struct signalling_db *db, struct store_txn *txn, cal_day day,
						 unsigned *count);
/* An entry of the timer was taken: true when it rings now; else it is put down anew where it is still wanted. */
bool signalling_timer_rings(const struct signalling_db *db, struct store_txn *txn, struct signal_timer *timer,
			    const struct alarm_entry *entry);

/* ---- sources, queues and themes ---- */

struct signal_source {
	bool sends_daily;
	cal_day valid_to; /* CAL_NONE: without end */
	struct signal_timer silence;
};
bool signalling_source_get(const struct signalling_db *db, struct store_txn *txn, const char *source,
			   struct signal_source *s);
void signalling_source_put(const struct signalling_db *db, struct store_txn *txn, const char *source,
			   const struct signal_source *s);

uint32_t signalling_queue_get(const struct signalling_db *db, struct store_txn *txn, const char *team);
/* One more, or one less. */
void signalling_queue_change(const struct signalling_db *db, struct store_txn *txn, const char *team, bool more);

/* A theme was tabled: how many reports in a row now leave it unsolved; a solved one ends the row. */
uint32_t signalling_theme_tabled(const struct signalling_db *db, struct store_txn *txn, const char *group, bool solved);

#endif
