// SPDX-License-Identifier: EUPL-1.2
/* routing_deadlines.h - deadlines of a case: set, cleared, ended, made earlier, missed (rules.md 3.1, 4.5). Pure.
 *
 * A deadline that is missed leaves the open ones and is remembered until it is cleared, so that a late message is
 * told as late. Of one kind and reference the first miss is remembered: lateness counts from there. */
#ifndef DOORBRAAK_ROUTING_DEADLINES_H
#define DOORBRAAK_ROUTING_DEADLINES_H

#include "services/routing/routing_effects.h"

/* The due day of a term that counts from `from`, or backwards to it, and never before the day of the event where it is
 * counted backwards. CAL_NONE when the policy sets nothing for this track. */
cal_day deadline_due(const struct policy_view *view, int kind, int track, cal_day from, cal_day event);

/* The early warning: the earlier of (start + so many percent of the days of the term, rounded up) and the last working
 * day before the due day; CAL_NONE when that is not after the start. A day that passed before the deadline was set
 * becomes the day after that; behind the due day there is none. */
cal_day deadline_warn_on(const struct calendar *calendar, int32_t percent, cal_day start, cal_day due, cal_day set_on);
#define DEADLINE_WARN_PERCENT 80 /* `warn_percent`, where no policy says otherwise */

/* Sets a deadline, in place of one of the same kind and reference. */
void deadline_put(struct change *c, int kind, const char *reference, cal_day start, cal_day due);
/* Sets it with the term of the track, from its anchor. */
void deadline_set(struct change *c, int kind, const char *reference);
/* Makes an open one due at the end of the term it has under a court measure, if that is earlier (R58, R62). */
void deadline_earlier(struct change *c, int kind);
/* Ends one, open or missed; fulfilled, else superseded. */
void deadline_clear(struct change *c, int kind, const char *reference, bool fulfilled);
/* Ends all of a kind. */
void deadline_clear_kind(struct change *c, int kind, bool fulfilled);
/* Drops the open ones of a kind; what was missed stays on record for a late answer. */
void deadline_drop_open(struct change *c, int kind);
/* Ends everything: the case is closed. What was missed is forgotten silently. */
void deadline_end_all(struct change *c);
/* Ends the open ones whose states were left. */
void deadline_leave_state(struct change *c, int from_state, int to_state);

/* Takes the i-th open deadline out and remembers it as missed. Returns it. */
struct case_deadline deadline_miss(struct case_file *file, unsigned i);

#endif
