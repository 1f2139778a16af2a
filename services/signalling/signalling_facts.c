// SPDX-License-Identifier: EUPL-1.2
#include "services/signalling/signalling_event.h"

/* ---- groups and subjects ---- */

const char *
signalling_stuck_group(struct arena *a, const char *region, int stuck_on, int missing_supply)
{
	char *name;

	if (region[0] == '\0' || stuck_on == 0)
		return "";
	if (stuck_on == STUCK_ON_SUPPLY && missing_supply != 0)
		name = arena_printf(a, "%s-%s-%s", region, record_code_of("StuckOn", stuck_on),
				    record_code_of("MissingSupply", missing_supply));
	else
		name = arena_printf(a, "%s-%s", region, record_code_of("StuckOn", stuck_on));
	/* It is shown as the subject of a signal, so it is written as a code. */
	for (char *s = name; *s != '\0'; s++) {
		if (*s == '_')
			*s = '-';
	}
	return name;
}

const char *
signalling_subject_id(const struct signal_event *event, int subject)
{
	switch (subject) {
	case SIGNAL_SUBJECT_CASE: return event->case_id;
	case SIGNAL_SUBJECT_REGION: return event->region;
	case SIGNAL_SUBJECT_TEAM: return event->team;
	case SIGNAL_SUBJECT_INSTITUTION: return event->c->provider.s;
	case SIGNAL_SUBJECT_STUCK_REASON: return event->stuck_on;
	case SIGNAL_SUBJECT_SOURCE: return event->source;
	default: return "";
	}
}

const char *
signalling_group(const struct signal_event *event, enum signal_window window)
{
	switch (window) {
	case WINDOW_NOT_EFFECTIVE:
	case WINDOW_DESK: return event->case_id;
	case WINDOW_TRANSFER:
	case WINDOW_SECLUSION:
		/* A youth may have had an earlier case. */
		if (event->c->youth != 0)
			return arena_printf(event->turn->arena, "Y%llu", (unsigned long long)event->c->youth);
		return event->case_id;
	case WINDOW_ABSENT: return event->c->funder.s;
	case WINDOW_STUCK: return event->stuck_on;
	case WINDOW_NO_ALTERNATIVE:
	case WINDOW_NO_FOLLOW_UP:
	case WINDOW_APPLICATION:
	case WINDOW_DIRECT: return event->region;
	case WINDOW_MEETING:
	case WINDOW_EVALUATION:
	case WINDOW_EVALUATION_MISSED: return event->team;
	default: return "";
	}
}

/* ---- counts ---- */

static int64_t
count_in(const struct signal_event *event, enum signal_window window)
{
	const char *group = signalling_group(event, window);

	if (group[0] == '\0')
		return 0;
	return signalling_window_count(&event->self->db, event->turn->txn, window, group,
				       signalling_window(event->view, window), event->turn->today);
}

static int64_t
count_in_quarter(const struct signal_event *event, enum signal_window window)
{
	const char *group = signalling_group(event, window);

	if (group[0] == '\0')
		return 0;
	return signalling_window_between(&event->self->db, event->turn->txn, window, group, event->quarter_from,
					 event->quarter_to);
}

/* ---- agenda of a team ---- */

static int64_t
crowded_meetings(const struct signal_event *event)
{
	unsigned cases[SIGNALLING_MEETING_DAYS];

	if (event->team[0] == '\0')
		return 0;
	const unsigned days = signalling_meetings(&event->self->db, event->turn->txn, event->team, cases);

	return signalling_crowded(cases, days, policy_capacity_of(event->view, event->team).cases_per_meeting);
}

static void
queue_facts(const struct signal_event *event, int64_t *facts)
{
	int32_t ahead = 0;

	if (event->team[0] == '\0')
		return;
	facts[SIGNALS_TEAM_QUEUE] = signalling_queue_get(&event->self->db, event->turn->txn, event->team);
	if (policy_value(event->view, "meeting_ahead", &ahead))
		facts[SIGNALS_QUEUE_BEYOND] =
		    signalling_beyond(facts[SIGNALS_TEAM_QUEUE], policy_capacity_of(event->view, event->team), ahead);
}

static void
theme_facts(const struct signal_event *event, int64_t *facts)
{
	int32_t each = 0;

	facts[SIGNALS_THEME_REPORTS] = event->theme_reports;
	if (policy_value(event->view, "theme_reports", &each))
		facts[SIGNALS_THEME_STEP] = signalling_theme_step(event->theme_reports, each);
}

/* ---- S11 beyond its region ---- */

/* Behind the region a group names reason and supply. */
static const char *
stuck_reason(const char *group, const char *region)
{
	const size_t len = strlen(region);

	return strncmp(group, region, len) == 0 ? group + len : group;
}

static int64_t
stuck_wide(const struct signal_event *event, bool centres)
{
	const char *reason = stuck_reason(event->stuck_on, event->region);
	unsigned count;
	int64_t counted = 0;
	const struct signal_open *open =
	    signalling_open_list(&event->self->db, event->turn->txn, SIGNAL_SUBJECT_STUCK_REASON, NULL, 0, &count);

	for (unsigned i = 0; i < count; i++) {
		if (strcmp(stuck_reason(open[i].key.subject_id, open[i].region.s), reason) != 0)
			continue;
		if (!centres) {
			counted += code_equal(open[i].centre, event->c->centre) ? 1 : 0;
			continue;
		}
		bool known = open[i].stage < 2;

		for (unsigned j = 0; j < i && !known; j++)
			known = open[j].stage >= 2 && code_equal(open[j].centre, open[i].centre) &&
				strcmp(stuck_reason(open[j].key.subject_id, open[j].region.s), reason) == 0;
		counted += known ? 0 : 1;
	}
	return counted;
}

/* ---- plan and meeting ---- */

static void
plan_facts(const pb_PlanAgreed *plan, int64_t *facts)
{
	uint64_t laws = 0;

	for (size_t i = 0; i < plan->n_actions; i++) {
		const int law = (int)plan->actions[i]->law;

		laws |= (uint64_t)1 << (law == LAW_UNSPECIFIED ? (int)LAW_JEUGDWET : law);
		facts[SIGNALS_TASKS_WITHOUT_FUNDER] += plan->actions[i]->funder[0] == '\0' ? 1 : 0;
	}
	for (; laws != 0; laws &= laws - 1)
		facts[SIGNALS_PLAN_LAWS]++;
}

static void
meeting_facts(const struct signal_event *event, const pb_MeetingHeld *meeting, int64_t *facts)
{
	const unsigned both = 1u << PERSON_PARENT | 1u << PERSON_YOUTH;

	facts[SIGNALS_FAMILY_INVITED] = (event->c->invited & both) == both;
	for (size_t i = 0; i < meeting->n_present; i++) {
		const int kind = (int)meeting->present[i]->kind;

		if (kind == ROLE_PARENT || kind == ROLE_YOUTH)
			facts[SIGNALS_FAMILY_PRESENT] = 1;
	}
	facts[SIGNALS_FAMILY_ABSENT_MEETINGS] = facts[SIGNALS_FAMILY_PRESENT] ? 0 : event->c->absent_meetings + 1;
}

/* ---- all together ---- */

static void
case_facts(const struct signal_event *event, int64_t *facts)
{
	const struct signal_case *c = event->c;

	facts[SIGNALS_STATE] = c->state;
	facts[SIGNALS_TRACK] = c->track;
	facts[SIGNALS_LEVEL] = c->level;
	facts[SIGNALS_GOVERNANCE] = c->governance;
	facts[SIGNALS_MANDATE] = c->mandate;
	facts[SIGNALS_CONSENT] = c->consent;
	facts[SIGNALS_MEASURE_ACTIVE] = c->measure_active;
	facts[SIGNALS_PLACED] = c->placed;
	facts[SIGNALS_HAS_TEAM] = !code_is_empty(c->team);
	facts[SIGNALS_TEAM_SUPPORTS] = c->team_supports;
	facts[SIGNALS_DAYS_STILL] = c->moved_on == CAL_NONE ? 0 : event->turn->today - c->moved_on;
	facts[SIGNALS_OVERDUE_WD] = event->overdue_wd;
	facts[SIGNALS_SEQUENCE_MISSING] = event->sequence_missing;
	facts[SIGNALS_SENDS_DAILY] = event->heard != NULL && event->heard->sends_daily;
}

static void
open_facts(const struct signal_event *event, int64_t *facts)
{
	unsigned count;

	if (event->case_id[0] == '\0')
		return;
	const struct signal_open *open =
	    signalling_open_list(&event->self->db, event->turn->txn, SIGNAL_SUBJECT_CASE, event->case_id, 0, &count);

	for (unsigned i = 0; i < count; i++) {
		const struct signal_key *key = &open[i].key;

		facts[SIGNALS_OPEN] |= (int64_t)1 << key->code;
		if (event->deadline_kind != 0 && key->code == SIGNAL_CODE_S02_DEADLINE_MISSED &&
		    key->deadline_kind == event->deadline_kind && strcmp(key->reference, event->reference) == 0)
			facts[SIGNALS_WAS_MISSED] = 1;
	}
}

static void
quarter_facts(const struct signal_event *event, int64_t *facts)
{
	/* Nobody else asks these windows for a count, which is what lets go of the old. */
	for (int window = WINDOW_APPLICATION; window <= WINDOW_EVALUATION_MISSED; window++)
		count_in(event, (enum signal_window)window);
	facts[SIGNALS_APPLICATIONS] = count_in_quarter(event, WINDOW_APPLICATION);
	facts[SIGNALS_DIRECT_PERMILLE] =
	    signalling_permille(count_in_quarter(event, WINDOW_DIRECT), facts[SIGNALS_APPLICATIONS]);
	facts[SIGNALS_EVALUATIONS] = count_in_quarter(event, WINDOW_EVALUATION);
	facts[SIGNALS_OVERDUE_PERMILLE] =
	    signalling_permille(count_in_quarter(event, WINDOW_EVALUATION_MISSED), facts[SIGNALS_EVALUATIONS]);
}

void
signalling_facts(const struct signal_event *event, uint64_t wanted, int64_t *facts)
{
	static const struct {
		enum scope_signals_fact fact;
		enum signal_window window;
	} counts[] = {
	    {SIGNALS_NOT_EFFECTIVE, WINDOW_NOT_EFFECTIVE},
	    {SIGNALS_DESK_CONTACTS, WINDOW_DESK},
	    {SIGNALS_ABSENCES, WINDOW_ABSENT},
	    {SIGNALS_NO_ALTERNATIVE, WINDOW_NO_ALTERNATIVE},
	    {SIGNALS_NO_FOLLOW_UP, WINDOW_NO_FOLLOW_UP},
	    {SIGNALS_TRANSFERS, WINDOW_TRANSFER},
	    {SIGNALS_SECLUSIONS, WINDOW_SECLUSION},
	    {SIGNALS_STUCK, WINDOW_STUCK},
	};

	memset(facts, 0, SCOPE_SIGNALS_FACTS * sizeof *facts);
	case_facts(event, facts);
	if ((wanted & ((uint64_t)1 << SIGNALS_OPEN | (uint64_t)1 << SIGNALS_WAS_MISSED)) != 0)
		open_facts(event, facts);
	for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		if ((wanted >> counts[i].fact & 1) != 0)
			facts[counts[i].fact] = count_in(event, counts[i].window);
	}
	if ((wanted >> SIGNALS_STUCK_REGIONS & 1) != 0)
		facts[SIGNALS_STUCK_REGIONS] = stuck_wide(event, false);
	if ((wanted >> SIGNALS_STUCK_CENTRES & 1) != 0)
		facts[SIGNALS_STUCK_CENTRES] = stuck_wide(event, true);
	if ((wanted & ((uint64_t)1 << SIGNALS_TEAM_QUEUE | (uint64_t)1 << SIGNALS_QUEUE_BEYOND)) != 0)
		queue_facts(event, facts);
	theme_facts(event, facts);
	if ((wanted >> SIGNALS_CROWDED_MEETINGS & 1) != 0)
		facts[SIGNALS_CROWDED_MEETINGS] = crowded_meetings(event);
	if (event->quarter_from != CAL_NONE)
		quarter_facts(event, facts);
	if (event->message != NULL && event->message->descriptor == &pb_PlanAgreed_descriptor)
		plan_facts((const pb_PlanAgreed *)event->message, facts);
	if (event->message != NULL && event->message->descriptor == &pb_MeetingHeld_descriptor)
		meeting_facts(event, (const pb_MeetingHeld *)event->message, facts);
}
