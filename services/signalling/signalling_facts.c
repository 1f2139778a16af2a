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
signalling_institution(const struct signal_event *event)
{
	const pb_Submission *s = event->submission;

	if (!code_is_empty(event->c->provider))
		return event->c->provider.s;
	return s != NULL && s->actor != NULL && s->actor->role == (int)ROLE_PROVIDER ? s->actor->organisation : "";
}

const char *
signalling_subject_id(const struct signal_event *event, int subject)
{
	switch (subject) {
	case SIGNAL_SUBJECT_CASE: return event->case_id;
	case SIGNAL_SUBJECT_REGION: return event->region;
	case SIGNAL_SUBJECT_TEAM: return event->team;
	case SIGNAL_SUBJECT_INSTITUTION: return signalling_institution(event);
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
	case WINDOW_DIRECT:
	case WINDOW_REGION_TRANSFER:
	case WINDOW_STILL_CLOSED:
	case WINDOW_STILL_EXTENDED:
	case WINDOW_WITHOUT_PERSPECTIVE: return event->region;
	case WINDOW_INSTITUTION_SECLUSION: return signalling_institution(event);
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

/* ---- against a base period ---- */

/* The base figure of a subject: of the signal, else of the indicator. */
static const struct policy_baseline *
base_of(const struct policy_view *view, const char *signal, const char *indicator, const char *subject)
{
	const char *const codes[] = {signal, indicator};

	for (unsigned c = 0; c < 2; c++) {
		for (unsigned i = 0; i < view->baseline_count; i++) {
			if (strcmp(view->baselines[i].code, codes[c]) == 0 &&
			    strcmp(view->baselines[i].subject, subject) == 0)
				return &view->baselines[i];
		}
	}
	return NULL;
}

static int64_t
index_in(const struct signal_event *event, enum signal_window window, const char *signal, const char *indicator)
{
	const char *group = signalling_group(event, window);
	const struct policy_baseline *base = group[0] == '\0' ? NULL : base_of(event->view, signal, indicator, group);
	const cal_day today = event->turn->today;
	/* Also without a base figure: it lets go of the old. */
	const int64_t count = count_in(event, window);

	if (base == NULL)
		return 0;
	const struct signal_stretch now = {
	    count, signalling_months(signalling_window_start(signalling_window(event->view, window), today), today)};

	return signalling_index_permille(now,
					 (struct signal_stretch){base->count, signalling_months(base->from, base->to)});
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

/* Is it open for the same, since a day, on a stage at least? */
static bool
stuck_alike(const struct signal_open *open, const char *reason, cal_day since, int stage)
{
	return open->stage >= stage && open->raised_on >= since &&
	       strcmp(stuck_reason(open->key.subject_id, open->region.s), reason) == 0;
}

/* Regions of the centre, or centres, with the same open that was raised on or after a day. */
static int64_t
stuck_wide(const struct signal_event *event, bool centres, cal_day since)
{
	const char *reason = stuck_reason(event->stuck_on, event->region);
	unsigned count;
	int64_t wide = 0;
	struct arena *a = event->turn->arena;
	const struct signal_entry *entries =
	    signalling_open_list(&event->self->db, event->turn->txn, SIGNAL_SUBJECT_STUCK_REASON, NULL, 0, &count);
	struct signal_open *open = ARENA_ARRAY(a, struct signal_open, count + 1u);

	for (unsigned i = 0; i < count; i++)
		open[i] = signalling_open_of(a, &entries[i]);
	for (unsigned i = 0; i < count; i++) {
		bool known = !stuck_alike(&open[i], reason, since, centres ? 2 : 1);

		if (!centres) {
			wide += !known && code_equal(open[i].centre, event->c->centre) ? 1 : 0;
			continue;
		}
		for (unsigned j = 0; j < i && !known; j++)
			known = stuck_alike(&open[j], reason, since, 2) && code_equal(open[j].centre, open[i].centre);
		wide += known ? 0 : 1;
	}
	return wide;
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
	struct store_txn *txn = event->turn->txn;
	unsigned count;

	if (event->case_id[0] == '\0')
		return;
	facts[SIGNALS_OPEN] = (int64_t)signalling_open_codes(&event->self->db, txn, event->case_id);
	const struct signal_entry *missed = signalling_open_list(
	    &event->self->db, txn, SIGNAL_SUBJECT_CASE, event->case_id, SIGNAL_CODE_S02_DEADLINE_MISSED, &count);

	for (unsigned i = 0; i < count && event->deadline_kind != 0; i++) {
		if (missed[i].key.deadline_kind == event->deadline_kind &&
		    strcmp(missed[i].key.reference, event->reference) == 0)
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

static void
signal_facts(const struct signal_open *open, int64_t *facts)
{
	facts[SIGNALS_SIGNAL] = open->key.code;
	facts[SIGNALS_SUBJECT] = open->key.subject;
	facts[SIGNALS_STAGE] = open->stage;
	facts[SIGNALS_TOLD] = (int64_t)open->told.to;
}

void
signalling_facts(const struct signal_event *event, uint64_t wanted, int64_t *facts)
{
	memset(facts, 0, SCOPE_SIGNALS_FACTS * sizeof *facts);
	case_facts(event, facts);
	if ((wanted & ((uint64_t)1 << SIGNALS_OPEN | (uint64_t)1 << SIGNALS_WAS_MISSED)) != 0)
		open_facts(event, facts);
	if (event->open != NULL)
		signal_facts(event->open, facts);
	for (int fact = SIGNALS_NOT_EFFECTIVE; fact <= SIGNALS_STUCK; fact++) {
		if ((wanted >> fact & 1) != 0 && signalling_window_of(fact) != SIGNAL_WINDOWS)
			facts[fact] = count_in(event, signalling_window_of(fact));
	}
	if ((wanted >> SIGNALS_TRANSFER_PERMILLE & 1) != 0)
		facts[SIGNALS_TRANSFER_PERMILLE] = index_in(event, WINDOW_REGION_TRANSFER, "S15", "K21");
	if ((wanted >> SIGNALS_SECLUSION_PERMILLE & 1) != 0)
		facts[SIGNALS_SECLUSION_PERMILLE] = index_in(event, WINDOW_INSTITUTION_SECLUSION, "S16", "K22");
	if ((wanted >> SIGNALS_STUCK_REGIONS & 1) != 0)
		facts[SIGNALS_STUCK_REGIONS] = stuck_wide(event, false, INT32_MIN);
	if ((wanted >> SIGNALS_STUCK_CENTRES & 1) != 0)
		facts[SIGNALS_STUCK_CENTRES] = stuck_wide(event, true, INT32_MIN);
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

/* ---- the period of a count ---- */

static int32_t
trend_of(const struct signal_event *event, int fact, enum signal_window window, cal_day from, cal_day middle)
{
	const struct signalling_db *db = &event->self->db;
	struct store_txn *txn = event->turn->txn;
	const char *group = signalling_group(event, window);

	if (fact == SIGNALS_STUCK_REGIONS || fact == SIGNALS_STUCK_CENTRES) {
		const bool centres = fact == SIGNALS_STUCK_CENTRES;

		return (int32_t)(2 * stuck_wide(event, centres, middle) - stuck_wide(event, centres, from));
	}
	if (group[0] == '\0')
		return 0;
	return (int32_t)signalling_window_between(db, txn, window, group, middle, event->turn->today) -
	       (int32_t)signalling_window_between(db, txn, window, group, from, middle - 1);
}

struct signal_period
signalling_period(const struct signal_event *event, int fact)
{
	const enum signal_window window = signalling_window_of(fact);
	const cal_day today = event->turn->today;
	struct signal_period period = {CAL_NONE, CAL_NONE, 0};

	if (fact == SIGNALS_DIRECT_PERMILLE || fact == SIGNALS_OVERDUE_PERMILLE)
		return (struct signal_period){event->quarter_from, event->quarter_to, 0};
	if (fact == SIGNALS_DAYS_STILL && event->c->moved_on != CAL_NONE)
		return (struct signal_period){event->c->moved_on, today, 0};
	if (fact == SIGNALS_OVERDUE_WD && event->overdue_since != CAL_NONE)
		return (struct signal_period){event->overdue_since, today, 0};
	if (window == SIGNAL_WINDOWS)
		return period;
	period.from = signalling_window_start(signalling_window(event->view, window), today);
	if (period.from == CAL_NONE)
		return period;
	period.to = today;
	const cal_day middle = period.from + (period.to - period.from + 1) / 2;

	period.trend = trend_of(event, fact, window, period.from, middle);
	return period;
}
