// SPDX-License-Identifier: EUPL-1.2
/* routing_agenda.h - is there room for one more case at a team's meeting, and where is it else (R30)?
 *
 * A team takes so many cases a meeting and meets every so many days; both come from the policy. A full agenda refuses
 * nothing and lengthens no term: it is told, with the next day that has room. */
#ifndef DOORBRAAK_ROUTING_AGENDA_H
#define DOORBRAAK_ROUTING_AGENDA_H

#include "services/routing/routing_facts.h"
#include "services/routing/routing_state.h"

#define AGENDA_DAYS_AHEAD 366 /* no place is looked for beyond this many days */

/* Fills at->agenda_full and at->next_free_slot for a MeetingScheduled of a team meeting; otherwise there is nothing to
 * find. Room is looked for on the days of the team's cycle, counted from the full day (a free day moves to the next
 * working day), and on days on which it meets already. */
void routing_agenda(struct routing_state *s, struct store_txn *txn, const struct case_file *file, struct situation *at);

#endif
