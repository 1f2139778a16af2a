// SPDX-License-Identifier: EUPL-1.2
#include "services/routing/routing_agenda.h"

/* One team's agenda, as one case sees it. */
struct agenda {
	struct routing_state *state;
	struct store_txn *txn;
	const struct case_file *file;
	struct policy_capacity capacity;
};

static unsigned
taken(const struct agenda *a, cal_day day)
{
	return routing_agenda_count(a->state, a->txn, a->file->team, day, a->file->id.s,
				    (unsigned)a->capacity.cases_per_meeting);
}

static cal_day
next_free(const struct agenda *a, const struct calendar *calendar, cal_day full)
{
	const unsigned room = (unsigned)a->capacity.cases_per_meeting;
	cal_day turn = full; /* of the cycle */
	cal_day slot = full; /* the same, on a working day */

	for (cal_day day = full + 1; day <= full + AGENDA_DAYS_AHEAD; day++) {
		while (slot < day && a->capacity.cycle_days > 0) {
			turn += a->capacity.cycle_days;
			slot = cal_next_working_day(calendar, turn);
		}
		const unsigned cases = taken(a, day);

		if (cases < room && (cases > 0 || day == slot))
			return day;
	}
	return CAL_NONE;
}

void
routing_agenda(struct routing_state *s, struct store_txn *txn, const struct case_file *file, struct situation *at)
{
	at->agenda_full = false;
	at->next_free_slot = CAL_NONE;
	if (at->view == NULL || code_is_empty(file->team) || !routing_is(at, &pb_MeetingScheduled_descriptor))
		return;
	const pb_MeetingScheduled *planned = (const pb_MeetingScheduled *)at->body;
	const cal_day day = record_day(planned->meeting_on);
	const struct agenda a = {s, txn, file, policy_capacity_of(at->view, file->team.s)};

	if (planned->meeting_kind == (int)MEETING_KIND_SUBGROUP || day == CAL_NONE ||
	    a.capacity.cases_per_meeting == 0 || taken(&a, day) < (unsigned)a.capacity.cases_per_meeting)
		return;
	at->agenda_full = true;
	at->next_free_slot = next_free(&a, &at->view->calendar, day);
}
