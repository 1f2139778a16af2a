// SPDX-License-Identifier: EUPL-1.2
#include "services/signalling/signalling_decide.h"

int
signalling_subject(int code)
{
	switch (code) {
	case SIGNAL_CODE_S09_REGION_WITHOUT_TEAM:
	case SIGNAL_CODE_S21_DIRECT_TO_EC: return SIGNAL_SUBJECT_REGION;
	case SIGNAL_CODE_S10_TEAM_OVER_CAPACITY: return SIGNAL_SUBJECT_TEAM;
	case SIGNAL_CODE_S11_SAME_STUCK_REASON: return SIGNAL_SUBJECT_STUCK_REASON;
	case SIGNAL_CODE_S27_MESSAGES_LOST_LATE_OR_OUT_OF_ORDER: return SIGNAL_SUBJECT_SOURCE;
	default: return SIGNAL_SUBJECT_CASE;
	}
}

enum signal_span
signalling_span(int code)
{
	switch (code) {
	case SIGNAL_CODE_S01_DEADLINE_NEAR:
	case SIGNAL_CODE_S02_DEADLINE_MISSED: return SPAN_DUE_DAY;
	case SIGNAL_CODE_S05_ACTION_NOT_DELIVERED: return SPAN_DEADLINE;
	default: return SPAN_SUBJECT;
	}
}

bool
signalling_stage_is_new(int open_stage, int stage)
{
	ASSERT(open_stage >= 0);
	return stage > open_stage;
}

bool
signalling_survives_closing(int code, int deadline_kind, uint64_t kept)
{
	ASSERT(code > 0 && code < 64);
	return deadline_kind == DEADLINE_KIND_EVALUATION || (kept >> code & 1) != 0;
}

/* SG- and the part of the team's name behind ET-; a landing place has none. */
static struct code
steering_group(struct code team)
{
	struct code group = {{0}};

	if (strncmp(team.s, "ET-", 3) != 0)
		return group;
	group = team;
	group.s[0] = 'S';
	group.s[1] = 'G';
	return group;
}

static struct code
process_director(const struct signal_place *place)
{
	/* On the court track and in closed care the municipality owns; the team that supports directs the process. */
	if (place->track != TRACK_VOLUNTARY && place->team_supports)
		return place->team;
	return place->owner;
}

struct code
signalling_addressee(int addressee, const struct signal_place *place)
{
	switch (addressee) {
	case ADDRESSEE_OWNER: return place->owner;
	case ADDRESSEE_PROCESS_DIRECTOR: return process_director(place);
	case ADDRESSEE_ORGANISATION: return place->organisation;
	case ADDRESSEE_MUNICIPALITY_OFFICIALS:
	case ADDRESSEE_ALDERMEN: return place->funder;
	case ADDRESSEE_STEERING_GROUP: return steering_group(place->team);
	case ADDRESSEE_EXPERT_TEAM: return place->team;
	case ADDRESSEE_EXPERTISE_CENTRE: return place->centre;
	case ADDRESSEE_NATIONAL: return code_of("NAT-VWS");
	case ADDRESSEE_PLACEMENT_COORDINATION: return place->coordination;
	case ADDRESSEE_CERTIFIED_BODY: return place->certified_body;
	case ADDRESSEE_PROVIDER_BOARD:
	case ADDRESSEE_ATTENTION_OFFICER: return place->institution;
	case ADDRESSEE_CCE: return code_of("CCE");
	default: return (struct code){{0}};
	}
}

unsigned
signalling_organisations(const struct signal_place *place, const int *addressees, unsigned count,
			 struct code out[RULES_ARGUMENTS_MAX])
{
	unsigned found = 0;

	ASSERT(count <= RULES_ARGUMENTS_MAX);
	for (unsigned i = 0; i < count; i++) {
		const struct code code = signalling_addressee(addressees[i], place);
		bool known = code_is_empty(code);

		for (unsigned j = 0; j < found && !known; j++)
			known = code_equal(out[j], code);
		if (!known)
			out[found++] = code;
	}
	return found;
}

static int32_t
bounded(int64_t v)
{
	return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}

static struct signal_count
counted(unsigned fact, int64_t bound, const int64_t *facts, const char *unit)
{
	int64_t evidence = facts[fact];

	if (fact == SIGNALS_QUEUE_BEYOND) {
		evidence = facts[SIGNALS_TEAM_QUEUE];
		bound += evidence - facts[fact];
	} else if (fact == SIGNALS_THEME_STEP && facts[fact] > 0) {
		evidence = facts[SIGNALS_THEME_REPORTS];
		bound *= evidence / facts[fact];
	}
	return (struct signal_count){bounded(evidence), bounded(bound), unit};
}

struct signal_count
signalling_count(const struct rules_row *row, const int64_t *facts)
{
	for (unsigned i = 0; i < row->when_count; i++) {
		const struct rules_condition *when = &row->when[i];
		const char *unit = scope_signals_unit(when->fact);

		if (when->test == RULE_TEST_AT_LEAST && unit[0] != '\0')
			return counted(when->fact, when->bound, facts, unit);
	}
	return (struct signal_count){1, 1, "EVENTS"};
}

int64_t
signalling_permille(int64_t part, int64_t whole)
{
	ASSERT(part >= 0 && whole >= 0);
	return whole == 0 ? 0 : (part * 1000 + whole - 1) / whole;
}

/* What must still be there when its quarter is over. */
#define QUARTER_KEPT ((struct term){.unit = TERM_MONTHS, .n = 6})

struct term
signalling_window(const struct policy_view *view, enum signal_window window)
{
	static const char *const values[SIGNAL_WINDOWS] = {
	    [WINDOW_ABSENT] = "absent_window",       [WINDOW_NO_ALTERNATIVE] = "closed_window",
	    [WINDOW_NO_FOLLOW_UP] = "closed_window", [WINDOW_TRANSFER] = "transfer_window",
	    [WINDOW_SECLUSION] = "seclusion_window", [WINDOW_STUCK] = "stuck_window",
	};

	ASSERT(window < SIGNAL_WINDOWS);
	if (window >= WINDOW_APPLICATION && window <= WINDOW_EVALUATION_MISSED)
		return QUARTER_KEPT;
	if (values[window] == NULL)
		return (struct term){.unit = TERM_NONE};
	return policy_value_term(view, values[window], (struct term){.unit = TERM_NONE});
}

bool
signalling_in_window(struct term length, cal_day day, cal_day today)
{
	static const struct calendar plain;

	/* First day on which it no longer counts; thresholds are not moved. */
	length.never_moves = true;
	const cal_day end = cal_due(&plain, day, length);

	return end == CAL_NONE || today < end;
}

unsigned
signalling_crowded(const unsigned *cases_by_day, unsigned days, int32_t cases_a_meeting)
{
	unsigned crowded = 0;

	while (cases_a_meeting > 0 && crowded < days && cases_by_day[crowded] > (unsigned)cases_a_meeting)
		crowded++;
	return crowded;
}

int64_t
signalling_beyond(int64_t queued, struct policy_capacity capacity, int32_t days_ahead)
{
	if (capacity.cases_per_meeting == 0 || capacity.cycle_days == 0)
		return 0;
	return queued - (int64_t)(days_ahead / capacity.cycle_days) * capacity.cases_per_meeting;
}

int64_t
signalling_theme_step(int64_t reports, int32_t each)
{
	return each > 0 && reports % each == 0 ? reports / each : 0;
}

bool
signalling_quarter_before(cal_day day, cal_day *from, cal_day *to)
{
	const struct cal_date date = cal_to_date(day);

	if (date.day != 1 || (date.month - 1) % 3 != 0)
		return false;
	*from = date.month == 1 ? cal_from_date(date.year - 1, 10, 1) : cal_from_date(date.year, date.month - 3, 1);
	*to = day - 1;
	return true;
}
